"""Cracks may not cross or touch: a check before they are solved together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from deadlight.errors import InputError
from deadlight.surface.assemble import Stack, corner_sides
from deadlight.surface.mesh import T6

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

_NEAR = 0.02  # of the local element size: nodes of two cracks this close count as touching


def check_apart(cracks: Stack, names: Sequence[str]) -> None:
    """Refuse cracks that cross, touch or lie on each other.

    Raises
    ------
    InputError
        Which two cracks, and where.
    """
    count = int(cracks.surface.max()) + 1
    boxes = []
    for k in range(count):
        x = cracks.points[np.unique(cracks.cells[cracks.surface == k])[1:]]
        boxes.append((x.min(axis=0), x.max(axis=0)))
    for i in range(count):
        for j in range(i + 1, count):
            if (boxes[i][0] <= boxes[j][1]).all() and (boxes[j][0] <= boxes[i][1]).all():
                where = _meeting(cracks, i, j)
                if where is not None:
                    at = ", ".join(f"{1e3 * v:.4g}" for v in where)
                    raise InputError(
                        f"{names[i]} and {names[j]} cross or touch, near ({at}) mm", place="several cracks",
                        remedy="move them apart, or describe both as one crack surface",
                    )  # fmt: skip


def _meeting(cracks: Stack, i: int, j: int) -> Array | None:
    """A point where two cracks meet, or None."""
    first, second = (cracks.surface == k for k in (i, j))
    a, b = (_nodes(cracks.cells[k]) for k in (first, second))
    xa, xb = cracks.points[a], cracks.points[b]
    gap, _ = cKDTree(xb).query(xa)
    at = int(gap.argmin())
    near = cKDTree(cracks.grading.points).query(xa[at])[1]
    if gap[at] < _NEAR * cracks.grading.size[near]:
        return xa[at]
    for one, other in ((first, second), (second, first)):
        sides = corner_sides(cracks.cells[one], cracks.kind[one])
        triangles = _triangles(cracks.cells[other], cracks.kind[other])
        hit = _pierced(cracks.points, sides, triangles)
        hit = _lying(cracks.points, np.unique(sides), triangles) if hit is None else hit
        if hit is not None:
            return hit
    return None


def _nodes(cells: Index) -> Index:
    return np.unique(cells[cells >= 0])


def _triangles(cells: Index, kind: Index) -> Index:
    tri, quad = cells[kind == T6], cells[kind != T6]
    return np.concatenate([tri[:, [0, 1, 2]], quad[:, [0, 1, 2]], quad[:, [0, 2, 3]]])


def _lying(x: Array, nodes: Index, triangles: Index) -> Array | None:
    """A node that lies on one of the triangles: sides of cracks in one plane go through none."""
    for block in np.array_split(triangles, max(1, len(nodes) * len(triangles) // 200_000)):
        a, e1, e2 = x[block[:, 0]], x[block[:, 1]] - x[block[:, 0]], x[block[:, 2]] - x[block[:, 0]]
        normal = np.cross(e1, e2)
        square = (normal * normal).sum(axis=1)
        s = x[nodes][:, None] - a
        u, v = (np.cross(s, e2) * normal).sum(axis=2) / square, (np.cross(e1[None], s) * normal).sum(axis=2) / square
        off = np.abs((s * normal).sum(axis=2)) / square**0.75  # of the triangle's size
        hit = np.argwhere((off < _NEAR) & (u >= 0) & (v >= 0) & (u + v <= 1))
        if len(hit):
            return np.asarray(x[nodes[hit[0][0]]])
    return None


def _pierced(x: Array, sides: Index, triangles: Index) -> Array | None:
    """A point where one of the sides goes through one of the triangles (Moller & Trumbore 1997)."""
    o, d = x[sides[:, 0]], x[sides[:, 1]] - x[sides[:, 0]]
    for block in np.array_split(triangles, max(1, len(sides) * len(triangles) // 200_000)):
        a, e1, e2 = x[block[:, 0]], x[block[:, 1]] - x[block[:, 0]], x[block[:, 2]] - x[block[:, 0]]
        p = np.cross(d[:, None], e2[None])
        det = (p * e1).sum(axis=2)
        safe = np.where(det == 0, np.inf, det)
        s = o[:, None] - a
        u = (s * p).sum(axis=2) / safe
        q = np.cross(s, e1[None])
        v = (q * d[:, None]).sum(axis=2) / safe
        t = (q * e2).sum(axis=2) / safe
        hit = np.argwhere((det != 0) & (u >= 0) & (v >= 0) & (u + v <= 1) & (t >= 0) & (t <= 1))
        if len(hit):
            k, m = hit[0]
            return o[k] + t[k, m] * d[k]
    return None
