"""Makes the shipped windows again: python meshes/make.py [folder]

Default meshes of the ready-made drawings as compressed VTU in millimetres; and the disc once more, coarse, in every
format that users bring and with names of their own.
"""

from __future__ import annotations

import sys
from pathlib import Path

from deadlight.mesh.drawings import DRAWINGS, disc_article
from deadlight.mesh.mesh import CellBlock, Mesh
from deadlight.mesh.window import make_window
from deadlight.mesh.write import write_mesh

# As a drawing office might name its groups: ours = theirs.  The holder's faces keep ours behind its own name.
NAMES = {
    "thermal": "DISC",
    "thermal_retainer": "HOLDER",
    "thermal.outer": "HOT_FACE",
    "thermal.inner": "COLD_FACE",
    "thermal.lip": "SHADED_BAND",
    "thermal.rim": "EDGE",
    "thermal.seat_outer": "GASKET_TOP",
    "thermal.seat_inner": "GASKET_BOTTOM",
}
FORMATS = (".msh", ".inp", ".bdf", ".vtu", ".xdmf")
REFINE = 0.4


def renamed(mesh: Mesh, names: dict[str, str]) -> Mesh:
    """The mesh with regions and faces under other names, ours = theirs."""

    def blocks(old: tuple[CellBlock, ...]) -> tuple[CellBlock, ...]:
        return tuple(CellBlock(b.kind, b.nodes, names.get(b.region, b.region)) for b in old)

    def face(name: str) -> str:
        region, _, own = name.partition(".")
        return names.get(name, f"{names.get(region, region)}.{own}")

    return Mesh(mesh.points, blocks(mesh.blocks), {face(name): blocks(cells) for name, cells in mesh.faces.items()})


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, drawing in DRAWINGS.items():
        mesh = make_window(drawing())
        path = folder / f"{name}.vtu"
        write_mesh(mesh, path, unit="mm")
        print(f"{path}: {mesh.n_nodes} nodes, {mesh.n_cells} cells, {path.stat().st_size / 1e6:.2f} MB")
    mesh = renamed(make_window(disc_article(), refine=REFINE), NAMES)
    for form in FORMATS:
        path = folder / f"own_disc{form}"
        write_mesh(mesh, path, unit="mm")
        print(f"{path}: {mesh.n_nodes} nodes, {mesh.n_cells} cells, {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
