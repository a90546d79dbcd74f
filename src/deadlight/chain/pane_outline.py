"""The outline of a pane's mesh, as placing a crack and the quick tier know it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import ConvexHull

from deadlight.chain.viewport import hull_radius
from deadlight.crack.pane_shape import PaneShape
from deadlight.mesh.mesh import Mesh

Array = np.ndarray[Any, np.dtype[np.float64]]

ROUND = 2e-3  # a hull whose radii differ by less than this share is taken as round


@dataclass(frozen=True, eq=False)
class PaneOutline:
    """What of a pane's mesh does not depend on where a crack is.

    Attributes
    ----------
    corner : (k, 2) float [m]
        Hull in plan, counter-clockwise.
    lip : (l, 2) float [m]
        Hull of the outer face.
    rim_nodes : (n, 3) float [m]
    bottom, top : float [m]
    name : str
    """

    corner: Array
    lip: Array
    rim_nodes: Array
    bottom: float
    top: float
    name: str

    @classmethod
    def of(cls, mesh: Mesh, pane: str) -> PaneOutline:
        points = mesh.points
        corner = points[ConvexHull(points[:, :2]).vertices, :2]  # scipy gives a plane hull counter-clockwise
        outer = points[mesh.face_nodes(f"{pane}.outer"), :2]
        edge = [name for name in ("rim", "lip", "seat_outer", "seat_inner") if f"{pane}.{name}" in mesh.faces]
        rim_nodes = points[np.unique(np.concatenate([mesh.face_nodes(f"{pane}.{name}") for name in edge]))]
        z = points[:, 2]
        lip = outer[ConvexHull(outer).vertices]
        return cls(corner, lip, rim_nodes, float(z.min()), float(z.max()), pane)

    def shape(self, azimuth: float) -> PaneShape:
        """As the quick tier knows it, with the lip and the recess of the rim there [rad]."""
        inset = hull_radius(self.corner, azimuth) - hull_radius(self.lip, azimuth)
        common: dict[str, Any] = {
            "thickness": self.top - self.bottom,
            "lip_inset": max(inset, 0.0),
            "z_middle": (self.top + self.bottom) / 2,
            "name": f"pane {self.name}",
        }
        radii = np.linalg.norm(self.corner, axis=1)
        if radii.max() - radii.min() < ROUND * radii.max():
            return PaneShape(radius=float(radii.max()), **common).with_rim(self.rim_nodes, azimuth=azimuth)
        outline = tuple((float(x), float(y)) for x, y in self.corner)
        return PaneShape(vertices=outline, **common).with_rim(self.rim_nodes, azimuth=azimuth)


def pane_shape(mesh: Mesh, pane: str, *, azimuth: float) -> tuple[PaneShape, tuple[str, ...]]:
    """Outline of a pane as the quick tier knows it: round, or the hull of its nodes.

    Returns
    -------
    PaneShape, and warnings (none so far).
    """
    return PaneOutline.of(mesh, pane).shape(azimuth), ()
