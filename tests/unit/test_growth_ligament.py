"""Ligaments and regions in a strip of a plane: what breaks, what is filled, what runs along the skin."""

import itertools

import numpy as np
import pytest
import shapely

from deadlight.growth.ligament import (
    LIGAMENT,
    WALL,
    _dense,
    _stretches,
    _thinned,
    _was,
    closed_up,
    opened,
    polished,
    smaller_extent,
    without_islands,
)  # fmt: skip
from deadlight.growth.region_step import Plan, _evenly, kept, sheet_of
from deadlight.growth.skin_section import LEAST_ANGLE, Section, flat, parts, rings
from deadlight.surface.chart import Plane
from deadlight.surface.section import Line
from deadlight.surface.sheet import Sheet

FLAT = Plane(np.zeros(3), *np.eye(3)[:2])
TOP, BOTTOM = 4, 7  # numbers of faces


def strip(s=1.0, high=1.0, half=5.0):
    """A body 0 < v < high, in a box of 2 half: faces at its top and bottom."""
    low, up = s * np.array([-half, -2.0]), s * np.array([half, 3.0])
    inside = shapely.box(low[0], 0.0, up[0], s * high)
    lines = [Line(s * np.array([[-half, y], [half, y]]), np.array([f])) for y, f in ((high, TOP), (0.0, BOTTOM))]
    return Section(FLAT, inside, lines, float((up - low).max()), low, up)


def half_ellipse(s=1.0, wide=0.5, deep=0.5, count=400):
    """From the bottom up."""
    angle = np.linspace(0.0, np.pi, count)
    return shapely.Polygon(s * np.column_stack([wide * np.cos(angle), deep * np.sin(angle)]))


def test_the_smaller_extent_is_that_of_the_largest_part():
    region = shapely.MultiPolygon([shapely.box(0, 0, 3, 2), shapely.box(10, 0, 11, 5), shapely.box(20, 0, 20.1, 9)])
    assert smaller_extent(region) == 2.0 and smaller_extent(region.geoms[1]) == 1.0


@pytest.mark.parametrize("s", [1.0, 2.0**-10])
@pytest.mark.parametrize(("left", "breaks"), [(0.05, True), (0.095, True), (0.105, False), (0.3, False)])
def test_a_ligament_thinner_than_a_tenth_of_the_crack_breaks_to_the_face_behind_it(left, breaks, s):
    """A half circle of radius 1 - left below the top: opened as far as the ligament is not 1.5 times as thick."""
    section, deep = strip(s), 1.0 - left
    region, old = half_ellipse(s, 1.0, deep), half_ellipse(s, 0.8, 0.5)
    thin = LIGAMENT * s
    new, broken = opened(section, region, old, thin)
    assert (len(broken) == 1) is breaks
    if not breaks:
        assert new is region
        return
    (gave,) = broken
    assert gave.face == TOP and not gave.wedge
    np.testing.assert_allclose(gave.at / s, [0.0, 1.0 - 0.5 * left], atol=0.02)
    assert gave.area == pytest.approx(new.area - region.area, rel=1e-6)
    reach = np.sqrt(1.0 - ((1.0 - WALL * LIGAMENT) / deep) ** 2)  # of the ellipse's half width
    mouth = shapely.intersection(new, shapely.LineString(s * np.array([[-5.0, 1.0], [5.0, 1.0]])))
    assert mouth.length / s == pytest.approx(2.0 * reach, rel=0.05)


def test_what_did_not_move_does_not_break():
    section, region = strip(), half_ellipse(1.0, 1.0, 0.95)
    assert opened(section, region, region, 0.1)[1] == []
    assert opened(section, region, half_ellipse(1.0, 1.0, 0.9), 0.1)[1] != []


def test_in_a_solid_without_skin_nothing_breaks_through():
    open_ = Section(FLAT, None, [], 10.0, np.array([-5.0, -5.0]), np.array([5.0, 5.0]))
    region = half_ellipse()
    assert opened(open_, region, half_ellipse(0.5), 10.0) == (region, [])
    assert open_.extended(region, 1.0) is region and open_.clipped(region) is region


@pytest.mark.parametrize(("degrees", "breaks"), [(20.0, True), (35.0, False)])
def test_a_front_that_leaves_its_mouth_at_less_than_27_degrees_breaks_as_a_wedge(degrees, breaks):
    """A triangle on the bottom with two equal sides: both ends are wedges."""
    high = np.tan(np.radians(degrees))
    grown = shapely.Polygon([[-1.0, 0.0], [1.0, 0.0], [1.0 + 0.4, 0.4 * high], [0.0, 1.4 * high], [-1.4, 0.4 * high]])
    old = shapely.Polygon([[-0.5, 0.0], [0.5, 0.0], [0.0, 0.5 * high]])
    section = strip(high=3.0)
    found = opened(section, grown, old, 0.1)[1]
    assert (len(found) == 2) is breaks and all(b.wedge and b.face == BOTTOM for b in found)


@pytest.mark.parametrize("s", [1.0, 2.0**-10])
@pytest.mark.parametrize(("gap", "fills"), [(0.09, True), (0.11, False)])
def test_a_gap_narrower_than_a_disc_is_filled_and_a_wider_one_is_not(gap, fills, s):
    """Between two squares side by side, a disc of radius 0.05: of the gap all but what the disc reaches at its ends."""
    section = strip(s, 3.0)
    two = shapely.MultiPolygon([shapely.box(-s, s, 0, 2 * s), shapely.box(gap * s, s, s, 2 * s)])
    new, filled = closed_up(section, two, 0.05 * s)
    assert (len(filled) == 1) is fills and (len(parts(new)) == 1) is fills
    if fills:
        (gave,) = filled
        np.testing.assert_allclose(gave.at / s, [0.5 * gap, 1.5], atol=1e-3)
        r, h = 0.05, 0.5 * gap
        left = r * r * np.arcsin(h / r) - h * np.sqrt(r * r - h * h)  # a segment of the disc at either end
        assert gave.area / s**2 == pytest.approx(gap - 2.0 * left, rel=0.03)
        assert new.area == pytest.approx(two.area + gave.area, rel=2e-3)


def test_a_corner_that_turns_inwards_is_rounded_by_the_disc():
    """Of a right angle (1 - pi / 4) r^2 is filled; far from the given places nothing is."""
    section = strip(high=3.0)
    ell = shapely.box(-2, 1, 2, 2).difference(shapely.box(0, 1.5, 3, 3))
    new, filled = closed_up(section, ell, 0.2)
    assert len(filled) == 1 and filled[0].area == pytest.approx((1.0 - np.pi / 4.0) * 0.04, rel=0.05)
    assert new.area == pytest.approx(ell.area + filled[0].area, rel=1e-3)
    assert closed_up(section, ell, 0.2, [np.array([0.0, 1.5])], 0.3)[1] != []
    assert closed_up(section, ell, 0.2, [np.array([-1.9, 1.0])], 0.3) == (ell, [])


def test_holes_in_which_no_disc_fits_are_filled_and_others_stay():
    section = strip(high=3.0)
    region = shapely.box(-3, 0.5, 3, 2.5)
    for at, half in ((-2.0, 0.09), (0.0, 0.11), (2.0, 0.05)):
        region = region.difference(shapely.box(at - half, 1.5 - half, at + half, 1.5 + half))
    new, filled = without_islands(section, region, shapely.box(-9, -9, -8, -8), 0.1)
    assert sorted(round(b.area, 6) for b in filled) == [0.01, 0.0324] and all(b.face == -1 for b in filled)
    assert len(parts(new)) == 1 and len(parts(new)[0].interiors) == 1
    whole = Section(FLAT, None, [], 10.0, np.array([-5.0, -5.0]), np.array([5.0, 5.0]))
    assert len(without_islands(whole, region, shapely.box(-9, -9, -8, -8), 0.1)[1]) == 2


def test_an_island_at_the_skin_has_its_face_and_one_that_was_there_before_stays():
    section = strip()
    region = shapely.box(-3, 0.0, 3, 1.0).difference(shapely.box(-0.05, 0.9, 0.05, 1.0))
    before = shapely.box(-9, -9, -8, -8)
    new, filled = without_islands(section, region, before, 0.1)
    assert [b.face for b in filled] == [TOP] and new.area == pytest.approx(6.0, rel=1e-5)
    assert without_islands(section, region, region, 0.1) == (region, []), "it is as it was"


def test_crumbs_and_pinholes_are_swept_away():
    pinholes = shapely.box(1, 1, 1.1, 1.1), shapely.box(5, 5, 5.0001, 5.0001)
    big = shapely.box(0, 0, 10, 10).difference(shapely.union_all(pinholes))
    crumbs = shapely.MultiPolygon([big, shapely.box(20, 0, 20.02, 0.02), shapely.box(30, 0, 30.005, 0.005)])
    found = kept(crumbs)
    assert sorted(round(p.area, 6) for p in parts(found)) == [0.0004, pytest.approx(99.99)]
    assert sum(len(p.interiors) for p in parts(found)) == 1
    assert kept(shapely.Polygon()).is_empty


@pytest.mark.parametrize("closed", [True, False])
def test_stretches_are_those_of_a_walk_along_the_row(closed):
    for bits in itertools.product([False, True], repeat=6):
        flag = np.array(bits)
        covered = set()
        for first, last in _stretches(flag, closed):
            run = [k % 6 for k in range(first, last + 1)]
            assert all(flag[k] for k in run)
            before, behind = first - 1, last + 1
            if not flag.all():
                if closed or before >= 0:
                    assert not flag[before % 6]
                if closed or behind < 6:
                    assert not flag[behind % 6]
            covered |= set(run)
        assert covered == set(np.flatnonzero(flag).tolist())


def test_a_polyline_is_filled_with_points_and_keeps_its_own():
    line = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 3.0]])
    x, s = _dense(line, 0.25)
    assert (np.diff(s) <= 4.0 / 15.0 + 1e-12).all() and s[0] == 0.0 and s[-1] == 4.0
    assert all((x == p).all(axis=1).any() for p in line)
    ring, s = _dense(np.concatenate([line, line[:1]]), 0.25)
    assert not np.array_equal(ring[0], ring[-1]) and s[-1] < 4.0 + np.sqrt(10.0)
    assert len(_dense(line, 1e-9, most=50)[0]) <= 53


def test_fronts_and_mouths_of_a_region_come_in_order_with_their_faces():
    """A band right across the strip has two fronts and a mouth at either face, the region on the left of all."""
    section = strip()
    band = shapely.box(-1.0, 0.0, 2.0, 1.0)
    (ring,) = section.runs(band)
    told = [(r.front, sorted(set(r.face.tolist())), tuple(r.points[0]), tuple(r.points[-1])) for r in ring]
    start = next(i for i, t in enumerate(told) if not t[0] and t[1] == [BOTTOM])
    assert told[start:] + told[:start] == [
        (False, [BOTTOM], (-1.0, 0.0), (2.0, 0.0)), (True, [-1], (2.0, 0.0), (2.0, 1.0)),
        (False, [TOP], (2.0, 1.0), (-1.0, 1.0)), (True, [-1], (-1.0, 1.0), (-1.0, 0.0)),
    ]  # fmt: skip
    (inner,) = section.runs(shapely.box(0.0, 0.3, 1.0, 0.6))
    assert len(inner) == 1 and inner[0].front and inner[0].closed and len(inner[0].face) == len(inner[0].points) - 1


@pytest.mark.parametrize("degrees", [50.0, 90.0, 120.0, 20.0, 170.0])
def test_beyond_the_skin_a_front_goes_straight_on_unless_it_meets_it_at_a_small_angle(degrees):
    """The front at u = 0 leaves the top at an angle; 40 degrees are kept at the least."""
    section, far = strip(), 0.2
    lean = 1.0 / np.tan(np.radians(degrees))
    region = shapely.Polygon([[-1.5, 0.5], [-lean * 0.5, 0.5], [0.0, 1.0], [-1.5, 1.0]])
    if lean > 2.0:
        region = shapely.Polygon([[-4.0, 0.5], [-lean * 0.5, 0.5], [0.0, 1.0], [-4.0, 1.0]])
    whole = section.extended(region, far)
    used = np.clip(np.radians(degrees), LEAST_ANGLE, np.pi - LEAST_ANGLE)
    line = shapely.LineString([[-9.0, 1.0 + 0.5 * far], [9.0, 1.0 + 0.5 * far]])
    end = whole.intersection(line).bounds[2]
    assert end == pytest.approx(0.5 * far / np.tan(used), abs=0.02 * far)
    assert whole.bounds[3] == pytest.approx(1.0 + far, abs=0.06 * far)
    assert section.clipped(whole).symmetric_difference(region).area < 1e-6


def outline(region, section):
    made = Plan(0, Sheet(FLAT, (), "C"), Plane(np.zeros(3), *np.eye(3)[:2]), region, region, (), region, section)
    return sheet_of(made)


def test_the_outline_of_a_region_goes_beyond_the_skin_by_a_share_of_its_extent():
    section = strip()
    band = shapely.box(-1.0, 0.0, 2.0, 1.0)
    (ring,) = outline(band, section).outlines
    low, high = ring.min(axis=0), ring.max(axis=0)
    np.testing.assert_allclose(low, [-1.0, -0.12], atol=0.01)
    np.testing.assert_allclose(high, [2.0, 1.12], atol=0.01)
    assert section.clipped(shapely.Polygon(ring)).symmetric_difference(band).area < 1e-3
    assert (np.abs(ring[:, 1]) > 1e-6).all() and (np.abs(ring[:, 1] - 1.0) > 1e-6).all(), "no corner on the skin"


def test_long_straight_parts_of_a_front_are_divided_evenly_and_those_beyond_the_skin_are_not():
    ring = np.array([[0.0, -1.0], [4.0, -1.0], [4.0, 0.5], [0.0, 0.5]])
    every = _evenly(ring, Section(FLAT, None, [], 9.0, np.zeros(2), np.ones(2)), 0.5)
    gap = np.linalg.norm(every - np.roll(every, -1, axis=0), axis=1)
    np.testing.assert_allclose(gap, 0.5, rtol=1e-12)
    assert len(every) == 22 and all((every == p).all(axis=1).any() for p in ring)
    some = _evenly(ring, strip(), 0.5)
    assert len(some) == 8 + 3 and shapely.Polygon(some).area == 6.0


def test_regions_are_told_apart_into_polygons_and_rings_with_the_region_on_their_left():
    holed = shapely.box(0, 0, 4, 4).difference(shapely.box(1, 1, 2, 2))
    outer, inner = rings(parts(holed)[0])

    def area(x):
        y = np.roll(x, -1, axis=0)
        return 0.5 * (x[:, 0] * y[:, 1] - x[:, 1] * y[:, 0]).sum()

    assert area(outer) == 16.0 and area(inner) == -1.0 and len(outer) == len(inner) == 4
    mixed = shapely.GeometryCollection([shapely.Point(0, 0), holed, shapely.LineString([[0, 0], [1, 1]])])
    assert flat(mixed).area == 15.0 and flat(shapely.LineString([[0, 0], [1, 1]])).is_empty
    assert parts(shapely.Polygon()) == []


@pytest.mark.parametrize("s", [1.0, 2.0**-10])
def test_a_thin_hole_stays_where_it_was_before_the_step_and_is_filled_where_its_border_moved(s):
    section = strip(s, 3.0)

    def holed(half):
        hole = shapely.box(-half * s, (1.5 - half) * s, half * s, (1.5 + half) * s)
        return shapely.box(-3 * s, 0.5 * s, 3 * s, 2.5 * s).difference(hole)

    assert without_islands(section, holed(0.08), holed(0.08), 0.1 * s) == (holed(0.08), [])
    new, filled = without_islands(section, holed(0.08), holed(0.3), 0.1 * s)
    assert len(filled) == 1 and new.area == pytest.approx(12.0 * s**2, rel=1e-6)
    slit = shapely.box(-3 * s, 0.5 * s, 3 * s, 2.5 * s).difference(shapely.box(-2 * s, 1.45 * s, 2 * s, 1.55 * s))
    assert len(without_islands(section, slit, holed(0.3), 0.1 * s)[1]) == 1, "40 times as long as wide"


@pytest.mark.parametrize("s", [1.0, 2.0**-10])
@pytest.mark.parametrize("wave", [0.2, 0.4, 1.0])
def test_an_outline_is_smoothed_by_gaussian_weights_near_the_given_places_and_left_elsewhere(wave, s):
    """Of a wave of number k exp(-(k w)^2 / 2) is left, w a fifth of the radius; a radius away all of it."""
    radius, high = 0.5, 1e-3
    x = np.linspace(-4.0, 4.0, 8001)
    top = np.column_stack([x[::-1], 1.0 + high * np.cos(2.0 * np.pi / wave * x[::-1])])
    ring = s * np.concatenate([[[-4.0, -2.0], [4.0, -2.0]], top])
    found = polished(shapely.Polygon(ring), [shapely.box(-0.7 * s, 0.9 * s, 0.7 * s, 1.1 * s)], radius * s)
    (new,) = rings(parts(found)[0])
    new = new / s
    line = new[(new[:, 1] > 0.5) & (np.abs(new[:, 0]) < 3.9)]
    off = line[:, 1] - 1.0
    middle, far = np.abs(line[:, 0]) < 0.65, np.abs(line[:, 0]) > 1.21
    left = high * np.exp(-0.5 * (2.0 * np.pi / wave * 0.2 * radius) ** 2)
    np.testing.assert_allclose(off[middle], left * np.cos(2.0 * np.pi / wave * line[middle, 0]), atol=0.03 * high)
    np.testing.assert_allclose(off[far], high * np.cos(2.0 * np.pi / wave * line[far, 0]), atol=1e-9)
    gap = np.linalg.norm(np.diff(line, axis=0), axis=1)[middle[1:] & middle[:-1]]
    assert gap.min() > 0.029 * radius and gap.max() < 0.08 * radius


def test_points_that_crowd_are_taken_out_only_among_those_that_were_moved():
    x = np.array([0.0, 0.3, 0.6, 0.65, 0.72, 1.0, 1.3, 1.31, 1.32, 2.0])
    ring = np.column_stack([x, x * 0.0])
    kept_ = _thinned(ring, np.array([3, 4, 8]), 0.1)
    np.testing.assert_allclose(kept_[:, 0], [0.0, 0.3, 0.6, 0.72, 1.0, 1.3, 1.31, 2.0])
    assert _thinned(ring, np.array([3, 4, 8]), 0.005) is ring


def test_points_that_crowd_the_first_one_are_taken_out_and_those_just_far_enough_are_not():
    x = np.array([0.0, 0.0625, 0.25, 0.375, 0.4375, 1.0])
    ring = np.column_stack([x, 0.0 * x])
    assert _thinned(ring, np.arange(1, 6), 0.125)[:, 0].tolist() == [0.0, 0.25, 0.375, 1.0]
    assert _thinned(ring, np.array([2, 4]), 0.125)[:, 0].tolist() == [0.0, 0.0625, 0.25, 0.375, 1.0]
    assert _thinned(ring[[0, 2, 3, 4, 5]], np.array([1]), 0.125).tolist() == ring[[0, 2, 3, 4, 5]].tolist()


def holed(at, half, s, below=0.5, top=2.5):
    """A plate 6 wide with a square hole, what of it lies in the plate."""
    hole = shapely.box(*(s * np.array([at[0] - half, at[1] - half, at[0] + half, at[1] + half])))
    return shapely.box(-3.0 * s, below * s, 3.0 * s, top * s).difference(hole)


@pytest.mark.parametrize("s", [1.0, 2.0**-10])
@pytest.mark.parametrize(("more", "fills"), [(0.0, False), (0.08, False), (0.12, True), (0.3, True)])
def test_a_hole_is_as_it_was_if_its_border_is_within_a_hundredth_of_the_extent_of_the_old_one(more, fills, s):
    """Extent 10, so 0.1; one side of the hole moved, it is wider than that, and no disc of radius 0.2 fits into it."""
    section = strip(s, 3.0)
    region = holed((0.5, 1.5), 0.18, s)
    old = region.difference(shapely.box(0.6 * s, 1.32 * s, (0.68 + more) * s, 1.68 * s))
    new, filled = without_islands(section, region, old, 0.2 * s)
    assert len(filled) == fills
    assert new.area / s**2 == pytest.approx(12.0 - (0.0 if fills else 0.36**2), rel=1e-5)


@pytest.mark.parametrize("s", [1.0, 2.0**-10])
@pytest.mark.parametrize("face", [0, TOP])
@pytest.mark.parametrize("grew", [False, True])
def test_the_skin_of_an_uncracked_part_does_not_tell_whether_it_was_there(grew, face, s):
    """A square notch at the top: its upper side is of no outline, however its face is numbered."""
    section = strip(s, 2.5)
    section.lines[0] = Line(section.lines[0].uv, np.array([face]))
    region = holed((0.5, 2.5), 0.18, s, below=0.0)
    old = holed((0.5, 2.5), 0.4 if grew else 0.18, s, below=0.0)
    new, filled = without_islands(section, region, old, 0.2 * s)
    assert [b.face for b in filled] == ([face] if grew else [])
    assert new.area / s**2 == pytest.approx(15.0 - (0.0 if grew else 0.36 * 0.18), rel=1e-5)


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize(("y", "face"), [(0.0, BOTTOM), (1.0, TOP), (0.5, -1)])
def test_the_face_of_an_island_is_found_wherever_its_border_begins(y, face, sign):
    section = strip()
    shape = np.array([[-0.1, -0.04], [0.0, -0.06], [0.1, -0.04], [0.04, 0.06], [-0.04, 0.06]])
    for k in range(5):
        hole = shapely.Polygon(np.roll(shape, k, axis=0) * [1.0, sign] + [0.3, y])
        region = shapely.box(-3, 0, 3, 1).difference(hole)
        (gave,) = without_islands(section, region, shapely.box(-9, -9, -8, -8), 0.1)[1]
        assert gave.face == face
        assert gave.area == pytest.approx(hole.intersection(section.inside).area, rel=1e-9)
        assert shapely.Point(gave.at).within(hole)


@pytest.mark.parametrize("s", [1.0, 2.0**-10])
def test_filling_an_island_beside_the_outline_adds_it_and_nothing_else(s):
    section = strip(s, 3.0)
    region = holed((0.0, 2.42), 0.05, s)
    new, filled = without_islands(section, region, shapely.box(-9, -9, -8, -8), 0.1 * s)
    assert (
        len(filled) == 1 and new.symmetric_difference(shapely.box(-3 * s, 0.5 * s, 3 * s, 2.5 * s)).area < 2e-5 * s * s
    )


def test_a_part_with_nothing_but_skin_round_it_is_as_it_was():
    corners = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 1.0], [0.0, 1.0]])
    body = shapely.Polygon(corners)
    line = Line(np.concatenate([corners, corners[:1]]), np.array([0, 1, 2, 3]))
    section = Section(FLAT, body, [line], 2.0, np.zeros(2), np.array([2.0, 1.0]))
    assert _was(body, section, shapely.box(5.0, 5.0, 6.0, 6.0)) is True
    assert _was(shapely.box(0.0, 0.0, 1.0, 1.0), section, shapely.box(5.0, 5.0, 6.0, 6.0)) is False
    assert _was(shapely.box(0.0, 0.0, 1.0, 1.0), section, shapely.box(1.0, 0.0, 2.0, 1.0)) is True


def test_a_thin_part_of_the_body_that_the_crack_does_not_touch_is_not_cracked():
    """The surface of the crack meets the body a second time, in a lip: no crack is there."""
    main, lip = shapely.box(-5, 0, 5, 1), shapely.box(2, 1.5, 4, 1.6)
    lines = [Line(np.array(b.exterior.coords), np.full(4, face)) for face, b in enumerate((main, lip))]
    section = Section(FLAT, shapely.union_all([main, lip]), lines, 10.0, np.array([-5.0, -2.0]), np.array([5.0, 3.0]))
    crack, old = shapely.box(-2, 0, -1, 0.5), shapely.box(-2, 0, -1, 0.45)
    new, filled = without_islands(section, crack, old, 0.06)
    assert not filled and new.equals(crack)


def test_nor_is_one_that_goes_on_beyond_what_is_known_of_the_section():
    """Where the box round the section cuts the lip, its side is no skin."""
    body = shapely.union_all([shapely.box(-5, 0, 5, 1), shapely.box(2, 1.5, 5, 1.6)])
    lines = [
        Line(np.array([[-5.0, 0], [5, 0]]), np.zeros(1, dtype=int)),
        Line(np.array([[5.0, 1], [-5, 1]]), np.zeros(1, dtype=int)),
        Line(np.array([[5.0, 1.6], [2, 1.6], [2, 1.5], [5, 1.5]]), np.ones(3, dtype=int)),
    ]
    section = Section(FLAT, body, lines, 10.0, np.array([-5.0, -2.0]), np.array([5.0, 3.0]))
    crack, old = shapely.box(-2, 0, -1, 0.5), shapely.box(-2, 0, -1, 0.45)
    new, filled = without_islands(section, crack, old, 0.06)
    assert not filled and new.equals(crack)
