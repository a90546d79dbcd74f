"""Every way in which growth can stop has an end of the record."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from deadlight.chain.in_orbit import orbit_of
from deadlight.errors import NotSolved
from deadlight.growth.follow import follow
from deadlight.growth.record import End
from deadlight.growth.shape import Moved, Solved
from deadlight.growth.stopped import GrowthStopped
from support_growth import Circle, Power, Still, Wet


@pytest.mark.parametrize(
    ("reason", "end"),
    [
        ("severed", End.SEVERED),
        ("reaches_crack", End.REACHES_CRACK),
        ("turned_over", End.LOST),
        ("not_meshed", End.LOST),
    ],
)
def test_a_stop_is_an_end_with_its_sentence(reason: str, end: End) -> None:
    class Stopping(Circle):
        def moved(self, move: object, tilt: object) -> Moved:
            raise GrowthStopped(reason, "said why")

    time = np.array([0.0, 1.0])
    record = follow(Stopping(1e-3, time, lambda a: np.full(2, 1e6)), Still(), Wet())
    assert record.end is end
    assert "said why" in record.sentence
    assert [e.what for e in record.events][:2] == ["K reaches K_Ic", "runs"]
    assert len(record.steps) == 1
    assert np.isnan(record.margin_after)


def test_a_step_that_is_not_found_is_an_end_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: object) -> None:
        raise NotSolved("the advance along a front was not found")

    monkeypatch.setattr("deadlight.growth.follow.plan", lost)
    record = follow(Circle(1e-3, np.array([0.0, 1.0]), lambda a: np.full(2, 1e6)), Still(), Wet())
    assert record.end is End.NOT_SOLVED and len(record.steps) == 1
    assert "the next step was not found: the advance along a front" in record.sentence


@pytest.mark.parametrize("how", ["spent", "not solved", "no step", "stopped"])
def test_k_that_reaches_k_ic_is_told_whatever_becomes_of_the_next_geometry(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """K rises to 1.2 K_Ic at the end of a return after a hold: K_Ic at 100/1.2 s, with the crack as found."""
    time = np.array([-100.0, 0.0, 100.0])

    class Failing(Circle):
        def moved(self, move: object, tilt: object) -> Moved:
            if how == "stopped":
                raise GrowthStopped("not_meshed", "said why")
            raise NotSolved("contact did not settle")

    crack = Failing(1e-3, time, lambda a: 0.75e6 * np.array([0.0, 0.0, 1.2]))
    if how == "no step":
        monkeypatch.setattr("deadlight.growth.follow.plan", lambda *_: crack.moved(None, None))
    record = follow(crack, Still(), Wet(), limit=1 if how == "spent" else 30)
    assert record.end is {"spent": End.STEPS_SPENT, "stopped": End.LOST}.get(how, End.NOT_SOLVED)
    assert record.first_critical == pytest.approx(100.0 / 1.2)
    assert record.events[0].what == "K reaches K_Ic"
    assert record.trace_time[-1] == record.first_critical and record.trace_ratio[-1] == pytest.approx(1.0)
    orbit = orbit_of(record)
    assert orbit is not None and orbit.used == 0.0


def test_k_ic_after_slow_growth_is_told_though_the_grown_crack_could_not_be_meshed() -> None:
    """Slow growth worth a step comes before K_Ic: the crack as it is reaches it at 100/1.2 s at the latest."""
    time = np.array([0.0, 100.0])

    class Failing(Circle):
        def moved(self, move: object, tilt: object) -> Moved:
            raise GrowthStopped("not_meshed", "said why")

    crack = Failing(1e-3, time, lambda a: 0.75e6 * np.array([0.6, 1.2]) * np.sqrt(a / 1e-3))
    record = follow(crack, Power(1e-4, 3.0), Wet())
    assert record.end is End.LOST and "grows slowly" in record.sentence
    assert record.first_critical == pytest.approx(100.0 * 0.4 / 0.6)


def test_a_run_that_was_told_is_not_told_again_when_its_last_geometry_fails() -> None:
    """K held at K_Ic until the history ends within a step, and K of the final geometry is not solved."""
    time = np.linspace(0.0, 10.0, 11)
    solved = []

    class Failing(Circle):
        def moved(self, move: Any, tilt: Any) -> Moved:
            return Moved(Failing(self.a + float(move[0]), self.time, self.k_of))

        def solve(self) -> Solved:
            solved.append(self.a)
            if len(solved) > 2:  # as found and the step's: the march ends between them, where K is asked once more
                raise NotSolved("contact did not settle")
            return super().solve()

    record = follow(Failing(1e-3, time, lambda a: 0.75e6 * (0.95 + 0.01 * time) * (a / 1e-3) ** -0.5), Still(), Wet())
    assert record.end is End.NOT_SOLVED and len(solved) == 3
    assert [e.what for e in record.events] == ["K reaches K_Ic", "grows with K held at K_Ic"]
    assert record.first_critical == pytest.approx(5.0)
    assert (np.diff(record.trace_time) >= 0.0).all()


@pytest.mark.parametrize("law", [Still(), Power(2e-6, 12.0)])
def test_growth_is_the_same_whenever_the_return_begins(law: object) -> None:
    """K rises through K_Ic and falls again, on clocks that start at 0, before and after it."""
    found = []
    for begun in (0.0, -5e3, 2e4):
        time = begun + np.linspace(0.0, 600.0, 25)
        load = 0.75e6 * (0.9 + 0.3 * np.sin(np.pi * (time - begun) / 600.0))
        crack = Circle(1e-3, time, lambda a, load=load: load * (a / 1e-3) ** -0.5)
        record = follow(crack, law, Wet())
        happened = [e.what for e in record.events]
        at = [e.time - begun for e in record.events]
        found.append((record.end, len(record.steps), happened, at, [1e6 * record.trace_area[-1], record.margin_after]))
    assert found[0][2] and found[0][4][0] > 1.1 * np.pi
    for each in found[1:]:
        assert each[:3] == found[0][:3]
        assert each[3] == pytest.approx(found[0][3], abs=0.01)
        assert each[4] == pytest.approx(found[0][4], rel=1e-5, abs=1e-6)
