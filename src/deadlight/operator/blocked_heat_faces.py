"""What the faces of a crack do with heat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.errors import InputError

Array = np.ndarray[Any, np.dtype[np.float64]]

STEFAN_BOLTZMANN = 5.670374419e-8  # W/m2K4, CODATA 2018


@dataclass(frozen=True)
class Insulated:
    """No heat crosses the crack."""


@dataclass(frozen=True)
class Gap:
    """Heat crosses the crack in proportion to the jump of temperature.

    Attributes
    ----------
    coefficient : float [W/m2K]
    spread : float
        The true coefficient lies within coefficient * (1 +- spread) throughout; the effect on the answer is bounded and
        counts into its error.
    """

    coefficient: float
    spread: float = 0.0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.coefficient) and self.coefficient >= 0):
            raise InputError(
                f"gap coefficient {self.coefficient} W/m2K", place="blocked heat", remedy="a finite number from 0"
            )
        if not 0 <= self.spread < np.inf:
            raise InputError(
                f"spread {self.spread} of the gap coefficient", place="blocked heat", remedy="a number from 0"
            )


@dataclass(frozen=True, eq=False)
class Prescribed:
    """The temperature of both faces is given.

    Attributes
    ----------
    mean : float, (m,) or (m, n_nodes) [K]
        Mean temperature of the two faces less the uncracked temperature there.
    jump : the same [K]
        Temperature of the + face less that of the - face.
    """

    mean: float | Array = 0.0
    jump: float | Array = 0.0


Faces = Insulated | Gap | Prescribed


def radiating_gap(emissivity: float, coldest: float, hottest: float, *, conductance: float = 0.0) -> Gap:
    """Gap between two grey parallel faces that radiate at each other, and conduct besides, linearised.

    q = sigma (T1^4 - T2^4) / (2/eps - 1) ~ 4 sigma T^3 / (2/eps - 1) (T1 - T2)  (Incropera & DeWitt 2002, eq. 13.19),
    with the coefficient half way between its values at the coldest and the hottest temperature [K] that the crack sees;
    `conductance` [W/m2K] is that of the gas in the gap.
    """
    if not 0 < emissivity <= 1:
        raise InputError(f"emissivity {emissivity}", place="blocked heat", remedy="a number above 0, at most 1")
    if not 0 < coldest <= hottest < np.inf:
        raise InputError(
            f"temperatures {coldest} to {hottest} K of the gap",
            place="blocked heat",
            remedy="absolute, the colder first",
        )
    if not (np.isfinite(conductance) and conductance >= 0):
        raise InputError(
            f"conductance {conductance} W/m2K of the gap", place="blocked heat", remedy="a finite number from 0"
        )
    low, high = (4 * STEFAN_BOLTZMANN * t**3 / (2 / emissivity - 1) + conductance for t in (coldest, hottest))
    return Gap(0.5 * (low + high), (high - low) / (high + low))
