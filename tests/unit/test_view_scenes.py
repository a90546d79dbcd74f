"""3D pictures: not blank, the bar shows the data's own range; without a GL library a clear line instead of a crash."""

import io

import numpy as np
import pytest
from matplotlib import image

from deadlight.errors import RenderUnavailable
from deadlight.mesh.elements import ELEMENTS
from deadlight.mesh.mesh import CellBlock, Mesh, cell_volumes
from deadlight.view import render, scenes
from deadlight.view.grid import VTK_TYPE, grid

needs_gl = pytest.mark.skipif(
    "not __import__('deadlight.view.render').view.render.available()",
    reason="no GL library: pictures are not tested here",
)


def ring(n=24):
    """A flat annulus of hex20 cells, outer radius 0.15 m, 10 mm thick."""
    reference = ELEMENTS["hex20"].nodes
    points, cells = [], []
    for i in range(n):
        angle = 2 * np.pi * (i + (reference[:, 1] + 1) / 2) / n
        radius = 0.05 + 0.1 * (reference[:, 0] + 1) / 2
        points.append(np.column_stack([radius * np.cos(angle), radius * np.sin(angle), 0.005 * reference[:, 2]]))
        cells.append(np.arange(20) + 20 * i)
    return Mesh(np.concatenate(points), (CellBlock("hex20", np.array(cells), "thermal"),))


@pytest.mark.pictures
@needs_gl
@pytest.mark.parametrize("kind", [k for k in VTK_TYPE if ELEMENTS[k].dim == 3])
def test_vtk_reads_our_node_order(kind):
    element = ELEMENTS[kind]
    mesh = Mesh(element.nodes * [1.0, 1.1, 1.2], (CellBlock(kind, np.arange(element.n_nodes)[None], "r"),))
    volume = float(grid(mesh).compute_cell_sizes(length=False, area=False)["Volume"][0])
    assert volume == pytest.approx(cell_volumes(mesh.points, mesh.blocks[0])[0], rel=1e-6)


@pytest.mark.pictures
@needs_gl
def test_pictures_have_pixels_and_differ_with_the_field():
    mesh = ring()
    x = mesh.points[:, 0]
    mark = scenes.CrackMark(np.array([0.1, 0.02, 0.005]), np.array([0.12, 0.02, 0.005]), 0.01)
    pictures = [
        image.imread(io.BytesIO(data))
        for data in (scenes.temperature(mesh, 300 + 1e3 * x, cracks=[mark]), scenes.stress(mesh, "thermal", 1e8 * x))
    ]
    for picture in pictures:
        assert picture.shape[:2] == (scenes.SIZE[1], scenes.SIZE[0])
        assert picture[..., :3].std() > 0.05
    assert np.abs(pictures[0][..., :3] - pictures[1][..., :3]).mean() > 0.01


def test_without_gl_there_is_advice(monkeypatch):
    monkeypatch.setattr(render, "available", lambda: False)
    with pytest.raises(RenderUnavailable, match="libegl1"):
        render.pyvista()
