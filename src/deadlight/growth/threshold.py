"""A law with a threshold: nothing grows at and below K_0(T)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from deadlight.assumption import Assumption
from deadlight.growth.law import GrowthLaw, positive
from deadlight.remark import Remark

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """The law inside, cut off at K_0: velocity 0 for K <= K_0(T), the law's own above it.

    A threshold is credit: it is used only where asked for, and stands for the temperatures and the water in which it
    was measured.

    Attributes
    ----------
    law : GrowthLaw
    k0 : float [Pa m**0.5] or callable
        A constant, or by temperature [K]; a `Property` knows its own range.
    valid : (float, float) [K]
        Range of a constant; outside is an alarm.
    """

    law: GrowthLaw
    k0: float | Callable[[Array], Array]
    valid: tuple[float, float] = (273.15, 363.15)
    owner: str = "growth.threshold"
    source: str = "stated by the user"
    status: str = "R"
    note: str = ""

    def __post_init__(self) -> None:
        if not callable(self.k0):
            positive(self, "k0")

    @property
    def name(self) -> str:
        """The law's name, and that there is a threshold."""
        return f"{self.law.name} with threshold"

    def at(self, temperature: ArrayLike) -> Array:
        """K_0 [Pa m**0.5] at temperatures [K]."""
        temperature = np.asarray(temperature, dtype=float)
        return np.asarray(self.k0(temperature) if callable(self.k0) else np.full(temperature.shape, self.k0))

    def velocity(self, k: ArrayLike, temperature: ArrayLike, humidity: ArrayLike) -> Array:
        """Velocity [m/s]; see `GrowthLaw.velocity`."""
        k = np.asarray(k, dtype=float)
        return np.asarray(np.where(k > self.at(temperature), self.law.velocity(k, temperature, humidity), 0.0))

    def assumptions(self) -> tuple[Assumption, ...]:
        """Those of the law and the threshold."""
        low, high = self.at(self.valid[0]), self.at(self.valid[1])
        value = f"{low / 1e6:g} MPa m**0.5" if low == high else f"{low / 1e6:g} ... {high / 1e6:g} MPa m**0.5"
        return (*self.law.assumptions(), Assumption(self.owner, value, self.source, self.status, self.note))

    def warnings(self, k_max: float, T_min: float, T_max: float) -> tuple[Remark, ...]:
        """Those of the law, and an alarm where temperatures leave the threshold's range."""
        found = self.law.warnings(k_max, T_min, T_max)
        lo, hi = self.valid
        if T_min >= lo - 1e-6 and T_max <= hi + 1e-6:
            return found
        text = (
            f"the threshold of slow growth was needed from {T_min:.0f} K to {T_max:.0f} K; it stands for {lo:.0f} K to "
            f"{hi:.0f} K"
        )
        return (*found, Remark(text, alarm=True))
