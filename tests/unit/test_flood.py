"""The grid of the check: its volumes and surfaces, and how its parts and the pieces by sections are held together."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
import shapely

from deadlight.outcome import flood as flood_module
from deadlight.outcome.cuts import Cuts, cuts_of
from deadlight.outcome.flood import Flood, _crossings, flooded
from deadlight.outcome.piece import Ligament
from deadlight.outcome.skin import Skin, plate
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


@pytest.mark.parametrize("other, best", [(0.6, 1), (0.4, 0), (-0.6, 1), (-0.4, 0)])
def test_a_part_matches_by_its_middle_and_its_volume(other, best):
    """Half the size away and e^other as large, or the size (2 cm of 8 cm3) away and as large: 1/2 + |other|, or 1."""
    parts = grid([8e-6 * np.exp(other), 8e-6], [[0.01, 0, 0], [0, 0, 0.02]])
    assert parts.match(sections([8e-6], [[0.0, 0, 0]])).tolist() == [best]


def test_ligaments_get_the_number_of_the_piece_that_their_part_is():
    held = tuple(Ligament(1e-3 * (k + 1), 1.0, np.zeros(3), 1.0, np.zeros(3), k) for k in (2, 0, 1, 0))
    parts = dataclasses.replace(grid([1e-6, 3e-6, 2e-6], [[0.0, 0, 0], [1, 0, 0], [2, 0, 0]]), ligaments=held)
    placed = parts.placed(sections([2e-6, 1e-6], [[2.0, 0, 0], [0.0, 0, 0]]))
    assert [(round(1e3 * p.width), p.piece) for p in placed] == [(3, 0), (1, 1), (1, 1)]


@pytest.mark.parametrize("cells, told", [(63.9, []), (64.1, [True])])
def test_parts_of_the_grid_count_from_64_cells_on(cells, told):
    whole = sections([1e-5], [[0.0, 0, 0]])
    parts = grid([1e-5, cells * 1e-9], [[0.0, 0, 0], [0.1, 0, 0]])
    assert [r.alarm for r in parts.differences(whole, 0.03)] == told
    small = sections([1e-5, cells * 1e-9], [[0.0, 0, 0], [0.1, 0, 0]])
    assert [r.alarm for r in grid([1e-5], [[0.0, 0, 0]]).differences(small, 0.03)] == (told or [False])
    assert not grid([1e-5, 65e-9], [[0.0, 0, 0], [0.1, 0, 0]]).differences(
        sections([1e-5, 65e-9], [[0.0, 0, 0], [0.1, 0, 0]]), 0.03
    )


def test_what_is_told_of_a_difference_has_its_size():
    two = sections([1e-5, 9e-6], [[0.0, 0, 0], [0.1, 0, 0]])
    (said,) = grid([1e-5], [[0.0, 0, 0]]).differences(two, 0.03)
    assert "2 pieces by sections, 1 by the flood fill" in str(said) and "smallest 9e-06 m3" in str(said)
    (said,) = grid([1e-5, 1e-6], [[0.0, 0, 0], [0.1, 0, 0]]).differences(sections([1e-5], [[0.0, 0, 0]]), 0.03)
    assert "smallest 1e-06 m3" in str(said)
    (said,) = grid([1.2e-5, 6e-6], [[0.0, 0, 0], [0.1, 0, 0]]).differences(two, 0.03)
    assert "by up to 0.33" in str(said)
    rough = dataclasses.replace(grid([1e-5, 9.5e-6], [[0.0, 0, 0], [0.1, 0, 0]]), surface=np.array([0.0, 0.01]))
    assert not rough.differences(two, 0.03)  # 5e-7 of 9e-6: 2.7e-7 and 3e-7
    small = sections([6e-8, 1e-5], [[0.1, 0, 0], [0.0, 0, 0]])
    (said,) = grid([1.01e-5], [[0.0, 0, 0]]).differences(small, 0.03)
    assert "1 pieces of up to 6e-08 m3" in str(said)


def test_cells_are_a_fifth_of_the_thickness_or_as_many_as_may_be(monkeypatch):
    """1e-4 m3 in a thousand cells: 4.64 mm."""
    none = cuts_of([], SQUARE, 1e-5)
    assert flooded(SQUARE, none).cell == pytest.approx(2e-3)
    monkeypatch.setattr(flood_module, "MOST", 1000)
    assert flooded(SQUARE, none).cell == pytest.approx(1e-7 ** (1 / 3))


def test_necks_are_looked_for_when_they_are_asked_for_and_there_are_cracks(monkeypatch):
    asked = []
    monkeypatch.setattr(flood_module, "necks", lambda *given: asked.append(given[4:]) or ("neck",))
    cut = cuts_of([wall(np.array([[0.0103, -0.2], [0.0103, 0.2]]), -0.002, 0.012, np.zeros(2))], SQUARE, 1e-5)
    assert flooded(SQUARE, cut, cell=2e-3).ligaments == ()
    assert flooded(SQUARE, cuts_of([], SQUARE, 1e-5), cell=2e-3, widest=0.01).ligaments == ()
    assert not asked
    assert flooded(SQUARE, cut, cell=2e-3, widest=0.01).ligaments == ("neck",) and asked == [(2e-3, 0.01)]


def test_between_two_plates_are_no_cells():
    """One over the other, 4 mm apart, as one skin; a sheet above, one below, and one in between part nothing."""
    n = len(SQUARE.points)
    both = Skin(
        np.concatenate([SQUARE.points, SQUARE.points + [0, 0, 0.014]]),
        np.concatenate([SQUARE.triangles, SQUARE.triangles + n]), np.tile(SQUARE.label, 2), SQUARE.names,
    )  # fmt: skip
    sheets = [
        (np.array([[-0.2, -0.2, z], [0.2, -0.2, z], [0.2, 0.2, z], [-0.2, 0.2, z]]), np.array([[0, 1, 2], [0, 2, 3]]))
        for z in (-0.03, 0.0117, 0.07)
    ]
    found = cells_of(2e-3, *sheets, pane=both)
    assert sorted(found.volume) == pytest.approx([1e-4, 1e-4]) and sorted(found.surface) == pytest.approx([0.024] * 2)
    z = found.centres[:, 2]
    assert not ((z > 0.010) & (z < 0.014)).any()
    assert found.centre[:, :2] == pytest.approx(np.zeros((2, 2)), abs=1e-3)
    assert sorted(found.centre[:, 2]) == pytest.approx([0.005, 0.019], abs=1e-3)
    assert np.bincount(found.piece) * 8e-9 == pytest.approx(found.volume)


@pytest.mark.parametrize("scale", [1e-3, 1.0])
@pytest.mark.parametrize("k", range(3))
def test_triangles_are_counted_where_lines_of_the_grid_pass_through_them(k, scale):
    """Every line by itself: shares of the corners in the plan, and the height that they make."""
    rng = np.random.default_rng(k)
    t = scale * rng.uniform(-1.5, 1.5, (6, 3, 3)) + 2.0
    axes = [2.0 + scale * (np.linspace(-1.0, 1.0, n) + 0.0137) for n in (7, 8, 9)]
    i, j = (m for m in range(3) if m != k)
    due = np.zeros((len(axes[i]), len(axes[j]), len(axes[k])), dtype=np.int64)
    for x in t:
        for p, u in enumerate(axes[i]):
            for q, v in enumerate(axes[j]):
                share = np.linalg.solve(np.vstack([x[:, i], x[:, j], np.ones(3)]), [u, v, 1.0])
                level = int((axes[k] < share @ x[:, k]).sum())
                if share.min() > 0.0 and level < len(axes[k]):
                    due[p, q, level] += 1
    number = np.zeros(6, dtype=np.int64)
    assert due.sum() > 20 and np.array_equal(_crossings(Cuts(t, number, number == 0), axes, k), due)
