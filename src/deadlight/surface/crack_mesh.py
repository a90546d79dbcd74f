"""The mesh of one crack: a ring of quarter-point elements along each front, six-node triangles inside."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy as np
import shapely

from deadlight.errors import InputError, NotSolved
from deadlight.surface.chart import Snap
from deadlight.surface.crack_bend import Bends, both_near
from deadlight.surface.crack_build import GROWTH, Build
from deadlight.surface.crack_check import check_crack_mesh
from deadlight.surface.crack_crease import creases, with_crossings
from deadlight.surface.crack_curve import FineCurve
from deadlight.surface.crack_domain import CrackDomain, CrackMesh, Mouth, Piece
from deadlight.surface.crack_limit import LONG, LONG_THROUGH, THROUGH, Limit
from deadlight.surface.crack_mouth import stations
from deadlight.surface.crack_near import Near
from deadlight.surface.crack_ring import Ring
from deadlight.surface.crack_ring import ring as ring_along
from deadlight.surface.crack_size import Side, Widths, widths
from deadlight.surface.mesh import Array

__all__ = ["CrackDomain", "CrackMesh", "Mouth", "Piece", "mesh_crack"]

SHARE, INNER = 1.5, 0.4  # largest element near skin, as a share of its distance, and more for the distance from fronts
FLOOR = 0.2  # of the largest element elsewhere: what nearby skin does not push others below
INTERIOR = 0.35  # largest element as a share of the radius of a circle with the crack's area
SHRINK = (1.0, 0.7, 0.5, 0.35)  # of the ring, until nothing folds


def mesh_crack(
    domain: CrackDomain,
    *,
    h: float | Callable[[Array], Array] | None = None,
    ring: float = 1.0,
    refine: float = 1.0,
    tip: float = 0.5,
    interior: float = INTERIOR,
    near: Near | None = None,
    fine: Callable[[Array], Array] | None = None,
    place: str = "crack",
) -> CrackMesh:
    """Mesh a crack.

    Parameters
    ----------
    domain : CrackDomain
    h : float or callable, optional
        Length of the front's elements [chart units], or a function (m,) -> (m,) of the length along a front.  Without
        it a circle gets 8 elements a quarter, other fronts by their length and curvature, about 10 through a pane.
    ring : float
        Width of the ring as a share of the front elements' length.  It is at most half the radius of curvature and a
        quarter of the crack's width.
    refine : float
        Divides all sizes.
    tip : float
        Share of the element length at the ends and corners of a front.
    interior : float
        Largest element as a share of the radius of a circle with the crack's area.
    near : Near, optional
        Where the crack runs along the skin or another crack: there the ring is at most 0.25 of the distance wide, and
        other elements grow from 1.5 of it with the distance from the fronts.
    fine : callable, optional
        Longest front element at points of the chart (m, 2) -> (m,), for refine = 1.
    place : str
        Named in errors.

    Raises
    ------
    InputError
        If there is no front, or front and mouth meet at too small an angle.
    NotSolved
        If no mesh without folded elements was found.
    """
    _positive(place, ring=ring, refine=refine, tip=tip, interior=interior)
    lines = creases(domain.chart)
    area, radius = extent_of(domain, place)
    bends = Bends.of(domain, usual_size(area, radius))
    loops = [bends.crossed(with_crossings(_sides(loop, domain, place), lines, place)) for loop in domain.loops]
    every = [side for loop in loops for side in loop]
    if not any(side.front for side in every):
        raise InputError(
            "the crack has no front inside the body: it cuts the body in two", place=place, remedy="make it smaller"
        )
    fronts = np.concatenate([s.curve.at(s.samples) for s in every if s.front])
    near = both_near(near, bends.near(fronts))
    limits = {id(s): widths(every, k, h, refine, tip, near, fine) for k, s in enumerate(every) if s.front}
    cap, long = usual_size(area, radius, interior) / refine, LONG
    if any(_through(loop) for loop in loops):
        cap, long = min(cap, THROUGH * 2.0 * radius / refine), LONG_THROUGH
    limit = Limit(
        cap, fronts, 2.0 * radius, refine, long, near, SHARE / refine, INNER / refine, FLOOR * cap,
    )  # fmt: skip
    failure: Exception | None = None
    for shrink in SHRINK:
        build = Build(domain.chart, place)
        for loop in loops:
            rings = _rings(loop, limits, shrink * ring, domain.snap, place)
            build.loop(loop, rings, stations(loop, rings, every, limit, GROWTH))
        try:
            mesh = build.finished(limit, lines, bends)
            check_crack_mesh(mesh, domain, place=place)
        except (NotSolved, InputError) as e:  # rings that cross: try narrower ones
            failure = e
            continue
        return mesh
    raise NotSolved(f"no mesh of the crack, not even with a ring {SHRINK[-1]:g} times as wide: {failure}") from failure


def _positive(place: str, **values: float) -> None:
    for name, value in values.items():
        if not (np.isfinite(value) and value > 0.0):
            raise InputError(f"{name} = {value:g}, limit above 0", place=place, remedy="give a positive number")


def _through(loop: Sequence[Side]) -> bool:
    """Whether a front of a loop goes from one face to another."""
    pairs = [(loop[i - 1], loop[(i + 1) % len(loop)]) for i, side in enumerate(loop) if side.front]
    return any(not a.front and not b.front and a.face != b.face for a, b in pairs)


def _rings(
    loop: Sequence[Side], limits: dict[int, Widths], share: float, snap: Snap | None, place: str
) -> list[Ring | None]:
    """The ring of every front of a loop, None for a mouth."""
    rings: list[Ring | None] = []
    for i, side in enumerate(loop):
        around = (None, None) if side.curve.closed else (loop[i - 1], loop[(i + 1) % len(loop)])
        rings.append(ring_along(side, limits[id(side)], share, around, snap, place) if side.front else None)
    return rings


def _sides(loop: Sequence[Piece], domain: CrackDomain, place: str) -> list[Side]:
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
            raise InputError(
                "pieces of a crack's outline do not join (limit 1e-9 of a piece)", place=place,
                remedy="begin every piece where the one before ends",
            )  # fmt: skip
    skin = domain.skin
    return [
        Side(
            FineCurve.of(points), front, face,
            skin=None if skin is None or front or face < 0 else functools.partial(skin, face),
        )
        for points, front, face in merged
    ]  # fmt: skip


def extent_of(domain: CrackDomain, place: str = "crack") -> tuple[float, float]:
    """Area of a crack and radius of the largest circle in it."""
    rings = [np.concatenate([p.points[:-1] for p in loop]) for loop in domain.loops]
    inside = shapely.Polygon()
    for points in rings:
        if not shapely.LinearRing(points).is_simple:
            raise InputError(
                "the outline of the crack crosses itself", place=place, remedy="draw it without crossings"
            )
        inside = inside.symmetric_difference(shapely.Polygon(points))
    circle = shapely.maximum_inscribed_circle(inside, tolerance=0.05 * np.sqrt(inside.area))
    return float(inside.area), float(circle.length)


def usual_size(area: float, radius: float, interior: float = INTERIOR) -> float:
    """Largest element: a share of the crack's size, and no more than its inscribed circle's radius."""
    return min(interior * float(np.sqrt(area / np.pi)), 0.8 * radius)
