"""Groups of constants that are not tables over temperature: slow growth, strength, tempering."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

Array = np.ndarray[Any, np.dtype[np.float64]]

GAS_CONSTANT = 8.314462618  # J/(mol K), CODATA 2018 (exact product of k and N_A)


@dataclass(frozen=True, kw_only=True)
class SlowGrowth:
    """Constants of subcritical growth in water, v = exp(ln_v0 + (-E + b K) / (R T)).

    Wiederhorn & Bolz, J. Am. Ceram. Soc. 53 (1970) 543, eq. 1.

    Attributes
    ----------
    ln_v0 : float
        Natural logarithm of v0 in m/s.
    activation_energy : float [J/mol]
    b : float [m**2.5/mol]
        So that b K is J/mol with K in Pa m**0.5.
    n : float or None
        Exponent of the power law v = v_c (K/K_Ic)**n where the source gives one; only an approximation of it.
    humidity_exponent : float
        Velocity goes with humidity (0..1, relative to saturation at the tip) to this power.
    least_humidity : float
        Humidity below which it gets no slower: 0 where vacuum stops it, 1 where that is not known or not so.
    humidity_source, humidity_status, vacuum_source, vacuum_status : str
        Where either comes from, and how sure it is.
    """

    ln_v0: float
    activation_energy: float
    b: float
    n: float | None = None
    humidity_exponent: float = 0.5
    least_humidity: float = 1.0
    humidity_source: str = "Wiederhorn, J. Am. Ceram. Soc. 50 (1967) 407"
    humidity_status: str = "M"
    vacuum_source: str = "upper bound: as in water"
    vacuum_status: str = "A"
    source: str = ""
    status: str = "M"
    note: str = ""

    def velocity(self, K: ArrayLike, T: ArrayLike) -> Array:
        """Velocity [m/s] in water at K [Pa m**0.5] and T [K]; broadcast."""
        K, T = np.asarray(K, dtype=float), np.asarray(T, dtype=float)
        return np.exp(self.ln_v0 + (self.b * K - self.activation_energy) / (GAS_CONSTANT * T))

    def __str__(self) -> str:
        return f"ln v0 {self.ln_v0:g} (m/s), E {self.activation_energy:g} J/mol, b {self.b:g} m**2.5/mol"

    def local_exponent(self, K: ArrayLike, T: ArrayLike) -> Array:
        """d ln v / d ln K = b K / (R T): the power-law exponent that fits at this K and T."""
        return self.b * np.asarray(K, dtype=float) / (GAS_CONSTANT * np.asarray(T, dtype=float))


@dataclass(frozen=True, kw_only=True)
class Strength:
    """Weibull strength of a tested surface.

    Attributes
    ----------
    modulus : float
    scale : float [Pa]
        Characteristic strength of `area` under equibiaxial tension.
    area : float [m**2]
    """

    modulus: float
    scale: float
    area: float
    source: str = ""
    status: str = "A"
    note: str = ""

    def __str__(self) -> str:
        return f"Weibull {self.modulus:g}, {self.scale / 1e6:g} MPa on {self.area * 1e4:g} cm**2"

    def failure_probability(self, stress: ArrayLike, area: float) -> Array:
        """Probability of failure of a uniformly stressed `area` [m**2] at `stress` [Pa] (compression never fails)."""
        tension = np.maximum(np.asarray(stress, dtype=float), 0.0)
        return -np.expm1(-(area / self.area) * (tension / self.scale) ** self.modulus)


@dataclass(frozen=True, kw_only=True)
class Tempering:
    """Thermal temper: a parabola through the thickness in balance with itself.

    Attributes
    ----------
    surface_compression : float [Pa]
        Magnitude, positive.
    band : (float, float) [Pa]
        Range of the surface compression.
    """

    surface_compression: float
    band: tuple[float, float]
    source: str = ""
    status: str = "A"
    note: str = ""

    def __str__(self) -> str:
        low, high = (limit / 1e6 for limit in self.band)
        return f"surface compression {self.surface_compression / 1e6:g} MPa ({low:g} ... {high:g})"

    @property
    def core_tension(self) -> float:
        """Mid-plane tension [Pa]: half the surface compression, because the parabola's mean is zero."""
        return 0.5 * self.surface_compression

    def stress(self, s: ArrayLike) -> Array:
        """In-plane stress [Pa] at s = 2 z / thickness in [-1, 1], tension positive: core (1 - 3 s**2)."""
        return self.core_tension * (1.0 - 3.0 * np.asarray(s, dtype=float) ** 2)
