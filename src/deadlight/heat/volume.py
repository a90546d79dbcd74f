"""Volume integrals of heat on the mesh: content, conduction and their matrices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight import _heat, kernels
from deadlight.errors import MeshError
from deadlight.heat.rules import conduction_rule, content_rule
from deadlight.heat.tables import HeatMaterial, Ramps
from deadlight.heat.workers import workers
from deadlight.mesh.mesh import CellBlock, Mesh

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, eq=False)
class Batches:
    """One block of cells in lanes of 8, with its geometry at the quadrature points and its material.

    Attributes
    ----------
    nodes : (n_batches, nn, 8) int32
        Node numbers; the last cell repeats in unused lanes, with no volume.
    shape_k, grad, shape_m : (nk, nn), (nk, nn, 3), (nm, nn)
        Shape functions at the conduction points with gradients, and at the content points.
    metric : (n_batches, nk, 6, 8)
        w det J (J^-1 J^-T), order xx yy zz yz xz xy.
    volume : (n_batches, nm, 8)
        w det J.
    first, place : (n_nodes + 1,), (n_entries,) int64
        For every node, the entries of the element vectors that belong to it.
    """

    nodes: np.ndarray[Any, np.dtype[np.int32]]
    shape_k: Array
    grad: Array
    shape_m: Array
    metric: Array
    volume: Array
    first: Index
    place: Index
    slots: Index
    conductivity: Ramps
    specific_heat: Ramps
    density: float
    datum: float

    @property
    def geometry(self) -> tuple[Any, Any, Any, Any, Any, Any]:
        return self.nodes, self.shape_k, self.grad, self.shape_m, self.metric, self.volume


class Volume:
    """Content N(T) [J] and conduction C(T) [W] as nodal vectors, capacity and conductance as matrices.

    N_i = int phi_i rho (H(T) - H_datum) dV and C_i = int grad phi_i . k(T) grad T dV, with k and H taken at the
    quadrature points (not interpolated from nodes): H is the exact integral of the specific heat table.
    """

    def __init__(
        self, mesh: Mesh, materials: Mapping[str, HeatMaterial], slots: Sequence[Index], *, datum: float
    ) -> None:
        self.n = mesh.n_nodes
        self.batches = [
            _batches(mesh, block, slot, materials[block.region], datum) for block, slot in zip(mesh.blocks, slots)
        ]
        self.linear = all(b.conductivity.constant and b.specific_heat.constant for b in self.batches)

    def vectors(self, T: Array) -> tuple[Array, Array]:
        """Heat content [J] and conduction [W] at nodal temperatures T (n,) [K]."""
        content, conduction = np.zeros(self.n), np.zeros(self.n)
        T, isa, threads = np.ascontiguousarray(T), kernels.isa(), workers(self.n)
        for b in self.batches:
            n_e, c_e = np.empty(b.nodes.shape), np.empty(b.nodes.shape)
            k, c = b.conductivity.compiled(), b.specific_heat.compiled()
            _heat.vectors(*b.geometry, T, k, c, b.density, b.datum, n_e, c_e, isa, threads)
            _heat.gather(b.first, b.place, n_e, content, threads)
            _heat.gather(b.first, b.place, c_e, conduction, threads)
        return content, conduction

    def matrices(self, T: Array, nnz: int) -> tuple[Array, Array]:
        """Values (nnz,) of the capacity [J/K] and conductance [W/K] matrices at nodal temperatures T (n,) [K]."""
        capacity, conductance = np.zeros(nnz), np.zeros(nnz)
        T, isa, threads = np.ascontiguousarray(T), kernels.isa(), workers(self.n)
        for b in self.batches:
            k, c = b.conductivity.compiled(), b.specific_heat.compiled()
            _heat.matrices(*b.geometry, T, k, c, b.density, b.slots, capacity, conductance, isa, threads)
        return capacity, conductance


def _batches(mesh: Mesh, block: CellBlock, slots: Index, material: HeatMaterial, datum: float) -> Batches:
    element, lanes = block.element, _heat.LANES
    n_cells, nn = block.nodes.shape
    xi_k, w_k = conduction_rule(element.family)
    xi_m, w_m = content_rule(element.family)
    x = mesh.points[block.nodes]
    jac = _jacobians(x, element.dshape(xi_k))
    det, cofactor = _cofactors(jac)
    _check_volume(det, block)
    six = _symmetric_products(cofactor) * (w_k / det)[:, :, None]
    volume = _cofactors(_jacobians(x, element.dshape(xi_m)))[0] * w_m
    n_batches = -(-n_cells // lanes)
    padded = np.concatenate([block.nodes, np.repeat(block.nodes[-1:], n_batches * lanes - n_cells, axis=0)])
    nodes = np.ascontiguousarray(padded.reshape(n_batches, lanes, nn).transpose(0, 2, 1).astype(np.int32))
    first, place = _incidence(nodes, n_cells, mesh.n_nodes)
    heat = Ramps.of(material.specific_heat)
    return Batches(
        nodes,
        np.ascontiguousarray(element.shape(xi_k)),
        np.ascontiguousarray(element.dshape(xi_k)),
        np.ascontiguousarray(element.shape(xi_m)),
        _lanes(six, n_batches, lanes),
        _lanes(volume, n_batches, lanes),
        first,
        place,
        np.ascontiguousarray(slots),
        Ramps.of(material.conductivity),
        heat,
        float(material.density),
        float(heat.integral(datum)),
    )


def _jacobians(x: Array, gradients: Array) -> Array:
    """dx_i / dxi_j at every point. (n_cells, nn, 3), (nq, nn, 3) -> (n_cells, nq, 3, 3)."""
    n_cells, nn, _ = x.shape
    flat = np.ascontiguousarray(x.transpose(0, 2, 1)).reshape(n_cells * 3, nn) @ gradients.transpose(1, 0, 2).reshape(
        nn, -1
    )
    return flat.reshape(n_cells, 3, -1, 3).transpose(0, 2, 1, 3)


def _cofactors(jac: Array) -> tuple[Array, Array]:
    """Determinant and cofactors: rows of det J times J^-1."""
    a, b, c = jac[..., 0], jac[..., 1], jac[..., 2]
    rows = np.empty(jac.shape)
    for i, (u, v) in enumerate(((b, c), (c, a), (a, b))):  # written out: np.cross is several times slower
        rows[..., i, 0] = u[..., 1] * v[..., 2] - u[..., 2] * v[..., 1]
        rows[..., i, 1] = u[..., 2] * v[..., 0] - u[..., 0] * v[..., 2]
        rows[..., i, 2] = u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]
    return np.einsum("...i,...i->...", a, rows[..., 0, :]), rows


def _symmetric_products(rows: Array) -> Array:
    """Products of the rows in the order xx yy zz yz xz xy. (..., 3, 3) -> (..., 6)."""
    pairs = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))
    return np.stack([np.einsum("...i,...i->...", rows[..., i, :], rows[..., j, :]) for i, j in pairs], axis=-1)


def _check_volume(det: Array, block: CellBlock) -> None:
    if (det <= 0.0).any():
        cell = int(np.argmax((det <= 0.0).any(axis=1)))
        raise MeshError(
            f"cell {cell} ({block.kind}) has a Jacobian of {det[cell].min():.3g} m^3",
            place=f"region {block.region}",
            remedy="the cell is inverted or folded: repair the mesh, or check the node order of its file",
        )


def _lanes(values: Array, n_batches: int, lanes: int) -> Array:
    """(n_cells, ...) -> (n_batches, ..., lanes), zeros in unused lanes."""
    full = np.zeros((n_batches * lanes, *values.shape[1:]))
    full[: len(values)] = values
    return np.ascontiguousarray(np.moveaxis(full.reshape(n_batches, lanes, *values.shape[1:]), 1, -1))


def _incidence(nodes: np.ndarray[Any, Any], n_cells: int, n_nodes: int) -> tuple[Index, Index]:
    n_batches, _, lanes = nodes.shape
    cell = np.arange(n_batches)[:, None, None] * lanes + np.arange(lanes)
    used = np.flatnonzero(np.broadcast_to(cell < n_cells, nodes.shape).ravel())
    owner = nodes.ravel()[used]
    order = np.argsort(owner, kind="stable")
    first = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=n_nodes))])
    return first.astype(np.int64), used[order].astype(np.int64)
