"""Newman & Raju's equations against their text (NASA TM-85793, appendix), worked out by hand with numbers put in."""

from __future__ import annotations

import math

import pytest

from deadlight.crack.newman_raju import PlateCrack, corner_k, surface_k, width_factor

DEG = math.pi / 180.0


def test_surface_crack_longer_than_deep_is_the_printed_equation() -> None:
    """a = 2, c = 4, t = 5, b = 10, phi = 30: a/c 0.5, a/t 0.4."""
    q = 1.0 + 1.464 * 0.5**1.65
    m = (1.13 - 0.045) + (-0.54 + 0.89 / 0.7) * 0.16 + (0.5 - 1.0 / 1.15 + 14.0 * 0.5**24) * 0.0256
    g = 1.0 + (0.1 + 0.35 * 0.16) * 0.25
    f_phi = (0.25 * 0.75 + 0.25) ** 0.25
    f_w = math.cos(math.pi / 2.0 * 0.4 * math.sqrt(0.4)) ** -0.5
    tension = m * g * f_phi * f_w * math.sqrt(2.0 * math.pi / q)
    p = 0.2 + 0.5 + 0.24
    h1 = 1.0 - 0.34 * 0.4 - 0.11 * 0.2
    h2 = 1.0 + (-1.22 - 0.06) * 0.4 + (0.55 - 1.05 * 0.5**0.75 + 0.47 * 0.5**1.5) * 0.16
    h = h1 + (h2 - h1) * 0.5**p
    found = surface_k(PlateCrack(2.0, 4.0, 5.0, 10.0), 30.0 * DEG)
    assert found == pytest.approx((tension, h * tension), rel=1e-12)


def test_surface_crack_deeper_than_long_is_the_printed_equation() -> None:
    """a = 2, c = 1, t = 4, phi = 30: c/a 0.5, a/t 0.5, a wide plate."""
    q = 1.0 + 1.464 * 0.5**1.65
    m = math.sqrt(0.5) * 1.02 + 0.2 * 0.0625 * 0.25 - 0.11 * 0.0625 * 0.0625
    g = 1.0 + (0.1 + 0.35 * 0.5 * 0.25) * 0.25
    f_phi = (0.25 * 0.25 + 0.75) ** 0.25
    tension = m * g * f_phi * math.sqrt(2.0 * math.pi / q)
    h1 = 1.0 - (0.04 + 0.205) * 0.5 + (0.55 - 1.93 * 0.5**0.75 + 1.38 * 0.5**1.5) * 0.25
    h2 = 1.0 + (-2.11 + 0.385) * 0.5 + (0.55 - 0.72 * 0.5**0.75 + 0.14 * 0.5**1.5) * 0.25
    h = h1 + (h2 - h1) * 0.5 ** (0.2 + 0.5 + 0.3)
    assert surface_k(PlateCrack(2.0, 1.0, 4.0), 30.0 * DEG) == pytest.approx((tension, h * tension), rel=1e-12)


def test_corner_crack_longer_than_deep_is_the_printed_equation() -> None:
    """a = 2, c = 8, t = 5, b = 40, phi = 30: a/c 0.25, a/t 0.4, lambda 0.2 sqrt(0.4)."""
    q = 1.0 + 1.464 * 0.25**1.65
    m = (1.08 - 0.0075) + (-0.44 + 1.06 / 0.55) * 0.16 + (-0.5 + 0.0625 + 14.8 * 0.75**15) * 0.0256
    g1 = 1.0 + (0.08 + 0.4 * 0.16) * 0.125
    g2 = 1.0 + (0.08 + 0.15 * 0.16) * (1.0 - math.sqrt(0.75)) ** 3
    f_phi = (0.0625 * 0.75 + 0.25) ** 0.25
    lam = 0.2 * math.sqrt(0.4)
    f_w = 1.0 - 0.2 * lam + 9.4 * lam**2 - 19.4 * lam**3 + 27.1 * lam**4
    tension = m * g1 * g2 * f_phi * f_w * math.sqrt(2.0 * math.pi / q)
    h1 = 1.0 - 0.34 * 0.4 - 0.11 * 0.1
    h2 = 1.0 + (-1.22 - 0.03) * 0.4 + (0.64 - 1.05 * 0.25**0.75 + 0.47 * 0.25**1.5) * 0.16
    h = h1 + (h2 - h1) * 0.5 ** (0.2 + 0.25 + 0.24)
    found = corner_k(PlateCrack(2.0, 8.0, 5.0, 40.0), 30.0 * DEG)
    assert found == pytest.approx((tension, h * tension), rel=1e-12)


def test_corner_crack_deeper_than_long_is_the_printed_equation() -> None:
    """a = 2, c = 1, t = 4, phi = 30: c/a 0.5, a/t 0.5, and c/t 0.25 beside the faces."""
    q = 1.0 + 1.464 * 0.5**1.65
    m = math.sqrt(0.5) * (1.08 - 0.015) + 0.375 * 0.25 * 0.25 - 0.25 * 0.25 * 0.0625
    g1 = 1.0 + (0.08 + 0.4 * 0.0625) * 0.125
    g2 = 1.0 + (0.08 + 0.15 * 0.0625) * (1.0 - math.sqrt(0.75)) ** 3
    f_phi = (0.25 * 0.25 + 0.75) ** 0.25
    tension = m * g1 * g2 * f_phi * math.sqrt(2.0 * math.pi / q)
    h1 = 1.0 - (0.04 + 0.205) * 0.5 + (0.55 - 1.93 * 0.5**0.75 + 1.38 * 0.5**1.5) * 0.25
    h2 = 1.0 + (-2.11 + 0.385) * 0.5 + (0.64 - 0.72 * 0.5**0.75 + 0.14 * 0.5**1.5) * 0.25
    h = h1 + (h2 - h1) * 0.5 ** (0.2 + 0.5 + 0.3)
    assert corner_k(PlateCrack(2.0, 1.0, 4.0), 30.0 * DEG) == pytest.approx((tension, h * tension), rel=1e-12)


@pytest.mark.parametrize(("equation", "factor"), [(surface_k, 1.04), (corner_k, 1.05 * 1.08)])
def test_a_circular_crack_in_a_deep_plate_is_the_penny_with_a_free_face(equation, factor) -> None:  # type: ignore[no-untyped-def]
    """a = c, a/t -> 0, deepest point: M1 sqrt(pi a/2.464), g1 = 1, corner g2 = 1.08; both branches meet there."""
    for c in (1.0, 1.0 - 1e-12):
        k, bending = equation(PlateCrack(1.0, c, 1e9), 0.5 * math.pi)
        assert k == pytest.approx(factor * math.sqrt(math.pi / 2.464), rel=1e-9)
        assert bending == pytest.approx(k, rel=1e-6)  # over a crack that shallow the stress is uniform


def test_q_fits_the_complete_elliptic_integral() -> None:
    """sqrt(Q) within 0.3 % (Rawe), the same for a/c and its inverse; a penny pi/2."""
    special = pytest.importorskip("scipy.special")
    for ratio in (0.2, 0.5, 1.0):
        exact = float(special.ellipe(1.0 - ratio**2))
        assert PlateCrack(ratio, 1.0, 9.0).shape == pytest.approx(exact, rel=3e-3)
        assert PlateCrack(1.0, ratio, 9.0).shape == PlateCrack(ratio, 1.0, 9.0).shape


def test_the_width_factor_ends_before_the_secant_does() -> None:
    """sec(pi c sqrt(a/t)/2b) goes to infinity where the crack is as wide as the plate; it is held at 0.98 of that."""
    assert width_factor(PlateCrack(1.0, 1.0, 4.0, 1.0), "surface") == pytest.approx(math.cos(math.pi / 4.0) ** -0.5)
    held = math.cos(0.49 * math.pi) ** -0.5
    assert width_factor(PlateCrack(1.0, 5.0, 1.0, 1.0), "surface") == pytest.approx(held)
    assert (
        width_factor(PlateCrack(1.0, 5.0, 1.0), "surface") == width_factor(PlateCrack(1.0, 5.0, 1.0), "corner") == 1.0
    )


@pytest.mark.parametrize(
    ("crack", "said"),
    [
        (PlateCrack(0.2, 1.0, 1.0), 0),
        (PlateCrack(0.199, 1.0, 1.0), "a/c = 0.20 outside"),
        (PlateCrack(2.0, 1.0, 4.0), 0),
        (PlateCrack(2.01, 1.0, 4.0), "a/c = 2.01 outside"),
        (PlateCrack(0.8, 1.0, 1.0), 0),
        (PlateCrack(0.81, 1.0, 1.0), "a/t = 0.81 above"),
        (PlateCrack(0.5, 1.0, 1.0, 2.0), 0),
        (PlateCrack(0.5, 1.0, 1.0, 1.99), "c/b = 0.50 above"),
    ],
)
def test_what_lies_outside_the_equations_is_an_alarm_and_their_ends_are_not(crack: PlateCrack, said: str) -> None:
    found = crack.warnings()
    assert len(found) == bool(said)
    assert all(each.alarm and said in each for each in found)
