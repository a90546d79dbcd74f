"""From runs to events: what is one run, what is growth held at K_Ic, what has come to rest."""

import numpy as np
import pytest

from deadlight.growth.events import JUMP, Run, events_of
from deadlight.growth.record import CRITICAL, GrowthStep
from deadlight.growth.shape import Change
from support_growth import K_IC, Circle

TIME = np.linspace(0.0, 100.0, 11)
AREA = 1e-4


def run(time, start, stop, ratio=1.0, crack="C1"):
    return Run(time, start * AREA, stop * AREA, crack, np.arange(3.0), ratio)


def step(number, area, time=0.0, indicative=False):
    a = np.sqrt(area * AREA / np.pi)
    reading = Circle(a, TIME, lambda a: np.full(len(TIME), 0.5 * K_IC)).solve().reading
    return GrowthStep(number, time, reading, (), None, indicative)


def told(runs, over=True, steps=None, changes=()):
    return [(e.what, e.time) for e in events_of(runs, changes, steps or [step(0, 1.0)], over=over)]


AGAIN = "K reaches K_Ic again"
HELD = "grows with K held at K_Ic"


def test_a_run_has_come_to_rest_if_the_history_goes_on_after_it():
    assert told([run(50.0, 1.0, 2.0)]) == [(CRITICAL, 50.0), ("runs", 50.0), ("arrests", 50.0)]
    assert told([run(50.0, 1.0, 2.0)], over=False) == [(CRITICAL, 50.0), ("runs", 50.0)]
    assert told([run(100.0, 1.0, 2.0)]) == [(CRITICAL, 100.0), ("runs", 100.0)], "it is not known what comes then"
    assert told([run(95.0, 1.0, 2.0)])[-1] == ("arrests", 95.0)
    assert told([]) == []


def test_runs_at_one_time_are_one_run_through_all_its_geometries():
    events = events_of([run(50.0, 1.0, 1.5, 1.3), run(50.0, 1.5, 4.0, 1.1)], (), [step(0, 1.0)], over=True)
    assert [e.what for e in events] == [CRITICAL, "runs", "arrests"]
    assert events[0].detail == "K/K_Ic 1.3" and events[1].detail == "from 100 to 400 mm^2 of crack"
    assert events[2].detail == "at 400 mm^2 of crack"
    assert [e.indicative for e in events] == [False, True, True]


def test_small_runs_that_follow_each_other_are_growth_held_at_k_ic():
    small = [run(10.0 * i, 1.03**i, 1.03 ** (i + 1)) for i in range(5)]
    assert told(small) == [(CRITICAL, 0.0), (HELD, 0.0), ("arrests", 40.0)]
    detail = events_of(small, (), [step(0, 1.0)], over=False)[1].detail
    assert detail == f"from 100 to {100 * 1.03**5:.4g} mm^2 of crack, until 40 s"
    assert [e.indicative for e in events_of(small, (), [step(0, 1.0)], over=True)] == [False, True, True]
    assert told(small[:1]) == [(CRITICAL, 0.0), ("runs", 0.0), ("arrests", 0.0)]


def test_growth_held_at_k_ic_in_many_pieces_is_still_held():
    """Each of twelve grows by less than JUMP; together they grow by more than twelve times that."""
    many = [run(5.0 * i, 1.049**i, 1.049 ** (i + 1)) for i in range(12)]
    assert told(many)[1] == (HELD, 0.0)


def test_a_pause_between_two_small_runs_is_told():
    """A history of 100 s: after more than 10 s without growth it is another instability."""
    assert told([run(10.0, 1.0, 1.02), run(19.9, 1.02, 1.04)])[1] == (HELD, 10.0)
    found = told([run(10.0, 1.0, 1.02), run(21.0, 1.02, 1.04)])
    assert [what for what, _ in found] == [CRITICAL, "runs", "arrests", AGAIN, "runs", "arrests"]


@pytest.mark.parametrize(
    "second",
    [
        run(20.0, 1.03, 1.03 * (1 + 1.1 * JUMP)),
        run(20.0, 1.0313, 1.05),
        run(20.0, 1.0287, 1.05),
    ],
)
def test_a_jump_or_slow_growth_in_between_begins_another_instability(second):
    found = told([run(10.0, 1.0, 1.03), second])
    assert found == [
        (CRITICAL, 10.0), ("runs", 10.0), ("arrests", 10.0), (AGAIN, 20.0), ("runs", 20.0), ("arrests", 20.0)
    ]  # fmt: skip
    first = told([run(10.0, 1.0, 1.06), run(20.0, 1.06, 1.07)])
    assert [w for w, _ in first].count(AGAIN) == 1, "a jump before it parts them too"
    near = told([run(10.0, 1.0, 1.03), run(20.0, 1.0309, 1.05)])
    assert near == [(CRITICAL, 10.0), (HELD, 10.0), ("arrests", 20.0)], "a tenth of a percent is no slow growth"


def test_only_the_first_instability_is_no_indication():
    found = events_of([run(10.0, 1.0, 2.0), run(20.0, 2.0, 3.0)], (), [step(0, 1.0)], over=False)
    assert [(e.what, e.indicative) for e in found] == [
        (CRITICAL, False), ("runs", True), ("arrests", True), (AGAIN, True), ("runs", True)
    ]  # fmt: skip


def test_slow_growth_is_told_of_the_first_step_before_any_instability():
    steps = [step(0, 1.0), step(1, 1.25, 30.0), step(2, 1.5, 60.0)]
    events = events_of([run(90.0, 1.5, 2.0)], (), steps, over=True)
    assert [(e.what, e.time) for e in events[:2]] == [("grows slowly", 30.0), (CRITICAL, 90.0)]
    assert events[0].detail == "slow growth has made 25 % of new area"
    assert told([run(0.0, 1.0, 2.0)], steps=[step(0, 1.0), step(1, 2.0, 0.0, True)])[0][0] == CRITICAL


def test_changes_stand_in_the_order_of_time_with_what_they_know():
    change = Change("breaks through", "C2", np.ones(3), "at inner")
    events = events_of([run(50.0, 1.0, 2.0)], [(40.0, False, change), (60.0, True, change)], [step(0, 1.0)], over=True)
    assert [e.time for e in events] == [40.0, 50.0, 50.0, 50.0, 60.0]
    assert [e.indicative for e in events] == [False, False, True, True, True]
    assert (events[0].what, events[0].crack, events[0].detail) == ("breaks through", "C2", "at inner")
