"""Where the nodes of a crack lie along its mouths."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import shapely

from deadlight.surface.chart import Snap
from deadlight.surface.crack_ring import Ring
from deadlight.surface.crack_size import Side, divided, graded, heading
from deadlight.surface.mesh import Array

TURN = np.radians(25.0)  # of one element along a curved mouth
WEDGE = 0.6  # least such distance near a shared end, as a share of the distance to that
GAP = 0.75  # largest element as a share of the distance to another side of the crack


def stations(
    loop: Sequence[Side], rings: Sequence[Ring | None], others: Sequence[Side], limit: Snap, growth: float
) -> list[Array]:
    """Lengths at the corner nodes along every mouth of a loop, between the rings; empty for a front.

    Parameters
    ----------
    rings : one for each side, None for a mouth
    others : all sides of the crack
    limit : callable
        Largest element at points (m, 2) -> (m,).
    """
    n = len(loop)
    spans: list[Array] = []
    sizes: list[Array] = []
    for i, side in enumerate(loop):
        if side.front:
            spans.append(np.zeros(0))
            sizes.append(np.zeros(0))
            continue
        before, after = rings[i - 1], rings[(i + 1) % n]
        a = 0.0 if before is None else float(before.depth[1])
        b = side.curve.length - (0.0 if after is None else float(after.depth[0]))
        s = np.linspace(a, b, 161)
        size = _size(side, others, s, limit)
        size[0] = min(size[0], np.inf if before is None else before.depth[1])
        size[-1] = min(size[-1], np.inf if after is None else after.depth[0])
        spans.append(s)
        sizes.append(graded(s, size, growth, side.curve.length if side.curve.closed else None))
    for _ in range(n if n > 1 else 0):  # sizes agree where two mouths meet
        for i, j in ((i, (i + 1) % n) for i in range(n)):
            if not (loop[i].front or loop[j].front):
                sizes[i][-1] = sizes[j][0] = min(sizes[i][-1], sizes[j][0])
                sizes[i], sizes[j] = graded(spans[i], sizes[i], growth), graded(spans[j], sizes[j], growth)
    return [x if side.front else _divided(side, x, size) for side, x, size in zip(loop, spans, sizes)]


def _divided(side: Side, s: Array, size: Array) -> Array:
    """Corner nodes between the ends of s, with all corners of the mouth and creases of the crack among them."""
    stops = side.stops[(side.stops > s[0]) & (side.stops < s[-1])]
    ends = np.concatenate([s[:1], stops, s[-1:]])
    least = max(1, int(np.ceil((8 if side.curve.closed else 1) / (len(ends) - 1))))
    parts = [divided(s, size, a, b, least)[:-1] for a, b in itertools.pairwise(ends)]
    return np.append(np.concatenate(parts), ends[-1])


def _size(side: Side, others: Sequence[Side], s: Array, limit: Snap) -> Array:
    """Element size along a mouth before its ends count: its curvature, the width of the crack beside it, the limit."""
    x = side.curve.at(s)
    ends = side.curve.at(np.array([0.0, side.curve.length]))
    size = limit(x)
    for other in others:
        if other is side:
            continue
        p = other.curve.points
        gap = np.asarray(shapely.distance(shapely.LineString(p), shapely.points(x)))
        if np.abs(p[[0, -1], None] - ends).max(axis=2).min() < 1e-9 * side.curve.length:
            # what lies near a shared end is near because of it, and in a wedge the elements follow the front's
            away = np.linalg.norm(x[:, None] - ends, axis=2).min(axis=1)
            gap = np.where(away <= 2.5 * gap, np.inf, np.maximum(gap, WEDGE * away))
        size = np.minimum(size, GAP * gap)
    turned = np.abs(np.diff(heading(side.curve.tangent(s)))) / np.diff(s)
    turned[np.searchsorted(side.stops, s[1:]) != np.searchsorted(side.stops, s[:-1], side="right")] = 0.0  # a corner
    bent = np.maximum(np.append(turned, 0.0), np.insert(turned, 0, 0.0))
    return np.asarray(np.minimum(size, TURN / np.maximum(bent, 1e-9 / side.curve.length)))
