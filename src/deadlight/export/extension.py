"""Virtual extensions of a crack front in a mesh: where its nodes go, and how the load of the faces changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.export.cracked_mesh import CrackedMesh, CrackFront
from deadlight.export.release import force_change
from deadlight.export.traction import Traction
from deadlight.mesh.mesh import CellBlock

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

REACH = 3.0
"""Radius over the size at the front up to which nodes move along in full; they stay from 1.5 times that."""


@dataclass(frozen=True, eq=False)
class Extension:
    """Unit extensions of one front at each of its k corners, falling to nothing at the neighbouring corners.

    Attributes
    ----------
    nodes : (m,) int64
        Nodes that move, and the others of the faces that change.
    move : (k, m, 3) float
    work : (k, m, 3) float [N/m]
        Change of the nodal forces of the crack's faces.
    area : (k,) float [m]
        Area swept per unit.
    """

    nodes: Index
    move: Array
    work: Array
    area: Array


def extension(mesh: CrackedMesh, front: CrackFront, traction: Traction | None = None) -> Extension:
    """Extensions of a front; `traction(x, n)` as in `solve.crack_forces`, or None where the faces are free."""
    reach = REACH * front.size
    side, share, foot = front.line.foot(mesh.points)
    fade = np.clip(1.5 - np.linalg.norm(mesh.points - foot, axis=1) / reach, 0.0, 1.0)
    moving = fade > 0.0
    loaded = [tri[moving[tri].any(axis=1)].ravel() for tri in (mesh.plus, mesh.minus)]
    nodes = np.unique(np.concatenate([np.flatnonzero(moving), *loaded]))
    side, share, fade = side[nodes], share[nodes], fade[nodes]
    first, last = (corner[side] for corner in front.line.sides)
    row = np.arange(len(nodes))
    weight = np.zeros((len(front.line.x), len(nodes)))
    np.add.at(weight, (first, row), fade * (1.0 - share))
    np.add.at(weight, (last, row), fade * share)
    b = front.line.ahead
    ahead = _along_skin(mesh, front, nodes, side, (1.0 - share[:, None]) * b[first] + share[:, None] * b[last])
    move = weight[:, :, None] * ahead[None]
    work = np.zeros_like(move) if traction is None else _work(mesh, nodes, move, traction)
    return Extension(nodes, move, work, _swept(mesh, front))


def _along_skin(mesh: CrackedMesh, front: CrackFront, nodes: Index, side: Index, ahead: Array) -> Array:
    """Directions on the body's surface: carried along the front into the surface, or along it where it is beside."""
    place = np.full(len(mesh.points), -1)
    place[nodes] = np.arange(len(nodes))
    ahead = ahead.copy()
    for tri in mesh.skin.values():
        near = tri[(place[tri[:, :3]] >= 0).any(axis=1)]
        if not len(near):
            continue
        rows = place[np.unique(near)]
        rows = rows[rows >= 0]
        corner = mesh.points[near[:, :3]]
        normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]).sum(axis=0)
        normal /= np.linalg.norm(normal)
        tangent = front.line.tangent[front.line.sides[0][side[rows]]]
        slope = tangent @ normal
        steep = np.abs(slope) > 0.2
        shift = np.where(steep, -(ahead[rows] @ normal) / np.where(steep, slope, 1.0), 0.0)
        ahead[rows] += shift[:, None] * tangent
        ahead[rows] -= np.where(steep, 0.0, ahead[rows] @ normal)[:, None] * normal
    return ahead


def _work(mesh: CrackedMesh, nodes: Index, move: Array, traction: Traction) -> Array:
    """Change of the face forces for every extension, worked out on the faces near the front alone."""
    normal = mesh.crack.plane.normal
    moving = np.zeros(len(mesh.points), dtype=bool)
    moving[nodes[np.abs(move).max(axis=(0, 2)) > 0.0]] = True
    total = np.zeros_like(move)
    for tri, sign in ((mesh.minus, -1.0), (mesh.plus, 1.0)):
        tri = tri[moving[tri].any(axis=1)]
        block = (CellBlock("tri6", np.searchsorted(nodes, tri)),)

        def load(x: Array, _: Array, sign: float = sign) -> Array:
            return sign * np.asarray(traction(x, np.broadcast_to(normal, x.shape)))

        for i in range(len(move)):  # corners of the front
            total[i] += force_change(mesh.points[nodes], block, load, move[i])
    return total


def _swept(mesh: CrackedMesh, front: CrackFront) -> Array:
    """Integral along the front of the hat function of every corner. (k,) [m]."""
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
