"""Through cracks in a free disc, half-plane and sheet: the integral equation against known constants."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import erfc, jv

from deadlight.crack.disc import line_crack
from deadlight.crack.plate_kernel import shear_kernel, shear_kernel_integral
from deadlight.crack.rim_kernel import Rim
from deadlight.crack.skin_contact import opened
from deadlight.errors import InputError

PANE = {"thickness": 0.01, "nu": 0.17}
SHEET = Rim(free=False)


@pytest.mark.reference("Tada, Paris & Irwin 1985, The Stress Analysis of Cracks Handbook")
def test_infinite_sheet_weight_function() -> None:
    """K = sqrt(c/pi) int s(x) sqrt((1 +- x)/(1 -+ x)) dx exactly (Tada, Paris & Irwin): here for s = x^3 + x + 2."""
    crack = line_crack(1.0, 3.0, rim=SHEET, **PANE)
    x = crack.depth - 2.0
    k = crack.membrane.k @ (x**3 + x + 2.0)
    odd = 1.0 / 2.0 + 3.0 / 8.0
    np.testing.assert_allclose(k, math.sqrt(math.pi) * np.array([2.0 - odd, 2.0 + odd]), rtol=1e-12)


@pytest.mark.reference("Koiter 1965, J. Appl. Mech. 32:237")
def test_edge_crack_in_half_plane_converges_to_koiter() -> None:
    """Koiter 1965: 1.12152226; linear stress 0.682862 (Tada gives 0.683); the error falls faster than order^-4."""
    error = []
    for order in (8, 16, 32):
        crack = line_crack(0.0, 1.0, rim=Rim(), order=order, **PANE)
        factor = crack.membrane.k[1] / math.sqrt(math.pi)
        error.append(abs(factor.sum() - 1.12152226))
    assert error[2] < 5e-8
    assert math.log2(error[0] / error[2]) / 2.0 > 4.0
    assert factor @ crack.depth == pytest.approx(0.682862, abs=2e-6)


@pytest.mark.parametrize(("eta", "reference"), [(0.1, 1.04463), (0.5, 0.755822), (1.0, 0.484315), (2.0, 0.237272)])
def test_edge_crack_in_suddenly_cooled_half_space(eta: float, reference: float) -> None:
    """Stress erfc(x/(2 sqrt(kappa t))), eta = a/(2 sqrt(kappa t)); problem of Nied 1983, own 7-digit values."""
    crack = line_crack(0.0, 1.0, rim=Rim(), **PANE)
    assert crack.membrane.k[1] @ erfc(eta * crack.depth) / math.sqrt(math.pi) == pytest.approx(reference, rel=2e-5)


@pytest.mark.reference("Kaya & Erdogan 1987, Q. Appl. Math. 45:105")
@pytest.mark.parametrize(
    ("a_over_s", "reference", "tolerance"),
    [
        (0.1, 0.3547, 1e-3),
        (0.5, 0.793, 1e-3),
        (1.0, 1.1215, 1e-3),
        (1.5, 0.693, 5e-3),
        (2, 0.5882, 5e-3),
        (5, 0.369, 5e-3),
    ],
)
def test_edge_crack_in_cold_band(a_over_s: float, reference: float, tolerance: float) -> None:
    """Stress S for depth < s, zero beyond: K/(S sqrt(pi s)), own six-term weight function of the Kaya-Erdogan equation.

    The jump is smeared over 0.1 s (a change of second order), for a field that has a jump converges slowly.
    """
    crack = line_crack(0.0, a_over_s, rim=Rim(), order=96, thickness=1.0, nu=0.17)
    stress = np.clip((1.05 - crack.depth) / 0.1, 0.0, 1.0) if a_over_s > 1.0 else np.ones(len(crack.depth))
    k = float(crack.membrane.k[1] @ stress)
    assert k / math.sqrt(math.pi) == pytest.approx(reference, rel=tolerance)


@pytest.mark.parametrize("ratio", [0.02, 0.05, 0.1])
def test_central_crack_in_disc_small_crack_series(ratio: float) -> None:
    """K/(sigma sqrt(pi c)) = 1 + 1.5 (c/R)^2 + O((c/R)^4): the image stress of a small crack at the centre."""
    crack = line_crack(1.0 - ratio, 1.0 + ratio, rim=Rim(1.0), **PANE)
    factor = crack.membrane.k.sum(axis=1) / math.sqrt(math.pi * ratio)
    np.testing.assert_allclose(factor, 1.0 + 1.5 * ratio**2, atol=1.0 * ratio**4)


@pytest.mark.reference("recalled: Tada, Paris & Irwin 1985; Fett 2008")
@pytest.mark.parametrize("ratio", [0.2, 0.5, 0.8])
def test_central_crack_in_disc_published_fit(ratio: float) -> None:
    """Fit of Tada/Fett, from memory, +-0.5 %: polynomial in l = c/R over sqrt(1 - l)."""
    crack = line_crack(1.0 - ratio, 1.0 + ratio, rim=Rim(1.0), **PANE)
    fit = np.polynomial.polynomial.polyval(ratio, [1.0, -0.5, 1.6873, -2.671, 3.2027, -1.8935]) / math.sqrt(1.0 - ratio)
    assert crack.membrane.k[1].sum() / math.sqrt(math.pi * ratio) == pytest.approx(fit, rel=6e-3)


def test_disc_tends_to_half_plane() -> None:
    """An eccentric and an edge crack of length l in a disc of radius R differ from the half-plane by O(l/R)."""
    difference = []
    for radius in (50.0, 100.0, 200.0):
        disc = [line_crack(d, 1.0 + d, rim=Rim(radius), **PANE).membrane.k.sum(axis=1) for d in (0.0, 0.2)]
        plane = [line_crack(d, 1.0 + d, rim=Rim(), **PANE).membrane.k.sum(axis=1) for d in (0.0, 0.2)]
        difference.append(np.abs(np.array(disc) - np.array(plane)).max())
    assert difference[2] < 0.02
    assert difference[0] / difference[1] == pytest.approx(2.0, rel=0.1)
    assert difference[1] / difference[2] == pytest.approx(2.0, rel=0.1)


def test_eccentric_crack_converges_and_outer_tip_is_magnified() -> None:
    """Near the rim the tip at the rim leads, and doubling the order changes K by less than 1e-3 at 5 % ligament."""
    coarse, fine = (line_crack(0.1, 2.1, rim=Rim(20.0), order=n, **PANE).membrane.k.sum(axis=1) for n in (24, 48))
    np.testing.assert_allclose(coarse, fine, rtol=1e-4)
    assert fine[0] > 1.4 * fine[1] > 1.4 * math.sqrt(math.pi)


def test_weight_function_is_reciprocal() -> None:
    """The opening operator is symmetric (Betti): flexibility times quadrature weights, on smooth fields."""
    for outer in (0.0, 0.01):
        crack = line_crack(outer, 0.05, rim=Rim(0.15), order=32, **PANE)
        x = crack.depth / 0.05
        for opening in (crack.membrane.opening, crack.bending.opening):
            one, other = (crack.weight * x**2) @ opening @ x, (crack.weight * x) @ opening @ x**2
            assert one == pytest.approx(other, rel=2e-4)


def test_bending_kernel_is_its_own_transform() -> None:
    """r(x) = int k g(k) cos(k x) dk, quadrature against Bessel form, and its integral, both sides of the series."""
    from scipy.integrate import quad

    for x in (0.05, 0.19, 0.21, 1.0, 4.0):
        step = 1e-4
        slope = (shear_kernel_integral(np.array(x + step)) - shear_kernel_integral(np.array(x - step))) / (2 * step)
        assert float(slope) == pytest.approx(float(shear_kernel(np.array(x))), rel=1e-5, abs=1e-7)

    def symbol(k: float) -> float:
        return k / (k + math.sqrt(k * k + 1.0)) ** 2  # k (1 + 2 k^2 - 2 k sqrt(k^2 + 1)) without cancellation

    for x in (0.15, 1.0, 4.0):
        value = quad(symbol, 0.0, np.inf, weight="cos", wvar=x, limlst=200)[0]
        assert value == pytest.approx(float(shear_kernel(np.array(x))), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("nu", [0.17, 0.3])
def test_bending_thick_and_thin_limits(nu: float) -> None:
    """c/t -> 0: plane problem, factor 1; c/t -> inf: sqrt((1 + nu)/(3 + nu)) (energy of Kirchhoff's plate)."""
    short = line_crack(1.0, 3.0, rim=SHEET, thickness=1e3, nu=nu).bending.k.sum(axis=1) / math.sqrt(math.pi)
    np.testing.assert_allclose(short, 1.0, atol=1e-4)
    limit = math.sqrt((1.0 + nu) / (3.0 + nu))
    excess = []
    for thickness in (0.2, 0.1):
        long = line_crack(1.0, 3.0, rim=SHEET, thickness=thickness, nu=nu, order=64).bending.k.sum(axis=1)
        excess.append(long[0] / math.sqrt(math.pi) - limit)
    assert 0.0 < excess[1] < 0.022
    assert excess[0] / excess[1] == pytest.approx(2.0, rel=0.15)


def test_bending_thin_plate_opening_is_kirchhoff() -> None:
    """Skin opening of a long crack tends to (1 + nu)/(3 + nu) of the plane problem's 4 sigma c/E."""
    nu, excess = 0.3, []
    for thickness in (0.08, 0.04):
        crack = line_crack(1.0, 3.0, rim=SHEET, thickness=thickness, nu=nu, order=64)
        centre = np.argmin(np.abs(crack.depth - 2.0))
        opening = crack.bending.opening[centre].sum() / math.sqrt(1.0 - (crack.depth[centre] - 2.0) ** 2) / 4.0
        excess.append(opening - (1.0 + nu) / (3.0 + nu))
    assert 0.0 < excess[1] < 0.02
    assert excess[0] / excess[1] == pytest.approx(2.0, rel=0.15)


def test_crack_outside_the_body_is_refused() -> None:
    with pytest.raises(InputError, match="300 mm across"):
        line_crack(0.01, 0.31, rim=Rim(0.15), **PANE)
    with pytest.raises(InputError, match="no rim"):
        line_crack(0.0, 0.01, rim=SHEET, **PANE)


@pytest.mark.reference("recalled: Joseph & Erdogan 1989, Int. J. Fracture 41:105")
@pytest.mark.parametrize(("thickness", "nu"), [(1.0, 0.3), (0.5, 0.17)])
def test_bending_factor_by_an_independent_fourier_galerkin_solution(thickness: float, nu: float) -> None:
    """Same symbol, solved in wave numbers with Bessel functions; c = t, nu 0.3: 0.7475 (Joseph & Erdogan, M)."""
    decay, order = math.sqrt(10.0) / thickness, 7
    k = np.linspace(1e-6, 60.0 * decay, 60001)
    p = k / decay
    gain = (p + np.sqrt(p * p + 1.0)) ** -2  # 1 + 2 p^2 - 2 p sqrt(p^2 + 1)
    m = 2 * np.arange(order) + 1  # symmetric modes sin(m theta), transform pi m (+-) J_m(k)/k
    bessel = np.array([(-1.0) ** ((n - 1) // 2) * jv(n, k) for n in m])
    extra = np.trapezoid(bessel[:, None] * bessel[None] * gain / k, k, axis=2)
    energy = 0.25 * math.pi * np.outer(m, m) * (np.diag(0.5 / m) + 2.0 / (1.0 + nu) * extra)
    load = np.zeros(order)
    load[0] = 0.5 * math.pi
    modes = np.linalg.solve(energy, load)
    factor = 0.25 * m @ modes
    crack = line_crack(1.0, 3.0, rim=SHEET, thickness=thickness, nu=nu)
    np.testing.assert_allclose(crack.bending.k.sum(axis=1) / math.sqrt(math.pi), factor, rtol=1e-3)
    if thickness == 1.0:
        assert factor == pytest.approx(0.7475, abs=5e-4)


@pytest.mark.reference("Tada, Paris & Irwin 1985, The Stress Analysis of Cracks Handbook")
def test_slit_area() -> None:
    """Uniform tension in the sheet: opening 4 sigma sqrt(c^2 - x^2)/E, area 2 pi c^2 sigma/E."""
    crack = line_crack(1.0, 3.0, rim=SHEET, **PANE)
    one = np.ones((1, len(crack.depth)))
    assert opened(crack, one, 0.0 * one).area[0] == pytest.approx(2.0 * math.pi, rel=1e-6)
