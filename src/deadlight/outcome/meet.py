"""Segments in which plain triangles meet each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

_HIT = 1e-9  # tolerance of the share along a side at which two triangles meet


def meetings(corners: Array, others: Array, same: bool) -> tuple[Index, Array]:
    """Segments in which triangles meet others: number of the triangle and ends (s, 2, 3)."""
    empty = np.zeros(0, dtype=np.int64), np.zeros((0, 2, 3))
    if not len(others):
        return empty
    (lo, hi), (low, high) = ((x.min(axis=1), x.max(axis=1)) for x in (corners, others))
    tree = shapely.STRtree(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]))
    one, two = tree.query(shapely.box(lo[:, 0], lo[:, 1], hi[:, 0], hi[:, 1]))
    tall = (lo[one, 2] <= high[two, 2]) & (hi[one, 2] >= low[two, 2])
    if same:
        tall &= one != two
    one, two = one[tall], two[tall]
    if not len(one):
        return empty
    spots = np.concatenate([_hits(corners[one], others[two]), _hits(others[two], corners[one])], axis=1)
    good = np.isfinite(spots[:, :, 0])
    some = good.sum(axis=1) >= 2
    one, spots, good = one[some], spots[some], good[some]
    apart = np.linalg.norm(spots[:, :, None] - spots[:, None], axis=3)
    apart = np.where(np.isfinite(apart), apart, -1.0).reshape(len(one), 36)
    far = apart.argmax(axis=1)
    row = np.arange(len(one))
    segment = np.stack([spots[row, far // 6], spots[row, far % 6]], axis=1)
    long = apart[row, far] > 0.0
    return one[long], segment[long]


def _hits(sides: Array, plane: Array) -> Array:
    """Points in which the sides of triangles pierce others, pair by pair; NaN where they do not. (m, 3, 3)."""
    a = plane[:, 0]
    u, v = plane[:, 1] - a, plane[:, 2] - a
    n = np.cross(u, v)
    nn = (n * n).sum(axis=1)
    found = []
    for i in range(3):
        p, d = sides[:, i], sides[:, (i + 1) % 3] - sides[:, i]
        rate = (d * n).sum(axis=1)
        steep = np.abs(rate) > 1e-12 * np.linalg.norm(d, axis=1) * np.sqrt(nn)
        s = ((a - p) * n).sum(axis=1) / np.where(steep, rate, np.nan)
        x = p + np.clip(s, 0.0, 1.0)[:, None] * d
        r = x - a
        b = (np.cross(r, v) * n).sum(axis=1) / nn
        c = (np.cross(u, r) * n).sum(axis=1) / nn
        with np.errstate(invalid="ignore"):
            ok = (s >= -_HIT) & (s <= 1 + _HIT) & (b >= -_HIT) & (c >= -_HIT) & (b + c <= 1 + _HIT)
        found.append(np.where(ok[:, None], x, np.nan))
    return np.stack(found, axis=1)
