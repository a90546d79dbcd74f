"""A swept region made sound: thin ligaments opened, gaps closed, and what that made of the crack."""

from __future__ import annotations

from typing import Any

import numpy as np

from deadlight.growth.ligament import ROUND, WALL, Broken, closed_up, opened, smaller_extent, without_islands
from deadlight.growth.region_step import Plan, kept
from deadlight.growth.skin_section import Region, parts
from deadlight.growth.stopped import GrowthStopped
from deadlight.growth.transition import Shaping, Transition
from deadlight.surface.body import Body

Array = np.ndarray[Any, np.dtype[np.float64]]

ROUNDS = 4  # of opening and closing, until nothing thin is left
SHRUNK = 1e-9  # relative: what a region may lose by rounding


def settle(plan: Plan, body: Body | None, shaping: Shaping) -> None:
    """Open thin ligaments and close gaps until nothing changes."""
    if not parts(plan.new):
        raise GrowthStopped("no_region", f"nothing of {plan.sheet.name} is left in the body")
    before = _faces(plan, plan.old)
    for _ in range(ROUNDS):
        size = smaller_extent(plan.new)
        thin = shaping.ligament * size
        plan.new, broken = opened(plan.section, plan.new, plan.old, thin)
        if broken:
            radius = ROUND * WALL * thin
            plan.new, _ = closed_up(plan.section, plan.new, radius, [b.at for b in broken], 3.0 * radius)
        count = len(parts(plan.new)), sum(len(p.interiors) for p in parts(plan.new))
        plan.new, filled = closed_up(plan.section, plan.new, shaping.close * size)
        plan.new, islands = without_islands(plan.section, plan.new, plan.old, 0.5 * thin)
        plan.new = kept(plan.new)
        changed = (len(parts(plan.new)), sum(len(p.interiors) for p in parts(plan.new))) != count
        _tell(plan, body, broken, [*filled, *islands] if changed else [b for b in islands if b.face < 0], before)
        if not (broken or filled or islands):
            break
    _tell_edges(plan, body, before)


def _faces(plan: Plan, region: Region) -> dict[int, Array]:
    """Faces that the mouths of a region lie on, with a point of each."""
    found: dict[int, Array] = {}
    for run in (r for ring in plan.section.runs(region) for r in ring if not r.front):
        for face in np.unique(run.face[run.face >= 0]):
            k = np.flatnonzero(run.face == face)
            k = k[len(k) // 2]
            found.setdefault(int(face), 0.5 * (run.points[k] + run.points[k + 1]))
    return found


def _tell(plan: Plan, body: Body | None, broken: list[Broken], met: list[Broken], before: dict[int, Array]) -> None:
    """Note what happened."""
    for b in (b for b in broken if not (b.wedge and b.face in before)):
        kind = "breaks_through" if len(before) < 2 and b.face not in before else "reaches_edge"
        kind = "breaks_through" if b.face in before else kind
        name = body.faces[b.face].name if body is not None and b.face >= 0 else ""
        plan.events.append(Transition(kind, plan.number, plan.chart.to_space(b.at[None])[0], name, b.area))
    if met:
        most = max(met, key=lambda b: b.area)
        at = plan.chart.to_space(most.at[None])[0]
        plan.events.append(Transition("fronts_meet", plan.number, at, "", sum(b.area for b in met)))


def _tell_edges(plan: Plan, body: Body | None, before: dict[int, Array]) -> None:
    """Note faces that a mouth went on to over an edge."""
    told = {t.face for t in plan.events if t.kind in ("breaks_through", "reaches_edge")}  # of others it is a crack
    for face, at in _faces(plan, plan.new).items():
        name = body.faces[face].name if body is not None else ""
        if face not in before and name not in told:
            kind = "reaches_edge" if before else "breaks_through"
            plan.events.append(Transition(kind, plan.number, plan.chart.to_space(at[None])[0], name))


def check_area(plan: Plan) -> None:
    if not plan.new.area >= plan.before * (1.0 - SHRUNK):
        raise GrowthStopped(
            "lost_area",
            f"{plan.sheet.name} would shrink from {1e6 * plan.before:.9g} to {1e6 * plan.new.area:.9g} mm2",
        )


def has_front(plan: Plan) -> bool:
    """Whether any front is left inside the body."""
    if plan.section.inside is None:
        return True
    found = plan.section.runs(plan.new)
    return any(run.front for ring in found for run in ring)
