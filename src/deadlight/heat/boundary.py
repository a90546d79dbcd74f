"""What can act on one face or in one region: heat flux density into the body as a function of time and temperature.

Every class answers `density(t, T, field)`: the heat density q [W/m2, Source W/m3] into the body at its points, and
minus its derivative by the temperature, h = -dq/dT >= 0, for Newton.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from deadlight.series import Series

Array = np.ndarray[Any, np.dtype[np.float64]]
Field = float | Callable[[Array], Array]
"""A number, or a function of positions (n, 3) [m] that returns (n,)."""
Densities = tuple[Array, Array]

STEFAN_BOLTZMANN = 5.670374419e-8  # W/m2/K4, CODATA 2018
CP_AIR = 1005.0  # J/kg/K, of the wall enthalpy h_w = cp T; recovery enthalpies must count from 0 K with the same cp


def value(series: Series | float, t: float) -> float:
    """Value of a series, or the number itself."""
    return float(series(t)) if isinstance(series, Series) else float(series)


@dataclass(frozen=True, kw_only=True)
class Convection:
    """q = h (T_fluid - T).

    Attributes
    ----------
    face : str
        Named face of the mesh.
    coefficient : Series or float [W/m2/K]
    temperature : Series or float [K]
        Of the fluid.
    weight : float or function of position
        Multiplies the coefficient.
    """

    face: str
    coefficient: Series | float
    temperature: Series | float
    weight: Field = 1.0
    label: ClassVar[str] = "convection"

    def density(self, t: float, T: Array, field: Array) -> Densities:
        h = value(self.coefficient, t) * field
        return h * (value(self.temperature, t) - T), h


@dataclass(frozen=True, kw_only=True)
class Flux:
    """q = flux(t) weight(x), into the body.

    Attributes
    ----------
    face : str
    flux : Series or float [W/m2]
    weight : float or function of position
    """

    face: str
    flux: Series | float
    weight: Field = 1.0
    label: ClassVar[str] = "flux"

    def density(self, t: float, T: Array, field: Array) -> Densities:
        return value(self.flux, t) * field, np.zeros_like(T)


@dataclass(frozen=True, kw_only=True)
class Source:
    """Heat generated inside a region, power(t) weight(x), for instance radiation absorbed in depth.

    Attributes
    ----------
    region : str
    power : Series or float [W/m3]
    weight : float or function of position
    """

    region: str
    power: Series | float
    weight: Field = 1.0
    label: ClassVar[str] = "source"

    def density(self, t: float, T: Array, field: Array) -> Densities:
        return value(self.power, t) * field, np.zeros_like(T)


@dataclass(frozen=True, kw_only=True)
class Film:
    """Boundary-layer heating by film coefficient and recovery enthalpy: q = ratio film (h_r - cp_air T).

    The hot-wall correction and the reversal to cooling when the flow is colder than the wall are contained in it.

    Attributes
    ----------
    face : str
    film : Series or float [kg/m2/s]
    recovery_enthalpy : Series or float [J/kg]
        Counted from 0 K, so that h_r = cp_air T of air at rest is in balance with a wall at T.
    ratio : float or function of position
        h/h_ref of the face, or as a field over it.
    """

    face: str
    film: Series | float
    recovery_enthalpy: Series | float
    ratio: Field = 1.0
    label: ClassVar[str] = "film"

    @property
    def weight(self) -> Field:
        return self.ratio

    def density(self, t: float, T: Array, field: Array) -> Densities:
        film = value(self.film, t) * field
        return film * (value(self.recovery_enthalpy, t) - CP_AIR * T), CP_AIR * film


@dataclass(frozen=True, kw_only=True)
class Radiation:
    """q = weight eps(T) sigma (T_sky^4 - T^4).

    Attributes
    ----------
    face : str
    emissivity : float or function of T [K]
        Hemispherical total; a `Property` of a material serves.
    sky_temperature : Series or float [K]
    weight : float or function of position
        View factor to the sky.
    """

    face: str
    emissivity: float | Callable[[Array], Array]
    sky_temperature: Series | float
    weight: Field = 1.0
    label: ClassVar[str] = "radiation"

    def density(self, t: float, T: Array, field: Array) -> Densities:
        strength = STEFAN_BOLTZMANN * emissivity(self.emissivity, T) * field
        # The slope of the emissivity is left out: |d eps/dT| T < 4 eps for every table here, so Newton still contracts.
        return strength * (value(self.sky_temperature, t) ** 4 - T**4), 4.0 * strength * np.abs(T) ** 3


@dataclass(frozen=True, kw_only=True)
class Prescribed:
    """The temperature of a face is given.

    Attributes
    ----------
    face : str
    temperature : Series or float [K]
    """

    face: str
    temperature: Series | float


Boundary = Convection | Flux | Source | Film | Radiation | Prescribed


def emissivity(given: float | Callable[[Array], Array], T: Array) -> Array | float:
    """Emissivity at temperatures T [K]."""
    return np.asarray(given(T), dtype=float) if callable(given) else float(given)


def evaluate(field: Field, position: Array) -> Array:
    """A number or function of position at points (n, 3). (n,)."""
    found = np.asarray(field(position) if callable(field) else field, dtype=float)
    return np.ascontiguousarray(np.broadcast_to(found, (len(position),)))
