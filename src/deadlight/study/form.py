"""The form of STUDY.toml: what is varied over which range, by which design, and what is asked of the answers."""

from __future__ import annotations

import math
import re
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from deadlight.case.fields import CrackRefine, FileName, Form, Limited, Name, distinct
from deadlight.errors import InputError
from deadlight.units import example, plain_number, quantity

Share = Annotated[float, Limited("", above=0.0, high=0.999999)]
Seconds = Annotated[float, Limited("s", above=0.0, high=1e6)]
Bytes = Annotated[float, Limited("byte", 1e6, 1e13)]
Tilt = Annotated[float, Limited("rad", -6.3, 6.3)]
Most = Annotated[float, Limited("m", above=0.0, high=2.0)]
MOST_ROWS = 1_000_000
LIGHT = ("cracks", "criteria", "growth")
"""Tables of a case that heat and stress do not depend on: a row may change them without another solution."""
TOUGHNESS = "toughness"
_TEXT = re.compile(r"\s*([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)\s*(.*?)\s*")


def split(text: Any) -> tuple[float, str]:
    """Number and unit of a text such as "12 mm".

    Raises
    ------
    ValueError
        Not one finite number, with or without a unit, as text.
    """
    found = _TEXT.fullmatch(text) if isinstance(text, str) else None
    if not found:
        raise ValueError(f'found {text!r}, expected text with a unit as in the case, for example "{example("m")}"')
    number, unit = plain_number(found[1]), found[2]
    if unit.replace("°C", "degC") == "degC":
        return quantity(text, "K"), "K"
    return number, unit


def shared_name(name: str) -> bool:
    """Whether heat or stress depend on a parameter of this name."""
    return name.partition(".")[0] not in (*LIGHT, TOUGHNESS)


class Range(Form):
    """How a parameter is spread.  Values are text with a unit, as in the case; all of one parameter in one unit.

    uniform, log_uniform: low, high.  normal: mean, deviation, cut off at low and high.  lognormal: median, and
    deviation of the natural logarithm; cut off if low or high are given.  table: values with weights.
    """

    kind: Literal["uniform", "log_uniform", "normal", "lognormal", "table"]
    low: str | None = None
    high: str | None = None
    mean: str | None = None
    deviation: str | None = None
    median: str | None = None
    values: Annotated[tuple[str, ...], Field(max_length=10_000)] = ()
    weights: Annotated[tuple[Annotated[float, Limited("", 0.0)], ...], Field(max_length=10_000)] = ()

    @model_validator(mode="after")
    def _complete(self) -> Range:
        needed = {
            "uniform": {"low", "high"},
            "log_uniform": {"low", "high"},
            "normal": {"mean", "deviation", "low", "high"},
            "lognormal": {"median", "deviation"},
            "table": {"values"},
        }[self.kind]
        allowed = needed | ({"low", "high"} if self.kind == "lognormal" else set())
        allowed |= {"weights"} if self.kind == "table" else set()
        given = self.model_fields_set - {"kind"}
        if needed - given:
            raise ValueError(f"{self.kind} needs {', '.join(sorted(needed - given))}")
        if given - allowed:
            raise ValueError(f"{sorted(given - allowed)[0]} does nothing with kind = {self.kind!r}; leave it out")
        numbers = {name: self.number(name) for name in sorted(given - {"values", "weights"})}
        if "low" in numbers and "high" in numbers and not numbers["low"] < numbers["high"]:
            raise ValueError(f'low = "{self.low}" is not below high = "{self.high}"')
        if numbers.get("deviation", 1.0) <= 0.0:
            raise ValueError(f'deviation = "{self.deviation}" is not above zero')
        positive = {"log_uniform": ("low",), "lognormal": ("median",)}.get(self.kind, ())
        for name in positive:
            if numbers[name] <= 0.0:
                raise ValueError(f'{name} = "{getattr(self, name)}" is not above zero, as a logarithm needs')
        if self.weights and (len(self.weights) != len(self.values) or not 0.0 < sum(self.weights) < math.inf):
            raise ValueError(
                f"{len(self.weights)} weights for {len(self.values)} values, expected one each, of finite sum above 0"
            )
        for text in self.values:
            self._in_unit("values", text)
        return self

    @property
    def unit(self) -> str:
        """Of the values, as stated first."""
        text = next(t for t in (self.low, self.mean, self.median, *self.values) if t is not None)
        return split(text)[1]

    def number(self, name: str) -> float:
        """A value in `unit`."""
        text = getattr(self, name)
        if name == "deviation" and self.kind == "lognormal":
            value, unit = split(text)
            if unit:
                raise ValueError(f'deviation = "{text}" is that of a logarithm: a number without a unit')
            return value
        if name == "deviation":
            return self._difference(text)
        return self._in_unit(name, text)

    def _difference(self, text: str) -> float:
        """A deviation in `unit`: of a temperature it is a difference, which degC cannot state ("5 degC" is 278 K)."""
        found = _TEXT.fullmatch(text)
        zero = 0.0
        if found and found[2] and found[2] != self.unit:
            zero = self._in_unit("deviation", f"0 {found[2]}")
        if zero != 0.0:
            raise ValueError(f'deviation = "{text}" is a temperature, not a difference of two; write it in K, "5 K"')
        return self._in_unit("deviation", text)

    def numbers(self) -> tuple[float, ...]:
        """The values of a table in `unit`."""
        return tuple(self._in_unit("values", text) for text in self.values)

    def _in_unit(self, name: str, text: str) -> float:
        value, unit = split(text)
        if unit == self.unit:
            return value
        try:
            return quantity(text, self.unit)
        except InputError as error:
            raise ValueError(f'{name} = "{text}" is not in {self.unit or "no unit"}, as the others are') from error


class Parameter(Form):
    """One number of the case that is varied.

    `name` is its place in the case: "cracks.C1.two_c", "cracks.C1.place.azimuth", "environment.heating.ratio",
    "supports.thermal.gasket_conductance"; or "toughness.PANE", a factor on K_Ic of the pane's glass.
    """

    name: Annotated[str, Field(min_length=3, max_length=200, pattern=r"^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)+$")]
    spread: Range
    levels: int = Field(default=3, ge=2, le=1000, strict=True)
    certain: bool = False
    source: str = ""

    @property
    def shared(self) -> bool:
        """Whether heat or stress depend on it, so that every value costs a solution of the window."""
        return shared_name(self.name)


class Design(Form):
    """Which combinations are run.

    grid: every combination of `levels` values of each parameter.  latin_hypercube, sobol: `samples` of them.  table:
    the rows of a CSV `file` whose columns are the parameters' names with their units, "cracks.C1.two_c [mm]".

    `windows` is how many combinations of the parameters on which heat and stress depend are drawn; every one is solved
    once, and the cracks are dealt out to them evenly.
    """

    kind: Literal["grid", "latin_hypercube", "sobol", "table"] = "latin_hypercube"
    samples: int = Field(default=1000, ge=1, le=MOST_ROWS, strict=True)
    windows: int = Field(default=4, ge=1, le=10_000, strict=True)
    file: FileName | None = None

    @model_validator(mode="after")
    def _complete(self) -> Design:
        if (self.kind == "table") != (self.file is not None):
            raise ValueError('kind = "table" and file = "rows.csv" go together')
        for name in ("samples", "windows"):
            if self.kind in ("grid", "table") and name in self.model_fields_set:
                raise ValueError(f"{name} does nothing with kind = {self.kind!r}; leave it out")
        return self


class Full(Form):
    """Which cases the crack operator judges too: those nearest to the limit, and some of the rest at random.

    `refine` is the fineness of the crack's mesh, times that of the case: its K carries its own error.
    """

    nearest: int = Field(default=0, ge=0, le=100_000, strict=True)
    audit: int = Field(default=0, ge=0, le=100_000, strict=True)
    refine: CrackRefine = 1.0


class Limits(Form):
    """Of one case."""

    time: Seconds = 60.0
    full_time: Seconds = 1800.0
    memory: Bytes = 4e9


class Map(Form):
    """Allowable damage: at each place and angle the largest size whose K, with factor and error band, stays below K_Ic.

    Parameters
    ----------
    crack : name of a crack of the case; its kind, pane and other sizes are kept, or follow in proportion
    places : how many, spread over the clear part of the pane
    angles : from the outward radius: 0 radial, 90 deg hoop
    low, high : half length on the face of a surface or corner crack, length of a through crack
    audit : places at which the largest tolerable size is solved by the crack operator too
    """

    crack: Name
    places: int = Field(default=500, ge=4, le=100_000, strict=True)
    angles: Annotated[tuple[Tilt, ...], Field(min_length=1, max_length=36)] = (0.0,)
    low: Most
    high: Most
    tolerance: Share = 0.02
    audit: int = Field(default=0, ge=0, le=1000, strict=True)

    @model_validator(mode="after")
    def _in_order(self) -> Map:
        if not self.low < self.high:
            raise ValueError("low is not below high")
        return self


class StudyForm(Form):
    """One study: cases (trajectories), parameters, design.

    `loss`: the verdict knows both routes; loss of the cracked pane is swept once for a window and its return.
    """

    schema_: Literal[1] = Field(alias="schema")
    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$")]
    cases: Annotated[tuple[FileName, ...], Field(min_length=1, max_length=50)]
    seed: int = Field(ge=0, le=2**32 - 1, strict=True)
    parameters: Annotated[tuple[Parameter, ...], Field(max_length=100)] = ()
    design: Design = Design()
    full: Full = Full()
    limits: Limits = Limits()
    map: Map | None = None
    loss: bool = Field(default=True, strict=True)
    confidence: Share = 0.95

    @model_validator(mode="after")
    def _consistent(self) -> StudyForm:
        distinct("parameter", [p.name for p in self.parameters])
        if not self.parameters and self.map is None and self.design.kind != "table":
            raise ValueError("nothing is varied: state [[parameters]], a design of kind table, or [map]")
        if self.parameters and self.design.kind == "table":
            raise ValueError("a table states the values itself; leave [[parameters]] out")
        rows = 1
        for p in self.parameters if self.design.kind == "grid" else ():
            rows *= len(p.spread.values) or p.levels
            if rows > MOST_ROWS:
                raise ValueError(f"the grid has more than {MOST_ROWS} combinations; lower levels")
        return self
