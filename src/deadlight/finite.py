"""Whether everything that a stage hands on is a finite number; where it is not, which quantity of what.

A number that is NaN compares as false with every limit and is dropped by the usual maxima, so that it can pass for a
crack that stays.  Everything is therefore looked at where one stage hands on to the next, and once more where the
verdict is made.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import types
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import numpy as np
import scipy.sparse
from pydantic import BaseModel

from deadlight.errors import NotFinite

Mask = np.ndarray[Any, np.dtype[np.bool_]]
UNLIMITED = "unlimited"
"""Of a field: +inf says that there is no limit; NaN is a fault."""
ENDLESS = "endless"
"""Of a field: +inf and -inf say that there is no limit, and that there is nothing below one; NaN is a fault."""
ANY = "any"
"""Of a field: it is not looked at."""
Rule = Mask | str | bool
PLAIN = (str, bytes, int, type)


class Partly(Protocol):
    """A result of which some numbers may not be finite: where, and only there, that says "there is none"."""

    def no_number(self) -> Mapping[str, Rule]:
        """By field: whether or where (a mask) it is NaN, or UNLIMITED, ENDLESS or ANY."""
        ...


def require_finite(stage: str, **handed: Any) -> None:
    """Ends the run where a stage hands on what is not a finite number.

    Parameters
    ----------
    stage : str
    handed
        Results by name, of any depth: dataclasses, forms, other objects of ours, mappings, sequences, arrays, sparse
        matrices, and functions with what they hold.

    Raises
    ------
    NotFinite
        With stage and quantity.
    """
    for name, value in handed.items():
        found = first_not_finite(value, name)
        if found is not None:
            raise NotFinite(f"stage {stage}: {found}")


def first_not_finite(value: Any, name: str) -> str | None:
    """The first quantity that is not finite where it should be, in words; None if there is none."""
    return next(not_finite(value, name), None)


def not_finite(value: Any, name: str, rule: Rule = False, seen: set[int] | None = None) -> Iterator[str]:
    """Every quantity that is not finite where it should be, or is where it should not, in words."""
    seen = set() if seen is None else seen
    if value is None or isinstance(value, PLAIN) or (isinstance(rule, str) and rule == ANY):
        return
    if isinstance(value, (float, np.floating, np.ndarray)):
        yield from _of_numbers(np.asarray(value), name, rule, seen)
    elif id(value) not in seen:
        seen.add(id(value))
        told = value.no_number() if hasattr(value, "no_number") else {}
        inside = rule if isinstance(rule, str) else False
        for key, part in _parts(value):
            here = f"{name}{key}" if key.startswith("[") else f"{name}.{key}"
            yield from not_finite(part, here, told.get(key, inside), seen)


def _of_numbers(value: np.ndarray[Any, Any], name: str, rule: Rule, seen: set[int]) -> Iterator[str]:
    if value.dtype == object:
        for i, part in enumerate(value.ravel()):
            yield from not_finite(part, f"{name}[{i}]", False, seen)
        return
    if value.dtype.kind not in "fc" or (value.ndim and value.strides == (0,) * value.ndim and id(value) in seen):
        return
    bad = ~np.isfinite(value)
    if isinstance(rule, str):  # UNLIMITED or ENDLESS
        bad &= np.isnan(value) if rule == ENDLESS else value != np.inf
    else:
        bad ^= np.isnan(value) if rule is True else rule
    if not bad.any():
        return
    at = np.unravel_index(int(np.argmax(bad)), value.shape)
    place = f"[{', '.join(str(int(i)) for i in at)}]" if value.ndim else ""
    told = "not a finite number" if not np.isfinite(value[at]) else "where there should be no number"
    many = f" ({int(bad.sum())} of {value.size} such)" if value.ndim else ""
    yield f"{name}{place} is {value[at]}, {told}{many}"


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    if dataclasses.is_dataclass(value):
        yield from ((f.name, getattr(value, f.name)) for f in dataclasses.fields(value))
    elif isinstance(value, BaseModel):
        yield from ((key, getattr(value, key)) for key in type(value).model_fields)
    elif isinstance(value, Mapping):
        yield from ((f"[{key}]", part) for key, part in value.items())
    elif isinstance(value, (tuple, list)):
        yield from ((f"[{i}]", part) for i, part in enumerate(value))
    elif scipy.sparse.issparse(value):
        yield "data", value.data
    elif isinstance(value, functools.partial):
        yield from (("[function]", value.func), ("[given]", value.args), ("[given]", value.keywords))
    elif isinstance(value, types.MethodType):
        yield from (("[self]", value.__self__), ("[function]", value.__func__))
    elif isinstance(value, types.FunctionType):
        yield from _held(value)
    elif type(value).__module__.startswith("deadlight") and hasattr(value, "__dict__"):
        yield from vars(value).items()


def _held(function: types.FunctionType) -> Iterator[tuple[str, Any]]:
    """What a function that was made inside another one took from there."""
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
        with contextlib.suppress(ValueError):  # not yet filled
            yield f"[{name}]", cell.cell_contents
