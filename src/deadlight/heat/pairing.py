"""Partners across a gap: points of one face projected along its normal onto another face that need not match it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse
from scipy.spatial import KDTree

from deadlight.heat.trace import Trace, face_trace, interpolation
from deadlight.mesh.mesh import CellBlock, Mesh

Array = np.ndarray[Any, np.dtype[np.float64]]

SLACK = 1e-6  # reference coordinates: a point on an element's edge belongs to it
CANDIDATES = 24  # nearest element centres tried for a point


@dataclass(frozen=True, eq=False)
class Pairing:
    """Common quadrature points of two faces.

    Attributes
    ----------
    a, b : (m, n_nodes) CSR
        Shape functions of both faces at the same points; every row sums to 1.
    weight : (m,) float [m2]
        Area of face a that each point stands for.
    distance : (m,) float [m]
        Along the normal of a.
    position : (m, 3) float [m]
        On face a.
    unpaired : Trace
        Points of a that have no partner.
    """

    a: scipy.sparse.csr_matrix
    b: scipy.sparse.csr_matrix
    weight: Array
    distance: Array
    position: Array
    unpaired: Trace

    @property
    def unpaired_fraction(self) -> float:
        """Area of face a without a partner, as a fraction."""
        total = self.weight.sum() + self.unpaired.weight.sum()
        return float(self.unpaired.weight.sum() / total) if total else 1.0


def pair_faces(mesh: Mesh, face_a: str, face_b: str, *, reach: float) -> Pairing:
    """Project the quadrature points of face_a along their normals onto face_b.

    Both sides are integrated over the same points, so that what leaves a arrives on b to rounding.

    Parameters
    ----------
    reach : float [m]
        Greatest distance along the normal, to either side (faces in contact may overlap a little).
    """
    trace = face_trace(mesh, face_a)
    m = len(trace.weight)
    matrix = scipy.sparse.csr_matrix((m, mesh.n_nodes))
    distance = np.full(m, np.inf)
    for block in mesh.face(face_b):
        nodes, shape, found = _project(mesh, block, trace.position, trace.normal, reach)
        nearer = np.abs(found) < np.abs(distance)
        if nearer.any():
            keep = scipy.sparse.diags((~nearer).astype(float))
            matrix = keep @ matrix + interpolation(nodes, shape * nearer[:, None], mesh.n_nodes)
            distance[nearer] = found[nearer]
    here = np.isfinite(distance)
    matrix = scipy.sparse.csr_matrix(matrix)
    matrix.eliminate_zeros()
    rest = Trace(trace.matrix[~here], trace.weight[~here], trace.position[~here], trace.normal[~here])
    return Pairing(
        trace.matrix[here], matrix[here], trace.weight[here], np.abs(distance[here]), trace.position[here], rest
    )


def _project(mesh: Mesh, block: CellBlock, points: Array, normals: Array, reach: float) -> tuple[Array, Array, Array]:
    """Nodes and shape functions (m, nn) of the nearest element hit by each normal, and the distance (inf: none)."""
    x = mesh.points[block.nodes]
    centre = x[:, : block.element.corners].mean(axis=1)
    size = np.linalg.norm(x - centre[:, None], axis=2).max(axis=1)
    nodes = np.zeros((len(points), block.element.n_nodes), dtype=np.int64)
    shape = np.zeros(nodes.shape)
    distance = np.full(len(points), np.inf)
    radius = float(np.hypot(reach, size.max()))
    near, cell = KDTree(centre).query(points, k=min(CANDIDATES, len(x)), distance_upper_bound=radius * (1.0 + 1e-9))
    near, cell = near.reshape(len(points), -1), cell.reshape(len(points), -1)
    for k in range(cell.shape[1]):  # candidate by candidate, all points that have no partner yet at once
        here = np.flatnonzero(np.isfinite(near[:, k]) & np.isinf(distance))
        if not len(here):
            break
        xi, along, hit = _intersect(block, x[cell[here, k]], points[here], normals[here])
        hit &= np.abs(along) <= reach
        rows = here[hit]
        nodes[rows], shape[rows] = block.nodes[cell[rows, k]], block.element.shape(xi[hit])
        distance[rows] = along[hit]
    return nodes, shape, distance


def _intersect(block: CellBlock, x: Array, points: Array, normals: Array) -> tuple[Array, Array, Array]:
    """Where the lines points + s normals meet the elements x (m, nn, 3): local coordinates, s, whether inside.

    Newton on x(xi) - s n = p; the surface must look against the normal.
    """
    element = block.element
    triangle = element.family == "tri"
    xi = np.full((len(x), 2), 1.0 / 3.0 if triangle else 0.0)
    along = np.zeros(len(x))
    alive = np.ones(len(x), dtype=bool)
    for _ in range(12):
        gradient = np.einsum("mni,mnj->mij", x, element.dshape(xi))
        miss = np.einsum("mn,mni->mi", element.shape(xi), x) - along[:, None] * normals - points
        system = np.concatenate([gradient, -normals[:, :, None]], axis=2)
        scale = np.linalg.norm(np.cross(gradient[..., 0], gradient[..., 1]), axis=1)
        alive &= np.abs(np.linalg.det(system)) > 1e-3 * scale
        system[~alive] = np.eye(3)
        step = np.linalg.solve(system, -miss[:, :, None])[..., 0]
        step[~alive] = 0.0
        xi = np.clip(xi + step[:, :2], -3.0, 3.0)
        along = along + step[:, 2]
        if np.abs(step[:, :2]).max(initial=0.0) < 1e-12:
            break
    converged = np.abs(step[:, :2]).max(axis=1) < 1e-9
    facing = np.einsum("mi,mi->m", np.cross(gradient[..., 0], gradient[..., 1]), normals) < 0.0
    low, high = (xi.min(axis=1), xi.sum(axis=1)) if triangle else (-np.abs(xi).max(axis=1) + 1.0, np.zeros(len(xi)))
    return xi, along, alive & converged & facing & (low >= -SLACK) & (high <= 1.0 + SLACK)
