"""From case to environment: the trajectory, what heats the window, and the gas around the panes."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from deadlight.assumption import Assumption
from deadlight.case.environment import Entry, Table
from deadlight.case.environment import Heating as Stated
from deadlight.case.model import Case
from deadlight.case.pane import Gap
from deadlight.case.paths import table_path
from deadlight.chain.arcjet import arcjet_environment
from deadlight.chain.viewport import STATUS, Viewport
from deadlight.entry.environment import Environment, build_environment
from deadlight.entry.flight import Trajectory
from deadlight.entry.gap import GapSpec, Vent, gap_gas
from deadlight.entry.guidance import BankSchedule, ConstantLift, Guidance, HoldAngle
from deadlight.entry.heating import BODY_UNITS, Heating, stagnation_heating, table_heating
from deadlight.entry.lowspeed import WaterQuench
from deadlight.entry.trajectory import Vehicle, fly
from deadlight.errors import CaseError, InputError, LoadError
from deadlight.heat.history import TemperatureHistory
from deadlight.mesh.mesh import cell_volumes
from deadlight.series import Series

Array = np.ndarray[Any, np.dtype[np.float64]]


def environment_of(viewport: Viewport, *, root: Path) -> Environment:
    """Everything outside the panes, on one clock.

    Raises
    ------
    LoadError, CaseError
        Trajectory, table or gap at fault.
    """
    case = viewport.case
    stated = case.environment
    gaps = [gap_spec(viewport, gap) for gap in case.gaps]
    if stated.arcjet is not None:
        run = arcjet_environment(stated.arcjet, viewport, gaps=gaps)
        return replace(run, assumptions=(*run.assumptions, *_assumed(case)))
    flight, heating = _flight(case, root)
    return build_environment(
        trajectory=flight,
        heating=heating,
        outer_cp=stated.pressure.outer_cp,
        cabin=stated.pressure.cabin,
        equalise_below=stated.pressure.equalise_below,
        gaps=gaps,
        sky_temperature=stated.heating.sky_temperature,
        drag_direction=stated.acceleration.direction,
        lift_direction=_across(stated.acceleration.direction),
        assumptions=_assumed(case),
    )


def _flight(case: Case, root: Path) -> tuple[Trajectory, Heating]:
    stated, heating = case.environment.trajectory, case.environment.heating
    assert stated is not None  # the case form demands a trajectory or an arc-jet run
    water = WaterQuench() if heating.water_quench else None
    if isinstance(stated, Table):
        return _from_table(stated, heating, table_path(stated, root), water)
    vehicle = Vehicle(
        ballistic_coefficient=stated.ballistic_coefficient,
        lift_to_drag=stated.lift_to_drag,
        parachute_altitude=stated.parachute_altitude,
        touchdown_speed=stated.touchdown_speed,
    )
    flight = fly(
        vehicle=vehicle,
        altitude=stated.altitude,
        speed=stated.speed,
        flight_path_angle=stated.flight_path_angle,
        guidance=_guidance(stated),
    )
    return flight, stagnation_heating(flight, nose_radius=stated.nose_radius, radiative=heating.radiative, water=water)


def _from_table(stated: Table, heated: Stated, path: Path, water: WaterQuench | None) -> tuple[Trajectory, Heating]:
    motion = {k: v for k, v in stated.columns.items() if k not in BODY_UNITS or k == "time"}
    body = {k: v for k, v in stated.columns.items() if k in BODY_UNITS}
    try:
        flight = Trajectory.from_table(path, columns=motion, parachute_altitude=stated.parachute_altitude)
        if set(body) & {"film", "cold_wall_flux"}:
            return flight, table_heating(flight, path=path, columns=body, water=water)
        return flight, stagnation_heating(
            flight, nose_radius=stated.nose_radius, radiative=heated.radiative, water=water
        )
    except InputError as error:  # what the atmosphere or a correlation refuses comes from the table too
        place = error.place if str(path) in error.place else f"{path}: {error.place}"
        raise LoadError(error.found, place=place, remedy=error.remedy) from error


def _guidance(stated: Entry) -> Guidance:
    if stated.guidance == "hold":
        return HoldAngle() if stated.hold_angle is None else HoldAngle(angle=stated.hold_angle)
    if stated.guidance == "bank":
        if not stated.bank:
            raise CaseError(
                "no bank angles",
                place="environment.trajectory.bank",
                remedy='bank = [["0 s", "60 deg"], ["200 s", "30 deg"]]',
            )
        time, angle = zip(*stated.bank)
        return BankSchedule(Series(np.array(time), np.array(angle), "bank", "rad"))
    return ConstantLift(stated.lift_fraction)


def gap_spec(viewport: Viewport, gap: Gap) -> GapSpec:
    """Volume from the two faces that look at each other: mean clear area times their distance."""
    mesh = viewport.mesh
    faces = [mesh.face(name) for name in _facing(gap)]
    areas = [sum(cell_volumes(mesh.points, b).sum() for b in face) for face in faces]
    levels = [float(np.mean(np.concatenate([mesh.points[b.nodes[:, :4], 2].ravel() for b in face]))) for face in faces]
    distance = levels[0] - levels[1]
    if distance <= 0:
        raise CaseError(
            f"{gap.between[0]}.inner lies at z = {levels[0] * 1e3:.3g} mm, "
            f"below {gap.between[1]}.outer at {levels[1] * 1e3:.3g} mm",
            place="gaps",
            remedy="name the panes outermost first; +z points to space",
        )
    return GapSpec(
        name="/".join(gap.between),
        volume=distance * float(np.mean(areas)),
        state=gap.state,
        vent=Vent(area=gap.vent.area, discharge=gap.vent.discharge) if gap.vent else None,
        pressure=gap.pressure,
        temperature=gap.fill_temperature,
    )


def with_wall_temperatures(environment: Environment, viewport: Viewport, heat: TemperatureHistory) -> Environment:
    """The environment with the gas of every gap at the mean temperature of the two faces that enclose it.

    The first environment has the gas at its filling temperature; the pressure of a sealed gap follows from the solution
    only.
    """
    found = {}
    for gap in viewport.case.gaps:
        spec, walls = gap_spec(viewport, gap), wall_temperature(viewport, gap, heat)
        found[spec.name] = gap_gas(
            spec, outside=environment.outer_pressure, wall_temperature=walls, outside_temperature=walls
        )
    return replace(environment, gaps=found, gap_pressure={name: gas.pressure for name, gas in found.items()})


def wall_temperature(viewport: Viewport, gap: Gap, heat: TemperatureHistory) -> Series:
    """Mean temperature [K] of the two faces that enclose a gap."""
    means = [heat.temperature[:, viewport.mesh.face_nodes(f)].mean(axis=1) for f in _facing(gap)]
    return Series(heat.time, np.mean(means, axis=0), f"gap {'/'.join(gap.between)}", "K")


def _facing(gap: Gap) -> tuple[str, str]:
    return f"{gap.between[0]}.inner", f"{gap.between[1]}.outer"


def cold_wall_flux(case: Case, environment: Environment, t: Array) -> Array:
    """Convective flux [W/m**2] at the window into a wall at 0 K; at the calorimeter's temperature in an arc-jet."""
    run = case.environment.arcjet
    wall = 0.0 if run is None else environment.wall_heat_capacity * run.calorimeter_temperature
    ratio = case.environment.heating.ratio.value
    return np.asarray(ratio * environment.film(t) * (environment.recovery_enthalpy(t) - wall))


def _across(drag: tuple[float, float, float]) -> tuple[float, float, float]:
    """A direction at right angles to the drag, as near to the window's axis as there is one."""
    d = np.asarray(drag, dtype=float)
    d = d / (np.linalg.norm(d) or 1.0)
    axis = np.array([0.0, 0.0, 1.0]) if abs(d[2]) < 0.99 else np.array([1.0, 0.0, 0.0])
    lift = axis - (axis @ d) * d
    x, y, z = lift / math.sqrt(lift @ lift)
    return float(x), float(y), float(z)


def _assumed(case: Case) -> list[Assumption]:
    """The numbers of the case that carry a status of their own."""
    ratio = case.environment.heating.ratio
    band = f", band {ratio.band[0]:g} to {ratio.band[1]:g}" if ratio.band else ""
    found = [
        Assumption("environment.heating.ratio", f"{ratio.value:g}{band}", ratio.source or "case", STATUS[ratio.status])
    ]
    factor = case.criteria.K_Ic_factor
    if factor:
        found.append(
            Assumption("criteria.K_Ic_factor", f"{factor.value:g}", factor.source or "case", STATUS[factor.status])
        )
    return found
