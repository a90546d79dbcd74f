"""Criteria of turning against searches over the angle, and what they are the same for: size of K, sign of shear."""

from __future__ import annotations

import numpy as np
import pytest

from deadlight.errors import InputError
from deadlight.growth.direction import CRITERIA, turn
from deadlight.growth.kink import equivalent, kink_factors, kinked

NU = 0.2
K = np.array(
    [
        [1.0, 0.0, 0.0],
        [1.0, 0.3, 0.0],
        [1.0, -0.7, 0.4],
        [0.2, 1.0, -0.5],
        [0.0, 1.0, 0.0],
        [0.1, 0.2, 1.0],
        [0.0, 0.0, 1.0],
    ]
)
ANGLES = np.radians(np.linspace(-84.0, 84.0, 16_801))


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize("size", [1e-200, 1e-3, 1e6, 1e150])
def test_no_criterion_sees_the_unit_of_k(criterion: str, size: float) -> None:
    found, unit = turn(K * size, NU, criterion), turn(K, NU, criterion)
    np.testing.assert_allclose(found.tilt, unit.tilt, atol=1e-9)
    np.testing.assert_allclose(found.twist, unit.twist, atol=1e-9)
    np.testing.assert_allclose(found.effective / size, unit.effective, rtol=1e-9)
    np.testing.assert_allclose(found.after / size, unit.after, atol=1e-9)


def test_the_largest_hoop_stress_is_found_by_a_search_over_the_angle() -> None:
    """cos(a/2) (K_I cos^2(a/2) - 1.5 K_II sin a), with K_III cos(a/2) joined by its energy."""
    told = turn(K[:6], NU, "max_hoop_stress")
    for k, tilt, effective in zip(K[:6], told.tilt, told.effective):
        hoop = np.cos(ANGLES / 2) * (k[0] * np.cos(ANGLES / 2) ** 2 - 1.5 * k[1] * np.sin(ANGLES))
        best = int(hoop.argmax())
        assert tilt == pytest.approx(ANGLES[best], abs=2e-4)
        rest = k[2] * np.cos(tilt / 2)
        assert effective == pytest.approx(np.sqrt(hoop[best] ** 2 + rest**2 / (1 - NU)), rel=1e-7)


def test_the_largest_energy_release_is_found_by_a_search_over_the_angle() -> None:
    told = turn(K[:6], NU, "max_energy_release")
    for k, tilt, effective in zip(K[:6], told.tilt, told.effective):
        energy = equivalent(kinked(np.broadcast_to(k, (len(ANGLES), 3)), ANGLES), NU)
        best = int(energy.argmax())
        assert tilt == pytest.approx(ANGLES[best], abs=3e-4)
        assert effective == pytest.approx(energy[best], rel=1e-7)


def test_no_shear_is_left_after_a_kink_of_local_symmetry() -> None:
    told = turn(K[:6], NU, "local_symmetry")
    assert np.abs(told.after[:, 1]).max() < 1e-9
    np.testing.assert_allclose(told.effective, np.sqrt(told.after[:, 0] ** 2 + told.after[:, 2] ** 2 / (1 - NU)))
    np.testing.assert_allclose(told.after, np.einsum("nij,nj->ni", kink_factors(told.tilt), K[:6]))


def test_richard_s_fits_by_hand() -> None:
    """Shares 4/7, 2/7, 1/7 of the three modes."""
    told = turn(np.array([1.0, 0.5, -0.25]), NU, "richard")
    assert np.degrees(told.tilt) == pytest.approx(-(140 * 2 / 7 - 70 * (2 / 7) ** 2))
    assert np.degrees(told.twist) == pytest.approx(-(78 / 7 - 33 / 49))
    assert told.effective == pytest.approx(0.5 + 0.5 * np.sqrt(1 + 4 * (1.155 * 0.5) ** 2 + 4 * 0.25**2))


@pytest.mark.parametrize("criterion", CRITERIA[:3])
def test_a_facet_is_square_to_the_largest_tension(criterion: str) -> None:
    for nu in (0.0, 0.2, 0.4):
        told = turn(np.array([[1.0, 0.0, 0.3], [0.0, 0.0, 1.0], [0.0, 0.0, -1.0]]), nu, criterion)
        np.testing.assert_allclose(told.tilt, 0.0, atol=1e-4)
        assert told.twist[0] == pytest.approx(0.5 * np.arctan(0.6 / (1 - 2 * nu)), abs=1e-7)
        np.testing.assert_allclose(np.degrees(told.twist[1:]), [45.0, -45.0], atol=1e-6)


@pytest.mark.parametrize("criterion", CRITERIA)
def test_a_shut_crack_turns_as_under_shear_alone_and_none_without_load(criterion: str) -> None:
    shut, sheared = turn(np.array([-3.0, 1.0, 0.2]), NU, criterion), turn(np.array([0.0, 1.0, 0.2]), NU, criterion)
    assert (shut.tilt, shut.twist, shut.effective) == (sheared.tilt, sheared.twist, sheared.effective)
    none = turn(np.zeros((2, 3)), NU, criterion)
    assert not none.tilt.any() and not none.effective.any() and not none.after.any()


@pytest.mark.parametrize("nu", [-1.0, -1.5, 0.5, np.nan])
def test_poisson_s_ratio_is_between_its_bounds(nu: float) -> None:
    with pytest.raises(InputError, match="Poisson"):
        turn(K, nu)
    assert np.isfinite(turn(K, -0.99).effective).all() and np.isfinite(turn(K, 0.49).effective).all()


def test_what_is_no_k_is_refused() -> None:
    for k in (np.ones(2), np.ones((3, 4)), np.array(1.0)):
        with pytest.raises(InputError, match="shape"):
            turn(k, NU)
    with pytest.raises(InputError, match="2 points"):
        turn(np.array([[1.0, np.nan, 0.0], [np.inf, 0.0, np.nan], [1.0, 0.0, 0.0]]), NU)
    with pytest.raises(InputError, match="criterion"):
        turn(K, NU, "other")


def test_factors_of_a_kink_to_first_order_and_in_mode_three_exactly() -> None:
    """Cotterell & Rice 1980: F_12 = -3/2 a, F_21 = a/2; Sih 1965: ((1 - m)/(1 + m))^(m/2)."""
    small = kink_factors(1e-4)
    np.testing.assert_allclose(small[:2, :2], [[1.0, -1.5e-4], [0.5e-4, 1.0]], atol=1e-8)
    assert kink_factors(np.pi / 3)[2, 2] == pytest.approx(0.5 ** (1 / 6), rel=1e-12)
    assert kink_factors(-np.pi / 4)[2, 2] == pytest.approx(0.6 ** (1 / 8), rel=1e-12)
    assert equivalent(np.array([3.0, 4.0, 0.0]), 0.3) == pytest.approx(5.0)
    assert equivalent(np.array([0.0, 0.0, 2.0]), 0.75) == pytest.approx(4.0)
    for degrees in (85.01, -85.01, np.nan):
        with pytest.raises(InputError, match="kink by"):
            kink_factors(np.radians([3.0, degrees]))
    assert np.isfinite(kink_factors(np.radians([84.99, -84.99]))).all()


@pytest.mark.parametrize("criterion", CRITERIA)
def test_points_in_rows_and_columns_turn_like_those_in_one_row(criterion: str) -> None:
    many, one = turn(K[:6].reshape(2, 3, 3), NU, criterion), turn(K[:6], NU, criterion)
    for name in ("tilt", "twist", "effective"):
        np.testing.assert_allclose(getattr(many, name).ravel(), getattr(one, name), atol=1e-12)
    np.testing.assert_allclose(many.after.reshape(6, 3), one.after, atol=1e-12)
    assert float(turn(K[3], NU, criterion).tilt) == pytest.approx(float(one.tilt[3]), abs=1e-12)
