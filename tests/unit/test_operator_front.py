"""What is read off at a front: filters along it, its frame, K from an opening that is known, and its energy."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from deadlight.operator.front import carried_out, energy_release, front_frame, intensity, shut_near
from deadlight.operator.history import without_overlap
from deadlight.operator.leading import Behind, _located, behind, leading
from deadlight.operator.smooth import ALTERNATING, smoothed, weights
from deadlight.surface.mesh import Q9, TIP, Front, SurfaceMesh

NONE = np.zeros(0, dtype=np.int64)


@pytest.mark.parametrize("count", [3, 5])
def test_filter_keeps_polynomials_and_takes_out_what_alternates(count):
    x = np.array([[-2.0, -0.9, 0.1, 1.2, 2.1], [-3.0, -1.0, 0.0, 0.5, 4.0]])[:, (5 - count) // 2 :][:, :count]
    w = weights(x * 1e-3)
    for power in range(count - 1):
        assert (w * (1e-3 * x) ** power).sum(axis=1) == pytest.approx(float(power == 0), abs=1e-12)
    assert w @ ALTERNATING[:count] == pytest.approx(0.0, abs=1e-12)


def test_filter_of_equal_steps_is_the_one_of_sixteenths():
    assert 16 * weights(np.array([[-2.0, -1, 0, 1, 2]]))[0] == pytest.approx(np.array([-1.0, 4, 10, 4, -1]))
    assert 4 * weights(np.array([[-1.0, 0, 1]]))[0] == pytest.approx(np.array([1.0, 2, 1]))


def alternating(n):
    return (-1.0) ** np.arange(n)


def test_a_closed_front_keeps_what_is_smooth_round_its_end():
    """Cubic across the joint, taken locally: a slow wave keeps its values to the fourth order of its steps."""
    rng = np.random.default_rng(2)
    n, length = 64, 3.0
    arc = length * (np.arange(n) + 0.2 * rng.random(n)) / n
    k = np.stack([np.cos(2 * np.pi * arc / length), np.ones(n)], axis=-1)[None]
    assert smoothed(k, arc, length, True) == pytest.approx(k, abs=3e-4)
    found = smoothed(k + 0.1 * alternating(n)[None, :, None], arc, length, True)
    assert found == pytest.approx(k, abs=3e-4)


@pytest.mark.parametrize("n", [9, 10, 15])
def test_an_open_front_loses_what_alternates_but_for_its_end_elements(n):
    arc = np.sort(np.random.default_rng(n).random(n)) * 2.0
    line = np.stack([1.0 + arc, 2.0 - 3 * arc], axis=-1)[None]
    found = smoothed(line + alternating(n)[None, :, None], arc, 2.0, False)
    assert found[:, 3:-3] == pytest.approx(line[:, 3:-3])
    assert found[:, :3] == pytest.approx((line + alternating(n)[None, :, None])[:, :3])
    assert found[:, -3:] == pytest.approx((line + alternating(n)[None, :, None])[:, -3:])
    cubic = (arc**3)[None, :, None]
    inside = smoothed(cubic, arc, 2.0, False)
    assert inside[:, 4 : n - 4] == pytest.approx(cubic[:, 4 : n - 4])
    edge = smoothed(arc[None, :, None] ** 2, arc, 2.0, False)  # three places hold a line, no parabola
    assert abs(edge[0, 3, 0] - arc[3] ** 2) > 1e-6 and abs(edge[0, n - 4, 0] - arc[n - 4] ** 2) > 1e-6


def test_short_fronts_stay_as_they_are_and_the_given_values_too():
    k, arc = alternating(8)[None, :, None], np.arange(8.0)
    assert np.array_equal(smoothed(k, arc, 8.0, True), k) and np.array_equal(smoothed(k, arc, 8.0, False), k)
    k, arc = alternating(12)[None, :, None], np.arange(12.0)
    smoothed(k, arc, 12.0, False)
    assert np.array_equal(k[0, :, 0], alternating(12))


def straight_front(n, arc=None):
    arc = np.linspace(0, 1, n) ** 1.3 if arc is None else arc
    return SimpleNamespace(arc=arc, point=np.column_stack([arc, 0 * arc, 0 * arc]), width=np.full(n, 0.01))


@pytest.mark.parametrize("n", [7, 12])
def test_ends_are_carried_out_by_a_parabola_or_a_line(n):
    frame = straight_front(n)
    parabola, line = (np.stack([f(frame.arc), -2 * f(frame.arc)], axis=-1)[None] for f in (np.square, lambda x: 1 - x))
    spoilt = parabola.copy()
    spoilt[:, [0, 1, -1, -2]] = 99.0
    assert carried_out(spoilt, frame) == pytest.approx(parabola)
    assert carried_out(parabola + 7 * line, frame) == pytest.approx(parabola + 7 * line)
    spoilt = line.copy()
    spoilt[:, [0, 1, -1, -2]] = 99.0
    before = spoilt.copy()
    assert carried_out(spoilt, frame, straight=True) == pytest.approx(line)
    assert np.array_equal(spoilt, before)


def test_a_line_to_the_ends_goes_through_the_first_and_the_third_inside():
    frame, k = straight_front(9, np.arange(9.0)), np.zeros((1, 9, 1))
    k[0, :, 0] = [0, 0, 1, 77, 5, 77, 8, 0, 0]
    k[0, 4:7, 0] = 5.0, 77.0, 8.0
    found = carried_out(k, frame, straight=True)[0, :, 0]
    assert found[:2] == pytest.approx([-3.0, -1.0]) and found[7:] == pytest.approx([9.5, 11.0])


def test_a_front_of_six_has_no_inside_to_carry_out_from():
    k = np.arange(6.0)[None, :, None] ** 3
    assert np.array_equal(carried_out(k, straight_front(6)), k)


def test_faces_that_press_within_three_ring_widths_shut_a_front_point():
    frame = straight_front(5, 0.1 * np.arange(5.0))
    frame.width = np.array([0.01, 0.01, 0.02, 0.01, 0.01])
    points = np.array([[0.0, 0.029, 0], [0.1, 0.031, 0], [0.2, 0.059, 0], [9.0, 9, 9]])
    pressing = np.array([[True, True, True, True], [False, False, True, False], [False] * 4])
    assert shut_near(points, frame, pressing).tolist() == [
        [True, False, True, False, False],
        [False, False, True, False, False],
        [False] * 5,
    ]
    assert not shut_near(points, frame, np.zeros((3, 4), dtype=bool)).any()
    assert shut_near(points, frame, np.zeros((3, 4), dtype=bool)).shape == (3, 5)


def test_energy_release_is_the_stress_intensity_times_half_the_opening_closed_back():
    """Irwin's integral: G = lim 1/(2 d) int stress(r) D(d - r) dr, stress K / sqrt(2 pi r), D by the plane strain
    opening 8 (1 - nu^2) K / E sqrt(r / 2 pi) of K_I and K_II, 8 (1 + nu) K / E sqrt(r / 2 pi) of K_III."""
    young, nu = 70e9, 0.2
    beta = np.pi / 2  # int_0^1 sqrt((1 - x) / x) dx
    k = np.array([[1e6, 0, 0], [0, 2e6, 0], [0, 0, 3e6], [1e6, -2e6, 3e6]])
    share = np.array([1 - nu**2, 1 - nu**2, 1 + nu]) * 8 / (4 * np.pi) * beta / young
    assert energy_release(k, young, nu) == pytest.approx((k**2) @ share)
    assert energy_release(k[None], young, nu).shape == (1, 4)


def test_only_the_opening_mode_is_kept_from_below_nought():
    k = np.array([[-1.0, -2, -3], [1, 2, 3]])
    assert without_overlap(k).tolist() == [[0, -2, -3], [1, 2, 3]]
    assert k[0, 0] == -1.0


def strip(n, *, closed=False, width=0.2, bend=0.0):
    """A ring of n elements along a straight front (or round a circle), nine nodes each, ahead is outwards (+y)."""
    corners = n if closed else n + 1
    count = 2 * n if closed else 2 * n + 1
    u = np.arange(count) / count * (0.9 + 0.1 * np.arange(count) / count) if closed else np.linspace(0, 1, count)
    if closed:
        out = np.column_stack([np.cos(2 * np.pi * u), np.sin(2 * np.pi * u), 0 * u])
        edge = out
    else:
        out = np.tile([0.0, 1.0, 0.0], (count, 1))
        edge = np.column_stack([u, 0 * u, bend * u**2])
    rows = [edge, edge - 0.25 * width * out, edge - width * out]
    points = np.concatenate(rows)
    assert corners <= count
    cells, at = [], lambda row, i: row * count + i % count
    for e in range(n):
        a, m, b = 2 * e, 2 * e + 1, 2 * e + 2
        cells.append([at(0, a), at(0, b), at(2, b), at(2, a), at(0, m), at(1, b), at(2, m), at(1, a), at(1, m)])
    nodes = np.arange(count)
    front = Front(nodes, count + nodes, 2 * count + nodes, closed)
    kind = np.full(n, TIP)
    ties = (NONE, NONE, np.zeros(0))
    zero = np.zeros(n, dtype=np.int64)
    return SurfaceMesh(points, np.array(cells), kind, zero, (front,), ties, nodes, np.arange(3 * count)), front


@pytest.mark.parametrize("closed", [True, False])
def test_frame_is_right_handed_and_points_into_uncracked_material(closed):
    mesh, front = strip(10, closed=closed)
    frame = front_frame(mesh, front)
    p = frame.point
    assert np.array_equal(p, mesh.points[front.nodes])
    ahead = p / np.linalg.norm(p, axis=1, keepdims=True) if closed else np.tile([0.0, 1, 0], (len(p), 1))
    exact = 3e-2 if closed else 1e-12
    assert frame.ahead == pytest.approx(ahead, abs=exact)
    assert frame.normal == pytest.approx(np.tile([0, 0, 1.0 if closed else -1.0], (len(p), 1)), abs=1e-12)
    assert frame.along == pytest.approx(np.cross(frame.ahead, frame.normal))
    for axis in (frame.ahead, frame.normal, frame.along):
        assert np.linalg.norm(axis, axis=1) == pytest.approx(1.0)
    assert frame.width == pytest.approx(0.2, rel=1e-3)
    step = np.linalg.norm(np.diff(p, axis=0), axis=1)
    assert frame.arc == pytest.approx(np.concatenate([[0], np.cumsum(step)]))
    whole = step.sum() + (np.linalg.norm(p[-1] - p[0]) if closed else 0.0)
    assert frame.length == pytest.approx(whole)
    assert np.flatnonzero(frame.vertex).tolist() == ([] if closed else [0, 1, 19, 20])
    assert (frame.behind.weight[:, 2:] == 0).all()  # no triangles behind this ring


def test_normal_of_a_front_is_that_of_its_elements():
    """Cells run along the front and then back from it: their right-hand normal is -z here, and so is the front's."""
    mesh, front = strip(8)
    assert front_frame(mesh, front).normal == pytest.approx(np.tile([0, 0, -1.0], (17, 1)))


def test_frame_follows_a_front_that_bends_out_of_its_plane():
    mesh, front = strip(12, bend=0.3)
    frame = front_frame(mesh, front)
    slope = 0.6 * frame.point[:, 0]
    tangent = np.column_stack([np.ones(25), 0 * slope, slope]) / np.sqrt(1 + slope**2)[:, None]
    assert np.abs(np.einsum("ki,ki->k", frame.along, tangent)) == pytest.approx(1.0, abs=1e-6)
    assert np.einsum("ki,ki->k", frame.normal, tangent) == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("ring_only", [True, False])
def test_k_of_an_opening_of_two_terms_is_that_of_its_first(closed, ring_only):
    """D = A sqrt(r) + B r^(3/2) with A = 4 / sqrt(2 pi) ((1 - nu) K_I n + (1 - nu) K_II b + K_III t) / mu."""
    mesh, front = strip(10, closed=closed)
    frame, mu, nu = front_frame(mesh, front), 30e9, 0.2
    k = np.array([1e6, -2e6, 0.7e6])
    a = 4 / np.sqrt(2 * np.pi) / mu * np.array([1 - nu, 1 - nu, 1]) * k
    axes = np.stack([frame.normal, frame.ahead, frame.along])
    rise = np.einsum("c,cki->ki", a, axes)
    more = np.random.default_rng(3).standard_normal(rise.shape) * np.abs(rise).max()
    if not closed:
        more[[0, -1]] = 0.0  # plain quadratic functions there
    opening = np.zeros((2, len(mesh.points), 3))
    for nodes, share in ((front.quarter, 0.25), (front.inner, 1.0)):
        r = (share * frame.width)[:, None]
        opening[0, nodes] = rise * np.sqrt(r) + more * r**1.5
    opening[1] = -3 * opening[0]
    found = intensity(opening, front, frame, mu, nu, ring_only=ring_only)
    assert found == pytest.approx(
        np.stack([np.tile(k, (len(axes[0]), 1)), np.tile(-3 * k, (len(axes[0]), 1))]), rel=1e-9
    )


def test_sides_on_a_mouth_are_read_by_the_plain_quarter_point_element():
    """D = A sqrt(r) + B r there: 2 D(h/4) / sqrt(h/4) - D(h) / sqrt(h) = A."""
    mesh, front = strip(5)
    frame = front_frame(mesh, front)
    opening = np.zeros((1, len(mesh.points), 3))
    for nodes, share in ((front.quarter, 0.25), (front.inner, 1.0)):
        r = share * frame.width
        opening[0, nodes, 2] = (5 + np.arange(11)) * np.sqrt(r) + 7 * r
    found = leading(opening, front, frame.width, frame.behind)[0, :, 2]
    assert found[[0, -1]] == pytest.approx([5.0, 15.0])
    assert np.abs(found - 5.0 - np.arange(11))[1:-1].min() > 0.1


def test_points_behind_a_front_count_as_far_as_triangles_of_the_same_crack_go():
    """Triangles of the crack behind the left half of the ring's two widths, of another crack behind the right half."""
    mesh, front = strip(8)
    frame = front_frame(mesh, front)
    corners = []
    for low, high in ((-0.01, 0.5), (0.5, 1.01)):
        a, b, c, d = [low, -0.2, 0], [high, -0.2, 0], [high, -0.39, 0], [low, -0.39, 0]
        corners += [[a, d, c], [a, c, b]]
    corners = np.array(corners)
    six = np.concatenate([corners, 0.5 * (corners + corners[:, [1, 2, 0]])], axis=1)
    n = len(mesh.points)
    cells = np.full((4, 9), -1)
    cells[:, :6] = n + np.arange(24).reshape(4, 6)
    more = dataclasses.replace(
        mesh,
        points=np.concatenate([mesh.points, six.reshape(-1, 3)]),
        cells=np.concatenate([mesh.cells, cells]),
        kind=np.concatenate([mesh.kind, np.zeros(4, dtype=np.int64)]),
        surface=np.concatenate([mesh.surface, [0, 0, 1, 1]]),
        place=np.arange(n + 24),
    )
    points = behind(more, front, frame.ahead, frame.width)
    counted = (points.weight[:, 2:] != 0).sum(axis=1)
    assert counted.tolist() == [0] + [3] * 7 + [3] + [0] * 8  # 1.25, 1.5 and 1.75 widths of 0.2, two would be 0.4
    assert points.weight.sum(axis=1) == pytest.approx(1.0)
    assert points.distance == pytest.approx(0.2 * np.tile([1.25, 1.5, 1.75, 2.0, 2.25, 2.5], (17, 1)))
    at = np.einsum("kpa,kpai->kpi", points.value, more.points[points.node])[1:8, :3]
    expected = frame.point[1:8, None] - points.distance[1:8, :3, None] * frame.ahead[1:8, None]
    assert at == pytest.approx(expected, abs=1e-12)
    right = behind(more, dataclasses.replace(front, crack=1), frame.ahead, frame.width)
    assert (right.weight[:, 2:] != 0).sum(axis=1).tolist() == [0] * 8 + [3] * 8 + [0]
    for off, reach in ((0.05, 3), (0.07, 0)):  # of a width of 0.2 by 0.3 at most
        aside = more.points.copy()
        aside[n:, 2] += off
        found = behind(dataclasses.replace(more, points=aside), front, frame.ahead, frame.width)
        assert (found.weight[:, 2:] != 0).sum(axis=1)[1:8].tolist() == [reach] * 7
    alone = points.none()
    assert (alone.weight[:, 2:] == 0).all() and alone.weight[:, :2] == pytest.approx(np.tile([4 / 3, -1 / 3], (17, 1)))


def test_leading_term_takes_the_points_behind_at_their_own_distance():
    """D = A sqrt(r) everywhere: any weights that add up to one give A."""
    front = Front(np.array([0]), np.array([1]), np.array([2]), True)
    rng = np.random.default_rng(1)
    width, distance = np.array([0.04]), np.array([[0.05, 0.09]])
    weight = np.array([[0.5, -0.3, 1.1, -0.3]])
    node = np.array([[[3] * 6, [4] * 6]])
    value = rng.random((1, 2, 6))
    value /= value.sum(axis=2, keepdims=True)
    root = np.sqrt([0.0, 0.01, 0.04, 0.05, 0.09])
    opening = root[None, :, None] * np.array([2.0, -1.0, 0.5])
    found = leading(opening, front, width, Behind(node, value, distance, weight))
    assert found[0, 0] == pytest.approx([2.0, -1.0, 0.5])


def test_points_are_found_in_the_triangle_they_lie_in_and_not_in_one_far_off_its_plane():
    corner = np.array([[[0.0, 0, 0], [1, 0, 0], [0, 2, 0]], [[0.0, 0, 1], [2, 0, 1], [0, 1, 1]]])
    x = np.array([[0.2, 0.5, 0.02], [0.6, 0.1, 0.95], [0.3, 0.3, 0.5], [-0.1, 0.5, 0.0]])
    at, st, inside = _located(corner, x, np.full(4, 0.1))
    assert at[[0, 1, 3]].tolist() == [0, 1, 0]
    assert st[:2] == pytest.approx(np.array([[0.2, 0.25], [0.3, 0.1]]))
    assert inside[:2] == pytest.approx([0.2, 0.1]) and inside[2] == -np.inf and inside[3] == pytest.approx(-0.1)
    skewed = np.array([[[0.0, 0, 0], [1, 0, 0], [0.7, 1.5, 0]]])
    _, st, inside = _located(skewed, 0.2 * skewed[:, 1] + 0.5 * skewed[:, 2], np.ones(1))
    assert st == pytest.approx(np.array([[0.2, 0.5]])) and inside == pytest.approx(0.2)


def test_a_ring_of_another_kind_of_element_is_no_ring():
    """Only elements at the front make its frame: plain squares on the same nodes do not."""
    mesh, front = strip(6)
    extra = mesh.cells[:1, [1, 0, 3, 2, 4, 7, 6, 5, 8]]  # turned over
    more = dataclasses.replace(
        mesh,
        cells=np.concatenate([mesh.cells, extra]),
        kind=np.concatenate([mesh.kind, [Q9]]),
        surface=np.zeros(7, dtype=np.int64),
    )
    assert front_frame(more, front).normal == pytest.approx(front_frame(mesh, front).normal)
