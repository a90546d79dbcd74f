"""A mesh as plain Python: what controls are written from, and what every slow reader gives back."""

from __future__ import annotations

from dataclasses import dataclass, field

Point = tuple[float, float, float]
CORNERS = {"tri": 3, "quad": 4, "tet": 4, "hex": 8, "wedge": 6, "line": 2, "vertex": 1, "pyramid": 5}
FAMILY = {
    "tri3": "tri", "tri6": "tri", "quad4": "quad", "quad8": "quad", "tet4": "tet", "tet10": "tet", "hex8": "hex",
    "hex20": "hex", "wedge6": "wedge", "wedge15": "wedge", "line": "line", "line3": "line", "vertex": "vertex",
    "pyramid": "pyramid",
}  # fmt: skip
SOLID = ("tet", "hex", "wedge")

# Corners that each mid-side node lies between, in the order in which a format lists the nodes after the corners.
_FLAT = {"line": [(0, 1)], "tri": [(0, 1), (1, 2), (2, 0)], "quad": [(0, 1), (1, 2), (2, 3), (3, 0)]}
_TET = [(0, 1), (1, 2), (2, 0), (0, 3), (1, 3), (2, 3)]
_BOTTOM4, _TOP4 = [(0, 1), (1, 2), (2, 3), (3, 0)], [(4, 5), (5, 6), (6, 7), (7, 4)]
_BOTTOM3, _TOP3 = [(0, 1), (1, 2), (2, 0)], [(3, 4), (4, 5), (5, 3)]
_UP4, _UP3 = [(0, 4), (1, 5), (2, 6), (3, 7)], [(0, 3), (1, 4), (2, 5)]
EDGES = {
    "vtk": {**_FLAT, "tet": _TET, "hex": _BOTTOM4 + _TOP4 + _UP4, "wedge": _BOTTOM3 + _TOP3 + _UP3},
    "nastran": {**_FLAT, "tet": _TET, "hex": _BOTTOM4 + _UP4 + _TOP4, "wedge": _BOTTOM3 + _UP3 + _TOP3},
    # Gmsh reference manual, "Node ordering": the edges of a cell run corner by corner
    "gmsh": {
        **_FLAT,
        "tet": [(0, 1), (1, 2), (2, 0), (0, 3), (2, 3), (1, 3)],
        "hex": [
            (0, 1), (0, 3), (0, 4), (1, 2), (1, 5), (2, 3), (2, 6), (3, 7), (4, 5), (4, 7), (5, 6), (6, 7)
        ],
        "wedge": [(0, 1), (0, 2), (0, 3), (1, 2), (1, 4), (2, 5), (3, 4), (3, 5), (4, 5)],
    },
}  # fmt: skip
EDGES["abaqus"] = EDGES["xdmf"] = EDGES["vtk"]


@dataclass(frozen=True)
class Cell:
    """One cell: its number, kind, corner nodes in order, and the node between two of them where there is one."""

    number: int
    kind: str
    corners: tuple[int, ...]
    between: frozenset[tuple[frozenset[int], int]] = frozenset()

    @classmethod
    def of(cls, number: int, kind: str, nodes: list[int] | tuple[int, ...], form: str) -> Cell:
        """From the nodes as a format lists them."""
        n = CORNERS[FAMILY[kind]]
        edges = EDGES[form][FAMILY[kind]] if len(nodes) > n else []
        if len(nodes) != n + len(edges):
            raise ValueError(f"{kind} with {len(nodes)} nodes")
        pairs = {(frozenset((nodes[a], nodes[b])), nodes[n + i]) for i, (a, b) in enumerate(edges)}
        return cls(number, kind, tuple(nodes[:n]), frozenset(pairs))

    def nodes(self, form: str) -> list[int]:
        """The nodes as a format lists them."""
        between = dict(self.between)
        edges = EDGES[form][FAMILY[self.kind]] if between else []
        return [*self.corners, *(between[frozenset((self.corners[a], self.corners[b]))] for a, b in edges)]


@dataclass
class Plain:
    """Nodes and cells by number, named sets of cells, of nodes, and of cell sides (as sets of their corners)."""

    nodes: dict[int, Point] = field(default_factory=dict)
    cells: list[Cell] = field(default_factory=list)
    groups: dict[str, set[int]] = field(default_factory=dict)
    node_sets: dict[str, set[int]] = field(default_factory=dict)
    sides: dict[str, set[frozenset[int]]] = field(default_factory=dict)

    def group(self, name: str, number: int) -> None:
        self.groups.setdefault(name, set()).add(number)


def whole(text: str) -> int:
    """An integer, also one written as a real ("8.", "8e0"); ValueError otherwise."""
    try:
        return int(text)
    except ValueError:
        value = float(text)
        if value != int(value):
            raise
        return int(value)


def window(order: int) -> Plain:
    """Two panes 120 x 60 x 10 mm, 20 mm apart: one of a hexahedron and two wedges, one of six tetrahedra.

    Cells of 1 to 3 are "thermal", of 4 to 9 "pressure_1", the others their outer and inner faces.
    """
    made = Plain()
    number: dict[Point, int] = {}

    def node(p: Point) -> int:
        if p not in number:
            number[p] = len(number) + 1
            made.nodes[number[p]] = p
        return number[p]

    def corner(pane: int, i: int, j: int, k: int) -> int:
        return node((60.0 * i, 60.0 * j, (-30.0 if pane else 0.0) + 10.0 * k))

    def add(kind: str, corners: list[int], group: str) -> None:
        nodes = list(corners)
        if order == 2:
            for a, b in EDGES["vtk"][kind]:
                p, q = made.nodes[corners[a]], made.nodes[corners[b]]
                nodes.append(node((0.5 * (p[0] + q[0]), 0.5 * (p[1] + q[1]), 0.5 * (p[2] + q[2]))))
        name = {"hex": "hex8 hex20", "wedge": "wedge6 wedge15", "tet": "tet4 tet10", "tri": "tri3 tri6"}
        kinds = {**name, "quad": "quad4 quad8"}[kind].split()
        made.cells.append(Cell.of(len(made.cells) + 1, kinds[order - 1], nodes, "vtk"))
        made.group(group, len(made.cells))

    a = {(i, j, k): corner(0, i, j, k) for k in (0, 1) for j in (0, 1) for i in (0, 1, 2)}
    flat = [(0, 0), (1, 0), (1, 1), (0, 1)]
    add("hex", [a[i, j, k] for k in (0, 1) for i, j in flat], "thermal")
    for three in ([(1, 0), (2, 0), (2, 1)], [(1, 0), (2, 1), (1, 1)]):
        add("wedge", [a[i, j, k] for k in (0, 1) for i, j in three], "thermal")
    b = [corner(1, 2 * i, j, k) for k in (0, 1) for i, j in flat]
    for four in ((0, 1, 2, 6), (0, 2, 3, 6), (0, 3, 7, 6), (0, 7, 4, 6), (0, 4, 5, 6), (0, 5, 1, 6)):
        add("tet", [b[i] for i in four], "pressure_1")
    for k, name, beside in ((1, "thermal.outer", "thermal.outer"), (0, "thermal.inner", "thermal.seat_inner")):
        add("quad", [a[i, j, k] for i, j in flat], name)
        for three in ([(1, 0), (2, 0), (2, 1)], [(1, 0), (2, 1), (1, 1)]):
            add("tri", [a[i, j, k] for i, j in three], beside)
    for name, side in (("outer", (4, 7, 6)), ("outer", (4, 5, 6)), ("inner", (0, 1, 2)), ("seat_inner", (0, 2, 3))):
        add("tri", [b[i] for i in side], f"pressure_1.{name}")
    return made
