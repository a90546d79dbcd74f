"""The map of a study: places dealt out to workers, committed as they come, audited by the crack operator."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from deadlight.case.crack import Crack
from deadlight.chain.cracks import CrackAnswer
from deadlight.errors import CaseError
from deadlight.study.apply import Posed
from deadlight.study.damage_map import Place, Tolerable, moved, places, sized, tolerable
from deadlight.study.form import Map
from deadlight.study.plan import Group
from deadlight.study.record import Record, content_hash, number
from deadlight.study.space import Row
from deadlight.study.window import StudyWindow
from deadlight.study.work import reason

AGREED = 0.05  # gap of K between the tiers from which a place is refined by the operator
REFINED = 3  # runs of the operator at a place at most
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
            rows.append(_row(tolerable(judged, crack, place, angle, wanted)))
        except MemoryError:
            raise
        except Exception as error:
            rows.append(_failed(place, angle, reason(error)))
    made = {"key": place_key(group, place), "base": group.base.name, "rows": rows}
    return {**made, "content": content_hash(made)}


def place_key(group: Group, place: Place) -> str:
    """Of the window and the place."""
    return hashlib.sha256(json.dumps([group.key, place.x, place.y]).encode()).hexdigest()[:20]


def _row(t: Tolerable) -> dict[str, Any]:
    p = t.place
    return {
        "place": p.number, "x_m": p.x, "y_m": p.y, "inside_lip_m": p.inside_lip, "angle_rad": t.angle,
        "size_m": t.size, "state": t.state, "ratio": number(t.ratio), "highest": number(t.highest),
        "answers": t.answers, "reason": "",
    }  # fmt: skip


def _failed(place: Place, angle: float, why: str) -> dict[str, Any]:
    made = _row(Tolerable(place, angle, 0.0, "failed", math.nan, math.nan, 0))
    return {**made, "reason": why}


def places_of(window: StudyWindow, group: Group, wanted: Map) -> tuple[Place, ...]:
    """The places of the map on this window's pane."""
    return places(window.pane(map_crack(group, wanted).pane), wanted)


def audited(rows: Sequence[dict[str, Any]], wanted: Map, seed: int) -> list[int]:
    """Which rows the operator looks at: half of them the smallest sizes, the rest at random."""
    limited = [i for i, r in enumerate(rows) if r["state"] == "limited"]
    limited.sort(key=lambda i: (rows[i]["size_m"], i))
    small, rest = limited[: wanted.audit // 2], limited[wanted.audit // 2 :]
    drawn = np.random.default_rng(seed + 4).permutation(len(rest))[: wanted.audit - len(small)]
    return small + [rest[i] for i in sorted(drawn)]


def audit_row(window: StudyWindow, group: Group, wanted: Map, row: dict[str, Any]) -> dict[str, Any]:
    """K of the operator at a row's size; where it is off by more than 5 % the size is found again with it."""
    crack = map_crack(group, wanted)
    place = Place(row["place"], row["x_m"], row["y_m"], row["inside_lip_m"])
    here = moved(crack, place, row["angle_rad"])
    factor = group.case.criteria.K_Ic_factor
    times = 1.0 if factor is None else factor.value
    size, runs, found = row["size_m"], 0, {"full_size_m": None, "full_highest": None}
    gap, flagged = math.nan, False
    while runs < REFINED:
        runs += 1
        posed = Posed(Row(0, 0, ()), group.case.model_copy(update={"cracks": (sized(here, size),)}), {}, "")
        answer = window.full(posed).answers[0]
        judged = answer.judged
        highest = judged.highest * times
        if runs == 1:
            quick = answer.result.ratio_max if answer.result is not None else math.nan
            gap = quick / judged.ratio_max - 1.0 if judged.ratio_max > 0.0 else math.nan
            flagged = not abs(gap) <= AGREED
        if highest < 1.0:
            found = {"full_size_m": size, "full_highest": highest}
        if not flagged or (abs(math.log(max(highest, 1e-6))) < 2.0 * wanted.tolerance and highest < 1.0):
            break
        # K goes about as the root of the size
        size = min(max(size * 0.99 * highest**-2.0, 0.5 * size), 2.0 * size, wanted.high)
    return {**row, "gap": number(gap), "flagged": flagged, "full_runs": runs, **found}


def map_table(records: Sequence[Record], audit: Sequence[dict[str, Any]]) -> pa.Table:
    """A row for every case, place and angle; what the audit found beside it."""
    known = {(r["case"], r["place"], r["angle_rad"]): r for r in audit}
    rows = []
    for record in records:
        for row in record["rows"]:
            more = known.get((record["base"], row["place"], row["angle_rad"]), {})
            extra = {k: more.get(k) for k in ("gap", "flagged", "full_runs", "full_size_m", "full_highest")}
            rows.append({"case": record["base"], **row, **extra})
    rows.sort(key=lambda r: (r["case"], r["place"], r["angle_rad"]))
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pa.table({name: [row.get(name) for row in rows] for name in names})


def journal_path(folder: Path) -> Path:
    """Where finished places are kept."""
    return folder / "map.journal"


def nearest_place(made: Sequence[Place], x: float, y: float) -> Place:
    """The place nearest to a point."""
    return min(made, key=lambda p: (p.x - x) ** 2 + (p.y - y) ** 2)


def with_size(crack: Crack, row: dict[str, Any]) -> Crack:
    """The crack of a row of the map."""
    place = Place(row["place"], row["x_m"], row["y_m"], row["inside_lip_m"])
    return sized(moved(crack, place, row["angle_rad"]), row["size_m"])


def replaced(group: Group, crack: Crack) -> Group:
    """The group with one crack alone."""
    return dataclasses.replace(group, case=group.case.model_copy(update={"cracks": (crack,)}))
