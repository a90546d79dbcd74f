"""Other returns of the same window and fixes that are thought of: each a whole run in a folder of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from deadlight.case.bands import Variant
from deadlight.case.change import changed_case
from deadlight.case.model import Case
from deadlight.progress import Progress
from deadlight.store.summary import Run, Summary, Verdict, worst

FOLDER = "variants"
RunInto = Callable[[Case, str, Path, Progress], Summary]
"""Runs a case, whose text is given, into a folder."""


def run_variants(case: Case, text: str, folder: Path, run: RunInto, progress: Progress) -> list[tuple[Variant, Run]]:
    """Every variant of a case, run or read from its folder, in the order stated."""
    found = []
    for variant in case.variants:
        other = changed_case(case, {"name": f"{case.name}: {variant.name}", **variant.set}, place=variant.name)
        where = f"{FOLDER}/{variant.name}"
        told = f"# variant {variant.name}: {json.dumps(variant.set)}\n{text}"

        def say(stage: str, share: float, note: str = "", *, name: str = variant.name) -> None:
            progress(stage, share, f"{name}: {note}")

        made = run(other, told, folder / where, say)
        found.append((variant, _row(variant, made, where)))
    return found


def with_variants(summary: Summary, rows: Sequence[tuple[Variant, Run]]) -> Summary:
    """The summary of the stated case with its other returns, which count, and what-ifs, which do not."""
    if not rows:
        return summary
    flown = [row for variant, row in rows if variant.kind == "trajectory"]
    verdict = worst([summary.verdict, *(row.verdict for row in flown)])
    reasons = [f"{row.name}: {row.verdict}: {row.reasons[0]}" for row in flown if row.verdict is not Verdict.GO]
    return summary.model_copy(
        update={
            "verdict": verdict,
            "reasons": [*summary.reasons, *reasons],
            "runs": [*summary.runs, *flown],
            "what_ifs": [row for variant, row in rows if variant.kind == "what_if"],
        }
    )


def _row(variant: Variant, made: Summary, where: str) -> Run:
    plain: dict[str, Any] = made.runs[0].model_dump() if made.runs else {"verdict": made.verdict}
    change = {key: value if isinstance(value, str) else json.dumps(value) for key, value in variant.set.items()}
    return Run.model_validate(
        {**plain, "name": variant.name, "reasons": made.reasons, "folder": where, "changed": change}
    )
