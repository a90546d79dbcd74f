"""Nodal strain from displacements: superconvergent patch recovery.

The strain of a quadratic element is most accurate at its reduced Gauss points.  Around every inner vertex a quadratic
polynomial is fitted to the strain at those points of the cells that meet there; a node takes the polynomials of the
vertices it lies between, blended linearly; a vertex of the surface takes those of its inner neighbours, which see
through the thickness.  Zienkiewicz & Zhu 1992, IJNME 33:1331 (part 1: the recovery technique).

A vertex with no inner neighbour (on an edge or corner of the body, in a plate one cell thick) would need extrapolation
too far: there the gradients of the cells at the node itself are averaged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse

from deadlight.fem.elasticity import ElasticBody
from deadlight.fem.geometry import gradients
from deadlight.mesh.elements import ELEMENTS, Element, quadrature
from deadlight.mesh.mesh import boundary_faces

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

_LINEAR = {"tet": "tet4", "hex": "hex8", "wedge": "wedge6"}
# Weight of the ridge that settles quadratic terms which the points of a patch cannot see (a plate one cell thick).
_RIDGE = 1e-5


@dataclass(frozen=True, eq=False)
class Recovery:
    """Linear operator from nodal displacement to nodal strain.

    Attributes
    ----------
    derivative : three (n_samples, n_nodes) sparse [1/m]
        d/dx_i at the sampling points.
    fit : (n_vertices * terms, n_samples) sparse
        Moments of the sampled values in each patch.
    evaluate : (n_fields, n_vertices * terms) sparse
        From moments to nodal values.
    direct : three (n_fields, n_nodes) sparse [1/m]
        d/dx_i averaged over the cells of a node, times the share of the node that no patch serves.
    """

    derivative: tuple[scipy.sparse.csr_matrix, ...]
    fit: scipy.sparse.csr_matrix
    evaluate: scipy.sparse.csr_matrix
    direct: tuple[scipy.sparse.csr_matrix, ...]

    @classmethod
    def build(cls, body: ElasticBody) -> Recovery:
        """Operator for all regions of a body; patches end at the border of a region."""
        derivative, position, owner = _samples(body)
        vertex, point = np.concatenate([o[0] for o in owner]), np.concatenate([o[1] for o in owner])
        vertices, patch = np.unique(vertex, return_inverse=True)
        patches = _Patches.build(body.mesh.points[body.field_node[vertices]], patch, position[point], body)
        terms = patches.terms
        basis = patches.basis(patch, position[point])
        row = patch[:, None] * terms + np.arange(terms)
        shape = (len(vertices) * terms, len(position))
        fit = scipy.sparse.csr_matrix((basis.ravel(), (row.ravel(), np.repeat(point, terms))), shape=shape)
        inverse = np.linalg.inv(patches.normal_matrix(patch, basis, len(vertices)))
        donors, alone = _donors(body)
        parents = _blend(body)
        blend = (parents @ donors)[:, vertices].tocoo()
        where = body.mesh.points[body.field_node[blend.row]]
        weight = blend.data[:, None] * np.einsum("ki,kij->kj", patches.basis(blend.col, where), inverse[blend.col])
        column = blend.col[:, None] * terms + np.arange(terms)
        evaluate = scipy.sparse.csr_matrix(
            (weight.ravel(), (np.repeat(blend.row, terms), column.ravel())),
            shape=(body.n_fields, len(vertices) * terms),
        )
        return cls(derivative, fit, evaluate, _direct(body, parents @ alone.astype(float)))

    def nodal(self, samples: Array) -> Array:
        """Nodal values (n_fields, k) by patches alone of values at the sampling points (n_samples, k)."""
        return self.evaluate @ (self.fit @ samples)

    def strain(self, displacement: Array) -> Array:
        """Nodal strain, tensor components xx, yy, zz, yz, xz, xy.

        Parameters
        ----------
        displacement : (n_nodes, 3, m) float [m]

        Returns
        -------
        (n_fields, 6, m) float
        """
        n, _, m = displacement.shape
        flat = displacement.reshape(n, 3 * m)
        samples = _symmetric([(d @ flat).reshape(-1, 3, m) for d in self.derivative])
        direct = _symmetric([(d @ flat).reshape(-1, 3, m) for d in self.direct])
        return self.nodal(samples.reshape(-1, 6 * m)).reshape(-1, 6, m) + direct


def _symmetric(d: list[Array]) -> Array:
    """Strain (k, 6, m) from the derivatives d[j][:, i] = d u_i / d x_j."""
    shear = [(d[1][:, 2] + d[2][:, 1]) / 2, (d[0][:, 2] + d[2][:, 0]) / 2, (d[0][:, 1] + d[1][:, 0]) / 2]
    return np.stack([d[0][:, 0], d[1][:, 1], d[2][:, 2], *shear], axis=1)


def hooke(lam: Array, mu: Array, strain: Array) -> Array:
    """Stress [Pa] of tensor strain components: lam, mu (n[, m]), strain (n, 6[, m])."""
    stress = 2 * mu[:, None] * strain
    stress[:, :3] += (lam * strain[:, :3].sum(axis=1))[:, None]
    return stress


@dataclass(frozen=True, eq=False)
class _Patches:
    """Local coordinates of every patch: centred and scaled to its own sampling points."""

    centre: Array
    scale: Array
    quadratic: bool

    @classmethod
    def build(cls, vertex: Array, patch: Index, x: Array, body: ElasticBody) -> _Patches:
        count = np.bincount(patch)
        centre = np.stack([np.bincount(patch, weights=x[:, i]) for i in range(3)], axis=1) / count[:, None]
        d = x - centre[patch]
        spread = np.stack([np.bincount(patch, weights=d[:, i] * d[:, j]) for i in range(3) for j in range(3)], axis=1)
        values, axes = np.linalg.eigh((spread / count[:, None]).reshape(-1, 3, 3))
        values = np.maximum(values, 1e-12 * values[:, -1:])
        scale = axes / np.sqrt(values)[:, None, :]  # y = (x - centre) @ scale has unit spread
        return cls(centre, scale, all(ELEMENTS[b.kind].quadratic for b in body.blocks))

    @property
    def terms(self) -> int:
        return 10 if self.quadratic else 4

    def basis(self, patch: Index, x: Array) -> Array:
        """Monomials (k, terms) at points x (k, 3) of the named patches."""
        y = np.einsum("ki,kij->kj", x - self.centre[patch], self.scale[patch])
        columns = [np.ones(len(y)), y[:, 0], y[:, 1], y[:, 2]]
        if self.quadratic:
            columns += [y[:, i] * y[:, j] for i in range(3) for j in range(i, 3)]
        return np.stack(columns, axis=1)

    def normal_matrix(self, patch: Index, basis: Array, n: int) -> Array:
        """Least-squares matrices (n, terms, terms), with the ridge on the quadratic terms."""
        matrix = np.zeros((n, self.terms, self.terms))
        for i in range(self.terms):
            for j in range(i, self.terms):
                matrix[:, i, j] = matrix[:, j, i] = np.bincount(patch, weights=basis[:, i] * basis[:, j], minlength=n)
        ridge = _RIDGE * np.bincount(patch, minlength=n)
        for i in range(self.terms):
            matrix[:, i, i] += ridge if i >= 4 else 1e-12 * ridge
        return matrix


def _samples(body: ElasticBody) -> tuple[tuple[scipy.sparse.csr_matrix, ...], Array, list[tuple[Index, Index]]]:
    """Derivatives and positions at the sampling points; pairs (corner's field row, sampling point) of every block."""
    rows, columns, values, position, owner = [], [], [], [], []
    start = 0
    for b in body.blocks:
        element = ELEMENTS[b.kind]
        xi, _ = quadrature(element.family, 2)
        g, _ = gradients(body.mesh.points, b.nodes, element.dshape(xi))
        n_cells, nq, nn, _ = g.shape
        number = start + np.arange(n_cells * nq).reshape(n_cells, nq)
        rows.append(np.repeat(number.ravel(), nn))
        columns.append(np.repeat(b.nodes, nq, axis=0).ravel())
        values.append(g.reshape(-1, 3))
        position.append(np.einsum("qn,cni->cqi", element.shape(xi), body.mesh.points[b.nodes]).reshape(-1, 3))
        corners = b.fields[:, : element.corners]
        owner.append((np.repeat(corners.ravel(), nq), np.repeat(number, element.corners, axis=0).ravel()))
        start += n_cells * nq
    place, shape = (np.concatenate(rows), np.concatenate(columns)), (start, body.n_nodes)
    value = np.concatenate(values)
    return (
        tuple(scipy.sparse.csr_matrix((value[:, i], place), shape=shape) for i in range(3)),
        np.concatenate(position),
        owner,
    )


def _parents(element: Element) -> Array:
    """Linear shape functions of the corners at every node of the element. (nn, corners)."""
    return ELEMENTS[_LINEAR[element.family]].shape(element.nodes)


def _blend(body: ElasticBody) -> scipy.sparse.csr_matrix:
    """Weights (n_fields, n_fields) of the vertices that each node lies between; rows sum to one."""
    rows, columns, values = [], [], []
    for b in body.blocks:
        element = ELEMENTS[b.kind]
        weight = np.broadcast_to(_parents(element), (len(b.fields), element.n_nodes, element.corners))
        rows.append(np.repeat(b.fields, element.corners, axis=1).ravel())
        columns.append(np.tile(b.fields[:, : element.corners], (1, element.n_nodes)).ravel())
        values.append(weight.ravel())
    shape = (body.n_fields, body.n_fields)
    weight, place = np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))
    kept = weight > 1e-9
    total = scipy.sparse.csr_matrix((weight[kept], (place[0][kept], place[1][kept])), shape=shape)  # summed over cells
    return scipy.sparse.diags(1 / np.maximum(np.asarray(total.sum(axis=1)).ravel(), 1e-300)) @ total


def _direct(body: ElasticBody, share: Array) -> tuple[scipy.sparse.csr_matrix, ...]:
    """Derivatives at nodes, averaged over the cells that meet there and scaled by `share` (n_fields,)."""
    rows, columns, values = [np.zeros(0, int)], [np.zeros(0, int)], [np.zeros((0, 3))]
    count = np.zeros(body.n_fields)
    for b in body.blocks:
        element = ELEMENTS[b.kind]
        count += np.bincount(b.fields.ravel(), minlength=body.n_fields)
        cells = np.flatnonzero((share[b.fields] > 0).any(axis=1))
        g, _ = gradients(body.mesh.points, b.nodes[cells], element.dshape(element.nodes))
        nn = element.n_nodes
        rows.append(np.repeat(b.fields[cells], nn, axis=1).ravel())
        columns.append(np.tile(b.nodes[cells], (1, nn)).ravel())
        values.append(g.reshape(-1, 3))
    row, column, value = np.concatenate(rows), np.concatenate(columns), np.concatenate(values)
    value = value * (share / np.maximum(count, 1.0))[row, None]
    kept = share[row] > 0
    shape = (body.n_fields, body.n_nodes)
    return tuple(scipy.sparse.csr_matrix((value[kept, i], (row[kept], column[kept])), shape=shape) for i in range(3))


def _donors(body: ElasticBody) -> tuple[scipy.sparse.csr_matrix, Mask]:
    """Whose polynomial a vertex takes: its own inside, on the surface the mean of its inner neighbours.

    Returns the matrix (n_fields, n_fields), rows summing to one or empty, and which rows are empty.
    """
    surface = np.zeros(body.n_fields, dtype=bool)
    for face in boundary_faces(body.mesh.blocks):
        start, stop = body.region_rows[face.region]
        number = np.full(body.n_nodes, -1, dtype=np.int64)
        number[body.field_node[start:stop]] = np.arange(start, stop)
        surface[number[face.nodes]] = True
    own = scipy.sparse.diags((~surface).astype(float))
    inner = _neighbours(body) @ own
    count = np.asarray(inner.sum(axis=1)).ravel()
    takes = surface & (count > 0)
    donors = own + scipy.sparse.diags(np.where(takes, 1 / np.maximum(count, 1.0), 0.0)) @ inner
    return donors.tocsr(), surface & ~takes


def _neighbours(body: ElasticBody) -> scipy.sparse.csr_matrix:
    """1 where two vertices share an edge. (n_fields, n_fields)."""
    rows, columns = [], []
    for b in body.blocks:
        element = ELEMENTS[b.kind]
        edges = np.array(element.edges)
        rows += [b.fields[:, edges[:, 0]].ravel(), b.fields[:, edges[:, 1]].ravel()]
        columns += [b.fields[:, edges[:, 1]].ravel(), b.fields[:, edges[:, 0]].ravel()]
    place = (np.concatenate(rows), np.concatenate(columns))
    near = scipy.sparse.csr_matrix((np.ones(len(place[0])), place), shape=(body.n_fields, body.n_fields))
    near.data[:] = 1.0  # counted once, however many cells share it
    return near
