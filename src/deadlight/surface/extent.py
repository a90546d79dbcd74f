"""How much of the skin a set of cracks needs: none, a patch round the mouth, or all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.errors import InputError
from deadlight.surface.body import Body
from deadlight.surface.crack_mesh import CrackMesh
from deadlight.surface.crack_near import inside

Array = np.ndarray[Any, np.dtype[np.float64]]

PATCH = 16.0  # radius of a patch in crack radii
LEAST_PATCH = 12.0  # what must fit before the next edge
LEAST_DEPTH = 5.0  # crack radii to the skin behind
DEEP = 8.0  # crack radii below the skin from which a half-space does not feel it


@dataclass(frozen=True, eq=False)
class Choice:
    """What of the skin is meshed.

    Attributes
    ----------
    kind : "none", "patch" or "whole"
    text : str
        For the result: what was chosen and why.
    face : int
        Face of a patch.
    centre : (3,) float [m]
        Middle of the patch.
    radius : float [m]
        Radius of the patch.
    """

    kind: str
    text: str
    face: int = -1
    centre: Array | None = None
    radius: float = 0.0


def choose(body: Body | None, meshes: Sequence[CrackMesh], extent: str = "auto", radii: float = PATCH) -> Choice:
    """Choose by size and place of the cracks.

    A patch is taken when the cracks touch one face, their radius is less than a fifth of the depth of the body
    below them, and a patch of at least 12 radii ends before the next edge; likewise under one face that they do not
    touch, with their depth for the radius where it is more.  Cutting the skin at 12 radii moves K of a
    half-penny by 0.06 %, at 7 by 0.3 %.

    Raises
    ------
    InputError
        `extent` is none of "auto", "patch", "whole", or cannot be had.
    """
    if extent not in ("auto", "patch", "whole"):
        raise InputError(f'extent = "{extent}"', place="surface mesh", remedy='"auto", "patch" or "whole"')
    if body is None:
        return Choice("none", "solid without end: no skin")
    x = np.concatenate([m.points for m in meshes])
    faces = sorted({int(m.face) for mesh in meshes for m in mesh.mouths})
    mouth = [mesh.points[np.asarray(m.nodes)] for mesh in meshes for m in mesh.mouths]
    spots = np.concatenate(mouth) if mouth else x
    centre = 0.5 * (spots.min(axis=0) + spots.max(axis=0))
    radius = float(np.linalg.norm(x - centre, axis=1).max())
    if body.loaded.any() and extent != "patch":
        return Choice("whole", f"whole skin: {'asked for' if extent == 'whole' else 'the body has a pit'}")
    if body.unlimited:
        return _half_space(body, faces, centre, radius, radii)
    if not faces and extent == "auto":
        below = min(abs(float(f.chart.signed(centre[None])[0])) for f in body.faces)  # nearer than the true faces
        if below > DEEP * radius:
            return Choice("none", f"no skin: the crack lies {below / radius:.1f} of its radii below it")
    if faces or extent == "whole":
        on, foot, reach = faces, centre, radius
    else:  # what a crack below the skin does to it reaches as far as it is deep
        on, foot, depth = _nearest(body, x, centre)
        reach = max(radius, depth)
    why = _against(body, on, foot, reach) if not body.loaded.any() else "the body has a pit"
    if extent == "whole" or (extent == "auto" and why):
        return Choice("whole", f"whole skin: {'asked for' if extent == 'whole' else why}")
    if why and (len(on) != 1 or body.loaded.any()):
        raise InputError(f"a patch cannot be had: {why}", place="surface mesh", remedy='extent = "whole"')
    room = min(_room(body, on[0], foot), radii * reach)
    what = "crack radii" if reach == radius else "crack depths"
    text = f"patch of radius {1e3 * room:.4g} mm, {room / reach:.1f} {what}, on face {body.faces[on[0]].name}"
    return Choice("patch", text, on[0], foot, room)


def _nearest(body: Body, x: Array, centre: Array) -> tuple[list[int], Array, float]:
    """The face nearest to a crack that touches none, the foot of the crack's centre on it, and the centre's depth."""
    best, least = 0, np.inf
    for j, face in enumerate(body.faces):
        mine = inside(body, face, x)
        off = float(np.abs(face.chart.signed(x))[mine].min(initial=np.inf))
        if off < least:
            best, least = j, off
    chart = body.faces[best].chart
    foot = chart.to_space(chart.to_chart(centre[None]))[0]
    if not inside(body, body.faces[best], centre[None])[0]:
        return [], foot, float(np.linalg.norm(foot - centre))
    return [best], foot, float(np.linalg.norm(foot - centre))


def _half_space(body: Body, faces: list[int], centre: Array, radius: float, radii: float) -> Choice:
    chart = body.faces[0].chart
    depth = -float(chart.signed(centre[None])[0])
    if not faces and depth > DEEP * radius:
        return Choice("none", f"no skin: the crack lies {depth / radius:.1f} of its radii below it")
    reach = max(radius, depth)
    foot = chart.to_space(chart.to_chart(centre[None]))[0]
    return Choice("patch", f"patch of {radii:g} crack radii on the half-space", 0, foot, radii * reach)


def _against(body: Body, faces: list[int], centre: Array, radius: float) -> str:
    """What speaks against a patch; empty if nothing does."""
    if len(faces) != 1:
        return f"the cracks touch {len(faces)} faces" if faces else "the crack lies below an edge"
    depth = _depth(body, faces[0], centre)
    if radius > depth / LEAST_DEPTH:
        limit = f"more than 1/{LEAST_DEPTH:g} of the depth {1e3 * depth:.4g} mm"
        return f"the crack's radius {1e3 * radius:.4g} mm is {limit}"
    room = _room(body, faces[0], centre)
    if room < LEAST_PATCH * radius:
        return f"the next edge is {room / radius:.1f} crack radii away (limit {LEAST_PATCH:g})"
    return ""


def _room(body: Body, face: int, centre: Array) -> float:
    """Distance [m] from a point to the nearest edge of a face."""
    return min(
        float(np.linalg.norm(body.edges[e].at(body.edges[e].nearest(centre[None]))[0] - centre))
        for e in set(body.faces[face].edges)
    )


def _depth(body: Body, face: int, x: Array) -> float:
    """Distance [m] to the skin behind a point of a face, straight through the body (Moller & Trumbore 1997)."""
    chart, facets = body.faces[face].chart, body.facets()
    d = -chart.normal(chart.to_chart(x[None]))[0]
    a, b, c = (facets.points[facets.triangles[:, i]] for i in range(3))
    p = np.cross(d, c - a)
    det = ((b - a) * p).sum(axis=1)
    safe = np.where(det == 0, np.inf, det)
    u = ((x - a) * p).sum(axis=1) / safe
    q = np.cross(x - a, b - a)
    v = (q @ d) / safe
    t = ((c - a) * q).sum(axis=1) / safe
    hit = (u >= -1e-9) & (v >= -1e-9) & (u + v <= 1 + 1e-9) & (facets.face != face) & (t > 0) & (det != 0)
    return float(t[hit].min()) if hit.any() else float(body.thickness)
