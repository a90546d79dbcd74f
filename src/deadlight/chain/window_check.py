"""Whether mesh, case and materials make a window together: panes the right way up, held, and of known properties."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from deadlight.case.model import Case
from deadlight.case.pane import Pane
from deadlight.errors import CaseError, MaterialError, MeshError
from deadlight.material.material import Material
from deadlight.mesh.describe import area_vectors
from deadlight.mesh.mesh import CellBlock, Mesh
from deadlight.remark import Remark

HEAT = ("density", "specific_heat", "conductivity")
UNNAMED = (1e-3, 0.02, 0.2)
"""Share of a pane's plan area in no face group from which it is told, is an alarm, is an error.

Nothing heats or presses on it, so the load may be wrong by that share: K is good to a few percent.  A bevel that was
left out may have some percent; none takes 20 %, a tenth of the radius.
"""
SIDES = {"outer": (1.0, ("outer", "lip", "seat_outer", "rim")), "inner": (-1.0, ("inner", "seat_inner", "rim"))}
STRENGTH = ("youngs_modulus", "poisson", "mean_expansion")


def check_window(case: Case, mesh: Mesh, materials: Mapping[str, Material]) -> list[Remark]:
    """Refuses what would only fail, or be wrong unseen, after minutes of solving; returns what is only doubtful.

    Raises
    ------
    MeshError
        A pane that stands upside down, in the wrong order, with no seat, or with faces that leave much of it out.
    MaterialError
        A property that the run needs and the material does not have.
    CaseError
        A pane that starts above its strain point.
    """
    where = case.mesh.file if case.mesh else "window"
    below = np.inf
    doubtful: list[Remark] = []
    for pane in case.panes:
        below = _stands(pane, mesh, below, where)
        _held(pane, mesh, where)
        doubtful += _named(pane, mesh, where)
        shines = pane is case.panes[0] or f"{pane.name}_retainer" in mesh.regions
        _known(pane, case, materials[pane.name], needed=(*HEAT, "emissivity") if shines else HEAT)
    for region, material in materials.items():
        if region.endswith("_retainer"):
            _has(material, HEAT, region)
    return doubtful


def _stands(pane: Pane, mesh: Mesh, above: float, where: str) -> float:
    """Level of the pane's inner face, once it lies below its own outer face and that below the pane before."""
    outer, inner = (float(mesh.points[mesh.face_nodes(f"{pane.name}.{f}"), 2].mean()) for f in ("outer", "inner"))
    if inner >= outer:
        raise MeshError(
            f"{pane.name}.outer lies at z = {outer * 1e3:.4g} mm, {pane.name}.inner at {inner * 1e3:.4g} mm",
            place=where,
            remedy="+z points to space: turn the mesh over, or exchange the two face groups",
        )
    if outer >= above:
        raise MeshError(
            f"{pane.name}.outer lies at z = {outer * 1e3:.4g} mm, not below the pane before it ({above * 1e3:.4g} mm)",
            place=where,
            remedy="name the panes outermost first; +z points to space",
        )
    return inner


def _held(pane: Pane, mesh: Mesh, where: str) -> None:
    if not any(f"{pane.name}.{face}" in mesh.faces for face in ("seat_outer", "seat_inner")):
        raise MeshError(
            f"nothing holds the pane {pane.name!r}: it has neither seat_outer nor seat_inner",
            place=where,
            remedy=f'name the bands that its gaskets touch: [mesh.groups] "{pane.name}.seat_inner" = "..."',
        )


def _named(pane: Pane, mesh: Mesh, where: str) -> list[Remark]:
    """How much of the pane as seen from either side is in no face group: neither heat nor pressure reaches it."""
    told = []
    whole = tuple(block for block in mesh.boundary if block.region == pane.name)
    for side, (sign, names) in SIDES.items():
        plan = _plan_area(mesh, whole, sign)
        groups = [f"{pane.name}.{name}" for name in names if f"{pane.name}.{name}" in mesh.faces]
        share = 1.0 - sum(_plan_area(mesh, mesh.face(name), sign) for name in groups) / plan
        if share < UNNAMED[0]:
            continue
        found = f"{100 * share:.2g} % of the {side} side of {pane.name} is in none of {', '.join(groups)}"
        remedy = f"neither heat nor pressure reaches it: name all of it, for example in {pane.name}.{side}"
        if share > UNNAMED[2]:
            raise MeshError(f"{found}, at most {100 * UNNAMED[2]:.0f} %", place=where, remedy=remedy)
        told.append(Remark(f"{found}; {remedy}", alarm=share > UNNAMED[1]))
    return told


def _plan_area(mesh: Mesh, blocks: Iterable[CellBlock], sign: float) -> float:
    """Area [m2] of the boundary cells that look along +z (sign 1) or -z (sign -1), seen from there."""
    return sum(float(np.maximum(sign * area_vectors(mesh, block)[:, 2], 0.0).sum()) for block in blocks)


def _known(pane: Pane, case: Case, material: Material, *, needed: tuple[str, ...]) -> None:
    cracked = any(crack.pane == pane.name for crack in case.cracks)
    _has(material, (*needed, *STRENGTH, *(("toughness",) if cracked else ())), f"pane {pane.name}")
    if "strain_point" in material.properties and pane.initial_temperature >= material.strain_point:
        raise CaseError(
            f"the pane starts at {pane.initial_temperature:.0f} K, at or above the strain point of {material.name}, "
            f"{material.strain_point:.0f} K",
            place=f"panes, {pane.name}.initial_temperature",
            remedy='the temperature before entry, for example "260 K"',
        )


def _has(material: Material, needed: tuple[str, ...], what: str) -> None:
    for name in needed:
        try:
            material.table(name)
        except MaterialError as error:
            raise MaterialError(error.found, place=f"{what}: {error.place}", remedy=error.remedy) from error
