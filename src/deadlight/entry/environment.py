"""Everything outside the panes as functions of time on one clock: what the heat and stress stages read."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from deadlight.assumption import Assumption
from deadlight.entry.correlations import AIR_HEAT_CAPACITY
from deadlight.entry.flight import STANDARD_GRAVITY, Event, Trajectory
from deadlight.entry.gap import GapGas, GapSpec, gap_gas
from deadlight.entry.heating import Heating
from deadlight.entry.pressure import cabin_pressure, outer_pressure
from deadlight.errors import LoadError
from deadlight.series import Series

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Thermocouple:
    """A measuring point of a test article: name and position (x, y, z) [m] in the window's frame."""

    name: str
    position: tuple[float, float, float]


@dataclass(frozen=True, eq=False, kw_only=True)
class Environment:
    """Functions of time around the panes; time 0 is entry interface, earlier values are held.

    Heat flux into the outer face at a wall temperature T_w, with the local ratios r and r_rad:
    r film (recovery_enthalpy - wall_heat_capacity T_w) + r_rad radiative_flux
    + convection (recovery_temperature - T_w) - emissivity sigma (T_w**4 - sky_temperature**4).

    Attributes
    ----------
    film : Series [kg/m**2/s]
        At heating ratio one.
    recovery_enthalpy : Series [J/kg]
    radiative_flux : Series [W/m**2]
        At radiative ratio one.
    convection : Series [W/m**2/K]
        Low-speed coefficient; no ratio applies.
    recovery_temperature, sky_temperature : Series [K]
    outer_pressure, cabin_pressure : Series [Pa]
    gap_pressure : dict of gap name to Series [Pa]
    acceleration : Series (m, 3) [m/s**2]
        Sensed acceleration of the vehicle in the window's frame (+z to space): what an accelerometer reads. The body
        force on a pane is minus density times this. At rest under gravity it is one g upwards.
    altitude, speed : Series [m, m/s], or None in a test facility
    holder_temperature : Series [K], optional
        Of the structure that holds a test article.
    thermocouples : tuple of Thermocouple
    events : tuple of Event
    end : float [s]
        When the history is over.
    trajectory : Trajectory or None
    gaps : dict of gap name to GapGas
    wall_heat_capacity : float [J/kg/K]
    """

    film: Series
    recovery_enthalpy: Series
    radiative_flux: Series
    convection: Series
    recovery_temperature: Series
    sky_temperature: Series
    outer_pressure: Series
    cabin_pressure: Series
    gap_pressure: Mapping[str, Series]
    acceleration: Series
    end: float
    altitude: Series | None = None
    speed: Series | None = None
    holder_temperature: Series | None = None
    thermocouples: tuple[Thermocouple, ...] = ()
    events: tuple[Event, ...] = ()
    trajectory: Trajectory | None = None
    gaps: Mapping[str, GapGas] = field(default_factory=dict)
    wall_heat_capacity: float = AIR_HEAT_CAPACITY
    assumptions: tuple[Assumption, ...] = ()
    warnings: tuple[str, ...] = ()

    def wall_flux(
        self, t: Any, wall_temperature: Any, *, ratio: Any = 1.0, radiative_ratio: Any = 0.0, emissivity: Any = 0.0
    ) -> Any:
        """Net flux [W/m**2] into the outer face, less what it radiates when an emissivity is given."""
        wall = np.asarray(wall_temperature)
        gas = ratio * self.film(t) * (self.recovery_enthalpy(t) - self.wall_heat_capacity * wall)
        air = self.convection(t) * (self.recovery_temperature(t) - wall)
        glow = emissivity * 5.670374419e-8 * (wall**4 - self.sky_temperature(t) ** 4)
        return gas + air + radiative_ratio * self.radiative_flux(t) - glow


def build_environment(
    *,
    trajectory: Trajectory,
    heating: Heating,
    outer_cp: float = 0.0,
    cabin: float = 101325.0,
    equalise_below: float | None = 5e3,
    gaps: Sequence[GapSpec] = (),
    wall_temperature: Mapping[str, Series | float] | None = None,
    sky_temperature: float = 250.0,
    drag_direction: Sequence[float] = (1.0, 0.0, 0.0),
    lift_direction: Sequence[float] = (0.0, 0.0, 1.0),
    assumptions: Sequence[Assumption] = (),
) -> Environment:
    """Environment of a window along a trajectory.

    Parameters
    ----------
    heating : Heating
        From `stagnation_heating`, `prescribed_heating` or `table_heating`; its surface pressure, if any, replaces
        the pressure coefficient.
    outer_cp : float
        Hypersonic pressure coefficient at the window.
    cabin, equalise_below : float [Pa, m]
        None: the cabin keeps its pressure.
    gaps : sequence of GapSpec
    wall_temperature : {gap name: Series or float} [K], optional
        Of the panes around a gap, from the heat solution; default the gap's own temperature, constant.
    drag_direction, lift_direction : (3,) float
        Where drag and lift point in the window's frame; made unit vectors. Default: the drag along +x in the window's
        plane (a side window; the gas flows to +x), the lift along the window's outward axis.

    Raises
    ------
    LoadError
        A direction of zero length, drag and lift not at right angles, two gaps of one name.
    """
    flight, given = trajectory, list(assumptions)
    if heating.pressure is not None:
        outer = heating.pressure
    else:
        outer = outer_pressure(flight, coefficient=outer_cp)
        given.append(
            Assumption("pressure.outer_cp", f"Cp {outer_cp:g} above Mach 3, zero below Mach 1", "the case", "A")
        )
    found = _gaps(gaps, outer, flight, wall_temperature or {})
    acceleration = _acceleration(flight, drag_direction, lift_direction, given)
    given.append(Assumption("heating.sky", f"{sky_temperature:g} K", "between space and the warm Earth", "A"))
    return Environment(
        film=heating.film,
        recovery_enthalpy=heating.recovery_enthalpy,
        radiative_flux=heating.radiative_flux,
        convection=heating.convection,
        recovery_temperature=heating.recovery_temperature,
        sky_temperature=Series.constant(sky_temperature, name="sky_temperature", unit="K"),
        outer_pressure=outer,
        cabin_pressure=cabin_pressure(flight, pressure=cabin, equalise_below=equalise_below),
        gap_pressure={name: gas.pressure for name, gas in found.items()},
        gaps=found,
        acceleration=acceleration,
        end=float(flight.time[-1]),
        altitude=flight.series("altitude", "m"),
        speed=flight.series("speed", "m/s"),
        events=flight.events,
        trajectory=flight,
        assumptions=(*flight.assumptions, *given, *heating.assumptions),
        warnings=(*flight.warnings, *heating.warnings),
    )


def _acceleration(
    flight: Trajectory, drag_direction: Sequence[float], lift_direction: Sequence[float], given: list[Assumption]
) -> Series:
    """Sensed acceleration (m, 3) [m/s**2] in the window's frame."""
    drag, lift = _unit(drag_direction, "drag_direction"), _unit(lift_direction, "lift_direction")
    if abs(float(drag @ lift)) > 0.02:
        raise LoadError(
            f"drag and lift directions are {math.degrees(math.acos(float(drag @ lift))):.1f} deg apart",
            place="environment.acceleration",
            remedy="lift stands at right angles to drag",
        )
    text = f"drag along {np.round(drag, 3).tolist()}, lift along {np.round(lift, 3).tolist()} in the window's frame"
    given.append(Assumption("acceleration.direction", text, "the case, or the default of a side window", "A"))
    load = flight.load_factor * STANDARD_GRAVITY
    return Series(flight.time, load[:, :1] * drag + load[:, 1:] * lift, "acceleration", "m/s**2")


def _unit(direction: Sequence[float], name: str) -> Array:
    vector = np.asarray(direction, dtype=float)
    length = float(np.linalg.norm(vector)) if vector.shape == (3,) else 0.0
    if not (math.isfinite(length) and length > 0):
        raise LoadError(
            f"{name} {list(direction)}", place="environment.acceleration", remedy="three numbers, not all zero"
        )
    return vector / length


def _gaps(
    specs: Sequence[GapSpec], outer: Series, flight: Trajectory, walls: Mapping[str, Series | float]
) -> dict[str, GapGas]:
    names = [spec.name for spec in specs]
    if len(set(names)) < len(names) or set(walls) - set(names):
        raise LoadError(
            f"gaps {names}, wall temperatures for {sorted(walls)}",
            place="environment.gaps",
            remedy="one gap a name, and temperatures for those",
        )
    air = Series(flight.time, np.clip(flight.temperature, 180.0, 400.0), "outside_temperature", "K")
    return {
        spec.name: gap_gas(
            spec, outside=outer, wall_temperature=walls.get(spec.name, spec.temperature), outside_temperature=air
        )
        for spec in specs
    }
