"""Gmsh 2.2 and 4.1, text and binary, number by number (Gmsh reference manual, "MSH file format")."""

from __future__ import annotations

import struct
from pathlib import Path

from hostile.plain import FAMILY, Cell, Plain, whole

KINDS = {
    2: ("tri3", 3), 3: ("quad4", 4), 4: ("tet4", 4), 5: ("hex8", 8), 6: ("wedge6", 6), 9: ("tri6", 6),
    11: ("tet10", 10), 16: ("quad8", 8), 17: ("hex20", 20), 18: ("wedge15", 15), 1: ("line", 2),
    8: ("line3", 3), 15: ("vertex", 1), 7: ("pyramid", 5),
}  # fmt: skip
SIZE = {"i": 4, "Q": 8, "d": 8}


class _Numbers:
    """The numbers after a section's first line, one after another."""

    def __init__(self, data: bytes, at: int, binary: bool, order: str) -> None:
        self.data, self.at, self.binary, self.order = data, at, binary, order

    def take(self, letter: str) -> float:
        if self.binary:
            (value,) = struct.unpack_from(self.order + letter, self.data, self.at)
            self.at += SIZE[letter]
            return value
        while self.data[self.at : self.at + 1].isspace():
            self.at += 1
        end = self.at
        while end < len(self.data) and not self.data[end : end + 1].isspace():
            end += 1
        word, self.at = self.data[self.at : end].decode("ascii"), end
        return float(word) if letter == "d" else whole(word)

    def many(self, letter: str, count: int) -> list[int]:
        return [int(self.take(letter)) for _ in range(count)]

    def point(self) -> tuple[float, float, float]:
        return (float(self.take("d")), float(self.take("d")), float(self.take("d")))

    def close(self, name: bytes) -> int:
        """Where the line after $End begins."""
        rest = self.data[self.at :]
        stripped = rest.lstrip()
        if not stripped.startswith(b"$End" + name):
            raise ValueError(f"$End{name.decode()} does not follow")
        return self.at + len(rest) - len(stripped) + 4 + len(name)


def read(path: Path) -> Plain:
    data = path.read_bytes()
    made, names, physical = Plain(), {}, {}
    binary, order, version = False, "<", ""
    at = 0
    while True:
        while data[at : at + 1].isspace():
            at += 1
        if at == len(data):
            return made
        line_end = data.index(b"\n", at)
        name = data[at + 1 : line_end].strip()
        if data[at : at + 1] != b"$":
            raise ValueError(f"no section at byte {at}")
        at = line_end + 1
        if name == b"MeshFormat":
            line_end = data.index(b"\n", at)
            words = data[at:line_end].split()
            version = {b"2": "2.2", b"2.2": "2.2", b"4": "4.1", b"4.1": "4.1"}[words[0]]
            binary = words[1] == b"1"
            at = line_end + 1
            if binary:
                order = "<" if data[at : at + 4] == b"\x01\0\0\0" else ">"
                at += 4
            at = data.index(b"$EndMeshFormat", at) + len(b"$EndMeshFormat")
        elif name == b"PhysicalNames":
            end = data.index(b"$EndPhysicalNames", at)
            for line in data[at:end].decode("utf-8", "replace").splitlines()[1:]:
                if line.strip():
                    dim, tag, quoted = line.strip().split(None, 2)
                    names[int(dim), int(tag)] = quoted[1:-1]
            at = end + len(b"$EndPhysicalNames")
        elif name == b"Comments":
            at = data.index(b"$EndComments", at) + len(b"$EndComments")
        else:
            numbers = _Numbers(data, at, binary, order)
            if name == b"Entities":
                physical = _entities(numbers)
            elif name == b"Nodes":
                _nodes(numbers, version, made)
            elif name == b"Elements":
                _elements(numbers, version, made, names, physical)
            else:
                raise ValueError(f"section {name!r}")
            at = numbers.close(name)


def _entities(numbers: _Numbers) -> dict[tuple[int, int], list[int]]:
    physical = {}
    for dim, count in enumerate(numbers.many("Q", 4)):
        for _ in range(count):
            tag = int(numbers.take("i"))
            for _ in range(3 if dim == 0 else 6):
                numbers.take("d")
            physical[dim, tag] = numbers.many("i", int(numbers.take("Q")))
            if dim:
                numbers.many("i", int(numbers.take("Q")))
    return physical


def _count(numbers: _Numbers) -> int:
    """The count on a line of its own, text in binary files too (version 2.2)."""
    end = numbers.data.index(b"\n", numbers.at)
    count = int(numbers.data[numbers.at : end])
    numbers.at = end + 1
    return count


def _node(made: Plain, number: int, place: tuple[float, float, float]) -> None:
    if number in made.nodes:
        raise ValueError(f"node {number} twice")
    made.nodes[number] = place


def _nodes(numbers: _Numbers, version: str, made: Plain) -> None:
    if version == "2.2":
        for _ in range(_count(numbers)):
            number = int(numbers.take("i"))
            _node(made, number, numbers.point())
        return
    blocks, _, _, _ = numbers.many("Q", 4)
    for _ in range(blocks):
        dim, _, parametric = numbers.many("i", 3)
        tags = numbers.many("Q", int(numbers.take("Q")))
        for tag in tags:
            _node(made, tag, numbers.point())
            for _ in range(dim if parametric else 0):
                numbers.take("d")


def _elements(
    numbers: _Numbers,
    version: str,
    made: Plain,
    names: dict[tuple[int, int], str],
    physical: dict[tuple[int, int], list[int]],
) -> None:
    def add(number: int, kind: str, nodes: list[int], tags: list[int]) -> None:
        made.cells.append(Cell.of(number, kind, nodes, "gmsh"))
        dim = 3 if FAMILY[kind] in ("tet", "hex", "wedge", "pyramid") else 2
        for tag in (abs(t) for t in tags if t and FAMILY[kind] not in ("line", "vertex")):
            made.group(names.get((dim, tag), f"physical:{tag}" if dim == 3 else f"physical_surface:{tag}"), number)

    if version == "2.2":
        left = _count(numbers)
        while left:
            if numbers.binary:
                number, count, n_tags = numbers.many("i", 3)
                kind, width = KINDS[number]
                for _ in range(count):
                    row = numbers.many("i", 1 + n_tags + width)
                    add(row[0], kind, row[1 + n_tags :], row[1 : 1 + min(n_tags, 1)])
                left -= count
            else:
                cell, number, n_tags = numbers.many("i", 3)
                kind, width = KINDS[number]
                row = numbers.many("i", n_tags + width)
                add(cell, kind, row[n_tags:], row[: min(n_tags, 1)])
                left -= 1
        return
    blocks, _, _, _ = numbers.many("Q", 4)
    for _ in range(blocks):
        dim, entity, number = numbers.many("i", 3)
        kind, width = KINDS[number]
        for _ in range(int(numbers.take("Q"))):
            row = numbers.many("Q", 1 + width)
            add(row[0], kind, row[1:], physical.get((dim, entity), []))
