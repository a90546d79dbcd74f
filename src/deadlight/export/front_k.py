"""Stress intensities along the fronts of a solved cracked mesh."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.export.cracked_mesh import CrackedMesh, CrackFront
from deadlight.export.extension import Extension, extension
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
        Together they release g; in proportion to the opening behind the front in its three directions.  K_II positive
        where the + face moves ahead, K_III where it moves along ahead x normal.
    """

    x: Array
    s: Array
    g: Array
    k1: Array
    k2: Array
    k3: Array


def front_k(
    mesh: CrackedMesh, displacement: Array, *, young: float, nu: float, traction: Traction | None = None,
    extensions: list[Extension] | None = None,
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
    extensions : list of Extension, optional
        Made before, in place of `traction`.
    """
    out = []
    for i, front in enumerate(mesh.fronts):
        ext = extensions[i] if extensions is not None else extension(mesh, front, traction)
        near = np.zeros(len(mesh.points), dtype=bool)
        near[ext.nodes] = True
        force = configurational_force(mesh.points, mesh.mesh.blocks, displacement, young=young, nu=nu, near=near)
        released = np.einsum("kmi,mi->k", ext.move, force[ext.nodes])
        released += np.einsum("kmi,mi->k", ext.work, displacement[ext.nodes])
        out.append(_modes(mesh, front, displacement, released / ext.area, young=young, nu=nu))
    return out


def _modes(mesh: CrackedMesh, front: CrackFront, u: Array, g: Array, *, young: float, nu: float) -> FrontK:
    """Splits g by the opening of the nodes behind each corner.

    Opening over sqrt(8 r/pi): K_I (1 - nu^2)/E and K_II alike, K_III (1 + nu)/E; G = (K_I^2 + K_II^2)(1 - nu^2)/E +
    K_III^2 (1 + nu)/E (Anderson 2005, Fracture Mechanics, table 2.2 and eq. 2.57).
    """
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
    energy = (mode[:, 0] ** 2 + mode[:, 1] ** 2) * (1 - nu * nu) / young + mode[:, 2] ** 2 * (1 + nu) / young
    scale = np.sqrt(np.maximum(g, 0.0) / np.where(energy > 0.0, energy, 1.0))
    k = mode * scale[:, None]
    step = np.linalg.norm(np.diff(line.x, axis=0), axis=1)
    return FrontK(line.x, np.concatenate([[0.0], np.cumsum(step)]), g, k[:, 0], k[:, 1], k[:, 2])
