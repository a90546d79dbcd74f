"""Histories of a few sizes: what is refused, how they end, what they say of themselves; runs at frozen time."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

from deadlight.errors import InputError
from deadlight.growth.arrest import crossings, run
from deadlight.growth.humidity import Humidity, Span
from deadlight.growth.law import NoGrowth, PowerLaw, SimpleExponential
from deadlight.growth.law_of import law_of
from deadlight.growth.law_table import TableLaw
from deadlight.growth.size_history import size_history
from deadlight.growth.size_model import Shaking
from deadlight.growth.waveform import Sine, Square
from deadlight.material import material

K_IC, A0 = 0.75e6, 1e-3
LAW = PowerLaw(n=18.0, v_c=1e-3, k_ref=K_IC)


def steady(k: float) -> Any:
    return lambda a, t: np.full(len(a), k)


def follow(k: Any, **named: Any) -> Any:
    given: dict[str, Any] = {"start": A0, "time": [0.0, 1e3], "toughness": K_IC, **named}
    return size_history(k, given.pop("law", LAW), **given)


def shaking(start: float, duration: float, amplitude: float = 1e4, name: str = "x") -> Shaking:
    return Shaking(name=name, start=start, duration=duration, shape=Sine(), amplitude=lambda a: amplitude + 0.0 * a)


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ({"time": [0.0]}, "do not rise"),
        ({"time": [0.0, 0.0]}, "do not rise"),
        ({"start": 0.0}, "sizes"),
        ({"start": math.nan}, "sizes"),
        ({"limit": A0}, "starts at its limit"),
        ({"shaking": [shaking(0.0, 10.0), shaking(5.0, 1.0, name="y")]}, "overlap"),
        ({"shaking": [shaking(0.0, 0.0)]}, "no duration"),
        ({"shaking": [shaking(0.0, 1.0, amplitude=-1.0)]}, "cannot be"),
    ],
)
def test_what_cannot_be_is_refused(named: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        follow(steady(4e5), **named)


def test_k_that_is_not_a_number_is_refused() -> None:
    with pytest.raises(InputError, match="not a number"):
        follow(lambda a, t: np.where(a > 1.0001e-3, np.nan, 6e5))


def test_ends() -> None:
    assert follow(steady(-1e5)).end == "dormant"
    assert follow(steady(5e5)).end == "growing"
    critical = follow(steady(8e5))
    assert critical.end == "critical" and not critical.runs[0].arrested
    grown = follow(steady(5e5), limit=1.0005e-3)
    assert grown.end == "limit" and grown.size[-1, 0] == 1.0005e-3
    v = 1e-3 * (5 / 7.5) ** 18
    assert grown.end_time == pytest.approx(0.5e-6 / v, rel=1e-7)
    ran = follow(steady(8e5), follow=True, limit=5e-3)
    assert ran.end == "limit" and ran.size[-1, 0] == 5e-3 and not ran.runs[0].arrested


def test_growth_far_below_the_size_is_still_exact() -> None:
    """1e-9 of the size: the error is held to the growth, not to the size."""
    k = 1.6e5
    found = follow(steady(k), time=[0.0, 1e3])
    assert found.size[-1, 0] - A0 == pytest.approx(1e3 * 1e-3 * (k / K_IC) ** 18, rel=1e-3)


def test_steep_history_of_k_between_two_instants() -> None:
    """K from 0 to 0.6 MPa m**0.5 in 100 s: v_c K**19 / (19 ...) in closed form, a ramp through many decades of v."""
    found = follow(lambda a, t: np.full(1, 6e3 * t), time=[0.0, 100.0, 101.0])
    assert found.size[1, 0] - A0 == pytest.approx(1e-3 * (6e3 / K_IC) ** 18 * 100.0**19 / 19.0, rel=1e-5)


@pytest.mark.parametrize("how", ["slow", "hardly", "shaken", "runs", "reaches a limit", "reaches K_Ic"])
def test_a_history_is_the_same_whenever_it_begins(how: str) -> None:
    """No law knows the date: sizes, end and runs move with the clock."""
    level = {"slow": 5e5, "hardly": 1e5, "shaken": 5e5, "runs": 7e5, "reaches a limit": 5e5, "reaches K_Ic": 7e5}[how]
    more = {"runs": {"follow": True, "limit": 4e-3}, "reaches a limit": {"limit": 1.0005e-3}}
    rise = 1.0 if how.startswith(("runs", "reaches K")) else 0.0
    found = []
    for begun in (0.0, 3e4, -7e4):
        time = begun + np.array([0.0, 200.0, 500.0, 1e3])
        shakes = [shaking(begun + 100.0, 250.0, 1e5)] if how == "shaken" else []

        def k(a: Any, t: float, begun: float = begun) -> Any:
            return level * (1.0 + rise * 3e-4 * (t - begun)) * np.sqrt(A0 / a)

        history = follow(k, time=time, shaking=shakes, **more.get(how, {}))
        ends = [(r.time - begun, r.arrested) for r in history.runs]
        found.append((history.end, history.end_time - begun, history.size[:, 0] - A0, ends, history.growth_by_shaking))
    for end, until, grown, ends, shaken in found[1:]:
        assert end == found[0][0] and until == pytest.approx(found[0][1], rel=1e-6)
        np.testing.assert_allclose(grown, found[0][2], rtol=1e-6)
        assert [e[1] for e in ends] == [e[1] for e in found[0][3]]
        assert [e[0] for e in ends] == pytest.approx([e[0] for e in found[0][3]], rel=1e-6)
        assert {n: float(g[0]) for n, g in shaken.items()} == pytest.approx(
            {n: float(g[0]) for n, g in found[0][4].items()}, rel=1e-6
        )


def test_dry_spans_stop_growth_and_the_clock_counts_from_entry() -> None:
    silica = law_of(material("fused_silica"), "exponential")
    clock = Humidity((Span(until=-50.0, state="vacuum", retained_water=0.0), Span(until=0.0, relative=0.25)))
    found = follow(steady(5e5), law=silica, time=[-100.0, 10.0], humidity=clock)
    v = float(silica.velocity(5e5, 298.15, 1.0))
    assert found.size[-1, 0] - A0 == pytest.approx(v * (0.5 * 50.0 + 10.0), rel=1e-7)


def test_use_beyond_the_data_of_the_law_is_told() -> None:
    silica = law_of(material("fused_silica"), "exponential")
    assert not follow(steady(4e5), law=silica).warnings
    hot = follow(steady(2e5), law=silica, temperature=500.0)
    assert [w.alarm for w in hot.warnings] == [True]
    shut = follow(steady(-2e5), law=silica, temperature=500.0)
    assert not shut.warnings  # nothing grew there


def test_first_reach_of_k_ic_without_slow_growth_is_found_in_time() -> None:
    found = follow(lambda a, t: np.full(1, 1e6 * (t / 1e3) ** 2), law=NoGrowth())
    assert found.end == "critical" and found.end_time == pytest.approx(1e3 * math.sqrt(0.75), rel=1e-9)
    assert found.size[-1, 0] == A0


def test_a_crack_held_to_k_ic_grows_with_the_load_and_later_margin_is_reported() -> None:
    """K = c t/sqrt(a), stable: a = (c t/K_Ic)**2 while the load rises; when it falls the crack rests with a margin."""
    c = K_IC * math.sqrt(A0) / 10.0
    load = lambda t: t if t < 20.0 else max(40.0 - t, 10.0)  # noqa: E731
    found = follow(lambda a, t: c * load(t) / np.sqrt(a), law=NoGrowth(), time=np.linspace(0.0, 30.0, 61), follow=True)
    np.testing.assert_allclose(
        found.size[:, 0], A0 * np.maximum(np.minimum(found.time, 20.0) / 10.0, 1.0) ** 2, rtol=1e-5
    )
    assert found.runs[0].time == pytest.approx(10.0, rel=1e-6)
    assert found.later_margin == pytest.approx(20.0 / 19.5 - 1.0, rel=1e-3)
    assert [w.alarm for w in found.warnings] == [True]


def test_shaking_over_a_jump_of_humidity_and_its_share_of_the_growth() -> None:
    shake = Shaking(name="burn", start=100.0, duration=200.0, shape=Square(), amplitude=lambda a: 1e5 + 0.0 * a)
    law = SimpleExponential(v0=1e-15, beta=4e-5)
    found = follow(steady(3e5), law=law, shaking=[shake])
    low, high = (float(law.velocity(k, 298.15, 1.0)) for k in (3e5, 4e5))
    assert found.growth_by_shaking["burn"][0] == pytest.approx(200.0 * high, rel=1e-6)
    assert found.size[-1, 0] - A0 == pytest.approx(200.0 * high + 800.0 * low, rel=1e-6)


@pytest.mark.parametrize(("amplitude", "alarms"), [(1e5, 0), (2e5, 1), (4e5, 1)])
def test_a_table_that_ends_below_the_peak_of_a_shaking_is_told(amplitude: float, alarms: int) -> None:
    law = TableLaw(k=[1e5, 4.5e5], temperature=[298.15], humidity=[1.0], v=[[[1e-12]], [[1e-9]]])
    found = follow(steady(3e5), law=law, shaking=[shaking(100.0, 1.0, amplitude)], follow=True)
    told = [r for r in found.warnings if "ends at K = 0.45 MPa m**0.5" in r]
    assert len(told) == alarms and all(r.alarm for r in told)
    assert not alarms or f"up to {(3e5 + amplitude) / 1e6:.3g}" in told[0]


def test_run_stops_at_the_exact_size_and_at_limits() -> None:
    size, arrested = run(lambda a: 1.5 * np.sqrt(A0 / a), A0)
    assert arrested and size[0] == pytest.approx(2.25 * A0, rel=1e-9)
    size, arrested = run(lambda a: 1.5 + 0.0 * a, A0, limit=3e-3)
    assert not arrested and size[0] == 3e-3
    size, arrested = run(lambda a: 0.9 + 0.0 * a, A0)
    assert arrested and size[0] == A0
    with pytest.raises(InputError, match="without end"):
        run(lambda a: 2.0 + 0.0 * a, A0)


def test_run_of_two_sizes_moves_the_critical_one() -> None:
    """Depth at 1.2 K_Ic, half length at 0.8: the second moves by a share (K/K_max)**30 <= 0.0012 of the first."""
    size, arrested = run(lambda a: np.array([1.2, 0.8]) * np.sqrt(A0 / a), [A0, A0])
    assert arrested and size[0] == pytest.approx(1.44 * A0, rel=1e-6)
    assert size[1] == pytest.approx(A0, rel=0.44 * 0.0012) and size[1] > A0


def test_branches_of_k_against_size() -> None:
    found = crossings(lambda a: 1.0 + np.sin(a), np.linspace(1.0, 10.0, 50))
    assert [f.rising for f in found] == [False, True, False]
    np.testing.assert_allclose([f.size for f in found], [math.pi, 2 * math.pi, 3 * math.pi], rtol=1e-10)
    with pytest.raises(InputError):
        crossings(lambda a: np.full(len(a), np.nan), [1.0, 2.0])


def test_a_branch_that_meets_a_given_size_exactly_is_found_once() -> None:
    sizes = np.array([0.5, 1.0, 1.5])
    for ratio, rising in ((lambda a: a, True), (lambda a: 2.0 - a, False)):
        (found,) = crossings(ratio, sizes)
        assert found.size == pytest.approx(1.0) and found.rising is rising


def test_a_size_of_nothing_does_not_run() -> None:
    with pytest.raises(InputError, match="not positive"):
        run(lambda a: 0.5 + a, 0.0)


def test_slow_growth_over_a_long_time_is_integrated_and_not_bounded() -> None:
    """K rises from 0 to 0.3 K_Ic in 1e6 s whatever the size: v_c 0.3^18 1e6 s / 19 is a hundred thousandth of it."""
    found = follow(lambda a, t: np.full(len(a), 0.3 * K_IC * t / 1e6), time=[0.0, 1e6])
    assert found.size[-1, 0] - A0 == pytest.approx(1e-3 * 0.3**18 * 1e6 / 19.0, rel=1e-4)


def test_a_run_begins_though_the_instant_was_found_from_below() -> None:
    """Rising load over a K that falls with size: held at K_Ic, a^0.5 follows the load from the instant of K_Ic on."""

    def k(a: Any, t: float) -> Any:
        return K_IC * (0.9 + 2e-4 * t) * np.sqrt(A0 / a)

    found = follow(k, law=NoGrowth(), time=np.linspace(0.0, 1e3, 11), follow=True, limit=5e-3)
    assert found.runs and found.runs[0].time == pytest.approx(500.0, rel=1e-6)
    np.testing.assert_allclose(found.size[6:11, 0], A0 * (0.9 + 2e-4 * np.linspace(600.0, 1e3, 5)) ** 2, rtol=1e-5)


def test_shakings_may_follow_one_another_at_once() -> None:
    law = SimpleExponential(v0=1e-15, beta=4e-5)
    found = follow(steady(3e5), law=law, shaking=[shaking(100.0, 50.0, name="x"), shaking(150.0, 50.0, name="y")])
    assert found.growth_by_shaking["x"][0] == pytest.approx(found.growth_by_shaking["y"][0], rel=1e-6)
    assert found.growth_by_shaking["x"][0] > 50.0 * float(law.velocity(3e5, 298.15, 1.0))


def test_an_end_at_the_first_instant_is_one_row() -> None:
    found = follow(steady(8e5))
    assert found.end == "critical" and found.time.tolist() == [0.0] and found.size.tolist() == [[A0]]


def test_a_crack_held_to_k_ic_runs_once_an_instant_while_the_load_rises() -> None:
    """K_Ic is reached at 500 s; then K is above it at each later instant, and in no other."""

    def k(a: Any, t: float) -> Any:
        return K_IC * (0.9 + 2e-4 * t) * np.sqrt(A0 / a)

    found = follow(k, law=NoGrowth(), time=np.linspace(0.0, 1e3, 11), follow=True, limit=5e-3)
    assert [r.time for r in found.runs] == pytest.approx([500.0, 600.0, 700.0, 800.0, 900.0, 1000.0], rel=1e-6)
    for before, after in itertools.pairwise(found.runs):
        np.testing.assert_array_equal(before.stop, after.start)


def test_a_crack_that_begins_just_at_k_ic_is_critical_without_slow_growth() -> None:
    found = follow(steady(K_IC), law=NoGrowth())
    assert found.end == "critical" and found.end_time == 0.0


def test_a_crack_that_is_held_jumps_at_the_instant_at_which_its_stable_branch_ends() -> None:
    """K/K_Ic = L g(x), x = a/A0: g falls to x = 1.5, rises to 3 and falls again; L rises to 1/g(1.5) at 1624 s."""

    def k(a: Any, t: float) -> Any:
        x = a / A0
        low = 1.5**-0.5
        rises, top = low + 0.2 * (x - 1.5), low + 0.3
        g = np.where(
            x < 1.5, np.minimum(x, 1.5) ** -0.5, np.where(x < 3.0, rises, top * (3.0 / np.maximum(x, 3.0)) ** 2)
        )
        return K_IC * (0.9 + 2e-4 * t) * g

    found = follow(k, law=NoGrowth(), time=np.linspace(0.0, 3e3, 4), follow=True, limit=9e-3)
    assert found.end == "growing"
    top = 1.5**-0.5 + 0.3
    after = [3.0 * math.sqrt(top * load) for load in (1.3, 1.5)]
    np.testing.assert_allclose(found.size[:, 0] / A0, [1.0, 1.1**2, *after], rtol=1e-5)
    jumps = [r for r in found.runs if r.stop[0] > 2.0 * r.start[0]]
    assert len(jumps) == 1 and all(r.arrested for r in found.runs)
    # a run passes over a dip narrower than its steps of 1 %, 0.015: 1.7e-3 deep with slopes of -0.272 and 0.2
    instant, early = (1.5**0.5 - 0.9) / 2e-4, 1.7e-3 * 1.5 / 2e-4
    assert instant - early < jumps[0].time < instant + 0.05
    assert 1.5 / 1.05 - 1e-3 < jumps[0].start[0] / A0 <= 1.5 + 1e-6
    assert jumps[0].stop[0] / A0 == pytest.approx(3.0 * math.sqrt(top * 1.5**0.5), rel=2e-3)
    rising = [r.time for r in found.runs]
    assert rising == sorted(rising) and rising[0] == pytest.approx(500.0, rel=1e-6)


def test_a_peak_of_a_shaking_that_reaches_k_ic_is_its_cause() -> None:
    found = follow(steady(6e5), shaking=[shaking(100.0, 10.0, 2e5, name="shock")])
    (run_,) = found.runs
    assert found.end == "critical" and run_.cause == "shock" and run_.time == found.end_time == 100.0
    assert not run_.arrested and run_.start == run_.stop == found.size[-1] > A0
    plain = follow(steady(8e5))
    assert plain.runs[0].cause == "" and list(found.growth_by_shaking) == ["shock"]
    assert found.growth_by_shaking["shock"][0] == 0.0


def test_k_and_its_ratio_are_those_without_shaking_at_the_sizes_that_are_told() -> None:
    """K_Ic falls with temperature, which rises with time."""
    found = follow(
        lambda a, t: 4e5 * np.sqrt(a / A0),
        time=[0.0, 500.0, 1e3],
        temperature=lambda a, t: np.full(len(a), 300.0 + 0.1 * t),
        toughness=lambda T: 0.8e6 - 1e3 * (T - 300.0),
        shaking=[shaking(0.0, 900.0)],
    )
    np.testing.assert_allclose(found.k, 4e5 * np.sqrt(found.size / A0), rtol=1e-12)
    np.testing.assert_allclose(found.ratio, found.k / np.array([[0.8e6], [0.75e6], [0.7e6]]), rtol=1e-12)
    assert (np.diff(found.size[:, 0]) > 0.0).all()
