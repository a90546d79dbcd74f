"""Which keys the case form knows at a place, and which of them a slip of the pen may have meant."""

from __future__ import annotations

import difflib
import typing
from collections.abc import Iterator, Sequence
from typing import Any

from deadlight.case.fields import Form
from deadlight.case.model import Case

LIKE = 0.6  # of difflib: share of the letters that two keys have in common
LISTED = 24  # keys that a message still names one by one


def forms_at(loc: Sequence[str | int], top: type[Form] = Case) -> list[type[Form]]:
    """Forms that may hold the last part of a path as pydantic gives it (chosen kinds included)."""
    forms: list[type[Form]] = [top]
    for part in loc[:-1]:
        if isinstance(part, int):
            continue
        inside = [f for form in forms if part in (names := _fields(form)) for f in _forms(names[part])]
        if inside:
            forms = inside
        elif chosen := [form for form in forms if part in _kind_of(form)]:
            forms = chosen
    return forms


def unknown_key(loc: Sequence[str | int], top: type[Form] = Case) -> str:
    """What to say of a key that does not exist: the likely one, or those that there are."""
    forms = forms_at(loc, top)
    known = list(dict.fromkeys(name for form in forms for name in _fields(form)))
    near = difflib.get_close_matches(str(loc[-1])[:80], known, n=2, cutoff=LIKE)
    if near:
        return f"unknown key; did you mean {' or '.join(near)}?"
    if len(known) <= LISTED:
        kind = _kind_of(forms[0]) if len(forms) == 1 else ()
        there = f'with kind = "{kind[0]}" there are' if len(kind) == 1 else "there are"
        return f"unknown key; {there} {', '.join(known)}"
    return "unknown key; check the spelling against docs/case.md"


def _fields(form: type[Form]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in form.model_fields.items()}


def _kind_of(form: type[Form]) -> tuple[str, ...]:
    """The `kind` by which a form is chosen among others."""
    field = form.model_fields.get("kind")
    return typing.get_args(field.annotation) if field else ()


def _forms(annotation: Any) -> Iterator[type[Form]]:
    if isinstance(annotation, type) and issubclass(annotation, Form):
        yield annotation
    for part in typing.get_args(annotation):
        yield from _forms(part)
