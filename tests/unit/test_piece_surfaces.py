"""Surfaces of pieces close in force and moment, and say so where they do not."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
import shapely

from deadlight.outcome import faces, pieces
from deadlight.outcome.cuts import Cuts, cuts_of
from deadlight.outcome.faces import OFF, _cells, _crossed, _Place, faces_of, split
from deadlight.outcome.pieces import pieces_of
from deadlight.outcome.sections import Section
from deadlight.outcome.skin import Skin, plate
from deadlight.outcome.stack import stacked
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


TURN = np.linalg.qr(np.random.default_rng(4).normal(size=(3, 3)))[0]
TURN *= np.sign(np.linalg.det(TURN))
AWAY = np.array([0.7, -1.3, 2.1])


def laid(*triangles):
    """Triangles given in a tilted frame off the origin, in space."""
    return np.array(triangles, dtype=float) @ TURN + AWAY


def areas(corners):
    return 0.5 * np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)


def normals(corners):
    n = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return n / np.linalg.norm(n, axis=1)[:, None]


FAR = [(2, 0, 5), (3, 0, 5), (2, 1, 6)]
FIRST = [(0, 0, 0), (4, 0, 0), (0, 3, 0)]  # cut at x = 1: 27/8 of the 6 are beyond
SECOND = [(5, 0, 0), (0.5, 3, 0), (5, 3, 0)]  # turned; cut at x = 1: left of it a corner 1/2 x 1/3 in size
BLADE = [(1, -9, -9), (1, -9, 9), (1, 40, 0)]


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1], [1, 2, 0]])
def test_triangles_are_cut_where_others_go_through_them(order):
    given = laid(*(([FIRST, FAR, SECOND])[k] for k in order))
    at = {k: i for i, k in enumerate(order)}
    found, owner = split(given, laid(BLADE), 1e-9, same=False)
    of = owner[found.polygon]
    size = np.bincount(found.polygon, areas(found.corners))
    parts = {k: sorted(size[owner == i]) for k, i in at.items()}
    assert parts[0] == pytest.approx([2.625, 3.375], rel=1e-7)
    assert parts[1] == pytest.approx([np.sqrt(0.5)], rel=1e-12)
    assert parts[2] == pytest.approx([1.0 / 12.0, 6.75 - 1.0 / 12.0], rel=1e-6)
    assert normals(found.corners) == pytest.approx(normals(given)[of], abs=1e-6)
    assert found.normal == pytest.approx(normals(given)[owner], abs=1e-12)
    side = ((found.corners - AWAY) @ TURN.T)[:, :, 0].mean(axis=1) < 1.0
    spot = (found.spot - AWAY) @ TURN.T
    wide = owner != at[1]
    assert (side == (spot[found.polygon, 0] < 1.0))[wide[found.polygon]].all()
    for p in range(len(owner)):
        flat = shapely.union_all(
            [shapely.Polygon(t[:, :2]) for t in (found.corners[found.polygon == p] - AWAY) @ TURN.T]
        )
        assert flat.buffer(-1e-3).contains(shapely.Point(spot[p, :2]))
        assert spot[p] @ [0, 0, 1] == pytest.approx(5.0 + spot[p, 1] if owner[p] == at[1] else 0.0, abs=1e-8)


def test_cut_triangles_keep_their_side_whichever_way_round_their_parts_are_made(monkeypatch):
    whole = shapely.constrained_delaunay_triangles
    seen = []
    for made in (whole, lambda cells: shapely.reverse(whole(cells))):
        monkeypatch.setattr(shapely, "constrained_delaunay_triangles", made)
        found, owner = split(laid(FIRST, SECOND), laid(BLADE), 1e-9, same=False)
        assert normals(found.corners) == pytest.approx(normals(laid(FIRST, SECOND))[owner[found.polygon]], abs=1e-6)
        seen.append(areas(found.corners).sum())
    assert seen == pytest.approx([12.75, 12.75], rel=1e-7)


def test_triangles_that_cut_each_other_do_not_cut_themselves():
    pair = laid(FIRST, [(1, -9, -9), (1, -9, 9), (1, 2, 0)])
    found, owner = split(pair, pair, 1e-9, same=True)
    assert np.bincount(owner).tolist() == [1, 1]  # a slit does not part either
    assert np.bincount(found.polygon, areas(found.corners)) == pytest.approx(areas(pair)[owner], rel=1e-7)
    through = laid(FIRST, BLADE)
    assert np.bincount(split(through, through, 1e-9, same=True)[1]).tolist() == [2, 1]


def test_nothing_cut_is_nothing():
    found, owner = split(np.zeros((0, 3, 3)), laid(BLADE), 1e-9, same=False)
    assert found.corners.shape == (0, 3, 3) and found.polygon.shape == owner.shape == (0,)
    assert found.spot.shape == found.normal.shape == (0, 3)
    whole, owner = split(laid(FAR), laid(BLADE), 1e-9, same=False)
    assert np.array_equal(whole.corners, laid(FAR)) and owner.tolist() == whole.polygon.tolist() == [0]


@pytest.mark.parametrize("wide, count", [(2, 1), (3, 2)])
def test_a_strip_up_to_two_grid_lines_wide_is_no_part(wide, count):
    """Its area over its border is half its width, which has to be above the grid."""
    grid = 1e-3
    own = np.array([[[0.0, 0], [1, 0], [0, 1]]])
    cells, which = _cells(own, np.array([[[wide * grid, -1], [wide * grid, 2.0]]]), np.zeros(1, dtype=np.int64), grid)
    assert len(cells) == count and which.tolist() == [0] * count


def halved():
    cuts = cuts_of([CUT], SQUARE, 1e-5)
    return cuts, stacked(SQUARE, cuts)


@pytest.mark.parametrize("scale", [1.0, 1e-3])
def test_both_parts_of_a_halved_plate_have_their_skin_and_their_side_of_the_crack(scale):
    """60 and 40 mm of 100 mm; the crack is 100 x 10 mm."""
    pane = dataclasses.replace(SQUARE, points=scale * SQUARE.points)
    cuts = cuts_of([(scale * CUT[0], CUT[1])], pane, 1e-5 * scale)
    found = faces_of(pane, cuts, stacked(pane, cuts))
    assert found.lost == 0.0 and not len(found.unseen)
    found = dataclasses.replace(found, corners=found.corners / scale)
    name = SQUARE.names.index
    for piece, wide, out in ((0, 0.06, 1.0), (1, 0.04, -1.0)):
        mine = found.of(piece)
        assert (mine.piece == piece).all() and mine.lost == 0.0 and not len(mine.unseen)
        size = np.linalg.norm(mine.vector, axis=1)
        total = {k: size[mine.region == k].sum() for k in np.unique(mine.region)}
        rim = 0.01 * (0.1 + 2 * wide)
        due = {-1: 1e-3, name("rim"): rim, name("outer"): 0.1 * wide, name("inner"): 0.1 * wide}
        assert total == {k: pytest.approx(v, rel=1e-6) for k, v in due.items()}
        cut = mine.region < 0
        assert (mine.crack[cut] == 0).all() and (mine.other[cut] == 1 - piece).all()
        assert (mine.crack[~cut] == -1).all() and (mine.other[~cut] == -1).all()
        assert mine.vector[cut].sum(axis=0) == pytest.approx([0.0, out * 1e-3, 0.0], abs=1e-9)


def test_what_no_section_sees_is_lost_with_its_area_and_heights():
    """Of the smaller part two faces of 40 x 100 mm and 180 x 10 mm of rim, and the crack, of which one side is seen."""
    cuts, stack = halved()
    one = [np.flatnonzero(p == 0) for p in stack.piece]
    half = dataclasses.replace(
        stack, sections=tuple(Section(s.z, s.cells[k], s.area) for s, k in zip(stack.sections, one)),
        piece=tuple(p[k] for p, k in zip(stack.piece, one)),
    )  # fmt: skip
    found = faces_of(SQUARE, cuts, half)
    assert found.lost == pytest.approx(2 * 0.004 + 0.0018 + 0.001, rel=1e-6)
    assert (found.piece == 0).all() and (found.region >= 0).all()
    assert np.linalg.norm(found.vector, axis=1).sum() == pytest.approx(2 * 0.006 + 0.0022, rel=1e-6)
    flat = np.isin(found.unseen, [0.0, 0.01])
    assert 2 <= flat.sum() < len(found.unseen)
    assert ((found.unseen > 0.0) & (found.unseen < 0.01))[~flat].all()


class _Told:
    """Tells pieces by rule, and what it was asked."""

    def __init__(self, *_):
        self.asked, self.near = [], []
        _Told.last = self

    def at(self, x):
        self.asked.append(x)
        inside = (np.abs(x[:, :2]) < 0.05).all(axis=1) & (x[:, 2] > 0.03) & (x[:, 2] < 0.04)
        return np.where(inside, np.where(x[:, 1] < 0.01, 0, np.where(x[:, 0] < 0.0, 1, -1)), -1)

    def across(self, x, found, wanted):
        self.near.append((x, found, wanted))
        return found


def test_it_is_asked_right_beside_the_faces_whose_they_are(monkeypatch):
    """A plate of 30 to 40 mm height, cut twice: at y = 10 mm, and beyond it at x = 0; nobody knows the last quarter."""
    whole, itself = faces.split, []

    def told(corners, others, grid, *, same):
        itself.append((grid, same, np.array_equal(others[: len(corners)], corners)))
        return whole(corners, others, grid, same=same)

    monkeypatch.setattr(faces, "_Place", _Told)
    monkeypatch.setattr(faces, "split", told)
    skin = Skin(SQUARE.points + [0, 0, 0.03], SQUARE.triangles, SQUARE.label, SQUARE.names)
    up = np.array([0, 0, 0.03])
    cuts = cuts_of(
        [(CUT[0] + up, CUT[1]), wall(np.array([[0.0, 0.01], [0.0, 0.2]]), 0.028, 0.042, np.zeros(2))], skin, 1e-5
    )
    found = faces_of(skin, cuts, None)
    assert itself == [(pytest.approx(1e-9), False, False), (pytest.approx(1e-9), True, True)]
    (outer, minus, plus), ((skinned, _, every), (both, known, half)) = _Told.last.asked, _Told.last.near
    assert np.array_equal(skinned, outer) and every.all()
    box = np.abs(outer - [0, 0, 0.035]) - [0.05, 0.05, 0.005]
    assert box.max(axis=1) == pytest.approx(-OFF * 0.01, rel=1e-3)
    assert np.array_equal(both, np.concatenate([minus, plus]))
    distance = np.minimum(np.abs(both[:, 1] - 0.01), np.abs(both[:, 0]))
    assert distance == pytest.approx(OFF * 0.01, rel=1e-3)
    assert np.linalg.norm(plus - minus, axis=1) == pytest.approx(2 * OFF * 0.01, rel=1e-6)
    one, two = known[: len(minus)], known[len(minus) :]
    assert np.array_equal(half, np.tile((one < 0) != (two < 0), 2)) and half.any() and not half.all()
    quarter = 0.05 * 0.04
    assert found.lost == pytest.approx(2 * quarter + 0.09 * 0.01 + (0.05 + 0.04) * 0.01, rel=1e-5)
    cut = found.region < 0
    size = np.linalg.norm(found.vector, axis=1)
    assert size[cut & (found.crack == 0)].sum() == pytest.approx(2 * 0.05 * 0.01, rel=1e-5)


def place(sections, walls=()):
    """Sections are (height, x of the cell's middle, its piece); the walls are triangles."""
    none = Skin(np.zeros((0, 3)), np.zeros((0, 3), dtype=np.int64), np.zeros(0, dtype=np.int64), ())
    corners = np.array(walls, dtype=float).reshape(-1, 3, 3)
    number = np.zeros(len(corners), dtype=np.int64)
    made = [Section(z, np.array([shapely.box(x - 0.4, -0.4, x + 0.4, 0.4)]), 0.64) for z, x, _ in sections]
    stack = SimpleNamespace(sections=tuple(made), piece=tuple(np.array([p]) for *_, p in sections))
    return _Place(none, Cuts(corners, number, number == 0), stack)


def test_a_point_is_seen_from_three_sections_below_and_above():
    """Each section has a cell of its own: eight of them, the point between the fourth and the fifth."""
    told = place([(k, k, 10 + k) for k in range(8)])
    x = np.column_stack([np.arange(-1, 9), np.zeros(10), np.full(10, 3.5)])
    assert told.at(x).tolist() == [-1, -1, 11, 12, 13, 14, 15, 16, -1, -1]


def test_a_point_is_seen_from_the_lowest_and_from_the_highest_section():
    told = place([(0, 0, 5), (1, 1, 6), (2, 2, 7)])
    x = np.array([[0, 0, -0.5], [2, 0, 2.5], [0, 0, 0.5], [2, 0, 1.5], [9, 0, -0.5], [9, 0, 2.5], [0, 0, 2.5]])
    assert told.at(x).tolist() == [5, 7, 5, 7, -1, -1, 5]


def test_the_nearest_section_below_is_asked_first_and_none_through_a_surface():
    every = [(0, 0, 3), (1, 0, 0), (2, 0, 1), (3, 0, 2)]
    x = np.array([[0.2, 0.1, 1.5]])
    assert place(every).at(x).tolist() == [0]
    roof = [[(-5, -5, h), (5, -5, h), (0, 9, h)] for h in (1.2, 1.8)]
    assert place(every, roof[:1]).at(x).tolist() == [1]
    assert place(every, roof[1:]).at(x).tolist() == [0]
    assert place(every, roof).at(x).tolist() == [-1]


SCREEN = [(2.5, -1, -1), (2.5, 1, -1), (2.5, 0, 1)]


def test_an_unknown_point_takes_the_piece_of_the_nearest_that_it_sees():
    x = np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0], [3, 0, 0], [3.1, 0, 0], [9, 0, 0], [9.2, 9, 0]])
    known = np.array([0, -1, -1, 4, 5, -1, -1])
    wanted = np.array([True, True, True, True, True, True, False])
    assert place([], [SCREEN]).across(x, known, wanted).tolist() == [0, 0, 0, 4, 5, 5, -1]
    assert place([]).across(x, known, wanted).tolist() == [0, 0, 4, 4, 5, 5, -1]
    assert known.tolist() == [0, -1, -1, 4, 5, -1, -1]
    nothing = np.full(7, -1)
    assert place([]).across(x, nothing, wanted).tolist() == nothing.tolist()
    assert place([]).across(x, np.arange(7), wanted).tolist() == list(range(7))


def test_what_was_found_so_is_passed_on_round_a_corner():
    """Two screens, and a point beyond their edges that sees all three rooms; the last room is the other way round."""
    x = np.array([[0.0, 0, 0], [5, 12, 0], [5, 0, 0], [9, 0, 0]])
    known = np.array([0, -1, -1, -1])
    screens = [[(h, -50, -50), (h, 5, -50), (h, 5, 90)] for h in (3, 7)]
    assert place([], screens).across(x, known, np.ones(4, dtype=bool)).tolist() == [0, 0, 0, 0]
    closed = [*screens, [(7, 4, -50), (7, 4, 90), (7, 90, 0)]]
    assert place([], closed).across(x, known, np.ones(4, dtype=bool)).tolist() == [0, 0, 0, -1]


def test_of_many_points_the_nearest_that_is_seen_is_taken_in_any_number_of_batches(monkeypatch):
    """Behind a screen at x = 2.5 are the nearest nine; the tenth is beside it, and the other way the first is seen."""
    near = np.column_stack([np.linspace(3.0, 4.0, 9), np.zeros(9), np.zeros(9)])
    x = np.concatenate([[[2.0, 0, 0], [2.9, 0, 0]], near, [[2.0, 40, 0], [2.0, 41, 0]]])
    known = np.array([-1, -1, 0, *range(1, 9), 20, 21])
    for at_once in (1, 3, 20_000):
        monkeypatch.setattr(faces, "_AT_ONCE", at_once)
        found = place([], [SCREEN]).across(x, known, np.ones(len(x), dtype=bool))
        assert found.tolist() == [20, 0, *known[2:]]


def test_a_way_is_stopped_at_the_seam_of_two_triangles_and_not_where_it_begins_on_one():
    shift = np.array([7.0, -4.0, 3.0])
    corners = np.array([[[0.0, 0, 0], [1, 0, 0], [0, 1, 0]], [[1, 0, 0], [1, 1, 0], [0, 1, 0]]]) + shift
    number = np.zeros(2, dtype=np.int64)
    screen = Cuts(corners, number, number == 0)
    a = np.array([[0.5, 0.5, 0.3], [0.3, 0.2, 0.0], [0.3, 0.2, 0.3], [0.3, 0.2, 0.0], [-0.1, 0.5, 0.2]]) + shift
    b = np.array([[0.5, 0.5, -0.3], [0.4, 0.2, 0.3], [0.4, 0.2, 0.0], [0.3, 0.3, 0.0], [-0.1, 0.5, -0.2]]) + shift
    assert _crossed(a, b, screen).tolist() == [True, False, False, False, False]


def test_a_level_way_is_stopped_by_the_lowest_and_by_the_highest_side_of_a_wall():
    standing = np.array([[0.0, -1, 2], [0, 1, 2], [0, 0, 3]])
    number = np.zeros(1, dtype=np.int64)
    a, b = np.array([[-1.0, 0.2, 2]]), np.array([[1.0, 0.2, 2]])
    for wall_ in (standing, standing * [1, 1, -1] + [0, 0, 4]):
        assert _crossed(a, b, Cuts(wall_[None], number, number == 0)).tolist() == [True]
        assert _crossed(a + [0, 5, 0], b + [0, 5, 0], Cuts(wall_[None], number, number == 0)).tolist() == [False]


@pytest.mark.parametrize("seed", range(3))
def test_ways_through_a_triangle_anywhere_are_those_with_a_positive_share_of_every_corner(seed):
    """start + s (end - start) = weights of the corners, solved as it stands."""
    rng = np.random.default_rng(seed)
    t = rng.normal(scale=2.0, size=(3, 3)) + rng.normal(scale=5.0, size=3)
    a, b = t.mean(axis=0) + rng.normal(scale=2.0, size=(2, 2000, 3))
    number = np.zeros(1, dtype=np.int64)
    matrix = np.stack([np.broadcast_to(t[1] - t[0], a.shape), np.broadcast_to(t[2] - t[0], a.shape), a - b], axis=2)
    u, v, s = np.linalg.solve(matrix, (a - t[0])[:, :, None])[:, :, 0].T
    due = (u > 0) & (v > 0) & (u + v < 1) & (s > 0) & (s < 1)
    assert 20 < due.sum() < 1000
    assert np.array_equal(_crossed(a, b, Cuts(t[None], number, number == 0)), due)
