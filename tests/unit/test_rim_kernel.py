"""Stress that a dislocation's image in a free rim sends back, from Muskhelishvili's potentials by differences."""

from __future__ import annotations

import math

import numpy as np
import pytest

from deadlight.crack.rim_kernel import Rim
from deadlight.errors import InputError


def potentials(x: float, a: complex) -> complex:
    """K1(x, a) of the unit disc, phi1'' by differences of phi1'."""
    d = 1.0 - a * x
    phi1 = a + x * (3.0 * a**2 - 2.0 + x * (a - 2.0 * a**3)) / d**2
    psi1 = a / d + (3.0 * a - 4.0 * a**3 - x * a**2 * (1.0 - 2.0 * a**2)) / d**3
    step = 1e-5
    other = [a + y * (3.0 * a**2 - 2.0 + y * (a - 2.0 * a**3)) / (1.0 - a * y) ** 2 for y in (x - step, x + step)]
    return phi1 + 0.5 * (x * (other[1] - other[0]) / (2.0 * step) + psi1)


@pytest.mark.parametrize(("x", "a"), [(0.3, -0.4), (0.7, 0.5), (-0.2, 0.9), (-0.6, -0.7)])
def test_the_disc_s_image_is_the_derivative_of_the_potentials(x: float, a: float) -> None:
    """H = dK1/da by a complex step; depths of a disc of radius 3 are 3 (1 - x), H goes with 1/length^2."""
    h = potentials(x, a + 1e-20j).imag / 1e-20
    found = Rim(3.0).image(np.array(3.0 * (1.0 - x)), np.array(3.0 * (1.0 - a)))
    assert found == pytest.approx(h / 9.0, rel=1e-7)


def test_the_image_is_symmetric_and_a_half_plane_s_next_to_the_rim() -> None:
    """Reciprocity; -(p^2 - 10 p q + q^2)/(p + q)^4 with p = 1, q = 2: 15/81, with 2 and 3: 47/625."""
    p, q = np.array([0.1, 0.7, 1.3]), np.array([0.4, 1.9, 0.2])
    np.testing.assert_allclose(Rim(1.0).image(p, q), Rim(1.0).image(q, p), rtol=1e-12)
    assert Rim().image(np.array(1.0), np.array(2.0)) == pytest.approx(15.0 / 81.0)
    assert Rim().image(np.array(2.0), np.array(3.0)) == pytest.approx(47.0 / 625.0)
    for radius, near in ((1e4, 1e-2), (1e7, 1e-5)):
        assert Rim(radius).image(np.array(1.0), np.array(2.0)) == pytest.approx(15.0 / 81.0, rel=near)


def test_the_stress_of_a_dislocation_on_the_rim_vanishes() -> None:
    """1/(x - a) + K1 = 0 for a = 1, hence int_b^1 H da = -1/(x - 1) - K1(x, b)."""
    x, b = 0.2, 0.6
    node, weight = np.polynomial.legendre.leggauss(40)
    a = b + 0.5 * (1.0 - b) * (node + 1.0)
    total = 0.5 * (1.0 - b) * (weight @ Rim(1.0).image(np.array(1.0 - x), 1.0 - a))
    assert total == pytest.approx(-1.0 / (x - 1.0) - potentials(x, b).real, rel=1e-8)


def test_without_an_edge_nothing_comes_back_and_the_line_never_ends() -> None:
    sheet = Rim(free=False)
    assert sheet.image(np.ones((3, 1)), np.ones((1, 2))).tolist() == [[0.0, 0.0]] * 3
    assert math.isinf(sheet.far_depth) and math.isinf(Rim(0.2, free=False).far_depth)
    assert math.isinf(Rim().far_depth) and Rim(0.2).far_depth == 0.4


@pytest.mark.parametrize("radius", [0.0, -1.0, math.nan])
def test_a_rim_without_a_radius_is_refused(radius: float) -> None:
    with pytest.raises(InputError, match=f"rim radius {radius:g} m"):
        Rim(radius)
