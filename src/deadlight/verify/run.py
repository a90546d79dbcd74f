"""Runs the verification cases and says how the results stand against their references and their own error estimates."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.errors import InputError, NotSolved
from deadlight.progress import Progress, silent
from deadlight.verify import embedded, gases, growing, plates, properties, strips, surface, thermal
from deadlight.verify.case import Case, Effort, Outcome

Array = np.ndarray[Any, np.dtype[np.float64]]

QUICK_SECONDS = 4.0  # dearer cases are left out of a quick run
USUAL = Effort()
ROUNDING = 1e-6  # of the scale: a smaller error is zero by symmetry and says nothing of its estimate


def all_cases() -> tuple[Case, ...]:
    """Every case, in the order of the table."""
    modules = (embedded, surface, strips, thermal, properties, plates, growing, gases)
    return tuple(case for module in modules for case in module.cases())


@dataclass(frozen=True, eq=False)
class Verification:
    """Outcomes of the cases that were run.

    Attributes
    ----------
    outcomes : tuple of Outcome
    effort : Effort
    """

    outcomes: tuple[Outcome, ...]
    effort: Effort

    @property
    def passed(self) -> bool:
        """Whether every case with a judge stands; fits only warn."""
        return all(o.passed for o in self.outcomes if o.case.judge != "fit")

    def estimates(self) -> tuple[Array, Array]:
        """Estimated and true errors, over the scale of their line, at the points of the exact cases. (n,), (n,)."""
        own, true = [np.empty(0)], [np.empty(0)]
        for outcome in self.outcomes:
            for each in outcome.lines if outcome.case.judge == "exact" else ():
                known = np.isfinite(each.estimate) & (np.abs(each.error) > ROUNDING)
                own.append(each.estimate[known] / each.scale[known])
                true.append(np.abs(each.error[known]))
        return np.concatenate(own), np.concatenate(true)

    def bracketed(self) -> tuple[float, float, int]:
        """Share of points whose estimate is not below the true error, median of estimate / true, number of points."""
        own, true = self.estimates()
        if not len(own):
            return np.nan, np.nan, 0
        return float((own >= true).mean()), float(np.median(own / true)), len(own)

    def describe(self) -> dict[str, Any]:
        """Plain data for JSON."""
        share, ratio, count = self.bracketed()
        return {
            "passed": self.passed,
            "quick": self.effort.quick,
            "refine": self.effort.refine,
            "estimate": {
                "points": count,
                "bracketed": share if count else None,
                "median_over_true": ratio if count else None,
            },
            "cases": [outcome.describe() for outcome in self.outcomes],
        }


def chosen(names: Sequence[str], quick: bool) -> list[Case]:
    """The cases of these names, or of a quick or a full run.

    Raises
    ------
    InputError
        There is no case of such a name.
    """
    known = all_cases()
    unknown = [name for name in names if name not in {c.name for c in known}]
    if unknown:
        raise InputError(
            f'no verification case "{unknown[0]}"', place="verify", remedy="one of " + ", ".join(c.name for c in known)
        )
    if names:
        return [c for c in known if c.name in names]
    return [c for c in known if not quick or c.seconds <= QUICK_SECONDS]


def run_case(case: Case, effort: Effort) -> Outcome:
    """One case; a case that cannot be solved is an outcome, too."""
    start = time.perf_counter()
    try:
        found = case.run(effort)
    except (InputError, NotSolved) as error:
        return Outcome(case, (), 0, time.perf_counter() - start, failure=str(error))
    return Outcome(case, found.lines, found.unknowns, time.perf_counter() - start, found.remarks)


def verify(names: Sequence[str] = (), *, effort: Effort = USUAL, progress: Progress = silent) -> Verification:
    """Run verification cases: of the crack operator, and of heat, stress, growth, air.

    Parameters
    ----------
    names : sequence of str
        Of cases; none: all, or in a quick run those that take no more than a few seconds.
    """
    cases = chosen(names, effort.quick)
    outcomes = []
    for number, case in enumerate(cases):
        progress("verify", number / len(cases), case.name)
        outcomes.append(run_case(case, effort))
    progress("verify", 1.0)
    return Verification(tuple(outcomes), effort)
