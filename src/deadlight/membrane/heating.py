"""Temperature rise of a pane in plan through its history, and the rim flaws that wait in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.interpolate import CloughTocher2DInterpolator
from scipy.spatial import KDTree

from deadlight.errors import InputError

Array = np.ndarray[Any, np.dtype[np.float64]]

GRID = 320  # cells across the pane


class PlaneHeating:
    """Rise of the temperature's mean over the thickness, at any point in plan and time.

    Smooth between the points it is given at (Clough & Tocher), kept on a grid of `GRID` cells, linear in between.

    Attributes
    ----------
    time : (m,) float [s]
    """

    def __init__(self, time: Array, places: Array, rise: Array) -> None:
        """Instants (m,) [s], points in plan (p, 2) [m], rise there (m, p) [K].

        Raises
        ------
        InputError
            Shapes that do not match, instants that do not rise.
        """
        if rise.shape != (len(time), len(places)) or not (np.diff(time) > 0).all():
            raise InputError(
                f"{rise.shape} values for {len(time)} instants and {len(places)} places", place="membrane heating",
                remedy="rising instants, one row of values each",
            )  # fmt: skip
        self.time = np.asarray(time, dtype=float)
        self._low = places.min(axis=0)
        self._cell = float(np.ptp(places, axis=0).max()) / GRID
        count = np.ceil(np.ptp(places, axis=0) / self._cell).astype(int) + 2
        at = self._low + self._cell * np.stack(np.meshgrid(*(np.arange(n) for n in count), indexing="ij"), axis=-1)
        flat = at.reshape(-1, 2)
        found = np.array(CloughTocher2DInterpolator(places, rise.T)(flat)).T
        lost = np.isnan(found[0])  # past the outermost points: as at the nearest one
        found[:, lost] = rise[:, KDTree(places).query(flat[lost])[1]]
        self._grid = found.reshape(len(time), *count)

    def every(self, x: Array) -> Array:
        """At points (n, 2), all instants. (m, n) [K]."""
        return self._between(self._grid, x)

    def at(self, x: Array, time: float) -> Array:
        """At points (n, 2) and one time. (1, n) [K]."""
        return self._between(np.tensordot(share(self.time, time), self._grid, axes=1)[None], x)

    def _between(self, grid: Array, x: Array) -> Array:
        place = ((x - self._low) / self._cell).clip(0.0, np.array(grid.shape[1:]) - 1.001)
        i, j = place.astype(np.int64).T
        u, v = (place - np.column_stack([i, j])).T
        near = (1 - u) * grid[:, i, j] + u * grid[:, i + 1, j]
        return np.asarray((1 - v) * near + v * ((1 - u) * grid[:, i, j + 1] + u * grid[:, i + 1, j + 1]))


@dataclass(frozen=True, eq=False)
class RimFlaws:
    """Places on the rim where a crack may start.

    Attributes
    ----------
    place : (n, 2) float [m]
    strength : (n,) float [Pa]
    stress : (m, n) float [Pa]
        Along the rim in the pane without cracks, at the instants of its heating.
    """

    place: Array
    strength: Array
    stress: Array

    def __post_init__(self) -> None:
        n = len(self.strength)
        if self.place.shape != (n, 2) or self.stress.ndim != 2 or self.stress.shape[1] != n:
            raise InputError(
                f"places {self.place.shape}, stress {self.stress.shape} for {n} flaws", place="rim flaws",
                remedy="one place, strength and column of stress for each",
            )  # fmt: skip


def share(time: Array, t: float) -> Array:
    """Weights of instants (m,) for a value at t, linear between them, constant before and after."""
    weight = np.zeros(len(time))
    k = int(np.clip(np.searchsorted(time, t, side="right") - 1, 0, max(len(time) - 2, 0)))
    if len(time) == 1:
        weight[0] = 1.0
        return weight
    s = float(np.clip((t - time[k]) / (time[k + 1] - time[k]), 0.0, 1.0))
    weight[k], weight[k + 1] = 1.0 - s, s
    return weight
