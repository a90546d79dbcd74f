"""Our Cholesky factor: subtrees in parallel, the top of the tree with parallel BLAS; double or single precision."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import scipy.sparse
import threadpoolctl  # type: ignore[import-untyped]

from deadlight import _cholesky
from deadlight.linalg.analysis import Analysis, analyse
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

# Columns substituted together: enough for BLAS-3, few enough for the workspace.
_COLUMNS = 64
# Elimination work below which threads cost more than they save [multiplications].
_SERIAL = 2e8


@dataclass(repr=False)
class Cholesky(Factor):
    """Factor L of P A P' = L L' in supernodal panels."""

    analysis: Analysis | None = None
    entries: np.ndarray | None = None
    threads: int = 1
    backend: str = "cholesky"

    def _solve(self, b: Array) -> Array:
        assert self.analysis is not None and self.entries is not None
        plan, order, entries = self.analysis.plan, self.analysis.order, self.entries
        x = np.empty_like(b)

        def part(lo: int, hi: int) -> None:
            columns = np.asfortranarray(b[order, lo:hi], dtype=entries.dtype)
            _cholesky.substitute(plan, entries, columns)
            x[order, lo:hi] = columns

        k = b.shape[1]
        width = max(1, min(_COLUMNS, -(-k // self.threads)))
        parts = [(lo, min(lo + width, k)) for lo in range(0, k, width)]
        with blas_threads(1):
            if self.threads == 1 or len(parts) == 1:
                for lo, hi in parts:
                    part(lo, hi)
            else:
                with ThreadPoolExecutor(self.threads) as pool:
                    list(pool.map(part, *zip(*parts, strict=True)))
        return x

    def refactor(self, matrix: scipy.sparse.sparray) -> Cholesky:
        assert self.analysis is not None and self.entries is not None
        csr = same_pattern(matrix, self.analysis.pattern)
        return numeric(csr, self.analysis, threads=self.threads, dtype=self.entries.dtype)

    def single(self) -> Cholesky:
        assert self.entries is not None
        entries = self.entries.astype(np.float32)
        return replace(self, entries=entries, memory_bytes=entries.nbytes)


def cholesky(csr: scipy.sparse.csr_array, *, block: int | Index = 1, threads: int = 1) -> Cholesky:
    """Factor a checked matrix."""
    analysis = analyse(csr, block=block)
    made = numeric(csr, analysis, threads=threads)
    made.seconds = replace(analysis.seconds, factor=made.seconds.factor)
    return made


def numeric(csr: scipy.sparse.csr_array, analysis: Analysis, *, threads: int = 1, dtype: Any = np.float64) -> Cholesky:
    """Numerical factorisation with the analysis at hand.

    Raises
    ------
    NotSolved
        A pivot is not safely positive.
    """
    watch = Stopwatch()
    entries = np.empty(analysis.entries, dtype=dtype)
    diagonal = csr.diagonal()[analysis.order]
    smallest = diagonal * max(SINGULAR, 4 * float(np.finfo(dtype).eps) if dtype == np.float32 else 0.0)
    n_super = analysis.plan.n_super
    updates = _cholesky.Updates(n_super)
    if threads == 1 or analysis.work.sum() < _SERIAL:
        subtrees: list[Index] = []
        rest = np.arange(n_super, dtype=np.int64)
    else:
        subtrees, rest = split_tree(analysis.parent, analysis.work, parts=threads)

    def part(members: Index) -> int:
        return _cholesky.eliminate(
            analysis.plan, updates, members, analysis.indptr, analysis.indices, csr.data, smallest, entries
        )

    bad = [-1]
    with blas_threads(1), ThreadPoolExecutor(threads) as pool:
        bad += pool.map(part, subtrees)
    if max(bad) < 0:
        with blas_threads(threads):
            bad.append(part(rest))
    if max(bad) >= 0:
        column = min(b for b in bad if b >= 0)
        raise not_definite(int(analysis.order[column]), _pivot(analysis, entries, column), float(diagonal[column]))
    return Cholesky(
        n=csr.shape[0],
        nnz=analysis.nnz,
        memory_bytes=entries.nbytes,
        seconds=Seconds(factor=watch.lap()),
        analysis=analysis,
        entries=entries,
        threads=threads,
    )


def split_tree(parent: Index, work: np.ndarray, *, parts: int) -> tuple[list[Index], Index]:
    """Subtrees to eliminate in parallel, heaviest first, and the supernodes that remain above them.

    The heaviest subtree is opened until no subtree holds more than a quarter of one thread's share.
    """
    n = len(parent)
    total, size = work.astype(float).copy(), np.ones(n, dtype=np.int64)
    for s in range(n):
        if parent[s] >= 0:
            total[parent[s]] += total[s]
            size[parent[s]] += size[s]
    share = total[parent < 0].sum() / (4 * parts)
    # The highest supernodes that are light enough: their parents are not.
    light = total <= share
    roots = np.flatnonzero(light & ((parent < 0) | ~light[parent]))
    roots = roots[np.argsort(-total[roots], kind="stable")]
    subtrees = [np.arange(s - size[s] + 1, s + 1, dtype=np.int64) for s in roots]
    return subtrees, np.flatnonzero(~light).astype(np.int64)


def _pivot(analysis: Analysis, entries: np.ndarray, column: int) -> float:
    first = np.asarray(analysis.plan.starts)
    s = int(np.searchsorted(first, column, side="right")) - 1
    wide = first[s + 1] - first[s]
    at = int(np.asarray(analysis.plan.panels)[s])
    ld = (int(np.asarray(analysis.plan.panels)[s + 1]) - at) // wide
    value = float(entries[at + (column - first[s]) * (ld + 1)])
    return value * abs(value) if value > 0 else value


@cache
def _controller() -> threadpoolctl.ThreadpoolController:
    return threadpoolctl.ThreadpoolController()


@contextmanager
def blas_threads(threads: int) -> Iterator[None]:
    """BLAS with this many threads: small fronts are slowed down by threads, and our own run beside each other."""
    with _controller().limit(limits=threads, user_api="blas"):
        yield
