"""The order in which a step is tried again, what ends it, and what a mesh of it must hold: region and mesher stated."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import shapely

from deadlight.errors import InputError, NotSolved
from deadlight.growth import regrow as room
from deadlight.growth.region import Grown, Moved, Shaping, Transition
from deadlight.growth.regrow import LADDER, Rung, _area, _check_area, regrow
from deadlight.growth.stopped import GrowthStopped

START = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
MOVE = np.array([[0.5, 0.0, 0.0], [0.0, 1.0, 0.0]])
STEP = [Moved(3, START + MOVE, START)]
NAMES = [r.name for r in LADDER]


def mesh_of(count: int = 10) -> Any:
    return SimpleNamespace(mesh=SimpleNamespace(points=np.zeros((count, 3))), domains=[], sheet=[])


@pytest.fixture
def tried(monkeypatch):
    """Steps with their shaping as they are tried; `fails` holds what each of them comes to, then they succeed."""
    asked: list[tuple[Any, Shaping]] = []
    fails: list[Exception] = []
    found = Grown((), ())

    def grown(meshed, sheets, steps, body, *, chart, shaping, known):
        asked.append((steps[0], shaping))
        return state.found

    def surface_mesh(body, sheets, *, skin, **options):
        state.options.append(options)
        if len(asked) <= len(fails):
            raise fails[len(asked) - 1]
        return state.mesh

    state = SimpleNamespace(asked=asked, fails=fails, found=found, mesh=mesh_of(), options=[])
    monkeypatch.setattr(room, "grown", grown)
    monkeypatch.setattr(room, "surface_mesh", surface_mesh)
    return state


@pytest.mark.parametrize("failures", range(9))
def test_each_rung_of_the_ladder_is_a_share_of_the_step_from_where_it_started(tried, failures):
    tried.fails += [NotSolved(f"no {k}") for k in range(failures)]
    grown, after = regrow(mesh_of(), [], STEP, None, refine=0.7)
    assert after is tried.mesh and len(tried.asked) == failures + 1
    for rung, (step, shaping) in zip(LADDER, tried.asked):
        assert step.front == 3 and shaping == rung.shaping
        np.testing.assert_allclose(step.start, START)
        np.testing.assert_allclose(step.points, START + rung.share * MOVE, rtol=1e-14)
    assert grown.share == LADDER[failures].share
    assert grown.tries == tuple(f"{NAMES[k]}: no {k}" for k in range(failures))
    assert tried.options[0] == {"refine": 0.7}


def test_on_a_new_surface_no_step_goes_farther_than_asked(tried):
    tried.fails += [NotSolved("no")] * 20
    with pytest.raises(GrowthStopped) as stop:
        regrow(mesh_of(), [], STEP, None, chart=lambda number: None)
    assert stop.value.reason == "not_meshed" and "in 8 tries; the first: as asked: no" in stop.value.sentence
    far = [np.abs(step.points - step.start).max() for step, _ in tried.asked]
    assert max(far) == 1.0 and len([f for f in far if f == 1.0]) == 4
    tried.asked.clear()
    with pytest.raises(GrowthStopped, match="in 9 tries"):
        regrow(mesh_of(), [], STEP, None)


def test_failures_of_any_kind_are_told_in_their_own_words(tried):
    tried.fails += [
        InputError("a hole", place="there", remedy="none"), shapely.errors.GEOSException("no ring"),
        GrowthStopped("lost_area", "less than before"), NotSolved("no mesh"),
    ]  # fmt: skip
    tries = regrow(mesh_of(), [], STEP, None)[0].tries
    assert [t.split(": ", 1)[1] for t in tries] == ["a hole", "no ring", "less than before", "no mesh"]
    assert [t.split(": ", 1)[0] for t in tries] == NAMES[:4]


@pytest.mark.parametrize("reason", ["severed", "reaches_crack"])
def test_what_no_other_way_of_trying_changes_ends_the_growth_at_once(tried, reason):
    tried.fails.append(GrowthStopped(reason, "so"))
    with pytest.raises(GrowthStopped) as stop:
        regrow(mesh_of(), [], STEP, None)
    assert stop.value.reason == reason and len(tried.asked) == 1


def test_a_severed_body_names_the_cracks_that_cut_it_with_the_place_in_millimetres(tried):
    sheets = [SimpleNamespace(name="A"), SimpleNamespace(name="B")]
    cut = Transition("severs", 1, np.array([1e-3, -2.5e-3, 0.0]))
    new = (SimpleNamespace(name="new"),)
    tried.found = Grown(new, (Transition("joins", 0, np.zeros(3)), cut), severed=True)  # type: ignore[arg-type]
    with pytest.raises(GrowthStopped) as stop:
        regrow(mesh_of(), sheets, STEP, None)  # type: ignore[arg-type]
    assert stop.value.reason == "severed" and stop.value.sheets == new and len(tried.asked) == 1
    assert stop.value.sentence == "B has no edge left inside the body, near (1, -2.5, 0) mm"


def test_a_mesher_that_finds_the_body_cut_in_two_ends_the_growth(tried):
    new = (SimpleNamespace(name="new"),)
    tried.found = Grown(new, ())  # type: ignore[arg-type]
    tried.fails.append(InputError("crack A cuts the body in two"))
    with pytest.raises(GrowthStopped) as stop:
        regrow(mesh_of(), [], STEP, None)
    assert stop.value.reason == "severed" and stop.value.sheets == new and len(tried.asked) == 1


@pytest.mark.parametrize(("nodes", "tries"), [(99, 0), (100, 0), (101, 1)])
def test_a_mesh_may_have_so_many_nodes_and_no_more(tried, nodes, tries):
    tried.mesh = mesh_of(nodes)
    ladder = (Rung("only", 1.0, Shaping()),)
    if not tries:
        assert regrow(mesh_of(), [], STEP, None, ladder=ladder, most=100)[0].tries == ()
        return
    with pytest.raises(GrowthStopped, match=r"101 nodes \(limit 100\)"):
        regrow(mesh_of(), [], STEP, None, ladder=ladder, most=100)


def loop(*corners: tuple[float, float], shift: float = 0.0) -> list[Any]:
    """A closed loop of two pieces."""
    x = np.array([*corners, corners[0]]) + shift
    return [SimpleNamespace(points=x[:3]), SimpleNamespace(points=x[2:])]


def domains(chart: Any, *areas: float, shift: float = 0.0) -> list[Any]:
    return [
        SimpleNamespace(chart=chart, loops=[loop((0, 0), (a, 0), (a, 1), (0, 1), shift=shift)]) for a in areas
    ]  # fmt: skip


@pytest.mark.parametrize("shift", [0.0, 7.0, 1e8])
def test_the_area_of_cracks_is_that_of_their_outlines_less_their_holes(shift):
    outer = loop((0, 0), (4, 0), (4, 3), (0, 3), shift=shift)
    hole = loop((1, 1), (1, 2), (3, 2), (3, 1), shift=shift)
    lone = loop((0, 0), (1, 0), (0, 1), shift=shift)
    made: Any = SimpleNamespace(domains=[SimpleNamespace(loops=[outer, hole]), SimpleNamespace(loops=[lone])])
    assert _area(made, [0]) == pytest.approx(10.0, rel=1e-12)
    assert _area(made, [1]) == pytest.approx(0.5, rel=1e-12)
    assert _area(made, [0, 1]) == pytest.approx(10.5, rel=1e-12) and _area(made, []) == 0.0


@pytest.mark.parametrize(("left", "fine"), [(1.0, True), (1.0 - 0.5e-7, True), (1.0 - 1.5e-7, False), (0.5, False)])
def test_a_meshed_crack_may_lose_a_ten_millionth_of_its_area_and_no_more(left, fine):
    """Crack 1, made from 0 and 2, which are two parts; crack 0 continues 1 and grew."""
    chart = object()
    before: Any = SimpleNamespace(domains=domains(chart, 1.0, 5.0, 1.0, 2.0), sheet=[0, 1, 2, 2])
    after: Any = SimpleNamespace(domains=domains(chart, 6.0, 3.0 * left, 1.0 * left), sheet=[0, 1, 1])
    found = Grown((), (), came_from=((1,), (0, 2)))
    if fine:
        _check_area(before, after, found)
    else:
        with pytest.raises(GrowthStopped) as stop:
            _check_area(before, after, found)
        assert stop.value.reason == "lost_area"
        assert stop.value.sentence == f"crack 1 would shrink from 4000000 to {4e6 * left:.9g} mm2"
    other: Any = SimpleNamespace(domains=domains(object(), 6.0, 0.1), sheet=[0, 1])
    _check_area(before, other, found)


def test_a_mesh_that_lost_area_is_tried_in_another_way(tried):
    chart = object()
    before: Any = SimpleNamespace(domains=domains(chart, 2.0), sheet=[0])
    tried.mesh = SimpleNamespace(mesh=mesh_of().mesh, domains=domains(chart, 1.0), sheet=[0])
    tried.found = replace(tried.found, came_from=((0,),))
    with pytest.raises(GrowthStopped, match="would shrink"):
        regrow(before, [], STEP, None)
    assert len(tried.asked) == len(LADDER)
