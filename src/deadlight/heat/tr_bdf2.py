"""One step of TR-BDF2 for d/dt N(T) = F(T, t): second order, L-stable, two stages with one Jacobian.

Bank et al. 1985, IEEE Trans. CAD 4:436, as the diagonally implicit pair of Hosea & Shampine 1996,
Appl. Numer. Math. 20:21:

    0     | 0
    gamma | d   d                  gamma = 2 - sqrt 2,  d = gamma / 2,  w = sqrt 2 / 4
    1     | w   w   d
    ------+-----------
    b     | w   w   d
    b^    | (1 - w)/3   (3 w + 1)/3   d/3        third order, for the error estimate
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse

from deadlight import _heat
from deadlight.heat.correction import Correction
from deadlight.heat.system import HeatSystem, State
from deadlight.heat.workers import workers

Array = np.ndarray[Any, np.dtype[np.float64]]

GAMMA = 2.0 - math.sqrt(2.0)
D = GAMMA / 2.0
W = math.sqrt(2.0) / 4.0
B = (W, W, D)
B_EMBEDDED = ((1.0 - W) / 3.0, (3.0 * W + 1.0) / 3.0, D / 3.0)

MOST_NEWTON = 15
ALGEBRAIC = 0.02  # error of the nonlinear solution, as a fraction of the tolerance
BALANCE = 1e-9  # of the gross heat: what is left of the balance of a stage
STALE = 0.2  # contraction of the residual above which the Jacobian is made anew


@dataclass(frozen=True, eq=False)
class Step:
    """A step that was solved; whether it is accurate enough is for the caller to say.

    Attributes
    ----------
    begin, middle, end : State
        At t, t + gamma dt and t + dt.
    error : float [K]
        Largest estimated error of a nodal temperature in this step; NaN if it is not wanted.
    """

    begin: State
    middle: State
    end: State
    error: float

    @property
    def dt(self) -> float:
        return (self.middle.time - self.begin.time) / GAMMA

    def total(self, attribute: str) -> Any:
        """dt sum_i b_i of `net`, `gross` or `rate` over the stages: the scheme's own quadrature."""
        stages = (self.begin, self.middle, self.end)
        return self.dt * sum(b * getattr(s, attribute) for b, s in zip(B, stages))


class Stepper:
    """Steps a heat system; keeps the Jacobian and the latest states for prediction."""

    def __init__(self, system: HeatSystem, tolerance: float, *, estimate: bool = True) -> None:
        self.system, self.tolerance, self.estimate = system, tolerance, estimate
        self.correction = Correction(system.indptr, system.indices, fixed=system.fixed, bodies=system.bodies)
        self.history: list[State] = []
        self.jacobian_a = 0.0
        self.fresh = False
        self.capacity: Array | None = None
        self.newton = self.jacobians = 0
        self._shifts: tuple[Array, ...] | None = None
        if system.linear:
            self._shifts = tuple(self._product(m, self.correction.body_columns()) for m in system.matrices(np.zeros(0)))

    def _product(self, values: Array, columns: Array) -> Array:
        n = self.system.n
        return scipy.sparse.csr_matrix((values, self.system.indices, self.system.indptr), shape=(n, n)) @ columns

    def restart(self) -> None:
        """Forget the past: it does not predict across a jump in the boundaries."""
        self.history.clear()

    def step(self, begin: State, dt: float, *, end_time: float) -> Step | None:
        """One step from `begin`; None if Newton fails (take a shorter step).

        Parameters
        ----------
        end_time : float [s]
            Instant at which the boundaries of the last stage are taken: t + dt, or just before a jump there.
        """
        a = D * dt
        if not self.history:
            self.history.append(begin)
        if abs(self.jacobian_a - a) > 1e-3 * a:
            self._refresh(begin, a, volume=self.capacity is None)
        t = begin.time + GAMMA * dt
        rhs = begin.content + a * begin.rate
        middle = self._stage(self._guess(t), rhs, a, balanced=False)
        if middle is None:
            return None
        rhs = begin.content + dt * W * (begin.rate + middle.rate)
        self.history.append(middle)
        end = self._stage(self._guess(begin.time + dt, end_time), rhs, a, balanced=True)
        if end is None:
            self.history.pop()
            return None
        if not self.estimate:
            return Step(begin, middle, end, math.nan)
        states = (begin, middle, end)
        defect = dt * np.sum([(b - e) * s.rate for b, e, s in zip(B, B_EMBEDDED, states)], axis=0)
        defect[self.system.fixed] = 0.0
        error = np.abs(self.correction.solve(defect, absolute=0.05 * self.tolerance, relative=1e-3)).max(initial=0.0)
        return Step(begin, middle, end, float(error))

    def accept(self, step: Step) -> None:
        self.history.append(step.end)
        del self.history[:-3]

    def reject(self, step: Step | None) -> None:
        if step is not None:
            self.history.remove(step.middle)

    def _refresh(self, state: State, a: float, *, volume: bool = True) -> None:
        """New Jacobian M + a (K - dQ/dT) at a state; without `volume` only dQ/dT and the step are new."""
        if volume:
            self.capacity, self.conductance = self.system.matrices(state.T)
        self.surface = self.system.surface_matrix(state.time, state.T)
        assert self.capacity is not None
        self.correction.update(self.capacity + a * (self.conductance + self.surface))
        self.jacobian_a, self.fresh = a, volume or self.system.linear
        self.jacobians += 1

    def _guess(self, t: float, boundary_time: float | None = None) -> State:
        """State at time t by extrapolating the latest ones (quadratic, once there are three)."""
        past = self.history[-3:]
        times = [s.time for s in past]
        weights = [math.prod((t - u) / (s - u) for u in times if u != s) for s in times]
        T = _combined(weights, [s.T for s in past])
        at = t if boundary_time is None else boundary_time
        if self.system.linear and not self.system.prescribed:
            known = tuple(
                sum(w * getattr(s, name) for w, s in zip(weights, past)) for name in ("content", "conduction")
            )
            return self.system.evaluate(at, T, known=known)
        return self.system.evaluate(at, self.system.temperatures(at, T))

    def _stage(self, state: State, rhs: Array, a: float, *, balanced: bool) -> State | None:
        """Newton for N(T) - a F(T) = rhs from a guess; None if it does not converge.

        `balanced`: every body's sum of the residual is taken to `BALANCE`.  The balance of a step needs it of the last
        stage only: what a stage before leaves is part of its F.
        """
        correction = self.correction
        # rounding of the sums: of temperatures known to 1e-16 in every term of the Jacobian, and of the content itself
        floor = 2e-16 * float(correction.diagonal.sum() * np.abs(state.T).max() + np.abs(rhs).sum())
        previous = math.inf
        self.fresh = False
        for iteration in range(MOST_NEWTON):
            residual, norm = correction.residual(rhs, state, a)
            if not math.isfinite(norm):
                return None
            closed = not balanced or np.abs(correction.sums(residual)).sum() <= BALANCE * a * state.gross + floor
            small = norm * correction.last <= 2.0 * ALGEBRAIC * self.tolerance
            if small and closed and iteration:
                return state
            if norm > STALE * previous and not small and not self.fresh:
                self._refresh(state, a)
            self.newton += 1
            if small and not closed:
                state = self._shift(state, correction.coarse_step(residual))
            else:
                x = correction.solve(residual, absolute=ALGEBRAIC * self.tolerance)
                state = self.system.evaluate(state.time, state.T + x)
                previous = norm
        return None

    def _shift(self, state: State, shift: Array) -> State:
        """The state with every body's free nodes shifted by one temperature."""
        T = state.T + self.correction.spread(shift)
        if self._shifts is None:
            return self.system.evaluate(state.time, T)
        content, conduction = (
            part + columns @ shift for part, columns in zip((state.content, state.conduction), self._shifts)
        )
        return self.system.evaluate(state.time, T, known=(content, conduction))


def _combined(weights: list[float], vectors: list[Array]) -> Array:
    """Sum of at most three vectors times their weights."""
    out = np.empty_like(vectors[0])
    missing = 3 - len(vectors)
    x, y, z = vectors + vectors[:1] * missing
    _heat.combine(np.array(weights + [0.0] * missing), x, y, z, out, workers(len(out)))
    return out
