"""Thin ligaments of a grown crack: broken through to the skin, closed between parts of a front, corners rounded.

All of it adds area.  A front that has moved to within a share of the crack's smaller extent of skin ahead of it is
carried to the skin; re-entrant corners, narrow gaps and islands are closed by a disc that is rolled along the outline
(closing of mathematical morphology, Serra 1982).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from scipy.spatial import cKDTree

from deadlight.growth.skin_section import GRID, Region, Run, Section, flat, parts, rings

Array = np.ndarray[Any, np.dtype[np.float64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

LIGAMENT = 0.1  # of the crack's smaller extent: a thinner ligament ahead of a moved front breaks
WALL = 1.5  # such ligaments: how far the opened part reaches
SHALLOW = 0.5  # distance from the skin over that from the front's end: less is a wedge below 27 degrees, and breaks
ROUND = 1.5  # radius of the corners beside a new mouth, in thicknesses of the ligament at its ends
CLOSE = 0.05  # of the smaller extent: radius of the disc that closes gaps elsewhere
SLIVER = 0.002  # of that radius: thinner fills are rounding of the discs (arcs of 64 parts: 8e-5)
_ARC = 64  # parts of a quarter circle
STEP, WIDTH = 0.06, 0.2  # of that radius, where an outline is smoothed: its points, standard deviation of the weights
TAIL, FINE, CROWDED = 3.5, 0.02, 0.03  # of it, what is weighed; of the radius, steps of the sum, points left out
ISLAND = 1e4  # squares of a ligament: larger uncracked parts are no islands, however thin
TRACED, SAME = 0.002, 0.01  # of the section's extent: points of an old outline, and what is so near to it is part of it


@dataclass(frozen=True, eq=False)
class Broken:
    """A ligament that was opened: where (2,) in the chart, and to which face (-1: to another part of the crack).

    `wedge` tells that it was the thin end of one between a front and the mouth that it ends at.
    """

    at: Array
    face: int
    area: float
    wedge: bool = False


def smaller_extent(region: Region) -> float:
    """Least side of the box round a part of a region, of its largest part (what `clip` measures ligaments by)."""
    largest = max(parts(region), key=lambda p: p.area)
    low, high = np.array(largest.bounds[:2]), np.array(largest.bounds[2:])
    return float((high - low).min())


def opened(section: Section, region: Region, old: Region, thin: float) -> tuple[Region, list[Broken]]:
    """A region with ligaments thinner than `thin` [m] ahead of its moved fronts opened to the skin."""
    if section.inside is None or not section.lines:
        return region, []
    skin, found, out = section.skin, [], [region]
    for run in (r for ring in section.runs(region) for r in ring if r.front):
        for piece, at, face, wedge in _intervals(section, run, region, old, skin, thin):
            added = section.clipped(shapely.difference(piece, region))
            if added.area > 1e-9 * region.area:
                found.append(Broken(at, face, float(added.area), wedge))
                out.append(piece)
    if not found:
        return region, []
    return section.clipped(section.united(out)), found


def _intervals(
    section: Section, run: Run, region: Region, old: Region, skin: shapely.Geometry, thin: float
) -> list[tuple[shapely.Geometry, Array, int, bool]]:
    """Parts of a front with a thin ligament ahead: its shape and middle, the face behind it, whether it is a wedge."""
    x, along = _dense(run.points, 0.25 * thin)
    spots = shapely.points(x)
    away = shapely.distance(skin, spots)
    if not (away < thin).any():
        return []
    foot = shapely.get_coordinates(shapely.get_point(shapely.shortest_line(spots, skin), 1))
    ahead = ~shapely.contains_xy(region, 0.5 * (x + foot)) | (away < 1e-9 * section.size)
    end = np.full(len(x), np.inf) if run.closed else np.minimum(along, along[-1] - along)
    weak = (away < thin) & (away < SHALLOW * end) & ahead
    weak &= shapely.distance(old, spots) > 1e-6 * section.size  # what did not move does not break
    if not weak.any():
        return []
    wide = ((away < WALL * thin) & ahead) | (~run.closed & (end < 1e-9 * along[-1]))
    found = []
    for first, last in _stretches(wide, run.closed):
        at = np.arange(first, last + 1) % len(x)
        if not weak[at].any() or len(at) < 2:
            continue
        beyond = foot[at] + 0.5 * (foot[at] - x[at])
        quads = np.stack([x[at[:-1]], x[at[1:]], beyond[1:], beyond[:-1]], axis=1)
        shape = shapely.union_all(shapely.convex_hull(shapely.multipoints(quads)))
        middle = at[weak[at]][np.argmin(away[at[weak[at]]])]
        wedge = not run.closed and bool((end[at] < 1e-9 * along[-1]).any())
        face = int(section.faces(foot[[middle]])[0])
        found.append((flat(shape), 0.5 * (x[middle] + foot[middle]), face, wedge))
    return found


def _dense(points: Array, step: float, most: int = 4000) -> tuple[Array, Array]:
    """Points of a polyline with others between, and lengths along it; a closed one does not repeat its first point."""
    s = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    at = np.unique(np.concatenate([s, np.linspace(0.0, s[-1], int(min(most, max(2, s[-1] / step))))]))
    if np.array_equal(points[0], points[-1]):
        at = at[:-1]
    return np.column_stack([np.interp(at, s, c) for c in points.T]), at


def _stretches(flag: Flags, closed: bool) -> list[tuple[int, int]]:
    """First and last index of every stretch of true values; one of a closed row may pass its end."""
    n = len(flag)
    if flag.all():
        return [(0, n if closed else n - 1)]
    step = np.diff(np.concatenate([[0], flag.astype(np.int64), [0]]))
    firsts, lasts = np.flatnonzero(step == 1), np.flatnonzero(step == -1) - 1
    found = list(zip(firsts.tolist(), lasts.tolist()))
    if closed and len(found) > 1 and flag[0] and flag[-1]:
        (_, b), (a, _) = found[0], found[-1]
        found = [(a, n + b), *found[1:-1]]
    return found


def closed_up(
    section: Section, region: Region, radius: float, near: list[Array] | None = None, reach: float = 0.0
) -> tuple[Region, list[Broken]]:
    """A region whose gaps and re-entrant corners a disc of this radius does not reach are filled, and smoothed there.

    With `near`, only fills within `reach` of these points.
    """
    whole = section.extended(region, 2.0 * radius)
    disc = {"quad_segs": _ARC}
    full = shapely.buffer(shapely.buffer(whole, radius, **disc), -radius, **disc)
    least = SLIVER * radius
    fills = parts(flat(shapely.buffer(shapely.difference(full, whole), -least)))
    if near is not None:
        spots = shapely.multipoints(np.array(near))
        fills = [f for f in fills if shapely.distance(f, spots) < reach]
    fills = [f for f in fills if section.inside is None or shapely.intersects(f, section.inside)]
    if not fills:
        return region, []
    added = shapely.intersection(shapely.buffer(shapely.union_all(fills), 1.6 * least), full)
    grown = polished(section.united([whole, added]), parts(flat(added)), radius)
    return section.clipped(section.united([grown, region])), [
        Broken(np.array(shapely.centroid(f).coords[0]), -1, float(section.clipped(f).area)) for f in fills
    ]


def polished(region: Region, near: list[shapely.Polygon], radius: float) -> Region:
    """Outlines smoothed near some places, over a quarter of the radius, where arcs and fronts were joined."""
    target = shapely.union_all(near)
    out: list[Region] = []
    for polygon in parts(region):
        loops = [_polished_ring(ring, target, radius) for ring in rings(polygon)]
        new = shapely.Polygon(loops[0], [r for r in loops[1:] if len(r) > 3]) if len(loops[0]) > 3 else polygon
        out.append(new if new.is_valid else polygon)
    return flat(shapely.union_all(out))


def _polished_ring(ring: Array, target: shapely.Geometry, radius: float) -> Array:
    away = shapely.distance(target, shapely.points(ring))
    if not (away < radius).any():
        return ring
    closed = np.concatenate([ring, ring[:1]])
    s = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))])
    close = np.minimum(np.append(away, away[0])[:-1], np.append(away, away[0])[1:]) < radius
    count = np.where(close, np.ceil(np.diff(s) / (STEP * radius)), 1.0).astype(int)
    t = np.concatenate([np.linspace(a, b, n + 1)[:-1] for a, b, n in zip(s[:-1], s[1:], count)])
    x = np.column_stack([np.interp(t, s, c) for c in closed.T])
    away = shapely.distance(target, shapely.points(x))
    weight = np.clip(1.0 - away / radius, 0.0, 1.0)
    weight = weight * weight * (3.0 - 2.0 * weight)
    moved = np.flatnonzero(weight > 0.0)
    width, length = WIDTH * radius, s[-1]
    over = np.concatenate([t - length, t, t + length])
    triple = np.concatenate([x, x, x])
    dense = np.arange(over[0], over[-1], FINE * radius)  # evenly, so that weights count length and not points
    path = np.column_stack([np.interp(dense, over, c) for c in triple.T])
    new = x.copy()
    for block in np.array_split(moved, max(1, len(moved) // 200)):
        lo, hi = np.searchsorted(dense, [t[block].min() - TAIL * width, t[block].max() + TAIL * width])
        w = np.exp(-0.5 * ((dense[None, lo:hi] - t[block, None]) / width) ** 2)
        mean = w @ path[lo:hi] / w.sum(axis=1)[:, None]
        new[block] += weight[block, None] * (mean - x[block])
    return _thinned(new, moved, CROWDED * radius)


def _thinned(ring: Array, moved: Any, least: float) -> Array:
    """The ring without points that crowd among those that were moved."""
    loose = np.zeros(len(ring), dtype=bool)
    loose[moved] = True
    keep, last = np.ones(len(ring), dtype=bool), 0
    gap = np.linalg.norm(np.diff(ring, axis=0), axis=1)
    if gap.min() >= least:
        return ring
    for i in range(1, len(ring)):
        if loose[i] and np.hypot(*(ring[i] - ring[last])) < least:
            keep[i] = False
        else:
            last = i
    return ring[keep]


def without_islands(section: Section, region: Region, old: Region, thin: float) -> tuple[Region, list[Broken]]:
    """A region with what it has nearly surrounded filled: uncracked parts in which no disc of radius `thin` fits.

    Not what is larger than `ISLAND` times the square of that, and not what the region does not touch.
    """
    if section.inside is None:
        holes = [shapely.Polygon(ring) for p in parts(region) for ring in rings(p)[1:]]
    else:
        left = flat(shapely.difference(section.inside, region))
        holes = [p for p in parts(left) if p.area > 1e-12 * region.area]
    small = [p for p in holes if p.area < ISLAND * thin**2 and shapely.buffer(p, -thin).is_empty]
    small = [p for p in small if shapely.distance(p, region) <= GRID * section.size]
    small = [p for p in small if shapely.distance(p, old) > 0.0 or not _was(p, section, old)]
    if not small:
        return region, []
    found = []
    for p in small:
        at = np.array(shapely.point_on_surface(p).coords[0])
        border = np.array(p.exterior.coords)
        face = section.faces(0.5 * (border[1:] + border[:-1]))
        found.append(Broken(at, int(face.max(initial=-1)), float(p.area)))
    seams = shapely.buffer(shapely.union_all(small), 1e-6 * section.size)
    return section.clipped(section.united([region, seams])), found


def _was(hole: shapely.Polygon, section: Section, old: Region) -> bool:
    """Whether an uncracked part is as it was before the step: its border, off the skin, is that of the old region."""
    border = np.array(hole.exterior.coords)
    middle = 0.5 * (border[1:] + border[:-1])
    off = middle[section.faces(middle) < 0]
    if not len(off):
        return True
    outline = [_dense(np.concatenate([r, r[:1]]), TRACED * section.size)[0] for p in parts(old) for r in rings(p)]
    tree = cKDTree(np.concatenate(outline))
    return bool((tree.query(off)[0] < SAME * section.size).all())
