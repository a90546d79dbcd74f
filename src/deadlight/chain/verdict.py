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

from deadlight.assumption import Assumption
from deadlight.case.model import Case
from deadlight.chain.cracks import CrackAnswer, Judged
from deadlight.store.summary import Margin, Route, Routes, Verdict, worst

GLASS = ("toughness", "youngs_modulus", "mean_expansion", "conductivity", "specific_heat", "emissivity")
"""Properties of the cracked pane's glass that move K or its limit."""
SLOW = ("slow_growth", "threshold")
"""What moves its slow growth, where that was followed."""


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
    seen = [a.judged for a in answers]
    margins = [_margin(case, j) for j in seen]
    reasons: list[str] = []
    verdicts: list[Verdict] = []
    for each in seen:
        verdict, reason = _one(each, None if factor is None else factor.value)
        verdicts.append(verdict)
        reasons.append(reason)
    if not seen:
        verdicts.append(Verdict.NOT_SHOWN)
        reasons.append("no crack was stated, so there is nothing to judge")
    credit = worst(verdicts)
    keys = deciding_keys({j.pane for j in seen}, glass, slow=case.growth.law != "none")
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
    routes = Routes(no_credit=no_credit, credit=Route(verdict=credit, reason=f"{_tier(seen)}: {reasons[0]}"))
    return Judgement(credit, reasons, routes, margins, unsure)


def deciding_keys(cracked: Iterable[str], glass: Mapping[str, str], *, slow: bool = False) -> set[str]:
    """Keys of the assumptions that enter K, or its limit, of a crack in these panes enough to change the verdict."""
    found = {"environment.heating.ratio", "criteria.K_Ic_factor"}
    for pane in cracked:
        found |= {f"supports.{pane}", *(f"{glass[pane]}.{name}" for name in (*GLASS, *(SLOW if slow else ())))}
    return found


def _tier(seen: Sequence[Judged]) -> str:
    return "crack operator" if any(j.tier == "full" for j in seen) else "quick tier"


def _one(j: Judged, factor: float | None) -> tuple[Verdict, str]:
    if j.first_time is not None:
        where = (j.first_where or "").replace("_", " ")
        return (
            Verdict.NO_GO,
            f"{j.name}: K reaches K_Ic at {j.first_time:.0f} s ({where}). What follows is indicative (straight, "
            f"quasi-static): {j.end}",
        )
    if factor is None:
        return (
            Verdict.NOT_SHOWN,
            f"{j.name}: K/K_Ic stays at or below {j.ratio_max:.2f}, but no factor on K is stated in [criteria]",
        )
    if not j.highest * factor < 1.0:  # a K that is not a number is not below anything
        return (
            Verdict.NOT_SHOWN,
            f"{j.name}: K/K_Ic up to {j.ratio_max:.2f} at {j.time_of_max:.0f} s, up to {j.highest:.2f} with its error "
            f"band at any instant; with factor {factor:g} it is not below one",
        )
    return (
        Verdict.GO_WITH_RESTRICTION,
        f"{j.name}: K/K_Ic up to {j.ratio_max:.2f} at {j.time_of_max:.0f} s, below one with factor {factor:g} and "
        "error band",
    )


def _margin(case: Case, j: Judged) -> Margin:
    factor = case.criteria.K_Ic_factor
    names: dict[str, Any] = {
        "pane": j.pane,
        "event": f"{'return' if case.environment.arcjet is None else 'arc-jet run'}, {j.time_of_max:.0f} s",
        "criterion": f"K/K_Ic of {j.name} ({_tier([j])})",
    }
    if factor is None:
        return Margin(
            allowable=1.0, applied=j.ratio_max, flips_at_factor=1 / j.ratio_max if j.ratio_max > 0 else None, **names
        )
    source = f"{factor.source} ({factor.status})" if factor.source else factor.status
    return Margin.of(allowable=1.0, factor=factor.value, applied=j.ratio_max, factor_source=source, **names)
