"""Edges of a body divided anew near cracks, through the points at which mouths go over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from deadlight.errors import NotSolved
from deadlight.surface.body import Body
from deadlight.surface.grading import Grading
from deadlight.surface.skin_mesh import Chain, side_keys, spaced
from deadlight.surface.slit import Slit, Start

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

KEEP = 0.8  # a side stays where the graded size is above this part of its length


def divided_edges(
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
        bad = (wanted < KEEP * length) | fresh
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
        at = np.array([0.5 * (a[0] + b[0]) for a, b in pairwise(stops)])
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
            raise NotSolved(
                f"{body.name}: the mouth of a crack ends at an edge and does not go on behind it, at {x[0]} m"
            )
        t = [float(body.edges[j].nearest(x)[0]) for j in common]
        off = [float(np.linalg.norm(body.edges[j].at(np.array([p])) - x)) for j, p in zip(common, t)]
        best = int(np.argmin(off))
        found.setdefault(common[best], []).append((t[best], node[crack_node]))
    return found


