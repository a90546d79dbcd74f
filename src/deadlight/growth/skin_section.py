"""What of a crack's surface lies in the body, and regions of it: fronts and mouths, carried on beyond the skin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon

from deadlight.surface.body import Body
from deadlight.surface.chart import Drawn, Plane
from deadlight.surface.clip import cells_in, faces_at
from deadlight.surface.layer import spread_ring
from deadlight.surface.section import Line, section
from deadlight.surface.sheet import Sheet

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Region: TypeAlias = "Polygon | MultiPolygon"

GRID = 2e-9  # of the extent: places are rounded to this where regions are united, which closes seams of rounding
ON = 1e-7  # of the extent: a point this near a line of the skin is on it
LEAST_ANGLE = np.radians(40.0)  # between a front, carried on beyond the skin, and the skin
SIDES = 24  # points along the box round a section, where its surface is bent
OVERLAP = 0.3  # of how far a region goes beyond the skin: what turns an end of that part laps over it
SIGHT = 0.05  # of it: along a line, where its direction at an end is taken
CROWDED = 0.02  # of it: points of a mouth nearer to its ends are left out
SEAM, BESIDE = 0.01, 0.02  # of it: half the width of what is filled as rounding, so near to the skin


@dataclass(frozen=True, eq=False)
class Run:
    """A part of the outline of a region: a front or a mouth.

    Attributes
    ----------
    points : (k, 2) float
        The region on the left; a closed run repeats its first point.
    front : bool
    face : (k - 1,) int64
        Faces of the body along a mouth; -1 along a front.
    """

    points: Array
    front: bool
    face: Index

    @property
    def closed(self) -> bool:
        return bool(np.array_equal(self.points[0], self.points[-1]))


@dataclass(frozen=True, eq=False)
class Section:
    """The body in the chart of a crack.

    Attributes
    ----------
    chart : Drawn
    inside : Region or None
        What lies in the body, within a box round the crack; None: everything does.
    lines : list of Line
        The skin.
    size : float
        Extent of the box.
    low, high : (2,) float
        Its corners.
    """

    chart: Drawn
    inside: Region | None
    lines: list[Line]
    size: float
    low: Array
    high: Array

    @classmethod
    def of(cls, chart: Drawn, body: Body | None, points: Array, margin: float) -> Section:
        """Section round points (n, 2) of the chart, with a margin."""
        low, high = points.min(axis=0) - margin, points.max(axis=0) + margin
        size = float((high - low).max())
        if body is None:
            return cls(chart, None, [], size, low, high)
        ring = np.array([low, [high[0], low[1]], high, [low[0], high[1]]])
        if not isinstance(chart, Plane):  # its sides are bent in space
            ring = spread_ring(ring, size / SIDES)
        box = Sheet(chart, (ring,), "section")
        lines = section(body, box)
        cells = cells_in(box, body, lines)
        return cls(chart, flat(shapely.union_all(cells)) if cells else Polygon(), lines, size, low, high)

    def serves(self, chart: Drawn, points: Array, margin: float) -> bool:
        """Whether it is a section of the chart, round the points with the margin."""
        near = (points.min(axis=0) - margin >= self.low).all() and (points.max(axis=0) + margin <= self.high).all()
        return self.chart is chart and bool(near)

    @property
    def skin(self) -> shapely.Geometry:
        """The skin as lines."""
        return shapely.MultiLineString([line.uv for line in self.lines])

    def united(self, regions: Iterable[shapely.Geometry]) -> Region:
        """Regions united."""
        return flat(shapely.union_all(list(regions), grid_size=GRID * self.size))

    def clipped(self, region: shapely.Geometry) -> Region:
        """What of a region lies in the body."""
        return flat(region if self.inside is None else shapely.intersection(region, self.inside))

    def faces(self, points: Array) -> Index:
        """Face of the body at points on the skin, -1 elsewhere. (n, 2) -> (n,)."""
        return faces_at(points, self.lines, ON * self.size)

    def runs(self, region: Region) -> list[list[Run]]:
        """Fronts and mouths of every ring of a region, in order."""
        return [self._ring_runs(ring) for polygon in parts(region) for ring in rings(polygon)]

    def _ring_runs(self, ring: Array) -> list[Run]:
        after = np.roll(ring, -1, axis=0)
        face = self.faces(0.5 * (ring + after)) if self.lines else np.full(len(ring), -1)
        if self.lines:  # both ends must be on the skin too: a short front piece may have its middle near it
            on = self.faces(ring) >= 0
            face = np.where(on & np.roll(on, -1), face, -1)
        mouth = face >= 0
        change = np.flatnonzero(mouth != np.roll(mouth, 1))
        if not len(change):
            return [Run(np.concatenate([ring, ring[:1]]), not mouth[0], face)]
        found, n = [], len(ring)
        for i, first in enumerate(change):
            count = int((change[(i + 1) % len(change)] - first) % n or n)
            at = (first + np.arange(count + 1)) % n
            found.append(Run(ring[at], not mouth[first], face[at[:-1]]))
        return found

    def extended(self, region: Region, far: float) -> Region:
        """A region carried on beyond its mouths by `far`, its fronts going straight on there."""
        if self.inside is None or not self.lines:
            return region
        out: list[shapely.Geometry] = [region]
        for ring in self.runs(region):
            for k, run in enumerate(ring):
                if run.front:
                    continue
                line = run.points if run.closed else _clean(run.points, CROWDED * far)
                strip = shapely.buffer(shapely.LineString(line), far, cap_style="flat", quad_segs=4)
                strip = shapely.difference(strip, self.inside)
                if len(ring) > 1:
                    after, before = ring[k + 1 - len(ring)].points, ring[k - 1].points
                    strip = _ended(strip, line, after, 1.0, far)
                    strip = _ended(strip, line[::-1], before[::-1], -1.0, far)
                    strip = shapely.difference(strip, self.inside)
                out.append(strip)
        whole = self._without_notches(self.united(out), far)
        kept = [p for p in parts(whole) if shapely.intersects(p, region)]
        return flat(shapely.union_all(kept))

    def _without_notches(self, region: Region, far: float) -> Region:
        """A region whose gaps beyond the skin are filled, and cracks between it and the skin with them.

        They are left where a mouth comes in several pieces, on a surface that is bent and meets the skin anew.
        """
        def closed_by(radius: float) -> shapely.Geometry:
            grown = shapely.buffer(region, radius, quad_segs=4)
            return shapely.difference(shapely.buffer(grown, -radius, quad_segs=4), region)

        gaps = [p for p in parts(flat(shapely.difference(closed_by(OVERLAP * far), self.inside))) if p.area > 0.0]
        near = shapely.buffer(self.skin, BESIDE * far)
        gaps += [p for p in parts(flat(closed_by(SEAM * far))) if shapely.intersects(p, self.skin) and near.covers(p)]
        return self.united([region, *gaps]) if gaps else region


def _clean(line: Array, near: float) -> Array:
    """A polyline without points that crowd its ends, where rounding would turn its last piece."""
    off = np.minimum(np.linalg.norm(line - line[0], axis=1), np.linalg.norm(line - line[-1], axis=1))
    keep = off > near
    keep[[0, -1]] = True
    return line[keep]


def _ended(strip: shapely.Geometry, mouth: Array, front: Array, turn: float, far: float) -> shapely.Geometry:
    """A strip outside a mouth, its end turned so that it carries on the front that begins where the mouth ends.

    `mouth` runs to the tip, `front` from it; the outside is on the right of the mouth for turn = 1, else on its left.
    """
    tip = mouth[-1]
    along = _direction(mouth[::-1], SIGHT * far) * -1.0
    out = turn * np.array([along[1], -along[0]])
    way = -_direction(front, SIGHT * far)
    rise, forward = float(way @ out), float(way @ along)
    angle = np.clip(np.arctan2(rise, forward), LEAST_ANGLE, np.pi - LEAST_ANGLE)
    if rise <= 0.0:
        angle = LEAST_ANGLE if forward > 0 else np.pi - LEAST_ANGLE
    top = 1.05 * far
    leaning = tip + top * (out + along / np.tan(angle))
    # the strip's cap is square to the mouth's last piece, which may turn a little from `along`: overlap it widely
    if angle < 0.5 * np.pi:
        back = tip - OVERLAP * far * along
        return shapely.union(strip, Polygon([tip, leaning, back + top * out, back]))
    ahead = tip + OVERLAP * far * along
    return shapely.difference(strip, Polygon([tip, ahead, ahead + top * out, leaning]))


def _direction(line: Array, least: float) -> Array:
    """Unit vector from the first point of a polyline to where it is at least so far away."""
    away = np.linalg.norm(line - line[0], axis=1)
    far = np.flatnonzero(away >= min(least, float(away.max())) * (1 - 1e-12))
    v = line[int(far[0])] - line[0]
    return np.asarray(v / max(float(np.linalg.norm(v)), 1e-300))


def flat(geometry: shapely.Geometry) -> Region:
    """The polygons of a geometry."""
    if isinstance(geometry, Polygon | MultiPolygon):
        return geometry
    found = [g for g in getattr(geometry, "geoms", ()) if isinstance(g, Polygon | MultiPolygon)]
    joined = shapely.union_all(found) if found else Polygon()
    return joined if isinstance(joined, Polygon | MultiPolygon) else Polygon()


def parts(region: Region) -> list[Polygon]:
    """Single polygons of a region."""
    return [p for p in (region.geoms if isinstance(region, MultiPolygon) else (region,)) if not p.is_empty]


def rings(polygon: Polygon) -> list[Array]:
    """Rings with the polygon on their left, the outer one first, not repeating their first point."""
    turned = shapely.orient_polygons(polygon)
    return [np.array(r.coords)[:-1] for r in (turned.exterior, *turned.interiors)]
