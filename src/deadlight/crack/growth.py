"""Quasi-static growth of a through crack along its line: run, arrest, reach the rim, start again.

At every instant a tip whose K reaches K_Ic is moved on in steps until K < K_Ic; a run of many steps at one instant is
an unstable run that ends in arrest, at the rim, or at the far side.  Inertia is left out: a real run overshoots the
static arrest point.  Slow growth below K_Ic is not included.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.crack.skin_contact import Opening
from deadlight.crack.through import Index, ThroughProblem

Array = np.ndarray[Any, np.dtype[np.float64]]
Toughness = Callable[[Array], Array]

OUTER, INNER = 0, 1
FINE_STEP = 0.01  # shortest step, as a share of the crack's length (long cracks)
LONG_STEP = 0.05  # longest step of an unstable run, as a share of the crack's length
FAR_SIDE = 0.05  # a tip still running this close to the far rim (share of the chord) has crossed the pane


@dataclass(frozen=True)
class Run:
    """One tip moving at one instant. `start`, `stop` are depths below the rim [m]; `ratio` is K/K_Ic before it."""

    instant: int
    tip: int
    start: float
    stop: float
    steps: int
    ratio: float


@dataclass(frozen=True, eq=False)
class Walk:
    """Grown crack through the history.

    Attributes
    ----------
    outer, inner : (m,) float [m]
        Tip depths in force after each instant.
    membrane, bending : (m, 2) float [Pa m^0.5]
        K_m and skin K_b of the plane problem after growth at each instant; NaN at a tip that is no more.
    area : (m,) float [m^2 Pa]
        Slit area at mid-thickness times Young's modulus.
    ratio : (m, 2) float
        Largest K through the thickness over K_Ic at the tip's temperature.
    before : (m, 2) float
        The same before growth at that instant.
    temperature : (m, 2) float [K]
        Thickness mean at the tips after growth, where `ratio` is.
    runs : tuple of Run
    reached_rim, split : int or None
        Instant at which the rim-side tip reached the rim / the other tip crossed the pane.
    """

    outer: Array
    inner: Array
    membrane: Array
    bending: Array
    area: Array
    ratio: Array
    before: Array
    temperature: Array
    runs: tuple[Run, ...]
    reached_rim: int | None
    split: int | None


def walk(problem: ThroughProblem, toughness: Toughness, *, step: float) -> Walk:
    """Follow the crack through the history, tips moving in steps [m]."""
    return _Walker(problem, toughness, step).go()


def rest(problem: ThroughProblem, toughness: Toughness) -> Walk:
    """The crack as found throughout, whatever its K."""
    m, line = len(problem.section.membrane), problem.line
    every = np.arange(m)
    opening = problem.opening(line.outer, line.inner, every)
    there = np.array([np.nan if line.outer == 0.0 else 1.0, 1.0])
    front = problem.tip_temperature(line.outer, line.inner, every)
    ratio = problem.profile(line.outer, line.inner, every, opening).front_max / toughness(front) * there
    return Walk(
        np.full(m, line.outer), np.full(m, line.inner), opening.membrane * there, opening.bending * there, opening.area,
        ratio, ratio, front * there, (), None, None,
    )  # fmt: skip


class _Walker:
    """State of one walk; arrays are filled instant by instant, quiet stretches in chunks."""

    def __init__(self, problem: ThroughProblem, toughness: Toughness, step: float) -> None:
        self.problem, self.toughness, self.step = problem, toughness, step
        m = len(problem.section.membrane)
        self.count = m
        self.outer, self.inner = problem.line.outer, problem.line.inner
        self.history_outer, self.history_inner = np.full(m, np.nan), np.full(m, np.nan)
        self.membrane, self.bending = np.full((m, 2), np.nan), np.full((m, 2), np.nan)
        self.area = np.full(m, np.nan)
        self.ratio, self.before = np.full((m, 2), np.nan), np.full((m, 2), np.nan)
        self.temperature = np.full((m, 2), np.nan)
        self.runs: list[Run] = []
        self.reached_rim: int | None = None
        self.split: int | None = None

    def go(self) -> Walk:
        instant, chunk = 0, self.count  # most cracks rest throughout: the opening of the whole history is kept
        while instant < self.count and self.split is None and not self._stuck():
            upto = min(instant + chunk, self.count)
            instants = np.arange(instant, upto)
            opening, ratio = self._at(instants)
            over = np.flatnonzero((ratio >= 1.0).any(axis=1))
            quiet = len(instants) if not len(over) else int(over[0])
            self._record(instants[:quiet], opening, ratio[:quiet])
            self.before[instants[:quiet]] = ratio[:quiet]
            instant += quiet
            if quiet < len(instants):
                self.before[instant] = ratio[quiet]
                self._grow(instant, ratio[quiet])
                instant += 1
                chunk = 4  # while it grows, look ahead only a little
            else:
                chunk = 4 * chunk
        self.history_outer[instant:], self.history_inner[instant:] = self.outer, self.inner
        return Walk(
            self.history_outer,
            self.history_inner,
            self.membrane,
            self.bending,
            self.area,
            self.ratio,
            self.before,
            self.temperature,
            tuple(self.runs),
            self.reached_rim,
            self.split,
        )

    def _stuck(self) -> bool:
        """The rim was reached along a line whose edge crack is not solved."""
        return self.outer == 0.0 and not self.problem.line.rim.free

    def _at(self, instants: Index) -> tuple[Opening, Array]:
        opening = self.problem.opening(self.outer, self.inner, instants)
        critical = self.toughness(self.problem.tip_temperature(self.outer, self.inner, instants))
        profile = self.problem.profile(self.outer, self.inner, instants, opening)
        ratio = profile.front_max / critical
        if self.outer == 0.0:
            ratio[:, OUTER] = np.nan
        return opening, ratio

    def _record(self, instants: Index, opening: Opening | None, ratio: Array) -> None:
        self.ratio[instants] = ratio
        self.history_outer[instants], self.history_inner[instants] = self.outer, self.inner
        if opening is not None:
            rows = slice(len(instants))
            there = np.where(np.isnan(ratio), np.nan, 1.0)
            self.membrane[instants], self.bending[instants] = (
                opening.membrane[rows] * there,
                opening.bending[rows] * there,
            )
            self.area[instants] = opening.area[rows]
            self.temperature[instants] = self.problem.tip_temperature(self.outer, self.inner, instants) * there

    def _grow(self, instant: int, ratio: Array) -> None:
        """Move the more critical tip on until both are below K_Ic, the rim or the far side is reached.

        Steps double while K stays above K_Ic; when a long one passes the arrest point it is taken back and made short.
        """
        here = np.array([instant])
        start, steps, first = [self.outer, self.inner], [0, 0], [0.0, 0.0]
        short = max(self.step, FINE_STEP * (self.inner - self.outer))
        stride = [short, short]
        opening: Opening | None = None
        rows = ratio[None]
        while np.nanmax(rows) >= 1.0:
            tip = int(np.nanargmax(rows))
            first[tip] = first[tip] or float(rows[0, tip])
            steps[tip] += 1
            before = self.outer, self.inner
            self._advance(tip, stride[tip], instant)
            if self.split is not None and stride[tip] > short:
                (self.outer, self.inner), stride[tip], self.split = before, short, None
                continue
            if self.split is not None or self._stuck():
                opening, rows = None, np.full((1, 2), np.nan)
                break
            moved, new = self._at(here)
            if stride[tip] > short and new[0, tip] < 1.0:
                (self.outer, self.inner), stride[tip] = before, short
                continue
            opening, rows = moved, new
            stride[tip] = min(2.0 * stride[tip], max(short, LONG_STEP * (self.inner - self.outer)))
        for tip, stop in enumerate((self.outer, self.inner)):
            if stop != start[tip]:
                self.runs.append(Run(instant, tip, start[tip], stop, steps[tip], first[tip]))
        self._record(here, opening, rows)

    def _advance(self, tip: int, stride: float, instant: int) -> None:
        if tip == OUTER:
            if self.outer - stride < self.step:
                stride = max(min(stride, self.outer - self.step), self.step)
            self.outer -= stride
            if self.outer < self.step:
                self.outer, self.reached_rim = 0.0, instant
            return
        self.inner += stride
        if self.inner > (1.0 - FAR_SIDE) * self.problem.line.length:
            self.inner, self.split = self.problem.line.length, instant
