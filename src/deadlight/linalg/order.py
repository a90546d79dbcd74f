"""Fill-reducing elimination order by METIS nested dissection on the graph of nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse

from deadlight import _symbolic
from deadlight.errors import InputError, MachineError
from deadlight.linalg.factor import Index

# Nested dissection of a graph as small as this gains nothing.
_TINY = 64


@dataclass(frozen=True, eq=False)
class Graph:
    """Nodes that share a matrix entry.

    Attributes
    ----------
    indptr, indices : int64, int32
        Neighbours of every node, itself left out.
    dofs, start : int64
        Unknowns of node i: dofs[start[i]:start[i + 1]].
    """

    indptr: Index
    indices: np.ndarray
    dofs: Index
    start: Index


def graph_of(csr: scipy.sparse.csr_array, *, block: int | Index = 1) -> Graph:
    """Graph of the nodes of a symmetric matrix.

    Parameters
    ----------
    csr : (n, n) symmetric, full storage
    block : int or (n,) int
        Unknowns per node (unknowns block*i ... block*i + block - 1 belong to node i), or the node of every unknown.
        The graph that is dissected has one vertex per node: smaller, and a better order.

    Raises
    ------
    InputError
        `block` does not divide n or has another length than n; the pattern is not symmetric.
    """
    node = _nodes(csr.shape[0], block)
    dofs = np.argsort(node, kind="stable").astype(np.int64)
    start = np.concatenate(([0], np.cumsum(np.bincount(node)))).astype(np.int64)
    indptr, indices = _symbolic.node_graph(
        csr.indptr.astype(np.int64), csr.indices.astype(np.int32, copy=False), node, dofs, start
    )
    size = len(start) - 1
    # METIS corrupts memory on a graph that is not symmetric: look at all of it.
    there = scipy.sparse.csr_array((np.ones(len(indices), dtype=np.int8), indices, indptr), shape=(size, size))
    back = there.T.tocsr()
    there.sort_indices()
    if not (np.array_equal(back.indptr, there.indptr) and np.array_equal(back.indices, there.indices)):
        raise InputError(
            "the pattern of the matrix is not symmetric", place="factor", remedy="store both triangles, zeros included"
        )
    return Graph(indptr, there.indices.astype(np.int32), dofs, start)


def nested_dissection(graph: Graph) -> Index:
    """Elimination order of the nodes: element k is the node that goes k-th (METIS, Karypis & Kumar 1998)."""
    n = len(graph.start) - 1
    if n <= _TINY or len(graph.indices) == 0:
        return np.arange(n, dtype=np.int64)
    import pymetis

    return np.asarray(pymetis.nested_dissection(adjacency(graph))[0], dtype=np.int64)


def adjacency(graph: Graph) -> Any:
    """A graph as METIS takes it.

    Raises
    ------
    MachineError
        More entries than its 32-bit offsets can count.
    """
    import pymetis

    if graph.indptr[-1] > np.iinfo(np.int32).max:
        raise MachineError(f"METIS counts to {np.iinfo(np.int32).max}, the graph has {graph.indptr[-1]} entries")
    return pymetis.CSRAdjacency(graph.indptr.astype(np.int32), graph.indices)


def unknowns(graph: Graph, order: Index) -> Index:
    """Elimination order of the unknowns from that of their nodes."""
    return graph.dofs[ranges(graph.start[order], np.diff(graph.start)[order])]


def ranges(first: Index, length: Index) -> Index:
    """first[0], first[0] + 1, ... (length[0] numbers), first[1], ..."""
    total = np.concatenate(([0], np.cumsum(length)))
    return np.arange(total[-1]) + np.repeat(first - total[:-1], length)


def _nodes(n: int, block: int | Index) -> Index:
    if isinstance(block, (int, np.integer)):
        if block < 1 or n % block:
            raise InputError(
                f"block = {block} does not divide {n} unknowns",
                place="factor",
                remedy="block=1, or the node of every unknown as an array",
            )
        return np.arange(n, dtype=np.int64) // block
    node = np.asarray(block, dtype=np.int64)
    if node.shape != (n,):
        raise InputError(f"block of shape {node.shape}", place="factor", remedy=f"one node number per unknown: ({n},)")
    return np.unique(node, return_inverse=True)[1].astype(np.int64).reshape(n)
