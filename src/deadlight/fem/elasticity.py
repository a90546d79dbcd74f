"""Isotropic linear elasticity on a mesh: stiffness, its matrix-free action, and the load of a stress field.

Material fields (Lame's constants, thermal stress) are given at nodes and interpolated with the shape functions, so
that everything is linear in them.  Where regions of different material meet, each region has its own field values
at the shared nodes ("field rows"); in a body of one region field rows are nodes.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse

from deadlight import _elasticity, kernels
from deadlight.errors import MaterialError, MeshError
from deadlight.fem.geometry import gradients
from deadlight.fem.pattern import Pattern
from deadlight.mesh.elements import ELEMENTS, MASS_DEGREE, STIFFNESS_DEGREE, quadrature
from deadlight.mesh.mesh import Mesh

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

VOIGT = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))
"""Stress components xx, yy, zz, yz, xz, xy."""
_COMPONENT = np.array([[0, 5, 4], [5, 1, 3], [4, 3, 2]])


def lame(youngs_modulus: Array, poisson: Array) -> tuple[Array, Array]:
    """Lame's constants (lambda, mu) [Pa] from E [Pa] and Poisson's ratio."""
    return youngs_modulus * poisson / ((1 + poisson) * (1 - 2 * poisson)), youngs_modulus / (2 * (1 + poisson))


@dataclass(frozen=True, eq=False)
class _Block:
    nodes: Index
    fields: Index
    slots: Index
    shape: Array
    dshape: Array
    weight: Array
    order: Index
    begin: Index
    kind: str


@dataclass(frozen=True, eq=False)
class ElasticBody:
    """The solid cells of a mesh, ready for elasticity.

    Attributes
    ----------
    mesh : Mesh
    pattern : Pattern
    field_node : (n_fields,) int64
        Node of every field row.
    region_rows : dict of str -> (start, stop)
        Field rows of each region.
    """

    mesh: Mesh
    pattern: Pattern
    field_node: Index
    region_rows: dict[str, tuple[int, int]]
    blocks: tuple[_Block, ...]

    @classmethod
    def build(cls, mesh: Mesh) -> ElasticBody:
        # cells in the order of their lowest node: neighbours in a chunk, few colours, good locality
        cells = [
            np.ascontiguousarray(b.nodes[np.argsort(b.nodes.min(axis=1), kind="stable")], dtype=np.int64)
            for b in mesh.blocks
        ]
        pattern = Pattern.build(cells, mesh.n_nodes)
        regions = mesh.regions
        rows, row_of, start = {}, {}, 0
        field_nodes = []
        for region in regions:
            nodes = np.arange(mesh.n_nodes) if len(regions) == 1 else mesh.region_nodes(region)
            number = np.full(mesh.n_nodes, -1, dtype=np.int64)
            number[nodes] = start + np.arange(len(nodes))
            row_of[region] = number
            rows[region] = (start, start + len(nodes))
            field_nodes.append(nodes)
            start += len(nodes)
        blocks = []
        for block, nodes, slots in zip(mesh.blocks, cells, pattern.slots):
            family = block.element.family
            xi, weight = quadrature(family, STIFFNESS_DEGREE[family])
            order, begin = _elasticity.colour(nodes, mesh.n_nodes)
            shape, dshape = (
                np.ascontiguousarray(block.element.shape(xi)),
                np.ascontiguousarray(block.element.dshape(xi)),
            )
            blocks.append(
                _Block(nodes, row_of[block.region][nodes], slots, shape, dshape, weight, order, begin, block.kind)
            )
        return cls(mesh, pattern, np.concatenate(field_nodes), rows, tuple(blocks))

    @property
    def n_nodes(self) -> int:
        return self.mesh.n_nodes

    @property
    def n_fields(self) -> int:
        return len(self.field_node)

    def stiffness(self, lam: Array, mu: Array) -> Array:
        """Stiffness values (nnz, 3, 3) [N/m] in the order of the pattern, for `pattern.matrix(values, block=3)`.

        Parameters
        ----------
        lam, mu : (n_fields,) float [Pa]
            Lame's constants at the field rows.

        Raises
        ------
        MaterialError
            mu or the bulk modulus is not positive somewhere.
        MeshError
            A cell is inverted at a quadrature point.
        """
        check_lame(lam, mu)
        values = np.zeros((self.pattern.nnz, 3, 3))
        lam, mu = np.ascontiguousarray(lam, dtype=float), np.ascontiguousarray(mu, dtype=float)
        points = np.ascontiguousarray(self.mesh.points)
        for b in self.blocks:
            worst = _elasticity.stiffness(
                points, b.nodes, b.fields, b.slots, b.shape, b.dshape, b.weight, lam, mu, b.order, b.begin, values,
                kernels.isa(), kernels.threads(),
            )  # fmt: skip
            if not worst > 0:
                gradients(points, b.nodes, b.dshape)  # names the cell
                raise MeshError(
                    f"a {b.kind} cell has Jacobian {worst:.3g} m3", place="stiffness", remedy="check the mesh"
                )
        return values

    def apply(self, lam: Array, mu: Array, u: Array) -> Array:
        """K(lam, mu) u without the matrix, each column with its own material.

        Parameters
        ----------
        lam, mu : (n_fields, m) or (n_fields,) float [Pa]
        u : (n_nodes, 3, m) float [m]

        Returns
        -------
        (n_nodes, 3, m) float [N]
        """
        columns = u.shape[2]
        width = -(-columns // _elasticity.LANES) * _elasticity.LANES
        padded = np.zeros((self.n_nodes, 3, width))
        padded[:, :, :columns] = u
        fields = []
        for field in (lam, mu):
            full = np.ones((self.n_fields, width))
            full[:, :columns] = field if np.ndim(field) == 2 else np.asarray(field)[:, None]
            fields.append(full)
        result = np.zeros((self.n_nodes, 3, width))
        points = np.ascontiguousarray(self.mesh.points)
        for b in self.blocks:
            _elasticity.apply(
                points, b.nodes, b.fields, b.shape, b.dshape, b.weight, fields[0], fields[1], padded, b.order, b.begin,
                result, kernels.isa(), kernels.threads(),
            )  # fmt: skip
        return result[:, :, :columns]

    @functools.cached_property
    def gradient(self) -> tuple[scipy.sparse.csr_matrix, ...]:
        """Three matrices (n_nodes, n_fields) [m2]: G_i[a, b] = integral of dN_a/dx_i N_b."""
        rows, columns, parts = [], [], []
        for b in self.blocks:
            g, det = gradients(self.mesh.points, b.nodes, b.dshape)
            n_cells, nq, nn, _ = g.shape
            g *= (det * b.weight)[:, :, None, None]
            entry = np.matmul(g.transpose(0, 3, 2, 1).reshape(n_cells, 3 * nn, nq), b.shape)
            parts.append(entry.reshape(n_cells, 3, nn, nn).transpose(0, 2, 3, 1))
            rows.append(np.repeat(b.nodes, nn, axis=1).ravel())
            columns.append(np.tile(b.fields, (1, nn)).ravel())
        if self.n_fields == self.n_nodes:
            return tuple(self.pattern.matrix(self.pattern.scatter([p[..., i] for p in parts])) for i in range(3))
        place = (np.concatenate(rows), np.concatenate(columns))
        shape = (self.n_nodes, self.n_fields)
        return tuple(
            scipy.sparse.coo_matrix((np.concatenate([p[..., i].ravel() for p in parts]), place), shape=shape).tocsr()
            for i in range(3)
        )

    def spherical_load(self, stress: Array) -> Array:
        """Nodal force that an isotropic stress-like field `stress` (n_fields, m) [Pa] exerts: (n_nodes, 3, m) [N].

        f_a = integral of grad N_a stress; with stress = (3 lambda + 2 mu) eps_th it is the load of a thermal strain.
        """
        return np.stack([g @ stress for g in self.gradient], axis=1)

    def stress_load(self, stress: Array) -> Array:
        """Nodal forces (n_nodes, 3) [N] of a Voigt stress field (n_fields, 6) [Pa]: integral of B^T stress."""
        return np.stack(
            [sum(self.gradient[j] @ stress[:, _COMPONENT[i, j]] for j in range(3)) for i in range(3)], axis=1
        )

    @functools.cached_property
    def field_volume(self) -> Array:
        """Integral of every field row's shape function. (n_fields,) [m3]."""
        total: Array = np.zeros(self.n_fields)
        for b in self.blocks:
            element = ELEMENTS[b.kind]
            xi, weight = quadrature(element.family, MASS_DEGREE[element.family])
            _, det = gradients(self.mesh.points, b.nodes, element.dshape(xi))
            total += np.bincount(
                b.fields.ravel(), weights=((det * weight) @ element.shape(xi)).ravel(), minlength=self.n_fields
            )
        return total

    @functools.cached_property
    def node_volume(self) -> Array:
        """Integral of every node's shape function, consistent load of a unit body force. (n_nodes,) [m3]."""
        total: Array = np.zeros(self.n_nodes)
        np.add.at(total, self.field_node, self.field_volume)
        return total


def check_lame(lam: Array, mu: Array) -> None:
    """MaterialError where an isotropic solid would not be stable (mu <= 0 or 3 lambda + 2 mu <= 0)."""
    bad = ~((mu > 0) & (3 * lam + 2 * mu > 0))
    if bad.any():
        row = np.unravel_index(int(np.argmax(bad)), bad.shape)
        raise MaterialError(
            f"Lame's constants lambda {lam[row]:.4g} Pa, mu {mu[row]:.4g} Pa are not those of a stable solid",
            place=f"node {row[0]}",
            remedy="check Young's modulus and Poisson's ratio (0 < E, -1 < nu < 0.5) at the temperature there",
        )
