"""Borders of crack surfaces led on across what they nearly reach: the skin, other cracks, other parts of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse
import shapely
from scipy.sparse.csgraph import connected_components

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

_ALIKE = 0.7  # cosine from which on two directions count as one


def led_on(points: Array, tri: Index, others: Array, closes: float, step: float, grid: float) -> Array:
    """Strips that lead a surface's border on across what lies within `closes` of it. (s, 3, 3).

    Parameters
    ----------
    points, tri : (n, 3) float [m], (t, 3) int64
        The surface.
    others : (m, 3, 3) float [m]
        Triangles of the skin and of the other cracks.
    closes : float [m]
    step : float [m]
        Length of the parts of a border, each led on or not.
    grid : float [m]
        What is nearer is reached but for rounding.
    """
    ends, out, side = divided(*border(points, tri), step)
    if not len(ends):
        return np.zeros((0, 3, 3))
    near = _near(ends.reshape(-1, 3), others, closes).joined(_own(ends, side, points, tri, closes))
    return _led(ends, out, near, closes, grid)


def border(points: Array, tri: Index) -> tuple[Array, Array, Index]:
    """Sides that belong to one triangle only (b, 2, 3), the unit direction out of the surface there (b, 3), and which.

    Points at one place count as one: a surface may come as triangles with points of their own, or with a side of no
    length.
    """
    place = _same(points)
    whole = np.flatnonzero((place[tri] != place[np.roll(tri, 1, axis=1)]).all(axis=1))
    tri = tri[whole]
    edge = np.concatenate([tri[:, [0, 1, 2]], tri[:, [1, 2, 0]], tri[:, [2, 0, 1]]])  # side and opposite corner
    key = np.sort(place[edge[:, :2]], axis=1)
    _, where, count = np.unique(key, axis=0, return_inverse=True, return_counts=True)
    single = count[where.ravel()] == 1
    once, of = edge[single], np.tile(whole, 3)[single]
    a, b, c = (points[once[:, i]] for i in range(3))
    along = (b - a) / np.maximum(np.linalg.norm(b - a, axis=1), 1e-300)[:, None]
    out = a - c
    out = out - (out * along).sum(axis=1)[:, None] * along
    size = np.linalg.norm(out, axis=1)
    good = size > 0.0
    return np.stack([a, b], axis=1)[good], out[good] / size[good, None], of[good]


def _same(points: Array) -> Index:
    """Number of the place of every point. (n,)."""
    _, number = np.unique(points + 0.0, axis=0, return_inverse=True)  # + 0: minus zero is zero
    return np.asarray(number.ravel())


def divided(ends: Array, out: Array, of_triangle: Index, step: float) -> tuple[Array, Array, Index]:
    """Sides divided into parts no longer than a step: a border may reach out of the pane."""
    along = ends[:, 1] - ends[:, 0]
    parts = np.ceil(np.linalg.norm(along, axis=1) / step).astype(np.int64).clip(1, 5000)
    of = np.repeat(np.arange(len(ends)), parts)
    number = np.arange(len(of)) - np.repeat(np.cumsum(parts) - parts, parts)
    a, b = (ends[of, 0] + ((number + k) / parts[of])[:, None] * along[of] for k in (0, 1))
    return np.stack([a, b], axis=1), out[of], of_triangle[of]


@dataclass(frozen=True, eq=False)
class _Near:
    """Points with what lies near them, pair by pair.

    Attributes
    ----------
    point, triangle : (m,) int64
    far : (m,) float [m]
        Distance.
    spot : (m, 3) float [m]
        Nearest place on the triangle.
    """

    point: Index
    triangle: Index
    far: Array
    spot: Array

    def only(self, which: Mask | Index) -> _Near:
        return _Near(self.point[which], self.triangle[which], self.far[which], self.spot[which])

    def joined(self, other: _Near) -> _Near:
        both = zip(vars(self).values(), vars(other).values())
        return _Near(*(np.concatenate(each) for each in both))


def _near(x: Array, corners: Array, limit: float) -> _Near:
    """Points (n, 3) and triangles (t, 3, 3) within a distance of each other."""
    if not len(corners) or not len(x):
        none = np.zeros(0, dtype=np.int64)
        return _Near(none, none, np.zeros(0), np.zeros((0, 3)))
    low, high = corners.min(axis=1) - limit, corners.max(axis=1) + limit
    tree = shapely.STRtree(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]))
    point, tri = tree.query(shapely.points(x[:, :2]), predicate="intersects")
    tall = (x[point, 2] >= low[tri, 2]) & (x[point, 2] <= high[tri, 2])
    point, tri = point[tall], tri[tall]
    far, spot = nearest(x[point], corners[tri])
    return _Near(point, tri, far, spot).only(far <= limit)


def _own(ends: Array, side: Index, points: Array, tri: Index, closes: float) -> _Near:
    """What is near the ends of a border's parts of its own surface, but does not hang together with them nearby.

    Parameters
    ----------
    ends : (p, 2, 3) float [m]
    side : (p,) int64
        Triangle that each part is on the border of.
    """
    near = _near(ends.reshape(-1, 3), points[tri], 2.0 * closes)
    edge = np.sort(_same(points)[np.concatenate([tri[:, [0, 1]], tri[:, [1, 2]], tri[:, [2, 0]]])], axis=1)
    _, number = np.unique(edge, axis=0, return_inverse=True)
    sides = number.ravel().reshape(3, -1).T  # (t, 3): numbers of the edges of every triangle
    # triangles near one point hang together there by an edge
    key = (near.point[:, None] * (sides.max(initial=0) + 1) + sides[near.triangle]).ravel()
    _, key = np.unique(key, return_inverse=True)
    n = len(near.point)
    graph = scipy.sparse.coo_matrix(
        (np.ones(3 * n), (np.repeat(np.arange(n), 3), n + key.ravel())), shape=(4 * n, 4 * n)
    )
    part = connected_components(graph, directed=False)[1][:n]
    home = np.full(2 * len(ends), -1)
    mine = near.triangle == np.repeat(side, 2)[near.point]
    home[near.point[mine]] = part[mine]
    return near.only((part != home[near.point]) & (near.far <= closes))


def _led(ends: Array, out: Array, near: _Near, closes: float, grid: float) -> Array:
    """Strips from the parts of a border across what lies within `closes` of their ends. (s, 3, 3).

    Straight on, and, where that passes something by at a grazing angle, towards the nearest spot of it.

    Parameters
    ----------
    ends, out : (p, 2, 3), (p, 3) float
        Of the parts, and the unit direction out of the surface.
    near : _Near
        Of the ends, one after the other.
    grid : float [m]
        What is nearer is reached but for rounding, and the way there has no direction.
    """
    reach = 2.0 * closes
    lead = np.unique(near.point // 2)
    made = [_strips(ends[lead], reach * np.repeat(out[lead, None], 2, axis=1))]
    near = near.only(near.far > grid)
    way = (near.spot - ends.reshape(-1, 3)[near.point]) / near.far[:, None]
    part = near.point // 2
    rise = reach * (out[part] * way).sum(axis=1)  # by how much the surface led on comes nearer
    along = ends[:, 1] - ends[:, 0]
    along = along / np.linalg.norm(along, axis=1)[:, None]
    # behind the border: passed already; along it: the border itself goes there
    missed = (rise < near.far + 10.0 * grid) & (rise > -grid) & (np.abs((along[part] * way).sum(axis=1)) < _ALIKE)
    near, way = near.only(missed), way[missed]
    order = np.argsort(-near.far, kind="stable")  # what is written last is the nearest
    near, way = near.only(order), way[order]
    while len(way):  # once for every side on which something is near
        part = near.point // 2
        first = np.full(len(ends), -1)
        first[part] = np.arange(len(part))
        like = (way * way[first[part]]).sum(axis=1) > _ALIKE
        lead = np.flatnonzero(first >= 0)
        step = np.repeat(way[first], 2, axis=0)
        step[near.point[like]] = way[like]
        made.append(_strips(ends[lead], reach * step.reshape(-1, 2, 3)[lead]))
        near, way = near.only(~like), way[~like]
    return np.concatenate(made)


def _strips(ends: Array, step: Array) -> Array:
    """Two triangles from each part (p, 2, 3) to itself moved by a step (p, 2, 3). (2 p, 3, 3)."""
    (a, b), (p, q) = np.moveaxis(ends, 1, 0), np.moveaxis(step, 1, 0)
    return np.concatenate([np.stack([a, b, b + q], axis=1), np.stack([a, b + q, a + p], axis=1)])


def nearest(x: Array, corners: Array) -> tuple[Array, Array]:
    """Distance from points to triangles, pair by pair, and the nearest spot. (m, 3), (m, 3, 3) -> (m,), (m, 3) [m]."""
    a = corners[:, 0]
    u, v = corners[:, 1] - a, corners[:, 2] - a
    n = np.cross(u, v)
    nn = np.maximum((n * n).sum(axis=1), 1e-300)
    d = x - a
    p = (np.cross(d, v) * n).sum(axis=1) / nn
    q = (np.cross(u, d) * n).sum(axis=1) / nn
    foot = (d * n).sum(axis=1) / nn
    best = np.where((p >= 0) & (q >= 0) & (p + q <= 1), np.abs(foot) * np.sqrt(nn), np.inf)
    spot = x - foot[:, None] * n
    for i in range(3):
        start, along = corners[:, i], corners[:, (i + 1) % 3] - corners[:, i]
        size = np.maximum((along * along).sum(axis=1), 1e-300)
        t = np.clip(((x - start) * along).sum(axis=1) / size, 0.0, 1.0)
        at = start + t[:, None] * along
        far = np.linalg.norm(x - at, axis=1)
        spot = np.where((far < best)[:, None], at, spot)
        best = np.minimum(best, far)
    return best, spot
