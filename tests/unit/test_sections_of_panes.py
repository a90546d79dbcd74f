"""Sections of a cut pane, their moments and heights, and what pieces are made of them."""

import numpy as np
import pytest
import shapely
import shapely.affinity

from deadlight.errors import NotSolved
from deadlight.outcome import meet, sections
from deadlight.outcome.cuts import Cuts, cuts_of
from deadlight.outcome.meet import _hits, meetings
from deadlight.outcome.pieces import pieces_of
from deadlight.outcome.sections import (
    _area_of,
    _noded,
    _parity,
    _rounded,
    _width,
    _without_specks,
    moments,
    section,
    traces,
)
from deadlight.outcome.skin import plate
from deadlight.outcome.stack import heights, stacked
from support_cuts import pattern, wall

T = 0.010
SQUARE = plate(shapely.box(-0.05, -0.05, 0.05, 0.05), T)


def leaning(x, lean):
    return wall(np.array([[x, -0.2], [x, 0.2]]), -0.002, 0.012, np.array(lean))


def box_moments(x0, y0, x1, y1):
    def power(n, a, b):
        return (b ** (n + 1) - a ** (n + 1)) / (n + 1)

    return np.array([power(i, x0, x1) * power(j, y0, y1) for i, j in ((0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2))])


def test_moments_of_a_triangle_and_of_a_box_with_a_hole():
    triangle = shapely.Polygon([(0, 0), (3, 0), (0, 2)])
    for turned in (triangle, shapely.reverse(triangle)):
        assert moments(np.array([turned]))[0] == pytest.approx([3.0, 3.0, 2.0, 4.5, 1.5, 2.0])
    holed = shapely.affinity.translate(shapely.box(0, 0, 4, 3) - shapely.box(1, 1, 2, 2), 10, -7)
    due = box_moments(10, -7, 14, -4) - box_moments(11, -6, 12, -5)
    assert moments(np.array([holed]))[0] == pytest.approx(due, rel=1e-12)


@pytest.mark.parametrize("z", [0.002, 0.0075])
def test_section_of_a_plate_with_a_hole_and_a_leaning_cut(z):
    pane = plate(shapely.box(-0.05, -0.05, 0.05, 0.05) - shapely.box(-0.01, -0.01, 0.01, 0.01), T)
    found = section(pane, cuts_of([leaning(0.0, (0.5, 0.0))], pane, 1e-5), z)
    due = [0.1 * (0.05 + s * 0.5 * z) - 0.02 * (0.01 + s * 0.5 * z) for s in (-1, 1)]
    assert sorted(shapely.area(found.cells)) == pytest.approx(due, rel=1e-6)
    assert shapely.area(found.cells).sum() == pytest.approx(0.0096, rel=1e-7)


@pytest.mark.parametrize("cracks", [[], [leaning(0.009, (0.2, 0.0))], pattern(17).cracks])
def test_heights_integrate_cubics_through_the_thickness(cracks):
    z, w = heights(SQUARE, cuts_of(cracks, SQUARE, 1e-5))
    for k in range(4):
        assert w @ z**k == pytest.approx(T ** (k + 1) / (k + 1), rel=1e-12)
    assert (np.diff(z) >= 0.0).all() and z[0] > 0.0 and z[-1] < T
    assert (w >= 0.0).all() and (w == 0.0).any()


def test_sections_without_weight_change_no_integral():
    cuts = cuts_of([leaning(0.009, (0.2, 0.1))], SQUARE, 1e-5)
    more = stacked(SQUARE, cuts, np.array([0.0031, 0.0077]))
    assert more.integrals == pytest.approx(stacked(SQUARE, cuts).integrals, rel=1e-9, abs=1e-18)


def test_two_triangles_meet_in_a_segment():
    flat = np.array([[[-1.0, -1, 0], [1, -1, 0], [0, 1, 0]]])
    upright = np.array([[[0.0, -0.5, -1], [0, 0.5, -1], [0, 0, 1]]])
    number, segment = meetings(flat, upright, False)
    assert number.tolist() == [0]
    assert segment[0][np.argsort(segment[0][:, 1])] == pytest.approx(np.array([[0, -0.25, 0], [0, 0.25, 0]]), abs=1e-12)
    touching = np.array([[[0.0, 0, 0], [0, 0.3, 1], [0.3, 0, 1]]])
    for other in (flat + [0, 0, 0.1], flat + [2, 2, 0], touching):
        assert not len(meetings(flat, other, False)[0])
    assert not len(meetings(flat, flat, True)[0])


def test_a_crack_lies_between_two_heights_or_not():
    slope = (np.array([[0.0, 0, 0.5], [1, 0, 1.5], [0, 1, 0.5]]), np.array([[0, 1, 2]]))  # z = 0.5 + x
    cuts = cuts_of([slope], SQUARE, 1e-5)

    def between(x, y, a, b):
        return bool(cuts.between(np.array([[x, y]]), np.array([a]), np.array([b]))[0])

    assert between(0.2, 0.2, 0.6, 0.8) and between(0.2, 0.2, 0.8, 0.6)
    assert not any(between(0.2, 0.2, *h) for h in ((0.71, 0.9), (0.5, 0.69)))
    assert not between(0.8, 0.8, 0.0, 3.0)


@pytest.mark.parametrize("seed", [0, 17, 21])
def test_pieces_have_the_mass_and_inertia_of_their_faces_and_add_up_to_the_pane(seed):
    p = pattern(seed)
    found = pieces_of(p.skin, p.cracks, 2200.0, check=False)
    (whole,) = pieces_of(p.skin, [], 2200.0, check=False).pieces
    total = np.zeros((3, 3))
    for each in found.pieces:
        x = each.faces.corners - each.centroid
        volume = np.linalg.det(x) / 6.0  # tetrahedra from the middle
        total_corner = x.sum(axis=1)
        second = np.einsum("f,fki,fkj->ij", volume / 20.0, x, x)
        second += np.einsum("f,fi,fj->ij", volume / 20.0, total_corner, total_corner)
        due = 2200.0 * (np.trace(second) * np.eye(3) - second)
        assert each.volume == pytest.approx(volume.sum(), rel=1e-5)
        assert volume @ total_corner / 4.0 == pytest.approx(np.zeros(3), abs=1e-5 * each.volume * p.thickness)
        assert each.inertia == pytest.approx(due, abs=1e-5 * np.abs(due).max())
        r = each.centroid - whole.centroid
        total += each.inertia + each.mass * (r @ r * np.eye(3) - np.outer(r, r))
    assert sum(each.mass * each.centroid for each in found.pieces) == pytest.approx(
        whole.mass * whole.centroid, abs=1e-9
    )
    assert total == pytest.approx(whole.inertia, abs=1e-7 * np.abs(whole.inertia).max())
    for name, area in whole.touched.items():
        assert sum(each.touched.get(name, 0.0) for each in found.pieces) == pytest.approx(area, rel=1e-6)


def test_one_crack_given_twice_is_an_alarm():
    """Its 1e-3 m2 count twice, 25 mm from the middle of a half: 1e-3 x 0.025/3 of 5e-5 m3 is a sixth."""
    crack = leaning(0.0, (0.0, 0.0))
    found = pieces_of(SQUARE, [crack, crack], 2200.0, check=False)
    assert max(p.volume_error for p in found.pieces) == pytest.approx(1.0 / 6.0, rel=1e-3)
    assert any("enclose other volumes" in str(r) for r in found.remarks if r.alarm)


def along(a, b):
    """Ends of the segment in which two triangles meet, each cut by the other's plane; None where they do not."""
    ends = []
    way = np.cross(np.cross(a[1] - a[0], a[2] - a[0]), np.cross(b[1] - b[0], b[2] - b[0]))
    for t, o in ((a, b), (b, a)):
        height = (t - o[0]) @ np.cross(o[1] - o[0], o[2] - o[0])
        spots = [
            t[i] + height[i] / (height[i] - height[j]) * (t[j] - t[i])
            for i, j in ((0, 1), (1, 2), (2, 0)) if height[i] * height[j] < 0.0
        ]  # fmt: skip
        if not spots:
            return None
        ends.append(sorted(spots, key=lambda p: p @ way))
    first = max((e[0] for e in ends), key=lambda p: p @ way)
    last = min((e[1] for e in ends), key=lambda p: p @ way)
    return np.array([first, last]) if first @ way < last @ way else None


def joined(found):
    """Segments by triangle, each from its first end to its last."""
    return sorted((int(k), *sorted(map(tuple, s.tolist()))) for k, s in zip(*found))


@pytest.mark.parametrize("scale", [1e-7, 1.0, 1e4])
def test_triangles_meet_where_the_line_of_their_planes_is_in_both(scale):
    rng = np.random.default_rng(6)
    a, b = (scale * (rng.normal(size=(n, 3, 3)) + 1.2 * rng.normal(size=(n, 1, 3)) + 5.0) for n in (25, 30))
    for others, same in ((b, False), (np.concatenate([a, b]), True)):
        due = [(k, along(t, o)) for k, t in enumerate(a) for j, o in enumerate(others) if not (same and j == k)]
        due = joined(zip(*[(k, e) for k, e in due if e is not None]))
        found = joined(meetings(a, others, same))
        assert len(due) > 25 and [f[0] for f in found] == [d[0] for d in due]
        assert np.array([f[1:] for f in found]) == pytest.approx(np.array([d[1:] for d in due]), abs=1e-9 * scale)


@pytest.mark.parametrize("turn", range(3))
@pytest.mark.parametrize("other", range(3))
def test_triangles_that_share_a_side_or_stand_on_each_other_meet_in_it(turn, other):
    """Sides are in both to the last digit, whichever of the corners comes first."""
    floor = np.roll(np.array([[0.0, 0, 0], [4, 0, 0], [0, 4, 0]]), turn, axis=0)
    shared = [[0.0, 0, 0], [4, 0, 0]], [[4.0, 0, 0], [0, 4, 0]], [[0.0, 4, 0], [0, 0, 0]], [[1.0, 1, 0], [2, 1, 0]]
    for side in shared:
        for height in (2.0, -2.0):
            standing = np.roll(np.array([*side, [3.0, 3, height]]), other, axis=0)
            due = [(0, *sorted(map(tuple, side)))]
            for one, two in ((floor, standing), (standing, floor)):
                assert joined(meetings(one[None], two[None], False)) == due


def test_triangles_that_meet_in_a_point_or_lie_in_one_plane_meet_in_no_segment():
    floor = np.array([[[0.0, 0, 0], [4, 0, 0], [0, 4, 0]]])
    for other in (
        [[0, 0, 0], [-1, -1, 2], [-1, 1, 2]],
        [[1, 1, 0], [1, 2, 3], [2, 1, 3]],
        [[1, 1, 0], [9, 1, 0], [1, 9, 0]],
    ):
        assert not len(meetings(floor, np.array([other], dtype=float), False)[0])
    for none in (np.zeros((0, 3, 3)), floor + 20.0):
        number, segment = meetings(floor, none, False)
        assert number.shape == (0,) and segment.shape == (0, 2, 3)


def test_a_side_without_length_pierces_nothing_and_makes_no_trouble():
    floor, needle = np.array([[0.0, 0, 0], [4, 0, 0], [0, 4, 0]]), np.array([[1.0, 1, -1], [1, 1, -1], [1, 1, 2]])
    with np.errstate(all="raise"):
        assert not len(meetings(needle[None], floor[None] + [0.0, 0.0, 50.0], False)[0])
        assert np.isnan(_hits(np.array([needle]), np.array([floor]))[0, 0]).all()
        assert _hits(np.array([needle]), np.array([floor]))[0, 1:] == pytest.approx(np.array([[1, 1, 0]] * 2))


def test_a_side_that_all_but_reaches_a_triangle_pierces_it_at_its_own_end():
    """Half a billionth of its length short of it, from either end; two billionths are too much."""
    floor = np.array([[[0.0, 0, 0], [4, 0, 0], [0, 4, 0]]])
    for short, reached in ((5e-10, True), (2e-9, False)):
        blade = np.array([[[1.0, 1, short], [1, 1, 1], [1, 2, 1]], [[1.0, 1, 1], [1, 1, short], [1, 2, 1]]])
        for spots, low in zip(_hits(blade, np.repeat(floor, 2, axis=0)), ([1, 1, short], [1, 1, short])):
            assert (np.abs(spots - low).max(axis=1) < 1e-14).sum() == 2 * reached
            assert np.isnan(spots).all(axis=1).sum() == 3 - 2 * reached


@pytest.mark.parametrize(("x", "y", "low"), [(-1, 1, -2), (1, -1, -2), (3, 2, -2), (1, 1, 1), (1, 1, -5)])
def test_what_misses_by_the_tolerance_is_a_hit_and_by_more_is_none(monkeypatch, x, y, low):
    """A quarter of a side 4 long, so that the shares have no rounding."""
    monkeypatch.setattr(meet, "_HIT", 0.25)
    floor = np.array([[[0.0, 0, 0], [4, 0, 0], [0, 4, 0]]])
    for more, hit in ((0.0, True), (2.0**-20, False)):
        out = np.sign([x - 1, y - 1, low + 2]) * more
        blade = np.array([[[x, y, low], [x, y, low + 4], [50, 50, low + 40]]]) + out
        assert np.isfinite(_hits(blade, floor)[0, 0, 0]) == hit


@pytest.mark.parametrize("seed", range(3))
def test_traces_are_where_the_sides_of_triangles_pass_a_height(seed):
    rng = np.random.default_rng(seed)
    t = rng.normal(size=(40, 3, 3)) + [7.0, -5.0, 2.0]
    z, due = 2.1, []
    for x in t:
        ends = []
        for i, j in ((0, 1), (1, 2), (2, 0)):
            s = (z - x[i, 2]) / (x[j, 2] - x[i, 2])
            if 0.0 < s < 1.0:
                ends.append(tuple(((1.0 - s) * x[i] + s * x[j])[:2]))
        due += [sorted(ends)] if ends else []
    found = [sorted(map(tuple, s.tolist())) for s in traces(t, z)]
    assert 10 < len(due) < 40 and np.array(found) == pytest.approx(np.array(due), abs=1e-12)


def test_a_side_at_the_height_belongs_to_what_is_above_it():
    above, below = [[0.0, 0, 1], [2, 0, 1], [1, 0, 3]], [[0.0, 0, 1], [2, 0, 1], [1, 0, -1]]
    assert sorted(traces(np.array([above, below]), 1.0)[0].tolist()) == [[0, 0], [2, 0]]
    assert len(traces(np.array([below]), 1.0)) == 0 and len(traces(np.array([above, below]), 1.0)) == 1
    assert len(traces(np.array([[[0.0, 0, 1], [0, 2, 3], [0, 1, 1]], [[5.0, 0, 1], [5, 1, -1], [5, 1, -2]]]), 1.0)) == 1
    point = np.array([[[0.0, 0, 2], [1, 0, 0.5], [2, 0, 1]], [[0.0, 0, 0], [2, 0, 0], [1, 0, 1]]])
    assert traces(point, 2.0).shape == traces(point[:0], 2.0).shape == (0, 2, 2)
    standing = np.array([[[1.0, 1, 1], [2, 1, 3], [1, 2, 3]]])
    assert all(not len(traces(np.roll(standing, k, axis=1), 1.0)) for k in range(3))


def ring(*corners):
    x = np.array(corners, dtype=float)
    return np.stack([x, np.roll(x, -1, axis=0)], axis=1)


def square(half, x=0.0):
    return ring((x - half, -half), (x + half, -half), (x + half, half), (x - half, half))


@pytest.mark.parametrize(
    "rims, area",
    [
        ([square(3)], 36.0), ([square(3), square(2)], 20.0), ([square(3), square(2), square(1)], 24.0),
        ([square(3), square(1, 9.0)], 40.0), ([square(1, 9.0), square(3), square(2), square(0.5, 9.0)], 23.0),
    ],
)  # fmt: skip
def test_an_outline_encloses_what_is_inside_an_odd_number_of_its_rings(rims, area):
    rim = np.concatenate(rims)
    found = _area_of(rim, 0.0)
    assert found.area == pytest.approx(area)
    spots = np.random.default_rng(1).uniform([-4, -4], [11, 4], (200, 2))
    assert [_parity(p, rim) for p in spots] == shapely.contains_xy(found, spots).tolist()
    with pytest.raises(NotSolved):
        _area_of(rim[1:], 0.0)


def test_an_oblique_outline_has_its_points_inside():
    turned = ring((5, 1), (9, 4), (6, 8), (2, 6.5))
    shape = shapely.Polygon(turned[:, 0])
    spots = np.random.default_rng(2).uniform([1, 0], [10, 9], (400, 2))
    assert [_parity(p, turned) for p in spots] == shapely.contains_xy(shape, spots).tolist()


def test_a_point_level_with_corners_is_inside_or_not_whichever_way_the_outline_runs():
    diamond = ring((2, 0), (0, 2), (-2, 0), (0, -2))
    for rim in (diamond, diamond[:, ::-1]):
        assert [_parity(np.array([x, 0.0]), rim) for x in (-3.0, -0.5, 0.5, 3.0)] == [False, True, True, False]


def test_narrow_cells_and_narrow_holes_are_left_out():
    """A strip a x b has a b/(a + b) of twice its area over its border: 8/6 for 2 x 4 and 8/9 for 1 x 8."""
    box = shapely.box
    cells = np.array([box(0, 0, 2, 4), box(3, 0, 4, 8), box(10, 0, 30, 20) - box(11, 1, 12, 9) - box(15, 1, 17, 5)])
    assert _width(np.array([*cells[:2], shapely.Polygon()])) == pytest.approx([8 / 6, 8 / 9, 0.0])
    kept = _without_specks(cells.copy(), 1.0)
    assert shapely.area(kept).tolist() == [8.0, 392.0] and shapely.get_num_interior_rings(kept).tolist() == [0, 1]
    assert shapely.area(_without_specks(cells.copy(), 0.8)).tolist() == [8.0, 8.0, 384.0]
    assert shapely.area(_without_specks(cells.copy(), 1.4)).tolist() == [400.0]


def test_segments_are_rounded_and_those_of_no_length_go():
    given = np.array([[[0.26, 0.1], [0.74, 0.1]], [[0.1, 0.1], [0.2, 0.2]], [[0.1, 0.1], [0.1, 0.9]]])
    assert _rounded(given, 0.5) == pytest.approx(np.array([[[0.5, 0], [0.5, 0]], [[0, 0], [0, 1]]])[1:])
    assert _rounded(given, 0.25) == pytest.approx(
        np.array([[[0.25, 0], [0.75, 0]], [[0, 0], [0.25, 0.25]], [[0, 0], [0, 1]]])
    )


def test_segments_are_parted_where_they_cross_and_stay_as_they_are_elsewhere():
    """A cross in a square, one arm ends on a side; what is over four grid lines away keeps all its digits."""
    grid = 2.0**-10
    rim = np.concatenate([square(1), [[[-1.0, 1.0 + 5.3 * grid], [1.0, 1.0 + 5.3 * grid]], [[3.0001, 3.0001], [4, 4]]]])
    cut = np.array([[[-1.0, 0.5], [0.5, 0.5]], [[0.0, 0.25], [0.0, 1.0]]])
    found = _noded(rim, cut, grid)
    due = [
        ((-1, -1), (1, -1)), ((1, -1), (1, 1)), ((-1, 1), (0, 1)), ((0, 1), (1, 1)), ((-1, 0.5), (-1, 1)),
        ((-1, -1), (-1, 0.5)), ((-1, 0.5), (0, 0.5)), ((0, 0.5), (0.5, 0.5)), ((0, 0.25), (0, 0.5)), ((0, 0.5), (0, 1)),
        *((tuple(a), tuple(b)) for a, b in rim[4:].tolist()),
    ]  # fmt: skip
    assert sorted(tuple(sorted(map(tuple, s))) for s in found.tolist()) == sorted(due)


@pytest.mark.parametrize("apart, count", [(7e-9, 2), (14e-9, 3)])
def test_between_traces_that_nearly_fall_together_is_no_cell(apart, count):
    """Ten lines of the grid of 1e-8 of 0.1 m."""
    cuts = cuts_of([leaning(0.0, (0.0, 0.0)), leaning(apart, (0.0, 0.0))], SQUARE, 0.0)
    found = section(SQUARE, cuts, 0.004)
    assert len(found.cells) == count and found.z == 0.004
    assert found.area == pytest.approx(0.01, rel=1e-9) and shapely.area(found.cells).sum() == pytest.approx(
        0.01, rel=1e-6
    )


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_a_section_of_any_size_of_pane_has_its_cells(scale):
    number = np.zeros(2, dtype=np.int64)
    points, tri = leaning(0.02, (0.5, 0.0))
    pane = plate(shapely.box(*scale * np.array([-0.05, -0.05, 0.05, 0.05])), scale * T)
    found = section(pane, Cuts(scale * points[tri], number, number == 0), scale * 0.004)
    assert sorted(shapely.area(found.cells) / scale**2) == pytest.approx([0.0028, 0.0072], rel=1e-6)
    (whole,) = section(pane, Cuts(np.zeros((0, 3, 3)), number[:0], number[:0] == 0), scale * 0.004).cells
    assert whole.area == pytest.approx(0.01 * scale**2, rel=1e-6)


def test_cells_that_do_not_cover_the_section_are_an_error(monkeypatch):
    """A corner of 5 x 5 mm2, a four hundredth part, gets lost: its two sides on the outline are missing."""
    whole = sections._noded
    corner = (np.array([[0.045, -0.2], [0.045, 0.2]]), np.array([[-0.2, 0.045], [0.2, 0.045]]))
    cuts = cuts_of([wall(line, -0.002, 0.012, np.zeros(2)) for line in corner], SQUARE, 1e-5)
    assert len(section(SQUARE, cuts, 0.004).cells) == 4

    def holed(*given):
        x = whole(*given)
        least = x.min(axis=1)
        gone = (least > 0.0449).all(axis=1) & (least > 0.0499).any(axis=1) & (x.max(axis=(1, 2)) < 0.0501)
        assert gone.sum() == 2
        return x[~gone]

    monkeypatch.setattr(sections, "_noded", holed)
    with pytest.raises(NotSolved, match=r"cover 0\.009975 "):
        section(SQUARE, cuts, 0.004)


def test_moments_are_those_of_the_triangles_of_a_polygon():
    """About (7, -3): of a triangle its area times the mean over the middles of its sides is exact for squares."""
    outline = shapely.Polygon([(5, -5), (9, -4), (11, 0), (7, -1), (6, -2)], [[(8, -3), (9, -3), (8.5, -2)]])
    due = np.zeros(6)
    for t in shapely.get_parts(shapely.constrained_delaunay_triangles(outline)):
        x = shapely.get_coordinates(t)[:3]
        p, q = (0.5 * (x + np.roll(x, 1, axis=0))).T
        due += t.area * np.mean([np.ones(3), p, q, p * p, p * q, q * q], axis=1)
    found = moments(np.array([shapely.box(0, 0, 1, 1), outline]))
    assert found[1] == pytest.approx(due, rel=1e-12)
    assert found[0] == pytest.approx([1, 1 / 2, 1 / 2, 1 / 3, 1 / 4, 1 / 3])
