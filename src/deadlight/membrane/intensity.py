"""K_I and K_II of a tip by the interaction integral over a ring of elements, thermal strain included.

With mechanical strain e (the whole strain less the thermal one), a near field (u*, s*) of a unit K and a weight q that
falls from one at the tip to zero (Shih, Moran & Nakamura 1986, Int. J. Fract. 30:79, eq. 9; Yau, Wang & Corten 1980,
J. Appl. Mech. 47:335; here b is the heading, plane stress):

    M = int [(s_ij u*_i,b + s*_ij u_i,b) q_,j - s*_ij e_ij q_,b + q s*_kk alpha T_,b] dA,     K = E M / 2
"""

from __future__ import annotations

from typing import Any

import numpy as np

from deadlight.errors import NotSolved
from deadlight.membrane.plane import GAUSS, WEIGHT, Sheet, Solution, shapes

Array = np.ndarray[Any, np.dtype[np.float64]]


def intensity(solution: Solution, vertex: int, radius: float) -> Array:
    """K_I, K_II of a tip of a cracked pane. (q, 2) [Pa m^0.5].

    K_II > 0 where the face on the left of the heading moves ahead.  Faces that press within the ring make K_I negative:
    what they carry is not in the integral, and the tip is shut.

    Parameters
    ----------
    vertex : int
        Of the network, where a crack ends.
    radius : float [m]
        Of the ring; within somewhat more than it the crack is straight and alone.

    Raises
    ------
    NotSolved
        No ring of elements lies there.
    """
    mesh, sheet = solution.mesh, solution.sheet
    k, ends = mesh.tips[vertex]
    tip, far = (mesh.left[k, i] for i in ((1, 0) if ends else (0, 1)))
    b = mesh.points[tip] - mesh.points[far]
    b = b / np.linalg.norm(b)
    turn = np.stack([b, [-b[1], b[0]]])  # rows: heading, left of it
    local = (mesh.points - mesh.points[tip]) @ turn.T
    corner = mesh.cells[:, :3]
    q = np.zeros(len(local))
    q[np.unique(corner)] = np.hypot(*local[np.unique(corner)].T) < radius
    inside = q[corner].any(axis=1)
    if not inside.any() or q[corner[inside]].all():
        raise NotSolved(f"no ring of elements within {radius:.3g} m of the tip at {mesh.points[tip]}")
    cells = mesh.cells[inside]
    for i, (c, d) in enumerate(((0, 1), (1, 2), (2, 0))):
        q[cells[:, 3 + i]] = 0.5 * (q[cells[:, c]] + q[cells[:, d]])
    x = local[cells]
    shape, slope = shapes(GAUSS)
    jacobian = np.einsum("gid,tie->tgde", slope, x)
    weight = np.linalg.det(jacobian) * WEIGHT
    rate = np.einsum("tgde,gie->tgid", np.linalg.inv(jacobian), slope)
    at = np.einsum("gi,tid->tgd", shape, x)
    u = solution.displacement @ turn.T
    grad = np.einsum("qtic,tgid->qtgcd", u[:, cells], rate)
    warm = np.einsum("qti,gi->qtg", solution.rise[:, cells], shape)
    warmer = np.einsum("qti,tgi->qtg", solution.rise[:, cells], rate[..., 0])
    strain = 0.5 * (grad + np.swapaxes(grad, -1, -2))
    strain[..., [0, 1], [0, 1]] -= sheet.expansion * warm[..., None]
    stress = _stress(sheet, strain)
    weighing, fall = np.einsum("ti,gi->tg", q[cells], shape), np.einsum("ti,tgid->tgd", q[cells], rate)
    found = []
    for mode in range(2):
        near_grad, near = _unit_field(at, mode, sheet)
        m = np.einsum("qtgij,tgi,tgj,tg->q", stress, near_grad[..., 0], fall, weight)
        m += np.einsum("tgij,qtgi,tgj,tg->q", near, grad[..., 0], fall, weight)
        m -= np.einsum("tgij,qtgij,tg,tg->q", near, strain, fall[..., 0], weight)
        trace = near[..., 0, 0] + near[..., 1, 1]
        m += sheet.expansion * np.einsum("tg,qtg,tg,tg->q", trace, warmer, weighing, weight)
        found.append(0.5 * sheet.youngs_modulus * m)
    return np.stack(found, axis=1)


def _stress(sheet: Sheet, strain: Array) -> Array:
    """Plane stress of mechanical strains (..., 2, 2)."""
    E, nu = sheet.youngs_modulus, sheet.poisson
    trace = strain[..., 0, 0] + strain[..., 1, 1]
    stress = E / (1.0 + nu) * strain
    stress[..., [0, 1], [0, 1]] += E * nu / (1.0 - nu**2) * trace[..., None]
    return np.asarray(stress)


def _unit_field(x: Array, mode: int, sheet: Sheet) -> tuple[Array, Array]:
    """Displacement gradient and stress (..., 2, 2) of Williams' first term, K = 1, at points (ahead, left) of a tip."""
    r, angle = np.hypot(x[..., 0], x[..., 1]), np.arctan2(x[..., 1], x[..., 0])
    c, s, c3, s3 = np.cos(angle / 2), np.sin(angle / 2), np.cos(1.5 * angle), np.sin(1.5 * angle)
    if mode == 0:
        rows = c * (1 - s * s3), c * (1 + s * s3), s * c * c3
    else:
        rows = -s * (2 + c * c3), s * c * c3, c * (1 - s * s3)
    xx, yy, xy = (f / np.sqrt(2 * np.pi * r) for f in rows)
    near = np.stack([np.stack([xx, xy], axis=-1), np.stack([xy, yy], axis=-1)], axis=-2)
    mu = sheet.youngs_modulus / (2 * (1 + sheet.poisson))
    kappa = (3 - sheet.poisson) / (1 + sheet.poisson)
    # u = sqrt(r/2 pi)/(2 mu) f(angle); along the heading d/db = cos d/dr - sin/r d/dangle, left of it sin and cos
    if mode == 0:
        wide = kappa - np.cos(angle)
        f = np.stack([c * wide, s * wide], axis=-1)
        df = np.stack([c * np.sin(angle) - 0.5 * s * wide, s * np.sin(angle) + 0.5 * c * wide], axis=-1)
    else:
        f = np.stack([s * (2 + kappa + np.cos(angle)), c * (2 - kappa - np.cos(angle))], axis=-1)
        df = np.stack([
            0.5 * c * (2 + kappa + np.cos(angle)) - s * np.sin(angle),
            -0.5 * s * (2 - kappa - np.cos(angle)) + c * np.sin(angle),
        ], axis=-1)  # fmt: skip
    unit = 1.0 / (2.0 * mu * np.sqrt(2.0 * np.pi * r))[..., None]
    cos, sin = np.cos(angle)[..., None], np.sin(angle)[..., None]
    grad = np.stack([unit * (0.5 * cos * f - sin * df), unit * (0.5 * sin * f + cos * df)], axis=-1)
    return grad, near
