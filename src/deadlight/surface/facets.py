"""Plain triangles of a body's skin, for sections and for telling inside from outside."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from deadlight.errors import InputError
from deadlight.surface.constrained import constrained_delaunay, inside_loops, inside_parity

if TYPE_CHECKING:
    from deadlight.surface.body import Body, Face
    from deadlight.surface.curve import Curve

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, eq=False)
class Facets:
    """Triangles with corners on the skin.

    Attributes
    ----------
    points : (n, 3) float [m]
    triangles : (m, 3) int64
        Counter-clockwise seen from outside.
    face : (m,) int64
        Face of the body.
    rims : (r, 2) int64
        Sides on edges of the body.
    edge : (r,) int64
        Which edge.
    t : (r, 2) float
        Parameters of the ends on the edge, in the order of `rims`.
    """

    points: Array
    triangles: Index
    face: Index
    rims: Index
    edge: Index
    t: Array

    def winding(self, x: Array) -> Array:
        """Part of the full solid angle under which points see the skin: 1 inside, 0 outside.

        Formula: Van Oosterom & Strackee 1983, eq. 8.  (k, 3) -> (k,).
        """
        a, b, c = (self.points[self.triangles[:, i]] for i in range(3))
        total = np.empty(len(x))
        for i, p in enumerate(x):  # few points: one a cell of a clip
            ra, rb, rc = a - p, b - p, c - p
            la, lb, lc = (np.linalg.norm(r, axis=1) for r in (ra, rb, rc))
            up = (ra * np.cross(rb, rc)).sum(axis=1)
            low = la * lb * lc + (ra * rb).sum(axis=1) * lc + (rb * rc).sum(axis=1) * la + (rc * ra).sum(axis=1) * lb
            total[i] = 2 * np.arctan2(up, low).sum() / (4 * np.pi)
        return total


@dataclass(frozen=True, eq=False)
class Local:
    """Where facets must be small: inside a box (2, 3), of this spacing [m]."""

    box: Array
    spacing: float


def facets_of(body: Body, local: Local | None = None) -> Facets:
    """Triangles of the whole skin; small ones inside a box if one is given (a half-space needs one)."""
    if body.unlimited:
        return _unlimited(body, local)
    points, chains, rims, edge, t = _edges(body, local)
    triangles, face, extra = [], [], []
    count = len(points)
    for number, part in enumerate(body.faces):
        inner, cells = _face(part, local, points, chains)
        cells = np.where(cells < 0, count - 1 - cells, cells)  # -1 - i: the i-th point inside the face
        extra.append(inner)
        count += len(inner)
        triangles.append(cells)
        face.append(np.full(len(cells), number))
    return Facets(np.concatenate([points, *extra]), np.concatenate(triangles), np.concatenate(face), rims, edge, t)


def _edges(body: Body, local: Local | None) -> tuple[Array, list[Index], Index, Index, Array]:
    """Points along all edges, merged at the corners of the body, and for every edge its chain of point numbers."""
    ts = [_samples(c, local) for c in body.edges]
    raw = [c.at(t[:-1] if c.closed else t) for c, t in zip(body.edges, ts)]
    start = np.cumsum([0, *map(len, raw)])
    allp = np.concatenate(raw)
    number, points = merge_ends(body, allp, start)
    chains = []
    for c, first, last in zip(body.edges, start, start[1:]):
        chain = number[first:last]
        chains.append(np.append(chain, chain[0]) if c.closed else chain)
    rims = np.concatenate([np.column_stack([c[:-1], c[1:]]) for c in chains])
    t = np.concatenate([np.column_stack([s[:-1], s[1:]]) for s in ts])
    return points, chains, rims, np.repeat(np.arange(len(ts)), [len(s) - 1 for s in ts]), t


def edge_points(body: Body) -> tuple[Array, list[Index]]:
    """Points along all edges of a body and for every edge its chain of point numbers."""
    return _edges(body, None)[:2]


def _samples(curve: Curve, local: Local | None) -> Array:
    """Parameters along an edge: its nodes, or the ends of a straight one, and close together inside the box."""
    t = np.array([0.0, float(curve.pieces)]) if curve.straight else np.linspace(0, curve.pieces, 2 * curve.pieces + 1)
    if local is None:
        return t
    fine = np.linspace(0, curve.pieces, max(2, min(2000, round(curve.length / local.spacing))))
    x = curve.at(fine)
    near = ((x > local.box[0]) & (x < local.box[1])).all(axis=1)
    every = np.unique(np.concatenate([t, fine[near]]))
    return every[np.concatenate([[True], np.diff(every) > 1e-6 * curve.pieces])]


def merge_ends(body: Body, points: Array, start: Index) -> tuple[Index, Array]:
    """Numbers after the ends of open edges that meet at a corner of the body have become one point."""
    number = np.arange(len(points))
    ends = np.array(
        [i for c, a, b in zip(body.edges, start, start[1:]) if not c.closed for i in (a, b - 1)], dtype=np.int64
    )
    if len(ends):
        gap = np.linalg.norm(points[ends][:, None] - points[ends][None], axis=2)
        scale = np.ptp(points, axis=0).max()
        number[ends] = ends[(gap < 1e-9 * scale).argmax(axis=1)]
    kept, number = np.unique(number, return_inverse=True)
    return number, points[kept]


def outline(face: Face, chains: list[Index]) -> list[Index]:
    """Point numbers round every loop of a face, the face on the left, first point not repeated."""
    return [np.concatenate([chains[e][:-1] if s > 0 else chains[e][::-1][:-1] for e, s in loop]) for loop in face.loops]


def _face(face: Face, local: Local | None, points: Array, chains: list[Index]) -> tuple[Array, Index]:
    """Points inside the face and its triangles; -1 - i names the i-th point inside."""
    loops = outline(face, chains)
    flat, numbers, rings = unrolled(face, points, loops)
    segments = np.concatenate([np.column_stack([r, np.roll(r, -1)]) for r in rings])
    more = _inner(face, local, flat[segments[:, 0]], flat[segments[:, 1]])
    every = np.concatenate([flat, more])
    cells = constrained_delaunay(every, segments)
    cells = cells[inside_loops(every, cells, segments)]
    names = np.concatenate([numbers, -1 - np.arange(len(more))])
    found = names[cells]
    space = face.chart.to_space(more) if len(more) else np.zeros((0, 3))
    return space, outward(face, cells, every, found)


def _inner(face: Face, local: Local | None, a: Array, b: Array) -> Array:
    """Points inside a face: the knots of a curved chart, and a grid where a bent sheet is going to be cut."""
    found = [np.asarray(getattr(face.chart, "knots", np.zeros((0, 2))))]
    if local is not None:
        low, high = np.minimum(a, b).min(axis=0), np.maximum(a, b).max(axis=0)
        at = face.chart.to_chart(np.array(np.meshgrid(*local.box.T)).reshape(3, -1).T)
        low, high = np.maximum(low, at.min(axis=0)), np.minimum(high, at.max(axis=0))
        if (high > low).all():
            n = np.minimum(np.ceil((high - low) / local.spacing), 60).astype(int)
            u, v = (lo + (hi - lo) * (np.arange(k) + 0.5) / k for lo, hi, k in zip(low, high, n))
            found.append(np.array(np.meshgrid(u, v)).reshape(2, -1).T)
    more = np.concatenate(found)
    if not len(more):
        return more
    more = more[inside_parity(more, a, b)]
    span = ((b - a) ** 2).sum(axis=1)
    part = np.clip(((more[:, None] - a) * (b - a)).sum(axis=2) / span, 0, 1)
    off = np.linalg.norm(more[:, None] - a - part[..., None] * (b - a), axis=2)
    least = np.minimum(np.sqrt(span), np.inf if local is None else local.spacing)
    return more[(off > 0.2 * least).all(axis=1)]


def outward(face: Face, cells: Index, flat: Array, names: Index) -> Index:
    """Triangles turned so that their right-hand normal leaves the body, from their turn in the chart."""
    a, b, c = (flat[cells[:, i]] for i in range(3))
    left = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0] > 0
    keep = left == (chart_sense(face) > 0)
    return np.where(keep[:, None], names, names[:, [0, 2, 1]])


def chart_sense(face: Face) -> float:
    """+1 where counter-clockwise in the chart is counter-clockwise seen from outside."""
    return float(getattr(face.chart, "outward", 1.0))


def unrolled(face: Face, points: Array, loops: list[Index]) -> tuple[Array, Index, list[Index]]:
    """Chart coordinates of the loops' points, their numbers, and the loops in these rows.

    A band that closes on itself is cut open along a line from its first loop to the second; the points of the cut
    come twice.
    """
    if getattr(face.chart, "period", None) is None:
        numbers = np.concatenate(loops)
        start = np.cumsum([0, *map(len, loops)])
        return face.chart.to_chart(points[numbers]), numbers, [np.arange(a, b) for a, b in pairwise(start)]
    if len(loops) != 2:
        raise InputError(
            f"face {face.name} runs round the body and has {len(loops)} outlines", place="body",
            remedy="a face that runs round must have two edges",
        )  # fmt: skip
    uv = [face.chart.to_chart(points[loop]) for loop in loops]
    flat, numbers, _ = cut_open(face, uv, loops, 0.0)
    return flat, numbers, [np.arange(len(flat))]


def cut_open(face: Face, uv: list[Array], loops: list[Index], seam: float) -> tuple[Array, Index, int]:
    """One ring in an unrolled band from two loops round it, cut next to u = seam; points on its lower line."""
    period = face.chart.period  # type: ignore[attr-defined]
    rows = []
    low = 0 if uv[0][:, 1].mean() < uv[1][:, 1].mean() else 1
    for which in (low, 1 - low):
        u = np.mod(uv[which][:, 0] - seam + 0.5 * period, period) - 0.5 * period
        first = int(np.abs(u).argmin())
        ahead = np.mod(uv[which][:, 0] - uv[which][first, 0] + 1e-9 * period, period)
        order = np.argsort(ahead)
        at = u[first] + ahead[order] - 1e-9 * period
        at = np.append(at, at[0] + period)
        order = np.append(order, order[0])
        rows.append((np.column_stack([at + seam, uv[which][order, 1]]), loops[which][order]))
    (a, na), (b, nb) = rows
    return np.concatenate([a, b[::-1]]), np.concatenate([na, nb[::-1]]), len(a)


def _unlimited(body: Body, local: Local | None) -> Facets:
    """A large square on the one plane of a half-space, with small triangles inside the box."""
    box = np.array([(-1.0, -1.0, -1.0), (1.0, 1.0, 1.0)]) if local is None else local.box
    face = body.faces[0]
    middle, reach = 0.5 * box.sum(axis=0), float(np.linalg.norm(box[1] - box[0]))
    centre = face.chart.to_chart(middle[None])[0]
    square = centre + 3 * reach * np.array([(-1, -1), (1.1, -1), (1, 1.2), (-1.3, 1)])
    ends = np.column_stack([np.arange(4), np.roll(np.arange(4), -1)])
    flat = np.concatenate([square, _inner(face, local, square, np.roll(square, -1, axis=0))])
    cells = constrained_delaunay(flat, ends)
    none = np.zeros(0, dtype=np.int64)
    zero = np.zeros(len(cells), dtype=np.int64)
    cells = outward(face, cells, flat, cells)
    return Facets(face.chart.to_space(flat), cells, zero, none.reshape(0, 2), none, np.zeros((0, 2)))
