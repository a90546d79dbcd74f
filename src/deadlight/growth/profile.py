"""Advance along a front within one step, such that the front does not overrun itself.

Where a front is ahead of its neighbours K falls, where it is behind K rises: for a front that moved by d(s),

    K = K_0 (1 + G d),   G d = (1 / 2 pi) PV int (d(s') - d(s)) / (s' - s)^2 ds',

to first order (Rice 1985, J. Appl. Mech. 52:571, eq. 22; a wave of number k: G = -|k|/2; circular front: Gao & Rice
1987, J. Appl. Mech. 54:627).  With a velocity that goes as K^n and n of 10 to 40 this is stiff: taken with K as it was
before the step, neighbours would overtake each other in turns.  So the advance is found with K as it is after the step,

    ln d = ln g + n G d,

g the advance with K as it was.  -G is positive semi-definite, so there is one solution, the least value of

    sum (d ln d - d - d ln g) / n - d.G d / 2,

which is convex; Newton's steps go down on it and find it from anywhere.  An open front is mirrored at its ends, which
is right for a front that meets a face at a right angle.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from deadlight.errors import NotSolved
from deadlight.linalg.schedule import blas_threads

Array = np.ndarray[Any, np.dtype[np.float64]]

POINTS = 128  # of the even grid along a front
DEPTH = 60.0  # ln g is not followed below its largest value minus this
LARGEST = 60.0  # exponent
NEWTON, SMALL = 200, 1e-10
LONGEST, HALVINGS, DOWN = 4.0, 30, 1e-4  # largest change of ln d in a step; how often it is halved until it goes down
FLAT = 1e-3  # change of ln d below which the value is too flat to be compared, and Newton needs no care
LEAST_N = 1e-3  # exponent by which is divided at the least


@functools.lru_cache(maxsize=2)
def _unit_kernel(closed: bool) -> Array:
    """Matrix of G on an even grid, for a front of length one. (POINTS, POINTS)."""
    j = np.arange(POINTS)
    if closed:
        turns = np.fft.fftfreq(POINTS, 1.0 / POINTS)
        wave = np.exp(2j * np.pi * np.outer(j, turns) / POINTS)
        return np.asarray((wave * (-np.pi * np.abs(turns))) @ wave.conj().T / POINTS).real.copy()
    m = np.arange(POINTS)
    basis = np.cos(np.pi * np.outer(j + 0.5, m) / POINTS) * np.sqrt(np.where(m == 0, 1.0, 2.0) / POINTS)
    return np.asarray((basis * (-0.5 * np.pi * m)) @ basis.T)


def advance_along(
    grown: list[Array], exponent: list[Array], place: list[Array], closed: list[bool], largest: float | None
) -> list[Array]:
    """Advance of every front.

    Parameters
    ----------
    grown : list of (n,) float [m]
        Of each front, with K as it was.
    exponent : list of (n,) float
        d ln v / d ln K at the points.
    place : list of (n, 3) float [m]
        The fronts' points; a front of one point stands alone.
    closed : list of bool
    largest : float or None [m]
        The largest advance of all that is wanted: g is scaled to it.  None: g as it is.

    Raises
    ------
    NotSolved
        No solution was found; it always should.
    """
    with blas_threads(1):  # systems of 128: threads would wait longer than they work
        return _advance([_Front.of(*each) for each in zip(grown, exponent, place, closed)], largest)


def _advance(fronts: list[_Front], largest: float | None) -> list[Array]:
    top = max(f.top for f in fronts)
    if not np.isfinite(top):
        return [np.zeros(len(f.log_g)) for f in fronts]
    if largest is None:
        return [f.advance(0.0, top) for f in fronts]
    low, high = np.log(largest) - top, np.log(largest) - top  # the smoothed advance is at most g
    while max(f.advance(high, top).max() for f in fronts) < largest:
        low, high = high, high + 2.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        found = max(f.advance(middle, top).max() for f in fronts)
        low, high = (middle, high) if found < largest else (low, middle)
        if high - low < 1e-3:
            break
    return [f.advance(high, top) for f in fronts]


class _Front:
    """One front on its even grid."""

    def __init__(self, log_g: Array, exponent: Array, at: Array, length: float, closed: bool) -> None:
        self.log_g, self.exponent, self.at, self.length, self.closed = log_g, exponent, at, length, closed
        self.kernel = _unit_kernel(closed) / length if length > 0.0 else np.zeros((1, 1))
        self.last: Array | None = None

    @classmethod
    def of(cls, grown: Array, exponent: Array, place: Array, closed: bool) -> _Front:
        with np.errstate(divide="ignore"):
            log_g = np.log(np.asarray(grown, dtype=float))
        exponent = np.clip(np.nan_to_num(exponent, nan=LARGEST, posinf=LARGEST), 0.0, LARGEST)
        if len(grown) < 3:
            return cls(log_g, exponent, np.zeros(len(grown)), 0.0, False)
        step = np.linalg.norm(np.diff(place, axis=0, append=place[:1]), axis=1)
        arc = np.concatenate([[0.0], np.cumsum(step[:-1])])
        length = float(arc[-1] + (step[-1] if closed else 0.0))
        return cls(log_g, exponent, arc / length, length, closed)

    @property
    def top(self) -> float:
        return float(self.log_g.max())

    def advance(self, shift: float, top: float) -> Array:
        """Advance (n,) for g exp(shift); `top` is the largest ln g of all fronts."""
        floor = top - DEPTH
        if self.length == 0.0:
            return np.where(self.log_g < floor, 0.0, np.exp(np.minimum(self.log_g + shift, 300.0)))
        share = (np.arange(POINTS) + (0.0 if self.closed else 0.5)) / POINTS
        log_g, n = (np.interp(share, *self._around(x)) for x in (np.maximum(self.log_g, floor), self.exponent))
        y = self._solved(log_g + shift, n)
        self.last = y
        grid, value = self._around(np.exp(y), share)
        return np.asarray(np.interp(self.at, grid, value))

    def _around(self, x: Array, at: Array | None = None) -> tuple[Array, Array]:
        at = self.at if at is None else at
        if not self.closed:
            return at, x
        return np.concatenate([[at[-1] - 1.0], at, [at[0] + 1.0]]), np.concatenate([x[-1:], x, x[:1]])

    def _solved(self, log_g: Array, n: Array) -> Array:
        """Root y = ln d of y - n G exp(y) - log_g, by Newton."""
        y = np.minimum(log_g, np.log(self.length)) if self.last is None else self.last
        least = np.maximum(n, LEAST_N)

        def value(y: Array) -> float:
            d = np.exp(y)
            return float((d * (y - log_g - 1.0) / least).sum() - 0.5 * d @ (self.kernel @ d))

        for _ in range(NEWTON):
            d = np.exp(y)
            rest = y - n * (self.kernel @ d) - log_g
            slope = np.eye(len(y)) - n[:, None] * self.kernel * d
            step = np.linalg.solve(slope, rest)
            size = float(np.abs(step).max())
            if size < SMALL:
                return np.asarray(y - step)
            share = min(1.0, LONGEST / size)
            if size > FLAT:
                now, fall = value(y), DOWN * float((d * rest / least) @ step)
                for _ in range(HALVINGS):
                    if value(y - share * step) <= now - share * fall:
                        break
                    share *= 0.5
            y = y - share * step
        raise NotSolved(f"the advance along a front was not found in {NEWTON} steps (last change {size:.2g})")
