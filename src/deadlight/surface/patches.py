"""The boundary of a mesh split into smooth patches at its sharp edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from deadlight.errors import MeshError
from deadlight.mesh.elements import ELEMENTS
from deadlight.mesh.mesh import CellBlock

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

FEATURE = np.radians(25.0)  # angle between normals from which a side is an edge of the body


@dataclass(frozen=True, eq=False)
class Patches:
    """Boundary cells, their sides and the patches they fall into.

    Attributes
    ----------
    corners : (f, 4) int64
        Corner nodes of the boundary cells, -1 in the fourth column of triangles.
    patch : (f,) int64
        Patch of every cell.
    sides : (k, 3) int64
        Sharp sides: first corner, middle node (-1: none), second corner, in the sense of the cell `owner`.
    owner, other : (k,) int64
        Patches on the left and on the right of a sharp side, seen from outside.
    normal : (f, 3) float
        Normal at the middle of every cell, outwards.
    area : (f,) float [m2]
    """

    corners: Index
    patch: Index
    sides: Index
    owner: Index
    other: Index
    normal: Array
    area: Array

    @property
    def count(self) -> int:
        return int(self.patch.max()) + 1


def patches_of(points: Array, blocks: tuple[CellBlock, ...], *, angle: float = FEATURE, place: str = "") -> Patches:
    """Smooth patches of a closed boundary.

    Parameters
    ----------
    blocks : tuple of CellBlock
        2D cells whose normal leaves the body.
    angle : float [rad]

    Raises
    ------
    MeshError
        The boundary is not closed, or sides belong to more than two cells.
    """
    corners, normal, area, rows, cell, slope = [], [], [], [], [], []
    start = 0
    for block in blocks:
        element = ELEMENTS[block.kind]
        k = element.corners
        c = np.full((len(block.nodes), 4), -1, dtype=np.int64)
        c[:, :k] = block.nodes[:, :k]
        corners.append(c)
        x = points[block.nodes]
        centre = element.nodes[:k].mean(axis=0)[None]
        n = _normals(element, x, centre)[:, 0]
        area.append(np.linalg.norm(n, axis=1) * (4.0 if k == 4 else 0.5))
        normal.append(n / np.linalg.norm(n, axis=1)[:, None])
        middles = np.array([0.5 * (element.nodes[a] + element.nodes[b]) for a, b in element.edges])
        m = _normals(element, x, middles)
        slope.append((m / np.linalg.norm(m, axis=2)[..., None]).reshape(-1, 3))
        a, b = np.array(element.edges).T
        mid = block.nodes[:, k : 2 * k] if element.quadratic else np.full((len(block.nodes), k), -1)
        rows.append(np.stack([block.nodes[:, a], mid, block.nodes[:, b]], axis=2).reshape(-1, 3))
        cell.append(start + np.repeat(np.arange(len(block.nodes)), k))
        start += len(block.nodes)
    sides, own, m = np.concatenate(rows), np.concatenate(cell), np.concatenate(slope)
    key = sides[:, [0, 2]].min(axis=1) * (1 << 31) + sides[:, [0, 2]].max(axis=1)
    order = np.argsort(key, kind="stable")
    if len(order) % 2 or (key[order[::2]] != key[order[1::2]]).any() or len(np.unique(key)) * 2 != len(key):
        _, count = np.unique(key, return_counts=True)
        raise MeshError(
            f"the boundary is not closed: {int((count != 2).sum())} sides do not belong to two cells",
            place=place,
            remedy="the region must be one solid without parts that touch along a line",
        )
    one, two = order[::2], order[1::2]
    smooth = (m[one] * m[two]).sum(axis=1) > np.cos(angle)
    graph = coo_array((np.ones(int(smooth.sum())), (own[one[smooth]], own[two[smooth]])), shape=(start, start))
    patch = connected_components(graph, directed=False)[1].astype(np.int64)
    sharp = ~smooth & (patch[own[one]] != patch[own[two]])
    return Patches(
        np.concatenate(corners), patch, sides[one[sharp]], patch[own[one[sharp]]], patch[own[two[sharp]]],
        np.concatenate(normal), np.concatenate(area),
    )  # fmt: skip


def _normals(element: Any, x: Array, xi: Array) -> Array:
    """Normals (not of unit length) of 2D cells at reference points. (f, n, 3), (q, 2) -> (f, q, 3)."""
    d = element.dshape(xi)
    return np.cross(np.einsum("fni,qn->fqi", x, d[..., 0]), np.einsum("fni,qn->fqi", x, d[..., 1]))


@dataclass(frozen=True, eq=False)
class Edge:
    """One edge between two patches.

    Attributes
    ----------
    nodes : (2 k + 1,) int64
        Corner, middle (-1: none), corner ... ; a closed edge repeats its first node.
    left, right : int
        Patches.
    """

    nodes: Index
    left: int
    right: int

    @property
    def closed(self) -> bool:
        return bool(self.nodes[0] == self.nodes[-1])


def edges_of(p: Patches) -> list[Edge]:
    """Sharp sides joined into edges that run from corner to corner of the body, or close."""
    low = np.minimum(p.owner, p.other)
    pair = low * p.count + np.maximum(p.owner, p.other)
    turn = p.owner != low  # every side so that the patch with the lower number is on its left
    sides = np.where(turn[:, None], p.sides[:, ::-1], p.sides)
    ends = np.concatenate([sides[:, 0], sides[:, 2]])
    node, count = np.unique(ends, return_counts=True)
    both = np.concatenate([pair, pair])
    mixed = {int(n) for n in node[count != 2]}
    order = np.argsort(ends, kind="stable")
    first = np.searchsorted(ends[order], node)
    two = np.flatnonzero(count == 2)
    mixed |= {int(node[i]) for i in two if both[order[first[i]]] != both[order[first[i] + 1]]}
    found = []
    for which in np.unique(pair):
        mine = sides[pair == which].tolist()
        ahead = {a: (m, b) for a, m, b in mine}
        starts = [a for a, _, _ in mine if a in mixed] + [a for a, _, _ in mine]
        for start in starts:
            if start not in ahead:
                continue
            line, at = [start], start
            while at in ahead:
                m, at = ahead.pop(at)
                line += [m, at]
                if at in mixed:
                    break
            found.append(Edge(np.array(line), int(which // p.count), int(which % p.count)))
    return found


def loops_of(edges: list[Edge], patch: int, place: str = "") -> list[list[tuple[int, int]]]:
    """Edges round a patch in order, each with +1 or -1, the patch on the left."""
    open_: dict[int, list[tuple[int, int]]] = {}
    loops = []
    for i, e in enumerate(edges):
        for mine, sense in ((e.left == patch, 1), (e.right == patch, -1)):
            if mine and e.closed:
                loops.append([(i, sense)])
            elif mine:
                open_.setdefault(int(e.nodes[0] if sense > 0 else e.nodes[-1]), []).append((i, sense))
    while open_:
        start = min(open_)
        loop, at = [], start
        while True:
            if at not in open_:
                raise MeshError(
                    "the edges round a smooth part of the boundary do not close", place=place,
                    remedy="check the mesh where three faces meet",
                )  # fmt: skip
            i, sense = open_[at].pop()
            if not open_[at]:
                del open_[at]
            loop.append((i, sense))
            at = int(edges[i].nodes[-1] if sense > 0 else edges[i].nodes[0])
            if at == start:
                break
        loops.append(loop)
    return loops
