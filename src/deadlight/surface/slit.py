"""Mouths of cracks as slits in a skin, the element size round them, and the middles of the sides there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from deadlight.surface.body import Body
from deadlight.surface.skin_mesh import Chain, Skin, chart_middles, sides_of, straightened

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, eq=False)
class Slit:
    """Mouth of a crack on one face.

    Attributes
    ----------
    face : int
    nodes : (2 k + 1,) int64
        Crack nodes: corner, middle, corner ...
    tips : (bool, bool)
        Whether it begins and ends at a crack front (else it goes on over an edge of the body).
    """

    face: int
    nodes: Index
    tips: tuple[bool, bool]


@dataclass(frozen=True, eq=False)
class Start:
    """What the edges of a body keep of a background that was made for a simpler one.

    Attributes
    ----------
    chains : tuple of Chain
        One for every edge; new corners follow the background's.
    gone : (e,) bool
        Triangles of the background that do not fit.
    fresh : tuple of (k,) bool
        Sides of the chains that the background does not have.
    limit : tuple of float [m]
        Greatest size of sides on every edge.
    extra : (m, 3) float [m]
        The new corners.
    """

    chains: tuple[Chain, ...]
    gone: Flags
    fresh: tuple[Flags, ...]
    limit: tuple[float, ...]
    extra: Array

    @classmethod
    def plain(cls, back: Skin) -> Start:
        """The background of the very body."""
        return cls(
            back.chains,
            np.zeros(len(back.cells), dtype=bool),
            tuple(np.zeros(len(c.nodes) - 1, dtype=bool) for c in back.chains),
            (np.inf,) * len(back.chains),
            np.zeros((0, 3)),
        )


@dataclass(frozen=True, eq=False)
class SlitSkin:
    """Skin that follows the mouths, not yet cut along them.

    Attributes
    ----------
    skin : Skin
    node : dict of int -> int
        Skin node of every corner node of a mouth.
    kept, origin : (k,) int64
        Elements that are the background's, bit by bit, and their numbers there.
    rim : (m,) int64
        Nodes of the outer edge of a patch.
    """

    skin: Skin
    node: dict[int, int]
    kept: Index
    origin: Index
    rim: Index = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


def tips_of(slits: Sequence[Slit], node: dict[int, int]) -> Index:
    """Skin nodes at which mouths end at a front."""
    return np.array([node[int(s.nodes[e])] for s in slits for e, tip in zip((0, -1), s.tips) if tip], dtype=np.int64)


def tip_middles(
    body: Body, slits: Sequence[Slit], node: dict[int, int], points: Array, cells: Index, faces: Index
) -> tuple[Index, Array]:
    """Sides of triangles that begin at a tip, with their middles a quarter of the way from it."""
    tips = tips_of(slits, node)
    pairs, middles = [np.zeros((0, 2), dtype=np.int64)], [np.zeros((0, 3))]
    sides = sides_of(cells)
    on = np.repeat(faces, 3)
    for ends in (sides, sides[:, ::-1]):
        mine = np.isin(ends[:, 0], tips)
        for j in np.unique(on[mine]):
            pick = mine & (on == j)
            a, b = points[ends[pick, 0]], points[ends[pick, 1]]
            face = body.faces[j]
            pairs.append(ends[pick])
            middles.append(0.75 * a + 0.25 * b if face.flat else chart_middles(face.chart, a, b, 0.25))
    return np.concatenate(pairs), np.concatenate(middles)


def edge_tip_middles(
    body: Body, slits: Sequence[Slit], node: dict[int, int], points: Array, chains: list[Chain]
) -> tuple[Index, Array]:
    """Sides along edges of the body that begin at a tip."""
    tips = tips_of(slits, node)
    pairs, middles = [np.zeros((0, 2), dtype=np.int64)], [np.zeros((0, 3))]
    for curve, chain in zip(body.edges, chains):
        for i in np.flatnonzero(np.isin(chain.nodes, tips)):
            for k in (i - 1, i + 1):
                if 0 <= k < len(chain.nodes):
                    t = np.array([chain.t[i] + 0.25 * (chain.t[k] - chain.t[i])])
                    a, b = points[chain.nodes[i]][None], points[chain.nodes[k]][None]
                    pairs.append(chain.nodes[[i, k]][None])
                    middles.append(straightened(a, b, curve.at(t), 0.25))
    return np.concatenate(pairs), np.concatenate(middles)


def mouth_middles(slits: Sequence[Slit], node: dict[int, int], x: Array) -> tuple[Index, Array]:
    """Sides on mouths with the crack's own middles."""
    pairs, middles = [np.zeros((0, 2), dtype=np.int64)], [np.zeros((0, 3))]
    for s in slits:
        names = np.array([node[int(c)] for c in s.nodes[::2]])
        pairs.append(np.column_stack([names[:-1], names[1:]]))
        middles.append(x[s.nodes[1::2]])
    return np.concatenate(pairs), np.concatenate(middles)
