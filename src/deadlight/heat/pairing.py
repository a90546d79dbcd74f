"""Partners across a gap: points of one face projected along its normal onto another face that need not match it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse
from scipy.spatial import KDTree

from deadlight.heat.patch import fitted
from deadlight.heat.trace import Trace, cells_trace, interpolation
from deadlight.mesh.mesh import CellBlock, Mesh, cell_volumes

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
BoolArray = np.ndarray[Any, np.dtype[np.bool_]]

SLACK = 1e-6  # reference coordinates: a point on an element's edge belongs to it
OVERLAP = 1e-3  # m: faces in contact may be drawn a little into each other; a face further behind is another one
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
        Greatest distance along the normal; behind the face at most `OVERLAP`.
    """
    partners = [_Partner(mesh, block) for block in mesh.face(face_b)]
    found = []
    for block in mesh.face(face_a):
        trace = cells_trace(mesh, block)
        hit = _nearest(partners, trace, reach)
        per_cell = hit.owner.reshape(len(block.nodes), -1)
        kinked = (per_cell != per_cell[:, :1]).any(axis=1)
        if kinked.any():  # this cell looks at several cells, or past the partner's edge
            keep = np.repeat(~kinked, per_cell.shape[1])
            cells = CellBlock(block.kind, block.nodes[kinked], block.region)
            fine = cells_trace(mesh, cells, degree=_kinked_degree(mesh, cells, partners))
            found.append((fine, _nearest(partners, fine, reach)))
            trace, hit = trace.part(keep), hit.part(keep)
        found.append((trace, hit))
    return _joined(mesh, face_a, face_b, [t for t, _ in found], [h for _, h in found], reach)


def _covered(mesh: Mesh, face_a: str, face_b: str, reach: float) -> list[BoolArray]:
    """For every block of face_b, the cells that see face_a with all their points."""
    partners = [_Partner(mesh, block) for block in mesh.face(face_a)]
    whole = []
    for block in mesh.face(face_b):
        hit = _nearest(partners, cells_trace(mesh, block), reach)
        seen = np.isfinite(hit.distance).reshape(len(block.nodes), -1)
        whole.append(np.asarray(seen.all(axis=1)))
    return whole


def _joined(mesh: Mesh, face_a: str, face_b: str, traces: list[Trace], hits: list[_Hit], reach: float) -> Pairing:
    here = [np.isfinite(h.distance) for h in hits]
    on = [(t.part(k), h.part(k)) for t, h, k in zip(traces, hits, here)]
    off = [t.part(~k) for t, k in zip(traces, here)]
    a = scipy.sparse.vstack([t.matrix for t, _ in on], format="csr")
    b = scipy.sparse.vstack([h.matrix for _, h in on], format="csr")
    weight = np.concatenate([t.weight for t, _ in on])
    return Pairing(
        a,
        b,
        fitted(mesh, face_b, a, b, weight, _covered(mesh, face_a, face_b, reach)) if len(weight) else weight,
        np.abs(np.concatenate([h.distance for _, h in on])),
        np.concatenate([t.position for t, _ in on]),
        Trace(
            scipy.sparse.vstack([t.matrix for t in off], format="csr"),
            np.concatenate([t.weight for t in off]),
            np.concatenate([t.position for t in off]),
            np.concatenate([t.normal for t in off]),
        ),
    )


@dataclass(frozen=True, eq=False)
class _Hit:
    """Where the normals of a trace's points meet the partner: shape functions, signed distance (inf: nowhere), cell."""

    matrix: scipy.sparse.csr_matrix
    distance: Array
    owner: Index

    def part(self, keep: Array) -> _Hit:
        return _Hit(self.matrix[keep], self.distance[keep], self.owner[keep])


def _kinked_degree(mesh: Mesh, cells: CellBlock, partners: list[_Partner]) -> int:
    """Degree of the rule on cells that look at several others: some points in each of those."""
    ratio = np.sqrt(np.median(cell_volumes(mesh.points, cells)) / min(p.area for p in partners))
    return 2 * int(np.clip(np.ceil(8 * ratio), 8, 24)) - 1


class _Partner:
    """One block of the partner's cells with a tree of their centres."""

    def __init__(self, mesh: Mesh, block: CellBlock) -> None:
        self.block, self.n_nodes = block, mesh.n_nodes
        self.x = mesh.points[block.nodes]
        centre = self.x[:, : block.element.corners].mean(axis=1)
        self.size = float(np.linalg.norm(self.x - centre[:, None], axis=2).max())
        self.area = float(np.median(cell_volumes(mesh.points, block)))
        self.tree = KDTree(centre)


def _nearest(partners: list[_Partner], trace: Trace, reach: float) -> _Hit:
    m = len(trace.weight)
    distance, owner = np.full(m, np.inf), np.full(m, -1, dtype=np.int64)
    matrix = scipy.sparse.csr_matrix((m, trace.matrix.shape[1]))
    offset = 0
    for partner in partners:
        cell, shape, along = _project(partner, trace.position, trace.normal, reach)
        nearer = np.abs(along) < np.abs(distance)
        if nearer.any():
            values = shape * nearer[:, None]
            kept = scipy.sparse.diags((~nearer).astype(float))
            matrix = kept @ matrix + interpolation(partner.block.nodes[cell], values, partner.n_nodes)
            distance[nearer], owner[nearer] = along[nearer], cell[nearer] + offset
        offset += len(partner.block.nodes)
    matrix = scipy.sparse.csr_matrix(matrix)
    matrix.eliminate_zeros()
    return _Hit(matrix, distance, owner)


def _project(partner: _Partner, points: Array, normals: Array, reach: float) -> tuple[Index, Array, Array]:
    """Cell (m,), shape functions (m, nn) and distance (m,) (inf: none) of the cell that each normal meets."""
    block = partner.block
    cell_of = np.zeros(len(points), dtype=np.int64)
    shape = np.zeros((len(points), block.element.n_nodes))
    distance = np.full(len(points), np.inf)
    radius = float(np.hypot(reach, partner.size)) * (1.0 + 1e-9)
    near, cell = partner.tree.query(points, k=min(CANDIDATES, len(block.nodes)), distance_upper_bound=radius)
    near, cell = near.reshape(len(points), -1), cell.reshape(len(points), -1)
    for k in range(cell.shape[1]):  # candidate by candidate, all points that have no partner yet at once
        here = np.flatnonzero(np.isfinite(near[:, k]) & np.isinf(distance))
        if not len(here):
            break
        xi, along, hit = _intersect(block, partner.x[cell[here, k]], points[here], normals[here])
        hit = hit & (along <= reach) & (along >= -min(reach, OVERLAP))
        rows = here[hit]
        cell_of[rows], shape[rows] = cell[rows, k], block.element.shape(xi[hit])
        distance[rows] = along[hit]
    return cell_of, shape, distance


def _intersect(block: CellBlock, x: Array, points: Array, normals: Array) -> tuple[Array, Array, BoolArray]:
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
