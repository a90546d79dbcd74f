"""Conjugate gradients for many right-hand sides in lockstep, with any preconditioner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import scipy.sparse

from deadlight.errors import NotSolved
from deadlight.linalg.factor import Array, Index, checked_rhs


class Solver(Protocol):
    """Anything with `solve`: a Factor, or a preconditioner."""

    def solve(self, b: Array) -> Array: ...


@dataclass(frozen=True, eq=False)
class Solution:
    """What conjugate gradients found.

    Attributes
    ----------
    x : (n,) or (n, k)
    iterations : (k,) int
        Iterations each column took.
    residual : (k,)
        |b - A x| / |b| in the Euclidean norm, computed from x itself.
    """

    x: Array
    iterations: Index
    residual: Array


def cg(
    matrix: Any,
    b: Array,
    *,
    preconditioner: Solver,
    guess: Array | None = None,
    rtol: float = 1e-10,
    max_iterations: int = 1000,
) -> Solution:
    """Solve A x = b for a symmetric positive definite A by preconditioned conjugate gradients.

    Every column runs its own recurrence (Hestenes & Stiefel 1952); they march together so that the matrix and the
    preconditioner are read once for all of them. A column that has converged is taken out. Where rounding made the
    recurrence lose touch with the true residual, the column is started again from where it is.

    Parameters
    ----------
    matrix : (n, n) sparse, or a function x (n, k) -> A x (n, k)
    b : (n,) or (n, k)
    preconditioner : object with solve(r (n, k)) -> (n, k)
        Symmetric positive definite, for instance the Factor of a nearby matrix.
    guess : like b, optional
        Where to start, default zero.
    rtol : float
        Wanted |b - A x| / |b|. A sparse `matrix` also counts as solved where |b - A x| <= 4 eps |A|_inf |x|: no
        direct solver does better (Rigal & Gaches, J. ACM 14 (1967) 543).
    max_iterations : int
        Limit for every column.

    Raises
    ------
    NotSolved
        Not converged, A or the preconditioner not positive definite, or NaN.
    """
    n = len(b)
    b = checked_rhs(b, n=n)
    apply: Callable[[Array], Array] = matrix if callable(matrix) else matrix.__matmul__
    rhs = b.reshape(n, -1)
    x = np.zeros_like(rhs) if guess is None else np.array(guess, dtype=np.float64).reshape(rhs.shape)
    size = np.linalg.norm(rhs, axis=0)
    floor = 4.0 * np.finfo(float).eps * abs(matrix).sum(axis=1).max() if scipy.sparse.issparse(matrix) else 0.0
    x[:, size == 0.0] = 0.0
    iterations = np.zeros(rhs.shape[1], dtype=np.int64)
    residual = np.zeros(rhs.shape[1])
    todo = np.flatnonzero(size > 0.0)
    for _ in range(4):  # restarts
        if not len(todo):
            break
        _march(apply, rhs, x, todo, preconditioner, rtol * size, iterations, max_iterations)
        true = np.linalg.norm(rhs[:, todo] - apply(x[:, todo]), axis=0)
        residual[todo] = true / size[todo]
        exact = true <= floor * np.linalg.norm(x[:, todo], axis=0)
        todo = todo[~(exact | (residual[todo] <= rtol))]
        if (iterations[todo] >= max_iterations).any():
            break
    if len(todo):
        worst = todo[np.argmax(residual[todo])]
        raise NotSolved(
            f"conjugate gradients: column {worst} has a relative residual of {residual[worst]:.2e} after "
            f"{iterations[worst]} iterations, wanted {rtol:.1e}; loosen the tolerance, allow more iterations, "
            "or use a direct solver (more memory)"
        )
    return Solution(x.reshape(b.shape), iterations, residual)


def _march(
    apply: Callable[[Array], Array],
    b: Array,
    x: Array,
    columns: Index,
    preconditioner: Solver,
    target: Array,
    iterations: Index,
    max_iterations: int,
) -> None:
    """Iterate the given columns of x in place until the recurrence's residual is below the target."""
    r = b[:, columns] - apply(x[:, columns])
    z = preconditioner.solve(r)
    p = z.copy()
    rz = _dot(r, z)
    active = np.arange(len(columns))
    done = np.linalg.norm(r, axis=0) <= target[columns]
    while True:
        done |= iterations[columns[active]] >= max_iterations
        if done.any():
            keep = ~done
            active, r, p, rz = active[keep], r[:, keep], p[:, keep], rz[keep]
            if not len(active):
                return
        ap = apply(p)
        curvature = _dot(p, ap)
        if not ((rz > 0.0) & (curvature > 0.0)).all():
            raise NotSolved(
                f"conjugate gradients: p'Ap = {curvature.min():.3g}, r'Mr = {rz.min():.3g}: the matrix or its "
                "preconditioner is not positive definite; check supports, material values and mesh"
            )
        step = rz / curvature
        x[:, columns[active]] += step * p
        r = r - step * ap
        iterations[columns[active]] += 1
        done = np.linalg.norm(r, axis=0) <= target[columns[active]]
        if done.all():
            return
        z = preconditioner.solve(r)
        previous, rz = rz, _dot(r, z)
        p = z + (rz / previous) * p


def _dot(a: Array, b: Array) -> Array:
    return np.einsum("ij,ij->j", a, b)
