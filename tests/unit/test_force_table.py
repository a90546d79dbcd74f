"""The table of forces and the line above it, of answers made by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from deadlight.outcome.force_table import force_table, stated
from deadlight.outcome.retention import Acting, Retention


def acting(name: str, kind: str, force: list[float], moment: list[float], place: list[float]) -> Acting:
    return Acting(name, kind, np.array(force), np.array(moment), np.array(place))


def answer(state: str, *forces: Acting, clamped: bool = False, **factors: tuple[float, float]) -> Retention:
    way, moved = np.array([0.6, 0.0, -0.8, 0.3, 0.0, 0.0]), np.array([3e-4, 4e-4, 0.0, 0.02, 0.0, 0.0])
    return Retention(7, state, clamped, {"all": (2.5, 3.75), **factors}, way, moved, forces)


def test_one_line_for_every_state() -> None:
    held = stated(answer("held"))
    assert held == "piece 7: held, pressed into its seat; disturbing loads x 2.5 before it moves"
    assert stated(answer("held", clamped=True)) == held.replace("pressed into its seat", "clamped")
    assert stated(answer("leaves")) == "piece 7: leaves along (+0.60, +0.00, -0.80)"
    loose = "piece 7: loose along (+0.60, +0.00, -0.80), moves 0.5 mm; lost at x 3.75 at the latest"
    assert stated(answer("loose")) == loose


def test_a_factor_without_bound_is_any_or_none() -> None:
    lines = force_table(answer("held", up=(math.inf, math.inf), down=(-math.inf, 0.125))).splitlines()
    assert lines[-2] == "up: x any in place without friction of pushes, x any at the most"
    assert lines[-1].startswith("down: x none (not even without them) in place") and lines[-1].endswith(
        "x 0.125 at the most"
    )


def test_rows_have_force_moment_and_place_and_the_sum_leaves_out_what_is_unbalanced() -> None:
    load = acting("weight", "load", [1.0, 2.0, -7.0], [0.1, 0.2, 0.3], [0.001, -0.002, 0.0123])
    push = acting("seat", "push", [0.5, -2.0, 7.0], [0.1, -0.2, 0.5], [0.02, 0.03, 0.0])
    over = acting("unbalanced", "unbalanced", [1.5, 0.0, 0.0], [0.2, 0.0, 0.8], [0.0, 0.0, 0.0])
    lines = force_table(answer("leaves", load, push, over)).splitlines()
    assert lines[2].split() == ["weight", "load", "1", "2", "-7", "0.1", "0.2", "0.3", "1.0,", "-2.0,", "12.3"]
    assert lines[3].split() == ["seat", "push", "0.5", "-2", "7", "0.1", "-0.2", "0.5", "20.0,", "30.0,", "0.0"]
    assert lines[5].split() == ["sum", "1.5", "0", "0", "0.2", "0", "0.8"]


@pytest.mark.parametrize(("size", "shown"), [(10.0, "0.001"), (2000.0, "0")])
def test_the_sum_has_no_rounding_of_larger_forces(size: float, shown: str) -> None:
    """1e-3 N and N m over are rounding (1e-6) of 2000, but not of 10; both signs."""
    for sign in (1.0, -1.0):
        one = acting("a", "load", [sign * size] * 3, [sign * size] * 3, [0.0] * 3)
        two = acting("b", "push", [sign * (1e-3 - size)] * 3, [sign * (1e-3 - size)] * 3, [0.0] * 3)
        line = force_table(answer("held", one, two)).splitlines()[4]
        assert [x.lstrip("-") for x in line.split()] == ["sum", *[shown] * 6]


def test_moments_of_large_forces_have_the_rounding_of_their_arms() -> None:
    """A thousandth of 1000 N stands for its moments: below 1e-6 N m is rounding, beside moments of no size."""
    for over, shown in ((0.9e-6, "0"), (1.1e-6, "1.1e-06")):
        one = acting("a", "load", [1e3, 0, 0], [over, 0, 0], [0.0] * 3)
        two = acting("b", "push", [-1e3, 0, 0], [0, 0, 0], [0.0] * 3)
        assert force_table(answer("held", one, two)).splitlines()[4].split() == ["sum", "0", "0", "0", shown, "0", "0"]


def test_no_force_at_all_sums_to_nothing() -> None:
    assert force_table(answer("loose")).splitlines()[2].split() == ["sum", *["0"] * 6]
