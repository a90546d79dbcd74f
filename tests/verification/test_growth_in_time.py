"""Growth between geometries in real time, against closed forms: K is given, so only the marching is at stake.

Sources: exact integrals of v = v_c (K/K_Ic)^n and v0 exp(beta K) for K = 2 sigma sqrt(a/pi) (Evans & Wiederhorn 1974;
ASTM C1368); arrest of a penny with pressure on an inner patch and remote tension by superposition (Sneddon 1946).
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

from deadlight.growth.follow import follow
from deadlight.growth.plan import Step
from deadlight.growth.record import CRITICAL, End
from deadlight.growth.state import pack, unpack
from support_growth import K_IC, Circle, Exponential, Power, Still, Wet, radius

POWER = Power(1e-3, 18.0)


def _constant(sigma: float, count: int = 2, end: float = 1e6) -> tuple[np.ndarray, object]:
    time = np.linspace(0.0, end, count)
    return time, lambda a: np.full(count, 2.0 * sigma * np.sqrt(a / np.pi))


@pytest.mark.reference("Evans & Wiederhorn 1974, Int. J. Fracture 10:379")
def test_life_under_constant_stress_power_law() -> None:
    time, k = _constant(10e6)
    record = follow(Circle(1e-3, time, k), POWER, Wet(), limit=40)
    # t = (a_f^(1-n/2) - a_0^(1-n/2)) / ((1 - n/2) v_c (2 sigma / (K_Ic sqrt(pi)))^n)
    n, c = POWER.n, 2 * 10e6 / (K_IC * np.sqrt(np.pi))
    a_f = 1.0 / c**2
    exact = (a_f ** (1 - n / 2) - 1e-3 ** (1 - n / 2)) / ((1 - n / 2) * POWER.v_c * c**n)
    assert exact == pytest.approx(80134.3, rel=1e-5)
    assert record.first_critical == pytest.approx(exact, rel=2e-4)


def test_life_under_constant_stress_exponential_law() -> None:
    law = Exponential(2.60076e-15, 4.43735e-05)
    time, k = _constant(12e6, end=1e4)
    record = follow(Circle(1e-3, time, k), law, Wet(), limit=40)
    speed = lambda a: float(law.velocity(2 * 12e6 * np.sqrt(a / np.pi), 300.0, 1.0))  # noqa: E731
    a_f = np.pi * (K_IC / (2 * 12e6)) ** 2
    exact = quad(lambda a: 1.0 / speed(a), 1e-3, a_f, limit=400)[0]
    assert exact == pytest.approx(238.632, rel=1e-4)
    assert a_f == pytest.approx(0.00306796, rel=1e-5)
    assert record.first_critical == pytest.approx(exact, rel=1e-3)


@pytest.mark.reference("ASTM C1368")
def test_failure_under_constant_stress_rate() -> None:
    time = np.linspace(0.0, 400.0, 401)
    record = follow(Circle(1e-3, time, lambda a: 2e5 * time * np.sqrt(a / np.pi)), POWER, Wet(), limit=40)
    assert record.first_critical == pytest.approx(165.812, rel=1e-3)


@pytest.mark.reference("Evans & Wiederhorn 1974, Int. J. Fracture 10:379")
def test_radii_after_steps_of_stress() -> None:
    time = np.array([0.0, 48000.0, 48000.001, 48170.0, 48170.001, 49770.001])
    sigma = np.array([10e6, 10e6, 13e6, 13e6, 11e6, 11e6])
    record = follow(Circle(1e-3, time, lambda a: 2 * sigma * np.sqrt(a / np.pi)), POWER, Wet())
    grown = radius(record.area_at(np.array([48000.0, 48170.0, 49770.0]))) - 1e-3
    assert grown == pytest.approx(np.array([1.21e-4, 2.5505e-4, 4.4909e-4]), rel=3e-3)
    assert record.end is End.HISTORY_OVER


def test_error_of_the_life_falls_with_the_step() -> None:
    """The logarithm of the rate is taken linear in that of the area: second order for a K that is no power of it."""
    time = np.linspace(0.0, 1e6, 2)
    k = lambda a: np.full(2, 1.0e6 * (a / 1e-3) ** 0.5 / (1.0 + a / 2e-3))  # noqa: E731
    speed = lambda a: float(POWER.velocity(k(a)[0], 300.0, 1.0))  # noqa: E731
    exact = quad(lambda a: 1.0 / speed(a), 1e-3, 1.6e-3)[0]

    def off(step: float) -> float:
        record = follow(Circle(1e-3, time, k), POWER, Wet(), step=Step(slow=step), limit=60)
        area = np.pi * 1.6e-3**2
        return abs(float(np.interp(area, record.trace_area, record.trace_time)) / exact - 1.0)

    errors = [off(step) for step in (0.2, 0.1, 0.05)]
    rates = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    assert errors[1] < 5e-3
    assert (rates > 1.7).all(), (errors, rates)


def _patch(time: np.ndarray, remote: np.ndarray) -> object:
    b, p = 1e-3, 60e6

    def k(a: float) -> np.ndarray:
        inner = 2 * p / np.sqrt(np.pi * a) * (a - np.sqrt(max(a * a - b * b, 0.0)))
        return inner + 2 * remote * np.sqrt(a / np.pi)

    return k


@pytest.mark.reference("Sneddon 1946, Proc. R. Soc. A 187:229")
def test_pop_in_arrests_where_k_falls_to_its_limit() -> None:
    time = np.linspace(0.0, 100.0, 5)
    k = _patch(time, np.full(5, 4e6))
    assert k(1e-3)[0] == pytest.approx(2283680.0, rel=1e-5)
    record = follow(Circle(1.0e-3, time, k), Still(), Wet())
    assert float(radius(record.trace_area[-1])) == pytest.approx(0.00164262, rel=5e-3)
    assert [e.what for e in record.events] == [CRITICAL, "runs", "arrests"]
    assert record.margin_after == pytest.approx(0.0, abs=1e-3)


@pytest.mark.reference("Sneddon 1946, Proc. R. Soc. A 187:229")
def test_final_instability_after_an_arrest() -> None:
    """From rest the remote tension is raised: the crack is held at K_Ic, then runs for good at the second radius."""
    exact = brentq(lambda a: _patch(np.zeros(1), np.array([4e6]))(a)[0] - K_IC, 5e-3, 0.1)
    assert exact == pytest.approx(0.0270542, rel=1e-5)
    time = np.linspace(0.0, 1.0, 3)
    k = _patch(time, np.full(3, 4e6))
    record = follow(Circle(0.9 * exact, time, k), Power(1e-4, 0.0), Wet(), limit=12)  # creeps up to it at 0.1 mm/s
    assert record.first_critical is None or record.first_critical > 0.0
    time = np.linspace(0.0, 1e3, 3)
    record = follow(Circle(0.9 * exact, time, _patch(time, np.full(3, 4e6))), Power(1e-4, 0.0), Wet(), limit=12)
    assert record.first_critical is not None
    at = float(radius(record.area_at(record.first_critical - 1e-6)))
    assert at == pytest.approx(exact, rel=5e-3)
    assert record.end is End.STEPS_SPENT


def test_growth_held_at_its_limit_follows_the_load() -> None:
    """K = c(t) / sqrt(a) falls with the size: K = K_Ic at a = (c / K_Ic)^2 at all times from the first on."""
    time = np.linspace(0.0, 10.0, 21)
    c = K_IC * np.sqrt(1e-3) * (0.9 + 0.03 * time)
    record = follow(Circle(1e-3, time, lambda a: c / np.sqrt(a)), Still(), Wet())
    late = time[time > 4.0]
    exact = (np.interp(late, time, c) / K_IC) ** 2
    assert radius(record.area_at(late)) == pytest.approx(exact, rel=5e-3)
    assert record.margin_after == pytest.approx(0.0, abs=1e-9)
    assert all(e.what != "arrests" for e in record.events)


def test_dry_spans_stop_slow_growth() -> None:
    class Dry(Power):
        def velocity(self, k: object, temperature: object, humidity: object) -> np.ndarray:
            return super().velocity(k, temperature, 0.0) * humidity

    time, k = _constant(10e6, count=5, end=4e4)
    wet = follow(Circle(1e-3, time, k), Dry(1e-3, 18.0), Wet(((1e4, 1.0),)))
    half = follow(Circle(1e-3, time, k), Dry(1e-3, 18.0), Wet(((1e4, 0.0), (3e4, 1.0), (5e4, 0.0))))
    a = float(radius(half.trace_area[-1]))
    b = float(radius(wet.area_at(2e4)))
    assert a - 1e-3 == pytest.approx(b - 1e-3, rel=5e-3)


@pytest.mark.parametrize("upto", [0, 1, 2, 3])
def test_restart_from_any_geometry_is_bit_equal(upto: int) -> None:
    time = np.linspace(0.0, 100.0, 41)
    k = _patch(time, 4e6 * np.linspace(0.0, 1.2, 41))
    stored = []
    whole = follow(Circle(1.001e-3, time, k), Still(), Wet(), keep=lambda s: stored.append(pack(s)))
    state = unpack(*stored[-1], Circle(1.001e-3, time, k), upto=upto)
    again = follow(state, Still(), Wet())
    assert len(whole.steps) == 4
    for name in ("trace_time", "trace_area", "trace_ratio"):
        assert np.array_equal(getattr(whole, name), getattr(again, name))
    assert [(e.time, e.what, e.detail) for e in whole.events] == [(e.time, e.what, e.detail) for e in again.events]
    assert (whole.end, whole.margin_after) == (again.end, again.margin_after)
