"""What a finished study says: how likely, over what, what it turns on, what is tolerable, what to measure next."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from deadlight.errors import InputError
from deadlight.store import atomic
from deadlight.store.json_file import read_json
from deadlight.study.contributors import Contributor, contributors
from deadlight.study.folder import ANSWERS, SUMMARY, StudyFolder
from deadlight.study.form import shared_name
from deadlight.study.fragility import fragility
from deadlight.study.plan import Plan
from deadlight.study.proportion import Proportion, all_alike, proportion
from deadlight.study.read import Study
from deadlight.study.table import study_table, write_table

Array = np.ndarray[Any, np.dtype[np.float64]]
ASSUMED = "conditional on assumed inputs"
GIVEN = "for inputs that are given as certain"


def write_answers(study: Study, plan: Plan, target: StudyFolder, maps: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """Table and answers into the study's folder."""
    table = study_table(study, plan, target.quick, target.full)
    write_table(target.path / SUMMARY, table)
    found: dict[str, Any] = {
        "study": study.form.name,
        "digest": study.digest,
        "cases": plan.count,
        "failed": sum(r["status"] == "failed" for r in (*target.quick.values(), *target.full.values())),
        "full": len(target.full),
        "damage": target.damage,
        "label": label(study),
        "returns": [answers_of(study, plan, table, base.name) for base in study.bases] if len(table) else [],
        "maps": list(maps),
    }
    found["lines"] = lines_of(found)
    kept = {**found, "sum": _sum(found)}
    atomic.write_bytes(target.path / ANSWERS, json.dumps(kept, indent=1, allow_nan=False).encode())
    return found


def _sum(found: dict[str, Any]) -> str:
    """Digest of the answers, by which a damaged file is known."""
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


def label(study: Study) -> str:
    """What a probability rests on."""
    unsure = [p.name for p in study.form.parameters if not p.certain]
    return f"{ASSUMED}: {', '.join(unsure)}" if unsure or not study.form.parameters else GIVEN


def answers_of(study: Study, plan: Plan, table: pa.Table, name: str) -> dict[str, Any]:
    """Probability, fragility, contributors of one return."""
    rows = [row for row in table.to_pylist() if row["case"] == name]
    good = [row for row in rows if row["status"] == "done" and row["ratio_max"] is not None]
    window = {p.key: g.key for g in plan.groups for p in g.posed}
    names = [window.get(r["key"], "") for r in good]
    group = np.array([sorted(set(names)).index(n) for n in names], dtype=float)
    happened = np.array([r["first_time_s"] is not None and np.isfinite(r["first_time_s"]) for r in good], dtype=bool)
    confidence = study.form.confidence
    parameters = columns(table, good)
    ratio = np.array([r["ratio_max"] for r in good], dtype=float)
    reach = proportion(happened, group, confidence)
    failed = len(rows) - len(good)
    counted = np.append(happened, np.ones(failed, dtype=bool)), np.append(group, np.full(failed, -1.0))
    worst = proportion(*counted, confidence)
    ranked = contributors(
        {n: v for n, (_, v) in parameters.items()}, ratio, happened, confidence=confidence, seed=study.form.seed
    ) if len(good) >= 20 else ()  # fmt: skip
    curves = [fragility(n, u, v, happened, group, confidence).plain() for n, (u, v) in parameters.items() if len(v)]
    return {
        "case": name,
        "reaches": _plain(reach),
        "reaches_if_failed_count": _plain(worst),
        "not_below_with_factor": _plain(_not_shown(study, name, good, group)),
        "confidence": confidence,
        "windows": len(np.unique(group)),
        "verdicts": _counted(rows),
        "fragility": curves,
        "contributors": [dataclasses.asdict(c) | {"saves": c.saves} for c in ranked],
        "measure_next": measure_next(ranked),
        "tiers": _tiers(good),
        "audit": verdicts_compared(good, confidence),
    }


def columns(table: pa.Table, rows: Sequence[dict[str, Any]]) -> dict[str, tuple[str, Array]]:
    """Parameters that vary: name -> (unit, values)."""
    names = table.column_names[2 : table.column_names.index("key")]
    found = {}
    for column in names:
        values = [row[column] for row in rows]
        if any(v is None for v in values) or len(set(values)) < 2:
            continue
        name, _, unit = column.partition(" [")
        found[name] = (unit.rstrip("]"), np.array(values, dtype=float))
    return found


def _not_shown(study: Study, name: str, rows: Sequence[dict[str, Any]], group: Array) -> Proportion:
    """K that is not below K_Ic with the case's factor and every error band."""
    base = next(b for b in study.bases if b.name == name)
    factor = base.case.criteria.K_Ic_factor
    times = 1.0 if factor is None else factor.value
    beyond = np.array([not (r["highest"] is not None and r["highest"] * times < 1.0) for r in rows], dtype=bool)
    return proportion(beyond, group, study.form.confidence)


def _plain(p: Proportion) -> dict[str, Any]:
    return {
        "hits": p.hits, "count": p.count, "share": p.share if p.count else None, "low": p.low, "high": p.high,
        "effective": p.effective,
    }  # fmt: skip


def _counted(rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    verdicts = [row["verdict"] if row["status"] == "done" else "failed" for row in rows]
    return {name: verdicts.count(name) for name in sorted(set(verdicts))}


def measure_next(ranked: Sequence[Contributor]) -> list[str]:
    """What knowing a parameter exactly would be worth, the most worthwhile first."""
    order = sorted(ranked, key=lambda c: (-c.saves, -c.share))
    told = []
    for c in order[:3]:
        if c.share < 0.02 and c.saves < 0.005:
            continue
        what = "a solution of the window for every value" if shared_name(c.name) else "nothing but the measurement"
        told.append(
            f"{c.name}: knowing it would take away {100 * c.share:.0f} % of the variance of log K/K_Ic and lower the "
            f"share of wrong guesses from {100 * c.wrong_now:.1f} to {100 * c.wrong_then:.1f} %; it costs {what}"
        )
    return told


def _tiers(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Quick K beside the operator's where both were run."""
    both = [r for r in rows if r.get("full_ratio_max") is not None and r["full_status"] == "done"]
    gaps = np.array([r["ratio_max"] / r["full_ratio_max"] - 1.0 for r in both if r["full_ratio_max"] > 0.0])
    return {
        "count": len(both),
        "largest_gap": float(np.abs(gaps).max()) if len(gaps) else None,
        "median_gap": float(np.median(np.abs(gaps))) if len(gaps) else None,
        "within_5_percent": int((np.abs(gaps) <= 0.05).sum()),
    }


def verdicts_compared(rows: Sequence[dict[str, Any]], confidence: float) -> dict[str, Any]:
    """Rate of cases that the quick tier takes for tolerable and the operator does not, and the other way."""
    both = [r for r in rows if r.get("full_ratio_max") is not None and r["full_status"] == "done"]
    missed = np.array([r["ratio_max"] < 1.0 <= r["full_ratio_max"] for r in both], dtype=bool)
    false = np.array([r["full_ratio_max"] < 1.0 <= r["ratio_max"] for r in both], dtype=bool)
    group = np.arange(len(both), dtype=float)
    return {
        "missed": _plain(proportion(missed, group, confidence)),
        "false_alarm": _plain(proportion(false, group, confidence)),
    }


def lines_of(found: dict[str, Any]) -> list[str]:
    """The answers in a few sentences."""
    told = []
    for each in found["returns"]:
        p, sure = each["reaches"], 100 * each["confidence"]
        if not p["count"]:
            continue
        told.append(
            f"{each['case']}: K reaches K_Ic in {p['hits']} of {p['count']} cases, probability {100 * p['share']:.3g} "
            f"% ({100 * p['low']:.3g} to {100 * p['high']:.3g} % with {sure:g} % confidence), {found['label']}"
        )
        if each["windows"] > 1:
            told.append(f"{each['case']}: {each['windows']} windows; counts as {p['effective']:.0f} independent cases")
            bounds = all_alike(p["hits"], p["count"], each["windows"], each["confidence"])
            if bounds is not None:
                told[-1] += f"; if the window alone decided, {100 * bounds[0]:.3g} to {100 * bounds[1]:.3g} %"
        top = [f"{c['name']} {100 * c['share']:.0f} %" for c in each["contributors"][:4]]
        if top:
            told.append(f"{each['case']}: variance of log K/K_Ic by {', '.join(top)}")
        told += [f"{each['case']}: measure next {text}" for text in each["measure_next"][:1]]
    told += [text for each in found["maps"] for text in each["lines"]]
    return told


def read_answers(folder: Path) -> dict[str, Any]:
    """What `answers.json` holds; InputError where it is not there, or not as it was written."""
    remedy = f"deadlight resume {folder}"
    try:
        found: dict[str, Any] = read_json(folder / ANSWERS)
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read ({error})", place=str(folder / ANSWERS), remedy=remedy) from error
    if not isinstance(found, dict) or found.pop("sum", "") != _sum(found):
        raise InputError("damaged: its sum is wrong", place=str(folder / ANSWERS), remedy=remedy)
    return found
