"""What is read off one geometry: in time, along fronts, at its worst; and what a record says of many."""

from dataclasses import replace

import numpy as np
import pytest

from deadlight.finite import ANY, UNLIMITED
from deadlight.growth.reading import Reading, point_weights
from deadlight.growth.record import CRITICAL, End, GrowthEvent, GrowthRecord, GrowthStep


def reading(time, k, toughness=None, error=0.0, area=1e-6, weight=None):
    """K_I (m, n) at instants."""
    k1 = np.asarray(k, dtype=float)
    m, n = k1.shape
    k = np.zeros((m, n, 3))
    k[..., 0] = k1
    one = np.ones((m, n))
    return Reading(
        time=np.asarray(time, dtype=float), k=k, error=error * one, effective=k1, tilt=0 * one, twist=0 * one,
        temperature=300.0 * one, toughness=one if toughness is None else np.asarray(toughness, dtype=float),
        weight=np.ones(n) if weight is None else weight, place=np.arange(3.0 * n).reshape(n, 3),
        front=np.zeros(n, dtype=np.int64), crack=np.zeros(n, dtype=np.int64), closed=(True,), area=area,
    )  # fmt: skip


def test_lengths_that_points_stand_for_add_up_to_the_front():
    """Half of each piece to either of its ends; none beyond the ends of an open front."""
    place = np.cumsum(np.random.default_rng(1).uniform(0.1, 1.0, (7, 3)), axis=0)
    step = np.linalg.norm(np.diff(place, axis=0), axis=1)
    open_ = point_weights(place, False)
    np.testing.assert_allclose(open_, 0.5 * np.convolve(step, [1.0, 1.0]), rtol=1e-12)
    around = np.append(step, np.linalg.norm(place[0] - place[-1]))
    closed = point_weights(place, True)
    np.testing.assert_allclose(closed, 0.5 * (around + around[[-1, *range(6)]]), rtol=1e-12)


def test_everything_is_linear_between_instants_and_held_before_and_after():
    told = reading([0.0, 1.0, 4.0], [[1.0, 2.0], [3.0, 2.0], [9.0, 5.0]], [[1.0, 1.0], [2.0, 4.0], [2.0, 1.0]])
    for time, k, tough in ((-5.0, [1, 2], [1, 1]), (0.25, [1.5, 2], [1.25, 1.75]), (1.0, [3, 2], [2, 4]),
                           (2.0, [5, 3], [2, 3]), (4.0, [9, 5], [2, 1]), (9.0, [9, 5], [2, 1])):  # fmt: skip
        now = told.at(time)
        np.testing.assert_allclose(now.effective, k)
        np.testing.assert_allclose(now.toughness, tough)
        np.testing.assert_allclose(now.ratio, np.array(k) / tough)
    two = reading([0.0, 2.0], [[1.0], [3.0]])
    assert [float(two.at(t).effective[0]) for t in (-1.0, 1.0, 2.0, 5.0)] == [1.0, 2.0, 3.0, 3.0]
    single = reading([7.0], [[1.0, 2.0]]).at(3.0)
    np.testing.assert_allclose(single.effective, [1.0, 2.0])
    assert [told.row(t) for t in (-1.0, 0.4, 0.6, 2.4, 2.6, 9.0)] == [0, 0, 1, 1, 2, 2]


def test_the_error_is_that_of_the_instant_nearest_to_k_ic():
    """Not of the largest K: the glass is tougher then."""
    told = reading([0.0, 1.0], [[1.0, 2.0], [10.0, 3.0]], [[1.0, 1.0], [9.0, 9.0]])
    told.error[:] = [[0.1, 0.05], [3.0, 3.0]]
    assert told.relative_error == pytest.approx(0.05)
    assert told.worst.tolist() == pytest.approx([2.0, 10.0 / 9.0])
    assert reading([0.0], [[0.0, 0.0]], error=1.0).relative_error == 0.0
    assert reading([0.0], [[0.5, 0.2]], error=0.1).relative_error == pytest.approx(0.2)


def test_values_are_told_apart_by_their_fronts():
    told = replace(reading([0.0], [[1.0] * 5]), front=np.array([0, 1, 0, 2, 1]), closed=(True, False, False))
    assert [v.tolist() for v in told.by_front(np.arange(5.0))] == [[0.0, 2.0], [1.0, 4.0], [3.0]]


@pytest.mark.parametrize(("area", "length", "size"), [(np.pi * 9.0, 6.0 * np.pi, 3.0), (20.0, 2.0, 10.0)])
def test_the_size_of_a_long_crack_is_its_area_over_the_length_of_its_front(area, length, size):
    weight = np.full(4, length / 4.0)
    assert reading([0.0], [[1.0] * 4], area=area, weight=weight).size == pytest.approx(size)


def record(readings, trace=((0.0, 1.0), (1.0, 1.0), (1.0, 3.0), (3.0, 4.0)), events=(), end=End.HISTORY_OVER):
    steps = tuple(GrowthStep(i, 0.0, r, (), None, False) for i, r in enumerate(readings))
    time, area = np.array(trace).T
    return GrowthRecord("quick", steps, time, area, np.ones(len(time)), events, end, "", 0.0, 0.0, ())


def test_the_final_cracks_run_at_one_over_their_largest_ratio():
    first, last = reading([0.0, 5.0], [[1.9], [1.9]]), reading([0.0, 5.0], [[0.5], [0.8]], area=2e-6)
    strength, time = record([first, last]).residual_strength()
    assert strength == pytest.approx(1.25) and time == 5.0
    assert record([reading([0.0], [[0.0]])]).residual_strength()[0] == np.inf
    area, ratio = record([first, last]).resistance(2.5)
    assert area.tolist() == [1e-6, 2e-6] and ratio.tolist() == pytest.approx([1.9, 0.65])


def test_the_area_at_a_time_is_that_after_a_run():
    found = record([reading([0.0], [[1.0]])])
    assert found.area_at(np.array([-1.0, 0.5, 2.0, 3.0, 9.0])).tolist() == [1.0, 1.0, 3.5, 4.0, 4.0]
    assert not found.grew and found.builds == 1 and record([reading([0.0], [[1.0]])] * 2).grew


def test_the_first_of_all_instabilities_is_the_critical_one():
    def event(time, what):
        return GrowthEvent(time, what, "C", np.zeros(3))

    assert record([reading([0.0], [[1.0]])]).first_critical is None
    events = event(1.0, "grows slowly"), event(2.0, CRITICAL), event(3.0, CRITICAL)
    assert record([reading([0.0], [[1.0]])], events=events).first_critical == 2.0


def test_an_event_tells_its_causes_the_largest_first():
    told = GrowthEvent(0.0, "runs", "C", np.zeros(3), "far", causes={"heat": -0.3, "pressure": 1.2, "rim": 0.1})
    assert told.told == "far; K from pressure 120 %, heat -30 %, rim 10 %"
    assert GrowthEvent(0.0, "runs", "C", np.zeros(3)).told == ""


def test_a_margin_may_be_missing_only_where_growth_was_not_followed_to_the_end():
    found = [record([reading([0.0], [[1.0]])], end=end).no_number()["margin_after"] for end in End]
    assert found == [UNLIMITED if end is End.HISTORY_OVER else ANY for end in End]
