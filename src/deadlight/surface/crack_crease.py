"""Creases of a bent crack: lines across it that no element may straddle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from deadlight.errors import InputError
from deadlight.surface.chart import Chart, Snap
from deadlight.surface.constrained import inside_parity
from deadlight.surface.crack_curve import FineCurve
from deadlight.surface.crack_size import Side, divided, graded
from deadlight.surface.mesh import Array, Index

NEAR = 2e-3  # of a curve's length: points this near to a crossing are the search's
SAME = 1e-7  # of a curve's length: a crossing this near to an end is at the end


def creases(chart: Chart) -> Array:
    """First coordinates of a chart's creases, lines of constant u. (c,)."""
    return np.asarray(getattr(chart, "creases", np.zeros(0)), dtype=float)


def with_crossings(loop: Sequence[Side], lines: Array, place: str) -> list[Side]:
    """The sides of a loop, with the lengths at which creases cross them.

    Raises
    ------
    InputError
        If a front ends on a crease.
    """
    found = []
    for side in loop:
        curve = side.curve
        for u in lines:
            curve = curve if curve.closed else _mended(curve, u)
        s = np.unique(np.concatenate([np.zeros(0), *(_crossings(curve, u) for u in lines)]))
        if curve.closed and len(s) and not len(curve.corners):
            curve = curve.begun(float(s[0]))
            s = np.unique(np.concatenate([_crossings(curve, u) for u in lines]))
            s[s < SAME * curve.length] = 0.0
            s = np.unique(s[s < (1.0 - SAME) * curve.length])
        at_end = (s < SAME * curve.length) | (s > (1.0 - SAME) * curve.length)
        if side.front and not curve.closed and at_end.any():
            raise InputError(
                "a front ends on the skin exactly where the crack is creased", place=place,
                remedy="move the crease or the end of the front a little",
            )  # fmt: skip
        found.append(replace(side, curve=curve, crossings=s[~at_end] if not curve.closed else s))
    return found


def mended(curve: FineCurve, at: Array, inner: Array) -> FineCurve:
    """The curve with one point where a bend ends on it, at `at` (2,), coming from `inner` (2,)."""
    t = (at - inner) / np.linalg.norm(at - inner)
    turn = np.array([[-t[1], t[0]], t]).T  # across the bend, along it
    turned = FineCurve((curve.points - at) @ turn, False, curve.limit, curve.breaks)
    found = _mended(turned, 0.0, 10.0 * NEAR * curve.length)
    if found is turned:
        return curve
    points = found.points @ turn.T + at
    points[[0, -1]] = curve.points[[0, -1]]
    return FineCurve(points, False, curve.limit, found.breaks)


def _mended(curve: FineCurve, u: float, reach: float = np.inf) -> FineCurve:
    """The curve with one point on the crease in place of the many that a search for the section leaves around it.

    Where the curve is straight on both sides its lines are carried on to the crease, otherwise the chord is cut.
    """
    x, s, length = curve.points, curve.s, curve.length
    for at in np.sort(_crossings(curve, u))[::-1]:
        ends = np.arange(len(s)) % (len(s) - 1) == 0
        keep = (np.abs(s - at) > NEAR * length) | ends
        if reach < np.inf and abs(float(np.interp(at, s, x[:, 1]))) > reach:  # another place on the line of the bend
            continue
        if keep.all() or at < NEAR * length or at > (1.0 - NEAR) * length:
            continue
        hands = np.flatnonzero(keep & (s < at))[::-1][:3], np.flatnonzero(keep & (s > at))[:3]
        heights = [_carried(x[hand], u, length) for hand in hands]
        if abs(heights[0] - heights[1]) <= 1e-5 * length:
            height = 0.5 * (heights[0] + heights[1])
        else:
            keep = (np.abs(s - at) > 0.1 * NEAR * length) | ends
            height = float(np.interp(at, s, x[:, 1]))
        k = int((keep & (s < at)).sum())
        x = np.concatenate([x[keep][:k], [[u, height]], x[keep][k:]])
        s = np.concatenate([s[keep][:k], [at], s[keep][k:]])
    if len(x) == len(curve.points) and (x == curve.points).all():
        return curve
    on = np.flatnonzero(np.abs(x[:, 0] - u) < 1e-9 * length)
    before = np.flatnonzero((x[:, None] == curve.points[list(curve.breaks)]).all(axis=2).any(axis=1))  # other creases
    return FineCurve(x, False, curve.limit, tuple(sorted({*before.tolist(), *on.tolist()} - {0, len(x) - 1})))


def _carried(p: Array, u: float, length: float) -> float:
    """Height at which the line of two or three points, nearest first, reaches the crease; nan if it is not straight."""
    if len(p) < 2 or p[0, 0] == p[1, 0]:
        return np.nan
    if len(p) == 3 and _off(p) > 1e-7 * length:
        return np.nan
    return float(p[0, 1] + (u - p[0, 0]) * (p[0, 1] - p[1, 1]) / (p[0, 0] - p[1, 0]))


def _off(p: Array) -> float:
    """Distance of the middle one of three points from the line through the others."""
    a, b = p[2] - p[0], p[1] - p[0]
    return float(abs(a[0] * b[1] - a[1] * b[0]) / np.linalg.norm(a))


def _crossings(curve: FineCurve, u: float) -> Array:
    """Lengths at which a curve crosses the line of a given first coordinate. (k,)."""
    x = curve.points[:, 0] - u
    x = np.append(x, x[0]) if curve.closed else x
    on = np.abs(x) < 1e-9 * curve.length
    s = curve.s
    cut = np.flatnonzero(~on[:-1] & ~on[1:] & (x[:-1] * x[1:] < 0.0))
    found = s[cut] + (s[cut + 1] - s[cut]) * x[cut] / (x[cut] - x[cut + 1])
    for _ in range(5):  # from the polyline onto the smooth curve
        slope = curve.at(found, 1)[:, 0]
        step = (curve.at(found)[:, 0] - u) / np.where(slope == 0.0, np.inf, slope)
        found = np.clip(found - step, s[cut], s[cut + 1])
    inside = np.flatnonzero(on[1:-1]) + 1
    through = inside[x[inside - 1] * x[inside + 1] < 0.0]
    ends = np.flatnonzero(on[[0, -1]])
    return np.concatenate([found, s[through], s[[0, -1]][ends]])


def slits(
    lines: Array, uv: Array, loops: Sequence[Index], size: Array, limit: Snap, growth: float
) -> list[tuple[int, Array, int]]:
    """Pieces of creases inside the loops: the node each begins at, points between, the node it ends at.

    Parameters
    ----------
    uv : (n, 2) float
        Nodes.
    loops : list of (k,) int
        Closed loops of corner nodes.
    size : (n,) float
        Element size at the nodes.
    limit : callable
        Largest size at points (m, 2) -> (m,).
    """
    nodes = np.unique(np.concatenate(loops))
    a = np.concatenate(loops)
    b = np.concatenate([np.roll(loop, -1) for loop in loops])
    extent = float(np.ptp(uv, axis=0).max())
    found = []
    for u in lines:
        on = nodes[np.abs(uv[nodes, 0] - u) < 1e-9 * extent]
        on = on[np.argsort(uv[on, 1])]
        middle = 0.5 * (uv[on[:-1]] + uv[on[1:]])
        for k in np.flatnonzero(inside_parity(middle, uv[a], uv[b])):
            p, q = int(on[k]), int(on[k + 1])
            low, high = uv[p, 1], uv[q, 1]
            v = np.linspace(low, high, 121)
            wanted = limit(np.column_stack([np.full_like(v, u), v]))
            wanted[0], wanted[-1] = min(size[p], wanted[0]), min(size[q], wanted[-1])
            stations = divided(v, graded(v, wanted, growth), low, high, 1)[1:-1]
            found.append((p, np.column_stack([np.full_like(stations, u), stations]), q))
    return found
