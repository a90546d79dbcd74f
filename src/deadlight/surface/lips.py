"""The skin cut along the mouths: one node for each lip, and which lip is which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from deadlight.errors import NotSolved
from deadlight.surface.skin_mesh import side_keys, sides_of

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, eq=False)
class Lips:
    """Cells after the cut.

    Attributes
    ----------
    cells : (e, 6) int64
    origin : (n,) int64
        For every node after the cut the node before it; the first ones keep their number.
    left, right : (k, 3) int64
        For every cut side a -> b its first corner, middle and second corner in the triangle on its left (seen from
        outside) and on its right.
    """

    cells: Index
    origin: Index
    left: Index
    right: Index


def cut(cells: Index, count: int, along: Index) -> Lips:
    """Cut six-node triangles along sides.

    Parameters
    ----------
    cells : (e, 6) int64
    count : int
        Number of nodes.
    along : (k, 2) int64
        Corner nodes of the sides, all of them sides of two triangles.

    Raises
    ------
    NotSolved
        A side that is not there, or not between two triangles.
    """
    if not len(along):
        none = np.zeros((0, 3), dtype=np.int64)
        return Lips(cells, np.arange(count), none, none)
    sides = sides_of(cells)
    keys = side_keys(sides)
    wanted = side_keys(along)
    is_cut = np.isin(keys, wanted)
    new = cells.copy()
    origin = [np.arange(count)]
    total = count
    # corners: what hangs together round a node without passing a cut stays one node
    touched = np.unique(along)
    order = np.argsort(keys, kind="stable")
    twin = np.flatnonzero(keys[order[1:]] == keys[order[:-1]])
    s1, s2 = order[twin], order[twin + 1]
    free = ~is_cut[s1]
    s1, s2 = s1[free], s2[free]
    # corner use of side s at its first end is s itself, at its second end the next corner of the triangle
    after = np.arange(len(sides)).reshape(-1, 3)[:, [1, 2, 0]].ravel()
    graph = coo_array(
        (np.ones(2 * len(s1)), (np.concatenate([s1, after[s1]]), np.concatenate([after[s2], s2]))),
        shape=(len(sides), len(sides)),
    )
    part = connected_components(graph, directed=False)[1]
    use = np.flatnonzero(np.isin(sides[:, 0], touched))
    pairs = np.unique(np.column_stack([sides[use, 0], part[use]]), axis=0)
    again = np.concatenate([[False], pairs[1:, 0] == pairs[:-1, 0]])
    name = np.where(again, total + np.cumsum(again) - 1, pairs[:, 0])
    origin.append(pairs[again, 0])
    total += int(again.sum())
    code = pairs[:, 0] * len(sides) + pairs[:, 1]
    number = name[np.searchsorted(code, sides[use, 0] * len(sides) + part[use])]
    new[use // 3, use % 3] = number
    # middles of cut sides: the second triangle gets its own
    found = np.flatnonzero(is_cut)
    found = found[np.argsort(keys[found], kind="stable")]
    if len(found) != 2 * len(along) or len(np.unique(wanted)) != len(along):
        raise NotSolved(f"{len(along)} sides of mouths are not each between two triangles of the skin: {len(found)}")
    second = found[1::2]
    origin.append(cells[second // 3, 3 + second % 3])
    new[second // 3, 3 + second % 3] = total + np.arange(len(second))
    left, right = _lips(sides, keys, new, along, wanted, found)
    return Lips(new, np.concatenate(origin), left, right)


def _lips(
    sides: Index, keys: Index, new: Index, along: Index, wanted: Index, found: Index
) -> tuple[Index, Index]:
    """Nodes of every cut side in the triangles on its two hands."""
    pair = found.reshape(-1, 2)[np.searchsorted(keys[found[::2]], wanted)]  # the two triangles' sides
    same = sides[pair, 0] == along[:, :1]
    if not (same.sum(axis=1) == 1).all():
        raise NotSolved("triangles on both hands of a mouth turn the same way")
    hand = np.take_along_axis(pair, same.argmax(axis=1)[:, None], axis=1)[:, 0]
    other = np.take_along_axis(pair, same.argmin(axis=1)[:, None], axis=1)[:, 0]
    row, k = hand // 3, hand % 3
    left = np.column_stack([new[row, k], new[row, 3 + k], new[row, (k + 1) % 3]])
    row, k = other // 3, other % 3
    right = np.column_stack([new[row, (k + 1) % 3], new[row, 3 + k], new[row, k]])
    return left, right
