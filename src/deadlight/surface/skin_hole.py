"""The skin round the mouths of cracks: what stays of the background, and new triangles that fit the mouths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from deadlight.errors import NotSolved
from deadlight.surface.body import Body
from deadlight.surface.skin_fill import fill
from deadlight.surface.skin_mesh import (
    Chain,
    Skin,
    chart_middles,
    quadratic,
    side_keys,
    spaced,
    straightened,
)

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

GROWTH = 0.5  # of the element size with distance from a crack
_KEEP = 0.8  # a side stays where the graded size is above this part of its length


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
class Grading:
    """Element size that grows from the sizes found on the cracks.

    Attributes
    ----------
    points : (m, 3) float [m]
    size : (m,) float [m]
    far : float [m]
        Greatest size.
    """

    points: Array
    size: Array
    far: float = np.inf
    growth: float = GROWTH

    def __call__(self, x: Array) -> Array:
        """Size at points (n, 3) -> (n,)."""
        result = np.empty(len(x))
        block = max(1, 400_000 // max(1, len(self.points)))
        square = (self.points**2).sum(axis=1)
        for i in range(0, len(x), block):
            p = x[i : i + block]
            d2 = (p**2).sum(axis=1)[:, None] + square - 2 * p @ self.points.T
            result[i : i + block] = (self.size + self.growth * np.sqrt(np.maximum(d2, 0))).min(axis=1)
        return np.minimum(result, self.far)


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
    chains, points, broken = _edges(body, start, slits, node, points, size)
    gone |= np.isin(side_keys(_sides(back.cells)), broken).reshape(-1, 3).any(axis=1)
    gone = _without_pinches(back, gone)
    triangles, face = [back.cells[~gone, :3]], [back.face[~gone]]
    for j, part in enumerate(body.faces):
        loops = _loops(body, back, gone, chains, j)
        if getattr(part.chart, "period", None) is not None and _round(part.chart, points, loops):
            gone = gone | (back.face == j)
            triangles[0], face[0] = back.cells[~gone, :3], back.face[~gone]
            loops = _loops(body, back, gone, chains, j)
        if loops:
            lines = [np.array([node[int(c)] for c in s.nodes[::2]]) for s in slits if s.face == j]
            found, extra = fill(part, points, loops, lines, size, place=f"{body.name}, face {part.name}")
            points = np.concatenate([points, extra])
            triangles.append(found)
            face.append(np.full(len(found), j))
    cells, faces = np.concatenate(triangles), np.concatenate(face)
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


def _sides(cells: Index) -> Index:
    """Sides 01, 12, 20 of triangles. (e, >= 3) -> (3 e, 2)."""
    tri = cells[:, :3]
    return np.stack([tri, np.roll(tri, -1, axis=1)], axis=2).reshape(-1, 2)


def _near(back: Skin, slits: Sequence[Slit], x: Array, size: Grading) -> Flags:
    """Background triangles that are too large for where they are, or that a mouth may pass."""
    p = back.points[back.cells]
    length = np.linalg.norm(p[:, :3] - np.roll(p[:, :3], -1, axis=1), axis=2).max(axis=1)
    spots = np.concatenate([p, p[:, :3].mean(axis=1, keepdims=True)], axis=1)
    wanted = size(spots.reshape(-1, 3)).reshape(len(p), 7).min(axis=1)
    gone = np.asarray(wanted < _KEEP * length)
    for s in slits:
        mine = np.flatnonzero((back.face == s.face) & ~gone)
        if len(mine):
            d = np.linalg.norm(spots[mine][:, :, None] - x[s.nodes], axis=3).min(axis=(1, 2))
            step = np.linalg.norm(np.diff(x[s.nodes[::2]], axis=0), axis=1).max()
            gone[mine] |= d < 0.7 * np.maximum(length[mine], step)
    return gone


def _edges(
    body: Body, start: Start, slits: Sequence[Slit], node: dict[int, int], points: Array, size: Grading
) -> tuple[list[Chain], Array, Index]:
    """Sides along the body's edges with new nodes near the cracks; all points; keys of sides that are no more."""
    crossing = _crossings(body, slits, node, points)
    chains, broken = [], [np.zeros(0, dtype=np.int64)]
    for j, (curve, chain, fresh) in enumerate(zip(body.edges, start.chains, start.fresh)):
        ends = np.column_stack([chain.nodes[:-1], chain.nodes[1:]])
        middle = curve.at(0.5 * (chain.t[1:] + chain.t[:-1]))
        length = np.linalg.norm(points[ends[:, 1]] - points[ends[:, 0]], axis=1)
        wanted = size(np.concatenate([points[ends[:, 0]], middle, points[ends[:, 1]]])).reshape(3, -1).min(axis=0)
        bad = (wanted < _KEEP * length) | fresh
        forced = sorted(crossing.get(j, []))
        for t, _ in forced:  # the side that is crossed, and the next one where the crossing is close to its end
            gap = np.diff(chain.t)
            rounds = (-curve.pieces, 0, curve.pieces) if curve.closed else (0,)
            off = [np.abs((t + r - chain.t[:-1]) / gap - 0.5) for r in rounds]
            bad |= np.min(off, axis=0) < 0.75
        if not bad.any():
            chains.append(chain)
            continue
        broken.append(side_keys(ends[bad]))
        limited = replace(size, far=min(size.far, start.limit[j]))
        new, points = _rechained(body, j, chain, bad, forced, points, limited)
        chains.append(new)
    return chains, points, np.concatenate(broken)


def _rechained(
    body: Body, edge: int, chain: Chain, bad: Flags, forced: list[tuple[float, int]], points: Array, size: Grading
) -> tuple[Chain, Array]:
    """One edge's chain with its bad sides divided anew, through the forced nodes."""
    curve = body.edges[edge]
    ends, t = chain.nodes, chain.t
    if curve.closed:  # begin at a node that stays, or at a mouth
        stay = np.flatnonzero(~bad & ~np.roll(bad, 1))
        if len(stay) or not forced:
            i = int(stay[0]) if len(stay) else 0
            ends, bad = np.append(ends[i:-1], ends[: i + 1]), np.roll(bad, -i)
            t = np.append(t[i:-1], t[: i + 1] + curve.pieces)
        forced = sorted((t[0] + np.mod(p - t[0], curve.pieces), node) for p, node in forced)
    inner = np.zeros(len(ends), dtype=bool)
    inner[1:-1] = bad[1:] & bad[:-1]
    if curve.closed and bad.all() and forced:
        stops = [*forced, (forced[0][0] + curve.pieces, forced[0][1])]
        broken = [True] * len(forced)
    else:
        keep = [f for f, i in zip(zip(t.tolist(), ends.tolist()), inner) if not i]
        stops = sorted(keep + forced)
        at = np.array([0.5 * (a[0] + b[0]) for a, b in zip(stops, stops[1:])])
        broken = bad[np.clip(np.searchsorted(t, at, side="right") - 1, 0, len(bad) - 1)].tolist()
    ts, nodes = [stops[0][0]], [stops[0][1]]
    for (t0, _), (t1, last), new in zip(stops, stops[1:], broken):
        if new:
            t = spaced(curve, t0, t1, size)
            nodes += range(len(points), len(points) + len(t) - 2)
            ts += t[1:-1].tolist()
            points = np.concatenate([points, curve.at(t[1:-1])])
        ts.append(t1)
        nodes.append(last)
    return Chain(np.array(nodes), np.array(ts)), points


def _crossings(
    body: Body, slits: Sequence[Slit], node: dict[int, int], points: Array
) -> dict[int, list[tuple[float, int]]]:
    """For every edge the parameters and nodes at which mouths go over it."""
    faces: dict[int, set[int]] = {}
    for s in slits:
        for end, tip in zip((0, -1), s.tips):
            if not tip:
                faces.setdefault(int(s.nodes[end]), set()).add(s.face)
    found: dict[int, list[tuple[float, int]]] = {}
    for crack_node, on in faces.items():
        x = points[node[crack_node]][None]
        common = [j for j, pair in enumerate(body.sides) if set(pair) <= on]
        if len(on) != 2 or not common:
            raise NotSolved(f"{body.name}: the mouth of a crack ends at an edge and does not go on behind it, at {x[0]} m")
        t = [float(body.edges[j].nearest(x)[0]) for j in common]
        off = [float(np.linalg.norm(body.edges[j].at(np.array([p])) - x)) for j, p in zip(common, t)]
        best = int(np.argmin(off))
        found.setdefault(common[best], []).append((t[best], node[crack_node]))
    return found


def _without_pinches(back: Skin, gone: Flags) -> Flags:
    """Remove more until no node has two separate openings of one face round it."""
    sides = _sides(back.cells)
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
    kept = side_keys(_sides(back.cells[stay]))
    sides = _sides(back.cells[open_])
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
        loop, before, at = [], -1, first
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
        (_sides(stay), back.points[stay[:, 3:]].reshape(-1, 3)),
        tip_middles(body, slits, node, points, cells, faces),
        _edge_tips(body, slits, node, points, chains),
        mouth_middles(slits, node, x),
    ]
    pairs, middles = zip(*parts)
    return np.concatenate(pairs), np.concatenate(middles)


def tips_of(slits: Sequence[Slit], node: dict[int, int]) -> Index:
    """Skin nodes at which mouths end at a front."""
    return np.array([node[int(s.nodes[e])] for s in slits for e, tip in zip((0, -1), s.tips) if tip], dtype=np.int64)


def tip_middles(
    body: Body, slits: Sequence[Slit], node: dict[int, int], points: Array, cells: Index, faces: Index
) -> tuple[Index, Array]:
    """Sides of triangles that begin at a tip, with their middles a quarter of the way from it."""
    tips = tips_of(slits, node)
    pairs, middles = [np.zeros((0, 2), dtype=np.int64)], [np.zeros((0, 3))]
    sides = _sides(cells)
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


def _edge_tips(
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
