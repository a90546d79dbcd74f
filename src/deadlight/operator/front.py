"""Frame along a crack front, and what is read off there: stress intensity factors from the opening of the ring.

The opening at a front goes as D = A sqrt(r) + B r^(3/2).  From the nodes at a quarter and at the whole of the ring's
width h (along the normal to the front), A = (8 D_quarter - D_inner) / (3 sqrt(h)); the usual 4 D_quarter - D_inner
presumes a term in r that does not exist.  Then (plane strain along a smooth front; Rice 1968)

    K_I = A.n mu sqrt(2 pi) / (4 (1 - nu)),  K_II = A.b mu sqrt(2 pi) / (4 (1 - nu)),  K_III = A.t mu sqrt(2 pi) / 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.operator import shape
from deadlight.surface.mesh import TIP, Front, SurfaceMesh

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, eq=False)
class FrontFrame:
    """Directions and ring width at the nodes of a front.

    Attributes
    ----------
    point : (k, 3) float [m]
    ahead, normal, along : (k, 3) float
        b into uncracked material, n from the - to the + face, t = b x n.
    width : (k,) float [m]
        Of the ring, along b.
    arc : (k,) float [m]
        Distance along the front from its first node.
    length : float [m]
        Of the whole front.
    """

    point: Array
    ahead: Array
    normal: Array
    along: Array
    width: Array
    arc: Array
    length: float


def front_frame(mesh: SurfaceMesh, front: Front) -> FrontFrame:
    """Frame of one front, from the elements of its ring."""
    ring = mesh.cells[(mesh.kind >= TIP) & np.isin(mesh.cells[:, 4], front.nodes)]
    x = mesh.points[ring]
    tangent = np.zeros((len(mesh.points), 3))
    normal = np.zeros((len(mesh.points), 3))
    for column, (node, inner) in enumerate(((0, 3), (4, 6), (1, 2))):
        s = np.array(0.5 * column)
        along = np.einsum("a,eai->ei", shape.geometry(TIP, s, np.array(0.0))[1], x)
        along /= np.linalg.norm(along, axis=1, keepdims=True)
        across = np.cross(along, x[:, inner] - x[:, node])
        np.add.at(tangent, ring[:, node], along)
        np.add.at(normal, ring[:, node], across / np.linalg.norm(across, axis=1, keepdims=True))
    n = _unit(normal[front.nodes])
    b = _unit(np.cross(n, _unit(tangent[front.nodes])))
    back = mesh.points[front.inner] - mesh.points[front.nodes]
    b = np.where(np.einsum("ki,ki->k", b, back)[:, None] > 0, -b, b)
    point = mesh.points[front.nodes]
    step = np.linalg.norm(np.diff(point, axis=0), axis=1)
    closing = float(np.linalg.norm(point[-1] - point[0])) if front.closed else 0.0
    arc = np.concatenate([[0.0], np.cumsum(step)])
    width = -np.einsum("ki,ki->k", b, back)
    return FrontFrame(point, b, n, np.cross(b, n), width, arc, float(arc[-1]) + closing)


def intensity(opening: Array, front: Front, frame: FrontFrame, mu: float, nu: float) -> Array:
    """Stress intensity factors from the opening.

    Parameters
    ----------
    opening : (r, n_nodes, 3) float [m]
        u(+) - u(-) at the nodes of the mesh, one row a load.

    Returns
    -------
    (r, k, 3) float [Pa m^0.5]
        K_I, K_II, K_III at the front's nodes.
    """
    rise = (8 * opening[:, front.quarter] - opening[:, front.inner]) / 3
    if not front.closed:  # sides on a mouth have the plain quarter-point functions
        for end in (0, -1):
            rise[:, end] = 4 * opening[:, front.quarter[end]] - opening[:, front.inner[end]]
    rise = rise / np.sqrt(frame.width)[:, None]
    plane = mu * np.sqrt(2 * np.pi) / 4
    parts = [np.einsum("rki,ki->rk", rise, axis) for axis in (frame.normal, frame.ahead, frame.along)]
    return np.stack([parts[0] / (1 - nu), parts[1] / (1 - nu), parts[2]], axis=-1) * plane


def energy_release(k: Array, young: float, nu: float) -> Array:
    """G = (1 - nu^2)/E (K_I^2 + K_II^2) + (1 + nu)/E K_III^2 (Irwin 1957, plane strain). (..., 3) -> (...) [J/m^2]."""
    plane = k[..., 0] ** 2 + k[..., 1] ** 2
    return np.asarray((1 - nu**2) / young * plane + (1 + nu) / young * k[..., 2] ** 2)


def _unit(v: Array) -> Array:
    return np.asarray(v / np.linalg.norm(v, axis=1, keepdims=True))
