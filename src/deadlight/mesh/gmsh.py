"""Gmsh 2.2 and 4.1, text and binary, read section by section with every count checked against the file.

meshio's Gmsh reader maps a missing node tag to -1, wraps tag 0, keeps one physical group a cell, fails when some
entities have none and leaves 18-node wedges in Gmsh's order; so the sections are read here, each with numpy at once.
Format: Gmsh reference manual, section "MSH file format" (version 4.1 and, legacy, version 2).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deadlight.errors import MeshError
from deadlight.mesh.gmsh_stream import Stream
from deadlight.mesh.raw import Array, Index, RawBlock, RawMesh
from deadlight.mesh.structure import connect, unique

KINDS = {
    2: ("tri3", 3), 3: ("quad4", 4), 4: ("tet4", 4), 5: ("hex8", 8), 6: ("wedge6", 6), 9: ("tri6", 6), 10: ("quad9", 9),
    11: ("tet10", 10), 12: ("hex27", 27), 13: ("wedge18", 18), 16: ("quad8", 8), 17: ("hex20", 20), 18: ("wedge15", 15),
    1: ("line", 2), 8: ("line3", 3), 15: ("vertex", 1), 7: ("pyramid", 5), 14: ("pyramid14", 14), 19: ("pyramid13", 13),
    20: ("tri9", 9), 21: ("tri10", 10), 26: ("line4", 4), 29: ("tet20", 20), 36: ("quad16", 16), 92: ("hex64", 64),
    90: ("wedge40", 40),
}  # fmt: skip
KNOWN = (
    "MeshFormat", "PhysicalNames", "Entities", "Nodes", "Elements", "Periodic", "GhostElements", "Parametrizations",
    "Comments", "NodeData", "ElementData", "ElementNodeData", "InterpolationScheme",
)  # fmt: skip
"""Sections of the format; another name is a slip that would lose what stands in it."""
DIMENSION = {"line": 1, "vertex": 0, "tri": 2, "quad": 2}
TO_VTK = {
    "tet10": [0, 1, 2, 3, 4, 5, 6, 7, 9, 8],
    "hex20": [0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 13, 9, 16, 18, 19, 17, 10, 12, 14, 15],
    "hex27": [0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 13, 9, 16, 18, 19, 17, 10, 12, 14, 15, 22, 23, 21, 24, 20, 25, 26],
    "wedge15": [0, 1, 2, 3, 4, 5, 6, 9, 7, 12, 14, 13, 8, 10, 11],
    "wedge18": [0, 1, 2, 3, 4, 5, 6, 9, 7, 12, 14, 13, 8, 10, 11, 15, 17, 16],
}
"""VTK node i of a cell is Gmsh node TO_VTK[kind][i] (Gmsh manual, "Node ordering": its edges run corner by corner)."""


@dataclass
class Header:
    version: str
    binary: bool
    little: bool


def read(path: Path, root: Path) -> RawMesh:
    """Points, cells and physical groups of a Gmsh file. MeshError names the section at fault."""
    data = path.read_bytes()
    sections = _sections(data, str(path))
    header = _header(sections["MeshFormat"], str(path))
    for name in ("Nodes", "Elements"):
        if name not in sections:
            raise MeshError(
                f"no ${name} section", place=str(path), remedy="the file is truncated or not a mesh: export it again"
            )
    names = _names(sections.get("PhysicalNames", b""), str(path))

    def stream(name: str) -> Stream:
        return Stream(sections[name], binary=header.binary, place=f"{path}, ${name}", little=header.little)

    if header.version == "4.1":
        physical = _entities(stream("Entities")) if "Entities" in sections else {}
        ids, points = _nodes41(stream("Nodes"))
        cells = _elements41(stream("Elements"), physical, "Entities" in sections)
    else:
        ids, points = _nodes22(sections["Nodes"], header, f"{path}, $Nodes")
        cells = _elements22(sections["Elements"], header, f"{path}, $Elements")
    unique(ids, "node", place=f"{path}, $Nodes")
    if len(ids) and ids.min() < 1:
        raise MeshError(f"node number {ids.min()}", place=f"{path}, $Nodes", remedy="Gmsh numbers nodes from 1")
    if cells:
        unique(np.concatenate([c[1] for c in cells]), "element", place=f"{path}, $Elements")
    return _assemble(ids, points, cells, names, str(path))


def _sections(data: bytes, place: str) -> dict[str, bytes]:
    """Body of every section; its end is found from the back so that binary data cannot fake one."""
    if b"$MeshFormat" not in data:
        raise MeshError("no $MeshFormat section", place=place, remedy="expected a Gmsh file of version 2.2 or 4.1")
    found: dict[str, bytes] = {}
    at = 0
    pattern = re.compile(rb"\$(\w+)[ \t]*\r?\n")
    while True:
        start = pattern.search(data, at)
        if data[at : len(data) if start is None else start.start()].strip():
            raise MeshError(
                f"found {data[at : at + 60].split()[0][:40]!r} outside of any section",
                place=f"{place}, byte {at}",
                remedy="the file is damaged: export the mesh again",
            )
        if start is None:
            break
        name = start.group(1).decode()
        if name == "PartitionedEntities" or name not in KNOWN:
            known = f"known are {', '.join(KNOWN)}"
            remedy = "save the mesh without partitions" if name == "PartitionedEntities" else known
            raise MeshError(f"a section ${name[:40]}", place=place, remedy=remedy)
        end = data.find(b"$End" + start.group(1), start.end())
        following = re.compile(rb"\s*(\$\w+|$)")
        while end >= 0 and not following.match(data[end + 4 + len(name) : end + 4 + len(name) + 64]):
            end = data.find(b"$End" + start.group(1), end + 1)
        if end < 0:
            raise MeshError(
                f"${name} is not closed by $End{name}",
                place=place,
                remedy="the file is truncated: export the mesh again",
            )
        if name in found and name in ("Nodes", "Elements", "MeshFormat", "PhysicalNames", "Entities"):
            raise MeshError(f"two ${name} sections", place=place, remedy="export one mesh a file")
        found[name] = data[start.end() : end]
        at = end + 4 + len(name)
    if "MeshFormat" not in found:
        raise MeshError("no $MeshFormat section", place=place, remedy="expected a Gmsh file of version 2.2 or 4.1")
    return found


def _header(body: bytes, place: str) -> Header:
    words = body.split(b"\n", 1)[0].split()
    version = words[0].decode("ascii", "replace") if words else ""
    version = {"2": "2.2", "4": "4.1"}.get(version, version)
    if version not in ("2.2", "4.1") or len(words) != 3 or words[1] not in (b"0", b"1") or words[2] != b"8":
        shown = b" ".join(words)[:40].decode("ascii", "replace")
        raise MeshError(
            f'$MeshFormat is "{shown}"',
            place=place,
            remedy="save as version 4.1 or 2.2: gmsh -save -format msh41 (data size 8)",
        )
    binary = words[1] == b"1"
    one = body.partition(b"\n")[2][:4] if binary else b""
    if binary and one not in (b"\1\0\0\0", b"\0\0\0\1"):
        raise MeshError(
            "the binary file does not carry the number one",
            place=f"{place}, $MeshFormat",
            remedy="export the mesh again",
        )
    return Header(version, binary, one != b"\0\0\0\1")


def _names(body: bytes, place: str) -> dict[tuple[int, int], str]:
    names: dict[tuple[int, int], str] = {}
    lines = [line for line in body.decode("utf-8", "replace").splitlines() if line.strip()]
    if body and (not lines or lines[0].strip() != str(len(lines) - 1)):
        raise MeshError(
            f'"{lines[0].strip()[:20] if lines else ""}" names are announced, {len(lines) - 1} are there',
            place=f"{place}, $PhysicalNames",
            remedy="the file is truncated or its count is wrong: export the mesh again",
        )
    for line in lines[1:]:
        match = re.match(r'\s*(\d+)\s+(-?\d+)\s+"(.*)"\s*$', line)
        if match is None or not match.group(3).strip() or (int(match.group(1)), int(match.group(2))) in names:
            raise MeshError(
                f'found "{line.strip()[:60]}"',
                place=f"{place}, $PhysicalNames",
                remedy='expected: dimension tag "name", every tag once',
            )
        names[int(match.group(1)), int(match.group(2))] = match.group(3)
    if len(set(zip((d for d, _ in names), names.values()))) < len(names):
        raise MeshError(
            "two physical groups of one dimension have the same name",
            place=f"{place}, $PhysicalNames",
            remedy="give every group a name of its own",
        )
    return names


def _entities(s: Stream) -> dict[tuple[int, int], list[int]]:
    """Physical tags of every (dimension, entity)."""
    physical = {}
    counts = s.take(4, "u8")
    for dim, count in enumerate(counts):
        for _ in range(int(count)):
            tag = s.one("i4")
            s.take(3 if dim == 0 else 6, "f8")
            if (dim, tag) in physical:
                remedy = "the file is damaged: export the mesh again"
                raise MeshError(f"entity {tag} of dimension {dim} stands twice", place=s.place, remedy=remedy)
            physical[dim, tag] = s.take(s.one(), "i4").tolist()
            if dim:
                s.take(s.one(), "i4")
    s.end()
    return physical


Cells = list[tuple[str, Index, Index, list[Index]]]
"""Blocks of (kind, cell numbers (n,), node tags (n, k), physical tags of each cell: list of (n,))."""


def _nodes41(s: Stream) -> tuple[Index, Array]:
    blocks, total = s.one(), s.one()
    low, high = s.one(), s.one()
    ids, points = [], []
    for _ in range(blocks):
        dim, _, parametric = s.take(3, "i4")
        n = s.one()
        ids.append(s.take(n, "u8"))
        width = 3 + (int(dim) if parametric else 0)
        points.append(s.take(n * width, "f8").reshape(n, width)[:, :3])
    found = sum(len(i) for i in ids)
    if found != total:
        raise MeshError(
            f"{total} nodes are announced, {found} are there", place=s.place, remedy="export the mesh again"
        )
    s.end()
    if not ids:
        return np.empty(0, np.int64), np.empty((0, 3))
    tags = np.concatenate(ids)
    unique(tags, "node", place=s.place)
    _tags_within(tags, low, high, "node", s.place)
    return tags, np.concatenate(points)


def _tags_within(tags: Index, low: int, high: int, what: str, place: str) -> None:
    """MeshError unless the tags span what the section announces."""
    if len(tags) and (int(tags.min()), int(tags.max())) != (low, high):
        raise MeshError(
            f"{what} numbers run from {tags.min()} to {tags.max()}, {low} to {high} are announced",
            place=place,
            remedy="the file is damaged: export the mesh again",
        )


def _elements41(s: Stream, physical: dict[tuple[int, int], list[int]], entities: bool) -> Cells:
    blocks, total = s.one(), s.one()
    low, high = s.one(), s.one()
    cells: Cells = []
    for _ in range(blocks):
        dim, entity, kind_number = (int(v) for v in s.take(3, "i4"))
        n = s.one()
        kind, width = _kind(kind_number, s.place)
        if dim != DIMENSION.get(kind.rstrip("0123456789"), 3) or (entities and (dim, entity) not in physical):
            found_ = f"{n} {kind} cells on entity {entity} of dimension {dim}"
            remedy = "there is none of that dimension: the file is damaged, export the mesh again"
            raise MeshError(found_, place=s.place, remedy=remedy)
        rows = s.take(n * (1 + width), "u8").reshape(n, 1 + width)
        tags = [np.full(n, abs(tag)) for tag in physical.get((dim, entity), [])]
        cells.append((kind, rows[:, 0], rows[:, 1:], tags))
    found = sum(len(c[1]) for c in cells)
    if found != total:
        raise MeshError(
            f"{total} elements are announced, {found} are there", place=s.place, remedy="export the mesh again"
        )
    s.end()
    if cells:
        _tags_within(np.concatenate([c[1] for c in cells]), low, high, "element", s.place)
    return cells


def _counted(body: bytes, place: str) -> tuple[int, bytes]:
    first, _, rest = body.partition(b"\n")
    if not re.fullmatch(rb"\s*[0-9]{1,18}\s*", first):
        raise MeshError(f"found {first[:30]!r} as the count", place=place, remedy="export the mesh again")
    return int(first), rest


def _nodes22(body: bytes, header: Header, place: str) -> tuple[Index, Array]:
    n, rest = _counted(body, place)
    if not header.binary:
        s = Stream(rest, binary=False, place=place)
        rows = s.take(4 * n, "f8").reshape(n, 4)
        if s.at != len(s.numbers):
            raise MeshError(
                f"{n} nodes are announced, more numbers are there", place=place, remedy="export the mesh again"
            )
        tags = Stream(b"", binary=False, place=place)
        tags.numbers = rows[:, 0]
        return tags.take(n, "i4"), np.ascontiguousarray(rows[:, 1:])
    order = "<" if header.little else ">"
    record = np.dtype([("id", order + "i4"), ("x", order + "f8", 3)])
    if n * record.itemsize > len(rest):
        raise MeshError(
            f"{n} nodes are announced, the section holds at most {len(rest) // record.itemsize}",
            place=place,
            remedy="the file is truncated",
        )
    if rest[n * record.itemsize :].strip():
        raise MeshError(f"{n} nodes are announced, more are there", place=place, remedy="export the mesh again")
    data = np.frombuffer(rest, record, n)
    return data["id"].astype(np.int64), data["x"].astype(float)


def _elements22(body: bytes, header: Header, place: str) -> Cells:
    total, rest = _counted(body, place)
    s = Stream(rest, binary=header.binary, place=place, little=header.little)
    cells: Cells = []
    found = 0
    while found < total:
        if header.binary:
            number, n, n_tags = (int(v) for v in s.take(3, "i4"))
            if n < 1 or n_tags < 0:
                found_ = f"an element block of {n} elements with {n_tags} tags each"
                raise MeshError(found_, place=place, remedy="the file is damaged: export the mesh again")
            kind, width = _kind(number, place)
            rows = s.take(n * (1 + n_tags + width), "i4").reshape(n, 1 + n_tags + width)
            ids, tags, nodes = rows[:, 0], rows[:, 1 : 1 + n_tags], rows[:, 1 + n_tags :]
        else:
            head = s.take(3, "i4")
            s.at -= 3
            kind, width = _kind(int(head[1]), place)
            n_tags = int(head[2])
            if n_tags < 0:
                found_ = f"element {head[0]} has {n_tags} tags"
                raise MeshError(found_, place=place, remedy="the file is damaged: export the mesh again")
            rows = _run(s, total - found, 3 + n_tags + width, head)
            ids, tags, nodes = rows[:, 0], rows[:, 3 : 3 + n_tags], rows[:, 3 + n_tags :]
        cells.append((kind, ids, nodes, [tags[:, 0]] if n_tags else []))
        found += len(ids)
    if found == total:
        s.end()
    if found != total:
        raise MeshError(
            f"{total} elements are announced, {found} or more are there", place=place, remedy="export the mesh again"
        )
    return cells


def _run(s: Stream, most: int, width: int, head: Index) -> Index:
    """As many consecutive text rows as have the kind and number of tags of the first one, (n, width)."""
    parts = []
    step = 64
    while most > 0:
        available = (len(s.numbers) - s.at) // width
        n = min(step, most, available)
        if n == 0:
            break
        rows = s.take(n * width, "i4").reshape(n, width)
        same = (rows[:, 1] == head[1]) & (rows[:, 2] == head[2])
        good = n if same.all() else int(np.argmin(same))
        s.at -= (n - good) * width
        parts.append(rows[:good])
        most -= good
        if good < n:
            break
        step *= 4
    if not parts or not len(parts[0]):
        s.take(width, "i4")  # raises with the count that is missing
    return np.concatenate(parts)


def _kind(number: int, place: str) -> tuple[str, int]:
    if number not in KINDS:
        raise MeshError(
            f"element type {number}",
            place=place,
            remedy="export tetrahedra, hexahedra or wedges of first or second order",
        )
    return KINDS[number]


def _assemble(ids: Index, points: Array, cells: Cells, names: dict[tuple[int, int], str], place: str) -> RawMesh:
    raw = RawMesh(points, ids)
    merged: dict[tuple[str, int], tuple[list[Index], list[Index], list[list[Index]]]] = {}
    for kind, numbers, nodes, columns in cells:
        entry = merged.setdefault((kind, len(columns)), ([], [], [[] for _ in columns]))
        entry[0].append(numbers)
        entry[1].append(nodes)
        for column, tags_of_block in zip(entry[2], columns):
            column.append(tags_of_block)
    for (kind, _), (number_parts, node_parts, tag_parts) in merged.items():
        numbers = np.concatenate(number_parts)
        rows = connect(ids, np.concatenate(node_parts), numbers, place=f"{place}, $Elements")
        raw.blocks.append(RawBlock(kind, rows[:, TO_VTK[kind]] if kind in TO_VTK else rows, numbers))
        dim = DIMENSION.get(kind.rstrip("0123456789"), 3)
        for column in tag_parts:
            tags: Index = np.abs(np.concatenate(column))
            for tag in np.unique(tags):
                if tag:
                    name = names.get((dim, int(tag)), f"physical:{tag}" if dim == 3 else f"physical_surface:{tag}")
                    if dim >= 2:
                        raw.group(name, len(raw.blocks) - 1, np.flatnonzero(tags == tag))
    return raw
