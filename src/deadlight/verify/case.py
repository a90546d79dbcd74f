"""What a verification case is, and what comes out of it."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

JUDGES = ("exact", "computed", "table", "fit")
CRACKS = ("embedded", "surface", "through_edge", "thermal", "property")
FAMILIES = (*CRACKS, "heat", "stress", "growth", "outcome", "entry")


@dataclass(frozen=True)
class Effort:
    """How much a run may cost.

    Attributes
    ----------
    refine : float
        Fineness of the surface meshes.
    quick : bool
        Only one row of every table, and no case that takes long.
    estimate : bool
        Solve the coarser mesh too, for the error estimate of K.
    """

    refine: float = 1.0
    quick: bool = False
    estimate: bool = True


@dataclass(frozen=True, eq=False)
class Line:
    """One computed quantity at some places against its reference.

    Attributes
    ----------
    what : str
        As "K_I" or "K_I, a/W 0.4".
    where : (n,) float
        Places, as angles along a front; `unit` says of what.
    unit : str
    found, reference : (n,) float
    scale : (n,) float
        What errors are relative to: the reference, or the peak of its mode.
    tolerance : (n,) float
        Relative.
    estimate : (n,) float
        The code's own estimate of its error, in the quantity's unit; NaN if it makes none.
    """

    what: str
    where: Array
    unit: str
    found: Array
    reference: Array
    scale: Array
    tolerance: Array
    estimate: Array

    @property
    def error(self) -> Array:
        """Relative error with its sign. (n,)."""
        return np.asarray((self.found - self.reference) / self.scale)

    @property
    def worst(self) -> int:
        """Place whose error is largest against its tolerance; a result that is no number is the worst of all."""
        share = np.abs(self.error) / self.tolerance
        return int(np.where(np.isfinite(share), share, np.inf).argmax())

    @property
    def passed(self) -> bool:
        return bool((np.abs(self.error) <= self.tolerance).all())

    def describe(self) -> dict[str, Any]:
        """Plain data for JSON."""
        columns = {k: getattr(self, k).tolist() for k in ("where", "found", "reference", "error", "tolerance")}
        estimate = [None if not np.isfinite(e) else float(e) for e in self.estimate]
        return {"what": self.what, "unit": self.unit, "passed": self.passed, **columns, "estimate": estimate}


def line(
    what: str,
    where: Array | float | list[float],
    found: Array | float,
    reference: Array | float | list[float],
    *,
    tolerance: Array | float,
    unit: str = "deg",
    scale: Array | float | None = None,
    estimate: Array | None = None,
) -> Line:
    """A `Line` with its columns filled up; errors are relative to the reference unless `scale` is given."""
    where = np.atleast_1d(np.asarray(where, dtype=float))
    shape = where.shape
    reference = np.broadcast_to(np.asarray(reference, dtype=float), shape)
    size = np.abs(reference) if scale is None else np.broadcast_to(np.asarray(scale, dtype=float), shape)
    own = np.full(shape, np.nan) if estimate is None else np.broadcast_to(estimate, shape)
    allowed = np.broadcast_to(np.asarray(tolerance, dtype=float), shape)
    return Line(what, where, unit, np.broadcast_to(found, shape), reference, size, allowed, own)


@dataclass(frozen=True, eq=False)
class Found:
    """What a case computes: its lines, the unknowns of its largest system, remarks worth reading."""

    lines: tuple[Line, ...]
    unknowns: int
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """One verification case.

    Attributes
    ----------
    name, title : str
    family : one of `FAMILIES`
    judge : one of `JUDGES`
        "exact": closed form, evaluated here; "computed": another method's converged numbers; "table": published
        numbers, cross-checked; "fit": a fitted formula or a recalled table, a sanity check and no judge.
    source, known : str
        Where the reference comes from, and how it is known to be right.
    run : function of an Effort
    seconds : float
        Rough cost on two cores; a quick run leaves out what takes long.
    """

    name: str
    title: str
    family: str
    judge: str
    source: str
    known: str
    run: Callable[[Effort], Found] = field(compare=False)
    seconds: float = 1.0


@dataclass(frozen=True, eq=False)
class Outcome:
    """A case that was run.

    Attributes
    ----------
    case : Case
    lines : tuple of Line
    unknowns : int
    seconds : float
    remarks : tuple of str
    failure : str
        Why there is no answer; empty if there is one.
    """

    case: Case
    lines: tuple[Line, ...]
    unknowns: int
    seconds: float
    remarks: tuple[str, ...] = ()
    failure: str = ""

    @property
    def passed(self) -> bool:
        return not self.failure and all(each.passed for each in self.lines)

    def describe(self) -> dict[str, Any]:
        """Plain data for JSON."""
        case = {k: getattr(self.case, k) for k in ("name", "title", "family", "judge", "source", "known")}
        rest = {k: getattr(self, k) for k in ("passed", "unknowns", "seconds", "failure")}
        return {**case, **rest, "remarks": list(self.remarks), "lines": [each.describe() for each in self.lines]}


@functools.cache
def reference(family: str) -> dict[str, Any]:
    """Reference numbers of a family of cases, by name of the case, from the package's data."""
    text = resources.files("deadlight.verify").joinpath(f"data/{family}.json").read_text(encoding="utf-8")
    return {entry["name"]: entry for entry in json.loads(text)["cases"]}


def made(family: str, name: str, run: Callable[[Effort], Found], seconds: float = 1.0) -> Case:
    """A case with its words from the data file."""
    entry = reference(family)[name]
    words = {key: entry[key] for key in ("title", "judge", "source", "known")}
    return Case(name=name, family=family, run=run, seconds=seconds, **words)
