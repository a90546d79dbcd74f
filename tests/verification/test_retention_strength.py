"""Strength of a stop: what exceeds it takes the pane out, and the run says so.  A plate of 0.22 kg by hand."""

from __future__ import annotations

import math

import pytest

from deadlight.chain.credit import credit_route
from deadlight.chain.pieces import pane_outcome
from deadlight.outcome.retention import HELD, LEAVES, LOOSE, retained, standing_together
from deadlight.store.summary import Verdict
from support_outcome import as_found, outside, warmth, window
from support_square import left_over, load, pushed, stop, whole

LIMIT = 30.0


@pytest.mark.parametrize(("name", "way"), [("lip", 1.0), ("seat", -1.0)])
@pytest.mark.parametrize("gap", [0.0, 5e-4])
def test_a_stop_holds_its_strength_and_no_more(name, way, gap):
    other = stop("seat" if name == "lip" else "lip")
    stops = [stop(name, limit=LIMIT, gap=gap), other]
    for force in (0.999 * LIMIT, LIMIT - 1e-3):
        assert retained(whole(), stops, [load([0, 0, way * force])]).state == (LOOSE if gap else HELD)
    for force in (LIMIT + 1e-3, 500.0):
        found = retained(whole(), stops, [load([0, 0, way * force])])
        assert found.state == LEAVES and not found.moved.any()
        assert found.way[:3] == pytest.approx([0.0, 0.0, way], abs=1e-6)
        assert standing_together([whole()], stops, [[load([0, 0, way * force])]]).state == (LEAVES,)
        if not gap:
            assert found.factor["load"] == pytest.approx((LIMIT / force, LIMIT / force), rel=1e-6)
            assert pushed(found, name)[2] == pytest.approx(-way * LIMIT, rel=1e-6)
            assert left_over(found)[0][2] == pytest.approx(way * (force - LIMIT), rel=1e-4)


def test_a_lip_that_is_too_weak_at_one_side_lets_the_pane_tip():
    """20 N up at x = 40 mm, the seat on the other side cannot pull: 20 N at the lip's strength of 30 N is held.

    At 50 N the lip lacks 20 N, and the pane goes up and turns about +y negatively (its +x side goes up).
    """
    stops = [stop("lip", limit=LIMIT), stop("seat")]
    assert retained(whole(), stops, [load([0, 0, 20], [0, -20 * 0.04, 0])]).state == HELD
    found = retained(whole(), stops, [load([0, 0, 50], [0, -50 * 0.04, 0])])
    assert found.state == LEAVES
    assert found.way[2] > 0.0 and found.way[4] < 0.0


def test_friction_beside_a_weak_stop_leaves_it_open_whether_it_goes():
    """A wall that touches on all sides with friction can be wedged: possible, so loose and not lost."""
    stops = [stop("lip", limit=LIMIT), stop("seat"), stop("wall", friction=0.2)]
    assert retained(whole(), stops, [load([0, 0, 40])]).state == LOOSE


def test_in_a_run_the_pane_is_lost_when_the_strength_is_exceeded(tmp_path):
    """0.691 kg under an acceleration that rises from 0 to 980 m/s2 from 10 to 20 s: 677 N, 30 N from 10.44 s on."""
    viewport = window(tmp_path, ('clearance = "0.5 mm"', 'clearance = "0.5 mm", limit = "30 N"'))
    peak = 980.0
    rise = ((0.0, 10.0, 20.0, 30.0), [[0, 0, 0], [0, 0, 0], [0, 0, -peak], [0, 0, -peak]])
    cracks = as_found(viewport, tmp_path)
    around = outside(viewport, tmp_path, acceleration=rise)
    found = pane_outcome(viewport, around, warmth(viewport, 30.0), "thermal", None, cracks)
    mass = math.pi * 0.1**2 * 0.010 * 2200.0
    at = 10.0 + 10.0 * LIMIT / (mass * peak)
    assert found.state == "leaves"
    assert at <= found.first_lost <= at + 1.0 + 1e-3
    assert not found.lost[0].cut
    glass = {name: m.name for name, m in viewport.materials.items()}
    credit = credit_route(viewport.case, cracks, glass, [found])
    assert credit.verdict is Verdict.NO_GO and found.sentence in credit.reasons
