"""The advance along a front: waves on open and closed ones, size, where it begins, several fronts at once."""

import numpy as np
import pytest

from deadlight.growth.profile import POINTS, advance_along

N = 20.0


def line(count=65, length=0.01):
    return np.column_stack([np.linspace(0.0, length, count), np.zeros(count), np.zeros(count)])


def ring(count=128, radius=0.01):
    angle = np.linspace(0.0, 2.0 * np.pi, count, endpoint=False)
    return radius * np.column_stack([np.cos(angle), np.sin(angle), 0.0 * angle])


def one(grown, place, closed, largest=None, n=N):
    (found,) = advance_along([grown], [np.full(len(grown), n)], [place], [closed], largest)
    return found


@pytest.mark.parametrize("m", [1, 2, 5])
def test_a_wave_on_an_open_front_that_meets_its_faces_squarely_is_damped_by_its_number(m):
    """cos(m pi s / L): of small waves 1 / (1 + n k d / 2) is left, k = m pi / L, also at the ends."""
    d, length = 1e-4, 0.01
    wave = np.cos(m * np.pi * np.linspace(0.0, 1.0, 65))
    found = one(d * (1.0 + 1e-3 * wave), line(), False)
    left = 1.0 / (1.0 + N * d * 0.5 * m * np.pi / length)
    np.testing.assert_allclose(found / d - 1.0, 1e-3 * left * wave, atol=1e-3 * 0.01 * m)


@pytest.mark.parametrize("m", [1, 4])
def test_a_wave_on_a_closed_front_is_damped_alike_wherever_the_front_begins(m):
    d = 1e-4
    angle = np.linspace(0.0, 2.0 * np.pi, 128, endpoint=False)
    around = 128 * 2 * 0.01 * np.sin(np.pi / 128)
    left = 1.0 / (1.0 + N * d * 0.5 * m * 2.0 * np.pi / around)
    found = one(d * (1.0 + 1e-3 * np.cos(m * angle)), ring(), True)
    np.testing.assert_allclose(found / d - 1.0, 1e-3 * left * np.cos(m * angle), atol=1e-5)
    rough = d * np.exp(np.sin(3.0 * angle) + np.cos(angle))
    whole = one(rough, ring(), True)
    for k in (1, 37, 90):
        again = one(np.roll(rough, k), np.roll(ring(), k, axis=0), True)
        np.testing.assert_allclose(again, np.roll(whole, k), rtol=0.02)
    coarse, place = rough[::11], ring()[::11]
    whole = one(coarse, place, True)
    for k in range(1, len(coarse)):
        again = one(np.roll(coarse, k), np.roll(place, k, axis=0), True)
        np.testing.assert_allclose(again, np.roll(whole, k), rtol=0.02)


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("largest", [None, 3e-4])
def test_a_front_s_times_as_large_advances_s_times_as_far(closed, largest):
    place = ring() if closed else line()
    grown = 1e-4 * np.exp(np.linspace(-3.0, 0.0, len(place)))
    found = one(grown, place, closed, largest)
    for s in (2.0**10, 2.0**-10):
        again = one(s * grown, s * place, closed, largest and s * largest)
        np.testing.assert_allclose(again / s, found, rtol=1e-6)
    if largest:
        assert found.max() == pytest.approx(largest, rel=2e-3)
    else:
        assert found.max() < grown.max() and found.min() > grown.min(), "it is evened out"


def test_the_largest_of_several_fronts_is_what_is_asked_for_and_they_share_one_factor():
    """Two fronts of one point each: by the ratio of what they grew, and none where nothing grew."""
    point = np.zeros((1, 3))
    first, second, third = advance_along(
        [np.array([2e-5]), np.array([5e-6]), np.zeros(1)], [np.full(1, N)] * 3, [point] * 3, [False] * 3, 1e-3
    )
    assert first[0] == pytest.approx(1e-3, rel=2e-3) and second[0] == pytest.approx(0.25 * first[0], rel=1e-12)
    assert third[0] == 0.0
    alone = advance_along([np.array([2e-5]), np.array([5e-6])], [np.full(1, N)] * 2, [point] * 2, [False] * 2, None)
    assert [a[0] for a in alone] == [pytest.approx(2e-5), pytest.approx(5e-6)]
    with_line = advance_along([np.full(65, 1e-5), np.array([4e-5])], [np.full(65, N), np.full(1, N)], [line(), point],
                              [False, False], 1e-4)  # fmt: skip
    assert with_line[1][0] == pytest.approx(1e-4, rel=2e-3)
    np.testing.assert_allclose(with_line[0], 0.25 * with_line[1][0], rtol=1e-6)


def test_where_nothing_grows_nothing_moves():
    still = advance_along([np.zeros(65), np.zeros(1)], [np.full(65, np.nan), np.zeros(1)], [line(), np.zeros((1, 3))],
                          [False, False], 1e-3)  # fmt: skip
    assert not still[0].any() and not still[1].any()
    some = np.zeros(65)
    some[30:35] = 1e-4
    found = one(some, line(), False)
    assert 0.0 < found[32] < 1e-4 and found.max() == found[30:35].max() and (found >= 0.0).all()


def test_without_an_exponent_every_point_goes_its_own_way():
    grown = 1e-4 * (1.0 + 0.5 * np.cos(np.linspace(0.0, 3.0 * np.pi, 65)))
    np.testing.assert_allclose(one(grown, line(), False, n=0.0), grown, rtol=5e-3)
    assert POINTS == 128
