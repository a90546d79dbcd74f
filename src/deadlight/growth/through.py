"""Through cracks that turn alike through the thickness: a bent line, longer by a piece at each front."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from deadlight.growth.stopped import GrowthStopped
from deadlight.surface.chart import CREASE, Extruded, Plane, best_plane
from deadlight.surface.sheet import Sheet

Array = np.ndarray[Any, np.dtype[np.float64]]

MOVED = 1e-2  # of the largest move: what moves less has no direction that counts
ALIKE = 0.05  # of a step: how far its new points may lie from one drawn line, 3 degrees of tilt either way
STRAIGHT = 0.1  # of its length: how far a front may bow
PART = 0.1  # of how far a new front lies ahead of a crease: where it is nearer, it must not leave it at a
LEAVES = np.radians(20.0)  # smaller angle, nor end on it, within
ON = 1e-3  # of that
SHARE = 0.02  # of the line's length: how far the outline may reach beyond a front that is its end


@dataclass(frozen=True, eq=False)
class Line:
    """A bent line for the next step.

    Attributes
    ----------
    chart : Extruded
    neglected : float [m]
        Largest distance of a new point from the surface: how the tilt varies through the thickness.
    note : str
    """

    chart: Extruded
    neglected: float
    note: str


def through_line(sheet: Sheet, old_points: Sequence[Array], new_points: Sequence[Array]) -> Line | None:
    """The bent line that holds a through crack and passes near its new fronts; None where there is no such line.

    Raises
    ------
    GrowthStopped
        "meets_itself": the line would cross itself.
    """
    base = _base(sheet, old_points)
    if base is None:
        return None
    outline = np.concatenate([base.to_chart(sheet.chart.to_space(ring)) for ring in sheet.outlines])
    low, high = float(outline[:, 0].min()), float(outline[:, 0].max())
    room = SHARE * (high - low)
    pieces: dict[int, tuple[float, Array]] = {}
    moves = [float(np.linalg.norm(b - a, axis=1).max()) for a, b in zip(old_points, new_points)]
    still = MOVED * max(moves, default=0.0)
    for old, new, reach in zip(old_points, new_points, moves):
        if reach <= still:
            continue
        before, after = base.to_chart(old), base.to_chart(new)
        step = after[:, 0].mean() - before[:, 0].mean()
        end = 1 if step > 0 else -1
        u = float((end * before[:, 0]).max()) * end
        beyond = high - u if end == 1 else u - low
        if end in pieces or beyond > max(room, 0.02 * reach) or np.ptp(before[:, 0]) > STRAIGHT * np.ptp(before[:, 1]):
            return None
        pieces[end] = u, _piece(base, u, new)
        if _leaves_a_crease(base, end, u, pieces[end][1], new):
            return None
    line = _longer(base, pieces)
    chart = Extruded(line, base.plane)
    neglected, worst = 0.0, 0.0
    for new, reach in zip(new_points, moves):
        off = float(np.abs(chart.signed(new)).max())
        neglected, worst = max(neglected, off), max(worst, off / reach if reach > still else 0.0)
    if worst > ALIKE:
        return None
    if not shapely.LineString(line).is_simple:
        raise GrowthStopped("meets_itself", f"{sheet.name}: the line of the crack crosses itself")
    turned = np.degrees(worst)
    note = f"{sheet.name}: bent line; tilt that varies by {turned:.1f} degrees through the thickness is neglected"
    return Line(chart, neglected, note)


def _base(sheet: Sheet, fronts: Sequence[Array]) -> Extruded | None:
    """The old surface as a line drawn along the fronts, if it can be one."""
    chart = sheet.chart
    if isinstance(chart, Extruded):
        return chart
    if not isinstance(chart, Plane) or not fronts:
        return None
    along = [_direction(f) for f in fronts]
    if any(w is None for w in along):
        return None
    w = along[0]
    if w is None or any(v is None or abs(v @ w) < 1.0 - 0.5 * STRAIGHT**2 for v in along):
        return None
    w = w - (w @ chart.n) * chart.n
    w = w / np.linalg.norm(w)
    t = np.cross(w, chart.n)
    space = np.concatenate([chart.to_space(ring) for ring in sheet.outlines])
    s = (space - chart.origin) @ t
    return Extruded.along(chart.origin + np.array([[s.min()], [s.max()]]) * t, w, sheet.name)


def _direction(front: Array) -> Array | None:
    """Direction of a front that is nearly straight."""
    if len(front) < 3:
        return None
    axis = best_plane(front).e1
    along = (front - front.mean(axis=0)) @ axis
    off = np.linalg.norm(front - front.mean(axis=0) - along[:, None] * axis, axis=1)
    return axis if off.max() < STRAIGHT * np.ptp(along) else None


def _piece(base: Extruded, u: float, new: Array) -> Array:
    """Where the line stops to be as it was, and where its new piece ends. (2, 2)."""
    corner = base.plane.to_chart(base.to_space(np.array([[u, 0.0]])))[0]
    spots = base.plane.to_chart(new) - corner
    way = spots.sum(axis=0)
    way = way / np.linalg.norm(way)
    return np.array([corner, corner + max(float((spots @ way).max()), 1e-6 * base.length) * way])


def _leaves_a_crease(base: Extruded, end: int, u: float, piece: Array, new: Array) -> bool:
    """Whether the line turns sharply where a front stood that the new one leaves at a small angle, or ends on."""
    before = end * base._at(np.array([u - end * 1e-6 * base.length]))[1][0]
    way = piece[1] - piece[0]
    if abs(np.arctan2(before[0] * way[1] - before[1] * way[0], before @ way)) <= CREASE:
        return False
    ahead = (base.plane.to_chart(new) - piece[0]) @ way / np.linalg.norm(way)
    rise, run = np.abs(np.diff(ahead)), np.abs(np.diff(base.plane.signed(new)))
    near = np.minimum(ahead[:-1], ahead[1:]) < PART * ahead.max()
    return bool(ahead.min() < ON * ahead.max() or (near & (rise < np.tan(LEAVES) * run)).any())


def _longer(base: Extruded, pieces: dict[int, tuple[float, Array]]) -> Array:
    """The line between the places where fronts were at their foremost, with one more piece at each."""
    s, near = base._parts[0], 1e-6 * base.length
    kept = np.ones(len(s), dtype=bool)
    if 1 in pieces:
        kept &= s < pieces[1][0] - near
    if -1 in pieces:
        kept &= s > pieces[-1][0] + near
    parts = [base.line[kept]]
    if -1 in pieces:
        parts.insert(0, pieces[-1][1][::-1])
    if 1 in pieces:
        parts.append(pieces[1][1])
    return np.concatenate(parts)
