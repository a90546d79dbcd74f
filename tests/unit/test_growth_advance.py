"""What a step asks of the fronts and what is told of it, the new surfaces and meshes stated."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from deadlight.growth import advance as room
from deadlight.growth.advance import _Surfaces, advanced
from deadlight.growth.region import Grown, Transition
from deadlight.growth.stopped import GrowthStopped
from deadlight.operator.front import front_frame
from deadlight.surface.join import surface_mesh
from deadlight.surface.sheet import Sheet

X, Y, Z = np.eye(3)
A = 1e-3
SHEETS = (Sheet.ellipse(np.zeros(3), Z, X, A, A, "first"), Sheet.ellipse(9 * A * X, Z, X, 0.5 * A, A, "second"))


@pytest.fixture(scope="module")
def meshed():
    return surface_mesh(None, list(SHEETS), refine=0.5)


@pytest.fixture
def asked(monkeypatch):
    """What a step asks of `regrow`, which takes half of it, tells two changes and adds areas."""
    told = SimpleNamespace()
    changes = (Transition("joins", 1, X, "first", 2e-6), Transition("breaks_through", 0, Y, "inner", 3e-6))

    def regrow(meshed, sheets, steps, body, *, chart, **options):
        told.steps, told.chart, told.options = steps, chart, options
        skin = (None, [])
        return Grown(SHEETS[:1], changes, gained=7e-6, skin=skin, share=0.5), "mesh"

    monkeypatch.setattr(room, "regrow", regrow)
    return told


def go(meshed, move, tilt):
    return advanced(meshed, SHEETS, move, tilt, body=None, refine=0.5, back=None, growth=1.4, most=99)


def spread_over(meshed):
    """Moves and tilts that differ from node to node; frames of the fronts."""
    frames = [front_frame(meshed.mesh, front) for front in meshed.mesh.fronts]
    count = sum(len(f.point) for f in frames)
    assert len(frames) == 2
    return frames, A * np.linspace(0.01, 0.2, count), np.linspace(-0.5, 0.7, count)


def test_every_node_goes_its_way_turned_from_straight_ahead_towards_the_normal(meshed, asked):
    frames, move, tilt = spread_over(meshed)
    found = go(meshed, move, tilt)
    assert [s.front for s in asked.steps] == [0, 1]
    start = 0
    for frame, step, reached in zip(frames, asked.steps, found.points):
        rows = slice(start, start + len(frame.point))
        start = rows.stop
        way = step.points - frame.point
        np.testing.assert_allclose((way * frame.ahead).sum(axis=1), move[rows] * np.cos(tilt[rows]), atol=1e-15)
        np.testing.assert_allclose((way * frame.normal).sum(axis=1), move[rows] * np.sin(tilt[rows]), atol=1e-15)
        np.testing.assert_allclose(np.linalg.norm(way, axis=1), move[rows], rtol=1e-9)
        np.testing.assert_array_equal(step.start, frame.point)
        np.testing.assert_allclose(reached, frame.point + 0.5 * way, atol=1e-15)
    assert asked.options == {"refine": 0.5, "back": None, "growth": 1.4, "most": 99}


def test_areas_changes_and_the_share_of_a_step_are_handed_on(meshed, asked):
    _, move, tilt = spread_over(meshed)
    found = go(meshed, move, 0.0 * tilt)
    assert found.sheets == SHEETS[:1] and found.meshed == "mesh" and found.skin == (None, [])
    assert found.added == pytest.approx(5e-6) and found.gained == 7e-6
    assert [(c.what, c.crack) for c in found.changes] == [
        ("joins another crack", "second"),
        ("breaks through", "first"),
    ]
    assert len(found.remarks) == 1 and "0.5 times as long" in found.remarks[0]


@pytest.mark.parametrize("short", ["move", "tilt"])
def test_moves_of_another_number_of_points_belong_to_other_cracks(meshed, asked, short):
    _, move, tilt = spread_over(meshed)
    with pytest.raises(GrowthStopped) as stop:
        go(meshed, move[:-1] if short == "move" else move, tilt[:-1] if short == "tilt" else tilt)
    assert stop.value.reason == "lost"


@pytest.mark.parametrize("which", [0, 1])
def test_only_cracks_that_turn_ask_for_a_new_surface(meshed, asked, which):
    """However little one node turns; the other crack goes on in its plane."""
    frames, move, tilt = spread_over(meshed)
    first = len(frames[0].point)
    tilt = np.zeros(len(tilt))
    tilt[first - 1 if which == 0 else first] = 1e-8
    go(meshed, move, tilt)
    assert list(asked.chart.old) == list(asked.chart.new) == [which]
    np.testing.assert_array_equal(asked.chart.old[which][0], frames[which].point)
    np.testing.assert_array_equal(asked.chart.new[which][0], asked.steps[which].points)
    assert asked.chart(1 - which) is None
    go(meshed, move, 0.0 * tilt)
    assert asked.chart.new == {} and asked.chart(0) is None


def test_a_new_surface_is_made_once_of_all_fronts_of_its_crack(monkeypatch):
    made = []

    def bend(sheet, old, new):
        made.append((sheet, old, new))
        return SimpleNamespace(chart=f"chart of {sheet}")

    monkeypatch.setattr(room, "bend", bend)
    surfaces = _Surfaces(["S0", "S1"], {1: ["old"]}, {1: ["new"]})  # type: ignore[list-item, dict-item]
    assert surfaces(0) is None and made == []
    assert surfaces(1) == surfaces(1) == "chart of S1"
    assert made == [("S1", ["old"], ["new"])] and list(surfaces.found) == [1]
