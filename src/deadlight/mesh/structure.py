"""Checks that come before any reader: is there a file, of the right kind, complete, and does it stay in its folder?"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from deadlight.errors import MeshError
from deadlight.mesh.raw import Index, RawMesh, first_repeat, rows_of

FORMATS = {
    ".msh": "Gmsh", ".inp": "Abaqus", ".bdf": "Nastran", ".nas": "Nastran", ".fem": "Nastran", ".dat": "Nastran",
    ".vtu": "VTU", ".xdmf": "XDMF", ".xmf": "XDMF",
}  # fmt: skip
FARTHEST = 1e12
"""Greatest coordinate in the file's unit: beyond it products of coordinates overflow, and no window is."""


def file_format(path: Path) -> str:
    """Format by extension.

    Raises
    ------
    MeshError
        No file, an empty one, an extension that is not known, or a content that is of another format.
    """
    if not path.exists():
        raise MeshError("no such file", place=str(path), remedy="check the name; the path is relative to the case file")
    if not path.is_file():
        raise MeshError("not a file", place=str(path), remedy="give the mesh file itself")
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise MeshError(
            f'found the extension "{path.suffix}"',
            place=str(path),
            remedy=f"expected one of {', '.join(sorted(FORMATS))}",
        )
    if path.stat().st_size == 0:
        raise MeshError("the file is empty", place=str(path), remedy="export the mesh again")
    with open(path, "rb") as f:
        head = f.read(4096)
    looks = _looks_like(head)
    if looks and looks != form:
        raise MeshError(
            f"the extension says {form}, the content is {looks}",
            place=str(path),
            remedy="rename the file to its true format",
        )
    if form in ("Abaqus", "Nastran", "XDMF") and b"\0" in head:
        raise MeshError(f"binary data, expected {form} text", place=str(path), remedy=f"export the mesh as {form} text")
    return form


def _looks_like(head: bytes) -> str:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith((b"$MeshFormat", b"$Comments")):
        return "Gmsh"
    if b"<VTKFile" in head:
        return "VTU"
    if b"<Xdmf" in head:
        return "XDMF"
    if re.search(rb"(?mi)^\*(heading|node|part|element)\b", head):
        return "Abaqus"
    if re.search(rb"(?mi)^(begin bulk|sol \d+|cend|grid\*?[ ,])", head):
        return "Nastran"
    if head.startswith(b"\x89HDF"):
        return "HDF5"
    return ""


def within(target: Path, root: Path, *, place: str) -> Path:
    """The resolved path of a file that a mesh file names, if it exists and lies below `root`."""
    resolved = target.resolve()
    if not resolved.is_relative_to(root.resolve()):
        raise MeshError(
            f'the file names "{target}", which lies outside {root}',
            place=place,
            remedy="keep included and heavy-data files in the mesh's folder, or declare a wider root",
        )
    if not resolved.is_file():
        raise MeshError(
            f'the file names "{target}", which does not exist', place=place, remedy="put it beside the mesh file"
        )
    return resolved


def unique(ids: Index, what: str, *, place: str) -> None:
    """MeshError if a node or cell number stands twice: readers then silently keep one of the two."""
    again = first_repeat(ids)
    if again is not None:
        raise MeshError(
            f"{what} number {again} is given {int(np.sum(ids == again))} times",
            place=place,
            remedy=f"every {what} number must be unique: renumber and export again",
        )


def connect(node_ids: Index, wanted: Index, cell_ids: Index, *, place: str) -> Index:
    """Rows of the nodes (n, k) a block of cells names by number; MeshError at the first one that does not exist."""
    rows = rows_of(node_ids, wanted)
    bad = np.argwhere(rows < 0)
    if len(bad):
        cell, corner = bad[0]
        raise MeshError(
            f"cell {cell_ids[cell]} names node {wanted[cell, corner]}, which does not exist ({len(bad)} references)",
            place=place,
            remedy=f"node numbers run from {node_ids.min()} to {node_ids.max()}; export the mesh again",
        )
    return rows.astype(np.int64)


def complete(raw: RawMesh, *, place: str) -> None:
    """Checks that hold for every format: there are points and cells, indices are in range, numbers are finite."""
    if not len(raw.points) or not any(len(b.nodes) for b in raw.blocks):
        raise MeshError(
            f"the file has {len(raw.points)} nodes and {sum(len(b.nodes) for b in raw.blocks)} cells",
            place=place,
            remedy="export the volume mesh, not the geometry",
        )
    bad = np.flatnonzero(~np.isfinite(raw.points).all(axis=1))
    if len(bad):
        raise MeshError(
            f"node {raw.node_ids[bad[0]]} is at {raw.points[bad[0]].tolist()} ({len(bad)} such nodes)",
            place=place,
            remedy="every coordinate must be a finite number",
        )
    wild = np.flatnonzero((np.abs(raw.points) > FARTHEST).any(axis=1))
    if len(wild):
        raise MeshError(
            f"node {raw.node_ids[wild[0]]} is at {raw.points[wild[0]].tolist()} ({len(wild)} such nodes)",
            place=place,
            remedy=f"no coordinate of a window is above {FARTHEST:g} in any unit: the file is damaged",
        )
    for block in raw.blocks:
        out = np.argwhere((block.nodes < 0) | (block.nodes >= len(raw.points)))
        if len(out):
            cell, corner = out[0]
            raise MeshError(
                f"{block.kind} cell {block.ids[cell]} names node index {block.nodes[cell, corner]} "
                f"of {len(raw.points)} ({len(out)} such references)",
                place=place,
                remedy=f"indices must be from 0 to {len(raw.points) - 1}: the file is damaged, export it again",
            )
