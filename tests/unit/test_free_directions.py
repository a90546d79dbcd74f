"""Ways out of a wedge of neighbours: the widest direction, and whether there is any."""

import math

import numpy as np
import pytest

from deadlight.outcome.piece import free_directions

X, Y, Z = np.eye(3)
TURN = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]


def cup(sides):
    """Outward normals of upright sides all round, and of a floor."""
    angle = 2.0 * np.pi * np.arange(sides) / sides
    return np.vstack([np.column_stack([np.cos(angle), np.sin(angle), np.zeros(sides)]), -Z])


@pytest.mark.parametrize("turn", [np.eye(3), TURN])
@pytest.mark.parametrize(
    "normals, best, slack",
    [
        ([X], -X, 1.0),
        ([X, Y], -(X + Y) / math.sqrt(2.0), math.sqrt(0.5)),
        ([-X, -Y, -Z], (X + Y + Z) / math.sqrt(3.0), math.sqrt(1.0 / 3.0)),
        (cup(4), Z, 0.0), (cup(199), Z, 0.0), (cup(300), Z, 0.0),
        ([X, -X, Y], -Y, 0.0),
    ],
)  # fmt: skip
def test_the_best_way_is_that_on_which_the_least_gap_opens_fastest(normals, best, slack, turn):
    """For normals n the unit vector d of max min(-n.d); where that is 0, away from what it does not slide along."""
    found = free_directions(np.array(normals) @ turn)
    assert found.free
    assert found.best == pytest.approx(best @ turn, abs=1e-7)
    assert found.slack == pytest.approx(slack, abs=1e-9)


def test_edges_of_a_corner_are_its_axes():
    found = free_directions(-np.eye(3))
    assert found.rays[np.argsort(found.rays @ [1, 2, 3])] == pytest.approx(np.eye(3))


def test_between_two_walls_it_slides_and_in_a_box_it_is_locked():
    between = free_directions(np.array([X, -X]))
    assert between.free and between.slack == 0.0 and abs(between.best[0]) < 1e-12
    assert not free_directions(np.vstack([np.eye(3), -np.eye(3)])).free
