"""The smooth part of a body's surface, where the traction is known and makes the recovered stress exact across it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.fem.elasticity import VOIGT
from deadlight.mesh.mesh import CellBlock, Mesh

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

# Length of the mean unit normal below which a node counts as lying on an edge (0.97: two faces 28 degrees apart).
_SMOOTH = 0.97


@dataclass(frozen=True, eq=False)
class Skin:
    """Surface nodes with one normal.

    Attributes
    ----------
    nodes : (k,) int64
    normal : (k, 3) float
        Unit outward normal.
    count : (n_nodes,) float
        Boundary cells at each node of the mesh.
    """

    nodes: Index
    normal: Array
    count: Array

    @classmethod
    def build(cls, mesh: Mesh, held: Mask | None = None) -> Skin:
        """Skin of a mesh without the cells all of whose nodes are `held` (n_nodes,): there the traction is unknown."""
        total, count = np.zeros((mesh.n_nodes, 3)), np.zeros(mesh.n_nodes)
        for whole in mesh.boundary:
            block = whole
            if held is not None:
                block = CellBlock(whole.kind, whole.nodes[~held[whole.nodes].all(axis=1)], whole.region)
            tangent = np.einsum("cni,knj->ckji", mesh.points[block.nodes], block.element.dshape(block.element.nodes))
            normal = np.cross(tangent[:, :, 0], tangent[:, :, 1])
            normal /= np.linalg.norm(normal, axis=2, keepdims=True)
            np.add.at(total, block.nodes, normal)
            count += np.bincount(block.nodes.ravel(), minlength=mesh.n_nodes)
        length = np.linalg.norm(total, axis=1)
        smooth = np.flatnonzero((count > 0) & (length > _SMOOTH * np.maximum(count, 1)))
        return cls(smooth, total[smooth] / length[smooth, None], count)

    def share(self, blocks: tuple[CellBlock, ...]) -> Array:
        """Part of the boundary cells at every skin node that belong to a face. (k,)."""
        on = np.bincount(np.concatenate([b.nodes.ravel() for b in blocks]), minlength=len(self.count))
        return np.asarray(np.minimum(on[self.nodes] / self.count[self.nodes], 1.0))


def meet_traction(stress: Array, normal: Array, traction: Array, lam: Array, mu: Array) -> Array:
    """Stress with the given traction on a surface of the given normal, the strain along the surface unchanged.

    Adds the strain sym(a n) with a = A^-1 (t - sigma n), A = (lambda + mu) n n + mu I the acoustic tensor of an
    isotropic solid (Gurtin 1972, Linear Theory of Elasticity, section 70).

    Parameters
    ----------
    stress : (..., k, 6) float [Pa]
    normal : (k, 3) float
    traction : (..., k, 3) float [Pa]
    lam, mu : (..., k) float [Pa]
    """
    full = tensor(stress)
    missing = traction - np.einsum("...kij,kj->...ki", full, normal)
    along = np.einsum("...ki,ki->...k", missing, normal)
    a_normal = along / (lam + 2 * mu)
    a = (missing - along[..., None] * normal) / mu[..., None] + a_normal[..., None] * normal
    outer = a[..., :, None] * normal[:, None, :]
    extra = mu[..., None, None] * (outer + np.swapaxes(outer, -1, -2)) + (lam * a_normal)[..., None, None] * np.eye(3)
    return stress + np.stack([extra[..., i, j] for i, j in VOIGT], axis=-1)


def tensor(stress: Array) -> Array:
    """Symmetric tensors (..., 3, 3) of Voigt components (..., 6)."""
    return stress[..., np.array([[0, 5, 4], [5, 1, 3], [4, 3, 2]])]
