"""Stress intensities along the fronts of a solved cracked mesh."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.export.cracked_mesh import CrackedMesh, CrackFront
from deadlight.export.release import configurational_force
from deadlight.export.traction import Traction

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, eq=False)
class FrontK:
    """Stress intensities at the corners of a front.

    Attributes
    ----------
    x : (k, 3) float [m]
    s : (k,) float [m]
        Arc length.
    g : (k,) float [N/m]
        Energy release rate.
    k1, k2, k3 : (k,) float [Pa sqrt(m)]
        |K| of every mode: from g, divided by the opening of the quarter points.
    """

    x: Array
    s: Array
    g: Array
    k1: Array
    k2: Array
    k3: Array


def front_k(
    mesh: CrackedMesh, displacement: Array, *, young: float, nu: float, traction: Traction | None = None,
    radius: float = 3.0,
) -> list[FrontK]:  # fmt: skip
    """K along every front.

    Parameters
    ----------
    mesh : CrackedMesh
    displacement : (n, 3) float [m]
    young, nu : float
        [Pa], Poisson's ratio.
    traction : callable, optional
        Load of the crack's faces as in `solve.crack_forces`; None if they are free.
    radius : float
        Reach of the virtual extension over the size at the front.
    """
    out = []
    normal = mesh.crack.plane.normal
    for front in mesh.fronts:
        weight, direction = _extension(mesh, front, radius * front.size)
        near = weight.max(axis=0) > 0.0
        force = np.zeros_like(mesh.points)
        first = True
        for which, sign in (("minus", -1.0), ("plus", 1.0)):

            def load(x: Array, _: Array, sign: float = sign) -> Array:
                assert traction is not None
                return sign * traction(x, np.broadcast_to(normal, x.shape))

            force += configurational_force(
                mesh.points, mesh.mesh.blocks if first else (), displacement, young=young, nu=nu, near=near,
                faces=mesh.faces(which), traction=None if traction is None else load,
            )  # fmt: skip
            first = False
        released = np.einsum("kn,ni,ni->k", weight, direction, force)
        g = released / _lengths(mesh, front)
        out.append(_modes(mesh, front, displacement, g, young=young, nu=nu))
    return out


def _extension(mesh: CrackedMesh, front: CrackFront, reach: float) -> tuple[Array, Array]:
    """Weight (k, n) of every node in the extension at each corner of the front, and its direction (n, 3)."""
    side, share, foot = front.line.foot(mesh.points)
    distance = np.linalg.norm(mesh.points - foot, axis=1)
    fade = np.clip(1.5 - 1.0 * distance / reach, 0.0, 1.0)
    near = np.flatnonzero(fade > 0.0)
    first, last = front.line.sides
    weight = np.zeros((len(front.line.x), len(mesh.points)))
    weight[first[side[near]], near] += fade[near] * (1.0 - share[near])
    weight[last[side[near]], near] += fade[near] * share[near]
    ahead = np.zeros_like(mesh.points)
    b = front.line.ahead
    ahead[near] = (1.0 - share[near, None]) * b[first[side[near]]] + share[near, None] * b[last[side[near]]]
    # on the skin a node may only move along it; at the ends of a front: turned about the front
    for patch, tri in mesh.skin.items():
        nodes = np.unique(tri)
        nodes = nodes[fade[nodes] > 0.0]
        if len(nodes):
            ahead[nodes] = _along_skin(ahead[nodes], mesh.points, tri, front, side[nodes])
        del patch
    return weight, ahead


def _along_skin(ahead: Array, points: Array, tri: Array, front: CrackFront, side: Array) -> Array:
    corner = points[tri[:, :3]]
    normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]).sum(axis=0)
    normal /= np.linalg.norm(normal)
    tangent = front.line.tangent[front.line.sides[0][side]]
    slope = tangent @ normal
    steep = np.abs(slope) > 0.2
    shift = np.where(steep, -(ahead @ normal) / np.where(steep, slope, 1.0), 0.0)
    return np.asarray(ahead + shift[:, None] * tangent)


def _lengths(mesh: CrackedMesh, front: CrackFront) -> Array:
    """Integral of the hat function of every corner along the front. (k,) [m]."""
    nodes = np.concatenate([front.nodes, front.nodes[:1]]) if front.closed else front.nodes
    x = mesh.points[nodes]
    count = (len(nodes) - 1) // 2
    s, w = np.polynomial.legendre.leggauss(3)
    slope = np.stack([s - 0.5, -2.0 * s, s + 0.5])
    e = 2 * np.arange(count)
    part = np.stack([x[e], x[e + 1], x[e + 2]], axis=1)
    speed = np.linalg.norm(np.einsum("aq,cai->cqi", slope, part), axis=2)
    total = np.zeros(len(front.line.x))
    first, last = front.line.sides
    np.add.at(total, first, (speed * 0.5 * (1 - s)) @ w)
    np.add.at(total, last, (speed * 0.5 * (1 + s)) @ w)
    return total


def _modes(mesh: CrackedMesh, front: CrackFront, u: Array, g: Array, *, young: float, nu: float) -> FrontK:
    """Splits g by the opening of the nodes behind each corner."""
    plus, minus = mesh.pairs.T
    side, share, foot = front.line.foot(mesh.points[minus])
    distance = np.linalg.norm(mesh.points[minus] - foot, axis=1)
    near = (distance > 0.0) & (distance < 1.3 * front.size)
    first, last = front.line.sides
    jump = (u[plus] - u[minus])[near] / np.sqrt(distance[near])[:, None]
    total, count = np.zeros((len(front.line.x), 3)), np.zeros(len(front.line.x))
    for ends, part in ((first, 1.0 - share[near]), (last, share[near])):
        np.add.at(total, ends[side[near]], part[:, None] * jump)
        np.add.at(count, ends[side[near]], part)
    mean = total / np.maximum(count, 1e-300)[:, None]
    line = front.line
    mode = np.stack([
        (mean * line.normal).sum(axis=1), (mean * line.ahead).sum(axis=1),
        (mean * np.cross(line.ahead, line.normal)).sum(axis=1) * (1.0 - nu),
    ], axis=1)  # fmt: skip
    # K_I, K_II ~ opening, K_III ~ (1 - nu) opening; G = (K_I^2 + K_II^2)/E' + K_III^2 (1 + nu)/E
    energy = (mode[:, 0] ** 2 + mode[:, 1] ** 2) * (1 - nu * nu) / young + mode[:, 2] ** 2 * (1 + nu) / young
    scale = np.sqrt(np.maximum(g, 0.0) / np.maximum(energy, 1e-300))
    k = mode * scale[:, None]
    step = np.linalg.norm(np.diff(line.x, axis=0), axis=1)
    return FrontK(line.x, np.concatenate([[0.0], np.cumsum(step)]), g, k[:, 0], k[:, 1], k[:, 2])
