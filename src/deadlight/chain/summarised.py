"""What a run says in summary.json: the result in the words of the output contract."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from deadlight import __version__
from deadlight.chain.away import away_from_supports
from deadlight.chain.cracks import CrackAnswer
from deadlight.chain.moved import Moved
from deadlight.chain.pane_growth import STOPPED, PaneGrowth
from deadlight.chain.pieces import PaneOutcome
from deadlight.chain.result import RunResult
from deadlight.store import summary as contract
from deadlight.store.fields import largest_principal
from deadlight.store.provenance import provenance
from deadlight.store.summary import EndReason, Summary
from deadlight.stress.history import StressHistory

AWAY_FROM_SUPPORTS = 1.0  # peak tension is read this many thicknesses inside the seat bands
CASE_TYPES = {
    "edge": "through",
    "spall": "embedded",
}  # fracture control's words for kinds of the case form
END_REASONS = {
    "dormant": EndReason.NO_GROWTH,
    "closed": EndReason.CLOSED,
    "arrested": EndReason.ARRESTED,
    "at_edge": EndReason.REACHED_EDGE,
    "through": EndReason.THROUGH,
    "unstable": EndReason.UNSTABLE,
    "growing": EndReason.END_OF_TRAJECTORY,
}


def summarise(result: RunResult, *, digest: str, extra_warnings: tuple[str, ...] = ()) -> Summary:
    """The contract of summary.json."""
    case = result.viewport.case
    assumptions = result.assumptions
    judged = result.judgement
    run = contract.Run(
        name=case.name,
        verdict=judged.verdict,
        reasons=judged.reasons,
        no_credit=judged.routes.no_credit.verdict,
        credit=judged.routes.credit.verdict,
        **_worst(result),
    )
    return Summary(
        deadlight=__version__,
        case=case.name,
        case_hash=digest,
        verdict=judged.verdict,
        reasons=judged.reasons,
        routes=judged.routes,
        runs=[run],
        flips=[_flip(m) for m in result.moved],
        margins=judged.margins,
        panes=_panes(result),
        cracks=[_crack(a) for a in result.cracks],
        events=_events(result),
        assumptions=[contract.Assumed.of(a, decides=a in judged.deciding) for a in assumptions],
        warnings=[*result.warnings, *extra_warnings],
        timings_s=result.timings,
        provenance=provenance(
            solver=os.environ.get("DEADLIGHT_SOLVER", "cholesky"),
            mesh=repr(result.viewport.mesh),
            **{f"heat_{k}": v for k, v in result.temperature.info.items()},
        ),
    )


def _flip(moved: Moved) -> contract.Flip:
    stated, *ends = (
        contract.FlipEnd(
            value=e.value, verdict=e.verdict, credit=e.credit, no_credit=e.no_credit, K_over_KIc_max=_known(e.ratio),
            alarm=e.alarm,
        )
        for e in (moved.stated, *moved.ends)
    )  # fmt: skip
    return contract.Flip(
        key=moved.key,
        path=moved.path,
        flips=moved.flips,
        stated=stated,
        ends=ends,
        between=moved.between,
        note=moved.note,
        source=moved.source,
    )


def _known(value: float) -> float | None:
    """None for what is not known, where that is told in words: an error without bound, K of a value not solved."""
    return value if np.isfinite(value) else None


def _worst(result: RunResult) -> dict[str, Any]:
    if not result.cracks:
        return {}
    top = max((a.judged for a in result.cracks), key=lambda j: j.ratio_max)
    return {"K_over_KIc_max": top.ratio_max, "time_of_max_s": top.time_of_max}


def _panes(result: RunResult) -> list[contract.Pane]:
    found = []
    for pane in result.viewport.case.panes:
        nodes = result.viewport.mesh.region_nodes(pane.name)
        history = result.stress[pane.name]
        inside = away_from_supports(history.mesh, pane.name, AWAY_FROM_SUPPORTS)
        state, time, cause = _pane_state(result, pane.name)
        found.append(
            contract.Pane(
                name=pane.name,
                role=pane.role,
                state=state,
                time_s=time,
                peak_temperature_K=float(result.temperature.temperature[:, nodes].max()),
                peak_tension_Pa=_peak_tension(history, inside),
                cause=cause,
            )
        )
    return found


def _pane_state(result: RunResult, pane: str) -> tuple[Any, float | None, str | None]:
    """State at the end by the credit route, since when, and why; None where it is not known."""
    if not any(a.stated.pane == pane for a in result.cracks):
        return "intact", None, None
    outcome = next((o for o in result.outcomes if o.pane == pane), None)
    if outcome is None or outcome.state == "loose" or any(r.alarm for r in outcome.remarks):
        return None, None, "not known" if outcome is None else outcome.sentence
    if outcome.first_lost is not None:
        whole = not outcome.lost[0].cut
        return "detached" if whole else "piece_lost", outcome.first_lost, outcome.sentence
    return "cracked_retained", outcome.cut_time, outcome.sentence


def _peak_tension(history: StressHistory, inside: np.ndarray[Any, Any]) -> float:
    """Largest principal stress [Pa] over all instants: every eighth, then all around the largest of those."""

    def largest(i: int) -> float:
        return float(largest_principal(history.stress(i)[inside]).max())

    count = len(history.time)
    coarse = {i: largest(i) for i in range(0, count, 8)}
    top = max(coarse, key=lambda i: coarse[i])
    return max(largest(i) for i in range(max(top - 8, 0), min(top + 9, count)))


def _crack(a: CrackAnswer) -> contract.Crack:
    judged, r = a.judged, a.result
    made: dict[str, Any] = {
        "name": judged.name,
        "pane": judged.pane,
        "case_type": case_type(a.stated),
        "K_over_KIc_max": judged.ratio_max,
        "time_of_max_s": judged.time_of_max,
        "numerical_error": _known(a.numerical_error) or None,
        "a_m": getattr(a.stated, "a", None),
        "two_c_m": stated_length(a.stated),
    }
    if a.growth is not None:
        return _grown(a, a.growth, made)
    if a.full and judged.first_time is None:
        return contract.Crack(state="dormant", end_reason=EndReason.NO_GROWTH.because(judged.end), **made)
    if r is None or (a.full and r.first_time is None):  # it runs by the operator, and growth is the quick tier's
        reason = EndReason.OUT_OF_MODEL.because(f"K reaches K_Ic at {judged.first_time:.1f} s. {judged.end}")
        return contract.Crack(state=None, end_reason=reason, time_s=judged.first_time, **made)
    size = dict(zip(r.size_names, r.size[-1]))
    if r.kind == "through":
        length = abs(size["centre_side_depth_m"] - size["rim_side_depth_m"])
    else:
        length = 2 * size.get("c_m", np.nan)
    made |= {"a_m": size.get("a_m"), "two_c_m": length}
    end = f"{END_REASONS[r.state].because(r.end_sentence)}{' (growth by the quick tier)' if a.full else ''}"
    return contract.Crack(state=r.state, end_reason=end, time_s=r.events[-1].time if r.events else None, **made)


def _grown(a: CrackAnswer, growth: PaneGrowth, made: dict[str, Any]) -> contract.Crack:
    """A crack whose growth has a record."""
    state = growth.state(a.stated.name)
    broken_off = growth.record.end in STOPPED
    reason = (EndReason.OUT_OF_MODEL if broken_off else END_REASONS[state]).because(growth.sentence)
    events = growth.events(a.stated.name)
    if growth.size is not None:
        made |= dict(zip(("a_m", "two_c_m"), growth.size))
    return contract.Crack(state=state, end_reason=reason, time_s=events[-1].time if events else None, **made)


def case_type(crack: Any) -> Any:
    """Fracture control's word for a kind of the case form."""
    return CASE_TYPES.get(crack.kind, crack.kind)


def stated_length(crack: Any) -> float | None:
    """Length on the face, or of the larger axis inside, as stated [m]."""
    if getattr(crack, "two_c", None):
        return float(crack.two_c)
    if getattr(crack, "line", ()):
        return float(sum(np.hypot(*(np.array(b) - a)) for a, b in zip(crack.line[:-1], crack.line[1:])))
    if crack.kind == "edge":
        return float(crack.depth)
    return 2.0 * float(crack.c) if hasattr(crack, "c") else None


def _events(result: RunResult) -> list[contract.Event]:
    altitude = result.environment.altitude
    found = [
        contract.Event(time_s=e.time, altitude_m=e.altitude, what=e.name.replace("_", " "), where=None)
        for e in result.environment.events
    ]
    for a in result.cracks:
        for time, what, where, causes in _crack_events(a):
            height = float(altitude(time)) if altitude else None
            found.append(contract.Event(time_s=time, altitude_m=height, what=what, where=where, causes=causes))
    for outcome in result.outcomes:
        for time, what in _piece_events(outcome):
            height = float(altitude(time)) if altitude else None
            found.append(contract.Event(time_s=time, altitude_m=height, what=what, where=outcome.pane))
    return sorted(found, key=lambda e: e.time_s)


def _piece_events(outcome: PaneOutcome) -> Iterator[tuple[float, str]]:
    """What is cut off, and what leaves."""
    if outcome.cut_time is not None and np.isfinite(outcome.cut_time):
        yield outcome.cut_time, f"{outcome.pane} is cut into {sum(p.cut for p in outcome.pieces)} pieces"
    for piece in outcome.lost:
        if piece.lost is not None:
            yield piece.lost, f"{piece.label} of {outcome.pane} leaves"


def _crack_events(a: CrackAnswer) -> Iterator[tuple[float, str, str, dict[str, float] | None]]:
    """Time, what, where, causes; those of a record first, and growth by the quick tier only where K_Ic is reached."""
    name, judged = a.stated.name, a.judged
    if a.growth is not None:
        worst = a.growth.record.worst
        for event in [*a.growth.events(name), *([worst] if worst is not None and worst.crack == name else [])]:
            x, y, z = (f"{1e3 * c:.1f}" for c in event.place)
            told = f"{name}: {event.what}" + (f" ({event.detail})" if event.detail else "")
            told += ", indicative" if event.indicative else ""
            yield event.time, told, f"{judged.pane}, ({x}, {y}, {z}) mm", event.causes or None
        return
    if a.full:
        if judged.first_time is None or judged.first_where is None:
            return
        yield judged.first_time, f"{name}: K reaches K_Ic", f"{judged.first_where}, of {name} in {judged.pane}", None
    for e in a.result.events if a.result else ():
        x, y = (f"{1e3 * c:.1f} mm" for c in e.position)
        place = f"{e.where.replace('_', ' ')} of {name} in {judged.pane}, x {x}, y {y}"
        tier = "by the quick tier, " if a.full else ""
        yield e.time, f"{name}: {tier}{e.what}" + (f" ({e.detail})" if e.detail else ""), place, None
