"""Preconditioned conjugate gradients on many right-hand sides in lockstep, each column with its own matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]


def conjugate_gradients(
    apply: Callable[[Array, Index], Array],
    precondition: Callable[[Array], Array],
    rhs: Array,
    target: Array,
    maximum: int,
) -> tuple[Array, Array]:
    """Solves A_j x_j = b_j from x = 0 for all columns j, the preconditioner applied to all that still run.

    Parameters
    ----------
    apply : (x (n, k), columns (k,)) -> (n, k)
        A_j x_j of the named columns.
    precondition : (n, k) -> (n, k)
    rhs : (n, m) float
    target : (m,) float
        Euclidean norm of the residual to reach.
    maximum : int
        Iterations at most; the caller checks the residual itself.

    Returns
    -------
    x : (n, m) float
    iterations : (m,) int

    References
    ----------
    Hestenes & Stiefel 1952, J. Res. NBS 49:409, with preconditioning (Golub & Van Loan, algorithm 11.5.1).
    """
    n, m = rhs.shape
    x = np.zeros((n, m))
    iterations = np.zeros(m, dtype=int)
    columns = np.flatnonzero(np.linalg.norm(rhs, axis=0) > target)
    if not len(columns):
        return x, iterations
    r = rhs[:, columns].copy()
    z = precondition(r)
    p = z.copy()
    rz = np.einsum("ij,ij->j", r, z)
    for _ in range(maximum):
        q = apply(p, columns)
        curvature = np.einsum("ij,ij->j", p, q)
        usable = curvature > 0
        step = np.where(usable, rz / np.where(usable, curvature, 1.0), 0.0)
        x[:, columns] += step * p
        r -= step * q
        iterations[columns] += 1
        going = usable & (np.linalg.norm(r, axis=0) > target[columns])
        if not going.any():
            break
        if not going.all():
            columns, r, p, rz = columns[going], r[:, going], p[:, going], rz[going]
        z = precondition(r)
        new = np.einsum("ij,ij->j", r, z)
        p = z + (new / rz) * p
        rz = new
    return x, iterations
