"""Every crack of a case laid into its pane before anything is solved: what was understood, and whether it fits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deadlight.case.crack import Crack
from deadlight.chain.flaws import Flaw, flaw_of, pane_body
from deadlight.chain.growth_law import growth_law
from deadlight.chain.pane_outline import pane_shape
from deadlight.chain.quick_answer import lay
from deadlight.chain.viewport import Viewport
from deadlight.errors import InputError
from deadlight.remark import Remark
from deadlight.surface.body import Body
from deadlight.surface.clip import clip
from deadlight.surface.crack_mesh import mesh_crack
from deadlight.surface.extent import choose

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, eq=False)
class Laid:
    """A crack in its pane.

    Attributes
    ----------
    stated : Crack
    flaw : Flaw or None
        None where only the quick tier is asked.
    quick : bool
        Whether the quick tier takes it.
    lines : tuple of str
        Place, size and what it meets, for the reader.
    warnings : tuple of Remark
    """

    stated: Crack
    flaw: Flaw | None
    quick: bool
    lines: tuple[str, ...]
    warnings: tuple[str, ...]


def lay_cracks(viewport: Viewport, root: Path, bodies: dict[str, Body] | None = None) -> tuple[Laid, ...]:
    """All cracks of the case.

    Parameters
    ----------
    bodies : dict of pane -> Body, optional
        Those that are there, to be shared with the cracks of other cases of the window; what is missing is added.

    Raises
    ------
    InputError
        A crack does not fit.
    """
    for pane in dict.fromkeys(crack.pane for crack in viewport.case.cracks):
        growth_law(viewport.case, viewport.materials[pane], root=root)  # a table at fault is told now, not after heat
    bodies = {} if bodies is None else bodies
    full = viewport.case.growth.tier == "full"
    found = []
    for crack in viewport.case.cracks:
        if full and crack.pane not in bodies:
            bodies[crack.pane] = pane_body(viewport, crack.pane)
        found.append(_full(viewport, crack, bodies[crack.pane], root) if full else _quick(viewport, crack))
    return tuple(found)


def _quick(viewport: Viewport, crack: Crack) -> Laid:
    _, line, warnings = lay(viewport, crack)
    ends = [line.position(depth) for depth in (line.outer, line.inner)]
    middle = 0.5 * (ends[0] + ends[1])
    rim = -line.pane.distance(middle)
    shown = _place(crack, np.array([*middle, 0.0])[:2], rim, line.pane.lip_inset)
    at = f"{1e3 * line.outer:z.2f} and {1e3 * line.inner:z.2f} mm"
    told = f"its ends on the face are {at} below the rim along its line"
    return Laid(crack, None, True, (shown, told), (*warnings, *line.warnings))


def _full(viewport: Viewport, crack: Crack, body: Body, root: Path) -> Laid:
    flaw = flaw_of(viewport, crack, body, root)
    clipped = clip(flaw.sheet, body)
    meshes = [mesh_crack(domain, refine=viewport.case.solver.crack_refine) for domain in clipped.domains]
    fronts = [front for mesh in meshes for front in mesh.fronts]
    x = np.concatenate([mesh.points for mesh in meshes])
    middle = flaw.stand.origin[:2] if flaw.stand else 0.5 * (x[:, :2].min(axis=0) + x[:, :2].max(axis=0))
    mesh, _ = viewport.mesh.submesh(crack.pane)
    shape, _ = pane_shape(mesh, crack.pane, azimuth=float(np.arctan2(middle[1], middle[0])))
    top = shape.z_middle + 0.5 * shape.thickness
    depth = 1e3 * (top - x[:, 2].max()), 1e3 * (top - x[:, 2].min())
    met = list(dict.fromkeys(_met(flaw.body, m) for mesh in meshes for m in _mouths(mesh)))
    lines = [
        _place(crack, middle, -shape.distance(middle), shape.lip_inset),
        f"from {depth[0]:z.2f} to {depth[1]:.2f} mm below the outer face of {1e3 * shape.thickness:.2f} mm of glass, "
        + (f"meets {', '.join(met)}" if met else "meets no face")
        + f"; {len(fronts)} front{'s' * (len(fronts) != 1)}",
        f"meshed: {choose(body, meshes).text}",
    ]
    warnings: list[str] = list(clipped.remarks)
    quick = crack.quick
    if quick:
        try:
            lay(viewport, crack)
        except InputError as error:
            quick = False
            warnings.append(Remark(f"no answer of the quick tier beside the operator's: {error.found}"))
    return Laid(crack, flaw, quick, tuple(lines), tuple(warnings))


def _mouths(mesh: Any) -> list[tuple[int, Array]]:
    return [(m.face, mesh.points[np.asarray(m.nodes)]) for m in mesh.mouths]


def _met(body: Body, mouth: tuple[int, Array]) -> str:
    """Names of the faces and regions along a mouth."""
    face, points = mouth
    if body.regions is None:
        return body.faces[face].name
    names = [body.regions.names[i] for i in np.unique(body.regions.at(face, points))]
    return " + ".join(n for n in names if n) or body.faces[face].name


def _place(crack: Crack, middle: Array, rim: float, lip: float) -> str:
    """Kind, size, and where the middle is."""
    x, y = (1e3 * float(c) for c in middle)
    azimuth, radius = np.degrees(np.arctan2(y, x)), float(np.hypot(x, y))
    inside = 1e3 * (rim - lip)
    lips = f"{inside:.2f} mm inside the lip" if inside >= 0 else f"{-inside:.2f} mm under the lip"
    return (
        f"crack {crack.name}: {crack.kind} in {crack.pane}, {size_text(crack)}; at x {x:.2f}, y {y:.2f} mm (azimuth "
        f"{azimuth:.1f} deg, radius {radius:.2f} mm), {1e3 * rim:z.2f} mm from the rim, {lips}{_standing(crack)}"
    )


def _standing(crack: Any) -> str:
    if getattr(crack, "place", None) is None:
        return ""
    turn = {"radial": "radial", "hoop": "hoop", "angle": f"{np.degrees(crack.angle or 0.0):g} deg from the radius"}
    tilt = f", tilted by {np.degrees(crack.tilt):g} deg" if crack.tilt else ""
    return f", {turn[crack.orientation]}{tilt}"


def size_text(crack: Any) -> str:
    """Sizes as they were stated."""
    names = [n for n in ("two_c", "a", "c", "depth", "dish") if getattr(crack, n, None)]
    parts = [f"{'2c' if n == 'two_c' else n} = {1e3 * getattr(crack, n):g} mm" for n in names]
    if getattr(crack, "line", ()):
        length = sum(float(np.hypot(*(np.array(b) - a))) for a, b in zip(crack.line[:-1], crack.line[1:]))
        parts.append(f"{len(crack.line)} points, {1e3 * length:.4g} mm along them")
    if crack.kind == "file":
        parts.append(crack.file)
    return ", ".join(parts)
