"""What a mesh file says, before it is given a meaning: the one form that every reader produces."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]


@dataclass
class RawBlock:
    """Cells of one kind, as they stand in the file.

    Attributes
    ----------
    kind : str
        Key of `ELEMENTS`, or the file's own word for a kind that is not supported ("pyramid").
    nodes : (n, k) int64
        Rows of `RawMesh.points`.
    ids : (n,) int64
        Cell numbers of the file, for messages.
    """

    kind: str
    nodes: Index
    ids: Index


@dataclass
class RawMesh:
    """Points, cells and groups of a file, in the file's own unit and names.

    Attributes
    ----------
    points : (n, 3) float [unit of the file]
    node_ids : (n,) int64
        Node numbers of the file, for messages.
    cell_groups : dict of str -> list of (block, cells)
        Named sets of cells: index into `blocks`, and the cells (m,) of that block.
    node_groups : dict of str -> (m,) int64
        Named sets of nodes (Abaqus NSET).
    facets : dict of str -> list of (kind, nodes)
        Named sets of cell faces (Abaqus SURFACE): 2D kind and nodes (m, k).
    aliases : dict of str -> str
        Other names of a group ("pid:3" -> "thermal").
    point_data : dict of str -> (n,) float
        Values at the points, where a reader was asked for them.
    """

    points: Array
    node_ids: Index
    blocks: list[RawBlock] = field(default_factory=list)
    cell_groups: dict[str, list[tuple[int, Index]]] = field(default_factory=dict)
    node_groups: dict[str, Index] = field(default_factory=dict)
    facets: dict[str, list[tuple[str, Index]]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    point_data: dict[str, Array] = field(default_factory=dict)

    def group(self, name: str, block: int, cells: Index) -> None:
        """Adds cells of a block to a named group."""
        if len(cells):
            self.cell_groups.setdefault(name, []).append((block, np.asarray(cells, dtype=np.int64)))

    def save(self, path: Path) -> None:
        """Writes everything as plain arrays (no pickle) and one JSON text."""
        arrays: dict[str, np.ndarray] = {"points": self.points, "node_ids": self.node_ids}
        for i, block in enumerate(self.blocks):
            arrays[f"block{i}"], arrays[f"ids{i}"] = block.nodes, block.ids
        cell_groups: dict[str, list[int]] = {}
        for g, (name, parts) in enumerate(self.cell_groups.items()):
            cell_groups[name] = [b for b, _ in parts]
            arrays.update({f"cells{g}_{k}": cells for k, (_, cells) in enumerate(parts)})
        facets: dict[str, list[str]] = {}
        for g, (name, faces) in enumerate(self.facets.items()):
            facets[name] = [kind for kind, _ in faces]
            arrays.update({f"facet{g}_{k}": nodes for k, (_, nodes) in enumerate(faces)})
        arrays.update({f"nodes{g}": nodes for g, nodes in enumerate(self.node_groups.values())})
        arrays.update({f"values{g}": values for g, values in enumerate(self.point_data.values())})
        meta = {
            "point_data": list(self.point_data),
            "kinds": [b.kind for b in self.blocks],
            "cell_groups": cell_groups,
            "facets": facets,
            "node_groups": list(self.node_groups),
            "aliases": self.aliases,
            "notes": self.notes,
        }
        arrays["meta"] = np.frombuffer(json.dumps(meta).encode(), dtype=np.uint8)
        with open(path, "wb") as out:
            np.savez(out, **arrays)  # type: ignore[arg-type]

    @classmethod
    def load(cls, path: Path) -> RawMesh:
        """Reads what `save` wrote."""
        with np.load(path, allow_pickle=False) as f:
            meta = json.loads(f["meta"].tobytes().decode())
            return cls(
                points=f["points"],
                node_ids=f["node_ids"],
                blocks=[RawBlock(kind, f[f"block{i}"], f[f"ids{i}"]) for i, kind in enumerate(meta["kinds"])],
                cell_groups={
                    name: [(b, f[f"cells{g}_{k}"]) for k, b in enumerate(blocks)]
                    for g, (name, blocks) in enumerate(meta["cell_groups"].items())
                },
                node_groups={name: f[f"nodes{g}"] for g, name in enumerate(meta["node_groups"])},
                facets={
                    name: [(kind, f[f"facet{g}_{k}"]) for k, kind in enumerate(kinds)]
                    for g, (name, kinds) in enumerate(meta["facets"].items())
                },
                aliases=meta["aliases"],
                notes=meta["notes"],
                point_data={name: f[f"values{g}"] for g, name in enumerate(meta["point_data"])},
            )


def rows_of(ids: Index, wanted: Index) -> Index:
    """Rows of the file numbers `wanted` in the list `ids`, which must not repeat; -1 where there is none."""
    if not len(ids):
        return np.full(np.shape(wanted), -1, dtype=np.int64)
    order = np.argsort(ids, kind="stable")
    place = np.searchsorted(ids, wanted, sorter=order)
    place = np.minimum(place, len(ids) - 1)
    rows = order[place]
    return np.where(ids[rows] == wanted, rows, -1)


def first_repeat(ids: Index) -> int | None:
    """A number that stands twice in `ids`, or None."""
    values, counts = np.unique(ids, return_counts=True)
    again = values[counts > 1]
    return int(again[0]) if len(again) else None
