"""Surface of a crack before it is clipped by the body: a chart and closed outlines on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from deadlight.errors import InputError
from deadlight.surface.chart import Drawn, Extruded, Graph, Plane, Snap, across, best_plane, unit
from deadlight.surface.constrained import sides
from deadlight.surface.crack_curve import smooth_ring
from deadlight.surface.mesh import Array, Index

POINTS = 720  # of the fine polyline of an ellipse


@dataclass(frozen=True, eq=False)
class Sheet:
    """A crack surface with its outline.

    Attributes
    ----------
    chart : Drawn
        Its normal points from the crack's - to its + side.
    outlines : tuple of (k, 2) float
        Closed fine polylines in the chart (the last point joins the first); parity decides what is inside.  The
        outer one is counter-clockwise.
    name : str
    snap : callable or None
        Nearest points (m, 2) -> (m, 2) of the exact outline, where it is not the polyline itself.
    """

    chart: Drawn
    outlines: tuple[Array, ...]
    name: str = "crack"
    snap: Snap | None = None

    def __post_init__(self) -> None:
        for ring in self.outlines:
            if len(ring) < 3 or not np.isfinite(ring).all():
                raise InputError(
                    f"an outline of {len(ring)} points, or not all finite; limit 3", place=self.name,
                    remedy="give three or more finite points",
                )  # fmt: skip
            if not shapely.LinearRing(ring).is_simple:
                raise InputError("the outline crosses itself", place=self.name, remedy="draw it without crossings")

    @classmethod
    def ellipse(
        cls, centre: Array, normal: Array, major: Array, A: float, B: float, name: str = "crack"
    ) -> Sheet:
        """A flat ellipse.

        Parameters
        ----------
        centre, normal, major : (3,) float
            `major` is the direction of half axis A, as far as it lies in the plane.
        A, B : float [m]
            Half axes, in any order of size.
        """
        if not (A > 0.0 and B > 0.0 and np.isfinite([A, B]).all()):
            raise InputError(f"half axes {A:g} and {B:g} m, limit above 0", place=name, remedy="give positive lengths")
        frame = across(np.array(normal, dtype=float), np.array(major, dtype=float), name)
        plane = Plane(np.array(centre, dtype=float), *frame)
        angle = 2.0 * np.pi * np.arange(POINTS) / POINTS
        ring = np.column_stack([A * np.cos(angle), B * np.sin(angle)])
        return cls(plane, (ring,), name, _Ellipse(float(A), float(B)))

    @classmethod
    def polygon(cls, points: Array, name: str = "crack") -> Sheet:
        """A flat polygon with corners (k, 3), counter-clockwise seen from its + side."""
        points = np.asarray(points, dtype=float)
        if points.ndim != 2 or points.shape[1] != 3 or len(points) < 3:
            raise InputError(
                f"corners of a polygon in an array {points.shape}, limit three of three coordinates", place=name,
                remedy="give an array (k, 3)",
            )  # fmt: skip
        arm = points - points.mean(axis=0)
        area = 0.5 * np.cross(arm, np.roll(arm, -1, axis=0)).sum(axis=0)
        size = float(np.linalg.norm(np.ptp(points, axis=0)))
        if not np.linalg.norm(area) > 1e-9 * size**2:
            raise InputError("the corners of the polygon lie on one line", place=name, remedy="give three that do not")
        plane = Plane(points.mean(axis=0), *across(unit(area), points[1] - points[0]))
        off = float(np.abs(plane.signed(points)).max())
        if off > 1e-6 * size:
            raise InputError(
                f"the corners of the polygon are {off:.3g} m off a plane", place=name, remedy="give it as triangles"
            )
        return cls(plane, (plane.to_chart(points),), name)

    @classmethod
    def rectangle(
        cls, centre: Array, normal: Array, along: Array, length: float, height: float, name: str = "crack"
    ) -> Sheet:
        """A flat rectangle, `length` in the direction `along`, `height` across it [m]."""
        if not (length > 0.0 and height > 0.0):
            raise InputError(
                f"a rectangle of {length:g} by {height:g} m, limit above 0", place=name, remedy="give positive lengths"
            )
        e1, e2 = across(np.array(normal, dtype=float), np.array(along, dtype=float), name)
        half = 0.5 * np.array([[-length, -height], [length, -height], [length, height], [-length, height]])
        return cls.polygon(np.asarray(centre, dtype=float) + half[:, :1] * e1 + half[:, 1:] * e2, name)

    @classmethod
    def line(
        cls, points: Array, direction: Array, extent: tuple[float, float], name: str = "crack"
    ) -> Sheet:
        """A straight or bent line drawn along a direction: a through crack, longer than the body is thick.

        Parameters
        ----------
        points : (k, 3) float
            The + side is on their right for one who looks against the direction.
        direction : (3,) float
        extent : (low, high) [m]
            Heights along the direction, from the first point, between which the surface reaches.
        """
        points, low, high = np.asarray(points, dtype=float), float(extent[0]), float(extent[1])
        if points.ndim != 2 or points.shape[1:] != (3,) or len(points) < 2:
            raise InputError(
                f"points of a line in an array {points.shape}, limit two of three coordinates", place=name,
                remedy="give an array (k, 3)",
            )  # fmt: skip
        if not high > low:
            raise InputError(
                f"a through crack reaches from {low:g} to {high:g} m", place=name, remedy="give the lower height first"
            )
        bent = Extruded.along(points, np.array(direction, dtype=float), name)
        s, tangent, _ = bent._parts
        if len(points) == 2 or np.abs(tangent - tangent[0]).max() < 1e-9:
            e1 = tangent[0, 0] * bent.plane.e1 + tangent[0, 1] * bent.plane.e2
            flat = Plane(points[0], e1, bent.plane.n)
            return cls(flat, (np.array([[0.0, low], [s[-1], low], [s[-1], high], [0.0, high]]),), name)
        ring = np.concatenate([
            np.column_stack([s, np.full_like(s, low)]), np.column_stack([s[::-1], np.full_like(s, high)])
        ])
        return cls(bent, (ring,), name)

    @classmethod
    def from_triangles(cls, points: Array, triangles: Index, name: str = "crack") -> Sheet:
        """A surface given by triangles (t, 3) of points (n, 3), all turned the same way.

        Raises
        ------
        InputError
            If the triangles are not one open surface that lies over its best plane without folds.
        """
        points, triangles = np.asarray(points, dtype=float), np.asarray(triangles, dtype=np.int64)
        rings = _boundary(triangles, len(points), name)
        corner = points[triangles]
        vector = 0.5 * np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
        used = points[np.unique(triangles)]
        plane = best_plane(used, vector.sum(axis=0))
        area = np.linalg.norm(vector, axis=1)
        lean = vector @ plane.n / np.maximum(area, 1e-300)
        if not (lean > 0.2).all():
            raise InputError(
                f"{int((lean <= 0.2).sum())} of {len(triangles)} triangles stand too steeply over the surface's best "
                "plane, or are turned over", place=name, remedy="split the surface, or turn all triangles the same way",
            )  # fmt: skip
        flat = [plane.to_chart(points[ring]) for ring in rings]
        covered = sum(abs(shapely.Polygon(ring).area) * (1.0 if _left(ring) else -1.0) for ring in flat)
        if abs(covered - float((vector @ plane.n).sum())) > 1e-6 * area.sum():
            raise InputError("the surface folds over itself", place=name, remedy="split it into several cracks")
        chart: Drawn = plane
        if np.abs(plane.signed(used)).max() > 1e-7 * np.linalg.norm(np.ptp(used, axis=0)):
            chart = Graph.through(used, plane, place=name)
        return cls(chart, tuple(smooth_ring(ring) for ring in flat), name)


def _left(ring: Array) -> bool:
    return bool(shapely.LinearRing(ring).is_ccw)


def _boundary(triangles: Index, count: int, name: str) -> list[Index]:
    """Loops of border nodes with the surface on their left."""
    if triangles.ndim != 2 or triangles.shape[1] != 3 or len(triangles) < 1:
        raise InputError("a surface takes triangles of three nodes", place=name, remedy="give an array (t, 3)")
    edge = sides(triangles)
    key, back = edge[:, 0] * count + edge[:, 1], edge[:, 1] * count + edge[:, 0]
    if len(np.unique(key)) < len(key):
        raise InputError(
            "triangles of the surface are not turned the same way, or more than two meet at an edge", place=name,
            remedy="orient the triangles alike",
        )  # fmt: skip
    border = edge[~np.isin(key, back)]
    if not len(border):
        raise InputError("the surface is closed; a crack has an edge", place=name, remedy="leave some triangles out")
    if len(np.unique(border[:, 0])) < len(border):
        raise InputError(
            "the border of the surface touches itself at a node", place=name, remedy="split the surface there"
        )
    after = dict(border.tolist())
    rings = []
    while after:
        ring = [next(iter(after))]
        while (step := after.pop(ring[-1])) != ring[0]:
            ring.append(step)
        rings.append(np.array(ring))
    return sorted(rings, key=len, reverse=True)


@dataclass(frozen=True)
class _Ellipse:
    """Nearest points of an ellipse with half axes a along u and b along v."""

    a: float
    b: float

    def __call__(self, uv: Array) -> Array:
        a, b = self.a, self.b
        x, y = uv[:, 0], uv[:, 1]
        t = np.arctan2(y * a, x * b)
        for _ in range(20):  # Newton on the slope of half the squared distance; points asked for lie near
            c, s = np.cos(t), np.sin(t)
            slope = (b * b - a * a) * s * c + x * a * s - y * b * c
            bend = (b * b - a * a) * (c * c - s * s) + x * a * c + y * b * s
            step = np.clip(slope / np.maximum(bend, 0.1 * (a * s) ** 2 + 0.1 * (b * c) ** 2), -0.3, 0.3)
            t = t - step
            if np.abs(step).max(initial=0.0) < 1e-15:
                break
        return np.column_stack([a * np.cos(t), b * np.sin(t)])
