"""Traces: temperatures at quadrature points of a face or a region, and the heat that acts there put on the nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse

from deadlight.heat.rules import content_rule
from deadlight.mesh.elements import quadrature
from deadlight.mesh.mesh import CellBlock, Mesh

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

# T^4 of a quadratic temperature times a shape function is of degree 10; on elements that resolve the field degree 5
# integrates it to far below the discretisation error, and both bodies of a pair see the same points whatever the rule.
FACE_DEGREE = {"tri": 4, "quad": 5}


@dataclass(frozen=True, eq=False)
class Trace:
    """Points of a face or a region.

    Attributes
    ----------
    matrix : (nq, n_nodes) CSR
        Shape functions: temperature at the points is `matrix @ T`; the rows sum to 1.
    weight : (nq,) float [m2 or m3]
        Area or volume that each point stands for.
    position : (nq, 3) float [m]
    normal : (nq, 3) float
        Outward unit normal; zero for a region.
    """

    matrix: scipy.sparse.csr_matrix
    weight: Array
    position: Array
    normal: Array

    @property
    def measure(self) -> float:
        """Area [m2] or volume [m3]."""
        return float(self.weight.sum())

    def part(self, keep: Array) -> Trace:
        """Some of the points (mask)."""
        return Trace(self.matrix[keep], self.weight[keep], self.position[keep], self.normal[keep])

    def nodal(self, density: Array) -> Array:
        """Heat on the nodes [W] of a density at the points [W/m2 or W/m3]. (nq,) -> (n_nodes,)."""
        return self.matrix.T @ (self.weight * density)


def face_trace(mesh: Mesh, name: str) -> Trace:
    """Quadrature points of a named face."""
    return _joined(mesh, [_surface(mesh, block) for block in mesh.face(name)])


def cells_trace(mesh: Mesh, block: CellBlock, *, degree: int | None = None) -> Trace:
    """Quadrature points of face cells, cell by cell; `degree` replaces the usual rule."""
    return _joined(mesh, [_surface(mesh, block, degree)])


def region_trace(mesh: Mesh, region: str) -> Trace:
    """Quadrature points of the cells of a region."""
    return _joined(mesh, [_solid(mesh, block) for block in mesh.region_blocks(region)])


_Part = tuple[Index, Array, Array, Array, Array]  # node numbers, shape values, weight, position, normal


def _surface(mesh: Mesh, block: CellBlock, degree: int | None = None) -> _Part:
    xi, w = quadrature(block.element.family, degree or FACE_DEGREE[block.element.family])
    x, shape = mesh.points[block.nodes], block.element.shape(xi)
    tangents = np.einsum("cni,qnj->cqij", x, block.element.dshape(xi), optimize=True)
    normal = np.cross(tangents[..., 0], tangents[..., 1]).reshape(-1, 3)
    area = np.linalg.norm(normal, axis=1)
    weight = area * np.tile(w, len(x))
    return *_spread(block, shape), weight, np.einsum("qn,cni->cqi", shape, x).reshape(-1, 3), normal / area[:, None]


def _solid(mesh: Mesh, block: CellBlock) -> _Part:
    xi, w = content_rule(block.element.family)
    x, shape = mesh.points[block.nodes], block.element.shape(xi)
    det = np.linalg.det(np.einsum("cni,qnj->cqij", x, block.element.dshape(xi), optimize=True))
    position = np.einsum("qn,cni->cqi", shape, x).reshape(-1, 3)
    return *_spread(block, shape), (det * w).ravel(), position, np.zeros_like(position)


def _spread(block: CellBlock, shape: Array) -> tuple[Index, Array]:
    return np.repeat(block.nodes, len(shape), axis=0), np.tile(shape, (len(block.nodes), 1))


def _joined(mesh: Mesh, parts: list[_Part]) -> Trace:
    matrix = scipy.sparse.vstack([interpolation(p[0], p[1], mesh.n_nodes) for p in parts], format="csr")
    return Trace(matrix, *(np.concatenate([p[i] for p in parts]) for i in (2, 3, 4)))


def interpolation(nodes: Index, values: Array, n_nodes: int) -> scipy.sparse.csr_matrix:
    """Sparse matrix with values[q, i] at column nodes[q, i]. (nq, nn) twice -> (nq, n_nodes)."""
    nq, nn = nodes.shape
    indptr = np.arange(0, nq * nn + 1, nn, dtype=np.int32)
    return scipy.sparse.csr_matrix((values.ravel(), nodes.ravel().astype(np.int32), indptr), shape=(nq, n_nodes))
