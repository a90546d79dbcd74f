"""Charts for a crack that grows out of its surface: they hold the old crack and pass through its new front.

Three kinds.  A crack whose new front lies in its old surface keeps its chart.  A through crack that turns alike through
the thickness is a bent line drawn through it (`through.py`), with exact creases and any total turning.  Everything else
is a height with a ramp ahead of each former front (`surface/sheath.py`): over a plane, which is chosen anew when the
crack leans too much over it, or, where the arms of a bent through crack lean too much over any plane, over the bent line
itself, each arm by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from deadlight.growth.lean import LEAN, TURNED, best_lean, leans, new_normals, sampled_normals
from deadlight.growth.stopped import GrowthStopped
from deadlight.growth.through import through_line
from deadlight.surface.chart import Chart, Extruded, Plane
from deadlight.surface.layer import DENSE, Layer, Rim, spread_ring
from deadlight.surface.sheath import Crease, Sheath, bends_of, ground_of
from deadlight.surface.sheet import Sheet

Array = np.ndarray[Any, np.dtype[np.float64]]

FLAT = 1e-4  # of the crack's size: new points so near to its surface lie on it
MOVED = 1e-2  # of the largest move, and
LEAST_MOVE = 2e-4  # of the crack's size: what moved less does not count for the new surface
AHEAD = 0.2  # of its move: how far a new point must lie outside the old crack, seen along the plane's normal
FEW = 0.15  # of a front's points: so many may turn back at its ends, where directions are poor, and are left out
MISS = 0.05  # of its move: how far a new point may lie from the new surface
BEND = np.radians(3.0)  # a crease turns by more


@dataclass(frozen=True, eq=False)
class Bend:
    """A surface for the next step.

    Attributes
    ----------
    chart : Chart
    kind : "kept", "line" or "height"
    miss : float [m]
        Largest distance of a new point from the surface.
    note : str
        For the result: what was chosen and what is neglected.
    """

    chart: Chart
    kind: str
    miss: float
    note: str


def bent_chart(sheet: Sheet, old_points: Sequence[Array], new_points: Sequence[Array]) -> Chart:
    """The chart of `bend`."""
    return bend(sheet, old_points, new_points).chart


def bend(sheet: Sheet, old_points: Sequence[Array], new_points: Sequence[Array]) -> Bend:
    """A surface that holds a crack unchanged and passes through its new front.

    Parameters
    ----------
    sheet : Sheet
        The crack as it is.  What its outlines enclose is held.
    old_points, new_points : list of (n, 3) float
        For every front its points in order, and where they go; fronts that stay may be left out.

    Returns
    -------
    Bend
        Coordinates of its chart differ from those of the old one: take the old outlines over by
        `chart.to_chart(sheet.chart.to_space(outline))`.

    Raises
    ------
    GrowthStopped
        "turned_over": the crack would turn further than a height over any plane, or over its own bent line, can
        follow; "no_chart": no surface passes through the points.
    """
    old, new = [np.asarray(p, dtype=float) for p in old_points], [np.asarray(p, dtype=float) for p in new_points]
    space = np.concatenate([sheet.chart.to_space(ring) for ring in sheet.outlines])
    size = float(np.linalg.norm(np.ptp(space, axis=0)))
    if is_flat(sheet.chart, new, size):
        miss = max((float(np.abs(sheet.chart.signed(p)).max()) for p in new), default=0.0)
        return Bend(sheet.chart, "kept", miss, f"{sheet.name}: grows in its surface")
    line = through_line(sheet, old, new)
    if line is not None:
        return Bend(line.chart, "line", line.neglected, line.note)
    return _height(sheet, old, new, size)


def is_flat(chart: Chart, new_points: Sequence[Array], size: float) -> bool:
    """Whether new points lie on a surface, within 1e-4 of the crack's size."""
    return all(float(np.abs(chart.signed(np.asarray(p))).max(initial=0.0)) <= FLAT * size for p in new_points)


def through_like(sheet: Sheet, old_points: Sequence[Array], new_points: Sequence[Array]) -> bool:
    """Whether a through crack turns so nearly alike through the thickness that a bent line is its surface."""
    return through_line(sheet, old_points, new_points) is not None


def _height(sheet: Sheet, old: list[Array], new: list[Array], size: float) -> Bend:
    """A ramp ahead of the old crack on a height over a plane."""
    base = _based(sheet, old, new, size)
    rings = tuple(base.to_chart(sheet.chart.to_space(ring)) for ring in sheet.outlines)
    if base.ground is ground_of(sheet.chart):
        rings = sheet.outlines
    for ring in rings:
        if not shapely.LinearRing(ring).is_simple:
            raise _turned(sheet.name, "the outline of the crack crosses itself, seen along the ground's normal")
    rim = Rim(rings)
    farthest = max(float(np.linalg.norm(b - a, axis=1).max(initial=0.0)) for a, b in zip(old, new))
    fronts, spots, rises, used, left_out = [], [], [], [], 0
    for a, b in zip(old, new):
        move = np.linalg.norm(b - a, axis=1)
        uv = base.to_chart(b)
        away = rim.distance(uv)[0]
        moved = move > max(MOVED * farthest, LEAST_MOVE * size)
        over = moved & (away < AHEAD * move)
        if over.sum() > FEW * moved.sum():
            raise _turned(sheet.name, "the new front lies over the old crack, seen along the ground's normal")
        moved &= ~over
        left_out += int(over.sum())
        if moved.any():
            used.append((a[moved], b[moved]))
            fronts.append(base.to_chart(a[moved]))
            spots.append(uv[moved])
            rises.append(base.ground.signed(b[moved]) - base.height(uv[moved])[0])
    if not fronts:
        return Bend(sheet.chart, "kept", 0.0, f"{sheet.name}: hardly moves")
    layer = Layer.through(rim, fronts, spots, rises)
    bends = (*base.bends, *_creases(base, layer))
    chart = Sheath(base.ground, base.first, (*base.layers, layer), bends, base.size)
    return _checked(sheet, chart, [a for a, _ in used], [b for _, b in used], left_out)


def _checked(sheet: Sheet, chart: Sheath, old: list[Array], new: list[Array], left_out: int) -> Bend:
    """The surface, if it passes near enough to the new points and is not too steep there."""
    miss, worst, lean = 0.0, 0.0, 0.0
    for a, b in zip(old, new):
        off = np.abs(chart.signed(b))
        miss = max(miss, float(off.max()))
        worst = max(worst, float(off.max()) / float(np.linalg.norm(b - a, axis=1).max()))
        uv = chart.to_chart(b)
        steep = leans(chart.normal(uv), chart.ground.normal(uv))
        if steep.max() > TURNED:
            raise _turned(sheet.name, f"the crack leans by {np.degrees(steep.max()):.0f} degrees over its ground")
        lean = max(lean, float(steep.max()))
    if worst > MISS:
        raise GrowthStopped(
            "no_chart",
            f"{sheet.name}: the new surface misses the new front by {worst:.2g} of the step (limit {MISS:g})",
        )
    over = "its plane" if isinstance(chart.ground, Plane) else "the line of its arms"
    leaning = f"leaning by up to {np.degrees(lean):.0f} degrees over {over}"
    note = f"{sheet.name}: surface of {len(chart.layers)} ramps, {leaning}"
    if left_out:
        note += f"; {left_out} points of the front that turn back are left out"
    return Bend(chart, "height", miss, note)


def _based(sheet: Sheet, old: list[Array], new: list[Array], size: float) -> Sheath:
    """The old surface as a height over a ground over which neither it nor its new part leans too much."""
    chart = sheet.chart
    line = _line(chart, old, new)
    if line is not None and isinstance(chart, Sheath):
        return chart
    ahead = np.concatenate([new_normals(chart, a, b, LEAST_MOVE * size) for a, b in zip(old, new)])
    every = np.concatenate([ahead, sampled_normals(sheet)])
    ground = ground_of(chart)
    plane = ground if isinstance(ground, Plane) else None
    again = isinstance(chart, Sheath) and isinstance(chart.first, Sheath)  # each change of plane costs time
    if plane is not None and leans(every, plane.n).max() <= (0.5 * (LEAN + TURNED) if again else LEAN):
        if isinstance(chart, Sheath):
            return chart
        return Sheath(plane, chart, (), (), size)
    n, half = best_lean(every)
    if half > LEAN and line is not None:
        return Sheath(line, line, (), _bends(sheet), size)
    if half > TURNED:
        raise _turned(sheet.name, f"its parts lean by {np.degrees(2 * half):.0f} degrees to each other")
    if plane is not None and half > leans(every, plane.n).max() - np.radians(5.0):
        return chart if isinstance(chart, Sheath) else Sheath(plane, chart, (), (), size)
    return _over(sheet, n, size)


def _line(chart: Chart, old: list[Array], new: list[Array]) -> Extruded | None:
    """The bent line that a chart is, or is a height over, if what grows does so beyond its bends."""
    line = ground_of(chart)
    if not isinstance(line, Extruded) or not len(line.creases):
        return None
    first, last = line.straight
    for points in (*old, *new):
        u = line.to_chart(points)[:, 0]
        if not ((u < first).all() or (u > last).all()):
            return None
    return line


def _over(sheet: Sheet, n: Array, size: float) -> Sheath:
    """The old surface over a plane of given normal."""
    chart = sheet.chart
    outline = np.concatenate([chart.to_space(ring) for ring in sheet.outlines])
    ground = ground_of(chart)
    along = ground.plane.n if isinstance(ground, Extruded) else ground.e1
    along = along - (along @ n) * n
    e1 = along / np.linalg.norm(along)
    plane = Plane(outline.mean(axis=0), e1, np.cross(n, e1))
    return Sheath(plane, chart, (), _bends(sheet), size)


def _bends(sheet: Sheet) -> tuple[Crease, ...]:
    """Where the old surface is bent, carried on beyond its outline."""
    heights = np.concatenate([ring[:, 1] for ring in sheet.outlines])
    span = float(np.ptp(heights))
    return bends_of(sheet.chart, float(heights.min()) - span, float(heights.max()) + span)


def _creases(base: Sheath, layer: Layer) -> list[Crease]:
    """The old rim where the new surface turns sharply from the old one."""
    length = sum(float(np.linalg.norm(r - np.roll(r, -1, axis=0), axis=1).sum()) for r in layer.rim.rings)
    found = []
    for ring in layer.rim.rings:
        fine = spread_ring(ring, length / DENSE)
        fine = np.concatenate([fine, fine[:1]])
        tangent = np.gradient(fine, axis=0)
        tangent[0] = tangent[-1] = fine[1] - fine[-2]
        way = np.column_stack([tangent[:, 1], -tangent[:, 0]])
        way /= np.maximum(np.linalg.norm(way, axis=1), 1e-300)[:, None]
        slope = base.height(fine)[1]
        turn = _between(slope, slope + layer.ramp(fine)[0][:, None] * way)
        if turn.max() > BEND:
            found.append(Crease(base.to_space(fine), turn))
    return found


def _between(a: Array, b: Array) -> Array:
    """Angle between surfaces of given slopes (n, 2)."""
    dot = 1.0 + (a * b).sum(axis=1)
    both = np.sqrt((1.0 + (a**2).sum(axis=1)) * (1.0 + (b**2).sum(axis=1)))
    return np.asarray(np.arccos(np.clip(dot / both, -1.0, 1.0)))


def _turned(name: str, what: str) -> GrowthStopped:
    return GrowthStopped(
        "turned_over", f"{name}: {what}; a crack can be followed until its parts lean by {np.degrees(2 * TURNED):.0f} "
        "degrees to each other"
    )  # fmt: skip
