"""Humidity on the clock: wet unless shown otherwise."""

from __future__ import annotations

import math

import numpy as np
import pytest

from deadlight.errors import InputError
from deadlight.growth.humidity import Humidity, Span


def test_wet_where_nothing_was_shown() -> None:
    assert (Humidity().at([-1e7, 0.0, 1e4]) == 1.0).all()
    assert Humidity().assumptions()[0].status == "A"
    spans = Humidity(
        (Span(until=0.0, state="vacuum"), Span(until=300.0, state="air"), Span(until=900.0, state="cabin"))
    )
    assert (spans.at(np.linspace(-1e6, 1e4, 50)) == 1.0).all()
    assert spans.assumptions()[0].value.count("nothing shown") == 4


def test_spans_switch_on_the_clock_and_the_value_after_a_jump_stands() -> None:
    clock = Humidity.of(
        [
            Span(until=-1e5, state="cabin", relative=0.6),
            Span(until=300.0, state="vacuum", retained_water=0.0),
            Span(until=600.0, state="air", relative=0.3),
        ]
    )
    np.testing.assert_array_equal(
        clock.at([-2e5, -1e5, 0.0, np.nextafter(300.0, 0), 300.0, 600.0]), [0.6, 0, 0, 0, 0.3, 1]
    )
    np.testing.assert_array_equal(clock.breaks, [-1e5, 300.0, 600.0])
    assert clock.at(np.zeros((2, 3))).shape == (2, 3)


def test_retained_water_keeps_a_crack_wet_in_vacuum() -> None:
    clock = Humidity((Span(until=-1e6, state="vacuum", retained_water=0.4), Span(state="vacuum", retained_water=0.0)))
    np.testing.assert_array_equal(clock.at([-2e6, 0.0]), [0.4, 0.0])
    assert len(clock.breaks) == 1
    np.testing.assert_array_equal(Humidity.constant(0.0).at([0.0]), [0.0])
    np.testing.assert_array_equal(Humidity.constant(0.7).at([0.0]), [0.7])


@pytest.mark.parametrize(
    "named",
    [
        {"relative": 1.2},
        {"relative": -0.1},
        {"relative": math.nan},
        {"state": "vacuum", "relative": 0.5},
        {"state": "air", "retained_water": 0.5},
        {"state": "moist"},
        {"until": math.nan},
    ],
)
def test_a_span_refuses_what_cannot_be(named: dict) -> None:
    with pytest.raises(InputError):
        Span(**named)


def test_ends_must_rise() -> None:
    with pytest.raises(InputError, match="do not rise"):
        Humidity((Span(until=10.0), Span(until=5.0)))
