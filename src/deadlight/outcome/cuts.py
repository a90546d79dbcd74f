"""Crack surfaces as plain triangles, led on a little where they end on the skin or on each other."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from deadlight.errors import InputError
from deadlight.outcome.skin import Skin
from deadlight.surface.mesh import SurfaceMesh

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]
Surface = tuple[Array, Index]

_T6 = ((0, 3, 5), (3, 1, 4), (5, 4, 2), (3, 4, 5))
_Q9 = ((0, 4, 8), (0, 8, 7), (4, 1, 5), (4, 5, 8), (8, 5, 2), (8, 2, 6), (7, 8, 6), (7, 6, 3))
_PARTS = 50  # of the thickness: parts of a border, each led on or not
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
        A crack whose border comes this near to the skin or to another crack is taken to reach it.
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
        ends, out = _divided(*_border(points, tri), (skin.high - skin.low) / _PARTS)
        if not len(ends):
            continue
        near = _near(ends.reshape(-1, 3), np.concatenate([skin.corners, plain[owner != number]]), closes)
        lead = near.reshape(-1, 2).any(axis=1)
        a, b = ends[lead, 0], ends[lead, 1]
        step = 2.0 * closes * out[lead]
        strips += [np.stack([a, b, b + step], axis=1), np.stack([a, b + step, a + step], axis=1)]
        of += [np.full(2 * len(a), number)]
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


def _border(points: Array, tri: Index) -> tuple[Array, Array]:
    """Sides that belong to one triangle only (b, 2, 3) and the unit direction out of the surface there (b, 3)."""
    edge = np.concatenate([tri[:, [0, 1, 2]], tri[:, [1, 2, 0]], tri[:, [2, 0, 1]]])  # side and opposite corner
    key = np.sort(edge[:, :2], axis=1)
    _, where, count = np.unique(key, axis=0, return_inverse=True, return_counts=True)
    once = edge[count[where.ravel()] == 1]
    a, b, c = (points[once[:, i]] for i in range(3))
    along = (b - a) / np.maximum(np.linalg.norm(b - a, axis=1), 1e-300)[:, None]
    out = a - c
    out = out - (out * along).sum(axis=1)[:, None] * along
    size = np.linalg.norm(out, axis=1)
    good = size > 0.0
    return np.stack([a, b], axis=1)[good], out[good] / size[good, None]


def _divided(ends: Array, out: Array, step: float) -> tuple[Array, Array]:
    """Sides divided into parts no longer than a step: a border may reach out of the pane."""
    along = ends[:, 1] - ends[:, 0]
    parts = np.ceil(np.linalg.norm(along, axis=1) / step).astype(np.int64).clip(1, 5000)
    of = np.repeat(np.arange(len(ends)), parts)
    number = np.arange(len(of)) - np.repeat(np.cumsum(parts) - parts, parts)
    a, b = (ends[of, 0] + ((number + k) / parts[of])[:, None] * along[of] for k in (0, 1))
    return np.stack([a, b], axis=1), out[of]


def _near(x: Array, corners: Array, limit: float) -> Mask:
    """Whether points lie within a distance of any of the triangles. (n, 3), (t, 3, 3) -> (n,)."""
    found = np.zeros(len(x), dtype=bool)
    if not len(corners) or not len(x):
        return found
    low, high = corners.min(axis=1) - limit, corners.max(axis=1) + limit
    tree = shapely.STRtree(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]))
    point, tri = tree.query(shapely.points(x[:, :2]), predicate="intersects")
    tall = (x[point, 2] >= low[tri, 2]) & (x[point, 2] <= high[tri, 2])
    point, tri = point[tall], tri[tall]
    close = distance(x[point], corners[tri]) <= limit
    found[point[close]] = True
    return found


def distance(x: Array, corners: Array) -> Array:
    """Distance from points to triangles, pair by pair. (m, 3), (m, 3, 3) -> (m,)."""
    a = corners[:, 0]
    u, v = corners[:, 1] - a, corners[:, 2] - a
    n = np.cross(u, v)
    nn = np.maximum((n * n).sum(axis=1), 1e-300)
    d = x - a
    p = (np.cross(d, v) * n).sum(axis=1) / nn
    q = (np.cross(u, d) * n).sum(axis=1) / nn
    above = np.abs((d * n).sum(axis=1)) / np.sqrt(nn)
    best = np.where((p >= 0) & (q >= 0) & (p + q <= 1), above, np.inf)
    for i in range(3):
        start, along = corners[:, i], corners[:, (i + 1) % 3] - corners[:, i]
        size = np.maximum((along * along).sum(axis=1), 1e-300)
        t = np.clip(((x - start) * along).sum(axis=1) / size, 0.0, 1.0)
        best = np.minimum(best, np.linalg.norm(x - start - t[:, None] * along, axis=1))
    return best
