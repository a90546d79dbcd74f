"""Cracks of a pane in plan: where tips end, what they enclose."""

import itertools
import math

import numpy as np
import pytest
import shapely

from deadlight.errors import InputError
from deadlight.membrane.heating import PlaneHeating, RimFlaws, share
from deadlight.membrane.mesh import slit_mesh
from deadlight.membrane.network import Network
from deadlight.membrane.running import _reaches

SQUARE = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])


def test_a_crack_across_makes_two_cells() -> None:
    net = Network(SQUARE)
    tip = net.start(np.array([0.3, -0.01]), 0.1)
    assert tip.heading == pytest.approx([0.0, 1.0])
    while net.tips:
        net.advance(tip, tip.heading, 0.2)
    assert [c.area for c in net.cells()] == pytest.approx([0.7, 0.3])
    assert list(net.ended.values()) == ["rim"]
    assert net.length == pytest.approx(1.0)


def test_a_tip_ends_on_another_crack_and_encloses_an_island() -> None:
    """Fork 45 degrees either way; both branches are bent back and meet each other: a square stands alone."""
    net = Network(SQUARE)
    tip = net.start(np.array([0.5, 0.0]), 0.2)
    left, right = net.fork(tip, math.pi / 4)
    for each in (left, right):
        net.advance(each, each.heading, 0.3)
    for each, angle in ((left, math.pi / 4), (right, 3 * math.pi / 4)):
        net.advance(each, np.array([math.cos(angle), math.sin(angle)]), 0.29)
    assert not net.tips  # nearer to each other than 0.3 of a step
    cells = net.cells()
    assert [c.area for c in cells] == pytest.approx([1.0 - 0.09, 0.09], rel=0.05)
    assert len(cells[0].interiors) == 1  # it touches the rim nowhere


def test_a_crack_ends_where_it_meets_another() -> None:
    net = Network(SQUARE)
    one = net.start(np.array([0.5, 0.0]), 0.2)
    while net.tips:
        net.advance(one, one.heading, 0.2)
    two = net.start(np.array([0.0, 0.7]), 0.3)
    assert net.advance(two, two.heading, 0.3)
    assert "crack" in net.ended.values()
    assert sorted(c.area for c in net.cells()) == pytest.approx([0.15, 0.35, 0.5])


def _crossings(net: Network) -> int:
    """Pairs of cracks that meet elsewhere than at a common vertex."""
    lines = [shapely.LineString([net.points[a], net.points[b]]) for a, b in net.edges]
    return sum(
        one.crosses(two)
        for (i, one), (j, two) in itertools.combinations(enumerate(lines), 2)
        if not {*net.edges[i]} & {*net.edges[j]}
    )


def test_a_crack_drawn_to_a_vertex_ends_on_what_lies_between() -> None:
    """The tip would meet the right crack at y = 0.5, near its vertex at 0.55; the way to that crosses a third crack."""
    net = Network(SQUARE)
    tip = net.start(np.array([0.0, 0.5]), 0.2)
    v, w, a, b = (net._add(np.array(x)) for x in ((0.6, 0.55), (0.6, 0.1), (0.56, 0.52), (0.56, 0.7)))
    net.edges += [(v, w), (a, b)]
    assert net.advance(tip, tip.heading, 0.4)
    assert _crossings(net) == 0
    assert net.points[net.edges[-1][1]] == pytest.approx([0.56, 0.52])  # the nearest vertex of the third


def test_vertices_stay_where_the_straight_way_would_cross_a_crack() -> None:
    net = Network(SQUARE)
    a, v, b = (net._add(np.array(x)) for x in ((0.2, 0.5), (0.4, 0.52), (0.6, 0.5)))
    c, d = (net._add(np.array(x)) for x in ((0.4, 0.2), (0.4, 0.51)))
    net.edges = [(a, v), (v, b)]
    net.thin(0.05, 1.0, 0.0)
    assert net.edges == [(a, b)]
    net.edges = [(a, v), (v, b), (c, d)]
    net.thin(0.05, 1.0, 0.0)
    assert len(net.edges) == 3
    assert _crossings(net) == 0


def test_the_mesh_is_slit_and_covers_the_pane() -> None:
    """Faces of a crack have nodes of their own but at its tip; quarter points at the tip."""
    net = Network(SQUARE)
    tip = net.start(np.array([0.5, 0.0]), 0.2)
    net.advance(tip, tip.heading, 0.2)
    mesh = slit_mesh(net, 0.2, 0.1)
    same = mesh.left[:, :2] == mesh.right[:, :2]
    assert same.sum() == 1
    k, ends = mesh.tips[tip.vertex]
    here, far = (1, 0) if ends else (0, 1)
    side = mesh.points[mesh.left[k]]
    assert side[2] == pytest.approx(0.75 * side[here] + 0.25 * side[far])
    corner = mesh.points[mesh.cells[:, :3]]
    a, b = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    assert 0.5 * (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum() == pytest.approx(1.0)
    length = np.linalg.norm(mesh.points[mesh.rim[:, 1]] - mesh.points[mesh.rim[:, 0]], axis=1)
    assert length.sum() == pytest.approx(4.0)


def test_a_ratio_is_reached_between_two_instants() -> None:
    time, ratio = np.array([10.0, 20.0, 30.0]), np.array([0.5, 0.9, 1.4])
    assert _reaches(time, ratio, None) == pytest.approx(22.0)
    assert _reaches(time, ratio, 25.0) == pytest.approx(25.0)
    assert _reaches(time, ratio * 0.5, None) is None
    assert _reaches(time, ratio * 4.0, None) == pytest.approx(5.0)


def test_heating_between_its_points_and_instants() -> None:
    """A field linear in place and time is met exactly, past its outermost points that of the nearest."""
    u = np.linspace(0.0, 1.0, 9)
    places = np.array([[x, y] for x in u for y in u])
    time = np.array([1.0, 3.0])
    heating = PlaneHeating(time, places, np.outer(time, 2.0 + places[:, 0] - places[:, 1]))
    x = np.array([[0.31, 0.77], [0.5, 0.5], [1.2, 0.0]])
    assert heating.at(x, 2.0)[0] == pytest.approx(2.0 * np.array([1.54, 2.0, 3.0]), rel=1e-3)
    assert share(time, 0.0) == pytest.approx([1.0, 0.0])
    with pytest.raises(InputError, match="for 2 instants"):
        PlaneHeating(time, places, np.zeros((3, len(places))))
    with pytest.raises(InputError, match="flaws"):
        RimFlaws(np.zeros((2, 2)), np.ones(3), np.ones((1, 3)))


def test_a_rim_that_is_not_simple_is_refused() -> None:
    with pytest.raises(InputError, match="counter-clockwise"):
        Network(SQUARE[::-1])
