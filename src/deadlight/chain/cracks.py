"""From crack seeds and stress history to the quick tier's answer for each crack."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import ConvexHull

from deadlight.case.model import Crack
from deadlight.chain.k_error import mesh_error, stress_error
from deadlight.chain.viewport import Viewport, radius_at
from deadlight.crack.line import CrackLine, crack_line
from deadlight.crack.pane_shape import PaneShape
from deadlight.crack.quick import assess
from deadlight.crack.result import QuickResult
from deadlight.crack.seed import Corner, Place, Seed, Surface, Through
from deadlight.material.material import Material
from deadlight.mesh.mesh import Mesh
from deadlight.remark import Remark
from deadlight.stress.history import StressHistory

Array = np.ndarray[Any, np.dtype[np.float64]]
ROUND = 2e-3  # a hull whose radii differ by less than this share is taken as round
TOO_COARSE = 0.05  # numerical error of K from which nothing better than NOT_SHOWN is said


@dataclass(frozen=True, eq=False)
class CrackAnswer:
    """A crack with where it lies and what became of it.

    Attributes
    ----------
    stress : (m, n_line, n_thick) float [Pa]
        Across the crack, along the whole line.
    result : QuickResult
    warnings : tuple of Remark
    errors : dict of str -> float
        Parts of the numerical error of K, relative to its peak: "discretisation" of the crack's own equations,
        "stress" history, "mesh" of the pane.
    """

    stated: Crack
    line: CrackLine
    stress: Array
    result: QuickResult
    warnings: tuple[str, ...]
    errors: dict[str, float]

    @property
    def numerical_error(self) -> float:
        """Relative, of K: root sum of squares of the parts, which have nothing to do with each other."""
        return root_sum_square(self.errors)


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
    nu = float(material.poisson(np.median(warm)))
    result = assess(
        seed,
        pane=line.pane,
        time=history.time,
        stress=stress,
        temperature=warm,
        toughness=material.toughness,
        nu=nu,
        young=float(material.youngs_modulus(np.median(warm))),
        line=line,
    )
    beyond = material.warnings(float(warm.min()), float(warm.max()), ("toughness", "youngs_modulus", "poisson"))
    given: dict[str, Any] = {"line": line, "history": history, "points": points, "k": result.seed_k, "nu": nu}
    errors = {
        "discretisation": result.numerical_error,
        "stress": stress_error(seed, **given),
        "mesh": mesh_error(seed, **given),
    }
    said = (*warnings, *result.warnings, *beyond, *_coarse(errors))
    return CrackAnswer(crack, line, stress, result, said, errors)


def root_sum_square(errors: Mapping[str, float]) -> float:
    return math.sqrt(sum(part**2 for part in errors.values()))


def _coarse(errors: Mapping[str, float]) -> list[Remark]:
    """An alarm when K is not known well enough to judge by; a part that is not a number is not known at all."""
    total = root_sum_square(errors)
    if total <= TOO_COARSE:
        return []
    parts = ", ".join(f"{name} {100 * part:.1f} %" for name, part in errors.items())
    return [Remark(f"numerical error of K {100 * total:.1f} %, over {100 * TOO_COARSE:g} % ({parts})", alarm=True)]


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
