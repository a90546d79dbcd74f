"""The case: what the engineer states, as frozen objects in SI.  `case.schema.json` beside this file is its published form."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from deadlight.case.fields import (
    Angle,
    Area,
    ArealMass,
    Conductance,
    Form,
    Length,
    Number,
    Pressure,
    Speed,
    Stiffness,
    Temperature,
    Time,
    Uncertain,
)

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")]


class MeshFile(Form):
    """A mesh from a file; a mesh file has no unit, so it is stated."""

    file: str
    unit: Literal["m", "cm", "mm", "um", "in", "ft"]
    groups: dict[str, str] = {}


class WindowDrawing(Form):
    """A window from our own generator."""

    drawing: Literal["shenzhou_like", "apollo_like", "shuttle_like"]
    refine: Number = 1.0
    edge: Literal["retainer_lip", "flush_bevel", "flush_step"] | None = None
    lip_width: Length | None = None
    thickness: Length | None = None

    @model_validator(mode="after")
    def _sane(self) -> WindowDrawing:
        if not 0.2 <= self.refine <= 6:
            raise ValueError(f"refine is {self.refine:g}, expected 0.2 to 6; the unknowns grow with its cube")
        return self


class InitialStress(Form):
    """Stress the pane carries before any load."""

    kind: Literal["none", "temper_profile"] = "none"
    surface_compression: Pressure | None = None

    @model_validator(mode="after")
    def _complete(self) -> InitialStress:
        if (self.kind == "temper_profile") != (self.surface_compression is not None):
            raise ValueError(
                'temper_profile needs surface_compression, for example "69 MPa", and only temper_profile takes it'
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
    area: Area
    discharge: Number = 0.6


class Gap(Form):
    """Gas space between two neighbouring panes."""

    between: tuple[Name, Name]
    state: Literal["vented", "sealed", "blocked"]
    vent: Vent | None = None
    pressure: Pressure = 0.0
    fill_temperature: Temperature = 293.15
    emissivity: tuple[Number, Number] = (0.85, 0.85)

    @model_validator(mode="after")
    def _complete(self) -> Gap:
        if self.state == "vented" and self.vent is None:
            raise ValueError('a vented gap needs vent = { area = "20 mm**2" }')
        if any(not 0 < e <= 1 for e in self.emissivity):
            raise ValueError(f"emissivity is {self.emissivity}, expected above 0 and at most 1")
        return self


class Support(Form):
    """How one pane is held and what its rim touches.  A seat cannot pull."""

    seat_stiffness: Stiffness = 500e6
    preload: Pressure = 50e3
    gasket_conductance: Conductance = 60.0
    clearance_conductance: Conductance = 0.0
    structure_conductance: Conductance = 100.0
    structure_temperature: Temperature = 293.15
    shading: Literal["lip", "none", "side_heated"] = "lip"
    lip_heating: Number = 0.0
    rim_heating: Number = 0.0
    retainer_material: str = "titanium_6al4v"
    retainer_emissivity: Number = 0.6

    @model_validator(mode="after")
    def _complete(self) -> Support:
        if self.shading == "side_heated" and self.rim_heating <= 0:
            raise ValueError(
                'shading = "side_heated" needs rim_heating = "0.5": the share of the window\'s heat flux that reaches the rim'
            )
        return self


class Entry(Form):
    """Planar entry, integrated by deadlight."""

    kind: Literal["entry"]
    speed: Speed
    altitude: Length
    flight_path_angle: Angle
    ballistic_coefficient: ArealMass
    lift_to_drag: Number = 0.0
    lift_fraction: Number = 1.0
    guidance: Literal["constant", "hold", "bank"] = "constant"
    hold_angle: Angle | None = None
    bank: list[tuple[Time, Angle]] = []
    nose_radius: Length
    parachute_altitude: Length = 10e3
    touchdown_speed: Speed = 8.0


class Table(Form):
    """Trajectory from a table; a column is named with its unit, for example "V [m/s]"."""

    kind: Literal["table"]
    file: str
    columns: dict[str, str]
    nose_radius: Length = 1.0
    parachute_altitude: Length | None = None


class Heating(Form):
    """Heat flux at the window: a ratio to the stagnation value, or the cold-wall flux itself from the trajectory's table."""

    ratio: Uncertain
    radiative: bool = False
    radiative_ratio: Number = 0.0
    flow_direction: Angle | None = None
    gradient: Number = 0.0
    sky_temperature: Temperature = 250.0
    water_quench: bool = False


class SurfacePressure(Form):
    outer_cp: Number = 0.0
    cabin: Pressure = 101325.0
    equalise_below: Length = 5e3


class Acceleration(Form):
    direction: tuple[Number, Number, Number] = (1.0, 0.0, 0.0)


class Environment(Form):
    trajectory: Annotated[Entry | Table, Field(discriminator="kind")]
    heating: Heating
    pressure: SurfacePressure = SurfacePressure()
    acceleration: Acceleration = Acceleration()


class Place(Form):
    """Where a crack's centre is: azimuth from +x counter-clockwise seen from space, distance inside the lip or the radius itself."""

    azimuth: Angle = 0.0
    inside_lip: Length | None = None
    radius: Length | None = None
    face: Literal["outer", "inner"] = "outer"

    @model_validator(mode="after")
    def _one(self) -> Place:
        if (self.inside_lip is None) == (self.radius is None):
            raise ValueError('give exactly one of inside_lip (for example "5 mm") and radius')
        return self


class Crack(Form):
    """A crack seed (initial flaw): a depth, c half surface length, two_c total."""

    name: Name
    pane: Name
    kind: Literal["through", "surface", "corner"]
    two_c: Length | None = None
    c: Length | None = None
    a: Length | None = None
    place: Place
    orientation: Literal["radial", "hoop"] = "radial"

    @model_validator(mode="after")
    def _complete(self) -> Crack:
        needed = {"through": {"two_c"}, "surface": {"a", "c"}, "corner": {"a", "c"}}[self.kind]
        given = {k for k in ("two_c", "a", "c") if getattr(self, k) is not None}
        if given != needed:
            raise ValueError(
                f"a {self.kind} crack is sized by {' and '.join(sorted(needed))}; found {' and '.join(sorted(given)) or 'no size'}"
            )
        if any(getattr(self, k) <= 0 for k in given):
            raise ValueError("a crack size must be above 0")
        return self


class Growth(Form):
    tier: Literal["quick", "full"] = "quick"


class Criteria(Form):
    """Factors: none has a default that could pass unseen."""

    K_Ic_factor: Uncertain | None = None


class Solver(Form):
    """Numerical choices, printed with the result."""

    heat_tolerance: Temperature = 0.5
    stress_instants: int = Field(default=60, ge=4, le=200)


class Output(Form):
    fields: int = Field(default=12, ge=0, le=200)


class Case(Form):
    """One window, one return, its cracks."""

    schema_: Literal[1] = Field(alias="schema")
    name: Annotated[str, Field(min_length=1, max_length=200)]
    mesh: MeshFile | None = None
    window: WindowDrawing | None = None
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
        for label, used in (("pane", names), ("crack", [c.name for c in self.cracks])):
            twice = {n for n in used if used.count(n) > 1}
            if twice:
                raise ValueError(f"{label} name {sorted(twice)[0]!r} is used twice; names must differ")
        stated = {
            "cracks": {c.pane for c in self.cracks},
            "supports": set(self.supports),
            "gaps": {n for g in self.gaps for n in g.between},
        }
        for where, used_names in stated.items():
            unknown = used_names - set(names)
            if unknown:
                raise ValueError(f"{where} names the pane {sorted(unknown)[0]!r}, but the panes are {', '.join(names)}")
        for gap in self.gaps:
            if abs(names.index(gap.between[0]) - names.index(gap.between[1])) != 1:
                raise ValueError(
                    f"a gap lies between neighbouring panes; {' and '.join(gap.between)} are not (order outermost first: {', '.join(names)})"
                )
        return self

    def support(self, pane: str) -> Support:
        """The pane's support, or the printed defaults."""
        return self.supports.get(pane, Support())
