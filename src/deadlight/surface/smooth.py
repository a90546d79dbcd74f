"""Moving the free points of a planar triangulation to better places."""

from __future__ import annotations

import numpy as np

from deadlight.surface.constrained import turn
from deadlight.surface.mesh import Array, Index


def angles(points: Array, triangles: Index) -> Array:
    """Angles [rad] at the corners. (t, 3)."""
    corner = points[triangles]
    u = np.roll(corner, -1, axis=1) - corner
    v = np.roll(corner, 1, axis=1) - corner
    cross = u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]
    return np.arctan2(cross, (u * v).sum(axis=-1))


def relax(points: Array, triangles: Index, first: int, size: Array) -> Array:
    """Every point from `first` on to the weighted mean of its triangles' centroids.

    The weight area / h**2 keeps each star's centre of mass where the size (n,) wants it (centroidal patch
    triangulation: Chen & Holst 2011, "Efficient mesh optimization schemes based on optimal Delaunay
    triangulations", Comput. Methods Appl. Mech. Eng. 200, 967-984, sec. 4).
    """
    corner = points[triangles]
    area = 0.5 * turn(corner[:, 0], corner[:, 1], corner[:, 2])
    weight = np.maximum(area, 0.0) / size[triangles].mean(axis=1) ** 2
    centre = corner.mean(axis=1) * weight[:, None]
    flat, n = triangles.ravel(), len(points)
    total = np.bincount(flat, np.repeat(weight, 3), n)
    moved = points.copy()
    free = np.flatnonzero(total > 0.0)
    free = free[free >= first]
    for k in range(2):
        moved[free, k] = np.bincount(flat, np.repeat(centre[:, k], 3), n)[free] / total[free]
    return moved


def _stars(triangles: Index, n: int) -> tuple[Index, Index]:
    """Triangles round every point as a padded table (n, most), -1 where none, and the corner that is the point."""
    flat = triangles.ravel()
    order = np.argsort(flat, kind="stable")
    count = np.bincount(flat, minlength=n)
    slot = np.arange(len(flat)) - np.repeat(np.cumsum(count) - count, count)
    table = np.full((n, int(count.max())), -1, dtype=np.int64)
    corner = np.zeros_like(table)
    table[flat[order], slot] = order // 3
    corner[flat[order], slot] = order % 3
    return table, corner


def sharpen(points: Array, triangles: Index, first: int, good: float, rounds: int = 4) -> Array:
    """Raise the least angle round every free point that sees one below `good` [rad] by a small pattern search.

    Points move one at a time in each neighbourhood: those that see a smaller angle than all their neighbours.
    """
    points = points.copy()
    table, corner = _stars(triangles, len(points))
    phase = np.arange(12) * np.pi / 6.0
    pattern = np.concatenate([np.column_stack([np.cos(phase + s), np.sin(phase + s)]) * r
                              for r, s in ((0.2, 0.0), (0.08, 0.13), (0.02, 0.26))])
    for _ in range(rounds):
        least = angles(points, triangles).min(axis=1)
        seen = np.full(len(points), np.inf)
        np.minimum.at(seen, triangles.ravel(), np.repeat(least, 3))
        # ties are broken by number; a neighbour is a corner of the same triangle
        rank = np.empty(len(points), dtype=np.int64)
        key = np.where(np.arange(len(points)) >= first, seen, np.inf)
        rank[np.argsort(key, kind="stable")] = np.arange(len(points))
        lowest = np.full(len(points), len(points))
        np.minimum.at(lowest, triangles.ravel(), np.repeat(rank[triangles].min(axis=1), 3))
        movers = np.flatnonzero((seen < good) & (rank == lowest) & (np.arange(len(points)) >= first))
        if not len(movers):
            break
        star, own = table[movers], corner[movers]
        p = points[np.take_along_axis(triangles[star], (own[..., None] + 1) % 3, axis=2)[..., 0]]
        q = points[np.take_along_axis(triangles[star], (own[..., None] + 2) % 3, axis=2)[..., 0]]
        step = np.sqrt(np.where(star >= 0, ((p - q) ** 2).sum(axis=-1), np.inf).min(axis=1))
        trial = points[movers, None] + step[:, None, None] * np.concatenate([np.zeros((1, 2)), pattern])
        worth = _least(trial[:, :, None], p[:, None], q[:, None])
        worth = np.where(star[:, None] >= 0, worth, np.inf).min(axis=2)
        points[movers] = trial[np.arange(len(movers)), worth.argmax(axis=1)]
    return points


def _least(x: Array, p: Array, q: Array) -> Array:
    """Least angle of the triangles x, p, q; negative for a turned one."""
    area = turn(x, p, q)
    dots = np.stack([
        ((p - x) * (q - x)).sum(axis=-1), ((q - p) * (x - p)).sum(axis=-1), ((x - q) * (p - q)).sum(axis=-1)
    ])
    # all three angles have the same cross product; the least one has the largest dot product
    return np.asarray(np.arctan2(area, dots.max(axis=0)))
