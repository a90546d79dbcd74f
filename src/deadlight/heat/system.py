"""The heat equations of a mesh in space: d/dt N(T) = Q(T, t) - C(T) for nodal temperatures T."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse

from deadlight import _heat
from deadlight.errors import InputError, MeshError
from deadlight.fem.pattern import Pattern
from deadlight.heat.boundary import Boundary, Prescribed, Radiation, value
from deadlight.heat.load import BoundLoad, BoundPair, Load
from deadlight.heat.pair import Gap, Pair
from deadlight.heat.tables import HeatMaterial
from deadlight.heat.volume import Volume
from deadlight.heat.workers import workers
from deadlight.mesh.mesh import Mesh

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, eq=False)
class State:
    """Temperatures at an instant and everything the scheme needs of them.

    Attributes
    ----------
    time : float [s]
    T : (n,) float [K]
    content : (n,) float [J]
        N: heat content of the nodes above a datum.
    conduction : (n,) float [W]
        C: heat that conduction takes from the nodes; sums to 0.
    heat : (n,) float [W]
        Q: heat from boundaries and pairs into the nodes.
    net : (n_loads,) float [W]
        Heat into the mesh through each load.
    gross : float [W]
        Sum over the loads of the integral of |q|.
    """

    time: float
    T: Array
    content: Array
    conduction: Array
    heat: Array
    net: Array
    gross: float

    @property
    def rate(self) -> Array:
        """F = Q - C [W]."""
        return self.heat - self.conduction


class HeatSystem:
    """Residual parts and Jacobian of the semi-discrete heat equation.

    Attributes
    ----------
    indptr, indices : CSR pattern of the Jacobian, with the couplings of the pairs.
    fixed : (n,) bool
        Nodes with a prescribed temperature.
    bodies : (n,) int
        Number of the connected body each node belongs to.
    """

    def __init__(
        self,
        mesh: Mesh,
        materials: Mapping[str, HeatMaterial],
        *,
        boundaries: Sequence[Boundary],
        pairs: Sequence[Pair],
        datum: float,
    ) -> None:
        _check(mesh, materials)
        self.mesh, self.n, self.datum = mesh, mesh.n_nodes, datum
        self.prescribed = [b for b in boundaries if isinstance(b, Prescribed)]
        self.fixed = np.zeros(self.n, dtype=bool)
        for p in self.prescribed:
            self.fixed[mesh.face_nodes(p.face)] = True
        self.loads: list[Load] = [BoundLoad.of(mesh, b) for b in boundaries if not isinstance(b, Prescribed)]
        for pair in pairs:
            self._add_pair(mesh, pair)
        slots = self._make_pattern(mesh)
        self.volume = Volume(mesh, materials, slots, datum=datum)
        self._linear: tuple[Array, Array] | None = None
        if self.volume.linear:
            self._linear = self.volume.matrices(np.full(self.n, datum), len(self.indices))
            self._both = np.stack(self._linear, axis=1)
        self._slots: dict[int, tuple[Array, Array, Index]] = {}

    @property
    def linear(self) -> bool:
        """Whether content and conduction are linear in T (constant properties)."""
        return self._linear is not None

    def _add_pair(self, mesh: Mesh, pair: Pair) -> None:
        bound = BoundPair(mesh, pair)
        self.loads.append(bound)
        rest = bound.pairing.unpaired
        if isinstance(pair, Gap) and pair.unpaired_sky is not None and len(rest.weight):
            sky = Radiation(face=pair.face_a, emissivity=pair.emissivities[0], sky_temperature=pair.unpaired_sky)
            self.loads.append(BoundLoad(sky, rest, f"unpaired radiation {pair.face_a}"))

    def _make_pattern(self, mesh: Mesh) -> list[Index]:
        base = Pattern.build([b.nodes for b in mesh.blocks], self.n)
        if (np.diff(base.indptr) == 0).any():
            node = int(np.argmax(np.diff(base.indptr) == 0))
            raise MeshError(f"node {node} belongs to no cell", place="heat", remedy="remove unused nodes from the mesh")
        graph = _ones(base.indptr, base.indices, self.n)
        self.bodies = scipy.sparse.csgraph.connected_components(graph, directed=False)[1]
        total = graph
        for load in self.loads:
            if isinstance(load, BoundPair):
                operator = _ones(load.operator.indptr, load.operator.indices, self.n)
                total = total + operator.T @ operator
        total = scipy.sparse.csr_matrix(total)
        total.sort_indices()
        self.indptr, self.indices = total.indptr.astype(np.int64), total.indices.astype(np.int32)
        self._keys = _keys(self.indptr, self.indices, self.n)
        if len(self.indices) == len(base.indices):
            return list(base.slots)
        place = np.searchsorted(self._keys, _keys(base.indptr, base.indices, self.n))
        return [place[slots] for slots in base.slots]

    def temperatures(self, t: float, T: Array) -> Array:
        """T with the prescribed values of time t put in (a copy)."""
        T = T.copy()
        for p in self.prescribed:
            T[self.mesh.face_nodes(p.face)] = value(p.temperature, t)
        return T

    def evaluate(self, t: float, T: Array, *, known: tuple[Array, Array] | None = None) -> State:
        """State at time t and temperatures T (n,); `known` are content and conduction if they need no evaluation."""
        if known is not None:
            content, conduction = known
        elif self._linear is not None:
            content, conduction = np.empty(self.n), np.empty(self.n)
            x = T - self.datum
            _heat.multiply_two(self.indptr, self.indices, self._both, x, content, conduction, workers(self.n))
        else:
            content, conduction = self.volume.vectors(T)
        heat, net, gross = np.zeros(self.n), np.zeros(len(self.loads)), 0.0
        for i, load in enumerate(self.loads):
            rates = load.rates(t, T)
            heat[rates.nodes] += rates.nodal
            net[i] = rates.net
            gross += rates.gross
        return State(t, T, content, conduction, heat, net, gross)

    def matrices(self, T: Array) -> tuple[Array, Array]:
        """Capacity [J/K] and conductance [W/K] values on the pattern."""
        return self._linear if self._linear is not None else self.volume.matrices(T, len(self.indices))

    def capacity_sums(self, T: Array) -> Array:
        """Diagonal of the capacity matrix [J/K], scaled to the total capacity: what a node's neighbourhood holds."""
        capacity, _ = self.matrices(T)
        row = np.repeat(np.arange(self.n), np.diff(self.indptr))
        diagonal = capacity[np.flatnonzero(row == self.indices)]
        return diagonal * (capacity.sum() / diagonal.sum())

    def surface_matrix(self, t: float, T: Array) -> Array:
        """Values of -dQ/dT [W/K] on the pattern, symmetric positive semi-definite."""
        values = np.zeros(len(self.indices))
        for i, load in enumerate(self.loads):
            if load.couples:
                scaled = load.operator.multiply(load.rates(t, T).slope[:, None]).tocsr()
                product = (load.operator.T @ scaled).tocsr()
                product.sort_indices()
                values[self._places(i, product)] += product.data
        return values

    def _places(self, load: int, product: scipy.sparse.csr_matrix) -> Index:
        """Slots of the entries of a product, looked up once as long as its pattern stays."""
        if load in self._slots:
            indptr, indices, slots = self._slots[load]
            if np.array_equal(indptr, product.indptr) and np.array_equal(indices, product.indices):
                return slots
        slots = np.searchsorted(self._keys, _keys(product.indptr, product.indices, self.n))
        self._slots[load] = (product.indptr, product.indices, slots)
        return slots


def _ones(indptr: np.ndarray[Any, Any], indices: np.ndarray[Any, Any], n: int) -> scipy.sparse.csr_matrix:
    return scipy.sparse.csr_matrix((np.ones(len(indices)), indices, indptr), shape=(len(indptr) - 1, n))


def _keys(indptr: np.ndarray[Any, Any], indices: np.ndarray[Any, Any], n: int) -> Index:
    row = np.repeat(np.arange(len(indptr) - 1, dtype=np.int64), np.diff(indptr))
    return row * n + indices


def _check(mesh: Mesh, materials: Mapping[str, HeatMaterial]) -> None:
    missing = [r for r in mesh.regions if r not in materials]
    if missing:
        raise InputError(
            f"no material for region {', '.join(missing)}",
            place="heat",
            remedy=f"give one for each of: {', '.join(mesh.regions)}",
        )
