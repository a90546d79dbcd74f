"""A run of several sizes, each with a limit of its own, and the length of its steps."""

import numpy as np
import pytest

from deadlight.growth.arrest import run

A0 = 1e-3


def test_a_size_that_does_not_move_holds_up_no_run_however_near_its_limit_is():
    for second, limit in ((-0.5, 1.001e-3), (0.0, 1.5e-3)):
        size, arrested = run(lambda a, k=second: np.array([1.5 * np.sqrt(A0 / a[0]), k]), [A0, A0], [1.0, limit])
        assert arrested and size[0] == pytest.approx(2.25 * A0, rel=1e-8) and size[1] == A0


@pytest.mark.parametrize("first", [0, 1])
def test_sizes_with_one_k_stay_alike_up_to_the_limit_of_either(first):
    """Within a step of 1 %: half of it is left to the limit of one, and the other goes no farther."""
    limit = np.full(2, np.inf)
    limit[first] = 1.005 * A0
    size, arrested = run(lambda a: np.array([1.5, 1.5]), [A0, A0], limit)
    assert not arrested
    np.testing.assert_allclose(size, 1.005 * A0, rtol=1e-12)


@pytest.mark.parametrize("start", np.linspace(1.05, 1.5, 16))
def test_a_dip_of_k_wider_than_a_step_of_one_percent_stops_a_run_at_its_edge(start):
    dip = start * A0 * np.array([1.0, 1.0101])
    size, arrested = run(lambda a: np.where((a > dip[0]) & (a < dip[1]), 0.9, 2.0), A0, limit=2.0 * A0)
    assert arrested and size[0] == pytest.approx(dip[0], rel=1e-10)


def test_a_run_does_not_see_the_unit_of_length():
    for s in (1.0, 1e-3, 1e3):
        size, arrested = run(lambda a, s=s: np.array([1.3, 1.29]) * np.sqrt(s * A0 / a), [s * A0, 2 * s * A0])
        assert arrested
        if s == 1.0:
            first = size
        np.testing.assert_allclose(size / s, first, rtol=1e-7)
