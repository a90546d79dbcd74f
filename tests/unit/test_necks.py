"""Necks of glass that hold parts: widths, areas, and what they are found by."""

import math
import time
from types import SimpleNamespace

import numpy as np
import pytest
import shapely
from scipy.spatial import cKDTree

from deadlight.outcome.cuts import cuts_of
from deadlight.outcome.flood import flooded
from deadlight.outcome.necks import _distances, _hills, _merged, _neck_area, _passes, _spots, _width
from deadlight.outcome.skin import Skin, plate
from support_cuts import wall

T, CELL = 0.010, 1e-3
SQUARE = plate(shapely.box(-0.05, -0.05, 0.05, 0.05), T)


def upright(a, b, low=-0.002):
    return wall(np.array([a, b]), low, 0.012, np.zeros(2))


def ligaments(*cracks, widest=T):
    return flooded(SQUARE, cuts_of(list(cracks), SQUARE, 1e-5), cell=CELL, widest=widest).ligaments


def test_neck_beside_the_end_of_a_crack():
    """It stops 4 mm short of the side: 40 x 100 x 10 mm would come free, held by 4 x 10 mm2."""
    crack = upright((-0.2, 0.01), (0.046, 0.01))
    assert not ligaments(crack, widest=3e-3)
    (neck,) = ligaments(crack, widest=5e-3)
    assert neck.volume == pytest.approx(4e-5, rel=0.05)
    assert neck.centre == pytest.approx([0.0, 0.03, 0.005], abs=1e-3)
    assert neck.area == pytest.approx(4e-5, rel=0.05)
    assert neck.piece == 0


def test_of_two_necks_side_by_side_the_wider_one_is_told_with_the_area_of_both():
    """3 mm at one end and 5 mm at the other: as long as one of them holds, the part is held."""
    (neck,) = ligaments(upright((-0.047, 0.01), (0.045, 0.01)))
    assert neck.width == pytest.approx(5e-3, abs=CELL)
    assert neck.area == pytest.approx(8e-5, rel=0.05)
    assert neck.place[:2] == pytest.approx([0.05, 0.01], abs=3 * CELL)
    assert not ligaments(upright((-0.047, 0.01), (0.038, 0.01)))  # 12 mm hold it, more than is asked for


def test_distances_from_a_leaning_plane_are_its_distances():
    """Within a third of a cell, near it to the spacing of the spots; what is beyond the limit has the limit."""
    rng = np.random.default_rng(2)
    n = np.array([0.48, 0.64, 0.6])
    sheet = np.array([[-0.04, 0.03, 0.0], [0.04, -0.03, 0.0]])
    down = np.array([0.36, 0.48, -0.8])
    corners = np.array([[sheet[0] - 0.05 * down, sheet[1] - 0.05 * down, sheet[1] + 0.05 * down],
                        [sheet[0] - 0.05 * down, sheet[1] + 0.05 * down, sheet[0] + 0.05 * down]])  # fmt: skip
    spots = _spots(corners, 0.35 * CELL)
    x = rng.uniform(-0.02, 0.02, (500, 3))
    true = np.abs(x @ n)
    d, near = _distances(x, spots, cKDTree(spots), CELL, 0.016)
    assert (d - true)[true < 0.015].min() > -1e-12
    assert (d - true)[true < 0.015].max() < CELL / 3.0
    assert np.linalg.norm(x - spots[near], axis=1)[true < 0.015] == pytest.approx(d[true < 0.015])
    assert d[true > 0.0165] == pytest.approx(0.016)


def test_necks_beside_a_leaning_crack_cost_about_what_the_flood_fill_does():
    """A groove at 30 degrees: all points of a plane far away are about as near, and a tree looks at each."""
    along = np.array([math.cos(math.pi / 6), math.sin(math.pi / 6)])
    aside = 0.003 * np.array([-along[1], along[0]])
    cuts = cuts_of([upright(-0.2 * along + aside, 0.2 * along + aside, low=0.002)], SQUARE, 1e-5)
    spent = []
    for widest in (0.0, T):
        start = time.process_time()
        flooded(SQUARE, cuts, cell=CELL, widest=widest)
        spent.append(time.process_time() - start)
    assert spent[1] < 30.0 * spent[0]  # about 6; it was 90


@pytest.mark.parametrize("angle", [30.0, 45.0])
def test_area_of_a_leaning_neck_is_no_staircase(angle):
    """60 x 60 x 10 cells parted at an angle: chord times thickness; the sides as they are make 1.36 and 1.39 of it."""
    shape = (60, 60, 10)
    number = np.arange(np.prod(shape)).reshape(shape)
    centres = (np.argwhere(number >= 0) + 0.5) * CELL
    links = []
    for k in range(3):
        a, b = np.moveaxis(number, k, 0)[:-1].ravel(), np.moveaxis(number, k, 0)[1:].ravel()
        links.append(np.column_stack([a, b, np.full(len(a), k)]))
    link = np.concatenate(links)
    way = math.radians(angle)
    inside = (centres - [0.0301, 0.03013, 0.0]) @ [-math.sin(way), math.cos(way), 0.0] > 0.0
    true = 0.06 / math.cos(way) * 0.01
    assert _neck_area(inside, ~inside, link, centres, CELL) == pytest.approx(true, rel=0.02)
    assert (inside[link[:, 0]] != inside[link[:, 1]]).sum() * CELL**2 > 1.3 * true


def test_spots_stand_for_a_triangle_to_the_step():
    rng = np.random.default_rng(3)
    for corners in rng.normal(size=(10, 1, 3, 3)):
        spots = _spots(corners, 0.1)
        a, u, v = corners[0, 0], corners[0, 1] - corners[0, 0], corners[0, 2] - corners[0, 0]
        share, *_ = np.linalg.lstsq(np.column_stack([u, v]), (spots - a).T, rcond=None)
        assert a + share.T @ [u, v] == pytest.approx(spots, abs=1e-12)
        assert share.min() > -1e-12 and share.sum(axis=0).max() < 1.0 + 1e-12
        weight = rng.dirichlet(np.ones(3), 500)
        assert cKDTree(spots).query(weight @ corners[0])[0].max() < 0.1


PLANK = plate(shapely.box(-0.030, -0.020, 0.030, 0.020), 0.004)


def held(*walls, widest, pane=PLANK):
    """Ligaments of the plank with walls, each (x, from y, to y) in mm."""
    cracks = [upright((x / 1e3, a / 1e3), (x / 1e3, b / 1e3)) for x, a, b in walls]
    return flooded(pane, cuts_of(cracks, pane, 1e-5), cell=CELL, widest=widest).ligaments


def test_neck_between_two_cracks_is_as_wide_as_they_are_apart():
    """They end 5 mm apart: 25 x 40 x 4 mm would come free, held by 5 x 4 mm2."""
    gap = [(5.0, -99.0, -3.0), (5.0, 2.0, 99.0)]
    (neck,) = held(*gap, widest=5.5e-3)
    assert neck.width == pytest.approx(5e-3, abs=0.05 * CELL)
    assert neck.place[:2] == pytest.approx([5e-3, -0.5e-3], abs=0.05 * CELL) and 0.0 < neck.place[2] < 0.004
    assert neck.area == pytest.approx(2e-5, rel=1e-9)
    assert neck.volume == pytest.approx(4e-6, rel=0.05) and neck.centre == pytest.approx([17.5e-3, 0, 2e-3], abs=CELL)
    assert not held(*gap, widest=4.5e-3)


@pytest.mark.parametrize("x, lower", [(4.9e-3, -1), (5.3e-3, 1)])
def test_neck_to_the_skin_is_half_a_cell_wider_than_its_lowest_cell_is_away(x, lower):
    """A cut stops 4 mm short of the side y = 20 mm; of the cells on both sides of it the nearer is the lower."""
    cuts = cuts_of([upright((x, -0.1), (x, 0.016))], PLANK, 1e-5)
    for widest in (8e-3, 4.2e-3):
        found = flooded(PLANK, cuts, cell=CELL, widest=widest)
        (neck,) = found.ligaments
        off, y = found.centres[:, 0] - x, found.centres[:, 1].max()
        away = off[np.abs(off).argmin()]
        assert 0.0 < lower * away < 0.4 * CELL
        assert neck.width == pytest.approx(math.hypot(away, y - 0.016) + 0.5 * CELL, abs=0.01 * CELL)
        assert neck.place[:2] == pytest.approx([x + away, y])


def test_necks_of_a_pane_a_thousand_times_larger_are_so_much_wider():
    large = Skin(1e3 * PLANK.points, PLANK.triangles, PLANK.label, PLANK.names)
    gap = [upright((0.005, -0.1), (0.005, -0.003)), upright((0.005, 0.002), (0.005, 0.1))]
    cuts = cuts_of([(1e3 * x, tri) for x, tri in gap], large, 1e-2)
    (neck,) = flooded(large, cuts, cell=1e3 * CELL, widest=5.5).ligaments
    assert neck.width == pytest.approx(5.0, abs=0.05) and neck.area == pytest.approx(20.0, rel=1e-9)


def test_of_three_parts_in_a_row_two_are_held_by_the_largest():
    """15, 25 and 20 mm of 40 x 4 mm2, held by 6 and 4 mm: the wider neck joins its parts before the other is told."""
    first, second = held((-15.0, -99, -3), (-15.0, 3, 99), (10.0, -99, -2), (10.0, 2, 99), widest=8e-3)
    assert (first.width, second.width) == pytest.approx((4e-3, 6e-3), abs=0.05 * CELL)
    assert (first.volume, second.volume) == pytest.approx((3.2e-6, 2.4e-6), rel=0.06)
    assert (first.area, second.area) == pytest.approx((1.6e-5, 2.4e-5))
    assert first.centre[0] == pytest.approx(0.020, abs=CELL) and second.centre[0] == pytest.approx(-0.0225, abs=CELL)
    (only,) = held((-15.0, -99, -3), (-15.0, 3, 99), (10.0, -99, -2), (10.0, 2, 99), widest=5e-3)
    assert only.volume == first.volume and only.width == first.width


def test_a_neck_is_of_the_piece_that_it_is_in():
    """Cut through at x = 0; what is on the right is nearly cut once more, 12 of its 30 mm from its end."""
    cracks = [
        upright((0.0, -0.1), (0.0, 0.1)),
        upright((0.018, -0.1), (0.018, -2e-3)),
        upright((0.018, 2e-3), (0.018, 0.1)),
    ]
    found = flooded(PLANK, cuts_of(cracks, PLANK, 1e-5), cell=CELL, widest=8e-3)
    (neck,) = found.ligaments
    assert neck.volume == pytest.approx(1.92e-6, rel=0.1) and neck.width == pytest.approx(4e-3, abs=0.05 * CELL)
    assert neck.piece == int(found.centre[:, 0].argmax())


def landscape(seed):
    """A grid of 7 x 5 x 4 cells of random heights, some of them alike, and its links."""
    number = np.arange(140).reshape(7, 5, 4)
    links = []
    for k in range(3):
        a, b = np.moveaxis(number, k, 0)[:-1].ravel(), np.moveaxis(number, k, 0)[1:].ravel()
        links.append(np.column_stack([a, b, np.full(len(a), k)]))
    rng = np.random.default_rng(seed)
    link = np.concatenate(links)
    return rng.integers(0, 12, 140).astype(float), link[rng.random(len(link)) < 0.8]


@pytest.mark.parametrize("seed", range(3))
def test_a_cell_belongs_to_the_hill_that_steepest_climbing_leads_to(seed):
    """One step after the other; of cells alike the one with the higher number is higher."""
    d, link = landscape(seed)
    around = [[c] for c in range(len(d))]
    for a, b, _ in link.tolist():
        around[a].append(b)
        around[b].append(a)
    tops = []
    for c in range(len(d)):
        while (up := max(around[c], key=lambda k: (d[k], k))) != c:
            c = up
        tops.append(c)
    hill = _hills(d, link)
    assert len(set(zip(hill.tolist(), tops))) == len(set(tops)) == len(set(hill.tolist())) > 5


@pytest.mark.parametrize("seed", range(3))
def test_passes_are_those_of_the_highest_tree(seed):
    """From the highest down, each that joins what is not joined yet."""
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 9, (2, 60))
    a, b = a[a != b], b[a != b]
    over = rng.permutation(len(a)) * 0.37 + 0.1
    at = 100 + np.arange(len(a))
    of, due = np.arange(10), []
    for k in np.argsort(-over):
        if of[a[k]] != of[b[k]]:
            due.append((over[k], min(a[k], b[k]), max(a[k], b[k]), at[k]))
            of[of == of[b[k]]] = of[a[k]]
    assert _passes(a, b, over, at, 10) == due
    assert _passes(a[:0], b[:0], over[:0], at[:0], 10) == []


def row(passes, peak, widest=99.0, cell=1.0):
    """Merged parts of a row of ten cells: the first two are group 0, the next three group 1, the last five group 2."""
    x = cell * np.column_stack([np.arange(10) + 0.5, np.zeros(10), np.zeros(10)])
    link = np.column_stack([np.arange(9), np.arange(1, 10), np.zeros(9, dtype=np.int64)])
    group = np.array([0, 0, 1, 1, 1, 2, 2, 2, 2, 2])
    spots = cell * np.array([[0.0, 50.0, 0.0]])
    return _merged(
        passes, 3, np.array(peak), np.array([2.0, 3.0, 5.0]), group, x, link, np.arange(20, 30), np.arange(10.0),
        np.zeros(10, dtype=np.int64), spots, cKDTree(spots), cell, widest,
    )  # fmt: skip


HIGH, LOW = (2.0, 1, 2, 4), (1.0, 0, 1, 1)


def test_parts_are_joined_pass_by_pass_and_the_smaller_one_would_come_free():
    first, second = row([HIGH, LOW], [3.0, 4.0, 5.0])
    assert (first.width, first.area, first.volume, first.piece) == (1.5, 1.0, 2.0, 21)
    assert (second.width, second.area, second.volume, second.piece) == (2.5, 1.0, 3.0, 24)
    assert first.centre.tolist() == [1, 0, 0] and second.centre.tolist() == [3.5, 0, 0]
    assert first.place.tolist() == [1.5, 0, 0] and second.place.tolist() == [4.5, 0, 0]
    (turned, _) = row([HIGH, (1.0, 1, 0, 1)], [3.0, 4.0, 5.0])
    assert turned.volume == 2.0 and turned.centre.tolist() == [1, 0, 0]
    half, _ = row([(1.0, 1, 2, 4), (0.5, 0, 1, 1)], [3.0, 4.0, 5.0], cell=0.5)
    assert (half.width, half.area, half.volume) == (0.75, 0.25, 0.25)
    assert [f.width for f in row([HIGH, LOW], [3.0, 4.0, 5.0], widest=1.5)] == [1.5]


@pytest.mark.parametrize(("peak", "told"), [
    ([2.3, 3.8, 5.0], [1.5, 2.5]), ([2.2, 3.8, 5.0], [2.5]), ([2.3, 3.7, 5.0], [1.5]), ([2.3, 5.0, 3.7], [1.5]),
    ([9.0, 0.1, 2.3], [1.5]), ([9.0, 0.1, 2.2], []),
])  # fmt: skip
def test_a_part_is_one_when_it_is_half_as_stout_again_as_its_neck(peak, told):
    """1.5 (2 + 1/2) is 3.75 and 1.5 (1 + 1/2) is 2.25; joined parts are as stout as the stouter one."""
    assert [f.width for f in row([HIGH, LOW], peak)] == told


def beside(*others, d=(0.5, 0.6), cell=0.1):
    """Width of a neck with its lowest cell at (3, 4, 0), a crack half to its left, and other cracks."""
    spots = np.array([[2.5, 4, 0], *((3.0 + x, 4.0 + y, 0.0) for x, y in others)])
    x = np.array([[3.0, 4, 0], [9.0, 9, 9]])[:: 1 if d[0] < d[1] else -1]
    return _width(0.5, np.array([0, 1]), x, np.array(d), np.zeros(2, dtype=np.int64), spots, cKDTree(spots), cell)


def turned(degrees, far):
    return far * math.cos(math.radians(degrees)), far * math.sin(math.radians(degrees))


def test_a_neck_reaches_to_the_nearest_crack_on_the_other_side():
    """Seen from its middle more than 101.5 degrees away from the first, within 1.2 times its distance and a cell."""
    width, place = beside((0.6, 0.0), (0.65, 0.0), (0.0, 0.1))
    assert width == pytest.approx(1.1) and place == pytest.approx([3.05, 4, 0])
    for none in ((), ((0.71, 0.0),), (turned(79.0, 0.5),), (turned(100.0, 0.5),), (turned(180.0, 0.4),)):
        width, place = beside(*none)
        assert width == pytest.approx(0.55) and place.tolist() == [3.0, 4.0, 0.0]
    width, _ = beside(turned(78.0, 0.69))
    assert width == pytest.approx(math.hypot(0.5 + turned(78.0, 0.69)[0], turned(78.0, 0.69)[1]))
    assert beside((0.6, 0.0), d=(0.6, 0.5))[0] == pytest.approx(1.1)


def test_areas_of_necks_are_added_and_sides_of_one_neck_are_summed():
    """Cells of half a unit. Sides that look opposite ways cancel in one neck, within two cells, and add in two."""

    across = np.array([[0.0, 0, 0], [1, 0, 0], [2.6, -0.5, 0], [2.6, 0.5, 0]])  # middles 2.1 cells apart
    first = np.array([True, False, True, False])
    assert _neck_area(first, ~first, np.array([[0, 1, 0], [2, 3, 1]]), across, 1.0) == pytest.approx(2.0)

    def area(apart, ways, axes=(0, 0)):
        centres = 0.5 * np.array([[0.0, 0, 0], [1, 0, 0], [0, apart, 0], [1, apart, 0]])
        link = np.array([[0, 1, axes[0]], [2, 3, axes[1]]])
        inside = np.array([w for way in ways for w in ((True, False) if way else (False, True))])
        return _neck_area(inside, ~inside, link, centres, 0.5)

    assert area(1.9, (True, True)) == pytest.approx(0.5) and area(1.9, (True, False)) == pytest.approx(0.0)
    assert area(2.1, (True, True)) == pytest.approx(0.5) and area(2.1, (True, False)) == pytest.approx(0.5)
    assert area(1.9, (True, True), (0, 1)) == pytest.approx(0.25 * math.sqrt(2.0))
    assert area(1.9, (False, True), (1, 1)) == pytest.approx(0.0)


def test_cells_nearer_than_five_cells_are_measured_to_every_spot_and_no_others():
    rng = np.random.default_rng(5)
    spots = rng.uniform(-1.0, 1.0, (4000, 3)) * [3.0, 3.0, 0.0]
    x = 0.5 * np.column_stack([rng.uniform(-3.0, 3.0, (300, 2)), np.linspace(0.1, 9.0, 300)])
    true = cKDTree(spots)
    asked = []
    tree = SimpleNamespace(query=lambda c: asked.append(c) or true.query(c))
    d, near = _distances(x, spots, tree, 0.5, 4.0)
    assert (asked[0][:, 2] < 2.5).all() and len(asked) == 1
    assert len(asked[0]) > 0.9 * (x[:, 2] < 2.5).sum() > 100
    close = np.isin(x[:, 2], asked[0][:, 2])
    assert d[close] == pytest.approx(true.query(x[close])[0], abs=1e-12)
    seen = d < 4.0
    assert np.linalg.norm(x - spots[near], axis=1)[seen] == pytest.approx(d[seen]) and (d[~seen] == 4.0).all()
    assert (~seen).any() and near.max() < len(spots)


def test_a_cell_far_away_knows_the_spot_that_it_is_nearest_to():
    spots = np.array([[0.0, 0, 0], [10, 0, 0]])
    d, near = _distances(np.array([[10.0, 0, 6], [0, 0, 6], [5, 99, 0]]), spots, cKDTree(spots), 1.0, 8.0)
    assert d.tolist() == [6.0, 6.0, 8.0] and near[:2].tolist() == [1, 0]


def test_a_triangle_within_the_step_is_its_corners():
    corners = np.array([[[0.0, 0, 0], [3, 0, 0], [0, 2, 0]]])
    assert np.unique(np.round(_spots(corners, 4.0), 9), axis=0).tolist() == [[0, 0, 0], [0, 2, 0], [3, 0, 0]]
