"""Credit route: the cracked pane counts as far as fracture mechanics shows; never better than GO_WITH_RESTRICTION.

* A crack whose K reaches K_Ic is NO_GO: where it arrests earns nothing, its path is only indicative.
* A piece that its seat does not hold is NO_GO, whatever the panes behind do through its opening; that is told.
* One that stays below, with its factor and every error band, is GO_WITH_RESTRICTION.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from deadlight.case.model import Case
from deadlight.chain.cracks import CrackAnswer, Judged
from deadlight.chain.lost_pieces import LostPiece
from deadlight.chain.pieces import PaneOutcome
from deadlight.chain.route import RouteAnswer
from deadlight.store.summary import Margin, Verdict, worst

GLASS = ("toughness", "youngs_modulus", "mean_expansion", "conductivity", "specific_heat", "emissivity")
"""Properties of the cracked pane's glass that move K or its limit."""
SLOW = ("slow_growth", "threshold")
"""What moves its slow growth, where that was followed."""
CLEARLY_HELD = 1.5  # factor on the loads from which grips and clearances that are assumed do not enter
HOW = {"quick": "straight, quasi-static", "full": "quasi-static"}
"""What growth by a tier leaves out."""
SET_HERE = ("retention.contact", "retention.cut_pressure")  # set in the program, not values of the case


def credit_route(
    case: Case, answers: Sequence[CrackAnswer], glass: Mapping[str, str], outcomes: Sequence[PaneOutcome] = (),
    lost: Sequence[LostPiece] = (),
) -> RouteAnswer:  # fmt: skip
    """The verdict by the cracks alone.

    Parameters
    ----------
    glass : mapping of pane -> name of its material
    outcomes : sequence of PaneOutcome
    lost : sequence of LostPiece
        What follows where pieces leave.
    """
    factor = case.criteria.K_Ic_factor
    seen = [a.judged for a in answers]
    if not seen:
        return RouteAnswer(Verdict.NOT_SHOWN, ("no crack was stated, so there is nothing to judge",))
    found = [_one(each, None if factor is None else factor.value) for each in seen]
    found += [_stays(each) for each in outcomes]
    found += [(Verdict.NO_GO, each.sentence) for each in lost if not each.stated]
    order = sorted(range(len(found)), key=lambda i: list(Verdict).index(found[i][0]), reverse=True)
    keys = deciding_keys({j.pane for j in seen}, glass, slow=case.growth.law != "none")
    for outcome in outcomes:
        if outcome.margin < CLEARLY_HELD:
            keys |= {a.key for a in outcome.assumptions if a.key not in SET_HERE}
    return RouteAnswer(
        worst(verdict for verdict, _ in found),
        tuple(found[i][1] for i in order),
        tuple(_margin(case, j) for j in seen),
        frozenset(keys),
    )


def _stays(outcome: PaneOutcome) -> tuple[Verdict, str]:
    """The pane, or the pieces it is cut into, in its seat."""
    if outcome.state == "held":
        return Verdict.GO_WITH_RESTRICTION, outcome.sentence
    return (Verdict.NO_GO if outcome.state == "leaves" else Verdict.NOT_SHOWN), outcome.sentence


def deciding_keys(cracked: Iterable[str], glass: Mapping[str, str], *, slow: bool = False) -> set[str]:
    """Keys of the assumptions that enter K, or its limit, of a crack in these panes enough to change the verdict."""
    found = {"environment.heating.ratio", "criteria.K_Ic_factor"}
    for pane in cracked:
        found |= {f"supports.{pane}", *(f"{glass[pane]}.{name}" for name in (*GLASS, *(SLOW if slow else ())))}
    return found


def tier_of(seen: Sequence[Judged]) -> str:
    """Whose K it is, in words."""
    return "crack operator" if any(j.tier == "full" for j in seen) else "quick tier"


def _one(j: Judged, factor: float | None) -> tuple[Verdict, str]:
    if j.first_time is not None:
        where = (j.first_where or "").replace("_", " ")
        return (
            Verdict.NO_GO,
            f"{j.name}: K reaches K_Ic at {j.first_time:.0f} s ({where}). What follows is indicative "
            f"({HOW[j.tier]}): {j.end}",
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
        "criterion": f"K/K_Ic of {j.name} ({tier_of([j])})",
    }
    if factor is None:
        return Margin(
            allowable=1.0, applied=j.ratio_max, flips_at_factor=1 / j.ratio_max if j.ratio_max > 0 else None, **names
        )
    source = f"{factor.source} ({factor.status})" if factor.source else factor.status
    return Margin.of(allowable=1.0, factor=factor.value, applied=j.ratio_max, factor_source=source, **names)
