"""The record of a crack's growth, the same from the quick and from the full tier."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from deadlight.finite import ANY, UNLIMITED, Rule
from deadlight.growth.branching import Branching
from deadlight.growth.reading import Reading
from deadlight.remark import Remark

Array = np.ndarray[Any, np.dtype[np.float64]]


class End(StrEnum):
    """Why a record ends; `GrowthRecord.sentence` says it in words."""

    HISTORY_OVER = "history_over"
    SEVERED = "severed"  # a crack has cut the pane in two
    REACHES_CRACK = "reaches_crack"  # it stands at another crack's face and nothing else moves
    LOST = "lost"  # the geometry could not be followed further
    NOT_SOLVED = "not_solved"
    STEPS_SPENT = "steps_spent"


@dataclass(frozen=True, eq=False)
class GrowthEvent:
    """Something that happened to a crack.

    Attributes
    ----------
    time : float [s]
    what : str
    crack : str
    place : (3,) float [m]
    detail : str
    indicative : bool
        After an instability: the path is followed quasi-statically, inertia left out.
    causes : dict of str -> float
        Share of each cause of the stress in K there, by their sum one; empty where it was not asked for.
    """

    time: float
    what: str
    crack: str
    place: Array
    detail: str = ""
    indicative: bool = False
    causes: dict[str, float] = field(default_factory=dict)

    @property
    def told(self) -> str:
        """Its detail, and the causes of K."""
        shares = sorted(self.causes.items(), key=lambda item: -abs(item[1]))
        parts = [self.detail] if self.detail else []
        if shares:
            parts.append("K from " + ", ".join(f"{name} {100 * share:.0f} %" for name, share in shares))
        return "; ".join(parts)


@dataclass(frozen=True, eq=False)
class GrowthStep:
    """One geometry that was solved.

    Attributes
    ----------
    number : int
    time : float [s]
        When the cracks had this shape first.
    reading : Reading
    fronts : tuple of (n, 3) float [m]
        Polylines of all fronts.
    shape : object
        What can be solved again, and saved.
    indicative : bool
    move, tilt : (n,) float [m], [rad], or None
        What made it from the geometry before it; None for the cracks as found.
    remarks : tuple of Remark
    energy : float or None
        Relative error of the balance of energy over the step, loads frozen at `time`; None where a ligament broke.
    added : float [m^2]
        Area that opened at a stroke in the step, which no front swept.
    """

    number: int
    time: float
    reading: Reading
    fronts: tuple[Array, ...]
    shape: Any
    indicative: bool
    move: Array | None = None
    tilt: Array | None = None
    remarks: tuple[Remark, ...] = ()
    energy: float | None = None
    added: float = 0.0

    @property
    def area(self) -> float:
        return self.reading.area


@dataclass(frozen=True, eq=False)
class GrowthRecord:
    """How the cracks of one pane grew.

    Attributes
    ----------
    tier : "quick" or "full"
    steps : tuple of GrowthStep
        At least the cracks as found.
    trace_time, trace_area, trace_ratio : (p,) float [s], [m^2], 1
        Area of the cracks in time, and their largest K/K_Ic.
    events : tuple of GrowthEvent
    end : End
    sentence : str
        Why it ended, in words.
    margin_after : float
        Smallest K_Ic/K - 1 from the last arrest on, or of the whole history if K never reached K_Ic; inf when never
        open, NaN when growth was not followed to the end of the history.
    creep : float [m]
        Slow growth up to the end of the history that was too little to be followed.
    remarks : tuple of Remark
    choices : dict of str -> str
        Law, direction and steps, for the reader.
    seconds : float
    worst : GrowthEvent or None
        Largest K/K_Ic of the cracks as found, with its causes.
    branching : Branching or None
        Bound on the branches that the energy could feed while it ran; None where it never ran.
    cut : tuple of Sheet
        Of the full tier, where the end is "severed": the surfaces that cut the pane, after the last step.
    """

    tier: str
    steps: tuple[GrowthStep, ...]
    trace_time: Array
    trace_area: Array
    trace_ratio: Array
    events: tuple[GrowthEvent, ...]
    end: End
    sentence: str
    margin_after: float
    creep: float
    remarks: tuple[Remark, ...]
    choices: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    worst: GrowthEvent | None = None
    branching: Branching | None = None
    cut: tuple[Any, ...] = ()

    def no_number(self) -> dict[str, Rule]:
        return {"margin_after": UNLIMITED if self.end is End.HISTORY_OVER else ANY}

    @property
    def grew(self) -> bool:
        """Whether any front moved by a step."""
        return len(self.steps) > 1

    @functools.cached_property
    def first_critical(self) -> float | None:
        """When K first reached K_Ic [s]."""
        return next((e.time for e in self.events if e.what == CRITICAL), None)

    @property
    def builds(self) -> int:
        """Geometries that were solved."""
        return len(self.steps)

    def area_at(self, time: float | Array) -> Array:
        """Area of the cracks [m^2]; after a run, that of its end."""
        return np.asarray(np.interp(time, self.trace_time, self.trace_area))

    def resistance(self, time: float) -> tuple[Array, Array]:
        """Area (s,) [m^2] and largest K/K_Ic (s,) over the geometries, under the loads of one time.

        Where K/K_Ic rises with the area a crack at K_Ic is unstable, where it falls it is stable.
        """
        area = np.array([step.area for step in self.steps])
        return area, np.array([float(step.reading.at(time).ratio.max()) for step in self.steps])

    def residual_strength(self) -> tuple[float, float]:
        """Factor on all loads at which the final cracks run, smallest over the history, and its time [s].

        As if contact and residual stress grew with the loads.
        """
        last = self.steps[-1].reading
        i = int(last.worst.argmax())
        top = float(last.worst[i])
        return (1.0 / top if top > 0.0 else np.inf), float(last.time[i])


CRITICAL = "K reaches K_Ic"
WORST = "largest K/K_Ic as found"

