"""The skin round the mouths of cracks: what stays of the background, and new triangles that fit the mouths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from deadlight.errors import NotSolved
from deadlight.surface.body import Body
from deadlight.surface.grading import Grading
from deadlight.surface.skin_edges import KEEP, divided_edges
from deadlight.surface.skin_fill import fill
from deadlight.surface.skin_mesh import Chain, Skin, quadratic, side_keys, sides_of
from deadlight.surface.slit import Slit, SlitSkin, Start, edge_tip_middles, mouth_middles, tip_middles, tips_of

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]


def slit_skin(
    body: Body, back: Skin, slits: Sequence[Slit], x: Array, size: Grading, start: Start | None = None
) -> SlitSkin:
    """Skin with the mouths as sides.

    Parameters
    ----------
    back : Skin
        The background of the same body, or of the one that `start` speaks of.
    slits : sequence of Slit
        May be empty; the skin is then refined where a crack comes near.
    x : (n, 3) float [m]
        Points of the crack nodes.
    size : Grading
    start : Start, optional
        Default: the background's edges are the body's.

    Raises
    ------
    NotSolved
        A mouth does not fit the body, or no triangulation was found.
    """
    start = start or Start.plain(back)
    first = 1 + int(back.cells[:, :3].max())
    n = first + len(start.extra)
    corners = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *[s.nodes[::2] for s in slits]]))
    node = {int(c): n + i for i, c in enumerate(corners)}
    points = np.concatenate([back.points[:first], start.extra, x[corners]])
    gone = _near(back, slits, x, size) | start.gone
    chains, points, broken = divided_edges(body, start, slits, node, points, size)
    gone |= np.isin(side_keys(sides_of(back.cells)), broken).reshape(-1, 3).any(axis=1)
    gone = _without_pinches(back, gone)
    cells, faces, points, gone = _filled(body, back, gone, chains, slits, node, points, size)
    known = _known(body, back, gone, slits, node, x, points, cells, faces, chains)
    used, inverse = np.unique(cells, return_inverse=True)
    renumber = np.full(len(points), -1, dtype=np.int64)
    renumber[used] = np.arange(len(used))
    pairs, middles = known
    alive = (renumber[pairs] >= 0).all(axis=1)
    skin = quadratic(
        body, points[used], inverse.reshape(cells.shape), faces,
        tuple(Chain(renumber[c.nodes], c.t) for c in chains), (renumber[pairs[alive]], middles[alive]),
    )  # fmt: skip
    node = {c: int(renumber[k]) for c, k in node.items()}
    if min(node.values(), default=0) < 0:
        raise NotSolved(f"{body.name}: a mouth of a crack is not part of the skin around it")
    return SlitSkin(skin, node, np.arange(int((~gone).sum())), np.flatnonzero(~gone))


def _filled(
    body: Body, back: Skin, gone: Flags, chains: list[Chain], slits: Sequence[Slit], node: dict[int, int],
    points: Array, size: Grading,
) -> tuple[Index, Index, Array, Flags]:  # fmt: skip
    """What stays of the background, then new triangles in its openings; their faces; all corners; what went."""
    new, face = [], []
    tips = tips_of(slits, node)
    for j, part in enumerate(body.faces):
        loops = _loops(body, back, gone, chains, j)
        if getattr(part.chart, "period", None) is not None and _round(part.chart, points, loops):
            gone = gone | (back.face == j)
            loops = _loops(body, back, gone, chains, j)
        if loops:
            lines = [np.array([node[int(c)] for c in s.nodes[::2]]) for s in slits if s.face == j]
            found, extra = fill(
                part, points, loops, lines, size, tips=tips, growth=size.growth,
                place=f"{body.name}, face {part.name}",
            )  # fmt: skip
            points = np.concatenate([points, extra])
            new.append(found)
            face.append(np.full(len(found), j))
    cells = np.concatenate([back.cells[~gone, :3], *new])
    return cells, np.concatenate([back.face[~gone], *face]), points, gone


def _near(back: Skin, slits: Sequence[Slit], x: Array, size: Grading) -> Flags:
    """Background triangles that are too large for where they are, or that a mouth may pass."""
    p = back.points[back.cells]
    length = np.linalg.norm(p[:, :3] - np.roll(p[:, :3], -1, axis=1), axis=2).max(axis=1)
    spots = np.concatenate([p, p[:, :3].mean(axis=1, keepdims=True)], axis=1)
    wanted = size(spots.reshape(-1, 3)).reshape(len(p), 7).min(axis=1)
    gone = np.asarray(wanted < KEEP * length)
    for s in slits:
        mine = np.flatnonzero((back.face == s.face) & ~gone)
        if len(mine):
            d = np.linalg.norm(spots[mine][:, :, None] - x[s.nodes], axis=3).min(axis=(1, 2))
            step = np.linalg.norm(np.diff(x[s.nodes[::2]], axis=0), axis=1).max()
            gone[mine] |= d < 0.7 * np.maximum(length[mine], step)
    return gone


def _without_pinches(back: Skin, gone: Flags) -> Flags:
    """Remove more until no node has two separate openings of one face round it."""
    sides = sides_of(back.cells)
    keys = side_keys(sides)
    face = np.repeat(back.face, 3)
    while gone.any():
        open_ = np.repeat(gone, 3)
        combined = keys * (int(back.face.max()) + 1) + face  # sides of one face only: edges of the body do not join
        found, count = np.unique(combined[open_], return_counts=True)
        rim = open_ & np.isin(combined, found[count == 1])
        ends = sides[rim].ravel() * (int(back.face.max()) + 1) + np.repeat(face[rim], 2)
        node, times = np.unique(ends, return_counts=True)
        pinch = node[times > 2]
        if not len(pinch):
            return gone
        corner = back.cells[:, :3] * (int(back.face.max()) + 1) + back.face[:, None]
        more = np.isin(corner, pinch).any(axis=1)
        if (more <= gone).all():
            return gone
        gone = gone | more
    return gone


def _loops(body: Body, back: Skin, gone: Flags, chains: list[Chain], face: int) -> list[Index]:
    """Closed outlines of what has to be filled on one face."""
    mine = back.face == face
    open_, stay = mine & gone, mine & ~gone
    if not open_.any() and mine.any():
        return []
    kept = side_keys(sides_of(back.cells[stay]))
    sides = sides_of(back.cells[open_])
    inner = sides[np.isin(side_keys(sides), kept)]
    parts = [inner]
    for j in set(body.faces[face].edges):
        ends = np.column_stack([chains[j].nodes[:-1], chains[j].nodes[1:]])
        parts.append(ends[~np.isin(side_keys(ends), kept)])
    return _traced(np.concatenate(parts))


def _traced(sides: Index) -> list[Index]:
    """Closed loops from sides in any order and direction; every node has two of them."""
    ends = np.concatenate([sides, sides[:, ::-1]])
    order = np.argsort(ends[:, 0], kind="stable")
    name, count = np.unique(ends[:, 0], return_counts=True)
    if (count != 2).any():
        raise NotSolved(f"the opening round a crack's mouth has no clean outline at {int((count != 2).sum())} nodes")
    near = dict(zip(name.tolist(), ends[order, 1].reshape(-1, 2).tolist()))
    left = set(near)
    loops = []
    while left:
        first = min(left)
        loop: list[int] = []
        before, at = -1, first
        while not loop or at != first:
            loop.append(at)
            left.discard(at)
            a, b = near[at]
            before, at = at, (b if a == before else a)
        loops.append(np.array(loop))
    return loops


def _round(chart: Any, points: Array, loops: list[Index]) -> bool:
    """Whether the opening runs once round a band."""
    for loop in loops:
        u = chart.to_chart(points[loop])[:, 0]
        step = np.roll(u, -1) - u
        step -= chart.period * np.round(step / chart.period)
        if abs(float(step.sum())) > 0.5 * chart.period:
            return True
    return False


def _known(
    body: Body, back: Skin, gone: Flags, slits: Sequence[Slit], node: dict[int, int], x: Array, points: Array,
    cells: Index, faces: Index, chains: list[Chain],
) -> tuple[Index, Array]:  # fmt: skip
    """Sides with given middles: those of the background, those at a quarter from a tip, those on mouths."""
    stay = back.cells[~gone]
    parts = [
        (sides_of(stay), back.points[stay[:, 3:]].reshape(-1, 3)),
        tip_middles(body, slits, node, points, cells, faces),
        edge_tip_middles(body, slits, node, points, chains),
        mouth_middles(slits, node, x),
    ]
    pairs, middles = zip(*parts)
    return np.concatenate(pairs), np.concatenate(middles)


