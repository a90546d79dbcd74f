"""VTU files: points, cells and integer cell arrays, or points with their values; runs in the guarded child only.

Format: "VTK XML formats" (VTK file formats, unstructured grid); cell types and node order of vtkCellType.h.  In the
file the first triangle of a 6-node wedge points outward, ours inward.
"""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import numpy as np

from deadlight.errors import MeshError
from deadlight.mesh.cell_values import group_by_value
from deadlight.mesh.raw import Index, RawBlock, RawMesh
from deadlight.mesh.vtu_data import TYPES, VtuFile
from deadlight.mesh.xmlfile import Node, at_fault

KINDS = {
    1: ("vertex", 1), 3: ("line", 2), 21: ("line3", 3), 5: ("tri3", 3), 22: ("tri6", 6), 9: ("quad4", 4),
    23: ("quad8", 8), 28: ("quad9", 9), 10: ("tet4", 4), 24: ("tet10", 10), 12: ("hex8", 8), 25: ("hex20", 20),
    29: ("hex27", 27), 13: ("wedge6", 6), 26: ("wedge15", 15), 32: ("wedge18", 18), 14: ("pyramid", 5),
    27: ("pyramid13", 13),
}  # fmt: skip
WEDGE = [0, 2, 1, 3, 5, 4]
PACKING = 1100
"""Most bytes of data a byte of the file can hold: zlib packs no better than 1032 to 1."""


def read_vtu(path: Path, root: Path) -> RawMesh:
    """Points, cells and integer cell arrays. MeshError names the line and the array at fault."""
    file = VtuFile.read(path)
    piece, n_points, n_cells = piece_of(file)
    raw = RawMesh(points_of(file, piece, n_points), np.arange(n_points))
    for block in cells_of(file, piece, n_cells):
        block.nodes = block.nodes[:, WEDGE] if block.kind == "wedge6" else block.nodes
        raw.blocks.append(block)
    for node in arrays_in(piece, "CellData"):
        name, kind = node.attrib.get("Name", ""), TYPES.get(node.attrib.get("type", ""), "")
        if not kind and node.attrib.get("type") != "String":  # it might be the array of the groups
            found = f'array "{name[:60]}" of type "{node.attrib.get("type", "")[:20]}"'
            raise at_fault(file.path, node.line, found, f"one of {', '.join(TYPES)}")
        single = (node.attrib.get("NumberOfComponents") or "1") in ("0", "1")
        if name and kind[:1] in ("i", "u") and single:
            values = file.array(node, n_cells)
            if kind == "u8" and n_cells and values.max() > np.iinfo(np.int64).max:
                raise at_fault(file.path, node.line, f'array "{name}": a value above 2^63', "give smaller numbers")
            group_by_value(raw, name, values.astype(np.int64))
    return raw


def read_vtu_values(path: Path, root: Path) -> RawMesh:
    """Points and the arrays of one number a point; its cells are of no interest."""
    file = VtuFile.read(path)
    piece, n_points, _ = piece_of(file)
    raw = RawMesh(points_of(file, piece, n_points), np.arange(n_points))
    for node in arrays_in(piece, "PointData"):
        name = node.attrib.get("Name", "")
        if (node.attrib.get("NumberOfComponents") or "1") not in ("0", "1"):
            continue
        if name in raw.point_data:
            raise at_fault(file.path, node.line, f'two arrays "{name[:60]}"', "give every array a name of its own")
        raw.point_data[name] = file.array(node, n_points).astype(float)
    return raw


def piece_of(file: VtuFile) -> tuple[Node, int, int]:
    """The one piece, its number of points and of cells."""
    pieces = [node for node in file.root.walk() if node.tag == "Piece"]
    grids = file.root.all("UnstructuredGrid")
    if len(pieces) != 1 or len(grids) != 1 or pieces[0] not in grids[0].children:
        found = f"{len(pieces)} pieces in {len(grids)} grids"
        raise MeshError(found, place=str(file.path), remedy="expected one piece: merge the blocks before saving")
    size, counts = file.path.stat().st_size, []
    for name in ("NumberOfPoints", "NumberOfCells"):
        text = pieces[0].attrib.get(name, "nothing").strip()
        if not re.fullmatch(r"[0-9]{1,15}", text) or not 0 < int(text) <= PACKING * size:
            raise at_fault(file.path, pieces[0].line, f"{name} is {text[:20]} in a file of {size} bytes")
        counts.append(int(text))
    return pieces[0], counts[0], counts[1]


def arrays_in(piece: Node, section: str) -> list[Node]:
    """The data arrays of a section of a piece."""
    return [node for part in piece.all(section) for node in part.all("DataArray")]


def points_of(file: VtuFile, piece: Node, count: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Places (n, 3) of the points."""
    nodes = arrays_in(piece, "Points")
    if len(nodes) != 1:
        raise at_fault(file.path, piece.line, f"{len(nodes)} arrays of points", "expected one")
    if not nodes[0].attrib.get("type", "").startswith("Float"):
        raise at_fault(file.path, nodes[0].line, "the coordinates are no floating-point numbers", "expected Float64")
    return file.array(nodes[0], count, 3).astype(float)


def cells_of(file: VtuFile, piece: Node, count: int) -> list[RawBlock]:
    """Blocks of cells, one a run of one type, nodes as they stand in the file."""
    named: dict[str, Node] = {}
    for node in arrays_in(piece, "Cells"):
        name = node.attrib.get("Name", "")
        if name in named or not TYPES.get(node.attrib.get("type", ""), "?").startswith(("i", "u")):
            found = f'array "{name[:60]}" of cells stands twice or is not of whole numbers'
            raise at_fault(file.path, node.line, found)
        named[name] = node
    missing = [name for name in ("types", "offsets", "connectivity") if name not in named]
    if missing:
        raise at_fault(file.path, piece.line, f'no array "{missing[0]}" of the cells')
    types = file.array(named["types"], count).astype(np.int64)
    widths = _widths(file, named["types"], types)
    ends = np.cumsum(widths)
    offsets = file.array(named["offsets"], count).astype(np.int64)
    wrong = np.flatnonzero(offsets != ends)
    if len(wrong):
        cell = int(wrong[0])
        has = int(offsets[cell]) - (int(offsets[cell - 1]) if cell else 0)
        found = f"cell {cell} (VTK type {types[cell]}) has {has} nodes, expected {widths[cell]}"
        raise at_fault(file.path, named["offsets"].line, found, "the offsets are damaged: export the mesh again")
    connectivity = file.array(named["connectivity"], int(ends[-1])).astype(np.int64)
    starts = np.concatenate([[0], np.flatnonzero(np.diff(types)) + 1, [count]])
    blocks = []
    for first, stop in itertools.pairwise(starts.tolist()):
        kind, width = KINDS[int(types[first])]
        rows = connectivity[ends[first] - width : ends[stop - 1]].reshape(-1, width)
        blocks.append(RawBlock(kind, rows, np.arange(first, stop)))
    return blocks


def _widths(file: VtuFile, node: Node, types: Index) -> Index:
    """Nodes of every cell by its type."""
    widths = np.zeros(len(types), dtype=np.int64)
    for kind in np.unique(types):
        if int(kind) not in KINDS:
            found = f"cell {int(np.argmax(types == kind))} of VTK type {kind}"
            raise at_fault(file.path, node.line, found, "export tetrahedra, hexahedra or wedges")
        widths[types == kind] = KINDS[int(kind)][1]
    return widths
