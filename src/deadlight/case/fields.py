"""Types of the case form: text with a unit becomes an SI float while the form is validated."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import core_schema

from deadlight.limits import (
    ALTITUDE,
    ENTHALPY,
    FILM,
    GAS_PRESSURE,
    HEAT_FLUX,
    RUN_TIME,
    SLOPE,
    SPEED,
    TIME,
    Limits,
)
from deadlight.units import example, quantity


@dataclass(frozen=True)
class Limited(Limits):
    """Reads a float from text with a unit; a value beyond the limits is refused."""

    @classmethod
    def to(cls, limits: Limits) -> Self:
        """A reader that refuses what lies beyond limits that others use too."""
        return cls(**vars(limits))

    def read(self, text: Any) -> float:
        """SI value; ValueError with found value, limits and remedy."""
        value = quantity(text, self.unit)
        if not self.hold(value):
            doubt = "; is the unit right?" if self.unit else ""
            raise ValueError(f'found "{text}", expected {self.range()}{doubt}')
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(self.read, core_schema.float_schema())

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        words = (f"quantity with a unit, SI {self.unit}" if self.unit else "pure number, as text", self.range())
        return {
            "type": "string",
            "description": ", ".join(word for word in words if word),
            "examples": [example(self.unit)],
        }


@dataclass(frozen=True)
class Whole(Limited):
    """The same for a count."""

    def read(self, text: Any) -> int:
        """The number; ValueError with found value, limits and remedy."""
        value = super().read(text)
        if not value.is_integer():
            raise ValueError(f'found "{text}", expected a whole number, {self.range()}')
        return int(value)

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(self.read, core_schema.int_schema())


Number = Annotated[float, Limited("")]
Ratio = Annotated[float, Limited("", 0.0, 20.0)]
Gradient = Annotated[float, Limited("1/m", -20.0, 20.0)]
Length = Annotated[float, Limited("m", -10.0, 10.0)]
Altitude = Annotated[float, Limited.to(ALTITUDE)]
ParachuteAltitude = Annotated[float, Limited("m", 100.0, 100e3)]
Area = Annotated[float, Limited("m**2", 1e-9, 1e-2)]
Time = Annotated[float, Limited.to(TIME)]
Speed = Annotated[float, Limited.to(SPEED)]
Angle = Annotated[float, Limited("rad", -2 * math.pi, 2 * math.pi)]
Slope = Annotated[float, Limited.to(SLOPE)]
Temperature = Annotated[float, Limited("K", 20.0, 2000.0)]
Sky = Annotated[float, Limited("K", above=0.0, high=1000.0)]
Preload = Annotated[float, Limited("Pa", 0.0, 10e6)]
GasPressure = Annotated[float, Limited.to(GAS_PRESSURE)]
Strength = Annotated[float, Limited("Pa", above=0.0, high=2e9)]
Stiffness = Annotated[float, Limited("Pa/m", 1e6, 1e14)]
Conductance = Annotated[float, Limited("W/m**2/K", above=0.0, high=1e6)]
Clearance = Annotated[float, Limited("W/m**2/K", 0.0, 1e6)]
ArealMass = Annotated[float, Limited("kg/m**2", 0.1, 1e6)]
SafetyFactor = Annotated[float, Limited("", 1.0, 100.0)]
Overhang = Annotated[float, Limited("m", 0.0, 0.5)]
Thickness = Annotated[float, Limited("m", 0.5e-3, 0.2)]
PlanSize = Annotated[float, Limited("m", 5e-3, 5.0)]
PlanRadius = Annotated[float, Limited("m", 2.5e-3, 2.5)]
Fillet = Annotated[float, Limited("m", 1e-3, 2.5)]
Play = Annotated[float, Limited("m", 0.0, 0.05)]
Plate = Annotated[float, Limited("m", 0.1e-3, 0.1)]
GapWidth = Annotated[float, Limited("m", 0.1e-3, 1.0)]
Layers = Annotated[int, Whole("", 1, 60)]
FirstLayer = Annotated[float, Limited("", 1e-3, 0.5)]
Around = Annotated[int, Whole("", 16, 400)]
Rings = Annotated[int, Whole("", 1, 60)]
Growing = Annotated[float, Limited("", 0.05, 5.0)]
LiftToDrag = Annotated[float, Limited("", 0.0, 10.0)]
Signed = Annotated[float, Limited("", -1.0, 1.0)]
SlowSpeed = Annotated[float, Limited("m/s", 0.1, 100.0)]
PressureCoefficient = Annotated[float, Limited("", -2.0, 4.0)]
CrackSize = Annotated[float, Limited("m", above=0.0, high=2.0)]
Tilt = Annotated[float, Limited("rad", -85 * math.pi / 180, 85 * math.pi / 180)]
CrackNumber = Annotated[int, Whole("", 1, 24)]
SetNumber = Annotated[int, Whole("", 1, 1000)]
CrackRefine = Annotated[float, Limited("", 0.3, 3.0)]
ResidualPressure = Annotated[float, Limited("Pa", 0.0, 2e9)]
Intensity = Annotated[float, Limited("Pa*m**0.5", 0.0, 50e6)]
Distance = Annotated[float, Limited("m", 0.0, 10.0)]
Tolerance = Annotated[float, Limited("K", 1e-4, 50.0)]
Radius = Annotated[float, Limited("m", 1e-3, 100.0)]
Emissivity = Annotated[float, Limited("", above=0.0, high=1.0)]
RunTime = Annotated[float, Limited.to(RUN_TIME)]
HeatFlux = Annotated[float, Limited.to(HEAT_FLUX)]
FilmCoefficient = Annotated[float, Limited.to(FILM)]
Enthalpy = Annotated[float, Limited.to(ENTHALPY)]

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")]

FileName = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00-\x1f]+$")]
LengthUnit = Literal["m", "cm", "mm", "um", "in", "ft"]

Status = Literal["read", "memory", "derived", "assumption"]


def distinct(what: str, names: Sequence[str]) -> None:
    """ValueError if two names are the same; files carry them, so differing by case alone is not enough."""
    low = [name.lower() for name in names]
    twice = sorted(name for name in names if low.count(name.lower()) > 1)
    if twice:
        raise ValueError(f"{what} name {twice[0]!r} is used twice; names must differ")


class Form(BaseModel):
    """Base of every part of the case form: unknown keys are refused, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Uncertain(Form):
    """A pure number with the band it may lie in and how sure it is.  Text alone means: given by the user, no band."""

    value: Number
    band: tuple[Number, Number] | None = None
    status: Status = "assumption"
    source: str = ""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, data: Any) -> Any:
        return data if isinstance(data, dict) else {"value": data, "status": "read", "source": "case file"}

    @model_validator(mode="after")
    def _inside(self) -> Self:
        if self.band and not self.band[0] <= self.value <= self.band[1]:
            raise ValueError(
                f"value {self.value:g} lies outside its own band {self.band[0]:g} .. {self.band[1]:g}; "
                "widen the band or move the value"
            )
        return self


class HeatRatio(Uncertain):
    """Heat flux at the window over that of the stagnation point (or of the table)."""

    value: Ratio
    band: tuple[Ratio, Ratio] | None = None


class Factor(Uncertain):
    """A factor of safety; one that is below 1 would credit more than was measured."""

    value: SafetyFactor
    band: tuple[SafetyFactor, SafetyFactor] | None = None
