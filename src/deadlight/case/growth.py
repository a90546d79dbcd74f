"""How the cracks of a case grow: whose K decides, the law of slow growth, the direction, humidity on the clock."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import core_schema

from deadlight.case.fields import FileName, Form, Limited, Name, Number, Time
from deadlight.growth.humidity import Humidity, Span
from deadlight.growth.law_kinds import Kind, check_constants

MATERIAL: Literal["material"] = "material"


class _OrMaterial(Limited):
    """A quantity, or the word that the material's own value is to be taken."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        either = core_schema.union_schema([core_schema.float_schema(), core_schema.literal_schema([MATERIAL])])
        return core_schema.no_info_before_validator_function(self._either, either)

    def _either(self, text: Any) -> float | str:
        return MATERIAL if text == MATERIAL else self.read(text)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        plain = super().__get_pydantic_json_schema__(schema, handler)
        return {**plain, "description": f'"{MATERIAL}", or {plain["description"]}'}


Exponent = Annotated[float, Limited("", 1.0, 500.0)]
Velocity = Annotated[float, Limited("m/s", above=0.0, high=1e4)]
Steepness = Annotated[float, Limited("1/(Pa*m**0.5)", above=0.0, high=1e-2)]
Threshold = Annotated[float | Literal["material"], _OrMaterial("Pa*m**0.5", above=0.0, high=50e6)]
Share = Annotated[float, Limited("", 0.0, 1.0)]


class HumiditySpan(Form):
    """What surrounds the cracks of one pane, or of all, up to an instant of the case's clock.

    `until` is left out in the last one.  In vacuum `retained_water` is the humidity that adsorbed water keeps up in the
    crack, 1 if not given; in air and cabin `relative`, 1 if not given.
    """

    pane: Name | None = None
    until: Time | None = None
    state: Literal["air", "cabin", "vacuum"] = "air"
    relative: Share | None = None
    retained_water: Share | None = None

    @model_validator(mode="after")
    def _possible(self) -> HumiditySpan:
        self.span()
        return self

    def span(self) -> Span:
        """The same for the growth room; InputError if it cannot be."""
        return Span(
            until=math.inf if self.until is None else self.until,
            state=self.state,
            relative=self.relative,
            retained_water=self.retained_water,
        )


class Growth(Form):
    """Whose K decides: "quick", influence functions along the crack's own line, or "full", the 3D crack operator.

    With "full" the operator judges the crack as found and follows its growth, all cracks of a pane together; with
    "quick" growth is straight along the crack's line.  After an instability both are indicative.  `law` is that of slow
    growth below K_Ic, followed by either tier; humidity is 100 % wherever `humidity` shows nothing else.  `geometries`
    is the most that the operator solves for the cracks of a pane as they grow, 0: growth is not followed.
    """

    tier: Literal["quick", "full"] = "quick"
    geometries: int = Field(default=60, ge=0, le=400, strict=True)
    law: Kind = "none"
    direction: Literal["max_hoop_stress", "local_symmetry", "max_energy_release", "richard"] = "local_symmetry"
    n: Exponent | None = None
    v_c: Velocity | None = None
    v0: Velocity | None = None
    beta: Steepness | None = None
    file: FileName | None = None
    user: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    parameters: dict[Name, Number] = {}
    threshold: Threshold | None = None
    humidity: tuple[HumiditySpan, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Growth:
        check_constants(
            self.law,
            threshold=self.threshold,
            n=self.n,
            v_c=self.v_c,
            v0=self.v0,
            beta=self.beta,
            file=self.file,
            user=self.user,
            parameters=self.parameters or None,
        )
        if self.geometries == 0 and self.law != "none":
            raise ValueError("a law does nothing with geometries = 0; leave one of them out")
        if self.law == "none" and self.humidity:
            raise ValueError('humidity does nothing with law = "none"; state a law or leave it out')
        for pane in {span.pane for span in self.humidity}:
            self.humidity_at(pane)
        return self

    def humidity_at(self, pane: str | None) -> Humidity:
        """Humidity at the cracks of a pane: its own spans if it has any, else those stated for all."""
        own = [s.span() for s in self.humidity if s.pane is not None and s.pane == pane]
        return Humidity.of(own or [s.span() for s in self.humidity if s.pane is None])
