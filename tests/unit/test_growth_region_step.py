"""A crack's region before a step and the fronts that move from it, drawn from stated outlines."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import shapely

from deadlight.growth.region_step import (
    BEYOND,
    LEAST_MARGIN,
    MARGIN,
    Plan,
    _advanced,
    _mapped,
    _near_skin,
    _past_skin,
    _polygon,
    kept,
    plan_of,
    sheet_of,
)  # fmt: skip
from deadlight.growth.skin_section import Section
from deadlight.growth.stopped import GrowthStopped
from deadlight.growth.transition import Moved, Shaping
from deadlight.surface.chart import Extruded, Plane
from deadlight.surface.section import Line
from deadlight.surface.sheet import Sheet

FLAT = Plane(np.zeros(3), *np.eye(3)[:2])
ANGLE = 2.0 * np.pi * np.arange(401) / 400


def circle(x: float, y: float, radius: float) -> Any:
    """Closed, its first point repeated exactly."""
    ring = np.array([x, y]) + radius * np.column_stack([np.cos(ANGLE), np.sin(ANGLE)])
    return np.concatenate([ring[:-1], ring[:1]])


def lifted(points: Any) -> Any:
    return np.column_stack([points, 0.0 * points[:, 0]])


def domain(*loops: list[tuple[Any, str]]) -> Any:
    return SimpleNamespace(
        chart=FLAT, loops=[[SimpleNamespace(points=x, kind=kind) for x, kind in loop] for loop in loops]
    )


def outwards(front: int, x: float, y: float, radius: float, by: float, count: int = 24) -> Moved:
    a = 2.0 * np.pi * np.arange(count) / count
    out = np.column_stack([np.cos(a), np.sin(a)])
    start = np.array([x, y]) + radius * out
    return Moved(front, lifted(start + by * out), lifted(start))


def cracks(s: float = 1.0) -> Any:
    """Sheet 0: circles of radius 1 and 0.5, the fronts 2 and 0; sheet 1: a circle far away, front 1."""
    domains = [domain([(s * circle(*at), "front")]) for at in ((9, 0, 1.0), (0, 0, 1.0), (0, 4, 0.5))]
    fronts = [SimpleNamespace(crack=k) for k in (2, 0, 1)]
    return SimpleNamespace(domains=domains, sheet=[1, 0, 0], mesh=SimpleNamespace(fronts=fronts))


def planned(
    number: int, by: tuple[float, float, float], shaping: Shaping | None = None, known: Any = None, s: float = 1.0
) -> Plan:
    moved = [outwards(2, 0, 0, 1.0, by[0]), outwards(0, 0, 4, 0.5, by[1]), outwards(1, 9, 0, 1.0, by[2])]
    moved = [Moved(m.front, s * m.points, s * m.start) for m in moved]
    known = {} if known is None else known
    sheet = Sheet(FLAT, (), "C")
    return plan_of(number, cracks(s), sheet, moved, None, None, shaping or Shaping(), known)


def test_a_plan_has_the_regions_and_fronts_of_its_own_crack():
    made = planned(0, (0.1, 0.2, 0.3))
    disc = shapely.Polygon(circle(0, 0, 1.0)).area
    assert [a.front for a in made.advances] == [2, 0] and made.number == 0 and made.members == (0,)
    assert made.before == pytest.approx(1.25 * disc, rel=1e-9) == pytest.approx(made.new.area, rel=1e-9)
    assert made.old.area == pytest.approx(1.25 * disc, rel=1e-3) and made.chart is FLAT and not made.still
    for a, by in zip(made.advances, (0.1, 0.2)):
        np.testing.assert_allclose(np.linalg.norm(a.new - a.old, axis=1), by, rtol=1e-3)
    (other,) = planned(1, (0.1, 0.2, 0.3)).advances
    assert other.front == 1 and other.far == pytest.approx(0.3, rel=1e-3)
    assert planned(0, (0.0, 0.0, 0.3)).still and not planned(0, (0.0, 0.1, 0.0)).still


@pytest.mark.parametrize("s", [1.0, 2.0**-10])
@pytest.mark.parametrize(("ligament", "margin"), [(0.1, 2.0 * MARGIN), (0.2, 1.2 * 0.2 * 2.0), (0.4, 1.2 * 0.4 * 2.0)])
def test_the_section_reaches_a_share_of_the_extent_round_all_fronts_or_farther_if_ligaments_may_break(
    ligament, margin, s
):
    """Extents 2 and 1: the larger one counts, and the smaller extent of the largest part."""
    made = planned(0, (0.1, 0.2, 0.3), Shaping(ligament=ligament), s=s)
    low = np.array([-1.1, -1.1]) - margin
    high = np.array([1.1, 4.7]) + margin
    np.testing.assert_allclose(made.section.low / s, low, atol=2e-3)
    np.testing.assert_allclose(made.section.high / s, high, atol=2e-3)


@pytest.mark.parametrize("s", [1.0, 2.0**-10])
@pytest.mark.parametrize(("more", "again"), [(0.04, True), (0.08, False)])
def test_a_section_serves_another_try_while_a_lesser_margin_is_left(more, again, s):
    known: dict[int, Section] = {}
    first = planned(0, (0.1, 0.1, 0.0), known=known, s=s)
    assert known == {0: first.section} and round(2.0 * (MARGIN - LEAST_MARGIN), 9) == 0.06
    second = planned(0, (0.1 + more, 0.1, 0.0), known=known, s=s)
    assert (second.section is first.section) is again and known[0] is second.section


def band(s: float) -> Any:
    """3 wide across a strip 0 < v < 1: mouths below and above, front 0 on the right, front 1 on the left."""
    v = np.linspace(0.0, 1.0, 60)
    right, left = np.column_stack([np.full(60, 3.0), v]), np.column_stack([np.zeros(60), v[::-1]])
    below, above = np.array([[0.0, 0.0], [3.0, 0.0]]), np.array([[3.0, 1.0], [0.0, 1.0]])
    made = domain([(s * below, "mouth"), (s * right, "front"), (s * above, "mouth"), (s * left, "front")])
    return SimpleNamespace(domains=[made], sheet=[0], mesh=SimpleNamespace(fronts=[SimpleNamespace(crack=0)] * 2))


def banded(moved: list[Moved], s: float) -> Plan:
    moved = [Moved(m.front, s * m.points, s * m.start) for m in moved]
    return plan_of(0, band(s), Sheet(FLAT, (), "C"), moved, None, None, Shaping(), {})


def straight(front: int, u: float, by: float, off: float = 0.0) -> Moved:
    start = np.column_stack([np.full(12, u + off), np.linspace(0.0, 1.0, 12)])
    return Moved(front, lifted(start + [by, 0.0]), lifted(start))


@pytest.mark.parametrize("s", [1.0, 2.0**-10])
def test_open_fronts_are_carried_on_beyond_the_skin_and_mouths_stay(s):
    made = banded([straight(1, 0.0, -0.1), straight(0, 3.0, 0.2)], s)
    assert [a.front for a in made.advances] == [0, 1] and not any(a.closed for a in made.advances)
    for a, by in zip(made.advances, (0.2, 0.1)):
        beyond = BEYOND * 3.0 + 2.0 * by
        assert a.old[:, 1].min() / s == pytest.approx(-beyond, rel=1e-6)
        assert a.old[:, 1].max() / s == pytest.approx(1.0 + beyond, rel=1e-6)
        assert a.far / s == pytest.approx(by, rel=1e-6)
    assert made.old.symmetric_difference(shapely.box(0.0, 0.0, 3.0 * s, s)).area < 1e-9 * s * s


@pytest.mark.parametrize("s", [1.0, 2.0**-10])
@pytest.mark.parametrize(("off", "lost"), [(0.009, False), (0.011, True)])
def test_a_front_whose_nodes_lie_off_its_outline_by_a_hundredth_of_its_length_is_lost(off, lost, s):
    moved = [straight(0, 3.0, 0.2), straight(1, 0.0, -0.1, off)]
    if lost:
        with pytest.raises(GrowthStopped, match="C: nodes of front 1 lie off") as stop:
            banded(moved, s)
        assert stop.value.reason == "lost_front"
    else:
        assert [a.front for a in banded(moved, s).advances] == [0, 1]


def test_a_polyline_moves_with_the_front_that_lies_on_all_of_it():
    """One with a node on it and others off it is another's."""
    line = np.column_stack([np.linspace(0.0, 1.0, 60), np.zeros(60)])
    nodes = np.column_stack([np.linspace(0.0, 1.0, 9), np.linspace(0.0, 0.5, 9)])
    other = Moved(5, lifted(nodes - [0.0, 0.1]), lifted(nodes))
    start = np.column_stack([np.linspace(0.0, 1.0, 9), np.zeros(9)])
    mine = Moved(7, lifted(start - [0.0, 0.1]), lifted(start))
    for moved in ([other, mine], [mine, other]):
        found = _advanced(line, moved, FLAT, 0.01, 1.2)
        assert found is not None and found.front == 7 and found.far == pytest.approx(0.1, rel=1e-6)
    assert _advanced(line, [other], FLAT, 0.01, 1.2) is None and _advanced(line, [], FLAT, 0.01, 1.2) is None


def test_loops_of_polylines_enclose_a_region_less_its_holes():
    below, up = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 3.0]]), np.array([[4.0, 3.0], [0.0, 3.0], [0.0, 0.0]])
    hole = np.array([[1.0, 1.0], [1.0, 2.0], [3.0, 2.0], [3.0, 1.0], [1.0, 1.0]])
    apart = circle(9.0, 0.0, 1.0)
    found = _polygon([[below, up], [hole], [apart]])
    expected = shapely.box(0, 0, 4, 3).difference(shapely.box(1, 1, 3, 2)).union(shapely.Polygon(apart))
    assert found.symmetric_difference(expected).area < 1e-12


@pytest.mark.parametrize(("count", "more"), [(2, True), (50, True), (51, False)])
def test_short_polylines_get_points_between_in_another_chart_and_fine_ones_keep_theirs(count, more):
    line = np.column_stack([np.linspace(0.0, 1.0, count), np.linspace(0.0, 2.0, count)])
    other = Plane(np.array([1.0, 0.0, 0.0]), *np.eye(3)[[1, 0]])
    loop = [(line, True), (line[::-1], False)]
    assert _mapped(loop, FLAT, FLAT) is loop
    (x, front), (y, mouth) = _mapped(loop, FLAT, other)
    assert (front, mouth) == (True, False) and (len(x) > count) is more
    np.testing.assert_allclose(x[[0, -1]], [[0.0, -1.0], [2.0, 0.0]], atol=1e-12)
    np.testing.assert_allclose(x[:, 0] - 2.0 * x[:, 1], 2.0, atol=1e-12)
    np.testing.assert_allclose(y[0], x[-1], atol=1e-12)


def test_a_crack_that_stays_is_drawn_anew_only_on_a_new_surface():
    disc = shapely.Polygon(circle(0, 0, 1.0))
    section = Section(FLAT, None, [], 9.0, np.full(2, -4.0), np.full(2, 4.0))
    sheet = Sheet(FLAT, (circle(0, 0, 1.0)[:-1],), "C")
    other = Extruded.along(np.array([[-9.0, 0.0, 0.0], [9.0, 0.0, 0.0]]), [0.0, 1.0, 0.0])
    assert sheet_of(Plan(0, sheet, FLAT, disc, disc, (), disc, section)) is sheet
    made = sheet_of(Plan(0, sheet, other, disc, disc, (), disc, section))
    assert made is not sheet and made.chart is other and made.name == "C" and len(made.outlines) == 1


def strip(s: float, bottom: float) -> Section:
    """A body one high over its bottom: faces 0 below and 1 above, in a box of 10."""
    low, high = s * np.array([-5.0, bottom - 2.0]), s * np.array([5.0, bottom + 3.0])
    lines = [Line(s * np.array([[-5.0, y], [5.0, y]]), np.array([f])) for f, y in enumerate((bottom, bottom + 1.0))]
    return Section(FLAT, shapely.box(-5.0 * s, bottom * s, 5.0 * s, (bottom + 1.0) * s), lines, 10.0 * s, low, high)


@pytest.mark.parametrize("s", [1.0, 2.0**-10])
def test_mouths_are_widened_by_a_band_as_narrow_as_chords_of_curved_skin(s):
    """2e-5 of the extent on either side, along the pieces of the outline with both ends on the skin."""
    section = strip(s, 2.0)

    def near_skin(corners: Any) -> Any:
        region = shapely.Polygon(s * (np.asarray(corners) + [0.0, 2.0]))
        return _near_skin(Plan(0, Sheet(FLAT, (), "C"), FLAT, region, region, (), region, section))

    near = 2e-4 * s
    found = near_skin([[-2.0, 0.0], [1.0, 0.0], [1.5, 0.9], [1.0, 1.0], [-1.0, 1.0], [-1.5, 0.5]])
    assert found.area == pytest.approx((3.0 + 2.0) * s * 2.0 * near, rel=1e-6)
    np.testing.assert_allclose(found.bounds, [-2.0 * s, 2.0 * s - near, s, 3.0 * s + near], rtol=1e-9)
    assert near_skin([[-2.0, 0.1], [1.0, 0.1], [1.0, 0.9], [-2.0, 0.9]]).is_empty
    leaning = near_skin([[0.0, 0.0], [1.0, 0.5], [1.0, 1.0], [0.0, 0.5]])
    assert leaning.is_empty, "two points on the skin, no piece"
    assert near_skin([[0.0, 0.0], [1.0, 1.0], [0.0, 0.9]]).is_empty, "a piece from skin to skin across the body"


@pytest.mark.parametrize("face", [0, 1])
def test_corners_on_any_face_are_carried_straight_on(face):
    """Two slanted fronts that end on the skin, by a hundredth; in a body without skin near it nothing is moved."""
    section, step = strip(1.0, 2.0), 1e-2
    beyond = np.column_stack([np.linspace(-2.0, 2.0, 30), np.full(30, -0.3)])
    ring = np.concatenate([[[-1.0, 0.0]], beyond, [[1.0, 0.0], [1.6, 0.8], [-1.0, 0.5]]])
    expected = ring.copy()
    expected[0] = [-1.0, -step]
    expected[31] = ring[31] + step * np.array([-0.6, -0.8])
    at, flip = (2.0, 1.0) if face == 0 else (3.0, -1.0)

    def placed(x: Any) -> Any:
        return x * [1.0, flip] + [0.0, at]

    np.testing.assert_allclose(_past_skin(placed(ring), section, step), placed(expected), atol=1e-12)
    deep = Section(FLAT, shapely.box(-5, -5, 5, 5), [], 10.0, np.full(2, -5.0), np.full(2, 5.0))
    assert _past_skin(ring, deep, step) is ring


@pytest.mark.parametrize("s", [1.0, 2.0**-10])
def test_what_is_small_beside_the_largest_part_is_a_crumb_whatever_the_unit(s):
    """By a millionth of its area, holes by a thousand millionth."""
    big = shapely.box(0, 0, 10, 10).difference(shapely.box(1, 1, 1.01, 1.01))
    parts_ = [big, shapely.box(20, 0, 20.02, 0.02), shapely.box(30, 0, 30.005, 0.005)]
    region = shapely.transform(shapely.MultiPolygon(parts_), lambda x: s * x)
    found = kept(region)
    assert found.area / s**2 == pytest.approx(100.0 - 1e-4 + 4e-4, rel=1e-9)
    assert found.bounds[2] / s == pytest.approx(20.02)
