"""The grid of the check: its volumes and surfaces, and how its parts and the pieces by sections are held together."""

from types import SimpleNamespace

import numpy as np
import pytest
import shapely

from deadlight.outcome.cuts import cuts_of
from deadlight.outcome.flood import Flood, flooded
from deadlight.outcome.skin import plate
from support_cuts import wall

SQUARE = plate(shapely.box(-0.05, -0.05, 0.05, 0.05), 0.010)


def test_a_piece_without_volume_has_no_part() -> None:
    none, nowhere = np.zeros((0, 3)), np.zeros(0, dtype=np.int64)
    flood = Flood(1e-3, none, nowhere, np.array([2e-6, 1e-6]), np.array([[0.0, 0, 0], [0.1, 0, 0]]), np.ones(2), ())
    integrals = np.zeros((3, 10))
    integrals[0, :2] = 1e-6, 1e-6 * 0.1
    integrals[2, 0] = 2e-6
    with np.errstate(all="raise"):
        assert flood.match(SimpleNamespace(integrals=integrals)).tolist() == [1, -1, 0]


def cells_of(cell, *cracks, pane=SQUARE):
    return flooded(pane, cuts_of(list(cracks), pane, 1e-5), cell=cell)


def test_a_grid_of_a_box_has_its_volume_and_surface():
    whole = cells_of(2e-3)
    assert (whole.volume, whole.surface) == (pytest.approx([1e-4]), pytest.approx([0.024]))


@pytest.mark.parametrize("turned", [False, True])
def test_a_cut_shares_the_cells_and_adds_its_sides(turned):
    """At 10.3 mm: cells of 2 mm on either side of 10 mm; 0.1 x 0.01 m2 more on either part."""
    line = np.array([[0.0103, -0.2], [0.0103, 0.2]])
    found = cells_of(2e-3, wall(line[:, ::-1] if turned else line, -0.002, 0.012, np.zeros(2)))
    assert sorted(found.volume) == pytest.approx([4e-5, 6e-5])
    assert sorted(found.surface) == pytest.approx([0.0108, 0.0152])


def test_a_flat_cut_shares_the_layers():
    x = np.array([[-0.2, -0.2, 0.0047], [0.2, -0.2, 0.0047], [0.2, 0.2, 0.0047], [-0.2, 0.2, 0.0047]])
    found = cells_of(2e-3, (x, np.array([[0, 1, 2], [0, 2, 3]])))
    assert sorted(found.volume) == pytest.approx([4e-5, 6e-5])
    assert sorted(found.surface) == pytest.approx([0.0216, 0.0224])


def test_a_hole_has_no_cells():
    outline = shapely.box(-0.05, -0.05, 0.05, 0.05) - shapely.box(-0.0095, -0.0095, 0.0105, 0.0105)
    found = cells_of(1e-3, pane=plate(outline, 0.010))
    assert found.volume == pytest.approx([0.96e-4])
    x, y = found.centres[:, :2].T
    assert not ((x > -0.0095) & (x < 0.0105) & (y > -0.0095) & (y < 0.0105)).any()


def grid(volume, centre, surface=1e-2):
    none, nowhere = np.zeros((0, 3)), np.zeros(0, dtype=np.int64)
    return Flood(1e-3, none, nowhere, np.array(volume), np.array(centre), np.full(len(volume), surface), ())


def sections(volume, centre):
    integrals = np.zeros((len(volume), 10))
    integrals[:, 0], integrals[:, 1:4] = volume, np.array(volume)[:, None] * np.array(centre)
    return SimpleNamespace(integrals=integrals, volume=integrals[:, 0])


@pytest.mark.parametrize("off, alarms", [(5.9e-7, 0), (-5.9e-7, 0), (6.1e-7, 1), (-6.1e-7, 1)])
def test_volumes_may_differ_by_a_share_and_by_what_a_rough_surface_makes(off, alarms):
    """0.03 x 1e-5 + 3 (1 mm)^2 sqrt(1e-2 m2) = 6e-7 m3."""
    told = grid([1e-5 + off], [[0.0, 0, 0]]).differences(sections([1e-5], [[0.0, 0, 0]]), 0.03)
    assert [r.alarm for r in told] == [True] * alarms


def test_other_numbers_of_pieces_are_an_alarm_and_small_ones_are_told():
    two = sections([1e-5, 9e-6], [[0.0, 0, 0], [0.1, 0, 0]])
    assert [r.alarm for r in grid([1e-5], [[0.0, 0, 0]]).differences(two, 0.03)] == [True]
    same = grid([1e-5, 9e-6], [[0.0, 0, 0], [9.0, 9, 9]])  # one part is the nearest of both
    assert [r.alarm for r in same.differences(two, 0.03)] == [True]
    small = sections([1e-5, 6e-8], [[0.0, 0, 0], [0.1, 0, 0]])  # 60 cells
    assert [r.alarm for r in grid([1e-5], [[0.0, 0, 0]]).differences(small, 0.03)] == [False]
