"""A planar crack cut to the body: its region in the plane, its fronts and its mouths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import LineString, MultiLineString, Point, Polygon

from deadlight.errors import InputError
from deadlight.export.solid import Solid

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, eq=False)
class CrackPlane:
    """Plane and outline of a crack before it is cut to a body.

    Attributes
    ----------
    origin : (3,) float [m]
    e1, e2 : (3,) float
        Unit vectors at right angles; the crack's normal is e1 x e2 and points from its - side to its + side.
    outline : (k, 2) float [m]
        Closed polygon in coordinates along e1, e2, fine enough to be smooth; it may leave the body.
    """

    origin: Array
    e1: Array
    e2: Array
    outline: Array

    def __post_init__(self) -> None:
        axes = np.stack([self.e1, self.e2])
        if np.abs(axes @ axes.T - np.eye(2)).max() > 1e-9:
            raise InputError("the axes of the crack's plane are not unit vectors at right angles", place="crack plane")
        if len(self.outline) < 3 or not np.isfinite(self.outline).all() or not Polygon(self.outline).is_valid:
            raise InputError(
                "the outline of the crack is no simple polygon", place="crack plane",
                remedy="at least three points in order, no side crossing another",
            )  # fmt: skip

    @property
    def normal(self) -> Array:
        return np.cross(self.e1, self.e2)

    def to_plane(self, x: Array) -> Array:
        """(n, 3) [m] -> (n, 2) [m]."""
        return np.stack([(x - self.origin) @ self.e1, (x - self.origin) @ self.e2], axis=-1)

    def to_space(self, uv: Array) -> Array:
        """(n, 2) [m] -> (n, 3) [m]."""
        uv = np.asarray(uv, dtype=float)
        return self.origin + uv[..., :1] * self.e1 + uv[..., 1:2] * self.e2

    def height(self, x: Array) -> Array:
        """Distance from the plane, + on the + side. (n,) [m]."""
        return (x - self.origin) @ self.normal

    @classmethod
    def ellipse(cls, origin: Array, e1: Array, e2: Array, half1: float, half2: float, count: int = 720) -> CrackPlane:
        """Ellipse about the origin with half axes [m] along e1 and e2."""
        angle = 2.0 * np.pi * np.arange(count) / count
        outline = np.stack([half1 * np.cos(angle), half2 * np.sin(angle)], axis=1)
        return cls(np.asarray(origin, float), np.asarray(e1, float), np.asarray(e2, float), outline)

    @classmethod
    def rectangle(cls, origin: Array, e1: Array, e2: Array, low: Array, high: Array) -> CrackPlane:
        """Rectangle from corner `low` to corner `high` [m] in the plane's coordinates."""
        (a, b), (c, d) = low, high
        outline = np.array([[a, b], [c, b], [c, d], [a, d]], dtype=float)
        return cls(np.asarray(origin, float), np.asarray(e1, float), np.asarray(e2, float), outline)


@dataclass(frozen=True, eq=False)
class Line:
    """A curve in the crack's plane.

    Attributes
    ----------
    uv : (k, 2) float [m]
        Along the crack's boundary, the crack on the left.
    closed : bool
    patch : int
        Patch of the body's surface that a mouth lies on; -1 for a front.
    """

    uv: Array
    closed: bool = False
    patch: int = -1


@dataclass(frozen=True, eq=False)
class CutCrack:
    """The crack inside the body.

    Attributes
    ----------
    plane : CrackPlane
    region : shapely Polygon
        In plane coordinates [m].
    fronts : tuple of Line
    mouths : tuple of Line
        One a patch of the surface that the crack meets.
    """

    plane: CrackPlane
    region: Polygon
    fronts: tuple[Line, ...]
    mouths: tuple[Line, ...]


def cut(plane: CrackPlane, solid: Solid) -> CutCrack:
    """Cuts a crack to the body.

    Raises
    ------
    InputError
        The crack misses the body, falls apart into several pieces, has a hole, or has no front inside.
    """
    segments, patch = solid.section(plane.origin, plane.normal)
    if not len(segments):
        raise InputError("the crack's plane misses the body", place="crack plane", remedy="check origin and axes")
    flat = plane.to_plane(segments.reshape(-1, 3)).reshape(-1, 2, 2)
    body = _body(flat)
    outline = Polygon(plane.outline)
    parts = [g for g in shapely.get_parts(outline.intersection(body)) if isinstance(g, Polygon)]
    parts = [g for g in parts if g.area > 1e-9 * outline.area]
    if not parts:
        raise InputError("the crack lies outside the body", place="crack plane", remedy="check origin, axes, outline")
    if len(parts) > 1 or parts[0].interiors:
        raise InputError(
            f"inside the body the crack has {len(parts)} pieces" if len(parts) > 1 else "the crack has a hole",
            place="crack plane", remedy="one connected piece without holes",
        )  # fmt: skip
    region = shapely.geometry.polygon.orient(parts[0])
    size = np.sqrt(region.area)
    ring = np.asarray(region.exterior.coords)[:-1]
    nearest, where = _nearest_segment(flat, 0.5 * (ring + np.roll(ring, -1, axis=0)))
    on_skin = nearest < 1e-7 * size
    if on_skin.all():
        raise InputError(
            "the crack has no front inside the body: it cuts the body in two", place="crack plane",
            remedy="an outline that ends inside the body",
        )  # fmt: skip
    fronts, mouths = _pieces(ring, np.where(on_skin, patch[where], -1))
    return CutCrack(plane, region, fronts, mouths)


def _body(flat: Array) -> Any:
    """Area of the body in the plane from the segments of its boundary."""
    scale = float(np.ptp(flat.reshape(-1, 2), axis=0).max())
    lines = shapely.set_precision(MultiLineString([LineString(s) for s in flat]), 1e-10 * scale)
    areas = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.node(lines))))
    if not len(areas):
        raise InputError("the section of the body is not closed", place="crack plane", remedy="check the body's mesh")
    # a point of an area is in the body where it lies inside an odd number of the rings
    rings = [Polygon(a.exterior) for a in areas]
    inside = [sum(r.contains(a.representative_point()) for r in rings) % 2 == 1 for a in areas]
    return shapely.union_all([a for a, yes in zip(areas, inside) if yes])


def _nearest_segment(flat: Array, x: Array) -> tuple[Array, Index]:
    tree = shapely.STRtree([LineString(s) for s in flat])
    found, distance = tree.query_nearest([Point(p) for p in x], return_distance=True, all_matches=False)
    order = np.argsort(found[0])
    return distance[order], found[1][order]


def _pieces(ring: Array, label: Index) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Runs of equal labels; side i goes from corner i to corner i + 1."""
    n = len(ring)
    change = np.flatnonzero(label != np.roll(label, 1))
    if not len(change):
        return (Line(ring, closed=True),), ()
    fronts, mouths = [], []
    for start, stop in zip(change, np.roll(change, -1)):
        count = (stop - start) % n or n
        uv = ring[(start + np.arange(count + 1)) % n]
        if label[start] < 0:
            fronts.append(Line(uv))
        else:
            mouths.append(Line(uv, patch=int(label[start])))
    return tuple(fronts), tuple(mouths)
