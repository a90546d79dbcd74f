"""A smooth curve through a fine polyline in a chart, with the polyline's corners kept."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from deadlight.errors import InputError
from deadlight.surface.mesh import Array, Index

CORNER = np.radians(20.0)  # a polyline that turns by more at a point has a corner there
KINK = np.radians(0.5)  # so has one that turns by more than this, and much more sharply than beside it
SHARPER = 4.0


def turns(points: Array, closed: bool) -> Array:
    """Angle [rad] by which a polyline turns left at each point, zero at open ends. (k,)."""
    step = np.diff(points, axis=0, append=points[:1])
    before = np.roll(step, 1, axis=0)
    found = np.arctan2(before[:, 0] * step[:, 1] - before[:, 1] * step[:, 0], (before * step).sum(axis=1))
    if not closed:
        found[[0, -1]] = 0.0
    return np.asarray(found)


def corners(points: Array, closed: bool, limit: float = CORNER) -> Index:
    """Points at which a polyline has a corner rather than one of the many small turns of a curve."""
    turned = np.abs(turns(points, closed))
    length = np.linalg.norm(np.diff(points, axis=0, append=points[:1]), axis=1)
    if not closed:
        length[-1] = length[-2]
    sharp = turned / np.maximum(length + np.roll(length, 1), 1e-300)
    beside = np.maximum(np.roll(sharp, 1), np.roll(sharp, -1))
    if not closed:
        beside[0], beside[-1] = 0.0, 0.0
    return np.flatnonzero((turned > limit) | ((turned > KINK) & (sharp > SHARPER * beside)))


@dataclass(frozen=True, eq=False)
class FineCurve:
    """A curve by the length along its polyline.

    Attributes
    ----------
    points : (k, 2) float
        A closed one does not repeat its first point.
    closed : bool
    limit : float
        Angle [rad] of a turn that is a corner.
    breaks : tuple of int
        Points at which a smooth run ends though the turn is small.
    """

    points: Array
    closed: bool
    limit: float = CORNER
    breaks: tuple[int, ...] = ()

    @classmethod
    def of(cls, points: Array, limit: float = CORNER) -> FineCurve:
        """Curve of a polyline, closed if its last point repeats the first; it then begins at a corner if it has any."""
        points = np.asarray(points, dtype=float)
        size = float(np.linalg.norm(np.ptp(points, axis=0)))
        keep = np.append(True, np.linalg.norm(np.diff(points, axis=0), axis=1) > 1e-9 * size)
        keep[-1] = True
        points = points[keep]
        if len(points) > 2 and np.linalg.norm(points[-1] - points[-2]) <= 1e-9 * size:
            points = np.delete(points, -2, axis=0)
        closed = bool(np.linalg.norm(points[0] - points[-1]) <= 1e-9 * size)
        if closed:
            points = points[:-1]
            found = corners(points, True, limit)
            points = np.roll(points, -found[0], axis=0) if len(found) else points
        if len(points) < 2 + closed:
            raise InputError(
                f"a piece of an outline has {len(points)} distinct points, limit {2 + closed}",
                place="outline of a crack", remedy="leave out pieces without length",
            )  # fmt: skip
        return cls(points, closed, limit)

    @functools.cached_property
    def s(self) -> Array:
        """Length at every point; a closed curve's first point comes again at the end."""
        x = np.concatenate([self.points, self.points[:1]]) if self.closed else self.points
        return np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(x, axis=0), axis=1))])

    @property
    def length(self) -> float:
        return float(self.s[-1])

    @functools.cached_property
    def corners(self) -> Array:
        """Lengths at which the curve has corners, ends of an open curve left out. (c,)."""
        return np.asarray(self.s[corners(self.points, self.closed, self.limit)])

    @functools.cached_property
    def _runs(self) -> tuple[Array, list[Callable[..., Array]]]:
        """Ends of the smooth runs, and the curve of each."""
        x = np.concatenate([self.points, self.points[:1]]) if self.closed else self.points
        at = corners(self.points, self.closed, self.limit)
        if self.closed and not len(at):
            return np.array([0.0, self.length]), [CubicSpline(self.s, x, bc_type="periodic")]
        stops = np.unique(np.concatenate([[0], at, np.array(self.breaks, dtype=np.int64), [len(x) - 1]]))
        return self.s[stops], [_run(self.s[a : b + 1], x[a : b + 1]) for a, b in itertools.pairwise(stops)]

    def begun(self, s: float) -> FineCurve:
        """The same closed curve with its first point at length s."""
        k = int(np.searchsorted(self.s, s, side="right"))
        points = np.concatenate([self.at(np.array([s])), self.points[k:], self.points[:k]])
        if self.s[k - 1] == s:
            points = points[:-1]
        return FineCurve(points, True, self.limit)

    def at(self, s: Array, order: int = 0, before: bool = False) -> Array:
        """Points at lengths s, or derivatives; at a corner those of the run behind (`before`) or ahead. (m, 2)."""
        s = np.asarray(s, dtype=float)
        ends, runs = self._runs
        if self.closed:
            over = (s < 0.0) | (s > self.length)
            s = np.where(over, np.mod(s, self.length), s)
        hit = np.searchsorted(ends, s, side="left" if before else "right") - 1
        if self.closed and before:
            s = np.where(hit < 0, s + self.length, s)
        if self.closed and not before:
            s = np.where(hit >= len(runs), s - self.length, s)
            hit = np.where(hit >= len(runs), 0, hit)
        hit = np.where(hit < 0, len(runs) - 1 if self.closed else 0, np.minimum(hit, len(runs) - 1))
        out = np.empty((len(s), 2))
        for k in np.unique(hit):
            out[hit == k] = runs[k](s[hit == k], order)
        return out

    def tangent(self, s: Array, before: bool = False) -> Array:
        """Unit tangents. (m, 2)."""
        d = self.at(s, 1, before)
        return np.asarray(d / np.linalg.norm(d, axis=1)[:, None])


def _run(s: Array, x: Array) -> Callable[..., Array]:
    """A smooth run: its straight line, or a cubic spline without points that crowd others."""
    a, b = x[0], x[-1]
    along = b - a
    length = float(np.linalg.norm(along))
    off = np.abs((x - a) @ np.array([-along[1], along[0]])) / max(length, 1e-300)
    if len(x) < 3 or off.max() < 1e-9 * length:
        def straight(t: Array, order: int = 0) -> Array:
            part = ((t - s[0]) / (s[-1] - s[0]))[:, None]
            if order:
                return np.tile(along / (s[-1] - s[0]), (len(t), 1)) * (order == 1)
            return np.asarray((1.0 - part) * a + part * b)  # exact at both ends

        return straight
    step = np.diff(s)
    close = np.minimum(step[1:], step[:-1]) < 0.03 * np.maximum(step[1:], step[:-1])
    close[1:] &= ~close[:-1]  # one of two points that crowd
    keep = np.concatenate([[True], ~close, [True]])
    if keep.sum() < 3:
        keep[:] = True
    return CubicSpline(s[keep], x[keep])


def smooth_ring(ring: Array, limit: float = np.radians(40.0), parts: int = 8) -> Array:
    """A closed polyline rounded between its corners and refined, for outlines that come with few points."""
    curve = FineCurve.of(np.concatenate([ring, ring[:1]]), limit)
    s = curve.s
    fine = np.concatenate([a + (b - a) * np.arange(parts) / parts for a, b in itertools.pairwise(s)])
    return curve.at(fine)
