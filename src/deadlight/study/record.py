"""What a study keeps of a case: plain values, and a hash of all that decides or is decided."""

from __future__ import annotations

import hashlib
import json
import math
import os
import platform
from typing import Any

import numpy as np

from deadlight.chain.cracks import CrackAnswer
from deadlight.store.summary import Route
from deadlight.study.apply import Posed
from deadlight.study.space import Row
from deadlight.study.window import Answered

OUTSIDE = ("content", "seconds", "host", "process", "attempts")  # of the content hash: what differs from run to run
DONE, FAILED = "done", "failed"
Record = dict[str, Any]


def done(posed: Posed, found: Answered, *, tier: str, seconds: float) -> Record:
    """The record of a case that was answered."""
    cracks = [_crack(answer) for answer in found.answers]
    worst = max(cracks, key=lambda c: c["highest"] if c["highest"] is not None else math.inf, default=None)
    made: Record = {
        **_head(posed.row, posed.key, tier),
        "status": DONE,
        "verdict": str(found.judgement.verdict.value),
        "reason": found.judgement.reasons[0],
        "credit": _verdict(found.judgement.routes.credit),
        "no_credit": _verdict(found.judgement.routes.no_credit),
        "ratio_max": max((c["ratio_max"] for c in cracks), default=None),
        "highest": worst["highest"] if worst else None,
        "reaches": any(c["first_time"] is not None for c in cracks),
        "cracks": cracks,
        "alarms": [str(each) for each in found.remarks if each.alarm],
        "remarks": [str(each) for each in found.remarks if not each.alarm],
    }
    return sealed(made, seconds)


def failed(row: Row, key: str, reason: str, *, tier: str, seconds: float, attempts: int = 1) -> Record:
    """The record of a case that gave no answer: a result too."""
    made = {**_head(row, key, tier), "status": FAILED, "verdict": "NOT_SHOWN", "reason": reason}
    return sealed({**made, "attempts": attempts}, seconds)


def _head(row: Row, key: str, tier: str) -> Record:
    return {"key": key, "row": row.index, "base": row.base, "tier": tier, "values": dict(row.values)}


def sealed(made: Record, seconds: float) -> Record:
    """With its hash, and what is outside it: how long, where."""
    content = content_hash(made)
    return {
        **made, "content": content, "seconds": round(seconds, 6), "host": platform.node(), "process": os.getpid(),
    }  # fmt: skip


def content_hash(record: Record) -> str:
    """SHA-256 of all but timings, host and attempts; every float with all its digits."""
    inner = {name: value for name, value in record.items() if name not in OUTSIDE}
    return hashlib.sha256(json.dumps(inner, sort_keys=True, allow_nan=False).encode()).hexdigest()


def _verdict(route: Route) -> str | None:
    return None if route.verdict is None else str(route.verdict.value)


def _crack(answer: CrackAnswer) -> dict[str, Any]:
    judged = answer.judged
    quick = answer.result
    found: dict[str, Any] = {
        "name": judged.name,
        "ratio_max": number(judged.ratio_max),
        "time_of_max": number(judged.time_of_max),
        "highest": number(judged.highest),
        "first_time": None if judged.first_time is None else number(judged.first_time),
        "first_where": judged.first_where,
        "numerical_error": number(answer.numerical_error),
        "end": judged.end,
    }
    if quick is not None:
        peak = {t: number(v) for t, v in zip(quick.tips, np.nanmax(np.nan_to_num(quick.seed_k, nan=0.0), axis=0))}
        found |= {
            "quick_k": peak,
            "quick_ratio": number(quick.ratio_max),
            "model_error": [number(v) for v in quick.model_error],
            "quick_history": digest(quick.seed_k, quick.seed_ratio),
        }
    if answer.full is not None:
        fronts = answer.full.fronts
        found |= {
            "full_k": [number(float(f.effective.max())) for f in fronts],
            "full_history": digest(*(f.k for f in fronts), *(f.effective for f in fronts)),
            "gaps": [{"tip": g.tip, "gap": number(g.gap), "flagged": bool(g.flagged)} for g in answer.gaps],
        }
    return found


def digest(*arrays: Any) -> str:
    """Hash of arrays, bit for bit."""
    found = hashlib.sha256()
    for array in arrays:
        found.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
    return found.hexdigest()[:20]


def number(value: float | None) -> float | None:
    """A float for JSON; None for one that is not finite."""
    return float(value) if value is not None and math.isfinite(value) else None
