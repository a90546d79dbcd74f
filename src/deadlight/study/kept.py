"""What a record must be before it is taken from a folder: every key that is used, of its type, finite, by its hash.

Sums tell what was written from what became of it; they do not tell who wrote it.  What has another shape is damage like
any other: the case is run again.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from deadlight.study.record import DONE, FAILED, content_hash

Text = Annotated[str, Field(min_length=1)]
Count = Annotated[int, Field(ge=0)]


class _Shape(BaseModel):
    """Types as they stand, without conversion; what else a record holds is looked at by its hash alone."""

    model_config = ConfigDict(strict=True, extra="allow", allow_inf_nan=False)


class _Crack(_Shape):
    name: Text
    ratio_max: float | None
    highest: float | None
    first_time: float | None
    numerical_error: float | None


class _Kept(_Shape):
    key: Text
    content: Text
    seconds: float = 0.0


class _Case(_Kept):
    row: Count
    base: Count
    tier: Literal["quick", "full"]
    values: dict[str, str]
    verdict: Text
    reason: str


class _Failed(_Case):
    status: Literal["failed"]


class _Done(_Case):
    status: Literal["done"]
    credit: str | None
    no_credit: str | None
    ratio_max: float | None
    highest: float | None
    cracks: list[_Crack]
    alarms: list[str]
    remarks: list[str]


class _Place(_Shape):
    place: int
    x_m: float
    y_m: float
    inside_lip_m: float
    angle_rad: float
    size_m: float
    state: Literal["limited", "none", "all", "fits", "failed"]
    ratio: float | None
    highest: float | None
    answers: int
    reason: str
    alarm: str


class _Audited(_Place):
    drawn: bool
    gap: float | None
    flagged: bool
    full_runs: int
    full_size_m: float | None
    full_highest: float | None


class _Places(_Kept):
    rows: list[_Place]


class _Audit(_Kept):
    row: _Audited


def is_case(record: Any) -> bool:
    """Whether this is the record of a case, of either tier, with the hash of its content."""
    shapes: dict[str, type[_Shape]] = {DONE: _Done, FAILED: _Failed}
    status = record.get("status") if isinstance(record, dict) else None
    shape = shapes.get(status) if isinstance(status, str) else None
    return shape is not None and _is(record, shape)


def is_place(record: Any) -> bool:
    """Whether this is the record of a place of a map, or of its audit, with the hash of its content."""
    return isinstance(record, dict) and _is(record, _Audit if "row" in record else _Places)


def _is(record: dict[str, Any], shape: type[_Shape]) -> bool:
    try:
        shape.model_validate(record)
        return bool(record["content"] == content_hash(record))
    except (ValidationError, ValueError, RecursionError):  # ValueError: 1e999 is infinite once it is read
        return False
