"""Symbolic analysis of a symmetric matrix: elimination order, supernodes, rows of the factor, sizes in memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse

from deadlight import _cholesky, _symbolic
from deadlight.linalg.factor import Index, Seconds, Stopwatch
from deadlight.linalg.order import Graph, graph_of, nested_dissection, ranges, unknowns

# Explicit zeros a supernode may hold, by its number of columns: a BLAS call on few columns costs more than the zeros.
_RELAX = np.array([[12.0, 0.8], [48.0, 0.2], [96.0, 0.06], [np.inf, 0.03]])


@dataclass(frozen=True, eq=False)
class Analysis:
    """Everything about the factor that depends on the pattern only.

    Attributes
    ----------
    pattern : CSR
        The matrix it was made from; only its pattern is used.
    plan : _cholesky.Plan
        What the kernels read.
    parent, work : (n_super,)
        Parent supernode (-1 for a root) and multiplications to eliminate the supernode's front.
    entries : int
        Stored entries of the factor, supernodal panels with the upper triangle of their diagonal blocks.
    nnz : int
        Entries of the lower triangle.
    """

    pattern: scipy.sparse.csr_array
    indptr: Index
    indices: np.ndarray
    order: Index
    plan: _cholesky.Plan
    parent: Index
    work: np.ndarray
    entries: int
    nnz: int
    seconds: Seconds


def analyse(csr: scipy.sparse.csr_array, *, block: int | Index = 1) -> Analysis:
    """Order and analyse a checked matrix (unknowns of a node stay together, see `order.graph_of`)."""
    watch = Stopwatch()
    graph = graph_of(csr, block=block)
    order = nested_dissection(graph)
    seconds = Seconds(order=watch.lap())
    order, rank, top, parent = _supernodes(graph, order)
    weight = np.diff(graph.start)[order]

    rows_below = np.bincount(top, weights=weight, minlength=len(parent)).astype(np.int64)
    ones = np.ones(len(order), dtype=np.int64)
    counts = _symbolic.row_subtrees(graph.indptr, graph.indices, order, rank, top, parent, ones)
    # a last empty slot makes the running sum the total
    start = np.concatenate(([0], np.cumsum(counts)))
    node_rows = _symbolic.row_subtrees(graph.indptr, graph.indices, order, rank, top, parent, ones, start)
    dof_order, rows, row_start = _expand(graph, order, weight, node_rows, start)

    wide = rows_below
    tall = np.diff(row_start)
    first = np.concatenate(([0], np.cumsum(wide)))
    panel = np.concatenate(([0], np.cumsum(wide * (wide + tall))))
    children = np.argsort(parent, kind="stable")[np.count_nonzero(parent < 0) :].astype(np.int64)
    child_start = np.searchsorted(parent[children], np.arange(len(parent) + 1)).astype(np.int64)
    dof_rank = np.empty_like(dof_order)
    dof_rank[dof_order] = np.arange(len(dof_order))
    plan = _cholesky.Plan(
        first=first,
        rows=rows,
        row_start=row_start,
        panel=panel,
        children=children,
        child_start=child_start,
        order=dof_order,
        rank=dof_rank,
    )
    seconds.analyse = watch.lap()
    return Analysis(
        pattern=csr,
        indptr=csr.indptr.astype(np.int64),
        indices=csr.indices.astype(np.int32, copy=False),
        order=dof_order,
        plan=plan,
        parent=parent,
        work=wide * (wide + tall) * (wide + tall) - wide**2 * tall - 2 * wide**3 / 3,
        entries=int(panel[-1]),
        nnz=int((wide * tall + wide * (wide + 1) // 2).sum()),
        seconds=seconds,
    )


def _supernodes(graph: Graph, order: Index) -> tuple[Index, Index, Index, Index]:
    """Final node order, its inverse, the supernode of every node in that order, and the supernodes' parents."""
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    weight = np.diff(graph.start)[order]
    tree = _symbolic.elimination_tree(graph.indptr, graph.indices, order, rank)
    itself = np.arange(len(order), dtype=np.int64)
    below = _symbolic.row_subtrees(graph.indptr, graph.indices, order, rank, itself, tree, weight)
    top = _symbolic.supernodes(tree, below, weight, _RELAX)
    tops, member = np.unique(top, return_inverse=True)
    above = tree[tops]
    parent = np.where(above < 0, -1, member[above])
    height = below[tops]
    post = _symbolic.postorder(parent.tolist(), (height * (height + 1) // 2).tolist())
    place = np.empty_like(post)
    place[post] = np.arange(len(post))
    member = place[member]
    again = np.argsort(member, kind="stable")
    order = order[again]
    rank[order] = np.arange(len(order))
    above = parent[post]
    return order, rank, member[again], np.where(above < 0, -1, place[above])


def _expand(
    graph: Graph, order: Index, weight: Index, node_rows: np.ndarray, start: Index
) -> tuple[Index, np.ndarray, Index]:
    """From nodes to unknowns: elimination order, rows below each supernode (int32) and where they start."""
    ahead = np.concatenate(([0], np.cumsum(weight)))
    dof_order = unknowns(graph, order)
    # one more entry, never read: a kernel may take the address of the first even where no supernode has rows below
    rows = np.append(ranges(ahead[node_rows], weight[node_rows]), 0).astype(np.int32)
    row_start = np.concatenate(([0], np.cumsum(weight[node_rows])))[start]
    return dof_order.astype(np.int64), rows, row_start.astype(np.int64)
