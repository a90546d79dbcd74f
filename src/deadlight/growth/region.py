"""A crack that grows, as a region of its own surface: fronts move, ligaments break, parts meet.

Everything is worked out in the coordinates of the crack's chart.  The old region and what its fronts sweep are
united, so that no area is ever lost (`region_step.py`); no front comes too near another crack (`keep_apart.py`); thin
ligaments are opened (`settle.py`, `ligament.py`); cracks of one surface that come near each other are joined
(`joining.py`).  Then the region is carried on beyond the skin and becomes the outline of a new `Sheet`, from which
clipping makes fronts and mouths again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from deadlight.growth.gained import gained_area
from deadlight.growth.joining import join
from deadlight.growth.keep_apart import keep_apart
from deadlight.growth.region_front import Smoothing
from deadlight.growth.region_step import Plan, plan_of, sheet_of, sweep
from deadlight.growth.settle import check_area, has_front, settle
from deadlight.growth.skin_section import Section
from deadlight.growth.stopped import GrowthStopped
from deadlight.growth.transition import Moved, Shaping, Transition
from deadlight.surface.body import Body
from deadlight.surface.chart import Drawn
from deadlight.surface.join import MeshedCracks
from deadlight.surface.section import Line
from deadlight.surface.sheet import Sheet

__all__ = ["Grown", "Moved", "Shaping", "Transition", "grown"]

STUCK = 0.02  # of the advance asked for: if other cracks allow less, growth has stopped


@dataclass(frozen=True, eq=False)
class Grown:
    """Cracks after a step.

    Attributes
    ----------
    sheets : tuple of Sheet
        One a crack, order kept; cracks that joined are one, in the first one's place.
    transitions : tuple of Transition
    severed : bool
        A crack has no front left inside the body.
    smoothing : tuple of Smoothing
        What smoothing moved of every front that moved.
    areas : tuple of (float, float)
        Of every crack before and after, in its chart [m^2].
    gained : float [m^2]
        By which the surfaces of all cracks grew, in space.
    came_from : tuple of tuple of int
        For every new sheet the old ones that it continues.
    skin : tuple of (list of Line or None)
        For every new sheet the lines in which its surface meets the skin, where they were looked for.
    share : float
        Of the step asked for that was taken (`regrow` shortens steps that cannot be meshed).
    tries : tuple of str
        What `regrow` tried before, and what became of it.
    """

    sheets: tuple[Sheet, ...]
    transitions: tuple[Transition, ...]
    severed: bool = False
    smoothing: tuple[Smoothing, ...] = ()
    areas: tuple[tuple[float, float], ...] = ()
    gained: float = 0.0
    came_from: tuple[tuple[int, ...], ...] = ()
    skin: tuple[list[Line] | None, ...] = ()
    share: float = 1.0
    tries: tuple[str, ...] = ()


def grown(
    meshed: MeshedCracks,
    sheets: Sequence[Sheet],
    moved: Sequence[Moved],
    body: Body | None,
    *,
    chart: Callable[[int], Drawn | None] | None = None,
    shaping: Shaping | None = None,
    known: dict[int, Section] | None = None,
) -> Grown:
    """Cracks after their fronts have moved.

    Parameters
    ----------
    meshed : MeshedCracks
        The cracks before the step, from `surface_mesh(body, sheets)`.
    sheets : sequence of Sheet
        What it was made from.
    moved : sequence of Moved
        Fronts that are not named stay.
    body : Body or None
    chart : callable, optional
        For a sheet's number its new chart, which contains the old surface and the moved nodes; None keeps the old one.
    shaping : Shaping, optional
    known : dict of int to Section, optional
        Sections of sheets with the skin from another try of the same step; those of this one are put in.

    Raises
    ------
    GrowthStopped
        "reaches_crack" if other cracks allow no move, "lost_area" if a region shrank, "no_region" if nothing of it
        is left in the body.
    """
    shaping = shaping or Shaping()
    known = {} if known is None else known
    plans = [plan_of(i, meshed, sheet, moved, body, chart, shaping, known) for i, sheet in enumerate(sheets)]
    _move(plans, body, shaping)
    plans = join(plans, body, shaping)
    severed = [p for p in plans if not has_front(p)]
    for p in severed:
        at = p.chart.to_space(np.array([p.new.representative_point().coords[0]]))[0]
        p.events.append(Transition("severs", p.number, at))
    new = tuple(sheet_of(p) for p in plans)
    return Grown(
        new,
        tuple(t for p in plans for t in p.events),
        bool(severed),
        tuple(a.smoothing for p in plans for a in p.advances if a.far > 0.0),
        tuple((p.before, float(p.new.area)) for p in plans),
        sum(gained_area(p) for p in plans),
        tuple(p.members for p in plans),
        tuple(_skin(p, s) for p, s in zip(plans, new)),
    )


def _skin(plan: Plan, sheet: Sheet) -> list[Line] | None:
    """The lines in which a new sheet's surface meets the skin, if the plan knows them all round it."""
    return plan.section.lines if plan.section.serves(sheet.chart, np.concatenate(sheet.outlines), 0.0) else None


def _move(plans: list[Plan], body: Body | None, shaping: Shaping) -> None:
    """Sweep and settle every crack in turn, each kept apart from the others as they are by then."""
    wanted = max((a.far for p in plans for a in p.advances), default=0.0)
    for plan in plans:
        if not plan.still:
            keep_apart(plan, [p for p in plans if p is not plan])
        if not plan.still:
            sweep(plan)
            settle(plan, body, shaping)
            check_area(plan)
    made = max((a.far for p in plans for a in p.advances), default=0.0)
    if wanted > 0.0 and made < STUCK * wanted:
        told = ", ".join(sorted({f"{p.sheet.name} at {p.held}" for p in plans if p.held}))
        raise GrowthStopped("reaches_crack", f"no front can move without touching another crack: {told}")
