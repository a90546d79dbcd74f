"""Gaskets in a deck: beds of springs between faces of the pane and the ground."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse

from deadlight.errors import InputError
from deadlight.export.cracked_mesh import CrackedMesh
from deadlight.export.solid import Projector, triangles
from deadlight.mesh.mesh import Mesh

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

SOFT = 1e-6
"""Stiffness of the springs that only hold the pane in place, over Young's modulus times its size."""
_STEP = 0.005
_INNER = np.array([
    [(3 * i + k) / 12, (3 * j + k) / 12, 1 - (3 * i + 3 * j + 2 * k) / 12]
    for k in (1, 2) for i in range(4) for j in range(4) if i + j < 5 - k
])  # fmt: skip
"""Middles of the sixteen parts of a triangle in its three area coordinates: how much of it lies on a seat."""


@dataclass(frozen=True, eq=False)
class Bed:
    """An elastic seat, pressing and pulling alike (the seats that are in contact at the instant).

    Attributes
    ----------
    name : str
    where : callable
        (points of the surface (p, 3) [m], outward normal (p, 3)) -> (p,) bool: which lie on the seat.
    stiffness : float [Pa/m]
        Along the face's normal.
    shear : float [Pa/m]
        Along the face.
    """

    name: str
    where: Callable[[Array, Array], Mask]
    stiffness: float
    shear: float = 0.0

    @classmethod
    def on_face(cls, mesh: Mesh, face: str, stiffness: float, shear: float = 0.0) -> Bed:
        """Seat on a named face of the pane's own finite-element mesh (a mesh of one region)."""
        sorted_corners = {tuple(row) for b in mesh.face(face) for row in _key(b.nodes, b.element.corners)}
        corners, on = [], []
        for block in mesh.boundary:
            mine = np.array([tuple(row) in sorted_corners for row in _key(block.nodes, block.element.corners)])
            x, cells = triangles(mesh.points, block, 4)
            corners.append(x[cells])
            on.append(np.repeat(mine, len(cells) // len(block.nodes)))
        surface, marked = Projector.build(np.concatenate(corners)), np.concatenate(on)

        def where(x: Array, _: Array) -> Mask:
            return np.asarray(marked[surface.nearest(x, candidates=16)[1]])

        return cls(face, where, stiffness, shear)


@dataclass(frozen=True, eq=False)
class Springs:
    """Springs of all beds at nodes: k normal normal^T + shear I.

    Attributes
    ----------
    nodes : (s,) int64
    normal : (s, 3) float
    axial, shear : (s,) float [N/m]
        Along the normal in excess of the shear stiffness; in every direction.
    names : tuple of str
    area : tuple of float [m2]
        Area of each bed in the mesh.
    """

    nodes: Index
    normal: Array
    axial: Array
    shear: Array
    names: tuple[str, ...]
    area: tuple[float, ...]

    def matrix(self, n_nodes: int) -> scipy.sparse.csr_matrix:
        """(3 n, 3 n) [N/m]."""
        block = self.axial[:, None, None] * self.normal[:, :, None] * self.normal[:, None, :]
        block = block + self.shear[:, None, None] * np.eye(3)
        row = (3 * self.nodes[:, None, None] + np.arange(3)[None, :, None]) + np.zeros((1, 1, 3), dtype=np.int64)
        column = (3 * self.nodes[:, None, None] + np.arange(3)[None, None, :]) + np.zeros((1, 3, 1), dtype=np.int64)
        place = (row.ravel(), column.ravel())
        return scipy.sparse.coo_matrix((block.ravel(), place), shape=(3 * n_nodes, 3 * n_nodes)).tocsr()


def springs(mesh: CrackedMesh, beds: Sequence[Bed], *, young: float) -> Springs:
    """Springs at the nodes of a cracked mesh; very soft ones at three nodes where no bed resists sliding.

    Raises
    ------
    InputError
        A bed touches nothing.
    """
    tri = np.concatenate(list(mesh.skin.values()))
    corner = mesh.points[tri[:, :3]]
    cross = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    area = 0.5 * np.linalg.norm(cross, axis=1)
    normal = cross / (2.0 * area[:, None])
    inner = np.einsum("qn,fni->fqi", _INNER, corner)
    each = np.repeat(normal, len(_INNER), axis=0)
    parts, areas = [], []
    for bed in beds:
        part = np.asarray(bed.where(inner.reshape(-1, 3), each), dtype=float).reshape(len(tri), -1).mean(axis=1)
        on = part > 0.0
        if not on.any():
            raise InputError(f'the seat "{bed.name}" touches no face of the cracked mesh', place="seats of the deck",
                             remedy="check the seat's face, or a finer mesh")  # fmt: skip
        # of a flat six-node triangle only the middle nodes carry a uniform pressure, a third each
        nodes, same = np.unique(tri[on][:, 3:], return_inverse=True)
        share = np.repeat(part[on] * area[on] / 3.0, 3)
        weight = np.bincount(same.ravel(), weights=share)
        n = np.zeros((len(nodes), 3))
        np.add.at(n, same.ravel(), share[:, None] * np.repeat(normal[on], 3, axis=0))
        n /= np.linalg.norm(n, axis=1, keepdims=True)
        weight = np.exp(_STEP * np.round(np.log(weight) / _STEP))  # few different springs make a short deck
        parts.append((nodes, n, (bed.stiffness - bed.shear) * weight, bed.shear * weight))
        areas.append(float((part * area).sum()))
    if not any(bed.shear > 0.0 for bed in beds):
        parts.append(_held(mesh, young))
    nodes_, normal_, axial, shear = (np.concatenate([p[i] for p in parts]) for i in range(4))
    return Springs(nodes_, normal_, axial, shear, tuple(b.name for b in beds), tuple(areas))


def _held(mesh: CrackedMesh, young: float) -> tuple[Index, Array, Array, Array]:
    from deadlight.export.solve import three_points

    nodes = np.unique([n for n, _ in three_points(mesh.points)])
    stiffness = SOFT * young * float(np.ptp(mesh.points, axis=0).max())
    unit = np.tile([0.0, 0.0, 1.0], (len(nodes), 1))
    return nodes, unit, np.zeros(len(nodes)), np.full(len(nodes), stiffness)


def _key(nodes: Index, corners: int) -> Index:
    return np.sort(nodes[:, :corners], axis=1)
