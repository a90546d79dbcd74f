"""What of a crack's outline lies inside the body: the domain that is meshed, its front and its mouths."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from deadlight.errors import InputError
from deadlight.remark import Remark
from deadlight.surface.body import Body
from deadlight.surface.chart import Plane, Snap
from deadlight.surface.crack_mesh import CrackDomain, Piece
from deadlight.surface.section import Line, at_noise, onto, section
from deadlight.surface.sheet import Sheet

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

LEAST_LIGAMENT = 0.04  # of the crack's smaller extent: 0.2 of a front element of a fifth of it
SLENDER = 150.0  # length over width from which a crack is a sliver and no crack
CRUMB = 1e-3  # of the largest part: smaller separate parts are left out
REACH = 0.01  # of the crack's extent: how far the polyline of a mouth may be from the skin
THIN = 1e-4  # of the extent: points of a front are no closer, on outlines without an exact curve
CROWDED = 2e-6  # of the extent: points of a piece so near to its ends are left out
_SAME = 1e-9  # of the extent: points at one place

Skin = Callable[[int, Array], Array]


@dataclass(frozen=True, eq=False)
class Clipped:
    """Domains of one sheet, one for each part inside the body.

    Attributes
    ----------
    domains : tuple of CrackDomain
    remarks : tuple of Remark
    """

    domains: tuple[CrackDomain, ...]
    remarks: tuple[Remark, ...] = ()


def clip(
    sheet: Sheet, body: Body | None, lines: list[Line] | None = None, *, ligament: float = LEAST_LIGAMENT
) -> Clipped:
    """The part of a crack that lies inside a body.

    Parameters
    ----------
    sheet : Sheet
    body : Body or None
        None: a solid without end.
    lines : list of Line, optional
        `section(body, sheet)`, or that of more of the same surface, where it is at hand.
    ligament : float
        Least distance between a front and the skin ahead of it, as a part of the crack's smaller extent.

    Raises
    ------
    InputError
        The crack lies outside, cuts the body in two, or leaves a ligament too thin to solve.
    """
    if body is None:
        pieces = [(Piece(closed(ring), "front", -1),) for ring in sheet.outlines]
        return Clipped((CrackDomain(sheet.chart, tuple(pieces), sheet.snap),))
    lines = section(body, sheet) if lines is None else lines
    cells = cells_in(sheet, body, lines)
    if not cells:
        raise _outside(sheet, body)
    extent = max(float(np.ptp(ring, axis=0).max()) for ring in sheet.outlines)
    domains, remarks = [], []
    skin = OnSkin(sheet, body, extent)
    largest = max(c.area for c in cells)
    crumbs = [c for c in cells if c.area < CRUMB * largest]
    if crumbs:
        text = f"{sheet.name}: {len(crumbs)} separate parts below {CRUMB:g} of the crack's area are left out"
        remarks.append(Remark(text))
    for cell in (c for c in cells if c.area >= CRUMB * largest):
        _check_sliver(sheet, cell)
        loops = tuple(_pieces(ring, sheet, lines, extent, skin) for ring in _rings(cell))
        if not any(p.kind == "front" for loop in loops for p in loop):
            raise InputError(
                "the crack cuts the body in two: none of its edge lies inside", place=sheet.name,
                remedy="make the crack smaller, or leave it out and take the two parts as bodies of their own",
            )  # fmt: skip
        _check_ligament(sheet, cell, loops, lines, ligament)
        domains.append(CrackDomain(sheet.chart, loops, sheet.snap, skin))
    if len(domains) > 1:
        text = f"{sheet.name}: the outline lies in the body in {len(domains)} separate parts; all are cracks"
        remarks.append(Remark(text))
    return Clipped(tuple(domains), tuple(remarks))


def closed(ring: Array) -> Array:
    """The ring with its first point repeated at the end."""
    return ring if np.array_equal(ring[0], ring[-1]) else np.concatenate([ring, ring[:1]])


def cells_in(sheet: Sheet, body: Body, lines: list[Line]) -> list[shapely.Polygon]:
    """Parts of the outline's inside that lie in the body."""
    rings = [shapely.LinearRing(closed(ring)) for ring in sheet.outlines]
    within = shapely.Polygon()
    for ring in rings:
        within = within.symmetric_difference(shapely.Polygon(ring))
    drawn = [shapely.LineString(line.uv) for line in lines]
    near = [d for d in drawn if d.intersects(within)]
    net = shapely.union_all([shapely.LineString(r.coords) for r in rings] + near)
    cells = [c for c in shapely.polygonize([net]).geoms if c.area > 1e-12 * within.area]
    if not cells:
        return []
    spots = np.array([c.representative_point().coords[0] for c in cells])
    extent = max(float(np.ptp(ring, axis=0).max()) for ring in sheet.outlines)
    inside = shapely.contains_xy(within, spots)
    return [c for c, keep, spot in zip(cells, inside, spots) if keep and _in_body(c, spot, sheet, body, lines, extent)]


def _in_body(cell: shapely.Polygon, spot: Array, sheet: Sheet, body: Body, lines: list[Line], extent: float) -> bool:
    """Whether a cell lies in the body: by the side of its longest mouth on which it lies, else by a point of it."""
    best, found = 0.0, None
    for ring in _rings(cell):
        after = np.roll(ring, -1, axis=0)
        length = np.linalg.norm(after - ring, axis=1)
        face = faces_at(0.5 * (ring + after), lines, 1e-7 * extent)
        length = np.where(face < 0, 0.0, length)
        i = int(length.argmax())
        if length[i] > best:
            best, found = float(length[i]), (ring[i], after[i], int(face[i]))
    if found is None:
        return bool(body.contains(sheet.chart.to_space(spot[None]))[0])
    a, b, on = found
    left = 1e-3 * np.array([a[1] - b[1], b[0] - a[0]])
    x = sheet.chart.to_space(np.array([0.5 * (a + b), 0.5 * (a + b) + left]))
    height = body.faces[on].chart.signed(x)
    return bool(height[1] < height[0])


def _rings(cell: shapely.Polygon) -> list[Array]:
    """Rings of a cell with the cell on their left, the outer one first; no repeated point."""
    turned = shapely.orient_polygons(cell)
    return [np.array(r.coords)[:-1] for r in (turned.exterior, *turned.interiors)]


@dataclass(frozen=True, eq=False)
class OnSkin:
    """Moves points of a sheet near a face of the body onto it: (face, (n, 2)) -> (n, 2)."""

    sheet: Sheet
    body: Body
    extent: float

    def __call__(self, face: int, uv: Array) -> Array:
        part, chart = self.body.faces[face], self.sheet.chart
        if isinstance(chart, Plane) and part.flat:
            return uv
        return onto(part.chart, chart, uv, np.full(len(uv), REACH * self.extent))


def _pieces(ring: Array, sheet: Sheet, lines: list[Line], extent: float, skin: Skin) -> tuple[Piece, ...]:
    """Front and mouth pieces of one ring, in order."""
    gap = np.linalg.norm(np.roll(ring, -1, axis=0) - ring, axis=1)
    ring = ring[gap > _SAME * extent]
    after = np.roll(ring, -1, axis=0)
    face = faces_at(0.5 * (ring + after), lines, 1e-7 * extent)
    change = np.flatnonzero(face != np.roll(face, 1))
    if not len(change):
        return (Piece(closed(ring), "front" if face[0] < 0 else "mouth", int(face[0])),)
    pieces = []
    n = len(ring)
    for i, first in enumerate(change):
        last = change[(i + 1) % len(change)]
        count = (last - first) % n or n
        at = (first + np.arange(count + 1)) % n
        pieces.append(Piece(ring[at], "front" if face[first] < 0 else "mouth", int(face[first])))
    return _joined(pieces, sheet, extent, skin)


def faces_at(spots: Array, lines: list[Line], near: float) -> Index:
    """Face of the body whose section passes through each spot, -1 where none does. (n,)."""
    found = np.full(len(spots), -1, dtype=np.int64)
    if not lines:
        return found
    drawn = shapely.linestrings(np.concatenate([np.stack([x.uv[:-1], x.uv[1:]], axis=1) for x in lines]))
    face = np.concatenate([x.face for x in lines])
    point, piece = shapely.STRtree(drawn).query_nearest(shapely.points(spots), max_distance=near, all_matches=False)
    found[point] = face[piece]
    return found


def _joined(pieces: list[Piece], sheet: Sheet, extent: float, skin: Skin) -> tuple[Piece, ...]:
    """The pieces with the points between front and mouth moved onto both curves."""
    points = [p.points.copy() for p in pieces]
    for i, piece in enumerate(pieces):
        j = (i + 1) % len(pieces)
        if {piece.kind, pieces[j].kind} != {"front", "mouth"}:
            continue
        first = piece.kind == "mouth"
        mouth, front = (points[i][-2:], points[j][:2][::-1]) if first else (points[j][:2][::-1], points[i][-2:])
        at = _crossing(mouth, front, sheet, lambda x: skin((piece if first else pieces[j]).face, x), extent)  # noqa: B023
        if np.linalg.norm(at - mouth[1]) < 1e-3 * extent:
            points[i][-1] = points[j][0] = at
    clean = [_uncrowded(x, CROWDED * extent) for x in points]
    if sheet.snap is None:
        clean = [_thinned(x, THIN * extent) if p.kind == "front" else x for x, p in zip(clean, pieces)]
    return tuple(Piece(x, p.kind, p.face) for x, p in zip(clean, pieces))


def _thinned(x: Array, near: float) -> Array:
    """A polyline without points that follow the last one kept too closely: they would make corners of a curve."""
    step = np.linalg.norm(np.diff(x, axis=0), axis=1)
    if len(x) < 4 or step.min() >= near:
        return x
    s = np.concatenate([[0.0], np.cumsum(step)])
    kept, last = [0], 0.0
    for i in np.flatnonzero(s < s[-1] - near)[1:].tolist():  # a few thousand at most
        if s[i] - last >= near:
            kept.append(i)
            last = float(s[i])
    return x[[*kept, len(x) - 1]] if len(kept) > 1 else x


def _uncrowded(x: Array, near: float) -> Array:
    """A polyline without points that crowd its ends: the section is no better than that, they would make corners."""
    off = np.minimum(np.linalg.norm(x - x[0], axis=1), np.linalg.norm(x - x[-1], axis=1))
    keep = off > near
    keep[[0, -1]] = True
    return x if keep.sum() < 2 + np.array_equal(x[0], x[-1]) else x[keep]


def _crossing(mouth: Array, front: Array, sheet: Sheet, skin: Snap, extent: float) -> Array:
    """Where a mouth and a front cross, from the last two points (2, 2) of either polyline, near the last one. (2,)."""
    along = (mouth[1] - mouth[0]) / np.linalg.norm(mouth[1] - mouth[0])
    ahead = (front[1] - front[0]) / np.linalg.norm(front[1] - front[0])
    across = np.array([-ahead[1], ahead[0]])
    at, last = mouth[1], np.inf
    for _ in range(30):
        target = sheet.snap(at[None])[0] if sheet.snap is not None else at - ((at - front[1]) @ across) * across
        off = target - at
        if sheet.snap is None:  # along the mouth as far as the front is off
            lean = float(along @ across)
            move = float(off @ across) / lean if abs(lean) > 0.1 else float(off @ along)
        else:
            move = float(off @ along)
        found = skin((at + move * along)[None])[0]
        step = float(np.linalg.norm(found - at))
        at = found
        if step < 1e-15 * extent or at_noise(step, last, extent):
            break
        last = step
    return at


def _check_sliver(sheet: Sheet, cell: shapely.Polygon) -> None:
    """Refuse a crack that is hardly more than a line along the skin."""
    length = 0.5 * float(cell.exterior.length)
    width = float(cell.area) / length
    if length > SLENDER * width:
        raise InputError(
            f"what of the crack lies in the body is {1e3 * length:.4g} mm long and {1e3 * width:.3g} mm wide "
            f"(limit {SLENDER:g} times as long as wide)",
            place=sheet.name,
            remedy="let it reach deeper into the body, or make it shorter",
        )


def _check_ligament(
    sheet: Sheet, cell: shapely.Polygon, loops: tuple[tuple[Piece, ...], ...], lines: list[Line], least: float
) -> None:
    """Refuse a front that comes very near the skin without reaching it."""
    if not lines or least <= 0:
        return
    low, high = np.array(cell.bounds[:2]), np.array(cell.bounds[2:])
    limit = least * float((high - low).min())
    skin = shapely.MultiLineString([x.uv for x in lines])
    for piece in (p for loop in loops for p in loop if p.kind == "front"):
        step = np.linalg.norm(np.diff(piece.points, axis=0), axis=1)
        along = np.concatenate([[0.0], np.cumsum(step)])
        at = np.linspace(0, along[-1], max(3, min(2000, int(along[-1] / (0.5 * limit)))))
        spots = np.column_stack([np.interp(at, along, x) for x in piece.points.T])
        off = shapely.distance(skin, shapely.points(spots))
        around = np.array_equal(piece.points[0], piece.points[-1])
        inner = np.full(len(at), np.inf) if around else np.minimum(at, along[-1] - at)
        thin = (off < limit) & (inner > 4 * limit)
        if thin.any():
            worst = int(np.where(thin, off, np.inf).argmin())
            at_worst = sheet.chart.to_space(spots[worst : worst + 1])[0]
            raise InputError(
                f"the front passes the skin at {1e3 * off[worst]:.4g} mm without reaching it "
                f"(limit {1e3 * limit:.4g} mm, {least:g} of the crack's size), near {_mm(at_worst)}",
                place=sheet.name,
                remedy="let the crack break through there, or make it smaller",
            )


def _outside(sheet: Sheet, body: Body) -> InputError:
    """The error for a crack that has no part in the body."""
    middle = sheet.chart.to_space(np.concatenate(sheet.outlines).mean(axis=0)[None])[0]
    box = ""
    if not body.unlimited:
        low, high = body.facets().points.min(axis=0), body.facets().points.max(axis=0)
        box = f", which reaches from {_mm(low)} to {_mm(high)}"
    return InputError(
        f"the crack lies outside the body: its middle is at {_mm(middle)}{box}",
        place=sheet.name,
        remedy="check the position and the direction it is given",
    )


def _mm(x: Array) -> str:
    return "(" + ", ".join(f"{1e3 * v:.4g}" for v in x) + ") mm"
