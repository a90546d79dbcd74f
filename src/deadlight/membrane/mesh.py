"""Quadratic triangles of a cracked pane in plan: slit along its cracks, quarter points at its tips."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from deadlight.membrane.network import Network
from deadlight.surface.constrained import edge_keys
from deadlight.surface.triangulate import triangulate

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

TIP = 0.2  # of the room round a tip: length of elements there
GROWTH = 0.5  # of sizes, per distance from a tip


@dataclass(frozen=True, eq=False)
class SlitMesh:
    """Mesh of a cracked pane.

    Attributes
    ----------
    points : (n, 2) float [m]
    cells : (t, 6) int64
        Corners, then middles of sides 0-1, 1-2, 2-0; counter-clockwise.
    left, right : (c, 3) int64
        Nodes of both faces of every side of a crack: first end, second end, middle, in the direction that has the left
        face's element on its left.
    rim : (r, 3) int64
        Sides of the rim: ends counter-clockwise, and the middle.
    tips : dict of int -> (int, bool)
        For the vertex of a tip: its side of a crack, and whether that side ends (True) or begins (False) there.
    """

    points: Array
    cells: Index
    left: Index
    right: Index
    rim: Index
    tips: dict[int, tuple[int, bool]]


def slit_mesh(network: Network, far: float, rim: float, *, fine: float = 1.0) -> SlitMesh:
    """Mesh of a network.

    Parameters
    ----------
    far, rim : float [m]
        Largest length of elements, and along rim and cracks.
    fine : float
        Divides all sizes.

    Raises
    ------
    InputError, NotSolved
        Cracks that touch away from common vertices; no mesh found.
    """
    size = _size(network, far / fine, rim / fine, fine)
    vertices = np.array(network.points)
    points = [vertices]
    count = len(vertices)

    def line(a: int, b: int) -> Index:
        """Vertices a, b and new points between."""
        nonlocal count
        inner = _between(vertices[a], vertices[b], size, rim / fine)
        points.append(inner)
        count += len(inner)
        return np.array([a, *range(count - len(inner), count), b])

    ring = np.concatenate([line(a, b)[:-1] for a, b in zip(network.ring, [*network.ring[1:], network.ring[0]])])
    slits = [line(a, b) for a, b in network.edges]
    every = np.concatenate(points)
    used = np.unique(np.concatenate([ring, *slits]))
    number = np.full(len(every), -1)
    number[used] = np.arange(len(used))
    found = triangulate(every[used], [number[ring]], [number[s] for s in slits], size, quick=True, place="membrane")
    cuts = [np.column_stack([number[s][:-1], number[s][1:]]) for s in slits]
    tips = {t.vertex: int(number[t.vertex]) for t in network.tips}
    return _quadratic(found.points, found.triangles, np.concatenate([np.zeros((0, 2), int), *cuts]), tips)


def _size(network: Network, far: float, rim: float, fine: float) -> Any:
    """Wanted length of elements: small at tips, as near as other cracks and other tips are."""
    at = np.array([network.points[t.vertex] for t in network.tips]).reshape(-1, 2)
    least = np.array([TIP * network.room(t) / fine for t in network.tips])

    def size(x: Array) -> Array:
        h = np.full(len(x), far)
        if len(at):
            d = np.linalg.norm(x[:, None] - at, axis=2)
            h = np.minimum(h, (least + GROWTH * d).min(axis=1))
        return h

    return size


def _between(a: Array, b: Array, size: Any, most: float) -> Array:
    """Points between a and b, spaced by the size, at most `most`. (k, 2)."""
    length = float(np.linalg.norm(b - a))
    t = np.linspace(0.0, 1.0, 65)
    h = np.minimum(size(a + t[:, None] * (b - a)), most)
    n = np.concatenate([[0.0], np.cumsum(0.5 * (1.0 / h[1:] + 1.0 / h[:-1]) * length / 64)])
    parts = max(1, int(np.ceil(n[-1] - 0.2)))
    return a + np.interp(np.arange(1, parts) * n[-1] / parts, n, t)[:, None] * (b - a)


def _quadratic(x: Array, triangles: Index, cuts: Index, tips: dict[int, int]) -> SlitMesh:
    """Corners and middles of sides become one node for every group of triangles that no crack divides."""
    t, n = len(triangles), len(x)
    side = np.stack([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]], axis=1)  # (t, 3, 2)
    key = edge_keys(side.reshape(-1, 2), n)
    order = np.argsort(key, kind="stable")
    pair = np.flatnonzero(key[order[:-1]] == key[order[1:]])
    one, two = order[pair], order[pair + 1]
    cut = np.isin(key[one], edge_keys(cuts, n)) if len(cuts) else np.zeros(len(one), dtype=bool)
    a, b = one[~cut], two[~cut]
    # instances: corner k of triangle i is 6 i + k, middle of its side k is 6 i + 3 + k
    ta, ka, tb, kb = a // 3, a % 3, b // 3, b % 3
    begin = [6 * ta + ka, 6 * ta + (ka + 1) % 3, 6 * ta + 3 + ka]
    other = [6 * tb + (kb + 1) % 3, 6 * tb + kb, 6 * tb + 3 + kb]
    i, j = np.concatenate(begin), np.concatenate(other)
    _, label = connected_components(coo_array((np.ones(len(i)), (i, j)), shape=(6 * t, 6 * t)), directed=False)
    cells = label.reshape(t, 6).astype(np.int64)
    corner, middle = x[triangles], x[side].mean(axis=2)
    points = np.zeros((cells.max() + 1, 2))
    points[cells[:, :3]], points[cells[:, 3:]] = corner, middle
    left, right = one[cut], two[cut]
    faces = [np.column_stack([
        cells[s // 3, s % 3], cells[s // 3, (s % 3 + 1) % 3], cells[s // 3, 3 + s % 3]
    ]) for s in (left, right)]  # fmt: skip
    faces[1] = faces[1][:, [1, 0, 2]]
    alone = np.setdiff1d(np.arange(3 * t), np.concatenate([one, two]))
    rim = np.column_stack([
        cells[alone // 3, alone % 3], cells[alone // 3, (alone % 3 + 1) % 3], cells[alone // 3, 3 + alone % 3]
    ])  # fmt: skip
    ends = side.reshape(-1, 2)[left]
    where = {}
    for vertex, at in tips.items():
        k = np.flatnonzero((ends == at).any(axis=1))
        if len(k) == 1:  # a tip that still shares its vertex with another is no free end
            where[vertex] = int(k[0]), bool(ends[k[0], 1] == at)
    mesh = SlitMesh(points, cells, faces[0], faces[1], rim, where)
    return _quarter_points(mesh)


def _quarter_points(mesh: SlitMesh) -> SlitMesh:
    """Middles of sides at a tip, moved to a quarter of the side (Barsoum 1976; Henshell & Shaw 1975)."""
    points = mesh.points
    for k, ends in mesh.tips.values():
        tip = mesh.left[k, 1 if ends else 0]
        for c, corner in zip(*np.nonzero(mesh.cells[:, :3] == tip)):
            for middle, far in ((3 + corner, (corner + 1) % 3), (3 + (corner + 2) % 3, (corner + 2) % 3)):
                points[mesh.cells[c, middle]] = 0.75 * points[tip] + 0.25 * points[mesh.cells[c, far]]
    return mesh
