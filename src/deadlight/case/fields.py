"""Types of the case form: text with a unit becomes an SI float while the form is validated."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, WithJsonSchema, model_validator

from deadlight.units import example, quantity


def _si(unit: str) -> Any:
    """Annotated float read from text with a unit."""
    schema = {
        "type": "string",
        "description": f"quantity with a unit, SI {unit or 'pure number'}",
        "examples": [example(unit)],
    }
    return Annotated[float, BeforeValidator(lambda text: quantity(text, unit)), WithJsonSchema(schema)]


Number = _si("")
Length = _si("m")
Area = _si("m**2")
Time = _si("s")
Speed = _si("m/s")
Angle = _si("rad")
Temperature = _si("K")
Pressure = _si("Pa")
Stiffness = _si("Pa/m")
Conductance = _si("W/m**2/K")
ArealMass = _si("kg/m**2")
Toughness = _si("Pa*m**0.5")

Status = Literal["read", "memory", "derived", "assumption"]


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
    def _inside(self) -> Uncertain:
        if self.band and not self.band[0] <= self.value <= self.band[1]:
            raise ValueError(
                f"value {self.value:g} lies outside its own band {self.band[0]:g} .. {self.band[1]:g}; widen the band or move the value"
            )
        return self
