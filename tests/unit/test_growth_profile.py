"""The advance along a front with K as it is after the step: found from anywhere, and a solution."""

import numpy as np
import pytest

from deadlight.growth.profile import POINTS, _Front, _unit_kernel, advance_along

EVEN = np.linspace(0.0, 2.0 * np.pi, 30, endpoint=False)
CIRCLE = 0.01 * np.column_stack([np.cos(EVEN), np.sin(EVEN), 0.0 * EVEN])


def test_what_is_found_is_a_root():
    log_g = np.log(1e-3) - 6.0 * np.sin(EVEN) ** 2
    front = _Front.of(np.exp(log_g), np.full(30, 20.0), CIRCLE, True)
    front.advance(0.0, front.top)
    y = front.last
    assert y is not None
    share = np.arange(POINTS) / POINTS
    given = np.interp(share, *front._around(front.log_g))
    rest = y - 20.0 * (_unit_kernel(True) / front.length) @ np.exp(y) - given
    assert np.abs(rest).max() < 1e-9


def test_an_even_front_advances_evenly_and_a_wave_is_damped():
    """K = K0 (1 - k d / 2) for a wave of number k (Rice 1985): of small waves 1 / (1 + n k d / 2) is left."""
    (even,) = advance_along([np.full(30, 1e-4)], [np.full(30, 20.0)], [CIRCLE], [True], None)
    np.testing.assert_allclose(even, 1e-4, rtol=1e-9)
    waves = 1e-4 * (1.0 + 1e-3 * np.cos(3.0 * EVEN))
    (found,) = advance_along([waves], [np.full(30, 20.0)], [CIRCLE], [True], None)
    perimeter = 30 * 2 * 0.01 * np.sin(np.pi / 30)
    left = 1.0 / (1.0 + 20.0 * 1e-4 * 0.5 * 3 * 2 * np.pi / perimeter)
    assert np.ptp(found) / np.ptp(waves) == pytest.approx(left, rel=0.03)  # linear between ten points a wave


def test_rugged_fronts_are_solved_from_anywhere():
    """Newton alone failed at one of 250 of these, and in the ballistic return of the shipped window."""
    rng = np.random.default_rng(1)
    for i in range(60):
        m, closed = int(rng.integers(8, 40)), bool(rng.integers(2))
        a = np.linspace(0, 2 * np.pi, m, endpoint=False)
        ring = 1e-2 * np.column_stack([np.cos(a), np.sin(a), 0 * a])
        place = ring if closed else np.column_stack([0 * a, 0 * a, 2e-3 * a])
        spread = rng.uniform(0, 60)
        grown = np.exp(spread * np.cumsum(rng.standard_normal(m)) / np.sqrt(m))
        if rng.random() < 0.3:
            grown[rng.random(m) < 0.3] = 0.0
        grown /= grown.max()
        exponent = np.full(m, rng.uniform(1, 60)) if rng.random() < 0.5 else rng.uniform(0, 60, m)
        largest = float(10 ** rng.uniform(-5, -1))
        if i % 4 == 3:
            (found,) = advance_along([grown], [exponent], [place], [closed], largest)
            assert (found >= 0.0).all() and 0.7 * largest < found.max() < 1.1 * largest
