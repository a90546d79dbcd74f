"""Nodes and elements of one crack, put together from rings, mouths and the triangles between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from deadlight.surface.chart import Chart, Snap
from deadlight.surface.constrained import edge_keys, sides
from deadlight.surface.crack_bend import ROUND, Bends
from deadlight.surface.crack_crease import slits
from deadlight.surface.crack_domain import CrackMesh, Mouth
from deadlight.surface.crack_limit import Limit
from deadlight.surface.crack_ring import Ring
from deadlight.surface.crack_size import Side
from deadlight.surface.mesh import MOUTH_FIRST, MOUTH_LAST, T6, TIP, Array, Front, Index
from deadlight.surface.triangulate import triangulate

GROWTH = 0.4  # of the elements away from the fronts
STRAIGHT = 1e-7  # a side bent by less than this share of its length is straight


@dataclass(eq=False)
class Build:
    """Nodes and elements as they are made.

    Attributes
    ----------
    chart : Chart
    place : str
        Named in errors.
    inner : list of (k,) int64
        Loops of corner nodes round the interior.
    known : list of (k, 3) int64
        Sides that have their middle already: corner, middle, corner.
    halves : list of (k, 3) int64
        Nodes midway in the chart, and the two they lie between.
    quarters : list of (k, 3) int64
        Nodes a quarter in, the front node, the inner node.
    on_skin : list of (int, callable)
        Nodes a quarter in on mouths, with what moves them onto the skin.
    """

    chart: Chart
    place: str
    uv: list[Array] = field(default_factory=list)
    count: int = 0
    cells: list[Index] = field(default_factory=list)
    kind: list[Index] = field(default_factory=list)
    fronts: list[Front] = field(default_factory=list)
    mouths: list[Mouth] = field(default_factory=list)
    inner: list[Index] = field(default_factory=list)
    known: list[Index] = field(default_factory=list)
    halves: list[Index] = field(default_factory=list)
    quarters: list[Index] = field(default_factory=list)
    on_skin: list[tuple[int, Snap]] = field(default_factory=list)

    def add(self, uv: Array) -> Index:
        """New nodes; their numbers."""
        numbers = np.arange(self.count, self.count + len(uv))
        self.uv.append(uv)
        self.count += len(uv)
        return numbers

    def loop(self, loop: Sequence[Side], rings: Sequence[Ring | None], stations: Sequence[Array]) -> None:
        """Nodes and ring elements along one loop of sides, with the ring of each front, the nodes of each mouth."""
        n = len(loop)
        fronts = [None if r is None else self.ring(r, side.curve.closed) for r, side in zip(rings, loop)]
        joints = self._joints(loop, fronts)
        border = []
        for i, side in enumerate(loop):
            front = fronts[i]
            if front is not None:
                border.append(front.inner[::2] if front.closed else front.inner[:-1:2])
            else:
                ends, beside = (joints[i], joints[(i + 1) % n]), (fronts[i - 1], fronts[(i + 1) % n])
                chain = self._mouth(side, stations[i], ends, beside)
                border.append(chain[:-1:2])
        self.inner.append(np.concatenate(border))

    def _joints(self, loop: Sequence[Side], fronts: Sequence[Front | None]) -> list[int]:
        """Node where every mouth of a loop begins: inner end of the ring before it, or a node it shares."""
        joints = []
        for i, side in enumerate(loop):
            before, own = fronts[i - 1], fronts[i]
            if own is not None:
                joints.append(-1 if own.closed else int(own.inner[0]))
            elif before is not None:
                joints.append(int(before.inner[-1]))
            else:
                joints.append(int(self.add(side.curve.at(np.zeros(1)))[0]))
        return joints

    def _mouth(
        self, side: Side, s: Array, ends: tuple[int, int], fronts: tuple[Front | None, Front | None]
    ) -> Index:
        """Nodes of a mouth between the rings, corner, middle, corner ...; with those of the rings it is noted."""
        chain = np.empty(2 * len(s) - 1, dtype=np.int64)
        chain[2:-1:2] = self.add(side.at(s[1:-1]))
        chain[0], chain[-1] = ends
        chain[1::2] = self.add(side.at(0.5 * (s[:-1] + s[1:])))
        self.known.append(np.column_stack([chain[:-2:2], chain[1::2], chain[2::2]]))
        before, after = fronts
        head = [] if before is None else [before.nodes[-1], before.quarter[-1]]
        tail = [] if after is None else [after.quarter[0], after.nodes[0]]
        if side.skin is not None:
            self.on_skin += [(int(k), side.skin) for k in (*head[1:], *tail[:1])]
        nodes = np.concatenate([np.array(head, dtype=np.int64), chain, np.array(tail, dtype=np.int64)])
        self.mouths.append(Mouth(side.face, nodes, "tip" if head else "edge", "tip" if tail else "edge"))
        return chain

    def ring(self, made: Ring, closed: bool) -> Front:
        """Nodes and elements of a ring."""
        m = len(made.front)
        a = np.arange(m // 2)
        b = (a + 1) % len(a) if closed else a + 1
        across = np.empty((m, 2))
        across[::2], across[1::2] = made.inner, 0.5 * (made.inner[a] + made.inner[b])
        front, inner = self.add(made.front), self.add(across)
        quarter = self.add(0.75 * made.front + 0.25 * across)
        i, j, k = 2 * a, 2 * b, 2 * a + 1
        self.cells.append(np.column_stack([
            front[i], front[j], inner[j], inner[i], front[k], quarter[j], inner[k], quarter[i], quarter[k]
        ]))  # fmt: skip
        kind = np.full(len(a), TIP)
        if not closed:
            kind[0] += MOUTH_FIRST
            kind[-1] += MOUTH_LAST
        self.kind.append(kind)
        self.known.append(np.column_stack([inner[i], inner[k], inner[j]]))
        self.halves.append(np.column_stack([inner[k], inner[i], inner[j]]))
        self.quarters.append(np.column_stack([quarter, front, inner]))
        self.fronts.append(Front(front, quarter, inner, closed))
        return self.fronts[-1]

    def finished(self, limit: Limit, creases: Array, bends: Bends) -> CrackMesh:
        """The mesh, its interior filled with triangles within the limit."""
        triangles = self._filled(limit, creases, bends)
        uv = np.concatenate(self.uv)
        pairs, number = np.unique(np.sort(sides(triangles), axis=1), axis=0, return_inverse=True)
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
        points = _placed(self.chart, uv, np.concatenate(self.halves), known, np.concatenate(self.quarters))
        for node, skin in self.on_skin:  # two a front that ends on the skin
            moved = skin(uv[node][None])
            if np.linalg.norm(moved[0] - uv[node]) > 1e-9 * np.linalg.norm(np.ptp(uv, axis=0)):
                uv[node], points[node] = moved[0], self.chart.to_space(moved)[0]
        return CrackMesh(
            points, uv, np.concatenate(self.cells), np.concatenate(self.kind), tuple(self.fronts), tuple(self.mouths)
        )

    def _bent(self, limit: Limit, bends: Bends) -> list[Index]:
        """Corner nodes along the bends, with new nodes on them."""
        lines = []
        for first, spots, last in bends.sides(np.concatenate(self.uv), self.inner, limit, GROWTH):
            head, tail = int(first < 0), int(last == -1)
            new = self.add(spots[2 - 2 * head : len(spots) - 2 + 2 * tail : 2])
            begin = np.zeros(0, dtype=np.int64) if head else np.array([first])
            end = new[:1] if last == ROUND else np.zeros(0, dtype=np.int64) if tail else np.array([last])
            line = np.concatenate([begin, new, end])
            middle = self.add(spots[1::2])
            self.known.append(np.column_stack([line[:-1], middle, line[1:]]))
            lines.append(line)
        return lines

    def _filled(self, limit: Limit, creases: Array, bends: Bends) -> Index:
        """Triangles (t, 3) of corner nodes inside the loops."""
        uv = np.concatenate(self.uv)
        corner = np.concatenate(self.inner)
        lines = []
        if len(creases):
            size = np.full(len(uv), np.inf)
            for loop in self.inner:
                step = np.linalg.norm(uv[np.roll(loop, -1)] - uv[loop], axis=1)
                size[loop] = 0.5 * (step + np.roll(step, 1))
            for p, between, q in slits(creases, uv, self.inner, size, limit, GROWTH):
                new = self.add(between)
                lines.append(np.concatenate([[p], new, [q]]))
                corner = np.concatenate([corner, new])
        for line in self._bent(limit, bends):
            lines.append(line)
            corner = np.concatenate([corner, line[~np.isin(line, corner)]])
        uv = np.concatenate(self.uv)
        corner = corner[np.sort(np.unique(corner, return_index=True)[1])]
        local = np.full(len(uv), -1)
        local[corner] = np.arange(len(corner))
        filled = triangulate(
            uv[corner], [local[loop] for loop in self.inner], [local[line] for line in lines],
            limit, growth=GROWTH, place=self.place,
        )  # fmt: skip
        new = self.add(filled.points[len(corner) :])
        return np.concatenate([corner, new])[filled.triangles]


def _placed(chart: Chart, uv: Array, halves: Index, known: Index, quarters: Index) -> Array:
    """Nodes in space: middles exactly midway where the side is straight, quarter nodes exactly a quarter in."""
    x = chart.to_space(uv)
    for m, a, b in (halves.T, known[:, [1, 0, 2]].T):
        straight = 0.5 * (x[a] + x[b])
        along = x[b] - x[a]
        length = np.linalg.norm(along, axis=1)
        off = x[m] - straight
        off -= ((off * along).sum(axis=1) / length**2)[:, None] * along
        flat = np.linalg.norm(off, axis=1) < STRAIGHT * length
        x[m] = np.where(flat[:, None], straight, x[m])
    node, front, inner = quarters.T
    x[node] = x[front] + 0.25 * (x[inner] - x[front])
    return x
