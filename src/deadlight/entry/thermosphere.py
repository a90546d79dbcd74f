"""Air above 86 km by the diffusion equations of the U.S. Standard Atmosphere 1976.

Each of N2, O, O2, Ar, He and H has its own scale height; the standard integrates them upwards from 86 km
(H down from 500 km). Integrated here once on a grid of 50 m to 150 km and 500 m above, kept, and interpolated
in the logarithm of the number densities. Equation numbers: NOAA-S/T 76-1562.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.integrate import cumulative_trapezoid

Array = np.ndarray[Any, np.dtype[np.float64]]

GAS_CONSTANT = 8314.32  # [J/kmol/K], the standard's own
AVOGADRO = 6.022169e26  # [1/kmol]
M0 = 28.9644  # [kg/kmol]
EARTH_RADIUS, SEA_GRAVITY = 6356766.0, 9.80665  # [m], [m/s**2]
EDDY = 120.0  # eddy diffusion below 95 km [m**2/s]
HYDROGEN_FLUX = 7.2e11  # [1/m**2/s]


@dataclass(frozen=True)
class Species:
    """Constants of one gas: tables 6 and 7 of the standard, in metres."""

    mass: float  # [kg/kmol]
    at_86_km: float  # number density [1/m**3]
    thermal: float = 0.0  # thermal diffusion factor
    a: float = 0.0  # molecular diffusion a/N (T/273.15)**b [1/m/s]
    b: float = 0.0
    Q: float = 0.0  # vertical transport Q (Z-U)**2 exp(-W (Z-U)**3) [1/m**3], [m], [1/m**3]
    U: float = 86e3
    W: float = 0.0
    q: float = 0.0  # and q (u-Z)**2 exp(-w (u-Z)**3) up to u
    u: float = 97e3
    w: float = 0.0


NITROGEN = Species(28.0134, 1.129794e20)
ATOMIC_OXYGEN = Species(
    15.9994, 8.6e16, a=6.986e20, b=0.75, Q=-5.809644e-13, U=56.90311e3, W=2.706240e-14, q=-3.416248e-12, w=5.008765e-13
)
OXYGEN = Species(31.9988, 3.030898e19, a=4.863e20, b=0.75, Q=1.366212e-13, W=8.333333e-14)
ARGON = Species(39.948, 1.351400e18, a=4.487e20, b=0.87, Q=9.434079e-14, W=8.333333e-14)
HELIUM = Species(4.0026, 7.5817e14, thermal=-0.40, a=1.700e21, b=0.691, Q=-2.457369e-13, W=6.666667e-13)
HYDROGEN = Species(1.00797, 0.0, thermal=-0.25, a=3.305e21, b=0.5)
HYDROGEN_AT_500_KM = 8.0e10  # [1/m**3]

_MASSES = np.array([s.mass for s in (NITROGEN, ATOMIC_OXYGEN, OXYGEN, ARGON, HELIUM, HYDROGEN)])


def kinetic_temperature(z: Array) -> tuple[Array, Array]:
    """Kinetic temperature [K] and its gradient [K/m] above 86 km (eqs. 25, 27, 29, 31)."""
    chord = np.clip((z - 91e3) / -19.9429e3, -1.0, 0.0)
    root = np.sqrt(np.maximum(1.0 - chord**2, 1e-12))
    stretch = (z - 120e3) * (EARTH_RADIUS + 120e3) / (EARTH_RADIUS + z)
    decay = 640.0 * np.exp(-0.01875e-3 * np.maximum(stretch, 0.0))
    where = [z < 91e3, z < 110e3, z < 120e3]
    value = np.select(
        where, [np.full_like(z, 186.8673), 263.1905 - 76.3232 * root, 240.0 + 12e-3 * (z - 110e3)], 1000.0 - decay
    )
    slope = np.select(
        where,
        [np.zeros_like(z), 76.3232 / 19.9429e3 * -chord / root, np.full_like(z, 12e-3)],
        0.01875e-3 * decay * ((EARTH_RADIUS + 120e3) / (EARTH_RADIUS + z)) ** 2,
    )
    return value, slope


@dataclass(frozen=True, eq=False)
class Thermosphere:
    """Number densities on a grid.

    Attributes
    ----------
    altitude : (m,) float [m]
    log_density : (m, 6) float
        Natural logarithm of the number density [1/m**3] of N2, O, O2, Ar, He, H.
    """

    altitude: Array
    log_density: Array

    def number_density(self, z: Array) -> Array:
        """(..., 6) number density [1/m**3] of N2, O, O2, Ar, He, H at geometric altitude z [m]."""
        return np.exp(np.stack([np.interp(z, self.altitude, column) for column in self.log_density.T], axis=-1))

    def state(self, z: Array) -> tuple[Array, Array, Array, Array]:
        """Temperature [K], pressure [Pa] (eq. 33c), density [kg/m**3], molecular mass [kg/kmol] (eq. 20)."""
        number = self.number_density(z)
        total = number.sum(axis=-1)
        temperature = kinetic_temperature(np.asarray(z, dtype=float))[0]
        density = number @ _MASSES / AVOGADRO
        return temperature, total * GAS_CONSTANT / AVOGADRO * temperature, density, density * AVOGADRO / total


@functools.cache
def thermosphere() -> Thermosphere:
    """The standard's species from 86 to 1000 km, integrated once."""
    z = np.unique(np.r_[np.arange(86e3, 150e3, 50.0), np.arange(150e3, 1000.1e3, 500.0)])
    temperature, slope = kinetic_temperature(z)
    weight = SEA_GRAVITY * (EARTH_RADIUS / (EARTH_RADIUS + z)) ** 2 / (GAS_CONSTANT * temperature)  # g/(R T)
    mixed = np.where(z <= 100e3, M0, NITROGEN.mass)
    nitrogen = _rise(z, NITROGEN, temperature, weight * mixed)  # eq. 36 with the mean mass below 100 km

    def diffused(species: Species, background: Array, mean_mass: Array) -> Array:
        molecular = species.a / background * (temperature / 273.15) ** species.b  # eq. 8 of part 1.3
        eddy = _eddy(z)
        scale = molecular / (molecular + eddy)
        rate = (
            weight * scale * (species.mass + mean_mass * eddy / molecular)
            + scale * species.thermal * slope / temperature
        )
        return _rise(z, species, temperature, rate + _transport(z, species))

    oxygens = [diffused(species, nitrogen, mixed) for species in (ATOMIC_OXYGEN, OXYGEN)]
    background = nitrogen + oxygens[0] + oxygens[1]
    mean = (nitrogen * NITROGEN.mass + oxygens[0] * ATOMIC_OXYGEN.mass + oxygens[1] * OXYGEN.mass) / background
    trace = [diffused(species, background, np.where(z <= 100e3, M0, mean)) for species in (ARGON, HELIUM)]
    hydrogen = _hydrogen(z, temperature, weight, background + trace[0] + trace[1])
    return Thermosphere(z, np.log(np.stack([nitrogen, *oxygens, *trace, hydrogen], axis=1)))


def _rise(z: Array, species: Species, temperature: Array, rate: Array) -> Array:
    integral = cumulative_trapezoid(rate, z, initial=0.0)
    return species.at_86_km * temperature[0] / temperature * np.exp(-integral)


def _eddy(z: Array) -> Array:
    """Eddy diffusion [m**2/s]: constant to 95 km, gone at 115 km (eq. 7 of part 1.3)."""
    parabola = np.maximum(400.0 - ((z - 95e3) / 1e3) ** 2, 1e-9)
    fading = EDDY * np.exp(np.maximum(1.0 - 400.0 / parabola, -700.0))
    return np.select([z < 95e3, z < 115e3], [np.full_like(z, EDDY), fading], 0.0)


def _transport(z: Array, species: Species) -> Array:
    """Vertical transport term v/(D + K) [1/m] (eq. 37)."""
    over, under = z - species.U, np.maximum(species.u - z, 0.0)
    return species.Q * over**2 * np.exp(-species.W * over**3) + species.q * under**2 * np.exp(-species.w * under**3)


def _hydrogen(z: Array, temperature: Array, weight: Array, background: Array) -> Array:
    """Atomic hydrogen (eqs. 39-41): escaping flux through the other gases up to 500 km, none below 150 km."""
    pivot = int(np.searchsorted(z, 500e3))
    depth = cumulative_trapezoid(weight * HYDROGEN.mass, z, initial=0.0)
    depth -= depth[pivot]
    molecular = HYDROGEN.a / background * (temperature / 273.15) ** HYDROGEN.b
    lift = (temperature / temperature[pivot]) ** (1.0 + HYDROGEN.thermal)
    flux = cumulative_trapezoid(
        np.where(z <= 500e3, HYDROGEN_FLUX / molecular * lift * np.exp(depth), 0.0), z, initial=0.0
    )
    number = (HYDROGEN_AT_500_KM - (flux - flux[pivot])) / lift * np.exp(-depth)
    return np.where(z < 150e3, 1e-9, np.maximum(number, 1e-9))  # a positive nothing: its logarithm is kept
