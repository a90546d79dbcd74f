"""Makes the shipped windows again: python meshes/make.py [folder]

Default meshes of the ready-made drawings as compressed VTU in millimetres.  Regions and faces are 0/1 cell arrays by
their names ("thermal", "thermal.outer"), which is how deadlight reads groups from VTU.
"""

from __future__ import annotations

import sys
from pathlib import Path

import meshio
import numpy as np

from deadlight.mesh.drawings import DRAWINGS
from deadlight.mesh.mesh import Mesh
from deadlight.mesh.window import make_window

REFINE = 1.0


def as_meshio(mesh: Mesh) -> meshio.Mesh:
    """The mesh in millimetres, hexahedra of all regions in one block, quadrilaterals of all faces in another."""
    solids = np.concatenate([b.nodes for b in mesh.blocks])
    regions = np.concatenate([np.full(len(b.nodes), b.region) for b in mesh.blocks])
    parts = [(name, b.nodes) for name, blocks in mesh.faces.items() for b in blocks]
    quads = np.concatenate([nodes for _, nodes in parts])
    faces = np.concatenate([np.full(len(nodes), name) for name, nodes in parts])
    none = np.zeros(len(solids), dtype=np.int8), np.zeros(len(quads), dtype=np.int8)
    flags = {name: [(regions == name).astype(np.int8), none[1]] for name in mesh.regions}
    flags |= {name: [none[0], (faces == name).astype(np.int8)] for name in mesh.faces}
    cells = [("hexahedron20", solids.astype(np.int32)), ("quad8", quads.astype(np.int32))]
    return meshio.Mesh(np.round(1e3 * mesh.points, 9), cells, cell_data=flags)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, drawing in DRAWINGS.items():
        mesh = make_window(drawing(), refine=REFINE)
        path = folder / f"{name}.vtu"
        meshio.vtu.write(path, as_meshio(mesh), compression="zlib")
        print(f"{path}: {mesh.n_nodes} nodes, {mesh.n_cells} cells, {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
