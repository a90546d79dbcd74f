"""Which part of the elimination tree each thread works on, and the memory that takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import numpy as np
import threadpoolctl

from deadlight import _cholesky
from deadlight.linalg.analysis import Analysis
from deadlight.linalg.factor import Index

# Elimination work below which threads cost more than they save [multiplications].
_SERIAL = 2e8


@dataclass(frozen=True, eq=False)
class Schedule:
    """Disjoint subtrees that are eliminated in parallel, then the rest of the tree.

    Attributes
    ----------
    threads : int
    subtrees : tuple of Index
        Postordered supernodes of each subtree, heaviest first.
    groups : tuple of Index
        The same supernodes shared out to the threads for substitution, always alike: results repeat to the bit.
    rest : Index
        Supernodes above the subtrees, postordered.
    rest_columns : Index
        Columns they own.
    entries : int
        Numbers held at the worst moment: the factor, waiting updates, working fronts.
    """

    threads: int
    subtrees: tuple[Index, ...]
    groups: tuple[Index, ...]
    rest: Index
    rest_columns: Index
    entries: int

    def bytes(self, itemsize: int = 8) -> int:
        """Peak memory of a factorisation in numbers of `itemsize` bytes, without the matrix."""
        return itemsize * self.entries


def schedule(analysis: Analysis, threads: int) -> Schedule:
    """Share the tree out: subtrees of at most a quarter of a thread's share of the work, and what is above them."""
    parent, plan = analysis.parent, analysis.plan
    n = len(parent)
    first, panels = plan.starts, plan.panels
    if threads == 1 or analysis.work.sum() < _SERIAL:
        everything = np.arange(n, dtype=np.int64)
        entries = analysis.entries + sum(_cholesky.stack_entries(plan, everything))
        return Schedule(threads, (), (), everything, np.arange(first[-1]), entries)
    work, size, held = analysis.work.astype(float).copy(), np.ones(n, dtype=np.int64), np.diff(panels).astype(float)
    for s in range(n):
        up = parent[s]
        if up >= 0:
            work[up] += work[s]
            size[up] += size[s]
            held[up] += held[s]
    light = work <= work[parent < 0].sum() / (4 * threads)
    roots = np.flatnonzero(light & ((parent < 0) | ~light[parent]))
    roots = roots[np.argsort(-work[roots], kind="stable")]
    subtrees = tuple(np.arange(s - size[s] + 1, s + 1, dtype=np.int64) for s in roots)
    rest = np.flatnonzero(~light).astype(np.int64)
    columns = np.concatenate([np.arange(first[s], first[s + 1]) for s in rest])

    needs = sorted((sum(_cholesky.stack_entries(plan, members)) for members in subtrees), reverse=True)
    kept = sum(_cholesky.stack_entries(plan, s[-1:])[0] for s in subtrees)
    working = max(sum(needs[:threads]), sum(_cholesky.stack_entries(plan, rest)))
    groups = _share_out(subtrees, held[roots], threads)
    return Schedule(threads, subtrees, groups, rest, columns, analysis.entries + kept + working)


def _share_out(subtrees: tuple[Index, ...], weight: np.ndarray, threads: int) -> tuple[Index, ...]:
    """Heaviest first to the thread that has least."""
    load = np.zeros(threads)
    groups: list[list[Index]] = [[] for _ in range(threads)]
    for i in np.argsort(-weight, kind="stable"):
        lightest = int(np.argmin(load))
        load[lightest] += weight[i]
        groups[lightest].append(subtrees[i])
    return tuple(np.sort(np.concatenate(group)) for group in groups if group)


@cache
def _controller() -> threadpoolctl.ThreadpoolController:
    return threadpoolctl.ThreadpoolController()


@contextmanager
def blas_threads(threads: int) -> Iterator[None]:
    """BLAS with this many threads: small fronts are slowed down by threads, and our own run beside each other."""
    with _controller().limit(limits=threads, user_api="blas"):
        yield
