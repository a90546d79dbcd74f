"""The temperature history of a mesh and its heat balance."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from deadlight.errors import InputError

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, eq=False)
class HeatBalance:
    """Heat of every step by the scheme's own quadrature [J], (n_steps,) each.

    Attributes
    ----------
    time : (n_steps + 1,) float [s]
        Ends of the steps.
    content : (n_steps,)
        Change of the heat content of the mesh.
    loads : dict of str -> (n_steps,)
        Net heat into the mesh through each boundary; pairs exchange inside the mesh and have none.
    prescribed : (n_steps,)
        Heat that the prescribed temperatures put in (consistent nodal reactions).
    gross : (n_steps,)
        Heat exchanged: integrals of |q| over boundaries and pairs, plus |reactions|.
    """

    time: Array
    content: Array
    loads: dict[str, Array]
    prescribed: Array
    gross: Array

    @property
    def defect(self) -> Array:
        """Heat missing in every step, as a fraction of the gross heat of that step (0 where nothing is exchanged)."""
        missing = np.abs(self.content - sum(self.loads.values(), np.zeros_like(self.content)) - self.prescribed)
        return np.divide(missing, self.gross, out=np.zeros_like(missing), where=self.gross > 0.0)


@dataclass(frozen=True, eq=False)
class TemperatureHistory:
    """Temperatures of all nodes over time.

    Attributes
    ----------
    time : (m,) float [s]
        Increasing.
    temperature : (m, n_nodes) float [K]
    breakpoints : (b,) float [s]
        Instants where boundaries jump; nothing is interpolated across them.
    balance : HeatBalance
    warnings : tuple of str
        What was out of range, assumed or not shown, for the user.
    info : dict of str -> int or float
        Steps, rejected steps, Newton and linear iterations, factorisations, seconds.
    unpaired : dict of str -> float
        Area fraction of face_a without a partner, by pair.
    """

    time: Array
    temperature: Array
    balance: HeatBalance
    breakpoints: Array = field(default_factory=lambda: np.zeros(0))
    warnings: tuple[str, ...] = ()
    info: dict[str, float] = field(default_factory=dict)
    unpaired: dict[str, float] = field(default_factory=dict)

    def resampled(self, time: Array) -> TemperatureHistory:
        """The same history at other instants (k,) [s] inside it; balance and remarks stay those of the steps."""
        values = np.stack([self.at(float(t)) for t in time])
        return replace(self, time=np.asarray(time, dtype=float), temperature=values)

    def at(self, t: float) -> Array:
        """Temperatures (n_nodes,) at time t [s].

        A parabola through the three nearest instants on the same side of every breakpoint: third-order small, so it
        does not spoil the second-order steps.

        Raises
        ------
        InputError
            t outside the history.
        """
        first, last = float(self.time[0]), float(self.time[-1])
        slack = 1e-9 * max(last - first, 1.0)
        if not first - slack <= t <= last + slack:
            raise InputError(
                f"time {t:g} s", place="temperature history", remedy=f"it runs from {first:g} s to {last:g} s"
            )
        low, high = self._segment(t)
        here = np.arange(low, high)
        if len(here) > 3:
            middle = int(np.clip(np.searchsorted(self.time[low:high], t), 2, len(here) - 1)) + low
            here = np.arange(middle - 2, middle + 1)
            if middle + 1 < high and abs(self.time[middle + 1] - t) < abs(t - self.time[middle - 2]):
                here = here + 1
        times = self.time[here]
        found = np.zeros(self.temperature.shape[1])
        for i in range(len(here)):  # at most three
            others = np.delete(times, i)
            found += np.prod((t - others) / (times[i] - others)) * self.temperature[here[i]]
        return found

    def _segment(self, t: float) -> tuple[int, int]:
        """Rows between the breakpoints about t."""
        slack = 1e-9 * max(float(self.time[-1] - self.time[0]), 1.0)
        before = self.breakpoints[self.breakpoints <= t + slack]
        after = self.breakpoints[self.breakpoints > t + slack]
        low = int(np.searchsorted(self.time, before[-1] - slack)) if len(before) else 0
        high = int(np.searchsorted(self.time, after[0] + slack, side="right")) if len(after) else len(self.time)
        if high - low < 2 and low > 0:
            low -= 1
        return low, high

    def node(self, i: int) -> Array:
        """Temperature [K] of one node over `time`. (m,)."""
        return self.temperature[:, i]

    def __repr__(self) -> str:
        lo, hi = self.temperature.min(), self.temperature.max()
        return (
            f"TemperatureHistory({len(self.time)} instants, {self.time[0]:g} s to {self.time[-1]:g} s, "
            f"{self.temperature.shape[1]} nodes, {lo:.1f} K to {hi:.1f} K, {len(self.warnings)} warnings)"
        )
