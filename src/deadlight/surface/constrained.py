"""Delaunay triangulation in the plane in which stated edges are forced by flips."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay, QhullError

from deadlight.errors import NotSolved
from deadlight.surface.mesh import Array, Index

Flags = np.ndarray[Any, np.dtype[np.bool_]]


def turn(a: Array, b: Array, c: Array) -> Array:
    """Twice the signed area of the triangles a, b, c, each (..., 2)."""
    ab, ac = b - a, c - a
    return np.asarray(ab[..., 0] * ac[..., 1] - ab[..., 1] * ac[..., 0])


def edge_keys(edges: Index, n: int) -> Index:
    """One number for each undirected edge (m, 2) between n nodes."""
    return np.asarray(edges.min(axis=-1) * n + edges.max(axis=-1))


def sides(triangles: Index) -> Index:
    """The three directed sides of every triangle, side k from corner k: (3 t, 2), all first sides first."""
    return np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])


def constrained_delaunay(points: Array, segments: Index) -> Index:
    """Triangles (t, 3), counter-clockwise, of the points' surroundings, with every segment as an edge.

    A ring of helper points far outside keeps every given point off the convex hull, where collinear points would
    make slivers; triangles that touch a helper point are left out, so what lies outside the domain may be ragged.

    Parameters
    ----------
    points : (n, 2) float
    segments : (s, 2) int
        Must not cross, and no other point may lie on one.

    Raises
    ------
    NotSolved
        If Qhull leaves a point out, or a segment cannot be forced.
    """
    n = len(points)
    middle = 0.5 * (points.min(axis=0) + points.max(axis=0))
    angle = 2.0 * np.pi * (np.arange(12) + 0.37) / 12.0
    reach = 1.7 * np.linalg.norm(points - middle, axis=1).max()
    helper = middle + reach * np.column_stack([np.cos(angle), np.sin(angle)])
    every = np.concatenate([points, helper])
    try:
        found = Delaunay(every)
    except QhullError as e:
        raise NotSolved(f"Qhull found no triangulation of {n} points: {str(e).splitlines()[0]}") from e
    if len(found.coplanar):
        raise NotSolved(f"{len(found.coplanar)} of {n} points coincide with others for Qhull")
    triangles = found.simplices.astype(np.int64)
    flip = turn(*(every[triangles[:, k]] for k in range(3))) < 0.0
    triangles[flip] = triangles[flip][:, [0, 2, 1]]
    missing = segments[~np.isin(edge_keys(segments, n), edge_keys(sides(triangles[(triangles < n).all(axis=1)]), n))]
    if len(missing):
        triangles = _Flips(every, triangles, segments).force(missing)
    return triangles[(triangles < n).all(axis=1)]


class _Flips:
    """Edge flips in a triangulation (Sloan 1993, "A fast algorithm for generating constrained Delaunay
    triangulations", Comput. Struct. 47, 441-450).  Scalar code: only few segments are ever missing."""

    def __init__(self, points: Array, triangles: Index, segments: Index) -> None:
        self.xy: list[list[float]] = points.tolist()
        self.tri: list[list[int]] = triangles.tolist()
        self.owner: dict[tuple[int, int], int] = {}
        self.around: dict[int, int] = {}  # a triangle at every corner
        for t in range(len(self.tri)):
            self._enter(t)
        self.fixed = {(min(a, b), max(a, b)) for a, b in segments.tolist()}

    def _enter(self, t: int) -> None:
        a, b, c = self.tri[t]
        self.owner[a, b] = self.owner[b, c] = self.owner[c, a] = t
        self.around[a] = self.around[b] = self.around[c] = t

    def _turn(self, a: int, b: int, c: int) -> float:
        (ax, ay), (bx, by), (cx, cy) = self.xy[a], self.xy[b], self.xy[c]
        return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)

    def _apex(self, a: int, b: int) -> int:
        """Third corner of the triangle on the left of a -> b."""
        t = self.tri[self.owner[a, b]]
        return t[(t.index(b) + 1) % 3]

    def _flip(self, a: int, b: int) -> tuple[int, int]:
        """Swap edge a-b for the other diagonal of its two triangles, and return that one."""
        c, d = self._apex(a, b), self._apex(b, a)
        t, u = self.owner.pop((a, b)), self.owner.pop((b, a))
        self.tri[t], self.tri[u] = [c, d, b], [d, c, a]
        self._enter(t)
        self._enter(u)
        return c, d

    def _crossed(self, a: int, b: int) -> list[tuple[int, int]]:
        """Edges between a and b, from the triangle at a on, each with its right-hand end first as seen from a."""
        t = self.around[a]
        for _ in range(len(self.tri)):
            k = self.tri[t].index(a)
            p, q = self.tri[t][(k + 1) % 3], self.tri[t][(k + 2) % 3]
            if self._turn(a, b, p) < 0.0 < self._turn(a, b, q) and self._turn(p, q, a) * self._turn(p, q, b) < 0.0:
                break
            t = self.owner[a, q]  # the next one counter-clockwise round a: helper points keep a inside
        else:
            raise NotSolved(f"segment {a}-{b} leaves its first point along an edge: another point lies on it")
        found = [(p, q)]
        while True:
            apex = self._apex(q, p)
            if apex == b:
                return found
            side = self._turn(a, b, apex)
            if side == 0.0:
                raise NotSolved(f"point {apex} lies on segment {a}-{b}")
            p, q = (apex, q) if side < 0.0 else (p, apex)
            found.append((p, q))

    def force(self, missing: Index) -> Index:
        """Force all missing segments and return the triangles."""
        for a, b in missing.tolist():
            if (a, b) not in self.owner and (b, a) not in self.owner:
                self._restore(self._force(a, b))
        return np.array(self.tri, dtype=np.int64)

    def _force(self, a: int, b: int) -> list[tuple[int, int]]:
        queue, made = self._crossed(a, b), []
        budget = 20 * len(queue) ** 2 + 200
        while queue:
            budget -= 1
            if budget < 0:
                raise NotSolved(f"segment {a}-{b} could not be forced by flips")
            p, q = queue.pop(0)
            if (min(p, q), max(p, q)) in self.fixed:
                raise NotSolved(f"segments {a}-{b} and {p}-{q} cross")
            c, d = self._apex(p, q), self._apex(q, p)
            if self._turn(c, d, q) <= 0.0 or self._turn(d, c, p) <= 0.0:  # not a strictly convex quadrilateral
                queue.append((p, q))
                continue
            self._flip(p, q)
            ends = {c, d}
            if ends != {a, b} and not ends & {a, b} and self._turn(a, b, c) * self._turn(a, b, d) < 0.0:
                queue.append((c, d))
            else:
                made.append((c, d))
        return made

    def _restore(self, edges: list[tuple[int, int]]) -> None:
        """Flip the edges made on the way until they are locally Delaunay, segments apart."""
        for _ in range(10):
            changed = []
            for a, b in edges:
                if (a, b) not in self.owner or (min(a, b), max(a, b)) in self.fixed:
                    continue
                c, d = self._apex(a, b), self._apex(b, a)
                convex = self._turn(c, d, b) > 0.0 and self._turn(d, c, a) > 0.0
                if convex and self._angle(c, a, b) + self._angle(d, a, b) > np.pi + 1e-9:
                    changed.append(self._flip(a, b))
                else:
                    changed.append((a, b))
            if changed == edges:
                return
            edges = changed

    def _angle(self, c: int, a: int, b: int) -> float:
        """Angle at c between a and b."""
        (cx, cy), (ax, ay), (bx, by) = self.xy[c], self.xy[a], self.xy[b]
        ux, uy, vx, vy = ax - cx, ay - cy, bx - cx, by - cy
        return float(np.arctan2(abs(ux * vy - uy * vx), ux * vx + uy * vy))


def inside_loops(points: Array, triangles: Index, segments: Index) -> Flags:
    """Which triangles lie inside the closed loops that the segments make up, by parity.

    Whole regions between loops are told apart by neighbourhood, so rounding cannot misplace a thin triangle.
    """
    t, n = len(triangles), len(points)
    keys = edge_keys(sides(triangles), n)
    order = np.argsort(keys, kind="stable")
    same = keys[order[:-1]] == keys[order[1:]]
    a, b, key = order[:-1][same] % t, order[1:][same] % t, keys[order[:-1][same]]
    free = ~np.isin(key, edge_keys(segments, n))
    graph = coo_array((np.ones(int(free.sum())), (a[free], b[free])), shape=(t, t))
    count, region = connected_components(graph, directed=False)
    area = turn(*(points[triangles[:, k]] for k in range(3)))
    by_area = np.lexsort((-area, region))
    largest = by_area[np.searchsorted(region[by_area], np.arange(count))]
    centre = points[triangles[largest]].mean(axis=1)
    return inside_parity(centre, points[segments[:, 0]], points[segments[:, 1]])[region]


def inside_parity(x: Array, a: Array, b: Array) -> Flags:
    """Which points (m, 2) have an odd number of the segments a-b (s, 2) on their right."""
    up = (a[None, :, 1] > x[:, None, 1]) != (b[None, :, 1] > x[:, None, 1])
    rise = np.where(b[:, 1] == a[:, 1], 1.0, b[:, 1] - a[:, 1])
    at = a[:, 0] + (x[:, None, 1] - a[:, 1]) * ((b - a)[:, 0] / rise)
    return np.asarray((up & (x[:, None, 0] < at)).sum(axis=1) % 2 == 1)
