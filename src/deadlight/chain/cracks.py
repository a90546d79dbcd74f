"""What is known of one crack after a run: both tiers side by side, and which of them is judged."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.assumption import Assumption
from deadlight.case.crack import Crack
from deadlight.chain.flaws import Flaw
from deadlight.chain.load_error import root_sum_square
from deadlight.chain.operator_answer import FullAnswer
from deadlight.chain.pane_growth import PaneGrowth
from deadlight.chain.quick_answer import QuickAnswer
from deadlight.chain.tiers import TierGap
from deadlight.crack.line import CrackLine
from deadlight.crack.result import QuickResult
from deadlight.remark import Remark, remark

Array = np.ndarray[Any, np.dtype[np.float64]]
TOO_COARSE = 0.05  # numerical error of K from which nothing better than NOT_SHOWN is said


@dataclass(frozen=True)
class Judged:
    """What the verdict is made of.

    Attributes
    ----------
    name, pane : str
    tier : "quick" or "full"
    ratio_max, time_of_max : float, float [s]
        Largest K/K_Ic of the crack as found.
    highest : float
        The same with every error band, at any instant, after slow growth too.
    first_time, first_where : float [s] and str, or None
        When and where K first reaches K_Ic, of the crack as found or after slow growth.
    end : str
        What follows, in words.
    """

    name: str
    pane: str
    tier: str
    ratio_max: float
    time_of_max: float
    highest: float
    first_time: float | None
    first_where: str | None
    end: str


@dataclass(frozen=True, eq=False)
class CrackAnswer:
    """A crack with where it lies and what became of it.

    Attributes
    ----------
    stated : Crack
    flaw : Flaw or None
        The crack as a surface in the pane; None where only the quick tier was asked.
    quick : QuickAnswer or None
        None for a kind that the quick tier does not know, or where it did not fit its model.
    full : FullAnswer or None
        Of the crack operator, with tier = "full".
    gaps : tuple of TierGap
        The quick tier's K beside the operator's where both have one.
    growth : PaneGrowth or None
        Of all cracks of its pane by the operator, of this one alone by the quick tier; None where nothing could move,
        and in the quick tier without a law of slow growth.
    notes : tuple of str
        Why something is missing.
    seconds : float
        Wall time of the operator.
    """

    stated: Crack
    flaw: Flaw | None = None
    quick: QuickAnswer | None = None
    full: FullAnswer | None = None
    gaps: tuple[TierGap, ...] = ()
    growth: PaneGrowth | None = None
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def result(self) -> QuickResult | None:
        """Of the quick tier."""
        return self.quick.result if self.quick else None

    @property
    def line(self) -> CrackLine | None:
        return self.quick.line if self.quick else None

    @property
    def stress(self) -> Array | None:
        """Across the crack along its line (m, n_line, n_thick) [Pa]."""
        return self.quick.stress if self.quick else None

    @property
    def errors(self) -> dict[str, float]:
        """Parts of the numerical error of the judged K, relative to its peak."""
        judged = self.full or self.quick
        return judged.errors if judged else {}

    @property
    def numerical_error(self) -> float:
        """Relative, of K: root sum of squares of the parts, which have nothing to do with each other."""
        return root_sum_square(self.errors)

    @property
    def judged(self) -> Judged:
        """What the verdict takes: the operator's K where there is one."""
        found = _of_full(self, self.full) if self.full else _of_quick(self)
        return found if self.growth is None else _with_growth(found, self.growth)

    @property
    def warnings(self) -> tuple[Remark, ...]:
        """Of both tiers; an alarm of the quick tier is none where the operator judges."""
        found = [remark(text) for text in self.notes]
        if self.full:
            found += [remark(text) for text in self.full.remarks]
            found += [Remark(f"quick tier: {text}") for text in (self.quick.warnings if self.quick else ())]
            found += [gap.remark for gap in self.gaps if gap.flagged]
        elif self.quick:
            found += [remark(text) for text in self.quick.warnings]
        return (*found, *_coarse(self.errors))

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        quick = [Assumption(a.key, a.value, a.source, "A") for a in (self.result.assumptions if self.result else ())]
        if self.full:
            note = "only the quick tier's own K and growth"
            quick = [dataclasses.replace(a, note=note) for a in quick]
        elif self.growth is not None:
            quick = [a for a in quick if a.key != "quick.slow_growth"]
        return (*(self.flaw.assumptions if self.flaw else ()), *(self.full.assumptions if self.full else ()), *quick)


def _coarse(errors: Mapping[str, float]) -> list[Remark]:
    """An alarm when K is not known well enough to judge by; a part that is not a number is not known at all."""
    total = root_sum_square(errors)
    if total <= TOO_COARSE:
        return []
    parts = ", ".join(f"{name} {100 * part:.1f} %" for name, part in errors.items())
    text = f"numerical error of K {100 * total:.1f} %, over {100 * TOO_COARSE:g} % ({parts})"
    return [Remark(text, alarm=True)]


def _of_full(answer: CrackAnswer, full: FullAnswer) -> Judged:
    quick = answer.result
    if full.first_time is None:
        end = f"K stays below K_Ic; the largest share is {full.ratio_max:.2f}."
    elif quick is not None and quick.first_time is not None:
        end = f"By the quick tier: {quick.end_sentence}"
    else:
        end = "Its growth is not followed by this version."
    return Judged(
        name=answer.stated.name,
        pane=answer.stated.pane,
        tier="full",
        ratio_max=full.ratio_max,
        time_of_max=full.time_of_max,
        highest=full.highest,
        first_time=full.first_time,
        first_where=full.first_where,
        end=end,
    )


def _of_quick(answer: CrackAnswer) -> Judged:
    r = answer.result
    assert r is not None  # a crack has one of the two
    error = answer.numerical_error
    band = 1.0 + r.model_error[1] + error
    return Judged(
        name=answer.stated.name,
        pane=answer.stated.pane,
        tier="quick",
        ratio_max=r.ratio_max,
        time_of_max=r.time_of_max,
        highest=float(np.max([r.ratio_max * band, upper_ratio(r) * (1.0 + error)])),
        first_time=r.first_time,
        first_where=r.first_tip,
        end=r.end_sentence,
    )


def _with_growth(judged: Judged, growth: PaneGrowth) -> Judged:
    """What its growth adds: K may reach K_Ic only after slow growth, and is larger on a larger crack.

    The error band of the crack as found goes with it; of cracks that grow together the largest K/K_Ic counts.
    """
    first = growth.critical(judged.name)
    band = judged.highest / judged.ratio_max if judged.ratio_max > 0.0 else 1.0
    top = growth.highest if growth.highest is not None else growth.largest * band
    found = dataclasses.replace(judged, highest=float(np.max([judged.highest, top])), end=growth.sentence)
    if judged.first_time is not None or first is None:
        return found
    x, y, z = (f"{1e3 * c:.1f}" for c in first.place)
    return dataclasses.replace(found, first_time=first.time, first_where=f"after slow growth, at ({x}, {y}, {z}) mm")


def upper_ratio(r: QuickResult) -> float:
    """Largest (K + bound of the part the quick tier leaves out)/K_Ic over all instants and front points.

    The bound may be largest when K is not.  NaN, so never below anything, where the crack is shut throughout while the
    bound is not zero: its toughness is not known then.
    """
    bound = np.nan_to_num(np.asarray(r.residual_bound, dtype=float), nan=0.0)
    if not bound.any():
        return r.ratio_max
    open_ = np.nan_to_num(r.seed_ratio, nan=0.0) > 1e-9
    if not open_.any():
        return float("nan")
    toughness = float(np.min(r.seed_k[open_] / r.seed_ratio[open_]))
    return float(np.nanmax(np.nan_to_num(r.seed_k, nan=0.0) + bound[:, None])) / toughness
