"""Fill-reducing elimination order by METIS nested dissection on the graph of nodes."""

from __future__ import annotations

import numpy as np
import scipy.sparse

from deadlight.errors import InputError
from deadlight.linalg.factor import Index

# Nested dissection of a graph as small as this gains nothing.
_TINY = 64


def dissection(csr: scipy.sparse.csr_array, *, block: int | Index = 1) -> Index:
    """Elimination order of a symmetric matrix.

    Parameters
    ----------
    csr : (n, n) symmetric, full storage
    block : int or (n,) int
        Unknowns per node (unknowns block*i ... block*i + block - 1 belong to node i), or the node of every unknown.
        The graph that is dissected has one vertex per node: smaller, and a better order.

    Returns
    -------
    (n,) int64
        `order[k]` is the unknown that is eliminated k-th; the unknowns of a node follow each other.

    Raises
    ------
    InputError
        `block` does not divide n, or has another length than n.
    """
    n = csr.shape[0]
    node = _nodes(n, block)
    indptr, indices = _graph(csr, node)
    n_nodes = len(indptr) - 1
    if n_nodes <= _TINY or len(indices) == 0:
        rank = np.arange(n_nodes)
    else:
        import pymetis

        # METIS wants a graph without loops; pymetis takes 32-bit numbers.
        graph = pymetis.CSRAdjacency(indptr.astype(np.int32), indices.astype(np.int32))
        _, inverse = pymetis.nested_dissection(graph)
        rank = np.asarray(inverse, dtype=np.int64)
    return np.argsort(rank[node], kind="stable").astype(np.int64)


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


def _graph(csr: scipy.sparse.csr_array, node: Index) -> tuple[Index, Index]:
    """Adjacency of the nodes without loops (indptr, indices), symmetric."""
    n = int(node[-1]) + 1 if len(node) and node[-1] == node.max() else int(node.max()) + 1
    row = np.repeat(node, np.diff(csr.indptr))
    column = node[csr.indices]
    keep = row != column
    ones = np.ones(int(keep.sum()), dtype=np.int8)
    graph = scipy.sparse.coo_array((ones, (row[keep], column[keep])), shape=(n, n)).tocsr()
    graph = graph + graph.T  # a METIS graph that is not symmetric corrupts memory: make it so whatever came in
    return graph.indptr, graph.indices
