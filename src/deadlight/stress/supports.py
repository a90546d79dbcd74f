"""How a pane is held: seats on gaskets that cannot pull, and fixed displacements for symmetry and verification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse

from deadlight.errors import InputError
from deadlight.fem.geometry import FacePoints, face_points
from deadlight.mesh.mesh import Mesh

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Seat:
    """A gasket under a face of the pane: a bed of springs that cannot pull.

    The gasket pushes against the outward normal n with the pressure p = max(0, preload + stiffness * u.n): the pane
    moving outward along its own normal squeezes the gasket, moving away it lifts off.

    Attributes
    ----------
    face : str
        Named face, for example "thermal.seat_outer".
    stiffness : float [Pa/m]
        Normal stiffness of the gasket.
    preload : float [Pa]
        Pressure of the gasket in the undisplaced pane (its pre-compression).
    shear : float [Pa/m]
        Tangential stiffness, linear and present even when lifted.  It holds the pane in its plane; what it carries
        is reported (`shear_traction`).  A soft value is enough: the default is 1/20 of the normal one.
    """

    face: str
    stiffness: float
    preload: float = 0.0
    shear: float | None = None

    def __post_init__(self) -> None:
        shear = self.shear if self.shear is not None else 0.0
        if not (np.isfinite(self.stiffness) and self.stiffness > 0 and self.preload >= 0 and shear >= 0):
            raise InputError(
                f"stiffness {self.stiffness:g} Pa/m, preload {self.preload:g} Pa, shear {shear:g} Pa/m",
                place=f"seat {self.face}",
                remedy="a stiffness above 0, a preload and a shear stiffness from 0",
            )

    @property
    def tangential(self) -> float:
        return self.stiffness / 20 if self.shear is None else self.shear


@dataclass(frozen=True, eq=False)
class Fixed:
    """Given displacement of some components on a face or at nodes.

    Attributes
    ----------
    where : str or (k,) int
        Named face or node numbers.
    components : tuple of int
        0, 1, 2 for x, y, z.
    value : float or (k, len(components)) float [m]
        Displacement; for a face one number.
    """

    where: str | Sequence[int] | Index
    components: tuple[int, ...] = (0, 1, 2)
    value: float | Array = 0.0

    def nodes(self, mesh: Mesh) -> Index:
        return mesh.face_nodes(self.where) if isinstance(self.where, str) else np.asarray(self.where, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Springs:
    """All seats of a pane at their quadrature points.

    Attributes
    ----------
    normal : (p, 3 n_nodes) sparse
        Outward normal displacement at the points.
    stiffness, preload, area : (p,) float [Pa/m], [Pa], [m2]
    tangent : (3 n_nodes, 3 n_nodes) sparse [N/m]
        Shear stiffness.
    points : tuple of (FacePoints, float)
        Quadrature points of every seat and its shear stiffness [Pa/m].
    """

    normal: scipy.sparse.csr_matrix
    stiffness: Array
    preload: Array
    area: Array
    tangent: scipy.sparse.csr_matrix
    points: tuple[tuple[FacePoints, float], ...]

    @classmethod
    def build(cls, mesh: Mesh, seats: Sequence[Seat]) -> Springs:
        n = mesh.n_nodes
        normals, shears, points = [scipy.sparse.csr_matrix((0, 3 * n))], scipy.sparse.csr_matrix((3 * n, 3 * n)), []
        stiffness, preload = [np.zeros(0)], [np.zeros(0)]
        for seat in seats:
            face = face_points(mesh, seat.face)
            p, nn = face.nodes.shape
            row = np.repeat(np.arange(p), nn)
            value = scipy.sparse.csr_matrix((face.shape.ravel(), (row, face.nodes.ravel())), shape=(p, n))
            parts = [
                scipy.sparse.kron(scipy.sparse.diags(face.normal[:, i]) @ value, np.eye(1, 3, i)) for i in range(3)
            ]
            normal = (parts[0] + parts[1] + parts[2]).tocsr()
            weight = scipy.sparse.diags(face.area * seat.tangential)
            shears = shears + scipy.sparse.kron(value.T @ weight @ value, np.eye(3)) - normal.T @ weight @ normal
            normals.append(normal)
            points.append((face, seat.tangential))
            stiffness.append(np.full(p, seat.stiffness))
            preload.append(np.full(p, seat.preload))
        area = np.concatenate([np.zeros(0), *(f.area for f, _ in points)])
        normal = scipy.sparse.vstack(normals).tocsr()
        return cls(normal, np.concatenate(stiffness), np.concatenate(preload), area, shears.tocsr(), tuple(points))

    def pressure(self, u: Array) -> Array:
        """Seat pressure [Pa] at displacements u (3 n_nodes, m). (p, m)."""
        return np.maximum(0.0, self.preload[:, None] + self.stiffness[:, None] * (self.normal @ u))

    def closed(self, u: Array) -> Mask:
        """Which springs press or just touch. (p, m) bool."""
        return np.asarray(self.preload[:, None] + self.stiffness[:, None] * (self.normal @ u) >= 0)

    def force(self, u: Array) -> Array:
        """Nodal force (3 n_nodes, m) [N] of seats and shear springs on the pane."""
        return -(self.normal.T @ (self.area[:, None] * self.pressure(u))) - self.tangent @ u

    def shear_traction(self, u: Array) -> Array:
        """Largest traction [Pa] of the shear springs at displacements u (n_nodes, 3, m). (m,)."""
        worst = np.zeros(u.shape[2])
        for face, shear in self.points:
            moved = np.einsum("pn,pnim->pim", face.shape, u[face.nodes])
            along = np.einsum("pim,pi->pm", moved, face.normal)
            slip = np.linalg.norm(moved - face.normal[:, :, None] * along[:, None, :], axis=1)
            worst = np.maximum(worst, shear * slip.max(axis=0))
        return worst

    def product(self, u: Array, closed: Mask) -> Array:
        """Stiffness of the springs in contact times u."""
        return self.normal.T @ ((self.area * self.stiffness)[:, None] * closed * (self.normal @ u)) + self.tangent @ u

    def matrix(self) -> scipy.sparse.csr_matrix:
        """Stiffness with every spring in contact. (3 n_nodes, 3 n_nodes) [N/m]."""
        return (self.normal.T @ scipy.sparse.diags(self.area * self.stiffness) @ self.normal + self.tangent).tocsr()
