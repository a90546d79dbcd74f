"""VTU and XDMF through meshio, with its silent mistakes closed off.  Runs in the guarded child only.

Closed off before and inside the reader: entities and DOCTYPE, paths that leave the folder, several pieces (meshio
keeps the last one's cells), offsets that do not fit the cell types (indices wrap), quadratic cells in mixed XDMF
topologies (meshio knows linear ones only), numbers cut short in text arrays.
"""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from deadlight.errors import MeshError
from deadlight.mesh.elements import MESHIO
from deadlight.mesh.kinds import meshio_with_kinds
from deadlight.mesh.raw import Index, RawBlock, RawMesh
from deadlight.mesh.rawvtu import inlined
from deadlight.mesh.structure import within

XDMF_NODES = {
    0x1: 1, 0x2: 2, 0x4: 3, 0x5: 4, 0x6: 4, 0x7: 5, 0x8: 6, 0x9: 8, 0x22: 3, 0x23: 9, 0x24: 6, 0x25: 8,
    0x26: 10, 0x27: 13, 0x28: 15, 0x29: 18, 0x30: 20, 0x32: 27,
}  # fmt: skip
"""Nodes by XDMF cell type (XDMF model and format, "Topology"; numbers in hexadecimal there too)."""
MOST_VALUES = 4096


def prolog(path: Path, *, closing: bytes) -> None:
    """MeshError for entities, a document type, or a file that does not end as it should."""
    data = path.read_bytes()
    if re.search(rb"<!\s*(DOCTYPE|ENTITY)", data, re.IGNORECASE):
        raise MeshError("the XML has a DOCTYPE or ENTITY", place=str(path), remedy="mesh files need none: remove it")
    if b"xi:include" in data.lower():
        raise MeshError("the XML includes other files", place=str(path), remedy="write one self-contained file")
    if closing not in data[-4096:]:
        raise MeshError(
            f"the file does not end with {closing.decode()}",
            place=str(path),
            remedy="it is truncated: export the mesh again",
        )


def read_vtu(path: Path, root: Path) -> RawMesh:
    """Points, cells and integer cell arrays of a VTU file."""
    return _from_meshio(_vtu(path), str(path))


def read_vtu_values(path: Path, root: Path) -> RawMesh:
    """Points of a VTU file and the arrays of one number a point; its cells are of no interest."""
    mesh = _vtu(path)
    points = np.asarray(mesh.points, dtype=float)
    if points.ndim != 2 or points.shape[1] != 3:
        raise MeshError(f"points of shape {points.shape}", place=str(path), remedy="expected three coordinates a point")
    raw = RawMesh(points, np.arange(len(points)))
    for name, values in mesh.point_data.items():
        column = np.asarray(values)
        if column.dtype.kind in "fiu" and column.size == len(points):
            raw.point_data[name] = column.astype(float).ravel()
    return raw


def _vtu(path: Path) -> Any:
    """A VTU file as meshio's mesh, once it is known to be what it says."""
    prolog(path, closing=b"</VTKFile>")
    head = path.read_bytes()
    pieces = len(re.findall(rb"<Piece\b", head))
    if pieces != 1:
        raise MeshError(
            f"{pieces} pieces", place=str(path), remedy="expected one piece: merge the blocks before saving"
        )
    if not re.search(rb"<AppendedData[^>]*encoding\s*=\s*[\"']raw", head):  # raw bytes are no XML
        _tree(path)
    if b"vtkLZ4DataCompressor" in head:
        raise MeshError("compressed with LZ4", place=str(path), remedy="save it with zlib or without compression")
    size = path.stat().st_size
    for name in (b"NumberOfPoints", b"NumberOfCells"):
        match = re.search(name + rb'\s*=\s*["\'](-?\d+)', head)
        if match is None or not 0 < int(match.group(1)) <= 1100 * size:  # zlib packs no better than 1032 to 1
            shown = match.group(1).decode() if match else "nothing"
            raise MeshError(
                f"{name.decode()} is {shown} in a file of {size} bytes", place=str(path), remedy="export the mesh again"
            )
    import meshio.vtu._vtu as vtu

    vtu._parse_raw_binary = lambda name: inlined(Path(name))
    original = vtu.vtk_cells_from_data

    def checked(connectivity: Index, offsets: Index, types: Index, data: Any) -> Any:
        _check_offsets(connectivity, offsets, types, str(path))
        return original(connectivity, offsets.astype(np.int64), types, data)

    vtu.vtk_cells_from_data = checked
    return _strict(vtu.read, path)


def _tree(path: Path) -> ElementTree.ElementTree[Any]:
    try:
        return ElementTree.parse(path)
    except (ElementTree.ParseError, ValueError, LookupError) as error:  # the last two: an encoding that does not exist
        raise MeshError(f"broken XML: {error}", place=str(path), remedy="export the mesh again") from None


def _check_offsets(connectivity: Index, offsets: Index, types: Index, place: str) -> None:
    from meshio._common import num_nodes_per_cell
    from meshio._vtk_common import vtk_to_meshio_type

    widths = np.diff(np.concatenate([[0], offsets.astype(np.int64)]))
    expected = np.zeros(len(types), dtype=np.int64)
    for kind in np.unique(types):
        name = vtk_to_meshio_type.get(int(kind), f"VTK type {kind}")
        n = num_nodes_per_cell.get(name)
        if n is None:
            raise MeshError(f"cells of {name}", place=place, remedy="export tetrahedra, hexahedra or wedges")
        expected[types == kind] = n
    wrong = np.flatnonzero(widths != expected)
    if len(wrong):
        cell = wrong[0]
        found = f"cell {cell} (VTK type {types[cell]}) has {widths[cell]} nodes, expected {expected[cell]}"
        raise MeshError(found, place=place, remedy="the offsets are damaged: export the mesh again")
    if len(offsets) and int(offsets[-1]) != len(connectivity):
        raise MeshError(
            f"offsets end at {offsets[-1]}, connectivity has {len(connectivity)}",
            place=place,
            remedy="export the mesh again",
        )


def read_xdmf(path: Path, root: Path) -> RawMesh:
    """Points, cells and integer cell attributes of an XDMF file with its heavy data."""
    prolog(path, closing=b"</Xdmf>")
    tree = _tree(path)
    for item in tree.iter("DataItem"):
        text = (item.text or "").strip()
        if item.get("Format", "XML").upper() == "HDF":
            within(path.parent / text.rpartition(":")[0], root, place=str(path))
        elif item.get("Format", "XML").upper() == "BINARY":
            within(path.parent / text, root, place=str(path))
    import meshio.xdmf.main as xdmf

    xdmf.translate_mixed_cells = lambda data: _mixed(np.asarray(data).astype(np.int64), str(path))
    return _from_meshio(_strict(xdmf.read, path), str(path))


def _mixed(data: Index, place: str) -> list[Any]:
    """Cells of a mixed topology, in runs of one type. meshio knows the linear ones only."""
    from meshio import CellBlock
    from meshio.xdmf.common import xdmf_idx_to_meshio_type

    cells, at = [], 0
    while at < len(data):
        number = int(data[at])
        if number not in XDMF_NODES:
            raise MeshError(
                f"cell type {number} in the mixed topology",
                place=place,
                remedy="export tetrahedra, hexahedra or wedges",
            )
        width = XDMF_NODES[number] + (2 if number in (1, 2) else 1)
        rows = data[at : at + (len(data) - at) // width * width].reshape(-1, width)
        if not len(rows):
            raise MeshError(
                "the topology ends within a cell", place=place, remedy="the file is truncated: export it again"
            )
        same = rows[:, 0] == number
        n = len(rows) if same.all() else int(np.argmin(same))
        cells.append(CellBlock(xdmf_idx_to_meshio_type[number], rows[:n, -XDMF_NODES[number] :]))
        at += n * width
    return cells


def _strict(reader: Any, path: Path) -> Any:
    """meshio's reader, with numbers cut short in a text array as an error."""
    meshio_with_kinds()
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*could not be read to its end.*")
        return reader(str(path))


def _from_meshio(mesh: Any, place: str) -> RawMesh:
    points = np.asarray(mesh.points, dtype=float)
    if points.ndim != 2 or points.shape[1] != 3:
        raise MeshError(f"points of shape {points.shape}", place=place, remedy="expected three coordinates a point")
    raw = RawMesh(points, np.arange(len(points)))
    first = 0
    for cells in mesh.cells:
        nodes = np.asarray(cells.data)
        if nodes.ndim != 2 or nodes.dtype.kind not in "iu":
            raise MeshError(f"{cells.type} cells of shape {nodes.shape}", place=place, remedy="export the mesh again")
        raw.blocks.append(
            RawBlock(MESHIO.get(cells.type, cells.type), nodes.astype(np.int64), np.arange(first, first + len(nodes)))
        )
        first += len(nodes)
    for name, columns in mesh.cell_data.items():
        if all(
            np.asarray(c).dtype.kind in "iub" and np.asarray(c).size == len(b.nodes)
            for c, b in zip(columns, raw.blocks)
        ):
            _named_values(raw, name, [np.asarray(c).ravel().astype(np.int64) for c in columns])
    return raw


def _named_values(raw: RawMesh, name: str, columns: list[Index]) -> None:
    """An integer cell array: 0/1 marks the group of its name, other values make the groups "name:value"."""
    values = np.unique(np.concatenate(columns))
    if len(values) > MOST_VALUES:
        return  # cell numbers and the like, not groups
    for value in values:
        flag = set(values.tolist()) <= {0, 1}
        if flag and value == 0 and len(values) == 2:
            continue
        for b, column in enumerate(columns):
            raw.group(name if flag and value == 1 else f"{name}:{value}", b, np.flatnonzero(column == value))
            if flag and value == 1:
                raw.aliases[f"{name}:1"] = name
