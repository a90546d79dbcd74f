"""From both routes to a verdict that claims no more than was computed.

Side by side: **no credit** (the cracked pane, or any piece of it, is lost at its worst instant, the rest holds with its
own factor) and **credit** (fracture mechanics of the cracked pane, at best GO_WITH_RESTRICTION):

============================  ==========================================================================
no credit                     verdict
============================  ==========================================================================
GO                            GO if the crack is shown to stay, else GO_WITH_RESTRICTION: the loss is borne
GO_WITH_RESTRICTION           GO_WITH_RESTRICTION
NO_GO, NOT_SHOWN              that of credit: nothing shows that the loss is borne
============================  ==========================================================================

Then what is not known: a value that was moved through its band decides if the verdict changes with it; one that has no
band may, and so may one whose band the case states and nobody asked.  An alarm (out of range, not converged, physics
left out where it matters) allows nothing better than NOT_SHOWN.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from deadlight.assumption import Assumption
from deadlight.chain.cracks import CrackAnswer
from deadlight.chain.credit import tier_of
from deadlight.chain.moved import Moved
from deadlight.chain.route import RouteAnswer
from deadlight.finite import first_not_finite
from deadlight.store.summary import Margin, Route, Routes, Verdict, worst

GOOD = (Verdict.GO, Verdict.GO_WITH_RESTRICTION)
NOT_FOLLOWED = RouteAnswer(
    Verdict.NOT_SHOWN, ("loss of the cracked pane and its effect on the next one were not asked for",)
)


@dataclass(frozen=True)
class Judgement:
    """Verdict, reasons, routes, margins, and the unsure values that could change it.

    `at_stated` is the verdict if every stated value were known.
    """

    verdict: Verdict
    at_stated: Verdict
    reasons: list[str]
    routes: Routes
    margins: list[Margin]
    deciding: tuple[Assumption, ...]


def judge(
    answers: Sequence[CrackAnswer],
    assumptions: Sequence[Assumption],
    alarms: Sequence[str],
    credit: RouteAnswer,
    no_credit: RouteAnswer = NOT_FOLLOWED,
    moved: Sequence[Moved] = (),
    bands: Sequence[str] = (),
) -> Judgement:
    """Verdict of one return.

    Parameters
    ----------
    alarms : texts
        What was out of range or not converged: with any of them nothing better than NOT_SHOWN is said.
    credit, no_credit : RouteAnswer
        By fracture mechanics of the cracked pane; if the cracked pane is lost.
    moved : sequence of Moved
        What became of the verdict at the ends of bands.
    bands : sequence of str
        Keys whose band the case states, whatever their status: none of them may be left unasked.
    """
    fault = first_not_finite((answers, credit, no_credit, moved), "what is judged")
    if fault is not None:
        return unjudged(fault)
    verdict = combined(credit.verdict, no_credit.verdict) if answers else Verdict.NOT_SHOWN
    reasons = [*credit.reasons, *(f"if it is lost: {text}" for text in no_credit.reasons)]
    at_stated = _shown(verdict, alarms)
    keys = relied_on(credit, no_credit)
    unsure = [a for a in assumptions if a.status in ("A", "M") and a.key in keys]
    other = next((m.stated for m in moved if m.stated.verdict is not at_stated), None)
    if other is not None:  # what it says of the ends then says nothing about this verdict
        text = (
            f"bands do not count: the coarse model they were moved in says {other.verdict} for the stated values, "
            f"K/K_Ic {other.ratio:.2f}; the case itself {at_stated}"
        )
        reasons.append(text)
        moved = ()
    swept = {m.key for m in moved}
    flips = [m for m in moved if m.flips]
    still = [a for a in unsure if a.key not in swept]
    verdict, told = _with_bands(verdict, flips, moved, still)
    reasons += told
    asked = {m.path for m in moved}
    unasked = [key for key in bands if key not in asked]
    if unasked:
        reasons.append("the case states bands that were not asked: " + ", ".join(unasked))
        verdict = verdict if verdict is Verdict.NO_GO else Verdict.NOT_SHOWN
    verdict = _shown(verdict, alarms)
    reasons += [f"alarm: {text}" for text in alarms]
    tier = tier_of([a.judged for a in answers])
    routes = Routes(
        no_credit=Route(verdict=_shown(no_credit.verdict, alarms), reason=no_credit.reasons[0]),
        credit=Route(verdict=_shown(credit.verdict, alarms), reason=f"{tier}: {credit.reasons[0]}"),
    )
    keys_that_flip = {m.key for m in flips}
    deciding = tuple(a for a in unsure if a.key in keys_that_flip or a.key not in swept)
    return Judgement(verdict, at_stated, reasons, routes, [*credit.margins, *no_credit.margins], deciding)


def unjudged(fault: str) -> Judgement:
    """No verdict: a number that it would rest on is none."""
    route = Route(verdict=Verdict.NOT_SHOWN, reason=fault)
    return Judgement(
        Verdict.NOT_SHOWN, Verdict.NOT_SHOWN, [f"alarm: {fault}"], Routes(no_credit=route, credit=route), [], ()
    )


def combined(credit: Verdict, no_credit: Verdict) -> Verdict:
    """Both routes together, before what is not known."""
    if no_credit is Verdict.GO:
        return Verdict.GO if credit in GOOD else Verdict.GO_WITH_RESTRICTION
    if no_credit is Verdict.GO_WITH_RESTRICTION:
        return Verdict.GO_WITH_RESTRICTION
    return credit


def relied_on(credit: RouteAnswer, no_credit: RouteAnswer) -> frozenset[str]:
    """Keys whose values can make the verdict another one, or a good one worse.

    A good verdict that one route carries alone does not rest on the other: better values there cannot harm it.
    """
    if no_credit.verdict in GOOD and credit.verdict not in GOOD:
        return no_credit.rests_on
    if credit.verdict in GOOD and no_credit.verdict not in GOOD:
        return credit.rests_on
    return credit.rests_on | no_credit.rests_on


def _shown(verdict: Verdict, alarms: Sequence[str]) -> Verdict:
    return Verdict.NOT_SHOWN if alarms and verdict is not Verdict.NO_GO else verdict


def _with_bands(
    verdict: Verdict, flips: Sequence[Moved], moved: Sequence[Moved], still: Sequence[Assumption]
) -> tuple[Verdict, list[str]]:
    """The verdict that holds for every value of the bands, and what is said of them."""
    told = []
    if moved:
        ways = {e.verdict for m in flips for e in m.ends} | {verdict}
        if flips and not ways <= set(GOOD):
            verdict = Verdict.NO_GO if ways == {Verdict.NO_GO} else Verdict.NOT_SHOWN
        elif flips:
            verdict = worst(ways)
        told += [m.sentence for m in flips]
        same = [m.key for m in moved if not m.flips]
        if same:
            told.append("the verdict stays through the bands of: " + ", ".join(dict.fromkeys(same)))
    names = ", ".join(a.key for a in still)
    if still and verdict is Verdict.NO_GO:
        told.append("holds for the stated values; not moved through their bands: " + names)
    elif still:
        told.append("rests on values that are assumed or remembered and were not moved through their bands: " + names)
        verdict = Verdict.NOT_SHOWN
    return verdict, told
