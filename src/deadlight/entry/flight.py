"""The flown history of an entry: sampled state, loads and events, computed (`trajectory.py`) or read from a table."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from deadlight.assumption import Assumption
from deadlight.entry.atmosphere import Air, Atmosphere1976
from deadlight.entry.columns import read_columns
from deadlight.errors import LoadError
from deadlight.limits import ALTITUDE, LOAD, RUN_TIME, SLOPE, SPEED, TIME
from deadlight.remark import Remark
from deadlight.series import Series

Array = np.ndarray[Any, np.dtype[np.float64]]

EARTH_RADIUS = 6.371e6  # mean radius [m] of the spherical, non-rotating Earth the motion is computed over
GRAVITATION = 3.986004418e14  # [m**3/s**2], WGS 84
STANDARD_GRAVITY = 9.80665  # [m/s**2]
# Columns of the same table that state the heating; `heating.table_heating` reads them.
BODY_COLUMNS = {"film", "recovery_enthalpy", "cold_wall_flux", "radiative_flux", "pressure"}
COLUMN_UNITS = {
    "time": "s",
    "altitude": "m",
    "speed": "m/s",
    "flight_path_angle": "rad",
    "axial_load": "m/s**2",
    "normal_load": "m/s**2",
}
# A table goes on to rest on the ground, which at the Dead Sea is 430 m below the sea.
COLUMN_LIMITS = {
    "time": TIME,
    "altitude": replace(ALTITUDE, low=-500.0),
    "speed": replace(SPEED, above=None, low=0.0),
    "flight_path_angle": SLOPE,
    "axial_load": LOAD,
    "normal_load": LOAD,
}
PRESSED = (0.2e6, 1.1e6)
"""Dynamic pressure [Pa] from which on a flight is doubted, and refused.  A capsule of 500 kg/m2 that brakes at 20 g has
0.1 MPa; 0.2 MPa is Mach 5 at 15 km.  1.1 MPa builds up the 2 MPa on a blunt face beyond which no case states one."""
BORNE = 60e3
"""Altitude [m] at which neither balloon (record: 53.7 km) nor wing keeps up what is slower than sound."""
SLOWEST_FALL = 300.0  # [m/s]; a fall from `BORNE` gains it in the first 5 km


@dataclass(frozen=True)
class Event:
    """Something that happens once: time [s], name, altitude [m] (None in a test facility)."""

    time: float
    name: str
    altitude: float | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Trajectory:
    """Sampled entry; time 0 is entry interface, speeds are relative to the air.

    Attributes
    ----------
    time : (m,) float [s]
    altitude : (m,) float [m]
        Geometric.
    speed : (m,) float [m/s]
    flight_path_angle : (m,) float [rad]
        Positive up.
    temperature, pressure, density, mach : (m,) float [K, Pa, kg/m**3, 1]
        Of the free stream.
    load_factor : (m, 2) float [g]
        Sensed (non-gravitational) acceleration over standard gravity: axial, along minus the velocity (deceleration
        positive), and normal, along the lift.
    events : tuple of Event
    warnings : tuple of str
    source : str
        How it was made.
    assumptions : tuple of Assumption
    """

    time: Array
    altitude: Array
    speed: Array
    flight_path_angle: Array
    temperature: Array
    pressure: Array
    density: Array
    mach: Array
    load_factor: Array
    events: tuple[Event, ...] = ()
    warnings: tuple[str, ...] = ()
    source: str = ""
    assumptions: tuple[Assumption, ...] = ()

    @property
    def g(self) -> Array:
        """(m,) magnitude of the load factor [g]."""
        return np.asarray(np.hypot(self.load_factor[:, 0], self.load_factor[:, 1]))

    def event(self, name: str) -> Event | None:
        """The event of that name, or None."""
        return next((event for event in self.events if event.name == name), None)

    def series(self, attribute: str, unit: str = "") -> Series:
        """One of the sampled quantities as a `Series`, for instance `series("altitude", "m")`."""
        return Series(self.time, getattr(self, attribute), attribute, unit)

    @classmethod
    def from_arrays(
        cls,
        *,
        time: Any,
        altitude: Any,
        speed: Any,
        flight_path_angle: Any = None,
        load_factor: Any = None,
        parachute_altitude: float | None = None,
        sample: float = 1.0,
        source: str = "prescribed history",
    ) -> Trajectory:
        """Trajectory from a prescribed history, straight lines between its rows, resampled every `sample` seconds.

        What is not given is derived: the angle from climb rate over speed, the loads from the slopes of speed
        and angle (central differences of the rows), both with a warning, since differences of a coarse table
        are coarse.

        Parameters
        ----------
        time, altitude, speed : (m,) float [s, m, m/s]
        flight_path_angle : (m,) float [rad], optional
        load_factor : (m, 2) float [g], optional
            Axial and normal.

        Raises
        ------
        LoadError
            Rows of unequal number, too few, not finite, not increasing in time, values that cannot be (`COLUMN_LIMITS`)
            or cannot be together (speed and altitude).
        """
        given = {"time": time, "altitude": altitude, "speed": speed, "flight_path_angle": flight_path_angle}
        rows = {name: np.asarray(value, dtype=float) for name, value in given.items() if value is not None}
        _check_rows(rows, source)
        warnings: list[str] = list(_check_motion(rows, source))
        old = rows["time"]
        if "flight_path_angle" not in rows:
            climb = np.gradient(rows["altitude"], old)
            rows["flight_path_angle"] = np.arcsin(np.clip(climb / np.maximum(rows["speed"], 1e-9), -1.0, 1.0))
            warnings.append(f"{source}: flight path angle derived from altitude and speed")
        if load_factor is None:
            load = _sensed(old, rows["altitude"], rows["speed"], rows["flight_path_angle"])
            warnings.append(f"{source}: load factors derived from differences of a table with {len(old)} rows")
        else:
            load = np.asarray(load_factor, dtype=float)
            if load.shape != (len(old), 2) or not np.isfinite(load).all():
                raise LoadError(
                    f"load factors of shape {load.shape}",
                    place=source,
                    remedy=f"finite, shape ({len(old)}, 2): axial, normal",
                )
        if rows["altitude"][-1] > 1e3:
            text = f"{source}: ends at {rows['altitude'][-1] / 1e3:.1f} km, before the ground; held from there"
            warnings.append(Remark(text, alarm=True))
        new = np.union1d(np.linspace(old[0], old[-1], max(2, int(np.ceil((old[-1] - old[0]) / sample)) + 1)), old)
        fine = {name: np.interp(new, old, value) for name, value in rows.items() if name != "time"}
        return assemble(
            time=new,
            load_factor=np.stack([np.interp(new, old, column) for column in load.T], axis=1),
            events=_crossings(new, fine["altitude"], parachute_altitude),
            warnings=tuple(warnings),
            source=source,
            **fine,
        )

    @classmethod
    def from_table(
        cls, path: str | os.PathLike[str], *, columns: Mapping[str, str], parachute_altitude: float | None = None
    ) -> Trajectory:
        """Trajectory from a text table by column map, for instance ``{"time": "t [s]", "speed": "V [km/s]", ...}``.

        Columns: time, altitude, speed (required), flight_path_angle, axial_load, normal_load (as accelerations,
        for instance "nx [g_0]").

        Raises
        ------
        LoadError
            Anything wrong with the file, the map, a unit or a value.
        """
        unknown = set(columns) - set(COLUMN_UNITS) - BODY_COLUMNS
        missing = {"time", "altitude", "speed"} - set(columns)
        if unknown or missing:
            raise LoadError(
                f"columns {sorted(columns)}",
                place=os.fspath(path),
                remedy=f"state time, altitude and speed, and if known {', '.join(list(COLUMN_UNITS)[3:])}",
            )
        rows = read_columns(
            path,
            columns={name: (header, COLUMN_UNITS[name]) for name, header in columns.items() if name in COLUMN_UNITS},
            limits=COLUMN_LIMITS,
        )
        load = None
        if "axial_load" in rows or "normal_load" in rows:
            none = np.zeros(len(rows["time"]))
            load = np.stack([rows.get("axial_load", none), rows.get("normal_load", none)], axis=1) / STANDARD_GRAVITY
        return cls.from_arrays(
            time=rows["time"],
            altitude=rows["altitude"],
            speed=rows["speed"],
            flight_path_angle=rows.get("flight_path_angle"),
            load_factor=load,
            parachute_altitude=parachute_altitude,
            source=f"table {os.path.basename(os.fspath(path))}",
        )


def assemble(
    *, time: Array, altitude: Array, speed: Array, flight_path_angle: Array, load_factor: Array, **extra: Any
) -> Trajectory:
    """Trajectory with the free stream of the standard atmosphere filled in."""
    air: Air = Atmosphere1976()(altitude)
    return Trajectory(
        time=time,
        altitude=altitude,
        speed=speed,
        flight_path_angle=flight_path_angle,
        temperature=air.temperature,
        pressure=air.pressure,
        density=air.density,
        mach=speed / air.speed_of_sound,
        load_factor=load_factor,
        **extra,
    )


def _sensed(time: Array, altitude: Array, speed: Array, angle: Array) -> Array:
    """(m, 2) sensed axial and normal acceleration [g] of a prescribed motion: kinematics minus gravity."""
    radius = EARTH_RADIUS + altitude
    gravity = GRAVITATION / radius**2
    axial = -np.gradient(speed, time) - gravity * np.sin(angle)
    normal = speed * np.gradient(angle, time) + (gravity - speed**2 / radius) * np.cos(angle)
    return np.stack([axial, normal], axis=1) / STANDARD_GRAVITY


def _crossings(time: Array, altitude: Array, parachute_altitude: float | None) -> tuple[Event, ...]:
    found = []
    for name, level in (("parachute", parachute_altitude), ("touchdown", 0.0)):
        if level is None or not (altitude <= level).any() or altitude[0] <= level:
            continue
        row = int(np.argmax(altitude <= level))
        found.append(
            Event(float(np.interp(-level, -altitude[row - 1 : row + 1], time[row - 1 : row + 1])), name, level)
        )
    return tuple(found)


def _check_rows(rows: Mapping[str, Array], place: str) -> None:
    count = rows["time"].size
    for name, values in rows.items():
        if values.ndim != 1 or values.size != count or count < 2:
            raise LoadError(
                f"{name} has shape {values.shape}, time {count} rows",
                place=place,
                remedy="one value a row, two rows or more",
            )
        if not np.isfinite(values).all():
            raise LoadError(
                f"{name} is not finite in row {int(np.argmin(np.isfinite(values)))}",
                place=place,
                remedy="remove or fill it",
            )
    if (np.diff(rows["time"]) <= 0).any():
        row = int(np.argmax(np.diff(rows["time"]) <= 0)) + 1
        raise LoadError(
            f"time {rows['time'][row]:g} s in row {row} does not increase", place=place, remedy="sort the rows by time"
        )
    for name, values in rows.items():
        inside = COLUMN_LIMITS[name].hold(values)
        if not inside.all():
            row, limits = int(np.argmin(inside)), COLUMN_LIMITS[name]
            raise LoadError(
                f"{name} {values[row]:g} {limits.unit} in row {row}",
                place=place,
                remedy=f"{limits.range()}; is the unit right?",
            )
    duration = float(rows["time"][-1] - rows["time"][0])
    if not RUN_TIME.hold(duration):
        raise LoadError(
            f"the rows span {duration:g} s", place=place, remedy=f"{RUN_TIME.range()}; is the unit of time right?"
        )


def _check_motion(rows: Mapping[str, Array], place: str) -> Iterator[Remark]:
    """What is doubtful of speeds and altitudes that are possible each, but hardly together.

    Raises
    ------
    LoadError
        They are not possible together: a unit is not what the table says.
    """
    time, altitude, speed = rows["time"], rows["altitude"], rows["speed"]
    remedy = "are the units of speed, altitude and time right?"
    # Over the whole table, since altitudes may be rounded more coarsely than a row's way; twice, for winds and rows
    # that miss the fastest moment.
    way = float(np.sum(np.maximum(speed[1:], speed[:-1]) * np.diff(time)))
    if (height := float(np.ptp(altitude))) > 2.0 * way + 1e3:
        text = f"the altitude changes by {height / 1e3:.3g} km, but the speeds make a way of {way / 1e3:.3g} km only"
        raise LoadError(text, place=place, remedy=remedy)
    if altitude.max() > BORNE and speed.max() < SLOWEST_FALL:
        text = f"at {altitude.max() / 1e3:.3g} km, and never faster than {speed.max():.3g} m/s: nothing falls so slowly"
        raise LoadError(text, place=place, remedy=remedy)
    pressed = 0.5 * Atmosphere1976().density(altitude) * speed**2
    row = int(np.argmax(pressed))
    text = (
        f"{speed[row]:.4g} m/s at {altitude[row] / 1e3:.3g} km in row {row}: a dynamic pressure of "
        f"{pressed[row] / 1e6:.3g} MPa"
    )
    if pressed[row] > PRESSED[1]:
        raise LoadError(text, place=place, remedy=f"at most {PRESSED[1] / 1e6:g} MPa; {remedy}")
    if pressed[row] > PRESSED[0]:
        yield Remark(f"{place}: {text}, more than a capsule meets ({PRESSED[0] / 1e6:g} MPa); {remedy}", alarm=True)
