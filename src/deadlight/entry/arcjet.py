"""A test article in an arc-jet or plasma wind tunnel: plateaus of heating instead of a trajectory."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.assumption import Assumption
from deadlight.entry.correlations import AIR_HEAT_CAPACITY
from deadlight.entry.environment import Environment, Thermocouple
from deadlight.entry.flight import Event
from deadlight.entry.gap import GapSpec, gap_gas
from deadlight.errors import LoadError
from deadlight.series import Series

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, kw_only=True)
class Plateau:
    """One step of a run: `duration` seconds in the stream at constant heating.

    Attributes
    ----------
    duration : float [s]
    enthalpy : float [J/kg]
        Total enthalpy of the stream.
    cold_wall_flux : float [W/m**2], or film : float [kg/m**2/s]
        What the calorimeter measured at its wall temperature, or the film coefficient: one of them.
    pressure : float [Pa]
        On the article's face.
    radiative_flux : float [W/m**2]
    """

    duration: float
    enthalpy: float
    cold_wall_flux: float | None = None
    film: float | None = None
    pressure: float
    radiative_flux: float = 0.0

    def __post_init__(self) -> None:
        if (self.cold_wall_flux is None) == (self.film is None):
            raise LoadError(
                "both or neither of cold_wall_flux and film", place="arcjet plateau", remedy="state one of them"
            )
        values = {
            name: getattr(self, name)
            for name in ("duration", "enthalpy", "cold_wall_flux", "film", "pressure", "radiative_flux")
        }
        for name, value in values.items():
            if value is not None and not (
                math.isfinite(value) and value >= 0 and (value > 0 or name not in ("duration", "enthalpy"))
            ):
                raise LoadError(
                    f"{name} {value:g}",
                    place="arcjet plateau",
                    remedy="zero or positive; duration and enthalpy positive",
                )


def arcjet(
    *,
    plateaus: Sequence[Plateau],
    chamber_pressure: float = 100.0,
    chamber_temperature: float = 300.0,
    calorimeter_temperature: float = 300.0,
    ramp: float = 1.0,
    cool_down: float = 600.0,
    chamber_convection: float = 0.0,
    back_pressure: float | None = None,
    holder_temperature: Series | float = 300.0,
    thermocouples: Sequence[Thermocouple] = (),
    gaps: Sequence[GapSpec] = (),
) -> Environment:
    """Environment of an article that is swung into the stream at time 0.

    Parameters
    ----------
    plateaus : sequence of Plateau
        One after the other, each reached over `ramp` seconds (part of its own duration).
    chamber_pressure, chamber_temperature : float [Pa, K]
        Around the article; the temperature is that of the walls it radiates to, and of the gas.
    calorimeter_temperature : float [K]
        Wall temperature the cold-wall flux was measured at.
    cool_down : float [s]
        Kept after the last plateau, out of the stream.
    chamber_convection : float [W/m**2/K]
        Out of the stream.
    back_pressure : float [Pa], optional
        Behind the innermost pane; default the chamber's.

    Raises
    ------
    LoadError
        No plateau, a ramp longer than a plateau, or an enthalpy below that of the calorimeter's wall.
    """
    _check(plateaus, ramp, cool_down, calorimeter_temperature)
    stream, starts = _stream(plateaus, ramp, calorimeter_temperature, (chamber_pressure, chamber_convection))
    outer = stream["outer_pressure"]
    around = Series.constant(chamber_temperature, name="chamber_temperature", unit="K")
    gas = {
        spec.name: gap_gas(
            spec, outside=outer, wall_temperature=spec.temperature, outside_temperature=chamber_temperature
        )
        for spec in gaps
    }
    back = chamber_pressure if back_pressure is None else back_pressure
    holder = (
        holder_temperature
        if isinstance(holder_temperature, Series)
        else Series.constant(holder_temperature, name="holder", unit="K")
    )
    return Environment(
        film=stream["film"],
        recovery_enthalpy=stream["recovery_enthalpy"],
        radiative_flux=stream["radiative_flux"],
        convection=stream["convection"],
        outer_pressure=outer,
        recovery_temperature=around,
        sky_temperature=around,
        cabin_pressure=Series.constant(back, name="cabin_pressure", unit="Pa"),
        gap_pressure={name: each.pressure for name, each in gas.items()},
        gaps=gas,
        acceleration=Series(np.zeros(1), np.zeros((1, 3)), "acceleration", "m/s**2"),
        end=float(starts[-1] + ramp + cool_down),
        holder_temperature=holder,
        thermocouples=tuple(thermocouples),
        events=_events(plateaus, starts),
        assumptions=(
            Assumption("arcjet.weight", "gravity on the article is left out", "one g against a stiff pane", "A"),
            Assumption("arcjet.ramp", f"each plateau reached over {ramp:g} s", "swing-in time", "A"),
        ),
    )


def _events(plateaus: Sequence[Plateau], starts: Array) -> tuple[Event, ...]:
    """Plateaus counted by those that heat; one without flux is out of the stream."""
    found: list[Event] = []
    count = 0
    for plateau, start in zip(plateaus, starts):
        heats = bool(plateau.cold_wall_flux or plateau.film or plateau.radiative_flux)
        count += heats
        if heats or (found and found[-1].name != "out_of_stream"):
            found.append(Event(float(start), f"plateau_{count}" if heats else "out_of_stream"))
    if found and found[-1].name != "out_of_stream":
        found.append(Event(float(starts[-1]), "out_of_stream"))
    return tuple(found)


def _stream(
    plateaus: Sequence[Plateau], ramp: float, calorimeter_temperature: float, chamber: tuple[float, float]
) -> tuple[dict[str, Series], Array]:
    """Heating and pressure of the run, and the starts of its plateaus with the end of the last (k + 1,) [s].

    `chamber`: pressure [Pa] and convection [W/m**2/K] out of the stream.
    """
    starts = np.cumsum([0.0] + [plateau.duration for plateau in plateaus])

    def steps(values: Sequence[float], rest: tuple[float, float], name: str, unit: str) -> Series:
        """Rest before 0; each value reached over the ramp; rest again after the last."""
        levels = [rest[0], *values, rest[1]]
        time = np.stack([starts, starts + ramp], axis=1).ravel()
        return Series(time, np.stack([levels[:-1], levels[1:]], axis=1).ravel(), name, unit)

    def of(name: str, rest: float, series: str, unit: str) -> Series:
        return steps([getattr(plateau, name) for plateau in plateaus], (rest, rest), series, unit)

    outer = of("pressure", chamber[0], "outer_pressure", "Pa")
    film = steps([_film(plateau, calorimeter_temperature) for plateau in plateaus], (0.0, 0.0), "film", "kg/m**2/s")
    out_of_stream = Series(film.time, chamber[1] * (film.values == 0.0), "convection", "W/m**2/K")
    # out of the stream the film is zero and the enthalpy keeps its neighbour's value
    enthalpy = [plateau.enthalpy for plateau in plateaus]
    total = steps(enthalpy, (enthalpy[0], enthalpy[-1]), "recovery_enthalpy", "J/kg")
    series = (outer, film, out_of_stream, total, of("radiative_flux", 0.0, "radiative_flux", "W/m**2"))
    return {each.name: each for each in series}, starts


def _film(plateau: Plateau, calorimeter_temperature: float) -> float:
    if plateau.film is not None:
        return plateau.film
    return float(plateau.cold_wall_flux or 0.0) / (plateau.enthalpy - AIR_HEAT_CAPACITY * calorimeter_temperature)


def _check(plateaus: Sequence[Plateau], ramp: float, cool_down: float, calorimeter_temperature: float) -> None:
    place = "arcjet"
    if not plateaus:
        raise LoadError("no plateau", place=place, remedy="give one or more")
    shortest = min(plateau.duration for plateau in plateaus)
    if not (0 < ramp < shortest and cool_down >= 0):
        raise LoadError(
            f"ramp {ramp:g} s, shortest plateau {shortest:g} s, cool-down {cool_down:g} s",
            place=place,
            remedy="a positive ramp shorter than every plateau",
        )
    low = min(plateau.enthalpy for plateau in plateaus)
    if low <= 1.05 * AIR_HEAT_CAPACITY * calorimeter_temperature:
        raise LoadError(
            f"enthalpy {low:g} J/kg, the calorimeter's wall has {AIR_HEAT_CAPACITY * calorimeter_temperature:g}",
            place=place,
            remedy="the stream must be hotter than the calorimeter",
        )
