"""Small bevels left out: far from a crack a bevel of a few percent of the thickness is a sharp edge."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from deadlight.surface.body import Body, Face
from deadlight.surface.curve import Curve
from deadlight.surface.skin_chart import Band

Array = np.ndarray[Any, np.dtype[np.float64]]

SMALL = 0.12  # of the thickness: narrower bands between a flat face and another band are left out


def bevels_of(body: Body, small: float = SMALL) -> tuple[int, ...]:
    """Faces that are small bevels: narrow bands that close, between a flat or domed face and a wider closed band."""
    found = []
    for j, face in enumerate(body.faces):
        band = _closed_band(face)
        if band is None or band.width > small * body.thickness or len(face.edges) != 2:
            continue
        others = [body.faces[b if a == j else a] for a, b in (body.sides[e] for e in face.edges)]
        flat = [f for f in others if not isinstance(f.chart, Band)]
        bands = [b for b in map(_closed_band, others) if b is not None and b.width > 2 * band.width]
        if len(flat) == 1 and len(bands) == 1:
            found.append(j)
    return tuple(found)


@dataclass(frozen=True, eq=False)
class Bevel:
    """A bevel that was left out.

    Attributes
    ----------
    face : int
        Its number in the full body.
    edge : int
        The sharp edge in its place, in the plain body.
    sharp, upper, lower : Curve
        That edge, and the bevel's own edges at the flat face and at the band, at equal parameters.
    chart : Band
        The bevel's surface.
    """

    face: int
    edge: int
    sharp: Curve
    upper: Curve
    lower: Curve
    chart: Band

    @property
    def width(self) -> float:
        return self.chart.width


@dataclass(frozen=True, eq=False)
class PlainBody:
    """A body and what it is without its small bevels.

    Attributes
    ----------
    full, plain : Body
    bevels : tuple of Bevel
    origin : tuple of int
        For every face of `plain` its number in `full`.
    """

    full: Body
    plain: Body
    bevels: tuple[Bevel, ...]
    origin: tuple[int, ...]


def without_bevels(full: Body, small: float = SMALL) -> PlainBody:
    """The body with sharp edges in the place of its small bevels: the band's lines go on to the flat face."""
    key = f"without bevels, {small!r}"
    if key not in full.kept:
        body, bevels = full, list[Bevel]()
        origin = tuple(range(len(body.faces)))
        while found := bevels_of(body, small):
            body, bevel = _without(body, found[0])
            bevels.append(replace(bevel, face=origin[found[0]]))
            origin = origin[: found[0]] + origin[found[0] + 1 :]
        edges = {id(c): i for i, c in enumerate(body.edges)}
        done = tuple(replace(b, edge=edges[id(b.sharp)]) for b in bevels)
        full.kept[key] = PlainBody(full, body, done, origin)
    plain: PlainBody = full.kept[key]
    return plain


def _closed_band(face: Face) -> Band | None:
    """The chart of a face that runs round the body."""
    return face.chart if isinstance(face.chart, Band) and face.chart.period is not None else None


def _without(body: Body, bevel: int) -> tuple[Body, Bevel]:
    """One bevel less."""
    pairs = {e: sum(body.sides[e]) - bevel for e in body.faces[bevel].edges}
    upper = next(e for e, f in pairs.items() if not isinstance(body.faces[f].chart, Band))
    lower = next(e for e, f in pairs.items() if isinstance(body.faces[f].chart, Band))
    flat, wide = pairs[upper], pairs[lower]
    band: Band = body.faces[wide].chart  # type: ignore[assignment]
    top = body.edges[lower].at(np.zeros(1))
    high = _off(band.high, top) < _off(band.low, top)
    end, other = (band.high, band.low) if high else (band.low, band.high)
    part = _reach(body.faces[flat].chart, other.nodes, end.nodes)
    new = Curve(other.nodes + part[:, None] * (end.nodes - other.nodes), True)
    band = replace(band, high=new) if high else replace(band, low=new)
    sense = next(s for loop in body.faces[wide].loops for e, s in loop if e == lower)
    t = end.nearest(top)
    same = float((end.slope(t) * body.edges[lower].slope(np.zeros(1))).sum()) > 0
    sense = sense if same else -sense
    kept = [e for e in range(len(body.edges)) if e not in (upper, lower)]
    number = {e: i for i, e in enumerate(kept)}
    number |= {upper: len(kept), lower: len(kept)}
    turned = {(flat, upper): -sense, (wide, lower): sense}
    faces = []
    for j, face in enumerate(body.faces):
        if j == bevel:
            continue
        loops = tuple(tuple((number[e], turned.get((j, e), s)) for e, s in loop) for loop in face.loops)
        faces.append(replace(face, loops=loops, chart=band if j == wide else face.chart))
    edges = (*(body.edges[e] for e in kept), new)
    regions = None if body.regions is None else body.regions.without(bevel)
    top_nodes = body.edges[upper].at(body.edges[upper].nearest(new.nodes))
    chart: Band = body.faces[bevel].chart  # type: ignore[assignment]
    found = Bevel(bevel, -1, new, Curve(top_nodes, True), end, chart)
    return Body(tuple(faces), edges, body.thickness, body.name, regions), found


def _reach(chart: Any, a: Array, b: Array) -> Array:
    """How far, in parts of a - b, the lines from a through b go to a surface, by the secant rule. (n,)."""
    w0, w1 = np.zeros(len(a)), np.ones(len(a))
    f0, f1 = chart.signed(a), chart.signed(b)
    for _ in range(20):
        step = -f1 * (w1 - w0) / np.where(f1 == f0, np.inf, f1 - f0)
        w0, f0, w1 = w1, f1, w1 + step
        f1 = chart.signed(a + w1[:, None] * (b - a))
        if np.abs(step).max() < 1e-14:
            break
    return w1


def _off(curve: Curve, x: Array) -> float:
    return float(np.linalg.norm(curve.at(curve.nearest(x)) - x))
