"""Necks of glass that hold parts: widths, areas, and what they are found by."""

import math
import time

import numpy as np
import pytest
import shapely
from scipy.spatial import cKDTree

from deadlight.outcome.cuts import cuts_of
from deadlight.outcome.flood import flooded
from deadlight.outcome.necks import _distances, _neck_area, _spots
from deadlight.outcome.skin import plate
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
