"""Borders of crack surfaces, what they are led on to, and distances from triangles."""

import math

import numpy as np
import pytest
import shapely

from deadlight.outcome.cuts import cuts_of
from deadlight.outcome.led import border, divided, nearest
from deadlight.outcome.pieces import SPECK
from deadlight.outcome.skin import plate
from deadlight.outcome.stack import stacked
from support_cuts import wall

SQUARE = plate(shapely.box(-0.05, -0.05, 0.05, 0.05), 0.010)  # gaps below 1e-5 m count as cut
ANY_TURN = np.linalg.qr(np.random.default_rng(5).normal(size=(3, 3)))[0]


def upright(line):
    return wall(np.array(line), -0.002, 0.012, np.zeros(2))


def count(*cracks):
    volume = stacked(SQUARE, cuts_of(list(cracks), SQUARE, 1e-5)).volume
    return int((volume > SPECK * SQUARE.volume).sum())


def open_ring(seam, radius=0.02, sides=24):
    angle = np.linspace(0.1 + 0.5 * seam / radius, 0.1 + 2 * np.pi - 0.5 * seam / radius, sides + 1)
    return radius * np.column_stack([np.cos(angle), np.sin(angle)])


def cone(seam, apart):
    """A cone under the outer face, 6 mm deep, with a seam from its mouth to its tip; plain triangles if `apart`."""
    n = 6
    angle = np.append(np.linspace(0, 2 * np.pi, n + 1)[:-1], 2 * np.pi - seam / 0.02)
    mouth = np.column_stack([0.02 * np.cos(angle), 0.02 * np.sin(angle), np.full(n + 1, 0.0105)])
    points, triangles = np.vstack([mouth, [0.0, 0.0, 0.004]]), np.array([[i, i + 1, n + 1] for i in range(n)])
    return (points[triangles].reshape(-1, 3), np.arange(3 * n).reshape(-1, 3)) if apart else (points, triangles)


@pytest.mark.parametrize("seam, pieces", [(0.0, 2), (1e-9, 2), (5e-6, 2), (9e-6, 2), (2e-5, 1)])
def test_a_crack_that_closes_on_itself_cuts_as_two_cracks_would(seam, pieces):
    line = open_ring(seam)
    assert count(upright(line)) == pieces
    assert count(upright(line[:12]), upright(line[11:])) == pieces


@pytest.mark.parametrize("seam, pieces, apart", [(5e-6, 2, True), (3e-5, 1, False)])
def test_a_seam_up_to_the_tip_of_a_cone_closes(seam, pieces, apart):
    assert count(cone(seam, apart)) == pieces


@pytest.mark.parametrize("short, pieces", [(5e-6, 2), (9e-6, 2), (1.5e-5, 1)])
@pytest.mark.parametrize("angle", [90.0, 40.0, 30.0, 25.0, 10.0, 5.0])
def test_a_crack_ends_on_what_is_near_at_whatever_angle(angle, short, pieces):
    """It comes from the left, at an angle to the far side of the plate, and stops short of it."""
    end = np.array([0.01, 0.05 - short])
    way = np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))])
    assert count(upright([end - 0.3 * way, end])) == pieces


@pytest.mark.parametrize("aside, ahead", [(0.0, 5e-6), (5e-6, 0.0)])
def test_two_cracks_end_on_end_are_one(aside, ahead):
    turn = np.array([[0.8, 0.6], [-0.6, 0.8]])
    assert count(upright([[-0.2, 0.0], [0.0, 0.0]] @ turn), upright([[ahead, aside], [0.2, aside]] @ turn)) == 2


@pytest.mark.parametrize(
    "x, away",
    [
        ((0.2, 0.2, 3.0), 3.0), ((-1.0, -1.0, 0.0), math.sqrt(2.0)), ((2.0, 0.0, 0.0), 1.0),
        ((1.0, 1.0, 0.0), math.sqrt(0.5)), ((0.5, -2.0, 0.0), 2.0), ((0.2, 0.2, -0.1), 0.1),
        ((3.0, -4.0, 12.0), math.sqrt(164.0)),
    ],
)  # fmt: skip
def test_distance_from_a_triangle_by_hand(x, away):
    triangle = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]])
    for order in ((0, 1, 2), (1, 2, 0), (2, 1, 0)):
        for turn in (np.eye(3), ANY_TURN):
            corners, point = (triangle[list(order)] @ turn)[None], (np.array(x) @ turn)[None]
            far, spot = nearest(point, corners)
            assert far[0] == pytest.approx(away, rel=1e-12)
            assert np.linalg.norm(spot - point) == pytest.approx(away, rel=1e-12)
            assert nearest(spot, corners)[0][0] < 1e-12


def test_border_of_a_rectangle_and_its_parts():
    """4 x 3 of two triangles: its four sides, each with its outward normal; parts of at most 0.7, 14 in all."""
    points = np.array([[0.0, 0, 0], [4, 0, 0], [4, 3, 0], [0, 3, 0]]) @ ANY_TURN
    ends, out, triangle = border(points, np.array([[0, 1, 2], [0, 2, 3]]))
    assert len(ends) == 4
    assert np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1).sum() == pytest.approx(14.0)
    assert np.linalg.norm(out, axis=1) == pytest.approx(1.0)
    middle = points.mean(axis=0)
    for (a, b), n in zip(ends, out):
        assert abs(n @ (b - a)) < 1e-12
        size = float(np.linalg.norm(b - a))
        assert n @ (0.5 * (a + b) - middle) == pytest.approx(1.5 if size > 3.5 else 2.0)
    parts, _, of = divided(ends, out, triangle, 0.7)
    length = np.linalg.norm(parts[:, 1] - parts[:, 0], axis=1)
    assert (len(parts), length.sum(), length.max()) == (22, pytest.approx(14.0), pytest.approx(2.0 / 3.0))
    assert sorted(np.bincount(of)) == [11, 11]


def test_a_triangle_with_a_side_of_no_length_is_no_part_of_a_border():
    points = np.array([[0.0, 0, 0], [4, 0, 0], [4, 3, 0], [0, 3, 0], [4, 0, 0]])
    plain = np.array([[0, 1, 2], [0, 2, 3]])
    spoilt = np.concatenate([[[1, 4, 2], [0, 4, 1]], plain, [[3, 3, 0]]])
    ends, out, side = border(points, spoilt)
    known = border(points, plain)
    np.testing.assert_array_equal(ends, known[0])
    np.testing.assert_array_equal(out, known[1])
    np.testing.assert_array_equal(side, known[2] + 2)
