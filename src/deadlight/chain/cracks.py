"""From crack seeds and stress history to the quick tier's answer for each crack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import ConvexHull

from deadlight.case.model import Crack
from deadlight.chain.viewport import Viewport, radius_at
from deadlight.crack.line import CrackLine, crack_line
from deadlight.crack.pane_shape import PaneShape
from deadlight.crack.quick import assess
from deadlight.crack.result import QuickResult
from deadlight.crack.seed import Corner, Place, Seed, Surface, Through
from deadlight.material.material import Material
from deadlight.mesh.mesh import Mesh
from deadlight.stress.history import StressHistory

Array = np.ndarray[Any, np.dtype[np.float64]]
ROUND = 2e-3  # a hull whose radii differ by less than this share is taken as round


@dataclass(frozen=True, eq=False)
class CrackAnswer:
    """A crack with where it lies and what became of it.

    Attributes
    ----------
    stress : (m, n_line, n_thick) float [Pa]
        Across the crack, along the whole line.
    result : QuickResult
    """

    stated: Crack
    line: CrackLine
    stress: Array
    result: QuickResult
    warnings: tuple[str, ...]

    @property
    def tips_from_centre(self) -> tuple[float, float]:
        """Distances [m] of the seed's centre-side and rim-side tips from the window's axis, along its line."""
        return self.along(self.line.inner), self.along(self.line.outer)

    def along(self, depth: float) -> float:
        """Distance [m] from the window's axis of a point at this depth below the rim (radial lines)."""
        return float(np.linalg.norm(self.line.position(depth)))


def lay(viewport: Viewport, crack: Crack) -> tuple[Seed, CrackLine, tuple[str, ...]]:
    """Seed and crack line in the pane's outline; InputError if the crack does not fit."""
    mesh, _ = viewport.mesh.submesh(crack.pane)
    shape, warnings = pane_shape(mesh, crack.pane, azimuth=crack.place.azimuth)
    where = crack.place
    inside = where.inside_lip
    if where.radius is not None:
        rim = shape.leaves(np.zeros(2), np.array([np.cos(where.azimuth), np.sin(where.azimuth)]))
        inside = rim - shape.lip_inset - where.radius
    place = Place(face=where.face, azimuth=where.azimuth, inside_lip=inside, plane=crack.orientation)
    seed: Seed
    if crack.kind == "through":
        seed = Through(two_c=crack.two_c or 0.0, place=place, name=crack.name)
    elif crack.kind == "surface":
        seed = Surface(a=crack.a or 0.0, c=crack.c or 0.0, place=place, name=crack.name)
    else:
        seed = Corner(a=crack.a or 0.0, c=crack.c or 0.0, place=place, name=crack.name)
    return seed, crack_line(seed, shape), warnings


def answer(
    viewport: Viewport, crack: Crack, history: StressHistory, temperature: Array, material: Material
) -> CrackAnswer:
    """The quick tier for one crack.

    Parameters
    ----------
    history : StressHistory of the crack's pane
    temperature : (m, n_nodes of the pane) float [K]
        At the instants of the stress history.
    """
    seed, line, warnings = lay(viewport, crack)
    points = line.points()
    stress = line.normal_stress(history.sample(points))
    warm = line.reshape(history.sample_field(temperature, points))
    result = assess(
        seed,
        pane=line.pane,
        time=history.time,
        stress=stress,
        temperature=warm,
        toughness=material.toughness,
        nu=float(material.poisson(np.median(warm))),
        young=float(material.youngs_modulus(np.median(warm))),
        line=line,
    )
    beyond = material.warnings(float(warm.min()), float(warm.max()), ("toughness", "youngs_modulus", "poisson"))
    return CrackAnswer(crack, line, stress, result, (*warnings, *result.warnings, *beyond))


def pane_shape(mesh: Mesh, pane: str, *, azimuth: float) -> tuple[PaneShape, tuple[str, ...]]:
    """Outline of a pane as the quick tier knows it: round, or the hull of its nodes.

    Returns
    -------
    PaneShape, and warnings (none so far).
    """
    points = mesh.points
    z = points[:, 2]
    hull = ConvexHull(points[:, :2])
    corner = points[hull.vertices, :2]
    rim = radius_at(points, azimuth)
    lip = radius_at(points[mesh.face_nodes(f"{pane}.outer")], azimuth)
    common: dict[str, Any] = {
        "thickness": float(z.max() - z.min()),
        "lip_inset": max(rim - lip, 0.0),
        "z_middle": float(z.max() + z.min()) / 2,
        "name": f"pane {pane}",
    }
    radii = np.linalg.norm(corner, axis=1)
    edge = [name for name in ("rim", "lip", "seat_outer", "seat_inner") if f"{pane}.{name}" in mesh.faces]
    rim_nodes = points[np.unique(np.concatenate([mesh.face_nodes(f"{pane}.{name}") for name in edge]))]
    if radii.max() - radii.min() < ROUND * radii.max():
        return PaneShape(radius=float(radii.max()), **common).with_rim(rim_nodes, azimuth=azimuth), ()
    outline = tuple((float(x), float(y)) for x, y in corner)  # scipy gives a plane hull counter-clockwise
    return PaneShape(vertices=outline, **common).with_rim(rim_nodes, azimuth=azimuth), ()
