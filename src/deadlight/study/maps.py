"""The map of one return: what is missing is run, committed, audited and answered."""

from __future__ import annotations

import time as clock
from typing import TYPE_CHECKING, Any

from deadlight.study.apply import window_key
from deadlight.study.folder import MAP, MAP_JOURNAL
from deadlight.study.journal import Journal
from deadlight.study.kept import is_place
from deadlight.study.map_run import (
    audit_row,
    audited,
    critical_crack,
    map_answer,
    map_place,
    map_table,
    place_key,
    places_of,
)
from deadlight.study.meter import Meter
from deadlight.study.plan import Group
from deadlight.study.read import Base
from deadlight.study.record import Record, content_hash
from deadlight.study.table import write_table
from deadlight.study.window import StudyWindow

if TYPE_CHECKING:
    from deadlight.study.run import Runner

EVERY = 5.0  # [s] between commits
AUDIT_RUNS = 6.0  # how many times the time of a full case an audited place may take
PER_PLACE = 60.0  # how many times the time of one case a place may take


def run_map(runner: Runner, base: Base) -> dict[str, Any]:
    """Places, critical crack and audit of one case; `map.parquet` is written anew with it."""
    wanted, target = runner.study.form.map, runner.target
    assert wanted is not None
    key = window_key(base, base.case)
    group = next(g for g in runner.plan.groups if (g.base.name, g.key) == (base.name, key))
    journal = Journal(target.path / MAP_JOURNAL, is_place)
    try:
        target.damage += [f"map, {part}; run again" for part in journal.found.damage]
        known = {r["key"]: r for r in journal.found.records}
        window = StudyWindow.open(group.case, base.root, target.shared(key), progress=runner.progress)
        places = places_of(window, group, wanted)
        missing = [p for p in places if place_key(group, p) not in known]
        seconds = PER_PLACE * runner.study.form.limits.time

        def one(i: int) -> Record:
            return map_place(window, group, wanted, missing[i])

        known |= _committed(runner, journal, [f"place {p.number}" for p in missing], one, "map", seconds)
        rows = [r | {"case": base.name} for p in places for r in known.get(place_key(group, p), {"rows": []})["rows"]]
        chosen = audited(rows, wanted, runner.study.form.seed)
        todo = [i for i in chosen if _audit_key(group, rows[i]) not in known]

        def look(i: int) -> Record:
            row = audit_row(window, group, wanted, rows[todo[i]], drawn=chosen[todo[i]])
            made = {"key": _audit_key(group, row), "row": row}
            return {**made, "content": content_hash(made)}

        names = [f"audit of place {rows[i]['place']}" for i in todo]
        seconds = AUDIT_RUNS * runner.study.form.limits.full_time
        known |= _committed(runner, journal, names, look, "audit of the map", seconds)
        for i in chosen:
            rows[i] = known.get(_audit_key(group, rows[i]), {}).get("row", rows[i])
        limited = [r for r in rows if r["state"] in ("limited", "none")]
        worst = min(limited, key=lambda r: (r["size_m"], -(r["highest"] or 0.0)), default=None)
        critical = critical_crack(window, group, wanted, worst) if worst is not None else None
    finally:
        journal.close()
    write_table(target.path / f"{base.name}.{MAP}", map_table(rows))
    return map_answer(runner.study, group, rows, critical)


def _audit_key(group: Group, row: dict[str, Any]) -> str:
    return f"audit {group.own_key} {row['place']} {row['angle_rad']!r}"


def _committed(
    runner: Runner, journal: Journal, names: list[str], work: Any, stage: str, seconds: float
) -> dict[str, Record]:
    """Runs what is missing and commits it in groups; what gives nothing is left out, and tried again next time."""
    found: dict[str, Record] = {}
    waiting: list[Record] = []
    since = clock.monotonic()
    meter = Meter(runner.progress, stage, len(names))
    try:
        for outcome in runner.outcomes_here(len(names), work, seconds=seconds):
            meter.one()
            if outcome.value is None:
                runner.target.damage.append(f"{names[outcome.task]}: {outcome.why}")
                continue
            waiting.append(outcome.value)
            found[outcome.value["key"]] = outcome.value
            if clock.monotonic() - since > EVERY:
                journal.append(waiting)
                waiting, since = [], clock.monotonic()
    finally:
        journal.append(waiting)
    meter.close()
    return found
