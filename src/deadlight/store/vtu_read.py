"""The .vtu and .pvd files of a result folder read back, with every size and index checked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deadlight.errors import InputError
from deadlight.mesh.mesh import CellBlock
from deadlight.mesh.vtu import arrays_in, cells_of, piece_of, points_of
from deadlight.mesh.vtu_data import VtuFile
from deadlight.mesh.xmlfile import at_fault, parse

Array = np.ndarray[Any, Any]
REMEDY = "the folder is damaged: run the case again into another folder"


@dataclass(frozen=True, eq=False)
class StoredGrid:
    """One file of fields.

    Attributes
    ----------
    points : (n, 3) float [m]
    blocks : tuple of CellBlock
        One a kind.
    point_data : dict of "name [unit]" -> (n,) or (n, components) float
    """

    path: Path
    points: Array
    blocks: tuple[CellBlock, ...]
    point_data: dict[str, Array]

    def values(self, name: str) -> Array:
        """A field of one number a point; InputError where there is none of that name."""
        found = self.point_data.get(name)
        if found is None or found.ndim != 1:
            raise InputError(f'no values "{name}"', place=str(self.path), remedy=REMEDY)
        return found

    def cells(self, kind: str) -> Array:
        """Nodes of the cells of a kind, none or (m, k)."""
        return next((b.nodes for b in self.blocks if b.kind == kind), np.zeros((0, 0), dtype=np.int64))


def read_grid(path: Path) -> StoredGrid:
    """A .vtu file; InputError (MeshError) where it is not there, damaged, or names points that do not exist."""
    try:
        file = VtuFile.read(path)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", place=str(path), remedy=REMEDY) from error
    piece, n_points, n_cells = piece_of(file)
    points = points_of(file, piece, n_points)
    found: dict[str, list[Array]] = {}
    for block in cells_of(file, piece, n_cells):
        if len(block.nodes) and not (block.nodes.min() >= 0 and block.nodes.max() < n_points):
            raise InputError(f"a cell names a point beyond the {n_points}", place=str(path), remedy=REMEDY)
        found.setdefault(block.kind, []).append(block.nodes)
    data = {}
    for node in arrays_in(piece, "PointData"):
        components = node.attrib.get("NumberOfComponents", "1")
        width = int(components) if components.isascii() and components.isdigit() and len(components) < 3 else 1
        data[node.attrib.get("Name", "")] = file.array(node, n_points, max(width, 1)).astype(float)
    blocks = tuple(CellBlock(kind, np.concatenate(parts)) for kind, parts in found.items())
    return StoredGrid(path, points, blocks, data)


def read_series(path: Path) -> list[tuple[float, str, Path]]:
    """(time, part, file) of a .pvd; InputError where it is damaged or names a file outside its folder."""
    folder, found = path.parent, []
    try:
        root = parse(path.read_bytes(), path, closing="VTKFile")
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", place=str(path), remedy=REMEDY) from error
    for entry in (node for node in root.walk() if node.tag == "DataSet"):
        name, part = entry.attrib.get("file", ""), entry.attrib.get("name", "")
        try:
            time, file = float(entry.attrib.get("timestep", "nan")), (folder / name).resolve()
        except (ValueError, OSError):
            time, file = math.nan, folder
        if not file.is_relative_to(folder.resolve()):
            raise at_fault(path, entry.line, f'names a file outside the folder: "{name[:60]}"', REMEDY)
        if not (math.isfinite(time) and part and name and file.is_file()):
            raise at_fault(path, entry.line, f'found the entry "{name[:60]}"', "expected time, part and a file there")
        found.append((time, part, folder / name))
    return found
