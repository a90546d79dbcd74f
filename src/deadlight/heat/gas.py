"""Heat conduction through the gas of a narrow gap, from dense to free-molecular."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.series import Series

Array = np.ndarray[Any, np.dtype[np.float64]]

GAS_CONSTANT = 8.31446261815324  # J/mol/K, CODATA 2018


def air_conductivity(T: Array) -> Array:
    """Thermal conductivity of air [W/m/K] at T [K]: U.S. Standard Atmosphere 1976, equation (53)."""
    return 2.64638e-3 * T**1.5 / (T + 245.4 * 10.0 ** (-12.0 / T))


@dataclass(frozen=True, kw_only=True)
class GapGas:
    """The gas between two parallel walls.

    Continuum and free-molecular conductances act in series,

        1/h = d / k(T) + 1/h_fm    (Sherman 1963, "A survey of experimental results and methods for the transition
                                    regime of rarefied gas dynamics"; exact for Lees' four-moment solution),
        h_fm = alpha (gamma + 1)/(gamma - 1) sqrt(R / (8 pi M T)) p    (Kennard 1938, Kinetic Theory of Gases),
        1/alpha = 1/alpha_a + 1/alpha_b - 1    (parallel plates),

    with T the mean of the two walls.  Near the continuum this is the temperature-jump solution.

    Attributes
    ----------
    pressure : Series or float [Pa]
    accommodation : (float, float)
        Thermal accommodation of wall a and b; 0.9 is usual for air on glass (assumption).
    molar_mass : float [kg/mol]
    gamma : float
        Ratio of specific heats.
    conductivity : function of T [K] -> [W/m/K]
    """

    pressure: Series | float
    accommodation: tuple[float, float] = (0.9, 0.9)
    molar_mass: float = 0.0289644
    gamma: float = 1.4
    conductivity: Callable[[Array], Array] = air_conductivity

    def conductance(self, t: float, T: Array, distance: Array) -> Array:
        """Conductance [W/m2/K] at mean temperatures T [K] over distances [m]."""
        pressure = float(self.pressure(t)) if isinstance(self.pressure, Series) else float(self.pressure)
        if pressure <= 0.0:
            return np.zeros_like(T)
        a, b = self.accommodation
        alpha = 1.0 / (1.0 / a + 1.0 / b - 1.0)
        speed = np.sqrt(GAS_CONSTANT / (8.0 * np.pi * self.molar_mass * T))
        molecular = alpha * (self.gamma + 1.0) / (self.gamma - 1.0) * speed * pressure
        return 1.0 / (distance / self.conductivity(T) + 1.0 / molecular)
