"""Abaqus and Nastran decks line by line (Abaqus Keywords Reference Guide; MSC Nastran Quick Reference Guide)."""

from __future__ import annotations

from pathlib import Path

from hostile.plain import CORNERS, FAMILY, Cell, Plain, whole

ABAQUS = {
    "C3D4": "tet4", "C3D10": "tet10", "C3D8": "hex8", "C3D20": "hex20", "C3D6": "wedge6", "C3D15": "wedge15",
    "S3": "tri3", "S4": "quad4", "STRI65": "tri6", "S8": "quad8", "C3D5": "pyramid", "S6": "tri6",
}  # fmt: skip
# Corners of the faces S1, S2, ... of the manual's pictures, numbered from 1.
SIDES = {
    "tet": ("123", "142", "243", "341"),
    "hex": ("1234", "5876", "1562", "2673", "3784", "4851"),
    "wedge": ("123", "465", "1452", "2563", "3641"),
}
FIELDS = {"tet4": 4, "tet10": 10, "hex8": 8, "hex20": 20, "wedge6": 6, "wedge15": 15}
FIELDS |= {"tri3": 3, "quad4": 4, "tri6": 6, "quad8": 8}


def read_abaqus(path: Path) -> Plain:
    made = Plain()
    sets: dict[str, list[int]] = {}
    node_sets: dict[str, list[int]] = {}
    spelled: dict[str, str] = {}
    surfaces: list[tuple[str, str, str]] = []
    for keyword, options, rows in _abaqus_cards(path):
        if keyword == "NODE":
            for row in rows:
                words = row.rstrip(", ").split(",")
                number = whole(words[0])
                if number in made.nodes:
                    raise ValueError(f"node {number} twice")
                made.nodes[number] = (_real(words[1]), _real(words[2]), _real(words[3]))
                if "NSET" in options:
                    node_sets.setdefault(options["NSET"].upper(), []).append(number)
                    spelled.setdefault("n" + options["NSET"].upper(), options["NSET"])
        elif keyword == "ELEMENT":
            kind = _abaqus_kind(options["TYPE"].upper())
            record: list[int] = []
            for row in rows:
                record += [whole(word) for word in row.rstrip(", ").split(",")]
                if not row.rstrip().endswith(",") or len(record) == 1 + FIELDS[kind]:
                    made.cells.append(Cell.of(record[0], kind, record[1:], "abaqus"))
                    if "ELSET" in options:
                        sets.setdefault(options["ELSET"].upper(), []).append(record[0])
                        spelled.setdefault(options["ELSET"].upper(), options["ELSET"])
                    record = []
            if record:
                raise ValueError("an element is cut short")
        elif keyword == "ELSET":
            sets.setdefault(options["ELSET"].upper(), []).extend(_members(rows, options, sets))
            spelled.setdefault(options["ELSET"].upper(), options["ELSET"])
        elif keyword == "NSET" and "ELSET" not in options:
            node_sets.setdefault(options["NSET"].upper(), []).extend(_members(rows, options, node_sets))
            spelled.setdefault("n" + options["NSET"].upper(), options["NSET"])
        elif keyword == "SURFACE":
            name = options["NAME"]
            for row in rows:
                words = [w.strip().strip('"') for w in row.rstrip(", ").split(",")]
                if options.get("TYPE", "ELEMENT").upper() == "NODE":
                    spelled.setdefault("n" + name.upper(), name)
                    node_sets.setdefault(name.upper(), []).extend(
                        v for w in words for v in (node_sets.get(w.upper()) or [int(w)])
                    )
                    continue
                for number in sets.get(words[0].upper()) or [int(words[0])]:
                    surfaces.append((name, str(number), words[1].upper()))
    for key, members in sets.items():
        if not spelled[key].startswith("_"):
            for number in members:
                made.group(spelled[key], number)
    for key, numbers in node_sets.items():
        made.node_sets.setdefault(spelled["n" + key], set()).update(numbers)
    by_number = {cell.number: cell for cell in made.cells}
    for name, number_text, label in surfaces:
        cell = by_number[int(number_text)]
        if FAMILY[cell.kind] in ("tri", "quad"):
            made.group(name, cell.number)
            continue
        local = SIDES[FAMILY[cell.kind]][int(label[1:]) - 1]
        made.sides.setdefault(name, set()).add(frozenset(cell.corners[int(c) - 1] for c in local))
    return made


def _abaqus_cards(path: Path) -> list[tuple[str, dict[str, str], list[str]]]:
    """Keyword, parameters and data rows; up to the first step."""
    found: list[tuple[str, dict[str, str], list[str]]] = []
    head = ""
    text = path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    for line in text.split("\n"):
        line = line.strip()
        if not line or line.startswith("**"):
            continue
        if not head and not line.startswith("*"):
            found[-1][2].append(line)
            continue
        head += line
        if head.endswith(","):
            continue
        words = [word.strip() for word in head[1:].split(",")]
        head = ""
        keyword = " ".join(words[0].upper().split())
        if keyword == "STEP":
            break
        options = {}
        for word in words[1:]:
            key, _, value = word.partition("=")
            options[" ".join(key.upper().split())] = value.strip().strip('"')
        found.append((keyword, options, []))
    return found


def _abaqus_kind(name: str) -> str:
    """The longest known type that the name begins with; what follows says how it is integrated."""
    name = name.replace("DC3D", "C3D").replace("DS", "S")
    known = [t for t in ABAQUS if name.startswith(t) and not name[len(t) : len(t) + 1].isdigit()]
    return ABAQUS[max(known, key=len)]


def _members(rows: list[str], options: dict[str, str], known: dict[str, list[int]]) -> list[int]:
    found: list[int] = []
    for row in rows:
        words = [w.strip().strip('"') for w in row.split(",") if w.strip()]
        if "GENERATE" in options:
            first, last, step = (*(whole(w) for w in words), 1)[:3]
            found += range(first, last + 1, step)
            continue
        for word in words:
            found += known[word.upper()] if word.upper() in known else [int(word)]
    return found


def _real(text: str) -> float:
    """A real of Abaqus or Nastran: 1.5, 1.5E-3, 1.5D-3, and Nastran's 1.5-3."""
    text = text.strip().upper().replace("D", "E")
    if "_" in text:
        raise ValueError(text)
    cut = max(text.rfind("+"), text.rfind("-"))
    if cut > 0 and text[cut - 1] != "E":
        text = f"{text[:cut]}E{text[cut:]}"
    return float(text)


NASTRAN = {
    "CTETRA": ("tet4", "tet10"), "CHEXA": ("hex8", "hex20"), "CPENTA": ("wedge6", "wedge15"), "CTRIA3": ("tri3",),
    "CTRIAR": ("tri3",), "CQUADR": ("quad4",), "CQUAD4": ("quad4",), "CTRIA6": ("tri6",), "CQUAD8": ("quad8",),
}  # fmt: skip


def read_nastran(path: Path) -> Plain:
    made, names = Plain(), {}
    cards: list[list[str]] = []
    ansa = ""
    text = path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    for line in text.split("\n"):
        if line.startswith("$"):
            if ansa:
                names[int(ansa)], ansa = line[1:].strip().rstrip("~"), ""
            words = line.split('"')
            head = words[0].split()
            named = len(words) >= 3 and words[1] and head[0] == "$HMNAME" and len(head) == 3 and head[2].isdigit()
            if named and head[1] in ("COMP", "COMPS", "PROP", "PROPS"):
                names[int(head[2])] = words[1]
            parts = line.split(";")
            if parts[0] in ("$ANSA_NAME", "$ANSA_NAME_COMMENT") and len(parts) > 3 and parts[1].isdigit():
                ansa = parts[1]
            continue
        line = line.split("$")[0].rstrip()
        ansa = ansa if not line.strip() else ""
        if not line.strip():
            continue
        if line.lstrip().upper().startswith("ENDDATA"):
            break
        if line.split()[:2] and [w.upper() for w in line.split()[:2]] == ["BEGIN", "BULK"]:
            cards = []  # what stood before was executive and case control
            continue
        fields = _nastran_fields(line)
        if fields[0] in ("", "+", "*") or line[0] in "+*":
            cards[-1] += fields[1:]
        else:
            cards.append(fields)
    for card in cards:
        head = card[0].rstrip("*").rstrip("_")
        if head == "GRID":
            number = int(card[1])
            if number in made.nodes or card[2] not in ("", "0"):
                raise ValueError(f"node {number}")
            made.nodes[number] = (_real(card[3]), _real(card[4]), _real(card[5]))
        elif head in NASTRAN:
            kinds, given = NASTRAN[head], card[3:]
            while given and not given[-1]:
                given = given[:-1]
            if FAMILY[kinds[0]] in ("tri", "quad"):
                kind = kinds[0]
                given = given[: FIELDS[kind]]
            else:
                kind = kinds[0] if len(given) == CORNERS[FAMILY[kinds[0]]] else kinds[1]
            number, pid = int(card[1]), int(card[2] or card[1])
            made.cells.append(Cell.of(number, kind, [int(g) for g in given], "nastran"))
            made.group(names.get(pid, f"pid:{pid}"), number)
    return made


def _nastran_fields(line: str) -> list[str]:
    """Name and data fields of a line: 8, or 4 in large field format."""
    if "," in line:
        words = [w.strip() for w in line.split(",")]
        count = 4 if words[0].endswith("*") else 8
        return [words[0].upper(), *(words[1:] + [""] * count)[:count]]
    line = line.expandtabs(8)
    head = line[:8].strip().upper()
    width, count = (16, 4) if "*" in (head[:1], head[-1:]) else (8, 8)
    return [head, *(line[8 + i * width : 8 + (i + 1) * width].strip() for i in range(count))]
