"""Node order of quadratic cells, recognised by where the mid-side nodes lie.

Files are meant to use their format's order; many do not.  A permutation is accepted only when every mid-edge
node of every cell of the block then lies by the middle of its own edge, which no wrong order does.
"""

from __future__ import annotations

import numpy as np

from deadlight.errors import MeshError
from deadlight.mesh.elements import ELEMENTS
from deadlight.mesh.gmsh import TO_VTK as GMSH
from deadlight.mesh.nastran import TO_VTK as NASTRAN
from deadlight.mesh.raw import Array, Index, RawBlock

TOLERANCE = 0.3
"""Greatest distance of a mid-side node from the middle of its edge, over the edge's length (quarter point: 0.25)."""


def midside_offset(points: Array, kind: str, nodes: Index) -> Array:
    """Greatest distance of a mid-edge node from its edge's middle, over the edge's length (inf if 0). (n_cells,)."""
    element = ELEMENTS[kind]
    edges = np.array(element.edges)
    mid = element.corners + np.arange(len(edges))
    a, b = points[nodes[:, edges[:, 0]]], points[nodes[:, edges[:, 1]]]
    length = np.linalg.norm(b - a, axis=2)
    away = np.linalg.norm(points[nodes[:, mid]] - (a + b) / 2, axis=2)
    far = np.full_like(away, np.inf)
    np.divide(away, length, out=far, where=away < 1e6 * length)
    return np.asarray(np.max(far, axis=1))


def in_vtk_order(points: Array, block: RawBlock, *, place: str) -> tuple[Index, str]:
    """Nodes of a block in VTK order, and the name of the other order that was found ("" if none).

    Raises
    ------
    MeshError
        No order puts every mid-side node by its edge.
    """
    element = ELEMENTS[block.kind]
    if not element.quadratic or element.dim == 2:
        return block.nodes, ""
    worst = midside_offset(points, block.kind, block.nodes)
    if worst.max() <= TOLERANCE:
        return block.nodes, ""
    for name, orders in (("Gmsh's", GMSH), ("Nastran's", NASTRAN)):
        for order in (orders.get(block.kind), _inverse(orders.get(block.kind))):
            if order is not None and midside_offset(points, block.kind, block.nodes[:, order]).max() <= TOLERANCE:
                return block.nodes[:, order], name
    cell = int(np.argmax(worst))
    raise MeshError(
        f"{block.kind} cell {block.ids[cell]} has a mid-side node {worst[cell]:.2g} edge lengths off its edge's middle "
        f"({int(np.sum(worst > TOLERANCE))} such cells)",
        place=place,
        remedy=f"the limit is {TOLERANCE}: the node order is not the format's, or the cell is distorted",
    )


def _inverse(order: list[int] | None) -> list[int] | None:
    return None if order is None else np.argsort(order).tolist()


def mirrored(kind: str) -> Index:
    """Renumbering that exchanges the triangle axes of a wedge: the same cell with its first triangle turned over."""
    nodes = ELEMENTS[kind].nodes
    swapped = nodes[:, [1, 0, 2]]
    return np.argmin(np.linalg.norm(nodes[None] - swapped[:, None], axis=2), axis=1)
