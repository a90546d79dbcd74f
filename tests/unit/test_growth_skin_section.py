"""Sections of a crack's surface with a body: what lies inside, which pieces are mouths, how regions go on beyond."""

import numpy as np
import pytest
import shapely
import shapely.affinity

from deadlight.growth.skin_section import (
    LEAST_ANGLE,
    ON,
    SIDES,
    Section,
    _clean,
    _direction,
    _ended,
    parts,
    rings,
)  # fmt: skip
from deadlight.surface.body import block, half_space
from deadlight.surface.chart import Extruded, Plane
from deadlight.surface.section import Line

FLAT = Plane(np.zeros(3), *np.eye(3)[:2])
UPRIGHT = Plane(np.zeros(3), np.eye(3)[0], np.eye(3)[2])
SCALES = [1.0, 2.0**-10]


def strip(s=1.0, faces=(4, 0)):
    """A body 0 < v < 1 with a face at its top and one at its bottom, in a box of 10 by 5."""
    low, up = s * np.array([-5.0, -2.0]), s * np.array([5.0, 3.0])
    lines = [Line(s * np.array([[-5.0, y], [5.0, y]]), np.array([f])) for y, f in zip((1.0, 0.0), faces)]
    return Section(FLAT, shapely.box(-5.0 * s, 0.0, 5.0 * s, s), lines, 10.0 * s, low, up)


def walled(corners, s=1.0, faces=None, size=10.0):
    """A body that is a polygon, each side a face, and nothing of the box beyond it."""
    ring = s * np.asarray(corners, dtype=float)
    faces = np.arange(len(ring)) if faces is None else np.asarray(faces)
    line = Line(np.concatenate([ring, ring[:1]]), faces)
    return Section(FLAT, shapely.Polygon(ring), [line], size * s, ring.min(axis=0), ring.max(axis=0))


def test_a_section_reaches_a_margin_beyond_its_points_and_everything_is_in_no_body():
    points = np.array([[0.0, -3.0], [1.0, 2.0], [3.0, 1.0]])
    made = Section.of(FLAT, None, points, 0.5)
    assert made.chart is FLAT and made.inside is None and made.lines == []
    assert (made.low.tolist(), made.high.tolist(), made.size) == ([-0.5, -3.5], [3.5, 2.5], 6.0)


@pytest.mark.parametrize("s", SCALES)
def test_in_a_body_a_section_is_what_of_its_box_lies_in_it(s):
    """A block over |x| < 2, 0 < z < 1 (middle of its lower face at the origin), seen in a plane that stands on it."""
    body = block(4.0 * s, 3.0 * s, s)
    low = float(body.facets().points[:, 2].min())
    points = s * np.array([[0.5, 0.2], [1.5, 0.4]]) + [0.0, low]
    made = Section.of(UPRIGHT, body, points, s)
    expected = shapely.box(-0.5 * s, low, 2.0 * s, low + s)
    assert made.inside.symmetric_difference(expected).area < 1e-6 * s * s
    assert made.size == pytest.approx(3.0 * s) and made.lines
    deep = Section.of(UPRIGHT, body, s * np.array([[0.0, 0.4], [0.3, 0.6]]) + [0.0, low], 0.1 * s)
    assert (
        deep.inside.symmetric_difference(shapely.box(-0.1 * s, low + 0.3 * s, 0.4 * s, low + 0.7 * s)).area
        < 1e-9 * s * s
    )
    assert len(deep.inside.exterior.coords) == 5, "a plane box has straight sides"
    out = Section.of(UPRIGHT, body, s * np.array([[9.0, 0.4], [9.3, 0.6]]) + [0.0, low], 0.1 * s)
    assert out.inside.is_empty


@pytest.mark.parametrize("s", SCALES)
def test_the_box_of_a_bent_section_follows_its_surface_in_points(s):
    """A cylinder under a half space: the sides of its box are divided, its longest by the given number."""
    angle = np.linspace(0.0, np.pi, 60)
    arc = s * np.column_stack([np.cos(angle), np.sin(angle), 0.0 * angle - 2.0])
    chart = Extruded.along(arc, np.array([0.0, 0.0, 1.0]))
    points = chart.to_chart(s * np.array([[np.cos(0.6), np.sin(0.6), -2.0], [np.cos(2.0), np.sin(2.0), -3.0]]))
    made = Section.of(chart, half_space(), points, 0.1 * s)
    (ring,) = rings(parts(made.inside)[0])
    gap = np.linalg.norm(np.diff(np.concatenate([ring, ring[:1]]), axis=0), axis=1)
    assert gap.max() == pytest.approx(made.size / SIDES, rel=0.05)
    assert made.inside.area == pytest.approx(float(np.prod(made.high - made.low)), rel=1e-9)


def test_a_section_serves_its_own_chart_within_its_box():
    """Up to the box itself, and on all of its four sides."""
    made = Section.of(FLAT, None, np.array([[0.0, 0.0], [2.0, 1.0]]), 0.5)
    inner = np.array([[0.0, 0.25], [2.0, 0.75], [1.0, 0.5]])
    assert made.serves(FLAT, inner, 0.5)
    assert not made.serves(Plane(np.zeros(3), *np.eye(3)[:2]), inner, 0.5)
    for beyond in ([-0.25, 0.5], [2.25, 0.5], [1.0, -0.25], [1.0, 1.25]):
        assert not made.serves(FLAT, np.concatenate([inner, [beyond]]), 0.5)
        assert made.serves(FLAT, np.concatenate([inner, [beyond]]), 0.25)
    assert not made.serves(FLAT, np.concatenate([inner, [[-9.0, 0.5]]]), 0.5)
    assert not made.serves(FLAT, np.concatenate([inner, [[9.0, 0.5]]]), 0.5)


@pytest.mark.parametrize("s", SCALES)
def test_a_point_within_a_share_of_the_extent_from_the_skin_is_on_its_face(s):
    section, near = strip(s), ON * 10.0 * s
    spots = np.array([[0.0, s + 0.9 * near], [0.0, s + 1.1 * near], [s, s - 0.9 * near], [s, 0.5 * s],
                      [s, 0.9 * near], [s, -1.1 * near]])  # fmt: skip
    assert section.faces(spots).tolist() == [4, -1, 4, -1, 0, -1]


def test_without_skin_every_ring_is_a_closed_front():
    open_ = Section(FLAT, None, [], 10.0, np.zeros(2), np.ones(2))
    ring = rings(shapely.box(0.0, 0.0, 1.0, 2.0))[0]
    ((run,),) = open_.runs(shapely.Polygon(ring))
    assert run.front and run.closed and run.face.tolist() == [-1] * 4
    assert run.points.tolist() == [*ring.tolist(), ring[0].tolist()]


@pytest.mark.parametrize("lead", [0, 1, 2, 3])
def test_a_piece_is_of_a_mouth_only_if_both_its_ends_and_its_middle_are_on_the_skin(lead):
    """One that crosses the skin in its middle is of a front, and so is a short one with one end near the skin."""
    section = strip(faces=(0, 4))
    near = ON * section.size
    for ring in (
        np.array([[0.0, 0.5], [1.0, 0.5], [1.0, 0.8], [-1.0, 1.2]]),  # middle (0, 1)
        np.array([[0.0, 0.5], [1.0, 0.5], [1.0, 1.0 - 1.5 * near], [1.0, 1.0]]),  # middle 0.75 near below the skin
        np.array([[0.0, 0.5], [1.0, 0.5], [0.5, 1.0], [0.5, 1.0 - 1.5 * near]]),
    ):
        (run,) = section._ring_runs(np.roll(ring, lead, axis=0))
        assert run.front and run.closed and run.face.tolist() == [-1] * 4


@pytest.mark.parametrize("lead", range(6))
def test_runs_of_a_ring_have_a_face_a_piece_wherever_the_ring_begins(lead):
    """A notch of the ring leaves the top for a while: two mouths, with the faces of their pieces, and two fronts."""
    corners = [[-5, 0], [5, 0], [5, 1], [1, 1], [-5, 1]]
    section = walled(corners, faces=[9, 8, 0, 6, 5])
    ring = np.array([[-1.0, 0.5], [3.0, 0.5], [3.0, 1.0], [1.0, 1.0], [0.0, 1.0], [-1.0, 1.0]])
    runs = section._ring_runs(np.roll(ring, lead, axis=0))
    assert sorted(r.front for r in runs) == [False, True]
    mouth, front = sorted(runs, key=lambda r: r.front)
    assert mouth.points.tolist() == [[3.0, 1.0], [1.0, 1.0], [0.0, 1.0], [-1.0, 1.0]]
    assert mouth.face.tolist() == [0, 6, 6]
    assert front.points.tolist() == [[-1.0, 1.0], [-1.0, 0.5], [3.0, 0.5], [3.0, 1.0]]
    assert front.face.tolist() == [-1, -1, -1] and not front.closed and not mouth.closed


def test_a_ring_all_along_the_skin_is_one_closed_mouth():
    section = walled([[0, 0], [2, 0], [2, 1], [0, 1]], faces=[3, 0, 5, 6])
    ((run,),) = section.runs(section.inside)
    assert not run.front and run.closed and sorted(run.face.tolist()) == [0, 3, 5, 6]


def test_a_region_in_a_body_without_skin_near_it_stays_as_it_is():
    region = shapely.box(0.0, 0.0, 1.0, 1.0)
    deep = Section(FLAT, shapely.box(-5, -5, 5, 5), [], 10.0, np.full(2, -5.0), np.full(2, 5.0))
    assert deep.extended(region, 0.1) is region


@pytest.mark.parametrize("s", SCALES)
def test_a_cut_right_through_a_body_goes_on_by_the_same_all_round(s):
    """The border of a rectangle, widened: sides times far, and a quarter of a circle (of four chords) a corner."""
    far, quads = 0.2, 4
    section = walled([[0.0, 0.0], [3.0, 0.0], [3.0, 1.0], [0.0, 1.0]], s)
    whole = section.extended(section.inside, far * s)
    disc = 0.5 * 4 * quads * np.sin(0.5 * np.pi / quads) * far**2
    assert whole.area / s**2 == pytest.approx(3.0 + 8.0 * far + disc, rel=2e-3)
    np.testing.assert_allclose(np.array(whole.bounds) / s, [-far, -far, 3.0 + far, 1.0 + far], atol=1e-6)
    assert len(parts(whole)) == 1 and not parts(whole)[0].interiors


def leaning(left, right, s=1.0):
    """A band right across the strip whose sides turn from the vertical by shifts `left`, `right` at its top."""
    return shapely.Polygon(s * np.array([[-1.0, 0.0], [1.0, 0.0], [1.0 + right, 1.0], [-1.0 + left, 1.0]]))


@pytest.mark.parametrize("s", SCALES)
@pytest.mark.parametrize(("left", "right"), [(0.0, 0.0), (0.5, 0.3), (-0.5, -0.3), (0.4, -0.6), (-0.6, 0.4)])
def test_each_front_of_a_band_goes_straight_on_beyond_both_faces(left, right, s):
    section, far = strip(s), 0.2
    whole = section.extended(leaning(left, right, s), far * s)
    for v in (-0.18, -0.1, -0.02, 1.02, 1.1, 1.18):
        row = whole.intersection(shapely.LineString(s * np.array([[-9.0, v], [9.0, v]])))
        ends = np.array(row.bounds)[[0, 2]] / s
        np.testing.assert_allclose(ends, [-1.0 + left * v, 1.0 + right * v], atol=1e-6)
        assert row.length / s == pytest.approx(float(np.ptp(ends)), rel=1e-6), "no gaps"
    assert whole.bounds[3] <= (1.0 + 1.051 * far) * s and whole.bounds[1] >= -1.051 * far * s
    assert whole.bounds[3] >= (1.0 + 0.999 * far) * s and whole.bounds[1] <= -0.999 * far * s
    assert section.clipped(whole).symmetric_difference(leaning(left, right, s)).area < 1e-6 * s * s


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("s", SCALES)
@pytest.mark.parametrize("degrees", [0.0, 25.0, 155.0, 180.0])
def test_fronts_nearly_along_the_skin_go_on_at_forty_degrees(degrees, s, mirrored):
    """Both ends of a region on the bottom, whose fronts leave at an angle: outwards for small ones, else inwards."""
    angle = np.radians(degrees)
    way = np.array([0.3 * np.cos(angle), max(0.3 * np.sin(angle), 0.006)])
    right = np.array([2.0, 0.0]) + way
    left = right * [-1.0, 1.0]
    region = shapely.Polygon(s * np.array([[-2.0, 0.0], [2.0, 0.0], right, left]))
    assert region.is_valid
    region = shapely.affinity.scale(region, -1.0, 1.0, origin=(0, 0)) if mirrored else region
    far = 0.2
    whole = strip(s).extended(region, far * s)
    used = np.clip(np.arctan2(way[1], way[0]), np.radians(40.0), np.radians(140.0))
    v = -0.5 * far  # the way goes on below: backwards
    row = whole.intersection(shapely.LineString(s * np.array([[-9.0, v], [9.0, v]])))
    reach = 2.0 + v / np.tan(used)
    np.testing.assert_allclose(np.array(row.bounds)[[0, 2]] / s, [-reach, reach], atol=1e-6)


def test_beyond_a_round_skin_a_region_goes_on_by_the_same_everywhere_whatever_the_unit():
    """The mouth is an arc of a circle of radius 1, the fronts go along its radii: they go on there."""
    angle = 2.0 * np.pi * np.arange(720) / 720
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    found = []
    for s in SCALES:
        section = walled(circle, s, size=2.0)
        wedge = np.concatenate([circle[30:151], 0.5 * circle[150:29:-1]])
        whole = section.extended(shapely.Polygon(s * wedge), 0.1 * s)
        found.append(shapely.affinity.scale(whole, 1 / s, 1 / s, origin=(0, 0)))
        out = np.array(parts(found[-1])[0].exterior.coords)
        off = np.linalg.norm(out, axis=1)
        turn = np.degrees(np.arctan2(out[:, 1], out[:, 0]))
        middle = (off > 1.001) & (turn > 22.0) & (turn < 68.0)
        np.testing.assert_allclose(off[middle], 1.1, atol=2e-4)
        beyond = off > 1.001
        assert turn[beyond].min() == pytest.approx(15.0, abs=0.15) and turn[beyond].max() == pytest.approx(
            75.0, abs=0.15
        )
    assert found[0].symmetric_difference(found[1]).area < 1e-6


def test_a_polyline_loses_the_points_that_crowd_its_ends_and_no_others():
    x = np.array([0.0, 0.05, 0.15, 0.5, 0.55, 0.8, 0.95, 1.0])
    line = np.column_stack([x + 3.0, 0.0 * x - 2.0])
    np.testing.assert_allclose(_clean(line, 0.1)[:, 0], [3.0, 3.15, 3.5, 3.55, 3.8, 4.0])
    assert _clean(line, 0.01).tolist() == line.tolist()
    assert _clean(line, 9.0).tolist() == line[[0, -1]].tolist()
    eighths = np.array([[1.0, 0.0], [1.125, 0.0], [1.25, 0.0], [1.5, 0.0]])
    assert _clean(eighths, 0.125)[:, 0].tolist() == [1.0, 1.25, 1.5], "what is as near as that goes too"


def test_the_direction_of_a_polyline_is_that_to_where_it_is_far_enough():
    line = np.array([[1.0, 1.0], [1.0, 1.1], [1.3, 1.4], [1.0, 6.0]])
    assert _direction(line, 0.05).tolist() == [0.0, 1.0]
    np.testing.assert_allclose(_direction(line, 0.2), [0.6, 0.8], rtol=1e-12)
    np.testing.assert_allclose(_direction(line, 0.5), [0.6, 0.8], rtol=1e-12)
    assert _direction(line, 0.6).tolist() == [0.0, 1.0] and _direction(line, 99.0).tolist() == [0.0, 1.0]
    assert _direction(line[:1], 1.0).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("s", SCALES)
def test_round_a_notch_a_mouth_goes_on_all_along_the_skin(s):
    """All of a rectangle but a notch at its bottom: the way on is cut at the notch only, along its sides."""
    section, far = walled([[0.0, 0.0], [3.0, 0.0], [3.0, 1.0], [0.0, 1.0]], s), 0.2
    notch = s * np.array([[1.2, 0.0], [1.4, 0.3], [1.8, 0.3], [2.0, 0.0]])
    ring = np.concatenate([s * np.array([[0.0, 0.0]]), notch, s * np.array([[3.0, 0.0], [3.0, 1.0], [0.0, 1.0]])])
    whole = section.extended(shapely.Polygon(ring), far * s)
    row = whole.intersection(shapely.LineString(s * np.array([[-9.0, -0.1], [9.0, -0.1]])))
    first, second = (np.array(g.bounds)[[0, 2]] / s for g in sorted(row.geoms, key=lambda g: g.bounds[0]))
    np.testing.assert_allclose([first[1], second[0]], [1.2 - 0.1 / 1.5, 2.0 + 0.1 / 1.5], atol=1e-6)
    assert first[0] < -0.15 and second[1] > 3.15


def test_upright_fronts_go_on_just_as_far_as_asked():
    whole = strip().extended(leaning(0.0, 0.0), 0.25)
    np.testing.assert_allclose(whole.bounds, [-1.0, -0.25, 1.0, 1.25], atol=1e-7)


@pytest.mark.parametrize("turn", [1.0, -1.0])
@pytest.mark.parametrize("ahead", [True, False])
def test_a_front_that_seems_to_leave_the_body_goes_on_at_forty_degrees_the_way_it_leads(ahead, turn):
    """A chord of a front may lie beyond hollow skin: its way on is along the mouth or back along it."""
    far = 0.5
    mouth = np.array([[0.0, 0.0], [3.0, 0.0]])
    strip_ = shapely.box(0.0, -far, 3.0, 0.0) if turn > 0 else shapely.box(0.0, 0.0, 3.0, far)
    front = mouth[-1] + np.array([[0.0, 0.0], [-1.0 if ahead else 1.0, -0.05 * turn]])
    made = _ended(strip_, mouth, front, turn, far)
    row = made.intersection(shapely.LineString([[-9.0, -0.2 * turn], [9.0, -0.2 * turn]]))
    reach = 0.2 / np.tan(LEAST_ANGLE)
    assert row.bounds[2] == pytest.approx(3.0 + reach if ahead else 3.0 - reach, abs=1e-9)


@pytest.mark.parametrize("s", SCALES)
def test_gaps_beyond_the_skin_and_cracks_along_it_are_filled_and_those_inside_are_not(s):
    """A region under the top with parts beyond it: a narrow gap between two, a wide one, a crack at the skin."""
    section, far = strip(s), 0.5

    def box(*corners):
        return shapely.box(*(s * np.array(corners)))

    body = box(-3.0, 0.2, 3.0, 1.0)
    above = [box(-3.0, 1.0, -1.0, 1.5), box(-0.9, 1.0, 0.5, 1.5), box(1.5, 1.004, 3.0, 1.5)]
    slit = box(0.0, 0.3, 0.004, 0.9)  # inside the body
    deep = box(-2.0, 0.4, -1.996, 1.0)  # from the skin into the body
    region = shapely.union_all([body, *above]).difference(shapely.union_all([slit, deep]))
    found = section._without_notches(section.united([region]), far * s)
    gone = shapely.difference(found, region)
    assert shapely.covers(found.buffer(1e-6 * s), box(-1.0, 1.0, -0.9, 1.3)), "the gap between two parts"
    assert shapely.covers(found.buffer(1e-6 * s), box(1.6, 1.0, 2.9, 1.01)), "the crack along the skin"
    assert not found.intersects(box(0.9, 1.1, 1.1, 1.4)), "a gap of two far is left"
    assert gone.intersection(slit).area < 0.01 * slit.area and gone.intersection(deep).area < 0.05 * deep.area
    whole = section.united([box(-3.0, 0.2, 3.0, 1.5)])
    assert section._without_notches(whole, far * s).symmetric_difference(whole).area < 1e-6 * s * s
