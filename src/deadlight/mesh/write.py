"""Writes a `Mesh` in the formats that users bring, with its groups, so that `read_mesh` gives it back.

Gmsh, VTU and XDMF through meshio (binary: its Gmsh text writer makes unreadable files with numpy >= 2); Abaqus and
Nastran decks here, because meshio writes neither surfaces nor property names.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from deadlight.errors import MeshError
from deadlight.mesh import abaqus, gmsh, nastran
from deadlight.mesh.elements import MESHIO
from deadlight.mesh.kinds import meshio_with_kinds
from deadlight.mesh.mesh import CellBlock, Mesh
from deadlight.mesh.raw import Array, Index
from deadlight.mesh.read import metres
from deadlight.mesh.structure import FORMATS

TO_MESHIO = {ours: theirs for theirs, ours in MESHIO.items()}
ABAQUS = {
    "tet4": "C3D4", "tet10": "C3D10", "hex8": "C3D8", "hex20": "C3D20", "hex27": "C3D27", "wedge6": "C3D6",
    "wedge15": "C3D15", "wedge18": "C3D15V",
}  # fmt: skip
NASTRAN = {
    "tet4": "CTETRA", "tet10": "CTETRA", "hex8": "CHEXA", "hex20": "CHEXA", "wedge6": "CPENTA", "wedge15": "CPENTA",
    "tri3": "CTRIA3", "tri6": "CTRIA6", "quad4": "CQUAD4", "quad8": "CQUAD8",
}  # fmt: skip


def write_mesh(mesh: Mesh, path: str | Path, *, unit: str = "m") -> None:
    """Writes a mesh; the format follows from the extension.

    Parameters
    ----------
    mesh : Mesh
    path : str or Path
        .msh (Gmsh 2.2 binary), .inp, .bdf, .nas, .vtu, or .xdmf (with its .h5 beside it).
    unit : str
        Unit of the coordinates in the file; state the same to `read_mesh`.

    Raises
    ------
    MeshError
        Unknown extension, or a kind of cell that the format cannot hold.

    Notes
    -----
    The file appears under its name only when it is complete. In VTU and XDMF every region and face is a 0/1 cell
    array of its name.
    """
    path = Path(path)
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise MeshError(
            f'found the extension "{path.suffix}"',
            place=str(path),
            remedy=f"expected one of {', '.join(sorted(FORMATS))}",
        )
    points = mesh.points / metres(unit, path)
    if form == "XDMF":  # its heavy data carries the file's name: written in place, the text that names it last
        _write_meshio(mesh, points, path, "xdmf")
        return
    partial = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        if form == "Abaqus":
            with open(partial, "w", encoding="utf-8") as out:
                _write_abaqus(mesh, points, out, str(path))
        elif form == "Nastran":
            with open(partial, "w", encoding="utf-8") as out:
                _write_nastran(mesh, points, out, str(path))
        else:
            _write_meshio(mesh, points, partial, "gmsh22" if form == "Gmsh" else "vtu")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _parts(mesh: Mesh) -> list[tuple[str, CellBlock]]:
    """Every block with the name of its group: regions, then faces."""
    return [(b.region, b) for b in mesh.blocks] + [(name, b) for name, blocks in mesh.faces.items() for b in blocks]


def _write_meshio(mesh: Mesh, points: Array, path: Path, form: str) -> None:
    meshio = meshio_with_kinds()
    parts = _parts(mesh)
    names = list(dict.fromkeys(name for name, _ in parts))
    if form == "gmsh22":
        nodes = [_to_gmsh(b) for _, b in parts]
        number = [np.full(len(b.nodes), names.index(name) + 1, dtype=np.int32) for name, b in parts]
        data: dict[str, Any] = {"gmsh:physical": number, "gmsh:geometrical": number}
        fields = {name: np.array([names.index(name) + 1, b.element.dim]) for name, b in parts}
    else:
        nodes = [b.nodes for _, b in parts]
        data = {name: [np.full(len(b.nodes), int(name == own), dtype=np.int32) for own, b in parts] for name in names}
        fields = {}
    cells = [meshio.CellBlock(TO_MESHIO[b.kind], n) for (_, b), n in zip(parts, nodes)]
    made = meshio.Mesh(points, cells, cell_data=data, field_data=fields)
    made.write(str(path), file_format=form)


def _to_gmsh(block: CellBlock) -> Index:
    """Nodes for meshio's Gmsh writer, which reorders every kind but the 18-node wedge."""
    return block.nodes[:, np.argsort(gmsh.TO_VTK["wedge18"])] if block.kind == "wedge18" else block.nodes


def _rows(out: TextIO, table: Index, per_line: int = 14) -> None:
    """Comma-separated rows, continued after a comma."""
    for row in table.tolist():
        lines = [row[i : i + per_line] for i in range(0, len(row), per_line)]
        out.write(",\n".join(",".join(map(str, line)) for line in lines) + "\n")


def _write_abaqus(mesh: Mesh, points: Array, out: TextIO, place: str) -> None:
    out.write("*HEADING\ndeadlight mesh\n*NODE\n")
    for number, (x, y, z) in enumerate(points.tolist(), 1):
        out.write(f"{number}, {x!r}, {y!r}, {z!r}\n")
    first = 1
    numbers: list[Index] = []
    for block in mesh.blocks:
        ids = np.arange(first, first + len(block.nodes))
        first += len(ids)
        numbers.append(ids)
        order = np.argsort(abaqus.TO_VTK[block.kind]) if block.kind in abaqus.TO_VTK else slice(None)
        out.write(f'*ELEMENT, TYPE={ABAQUS[block.kind]}, ELSET="{block.region}"\n')
        _rows(out, np.column_stack([ids, block.nodes[:, order] + 1]))
    for name, faces in mesh.faces.items():
        sides = _sides(mesh, name, faces, numbers, place)
        out.write(f'*SURFACE, TYPE=ELEMENT, NAME="{name}"\n')
        out.write("".join(f"{cell}, S{side}\n" for cell, side in sides.tolist()))


def _sides(mesh: Mesh, name: str, faces: tuple[CellBlock, ...], numbers: list[Index], place: str) -> Index:
    """Cell number and Abaqus face number of every cell of a named face. (n, 2)."""
    found = []
    for face in faces:
        width = face.element.corners
        wanted = np.sort(face.nodes[:, :width], axis=1)
        for block, ids in zip(mesh.blocks, numbers):
            if block.region != (face.region or name.split(".")[0]):
                continue
            for side, local in enumerate(abaqus.FACES[block.element.family], 1):
                if len(local) != width:
                    continue
                keys = np.sort(block.nodes[:, list(local)], axis=1)
                _, inverse = np.unique(np.vstack([wanted, keys]), axis=0, return_inverse=True)
                inverse = inverse.ravel()
                hit = np.isin(inverse[len(wanted) :], inverse[: len(wanted)])
                found.append(np.column_stack([ids[hit], np.full(int(hit.sum()), side)]))
    sides = np.concatenate(found) if found else np.empty((0, 2), np.int64)
    if len(sides) != sum(len(f.nodes) for f in faces):
        raise MeshError(
            f'face "{name}" is not on the boundary of its region', place=place, remedy="check_mesh says which cells"
        )
    return sides


def _write_nastran(mesh: Mesh, points: Array, out: TextIO, place: str) -> None:
    parts = _parts(mesh)
    bad = next((b.kind for _, b in parts if b.kind not in NASTRAN), None)
    if bad is not None:
        raise MeshError(f"Nastran has no element for {bad}", place=place, remedy="write .vtu, .msh or .inp")
    names = list(dict.fromkeys(name for name, _ in parts))
    for number, name in enumerate(names, 1):
        out.write(f'$HMNAME COMP {number:>8}"{name}"\n')
    out.write("BEGIN BULK\n")
    for number, (x, y, z) in enumerate(points.tolist(), 1):
        out.write(f"GRID*   {number:>16}{'':16}{_real(x)}{_real(y)}\n*       {_real(z)}\n")
    first = 1
    for name, block in parts:
        order = np.argsort(nastran.TO_VTK[block.kind]) if block.kind in nastran.TO_VTK else slice(None)
        nodes = block.nodes[:, order] + 1
        pid = names.index(name) + 1
        for number, row in enumerate(nodes.tolist(), first):
            fields = [number, pid, *row]
            lines = [fields[i : i + 8] for i in range(0, len(fields), 8)]
            text = "\n".join(
                f"{'' if i else NASTRAN[block.kind]:<8}" + "".join(f"{v:>8}" for v in line)
                for i, line in enumerate(lines)
            )
            out.write(text + "\n")
        first += len(nodes)
    out.write("ENDDATA\n")


def _real(value: float) -> str:
    """A real in 16 columns with all the digits that fit."""
    for digits in range(14, 5, -1):
        text = f"{value:.{digits}E}".replace("E-0", "-").replace("E+0", "+").replace("E-", "-").replace("E+", "+")
        if len(text) <= 16:
            return f"{text:>16}"
    raise MeshError(f"coordinate {value!r} does not fit a Nastran field", remedy="write .vtu or .msh")
