"""Right side of the crack operator: the uncracked traction on the crack, tested with the opening's functions.

    b(v) = int_crack v . (sigma_0 n) dS,  n from the - to the + face.

A pressure p inside the crack adds p n to the traction that opens it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    st : (p, 2) float
        Place in the element's reference shape.
    """

    point: Array
    normal: Array
    area: Array
    test: scipy.sparse.csr_matrix
    element: Index
    st: Array

    @classmethod
    def of(cls, mesh: SurfaceMesh, chosen: Mask, level: int = LEVEL) -> SurfacePoints:
        """Points of the chosen elements (e,)."""
        parts = [_points_of(mesh, int(kind), chosen, level) for kind in np.unique(mesh.kind[chosen])]
        if not parts:
            none = np.empty((0, 3))
            return cls(none, none, np.empty(0), _by_node(mesh, [], []), np.empty(0, np.int64), np.empty((0, 2)))
        point, normal, area, element_, st = (np.concatenate([p[i] for p in parts]) for i in range(5))
        test = _by_node(mesh, [p[3] for p in parts], [p[5] for p in parts])
        return cls(point, normal, area, test, element_, st)

    def interpolated(
        self, mesh: SurfaceMesh, function: Callable[[int, Array, Array], Array]
    ) -> scipy.sparse.csr_matrix:
        """Other functions of the nodes at the points, given as function(kind, s, t) -> (p, 9). (n_nodes, p) sparse."""
        kind = mesh.kind[self.element]
        elements, values, order = [], [], []
        for k in np.unique(kind):
            at = np.flatnonzero(kind == k)
            elements.append(self.element[at])
            values.append(function(int(k), self.st[at, 0], self.st[at, 1])[:, : 6 if k == 0 else 9])
            order.append(at)
        found = _by_node(mesh, elements, values)
        back = np.argsort(np.concatenate(order)) if order else np.empty(0, np.int64)
        return found[:, back]

    def traction(self, stress: Array) -> Array:
        """Stress (r, p, 6), Voigt xx yy zz yz xz xy [Pa] -> traction on the surface (r, p, 3) [Pa]."""
        voigt = np.zeros((len(self.normal), 6, 3))  # traction of every component of stress
        for i in range(3):
            for j in range(3):
                voigt[:, VOIGT[i, j], i] += self.normal[:, j]
        return np.asarray(np.matmul(stress.transpose(1, 0, 2), voigt).transpose(1, 0, 2))

    def load(self, traction: Array) -> Array:
        """Traction (r, p, 3) [Pa] -> load vectors (r, n_nodes, 3) [N]."""
        weighted = (traction * self.area[:, None]).transpose(1, 0, 2)
        out = self.test @ weighted.reshape(len(self.area), -1)
        return np.asarray(out).reshape(self.test.shape[0], traction.shape[0], 3).transpose(1, 0, 2)


def _points_of(
    mesh: SurfaceMesh, kind: int, chosen: Mask, level: int
) -> tuple[Array, Array, Array, Index, Array, Array]:
    """Place, normal, area, element, (s, t) and opening functions at the points of the elements of one kind."""
    cells = np.flatnonzero(chosen & (mesh.kind == kind))
    nn = 6 if kind == 0 else 9
    st, weight = element(kind, level)
    value, ds, dt = (a[:, :nn] for a in shape.geometry(kind, st[:, 0], st[:, 1]))
    x = mesh.points[mesh.cells[cells, :nn]]
    normal = np.cross(np.einsum("qa,eai->eqi", ds, x), np.einsum("qa,eai->eqi", dt, x))
    jacobian = np.linalg.norm(normal, axis=2)
    return (
        np.einsum("qa,eai->eqi", value, x).reshape(-1, 3),
        (normal / jacobian[:, :, None]).reshape(-1, 3),
        (jacobian * weight).ravel(),
        np.repeat(cells, len(weight)),
        np.tile(st, (len(cells), 1)),
        np.tile(shape.opening(kind, st[:, 0], st[:, 1])[0][:, :nn], (len(cells), 1)),
    )


def _by_node(mesh: SurfaceMesh, elements: Sequence[Index], values: Sequence[Array]) -> scipy.sparse.csr_matrix:
    """Values (p, nn) of an element's own nodes at points of elements (p,) -> (n_nodes, p) sparse."""
    row, column, entry, start = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty(0)], 0
    for e, v in zip(elements, values):
        row.append(mesh.cells[e, : v.shape[1]].ravel())
        column.append(np.repeat(start + np.arange(len(e)), v.shape[1]))
        entry.append(v.ravel())
        start += len(e)
    pieces = (np.concatenate(entry), (np.concatenate(row), np.concatenate(column)))
    return scipy.sparse.csr_matrix(pieces, shape=(len(mesh.points), start))
