"""The meshes that ship are what the generator makes of their drawings, and their README is true."""

import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

from deadlight.case.load import load_case
from deadlight.chain.viewport import build_viewport
from deadlight.mesh.check import check_mesh
from deadlight.mesh.drawings import DRAWINGS
from deadlight.mesh.mesh import Mesh, cell_volumes
from deadlight.mesh.read import read_mesh
from deadlight.mesh.window import make_window

MESHES = Path(__file__).parents[2] / "meshes"
OWN = MESHES.parent / "examples" / "own_mesh" / "case.toml"
FORMATS = ("msh", "inp", "bdf", "vtu", "xdmf")


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


@pytest.mark.parametrize("form", FORMATS)
def test_own_disc_is_the_same_mesh_in_every_format(form):
    """Read with the table of the shipped case; run meshes/make.py when this fails after a change of the generator."""
    expected = make_window(DRAWINGS["disc_article"](), refine=0.4)
    path = MESHES / f"own_disc.{form}"
    assert path.stat().st_size < 1e6
    found = read_mesh(path, unit="mm", groups=tomllib.loads(OWN.read_text())["mesh"]["groups"])
    assert found.regions == expected.regions
    assert (found.n_nodes, found.n_cells) == (expected.n_nodes, expected.n_cells)
    for region in expected.regions:
        assert found.volumes(region) == pytest.approx(expected.volumes(region), rel=1e-9)
        assert np.array_equal(
            _places(found, found.region_blocks(region)), _places(expected, expected.region_blocks(region))
        )
    assert set(found.faces) == set(expected.faces)
    for face, blocks in expected.faces.items():
        assert np.array_equal(_places(found, found.face(face)), _places(expected, blocks)), face
        area = sum(cell_volumes(found.points, b).sum() for b in found.face(face))
        assert area == pytest.approx(sum(cell_volumes(expected.points, b).sum() for b in blocks), rel=1e-9)


def _places(mesh: Mesh, blocks):
    """Centres of the cells in micrometres, in an order of their own."""
    centres = np.concatenate([mesh.points[b.nodes].mean(axis=1) for b in blocks])
    rounded = np.round(1e6 * centres).astype(int)
    return rounded[np.lexsort(rounded.T)]


def test_the_own_mesh_case_is_understood():
    """Every group arrives under its name; the retainer's faces follow from the name of its volume."""
    viewport = build_viewport(load_case(OWN), root=OWN.parent)
    assert viewport.mesh.regions == ("thermal", "thermal_retainer")
    assert {"thermal.outer", "thermal.seat_outer", "thermal_retainer.back"} <= set(viewport.mesh.faces)
    assert not viewport.warnings


def test_python_in_the_readme_runs():
    block = re.search(r"```python\n(.*?)```", (MESHES / "README.md").read_text(), re.DOTALL)
    scope = {}
    exec(block.group(1), scope)
    lip = scope["mesh"].points[scope["mesh"].face_nodes("thermal.lip")]
    assert np.hypot(*lip[:, :2].T).min() == pytest.approx(0.130, abs=1e-12)
