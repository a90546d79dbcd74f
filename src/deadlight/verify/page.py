"""The table of the accuracy page, written anew from a run."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from deadlight import __version__
from deadlight.errors import InputError
from deadlight.verify.case import Line, Outcome
from deadlight.verify.run import Verification
from deadlight.verify.table import percent, summary, verdict

BEGIN = "<!-- written by deadlight verify --write: begin -->"
END = "<!-- written by deadlight verify --write: end -->"
PARTS = {
    "embedded": "cracks inside a solid", "surface": "cracks at a face", "through_edge": "edge and through cracks",
    "thermal": "cracks and heat", "property": "properties of the crack operator", "heat": "heat", "stress": "stress",
    "growth": "growth", "outcome": "outcome: air through gaps and cracks", "entry": "entry: the air outside",
}  # fmt: skip


def worst(outcome: Outcome) -> Line:
    """The line of a case that is nearest to its tolerance, or farthest beyond it."""

    def share(each: Line) -> float:
        ratio = abs(each.error[each.worst]) / each.tolerance[each.worst]
        return float(ratio) if np.isfinite(ratio) else np.inf

    return max(outcome.lines, key=share)


def rows(found: Verification) -> Iterator[str]:
    """One row a case."""
    for outcome in found.outcomes:
        case = outcome.case
        head = f"| {PARTS[case.family]} | `{case.name}`: {case.title} | {case.judge} | {case.source} |"
        if outcome.failure:
            yield f"{head} not solved: {outcome.failure.splitlines()[0]} | | MISS |"
            continue
        each = worst(outcome)
        i = each.worst
        where = f" at {each.where[i]:.3g} {each.unit}" if each.unit else ""
        error = f"{percent(float(each.error[i]))} ({each.what}{where})".replace("|", "\\|")  # of |K|
        yield f"{head} {error} | {percent(float(each.tolerance[i]))} | {verdict(outcome, each)} |"


def section(found: Verification, *, date: str, version: str) -> str:
    """What stands between the marks.

    Parameters
    ----------
    date : str
        Of the run, as 2026-11-29.
    version : str
        Of the program.
    """
    head = [
        f"Run on {date} with version {version}, by `deadlight verify --write docs/accuracy.md`.",
        "",
        "| part | case | judge | source | error that is nearest to what is allowed | allowed | |",
        "|---|---|---|---|---|---|---|",
    ]
    return "\n".join([BEGIN, *head, *rows(found), "", *(f"{line}.  " for line in summary(found)), END])


def rewritten(page: str, table: str) -> str:
    """A page whose table is replaced.

    Raises
    ------
    InputError
        The marks are not in it, each once and in order.
    """
    if page.count(BEGIN) != 1 or page.count(END) != 1 or page.index(BEGIN) > page.index(END):
        raise InputError(
            "no place for the table", place="verify --write", remedy=f"put {BEGIN} and {END} into the page"
        )
    return page[: page.index(BEGIN)] + table + page[page.index(END) + len(END) :]


def write_page(found: Verification, path: Path) -> None:
    """Puts the table of a run, with today's date, into a page.

    Raises
    ------
    InputError
        There is no such page, or no place in it.
    """
    if not path.is_file():
        raise InputError("no such page", place=str(path), remedy="docs/accuracy.md")
    table = section(found, date=datetime.date.today().isoformat(), version=__version__)
    path.write_text(rewritten(path.read_text(encoding="utf-8"), table), encoding="utf-8")
