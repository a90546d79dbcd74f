"""Transient conduction: from a mesh, materials, boundaries and pairs to a temperature history."""

from __future__ import annotations

import time as clock
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from deadlight.errors import InputError, NotSolved
from deadlight.heat.boundary import Boundary
from deadlight.heat.caution import cautions, check_run
from deadlight.heat.control import JUMP, StepControl, segments
from deadlight.heat.history import TemperatureHistory
from deadlight.heat.load import BoundPair
from deadlight.heat.pair import Pair
from deadlight.heat.recorder import Recorder
from deadlight.heat.system import HeatSystem, State
from deadlight.heat.tables import HeatMaterial
from deadlight.heat.tr_bdf2 import Stepper
from deadlight.mesh.mesh import Mesh

Array = np.ndarray[Any, np.dtype[np.float64]]
Progress = Callable[[float, float], None]


def solve_heat(
    mesh: Mesh,
    materials: Mapping[str, HeatMaterial],
    *,
    boundaries: Sequence[Boundary] = (),
    pairs: Sequence[Pair] = (),
    initial: float | Array | Mapping[str, float],
    time_span: tuple[float, float],
    tolerance: float = 0.1,
    breakpoints: Sequence[float] | Array = (),
    output_times: Sequence[float] | Array | None = None,
    largest_step: float | None = None,
    fixed_step: float | None = None,
    most_steps: int = 100_000,
    progress: Progress | None = None,
) -> TemperatureHistory:
    """Transient conduction in enthalpy form, rho dH(T)/dt = div(k(T) grad T), with everything that acts on the faces.

    Quadratic finite elements with consistent capacity in space, TR-BDF2 with adaptive steps in time.  Faces that no
    boundary or pair names are adiabatic.

    Parameters
    ----------
    mesh : Mesh
    materials : mapping of region -> Material
        `density`, `conductivity` and `specific_heat` are used.
    boundaries : sequence of Convection, Flux, Film, Radiation, Prescribed, Source
    pairs : sequence of Gap, Contact
    initial : float, (n_nodes,) or mapping of region -> float [K]
    time_span : (float, float) [s]
    tolerance : float [K]
        Largest local error of any nodal temperature in a step.
    breakpoints : sequence of float [s]
        Instants where a boundary jumps (parachute).  A step ends there; boundaries are taken 1 microsecond before it
        for the step that ends and 1 microsecond after it for the one that begins.
    output_times : sequence of float or None [s]
        Instants to keep; None keeps the end of every step.
    largest_step, fixed_step : float or None [s]
        Upper bound; or steps of one length without error control.
    most_steps : int
        NotSolved beyond.
    progress : callable(time [s], fraction) or None

    Returns
    -------
    TemperatureHistory

    Raises
    ------
    InputError
        Missing material, unknown face or region, times or temperatures that make no sense.
    NotSolved
        The step became too small, too many steps, or the heat balance did not close.
    """
    begun = clock.perf_counter(), clock.process_time()
    start = _initial(mesh, initial)
    check_run(mesh, boundaries, pairs, start, time_span, tolerance, fixed_step)
    system = HeatSystem(mesh, materials, boundaries=boundaries, pairs=pairs, datum=float(np.median(start)))
    state = system.evaluate(time_span[0] + JUMP, system.temperatures(time_span[0] + JUMP, start))
    wanted = None if output_times is None else _wanted(output_times, time_span)
    recorder = Recorder(system, state, time_span[0], wanted)
    run = _Run(
        system,
        Stepper(system, tolerance, estimate=fixed_step is None),
        recorder,
        tolerance,
        most_steps,
        time_span,
        progress,
    )
    cuts = segments(time_span, np.asarray(breakpoints, dtype=float))
    for i, (t, stop) in enumerate(cuts):
        if i:
            at = t + JUMP
            state = system.evaluate(at, system.temperatures(at, state.T))
        state = run.segment(state, t, stop, last=i == len(cuts) - 1, largest=largest_step, fixed=fixed_step)
    balance = recorder.balance()
    unpaired = {p.name: p.pairing.unpaired_fraction for p in system.loads if isinstance(p, BoundPair)}
    info = run.info() | {"seconds": clock.perf_counter() - begun[0], "cpu_seconds": clock.process_time() - begun[1]}
    return TemperatureHistory(
        np.array(recorder.time),
        np.array(recorder.temperature).reshape(-1, mesh.n_nodes),
        balance,
        np.array([t for t, _ in cuts[1:]]),
        cautions(mesh, materials, system, recorder.lowest, recorder.highest),
        info,
        unpaired,
    )


class _Run:
    """The loop over the steps of a segment."""

    def __init__(
        self,
        system: HeatSystem,
        stepper: Stepper,
        recorder: Recorder,
        tolerance: float,
        most_steps: int,
        span: tuple[float, float],
        progress: Progress | None,
    ) -> None:
        self.system, self.stepper, self.recorder = system, stepper, recorder
        self.tolerance, self.most_steps, self.span, self.progress = tolerance, most_steps, span, progress
        self.steps = self.rejected = 0

    def segment(
        self, state: State, t: float, stop: float, *, last: bool, largest: float | None, fixed: float | None
    ) -> State:
        """Steps from t to stop; returns the state there."""
        self._check_loads(state)
        self.stepper.restart()
        control = StepControl(
            dt=fixed or self._first(state, stop - t),
            smallest=1e-12 * max(abs(stop), stop - t),
            largest=min(largest or stop - t, stop - t),
            fixed=fixed is not None,
        )
        while t < stop:
            dt = control.to(t, stop)
            end = stop if dt == stop - t else t + dt
            step = self.stepper.step(state, dt, end_time=end if last or end < stop else stop - JUMP)
            if step is None:
                control.failed(dt)
            if step is None or not control.judge(dt, step.error, self.tolerance):
                self.stepper.reject(step)
                self.rejected += 1
                self._check_step(control, t, state)
                continue
            self.stepper.accept(step)
            self.recorder.add(step, end)
            state, t = step.end, end
            self.steps += 1
            self._check_count(t, dt, state)
            if self.progress is not None:
                self.progress(t, (t - self.span[0]) / (self.span[1] - self.span[0]))
        return state

    def _first(self, state: State, span: float) -> float:
        """First step: a few tolerances of change at the rate of now."""
        diagonal = self.system.capacity_sums(state.T)
        rate = float(np.abs(state.rate / diagonal)[~self.system.fixed].max(initial=0.0))
        return min(span, 20.0 * self.tolerance / rate) if rate * span > 20.0 * self.tolerance else 0.05 * span

    def _check_loads(self, state: State) -> None:
        for load in self.system.loads:
            if not np.isfinite(load.rates(state.time, state.T).gross):
                raise NotSolved(
                    f"heat: {load.name} is not finite at t = {state.time:.6g} s with {state.T.min():.1f} K to "
                    f"{state.T.max():.1f} K; check its series, weight and emissivity"
                )

    def _check_step(self, control: StepControl, t: float, state: State) -> None:
        if control.dt < control.smallest or control.fixed:
            node = int(np.argmax(np.abs(state.rate)))
            raise NotSolved(
                f"heat: no step from t = {t:.6g} s converges (last tried {4 * control.dt:.3g} s); the strongest "
                f"heating, {state.rate[node]:.3g} W, is at node {node} with {state.T[node]:.1f} K: check the boundary "
                "values there, state a jump as a breakpoint, or raise the tolerance"
            )

    def _check_count(self, t: float, dt: float, state: State) -> None:
        if self.steps >= self.most_steps and t < self.span[1]:
            raise NotSolved(
                f"heat: {self.steps} steps reach only t = {t:.6g} s of {self.span[1]:g} s (step {dt:.3g} s); "
                "raise most_steps or the tolerance, or smooth a boundary that jumps"
            )

    def info(self) -> dict[str, float]:
        c = self.stepper.correction
        return {
            "steps": self.steps,
            "rejected": self.rejected,
            "newton": self.stepper.newton,
            "jacobians": self.stepper.jacobians,
            "linear_solves": c.solves,
            "linear_iterations": c.iterations,
            "factorisations": c.factors,
        }


def _initial(mesh: Mesh, initial: float | Array | Mapping[str, float]) -> Array:
    if isinstance(initial, Mapping):
        missing = [r for r in mesh.regions if r not in initial]
        if missing:
            raise InputError(
                f"no initial temperature for region {', '.join(missing)}",
                place="heat",
                remedy=f"give one for each of: {', '.join(mesh.regions)}",
            )
        T = np.zeros(mesh.n_nodes)
        for region in mesh.regions:
            T[mesh.region_nodes(region)] = initial[region]
        return T
    found = np.asarray(initial, dtype=float)
    if found.ndim and found.shape != (mesh.n_nodes,):
        raise InputError(f"initial temperatures of shape {found.shape}", place="heat", remedy=f"({mesh.n_nodes},)")
    return np.array(np.broadcast_to(found, (mesh.n_nodes,)))


def _wanted(times: Sequence[float] | Array, span: tuple[float, float]) -> Array:
    wanted = np.asarray(times, dtype=float)
    if not len(wanted) or (np.diff(wanted) <= 0).any() or wanted[0] < span[0] or wanted[-1] > span[1]:
        raise InputError(
            f"output times {times!r}",
            place="heat",
            remedy=f"increasing instants between {span[0]:g} s and {span[1]:g} s",
        )
    return wanted
