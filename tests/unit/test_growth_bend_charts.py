"""Charts of growth out of the surface know no unit of length and no first point of an outline."""

from dataclasses import replace

import numpy as np
import pytest

from deadlight.growth.bend import _between, _creases, bend
from deadlight.growth.stopped import GrowthStopped
from deadlight.surface.chart import Plane
from deadlight.surface.layer import DENSE, Layer, Rim
from deadlight.surface.sheath import Sheath
from deadlight.surface.sheet import Sheet

ANGLE = np.linspace(0, 2 * np.pi, 61)[:-1]
RADIAL = np.column_stack([np.cos(ANGLE), np.sin(ANGLE), np.zeros(60)])
UP = np.array([0, 0, 1.0])
SMALL = 2.0**-10  # about a millimetre; a power of two, so that nothing rounds otherwise


def tilted(front, tilt, length):
    """Where points (n, 3) of a penny's rim go."""
    way = front / np.linalg.norm(front, axis=1)[:, None]
    return front + length[:, None] * (np.cos(tilt)[:, None] * way + np.sin(tilt)[:, None] * UP)


@pytest.mark.parametrize("s", [SMALL, 1.0])
def test_points_that_hardly_move_count_no_more_than_points_at_rest(s):
    """Ten of 60 go half a hundredth of the step, and astray."""
    penny = Sheet.ellipse(np.zeros(3), UP, [1.0, 0, 0], s, s)
    few = (np.arange(60) >= 40) & (np.arange(60) < 50)
    tilt = np.where(few, np.radians(-60.0), np.radians(20.0))
    charts = []
    for little in (0.0, 5e-4):
        new = tilted(RADIAL, tilt, np.where(few, little, 0.1))
        found = bend(penny, [s * RADIAL], [s * new])
        assert found.kind == "height"
        charts.append(found.chart)
    spots = 1.1 * s * RADIAL[:, :2]
    np.testing.assert_array_equal(charts[0].to_space(spots), charts[1].to_space(spots))


def test_a_bend_of_a_crack_s_times_as_large_is_that_bend():
    tilt, length = np.radians(30.0) * np.sin(ANGLE), 0.2 + 0.1 * np.cos(2 * ANGLE)
    new = tilted(RADIAL, tilt, length)
    found = []
    for s in (1.0, SMALL):
        chart = bend(Sheet.ellipse(np.zeros(3), UP, [1.0, 0, 0], s, s), [s * RADIAL], [s * new]).chart
        found.append(chart.to_space(s * new[:, :2]) / s)
    np.testing.assert_allclose(found[0], found[1], atol=1e-12)


def leaning_ring(base, ring):
    return base.to_space(ring)


@pytest.mark.parametrize("ring", [
    np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]]),
    np.array([[2.0, 0.5], [0.2, 1.1], [-1.0, -1.0]]),
])  # fmt: skip
def test_the_turn_along_a_crease_does_not_depend_on_where_its_outline_begins(ring):
    """At corners the way out of the crack is the mean of both sides', also where the ring is closed."""
    leaning = Plane(np.zeros(3), np.array([np.cos(0.5), 0.0, np.sin(0.5)]), np.array([0.0, 1.0, 0.0]))
    ground = Plane(np.zeros(3), np.eye(3)[0], np.eye(3)[1])
    base = Sheath(ground, leaning, (), (), 4.0)
    sides = np.concatenate([np.linspace(a, b, 7)[1:-1] for a, b in zip(ring, np.roll(ring, -1, axis=0))])
    out = 1.2 * sides
    layer = Layer.through(Rim((ring,)), [sides], [out], [0.6 * Rim((ring,)).distance(out)[0]])
    (first,) = _creases(base, layer)
    for k in range(1, len(ring)):
        (other,) = _creases(base, replace(layer, rim=Rim((np.roll(ring, -k, axis=0),))))
        assert other.turn[0] == other.turn[-1]
        shift = int(np.linalg.norm(first.points[:-1] - other.points[0], axis=1).argmin())
        np.testing.assert_allclose(np.roll(first.points[:-1], -shift, axis=0), other.points[:-1], atol=1e-9)
        np.testing.assert_allclose(np.roll(first.turn[:-1], -shift), other.turn[:-1], atol=1e-9)
    longest = np.linalg.norm(np.diff(first.points, axis=0), axis=1).max()
    around = np.linalg.norm(leaning_ring(base, ring) - np.roll(leaning_ring(base, ring), 1, axis=0), axis=1).sum()
    assert longest < 1.3 * around / DENSE and len(first.points) <= DENSE + len(ring) + 1


def test_a_cone_that_turns_further_turns_alike_all_round_and_by_the_angle_between():
    """30 degrees, then 50: by 20 degrees along the second crease, wherever on it."""
    sheet = Sheet.ellipse(np.zeros(3), UP, [1.0, 0, 0], 1.0, 1.0)
    first = tilted(RADIAL, np.full(60, np.radians(30.0)), np.full(60, 0.3))
    chart = bend(sheet, [RADIAL], [first]).chart
    fine = np.linspace(0, 2 * np.pi, 721)[:-1]
    grown = Sheet(chart, (np.linalg.norm(first[0, :2]) * np.column_stack([np.cos(fine), np.sin(fine)]),))
    at = chart.to_space(first[:, :2])
    flat = at * [1.0, 1.0, 0.0]
    second = at + 0.3 * (np.cos(np.radians(50.0)) * flat / np.linalg.norm(flat[0]) + np.sin(np.radians(50.0)) * UP)
    turn = bend(grown, [at], [second]).chart.bends[-1].turn
    np.testing.assert_allclose(np.degrees(turn), 20.0, atol=0.2)


def test_the_angle_between_slopes_is_that_of_their_normals():
    a, b = np.random.default_rng(5).normal(size=(2, 50, 2))
    n, m = (np.column_stack([-x, np.ones(50)]) for x in (a, b))
    dot = (n * m).sum(axis=1) / np.linalg.norm(n, axis=1) / np.linalg.norm(m, axis=1)
    np.testing.assert_allclose(_between(a, b), np.arccos(dot), atol=1e-12)
    assert _between(a, a) == pytest.approx(0.0, abs=1e-7), "no cosine beyond one by rounding"


def test_points_that_turn_back_at_an_end_are_left_out_and_said_and_many_of_them_stop_the_growth():
    """Two of 15 points of a through front go backwards, into the crack: an eighth; three are a fifth."""
    z = np.linspace(-0.5, 0.5, 15)
    sheet = Sheet.rectangle(np.zeros(3), [0, 1.0, 0], [1.0, 0, 0], 2.0, 1.0)
    old = np.column_stack([np.ones(15), np.zeros(15), z])
    tilt = np.radians(20.0 * z)
    ahead = 0.2 * np.column_stack([np.cos(tilt), np.sin(tilt), np.zeros(15)])
    for back in (2, 3):
        new = old + ahead
        new[:back] = old[:back] - ahead[:back]
        if back == 2:
            found = bend(sheet, [old], [new])
            assert found.kind == "height" and "; 2 points of the front that turn back are left out" in found.note
            without = bend(sheet, [old[2:]], [new[2:]])
            assert found.miss == pytest.approx(without.miss, abs=1e-12)
        else:
            with pytest.raises(GrowthStopped, match="lies over the old crack"):
                bend(sheet, [old], [new])


def test_a_crack_that_does_not_move_keeps_its_surface():
    penny = Sheet.ellipse(np.zeros(3), UP, [1.0, 0, 0], 1.0, 1.0)
    curved = bend(penny, [RADIAL], [tilted(RADIAL, np.full(60, 0.5), np.full(60, 0.2))]).chart
    fine = np.linspace(0, 2 * np.pi, 721)[:-1]
    grown = Sheet(curved, (1.1 * np.column_stack([np.cos(fine), np.sin(fine)]),))
    rim = curved.to_space(1.1 * RADIAL[:, :2])
    found = bend(grown, [rim], [rim + 1e-3 * np.linalg.norm(np.ptp(rim, axis=0)) * UP * 0.15])
    assert found.kind == "kept" and found.chart is curved and found.miss == 0.0
