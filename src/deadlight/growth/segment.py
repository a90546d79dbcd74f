"""Time between two neighbouring geometries: slow growth by the law, running where K reaches K_Ic, rest where it falls.

The progress xi in 0..1 is the share of the area between the two.  dA/dt is the integral of the velocity along the
front, known on both geometries at every time; in between log K and the log of that integral are taken linear in the
log of the area, which is exact for any law on a crack that grows with K = c A^p, and second order for the rest.  The
largest K/K_Ic is taken linear in it.  Running takes no time: xi goes to where K falls below K_Ic, or to the next
geometry.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from deadlight.growth.reading import Instant, Reading

Array = np.ndarray[Any, np.dtype[np.float64]]

TOLERANCE = 1e-5  # of the progress, a step in time
SHOWN = 0.1  # of the progress, at most, from one point of the trace to the next
AT_LEAST = 1.0 / 16.0  # of an interval between instants: shortest step while K is held at K_Ic
NEGLIGIBLE = 1e-9  # of the progress within an interval: not integrated
BELOW = 1e-9  # of the progress: how far beyond K = K_Ic a run is said to end


class Law(Protocol):
    """Velocity of slow growth."""

    def velocity(self, k: Array, temperature: Array, humidity: Array) -> Array: ...


class Clock(Protocol):
    """Humidity at the crack, 0 to 1, constant between its breaks (j,) [s]."""

    @property
    def breaks(self) -> Array: ...

    def at(self, time: Array) -> Array: ...


@dataclass
class March:
    """What happened within one segment.

    Attributes
    ----------
    time, progress : list of float
        Trace; times never fall, progress never falls.
    runs : list of (time, from, to)
        Where K was at or above K_Ic.
    crossed : bool
        The next geometry was reached.
    """

    time: list[float] = field(default_factory=list)
    progress: list[float] = field(default_factory=list)
    runs: list[tuple[float, float, float]] = field(default_factory=list)
    crossed: bool = False

    def note(self, time: float, progress: float) -> None:
        self.time.append(time)
        self.progress.append(progress)

    @property
    def end(self) -> float:
        return self.time[-1]


@dataclass(frozen=True, eq=False)
class Segment:
    """Two neighbouring geometries.

    Attributes
    ----------
    first, last : Reading
    swept : float [m^2]
        Area between them that grew; what a transition added at a stroke is not counted.
    """

    first: Reading
    last: Reading
    swept: float
    law: Law
    clock: Clock

    def share(self, progress: float) -> float:
        """Where the geometry at a progress lies between the two on the scale of log area."""
        ratio = 1.0 + self.swept / self.first.area
        return math.log1p(progress * (ratio - 1.0)) / math.log(ratio)

    def ratio(self, progress: float, time: float) -> float:
        """Largest K/K_Ic."""
        s = self.share(progress)
        a, b = (float(r.at(time).ratio.max()) for r in (self.first, self.last))
        return (1.0 - s) * a + s * b

    def rate(self, progress: float, time: float, humidity: Array) -> float:
        """d(progress)/dt by slow growth [1/s].

        K of either geometry is carried to the progress by the ratio of both geometries' mean K (weighted by velocity),
        then the law is asked, and the two answers are mixed.
        """
        now = [r.at(time) for r in (self.first, self.last)]
        own = [self._velocity(n, 1.0, humidity) for n in now]
        mean = [float((v * r.weight) @ n.effective) / float(v @ r.weight) if v.any() else 0.0
                for v, n, r in zip(own, now, (self.first, self.last))]  # fmt: skip
        s = self.share(progress)
        if not min(mean) > 0.0:
            a, b = (float(v @ r.weight) for v, r in zip(own, (self.first, self.last)))
            return ((1.0 - progress) * a + progress * b) / self.swept
        ratio = mean[1] / mean[0]
        a = float(self._velocity(now[0], ratio**s, humidity) @ self.first.weight)
        b = float(self._velocity(now[1], ratio ** (s - 1.0), humidity) @ self.last.weight)
        if not (a > 0.0 and b > 0.0):
            return ((1.0 - progress) * a + progress * b) / self.swept
        return math.exp((1.0 - s) * math.log(a) + s * math.log(b)) / self.swept

    def _velocity(self, now: Instant, factor: float, humidity: Array) -> Array:
        k = np.clip(factor * now.effective, 0.0, now.toughness)  # beyond K_Ic it runs, which is not the law's
        return np.asarray(self.law.velocity(k, now.temperature, humidity))

    def rest(self, progress: float, time: float) -> float | None:
        """Least progress, from the given one on, at which K is below K_Ic; None if there is none in the segment."""
        if self.ratio(progress, time) < 1.0:
            return progress
        a, b = (float(r.at(time).ratio.max()) for r in (self.first, self.last))
        if b >= 1.0:
            return None
        ratio = 1.0 + self.swept / self.first.area
        found = (ratio ** ((a - 1.0) / (a - b)) - 1.0) / (ratio - 1.0)  # `ratio` is linear in the share
        return min(max(found, progress) + BELOW, 1.0)

    def march(self, time: float, progress: float = 0.0) -> March:
        """From a time and progress on until the next geometry or the end of the history."""
        found = March()
        found.note(time, progress)
        instants = breakpoints(self.first.time, self.clock)
        least = 0.0
        while True:
            if self.ratio(progress, time) >= 1.0:
                stop = self.rest(progress, time)
                found.runs.append((time, progress, 1.0 if stop is None else stop))
                progress = 1.0 if stop is None else stop
                found.note(time, progress)
                least = AT_LEAST
            if progress >= 1.0:
                found.crossed = True
                return found
            i = int(np.searchsorted(instants, time, side="right"))
            if i >= len(instants):
                return found
            least *= float(instants[i] - instants[i - 1])
            time, progress = self._interval(time, float(instants[i]), progress, least, found)
            least = 0.0

    def _interval(self, time: float, until: float, progress: float, least: float, found: March) -> tuple[float, float]:
        """On to the end of an interval between instants, or to where K reaches K_Ic, or to the next geometry.

        While K is held at K_Ic (`least` > 0) steps are at least so long, and K may pass K_Ic within one.
        """
        wet = self.clock.at(np.array([0.5 * (time + until)]))
        if self._quiet(time, until, progress, wet):
            found.note(until, progress)
            return until, progress
        step = least or until - time
        while time < until:
            step = min(step, until - time)
            moved, error = self._try(progress, time, step, wet)
            if error > TOLERANCE and step > 1e-13 * max(until - time, abs(time)):
                step *= max(0.1, 0.8 * (TOLERANCE / error) ** (1.0 / 3.0))
                continue
            if moved - progress > 1.5 * SHOWN:
                step *= SHOWN / (moved - progress)  # so that straight lines between the points of the trace will do
                continue
            if moved >= 1.0:
                time += step * _root(self._end_reached(progress, time, step, wet))
                found.note(time, 1.0)
                return time, 1.0
            over = self.ratio(moved, time + step) >= 1.0
            if over and step > least:
                step *= _root(self._toughness_reached(progress, time, step, wet))
                moved = self._try(progress, time, step, wet)[0]
            time, progress = time + step, moved
            found.note(time, progress)
            if over:
                return time, progress
            step *= min(4.0, 0.8 * (TOLERANCE / max(error, 1e-30)) ** (1.0 / 3.0))
        return until, progress

    def _quiet(self, time: float, until: float, progress: float, wet: Array) -> bool:
        """Whether nothing moves in an interval: velocity and K/K_Ic are largest at one of its ends."""
        ends = (time, until)
        if max(self.ratio(progress, t) for t in ends) >= 1.0:
            return False
        top = 0.0
        for reading in (self.first, self.last):
            two = [reading.at(t) for t in ends]
            highest = Instant(*(np.maximum(getattr(two[0], x), getattr(two[1], x))
                                for x in ("effective", "temperature", "toughness")))  # fmt: skip
            top = max(top, float(self._velocity(highest, 1.0, wet) @ reading.weight))
        return top * (until - time) < NEGLIGIBLE * self.swept

    def _end_reached(self, progress: float, time: float, step: float, wet: Array) -> Callable[[float], float]:
        """Progress beyond the end of the segment after a share of a step."""
        return lambda share: self._try(progress, time, share * step, wet)[0] - 1.0

    def _toughness_reached(self, progress: float, time: float, step: float, wet: Array) -> Callable[[float], float]:
        """Largest K/K_Ic above one after a share of a step."""
        return lambda share: self.ratio(self._try(progress, time, share * step, wet)[0], time + share * step) - 1.0

    def _try(self, progress: float, time: float, step: float, wet: Array) -> tuple[float, float]:
        """One step of Bogacki & Shampine 1989, order 3 with 2 for its error: progress after it, error."""
        a = self.rate(progress, time, wet)
        b = self.rate(min(progress + 0.5 * step * a, 1.0), time + 0.5 * step, wet)
        c = self.rate(min(progress + 0.75 * step * b, 1.0), time + 0.75 * step, wet)
        after = progress + step * (2.0 * a + 3.0 * b + 4.0 * c) / 9.0
        d = self.rate(min(after, 1.0), time + step, wet)
        return after, step * abs(-5.0 * a / 72.0 + b / 12.0 + c / 9.0 - d / 8.0)


def breakpoints(time: Array, clock: Clock) -> Array:
    """Instants of a history and the jumps of the humidity between them."""
    jumps = np.asarray(clock.breaks, dtype=float)
    return np.unique(np.concatenate([time, jumps[(jumps > time[0]) & (jumps < time[-1])]]))


def _root(g: Callable[[float], float]) -> float:
    """Root in 0..1 of a function that is below zero at 0 and not at 1, from above."""
    a, b = 0.0, 1.0
    for _ in range(40):
        middle = 0.5 * (a + b)
        a, b = (a, middle) if g(middle) >= 0.0 else (middle, b)
    return b
