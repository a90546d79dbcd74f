"""Charts for a crack that grows out of its surface: they hold the old crack and pass through its new front.

Three kinds.  A crack whose new front lies in its old surface keeps its chart.  A through crack that turns alike through
the thickness is a bent line drawn through it (`through.py`), with exact creases and any total turning.  Everything else
is a height with a ramp ahead of each former front (`surface/sheath.py`): over a plane, which is chosen anew when the
crack leans too much over it, or, where the arms of a bent through crack lean too much over any plane, over the bent
line, each arm by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely

from deadlight.growth.lean import LEAN, TURNED, best_lean, leans, new_normals, sampled_normals
from deadlight.growth.stopped import GrowthStopped
from deadlight.growth.through import MOVED, through_line
from deadlight.surface.chart import Drawn, Extruded, Plane
from deadlight.surface.layer import DENSE, Layer, Rim, spread_ring
from deadlight.surface.sheath import Crease, Sheath, bends_of, ground_of
from deadlight.surface.sheet import Sheet

Array = np.ndarray[Any, np.dtype[np.float64]]

FLAT = 1e-4  # of the crack's size: new points so near to its surface lie on it
LEAST_MOVE = 2e-4  # of the crack's size: what moved less (or less than MOVED of the largest move) does not count
AHEAD = 0.2  # of its move: how far a new point must lie outside the old crack, seen along the plane's normal
FEW = 0.15  # of a front's points: so many may turn back at its ends, where directions are poor, and are left out
TOLD, MISS = 0.05, 0.2  # of its move: a new point farther from the new surface makes it smooth; farther than the second
ASTRAY = 0.5  # of its move may only be FEW points, and none than this: directions at an end of a front are poor
JUMPS = 0.1  # of its move, as does a rise so far from its neighbours' mean: K near a corner of the body jumps about
NEIGHBOURS = 2.0  # points: standard deviation of the weights that smooth it
BEND = np.radians(3.0)  # a crease turns by more


@dataclass(frozen=True, eq=False)
class Bend:
    """A surface for the next step.

    Attributes
    ----------
    chart : Drawn
    kind : "kept", "line" or "height"
    miss : float [m]
        Largest distance of a new point from the surface.
    note : str
        For the result: what was chosen and what is neglected.
    alarm : bool
        Whether some points were not followed.
    """

    chart: Drawn
    kind: str
    miss: float
    note: str
    alarm: bool = False


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


def is_flat(chart: Drawn, new_points: Sequence[Array], size: float) -> bool:
    """Whether new points lie on a surface, within 1e-4 of the crack's size."""
    return all(float(np.abs(chart.signed(np.asarray(p))).max(initial=0.0)) <= FLAT * size for p in new_points)


@dataclass(frozen=True, eq=False)
class _Ahead:
    """The points of fronts that move, one entry a front, seen in the ground of the old surface.

    Attributes
    ----------
    old, new : list of (n, 3) float
    fronts, spots : list of (n, 2) float
        Their coordinates.
    away, rises : list of (n,) float [m]
        How far the new points lie ahead of the old crack, and above the old surface carried on.
    left_out : int
        Points that turn back.
    """

    old: list[Array]
    new: list[Array]
    fronts: list[Array]
    spots: list[Array]
    away: list[Array]
    rises: list[Array]
    left_out: int

    @classmethod
    def of(cls, name: str, base: Sheath, rim: Rim, old: list[Array], new: list[Array], least: float) -> _Ahead:
        """Of points that move by more than `least` [m]."""
        found = cls([], [], [], [], [], [], 0)
        for a, b in zip(old, new):
            move, uv = np.linalg.norm(b - a, axis=1), base.to_chart(b)
            away = rim.distance(uv)[0]
            over = (move > least) & (away < AHEAD * move)
            moved = (move > least) & ~over
            if over.sum() > FEW * (move > least).sum():
                raise _turned(name, "the new front lies over the old crack, seen along the ground's normal")
            found = replace(found, left_out=found.left_out + int(over.sum()))
            if moved.any():
                found.old.append(a[moved])
                found.new.append(b[moved])
                found.fronts.append(base.to_chart(a[moved]))
                found.spots.append(uv[moved])
                found.away.append(away[moved])
                found.rises.append(base.ground.signed(b[moved]) - base.height(uv[moved])[0])
        return found

    def ramp(self, base: Sheath, rim: Rim, rises: list[Array]) -> Sheath:
        """The old surface with a ramp that is so high at the new points."""
        layer = Layer.through(rim, self.fronts, self.spots, rises)
        return Sheath(base.ground, base.first, (*base.layers, layer), (*base.bends, *_creases(base, layer)), base.size)

    @property
    def jumps(self) -> float:
        """Largest difference of a rise from the mean of its neighbours', as a share of its front's largest move."""
        found = [0.0]
        for old, new, rise in zip(self.old, self.new, self.rises):
            off = np.abs(rise[1:-1] - 0.5 * (rise[2:] + rise[:-2])).max(initial=0.0)
            found.append(float(off) / float(np.linalg.norm(new - old, axis=1).max()))
        return max(found)

    def smoothed(self) -> list[Array]:
        """Rises whose slopes are means over neighbours along the front, which count by how far they move."""
        found = []
        for away, rise in zip(self.away, self.rises):
            apart = np.subtract.outer(np.arange(len(away)), np.arange(len(away)))
            weight = np.exp(-0.5 * (apart / NEIGHBOURS) ** 2) * away
            found.append(weight @ (rise / away) / weight.sum(axis=1) * away)
        return found

    def miss(self, chart: Drawn) -> tuple[float, Array]:
        """Largest distance of a new point from a surface [m], and all as shares of their fronts' largest moves."""
        off = [np.abs(chart.signed(b)) for b in self.new]
        far = [float(np.linalg.norm(b - a, axis=1).max()) for a, b in zip(self.old, self.new)]
        return float(np.concatenate(off).max()), np.concatenate([o / f for o, f in zip(off, far)])


def _height(sheet: Sheet, old: list[Array], new: list[Array], size: float) -> Bend:
    """A ramp ahead of the old crack on a height over a plane or a bent line."""
    farthest = max(float(np.linalg.norm(b - a, axis=1).max(initial=0.0)) for a, b in zip(old, new))
    least = max(MOVED * farthest, LEAST_MOVE * size)
    base = _based(sheet, old, new, size, least)
    rings = tuple(base.to_chart(sheet.chart.to_space(ring)) for ring in sheet.outlines)
    if base.ground is ground_of(sheet.chart):
        rings = sheet.outlines
    for ring in rings:
        if not shapely.LinearRing(ring).is_simple:
            raise _turned(sheet.name, "the outline of the crack crosses itself, seen along the ground's normal")
    rim = Rim(rings)
    ahead = _Ahead.of(sheet.name, base, rim, old, new, least)
    if not ahead.new:
        return Bend(sheet.chart, "kept", 0.0, f"{sheet.name}: hardly moves")
    chart = None if ahead.jumps > JUMPS else ahead.ramp(base, rim, ahead.rises)
    if chart is None or ahead.miss(chart)[1].max() > TOLD:
        chart = ahead.ramp(base, rim, ahead.smoothed())
    return _checked(sheet, chart, ahead)


def _checked(sheet: Sheet, chart: Sheath, ahead: _Ahead) -> Bend:
    """The surface, if it passes near enough to the new points and is not too steep there."""
    uv = chart.to_chart(np.concatenate(ahead.new))
    lean = float(np.degrees(leans(chart.normal(uv), chart.ground.normal(uv)).max()))
    if lean > np.degrees(TURNED):
        raise _turned(sheet.name, f"the crack leans by {lean:.0f} degrees over its ground")
    miss, shares = ahead.miss(chart)
    share, astray = float(shares.max()), int((shares > MISS).sum())
    if astray > FEW * len(shares) or share > ASTRAY:
        raise GrowthStopped(
            "no_chart",
            f"{sheet.name}: the new surface misses {astray} of {len(shares)} points of the new front by more than"
            f" {MISS:g} of the step, by {share:.2g} at most (limits {FEW:g} of them, and {ASTRAY:g})",
        )
    over = "its plane" if isinstance(chart.ground, Plane) else "the line of its arms"
    note = f"{sheet.name}: surface of {len(chart.layers)} ramps, leaning by up to {lean:.0f} degrees over {over}"
    if share > TOLD:
        note += f"; smoothed along the front, it misses the new points by up to {100 * share:.0f} % of the step"
    if astray:
        note += f", {astray} of {len(shares)} by more than {100 * MISS:g} %"
    if ahead.left_out:
        note += f"; {ahead.left_out} points of the front that turn back are left out"
    return Bend(chart, "height", miss, note, bool(astray))


def _based(sheet: Sheet, old: list[Array], new: list[Array], size: float, least: float) -> Sheath:
    """The old surface as a height over a ground over which neither it nor what moves by `least` [m] leans too much."""
    chart = sheet.chart
    line = _line(chart, old, new, least)
    if line is not None and isinstance(chart, Sheath):
        return chart
    ahead = np.concatenate([new_normals(chart, a, b, least) for a, b in zip(old, new)])
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


def _line(chart: Drawn, old: list[Array], new: list[Array], least: float) -> Extruded | None:
    """The bent line that a chart is, or is a height over, if what moves by `least` [m] does so beyond its bends."""
    line = ground_of(chart)
    if not isinstance(line, Extruded) or not len(line.creases):
        return None
    first, last = line.straight
    for a, b in zip(old, new):
        moved = np.linalg.norm(b - a, axis=1) > least
        if not moved.any():
            continue
        u = line.to_chart(np.concatenate([a[moved], b[moved]]))[:, 0]
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
        "turned_over", f"{name}: {what}; a surface can be followed up to {np.degrees(TURNED):.0f} degrees over a "
        "plane, or each arm over its own"
    )  # fmt: skip
