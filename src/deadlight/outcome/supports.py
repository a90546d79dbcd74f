"""What holds a pane or a piece of it: stops behind a clearance, and gaskets whose grip goes with the temperature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.assumption import Assumption
from deadlight.errors import InputError
from deadlight.remark import Remark

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, eq=False)
class Gasket:
    """A compressed gasket between a stop and the glass.

    Attributes
    ----------
    thickness : float [m]
        As fitted; where it is gone the stop is this much farther away.
    temperature : (k,) float [K]
        Rising.
    grip : (k,) float [Pa]
        Pressure on the glass at these temperatures, linear between; 0 = charred, shrunk or gone.
    friction : float
        Between gasket and glass.
    source, status : str
        Where the table comes from; R, M, D or A.
    """

    thickness: float
    temperature: Array
    grip: Array
    friction: float
    source: str
    status: str

    def __post_init__(self) -> None:
        t, g = np.asarray(self.temperature, dtype=float), np.asarray(self.grip, dtype=float)
        good = t.ndim == 1 and t.shape == g.shape and len(t) > 0 and np.isfinite(t).all() and np.isfinite(g).all()
        good = good and 0 <= self.thickness < np.inf and 0 <= self.friction < np.inf
        if not good or (np.diff(t) <= 0).any() or (g < 0).any():
            raise InputError(
                f"{t.shape} temperatures, {g.shape} grips, thickness {self.thickness:g} m, friction {self.friction:g}",
                place="gasket", remedy="rising temperatures, grips, finite thickness and friction from 0",
            )  # fmt: skip
        object.__setattr__(self, "temperature", t)
        object.__setattr__(self, "grip", g)

    def at(self, temperature: float) -> tuple[float, tuple[Remark, ...]]:
        """Grip [Pa] at a temperature [K], none above the table's end (an alarm, unless the table ends at none)."""
        if not np.isfinite(temperature):
            raise InputError(f"gasket temperature {temperature!r} K", place="gasket", remedy="a finite temperature")
        grip = float(np.interp(temperature, self.temperature, self.grip))
        if temperature > self.temperature[-1]:
            known = self.grip[-1] == 0.0
            text = f"gasket at {temperature:.0f} K, its table ends at {self.temperature[-1]:.0f} K: taken as lost"
            return 0.0, () if known else (Remark(text, alarm=True),)
        if temperature < self.temperature[0]:
            text = f"gasket at {temperature:.0f} K, its table begins at {self.temperature[0]:.0f} K"
            return grip, (Remark(text, alarm=True),)
        return grip, ()

    def assumption(self, key: str) -> Assumption:
        """For the list of what a result stands on."""
        pairs = ", ".join(f"{g:.4g} Pa at {t:.0f} K" for t, g in zip(self.temperature, self.grip))
        return Assumption(key, pairs, self.source, self.status, "grip of the gasket")


@dataclass(frozen=True, eq=False)
class Support:
    """A rigid stop opposite to named regions of the glass.

    Attributes
    ----------
    name : str
        For instance "lip", "seat", "retainer wall".
    regions : tuple of str
        Of the pane's skin.
    friction : float
        Between stop (or gasket) and glass; counts only for what is possible, never for what is certain.
    clearance : float [m]
        Between bare stop and glass, without the gasket.
    gasket : Gasket or None
        Fills the clearance and its own thickness while it grips.
    temperature : float [K]
        Of the gasket.
    limit : float [N]
        Largest push of the whole stop on one piece (bolts, strength of the lip).
    """

    name: str
    regions: tuple[str, ...]
    friction: float
    clearance: float = 0.0
    gasket: Gasket | None = None
    temperature: float = 293.0
    limit: float = np.inf

    def __post_init__(self) -> None:
        if not (0 <= self.friction < np.inf and 0 <= self.clearance < np.inf and self.limit > 0):
            raise InputError(
                f"friction {self.friction:g}, clearance {self.clearance:g} m, limit {self.limit:g} N",
                place=f'support "{self.name}"', remedy="finite friction and clearance from 0, a limit above 0",
            )  # fmt: skip

    @property
    def grip(self) -> float:
        """Grip of the gasket [Pa] at its temperature."""
        return 0.0 if self.gasket is None else self.gasket.at(self.temperature)[0]

    @property
    def gap(self) -> float:
        """How far the glass can move before this stop pushes [m]."""
        if self.gasket is None:
            return self.clearance
        return 0.0 if self.grip > 0.0 else self.clearance + self.gasket.thickness

    @property
    def remarks(self) -> tuple[Remark, ...]:
        if self.gasket is None:
            return ()
        return tuple(r.of(self.name) for r in self.gasket.at(self.temperature)[1])
