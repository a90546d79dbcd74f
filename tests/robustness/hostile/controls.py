"""Sound mesh files of every format, written here from `plain.window`: what hostile files and mutants are made from."""

from __future__ import annotations

import base64
import lzma
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hostile.plain import FAMILY, Cell, Plain, window

GMSH = {
    "tri3": 2, "quad4": 3, "tet4": 4, "hex8": 5, "wedge6": 6, "tri6": 9, "tet10": 11, "quad8": 16, "hex20": 17,
    "wedge15": 18,
}  # fmt: skip
ABAQUS = {
    "tet4": "C3D4", "tet10": "C3D10", "hex8": "C3D8R", "hex20": "C3D20R", "wedge6": "C3D6", "wedge15": "C3D15",
    "tri3": "S3", "quad4": "S4R", "tri6": "STRI65", "quad8": "S8R",
}  # fmt: skip
NASTRAN = {
    "tet": "CTETRA", "hex": "CHEXA", "wedge": "CPENTA", "tri3": "CTRIA3", "quad4": "CQUAD4", "tri6": "CTRIA6",
    "quad8": "CQUAD8",
}  # fmt: skip
VTK = {
    "tri3": 5, "quad4": 9, "tet4": 10, "hex8": 12, "wedge6": 13, "tri6": 22, "quad8": 23, "tet10": 24, "hex20": 25,
    "wedge15": 26,
}  # fmt: skip
XDMF = {
    "tri3": 4, "quad4": 5, "tet4": 6, "wedge6": 8, "hex8": 9, "tri6": 0x24, "quad8": 0x25, "tet10": 0x26,
    "wedge15": 0x28, "hex20": 0x30,
}  # fmt: skip
PARTS = ("thermal", "pressure_1", "thermal.outer", "thermal.inner", "thermal.seat_inner", "pressure_1.outer",
         "pressure_1.inner", "pressure_1.seat_inner")  # fmt: skip
TAG = {name: i for i, name in enumerate(PARTS, 1)}


@dataclass(frozen=True)
class Control:
    """A sound mesh: its file, files beside it, and the groups under which its parts are asked for."""

    name: str
    file: str
    data: bytes
    groups: dict[str, str] = field(default_factory=dict)
    beside: dict[str, bytes] = field(default_factory=dict)

    def write(self, folder: Path, data: bytes | None = None) -> Path:
        """The file (with other content, if given) and what belongs to it."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self.beside.items():
            (folder / name).write_bytes(content)
        (folder / self.file).write_bytes(self.data if data is None else data)
        return folder / self.file


def controls() -> dict[str, Control]:
    """Every control by its name."""
    return {control.name: control for order in (1, 2) for control in _of_order(window(order), order)}


def _of_order(mesh: Plain, order: int) -> Iterator[Control]:
    mapped = {name: f"region:{tag}" for name, tag in TAG.items()}
    yield Control(f"gmsh22-{order}", "m.msh", _gmsh22(mesh).encode())
    yield Control(f"gmsh22-binary-{order}", "m.msh", _gmsh22_binary(mesh, "<" if order == 1 else ">"))
    yield Control(f"gmsh41-{order}", "m.msh", _gmsh41(mesh).encode())
    yield Control(f"gmsh41-binary-{order}", "m.msh", _gmsh41_binary(mesh))
    theirs = ("thermal", "pressure_1", "OUT", "IN", "SEAT", "HIGH", "LOW", "SEAT_1")
    parts = dict(zip(PARTS, theirs))
    yield Control(f"abaqus-{order}", "m.inp", _abaqus(mesh).encode(), parts)
    pids = {name: f"pid:{tag}" for name, tag in TAG.items()}
    yield Control(f"nastran-{order}", "m.bdf", _nastran(mesh, free=False).encode())
    yield Control(f"nastran-free-{order}", "m.bdf", _nastran(mesh, free=True).encode(), pids)
    for how in ("ascii", "binary", "zlib", "raw", "raw-zlib", "base64", "lzma", "big-endian"):
        yield Control(f"vtu-{how}-{order}", "m.vtu", _vtu(mesh, how), mapped)
    yield Control(f"xdmf-{order}", "m.xdmf", _xdmf(mesh, "XML")[0].encode(), mapped)
    text, heavy = _xdmf(mesh, "Binary")
    yield Control(f"xdmf-binary-{order}", "m.xdmf", text.encode(), mapped, heavy)


def _physical(cell: Cell, mesh: Plain) -> tuple[int, str]:
    name = next(name for name, members in mesh.groups.items() if cell.number in members)
    return TAG[name], name


def _names(mesh: Plain) -> str:
    rows = [f'{2 if "." in name else 3} {tag} "{name}"' for name, tag in TAG.items()]
    return "$PhysicalNames\n{}\n{}\n$EndPhysicalNames\n".format(len(rows), "\n".join(rows))


def _gmsh22(mesh: Plain) -> str:
    nodes = "".join(f"{n} {x!r} {y!r} {z!r}\n" for n, (x, y, z) in mesh.nodes.items())
    cells = ""
    for cell in mesh.cells:
        tag = _physical(cell, mesh)[0]
        cells += f"{cell.number} {GMSH[cell.kind]} 2 {tag} {tag} {' '.join(map(str, cell.nodes('gmsh')))}\n"
    head = "$MeshFormat\n2.2 0 8\n$EndMeshFormat\n" + _names(mesh)
    return f"{head}$Nodes\n{len(mesh.nodes)}\n{nodes}$EndNodes\n$Elements\n{len(mesh.cells)}\n{cells}$EndElements\n"


def _gmsh22_binary(mesh: Plain, order: str) -> bytes:
    head = b"$MeshFormat\n2.2 1 8\n" + struct.pack(order + "i", 1) + b"\n$EndMeshFormat\n" + _names(mesh).encode()
    nodes = b"".join(struct.pack(order + "i3d", n, *p) for n, p in mesh.nodes.items())
    cells = b""
    for cell in mesh.cells:
        tag, listed = _physical(cell, mesh)[0], cell.nodes("gmsh")
        cells += struct.pack(order + "3i", GMSH[cell.kind], 1, 2)
        cells += struct.pack(order + f"{3 + len(listed)}i", cell.number, tag, tag, *listed)
    return (
        head + b"$Nodes\n%d\n" % len(mesh.nodes) + nodes + b"\n$EndNodes\n$Elements\n%d\n" % len(mesh.cells) + cells
        + b"\n$EndElements\n"
    )  # fmt: skip


def _entities(mesh: Plain) -> list[tuple[int, int, str]]:
    return [(2 if "." in name else 3, tag, name) for name, tag in TAG.items()]


def _runs(mesh: Plain) -> list[tuple[str, list[Cell]]]:
    runs: list[tuple[str, list[Cell]]] = []
    for cell in mesh.cells:
        name = _physical(cell, mesh)[1]
        if not runs or runs[-1][0] != name or runs[-1][1][0].kind != cell.kind:
            runs.append((name, []))
        runs[-1][1].append(cell)
    return runs


def _gmsh41(mesh: Plain) -> str:
    text = "$MeshFormat\n4.1 0 8\n$EndMeshFormat\n" + _names(mesh)
    rows = [f"{tag} 0 -30 -30 120 60 30 1 {tag} 0" for dim in (2, 3) for d, tag, _ in _entities(mesh) if d == dim]
    text += "$Entities\n0 0 6 2\n" + "\n".join(rows) + "\n$EndEntities\n"
    n = len(mesh.nodes)
    tags = "\n".join(str(k) for k in mesh.nodes)
    places = "\n".join(f"{x!r} {y!r} {z!r}" for x, y, z in mesh.nodes.values())
    text += f"$Nodes\n1 {n} {min(mesh.nodes)} {max(mesh.nodes)}\n3 1 0 {n}\n{tags}\n{places}\n$EndNodes\n"
    runs = _runs(mesh)
    text += f"$Elements\n{len(runs)} {len(mesh.cells)} 1 {len(mesh.cells)}\n"
    for name, cells in runs:
        dim = 2 if "." in name else 3
        text += f"{dim} {TAG[name]} {GMSH[cells[0].kind]} {len(cells)}\n"
        text += "".join(f"{c.number} {' '.join(map(str, c.nodes('gmsh')))}\n" for c in cells)
    return text + "$EndElements\n"


def _gmsh41_binary(mesh: Plain) -> bytes:
    data = b"$MeshFormat\n4.1 1 8\n" + struct.pack("<i", 1) + b"\n$EndMeshFormat\n" + _names(mesh).encode()
    data += b"$Entities\n" + struct.pack("<4Q", 0, 0, 6, 2)
    for dim in (2, 3):
        for d, tag, _ in _entities(mesh):
            if d == dim:
                data += struct.pack("<i6dQiQ", tag, 0, -30, -30, 120, 60, 30, 1, tag, 0)
    n = len(mesh.nodes)
    data += b"\n$EndEntities\n$Nodes\n" + struct.pack("<4Q", 1, n, min(mesh.nodes), max(mesh.nodes))
    data += struct.pack("<3iQ", 3, 1, 0, n) + struct.pack(f"<{n}Q", *mesh.nodes)
    data += b"".join(struct.pack("<3d", *p) for p in mesh.nodes.values())
    runs = _runs(mesh)
    data += b"\n$EndNodes\n$Elements\n" + struct.pack("<4Q", len(runs), len(mesh.cells), 1, len(mesh.cells))
    for name, cells in runs:
        data += struct.pack("<3iQ", 2 if "." in name else 3, TAG[name], GMSH[cells[0].kind], len(cells))
        for c in cells:
            listed = c.nodes("gmsh")
            data += struct.pack(f"<{1 + len(listed)}Q", c.number, *listed)
    return data + b"\n$EndElements\n"


def _abaqus(mesh: Plain) -> str:
    text = "*Heading\n sound deck\n** a comment\n*Node\n"
    text += "".join(f"{n}, {x!r}, {y!r}, {z!r}\n" for n, (x, y, z) in mesh.nodes.items())
    for name, cells in _runs(mesh):
        if "." in name:
            continue
        text += f"*Element, type={ABAQUS[cells[0].kind]},\n elset={name}\n"
        for cell in cells:
            row = [cell.number, *cell.nodes("abaqus")]
            text += ",\n".join(", ".join(map(str, row[i : i + 8])) for i in range(0, len(row), 8)) + "\n"
    text += "*Elset, elset=FIRST\n1\n*Elset, elset=REST, generate\n2, 3, 1\n"
    text += "*Surface, type=ELEMENT, name=OUT\nFIRST, S2\nREST, S2\n"
    for name, row in (("IN", "FIRST, S1"), ("SEAT", "REST, S1"), ("LOW", "4, S1"), ("SEAT_1", "5, S1")):
        text += f"*Surface, type=ELEMENT, name={name}\n{row}\n"
    on = [n for n, p in mesh.nodes.items() if p[2] == -20.0]
    rows = [", ".join(map(str, on[i : i + 8])) for i in range(0, len(on), 8)]
    text += "*Nset, nset=HIGH\n" + ",\n".join(rows) + "\n"
    return text + "*Material, name=GLASS\n*Elastic\n72e9, 0.17\n*Step\n*Static\n*End Step\n"


def _nastran(mesh: Plain, *, free: bool) -> str:
    text = "SOL 101\nCEND\nTITLE = sound deck\n"
    if not free:
        text += "".join(f'$HMNAME COMP {tag:>10}"{name}"\n' for name, tag in TAG.items())
    text += "BEGIN BULK\n"
    for n, (x, y, z) in mesh.nodes.items():
        if free:
            text += f"GRID,{n},,{x!r},{y!r},{z!r}\n"
        else:
            text += f"GRID*   {n:>16}{'':16}{x:>16.8E}{y:>16.8E}\n*       {z:>16.8E}\n"
    for cell in mesh.cells:
        word = NASTRAN.get(cell.kind) or NASTRAN[FAMILY[cell.kind]]
        row = [cell.number, _physical(cell, mesh)[0], *cell.nodes("nastran")]
        lines = [row[i : i + 8] for i in range(0, len(row), 8)]
        if free:
            text += "\n".join(("," if i else word + ",") + ",".join(map(str, v)) for i, v in enumerate(lines)) + "\n"
        else:
            text += "\n".join(f"{'+' if i else word:<8}" + "".join(f"{v:>8}" for v in w) for i, w in enumerate(lines))
            text += "\n"
    return text + "PSOLID,1,1\nMAT1,1,72.+9,,0.17\nENDDATA\n"


def _vtu(mesh: Plain, how: str) -> bytes:
    order, wide = (">", True) if how == "big-endian" else ("<", how == "raw-zlib")
    compressor = {"zlib": "vtkZLibDataCompressor", "raw-zlib": "vtkZLibDataCompressor", "lzma": "vtkLZMADataCompressor"}
    appended = bytearray()
    head = order + ("Q" if wide else "I")
    row = {n: i for i, n in enumerate(mesh.nodes)}
    listed = [[row[n] for n in c.nodes("vtk")] for c in mesh.cells]
    listed = [[n[i] for i in (0, 2, 1, 3, 5, 4)] if c.kind == "wedge6" else n for n, c in zip(listed, mesh.cells)]
    ends = [sum(len(n) for n in listed[: i + 1]) for i in range(len(listed))]

    def array(name: str, kind: str, letter: str, values: list[float] | list[int], components: int = 1) -> bytes:
        attributes = f'type="{kind}" Name="{name}"' + (f' NumberOfComponents="{components}"' if components > 1 else "")
        data = struct.pack(f"{order}{len(values)}{letter}", *values)
        if how == "ascii":
            text = " ".join(repr(v) for v in values)
            return f'<DataArray {attributes} format="ascii">\n{text}\n</DataArray>\n'.encode()
        if how in compressor:
            half = max(len(data) // 2, 1)
            parts = (
                [data[:half], data[half : 2 * half], data[2 * half :]]
                if len(data) > 2 * half
                else [data[:half], data[half:]]
            )
            pack = (lambda d: zlib.compress(d)) if "zlib" in how else (lambda d: lzma.compress(d))
            packed = [pack(p) for p in parts]
            last = 0 if len(parts[-1]) == half else len(parts[-1])
            first = struct.pack(f"{head[0]}{3 + len(parts)}{head[1]}", len(parts), half, last, *map(len, packed))
            body = b"".join(packed)
        else:
            first, body = struct.pack(head, len(data)), data
        if how.startswith("raw"):
            at = len(appended)
            appended.extend(first + body)
            return f'<DataArray {attributes} format="appended" offset="{at}"/>\n'.encode()
        if how in compressor:
            text64 = base64.b64encode(first) + base64.b64encode(body)
        else:
            text64 = base64.b64encode(first + body)
        if how == "base64":
            at = len(appended)
            appended.extend(text64)
            return f'<DataArray {attributes} format="appended" offset="{at}"/>\n'.encode()
        return f'<DataArray {attributes} format="binary">\n'.encode() + text64 + b"\n</DataArray>\n"

    flat = [v for p in mesh.nodes.values() for v in p]
    extra = f' header_type="{"UInt64" if wide else "UInt32"}"'
    extra += f' compressor="{compressor[how]}"' if how in compressor else ""
    name = "LittleEndian" if order == "<" else "BigEndian"
    out = f'<?xml version="1.0"?>\n<VTKFile type="UnstructuredGrid" version="1.0" byte_order="{name}"{extra}>\n'
    out += f'<UnstructuredGrid>\n<Piece NumberOfPoints="{len(mesh.nodes)}" NumberOfCells="{len(mesh.cells)}">\n'
    body = out.encode() + b"<Points>\n" + array("Points", "Float64", "d", flat, 3) + b"</Points>\n<Cells>\n"
    body += array("connectivity", "Int64", "q", [v for n in listed for v in n])
    body += array("offsets", "Int64", "q", ends) + array("types", "UInt8", "B", [VTK[c.kind] for c in mesh.cells])
    body += b"</Cells>\n<CellData>\n"
    body += array("region", "Int32", "i", [_physical(c, mesh)[0] for c in mesh.cells])
    body += b"</CellData>\n</Piece>\n</UnstructuredGrid>\n"
    if appended:
        encoding = b"base64" if how == "base64" else b"raw"
        body += b'<AppendedData encoding="' + encoding + b'">\n_' + bytes(appended) + b"\n</AppendedData>\n"
    return body + b"</VTKFile>\n"


def _xdmf(mesh: Plain, form: str) -> tuple[str, dict[str, bytes]]:
    row = {n: i for i, n in enumerate(mesh.nodes)}
    mixed = [v for c in mesh.cells for v in (XDMF[c.kind], *(row[n] for n in c.nodes("xdmf")))]
    heavy: dict[str, bytes] = {}

    def item(name: str, kind: str, letter: str, values: list[float] | list[int], shape: str) -> str:
        head = (
            f'<DataItem DataType="{kind}" Precision="{8 if letter in "qd" else 4}" Dimensions="{shape}" Format="{form}"'
        )
        if form == "XML":
            return f"{head}>\n{' '.join(repr(v) for v in values)}\n</DataItem>\n"
        heavy[name] = struct.pack(f"<{len(values)}{letter}", *values)
        return f'{head} Endian="Little">{name}</DataItem>\n'

    flat = [v for p in mesh.nodes.values() for v in p]
    tags = [_physical(c, mesh)[0] for c in mesh.cells]
    text = '<?xml version="1.0"?>\n<Xdmf Version="3.0"><Domain><Grid Name="window">\n<Geometry GeometryType="XYZ">\n'
    text += item("points.bin", "Float", "d", flat, f"{len(mesh.nodes)} 3") + "</Geometry>\n"
    text += f'<Topology TopologyType="Mixed" NumberOfElements="{len(mesh.cells)}">\n'
    text += item("cells.bin", "Int", "q", mixed, str(len(mixed))) + "</Topology>\n"
    text += '<Attribute Name="region" AttributeType="Scalar" Center="Cell">\n'
    text += item("region.bin", "Int", "i", tags, str(len(tags))) + "</Attribute>\n</Grid></Domain></Xdmf>\n"
    return text, heavy
