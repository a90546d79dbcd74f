"""Quadratic triangles of a body's whole skin, made once and independent of cracks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from deadlight.errors import InputError
from deadlight.surface.body import Body
from deadlight.surface.curve import Curve
from deadlight.surface.facets import merge_ends, outline
from deadlight.surface.grading import Grading
from deadlight.surface.skin_fill import fill

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Size = Callable[[Array], Array]

TURN = np.radians(35.0)  # of an edge along one side at most
STRAIGHT = 1e-4  # of its length: a side that bends less is straight
# Measured on a disc with surface, through and edge cracks, in tension and bending: K moves by 0.02 % when elements far
# from the crack grow from 1.9 to 3.3 thicknesses; by 0.05 % in tension, 0.1 % in bending, from 6 to 11 if R = 30.
MANY = 320  # elements of a whole skin, about, as long as their size stays between
AROUND = 1.0  # growth of the elements with distance from the wall of a pit
FAR_SIZE = (2.3, 9.0)  # these numbers of thicknesses
MOST_FAR = 16.0  # thicknesses: what the rules of long elements (operator.pairs.LONG) were measured for


@dataclass(frozen=True, eq=False)
class Chain:
    """Sides along one edge of the body.

    Attributes
    ----------
    nodes : (k + 1,) int64
        Corner nodes in the direction of the edge; on a closed edge the last is the first.
    t : (k + 1,) float
        Their parameters on the edge, rising; on a closed edge the last is the first and a round more.
    """

    nodes: Index
    t: Array


@dataclass(frozen=True, eq=False)
class Skin:
    """Triangles of a skin.

    Attributes
    ----------
    points : (n, 3) float [m]
        Corners first, then the middles of sides.
    cells : (e, 6) int64
        In VTK order, the right-hand normal outwards.
    face : (e,) int64
        Face of the body.
    chains : tuple of Chain
        One for every edge of the body.
    refine, size : float, float or None
        What `background` was asked for.
    """

    points: Array
    cells: Index
    face: Index
    chains: tuple[Chain, ...]
    refine: float = 1.0
    size: float | None = None


def shared_background(body: Body, size: float | None = None, refine: float = 1.0) -> Skin:
    """`background`, made once a body and size."""
    key = f"background {size} {refine}"
    if key not in body.kept:
        body.kept[key] = background(body, size, refine)
    skin: Skin = body.kept[key]
    return skin


def background(body: Body, size: float | None = None, refine: float = 1.0) -> Skin:
    """Coarse skin without cracks.

    Parameters
    ----------
    size : float, optional
        Length of sides [m]; default `far_size`.
    refine : float
        Divides it, and that of the walls of pits.

    Raises
    ------
    InputError
        The size is beyond 16 thicknesses, where bending stiffness would be lost.
    """
    if body.unlimited:
        none = np.zeros(0, dtype=np.int64)
        return Skin(np.zeros((0, 3)), none.reshape(0, 6), none, ())
    if size is not None and not 0 < size <= MOST_FAR * body.thickness:
        what = f"elements of {1e3 * size:.4g} mm for the skin of a body {1e3 * body.thickness:.4g} mm thick"
        raise InputError(what, place="surface mesh", remedy=f"far_size up to {MOST_FAR:g} thicknesses")
    far = min((size or far_size(body)) / refine, MOST_FAR * body.thickness)
    wanted = Grading(np.zeros((0, 3)), np.zeros(0), far, AROUND).with_walls(body, refine)
    points, chains = edge_chains(body, wanted)
    cells, face = [], []
    for number, part in enumerate(body.faces):
        loops = outline(part, [c.nodes for c in chains])
        found, extra = fill(part, points, loops, [], wanted, place=f"{body.name}, face {part.name}")
        points = np.concatenate([points, extra])
        cells.append(found)
        face.append(np.full(len(found), number))
    skin = quadratic(body, points, np.concatenate(cells), np.concatenate(face), tuple(chains))
    return replace(skin, refine=refine, size=size)


def far_size(body: Body) -> float:
    """Default size [m] of elements far from everything: 2.3 thicknesses, up to 9 where that would be very many."""
    x = body.facets().points
    tri = x[body.facets().triangles]
    area = 0.5 * float(np.linalg.norm(np.cross(tri[:, 1] - tri[:, 0], tri[:, 2] - tri[:, 0]), axis=1).sum())
    enough = np.sqrt(area / (0.433 * MANY))  # an equilateral triangle of side h covers 0.433 h^2
    low, high = (f * body.thickness for f in FAR_SIZE)
    return float(min(max(low, min(enough, high)), 0.25 * np.ptp(x, axis=0).max()))


def edge_chains(body: Body, size: Size) -> tuple[Array, list[Chain]]:
    """Corner nodes along all edges of a body, shared where edges meet."""
    ts = [spaced(c, 0.0, float(c.pieces), size, least=4 if c.closed else 1) for c in body.edges]
    raw = [c.at(t[:-1] if c.closed else t) for c, t in zip(body.edges, ts)]
    start = np.cumsum([0, *map(len, raw)])
    number, points = merge_ends(body, np.concatenate(raw), start)
    chains = []
    for c, t, first, last in zip(body.edges, ts, start, start[1:]):
        nodes = number[first:last]
        chains.append(Chain(np.append(nodes, nodes[0]) if c.closed else nodes, t))
    return points, chains


def spaced(curve: Curve, t0: float, t1: float, size: Size, least: int = 1) -> Array:
    """Parameters from t0 to t1 with sides of the wanted size and no sharp turn along one of them. (k + 1,)."""
    s0, s1 = curve.lengths(np.array([t0, t1]))
    s = np.linspace(s0, s1, int(np.clip(16 * (t1 - t0), 64, 4096)) + 1)
    t = curve.parameters(s)
    t[0], t[-1] = t0, t1
    d = curve.slope(t)
    d /= np.linalg.norm(d, axis=1)[:, None]
    turn = np.arccos(np.clip((d[1:] * d[:-1]).sum(axis=1), -1, 1))
    density = np.diff(s) / size(curve.at(0.5 * (t[1:] + t[:-1])))
    total = np.concatenate([[0.0], np.cumsum(np.maximum(density, turn / TURN))])
    k = max(least, int(np.ceil(total[-1] - 0.25)))
    result = np.interp(total[-1] * np.arange(k + 1) / k, total, t)
    result[0], result[-1] = t0, t1
    return result


def edge_middles(body: Body, points: Array, chains: tuple[Chain, ...] | list[Chain]) -> tuple[Index, Array]:
    """Pairs of corner nodes along the edges (k, 2) and the middles of these sides (k, 3), exact on straight ones."""
    pairs, middles = [np.zeros((0, 2), dtype=np.int64)], [np.zeros((0, 3))]
    for curve, chain in zip(body.edges, chains):
        s = curve.lengths(chain.t)
        a, b = points[chain.nodes[:-1]], points[chain.nodes[1:]]
        pairs.append(np.column_stack([chain.nodes[:-1], chain.nodes[1:]]))
        middles.append(straightened(a, b, curve.at(curve.parameters(0.5 * (s[1:] + s[:-1])))))
    return np.concatenate(pairs), np.concatenate(middles)


def straightened(a: Array, b: Array, middle: Array, part: float = 0.5) -> Array:
    """The middles, or exactly 0.5 (a + b) where the side is as good as straight: such elements cost much less."""
    straight = (1 - part) * a + part * b if part != 0.5 else 0.5 * (a + b)
    along = (b - a) / np.linalg.norm(b - a, axis=1)[:, None]
    off = middle - straight
    across = off - (off * along).sum(axis=1)[:, None] * along
    flat = np.linalg.norm(across, axis=1) < STRAIGHT * np.linalg.norm(b - a, axis=1)
    return np.where(flat[:, None], straight, middle)


def sides_of(cells: Index) -> Index:
    """Sides 01, 12, 20 of triangles. (e, >= 3) -> (3 e, 2)."""
    tri = cells[:, :3]
    return np.stack([tri, np.roll(tri, -1, axis=1)], axis=2).reshape(-1, 2)


def side_keys(pairs: Index) -> Index:
    """One number for each unordered pair of nodes. (k, 2) -> (k,)."""
    return np.asarray(pairs.min(axis=1) * (1 << 31) + pairs.max(axis=1))


def quadratic(
    body: Body,
    points: Array,
    triangles: Index,
    face: Index,
    chains: tuple[Chain, ...],
    known: tuple[Index, Array] | None = None,
) -> Skin:
    """Six-node triangles from plain ones: middles on edges and curved faces follow them, all others lie halfway.

    Parameters
    ----------
    known : (pairs (k, 2), middles (k, 3)), optional
        Sides whose middle is given; they go before everything else.
    """
    sides = sides_of(triangles)
    keys, first, number = np.unique(side_keys(sides), return_index=True, return_inverse=True)
    pairs, on = np.sort(sides[first], axis=1), face[first // 3]
    middles = 0.5 * (points[pairs[:, 0]] + points[pairs[:, 1]])
    for j, part in enumerate(body.faces):
        if not part.flat:
            mine = np.flatnonzero(on == j)
            middles[mine] = chart_middles(part.chart, points[pairs[mine, 0]], points[pairs[mine, 1]])
    given = [edge_middles(body, points, chains)] + ([known] if known is not None else [])
    for where, x in given:
        at = np.minimum(np.searchsorted(keys, side_keys(where)), len(keys) - 1)
        hit = keys[at] == side_keys(where)
        middles[at[hit]] = x[hit]
    cells = np.concatenate([triangles, len(points) + number.reshape(-1, 3)], axis=1)
    return Skin(np.concatenate([points, middles]), cells, face, chains)


def chart_middles(chart: Any, a: Array, b: Array, part: float = 0.5) -> Array:
    """Points a part of the way from a to b in a chart, on the true surface. (k, 3)."""
    if not len(a):
        return np.zeros((0, 3))
    ua, ub = chart.to_chart(a), chart.to_chart(b)
    period = getattr(chart, "period", None)
    if period is not None:
        ub[:, 0] -= period * np.round((ub[:, 0] - ua[:, 0]) / period)
    return straightened(a, b, chart.to_space(ua + part * (ub - ua)), part)
