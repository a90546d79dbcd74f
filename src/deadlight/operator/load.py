"""Right side of the crack operator: the uncracked traction on the crack, tested with the shape functions of the opening.

    b(v) = int_crack v . (sigma_0 n) dS,  n from the - to the + face.

A pressure p inside the crack adds p n to the traction that opens it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse

from deadlight.operator import shape
from deadlight.operator.quadrature import element
from deadlight.surface.mesh import SurfaceMesh

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

VOIGT = np.array([[0, 5, 4], [5, 1, 3], [4, 3, 2]])
LEVEL = 3  # of the rule: triangle of degree 12, square of 8 x 8; thermal boundary layers are thin


@dataclass(frozen=True, eq=False)
class SurfacePoints:
    """Quadrature points of some elements of a surface mesh.

    Attributes
    ----------
    point, normal : (p, 3) float
        Place [m] and unit normal.
    area : (p,) float [m^2]
        Weight of each point.
    test : (n_nodes, p) sparse
        Shape functions of the opening at the points.
    element : (p,) int64
    """

    point: Array
    normal: Array
    area: Array
    test: scipy.sparse.csr_matrix
    element: Index

    @classmethod
    def of(cls, mesh: SurfaceMesh, chosen: Mask, level: int = LEVEL) -> SurfacePoints:
        """Points of the chosen elements (e,)."""
        parts = []
        for kind in np.unique(mesh.kind[chosen]):
            cells = np.flatnonzero(chosen & (mesh.kind == kind))
            nn = 6 if kind == 0 else 9
            st, weight = element(int(kind), level)
            value, ds, dt = (a[:, :nn] for a in shape.geometry(int(kind), st[:, 0], st[:, 1]))
            test = shape.opening(int(kind), st[:, 0], st[:, 1])[0][:, :nn]
            x = mesh.points[mesh.cells[cells, :nn]]
            normal = np.cross(np.einsum("qa,eai->eqi", ds, x), np.einsum("qa,eai->eqi", dt, x))
            jacobian = np.linalg.norm(normal, axis=2)
            nodes = np.repeat(mesh.cells[cells, :nn], len(weight), axis=0)
            parts.append(
                (
                    np.einsum("qa,eai->eqi", value, x).reshape(-1, 3),
                    (normal / jacobian[:, :, None]).reshape(-1, 3),
                    (jacobian * weight).ravel(),
                    nodes,
                    np.tile(test, (len(cells), 1)),
                    np.repeat(cells, len(weight)),
                )
            )
        total = sum(len(p[2]) for p in parts)
        row = np.concatenate([p[3].ravel() for p in parts]) if parts else np.empty(0, np.int64)
        value = np.concatenate([p[4].ravel() for p in parts]) if parts else np.empty(0)
        counts = np.concatenate([np.full(len(p[2]), p[3].shape[1]) for p in parts]) if parts else np.empty(0, np.int64)
        column = np.repeat(np.arange(total), counts)
        test = scipy.sparse.csr_matrix((value, (row, column)), shape=(len(mesh.points), total))
        if not parts:
            return cls(np.empty((0, 3)), np.empty((0, 3)), np.empty(0), test, np.empty(0, np.int64))
        point, normal, area, _, _, element_ = (np.concatenate([p[i] for p in parts]) for i in (0, 1, 2, 2, 2, 5))
        return cls(point, normal, area, test, element_)

    def traction(self, stress: Array) -> Array:
        """Stress (r, p, 6), Voigt xx yy zz yz xz xy [Pa] -> traction on the surface (r, p, 3) [Pa]."""
        return np.einsum("rpij,pj->rpi", stress[..., VOIGT], self.normal)

    def load(self, traction: Array) -> Array:
        """Traction (r, p, 3) [Pa] -> load vectors (r, n_nodes, 3) [N]."""
        weighted = (traction * self.area[:, None]).transpose(1, 0, 2)
        out = self.test @ weighted.reshape(len(self.area), -1)
        return np.asarray(out).reshape(self.test.shape[0], traction.shape[0], 3).transpose(1, 0, 2)
