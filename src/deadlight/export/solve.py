"""Solves a cracked mesh with this project's own finite elements: a check of the deck before anyone else runs it."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse

from deadlight.export.cracked_mesh import CrackedMesh
from deadlight.export.traction import Traction, nodal_force
from deadlight.fem.elasticity import ElasticBody, lame
from deadlight.linalg.sparse import factor

Array = np.ndarray[Any, np.dtype[np.float64]]


def crack_forces(mesh: CrackedMesh, traction: Traction) -> Array:
    """Nodal forces (n, 3) [N] that open the crack as the load of the uncracked body does (Bueckner's superposition).

    `traction(x, n)` is sigma.n [Pa] of the uncracked body, n the normal from the - to the + side: the - face is pushed
    by -sigma.n, the + face by +sigma.n.
    """
    normal = mesh.crack.plane.normal

    def lower(x: Array, _: Array) -> Array:
        return -traction(x, np.broadcast_to(normal, x.shape))

    def upper(x: Array, _: Array) -> Array:
        return traction(x, np.broadcast_to(normal, x.shape))

    points = mesh.points
    return nodal_force(points, mesh.faces("minus"), lower) + nodal_force(points, mesh.faces("plus"), upper)


def three_points(points: Array) -> list[tuple[int, int]]:
    """Six (node, axis) that hold a body against rigid motion without a reaction when the load is in equilibrium.

    Node A far out in x: x, y, z; B farthest from A along the longest axis: the two others; C farthest from the line AB:
    the axis most along the normal of ABC.
    """
    centre = points.mean(axis=0)
    a = int(np.argmax(((points - centre) ** 2).sum(axis=1)))
    b = int(np.argmax(((points - points[a]) ** 2).sum(axis=1)))
    along = (points[b] - points[a]) / np.linalg.norm(points[b] - points[a])
    off = points - points[a]
    off = off - (off @ along)[:, None] * along
    c = int(np.argmax((off**2).sum(axis=1)))
    normal = np.cross(along, off[c])
    axis = int(np.argmax(np.abs(along)))
    held = [(a, 0), (a, 1), (a, 2), *((b, d) for d in range(3) if d != axis)]
    return [*held, (c, int(np.argmax(np.abs(np.where(np.arange(3) == axis, 0.0, normal)))))]


def solve(
    mesh: CrackedMesh, force: Array, *, young: float, nu: float, springs: scipy.sparse.csr_matrix | None = None
) -> Array:
    """Displacement (n, 3) [m] under nodal forces; held at three points, or by springs (3 n, 3 n) [N/m] to ground."""
    body = ElasticBody.build(mesh.mesh)
    lam, mu = (np.full(body.n_fields, float(v)) for v in lame(np.array(young), np.array(nu)))
    matrix = body.pattern.matrix(body.stiffness(lam, mu), block=3).tocsr()
    free = np.ones(force.size, dtype=bool)
    if springs is None:
        free[[3 * n + d for n, d in three_points(mesh.points)]] = False
    else:
        matrix = (matrix + springs).tocsr()
    rows = np.flatnonzero(free)
    u = np.zeros(force.size)
    u[rows] = factor(matrix[rows][:, rows], block=rows // 3).solve(force.ravel()[rows])
    return u.reshape(-1, 3)
