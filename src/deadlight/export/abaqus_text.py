"""Blocks of text of an Abaqus / CalculiX input deck."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from deadlight.export.seats import Springs
from deadlight.mesh.mesh import CellBlock

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

TYPE = {"tet10": "C3D10", "hex20": "C3D20", "wedge15": "C3D15"}
"""Our kinds (VTK order) are the deck's types in the same node order."""
_ROW = 16
"""Most entries that a line may hold."""


def heading(lines: Iterable[str]) -> str:
    """Comment lines, then nothing."""
    return "".join(f"** {line}".rstrip() + "\n" for line in lines)


def nodes(points: Array) -> str:
    """The *NODE block; node k of the deck is row k - 1."""
    rows = (f"{i}, {_number(x)}, {_number(y)}, {_number(z)}\n" for i, (x, y, z) in enumerate(points.tolist(), 1))
    return "*NODE, NSET=ALL\n" + "".join(rows)


def elements(blocks: Sequence[CellBlock], *, set_name: str, first: int = 1) -> str:
    """*ELEMENT blocks of solid cells, numbered on from `first`."""
    out = []
    for block in blocks:
        out.append(f"*ELEMENT, TYPE={TYPE[block.kind]}, ELSET={set_name}\n")
        for row in (block.nodes + 1).tolist():
            out.append(_wrapped([first, *row]))
            first += 1
    return "".join(out)


def node_set(name: str, rows: Index) -> str:
    """An *NSET of rows (from 0)."""
    return f"*NSET, NSET={name}\n" + _listed(rows)


def element_set(name: str, rows: Index) -> str:
    """An *ELSET of rows (from 0)."""
    return f"*ELSET, ELSET={name}\n" + _listed(rows)


def forces(force: Array, *, least: float = 0.0) -> str:
    """*CLOAD of nodal forces (n, 3) [N], components of at most `least` left out."""
    row, axis = np.nonzero(np.abs(force) > least)
    value = force[row, axis].tolist()
    lines = (f"{n + 1}, {d + 1}, {_number(f)}\n" for n, d, f in zip(row.tolist(), axis.tolist(), value))
    return "*CLOAD\n" + "".join(lines)


def held(rows: Iterable[tuple[int, int]]) -> str:
    """*BOUNDARY: (node row, axis) held at zero."""
    return "*BOUNDARY\n" + "".join(f"{n + 1}, {d + 1}, {d + 1}\n" for n, d in rows)


def solid(*, young: float, nu: float, set_name: str) -> str:
    """Material and section."""
    return (
        f"*MATERIAL, NAME=GLASS\n*ELASTIC\n{_number(young)}, {_number(nu)}\n"
        f"*SOLID SECTION, ELSET={set_name}, MATERIAL=GLASS\n"
    )  # fmt: skip


def seat_springs(points: Array, springs: Springs, *, first_node: int, first_element: int) -> str:
    """Springs to ground: along the face's normal (SPRINGA to a held node) and in the three directions (SPRING1).

    Equal springs share a set.  `first_node`, `first_element`: how many there are already.
    """
    size = float(np.ptp(points, axis=0).max())
    axial = np.flatnonzero(np.abs(springs.axial) > 0.0)
    ground = points[springs.nodes[axial]] + 0.01 * size * springs.normal[axial]
    number = first_node + 1 + np.arange(len(axial))
    rows = (
        f"{i}, {_number(x)}, {_number(y)}, {_number(z)}\n" for i, (x, y, z) in zip(number.tolist(), ground.tolist())
    )
    out = ["*NODE, NSET=GROUND\n" + "".join(rows), "*BOUNDARY\nGROUND, 1, 3\n"] if len(axial) else []
    element = first_element + 1
    for value in np.unique(springs.axial[axial]).tolist():
        mine = np.flatnonzero(springs.axial[axial] == value)
        name = f"SEAT_N{element}"
        out.append(f"*ELEMENT, TYPE=SPRINGA, ELSET={name}\n")
        for i in mine.tolist():
            out.append(f"{element}, {springs.nodes[axial[i]] + 1}, {number[i]}\n")
            element += 1
        out.append(f"*SPRING, ELSET={name}\n\n{_number(value)}\n")
    for value in np.unique(springs.shear[springs.shear > 0.0]).tolist():
        nodes = (springs.nodes[springs.shear == value] + 1).tolist()
        for axis in (1, 2, 3):
            name = f"SEAT_S{element}"
            out.append(f"*ELEMENT, TYPE=SPRING1, ELSET={name}\n")
            for node in nodes:
                out.append(f"{element}, {node}\n")
                element += 1
            out.append(f"*SPRING, ELSET={name}\n{axis}\n{_number(value)}\n")
    return "".join(out)


def static_step(load: str) -> str:
    """One linear static step that prints the displacement of all nodes to the .dat and the .frd file."""
    return f"*STEP\n*STATIC\n{load}*NODE PRINT, NSET=ALL\nU\n*NODE FILE\nU\n*END STEP\n"


def _number(value: float) -> str:
    """At most 19 characters: CalculiX reads 20 of a number and drops the rest, exponent and all."""
    return f"{value:.12E}"


def _wrapped(numbers: list[int]) -> str:
    rows = [numbers[i : i + _ROW] for i in range(0, len(numbers), _ROW)]
    return ",\n".join(", ".join(map(str, row)) for row in rows) + "\n"


def _listed(rows: Index) -> str:
    numbers = (np.asarray(rows) + 1).tolist()
    return "".join(", ".join(map(str, numbers[i : i + 12])) + ",\n" for i in range(0, len(numbers), 12))
