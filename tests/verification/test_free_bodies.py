"""Diagrams of what is not held: what touches at the same time, where it rests, and what nobody takes."""

from __future__ import annotations

import numpy as np
import pytest

from deadlight.outcome.force_table import force_table
from deadlight.outcome.forces import pressure
from deadlight.outcome.retention import HELD, LEAVES, LOOSE, retained
from support_square import SIDE, left_over, load, pushed, stop, whole


def test_a_pane_that_leaves_touches_no_wall_that_is_clear_of_it():
    """100 N up between walls 0.5 mm clear all round: two opposite ones cannot both push, so nothing takes any of it."""
    found = retained(whole(), [stop("seat", friction=0.2), stop("wall", friction=0.2, gap=5e-4)], [load([0, 0, 100])])
    assert found.state == LEAVES
    assert not any(a.name == "wall" for a in found.acting)
    (rest,) = [a for a in found.acting if a.kind == "unbalanced"]
    assert left_over(found)[0] == pytest.approx(rest.force, abs=1e-9)
    assert rest.force == pytest.approx([0, 0, 100], abs=1e-9)
    assert all(most <= 1e-6 for _, most in found.factor.values())
    total = next(line for line in force_table(found).splitlines() if line.startswith("sum")).split()
    assert [float(x) for x in total[1:7]] == pytest.approx([0, 0, 100, 0, 0, 0], abs=1e-9)


def test_the_sum_of_a_table_is_what_is_unbalanced():
    """500 N against a lip that takes 30 N: the lip is listed with its 30 N, 470 N are left."""
    found = retained(whole(), [stop("lip", limit=30.0), stop("seat")], [load([0, 0, 500])])
    total = next(line for line in force_table(found).splitlines() if line.startswith("sum")).split()
    assert float(total[3]) == pytest.approx(470.0, rel=1e-3)
    assert pushed(found, "lip")[2] == pytest.approx(-30.0)


def test_the_same_pressure_all_round_is_no_load():
    """1e5 Pa on every face of a closed body is nothing: on a seat it is loose, not lost by rounding."""
    found = retained(whole(), [stop("seat")], [pressure(whole(), {}, cut=1e5, rest=1e5)])
    assert found.state == LOOSE and not found.moved.any()
    held = retained(whole(), [stop("seat")], [load([0, 0, -1]), pressure(whole(), {}, cut=1e5, rest=1e5)])
    assert held.state == HELD


def test_loads_that_cancel_but_for_rounding_are_no_load():
    """0.1 + 0.2 - 0.3 N is 5.6e-17 N, a part in 4e16 of the weight of 2.2 N."""
    up = [load([0, 0, f], name=str(f)) for f in (0.1, 0.2, -0.3)]
    assert retained(whole(), [stop("seat")], up).state == LOOSE
    small = load([0, 0, 1e-6])  # half a millionth of the weight is one: micro-gravity
    assert retained(whole(), [stop("seat")], [small]).state == LEAVES


def test_vibration_is_shown_where_it_moves_the_pane_most():
    """Lip and wall 0.5 mm clear: corners of the icosahedron drive it into a corner of its frame, 0.5 sqrt 2 mm away."""
    found = retained(whole(), [stop("lip", gap=5e-4), stop("seat"), stop("wall", gap=5e-4)], [], vibration=10.0)
    assert found.state == LOOSE
    assert np.linalg.norm(found.moved[:3]) >= 0.999 * 5e-4 * np.sqrt(2.0)
    (shake,) = [a for a in found.acting if a.name == "vibration"]
    assert found.way[:3] @ shake.force > 0.0
    assert np.abs(left_over(found)[0]).max() < 1e-6


def test_vibration_of_a_held_pane_is_shown_against_its_seat():
    """Pressed down by 10 N: the corner that shows is one that lifts, not one that presses it down."""
    found = retained(whole(), [stop("seat"), stop("wall")], [load([0, 0, -10])], vibration=20.0)
    assert found.state == HELD
    (shake,) = [a for a in found.acting if a.name == "vibration"]
    assert shake.force[2] > 0.0


def test_a_uniform_lift_closes_the_clearance_of_the_lip():
    found = retained(whole(), [stop("lip", gap=5e-4), stop("seat")], [load([0, 0, 5])])
    assert found.state == LOOSE
    assert found.moved == pytest.approx([0, 0, 5e-4, 0, 0, 0], abs=1e-9)
    assert pushed(found, "lip") == pytest.approx([0, 0, -5], abs=1e-6)
    assert pushed(found, "seat") == pytest.approx([0, 0, 0], abs=1e-9)
    assert "moves by 0.5 mm" in "".join(map(str, found.remarks))


def test_a_moment_tips_the_pane_until_lip_and_seat_hold_it():
    """1 N m about y under 1 N down: it turns about one edge until the other meets the lip, 0.5 mm over 100 mm."""
    found = retained(whole(), [stop("lip", gap=5e-4), stop("seat")], [load([0, 0, -1], [0, 1, 0])])
    assert found.state == LOOSE
    assert found.moved[4] == pytest.approx(5e-4 / SIDE, rel=0.01)
    force, moment = left_over(found)
    assert np.abs(force).max() < 1e-5 and np.abs(moment).max() < 1e-6
