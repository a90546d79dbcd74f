"""Every kind of cell through every format and back: points, order, regions, faces."""

import numpy as np
import pytest

from deadlight.errors import MeshError
from deadlight.mesh.check import check_mesh
from deadlight.mesh.describe import describe
from deadlight.mesh.elements import ELEMENTS, ELEVATED
from deadlight.mesh.mesh import CellBlock, Mesh, boundary_faces, cell_volumes
from deadlight.mesh.order import midside_offset
from deadlight.mesh.read import read_mesh
from deadlight.mesh.write import NASTRAN, write_mesh

SOLIDS = ["tet4", "tet10", "hex8", "hex20", "hex27", "wedge6", "wedge15", "wedge18"]
SPLIT = {
    "hex": [list(range(8))],
    "wedge": [[0, 1, 2, 4, 5, 6], [0, 2, 3, 4, 6, 7]],
    "tet": [[0, 1, 2, 6], [0, 2, 3, 6], [0, 3, 7, 6], [0, 7, 4, 6], [0, 4, 5, 6], [0, 5, 1, 6]],
}


def make(kind, shape=(2, 1, 1), size=(0.2, 0.06, 0.01), region="thermal", shift=0.0, bend=0.0):
    """A block of cells of one kind, made from ELEMENTS: corner cells, then every node at its own reference place."""
    element = ELEMENTS[kind]
    nx, ny, nz = shape
    number = np.arange((nx + 1) * (ny + 1) * (nz + 1)).reshape(nx + 1, ny + 1, nz + 1)
    grid = (
        np.array([(i / nx, j / ny, k / nz) for i in range(nx + 1) for j in range(ny + 1) for k in range(nz + 1)]) * size
    )
    i, j, k = (a.ravel() for a in np.meshgrid(*(np.arange(n) for n in shape), indexing="ij"))
    d = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)]
    hexes = np.stack([number[i + a, j + b, k + c] for a, b, c in d], axis=1)
    corners = np.concatenate([hexes[:, part] for part in SPLIT[element.family]])
    linear = ELEMENTS[{"tet": "tet4", "hex": "hex8", "wedge": "wedge6"}[element.family]]
    x = np.einsum("qn,cni->cqi", linear.shape(element.nodes), grid[corners])
    keys, inverse = np.unique(np.round(x.reshape(-1, 3), 9), axis=0, return_inverse=True)
    points = keys + [0, 0, shift]
    points[:, 2] += bend * (points[:, 0] * (size[0] - points[:, 0]))
    block = CellBlock(kind, inverse.reshape(x.shape[:2]).astype(np.int64), region)
    faces = {}
    for name, side in (("outer", size[2]), ("inner", 0.0)):
        on = np.isclose(keys[:, 2], side)
        kept = tuple(CellBlock(b.kind, b.nodes[on[b.nodes].all(axis=1)], region) for b in boundary_faces([block]))
        faces[f"{region}.{name}"] = tuple(b for b in kept if len(b.nodes))
    return Mesh(points, (block,), faces)


def two(kind, **options):
    """Two panes, one above the other, that share no node."""
    a, b = make(kind, **options), make(kind, region="pressure_1", shift=-0.03, **options)
    n = a.n_nodes
    moved = {name: tuple(CellBlock(c.kind, c.nodes + n, c.region) for c in cells) for name, cells in b.faces.items()}
    blocks = (*a.blocks, *(CellBlock(c.kind, c.nodes + n, c.region) for c in b.blocks))
    return Mesh(np.vstack([a.points, b.points]), blocks, {**a.faces, **moved})


def places(mesh, blocks):
    """Cells as node coordinates, sorted: comparable whatever the numbering. Keeps the order of the nodes in a cell."""
    x = np.concatenate([mesh.points[b.nodes].reshape(len(b.nodes), -1) for b in blocks])
    return x[np.lexsort(np.round(x.T, 7))]


@pytest.mark.parametrize("suffix", [".msh", ".vtu", ".inp", ".bdf", ".xdmf"])
@pytest.mark.parametrize("kind", SOLIDS)
def test_every_kind_through_every_format(tmp_path, kind, suffix):
    """Volume, positive Jacobians, mid-side places and outward faces survive; linear cells come back quadratic."""
    mesh = two(kind, bend=0.02 if kind not in ELEVATED else 0.0)
    path = tmp_path / f"window{suffix}"
    if suffix == ".bdf" and kind not in NASTRAN:
        with pytest.raises(MeshError, match="Nastran has no element"):
            write_mesh(mesh, path, unit="mm")
        assert not path.exists()
        return
    write_mesh(mesh, path, unit="mm")
    back = read_mesh(path, unit="mm", required=["thermal", "thermal.outer", "pressure_1.inner"])
    assert set(back.regions) == {"thermal", "pressure_1"}
    assert set(back.faces) == set(mesh.faces)
    for region in mesh.regions:
        assert back.volumes(region) == pytest.approx(mesh.volumes(region), rel=1e-9)
        assert {b.kind for b in back.region_blocks(region)} == {ELEVATED.get(kind, kind)}
    for block in back.blocks:
        assert midside_offset(back.points, block.kind, block.nodes).max() < 0.05
    for name in mesh.faces:
        assert sum(len(b.nodes) for b in back.face(name)) == sum(len(b.nodes) for b in mesh.face(name))
        area = sum(cell_volumes(back.points, b).sum() for b in back.face(name))
        assert area == pytest.approx(sum(cell_volumes(mesh.points, b).sum() for b in mesh.face(name)), rel=1e-9)
    assert any("elevated to quadratic" in note for note in back.notes) == (kind in ELEVATED)
    if kind not in ELEVATED:
        np.testing.assert_allclose(places(back, back.blocks), places(mesh, mesh.blocks), atol=1e-12)
    assert not check_mesh(back).errors
    assert "thermal.outer" in describe(back)
