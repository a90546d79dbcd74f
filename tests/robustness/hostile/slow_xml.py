"""VTU and XDMF by the XML of the standard library and struct ("VTK XML formats"; "XDMF Model and Format")."""

from __future__ import annotations

import base64
import lzma
import struct
import zlib
from pathlib import Path
from xml.etree import ElementTree

from hostile.plain import Cell, Plain

VTK = {
    1: ("vertex", 1), 3: ("line", 2), 5: ("tri3", 3), 9: ("quad4", 4), 10: ("tet4", 4), 12: ("hex8", 8),
    13: ("wedge6", 6), 22: ("tri6", 6), 23: ("quad8", 8), 24: ("tet10", 10), 25: ("hex20", 20),
    26: ("wedge15", 15), 14: ("pyramid", 5), 21: ("line3", 3),
}  # fmt: skip
XDMF = {
    1: ("vertex", 1), 2: ("line", 2), 4: ("tri3", 3), 5: ("quad4", 4), 6: ("tet4", 4), 7: ("pyramid", 5),
    8: ("wedge6", 6), 9: ("hex8", 8), 0x24: ("tri6", 6), 0x25: ("quad8", 8), 0x26: ("tet10", 10), 0x28: ("wedge15", 15),
    0x30: ("hex20", 20), 0x22: ("line3", 3),
}  # fmt: skip
ALONE = {
    "triangle": "tri3", "quadrilateral": "quad4", "tetrahedron": "tet4", "wedge": "wedge6", "hexahedron": "hex8",
    "triangle_6": "tri6", "tri_6": "tri6", "quadrilateral_8": "quad8", "quad_8": "quad8", "tetrahedron_10": "tet10",
    "tet_10": "tet10", "wedge_15": "wedge15", "hexahedron_20": "hex20", "hex_20": "hex20",
}  # fmt: skip
LETTERS = {
    "Int8": "b", "UInt8": "B", "Int16": "h", "UInt16": "H", "Int32": "i", "UInt32": "I", "Int64": "q", "UInt64": "Q",
    "Float32": "f", "Float64": "d",
}  # fmt: skip


def read_vtu(path: Path) -> Plain:
    data = path.read_bytes()
    appended = b""
    start = data.find(b"<AppendedData")
    if start >= 0:
        begin = data.index(b"_", data.index(b">", start)) + 1
        stop = data.rindex(b"</AppendedData>")
        appended = data[begin:stop]
        data = data[:begin] + data[stop:]
    root = ElementTree.fromstring(data)
    order = ">" if root.get("byte_order") == "BigEndian" else "<"
    head = order + ("Q" if root.get("header_type") == "UInt64" else "I")
    packer = root.get("compressor", "")
    block = root.find("AppendedData")
    encoded = block is not None and block.get("encoding") == "base64"
    if encoded:
        appended = b"".join(appended.split())
    (piece,) = root.iter("Piece")

    def array(node: ElementTree.Element) -> list[float]:
        letter = LETTERS[node.attrib["type"]]
        if node.get("format", "ascii") == "ascii":
            return _text(node.text or "", letter)
        if node.attrib["format"] == "binary":
            raw = _unpack("".join((node.text or "").split()).encode(), head, packer, True)
        else:
            raw = _unpack(appended[int(node.attrib["offset"]) :], head, packer, encoded)
        size = struct.calcsize(letter)
        return list(struct.unpack(f"{order}{len(raw) // size}{letter}", raw))

    made = Plain()
    points = array(piece.find("Points")[0])
    if len(points) != 3 * int(piece.attrib["NumberOfPoints"]):
        raise ValueError("points")
    made.nodes = {i: tuple(points[3 * i : 3 * i + 3]) for i in range(len(points) // 3)}
    named = {node.attrib["Name"]: array(node) for node in piece.find("Cells")}
    begin = 0
    if not len(named["types"]) == len(named["offsets"]) == int(piece.attrib["NumberOfCells"]):
        raise ValueError("cells")
    for i, (end, kind) in enumerate(zip(named["offsets"], named["types"])):
        nodes = [int(v) for v in named["connectivity"][begin : int(end)]]
        name, width = VTK[int(kind)]
        if len(nodes) != width:
            raise ValueError(f"cell {i}")
        if name == "wedge6":
            nodes = [nodes[k] for k in (0, 2, 1, 3, 5, 4)]
        made.cells.append(Cell.of(i, name, nodes, "vtk"))
        begin = int(end)
    cell_data = piece.find("CellData")
    for node in cell_data if cell_data is not None else ():
        if "Int" in node.attrib["type"] and (node.get("NumberOfComponents") or "1") in ("0", "1") and node.get("Name"):
            _values(made, node.attrib["Name"], array(node))
    return made


def _unpack(data: bytes, head: str, packer: str, encoded: bool) -> bytes:
    """The bytes of a block that begins with its head."""
    size = struct.calcsize(head)

    def first(count: int) -> tuple[tuple[int, ...], bytes]:
        """Integers of the head, and what follows it."""
        length = count * size
        if not encoded:
            return struct.unpack(head[0] + head[1] * count, data[:length]), data[length:]
        chars = -(-length // 3) * 4
        start = base64.b64decode(data[:chars])[:length]
        if data[:chars].endswith(b"="):
            rest = data[chars:]
            return struct.unpack(head[0] + head[1] * count, start), base64.b64decode(rest + b"=" * (-len(rest) % 4))
        whole = base64.b64decode(data[: len(data) // 4 * 4])
        return struct.unpack(head[0] + head[1] * count, start), whole[length:]

    if not packer:
        (length,), rest = first(1)
        if len(rest) < length:
            raise ValueError("cut short")
        return rest[:length]
    (blocks,), _ = first(1)
    (_, whole, last, *sizes), rest = first(3 + blocks)
    out, at = b"", 0
    for i, packed in enumerate(sizes):
        part = (zlib if "ZLib" in packer else lzma).decompress(rest[at : at + packed])
        if len(part) != (last if last and i == blocks - 1 else whole):
            raise ValueError("a block of another size")
        out += part
        at += packed
    return out


def _text(text: str, letter: str) -> list[float]:
    if letter == "d":
        return [float(word) for word in text.split()]
    if letter == "f":
        return [struct.unpack("f", struct.pack("f", float(word)))[0] for word in text.split()]
    values = [int(word) for word in text.split()]
    struct.pack(f"{len(values)}{letter}", *values)  # an error where one does not fit
    return values


def _values(made: Plain, name: str, values: list[float]) -> None:
    """A group for every value, or the one of the array's name where they are 0 and 1."""
    if len(values) != len(made.cells):
        raise ValueError(name)
    flag = set(values) <= {0, 1}
    for cell, value in zip(made.cells, values):
        if not (flag and value == 0 and len(set(values)) == 2):
            made.group(name if flag and value == 1 else f"{name}:{int(value)}", cell.number)


def read_xdmf(path: Path) -> Plain:
    root = ElementTree.fromstring(path.read_bytes())
    (grid,) = root.iter("Grid")

    def data(node: ElementTree.Element) -> list[float]:
        (item,) = node
        kind = {"Char": "Int", "UChar": "UInt"}.get(
            item.get("DataType", item.get("NumberType", "Float")), item.get("DataType", item.get("NumberType", "Float"))
        )
        letter = LETTERS[f"{kind}{8 * int(item.get('Precision', 4))}"]
        form = item.get("Format", "XML").upper()
        if form == "XML":
            values = _text(item.text or "", letter)
        else:
            raw = (path.parent / (item.text or "").strip()).read_bytes()
            order = {"BIG": ">", "LITTLE": "<", "NATIVE": "="}[item.get("Endian", "Native").upper()]
            values = list(struct.unpack(f"{order}{len(raw) // struct.calcsize(order + letter)}{letter}", raw))
        total = 1
        for word in item.attrib["Dimensions"].split():
            total *= int(word)
        if total != len(values):
            raise ValueError("dimensions")
        return values

    made = Plain()
    points = data(grid.find("Geometry"))
    made.nodes = {i: tuple(points[3 * i : 3 * i + 3]) for i in range(len(points) // 3)}
    topology = grid.find("Topology")
    values = [int(v) for v in data(topology)]
    kind = topology.get("Type", topology.get("TopologyType", "")).lower()
    at = 0
    while at < len(values):
        if kind == "mixed":
            name, width = XDMF[values[at]]
            at += 2 if values[at] in (1, 2) else 1
        else:
            name = ALONE[kind]
            width = next(w for n, w in XDMF.values() if n == name)
        made.cells.append(Cell.of(len(made.cells), name, values[at : at + width], "xdmf"))
        at += width
    for node in grid.findall("Attribute"):
        if node.get("Center") == "Cell" and "Int" in node[0].get("DataType", node[0].get("NumberType", "Float")):
            _values(made, node.get("Name", ""), data(node))
    return made
