"""Pits in a flat face of a body, and cracks that run from them: craters of impacts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely

from deadlight.errors import InputError
from deadlight.surface.body import Body, Face
from deadlight.surface.cap import Cap
from deadlight.surface.chart import Plane, unit
from deadlight.surface.curve import Curve
from deadlight.surface.mesh import Array
from deadlight.surface.sheet import Sheet

PIECES = 48  # quadratic pieces round the edge of a pit
SHALLOW = 0.02  # least depth over diameter
MARGIN = 0.05  # of the diameter: least distance of a pit from other edges
FLOOR = 0.05  # of the thickness: least distance of a pit's bottom from the skin behind it


def body_with_pit(body: Body, face: int | str, centre: Array, diameter: float, depth: float) -> Body:
    """The body with a spherical dimple in one of its flat faces.

    The wall of the pit is one more face, named after the flat one with "pit" behind it, and it is loaded: the
    uncracked stress, which knows nothing of the pit, acts on it as it does on a crack.

    Parameters
    ----------
    face : int or str
        Number or name of the flat face.
    centre : (3,) float [m]
        Middle of the pit; its foot on the face counts.
    diameter, depth : float [m]
        Of the opening, and from the face to the deepest point; at most a hemisphere.

    Raises
    ------
    InputError
        The face is not flat or the pit does not fit it.
    """
    number = _numbered(body, face)
    flat = body.faces[number]
    a, place = 0.5 * diameter, f"pit on face {flat.name}"
    if not isinstance(flat.chart, Plane) or body.unlimited:
        raise InputError(
            f"face {flat.name} is {'the half-space' if body.unlimited else 'not flat'}", place=place,
            remedy="a pit needs a flat face with edges: take a large block for a half-space",
        )  # fmt: skip
    if not (np.isfinite([diameter, depth]).all() and 2.0 * SHALLOW * a <= depth <= a * (1.0 + 1e-9)):
        raise InputError(
            f"a pit {1e3 * diameter:.4g} mm wide and {1e3 * depth:.4g} mm deep", place=place,
            remedy=f"a depth from {SHALLOW:g} to 0.5 diameters",
        )  # fmt: skip
    middle = flat.chart.to_space(flat.chart.to_chart(np.asarray(centre, dtype=float)[None]))[0]
    _check_room(body, number, middle, a, depth, place)
    radius = (a * a + depth * depth) / (2.0 * depth)
    e1, e2, n = flat.chart.e1, flat.chart.e2, flat.chart.n
    chart = Cap(Plane(middle - depth * n, e1, e2), radius, 2.0 * float(np.arctan2(depth, a)))
    angle = np.pi * np.arange(2 * PIECES + 1) / PIECES
    nodes = middle + a * (np.cos(angle)[:, None] * e1 + np.sin(angle)[:, None] * e2)
    nodes[-1] = nodes[0]
    edge = len(body.edges)
    faces = [replace(f, loops=(*f.loops, ((edge, -1),))) if i == number else f for i, f in enumerate(body.faces)]
    faces.append(Face(f"{flat.name} pit", chart, (((edge, 1),),), loaded=True))
    regions = None if body.regions is None else body.regions.copied(number, chart, middle)
    return Body(tuple(faces), (*body.edges, Curve(nodes, True)), body.thickness, body.name, regions)


def radial_cracks(
    body: Body, directions: Sequence[float], length: float, depth: float, *, start: float = 0.35, name: str = "radial"
) -> list[Sheet]:
    """Half-elliptical cracks that run from the last pit of a body straight into its depth, one a direction.

    Parameters
    ----------
    directions : sequence of float [rad]
        In the face, from the first axis of its chart.
    length, depth : float [m]
        From the middle of the pit to the outer end along the face, and from the face to the deepest point.
    start : float
        Inner end of the ellipse as a share of the pit's radius; the part in the pit is clipped away.  With the default
        the front meets the wall at 90 to 100 degrees, where K stays finite (Bazant & Estenssoro 1979).
    """
    pit = next((f.chart for f in reversed(body.faces) if isinstance(f.chart, Cap)), None)
    if pit is None:
        raise InputError("the body has no pit", place="radial cracks", remedy="make one by body_with_pit")
    a = pit.radius * np.sin(pit.angle)
    if not length > a or not 0.0 <= start < 1.0:
        raise InputError(
            f"radial cracks {1e3 * length:.4g} mm long from {start:g} radii of a pit {2e3 * a:.4g} mm wide",
            place="radial cracks", remedy="a length beyond the pit's radius, a start from 0 to 1 radius",
        )  # fmt: skip
    e1, e2, n = pit.plane.e1, pit.plane.e2, pit.plane.n
    top = pit.plane.origin + pit.radius * (1.0 - np.cos(pit.angle)) * n
    sheets = []
    for i, phi in enumerate(directions):
        way = unit(np.cos(phi) * e1 + np.sin(phi) * e2)
        middle = top + 0.5 * (length + start * a) * way
        sheets.append(
            Sheet.ellipse(middle, np.cross(n, way), way, 0.5 * (length - start * a), depth, f"{name} {i + 1}")
        )
    return sheets


def _numbered(body: Body, face: int | str) -> int:
    if isinstance(face, str):
        names = [f.name for f in body.faces]
        if face not in names:
            raise InputError(f'no face "{face}"', place="pit", remedy="the body has: " + ", ".join(names))
        return names.index(face)
    if not 0 <= face < len(body.faces):
        raise InputError(f"face {face} of {len(body.faces)}", place="pit", remedy="a number of a face, from 0")
    return face


def _check_room(body: Body, number: int, middle: Array, a: float, depth: float, place: str) -> None:
    """Refuse a pit that reaches over the face's edges or through the body."""
    facets = body.facets()
    face = body.faces[number]
    tri = facets.triangles[facets.face == number]
    uv = face.chart.to_chart(facets.points[tri].reshape(-1, 3)).reshape(-1, 3, 2)
    region = shapely.union_all(shapely.polygons(uv))
    spot = shapely.Point(face.chart.to_chart(middle[None])[0])
    room = float(region.boundary.distance(spot)) if region.covers(spot) else 0.0
    limit = a + 2.0 * MARGIN * a
    if room < limit:
        raise InputError(
            f"the next edge of the face is {1e3 * room:.4g} mm from the pit's middle (limit {1e3 * limit:.4g} mm, its "
            f"radius and {MARGIN:g} of its diameter)",
            place=place, remedy="move the pit inwards or make it smaller",
        )  # fmt: skip
    others = np.concatenate([facets.points[facets.triangles[facets.face != number]].mean(axis=1), facets.points])
    below = (middle - others) @ face.chart.n  # type: ignore[attr-defined]
    over = np.linalg.norm(others - middle + below[:, None] * face.chart.n, axis=1) < a  # type: ignore[attr-defined]
    behind = below[over & (below > 0.0)].min(initial=np.inf)
    least = FLOOR * body.thickness
    behind = min(behind, float(np.ptp(facets.points @ face.chart.n)))  # type: ignore[attr-defined]
    if behind - depth < least:
        raise InputError(
            f"the body is {1e3 * behind:.4g} mm thick under a pit {1e3 * depth:.4g} mm deep "
            f"(limit {1e3 * least:.4g} mm between)",
            place=place, remedy="make the pit shallower",
        )  # fmt: skip
