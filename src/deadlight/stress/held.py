"""A pane in its supports: one factor at reference stiffness, equilibrium at many instants on it.

Equilibrium of the pane with displacement u:

    K(lambda, mu) u = f - sum_seats N^T n p(u.n) w - K_shear u,      p = max(0, p0 + k u.n)

The left side changes with temperature and the set of pressing springs with the load; both are small changes of the
reference matrix (all springs closed), so the factor of that one preconditions every instant.  The contact is solved by
semi-smooth Newton steps with an exact line search on the convex energy, so it ends with the exact active set.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse

from deadlight.errors import NotSolved
from deadlight.fem.elasticity import ElasticBody
from deadlight.linalg.sparse import Factor, factor
from deadlight.stress.gradients import conjugate_gradients
from deadlight.stress.supports import Fixed, Seat, Springs

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

NEWTON = 40
ITERATIONS = 400


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """Displacements that hold the pane in balance, and how well.

    Attributes
    ----------
    displacement : (n_nodes, 3, m) float [m]
    residual : (m,) float
        Norm of the free nodes' unbalanced force over that of the load.
    iterations : (m,) int
        Conjugate gradient iterations.
    newton : (m,) int
        Contact steps.
    open_fraction : (m,) float
        Share of the seat area that has lifted off.
    balance : (m,) float
        Unbalanced resultant (force; moment about the centroid over the pane's radius) over the sum of all force
        magnitudes.
    shear_traction : (m,) float [Pa]
        Largest shear that the gaskets' tangential springs carry.
    """

    displacement: Array
    residual: Array
    iterations: Index
    newton: Index
    open_fraction: Array
    balance: Array
    shear_traction: Array


@dataclass(frozen=True, eq=False)
class HeldBody:
    """An elastic body with seats and fixed displacements, factored once.

    Build with `hold`.
    """

    body: ElasticBody
    springs: Springs
    fixed: Mask
    prescribed: Array
    reference: Factor
    diagonal: Array

    @property
    def free(self) -> Array:
        """1 for unknowns, 0 for prescribed components. (3 n_nodes, 1)."""
        return (~self.fixed).astype(float)[:, None]

    def _elastic(self, lam: Array, mu: Array, u: Array) -> Array:
        n, m = self.body.n_nodes, u.shape[1]
        return self.body.apply(lam, mu, u.reshape(n, 3, m)).reshape(3 * n, m)

    def residual(self, lam: Array, mu: Array, force: Array, u: Array) -> Array:
        """Unbalanced force (3 n_nodes, m) [N] on every unknown; on prescribed ones it is minus the reaction."""
        return force + self.springs.force(u) - self._elastic(lam, mu, u)

    def solve(
        self, lam: Array, mu: Array, force: Array, *, guess: Array | None = None, tolerance: float = 1e-10
    ) -> Equilibrium:
        """Equilibrium at m instants together.

        Parameters
        ----------
        lam, mu : (n_fields, m) float [Pa]
        force : (n_nodes, 3, m) float [N]
            Nodal loads, thermal and initial stress included.
        guess : (n_nodes, 3, m) float [m], optional
        tolerance : float
            Norm of the residual over the norm of the load.

        Raises
        ------
        NotSolved
            An instant did not reach the tolerance.
        """
        n, m = self.body.n_nodes, force.shape[2]
        f = force.reshape(3 * n, m)
        u = np.zeros((3 * n, m)) if guess is None else guess.reshape(3 * n, m).copy()
        u = u * self.free + self.prescribed[:, None]
        at_rest = self.residual(lam, mu, f, np.repeat(self.prescribed[:, None], m, axis=1)) * self.free
        scale = np.linalg.norm(at_rest, axis=0)
        iterations, newton = np.zeros(m, dtype=int), np.zeros(m, dtype=int)
        previous: Mask | None = None
        going = np.arange(m)
        residual = np.zeros(m)
        for _ in range(NEWTON):
            r = self.residual(lam[:, going], mu[:, going], f[:, going], u[:, going]) * self.free
            # no solver beats the rounding of the product itself; a body that drifts away must not hide behind it
            floor = 4e-15 * np.linalg.norm(self.diagonal[:, None] * u[:, going], axis=0)
            floor = np.minimum(floor, 1e-6 * scale[going])
            residual[going] = np.linalg.norm(r, axis=0) / np.maximum(scale[going], 1e-300)
            late = np.linalg.norm(r, axis=0) > tolerance * scale[going] + floor
            going, r, floor = going[late], r[:, late], floor[late]
            if not len(going):
                break
            closed = self.springs.closed(u[:, going])
            settled = closed.all(axis=0)
            if previous is not None:
                settled = (closed == previous[:, going]).all(axis=0)
            target = np.where(settled, 0.5 * (tolerance * scale[going] + floor), 1e-2 * np.linalg.norm(r, axis=0))
            step, count = self._newton_step(lam[:, going], mu[:, going], r, closed, target)
            changed = np.flatnonzero((self.springs.closed(u[:, going] + step) != closed).any(axis=0))
            if len(changed):
                part = going[changed]
                step[:, changed] *= self._line_search(
                    lam[:, part], mu[:, part], f[:, part], u[:, part], step[:, changed]
                )
            u[:, going] += step
            iterations[going] += count
            newton[going] += 1
            previous = np.zeros((closed.shape[0], m), dtype=bool) if previous is None else previous
            previous[:, going] = closed
            if np.abs(self.springs.normal @ u[:, going]).max(initial=0.0) > 10 * self._size:
                raise self._unsolved(u, going, residual, iterations)
        else:
            raise self._unsolved(u, going, residual, iterations)
        return self._report(lam, mu, f, u, residual, iterations, newton)

    def linear(self, lam: Array, mu: Array, force: Array, closed: Mask, *, tolerance: float = 1e-10) -> Array:
        """Displacement (3 n_nodes, m) [m] under forces (n_nodes, 3, m) with springs that press by decree.

        Parameters
        ----------
        closed : (p, m) bool
            Springs that act, in push and in pull.
        tolerance : float
            Norm of the residual over the norm of the load; the caller checks what comes of it.
        """
        f = force.reshape(3 * self.body.n_nodes, -1) * self.free
        return self._newton_step(lam, mu, f, closed, tolerance * np.linalg.norm(f, axis=0))[0]

    def _unsolved(self, u: Array, going: Index, residual: Array, iterations: Index) -> NotSolved:
        worst = int(going[np.argmax(residual[going])])
        moved = float(np.abs(u[:, worst]).max())
        return NotSolved(
            f"equilibrium of the pane: {len(going)} of {u.shape[1]} instants did not converge (instant {worst}: "
            f"residual {residual[worst]:.2g} of the load after {iterations[worst]} iterations, "
            f"{100 * self._open(u)[worst]:.0f} % of the seat lifted, moved by {1e3 * moved:.3g} mm); "
            "is the pane held on both sides of its seats?"
        )

    @functools.cached_property
    def _size(self) -> float:
        return float(np.ptp(self.body.mesh.points, axis=0).max())

    def _newton_step(self, lam: Array, mu: Array, r: Array, closed: Mask, target: Array) -> tuple[Array, Array]:
        free = self.free

        def apply(x: Array, columns: Index) -> Array:
            elastic = self._elastic(lam[:, columns], mu[:, columns], x)
            return (elastic + self.springs.product(x, closed[:, columns])) * free

        return conjugate_gradients(apply, lambda b: self.reference.solve(b) * free, r, target, ITERATIONS)

    def _line_search(self, lam: Array, mu: Array, f: Array, u: Array, step: Array) -> Array:
        """Length (m,) of the step that minimises the energy: the root of its slope, which grows with the length."""
        springs = self.springs
        elastic = self._elastic(lam, mu, step) + springs.tangent @ step
        curvature = np.einsum("ij,ij->j", step, elastic)
        pull = f - self._elastic(lam, mu, u) - springs.tangent @ u
        slope0 = -np.einsum("ij,ij->j", step, pull)
        bu, bs = springs.normal @ u, springs.normal @ step
        k, p0, w = springs.stiffness[:, None], springs.preload[:, None], springs.area[:, None]

        def slope(s: Array) -> Array:
            return slope0 + s * curvature + np.sum(w * np.maximum(0.0, p0 + k * (bu + s * bs)) * bs, axis=0)

        start, full = slope(np.zeros(u.shape[1])), slope(np.ones(u.shape[1]))
        low, high = np.zeros(u.shape[1]), np.ones(u.shape[1])
        overshoot = full > 0.1 * np.abs(start)
        if not overshoot.any():
            return high
        for _ in range(40):
            middle = (low + high) / 2
            positive = slope(middle) > 0
            high, low = np.where(positive, middle, high), np.where(positive, low, middle)
        return np.where(overshoot, (low + high) / 2, 1.0)

    def _open(self, u: Array) -> Array:
        area = self.springs.area
        return (area @ ~self.springs.closed(u)) / area.sum() if len(area) else np.zeros(u.shape[1])

    def _report(
        self, lam: Array, mu: Array, f: Array, u: Array, residual: Array, iterations: Index, newton: Index
    ) -> Equilibrium:
        n, m = self.body.n_nodes, u.shape[1]
        seats = self.springs.force(u)
        # prescribed components take what is left over: their reaction
        reaction = -self.residual(lam, mu, f, u) * (1 - self.free)
        parts = np.stack([f, seats, reaction]).reshape(3, n, 3, m)
        total = parts.sum(axis=0)
        arm = self.body.mesh.points - self.body.mesh.points.mean(axis=0)
        size = np.linalg.norm(arm, axis=1).max()
        moment = np.linalg.norm(np.sum(np.cross(arm[:, :, None], total, axis=1), axis=0), axis=0) / size
        magnitude = np.linalg.norm(parts, axis=2).sum(axis=(0, 1))
        balance = np.maximum(np.linalg.norm(total.sum(axis=0), axis=0), moment) / np.maximum(magnitude, 1e-300)
        return Equilibrium(
            u.reshape(n, 3, m),
            residual,
            iterations,
            newton,
            self._open(u),
            balance,
            self.springs.shear_traction(u.reshape(n, 3, m)),
        )


def hold(body: ElasticBody, supports: Sequence[Seat | Fixed], lam: Array, mu: Array) -> HeldBody:
    """Factor a body in its supports at reference Lame fields (n_fields,), all seats closed.

    Raises
    ------
    NotSolved
        The supports leave the body free to move.
    """
    seats = [s for s in supports if isinstance(s, Seat)]
    springs = Springs.build(body.mesh, seats)
    fixed, prescribed = np.zeros(3 * body.n_nodes, dtype=bool), np.zeros(3 * body.n_nodes)
    for support in supports:
        if isinstance(support, Fixed):
            rows = 3 * support.nodes(body.mesh)[:, None] + np.asarray(support.components)
            fixed[rows] = True
            prescribed[rows] = support.value
    matrix = body.pattern.matrix(body.stiffness(lam, mu), block=3)
    if len(springs.area):
        matrix = (matrix + springs.matrix()).tocsr()
    if fixed.any():
        matrix = _pin(matrix, fixed)
    return HeldBody(body, springs, fixed, prescribed, factor(matrix, block=3), matrix.diagonal())


def _pin(matrix: scipy.sparse.csr_matrix, fixed: Mask) -> scipy.sparse.csr_matrix:
    """Rows and columns of fixed unknowns emptied but for the diagonal; the pattern stays."""
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    matrix.data[(fixed[row] | fixed[matrix.indices]) & (row != matrix.indices)] = 0.0
    return matrix
