"""A row's values put into its case: by name, as text with units, so that the case form reads and limits them."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deadlight import __version__
from deadlight.case.crack import Crack
from deadlight.case.fields import Form
from deadlight.case.growth import Growth
from deadlight.case.load import case_hash, parse_case, parse_form, window_of
from deadlight.case.model import Case, Criteria
from deadlight.errors import CaseError
from deadlight.study.form import LIGHT, TOUGHNESS, shared_name, split
from deadlight.study.read import Base
from deadlight.study.space import Row

LISTS = {"cracks": "name", "panes": "name"}  # tables in a row, told apart by this key
IDLE = ("output", "bands", "variants")  # of a case: no number of a study depends on them
FACTOR = (0.05, 20.0)  # a factor on K_Ic beyond this is a slip


@dataclass(frozen=True, eq=False)
class Posed:
    """A row as a case to be run.

    Attributes
    ----------
    row : Row
    case : Case
    toughness : dict of pane -> factor on K_Ic
    key : str
        Hash of the validated input and the version.
    """

    row: Row
    case: Case
    toughness: dict[str, float]
    key: str

    @property
    def cracks(self) -> tuple[Crack, ...]:
        return self.case.cracks


def window_values(row: Row) -> tuple[tuple[str, str], ...]:
    """Those of a row on which heat or stress depend."""
    return tuple((name, text) for name, text in row.values if shared_name(name))


def window_case(base: Base, values: tuple[tuple[str, str], ...]) -> Case:
    """The base with the values of the window; InputError with the parameter's name where one is at fault."""
    if not values:
        return base.case
    for name, _ in values:
        if name.partition(".")[0] in IDLE:
            raise CaseError("does nothing in a study", place=name, remedy="vary something else, or leave it out")
    plain = {key: value for key, value in base.data.items() if key not in ("bands", "variants")}
    return parse_case(_changed(plain, values), place=f"{base.path.name} with {_told(values)}")


def window_key(base: Base, case: Case) -> str:
    """Hash of everything on which heat and stress depend: all but what is light, its files, and output."""
    files = {n: d for n, d in base.files.items() if n not in base.light}
    return case_hash(window_of(case), version=__version__, files=files)


def own_key(base: Base, case: Case, window: str, toughness: Mapping[str, float]) -> str:
    """Hash of everything on which the answer of a case depends: its window, and what is light with its files."""
    content = {
        "window": window,
        **{name: case.model_dump(mode="json", include={name}) for name in LIGHT},
        "files": {name: base.files[name].hex() for name in sorted(base.light)},
        "toughness": dict(toughness),
        "version": __version__,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:20]


def pose(base: Base, window: Case, key: str, row: Row) -> Posed:
    """A row on its window.

    Parameters
    ----------
    window : Case
        Of `window_case` with the row's own values.
    key : str
        Of `window_key`.

    Raises
    ------
    InputError
        A value that the case form refuses, or a name that leads nowhere.
    """
    light = tuple((n, t) for n, t in row.values if not shared_name(n))
    of_glass = tuple((n, t) for n, t in light if n.partition(".")[0] == TOUGHNESS)
    factors = {n.partition(".")[2]: _factor(n, t, base) for n, t in of_glass}
    changed = tuple(each for each in light if each not in of_glass)
    case = window
    if changed:
        data = _changed({k: base.data[k] for k in LIGHT if k in base.data}, changed)
        part = _light(base, data, _told(changed))
        case = window.model_copy(update={name: getattr(part, name) for name in LIGHT})
    return Posed(row, case, factors, own_key(base, case, key, factors))


class _Light(Form):
    """What of a case costs nothing to change: the tables of `LIGHT`."""

    cracks: tuple[Crack, ...] = ()
    criteria: Criteria = Criteria()
    growth: Growth = Growth()


def _light(base: Base, data: dict[str, Any], told: str) -> _Light:
    """Only what is light is read again: the rest of the form is the window's."""
    place = f"{base.path.name} with {told}"
    found = parse_form(_Light, data, place=place, text="")
    panes = [p.name for p in base.case.panes]
    lost = [c.pane for c in found.cracks if c.pane not in panes]
    if lost:
        raise CaseError(f'"{lost[0]}" is no pane', place=place, remedy=f"there are {', '.join(panes)}")
    return found


def _factor(name: str, text: str, base: Base) -> float:
    pane = name.partition(".")[2]
    if pane not in {p.name for p in base.case.panes}:
        raise CaseError(
            f'"{pane}" is no pane of {base.path.name}',
            place=name,
            remedy=", ".join(f"toughness.{p.name}" for p in base.case.panes),
        )
    value, unit = split(text)
    if unit or not FACTOR[0] <= value <= FACTOR[1]:
        raise CaseError(
            f'"{text}"', place=name, remedy=f"a factor on K_Ic, {FACTOR[0]:g} to {FACTOR[1]:g}, without a unit"
        )
    return value


def _told(values: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"{name} = {text}" for name, text in values[:4]) + (" ..." if len(values) > 4 else "")


def _changed(data: Mapping[str, Any], values: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    made = copy.deepcopy(dict(data))
    known: dict[tuple[str | int, ...], str] = {}
    for name, text in values:
        place = _set(made, name, text)
        if place in known:
            raise CaseError(f"is the same value as {known[place]}", place=name, remedy="state it once")
        known[place] = name
    return made


def _set(data: dict[str, Any], name: str, text: str) -> tuple[str | int, ...]:
    """Puts a text where a dotted name leads, which is returned; a number with band and source keeps them."""
    parts = name.split(".")
    at: Any = data
    way: list[str | int] = []
    for i, part in enumerate(parts[:-1]):
        way.append(_step(at, part, parts[:i], name))
        at = at.setdefault(part, {}) if isinstance(at, dict) else at[way[-1]]
    if not isinstance(at, dict):
        raise CaseError("leads into a value, not a table", place=name, remedy="the name of a value of the case")
    last = parts[-1]
    stated = at.get(last)
    if isinstance(stated, dict) and "value" in stated:
        at[last] = {k: v for k, v in stated.items() if k != "band"} | {"value": text}
        return (*way, last, "value")
    if isinstance(stated, (dict, list)):
        raise CaseError("names a table, not a value", place=name, remedy=f"for example {name}.{_first(stated)}")
    at[last] = text
    return (*way, last)


def _step(at: Any, part: str, above: list[str], name: str) -> str | int:
    """The key or the row that a part of a name means."""
    if isinstance(at, list):
        key = LISTS.get(above[-1], "") if above else ""
        found = [i for i, each in enumerate(at) if key and each.get(key) == part]
        if not found and part.isdigit() and int(part) < len(at):
            found = [int(part)]
        if not found:
            known = [str(each.get(key)) for each in at] if key else [str(i) for i in range(len(at))]
            raise CaseError(f'"{part}" is not in {".".join(above)}', place=name, remedy=f"there are {', '.join(known)}")
        return found[0]
    if not isinstance(at, dict):
        raise CaseError("leads into a value, not a table", place=name, remedy="the name of a value of the case")
    return part


def _first(stated: Any) -> str:
    return next(iter(stated), "value") if isinstance(stated, dict) else "0"
