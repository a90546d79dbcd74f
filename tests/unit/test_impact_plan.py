"""Refraction, views, and what through cracks cut off a pane: plain geometry with closed forms."""

import math

import numpy as np
import pytest

from deadlight.errors import InputError
from deadlight.impact.optics import real_depth
from deadlight.impact.plan import Plan, pieces, reach
from deadlight.impact.view import Measured, View

RADIUS = 0.15


def round_plan(points=2048, lip=0.015, thickness=0.01):
    angle = 2 * math.pi * np.arange(points) / points
    return Plan(RADIUS * np.stack([np.cos(angle), np.sin(angle)], axis=-1), thickness, lip)


def square_plan(half=0.1):
    return Plan(half * np.array([[1, -1], [1, 1], [-1, 1], [-1, -1.0]]), 0.01, 0.0)


def ray_out(depth, direction, index):
    """Exit point and direction in front of the face z = 0 of a ray from (0, 0, -depth) (Snell, vectors)."""
    x = direction / np.linalg.norm(direction)
    out = np.array([index * x[0], index * x[1], 0.0])
    out[2] = math.sqrt(1.0 - out[0] ** 2 - out[1] ** 2)
    return np.array([x[0], x[1], 0.0]) * depth / x[2], out


@pytest.mark.parametrize("tilt", [0.0, 20.0, 45.0])
def test_depth_by_focus_is_where_traced_rays_seem_to_come_from(tilt):
    index, depth, small = 1.458, 2e-3, 1e-4
    inside = math.asin(math.sin(math.radians(tilt)) / index)
    found = []
    for neighbours in (  # two rays in the plane of sight, then two beside it
        [(math.sin(inside + d), 0.0, math.cos(inside + d)) for d in (-small, small)],
        [(math.sin(inside), d, math.cos(inside)) for d in (-small, small)],
    ):
        (p, u), (q, v) = (ray_out(depth, np.array(n), index) for n in neighbours)
        along = np.linalg.lstsq(np.stack([u, -v], axis=-1), q - p, rcond=None)[0]  # where the two lines meet
        chief, sight = ray_out(depth, np.array([math.sin(inside), 0.0, math.cos(inside)]), index)
        found.append(-float((p + along[0] * u - chief) @ sight))  # travel behind the face along the line of sight
    in_plane, beside = (real_depth(travel, index=index, tilt=math.radians(tilt)) for travel in found)
    assert in_plane[1] == pytest.approx(depth, rel=1e-6)
    assert beside[0] == pytest.approx(depth, rel=1e-6)


def test_straight_on_the_depth_is_the_index_times_the_travel():
    assert real_depth(1e-3, index=1.5) == pytest.approx((1.5e-3, 1.5e-3))
    for bad in ({"index": 0.9}, {"index": 1.5, "tilt": math.radians(85)}):
        with pytest.raises(InputError):
            real_depth(1e-3, **bad)
    with pytest.raises(InputError):
        real_depth(-1e-3, index=1.5)


def test_from_inside_the_image_is_mirrored_and_a_lean_is_stretched():
    seen = np.array([[3.0, 4.0]])
    assert View("outside").to_pane(seen) == pytest.approx(seen)
    assert View("inside").to_pane(seen) == pytest.approx(np.array([[3.0, -4.0]]))
    leaning = View("outside", tilt=math.radians(60), leaning="radial").to_pane(seen)
    assert leaning == pytest.approx(np.array([[6.0, 4.0]]))
    leaning = View("inside", tilt=math.radians(60), leaning="tangential").to_pane(seen)
    assert leaning == pytest.approx(np.array([[3.0, -8.0]]))
    for bad in ({"side": "left"}, {"side": "inside", "leaning": "up"}, {"side": "inside", "tilt": 1.2}):
        with pytest.raises(InputError):
            View(**bad)


def test_pixels_take_the_scale_and_lengths_do_not():
    z, pixel = np.array([0.0, 1.0]), np.array([2e-5, 3e-5])
    assert Measured(100.0, 10.0, pixels=True).at(z, pixel) == pytest.approx([2e-3, 110 * 3e-5])
    assert Measured(2e-3, 1e-4).at(z, pixel) == pytest.approx([2e-3, 2.1e-3])


def test_way_to_the_rim_is_that_of_a_circle():
    origin = np.array([[0.1, 0.0], [0.0, 0.05], [0.2, 0.0]])
    direction = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 0.0]])
    expected = [math.sqrt(RADIUS**2 - 0.1**2), math.sqrt(RADIUS**2 - 0.05**2), 0.0]
    assert reach(origin, direction, round_plan().polygon) == pytest.approx(expected, abs=1e-6)


def test_a_place_counts_from_the_lip():
    place = round_plan().place(math.radians(30), np.array([5e-3, -2e-3]))
    assert np.hypot(*place.T) == pytest.approx([0.130, 0.137], abs=1e-6)
    assert np.degrees(np.arctan2(place[:, 1], place[:, 0])) == pytest.approx([30, 30])


def test_two_arms_to_the_rim_cut_a_wedge_of_the_right_area():
    """Sector between two radii of a circle from its centre: phi r^2 / 2."""
    phi = math.radians(40)
    ends = [0.2 * np.array([math.cos(a), math.sin(a)]) for a in (0.0, phi)]
    found = pieces(round_plan(), [np.stack([np.zeros(2), e]) for e in ends])
    assert len(found) == 2
    assert found[1].area == pytest.approx(0.5 * phi * RADIUS**2, rel=1e-5)
    assert sum(p.area for p in found) == pytest.approx(math.pi * RADIUS**2, rel=1e-5)
    assert all(p.at_rim for p in found)
    centre = 2 / 3 * RADIUS * math.sin(phi / 2) / (phi / 2)
    assert np.hypot(*found[1].centroid) == pytest.approx(centre, rel=1e-4)


def test_one_arm_cuts_nothing_and_three_cut_three():
    arms = [np.array([[0.0, 0.0], [0.3 * math.cos(a), 0.3 * math.sin(a)]]) for a in (0.1, 2.0, 4.0)]
    assert len(pieces(round_plan(), arms[:1])) == 1
    assert len(pieces(round_plan(), arms)) == 3


def test_cracks_of_different_pits_that_meet_cut_an_island():
    """Three lines that cross pairwise: a triangle of base 0.06 and height 0.04, free of the rim."""
    base, left, right = (-0.04, 0.0, 0.04, 0.0), (-0.0375, -0.01, 0.0075, 0.05), (0.0375, -0.01, -0.0075, 0.05)
    lines = [np.reshape(ends, (2, 2)) for ends in (base, left, right)]
    found = pieces(square_plan(), lines)
    assert len(found) == 2
    assert found[1].area == pytest.approx(0.5 * 0.06 * 0.04)
    assert not found[1].at_rim
    assert len(pieces(square_plan(), lines[:2])) == 1


def test_ligaments_nobody_can_see_count_as_broken():
    lines = [np.array([[-0.0999, 0.0], [0.0999, 0.0]])]  # 0.1 mm short of the rim on both sides
    assert len(pieces(square_plan(), lines)) == 1
    found = pieces(square_plan(), lines, bridge=0.2e-3)
    assert [p.area for p in found] == pytest.approx([0.02, 0.02])
    closed = [np.array([[0.0, 0.0], [0.03, 0.0], [0.0, 0.03], [0.0, 1e-4]])]
    assert len(pieces(square_plan(), closed, bridge=0.05e-3)) == 1


def test_a_pane_that_cannot_be_is_refused():
    turn = np.array([[0.1, -0.1], [0.1, 0.1], [-0.1, 0.1], [-0.1, -0.1]])
    for outline, lip in (
        (turn[[0, 2, 1, 3]], 0.0), (turn + 0.5, 0.0), (turn, 0.2),
        (np.array([[0.1, -0.1], [0.1, 0.1], [0.0, 0.02], [-0.1, 0.1], [-0.1, -0.1]]), 0.0),
    ):  # fmt: skip
        with pytest.raises(InputError):
            Plan(outline, 0.01, lip)
    with pytest.raises(InputError):
        square_plan().seen(0.2)
