"""From case, environment and temperatures to the stress history of each pane."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from deadlight.case.model import Case
from deadlight.case.pane import Pane
from deadlight.chain.viewport import Viewport
from deadlight.entry.environment import Environment
from deadlight.series import Series
from deadlight.stress.history import StressHistory
from deadlight.stress.loads import InitialStress, Loads
from deadlight.stress.problem import PaneProblem
from deadlight.stress.solve import solve_stress
from deadlight.stress.supports import Seat

Array = np.ndarray[Any, np.dtype[np.float64]]


def pane_stress(
    viewport: Viewport,
    pane: Pane,
    environment: Environment,
    *,
    time: Array,
    temperature: Array,
    progress: Callable[[float, str], None] | None = None,
) -> StressHistory:
    """Uncracked stress history of one pane.

    Parameters
    ----------
    time : (m,) float [s]
    temperature : (m, n_nodes of the whole mesh) float [K]
    """
    stated = _stated(viewport, pane, environment, time, temperature)
    return solve_stress(**stated, max_instants=viewport.case.solver.stress_instants, progress=progress)


def pane_problem(
    viewport: Viewport, pane: Pane, environment: Environment, *, time: Array, temperature: Array
) -> PaneProblem:
    """The stress problem of one pane at a few instants, as `pane_stress` states it for the whole history."""
    return PaneProblem(**_stated(viewport, pane, environment, time, temperature))


def _stated(
    viewport: Viewport, pane: Pane, environment: Environment, time: Array, temperature: Array
) -> dict[str, Any]:
    mesh, parent = viewport.mesh.submesh(pane.name)
    support = viewport.case.support(pane.name)
    seats = [
        Seat(face=f"{pane.name}.{face}", stiffness=support.seat_stiffness, preload=support.preload)
        for face in ("seat_outer", "seat_inner")
        if f"{pane.name}.{face}" in mesh.faces
    ]
    return {
        "mesh": mesh,
        "material": viewport.materials[pane.name],
        "time": time,
        "temperature": temperature[:, parent],
        "loads": Loads(
            pressures=_pressures(viewport, pane, environment), acceleration=environment.acceleration.scaled(-1.0)
        ),
        "supports": seats,
        "initial_stress": _carried(viewport, pane),
        "stress_free_temperature": pane.stress_free_temperature,
    }


def _carried(viewport: Viewport, pane: Pane) -> InitialStress:
    stated = pane.initial_stress
    if stated.kind == "field":
        return viewport.carried[pane.name]
    if stated.surface_compression:
        return InitialStress(kind="temper", surface_compression=stated.surface_compression)
    return InitialStress()


def _pressures(viewport: Viewport, pane: Pane, environment: Environment) -> dict[str, Series]:
    """The gas on either side; under a lip, in the seat bands and round the rim (outer side) it is that of the
    same side, which is an assumption."""
    outer, inner = sides(viewport.case, pane.name, environment)
    faces = {f"{pane.name}.{face}": outer for face in ("outer", "lip", "seat_outer", "rim")}
    faces |= {f"{pane.name}.{face}": inner for face in ("inner", "seat_inner")}
    return {name: series for name, series in faces.items() if viewport.has_face(name)}


def sides(case: Case, pane: str, environment: Environment) -> tuple[Series, Series]:
    """Pressure on the outer and on the inner side of a pane."""
    names = [p.name for p in case.panes]
    at = names.index(pane)
    gaps = {frozenset(g.between): environment.gap_pressure["/".join(g.between)] for g in case.gaps}
    outer = (
        environment.outer_pressure
        if at == 0
        else gaps.get(frozenset(names[at - 1 : at + 1]), environment.outer_pressure)
    )
    inner = (
        environment.cabin_pressure
        if at == len(names) - 1
        else gaps.get(frozenset(names[at : at + 2]), environment.outer_pressure)
    )
    return outer, inner
