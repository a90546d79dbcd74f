"""Charts for growth out of the surface: they hold the old crack, pass through the new front, and can be meshed."""

import numpy as np
import pytest
import shapely

from deadlight.growth.bend import bend, is_flat
from deadlight.growth.stopped import GrowthStopped
from deadlight.growth.through import through_line
from deadlight.surface.chart import Extruded, Plane
from deadlight.surface.crack_domain import CrackDomain, Piece
from deadlight.surface.crack_mesh import mesh_crack
from deadlight.surface.mesh import T6
from deadlight.surface.sheath import Sheath
from deadlight.surface.sheet import Sheet

PENNY = Sheet.ellipse(np.zeros(3), [0, 0, 1.0], [1.0, 0, 0], 1.0, 1.0)
THROUGH = Sheet.rectangle(np.zeros(3), [0, 1.0, 0], [1.0, 0, 0], 2.0, 1.0)
ANGLE = np.linspace(0, 2 * np.pi, 61)[:-1]
RADIAL = np.column_stack([np.cos(ANGLE), np.sin(ANGLE), np.zeros(60)])
UP = np.array([0, 0, 1.0])


def step(tilt, length, start=1.0, height=0.0, lean=0.0):
    """Front of a penny, tilted from its last direction: old and new points. tilt (60,) or float [rad]."""
    tilt = np.broadcast_to(np.asarray(tilt) + lean, 60)[:, None]
    old = start * RADIAL + height * UP
    return old, old + length * (np.cos(tilt) * RADIAL + np.sin(tilt) * UP)


def front(end):
    z = np.linspace(-0.5, 0.5, 15)
    return np.column_stack([np.full_like(z, end), np.zeros_like(z), z])


def circle(chart, radius):
    fine = np.linspace(0, 2 * np.pi, 721)[:-1]
    return Sheet(chart, (radius * np.column_stack([np.cos(fine), np.sin(fine)]),))


def inside(radius, count=500):
    uv = np.random.default_rng(3).uniform(-radius, radius, (count, 2))
    return uv[np.linalg.norm(uv, axis=1) < 0.9999 * radius]


@pytest.mark.parametrize("tilt", [np.radians(40), np.radians(30) * np.sin(ANGLE), np.radians(20) * np.cos(3 * ANGLE)])
def test_surface_holds_the_old_crack_and_meets_the_new_front(tilt):
    old, new = step(tilt, 0.2)
    found = bend(PENNY, [old], [new])
    assert found.kind == "height" and found.miss < 2e-3 * 0.2
    assert np.abs(found.chart.to_space(inside(1.0))[:, 2]).max() < 1e-9
    assert np.abs(found.chart.signed(new)).max() == pytest.approx(found.miss)


def test_next_ramp_holds_the_one_before():
    old, new = step(np.radians(30) * np.sin(ANGLE), 0.2)
    first = circle(bend(PENNY, [old], [new]).chart, 1.1)
    rim = first.chart.to_space(first.outlines[0][::12])
    found = bend(first, [rim], [rim + 0.1 * RADIAL + 0.05 * UP])
    uv = inside(1.1)
    np.testing.assert_allclose(found.chart.to_space(uv), first.chart.to_space(uv), atol=1e-9)
    assert len(found.chart.layers) == 2 and found.miss < 1e-3 * 0.1


def test_surface_goes_on_smoothly_beyond_the_new_front():
    """A cone stays a cone, with its normal, far beyond the points it was laid through."""
    old, new = step(np.radians(30), 0.1)
    chart = bend(PENNY, [old], [new]).chart
    for radius in (1.05, 1.3, 2.0):
        uv = radius * RADIAL[:, :2]
        height = (radius - 1) * np.tan(np.radians(30))
        np.testing.assert_allclose(chart.to_space(uv)[:, 2], height, atol=2e-4)
        np.testing.assert_allclose(chart.normal(uv) @ UP, np.cos(np.radians(30)), atol=2e-3)


def test_normals_and_distances_are_those_of_the_surface():
    old, new = step(np.radians(25) * np.cos(ANGLE), 0.3)
    chart = bend(PENNY, [old], [new]).chart
    uv = np.random.default_rng(1).uniform(-1.5, 1.5, (300, 2))
    uv = uv[np.abs(np.linalg.norm(uv, axis=1) - 1.0) > 0.02]
    e = 1e-6
    du, dv = ((chart.to_space(uv + e * a) - chart.to_space(uv - e * a)) / (2 * e) for a in np.eye(2))
    n = np.cross(du, dv)
    np.testing.assert_allclose(chart.normal(uv), n / np.linalg.norm(n, axis=1)[:, None], atol=1e-5)
    off = chart.to_space(uv) + 1e-4 * chart.normal(uv)
    np.testing.assert_allclose(chart.signed(off), 1e-4, rtol=0.02)
    np.testing.assert_allclose(chart.to_chart(chart.to_space(uv)), uv, atol=1e-12)


def test_growth_in_the_surface_keeps_the_chart():
    old, new = step(0.0, 0.2)
    found = bend(PENNY, [old], [new])
    assert found.kind == "kept" and found.chart is PENNY.chart
    assert is_flat(PENNY.chart, [new], 2.0) and not is_flat(PENNY.chart, [new + 1e-3 * UP], 2.0)


def test_through_crack_becomes_a_line_at_both_ends_and_keeps_its_normal():
    right, left = front(1.0), front(-1.0)
    way = np.array([np.cos(0.7), np.sin(0.7), 0])
    found = bend(THROUGH, [right, left], [right + 0.2 * way, left - 0.1 * way])
    assert isinstance(found.chart, Extruded) and found.kind == "line" and found.miss < 1e-12
    assert found.chart.length == pytest.approx(2.3) and len(found.chart.creases) == 2
    np.testing.assert_allclose(found.chart.to_space(found.chart.to_chart(right)), right, atol=1e-12)
    assert found.chart.normal(np.array([[1.0, 0.0]]))[0] == pytest.approx(THROUGH.chart.n)
    ring = found.chart.to_chart(THROUGH.chart.to_space(THROUGH.outlines[0]))
    u = np.array([found.chart.to_chart(right + 0.2 * way)[0, 0], found.chart.to_chart(left - 0.1 * way)[0, 0]])
    v = ring[:, 1].mean() + np.array([-0.5, 0.5])
    sheet = Sheet(found.chart, (np.array([[u[1], v[0]], [u[0], v[0]], [u[0], v[1]], [u[1], v[1]]]),))
    back = bend(sheet, [right + 0.2 * way], [right + 0.2 * way + [0.2, 0, 0]])
    assert back.kind == "line" and len(back.chart.creases) == 3
    np.testing.assert_allclose(back.chart.signed(np.concatenate([right, left])), 0.0, atol=1e-12)


def test_an_end_that_hardly_moves_decides_nothing():
    """It moves this way and that by a share of what the other end does, as directions at low K are: mostly error."""
    right, left = front(1.0), front(-1.0)
    way = 0.2 * np.array([np.cos(0.7), np.sin(0.7), 0])
    noise = 0.2 * np.column_stack([-np.ones(15), np.tile([1.0, -1.0], 8)[:15], np.zeros(15)]) / np.sqrt(2.0)
    assert bend(THROUGH, [right, left], [right + way, left + 0.009 * noise]).kind == "line"
    with pytest.raises(GrowthStopped, match="misses 15 of 30 points"):
        bend(THROUGH, [right, left], [right + way, left + 0.012 * noise])


def test_line_may_turn_further_than_any_height():
    """Five pieces of 40 degrees each: round and back."""
    chart, sheet, at, lean = None, THROUGH, front(1.0), 0.0
    for _ in range(5):
        lean += np.radians(40)
        new = at + 0.3 * np.array([np.cos(lean), np.sin(lean), 0])
        chart = bend(sheet, [at], [new]).chart
        uv = chart.to_chart(np.concatenate([new, front(-1.0)]))
        sheet = Sheet(chart, (shapely.get_coordinates(shapely.MultiPoint(uv).envelope)[:-1],))
        at = new
    assert isinstance(chart, Extruded) and chart.length == pytest.approx(3.5) and len(chart.creases) == 5


def test_front_that_stays_in_part_is_no_line():
    """The new front would leave the crease, where the old one stood, at an angle that no element fits into."""
    right = front(1.0)
    way = np.array([np.cos(0.7), np.sin(0.7), 0])
    some = np.maximum(0.2 * (right[:, 2:] + 0.5), 1e-4)
    assert through_line(THROUGH, [right], [right + some * way]) is None
    assert isinstance(bend(THROUGH, [right], [right + some * way]).chart, Sheath)
    assert through_line(THROUGH, [right], [right + np.maximum(some, 0.05) * way]) is not None
    left, back = front(-1.0), np.array([-np.cos(0.7), np.sin(0.7), 0])
    assert through_line(THROUGH, [left], [left + some * back]) is None
    assert through_line(THROUGH, [left], [left + np.maximum(some, 0.05) * back]) is not None
    one = np.full(15, 0.2)
    one[0] = 0.01  # a node alone: the front still leaves the crease steeply
    assert through_line(THROUGH, [right], [right + one[:, None] * way]) is not None
    gentle = np.array([np.cos(0.04), np.sin(0.04), 0])
    assert through_line(THROUGH, [right], [right + some * gentle]) is not None, "so small a turn makes no crease"


def test_front_that_is_no_end_of_the_outline_or_bows_is_no_line():
    """An outline may reach 2 % of its length beyond a front that is its end; a front may bow by a tenth of its."""
    step = np.array([0.2, 0.0, 0.0])
    for inside, taken in ((0.03, True), (0.06, False)):  # of a line 2 long
        at = front(1.0 - inside)
        assert (through_line(THROUGH, [at], [at + step]) is not None) is taken
        at = front(-1.0 + inside)
        assert (through_line(THROUGH, [at], [at - step]) is not None) is taken
    for bow, taken in ((0.02, True), (0.15, False)):
        at = front(1.0) - np.column_stack([4.0 * bow * front(1.0)[:, 2] ** 2, np.zeros(15), np.zeros(15)])
        assert (through_line(THROUGH, [at], [at + step]) is not None) is taken


def test_twisted_through_crack_is_no_line():
    right = front(1.0)
    tilt = np.radians(20) * right[:, 2] * 2
    new = right + 0.2 * np.column_stack([np.cos(tilt), np.sin(tilt), np.zeros(15)])
    assert through_line(THROUGH, [right], [new]) is None
    found = bend(THROUGH, [right], [new])
    assert isinstance(found.chart, Sheath) and found.miss < 1e-3 * 0.2
    assert through_line(THROUGH, [right], [right + [0.2, 0.1, 0]]) is not None


def test_plane_is_chosen_anew_when_the_crack_leans():
    """Two tilts of 35 degrees to one side: over the first plane 70, over the best one half of it."""
    right = front(1.0)
    square = Sheet.rectangle(np.zeros(3), [0, 1.0, 0], [1.0, 0, 0], 2.0, 2.0)
    twist = 0.3 * right[:, 2]
    sheet, at = square, right
    for lean in np.radians([35, 70]):
        a = lean + twist
        new = at + 0.3 * np.column_stack([np.cos(a), np.sin(a), np.zeros(15)])
        found = bend(sheet, [at], [new])
        assert isinstance(found.chart, Sheath) and found.miss < 3e-3 * 0.3
        ring = shapely.Polygon(found.chart.to_chart(sheet.chart.to_space(sheet.outlines[0])))
        new_uv = found.chart.to_chart(np.concatenate([at, new[::-1]]))
        ring = ring.union(shapely.Polygon(new_uv).buffer(1e-6))
        sheet, at, before = Sheet(found.chart, (shapely.get_coordinates(ring.exterior)[:-1],)), new, sheet
    assert isinstance(before.chart, Sheath) and sheet.chart.ground is not before.chart.ground
    x = before.chart.to_space(np.random.default_rng(2).uniform([-0.9, -0.4], [1.15, 0.4], (200, 2)))
    assert np.abs(sheet.chart.signed(x)).max() < 1e-6
    assert (sheet.chart.normal(sheet.chart.to_chart(x)) @ sheet.chart.ground.n).min() > np.cos(np.radians(50))


def test_points_that_hardly_move_do_not_choose_the_plane():
    """What moves by less than a hundredth of the largest move has a direction that is mostly error."""
    few = (np.arange(60) >= 40) & (np.arange(60) < 50)
    tilt, grounds = np.where(few, np.radians(-60.0), np.radians(20.0)), []
    for little in (0.0, 0.9e-3):  # of a move of 0.1; LEAST_MOVE of the size is less, 5.7e-4
        old, new = step(tilt, np.where(few, little, 0.1)[:, None])
        grounds.append(bend(PENNY, [old], [new]).chart.ground.n)
    np.testing.assert_allclose(grounds[0], grounds[1], atol=1e-9)
    old, new = step(tilt, np.where(few, 1.1e-3, 0.1)[:, None])
    assert np.abs(bend(PENNY, [old], [new]).chart.ground.n - grounds[0]).max() > 0.1, "what moves more does"


def test_one_point_that_hardly_moves_does_not_end_the_growth():
    one = np.arange(60) == 40
    old, new = step(np.where(one, np.radians(-77.0), np.radians(55.0)), np.where(one, 0.9e-3, 0.1)[:, None])
    assert bend(PENNY, [old], [new]).kind == "height"


def test_turning_over_is_said():
    sheet, at, lean = PENNY, RADIAL, 0.0
    with pytest.raises(GrowthStopped, match="turned_over") as stop:
        for _ in range(4):
            lean += np.radians(30)
            new = at + 0.2 * (np.cos(lean) * RADIAL + np.sin(lean) * UP)
            sheet, at = circle(bend(sheet, [at], [new]).chart, np.linalg.norm(new[0, :2])), new
    assert stop.value.reason == "turned_over" and "degrees" in stop.value.sentence


def meshed(sheet):
    ring = np.concatenate([sheet.outlines[0], sheet.outlines[0][:1]])
    return mesh_crack(CrackDomain(sheet.chart, ((Piece(ring, "front"),),)))


@pytest.mark.parametrize("length", [0.1, 0.4])
def test_sides_of_elements_follow_a_sharp_bend(length):
    old, new = step(np.radians(40), length)
    radius = np.linalg.norm(new[0, :2])
    mesh = meshed(circle(bend(PENNY, [old], [new]).chart, radius))
    corner = np.linalg.norm(mesh.uv[mesh.cells[mesh.kind == T6][:, :3]], axis=2)
    assert not ((corner.min(axis=1) < 0.999) & (corner.max(axis=1) > 1.001)).any()
    ring = mesh.uv[mesh.fronts[0].inner]
    assert np.linalg.norm(ring, axis=1).min() > 1.0 + 0.4 * (radius - 1.0)


def test_gentle_bends_lie_inside_elements():
    old, new = step(np.radians(4), 0.1)
    flat = meshed(circle(Plane(np.zeros(3), np.eye(3)[0], np.eye(3)[1]), 1.1))
    assert len(meshed(circle(bend(PENNY, [old], [new]).chart, 1.1)).cells) == len(flat.cells)


def vee(angle, arm=1.0):
    """A through crack of two arms that turn by an angle at its middle, and the old front of either."""
    half = 0.5 * angle
    ends = arm * np.array([[-np.cos(half), -np.sin(half), 0], [np.cos(half), -np.sin(half), 0]])
    line = np.array([ends[0], [0.0, 0, 0], ends[1]])
    chart = Extruded.along(line, [0, 0, 1.0])
    u = chart.to_chart(line)[:, 0]
    sheet = Sheet(chart, (np.array([[u[0], -0.5], [u[2], -0.5], [u[2], 0.5], [u[0], 0.5]]),), "vee")
    z = np.linspace(-0.5, 0.5, 15)[:, None] * UP
    return sheet, [ends[0] + z, ends[1] + z]


def kinked(old, ends, tilt, length):
    """Fronts (15, 3) moved on from their arms, turned by an angle at each depth."""
    new = []
    for points, end in zip(old, ends):
        way = end / np.linalg.norm(end)
        across = np.cross(UP, way)
        new.append(points + length * (np.cos(tilt)[:, None] * way + np.sin(tilt)[:, None] * across))
    return new


VEE = np.radians(110.0)
TWIST = np.radians(35) + np.radians(20) * np.linspace(-1, 1, 15)  # other at either skin: no bent line is this


def test_arms_that_lean_too_much_over_any_plane_grow_each_over_its_own_line():
    sheet, old = vee(VEE)
    new = kinked(old, [p.mean(axis=0) for p in old], TWIST * 0.8, 0.2)
    found = bend(sheet, old, new)
    chart = found.chart
    assert isinstance(chart, Sheath) and chart.ground is sheet.chart and "line of its arms" in found.note
    assert found.miss < 2e-3 * 0.2
    uv = np.random.default_rng(4).uniform([0.0, -0.5], [2.0, 0.5], (300, 2))
    np.testing.assert_allclose(chart.to_space(uv), sheet.chart.to_space(uv), atol=1e-12)  # the old crack is held
    np.testing.assert_allclose(chart.to_space(chart.to_chart(new[1]))[:, 2], new[1][:, 2], atol=1e-12)


def test_normals_and_distances_over_a_bent_line_are_those_of_the_surface():
    sheet, old = vee(VEE)
    chart = bend(sheet, old, kinked(old, [p.mean(axis=0) for p in old], TWIST * 0.8, 0.3)).chart
    uv = np.random.default_rng(5).uniform([2.02, -0.48], [2.5, 0.48], (200, 2))
    e = 1e-6
    du, dv = ((chart.to_space(uv + e * a) - chart.to_space(uv - e * a)) / (2 * e) for a in np.eye(2))
    n = np.cross(du, dv)
    n /= np.linalg.norm(n, axis=1)[:, None]
    np.testing.assert_allclose(chart.normal(uv), n, atol=1e-5)
    np.testing.assert_allclose(chart.signed(chart.to_space(uv) + 1e-4 * n), 1e-4, rtol=0.02)
    np.testing.assert_allclose(chart.to_chart(chart.to_space(uv)), uv, atol=1e-12)


def test_the_next_ramp_over_a_bent_line_holds_the_one_before_and_turning_over_is_said():
    sheet, old = vee(VEE)
    ends = [p.mean(axis=0) for p in old]
    new = kinked(old, ends, TWIST * 0.8, 0.2)
    first = bend(sheet, old, new).chart
    ring = shapely.Polygon(sheet.outlines[0])
    for before, after in zip(old, new):
        strip = np.concatenate([first.to_chart(before), first.to_chart(after)[::-1]])
        ring = ring.union(shapely.Polygon(strip).buffer(1e-7))
    grown = Sheet(first, (shapely.get_coordinates(ring.exterior)[:-1],), "vee")
    again = bend(grown, new, kinked(new, ends, TWIST, 0.1))
    assert again.chart.ground is sheet.chart and len(again.chart.layers) == 2 and again.miss < 3e-3 * 0.1
    uv = first.to_chart(0.5 * (old[1] + new[1]))
    np.testing.assert_allclose(again.chart.to_space(uv), first.to_space(uv), atol=1e-9)
    with pytest.raises(GrowthStopped, match="turned_over"):
        bend(grown, new, kinked(new, ends, TWIST + np.radians(30), 0.1))


def test_front_that_still_crosses_a_bend_is_not_followed_over_the_line():
    """Where the line is bent there must be no height: such a crack needs a plane, and there is none."""
    sheet, old = vee(np.radians(140.0), arm=0.1)
    back = [p - 0.15 * (np.abs(p[:, 2:]) > 0.3) * p.mean(axis=0) / np.linalg.norm(p.mean(axis=0)) for p in old]
    new = kinked(back, [p.mean(axis=0) for p in old], TWIST, 0.05)
    with pytest.raises(GrowthStopped, match="turned_over"):
        bend(sheet, back, new)


def test_directions_that_change_from_node_to_node_make_a_smooth_surface_and_are_told():
    """No surface through points that jump is one that can be followed further; a smooth one near them is."""
    jump = np.radians(6.0) * (-1.0) ** np.arange(15)
    right = front(1.0)
    tilt = np.radians(25.0) * right[:, 2] * 2 + jump
    found = bend(THROUGH, [right], [right + 0.2 * np.column_stack([np.cos(tilt), np.sin(tilt), np.zeros(15)])])
    assert isinstance(found.chart, Sheath) and "smoothed along the front, it misses" in found.note
    assert 0.05 * 0.2 < found.miss < 0.2 * 0.2
    z = np.linspace(-0.45, 0.45, 200)
    normal = found.chart.normal(np.column_stack([np.full(200, 1.1), z]))  # of THROUGH's chart: u along x, v along z
    turn = np.degrees(np.arccos(np.clip((normal[1:] * normal[:-1]).sum(axis=1), -1, 1)))
    assert turn.max() < 2.0, "the surface does not follow the jumps of 12 degrees"
    assert not found.alarm
    tilt = np.radians(25.0) * right[:, 2] * 2
    tilt[-1] += np.radians(30.0)  # as K at the corner of a body may have it
    found = bend(THROUGH, [right], [right + 0.2 * np.column_stack([np.cos(tilt), np.sin(tilt), np.zeros(15)])])
    assert found.alarm and "1 of 15 by more than 20 %" in found.note and 0.2 * 0.2 < found.miss < 0.5 * 0.2
    tilt[[4, 9]] += np.radians(35.0)
    with pytest.raises(GrowthStopped, match="3 of 15 points of the new front by more than"):
        bend(THROUGH, [right], [right + 0.2 * np.column_stack([np.cos(tilt), np.sin(tilt), np.zeros(15)])])
    wild = np.radians(60.0) * (-1.0) ** np.arange(15)
    with pytest.raises(GrowthStopped, match="no_chart"):
        bend(THROUGH, [right], [right + 0.2 * np.column_stack([np.cos(wild), np.sin(wild), np.zeros(15)])])
