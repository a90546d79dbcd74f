"""XDMF files: points, cells and integer cell attributes, with heavy data in HDF5 or raw files beside them.

Runs in the guarded child only.  Format: "XDMF Model and Format" (xdmf.org), versions 2 and 3; numbers of the topology
types as XdmfTopologyType.cpp has them.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deadlight.errors import MeshError
from deadlight.mesh.cell_values import group_by_value
from deadlight.mesh.number_text import numbers
from deadlight.mesh.raw import Index, RawBlock, RawMesh
from deadlight.mesh.structure import within
from deadlight.mesh.xmlfile import Node, at_fault, parse

Array = np.ndarray[Any, Any]
KINDS = {
    0x1: ("vertex", 1), 0x2: ("line", 2), 0x4: ("tri3", 3), 0x5: ("quad4", 4), 0x6: ("tet4", 4), 0x7: ("pyramid", 5),
    0x8: ("wedge6", 6), 0x9: ("hex8", 8), 0x22: ("line3", 3), 0x23: ("quad9", 9), 0x24: ("tri6", 6),
    0x25: ("quad8", 8), 0x26: ("tet10", 10), 0x27: ("pyramid13", 13), 0x28: ("wedge15", 15), 0x29: ("wedge18", 18),
    0x30: ("hex20", 20), 0x32: ("hex27", 27),
}  # fmt: skip
NAMES = {
    "polyvertex": 0x1, "polyline": 0x2, "edge_3": 0x22, "triangle": 0x4, "triangle_6": 0x24, "tri_6": 0x24,
    "quadrilateral": 0x5, "quadrilateral_8": 0x25, "quad_8": 0x25, "quadrilateral_9": 0x23, "quad_9": 0x23,
    "tetrahedron": 0x6, "tetrahedron_10": 0x26, "tet_10": 0x26, "pyramid": 0x7, "pyramid_13": 0x27, "wedge": 0x8,
    "wedge_15": 0x28, "wedge_18": 0x29, "hexahedron": 0x9, "hexahedron_20": 0x30, "hex_20": 0x30,
    "hexahedron_27": 0x32, "hex_27": 0x32,
}  # fmt: skip
DTYPES = {("Float", "4"): "f4", ("Float", "8"): "f8"} | {
    (name, str(size)): f"{letter}{size}" for name, letter in (("Int", "i"), ("UInt", "u")) for size in (1, 2, 4, 8)
}
PACKING = 1100
"""Most bytes of data a byte of an HDF5 file can hold: deflate packs no better than 1032 to 1."""
_ENDS = "the file is truncated or damaged: export the mesh again"


def heavy_file(form: str, text: str) -> str:
    """The file that a data item of a format names by its text; "" where its numbers stand in the text itself."""
    form, text = form.upper(), text.strip()
    return text.rpartition(":")[0] if form == "HDF" else text if form == "BINARY" else ""


@dataclass(frozen=True, eq=False)
class _Data:
    """Reads the data items of one file."""

    path: Path
    root: Path

    def of(self, owner: Node) -> Array:
        """The one data item of a section.

        Raises
        ------
        MeshError
            Not one plain item, another length than its Dimensions, or heavy data out of bounds.
        """
        items = owner.all("DataItem")
        if len(items) != 1 or "Reference" in items[0].attrib or items[0].children:
            raise at_fault(self.path, owner.line, f"{len(items)} data items", "expected one plain data item")
        item = items[0]
        text = item.attrib.get("Dimensions", "").split()
        if not text or len(text) > 4 or not all(re.fullmatch(r"[0-9]{1,15}", word) for word in text):
            raise self._wrong(item, f'Dimensions="{" ".join(text)[:40]}"', "expected whole numbers")
        shape = [int(word) for word in text]
        form = item.attrib.get("Format", "XML").upper()
        if form == "XML":
            found = numbers(item.text, self._dtype(item))
            if isinstance(found, str):
                raise self._wrong(item, found)
        elif form == "BINARY":
            found = self._binary(item, math.prod(shape))
        elif form == "HDF":
            found = self._hdf(item, shape)
        else:
            raise self._wrong(item, f'Format="{form[:20]}"', "expected XML, HDF or Binary")
        if found.size != math.prod(shape):
            raise self._wrong(item, f"{found.size} numbers, Dimensions announce {math.prod(shape)}", _ENDS)
        return found.reshape(shape)

    def _wrong(self, node: Node, found: str, remedy: str = "export the mesh again") -> MeshError:
        return at_fault(self.path, node.line, found, remedy)

    def _dtype(self, item: Node) -> np.dtype[Any]:
        kind = item.attrib.get("DataType", item.attrib.get("NumberType", "Float"))
        precision = item.attrib.get("Precision", "1" if kind in ("Char", "UChar") else "4")
        kind = {"Char": "Int", "UChar": "UInt"}.get(kind, kind)
        if (kind, precision) not in DTYPES or ("DataType" in item.attrib and "NumberType" in item.attrib):
            raise self._wrong(item, f'numbers of type "{kind[:20]}", precision "{precision[:20]}"')
        return np.dtype(DTYPES[kind, precision])

    def _binary(self, item: Node, count: int) -> Array:
        if {"Seek", "Compression"} & set(item.attrib):
            raise self._wrong(item, "raw data with Seek or Compression", "write HDF5, or plain raw files")
        order = {"native": "=", "little": "<", "big": ">"}.get(item.attrib.get("Endian", "Native").lower())
        if order is None:
            raise self._wrong(item, f'Endian="{item.attrib["Endian"][:20]}"', "expected Native, Little or Big")
        file = within(
            self.path.parent / heavy_file("Binary", item.text), self.root, place=f"{self.path}, line {item.line}"
        )
        dtype = self._dtype(item)
        if file.stat().st_size != count * dtype.itemsize:
            found = f'"{file.name}" has {file.stat().st_size} bytes, Dimensions announce {count * dtype.itemsize}'
            raise self._wrong(item, found, _ENDS)
        return np.frombuffer(file.read_bytes(), np.dtype(order + dtype.str[1:])).astype(dtype)

    def _hdf(self, item: Node, shape: list[int]) -> Array:
        """A data set that lies in the file itself, of the stated shape and a plain type."""
        _, colon, inside = item.text.strip().rpartition(":")
        if not colon:
            raise self._wrong(item, f'found "{item.text.strip()[:60]}"', 'expected "file.h5:/data"')
        place = f"{self.path}, line {item.line}"
        file = within(self.path.parent / heavy_file("HDF", item.text), self.root, place=place)
        with open(file, "rb") as opened:
            if opened.read(8) != b"\x89HDF\r\n\x1a\n":
                raise self._wrong(item, f'"{file.name}" is no HDF5 file', "write the heavy data again")
        import h5py  # a native library: only now that there is something for it to read

        try:
            with h5py.File(file, "r") as opened_file:
                at: Any = opened_file
                for step in (word for word in inside.split("/") if word):
                    link = at.get(step, getlink=True) if isinstance(at, h5py.Group) else None
                    if not isinstance(link, h5py.HardLink):
                        raise self._wrong(item, f'"{file.name}" has no data of its own at "{inside[:60]}"')
                    at = at[step]
                return self._dataset(item, at, shape, file)
        except (OSError, KeyError, RuntimeError, ValueError, TypeError) as error:  # as h5py says that a file is damaged
            if isinstance(error, MeshError):
                raise
            raise self._wrong(item, f'"{file.name}" is damaged ({str(error)[:100]})', _ENDS) from None

    def _dataset(self, item: Node, data: Any, shape: list[int], file: Path) -> Array:
        import h5py

        if not isinstance(data, h5py.Dataset) or data.external or data.is_virtual or data.dtype.kind not in "fiu":
            raise self._wrong(item, f'"{file.name}": not a plain array of numbers', "write the heavy data again")
        if math.prod(data.shape) != math.prod(shape):
            raise self._wrong(item, f'"{file.name}" holds {list(data.shape)}, Dimensions announce {shape}', _ENDS)
        if data.size * data.dtype.itemsize > PACKING * file.stat().st_size:
            found = f'"{file.name}" announces {data.size} numbers in {file.stat().st_size} bytes'
            raise self._wrong(item, found, _ENDS)
        return np.asarray(data[()])


def read_xdmf(path: Path, root: Path) -> RawMesh:
    """Points, cells and integer cell attributes of an XDMF file with its heavy data."""
    top = parse(path.read_bytes(), path, closing="Xdmf")
    if not re.fullmatch(r"[23](\.\d+)*", top.attrib.get("Version", "3.0")):
        raise at_fault(path, top.line, f'Version="{top.attrib["Version"][:20]}"', "expected 2 or 3")
    grids = [node for node in top.walk() if node.tag == "Grid"]
    if len(grids) != 1 or grids[0].attrib.get("GridType", "Uniform") != "Uniform":
        raise MeshError(f"{len(grids)} grids", place=str(path), remedy="expected one uniform grid: export one mesh")
    grid, data = grids[0], _Data(path, root)
    sections = {name: grid.all(name) for name in ("Geometry", "Topology")}
    for name, found in sections.items():
        if len(found) != 1:
            raise at_fault(path, grid.line, f"{len(found)} sections {name}", "expected one")
    raw = _points(sections["Geometry"][0], data)
    _cells(sections["Topology"][0], data, raw)
    count = sum(len(b.nodes) for b in raw.blocks)
    for node in grid.all("Attribute"):
        if node.attrib.get("Center", "Node") != "Cell":
            continue
        values = data.of(node)
        if values.dtype.kind not in "iu" or values.size != max(values.shape, default=0):
            continue  # fields, not groups
        if values.size != count or (values.dtype.itemsize == 8 and values.size and values.max() > np.iinfo("i8").max):
            found_ = f'attribute "{node.attrib.get("Name", "")[:60]}" has {values.size} values for {count} cells'
            raise at_fault(path, node.line, found_)
        group_by_value(raw, node.attrib.get("Name", ""), values.ravel().astype(np.int64))
    return raw


def _points(node: Node, data: _Data) -> RawMesh:
    kind = node.attrib.get("Type", node.attrib.get("GeometryType", "XYZ"))
    points = data.of(node)
    if kind.upper() != "XYZ" or points.ndim != 2 or points.shape[1] != 3 or points.dtype.kind != "f":
        found = f'geometry "{kind[:20]}" of shape {list(points.shape)}, type {points.dtype.name}'
        raise at_fault(data.path, node.line, found, "expected three coordinates a point, XYZ")
    return RawMesh(points.astype(float), np.arange(len(points)))


def _cells(node: Node, data: _Data, raw: RawMesh) -> None:
    kind = node.attrib.get("Type", node.attrib.get("TopologyType", "")).lower()
    values = data.of(node)
    if values.dtype.kind not in "iu":
        raise at_fault(data.path, node.line, f"a topology of {values.dtype.name}", "expected whole numbers")
    values = values.astype(np.int64)
    if kind == "mixed":
        _mixed(values.ravel(), node, data.path, raw)
    elif kind in NAMES:
        name, width = KINDS[NAMES[kind]]
        if values.size % width or (values.ndim == 2 and values.shape[1] != width):
            raise at_fault(data.path, node.line, f"{kind} cells of shape {list(values.shape)}", f"{width} nodes each")
        raw.blocks.append(RawBlock(name, values.reshape(-1, width), np.arange(values.size // width)))
    else:
        raise at_fault(data.path, node.line, f'topology "{kind[:40]}"', "export tetrahedra, hexahedra or wedges")
    stated = node.attrib.get("NumberOfElements", node.attrib.get("Dimensions"))
    found = sum(len(b.nodes) for b in raw.blocks)
    if stated is not None and stated.strip() != str(found):
        raise at_fault(data.path, node.line, f"{stated[:20]} elements are announced, {found} are there", _ENDS)


def _mixed(values: Index, node: Node, path: Path, raw: RawMesh) -> None:
    """Cells of a mixed topology, in runs of one type."""
    at = first = 0
    while at < len(values):
        number = int(values[at])
        if number not in KINDS:
            found = f"cell {first}: type {number} in the mixed topology"
            raise at_fault(path, node.line, found, "export tetrahedra, hexahedra or wedges")
        kind, nodes = KINDS[number]
        counted = number in (1, 2)  # these are followed by the number of their nodes
        width = nodes + (2 if counted else 1)
        rows = values[at : at + (len(values) - at) // width * width].reshape(-1, width)
        same = rows[:, 0] == number
        if counted:
            same &= rows[:, 1] == nodes
        n = len(rows) if same.all() else int(np.argmin(same))
        if not n:
            raise at_fault(path, node.line, f"cell {first}: the topology ends within a cell", _ENDS)
        raw.blocks.append(RawBlock(kind, rows[:n, -nodes:], np.arange(first, first + n)))
        first += n
        at += n * width
