"""Surfaces of pieces close in force and moment, and say so where they do not."""

import dataclasses

import numpy as np
import pytest
import shapely

from deadlight.outcome import pieces
from deadlight.outcome.cuts import Cuts
from deadlight.outcome.faces import _crossed
from deadlight.outcome.pieces import pieces_of
from deadlight.outcome.skin import plate
from support_cuts import pattern, wall

SQUARE = plate(shapely.box(-0.05, -0.05, 0.05, 0.05), 0.010)
CUT = wall(np.array([[-0.2, 0.01], [0.2, 0.01]]), -0.002, 0.012, np.zeros(2))


def alarms(found):
    return [str(r) for r in found.remarks if r.alarm]


@pytest.fixture(scope="module", params=[0, 17, 21])
def cut(request):
    p = pattern(request.param)
    return p, pieces_of(p.skin, p.cracks, 2200.0, check=False)


def test_a_uniform_pressure_neither_pushes_nor_turns_a_piece(cut):
    p, found = cut
    for each in found.pieces:
        vector, arm = each.faces.vector, each.faces.corners.mean(axis=1) - each.centroid
        size = float(np.linalg.norm(vector, axis=1).sum())
        assert np.linalg.norm(vector.sum(axis=0)) < 1e-4 * size
        assert np.linalg.norm(np.cross(arm, vector).sum(axis=0)) < 1e-4 * size * p.thickness


def test_neighbours_share_the_area_between_them(cut):
    _, found = cut
    for each in found.pieces:
        for other, area in each.neighbours.items():
            assert found.pieces[other].neighbours[each.number] == pytest.approx(area, rel=1e-9)


def test_a_face_that_is_missing_is_an_alarm_where_the_volume_cannot_see_it(monkeypatch):
    """A face in a plane through the middle of its piece adds nothing to the volume; at 1 bar it is 10 N a cm2."""
    whole, labels = pieces.faces_of, {"piece": 0, "region": -1, "crack": 0, "other": 1}

    def holed(*given):
        faces = whole(*given)
        x = np.array([[0.0, -0.02, 0.0], [0.01, -0.02, 0.0], [0.0, -0.02, 0.004]])  # a flap in y = -0.02 m
        faces = dataclasses.replace(
            faces, corners=np.concatenate([faces.corners, x[None]]),
            **{k: np.append(getattr(faces, k), v) for k, v in labels.items()},
        )  # fmt: skip
        return faces

    assert not alarms(pieces_of(SQUARE, [CUT], 2200.0, check=False))
    monkeypatch.setattr(pieces, "faces_of", holed)
    (told,) = alarms(pieces_of(SQUARE, [CUT], 2200.0, check=False))
    assert told == "faces of pieces [0] do not close, by up to 20 mm2"


def test_faces_of_which_it_is_not_known_whose_they_are_are_an_alarm(monkeypatch):
    whole = pieces.faces_of
    monkeypatch.setattr(pieces, "faces_of", lambda *given: dataclasses.replace(whole(*given), lost=1e-5))
    (told,) = alarms(pieces_of(SQUARE, [CUT], 2200.0, check=False))
    assert told == "faces of 10 mm2 could not be told whose they are"


@pytest.mark.parametrize("turn", range(3))
def test_a_way_is_crossed_where_it_passes_through_a_triangle_only(turn):
    corners = np.roll(np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]]), turn, axis=0)
    wall = Cuts(corners[None], np.zeros(1, dtype=np.int64), np.ones(1, dtype=bool))
    ways = [
        ([0.2, 0.2, 0.1], [0.4, 0.4, -0.1], True),
        ([0.2, 0.2, 0.1], [2.2, 0.2, -0.1], False),  # begins over it, passes its plane beside it
        ([-1.8, 0.2, 0.1], [2.2, 0.2, -0.1], True),  # begins and ends beside it
        ([0.2, 0.2, 0.1], [0.2, 0.2, 0.3], False),
        ([0.9, 0.9, 0.1], [0.9, 0.9, -0.3], False),  # in its box
        ([5.0, 5.0, 0.1], [6.0, 6.0, -0.1], False),
    ]
    a, b, through = (np.array(each) for each in zip(*ways))
    np.testing.assert_array_equal(_crossed(a, b, wall), through)
    np.testing.assert_array_equal(_crossed(b, a, wall), through)
    small = Cuts(1e-3 * corners[None], wall.crack, wall.real)
    np.testing.assert_array_equal(_crossed(1e-3 * a, 1e-3 * b, small), through)
