"""Boundaries and pairs bound to a mesh: nodal heat, heat rates and their part of the Jacobian."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse

from deadlight.heat.boundary import Convection, Film, Flux, Radiation, Source, evaluate, value
from deadlight.heat.pair import Pair
from deadlight.heat.pairing import Pairing, pair_faces
from deadlight.heat.trace import Trace, face_trace, region_trace
from deadlight.mesh.mesh import Mesh

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Rates:
    """What one load does at an instant.

    Attributes
    ----------
    nodes : (m,) int
        The nodes it acts on.
    nodal : (m,) float [W]
        Heat into them; sums to `net`.
    net : float [W]
        Heat into the mesh; 0 for a pair.
    gross : float [W]
        Integral of |q|.
    slope : (nq,) float [W/K]
        Weight times h = -dq/dT at the points; empty where q does not depend on T.
    """

    nodes: Index
    nodal: Array
    net: float
    gross: float
    slope: Array


class BoundLoad:
    """A boundary (or source) on the points of its face (or region)."""

    def __init__(self, boundary: Convection | Flux | Source | Film | Radiation, trace: Trace, name: str) -> None:
        self.boundary, self.trace, self.operator = boundary, trace, trace.matrix
        self.place = boundary.region if isinstance(boundary, Source) else boundary.face
        self.name = name or f"{boundary.label} {self.place}"
        self.field = evaluate(boundary.weight, trace.position)
        self.couples = not isinstance(boundary, Flux | Source)
        self.nodes, self.local = _local(trace.matrix)
        self.transpose = self.local.T.tocsr()
        # what does not depend on T is one nodal vector times a function of time
        self.unit = self.transpose @ (trace.weight * self.field), float(trace.weight @ self.field)
        self.unit_gross = float(trace.weight @ np.abs(self.field))

    @classmethod
    def of(cls, mesh: Mesh, boundary: Convection | Flux | Source | Film | Radiation) -> BoundLoad:
        if isinstance(boundary, Source):
            return cls(boundary, region_trace(mesh, boundary.region), "")
        return cls(boundary, face_trace(mesh, boundary.face), "")

    def rates(self, t: float, T: Array) -> Rates:
        if isinstance(self.boundary, Flux | Source):
            strength = value(self.boundary.flux if isinstance(self.boundary, Flux) else self.boundary.power, t)
            nodal, net = self.unit
            return Rates(self.nodes, strength * nodal, strength * net, abs(strength) * self.unit_gross, np.zeros(0))
        q, h = self.boundary.density(t, self.local @ T[self.nodes], self.field)
        heat = self.trace.weight * q
        net, gross = float(heat.sum()), float(np.abs(heat).sum())
        return Rates(self.nodes, self.transpose @ heat, net, gross, self.trace.weight * h)


class BoundPair:
    """A gap or contact on the common points of its faces; equal and opposite by construction."""

    def __init__(self, mesh: Mesh, pair: Pair) -> None:
        self.pair = pair
        self.place = f"{pair.face_a} / {pair.face_b}"
        self.name = f"{pair.label} {self.place}"
        self.pairing: Pairing = pair_faces(mesh, pair.face_a, pair.face_b, reach=pair.reach)
        self.operator = (self.pairing.a - self.pairing.b).tocsr()
        self.couples = True
        self.nodes = np.union1d(self.pairing.a.indices, self.pairing.b.indices).astype(np.int64)
        self.a, self.b = self.pairing.a[:, self.nodes], self.pairing.b[:, self.nodes]
        self.transpose = (self.a - self.b).T.tocsr()

    def rates(self, t: float, T: Array) -> Rates:
        here = T[self.nodes]
        q, h = self.pair.density(t, self.a @ here, self.b @ here, self.pairing.distance)
        heat = self.pairing.weight * q
        return Rates(self.nodes, -(self.transpose @ heat), 0.0, float(np.abs(heat).sum()), self.pairing.weight * h)


def _local(matrix: scipy.sparse.csr_matrix) -> tuple[Index, scipy.sparse.csr_matrix]:
    """The nodes a trace touches and its matrix on them alone."""
    nodes = np.unique(matrix.indices).astype(np.int64)
    return nodes, matrix[:, nodes]


Load = BoundLoad | BoundPair
