"""One geometry of an influence table by the crack operator: K along the front for every shape of stress at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.crack.disc import line_crack
from deadlight.crack.influence_basis import Basis, Kind
from deadlight.crack.influence_front import Front, embedded
from deadlight.crack.rim_kernel import Rim
from deadlight.operator.history import CrackHistory, follow
from deadlight.operator.load import SurfacePoints
from deadlight.operator.system import CrackOperator
from deadlight.surface.body import Body, block, disc, half_space
from deadlight.surface.join import surface_mesh
from deadlight.surface.sheet import Sheet

Array = np.ndarray[Any, np.dtype[np.float64]]

ROOM = 8.0  # radius of the plate in crack or plate sizes
ROOM_CORNER = 10.0  # width of the plate beside a corner crack
# Stress [E V/(t R^2), E 3 W/(t R^2)] that the far sides of the plate send back to the crack, in stretching and in
# bending, V and W the opening's volume and its moment; the first is 3/(4 pi) of a disc's centre (`rim_kernel`), the
# others measured with two sizes of plate.
IMAGE = {"surface": (0.2387, 0.20), "corner": (1.6, 0.3)}


PLANE_ORDER = 24
# Radius of the disc in half lengths (crack inside; at the rim), distances to the rim, thicknesses.
ROUND, ROUND_EDGE, REACH, LEAST = 8.0, 12.0, 3.0, 6.0


@dataclass(eq=False)
class UnitShapes:
    """The shapes as stress modes: sigma_yy on the plane y = 0."""

    basis: Basis
    origin: Array
    c: float
    a: float
    down: float
    time: Array
    amplitudes: Array

    @classmethod
    def of(cls, basis: Basis, origin: Array, c: float, a: float, down: float = -1.0) -> UnitShapes:
        n = len(basis.modes)
        return cls(basis, origin, c, a, down, np.arange(float(n)), np.eye(n))

    def unit(self, points: Array) -> tuple[Array, Array]:
        return (points[:, 0] - self.origin[0]) / self.c, self.down * (points[:, 2] - self.origin[2]) / self.a

    def sample_modes(self, points: Array) -> Array:
        out = np.zeros((len(self.basis.modes), len(points), 6))
        out[:, :, 1] = self.basis.values(*self.unit(points))
        return out


def face_run(kind: Kind, a_over_c: float, a_over_t: float, nu: tuple[float, ...], *, refine: float = 1.0,
             room: float = 1.0) -> Array:
    """Front coefficients (n_nu, n_modes, n_phi) of a surface or corner crack of depth 1 in a plate of E = 1."""
    a, c = 1.0, 1.0 / a_over_c
    t = 1.0 / a_over_t if a_over_t > 0 else (ROOM * max(a, c) if kind == "corner" else 0.0)
    body, origin, size = _plate(kind, c, t, room)
    sheet = Sheet.ellipse(origin, np.array([0.0, 1, 0]), np.array([1.0, 0, 0]), c, a)
    shapes = UnitShapes.of(Basis(kind), origin, c, a)
    meshed = surface_mesh(body, [sheet], refine=refine)
    found = []
    for each in nu:
        history = follow(CrackOperator.build(meshed.mesh, young=1.0, nu=each), shapes, contact=False)
        k = history.k[0][:, :, 0]
        frame = history.frames[0]
        x, z = shapes.unit(frame.point)
        phi = np.arctan2(np.maximum(z, 0.0), x)
        if t > 0:
            k = k - _sent_back(kind, history, shapes, k, size, t)
        found.append(Front(kind).coefficients(phi, k / embedded(a, c, phi), frame.vertex))
    return np.stack(found)


def edge_run(c_over_t: float, nu: tuple[float, ...], *, refine: float = 1.0) -> Array:
    """Front coefficients (n_nu, 1, n_modes, n_phi) of a crack 2 c deep from the rim of a disc, as `through_run`."""
    c = c_over_t
    size = max(ROUND_EDGE * c, LEAST)
    ends = np.array([[size - 2.0 * c, 0.0, 0.0], [size + c, 0.0, 0.0]])
    return _whole("edge", c, size, c, ends, nu, refine)


def through_run(c_over_t: float, ligament: float, nu: tuple[float, ...], *, refine: float = 1.0) -> Array:
    """Front coefficients (n_nu, 2, n_modes, n_phi) of a through crack in a disc of thickness 1, less the plane problem.

    Parameters
    ----------
    ligament : float
        c over the distance of the crack's middle to the rim; 0 is the disc's centre.

    Returns
    -------
    array
        (K - K_plane)/sqrt(pi c) of the rim-side tip and of the other, E = 1; K_plane is that of `disc` in the same
        disc: stretching for j = 0, bending times 2 z/t for j = 1, nothing beyond.
    """
    c = c_over_t
    inset = c / ligament if ligament > 0 else np.inf
    size = max(ROUND * c, REACH * inset if ligament > 0 else 0.0, LEAST)
    inset = min(inset, size)
    middle = np.array([size - inset, 0.0, 0.5])
    ends = middle * [1.0, 0.0, 0.0] + np.array([[-c, 0.0, 0.0], [c, 0.0, 0.0]])
    return _whole("through", c, size, inset, ends, nu, refine)


def _whole(kind: Kind, c: float, size: float, inset: float, ends: Array, nu: tuple[float, ...], refine: float) -> Array:
    """A crack through a disc of radius `size` and thickness 1, its middle `inset` below the rim."""
    sheet = Sheet.line(ends, np.array([0.0, 0, 1]), (-0.5, 1.5))
    meshed = surface_mesh(disc(size, 1.0), [sheet], refine=refine)
    shapes = UnitShapes.of(Basis(kind), np.array([size - inset, 0.0, 0.5]), c, 0.5, 1.0)
    found = []
    for each in nu:
        history = follow(CrackOperator.build(meshed.mesh, young=1.0, nu=each), shapes, contact=False)
        plane = plane_k(inset - c, inset + c, Rim(size), each)[-len(history.frames) :]
        order = np.argsort([-frame.point[0, 0] for frame in history.frames])
        tips = []
        for tip, n in enumerate(order):
            height = shapes.unit(history.frames[n].point)[1]
            k = history.k[n][:, :, 0] - plane[tip] @ np.stack([np.ones_like(height), height])
            tips.append(Front(kind).coefficients(height, k / np.sqrt(np.pi * c), history.frames[n].vertex))
        found.append(np.stack(tips))
    return np.stack(found)


def plane_k(outer: float, inner: float, rim: Rim, nu: float) -> Array:
    """K [m^0.5] of the plane problem for every shape: (2 tips, n_modes, 2), stretching and skin value of bending."""
    crack = line_crack(outer, inner, rim=rim, thickness=1.0, nu=nu, order=PLANE_ORDER)
    basis, c = Basis("through"), 0.5 * (inner - outer)
    shapes = basis.values((outer + c - crack.depth) / c, np.ones_like(crack.depth))
    out = np.zeros((2, len(basis.modes), 2))
    for part, operator in enumerate((crack.membrane, crack.bending)):
        mine = np.array([j == part for _, j in basis.modes])
        out[:, mine, part] = operator.k @ shapes[mine].T
    return out


def _plate(kind: Kind, c: float, t: float, room: float) -> tuple[Body, Array, float]:
    """Body, origin of the crack's coordinates on its face, and size of the plate."""
    if t == 0.0:
        return half_space(), np.zeros(3), np.inf
    if kind == "surface":
        size = ROOM * room * max(c, t)
        return disc(size, t), np.array([0.0, 0.0, t]), size
    size = ROOM_CORNER * room * max(c, t)
    if t >= ROOM * max(1.0, c):
        size = t
    return block(size, 2 * size, t), np.array([-0.5 * size, 0.0, t]), size


def _sent_back(kind: Kind, history: CrackHistory, shapes: UnitShapes, k: Array, size: float, t: float) -> Array:
    """K that the plate's far sides add, (n_modes, n)."""
    volume, moment = opened_volume(history, shapes, t)
    modes = Basis(kind)
    uniform, linear = modes.monomial(0, 0) @ k, modes.monomial(0, 1) @ k
    bending = uniform - 2.0 * shapes.a / t * linear
    flat, tilt = IMAGE[kind]
    return np.asarray((np.outer(flat * volume, uniform) + np.outer(tilt * 3.0 * moment, bending)) / (t * size**2))


def opened_volume(history: CrackHistory, shapes: UnitShapes, t: float) -> tuple[Array, Array]:
    """Opening integrated over the crack's area, and weighted with 1 - 2 z/t, for every shape. (n_modes,) each."""
    mesh = history.operator.mesh
    points = SurfacePoints.of(mesh, mesh.on_crack)
    opening = np.stack([history.opening(n)[:, 1] for n in range(len(shapes.basis.modes))])
    at = np.asarray((points.test.T @ opening.T).T) * points.area
    depth = shapes.a * shapes.unit(points.point)[1]
    return at.sum(axis=1), at @ (1.0 - 2.0 * depth / t)
