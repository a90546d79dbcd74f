"""Influence tables against the crack operator, own half-space solutions, and conforming and published values."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import erfc

from deadlight.crack.face_problem import WIDTH_SHARE
from deadlight.crack.influence import CARRIED, NEAR_SKIN, face_influence, shape_projection, through_influence
from deadlight.crack.influence_basis import WHOLE, Basis
from deadlight.crack.influence_front import Front, embedded
from deadlight.crack.influence_runs import edge_run, face_run, through_run
from deadlight.crack.influence_table import influence_table
from deadlight.crack.newman_raju import PlateCrack, width_factor
from deadlight.operator.intensity import stress_intensity
from deadlight.surface.body import disc
from deadlight.surface.sheet import Sheet

HEIGHT = np.linspace(-0.9, 0.9, 13)
DEGREES = (10.0, 20.0, 30.0, 45.0, 60.0, 75.0, 90.0)
HALF_SPACE = [
    (1.0, 0.3, 0, (0.72087, 0.69667, 0.68217, 0.66948, 0.66268, 0.65929, 0.65825)),
    (1.0, 0.3, 1, (0.16616, 0.22027, 0.2757, 0.35257, 0.41366, 0.45274, 0.46617)),
    (0.6, 0.22, 0, (0.70503, 0.7012, 0.71747, 0.75315, 0.7863, 0.8084, 0.81609)),
    (0.6, 0.22, 1, (0.15641, 0.2111, 0.27457, 0.37355, 0.46074, 0.52018, 0.54124)),
]


@pytest.mark.parametrize(("a_c", "nu", "power", "wanted"), HALF_SPACE)
def test_half_space(a_c: float, nu: float, power: int, wanted: tuple[float, ...]) -> None:
    """K/(s sqrt(pi a)), own Mindlin-based hypersingular solution: 0.3 % of K of uniform stress."""
    crack = face_influence("surface", a=1.0, c=1.0 / a_c, thickness=math.inf, nu=nu)
    k, error = crack.monomial(0, power, np.radians(DEGREES))
    off = np.abs(k / math.sqrt(math.pi) - wanted) / 0.7
    assert off.max() < 0.003
    assert (error < 0.02 * math.sqrt(math.pi)).all()


def test_half_space_steep_gradient() -> None:
    """sigma = erfc(0.5 z/a), least squares over the crack: 0.3 %."""
    crack, fit = face_influence("surface", a=1.0, c=1.0, thickness=math.inf, nu=0.3), shape_projection("surface")
    coefficients = fit.matrix @ erfc(0.5 * fit.z)
    k, _ = crack.total(coefficients[None], np.radians(DEGREES), row=0)
    wanted = np.array([0.62846, 0.57436, 0.52989, 0.47706, 0.43976, 0.4176, 0.41025])
    off = np.abs(k / math.sqrt(math.pi) / wanted - 1.0)
    assert off.max() < 0.003


@pytest.mark.parametrize(
    ("a_c", "ratio", "plate"),
    [
        (0.4, (0.3125, 0.358, 0.476, 0.634), (0.0025, 0.0022, 0.0013, -0.0004)),
        (1.0, (0.1757, 0.234, 0.390, 0.599), (0.0007, 0.0007, 0.0005, 0.0)),
    ],
)
def test_bending_over_tension_of_a_deep_crack(a_c: float, ratio: tuple[float, ...], plate: tuple[float, ...]) -> None:
    """a/t 0.6, nu 0.3 at 90, 67.5, 45, 22.5 degrees: conforming quadratic finite elements (Newman-Raju 0.290, 0.185).

    Their plate ended 10 t from the crack: `plate` is what that adds, the operator in that block less the operator in a
    disc of 30 t.  0.5 % of K of uniform stress; the elements' own K still rose by 2 % on the last refinement.
    """
    crack = face_influence("surface", a=0.6, c=0.6 / a_c, thickness=1.0, nu=0.3)
    phi = np.radians([90.0, 67.5, 45.0, 22.5])
    found = crack.bending(phi)[0] / crack.monomial(0, 0, phi)[0]
    np.testing.assert_allclose(found + plate, ratio, atol=0.005)


@pytest.mark.reference("Raju & Newman 1979, Eng. Fract. Mech. 11:817")
@pytest.mark.parametrize(
    ("a_c", "a_t", "deepest"),
    [(0.4, 0.2, 1.138), (0.4, 0.4, 1.225), (0.4, 0.6, 1.370), (1.0, 0.2, 1.049), (1.0, 0.4, 1.062), (1.0, 0.6, 1.107)],
)
def test_tension_against_raju_and_newman_s_finite_elements(a_c: float, a_t: float, deepest: float) -> None:
    """Raju & Newman 1979, nu 0.3, deepest point: their own scatter of about 3 %."""
    crack = face_influence("surface", a=a_t, c=a_t / a_c, thickness=1.0, nu=0.3)
    assert crack.factor(crack.monomial(0, 0, np.array([0.5 * math.pi]))[0])[0] == pytest.approx(deepest, rel=0.035)


@pytest.mark.reference("Koiter 1965, J. Appl. Mech. 32:237")
def test_long_shallow_crack_is_below_the_edge_crack() -> None:
    """a/c 0.2 in a half-space: below the edge crack's 1.1215 (Koiter), above the penny-shaped one's 1.03."""
    crack = face_influence("surface", a=1.0, c=5.0, thickness=math.inf, nu=0.3)
    k = crack.monomial(0, 0, np.array([0.5 * math.pi]))[0][0] / math.sqrt(math.pi)
    assert 1.02 < k < 1.1215


def test_corner_crack_in_a_quarter_space_is_symmetric() -> None:
    """a/t 0: swapping a and c mirrors K about 45 degrees."""
    one, two = (face_influence("corner", a=a, c=1.0 / a, thickness=math.inf, nu=0.25) for a in (1.2, 1.0 / 1.2))
    phi = np.radians([15.0, 30.0, 45.0, 60.0, 75.0])
    np.testing.assert_allclose(one.monomial(0, 0, phi)[0], two.monomial(0, 0, phi[::-1])[0], rtol=0.005)
    np.testing.assert_allclose(one.monomial(1, 0, phi)[0], two.monomial(0, 1, phi[::-1])[0], rtol=0.02)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "a_c", "a_t", "nu"), [("surface", 1.4, 0.5, 0.17), ("corner", 0.8, 0.55, 0.2)])
def test_face_cracks_against_the_operator(kind: str, a_c: float, a_t: float, nu: float) -> None:
    """A geometry that is no node, on a finer mesh: uniform and linear stress 0.7 % of K of uniform stress."""
    crack = face_influence(kind, a=1.0, c=1.0 / a_c, thickness=1.0 / a_t, nu=nu)
    phi = np.radians([12.0, 30.0, 50.0, 70.0, 78.0])
    direct = face_run(kind, a_c, a_t, (nu,), refine=1.5)[0] @ Front(kind).functions(phi).T
    direct *= embedded(1.0, 1.0 / a_c, phi)
    found = crack.k(phi)
    low = [n for n, (i, j) in enumerate(Basis(kind).modes) if i + j <= 1]
    assert np.abs((found - direct)[low] / found[0]).max() < 0.007


@pytest.mark.slow
def test_edge_crack_against_the_operator() -> None:
    """Depth 3 t from the rim; bending there is a fifth above what the plane image gives."""
    crack = through_influence(c=1.5, ligament=0.0, thickness=1.0, nu=0.2)
    direct = _without_end(lambda fine: edge_run(1.5, (0.2,), refine=fine)[0]) @ Front("edge").functions(HEIGHT).T
    off = np.abs(crack.missing(HEIGHT)[1:] / math.sqrt(math.pi * 1.5) - direct)
    _stated_error_holds(off, crack.fit_error)


@pytest.mark.slow
def test_through_crack_against_the_operator() -> None:
    crack = through_influence(c=1.7, ligament=1.2, thickness=1.0, nu=0.2)
    direct = _without_end(lambda fine: through_run(1.7, 1.7 / 2.9, (0.2,), refine=fine)[0])
    direct = direct @ Front("through").functions(HEIGHT).T
    off = np.abs(crack.missing(HEIGHT) / math.sqrt(math.pi * 1.7) - direct)
    _stated_error_holds(off, crack.fit_error)


def _without_end(run: Callable[[float], np.ndarray]) -> np.ndarray:
    """Extrapolated to a mesh without end, second order: at fineness 1.5 a stress of high degree is still 0.8 % off."""
    coarse, fine = run(1.5), run(2.2)
    return fine + (fine - coarse) / ((2.2 / 1.5) ** 2 - 1.0)


def _stated_error_holds(off: np.ndarray, stated: np.ndarray) -> None:
    """Every shape (tips, n_modes, heights) within the error that the tables state for it, at a geometry of no check."""
    inside = np.abs(HEIGHT) <= NEAR_SKIN
    assert (off[..., inside] <= stated[:, None]).all()
    assert (off[..., ~inside] <= stated[:, None] + CARRIED).all()


@pytest.mark.parametrize("kind", ["surface", "corner", "through", "edge"])
def test_stated_fit_error_is_that_of_the_checks(kind: str) -> None:
    """The checks cover the table; uniform stress holds 2 %, next to a skin of a through crack what is stated there.

    2.5 % for a through crack shorter than a thickness with a tip within a tenth of one from the rim.
    """
    table = influence_table(kind)
    checks = np.array(table.facts["checks"])
    assert np.ptp(checks[:, 0]) > 1.2 and np.ptp(checks[:, 2]) > 0.15
    short = (checks[:, 0] < 0.5) & (checks[:, 1] > 0.8) & (kind == "through")
    inside, whole = (np.array(table.facts[name]) for name in ("check_errors_inside", "check_errors"))
    assert inside[~short].max() < 0.02 and inside.max() < 0.025
    assert whole.max() < (table.fit_error[0] + CARRIED if kind in WHOLE else 0.02)
    assert (table.fit_error < 0.05).all()


@pytest.mark.reference("Newman & Raju 1981, Eng. Fract. Mech. 15:185")
@pytest.mark.slow
def test_width_factor_at_a_near_rim() -> None:
    """Newman & Raju's factor of a central crack, for one whose end is half way to the rim: high, by part of it."""
    a, c, inset, radius = 0.4, 0.5, 1.0, 12.0
    sheet = Sheet.ellipse(np.array([radius - inset, 0.0, 1.0]), np.array([0.0, 1, 0]), np.array([1.0, 0, 0]), c, a)
    found = stress_intensity([0, 1.0, 0, 0, 0, 0], sheet, disc(radius, 1.0), young=1.0, nu=0.25, contact=False,
                             estimate=False).fronts[0]  # fmt: skip
    x, z = (found.frame.point[:, 0] - radius + inset) / c, (1.0 - found.frame.point[:, 2]) / a
    phi = np.arctan2(z, x)
    order, at = np.argsort(phi), np.radians([10.0, 45.0, 90.0, 135.0, 170.0])
    wide = face_influence("surface", a=a, c=c, thickness=1.0, nu=0.25).monomial(0, 0, at)[0]
    gain = np.interp(at, phi[order], found.k[0, order, 0]) / wide - 1.0
    factor = width_factor(PlateCrack(a, c, 1.0, inset), "surface") - 1.0
    assert (gain > (1.0 - WIDTH_SHARE) * factor).all() and (gain < factor).all()
    assert gain[0] == gain.max()
