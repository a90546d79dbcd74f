"""Our mesh as a VTK grid: same points, same node order, quadratic cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from deadlight.mesh.mesh import Mesh
from deadlight.view import render

Array = np.ndarray[Any, np.dtype[np.float64]]
VTK_TYPE = {"tet10": 24, "hex20": 25, "wedge15": 26, "hex27": 29, "wedge18": 32, "tri6": 22, "quad8": 23, "quad9": 28}


LINEAR = {"tet": (10, 4), "wedge": (13, 6), "hex": (12, 8)}  # VTK type and number of corners


def linear_grid(mesh: Mesh, *, name: str, values: Array) -> Any:
    """`linear_fields` with one field."""
    return linear_fields(mesh, {name: values})


def linear_fields(mesh: Mesh, fields: Mapping[str, Array]) -> Any:
    """The mesh as linear cells with point fields (n_nodes,), for filters that are slow or coarse on quadratic cells.

    A hexahedron becomes eight that follow its curved faces; tetrahedra and wedges keep their corners.
    """
    pv = render.pyvista()
    points, cells, kinds, start = [], [], [], 0
    data: dict[str, list[Array]] = {name: [] for name in fields}
    for block in mesh.blocks:
        element = block.element
        kind, corners = LINEAR[element.family]
        if element.family == "hex":
            x, parts = _eighths()
            shape = element.shape(x)
        else:
            shape, parts = element.shape(element.nodes[:corners]), np.arange(corners)[None]
        here = np.einsum("pn,cni->cpi", shape, mesh.points[block.nodes])
        index = start + len(shape) * np.arange(len(block.nodes))[:, None, None] + parts[None]
        index = index.reshape(-1, corners)
        points.append(here.reshape(-1, 3))
        for name, values in fields.items():
            data[name].append((values[block.nodes] @ shape.T).ravel())
        cells.append(np.column_stack([np.full(len(index), corners), index]).ravel())
        kinds.append(np.full(len(index), kind, dtype=np.uint8))
        start += here.shape[0] * here.shape[1]
    made = pv.UnstructuredGrid(np.concatenate(cells), np.concatenate(kinds), np.concatenate(points))
    for name, values_of in data.items():
        made.point_data[name] = np.concatenate(values_of)
    return made.clean(tolerance=1e-8)  # neighbours share their points again


def _eighths() -> tuple[Array, np.ndarray[Any, np.dtype[np.int64]]]:
    """The 27 points of a hexahedron's halves and the corners of its eight parts."""
    axis = np.array([-1.0, 0.0, 1.0])
    x = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
    corner = np.array([(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)])
    low = np.stack(np.meshgrid([0, 1], [0, 1], [0, 1], indexing="ij"), axis=-1).reshape(-1, 1, 3)
    place = low + corner[None]
    return x, place[..., 0] * 9 + place[..., 1] * 3 + place[..., 2]


def grid(mesh: Mesh, *, regions: Iterable[str] | None = None, fields: Mapping[str, Array] | None = None) -> Any:
    """A pyvista UnstructuredGrid.

    Parameters
    ----------
    mesh : Mesh
    regions : names, optional
        Only these regions (all by default).
    fields : dict of "name [unit]" -> (n_nodes,) float, optional
        Point data.
    """
    pv = render.pyvista()
    wanted = None if regions is None else set(regions)
    blocks = [b for b in mesh.blocks if wanted is None or b.region in wanted]
    cells = [np.column_stack([np.full(len(b.nodes), b.nodes.shape[1]), b.nodes]).ravel() for b in blocks]
    kinds = [np.full(len(b.nodes), VTK_TYPE[b.kind], dtype=np.uint8) for b in blocks]
    made = pv.UnstructuredGrid(np.concatenate(cells), np.concatenate(kinds), mesh.points)
    for name, values in (fields or {}).items():
        made.point_data[name] = values
    return made
