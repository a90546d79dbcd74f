"""Two-level Schwarz preconditioner: exact solves on parts of the body and a coarse problem over the parts.

Little memory, for matrices whose factor does not fit. The coarse space is Nicolaides' (SIAM J. Numer. Anal. 24
(1987) 355): the near-kernel vectors restricted to each part.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse

from deadlight.linalg.analysis import analyse
from deadlight.linalg.cholesky import Cholesky, numeric
from deadlight.linalg.factor import Array, Factor, Index
from deadlight.linalg.order import adjacency, graph_of

# Unknowns per part: a factor of that size costs about as much memory as a few copies of the matrix.
_PART = 4000


@dataclass(frozen=True, eq=False)
class TwoLevel:
    """Balanced two-level preconditioner: with Q = Z E^-1 Z', E = Z' A Z and the sum S of the parts' solves,

    M = Q + (I - Q A) S (I - A Q)   (Mandel 1993; "BNN" in Tang et al., J. Sci. Comput. 39 (2009) 340).
    """

    matrix: scipy.sparse.csr_array
    parts: tuple[Index, ...]
    local: tuple[Cholesky, ...]
    coarse_space: scipy.sparse.csr_array
    coarse: Factor

    @property
    def memory_bytes(self) -> int:
        """Memory held [byte]."""
        return sum(f.memory_bytes for f in self.local) + self.coarse.memory_bytes + 16 * self.coarse_space.nnz

    def solve(self, b: Array) -> Array:
        """The preconditioner applied to the columns of b (n, k)."""
        columns = b.reshape(len(b), -1)
        x = self._coarse(columns)
        rest = columns - self.matrix @ x
        found = np.zeros_like(x)
        for dofs, factor in zip(self.parts, self.local, strict=True):
            found[dofs] += factor.solve(rest[dofs])
        x += found - self._coarse(self.matrix @ found)
        return x.reshape(b.shape)

    def _coarse(self, b: Array) -> Array:
        return self.coarse_space @ self.coarse.solve(self.coarse_space.T @ b)


def two_level(
    csr: scipy.sparse.csr_array,
    *,
    block: int | Index = 1,
    near_kernel: Array | None = None,
    overlap: int = 1,
) -> TwoLevel:
    """Two-level Schwarz preconditioner of a checked matrix.

    Parameters
    ----------
    csr : (n, n)
    block : int or (n,) int
        See `factor`.
    near_kernel : (n, q), optional
        Vectors that the operator nearly annihilates (rigid-body modes of an elastic body); default: the constant
        of each component, that is the translations where block=3.
    overlap : int
        Layers of nodes that each part takes from its neighbours.

    Raises
    ------
    NotSolved
        A part is not positive definite.
    """
    import pymetis

    graph = graph_of(csr, block=block)
    n_nodes = len(graph.start) - 1
    count = max(2, -(-csr.shape[0] // _PART))
    part = np.asarray(pymetis.part_graph(count, adjacency(graph))[1] if n_nodes > count else np.arange(n_nodes) % count)
    part = np.unique(part, return_inverse=True)[1]
    node = np.empty(csr.shape[0], dtype=np.int64)
    node[graph.dofs] = np.repeat(np.arange(n_nodes), np.diff(graph.start))
    shape = (n_nodes, n_nodes)
    reach = scipy.sparse.csr_array((np.ones(len(graph.indices)), graph.indices, graph.indptr), shape=shape)
    parts, local = [], []
    for i in range(int(part.max()) + 1):
        inside = part == i
        for _ in range(overlap):
            inside = inside | (reach @ inside.astype(float) > 0)
        dofs = np.flatnonzero(inside[node])
        matrix = scipy.sparse.csr_array(csr[dofs][:, dofs])
        matrix.sort_indices()
        parts.append(dofs)
        local.append(numeric(matrix, analyse(matrix, block=node[dofs]), dtype=np.float32))
    space = _coarse_space(part[node], node, near_kernel)
    return TwoLevel(csr, tuple(parts), tuple(local), space, _coarse(csr, space))


def _coarse_space(part: Index, node: Index, near_kernel: Array | None) -> scipy.sparse.csr_array:
    """Z (n, n_parts * q): orthonormal columns, each non-zero on one part only."""
    n = len(part)
    if near_kernel is None:
        component = np.arange(n) - np.searchsorted(node, node) if (np.diff(node) >= 0).all() else np.zeros(n, np.int64)
        near_kernel = np.eye(int(component.max()) + 1)[component]
    q = near_kernel.shape[1]
    rows, columns, values = [], [], []
    for i in range(int(part.max()) + 1):
        dofs = np.flatnonzero(part == i)
        u, s, _ = np.linalg.svd(near_kernel[dofs], full_matrices=False)
        u = u[:, s > 1e-10 * max(s.max(), 1e-300)]
        rows.append(np.repeat(dofs, u.shape[1]))
        columns.append(np.tile(i * q + np.arange(u.shape[1]), len(dofs)))
        values.append(u.ravel())
    full = scipy.sparse.csr_array(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(n, q * (int(part.max()) + 1))
    )
    return scipy.sparse.csr_array(full[:, np.unique(full.indices)])


def _coarse(csr: scipy.sparse.csr_array, space: scipy.sparse.csr_array) -> Factor:
    coarse = scipy.sparse.csr_array(space.T @ csr @ space)
    coarse = scipy.sparse.csr_array(0.5 * (coarse + coarse.T))
    coarse.sort_indices()
    return numeric(coarse, analyse(coarse))
