"""Seats under a cracked pane: their springs in the crack operator's matrix, and their points in its contact problem.

The springs stand in the matrix as if they could pull.  Where a seat's pressure p would be negative a relief r >= 0 acts
on the pane besides: p = law + k u.n + r, 0 <= p, 0 <= r, p.r = 0 with `law` that of the uncracked pane.  Few points
ever need it, so the problem stays small; every other point's pressure is checked at every instant.

Integrals over a bed are sums over the points of the stress history, which know the bed's true outline; each point lies
in some element of the skin, whose functions carry it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse
from scipy.spatial import cKDTree

from deadlight.errors import NotSolved
from deadlight.operator import shape
from deadlight.operator.gap import hats
from deadlight.surface.mesh import T6, SurfaceMesh

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

CANDIDATES, MORE = 24, 8  # elements looked at for each point; times as many for those that lie in none of them
OUTSIDE = 0.35  # of an element: a point farther outside every element than this is not on this skin


@dataclass(frozen=True, eq=False)
class SeatSprings:
    """Seats on the skin of a surface mesh.

    Attributes
    ----------
    matrix : (3 n_nodes, 3 n_nodes) sparse [N/m]
        Normal and tangential springs on D of the skin's nodes.
    node : (n,) int64
        Nodes whose hats meet a bed.
    area : (n,) float [m^2]
        Of the bed under each hat.
    stiffness : (n,) float [Pa/m]
    push : (n, n_nodes, 3) float [m^2]
        Load vector of a pressure of 1 Pa on the bed under the hat; its product with D is -int psi u.n dS.
    law : (m, n) float [Pa]
        Of the uncracked pane, mean over the bed under each hat.
    """

    matrix: scipy.sparse.csr_matrix
    node: Index
    area: Array
    stiffness: Array
    push: Array
    law: Array

    @classmethod
    def of(cls, mesh: SurfaceMesh, seats: Any) -> SeatSprings:
        """From a surface mesh that holds the whole skin, and a `deadlight.stress.seats.SeatHistory`.

        Raises
        ------
        NotSolved
            A point of a seat does not lie on the skin.
        """
        value, hat = _at_points(mesh, seats.point)
        n, p = len(mesh.points), len(seats.area)
        along = [scipy.sparse.kron(value @ scipy.sparse.diags(seats.normal[:, i]), np.eye(1, 3, i).T) for i in range(3)]
        normal = (along[0] + along[1] + along[2]).tocsr()  # (3 n, p)
        stiff = scipy.sparse.diags(seats.area * (seats.stiffness - seats.shear))
        every = value @ scipy.sparse.diags(seats.area * seats.shear) @ value.T
        matrix = normal @ stiff @ normal.T + scipy.sparse.kron(every, np.eye(3))
        area = np.asarray(hat @ seats.area).ravel()
        node = np.flatnonzero(area > 1e-9 * area.max(initial=0.0))
        weight = hat[node] @ scipy.sparse.diags(seats.area)
        push = (weight @ normal.T).toarray().reshape(len(node), n, 3) if p else np.zeros((0, n, 3))
        mean = scipy.sparse.diags(1 / area[node]) @ weight
        return cls(
            matrix.tocsr(),
            node,
            area[node],
            np.asarray(mean @ seats.stiffness).ravel(),
            push,
            np.asarray((mean @ seats.law.T).T),
        )


def _at_points(mesh: SurfaceMesh, point: Array) -> tuple[scipy.sparse.csr_matrix, scipy.sparse.csr_matrix]:
    """Opening functions and hats of the skin's nodes at points on it. (n_nodes, p) sparse each."""
    skin = np.flatnonzero(~mesh.on_crack)
    corner = mesh.points[mesh.cells[skin, :3]]
    if not len(skin) or (mesh.kind[skin] != T6).any():
        raise NotSolved("seats need a skin of triangles")
    tree, left = cKDTree(corner.mean(axis=1)), np.arange(len(point))
    element, s, t, miss = np.zeros(len(point), dtype=np.int64), *np.zeros((2, len(point))), np.full(len(point), np.inf)
    count = min(CANDIDATES, len(skin))
    while len(left):
        near = tree.query(point[left], k=count)[1].reshape(len(left), count)
        element[left], s[left], t[left], miss[left] = _nearest(corner, near, point[left])
        left = left[miss[left] > OUTSIDE]
        if count == len(skin):
            break
        count = min(MORE * count, len(skin))  # a large element next to many small ones
    if len(left):
        at = point[left[miss[left].argmax()]] * 1e3
        raise NotSolved(f"a seat at ({at[0]:.4g}, {at[1]:.4g}, {at[2]:.4g}) mm does not lie on the meshed skin")
    s, t = np.clip(s, 0, 1), np.clip(t, 0, 1)
    t = np.minimum(t, 1 - s)
    nodes, rows = mesh.cells[skin[element], :6], np.arange(len(point))
    found = []
    for function in (shape.opening(T6, s, t)[0], hats(T6, s, t)):
        entries = (function[:, :6].ravel(), (nodes.ravel(), np.repeat(rows, 6)))
        found.append(scipy.sparse.csr_matrix(entries, shape=(len(mesh.points), len(point))))
    return found[0], found[1]


def _nearest(corner: Array, near: Index, point: Array) -> tuple[Index, Array, Array, Array]:
    """Of some triangles (p, k) the one in which each point lies best, its coordinates there, how far it is outside."""
    a, b, c = (corner[near, k] for k in range(3))
    e1, e2, r = b - a, c - a, point[:, None] - a
    g11, g12, g22 = (np.einsum("pki,pki->pk", x, y) for x, y in ((e1, e1), (e1, e2), (e2, e2)))
    r1, r2 = np.einsum("pki,pki->pk", r, e1), np.einsum("pki,pki->pk", r, e2)
    det = g11 * g22 - g12**2
    s, t = (g22 * r1 - g12 * r2) / det, (g11 * r2 - g12 * r1) / det
    off = np.linalg.norm(r - s[..., None] * e1 - t[..., None] * e2, axis=2) / np.sqrt(np.sqrt(det))
    miss = np.maximum.reduce([-s, -t, s + t - 1, np.zeros_like(s)]) + off
    rows, best = np.arange(len(point)), miss.argmin(axis=1)
    return near[rows, best], s[rows, best], t[rows, best], miss[rows, best]
