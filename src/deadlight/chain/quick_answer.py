"""From crack seeds and stress history to the quick tier's answer for each crack."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.case.crack import Corner, Crack, Crater, Edge, Surface, Through
from deadlight.chain.flaws import azimuth_of
from deadlight.chain.k_error import mesh_error, stress_error
from deadlight.chain.pane_outline import pane_shape
from deadlight.chain.viewport import Viewport
from deadlight.crack import seed as seeds
from deadlight.crack.line import CrackLine, crack_line
from deadlight.crack.pane_shape import PaneShape
from deadlight.crack.quick import assess
from deadlight.crack.result import QuickResult
from deadlight.errors import CaseError
from deadlight.finite import UNLIMITED, Rule
from deadlight.material.material import Material
from deadlight.remark import Remark
from deadlight.stress.history import StressHistory

Array = np.ndarray[Any, np.dtype[np.float64]]
USED = ("toughness", "youngs_modulus", "poisson")  # properties of the glass
BESIDE = 6  # samples beside the crack's ends
TOUCH = 1e-5  # [m] inside the rim: where the line of a crack that begins at the rim is laid


@dataclass(frozen=True, eq=False)
class Given:
    """What growth needs beside line and stress.

    Attributes
    ----------
    seed : Seed
    temperature : (m, n_line, n_thick) float [K]
    nu : float
    """

    seed: seeds.Seed
    temperature: Array
    nu: float


@dataclass(frozen=True, eq=False)
class QuickAnswer:
    """The quick tier's answer for one crack.

    Attributes
    ----------
    line : CrackLine
    stress : (m, n_line, n_thick) float [Pa]
        Across the crack, along the whole line.
    result : QuickResult
    warnings : tuple of Remark
    errors : dict of str -> float
        Parts of the numerical error of K, relative to its peak: "discretisation" of the crack's own equations,
        "stress" history, "mesh" of the pane.
    given : Given or None
        None where it was not made from a case.
    """

    line: CrackLine
    stress: Array
    result: QuickResult
    warnings: tuple[str, ...]
    errors: dict[str, float]
    given: Given | None = None

    def no_number(self) -> dict[str, Rule]:
        return {"errors": UNLIMITED}  # what is not known has no limit

    @property
    def numerical_error(self) -> float:
        """Relative, of K: root sum of squares of the parts."""
        return math.sqrt(sum(part**2 for part in self.errors.values()))


def lay(viewport: Viewport, crack: Crack) -> tuple[seeds.Seed, CrackLine, tuple[str, ...]]:
    """Seed and crack line in the pane's outline.

    Raises
    ------
    InputError
        The crack does not fit, or is of a kind that the quick tier does not know.
    """
    if not crack.quick or not isinstance(crack, (Through, Edge, Surface, Corner, Crater)) or crack.place is None:
        raise CaseError(
            f"the quick tier has no answer for a crack of this kind ({crack.kind})",
            place=f"crack {crack.name}",
            remedy='tier = "full" in [growth]',
        )
    mesh, _ = viewport.mesh.submesh(crack.pane)
    return (*lay_in(pane_shape(mesh, crack.pane, azimuth=azimuth_of(crack.place))[0], crack), ())


def lay_in(shape: PaneShape, crack: Crack) -> tuple[seeds.Seed, CrackLine]:
    """The same in an outline that is known at the crack's azimuth."""
    assert isinstance(crack, (Through, Edge, Surface, Corner, Crater)) and crack.place is not None
    where, azimuth = crack.place, azimuth_of(crack.place)
    common: dict[str, Any] = {"face": where.face, "azimuth": azimuth, "plane": crack.orientation}
    common["angle"] = crack.angle or 0.0
    if where.x is not None and where.y is not None:
        place = seeds.Place(position=(where.x, where.y), **common)
    else:
        inside = where.inside_lip or 0.0 if where.distances else TOUCH - shape.lip_inset  # no distance: at the rim
        if where.radius is not None:
            rim = shape.leaves(np.zeros(2), np.array([np.cos(azimuth), np.sin(azimuth)]))
            inside = rim - shape.lip_inset - where.radius
        place = seeds.Place(inside_lip=inside, **common)
    seed = _seed(crack, place)
    return seed, crack_line(seed, shape)


def beside(line: CrackLine) -> slice:
    """The part of a line's samples on which K of the crack as found, and the estimates of its error, rest.

    An even number of samples before and behind, so that every other one of them is every other one of the line.
    """
    first, last = np.searchsorted(line.depth, [line.outer, line.inner])
    start = max(0, int(first) - BESIDE) // 2 * 2
    stop = int(last) + BESIDE
    stop += 1 - (stop - start) % 2
    return slice(start, stop if stop < len(line.depth) else len(line.depth))


def _seed(crack: Through | Edge | Surface | Corner | Crater, place: seeds.Place) -> seeds.Seed:
    if isinstance(crack, Through):
        return seeds.Through(two_c=crack.two_c or 0.0, place=place, name=crack.name)
    if isinstance(crack, Edge):
        return seeds.EdgeThrough(depth=crack.depth, place=place, name=crack.name)
    if isinstance(crack, Corner):
        return seeds.Corner(a=crack.a, c=crack.c, place=place, name=crack.name)
    return seeds.Surface(a=crack.a, c=crack.c, place=place, name=crack.name)


def quick_answer(
    viewport: Viewport, crack: Crack, history: StressHistory, temperature: Array, material: Material
) -> QuickAnswer:
    """The quick tier for one crack.

    Parameters
    ----------
    history : StressHistory of the crack's pane
    temperature : (m, n_nodes of the pane) float [K]
        At the instants of the stress history.
    """
    seed, line, warnings = lay(viewport, crack)
    points = line.points()
    sampled = history.sample(points)
    stress = line.acting_stress(sampled)
    warm = line.reshape(history.sample_field(temperature, points))
    near = warm[:, beside(line)]
    nu = float(material.poisson(np.median(near)))
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
    used = near if result.first_time is None else warm  # the line further on is used by a crack that runs
    beyond = material.warnings(float(used.min()), float(used.max()), USED)
    given: dict[str, Any] = {"line": line, "history": history, "points": points, "k": result.seed_k, "nu": nu}
    errors = {
        "discretisation": result.numerical_error,
        "stress": stress_error(seed, **given),
        "mesh": mesh_error(seed, **given),
    }
    around = beside(line)
    askew = sheared(line.normal_stress(sampled)[:, around], stress[:, around])
    told = (*warnings, *result.warnings, *beyond, *left_out(crack), *askew)
    return QuickAnswer(line, stress, result, told, errors, Given(seed, warm, nu))


def sheared(normal: Array, acting: Array) -> list[Remark]:
    """That shear is taken for tension, where it adds more than 5 % to the largest stress that opens the crack."""
    opening, largest = float(normal.max()), float(acting.max())
    if largest <= 1.05 * max(opening, 0.0):
        return []
    return [
        Remark(
            f"the crack stands askew to the stress: at most {opening / 1e6:.3g} MPa pull on it; its shear is taken for"
            f" tension of the same energy, {largest / 1e6:.3g} MPa (K no lower, but a straight path)"
        )
    ]


def left_out(crack: Crack) -> list[Remark]:
    """What the case states and the quick tier does not take into account."""
    found = []
    if crack.residual is not None:
        found.append(Remark("the residual stress of the impact is not in the quick tier's K", alarm=True))
    if crack.pressure != "none":
        found.append(Remark("the gas pressure in the crack is not in the quick tier's K", alarm=True))
    if isinstance(crack, Crater):
        found.append(Remark("pit and radial cracks are taken as one half-elliptical crack"))
    if getattr(crack, "tilt", 0.0):
        found.append(Remark("the tilt of the crack is not in the quick tier's K", alarm=True))
    return found
