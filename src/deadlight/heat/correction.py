"""Newton corrections: conjugate gradients on the heat Jacobian, with a direct factor when steps are long.

Short steps make the Jacobian nearly a mass matrix, and a few iterations with its diagonal in single precision cost less
than one back-substitution.  The residual they serve is always evaluated in double precision.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse

from deadlight import _heat, kernels
from deadlight.errors import NotSolved
from deadlight.heat.system import State
from deadlight.heat.workers import workers
from deadlight.linalg.sparse import Factor, factor

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
BoolArray = np.ndarray[Any, np.dtype[np.bool_]]

MOST_ITERATIONS = 2000
MOST_FACTORED = 200
STALE_FACTOR = 6  # iterations that show that the Jacobian has left its factor
CHEAP_ITERATIONS = 40  # up to here a solve with the diagonal is never dearer than one with a factor
BLOCKS = 8  # of rows, each with its own partial sums: results do not depend on the number of threads


class Upper:
    """Upper triangle of matrices on one pattern, in single precision and an order that keeps neighbours close."""

    def __init__(self, indptr: Index, indices: np.ndarray[Any, Any], fixed: BoolArray) -> None:
        n = len(indptr) - 1
        graph = scipy.sparse.csr_matrix((np.ones(len(indices), np.int8), indices, indptr), shape=(n, n))
        self.n, self.order = n, scipy.sparse.csgraph.reverse_cuthill_mckee(graph, symmetric_mode=True).astype(np.int64)
        position = np.empty(n, dtype=np.int64)
        position[self.order] = np.arange(n)
        row, column = position[np.repeat(np.arange(n), np.diff(indptr))], position[indices]
        place = np.flatnonzero(row <= column)
        place = place[np.argsort(row[place] * n + column[place])]
        row, column = row[place], column[place]
        self.rows = -(-n // _heat.CG_LANES) * _heat.CG_LANES
        filling = np.arange(n, self.rows)  # empty rows up to a full lane, with a diagonal entry of no value
        self.start = np.concatenate([[0], np.cumsum(np.bincount(np.concatenate([row, filling]), minlength=self.rows))])
        self.column = np.concatenate([column, filling]).astype(np.int32)
        self.place = np.concatenate([place, np.zeros(len(filling), np.int64)])
        free = ~fixed[self.order]
        self.scale = np.concatenate([free[row] & free[column], np.zeros(len(filling))]).astype(np.float32)
        self.value = np.empty(len(self.column), dtype=np.float32)
        share = np.linspace(0, self.rows // _heat.CG_LANES, BLOCKS + 1).astype(np.int64)
        self.blocks = np.unique(share) * _heat.CG_LANES
        self.reach = np.maximum.reduceat(self.column, self.start[self.blocks[:-1]]).astype(np.int64) + 1
        self.reach = np.maximum(self.reach, self.blocks[1:])

    def fill(self, data: Array) -> None:
        """Takes over the values of a matrix on the pattern."""
        _heat.fill_single(data, self.place, self.scale, self.value, workers(self.n))

    def vector(self, x: Array) -> np.ndarray[Any, np.dtype[np.float32]]:
        """A vector in this order, padded."""
        out = np.zeros(self.rows, dtype=np.float32)
        out[: self.n] = x[self.order]
        return out


class Correction:
    """Solves J x = r for the current Jacobian J; then removes what is left of the residual's sum over every body.

    Attributes
    ----------
    iterations, solves, factors : int
        Conjugate-gradient iterations, solves and factorisations so far.
    last : int
        Iterations of the last solve: a measure of how far D^-1 r may be from the error.
    """

    def __init__(self, indptr: Index, indices: np.ndarray[Any, Any], *, fixed: BoolArray, bodies: Index) -> None:
        self.indptr, self.indices, self.fixed = indptr, indices, fixed
        self.n = len(indptr) - 1
        self.upper = Upper(indptr, indices, fixed)
        row = np.repeat(np.arange(self.n), np.diff(indptr))
        self.diagonal_place = np.flatnonzero(row == indices)
        self.body, self.n_bodies = bodies, int(bodies.max()) + 1
        self.factor: Factor | None = None
        self.kept: Factor | None = None
        self.excess = 0
        self.iterations = self.solves = self.factors = 0
        self.last = 10

    def update(self, data: Array) -> None:
        """Takes a new Jacobian (values on the pattern); the factor, if there is one, stays as preconditioner.

        Raises
        ------
        NotSolved
            A value is not finite.
        """
        if not np.isfinite(data.sum()):
            raise NotSolved("heat: the Jacobian is not finite; check the material tables and the boundary values")
        self.data = data
        self.diagonal = data[self.diagonal_place]
        with np.errstate(divide="ignore"):
            self.inverse = np.where(self.fixed, 0.0, 1.0 / self.diagonal)
        self.upper.fill(data)
        self.inverse32 = self.upper.vector(self.inverse)
        self.matrix = scipy.sparse.csr_matrix((data, self.indices, self.indptr), shape=(self.n, self.n))
        self.coarse_columns = self.matrix @ self.body_columns()
        self.coarse_columns[self.fixed] = 0.0
        self.coarse = np.linalg.pinv(self.body_columns().T @ self.coarse_columns)

    def residual(self, rhs: Array, state: State, a: float) -> tuple[Array, float]:
        """rhs - N + a F, zero at fixed nodes, and its largest component by D^-1 [K] (NaN if any is not finite)."""
        out = np.empty(self.n)
        parts = rhs, state.content, state.conduction, state.heat
        largest, total = _heat.residual(*parts, a, self.inverse, out, workers(self.n))
        return out, largest if np.isfinite(total) else np.nan

    def body_columns(self) -> Array:
        """One column a body, 1 at its free nodes. (n, n_bodies)."""
        columns = np.zeros((self.n, self.n_bodies))
        columns[np.arange(self.n), self.body] = ~self.fixed
        return columns

    def spread(self, shift: Array) -> Array:
        """One temperature a body on its free nodes. (n_bodies,) -> (n,)."""
        return np.where(self.fixed, 0.0, shift[self.body])

    def sums(self, r: Array) -> Array:
        """Sum of r (zero at fixed nodes) over every body."""
        return r.sum(keepdims=True) if self.n_bodies == 1 else np.bincount(self.body, r, self.n_bodies).astype(float)

    def coarse_step(self, r: Array) -> Array:
        """One temperature shift a body, (n_bodies,), that takes the sums of r away."""
        return self.coarse @ self.sums(r)

    def solve(self, r: Array, *, absolute: float, relative: float = 1e-6) -> Array:
        """x with J x = r (r zero at fixed nodes), to iterations * norm(r - J x) <= absolute [K].

        Raises
        ------
        NotSolved
            The Jacobian is not positive definite or the iterations do not converge.
        """
        self.solves += 1
        x = self._diagonal(r, absolute, relative) if self.factor is None else None
        if x is None:
            x = self._factored(r, absolute, relative)
        shift = self.coarse @ (self.sums(r) - self.coarse_columns.T @ x)
        return x + self.spread(shift)

    def _diagonal(self, r: Array, absolute: float, relative: float) -> Array | None:
        largest = float(np.abs(r).max(initial=0.0))
        if largest == 0.0 or self.fixed.all():
            return np.zeros(self.n)
        u = self.upper
        r32, x32 = u.vector(r / largest), np.zeros(u.rows, dtype=np.float32)
        count, _, last = _heat.conjugate_gradients(
            u.blocks, u.reach, u.start, u.column, u.value, self.inverse32, x32, r32, absolute / largest,
            max(relative, 1e-6), MOST_ITERATIONS, kernels.isa(), workers(self.n),
        )  # fmt: skip
        self.iterations += count
        self.last = max(count, 1)
        self.excess += max(count - CHEAP_ITERATIONS, 0)
        if self.excess > max(50, 0.02 * self.n) or count == MOST_ITERATIONS or last < 0.0:
            self._make_factor()  # serves from the next solve on, and now if this one failed
            if count == MOST_ITERATIONS or last < 0.0:
                return None
        x = np.empty(self.n)
        x[u.order] = x32[: self.n]
        return x * largest

    def _masked(self) -> scipy.sparse.csr_matrix:
        free = (~self.fixed).astype(float)
        row = np.repeat(np.arange(self.n), np.diff(self.indptr))
        data = self.data * free[row] * free[self.indices]
        data[self.diagonal_place] += 1.0 - free
        return scipy.sparse.csr_matrix((data, self.indices, self.indptr), shape=(self.n, self.n))

    def _make_factor(self) -> None:
        self.factors += 1
        # the pattern never changes: order and analysis are those of the first factor
        self.kept = factor(self._masked(), single=True) if self.kept is None else self.kept.refactor(self._masked())
        self.factor = self.kept

    def _factored(self, r: Array, absolute: float, relative: float) -> Array:
        """Conjugate gradients with a factor of this or an earlier Jacobian."""
        assert self.factor is not None
        x, rest = np.zeros(self.n), r.copy()
        z = self.factor.solve(rest)
        p, rho, first = z, float(rest @ z), float(np.abs(z).max(initial=0.0))
        count, done = 0, rho <= 0.0
        while not done:
            if count == MOST_FACTORED:
                raise NotSolved(f"heat: {count} iterations with a factor did not converge; check the material tables")
            count += 1
            y = self.matrix @ p
            y[self.fixed] = 0.0
            alpha = rho / float(p @ y)
            x += alpha * p
            rest -= alpha * y
            z = self.factor.solve(rest)
            largest = float(np.abs(z).max(initial=0.0))
            rho, old = float(rest @ z), rho
            done = largest <= absolute or largest <= relative * first or rho <= 0.0
            p = z + (rho / old) * p
        self.iterations += count
        self.last = 1
        if count > STALE_FACTOR:  # a stale factor: back to the diagonal, which asks for a new factor if it needs one
            self.factor, self.excess = None, int(0.01 * self.n)
        return x
