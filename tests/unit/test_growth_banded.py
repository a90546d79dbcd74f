"""Slow growth with K at the top of its error band, and how long running steps are."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from deadlight.chain.growing import error_of
from deadlight.growth import plan
from deadlight.growth.banded import exponent, retold
from deadlight.growth.follow import follow
from deadlight.growth.plan import SHORTER, STRETCH, Step, stretch
from deadlight.growth.shape import Moved
from support_growth import K_IC, Circle, Power, Still, Wet

POWER = Power(1e-3, 18.0)


def circle(sigma: float, end: float) -> Circle:
    time = np.linspace(0.0, end, 9)
    return Circle(1e-3, time, lambda a: np.full(9, 2.0 * sigma * np.sqrt(a / np.pi)))


def life(sigma: float) -> float:
    """Under constant stress: (a_f^(1-n/2) - a_0^(1-n/2)) / ((1 - n/2) v_c (2 sigma / (K_Ic sqrt(pi)))^n)."""
    n, c = POWER.n, 2 * sigma / (K_IC * np.sqrt(np.pi))
    return float(((1 / c**2) ** (1 - n / 2) - 1e-3 ** (1 - n / 2)) / ((1 - n / 2) * POWER.v_c * c**n))


def test_life_with_k_higher_is_that_of_a_higher_stress() -> None:
    record = follow(circle(10e6, 1e6), POWER, Wet(), limit=40)
    higher = retold(record, POWER, Wet(), 1.01)
    assert higher.first_critical == pytest.approx(life(10.1e6), rel=1e-3)
    assert exponent(record, higher) == pytest.approx(np.log(life(10.1e6) / life(10e6)) / np.log(1.01), rel=5e-3)


def test_growth_beyond_the_last_geometry_is_told_where_it_is_small() -> None:
    """The history ends before K_Ic: with K higher the crack goes on beyond what was solved, by less than a step."""
    record = follow(circle(10e6, 4e4), POWER, Wet(), limit=40)
    assert record.first_critical is None
    higher = retold(record, POWER, Wet(), 1.01)
    exact = follow(circle(10.1e6, 4e4), POWER, Wet(), limit=40)
    assert higher.first_critical is None and higher.followed
    assert higher.highest == pytest.approx(float(exact.trace_ratio.max()), rel=0.01)
    assert higher.highest > record.trace_ratio.max()
    assert higher.area == pytest.approx(float(exact.trace_area[-1]), rel=0.02)


def test_k_that_reaches_its_limit_only_when_higher() -> None:
    record = follow(circle(14.5e6, 10.0), Still(), Wet(), limit=10)
    assert record.first_critical is None
    ratio = float(record.trace_ratio.max())
    assert retold(record, Still(), Wet(), 1.01 / ratio).first_critical == 0.0
    assert retold(record, Still(), Wet(), 0.99 / ratio).highest == pytest.approx(0.99)


def test_the_highest_k_up_to_k_ic_is_k_ic() -> None:
    """Not K of the geometry that it runs on to; where K is above K_Ic at once it is that."""
    time, law = np.array([0.0, 30.0, 100.0]), Power(1.5e-4, 12.0)
    crack = Circle(1e-3, time, lambda a: np.full(3, 0.8 * K_IC * (a / 1e-3) ** 0.5))
    record = follow(crack, law, Wet(), limit=10)
    assert retold(record, law, Wet(), 1.1).highest == pytest.approx(1.0, abs=1e-3)
    assert retold(record, law, Wet(), 1.5).highest == pytest.approx(1.2, abs=1e-3)


def test_growth_far_beyond_what_was_solved_is_not_known() -> None:
    record = follow(circle(10e6, 4e4), POWER, Wet(), limit=40)
    cut = dataclasses.replace(record, steps=record.steps[:1])
    assert not retold(cut, POWER, Wet(), 1.2).followed


def steps(energies: list[float | None], tilt: float = 0.0) -> list[Any]:
    record = follow(circle(10e6, 4e4), POWER, Wet(), limit=2)
    move, turned = np.ones(1), np.full(1, tilt)
    return [dataclasses.replace(record.steps[0], energy=e, move=move, tilt=turned) for e in energies]


def test_running_steps_are_longer_where_the_last_ones_went_well() -> None:
    assert stretch([], Step()) == 1.0
    assert stretch(steps([0.001]), Step()) == pytest.approx(1.5)
    assert stretch(steps([0.001] * 5), Step()) == STRETCH[1]
    assert stretch(steps([0.001, 0.001, 0.05]), Step()) == 1.0  # as asked after one whose energy is off
    assert stretch(steps([0.001, None]), Step()) == 1.0  # and after a step that has no balance
    assert stretch(steps([0.001], tilt=0.5), Step()) < 1.0  # shorter after a sharp turn


def test_a_step_that_was_made_shorter_counts_as_made() -> None:
    made = steps([0.001, 0.001, 0.001])
    short = 0.4 * Step().advance(made[0].reading.size, running=True)
    made[1:] = [dataclasses.replace(s, move=np.full(1, short)) for s in made[1:]]
    assert stretch(made[:2], Step()) == pytest.approx(0.4)  # and the next is not longer at once
    assert stretch(made, Step()) == pytest.approx(0.6)


def test_running_steps_are_shorter_where_k_rises_steeply() -> None:
    """K/K_Ic from 1 to 2 in one step: the next is to raise it by exp(rise) only."""
    first, last = (follow(circle(s, 4e4), POWER, Wet(), limit=2).steps[0] for s in (10e6, 20e6))
    move = {"move": np.ones(1), "tilt": np.zeros(1), "energy": 0.001}
    done = [dataclasses.replace(first, move=None), dataclasses.replace(last, **move)]
    assert stretch(done, Step(rise=0.35)) == pytest.approx(0.35 / np.log(2.0), rel=1e-6)
    opened = dataclasses.replace(last, move=np.ones(1), tilt=np.zeros(1), energy=None, added=1e-6)
    assert stretch([first, opened], Step()) == SHORTER, "after what opened at a stroke"


@pytest.mark.parametrize(("share", "told"), [(0.6, 0.6), (7.0, 1.5), (1e-9, STRETCH[0]), (np.inf, 1.5)])
def test_no_running_step_goes_beyond_where_k_comes_down(
    share: float, told: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = steps([0.001])
    far = share * Step().advance(done[0].reading.size, running=True)
    monkeypatch.setattr(plan, "advance_to_arrest", lambda _: far)
    assert stretch(done, Step()) == pytest.approx(told)


def test_no_running_step_is_beyond_half_the_size() -> None:
    step = Step()
    assert step.advance(1e-3, running=True, stretch=2.0) == pytest.approx(0.5e-3)
    assert Step(longest=1e-4).advance(1e-3, running=True, stretch=2.0) == pytest.approx(2e-4)
    assert step.advance(1e-3, running=False, stretch=2.0) == pytest.approx(0.15e-3)


def test_the_error_of_growth_has_every_part() -> None:
    """The operator's own error of 3 %, that of mesh and stress of the cracks as found 4 %: 5 % in all."""
    record = follow(circle(10e6, 4e4), POWER, Wet(), limit=3)
    steps = tuple(
        dataclasses.replace(s, reading=dataclasses.replace(s.reading, error=0.03 * s.reading.k[..., 0]))
        for s in record.steps
    )
    answers: Any = [SimpleNamespace(full=None), SimpleNamespace(full=SimpleNamespace(other_errors=0.04))]
    assert error_of(dataclasses.replace(record, steps=steps), answers) == pytest.approx(0.05, rel=0.02)


def test_a_record_told_again_with_its_own_k_is_itself() -> None:
    """Also where a step opened an area at a stroke, which takes no time."""

    class Jumping(Circle):
        def moved(self, move: Any, tilt: Any) -> Moved:
            a = self.a + float(move[0])
            wide = 1.5 * a if self.a < 1.1e-3 <= a else a
            return Moved(Jumping(wide, self.time, self.k_of), added=np.pi * (wide**2 - a**2))

    time = np.linspace(0.0, 3e5, 40)
    crack = Jumping(1e-3, time, lambda a: np.full(40, 2.0 * 10e6 * np.sqrt(min(a, 1.2e-3) / np.pi)))
    record = follow(crack, POWER, Wet(), limit=40)
    assert any(step.added > 0.0 for step in record.steps)
    again = retold(record, POWER, Wet(), 1.0)
    assert again.first_critical == record.first_critical
    assert again.highest == pytest.approx(float(record.trace_ratio.max()), rel=1e-6)
    assert again.area == pytest.approx(float(record.trace_area[-1]), rel=1e-6)
