"""Makes the shipped windows again: python meshes/make.py [folder]

Default meshes of the ready-made drawings as compressed VTU in millimetres.
"""

from __future__ import annotations

import sys
from pathlib import Path

from deadlight.mesh.drawings import DRAWINGS
from deadlight.mesh.window import make_window
from deadlight.mesh.write import write_mesh


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, drawing in DRAWINGS.items():
        mesh = make_window(drawing())
        path = folder / f"{name}.vtu"
        write_mesh(mesh, path, unit="mm")
        print(f"{path}: {mesh.n_nodes} nodes, {mesh.n_cells} cells, {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
