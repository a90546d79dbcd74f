"""Jacobians, physical gradients and outward normals at quadrature points, for whole blocks of cells at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.errors import MeshError
from deadlight.mesh.elements import ELEMENTS, MASS_DEGREE, quadrature
from deadlight.mesh.mesh import CellBlock, Mesh

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]


def gradients(points: Array, nodes: Index, dshape: Array) -> tuple[Array, Array]:
    """Physical gradients of the shape functions and the Jacobian determinant.

    Parameters
    ----------
    points : (n, 3) float [m]
    nodes : (n_cells, nn) int64
    dshape : (nq, nn, 3) float
        Reference gradients at the quadrature points.

    Returns
    -------
    gradient : (n_cells, nq, nn, 3) float [1/m]
    determinant : (n_cells, nq) float [m3]

    Raises
    ------
    MeshError
        A cell is inverted at a quadrature point.
    """
    nn = dshape.shape[1]
    x = points[nodes]
    jacobian = np.einsum("cni,qnj->cqij", x, dshape, optimize=True)
    determinant = np.linalg.det(jacobian)
    if len(nodes) and determinant.min() <= 0:
        cell = int(np.argmin(determinant.min(axis=1)))
        raise MeshError(
            f"cell {cell} of a block of {nn}-node cells is inverted (Jacobian {determinant.min():.3g} m3)",
            place=f"near {np.round(x[cell].mean(axis=0), 6).tolist()} m",
            remedy="check the node order and the mid-edge nodes of this cell",
        )
    return np.matmul(dshape[None], np.linalg.inv(jacobian)), determinant


@dataclass(frozen=True, eq=False)
class FacePoints:
    """Quadrature points of a set of face cells.

    Attributes
    ----------
    nodes : (p, nn) int64
        Nodes of the face cell of each point (padded with the first node where kinds are mixed; its shape is 0).
    shape : (p, nn) float
        Shape functions of those nodes.
    normal : (p, 3) float
        Unit outward normal.
    area : (p,) float [m2]
        Quadrature weight times area.
    """

    nodes: Index
    shape: Array
    normal: Array
    area: Array

    def position(self, points: Array) -> Array:
        """Where the points are. (p, 3) [m]."""
        return np.einsum("pn,pni->pi", self.shape, points[self.nodes])

    def nodal_force(self, pressure: Array, n_nodes: int) -> Array:
        """Consistent nodal forces (n_nodes, 3) [N] of a pressure (p,) [Pa] that pushes against the outward normal."""
        force = -self.shape[:, :, None] * (self.area * pressure)[:, None, None] * self.normal[:, None, :]
        total = np.zeros((n_nodes, 3))
        np.add.at(total, self.nodes.ravel(), force.reshape(-1, 3))
        return total


def face_points(mesh: Mesh, face: str | tuple[CellBlock, ...]) -> FacePoints:
    """Quadrature points of a named face (or of given face cells); MeshError if it does not exist."""
    blocks = mesh.face(face) if isinstance(face, str) else face
    widest = max(b.nodes.shape[1] for b in blocks)
    parts = []
    for block in blocks:
        xi, weight = quadrature(ELEMENTS[block.kind].family, MASS_DEGREE[ELEMENTS[block.kind].family])
        shape, dshape = block.element.shape(xi), block.element.dshape(xi)
        tangent = np.einsum("cni,qnj->cqji", mesh.points[block.nodes], dshape)
        normal = np.cross(tangent[:, :, 0], tangent[:, :, 1])
        size = np.linalg.norm(normal, axis=2)
        pad = widest - block.nodes.shape[1]
        nodes = np.concatenate([block.nodes, np.repeat(block.nodes[:, :1], pad, axis=1)], axis=1)
        parts.append(
            (
                np.repeat(nodes, len(weight), axis=0),
                np.tile(np.pad(shape, ((0, 0), (0, pad))), (len(block.nodes), 1)),
                (normal / size[:, :, None]).reshape(-1, 3),
                (size * weight).ravel(),
            )
        )
    return FacePoints(*(np.concatenate([p[i] for p in parts]) for i in range(4)))
