"""The viewport: a checked mesh with its regions, faces and materials, ready for the stages that follow."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial import ConvexHull

from deadlight.assumption import Assumption
from deadlight.case.cover import NAME as COVER
from deadlight.case.crack import Crack
from deadlight.case.drawing import Window
from deadlight.case.model import Case
from deadlight.case.paths import mesh_path
from deadlight.chain.stress_field import carried_fields
from deadlight.chain.window_check import check_window
from deadlight.errors import CaseError, MaterialError, MeshError
from deadlight.material.library import material
from deadlight.material.material import Material
from deadlight.mesh.check import BAD_CELLS, SIZES
from deadlight.mesh.mesh import Mesh, shifted
from deadlight.mesh.report import Finding
from deadlight.remark import Remark
from deadlight.stress.loads import InitialStress

Array = np.ndarray[Any, np.dtype[np.float64]]

EXTENT = 0.01  # share by which a stated extent may miss: it is from a drawing; units differ by 2.5 at least
STATUS = {"read": "R", "memory": "M", "derived": "D", "assumption": "A"}  # of a value in the case form


@dataclass(frozen=True, eq=False)
class Viewport:
    """What stands between space and the cabin.

    Attributes
    ----------
    case : Case
    mesh : Mesh
        All panes and, where there are any, their retainers.
    materials : dict of region -> Material
    warnings : tuple of str
        What the mesh check found worth saying, and what is doubtful about an initial stress.
    carried : dict of pane -> InitialStress
        Of the panes whose initial stress is a field.
    notes : tuple of str
        What was done to find it.
    assumptions : tuple of Assumption
        What cracks rest on that an impact file led to.
    beside : tuple of Crack
        Cracks of the same mark that are not followed: they stay as found, and count for what is cut off.
    """

    case: Case
    mesh: Mesh
    materials: dict[str, Material]
    warnings: tuple[str, ...] = ()
    carried: dict[str, InitialStress] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    beside: tuple[Crack, ...] = ()

    def pane_names(self) -> tuple[str, ...]:
        """Outermost first."""
        return tuple(p.name for p in self.case.panes)

    def has_face(self, name: str) -> bool:
        return name in self.mesh.faces

    def describe(self) -> dict[str, Any]:
        """What was understood, as plain data."""
        regions = {
            region: {
                "material": self.materials[region].name,
                "volume_m3": self.mesh.volumes(region),
                "nodes": len(self.mesh.region_nodes(region)),
            }
            for region in self.mesh.regions
        }
        cracks = [c.model_dump(mode="json", exclude_none=True) for c in self.case.cracks]
        return {
            "case": self.case.name,
            "mesh": {"nodes": self.mesh.n_nodes, "cells": self.mesh.n_cells, "notes": list(self.mesh.notes)},
            "regions": regions,
            "faces": sorted(self.mesh.faces),
            "cracks": cracks,
            "defaults": {".".join(k): v for k, v in unstated(self.case)},
            "notes": list(self.notes),
            "warnings": list(self.warnings),
        }

    def text(self) -> str:
        """What was understood, for a reader."""
        lines = [self.case.name, "", f"{'region':<24}{'material':<28}{'nodes':>8}{'volume [cm3]':>15}"]
        for region, row in self.describe()["regions"].items():
            lines.append(f"{region:<24}{row['material']:<28}{row['nodes']:>8}{row['volume_m3'] * 1e6:>15.2f}")
        lines += ["", "faces: " + ", ".join(sorted(self.mesh.faces)), ""]
        lines += [f"note: {note}" for note in (*self.mesh.notes, *self.notes)]
        lines += [f"warning: {w}" for w in self.warnings]
        defaults = [f"{'.'.join(k)} = {v}" for k, v in unstated(self.case)]
        return "\n".join([*lines, "", "defaults used (SI): " + "; ".join(defaults)])


def build_viewport(case: Case, *, root: Path) -> Viewport:
    """Mesh, check, materials.

    Raises
    ------
    MeshError, MaterialError, CaseError
        With place and remedy.
    """
    from deadlight.chain.from_impact import read_marks
    from deadlight.mesh.check import check_mesh

    marks = read_marks(case, root)
    case = marks.case
    mesh = _window(case.window, case) if case.window else _file(case, root)
    needed = [f"{p.name}.{face}" for p in case.panes for face in ("outer", "inner")]
    report = check_mesh(mesh, required=needed)
    report.raise_if_errors()
    confirmed = _confirmed(case, mesh)
    materials = _materials(case, mesh)
    uncovered = check_window(case, mesh, materials)
    carried = carried_fields(case, mesh, root)
    warnings = [*(_doubt(w, confirmed) for w in report.warnings), *uncovered, *_unused(case, mesh)]
    warnings += [text for found in carried.values() for text in found.warnings]
    stress = {pane: found.stress for pane, found in carried.items()}
    notes = (*(f.note for f in carried.values()), *marks.notes)
    return Viewport(case, mesh, materials, (*warnings, *marks.remarks), stress, notes, marks.assumptions, marks.beside)


def _window(stated: Window, case: Case) -> Mesh:
    from deadlight.chain.drawn import covered, draw_window
    from deadlight.mesh import drawings
    from deadlight.mesh.window import make_window

    if stated.drawing is None:
        return draw_window(stated, roles={p.name: p.role for p in case.panes})
    drawing = drawings.DRAWINGS[stated.drawing]()
    names = [p.name for p in case.panes if stated.cover is None or p.name != COVER]
    if [p.name for p in drawing.panes] != names:
        expected = ", ".join(p.name for p in drawing.panes)
        raise CaseError(
            f"panes are {', '.join(names)}",
            place="panes",
            remedy=f'the drawing "{stated.drawing}" has, outermost first: {expected}',
        )
    outer = drawings.varied(drawing.panes[0], edge=stated.edge, lip_width=stated.lip_width, thickness=stated.thickness)
    drawing = dataclasses.replace(drawing, panes=(outer, *drawing.panes[1:]))
    drawing, shift = covered(drawing, stated.cover)
    return shifted(make_window(drawing, refine=stated.refine), shift)


def _file(case: Case, root: Path) -> Mesh:
    from deadlight.mesh.read import read_mesh

    assert case.mesh is not None  # the case form demands one of the two
    path, fence = mesh_path(case.mesh, root)
    mesh = read_mesh(path, unit=case.mesh.unit, groups=case.mesh.groups or None, root=fence)
    missing = [p.name for p in case.panes if p.name not in mesh.regions]
    if missing:
        raise MeshError(
            f"no region for the pane {missing[0]!r}",
            place=str(path),
            remedy=f'the file has {", ".join(mesh.regions)}; name it in [mesh.groups], "{missing[0]}" = "..."',
        )
    return mesh


def _confirmed(case: Case, mesh: Mesh) -> bool:
    """Whether the case says by itself how large the window is; MeshError where the mesh is not that large."""
    if case.mesh is None:
        return True  # every length of [window] is stated with its unit
    if case.mesh.extent is None:
        return False
    found, stated = float(np.max(np.ptp(mesh.points, axis=0))), case.mesh.extent
    if not abs(found - stated) <= EXTENT * stated:
        raise MeshError(
            f"the mesh extends over {found:.5g} m in {case.mesh.unit}, extent says {stated:.5g} m",
            place="mesh.extent",
            remedy="correct the unit of the mesh, or state its largest extent along x, y or z",
        )
    return True


def _doubt(found: Finding, confirmed: bool) -> Remark:
    """A finding of the mesh as a remark: an alarm where the size may be another one, or cells mean nothing."""
    text, doubted = f"{found.sentence}; {found.remedy}", found.kind in SIZES and not confirmed
    if doubted:
        text += ': then confirm it by extent = "..." in [mesh]'
    return Remark(text, alarm=doubted or found.kind in BAD_CELLS)


def _materials(case: Case, mesh: Mesh) -> dict[str, Material]:
    found = {}
    stated = _material_names(case)
    for region in mesh.regions:
        if region not in stated:
            raise CaseError(
                f"the mesh has a region {region!r} that the case does not name",
                place="panes",
                remedy=f"panes are {', '.join(p.name for p in case.panes)}; a retainer is named <pane>_retainer; "
                "leave others out of the mesh file",
            )
        found[region] = _material(stated[region], case)
    for name in case.materials:  # also those that nothing is made of: what is stated must be sound
        _material((f"materials.{name}", name), case)
    return found


def _material_names(case: Case) -> dict[str, tuple[str, str]]:
    """Region -> where its material is stated, and the name."""
    found = {p.name: (f"panes, {p.name}.material", p.material) for p in case.panes}
    for pane in case.panes:
        place = f"supports.{pane.name}.retainer_material"
        found[f"{pane.name}_retainer"] = (place, case.support(pane.name).retainer_material)
    return found


def _material(stated: tuple[str, str], case: Case) -> Material:
    place, name = stated
    try:
        return material(name, user=case.materials)
    except MaterialError as error:
        own = name in case.materials  # then the table is at fault, and the error says where
        raise MaterialError(error.found, place=error.place if own else place, remedy=error.remedy) from error


def _unused(case: Case, mesh: Mesh) -> list[str]:
    """Checks what the case states though no region takes it: a slip there must not stay unseen."""
    stated = _material_names(case)
    for pair in stated.values():
        _material(pair, case)
    for name in case.materials:
        material(name, user=case.materials)
    used = {name for region, (_, name) in stated.items() if region in mesh.regions}
    return [f"materials.{name} is stated, but nothing is made of it" for name in sorted(set(case.materials) - used)]


def radius_at(points: Array, azimuth: float) -> float:
    """Distance [m] from the axis to the convex outline of some points (n, >=2) in the direction azimuth [rad]."""
    flat = np.ascontiguousarray(points[:, :2])
    return hull_radius(flat[ConvexHull(flat).vertices], azimuth)


def hull_radius(hull: Array, azimuth: float) -> float:
    """The same of a convex polygon whose corners (k, 2) are given in order."""
    direction = np.array([np.cos(azimuth), np.sin(azimuth)])
    start, step = hull, np.roll(hull, -1, axis=0) - hull
    # direction * r = start + s * step with s in [0, 1]
    cross = direction[0] * step[:, 1] - direction[1] * step[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        r = (start[:, 0] * step[:, 1] - start[:, 1] * step[:, 0]) / cross
        s = (start[:, 0] * direction[1] - start[:, 1] * direction[0]) / cross
    hit = (cross != 0) & (s >= -1e-9) & (s <= 1 + 1e-9) & (r > 0)
    if not hit.any():
        raise MeshError(
            "the window's axis does not pass through the pane",
            place="mesh",
            remedy="put the window's centre on the z axis, +z outward",
        )
    return float(r[hit].max())


def unstated(form: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], str]]:
    """Keys of the case that were left at their defaults, with the value taken."""
    from pydantic import BaseModel

    found: list[tuple[tuple[str, ...], str]] = []
    for name in type(form).model_fields:
        value, here = getattr(form, name), (*path, name)
        parts = value if isinstance(value, tuple) else tuple(value.values()) if isinstance(value, dict) else (value,)
        if name not in form.model_fields_set:
            if not isinstance(value, BaseModel) and value not in (None, (), {}, []):
                found.append((here, str(value)))
            elif isinstance(value, BaseModel):
                found += unstated(value, here)
            continue
        for i, part in enumerate(parts):
            if isinstance(part, BaseModel):
                label = getattr(part, "name", str(i)) if len(parts) > 1 or isinstance(value, (tuple, dict)) else ""
                if isinstance(value, dict):
                    label = list(value)[i]
                found += unstated(part, (*here, label) if label else here)
    return [(key, value) for key, value in found if not form.idle(key)] if isinstance(form, Case) else found
