"""Steady growth over a span: the end, a limit and K_Ic are met to the last digit, wherever they fall within a step."""

import numpy as np
import pytest

from deadlight.growth.size_ode import SizeEquation

A0, SPAN = 1e-3, 1e4


def steady(v, excess=lambda a, share: -1.0, limit=np.inf):
    return SizeEquation(
        lambda a, share: np.array([v]), excess, start=np.array([A0]), limit=np.array([limit]), span=SPAN
    )


@pytest.mark.parametrize("count", range(2, 42))
def test_fixed_steps_that_just_fail_to_fill_the_span_end_where_it_ends(count):
    """Equal steps whose sum is the span: by rounding the last one ends a digit before it, on it, or behind."""
    v = 0.1 * A0 / SPAN  # of the size in all
    found = steady(v).advance(1e-8, step=1.1 * A0 / count)
    assert found.stop == "end" and found.share == pytest.approx(1.0, rel=1e-13)
    assert found.size[0] == pytest.approx(1.1 * A0, rel=1e-13)


@pytest.mark.parametrize("share", [0.0, 1e-6, 0.1, 0.37, 0.999])
def test_a_limit_and_k_ic_are_met_at_their_own_time(share):
    v = 0.5 * A0 / SPAN
    limit = A0 * (1.0 + 0.5 * share)
    if share:
        found = steady(v, limit=limit).advance(1e-8)
        assert found.stop == "limit" and found.size[0] == limit
        assert found.share == pytest.approx(share, rel=1e-10, abs=1e-15)
    found = steady(v, excess=lambda a, s: float(a[0] / limit) - 1.0).advance(1e-8)
    assert found.stop == "critical" and found.share == pytest.approx(share, rel=1e-8, abs=1e-13)
    assert found.size[0] == pytest.approx(limit, rel=1e-13)


def test_growth_that_blows_up_is_followed_to_its_limit():
    """da/dt = c / (b - a): b - a falls as the root of the time left, and the speed has no bound at b."""
    b, c = 2.0 * A0, 0.5 * A0**2 / SPAN * (1.0 + 1e-9)
    found = SizeEquation(
        lambda a, share: c / np.maximum(b - a, 1e-12 * A0), lambda a, share: float(a[0] / (b * (1 - 1e-6))) - 1.0,
        start=np.array([A0]), limit=np.array([np.inf]), span=2.0 * SPAN,
    ).advance(1e-9)  # fmt: skip
    left = (b - found.size[0]) / A0
    assert found.stop == "critical" and left == pytest.approx(2e-6, rel=1e-6)
    assert found.share == pytest.approx(0.5 * (1.0 - left**2), rel=1e-7)
