"""The full tier for one crack: the 3D crack operator under the pane's stress history, against K_Ic at the front."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.assumption import Assumption
from deadlight.case.crack import Impact
from deadlight.chain.blocked import Blocked, blocked_by
from deadlight.chain.crack_points import CrackPoints
from deadlight.chain.flaws import Flaw
from deadlight.chain.front_answer import FrontAnswer, fronts_of
from deadlight.chain.load_error import heat_part, mesh_part, operator_part, root_sum_square, stress_part
from deadlight.chain.sampled import SampledStress
from deadlight.crack.result import ends_at_peak
from deadlight.finite import UNLIMITED, Rule, require_finite
from deadlight.material.material import Material
from deadlight.operator.field import SteadyStress, as_modes
from deadlight.operator.history import CrackHistory, follow
from deadlight.operator.intensity import StressIntensity, stress_intensity
from deadlight.operator.supports import SeatSprings
from deadlight.operator.system import CrackOperator
from deadlight.remark import Remark
from deadlight.stress.history import StressHistory

Array = np.ndarray[Any, np.dtype[np.float64]]

SOURCE = "crack operator"
USED = ("toughness", "youngs_modulus", "poisson")


@dataclass(frozen=True, eq=False)
class Scenario:
    """One end of what the residual stress may be.

    Attributes
    ----------
    label : str
        For the reader; "" where nothing was stated.
    history : CrackHistory
    fronts : tuple of FrontAnswer
    pressure : (m,) float [Pa]
        In the crack, of gas and residual stress together.
    ratio_max : float
    """

    label: str
    history: CrackHistory
    fronts: tuple[FrontAnswer, ...]
    pressure: Array

    @functools.cached_property
    def ratio_max(self) -> float:
        return max(float(np.max(front.ratio)) for front in self.fronts)


@dataclass(frozen=True, eq=False)
class FullAnswer:
    """The operator's answer for one crack as found.

    Attributes
    ----------
    intensity : StressIntensity
        Without residual stress, with the error estimate.  Its operator can solve no more: the factor is given free.
    scenarios : tuple of Scenario
    governing : int
        The scenario with the largest K/K_Ic.
    errors : dict of str -> float
        Parts of the numerical error of K at its worst place and instant, relative: "operator", "stress", "mesh".
    young, nu, reference : float [Pa], 1, [K]
        Elastic constants that were used, and the temperature at which.
    remarks, assumptions : tuple
    """

    intensity: StressIntensity
    scenarios: tuple[Scenario, ...]
    governing: int
    errors: dict[str, float]
    young: float
    nu: float
    reference: float
    remarks: tuple[str, ...]
    assumptions: tuple[Assumption, ...]

    def no_number(self) -> dict[str, Rule]:
        return {"errors": UNLIMITED}  # what is not known has no limit

    @property
    def fronts(self) -> tuple[FrontAnswer, ...]:
        """Of the governing scenario."""
        return self.scenarios[self.governing].fronts

    @property
    def history(self) -> CrackHistory:
        """Of the governing scenario."""
        return self.scenarios[self.governing].history

    @property
    def time(self) -> Array:
        return self.history.time

    @functools.cached_property
    def worst(self) -> tuple[int, int, int]:
        """Front, instant and front point with the largest K/K_Ic."""
        return worst_of(self.fronts)

    @property
    def ratio_max(self) -> float:
        return self.scenarios[self.governing].ratio_max

    @property
    def time_of_max(self) -> float:
        return float(self.time[self.worst[1]])

    @functools.cached_property
    def _first(self) -> tuple[float | None, str | None]:
        first = [(t, front, i) for front in self.fronts for t, i in [front.first_crossing()] if t is not None]
        if not first:
            return None, None
        time, front, point = min(first, key=lambda f: f[0])
        return time, front.where(point)

    @property
    def first_time(self) -> float | None:
        """When K first reaches K_Ic [s]."""
        return self._first[0]

    @property
    def first_where(self) -> str | None:
        return self._first[1]

    @property
    def other_errors(self) -> float:
        """Relative error of K by all but the operator's own part, which is known point by point."""
        return root_sum_square({k: v for k, v in self.errors.items() if k != "operator"})

    @property
    def highest(self) -> float:
        """Largest K/K_Ic with every error, at any place and instant."""
        others = self.other_errors
        peak = max(float(front.effective.max()) for front in self.fronts)
        tops = [(f.effective + np.hypot(f.error, others * peak)) / f.toughness for f in self.fronts]
        return float(np.max([top.max() for top in tops]))

    @property
    def worst_where(self) -> str:
        front, _, point = self.worst
        return self.fronts[front].where(point)


def worst_of(fronts: Sequence[FrontAnswer]) -> tuple[int, int, int]:
    """Front, instant and front point with the largest K/K_Ic; NaN counts as largest."""
    tops = [np.unravel_index(int(np.argmax(front.ratio)), front.ratio.shape) for front in fronts]
    values = np.array([front.ratio[top] for front, top in zip(fronts, tops)])
    front = int(np.argmax(values))
    return front, int(tops[front][0]), int(tops[front][1])


def full_answer(
    flaw: Flaw, history: StressHistory, temperature: Array, material: Material, *, gas: Array | float, refine: float
) -> FullAnswer:
    """K along the fronts of a crack at every instant, against K_Ic there.

    Parameters
    ----------
    history : StressHistory
        Of the crack's pane.
    temperature : (m, n_nodes of the pane) float [K]
        At the instants of the stress history.
    gas : float or (m,) float [Pa]
        Pressure in the crack, opening it.
    refine : float
        Fineness of the surface mesh.

    Raises
    ------
    InputError
        The crack does not fit.
    NotSolved
        No mesh, or no solution.
    """
    stress = SampledStress.of(history)
    points = CrackPoints.of(flaw)
    warm = stress.sample_field(temperature, points.point)
    reference = float(warm[np.argmax(points.pull(stress))].mean())
    low, high = float(warm.min()), float(warm.max())
    young, nu = float(material.youngs_modulus(reference)), float(material.poisson(reference))
    found = stress_intensity(
        stress, flaw.sheet, flaw.body, young=young, nu=nu, pressure=gas, seats=history.seats, refine=refine
    )
    given: dict[str, Any] = {"flaw": flaw, "stress": stress, "temperature": temperature, "material": material}
    blocked = blocked_by(flaw, points, found, stress, temperature, material, reference)
    scenarios = tuple(
        Scenario(label, answer, fronts_of(answer, found, **given), pressure)
        for label, answer, pressure in _answers(found, stress, flaw.stated.residual, gas, blocked)
    )
    require_finite(f"cracks, {flaw.stated.name}", front=found.fronts, scenario=scenarios)
    governing = int(np.argmax([s.ratio_max for s in scenarios]))
    fronts = scenarios[governing].fronts
    at = worst_of(fronts)
    errors = {
        "operator": operator_part(fronts, at),
        "stress": stress_part(fronts, stress, found.history),
        "mesh": mesh_part(fronts, stress, found.history),
    }
    if blocked.load is not None:
        errors["heat"] = heat_part(fronts, found.history, blocked.error)
    # doubt about K anywhere in time is no alarm: what is judged has a check of its own
    said = [
        *found.meshed.remarks,
        *(Remark(each) for each in found.doubts),
        *material.warnings(low, high, USED),
        *_at_end(fronts),
    ]
    said += blocked.remarks
    assumed = _assumptions(flaw, scenarios, found, reference, nu, material, (low, high))
    assumed = (*assumed, blocked.assumption(flaw.stated.name))
    light = released(found.history)
    kept = tuple(dataclasses.replace(s, history=dataclasses.replace(s.history, operator=light)) for s in scenarios)
    found = dataclasses.replace(found, history=dataclasses.replace(found.history, operator=light))
    return FullAnswer(found, kept, governing, errors, young, nu, reference, tuple(said), assumed)


def released(history: CrackHistory) -> CrackOperator:
    """The operator without its factor, which takes hundreds of megabytes: NaN of the same shape in no memory."""
    operator = history.operator
    return dataclasses.replace(operator, factor=np.broadcast_to(np.nan, operator.factor.shape))


def _answers(
    found: StressIntensity, stress: SampledStress, residual: Impact | None, gas: Array | float, blocked: Blocked
) -> list[tuple[str, CrackHistory, Array]]:
    """The crack's history for every value of the residual stress, on the factor that is there.

    Label, history and pressure in the crack (m,) [Pa].
    """
    operator, history = found.history.operator, stress.history
    held = history.seats is not None and len(history.seats.area) > 0 and found.meshed.back is not None
    springs = SeatSprings.of(operator.mesh, history.seats) if held else None
    scale, unit = 1.0, "MPa in the crack"
    if residual is not None and residual.K:
        nothing = SteadyStress(lambda x: np.zeros((len(x), 6)), np.zeros(1), np.ones((1, 1)))
        one = follow(operator, as_modes(nothing), pressure=1.0, contact=False)
        scale, unit = 1.0 / max(float(k[0, :, 0].max()) for k in one.k), "MPa m^0.5"
    answers = []
    for value in residual.band if residual else (0.0,):
        label = f"impact residual {value / 1e6:.4g} {unit}" if residual else ""
        pressure = np.broadcast_to(np.asarray(gas) + scale * value, stress.time.shape)
        answer = found.history
        if value > 0.0 or blocked.load is not None:
            answer = follow(operator, stress, pressure=pressure, seats=springs, more=blocked.load)
        answers.append((label, answer, pressure))
    return answers


def _at_end(fronts: Sequence[FrontAnswer]) -> tuple[Remark, ...]:
    return ends_at_peak(fronts[0].time, np.concatenate([front.effective for front in fronts], axis=1))


def _assumptions(
    flaw: Flaw,
    scenarios: Sequence[Scenario],
    found: StressIntensity,
    reference: float,
    nu: float,
    material: Material,
    span: tuple[float, float],
) -> tuple[Assumption, ...]:
    name = flaw.stated.name
    spread = max(abs(float(material.poisson(t)) - nu) / (1.0 - nu) for t in span)
    texts = {
        "criterion": "(K_I^2 + K_II^2 + K_III^2/(1 - nu))^0.5 against K_Ic(T) at every front point; K_I not below 0",
        "contact": "crack faces touch without friction, at every instant",
        "surface_point": "within 3 % of a front's length from a free surface K is carried on straight from inside",
        f"{name}.seats": "follow the cracked pane" if found.meshed.back is not None else "do not react to the crack",
        f"{name}.skin": found.meshed.choice,
        f"{name}.modulus": (
            f"one modulus and Poisson's ratio over the pane, those at {reference:.0f} K: K does not depend on the "
            f"modulus, and on Poisson's ratio by at most about {100 * spread:.2g} % between the crack's extremes"
        ),
    }
    made = [Assumption(f"operator.{key}", text, SOURCE, "A") for key, text in texts.items()]
    residual = flaw.stated.residual
    if residual is not None:
        status = {"read": "R", "memory": "M", "derived": "D", "assumption": "A"}[residual.status]
        value = "; ".join(f"{s.label}: K/K_Ic up to {s.ratio_max:.2f}" for s in scenarios)
        made.append(
            Assumption(
                f"cracks.{name}.residual",
                f"{value}; the same over all of the crack and at all times",
                residual.source or "case file",
                status,
            )
        )
    return tuple(made)
