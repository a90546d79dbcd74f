"""Initial stress as a field: read from a table or a VTU, interpolated to the nodes, refused when it cannot be meant."""

import functools

import meshio
import numpy as np
import pytest

from deadlight.case.load import case_hash, load_case
from deadlight.case.paths import file_digests, named_files
from deadlight.chain.loading import pane_stress
from deadlight.chain.outside import environment_of
from deadlight.chain.stress_field import COMPONENTS, StressSamples, carried_by, read_stress
from deadlight.chain.viewport import build_viewport
from deadlight.errors import CaseError, LoadError
from deadlight.mesh.mesh import Mesh
from deadlight.stress.loads import InitialStress
from support_cases import pane, write_case

HEADER = "x [mm],y [mm],z [mm]," + ",".join(f"{name} [MPa]" for name in COMPONENTS)
RADIUS, THICKNESS = 0.1, 0.01  # of the pane of the tests [m]
TEMPER = 69e6
FIELD = '\ninitial_stress = {{ kind = "field", file = "{}"{} }}'


@functools.cache
def glass() -> Mesh:
    return pane().submesh("thermal")[0]


def cylinder(levels: int, *, radius: float = RADIUS) -> np.ndarray:
    """Sample points (n, 3) [m] of a disc: rings of 24 points (hull inside the circle by 0.9 % of R) on equal levels."""
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    flat = np.concatenate([radius * r * np.column_stack([np.cos(angle), np.sin(angle)]) for r in (1e-3, 0.5, 1.0)])
    z = np.linspace(glass().points[:, 2].min(), glass().points[:, 2].max(), levels)
    return np.concatenate([np.column_stack([flat, np.full(len(flat), h)]) for h in z])


def temper(points: np.ndarray) -> np.ndarray:
    """S/2 (1 - 3 s^2) in the plane of the pane (Gardon 1980), as `InitialStress("temper")` has it."""
    s = (2 * points[:, 2] - glass().points[:, 2].max() - glass().points[:, 2].min()) / THICKNESS
    stress = np.zeros((len(points), 6))
    stress[:, :2] = (TEMPER / 2 * (1 - 3 * s**2))[:, None]
    return stress


def straight(points: np.ndarray) -> np.ndarray:
    """A field that linear interpolation holds exactly: six different linear functions [Pa]."""
    return 1e6 * (np.arange(6.0) + points @ np.random.default_rng(1).normal(size=(3, 6)) * 20)


def table(path, points, stress, *, header=HEADER):
    rows = np.column_stack([1e3 * points, stress / 1e6])
    path.write_text(header + "\n" + "\n".join(",".join(f"{v:.9g}" for v in row) for row in rows) + "\n")
    return path


def vtu(path, points, stress, *, names=None):
    data = {name: column for name, column in zip(names or [f"{n} [MPa]" for n in COMPONENTS], stress.T / 1e6)}
    meshio.Mesh(1e3 * points, [("vertex", np.arange(len(points))[:, None])], point_data=data).write(path)
    return path


def box(count=400):
    """Points in and round the pane at random, with the corners of their box."""
    points = np.random.default_rng(2).uniform(-1, 1, (count, 3))
    points = np.vstack([points, [(i, j, k) for i in (-1, 1) for j in (-1, 1) for k in (-1, 1)]])
    middle = glass().points[:, 2].mean()
    return points * [1.1 * RADIUS, 1.1 * RADIUS, 0.6 * THICKNESS] + [0, 0, middle]


@pytest.mark.parametrize("form", ["csv", "vtu"])
def test_a_linear_field_arrives_exactly(tmp_path, form):
    points = box()
    if form == "csv":
        samples = read_stress(table(tmp_path / "s.csv", points, straight(points)))
    else:
        samples = read_stress(vtu(tmp_path / "s.vtu", points, straight(points)), unit="mm")
    np.testing.assert_allclose(samples.points, points, atol=1e-9)
    found = carried_by(glass(), samples, pane="thermal")
    expected = straight(glass().points)
    np.testing.assert_allclose(found.stress.nodal(glass()), expected, atol=1e-6 * np.abs(expected).max())
    assert "farther than 0 mm" in found.note


def test_columns_in_any_order_and_unit(tmp_path):
    points = box(20)
    names = [f"{n} [ksi]" for n in reversed(COMPONENTS)] + ["temperature [K]", "z [in]", "y [m]", "x [cm]"]
    ksi = straight(points)[:, ::-1] / 6.894757293168e6  # 1 ksi in Pa: NIST SP 811, app. B.8
    rows = np.column_stack([ksi, np.full(len(points), 300), points[:, 2] / 0.0254, points[:, 1], 100 * points[:, 0]])
    path = tmp_path / "s.txt"
    path.write_text(";".join(names) + "\n" + "\n".join(";".join(map(repr, row)) for row in rows.tolist()))
    samples = read_stress(path)
    np.testing.assert_allclose(samples.points, points, rtol=1e-12)
    np.testing.assert_allclose(samples.stress, straight(points), rtol=1e-9)


def test_a_parabola_converges_with_the_square_of_the_level_distance():
    """Linear interpolation is off by at most ds^2/8 max|f''| = 3/8 S ds^2; the rim outside the samples included."""
    exact = InitialStress("temper", surface_compression=TEMPER).nodal(glass())
    errors = []
    for levels in (10, 20, 40):  # no level where the mesh has its own
        found = carried_by(glass(), StressSamples(cylinder(levels), temper(cylinder(levels)), "s"), pane="thermal")
        errors.append(np.abs(found.stress.nodal(glass()) - exact).max())
        assert errors[-1] <= 1.01 * 3 / 8 * TEMPER * (2 / (levels - 1)) ** 2
        assert not found.warnings
    assert errors[2] < errors[0] / 12


def case_with(folder, *, stated):
    return load_case(write_case(folder, ('material = "fused_silica"', f'material = "fused_silica"{stated}')))


def test_a_tempered_pane_as_a_field_is_the_temper_profile(tmp_path):
    """The same self-equilibrated parabola by both ways: the same stress history of the pane."""
    table(tmp_path / "stress.csv", cylinder(41), temper(cylinder(41)))
    profile = '\ninitial_stress = { kind = "temper_profile", surface_compression = "69 MPa" }'
    histories = []
    for stated in (profile, FIELD.format("stress.csv", "")):
        case = case_with(tmp_path, stated=stated)
        viewport = build_viewport(case, root=tmp_path)
        time = np.array([0.0, 10.0])
        room = np.full((2, viewport.mesh.n_nodes), 293.15)
        environment = environment_of(viewport, root=tmp_path)
        histories.append(pane_stress(viewport, case.panes[0], environment, time=time, temperature=room))
    a, b = (h.stress(0) for h in histories)
    assert np.abs(a).max() > 0.9 * TEMPER
    assert np.abs(a - b).max() < 0.005 * TEMPER
    assert viewport.notes[0].startswith("initial stress of thermal: 2952 samples of stress.csv, up to 69 MPa")
    assert viewport.notes[0] in viewport.text()


def test_nodes_outside_the_samples_take_the_edge_of_them():
    """A field of z only, known to 0.9 R: the rim keeps its profile, and how far it was carried is said."""
    points = cylinder(41, radius=0.9 * RADIUS)
    found = carried_by(glass(), StressSamples(points, temper(points), "s"), pane="thermal")
    exact = InitialStress("temper", surface_compression=TEMPER).nodal(glass())
    assert np.abs(found.stress.nodal(glass()) - exact).max() < 0.005 * TEMPER
    (warning,) = found.warnings
    assert warning.alarm
    assert "outside the samples (more than 0.1 of the thickness)" in warning
    told = float(found.note.split("farther than ")[1].split()[0])  # to a circle of 0.9 R, or to the chord of its 24-gon
    assert 0.1 * RADIUS <= told / 1e3 <= RADIUS * (1 - 0.9 * np.cos(np.pi / 24)) + 5e-5  # to three digits


def test_samples_that_do_not_reach_the_faces_are_said():
    """Samples end 0.05 of the thickness below the faces: there the parabola is short of 3 S ds = 0.3 S, nearly."""
    points = cylinder(41)
    middle = glass().points[:, 2].mean()
    points = (points - [0, 0, middle]) * [1, 1, 0.9] + [0, 0, middle]
    (warning,) = carried_by(glass(), StressSamples(points, temper(points), "s"), pane="thermal").warnings
    assert warning.alarm
    assert "0.5 mm above or below the samples" in warning


def test_doubtful_samples_are_said():
    points = cylinder(4)
    (sparse,) = carried_by(glass(), StressSamples(points, temper(points), "s"), pane="thermal").warnings
    assert sparse.alarm
    assert "3.33 mm apart through the thickness" in sparse
    fine = cylinder(21)
    (weak,) = carried_by(glass(), StressSamples(fine, temper(fine) / 1e6, "s"), pane="thermal").warnings
    assert "at most 69 Pa; is the unit" in weak
    twice = StressSamples(np.vstack([fine, fine]), np.vstack([temper(fine), 1.2 * temper(fine)]), "s")
    double = carried_by(glass(), twice, pane="thermal")
    assert "differ by up to 13.8 MPa; averaged" in double.warnings[0]
    once = carried_by(glass(), StressSamples(fine, 1.1 * temper(fine), "s"), pane="thermal")
    np.testing.assert_allclose(double.stress.field, once.stress.field, atol=1.0)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("stress_yz [MPa]", "s_yz [MPa]", 'no column "stress_yz"'),
        ("y [mm]", "y", 'column "y" has no unit'),
        ("stress_xx [MPa]", "stress_xx", 'column "stress_xx" has no unit'),
        ("stress_xx [MPa]", "stress_xx [mm]", "expected a quantity in Pa"),
        ("x [mm],", "x [mm],x [m],", 'columns "x [mm]" and "x [m]"'),
        ("stress_xx [MPa]", "stress_xx [GPa]", "a stress of 6.9e+04 MPa"),
        ("\n100,", "\nnan,", "a finite number in every row"),
        ("\n100,", "\nten,", 'found "ten" in column "x [mm]"'),
    ],
)
def test_a_table_at_fault_is_refused(tmp_path, old, new, said):
    path = table(tmp_path / "s.csv", cylinder(5), temper(cylinder(5)))
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(LoadError) as caught:
        read_stress(path)
    assert said in f"{caught.value}"
    assert "s.csv" in caught.value.place
    assert caught.value.remedy


def test_a_vtu_at_fault_is_refused(tmp_path):
    points, stress = cylinder(5), temper(cylinder(5))
    names = [f"{n} [MPa]" for n in COMPONENTS]
    for k, (changed, said) in enumerate(
        [([*names[:5], "sxy"], 'no point data "stress_xy"'), ([*names[:5], "stress_xy"], "has no unit")]
    ):
        with pytest.raises(LoadError, match=said):
            read_stress(vtu(tmp_path / f"{k}.vtu", points, stress, names=changed), unit="mm")
    lost = stress.copy()
    lost[7, 0] = np.nan
    with pytest.raises(LoadError, match="the first is point 7"):
        read_stress(vtu(tmp_path / "nan.vtu", points, lost), unit="mm")
    whole = vtu(tmp_path / "cut.vtu", points, stress)
    whole.write_bytes(whole.read_bytes()[:-300])
    with pytest.raises(LoadError, match="truncated"):
        read_stress(whole, unit="mm")


def test_samples_that_do_not_fill_the_pane_are_refused():
    points = cylinder(5)
    flat = points * [1, 1, 0] + [0, 0, points[:, 2].mean()]
    with pytest.raises(LoadError, match="in one plane"):
        carried_by(glass(), StressSamples(flat, temper(points), "s"), pane="thermal")
    with pytest.raises(LoadError, match="0 samples at the height of the pane thermal") as caught:
        carried_by(glass(), StressSamples(points + [0, 0, 0.1], temper(points), "s"), pane="thermal")
    assert "origin of the mesh" in caught.value.remedy


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ('\ninitial_stress = { kind = "field" }', "field needs file"),
        ('\ninitial_stress = { kind = "none", file = "stress.csv" }', "only field takes it"),
        (FIELD.format("stress.csv", ', surface_compression = "69 MPa"'), "only temper_profile takes it"),
        (FIELD.format("stress.csv", ', unit = "mm"'), "takes no unit here"),
        (FIELD.format("stress.vtu", ""), 'unit = "mm"'),
        (FIELD.format("stress.xlsx", ""), "expected a table"),
        (FIELD.format("none.csv", ""), "does not exist"),
        (FIELD.format("../secret.csv", ""), "lies outside"),
    ],
)
def test_a_case_at_fault_is_refused(tmp_path, stated, said):
    table(tmp_path / "secret.csv", cylinder(2), temper(cylinder(2)))
    table(tmp_path / "stress.csv", cylinder(2), temper(cylinder(2)))
    with pytest.raises(CaseError) as caught:
        case_with(tmp_path / "case", stated=stated)
    assert said in str(caught.value)


def test_the_field_is_part_of_the_case(tmp_path):
    """Another field is another case: its bytes are in the hash."""
    path = table(tmp_path / "stress.csv", cylinder(3), temper(cylinder(3)))
    case = case_with(tmp_path, stated=FIELD.format("stress.csv", ""))
    hashes = []
    for factor in (1.0, 2.0):
        table(path, cylinder(3), factor * temper(cylinder(3)))
        files = named_files(case, tmp_path)
        assert files["stress.csv"] == path.resolve()
        hashes.append(case_hash(case, version="0", files=file_digests(case, tmp_path)))
    assert hashes[0] != hashes[1]
