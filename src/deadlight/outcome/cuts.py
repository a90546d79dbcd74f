"""Crack surfaces as plain triangles, led on a little where they end on the skin or on each other."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from deadlight.errors import InputError
from deadlight.outcome.led import led_on
from deadlight.outcome.skin import Skin
from deadlight.surface.mesh import SurfaceMesh

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]
Surface = tuple[Array, Index]

_T6 = ((0, 3, 5), (3, 1, 4), (5, 4, 2), (3, 4, 5))
_Q9 = ((0, 4, 8), (0, 8, 7), (4, 1, 5), (4, 5, 8), (8, 5, 2), (8, 2, 6), (7, 8, 6), (7, 6, 3))
_PARTS = 50  # of the thickness: parts of a border, each led on or not
GRID = 1e-8  # of the pane's extent: corners of the plan are rounded to this grid
STEEP = 1e-6  # least share of a triangle's area that its plan must have to count as not vertical


@dataclass(frozen=True, eq=False)
class Cuts:
    """Triangles of all crack surfaces.

    Attributes
    ----------
    corners : (t, 3, 3) float [m]
    crack : (t,) int64
        Number of the crack.
    real : (t,) bool
        False for strips that lead a crack on across a gap below `closes`.
    """

    corners: Array
    crack: Index
    real: Mask

    @functools.cached_property
    def low(self) -> Array:
        return np.asarray(self.corners.min(axis=1))

    @functools.cached_property
    def high(self) -> Array:
        return np.asarray(self.corners.max(axis=1))

    @functools.cached_property
    def normal(self) -> Array:
        """Twice the area vector of every triangle. (t, 3) [m2]."""
        x = self.corners
        return np.cross(x[:, 1] - x[:, 0], x[:, 2] - x[:, 0])

    @functools.cached_property
    def leaning(self) -> Index:
        """Triangles that are not vertical."""
        n = self.normal
        return np.flatnonzero(np.abs(n[:, 2]) > STEEP * np.linalg.norm(n, axis=1))

    @functools.cached_property
    def boxes(self) -> Any:
        """Tree of the boxes round the plans of all triangles."""
        return shapely.STRtree(shapely.box(*self.low[:, :2].T, *self.high[:, :2].T))

    @functools.cached_property
    def plan(self) -> Any:
        """Tree of the plans of the triangles that are not vertical."""
        return shapely.STRtree(shapely.polygons(self.corners[self.leaning][:, :, :2]))

    def between(self, a: Array, b: Array, z: Array) -> Mask:
        """Whether a crack lies between points (a, b, height) and the same place at another height.

        Parameters
        ----------
        a : (m, 2) float [m]
        b, z : (m,) float [m]
            The two heights.
        """
        found = np.zeros(len(a), dtype=bool)
        if not len(self.leaning) or not len(a):
            return found
        point, tri = self.plan.query(shapely.points(a), predicate="intersects")
        x = self.corners[self.leaning[tri]]
        n = self.normal[self.leaning[tri]]
        at = x[:, 0, 2] - ((a[point] - x[:, 0, :2]) * n[:, :2]).sum(axis=1) / n[:, 2]
        cut = (at > np.minimum(b, z)[point]) & (at < np.maximum(b, z)[point])
        found[point[cut]] = True
        return found


def cuts_of(cracks: Any, skin: Skin, closes: float) -> Cuts:
    """Triangles of crack surfaces, ready to cut.

    Parameters
    ----------
    cracks : SurfaceMesh, or a sequence of (points (n, 3), triangles (t, 3))
        Of a surface mesh the elements on cracks are taken, whatever of the skin is in it.
    skin : Skin
    closes : float [m]
        A crack whose border comes this near to the skin, to another crack or to another part of itself is taken to
        reach it, at whatever angle.
    """
    surfaces = surfaces_of(cracks)
    corners, crack = [], []
    for number, (points, tri) in enumerate(surfaces):
        x = points[tri]
        area = np.linalg.norm(np.cross(x[:, 1] - x[:, 0], x[:, 2] - x[:, 0]), axis=1)
        x = x[area > 1e-12 * skin.extent**2]
        corners.append(x)
        crack.append(np.full(len(x), number))
    plain = np.concatenate([np.zeros((0, 3, 3)), *corners])
    owner = np.concatenate([np.zeros(0, dtype=np.int64), *crack])
    strips, of = [], []
    for number, (points, tri) in enumerate(surfaces):
        others = np.concatenate([skin.corners, plain[owner != number]])
        led = led_on(points, tri, others, closes, (skin.high - skin.low) / _PARTS, GRID * skin.extent)
        strips.append(led)
        of.append(np.full(len(led), number))
    every = np.concatenate([plain, *strips])
    real = np.arange(len(every)) < len(plain)
    return Cuts(every, np.concatenate([owner, *of]), real)


def surfaces_of(cracks: Any) -> list[Surface]:
    """Crack surfaces as points and plain triangles, one entry a crack."""
    if isinstance(cracks, SurfaceMesh):
        return _of_mesh(cracks)
    found = []
    for number, given in enumerate(cracks if isinstance(cracks, Sequence) else list(cracks)):
        points, tri = np.asarray(given[0], dtype=float), np.asarray(given[1], dtype=np.int64)
        good = points.ndim == 2 and points.shape[1] == 3 and tri.ndim == 2 and tri.shape[1] == 3
        if not good or not np.isfinite(points).all() or (tri.size and (tri.min() < 0 or tri.max() >= len(points))):
            raise InputError(
                f"crack {number}: points {points.shape}, triangles {tri.shape}, or numbers out of range",
                place="pieces of a pane", remedy="give finite points (n, 3) and triangles (t, 3) of their numbers",
            )  # fmt: skip
        found.append((points, tri))
    return found


def _of_mesh(mesh: SurfaceMesh) -> list[Surface]:
    """Elements on cracks, each cut into plain triangles by its own nodes; nodes at one place are one point."""
    _, first = np.unique(mesh.place, return_index=True)
    number = np.zeros(int(mesh.place.max()) + 1, dtype=np.int64)
    number[mesh.place[first]] = np.arange(len(first))
    points = mesh.points[first]
    found = []
    for crack in np.unique(mesh.surface[mesh.on_crack]):
        cells = mesh.cells[mesh.surface == crack]
        six = cells[:, 6] < 0
        tri = np.concatenate([cells[six][:, t] for t in _T6] + [cells[~six][:, t] for t in _Q9])
        tri = number[mesh.place[tri]]
        used, again = np.unique(tri, return_inverse=True)
        found.append((points[used], again.reshape(-1, 3)))
    return found
