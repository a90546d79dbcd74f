"""Energy release rate along a crack front in a solved volume mesh, by virtual extension of the crack.

The potential energy P = 1/2 u.K u - u.f of the discrete body changes by dP = 1/2 u.dK u - u.df when its nodes move by
V and its nodal displacements stay (they minimise P): Parks 1974, Int. J. Fract. 10:487; deLorenzi 1982, Int. J. Fract.
19:183.  V enters linearly, so that

    -dP = sum over nodes F_n . V_n,
    F_n = integral of (sigma_ij u_i,k - W delta_jk) N_n,j dv + integral over crack faces of u.t grad N_n + N_n u.grad t,

the configurational force of every node (Mueller & Maugin 2002, Comput. Mech. 29:52).  With V a move of the front along
the crack's plane that fades out over a few layers of cells, -dP = integral of G V.b ds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from deadlight.export.traction import DEGREE as FACE_DEGREE
from deadlight.export.traction import Traction
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
    faces: Sequence[CellBlock] = (),
    traction: Traction | None = None,
) -> Array:
    """Drop of the potential energy per unit move of every node. (n, 3) [N].

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
    faces, traction :
        Loaded crack faces (right-hand normal outward) and their traction, see `nodal_force`.
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
    if traction is not None:
        for block in faces:
            _add_faces(total, points, block, displacement, wanted, traction)
    return total


def _add_faces(total: Array, points: Array, block: CellBlock, u: Array, near: Mask, traction: Traction) -> None:
    nodes = block.nodes[near[block.nodes].any(axis=1)]
    if not len(nodes):
        return
    element = ELEMENTS[block.kind]
    xi, weight = quadrature(element.family, FACE_DEGREE[element.family])
    shape, dshape = element.shape(xi), element.dshape(xi)
    x = np.einsum("qn,cni->cqi", shape, points[nodes])
    tangent = np.einsum("qnj,cni->cqij", dshape, points[nodes])
    normal = np.cross(tangent[..., 0], tangent[..., 1])
    size = np.linalg.norm(normal, axis=2)
    keep = np.maximum(size, 1e-300)
    unit = (normal / keep[:, :, None]).reshape(-1, 3)
    # gradient along the face: N_,j times the dual of the tangents
    slope = np.einsum("qnj,cqij->cqni", dshape, np.linalg.pinv(tangent).swapaxes(2, 3))
    flat = x.reshape(-1, 3)
    here = np.einsum("qn,cni->cqi", shape, u[nodes]).reshape(-1, 3)
    step = 1e-4 * float(np.ptp(flat, axis=0).max())
    work = np.einsum("pi,pi->p", here, traction(flat, unit)).reshape(size.shape)
    change = np.stack(
        [
            np.einsum("pi,pi->p", here, traction(flat + d, unit) - traction(flat - d, unit)) / (2 * step)
            for d in step * np.eye(3)
        ],
        axis=-1,
    ).reshape(*size.shape, 3)
    force = np.einsum("cq,cqni->cni", work * size * weight, slope)
    force += np.einsum("qn,cqi->cni", shape, change * (size * weight)[:, :, None])
    np.add.at(total, nodes.ravel(), force.reshape(-1, 3))
