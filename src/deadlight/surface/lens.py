"""Small bevels put back where a crack comes near them: a stretch of the true bevel that runs out to both sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from deadlight.surface.bevels import Bevel, PlainBody
from deadlight.surface.body import Body, Face
from deadlight.surface.curve import Curve
from deadlight.surface.skin_chart import Band
from deadlight.surface.skin_mesh import Chain, Skin, side_keys, sides_of
from deadlight.surface.slit import Slit, Start

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

NEAR = 3.0  # bevel widths from a mouth within which the bevel is there
TRUE = 4.0  # bevel widths beyond the near part of a mouth over which it is the true one
TAPER = 6.0  # bevel widths over which it runs out


@dataclass(frozen=True, eq=False)
class Window:
    """One stretch of one bevel.

    Attributes
    ----------
    bevel : Bevel
    ends, true : (float, float)
        Parameters on the sharp edge where it begins and ends, and between which it is the true bevel; the second may
        be beyond a full round.
    """

    bevel: Bevel
    ends: tuple[float, float]
    true: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Local:
    """A body with bevels where they matter.

    Attributes
    ----------
    body : Body
    start : Start
        What of the background its edges keep.
    slits : tuple of Slit
        With the face numbers of this body.
    """

    body: Body
    start: Start
    slits: tuple[Slit, ...]


def localised(both: PlainBody, back: Skin, slits: Sequence[Slit], x: Array) -> Local | None:
    """Body with the bevels that mouths touch or pass closely; None if there are none.

    Parameters
    ----------
    back : Skin
        Background of the plain body.
    slits : sequence of Slit
        With the face numbers of the full body.
    x : (n, 3) float [m]
        Points of the crack nodes.
    """
    windows = [w for b in both.bevels for w in _windows(b, slits, x)]
    if not windows:
        return None
    n = 1 + int(back.cells[:, :3].max())
    build = _Build(both, back, n)
    for bevel in both.bevels:
        mine = sorted((w for w in windows if w.bevel is bevel), key=lambda w: w.ends[0])
        if mine:
            build.add(bevel, mine)
    return build.done(slits, x)


def plain_slits(both: PlainBody, slits: Sequence[Slit]) -> tuple[Slit, ...]:
    """The slits with the face numbers of the plain body."""
    return tuple(replace(s, face=both.origin.index(s.face)) for s in slits)


def _windows(bevel: Bevel, slits: Sequence[Slit], x: Array) -> list[Window]:
    """Stretches of a bevel that mouths come near to, joined where they overlap."""
    spots = [x[s.nodes] for s in slits]
    if not spots:
        return []
    points = np.concatenate(spots)
    touch = np.concatenate([np.full(len(s.nodes), s.face == bevel.face) for s in slits])
    uv = bevel.chart.to_chart(points)
    off = np.linalg.norm(bevel.chart.to_space(uv) - points, axis=1)
    beyond = np.maximum(np.maximum(-uv[:, 1], uv[:, 1] - bevel.width), 0.0)
    near = touch | (np.hypot(off, beyond) < NEAR * bevel.width)
    if not near.any():
        return []
    sharp = bevel.sharp
    at = np.sort(np.mod(sharp.lengths(sharp.nearest(points[near])), sharp.length))
    reach = (TRUE + TAPER) * bevel.width
    gap = np.append(at[1:], at[0] + sharp.length) - at
    cuts = np.flatnonzero(gap > 2.2 * reach)
    if not len(cuts):  # round the whole edge: begin and end in the widest gap
        cuts = np.array([int(gap.argmax())])
    windows = []
    for i, cut in enumerate(cuts):
        first = at[(cut + 1) % len(at)]
        last = at[cuts[(i + 1) % len(cuts)]]
        last += sharp.length * (last < first)
        room = 0.45 * min(gap[cut], gap[cuts[(i + 1) % len(cuts)]])
        part = min(1.0, room / reach)
        s = np.array([first - part * reach, first - part * TRUE * bevel.width])
        e = np.array([last + part * TRUE * bevel.width, last + part * reach])
        t = sharp.parameters(np.concatenate([s, e]))
        windows.append(Window(bevel, (float(t[0]), float(t[3])), (float(t[1]), float(t[2]))))
    return windows


def stretch(curve: Curve, t: Array) -> tuple[Array, Array]:
    """Breaks between t[0] and t[-1] with all whole numbers between, and the nodes of the quadratic pieces there."""
    whole = np.arange(np.ceil(t[0]), np.floor(t[-1]) + 1)
    breaks = np.unique(np.concatenate([t, whole]))
    breaks = breaks[np.append(True, np.diff(breaks) > 1e-9)]
    breaks[-1] = t[-1]
    both = np.empty(2 * len(breaks) - 1)
    both[::2], both[1::2] = breaks, 0.5 * (breaks[1:] + breaks[:-1])
    return breaks, both


class _Build:
    """Edges, faces and chains of the local body, from those of the plain one."""

    def __init__(self, both: PlainBody, back: Skin, n: int) -> None:
        self.both, self.back, self.n = both, back, n
        self.edges = list(both.plain.edges)
        self.chains = list(back.chains)
        self.fresh = [np.zeros(len(c.nodes) - 1, dtype=bool) for c in back.chains]
        self.limit = [np.inf] * len(self.edges)
        self.loops = [list(f.loops) for f in both.plain.faces]
        self.faces: list[tuple[Face, int, Window]] = []
        self.extra: list[Array] = []
        self.broken: list[Index] = []

    def _edge(self, curve: Curve, chain: Chain, fresh: Any, limit: float = np.inf) -> int:
        self.edges.append(curve)
        self.chains.append(chain)
        self.fresh.append(fresh)
        self.limit.append(limit)
        return len(self.edges) - 1

    def _corner(self, x: Array) -> int:
        self.extra.append(x)
        return self.n + len(self.extra) - 1

    def add(self, bevel: Bevel, windows: list[Window]) -> None:
        """Put stretches of one bevel into its sharp edge."""
        curve, chain = bevel.sharp, self.back.chains[bevel.edge]
        corners = [tuple(self._corner(curve.at(np.array([t]))[0]) for t in w.ends) for w in windows]
        order, lens = [], []
        for i, (w, (first, last)) in enumerate(zip(windows, corners)):
            after = windows[(i + 1) % len(windows)]
            stop = after.ends[0]
            while stop < w.ends[1]:
                stop += curve.pieces
            upper, lower = (self._lens(w, c, first, last) for c in (bevel.upper, bevel.lower))
            arc = self._arc(curve, chain, w.ends[1], stop, last, corners[(i + 1) % len(windows)][0], bevel.edge, i == 0)
            lens.append((w, upper, lower))
            order.append((upper, lower, arc))
        flat, wide = self.both.plain.sides[bevel.edge]
        if isinstance(self.both.plain.faces[flat].chart, Band):
            flat, wide = wide, flat
        sense = self._replace(flat, bevel.edge, [e for up, _, arc in order for e in (up, arc)])
        self._replace(wide, bevel.edge, [e for _, low, arc in order for e in (low, arc)])
        for w, upper, lower in lens:
            chart = Band(self.edges[lower], self.edges[upper], self._outward(bevel))
            face = Face(self.both.full.faces[bevel.face].name, chart, (((upper, -sense), (lower, sense)),))
            self.faces.append((face, bevel.face, w))

    def _outward(self, bevel: Bevel) -> float:
        """Sense of the stretch's chart: low to high is from band to flat face, along is along the sharp edge."""
        t = np.zeros(1)
        n = np.cross(bevel.lower.slope(t), bevel.upper.at(t) - bevel.lower.at(t))
        middle = 0.5 * (bevel.lower.at(t) + bevel.upper.at(t))
        true = bevel.chart.normal(bevel.chart.to_chart(middle))
        return float(np.sign((n * true).sum()))

    def _lens(self, w: Window, own: Curve, first: int, last: int) -> int:
        """One edge of a stretch: the true edge in the middle, blended into the sharp edge at both ends."""
        sharp = w.bevel.sharp
        t = [w.ends[0], *(w.ends[0] + (w.true[0] - w.ends[0]) * np.array([0.25, 0.5, 0.75])), w.true[0]]
        t += [w.true[1], *(w.true[1] + (w.ends[1] - w.true[1]) * np.array([0.25, 0.5, 0.75])), w.ends[1]]
        breaks, nodes = stretch(sharp, np.array(t))
        s = sharp.lengths(np.array([w.ends[0], w.true[0], w.true[1], w.ends[1]]))
        part = np.interp(sharp.lengths(nodes), s, [0.0, 1.0, 1.0, 0.0])[:, None]
        x = (1 - part) * sharp.at(nodes) + part * own.at(nodes)
        chain = Chain(np.array([first, last]), np.array([0.0, len(breaks) - 1.0]))
        return self._edge(Curve(x), chain, np.ones(1, dtype=bool), 2.5 * w.bevel.width)

    def _arc(
        self, curve: Curve, chain: Chain, t0: float, t1: float, first: int, last: int, edge: int, reuse: bool
    ) -> int:
        """The sharp edge between two stretches, with the background's nodes."""
        breaks, nodes = stretch(curve, np.array([t0, t1]))
        rounds = np.floor(t0 / curve.pieces)
        t = np.concatenate([chain.t[:-1] + r * curve.pieces for r in (rounds - 1, rounds, rounds + 1, rounds + 2)])
        old = np.tile(chain.nodes[:-1], 4)
        pieces = np.diff(chain.t).mean()
        keep = (t > t0 + 0.05 * pieces) & (t < t1 - 0.05 * pieces)
        at = np.interp(np.concatenate([[t0], t[keep], [t1]]), breaks, np.arange(len(breaks)))
        found = Chain(np.concatenate([[first], old[keep], [last]]), at)
        ends = np.column_stack([chain.nodes[:-1], chain.nodes[1:]])
        still = np.column_stack([found.nodes[:-1], found.nodes[1:]])
        fresh = ~np.isin(side_keys(still), side_keys(ends))
        self.broken.append(side_keys(still[~fresh]))
        arc = Curve(curve.at(nodes))
        if not reuse:
            return self._edge(arc, found, fresh)
        self.edges[edge], self.chains[edge], self.fresh[edge] = arc, found, fresh
        return edge

    def _replace(self, face: int, edge: int, parts: list[int]) -> int:
        """Put a row of edges in the place of one closed edge of a face; its sense there."""
        for i, loop in enumerate(self.loops[face]):
            if len(loop) == 1 and loop[0][0] == edge:
                sense = loop[0][1]
                self.loops[face][i] = tuple((e, sense) for e in (parts if sense > 0 else parts[::-1]))
                return sense
        raise AssertionError("the sharp edge of a bevel is not an outline of its face")

    def done(self, slits: Sequence[Slit], x: Array) -> Local:
        """The body, what its edges keep, and the slits with its face numbers."""
        plain = self.both.plain
        faces = [replace(f, loops=tuple(loops)) for f, loops in zip(plain.faces, self.loops)]
        faces += [f for f, _, _ in self.faces]
        regions = plain.regions
        if regions is not None and self.both.full.regions is not None:
            regions = regions.joined(self.both.full.regions, [j for _, j, _ in self.faces])
        body = Body(tuple(faces), tuple(self.edges), plain.thickness, plain.name, regions)
        kept = np.concatenate(self.broken)
        gone = np.zeros(len(self.back.cells), dtype=bool)
        changed = {w.bevel.edge for _, _, w in self.faces}
        for e in changed:
            old = self.back.chains[e].nodes
            keys = side_keys(np.column_stack([old[:-1], old[1:]]))
            lost = keys[~np.isin(keys, kept)]
            gone |= np.isin(side_keys(sides_of(self.back.cells)), lost).reshape(-1, 3).any(axis=1)
        start = Start(tuple(self.chains), gone, tuple(self.fresh), tuple(self.limit), np.array(self.extra))
        return Local(body, start, tuple(self._slit(s, x) for s in slits))

    def _slit(self, slit: Slit, x: Array) -> Slit:
        if slit.face in self.both.origin:
            return replace(slit, face=self.both.origin.index(slit.face))
        middle = x[slit.nodes[len(slit.nodes) // 2]][None]
        for i, (_, bevel, w) in enumerate(self.faces):
            if bevel == slit.face:
                t = float(w.bevel.sharp.nearest(middle)[0])
                if any(w.ends[0] <= t + r * w.bevel.sharp.pieces <= w.ends[1] for r in (-1, 0, 1)):
                    return replace(slit, face=len(self.both.plain.faces) + i)
        raise AssertionError("a mouth lies on a bevel that was not put back")
