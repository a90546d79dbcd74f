"""Boundaries and pairs bound to a mesh: nodal heat, heat rates and their part of the Jacobian."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse

from deadlight.heat.boundary import Convection, Film, Flux, Radiation, Source, evaluate
from deadlight.heat.pair import Pair
from deadlight.heat.pairing import Pairing, pair_faces
from deadlight.heat.trace import Trace, face_trace, region_trace
from deadlight.mesh.mesh import Mesh

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Rates:
    """What one load does at an instant.

    Attributes
    ----------
    nodal : (n_nodes,) float [W]
        Heat into the nodes; sums to `net`.
    net : float [W]
        Heat into the mesh; 0 for a pair.
    gross : float [W]
        Integral of |q|.
    slope : (nq,) float [W/K]
        Weight times h = -dq/dT at the points.
    """

    nodal: Array
    net: float
    gross: float
    slope: Array


class BoundLoad:
    """A boundary (or source) on the points of its face (or region)."""

    def __init__(self, mesh: Mesh, boundary: Convection | Flux | Source | Film | Radiation) -> None:
        self.boundary = boundary
        self.place = boundary.region if isinstance(boundary, Source) else boundary.face
        self.name = f"{boundary.label} {self.place}"
        self.trace = region_trace(mesh, self.place) if isinstance(boundary, Source) else face_trace(mesh, self.place)
        self.field = evaluate(boundary.weight, self.trace.position)
        self.transpose = self.trace.matrix.T.tocsr()
        self.couples = not isinstance(boundary, Flux | Source)

    @property
    def operator(self) -> scipy.sparse.csr_matrix:
        return self.trace.matrix

    def rates(self, t: float, T: Array) -> Rates:
        q, h = self.boundary.density(t, self.trace.matrix @ T, self.field)
        heat = self.trace.weight * q
        return Rates(self.transpose @ heat, float(heat.sum()), float(np.abs(heat).sum()), self.trace.weight * h)


class BoundPair:
    """A gap or contact on the common points of its faces; equal and opposite by construction."""

    def __init__(self, mesh: Mesh, pair: Pair) -> None:
        self.pair = pair
        self.place = f"{pair.face_a} / {pair.face_b}"
        self.name = f"{pair.label} {self.place}"
        self.pairing: Pairing = pair_faces(mesh, pair.face_a, pair.face_b, reach=pair.reach)
        self.operator = (self.pairing.a - self.pairing.b).tocsr()
        self.transpose = self.operator.T.tocsr()
        self.couples = True

    def rates(self, t: float, T: Array) -> Rates:
        q, h = self.pair.density(t, self.pairing.a @ T, self.pairing.b @ T, self.pairing.distance)
        heat = self.pairing.weight * q
        return Rates(-(self.transpose @ heat), 0.0, float(np.abs(heat).sum()), self.pairing.weight * h)


class UnpairedLoad(BoundLoad):
    """Points of a gap's face that see no partner and radiate to the sky instead."""

    def __init__(self, boundary: Radiation, trace: Trace) -> None:
        self.boundary, self.trace, self.couples = boundary, trace, True
        self.place = boundary.face
        self.name = f"unpaired radiation {boundary.face}"
        self.field = np.ones(len(trace.weight))
        self.transpose = trace.matrix.T.tocsr()


Load = BoundLoad | BoundPair
