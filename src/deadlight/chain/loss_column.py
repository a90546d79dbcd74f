"""The fast look at many loss times: one column at the hottest place of the exposed pane."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.case.model import Case
from deadlight.chain.heating import HeatModel
from deadlight.chain.opening import model_behind
from deadlight.chain.viewport import Viewport
from deadlight.chain.without_pane import Remaining
from deadlight.entry.environment import Environment
from deadlight.fem.locate import Locator
from deadlight.heat.boundary import Prescribed, evaluate
from deadlight.heat.history import TemperatureHistory
from deadlight.heat.pair import Gap
from deadlight.outcome.column import Column, ColumnHistory, Slab, run_column
from deadlight.outcome.temper import free_part, thickness_weights

Array = np.ndarray[Any, np.dtype[np.float64]]

FINE, COARSE = 0.25, 1.0  # [s] steps while the window is heated, and after
HEATED = 0.01  # of the largest cold-wall flux
KEPT = 4  # steps


@dataclass(frozen=True, eq=False)
class ColumnSweep:
    """What the column says of each loss time.

    Attributes
    ----------
    time : (k,) float [s]
        Of the loss.
    peak : (k,) float [K]
        Of the pane that is looked at.
    peak_time : (k,) float [s]
    difference : (k,) float [K]
        Largest mean temperature difference between the outer and the inner half of it.
    deficit : (k,) float [K]
        Largest mean temperature of the pane over that of its rim, as it is then if nothing is lost: what stretches the
        rim.
    cold_face, middle : (k,) float [Pa]
        Largest tension by heat on the inner face with bending held, in the middle of the free plate.
    cold_peak : (k,) float [K]
        Of its inner face.
    place : (2,) float [m]
        x, y of the column.
    history : ColumnHistory
    kept, kept_time : float [K], [s]
        The deficit if nothing is lost, and when it is largest.
    """

    time: Array
    peak: Array
    peak_time: Array
    difference: Array
    deficit: Array
    cold_face: Array
    middle: Array
    cold_peak: Array
    place: Array
    history: ColumnHistory
    kept: float
    kept_time: float


def column_sweep(
    remaining: Remaining, environment: Environment, temperature: TemperatureHistory, times: Array,
    pane: str | None = None,
) -> ColumnSweep:  # fmt: skip
    """Loses the outermost pane at many instants, in one column.

    Parameters
    ----------
    remaining : Remaining
        From `without`.
    environment : Environment
    temperature : TemperatureHistory
        Of the whole window before the loss.
    times : (k,) float [s]
    pane : str, optional
        That is looked at; the exposed one if not given.
    """
    pane = remaining.exposed if pane is None else pane
    viewport = remaining.viewport
    front = remaining.front
    place = _place(viewport, remaining.exposed) if front is None else np.array([front.opening.x, front.opening.y])
    column, points = column_of(viewport, model_behind(viewport, environment, front), place)
    start = np.stack([temperature.at(float(t))[remaining.parent] for t in times])
    rim = remaining.parent[viewport.mesh.face_nodes(_rim(viewport, pane))]
    cold = temperature.temperature[:, rim].mean(axis=1)
    without_loss = np.zeros(len(temperature.time))
    initial = np.zeros((len(times), len(points)))
    for slab in column.slabs:  # a few; a point belongs to one pane only
        mesh, parent = viewport.mesh.submesh(slab.name)
        part = column.part(slab.name)
        at = Locator.build(mesh).interpolation(points[part], place="column of the sweep")
        initial[:, part] = (at @ start[:, parent].T).T
        if slab.name == pane:
            weight = slab.weight / slab.weight.sum()
            whole = temperature.temperature[:, remaining.parent[parent]]
            without_loss = (at @ whole.T).T @ weight - cold
    clock = _clock(environment, viewport.case, times)
    history = run_column(column, time=clock, start=times, initial=initial, kept=KEPT)
    top = int(without_loss.argmax())
    kept = float(without_loss[top]), float(temperature.time[top])
    return _summary(pane, place, times, np.interp(history.time, temperature.time, cold), history, kept)


def column_of(viewport: Viewport, model: HeatModel, place: Array) -> tuple[Column, Array]:
    """The column of a window at a place (x, y) [m], and its nodes as points (n, 3) of the mesh."""
    mesh, panes = viewport.mesh, viewport.case.panes
    slabs, points = [], []
    for pane in panes:
        outer, inner = (_height(viewport, f"{pane.name}.{f}", place) for f in ("outer", "inner"))
        slab = Slab.between(pane.name, viewport.materials[pane.name], outer, inner)
        slabs.append(slab)
        inset = np.clip(slab.z, inner + 1e-6 * (outer - inner), outer - 1e-6 * (outer - inner))
        points.append(np.column_stack([np.tile(place, (len(slab.z), 1)), inset]))
    gaps = []
    for a, b in itertools.pairwise(slabs):
        pair = next((p for p in model.pairs if isinstance(p, Gap) and p.face_a == f"{a.name}.inner"), None)
        gaps.append(None if pair is None else (pair, float(a.z[-1] - b.z[0])))
    ends = []
    for face in (f"{panes[0].name}.outer", f"{panes[-1].name}.inner"):
        where = np.array([[*place, mesh.points[mesh.face_nodes(face), 2].mean()]])
        ends.append(
            tuple(
                (b, float(evaluate(getattr(b, "weight", 1.0), where)[0]))
                for b in model.boundaries
                if not isinstance(b, Prescribed) and getattr(b, "face", "") == face
            )
        )
    return Column(tuple(slabs), ends[0], ends[1], tuple(gaps)), np.concatenate(points)


def _height(viewport: Viewport, face: str, place: Array) -> float:
    """Height [m] of a face at a place: that of its nearest node, faces are level in the open middle."""
    points = viewport.mesh.points[viewport.mesh.face_nodes(face)]
    return float(points[np.argmin(np.hypot(*(points[:, :2] - place).T)), 2])


def _place(viewport: Viewport, pane: str) -> Array:
    """x, y [m] of the most heated place inside the open part: its middle, or towards the larger heating ratio."""
    points = viewport.mesh.points[viewport.mesh.face_nodes(f"{pane}.outer")]
    middle = 0.5 * (points.min(axis=0) + points.max(axis=0))[:2]
    heating = viewport.case.environment.heating
    if heating.flow_direction is None or heating.gradient == 0.0:
        return np.asarray(middle)
    reach = 0.4 * float((points.max(axis=0) - points.min(axis=0))[:2].min())
    along = np.array([np.cos(heating.flow_direction), np.sin(heating.flow_direction)])
    return np.asarray(middle + np.sign(heating.gradient) * reach * along)


def _clock(environment: Environment, case: Case, times: Array) -> Array:
    """Steps from the first loss to the end, with every loss among them."""
    first, end = float(times.min()), environment.end
    fine = np.linspace(first, end, int(np.ceil((end - first) / FINE)) + 1)
    flux = environment.film(fine) * environment.recovery_enthalpy(fine)
    hot = np.flatnonzero(flux > HEATED * max(float(np.max(flux)), 1e-300))
    last = fine[hot[-1]] if len(hot) else first
    after = np.linspace(last, end, int(np.ceil((end - last) / COARSE)) + 1)
    found = np.concatenate([fine[fine < last], after])
    # a step in place of another one close to it: none gets shorter than half
    near = np.abs(found[:, None] - times[None, :]).min(axis=1) < 0.5 * FINE
    return np.unique(np.concatenate([found[~near], times, [end]]))


def _rim(viewport: Viewport, pane: str) -> str:
    """The face of a pane that stays coldest: its rim, or a seat."""
    names = (f"{pane}.{f}" for f in ("rim", "seat_inner", "seat_outer", "inner"))
    return next(name for name in names if viewport.has_face(name))


def _summary(
    pane: str, place: Array, times: Array, rim: Array, history: ColumnHistory, kept: tuple[float, float]
) -> ColumnSweep:
    T = history.of(pane)
    slab = next(s for s in history.column.slabs if s.name == pane)
    material, z = slab.material, slab.z[::-1]
    T = T[:, :, ::-1]  # from the inner face outwards, z rising
    weight = thickness_weights(z)
    mean = T @ weight
    half = (z > z.mean()).astype(float) * weight
    difference = T @ (half / half.sum()) - T @ ((weight - half) / (weight - half).sum())
    M = float(material.youngs_modulus(293.15) / (1.0 - material.poisson(293.15)))
    strain = np.asarray(material.thermal_strain(np.nan_to_num(T, nan=293.15)))
    held = -M * (strain - (strain @ weight)[:, :, None])
    free = -M * (strain @ free_part(z).T)
    gone = np.isnan(mean)
    hot = np.where(gone, -np.inf, np.nanmax(np.where(np.isnan(T), -np.inf, T), axis=2))
    return ColumnSweep(
        times,
        hot.max(axis=0),
        history.time[hot.argmax(axis=0)],
        np.where(gone, -np.inf, difference).max(axis=0),
        np.where(gone, -np.inf, mean - rim[:, None]).max(axis=0),
        np.where(gone, -np.inf, held[:, :, 0]).max(axis=0),
        np.where(gone, -np.inf, free.max(axis=2)).max(axis=0),
        np.where(gone, -np.inf, T[:, :, 0]).max(axis=0),
        place,
        history,
        *kept,
    )
