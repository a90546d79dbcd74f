"""Several crack meshes and a skin put into one numbering, with the ties at the mouths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from deadlight.errors import NotSolved
from deadlight.surface.crack_mesh import CrackMesh
from deadlight.surface.grading import Grading
from deadlight.surface.lips import Lips, cut
from deadlight.surface.mesh import T6, Front, SurfaceMesh
from deadlight.surface.slit import Slit, SlitSkin

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, eq=False)
class Stack:
    """Crack meshes one after the other.

    Attributes
    ----------
    points, cells, kind, surface, fronts
        As in `SurfaceMesh`.
    slits : tuple of Slit
    grading : Grading
        Element sizes on the cracks.
    corners : (m,) int64
        Nodes that the points of the grading are.
    """

    points: Array
    cells: Index
    kind: Index
    surface: Index
    fronts: tuple[Front, ...]
    slits: tuple[Slit, ...]
    grading: Grading
    corners: Index

    @property
    def count(self) -> int:
        return len(self.cells)


def stacked(meshes: Sequence[CrackMesh]) -> Stack:
    """Crack meshes in one numbering; crack k is the k-th mesh."""
    start = np.cumsum([0, *(len(m.points) for m in meshes)])
    cells = np.concatenate([np.where(m.cells < 0, -1, m.cells + s) for m, s in zip(meshes, start)])
    kind = np.concatenate([m.kind for m in meshes])
    points = np.concatenate([m.points for m in meshes])
    fronts = tuple(
        replace(f, nodes=f.nodes + s, quarter=f.quarter + s, inner=f.inner + s, crack=k)
        for k, (m, s) in enumerate(zip(meshes, start))
        for f in m.fronts
    )
    slits = tuple(
        Slit(x.face, np.asarray(x.nodes) + s, (x.start == "tip", x.end == "tip"))
        for m, s in zip(meshes, start)
        for x in m.mouths
    )
    surface = np.repeat(np.arange(len(meshes)), [len(m.cells) for m in meshes])
    sides = corner_sides(cells, kind)
    length = np.linalg.norm(points[sides[:, 1]] - points[sides[:, 0]], axis=1)
    ends, length = sides.ravel(), np.repeat(length, 2)
    count = np.bincount(ends)
    used = np.flatnonzero(count)
    size = np.bincount(ends, length)[used] / count[used]
    return Stack(points, cells, kind, surface, fronts, slits, Grading(points[used], size), used)


def corner_sides(cells: Index, kind: Index) -> Index:
    """Directed sides between the corners of all cells. (k, 2)."""
    tri, quad = cells[kind == T6], cells[kind != T6]
    parts = [tri[:, [i, (i + 1) % 3]] for i in range(3)] + [quad[:, [i, (i + 1) % 4]] for i in range(4)]
    return np.concatenate(parts)


def assembled(cracks: Stack, skin: SlitSkin | None, loaded: Flags | None = None) -> SurfaceMesh:
    """The surface mesh of cracks and the skin that follows their mouths; `loaded` tells faces under load (f,)."""
    n = len(cracks.points)
    front = np.unique(np.concatenate([f.nodes for f in cracks.fronts]))
    none = np.zeros(0, dtype=np.int64)
    if skin is None:
        return SurfaceMesh(
            cracks.points, cracks.cells, cracks.kind, cracks.surface, cracks.fronts,
            (none, none, np.zeros(0)), front, np.arange(n),
        )  # fmt: skip
    nodes = directed(cracks)
    sides = nodes[:, [0, 2]]
    along = np.array([[skin.node[a], skin.node[b]] for a, b in sides.tolist()], dtype=np.int64).reshape(-1, 2)
    lips = cut(skin.skin.cells, len(skin.skin.points), along)
    slave, plus, minus = _pairs(nodes, lips, front, cracks.points)
    ties = (
        np.concatenate([slave, slave]),
        np.concatenate([plus, minus]) + n,
        np.concatenate([np.full(len(slave), -1.0), np.ones(len(slave))]),
    )
    place = np.arange(n + len(lips.origin))
    place[n:] = n + lips.origin
    crack_node, skin_node = nodes.ravel(), lips.left.ravel()
    at = np.full(len(lips.origin), -1, dtype=np.int64)
    at[lips.origin[skin_node]] = crack_node
    found = at[lips.origin] >= 0
    place[n:][found] = at[lips.origin][found]
    points = np.concatenate([cracks.points, skin.skin.points[lips.origin]])
    padded = np.full((len(lips.cells), 9), -1, dtype=np.int64)
    padded[:, :6] = lips.cells + n
    load = None
    if loaded is not None and loaded.any():
        load = np.concatenate([np.ones(cracks.count, dtype=bool), loaded[skin.skin.face]])
    return SurfaceMesh(
        points,
        np.concatenate([cracks.cells, padded]),
        np.concatenate([cracks.kind, np.full(len(padded), T6)]),
        np.concatenate([cracks.surface, -1 - skin.skin.face]),
        cracks.fronts,
        ties,
        np.concatenate([front, skin.rim + n]),
        place,
        load,
    )


def directed(cracks: Stack) -> Index:
    """Sides of all mouths, corner, middle, corner, in the direction in which the crack lies on the left. (k, 3)."""
    parts = [np.column_stack([s.nodes[:-2:2], s.nodes[1::2], s.nodes[2::2]]) for s in cracks.slits]
    nodes = np.concatenate([np.zeros((0, 3), dtype=np.int64), *parts])
    n = len(cracks.points)
    sides = corner_sides(cracks.cells, cracks.kind)
    have = sides[:, 0] * n + sides[:, 1]
    ahead = np.isin(nodes[:, 0] * n + nodes[:, 2], have)
    back = np.isin(nodes[:, 2] * n + nodes[:, 0], have)
    if not (ahead ^ back).all():
        raise NotSolved("a side of a mouth is not the side of exactly one element of its crack")
    return np.where(ahead[:, None], nodes, nodes[:, ::-1])


def _pairs(nodes: Index, lips: Lips, front: Index, points: Array) -> tuple[Index, Index, Index]:
    """Crack nodes at mouths with the nodes of their plus and minus lip.

    With the crack on the left of a -> b, seen from its + side, the body's skin on the left of a -> b, seen from
    outside, is the lip on the + side.
    """
    rows = np.unique(np.column_stack([nodes.ravel(), lips.left.ravel(), lips.right.ravel()]), axis=0)
    rows = rows[~np.isin(rows[:, 0], front)]
    slave, count = np.unique(rows[:, 0], return_counts=True)
    if (count > 1).any() or (rows[:, 1] == rows[:, 2]).any():
        bad = slave[count > 1] if (count > 1).any() else rows[rows[:, 1] == rows[:, 2], 0]
        raise NotSolved(f"the lips of a mouth do not part at {points[bad[0]]} m")
    return rows[:, 0], rows[:, 1], rows[:, 2]
