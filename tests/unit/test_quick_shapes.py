"""Geometries of a growing crack of the quick tier: how far they move, when they break through or are lost."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from deadlight.crack.line import crack_line
from deadlight.crack.pane_shape import PaneShape
from deadlight.crack.quick_shape import FaceShape, QuickCrack, ThroughShape, quick_shape
from deadlight.crack.seed import Corner, EdgeThrough, Place, Surface, Through
from deadlight.growth.stopped import GrowthStopped

PANE = PaneShape(thickness=0.010, lip_inset=0.015, radius=0.150, z_middle=0.03)
CLOSE = 1e-3
ZERO = np.zeros(2)


def made(seed: Any, stress: float = 1e6) -> Any:
    line = crack_line(seed, PANE, points=4)
    one = np.ones((2, *line.shape))
    warm = 300.0 + np.array([0.0, 50.0])[:, None, None] * one
    crack = QuickCrack(
        seed, line, np.array([0.0, 1.0]), stress * np.array([1.0, 2.0])[:, None, None] * one, warm,
        lambda t: 1e6 + 0.0 * t, 0.17, CLOSE,
    )  # fmt: skip
    return quick_shape(crack)


def through(outer: float = 0.04, inner: float = 0.06) -> Any:
    return made(Through(two_c=inner - outer, place=Place(inside_lip=0.5 * (outer + inner) - 0.015), name="T"))


def surface(a: float = 1e-3, c: float = 2e-3, inside: float = 0.035, face: str = "outer") -> Any:
    return made(Surface(a=a, c=c, place=Place(inside_lip=inside, face=face), name="S"))  # type: ignore[arg-type]


def test_tips_move_as_asked_and_the_area_grows_with_them() -> None:
    shape = through()
    assert isinstance(shape, ThroughShape) and shape.area == pytest.approx(0.02 * 0.010)
    found = shape.moved(np.array([4e-4, 1e-4]), ZERO)
    assert (found.shape.outer, found.shape.inner) == pytest.approx((0.0396, 0.0601))
    assert found.shape.area == pytest.approx(0.0205 * 0.010) and not found.changes and found.added == 0.0
    back = shape.moved(np.array([-4e-4, 1e-4]), ZERO)
    assert (back.shape.outer, back.shape.inner) == pytest.approx((0.04, 0.0601))  # no tip heals


def test_a_bold_step_is_cut_for_all_tips_alike() -> None:
    """A tenth of the half length, 1 mm; a tip next to the rim goes half of what is left."""
    found = through().moved(np.array([4e-3, 2e-3]), ZERO)
    np.testing.assert_allclose(found.move, [1e-3, 0.5e-3], rtol=1e-9)
    near = through(0.0015, 0.0415).moved(np.array([4e-3, 2e-3]), ZERO)
    np.testing.assert_allclose(near.move, [0.75e-3, 0.375e-3], rtol=1e-9)


def test_a_crack_from_the_rim_has_one_tip_and_moves_by_a_tenth_of_its_depth() -> None:
    shape = made(EdgeThrough(depth=0.02, place=Place(inside_lip=0.0), name="E"))
    assert shape.tips.tolist() == [1] and through().tips.tolist() == [0, 1]
    found = shape.moved(np.array([9e-3]), ZERO)
    assert (found.shape.outer, found.shape.inner) == pytest.approx((0.0, 0.022))
    solved = shape.solve().reading
    assert solved.k.shape[:2] == (2, 1) and len(shape.solve().fronts) == 1


def test_a_narrow_ligament_breaks_and_is_counted() -> None:
    """0.9 mm are left of 1.5 mm: they break at a stroke, a change at the rim; 1 mm and more hold."""
    shape = through(0.0015, 0.0415)
    found = shape.moved(np.array([6e-4, 1e-3]), ZERO)
    assert found.shape.outer == 0.0 and found.shape.inner == pytest.approx(0.0425)
    assert found.added == pytest.approx(0.9e-3 * 0.010)
    (change,) = found.changes
    assert change.what == "reaches the edge" and "42.5 mm deep" in change.detail
    np.testing.assert_allclose(change.place, [0.15, 0.0, 0.03], atol=1e-9)
    assert shape.moved(np.array([4e-4, 0.0]), ZERO).shape.outer == pytest.approx(1.1e-3)


def test_a_rim_reached_aslant_is_the_end() -> None:
    shape = made(Through(two_c=0.06, place=Place(inside_lip=0.0, plane="hoop"), name="T"))
    assert not shape.problem.line.rim.free
    outer = shape.outer
    near = ThroughShape.of(shape.crack, 1.2e-3, shape.inner)
    with pytest.raises(GrowthStopped, match="rim-side tip reaches the rim along a line that is not square"):
        near.moved(np.array([3e-4, 0.0]), ZERO)
    assert shape.moved(np.array([1e-4, 0.0]), ZERO).shape.outer == pytest.approx(outer - 1e-4)


def test_the_far_rim_severs_a_crack_from_the_rim_and_loses_another() -> None:
    """The last 5 % of the chord of 300 mm count as crossed."""
    crack = through().crack
    edge = ThroughShape.of(crack, 0.0, 0.2849)
    assert edge.moved(np.array([0.5e-4]), ZERO).shape.inner == pytest.approx(0.28495)
    with pytest.raises(GrowthStopped, match="T crosses the pane") as severed:
        edge.moved(np.array([2e-4]), ZERO)
    with pytest.raises(GrowthStopped, match="while 50 mm of glass hold") as lost:
        ThroughShape.of(crack, 0.05, 0.2849).moved(np.array([0.0, 2e-4]), ZERO)
    assert (severed.value.reason, lost.value.reason) == ("severed", "lost")


def test_a_through_crack_is_read_at_its_tips_over_the_whole_thickness() -> None:
    solved = through().solve()
    read = solved.reading
    np.testing.assert_allclose(read.k[1], 2.0 * read.k[0], rtol=1e-9)
    assert (read.k[:, :, 0] > 0.0).all() and not read.k[:, :, 1:].any()
    np.testing.assert_allclose(read.weight, 0.010)
    np.testing.assert_allclose(read.place, [[0.11, 0.0, 0.03], [0.09, 0.0, 0.03]], atol=1e-12)
    np.testing.assert_allclose(solved.fronts[1], [[0.09, 0.0, z] for z in (0.025, 0.03, 0.035)], atol=1e-12)
    np.testing.assert_allclose(read.temperature, [[300.0] * 2, [350.0] * 2])
    assert read.area == pytest.approx(2e-4) and (read.error > 0.0).all() and read.closed == (False, False)


def test_short_cracks_are_told_as_the_plane_problem_s() -> None:
    """c/t below 0.25 of the tables; above it nothing is said."""
    assert "below 0.25" in ThroughShape.of(through().crack, 0.05, 0.0545).remarks()[0]
    assert through().remarks() == ()


@pytest.mark.parametrize(("face", "sign"), [("outer", 1.0), ("inner", -1.0)])
def test_a_surface_crack_is_a_half_ellipse_below_its_face(face: str, sign: float) -> None:
    """Middle 50 mm below the rim; the two points stand for equal parts pi/2 of the front, c and a."""
    shape = surface(1e-3, 2e-3, face=face)
    assert isinstance(shape, FaceShape) and shape.quarters == 2
    read, (front,) = shape.solve().reading, shape.solve().fronts
    assert read.area == pytest.approx(0.5 * math.pi * 2e-6)
    np.testing.assert_allclose(read.weight, [0.5 * math.pi * 2e-3, 0.5 * math.pi * 1e-3])
    np.testing.assert_allclose(read.place[0], [0.1, 0.0, 0.03 + sign * 0.004], atol=1e-12)
    assert abs(read.place[1][0] - 0.1) == pytest.approx(2e-3)
    assert read.place[1][2] == pytest.approx(0.03 + sign * 0.005)
    along, below = (front[:, 0] - 0.1) / 2e-3, (0.005 - sign * (front[:, 2] - 0.03)) / 1e-3
    np.testing.assert_allclose(along**2 + below**2, 1.0, rtol=1e-9)
    assert (along.min(), along.max()) == pytest.approx((-1.0, 1.0)) and below.min() >= -1e-9
    np.testing.assert_allclose(read.temperature, [[300.0] * 2, [350.0] * 2])


def test_a_corner_crack_is_a_quarter() -> None:
    shape = made(Corner(a=1e-3, c=2e-3, place=Place(inside_lip=0.0), name="C"))
    read, (front,) = shape.solve().reading, shape.solve().fronts
    assert shape.quarters == 1 and read.area == pytest.approx(0.25 * math.pi * 2e-6)
    np.testing.assert_allclose(front[[0, -1]], [[0.148, 0.0, 0.035], [0.15, 0.0, 0.034]], atol=1e-12)
    np.testing.assert_allclose(read.place, [[0.15, 0.0, 0.034], [0.148, 0.0, 0.035]], atol=1e-12)


def test_the_end_of_a_surface_crack_with_the_larger_k_is_read() -> None:
    """Stress that grows towards the rim, then towards the centre: K at the end on that side."""
    for slope, side in ((-1.0, 1.0), (1.0, -1.0)):
        shape = surface(1e-3, 2e-3)
        field = 1e6 * (1.0 + slope * (shape.crack.line.depth - 0.05) / 0.01)[None, :, None]
        stress = field * np.ones_like(shape.crack.stress)
        crack = QuickCrack(**{**shape.crack.__dict__, "stress": np.maximum(stress, 0.0)})
        turned = quick_shape(crack)
        assert turned.solve().reading.place[1][0] == pytest.approx(0.1 + side * 2e-3)
        both = turned.problem.k(1e-3, 2e-3).upper
        np.testing.assert_allclose(turned.solve().reading.k[:, 1, 0], both[:, 1:].max(axis=1))


def test_the_end_that_is_nearer_to_its_toughness_is_read() -> None:
    """The same K at both ends; the glass is weaker where it is warm, towards the centre or towards the rim."""
    for slope, side in ((1.0, -1.0), (-1.0, 1.0)):
        shape = surface(1e-3, 2e-3)
        warm = 300.0 + slope * 1e4 * (shape.crack.line.depth - 0.05)[None, :, None] + 0.0 * shape.crack.temperature
        given = {**shape.crack.__dict__, "temperature": warm, "toughness": lambda t: 1e6 * 300.0 / t}
        turned = quick_shape(QuickCrack(**given)).solve().reading
        assert turned.place[1][0] == pytest.approx(0.1 + side * 2e-3)
        np.testing.assert_allclose(turned.temperature[:, 1], 320.0)
        np.testing.assert_allclose(turned.toughness[:, 1], 1e6 * 300.0 / 320.0)


def test_a_face_crack_moves_by_a_tenth_of_its_sizes_at_most() -> None:
    shape = surface(1e-3, 2e-3)
    found = shape.moved(np.array([5e-5, 1e-4]), ZERO)
    assert (found.shape.a, found.shape.c) == pytest.approx((1.05e-3, 2.1e-3)) and found.added == 0.0
    bold = shape.moved(np.array([2e-4, 1e-4]), ZERO)
    np.testing.assert_allclose(bold.move, [1e-4, 0.5e-4])
    half = shape.moved(np.array([1e-5, 4e-4]), ZERO)
    np.testing.assert_allclose(half.move, [0.5e-5, 2e-4])


def test_a_face_crack_breaks_through_at_four_fifths_of_the_thickness() -> None:
    """7.9 to 8.1 mm of 10 mm: a through crack as long as it was on the face; the area that is left breaks with it."""
    shape = surface(7.9e-3, 9e-3)
    assert isinstance(shape.moved(np.array([0.9e-4, 0.0]), ZERO).shape, FaceShape)
    found = shape.moved(np.array([2e-4, 1e-4]), ZERO)
    assert isinstance(found.shape, ThroughShape)
    assert (found.shape.outer, found.shape.inner) == pytest.approx((0.05 - 9.1e-3, 0.05 + 9.1e-3))
    assert found.added == pytest.approx(0.010 * 18.2e-3 - 0.5 * math.pi * 8.1e-3 * 9.1e-3)
    (change,) = found.changes
    assert change.what == "breaks through" and change.detail == "18.2 mm long"
    np.testing.assert_allclose(change.place, [0.1, 0.0, 0.025], atol=1e-12)


def test_it_breaks_through_to_the_rim_where_less_than_the_ligament_is_left() -> None:
    """Middle 10 mm below the rim: 0.9 mm are left beside 9.1 mm, and break as well; 1.1 mm hold."""
    for c, reaches in ((9.0e-3, True), (8.8e-3, False)):
        found = surface(7.9e-3, c, inside=-0.005).moved(np.array([2e-4, 1e-4]), ZERO)
        assert (found.shape.outer == 0.0) == reaches == (len(found.changes) == 2)
        if reaches:
            assert found.changes[1].what == "reaches the edge"
            np.testing.assert_allclose(found.changes[1].place, [0.15, 0.0, 0.03], atol=1e-12)
        assert found.shape.inner == pytest.approx(0.01 + c + 1e-4)
    corner = made(Corner(a=7.9e-3, c=9e-3, place=Place(inside_lip=0.0), name="C"))
    found = corner.moved(np.array([2e-4, 0.0]), ZERO)
    assert found.shape.outer == 0.0 and found.shape.inner == pytest.approx(9e-3)
    assert [change.what for change in found.changes] == ["breaks through"]  # it was at the rim before


def test_breaking_through_next_to_a_slanted_rim_is_the_end() -> None:
    shape = made(Surface(a=7.9e-3, c=9e-3, place=Place(inside_lip=0.0, plane="hoop"), name="S"))
    middle = shape.problem.middle
    wide = FaceShape(shape.crack, shape.problem, 7.9e-3, middle - 1.1e-3)
    with pytest.raises(GrowthStopped, match="breaks through and reaches a rim that is not square") as stop:
        wide.moved(np.array([2e-4, 2e-4]), ZERO)
    assert stop.value.reason == "lost"
    assert isinstance(shape.moved(np.array([2e-4, 0.0]), ZERO).shape, ThroughShape)


def test_ends_on_the_face_that_reach_a_rim_are_the_end() -> None:
    """0.95 of the distance to the rim; broken through within 5 % of the chord from the far one."""
    shape = surface(1e-3, 9.4e-3, inside=-0.005)
    assert shape.moved(np.array([0.0, 0.9e-4]), ZERO).shape.c == pytest.approx(9.49e-3)
    with pytest.raises(GrowthStopped, match="its end on the face reaches the rim") as stop:
        shape.moved(np.array([0.0, 1.1e-4]), ZERO)
    assert stop.value.reason == "lost"
    corner = made(Corner(a=7.9e-3, c=9e-3, place=Place(inside_lip=0.0), name="C"))
    for c, lost in ((0.2845, False), (0.2851, True)):
        wide = FaceShape(corner.crack, corner.problem, 7.95e-3, c)
        if lost:
            with pytest.raises(GrowthStopped, match="far rim"):
                wide.moved(np.array([1e-4, 0.0]), ZERO)
        else:
            assert wide.moved(np.array([1e-4, 0.0]), ZERO).shape.inner == pytest.approx(c)


def test_a_face_crack_says_where_it_comes_near_the_rim() -> None:
    """c/b above 0.5 of the width factor."""
    assert surface(2e-3, 4.9e-3, inside=-0.005).remarks() == ()
    assert "above 0.5" in surface(2e-3, 5.1e-3, inside=-0.005).remarks()[-1]
