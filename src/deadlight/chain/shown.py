"""A run in memory as a `WindowView`: `result.plot`, and the shapes of growth that a folder keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.spatial import cKDTree

from deadlight.chain.crack_figures import flat_triangles, seed_line
from deadlight.chain.pane_growth import PaneGrowth
from deadlight.chain.pieces import PaneOutcome
from deadlight.outcome.retention import LEAVES
from deadlight.store.fields import largest_principal
from deadlight.store.shapes import FrontShape, PieceShape
from deadlight.view.shown import (
    OPENING,
    STRESS,
    TEMPERATURE,
    CrackPart,
    FrontPart,
    PiecePart,
    Rib,
    SolidPart,
    WindowView,
)  # fmt: skip

if TYPE_CHECKING:
    from deadlight.chain.cracks import CrackAnswer
    from deadlight.chain.result import RunResult

Array = np.ndarray[Any, np.dtype[np.float64]]
INSTANTS = 13  # of the fields, the governing ones besides


def shown(result: RunResult, times: Sequence[float] | None = None) -> WindowView:
    """What there is to see of a run.

    Parameters
    ----------
    times : sequence of float [s], optional
        Instants of the fields; by default evenly spread ones and that of the largest K of every crack.
    """
    t = result.temperature.time
    if times is None:
        times = [*np.linspace(t[0], t[-1], INSTANTS), *(a.judged.time_of_max for a in result.cracks)]
    chosen = np.unique(np.clip(np.asarray(times, dtype=float), t[0], t[-1]))
    case = result.viewport.case
    levels = {pane.name: i for i, pane in enumerate(case.panes)}
    altitude = result.environment.altitude
    return WindowView(
        case.name,
        chosen,
        "entry interface" if altitude is not None else "the start of the run",
        tuple(_solid(result, region, levels, chosen) for region in result.viewport.mesh.regions),
        tuple(_crack(a, levels[a.stated.pane], chosen) for a in result.cracks),
        tuple(front for a in result.cracks for front in _fronts(a, levels[a.stated.pane])),
        tuple(
            Rib(f.pane, levels[f.pane], f.step, f.points, f.time, f.indicative, f.ratio)
            for growth in result.growths
            for f in front_shapes(growth)
        ),
        tuple(
            PiecePart(f"{p.pane}, piece {p.number}", levels[p.pane], p.corners, p.cut, p.state, p.way, p.mass)
            for outcome in result.outcomes
            for p in piece_shapes(outcome)
        ),
        altitude=np.column_stack([t, altitude(t)]) if altitude is not None else np.zeros((0, 2)),
        events=tuple((e.time, e.name.replace("_", " ")) for e in result.environment.events),
    )


def _solid(result: RunResult, region: str, levels: dict[str, int], times: Array) -> SolidPart:
    mesh, parent = result.viewport.mesh.submesh(region)
    fields = {TEMPERATURE: np.array([result.temperature.at(t)[parent] for t in times])}
    if region in result.stress:
        history = result.stress[region]
        fields[STRESS] = np.array([largest_principal(history.at_time(t)) / 1e6 for t in times])
    pane = region.removesuffix("_retainer")
    return SolidPart(region, "pane" if region in levels else "retainer", levels.get(pane, 0), mesh, fields)


def _crack(a: CrackAnswer, level: int, times: Array) -> CrackPart:
    none = np.zeros((0, 3))
    if a.full is None:
        return CrackPart(a.stated.name, level, none, none.astype(np.int64), seed_line(a), {})
    mesh = a.full.history.operator.mesh
    triangles = flat_triangles(mesh, mesh.on_crack)
    used, number = np.unique(triangles, return_inverse=True)
    instants = [int(np.argmin(np.abs(a.full.time - t))) for t in times]
    opening = np.array([1e6 * np.linalg.norm(a.full.history.opening(i)[used], axis=1) for i in instants])
    return CrackPart(a.stated.name, level, mesh.points[used], number.reshape(-1, 3), none, {OPENING: opening})


def _fronts(a: CrackAnswer, level: int) -> list[FrontPart]:
    if a.full is None:
        return []
    name, others = a.stated.name, a.full.other_errors
    return [
        FrontPart(
            f"{name}: {f.name}", name, level, f.frame.point, f.time, f.effective, f.toughness,
            np.hypot(f.error, others * f.effective.max(axis=1, keepdims=True)),
        )
        for f in a.full.fronts
    ]  # fmt: skip


def piece_shapes(outcome: PaneOutcome) -> list[PieceShape]:
    """Pieces that cracks cut off a pane, with the way those that leave take; none where nothing is cut off."""
    found = []
    for stay in outcome.pieces:
        if not stay.cut:
            continue
        faces, way = stay.piece.faces, np.zeros(3)
        if stay.worst == LEAVES and np.linalg.norm(stay.retention.way[:3]) > 0.0:
            way = stay.retention.way[:3] / np.linalg.norm(stay.retention.way[:3])
        found.append(
            PieceShape(
                outcome.pane, stay.piece.number, stay.worst, faces.corners, faces.other >= 0, way, stay.piece.mass
            )
        )
    return found


def front_shapes(growth: PaneGrowth) -> list[FrontShape]:
    """Fronts of every geometry with K/K_Ic along them; none where nothing grew."""
    found = []
    for step in growth.record.steps if growth.record.grew else ():
        ratio = step.reading.at(step.time).ratio
        near = cKDTree(step.reading.place)
        for points in step.fronts:
            _, which = near.query(points)
            found.append(
                FrontShape(growth.pane, step.number, step.time, step.indicative, np.asarray(points), ratio[which])
            )
    return found
