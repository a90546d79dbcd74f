"""Closed skins: line contact of a through crack in stretching and bending against closed forms and bounds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import nnls

from deadlight.crack.disc import line_crack
from deadlight.crack.rim_kernel import Rim
from deadlight.crack.skin_contact import Opening, complementary, opened

SHEET = Rim(free=False)
ROOT = math.sqrt(math.pi)


def _uniform(
    thickness: float, nu: float, membrane: float, bending: float, *, order: int = 24, contact: bool = True
) -> Opening:
    crack = line_crack(1.0, 3.0, rim=SHEET, thickness=thickness, nu=nu, order=order)
    one = np.ones((1, len(crack.depth)))
    return opened(crack, membrane * one, bending * one, contact=contact)


def test_pure_bending_of_a_thick_plate_leaves_half_the_skin_value() -> None:
    """Both problems are the plane one: p + (3 p - s) = 0 gives p = s/4, K_m = K_b = s sqrt(pi c)/4, skin K one half."""
    answer = _uniform(1e4, 0.3, 0.0, 1.0)
    np.testing.assert_allclose(answer.membrane / ROOT, 0.25, rtol=1e-3)
    np.testing.assert_allclose(answer.bending / ROOT, 0.25, rtol=1e-3)
    np.testing.assert_allclose(answer.front_max / ROOT, 0.5, rtol=1e-3)
    assert answer.closed_minus[0] == pytest.approx(1.0)
    assert answer.closed_plus[0] == 0.0


def test_pure_bending_of_a_thin_plate_follows_kirchhoff() -> None:
    """Openings 4 p c/E and 4 kappa (s - 3 p) c/E, kappa = (1 + nu)/(3 + nu), equal: p = kappa s/(1 + 3 kappa).

    Energy released per length, s delta_b/3 = (K_m^2 + K_b^2/3) with K_m = K_b, then gives K_m = sqrt(p s pi c)/2.
    """
    nu = 0.3
    kappa = (1.0 + nu) / (3.0 + nu)
    wanted = 0.5 * math.sqrt(kappa / (1.0 + 3.0 * kappa))
    departure = [abs(_uniform(t, nu, 0.0, 1.0, order=48).membrane[0, 0] / ROOT - wanted) for t in (0.2, 0.05)]
    assert departure[1] < 0.5 * departure[0]
    assert departure[1] < 0.01 * wanted


@pytest.mark.parametrize("membrane", [0.0, 0.3, 0.6])
def test_closed_skin_carries_no_k_and_the_open_one_less_than_without_contact(membrane: float) -> None:
    """The closed skin's K vanishes; contact lifts K_m, lowers the largest K: energy is spent on the contact force."""
    shut = _uniform(1.0, 0.17, membrane, 1.0)
    crossed = _uniform(1.0, 0.17, membrane, 1.0, contact=False)
    assert (crossed.membrane - crossed.bending < 0.0).all()
    np.testing.assert_allclose(shut.membrane - shut.bending, 0.0, atol=6e-3)
    assert (shut.membrane > crossed.membrane).all()
    assert (shut.front_max < crossed.front_max).all()


def test_open_crack_is_left_alone_and_signs_are_symmetric() -> None:
    both = [_uniform(1.0, 0.17, 1.0, b) for b in (0.8, -0.8)]
    free = _uniform(1.0, 0.17, 1.0, 0.8, contact=False)
    np.testing.assert_array_equal(both[0].membrane, free.membrane)
    np.testing.assert_allclose(both[0].bending, -both[1].bending)
    turned = [_uniform(1.0, 0.17, 0.2, b) for b in (1.0, -1.0)]
    np.testing.assert_allclose(turned[0].membrane, turned[1].membrane, rtol=1e-9)
    assert turned[0].closed_minus[0] == turned[1].closed_plus[0] > 0.9


@pytest.mark.parametrize("outer", [0.0, 0.002])
def test_compressed_crack_is_shut_and_has_no_k(outer: float) -> None:
    crack = line_crack(outer, 0.02, rim=Rim(0.15), thickness=0.01, nu=0.17)
    one = np.ones((1, len(crack.depth)))
    answer = opened(crack, -2e6 * one, 1e6 * one)
    scale = 2e6 * math.sqrt(math.pi * 0.01)
    assert np.abs(answer.front_max).max() < 0.01 * scale
    assert answer.closed_plus[0] == pytest.approx(1.0)
    assert answer.closed_minus[0] == pytest.approx(1.0)


def test_partly_compressed_crack_closes_where_it_is_compressed() -> None:
    """Symmetric tension in the middle, compression at the ends: contact keeps K at zero, not negative."""
    crack = line_crack(1.0, 3.0, rim=SHEET, thickness=1.0, nu=0.2, order=32)
    stress = 1.0 - 4.0 * (crack.depth - 2.0) ** 2
    free = opened(crack, stress[None], 0.0 * stress[None], contact=False)
    shut = opened(crack, stress[None], 0.0 * stress[None])
    assert (free.membrane < -0.5).all()  # 1 - 4 x^2: K = sqrt(pi) (1 - 2) < 0
    np.testing.assert_allclose(shut.membrane, 0.0, atol=0.03)
    # exact: the crack stays open over |x| < b with K(b) = sqrt(pi b) (1 - 2 b^2) = 0, b = 0.7071
    assert 1.0 - shut.closed_plus[0] == pytest.approx(math.sqrt(0.5), abs=0.06)


def test_complementarity_solver_against_non_negative_least_squares() -> None:
    rng = np.random.default_rng(3)
    root = rng.normal(size=(12, 12))
    matrix = root @ root.T + 0.5 * np.eye(12)
    free = rng.normal(size=(40, 12))
    force = complementary(matrix, free)
    gap = free + force @ matrix
    assert force.min() >= 0.0
    assert gap.min() > -1e-8
    np.testing.assert_allclose(force * gap, 0.0, atol=1e-8)
    factor = np.linalg.cholesky(matrix)
    other = nnls(factor.T, -np.linalg.solve(factor, free[0]))[0]
    np.testing.assert_allclose(force[0], other, atol=1e-8)
