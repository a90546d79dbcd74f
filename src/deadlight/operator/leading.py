"""Leading term of the opening at a front, by least squares over the ring and the triangles behind it.

D / sqrt(r) = A + B r + C r^2 is fitted at a quarter and at the whole of the ring's width and at points up to 2.5 widths
behind the front.  The two nodes of the ring alone leave an error C h^2 / 4 of A, which loads that vary along the crack
make large; on the usual mesh: penny under torsion 0.44 % -> 0.13 %, heat blocked by a line crack 1.9 % -> 0.3 %.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from deadlight.operator import shape
from deadlight.surface.mesh import T6, Front, SurfaceMesh

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

BEHIND = (1.25, 1.5, 1.75, 2.0, 2.25, 2.5)  # distances of the points from the front in widths of the ring
RING = 3.0  # weight of the ring's nodes over that of a point behind it: measured on exact cases, flat between 2 and 5
NEAREST = 16  # triangles, by their centres, among which a point is looked for
OUTSIDE, OFF = 0.05, 0.3  # how far a point may lie beside its triangle (of it), and off its plane (of the ring's width)


@dataclass(frozen=True, eq=False)
class Behind:
    """Points behind the ring of a front, and the weights of the fit.

    Attributes
    ----------
    node : (k, p, 6) int64
        Of the triangle that holds each point.
    value : (k, p, 6) float
        Its functions there.
    distance : (k, p) float [m]
        From the front.
    weight : (k, 2 + p) float
        Of D / sqrt(r) at the quarter node, the inner node and the points, 0 where a point is not on the crack.
    """

    node: Index
    value: Array
    distance: Array
    weight: Array

    def none(self) -> Behind:
        """The same without any point: the ring's two nodes alone."""
        weight = np.zeros_like(self.weight)
        weight[:, :2] = weights(0)
        return replace(self, weight=weight)


@functools.cache
def weights(count: int) -> tuple[float, ...]:
    """Weights of D / sqrt(r) at the ring's two nodes and at the first `count` points behind it; their sum is 1."""
    if count < 2:
        return (4 / 3, -1 / 3)
    r = np.array([0.25, 1.0, *BEHIND[:count]])
    w = np.sqrt(r) * np.array([RING, RING, *[1.0] * count])
    return tuple((np.linalg.pinv(w[:, None] * np.vander(r, 3, increasing=True)) * w)[0].tolist())


def behind(mesh: SurfaceMesh, front: Front, ahead: Array, width: Array) -> Behind:
    """Points behind the nodes of a front.

    A point counts as long as it and all those before it lie in triangles of the same crack; on a narrow crack and next
    to a mouth that may be none.

    Parameters
    ----------
    ahead : (k, 3) float
        Unit vector b at the front's nodes.
    width : (k,) float [m]
        Of the ring.
    """
    distance = np.array(BEHIND) * width[:, None]
    k, p = distance.shape
    cells = mesh.cells[(mesh.kind == T6) & (mesh.surface == front.crack), :6]
    found, node, value = np.zeros((k, p), bool), np.zeros((k, p, 6), np.int64), np.zeros((k, p, 6))
    if len(cells):
        point = mesh.points[front.nodes][:, None] - distance[:, :, None] * ahead[:, None]
        at, st, inside = _located(mesh.points[cells[:, :3]], point.reshape(-1, 3), np.repeat(OFF * width, p))
        node, found = cells[at].reshape(k, p, 6), (inside > -OUTSIDE).reshape(k, p)
        value = shape.opening(T6, st[:, 0], st[:, 1])[0][:, :6].reshape(k, p, 6)
    count = np.cumprod(found, axis=1).sum(axis=1)
    if not front.closed:
        count[[0, -1]] = 0
    weight = np.zeros((k, 2 + p))
    for n in np.unique(count):
        row = weights(int(n))
        weight[count == n, : len(row)] = row
    return Behind(node, value, distance, weight)


def _located(corner: Array, x: Array, off: Array) -> tuple[Index, Array, Array]:
    """The best of the nearest triangles (t, 3, 3) for points (n, 3): number, (s, t), how deep inside (below 0: out)."""
    _, near = cKDTree(corner.mean(axis=1)).query(x, k=min(NEAREST, len(corner)))
    near = near.reshape(len(x), -1)
    u, v, d = corner[near, 1] - corner[near, 0], corner[near, 2] - corner[near, 0], x[:, None] - corner[near, 0]
    uu, uv, vv, du, dv = ((a * b).sum(axis=-1) for a, b in ((u, u), (u, v), (v, v), (d, u), (d, v)))
    st = np.stack([vv * du - uv * dv, uu * dv - uv * du], axis=-1) / (uu * vv - uv**2)[..., None]
    normal = np.cross(u, v)
    away = np.abs((d * normal).sum(axis=-1)) / np.linalg.norm(normal, axis=-1)
    inside = np.minimum(st.min(axis=-1), 1 - st.sum(axis=-1))
    inside = np.where(away < off[:, None], inside, -np.inf)
    best, row = inside.argmax(axis=1), np.arange(len(x))
    return near[row, best], st[row, best], inside[row, best]


def leading(opening: Array, front: Front, width: Array, points: Behind) -> Array:
    """A of D = A sqrt(r) + ... at the nodes of a front.

    Parameters
    ----------
    opening : (r, n_nodes, 3) float [m]

    Returns
    -------
    (r, k, 3) float [m^0.5]
    """
    root = np.sqrt(width)[:, None]
    quarter, inner = 2 * opening[:, front.quarter] / root, opening[:, front.inner] / root
    scaled = points.value * (points.weight[:, 2:] / np.sqrt(points.distance))[:, :, None]
    rise = points.weight[:, :1] * quarter + points.weight[:, 1:2] * inner
    rise += np.einsum("kpa,rkpai->rki", scaled, opening[:, points.node])
    if not front.closed:  # sides on a mouth have the plain quarter-point functions
        rise[:, [0, -1]] = 2 * quarter[:, [0, -1]] - inner[:, [0, -1]]
    return np.asarray(rise)
