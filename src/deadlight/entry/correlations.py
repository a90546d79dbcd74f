"""Stagnation-point heating correlations of Earth entry, and the wall that radiates what it receives."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np

from deadlight.errors import LoadError

Array = np.ndarray[Any, np.dtype[np.float64]]

SUTTON_GRAVES = 1.7415e-4  # [kg**0.5/m] Earth air; some codes use 1.83e-4, 5 % more
SEA_LEVEL_DENSITY = 1.225  # [kg/m**3]
AIR_HEAT_CAPACITY = 1005.0  # [J/kg/K]: enthalpies here are cp T; real air at 1000 K holds 4 % more
STEFAN_BOLTZMANN = 5.670374419e-8  # [W/m**2/K**4], CODATA 2018

# Where the radiative correlation was fitted.
TAUBER_SUTTON_SPEED = (10e3, 16e3)  # [m/s]
TAUBER_SUTTON_DENSITY = (6.66e-5, 6.31e-4)  # [kg/m**3]
TAUBER_SUTTON_RADIUS = (0.3, 3.0)  # [m]


def total_enthalpy(speed: Any, temperature: Any) -> Any:
    """Total enthalpy V**2/2 + cp T [J/kg] of the stream relative to the vehicle."""
    return 0.5 * np.asarray(speed) ** 2 + AIR_HEAT_CAPACITY * np.asarray(temperature)


def sutton_graves(density: Any, speed: Any, *, nose_radius: float, constant: float = SUTTON_GRAVES) -> Any:
    """Cold-wall convective flux at the stagnation point [W/m**2].

    q = k sqrt(rho/R) V**3: Sutton and Graves, NASA TR R-376 (1971), with the total enthalpy V**2/2.
    """
    return constant * np.sqrt(np.asarray(density) / _radius(nose_radius)) * np.asarray(speed) ** 3


def free_molecular(density: Any, speed: Any) -> Any:
    """Kinetic energy that arrives at a wall facing free molecules, rho V**3/2 [W/m**2]: no flux can be more."""
    return 0.5 * np.asarray(density) * np.asarray(speed) ** 3


def detra_kemp_riddell(density: Any, speed: Any, *, nose_radius: float) -> Any:
    """Cold-wall (300 K) convective flux at the stagnation point [W/m**2].

    q = 1.103e8/sqrt(R) sqrt(rho/rho_sl) (V/7950)**3.15: Detra, Kemp and Riddell, Jet Propulsion 27 (1957) 1256.
    The constants are from memory of the source: used for a spread, never alone.
    """
    ratio = np.asarray(density) / SEA_LEVEL_DENSITY
    return 1.103e8 / np.sqrt(_radius(nose_radius)) * np.sqrt(ratio) * (np.asarray(speed) / 7950.0) ** 3.15


@dataclass(frozen=True, eq=False)
class RadiativeFlux:
    """Radiative flux [W/m**2] of the shock layer at the stagnation point, and what is doubtful about it."""

    flux: Array
    inside: Array  # bool: the instants within the correlation's limits
    nose_radius: float

    def warnings(self, time: Array) -> tuple[str, ...]:
        """Sentences on the part of the heat load that lies outside the limits."""
        load = float(np.trapezoid(self.flux, time))
        if load <= 0:
            return ()
        found = []
        outside = float(np.trapezoid(np.where(self.inside, 0.0, self.flux), time)) / load
        if outside > 0.01:
            found.append(
                f"radiative heating: {100 * outside:.0f} % of its heat load comes at speeds or densities outside "
                "Tauber-Sutton's limits (10-16 km/s, 6.66e-5 to 6.31e-4 kg/m3)"
            )
        low, high = TAUBER_SUTTON_RADIUS
        if not low <= self.nose_radius <= high:
            found.append(
                f"radiative heating: nose radius {self.nose_radius:g} m, Tauber-Sutton holds for {low:g}-{high:g} m; "
                "the value is an extrapolation, likely high by 1.5 to 2 for larger noses"
            )
        return tuple(found)


@functools.cache
def _speed_function() -> tuple[Array, Array]:
    text = resources.files("deadlight.entry").joinpath("data/tauber_sutton_earth.csv").read_text(encoding="utf-8")
    rows = np.array([[float(cell) for cell in line.split(",")] for line in text.splitlines() if line[:1].isdigit()])
    return rows[:, 0], rows[:, 1]


def tauber_sutton(density: Any, speed: Any, *, nose_radius: float) -> RadiativeFlux:
    """Radiative flux at the stagnation point: Tauber and Sutton, J. Spacecraft and Rockets 28 (1991) 40, Earth.

    q = 4.736e4 R**a rho**1.22 f(V) [W/cm**2], a = min(1.072e6 V**-1.88 rho**-0.325, limit), the limit 1 up to 1 m, 0.6
    up to 2 m, 0.5 beyond. Zero below 9 km/s, where the table of f starts; above 16 km/s f is held, and the instant
    counts as outside the limits.
    """
    density, speed = np.broadcast_arrays(np.asarray(density, dtype=float), np.asarray(speed, dtype=float))
    radius = _radius(nose_radius)
    table_speed, table_f = _speed_function()
    fast = speed >= table_speed[0]
    safe_speed, safe_density = np.where(fast, speed, table_speed[0]), np.maximum(density, 1e-30)
    limit = 1.0 if radius <= 1.0 else (0.6 if radius <= 2.0 else 0.5)
    power = np.minimum(1.072e6 * safe_speed**-1.88 * safe_density**-0.325, limit)
    flux = 4.736e8 * radius**power * density**1.22 * np.interp(safe_speed, table_speed, table_f)
    inside = (speed >= TAUBER_SUTTON_SPEED[0]) & (speed <= TAUBER_SUTTON_SPEED[1])
    inside &= (density >= TAUBER_SUTTON_DENSITY[0]) & (density <= TAUBER_SUTTON_DENSITY[1])
    return RadiativeFlux(np.where(fast, flux, 0.0), inside, radius)


def radiation_equilibrium(
    film: Any,
    recovery_enthalpy: Any,
    *,
    emissivity: Any = 0.85,
    radiative_flux: Any = 0.0,
    sky_temperature: float = 0.0,
) -> Any:
    """Wall temperature [K] at which an insulated wall radiates what it receives.

    film (h_r - cp T) + q_rad = emissivity sigma (T**4 - T_sky**4), by Newton's method from above, where the convex
    rising balance makes it monotone.

    Parameters
    ----------
    film : float [kg/m**2/s]
    recovery_enthalpy : float [J/kg]
    radiative_flux : float [W/m**2]
        Absorbed part.
    """
    film, enthalpy, radiative = (np.asarray(x, dtype=float) for x in (film, recovery_enthalpy, radiative_flux))
    sigma = np.asarray(emissivity) * STEFAN_BOLTZMANN
    gain = film * enthalpy + radiative + sigma * sky_temperature**4
    wall = np.maximum((gain / sigma) ** 0.25, 1e-3)
    for _ in range(60):
        step = (sigma * wall**4 + film * AIR_HEAT_CAPACITY * wall - gain) / (
            4 * sigma * wall**3 + film * AIR_HEAT_CAPACITY
        )
        wall = wall - step
        if np.all(np.abs(step) <= 1e-12 * np.abs(wall)):
            break
    return wall if wall.ndim else float(wall)


def _radius(nose_radius: float) -> float:
    if not (np.isfinite(nose_radius) and nose_radius > 0):
        raise LoadError(
            f"nose radius {nose_radius:g} m", place="heating.nose_radius", remedy="a positive length, for example 2.4 m"
        )
    return float(nose_radius)
