"""Nastran bulk data: GRID, solid and shell elements by property, in small, large and free field format.

meshio's reader ignores coordinate systems (field CP) and the property names of the common pre-processors, and takes a
repeated GRID without a word; so the cards are read here.  Conventions: MSC Nastran Quick Reference Guide, bulk data
entries GRID, CTETRA, CHEXA, CPENTA (mid-side nodes: bottom, vertical, top edges).
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from deadlight.errors import MeshError
from deadlight.mesh.deck import lines
from deadlight.mesh.raw import RawBlock, RawMesh
from deadlight.mesh.structure import connect, unique

SOLIDS = {
    "CTETRA": {4: "tet4", 10: "tet10"}, "CPENTA": {6: "wedge6", 15: "wedge15"}, "CHEXA": {8: "hex8", 20: "hex20"},
    "CPYRAM": {5: "pyramid", 13: "pyramid13"}, "CPYRA": {5: "pyramid", 13: "pyramid13"},
}  # fmt: skip
SHELLS = {
    "CTRIA3": "tri3", "CTRIAR": "tri3", "CTRIA6": "tri6", "CQUAD4": "quad4", "CQUADR": "quad4", "CQUAD8": "quad8",
    "CQUAD": "quad9", "CQUAD9": "quad9",
}  # fmt: skip
SHELL_NODES = {"tri3": 3, "tri6": 6, "quad4": 4, "quad8": 8, "quad9": 9}
TO_VTK = {
    "hex20": [*range(12), 16, 17, 18, 19, 12, 13, 14, 15],
    "wedge15": [*range(9), 12, 13, 14, 9, 10, 11],
}
KNOWN = re.compile(
    "GRID|GRDSET|PARAM|ENDDATA|BEGIN BULK|P[A-Z]+[0-9]*|MAT[A-Z]*[0-9]*|SPC[A-Z]*[0-9]*|MPC[A-Z]*|FORCE[0-9A-Z]*|"
    "MOMENT[0-9]*|TEMP[A-Z]*[0-9]*|LOAD|DLOAD|[RT]LOAD[0-9]|GRAV|ACCEL[0-9]?|EIG[A-Z]+|SET[0-9]?|CORD[0-9][CRS]|ASET[0-9]?|"
    "SUPORT[0-9]?|RBE[0-9][A-Z]*|RBAR[0-9]?|TABLE[A-Z]*[0-9]*|TSTEP[A-Z]*|NLPARM|NLPCI|LSEQ|BC[A-Z]*[0-9]*|BSURF[A-Z]*|"
    "BLSEG|QBDY[0-9]|QVOL|QHBDY|CHBDY[A-Z]|CONV[A-Z]*|RADBC|RADM|RAD[A-Z]+|VIEW[0-9A-Z]*|DAREA|DELAY|DPHASE|FREQ[0-9]?|"
    "USET[0-9]?|MODTRAK|DESVAR|DCONSTR|DRESP[0-9]|DVPREL[0-9]|DOPTPRM|SPOINT|EPOINT|DMIG|DTABLE|BOLT[A-Z]*|CONTACT"
)
"""Bulk data entries that are read or do no harm; another name may be a cell that would be lost."""
LEFT_OUT = ("CBAR", "CBEAM", "CROD", "CBUSH", "CELAS1", "CELAS2", "CGAP", "CONM2", "CSHEAR", "RBE2", "RBE3", "PLOTEL")
Card = tuple[str, list[str], str]


def included(line: str) -> str | None:
    """The file that a line includes, or None."""
    if line.lstrip()[:7].upper() != "INCLUDE":
        return None
    match = re.match(r"\s*INCLUDE\s+['\"]?([^'\"]+?)['\"]?\s*$", line, re.IGNORECASE)
    return match.group(1) if match else None


def cards(path: Path, root: Path) -> tuple[list[Card], dict[int, str]]:
    """Bulk data entries as (name, fields from 2 on, place), and the property names written in comments.

    Names: `$HMNAME COMP 3"thermal"` or `$HMNAME PROP 3"thermal"`, `$ANSA_NAME;3;PSOLID;~` followed by `$thermal`.
    """
    found: list[Card] = []
    names: dict[int, str] = {}
    ansa: int | None = None
    ended = False
    for line, file, number in lines(path, root, included):
        if line.startswith("$"):
            name = re.match(r'\$HMNAME\s+(?:COMP|PROP)S?\s+(\d+)\s*"([^"]+)"', line)
            if name:
                names[int(name.group(1))] = name.group(2)
            if ansa is not None:
                names[ansa] = line[1:].strip().rstrip("~")
            mark = re.match(r"\$ANSA_NAME(?:_COMMENT)?;(\d+);P\w+;", line)
            ansa = int(mark.group(1)) if mark else None
            continue
        text = line.split("$")[0].rstrip()
        if not text.strip():
            continue
        if text.lstrip()[:7].upper() == "ENDDATA":
            ended = True
            break
        head, fields = _fields(text, f"{file}, line {number}")
        if head in ("", "+", "*") or text[0] in "+*":
            if not found or found[-1][0] == "BEGIN BULK":
                raise MeshError(
                    "a continuation of nothing", place=f"{file}, line {number}", remedy="the file is damaged"
                )
            found[-1][1].extend(fields)
        else:
            found.append((head.rstrip("_"), fields, f"{file}, line {number}, {head}"))  # meshio writes "CTETRA_"
    if not ended and found and any(c[0] == "BEGIN BULK" for c in found):
        raise MeshError("no ENDDATA", place=str(path), remedy="the file is truncated: export it again")
    begins = [i for i, card in enumerate(found) if card[0] == "BEGIN BULK"]
    if len(begins) > 1:
        raise MeshError(
            "a second BEGIN BULK", place=found[begins[1]][2], remedy="one bulk data section; superelements are not read"
        )
    found = found[begins[0] + 1 if begins else 0 :]  # before it stand executive and case control
    for head, _, place in found:
        if head not in SOLIDS and head not in SHELLS and head not in LEFT_OUT and not KNOWN.fullmatch(head):
            remedy = "only GRID, solids and shells are needed: correct it, or leave it out"
            raise MeshError(f'found the entry "{head[:20]}", which is not known', place=place, remedy=remedy)
    return found, names


def _fields(text: str, place: str) -> tuple[str, list[str]]:
    """Name of the entry and its data fields (8 a line, 4 in large field format)."""
    if re.match(r"\s*BEGIN\s+BULK\b", text, re.IGNORECASE):
        return "BEGIN BULK", []
    if "," in text:
        words = [w.strip() for w in text.split(",")]
        head = words[0].upper()
        per_line = 4 if head.endswith("*") else 8
        if any(words[per_line + 2 :]):  # after the data fields one more may name the continuation
            raise MeshError(f"{len(words)} fields", place=place, remedy=f"at most {per_line} data fields a line")
        return head.rstrip("*") if head not in ("*", "+") else head, (words[1 : 1 + per_line] + [""] * per_line)[
            :per_line
        ]
    text = text.expandtabs(8)
    head = text[:8].strip().upper()
    width, count = (16, 4) if head.startswith("*") or head.endswith("*") else (8, 8)
    padded = text[8 : 8 + width * count].ljust(width * count)
    return head.rstrip("*") if len(head) > 1 else head, [
        padded[i : i + width].strip() for i in range(0, width * count, width)
    ]


def _real(text: str, place: str) -> float:
    """A Nastran real: 1.5, 1.5E-3, 1.5D-3, 1.5-3.  A blank would be zero: a line cut short must not become one."""
    found = re.fullmatch(r"([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(?:[ED]?([-+][0-9]+)|[ED]([0-9]+))?", text.upper())
    if found is None:
        raise MeshError(f'found "{text[:40]}"', place=place, remedy="expected a real number, 0. for zero")
    return float(f"{found[1]}e{found[2] or found[3] or 0}")


def _whole(text: str, place: str) -> int:
    if not re.fullmatch(r"\+?[0-9]{1,16}", text) or int(text) < 1:
        raise MeshError(f'found "{text[:40]}"', place=place, remedy="expected a whole number, 1 or more")
    return int(text)


def read(path: Path, root: Path) -> RawMesh:
    """Nodes and elements of the bulk data; groups by property. MeshError names file, line and card."""
    deck, names = cards(path, root)
    grids = [c for c in deck if c[0] == "GRID"]
    if not grids:
        raise MeshError("no GRID entry", place=str(path), remedy="the file is truncated or not a mesh: export it again")
    for head, fields, place in deck:
        if head == "GRDSET" and fields[1] not in ("", "0"):  # a line has at least four fields
            raise MeshError(
                f"GRDSET sets the coordinate system {fields[1]}",
                place=place,
                remedy="give the nodes in the basic system",
            )
    for _, fields, place in grids:
        if len(fields) < 5 or any(fields[8:]):
            found = f"node {fields[0][:20]} has {len(fields)} fields"
            remedy = "expected number, system, x, y, z: a line is missing or one too many"
            raise MeshError(found, place=place, remedy=remedy)
        if fields[1] not in ("", "0"):
            raise MeshError(
                f"node {fields[0]} is given in coordinate system {fields[1]}",
                place=place,
                remedy="give the nodes in the basic system (CP blank)",
            )
    ids = np.array([_whole(f[0], p) for _, f, p in grids])
    unique(ids, "node", place=str(path))
    points = np.array([[_real(f[i], p) for i in (2, 3, 4)] for _, f, p in grids])
    raw = RawMesh(points, ids)
    _elements(raw, deck, names, str(path))
    return raw


def _elements(raw: RawMesh, deck: list[Card], names: dict[int, str], place: str) -> None:
    rows: dict[str, list[list[int]]] = {}
    left_out: dict[str, int] = {}
    for head, fields, where in deck:
        if head in SOLIDS:
            nodes = _nodes(fields[2:], where)
            kinds = SOLIDS[head]
            if len(nodes) not in kinds:
                raise MeshError(
                    f"{head} {fields[0]} has {len(nodes)} nodes",
                    place=where,
                    remedy=f"expected {' or '.join(str(n) for n in kinds)}: all mid-side nodes or none",
                )
            kind = kinds[len(nodes)]
        elif head in SHELLS:
            kind = SHELLS[head]
            n = SHELL_NODES[kind]
            nodes = [_whole(w, where) for w in fields[2 : 2 + n] if w]
            if len(nodes) != n:
                raise MeshError(f"{head} {fields[0]} has {len(nodes)} nodes", place=where, remedy=f"expected {n}")
        else:
            if head in LEFT_OUT:
                left_out[head] = left_out.get(head, 0) + 1
            continue
        number = _whole(fields[0], where)
        rows.setdefault(kind, []).append([number, _whole(fields[1] or fields[0], where), *nodes])
    raw.notes += [f"{count} {head} entries are left out" for head, count in left_out.items()]
    numbers = []
    for kind, entries in rows.items():
        table = np.array(entries, dtype=np.int64)
        nodes_ = connect(raw.node_ids, table[:, 2:], table[:, 0], place=place)
        raw.blocks.append(RawBlock(kind, nodes_[:, TO_VTK[kind]] if kind in TO_VTK else nodes_, table[:, 0]))
        numbers.append(table[:, 0])
        for pid in np.unique(table[:, 1]):
            name = names.get(int(pid), f"pid:{pid}")
            raw.group(name, len(raw.blocks) - 1, np.flatnonzero(table[:, 1] == pid))
            raw.aliases[f"pid:{pid}"] = name
    if numbers:
        unique(np.concatenate(numbers), "element", place=place)


def _nodes(fields: list[str], place: str) -> list[int]:
    """Node numbers up to the last field that is not blank; a gap is an error."""
    while fields and not fields[-1]:
        fields = fields[:-1]
    if "" in fields:
        raise MeshError("a mid-side node is missing", place=place, remedy="give all mid-side nodes or none")
    return [_whole(w, place) for w in fields]
