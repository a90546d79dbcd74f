"""Which cases a study has, grouped by the window they share."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from deadlight import __version__
from deadlight.case.model import Case
from deadlight.errors import CaseError, InputError
from deadlight.study.apply import Posed, own_key, pose, window_case, window_key, window_values
from deadlight.study.read import Base, Study
from deadlight.study.record import FAILED, Record, failed
from deadlight.study.space import Row, rows_of


@dataclass
class Group:
    """Cases of one window, and of one case file: two files that share a window differ in cracks, criteria or growth.

    Attributes
    ----------
    base : Base
    case : Case
        Of the window, with what else the file states.
    key : str
        Under which its heat and stress are kept.
    posed : list of Posed
    """

    base: Base
    case: Case
    key: str
    posed: list[Posed] = field(default_factory=list)

    @property
    def own_key(self) -> str:
        """Of the window with the cracks, criteria and growth that the file states."""
        return own_key(self.base, self.case, self.key, {})


Groups = dict[tuple[str, str], Group]  # by case file and key


@dataclass(frozen=True, eq=False)
class Plan:
    """All cases of a study.

    Attributes
    ----------
    groups : tuple of Group
    refused : tuple of Record
        Rows that the case form refuses.
    """

    groups: tuple[Group, ...]
    refused: tuple[Record, ...]

    @property
    def count(self) -> int:
        return sum(len(g.posed) for g in self.groups) + len(self.refused)


def plan_of(study: Study) -> Plan:
    """Poses every row.

    Raises
    ------
    CaseError
        Not one row makes a case: a name or a unit is at fault, not a value.
    """
    groups: Groups = {}
    windows: dict[tuple[int, tuple[tuple[str, str], ...]], Group | InputError] = {}
    refused: list[Record] = []
    first: InputError | None = None
    for row in rows_of(study):
        base, values = study.bases[row.base], window_values(row)
        at = (row.base, values)
        if at not in windows:
            windows[at] = _window(base, values, groups)
        group = windows[at]
        try:
            if isinstance(group, InputError):
                raise group
            group.posed.append(pose(base, group.case, group.key, row))
        except InputError as error:
            first = first or error
            refused.append(failed(row, _key_of(row), str(error), tier="quick", seconds=0.0))
    for base in study.bases:  # a map alone: the window as it is stated
        if study.form.map is not None:
            _window(base, (), groups)
    if first is not None and not any(g.posed for g in groups.values()):
        raise CaseError(f"no row makes a case; the first: {first}", place=str(study.path), remedy="correct it")
    return Plan(tuple(groups.values()), tuple(refused))


def _window(
    base: Base, values: tuple[tuple[str, str], ...], groups: dict[tuple[str, str], Group]
) -> Group | InputError:
    try:
        case: Case = window_case(base, values)
    except InputError as error:
        return error
    key = window_key(base, case)
    return groups.setdefault((base.name, key), Group(base, case, key))


def _key_of(row: Row) -> str:
    content = json.dumps([__version__, row.base, row.values])
    return "refused" + hashlib.sha256(content.encode()).hexdigest()[:13]


def chosen_for_full(study: Study, records: Sequence[Record]) -> list[str]:
    """Keys of the cases that the crack operator judges too: nearest to the limit, then some of the rest at random.

    The same for the same records in any order.
    """
    form = study.form.full
    good = [r for r in records if r["status"] != FAILED and r["ratio_max"] is not None]
    good.sort(key=lambda r: (abs(np.log(max(r["ratio_max"], 1e-6))), r["key"]))
    near = [r["key"] for r in good[: form.nearest]]
    rest = sorted(r["key"] for r in good[form.nearest :])
    rng = np.random.default_rng(study.form.seed + 3)
    drawn = rng.permutation(len(rest))[: form.audit]
    return near + [rest[i] for i in np.sort(drawn)]
