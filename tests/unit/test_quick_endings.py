"""How the quick tier tells what became of a through crack: ending, events, warnings, of walks written down by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from deadlight.crack import quick
from deadlight.crack.growth import INNER, OUTER, Run, Walk

TIME = np.linspace(0.0, 50.0, 6)
NAN = np.full((6, 2), np.nan)


def line(**given: Any) -> Any:
    made = {"outer": 0.02, "inner": 0.03, "length": 0.3, "rim": SimpleNamespace(free=True),
            "pane": SimpleNamespace(thickness=0.01), "position": lambda depth: (0.15 - depth, 2.0 * depth),
            "assumptions": ()}  # fmt: skip
    return SimpleNamespace(**made | given)


def path(runs: tuple[Run, ...] = (), outer: float = 0.02, inner: float = 0.03, **given: Any) -> Walk:
    before = given.pop("before", np.full((6, 2), 0.5))
    one = np.ones(6)
    return Walk(
        outer * one, inner * one, NAN, NAN, one, given.pop("ratio", np.full((6, 2), 0.5)), before, NAN, runs,
        given.get("reached_rim"), given.get("split"),
    )  # fmt: skip


def ending(walk: Walk, ratio: float = 0.5, **given: Any) -> tuple[str, str, str]:
    return quick._ending(walk, np.array([[np.nan, 0.1], [0.0, ratio]]), TIME, line(**given))


@pytest.mark.parametrize(
    ("ratio", "state", "reason"),
    [
        (0.9999, "dormant", "below_toughness"),
        (1.0, "growing", "not_followed"),
        (1.7, "growing", "not_followed"),
    ],
)
def test_a_crack_that_did_not_grow_is_dormant_below_its_toughness(ratio: float, state: str, reason: str) -> None:
    found = ending(path(), ratio)
    assert found[:2] == (state, reason) and f"{ratio:.2f}" in found[2]


def test_a_crack_that_never_opened_is_closed() -> None:
    found = quick._ending(path(), np.array([[np.nan, 0.0], [0.0, -0.1]]), TIME, line())
    assert found[:2] == ("closed", "never_open")
    assert quick._ending(path(), np.array([[np.nan, 1e-9], [0.0, 0.0]]), TIME, line())[0] == "dormant"


def over(instant: int) -> np.ndarray:
    """Critical before growth at that instant."""
    before = np.full((6, 2), 0.5)
    before[:, OUTER], before[instant, INNER] = np.nan, 1.0
    return before


def test_the_end_of_growth_is_where_and_when_it_stopped() -> None:
    run = Run(2, INNER, 0.03, 0.045, 3, 1.2)
    assert ending(path((run,), inner=0.045, before=over(2))) == (
        "arrested", "arrested_in_lower_stress",
        "Growth ends at 20.0 s with tips 20.0 mm and 45.0 mm below the rim.",
    )  # fmt: skip
    assert ending(path((run,), split=2))[:2] == ("unstable", "crossed_pane")
    assert "at 20.0 s" in ending(path((run,), split=2))[2]
    at_edge = path((run,), outer=0.0, inner=0.04, reached_rim=1, before=over(2))
    found = ending(at_edge)
    assert found[:2] == ("at_edge", "reached_rim")
    assert "reaches the rim at 10.0 s; the other tip rests 40.0 mm below" in found[2]
    assert ending(at_edge, rim=SimpleNamespace(free=False))[1] == "reached_rim_not_followed"


@pytest.mark.parametrize(("instant", "state"), [(3, "arrested"), (4, "growing"), (5, "growing")])
def test_growth_at_the_last_two_instants_has_not_ended(instant: int, state: str) -> None:
    walk = path((Run(instant, INNER, 0.03, 0.04, 1, 1.0),), before=over(instant))
    assert ending(walk)[0] == state
    quiet = path((Run(instant, INNER, 0.03, 0.04, 1, 1.0),))
    assert ending(quiet)[0] == "arrested"  # nothing was critical there
    gone = path((Run(5, OUTER, 0.02, 0.0, 1, 1.0),), outer=0.0, reached_rim=5, before=over(5))
    assert ending(gone)[0] == "growing"  # from the rim it goes on
    assert ending(gone, rim=SimpleNamespace(free=False))[0] == "at_edge"
    inside = path((Run(5, INNER, 0.03, 0.04, 1, 1.0),), before=over(5))
    assert ending(inside, rim=SimpleNamespace(free=False))[0] == "growing"


def test_advances_count_as_one_while_k_holds() -> None:
    """K at 0.9 of K_Ic or more at every instant between two advances; each tip by itself."""
    before = np.array([[0.1, 1.0], [0.2, 0.9], [0.3, 1.0], [0.4, 0.89], [1.0, 1.0], [0.5, 1.0]])
    runs = tuple(Run(n, INNER, 0.03 + 0.001 * n, 0.031 + 0.001 * n, 1, 1.0) for n in (0, 2, 4, 5))
    other = Run(4, OUTER, 0.02, 0.019, 1, 1.0)
    walk = path((*runs, other), before=before)
    assert quick._continuous(walk, INNER) == [[runs[0], runs[1]], [runs[2], runs[3]]]
    assert quick._continuous(walk, OUTER) == [[other]]


def test_events_tell_start_and_end_of_every_advance() -> None:
    """Start between the instant before and that of the advance, where K/K_Ic passes 1: 0.5 to 1.5 half way."""
    before = np.array([[0.1, 0.5], [0.2, 0.5], [0.3, 1.5], [0.4, 0.2], [0.5, 0.0], [0.5, 2.0]])
    runs = (Run(2, INNER, 0.03, 0.034, 4, 1.5), Run(5, INNER, 0.034, 0.036, 1, 2.0))
    found = quick._events(path(runs, before=before), line(), TIME, 15.0, 1, 1e-3)
    assert [(e.time, e.what) for e in found] == [
        (15.0, "K reaches K_Ic"), (15.0, "starts to grow"), (20.0, "arrests"), (45.0, "grows again"), (50.0, "arrests"),
    ]  # fmt: skip
    assert {e.where for e in found} == {"centre_side"}
    assert found[0].position == pytest.approx((0.12, 0.06)) and found[2].position == pytest.approx((0.116, 0.068))
    assert "4.00 mm in all, jumps 4.0 mm" in found[1].detail and found[2].detail == "34.00 mm below the rim"
    assert "2.00 mm in all, stable growth" in found[3].detail


@pytest.mark.parametrize(("step", "kind"), [(1.59e-3, "jumps 4.0 mm"), (1.61e-3, "stable growth")])
def test_more_than_two_and_a_half_steps_at_an_instant_are_a_jump(step: float, kind: str) -> None:
    walk = path((Run(2, INNER, 0.03, 0.034, 4, 1.5),), before=over(2))
    assert kind in quick._events(walk, line(), TIME, None, None, step)[0].detail


def test_ends_at_the_rim_and_on_the_far_side_have_their_own_names() -> None:
    runs = (Run(1, OUTER, 0.02, 0.0, 9, 1.1), Run(3, INNER, 0.03, 0.3, 20, 2.0))
    found = quick._events(path(runs, before=over(3)), line(), TIME, None, None, 1e-3)
    ends = {(e.where, e.what): e.time for e in found}
    assert ends["rim_side", "reaches the rim"] == 10.0 and ends["centre_side", "crosses the pane"] == 30.0


def test_an_event_at_the_first_instant_has_its_time() -> None:
    found = quick._events(path((Run(0, INNER, 0.03, 0.031, 1, 1.4),), before=over(0)), line(), TIME, 0.0, 1, 1e-3)
    assert [e.time for e in found] == [0.0, 0.0, 0.0]


def warned(walk: Walk, bound: float = 0.0, **given: Any) -> str:
    k = np.array([[np.nan, 2e6], [np.nan, 4e6]])
    return " / ".join(quick._warnings(walk, line(**given), k, np.array([0.0, bound]), k))


def test_a_residue_of_more_than_a_quarter_of_the_peak_is_said() -> None:
    assert "add up to 1.100 MPa*m**0.5 to a peak K of 4.000" in warned(path(), 1.1e6)
    assert warned(path(), 1e6) == ""
    shut = np.zeros((2, 2))
    assert quick._warnings(path(), line(), shut, np.array([1e6]), shut) == ()


def test_long_paths_and_long_cracks_are_said() -> None:
    """A straight path of more than five thicknesses, if it grew; a crack over more than half the chord."""
    run = (Run(2, INNER, 0.03, 0.07, 3, 1.2),)
    assert warned(path(run, outer=0.02, inner=0.07)) == ""
    assert "turns or wanders" in warned(path(run, outer=0.02, inner=0.0701))
    growing = path(run, outer=0.02, inner=0.06)
    growing.inner[-1] = 0.0701  # the last instant counts
    assert "turns or wanders" in warned(growing)
    assert warned(path(outer=0.02, inner=0.0701)) == ""
    assert warned(path(outer=0.02, inner=0.1699)) == ""
    assert "more than half the pane" in warned(path(outer=0.02, inner=0.1701))
    assert warned(path(outer=0.02, inner=0.1701, split=3)) == ""


def test_a_rim_reached_aslant_is_said() -> None:
    walk = path((Run(1, OUTER, 0.02, 0.0, 9, 1.1),), outer=0.0, reached_rim=1)
    assert warned(walk) == ""
    assert "was not followed further" in warned(walk, rim=SimpleNamespace(free=False))
    assert warned(path(), rim=SimpleNamespace(free=False)) == ""


def test_the_margin_after_growth_is_that_of_what_follows_it() -> None:
    """Smallest K_Ic/K - 1 from the last advance on; of the crack as found if it never grew; none where it is gone."""
    ratio = np.array([[0.5, 0.9], [0.5, 0.95], [0.5, 0.8], [0.4, 0.5], [0.3, 0.2], [0.1, 0.1]])
    run = (Run(2, INNER, 0.03, 0.04, 3, 1.2),)
    assert quick._margin_after(path(run, ratio=ratio), ratio, 2) == pytest.approx(0.25)
    assert quick._margin_after(path(ratio=ratio), 0.5 * ratio, 2) == pytest.approx(1.0 / 0.475 - 1.0)
    gone = ratio.copy()
    gone[2:] = np.nan
    assert np.isnan(quick._margin_after(path(run, ratio=gone), ratio, 2))


def test_k_of_the_grown_crack_is_its_share_of_the_toughness_at_its_front() -> None:
    walk = path(ratio=np.array([[np.nan, 0.5], [0.25, 2.0]]))
    object.__setattr__(walk, "temperature", np.array([[np.nan, 300.0], [400.0, 500.0]]))
    found = quick._k_of(walk, lambda t: 10.0 * t)
    np.testing.assert_allclose(found, [[np.nan, 1500.0], [1000.0, 10000.0]])


def test_the_step_is_stated_in_millimetres() -> None:
    found = {a.key: a.value for a in quick._assumptions(line(assumptions=("an edge",)), 0.25e-3)}
    assert "steps of 0.25 mm" in found["quick.growth"] and found["quick.rim"] == "an edge"
