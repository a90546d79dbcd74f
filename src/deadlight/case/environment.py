"""What is outside the window in a case: trajectory, heating, pressure, acceleration, or an arc-jet run."""

from __future__ import annotations

import itertools
import math
from typing import Annotated, Literal

from pydantic import Field, model_validator

from deadlight.case.arcjet import ArcJet
from deadlight.case.fields import (
    Altitude,
    Angle,
    ArealMass,
    FileName,
    Form,
    GasPressure,
    Gradient,
    HeatRatio,
    LiftToDrag,
    Number,
    ParachuteAltitude,
    PressureCoefficient,
    Radius,
    Ratio,
    Signed,
    Sky,
    Slope,
    SlowSpeed,
    Speed,
    Time,
)

# Columns of a trajectory's table: the first three are always needed.
COLUMNS = (
    "time", "altitude", "speed", "flight_path_angle", "axial_load", "normal_load",
    "cold_wall_flux", "film", "recovery_enthalpy", "radiative_flux", "pressure",
)  # fmt: skip


class Entry(Form):
    """Planar entry, integrated by deadlight."""

    kind: Literal["entry"]
    speed: Speed
    altitude: Altitude
    flight_path_angle: Slope
    ballistic_coefficient: ArealMass
    lift_to_drag: LiftToDrag = 0.0
    lift_fraction: Signed = 1.0
    guidance: Literal["constant", "hold", "bank"] = "constant"
    hold_angle: Slope | None = None
    bank: tuple[tuple[Time, Angle], ...] = ()
    nose_radius: Radius
    parachute_altitude: ParachuteAltitude = 10e3
    touchdown_speed: SlowSpeed = 8.0

    @model_validator(mode="after")
    def _possible(self) -> Entry:
        if self.parachute_altitude >= self.altitude:
            raise ValueError(
                f"the parachute opens at {self.parachute_altitude / 1e3:g} km, "
                f"expected below the altitude of {self.altitude / 1e3:g} km"
            )
        if abs(self.flight_path_angle) >= math.pi / 2:
            raise ValueError(
                'flight_path_angle is straight up or down; expected less than 90 deg, for example "-1.45 deg"'
            )
        if (self.guidance == "bank") != bool(self.bank):
            raise ValueError('guidance = "bank" and bank = [["0 s", "60 deg"], ["200 s", "30 deg"]] go together')
        if any(b[0] <= a[0] for a, b in itertools.pairwise(self.bank)):
            raise ValueError("the times in bank do not rise; sort its rows by time")
        if self.hold_angle is not None and self.guidance != "hold":
            raise ValueError(f'hold_angle does nothing with guidance = "{self.guidance}"; write "hold" or leave it out')
        return self


class Table(Form):
    """Trajectory from a table; a column is named with its unit, for example "V [m/s]"."""

    kind: Literal["table"]
    file: FileName
    columns: dict[str, str]
    nose_radius: Radius = 1.0
    parachute_altitude: ParachuteAltitude | None = None

    @model_validator(mode="after")
    def _complete(self) -> Table:
        unknown = sorted(set(self.columns) - set(COLUMNS))
        if unknown:
            raise ValueError(f'unknown column "{unknown[0]}" in columns; known are {", ".join(COLUMNS)}')
        missing = [name for name in COLUMNS[:3] if name not in self.columns]
        if missing:
            raise ValueError(
                f'columns lacks {", ".join(missing)}; write for example columns = {{ {missing[0]} = "x [unit]" }}'
            )
        given = set(self.columns) & {"film", "cold_wall_flux"}
        if len(given) == 2 or ("film" in given and "recovery_enthalpy" not in self.columns):
            raise ValueError(
                "columns states the heat flux by cold_wall_flux, or by film together with recovery_enthalpy"
            )
        lost = sorted(set(self.columns) & {"recovery_enthalpy", "radiative_flux", "pressure"}) if not given else []
        if lost:
            raise ValueError(
                f"column {lost[0]} is only used beside film or cold_wall_flux; add one of them or leave it out"
            )
        return self


class Heating(Form):
    """Heat flux at the window: a ratio to the stagnation value, or to the flux of a table or plateau (1 by default)."""

    ratio: HeatRatio = HeatRatio.model_validate(
        {"value": "1", "status": "derived", "source": "the plateaus state the flux at the article"}
    )
    radiative: bool = False
    radiative_ratio: Ratio = 0.0
    flow_direction: Angle | None = None
    gradient: Gradient = 0.0
    sky_temperature: Sky = 250.0
    water_quench: bool = False

    @model_validator(mode="after")
    def _effective(self) -> Heating:
        if self.radiative != (self.radiative_ratio > 0):
            raise ValueError('radiative = true and a radiative_ratio above 0, for example "0.1", go together')
        if self.radiative and self.ratio.value == 0:
            raise ValueError("with radiative = true the ratio is above 0")
        if self.gradient != 0 and self.flow_direction is None:
            raise ValueError(
                'gradient needs flow_direction, for example "0 deg": where the flow comes from and goes to'
            )
        return self


class SurfacePressure(Form):
    outer_cp: PressureCoefficient = 0.0
    cabin: GasPressure = 101325.0
    equalise_below: Altitude = 5e3


class Acceleration(Form):
    direction: tuple[Number, Number, Number] = (1.0, 0.0, 0.0)

    @model_validator(mode="after")
    def _somewhere(self) -> Acceleration:
        if not 1e-6 < math.hypot(*self.direction) < 1e6:
            raise ValueError(f'direction {self.direction} points nowhere; write for example ["1", "0", "0"]')
        return self


class Environment(Form):
    """What is outside: a return by `trajectory`, or the run of a test article by `arcjet`."""

    trajectory: Annotated[Entry | Table, Field(discriminator="kind")] | None = None
    arcjet: ArcJet | None = None
    heating: Heating = Heating()
    pressure: SurfacePressure = SurfacePressure()
    acceleration: Acceleration = Acceleration()

    @model_validator(mode="after")
    def _consistent(self) -> Environment:
        if (self.trajectory is None) == (self.arcjet is None):
            raise ValueError("give exactly one of [environment.trajectory] and [environment.arcjet]")
        if self.arcjet is not None:
            self._in_a_facility()
            radiative = any(plateau.radiative_flux > 0 for plateau in self.arcjet.plateaus)
        else:
            if "ratio" not in self.heating.model_fields_set:
                raise ValueError('heating.ratio is missing; write [environment.heating] with ratio = "0.2"')
            radiative = isinstance(self.trajectory, Table) and "radiative_flux" in self.trajectory.columns
        if radiative and not self.heating.radiative:
            where = "a plateau" if self.arcjet else "the table"
            raise ValueError(
                f"{where} states radiative_flux, which needs heating with radiative = true and radiative_ratio"
            )
        return self

    def _in_a_facility(self) -> None:
        """Nothing of a flight is stated in vain."""
        stated: list[str] = [name for name in ("pressure", "acceleration") if name in self.model_fields_set]
        stated += [f"heating.{n}" for n in ("sky_temperature", "water_quench") if n in self.heating.model_fields_set]
        if stated:
            raise ValueError(
                f"{stated[0]} does nothing with [environment.arcjet], which has chamber_pressure, back_pressure and "
                "chamber_temperature; leave it out"
            )
