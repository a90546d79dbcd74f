"""Where a pane is away from its seats and rim."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.spatial import KDTree

from deadlight.mesh.mesh import Mesh

Array = np.ndarray[Any, np.dtype[np.float64]]


def away_from_supports(mesh: Mesh, pane: str, thicknesses: float) -> Array:
    """Nodes of a pane that lie at least this many thicknesses inside its seats and rim, as a mask (n_nodes,)."""
    t = float(np.ptp(mesh.points[:, 2]))
    edge = [f for f in ("rim", "seat_outer", "seat_inner", "lip") if f"{pane}.{f}" in mesh.faces]
    if not edge:
        return np.ones(mesh.n_nodes, dtype=bool)
    near = mesh.points[np.unique(np.concatenate([mesh.face_nodes(f"{pane}.{f}") for f in edge]))]
    distance, _ = KDTree(near[:, :2]).query(mesh.points[:, :2])
    return np.asarray(distance > thicknesses * t)
