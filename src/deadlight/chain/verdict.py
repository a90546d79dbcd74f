"""From the crack answers to a verdict that claims no more than was computed.

At this stage the chain ends with the crack: pieces, detachment and the next pane are not followed.  So:

* a crack whose K reaches K_Ic runs: NO_GO, because nothing computed shows that the pane stays whole;
* one that does not, with its factor, is GO_WITH_RESTRICTION at best; while a value that is only assumed or remembered
  could change that, and its band was not swept, it is NOT_SHOWN;
* an alarm (out of range, not converged, physics left out where it matters) allows nothing better than NOT_SHOWN.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.assumption import Assumption
from deadlight.case.model import Case
from deadlight.chain.cracks import CrackAnswer
from deadlight.crack.result import QuickResult
from deadlight.store.summary import Margin, Route, Routes, Verdict, worst

GLASS = ("toughness", "youngs_modulus", "mean_expansion", "conductivity", "specific_heat", "emissivity")
"""Properties of the cracked pane's glass that move K or its limit."""


@dataclass(frozen=True)
class Judgement:
    """Verdict, reasons, routes, margins, and the unsure values that could change it."""

    verdict: Verdict
    reasons: list[str]
    routes: Routes
    margins: list[Margin]
    deciding: tuple[Assumption, ...]


def judge(
    case: Case,
    answers: Sequence[CrackAnswer],
    assumptions: Sequence[Assumption],
    alarms: Sequence[str],
    glass: Mapping[str, str],
) -> Judgement:
    """Verdict of one return.

    Parameters
    ----------
    alarms : texts
        What was out of range or not converged: with any of them nothing better than NOT_SHOWN is said.
    glass : mapping of pane -> name of its material
    """
    factor = case.criteria.K_Ic_factor
    margins = [_margin(case, a) for a in answers]
    reasons: list[str] = []
    verdicts: list[Verdict] = []
    for a in answers:
        verdict, reason = _one(a, None if factor is None else factor.value)
        verdicts.append(verdict)
        reasons.append(reason)
    if not answers:
        verdicts.append(Verdict.NOT_SHOWN)
        reasons.append("no crack was stated, so there is nothing to judge")
    credit = worst(verdicts)
    keys = deciding_keys({a.stated.pane for a in answers}, glass)
    unsure = tuple(a for a in assumptions if a.status in ("A", "M") and a.key in keys)
    if credit is not Verdict.NO_GO and unsure:
        credit = Verdict.NOT_SHOWN
        reasons.append(
            "rests on values that are assumed or remembered and were not moved through their bands: "
            + ", ".join(a.key for a in unsure)
        )
    elif unsure:
        reasons.append(
            "holds for the stated values; not moved through their bands: " + ", ".join(a.key for a in unsure)
        )
    if alarms and credit is not Verdict.NO_GO:
        credit = Verdict.NOT_SHOWN
    reasons += [f"alarm: {text}" for text in alarms]
    no_credit = Route(
        verdict=Verdict.NOT_SHOWN,
        reason="loss of the cracked pane and its effect on the next one are not computed by this version",
    )
    routes = Routes(
        no_credit=no_credit, credit=Route(verdict=credit, reason="quick tier: " + (reasons[0] if reasons else ""))
    )
    return Judgement(credit, reasons, routes, margins, unsure)


def deciding_keys(cracked: Iterable[str], glass: Mapping[str, str]) -> set[str]:
    """Keys of the assumptions that enter K, or its limit, of a crack in these panes enough to change the verdict."""
    found = {"environment.heating.ratio", "criteria.K_Ic_factor"}
    for pane in cracked:
        found |= {f"supports.{pane}", *(f"{glass[pane]}.{name}" for name in GLASS)}
    return found


def _one(answer: CrackAnswer, factor: float | None) -> tuple[Verdict, str]:
    r = answer.result
    band = 1.0 + r.model_error[1] + answer.numerical_error
    if r.first_time is not None:
        where = (r.first_tip or "").replace("_", " ")
        return (
            Verdict.NO_GO,
            f"{r.name}: K reaches K_Ic at {r.first_time:.0f} s ({where}). What follows is indicative (straight, "
            f"quasi-static): {r.end_sentence}",
        )
    if factor is None:
        return (
            Verdict.NOT_SHOWN,
            f"{r.name}: K/K_Ic stays at or below {r.ratio_max:.2f}, but no factor on K is stated in [criteria]",
        )
    highest = np.max([r.ratio_max * band, upper_ratio(r) * (1.0 + answer.numerical_error)])
    if not highest * factor < 1.0:  # a K that is not a number is not below anything
        return (
            Verdict.NOT_SHOWN,
            f"{r.name}: K/K_Ic up to {r.ratio_max:.2f} at {r.time_of_max:.0f} s, up to {highest:.2f} with its error "
            f"band at any instant; with factor {factor:g} it is not below one",
        )
    return (
        Verdict.GO_WITH_RESTRICTION,
        f"{r.name}: K/K_Ic up to {r.ratio_max:.2f} at {r.time_of_max:.0f} s, below one with factor {factor:g} and "
        "error band",
    )


def upper_ratio(r: QuickResult) -> float:
    """Largest (K + bound of the part the quick tier leaves out)/K_Ic over all instants and front points.

    The bound may be largest when K is not.  NaN, so never below anything, where the crack is shut throughout while the
    bound is not zero: its toughness is not known then.
    """
    bound = np.nan_to_num(np.asarray(r.residual_bound, dtype=float), nan=0.0)
    if not bound.any():
        return r.ratio_max
    open_ = np.nan_to_num(r.seed_ratio, nan=0.0) > 1e-9
    if not open_.any():
        return float("nan")
    toughness = float(np.min(r.seed_k[open_] / r.seed_ratio[open_]))
    return float(np.nanmax(np.nan_to_num(r.seed_k, nan=0.0) + bound[:, None])) / toughness


def _margin(case: Case, answer: CrackAnswer) -> Margin:
    r, factor = answer.result, case.criteria.K_Ic_factor
    names: dict[str, Any] = {
        "pane": answer.stated.pane,
        "event": f"{'return' if case.environment.arcjet is None else 'arc-jet run'}, {r.time_of_max:.0f} s",
        "criterion": f"K/K_Ic of {r.name} (quick tier)",
    }
    if factor is None:
        return Margin(
            allowable=1.0, applied=r.ratio_max, flips_at_factor=1 / r.ratio_max if r.ratio_max > 0 else None, **names
        )
    source = f"{factor.source} ({factor.status})" if factor.source else factor.status
    return Margin.of(allowable=1.0, factor=factor.value, applied=r.ratio_max, factor_source=source, **names)
