"""The case: what the engineer states, as frozen objects in SI.  `docs/case.schema.json` is its published form."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from deadlight.case.arcjet import ArcJet
from deadlight.case.crack import Crack
from deadlight.case.drawing import Window
from deadlight.case.fields import (
    Altitude,
    Angle,
    Area,
    ArealMass,
    Clearance,
    Conductance,
    CrackRefine,
    Emissivity,
    Factor,
    FileName,
    Form,
    GasPressure,
    Gradient,
    HeatRatio,
    LengthUnit,
    LiftToDrag,
    Name,
    Number,
    ParachuteAltitude,
    Preload,
    PressureCoefficient,
    Radius,
    Ratio,
    Signed,
    Sky,
    Slope,
    SlowSpeed,
    Speed,
    Status,
    Stiffness,
    Strength,
    Temperature,
    Time,
    Tolerance,
    distinct,
)
from deadlight.case.growth import Growth

# Columns of a trajectory's table: the first three are always needed.
COLUMNS = (
    "time", "altitude", "speed", "flight_path_angle", "axial_load", "normal_load",
    "cold_wall_flux", "film", "recovery_enthalpy", "radiative_flux", "pressure",
)  # fmt: skip


class MeshFile(Form):
    """A mesh from a file; a mesh file has no unit, so it is stated.

    `file` and `root` count from the case's folder; what the mesh names (includes, heavy data) stays inside `root` too.
    """

    file: FileName
    root: FileName = "."
    unit: LengthUnit
    groups: dict[str, str] = {}


class InitialStress(Form):
    """Stress the pane carries before any load.

    A `field` is a table with the columns "x [mm]", "y [mm]", "z [mm]", "stress_xx [MPa]" ..., or a VTU with point data
    "stress_xx [MPa]" ... and the `unit` of its coordinates; axes and origin are those of the mesh.
    """

    kind: Literal["none", "temper_profile", "field"] = "none"
    surface_compression: Strength | None = None
    file: FileName | None = None
    unit: LengthUnit | None = None

    @model_validator(mode="after")
    def _complete(self) -> InitialStress:
        if (self.kind == "temper_profile") != (self.surface_compression is not None):
            raise ValueError(
                'temper_profile needs surface_compression, for example "69 MPa", and only temper_profile takes it'
            )
        if (self.kind == "field") != (self.file is not None):
            raise ValueError('field needs file, for example "stress.csv", and only field takes it')
        form = Path(self.file).suffix.lower() if self.file else ""
        if self.file and form not in (".csv", ".txt", ".tsv", ".vtu"):
            raise ValueError(f'found file = "{self.file}", expected a table (.csv, .txt, .tsv) or a .vtu')
        if (form == ".vtu") != (self.unit is not None):
            raise ValueError(
                'a VTU does not state the unit of its coordinates: unit = "mm"; a table does, in its header, '
                "and takes no unit here"
            )
        return self


class Pane(Form):
    """One pane, outermost first in the list."""

    name: Name
    role: Literal["thermal", "redundant", "pressure"]
    material: str
    initial_temperature: Temperature = 293.15
    stress_free_temperature: Temperature = 293.15
    initial_stress: InitialStress = InitialStress()


class Vent(Form):
    """Opening of a vented gap."""

    area: Area
    discharge: Emissivity = 0.6


class Gap(Form):
    """Gas space between two neighbouring panes."""

    between: tuple[Name, Name]
    state: Literal["vented", "sealed", "blocked"]
    vent: Vent | None = None
    pressure: GasPressure = 0.0
    fill_temperature: Temperature = 293.15
    emissivity: tuple[Emissivity, Emissivity] = (0.85, 0.85)

    @model_validator(mode="after")
    def _complete(self) -> Gap:
        if self.state == "vented" and self.vent is None:
            raise ValueError('a vented gap needs vent = { area = "20 mm**2" }')
        if self.state == "sealed" and self.vent is not None:
            raise ValueError(
                'a sealed gap has no vent; leave vent out, or state = "blocked" for one that should be open'
            )
        if self.state == "vented" and "pressure" in self.model_fields_set:
            raise ValueError(
                "a vented gap takes its pressure from outside; leave pressure out, or seal or block the gap"
            )
        return self


class Support(Form):
    """How one pane is held and what its rim touches.  A seat cannot pull."""

    seat_stiffness: Stiffness = 500e6
    preload: Preload = 50e3
    gasket_conductance: Conductance = 60.0
    clearance_conductance: Clearance = 0.0
    structure_conductance: Conductance = 100.0
    structure_temperature: Temperature = 293.15
    shading: Literal["lip", "none", "side_heated"] = "lip"
    lip_heating: Ratio = 0.0
    rim_heating: Ratio = 0.0
    retainer_material: str = "titanium_6al4v"
    retainer_emissivity: Emissivity = 0.6
    status: Status = "assumption"
    source: str = ""

    @model_validator(mode="after")
    def _complete(self) -> Support:
        if self.shading == "side_heated" and self.rim_heating <= 0:
            raise ValueError(
                'shading = "side_heated" needs rim_heating = "0.5": '
                "the share of the window's heat flux that reaches the rim"
            )
        if self.shading != "side_heated" and self.rim_heating > 0:
            raise ValueError(
                f'rim_heating does nothing with shading = "{self.shading}"; write "side_heated" or leave it out'
            )
        return self


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


class Criteria(Form):
    """Factors: none has a default that could pass unseen."""

    K_Ic_factor: Factor | None = None


class Solver(Form):
    """Numerical choices, printed with the result.

    `heat_tolerance` is a difference of temperatures: in K.  `crack_refine` is the fineness of the operator's surface
    mesh: 1 aims at a few tenths of a percent of K.
    """

    heat_tolerance: Tolerance = 0.5
    stress_instants: int = Field(default=60, ge=4, le=200, strict=True)
    crack_refine: CrackRefine = 1.0


class Output(Form):
    fields: int = Field(default=12, ge=0, le=200, strict=True)


class Case(Form):
    """One window, one return, its cracks."""

    schema_: Literal[1] = Field(alias="schema")
    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$")]
    mesh: MeshFile | None = None
    window: Window | None = None
    panes: Annotated[tuple[Pane, ...], Field(min_length=1, max_length=6)]
    gaps: tuple[Gap, ...] = ()
    supports: dict[Name, Support] = {}
    environment: Environment
    cracks: tuple[Crack, ...] = ()
    materials: dict[str, dict[str, Any]] = {}
    growth: Growth = Growth()
    criteria: Criteria = Criteria()
    solver: Solver = Solver()
    output: Output = Output()

    @model_validator(mode="after")
    def _consistent(self) -> Case:
        if (self.mesh is None) == (self.window is None):
            raise ValueError("give exactly one of [mesh] (a file of yours) and [window] (our generator)")
        names = [p.name for p in self.panes]
        distinct("pane", names)
        distinct("crack", [c.name for c in self.cracks])
        beyond = [c for c in self.cracks if not c.quick and self.growth.tier == "quick"]
        if beyond:
            what = "along a line" if beyond[0].kind == "through" else beyond[0].kind
            raise ValueError(
                f'crack {beyond[0].name}: the quick tier has no answer for this kind ({what}); write tier = "full" in '
                "[growth]"
            )
        if self.window is not None:
            self.window.matches(names)
        ring = [n for n in names if n.endswith("_retainer")]
        if ring:
            raise ValueError(f"pane name {ring[0]!r} ends as a retainer's does; name the pane otherwise")
        arcjet = self.environment.arcjet
        stated = {
            "cracks": {c.pane for c in self.cracks},
            "supports": set(self.supports),
            "growth.humidity": {s.pane for s in self.growth.humidity if s.pane is not None},
            "gaps": {n for g in self.gaps for n in g.between},
            "environment.arcjet.thermocouples": {t.pane for t in arcjet.thermocouples if t.pane} if arcjet else set(),
        }
        for where, used_names in stated.items():
            unknown = used_names - set(names)
            if unknown:
                raise ValueError(f"{where} names the pane {sorted(unknown)[0]!r}, but the panes are {', '.join(names)}")
        vain = [n for n, s in self.supports.items() if arcjet and "structure_temperature" in s.model_fields_set]
        if vain:
            raise ValueError(
                f"supports.{vain[0]}.structure_temperature does nothing with [environment.arcjet]: "
                "its holder_temperature is taken"
            )
        self._check_gaps(names)
        return self

    def _check_gaps(self, names: list[str]) -> None:
        order = f"(order outermost first: {', '.join(names)})"
        for gap in self.gaps:
            first, second = (names.index(n) for n in gap.between)
            if abs(first - second) != 1:
                raise ValueError(f"a gap lies between neighbouring panes; {' and '.join(gap.between)} are not {order}")
            if first > second:
                raise ValueError(
                    f"the gap between {' and '.join(gap.between)} is named inside out; "
                    f"write the outer pane first {order}"
                )
        pairs = [gap.between for gap in self.gaps]
        twice = [pair for pair in pairs if pairs.count(pair) > 1]
        if twice:
            raise ValueError(f"the gap between {' and '.join(twice[0])} is stated twice; leave one out")

    def idle(self, key: tuple[str, ...]) -> bool:
        """Whether a key of the form, by its path, does nothing here: what belongs to a flight, in a facility."""
        if self.environment.arcjet is None:
            return False
        flight = {("environment", "pressure"), ("environment", "acceleration")}
        ends = {("heating", "sky_temperature"), ("heating", "water_quench")}
        return key[:2] in flight or key[-2:] in ends or key[-1] == "structure_temperature"

    def support(self, pane: str) -> Support:
        """The pane's support, or the printed defaults."""
        return self.supports.get(pane, Support())
