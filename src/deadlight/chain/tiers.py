"""The quick tier's K beside the operator's, where both have one, and whether the gap is explained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.chain.flaws import Flaw
from deadlight.chain.front_answer import FrontAnswer
from deadlight.chain.operator_answer import FullAnswer
from deadlight.chain.quick_answer import QuickAnswer
from deadlight.crack.weight_function import SURFACE_ANGLE
from deadlight.remark import Remark

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, eq=False)
class TierGap:
    """One front point of the quick tier beside the operator.

    Attributes
    ----------
    tip : str
        The quick tier's name for it.
    quick, full : (m,) float [Pa m^0.5]
        K of the crack as found, of all modes by their energy.
    instant : int
        Where the larger of both is largest.
    below, above : float [Pa m^0.5]
        How far the quick tier's K may be below and above the operator's by its own simplifications and both numerical
        errors.
    """

    tip: str
    time: Array
    quick: Array
    full: Array
    instant: int
    below: float
    above: float

    @property
    def gap(self) -> float:
        """(quick - full) / full at that instant; NaN where the operator's K is zero."""
        full = float(self.full[self.instant])
        return float(self.quick[self.instant]) / full - 1.0 if full > 0.0 else float("nan")

    @property
    def flagged(self) -> bool:
        """Whether the gap lies outside what is explained."""
        apart = float(self.quick[self.instant] - self.full[self.instant])
        return not -self.below <= apart <= self.above

    @property
    def text(self) -> str:
        """Gap and what is explained, in words."""
        full = float(self.full[self.instant])
        at = f"at {self.time[self.instant]:.0f} s"
        if not full > 0.0:
            found = f"{self.quick[self.instant] / 1e6:.3g} MPa m^0.5 where the operator has none {at}"
            band = f"its own bands explain {self.above / 1e6:.3g}"
        else:
            found = f"{100 * self.gap:+.1f} % off the operator's {at}"
            band = f"its own bands explain {-100 * self.below / full:.0f} to {100 * self.above / full:+.0f} %"
        return f"{found} ({band})"

    @property
    def remark(self) -> Remark:
        return Remark(f"quick tier: K at {self.tip.replace('_', ' ')} is {self.text}")


def tier_gaps(
    flaw: Flaw, full: FullAnswer, quick: QuickAnswer | None, errors: tuple[float, float]
) -> tuple[TierGap, ...]:
    """Every front point of the quick tier that the operator has too.

    Parameters
    ----------
    errors : (float, float)
        Numerical errors of the operator's and of the quick tier's K, relative.
    """
    if quick is None:
        return ()
    r, found = quick.result, []
    peak = float(np.nanmax(r.seed_k))  # to which the quick tier's bands are relative, at every tip
    numerical = errors[0] * max(float(f.effective.max()) for f in full.scenarios[0].fronts) + errors[1] * peak
    fronts = full.scenarios[0].fronts  # without residual stress, or with its low end
    for i, tip in enumerate(r.tips):
        k = _operator_k(flaw, fronts, tip)
        if k is None or np.isnan(r.seed_k[:, i]).all():
            continue
        instant = int(np.nanargmax(np.maximum(r.seed_k[:, i], k)))
        below = max(r.model_error[1], 0.0) * peak + numerical
        above = numerical - min(r.model_error[0], 0.0) * peak
        found.append(TierGap(tip, r.time, r.seed_k[:, i], k, instant, below, above))
    return tuple(found)


def _operator_k(flaw: Flaw, fronts: tuple[FrontAnswer, ...], tip: str) -> Array | None:
    """K of the operator where the quick tier has a front point: largest along the side of a through crack, at the
    deepest point, or next to the face."""
    if flaw.stand is None:
        return None
    if flaw.stated.kind in ("through", "edge"):
        name = tip.replace("_", " ") if len(fronts) == 2 else "front"
        if flaw.stated.kind == "edge" and tip == "rim_side":
            return None
        front = next((f for f in fronts if f.name == name), None)
        return None if front is None else front.effective.max(axis=1)
    if len(fronts) != 1:
        return None
    front, stand = fronts[0], flaw.stand
    deep = (front.frame.point - stand.origin) @ stand.down
    if tip == "deepest":
        at_rim = flaw.stated.kind == "corner"
        return _at(front, _height(deep, at_rim), None)
    side = (front.frame.point - stand.origin) @ stand.along
    outward = np.array([*stand.origin[:2], 0.0]) @ stand.along
    if tip == "rim_side" and flaw.stated.kind != "corner":
        chosen = side * outward > 0
    else:
        chosen = side * outward < 0
    return _at(front, deep - np.sin(SURFACE_ANGLE) * deep.max(), chosen)


def _height(deep: Array, at_rim: bool) -> Array:
    """Zero at the deepest point; for a corner crack at the surface angle before the rim."""
    return deep - (np.cos(SURFACE_ANGLE) if at_rim else 1.0) * deep.max()


def _at(front: FrontAnswer, height: Array, chosen: Any) -> Array:
    """K (m,) where a height along the front is zero: linear between the two points on either side of it."""
    rows = np.arange(len(height)) if chosen is None else np.flatnonzero(chosen)
    if not len(rows):
        rows = np.arange(len(height))
    order = rows[np.argsort(np.abs(height[rows]))]
    first = order[0]
    near = [i for i in (first - 1, first + 1) if 0 <= i < len(height) and height[i] * height[first] < 0.0]
    k = front.effective[:, first]
    if not near:
        return np.asarray(k)
    share = height[first] / (height[first] - height[near[0]])
    return np.asarray(k + share * (front.effective[:, near[0]] - k))
