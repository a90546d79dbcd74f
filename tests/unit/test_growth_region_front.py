"""A front carried on in its chart: local quadratics, Gauss's filter, runs between corners, ends beyond the skin."""

import itertools

import numpy as np
import pytest
import shapely

from deadlight.growth.region_front import (
    FAIR,
    _faired,
    _nodes,
    _outwards,
    _stations,
    carried,
    regressed,
    thinned,
)  # fmt: skip
from deadlight.surface.crack_curve import FineCurve


def twin(node, value, s, smooth, where):
    """Weighted quadratics one by one, by another solver; `where` counts nodes."""
    found = []
    for here, count in zip(s, where):
        weight = np.exp(-0.5 * ((count - np.arange(len(node))) / smooth) ** 2)
        found.append(np.polyfit(node - here, value, 2, w=np.sqrt(weight))[-1])
    return np.array(found)


@pytest.mark.parametrize("smooth", [1.2, 2.5])
def test_values_at_even_nodes_are_those_of_weighted_quadratics(smooth):
    node, value = 0.3 * np.arange(20.0), np.random.default_rng(1).normal(size=20)
    s = np.random.default_rng(2).uniform(0.0, node[-1], 40)
    found = regressed(node, value, s, smooth, None)
    np.testing.assert_allclose(found, twin(node, value, s, smooth, s / 0.3), atol=1e-9)


def test_quadratics_stay_as_they_are_on_uneven_nodes_and_at_ends():
    node = np.cumsum(np.random.default_rng(3).uniform(0.2, 1.0, 15))
    s = np.concatenate([node, [node[0], node[-1]]])
    for c in np.eye(3):
        np.testing.assert_allclose(regressed(node, np.polyval(c, node), s, 1.2, None), np.polyval(c, s), atol=1e-8)


@pytest.mark.parametrize(("count", "off"), [(6, 1e-3), (30, 1e-6)])
def test_round_a_closed_front_it_does_not_matter_where_nodes_begin(count, off):
    rng = np.random.default_rng(count)
    node, value = np.sort(rng.uniform(0.0, 10.0, count)), rng.normal(size=count)
    s = rng.uniform(0.0, 10.0, 25)
    first = regressed(node, value, s, 1.2, 10.0)
    for k in range(1, count, 5):
        begun = node[k]
        moved = np.mod(np.roll(node, -k) - begun, 10.0)
        again = regressed(moved, np.roll(value, -k), np.mod(s - begun, 10.0), 1.2, 10.0)
        np.testing.assert_allclose(again, first, atol=off)


def test_few_nodes_are_passed_through_and_one_node_moves_all():
    node, value = np.array([0.0, 1.0, 2.5, 4.0]), np.array([1.0, 3.0, 2.0, 2.5])
    np.testing.assert_allclose(regressed(node, value, node, 1.2, None), value, atol=1e-12)
    count = np.arange(9.0)
    np.testing.assert_allclose(regressed(count, count % 2, count, 0.0, None), count % 2)
    np.testing.assert_array_equal(regressed(node[:1], value[:1], np.linspace(0, 1, 5), 1.2, None), 1.0)
    assert np.ptp(regressed(np.arange(5.0), np.arange(5) % 2.0, np.arange(5.0), 1.2, None)) < 0.9, "five are smoothed"


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("wave", [0.3, 0.6, 1.5, 6.0])
def test_what_is_finer_than_the_step_leaves_a_front_by_twice_the_weights_less_their_square(wave, closed):
    """Of a wave of number k 2 S - S^2 is left, S = exp(-(k w)^2 / 2), w a tenth of the step."""
    step = 1.0
    if closed:
        many = round(60.0 / wave)
        radius = many * wave / (2.0 * np.pi)
        angle = np.linspace(0.0, 2.0 * np.pi, 4000, endpoint=False)
        out = np.column_stack([np.cos(angle), np.sin(angle)])
        line = (radius + 1e-3 * np.cos(many * angle))[:, None] * out
        found = (np.linalg.norm(_faired(line, np.full(4000, step), step, closed=True), axis=1) - radius) @ np.cos(
            many * angle
        ) / 2000.0
    else:
        x = np.linspace(0.0, 60.0, 4001)
        line = np.column_stack([x, 1e-3 * np.sin(2.0 * np.pi / wave * x)])
        new = _faired(line, np.full(4001, step), step, closed=False)
        whole = np.sin(2.0 * np.pi / wave * x)
        found = new[:, 1] @ whole / (whole @ whole)
        assert np.abs(new[:, 1] - found * whole).max() < 2e-5 and np.abs(new[:, 0] - x).max() < 1e-5, "at its ends too"
    s = np.exp(-0.5 * (2.0 * np.pi / wave * FAIR * step) ** 2)
    assert found / 1e-3 == pytest.approx(2.0 * s - s**2, abs=4e-3)


def test_where_a_front_stays_it_is_not_faired_and_where_it_hardly_moves_by_a_share():
    x = np.linspace(0.0, 60.0, 4001)
    line = np.column_stack([x, 1e-3 * np.sin(20.0 * x)])
    across = np.select([x < 20.0, x < 40.0], [0.0, 0.25 * FAIR], 1.0)
    new = _faired(line, across, 1.0, closed=False)
    np.testing.assert_array_equal(new[x < 20.0], line[x < 20.0])
    part, most = (np.abs(new[m, 1]).max() for m in ((x > 25.0) & (x < 35.0), (x > 45.0) & (x < 55.0)))
    left = 1e-3 * (1.0 - (1.0 - np.exp(-0.5 * (20.0 * FAIR) ** 2)) ** 2)
    assert most == pytest.approx(left, rel=0.02) and part == pytest.approx(0.75e-3 + 0.25 * left, rel=0.02)
    np.testing.assert_array_equal(_faired(line[:11], across[:11] + 1.0, 1.0, closed=False), line[:11])


@pytest.mark.parametrize("closed", [True, False])
def test_points_that_fall_together_are_faired_together(closed):
    angle = np.linspace(0.0, 2.0 * np.pi, 400, endpoint=not closed)
    line = (1.0 + 0.01 * np.cos(40 * angle))[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    if not closed:
        line[:, 0] += angle
    across, step = np.full(400, 1.0), 0.5
    plain = _faired(line, across, step, closed=closed)
    twice = np.sort(np.concatenate([np.arange(400), [0, 150, 398, 399]]))
    again = _faired(line[twice], np.ones(404), step, closed=closed)
    assert np.abs(plain - line).max() > 5e-3
    np.testing.assert_allclose(again, plain[twice], atol=1e-9)


def test_a_closed_front_is_faired_where_it_begins_as_elsewhere():
    """Of ripples a fifth of the step long 1.4 % is left: a quarter is far from all of them."""
    angle = np.linspace(0.0, 2.0 * np.pi, 3001)
    step = 0.2
    many = round(2.0 * np.pi / (0.2 * step) / 1.2)
    ring = (1.0 + 1e-5 * np.cos(many * angle))[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    at = np.column_stack([np.cos(angle[:-1:75]), np.sin(angle[:-1:75])])
    found = carried(0, ring, at, step * at, beyond=0.0)
    ripple = np.linalg.norm(found.new, axis=1) - (1.0 + step)
    assert np.abs(ripple).max() < 2.5e-6


def test_a_front_has_a_point_every_so_often_along_it_and_along_its_turn():
    """A stadium: 240 points along its length, and one more in every 0.7 degrees of its two half circles."""
    half = np.linspace(-0.5 * np.pi, 0.5 * np.pi, 91)
    arc = np.column_stack([np.cos(half), np.sin(half)])
    ring = np.concatenate([arc + [3.0, 0.0], -arc - [3.0, 0.0]])
    ring = np.concatenate([ring, ring[:1]])
    found = carried(0, ring, ring[:-1:5], 0.0 * ring[:-1:5], beyond=0.0)
    length = 12.0 + 2.0 * np.pi
    gap = np.linalg.norm(found.old - np.roll(found.old, -1, axis=0), axis=1)
    on_arc = (np.abs(found.old[:, 0]) > 3.0 + 1e-9) & (np.abs(np.roll(found.old, -1, axis=0)[:, 0]) > 3.0 + 1e-9)
    assert gap.max() < 1.02 * length / 240
    per_metre = 240 / length + 1.0 / np.radians(0.7)
    assert gap[on_arc].max() < 1.5 / per_metre and on_arc.sum() < 2.5 * 2.0 * np.pi * per_metre
    assert len(found.old) < 240 + 2.2 * 360 / 0.7


def test_nodes_lie_where_they_are_nearest_to_the_polyline():
    rng = np.random.default_rng(4)
    angle = np.linspace(0.0, 1.9 * np.pi, 90)
    line = np.column_stack([2.0 * np.cos(angle), np.sin(angle)])
    curve = FineCurve.of(line)
    at = line[rng.integers(0, 89, 200)] + rng.normal(0.0, 0.05, (200, 2))
    expected = shapely.line_locate_point(shapely.LineString(line), shapely.points(at))
    np.testing.assert_allclose(_stations(curve, at), expected, atol=1e-12)
    ring = FineCurve.of(np.concatenate([line, line[:1]]))
    found = _stations(ring, np.array([ring.points[0], 0.5 * (ring.points[0] + ring.points[-1])]))
    gap = np.linalg.norm(ring.points[0] - ring.points[-1])
    np.testing.assert_allclose(found, [0.0, ring.length - 0.5 * gap], atol=1e-12)


@pytest.mark.parametrize("run", [(0.60, 0.66), (0.32, 0.38), (0.02, 0.08), (0.74, 0.78)])
def test_a_run_shorter_than_an_element_moves_as_the_node_nearest_to_its_middle(run):
    curve = FineCurve.of(np.column_stack([np.linspace(0.0, 1.0, 30), np.zeros(30)]))
    station, move = np.array([0.0, 0.3, 0.55, 0.9]), np.random.default_rng(5).normal(size=(4, 2))
    node, moved = _nodes(curve, station, move, *run)
    nearest = int(np.abs(station - sum(run) / 2.0).argmin())
    assert node.tolist() == [np.clip(station[nearest], *run)] and np.array_equal(moved, move[[nearest]])


def test_a_run_has_the_nodes_on_it_each_once_and_the_last_of_a_closed_front_ends_on_its_first():
    """A square begins at a corner: the node there is the first of its first side and the last of its last."""
    ring = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]])
    curve = FineCurve.of(ring)
    station, move = np.array([0.0, 0.5, 1.0, 1.0 + 1e-7, 1.5, 2.0, 3.0, 3.5]), np.arange(16.0).reshape(8, 2)
    node, moved = _nodes(curve, station, move, 3.0, 4.0)
    np.testing.assert_allclose(node, [3.0, 3.5, 4.0])
    np.testing.assert_array_equal(moved, move[[6, 7, 0]])
    node, moved = _nodes(curve, station, move, 1.0, 2.0)
    np.testing.assert_allclose(node, [1.0, 1.5, 2.0])
    np.testing.assert_array_equal(moved, move[[2, 4, 5]])


def test_a_straight_front_moves_in_parallel_and_goes_on_beyond_both_ends():
    """By what was asked and twice the advance, the crack on the left of it."""
    x = np.linspace(0.0, 1.0, 11)
    line = np.column_stack([x, 0.0 * x])
    found = carried(7, line, line, np.tile([0.0, -0.1], (11, 1)), beyond=0.3)
    assert found.front == 7 and not found.closed and found.far == pytest.approx(0.1, abs=1e-9)
    np.testing.assert_allclose(found.old[[0, -1]], [[-0.5, 0.0], [1.5, 0.0]], atol=1e-9)
    np.testing.assert_allclose(found.new[[0, -1]], [[-0.5, -0.1], [1.5, -0.1]], atol=1e-9)
    np.testing.assert_allclose(found.new[found.inner] - found.old[found.inner], np.tile([0.0, -0.1], (
        len(found.old) - 2, 1)), atol=1e-9)  # fmt: skip
    assert found.smoothing.most < 1e-9
    back = carried(7, line, line, np.tile([0.0, 0.1], (11, 1)), beyond=0.3)
    np.testing.assert_array_equal(back.old, back.new)


def test_a_bent_front_goes_on_at_either_end_the_way_it_ends_there():
    """A quarter of a circle that grows by a tenth: from (1, 0) downwards, from (0, 1) to the left."""
    angle = np.linspace(0.0, 0.5 * np.pi, 200)
    line = np.column_stack([np.cos(angle), np.sin(angle)])
    found = carried(0, line, line[::10], 0.1 * line[::10], beyond=0.3)
    np.testing.assert_allclose(found.old[[0, -1]], [[1.0, -0.5], [-0.5, 1.0]], atol=2e-3)
    np.testing.assert_allclose(found.new[[0, -1]], [[1.1, -0.5], [-0.5, 1.1]], atol=4e-3)
    np.testing.assert_allclose(found.new[[1, -2]], [[1.1, 0.0], [0.0, 1.1]], atol=1e-3)


def test_a_square_front_moves_side_by_side_and_keeps_its_corners():
    """Each side as far as its own nodes, along with what they slide: corners are taken by both sides."""
    side = np.linspace(0.0, 1.0, 9)[:-1]
    corner = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    ring = np.concatenate([a + side[:, None] * (b - a) for a, b in itertools.pairwise([*corner, corner[0]])])
    out = np.repeat(np.array([[0.0, -1.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]), 8, axis=0)
    out[::8] += np.roll(out[::8], 1, axis=0)
    found = carried(0, np.concatenate([ring, ring[:1]]), ring, 0.1 * out, beyond=0.0)
    assert found.closed and found.inner == slice(0, len(found.old))
    swept = shapely.Polygon(found.new)
    assert swept.symmetric_difference(shapely.box(-0.1, -0.1, 1.1, 1.1)).area < 0.01


@pytest.mark.parametrize("begin", [0, 3])
def test_moves_that_change_from_node_to_node_are_smoothed_and_told(begin):
    """Of +-e on even nodes of a circle next to nothing is left, so a node was moved by e / (1 + e)."""
    angle = np.linspace(0.0, 2.0 * np.pi, 41)
    ring = np.column_stack([np.cos(angle), np.sin(angle)])
    at, e = np.roll(ring[:-1], begin, axis=0), 0.2
    length = 0.1 * (1.0 + e * (-1.0) ** np.arange(40))
    found = carried(0, ring, at, length[:, None] * at, beyond=0.0)
    far = np.linalg.norm(found.new, axis=1) - 1.0
    assert far == pytest.approx(0.1, rel=0.05)
    assert found.smoothing.most == pytest.approx(e / (1.0 + e), rel=0.1)
    of_nodes = np.sqrt(40 / (40 + len(found.old)))
    assert found.smoothing.rms == pytest.approx(of_nodes * e / (1.0 + e), rel=0.1)


def test_the_way_a_front_leaves_is_that_of_its_end_but_not_far_from_the_usual():
    x = np.linspace(0.0, 40.0, 401)
    usual = np.array([-1.0, 0.0])
    way = _outwards(np.column_stack([x, 0.4 * x]), usual)
    np.testing.assert_allclose(way, -np.array([1.0, 0.4]) / np.hypot(1.0, 0.4))
    hooked = np.array([[0.0, 0.05], [0.02, 0.0], [0.1, 0.0], [0.2, 0.0], [0.3, 0.0], [20.0, 0.0], [40.0, 0.0]])
    np.testing.assert_allclose(_outwards(hooked, usual), [-0.2, 0.05] / np.hypot(0.2, 0.05), atol=1e-12)
    np.testing.assert_array_equal(_outwards(np.column_stack([x, 1.05 * x]), usual), usual)
    assert _outwards(np.column_stack([x, 0.95 * x]), usual)[1] < -0.6
    np.testing.assert_array_equal(_outwards(np.column_stack([-x, 0.1 * x]), usual), usual)


def test_an_outline_keeps_points_far_enough_from_the_one_before_and_from_its_first():
    rng = np.random.default_rng(6)
    angle = np.sort(rng.uniform(0.0, 2.0 * np.pi, 300))
    ring = np.column_stack([np.cos(angle), np.sin(angle)])
    kept = thinned(ring, 0.05)
    gap = np.linalg.norm(kept - np.roll(kept, -1, axis=0), axis=1)
    assert gap.min() >= 0.05 and gap.max() < 0.05 + np.linalg.norm(np.diff(ring, axis=0), axis=1).max() + 0.05
    assert np.array_equal(kept[0], ring[0]) and all((ring == p).all(axis=1).any() for p in kept)
    even = np.column_stack([np.cos(x := np.linspace(0, 6.0, 30)), np.sin(x)])
    assert thinned(even, 0.1) is even
    last = np.concatenate([even, even[:1] + [0.0, -1e-3]])
    np.testing.assert_array_equal(thinned(last, 0.1), even)
