"""What the quick tier answers for one crack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from deadlight.assumption import Assumption
from deadlight.finite import ANY, UNLIMITED, Rule
from deadlight.remark import Remark

Array = np.ndarray[Any, np.dtype[np.float64]]

State = Literal["dormant", "growing", "arrested", "through", "at_edge", "unstable", "closed"]

NOT_FOLLOWED = ("not_followed", "K reaches {:.2f} K_Ic; how the crack runs was not followed.")
RISE = 1e-9  # relative; less than this is rounding of a K that stays


@dataclass(frozen=True)
class Event:
    """Something that happens to a crack.

    Attributes
    ----------
    time : float [s]
    what : str
        "K reaches K_Ic", "starts to grow", "grows again", "reaches the rim", "arrests", "crosses the pane",
        "breaks through the thickness".
    where : str
        Front point: "rim_side", "centre_side", "deepest", "surface".
    position : (float, float) [m]
        x, y on the pane.
    detail : str
        Sizes, for the reader.
    """

    time: float
    what: str
    where: str
    position: tuple[float, float]
    detail: str = ""


@dataclass(frozen=True, eq=False)
class QuickResult:
    """K histories, events and growth of one crack in the screening tier.

    Attributes
    ----------
    name, kind : str
        Of the seed; kind is the fracture-control case type (through, surface, corner).
    state : str
        dormant, growing, arrested, through, at_edge, unstable or closed.
    end_reason, end_sentence : str
        One of a fixed list, and in words.
    time : (m,) float [s]
    tips : tuple of str
        Front points, the columns below.
    seed_k : (m, n) float [Pa m^0.5]
        K of the crack as found, not grown: largest through the thickness at each tip.
    seed_membrane, seed_bending, seed_energy : (m, n) float [Pa m^0.5]
        The plane problem's stretching part and skin value of its bending part, and the energy mean of K (through
        cracks; else NaN).  Where the influence tables hold, `seed_k` is the largest over the thickness of these and
        what the tables add, and not their sum; elsewhere it is membrane + |bending|, not below 0.
    temperature : (m, n) float [K]
        At the front points of the crack as found.
    seed_ratio : (m, n) float
        seed_k over K_Ic at that temperature.
    k, ratio : (m, n) float
        The same along the grown crack; NaN at a tip that is no more.
    front_temperature : (m, n) float [K]
        At the front points of the grown crack, where `k` and `ratio` are; NaN at a tip that is no more.
    membrane, bending : (m, n) float [Pa m^0.5]
        The same parts of the plane problem along the grown crack (through cracks; else NaN).
    size : (m, n_sizes) float [m]
        Through: depths of both tips below the rim; surface and corner: a, c. `size_names` says which.
    closed_outer, closed_inner : (m,) float
        Share of the crack's length shut on the outer / inner face, crack as found.
    residual_bound : (m,) float [Pa m^0.5]
        Bound on the K of the stress that the influence tables do not hold; where they do not reach, of all that is
        neither stretching nor bending (through cracks).
    slit_area : (m,) float [m^2] or None
        Opening area at mid-thickness along the grown crack; None without Young's modulus.
    first_time, first_tip : float [s] and str, or None
        When and where K first reaches K_Ic.
    ratio_max, time_of_max : float
        Largest seed_ratio and its time [s].
    margin_after : float
        Smallest K_Ic/K - 1 after the last growth (of the whole history if it never grew); inf when never open,
        NaN when growth was not followed to its end (pane crossed, rim reached aslant).
    numerical_error : float
        Relative, of K: discretisation of the integral equation and of the crack line, for the stress as given.
    model_error : (float, float)
        Relative band of K (low, high) that the quick tier's simplifications leave.
    events : tuple of Event
    warnings, assumptions : tuple
    handbook_k : (m, n) float or None [Pa m^0.5]
        The same K by the handbook, beside `seed_k`: plate equations and weight functions (surface and corner cracks),
        the plane problem (through cracks).
    """

    name: str
    kind: str
    state: State
    end_reason: str
    end_sentence: str
    time: Array
    tips: tuple[str, ...]
    seed_k: Array
    seed_membrane: Array
    seed_bending: Array
    seed_energy: Array
    temperature: Array
    seed_ratio: Array
    k: Array
    ratio: Array
    front_temperature: Array
    membrane: Array
    bending: Array
    size: Array
    size_names: tuple[str, ...]
    closed_outer: Array
    closed_inner: Array
    residual_bound: Array
    slit_area: Array | None
    first_time: float | None
    first_tip: str | None
    ratio_max: float
    time_of_max: float
    margin_after: float
    numerical_error: float
    model_error: tuple[float, float]
    events: tuple[Event, ...]
    warnings: tuple[str, ...]
    assumptions: tuple[Assumption, ...]
    handbook_k: Array | None = None

    def no_number(self) -> dict[str, Rule]:
        """A tip that is not there has none of its quantities; what a kind of crack does not have is NaN throughout."""
        found: dict[str, Rule] = {"margin_after": self._margin_after()}
        tips = [("seed_k", "seed_ratio"), ("k", "ratio", "front_temperature"), ("membrane", "bending")]
        for names in (*tips, ("seed_membrane", "seed_bending", "seed_energy"), ("closed_outer", "closed_inner")):
            missing: Rule = np.logical_and.reduce([np.isnan(getattr(self, name)) for name in names])
            found |= {name: missing for name in names}
        if self.slit_area is not None:
            found["slit_area"] = np.isnan(self.slit_area) & np.isnan(self.k).all(axis=1)  # all tips gone
        if self.handbook_k is not None:
            found["handbook_k"] = found["seed_k"]
        return found

    def _margin_after(self) -> Rule:
        if self.state == "closed":
            return UNLIMITED
        return False if self.state == "dormant" else ANY

    @property
    def final_size(self) -> dict[str, float]:
        """Sizes at the end of the history, by name [m]."""
        return dict(zip(self.size_names, (float(v) for v in self.size[-1])))


def first_crossing(time: Array, ratio: Array) -> tuple[float | None, int | None]:
    """Time [s] and column at which a ratio first reaches 1, linear in between instants."""
    over = np.nan_to_num(ratio, nan=-np.inf) >= 1.0
    if not over.any():
        return None, None
    row = int(np.argmax(over.any(axis=1)))
    column = int(np.argmax(np.where(over[row], ratio[row], -np.inf)))
    if row == 0:
        return float(time[0]), column
    low, high = ratio[row - 1, column], ratio[row, column]
    share = (1.0 - low) / (high - low) if np.isfinite(low) and high > low else 1.0
    return float(time[row - 1] + min(max(share, 0.0), 1.0) * (time[row] - time[row - 1])), column


def ends_at_peak(time: Array, k: Array) -> tuple[Remark, ...]:
    """An alarm if K of the crack as found (m, n) is largest at the last instant and has risen to it."""
    largest = np.nanmax(k, axis=1)
    if len(time) < 2 or not largest[-1] > (1.0 + RISE) * np.max(largest[:-1]) or largest[-1] <= 0.0:
        return ()
    return (Remark(f"the history ends at {time[-1]:g} s while K still rises: its peak is not known", alarm=True),)


def margin(ratio: Array) -> float:
    """Smallest K_Ic/K - 1 of the rows; inf when the crack is never open."""
    largest = float(np.nanmax(ratio, initial=0.0)) if ratio.size else 0.0
    return float("inf") if largest <= 0.0 else 1.0 / largest - 1.0
