"""Our mesh as a VTK grid: same points, same node order, quadratic cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from deadlight.mesh.mesh import Mesh
from deadlight.view import render

Array = np.ndarray[Any, np.dtype[np.float64]]
VTK_TYPE = {"tet10": 24, "hex20": 25, "wedge15": 26, "hex27": 29, "wedge18": 32, "tri6": 22, "quad8": 23, "quad9": 28}


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
    made.cell_data["centre"] = np.concatenate([mesh.points[b.nodes].mean(axis=1) for b in blocks])
    for name, values in (fields or {}).items():
        made.point_data[name] = values
    return made
