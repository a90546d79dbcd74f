"""SuperLU of SciPy under the METIS order: slower than Cholesky, but present wherever SciPy is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse
import scipy.sparse.linalg

from deadlight.errors import NotSolved
from deadlight.linalg.factor import SINGULAR, Array, Factor, Index, Seconds, Stopwatch, not_definite, same_pattern
from deadlight.linalg.order import graph_of, nested_dissection, unknowns


@dataclass(repr=False)
class SuperLU(Factor):
    """L U factors in symmetric mode without pivoting; the pivots are checked as those of a Cholesky factor would be."""

    order: Index | None = None
    pattern: scipy.sparse.csr_array | None = None
    lu: scipy.sparse.linalg.SuperLU | None = None
    backend: str = "superlu"

    def _solve(self, b: Array) -> Array:
        assert self.lu is not None and self.order is not None
        x = np.empty_like(b)
        x[self.order] = self.lu.solve(np.ascontiguousarray(b[self.order]))
        return x

    def refactor(self, matrix: scipy.sparse.sparray) -> SuperLU:
        assert self.order is not None
        csr = same_pattern(matrix, self.pattern)
        return _numeric(csr, self.order, Seconds())


def superlu(csr: scipy.sparse.csr_array, *, block: int | Index = 1) -> SuperLU:
    """Factor a checked matrix."""
    watch = Stopwatch()
    graph = graph_of(csr, block=block)
    order = unknowns(graph, nested_dissection(graph))
    return _numeric(csr, order, Seconds(order=watch.lap()))


def _numeric(csr: scipy.sparse.csr_array, order: Index, seconds: Seconds) -> SuperLU:
    watch = Stopwatch()
    permuted = scipy.sparse.csc_array(csr[order][:, order])
    try:
        lu = scipy.sparse.linalg.splu(
            permuted, permc_spec="NATURAL", diag_pivot_thresh=0.0, options={"SymmetricMode": True}
        )
    except RuntimeError as error:  # "Factor is exactly singular" does not say where
        raise NotSolved(
            "factor: the matrix is singular: a body is not held; check supports and contacts (missing or open?)"
        ) from error
    _check_pivots(lu, permuted.diagonal(), order)
    seconds.factor = watch.lap()
    return SuperLU(
        n=csr.shape[0], nnz=lu.nnz // 2, memory_bytes=12 * lu.nnz, seconds=seconds, order=order, pattern=csr, lu=lu
    )


def _check_pivots(lu: scipy.sparse.linalg.SuperLU, diagonal: Array, order: Index) -> None:
    pivot = lu.U.diagonal()
    column = np.argsort(lu.perm_c)
    ratio = pivot / diagonal[column]
    swapped = lu.perm_r != lu.perm_c  # without pivoting a row is swapped only where the pivot was exactly zero
    if swapped.any():
        column_dof = int(np.flatnonzero(swapped)[0])
        raise not_definite(int(order[column_dof]), 0.0, diagonal[column_dof])
    k = int(np.argmin(ratio))
    if ratio[k] <= SINGULAR:
        raise not_definite(int(order[column[k]]), pivot[k], diagonal[column[k]])
