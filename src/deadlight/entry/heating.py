"""Heating of the outer face as functions of time, at a heating ratio of one.

The flux into a wall at temperature T_w, at a place with heating ratio r and radiative ratio r_rad, is

    q = r film (h_r - cp T_w) + r_rad q_rad + convection (T_r - T_w) - emissivity sigma (T_w**4 - T_sky**4)

so the hot-wall correction is built in: film = q_cold/h_r.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from deadlight.assumption import Assumption
from deadlight.entry.columns import read_columns
from deadlight.entry.correlations import (
    AIR_HEAT_CAPACITY,
    detra_kemp_riddell,
    free_molecular,
    sutton_graves,
    tauber_sutton,
    total_enthalpy,
)
from deadlight.entry.flight import Trajectory
from deadlight.entry.lowspeed import SlowConvection, WaterQuench
from deadlight.errors import LoadError
from deadlight.limits import ENTHALPY, FILM, GAS_PRESSURE, HEAT_FLUX, TIME
from deadlight.remark import Remark
from deadlight.series import Series

Array = np.ndarray[Any, np.dtype[np.float64]]

BODY_UNITS = {
    "time": "s",
    "film": "kg/m**2/s",
    "recovery_enthalpy": "J/kg",
    "cold_wall_flux": "W/m**2",
    "radiative_flux": "W/m**2",
    "pressure": "Pa",
}
BODY_LIMITS = {
    "time": TIME,
    "film": FILM,
    "recovery_enthalpy": replace(ENTHALPY, low=0.0),  # of air at rest in the end, or counted from the wall's
    "cold_wall_flux": HEAT_FLUX,
    "radiative_flux": HEAT_FLUX,
    "pressure": GAS_PRESSURE,
}
REPLACED = (0.01, 0.1)
"""Share of a table's heat load below `SlowConvection.fast` from which on it is said that the low-speed law stands for
it, and from which on that is an alarm.  Entries at 1.5 to 30 deg have less than 0.5 % there."""
ENTHALPY_RATIO = (0.5, 2.0)
"""Stated over total enthalpy at the largest flux; the recovery factor is 0.85 to 1, the zero lies at 0 to 300 K."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Heating:
    """What heats the outer face; every `Series` at heating ratio one.

    Attributes
    ----------
    film : Series [kg/m**2/s]
    recovery_enthalpy : Series [J/kg]
    radiative_flux : Series [W/m**2]
    convection : Series [W/m**2/K]
        Low-speed coefficient, not multiplied by the ratio; zero while fast.
    recovery_temperature : Series [K]
    pressure : Series [Pa], optional
        Surface pressure, when a body-point table states it.
    spread : float, optional
        Detra-Kemp-Riddell's peak over Sutton-Graves': how far two correlations of the same thing differ.
    warnings : tuple of str
    assumptions : tuple of Assumption
    """

    film: Series
    recovery_enthalpy: Series
    radiative_flux: Series
    convection: Series
    recovery_temperature: Series
    pressure: Series | None = None
    spread: float | None = None
    warnings: tuple[str, ...] = ()
    assumptions: tuple[Assumption, ...] = ()

    def flux(
        self,
        t: Any,
        wall_temperature: Any,
        *,
        ratio: float = 1.0,
        radiative_ratio: float = 0.0,
        heat_capacity: float = AIR_HEAT_CAPACITY,
    ) -> Any:
        """Net flux [W/m**2] into a wall before re-radiation, at times t [s] and wall temperatures [K]."""
        gas = ratio * self.film(t) * (self.recovery_enthalpy(t) - heat_capacity * np.asarray(wall_temperature))
        air = self.convection(t) * (self.recovery_temperature(t) - np.asarray(wall_temperature))
        return gas + air + radiative_ratio * self.radiative_flux(t)


def stagnation_heating(
    trajectory: Trajectory,
    *,
    nose_radius: float,
    radiative: bool = False,
    low_speed: SlowConvection | None = None,
    water: WaterQuench | None = None,
) -> Heating:
    """Heating of the stagnation point along a trajectory: Sutton-Graves, and Tauber-Sutton when `radiative`.

    Sutton-Graves is capped by the free-molecular limit rho V**3/2.

    Raises
    ------
    LoadError
        A nose radius that is not positive.
    """
    flight = trajectory
    # above some 114 km the boundary-layer law would give more than the energy that arrives
    cold = np.minimum(
        sutton_graves(flight.density, flight.speed, nose_radius=nose_radius),
        free_molecular(flight.density, flight.speed),
    )
    other = detra_kemp_riddell(flight.density, flight.speed, nose_radius=nose_radius)
    warnings: tuple[str, ...] = ()
    glow = np.zeros_like(cold)
    shock_layer = tauber_sutton(flight.density, flight.speed, nose_radius=nose_radius)
    if radiative:
        glow, warnings = shock_layer.flux, shock_layer.warnings(flight.time)
    elif shock_layer.flux.max() > 0.05 * cold.max():
        text = (
            f"radiative heating is left out, though Tauber-Sutton gives {shock_layer.flux.max() / 1e3:.0f} kW/m2 "
            f"beside {cold.max() / 1e3:.0f} kW/m2 convective: set radiative = true"
        )
        warnings = (Remark(text, alarm=True),)
    spread = float(other.max() / cold.max()) if cold.max() > 0 else None
    law = Assumption(
        "heating.convective",
        "Sutton-Graves, k = 1.7415e-4 kg^0.5/m, at most the free-molecular flux; laminar scaling, one ratio in time",
        "Sutton and Graves, NASA TR R-376 (1971)",
        "R",
        f"Detra-Kemp-Riddell peak over this: {spread:.3f}" if spread else "",
    )
    assumptions: tuple[Assumption, ...] = (law,)
    if radiative:
        assumptions += (
            Assumption("heating.radiative", "Tauber-Sutton", "J. Spacecraft and Rockets 28 (1991) 40", "R"),
        )
    return _blend(
        flight,
        film=cold / total_enthalpy(flight.speed, flight.temperature),
        enthalpy=total_enthalpy(flight.speed, flight.temperature),
        glow=glow,
        low_speed=low_speed or SlowConvection(),
        water=water,
        spread=spread,
        warnings=warnings,
        assumptions=assumptions,
    )


def table_heating(
    trajectory: Trajectory,
    *,
    path: str | os.PathLike[str],
    columns: Mapping[str, str],
    low_speed: SlowConvection | None = None,
    water: WaterQuench | None = None,
) -> Heating:
    """Heating from a body-point table by column map.

    Columns (each named with its unit): time; film with recovery_enthalpy, or cold_wall_flux (the enthalpy then is
    the trajectory's total enthalpy unless given); radiative_flux, pressure optional.

    Raises
    ------
    LoadError
        Anything wrong with the file, map, units or values (`BODY_LIMITS`); neither film nor flux.
    """
    place = os.fspath(path)
    known = {name: (header, BODY_UNITS[name]) for name, header in columns.items() if name in BODY_UNITS}
    if (
        "time" not in known
        or ("film" in known) == ("cold_wall_flux" in known)
        or ("film" in known and "recovery_enthalpy" not in known)
    ):
        raise LoadError(
            f"columns {sorted(columns)}",
            place=place,
            remedy="state time and either film with recovery_enthalpy or cold_wall_flux",
        )
    rows = read_columns(path, columns=known, limits=BODY_LIMITS)
    series = {name: Series(rows["time"], rows[name], name, BODY_UNITS[name]) for name in rows if name != "time"}
    return prescribed_heating(
        trajectory, **series, low_speed=low_speed, water=water, source=f"table {os.path.basename(place)}"
    )


def prescribed_heating(
    trajectory: Trajectory,
    *,
    film: Series | None = None,
    cold_wall_flux: Series | None = None,
    recovery_enthalpy: Series | None = None,
    radiative_flux: Series | None = None,
    pressure: Series | None = None,
    low_speed: SlowConvection | None = None,
    water: WaterQuench | None = None,
    source: str = "prescribed heating",
) -> Heating:
    """Heating from histories of either `film` or `cold_wall_flux`; zero flux stays zero, whatever the enthalpy.

    Raises
    ------
    LoadError
        Both or neither of film and cold_wall_flux.
    """
    if (film is None) == (cold_wall_flux is None):
        raise LoadError("both or neither of film and cold_wall_flux", place=source, remedy="state one of them")
    clock = trajectory.time
    warnings: list[str] = []
    for series in (film, cold_wall_flux, recovery_enthalpy, radiative_flux, pressure):
        if series is not None and series.time[0] > clock[0] + 1.0:
            warnings.append(f"{source}: {series.name} starts at {series.time[0]:g} s and is held constant before")
        if (
            series is not None
            and series.time[-1] < clock[-1] - 1.0
            and abs(float(series.values[-1])) > 1e-2 * np.abs(series.values).max()
        ):
            text = f"{source}: {series.name} ends at {series.time[-1]:g} s, before touchdown"
            warnings.append(Remark(f"{text}, and is held constant after", alarm=True))
    enthalpy = (
        recovery_enthalpy(clock) if recovery_enthalpy else total_enthalpy(trajectory.speed, trajectory.temperature)
    )
    if cold_wall_flux is not None:
        coefficient = cold_wall_flux(clock) / np.maximum(enthalpy, 1.0)
    elif film is not None:
        coefficient = film(clock)
    slow = low_speed or SlowConvection()
    warnings += _doubts(trajectory, coefficient * enthalpy, enthalpy, slow, source)
    return _blend(
        trajectory,
        film=coefficient,
        enthalpy=enthalpy,
        glow=radiative_flux(clock) if radiative_flux else np.zeros_like(clock),
        low_speed=slow,
        water=water,
        warnings=tuple(warnings),
        assumptions=(Assumption("heating.prescribed", source, "the user's table", "R"),),
        pressure=pressure,
    )


def _doubts(flight: Trajectory, flux: Array, enthalpy: Array, slow: SlowConvection, source: str) -> Iterator[Remark]:
    """What of stated flux [W/m**2] and enthalpy [J/kg] does not go with the flight, or is not used."""
    clock, share = flight.time, slow.share(flight.speed)
    load, lost = np.trapezoid(flux, clock), np.trapezoid(flux * share, clock)
    if load > 0 and lost > REPLACED[0] * load:
        text = (
            f"{source}: {100 * lost / load:.0f} % of its heat load comes below {slow.fast:g} m/s, where the "
            "low-speed law replaces it; give another SlowConvection to keep it"
        )
        yield Remark(text, alarm=bool(lost > REPLACED[1] * load))
    peak = int(np.argmax(flux * (share == 0.0)))
    if share[peak] > 0.0 or not flux[peak] > 0.0:
        return
    arrives = float(free_molecular(flight.density, flight.speed).max())
    if flux[peak] > arrives:
        text = f"{flux[peak] / 1e3:.4g} kW/m2, more than the air brings ({arrives / 1e3:.4g} kW/m2 at most)"
        yield Remark(f"{source}: the heat flux goes up to {text}; is its unit right?", alarm=True)
    ratio = float(enthalpy[peak] / total_enthalpy(flight.speed[peak], flight.temperature[peak]))
    if not ENTHALPY_RATIO[0] <= ratio <= ENTHALPY_RATIO[1]:
        text = f"{enthalpy[peak] / 1e6:.3g} MJ/kg, {ratio:.3g} times the enthalpy of the flight; is its unit right?"
        yield Remark(f"{source}: recovery_enthalpy at the largest flux is {text}", alarm=True)


def _blend(
    flight: Trajectory,
    *,
    film: Array,
    enthalpy: Array,
    glow: Array,
    low_speed: SlowConvection,
    water: WaterQuench | None,
    assumptions: tuple[Assumption, ...],
    **extra: Any,
) -> Heating:
    """Fade the hypersonic film into slow convection, and slow convection into water after splashdown."""
    share = low_speed.share(flight.speed)
    clock = flight.time
    values = [
        film * (1.0 - share),
        enthalpy,
        glow,
        low_speed.coefficient(flight.density, flight.speed) * share,
        low_speed.recovery_temperature(flight.temperature, flight.speed),
    ]
    touchdown = flight.event("touchdown")
    assumptions += (low_speed.assumption(),)
    if water is not None and touchdown is not None:
        wet = touchdown.time + water.rise
        keep = clock < touchdown.time
        clock = np.r_[clock[keep], touchdown.time, wet]
        last = [float(np.interp(touchdown.time, flight.time, column)) for column in values]
        final = [0.0, last[1], 0.0, water.coefficient, water.temperature]
        values = [np.r_[column[keep], a, b] for column, a, b in zip(values, last, final, strict=True)]
        assumptions += (water.assumption(),)
    names = ("film", "recovery_enthalpy", "radiative_flux", "convection", "recovery_temperature")
    units = ("kg/m**2/s", "J/kg", "W/m**2", "W/m**2/K", "K")
    series = {name: Series(clock, column, name, unit) for name, column, unit in zip(names, values, units, strict=True)}
    return Heating(**{**extra, **series, "assumptions": assumptions})
