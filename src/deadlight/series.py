"""A quantity as a piecewise-linear function of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.errors import InputError

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, eq=False)
class Series:
    """Piecewise-linear in time, held constant before the first and after the last instant.

    Attributes
    ----------
    time : (m,) float [s]
        Strictly increasing.
    values : (m,) or (m, k) float
        SI value at each instant.
    name, unit : str
        For messages, pictures and files.
    """

    time: Array
    values: Array
    name: str = ""
    unit: str = ""

    def __post_init__(self) -> None:
        time, values = np.asarray(self.time, dtype=float), np.asarray(self.values, dtype=float)
        place = f"series {self.name}".strip()
        if time.ndim != 1 or len(time) != len(values) or not len(time):
            raise InputError(
                f"{len(values)} values for {time.shape} instants", place=place, remedy="give one value an instant"
            )
        bad = ~np.isfinite(values.reshape(len(values), -1)).all(axis=1) | ~np.isfinite(time)
        if bad.any():
            raise InputError(
                f"a value that is not finite in row {int(np.argmax(bad))}",
                place=place,
                remedy="remove the row or fill it",
            )
        if (np.diff(time) <= 0).any():
            row = int(np.argmax(np.diff(time) <= 0))
            raise InputError(
                f"time goes from {time[row]:g} s to {time[row + 1]:g} s in row {row + 1}",
                place=place,
                remedy="time must increase in every row",
            )
        object.__setattr__(self, "time", time)
        object.__setattr__(self, "values", values)

    @classmethod
    def constant(cls, value: Any, *, name: str = "", unit: str = "") -> Series:
        return cls(np.zeros(1), np.asarray([value], dtype=float), name, unit)

    def __call__(self, t: Any) -> Any:
        """Value at time t [s]; a float for a float, an array for an array."""
        if self.values.ndim == 1:
            result = np.interp(t, self.time, self.values)
            return float(result) if np.ndim(t) == 0 else result
        if len(self.time) == 1:
            return np.broadcast_to(self.values[0], np.shape(t) + self.values.shape[1:]).copy()
        now = np.clip(t, self.time[0], self.time[-1])
        row = np.clip(np.searchsorted(self.time, now, side="right") - 1, 0, len(self.time) - 2)
        share = ((now - self.time[row]) / (self.time[row + 1] - self.time[row]))[
            (..., *[None] * (self.values.ndim - 1))
        ]
        return (1.0 - share) * self.values[row] + share * self.values[row + 1]

    def since(self, t: float) -> Series:
        """From a time on [s], or from its last instant if that is earlier."""
        kept = self.time >= min(t, float(self.time[-1]))
        return Series(self.time[kept], self.values[kept], self.name, self.unit)

    def scaled(self, factor: float) -> Series:
        return Series(self.time, self.values * factor, self.name, self.unit)
