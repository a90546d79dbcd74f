"""What Reissner's plate adds in bending, against its own Fourier integral."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from deadlight.crack.plate_kernel import bessel_form, decay, shear_kernel, shear_kernel_integral

# through the series (below 0.2), the spline, and beyond 30
PLACES = [0.01, 0.05, 0.19, 0.21, 0.5, 2.0, 9.0, 29.0, 31.0]


def g(k: float) -> float:
    """1 + 2 k^2 - 2 k sqrt(k^2 + 1) = (sqrt(k^2 + 1) - k)^2."""
    return float((math.hypot(k, 1.0) + k) ** -2)


@pytest.mark.parametrize("x", PLACES)
def test_the_kernel_is_the_cosine_transform(x: float) -> None:
    """r = int k g cos(k x) dk; by parts, as k g falls with 1/k only: -int (k g)' sin(k x)/x dk."""

    def slope(k: float) -> float:
        root = math.hypot(k, 1.0)
        return g(k) * (1.0 - 2.0 * k / root)

    transform, _ = quad(slope, 0.0, np.inf, weight="sin", wvar=x, limlst=400, epsabs=1e-12)
    assert shear_kernel(np.array([x, -x])) == pytest.approx(-transform / x, rel=2e-6, abs=1e-8)


@pytest.mark.parametrize("x", PLACES)
def test_its_integral_is_the_sine_transform(x: float) -> None:
    transform, _ = quad(g, 0.0, np.inf, weight="sin", wvar=x, limlst=400, epsabs=1e-12)
    assert shear_kernel_integral(np.array([x]))[0] == pytest.approx(transform, rel=1e-8)


@pytest.mark.parametrize("x", [0.1, 0.1999, 0.2001, 1.0, 29.99, 30.01, 599.0, 601.0])
def test_the_kernel_is_the_slope_of_its_integral_across_every_change_of_form(x: float) -> None:
    step = 1e-3 * x
    low, high = shear_kernel_integral(np.array([x - step, x + step]))
    assert (high - low) / (2.0 * step) == pytest.approx(float(shear_kernel(np.array([x]))[0]), rel=5e-5)


def test_series_and_bessel_form_agree_where_both_hold() -> None:
    """The series' next term is x^6 log x, below 1e-6 at 0.19."""
    x = np.array([0.12, 0.15, 0.199])
    np.testing.assert_allclose(shear_kernel(x), bessel_form(x), rtol=1e-6)


def test_far_away_the_kernel_falls_with_the_square_and_at_the_origin_it_is_a_logarithm() -> None:
    x = np.array([100.0, 1000.0])
    np.testing.assert_allclose(shear_kernel(x), -1.0 / x**2 + 12.0 / x**4, rtol=1e-12)
    np.testing.assert_allclose(shear_kernel_integral(np.array([1e4])), 1e-4, rtol=1e-7)
    near = shear_kernel(np.array([1e-8, 2e-8]))
    assert near[0] - near[1] == pytest.approx(math.log(2.0) / 4.0, rel=1e-9)
    assert np.isfinite(shear_kernel(np.zeros(1))).all() and shear_kernel_integral(np.zeros(1))[0] == 0.0


def test_the_boundary_layer_is_a_third_of_the_thickness() -> None:
    """lambda = sqrt(10)/t."""
    assert decay(0.02) == pytest.approx(math.sqrt(10.0) / 0.02)
