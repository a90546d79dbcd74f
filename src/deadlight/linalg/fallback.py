"""Conjugate gradients dressed as a Factor, for matrices whose double-precision factor does not fit in memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse

from deadlight.errors import MachineError, NotSolved
from deadlight.linalg.analysis import Analysis
from deadlight.linalg.cholesky import Cholesky, numeric
from deadlight.linalg.factor import Array, Factor, Index, Seconds, Stopwatch, same_pattern
from deadlight.linalg.iterative import cg
from deadlight.linalg.schedule import schedule
from deadlight.linalg.schwarz import TwoLevel, two_level

# Relative shifts of the diagonal tried where single precision breaks down (Manteuffel, Math. Comp. 34 (1980) 473).
_SHIFTS = (0.0, 1e-6, 1e-5, 1e-4)
_RTOL = 1e-10
_COLUMNS = 16


@dataclass(repr=False)
class Iterative(Factor):
    """A matrix with a preconditioner: `solve` runs conjugate gradients to a relative residual of 1e-10."""

    matrix: scipy.sparse.csr_array | None = None
    preconditioner: Cholesky | TwoLevel | None = None
    analysis: Analysis | None = None
    block: int | Index = 1
    near_kernel: Array | None = None
    threads: int = 1
    backend: str = "cg"

    def _solve(self, b: Array) -> Array:
        assert self.preconditioner is not None
        x = np.empty_like(b)
        for lo in range(0, b.shape[1], _COLUMNS):
            part = slice(lo, lo + _COLUMNS)
            x[:, part] = cg(self.matrix, b[:, part], preconditioner=self.preconditioner, rtol=_RTOL).x
        return x

    def refactor(self, matrix: scipy.sparse.sparray) -> Iterative:
        assert self.matrix is not None and self.analysis is not None
        csr = same_pattern(matrix, self.matrix)
        if isinstance(self.preconditioner, Cholesky):
            return single_precision(csr, self.analysis, threads=self.threads)
        return small(csr, self.analysis, block=self.block, threads=self.threads, near_kernel=self.near_kernel)


def iterative(
    csr: scipy.sparse.csr_array,
    analysis: Analysis,
    *,
    block: int | Index,
    threads: int,
    limit: float,
    near_kernel: Array | None = None,
) -> Iterative:
    """The best preconditioner that fits: the factor in single precision, else two-level Schwarz."""
    if schedule(analysis, threads).bytes(4) <= limit:
        try:
            return single_precision(csr, analysis, threads=threads)
        except MemoryError:  # the estimate was too hopeful: take less
            pass
    try:
        return small(csr, analysis, block=block, threads=threads, near_kernel=near_kernel)
    except MemoryError as error:
        raise MachineError(
            f"no memory for {csr.shape[0]} unknowns: even the smallest preconditioner does not fit; coarsen the mesh"
        ) from error


def single_precision(csr: scipy.sparse.csr_array, analysis: Analysis, *, threads: int) -> Iterative:
    """Conjugate gradients on the factor in single precision: half the memory, a handful of iterations."""
    watch = Stopwatch()
    for shift in _SHIFTS:
        try:
            made = numeric(csr, analysis, plan=schedule(analysis, threads), dtype=np.float32, shift=shift)
            break
        except NotSolved:  # rounding, or truly not positive definite: the last shift decides
            if shift == _SHIFTS[-1]:
                raise
    return Iterative(
        n=csr.shape[0],
        nnz=made.nnz,
        memory_bytes=made.memory_bytes,
        seconds=Seconds(analysis.seconds.order, analysis.seconds.analyse, watch.lap()),
        backend="cg+single",
        matrix=csr,
        preconditioner=made,
        analysis=analysis,
        threads=threads,
    )


def small(
    csr: scipy.sparse.csr_array,
    analysis: Analysis,
    *,
    block: int | Index,
    threads: int,
    near_kernel: Array | None = None,
) -> Iterative:
    """Conjugate gradients on two-level Schwarz: little memory, many iterations."""
    watch = Stopwatch()
    made = two_level(csr, block=block, near_kernel=near_kernel)
    return Iterative(
        n=csr.shape[0],
        nnz=sum(f.nnz for f in made.local),
        memory_bytes=made.memory_bytes,
        seconds=Seconds(analysis.seconds.order, analysis.seconds.analyse, watch.lap()),
        backend="cg+schwarz",
        matrix=csr,
        preconditioner=made,
        analysis=analysis,
        block=block,
        near_kernel=near_kernel,
        threads=threads,
    )
