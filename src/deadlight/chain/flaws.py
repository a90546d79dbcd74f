"""From a crack as the case states it to a crack surface in the pane's own space, and whether it fits there."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deadlight.assumption import Assumption
from deadlight.case.crack import Corner, Crack, Crater, Drawn, Edge, Embedded, Marked, Place, Spall, Surface, Through
from deadlight.case.paths import crack_path
from deadlight.chain.flaw_file import read_triangles
from deadlight.chain.pane_outline import pane_shape
from deadlight.chain.viewport import Viewport
from deadlight.crack.pane_shape import PaneShape
from deadlight.errors import InputError
from deadlight.surface.body import Body
from deadlight.surface.chart import Graph
from deadlight.surface.from_mesh import body_from_mesh
from deadlight.surface.sheet import Sheet

Array = np.ndarray[Any, np.dtype[np.float64]]

UP = np.array([0.0, 0.0, 1.0])  # towards space
SHARP = 0.15  # of the thickness: a rim that stands back less at a face is a bevel; the corner is where it would be
ROOM = 1.5  # bevel widths that a corner crack must reach
BEYOND = 0.2  # of the thickness by which a crack through it reaches out of the glass, to be cut there


@dataclass(frozen=True, eq=False)
class Stand:
    """Where a crack is and how its plane stands.

    Attributes
    ----------
    origin : (3,) float [m]
        Its place on the face.
    out : (3,) float
        Outward normal of the face.
    along, down : (3,) float
        Unit directions in the crack's plane: along its line on the face, and into the glass.
    """

    origin: Array
    out: Array
    along: Array
    down: Array

    @property
    def normal(self) -> Array:
        """Unit normal of the crack. (3,)."""
        return np.cross(-self.down, self.along)


@dataclass(frozen=True, eq=False)
class Flaw:
    """A crack as a surface in its pane.

    Attributes
    ----------
    stated : Crack
    sheet : Sheet
        Before the pane clips it.
    body : Body
        The pane.
    shape : PaneShape
        The pane's outline at the crack's azimuth.
    stand : Stand or None
        None for a surface from a file and a bent line.
    assumptions : tuple of Assumption
    """

    stated: Crack
    sheet: Sheet
    body: Body
    shape: PaneShape
    stand: Stand | None
    assumptions: tuple[Assumption, ...] = ()


def pane_body(viewport: Viewport, pane: str) -> Body:
    """Faces and edges of one pane, from its mesh; MeshError where its skin is not understood."""
    mesh, _ = viewport.mesh.submesh(pane)
    return body_from_mesh(mesh, pane)


def flaw_of(viewport: Viewport, crack: Crack, body: Body, root: Path) -> Flaw:
    """The crack's surface in the pane.

    Parameters
    ----------
    body : Body
        Of the crack's pane.
    root : Path
        Folder of the case.

    Raises
    ------
    InputError
        The place is not on the pane, or the crack's file is at fault.  Whether the crack fits is told by the clipping.
    """
    mesh, _ = viewport.mesh.submesh(crack.pane)
    where = f"crack {crack.name} in pane {crack.pane}"
    if isinstance(crack, Drawn):
        path = crack_path(crack, root)
        sheet = Sheet.from_triangles(*read_triangles(path, unit=crack.unit), where)
        middle = sheet.chart.to_space(sheet.outlines[0].mean(axis=0)[None])[0]
        shape, _ = pane_shape(mesh, crack.pane, azimuth=math.atan2(middle[1], middle[0]))
        return Flaw(crack, sheet, body, shape, None)
    if isinstance(crack, Through) and crack.line:
        middle = np.mean(crack.line, axis=0)
        shape, _ = pane_shape(mesh, crack.pane, azimuth=math.atan2(middle[1], middle[0]))
        points = np.column_stack([np.array(crack.line), np.zeros(len(crack.line))])
        return Flaw(crack, Sheet.line(points, UP, _reach(body, np.zeros(3), UP), where), body, shape, None)
    assert not isinstance(crack, Marked)  # cracks of a mark were put in its place before
    place = crack.place
    assert place is not None  # the case form demands it of all kinds that are left
    shape, _ = pane_shape(mesh, crack.pane, azimuth=azimuth_of(place))
    stand = stand_of(crack, body, shape, where)
    if isinstance(crack, Corner):
        _clear_of_bevel(crack, shape, where)
    sheet = _MAKERS[type(crack)](crack, stand, body, shape, where)
    return Flaw(crack, sheet, body, shape, stand, _assumptions(crack))


def azimuth_of(place: Place) -> float:
    """Azimuth [rad] of a place, however it was stated."""
    if place.x is not None and place.y is not None:
        return math.atan2(place.y, place.x)
    return place.azimuth


def stand_of(crack: Any, body: Body, shape: PaneShape, where: str) -> Stand:
    """Place, directions and depth of a crack that stands on a face."""
    place: Place = crack.place
    azimuth = azimuth_of(place)
    ray = np.array([math.cos(azimuth), math.sin(azimuth)])
    origin, out = (_at_rim if getattr(crack, "AT_RIM", False) else _on_face)(body, shape, place, ray, where)
    turn = {"radial": 0.0, "hoop": 0.5 * math.pi, "angle": crack.angle or 0.0}[crack.orientation]
    heading = np.array([math.cos(azimuth + turn), math.sin(azimuth + turn), 0.0])
    along = heading - (heading @ out) * out
    along /= np.linalg.norm(along)
    left = np.cross(UP, along)
    left -= (left @ out) * out
    left /= np.linalg.norm(left)
    return Stand(origin, out, along, math.sin(crack.tilt) * left - math.cos(crack.tilt) * out)


def _on_face(body: Body, shape: PaneShape, place: Place, ray: Array, where: str) -> tuple[Array, Array]:
    """Point of the face at a place, and the outward normal there."""
    if place.x is not None and place.y is not None:
        xy = np.array([place.x, place.y])
    else:
        rim = shape.leaves(np.zeros(2), ray)
        far = place.radius if place.radius is not None else rim - shape.lip_inset - float(place.inside_lip or 0.0)
        xy = far * ray
    found = skin_at(body, xy, place.face)
    if found is None:
        off = shape.distance(xy)
        raise InputError(
            f"its middle ({1e3 * xy[0]:.4g}, {1e3 * xy[1]:.4g}) mm is "
            + (f"{1e3 * off:.4g} mm outside the rim" if off > 0 else "where the pane has no glass"),
            place=where,
            remedy=f"the lip edge is {1e3 * shape.lip_inset:.4g} mm inside the rim: move the crack inwards",
        )
    return found


def _at_rim(body: Body, shape: PaneShape, place: Place, ray: Array, where: str) -> tuple[Array, Array]:
    """Corner of a face and the rim at an azimuth (where it would be without a bevel), and the face's normal."""
    rim = shape.leaves(np.zeros(2), ray)
    back = float(shape.stands_back(np.array([1.0 if place.face == "outer" else -1.0]))[0])
    edge = rim if back <= SHARP * shape.thickness else rim - back
    inside = rim - back - 0.1 * shape.thickness
    found = skin_at(body, inside * ray, place.face)
    if found is None:
        raise InputError(
            f"the {place.face} face does not reach the rim at azimuth {math.degrees(azimuth_of(place)):.4g} deg",
            place=where,
            remedy="place it by another azimuth, or state a surface crack",
        )
    point, out = found
    outward = np.array([*ray, 0.0]) - (ray @ out[:2]) * out
    return point + (edge - inside) * outward / np.linalg.norm(outward), out


def _clear_of_bevel(crack: Corner, shape: PaneShape, where: str) -> None:
    """Refuses a corner crack most of which would lie in the bevel that takes its corner away."""
    back = float(shape.stands_back(np.array([1.0 if crack.place.face == "outer" else -1.0]))[0])
    least = min(crack.a, crack.c)
    if back <= SHARP * shape.thickness and least < ROOM * back:
        raise InputError(
            f"a corner crack of {1e3 * least:.4g} mm at a bevel {1e3 * back:.4g} mm wide: a and c count from the sharp "
            "corner, and most of it would lie outside the glass",
            place=where,
            remedy=f"state a surface crack beside the bevel, or at least {1e3 * ROOM * back:.4g} mm",
        )


def skin_at(body: Body, xy: Array, face: str) -> tuple[Array, Array] | None:
    """The point of a pane's skin above (outer) or below (inner) x, y [m], and its outward normal; None beside it."""
    facets = body.facets()
    a, b, c = (facets.points[facets.triangles[:, i], :2] for i in range(3))
    u, v, w = b - a, c - a, xy - a
    det = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    safe = np.where(det == 0.0, np.inf, det)
    s = (w[:, 0] * v[:, 1] - w[:, 1] * v[:, 0]) / safe
    t = (u[:, 0] * w[:, 1] - u[:, 1] * w[:, 0]) / safe
    hit = np.flatnonzero((det != 0.0) & (s >= -1e-9) & (t >= -1e-9) & (s + t <= 1.0 + 1e-9))
    if not len(hit):
        return None
    za, zb, zc = (facets.points[facets.triangles[hit, i], 2] for i in range(3))
    z = za + s[hit] * (zb - za) + t[hit] * (zc - za)
    first = int(np.argmax(z) if face == "outer" else np.argmin(z))
    chart = body.faces[int(facets.face[hit[first]])].chart
    uv = chart.to_chart(np.array([[*xy, z[first]]]))
    return chart.to_space(uv)[0], chart.normal(uv)[0]


def _reach(body: Body, origin: Array, direction: Array) -> tuple[float, float]:
    """Distances [m] along a direction between which the whole thickness lies, and a little more."""
    z = body.facets().points[:, 2]
    slope = float(direction[2])
    ends = sorted(((z.min() - origin[2]) / slope, (z.max() - origin[2]) / slope))
    more = BEYOND * float(np.ptp(z)) / abs(slope)
    return ends[0] - more, ends[1] + more


def _through(crack: Through, stand: Stand, body: Body, shape: PaneShape, where: str) -> Sheet:
    half = 0.5 * (crack.two_c or 0.0) * stand.along
    points = np.stack([stand.origin - half, stand.origin + half])
    return Sheet.line(points, -stand.down, _reach(body, stand.origin, -stand.down), where)


def _edge(crack: Edge, stand: Stand, body: Body, shape: PaneShape, where: str) -> Sheet:
    outside = float(shape.stands_back(np.linspace(-1.0, 1.0, 41)).max()) + BEYOND * shape.thickness
    points = np.stack([stand.origin - crack.depth * stand.along, stand.origin + outside * stand.along])
    return Sheet.line(points, -stand.down, _reach(body, stand.origin, -stand.down), where)


def _half_ellipse(crack: Surface | Corner | Crater, stand: Stand, body: Body, shape: PaneShape, where: str) -> Sheet:
    return Sheet.ellipse(stand.origin, stand.normal, stand.along, crack.c, crack.a, where)


def _embedded(crack: Embedded, stand: Stand, body: Body, shape: PaneShape, where: str) -> Sheet:
    centre = stand.origin - crack.depth * stand.out
    return Sheet.ellipse(centre, stand.normal, stand.along, crack.c, crack.a, where)


def _spall(crack: Spall, stand: Stand, body: Body, shape: PaneShape, where: str) -> Sheet:
    centre = stand.origin - crack.depth * stand.out
    flat = Sheet.ellipse(centre, -stand.down, stand.along, crack.c, crack.a, where)
    if not crack.dish:
        return flat
    r, phi = np.meshgrid(np.linspace(0.0, 1.15, 13)[1:], np.linspace(0.0, 2.0 * np.pi, 33)[:-1])
    uv = np.concatenate([[[0.0, 0.0]], np.column_stack([(r * np.cos(phi)).ravel(), (r * np.sin(phi)).ravel()])])
    plane: Any = flat.chart
    height = crack.dish * (uv**2).sum(axis=1)
    points = plane.to_space(uv * [crack.c, crack.a]) + height[:, None] * plane.n
    return Sheet(Graph.through(points, plane, place=where), flat.outlines, where, flat.snap)


_MAKERS: dict[type, Callable[..., Sheet]] = {
    Through: _through,
    Edge: _edge,
    Surface: _half_ellipse,
    Corner: _half_ellipse,
    Crater: _half_ellipse,
    Embedded: _embedded,
    Spall: _spall,
}


def _assumptions(crack: Crack) -> tuple[Assumption, ...]:
    found = []
    if isinstance(crack, Crater):
        text = (
            f"the pit ({1e3 * crack.pit.diameter:g} mm wide, {1e3 * crack.pit.depth:g} mm deep) and its radial cracks "
            f"are one half-elliptical plane crack, a = {1e3 * crack.a:g} mm, c = {1e3 * crack.c:g} mm; the glass that "
            "is missing in the pit is taken as there"
        )
        found.append(Assumption(f"cracks.{crack.name}.crater", text, "idealisation", "A"))
    if isinstance(crack, Spall):
        text = "its edge is an ellipse and its face a plane or a shallow bowl"
        found.append(Assumption(f"cracks.{crack.name}.spall", text, "idealisation", "A"))
    return tuple(found)
