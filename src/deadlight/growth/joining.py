"""Cracks of one surface that come near each other become one."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from deadlight.growth.ligament import closed_up, smaller_extent
from deadlight.growth.region_step import MARGIN, Plan, kept
from deadlight.growth.settle import check_area, settle
from deadlight.growth.skin_section import Region, Section, flat, parts, rings
from deadlight.growth.transition import Shaping, Transition
from deadlight.surface.body import Body
from deadlight.surface.chart import Drawn, Plane
from deadlight.surface.crack_near import spread

Array = np.ndarray[Any, np.dtype[np.float64]]

ALIKE = np.radians(1.5)  # between the normals, and
OFFSET = 0.01  # of the smaller crack's smaller extent, off the other's surface: the two are of one surface
GAP = 0.1  # of that extent: nearer cracks are joined, by a disc of this radius


def one_surface(a: Plan, b: Plan) -> bool:
    """Whether crack b lies on the surface of crack a."""
    ring = np.concatenate([r for p in parts(b.new) for r in rings(p)])
    x = b.chart.to_space(ring)
    size = min(smaller_extent(a.new), smaller_extent(b.new))
    if not np.abs(a.chart.signed(x)).max() < OFFSET * size:
        return False
    lean = np.abs((a.chart.normal(a.chart.to_chart(x)) * b.chart.normal(ring)).sum(axis=1))
    return bool(lean.min() > np.cos(ALIKE))


def join(plans: list[Plan], body: Body | None, shaping: Shaping) -> list[Plan]:
    """The plans with those of one surface that are near each other made one, in the place of the first."""
    plans = list(plans)
    i = 0
    while i < len(plans):
        for j in range(i + 1, len(plans)):
            if (plans[i].still and plans[j].still) or not one_surface(plans[i], plans[j]):
                continue
            other = _mapped(plans[j].new, plans[j].chart, plans[i].chart)
            size = min(smaller_extent(plans[i].new), smaller_extent(other))
            if shapely.distance(plans[i].new, other) < GAP * size:
                plans[i] = _joined(plans[i], plans[j], other, GAP * size, body, shaping)
                del plans[j]
                i -= 1  # it may now be near one that was passed
                break
        i += 1
    return plans


def _mapped(region: Region, chart: Drawn, onto: Drawn) -> Region:
    """A region of one chart in another."""
    flat_both = isinstance(chart, Plane) and isinstance(onto, Plane)
    out = []
    for p in parts(region):
        loops = [np.concatenate([r, r[:1]]) for r in rings(p)]
        loops = [onto.to_chart(chart.to_space(x if flat_both else spread(x, 600))) for x in loops]
        out.append(shapely.make_valid(shapely.Polygon(loops[0], loops[1:])))
    return flat(shapely.union_all(out))


def _joined(a: Plan, b: Plan, other: Region, radius: float, body: Body | None, shaping: Shaping) -> Plan:
    """Two cracks as one, with a neck that a disc of the radius leaves."""
    spots = np.concatenate([r for region in (a.new, other) for p in parts(region) for r in rings(p)])
    section = Section.of(a.chart, body, spots, MARGIN * float(np.ptp(spots, axis=0).max()))
    between = shapely.shortest_line(a.new, other)
    at = np.array(between.interpolate(0.5, normalized=True).coords[0])
    both = section.united([a.new, other])
    new, filled = closed_up(section, both, radius, [at], 8.0 * radius)
    old, drawn = (
        flat(shapely.union(mine, _mapped(its, b.chart, a.chart))) for mine, its in ((a.old, b.old), (a.drawn, b.drawn))
    )
    one = Plan(
        a.number, a.sheet, a.chart, old, drawn, (*a.advances, *b.advances), kept(new), section,
        [*a.events, *b.events], (*a.members, *b.members),
    )  # fmt: skip
    place = a.chart.to_space(at[None])[0]
    one.events.append(Transition("joins", a.number, place, b.sheet.name, sum(f.area for f in filled)))
    settle(one, body, shaping)
    check_area(one)
    return one
