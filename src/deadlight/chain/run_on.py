"""Heat and stress of a window from an instant on, from the temperatures that it has then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from deadlight.case.model import Case
from deadlight.chain.heating import HeatModel
from deadlight.chain.loading import pane_stress, sides
from deadlight.chain.opening import model_behind
from deadlight.chain.outside import with_wall_temperatures
from deadlight.chain.viewport import Viewport
from deadlight.chain.without_pane import Remaining
from deadlight.entry.environment import Environment
from deadlight.errors import InputError
from deadlight.heat.history import TemperatureHistory
from deadlight.heat.solve import solve_heat
from deadlight.linalg.schedule import blas_threads
from deadlight.progress import Progress, silent
from deadlight.series import Series
from deadlight.stress.history import StressHistory

Array = np.ndarray[Any, np.dtype[np.float64]]

SETTLED = 0.05  # [s] after which the pane no longer swings from the pressure step (assumption: few periods of 1 kHz)
RISE = 1e-3  # [s] in which the step comes on; steps that are slower than a quarter period need no amplification
SMALL_STEP = 50.0  # [Pa] below which a pressure step is not worth instants of its own
SPACING = 10.0  # [s] stress is known at least this often


@dataclass(frozen=True, eq=False)
class RunOn:
    """Heat and stress of what is left from an instant to the end.

    Attributes
    ----------
    viewport : Viewport
    environment : Environment
        Gap gas at the temperatures of the panes that are left.
    heat_model : HeatModel
    temperature : TemperatureHistory
        From the instant on.
    stress : dict of pane -> StressHistory
        Of the panes that were asked for.
    step : float [Pa]
        Pressure on the exposed pane's outer face just after less just before; 0 if nothing was lost.
    outer_pressure : Series [Pa]
        On the exposed pane's outer face as the stress takes it, with the swing of the step.
    """

    viewport: Viewport
    environment: Environment
    heat_model: HeatModel
    temperature: TemperatureHistory
    stress: dict[str, StressHistory]
    step: float
    outer_pressure: Series


def run_on(
    remaining: Remaining,
    environment: Environment,
    *,
    time: float,
    temperature: Array,
    before: Case | None = None,
    panes: Sequence[str] = (),
    tolerance: float | None = None,
    progress: Progress = silent,
) -> RunOn:
    """Heat from the nodal temperatures at an instant, then stress of some panes.

    Parameters
    ----------
    remaining : Remaining
        From `without` or `intact`.
    environment : Environment
        Of the window before the loss: gap pressures of the gaps that are left are taken from it until the new heat
        solution is there.
    time : float [s]
    temperature : (n_nodes,) float [K]
        Of the whole window's mesh at that instant.
    before : Case, optional
        That of the window before the loss, for the pressure step; None: no step.
    panes : sequence of str
        Whose stress is wanted.
    tolerance : float, optional [K]
        Local error of a heat step; the case's if not given.

    Raises
    ------
    InputError
        The instant is not inside the return.
    NotSolved
    """
    if not 0.0 <= time < environment.end:
        raise InputError(
            f"loss at {time:g} s", place="loss", remedy=f"an instant of the return, 0 s to {environment.end:g} s"
        )
    viewport = remaining.viewport
    with blas_threads(1):
        model = model_behind(viewport, environment, remaining.front)
        history = _heat(viewport, environment, model, remaining, time, temperature, tolerance, progress)
        step, outer = _step(remaining, environment, before, time)
        history = history.resampled(_instants(history.time, outer))
        flown = replace(environment, outer_pressure=environment.outer_pressure.since(0.0))  # without a hold in orbit
        after = with_wall_temperatures(flown, viewport, history)
        loaded = replace(after, outer_pressure=outer)
        stress = {}
        for i, name in enumerate(panes):
            progress("run on", 0.5 + 0.5 * i / len(panes), f"stress of {name}")
            pane = next(p for p in viewport.case.panes if p.name == name)
            stress[name] = pane_stress(
                viewport, pane, loaded, time=history.time, temperature=history.temperature
            )
    progress("run on", 1.0, f"from {time:.0f} s")
    return RunOn(viewport, after, model, history, stress, step, outer)


def _heat(
    viewport: Viewport, environment: Environment, model: HeatModel, remaining: Remaining, time: float,
    temperature: Array, tolerance: float | None, progress: Progress,
) -> TemperatureHistory:  # fmt: skip
    breaks = sorted({e.time for e in environment.events if time < e.time < environment.end})
    return solve_heat(
        viewport.mesh,
        viewport.materials,
        boundaries=model.boundaries,
        pairs=model.pairs,
        initial=np.asarray(temperature, dtype=float)[remaining.parent],
        time_span=(time, environment.end),
        tolerance=tolerance or viewport.case.solver.heat_tolerance,
        breakpoints=breaks,
        progress=lambda t, share: progress("run on", 0.5 * share, f"{t:.0f} s of {environment.end:.0f} s"),
    )


def _step(remaining: Remaining, environment: Environment, before: Case | None, time: float) -> tuple[float, Series]:
    """The step [Pa] on the exposed face, and the outer pressure with the swing right after the loss in it."""
    outer = environment.outer_pressure
    if before is None or not remaining.lost:
        return 0.0, outer
    was, _ = sides(before, remaining.exposed, environment)
    start, now = float(was(time)), float(outer(time))
    step = now - start
    if abs(step) < SMALL_STEP:
        return step, outer
    swing = now + (before.loss.step_factor.value - 1.0) * step
    later = outer.time[outer.time > time + SETTLED]
    clock = np.concatenate([[time, time + RISE, time + SETTLED], later])
    values = np.concatenate([[start, swing, float(outer(time + SETTLED))], outer(later)])
    return step, Series(clock, values, outer.name, outer.unit)


def _instants(time: Array, outer: Series) -> Array:
    """Steps of the heat solution, at most `SPACING` apart, and those of the pressure step."""
    first, last = float(time[0]), float(time[-1])
    count = int(np.ceil((last - first) / SPACING))
    step = outer.time[:3] if outer.time[0] == first else np.zeros(0)
    found = np.unique(np.concatenate([time, np.linspace(first, last, count + 1), step]))
    return found[(found >= first) & (found <= last)]
