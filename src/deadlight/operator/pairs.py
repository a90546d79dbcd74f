"""Which pairs of elements there are, how close they are, and under which rule each is integrated."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import scipy.sparse
from scipy.sparse.csgraph import reverse_cuthill_mckee

from deadlight import _pairing
from deadlight.errors import NotSolved
from deadlight.operator.quadrature import Orders
from deadlight.surface.mesh import T6, TIP, SurfaceMesh

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

WHOLE = np.array([0.0, 0.0, 1.0, 0.0, 0.0, 1.0])  # (s, t) of the reference triangle's corners, flat
HALVES = np.array([[0.0, 0, 1, 0, 1, 1], [0.0, 0, 1, 1, 0, 1]])  # of the two triangles of a square
HALF_CORNERS = np.array([[0, 1, 2], [0, 2, 3]])
STRAIGHT = 1e-10  # a side's middle node farther off than this share of the side makes it curved
BENT = 0.05  # a middle node off by more (a quarter-point side) makes the curls of higher degree
SLENDER = 6.0  # longest side over height beyond which a straight triangle is integrated like a curved one
# Likewise the finer rules of long elements, as the rim of a wide, thin pane has them: its bending stiffness is a small
# difference of large integrals.  Sides of 12 thicknesses: lowest bending mode 43 % too soft without, 2 % with them; of
# 16 thicknesses: not even positive definite without, about 5 % (extrapolated over the orders) with them.
LONG = (4.0, 8.0, 12.0, 18.0)
MOST_SPLITS = 7
RUN = 128  # pairs of one element that a thread takes at once


@dataclass(frozen=True)
class Fineness:
    """How finely pairs are integrated.

    Attributes
    ----------
    limits : tuple of float
        Distance over element size below which the next finer rule is taken; below the last one the element is split.
    plain : (4,) int
        Orders for touching pairs of straight triangles of good shape.
    curved : (4,) int
        For touching pairs with a curved, slender or quarter-point element.
    ring : (4,) int
        For touching pairs of which one belongs to the ring at a front.
    """

    limits: tuple[float, float, float] = (2.497, 0.9973, 0.4487)  # no ratio that a regular mesh has exactly
    plain: Orders = (5, 4, 4, 5)
    curved: Orders = (6, 5, 5, 6)
    ring: Orders = (6, 5, 5, 6)

    def long(self, step: int) -> Orders:
        """Orders for touching pairs with a long element: two more points a direction for every step of `LONG`."""
        first, *rest = (n + 2 * step for n in self.curved)
        return first, rest[0], rest[1], rest[2]


@dataclass(frozen=True, eq=False)
class Elements:
    """What the pairing needs to know of every element.

    Attributes
    ----------
    mesh : SurfaceMesh
    n_nodes : (e,) int64
        6 or 9.
    straight : (e,) bool
        Triangles whose sides are straight with the middle nodes in the middle.
    aspect : (e,) float
        Longest side of a triangle over the height on it; 1 for squares.
    least : (e,) int64
        Coarsest level of a triangle rule that integrates the element's own functions.
    centre, radius, size : (e, 3), (e,), (e,) float [m]
        A sphere that holds the nodes; the longest side.
    """

    mesh: SurfaceMesh
    n_nodes: Index
    straight: Mask
    aspect: Array
    least: Index
    centre: Array
    radius: Array
    size: Array

    @property
    def slender(self) -> Mask:
        """Longest side over height beyond 6. (e,)."""
        return np.asarray(self.aspect > SLENDER)

    @classmethod
    def of(cls, mesh: SurfaceMesh) -> Elements:
        cells, kind = mesh.cells, mesh.kind
        n_nodes = np.where(kind == T6, 6, 9)
        safe = np.where(cells >= 0, cells, cells[:, :1])
        x = mesh.points[safe]
        centre = x[:, :3].mean(axis=1)
        centre[kind != T6] = x[kind != T6, :4].mean(axis=1)
        radius = np.linalg.norm(x - centre[:, None], axis=2).max(axis=1)
        corners = np.where((kind == T6)[:, None], [[0, 1, 2, 0]], [[0, 1, 2, 3]])
        corner = np.take_along_axis(x, corners[:, :, None], axis=1)
        side = np.linalg.norm(np.roll(corner, -1, axis=1) - corner, axis=2)
        size = side.max(axis=1)
        middle = 0.5 * (x[:, [0, 1, 2]] + x[:, [1, 2, 0]])
        off = np.linalg.norm(x[:, 3:6] - middle, axis=2).max(axis=1)
        area = 0.5 * np.linalg.norm(np.cross(x[:, 1] - x[:, 0], x[:, 2] - x[:, 0]), axis=1)
        straight = (kind == T6) & (off < STRAIGHT * size)
        aspect = np.where(kind == T6, size**2 / np.maximum(2.0 * area, 1e-30 * size**2), 1.0)
        bent = (kind == T6) & (off > BENT * size)
        least = np.where(kind >= TIP, 2, np.where((kind != T6) | bent, 1, 0))
        return cls(mesh, n_nodes, straight, aspect, least, centre, radius, size)


def neighbours_first(mesh: SurfaceMesh) -> Index:
    """Elements in an order that keeps neighbours close, breadth first (Cuthill & McKee 1969). (e,).

    It knows the mesh's connections only, so that a body that is turned gives the same sums in the same order.
    """
    at = _corner_places(mesh)
    return np.asarray(reverse_cuthill_mckee((at @ at.T).tocsr(), symmetric_mode=True), dtype=np.int64)


def sorted_elements(mesh: SurfaceMesh) -> SurfaceMesh:
    """The mesh with neighbouring elements close in number."""
    order = neighbours_first(mesh)
    return replace(mesh, cells=mesh.cells[order], kind=mesh.kind[order], surface=mesh.surface[order])


def _corner_places(mesh: SurfaceMesh) -> scipy.sparse.csr_matrix:
    """Which places of corners an element has. (e, places) sparse."""
    kind = mesh.kind
    corner = np.where((kind == T6)[:, None], mesh.place[mesh.cells[:, [0, 1, 2, 0]]], mesh.place[mesh.cells[:, :4]])
    e = np.repeat(np.arange(len(kind)), 4)
    return scipy.sparse.csr_matrix((np.ones(len(e)), (e, corner.ravel())), shape=(len(kind), int(mesh.place.max()) + 1))


def touching_pairs(mesh: SurfaceMesh) -> tuple[Index, Index]:
    """Pairs e <= f of elements that share a corner's place, the element with itself among them. (n,), (n,)."""
    at = _corner_places(mesh)
    both = scipy.sparse.triu(at @ at.T).tocoo()
    order = np.lexsort((both.col, both.row))
    return both.row[order].astype(np.int64), both.col[order].astype(np.int64)


@dataclass(frozen=True, eq=False)
class TouchingJobs:
    """Touching pairs of triangles (whole elements, or halves of a square), corners in common first.

    Attributes
    ----------
    e, f : (n,) int64
    common : (n,) int64
        Corners in common; 0: halves of touching squares that do not touch themselves.
    turn_e, turn_f : (n, 3) int64
        Order in which the rule sees the corners.
    half_e, half_f : (n,) int64
        Half of a square; 0 for a triangle.
    """

    e: Index
    f: Index
    common: Index
    turn_e: Index
    turn_f: Index
    half_e: Index
    half_f: Index


def touching_jobs(mesh: SurfaceMesh, e: Index, f: Index, *, both_ways: bool = False) -> TouchingJobs:
    """The pairs of triangles that touching pairs of elements consist of.

    Parameters
    ----------
    both_ways : bool
        The two halves of one square come as (first, second) and as (second, first); otherwise once.
    """
    halves = np.where(mesh.kind == T6, 1, 2)
    ee, ff, he, hf = [], [], [], []
    for i in (0, 1):
        for j in (0, 1):
            use = (halves[e] > i) & (halves[f] > j)
            if i > j and not both_ways:
                use &= e != f
            ee.append(e[use])
            ff.append(f[use])
            he.append(np.full(use.sum(), i))
            hf.append(np.full(use.sum(), j))
    e, f, half_e, half_f = (np.concatenate(a).astype(np.int64) for a in (ee, ff, he, hf))
    a = mesh.place[np.take_along_axis(mesh.cells[e], HALF_CORNERS[half_e], axis=1)]
    b = mesh.place[np.take_along_axis(mesh.cells[f], HALF_CORNERS[half_f], axis=1)]
    equal = a[:, :, None] == b[:, None, :]
    common = equal.any(axis=2).sum(axis=1)
    turn_e = np.argsort(~equal.any(axis=2), axis=1, kind="stable")
    ordered = np.take_along_axis(equal, turn_e[:, :, None], axis=1)  # [job, position in turn_e, corner of f]
    rank = np.where(ordered.any(axis=1), ordered.argmax(axis=1), 3 + np.arange(3))
    turn_f = np.argsort(rank, axis=1, kind="stable")
    folded = (common == 3) & ~((e == f) & (half_e == half_f))
    if folded.any():
        at = mesh.points[mesh.cells[e[folded][0], 0]] * 1e3
        raise NotSolved(f"two surface elements lie on each other near ({at[0]:.4g}, {at[1]:.4g}, {at[2]:.4g}) mm")
    return TouchingJobs(e, f, common, turn_e, turn_f, half_e, half_f)


def odd(turn: Index) -> Mask:
    """Which orders of three corners reverse the orientation. (n,) bool."""
    return np.asarray((turn[:, 1] - turn[:, 0]) % 3 == 2)


SIDE = np.array([[-1, 3, 5], [3, -1, 4], [5, 4, -1]])  # column of the middle node between two corners of a triangle


def turned_nodes(cells: Index, turn: Index) -> Index:
    """Nodes of six-node triangles in another order of the corners. (n, 6)."""
    sides = SIDE[turn, np.roll(turn, -1, axis=1)]
    return np.ascontiguousarray(np.take_along_axis(cells, np.concatenate([turn, sides], axis=1), axis=1))


def reference_corners(kind: Index, half: Index, turn: Index) -> Array:
    """(s, t) of the corners of a triangle or of half a square in another order. (n, 6)."""
    whole = np.where((kind == T6)[:, None], WHOLE, HALVES[half]).reshape(-1, 3, 2)
    return np.ascontiguousarray(np.take_along_axis(whole, turn[:, :, None], axis=1).reshape(-1, 6))


def distant_pairs(
    elements: Elements, fineness: Fineness, touch: tuple[Index, Index]
) -> tuple[Index, Index]:
    """Pairs that do not touch and the level of either element's rule. (n, 2), (n, 2) int64."""
    mesh = elements.mesh
    n = len(mesh.cells)
    first, second = touch
    begin = np.searchsorted(first, np.arange(n + 1)).astype(np.int64)
    limits = np.array(fineness.limits, dtype=float)
    args = (
        mesh.points, mesh.cells, elements.n_nodes, elements.centre, elements.radius, elements.size,
        begin, second, limits,
    )  # fmt: skip
    count = _pairing.levels(*args, np.empty((0, 2), np.int64), np.empty((0, 2), np.int8))
    pairs, level = np.empty((count, 2), np.int64), np.empty((count, 2), np.int8)
    _pairing.levels(*args, pairs, level)
    least = np.where(mesh.kind == T6, elements.least, 0)
    return pairs, np.maximum(level.astype(np.int64), least[pairs])


def runs(first: Index) -> Index:
    """Begins of the runs of equal entries, each at most RUN long, and the end. (runs + 1,)."""
    n = len(first)
    begin = np.concatenate([[0], np.flatnonzero(np.diff(first)) + 1])
    length = np.diff(begin, append=n)
    shares = -(-length // RUN)
    inside = np.arange(shares.sum()) - np.repeat(np.cumsum(shares) - shares, shares)
    return np.append(np.repeat(begin, shares) + RUN * inside, n).astype(np.int64)


@dataclass(frozen=True, eq=False)
class NearJobs:
    """Parts of close pairs that do not touch: a triangle within either element, and its share of the area."""

    e: Index
    f: Index
    corner_e: Array
    corner_f: Array
    scale: Array
    level: Index

    def at(self, chosen: Mask) -> NearJobs:
        """Some of them."""
        return NearJobs(*(np.ascontiguousarray(getattr(self, f.name)[chosen]) for f in fields(self)))


def near_jobs(elements: Elements, pairs: Index, limits: tuple[float, ...]) -> NearJobs:
    """Splits close elements until every part is far enough from its partner for the finest rule.

    Raises
    ------
    NotSolved
        Two surfaces come closer than the splitting can follow; the message says where.
    """
    mesh = elements.mesh
    how = np.where(elements.straight, 0, np.where(mesh.kind == T6, 1, 2)).astype(np.int8)
    found = _pairing.close_parts(
        np.ascontiguousarray(mesh.points), np.ascontiguousarray(mesh.cells), how, elements.least.astype(np.int8),
        np.ascontiguousarray(pairs), np.array(limits), 2 * MOST_SPLITS,
    )  # fmt: skip
    if isinstance(found, int):
        raise _too_close(mesh, pairs[found, 0])
    pair, level, part_e, part_f, scale = found
    return NearJobs(pairs[pair, 0], pairs[pair, 1], part_e, part_f, scale, level)


def _too_close(mesh: SurfaceMesh, e: int) -> NotSolved:
    at = mesh.points[mesh.cells[e, 0]] * 1e3
    return NotSolved(
        f"two surfaces come closer than {2.0**-MOST_SPLITS:.2g} of an element without touching, near "
        f"({at[0]:.4g}, {at[1]:.4g}, {at[2]:.4g}) mm: refine there, or let them touch"
    )


def in_ring(mesh: SurfaceMesh) -> Mask:
    """Which elements are in the ring at a front. (e,) bool."""
    return np.asarray(mesh.kind >= TIP)
