"""Crack and skin: mouths must lie on it, and nothing else of a crack closer than its own elements can tell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deadlight.errors import InputError, NotSolved
from deadlight.surface.assemble import corner_sides
from deadlight.surface.body import Body
from deadlight.surface.crack_mesh import CrackMesh
from deadlight.surface.crack_near import inside

ON_SKIN = 1e-6  # of the crack's size: how far nodes of a mouth may be from their face
LEAST = 0.1  # of the element size: least distance of a corner node inside the body from the skin


def check_clearance(body: Body, meshes: Sequence[CrackMesh], names: Sequence[str]) -> None:
    """Refuse a crack whose elements come closer to the skin than a tenth of their size without reaching it.

    Raises
    ------
    InputError
        Distance, limit and place.
    """
    for mesh, name in zip(meshes, names):
        sides = corner_sides(mesh.cells, mesh.kind)
        length = np.linalg.norm(mesh.points[sides[:, 1]] - mesh.points[sides[:, 0]], axis=1)
        size = np.full(len(mesh.points), np.inf)
        np.minimum.at(size, sides.ravel(), np.repeat(length, 2))
        on_skin = np.concatenate([np.zeros(0, dtype=np.int64), *(m.nodes for m in mesh.mouths)])
        free = np.setdiff1d(np.unique(sides), on_skin)
        x, limit = mesh.points[free], LEAST * size[free]
        for face in body.faces:
            near = np.flatnonzero(np.abs(face.chart.signed(x)) < limit)
            near = near[inside(body, face, x[near])]
            if len(near):
                off = np.abs(face.chart.signed(x[near]))
                i = int((off / limit[near]).argmin())
                at = ", ".join(f"{1e3 * v:.4g}" for v in x[near[i]])
                raise InputError(
                    f"the crack runs {1e3 * off[i]:.3g} mm below face {face.name} at ({at}) mm without reaching it "
                    f"(limit {1e3 * limit[near[i]]:.3g} mm, {LEAST:g} of its elements there)",
                    place=name,
                    remedy="move it deeper, let it break through, or refine it",
                )


def check_mouths(body: Body, meshes: Sequence[CrackMesh], names: Sequence[str]) -> None:
    """Refuse a mesh whose mouths do not lie on the skin.

    Raises
    ------
    NotSolved
        Distance, limit, face and place.
    """
    for mesh, name in zip(meshes, names):
        size = float(np.ptp(mesh.points, axis=0).max())
        for mouth in mesh.mouths:
            x = mesh.points[np.asarray(mouth.nodes)]
            off = np.abs(body.faces[mouth.face].chart.signed(x))
            i = int(off.argmax())
            if not off[i] <= ON_SKIN * size:
                at = ", ".join(f"{1e3 * v:.4g}" for v in x[i])
                raise NotSolved(
                    f"{name}: a mouth node at ({at}) mm is {1e3 * off[i]:.3g} mm off face {body.faces[mouth.face].name}"
                    f" (limit {1e3 * ON_SKIN * size:.3g} mm, {ON_SKIN:g} of the crack's size)"
                )
