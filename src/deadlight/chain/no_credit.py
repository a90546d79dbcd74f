"""No-credit route: the cracked pane, or any piece of it, is lost at its worst instant; the rest holds by itself.

* The exposed pane fails for some instant of the loss, or behind the opening of a piece: NO_GO, and from when on it
  would not.
* It is shown to survive every instant, with its factor and limits: GO.
* Anything else: NOT_SHOWN.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from deadlight.case.model import Case
from deadlight.chain.credit import GLASS
from deadlight.chain.loss_sweep import FAILS, LossSweep
from deadlight.chain.lost_pieces import LostPiece
from deadlight.chain.next_pane import NextPane
from deadlight.chain.route import RouteAnswer
from deadlight.store.summary import Margin, Verdict, worst

# Set in the program, not values that could be otherwise in the case
SET_HERE = ("loss.at_once", "loss.opening", "loss.rest")


def no_credit_route(
    case: Case, cracked: Sequence[str], sweep: LossSweep | None, glass: Mapping[str, str],
    lost: Sequence[LostPiece] = (),
) -> RouteAnswer:  # fmt: skip
    """The verdict if the cracked pane is lost.

    Parameters
    ----------
    cracked : panes with cracks
    sweep : LossSweep or None
        Of the outermost pane; None where it was not made.
    lost : sequence of LostPiece
        Openings that were followed beside it.
    glass : mapping of pane -> name of its material
    """
    if case.environment.arcjet is not None:
        return RouteAnswer(Verdict.NOT_SHOWN, ("a test article has no pane that anyone sits behind",))
    if not cracked:
        return RouteAnswer(Verdict.NOT_SHOWN, ("no pane is cracked",))
    if len(case.panes) == 1:
        return RouteAnswer(Verdict.NO_GO, (f"no pane stands behind {case.panes[0].name}",))
    inner = [name for name in cracked if name != case.panes[0].name]
    if inner:
        told = f"loss of {inner[0]}, which is not the outermost pane, is not followed"
        return RouteAnswer(Verdict.NOT_SHOWN, (told,))
    if sweep is None:
        return RouteAnswer(Verdict.NOT_SHOWN, ("loss of the cracked pane was not followed",))
    verdict, reasons = _verdict(case, sweep)
    for each in lost:
        mine, told = _through_opening(case, each)
        verdict, reasons = worst((verdict, mine)), [*reasons, told] if mine is not Verdict.NO_GO else [told, *reasons]
    alarms = [str(r) for told in (sweep.remarks, *(each.loss.remarks for each in lost)) for r in told if r.alarm]
    if alarms and verdict is not Verdict.NO_GO:
        verdict, reasons = Verdict.NOT_SHOWN, [f"alarm: {alarms[0]}", *reasons]
    margins, keys = _margins(case, sweep, lost), _keys(sweep, glass, lost)
    return RouteAnswer(verdict, tuple(reasons), tuple(margins), frozenset(keys))


def _verdict(case: Case, sweep: LossSweep) -> tuple[Verdict, list[str]]:
    losses = [loss.judged for loss in sweep.confirmed]
    if sweep.fails_until is not None:
        return Verdict.NO_GO, [sweep.sentence, *_cabin(sweep)]
    for what in ("seal", "frame"):
        over = [p for p in losses if getattr(p, f"over_{what}")]
        if over:
            peak = max(getattr(p, f"{what}_temperature") for p in over)
            return Verdict.NO_GO, [f"the {what} of {sweep.bears} reaches {peak:.0f} K, over its stated limit"]
    if any(p.state != "survives" for p in sweep.points):
        return Verdict.NOT_SHOWN, [sweep.sentence]
    if case.criteria.next_pane_factor is None:
        told = f"{sweep.sentence}, but no next_pane_factor is stated in [criteria]"
        return Verdict.NOT_SHOWN, [told]
    least = min((p.flaw.margin for p in losses if p.flaw and p.flaw.margin is not None), default=None)
    if least is None or not least > 0.0:
        told = "unknown" if least is None else f"{least:+.2f}"
        return Verdict.NOT_SHOWN, [f"{sweep.sentence}; with its factor the margin is {told}"]
    return Verdict.GO, [f"{sweep.sentence}; margin {least:+.2f} with its factor"]


def _through_opening(case: Case, lost: LostPiece) -> tuple[Verdict, str]:
    """The pane that decides behind the opening of a piece: as behind a lost pane."""
    pane = lost.loss.judged
    if pane.state in FAILS or pane.over_seal or pane.over_frame:
        return Verdict.NO_GO, lost.sentence
    factor, margin = case.criteria.next_pane_factor, pane.flaw.margin if pane.flaw is not None else None
    if pane.state != "survives" or factor is None or margin is None or not margin > 0.0:
        return Verdict.NOT_SHOWN, f"{lost.sentence}, not shown with its factor"
    return Verdict.GO, f"{lost.sentence}; margin {margin:+.2f} with its factor"


def _cabin(sweep: LossSweep) -> list[str]:
    """What follows when the exposed pane fails at the worst instant."""
    loss = sweep.worst
    if loss.cabin_lost_at is not None:
        return [f"with {loss.pane} lost at {loss.time:.0f} s the cabin is lost at {loss.cabin_lost_at:.0f} s"]
    last = loss
    while last.then is not None:
        last = last.then
    return [] if last is loss else [f"{last.exposed.name} takes over: {last.exposed.sentence}"]


def _margins(case: Case, sweep: LossSweep, lost: Sequence[LostPiece]) -> list[Margin]:
    found = []
    for loss in (*sweep.confirmed, *(each.loss for each in lost)):
        what = "outermost pane" if loss.opening is None else "a piece of the outermost pane"
        both = _flaw_margin(case, loss.judged, loss.time, what), _heat_margin(loss.judged, loss.time, what)
        found += [m for m in both if m]
    least: dict[str, Margin] = {}
    for margin in found:
        here = least.get(margin.criterion)
        if here is None or _size(margin) < _size(here):
            least[margin.criterion] = margin
    return list(least.values())


def _size(margin: Margin) -> float:
    return float("inf") if margin.margin_of_safety is None else margin.margin_of_safety


def _flaw_margin(case: Case, pane: NextPane, lost: float, what: str) -> Margin | None:
    factor, flaw = case.criteria.next_pane_factor, pane.flaw
    if flaw is None:
        return None
    names: dict[str, Any] = {
        "pane": pane.name,
        "event": f"{what} lost at {lost:.0f} s, {flaw.time_of_max:.0f} s",
        "criterion": f"K/K_Ic of the initial flaw of {pane.name}, {what} lost",
    }
    if factor is None or flaw.factored is None:
        return Margin(allowable=1.0, applied=flaw.ratio_max, **names)
    credit = case.criteria.temper_credit
    linear = credit is None or credit.value == 0.0
    source = f"{factor.source} ({factor.status})" if factor.source else factor.status
    return Margin(
        allowable=1.0,
        factor=factor.value,
        factor_source=source,
        applied=flaw.factored / factor.value if linear else flaw.ratio_max,
        margin_of_safety=flaw.margin,
        flips_at_factor=factor.value / flaw.factored if linear and flaw.factored > 0.0 else None,
        **names,
    )


def _heat_margin(pane: NextPane, lost: float, what: str) -> Margin | None:
    if pane.limit is None:
        return None
    return Margin(
        pane=pane.name,
        event=f"{what} lost at {lost:.0f} s, {pane.time_of_peak:.0f} s",
        criterion=f"peak temperature [K] of {pane.name}, {what} lost",
        allowable=pane.limit,
        factor=1.0,
        factor_source="strain point less its margin",
        applied=pane.peak_temperature,
        margin_of_safety=pane.limit / pane.peak_temperature - 1.0,
    )


def _keys(sweep: LossSweep, glass: Mapping[str, str], lost: Sequence[LostPiece]) -> set[str]:
    """Keys of the assumptions that may change the answer."""
    every = [*sweep.assumptions, *(a for each in lost for a in each.loss.assumptions)]
    stated = {a.key for a in every if a.key.startswith(("loss.", "criteria.")) or "initial_flaw" in a.key}
    mine = {f"{glass[sweep.bears]}.{name}" for name in (*GLASS, "strain_point")}
    return (stated - set(SET_HERE)) | mine | {"environment.heating.ratio", f"supports.{sweep.bears}"}
