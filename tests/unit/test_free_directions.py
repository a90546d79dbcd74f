"""Ways out of a wedge of neighbours: the widest direction, and whether there is any; what a piece touches."""

import dataclasses
import math

import numpy as np
import pytest

from deadlight.outcome import piece as piece_module
from deadlight.outcome.faces import Faces
from deadlight.outcome.piece import Piece, _away, _distinct, free_directions

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


def by_value(rays):
    return sorted(tuple(np.round(r, 6) + 0.0) for r in rays)


def test_edges_of_cones_are_where_two_faces_are_slid_along():
    """A roof, one face, a slot, a slot with a floor, a pyramid whose sides lean by 45 degrees, and no way at all."""
    half = math.sqrt(0.5)
    assert by_value(free_directions(np.array([X, Y])).rays) == by_value([Z, -Z])
    assert not len(free_directions(np.array([X])).rays) and not len(free_directions(np.zeros((0, 3))).rays)
    assert not len(free_directions(np.array([X, -X])).rays)
    assert by_value(free_directions(np.array([X, -X, -Z])).rays) == by_value([Y, -Y])
    pyramid = np.array([[half, 0, -half], [-half, 0, -half], [0, half, -half], [0, -half, -half]])
    corners = [np.array([a, b, 1.0]) / math.sqrt(3.0) for a in (-1, 1) for b in (-1, 1)]
    assert by_value(free_directions(pyramid).rays) == by_value(corners)
    assert not len(free_directions(np.vstack([np.eye(3), -np.eye(3)])).rays)


def test_along_a_shaft_there_are_both_ways_and_none_counts_as_its_edge_twice():
    found = free_directions(np.array([X, -X, Y, -Y]))
    assert found.free and found.slack == 0.0 and abs(found.best[2]) == pytest.approx(1.0)
    assert by_value(found.rays) == by_value([Z, -Z])


@pytest.mark.parametrize("count, edges", [(199, 1), (200, 0)])
def test_edges_are_worked_out_up_to_two_hundred_normals(monkeypatch, count, edges):
    """A narrow fan of normals round x, and its edges: counted, not worked out."""
    asked = []
    monkeypatch.setattr(piece_module, "_rays", lambda n: asked.append(len(n)) or np.zeros((0, 3)))
    angle = np.linspace(-0.3, 0.3, count + 1)
    free_directions(np.column_stack([np.cos(angle), np.sin(angle), np.zeros(count + 1)]))
    assert asked == [count + 1] * edges


def test_a_round_shaft_is_left_both_ways_and_a_round_cup_has_no_edges():
    """Of 300 walls."""
    shaft = free_directions(cup(300)[:-1])
    assert shaft.free and shaft.slack == 0.0 and by_value(shaft.rays) == by_value([Z, -Z])
    assert free_directions(cup(300)).rays.shape == (0, 3)
    locked = free_directions(np.vstack([cup(300), Z]))
    assert not locked.free and locked.best.tolist() == [0.0, 0.0, 0.0] and locked.slack == 0.0


def test_walls_parallel_to_a_ten_millionth_are_slid_along():
    found = free_directions(np.array([[1.0, 0.0, 1e-7], [-1.0, 0.0, 1e-7]]))
    assert found.free and found.slack == 0.0 and abs(found.best[0]) < 1e-6


def test_without_neighbours_every_way_is_free():
    found = free_directions(np.zeros((0, 3)))
    assert found.free and found.slack == 1.0 and found.best.tolist() == [0.0, 0.0, 1.0] and found.rays.shape == (0, 3)


@pytest.mark.parametrize("seed", range(4))
def test_the_best_way_out_of_a_cone_beats_all_others(seed):
    """Against 20000 directions: none opens the least gap faster, and some open it nearly as fast."""
    rng = np.random.default_rng(seed)
    n = rng.normal(size=(8, 3)) * 0.5 + [0.3, -0.8, 1.1]
    n /= np.linalg.norm(n, axis=1)[:, None]
    found = free_directions(n)
    d = rng.normal(size=(20_000, 3))
    d /= np.linalg.norm(d, axis=1)[:, None]
    best = -(d @ n.T).max(axis=1)
    assert found.free and np.linalg.norm(found.best) == pytest.approx(1.0)
    assert -(n @ found.best).max() == pytest.approx(found.slack) and 0.0 < found.slack < 1.0
    assert best.max() <= found.slack + 1e-12 and best.max() > found.slack - 0.01
    for ray in found.rays:
        assert (n @ ray).max() < 1e-9 and (np.abs(n @ ray) < 1e-9).sum() == 2


@pytest.mark.parametrize("sink", [1e-3, 1e-2])
def test_a_wedge_that_is_hardly_open_is_open(sink):
    n = np.array([[1.0, 0.0, sink], [-1.0, 0.0, sink]]) / math.hypot(1.0, sink)
    found = free_directions(n)
    assert found.best == pytest.approx(-Z, abs=1e-6) and found.slack == pytest.approx(
        sink / math.hypot(1.0, sink), rel=1e-3
    )


def test_normals_that_lock_are_told():
    """Three in a plane add up to nothing; the fourth, to their side, has no part in it."""
    n = np.array([[1.0, 0, 0], [-0.5, math.sqrt(0.75), 0], [-0.5, -math.sqrt(0.75), 0], [0, 0, 1]])
    way, stuck = _away(n)
    assert way is None and by_value(stuck) == by_value(n[:3])
    way, stuck = _away(n[:1])
    assert way == pytest.approx(-X) and stuck.shape == (0, 3)
    way, stuck = _away(np.zeros((0, 2)))
    assert way.tolist() == [1.0, 0.0] and stuck.shape == (0, 2)


def test_normals_within_a_millionth_are_one():
    n = np.array([[0.6, 0.8, 0.0], [1.0, 0.0, 0.0], [0.6 + 1e-9, 0.8, 0.0], [1.0, 1e-5, 0.0]])
    assert _distinct(n).tolist() == n[[0, 1, 3]].tolist()
    assert _distinct(n[:0]).shape == (0, 3)


def body():
    """Piece 2 of regions a, b, c: right triangles of legs 2k, of area 2 k^2, one a row."""
    rows = [  # k, region, other, normal
        (1, 0, -1, Z), (2, 0, -1, Z), (3, 2, -1, -Z), (4, -1, 0, X), (5, -1, 0, Y), (6, -1, 2, Z), (7, -1, 2, -Z),
        (8, -1, 5, -X),
    ]  # fmt: skip
    corners = []
    for k, _, _, n in rows:
        u = np.roll(n, 1)
        corners.append(k * np.array([np.zeros(3), 2.0 * u, 2.0 * np.cross(n, u)]))
    region, other = (np.array([r[j] for r in rows]) for j in (1, 2))
    faces = Faces(np.array(corners), np.full(len(rows), 2), region, np.where(region < 0, 0, -1), other, 0.0)
    return Piece(2, 1.0, 1.0, np.zeros(3), np.eye(3), faces, ("a", "b", "c"), 0.0)


def test_a_piece_touches_its_regions_and_its_neighbours_with_their_areas():
    """A crack that ends in it has itself on both sides: no neighbour."""
    found = body()
    assert found.touched == {"a": pytest.approx(10.0), "c": pytest.approx(18.0)}
    assert found.held_by(("c", "b", "nowhere", "a")) == ("c", "a") and found.held_by() == ()
    assert found.neighbours == {0: pytest.approx(82.0), 5: pytest.approx(128.0)}
    small = dataclasses.replace(found, faces=dataclasses.replace(found.faces, corners=1e-3 * found.faces.corners))
    assert small.touched == {"a": pytest.approx(1e-5), "c": pytest.approx(1.8e-5)}
    assert small.held_by(("c", "b", "nowhere", "a")) == ("c", "a")


def test_the_ways_out_of_a_piece_are_those_that_its_neighbours_leave():
    found = body()
    locked = found.freedom()
    assert locked.free and locked.slack == 0.0 and locked.best == pytest.approx(-Y)
    assert found.freedom([0]).best == pytest.approx(-(X + Y) / math.sqrt(2.0))
    assert found.freedom([5]).best == pytest.approx(X) and found.freedom([7]).slack == 1.0


def test_faces_too_small_to_count_lock_nothing():
    """A thousand millionth of the faces that are asked about, 82 in all."""
    found = body()
    for share, free in ((0.5e-9, True), (2e-9, False)):
        size = math.sqrt(2.0 * share * 82.0)
        faces, small = found.faces, size * np.array([np.zeros(3), np.eye(3)[2], np.eye(3)[0]])  # normal y
        more = Faces(
            np.concatenate([faces.corners, [small, -small[[0, 2, 1]]]]), np.append(faces.piece, [2, 2]),
            np.append(faces.region, [-1, -1]), np.append(faces.crack, [0, 0]), np.append(faces.other, [0, 0]), 0.0,
        )  # fmt: skip
        slack = Piece(2, 1.0, 1.0, np.zeros(3), np.eye(3), more, ("a", "b", "c"), 0.0).freedom([0])
        assert (slack.slack > 0.5) == free


def test_patches_are_of_the_regions_or_of_the_neighbour_that_is_asked_for():
    found = body()
    assert [float(np.ptp(p.corners)) for p in found.patches(regions=(0,))] == [4.0]
    assert sorted(p.normal.tolist() for p in found.patches(other=0)) == [Y.tolist(), X.tolist()]
    assert [p.normal.tolist() for p in found.patches(other=5)] == [(-X).tolist()]
    assert len(found.patches(regions=(0, 2))) == 2 and found.patches(regions=(1,)) == ()
    assert found.patches(other=0) is found.patches(other=0)
