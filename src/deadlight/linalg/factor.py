"""What every factorisation of a symmetric positive definite matrix offers, whichever library made it."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse

from deadlight.errors import InputError, NotSolved

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

# A pivot below this fraction of the diagonal entry it came from has no correct digit worth trusting.
SINGULAR = 1e-13


@dataclass
class Seconds:
    """Wall time of the stages of a factorisation [s]."""

    order: float = 0.0
    analyse: float = 0.0
    factor: float = 0.0

    def total(self) -> float:
        return self.order + self.analyse + self.factor


@dataclass
class Factor(ABC):
    """A factorised symmetric positive definite matrix of `n` unknowns.

    Attributes
    ----------
    n : int
        Number of unknowns.
    nnz : int
        Entries of the factor L (lower triangle with its diagonal).
    memory_bytes : int
        Memory the factor holds [byte].
    seconds : Seconds
        Wall time of ordering, analysis and numerical factorisation [s].
    """

    n: int = 0
    nnz: int = 0
    memory_bytes: int = 0
    seconds: Seconds = field(default_factory=Seconds)
    backend: str = ""

    @abstractmethod
    def _solve(self, b: Array) -> Array:
        """Solution (n, k) of A x = b for a checked b (n, k)."""

    @abstractmethod
    def refactor(self, matrix: scipy.sparse.sparray) -> Factor:
        """New factor of a matrix with the same pattern: ordering and analysis are reused.

        Raises
        ------
        InputError
            The pattern differs.
        NotSolved
            The matrix is not positive definite.
        """

    def single(self) -> Factor:
        """A factor in single precision (half the bandwidth) for preconditioning; this one if there is none."""
        return self

    def solve(self, b: Array) -> Array:
        """Solution of A x = b.

        Parameters
        ----------
        b : (n,) or (n, k) float
            One or many right-hand sides, C- or F-ordered.

        Returns
        -------
        (n,) or (n, k) float

        Raises
        ------
        InputError
            The shape does not fit.
        NotSolved
            The right-hand side holds NaN or infinity.
        """
        b = checked_rhs(b, n=self.n)
        return self._solve(b.reshape(self.n, -1)).reshape(b.shape)

    def __repr__(self) -> str:
        return (
            f"Factor({self.backend}, n = {self.n}, nnz(L) = {self.nnz / 1e6:.4g} M, "
            f"{self.memory_bytes / 2**20:.4g} MiB, {self.seconds.total():.3g} s)"
        )


class Stopwatch:
    """Wall time since the last lap [s]."""

    def __init__(self) -> None:
        self.start = time.perf_counter()

    def lap(self) -> float:
        now = time.perf_counter()
        elapsed, self.start = now - self.start, now
        return elapsed


def checked_rhs(b: Array, *, n: int) -> Array:
    """The right-hand side as float64, or the reason why it cannot be one."""
    b = np.asarray(b, dtype=np.float64)
    if b.ndim not in (1, 2) or b.shape[0] != n:
        raise InputError(f"right-hand side of shape {b.shape}", place="solve", remedy=f"expected ({n},) or ({n}, k)")
    if not np.isfinite(b).all():
        where = np.argwhere(~np.isfinite(b))[0]
        raise NotSolved(
            f"solve: the right-hand side holds {b[tuple(where)]} at unknown {where[0]}; check the loads that made it"
        )
    return b


def checked_matrix(matrix: scipy.sparse.sparray) -> scipy.sparse.csr_array:
    """The matrix as CSR with sorted, unique columns, square, finite, symmetric (sampled), with a positive diagonal.

    Raises
    ------
    InputError
        Not sparse, not square or not symmetric.
    NotSolved
        NaN or infinity in the values, or a diagonal entry <= 0.
    """
    if not scipy.sparse.issparse(matrix):
        raise InputError(
            f"found {type(matrix).__name__}", place="factor", remedy="pass a scipy.sparse matrix (CSR or CSC)"
        )
    if matrix.shape[0] != matrix.shape[1] or matrix.shape[0] == 0:
        raise InputError(
            f"matrix of shape {matrix.shape}", place="factor", remedy="a square matrix with at least one row"
        )
    csr = _canonical(matrix)
    check_values(csr)
    _check_symmetric(csr)
    return csr


def _canonical(matrix: scipy.sparse.sparray) -> scipy.sparse.csr_array:
    """CSR float64 with sorted unique columns; the caller's arrays are kept where they serve, never changed."""
    # CSC of a symmetric matrix read as CSR is the same matrix: no conversion.
    if matrix.format == "csc":
        matrix = scipy.sparse.csr_array((matrix.data, matrix.indices, matrix.indptr), shape=matrix.shape)
    csr = scipy.sparse.csr_array(matrix, dtype=np.float64)
    if not csr.has_canonical_format:
        csr = csr.copy()  # sorting works in place, and the arrays are the caller's
        csr.sum_duplicates()
    return csr


def same_pattern(matrix: scipy.sparse.sparray, pattern: scipy.sparse.csr_array) -> scipy.sparse.csr_array:
    """The matrix as CSR, checked to have the pattern of an earlier one."""
    csr = _canonical(matrix)
    same = csr.shape == pattern.shape and csr.nnz == pattern.nnz
    same = same and np.array_equal(csr.indptr, pattern.indptr) and np.array_equal(csr.indices, pattern.indices)
    if not same:
        raise InputError(
            f"{csr.nnz} entries against {pattern.nnz}, or in other places",
            place="refactor",
            remedy="pass a matrix with the pattern of the factored one, or call factor()",
        )
    check_values(csr)
    return csr


def check_values(csr: scipy.sparse.csr_array) -> None:
    """Raise NotSolved where a value is not finite or a diagonal entry is not positive."""
    # The sum of the squares is finite only if every value is: one pass, no temporary array.
    if not np.isfinite(np.dot(csr.data, csr.data)):
        bad = np.flatnonzero(~np.isfinite(csr.data))
        if len(bad):
            row = int(np.searchsorted(csr.indptr, bad[0], side="right")) - 1
            raise NotSolved(
                f"factor: the matrix holds {csr.data[bad[0]]} at ({row}, {csr.indices[bad[0]]}) "
                f"and {len(bad) - 1} more such entries; check material values and element shapes there"
            )
    diagonal = csr.diagonal()
    worst = int(np.argmin(diagonal))
    if diagonal[worst] <= 0.0:
        raise not_definite(worst, diagonal[worst], diagonal[worst])


def _check_symmetric(csr: scipy.sparse.csr_array, *, samples: int = 64) -> None:
    n = csr.shape[0]
    rows = np.unique(np.linspace(0, n - 1, samples).astype(np.int64))
    part = csr[rows]
    i = np.repeat(rows, np.diff(part.indptr))
    mirrored = np.asarray(csr[part.indices, i]).ravel()
    scale = np.sqrt(np.abs(csr.diagonal()))
    error = np.abs(mirrored - part.data) > 1e-9 * scale[i] * scale[part.indices]
    if error.any():
        k = int(np.flatnonzero(error)[0])
        raise InputError(
            f"A[{i[k]}, {part.indices[k]}] = {part.data[k]:.9g} but A[{part.indices[k]}, {i[k]}] = {mirrored[k]:.9g}",
            place="factor",
            remedy="pass a symmetric matrix in full storage (both triangles)",
        )


def not_definite(dof: int, pivot: float, diagonal: float) -> NotSolved:
    """The error for a matrix whose pivot at unknown `dof` is not safely positive."""
    if diagonal <= 0.0:
        why = "the diagonal entry itself is not positive: a material value or an element is inverted there"
    elif abs(pivot) <= SINGULAR * diagonal:
        why = "singular: a body is not held (a missing support or contact) or a spring is far too soft"
    else:
        why = "not positive definite: a negative stiffness or conductance, or an inverted element"
    return NotSolved(
        f"factor: pivot {pivot:.3g} at unknown {dof} (diagonal {diagonal:.3g}); {why}; "
        "check supports, material values and mesh at that unknown"
    )
