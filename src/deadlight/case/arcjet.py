"""The form of an arc-jet run: plateaus on a clock that starts with the run, chamber, holder and thermocouples."""

from __future__ import annotations

import itertools
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from deadlight.case.fields import (
    Angle,
    Clearance,
    Distance,
    Enthalpy,
    FilmCoefficient,
    Form,
    GasPressure,
    HeatFlux,
    Length,
    Name,
    RunTime,
    Sky,
    Temperature,
    distinct,
)


def _rows(stated: Any) -> Any:
    """One temperature alone is a table of one row."""
    return stated if isinstance(stated, (list, tuple)) else (("0 s", stated),)


TemperatureTable = tuple[tuple[RunTime, Temperature], ...]
History = Annotated[
    TemperatureTable, Field(min_length=1), BeforeValidator(_rows, json_schema_input_type=Temperature | TemperatureTable)
]


class Plateau(Form):
    """Time in the stream at constant heating; the flux is that of a calorimeter, the enthalpy that of the stream."""

    from_: RunTime = Field(alias="from")
    until: RunTime
    cold_wall_flux: HeatFlux | None = None
    film: FilmCoefficient | None = None
    recovery_enthalpy: Enthalpy
    pressure: GasPressure
    radiative_flux: HeatFlux = 0.0

    @model_validator(mode="after")
    def _one(self) -> Plateau:
        if (self.cold_wall_flux is None) == (self.film is None):
            raise ValueError('give exactly one of cold_wall_flux (for example "150 kW/m**2") and film')
        return self


class Thermocouple(Form):
    """A measuring point in the glass: x, y, z in the window's frame, or a point on a face of a pane."""

    name: Name
    position: tuple[Length, Length, Length] | None = None
    pane: Name | None = None
    face: Literal["outer", "inner"] | None = None
    radius: Distance | None = None
    azimuth: Angle | None = None

    @model_validator(mode="after")
    def _one(self) -> Thermocouple:
        on_face = [key for key in ("pane", "face", "radius", "azimuth") if getattr(self, key) is not None]
        if self.position is not None and on_face:
            raise ValueError(f"position says where it is; leave out {', '.join(on_face)}")
        if self.position is None and (self.face is None or self.radius is None):
            raise ValueError('give position = ["0 mm", "0 mm", "10 mm"], or face = "outer" and radius = "20 mm"')
        return self


class ArcJet(Form):
    """A run of a test article.  What is not in a plateau is out of the stream, in the chamber."""

    plateaus: Annotated[tuple[Plateau, ...], Field(min_length=1, max_length=100)]
    ramp: Annotated[RunTime, Field(gt=0.0)] = 1.0
    cool_down: RunTime = 600.0
    calorimeter_temperature: Temperature = 300.0
    chamber_pressure: GasPressure = 100.0
    chamber_temperature: Sky = 300.0
    chamber_convection: Clearance = 0.0
    back_pressure: GasPressure | None = None
    back_film: Clearance = 0.0
    holder_temperature: History = ((0.0, 300.0),)
    thermocouples: Annotated[tuple[Thermocouple, ...], Field(max_length=200)] = ()

    @model_validator(mode="after")
    def _in_order(self) -> ArcJet:
        for plateau in self.plateaus:
            if plateau.until - plateau.from_ <= self.ramp:
                raise ValueError(
                    f"the plateau from {plateau.from_:g} s until {plateau.until:g} s is not longer than the ramp of "
                    f"{self.ramp:g} s; the ramp belongs to the plateau it leads to"
                )
        for before, after in itertools.pairwise((0.0, *(t for p in self.plateaus for t in (p.from_, p.until)))):
            if after < before:
                raise ValueError(f"{after:g} s comes after {before:g} s in plateaus; sort them, without overlap")
            if 0 < after - before <= self.ramp:
                raise ValueError(
                    f"between {before:g} s and {after:g} s there is no time to leave the stream with a ramp of "
                    f"{self.ramp:g} s; join the plateaus or move them apart"
                )
        if any(b[0] <= a[0] for a, b in itertools.pairwise(self.holder_temperature)):
            raise ValueError("the times in holder_temperature do not rise; sort its rows by time")
        distinct("thermocouple", [t.name for t in self.thermocouples])
        clock = [t.name for t in self.thermocouples if t.name.lower() == "time_s"]
        if clock:
            raise ValueError(f"thermocouple {clock[0]!r} is named as the column of the time; name it otherwise")
        return self
