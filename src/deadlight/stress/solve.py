"""The stress history of one pane: full solutions at chosen instants, a reduced model for all, modes at the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from deadlight.errors import InputError
from deadlight.mesh.mesh import Mesh
from deadlight.remark import Remark
from deadlight.stress.condense import allowed_error, condense, peaks
from deadlight.stress.history import StressError, StressHistory
from deadlight.stress.loads import InitialStress, Loads
from deadlight.stress.problem import PaneProblem
from deadlight.stress.reduced import ReducedModel
from deadlight.stress.seats import SeatHistory
from deadlight.stress.supports import Fixed, Seat

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

BATCH = 8  # full solutions between two looks: the lanes of the matrix-free product
LOOK = 48  # instants whose residual chooses the next batch
CONDENSATION = 0.35  # part of the allowed error left to the modes
UNBALANCED = 1e-6  # resultant over the loads from which the equilibrium is not one
_USED = ("youngs_modulus", "poisson", "mean_expansion")


def solve_stress(
    mesh: Mesh,
    material: Any,
    *,
    time: Array,
    temperature: Array,
    loads: Loads | None = None,
    supports: Sequence[Seat | Fixed],
    initial_stress: InitialStress | None = None,
    stress_free_temperature: float = 293.15,
    max_instants: int = 60,
    tolerance: float = 0.005,
    floor_Pa: float = 2000.0,
    progress: Callable[[float, str], None] | None = None,
) -> StressHistory:
    """Thermo-elastic stress history of an uncracked pane.

    Parameters
    ----------
    mesh : Mesh
        The pane alone: one region, with the faces that loads and supports name.
    material : Material
        `youngs_modulus(T)`, `poisson(T)`, `thermal_strain(T)`, `density`.
    time : (m,) float [s]
    temperature : (m, n_nodes) float [K]
    loads : Loads
    supports : sequence of Seat or Fixed
    initial_stress : InitialStress
    stress_free_temperature : float [K]
    max_instants : int
        Full solutions at most.
    tolerance, floor_Pa : float
        At every node and instant the error is at most `tolerance` times the node's own peak (largest component over
        the history) or `floor_Pa`, measured at held-out instants; a warning says where it is not met.
    progress : callable(fraction, text), optional

    Raises
    ------
    InputError
        Shapes that do not fit, values that are not finite, a face that does not exist.
    MaterialError
        A material without a stable stiffness at some temperature.
    NotSolved
        An instant has no equilibrium.
    """
    problem = _problem(mesh, material, time, temperature, loads, supports, initial_stress, stress_free_temperature)
    say = progress or (lambda fraction, text: None)
    say(0.0, "factor")
    model = ReducedModel(problem)
    model.solve()
    allowed = allowed_error(peaks(model, problem.sample), tolerance=tolerance, floor=floor_Pa)
    checks = _verify(model, allowed, max_instants, say)
    say(0.9, "modes")
    modes, amplitudes, condensation = condense(model, tolerance=tolerance, floor=floor_Pa, budget=CONDENSATION)
    error = StressError(
        checks.held_out,
        condensation,
        tolerance,
        floor_Pa,
        tuple(checks.solved),
        tuple(checks.last),
        checks.balance,
        checks.residual,
    )
    say(1.0, "stress done")
    lifted = _lifted(model)
    warnings = (
        *checks.warnings,
        *_warnings(problem, error, lifted, checks.shear, float(np.max(allowed)) / tolerance, len(modes)),
    )
    seats = SeatHistory.of(mesh, problem.held.springs, model.pressure())
    return StressHistory(problem.time, modes, amplitudes, mesh, error, warnings, lifted, checks.shear, seats)


def _problem(
    mesh: Mesh,
    material: Any,
    time: Array,
    temperature: Array,
    loads: Loads | None,
    supports: Sequence[Seat | Fixed],
    initial_stress: InitialStress | None,
    stress_free_temperature: float,
) -> PaneProblem:
    time, temperature = np.asarray(time, dtype=float), np.asarray(temperature, dtype=float)
    if time.ndim != 1 or not len(time) or (np.diff(time) <= 0).any():
        raise InputError(
            f"time of shape {time.shape} that does not increase", place="stress", remedy="increasing instants (m,)"
        )
    moved = [s for s in supports if isinstance(s, Fixed) and np.any(np.asarray(s.value) != 0)]
    if moved:
        raise InputError(
            "a support with a given displacement other than 0",
            place="stress",
            remedy="a history takes Fixed(..., value=0) only",
        )
    return PaneProblem(
        mesh,
        material,
        time,
        temperature,
        loads or Loads(),
        supports,
        initial_stress or InitialStress(),
        stress_free_temperature,
    )


@dataclass
class _Checks:
    """What full solutions have shown so far."""

    held_out: float = np.inf
    balance: float = 0.0
    residual: float = 0.0
    shear: float = 0.0
    solved: list[int] = field(default_factory=list)
    last: list[int] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def _verify(model: ReducedModel, allowed: Array, most: int, say: Callable[[float, str], None]) -> _Checks:
    """Solves the instants that the reduced model serves worst, adds them to its basis, until a fresh batch agrees."""
    checks = _Checks()
    goal = 1.0 - CONDENSATION
    while True:
        batch = _worst(model, checks.solved, min(BATCH, most - len(checks.solved)))
        fresh = [i for i in batch if i not in checks.solved]
        error, missing = _compare(model, batch, allowed, checks)
        checks.held_out, checks.last = error, [int(i) for i in batch]
        checks.solved += [int(i) for i in fresh]
        say(min(0.85, 0.1 + 0.75 * len(checks.solved) / most), f"instants {len(checks.solved)}")
        if error <= goal or not fresh:
            break
        model.extend(missing)
        model.solve()
        if len(checks.solved) >= most:
            break
    return checks


def _worst(model: ReducedModel, solved: list[int], count: int) -> Index:
    """The instants of largest residual among those not solved yet, apart from each other; or the last ones again."""
    candidates = np.setdiff1d(model.problem.sample, solved)
    if not len(candidates):
        return np.asarray(solved[-BATCH:])
    if len(candidates) > LOOK:
        candidates = candidates[np.linspace(0, len(candidates) - 1, LOOK).astype(int)]
    size = np.concatenate([model.residual(candidates[a : a + 16]) for a in range(0, len(candidates), 16)])
    chosen: list[int] = []
    apart = max(1, len(candidates) // (4 * BATCH))
    for k in np.argsort(size)[::-1]:
        if len(chosen) < max(count, 1) and all(abs(int(k) - c) >= apart for c in chosen):
            chosen.append(int(k))
    return np.sort(candidates[chosen])


def _compare(model: ReducedModel, batch: Index, allowed: Array, checks: _Checks) -> tuple[float, Array]:
    """Largest error of the reduced stress in parts of the allowed, and the displacement that the basis lacks."""
    problem = model.problem
    guess = model.displacement(batch)
    found = problem.equilibrium(batch, guess=guess)
    checks.balance = max(checks.balance, float(found.balance.max()))
    checks.residual = max(checks.residual, float(found.residual.max()))
    checks.shear = max(checks.shear, float(found.shear_traction.max()))
    exact = problem.stress_of(batch, found.displacement)
    error = np.abs(model.stress(batch) - exact) / allowed[None, :, None]
    return float(error.max()), (found.displacement - guess).reshape(-1, len(batch))


def _lifted(model: ReducedModel) -> Array:
    """Share of the seat area that has lifted off at every instant. (m,)."""
    area = model.problem.held.springs.area
    return (area @ (model.pressure() < 0)) / area.sum() if len(area) else np.zeros(len(model.problem.time))


def _warnings(
    problem: PaneProblem, error: StressError, lifted: Array, shear: float, peak: float, modes: int
) -> list[str]:
    found: list[str] = []
    if error.total > 1.0:
        text = (
            f"stress history: the error is {error.total:.2f} of the allowed ({100 * error.tolerance:g} % of a node's "
            f"own peak or {error.floor / 1e3:g} kPa) after {len(error.solved)} full solutions and {modes} modes"
        )
        found.append(Remark(text, alarm=True))
    if error.balance > 1e-9:
        text = f"stress history: reactions balance the loads to {error.balance:.1e} only (expected 1e-9)"
        found.append(Remark(text, alarm=error.balance > UNBALANCED))
    if lifted.max() > 0.01:
        i = int(np.argmax(lifted))
        found.append(
            f"stress history: up to {100 * lifted[i]:.0f} % of the seat area lifts off (at {problem.time[i]:g} s)"
        )
    if shear > 0.02 * peak:
        found.append(
            f"stress history: the soft in-plane restraint of the gaskets carries {shear / 1e3:.3g} kPa, more "
            f"than 2 % of the peak stress {peak / 1e6:.3g} MPa; its stiffness is an assumption that matters here"
        )
    if hasattr(problem.material, "warnings"):
        found += problem.material.warnings(float(problem.temperature.min()), float(problem.temperature.max()), _USED)
    return found
