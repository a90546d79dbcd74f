"""The route without credit, shared by the cases of a window: the cracked pane is lost, whatever its crack.

One sweep over the instants of the return (`loss_sweep`) for a window and what the criteria say of the panes behind; it
is kept on disk beside heat and stress.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deadlight.assumption import Assumption
from deadlight.case.model import Case
from deadlight.case.paths import file_digest, law_path
from deadlight.chain.loss_sweep import loss_sweep
from deadlight.chain.no_credit import no_credit_route
from deadlight.chain.route import RouteAnswer
from deadlight.chain.solved import Solved
from deadlight.errors import InputError, NotSolved
from deadlight.progress import Progress, silent
from deadlight.remark import Remark
from deadlight.store.stage import StageStore
from deadlight.store.summary import Margin, Verdict


@dataclass(frozen=True)
class Lost:
    """What loss of the cracked pane says.

    Attributes
    ----------
    answer : RouteAnswer
    remarks : tuple of Remark
        None is an alarm of a case: they forbid no credit.
    assumptions : tuple of Assumption
    """

    answer: RouteAnswer
    remarks: tuple[Remark, ...] = ()
    assumptions: tuple[Assumption, ...] = ()


def without_sweep(case: Case) -> Lost | None:
    """The answer where loss cannot be followed, or need not be; None where a sweep says it."""
    cracked = list(dict.fromkeys(c.pane for c in case.cracks))
    outermost = [case.panes[0].name]
    if case.environment.arcjet is None and len(case.panes) > 1 and cracked == outermost:
        return None
    return Lost(no_credit_route(case, cracked, None, {}))


def criteria_key(case: Case) -> str:
    """Hash of what of the criteria, and of growth, the panes behind depend on; all else is the window's."""
    stated = case.criteria.model_dump(mode="json", exclude={"K_Ic_factor"}) | case.growth.model_dump(mode="json")
    return hashlib.sha256(json.dumps(stated, sort_keys=True).encode()).hexdigest()[:12]


def swept(solved: Solved, case: Case, root: Path, store: StageStore, *, progress: Progress = silent) -> Lost:
    """Loses the outermost pane of a window at every instant, or takes what is kept of it.

    Parameters
    ----------
    case : Case
        With the cracks and criteria of the row.
    store : StageStore
        Of the window.
    """
    name = f"lost_{criteria_key(case)}"
    law = case.growth.file
    if law is not None:  # flaws of the panes behind grow by it
        name += f"_{file_digest(law, law_path(law, root)).hex()[:12]}"
    kept = store.load(name, lambda _, facts: _from_facts(facts))
    if kept is None:
        store.save(name, {}, _facts(_swept(solved, case, root, progress)))
        kept = store.load(name, lambda _, facts: _from_facts(facts))
        assert kept is not None  # it was written, flushed and renamed
    return kept  # as it comes back from disk, so that a resumed study gives the same


def _swept(solved: Solved, case: Case, root: Path, progress: Progress) -> Lost:
    viewport = dataclasses.replace(solved.viewport, case=case)
    pane, glass = case.panes[0].name, {name: m.name for name, m in viewport.materials.items()}
    try:
        found = loss_sweep(dataclasses.replace(solved, viewport=viewport), pane, root=root, progress=progress)
    except (InputError, NotSolved) as error:  # the other route stands by itself
        told = Remark(f"loss of {pane} could not be followed: {str(error).splitlines()[0]}")
        return Lost(no_credit_route(case, [pane], None, glass), (told,))
    told_of = tuple(Remark(f"if {pane} is lost: {text}") for text in found.remarks)
    return Lost(no_credit_route(case, [pane], found, glass), told_of, found.assumptions)


def _facts(lost: Lost) -> dict[str, Any]:
    answer = lost.answer
    return {
        "verdict": answer.verdict.value,
        "reasons": list(answer.reasons),
        "margins": [m.model_dump(mode="json") for m in answer.margins],
        "rests_on": sorted(answer.rests_on),
        "remarks": [str(each) for each in lost.remarks],
        "assumptions": [dataclasses.asdict(a) for a in lost.assumptions],
    }


def _from_facts(facts: dict[str, Any]) -> Lost:
    margins = tuple(Margin.model_validate(m) for m in facts["margins"])
    answer = RouteAnswer(Verdict(facts["verdict"]), tuple(facts["reasons"]), margins, frozenset(facts["rests_on"]))
    return Lost(
        answer, tuple(Remark(text) for text in facts["remarks"]),
        tuple(Assumption(**a) for a in facts["assumptions"]),
    )  # fmt: skip
