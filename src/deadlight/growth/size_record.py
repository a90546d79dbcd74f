"""What became of a crack of one or a few sizes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from deadlight.remark import Remark

Array = np.ndarray[Any, np.dtype[np.float64]]
End = Literal["dormant", "growing", "arrested", "critical", "limit"]


@dataclass(frozen=True)
class Run:
    """A quasi-static run at one instant; everything after the first is indicative.

    Attributes
    ----------
    time : float [s]
    start, stop : (p,) float [m]
    arrested : bool
    cause : str
        "" or the name of a shaking.
    """

    time: float
    start: Array
    stop: Array
    arrested: bool
    cause: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class SizeHistory:
    """What became of the crack.

    Attributes
    ----------
    time : (m,) float [s]
        The given instants as far as it was followed, and the end; the end may repeat the instant before it, where a run
        changed the size at once.
    size, k, ratio : (m, p) float
        Sizes [m], K without shaking [Pa m**0.5], K/K_Ic.
    end : str
        "dormant" (never grew), "growing" at the last instant (slowly or with K kept at K_Ic), "arrested" (grew, and
        does not at the last instant), "critical" (K reached K_Ic), "limit" (a size reached its limit).
    runs : tuple of Run
        Instants at which K reached K_Ic; with the first, what follows is indicative.
    growth_by_shaking : dict of str -> (p,) float [m]
    warnings : tuple of Remark
    """

    time: Array
    size: Array
    k: Array
    ratio: Array
    end: End
    runs: tuple[Run, ...]
    growth_by_shaking: dict[str, Array]
    warnings: tuple[Remark, ...]

    @property
    def end_time(self) -> float:
        """Instant [s] at which it was followed no more."""
        return float(self.time[-1])

    @property
    def later_margin(self) -> float:
        """Smallest K_Ic/K - 1 at the instants after the last run; inf if K <= 0, NaN if there is no later instant."""
        after = self.time > (self.runs[-1].time if self.runs else -np.inf)
        if not after.any():
            return np.nan
        highest = self.ratio[after].max(initial=0.0)
        return float(1.0 / highest - 1.0) if highest > 0.0 else np.inf
