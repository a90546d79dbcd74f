"""The mesh of one crack: a ring of quarter-point elements along each front, six-node triangles inside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from deadlight.errors import InputError, NotSolved
from deadlight.surface.chart import Chart, Plane, Snap
from deadlight.surface.constrained import edge_keys, sides as sides_of
from deadlight.surface.crack_check import check_crack_mesh
from deadlight.surface.crack_curve import FineCurve
from deadlight.surface.crack_ring import Ring, ring as ring_along
from deadlight.surface.crack_size import Side, divided, graded, mouth_size, widths
from deadlight.surface.mesh import MOUTH_FIRST, MOUTH_LAST, T6, TIP, Array, Front, Index
from deadlight.surface.triangulate import triangulate

GROWTH = 0.4  # of the elements away from the fronts
SHRINK = (1.0, 0.7, 0.5, 0.35)  # of the ring, until nothing folds


@dataclass(frozen=True, eq=False)
class Piece:
    """A part of a crack's outline.

    Attributes
    ----------
    points : (k, 2) float
        Fine polyline in the chart, the crack on its left; a closed one repeats its first point.
    kind : "front" or "mouth"
    face : int
        Face of the body on which a mouth lies; -1 for a front.
    """

    points: Array
    kind: str
    face: int = -1


@dataclass(frozen=True, eq=False)
class CrackDomain:
    """The part of a crack's surface that is to be meshed.

    Attributes
    ----------
    chart : Chart
    loops : tuple of tuple of Piece
        Closed loops of pieces, each beginning where the one before ends; the crack on the left of all.
    snap : callable or None
        Nearest points (m, 2) -> (m, 2) of the exact fronts, where they are not the polylines themselves.
    """

    chart: Chart
    loops: tuple[tuple[Piece, ...], ...]
    snap: Snap | None = None


@dataclass(frozen=True, eq=False)
class Mouth:
    """Nodes of a crack on the skin.

    Attributes
    ----------
    face : int
        Face of the body.
    nodes : (2 k + 1,) int64
        Corner, middle, corner ..., the crack on the left.
    start, end : str
        "tip" where the mouth ends at a front, its last side being that of the ring with the middle node a quarter
        of the way from the front; "edge" where it goes on, on another face or round a hole.
    """

    face: int
    nodes: Index
    start: str
    end: str


@dataclass(frozen=True, eq=False)
class CrackMesh:
    """Mesh of one crack.

    Attributes
    ----------
    points : (n, 3) float [m]
    uv : (n, 2) float
        The points in the chart.
    cells : (e, 9) int64
    kind : (e,) int64
        As in `SurfaceMesh`.
    fronts : tuple of Front
    mouths : tuple of Mouth
    """

    points: Array
    uv: Array
    cells: Index
    kind: Index
    fronts: tuple[Front, ...]
    mouths: tuple[Mouth, ...]

    def __repr__(self) -> str:
        return (
            f"CrackMesh({len(self.cells)} elements, {int((self.kind != T6).sum())} of them in rings, "
            f"{len(self.points)} nodes, {len(self.fronts)} fronts, {len(self.mouths)} mouths)"
        )


def mesh_crack(
    domain: CrackDomain,
    *,
    h: float | Callable[[Array], Array] | None = None,
    ring: float = 1.0,
    refine: float = 1.0,
    tip: float = 0.5,
    interior: float = 0.35,
    place: str = "crack",
) -> CrackMesh:
    """Mesh a crack.

    Parameters
    ----------
    domain : CrackDomain
    h : float or callable, optional
        Length of the front's elements [chart units], or a function (m,) -> (m,) of the length along a front.  Without
        it a circle gets 8 elements a quarter, other fronts by their length and curvature, never fewer than 6.
    ring : float
        Width of the ring as a share of the front elements' length.  It is at most half the radius of curvature and a
        quarter of the crack's width.
    refine : float
        Divides all sizes.
    tip : float
        Share of the element length at the ends and corners of a front.
    interior : float
        Largest element as a share of the radius of a circle with the crack's area.
    place : str
        Named in errors.

    Raises
    ------
    InputError
        If there is no front, or front and mouth meet at too small an angle.
    NotSolved
        If no mesh without folded elements was found.
    """
    for name, value in (("ring", ring), ("refine", refine), ("tip", tip), ("interior", interior)):
        if not (np.isfinite(value) and value > 0.0):
            raise InputError(f"{name} = {value:g}; it must be positive", place=place)
    loops = [_sides(loop, place) for loop in domain.loops]
    every = [side for loop in loops for side in loop]
    if not any(side.front for side in every):
        raise InputError("the crack has no front inside the body: it cuts the body in two", place=place)
    limits = [widths(every, k, h, refine, tip) if side.front else None for k, side in enumerate(every)]
    cap = _cap(domain, interior) / refine
    failure: Exception | None = None
    for shrink in SHRINK:
        try:
            build = _Build(domain, place)
            k = 0
            for loop in loops:
                numbers = range(k, k + len(loop))
                build.loop(loop, [limits[i] for i in numbers], every, numbers, shrink * ring, cap)
                k += len(loop)
            mesh = build.finished(cap)
            check_crack_mesh(mesh, domain, place=place)
        except (NotSolved, InputError) as e:
            failure = e
            if isinstance(e, InputError) and "degrees" in e.found:
                raise
            continue
        return mesh
    raise NotSolved(f"{place}: no mesh of the crack, also with a ring {SHRINK[-1]:g} times as wide: {failure}")


def _sides(loop: Sequence[Piece], place: str) -> list[Side]:
    """Sides of one loop, consecutive fronts made one, a front first if there are fronts and mouths."""
    pieces = [(np.asarray(p.points, dtype=float), p.kind == "front", p.face) for p in loop]
    first = next((i for i in range(len(pieces)) if pieces[i][1] and not pieces[i - 1][1]), 0)
    pieces = pieces[first:] + pieces[:first]
    merged = pieces[:1]
    for points, front, face in pieces[1:]:
        if front and merged[-1][1]:
            merged[-1] = (np.concatenate([merged[-1][0], points[1:]]), True, -1)
        else:
            merged.append((points, front, face))
    for (a, *_), (b, *_) in zip(merged, merged[1:] + merged[:1]):
        if np.abs(a[-1] - b[0]).max() > 1e-9 * np.ptp(a, axis=0).max():
            raise InputError("pieces of a crack's outline do not join", place=place)
    return [Side(FineCurve.of(points), front, face) for points, front, face in merged]


def _cap(domain: CrackDomain, interior: float) -> float:
    """Largest element: a share of the crack's size, and no more than its inscribed circle's radius."""
    rings = [np.concatenate([p.points[:-1] for p in loop]) for loop in domain.loops]
    inside = shapely.Polygon()
    for points in rings:
        inside = inside.symmetric_difference(shapely.Polygon(points))
    radius = shapely.maximum_inscribed_circle(inside, tolerance=0.05 * np.sqrt(inside.area)).length
    return min(interior * float(np.sqrt(inside.area / np.pi)), 0.8 * float(radius))


@dataclass(eq=False)
class _Build:
    """Nodes and elements as they are made."""

    domain: CrackDomain
    place: str
    uv: list[Array] = field(default_factory=list)
    count: int = 0
    cells: list[Index] = field(default_factory=list)
    kind: list[Index] = field(default_factory=list)
    fronts: list[Front] = field(default_factory=list)
    mouths: list[Mouth] = field(default_factory=list)
    inner: list[Index] = field(default_factory=list)  # loops of corners round the interior
    known: list[Index] = field(default_factory=list)  # (k, 3): sides with their middle, corner, middle, corner
    halves: list[Index] = field(default_factory=list)  # (k, 3): node, and the two it lies midway between
    quarters: list[Index] = field(default_factory=list)  # (k, 3): node, front node, inner node

    def add(self, uv: Array) -> Index:
        """New nodes; their numbers."""
        numbers = np.arange(self.count, self.count + len(uv))
        self.uv.append(uv)
        self.count += len(uv)
        return numbers

    def loop(self, loop: list[Side], limits: list[Any], every: list[Side], numbers: range, share: float, cap: float) -> None:
        """Nodes and ring elements along one loop."""
        n = len(loop)
        rings: list[Ring | None] = []
        for i, side in enumerate(loop):
            around = (None, None) if side.curve.closed else (loop[i - 1], loop[(i + 1) % n])
            made = ring_along(side, limits[i], share, around, self.domain.snap, self.place) if side.front else None
            rings.append(made)
        fronts = [None if r is None else self.ring(r, loop[i].curve.closed) for i, r in enumerate(rings)]
        stations = _mouth_stations(loop, rings, every, numbers, cap)
        border: list[Index] = []
        last: int | None = None
        starts: dict[int, int] = {}
        for i, side in enumerate(loop):
            made = fronts[i]
            if made is not None:
                border.append(made[1][::2] if side.curve.closed else made[1][:-1:2])
                continue
            s = stations[i]
            before, after = rings[i - 1] is not None, rings[(i + 1) % n] is not None
            corner = side.curve.at(s)
            new = np.full(len(s), -1)
            if before:
                new[0] = fronts[i - 1][1][-1]  # type: ignore[index]
            elif last is not None:
                new[0] = last
            if after:
                new[-1] = fronts[(i + 1) % n][1][0]  # type: ignore[index]
            elif side.curve.closed:
                pass
            elif i == n - 1:
                new[-1] = starts[0]
            todo = new < 0
            if side.curve.closed:
                todo[-1] = False
            new[todo] = self.add(corner[todo])
            if side.curve.closed:
                new[-1] = new[0]
            starts[i] = int(new[0])
            last = int(new[-1])
            middle = self.add(side.curve.at(0.5 * (s[:-1] + s[1:])))
            chain = np.empty(2 * len(s) - 1, dtype=np.int64)
            chain[::2], chain[1::2] = new, middle
            self.known.append(np.column_stack([chain[:-2:2], chain[1::2], chain[2::2]]))
            border.append(new[:-1])
            parts = [chain]
            if before:
                f, q, c = (fronts[i - 1][k][-1] for k in (0, 2, 1))  # type: ignore[index]
                parts.insert(0, np.array([f, q]))
            if after:
                f, q, c = (fronts[(i + 1) % n][k][0] for k in (0, 2, 1))  # type: ignore[index]
                parts.append(np.array([q, f]))
            self.mouths.append(
                Mouth(side.face, np.concatenate(parts), "tip" if before else "edge", "tip" if after else "edge")
            )
        self.inner.append(np.concatenate(border))

    def ring(self, made: Ring, closed: bool) -> tuple[Index, Index, Index]:
        """Nodes and elements of a ring; its front, inner and quarter nodes."""
        front = self.add(made.front)
        m = len(made.front)
        n = m // 2
        inner, quarter = np.empty(m, dtype=np.int64), np.empty(m, dtype=np.int64)
        inner[::2] = self.add(made.inner)
        a = np.arange(n)
        b = (a + 1) % n if closed else a + 1
        half = 0.5 * (made.inner[a] + made.inner[b])
        inner[1::2] = self.add(half)
        across = np.empty((m, 2))
        across[::2], across[1::2] = made.inner, half
        quarter[:] = self.add(0.75 * made.front + 0.25 * across)
        i, j, k = 2 * a, 2 * b, 2 * a + 1
        self.cells.append(np.column_stack([
            front[i], front[j], inner[j], inner[i], front[k], quarter[j], inner[k], quarter[i], quarter[k]
        ]))
        kind = np.full(n, TIP)
        if not closed:
            kind[0] += MOUTH_FIRST
            kind[-1] += MOUTH_LAST
        self.kind.append(kind)
        self.known.append(np.column_stack([inner[i], inner[k], inner[j]]))
        self.halves.append(np.column_stack([inner[k], inner[i], inner[j]]))
        self.quarters.append(np.column_stack([quarter, front, inner]))
        self.fronts.append(Front(front, quarter, inner, closed))
        return front, inner, quarter

    def finished(self, cap: float) -> CrackMesh:
        """The mesh, its interior filled with triangles."""
        uv = np.concatenate(self.uv)
        corner = np.concatenate(self.inner)
        local = np.full(len(uv), -1)
        local[corner] = np.arange(len(corner))
        filled = triangulate(
            uv[corner], [local[loop] for loop in self.inner], [], lambda x: np.full(len(x), cap),
            growth=GROWTH, place=self.place,
        )  # fmt: skip
        new = self.add(filled.points[len(corner) :])
        triangles = np.concatenate([corner, new])[filled.triangles]
        uv = np.concatenate(self.uv)
        pairs, number = np.unique(np.sort(sides_of(triangles), axis=1), axis=0, return_inverse=True)
        known = np.concatenate(self.known)
        key, have = edge_keys(pairs, 1 << 31), edge_keys(known[:, [0, 2]], 1 << 31)
        order = np.argsort(have)
        at = np.minimum(np.searchsorted(have[order], key), len(have) - 1)
        hit = have[order][at] == key
        middle = np.where(hit, known[order][at, 1], -1)
        middle[~hit] = self.add(0.5 * (uv[pairs[~hit, 0]] + uv[pairs[~hit, 1]]))
        self.halves.append(np.column_stack([middle[~hit], pairs[~hit]]))
        cells = np.full((len(triangles), 9), -1)
        cells[:, :3], cells[:, 3:6] = triangles, middle[number.reshape(3, -1).T]
        self.cells.append(cells)
        self.kind.append(np.full(len(cells), T6))
        uv = np.concatenate(self.uv)
        points = _placed(self.domain.chart, uv, np.concatenate(self.halves), known, np.concatenate(self.quarters))
        return CrackMesh(
            points, uv, np.concatenate(self.cells), np.concatenate(self.kind), tuple(self.fronts), tuple(self.mouths)
        )


def _placed(chart: Chart, uv: Array, halves: Index, known: Index, quarters: Index) -> Array:
    """Nodes in space: middles exactly midway where that is on the surface, quarter nodes exactly a quarter in."""
    x = chart.to_space(uv)
    for rows in (halves, known[:, [1, 0, 2]]):
        m, a, b = rows.T
        straight = 0.5 * (x[a] + x[b])
        along = x[b] - x[a]
        length = np.linalg.norm(along, axis=1)
        off = x[m] - straight
        off -= ((off * along).sum(axis=1) / length**2)[:, None] * along
        flat = np.linalg.norm(off, axis=1) < 1e-7 * length
        x[m] = np.where(flat[:, None], straight, x[m])
    node, front, inner = quarters.T
    x[node] = x[front] + 0.25 * (x[inner] - x[front])
    return x


def _mouth_stations(
    loop: list[Side], rings: list[Ring | None], every: list[Side], numbers: range, cap: float
) -> list[Array]:
    """Lengths at the corner nodes along every mouth of a loop, between the rings; empty for a front."""
    n = len(loop)
    spans, sizes = [], []
    for i, side in enumerate(loop):
        length = side.curve.length
        before, after = rings[i - 1], rings[(i + 1) % n]
        a = 0.0 if side.front or before is None else float(before.depth[1])
        b = length if side.front or after is None else length - float(after.depth[0])
        s = np.linspace(a, b, 161)
        spans.append(s)
        if side.front:
            sizes.append(np.zeros(0))
            continue
        size = mouth_size(every, numbers[i], s, cap)
        if before is not None:
            size[0] = min(size[0], before.depth[1])
        if after is not None:
            size[-1] = min(size[-1], after.depth[0])
        sizes.append(graded(s, size, GROWTH, length if side.curve.closed else None))
    for _ in range(n):  # sizes agree where two mouths meet
        for i in range(n):
            j = (i + 1) % n
            if not (loop[i].front or loop[j].front) and n > 1:
                size = min(sizes[i][-1], sizes[j][0])
                sizes[i][-1] = sizes[j][0] = size
                sizes[i], sizes[j] = graded(spans[i], sizes[i], GROWTH), graded(spans[j], sizes[j], GROWTH)
    stations = []
    for side, s, size in zip(loop, spans, sizes):
        if side.front:
            stations.append(np.zeros(0))
            continue
        inside = side.curve.corners
        stops = np.concatenate([s[:1], inside[(inside > s[0]) & (inside < s[-1])], s[-1:]])
        least = 8 if side.curve.closed and len(stops) == 2 else 1
        parts = [divided(s, size, a, b, least)[:-1] for a, b in zip(stops[:-1], stops[1:])]
        stations.append(np.append(np.concatenate(parts), stops[-1]))
    return stations
