"""The map of a study: places dealt out to workers, committed as they come, audited by the crack operator."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import scipy.optimize

from deadlight.case.crack import Crack
from deadlight.chain.cracks import CrackAnswer
from deadlight.errors import CaseError
from deadlight.remark import remark
from deadlight.study.damage_map import Place, Tolerable, moved, places, sized, tolerable
from deadlight.study.form import Map
from deadlight.study.map_checks import CHECKS, NAMES, checks, posed_at, rates
from deadlight.study.plan import Group
from deadlight.study.read import Study
from deadlight.study.record import Record, content_hash, number
from deadlight.study.window import StudyWindow
from deadlight.study.work import reason

Array = np.ndarray[Any, np.dtype[np.float64]]
SHOWN = {"without an alarm": False, "with an alarm": True}  # whether the quick tier's K at a place carries one
AGREED = 0.05  # gap of K between the tiers from which a place is refined by the operator
REFINED = 3  # runs of the operator at a place at most
AUDIT = ("drawn", "gap", "flagged", "full_runs", "full_size_m", "full_highest") + tuple(
    f"check_{c}" for c in (*CHECKS, "reason")
)
SMALLEST = 4  # of how many audited places one is among the smallest sizes
SCALE, SEARCHES = 10e-3, 40  # [m] of a step of the search over places; its evaluations at most
SIZE_NAMES = {"through": "length", "edge": "depth", "surface": "half length", "corner": "half length"}
LOW_SIZE = {"through": 0.5}  # half length of a crack by its size


def map_crack(group: Group, wanted: Map) -> Crack:
    """The crack of the case that the map moves about."""
    found = next((c for c in group.case.cracks if c.name == wanted.crack), None)
    if found is None:
        known = ", ".join(c.name for c in group.case.cracks) or "none"
        raise CaseError(f'"{wanted.crack}" is no crack of {group.base.path.name}', place="map.crack", remedy=known)
    sized(found, wanted.low)
    return found


def judge_of(window: StudyWindow, crack: Crack, wanted: Map) -> Callable[[Crack], tuple[float, float]]:
    """Largest K/K_Ic of a crack, plain, and with factor and error band."""
    factor = window.solved.viewport.case.criteria.K_Ic_factor
    times = 1.0 if factor is None else factor.value
    half = wanted.high * LOW_SIZE.get(crack.kind, 1.0)

    def judged(at: Crack) -> tuple[float, float]:
        found = CrackAnswer(at, quick=window.pane(at.pane).answer(at, up_to=half)).judged
        return found.ratio_max, found.highest * times

    return judged


def map_place(window: StudyWindow, group: Group, wanted: Map, place: Place) -> Record:
    """The record of one place: what is tolerable at every angle."""
    crack = map_crack(group, wanted)
    judged = judge_of(window, crack, wanted)
    rows = []
    for angle in wanted.angles:
        try:
            found = tolerable(judged, crack, place, angle, wanted)
            here = sized(moved(crack, place, angle), found.size) if found.size > 0.0 else None
            rows.append(_row(found) | {"alarm": "" if here is None else first_alarm(window, here)})
        except MemoryError:
            raise
        except Exception as error:
            rows.append(_failed(place, angle, reason(error)))
    made = {"key": place_key(group, place), "base": group.base.name, "rows": rows}
    return {**made, "content": content_hash(made)}


def first_alarm(window: StudyWindow, crack: Crack) -> str:
    """What makes the quick tier's K of a crack one that a verdict would not take, if anything does."""
    told = window.pane(crack.pane).answer(crack).warnings
    return next((str(each) for each in map(remark, told) if each.alarm), "")


def place_key(group: Group, place: Place) -> str:
    """Of the case and the place."""
    return hashlib.sha256(json.dumps([group.own_key, place.x, place.y]).encode()).hexdigest()[:20]


def _row(t: Tolerable) -> dict[str, Any]:
    p = t.place
    return {
        "place": p.number, "x_m": p.x, "y_m": p.y, "inside_lip_m": p.inside_lip, "angle_rad": t.angle,
        "size_m": t.size, "state": t.state, "ratio": number(t.ratio), "highest": number(t.highest),
        "answers": t.answers, "reason": t.why, "alarm": "",
    }  # fmt: skip


def _failed(place: Place, angle: float, why: str) -> dict[str, Any]:
    made = _row(Tolerable(place, angle, 0.0, "failed", math.nan, math.nan, 0))
    return {**made, "reason": why}


def places_of(window: StudyWindow, group: Group, wanted: Map) -> tuple[Place, ...]:
    """The places of the map on this window's pane."""
    return places(window.pane(map_crack(group, wanted).pane), wanted)


def audited(rows: Sequence[dict[str, Any]], wanted: Map, seed: int) -> dict[int, bool]:
    """Which rows the operator looks at: a quarter of them the smallest sizes, the rest drawn at random (True)."""
    limited = [i for i, r in enumerate(rows) if r["state"] == "limited"]
    limited.sort(key=lambda i: (rows[i]["size_m"], i))
    count = wanted.audit // SMALLEST
    drawn = np.random.default_rng(seed + 4).permutation(len(limited))[: wanted.audit - count]
    chosen = {limited[i]: True for i in sorted(drawn)}
    small = [i for i in limited if i not in chosen][:count]
    return {**dict.fromkeys(small, False), **chosen}


def audit_row(window: StudyWindow, group: Group, wanted: Map, row: dict[str, Any], *, drawn: bool) -> dict[str, Any]:
    """K of the operator at a row's size; where it is off by more than 5 % the size is found again with it.

    `drawn`: at random.
    """
    crack = map_crack(group, wanted)
    place = Place(row["place"], row["x_m"], row["y_m"], row["inside_lip_m"])
    here = moved(crack, place, row["angle_rad"])
    factor = group.case.criteria.K_Ic_factor
    times = 1.0 if factor is None else factor.value
    size, runs, checked = row["size_m"], 0, {}
    found: dict[str, float | None] = {"full_size_m": None, "full_highest": None}
    gap, flagged = math.nan, False
    while runs < REFINED:
        runs += 1
        crack_here = sized(here, size)
        answer = window.full(posed_at(group, crack_here)).answers[0]
        judged = answer.judged
        highest = judged.highest * times
        if runs == 1:
            quick = answer.result.ratio_max if answer.result is not None else math.nan
            gap = quick / judged.ratio_max - 1.0 if judged.ratio_max > 0.0 else math.nan
            flagged = not abs(gap) <= AGREED
            assert answer.full is not None  # a crack that the map moves is one of the operator's
            checked = {f"check_{k}": v for k, v in checks(window, group, crack_here, answer.full, times).items()}
        if highest < 1.0:
            found = {"full_size_m": size, "full_highest": highest}
        if not flagged or (abs(math.log(max(highest, 1e-6))) < 2.0 * wanted.tolerance and highest < 1.0):
            break
        # K goes about as the root of the size
        size = min(max(size * 0.99 * highest**-2.0, 0.5 * size), 2.0 * size, wanted.high)
    return {**row, "drawn": drawn, "gap": number(gap), "flagged": flagged, "full_runs": runs, **found, **checked}


def map_table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    """A row for every case, place and angle; what the audit found beside it."""
    names = list(dict.fromkeys([*(name for row in rows for name in row), *AUDIT]))
    return pa.table({name: [row.get(name) for row in rows] for name in names})


def critical_crack(window: StudyWindow, group: Group, wanted: Map, start: dict[str, Any]) -> dict[str, Any]:
    """The smallest crack that is not tolerable, anywhere and at any angle: downhill from a row of the map.

    By the simplex of Nelder & Mead (1965, Comput. J. 7:308) over place and angle; the size at each by root finding.
    """
    crack = map_crack(group, wanted)
    judged = judge_of(window, crack, wanted)
    pane = window.pane(crack.pane)
    best: list[Tolerable] = []

    def size_at(v: Array) -> float:
        x, y, angle = float(v[0]) * SCALE, float(v[1]) * SCALE, float(v[2])
        shape = pane.outline.shape(math.atan2(y, x))
        rim = -shape.distance(np.array([x, y]))
        if rim <= 0.51 * wanted.low:
            return 10.0
        found = tolerable(judged, crack, Place(-1, x, y, rim - shape.lip_inset), angle, wanted)
        best.append(found)
        if found.state == "none":  # goes on below the smallest size: K as its root
            return math.log(found.size * found.highest**-2.0)
        return math.log(found.size) if found.size > 0.0 else 10.0

    begin = np.array([start["x_m"] / SCALE, start["y_m"] / SCALE, start["angle_rad"]])
    simplex = np.concatenate([begin[None], begin + np.diag([0.5, 0.5, 0.35])])
    options = {"maxfev": SEARCHES, "initial_simplex": simplex, "xatol": 0.02, "fatol": 0.5 * wanted.tolerance}
    scipy.optimize.minimize(size_at, begin, method="Nelder-Mead", options=options)
    smallest = min((t for t in best if t.size > 0.0), key=lambda t: t.size * max(t.highest, 1.0) ** -2.0)
    return _row(smallest) | {"searched": len(best)}


def map_answer(
    study: Study, group: Group, rows: Sequence[dict[str, Any]], critical: dict[str, Any] | None
) -> dict[str, Any]:
    """What a map says, in plain data and in sentences."""
    wanted = study.form.map
    assert wanted is not None
    limited = [r for r in rows if r["state"] in ("limited", "none")]
    audit = [r for r in rows if r.get("full_runs")]
    parts = {name: [r for r in audit if bool(r.get("alarm")) == alarm] for name, alarm in SHOWN.items()}
    states = [r["state"] for r in rows]
    found: dict[str, Any] = {
        "case": group.base.name,
        "crack": wanted.crack,
        "size": SIZE_NAMES.get(map_crack(group, wanted).kind, "size"),
        "places": len({r["place"] for r in rows}),
        "angles": [float(a) for a in wanted.angles],
        "states": {name: states.count(name) for name in sorted(set(states))},
        "alarmed": sum(bool(r.get("alarm")) for r in rows),
        "audited": len(audit),
        "within_5_percent": {name: _within(part) for name, part in parts.items()},
        "flagged": sum(bool(r["flagged"]) for r in audit),
        "largest_gap": max((abs(r["gap"]) for r in audit if r["gap"] is not None), default=None),
        "checks": {name: rates(part, study.form.confidence) for name, part in parts.items()},
        "smallest": min(limited, key=lambda r: r["size_m"], default=None),
        "critical": critical,
    }
    found["lines"] = _lines(found)
    return found


def _within(audit: Sequence[dict[str, Any]]) -> tuple[int, int]:
    """Audited places at which both tiers agree, and all of them."""
    return sum(r["gap"] is not None and abs(r["gap"]) <= AGREED for r in audit), len(audit)


def _lines(found: dict[str, Any]) -> list[str]:
    told = [
        f"{found['case']}: map of {found['crack']} at {found['places']} places and {len(found['angles'])} angles: "
        + ", ".join(f"{name} {count}" for name, count in found["states"].items())
    ]
    worst = found["critical"] or found["smallest"]
    if worst is not None:
        told.append(
            f"{found['case']}: smallest tolerable {found['size']} {1e3 * worst['size_m']:.3g} mm at x "
            f"{1e3 * worst['x_m']:.1f}, y {1e3 * worst['y_m']:.1f} mm, {1e3 * worst['inside_lip_m']:.1f} mm inside the "
            f"lip, {math.degrees(worst['angle_rad']):.0f} deg from the radius"
            + (" (even the smallest that was asked is not)" if worst["state"] == "none" else "")
        )
    if found["alarmed"]:
        told.append(
            f"{found['case']}: at {found['alarmed']} places and angles the quick tier's K carries an alarm, as of a "
            "line that meets the rim askew (column alarm): sizes there are not shown to be tolerable but where audited"
        )
    if found["audited"]:
        agreed = ", ".join(f"{n} of {of} {name}" for name, (n, of) in found["within_5_percent"].items() if of)
        told.append(
            f"{found['case']}: K of both tiers within {100 * AGREED:g} % at audited places: {agreed}; "
            f"{found['flagged']} flagged and found again by the crack operator"
        )
    for name, each_check in found["checks"].items():
        if not next(iter(each_check.values()))["count"]:
            continue
        each = ", ".join(
            f"{NAMES[check]} {c['wrong']} of {c['count']} (at most {100 * c['high']:.0f} %)"
            for check, c in each_check.items()
        )
        told.append(f"{found['case']}: of the sizes found {name}, places drawn at random, not confirmed by: {each}")
    return told
