"""Walks a crack of a few sizes through its history, piece by piece between instants at which anything may jump."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from deadlight.errors import InputError
from deadlight.growth.arrest import run
from deadlight.growth.size_model import Shaking, SizeModel
from deadlight.growth.size_ode import SizeEquation
from deadlight.growth.size_record import End, Run, SizeHistory
from deadlight.remark import Remark, unique

Array = np.ndarray[Any, np.dtype[np.float64]]

LOOKS = 5  # places within a piece at which a resting crack is looked at
NEGLIGIBLE = 1e-13  # growth in a piece, as a share of the size, that is not integrated
DIGITS = 1e-8
JUMP = 0.05  # share of its size that a crack held to K_Ic may grow between instants without a closer look
HALVINGS = 16
TOUCH = 1e-6  # relative: how near to K_Ic counts as at K_Ic, for a crack that has just stopped there


class SizeWalk:
    """State of one history."""

    def __init__(
        self,
        model: SizeModel,
        start: ArrayLike,
        time: ArrayLike,
        limit: ArrayLike,
        follow: bool,
        shaking: Sequence[Shaking],
        tolerance: float,
        step: float | None,
    ) -> None:
        self.model, self.follow, self.tolerance, self.step = model, follow, tolerance, step
        self.time = np.asarray(time, dtype=float)
        self.size = np.atleast_1d(np.array(start, dtype=float))
        self.limit = np.broadcast_to(np.asarray(limit, dtype=float), self.size.shape)
        self.shaking = sorted(shaking, key=lambda s: s.start)
        self._check()
        self.rows: list[tuple[float, Array]] = []
        self.runs: list[Run] = []
        self.by_shaking = {s.name: np.zeros_like(self.size) for s in self.shaking}
        self.used: list[tuple[float, float]] = []  # K and T where it grew
        self.held = False

    def _check(self) -> None:
        place = "growth"
        if self.time.ndim != 1 or len(self.time) < 2 or not (np.diff(self.time) > 0.0).all():
            raise InputError("times do not rise", place=place, remedy="two or more instants in rising order")
        if self.size.ndim != 1 or not (np.isfinite(self.size).all() and (self.size > 0.0).all()):
            raise InputError(f"sizes {self.size}", place=place, remedy="sizes above 0")
        if (self.size >= self.limit).any():
            raise InputError("the crack starts at its limit", place=place, remedy="a limit beyond its size")
        for first, second in itertools.pairwise(self.shaking):
            if second.start < first.end:
                raise InputError(f"{first.name} and {second.name} overlap", place=place, remedy="one after the other")
        if any(not s.duration > 0.0 for s in self.shaking):
            raise InputError("a shaking has no duration", place=place, remedy="a duration above 0")

    def go(self) -> SizeHistory:
        marks = [*self.time, *self.model.humidity.breaks, *(t for s in self.shaking for t in (s.start, s.end))]
        breaks = np.unique(np.array(marks))
        breaks = breaks[(breaks >= self.time[0]) & (breaks <= self.time[-1])]
        self._note(self.time[0])
        end: End | None = None
        now = float(breaks[0])
        for until in breaks[1:]:
            now, end = self._piece(now, float(until))
            if end is not None:
                break
            if until in self.time:
                self._note(now)
        if end is not None and (self.rows[-1][0] < now or not np.array_equal(self.rows[-1][1], self.size)):
            self._note(now)
        return self._result(end or self._final(now))

    def _note(self, time: float) -> None:
        self.rows.append((float(time), self.size.copy()))

    def _final(self, now: float) -> End:
        if np.array_equal(self.rows[0][1], self.size):
            return "dormant"
        moving = self.held or self.model.velocity(self.size, now, None, True).any()
        return "growing" if moving else "arrested"

    def _piece(self, now: float, until: float) -> tuple[float, End | None]:
        """From one break to the next; the instant reached and, if it ended, how."""
        inside = np.nextafter(until, now)  # what jumps at `until` has not jumped yet
        shaking = next((s for s in self.shaking if s.start <= now < s.end), None)
        before, start = self.size.copy(), now
        critical = False
        while True:
            over = float(self.model.ratio(self.size, now, shaking).max())
            self.held = self.held and self.follow and over >= 1.0 - TOUCH
            if critical or (over >= 1.0 and not self.held):
                end = self._reached(now, shaking)
                if end is not None:
                    break
                self.held = True
            now, critical, end = self._slow(now, inside, shaking)
            if end is not None or not critical:
                break
        if shaking is not None:
            self.by_shaking[shaking.name] += self.size - before
        if end is not None:
            return now, end
        if self.held and float(self.model.ratio(self.size, inside, shaking).max()) >= 1.0:
            return self._kept(now if now < inside else start, inside, until, shaking)
        return until, None

    def _kept(self, now: float, inside: float, until: float, shaking: Shaking | None) -> tuple[float, End | None]:
        """A crack that is followed keeps to K <= K_Ic: it grew with K = K_Ic from `now`, or jumped on the way."""

        def jumps(time: float) -> bool:
            size, arrested = run(lambda a: self.model.ratio(a, time, shaking) * (1.0 + DIGITS), self.size, self.limit)
            return not arrested or bool((size > (1.0 + JUMP) * self.size).any())

        low, high = now, inside
        while jumps(inside):
            for _ in range(HALVINGS):
                middle = 0.5 * (low + high)
                low, high = (low, middle) if jumps(middle) else (middle, high)
            end = self._reached(high, shaking)
            if end is not None:
                return high, end
            low, high = high, inside
        end = self._reached(inside, shaking, at=until)
        return (until, None) if end is None else (inside, end)

    def _reached(self, now: float, shaking: Shaking | None, *, at: float | None = None) -> End | None:
        """K is at K_Ic: the end, or a run, noted for the instant `at` (now if not given)."""
        cause = shaking.name if shaking else ""
        if not self.follow:
            self.runs.append(Run(now, self.size.copy(), self.size.copy(), False, cause))
            return "critical"
        start = self.size.copy()
        # The instant was found from below: without the last digits K would be just short of K_Ic.
        self.size, arrested = run(lambda a: self.model.ratio(a, now, shaking) * (1.0 + DIGITS), start, self.limit)
        self.runs.append(Run(now if at is None else at, start, self.size.copy(), arrested, cause))
        return None if arrested else "limit"

    def _slow(self, now: float, inside: float, shaking: Shaking | None) -> tuple[float, bool, End | None]:
        """Slow growth up to `inside`, K_Ic or a limit: the instant, whether K reached K_Ic, and the end if any."""
        looks = np.linspace(now, inside, LOOKS)
        fastest = np.max([self.model.velocity(self.size, t, shaking, self.held) for t in looks], axis=0)
        if (fastest * (inside - now) <= NEGLIGIBLE * self.size).all():
            rest = self._rest(looks, shaking)
            self.size = self.size + fastest * (inside - now)  # an upper bound in place of an integration
            return rest
        span = max(inside - now, np.finfo(float).tiny)

        def at(share: float) -> float:
            return float(min(now + share * span, inside))

        def excess(size: Array, share: float) -> float:
            return -1.0 if self.held else float(self.model.ratio(size, at(share), shaking).max()) - 1.0

        equation = SizeEquation(
            lambda size, share: self.model.velocity(size, at(share), shaking, self.held),
            excess,
            start=self.size,
            limit=self.limit,
            span=span,
        )
        self._use(self.size, now, shaking)
        found = equation.advance(self.tolerance, self.step)
        self.size = found.size
        reached = inside if found.stop == "end" else at(found.share)
        self._use(self.size, reached, shaking)
        return reached, found.stop == "critical", "limit" if found.stop == "limit" else None

    def _rest(self, looks: Array, shaking: Shaking | None) -> tuple[float, bool, End | None]:
        """A crack that does not grow slowly: whether K reaches K_Ic all the same."""
        if self.held:
            return float(looks[-1]), False, None

        def over(t: float) -> float:
            return float(self.model.ratio(self.size, t, shaking).max()) - 1.0

        for first, second in itertools.pairwise(looks):
            if over(first) < 0.0 <= over(second):
                return float(brentq(over, first, second, xtol=1e-12 * (second - first), rtol=1e-14)), True, None
        return float(looks[-1]), False, None

    def _use(self, size: Array, time: float, shaking: Shaking | None) -> None:
        """The law was asked up to the peak of a shaking, not beyond K_Ic."""
        _, k_ic, T = self.model.state(size, time)
        highest = k_ic * np.minimum(self.model.ratio(size, time, shaking), 1.0)
        self.used += zip(highest.tolist(), T.tolist())

    def _result(self, end: End) -> SizeHistory:
        time = np.array([t for t, _ in self.rows])
        size = np.array([a for _, a in self.rows])
        states = [self.model.state(a, t) for t, a in self.rows]
        k = np.array([s[0] for s in states])
        used = np.array(self.used).reshape(-1, 2)
        found: list[Remark] = []
        if len(used):
            found += self.model.law.warnings(used[:, 0].max(), used[:, 1].min(), used[:, 1].max())
        if self.runs and self.follow:
            found.append(Remark(f"indicative after {self.runs[0].time:.4g} s: K reached K_Ic", alarm=True))
        return SizeHistory(
            time=time,
            size=size,
            k=k,
            ratio=k / np.array([s[1] for s in states]),
            end=end,
            runs=tuple(self.runs),
            growth_by_shaking=self.by_shaking,
            warnings=unique(found),
        )
