"""What lies under and round a pit that nobody sees at once: the crack system, as bands, and its residual stress."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.assumption import Assumption
from deadlight.errors import InputError

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Share:
    """A size as a multiple of another one, known as a band only.

    Attributes
    ----------
    key : str
        Of the list of assumptions.
    what : str
    low, high : float
        Multiples.
    source, status : str
    """

    key: str
    what: str
    low: float
    high: float
    source: str
    status: str

    def of(self, size: float) -> tuple[float, float]:
        """Low and high of the size [m] for the other one [m]."""
        return self.low * size, self.high * size

    def at(self, u: Array) -> Array:
        """Multiples for u in 0..1, evenly spread over the band. Same shape as u."""
        return self.low + (self.high - self.low) * u

    def assumption(self) -> Assumption:
        return Assumption(self.key, f"{self.what}: {self.low:g} to {self.high:g}", self.source, self.status)


# Depth of the pit alone is unsafe: strength falls by more than 2, because of a damaged layer below the pit
# (Solinov 2013, Glass and Ceramics 69).  How deep that layer is was not read anywhere; the bands are assumptions.
CRACK_DEPTH = Share(
    "impact.crack_depth", "depth of the cracks below the face over the pit's depth", 1.5, 3.0,
    "bands of experience; that the pit alone is unsafe: Solinov 2013, Glass and Ceramics 69", "A",
)  # fmt: skip
RADIAL = Share(
    "impact.radial", "half length of radial cracks over the spall's radius", 0.4, 1.2,
    "radial cracks reach out of the spall (conference abstract on Shuttle windows); the numbers are assumed", "A",
)  # fmt: skip
LATERAL_DEPTH = Share(
    "impact.lateral", "depth of the lateral crack over the pit's depth", 0.3, 0.5,
    "half-penny cracks at the pit's floor turn into lateral ones (conference abstract); the numbers are assumed", "A",
)  # fmt: skip
# 1 to 3 mm under the likely Shenzhou particle, whose pit is 0.8 to 1.4 mm deep.
REAR_PENNY = Share(
    "impact.rear_penny", "radius of a crack at the rear face over the pit's depth", 1.2, 2.2, "engineering seed", "A"
)
HALF_PENNY, THROUGH = 1.5, 0.5  # exponents of the length under a force at the middle of the crack
RESIDUAL = Assumption(
    "impact.residual",
    "from its value at arrest K falls with length c as c^-1.5 for a crack from the face, c^-0.5 for one through",
    "Lawn, Evans and Marshall 1980, J. Am. Ceram. Soc. 63:574; Tada, Paris and Irwin 2000",
    "M",
    "fused silica densifies and chips, both of which lower it: an upper bound",
)


def residual_intensity(arrest: float, arrested: float, length: float, *, through: bool = False) -> float:
    """Mode I intensity that the residual stress of an impact keeps up.

    An indentation's residual force P opens its half-penny crack with K = chi P / c^1.5 (M; Lawn, Evans and Marshall
    1980); forces at the middle of a crack through a plate of thickness t give K = P / (t (pi c)^0.5) (M; Tada, Paris
    and Irwin 2000).  A crack that stopped at K = `arrest` when it was `arrested` long has this K at another length.

    Parameters
    ----------
    arrest : float [Pa m^0.5]
        K at which it stopped: toughness at most, the threshold of slow growth where it went on in humid air.
    arrested, length : float [m]
        From the pit to the tip when it stopped, and now.
    through : bool

    Raises
    ------
    InputError
        A length is not positive, or shorter than when it stopped.
    """
    if not (math.isfinite(length) and 0.0 < arrested <= length and arrest >= 0.0):
        raise InputError(
            f"a crack that stopped {1e3 * arrested:g} mm long is {1e3 * length:g} mm long now",
            place="residual stress of the impact",
            remedy="give a positive length that is not shorter than the one at which it stopped",
        )
    return arrest * (arrested / length) ** (THROUGH if through else HALF_PENNY)
