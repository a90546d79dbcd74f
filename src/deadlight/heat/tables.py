"""Property tables in the form the kernel evaluates without a branch: a line plus ramps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from deadlight import _heat

Array = np.ndarray[Any, np.dtype[np.float64]]


class TemperatureTable(Protocol):
    """What heat asks of a property: its knots [K] and values (`deadlight.material.property.Property` has them)."""

    @property
    def temperature(self) -> Array: ...

    @property
    def value(self) -> Array: ...


class HeatMaterial(Protocol):
    """What heat asks of a material (`deadlight.material.material.Material` answers all of it)."""

    @property
    def density(self) -> float: ...

    @property
    def conductivity(self) -> Any: ...

    @property
    def specific_heat(self) -> Any: ...


@dataclass(frozen=True, eq=False)
class Ramps:
    """v(T) = value + slope (T - start) + sum_j change_j max(T - knot_j, 0): exact for a piecewise-linear table.

    Attributes
    ----------
    start, value, slope : float
        First knot [K], value there and slope below it.
    knot, change : (n,) float
        Temperatures [K] where the slope changes and by how much.
    """

    start: float
    value: float
    slope: float
    knot: Array
    change: Array

    @classmethod
    def of(cls, table: TemperatureTable) -> Ramps:
        """The same function as the table, outside its knots too (held, or with the end slope where it says so)."""
        temperature = np.asarray(table.temperature, dtype=float)
        value = np.asarray(table.value, dtype=float)
        if len(temperature) == 1:
            return cls(float(temperature[0]), float(value[0]), 0.0, np.zeros(0), np.zeros(0))
        inside = np.diff(value) / np.diff(temperature)
        first, last = (inside[0], inside[-1]) if getattr(table, "beyond", "hold") == "slope" else (0.0, 0.0)
        change = np.diff(np.concatenate([[first], inside, [last]]))
        kept = change != 0.0
        return cls(float(temperature[0]), float(value[0]), float(first), temperature[kept].copy(), change[kept].copy())

    @property
    def constant(self) -> bool:
        return not len(self.knot) and self.slope == 0.0

    def __call__(self, T: Any) -> Array:
        """Value at T [K], any shape."""
        T = np.asarray(T, dtype=float)
        over = np.maximum(T[..., None] - self.knot, 0.0)
        return self.value + self.slope * (T - self.start) + over @ self.change

    def integral(self, T: Any) -> Array:
        """Integral of the value from `start` to T [K]: the enthalpy, if the table is the specific heat."""
        T = np.asarray(T, dtype=float)
        over = np.maximum(T[..., None] - self.knot, 0.0)
        return (T - self.start) * (self.value + 0.5 * self.slope * (T - self.start)) + over**2 @ (0.5 * self.change)

    def compiled(self) -> _heat.Table:
        return _heat.Table(self.start, self.value, self.slope, self.knot, self.change)
