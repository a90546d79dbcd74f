"""Lines in which the surface of a crack, carried on beyond its outline, meets the skin of a body."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.surface.body import Body
from deadlight.surface.chart import Chart, Drawn, Plane
from deadlight.surface.facets import Facets, Local
from deadlight.surface.sheet import Sheet

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

_FINE = 24  # facets across the extent of a bent crack
_TOLERANCE = 2e-6  # of the crack's extent: how far a chord of the section may be off
_LEVELS = 9  # halvings of a chord
_BULGE = 0.2  # of a chord: how far the section may lie from it
_NEWTON = 8  # steps onto a face
NOISE = 1e-11  # of a function's largest value: below, it may be its rounding


@dataclass(frozen=True, eq=False)
class Line:
    """One line of a section.

    Attributes
    ----------
    uv : (n, 2) float
        Points in the chart of the sheet; a closed line repeats its first point.
    face : (n - 1,) int64
        Face of the body that each piece lies on.
    """

    uv: Array
    face: Index


def section(body: Body, sheet: Sheet) -> list[Line]:
    """Section of the sheet's whole surface with the skin, at least where the sheet is.

    Raises
    ------
    InputError
        Faces without a chart.
    """
    outline = np.concatenate(sheet.outlines)
    space = sheet.chart.to_space(outline)
    extent = float(np.linalg.norm(np.ptp(space, axis=0)))
    box = np.array([space.min(axis=0) - 0.3 * extent, space.max(axis=0) + 0.3 * extent])
    plane = isinstance(sheet.chart, Plane)
    if plane and not body.unlimited:
        facets = body.facets()
    else:
        facets = body.facets(Local(box, 4 * extent if plane else extent / _FINE))
    pairs, links, face = _crossings(facets, sheet, None if plane else box)
    if not len(pairs):
        return []
    x, exact = _points(body, sheet, facets, pairs)
    chains = _chains(len(pairs), links, face)
    low, high = outline.min(axis=0), outline.max(axis=0)
    margin = 0.05 * (high - low)
    lines = []
    for nodes, on in chains:
        line = _Raw(sheet.chart.to_chart(x[nodes]), on, exact[nodes])
        line = _refined(body, sheet, line, low - margin, high + margin, extent, plane)
        uv, face = line.uv, line.face
        kept = np.append(True, np.linalg.norm(np.diff(uv, axis=0), axis=1) > 1e-10 * extent)
        uv, face = uv[kept], face[kept[1:]]
        if plane and len(face):  # a straight piece on a flat face needs its ends only
            flat = np.array([f.flat for f in body.faces])[face]
            kept = np.concatenate([[True], ~(flat[1:] & (face[1:] == face[:-1])), [True]])
            uv, face = uv[kept], face[kept[1:]]
        if len(face):
            lines.append(Line(uv, face))
    return lines


@dataclass(frozen=True, eq=False)
class _Raw:
    uv: Array
    face: Index
    exact: Any


def _crossings(facets: Facets, sheet: Sheet, box: Array | None) -> tuple[Index, Index, Index]:
    """Sides of facets that the sheet crosses (k, 2), and pairs of them inside one facet (m, 2) with its face (m,)."""
    tri, face = facets.triangles, facets.face
    if box is not None:
        corners = facets.points[tri]
        near = (corners.max(axis=1) > box[0]).all(axis=1) & (corners.min(axis=1) < box[1]).all(axis=1)
        tri, face = tri[near], face[near]
    s = np.ones(len(facets.points))
    used = np.unique(tri)
    s[used] = sheet.chart.signed(facets.points[used])
    plus = (s >= 0)[tri]
    cut = np.stack([plus[:, i] != plus[:, (i + 1) % 3] for i in range(3)], axis=1)
    hit = cut.any(axis=1)
    tri, face, cut = tri[hit], face[hit], cut[hit]
    sides = np.sort(np.stack([tri, np.roll(tri, -1, axis=1)], axis=2), axis=2)  # (m, 3, 2)
    pairs, number = np.unique(sides[cut], axis=0, return_inverse=True)
    return pairs, number.reshape(-1, 2), face


def _points(body: Body, sheet: Sheet, facets: Facets, pairs: Index) -> tuple[Array, Any]:
    """Where the sheet crosses sides of facets, and which of these points lie on an edge of the body (exactly)."""
    a, b = facets.points[pairs[:, 0]], facets.points[pairs[:, 1]]
    part = root(lambda w: sheet.chart.signed(a + w[:, None] * (b - a)), len(pairs))
    x = a + part[:, None] * (b - a)
    exact = np.zeros(len(pairs), dtype=bool)
    n = len(facets.points)
    key = facets.rims.min(axis=1) * n + facets.rims.max(axis=1) if len(facets.rims) else np.zeros(0, dtype=np.int64)
    order = np.argsort(key)
    wanted = pairs[:, 0] * n + pairs[:, 1]
    at = np.searchsorted(key[order], wanted)
    for i in np.flatnonzero((at < len(key)) & (np.append(key[order], -1)[at] == wanted)):  # few: edges that are crossed
        rim = order[at[i]]
        curve, (t0, t1) = body.edges[facets.edge[rim]], facets.t[rim]
        w = root(lambda p: sheet.chart.signed(curve.at(t0 + p * (t1 - t0))), 1)  # noqa: B023 (used at once)
        x[i] = curve.at(t0 + w * (t1 - t0))[0]
        exact[i] = True
    return x, exact


def root(f: Callable[[Array], Array], count: int) -> Array:
    """Roots in 0 .. 1 of functions that change sign there, by the Illinois rule (Dowell & Jarratt 1971). (count,)."""
    a, b = np.zeros(count), np.ones(count)
    fa, fb = f(a), f(b)
    scale = np.maximum(np.abs(fa), np.abs(fb)) + 1e-300
    w = np.where(fa == 0, 0.0, 1.0)
    last = np.full(count, np.inf)
    for _ in range(60):
        gap = np.where(fb == fa, 1.0, fb - fa)
        w = np.clip((a * fb - b * fa) / gap, np.minimum(a, b), np.maximum(a, b))
        fw = f(w)
        off = np.abs(fw)
        if ((off <= 1e-15 * scale) | (np.abs(b - a) < 1e-15) | at_noise(off, last, scale)).all():
            break
        last = off
        same = (fw > 0) == (fb > 0)
        a, fa = np.where(same, a, b), np.where(same, 0.5 * fa, fb)
        b, fb = w, fw
    return w


def _chains(count: int, links: Index, face: Index) -> list[tuple[Index, Index]]:
    """Lines of crossings: node numbers (closed: the first again at the end) and the face of each piece."""
    around: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for number, (a, b) in enumerate(links.tolist()):
        around[a].append((b, number))
        around[b].append((a, number))
    used = np.zeros(len(links), dtype=bool)
    starts = [i for i, near in enumerate(around) if len(near) == 1] + list(range(count))
    lines = []
    for start in starts:
        nodes, on, at = [start], [], start
        while True:
            step = next(((b, k) for b, k in around[at] if not used[k]), None)
            if step is None:
                break
            at, k = step
            used[k] = True
            nodes.append(at)
            on.append(int(face[k]))
        if on:
            lines.append((np.array(nodes), np.array(on)))
    return lines


def _refined(
    body: Body, sheet: Sheet, line: _Raw, low: Array, high: Array, extent: float, plane: bool
) -> _Raw:
    """The line with every point on both surfaces and chords halved until they follow the section."""
    curved = np.array([not (plane and f.flat) for f in body.faces])
    if not curved[line.face].any():
        return line
    line = _settled(body, sheet, line, low, high, extent, curved)
    uv, face = line.uv, line.face
    for _ in range(_LEVELS):
        reach = _BULGE * np.linalg.norm(np.diff(uv, axis=0), axis=1)[:, None]
        near = (np.maximum(uv[:-1], uv[1:]) > low - reach).all(axis=1)
        near &= (np.minimum(uv[:-1], uv[1:]) < high + reach).all(axis=1)
        look = np.flatnonzero(near & curved[face])
        if not len(look):
            break
        middle = 0.5 * (uv[look] + uv[look + 1])
        moved, off = _onto(body, sheet, middle, np.linalg.norm(uv[look + 1] - uv[look], axis=1), face[look])
        bad = off > _TOLERANCE * extent
        if not bad.any():
            break
        uv = np.insert(uv, look[bad] + 1, moved[bad], axis=0)
        face = np.insert(face, look[bad] + 1, face[look[bad]])
    return _Raw(uv, face, np.zeros(len(uv), dtype=bool))


def _settled(
    body: Body, sheet: Sheet, line: _Raw, low: Array, high: Array, extent: float, curved: Any
) -> _Raw:
    """The line with its points between edges of the body moved onto the true faces.

    Facets are cut at their sides, so points may lie as close together as they like, and a point next to an edge may
    land beyond it: those that crowd others are left out, as halving puts new ones in their place.
    """
    uv, face, exact = line.uv.copy(), line.face, line.exact.copy()
    around = bool(np.array_equal(uv[0], uv[-1]))
    step = np.linalg.norm(np.diff(uv, axis=0), axis=1)
    longest = np.maximum(np.append(step, step[-1]), np.append(step[0], step))
    reach = _BULGE * longest[:, None]
    loose = ~exact & ((uv > low - reach) & (uv < high + reach)).all(axis=1)
    on = face[np.minimum(np.arange(len(uv)), len(face) - 1)]
    loose &= curved[on]
    at = np.flatnonzero(loose)
    move = np.zeros(len(uv))
    if len(at):
        uv[at], move[at] = _onto(body, sheet, uv[at], longest[at], on[at])
    if around:
        uv[-1] = uv[0]
    keep = _uncrowded(uv, loose, move, 1e-7 * extent, around)
    return _Raw(uv[keep], face[keep[:-1]], exact[keep])


def _uncrowded(uv: Array, loose: Any, move: Array, least: float, around: bool) -> Any:
    """Which points stay: a loose one must be farther from its neighbours than it moved, and the line may not turn back.

    (n,) bool; of a closed line the first and last point stay.
    """
    keep = np.ones(len(uv), dtype=bool)
    firm = ~loose
    if around:
        firm[[0, -1]] = True
    last = 0
    for i in range(1, len(uv)):  # a few hundred points at most
        gap = float(np.linalg.norm(uv[i] - uv[last]))
        if firm[i]:
            while last > 0 and not firm[last] and gap < 2.0 * move[last] + least:
                keep[last] = False
                last = int(np.flatnonzero(keep[:last])[-1])
                gap = float(np.linalg.norm(uv[i] - uv[last]))
        elif gap < 2.0 * max(move[i], move[last]) + least:
            keep[i] = False
            continue
        last = i
    while True:
        at = np.flatnonzero(keep)
        d = np.diff(uv[at], axis=0)
        back = np.flatnonzero(((d[1:] * d[:-1]).sum(axis=1) < 0.0) & ~firm[at[1:-1]])
        if not len(back):
            return keep
        keep[at[1 + back[0]]] = False


def _onto(body: Body, sheet: Sheet, uv: Array, limit: Array, on: Index) -> tuple[Array, Array]:
    """Points moved in the sheet onto faces of the body, by no more than the limit; and by how much."""
    found = uv.copy()
    for number in np.unique(on):
        mine = on == number
        found[mine] = onto(body.faces[number].chart, sheet.chart, uv[mine], limit[mine])
    return found, np.linalg.norm(found - uv, axis=1)


def onto(face: Chart, sheet: Drawn, uv: Array, limit: Array) -> Array:
    """Points (n, 2) of a sheet moved along it onto a face, the shortest way, each by no more than its limit (n,)."""
    scale = float(limit.max(initial=0.0))
    start, found = uv, uv.copy()
    slope, last = np.zeros_like(uv), np.inf
    for trial in range(_NEWTON):
        x, du, dv = sheet.located(found)
        height, normal = face.signed_and_normal(x)
        if trial < 2:  # later the slope hardly changes, and where the sheet is creased it would go to and fro
            slope = np.column_stack([(normal * du).sum(axis=1), (normal * dv).sum(axis=1)])
        steep = np.maximum((slope**2).sum(axis=1), 1e-6)
        move = -(height / steep)[:, None] * slope
        found = found + move
        away = np.linalg.norm(found - start, axis=1)
        found = start + (found - start) * np.minimum(1.0, limit / np.maximum(away, 1e-300))[:, None]
        largest = float(np.abs(move).max(initial=0.0))
        if largest < 1e-13 * scale or at_noise(largest, last, scale):
            break
        last = largest
    return found


def at_noise(now: Any, before: Any, scale: Any) -> Any:
    """Whether steps towards a root have come down to the digits of the function: so small, and no longer falling."""
    return (now <= NOISE * scale) & (now > 0.1 * before)
