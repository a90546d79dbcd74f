"""Whether a size that the map calls tolerable stays so: finer mesh of the crack, faces that may cross, slow growth."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from deadlight.case.crack import Crack
from deadlight.chain.front_answer import effective
from deadlight.chain.operator_answer import FullAnswer
from deadlight.errors import DeadlightError
from deadlight.study.apply import Posed
from deadlight.study.plan import Group
from deadlight.study.proportion import clopper_pearson
from deadlight.study.record import number
from deadlight.study.space import Row
from deadlight.study.window import StudyWindow

FINER = 1.4  # fineness of the second mesh of the crack: elements 0.7 times as long, twice the unknowns
LAWS = ("exponential", "power")  # of slow growth, with the glass's own constants
NAMES = {
    "operator": "the crack operator", "finer_mesh": "its finer mesh", "no_contact": "faces that may cross",
    "exponential": "slow growth, exponential law", "power": "slow growth, power law",
}  # fmt: skip
CHECKS = tuple(NAMES)


def posed_at(group: Group, crack: Crack, **growth: Any) -> Posed:
    """The group's case with one crack; what its growth is to be else."""
    case = group.case.model_copy(update={"cracks": (crack,)})
    if growth:
        case = case.model_copy(update={"growth": case.growth.model_copy(update=growth)})
    return Posed(Row(0, 0, ()), case, {}, "")


def checks(window: StudyWindow, group: Group, crack: Crack, full: FullAnswer, times: float) -> dict[str, Any]:
    """Largest K/K_Ic with factor and error band of one crack, by `CHECKS`; None where not solved, and the `reason`.

    Parameters
    ----------
    full : FullAnswer
        Of the crack as found.
    times : float
        Factor on K.
    """
    found: dict[str, Any] = {"operator": number(full.highest * times)}
    reasons = []

    def ask(name: str, answer: Callable[..., float], *given: Posed) -> None:
        try:
            found[name] = number(answer(*given) * times)
        except DeadlightError as error:
            found[name] = None
            reasons.append(f"{NAMES[name]}: {str(error).splitlines()[0]}")

    posed = posed_at(group, crack)
    solver = posed.case.solver
    finer = solver.model_copy(update={"crack_refine": FINER * solver.crack_refine})
    finer_posed = dataclasses.replace(posed, case=posed.case.model_copy(update={"solver": finer}))
    ask("finer_mesh", lambda posed: window.full(posed).answers[0].judged.highest, finer_posed)
    ask("no_contact", lambda: _crossing(full))
    for law in LAWS:
        ask(law, lambda posed: window.quick(posed).answers[0].judged.highest, posed_at(group, crack, law=law))
    return {**found, "reason": "; ".join(reasons)}


def _crossing(full: FullAnswer) -> float:
    """`FullAnswer.highest` of a crack whose faces may pass through each other."""
    k = [np.concatenate([f.k_open[..., None], f.k[..., 1:]], axis=2) for f in full.fronts]
    open_k = [effective(each, full.nu) for each in k]
    peak, others = max(float(each.max()) for each in open_k), full.other_errors
    tops = [(each + np.hypot(f.error, others * peak)) / f.toughness for each, f in zip(open_k, full.fronts)]
    return float(np.max([top.max() for top in tops]))


def rates(rows: Sequence[dict[str, Any]], confidence: float) -> dict[str, dict[str, float | int]]:
    """How many of the places drawn at random each check does not call tolerable, with Clopper-Pearson bounds.

    One that was not solved counts as not tolerable.
    """
    drawn = [r for r in rows if r.get("drawn")]
    found = {}
    for name in CHECKS:
        values = [r[f"check_{name}"] for r in drawn]
        wrong = sum(v is None or not v < 1.0 for v in values)
        low, high = clopper_pearson(wrong, len(values), confidence)
        found[name] = {"wrong": wrong, "count": len(values), "low": low, "high": high}
    return found
