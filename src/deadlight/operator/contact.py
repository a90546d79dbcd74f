"""Closure: crack faces that press on each other and seats that cannot pull, as one complementarity problem.

Contact points carry a pressure x_i >= 0 with the hat function psi_i of a node as its shape; the weighted gap
w_i = int psi_i D.n dS answers by w = q + S x, S = B A^-1 B'.  Crack faces: 0 <= x, 0 <= w, x.w = 0.  A seat of
stiffness k adds the compliance a_i / k to its diagonal.  S is symmetric and positive semi-definite, so the
opening is unique (Cottle, Pang & Stone 1992, The Linear Complementarity Problem, 3.1); it is found by a primal-dual
active set (Hintermueller, Ito & Kunisch 2003, SIAM J. Optim. 13:865) from the set of the instant before, and by
non-negative least squares where that cycles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
from scipy.optimize import nnls

from deadlight.errors import NotSolved

Array = np.ndarray[Any, np.dtype[np.float64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

MOST_STEPS = 40
ROUNDING = 1e-10  # of the largest gap or pressure: smaller is zero


@dataclass(frozen=True, eq=False)
class Closed:
    """Solution of one complementarity problem.

    Attributes
    ----------
    pressure : (n,) float
    gap : (n,) float
    active : (n,) bool
        In contact.
    steps : int
        Linear systems solved; 0 where nothing touches.
    """

    pressure: Array
    gap: Array
    active: Mask
    steps: int


@dataclass(frozen=True, eq=False)
class Flexibility:
    """How gaps answer to pressures, ready for many active sets.

    Attributes
    ----------
    matrix : (n, n) float
        S, positive semi-definite.
    symmetric : bool
        Crack faces alone; with reliefs of seats the coupling of both is skew.
    inverse : (n, n) float or None
        Of a symmetric S where it has one: with more points shut than open the few open ones are solved for instead.
    """

    matrix: Array
    symmetric: bool
    inverse: Array | None

    @classmethod
    def of(cls, matrix: Array, *, symmetric: bool = True) -> Flexibility:
        inverse = None
        if symmetric and len(matrix):
            factor, info = scipy.linalg.lapack.dpotrf(matrix, lower=1)
            if info == 0:
                lower, info = scipy.linalg.lapack.dpotri(factor, lower=1)
                full = np.tril(lower) + np.tril(lower, -1).T
                probe = np.random.default_rng(0).standard_normal((len(matrix), 4))  # its product tells a bad inverse
                if info == 0 and np.abs(full @ (matrix @ probe) - probe).max() < 1e-6:
                    inverse = full
        return cls(matrix, symmetric, inverse)

    def pressure(self, gap: Array, active: Mask) -> Array:
        """Pressures that close the active points, 0 elsewhere. (n,).

        Raises
        ------
        scipy.linalg.LinAlgError
            The active part is singular.
        """
        x = np.zeros(len(gap))
        if self.inverse is not None and 2 * active.sum() > len(active):
            shut = -self.inverse @ gap
            if not active.all():
                left = scipy.linalg.solve(self.inverse[np.ix_(~active, ~active)], -shut[~active], assume_a="pos")
                shut += self.inverse[:, ~active] @ left
            x[active] = shut[active]
            return x
        kind = "pos" if self.symmetric else "gen"
        x[active] = scipy.linalg.solve(self.matrix[np.ix_(active, active)], -gap[active], assume_a=kind)
        return x


def complementarity(flexibility: Flexibility, gap: Array, start: Mask | None = None) -> Closed:
    """Solves 0 <= x, 0 <= w = gap + S x, x.w = 0.

    Parameters
    ----------
    gap : (n,) float
        Without contact.
    start : (n,) bool or None
        First guess of what is in contact.

    Raises
    ------
    NotSolved
        Neither method ends (S not positive semi-definite).
    """
    zero = ROUNDING * max(float(np.abs(gap).max(initial=0.0)), np.finfo(float).tiny)
    if (gap >= -zero).all():
        return Closed(np.zeros(len(gap)), gap, np.zeros(len(gap), dtype=bool), 0)
    diagonal = np.diag(flexibility.matrix)
    active = (gap < 0) if start is None or not start.any() else start.copy()
    for step in range(1, MOST_STEPS + 1):
        try:
            x = flexibility.pressure(gap, active)
        except (scipy.linalg.LinAlgError, scipy.linalg.LinAlgWarning):
            break
        w = gap + flexibility.matrix @ x
        after = x - w / diagonal > ROUNDING * np.abs(x).max(initial=0.0)
        after = np.where(active, x > 0, w < -zero) if step > MOST_STEPS // 2 else after
        if (after == active).all():
            return Closed(x, w, active, step)
        active = after
    if not flexibility.symmetric:
        raise NotSolved(f"contact of crack faces and seats did not settle in {MOST_STEPS} steps")
    return _least_squares(flexibility.matrix, gap, zero)


def _least_squares(flexibility: Array, gap: Array, zero: float) -> Closed:
    """min 1/2 x'Sx + gap'x, x >= 0, as non-negative least squares on a root of S."""
    value, vector = scipy.linalg.eigh(flexibility)
    keep = value > 1e-13 * value[-1]
    root = vector[:, keep] * np.sqrt(value[keep])
    try:
        x, _ = nnls(root.T, -(vector[:, keep] / np.sqrt(value[keep])).T @ gap, maxiter=30 * len(gap))
    except RuntimeError as error:
        raise NotSolved(f"contact of the crack faces not solved: {error}") from error
    w = gap + flexibility @ x
    if w.min() < -1e-6 * max(float(np.abs(gap).max()), zero):
        raise NotSolved(f"contact of the crack faces not solved: faces overlap by {-w.min():.3g} (weighted gap, m^3)")
    return Closed(x, w, x > 0, MOST_STEPS)


@dataclass(frozen=True, eq=False)
class ContactHistory:
    """Contact at all instants. pressure (m, n), active (m, n) bool, steps (m,)."""

    pressure: Array
    active: Mask
    steps: np.ndarray[Any, np.dtype[np.int64]]


def contact_history(flexibility: Flexibility, gaps: Array) -> ContactHistory:
    """One problem after the other, each from the contact of the one before.

    Parameters
    ----------
    gaps : (m, n) float
        Without contact, in the order of time.
    """
    pressure = np.zeros_like(gaps)
    active = np.zeros(gaps.shape, dtype=bool)
    steps = np.zeros(len(gaps), dtype=np.int64)
    last: Mask | None = None
    for i, gap in enumerate(gaps):
        found = complementarity(flexibility, gap, last)
        pressure[i], active[i], steps[i] = found.pressure, found.active, found.steps
        last = found.active
    return ContactHistory(pressure, active, steps)


def stick_history(matrix: Array, gaps: Array) -> ContactHistory:
    """Faces that hold together where they shut: they keep the offset along the face that they had on closing.

    Parameters
    ----------
    matrix : (3 n, 3 n) float
        Flexibility of normal pressures and of tractions along two directions: n normal rows first, then 2 n.
    gaps : (m, 3 n) float
        Weighted gap and offsets without contact, in the order of time.

    Returns
    -------
    ContactHistory
        Pressures and tractions (m, 3 n); active (m, n).

    Raises
    ------
    NotSolved
        An instant does not settle.
    """
    m, n = len(gaps), gaps.shape[1] // 3
    pressure, active, steps = np.zeros_like(gaps), np.zeros((m, n), dtype=bool), np.zeros(m, dtype=np.int64)
    offset, shut = np.zeros(2 * n), np.zeros(n, dtype=bool)
    for i, gap in enumerate(gaps):
        found = _stick(matrix, gap, shut, offset)
        pressure[i], active[i], steps[i] = found.pressure, found.active, found.steps
        after = gap[n:] + matrix[n:] @ found.pressure
        fresh = np.concatenate([found.active & ~shut] * 2)
        offset[fresh] = after[fresh]
        shut = found.active
    return ContactHistory(pressure, active, steps)


def _stick(matrix: Array, gap: Array, shut: Mask, offset: Array) -> Closed:
    """One instant; points shut before keep their offset, those that shut now slide until they do."""
    n = len(shut)
    zero = ROUNDING * max(float(np.abs(gap).max(initial=0.0)), np.finfo(float).tiny)
    active = shut if shut.any() else gap[:n] < -zero
    for step in range(1, 2 * MOST_STEPS + 1):
        held = np.concatenate([active, active & shut, active & shut])
        x = np.zeros(3 * n)
        wanted = np.concatenate([np.zeros(n), offset]) - gap
        if held.any():
            try:
                x[held] = scipy.linalg.solve(matrix[np.ix_(held, held)], wanted[held], assume_a="pos")
            except scipy.linalg.LinAlgError as error:
                raise NotSolved(f"contact with stick not solved: {error}") from error
        w = gap[:n] + matrix[:n] @ x
        after = np.where(active, x[:n] > 0, w < -zero)
        if (after == active).all():
            return Closed(x, w, active, step)
        active = after
    raise NotSolved(f"contact with stick did not settle in {2 * MOST_STEPS} steps")
