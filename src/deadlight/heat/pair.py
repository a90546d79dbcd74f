"""What can act between two faces: heat that leaves one and arrives on the other.

Every class answers `density(t, T_a, T_b, distance)`: the heat density q [W/m2] from a to b at the common points, and
its derivative by (T_a - T_b), h >= 0, for Newton.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from deadlight.heat.boundary import STEFAN_BOLTZMANN, Densities, emissivity, value
from deadlight.heat.gas import GapGas
from deadlight.series import Series

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Local grey-diffuse exchange of facing walls, sigma (T_a^4 - T_b^4)/(1/eps_a + 1/eps_b - 1), and gas conduction.

    Attributes
    ----------
    face_a, face_b : str
        Points are those of face_a; take the finer or the smaller face for it.
    emissivities : (float or function of T, float or function of T)
        Of a and b.
    gas : GapGas or None
        None is vacuum.
    reach : float [m]
        Points of a with no partner on b within this distance along their normal exchange nothing with it.
    unpaired_sky : Series, float or None [K]
        Those points radiate to this temperature with their own emissivity; None leaves them adiabatic.
    """

    face_a: str
    face_b: str
    emissivities: tuple[float | Callable[[Array], Array], float | Callable[[Array], Array]]
    gas: GapGas | None = None
    reach: float = 0.1
    unpaired_sky: Series | float | None = None
    label: ClassVar[str] = "gap"

    def density(self, t: float, T_a: Array, T_b: Array, distance: Array) -> Densities:
        e_a, e_b = emissivity(self.emissivities[0], T_a), emissivity(self.emissivities[1], T_b)
        strength = STEFAN_BOLTZMANN / (1.0 / e_a + 1.0 / e_b - 1.0)
        # T_a^4 - T_b^4 = (T_a - T_b)(T_a + T_b)(T_a^2 + T_b^2): exact, and symmetric for the Jacobian.
        h = strength * (T_a + T_b) * (T_a**2 + T_b**2)
        if self.gas is not None:
            h = h + self.gas.conductance(t, 0.5 * (T_a + T_b), distance)
        return h * (T_a - T_b), h


@dataclass(frozen=True, kw_only=True)
class Contact:
    """Touching faces (gasket, retainer): q = h (T_a - T_b).

    Attributes
    ----------
    face_a, face_b : str
    conductance : Series or float [W/m2/K]
        Of whatever lies between them.
    reach : float [m]
        As for `Gap`: room for a gasket that is not meshed.
    """

    face_a: str
    face_b: str
    conductance: Series | float
    reach: float = 0.01
    label: ClassVar[str] = "contact"
    unpaired_sky: ClassVar[None] = None

    def density(self, t: float, T_a: Array, T_b: Array, distance: Array) -> Densities:
        h = np.full_like(T_a, value(self.conductance, t))
        return h * (T_a - T_b), h


Pair = Gap | Contact
