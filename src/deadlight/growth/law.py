"""Laws of slow growth: crack velocity by K, temperature and humidity.

Slow (subcritical) growth in glass is a reaction of water with the stretched bonds at the tip.  Three forms stand here:
none, the power law, and the exponential law (a chemical rate, Wiederhorn & Bolz 1970, or the simple one in K alone).
A table, a threshold and the user's own law are in `law_table`, `threshold` and `law_user`.  Every law knows what it
rests on (`assumptions`) and where it stops being one (`warnings`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike

from deadlight.assumption import Assumption
from deadlight.errors import InputError
from deadlight.growth.moisture import Moisture
from deadlight.material.constants import GAS_CONSTANT
from deadlight.remark import Remark

Array = np.ndarray[Any, np.dtype[np.float64]]

LN_FASTEST = math.log(1e4)  # m/s, above the speed of any crack in glass: only keeps numbers finite far beyond K_Ic
ROOM = (273.15, 323.15)  # K: where constants without a temperature of their own are taken to stand (A)
WATER = (275.15, 363.15)  # K: 2 to 90 degC, the water in which Wiederhorn & Bolz 1970 measured (M)


@runtime_checkable
class GrowthLaw(Protocol):
    """A law of slow growth.  Any object with these four members is one."""

    @property
    def name(self) -> str:
        """For results and messages."""
        ...

    def velocity(self, k: ArrayLike, temperature: ArrayLike, humidity: ArrayLike) -> Array:
        """Velocity [m/s] >= 0 at effective K [Pa m**0.5], temperature [K] and humidity; they broadcast.

        `humidity` is the activity of water at the tip: relative to saturation, 0 (vacuum) to 1.  K <= 0 means closed:
        velocity 0.
        """
        ...

    def assumptions(self) -> tuple[Assumption, ...]:
        """What the law rests on, each with source and status."""
        ...

    def warnings(self, k_max: float, T_min: float, T_max: float) -> tuple[Remark, ...]:
        """What to tell when it was used up to k_max [Pa m**0.5], from T_min to T_max [K], where velocity was not 0."""
        ...


@dataclass(frozen=True)
class NoGrowth:
    """No slow growth: the crack moves only where K reaches K_Ic."""

    name: str = "none"
    reason: str = "slow growth below K_Ic is not included"

    def velocity(self, k: ArrayLike, temperature: ArrayLike, humidity: ArrayLike) -> Array:
        """Zero."""
        return np.zeros(np.broadcast(k, temperature, humidity).shape)

    def assumptions(self) -> tuple[Assumption, ...]:
        """That there is none."""
        return (Assumption("growth.law", "none", self.reason, "A"),)

    def warnings(self, k_max: float, T_min: float, T_max: float) -> tuple[Remark, ...]:
        """None."""
        return ()


@dataclass(frozen=True, kw_only=True)
class Stated:
    """What the laws given by constants have in common.

    Attributes
    ----------
    valid : (float, float) [K]
        Temperatures at which the constants were measured; beyond is an alarm.
    moisture : Moisture
        What less water than liquid water does.
    owner : str
        Key of the assumption, for instance "fused_silica.slow_growth".
    source, status, note : str
        As in `Assumption`.
    """

    valid: tuple[float, float] = ROOM
    moisture: Moisture = field(default_factory=Moisture)
    owner: str = "growth.law"
    source: str = "stated by the user"
    status: str = "R"
    note: str = ""
    name: str = ""

    def ln_water(self, k: Array, temperature: Array) -> Array:
        """ln of the velocity [m/s] in water at K > 0."""
        raise NotImplementedError

    def velocity(self, k: ArrayLike, temperature: ArrayLike, humidity: ArrayLike) -> Array:
        """Velocity [m/s]; see `GrowthLaw.velocity`."""
        k, temperature = np.asarray(k, dtype=float), np.asarray(temperature, dtype=float)
        _possible(k, temperature)
        open_ = k > 0.0
        water = np.exp(np.minimum(self.ln_water(np.where(open_, k, 1.0), temperature), LN_FASTEST))
        return np.asarray(np.where(open_, water, 0.0) * self.moisture.factor(humidity))

    def assumptions(self) -> tuple[Assumption, ...]:
        """The constants, and the effect of humidity."""
        law = Assumption(self.owner, str(self), self.source, self.status, self.note)
        return (law, *self.moisture.assumptions(self.owner))

    def warnings(self, k_max: float, T_min: float, T_max: float) -> tuple[Remark, ...]:
        """An alarm where temperatures leave `valid`."""
        lo, hi = self.valid
        if T_min >= lo - 1e-6 and T_max <= hi + 1e-6:
            return ()
        text = (
            f"slow growth by the {self.name} law was needed from {T_min:.0f} K to {T_max:.0f} K; its constants "
            f"stand for {lo:.0f} K to {hi:.0f} K"
        )
        return (Remark(text, alarm=True),)


@dataclass(frozen=True, kw_only=True)
class PowerLaw(Stated):
    """v = v_c (K/K_ref)**n, the form of Evans & Wiederhorn 1974 (Int. J. Fract. 10:379); no temperature of its own.

    Attributes
    ----------
    n : float
    v_c : float [m/s]
        Velocity at K_ref in water.
    k_ref : float [Pa m**0.5] or callable
        A constant, or K_Ic by temperature [K].
    """

    n: float
    v_c: float
    k_ref: float | Callable[[Array], Array]
    name: str = "power"

    def __post_init__(self) -> None:
        positive(self, "n", "v_c", *([] if callable(self.k_ref) else ["k_ref"]))

    def ln_water(self, k: Array, temperature: Array) -> Array:
        """ln of the velocity [m/s] in water."""
        reference = self.k_ref(temperature) if callable(self.k_ref) else self.k_ref
        return np.asarray(math.log(self.v_c) + self.n * np.log(k / reference))

    def __str__(self) -> str:
        at = "K_Ic(T)" if callable(self.k_ref) else f"{self.k_ref / 1e6:g} MPa m**0.5"
        return f"v = {self.v_c:g} m/s (K/K_ref)**{self.n:g}, K_ref {at}"


@dataclass(frozen=True, kw_only=True)
class ExponentialLaw(Stated):
    """v = exp(ln_v0 + (-E + b K) / (R T)): Wiederhorn & Bolz 1970 (J. Am. Ceram. Soc. 53:543), eq. 1.

    Attributes
    ----------
    ln_v0 : float
        Of v0 in m/s.
    activation_energy : float [J/mol]
    b : float [m**2.5/mol]
    """

    ln_v0: float
    activation_energy: float
    b: float
    valid: tuple[float, float] = WATER
    name: str = "exponential"

    def __post_init__(self) -> None:
        positive(self, "activation_energy", "b")

    def ln_water(self, k: Array, temperature: Array) -> Array:
        """ln of the velocity [m/s] in water."""
        return np.asarray(self.ln_v0 + (self.b * k - self.activation_energy) / (GAS_CONSTANT * temperature))

    def slope(self, temperature: ArrayLike) -> Array:
        """d ln v / dK [1/(Pa m**0.5)] = b / (R T)."""
        return np.asarray(self.b / (GAS_CONSTANT * np.asarray(temperature, dtype=float)))

    def __str__(self) -> str:
        return f"ln v0 {self.ln_v0:g} (m/s), E {self.activation_energy:g} J/mol, b {self.b:g} m**2.5/mol"


@dataclass(frozen=True, kw_only=True)
class SimpleExponential(Stated):
    """v = v0 exp(beta K): the exponential law at one temperature, as design of crewed windows prescribes it.

    Attributes
    ----------
    v0 : float [m/s]
    beta : float [1/(Pa m**0.5)]
    """

    v0: float
    beta: float
    name: str = "exponential"

    def __post_init__(self) -> None:
        positive(self, "v0", "beta")

    def ln_water(self, k: Array, temperature: Array) -> Array:
        """ln of the velocity [m/s] in water."""
        return np.asarray(math.log(self.v0) + self.beta * k + np.zeros_like(temperature))

    def slope(self, temperature: ArrayLike) -> Array:
        """d ln v / dK [1/(Pa m**0.5)]."""
        return np.full(np.shape(temperature), self.beta)

    def __str__(self) -> str:
        return f"v = {self.v0:g} m/s exp({self.beta:g} K/(Pa m**0.5))"


def local_exponent(law: GrowthLaw, k: ArrayLike, temperature: ArrayLike, humidity: ArrayLike) -> Array:
    """d ln v / d ln K [-] by central difference; NaN where the velocity is 0.

    It is the factor by which a relative error of K becomes one of the velocity, and about one of the life.
    """
    k, step = np.asarray(k, dtype=float), 1e-4
    low, high = (law.velocity(k * math.exp(s), temperature, humidity) for s in (-step, step))
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (np.log(high) - np.log(low)) / (2.0 * step)
    return np.asarray(np.where((low > 0.0) & (high > 0.0), slope, np.nan))


def positive(law: Any, *names: str) -> None:
    """InputError unless these attributes are positive and finite."""
    for name in names:
        value = getattr(law, name)
        if not (math.isfinite(value) and value > 0.0):
            raise InputError(f"{name} = {value:g}", place=f"{law.name} law of growth", remedy="a positive number")


def _possible(k: Array, temperature: Array) -> None:
    if not np.isfinite(k).all():
        raise InputError("K is not a number", place="law of growth", remedy="leave out what has no K")
    if not (np.isfinite(temperature).all() and (temperature > 0.0).all()):
        raise InputError(
            "the temperature is not positive", place="law of growth", remedy="temperatures in kelvin above 0"
        )
