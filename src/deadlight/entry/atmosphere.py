"""The U.S. Standard Atmosphere 1976, from 5 km below sea level to 1000 km.

Below 86 km the seven geopotential layers in closed form; above, the standard's own molecular diffusion
(`thermosphere.py`). Equation and table numbers: NOAA-S/T 76-1562 (also NASA-TM-X-74335), 1976.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.entry.thermosphere import AVOGADRO, EARTH_RADIUS, GAS_CONSTANT, M0, SEA_GRAVITY, thermosphere
from deadlight.errors import LoadError

Array = np.ndarray[Any, np.dtype[np.float64]]

LOWEST, HIGHEST, JOIN = -5000.0, 1.0e6, 86.0e3  # geometric altitude [m]
SPECIFIC_HEAT_RATIO = 1.40  # eq. 50
COLLISION_DIAMETER = 3.65e-10  # [m], table 2
SUTHERLAND_BETA, SUTHERLAND_S = 1.458e-6, 110.4  # [kg/m/s/K**0.5], [K], eq. 51

# Geopotential base [m] and molecular-scale temperature gradient [K/m] of each layer (table 4).
_BASE = np.array([0.0, 11e3, 20e3, 32e3, 47e3, 51e3, 71e3])
_LAPSE = np.array([-6.5, 0.0, 1.0, 2.8, 0.0, -2.8, -2.0]) * 1e-3
_HYDROSTATIC = SEA_GRAVITY * M0 / GAS_CONSTANT  # [K/m]

# Molecular mass over its sea-level value between 80 and 86 km geometric (table 8).
_MASS_ALTITUDE = np.linspace(80e3, 86e3, 13)
_MASS_RATIO = np.array(
    [
        1.0,
        0.999996,
        0.999989,
        0.999971,
        0.999941,
        0.999909,
        0.999870,
        0.999829,
        0.999786,
        0.999741,
        0.999694,
        0.999641,
        0.999579,
    ]
)


def _layer_bases() -> tuple[Array, Array]:
    temperature, pressure = np.empty(7), np.empty(7)
    temperature[0], pressure[0] = 288.15, 101325.0
    for layer in range(6):
        rise = _BASE[layer + 1] - _BASE[layer]
        temperature[layer + 1] = temperature[layer] + _LAPSE[layer] * rise
        pressure[layer + 1] = pressure[layer] * _fall(temperature[layer], _LAPSE[layer], rise)
    return temperature, pressure


def _fall(base_temperature: Any, lapse: Any, rise: Any) -> Any:
    """Pressure over that at the layer's base (eqs. 33a, 33b)."""
    safe = np.where(lapse == 0.0, 1.0, lapse)
    with_gradient = (base_temperature / (base_temperature + lapse * rise)) ** (_HYDROSTATIC / safe)
    return np.where(lapse == 0.0, np.exp(-_HYDROSTATIC * rise / base_temperature), with_gradient)


_BASE_TEMPERATURE, _BASE_PRESSURE = _layer_bases()


@dataclass(frozen=True, eq=False)
class Air:
    """State of the air at the altitudes asked for; every array has their shape.

    Attributes
    ----------
    altitude : float [m]
        Geometric.
    temperature : float [K]
        Kinetic.
    pressure : float [Pa]
    density : float [kg/m**3]
    speed_of_sound : float [m/s]
        Above 86 km the standard gives none; continued with the local molecular mass and gamma = 1.4.
    molecular_mass : float [kg/kmol]
    mean_free_path : float [m]
    viscosity : float [Pa*s]
        Sutherland's law; above 86 km beyond the range the standard gives it for.
    """

    altitude: Array
    temperature: Array
    pressure: Array
    density: Array
    speed_of_sound: Array
    molecular_mass: Array
    mean_free_path: Array
    viscosity: Array


class Atmosphere1976:
    """Callable: geometric altitude [m] to `Air`. Vectorised; raises `LoadError` outside -5 km to 1000 km."""

    name = "U.S. Standard Atmosphere 1976"

    def __call__(self, altitude: Any) -> Air:
        z = np.asarray(altitude, dtype=float)
        temperature, pressure, density, mass = self._state(z)
        number_density = AVOGADRO * pressure / (GAS_CONSTANT * temperature)
        return Air(
            altitude=z,
            temperature=temperature,
            pressure=pressure,
            density=density,
            speed_of_sound=np.sqrt(SPECIFIC_HEAT_RATIO * pressure / density),
            molecular_mass=mass,
            mean_free_path=1.0 / (np.sqrt(2.0) * np.pi * COLLISION_DIAMETER**2 * number_density),
            viscosity=SUTHERLAND_BETA * temperature**1.5 / (temperature + SUTHERLAND_S),
        )

    def density(self, altitude: Any) -> Any:
        """Density alone [kg/m**3], for the right-hand sides of the equations of motion."""
        return self._state(np.asarray(altitude, dtype=float))[2]

    def _state(self, z: Array) -> tuple[Array, Array, Array, Array]:
        inside = (z >= LOWEST) & (z <= HIGHEST)  # also false for a value that is not a number
        if not np.all(inside):
            found = np.ravel(z)[int(np.argmin(np.ravel(inside)))]
            raise LoadError(
                f"altitude {found / 1e3:.6g} km",
                place=self.name,
                remedy=f"the standard is defined from {LOWEST / 1e3:g} to {HIGHEST / 1e3:g} km geometric altitude",
            )
        if np.all(z < JOIN):
            return _layers(z)
        low, high = _layers(np.minimum(z, JOIN)), thermosphere().state(np.maximum(z, JOIN))
        below = z < JOIN
        return tuple(np.where(below, a, b) for a, b in zip(low, high, strict=True))  # type: ignore[return-value]


def _layers(z: Array) -> tuple[Array, Array, Array, Array]:
    """Kinetic temperature, pressure, density, molecular mass below 86 km."""
    geopotential = EARTH_RADIUS * z / (EARTH_RADIUS + z)  # eq. 18
    layer = np.clip(np.searchsorted(_BASE, geopotential, side="right") - 1, 0, 6)
    rise = geopotential - _BASE[layer]
    scale_temperature = _BASE_TEMPERATURE[layer] + _LAPSE[layer] * rise  # eq. 23
    pressure = _BASE_PRESSURE[layer] * _fall(_BASE_TEMPERATURE[layer], _LAPSE[layer], rise)
    density = pressure * M0 / (GAS_CONSTANT * scale_temperature)  # eq. 42
    ratio = np.interp(z, _MASS_ALTITUDE, _MASS_RATIO)
    return scale_temperature * ratio, pressure, density, M0 * ratio
