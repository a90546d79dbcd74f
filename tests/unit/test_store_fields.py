"""VTU and PVD: read back by VTK with the right volume, values, names and times."""

import numpy as np
import pytest

from deadlight.errors import InputError
from deadlight.mesh.elements import ELEMENTS
from deadlight.mesh.mesh import CellBlock, Mesh
from deadlight.store.fields import FieldSeries, Part, field_data, largest_principal
from deadlight.store.vtu import Grid, encode

SOLIDS = ("tet10", "hex20", "hex27", "wedge15", "wedge18")
pv = pytest.importorskip("pyvista")


def one_cell(kind, region="thermal"):
    nodes = ELEMENTS[kind].nodes.copy()
    return Mesh(nodes, (CellBlock(kind, np.arange(len(nodes))[None], region),))


@pytest.mark.parametrize("kind", SOLIDS)
def test_each_kind_keeps_its_node_order(kind, tmp_path):
    """VTK's own interpolation at a point must give back a quadratic polynomial: only with the right node order.

    VTK stops its search for the local coordinates at 1e-3; a wrong order is off by tenths.
    """
    mesh = one_cell(kind)

    def polynomial(p):
        return (
            1.0 + 2.0 * p[:, 0] - p[:, 1] + p[:, 0] * p[:, 2] + p[:, 2] ** 2 + 2.0 * p[:, 1] ** 2 - 1.5 * p[:, 0] ** 2
        )

    path = Grid(mesh.points, mesh.blocks).write(tmp_path / "a.vtu", {"f [K]": polynomial(mesh.points)})
    read = pv.read(path)
    assert read.n_cells == 1
    inside = np.random.default_rng(4).dirichlet([2.0] * 4, 60)[:, :3]
    found = pv.PolyData(inside).sample(read)
    assert found["vtkValidPointMask"].all()
    np.testing.assert_allclose(found["f [K]"], polynomial(inside), atol=3e-3)
    np.testing.assert_array_equal(read.points, mesh.points)


def test_volume_of_a_distorted_grid(tmp_path):
    """Two stacked hexahedra: the volume that VTK computes is ours, 16 for [-1, 1]^2 x [-1, 3]."""
    nodes = ELEMENTS["hex20"].nodes
    points = np.concatenate([nodes, nodes + [0.0, 0.0, 2.0]])
    mesh = Mesh(points, (CellBlock("hex20", np.arange(40).reshape(2, 20), "thermal"),))
    read = pv.read(Grid(mesh.points, mesh.blocks).write(tmp_path / "a.vtu"))
    assert read.volume == pytest.approx(mesh.volumes(), rel=1e-6)


def test_large_arrays_span_compression_blocks(tmp_path):
    points = np.random.default_rng(1).normal(size=(100_001, 3))
    vertices = CellBlock("vertex", np.arange(len(points))[:, None])
    values = {"v [m]": points, "n [-]": np.arange(len(points), dtype=float)}
    read = pv.read(Grid(points, (vertices,)).write(tmp_path / "a.vtu", values))
    np.testing.assert_array_equal(read.points, points)
    np.testing.assert_allclose(read["v [m]"], points, rtol=1e-6)
    np.testing.assert_array_equal(read["n [-]"], np.arange(len(points)))


def test_array_of_exactly_one_block(tmp_path):
    """1 MiB of doubles: the size of the last, full block is written as 0."""
    points = np.zeros((131_072 // 3 + 1, 3))
    values = np.arange(262_144, dtype=np.float32)
    assert values.nbytes == 1 << 20 and encode(values)[0] == "Float32"
    points = np.column_stack([values, 0 * values, 0 * values])
    read = pv.read(
        Grid(points, (CellBlock("vertex", np.arange(len(points))[:, None]),)).write(
            tmp_path / "a.vtu", {"n [-]": values}
        )
    )
    np.testing.assert_array_equal(read["n [-]"], values)


def two_panes():
    lower, upper = one_cell("hex20", "pressure_1"), one_cell("tet10", "thermal")
    blocks = (lower.blocks[0], CellBlock("tet10", upper.blocks[0].nodes + 20, "thermal"))
    return Mesh(np.concatenate([lower.points, upper.points + [0.0, 0.0, 3.0]]), blocks)


def test_series_has_times_panes_and_cracks(tmp_path):
    mesh = two_panes()
    series = FieldSeries(tmp_path, mesh)
    times = [0.0, 12.5, 310.0]
    for i, time in enumerate(times):
        stress = np.zeros((mesh.n_nodes, 6))
        stress[:, 1] = 1e6 * (i + 1)
        data = field_data(temperature=np.full(mesh.n_nodes, 300.0 + time), stress=stress)
        front = Part.polyline(
            "crack C1", np.array([[0.0, 0, 3], [0.1, 0, 3], [0.2, 0, 3.1]]), {"K_I [MPa*m**0.5]": np.ones(3)}
        )
        path = series.add(time, data, parts=[front] if i else [])
        reader = pv.get_reader(path)  # complete after every step
        assert reader.time_values == times[: i + 1]
    reader.set_active_time_value(310.0)
    blocks = reader.read()
    assert len(blocks) == 3
    assert [b.n_cells for b in blocks] == [1, 1, 2]
    assert blocks[0].n_points == 20 and blocks[1].n_points == 10
    np.testing.assert_allclose(blocks[1]["temperature [K]"], 610.0)
    np.testing.assert_allclose(blocks[0]["stress_yy [MPa]"], 3.0)
    np.testing.assert_allclose(blocks[0]["stress_max [MPa]"], 3.0)
    assert blocks[0].field_data["TimeValue"][0] == 310.0
    assert sorted(p.name for p in (tmp_path / "fields").iterdir())[:2] == [
        "run_0000_pressure_1.vtu",
        "run_0000_thermal.vtu",
    ]
    assert 'name="crack C1"' in path.read_text()


def test_a_new_series_does_not_keep_steps_of_an_old_one(tmp_path):
    mesh = two_panes()
    old = FieldSeries(tmp_path, mesh)
    for time in (0.0, 1.0, 2.0):
        old.add(time, field_data(temperature=np.zeros(30)))
    (tmp_path / "fields" / "mine.vtu").write_text("not ours")
    new = FieldSeries(tmp_path, mesh)
    assert [p.name for p in tmp_path.rglob("*.*")] == ["mine.vtu"]
    assert pv.get_reader(new.add(5.0, field_data(temperature=np.zeros(30)))).time_values == [5.0]


def test_regions_can_be_chosen(tmp_path):
    mesh = two_panes()
    path = FieldSeries(tmp_path, mesh, regions=["thermal"]).add(0.0, field_data(temperature=np.arange(30.0)))
    block = pv.get_reader(path).read()[0]
    np.testing.assert_array_equal(block["temperature [K]"], np.arange(20.0, 30.0))


def test_largest_principal_stress():
    """Uniaxial, hydrostatic, pure shear (principal = tau), and a rotated diagonal tensor."""
    stress = np.array([[0, 0, -5.0, 0, 0, 0], [2.0, 2, 2, 0, 0, 0], [0, 0, 0, 0, 0, 3.0], [0, 0, 0, 4.0, 0, 0]])
    np.testing.assert_allclose(largest_principal(stress), [0.0, 2.0, 3.0, 4.0], atol=1e-12)
    q, _ = np.linalg.qr(np.random.default_rng(2).normal(size=(3, 3)))
    t = q @ np.diag([5.0, -1.0, 2.0]) @ q.T
    assert largest_principal(np.array([[t[0, 0], t[1, 1], t[2, 2], t[1, 2], t[0, 2], t[0, 1]]]))[0] == pytest.approx(
        5.0
    )
    assert np.isnan(largest_principal(np.full((1, 6), np.nan)))[0]
    many = np.random.default_rng(3).normal(size=(2000, 6)) * np.logspace(-3, 9, 2000)[:, None]
    exact = np.linalg.eigvalsh(many[:, [[0, 5, 4], [5, 1, 3], [4, 3, 2]]])[:, -1]
    np.testing.assert_allclose(
        largest_principal(many) / np.abs(many).max(axis=1), exact / np.abs(many).max(axis=1), atol=1e-7
    )


def test_not_a_number_survives_as_such(tmp_path):
    mesh = one_cell("tet10")
    values = np.full(10, np.nan)
    read = pv.read(Grid(mesh.points, mesh.blocks).write(tmp_path / "a.vtu", {"temperature [K]": values}))
    assert np.isnan(read["temperature [K]"]).all()


def test_slips_are_named(tmp_path):
    mesh = two_panes()
    series = FieldSeries(tmp_path, mesh)
    with pytest.raises(InputError, match="29 values"):
        series.add(0.0, {"temperature [K]": np.zeros(29)})
    with pytest.raises(InputError, match="no unit"):
        series.add(0.0, {"temperature": np.zeros(30)})
    assert not series.path.exists()
    series.add(1.0, {"temperature [K]": np.zeros(30)})
    with pytest.raises(InputError, match="after 1 s"):
        series.add(1.0, {"temperature [K]": np.zeros(30)})
    with pytest.raises(InputError, match="kind"):
        Grid(mesh.points, (CellBlock("pyramid5", np.zeros((1, 5), dtype=int)),))
    with pytest.raises(InputError, match="node 99"):
        Grid(mesh.points, (CellBlock("line", np.array([[0, 99]])),))


def test_names_are_escaped(tmp_path):
    mesh = one_cell("tet10")
    part = Part.polyline('a "<&> ../b', np.zeros((2, 3)))
    path = FieldSeries(tmp_path, mesh).add(0.0, {'a<b & "c" [K]': np.zeros(10)}, parts=[part])
    assert pv.get_reader(path).read()[0].point_data.keys() == ['a<b & "c" [K]']
    assert all(p.parent == tmp_path / "fields" for p in tmp_path.rglob("*.vtu"))
