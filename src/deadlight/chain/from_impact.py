"""Cracks of a case that are stated by an impact file: read, and put in its place as cracks of the case form."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deadlight.assumption import Assumption
from deadlight.case.crack import Crack, Marked
from deadlight.case.model import Case
from deadlight.case.paths import crack_path
from deadlight.chain.marked import ImpactAnswer, read_impact
from deadlight.errors import CaseError
from deadlight.remark import Remark


@dataclass(frozen=True, eq=False)
class Marks:
    """A case without impact files.

    Attributes
    ----------
    case : Case
    notes : tuple of str
        Which set and crack was taken.
    remarks : tuple of Remark
        What the reading leaves open, and the cracks of the set that are not followed: alarms.
    assumptions : tuple of Assumption
    beside : tuple of Crack
        The cracks of the sets that are not followed.
    """

    case: Case
    notes: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    beside: tuple[Crack, ...] = ()


def read_marks(case: Case, root: Path) -> Marks:
    """Every crack of the kind "impact" replaced by the one that is followed of its set; the case itself without any.

    Raises
    ------
    CaseError, InputError
        The file is at fault, is of another pane, has no mark, or no such set or crack.
    """
    if not any(isinstance(c, Marked) for c in case.cracks):
        return Marks(case)
    cracks: list[Any] = []
    notes: list[str] = []
    remarks: list[Remark] = []
    assumptions: list[Assumption] = []
    beside: list[Crack] = []
    for crack in case.cracks:
        if not isinstance(crack, Marked):
            cracks.append(crack)
            continue
        answer = read_impact(crack_path(crack, root))
        index, which = _chosen(crack, answer)
        found = answer.reading.sets[index] if answer.reading else None
        assert found is not None  # `_chosen` refuses a file without a mark
        each = answer.cracks(index)
        cracks.append(each[which])
        notes.append(f"{crack.name}: set {found.name}, crack {each[which].name} of {len(each)}")
        told = [r.of(crack.name) for r in (*answer.remarks, *found.remarks)]
        left = [c for k, c in enumerate(each) if k != which]
        beside += _without_shared(left, each[which])
        if left:
            text = f"{crack.name}: of the same set {', '.join(c.name for c in left)} are not followed"
            told.append(Remark(f"{text} (they may cross {each[which].name})", alarm=True))
        remarks += told
        assumptions += answer.assumptions
    known = tuple({a.key: a for a in assumptions}.values())
    return Marks(case.with_cracks(cracks), tuple(notes), tuple(remarks), known, tuple(beside))


def _without_shared(cracks: Sequence[Any], followed: Any) -> list[Any]:
    """Bent lines without the arms that another of the set has: pairs of arms that meet at the pit share one, and a
    surface that is there twice leaves splinters between."""
    taken = {frozenset(s) for s in itertools.pairwise(getattr(followed, "line", ()))}
    made = []
    for crack in cracks:
        line = getattr(crack, "line", ())
        if not line:
            made.append(crack)
            continue
        new = [s for s in itertools.pairwise(line) if frozenset(s) not in taken]
        taken |= {frozenset(s) for s in new}
        runs: list[list[Any]] = []
        for a, b in new:
            if runs and runs[-1][-1] == a:
                runs[-1].append(b)
            else:
                runs.append([a, b])
        made += [crack.model_copy(update={"line": tuple(run)}) for run in runs]
    return made


def _chosen(crack: Marked, answer: ImpactAnswer) -> tuple[int, int]:
    """Set and crack of it."""
    place = f"cracks, {crack.name}"
    if answer.reading is None or not answer.tables:
        raise CaseError("the impact file has no [mark]", place=place, remedy="state the mark, or the cracks themselves")
    if answer.stated.pane.name != crack.pane:
        raise CaseError(
            f"the impact file is of the pane {answer.stated.pane.name!r}", place=f"{place}.pane",
            remedy=f'the crack names {crack.pane!r}; write the same in both',
        )  # fmt: skip
    index = _set_of(crack, answer, place)
    each = answer.cracks(index)
    if not each:
        raise CaseError(f"set {index + 1} has no crack", place=f"{place}.take", remedy="take another set")
    if crack.crack is None:
        return index, max(range(len(each)), key=lambda k: (each[k].kind == "through", length(each[k])))
    which = ord(crack.crack) - ord("a")
    if which >= len(each):
        raise CaseError(f"crack {crack.crack!r} of {len(each)}", place=f"{place}.crack", remedy="letters from a")
    return index, which


def _set_of(crack: Marked, answer: ImpactAnswer, place: str) -> int:
    count = len(answer.tables)
    if crack.take == "bound":
        return count - 1
    if crack.take == "longest":
        return max(range(count), key=lambda i: sum(map(length, answer.cracks(i))))
    if crack.take > count:
        raise CaseError(f"set {crack.take} of {count}", place=f"{place}.take", remedy=f"1 to {count}")
    return crack.take - 1


def length(crack: Any) -> float:
    """How long a crack is on its face [m]."""
    line = getattr(crack, "line", ())
    if line:
        return sum(math.dist(a, b) for a, b in itertools.pairwise(line))
    return float(getattr(crack, "two_c", None) or 2.0 * (getattr(crack, "c", None) or 0.0))
