"""`summary.json`: the contract others build on.  Every key is always there; what is not known is null.

Schema 1.  A change of meaning raises the number; `summary_schema()` is its published JSON schema.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from deadlight.assumption import Assumption
from deadlight.errors import InputError
from deadlight.store import atomic
from deadlight.store.json_file import read_json

SCHEMA = 1


class Verdict(StrEnum):
    """What the engineer is told, from best to worst."""

    GO = "GO"
    GO_WITH_RESTRICTION = "GO_WITH_RESTRICTION"
    NOT_SHOWN = "NOT_SHOWN"
    NO_GO = "NO_GO"


class EndReason(StrEnum):
    """Why the history of a crack ended; in the file it is followed by ": " and a sentence."""

    NO_GROWTH = "no_growth"
    ARRESTED = "arrested"
    REACHED_EDGE = "reached_edge"
    THROUGH = "through"
    UNSTABLE = "unstable"
    CLOSED = "closed"
    END_OF_TRAJECTORY = "end_of_trajectory"
    PANE_LOST = "pane_lost"
    OUT_OF_MODEL = "out_of_model"
    NOT_SOLVED = "not_solved"

    def because(self, sentence: str) -> str:
        """The text that `Crack.end_reason` takes."""
        return f"{self.value}: {sentence}"


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst verdict; NOT_SHOWN if there is none."""
    order = list(Verdict)
    return max((Verdict(v) for v in verdicts), key=order.index, default=Verdict.NOT_SHOWN)


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, serialize_by_alias=True)

    @model_validator(mode="before")
    @classmethod
    def _numpy_to_python(cls, data: Any) -> Any:
        return {key: _plain(value) for key, value in data.items()} if isinstance(data, dict) else data


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    return value.tolist() if isinstance(value, np.ndarray) else value


class Route(_Form):
    """One way to the verdict: without or with credit for the cracked pane."""

    verdict: Verdict | None = None
    reason: str | None = None


class Routes(_Form):
    """`no_credit`: the cracked pane is counted as lost; `credit`: it is counted as far as its history shows."""

    no_credit: Route = Route()
    credit: Route = Route()


class Run(_Form):
    """One trajectory, or one what-if; the overall verdict is never better than the worst of the trajectories.

    `folder` holds all of it, counted from the folder of the summary; null for what the summary itself tells.
    """

    name: str
    verdict: Verdict
    reasons: list[str] = []
    no_credit: Verdict | None = None
    credit: Verdict | None = None
    K_over_KIc_max: float | None = None
    time_of_max_s: float | None = None
    folder: str | None = None
    changed: dict[str, str] = {}


class Margin(_Form):
    """Margin of safety = allowable / (factor x applied) - 1."""

    pane: str
    event: str
    criterion: str
    allowable: float | None = None
    factor: float | None = None
    factor_source: str | None = None
    applied: float | None = None
    margin_of_safety: float | None = None
    flips_at_factor: float | None = None

    @classmethod
    def of(cls, *, allowable: float, factor: float, applied: float, **names: Any) -> Self:
        """A margin from its parts: the margin of safety and the factor at which it is zero follow."""
        flips = allowable / applied if applied > 0.0 else None
        safety = flips / factor - 1.0 if flips is not None else None
        return cls(
            allowable=allowable, factor=factor, applied=applied, margin_of_safety=safety, flips_at_factor=flips, **names
        )


class Pane(_Form):
    """State of a pane at the end; the peak tension is away from support edges."""

    name: str
    role: str
    state: Literal["intact", "cracked_retained", "piece_lost", "detached"] | None = None
    time_s: float | None = None
    peak_temperature_K: float | None = None
    peak_tension_Pa: float | None = None
    cause: str | None = None


class Crack(_Form):
    """What became of a crack; `numerical_error` is relative, of K, and never zero."""

    name: str
    pane: str
    case_type: Literal["surface", "corner", "through", "embedded", "crater", "file"]
    state: Literal["dormant", "growing", "arrested", "through", "at_edge", "unstable", "closed"] | None = None
    end_reason: str | None = Field(default=None, pattern=rf"^({'|'.join(EndReason)}): \S")
    time_s: float | None = None
    K_over_KIc_max: float | None = None
    time_of_max_s: float | None = None
    a_m: float | None = None
    two_c_m: float | None = None
    numerical_error: float | None = None

    @field_validator("numerical_error")
    @classmethod
    def _never_zero(cls, value: float | None) -> float | None:
        if value is not None and value <= 0.0:
            raise ValueError("no K is exact: state its numerical error, or null if it is not known")
        return value


class Event(_Form):
    """Something that happened; time 0 is entry interface.

    `causes`: share of pressure, heat, rim, inertia, residual stress and preload in K there; their sum is one.
    """

    time_s: float
    altitude_m: float | None = None
    what: str
    where: str | None = None
    causes: dict[str, float] | None = None


class FlipEnd(_Form):
    """The verdict at one value; `K_over_KIc_max` is with its error band."""

    value: str
    verdict: Verdict
    credit: Verdict
    no_credit: Verdict
    K_over_KIc_max: float | None = None
    alarm: str = ""


class Flip(_Form):
    """A value that is not known, moved through its band: the verdict at each value, all others as stated.

    `flips` tells whether the verdict changes; `between` are the neighbouring values where it does, as far as they were
    looked for.  All of it by a coarse model, whose verdict for the stated value stands at `stated`.
    """

    key: str
    path: str
    flips: bool
    stated: FlipEnd
    ends: list[FlipEnd]
    between: tuple[str, str] | None = None
    note: str = ""
    source: str


class Assumed(_Form):
    """A value the answer rests on; `decides` tells whether the verdict changes within what is possible for it."""

    key: str
    value: str
    source: str
    status: str
    decides: bool | None = None

    @classmethod
    def of(cls, assumption: Assumption, *, decides: bool | None = None) -> Self:
        """From an `Assumption`; its note goes behind the source."""
        source = f"{assumption.source}; {assumption.note}" if assumption.note else assumption.source
        return cls(key=assumption.key, value=assumption.value, source=source, status=assumption.status, decides=decides)


class Summary(_Form):
    """The whole contract."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    deadlight: str
    case: str
    case_hash: str
    verdict: Verdict
    reasons: list[str]
    routes: Routes = Routes()
    runs: list[Run] = []
    what_ifs: list[Run] = []
    flips: list[Flip] = []
    margins: list[Margin] = []
    panes: list[Pane] = []
    cracks: list[Crack] = []
    events: list[Event] = []
    assumptions: list[Assumed] = []
    warnings: list[str] = []
    timings_s: dict[str, float | None] = {}
    provenance: dict[str, Any] = {}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.reasons:
            raise ValueError("a verdict needs a reason")
        if self.runs and worst([self.verdict, *(run.verdict for run in self.runs)]) is not self.verdict:
            raise ValueError(f"verdict {self.verdict} is better than that of the worst run")
        return self

    def plain(self) -> dict[str, Any]:
        """The contract as plain data.

        A number that is not finite is null, a warning says which, and there is no verdict.
        """
        lost: list[str] = []
        data = _finite(self.model_dump(mode="python", by_alias=True), "", lost)
        if not lost:
            return data
        told = [f"{place} was not a finite number and is written as null" for place in lost]
        data["warnings"] = [*data["warnings"], *told]
        data["reasons"] = [f"alarm: {told[0]}", *data["reasons"]]
        _unshown(data)
        for each in data["assumptions"]:
            each["decides"] = None
        return data

    def write(self, path: str | Path) -> Path:
        """Writes the file whole or not at all; MachineError if the disk does not take it."""
        text = json.dumps(self.plain(), indent=1, ensure_ascii=False, allow_nan=False)
        atomic.write_bytes(path, text.encode() + b"\n")
        return Path(path)


def _unshown(data: Any) -> None:
    """Every verdict anywhere in the data becomes NOT_SHOWN; routes and ends of bands have theirs too."""
    if isinstance(data, list):
        for each in data:
            _unshown(each)
    elif isinstance(data, dict):
        for key, value in data.items():
            if key in ("verdict", "credit", "no_credit") and isinstance(value, str):
                data[key] = Verdict.NOT_SHOWN.value
            else:
                _unshown(value)


def _finite(value: Any, place: str, lost: list[str]) -> Any:
    if isinstance(value, dict):
        return {str(k): _finite(v, f"{place}.{k}" if place else str(k), lost) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(v, f"{place}[{i}]", lost) for i, v in enumerate(value)]
    value = _plain(value)
    if isinstance(value, list):
        return _finite(value, place, lost)
    if isinstance(value, float) and not math.isfinite(value):
        lost.append(place)
        return None
    return value.value if isinstance(value, StrEnum) else value


def read_summary(path: str | Path) -> Summary:
    """Reads and checks a summary.

    Raises
    ------
    InputError
        No file, cut short, not by the contract, or of another schema.
    """
    path = Path(path)
    remedy = "run the case again; a summary is written last, so an unfinished run has none"
    try:
        data = read_json(path)
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read as a summary ({error})", place=str(path), remedy=remedy) from error
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        found = data.get("schema") if isinstance(data, dict) else type(data).__name__
        raise InputError(f"schema {found!r}", place=str(path), remedy=f"this version reads schema {SCHEMA}")
    missing = [field.alias or name for name, field in Summary.model_fields.items() if (field.alias or name) not in data]
    if missing:
        raise InputError(f"without {', '.join(missing)}", place=str(path), remedy=remedy)
    try:
        found = Summary.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{where}: {first['msg']}", place=str(path), remedy=remedy) from error
    if other := _other(data, found.plain()):  # a key that is missing, or text for a number, would be filled or turned
        raise InputError(f"{other} is missing or not as it is written", place=str(path), remedy=remedy)
    return found


def _other(stated: Any, understood: Any, place: str = "") -> str:
    """The first place at which a summary understood is not the one stated, or ""."""
    if isinstance(stated, dict) and isinstance(understood, dict):
        pairs = [(f"{place}.{key}".lstrip("."), stated.get(key, ...), understood.get(key)) for key in understood]
    elif isinstance(stated, list) and isinstance(understood, list) and len(stated) == len(understood):
        pairs = [(f"{place}.{i}", a, b) for i, (a, b) in enumerate(zip(stated, understood))]
    else:
        same = stated == understood and isinstance(stated, bool) == isinstance(understood, bool)
        return "" if same else place
    return next((found for where, a, b in pairs if (found := _other(a, b, where))), "")


def summary_schema() -> dict[str, Any]:
    """JSON schema (2020-12) of summary.json."""
    return Summary.model_json_schema(by_alias=True, mode="serialization")
