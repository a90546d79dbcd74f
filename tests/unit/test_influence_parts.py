"""Parts of the influence tables: shapes, front functions, errors and their limits, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.linalg import null_space
from scipy.special import ellipe

from deadlight.crack.influence import (
    CARRIED,
    FaceInfluence,
    ThroughInfluence,
    along_fit,
    face_influence,
    through_influence,
    unsettled,
)
from deadlight.crack.influence_basis import ACROSS, ALONG, DEGREE, Basis, projection
from deadlight.crack.influence_front import Front, embedded
from deadlight.crack.influence_table import AXES, InfluenceTable, influence_table
from deadlight.errors import InputError

LOG2 = math.log(2.0)


@pytest.mark.parametrize("kind", ["through", "edge"])
def test_a_polynomial_over_a_through_crack_s_rectangle_is_projected_onto_itself(kind: str) -> None:
    """Points denser towards the tips (Chebyshev's), Gauss's over the thickness: the weights add up to one."""
    fit, basis = projection(kind), Basis(kind)  # type: ignore[arg-type]
    wanted = np.random.default_rng(5).normal(size=(2, len(basis.modes)))
    np.testing.assert_allclose((wanted @ basis.values(fit.x, fit.z)) @ fit.matrix.T, wanted, atol=1e-9)
    assert fit.weight.sum() == pytest.approx(1.0) and len(fit.x) == 12 * 24
    # means over the rectangle with the tips' weight 1/sqrt(1 - x^2): 1/2 of x^2, 1/3 of z^2, nothing of x, z
    assert fit.weight @ fit.x**2 == pytest.approx(0.5) and fit.weight @ fit.z**2 == pytest.approx(1.0 / 3.0)
    assert fit.weight @ fit.x == pytest.approx(0.0, abs=1e-12) and fit.weight @ fit.z == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(("kind", "turn"), [("surface", math.pi), ("corner", 0.5 * math.pi)])
def test_an_ellipse_s_points_weigh_what_lies_near_the_front_most(kind: str, turn: float) -> None:
    """Weight r/sqrt(1 - r^2) dr dphi: the mean of r^2 is 2/3, of r pi/4, of sin phi 2/pi."""
    fit = projection(kind)  # type: ignore[arg-type]
    r, phi = np.hypot(fit.x, fit.z), np.arctan2(fit.z, fit.x)
    assert fit.weight @ r**2 == pytest.approx(2.0 / 3.0)
    assert fit.weight @ r == pytest.approx(0.25 * math.pi, rel=1e-3)
    assert fit.weight @ phi == pytest.approx(0.5 * turn) and phi.max() < turn
    assert fit.weight @ fit.z == pytest.approx(0.25 * math.pi * 2.0 / math.pi, rel=1e-3)


def test_what_the_shapes_do_not_hold_is_their_root_mean_square_departure() -> None:
    """A stress orthogonal to all of them departs by its own root mean square."""
    fit = projection("surface")
    assert len(Basis("surface").modes) == (DEGREE + 1) * (DEGREE + 2) // 2
    assert len(Basis("through").modes) == (ALONG + 1) * (ACROSS + 1)
    stress = np.random.default_rng(1).normal(size=(2, len(fit.x)))
    found = fit.departure(stress, np.zeros((2, len(fit.shapes))))
    np.testing.assert_allclose(found, np.sqrt((stress**2 * fit.weight).sum(axis=1)))
    best = fit.departure(stress, stress @ fit.matrix.T)
    assert (best < found).all() and (best > 0.0).all()


@pytest.mark.parametrize("kind", ["surface", "corner", "through", "edge"])
def test_the_front_s_functions_fit_themselves(kind: str) -> None:
    """And with one point more than terms the departures, times their weights squared, are orthogonal to all of them.

    Points in end elements weigh a tenth.
    """
    front = Front(kind)  # type: ignore[arg-type]
    count, top = front.terms + 1, {"surface": math.pi, "corner": 0.5 * math.pi}.get(kind)
    spread = np.cos(np.pi * (np.arange(count) + 0.5) / count)
    place = 0.5 * top * (1.0 - spread) if top else spread
    functions = front.functions(place)
    wanted = np.random.default_rng(7).normal(size=(2, front.terms))
    vertex = np.zeros(count, dtype=bool)
    vertex[[0, -1]] = True
    np.testing.assert_allclose(front.coefficients(place, wanted @ functions.T, vertex), wanted, atol=1e-6)
    values = np.cos(np.arange(count))[None]
    left = (values - front.coefficients(place, values, vertex) @ functions.T)[0]
    across = null_space(functions.T)[:, 0]
    weighed = left * np.where(vertex, 0.01, 1.0)
    np.testing.assert_allclose(weighed, across * (across @ weighed), atol=1e-6 * np.abs(weighed).max())


def test_the_front_s_functions_are_chebyshev_s() -> None:
    """Surface: of 2 sin - 1, then times cos; corner: of 4 phi/pi - 1; through: of the height. T2 = 2 x^2 - 1."""
    phi = np.array([0.4])
    s = 2.0 * math.sin(0.4) - 1.0
    surface = Front("surface").functions(phi)[0]
    np.testing.assert_allclose(surface[:3], [1.0, s, 2.0 * s * s - 1.0])
    np.testing.assert_allclose(surface[8:11], math.cos(0.4) * surface[:3])
    u = 1.6 / math.pi - 1.0
    np.testing.assert_allclose(Front("corner").functions(phi)[0][:3], [1.0, u, 2.0 * u * u - 1.0])
    np.testing.assert_allclose(Front("through").functions(phi)[0][:3], [1.0, 0.4, 2.0 * 0.16 - 1.0])


def test_an_ellipse_in_a_solid_is_green_and_sneddon_s() -> None:
    """a/c 0.5: sqrt(pi a)/E(k) at the deepest point, times sqrt(a/c) at the ends; turned by 90 degrees for a > c."""
    e = float(ellipe(0.75))
    phi = np.array([0.0, 0.3, 0.5 * math.pi])
    flat, steep = embedded(2.0, 4.0, phi), embedded(4.0, 2.0, 0.5 * math.pi - phi)
    assert flat[2] == pytest.approx(math.sqrt(2.0 * math.pi) / e)
    assert flat[0] == pytest.approx(math.sqrt(2.0 * math.pi) / e * math.sqrt(0.5))
    middle = (math.sin(0.3) ** 2 + 0.25 * math.cos(0.3) ** 2) ** 0.25
    assert flat[1] == pytest.approx(math.sqrt(2.0 * math.pi) / e * middle)
    np.testing.assert_allclose(steep, flat, rtol=1e-12)
    np.testing.assert_allclose(embedded(3.0, 3.0, phi), 2.0 * math.sqrt(3.0 / math.pi))


def linear_table(kind: str, weights: tuple[float, float, float]) -> InfluenceTable:
    """Values that are a linear function of the axes' smooth variables."""
    axes = AXES[kind]  # type: ignore[index]
    modes, terms = len(Basis(kind).modes), Front(kind).terms  # type: ignore[arg-type]
    one, two, three = ([axis.smooth(v) for v in axis.nodes] for axis in axes)
    grid = (
        weights[0] * np.array(one)[:, None, None] + weights[1] * np.array(two)[:, None] + weights[2] * np.array(three)
    )
    tips = {"through": (2,), "edge": (1,)}.get(kind, ())
    shape = (1,) * (len(tips) + 2)
    values = grid.reshape(*grid.shape, *shape) * np.ones((*tips, modes, terms))
    return InfluenceTable(kind, values, np.zeros(modes), {})  # type: ignore[arg-type]


def test_a_table_is_read_by_its_smooth_variables() -> None:
    """Linear in log(a/c), (a/t)^2 and nu."""
    table = linear_table("surface", (2.0, 3.0, 5.0))
    found = table.coefficients(0.7, 0.6, 0.23)
    assert found.shape == (28, 16)
    np.testing.assert_allclose(found, 2.0 * math.log(0.7) + 3.0 * 0.36 + 5.0 * 0.23, rtol=1e-10)
    with pytest.raises(InputError, match=r"a/t = 0\.95"):
        table.coefficients(0.7, 0.95, 0.23)
    edge = linear_table("edge", (2.0, 0.0, 5.0))
    np.testing.assert_allclose(edge.coefficients(1.5, 0.0, 0.3), 2.0 * math.log(1.5) + 1.5, rtol=1e-10)


@pytest.mark.parametrize(("kind", "first", "last", "count"), [
    ("surface", 10.0, 90.0, 17), ("corner", 10.0, 80.0, 17), ("through", -0.9, 0.9, 19), ("edge", -0.9, 0.9, 19),
])  # fmt: skip
def test_the_fit_is_checked_off_the_free_faces(kind: str, first: float, last: float, count: int) -> None:
    found = influence_table(kind).places  # type: ignore[arg-type]
    shown = np.degrees(found) if kind in ("surface", "corner") else found
    assert (shown[0], shown[-1], len(found)) == (pytest.approx(first), pytest.approx(last), count)


def test_errors_are_scaled_by_uniform_stress() -> None:
    """Surface and corner cracks: K of uniform stress over the embedded ellipse's; through cracks: 1 at both tips."""
    table = influence_table("surface")
    phi = table.places
    crack = face_influence("surface", a=1.0, c=2.0, thickness=2.5, nu=0.2)
    expected = crack.k(phi)[0] / embedded(1.0, 2.0, phi)
    np.testing.assert_allclose(table.uniform(0.5, 0.4, 0.2, phi), expected, rtol=1e-10)
    through = influence_table("through")
    assert through.uniform(1.0, 0.5, 0.2, through.places).tolist() == [[1.0] * 19] * 2


def made(kind: str, fit_error: list[float]) -> FaceInfluence:
    """K of every shape is that of the embedded ellipse times 2 for the first, 1 for the second."""
    modes, terms = len(Basis(kind).modes), Front(kind).terms  # type: ignore[arg-type]
    coefficients = np.zeros((modes, terms))
    coefficients[0, 0], coefficients[1, 0] = 2.0, 1.0
    error = np.zeros(modes)
    error[:2] = fit_error
    return FaceInfluence(kind, 1.0, 2.0, 4.0, 0.2, coefficients, error)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["surface", "corner"])
def test_the_error_of_k_is_that_of_the_fits_and_of_what_is_carried_to_a_free_face(kind: str) -> None:
    """Stress 3 and -4 of the first two shapes with errors 0.01 and 0.02 of uniform: K 2 E, error 0.11 times 2 E.

    Nearer than 10 degrees to a face 3 % of K more; a corner crack has two of them.
    """
    crack = made(kind, [0.01, 0.02])
    phi = np.radians([0.0, 9.99, 10.0, 45.0, 80.0, 80.01, 90.0])
    unit = embedded(1.0, 2.0, phi)
    stress = np.zeros((1, len(crack.fit_error)))
    stress[0, :2] = 3.0, -4.0
    k, error = crack.total(stress, phi)
    np.testing.assert_allclose(k[0], 2.0 * unit)
    near = np.array([1, 1, 0, 0, 0, 1, 1] if kind == "corner" else [1, 1, 0, 0, 0, 0, 0])
    np.testing.assert_allclose(error[0], 0.11 * 2.0 * unit + CARRIED * near * 2.0 * unit)
    one, its = crack.total(stress, phi, row=0)
    np.testing.assert_array_equal(one, k[0])
    np.testing.assert_array_equal(its, error[0])


def test_bending_is_uniform_less_twice_the_depth_s_share_of_linear() -> None:
    """1 - 2 z/t = 1 - 2 (a/t) (z/a), by superposition."""
    crack = face_influence("surface", a=1.0, c=2.0, thickness=2.5, nu=0.2)
    phi = np.radians([20.0, 90.0])
    expected = crack.monomial(0, 0, phi)[0] - 0.8 * crack.monomial(0, 1, phi)[0]
    np.testing.assert_allclose(crack.bending(phi)[0], expected, rtol=1e-10)
    # F of an ellipse in a solid is 1 at the end of its smaller half axis by sqrt(pi a), a the depth
    assert crack.factor(embedded(1.0, 2.0, phi))[1] == pytest.approx(1.0)
    steep = face_influence("surface", a=2.0, c=1.0, thickness=5.0, nu=0.2)
    assert steep.factor(embedded(2.0, 1.0, np.zeros(1)))[0] == pytest.approx(math.sqrt(0.5))


@pytest.mark.parametrize(
    ("given", "asked", "said"),
    [
        ({"a": 1.0, "c": 10.0}, {"a": 1.0, "c": 5.0}, "a/c = 0.1 outside 0.2 ... 2 of"),
        ({"a": 1.0, "c": 0.25}, {"a": 1.0, "c": 0.5}, "a/c = 4 outside 0.2 ... 2 of"),
    ],
)
def test_outside_the_tables_the_nearest_geometry_is_taken_at_its_own_size(
    given: dict[str, float], asked: dict[str, float], said: str
) -> None:
    far = face_influence("surface", thickness=4.0, nu=0.2, extrapolate=True, **given)
    near = face_influence("surface", thickness=4.0, nu=0.2, **asked)
    np.testing.assert_allclose(far.coefficients, near.coefficients, rtol=1e-12)
    assert said in far.remarks[0] and far.remarks[0].alarm and (far.a, far.c) == (given["a"], given["c"])
    assert near.remarks == () == face_influence("surface", thickness=4.0, nu=0.2, extrapolate=True, **asked).remarks


def test_both_that_are_outside_are_named() -> None:
    found = face_influence("corner", a=1.0, c=10.0, thickness=1.01, nu=0.45, extrapolate=True)
    assert all(text in found.remarks[0] for text in ("a/c = 0.1", "a/t = 0.99", "nu = 0.45", "corner cracks"))


@pytest.mark.parametrize(
    "wrong",
    [{"a": 0.0}, {"c": 0.0}, {"a": -1.0}, {"c": -1.0}, {"thickness": 1.0}, {"thickness": 0.9}, {"c": math.inf}],
)
def test_a_face_crack_that_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError, match="positive sizes, a less than the thickness"):
        face_influence("surface", **{"a": 1.0, "c": 2.0, "thickness": 4.0, "nu": 0.2, "extrapolate": True} | wrong)


@pytest.mark.parametrize(
    "wrong", [{"c": 0.0}, {"c": math.inf}, {"ligament": -1e-9}, {"thickness": 0.0}, {"c": math.nan}]
)
def test_a_through_crack_that_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError, match="influence of a through crack"):
        through_influence(**{"c": 1.0, "ligament": 1.0, "thickness": 1.0, "nu": 0.2} | wrong)


def test_every_doubling_beyond_the_tables_may_change_as_much_as_the_last_one_did() -> None:
    """Values 2 log(c/t): a doubling changes 2 log 2 in every one of the terms, at the skin where all of them are 1.

    Parts in equilibrium with themselves over the thickness (j >= 2) have settled.
    """
    table = linear_table("through", (2.0, 0.0, 0.0))
    found = unsettled(table, 0.3, 0.2, 4.0, 16.0)
    across = np.array([j for _, j in Basis("through").modes])
    np.testing.assert_allclose(found[across <= 1], 2.0 * 2.0 * LOG2 * Front("through").terms, rtol=1e-9)
    assert not found[across >= 2].any()
    np.testing.assert_allclose(unsettled(table, 0.3, 0.2, 4.0, 8.0), 0.5 * found)
    assert not unsettled(table, 0.3, 0.2, 4.0, 4.0).any()


def test_the_error_of_a_through_crack_adds_what_may_not_have_settled() -> None:
    """|3| 0.01 + |-4| 0.02 and |3| 0.1 of sqrt(pi c), c = 4/pi."""
    count = len(Basis("through").modes)
    error, beyond, stress = np.zeros(count), np.zeros(count), np.zeros((1, count))
    error[:2], beyond[0], stress[0, :2] = (0.01, 0.02), 0.1, (3.0, -4.0)
    crack = ThroughInfluence("through", 4.0 / math.pi, 1.0, 1.0, 0.2, np.zeros((2, count, 9)), error, beyond)
    assert crack.error(stress) == pytest.approx([2.0 * (0.11 + 0.3)]) and crack.beyond(stress) == pytest.approx([0.6])


def test_what_a_stress_across_the_thickness_adds_stops_growing_with_the_crack() -> None:
    """sqrt(pi c) up to c/t = 4, then sqrt(4 pi t) for j >= 2; sqrt(pi c) for stretching and bending."""
    count, t = len(Basis("through").modes), 0.5
    one = np.zeros((2, count, 9))
    one[:, :, 0] = 1.0
    across = np.array([j for _, j in Basis("through").modes])
    for c, settled in ((1.0, 1.0), (8.0, 2.0)):
        found = ThroughInfluence("through", c, 1.0, t, 0.2, one, np.zeros(count), np.zeros(count)).missing(np.zeros(1))
        np.testing.assert_allclose(found[:, across < 2], math.sqrt(math.pi * c))
        np.testing.assert_allclose(found[:, across >= 2], math.sqrt(math.pi * settled))


def test_a_ligament_shorter_than_the_tables_hold_is_taken_at_their_end_with_an_alarm() -> None:
    """c/(c + ligament) above 0.9: the values at 0.9; what else is outside is refused all the same."""
    near = through_influence(c=1.0, ligament=0.05, thickness=1.0, nu=0.2)
    end = through_influence(c=1.0, ligament=1.0 / 0.9 - 1.0, thickness=1.0, nu=0.2)
    np.testing.assert_allclose(near.coefficients, end.coefficients, rtol=1e-7)
    assert near.remarks[0].alarm and "c/(c + ligament) = 0.952" in near.remarks[0] and end.remarks == ()
    for wrong in ({"nu": 0.45}, {"c": 0.1, "ligament": 0.005}):
        with pytest.raises(InputError):
            through_influence(**{"c": 1.0, "ligament": 0.05, "thickness": 1.0, "nu": 0.2} | wrong)


def test_a_polynomial_along_the_crack_is_fitted_by_itself_and_x_points_to_the_rim() -> None:
    """x = (middle - depth)/c."""
    node, weight = np.polynomial.legendre.leggauss(12)
    depth = 5.0 + 2.0 * node
    fit = along_fit(depth, weight, 5.0, 2.0)
    assert fit.shape == (ALONG + 1, 12)
    x = (5.0 - depth) / 2.0
    np.testing.assert_allclose(fit @ (3.0 - 2.0 * x + 0.5 * (3.0 * x**2 - 1.0)), [3.0, -2.0, 1.0, 0.0, 0.0], atol=1e-10)


def test_the_fit_along_the_crack_has_chebyshev_s_weight() -> None:
    """Of T5 nothing is left: Chebyshev's polynomials are orthogonal under it."""
    turn = np.pi * (np.arange(60) + 0.5) / 60
    x = np.cos(turn)
    fit = along_fit(-x, np.sin(turn), 0.0, 1.0)
    assert np.abs(fit @ np.cos(5.0 * turn)).max() < 2e-2
    assert np.abs(fit @ np.cos(4.0 * turn)).max() > 0.5
