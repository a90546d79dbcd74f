"""What one step of growth out of its surface adds to a crack's height: nothing on the old crack, a ramp ahead of it."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from scipy.interpolate import PchipInterpolator, RectBivariateSpline
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree

from deadlight.surface.mesh import Array, Index

DENSE = 1500  # points of a rim
NEAREST = 3  # of them, whose sides are tried for the nearest point
GRID = 129  # knots of the slope each way
SMOOTH = 1.5  # cells over which it is smoothed
REACH = 0.35  # of the extent: the slope is tabulated so far beyond, and constant from there
FITS = 12  # corrections of the slope until the ramp passes through its points


@dataclass(frozen=True, eq=False)
class Rim:
    """A region of the plane and the distance from it.

    Attributes
    ----------
    rings : tuple of (k, 2) float
        Closed polylines without the repeated point; parity decides what is inside.
    """

    rings: tuple[Array, ...]

    @functools.cached_property
    def region(self) -> shapely.Geometry:
        """The inside."""
        inside = shapely.Polygon()
        for ring in self.rings:
            inside = inside.symmetric_difference(shapely.Polygon(ring))
        shapely.prepare(inside)
        return inside

    @functools.cached_property
    def _dense(self) -> tuple[Array, Index, Index, cKDTree]:
        """Points of the rings, the next and the last one of each on its ring, and their tree."""
        length = sum(float(np.linalg.norm(ring - np.roll(ring, -1, axis=0), axis=1).sum()) for ring in self.rings)
        points, after, before, count = [], [], [], 0
        for ring in self.rings:
            fine = spread_ring(ring, length / DENSE)
            number = count + np.arange(len(fine))
            points.append(fine)
            after.append(np.roll(number, -1))
            before.append(np.roll(number, 1))
            count += len(fine)
        every = np.concatenate(points)
        return every, np.concatenate(after), np.concatenate(before), cKDTree(every)

    def distance(self, uv: Array) -> tuple[Array, Array]:
        """Distance from the region, zero in it, and its gradient. (n, 2) -> (n,), (n, 2)."""
        away, foot = np.zeros(len(uv)), uv.copy()
        out = np.flatnonzero(~shapely.contains_xy(self.region, uv))
        if len(out):
            foot[out] = self.nearest(uv[out])
        arm = uv - foot
        away = np.linalg.norm(arm, axis=1)
        return away, np.where(away[:, None] > 0.0, arm / np.where(away > 0.0, away, 1.0)[:, None], 0.0)

    def nearest(self, uv: Array) -> Array:
        """Nearest points of the rim. (n, 2) -> (n, 2)."""
        points, after, before, tree = self._dense
        near = np.atleast_2d(tree.query(uv, k=NEAREST)[1])
        a = points[np.concatenate([near, before[near]], axis=1)]
        b = points[np.concatenate([after[near], near], axis=1)]
        along = b - a
        part = ((uv[:, None] - a) * along).sum(axis=2) / np.maximum((along**2).sum(axis=2), 1e-300)
        spot = a + np.clip(part, 0.0, 1.0)[..., None] * along
        best = ((spot - uv[:, None]) ** 2).sum(axis=2).argmin(axis=1)
        return np.asarray(spot[np.arange(len(uv)), best])


def spread_ring(ring: Array, longest: float) -> Array:
    """A closed polyline with its sides divided until none is longer."""
    step = np.roll(ring, -1, axis=0) - ring
    count = np.maximum(np.ceil(np.linalg.norm(step, axis=1) / longest), 1).astype(np.int64)
    at = np.repeat(np.arange(len(ring)), count)
    part = np.arange(len(at)) - np.repeat(np.cumsum(count) - count, count)
    return np.asarray(ring[at] + (part / count[at])[:, None] * step[at])


@dataclass(frozen=True, eq=False)
class Layer:
    """A ramp: slope times distance from the old crack.

    Attributes
    ----------
    rim : Rim
        Of the old crack.
    slope : scipy RectBivariateSpline
        On a rectangle; beyond it that of the nearest point of the rectangle.
    low, high : (2,) float
        Its corners.
    """

    rim: Rim
    slope: RectBivariateSpline = field(repr=False)
    low: Array
    high: Array

    def height(self, uv: Array) -> tuple[Array, Array]:
        """Height (n,) and its gradient (n, 2)."""
        away, way = self.rim.distance(uv)
        height, gradient = np.zeros(len(uv)), np.zeros((len(uv), 2))
        out = np.flatnonzero(away > 0.0)
        if len(out):
            m, change = self.ramp(uv[out])
            height[out] = m * away[out]
            gradient[out] = change * away[out, None] + m[:, None] * way[out]
        return height, gradient

    def ramp(self, uv: Array) -> tuple[Array, Array]:
        """Slope (n,) and its gradient (n, 2)."""
        at = np.clip(uv, self.low, self.high)
        held = at != uv
        change = np.column_stack([self.slope.ev(*at.T, dx=1), self.slope.ev(*at.T, dy=1)])
        return self.slope.ev(*at.T), np.where(held, 0.0, change)

    @classmethod
    def through(cls, rim: Rim, fronts: Sequence[Array], spots: Sequence[Array], rises: Sequence[Array]) -> Layer:
        """The ramp that is `rises` high at `spots`.

        The slope at a place is that of the nearest point of a front, smoothed; along a front it runs through values
        that are corrected until the ramp is as high as asked for.

        Parameters
        ----------
        fronts : list of (n, 2) float
            Points of the rim that moved, along each front.
        spots : list of (n, 2) float
            Where they went; outside the region.
        rises : list of (n,) float
        """
        every, target = np.concatenate(list(spots)), np.concatenate(list(rises))
        target = target / rim.distance(every)[0]
        low, high = _box(rim, every)
        axes = [np.linspace(a, b, GRID) for a, b in zip(low, high)]
        grid = np.column_stack([g.ravel() for g in np.meshgrid(*axes, indexing="ij")])
        rows = [_Row.of(front) for front in fronts]
        ends = np.cumsum([0, *(len(r.fine) for r in rows)])
        owner = cKDTree(np.concatenate([r.fine for r in rows])).query(grid)[1]
        cuts = np.cumsum([len(f) for f in fronts])[:-1]
        value, best, least = target.copy(), None, np.inf
        for _ in range(FITS):
            fine = np.concatenate([row(v) for row, v in zip(rows, np.split(value, cuts))])
            table = gaussian_filter(fine[owner].reshape(GRID, GRID), SMOOTH, mode="nearest")
            layer = cls(rim, RectBivariateSpline(*axes, table), low, high)
            off = target - layer.ramp(every)[0]
            if np.abs(off).max() < least:
                best, least = layer, float(np.abs(off).max())
            value = value + off
        assert best is not None and ends[-1] == len(fine)
        return best


def _box(rim: Rim, spots: Array) -> tuple[Array, Array]:
    both = np.concatenate([*rim.rings, spots])
    low, high = both.min(axis=0), both.max(axis=0)
    return low - REACH * (high - low), high + REACH * (high - low)


@dataclass(frozen=True, eq=False)
class _Row:
    """Points along one front, closely, and values there from those at given points."""

    fine: Array
    s: Array
    at: Array
    closed: bool

    @classmethod
    def of(cls, points: Array) -> _Row:
        step = np.linalg.norm(np.diff(points, axis=0), axis=1)
        gap = float(np.linalg.norm(points[-1] - points[0]))
        closed = len(points) > 3 and gap < 2.5 * float(step.max())
        s = np.concatenate([[0.0], np.cumsum(step)])
        if closed:
            s, points = np.append(s, s[-1] + gap), np.concatenate([points, points[:1]])
        keep = np.append(True, np.diff(s) > 1e-9 * max(s[-1], 1e-300))
        keep[-1] |= closed
        at = np.linspace(0.0, s[-1], max(2, 12 * len(points)))
        if len(points) == 1:
            return cls(points, np.zeros(1), np.zeros(1), False)
        fine = np.column_stack([PchipInterpolator(s[keep], c[keep])(at) for c in points.T])
        return cls(fine, s, at, closed)

    def __call__(self, value: Array) -> Array:
        """Values at the fine points from those at the given ones."""
        if len(self.s) == 1:
            return value
        s, v = self.s, value
        if self.closed:  # three more on either side, so that it goes round smoothly
            v = np.concatenate([value[-3:], value, value[:3], ])
            length = s[-1]
            own = s[:-1]
            s = np.concatenate([own[-3:] - length, own, own[:3] + length])
        keep = np.append(True, np.diff(s) > 1e-9 * max(s[-1], 1e-300))
        return np.asarray(PchipInterpolator(s[keep], v[keep])(self.at))
