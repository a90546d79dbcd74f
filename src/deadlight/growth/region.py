"""A crack that grows, as a region of its own surface: fronts move, ligaments break, parts meet.

Everything is worked out in the coordinates of the crack's chart.  The old region and what its fronts sweep are
united, so that no area is ever lost; thin ligaments are opened (`ligament.py`); then the region is carried on beyond
the skin and becomes the outline of a new `Sheet`, from which clipping makes fronts and mouths again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from deadlight.growth.ligament import (
    CLOSE,
    LIGAMENT,
    ROUND,
    WALL,
    Broken,
    closed_up,
    opened,
    smaller_extent,
    without_islands,
)
from deadlight.growth.region_front import SMOOTH, Advance, Smoothing, carried, thinned
from deadlight.growth.skin_section import Region, Section, flat, parts, rings
from deadlight.growth.stopped import GrowthStopped
from deadlight.surface.body import Body
from deadlight.surface.chart import Chart
from deadlight.surface.crack_domain import CrackDomain
from deadlight.surface.crack_near import spread
from deadlight.surface.join import MeshedCracks
from deadlight.surface.sheet import Sheet

Array = np.ndarray[Any, np.dtype[np.float64]]

SHRUNK = 1e-9  # relative: what a region may lose by rounding
GRID = 2e-9  # of the extent: places are rounded to this
ROUNDS = 4  # of opening and closing, until nothing thin is left
BEYOND = 0.04  # of the crack's extent: how far its outline goes beyond the skin


@dataclass(frozen=True, eq=False)
class Moved:
    """Where the nodes of one front go.

    Attributes
    ----------
    front : int
        Number in `meshed.mesh.fronts`.
    points : (n, 3) float [m]
        New places, in the order of `Front.nodes`.
    start : (n, 3) float [m]
        Old places.
    """

    front: int
    points: Array
    start: Array


@dataclass(frozen=True, eq=False)
class Transition:
    """A change of what a crack is.

    Attributes
    ----------
    kind : str
        "breaks_through": reaches a face it did not meet; "reaches_edge": its mouth goes on over an edge of the body,
        or a through crack comes out on another face; "fronts_meet": a ligament between parts of the crack is gone;
        "joins": two cracks became one; "reaches_crack": stops before another crack; "severs": cuts the body in two.
    crack : int
        Number of the sheet, before the step.
    place : (3,) float [m]
    face : str
        Name of the face that was reached, or of the other crack.
    added_area : float [m^2]
        What the transition opened besides what the fronts swept.
    """

    kind: str
    crack: int
    place: Array
    face: str = ""
    added_area: float = 0.0


@dataclass(frozen=True, eq=False)
class Grown:
    """Cracks after a step.

    Attributes
    ----------
    sheets : tuple of Sheet
        One a crack, order kept; cracks that joined are one, in the first one's place.
    transitions : tuple of Transition
    severed : bool
        A crack has no front left inside the body.
    smoothing : tuple of Smoothing
        What smoothing moved of every front that moved.
    areas : tuple of (float, float)
        Of every crack before and after, in its chart [m^2].
    came_from : tuple of tuple of int
        For every new sheet the old ones that it continues.
    share : float
        Of the step asked for that was taken (`regrow` shortens steps that cannot be meshed).
    tries : tuple of str
        What `regrow` tried before, and what became of it.
    """

    sheets: tuple[Sheet, ...]
    transitions: tuple[Transition, ...]
    severed: bool = False
    smoothing: tuple[Smoothing, ...] = ()
    areas: tuple[tuple[float, float], ...] = ()
    came_from: tuple[tuple[int, ...], ...] = ()
    share: float = 1.0
    tries: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shaping:
    """How boldly shapes are smoothed and ligaments broken.

    Attributes
    ----------
    smooth : float
        Standard deviation of the smoothing of advances, in spacings of nodes.
    ligament : float
        Share of the crack's smaller extent below which a ligament breaks.
    close : float
        Share of it for the disc that closes gaps.
    """

    smooth: float = SMOOTH
    ligament: float = LIGAMENT
    close: float = CLOSE


@dataclass(eq=False)
class Plan:
    """One sheet on its way: chart, old and new region."""

    number: int
    sheet: Sheet
    chart: Chart
    old: Region
    drawn: Region  # the old region by the outline's own points
    advances: tuple[Advance, ...]
    new: Region
    section: Section
    events: list[Transition] = field(default_factory=list)

    @property
    def before(self) -> float:
        """Area before the step."""
        return float(self.drawn.area)

    @property
    def still(self) -> bool:
        return not any(a.far > 0.0 for a in self.advances)


def grown(
    meshed: MeshedCracks,
    sheets: Sequence[Sheet],
    moved: Sequence[Moved],
    body: Body | None,
    *,
    chart: Callable[[int], Chart | None] | None = None,
    shaping: Shaping | None = None,
) -> Grown:
    """Cracks after their fronts have moved.

    Parameters
    ----------
    meshed : MeshedCracks
        The cracks before the step, from `surface_mesh(body, sheets)`.
    sheets : sequence of Sheet
        What it was made from.
    moved : sequence of Moved
        Fronts that are not named stay.
    body : Body or None
    chart : callable, optional
        For a sheet's number its new chart, which contains the old surface and the moved nodes; None keeps the old one.
    shaping : Shaping, optional

    Raises
    ------
    GrowthStopped
        "lost_area" if a region shrank, "no_region" if nothing of it is left in the body.
    """
    shaping = shaping or Shaping()
    plans = [_plan(i, meshed, sheet, moved, body, chart, shaping) for i, sheet in enumerate(sheets)]
    for plan in (p for p in plans if not p.still):
        _sweep(plan)
        _settle(plan, body, shaping)
        _check_area(plan)
    severed = [p for p in plans if not _has_front(p)]
    for p in severed:
        at = p.chart.to_space(np.array([p.new.representative_point().coords[0]]))[0]
        p.events.append(Transition("severs", p.number, at))
    return Grown(
        tuple(_sheet(p, chart is not None) for p in plans),
        tuple(t for p in plans for t in p.events),
        bool(severed),
        tuple(a.smoothing for p in plans for a in p.advances if a.far > 0.0),
        tuple((p.before, float(p.new.area)) for p in plans),
        tuple((p.number,) for p in plans),
    )


def _plan(
    number: int,
    meshed: MeshedCracks,
    sheet: Sheet,
    moved: Sequence[Moved],
    body: Body | None,
    chart: Callable[[int], Chart | None] | None,
    shaping: Shaping,
) -> Plan:
    """Old region and moved fronts of one sheet in its (new) chart."""
    new = (chart(number) if chart is not None else None) or sheet.chart
    domains = [(k, d) for k, d in enumerate(meshed.domains) if meshed.sheet[k] == number]
    polygons, advances, drawn, extent = [], [], [], 0.0
    for k, domain in domains:
        loops = [_mapped(loop, domain.chart, new) for loop in _chains(domain)]
        everything = np.concatenate([x for loop in loops for x, _ in loop])
        extent = max(extent, float(np.ptp(everything, axis=0).max()))
        mine = [m for m in moved if meshed.mesh.fronts[m.front].crack == k]
        found = [
            _advanced(x, mine, new, BEYOND * extent, shaping.smooth) if front else None
            for loop in loops for x, front in loop
        ]  # fmt: skip
        advances += [a for a in found if a is not None]
        drawn.append(_polygon([[x for x, _ in loop] for loop in loops]))
        it = iter(found)
        polygons.append(
            _polygon([[x if a is None else a.old[a.inner] for (x, _), a in zip(loop, it)] for loop in loops])
        )
    old = flat(shapely.union_all(polygons))
    spots = np.concatenate([x for a in advances for x in (a.new, a.old)] + [r for p in parts(old) for r in rings(p)])
    section = Section.of(new, body, spots, 0.15 * extent)
    return Plan(number, sheet, new, old, flat(shapely.union_all(drawn)), tuple(advances), old, section)


def _chains(domain: CrackDomain) -> list[list[tuple[Array, bool]]]:
    """Loops of a domain as polylines, each a front or not."""
    return [[(np.asarray(p.points, dtype=float), p.kind == "front") for p in loop] for loop in domain.loops]


def _mapped(loop: list[tuple[Array, bool]], old: Chart, new: Chart) -> list[tuple[Array, bool]]:
    """A loop in another chart."""
    if old is new:
        return loop
    return [(new.to_chart(old.to_space(spread(x))), front) for x, front in loop]


def _advanced(line: Array, moved: Sequence[Moved], chart: Chart, beyond: float, smooth: float) -> Advance | None:
    """The front with this polyline, carried on; None if none of the moved fronts lies on it."""
    drawn = shapely.LineString(line)
    for m in moved:
        at = chart.to_chart(m.start)
        if shapely.distance(drawn, shapely.points(at)).max() < 1e-3 * drawn.length:
            return carried(m.front, line, at, chart.to_chart(m.points) - at, beyond=beyond, smooth=smooth)
    return None


def _polygon(loops: list[list[Array]]) -> Region:
    """The region inside closed loops of polylines."""
    inside: shapely.Geometry = shapely.Polygon()
    for loop in loops:
        ring = np.concatenate([x if len(loop) == 1 else x[:-1] for x in loop])
        inside = inside.symmetric_difference(shapely.make_valid(shapely.Polygon(ring)))
    return flat(inside)


def _sweep(plan: Plan) -> None:
    """Unite the old region with what its fronts sweep.

    Mouths on curved skin are drawn by chords: the old ones are widened by more than that, and clipped anew.
    """
    swept = []
    for a in plan.advances:
        p, q = (np.concatenate([x, x[:1]]) if a.closed else x for x in (a.old, a.new))
        quads = np.stack([p[:-1], p[1:], q[1:], q[:-1]], axis=1)
        goes = np.linalg.norm(q - p, axis=1) > 0.0
        quads = quads[goes[:-1] | goes[1:]]
        swept += list(shapely.convex_hull(shapely.multipoints(quads)))
    grid = GRID * plan.section.size
    region = flat(shapely.union_all([plan.old, *swept], grid_size=grid))  # the grid closes seams of rounding
    if plan.section.inside is not None and plan.section.lines:
        mouths = _near_skin(plan)
        if not mouths.is_empty:
            region = flat(shapely.union(region, mouths, grid_size=grid))
    plan.new = _kept(plan.section.clipped(region))
    if plan.new.area < plan.before:  # points inserted on a hollow front lie a little inside the old outline
        plan.new = _kept(plan.section.clipped(shapely.union_all([region, plan.drawn], grid_size=grid)))


def _near_skin(plan: Plan) -> shapely.Geometry:
    """A narrow band along the old region's mouths."""
    near = 2e-5 * plan.section.size
    skin = plan.section.skin
    bands = []
    for polygon in parts(plan.old):
        for ring in rings(polygon):
            after = np.roll(ring, -1, axis=0)
            on = shapely.distance(skin, shapely.points(ring)) < near
            on &= np.roll(on, -1) & (shapely.distance(skin, shapely.points(0.5 * (ring + after))) < near)
            if on.any():
                pieces = shapely.linestrings(np.stack([ring[on], after[on]], axis=1))
                bands.append(shapely.buffer(pieces, near, cap_style="flat"))
    return shapely.union_all(np.concatenate(bands)) if bands else shapely.Polygon()


def _kept(region: Region) -> Region:
    """The region without crumbs."""
    pieces = parts(region)
    if not pieces:
        return region
    largest = max(p.area for p in pieces)
    out = []
    for p in (p for p in pieces if p.area > 1e-6 * largest):
        holes = [h for h in p.interiors if shapely.Polygon(h).area > 1e-9 * largest]
        out.append(shapely.Polygon(p.exterior, holes))
    return flat(shapely.union_all(out))


def _settle(plan: Plan, body: Body | None, shaping: Shaping) -> None:
    """Open thin ligaments and close gaps until nothing changes."""
    if not parts(plan.new):
        raise GrowthStopped("no_region", f"nothing of {plan.sheet.name} is left in the body")
    before = _faces(plan, plan.old)
    for _ in range(ROUNDS):
        size = smaller_extent(plan.new)
        thin = shaping.ligament * size
        plan.new, broken = opened(plan.section, plan.new, plan.old, thin)
        if broken:
            radius = ROUND * WALL * thin
            plan.new, _ = closed_up(plan.section, plan.new, radius, [b.at for b in broken], 3.0 * radius)
        count = len(parts(plan.new)), sum(len(p.interiors) for p in parts(plan.new))
        plan.new, filled = closed_up(plan.section, plan.new, shaping.close * size)
        plan.new, islands = without_islands(plan.section, plan.new, plan.old, thin)
        plan.new = _kept(plan.new)
        changed = (len(parts(plan.new)), sum(len(p.interiors) for p in parts(plan.new))) != count
        _tell(plan, body, broken, [*filled, *islands] if changed else [b for b in islands if b.face < 0], before)
        if not (broken or filled or islands):
            break
    _tell_edges(plan, body, before)


def _faces(plan: Plan, region: Region) -> dict[int, Array]:
    """Faces that the mouths of a region lie on, with a point of each."""
    found: dict[int, Array] = {}
    for run in (r for ring in plan.section.runs(region) for r in ring if not r.front):
        for face in np.unique(run.face[run.face >= 0]):
            k = np.flatnonzero(run.face == face)
            k = k[len(k) // 2]
            found.setdefault(int(face), 0.5 * (run.points[k] + run.points[k + 1]))
    return found


def _tell(plan: Plan, body: Body | None, broken: list[Broken], met: list[Broken], before: dict[int, Array]) -> None:
    """Note what happened."""
    for b in broken:
        kind = "breaks_through" if len(before) < 2 and b.face not in before else "reaches_edge"
        kind = "breaks_through" if b.face in before else kind
        name = body.faces[b.face].name if body is not None and b.face >= 0 else ""
        plan.events.append(Transition(kind, plan.number, plan.chart.to_space(b.at[None])[0], name, b.area))
    if met:
        most = max(met, key=lambda b: b.area)
        at = plan.chart.to_space(most.at[None])[0]
        plan.events.append(Transition("fronts_meet", plan.number, at, "", sum(b.area for b in met)))


def _tell_edges(plan: Plan, body: Body | None, before: dict[int, Array]) -> None:
    """Note faces that a mouth went on to over an edge."""
    told = {t.face for t in plan.events}
    for face, at in _faces(plan, plan.new).items():
        name = body.faces[face].name if body is not None else ""
        if face not in before and name not in told:
            kind = "reaches_edge" if before else "breaks_through"
            plan.events.append(Transition(kind, plan.number, plan.chart.to_space(at[None])[0], name))


def _check_area(plan: Plan) -> None:
    if not plan.new.area >= plan.before * (1.0 - SHRUNK):
        raise GrowthStopped(
            "lost_area",
            f"{plan.sheet.name} would shrink from {1e6 * plan.before:.9g} to {1e6 * plan.new.area:.9g} mm2",
        )


def _has_front(plan: Plan) -> bool:
    """Whether any front is left inside the body."""
    if plan.section.inside is None:
        return True
    found = plan.section.runs(plan.new)
    return any(run.front for ring in found for run in ring)


def _sheet(plan: Plan, turned: bool) -> Sheet:
    """The region as a sheet, carried on beyond the skin."""
    if plan.still and plan.chart is plan.sheet.chart:
        return plan.sheet
    low, high = np.array(plan.new.bounds[:2]), np.array(plan.new.bounds[2:])
    extent = float((high - low).max())
    whole = plan.section.extended(plan.new, BEYOND * extent)
    outlines = [thinned(ring, 1e-6 * extent) for p in parts(whole) for ring in rings(p)]
    outlines = [r for r in outlines if len(r) >= 3 and abs(shapely.Polygon(r).area) > 1e-9 * whole.area]
    return Sheet(plan.chart, tuple(outlines), plan.sheet.name)
