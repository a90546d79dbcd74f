"""What a finished study says: table, counts, and the answers drawn from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from deadlight.progress import Progress
from deadlight.store import atomic
from deadlight.study.folder import ANSWERS, SUMMARY, StudyFolder
from deadlight.study.plan import Plan
from deadlight.study.read import Study
from deadlight.study.table import study_table, write_table


def write_answers(study: Study, plan: Plan, target: StudyFolder, *, progress: Progress) -> dict[str, Any]:
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
    }
    atomic.write_bytes(target.path / ANSWERS, json.dumps(found, indent=1, allow_nan=False).encode())
    return found


def read_answers(folder: Path) -> dict[str, Any]:
    """What `answers.json` holds."""
    found: dict[str, Any] = json.loads((folder / ANSWERS).read_bytes())
    return found
