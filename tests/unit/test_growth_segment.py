"""Between two geometries: shares of the log of the area, where a run comes to rest, rates at either end."""

from dataclasses import replace

import numpy as np
import pytest

from deadlight.growth.segment import BELOW, Segment, _root, breakpoints
from support_growth import K_IC, Circle, Power, Still, Wet

TIME = np.array([0.0, 10.0, 20.0])


def circle(a, *k):
    return Circle(a, TIME, lambda a: K_IC * np.array(k)).solve().reading


def segment(first, last, law=None, clock=None):
    return Segment(first, last, last.area - first.area, law or Still(), clock or Wet())


def test_k_over_k_ic_is_linear_in_the_log_of_the_area_and_in_time():
    made = segment(circle(1e-3, 1.5, 1.0, 0.5), circle(2e-3, 0.5, 0.7, 0.9))
    for progress in (0.0, 0.1, 0.6, 1.0):
        share = np.log(1.0 + 3.0 * progress) / np.log(4.0)
        assert made.share(progress) == pytest.approx(share, abs=1e-12)
        assert made.ratio(progress, 5.0) == pytest.approx(1.25 + share * (0.6 - 1.25))


@pytest.mark.parametrize("grown", [1.05, 2.0, 10.0])
@pytest.mark.parametrize("high", [1.01, 1.5, 4.0])
def test_a_run_rests_just_beyond_where_k_is_k_ic(grown, high):
    made = segment(circle(1e-3, high, high, high), circle(grown * 1e-3, 0.8, 0.8, 0.8))
    stop = made.rest(0.0, 0.0)
    assert made.ratio(stop, 0.0) < 1.0 and made.ratio(stop - 2.0 * BELOW, 0.0) >= 1.0
    assert made.rest(stop, 0.0) == stop and made.rest(0.5 * (1.0 + stop), 0.0) == 0.5 * (1.0 + stop)
    assert made.rest(0.5 * stop, 0.0) == stop


def test_there_is_no_rest_where_the_next_geometry_runs_too_and_none_is_needed_below_k_ic():
    assert segment(circle(1e-3, 1.5, 1.5, 1.5), circle(2e-3, 1.0, 1.0, 1.0)).rest(0.2, 0.0) is None
    assert segment(circle(1e-3, 0.5, 0.5, 0.5), circle(2e-3, 2.0, 2.0, 2.0)).rest(0.1, 0.0) == 0.1
    near = segment(circle(1e-3, 2.0, 2.0, 2.0), circle(2e-3, 1.0 - 1e-12, 0.0, 0.0)).rest(0.0, 0.0)
    assert near == 1.0, "no farther than the next geometry"


def test_the_rate_at_either_geometry_is_its_own_and_in_between_that_of_a_power_of_the_area():
    law = Power(1e-6, 16.0)
    made = segment(circle(1e-3, 0.4, 0.4, 0.4), circle(2e-3, 0.6, 0.6, 0.6), law)
    wet = np.ones(1)
    swept = 3e-6 * np.pi
    for progress, a, k in ((0.0, 1e-3, 0.4), (1.0, 2e-3, 0.6)):
        assert made.rate(progress, 0.0, wet) == pytest.approx(2.0 * np.pi * a * 1e-6 * k**16 / swept, rel=1e-9)
    area = np.pi * 1e-6 * (1.0 + 3.0 * 0.3)
    k = 0.4 * (area / np.pi / 1e-6) ** (np.log(1.5) / np.log(4.0))
    length = 2.0 * np.sqrt(np.pi * area)
    assert made.rate(0.3, 0.0, wet) == pytest.approx(length * 1e-6 * k**16 / swept, rel=1e-9)


@pytest.mark.parametrize("rests", [0, 1])
def test_where_one_geometry_stands_still_the_rate_goes_linearly_to_nothing(rests):
    pair = [circle(1e-3, 0.5, 0.5, 0.5), circle(2e-3, 0.5, 0.5, 0.5)]
    pair[rests] = circle((rests + 1) * 1e-3, 0.0, 0.0, 0.0)
    made = segment(*pair, Power(1e-6, 4.0))
    whole = made.rate(1.0 - rests, 0.0, np.ones(1))
    assert whole == pytest.approx(2.0 * np.pi * (2 - rests) * 1e-3 * 1e-6 / 16.0 / made.swept)
    assert made.rate(0.25, 0.0, np.ones(1)) == pytest.approx((0.75 if rests else 0.25) * whole)
    assert made.rate(float(rests), 0.0, np.ones(1)) == 0.0


def test_beyond_k_ic_the_rate_is_that_at_k_ic():
    law = Power(1e-6, 16.0)
    at, over = (segment(circle(1e-3, k, k, k), circle(2e-3, k, k, k), law) for k in (1.0, 1.7))
    assert over.rate(0.0, 0.0, np.ones(1)) == pytest.approx(at.rate(0.0, 0.0, np.ones(1)))


@pytest.mark.parametrize("n", [1.0, 8.0, 30.0])
@pytest.mark.parametrize("p", [0.25, -0.3])
def test_a_march_takes_the_exact_time_of_a_power_law(n, p):
    """K = c A^p: dA/dt = 2 (pi A)^0.5 v_c (c A^p)^n, so t = [A^(0.5 - n p)] / (2 pi^0.5 v_c c^n (0.5 - n p))."""
    k = [0.5, 0.5 * 1.3 ** (2.0 * p)]
    first, last = circle(1e-3, *[k[0]] * 3), circle(1.3e-3, *[k[1]] * 3)
    c = 0.5 / (np.pi * 1e-6) ** p
    q = 0.5 - n * p

    def seconds(v_c, area):
        return (area**q - first.area**q) / (2.0 * np.sqrt(np.pi) * v_c * c**n * q)

    v_c = seconds(1.0, last.area) / 15.0
    march = segment(first, last, Power(v_c, n)).march(2.0)
    assert march.crossed and march.end == pytest.approx(17.0, rel=5e-5)
    for t, xi in zip(march.time[1:], march.progress[1:]):
        assert seconds(v_c, first.area + xi * (last.area - first.area)) == pytest.approx(t - 2.0, rel=1e-4, abs=1e-6)
    assert max(np.diff(march.progress)) <= 0.15 + 1e-9, "straight lines between the points of the trace will do"
    slow = segment(first, last, Power(v_c / 3.0, n)).march(0.0)
    assert not slow.crossed and slow.end == 20.0 and not slow.runs
    left = first.area + slow.progress[-1] * (last.area - first.area)
    assert seconds(v_c / 3.0, left) == pytest.approx(20.0, rel=1e-4)


def test_a_march_slows_down_where_it_is_drier():
    """K even and the front of one length: a steady rate, a quarter of it between the jumps at 8 and 12 s."""

    class Moist(Power):
        def velocity(self, k, temperature, humidity):
            return super().velocity(k, temperature, 0.0) * humidity

    first = circle(1e-3, 0.5, 0.5, 0.5)
    last = replace(circle(1.1e-3, 0.5, 0.5, 0.5), weight=first.weight)
    swept = last.area - first.area
    speed = swept / float(first.weight[0]) / 15.0 * 2.0**6
    clock = Wet(((8.0, 1.0), (12.0, 0.25)))
    march = segment(first, last, Moist(speed, 6.0), clock).march(2.0)
    at = np.interp([8.0, 12.0], march.time, march.progress)
    np.testing.assert_allclose([*at, march.progress[-1]], [6.0 / 15.0, 7.0 / 15.0, 1.0], rtol=1e-6)
    assert march.crossed and march.end == pytest.approx(20.0, rel=1e-6)


def test_a_march_runs_where_k_reaches_k_ic_and_rests_where_it_falls():
    """K rises to 1.25 K_Ic at 10 s on the first geometry, and is 0.75 of it then on the next: K_Ic from 8 s on."""
    made = segment(circle(1e-3, 0.0, 1.25, 0.0), circle(2e-3, 0.0, 0.75, 0.0))
    march = made.march(0.0)
    assert not march.crossed and march.end == 20.0
    assert march.runs[0][0] == pytest.approx(8.0, rel=1e-6) and march.runs[0][1] == 0.0
    assert made.share(march.runs[-1][2]) == pytest.approx(0.5, abs=0.02) and march.progress[-1] == march.runs[-1][2]
    assert all(b >= a for _, a, b in march.runs)
    assert (np.diff(march.time) >= 0.0).all() and (np.diff(march.progress) >= 0.0).all()


def test_k_ic_is_met_within_a_later_interval_too():
    """K stays 0 to 10 s and rises to 1.25 K_Ic at 20 s: K_Ic at 18 s, though nothing moved in the interval before."""
    march = segment(circle(1e-3, 0.0, 0.0, 1.25), circle(2e-3, 0.0, 0.0, 0.75)).march(0.0)
    assert march.runs[0][0] == pytest.approx(18.0, rel=1e-6) and march.runs[0][1] == 0.0


def test_instants_are_those_of_the_history_and_the_jumps_within_it():
    found = breakpoints(TIME, Wet(((-5.0, 0.0), (0.0, 1.0), (7.0, 0.5), (10.0, 1.0), (20.0, 0.0), (30.0, 1.0))))
    assert found.tolist() == [0.0, 7.0, 10.0, 20.0]


@pytest.mark.parametrize("at", [1e-9, 0.123456789, 0.5, 1.0])
def test_a_root_is_found_from_above(at):
    found = _root(lambda x: x - at)
    assert found >= at and found == pytest.approx(at, abs=2e-12)
