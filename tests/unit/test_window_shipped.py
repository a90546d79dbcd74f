"""The meshes that ship are what their script makes, and what their README says."""

import importlib.util
import re
from pathlib import Path

import meshio
import numpy as np
import pytest

from deadlight.mesh.drawings import DRAWINGS
from deadlight.mesh.window import make_window

MESHES = Path(__file__).parents[2] / "meshes"


@pytest.fixture(scope="module")
def make():
    spec = importlib.util.spec_from_file_location("make_meshes", MESHES / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", list(DRAWINGS))
def test_shipped_file_is_up_to_date(make, name):
    expected = make.as_meshio(make_window(DRAWINGS[name](), refine=make.REFINE))
    path = MESHES / f"{name}.vtu"
    shipped = meshio.vtu.read(path)
    assert path.stat().st_size < 1.5e6
    assert np.abs(shipped.points - expected.points).max() < 1e-6
    for got, wanted in zip(shipped.cells, expected.cells):
        assert got.type == wanted.type
        assert np.array_equal(got.data, wanted.data)
    assert set(shipped.cell_data) == set(expected.cell_data)
    for key, columns in expected.cell_data.items():
        assert all(np.array_equal(a, b) for a, b in zip(shipped.cell_data[key], columns)), key


def test_python_in_the_readme_runs():
    block = re.search(r"```python\n(.*?)```", (MESHES / "README.md").read_text(), re.DOTALL)
    scope = {}
    exec(block.group(1), scope)
    lip = scope["mesh"].points[scope["mesh"].face_nodes("thermal.lip")]
    assert np.hypot(*lip[:, :2].T).min() == pytest.approx(0.130, abs=1e-12)
