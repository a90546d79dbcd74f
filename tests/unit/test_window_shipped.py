"""The meshes that ship are what the generator makes of their drawings, and their README is true."""

import re
from pathlib import Path

import numpy as np
import pytest

from deadlight.mesh.check import check_mesh
from deadlight.mesh.drawings import DRAWINGS
from deadlight.mesh.mesh import Mesh
from deadlight.mesh.read import read_mesh
from deadlight.mesh.window import make_window

MESHES = Path(__file__).parents[2] / "meshes"


def _rows(nodes):
    """Cells as a table that does not depend on their order."""
    corners = np.sort(nodes, axis=1)
    return corners[np.lexsort(corners.T)]


@pytest.mark.parametrize("name", list(DRAWINGS))
def test_shipped_file_is_the_drawing_meshed(name):
    """Run meshes/make.py when this fails after a change of the generator or of a drawing."""
    expected, path = make_window(DRAWINGS[name]()), MESHES / f"{name}.vtu"
    assert path.stat().st_size < 1.5e6
    shipped = read_mesh(path, unit="mm")
    assert np.abs(shipped.points - expected.points).max() < 1e-9
    assert set(shipped.faces) == set(expected.faces)
    for region in expected.regions:
        assert np.array_equal(_region(shipped, region), _region(expected, region)), region
    for face, blocks in expected.faces.items():
        assert np.array_equal(_rows(shipped.face(face)[0].nodes), _rows(blocks[0].nodes)), face


def _region(mesh: Mesh, region: str):
    return _rows(mesh.region_blocks(region)[0].nodes)


@pytest.mark.parametrize("name", list(DRAWINGS))
def test_ready_made_windows_pass_the_mesh_check_without_a_word(name):
    report = check_mesh(make_window(DRAWINGS[name]()))
    assert not report.errors
    assert not report.warnings, str(report)


def test_python_in_the_readme_runs():
    block = re.search(r"```python\n(.*?)```", (MESHES / "README.md").read_text(), re.DOTALL)
    scope = {}
    exec(block.group(1), scope)
    lip = scope["mesh"].points[scope["mesh"].face_nodes("thermal.lip")]
    assert np.hypot(*lip[:, :2].T).min() == pytest.approx(0.130, abs=1e-12)
