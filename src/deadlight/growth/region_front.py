"""A front carried on in the coordinates of its chart: a fine polyline, moved along its normals by a smooth advance.

The advance of the front's nodes is split into parts across and along the front.  Both are smoothed by weighted
regression with quadratics over a few nodes (Savitzky & Golay 1964 on uneven stations, Gaussian weights; Cleveland 1979
for the local form), which keeps what bends slowly and takes out what changes from node to node.  What that changed is
measured.  No point moves back.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.interpolate import CubicSpline, PchipInterpolator
from scipy.ndimage import gaussian_filter1d

from deadlight.surface.crack_curve import FineCurve, turns

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

SMOOTH = 1.2  # standard deviation of the weights, in spacings of nodes
EVEN, FINE = 240, np.radians(0.7)  # points of a front's polyline: along its length, and turn of one
MOST = 2000  # points of a front
FAIR = 0.1  # of the step: standard deviation of the weights that take out what is finer on a moved front
REACH, LONG = 4.0, 20_000  # standard deviations that are weighed; points of a path at most
CROWDED = 0.2  # of the wanted spacing: points nearer than this to the one before are left out
CHORD = 0.005  # of a front's length, from which the way it leaves the body is taken


@dataclass(frozen=True, eq=False)
class Smoothing:
    """What smoothing moved of one front, as shares of its largest advance.

    Attributes
    ----------
    front : int
        Of the old mesh.
    rms, most : float
        Over the front's nodes, by the advance that was smoothed, and the points of its polyline, by their place.
    """

    front: int
    rms: float
    most: float


@dataclass(frozen=True, eq=False)
class Advance:
    """One front before and after a step, in its chart, point by point.

    Attributes
    ----------
    front : int
        Of the old mesh.
    old, new : (k, 2) float
        The crack on the left of both; an open front is carried straight on at both ends, beyond the skin.
    closed : bool
    inner : slice
        The points that are the front's own.
    smoothing : Smoothing
    """

    front: int
    old: Array
    new: Array
    closed: bool
    inner: slice
    smoothing: Smoothing

    @property
    def far(self) -> float:
        """Largest move."""
        return float(np.linalg.norm(self.new - self.old, axis=1).max())


def carried(front: int, line: Array, at: Array, move: Array, *, beyond: float, smooth: float = SMOOTH) -> Advance:
    """A front carried on.

    Parameters
    ----------
    line : (k, 2) float
        Fine polyline of the old front, the crack on its left; a closed one repeats its first point.
    at, move : (n, 2) float
        Nodes on it, in any order, and how far each moves.
    beyond : float
        How far an open front is carried on at its ends, besides twice its largest advance.
    smooth : float
        Standard deviation of the smoothing in spacings of nodes.
    """
    curve = FineCurve.of(line)
    station = _stations(curve, at)
    order = np.argsort(station, kind="stable")
    station, move = station[order], move[order]
    s, run = _fine(curve)
    old = curve.at(s)
    across, along = np.zeros(len(s)), np.zeros(len(s))
    tangent = np.empty((len(s), 2))
    left = [np.zeros(0)]
    for a, b, mine in run:
        tangent[mine] = _tangents(curve, s[mine], a, b)
        node, moved = _nodes(curve, station, move, a, b)
        t = _tangents(curve, node, a, b)
        parts = [(moved * np.column_stack([t[:, 1], -t[:, 0]])).sum(axis=1), (moved * t).sum(axis=1)]
        period = curve.length if curve.closed and len(run) == 1 and not len(curve.corners) else None
        for values, out in zip(parts, (across, along)):
            out[mine] = regressed(node, values, s[mine], smooth, period)
        left.append(regressed(node, np.maximum(parts[0], 0.0), node, smooth, period) - np.maximum(parts[0], 0.0))
    across = np.maximum(across, 0.0)
    most = float(np.abs(move).max(initial=0.0))
    still = across <= 1e-12 * max(most, 1e-300)
    along[still] = 0.0
    normal = np.column_stack([tangent[:, 1], -tangent[:, 0]])
    new = old + across[:, None] * normal + along[:, None] * tangent
    for _, _, mine in run:
        round_trip = curve.closed and len(run) == 1 and not len(curve.corners)
        faired = _faired(new[mine], across[mine], most, closed=round_trip)
        left.append(np.linalg.norm(faired - new[mine], axis=1))
        new[mine] = faired
    change = np.concatenate(left) / max(most, 1e-300)
    told = Smoothing(front, float(np.sqrt((change**2).mean())), float(np.abs(change).max()))
    if curve.closed:
        return Advance(front, old, new, True, slice(0, len(old)), told)
    return _lengthened(front, old, new, tangent, beyond + 2.0 * most, told)


def _faired(line: Array, across: Array, most: float, *, closed: bool) -> Array:
    """A run of the new front without what is finer than a tenth of the step.

    K is solved once a step, so nothing finer is known of the front; and where it is hollow its normals meet ahead of
    it, and moving along them would raise the chords of clipping step by step until they are taken for corners.  Gauss's
    weights S over the length, applied as 2 S - S^2: what is wider than a few tenths of a step keeps its place.  Where
    the front stays it is left as it is, and so are the ends of an open one.
    """
    width = FAIR * most
    x = np.concatenate([line, line[:1]]) if closed else line
    s = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(x, axis=0), axis=1))])
    if len(line) < 12 or not s[-1] > 4.0 * width > 0.0:
        return line
    even = np.linspace(0.0, s[-1], int(min(LONG, max(50, 8.0 * s[-1] / width))) + 1)
    apart = np.append(True, np.diff(s) > 1e-9 * s[-1])
    apart[-1], apart[-2] = True, apart[-2] and s[-1] - s[-2] > 1e-9 * s[-1]
    path = CubicSpline(s[apart], x[apart], bc_type="periodic" if closed else "not-a-knot")(even)
    sigma = width / even[1]
    once = _weighted(path, sigma, closed)
    path = 2.0 * once - _weighted(once, sigma, closed)
    path[-1] = path[0] if closed else path[-1]  # to the last bit, as the spline wants it
    smooth = CubicSpline(even, path, bc_type="periodic" if closed else "not-a-knot")(s[: len(line)])
    share = np.clip(across / width, 0.0, 1.0)[:, None]
    return np.asarray((1.0 - share) * line + share * smooth)


def _weighted(path: Array, sigma: float, closed: bool) -> Array:
    """Even points of a path averaged by Gauss's weights; an open one is turned about its ends, which stay."""
    if closed:
        found = gaussian_filter1d(path[:-1], sigma, axis=0, mode="wrap", truncate=REACH)
        return np.concatenate([found, found[:1]])
    more = min(int(REACH * sigma) + 1, len(path) - 1)
    before, after = 2.0 * path[0] - path[more:0:-1], 2.0 * path[-1] - path[-2 : -2 - more : -1]
    wide = np.concatenate([before, path, after])
    return np.asarray(gaussian_filter1d(wide, sigma, axis=0, truncate=REACH)[more : more + len(path)])


def _lengthened(front: int, old: Array, new: Array, tangent: Array, far: float, told: Smoothing) -> Advance:
    """An open front carried straight on at both ends, before and after, each the way it ends."""
    olds = np.concatenate([(old[0] - far * tangent[0])[None], old, (old[-1] + far * tangent[-1])[None]])
    first, last = _outwards(new, -tangent[0]), _outwards(new[::-1], tangent[-1])
    news = np.concatenate([(new[0] + far * first)[None], new, (new[-1] + far * last)[None]])
    return Advance(front, olds, news, False, slice(1, 1 + len(old)), told)


def _outwards(line: Array, usual: Array) -> Array:
    """The way a polyline leaves at its beginning, from the chord of a small part of it; within 45 degrees of the usual.

    Where the front comes to skin that lies farther out than before, another way would make a corner of its end.
    """
    s = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    k = int(np.searchsorted(s, CHORD * s[-1]))
    way = line[0] - line[min(max(k, 1), len(line) - 1)]
    length = float(np.linalg.norm(way))
    return way / length if way @ usual > np.sqrt(0.5) * length > 0.0 else usual


def _stations(curve: FineCurve, at: Array) -> Array:
    """Lengths of nodes along the curve, by the nearest piece of its polyline. (n,)."""
    x = np.concatenate([curve.points, curve.points[:1]]) if curve.closed else curve.points
    a, d = x[:-1], np.diff(x, axis=0)
    found = np.empty(len(at))
    square = np.maximum((d**2).sum(axis=1), 1e-300)
    for block in np.array_split(np.arange(len(at)), max(1, len(at) * len(a) // 2_000_000)):
        part = np.clip(((at[block, None] - a) * d).sum(axis=2) / square, 0.0, 1.0)
        off = ((at[block, None] - a - part[..., None] * d) ** 2).sum(axis=2)
        k = off.argmin(axis=1)
        found[block] = curve.s[k] + part[np.arange(len(block)), k] * (curve.s[k + 1] - curve.s[k])
    if curve.closed:
        found[found >= curve.length * (1 - 1e-12)] = 0.0
    return found


def _fine(curve: FineCurve) -> tuple[Array, list[tuple[float, float, slice]]]:
    """Lengths of a fine polyline and its smooth runs (from, to, which points); a corner ends one run and begins one."""
    ends = curve.corners if curve.closed else np.unique(np.concatenate([[0.0], curve.corners, [curve.length]]))
    if curve.closed:
        ends = np.append(ends, curve.length) if len(ends) else np.array([0.0, curve.length])
    turned = np.abs(turns(curve.points, curve.closed))
    turned[turned > np.radians(20.0)] = 0.0
    turned = np.append(turned, turned[0]) if curve.closed else turned
    density = np.diff(curve.s) / curve.length * EVEN + 0.5 * (turned[1:] + turned[:-1]) / FINE
    warp = np.concatenate([[0.0], np.cumsum(density)])
    warp *= min(1.0, MOST / warp[-1])
    found, runs, start = [], [], 0
    for a, b in itertools.pairwise(ends):
        s = _filled(curve.s[(curve.s > a) & (curve.s < b)], a, b, curve.s, warp)
        if curve.closed and len(ends) == 2 and not len(curve.corners):
            s = s[:-1]
        found.append(s)
        runs.append((float(a), float(b), slice(start, start + len(s))))
        start += len(s)
    return np.concatenate(found), runs


def _filled(points: Array, a: float, b: float, s: Array, warp: Array) -> Array:
    """Points from a to b: the given ones, as their polyline was the outline, others in wide gaps, few where they crowd.

    `warp` at lengths `s` counts how many points should lie before.
    """
    kept = [a]
    last = np.interp(a, s, warp)
    for point, count in zip(points.tolist(), np.interp(points, s, warp).tolist()):  # a few thousand at most
        if count - last >= CROWDED:
            kept.append(point)
            last = count
    if len(kept) > 1 and np.interp(b, s, warp) - last < CROWDED:
        kept.pop()
    x = np.array([*kept, b])
    count = np.maximum(np.ceil(np.diff(np.interp(x, s, warp))), 1.0).astype(int)
    if count.sum() < 8:
        count = np.maximum(count, -(-8 // len(count)))
    parts = [np.linspace(p, q, n + 1)[:-1] for p, q, n in zip(x[:-1], x[1:], count)]
    return np.append(np.concatenate(parts), b)


def _tangents(curve: FineCurve, s: Array, a: float, b: float) -> Array:
    """Unit tangents at lengths of the run from a to b: at its ends those of the run itself. (m, 2)."""
    t = curve.tangent(s)
    last = s >= b - 1e-12 * curve.length
    if last.any():
        t[last] = curve.tangent(np.full(int(last.sum()), b), before=True)
    return t


def _nodes(curve: FineCurve, station: Array, move: Array, a: float, b: float) -> tuple[Array, Array]:
    """Nodes of the run from a to b."""
    near = 1e-6 * curve.length
    mine = (station >= a - near) & (station <= b + near)
    if not mine.any():  # a run shorter than an element
        mine[np.abs(station - 0.5 * (a + b)).argmin()] = True
    node, moved = np.clip(station[mine], a, b), move[mine]
    if curve.closed and len(curve.corners) and b >= curve.length - near:  # its last node is the first of the curve
        first = station <= near
        node, moved = np.append(node, np.full(int(first.sum()), b)), np.concatenate([moved, move[first]])
    keep = np.append(True, np.diff(node) > near)
    return node[keep], moved[keep]


def regressed(node: Array, value: Array, s: Array, smooth: float, period: float | None) -> Array:
    """Values at nodes (n,) smoothed, at lengths s (m,): quadratics fitted with Gaussian weights.

    The weights count in spacings of the nodes.  With fewer than five nodes the values are interpolated.
    """
    n = len(node)
    if n < 5 or smooth <= 0.0:
        if n == 1:
            return np.full(len(s), value[0])
        return np.asarray(PchipInterpolator(node, value, extrapolate=True)(s))
    index = np.arange(n, dtype=float)
    if period is not None:
        many = min(n, 12)
        node = np.concatenate([node[-many:] - period, node, node[:many] + period])
        value = np.concatenate([value[-many:], value, value[:many]])
        index = np.arange(-many, n + many, dtype=float)
    where = PchipInterpolator(node, index, extrapolate=True)(s)
    weight = np.exp(-0.5 * ((where[:, None] - index) / smooth) ** 2)
    scale = np.maximum(np.gradient(node)[np.clip(np.searchsorted(node, s), 0, len(node) - 1)], 1e-300) * smooth
    x = (node[None] - s[:, None]) / scale[:, None]
    basis = np.stack([np.ones_like(x), x, x * x], axis=2)
    normal = np.einsum("mn,mni,mnj->mij", weight, basis, basis)
    right = np.einsum("mn,mni,n->mi", weight, basis, value)
    return np.asarray(np.linalg.solve(normal, right[..., None])[:, 0, 0])


def thinned(x: Array, least: float) -> Array:
    """A closed ring (k, 2), not repeating its first point, without points nearer than `least` to the one before."""
    keep = np.ones(len(x), dtype=bool)
    last = 0
    gap = np.linalg.norm(np.diff(x, axis=0), axis=1)
    if gap.min(initial=np.inf) >= least and np.linalg.norm(x[0] - x[-1]) >= least:
        return x
    for i in range(1, len(x)):
        if np.hypot(*(x[i] - x[last])) < least:
            keep[i] = False
        else:
            last = i
    if np.hypot(*(x[last] - x[0])) < least and keep.sum() > 3:
        keep[last] = False
    return x[keep]
