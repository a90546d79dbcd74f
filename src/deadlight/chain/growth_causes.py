"""What causes K at the events that decide a growth: pressure, heat, rim, inertia, residual stress, preload."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from deadlight.chain.causes import causes_at, closing_remark
from deadlight.chain.viewport import Viewport
from deadlight.entry.environment import Environment
from deadlight.errors import NotSolved
from deadlight.growth.causes import CausesOfK, causes_of_k
from deadlight.growth.crack_shape import CrackedPane, CrackShape
from deadlight.growth.record import CRITICAL, WORST, GrowthEvent, GrowthRecord
from deadlight.heat.history import TemperatureHistory
from deadlight.operator.supports import SeatSprings
from deadlight.operator.system import CrackOperator
from deadlight.remark import Remark
from deadlight.stress.history import StressHistory

Array = np.ndarray[Any, np.dtype[np.float64]]


def with_causes(
    record: GrowthRecord,
    viewport: Viewport,
    pane: str,
    environment: Environment,
    heat: TemperatureHistory,
    history: StressHistory,
) -> tuple[GrowthRecord, list[Remark]]:
    """The record with the causes of K where it first reaches K_Ic, and at the worst moment of the cracks as found.

    Both on geometries before any instability; what comes later is indicative, and its causes are not asked for.

    Returns
    -------
    GrowthRecord, list of Remark
        How well the causes add up; an alarm where they do not, or could not be had.
    """
    critical = next((e for e in record.events if e.what == CRITICAL), None)
    wanted = [(record.steps[0], worst_moment(record, viewport))]
    if critical is not None:
        wanted.append(([s for s in record.steps if not s.indicative and s.time <= critical.time][-1], critical))
    panes = {p.name: p for p in viewport.case.panes}
    times = np.unique([event.time for _, event in wanted])
    try:
        stress = causes_at(viewport, panes[pane], environment, heat, times)
        steps = {step.number: step for step, _ in wanted}  # often both events are of the cracks as found
        found = {number: _causes(step.shape, stress) for number, step in steps.items()}
    except NotSolved as failed:
        return record, [Remark(f"{pane}: causes of K were not found: {failed}", alarm=True)]
    told = [_shared(event, found[step.number]) for step, event in wanted]
    events = [told[1] if critical is not None and e is critical else e for e in record.events]
    return dataclasses.replace(record, events=tuple(events), worst=told[0]), [closing_remark(stress, history).of(pane)]


def worst_moment(record: GrowthRecord, viewport: Viewport) -> GrowthEvent:
    """Largest K/K_Ic of the cracks as found."""
    reading = record.steps[0].reading
    row = int(reading.worst.argmax())
    point = int(reading.ratio[row].argmax())
    names = list(dict.fromkeys(sheet.name for sheet in record.steps[0].shape.sheets))
    crack = names[int(reading.crack[point])]
    detail = f"K/K_Ic {float(reading.worst[row]):.3g}"
    return GrowthEvent(float(reading.time[row]), WORST, crack, reading.place[point], detail)


def _shared(event: GrowthEvent, found: CausesOfK) -> GrowthEvent:
    """The event with the shares of its causes."""
    front, point = _nearest(found, event.place)
    instant = int(np.abs(found.time - event.time).argmin())
    shares = found.shares(front, instant, point)
    return dataclasses.replace(event, causes={k: v for k, v in shares.items() if abs(v) > 5e-4})


def _causes(shape: CrackShape, stress: dict[str, Any]) -> CausesOfK:
    pane: CrackedPane = shape.pane
    mesh, time = shape.meshed, next(iter(stress.values())).time
    held = pane.seats is not None and len(pane.seats.area) > 0 and mesh.back is not None
    springs = SeatSprings.of(mesh.mesh, pane.seats).matrix if held else None
    operator = CrackOperator.build(mesh.mesh, young=pane.young, nu=pane.nu, springs=springs)
    pressure = np.broadcast_to(np.asarray(pane.pressure, dtype=float), len(pane.stress.time))
    inside = np.interp(time, pane.stress.time, pressure)
    return causes_of_k(operator, stress, inside={"pressure": inside}, contact=pane.contact)


def _nearest(found: CausesOfK, place: Array) -> tuple[int, int]:
    """Front and point next to a place."""
    apart = [np.linalg.norm(frame.point - place, axis=1) for frame in found.frames]
    front = int(np.argmin([a.min() for a in apart]))
    return front, int(apart[front].argmin())
