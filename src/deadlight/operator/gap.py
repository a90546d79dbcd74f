"""Where faces may touch: one contact point a node, with a hat function as the shape of its pressure.

The hats are piecewise linear on the element cut at its middle nodes, so they are positive everywhere and sum to one: a
pressure made of them with positive coefficients is a pressure everywhere, which quadratic functions do not give.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse

from deadlight.operator.load import SurfacePoints
from deadlight.operator.shape import NODE_S, NODE_T
from deadlight.surface.mesh import T6, SurfaceMesh

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


def hats(kind: int, s: Array, t: Array) -> Array:
    """Hat functions of an element's nodes. (..., 9)."""
    if kind != T6:
        fs, ft = (
            np.stack([np.maximum(0, 1 - 2 * x), 1 - np.abs(2 * x - 1), np.maximum(0, 2 * x - 1)], -1) for x in (s, t)
        )
        return np.asarray(fs[..., NODE_S] * ft[..., NODE_T])
    b = np.stack([1 - s - t, s, t], axis=-1)
    out = [np.maximum(0, 2 * b[..., k] - 1) for k in range(3)]
    for first, second, third in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        least = np.minimum(2 * np.minimum(b[..., first], b[..., second]), 1 - 2 * b[..., third])
        out.append(np.maximum(0, least))
    return np.stack([*out, *[np.zeros_like(s)] * 3], axis=-1)


@dataclass(frozen=True, eq=False)
class GapPoints:
    """Contact points of some elements.

    Attributes
    ----------
    node : (n,) int64
        Node whose hat it is.
    area : (n,) float [m^2]
        Integral of the hat.
    total : float [m^2]
        Area of the elements; more than the hats' sum by those of nodes that are not free.
    push : (n, n_nodes, 3) float [m^2]
        Load vector of a pressure of 1 Pa with the hat's shape: int psi_i N n dS.  Its product with D is the weighted
        gap int psi_i D.n dS [m^3].
    """

    node: Index
    area: Array
    total: float
    push: Array

    def share(self, active: Mask) -> Array:
        """Share of the area that presses, (..., n) bool -> (...)."""
        return np.where(active.any(axis=-1), 1.0 - (~active) @ self.area / self.total, 0.0)

    @classmethod
    def of(cls, mesh: SurfaceMesh, chosen: Mask, free: Mask) -> GapPoints:
        """Points at the nodes of the chosen elements (e,) that are free (n_nodes,)."""
        hat, at, area, node = _hats(mesh, chosen, free)
        weighted = hat @ scipy.sparse.diags(at.area)
        parts = [(weighted @ scipy.sparse.diags(at.normal[:, i]) @ at.test.T).toarray() for i in range(3)]
        return cls(node, area, float(at.area.sum()), np.stack(parts, axis=-1))


def sliding(mesh: SurfaceMesh, chosen: Mask, free: Mask) -> Array:
    """Load vectors of unit tractions along two directions in the surface at every contact point.

    Returns
    -------
    (n, 2, n_nodes, 3) float [m^2]
        int psi_i N t dS with t one of two unit vectors normal to the point's mean normal; points as in `GapPoints`.
    """
    hat, at, area, _ = _hats(mesh, chosen, free)
    weighted = hat @ scipy.sparse.diags(at.area)
    normal = np.asarray(weighted @ at.normal) / area[:, None]
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    least = np.eye(3)[np.abs(normal).argmin(axis=1)]
    first = np.cross(normal, least)
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    frame = np.stack([first, np.cross(normal, first)], axis=1)  # (n, 2, 3)
    mass = (weighted @ at.test.T).toarray()
    return np.asarray(mass[:, None, :, None] * frame[:, :, None, :])


def _hats(mesh: SurfaceMesh, chosen: Mask, free: Mask) -> tuple[scipy.sparse.csr_matrix, SurfacePoints, Array, Index]:
    """Hats (n, p) at quadrature points, the points, the hats' areas (n,) and nodes (n,)."""
    at = SurfacePoints.of(mesh, chosen, level=2)
    hat = at.interpolated(mesh, hats)
    area = np.asarray(hat @ at.area).ravel()
    node = np.flatnonzero((area > 0) & free)
    return hat[node], at, area[node], node
