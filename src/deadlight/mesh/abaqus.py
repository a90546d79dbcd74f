"""Abaqus input decks: nodes, solid and shell elements, element sets, node sets and surfaces.

meshio's reader keeps the last of several *NODE blocks, loses sets given on repeated *ELEMENT lines, ignores surfaces,
local systems and instances, and is case sensitive; so the deck is read here.  Conventions: Abaqus documentation,
"Three-dimensional solid element library" (node order, face numbers S1 to S6).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from deadlight.errors import MeshError
from deadlight.mesh.abaqus_words import KEYWORDS, OPTIONS
from deadlight.mesh.deck import Line, lines, table, wholes
from deadlight.mesh.elements import ELEMENTS
from deadlight.mesh.raw import Array, Index, RawBlock, RawMesh, rows_of
from deadlight.mesh.structure import connect, unique

SOLIDS = {
    4: "tet4",
    5: "pyramid",
    6: "wedge6",
    8: "hex8",
    10: "tet10",
    13: "pyramid13",
    15: "wedge15",
    18: "wedge18",
    20: "hex20",
    27: "hex27",
}
SHELLS = {3: "tri3", 4: "quad4", 6: "tri6", 8: "quad8", 9: "quad9"}
WIDTHS = {"pyramid": 5, "pyramid13": 13, "line": 2, "line3": 3, "vertex": 1} | {
    k: e.n_nodes for k, e in ELEMENTS.items()
}
OTHERS = {
    "T3D2": "line",
    "T3D3": "line3",
    "B31": "line",
    "B32": "line3",
    "B31H": "line",
    "B32H": "line3",
    "MASS": "vertex",
    "ROTARYI": "vertex",
}
TO_VTK = {"hex27": [*range(20), 26, 24, 23, 25, 21, 22, 20]}
FACES = {
    "tet": ((0, 1, 2), (0, 3, 1), (1, 3, 2), (2, 3, 0)),
    "hex": ((0, 1, 2, 3), (4, 7, 6, 5), (0, 4, 5, 1), (1, 5, 6, 2), (2, 6, 7, 3), (3, 7, 4, 0)),
    "wedge": ((0, 1, 2), (3, 5, 4), (0, 3, 4, 1), (1, 4, 5, 2), (2, 5, 3, 0)),
}
"""Corners of the faces S1, S2, ... of each family."""
MOST = 10**8
"""Most members of one generated line of a set."""
REFUSED = {
    "INSTANCE": "only one part, not moved, is read as it stands; "
    "flatten the model: in Abaqus/CAE, Model attributes, 'Do not use parts and assemblies in input files'",
    "SYSTEM": "give the nodes in the global Cartesian system",
    "NGEN": "write the nodes out", "NFILL": "write the nodes out", "NCOPY": "write the nodes out",
    "NMAP": "write the nodes out",
    "ELGEN": "write the elements out", "ELCOPY": "write the elements out",
}  # fmt: skip


@dataclass
class Card:
    """One keyword with its parameters and data lines."""

    keyword: str
    options: dict[str, str]
    place: str
    data: list[Line] = field(default_factory=list)


def included(line: str) -> str | None:
    """The file that a line includes, or None."""
    if not line.lstrip().upper().startswith("*INCLUDE"):
        return None
    match = re.search(r"INPUT\s*=\s*(.+?)\s*$", line, re.IGNORECASE)
    return match.group(1).strip('"') if match else ""


def cards(path: Path, root: Path) -> list[Card]:
    """The deck as keywords, up to the first *STEP; comments dropped, continued keyword lines joined."""
    found: list[Card] = []
    head = ""
    for line, file, number in lines(path, root, included):
        text = line.strip()
        if not text or text.startswith("**"):
            continue
        if head or text.startswith("*"):
            head += text
            if head.endswith(","):
                continue
            words = [w.strip() for w in head[1:].split(",")]
            head = ""
            keyword = re.sub(r"\s+", " ", words[0].upper())
            if keyword == "STEP":
                break
            place = f"{file}, line {number}, *{keyword[:40]}"
            if keyword not in KEYWORDS:
                remedy = "only nodes, elements, sets and surfaces are needed: correct it, or leave it out"
                raise MeshError(f'found the keyword "{keyword[:40]}", which is not known', place=place, remedy=remedy)
            found.append(Card(keyword, _options(keyword, words[1:], place), place))
        elif found:
            found[-1].data.append((text, file, number))
        else:
            raise MeshError(
                f'found "{text[:40]}" before any keyword',
                place=f"{file}, line {number}",
                remedy="expected an Abaqus deck",
            )
    return found


def _options(keyword: str, words: list[str], place: str) -> dict[str, str]:
    """Parameters of a keyword; on those that are read here an unknown one, or one given twice, is refused."""
    options: dict[str, str] = {}
    for word in (w for w in words if w):
        name, _, value = word.partition("=")
        name = re.sub(r"\s+", " ", name.strip().upper())
        if keyword in OPTIONS and (name in options or name not in OPTIONS[keyword]):
            remedy = f"known are {', '.join(OPTIONS[keyword])}, each once; the data lines stand in the deck itself"
            raise MeshError(f'found the parameter "{word[:40]}"', place=place, remedy=remedy)
        options[name] = value.strip().strip('"')
    return options


def read(path: Path, root: Path) -> RawMesh:
    """Nodes, elements, sets and surfaces of a deck. MeshError names file, line and card."""
    deck = cards(path, root)
    instances = [c for c in deck if c.keyword == "INSTANCE"]
    plain = len(instances) == 1 and not instances[0].data and sum(c.keyword == "PART" for c in deck) <= 1
    for card in deck:
        if card.keyword == "INSTANCE" and plain:  # one part, standing where it was drawn: its numbers are the model's
            continue
        if card.keyword in REFUSED and (card.keyword != "SYSTEM" or card.data):
            raise MeshError(f"*{card.keyword} is not supported", place=card.place, remedy=REFUSED[card.keyword])
        if card.keyword == "NODE" and card.options.get("SYSTEM", "R").upper() != "R":
            raise MeshError(
                f"nodes in the local system {card.options['SYSTEM']}", place=card.place, remedy=REFUSED["SYSTEM"]
            )
    raw = _nodes([c for c in deck if c.keyword == "NODE"], str(path))
    _elements(raw, [c for c in deck if c.keyword == "ELEMENT"], str(path))
    sets = _Sets(raw, str(path))
    for card in deck:
        if card.keyword == "NODE" and "NSET" in card.options and card.data:
            sets.add_nodes(card.options["NSET"], _node_rows(card)[0], card)
        elif card.keyword == "NSET":
            sets.nset(card)
        elif card.keyword == "ELSET":
            sets.elset(card)
        elif card.keyword == "ELEMENT" and "ELSET" in card.options:
            sets.cells.setdefault(card.options["ELSET"].upper(), []).append(_ids(card))
            sets.names.setdefault(card.options["ELSET"].upper(), card.options["ELSET"])
        elif card.keyword == "SURFACE":
            sets.surface(card)
    sets.finish()
    return raw


def _width(card: Card) -> int:
    return card.data[0][0].rstrip(", ").count(",") + 1


def _node_rows(card: Card) -> tuple[Index, Array]:
    """Numbers (n,) and places (n, 3) of the nodes of one card."""
    width = _width(card)
    odd = next((row for row in card.data if row[0].rstrip(", ").count(",") + 1 != width), None)
    if not 4 <= width <= 7 or odd is not None:
        text, file, number = odd or card.data[0]
        raise MeshError(
            f'found "{text[:60]}"', place=f"{file}, line {number}", remedy="expected four numbers: node, x, y, z"
        )
    rows = table(card.data, what="node, x, y, z").reshape(-1, width)
    first = [(text.partition(",")[0], file, number) for text, file, number in card.data]
    return wholes(first, what="the number of the node"), rows[:, 1:4]


def _nodes(found: list[Card], place: str) -> RawMesh:
    ids, points = [], []
    for card in (c for c in found if c.data):
        numbers_, places = _node_rows(card)
        ids.append(numbers_)
        points.append(places)
    if not ids:
        raise MeshError(
            "no *NODE with data", place=place, remedy="the file is truncated or not a mesh: export it again"
        )
    numbers = np.concatenate(ids)
    unique(numbers, "node", place=place)
    return RawMesh(np.concatenate(points), numbers)


def _kind(card: Card) -> str:
    name = card.options.get("TYPE", "").upper()
    solid = re.fullmatch(r"D?C(?:C)?3D(\d+)(V?)[A-Z]*", name)
    shell = re.fullmatch(r"(?:DS|S|STRI|M3D|SFM3D|R3D)(\d)(?:5|[A-Z]\w*)?", name)
    if solid and int(solid.group(1)) in SOLIDS:
        return "wedge18" if solid.group(1) == "15" and solid.group(2) else SOLIDS[int(solid.group(1))]
    if name == "STRI65":
        return "tri6"
    if shell and int(shell.group(1)) in SHELLS:
        return SHELLS[int(shell.group(1))]
    if name in OTHERS:
        return OTHERS[name]
    raise MeshError(
        f'element type "{name}"',
        place=card.place,
        remedy="expected C3D4, C3D10, C3D8, C3D20, C3D27, C3D6, C3D15 or shells as face groups",
    )


def _rows(card: Card) -> Index:
    width = 1 + WIDTHS[_kind(card)]
    if not card.data:
        raise MeshError("no element", place=card.place, remedy="the file is truncated: export the mesh again")
    return wholes(card.data, what=f"element and its {width - 1} nodes", width=width).reshape(-1, width)


def _ids(card: Card) -> Index:
    return _rows(card)[:, 0]


def _elements(raw: RawMesh, found: list[Card], place: str) -> None:
    rows: dict[str, list[Index]] = {}
    for card in found:
        rows.setdefault(_kind(card), []).append(_rows(card))
    for kind, parts in rows.items():
        table_ = np.concatenate(parts)
        nodes = connect(raw.node_ids, table_[:, 1:], table_[:, 0], place=f"{place}, *ELEMENT")
        raw.blocks.append(RawBlock(kind, nodes[:, TO_VTK[kind]] if kind in TO_VTK else nodes, table_[:, 0]))
    if raw.blocks:
        unique(np.concatenate([b.ids for b in raw.blocks]), "element", place=place)


def _generated(row: Line) -> Index:
    """Numbers of one data line of a set with GENERATE: first, last, step."""
    numbers = wholes([row], what="first, last, step")
    step = int(numbers[2]) if len(numbers) == 3 else 1
    if len(numbers) not in (2, 3) or step < 1 or not 0 <= int(numbers[1]) - int(numbers[0]) <= step * MOST:
        raise MeshError(f'found "{row[0][:40]}"', place=f"{row[1]}, line {row[2]}", remedy="expected first, last, step")
    return np.arange(numbers[0], numbers[1] + 1, step)


class _Sets:
    """Sets by upper-case name (Abaqus labels ignore case) until all cards are seen."""

    def __init__(self, raw: RawMesh, path: str) -> None:
        self.raw, self.path = raw, path
        self.cells: dict[str, list[Index]] = {}
        self.names: dict[str, str] = {}

    def _name(self, card: Card, option: str) -> str:
        if not card.options.get(option):
            raise MeshError(f"no {option}=name", place=card.place, remedy="a set or surface needs a name")
        return card.options[option]

    def _members(self, card: Card, known: dict[str, list[Index]]) -> list[Index]:
        if "GENERATE" in card.options:
            return [_generated(row) for row in card.data]
        out = []
        for text, file, number in card.data:
            for word in (w.strip().strip('"') for w in text.split(",")):
                if re.fullmatch(r"-?[0-9]{1,18}", word):
                    out.append(np.array([int(word)]))
                elif word and word.upper() in known:
                    out.extend(known[word.upper()])
                elif word:
                    raise MeshError(
                        f'the set names "{word}", which is not defined above',
                        place=f"{file}, line {number}",
                        remedy="define it first",
                    )
        return out

    def nset(self, card: Card) -> None:
        known = {name.upper(): [self.raw.node_ids[rows]] for name, rows in self.raw.node_groups.items()}
        if "ELSET" in card.options:
            return
        members = self._members(card, known)
        self.add_nodes(self._name(card, "NSET"), np.concatenate([np.empty(0, np.int64), *members]), card)

    def add_nodes(self, name: str, ids: Index, card: Card) -> None:
        rows = rows_of(self.raw.node_ids, ids)
        if (rows < 0).any():
            raise MeshError(
                f'set "{name}" names node {ids[rows < 0][0]}, which does not exist',
                place=card.place,
                remedy="correct the set",
            )
        same = next((n for n in self.raw.node_groups if n.upper() == name.upper()), name)
        self.raw.node_groups[same] = np.union1d(self.raw.node_groups.get(same, np.empty(0, np.int64)), rows)

    def elset(self, card: Card) -> None:
        name = self._name(card, "ELSET")
        self.names.setdefault(name.upper(), name)
        self.cells.setdefault(name.upper(), []).extend(self._members(card, self.cells))

    def _cells(self, ids: Index, place: str, name: str) -> list[tuple[int, Index]]:
        parts, found = [], 0
        for b, block in enumerate(self.raw.blocks):
            rows = rows_of(block.ids, ids)
            rows = np.unique(rows[rows >= 0])
            found += len(rows)
            if len(rows):
                parts.append((b, rows))
        if found < len(np.unique(ids)):
            raise MeshError(
                f'"{name}" names {len(np.unique(ids)) - found} elements that do not exist',
                place=place,
                remedy="correct the set",
            )
        return parts

    def surface(self, card: Card) -> None:
        """*SURFACE of TYPE=ELEMENT: element or set, face; of TYPE=NODE: node sets."""
        name = self._name(card, "NAME")
        if card.options.get("TYPE", "ELEMENT").upper() == "NODE":
            known = {n.upper(): [self.raw.node_ids[rows]] for n, rows in self.raw.node_groups.items()}
            self.add_nodes(name, np.concatenate([np.empty(0, np.int64), *self._members(card, known)]), card)
            return
        by_face: dict[str, list[Index]] = {}
        for text, file, number in card.data:
            words = [w.strip().strip('"') for w in text.rstrip(", ").split(",")]
            parts = by_face.setdefault(words[1].upper() if len(words) > 1 else "", [])
            if len(words) > 2:
                place = f"{file}, line {number}"
                raise MeshError(f'found "{text[:60]}"', place=place, remedy="expected an element or set, and its face")
            if words[0].upper() in self.cells:
                parts.extend(self.cells[words[0].upper()])
            elif re.fullmatch(r"[0-9]{1,18}", words[0]):
                parts.append(np.array([int(words[0])]))
            else:
                place = f"{file}, line {number}"
                found = f'surface "{name}" names "{words[0]}", which is not an element set'
                raise MeshError(found, place=place, remedy="define it first")
        for label, parts in by_face.items():
            for b, rows in self._cells(np.concatenate([np.empty(0, np.int64), *parts]), card.place, name):
                self._facets(name, b, rows, label, card.place)

    def _facets(self, name: str, b: int, rows: Index, label: str, place: str) -> None:
        block = self.raw.blocks[b]
        element = ELEMENTS.get(block.kind)
        if element is not None and element.dim == 2 and label in ("SPOS", "SNEG", ""):
            self.raw.group(name, b, rows)
            return
        faces = FACES.get(element.family, ()) if element is not None else ()
        if not re.fullmatch(r"S[1-6]", label) or int(label[1]) > len(faces):
            raise MeshError(
                f'surface "{name}": face "{label}" of {block.kind}',
                place=place,
                remedy=f"expected a face identifier S1 to S{max(len(faces), 4)}",
            )
        corners = block.nodes[rows][:, list(faces[int(label[1]) - 1])]
        self.raw.facets.setdefault(name, []).append(("tri3" if corners.shape[1] == 3 else "quad4", corners))

    def finish(self) -> None:
        """Element sets become groups; internal ones of Abaqus/CAE (leading underscore) are left out."""
        for key, parts in self.cells.items():
            name = self.names[key]
            if name.startswith("_"):
                continue
            for b, rows in self._cells(
                np.concatenate([np.empty(0, np.int64), *parts]), f'{self.path}, set "{name}"', name
            ):
                self.raw.group(name, b, rows)
