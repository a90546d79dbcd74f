"""Mean of a field through the thickness of a pane, as a function of the place in its plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse
import scipy.sparse.linalg

from deadlight.mesh.elements import quadrature
from deadlight.mesh.mesh import Mesh

Array = np.ndarray[Any, np.dtype[np.float64]]

SPACING = 0.5  # of the thickness: changes over less are not felt through the thickness (Saint-Venant)
MOST = 81  # grid points across the pane
DEGREE = 4  # of quadrature: a grid cell should see every height alike also where cells are tetrahedra
CELL = 1.0  # of the usual cell across the pane
STRAIGHT = 1e-4  # of the mean weight of a grid point: carries values on straight to points that no cell reaches


@dataclass(frozen=True, eq=False)
class ThicknessMean:
    """Best fit, over a pane's volume, of a nodal field by a function of x and y alone.

    Least squares over the volume against bilinear functions on a square grid, so that it asks nothing of the mesh.
    z is the direction of the thickness.

    Attributes
    ----------
    at_nodes : (n_nodes, g) sparse
        The grid's functions at the nodes.
    load : (g, n_nodes) sparse
        Integral of a grid function times a node's function.
    factor : callable
        Solves for grid values.
    share : (g,) float
        Weights of the volume mean.
    """

    at_nodes: scipy.sparse.csr_matrix
    load: scipy.sparse.csr_matrix
    factor: Any
    share: Array

    @classmethod
    def build(cls, mesh: Mesh) -> ThicknessMean:
        low, high = mesh.points.min(axis=0), mesh.points.max(axis=0)
        extent = float((high - low)[:2].max())
        cells = np.concatenate([np.ptp(mesh.points[b.nodes][..., :2], axis=1).max(axis=1) for b in mesh.blocks])
        step = max(SPACING * float(high[2] - low[2]), extent / (MOST - 1), CELL * float(np.median(cells)))
        count = np.ceil((high - low)[:2] / step).astype(int) + 1
        mass = scipy.sparse.csr_matrix((int(count.prod()),) * 2)
        load = scipy.sparse.csr_matrix((int(count.prod()), mesh.n_nodes))
        for block in mesh.blocks:
            xi, weight = quadrature(block.element.family, DEGREE)
            x = mesh.points[block.nodes]
            shape, slope = block.element.shape(xi), block.element.dshape(xi)
            for q in range(len(weight)):  # few quadrature points; vectorised over cells
                volume = weight[q] * np.linalg.det(np.einsum("cni,nj->cij", x, slope[q]))
                hat = _hats((np.einsum("cni,n->ci", x, shape[q])[:, :2] - low[:2]) / step, count)
                weighted = hat.T @ scipy.sparse.diags(volume)
                row = np.repeat(np.arange(len(x)), x.shape[1])
                value = (np.tile(shape[q], len(x)), (row, block.nodes.ravel()))
                mass = mass + weighted @ hat
                load = load + weighted @ scipy.sparse.csr_matrix(value, shape=(len(x), mesh.n_nodes))
        share = np.asarray(mass.sum(axis=0)).ravel()
        carried = STRAIGHT * float(share.mean()) * _bends(count)
        factor = scipy.sparse.linalg.splu((mass + carried).tocsc()).solve
        return cls(_hats((mesh.points[:, :2] - low[:2]) / step, count), load, factor, share / share.sum())

    def __call__(self, field: Array) -> Array:
        """Mean through the thickness less the mean of the whole pane, at the nodes. (n_nodes, k) -> (n_nodes, k)."""
        grid = np.asarray(self.factor(np.asarray(self.load @ field)))
        return np.asarray(self.at_nodes @ (grid - self.share @ grid))


def _hats(place: Array, count: Any) -> scipy.sparse.csr_matrix:
    """Bilinear functions of a grid of (nx, ny) points with spacing one at places (p, 2). (p, nx ny) sparse."""
    cell = np.clip(np.floor(place).astype(int), 0, np.asarray(count) - 2)
    part = place - cell
    rows, columns, values = [], [], []
    for i, j in ((0, 0), (1, 0), (0, 1), (1, 1)):
        rows.append(np.arange(len(place)))
        columns.append((cell[:, 0] + i) * count[1] + cell[:, 1] + j)
        values.append(np.abs(1 - i - part[:, 0]) * np.abs(1 - j - part[:, 1]))
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return scipy.sparse.csr_matrix(entries, shape=(len(place), int(np.prod(count))))


def _bends(count: Any) -> scipy.sparse.csr_matrix:
    """Sum of squared second differences along both directions of the grid: nothing for linear functions."""
    along = [scipy.sparse.diags([1.0, -2.0, 1.0], [0, 1, 2], shape=(max(n - 2, 0), n)) for n in count]
    bend = scipy.sparse.vstack([
        scipy.sparse.kron(along[0], scipy.sparse.eye(count[1])), scipy.sparse.kron(scipy.sparse.eye(count[0]), along[1])
    ])  # fmt: skip
    return (bend.T @ bend).tocsr()
