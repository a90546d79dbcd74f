"""The next move seen from one geometry: exact integrals of slow growth under a ramp, and when it is a run or a rest."""

from dataclasses import replace

import numpy as np
import pytest

from deadlight.growth.plan import BEFORE, LESS, WORTH, Step, _slow, plan, reaches, rise_of
from deadlight.growth.reading import Reading
from support_growth import K_IC, Power, Still, Wet

N, V = 12.0, 1e-6
LAW = Power(V, N)


def reading(time, k, tilt=None, size=1e-3):
    """Points of an open straight front; K, tilt (m, n)."""
    k1 = np.asarray(k, dtype=float) * K_IC
    m, n = k1.shape
    k, zero = np.zeros((m, n, 3)), np.zeros((m, n))
    k[..., 0] = k1
    place = np.column_stack([np.linspace(0.0, size, n), np.zeros((n, 2)).T[0], np.zeros(n)])
    return Reading(
        time=np.asarray(time, dtype=float), k=k, error=zero, effective=k1,
        tilt=zero if tilt is None else np.array(tilt),
        twist=zero, temperature=zero + 300.0, toughness=zero + K_IC, weight=np.full(n, size / n), place=place,
        front=np.zeros(n, dtype=np.int64), crack=np.zeros(n, dtype=np.int64), closed=(False,), area=np.pi * size**2,
    )  # fmt: skip


def ramp_integral(a, b, seconds, power=N):
    """Of x^power over a time in which x goes evenly from a to b."""
    return seconds * (b ** (power + 1) - a ** (power + 1)) / ((power + 1) * (b - a))


TIME = [0.0, 10.0, 40.0, 100.0]
RAMP = np.array([[0.2, 0.1], [0.5, 0.3], [0.4, 0.45], [0.8, 0.7]])


@pytest.mark.parametrize("start", [0.0, 4.0, 10.0, 25.0])
def test_slow_growth_up_to_the_end_is_the_integral_of_the_velocity(start):
    told = reading(TIME, RAMP)
    found = _slow(told, start, LAW, Wet(), np.inf)
    expected = np.zeros(2)
    for (t0, a), (t1, b) in zip(zip(TIME, RAMP), zip(TIME[1:], RAMP[1:])):
        if t1 <= start:
            continue
        share = max(start - t0, 0.0) / (t1 - t0)
        expected += ramp_integral(a + share * (b - a), b, t1 - max(t0, start))
    np.testing.assert_allclose(found.grown, V * expected, rtol=1e-9)
    assert found.until == 100.0
    np.testing.assert_allclose(found.exponent, N, rtol=1e-9)


def test_slow_growth_knows_the_humidity_of_every_span():
    dry = Wet(((25.0, 0.0), (60.0, 1.0), (80.0, 0.25)))

    class Moist(Power):
        def velocity(self, k, temperature, humidity):
            return super().velocity(k, temperature, 0.0) * humidity

    steady = reading([0.0, 40.0, 100.0], [[0.5, 0.6]] * 3)
    found = _slow(steady, 10.0, Moist(V, N), dry, np.inf)
    np.testing.assert_allclose(found.grown, V * np.array([0.5, 0.6]) ** N * (35.0 + 0.25 * 20.0 + 20.0), rtol=1e-12)


def test_the_mean_tilt_counts_by_the_velocity_and_what_stands_still_keeps_its_own():
    tilt = np.array([[0.1, 0.3, 0.2], [0.5, 0.1, 0.2], [0.5, 0.1, 0.7], [0.5, 0.1, 0.7]])
    told = reading([0.0, 10.0, 40.0, 100.0], np.array([[0.4, 0.4, 0.0]] * 4), tilt)
    found = _slow(told, 0.0, LAW, Wet(), np.inf, 40.0)
    np.testing.assert_allclose(found.tilt[:2], [(10 * 0.3 + 30 * 0.5) / 40, (10 * 0.2 + 30 * 0.1) / 40], rtol=1e-12)
    assert found.tilt[2] == 0.2 and found.grown[2] == 0.0 and found.until == 40.0
    rising = reading([0.0, 10.0], [[0.1], [0.5]], [[0.0], [1.0]])
    mean = _slow(rising, 0.0, Power(V, 1.0), Wet(), np.inf).tilt
    assert mean[0] == pytest.approx((0.1 / 2 + 0.4 / 3) / 0.3, rel=1e-9), "x (0.1 + 0.4 x) over 0.1 + 0.4 x"


def test_slow_growth_stops_at_the_instant_by_which_one_point_has_moved_enough():
    told = reading(TIME, RAMP)
    total = V * np.cumsum([ramp_integral(a, b, t1 - t0) for t0, t1, a, b in zip(
        TIME, TIME[1:], RAMP[:, 0], RAMP[1:, 0])])  # fmt: skip
    for enough, until in ((0.0, 10.0), (0.99 * total[0], 10.0), (1.01 * total[0], 40.0), (0.99 * total[1], 40.0),
                          (1.01 * total[1], 100.0), (9.0 * total[2], 100.0)):  # fmt: skip
        assert _slow(told, 0.0, LAW, Wet(), enough).until == until
    over = _slow(told, 100.0, LAW, Wet(), np.inf)
    assert over.until == 100.0 and not over.grown.any()


def test_the_time_of_k_ic_is_found_between_instants_and_from_the_given_one_on():
    told = reading([0.0, 10.0, 20.0, 30.0, 40.0], [[0.5], [1.1], [0.5], [0.75], [1.25]])
    assert reaches(told, 0.0) == pytest.approx(10.0 * 0.5 / 0.6)
    assert reaches(told, 9.0) == 9.0
    assert reaches(told, 12.0) == pytest.approx(35.0)
    assert reaches(told, 10.0) == 10.0
    assert reaches(reading([0.0, 1.0], [[0.5], [0.9]]), 0.0) is None


def test_a_plan_rests_where_little_grows_runs_where_k_is_there_and_grows_slowly_in_between():
    step = Step()
    size = reading([0.0], [[0.5]]).size
    enough = step.slow * size
    for total, kind in ((0.9 * WORTH * enough, "rest"), (1.1 * WORTH * enough, "slow"), (0.5 * enough, "slow"),
                        (30.0 * enough, "slow")):  # fmt: skip
        law = Power(total / 100.0 / 0.5**N, N)
        told = reading([0.0, 50.0, 100.0], [[0.5, 0.5, 0.5]] * 3)
        found = plan(told, 0.0, law, Wet(), step)
        assert found.kind == kind
        if kind == "rest":
            assert found.time == 100.0 and found.move == pytest.approx(total)
        else:
            assert found.move.max() == pytest.approx(min(total, enough), rel=2e-3)
    run = plan(reading([0.0, 1.0], [[1.0, 0.5, 0.5], [0.2] * 3], [[0.1] * 3, [0.2] * 3]), 0.0, LAW, Wet(), step)
    assert run.kind == "run" and run.time == 0.0 and run.tilt.tolist() == [0.1] * 3
    assert run.move.max() == pytest.approx(step.run * size, rel=2e-3)
    assert plan(reading([0.0, 1.0], [[0.99] * 3] * 2), 0.0, Still(), Wet(), step).kind == "rest"


def test_points_that_run_alone_go_by_a_power_of_their_k_and_shut_ones_stay():
    """The largest goes 0.25 of the size, others (K / largest K)^20 of that, by themselves."""
    apart = {"front": np.arange(4), "closed": (False,) * 4}
    told = replace(reading([0.0, 1.0], [[1.2, 1.1, 0.9, -0.5], [0.2] * 4]), **apart)
    run = plan(told, 0.0, LAW, Wet(), Step())
    expected = 0.25 * told.size * np.array([1.0, (1.1 / 1.2) ** 20, 0.75**20, 0.0])
    np.testing.assert_allclose(run.move, expected, rtol=2e-3, atol=1e-20)
    longer = plan(told, 0.0, LAW, Wet(), Step(beta=5.0), 1.5)
    np.testing.assert_allclose(longer.move[:2], 0.375 * told.size * np.array([1.0, (1.1 / 1.2) ** 5]), rtol=2e-3)


@pytest.mark.parametrize(("share", "kind", "time"), [(0.9, "run", 60.0), (1.1, "slow", 60.0)])
def test_slow_growth_before_k_ic_is_a_step_of_its_own_where_it_is_a_twentieth_of_one(share, kind, time):
    """K is half of K_Ic for 50 s, then rises to it at 60 s; what grows while it rises is told too."""
    told = reading([0.0, 50.0, 60.0, 70.0], [[0.5] * 3, [0.5] * 3, [1.0] * 3, [1.5] * 3])
    worth = 50.0 * 0.5**N + ramp_integral(0.5, 1.0, 10.0)
    found = plan(told, 0.0, Power(share * BEFORE * Step().slow * told.size / worth, N), Wet(), Step())
    assert found.kind == kind and found.time == pytest.approx(time)


def test_the_rise_of_k_is_that_of_the_largest_at_one_time():
    a, b = reading([0.0, 10.0], [[0.5, 0.4], [1.0, 0.9]]), reading([0.0, 10.0], [[0.2, 0.8], [0.3, 1.2]])
    assert rise_of(a, b, 5.0) == pytest.approx(np.log(1.0 / 0.75))
    assert rise_of(a, reading([0.0, 10.0], [[0.0, 0.0]] * 2), 5.0) == 0.0
    assert LESS > 1.0
