"""Charts for a crack that grows out of its surface: they hold the old crack and pass through its new front.

Three kinds.  A crack whose new front lies in its old surface keeps its chart.  A through crack that turns alike through
the thickness is a bent line drawn through it (`through.py`), with exact creases and any total turning.  Everything else
is a height over a plane with a ramp ahead of each former front (`surface/sheath.py`); the plane is chosen anew when the
crack leans too much over it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from deadlight.growth.lean import LEAN, TURNED, best_lean, leans, new_normals, sampled_normals
from deadlight.growth.stopped import GrowthStopped
from deadlight.growth.through import drawn_on, through_line
from deadlight.surface.chart import Chart, Plane
from deadlight.surface.layer import DENSE, Layer, Rim, spread_ring
from deadlight.surface.sheath import Crease, Sheath, bends_of
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
        "turned_over": the crack would turn further than a height over any plane can follow; "no_chart": no surface
        passes through the points.
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
    if base.plane is getattr(sheet.chart, "plane", None) or base.first is base.plane:
        rings = sheet.outlines
    for ring in rings:
        if not shapely.LinearRing(ring).is_simple:
            raise _turned(sheet.name, "the outline of the crack crosses itself, seen along the plane's normal")
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
            raise _turned(sheet.name, "the new front lies over the old crack, seen along the plane's normal")
        moved &= ~over
        left_out += int(over.sum())
        if moved.any():
            used.append((a[moved], b[moved]))
            fronts.append(base.to_chart(a[moved]))
            spots.append(uv[moved])
            rises.append(base.plane.signed(b[moved]) - base.height(uv[moved])[0])
    if not fronts:
        return Bend(sheet.chart, "kept", 0.0, f"{sheet.name}: hardly moves")
    layer = Layer.through(rim, fronts, spots, rises)
    bends = (*base.bends, *_creases(base, layer))
    chart = Sheath(base.plane, base.first, (*base.layers, layer), bends, base.size)
    return _checked(sheet, chart, [a for a, _ in used], [b for _, b in used], left_out)


def _checked(sheet: Sheet, chart: Sheath, old: list[Array], new: list[Array], left_out: int) -> Bend:
    """The surface, if it passes near enough to the new points and is not too steep there."""
    miss, worst = 0.0, 0.0
    for a, b in zip(old, new):
        off = np.abs(chart.signed(b))
        miss = max(miss, float(off.max()))
        worst = max(worst, float(off.max()) / float(np.linalg.norm(b - a, axis=1).max()))
        steep = leans(chart.normal(chart.to_chart(b)), chart.plane.n)
        if steep.max() > TURNED:
            raise _turned(sheet.name, f"the crack leans by {np.degrees(steep.max()):.0f} degrees over its plane")
    if worst > MISS:
        raise GrowthStopped(
            "no_chart",
            f"{sheet.name}: the new surface misses the new front by {worst:.2g} of the step (limit {MISS:g})",
        )
    lean = np.degrees(leans(chart.normal(chart.to_chart(np.concatenate(new))), chart.plane.n).max())
    note = f"{sheet.name}: surface of {len(chart.layers)} ramps, leaning by up to {lean:.0f} degrees over its plane"
    if left_out:
        note += f"; {left_out} points of the front that turn back are left out"
    return Bend(chart, "height", miss, note)


def _based(sheet: Sheet, old: list[Array], new: list[Array], size: float) -> Sheath:
    """The old surface as a height over a plane over which neither it nor its new part leans too much."""
    ahead = np.concatenate([new_normals(sheet.chart, a, b, LEAST_MOVE * size) for a, b in zip(old, new)])
    behind = sampled_normals(sheet)
    every = np.concatenate([ahead, behind])
    chart = sheet.chart
    plane = chart if isinstance(chart, Plane) else getattr(chart, "plane", None)
    if drawn_on(chart):
        plane = None
    again = isinstance(chart, Sheath) and isinstance(chart.first, Sheath)  # each change of plane costs time
    if plane is not None and leans(every, plane.n).max() <= (0.5 * (LEAN + TURNED) if again else LEAN):
        if isinstance(chart, Sheath):
            return chart
        return Sheath(plane, chart, (), (), size)
    n, half = best_lean(every)
    if half > TURNED:
        raise _turned(sheet.name, f"its parts lean by {np.degrees(2 * half):.0f} degrees to each other")
    if plane is not None and half > leans(every, plane.n).max() - np.radians(5.0):
        return chart if isinstance(chart, Sheath) else Sheath(plane, chart, (), (), size)
    return _over(sheet, n, size)


def _over(sheet: Sheet, n: Array, size: float) -> Sheath:
    """The old surface over a plane of given normal."""
    chart = sheet.chart
    outline = np.concatenate([chart.to_space(ring) for ring in sheet.outlines])
    flat: Plane = chart if isinstance(chart, Plane) else chart.plane  # type: ignore[attr-defined]
    along = flat.n if drawn_on(chart) else flat.e1
    along = along - (along @ n) * n
    e1 = along / np.linalg.norm(along)
    plane = Plane(outline.mean(axis=0), e1, np.cross(n, e1))
    heights = np.concatenate([ring[:, 1] for ring in sheet.outlines])
    span = float(np.ptp(heights))
    bends = bends_of(chart, float(heights.min()) - span, float(heights.max()) + span)
    return Sheath(plane, chart, (), bends, size)


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
