"""Mesh files -> `Mesh`: read in a guarded child, given a meaning, elevated to quadratic, checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from deadlight import units
from deadlight.errors import InputError, MeshError
from deadlight.mesh.check import check_mesh
from deadlight.mesh.elements import ELEMENTS
from deadlight.mesh.elevate import elevate
from deadlight.mesh.groups import Names, named_faces, region_of_cells, solids
from deadlight.mesh.guard import read_guarded
from deadlight.mesh.mesh import CellBlock, Mesh, boundary_faces, determinants
from deadlight.mesh.order import in_vtk_order, mirrored
from deadlight.mesh.raw import Array, RawMesh
from deadlight.mesh.structure import file_format

GIB = 2**30


def read_mesh(
    path: str | Path,
    *,
    unit: str,
    groups: Mapping[str, str] | None = None,
    root: str | Path | None = None,
    required: Iterable[str] = (),
    check: bool = True,
    timeout_s: float = 60.0,
    memory_bytes: int = 4 * GIB,
) -> Mesh:
    """Mesh of a Gmsh (.msh 2.2, 4.1), Abaqus (.inp), Nastran (.bdf, .nas), VTU or XDMF file.

    Parameters
    ----------
    path : str or Path
    unit : str
        Unit of the coordinates ("mm", "m", "in"): a mesh file has none.
    groups : mapping of str -> str
        Our name ("thermal", "thermal.outer") -> the file's. What a file's group is called: Gmsh the physical name,
        or "physical:3" and "physical_surface:3" without one; Abaqus the ELSET, SURFACE or NSET; Nastran the name of
        the property or "pid:3"; VTU and XDMF the name of a 0/1 cell array or "<integer cell array>:<value>".
    root : str or Path
        Folder that the file, its includes and its heavy data must not leave; the file's own folder if not given.
    required : iterable of str
        Regions and faces that must be there.
    check : bool
        Also run `check_mesh` and refuse a mesh with errors; warnings go to `Mesh.notes`.
    timeout_s : float [s]
    memory_bytes : int [B]
        Limits of the reading process.

    Returns
    -------
    Mesh
        Quadratic, in metres; `notes` says what was changed or left out.

    Raises
    ------
    MeshError
        Anything wrong with the file: one message with place, what was found, and the remedy.
    """
    path = Path(path)
    metre = metres(unit, path)
    form = file_format(path)
    folder = Path(root) if root is not None else path.resolve().parent
    if not path.resolve().is_relative_to(folder.resolve()):
        raise MeshError(
            f"the file lies outside {folder}", place=str(path), remedy="move it there, or declare a wider root"
        )
    raw = read_guarded(path, form=form, root=folder, timeout_s=timeout_s, memory_bytes=memory_bytes)
    notes = [f"{path.name}: {form}, coordinates in {unit}", *raw.notes]
    notes += _supported(raw, form, str(path))
    notes += _ordered(raw, form, str(path))
    mesh = _meaning(raw, Names(groups or {}, str(path)), metre, notes, str(path))
    missing = [name for name in required if name not in mesh.faces and name not in mesh.regions]
    if missing:
        raise MeshError(
            f"no group for {', '.join(missing)}",
            place=str(path),
            remedy=f"the mesh has: {', '.join([*mesh.regions, *mesh.faces])}; name the others in [mesh.groups]",
        )
    if not check:
        return mesh
    report = check_mesh(mesh)
    report.raise_if_errors(place=str(path))
    return Mesh(mesh.points, mesh.blocks, mesh.faces, (*mesh.notes, *(w.sentence for w in report.warnings)))


def metres(unit: str, path: Path) -> float:
    """Metres of one unit of length."""
    remedy = 'state the unit of the coordinates, for example unit = "mm"'
    if not isinstance(unit, str) or not unit.strip():
        raise MeshError(f"found the unit {unit!r}", place=str(path), remedy=remedy)
    try:
        metre = units.quantity(f"1 {unit}", "m", place=str(path))
    except InputError as error:
        raise MeshError(f'found the unit "{unit}", expected one of length', place=str(path), remedy=remedy) from error
    if not metre > 0:
        raise MeshError(f'found the unit "{unit}", which is {metre:g} m', place=str(path), remedy=remedy)
    return metre


def _supported(raw: RawMesh, form: str, place: str) -> list[str]:
    """Refuses solid kinds that are not ours, and notes lower-dimensional cells that are left out."""
    notes = []
    for block in raw.blocks:
        if block.kind in ELEMENTS:
            continue
        if block.kind.startswith(("vertex", "line")):
            notes.append(f"{len(block.nodes)} {block.kind} cells are left out")
            continue
        remedy = "remesh with tetrahedra, hexahedra or wedges"
        if block.kind.startswith("pyramid"):
            remedy = "pyramids are not supported: mesh with tetrahedra, or with hexahedra and wedges only"
        raise MeshError(
            f"{len(block.nodes)} cells of kind {block.kind}, the first is cell {block.ids[0]}",
            place=place,
            remedy=remedy,
        )
    if not solids(raw):
        raise MeshError(
            f"no solid cell, only {', '.join(sorted({b.kind for b in raw.blocks}))}",
            place=place,
            remedy="export the volume mesh (3D) too",
        )
    return notes


def _ordered(raw: RawMesh, form: str, place: str) -> list[str]:
    """Puts every quadratic block in VTK order; turns over wedges of VTK files, whose convention many do not keep."""
    notes = []
    for b in solids(raw):
        block = raw.blocks[b]
        if form in ("VTU", "XDMF") and block.kind.startswith("wedge"):
            turned = _centre_jacobian(raw.points, block.kind, block.nodes) < 0
            if turned.any():
                block.nodes = np.where(turned[:, None], block.nodes[:, mirrored(block.kind)], block.nodes)
                notes.append(f"{int(turned.sum())} {block.kind} cells turned over (first triangle outward in the file)")
        block.nodes, other = in_vtk_order(raw.points, block, place=place)
        if other:
            notes.append(f"{block.kind}: nodes stand in {other} order, not the format's; reordered")
    return notes


def _centre_jacobian(points: Array, kind: str, nodes: np.ndarray) -> Array:
    element = ELEMENTS[kind]
    centre = element.nodes[: element.corners].mean(axis=0)
    return determinants(np.einsum("cni,nj->cij", points[nodes], element.dshape(centre)[0]))


def _meaning(raw: RawMesh, names: Names, metre: float, notes: list[str], place: str) -> Mesh:
    known = names.resolve(raw)
    regions, of_block, said = region_of_cells(raw, known, place=place)
    notes += said
    blocks = []
    for b, region in of_block.items():
        for number in np.unique(region):
            blocks.append(CellBlock(raw.blocks[b].kind, raw.blocks[b].nodes[region == number], regions[number]))
    blocks.sort(key=lambda block: regions.index(block.region))
    points, quadratic, raised = elevate(raw.points, tuple(blocks))
    if raised:
        kinds = sorted({b.kind for b in blocks} - {b.kind for b in quadratic})
        notes.append(
            f"{raised} linear cells ({', '.join(kinds)}) elevated to quadratic: "
            f"{len(points) - len(raw.points)} mid-edge nodes added"
        )
    faces, said = named_faces(raw, known, boundary_faces(quadratic), points, place=place)
    notes += said
    used = np.zeros(len(points), dtype=bool)
    for block in quadratic:
        used[block.nodes.ravel()] = True
    if not used.all():
        notes.append(f"{int(np.sum(~used))} nodes that no solid cell uses are left out")
    number = np.cumsum(used) - 1
    final = tuple(CellBlock(b.kind, number[b.nodes], b.region) for b in quadratic)
    final_faces = {n: tuple(CellBlock(b.kind, number[b.nodes], b.region) for b in cells) for n, cells in faces.items()}
    return Mesh(np.ascontiguousarray(points[used] * metre), final, final_faces, tuple(notes))
