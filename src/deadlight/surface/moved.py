"""A surface mesh turned, mirrored and shifted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from deadlight.surface.mesh import MOUTH_FIRST, MOUTH_LAST, T6, TIP, SurfaceMesh

Array = np.ndarray[Any, np.dtype[np.float64]]

_T6 = [0, 2, 1, 5, 4, 3, 6, 7, 8]
_Q9 = [1, 0, 3, 2, 4, 7, 6, 5, 8]  # the side t = 0 stays where it is


def moved(mesh: SurfaceMesh, turn: Array, shift: Array | None = None) -> SurfaceMesh:
    """The mesh at turn @ x + shift.

    A mirror turns the order of the nodes in every element, so that normals still leave the body and + sides stay
    + sides.

    Parameters
    ----------
    turn : (3, 3) float
        Orthogonal.
    shift : (3,) float [m], optional
    """
    points = mesh.points @ np.asarray(turn, dtype=float).T + (0.0 if shift is None else shift)
    if np.linalg.det(turn) > 0:
        return replace(mesh, points=points)
    tri = mesh.kind == T6
    cells = np.where(tri[:, None], mesh.cells[:, _T6], mesh.cells[:, _Q9])
    kind = mesh.kind.copy()
    first, last = mesh.kind == TIP + MOUTH_FIRST, mesh.kind == TIP + MOUTH_LAST
    kind[first], kind[last] = TIP + MOUTH_LAST, TIP + MOUTH_FIRST
    return replace(mesh, points=points, cells=cells, kind=kind)
