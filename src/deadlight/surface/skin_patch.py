"""A round piece of one face round the mouths of small cracks."""

from __future__ import annotations

from typing import Any

import numpy as np

from deadlight.surface.body import Body
from deadlight.surface.extent import Choice
from deadlight.surface.grading import Grading
from deadlight.surface.skin_fill import fill
from deadlight.surface.skin_mesh import quadratic
from deadlight.surface.slit import Slit, SlitSkin, mouth_middles, tip_middles, tips_of

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]


def patch(body: Body, choice: Choice, slits: tuple[Slit, ...], x: Array, size: Grading) -> SlitSkin:
    """Triangles of a disc in the face of the choice, graded from the mouths outwards; its rim is to be held.

    Raises
    ------
    NotSolved
        No triangulation was found.
    """
    face = body.faces[choice.face]
    assert choice.centre is not None
    middle = face.chart.to_chart(choice.centre[None])[0]
    around = size(choice.centre + choice.radius * np.concatenate([np.eye(3), -np.eye(3)])).min()
    n = max(12, int(np.ceil(2 * np.pi * choice.radius / around)))
    angle = 2 * np.pi * (np.arange(n) + 0.5) / n
    ring = middle + choice.radius * np.column_stack([np.cos(angle), np.sin(angle)])
    corners = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *[s.nodes[::2] for s in slits]]))
    node = {int(c): n + i for i, c in enumerate(corners)}
    points = np.concatenate([face.chart.to_space(ring), x[corners]])
    lines = [np.array([node[int(c)] for c in s.nodes[::2]]) for s in slits]
    cells, extra = fill(
        face, points, [np.arange(n)], lines, size, tips=tips_of(slits, node), growth=size.growth,
        place=f"patch on {face.name}",
    )  # fmt: skip
    points = np.concatenate([points, extra])
    on = np.full(len(cells), choice.face)
    known = [tip_middles(body, slits, node, points, cells, on), mouth_middles(slits, node, x)]
    pairs, middles = (np.concatenate(part) for part in zip(*known))
    skin = quadratic(body, points, cells, on, (), (pairs, middles))
    sides = np.stack([skin.cells[:, :3], np.roll(skin.cells[:, :3], -1, axis=1)], axis=2)
    outer = (sides < n).all(axis=2)
    rim = np.unique(np.concatenate([np.arange(n), skin.cells[:, 3:][outer]]))
    none = np.zeros(0, dtype=np.int64)
    return SlitSkin(skin, node, none, none, rim)
