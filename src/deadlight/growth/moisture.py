"""How the velocity of a crack falls when there is less water than liquid water at its tip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from deadlight.assumption import Assumption
from deadlight.errors import InputError

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, kw_only=True)
class Moisture:
    """v = v_water max(h, least)**exponent, h the humidity relative to saturation at the tip.

    Wiederhorn 1967 (J. Am. Ceram. Soc. 50:407) found the velocity of soda-lime glass in region I to go with the
    pressure of water vapour to a power near 1 when moist and near 1/2 when dry.  As h <= 1, the smaller exponent
    is never too slow, so 1/2 is the default.

    Attributes
    ----------
    exponent : float
        0 or more.
    least : float
        Humidity below which it gets no slower: 0 for a glass that does not grow in vacuum (fused silica), 1 for a glass
        of which that is not known: dry air and vacuum then earn nothing, and the velocity in water bounds it.
    source, status : str
        Of the exponent.
    vacuum_source, vacuum_status : str
        Of `least`.
    """

    exponent: float = 0.5
    least: float = 1.0
    source: str = "Wiederhorn, J. Am. Ceram. Soc. 50 (1967) 407"
    status: str = "M"
    vacuum_source: str = "upper bound: as in water"
    vacuum_status: str = "A"

    def __post_init__(self) -> None:
        if not (self.exponent >= 0.0 and np.isfinite(self.exponent)):
            raise InputError(f"exponent {self.exponent:g}", place="humidity of the law", remedy="0 or more")
        if not 0.0 <= self.least <= 1.0:
            raise InputError(f"least humidity {self.least:g}", place="humidity of the law", remedy="between 0 and 1")

    def factor(self, humidity: ArrayLike) -> Array:
        """v / v_water at humidities in 0..1, any shape; 0 in vacuum where `least` is 0."""
        h = np.asarray(humidity, dtype=float)
        if not ((h >= 0.0) & (h <= 1.0)).all():
            raise InputError(
                f"humidity {h[~((h >= 0.0) & (h <= 1.0))].flat[0]:g}", place="law of growth", remedy="between 0 and 1"
            )
        bound = np.maximum(h, self.least)
        # An exponent of 0 says that humidity does not matter, but in vacuum there is none.
        return np.asarray(np.where(bound > 0.0, bound**self.exponent, 0.0))

    def assumptions(self, owner: str) -> tuple[Assumption, ...]:
        """Rows `owner`.vacuum and, where humidity matters, `owner`.humidity."""
        if self.least >= 1.0:
            value = "the velocity in water at any humidity, vacuum included"
            return (Assumption(f"{owner}.vacuum", value, self.vacuum_source, self.vacuum_status),)
        dry = "no growth in vacuum" if self.least == 0.0 else f"when drier than {self.least:g}, as at that humidity"
        wet = f"v proportional to humidity**{self.exponent:g}"
        bound = "1/2 is the lower of those found: an upper bound"
        return (
            Assumption(f"{owner}.vacuum", dry, self.vacuum_source, self.vacuum_status),
            Assumption(f"{owner}.humidity", wet, self.source, self.status, bound),
        )
