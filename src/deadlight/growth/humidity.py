"""Humidity at the crack on the clock of the case: wet unless the case shows otherwise."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from deadlight.assumption import Assumption
from deadlight.errors import InputError

Array = np.ndarray[Any, np.dtype[np.float64]]
State = Literal["air", "cabin", "vacuum"]

WET = 1.0
"""Humidity wherever nothing was shown: saturated."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """What surrounds the crack up to an instant.

    Attributes
    ----------
    until : float [s]
        End on the case's clock (0 at entry interface, negative before it); inf for the last.
    state : str
        "air", "cabin" or "vacuum".
    relative : float or None
        Relative humidity 0..1 shown for air or cabin; 1 when not given.
    retained_water : float or None
        In vacuum: humidity 0..1 that adsorbed water keeps up inside the crack.  It leaves slowly (Wiederhorn, Evans &
        Roberts 1974, Skylab windows), so 1 when not given; 0 says that the crack was shown to be dry.
    """

    until: float = math.inf
    state: State = "air"
    relative: float | None = None
    retained_water: float | None = None

    def __post_init__(self) -> None:
        place = f"humidity until {self.until:g} s"
        if math.isnan(self.until):
            raise InputError("until is not a number", place=place, remedy="a time on the case's clock")
        if self.state not in ("air", "cabin", "vacuum"):
            raise InputError(f'state "{self.state}"', place=place, remedy="air, cabin or vacuum")
        idle = "relative" if self.state == "vacuum" else "retained_water"
        if getattr(self, idle) is not None:
            remedy = "vacuum takes retained_water, the others relative"
            raise InputError(f"{idle} does nothing in {self.state}", place=place, remedy=remedy)
        if not 0.0 <= self.value <= 1.0:
            raise InputError(f"humidity {self.value:g}", place=place, remedy="between 0 and 1")

    @property
    def stated(self) -> float | None:
        """The humidity that was shown, or None."""
        return self.retained_water if self.state == "vacuum" else self.relative

    @property
    def value(self) -> float:
        """Humidity 0..1 in this span."""
        return WET if self.stated is None else self.stated

    def __str__(self) -> str:
        shown = f"{100 * self.value:g} %" + ("" if self.stated is not None else " (nothing shown)")
        what = f"vacuum, retained water {shown}" if self.state == "vacuum" else f"{self.state} {shown}"
        return what + (f" until {self.until:g} s" if math.isfinite(self.until) else "")


@dataclass(frozen=True)
class Humidity:
    """Humidity at the crack in time: steps, each span closed at its start and open at its end.

    Attributes
    ----------
    spans : tuple of Span
        In order of time; after the last one, and where there is none, it is wet.
    """

    spans: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        ends = [span.until for span in self.spans]
        if any(later <= sooner for sooner, later in itertools.pairwise(ends)):
            raise InputError("the ends of the spans do not rise", place="humidity", remedy="sort them by time")

    @classmethod
    def constant(cls, value: float) -> Humidity:
        """The same humidity 0..1 always; 0 is vacuum without retained water."""
        return cls((Span(state="vacuum", retained_water=0.0) if value == 0.0 else Span(relative=value),))

    @classmethod
    def of(cls, spans: Sequence[Span]) -> Humidity:
        """From spans in any sequence type."""
        return cls(tuple(spans))

    @property
    def breaks(self) -> Array:
        """Instants [s] at which it may jump; integrators stop there. (j,)."""
        return np.array([span.until for span in self.spans if math.isfinite(span.until)])

    def at(self, time: ArrayLike) -> Array:
        """Humidity 0..1 at times [s], any shape; at a jump, the value after it."""
        ends = np.array([span.until for span in self.spans])
        values = np.array([*(span.value for span in self.spans), WET])
        return np.asarray(values[np.searchsorted(ends, np.asarray(time, dtype=float), side="right")])

    def assumptions(self) -> tuple[Assumption, ...]:
        """What was taken, and for which spans nothing was shown."""
        if not self.spans:
            return (Assumption("growth.humidity", "100 % always", "nothing was stated", "A", "upper bound"),)
        value = "; ".join(str(span) for span in self.spans)
        if math.isfinite(self.spans[-1].until):
            value += "; then 100 % (nothing shown)"
        return (Assumption("growth.humidity", value, "case file", "R", "relative to saturation at the crack tip"),)
