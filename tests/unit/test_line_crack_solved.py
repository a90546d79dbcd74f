"""A straight crack solved: sheets, edge cracks and Reissner's plate in their limits, and what has no place there."""

from __future__ import annotations

import math

import numpy as np
import pytest

from deadlight.crack.disc import LineCrack, line_crack
from deadlight.crack.rim_kernel import Rim
from deadlight.errors import InputError

SHEET, EDGE = Rim(free=False), Rim()


def k(crack: LineCrack, stress: object = 1.0, bending: bool = False) -> np.ndarray:
    return (crack.bending if bending else crack.membrane).k @ (np.asarray(stress) + 0.0 * crack.depth)


def test_polynomial_stress_on_a_crack_in_a_sheet() -> None:
    """sigma = 1, s, s^2 (s = 1 at the inner tip): K/sqrt(pi c) = 1, -+1/2, 1/2; openings 4 c sqrt(1 - s^2) and half."""
    crack = line_crack(1.0, 5.0, rim=SHEET, thickness=0.5, nu=0.2)
    s, scale = (crack.depth - 3.0) / 2.0, math.sqrt(2.0 * math.pi)
    np.testing.assert_allclose(k(crack), [scale, scale], rtol=1e-10)
    np.testing.assert_allclose(k(crack, s), [-0.5 * scale, 0.5 * scale], rtol=1e-10)
    np.testing.assert_allclose(k(crack, s * s), [0.5 * scale, 0.5 * scale], rtol=1e-10)
    root = np.sqrt(1.0 - s * s)
    np.testing.assert_allclose(crack.membrane.opening.sum(axis=1), 8.0 * root, rtol=1e-9)
    np.testing.assert_allclose(crack.membrane.opening @ s, 4.0 * s * root, atol=1e-9)
    at = (crack.contact_depth - 3.0) / 2.0
    np.testing.assert_allclose(crack.membrane.gap.sum(axis=1), 8.0 * np.sqrt(1.0 - at * at), rtol=1e-9)
    assert crack.half_length == 2.0


def test_an_edge_crack_in_a_half_plane_is_koiter_s() -> None:
    """1.1215 sqrt(pi a) in tension, and 0.6829 under stress that grows from the rim with the depth."""
    crack = line_crack(0.0, 3.0, rim=EDGE, thickness=50.0, nu=0.2, order=24)
    scale = math.sqrt(3.0 * math.pi)
    assert k(crack)[1] / scale == pytest.approx(1.1215, rel=2e-4)
    assert k(crack, crack.depth / 3.0)[1] / scale == pytest.approx(0.6829, rel=5e-4)
    assert k(crack)[0] == 0.0
    # opening at the mouth 5.816 sigma a/E (Tada: 4 x 1.454)
    mouth = np.polynomial.polynomial.polyfit(crack.depth[-6:], crack.membrane.opening.sum(axis=1)[-6:], 2)[0]
    assert mouth / 3.0 == pytest.approx(5.816, rel=5e-3)


def test_reciprocity_of_the_plane_problem_is_exact_in_a_sheet_and_the_worse_of_both_problems_is_told() -> None:
    flat = line_crack(1.0, 5.0, rim=SHEET, thickness=1e6, nu=0.2)
    assert flat.asymmetry < 1e-6 < line_crack(1.0, 5.0, rim=SHEET, thickness=0.5, nu=0.2).asymmetry < 0.02


def test_forces_and_tractions_are_reciprocal() -> None:
    """A point force opens the points of the tractions as these open its own (Betti), and symmetric among themselves."""
    for crack in (
        line_crack(0.5, 4.0, rim=EDGE, thickness=0.8, nu=0.2),
        line_crack(0.0, 4.0, rim=Rim(9.0), thickness=0.8, nu=0.2),
    ):
        for operator in (crack.membrane, crack.bending):
            np.testing.assert_allclose(operator.gap_force, operator.gap_force.T, atol=1e-9)
            assert np.linalg.eigvalsh(operator.gap_force).min() > 0.0
            work = crack.weight[:, None] * operator.opening
            np.testing.assert_allclose(work, work.T, atol=1e-9)
        # K of a force spread as a traction is K of that traction, in the mean over smooth ones
        smooth = np.cos(crack.contact_depth)
        spread = crack.membrane.k_force @ (crack.contact_weight * smooth)
        np.testing.assert_allclose(spread, crack.membrane.k @ np.cos(crack.depth), rtol=2e-3, atol=1e-9)


@pytest.mark.parametrize(("thickness", "factor"), [(500.0, 1.0), (0.005, math.sqrt(1.3 / 3.3))])
def test_bending_is_the_plane_problem_of_a_short_crack_and_kirchhoff_s_plate_of_a_long_one(
    thickness: float, factor: float
) -> None:
    """Skin K of a long crack sqrt((1 + nu)/(3 + nu)) of stretching's, by energy; the rest comes with sqrt(t/c)."""
    crack = line_crack(1.0, 3.0, rim=SHEET, thickness=thickness, nu=0.3, order=96 if factor < 1.0 else 16)
    assert k(crack, bending=True)[1] / k(crack)[1] == pytest.approx(factor, rel=0.02)


def test_nu_lowers_what_shear_adds() -> None:
    """2/(1 + nu): the same with a larger nu is stiffer in between, nothing changes in stretching."""
    soft, stiff = (line_crack(1.0, 3.0, rim=SHEET, thickness=1.0, nu=nu) for nu in (0.0, 0.45))
    assert k(soft, bending=True)[0] < k(stiff, bending=True)[0] < k(stiff)[0] == pytest.approx(k(soft)[0])


def test_near_a_rim_both_tips_are_lifted_and_the_near_one_more() -> None:
    """Sizes times s: K times sqrt(s); a disc much larger than the crack is a half-plane."""
    near = line_crack(0.2, 2.2, rim=EDGE, thickness=0.5, nu=0.2)
    large = line_crack(0.8, 8.8, rim=EDGE, thickness=2.0, nu=0.2)
    outer, inner = k(near) / math.sqrt(math.pi)
    assert outer > inner > 1.0
    for bending in (False, True):
        np.testing.assert_allclose(k(large, bending=bending), 2.0 * k(near, bending=bending), rtol=1e-9)
    disc = line_crack(0.2, 2.2, rim=Rim(1e5), thickness=0.5, nu=0.2)
    np.testing.assert_allclose(k(disc), k(near), rtol=1e-4)
    centred = line_crack(4.0, 6.0, rim=Rim(5.0), thickness=0.5, nu=0.2)
    np.testing.assert_allclose(k(centred)[0], k(centred)[1], rtol=1e-9)


@pytest.mark.parametrize(
    ("outer", "inner", "rim", "words"),
    [
        (-0.1, 1.0, SHEET, "crack from -100 mm"),
        (1.0, 1.0, SHEET, "from 1000 mm to 1000 mm"),
        (2.0, 1.0, EDGE, "both tips inside"),
        (1.0, 4.0, Rim(2.0), "pane 4000 mm across"),
        (0.0, 1.0, SHEET, "infinite sheet has no rim"),
    ],
)
def test_tips_that_have_no_place_are_refused(outer: float, inner: float, rim: Rim, words: str) -> None:
    with pytest.raises(InputError, match=words):
        line_crack(outer, inner, rim=rim, thickness=0.5, nu=0.2)
    assert line_crack(1.0, 3.99, rim=Rim(2.0), thickness=0.5, nu=0.2).inner == 3.99
