"""What a quantity can be: a value beyond its limits is a slip of the pen or of the unit, wherever it is stated."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.errors import InputError


@dataclass(frozen=True)
class Limits:
    """Range of a quantity in SI units.

    Attributes
    ----------
    unit : str
        SI unit, "" for a pure number.
    low, high : float
        Smallest and largest value taken.
    above, below : float or None
        Value that must be exceeded, value that must not be reached.
    """

    unit: str
    low: float = -math.inf
    high: float = math.inf
    above: float | None = None
    below: float | None = None

    def hold(self, value: Any) -> Any:
        """Whether values [SI] lie inside, each of them; never one that is not finite. Shape of the values."""
        v = np.asarray(value, dtype=float)
        inside = np.isfinite(v) & (v >= self.low) & (v <= self.high)
        if self.above is not None:
            inside &= v > self.above
        return inside if self.below is None else inside & (v < self.below)

    def require(self, value: float, what: str, *, place: str) -> None:
        """InputError with value, limits and place unless a value [SI] lies inside."""
        if not self.hold(value):
            raise InputError(f"{what} {value:g}", place=place, remedy=self.range())

    def range(self) -> str:
        """The limits in words."""
        scale, unit = (180 / math.pi, "deg") if self.unit == "rad" else (1.0, self.unit)
        parts = [f"above {self.above * scale:g}"] if self.above is not None else []
        parts += [f"at least {self.low * scale:g}"] if math.isfinite(self.low) else []
        parts += [f"at most {self.high * scale:g}"] if math.isfinite(self.high) else []
        parts += [f"below {self.below * scale:g}"] if self.below is not None else []
        return f"{' and '.join(parts)} {unit}".strip() if parts else ""


# Of a flight and its heating; the case form and the tables have them from here.
ALTITUDE = Limits("m", 0.0, 990e3)
SPEED = Limits("m/s", above=0.0, high=30e3)  # fastest return from interplanetary flight so far: 12.9 km/s
SLOPE = Limits("rad", -math.pi / 2, math.pi / 2)
TIME = Limits("s", -1e8, 1e8)
RUN_TIME = Limits("s", 0.0, 1e5)
LOAD = Limits("m/s**2", -1e4, 1e4)  # 1020 g; hardest entry flown: 458 g at Venus (Pioneer)
GAS_PRESSURE = Limits("Pa", 0.0, 2e6)
HEAT_FLUX = Limits("W/m**2", 0.0, 100e6)
FILM = Limits("kg/m**2/s", 0.0, 10.0)
ENTHALPY = Limits("J/kg", 0.3e6, 200e6)
