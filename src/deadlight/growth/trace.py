"""Where points of a new front come from on the old ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

FAR = 0.1  # of the local move, and
FAR_NODE = 0.1  # of the spacing of the moved nodes: farther from where the front went a point was born in a transition


@dataclass(frozen=True, eq=False)
class Traced:
    """For every point of a new front its place on an old one.

    Attributes
    ----------
    front : (n,) int64
        Index in the sequence of old fronts.
    position : (n,) float
        Position along it in nodes: 2.25 is a quarter of the way from node 2 to node 3 (past the last node of a closed
        front: on towards the first).
    share : (n,) float
        How much of the step between the old place and the moved one the point has made, 0..1.
    born : (n,) bool
        Lies off what the front swept: it was made by a transition, and the place is only the nearest.
    """

    front: Index
    position: Array
    share: Array
    born: Flags

    def of(self, values: Sequence[Array], closed: Sequence[bool]) -> Array:
        """Values at the nodes of the old fronts, one array (k, ...) each, at the points. (n, ...)."""
        out = np.empty((len(self.front), *values[0].shape[1:]))
        for j, (v, around) in enumerate(zip(values, closed)):
            mine = np.flatnonzero(self.front == j)
            if not len(mine):
                continue
            a = np.minimum(self.position[mine].astype(np.int64), len(v) - 1)
            b = (a + 1) % len(v) if around else np.minimum(a + 1, len(v) - 1)
            w = (self.position[mine] - a).reshape(-1, *([1] * (v.ndim - 1)))
            out[mine] = (1.0 - w) * v[a] + w * v[b]
        return out


def traced(
    points: Array, starts: Sequence[Array], ends: Sequence[Array], closed: Sequence[bool] | None = None
) -> Traced:
    """From where on the old fronts the points of a new one came.

    Parameters
    ----------
    points : (n, 3) float [m]
        Of the new front, after meshing.
    starts, ends : sequences of (k, 3) float [m]
        Nodes of every old front and where they moved.
    closed : sequence of bool, optional
        Which old fronts are closed; none without it.
    """
    points = np.asarray(points, dtype=float)
    closed = [False] * len(starts) if closed is None else list(closed)
    best = np.full(len(points), np.inf)
    front, position = np.zeros(len(points), dtype=np.int64), np.zeros(len(points))
    share, born = np.zeros(len(points)), np.zeros(len(points), dtype=bool)
    for j, (start, end) in enumerate(zip(starts, ends)):
        start, end = np.asarray(start, dtype=float), np.asarray(end, dtype=float)
        if closed[j]:
            start, end = np.concatenate([start, start[:1]]), np.concatenate([end, end[:1]])
        off, piece, part = _nearest(points, end)
        nearer = off < best
        best = np.where(nearer, off, best)
        at, w = piece[nearer], part[nearer][:, None]
        a = (1.0 - w) * start[at] + w * start[at + 1]
        b = (1.0 - w) * end[at] + w * end[at + 1]
        way = b - a
        length = np.linalg.norm(way, axis=1)
        front[nearer], position[nearer] = j, at + w[:, 0]
        made = ((points[nearer] - a) * way).sum(axis=1) / np.maximum(length, 1e-300) ** 2
        share[nearer] = np.where(length > 0.0, np.clip(made, 0.0, 1.0), 1.0)
        spacing = np.linalg.norm(end[at + 1] - end[at], axis=1)
        off_path = np.linalg.norm(points[nearer] - a - share[nearer][:, None] * way, axis=1)
        born[nearer] = off_path > FAR * length + FAR_NODE * spacing
    return Traced(front, position, share, born)


def _nearest(x: Array, line: Array) -> tuple[Array, Index, Array]:
    """Distance of points from a polyline, the piece, and the place on it 0..1."""
    a, d = line[:-1], np.diff(line, axis=0)
    square = np.maximum((d**2).sum(axis=1), 1e-300)
    part = np.clip(((x[:, None] - a) * d).sum(axis=2) / square, 0.0, 1.0)
    off = ((x[:, None] - a - part[..., None] * d) ** 2).sum(axis=2)
    k = off.argmin(axis=1)
    rows = np.arange(len(x))
    return np.sqrt(off[rows, k]), k, part[rows, k]
