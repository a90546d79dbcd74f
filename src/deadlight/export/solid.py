"""The uncracked body as a closed surface of small flat triangles: patches, feature edges, inside or outside."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from deadlight.errors import MeshError
from deadlight.mesh.elements import ELEMENTS
from deadlight.mesh.mesh import CellBlock, Mesh

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

FEATURE = 20.0
"""Angle between neighbouring triangles [degree] from which their common edge is kept as an edge of the body."""


@dataclass(frozen=True, eq=False)
class Solid:
    """Closed surface of a body.

    Attributes
    ----------
    points : (n, 3) float [m]
    triangles : (m, 3) int64
        Right-hand normal outward; every edge belongs to two triangles.
    patch : (m,) int64
        Smooth piece of the surface that a triangle belongs to.
    """

    points: Array
    triangles: Index
    patch: Index

    @classmethod
    def build(cls, points: Array, triangles: Index, *, feature: float = FEATURE) -> Solid:
        """Merges equal points and finds the patches; MeshError where the surface is not closed."""
        size = float(np.ptp(points, axis=0).max())
        _, first, same = np.unique(
            np.round(points / (1e-9 * size)).astype(np.int64), axis=0, return_index=True, return_inverse=True
        )
        corners = points[first]
        cells = same.reshape(-1)[triangles]
        area = np.linalg.norm(_cross(corners, cells), axis=1)
        cells = cells[area > 1e-18 * size**2]
        _, _, one, two = _pairs(cells)
        normal = _cross(corners, cells)
        normal /= np.linalg.norm(normal, axis=1, keepdims=True)
        flat = (normal[one] * normal[two]).sum(axis=1) > np.cos(np.radians(feature))
        graph = coo_matrix((np.ones(flat.sum()), (one[flat], two[flat])), shape=(len(cells), len(cells)))
        _, patch = connected_components(graph, directed=False)
        return cls(corners, cells, patch.astype(np.int64))

    @classmethod
    def from_mesh(cls, mesh: Mesh, region: str | None = None, *, feature: float = FEATURE, split: int = 2) -> Solid:
        """Surface of a region of a finite-element mesh; sides of quadratic cells are cut into `split` straight ones."""
        from deadlight.mesh.mesh import boundary_faces

        blocks = boundary_faces(mesh.blocks if region is None else mesh.region_blocks(region))
        points, cells_, start = [], [], 0
        for block in blocks:
            x, cells = triangles(mesh.points, block, split)
            points.append(x)
            cells_.append(cells + start)
            start += len(x)
        return cls.build(np.concatenate(points), np.concatenate(cells_), feature=feature)

    @functools.cached_property
    def normal(self) -> Array:
        """Unit outward normals of the triangles. (m, 3)."""
        cross = _cross(self.points, self.triangles)
        return np.asarray(cross / np.linalg.norm(cross, axis=1, keepdims=True))

    @property
    def volume(self) -> float:
        """[m3]."""
        a, b, c = (self.points[self.triangles[:, i]] for i in range(3))
        return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)

    @functools.cached_property
    def convex(self) -> bool:
        """Whether no point lies above the plane of any triangle."""
        size = float(np.ptp(self.points, axis=0).max())
        level = np.einsum("ij,ij->i", self.normal, self.points[self.triangles[:, 0]])
        step = max(1, 4_000_000 // len(self.points))
        return all(
            float((self.normal[i : i + step] @ self.points.T - level[i : i + step, None]).max()) < 1e-6 * size
            for i in range(0, len(level), step)
        )

    @functools.cached_property
    def feature_edges(self) -> tuple[Index, Index]:
        """Edges between patches (k, 2) and the two patches beside each (k, 2), smaller number first."""
        a, b, one, two = _pairs(self.triangles)
        sharp = self.patch[one] != self.patch[two]
        beside = np.sort(np.stack([self.patch[one], self.patch[two]], axis=1)[sharp], axis=1)
        return np.stack([a, b], axis=1)[sharp], beside

    def feature_lines(self) -> list[tuple[Array, tuple[int, int]]]:
        """Feature edges joined into lines (k, 3) between corners, with their patches; closed: first = last."""
        edges, beside = self.feature_edges
        ends: dict[int, list[int]] = {}
        for number, (p, q) in enumerate(edges.tolist()):
            ends.setdefault(p, []).append(number)
            ends.setdefault(q, []).append(number)
        corner = {n for n, e in ends.items() if len(e) != 2 or not np.array_equal(beside[e[0]], beside[e[1]])}
        left = set(range(len(edges)))
        lines = []
        for start in [*sorted(corner), *sorted(ends)]:
            for edge in ends[start]:
                if edge in left:
                    path = self._walk(start, edge, edges, ends, corner, left)
                    lines.append((self.points[path], (int(beside[edge][0]), int(beside[edge][1]))))
        return lines

    @staticmethod
    def _walk(
        start: int, edge: int, edges: Index, ends: dict[int, list[int]], corner: set[int], left: set[int]
    ) -> list[int]:
        path, here = [start], start
        while edge in left:
            left.discard(edge)
            p, q = edges[edge].tolist()
            here = q if p == here else p
            path.append(here)
            if here in corner or here == start:
                break
            edge = next((e for e in ends[here] if e in left), -1)
        return path

    def section(self, origin: Array, normal: Array) -> tuple[Array, Index]:
        """Segments (k, 2, 3) in which a plane cuts the triangles, and their patches (k,)."""
        height = (self.points - origin) @ normal
        height = np.where(np.abs(height) < 1e-12 * np.abs(height).max(), 0.0, height)
        side = height[self.triangles] >= 0.0  # a point of the plane counts as above: every cut edge is cut once
        cut = np.flatnonzero(side.any(axis=1) & ~side.all(axis=1))
        cells, above = self.triangles[cut], side[cut]
        lone = np.where(above.sum(axis=1) == 1, np.argmax(above, axis=1), np.argmax(~above, axis=1))
        row = np.arange(len(cut))
        apex, q, r = (cells[row, (lone + i) % 3] for i in range(3))
        ends = []
        for other in (q, r):
            # from the smaller node number to the larger, so that both triangles find the same point to the last bit
            first, second = np.minimum(apex, other), np.maximum(apex, other)
            share = height[first] / (height[first] - height[second])
            ends.append(self.points[first] + share[:, None] * (self.points[second] - self.points[first]))
        segments = np.stack(ends, axis=1)
        long = np.linalg.norm(segments[:, 1] - segments[:, 0], axis=1) > 0.0
        return segments[long], self.patch[cut][long]


@dataclass(frozen=True, eq=False)
class Projector:
    """Nearest points on some triangles of a solid that were cut small."""

    corners: Array
    normal: Array
    tree: cKDTree

    @classmethod
    def build(cls, corners: Array) -> Projector:
        """corners (m, 3, 3) of the triangles."""
        normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-300)
        return cls(corners, normal, cKDTree(corners.mean(axis=1)))

    def nearest(self, x: Array, candidates: int = 8) -> tuple[Array, Index]:
        """Nearest points (p, 3) and their triangles (p,), among the triangles with the nearest centres."""
        k = min(candidates, len(self.corners))
        _, near = self.tree.query(x, k=k)
        near = near.reshape(len(x), k)
        found = closest(self.corners[near.ravel()], np.repeat(x, k, axis=0)).reshape(len(x), k, 3)
        best = np.argmin(((found - x[:, None]) ** 2).sum(axis=2), axis=1)
        row = np.arange(len(x))
        return found[row, best], near[row, best]


def closest(corners: Array, x: Array) -> Array:
    """Nearest point (m, 3) of each triangle (m, 3, 3) to its own point (m, 3).

    Plane point where it is inside, else the nearest of the three sides.
    """
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    normal = np.cross(b - a, c - a)
    square = np.maximum((normal**2).sum(axis=1), 1e-300)
    foot = x - normal * (((x - a) * normal).sum(axis=1) / square)[:, None]
    inside = np.ones(len(x), dtype=bool)
    best = np.full(len(x), np.inf)
    result = foot.copy()
    sides = []
    for p, q in ((a, b), (b, c), (c, a)):
        inside &= (np.cross(q - p, foot - p) * normal).sum(axis=1) >= 0.0
        along = q - p
        t = ((x - p) * along).sum(axis=1) / np.maximum((along**2).sum(axis=1), 1e-300)
        sides.append(p + np.clip(t, 0.0, 1.0)[:, None] * along)
    for side in sides:
        far = ((side - x) ** 2).sum(axis=1)
        better = ~inside & (far < best)
        result[better], best[better] = side[better], far[better]
    return result


def refined(corners: Array, size: Any, *, most: int = 400_000) -> Array:
    """Triangles (m, 3, 3) halved at their longest side until no side is longer than size(x (p, 3)) -> (p,)."""
    done = []
    work = corners
    while len(work):
        sides = work[:, [1, 2, 0]] - work
        length = np.linalg.norm(sides, axis=2)
        long = length.max(axis=1) > size(work.mean(axis=1))
        done.append(work[~long])
        work, length = work[long], length[long]
        if sum(map(len, done)) + 2 * len(work) > most:
            raise MeshError(
                f"more than {most} triangles are needed to follow the surface at the size asked for",
                place="cracked mesh", remedy="a coarser size at the front, or a smaller block round the crack",
            )  # fmt: skip
        first = np.argmax(length, axis=1)
        row = np.arange(len(work))
        p, q, r = (work[row, (first + i) % 3] for i in range(3))
        middle = 0.5 * (p + q)
        work = np.concatenate([np.stack([p, middle, r], axis=1), np.stack([middle, q, r], axis=1)])
    return np.concatenate(done)


def block(low: Sequence[float], high: Sequence[float]) -> Solid:
    """A box."""
    low_, high_ = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    unit = np.array([[i >> 0 & 1, i >> 1 & 1, i >> 2 & 1] for i in range(8)], dtype=float)
    quads = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)]
    triangles = [t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))]
    return Solid.build(low_ + unit * (high_ - low_), np.array(triangles))


def prism(outline: Array, low: float, high: float) -> Solid:
    """Convex polygon (k, 2) in the (x, z) plane, counter-clockwise seen from -y, carried from y = low to high."""
    k = len(outline)
    ring = [np.stack([outline[:, 0], np.full(k, y), outline[:, 1]], axis=1) for y in (low, high)]
    fan = [(0, i, i + 1) for i in range(1, k - 1)]
    caps = [*fan, *((k + a, k + c, k + b) for a, b, c in fan)]
    sides = [t for i in range(k) for t in ((i, k + i, (i + 1) % k), ((i + 1) % k, k + i, k + (i + 1) % k))]
    solid = Solid.build(np.concatenate(ring), np.array(caps + sides))
    return solid if solid.volume > 0 else Solid.build(solid.points, solid.triangles[:, ::-1])


def revolved(profile: Array, *, around: int = 360) -> Solid:
    """Profile (k, 2) of (radius, z), from the axis below to the axis above along the outside, turned about z."""
    angle = 2.0 * np.pi * np.arange(around) / around
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    inner = profile[1:-1]
    points = [np.array([[0.0, 0.0, profile[0, 1]], [0.0, 0.0, profile[-1, 1]]])]
    points += [np.column_stack([r * ring, np.full(around, z)]) for r, z in inner]
    i = np.arange(around)
    j = (i + 1) % around
    first, last = 2 + i, 2 + (len(inner) - 1) * around + i
    triangles = [
        np.stack([np.zeros_like(i), 2 + j, first], axis=1),
        np.stack([np.ones_like(i), last, last[j]], axis=1),
    ]
    for k in range(len(inner) - 1):
        a, b = 2 + k * around + i, 2 + k * around + j
        c, d = a + around, b + around
        triangles += [np.stack([a, b, d], axis=1), np.stack([a, d, c], axis=1)]
    return Solid.build(np.concatenate(points), np.concatenate(triangles))


def _cross(points: Array, cells: Index) -> Array:
    a, b, c = (points[cells[:, i]] for i in range(3))
    return np.cross(b - a, c - a)


def _pairs(cells: Index) -> tuple[Index, Index, Index, Index]:
    """Ends of every edge and the two triangles beside it."""
    half = np.concatenate([cells[:, [0, 1]], cells[:, [1, 2]], cells[:, [2, 0]]])
    owner = np.tile(np.arange(len(cells)), 3)
    low, high = half.min(axis=1), half.max(axis=1)
    order = np.lexsort((high, low))
    low, high, owner = low[order], high[order], owner[order]
    if len(low) % 2 or (low[0::2] != low[1::2]).any() or (high[0::2] != high[1::2]).any():
        raise MeshError(
            "the surface of the body is not closed: an edge does not belong to exactly two triangles",
            place="cracked mesh", remedy="check the mesh (`deadlight check`): its parts must share their nodes",
        )  # fmt: skip
    return low[0::2], high[0::2], owner[0::2], owner[1::2]


def triangles(points: Array, block_: CellBlock, split: int) -> tuple[Array, Index]:
    """Each 2D cell as a lattice of flat triangles: points (p, 3) [m] and (m, 3), cell by cell."""
    element = ELEMENTS[block_.kind]
    split = split if element.quadratic else 1
    if element.family == "tri":
        grid = [(i, j) for j in range(split + 1) for i in range(split + 1 - j)]
        number = {ij: n for n, ij in enumerate(grid)}
        xi = np.array(grid, dtype=float) / split
        cells = [(number[i, j], number[i + 1, j], number[i, j + 1]) for i, j in grid if i + j < split]
        cells += [(number[i + 1, j], number[i + 1, j + 1], number[i, j + 1]) for i, j in grid if i + j < split - 1]
    else:
        xi = np.array([(i, j) for j in range(split + 1) for i in range(split + 1)], dtype=float) / split * 2 - 1
        at = lambda i, j: j * (split + 1) + i  # noqa: E731
        square = [(i, j) for i in range(split) for j in range(split)]
        cells = [(at(i, j), at(i + 1, j), at(i + 1, j + 1)) for i, j in square]
        cells += [(at(i, j), at(i + 1, j + 1), at(i, j + 1)) for i, j in square]
    x = np.einsum("qn,cni->cqi", element.shape(xi), points[block_.nodes])
    start = np.arange(len(block_.nodes))[:, None, None] * len(xi)
    return x.reshape(-1, 3), (np.array(cells)[None] + start).reshape(-1, 3)
