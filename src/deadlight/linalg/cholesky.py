"""Our Cholesky factor: subtrees in parallel, the top of the tree with parallel BLAS; double or single precision."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse

from deadlight import _cholesky
from deadlight.linalg.analysis import Analysis
from deadlight.linalg.factor import (
    SINGULAR,
    Array,
    Factor,
    Index,
    Seconds,
    Stopwatch,
    not_definite,
    same_pattern,
)
from deadlight.linalg.schedule import Schedule, blas_threads, schedule

# Columns substituted together: enough for BLAS-3, few enough for the workspace.
_COLUMNS = 64
# From so many columns on the threads share the columns, below it the tree.
_BY_COLUMN = 16


@dataclass(repr=False)
class Cholesky(Factor):
    """Factor L of P A P' = L L' in supernodal panels."""

    analysis: Analysis | None = None
    plan: Schedule | None = None
    entries: np.ndarray | None = None
    backend: str = "cholesky"

    def _solve(self, b: Array) -> Array:
        assert self.analysis is not None and self.plan is not None and self.entries is not None
        order, k, threads = self.analysis.order, b.shape[1], self.plan.threads
        x = np.empty_like(b)
        width = max(1, min(_COLUMNS, -(-k // threads) if k >= _BY_COLUMN else k))
        by_tree = len(self.plan.subtrees) > 0 and k < _BY_COLUMN

        def part(lo: int) -> None:
            columns = np.asfortranarray(b[order, lo : lo + width], dtype=self.entries.dtype)  # type: ignore[union-attr]
            if by_tree:
                self._by_tree(columns)
            else:
                self._pass(everything, columns, columns, transposed=False)
                self._pass(everything, columns, columns, transposed=True)
            x[order, lo : lo + width] = columns

        everything = np.arange(self.analysis.plan.n_super, dtype=np.int64)
        with blas_threads(1):
            if by_tree or width >= k:
                for lo in range(0, k, width):
                    part(lo)
            else:
                with ThreadPoolExecutor(threads) as pool:
                    list(pool.map(part, range(0, k, width)))
        return x

    def _by_tree(self, x: np.ndarray) -> None:
        """Substitute with each thread on its own subtrees; what is above them is too little to share."""
        assert self.plan is not None
        groups, rest, columns = self.plan.groups, self.plan.rest, self.plan.rest_columns
        gathered = [np.zeros_like(x) for _ in groups]
        with ThreadPoolExecutor(len(groups)) as pool:
            list(pool.map(lambda group, own: self._pass(group, x, own, transposed=False), groups, gathered))
            for own in gathered:
                x[columns] -= own[columns]
            self._pass(rest, x, x, transposed=False)
            self._pass(rest, x, x, transposed=True)
            list(pool.map(lambda group: self._pass(group, x, x, transposed=True), groups))

    def _pass(self, members: Index, x: np.ndarray, gathered: np.ndarray, *, transposed: bool) -> None:
        assert self.analysis is not None and self.entries is not None
        _cholesky.substitute(self.analysis.plan, members, self.entries, x, gathered, transposed)

    def refactor(self, matrix: scipy.sparse.sparray) -> Cholesky:
        assert self.analysis is not None and self.plan is not None and self.entries is not None
        csr = same_pattern(matrix, self.analysis.pattern)
        return numeric(csr, self.analysis, plan=self.plan, dtype=self.entries.dtype)

    def single(self) -> Cholesky:
        assert self.entries is not None
        entries = self.entries.astype(np.float32)
        return replace(self, entries=entries, memory_bytes=entries.nbytes)


def numeric(
    csr: scipy.sparse.csr_array,
    analysis: Analysis,
    *,
    plan: Schedule | None = None,
    dtype: Any = np.float64,
    shift: float = 0.0,
) -> Cholesky:
    """Numerical factorisation with the analysis at hand.

    Parameters
    ----------
    csr : (n, n)
        A checked matrix with the pattern that was analysed.
    analysis, plan : Analysis, Schedule
        Default schedule: one thread.
    dtype : float64 or float32
    shift : float
        Fraction of the diagonal that is added to it (for preconditioners).

    Raises
    ------
    NotSolved
        A pivot is not safely positive.
    """
    watch = Stopwatch()
    plan = plan or schedule(analysis, 1)
    entries = np.empty(analysis.entries, dtype=dtype)
    diagonal = csr.diagonal()[analysis.order]
    smallest = diagonal * max(SINGULAR, float(np.finfo(np.float32).eps) if dtype == np.float32 else 0.0)
    updates = _cholesky.Updates(analysis.plan.n_super)
    data = csr.data if shift == 0.0 else (csr + shift * scipy.sparse.diags_array(csr.diagonal())).tocsr().data

    def part(members: Index, threads: int = 1) -> int:
        return _cholesky.eliminate(
            analysis.plan, updates, members, analysis.indptr, analysis.indices, data, smallest, entries, threads
        )

    with blas_threads(1), ThreadPoolExecutor(plan.threads) as pool:
        bad = [-1, *pool.map(part, plan.subtrees)]
        if max(bad) < 0:
            bad.append(part(plan.rest, plan.threads))
    if max(bad) >= 0:
        column = min(b for b in bad if b >= 0)
        raise not_definite(int(analysis.order[column]), _pivot(analysis, entries, column), float(diagonal[column]))
    return Cholesky(
        n=csr.shape[0],
        nnz=analysis.nnz,
        memory_bytes=entries.nbytes,
        seconds=Seconds(analysis.seconds.order, analysis.seconds.analyse, watch.lap()),
        analysis=analysis,
        plan=plan,
        entries=entries,
    )


def _pivot(analysis: Analysis, entries: np.ndarray, column: int) -> float:
    """What the elimination left on the diagonal of a column whose pivot was refused."""
    first, panels = analysis.plan.starts, analysis.plan.panels
    s = int(np.searchsorted(first, column, side="right")) - 1
    height = (panels[s + 1] - panels[s]) // (first[s + 1] - first[s])
    value = float(entries[panels[s] + (column - first[s]) * (height + 1)])
    return value * value if value > 0.0 else value  # LAPACK leaves the root of a positive pivot, else the pivot
