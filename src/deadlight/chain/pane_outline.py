"""The outline of a pane's mesh, as placing a crack and the quick tier know it."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.spatial import ConvexHull

from deadlight.chain.viewport import radius_at
from deadlight.crack.pane_shape import PaneShape
from deadlight.mesh.mesh import Mesh

ROUND = 2e-3  # a hull whose radii differ by less than this share is taken as round


def pane_shape(mesh: Mesh, pane: str, *, azimuth: float) -> tuple[PaneShape, tuple[str, ...]]:
    """Outline of a pane as the quick tier knows it: round, or the hull of its nodes.

    Returns
    -------
    PaneShape, and warnings (none so far).
    """
    points = mesh.points
    z = points[:, 2]
    hull = ConvexHull(points[:, :2])
    corner = points[hull.vertices, :2]
    rim = radius_at(points, azimuth)
    lip = radius_at(points[mesh.face_nodes(f"{pane}.outer")], azimuth)
    common: dict[str, Any] = {
        "thickness": float(z.max() - z.min()),
        "lip_inset": max(rim - lip, 0.0),
        "z_middle": float(z.max() + z.min()) / 2,
        "name": f"pane {pane}",
    }
    radii = np.linalg.norm(corner, axis=1)
    edge = [name for name in ("rim", "lip", "seat_outer", "seat_inner") if f"{pane}.{name}" in mesh.faces]
    rim_nodes = points[np.unique(np.concatenate([mesh.face_nodes(f"{pane}.{name}") for name in edge]))]
    if radii.max() - radii.min() < ROUND * radii.max():
        return PaneShape(radius=float(radii.max()), **common).with_rim(rim_nodes, azimuth=azimuth), ()
    outline = tuple((float(x), float(y)) for x, y in corner)  # scipy gives a plane hull counter-clockwise
    return PaneShape(vertices=outline, **common).with_rim(rim_nodes, azimuth=azimuth), ()
