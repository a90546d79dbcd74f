"""Cracks near each other: fronts that stop at a distance, cracks of one surface that join."""

import numpy as np
import pytest
import shapely
from scipy.special import ndtr

from deadlight.growth.joining import _mapped, join, one_surface
from deadlight.growth.keep_apart import APART, SLOPE, _allowed, _shortened, distance, keep_apart
from deadlight.growth.region_front import Advance, Smoothing
from deadlight.growth.region_step import MARGIN, Plan
from deadlight.growth.skin_section import Section
from deadlight.growth.transition import Shaping, Transition
from deadlight.surface.chart import Extruded, Plane
from deadlight.surface.sheet import Sheet

FLAT = Plane(np.zeros(3), *np.eye(3)[:2])
TOLD = Smoothing(0, 0.0, 0.0)


def plan(region, chart=FLAT, name="C", advances=(), inside=None):
    low, high = np.array(region.bounds[:2]) - 1.0, np.array(region.bounds[2:]) + 1.0
    section = Section(chart, inside, [], float((high - low).max()), low, high)
    return Plan(0, Sheet(chart, (), name), chart, region, region, tuple(advances), region, section, members=(0,))


def wall(x, half=5.0, name="wall"):
    """A crack across the way at a place: a square of the plane x = const."""
    return plan(shapely.box(-half, -half, half, half), Plane(np.array([x, 0, 0.0]), *np.eye(3)[1:]), name)


def front(start, move, count=41, closed=False):
    """A straight front along y, that moves along x."""
    y = np.linspace(-1.0, 1.0, count)
    old = np.column_stack([np.full(count, start), y])
    move = np.broadcast_to(np.asarray(move, dtype=float), count)
    return Advance(0, old, old + move[:, None] * [1.0, 0.0], closed, slice(0, count), TOLD)


def test_the_distance_from_a_flat_crack_is_that_of_its_region_in_space():
    other = plan(shapely.box(0.0, 0.0, 1.0, 2.0), Plane(np.array([0.0, 0.0, 3.0]), *np.eye(3)[:2]))
    x = np.array([[0.5, 1.0, 3.5], [0.5, 1.0, 1.0], [4.0, 1.0, 7.0], [4.0, 6.0, 3.0], [0.2, 0.2, 3.0]])
    np.testing.assert_allclose(distance(other, x), [0.5, 2.0, 5.0, 5.0, 0.0], atol=1e-12)


@pytest.mark.parametrize("far", [0.5, 0.99, 2.0, 7.0, 20.0])
def test_a_front_goes_up_to_the_least_distance_from_a_wall_and_not_through_it(far):
    """Within a 24th of its move short of it, even where the whole move leads far beyond the wall."""
    advance = front(0.0, far)
    share, at, who = _allowed(plan(shapely.box(-1, -1, 0, 1)), advance, [wall(1.0)], [0.05])
    reached = share.max() * far
    assert share.min() == share.max() and 0 <= at < 41
    if far * 1.0 <= 0.95:
        assert reached == far
    else:
        assert 0.95 - far / 24.0 - 1e-12 <= reached <= 0.95 + 1e-12 and who == 0


def test_a_front_that_is_nearer_already_may_go_along_but_not_nearer():
    near, off = front(0.98, 0.2), front(0.98, -0.2)
    assert _allowed(plan(shapely.box(-1, -1, 0.98, 1)), near, [wall(1.0)], [0.05])[0].max() == 0.0
    assert _allowed(plan(shapely.box(-1, -1, 0.98, 1)), off, [wall(1.0)], [0.05])[0].min() == 1.0
    y = np.linspace(-1.0, 1.0, 21)
    old = np.column_stack([np.full(21, 0.98), y])
    along = Advance(0, old, old + [0.0, 0.5], False, slice(0, 21), TOLD)
    assert _allowed(plan(shapely.box(-1, -1, 0.98, 1)), along, [wall(1.0)], [0.05])[0].min() == 1.0


def test_the_crack_that_holds_a_front_most_is_named_and_what_lies_beyond_the_skin_meets_nothing():
    advance = front(0.0, np.where(np.arange(41) < 20, 1.0, 2.0))
    walls = [wall(3.0, name="far"), wall(1.5, name="near"), wall(1.8, name="behind")]
    share, at, who = _allowed(plan(shapely.box(-1, -1, 0, 1)), advance, walls, [0.05] * 3)
    assert who == 1 and at >= 20 and share[:20].min() == 1.0 and share[20:].max() < 0.75
    some = Advance(0, advance.old, advance.new, False, slice(0, 30), TOLD)
    inside = shapely.box(-9, -9, 9, 0.2)
    share = _allowed(plan(shapely.box(-1, -1, 0, 1), inside=inside), some, walls, [0.05] * 3)[0]
    beyond = (np.arange(41) >= 30) & (advance.old[:, 1] > 0.2)
    assert (share[beyond] == 1.0).all() and share[20:30].max() < 0.75


def test_a_crack_ends_and_what_passes_beside_it_is_free():
    """The wall covers y > 0 only; its plane is crossed freely two of the 24 places away from it."""
    half = plan(shapely.box(0.0, -5.0, 5.0, 5.0), Plane(np.array([1.0, 0, 0]), *np.eye(3)[1:]))
    advance = front(0.0, 2.0)
    share = _allowed(plan(shapely.box(-1, -1, 0, 1)), advance, [half], [0.05])[0]
    y = advance.old[:, 1]
    assert (share[y < -4.0 / 24.0 - 1e-9] == 1.0).all() and (share[y > 0.0] < 0.5).all()


@pytest.mark.parametrize("closed", [False, True])
def test_what_is_held_is_held_there_and_the_advance_grows_from_there_by_no_more_than_a_slope(closed):
    count, soft = 400, 0.05
    if closed:
        angle = np.linspace(0.0, 2.0 * np.pi, count, endpoint=False)
        old = np.column_stack([np.cos(angle), np.sin(angle)])
        advance = Advance(0, old, 1.5 * old, True, slice(0, count), TOLD)
        s, round_ = angle, 2.0 * np.pi
    else:
        s, round_ = np.linspace(0.0, 6.0, count), np.inf
        old = np.column_stack([0.0 * s, s])
        advance = Advance(0, old, old + [0.5, 0.0], False, slice(0, count), TOLD)
    k = 5
    share = np.ones(count)
    share[k] = 0.2
    made = np.linalg.norm(_shortened(advance, share, soft).new - old, axis=1)
    gap = np.abs(s - s[k])
    gap = np.minimum(gap, round_ - gap)
    expected = np.minimum(0.1 + SLOPE * np.maximum(gap - 2.0 * soft, 0.0), 0.5)
    assert np.abs(made - expected).max() < SLOPE * soft
    assert np.abs(made - expected)[gap < 0.5 * soft].max() < 2e-3
    assert (made <= 0.5 + 1e-12).all()


def keeping(start, far, others):
    region = shapely.box(start - 2.0, -1.0, start, 1.0)
    made = plan(region, advances=[front(start, far)])
    keep_apart(made, others)
    return made


def test_a_crack_that_is_stopped_says_by_which_once_and_not_again_where_it_stood():
    made = keeping(0.0, 2.0, [wall(1.0)])
    (event,) = made.events
    assert (event.kind, event.face, made.held) == ("reaches_crack", "wall", "wall")
    limit = APART * 2.0
    np.testing.assert_allclose(event.place[0], made.advances[0].new[:, 0].max(), atol=1e-9)
    assert 1.0 - limit - 2.0 / 24.0 - 1e-9 <= event.place[0] <= 1.0 - limit + 1e-9
    again = keeping(1.0 - 0.9 * limit, 0.5, [wall(1.0)])
    assert again.events == [] and again.held == "wall" and again.advances[0].far == pytest.approx(0.0, abs=1e-12)
    free = keeping(0.0, 0.5, [wall(1.0)])
    assert free.events == [] and free.held == "" and free.advances[0].far == pytest.approx(0.5)


def test_two_fronts_that_one_crack_stops_are_told_once_at_the_point_that_is_held_most():
    y = np.linspace(-1.0, 1.0, 41)
    made = plan(shapely.box(-2.0, -1.0, 0.0, 1.0), advances=[front(0.0, 2.0 - (y - 0.5) ** 2)] * 2)
    keep_apart(made, [wall(1.0)])
    (event,) = made.events
    assert event.place[1] == pytest.approx(0.5, abs=0.2), "to a 24th of the move"


def test_what_stops_a_crack_does_not_see_the_unit_of_length():
    """A wall beside half of the way, in metres and in about millimetres."""
    found = []
    for s in (1.0, 2.0**-10):
        made = plan(shapely.box(-2.0 * s, -s, 0.0, s))
        advance = front(0.0, 2.0)
        made.advances = (Advance(0, s * advance.old, s * advance.new, False, slice(0, 41), TOLD),)
        half = Plane(np.array([s, 0, 0]), *np.eye(3)[1:])
        keep_apart(made, [plan(shapely.box(0.0, -5.0 * s, 5.0 * s, 5.0 * s), half)])
        found.append(made.advances[0].new / s)
    np.testing.assert_allclose(found[0], found[1], atol=1e-9)
    assert np.ptp(found[0][:, 0]) > 0.2


def test_a_crack_of_the_same_surface_stops_nothing():
    beside = plan(shapely.box(0.5, -1.0, 2.0, 1.0), name="beside")
    made = keeping(0.0, 2.0, [beside])
    assert made.events == [] and made.advances[0].far == pytest.approx(2.0)


@pytest.mark.parametrize("s", [1.0, 2.0**-10])
@pytest.mark.parametrize(
    ("lift", "degrees", "same"),
    [(0.0, 0.0, True), (0.0, 180.0, True), (0.0099, 0.0, True), (0.0101, 0.0, False), (0.0, 0.4, True),
     (0.0, 2.0, False), (0.0, 90.0, False)],
)  # fmt: skip
def test_cracks_are_of_one_surface_where_neither_offset_nor_lean_tells_them_apart(lift, degrees, same, s):
    """Offsets of a hundredth of the smaller crack's smaller extent, leans of 1.5 degrees that lead to none."""
    small = shapely.box(-0.5 * s, -0.5 * s, 0.5 * s, 0.5 * s)
    angle = np.radians(degrees)
    e1 = np.array([np.cos(angle), 0.0, np.sin(angle)])
    other = plan(small, Plane(s * np.array([4.0, 0.0, lift]), e1, np.array([0.0, 1.0, 0.0])))
    assert one_surface(plan(shapely.box(-3 * s, -2 * s, 3 * s, 2 * s)), other) is same


@pytest.mark.parametrize(("degrees", "same"), [(0.0, True), (1.4, True), (1.6, False), (178.6, True), (178.4, False)])
def test_a_surface_that_leans_where_it_lies_is_another_one(degrees, same):
    class Rippled(Plane):
        def normal(self, uv):
            return np.tile([np.sin(np.radians(degrees)), 0.0, np.cos(np.radians(degrees))], (len(uv), 1))

    there = plan(shapely.box(-0.5, -0.5, 0.5, 0.5), Rippled(np.zeros(3), *np.eye(3)[:2]))
    assert one_surface(plan(shapely.box(-3, -2, 3, 2)), there) is same


def disc(x, radius=1.0, moving=True, name="C"):
    made = plan(shapely.Point(x, 0.0).buffer(radius, quad_segs=32), name=name)
    if moving:
        made.advances = (Advance(0, np.zeros((2, 2)), np.ones((2, 2)), False, slice(0, 2), TOLD),)
    return made


@pytest.mark.parametrize(
    ("places", "moving", "left"),
    [
        ([0.0, 2.19], (True, True), 1),
        ([0.0, 2.21], (True, True), 2),
        ([0.0, 2.1], (True, False), 1),
        ([0.0, 2.1], (False, True), 1),
        ([0.0, 2.1], (False, False), 2),
        ([0.0, 4.2, 2.1], (True, True, True), 1),
        ([0.0, 9.0, 2.1], (True, True, True), 2),
    ],
)
def test_cracks_within_a_tenth_of_the_smaller_one_become_one_in_place_of_the_first(places, moving, left):
    """Smaller extent 2: gaps of up to 0.2; a third one between two others joins all three."""
    plans = [disc(x, moving=m, name=f"C{i}") for i, (x, m) in enumerate(zip(places, moving))]
    area = sum(p.new.area for p in plans)
    found = join(plans, None, Shaping())
    assert len(found) == left and len(plans) == len(places), "the given list stays"
    assert found[0].sheet.name == "C0"
    assert sum(p.new.area for p in found) >= area * (1.0 - 1e-6)
    if left == 1:
        events = [e for e in found[0].events if e.kind == "joins"]
        assert len(events) == len(places) - 1
        assert len(found[0].members) == len(places)
    if len(places) == 2 and left == 1:
        (event,) = events
        assert event.face == "C1" and event.place == pytest.approx([0.5 * places[1], 0.0, 0.0], abs=2e-3)
        whole = found[0].new
        assert whole.geom_type == "Polygon" and shapely.Point(0.5 * places[1], 0.0).within(whole)
        assert event.added_area == pytest.approx(whole.area - area, rel=0.05)


def test_a_region_is_drawn_in_the_chart_of_another_plane_with_all_its_holes():
    """u and v change places, and the origin moves."""
    region = shapely.box(0, 0, 6, 4).difference(shapely.union_all([shapely.box(1, 1, 2, 2), shapely.box(3, 1, 5, 3)]))
    two = shapely.MultiPolygon([region, shapely.box(8, 0, 9, 1)])
    onto = plan(shapely.box(0, 0, 1, 1), Plane(np.array([10.0, 20.0, 0.0]), *np.eye(3)[[1, 0]]))
    found = _mapped(two, plan(two).chart, onto.chart)
    expected = shapely.transform(two, lambda x: x[:, ::-1] - [20.0, 10.0])
    assert found.symmetric_difference(expected).area < 1e-12 and found.area == pytest.approx(20.0)
    assert shapely.get_num_coordinates(found) == 20


def test_a_region_of_a_bent_surface_is_drawn_by_more_than_its_corners():
    """A triangle v < u on a cylinder of radius 1, seen along its normal at u = 0: the integral of u cos u."""
    angle = np.linspace(-0.5, 1.5, 2001)
    arc = Extruded.along(np.column_stack([np.sin(angle), 0.0 * angle, np.cos(angle)]), [0.0, 1.0, 0.0])
    uv = arc.to_chart(np.array([[0.0, 0.0, 1.0], [np.sin(1.0), 0.0, np.cos(1.0)], [np.sin(1.0), 1.0, np.cos(1.0)]]))
    found = _mapped(shapely.Polygon(uv), arc, plan(shapely.box(0, 0, 1, 1)).chart)
    assert found.area == pytest.approx(np.sin(1.0) + np.cos(1.0) - 1.0, rel=1e-4)


def test_two_cracks_that_join_bring_what_each_was_and_what_became_of_it():
    a, b = disc(0.0, name="A"), disc(2.1, name="B")
    for made, number, x in ((a, 4, 0.0), (b, 7, 2.1)):
        made.number, made.members = number, (number, number + 1)
        made.old = shapely.Point(x, 0.0).buffer(0.9, quad_segs=32)
        made.drawn = shapely.Point(x, 0.0).buffer(0.95, quad_segs=32)
        made.events = [Transition("fronts_meet", number, np.zeros(3))]
    (one,) = join([a, b], None, Shaping())
    assert one.number == 4 and one.members == (4, 5, 7, 8) and one.sheet is a.sheet
    assert [(e.kind, e.crack) for e in one.events[:3]] == [("fronts_meet", 4), ("fronts_meet", 7), ("joins", 4)]
    assert one.old.area == pytest.approx(2.0 * a.old.area, rel=1e-9)
    assert one.before == pytest.approx(2.0 * a.drawn.area, rel=1e-9)
    assert one.advances == (*a.advances, *b.advances)
    np.testing.assert_allclose(one.section.low, [-1.0 - MARGIN * 4.1, -1.0 - MARGIN * 4.1], atol=1e-9)
    np.testing.assert_allclose(one.section.high, [3.1 + MARGIN * 4.1, 1.0 + MARGIN * 4.1], atol=1e-9)


@pytest.mark.parametrize("s", [1.0, 2.0**-10])
def test_what_two_cracks_open_where_they_join_is_told_without_corners_far_from_there(s):
    """A notch lies ten radii r of the disc from the neck, which is between a straight side and a circle of radius 1.

    The disc touches both with its centre h off the axis: the trapezoid of all centres less the sectors of both circles.
    """
    r, gap = 0.2, 0.1
    turn = np.arccos((1.0 + gap - r) / (1.0 + r))
    h = (1.0 + r) * np.sin(turn)
    neck = h * (1.0 + gap + r) - turn - r * r * (np.pi - turn)
    told = []
    for notched in (False, True):
        long = shapely.box(-6.0 * s, -s, 0.0, s)
        if notched:
            long = long.difference(shapely.box(-2.3 * s, 0.6 * s, -1.9 * s, s))
        a, b = disc(0.0, name="A"), disc(0.0, name="B")
        for made, region in ((a, long), (b, shapely.Point(1.1 * s, 0.0).buffer(s, quad_segs=64))):
            made.old = made.drawn = made.new = region
        (one,) = join([a, b], None, Shaping())
        told.append(next(e.added_area for e in one.events if e.kind == "joins") / s**2)
    assert told[1] == pytest.approx(told[0], rel=1e-6) and told[0] == pytest.approx(neck, rel=0.02)


def test_a_front_carried_on_meets_what_lies_inside_the_skin_too():
    """Its own points are 10 to 19; of the others those in the body are held as well."""
    advance = front(0.0, 2.0)
    some = Advance(0, advance.old, advance.new, False, slice(10, 20), TOLD)
    region, walls = shapely.box(-1, -1, 0, 1), [wall(1.0)]
    share = _allowed(plan(region, inside=shapely.box(-9, -9, 9, -0.7)), some, walls, [0.05])[0]
    held = (advance.old[:, 1] < -0.7) | ((np.arange(41) >= 10) & (np.arange(41) < 20))
    np.testing.assert_array_equal(share < 1.0, held)
    alone = _allowed(plan(region), some, walls, [0.05])[0]
    np.testing.assert_array_equal(alone < 1.0, (np.arange(41) >= 10) & (np.arange(41) < 20))


def test_a_closed_front_is_held_alike_on_both_sides_of_a_point_wherever_it_begins():
    angle = np.linspace(0.0, 2.0 * np.pi, 400, endpoint=False)
    old = np.column_stack([np.cos(angle), np.sin(angle)])
    share = np.ones(400)
    share[0] = 0.2
    advance = Advance(0, old, 1.5 * old, True, slice(0, 400), TOLD)
    made = np.linalg.norm(_shortened(advance, share, 0.05).new - old, axis=1)
    np.testing.assert_allclose(made[1:], made[:0:-1], atol=1e-9)
    other = _shortened(advance, np.roll(share, 133), 0.05)
    np.testing.assert_allclose(np.roll(made, 133), np.linalg.norm(other.new - old, axis=1), atol=1e-9)


def test_a_jump_of_what_is_allowed_becomes_the_integral_of_a_gaussian_two_lengths_before_it():
    """A move so short that its slope along the front is a jump too; the points are uneven."""
    y = np.linspace(-1.0, 1.0, 801)
    y = y + 0.3 * y**3
    old = np.column_stack([0.0 * y, y])
    advance = Advance(0, old, old + [1e-3, 0.0], False, slice(0, 801), TOLD)
    soft = 0.1
    made = _shortened(advance, np.where(y > 0.0, 0.2, 1.0), soft).new[:, 0] / 1e-3
    inner = np.abs(y) < 0.8
    np.testing.assert_allclose(made[inner], 0.2 + 0.8 * ndtr(-(y[inner] + 2.0 * soft) / soft), atol=0.015)
