"""Sparsity pattern of a finite-element matrix: the node graph and the slot of every element entry.

Made once for a mesh and shared by every matrix on it (stiffness, conductivity, capacity, mass).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse

from deadlight import _pattern
from deadlight.errors import MeshError

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, eq=False)
class Pattern:
    """Node-to-node graph in compressed rows; symmetric, with sorted columns and the diagonal of every used node.

    Attributes
    ----------
    indptr : (n_nodes + 1,) int64
        Where each row begins in `indices`.
    indices : (nnz,) int32
        Column node of every entry, sorted in each row.
    slots : tuple of (n_cells, nn, nn) int64
        For each block of cells, the position in `indices` of entry (i, j) of its element matrices.
    """

    indptr: Index
    indices: np.ndarray[Any, np.dtype[np.int32]]
    slots: tuple[Index, ...]

    @classmethod
    def build(cls, blocks: Sequence[Index], n_nodes: int) -> Pattern:
        """Pattern of all cells together.

        Parameters
        ----------
        blocks : sequence of (n_cells, nn) int64
            Node numbers of the cells, one array a kind (the number of nodes may differ).
        n_nodes : int
            Number of nodes; unused nodes get an empty row.

        Raises
        ------
        MeshError
            A node number outside 0 .. n_nodes - 1.
        """
        cells = [np.ascontiguousarray(b, dtype=np.int64) for b in blocks]
        widths = np.concatenate([np.full(len(b), b.shape[1], dtype=np.int64) for b in cells] or [np.zeros(0, np.int64)])
        nodes = np.concatenate([b.ravel() for b in cells] or [np.zeros(0, np.int64)])
        if len(nodes) and not 0 <= nodes.min() <= nodes.max() < n_nodes:
            raise MeshError(
                f"a cell has node {nodes.min() if nodes.min() < 0 else nodes.max()}",
                place="sparsity pattern",
                remedy=f"node numbers run from 0 to {n_nodes - 1}",
            )
        first = np.concatenate([[0], np.cumsum(widths)])
        slot_first = np.concatenate([[0], np.cumsum(widths**2)])
        indptr, indices, slots = _pattern.build(first, nodes, slot_first, n_nodes)
        sizes = np.cumsum([b.shape[0] * b.shape[1] ** 2 for b in cells])[:-1]
        parts = np.split(slots, sizes) if cells else []
        return cls(indptr, indices, tuple(p.reshape(len(b), b.shape[1], b.shape[1]) for p, b in zip(parts, cells)))

    @property
    def n_nodes(self) -> int:
        return len(self.indptr) - 1

    @property
    def nnz(self) -> int:
        """Number of node pairs."""
        return len(self.indices)

    @functools.cached_property
    def diagonal(self) -> Index:
        """Position of the diagonal entry of every node, -1 for an unused node. (n_nodes,)."""
        row = np.repeat(np.arange(self.n_nodes), np.diff(self.indptr))
        here = np.flatnonzero(self.indices == row)
        place = np.full(self.n_nodes, -1, dtype=np.int64)
        place[row[here]] = here
        return place

    def scatter(self, elements: Sequence[Array]) -> Array:
        """Values (nnz,) or (nnz, 3, 3) of the sum of element matrices, one array (n_cells, nn, nn[, 3, 3]) a block.

        Convenient, not fast; the kernels of stiffness and conduction write through the slots themselves.
        """
        tail = elements[0].shape[3:] if elements else ()
        flat = np.zeros((self.nnz, int(np.prod(tail, dtype=int))))
        for slots, values in zip(self.slots, elements):
            columns = values.reshape(slots.size, -1)
            for c in range(columns.shape[1]):  # 1 or 9 components
                flat[:, c] += np.bincount(slots.ravel(), weights=columns[:, c], minlength=self.nnz)
        return flat.reshape((self.nnz, *tail))

    def matrix(self, values: Array, block: int = 1) -> scipy.sparse.csr_matrix:
        """Full symmetric CSR matrix.

        Parameters
        ----------
        values : (nnz,) or, for block=3, (nnz, 3, 3) float
            In the order of `indices`.  Not copied for block=1.
        block : 1 or 3
            Unknowns a node; unknown number is `block * node + component`.
        """
        dtype = np.int32 if self.nnz * block * block < np.iinfo(np.int32).max else np.int64
        n = self.n_nodes * block
        indptr, indices = self.indptr.astype(dtype), self.indices.astype(dtype, copy=False)
        if block == 1:
            matrix = scipy.sparse.csr_matrix((values, indices, indptr), shape=(n, n))
        else:
            matrix = scipy.sparse.bsr_matrix((values.reshape(-1, block, block), indices, indptr), shape=(n, n)).tocsr()
        matrix.has_sorted_indices = True
        return matrix
