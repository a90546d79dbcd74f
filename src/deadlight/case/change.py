"""A case with some of its keys changed: the same form, read and checked again as a whole."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from deadlight.case.model import Case
from deadlight.errors import CaseError

MISSING = object()


def changed(stated: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The plain data of a case with some keys changed; what is left out of the way is made.

    Parameters
    ----------
    stated : mapping
        Content of the case file.
    changes : mapping of dotted key -> value as in the file
        A row of a list is named by its `name` or its number from 0: "panes.thermal.material", "gaps.0.state",
        "environment.heating.ratio.value".  A table is taken whole.

    Raises
    ------
    CaseError
        A key leads through a value that has no keys, or to a row that is not there.
    """
    data = copy.deepcopy(dict(stated))
    for key, value in changes.items():
        _put(data, key, copy.deepcopy(value))
    return data


def changed_case(case: Case, changes: Mapping[str, Any], *, place: str) -> Case:
    """The case with some of its keys changed, see `changed`, without bands and variants of its own.

    Cracks that were put into the object stay, unless it is them that change.

    Raises
    ------
    CaseError
        As for a file; or the case was not read from plain data.
    """
    from deadlight.case.load import parse_case

    if case.stated is None:
        raise CaseError(
            "this case was made without its plain data, so no key of it can be changed",
            place=place,
            remedy="make it with load_case or parse_case",
        )
    data = {key: value for key, value in case.stated.items() if key not in ("bands", "variants")}
    found = parse_case(changed(data, changes), place=place)
    touched = any(key.split(".")[0] == "cracks" for key in changes)
    return found if touched else found.with_cracks(case.cracks)


def _put(data: Any, key: str, value: Any) -> None:
    parts = key.split(".")
    here = data
    for i, part in enumerate(parts[:-1]):
        here = _into(here, part, key, ".".join(parts[: i + 1]))
    last = parts[-1]
    if isinstance(here, list):
        here[_row(here, last, key)] = value
    elif isinstance(here, dict):
        here[last] = value
    else:
        raise _leads_nowhere(key, ".".join(parts[:-1]), here)


def _into(here: Any, part: str, key: str, way: str) -> Any:
    if isinstance(here, list):
        return here[_row(here, part, key)]
    if not isinstance(here, dict):
        raise _leads_nowhere(key, way, here)
    below = here.get(part, MISSING)
    if below is MISSING:
        here[part] = below = {}
    elif isinstance(below, str):  # a value that may also be a table: "0.2" is { value = "0.2" }
        here[part] = below = {"value": below}
    return below


def _row(rows: list[Any], part: str, key: str) -> int:
    names = [row.get("name") if isinstance(row, dict) else None for row in rows]
    if part in names:
        return names.index(part)
    if part.isdigit() and int(part) < len(rows):
        return int(part)
    known = ", ".join(str(name) if name else str(i) for i, name in enumerate(names))
    raise CaseError(f'no row "{part}"', place=key, remedy=f"there are {known or 'none'}")


def _leads_nowhere(key: str, way: str, here: Any) -> CaseError:
    return CaseError(f"{way} is {here!r}, which has no keys", place=key, remedy="change the value itself")
