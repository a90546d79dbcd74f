"""Influence tables: shapes, interpolation, range, file; no reference values here."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from deadlight.crack import influence_table as tables
from deadlight.crack.factors import face_factors, through_factors
from deadlight.crack.influence import NEAR_SKIN, face_influence, through_influence, unsettled
from deadlight.crack.influence_basis import Basis, projection
from deadlight.crack.influence_front import Front
from deadlight.crack.influence_table import AXES, FOLDER, influence_table
from deadlight.errors import InputError, MachineError

KINDS = ("surface", "corner", "through", "edge")
ALL_AXES = [axis for kind in KINDS for axis in AXES[kind] if axis.count > 1]
PHI = np.radians([10.0, 30.0, 60.0, 90.0, 120.0, 150.0, 170.0])


@pytest.mark.parametrize("kind", KINDS)
def test_monomials_are_exact_sums_of_the_shapes(kind: str) -> None:
    basis = Basis(kind)
    x, z = np.random.default_rng(1).random((2, 40))
    for i, j in basis.modes:
        np.testing.assert_allclose(basis.monomial(i, j) @ basis.values(x, z), x**i * z**j, atol=1e-12)
    with pytest.raises(KeyError, match=r"\^9"):
        basis.monomial(9, 0)


@pytest.mark.parametrize("kind", ["surface", "corner"])
def test_any_polynomial_is_projected_onto_itself(kind: str) -> None:
    fit, basis = projection(kind), Basis(kind)
    wanted = np.random.default_rng(2).normal(size=(3, len(basis.modes)))
    stress = wanted @ basis.values(fit.x, fit.z)
    found = stress @ fit.matrix.T
    np.testing.assert_allclose(found, wanted, atol=1e-9)
    assert fit.departure(stress, found).max() < 1e-10
    assert (fit.z >= 0.0).all() and (fit.x**2 + fit.z**2 < 1.0).all()


@pytest.mark.parametrize("axis", ALL_AXES, ids=lambda a: a.name)
def test_interpolation_is_exact_at_nodes_and_for_polynomials(axis: tables.Axis) -> None:
    np.testing.assert_allclose(axis.weights(axis.nodes), np.eye(axis.count), atol=1e-9)
    between = np.array([axis.plain(v) for v in np.linspace(axis.low, axis.high, 23)])
    at, nodes = (np.array([axis.smooth(v) for v in p]) for p in (between, axis.nodes))
    np.testing.assert_allclose(axis.weights(between) @ nodes**2, at**2, atol=1e-12)
    np.testing.assert_allclose(axis.thinned.nodes, axis.nodes[::2], atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_files_say_how_they_were_made_and_how_good_they_are(kind: str) -> None:
    table = influence_table(kind)
    assert table.facts["checksum"] == tables.checksum(table.values, table.fit_error)
    assert len(table.facts["checks"]) >= 10
    assert 0.0 < table.fit_error[0] - table.facts["plate_error"] < (0.015 if kind == "through" else 0.01)
    assert table.facts["made"] and table.facts["version"] and table.facts["poisson"]
    assert (FOLDER / f"influence_{kind}.npz").stat().st_size < 500e3


@pytest.mark.parametrize("kind", KINDS)
def test_a_saved_table_is_read_as_it_was(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In single precision, as the shipped one is: the checksum is that of what is read."""
    table = influence_table(kind)
    (tmp_path / "data").mkdir()
    table.save(tmp_path / f"data/influence_{kind}.npz")
    monkeypatch.setattr(tables.resources, "files", lambda _: tmp_path)
    again = influence_table.__wrapped__(kind)
    np.testing.assert_array_equal(again.values, table.values)
    np.testing.assert_array_equal(again.fit_error, table.fit_error)
    assert again.values.dtype == np.float64 and again.facts == table.facts


def test_an_axis_holds_its_ends_and_rounding_beyond_them() -> None:
    axis = AXES["through"][0]
    assert axis.holds(0.25) and axis.holds(4.0) and axis.holds(4.0 + 1e-9) and axis.holds(0.25 - 1e-9)
    assert not axis.holds(4.0 + 1e-8) and not axis.holds(0.25 - 1e-8)
    assert (axis.clamped(0.1), axis.clamped(1.0), axis.clamped(9.0)) == (0.25, 1.0, 4.0)
    assert AXES["edge"][1].nodes.tolist() == [0.0] and AXES["edge"][1].weights(0.0).tolist() == [[1.0]]


def test_a_damaged_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = influence_table("corner")
    (tmp_path / "data").mkdir()
    values = table.values.copy()
    values[0, 0, 0, 0, 0] *= 1.001
    tables.InfluenceTable("corner", values, table.fit_error, table.facts).save(tmp_path / "data/influence_corner.npz")
    (tmp_path / "data/influence_surface.npz").write_bytes(b"PK\x03\x04 not a table")
    monkeypatch.setattr(tables.resources, "files", lambda _: tmp_path)
    for kind in ("corner", "surface", "through"):
        with pytest.raises(MachineError, match="remedy"):
            influence_table.__wrapped__(kind)


@pytest.mark.parametrize(
    "given",
    [{"a": 1.0, "c": 6.0}, {"a": 3.0, "c": 1.0}, {"a": 9.5, "c": 10.0}, {"a": 2.0, "c": 2.0, "nu": 0.45}],
)
def test_outside_the_table_is_refused_or_an_alarm(given: dict[str, float]) -> None:
    whole = {"thickness": 10.0, "nu": 0.2, **given}
    with pytest.raises(InputError, match=r"a/c|a/t|nu"):
        face_influence("surface", **whole)
    far = face_influence("surface", **whole, extrapolate=True)
    assert [remark.alarm for remark in far.remarks] == [True]
    assert np.isfinite(far.k(PHI)).all()


@pytest.mark.parametrize("size", [(0.0, 1.0), (1.0, -1.0), (1.0, math.nan), (20.0, 20.0), (1.0, math.inf)])
def test_impossible_sizes_are_refused(size: tuple[float, float]) -> None:
    with pytest.raises(InputError, match="influence of a corner crack"):
        face_influence("corner", a=size[0], c=size[1], thickness=10.0, nu=0.2, extrapolate=True)


def test_mirror_image_and_size() -> None:
    """x -> -x mirrors K; all sizes times s raise K by sqrt(s)."""
    small = face_influence("surface", a=2.0, c=3.0, thickness=5.0, nu=0.22)
    large = face_influence("surface", a=8.0, c=12.0, thickness=20.0, nu=0.22)
    np.testing.assert_allclose(large.k(PHI), 2.0 * small.k(PHI), rtol=1e-12)
    sign = np.array([(-1.0) ** i for i, _ in Basis("surface").modes])
    np.testing.assert_allclose(small.k(np.pi - PHI), sign[:, None] * small.k(PHI), atol=1e-12)


def test_k_is_positive_and_monotone_in_the_stress() -> None:
    """Weight functions are positive: 0 <= z <= 1 and z^2 <= z on the crack carry over to K."""
    for a, c, t in ((0.4, 2.0, 1.0), (1.0, 1.0, math.inf), (0.85, 0.5, 1.0)):
        for kind in ("surface", "corner"):
            crack, phi = face_influence(kind, a=a, c=c, thickness=t, nu=0.17), PHI[:4] if kind == "surface" else PHI[:3]
            one, z, z2, z3 = (crack.monomial(0, j, phi)[0] for j in range(4))
            assert (one > z).all() and (z > z2).all() and (z2 > z3).all() and (z3 > 0.0).all()


def test_through_crack_is_turned_over_and_mirrored() -> None:
    """Parity over the thickness; without a rim the two tips are mirror images."""
    crack = through_influence(c=1.3, ligament=math.inf, thickness=1.0, nu=0.2)
    height = np.linspace(-0.9, 0.9, 7)
    found, modes = crack.missing(height), Basis("through").modes
    for n, (i, j) in enumerate(modes):
        np.testing.assert_allclose(found[:, n, ::-1], (-1.0) ** j * found[:, n], atol=1e-10)
        np.testing.assert_allclose(found[1, n], (-1.0) ** i * found[0, n], atol=1e-6)


def test_a_crack_from_the_rim_has_one_tip() -> None:
    crack = through_influence(c=2.0, ligament=0.0, thickness=1.0, nu=0.2)
    found = crack.missing(np.linspace(-1.0, 1.0, 5))
    assert crack.kind == "edge" and not found[0].any() and found[1].any()
    bending = found[1, Basis("edge").modes.index((0, 1))]
    assert bending[0] < 0.0 < bending[-1]  # the plane image at the rim is too little
    deeper = through_influence(c=8.0, ligament=0.0, thickness=1.0, nu=0.2)
    assert deeper.unsettled[Basis("edge").modes.index((0, 1))] > 0.0 and not crack.unsettled.any()


def test_long_through_cracks_take_the_last_values() -> None:
    height = np.array([0.0, 0.8])
    at, beyond = (through_influence(c=c, ligament=c, thickness=1.0, nu=0.2).missing(height) for c in (4.0, 16.0))
    modes = Basis("through").modes
    np.testing.assert_allclose(beyond[:, modes.index((0, 0))], 2.0 * at[:, modes.index((0, 0))], rtol=1e-9)
    np.testing.assert_allclose(beyond[:, modes.index((0, 2))], at[:, modes.index((0, 2))], rtol=1e-9)
    assert through_influence(c=1.0, ligament=0.01, thickness=1.0, nu=0.2).remarks[0].alarm
    for wrong in ({"c": 0.1}, {"nu": 0.05}, {"c": -1.0}):
        with pytest.raises(InputError):
            through_influence(**{"c": 1.0, "ligament": 1.0, "thickness": 1.0, "nu": 0.2, **wrong})


@pytest.mark.parametrize(("kind", "near"), [("edge", 0.0)] + [("through", near) for near in (0.0, 0.4, 0.6, 0.8, 0.9)])
@pytest.mark.parametrize("nu", [0.1, 0.2, 0.4])
def test_what_is_unsettled_holds_inside_the_tables(kind: str, near: float, nu: float) -> None:
    """Had the tables ended at c/t 2: the change to 3 and 4; stress uniform and linear along the crack."""
    table, front = influence_table(kind), Front(kind).functions(np.linspace(-NEAR_SKIN, NEAR_SKIN, 9)).T
    low = [n for n, (i, j) in enumerate(Basis(kind).modes) if i <= 1 and j <= 1]
    at = table.coefficients(2.0, near, nu) @ front
    for size in (3.0, 4.0):
        change = np.abs(table.coefficients(size, near, nu) @ front - at).max(axis=(0, 2))
        stated = unsettled(table, near, nu, 2.0, size) + table.fit_error
        assert (change[low] <= stated[low]).all(), (size, change[low], stated[low])


def test_factors_are_printed_beside_the_handbook() -> None:
    for made in (face_factors("surface", 0.4, 0.6, 0.3), face_factors("corner", 1.0, 0.0, 0.2)):
        text = str(made)
        assert "Newman & Raju" in text and "crack operator, made 20" in text
        assert len(made.rows) == 11 and made.describe()["columns"][3] == "NR"
    rows = np.array(through_factors(1.0, 0.0, 0.2).rows)
    np.testing.assert_allclose(rows[:, 2], 1.0, atol=2e-3)  # the plane problem of an infinite sheet
    np.testing.assert_allclose(rows[:, 1], rows[:, 5], atol=1e-4)
    with pytest.raises(InputError, match="a/c"):
        face_factors("surface", 0.0, 0.6, 0.3)
