"""Energy release rate along a crack front in a solved volume mesh, by virtual extension of the crack.

The potential energy P = 1/2 u.K u - u.f of the discrete body changes by dP = 1/2 u.dK u - u.df when its nodes move by
V and its nodal displacements stay (they minimise P): Parks 1974, Int. J. Fract. 10:487; deLorenzi 1982, Int. J. Fract.
19:183.  V enters linearly, so that

    -dP = sum over nodes F_n . V_n + u . df,    F_n = integral of (sigma_ij u_i,k - W delta_jk) N_n,j dv,

F_n the configurational force of a node (Mueller & Maugin 2002, Comput. Mech. 29:52), df the change of the nodal forces
of loaded crack faces.  With V a move of the front along the crack's plane that fades out over a few layers of cells,
-dP = integral of G V.b ds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from deadlight.export.traction import Traction, nodal_force
from deadlight.fem.geometry import gradients
from deadlight.mesh.elements import ELEMENTS, quadrature
from deadlight.mesh.mesh import CellBlock

Array = np.ndarray[Any, np.dtype[np.float64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

DEGREE = {"tet": 4, "wedge": 5, "hex": 5}
_CHUNK = 4000


def configurational_force(
    points: Array,
    blocks: Sequence[CellBlock],
    displacement: Array,
    *,
    young: float,
    nu: float,
    near: Mask | None = None,
) -> Array:
    """Drop of the elastic energy per unit move of every node, nodal displacements kept. (n, 3) [N].

    Parameters
    ----------
    points : (n, 3) float [m]
    blocks : sequence of CellBlock
        Solid cells.
    displacement : (n, 3) float [m]
    young, nu : float
        Young's modulus [Pa], Poisson's ratio.
    near : (n,) bool, optional
        Nodes whose force is wanted; the others' are incomplete.  Default: all.
    """
    wanted = np.ones(len(points), dtype=bool) if near is None else near
    total = np.zeros((len(points), 3))
    lam, mu = young * nu / ((1 + nu) * (1 - 2 * nu)), young / (2 * (1 + nu))
    for block in blocks:
        nodes = block.nodes[wanted[block.nodes].any(axis=1)]
        element = ELEMENTS[block.kind]
        xi, weight = quadrature(element.family, DEGREE[element.family])
        for start in range(0, len(nodes), _CHUNK):
            part = nodes[start : start + _CHUNK]
            g, det = gradients(points, part, element.dshape(xi))
            du = np.einsum("cni,cqnk->cqik", displacement[part], g, optimize=True)
            strain = 0.5 * (du + du.transpose(0, 1, 3, 2))
            trace = np.trace(strain, axis1=2, axis2=3)
            stress = 2 * mu * strain + (lam * trace)[:, :, None, None] * np.eye(3)
            energy = 0.5 * np.einsum("cqij,cqij->cq", stress, strain)
            tensor = np.einsum("cqij,cqik->cqkj", stress, du) - energy[:, :, None, None] * np.eye(3)
            force = np.einsum("cqkj,cqnj,cq->cnk", tensor, g, det * weight, optimize=True)
            np.add.at(total, part.ravel(), force.reshape(-1, 3))
    return total


def force_change(points: Array, faces: Sequence[CellBlock], traction: Traction, move: Array) -> Array:
    """Change of the nodal forces of loaded faces per unit of a move of the nodes (n, 3). (n, 3).

    By central differences; the traction stays where it is in space while the faces move through it.
    """
    touched = np.abs(move).max(axis=1) > 0.0
    near = [CellBlock(b.kind, b.nodes[touched[b.nodes].any(axis=1)]) for b in faces]
    near = [b for b in near if len(b.nodes)]
    if not near:
        return np.zeros_like(points)
    size = max(float(np.ptp(points[b.nodes], axis=(0, 1)).max()) for b in near)
    step = 1e-4 * size / float(np.abs(move).max())
    more, less = (nodal_force(points + s * move, near, traction) for s in (step, -step))
    return (more - less) / (2.0 * step)
