"""Gas of a gap with leaks: its states, flows and rates at an instant in closed form, and the check of its balances."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from deadlight.entry.gap import CP, GAS, GapSpec, Vent, _Smooth, orifice_flow
from deadlight.errors import InputError
from deadlight.outcome.leak import CV, LeakyGap, _balances, _Gas, _told, leaky_gap
from deadlight.outcome.slit import Slit, viscosity
from deadlight.series import Series

TIMES = np.array([0.0, 100.0])
OUTSIDE = Series(TIMES, np.array([2e4, 8e4]))  # between the two the logarithm is a straight line
WALL = Series(TIMES, np.array([300.0, 360.0]))
COLD, HOT = Series.constant(250.0), Series.constant(1200.0)
VOLUME, DISTANCE = 2e-3, 0.015


def slit(opening: float, name: str = "crack") -> Slit:
    values = np.tile([opening, 0.5 * opening, 0.0], (2, 1))
    return Slit(
        Series(TIMES, values), np.array([4e-3, 3e-3, 5e-3]), 0.01, Series(TIMES, np.array([400.0, 500.0])), name
    )


def model(spec: GapSpec, *slits: Slit, hot: Series | None = HOT, shut: float = math.nan) -> _Gas:
    return _Gas(spec, _Smooth(OUTSIDE, 1e-3), _Smooth(WALL, 1.0), DISTANCE, slits, COLD, hot, shut)


def vented(area: float = 2e-5, **more: float) -> GapSpec:
    return GapSpec(name="g", volume=VOLUME, vent=Vent(area=area, **more))


def around(t: float) -> tuple[float, float, float, float]:
    """Outside pressure, wall, and the slopes of their logarithms."""
    p, w = math.log(4.0) / 100.0, math.log(1.2) / 100.0
    return 2e4 * math.exp(p * t), 300.0 * math.exp(w * t), p, w


@pytest.mark.parametrize("t", [20.0, 71.0])
@pytest.mark.parametrize("state", [(-0.3, 25.0), (0.2, -40.0)])
def test_state_flows_and_rates_at_an_instant(t: float, state: tuple[float, float]) -> None:
    """Mass and energy of m = p V/(R T): m' = sum G, (m cv T)' = sum G cp Tg - film (T - wall)."""
    crack = slit(4e-5)
    gas = model(vented(open_fraction=0.5), crack)
    outside, wall, slope, rise = around(t)
    p, warm = outside * math.exp(state[0]), wall + state[1]
    mass = p * VOLUME / (GAS * warm)
    assert [float(x) for x in gas.here(t, state)] == pytest.approx([p, warm, mass], rel=1e-12)
    mu = 1.458e-6 * warm**1.5 / (warm + 110.4)
    jump = 2.8 / 2.4 / 0.71 * mu * math.sqrt(math.pi * GAS * warm / 2.0) / p
    film = 12.0 * mu * CP / 0.71 / DISTANCE * (VOLUME / DISTANCE) / (1.0 + 6.0 * jump / DISTANCE)
    assert float(gas.film(p, warm)) == pytest.approx(film, rel=1e-12)
    inward = state[0] < 0.0
    high, low, sign = (outside, p, 1.0) if inward else (p, outside, -1.0)
    (a, vent, vent_gas), (b, leak, leak_gas) = gas.flows(t, state, p, warm)
    assert (a, b) == ("vent", "crack")
    assert float(vent) == pytest.approx(
        sign * 2e-5 * 0.6 * 0.5 * float(orifice_flow(high, low, 250.0 if inward else warm))
    )
    assert float(vent_gas) == (250.0 if inward else pytest.approx(warm))
    mouth = 1200.0 if inward else warm
    flux = crack.flux(t, high, abs(state[0]), mouth)
    assert float(leak) == pytest.approx(sign * float(flux @ np.array([4e-3, 3e-3, 5e-3])), rel=1e-12)
    assert float(leak_gas) == pytest.approx(float(crack.leaves_at(t, flux, mouth)) if inward else warm, rel=1e-12)
    gain = float(vent + leak)
    power = CP * float(vent * vent_gas + leak * leak_gas) - film * state[1]
    hotter = (power / CV - gain * warm) / mass
    found = gas.rates(t, np.array(state))
    assert found == pytest.approx([gain / mass + hotter / warm - slope, hotter - wall * rise], rel=1e-9)


def test_thin_gas_is_seen_by_its_jump() -> None:
    """1e-4 Pa: the film is that of free paths, which goes with the pressure."""
    gas = model(vented())
    assert float(gas.film(1e-4, 300.0)) == pytest.approx(2.0 * float(gas.film(5e-5, 300.0)), rel=1e-3)
    assert float(gas.film(1e5, 300.0)) == pytest.approx(
        12.0 * viscosity(300.0) * CP / 0.71 * VOLUME / DISTANCE**2, rel=1e-3
    )


@pytest.mark.parametrize("state", ["blocked", "sealed"])
def test_the_vent_of_a_gap_that_is_shut_lets_nothing_through(state: str) -> None:
    spec = GapSpec(name="g", volume=VOLUME, state=state, vent=Vent(area=1e-4), pressure=500.0, temperature=250.0)
    assert not model(spec).flows(10.0, (0.1, 0.0), 1e4, 300.0)
    found = leaky_gap(spec, outside=OUTSIDE, wall=WALL, distance=DISTANCE, outside_temperature=COLD)
    assert not found.flow and not found.brought
    assert found.mass == pytest.approx(500.0 * VOLUME / (GAS * 250.0), rel=1e-12)
    assert found.pressure[0] == pytest.approx(500.0 * 300.0 / 250.0) and found.temperature[0] == pytest.approx(300.0)


def test_without_gas_of_its_own_a_crack_breathes_what_is_at_the_vent() -> None:
    gas = model(vented(), slit(1e-5), hot=None)
    assert (
        float(gas.mouth(5.0, np.array(True), 333.0)) == 250.0 and float(gas.mouth(5.0, np.array(False), 333.0)) == 333.0
    )


def test_shut_gas_keeps_its_mass_whatever_the_state() -> None:
    gas = model(GapSpec(name="g", volume=VOLUME, state="sealed", pressure=1e4), shut=3e-6)
    p, warm, mass = gas.here(50.0, (7.0, 20.0))
    wall = around(50.0)[1]
    assert float(mass) == 3e-6 and float(warm) == pytest.approx(wall + 20.0)
    assert float(p) == pytest.approx(3e-6 * GAS * (wall + 20.0) / VOLUME)
    film = float(gas.film(p, warm))
    first, second = gas.rates(50.0, np.array([7.0, 20.0]))
    assert first == 0.0
    assert second == pytest.approx(-film * 20.0 / (3e-6 * CV) - wall * around(50.0)[3], rel=1e-9)


def fake(gas: _Gas, steps: int = 60) -> SimpleNamespace:
    """No solution at all: a state that goes its own way."""

    def state(t: np.ndarray) -> np.ndarray:
        return np.array([0.3 * np.sin(t / 9.0) - 0.1, 10.0 + 0.4 * t - 30.0 * np.sin(t / 15.0)])

    t = np.concatenate([[0.0], np.linspace(6.0, 100.0, steps)])
    return SimpleNamespace(t=t, y=state(t), sol=state)


def test_the_check_of_the_balances_finds_what_is_not_balanced() -> None:
    """Change against what flows, over all that flows and the larger content: by sums of 200 000 parts."""
    gas = model(vented(2e-6), slit(8e-5))
    solution = fake(gas)
    t = np.linspace(*TIMES, 200_001)
    state = solution.sol(t)
    p, warm, mass = gas.here(t, state)
    flows = [(np.asarray(g), np.asarray(x)) for _, g, x in gas.flows(t, state, p, warm)]
    lost = gas.film(p, warm) * state[1]

    def total(values: np.ndarray) -> float:
        return float(np.trapezoid(values, t))

    came, passed = sum(total(g) for g, _ in flows), sum(total(np.abs(g)) for g, _ in flows)
    heat = CP * sum(total(g * x) for g, x in flows) - total(lost)
    moved = CP * sum(total(np.abs(g * x)) for g, x in flows) + total(np.abs(lost))
    content = CV * mass * warm
    due = [
        abs(mass[-1] - mass[0] - came) / (passed + max(mass[0], mass[-1])),
        abs(content[-1] - content[0] - heat) / (moved + max(content[0], content[-1])),
    ]
    assert min(due) > 0.05
    assert _balances(gas, solution, np.array([0.0, 33.0, 100.0])) == pytest.approx(due, rel=3e-3)


def test_the_answer_tells_flows_what_they_bring_and_heat_to_the_walls() -> None:
    gas = model(vented(2e-6), slit(8e-5), slit(2e-3, "wide"))
    solution, time = fake(gas), np.linspace(0.0, 100.0, 41)
    found = _told(gas, solution, time, (1e-7, 2e-7))
    state = solution.sol(time)
    p, warm, mass = gas.here(time, state)
    assert (found.pressure == p).all() and (found.temperature == warm).all() and (found.mass == mass).all()
    assert found.to_walls == pytest.approx(gas.film(p, warm) * state[1])
    assert (found.mass_balance, found.energy_balance) == (1e-7, 2e-7)
    flows = gas.flows(time, state, p, warm)
    assert [name for name, _, _ in flows] == list(found.flow) == list(found.brought) == ["vent", "crack", "wide"]
    for name, rate, comes in flows:
        into = rate > 0.0
        assert into.any() and not into.all()
        assert (found.flow[name] == rate).all() and (found.brought[name][~into] == 0.0).all()
        assert found.brought[name][into] == pytest.approx((rate * CP * (comes - warm))[into])
    (told,) = found.remarks
    assert told.alarm and told.startswith("wide: Reynolds number") and "turbulent" in told


def test_what_passed_is_what_came_in() -> None:
    zero = np.zeros(4)
    gas = LeakyGap(np.array([0.0, 1, 3, 4]), zero, zero, zero, {"crack": np.array([2.0, 4, 0, -5])}, {}, zero, 0, 0, ())
    assert gas.passed("crack") == pytest.approx(3.0 + 4.0)


def test_a_gap_begins_at_its_start_and_at_its_walls() -> None:
    """A vented one where nothing else is said at the pressure outside; to its own end it follows both."""
    spec = vented(1e-4)
    late = Series(np.array([0.0, 40.0]), np.array([300.0, 300.0]))
    for start, first in ((None, 2e4), (5e3, 5e3)):
        found = leaky_gap(
            spec, outside=OUTSIDE, wall=late, distance=DISTANCE, outside_temperature=Series.constant(300.0), start=start
        )
        assert found.pressure[0] == pytest.approx(first, rel=1e-9) and found.temperature[0] == pytest.approx(300.0)
        assert (found.time[0], found.time[-1]) == (0.0, 100.0)
        assert found.pressure[-1] == pytest.approx(8e4, rel=1e-3)
        assert found.passed("vent") == pytest.approx(found.mass[-1] - found.mass[0], rel=1e-2)
        assert max(found.mass_balance, found.energy_balance) <= 1e-6


@pytest.mark.parametrize(
    ("distance", "names"),
    [(0.0, ()), (-1.0, ()), (math.inf, ()), (math.nan, ()), (DISTANCE, ("a", "a")), (DISTANCE, ("vent",))],
)
def test_gaps_that_are_none_are_refused(distance: float, names: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="gap g"):
        leaky_gap(
            vented(), outside=OUTSIDE, wall=WALL, distance=distance, outside_temperature=COLD,
            slits=[slit(1e-5, n) for n in names],
        )  # fmt: skip
