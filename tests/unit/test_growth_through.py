"""Which fronts of a through crack make a bent line: how straight, how alike in direction, where they end."""

from dataclasses import replace

import numpy as np
import pytest

from deadlight.growth.stopped import GrowthStopped
from deadlight.growth.through import through_line
from deadlight.surface.sheet import Sheet

SMALL = 2.0**-10
PAST = np.array([0.2, 0.0, 0.0])
TURN = np.array([np.cos(0.7), np.sin(0.7), 0.0])


def through(right, left, move_right, move_left=None, s=1.0):
    """Of a through crack 2 long and 1 deep whose fronts stand at x (n,) over the depth, all times s."""
    old, new, edge = [], [], []
    for x, move in ((right, move_right), (left, -PAST if move_left is None else move_left)):
        z = np.linspace(-0.5, 0.5, len(x))
        old.append(np.column_stack([x, np.zeros_like(z), z]))
        new.append(old[-1] + move)
        edge.append(np.column_stack([x, z]))
    chart = Sheet.rectangle(np.zeros(3), [0, s, 0], [s, 0, 0], 2.0 * s, s).chart
    ring = chart.to_chart(s * np.concatenate([old[0], old[1][::-1]]))
    return through_line(Sheet(chart, (ring,), "C"), [s * p for p in old], [s * p for p in new])


ENDS = np.ones(15), -np.ones(15)


@pytest.mark.parametrize("s", [SMALL, 1.0])
def test_a_new_front_may_not_end_on_a_crease_nor_leave_it_at_a_small_angle_whatever_the_unit(s):
    even, ends, gentle, steep = np.full((4, 15), 0.2)
    ends[0] = 0.0
    gentle[:3] = 0.001, 0.011, 0.021  # by 8 degrees: 0.01 over 1/14
    steep[0] = 0.001
    assert through(*ENDS, even[:, None] * TURN, s=s) is not None
    assert through(*ENDS, steep[:, None] * TURN, s=s) is not None
    assert through(*ENDS, ends[:, None] * TURN, s=s) is None, "it ends on the crease"
    assert through(*ENDS, gentle[:, None] * TURN, s=s) is None, "it leaves it at less than 20 degrees"


def test_a_front_of_one_element_has_a_direction_and_two_points_have_none():
    assert through(np.ones(3), -np.ones(3), PAST) is not None
    assert through(np.ones(2), -np.ones(2), PAST) is None


@pytest.mark.parametrize(("lean", "taken"), [(0.0, True), (0.08, True), (-0.08, True), (0.12, False)])
def test_fronts_that_lean_to_each_other_by_up_to_a_tenth_are_drawn_along_one_direction(lean, taken):
    z = np.linspace(-0.5, 0.5, 15)
    assert (through(1.0 + lean * z, -np.ones(15), PAST) is not None) is taken
    assert (through(np.ones(15), -1.0 + lean * z, PAST) is not None) is taken


def test_a_front_whose_course_leans_is_refused_though_it_spreads_little():
    """In the shape of an S: within a tenth of its length, but its mean course leans by more than a tenth."""
    z = np.linspace(-0.5, 0.5, 41)
    bowed = 1.0 + 0.041 * np.tanh(8.0 * z)
    axis = np.linalg.svd(np.column_stack([bowed - bowed.mean(), z]))[2][0]
    assert abs(axis[0]) > 0.11 and np.ptp(bowed) < 0.1
    assert through(np.ones(41), -np.ones(41), PAST) is not None
    assert through(np.ones(41), -2.0 + bowed, PAST) is None


def test_a_step_of_nothing_adds_no_piece_and_a_piece_is_as_long_as_the_farthest_point_of_its_front():
    line = through(*ENDS, np.zeros(3), -PAST)
    assert line.chart.length == pytest.approx(2.2)
    uneven = np.linspace(0.196, 0.2, 15)[:, None] * [1.0, 0.0, 0.0]
    assert through(*ENDS, uneven, -PAST).chart.length == pytest.approx(2.4)


@pytest.mark.parametrize("s", [SMALL, 1.0])
def test_what_is_neglected_is_how_far_the_new_points_lie_off_the_line(s):
    """Tilts of 40 degrees and one or two more or less by turns: off the mean way by sin of that times the step."""
    for more, taken in ((1.5, True), (4.0, False)):
        tilt = np.radians(40.0) + np.radians(more) * (-1.0) ** np.arange(16)
        z = np.ones(16)
        move = 0.2 * np.column_stack([np.cos(tilt), np.sin(tilt), np.zeros(16)])
        found = through(z, -z, move, s=s)
        assert (found is not None) is taken
        if taken:
            assert found.neglected == pytest.approx(s * 0.2 * np.sin(np.radians(more)), rel=1e-6)
            assert f"varies by {np.degrees(np.sin(np.radians(more))):.1f} degrees" in found.note


def test_a_line_that_would_cross_itself_is_said():
    """A crack like a hook: its end turns back onto its own middle."""
    sheet = Sheet.rectangle(np.zeros(3), [0, 1.0, 0], [1.0, 0, 0], 2.0, 1.0)
    z = np.linspace(-0.5, 0.5, 15)
    at, lean = np.column_stack([np.ones(15), np.zeros(15), z]), 0.0
    with pytest.raises(GrowthStopped, match="crosses itself") as stop:
        for turn, length in ((0, 0.5), (75, 0.5), (75, 0.5), (75, 0.3), (-1, 0.9)):
            lean += np.radians(turn)
            new = at + length * np.array([np.cos(lean), np.sin(lean), 0.0])
            line = through_line(sheet, [at], [new])
            v = line.chart.to_chart(np.concatenate([at, new]))[:, 1]
            low, high, u = float(v.min()), float(v.max()), line.chart.length
            sheet, at = Sheet(line.chart, (np.array([[0.0, low], [u, low], [u, high], [0.0, high]]),), "hook"), new
    assert stop.value.reason == "meets_itself" and line.chart.length == pytest.approx(3.8)


def test_a_bent_line_lies_where_the_crack_does():
    """Anywhere and turned any way in space: through both old fronts, both new ones, and as long as all of it."""
    rng = np.random.default_rng(2)
    axes, place = np.linalg.qr(rng.normal(size=(3, 3)))[0], rng.normal(size=3) * 5.0
    z = np.linspace(-0.5, 0.5, 15)
    old = [np.column_stack([np.full(15, x), np.zeros(15), z]) for x in (1.0, -1.0)]
    new = [old[0] + 0.2 * TURN, old[1] - [0.3, 0.0, 0.0]]
    old, new = ([p @ axes.T + place for p in each] for each in (old, new))
    whole = Sheet.rectangle(place, axes[:, 1], axes[:, 0], 2.0, 1.0)
    plane = replace(whole.chart, origin=place + 0.7 * axes[:, 0])
    sheet = Sheet(plane, (plane.to_chart(whole.chart.to_space(whole.outlines[0])),))
    chart = through_line(sheet, old, new).chart
    np.testing.assert_allclose(chart.signed(np.concatenate([*old, *new])), 0.0, atol=1e-12)
    assert chart.length == pytest.approx(2.5, rel=1e-9)
    one = through_line(sheet, old[:1], new[:1]).chart
    assert one.length == pytest.approx(2.2, rel=1e-9)
    np.testing.assert_allclose(np.abs(one.to_chart(np.concatenate([old[1], new[0]]))[[0, 15], 0] - 1.1), 1.1, atol=1e-9)
    u = chart.to_chart(np.concatenate([new[1], old[1], old[0], new[0]]))[:, 0].reshape(4, 15).mean(axis=1)
    np.testing.assert_allclose(np.abs(np.diff(u)), [0.3, 2.0, 0.2], atol=1e-9)


def test_two_fronts_at_one_end_make_no_line():
    z = np.linspace(-0.5, 0.5, 15)
    old = np.column_stack([np.ones(15), np.zeros(15), z])
    sheet = Sheet.rectangle(np.zeros(3), [0, 1.0, 0], [1.0, 0, 0], 2.0, 1.0)
    assert through_line(sheet, [old], [old + PAST]) is not None
    assert through_line(sheet, [old[:7], old[8:]], [old[:7] + PAST, old[8:] + PAST]) is None
