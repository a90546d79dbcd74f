"""Growth told again with K higher: where it reaches K_Ic, and a little beyond the last geometry."""

from dataclasses import replace

import numpy as np
import pytest

from deadlight.growth.banded import Retold, _rise, exponent, retold, worst_error
from deadlight.growth.follow import follow
from support_growth import K_IC, Circle, Power, Still, Wet

A0 = 1e-3
TIME = np.array([0.0, 30.0, 100.0])


def circle(k, time=TIME):
    return Circle(A0, time, lambda a: K_IC * np.broadcast_to(k(a), len(time)))


@pytest.mark.parametrize("factor", [1.02, 1.1])
def test_with_k_higher_it_reaches_k_ic_at_a_smaller_area(factor):
    """K = 0.8 K_Ic (a / a0)^0.5."""
    record = follow(circle(lambda a: 0.8 * (a / A0) ** 0.5), Power(1.5e-4, 12.0), Wet(), limit=10)
    found = retold(record, Power(1.5e-4, 12.0), Wet(), factor)
    assert found.area == pytest.approx(np.pi * (A0 / (0.8 * factor) ** 2) ** 2, rel=3e-3)
    assert 1.0 <= found.highest < 1.05 and found.followed and found.factor == factor
    assert found.first_critical < record.first_critical


def test_what_creeps_without_a_step_is_told_again_by_its_gain():
    """K does not depend on the size; for want of more it is told as a penny's, with the fourth root of the area."""
    law = Power(1e-9, 6.0)
    record = follow(circle(lambda a: 0.5), law, Wet())
    assert not record.grew
    for factor in (1.0, 1.5):
        gain = 2.0 * 1e-9 * (0.5 * factor) ** 6 * 100.0 / A0
        found = retold(record, law, Wet(), factor)
        assert found.area == pytest.approx(np.pi * A0**2 * (1.0 + gain), rel=1e-9)
        assert found.highest == pytest.approx(0.5 * factor * (1.0 + gain) ** 0.25, rel=1e-12)
        assert found.first_critical is None and found.followed


def test_only_what_is_to_come_counts_beyond_the_last_geometry():
    """K is largest at the start, which the last geometry has left behind: 15 % of its radius is still to come."""
    law = Power(0.3 * A0 / 100.0, 0.0)
    time = np.array([0.0, 20.0, 21.0, 100.0])
    record = follow(circle(lambda a: np.array([0.8, 0.8, 0.3, 0.3]), time), law, Wet(), limit=2)
    assert len(record.steps) == 2 and record.steps[1].time == pytest.approx(50.0, rel=0.01)
    found = retold(record, law, Wet(), 1.05)
    assert found.followed and found.highest == pytest.approx(0.84, rel=1e-9)
    early = follow(circle(lambda a: np.array([0.3, 0.3, 0.8, 0.8]), time), law, Wet(), limit=2)
    gain = 2.0 * 0.15 / 1.15
    assert retold(early, law, Wet(), 1.05).highest == pytest.approx(0.84 * (1.0 + gain) ** 0.25, rel=3e-3)


def test_k_that_is_at_k_ic_at_once_when_higher_runs_at_once():
    record = follow(circle(lambda a: 0.9), Still(), Wet())
    found = retold(record, Still(), Wet(), 1.2)
    assert (found.first_critical, found.highest, found.area) == (0.0, 1.0, record.steps[0].area)
    assert retold(record, Still(), Wet(), 1.1).highest == pytest.approx(0.99)


def test_growth_to_be_expected_that_would_reach_k_ic_is_not_known():
    """0.997 K_Ic, and 2 % of area to come: a fourth root of that is 0.5 %."""
    law = Power(1e-5 / 100.0, 0.0)
    record = follow(circle(lambda a: 0.9), law, Wet())
    record = replace(record, steps=record.steps[:1])
    assert not retold(record, law, Wet(), 0.997 / 0.9).followed
    assert retold(record, law, Wet(), 0.99 / 0.9).highest == pytest.approx(0.99 * 1.02**0.25, rel=1e-6)


def test_what_grows_by_a_step_before_the_history_is_over_is_not_known():
    law = Power(0.2 * A0 / 30.0, 0.0)
    record = follow(circle(lambda a: 0.5), law, Wet())
    assert record.grew and not retold(replace(record, steps=record.steps[:1]), law, Wet(), 1.01).followed


@pytest.mark.parametrize(("power", "rise"), [(1.0, 0.5), (4.0, 2.0), (0.2, 0.25), (-1.0, 0.25)])
def test_the_rise_of_k_with_the_area_is_that_of_the_last_two_geometries_or_a_penny_s(power, rise):
    record = follow(circle(lambda a: 0.5 * (a / A0) ** power), Power(1.0e-2, 12.0), Wet(), limit=4)
    assert len(record.steps) > 1
    assert _rise(record) == pytest.approx(rise)


def test_the_exponent_of_a_life_counts_from_the_start_of_the_history_and_needs_two_lives():
    clock = TIME - 50.0
    record = follow(circle(lambda a: 0.8 * (a / A0) ** 0.5, clock), Power(1.5e-4, 12.0), Wet(), limit=10)
    life = record.first_critical + 50.0
    assert exponent(record, Retold(1.1, 0.5 * life - 50.0, 1.0, 1.0)) == pytest.approx(np.log(0.5) / np.log(1.1))
    assert exponent(record, Retold(1.0, life - 50.0, 1.0, 1.0)) is None
    assert exponent(record, Retold(1.1, None, 1.0, 1.0)) is None
    assert exponent(record, Retold(1.1, -50.0, 1.0, 1.0)) is None
    assert exponent(follow(circle(lambda a: 0.5), Still(), Wet()), Retold(1.1, 1.0, 1.0, 1.0)) is None


def test_the_worst_error_is_that_before_any_instability():
    record = follow(circle(lambda a: 0.8 * (a / A0) ** 0.5), Power(1.5e-4, 12.0), Wet(), limit=10)
    for step in record.steps:
        step.reading.error[:] = (0.5 if step.indicative else 0.01 + 0.001 * step.number) * step.reading.k[..., 0]
    calm = [s.number for s in record.steps if not s.indicative]
    assert len(calm) > 1 and len(calm) < len(record.steps)
    assert worst_error(record) == pytest.approx(0.01 + 0.001 * max(calm))
