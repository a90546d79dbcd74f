"""Every way in which growth can stop has an end of the record."""

from __future__ import annotations

import numpy as np
import pytest
from tests.support_growth import Circle, Still, Wet

from deadlight.errors import NotSolved
from deadlight.growth.follow import follow
from deadlight.growth.record import End
from deadlight.growth.shape import Moved
from deadlight.growth.stopped import GrowthStopped


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
