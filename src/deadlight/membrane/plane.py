"""Plane stress of a heated, cracked pane: displacements, stress along the rim, energy.

Quadratic triangles; the load is the thermal strain of the temperature's mean over the thickness.  Faces of cracks
carry no traction; where they would cross, springs along the normal keep them apart (no friction).  Nothing else holds
the pane in its plane: springs of 1e-8 E at all nodes only take the rigid motions of pane and pieces.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import coo_array, csr_array

from deadlight.linalg.sparse import Factor, factor
from deadlight.membrane.mesh import SlitMesh

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

GROUND = 1e-8  # of E: stiffness that takes rigid motions
PRESSING = 20.0  # stiffness of contact springs, E over the length of the side
ROUNDS = 6  # of finding which faces press
CORNER = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
# Seven points, degree five (Radon 1948; Cowper 1973)
_A, _B = (6 - np.sqrt(15)) / 21, (6 + np.sqrt(15)) / 21
GAUSS = np.array([[1 / 3, 1 / 3], *((p, q) for r in (_A, _B) for p, q in ((r, r), (1 - 2 * r, r), (r, 1 - 2 * r)))])
WEIGHT = np.array([0.1125, *[(155 - np.sqrt(15)) / 2400] * 3, *[(155 + np.sqrt(15)) / 2400] * 3])


@dataclass(frozen=True)
class Sheet:
    """Elastic constants of a pane in its plane.

    Attributes
    ----------
    youngs_modulus : float [Pa]
    poisson : float
    expansion : float [1/K]
    """

    youngs_modulus: float
    poisson: float
    expansion: float

    @property
    def stiffness(self) -> Array:
        """Plane stress, (xx, yy, xy). (3, 3) [Pa]."""
        nu = self.poisson
        rows = np.array([[1.0, nu, 0.0], [nu, 1.0, 0.0], [0.0, 0.0, 0.5 * (1.0 - nu)]])
        return np.asarray(self.youngs_modulus / (1.0 - nu**2) * rows)


@dataclass(frozen=True, eq=False)
class Solution:
    """A cracked pane under q temperature fields.

    Attributes
    ----------
    mesh : SlitMesh
    sheet : Sheet
    displacement : (q, n, 2) float [m]
    rise : (q, n) float [K]
        Temperature rise at the nodes.
    energy : (q,) float [J/m]
        Potential energy per thickness, without the part of free expansion that no crack changes.
    pressing : (c, 3) bool
        Nodes of crack sides whose faces press.
    """

    mesh: SlitMesh
    sheet: Sheet
    displacement: Array
    rise: Array
    energy: Array
    pressing: Any

    def rim_stress(self, places: Array) -> Array:
        """Stress along the rim at points (k, 2) next to it. (q, k) [Pa].

        From the stretch of the rim's side there: nothing acts across it.
        """
        side = self.mesh.rim
        a, b = self.mesh.points[side[:, 0]], self.mesh.points[side[:, 1]]
        along = b - a
        length2 = (along**2).sum(axis=1)
        t = (((places[:, None] - a) * along).sum(axis=2) / length2).clip(0.0, 1.0)
        away = np.linalg.norm(a + t[:, :, None] * along - places[:, None], axis=2)
        s = away.argmin(axis=1)
        t = t[np.arange(len(places)), s]
        shape = np.stack([(1 - t) * (1 - 2 * t), t * (2 * t - 1), 4 * t * (1 - t)], axis=1)
        slope = np.stack([4 * t - 3, 4 * t - 1, 4 - 8 * t], axis=1)
        tangent = along[s] / length2[s, None]
        strain = np.einsum("qkid,ki,kd->qk", self.displacement[:, side[s]], slope, tangent)
        warm = np.einsum("qki,ki->qk", self.rise[:, side[s]], shape)
        return np.asarray(self.sheet.youngs_modulus * (strain - self.sheet.expansion * warm))


def solve_plane(
    mesh: SlitMesh, sheet: Sheet, rise: Callable[[Array], Array], *, contact: bool = True, pull: Array | None = None
) -> Solution:
    """Displacements of a cracked pane.

    Parameters
    ----------
    rise : callable
        Points (n, 2) [m] -> temperature rise (q, n) [K]; contact is found for the first of them.
    contact : bool
        False lets faces cross.
    pull : (3,) float [Pa], optional
        Stress (xx, yy, xy) whose tractions act on the rim, too.

    Raises
    ------
    NotSolved
        The stiffness is not positive.
    """
    matrix, force, free = _assembled(mesh, sheet, rise)
    pressing = np.zeros((len(mesh.left), 3), dtype=bool)
    matrix = matrix + _springs(mesh, sheet, pressing)
    if pull is not None:
        force = force + _rim_forces(mesh, pull)
    factored = factor(matrix, block=2, threads=1)
    u = _solved(factored, force)
    for _ in range(ROUNDS if contact and len(mesh.left) else 0):
        pressed = _gap(mesh, u[0]) < 0.0
        if np.array_equal(pressed, pressing):
            break
        pressing = pressed
        factored = factored.refactor(matrix + _springs(mesh, sheet, pressing))
        u = _solved(factored, force)
    energy = -0.5 * np.einsum("qn,qn->q", force, u.reshape(len(u), -1)) + free
    return Solution(mesh, sheet, u, rise(mesh.points), energy, pressing)


def _solved(factored: Factor, force: Array) -> Array:
    found = np.asarray(factored.solve(force.T)).T
    return found.reshape(len(force), -1, 2)


def _assembled(mesh: SlitMesh, sheet: Sheet, rise: Callable[[Array], Array]) -> tuple[csr_array, Array, Array]:
    """Stiffness, thermal forces (q, 2 n) and the energy of a strain that is not relaxed at all (q,)."""
    x = mesh.points[mesh.cells]  # (t, 6, 2)
    shape, slope = shapes(GAUSS)
    jacobian = np.einsum("gid,tie->tgde", slope, x)
    det = np.linalg.det(jacobian)
    b = np.einsum("tgde,gie->tgid", np.linalg.inv(jacobian), slope)  # (t, g, 6, 2): dN/dx
    strain = np.zeros((*b.shape[:2], 3, 12))
    strain[:, :, 0, 0::2] = b[..., 0]
    strain[:, :, 1, 1::2] = b[..., 1]
    strain[:, :, 2, 0::2], strain[:, :, 2, 1::2] = b[..., 1], b[..., 0]
    weight = det * WEIGHT
    d = sheet.stiffness
    stress = d @ strain * weight[:, :, None, None]
    flat = (len(strain), 3 * len(WEIGHT), 12)
    stiff = strain.reshape(flat).transpose(0, 2, 1) @ stress.reshape(flat)
    at = np.einsum("gi,tid->tgd", shape, x).reshape(-1, 2)
    warm = sheet.expansion * rise(at).reshape(-1, *weight.shape)
    unit = np.array([1.0, 1.0, 0.0])
    load = np.einsum("tgi,qtg->qti", unit @ stress, warm, optimize=True)
    free = 0.5 * float(unit @ d @ unit) * np.einsum("qtg,tg->q", warm**2, weight)
    dof = (2 * mesh.cells[:, :, None] + np.arange(2)).reshape(len(mesh.cells), 12)
    n = 2 * len(mesh.points)
    row, col = np.repeat(dof, 12, axis=1).ravel(), np.tile(dof, (1, 12)).ravel()
    ground = np.arange(n)
    value = np.concatenate([stiff.ravel(), np.full(n, GROUND * sheet.youngs_modulus)])
    where = np.concatenate([row, ground]), np.concatenate([col, ground])
    matrix = coo_array((value, where), shape=(n, n)).tocsr()
    force = np.stack([np.asarray(np.bincount(dof.ravel(), f.ravel(), n), dtype=np.float64) for f in load])
    return 0.5 * (matrix + matrix.T).tocsr(), force, free


def _rim_forces(mesh: SlitMesh, pull: Array) -> Array:
    """Nodal forces (2 n,) of a uniform stress on the rim (Simpson on its sides)."""
    along = mesh.points[mesh.rim[:, 1]] - mesh.points[mesh.rim[:, 0]]
    xx, yy, xy = pull
    whole = np.column_stack([along[:, 1], -along[:, 0]]) @ np.array([[xx, xy], [xy, yy]])
    part = whole[:, None] * np.array([1.0, 1.0, 4.0])[:, None] / 6.0
    dof = 2 * mesh.rim[:, :, None] + np.arange(2)
    return np.asarray(np.bincount(dof.ravel(), part.ravel(), 2 * len(mesh.points)), dtype=np.float64)


def shapes(xi: Array) -> tuple[Array, Array]:
    """Quadratic shape functions (g, 6) and their slopes (g, 6, 2) on the reference triangle."""
    r, s = xi.T
    t = 1.0 - r - s
    one = np.ones_like(r)
    shape = np.stack([t * (2 * t - 1), r * (2 * r - 1), s * (2 * s - 1), 4 * r * t, 4 * r * s, 4 * s * t], axis=1)
    dr = np.stack([1 - 4 * t, 4 * r - 1, 0 * one, 4 * (t - r), 4 * s, -4 * s], axis=1)
    ds = np.stack([1 - 4 * t, 0 * one, 4 * s - 1, -4 * r, 4 * r, 4 * (t - s)], axis=1)
    return shape, np.stack([dr, ds], axis=2)


def _normals(mesh: SlitMesh) -> tuple[Array, Array]:
    """From the right to the left face of every crack side (c, 2), and the sides' lengths (c,)."""
    along = mesh.points[mesh.left[:, 1]] - mesh.points[mesh.left[:, 0]]
    length = np.linalg.norm(along, axis=1)
    return np.column_stack([-along[:, 1], along[:, 0]]) / length[:, None], length


def _gap(mesh: SlitMesh, u: Array) -> Array:
    """How far the faces are apart at the nodes of the crack sides. (c, 3) [m]."""
    n, _ = _normals(mesh)
    return np.asarray(((u[mesh.left] - u[mesh.right]) * n[:, None]).sum(axis=2))


def _springs(mesh: SlitMesh, sheet: Sheet, pressing: Any) -> csr_array:
    """Springs across the faces that press, their stiffness that of the sides' share (Simpson) of each node.

    All others are there with next to none, so that the pattern of the matrix stays.
    """
    n, _ = _normals(mesh)
    c, k = (i.ravel() for i in np.indices(pressing.shape))
    share = np.where(pressing, PRESSING, GROUND)[c, k]
    stiff = share * sheet.youngs_modulus * np.array([1.0, 1.0, 4.0])[k] / 6.0
    node = np.column_stack([mesh.left[c, k], mesh.right[c, k]])
    dof = (2 * node[:, :, None] + np.arange(2)).reshape(-1, 4)
    across = np.concatenate([n[c], -n[c]], axis=1)
    value = stiff[:, None, None] * across[:, :, None] * across[:, None, :]
    row, col = np.repeat(dof, 4, axis=1).ravel(), np.tile(dof, (1, 4)).ravel()
    size = 2 * len(mesh.points)
    return coo_array((value.ravel(), (row, col)), shape=(size, size)).tocsr()
