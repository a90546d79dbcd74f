"""Crack surfaces of a pane in time as plain triangles: as found, and as they grew, from either tier's answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from deadlight.case.crack import Crack, Through
from deadlight.chain.cracks import CrackAnswer
from deadlight.chain.quick_answer import lay
from deadlight.chain.viewport import Viewport
from deadlight.crack.line import CrackLine
from deadlight.crack.quick_shape import FaceShape, ThroughShape
from deadlight.crack.result import QuickResult
from deadlight.growth.record import End, GrowthRecord
from deadlight.surface.body import Body
from deadlight.surface.chart import Plane
from deadlight.surface.clip import cells_in
from deadlight.surface.section import section
from deadlight.surface.sheet import Sheet

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Surface = tuple[Array, Index]

CELLS = 48  # a bent surface is drawn with about so many cells along its larger extent
BEYOND = 0.1  # of the thickness: how far a surface is drawn beyond the skin that it meets


@dataclass(frozen=True, eq=False)
class Geometry:
    """The cracks of a pane from some time on.

    Attributes
    ----------
    time : float [s]
        When the cracks had this shape first; where they cut the pane at a stroke, when that began.
    surfaces : tuple of (points (n, 3) [m], triangles (t, 3))
    indicative : bool
        Made by growth after an instability, inertia left out.
    """

    time: float
    surfaces: tuple[Surface, ...]
    indicative: bool = False


def geometries(answers: Sequence[CrackAnswer], start: float, thickness: float) -> list[Geometry]:
    """Cracks of one pane in order of time, the first as found.

    Parameters
    ----------
    answers : sequence of CrackAnswer
        Of all cracks of the pane.
    start : float [s]
        Of the history.
    thickness : float [m]
        Of the pane.
    """
    full = [a for a in answers if a.flaw is not None]
    quick = [_quick(a, start, thickness) for a in answers if a.flaw is None and a.quick is not None]
    grown = next((a.growth.record for a in full if a.growth is not None), None)
    found: list[list[Geometry]] = [q for q in quick if q]
    if full:
        body = full[0].flaw.body if full[0].flaw else None
        sheets = [a.flaw.sheet for a in full if a.flaw]
        found.append(_full(grown, body, thickness) if grown else [_drawn(start, sheets, body, thickness)])
    return _together(found)


def as_found(viewport: Viewport, cracks: Sequence[Crack], thickness: float) -> list[Surface]:
    """Through cracks that stay as they were found, as upright surfaces; cracks of other kinds cut nothing off."""
    made = []
    for crack in cracks:
        if not isinstance(crack, Through):
            continue
        if not crack.line:
            _, line, _ = lay(viewport, crack)
            made.append(_upright(line, line.outer, line.inner, thickness))
            continue
        z = viewport.mesh.points[viewport.mesh.region_nodes(crack.pane), 2]
        flat, half = np.array(crack.line), (0.5 + BEYOND) * thickness
        middle, n = 0.5 * float(z.min() + z.max()), len(crack.line)
        points = np.concatenate([np.column_stack([flat, np.full(n, middle + s * half)]) for s in (-1.0, 1.0)])
        i = np.arange(n - 1)
        low, high = np.column_stack([i, i + 1, n + i + 1]), np.column_stack([i, n + i + 1, n + i])
        made.append((points, np.concatenate([low, high])))
    return made


def _together(histories: Sequence[Sequence[Geometry]]) -> list[Geometry]:
    """Histories of several cracks, each on its own, as one: at each change the newest of all."""
    made = []
    for time in sorted({g.time for h in histories for g in h}):
        now = [next(g for g in reversed(h) if g.time <= time) for h in histories if h[0].time <= time]
        made.append(Geometry(time, tuple(s for g in now for s in g.surfaces), any(g.indicative for g in now)))
    return made


def _full(record: GrowthRecord, body: Body | None, thickness: float) -> list[Geometry]:
    made = [_drawn(s.time, s.shape.sheets, body, thickness, s.indicative) for s in record.steps]
    if record.end is End.SEVERED and record.cut:
        made.append(_drawn(float(record.trace_time[-1]), record.cut, body, thickness, True))
    return made


def _drawn(
    time: float, sheets: Sequence[Sheet], body: Body | None, thickness: float, indicative: bool = False
) -> Geometry:
    drawn = [s for sheet in sheets for s in sheet_surfaces(sheet, body, BEYOND * thickness)]
    return Geometry(time, tuple(drawn), indicative)


def sheet_surfaces(sheet: Sheet, body: Body | None, beyond: float) -> list[Surface]:
    """What of a crack lies in the body, a little led on beyond its skin.

    Parameters
    ----------
    beyond : float [m]

    Returns
    -------
    list of (points (n, 3), triangles (t, 3))
        One for each part inside the body; a bent surface in cells that share their corners.
    """
    whole = shapely.Polygon()
    for ring in sheet.outlines:
        whole = whole.symmetric_difference(shapely.Polygon(ring))
    cells = cells_in(sheet, body, section(body, sheet)) if body is not None else [whole]
    parts = [shapely.intersection(c.buffer(beyond), whole) for c in cells]
    step = None
    if not isinstance(sheet.chart, Plane):
        step = max(max(float(np.ptp(np.array(r), axis=0).max()) for r in sheet.outlines) / CELLS, 1e-6)
    made = []
    for part in parts:
        flat, tri = _triangles(part, step)
        if len(tri):
            made.append((np.asarray(sheet.chart.to_space(flat)), tri))
    return made


def _triangles(part: Any, step: float | None) -> Surface:
    """Triangles of a polygon, cut along a grid where a step is given: neighbours share the corners on its lines."""
    pieces = np.array([part])
    if step is not None:
        x0, y0, x1, y1 = part.bounds
        xs, ys = (np.arange(np.floor(a / step), b / step + 1) * step for a, b in ((x0, x1), (y0, y1)))
        xg, yg = (g.ravel() for g in np.meshgrid(xs, ys, indexing="ij"))
        pieces = shapely.intersection(shapely.box(xg, yg, xg + step, yg + step), part)
    cells = shapely.get_parts(shapely.constrained_delaunay_triangles(shapely.get_parts(pieces)))
    cells = cells[shapely.get_type_id(cells) == 3]
    x = shapely.get_coordinates(cells).reshape(-1, 4, 2)[:, :3].reshape(-1, 2)
    return x, np.arange(len(x)).reshape(-1, 3)


def _quick(answer: CrackAnswer, start: float, thickness: float) -> list[Geometry]:
    """Of one crack of the quick tier: its record, or what its answer says of its size at the end."""
    assert answer.quick is not None
    if answer.growth is not None:
        record = answer.growth.record
        made = [Geometry(s.time, (_of_shape(s.shape, thickness),), s.indicative) for s in record.steps]
        last = record.steps[-1].shape
        if record.end is End.SEVERED and isinstance(last, ThroughShape):
            whole = _upright(last.crack.line, -thickness, last.crack.line.length + thickness, thickness)
            made.append(Geometry(float(record.trace_time[-1]), (whole,), True))
        return made
    given = answer.quick.given
    if given is None:
        return []
    return _by_size(answer.quick.line, answer.quick.result, given.seed, start, thickness)


def _by_size(line: CrackLine, result: QuickResult, seed: Any, start: float, thickness: float) -> list[Geometry]:
    """Sizes of every instant at which they change."""
    if result.kind != "through":
        return [Geometry(start, (_half_ellipse(line, seed, thickness),))]
    size = result.size
    rows = np.flatnonzero(np.r_[True, np.any(np.diff(size, axis=0) != 0.0, axis=1)])
    made = [
        Geometry(float(result.time[i]), (_upright(line, *_depths(size[i], line, thickness), thickness),), i > 0)
        for i in rows.tolist()
    ]
    crossed = next((e.time for e in result.events if e.what == "crosses the pane"), None)
    if crossed is not None:
        made.append(Geometry(crossed, (_upright(line, -thickness, line.length + thickness, thickness),), True))
    return made


def _depths(size: Array, line: CrackLine, thickness: float) -> tuple[float, float]:
    """Ends of a through crack below the rim, led on beyond it where it opens the rim."""
    outer, inner = float(size[0]), float(size[1])
    return (-thickness if outer <= 0.0 else outer), min(inner, line.length + thickness)


def _upright(line: CrackLine, outer: float, inner: float, thickness: float) -> Surface:
    """A through crack between two depths below the rim [m], along its line."""
    middle, half = line.pane.z_middle, (0.5 + BEYOND) * thickness
    ends = np.array([line.origin + d * line.inward for d in (outer, inner)])
    low, high = (np.column_stack([ends, np.full(2, middle + s * half)]) for s in (-1.0, 1.0))
    return np.concatenate([low, high]), np.array([[0, 1, 3], [0, 3, 2]])


def _half_ellipse(line: CrackLine, seed: Any, thickness: float) -> Surface:
    middle = 0.5 * (line.outer + line.inner) if seed.kind != "corner" else 0.0
    sign = 1.0 if seed.place.face == "outer" else -1.0

    def at(along: float, below: float) -> Array:
        height = line.pane.z_middle + sign * (0.5 * thickness - below)
        return np.append(line.origin + (middle + along) * line.inward, height)

    return _under_face(at, seed.a, seed.c, 1 if seed.kind == "corner" else 2, thickness)


def _under_face(at: Any, a: float, c: float, quarters: int, thickness: float) -> Surface:
    """A half or quarter of an ellipse below a face, led on out of it (and out of the rim)."""
    phi = np.linspace(0.0, 0.5 * np.pi * quarters, 65)
    out = BEYOND * thickness
    ring = [at(c * x, a * y) for x, y in zip(np.cos(phi), np.sin(phi))]
    ring += [at(-c, -out), at(c, -out)] if quarters == 2 else [at(-out, a), at(-out, -out), at(c, -out)]
    flat = np.array(ring)
    return np.vstack([flat.mean(axis=0), flat]), np.array(
        [[0, 1 + i, 1 + (i + 1) % len(flat)] for i in range(len(flat))]
    )


def _of_shape(shape: Any, thickness: float) -> Surface:
    if isinstance(shape, FaceShape):
        return _under_face(shape._at, shape.a, shape.c, shape.quarters, thickness)
    line = shape.crack.line
    return _upright(line, *_depths(np.array([shape.outer, shape.inner]), line, thickness), thickness)
