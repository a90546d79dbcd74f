"""Charts: two coordinates on a surface in space, for faces of a body and surfaces of cracks."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import shapely
from scipy.interpolate import RBFInterpolator, RectBivariateSpline

from deadlight.errors import InputError
from deadlight.surface.mesh import Array, Index

CREASE = np.radians(3.0)  # a bent line turns by more than this at a crease
_GRID = 129  # knots of a fitted surface across its extent
_MOST = 1200  # points that a surface is fitted through


class Chart(Protocol):
    """A surface with two coordinates u, v whose normal is that of (d/du) x (d/dv)."""

    def to_space(self, uv: Array) -> Array:
        """Points of space. (n, 2) -> (n, 3)."""

    def to_chart(self, x: Array) -> Array:
        """Coordinates of the points of the surface below x. (n, 3) -> (n, 2)."""

    def normal(self, uv: Array) -> Array:
        """Unit normals. (n, 2) -> (n, 3)."""

    def signed(self, x: Array) -> Array:
        """Distance from the surface, carried on beyond its ends, positive on the side of the normal. (n, 3) -> (n,)."""

    def signed_and_normal(self, x: Array) -> tuple[Array, Array]:
        """Both of `signed(x)` and `normal(to_chart(x))`: the foot on the surface is looked for once."""


class Drawn(Chart, Protocol):
    """A chart on which a crack may lie."""

    def located(self, uv: Array) -> tuple[Array, Array, Array]:
        """Points of space and their derivatives by u and v. (n, 2) -> (n, 3) each."""


def unit(v: Array, place: str = "direction") -> Array:
    """A vector of length one."""
    length = float(np.linalg.norm(v))
    if not length > 0.0 or not np.isfinite(length):
        raise InputError(
            f"a direction has length {length:g}, limit above 0", place=place, remedy="give three numbers, not all zero"
        )
    return np.asarray(v, dtype=float) / length


def across(normal: Array, along: Array | None = None, place: str = "direction") -> tuple[Array, Array]:
    """Unit vectors e1, e2 with e1 x e2 = normal, e1 as near to `along` as can be (any without)."""
    n = unit(normal, place)
    if along is None:
        along = np.eye(3)[int(np.argmin(np.abs(n)))]
    flat = np.asarray(along, dtype=float) - (np.asarray(along, dtype=float) @ n) * n
    if np.linalg.norm(flat) < 1e-9 * np.linalg.norm(along):
        raise InputError(
            "the direction in a plane is parallel to its normal (limit 1e-9 of its length across it)", place=place,
            remedy="choose another direction in the plane, or another normal",
        )  # fmt: skip
    e1 = unit(flat, place)
    return e1, np.cross(n, e1)


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane; its normal is e1 x e2.

    Attributes
    ----------
    origin, e1, e2 : (3,) float
        e1 and e2 are orthonormal.
    """

    origin: Array
    e1: Array
    e2: Array

    def __post_init__(self) -> None:
        frame = np.array([self.e1, self.e2], dtype=float)
        off = float(np.abs(frame @ frame.T - np.eye(2)).max())
        if not off <= 1e-9:
            raise InputError(
                f"the axes of a plane are {off:.2g} from orthonormal (limit 1e-9)", place="plane",
                remedy="make them by `across(normal, along)`",
            )  # fmt: skip

    @functools.cached_property
    def n(self) -> Array:
        """Unit normal. (3,)."""
        return np.cross(self.e1, self.e2)

    def to_space(self, uv: Array) -> Array:
        return np.asarray(self.origin + uv[:, :1] * self.e1 + uv[:, 1:] * self.e2)

    def to_chart(self, x: Array) -> Array:
        r = x - self.origin
        return np.column_stack([r @ self.e1, r @ self.e2])

    def normal(self, uv: Array) -> Array:
        return np.tile(self.n, (len(uv), 1))

    def signed(self, x: Array) -> Array:
        return np.asarray((x - self.origin) @ self.n)

    def signed_and_normal(self, x: Array) -> tuple[Array, Array]:
        return self.signed(x), np.broadcast_to(self.n, x.shape)

    def located(self, uv: Array) -> tuple[Array, Array, Array]:
        x = self.to_space(uv)
        return x, np.broadcast_to(self.e1, x.shape), np.broadcast_to(self.e2, x.shape)


@dataclass(frozen=True, eq=False)
class Extruded:
    """A bent line in a plane, drawn along the plane's normal; coordinates are arc length and height.

    The normal is (along the line) x (along the extrusion): right of the line, seen against the extrusion.  Beyond
    its ends the line goes straight on.

    Attributes
    ----------
    line : (k, 2) float
        Points in the plane.
    plane : Plane
        The line's plane; its normal is the direction of extrusion.
    """

    line: Array
    plane: Plane

    @classmethod
    def along(cls, points: Array, direction: Array, place: str = "line") -> Extruded:
        """The surface that a line of points (k, 3) sweeps along a direction (3,)."""
        points = np.asarray(points, dtype=float)
        e1, e2 = across(direction, place=place)
        plane = Plane(points[0], e1, e2)
        line = plane.to_chart(points)
        step = np.linalg.norm(np.diff(line, axis=0), axis=1)
        if len(points) < 2 or not (step > 1e-9 * step.max()).all():
            raise InputError(
                "points of a line fall together, seen along its direction (limit 1e-9 of the longest step)",
                place=place, remedy="give distinct points",
            )  # fmt: skip
        if not shapely.LineString(line).is_simple:
            raise InputError("a line of a crack crosses itself", place=place, remedy="split it into several cracks")
        return cls(line, plane)

    @functools.cached_property
    def _parts(self) -> tuple[Array, Array, Array]:
        """Arc length at the points, tangents of the pieces, tangents at the points."""
        step = np.diff(self.line, axis=0)
        length = np.linalg.norm(step, axis=1)
        tangent = step / length[:, None]
        mean = np.concatenate([tangent[:1], tangent[:-1] + tangent[1:], tangent[-1:]])
        return np.concatenate([[0.0], np.cumsum(length)]), tangent, mean / np.linalg.norm(mean, axis=1)[:, None]

    @functools.cached_property
    def length(self) -> float:
        """Arc length of the line."""
        return float(self._parts[0][-1])

    @functools.cached_property
    def creases(self) -> Array:
        """Arc lengths at which the line turns sharply. (c,)."""
        s, tangent, _ = self._parts
        a, b = tangent[:-1], tangent[1:]
        turned = np.abs(np.arctan2(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], (a * b).sum(axis=1)))
        return np.asarray(s[1:-1][turned > CREASE])

    @property
    def straight(self) -> tuple[float, float]:
        """Arc lengths before and beyond which the line is straight."""
        s = self._parts[0]
        return float(s[1]), float(s[-2])

    def _at(self, u: Array) -> tuple[Array, Array]:
        """Points of the line, and tangents there (the mean one at a corner)."""
        s, tangent, mean = self._parts
        i = np.clip(np.searchsorted(s, u, side="right") - 1, 0, len(tangent) - 1)
        point = self.line[i] + (u - s[i])[:, None] * tangent[i]
        near = np.clip(np.searchsorted(s, u - 1e-12 * self.length), 0, len(s) - 1)
        corner = np.abs(s[near] - u) < 1e-12 * self.length
        return point, np.where(corner[:, None], mean[near], tangent[i])

    def to_space(self, uv: Array) -> Array:
        return np.asarray(self.plane.to_space(self._at(uv[:, 0])[0]) + uv[:, 1:] * self.plane.n)

    def to_chart(self, x: Array) -> Array:
        p = self.plane.to_chart(x)
        tangent = self._parts[1]
        u = np.asarray(shapely.line_locate_point(shapely.LineString(self.line), shapely.points(p)))
        u = np.clip(u, 0.0, self.length)
        best = ((p - self._at(u)[0]) ** 2).sum(axis=1)
        for end, way, start in ((0, -tangent[0], 0.0), (-1, tangent[-1], self.length)):
            t = np.maximum((p - self.line[end]) @ way, 0.0)
            off = ((p - self.line[end] - t[:, None] * way) ** 2).sum(axis=1)
            nearer = (t > 0.0) & (off < best)
            u = np.where(nearer, start - t if end == 0 else start + t, u)
            best = np.where(nearer, off, best)
        return np.column_stack([u, self.plane.signed(x)])

    def normal(self, uv: Array) -> Array:
        return self._across(self._at(uv[:, 0])[1])

    def signed(self, x: Array) -> Array:
        return self.signed_and_normal(x)[0]

    def signed_and_normal(self, x: Array) -> tuple[Array, Array]:
        p, uv = self.plane.to_chart(x), self.to_chart(x)
        point, tangent = self._at(uv[:, 0])
        r = p - point
        side = r[:, 0] * tangent[:, 1] - r[:, 1] * tangent[:, 0]
        return np.asarray(np.copysign(np.linalg.norm(r, axis=1), side)), self._across(tangent)

    def located(self, uv: Array) -> tuple[Array, Array, Array]:
        point, tangent = self._at(uv[:, 0])
        x = np.asarray(self.plane.to_space(point) + uv[:, 1:] * self.plane.n)
        along = tangent[:, :1] * self.plane.e1 + tangent[:, 1:] * self.plane.e2
        return x, along, np.broadcast_to(self.plane.n, x.shape)

    def _across(self, tangent: Array) -> Array:
        return np.asarray(tangent[:, 1:] * self.plane.e1 - tangent[:, :1] * self.plane.e2)


@dataclass(frozen=True, eq=False)
class Graph:
    """A height over a plane; coordinates are those of the plane.

    Attributes
    ----------
    plane : Plane
    knots : (k, 2) float
        Points that the surface was fitted to.
    spline : scipy RectBivariateSpline
        Height on a rectangle around the knots; beyond it the surface goes straight on.
    low, high : (2,) float
        Corners of that rectangle.
    misfit : float
        Largest distance of the surface from a given point.
    """

    plane: Plane
    knots: Array
    spline: RectBivariateSpline = field(repr=False)
    low: Array
    high: Array
    misfit: float

    @classmethod
    def through(cls, points: Array, plane: Plane, *, tolerance: float = 1e-3, place: str = "") -> Graph:
        """A smooth surface through points (n, 3) that lie over a plane.

        Interpolation by the polyharmonic spline r**5 with quadratic polynomials (Duchon 1977), which passes through
        the points and reproduces quadratic surfaces, tabulated on a grid.

        Parameters
        ----------
        tolerance : float
            Largest misfit as a share of the extent.

        Raises
        ------
        InputError
            If there are fewer than six points, two lie above each other, or the surface is too rough.
        """
        points = np.asarray(points, dtype=float)
        uv, height = plane.to_chart(points), plane.signed(points)
        extent = np.ptp(uv, axis=0)
        size = float(np.linalg.norm(extent))
        if len(points) < 6:
            raise InputError(
                f"a curved surface through {len(points)} points, limit 6", place=place, remedy="give more points"
            )
        low, high = uv.min(axis=0) - 0.3 * extent, uv.max(axis=0) + 0.3 * extent
        some = _thinned(uv, _MOST)
        try:
            smooth = RBFInterpolator(uv[some] / size, height[some] / size, kernel="quintic", degree=2)
        except np.linalg.LinAlgError as e:
            raise InputError(
                "points of a curved surface lie above each other or on one line", place=place,
                remedy="give points that lie over a plane, each once",
            ) from e  # fmt: skip
        axes = [np.linspace(a, b, _GRID) for a, b in zip(low, high)]
        grid = np.column_stack([g.ravel() for g in np.meshgrid(*axes, indexing="ij")])
        table = smooth(grid / size).reshape(_GRID, _GRID) * size
        spline = RectBivariateSpline(*axes, table, kx=5, ky=5)
        misfit = float(np.abs(spline.ev(uv[:, 0], uv[:, 1]) - height).max())
        if not misfit <= tolerance * size:
            raise InputError(
                f"a curved surface misses its points by {misfit / size:.2g} of its extent (limit {tolerance:g})",
                place=place, remedy="give a smoother surface, or split it where it is creased",
            )  # fmt: skip
        return cls(plane, uv, spline, low, high, misfit)

    def _height(self, uv: Array) -> tuple[Array, Array]:
        """Height (n,) and its gradient (n, 2)."""
        at = np.clip(uv, self.low, self.high)
        beyond = uv - at
        slope = np.column_stack([self.spline.ev(*at.T, dx=1), self.spline.ev(*at.T, dy=1)])
        height = self.spline.ev(*at.T) + (beyond * slope).sum(axis=1)
        if beyond.any():  # straight on across the side of the rectangle, as it is along it
            turn = self.spline.ev(*at.T, dx=1, dy=1)[:, None]
            slope = slope + np.where(beyond == 0.0, beyond[:, ::-1] * turn, 0.0)
        return height, slope

    def to_space(self, uv: Array) -> Array:
        return np.asarray(self.plane.to_space(uv) + self._height(uv)[0][:, None] * self.plane.n)

    def to_chart(self, x: Array) -> Array:
        return self.plane.to_chart(x)

    def normal(self, uv: Array) -> Array:
        slope = self._height(uv)[1]
        n = self.plane.n - slope[:, :1] * self.plane.e1 - slope[:, 1:] * self.plane.e2
        return np.asarray(n / np.linalg.norm(n, axis=1)[:, None])

    def signed(self, x: Array) -> Array:
        return self.signed_and_normal(x)[0]

    def signed_and_normal(self, x: Array) -> tuple[Array, Array]:
        height, slope = self._height(self.to_chart(x))
        long = np.sqrt(1.0 + (slope**2).sum(axis=1))
        n = self.plane.n - slope[:, :1] * self.plane.e1 - slope[:, 1:] * self.plane.e2
        return np.asarray((self.plane.signed(x) - height) / long), np.asarray(n / long[:, None])

    def located(self, uv: Array) -> tuple[Array, Array, Array]:
        height, slope = self._height(uv)
        n = self.plane.n
        x = np.asarray(self.plane.to_space(uv) + height[:, None] * n)
        return x, self.plane.e1 + slope[:, :1] * n, self.plane.e2 + slope[:, 1:] * n


def _thinned(uv: Array, most: int) -> Index:
    """Indices of at most so many points, evenly spread: one in each cell of a grid, the first."""
    if len(uv) <= most:
        return np.arange(len(uv))
    low, extent = uv.min(axis=0), np.ptp(uv, axis=0)
    cells = int(np.sqrt(most))
    cell = np.minimum((uv - low) / np.maximum(extent, 1e-300) * cells, cells - 1).astype(np.int64)
    return np.asarray(np.unique(cell[:, 0] * cells + cell[:, 1], return_index=True)[1])


def best_plane(points: Array, normal: Array | None = None) -> Plane:
    """Plane through the mean of points (n, 3) with the least sum of squares, its normal on the side of `normal`."""
    centre = points.mean(axis=0)
    axes = np.linalg.svd(points - centre, full_matrices=False)[2]
    n = np.cross(axes[0], axes[1])
    if normal is not None and n @ normal < 0.0:
        n = -n
    return Plane(centre, *across(n, axes[0]))


Snap = Callable[[Array], Array]
