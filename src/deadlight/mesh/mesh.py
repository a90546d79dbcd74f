"""The mesh: points, cells by region, named faces.  SI, VTK node order, never changed after it is made."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from deadlight.errors import MeshError
from deadlight.mesh.elements import ELEMENTS, MASS_DEGREE, Element, quadrature

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, eq=False)
class CellBlock:
    """Cells of one kind in one region.

    Attributes
    ----------
    kind : str
        Key of `deadlight.mesh.elements.ELEMENTS`, for example "hex20".
    nodes : (n_cells, n_nodes) int64
        Node numbers in VTK order.
    region : str
        Name of the region the cells belong to, for example "thermal".
    """

    kind: str
    nodes: Index
    region: str = ""

    @property
    def element(self) -> Element:
        return ELEMENTS[self.kind]


@dataclass(frozen=True, eq=False)
class Mesh:
    """Solid mesh with regions and named faces.

    Attributes
    ----------
    points : (n, 3) float [m]
    blocks : tuple of CellBlock
        Solid cells; a region may have several blocks of different kinds.
    faces : dict of str -> tuple of CellBlock
        Named faces ("thermal.outer") as 2D cells whose normal (right hand) leaves the region.
    notes : tuple of str
        What was changed or assumed on the way in (elevated to quadratic, unit applied ...), for the user.
    """

    points: Array
    blocks: tuple[CellBlock, ...]
    faces: dict[str, tuple[CellBlock, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def n_nodes(self) -> int:
        return len(self.points)

    @property
    def n_cells(self) -> int:
        return sum(len(b.nodes) for b in self.blocks)

    @property
    def regions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(b.region for b in self.blocks))

    def __repr__(self) -> str:
        lo, hi = self.points.min(axis=0), self.points.max(axis=0)
        size = " x ".join(f"{1e3 * d:.4g}" for d in hi - lo)
        return f"Mesh({self.n_nodes} nodes, {self.n_cells} cells, regions {', '.join(self.regions)}, {size} mm)"

    def face(self, name: str) -> tuple[CellBlock, ...]:
        """The 2D cells of a named face.

        Raises
        ------
        MeshError
            No such face; the message lists those there are.
        """
        if name not in self.faces:
            raise MeshError(
                f'no face named "{name}"',
                place="mesh",
                remedy="the mesh has: " + (", ".join(sorted(self.faces)) or "no named face at all"),
            )
        return self.faces[name]

    def face_nodes(self, name: str) -> Index:
        """Sorted node numbers of a named face."""
        return np.unique(np.concatenate([b.nodes.ravel() for b in self.face(name)]))

    def region_nodes(self, region: str) -> Index:
        """Sorted node numbers of a region."""
        return np.unique(np.concatenate([b.nodes.ravel() for b in self.region_blocks(region)]))

    def region_blocks(self, region: str) -> tuple[CellBlock, ...]:
        """Solid cells of one region; MeshError with the names there are if it does not exist."""
        found = tuple(b for b in self.blocks if b.region == region)
        if not found:
            raise MeshError(
                f'no region named "{region}"', place="mesh", remedy="the mesh has: " + ", ".join(self.regions)
            )
        return found

    def submesh(self, regions: str | Iterable[str]) -> tuple[Mesh, Index]:
        """The mesh of some regions alone, with its faces, and the parent's node numbers (m,)."""
        wanted = {regions} if isinstance(regions, str) else set(regions)
        blocks = [b for region in sorted(wanted) for b in self.region_blocks(region)]
        parent = np.unique(np.concatenate([b.nodes.ravel() for b in blocks]))
        number = np.full(self.n_nodes, -1, dtype=np.int64)
        number[parent] = np.arange(len(parent))
        faces = {}
        for name, cells in self.faces.items():
            kept = tuple(
                CellBlock(c.kind, number[c.nodes[(number[c.nodes] >= 0).all(axis=1)]], c.region) for c in cells
            )
            kept = tuple(c for c in kept if len(c.nodes))
            if kept and name.split(".")[0] in wanted:
                faces[name] = kept
        new = tuple(CellBlock(b.kind, number[b.nodes], b.region) for b in blocks)
        return Mesh(self.points[parent], new, faces, self.notes), parent

    @functools.cached_property
    def boundary(self) -> tuple[CellBlock, ...]:
        """Faces that only one cell has, outward, one block a (region, kind)."""
        return boundary_faces(self.blocks)

    def volumes(self, region: str | None = None) -> float:
        """Volume [m3] of a region, or of the whole mesh."""
        blocks = self.blocks if region is None else self.region_blocks(region)
        return float(sum(cell_volumes(self.points, b).sum() for b in blocks))


def shifted(mesh: Mesh, down: float) -> Mesh:
    """The mesh moved along -z by a distance [m]."""
    return mesh if down == 0.0 else replace(mesh, points=mesh.points - np.array([0.0, 0.0, down]))


def determinants(matrices: Array) -> Array:
    """Determinants of 3 x 3 matrices (..., 3, 3), as triple products: no pivot to divide by, whatever the numbers."""
    a, b, c = (matrices[..., i] for i in range(3))
    return np.asarray(np.einsum("...i,...i->...", a, np.cross(b, c)))


def cell_volumes(points: Array, block: CellBlock) -> Array:
    """Volume [m3] (3D) or area [m2] (2D) of every cell by quadrature. (n_cells,)."""
    xi, w = quadrature(block.element.family, MASS_DEGREE[block.element.family])
    d = block.element.dshape(xi)
    total = np.zeros(len(block.nodes))
    x = points[block.nodes]
    for q in range(len(w)):  # few quadrature points; vectorised over cells
        jac = np.einsum("cni,nj->cij", x, d[q])
        if block.element.dim == 3:
            total += w[q] * np.linalg.det(jac)
        else:
            total += w[q] * np.linalg.norm(np.cross(jac[:, :, 0], jac[:, :, 1]), axis=1)
    return total


def boundary_faces(blocks: Iterable[CellBlock]) -> tuple[CellBlock, ...]:
    """Faces that belong to exactly one cell of the same region, outward, one block a (region, kind)."""
    collected: dict[tuple[str, str], list[Index]] = {}
    for block in blocks:
        for i, local in enumerate(block.element.faces):
            collected.setdefault((block.region, block.element.face_kind(i)), []).append(block.nodes[:, local])
    result = []
    for (region, kind), parts in collected.items():
        nodes = np.concatenate(parts)
        key = np.sort(nodes[:, : ELEMENTS[kind].corners], axis=1)
        _, first, count = np.unique(key, axis=0, return_index=True, return_counts=True)
        result.append(CellBlock(kind, np.ascontiguousarray(nodes[np.sort(first[count == 1])]), region))
    return tuple(b for b in result if len(b.nodes))
