"""One crack's surface on its way through a step: old region, moved fronts, new region, new sheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from deadlight.growth.ligament import smaller_extent
from deadlight.growth.region_front import Advance, carried, thinned
from deadlight.growth.skin_section import Region, Section, flat, parts, rings
from deadlight.growth.stopped import GrowthStopped
from deadlight.growth.transition import Moved, Shaping, Transition
from deadlight.surface.body import Body
from deadlight.surface.chart import Chart, Drawn
from deadlight.surface.crack_domain import CrackDomain
from deadlight.surface.crack_near import spread
from deadlight.surface.join import MeshedCracks
from deadlight.surface.sheet import Sheet

Array = np.ndarray[Any, np.dtype[np.float64]]

PAST = 1e-4  # of it: a front crosses the skin by this much before the outline turns
CROWDED = 1e-3  # of the smaller extent: points of an outline nearer than this to the one before are left out
EVENLY = 40  # points along the crack's smaller extent in straight parts of its outline
NEAR = 0.01  # of a front's length: its nodes lie on its polyline within this
BEYOND = 0.04  # of the crack's extent: how far its outline goes beyond the skin
MARGIN, LEAST_MARGIN = 0.15, 0.12  # of the crack's extent: how far round it its section with the skin is known,
AHEAD = 1.2  # of a ligament that may break, at the least


@dataclass(eq=False)
class Plan:
    """One sheet on its way: chart, old and new region."""

    number: int
    sheet: Sheet
    chart: Drawn
    old: Region
    drawn: Region  # the old region by the outline's own points
    advances: tuple[Advance, ...]
    new: Region
    section: Section
    events: list[Transition] = field(default_factory=list)
    members: tuple[int, ...] = ()
    held: str = ""  # the crack before which it stops

    @property
    def before(self) -> float:
        """Area before the step."""
        return float(self.drawn.area)

    @property
    def still(self) -> bool:
        return not any(a.far > 0.0 for a in self.advances)


def plan_of(
    number: int,
    meshed: MeshedCracks,
    sheet: Sheet,
    moved: Sequence[Moved],
    body: Body | None,
    chart: Callable[[int], Drawn | None] | None,
    shaping: Shaping,
    known: dict[int, Section],
) -> Plan:
    """Old region and moved fronts of one sheet in its (new) chart.

    `known` holds the last section of every sheet, and is kept: one that serves is not made again.
    """
    new = (chart(number) if chart is not None else None) or sheet.chart
    domains = [(k, d) for k, d in enumerate(meshed.domains) if meshed.sheet[k] == number]
    polygons, advances, drawn, extent = [], [], [], 0.0
    for k, domain in domains:
        loops = [_mapped(loop, domain.chart, new) for loop in _chains(domain)]
        everything = np.concatenate([x for loop in loops for x, _ in loop])
        extent = max(extent, float(np.ptp(everything, axis=0).max()))
        mine = [m for m in moved if meshed.mesh.fronts[m.front].crack == k]
        found = [
            _advanced(x, mine, new, BEYOND * extent, shaping.smooth) if front else None
            for loop in loops for x, front in loop
        ]  # fmt: skip
        advances += [a for a in found if a is not None]
        lost = {m.front for m in mine} - {a.front for a in advances}
        if lost:
            raise GrowthStopped("lost_front", f"{sheet.name}: nodes of front {min(lost)} lie off its outline")
        drawn.append(_polygon([[x for x, _ in loop] for loop in loops]))
        it = iter(found)
        polygons.append(
            _polygon([[x if a is None else a.old[a.inner] for (x, _), a in zip(loop, it)] for loop in loops])
        )
    old = flat(shapely.union_all(polygons))
    spots = np.concatenate([x for a in advances for x in (a.new, a.old)] + [r for p in parts(old) for r in rings(p)])
    section, ahead = known.get(number), AHEAD * shaping.ligament * smaller_extent(old)
    if section is None or not section.serves(new, spots, max(LEAST_MARGIN * extent, ahead)):
        section = known[number] = Section.of(new, body, spots, max(MARGIN * extent, ahead))
    drawn_once = flat(shapely.union_all(drawn))
    return Plan(number, sheet, new, old, drawn_once, tuple(advances), drawn_once, section, members=(number,))


def _chains(domain: CrackDomain) -> list[list[tuple[Array, bool]]]:
    """Loops of a domain as polylines, each a front or not."""
    return [[(np.asarray(p.points, dtype=float), p.kind == "front") for p in loop] for loop in domain.loops]


def _mapped(loop: list[tuple[Array, bool]], old: Chart, new: Chart) -> list[tuple[Array, bool]]:
    """A loop in another chart."""
    if old is new:
        return loop
    # a fine polyline stays as it is: points between its own on straight chords would make corners of its turns
    return [(new.to_chart(old.to_space(x if len(x) > 50 else spread(x))), front) for x, front in loop]


def _advanced(line: Array, moved: Sequence[Moved], chart: Drawn, beyond: float, smooth: float) -> Advance | None:
    """The front with this polyline, carried on; None if none of the moved fronts lies on it."""
    drawn = shapely.LineString(line)
    off = [float(shapely.distance(drawn, shapely.points(chart.to_chart(m.start))).max()) for m in moved]
    best = int(np.argmin(off)) if off else -1
    if best < 0 or off[best] > NEAR * drawn.length:
        return None
    at = chart.to_chart(moved[best].start)
    move = chart.to_chart(moved[best].points) - at
    return carried(moved[best].front, line, at, move, beyond=beyond, smooth=smooth)


def _polygon(loops: list[list[Array]]) -> Region:
    """The region inside closed loops of polylines."""
    inside: shapely.Geometry = shapely.Polygon()
    for loop in loops:
        ring = np.concatenate([x if len(loop) == 1 else x[:-1] for x in loop])
        inside = inside.symmetric_difference(shapely.make_valid(shapely.Polygon(ring)))
    return flat(inside)


def sweep(plan: Plan) -> None:
    """Unite the old region with what its fronts sweep.

    Mouths on curved skin are drawn by chords: the old ones are widened by more than that, and clipped anew.
    """
    swept = []
    for a in plan.advances:
        p, q = (np.concatenate([x, x[:1]]) if a.closed else x for x in (a.old, a.new))
        quads = np.stack([p[:-1], p[1:], q[1:], q[:-1]], axis=1)
        goes = np.linalg.norm(q - p, axis=1) > 0.0
        quads = quads[goes[:-1] | goes[1:]]
        swept += list(shapely.convex_hull(shapely.multipoints(quads)))
    region = plan.section.united([plan.old, *swept])
    if plan.section.inside is not None and plan.section.lines:
        mouths = _near_skin(plan)
        if not mouths.is_empty:
            region = plan.section.united([region, mouths])
    plan.new = kept(plan.section.clipped(region))
    if plan.new.area < plan.before:  # points inserted on a hollow front lie a little inside the old outline
        plan.new = kept(plan.section.clipped(plan.section.united([region, plan.drawn])))


def _near_skin(plan: Plan) -> shapely.Geometry:
    """A narrow band along the old region's mouths."""
    near = 2e-5 * plan.section.size
    skin = plan.section.skin
    bands = []
    for polygon in parts(plan.old):
        for ring in rings(polygon):
            after = np.roll(ring, -1, axis=0)
            on = shapely.distance(skin, shapely.points(ring)) < near
            on &= np.roll(on, -1) & (shapely.distance(skin, shapely.points(0.5 * (ring + after))) < near)
            if on.any():
                pieces = shapely.linestrings(np.stack([ring[on], after[on]], axis=1))
                bands.append(shapely.buffer(pieces, near, cap_style="flat"))
    return shapely.union_all(np.concatenate(bands)) if bands else shapely.Polygon()


def kept(region: Region) -> Region:
    """The region without crumbs."""
    pieces = parts(region)
    if not pieces:
        return region
    largest = max(p.area for p in pieces)
    out = []
    for p in (p for p in pieces if p.area > 1e-6 * largest):
        holes = [h for h in p.interiors if shapely.Polygon(h).area > 1e-9 * largest]
        out.append(shapely.Polygon(p.exterior, holes))
    return flat(shapely.union_all(out))


def _past_skin(ring: Array, section: Section, step: float) -> Array:
    """The ring without corners on the skin: where a front ends there, it is carried straight on by `step` first.

    A corner on the skin would be on either side of it by rounding, and clipping would find pieces without length.
    """
    if section.inside is None or not section.lines:
        return ring
    moved, keep = ring.copy(), np.ones(len(ring), dtype=bool)
    n = len(ring)
    for i in np.flatnonzero(section.faces(ring) >= 0):  # two a front
        for way in (-1, 1):
            k = 1
            while k < n // 4 and np.hypot(*(ring[(i + way * k) % n] - ring[i])) < step:
                k += 1
            inner = ring[(i + way * k) % n]
            out = ring[i] - inner
            if not out.any() or not shapely.contains_xy(section.inside, *(0.5 * (inner + ring[i]))):
                continue  # another corner at the same place, or the way along the skin
            keep[(i + way * np.arange(1, k)) % n] = False
            moved[i] = ring[i] + step * out / np.hypot(*out)
            break
    return moved[keep]


def _evenly(ring: Array, section: Section, longest: float) -> Array:
    """The ring with points in long straight parts of its fronts: the mesher draws a smooth curve through its points,
    which swings out of a long part beside many short ones."""
    after = np.roll(ring, -1, axis=0)
    count = np.ceil(np.linalg.norm(after - ring, axis=1) / longest).astype(int)
    if section.inside is not None and section.lines:
        count[~shapely.contains_xy(section.inside, 0.5 * (ring + after))] = 1
    count = np.maximum(count, 1)
    part = (np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)) / np.repeat(count, count)
    a, b = np.repeat(ring, count, axis=0), np.repeat(after, count, axis=0)
    return np.asarray(a + part[:, None] * (b - a))


def sheet_of(plan: Plan) -> Sheet:
    """The region as a sheet, carried on beyond the skin."""
    if plan.still and plan.chart is plan.sheet.chart:
        return plan.sheet
    low, high = np.array(plan.new.bounds[:2]), np.array(plan.new.bounds[2:])
    extent = float((high - low).max())
    whole = plan.section.extended(plan.new, BEYOND * extent)
    least = CROWDED * smaller_extent(plan.new)
    outlines = [thinned(ring, least) for p in parts(whole) for ring in rings(p)]
    outlines = [_past_skin(ring, plan.section, PAST * extent) for ring in outlines]
    outlines = [_evenly(r, plan.section, smaller_extent(plan.new) / EVENLY) for r in outlines]
    outlines = [r for r in outlines if len(r) >= 3 and abs(shapely.Polygon(r).area) > 1e-9 * whole.area]
    return Sheet(plan.chart, tuple(outlines), plan.sheet.name)
