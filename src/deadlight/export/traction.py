"""Nodal forces that a traction given as a function of place exerts on faces of quadratic cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from deadlight.mesh.elements import ELEMENTS, quadrature
from deadlight.mesh.mesh import CellBlock

Array = np.ndarray[Any, np.dtype[np.float64]]
Traction = Callable[[Array, Array], Array]
"""traction(x (p, 3) [m], outward unit normal (p, 3)) -> force per area (p, 3) [Pa]."""

DEGREE = {"tri": 8, "quad": 8}
"""Degree of the rules: the traction may vary within a face, and a side with its node at a quarter is not affine."""


def nodal_force(points: Array, faces: Sequence[CellBlock], traction: Traction) -> Array:
    """Consistent nodal forces (n, 3) [N]: integral of N t over the faces.

    Parameters
    ----------
    points : (n, 3) float [m]
    faces : sequence of CellBlock
        2D cells whose right-hand normal leaves the body.
    traction : callable
        (x (p, 3), normal (p, 3)) -> (p, 3) [Pa].
    """
    total = np.zeros((len(points), 3))
    for block in faces:
        if not len(block.nodes):
            continue
        element = ELEMENTS[block.kind]
        xi, weight = quadrature(element.family, DEGREE[element.family])
        shape, dshape = element.shape(xi), element.dshape(xi)
        corners = points[block.nodes]
        x = np.einsum("qn,cni->cqi", shape, corners)
        tangent = np.einsum("qnj,cni->cqji", dshape, corners)
        normal = np.cross(tangent[:, :, 0], tangent[:, :, 1])
        size = np.linalg.norm(normal, axis=2)
        unit = normal / np.where(size > 0.0, size, 1.0)[:, :, None]
        t = np.asarray(traction(x.reshape(-1, 3), unit.reshape(-1, 3)), dtype=float).reshape(x.shape)
        force = np.einsum("qn,cq,cqi->cni", shape, size * weight, t)
        np.add.at(total, block.nodes.ravel(), force.reshape(-1, 3))
    return total
