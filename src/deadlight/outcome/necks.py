"""Necks of glass that still hold parts of a pane which are nearly cut off."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial import cKDTree

from deadlight.outcome.cuts import Cuts
from deadlight.outcome.piece import Ligament

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

STOUT = 1.5  # a part counts when the distance from the cracks inside it is this many times that in the neck
_FINE = 0.35  # of a cell: spacing of the points that stand for the cracks
_OPPOSITE = -0.2  # cosine of the angle between the ways to two cracks on both sides of a neck


def necks(centres: Array, link: Index, piece: Index, cuts: Cuts, cell: float, widest: float) -> tuple[Ligament, ...]:
    """Necks between parts that the cracks, grown by half a neck all round, would separate.

    The distance d from the cracks makes a landscape over the cells: parts are its hills, necks the passes between them
    (merge tree of the super-level sets of d).  A pass at d is a neck d wide from a crack to the skin, or 2 d wide
    between cracks on both sides.  Of several necks between the same parts the widest is the pass: none of the others
    holds them longer.

    Parameters
    ----------
    centres : (c, 3) float [m]
    link : (l, 3) int64
        Cells that are joined, and the axis along which.
    piece : (c,) int64
    cell : float [m]
    widest : float [m]
        Wider necks are left out.
    """
    spots = _spots(cuts.corners[cuts.real], _FINE * cell)
    tree = cKDTree(spots, balanced_tree=False)  # a balanced one takes minutes where many points share a coordinate
    d, near = _distances(centres, spots, tree, cell, STOUT * (widest + cell))
    hill = _hills(d, link)
    top = np.zeros(int(hill.max()) + 1)
    np.maximum.at(top, hill, d)
    a, b = hill[link[:, 0]], hill[link[:, 1]]
    across = a != b
    over = np.minimum(d[link[across, 0]], d[link[across, 1]])
    a, b, at = a[across], b[across], np.flatnonzero(across)
    n = len(top)
    # hills behind wider passes than asked for are one
    wide = over > widest
    _, group = connected_components(
        scipy.sparse.coo_matrix((np.ones(int(wide.sum())), (a[wide], b[wide])), shape=(n, n)), directed=False
    )
    count = int(group.max()) + 1
    peak, size = np.zeros(count), np.bincount(group[hill], minlength=count).astype(float)
    np.maximum.at(peak, group, top)
    a, b = group[a], group[b]
    thin = (a != b) & ~wide
    a, b, over, at = a[thin], b[thin], over[thin], at[thin]
    passes = _passes(a, b, over, at, count)
    return _merged(passes, count, peak, size, group[hill], centres, link, piece, d, near, spots, tree, cell, widest)


def _spots(corners: Array, step: float) -> Array:
    """Points all over triangles, no further apart than a step: rows from the longest side to the corner opposite."""
    length = np.linalg.norm(np.roll(corners, -1, axis=1) - corners, axis=2)
    first = length.argmax(axis=1)
    row = np.arange(len(corners))
    a, b, c = (corners[row, (first + i) % 3] for i in range(3))
    base = length[row, first]
    tall = np.linalg.norm(np.cross(b - a, c - a), axis=1) / base
    n, m = (np.ceil(size / step).astype(np.int64).clip(1, 100_000) for size in (base, tall))
    count = (n + 1) * (m + 1)
    of = np.repeat(row, count)
    number = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    u = (number // (m[of] + 1) / n[of])[:, None]
    v = (number % (m[of] + 1) / m[of])[:, None]
    return np.asarray((1.0 - v) * (a[of] + u * (b - a)[of]) + v * c[of])


def _distances(centres: Array, spots: Array, tree: cKDTree, cell: float, far: float) -> tuple[Array, Index]:
    """Distance from the nearest spot and its number, of cells beyond `far` that and any number.

    A tree looks at all points that are about as near: of a leaning plane far away at thousands.  So one spot a cell
    does for all that is not near: beside the nearest by a diagonal at most, 3 cell^2/(2 d) further, 0.3 cells from five
    cells on.
    """
    _, some = np.unique(np.floor(spots / cell).astype(np.int64), axis=0, return_index=True)
    d, near = cKDTree(spots[some], balanced_tree=False).query(centres, distance_upper_bound=far)
    near = some[np.minimum(near, len(some) - 1)]
    d = np.minimum(d, far)
    close = np.flatnonzero(d < 5.0 * cell)
    d[close], near[close] = tree.query(centres[close])
    return d, near


def _hills(d: Array, link: Index) -> Index:
    """Hill of every cell: where steepest climbing ends."""
    n = len(d)
    order = np.lexsort((np.arange(n), d))
    rank = np.empty(n, dtype=np.int64)
    rank[order] = np.arange(n)
    best = rank.copy()
    np.maximum.at(best, link[:, 0], rank[link[:, 1]])
    np.maximum.at(best, link[:, 1], rank[link[:, 0]])
    up = order[best]
    while True:
        further = up[up]
        if np.array_equal(further, up):
            return np.asarray(np.unique(up, return_inverse=True)[1])
        up = further


def _passes(a: Index, b: Index, over: Array, at: Index, count: int) -> list[tuple[float, int, int, int]]:
    """The highest passes that join all groups, highest first: (height, group, group, link)."""
    if not len(a):
        return []
    low, high = np.minimum(a, b), np.maximum(a, b)
    order = np.lexsort((-over, high, low))
    low, high, over, at = low[order], high[order], over[order], at[order]
    first = np.concatenate([[True], (low[1:] != low[:-1]) | (high[1:] != high[:-1])])
    low, high, over, at = low[first], high[first], over[first], at[first]
    # a spanning tree of least weight, weights above zero and falling with the height
    weight = 2.0 * over.max() - over + 1e-12
    rows = scipy.sparse.coo_matrix((np.arange(1, len(low) + 1), (low, high)), shape=(count, count)).tocsr()
    tree = minimum_spanning_tree(scipy.sparse.coo_matrix((weight, (low, high)), shape=(count, count)).tocsr()).tocoo()
    which = np.asarray(rows[tree.row, tree.col]).ravel() - 1
    which = which[np.argsort(-over[which], kind="stable")]
    return [(float(over[k]), int(low[k]), int(high[k]), int(at[k])) for k in which]


def _merged(
    passes: list[tuple[float, int, int, int]], count: int, peak: Array, size: Array, group: Index, centres: Array,
    link: Index, piece: Index, d: Array, near: Index, spots: Array, tree: cKDTree, cell: float, widest: float,
) -> tuple[Ligament, ...]:  # fmt: skip
    """Parts joined pass by pass; a neck is a pass between two parts that are both stout beside it."""
    of = np.arange(count)
    found = []
    for height, a, b, at in passes:  # few: passes below the widest neck
        one, two = of[a], of[b]
        if min(peak[one], peak[two]) > STOUT * (height + 0.5 * cell):
            width, place = _width(height, link[at], centres, d, near, spots, tree, cell)
            if width <= widest:
                small = one if size[one] <= size[two] else two
                inside = of[group] == small
                other = of[group] == (two if small == one else one)
                found.append(Ligament(
                    width, _neck_area(inside, other, link, centres, cell), place, float(size[small] * cell**3),
                    centres[inside].mean(axis=0), int(piece[link[at, 0]]),
                ))  # fmt: skip
        of[of == two] = one
        peak[one], size[one] = max(peak[one], peak[two]), size[one] + size[two]
    return tuple(sorted(found, key=lambda f: f.width))


def _width(
    height: float, pair: Index, centres: Array, d: Array, near: Index, spots: Array, tree: cKDTree, cell: float
) -> tuple[float, Array]:
    """Width of a neck and its middle: to the crack on the other side if there is one, else to the skin."""
    lowest = pair[int(d[pair[1]] < d[pair[0]])]
    x = centres[lowest]
    first = spots[near[lowest]]
    around = spots[tree.query_ball_point(x, 1.2 * d[lowest] + cell)]
    to, way = first - x, around - x
    length = np.linalg.norm(way, axis=1)
    facing = way @ to < _OPPOSITE * np.linalg.norm(to) * length
    if facing.any():
        apart = np.linalg.norm(around[facing] - first, axis=1)
        second = around[facing][apart.argmin()]
        return float(apart.min()), 0.5 * (first + second)
    return height + 0.5 * cell, x  # the outermost middle is half a cell from the skin


def _neck_area(inside: Any, other: Any, link: Index, centres: Array, cell: float) -> float:
    """Area between two parts: of each neck the vector sum of the cells' sides, which no staircase lengthens."""
    ab = inside[link[:, 0]] & other[link[:, 1]]
    ba = other[link[:, 0]] & inside[link[:, 1]]
    every = np.flatnonzero(ab | ba)
    sign = np.where(ab[every], 1.0, -1.0)
    middle = 0.5 * (centres[link[every, 0]] + centres[link[every, 1]])
    pairs = cKDTree(middle, balanced_tree=False).query_pairs(2.0 * cell, output_type="ndarray")
    n = len(every)
    graph = scipy.sparse.coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    count, neck = connected_components(graph, directed=False)
    vector = np.zeros((count, 3))
    np.add.at(vector, (neck, link[every, 2]), sign * cell**2)
    return float(np.linalg.norm(vector, axis=1).sum())
