"""Step sizes: from the error estimate, in a way that keeps the Jacobian, and onto the breakpoints."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]

SAFETY = 0.85
GROWTH = 4.0  # largest ratio of successive steps
WORTH = 1.25  # a longer step must be this much longer to be worth a new Jacobian
SHRINK = 0.1
JUMP = 1e-6  # s: boundaries are taken this much before and after a breakpoint


@dataclass
class StepControl:
    """Chooses the steps between two instants.

    Attributes
    ----------
    dt : float [s]
        The step wanted next.
    fixed : bool
        Steps of one length (for convergence studies); only breakpoints shorten them.
    smallest, largest : float [s]
    """

    dt: float
    smallest: float
    largest: float
    fixed: bool = False

    def to(self, t: float, stop: float) -> float:
        """Length of the next step from t: lands on `stop`, without a sliver before it."""
        rest = stop - t
        dt = min(self.dt, self.largest)
        if dt >= rest * (1.0 - 1e-9):
            return rest
        return rest / 2.0 if dt > 0.5 * rest and not self.fixed else dt

    def judge(self, dt: float, error: float, tolerance: float) -> bool:
        """Whether a step of length dt with this error is accepted; sets the next length."""
        if self.fixed:
            return True
        ratio = SAFETY * (tolerance / error) ** (1.0 / 3.0) if error > 0.0 else GROWTH
        if error > tolerance:
            self.dt = dt * max(ratio, SHRINK)
            return False
        wanted = dt * min(ratio, GROWTH)
        # a step cut short by a breakpoint says nothing against the length in use before it
        self.dt = (
            wanted
            if wanted >= WORTH * self.dt or (wanted < self.dt * 0.999 and dt >= self.dt * 0.999)
            else max(self.dt, dt)
        )
        return True

    def failed(self, dt: float) -> None:
        """Newton did not converge."""
        self.dt = 0.25 * dt


def segments(span: tuple[float, float], breakpoints: Array) -> list[tuple[float, float]]:
    """The time span cut at the breakpoints inside it."""
    inside = np.unique(breakpoints[(breakpoints > span[0] + 2 * JUMP) & (breakpoints < span[1] - 2 * JUMP)])
    edges = [span[0], *inside.tolist(), span[1]]
    return list(itertools.pairwise(edges))
