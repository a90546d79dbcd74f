"""The on-orbit hold: fields and pressures at negative times, many cycles as a few long ones, life used in orbit."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deadlight.chain.in_orbit import CYCLE, Orbit, orbit_of, rim_share, with_hold
from deadlight.errors import CaseError
from deadlight.growth.follow import follow
from support_growth import Circle, Power, Wet, radius
from support_outcome import no_crack, outside, warmth, window

DAY = 86400.0
HOLD = """[[hold]]
duration = "20 days"
cabin = "70 kPa"
[[hold]]
duration = "10 days"
period = "90 min"
swing = { thermal = ["230 K", "310 K"] }
rim = { thermal = "20 K" }
source = "test"
"""


def test_fields_and_pressures_before_the_return(tmp_path: Path) -> None:
    """20 days as the return finds it, then cycles of 230 to 310 K with a rim that lags by 20 K: 250 and 290 K there."""
    viewport = window(tmp_path, (no_crack()[0], HOLD))
    around = outside(viewport, tmp_path, outer=5.0, inner=((0.0, 30.0), (1e5, 1e5)))
    heat = warmth(viewport, 30.0, 280.0)
    longer, history = with_hold(viewport, around, heat)
    assert history.time[0] == pytest.approx(-30 * DAY) and len(history.time) == len(heat.time) + 4 + 3 * len(CYCLE)
    assert np.array_equal(history.temperature[-len(heat.time) :], heat.temperature)
    assert np.ptp(history.temperature[0]) == 0.0 and history.temperature[0, 0] == 280.0
    nodes, share = rim_share(viewport, "thermal")
    assert share.min() == 0.0 and share.max() == 1.0
    middle, rim = nodes[share == 0.0], nodes[share == 1.0]
    levels = [level for _, level in CYCLE]
    warm, cold = (history.temperature[3 + levels.index(end)] for end in (1.0, -1.0))
    assert history.temperature[2] == pytest.approx(270.0)
    assert warm[middle] == pytest.approx(310.0) and warm[rim] == pytest.approx(290.0)
    assert cold[middle] == pytest.approx(230.0) and cold[rim] == pytest.approx(250.0)
    assert float(longer.cabin_pressure(-25 * DAY)) == pytest.approx(70e3)
    assert float(longer.cabin_pressure(0.0)) == pytest.approx(1e5)
    assert float(longer.outer_pressure(-1 * DAY)) == 0.0 and float(longer.outer_pressure(10.0)) == 5.0
    assert any(a.key == "hold.1" and "230 to 310 K" in a.value for a in longer.assumptions)
    assert with_hold(window(tmp_path / "none", no_crack()), around, heat)[1] is heat


def test_swing_the_wrong_way_round_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="lower one first"):
        window(tmp_path, (no_crack()[0], HOLD.replace('["230 K", "310 K"]', '["310 K", "230 K"]')))
    with pytest.raises(CaseError, match="without its swing"):
        window(tmp_path / "b", (no_crack()[0], HOLD.replace("rim = { thermal", "rim = { other")))


def wave(cycles: int, duration: float, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """Instants and K/K_Ic of a wave as `with_hold` lays it: middle, high, low, ..., middle."""
    angle, level = (np.array(column) for column in zip(*CYCLE))
    at = np.concatenate([[0.0], ((np.arange(cycles)[:, None] + angle / 360.0) / cycles).ravel(), [1.0]])
    level = 0.5 + 0.5 * np.concatenate([[0.0], np.tile(level, cycles), [0.0]])
    return duration * (at - 1.0), low + (high - low) * level


@pytest.mark.parametrize("n", [5, 12, 20, 30, 40, 60])
@pytest.mark.parametrize("least", [0.0, 0.3, 0.5, 0.8, 0.95])
def test_a_cycle_counts_at_least_as_a_sine(n: int, least: float) -> None:
    """Mean of K^n over a cycle of K from `least` to 1, against that of the sine by Gauss-Chebyshev (exact)."""
    time, ratio = wave(1, 1.0, least, 1.0)
    a, b, width = ratio[:-1], ratio[1:], np.diff(time)
    even = np.isclose(a, b)
    part = np.where(even, a**n, (b ** (n + 1) - a ** (n + 1)) / ((n + 1) * np.where(even, 1.0, b - a)))
    crest = np.cos((np.arange(200) + 0.5) * np.pi / 200)
    sine = np.mean((least + (1.0 - least) * (1.0 + crest) / 2.0) ** n)
    assert 1.0 <= float(part @ width) / sine < 1.2


def test_a_cycle_that_shuts_the_crack_counts_at_least_as_a_sine() -> None:
    time = np.linspace(0.0, 1.0, 200_001)
    at, ratio = wave(1, 1.0, -1.0, 1.0)
    sine = np.maximum(np.sin(2.0 * np.pi * time), 0.0)
    for n in (5, 20, 60):
        assert 1.0 <= np.mean(np.maximum(np.interp(time - 1.0, at, ratio), 0.0) ** n) / np.mean(sine**n) < 1.4


def grown(time: np.ndarray, ratio: np.ndarray) -> Any:
    circle = Circle(1e-3, time, lambda a: ratio * 0.75e6 * np.sqrt(a / 1e-3))
    return follow(circle, Power(1e-6, 12.0), Wet())


def test_many_cycles_grow_a_crack_as_a_few_long_ones() -> None:
    """A law without memory: 200 cycles of K/K_Ic 0.1 to 0.5 against the 3 long ones, growth of 5 % and of 20 %.

    The mean of (0.3 + 0.2 sin)^12 over a cycle is 4.424e-5: 0.04 mm in ten days.
    """
    for days in (10.0, 30.0):
        many, few = (grown(*wave(n, days * DAY, 0.1, 0.5)) for n in (200, 3))
        gained = [float(radius(r.area_at(0.0))) - 1e-3 for r in (many, few)]
        assert gained[1] == pytest.approx(gained[0], rel=0.02)
    linear = 1e-6 * 4.424e-5 * 10.0 * DAY  # of the sine
    first = float(radius(grown(*wave(3, 10.0 * DAY, 0.1, 0.5)).area_at(0.0))) - 1e-3
    assert linear < first < 1.4 * linear  # up to 19 % of the polygon, and K rises as it grows


def test_life_used_in_orbit() -> None:
    """Constant K then a rise to K_Ic: what was gained before t = 0 over what K_Ic is reached at."""
    time = np.array([-10 * DAY, 0.0, 100.0])
    circle = Circle(1e-3, time, lambda a: np.array([0.4, 0.4, 1.2]) * 0.75e6 * np.sqrt(a / 1e-3))
    record = follow(circle, Power(1e-7, 8.0), Wet())
    found = orbit_of(record)
    assert isinstance(found, Orbit) and found.critical is None
    # da/dt = v_c r^8 (a/a0)^4: (a0/a)^3 = 1 - 3 v_c r^8 t/a0
    end = 1e-3 * (1.0 - 3.0 * 1e-7 * 0.4**8 * 10 * DAY / 1e-3) ** (-1.0 / 3.0)
    assert float(radius(found.area_end)) == pytest.approx(end, rel=1e-3)
    assert found.used is not None and 0.0 < found.used <= 1.0
    assert "of the way to K_Ic" in found.sentence
    assert orbit_of(dataclasses.replace(record, trace_time=np.abs(record.trace_time))) is None
