"""The differential equation of a growing crack over one smooth span of time.

da/dt = v(a, t) is stiff in one place only: it blows up as K nears K_Ic.  So neither time nor size is the independent
variable but s with

    ds = (v + V) dt,   da/ds = v / (v + V),   dt/ds = 1 / (v + V),

V a reference velocity: both right sides are bounded, slow growth advances in time and fast growth in size.  DOP853
(Hairer, Norsett & Wanner 1993) integrates it with error control.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.integrate import solve_ivp

from deadlight.errors import NotSolved

Array = np.ndarray[Any, np.dtype[np.float64]]
Stop = Literal["end", "limit", "critical"]

LEAST = 1e-12  # growth, as a share of the size, below which its error is not controlled
STOPS: tuple[Stop, ...] = ("end", "limit", "critical")


@dataclass(frozen=True)
class Reached:
    """Where the integration stopped: sizes (p,) [m], share of the span 0..1, and by what."""

    size: Array
    share: float
    stop: Stop


class SizeEquation:
    """Growth of sizes (p,) [m] over a span of time.

    Parameters
    ----------
    velocity : callable
        (p,) [m/s] of sizes and the share of the span.
    excess : callable
        Largest K/K_Ic - 1 of sizes and the share of the span; it stops where that rises through 0.
    start, limit : (p,) float [m]
    span : float [s]
    """

    def __init__(
        self,
        velocity: Callable[[Array, float], Array],
        excess: Callable[[Array, float], float],
        *,
        start: Array,
        limit: Array,
        span: float,
    ) -> None:
        self.velocity, self.excess = velocity, excess
        self.start, self.limit, self.span = start, limit, span
        self.scale = float(start.min())
        self.reference = self.scale / span

    def size(self, y: Array) -> Array:
        """Sizes [m] of a state: growth in units of the smallest size, and the share of the span."""
        return np.asarray(self.start + self.scale * np.maximum(y[:-1], 0.0))  # a trial stage may lie behind the start

    def share(self, y: Array) -> float:
        """Share of the span, kept within it: beyond, anything may have jumped."""
        return min(float(y[-1]), 1.0)

    def rate(self, s: float, y: Array) -> Array:
        """dy/ds."""
        v = self.velocity(self.size(y), self.share(y))
        total = float(v.sum()) + self.reference
        return np.append(v / (total * self.scale), 1.0 / (total * self.span))

    def stops(self) -> list[Callable[[float, Array], float]]:
        """Functions that rise through 0 at the end of the span, at a limit, at K_Ic; in the order of `STOPS`."""
        bounded = bool(np.isfinite(self.limit).any())
        events: list[Callable[[float, Array], float]] = [
            lambda s, y: float(y[-1] - 1.0),
            lambda s, y: float((self.size(y) - self.limit).max()) / self.scale if bounded else -1.0,
            lambda s, y: self.excess(self.size(y), self.share(y)),
        ]
        for event in events:
            event.terminal, event.direction = True, 1.0  # type: ignore[attr-defined]
        return events

    def advance(self, tolerance: float, step: float | None = None) -> Reached:
        """Integrate until something stops it.

        Parameters
        ----------
        tolerance : float
            Relative, of the growth and of time, in each step.
        step : float or None [m]
            Fixed steps in s in place of error control.

        Raises
        ------
        NotSolved
            The integrator gave up.
        """
        count = len(self.start)
        control: dict[str, Any] = {"rtol": tolerance, "atol": np.append(np.full(count, LEAST), tolerance)}
        if step is not None:
            control = {"rtol": 1e3, "atol": 1e3, "first_step": step, "max_step": step}
        events = self.stops()
        # s runs to span * V = the size in slow growth, and by as much more as the crack grows
        first = {"first_step": 1e-3 * self.scale, **control}
        found = solve_ivp(
            self.rate, (0.0, 1e12 * self.scale), np.zeros(count + 1), method="DOP853", events=events, **first
        )
        if found.status != 1:
            raise NotSolved(f"growth over {self.span:g} s from sizes {self.start} m: {found.message}")
        which = next(i for i, hits in enumerate(found.t_events) if len(hits))
        y = self._last(found, events[which], {**control, "first_step": None})
        return Reached(np.minimum(self.size(y), self.limit), self.share(y), STOPS[which])

    def _last(self, found: Any, event: Callable[[float, Array], float], control: dict[str, Any]) -> Array:
        """The state at the stop: the last step passed it, its interpolant is less exact, so the step is done again."""
        s, y = float(found.t[-2]), found.y[:, -2]
        stop = float(found.t[-1])
        if stop <= s:
            return np.asarray(found.y[:, -1])
        again = solve_ivp(self.rate, (s, stop), y, method="DOP853", **control)
        if again.status != 0:
            raise NotSolved(f"growth over {self.span:g} s from sizes {self.start} m: {again.message}")
        y = again.y[:, -1]
        for _ in range(2):  # Newton along the solution
            rate, small = self.rate(stop, y), 1e-6 * (stop - s)
            here = event(stop, y)
            slope = (event(stop, y + small * rate) - here) / small
            if not slope > 0.0:
                break
            y = y + np.clip(-here / slope, -0.1 * (stop - s), 0.1 * (stop - s)) * rate
        return np.asarray(y)
