"""Element sizes along the fronts and mouths of a crack, from curvature, width and what lies next to them."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from deadlight.surface.chart import Snap
from deadlight.surface.crack_curve import CORNER, FineCurve, turns
from deadlight.surface.mesh import Array, Index

EVEN, SAMPLED, MOST = 100, np.radians(4.0), 400  # samples along a side: evenly, angle of one, most
PER_QUARTER = 5.7  # elements a quarter turn before curvature counts; a circle then gets 8
TURN = np.radians(15.8)  # likewise of one element; together 11.25 degrees on a circle
# Elements along an open front (through a pane) before its ends count, and at least.  With 5.7 K at the skin was 13 %
# low under a stress that falls off within a sixth of the thickness; a floor of 6 that no refinement moved kept the
# error estimate from seeing it.
OPEN, LEAST = 8.0, 4
CURVATURE, WIDTH = 0.5, 0.25  # largest ring width as a share of the radius of curvature, of the crack's width
WIDEST = 0.4  # of the crack's width, whatever the refinement: at 1/2 rings from both sides meet in its middle
WEDGE = 0.45  # largest ring width as a share of the distance to a mouth or front that adjoins at a small angle
SLENDER = 1.8  # longest front element, in ring widths that its place allows
# Pennies close to a face or to one another: 0.25 with 2.4 is within 0.2 % of fine meshes; 0.15 with 4 reads K up to
# 0.4 % high at any refinement, as the ring is too narrow for its length; 0.3 and more reads it low close to skin.
CLOSE, LEAST_CLOSE = 0.25, 0.1  # largest ring width as a share of the distance from skin, but of the element at least
SLENDER_CLOSE = 2.4  # longest front element there, in such widths: 0.6 of the distance
GRADE = 0.3  # growth of front elements per unit of length


@dataclass(frozen=True, eq=False)
class Side:
    """One front or mouth of a loop, the crack on its left.

    Attributes
    ----------
    curve : FineCurve
    front : bool
    face : int
        Face of the body that a mouth lies on.
    crossings : (c,) float
        Lengths at which creases of the crack cross it.
    skin : callable or None
        Points (m, 2) near a mouth -> those of the exact mouth, where that is not the curve itself.
    """

    curve: FineCurve
    front: bool
    face: int
    crossings: Array = field(default_factory=lambda: np.zeros(0))
    skin: Snap | None = None

    def at(self, s: Array) -> Array:
        """Points at lengths s, those of a mouth exactly on the skin. (m,) -> (m, 2)."""
        x = self.curve.at(s)
        return x if self.skin is None or not len(x) else self.skin(x)

    @functools.cached_property
    def base(self) -> float:
        """Element length that length and turning of a front ask for."""
        turned = abs(float(turns(self.curve.points, self.curve.closed).sum()))
        even = PER_QUARTER if self.curve.closed else OPEN
        return self.curve.length / max(even, PER_QUARTER * turned / (0.5 * np.pi))

    @functools.cached_property
    def warp(self) -> Array:
        """At the points of the curve's polyline, how many samples should lie before: by length and by turning. (k,)."""
        turned = np.abs(turns(self.curve.points, self.curve.closed))
        turned[turned > CORNER] = 0.0
        turned = np.append(turned, turned[0]) if self.curve.closed else turned
        step = np.diff(self.curve.s) / self.curve.length * EVEN + 0.5 * (turned[1:] + turned[:-1]) / SAMPLED
        return np.concatenate([[0.0], np.cumsum(step)])

    @functools.cached_property
    def samples(self) -> Array:
        """Lengths between the stops, closer where the curve is bent. (m,)."""
        ends = self.stops if len(self.stops) else np.array([0.0, self.curve.length])
        found = []
        for a, b in itertools.pairwise(np.interp(ends, self.curve.s, self.warp)):
            n = max(12, min(MOST, int(np.ceil(b - a))))
            found.append(np.interp(a + (np.arange(n) + 0.5) / n * (b - a), self.warp, self.curve.s))
        return np.concatenate(found)

    @functools.cached_property
    def stops(self) -> Array:
        """Lengths that must be corner nodes: corners, crossings of creases, ends of an open side. (c,)."""
        inside = np.concatenate([self.curve.corners, self.crossings])
        ends = [] if self.curve.closed and not len(inside) else [0.0, self.curve.length]
        return np.unique(np.concatenate([ends, inside]))


@dataclass(frozen=True, eq=False)
class Widths:
    """What limits the ring along one front.

    Attributes
    ----------
    s, ring, wedge, h : (m,) float
        Length along the front, largest ring width, the same near an end or corner from what adjoins there, wanted
        element length.
    """

    s: Array
    ring: Array
    wedge: Array
    h: Array


def widths(
    sides: Sequence[Side],
    k: int,
    h: float | Callable[[Array], Array] | None,
    refine: float,
    tip: float,
    gap: Callable[[Array], Array] | None = None,
    fine: Callable[[Array], Array] | None = None,
) -> Widths:
    """Limits along side k, a front, of a crack with all these sides.

    Parameters
    ----------
    h : float or callable or None
        Element length [m], or as a function of the length along the front; None by curvature and length.
    refine : float
        Divides the element length.
    tip : float
        Share of the element length next to an end or corner of the front.
    gap : callable, optional
        Distance from skin or another crack at points (m, 2) -> (m,).
    fine : callable, optional
        Longest element at points (m, 2) -> (m,).
    """
    side = sides[k]
    curve = side.curve
    s, bent = side.samples, _bends(side)
    x, tangent = curve.at(s), curve.tangent(s)
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]])
    ahead, beside = _rays(sides, k, s, x, normal)
    width = np.minimum(ahead, 2.0 * _discs(sides, k, s, x, normal))
    ring = np.minimum(WIDTH * width, CURVATURE / np.maximum(bent, 1e-9 / curve.length))
    if h is None:
        wanted = 1.0 / np.sqrt(1.0 / side.base**2 + (bent / TURN) ** 2)
    else:
        wanted = np.broadcast_to(np.asarray(h(s) if callable(h) else h, dtype=float), s.shape)
    wanted = np.minimum(wanted, SLENDER * ring if fine is None else np.minimum(SLENDER * ring, fine(x)))
    if gap is not None:  # K is read from points up to 2.5 ring widths behind the front
        close = np.maximum(CLOSE * gap(x), LEAST_CLOSE * wanted)
        wanted, ring = np.minimum(wanted, SLENDER_CLOSE * close), np.minimum(ring, close)
    if len(side.stops):
        near = np.abs(s[:, None] - side.stops).min(axis=1)
        local = np.interp(side.stops, s, wanted)[np.abs(s[:, None] - side.stops).argmin(axis=1)]
        wanted = np.minimum(wanted, tip * local + GRADE * near)
    wedge = np.minimum(WEDGE * beside, curve.length)
    ring = np.minimum(ring / refine, WIDEST * width)
    return Widths(s, ring, wedge, graded(s, wanted, GRADE, curve.length if curve.closed else None) / refine)


def _bends(side: Side) -> Array:
    """Curvature without sign at the samples of a front. (m,)."""
    s, curve = side.samples, side.curve
    if not len(side.stops):
        around = np.concatenate([s[-1:] - curve.length, s, s[:1] + curve.length])
        return np.abs(np.gradient(heading(curve.tangent(around)), around))[1:-1]
    run = np.searchsorted(side.stops, s)
    parts = [s[run == k] for k in np.unique(run)]
    return np.concatenate([np.abs(np.gradient(heading(curve.tangent(part)), part)) for part in parts])


def heading(tangent: Array) -> Array:
    """Angle [rad] of a row of tangents, without jumps. (m, 2) -> (m,)."""
    return np.unwrap(np.arctan2(tangent[:, 1], tangent[:, 0]))


@dataclass(frozen=True, eq=False)
class _Stops:
    """For samples of a front: the nearest end or corner, how far it is, and what adjoins there."""

    at: Array  # (m, 2) the stop
    close: np.ndarray[Any, np.dtype[np.bool_]]  # (m,) it is near
    run: Index  # (m,) own run
    other: Index  # (m,) the run that adjoins there, -1 none
    mouth: Index  # (m,) the side that adjoins there, -1 none

    @classmethod
    def of(cls, sides: Sequence[Side], k: int, s: Array) -> _Stops:
        side, m = sides[k], len(s)
        if not len(side.stops):
            none = np.full(m, -1)
            return cls(np.zeros((m, 2)), np.zeros(m, dtype=bool), np.zeros(m, dtype=np.int64), none, none)
        runs = len(side.stops) - 1
        gap = np.abs(s[:, None] - side.stops)
        stop, run = gap.argmin(axis=1), np.searchsorted(side.stops, s) - 1
        other = np.where(stop == run, run - 1, run + 1)
        other = other % runs if side.curve.closed else np.where((other < 0) | (other >= runs), -1, other)
        at = side.curve.at(side.stops)
        adjoining = np.full(len(at), -1)
        for j, mouth in enumerate(sides):
            if not mouth.front and not side.curve.closed:
                ends = mouth.curve.points[[0, -1]]
                for i in (0, -1):
                    if np.abs(ends - at[i]).max(axis=1).min() < 1e-9 * side.curve.length:
                        adjoining[i] = j
        return cls(at[stop], gap.min(axis=1) < 1.5 * side.base, run, other, np.where(other < 0, adjoining[stop], -1))


def _rays(sides: Sequence[Side], k: int, s: Array, x: Array, normal: Array) -> tuple[Array, Array]:
    """Distance along the normal to the next boundary, and to what adjoins at the nearest end or corner. (m,), (m,)."""
    segments, owner, where = _segments(sides)
    a, d = segments[:, 0], segments[:, 1] - segments[:, 0]
    across = normal[:, None, 0] * d[None, :, 1] - normal[:, None, 1] * d[None, :, 0]
    r = a[None] - x[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (r[..., 0] * d[None, :, 1] - r[..., 1] * d[None, :, 0]) / across
        u = (r[..., 0] * normal[:, None, 1] - r[..., 1] * normal[:, None, 0]) / across
    hit = (u >= -1e-9) & (u <= 1.0 + 1e-9) & (t > 1e-4 * sides[k].curve.length)
    warp, at = sides[k].warp, sides[k].curve.s
    away = np.abs(np.interp(where, at, warp) - np.interp(s, at, warp)[:, None])
    away = np.minimum(away, warp[-1] - away) if sides[k].curve.closed else away
    hit &= (owner[None] != k) | (away > 6.0)  # chords close by: the discs see to them
    stops = _Stops.of(sides, k, s)
    run = np.where(owner == k, np.searchsorted(sides[k].stops, where) - 1, -2)
    beside = (run[None] == stops.other[:, None]) & (stops.other[:, None] >= 0)
    beside |= (owner[None] == stops.mouth[:, None]) & (stops.mouth[:, None] >= 0)
    i, j = np.nonzero(beside & hit & stops.close[:, None])
    beside[:] = False
    spot = x[i] + t[i, j, None] * normal[i]
    beside[i, j] = np.linalg.norm(spot - stops.at[i], axis=1) < 3.0 * sides[k].base
    return np.where(hit & ~beside, t, np.inf).min(axis=1), np.where(hit & beside, t, np.inf).min(axis=1)


def _segments(sides: Sequence[Side]) -> tuple[Array, Index, Array]:
    """All boundary segments (n, 2, 2), their sides, and the length along those at their middles."""
    parts, owner, where = [], [], []
    for k, side in enumerate(sides):
        s = np.unique(np.concatenate([[0.0], side.stops, side.samples, [side.curve.length]]))
        if len(side.curve.points) < len(s):  # few points: they are the corners
            s = side.curve.s
        x = side.curve.at(s)
        parts.append(np.stack([x[:-1], x[1:]], axis=1))
        owner.append(np.full(len(x) - 1, k))
        where.append(0.5 * (s[:-1] + s[1:]))
    return np.concatenate(parts), np.concatenate(owner), np.concatenate(where)


def _discs(sides: Sequence[Side], k: int, s: Array, x: Array, normal: Array) -> Array:
    """Radius of the largest disc that touches the front at each sample and holds no other sample of a front. (m,)."""
    stops = _Stops.of(sides, k, s)
    spots, names = [x], [stops.run]
    for j, side in enumerate(sides):
        if side.front and j != k:
            spots.append(side.curve.at(side.samples))
            names.append(np.full(len(side.samples), -2))
    q, name = np.concatenate(spots), np.concatenate(names)
    r0, r1 = q[None, :, 0] - x[:, None, 0], q[None, :, 1] - x[:, None, 1]
    rise, square = r0 * normal[:, None, 0] + r1 * normal[:, None, 1], r0 * r0 + r1 * r1
    ahead = rise > 1e-7 * np.sqrt(square)
    row, col = np.nonzero(stops.close[:, None] & (name[None] == stops.other[:, None]) & (stops.other[:, None] >= 0))
    ahead[row, col] &= np.linalg.norm(q[col] - stops.at[row], axis=1) >= 3.0 * sides[k].base
    return np.where(ahead, square / np.where(ahead, 2.0 * rise, 1.0), np.inf).min(axis=1)


def graded(s: Array, size: Array, growth: float, period: float | None = None) -> Array:
    """The size, reduced so that it grows by no more than `growth` per unit of s. (m,)."""
    gap = np.abs(s[:, None] - s)
    if period is not None:
        gap = np.minimum(gap, period - gap)
    return np.asarray((size[None] + growth * gap).min(axis=1))


def divided(s: Array, size: Array, a: float, b: float, least: int) -> Array:
    """Ends of elements of the wanted size between lengths a and b, both included. (n + 1,)."""
    t = np.linspace(a, b, 241)
    density = 1.0 / np.interp(t, s, size)
    count = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]) * np.diff(t))])
    n = max(least, int(np.ceil(count[-1] - 0.25)))
    found = np.interp(np.arange(n + 1) * count[-1] / n, count, t)
    found[0], found[-1] = a, b
    return found
