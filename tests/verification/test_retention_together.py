"""Pieces that push each other: who is part of the motion is not held, who is not is held as if alone."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely

from deadlight.outcome.forces import pressure
from deadlight.outcome.pieces import pieces_of
from deadlight.outcome.retention import HELD, LEAVES, LOOSE, retained, retained_together, standing_together
from deadlight.outcome.skin import plate
from support_square import THICK, halves, left_over, load, pushed, stop


@pytest.mark.parametrize("own", [0.0, -1.0, 1.0])
def test_a_piece_that_is_pushed_and_has_nothing_behind_it_goes_along(own):
    """The left half is pulled by 10 N against the right one, which has -1, 0 or 1 N of its own."""
    found = retained_together(halves(), [], [[load([10, 0, 0])], [load([own, 0, 0])]])
    assert [r.state for r in found] == [LEAVES, LEAVES]
    for r in found:
        assert r.way[:3] == pytest.approx([1.0, 0.0, 0.0], abs=1e-6)
    assert standing_together(halves(), [], [[load([10, 0, 0])], [load([own, 0, 0])]]).state == (LEAVES, LEAVES)


def test_a_piece_under_another_takes_it_along():
    """Right half over a cut that leans over the left one: the left one, 10 N up, lifts it (1 N down); walls all round.

    With 20 N down on the right one that is held on its seat, and with a wall nothing of the left one can go either.
    """
    left, right = halves(lean=-0.3)
    assert left.freedom().best[2] < 0.0 < right.freedom().best[2]
    stops = [stop("seat"), stop("wall")]
    found = retained_together([left, right], stops, [[load([0, 0, 10])], [load([0, 0, -1])]])
    assert [r.state for r in found] == [LEAVES, LEAVES]
    assert all(r.way[2] > 0.0 for r in found)


def test_what_a_leaving_piece_pushes_aside_is_not_held_where_nothing_stops_it():
    """Without a wall the left half, pulled up under a leaning cut, shoves the right one along its seat.

    With 5 mm of clear wall behind it the shoved piece stays loose or goes, but is never called held.
    """
    pieces, up = halves(lean=-0.3), [[load([0, 0, 10])], [load([0, 0, -1])]]
    assert [r.state for r in retained_together(pieces, [stop("seat")], up)] == [LEAVES, LEAVES]
    assert retained_together(pieces, [stop("seat"), stop("wall", gap=5e-3)], up)[1].state != HELD


def test_who_is_held_does_not_depend_on_the_order_of_the_pieces():
    """Right half on a seat and against a wall, the left half free and pulled away: held and gone, either way round."""
    left, right = halves()
    stops = [stop("seat"), stop("lip")]
    pull, rest = [load([-5, 0, 0])], [load([0, 0, -3])]
    assert [r.state for r in retained_together([left, right], stops, [pull, rest])] == [LEAVES, HELD]
    assert [r.state for r in retained_together([right, left], stops, [rest, pull])] == [HELD, LEAVES]


def test_ring_beside_a_disc_that_leaves_is_held_as_if_alone():
    """Suction of 5.5 kPa: the disc of 20 mm radius goes straight out, the lip takes all of the square's rest."""
    square = shapely.box(-0.05, -0.05, 0.05, 0.05)
    band = square - square.buffer(-0.01, join_style="mitre")
    a = 2.0 * math.pi * np.arange(33) / 32 + 0.05
    line = 0.02 * np.column_stack([np.cos(a), np.sin(a)])
    points = np.concatenate([np.column_stack([line, np.full(33, z)]) for z in (-0.002, 0.012)])
    tri = [t for i in range(32) for t in ([i, i + 1, 34 + i], [i, 34 + i, 33 + i])]
    skin = plate(square, THICK, outer={"lip": band}, inner={"seat": band})
    ring, disc = pieces_of(skin, [(points, np.array(tri))], 2200.0, check=False).pieces
    suck = {"inner": 5.5e3, "seat": 5.5e3}
    loads = [[pressure(p, {k: v for k, v in suck.items() if k in p.regions}, cut=0, rest=0)] for p in (ring, disc)]
    stops = [stop("lip", limit=100.0), stop("seat")]
    held, gone = retained_together([ring, disc], stops, loads)
    alone = retained(ring, stops, loads[0])
    assert held.state == alone.state == HELD and gone.state == LEAVES
    force, moment = left_over(held)
    assert np.abs(force).max() < 1e-6 and np.abs(moment).max() < 1e-7
    assert pushed(held, "lip") == pytest.approx(-loads[0][0].force, abs=1e-6)
    assert not any(a.kind == "unbalanced" for a in held.acting)
    assert held.factor["pressure"] == pytest.approx((100.0 / loads[0][0].force[2],) * 2, rel=1e-6)
    for name, pair in alone.factor.items():
        assert held.factor[name] == pytest.approx(pair, rel=1e-6)
    assert gone.factor["pressure"][0] <= 0.0


def test_neighbours_push_each_other_equally():
    """Halves of a leaning cut under lip, seat and wall, (3, 0, 5) and (0, 2, 5) N: third law, and each in balance."""
    pieces = halves(lean=0.3)
    loads = [[load([3, 0, 5])], [load([0, 2, 5])]]
    stops = [stop("lip"), stop("seat"), stop("wall")]
    found = retained_together(pieces, stops, loads)
    assert [r.state for r in found] == [HELD, HELD]
    assert np.abs(pushed(found[0], "neighbour")).max() > 1.0
    assert pushed(found[0], "neighbour") == pytest.approx(-pushed(found[1], "neighbour"), abs=1e-9)
    for r in found:
        force, moment = left_over(r)
        assert np.abs(force).max() < 1e-6 and np.abs(moment).max() < 1e-7
    short = standing_together(pieces, stops, loads)
    assert short.state == tuple(r.state for r in found)
    assert short.factor == found[0].factor["all"][0] == found[1].factor["all"][0]


def test_friction_may_hold_one_piece_while_another_goes():
    """The left half, without load, cannot be pushed by the right one that is pulled away from it: 5 N aside on a seat.

    The left half lies on its seat with 10 N and is pulled by 1 N: friction of 0.3 may hold it, so it is loose.
    """
    found = retained_together(
        halves(), [stop("seat", friction=0.3)], [[load([-1, 0, -10])], [load([0, 0, 5])]]
    )  # fmt: skip
    assert [r.state for r in found] == [LOOSE, LEAVES]
