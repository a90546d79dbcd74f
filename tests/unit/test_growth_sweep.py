"""What moved fronts sweep in a plane, and the outline that the new region gets."""

import numpy as np
import pytest
import shapely

from deadlight.growth.region_front import Advance, Smoothing
from deadlight.growth.region_step import BEYOND, PAST, Plan, _past_skin, sheet_of, sweep
from deadlight.growth.skin_section import Section, parts, rings
from deadlight.surface.chart import Plane
from deadlight.surface.section import Line
from deadlight.surface.sheet import Sheet

TOLD = Smoothing(0, 0.0, 0.0)
ANGLE = np.linspace(0.0, 2.0 * np.pi, 400, endpoint=False)
OUT = np.column_stack([np.cos(ANGLE), np.sin(ANGLE)])


def solid():
    return Section(Plane(np.zeros(3), *np.eye(3)[:2]), None, [], 20.0, np.full(2, -10.0), np.full(2, 10.0))


def strip(s=1.0, high=1.0):
    low, up = s * np.array([-5.0, -2.0]), s * np.array([5.0, 3.0])
    lines = [Line(s * np.array([[-5.0, y], [5.0, y]]), np.array([f])) for y, f in ((high, 1), (0.0, 0))]
    inside = shapely.box(low[0], 0.0, up[0], s * high)
    return Section(Plane(np.zeros(3), *np.eye(3)[:2]), inside, lines, 10.0 * s, low, up)


def plan(region, section, *fronts):
    chart = Plane(np.zeros(3), *np.eye(3)[:2])
    advances = tuple(Advance(0, p, q, c, slice(0, len(p)), TOLD) for p, q, c in fronts)
    return Plan(0, Sheet(section.chart, (), "C"), chart, region, region, advances, region, section, members=(0,))


def swept(made):
    sweep(made)
    return made.new


def test_a_closed_front_sweeps_the_ring_up_to_where_it_goes():
    """Also where it goes farther on one side, and where some of it stays."""
    far = 0.3 + 0.3 * np.cos(ANGLE)
    far[150:250] = 0.0
    new = swept(plan(shapely.Polygon(OUT), solid(), (OUT, (1.0 + far)[:, None] * OUT, True)))
    expected = shapely.Polygon((1.0 + far)[:, None] * OUT)
    assert new.symmetric_difference(expected).area < 1e-6


def test_the_hole_of_a_ring_gets_smaller_by_what_its_front_sweeps():
    ring = shapely.Polygon(3.0 * OUT, [OUT])
    inner = OUT[::-1]
    new = swept(plan(ring, solid(), (inner, 0.7 * inner, True)))
    assert new.area == pytest.approx(shapely.Polygon(3.0 * OUT).area - 0.49 * shapely.Polygon(OUT).area, rel=1e-9)
    assert len(new.interiors) == 1


def test_no_part_of_the_old_crack_is_lost_whatever_its_front_does():
    """A star whose front goes by chords that cut its hollows short."""
    star = (1.0 + 0.3 * np.cos(5 * ANGLE))[:, None] * OUT
    made = plan(shapely.Polygon(star), solid(), (star[::9], 1.2 * star[::9], True))
    new = swept(made)
    assert new.area >= made.before
    assert shapely.Polygon(star).difference(new).area < 1e-6


def band_front(x, move, beyond=0.3):
    """A straight front right across the strip, carried on beyond both skins, upwards or downwards."""
    y = np.linspace(0.0, 1.0, 30) if move > 0 else np.linspace(1.0, 0.0, 30)
    way = 1.0 if move > 0 else -1.0
    y = np.concatenate([[y[0] - way * beyond], y, [y[-1] + way * beyond]])
    old = np.column_stack([np.full(32, x), y])
    return old, old + [move, 0.0], False


def test_a_band_across_a_strip_grows_by_what_its_two_fronts_sweep_in_the_body():
    made = plan(shapely.box(-1.0, 0.0, 1.0, 1.0), strip(), band_front(1.0, 0.5), band_front(-1.0, -0.25))
    new = swept(made)
    assert new.symmetric_difference(shapely.box(-1.25, 0.0, 1.5, 1.0)).area < 1e-3
    assert made.before == 2.0 and new.area == pytest.approx(2.75, rel=2e-4)


def test_mouths_drawn_a_little_inside_the_skin_are_clipped_anew_at_the_skin():
    """By 1e-5 of the extent: chords of curved skin."""
    inside = shapely.box(-1.0, 1e-4, 1.0, 1.0 - 1e-4)
    made = plan(inside, strip(), band_front(1.0, 0.5))
    assert swept(made).symmetric_difference(shapely.box(-1.0, 0.0, 1.5, 1.0)).area < 1e-4
    deep = shapely.box(-1.0, 0.01, 1.0, 0.99)
    assert swept(plan(deep, strip(), band_front(1.0, 0.5))).bounds[0] == -1.0
    left = swept(plan(deep, strip(), band_front(1.0, 0.5))).intersection(shapely.box(-1.0, 0.0, 0.9, 0.0099))
    assert left.area < 1e-6, "what is no mouth stays off the skin"


@pytest.mark.parametrize("s", [1.0, 2.0**-10])
def test_an_outline_crosses_the_skin_where_its_fronts_end_and_the_way_they_end(s):
    """A part of a band with one slanted front; the outline goes on by 4 % of the extent."""
    region = shapely.Polygon(s * np.array([[-1.0, 0.0], [1.0, 0.0], [2.0, 1.0], [-1.0, 1.0]]))
    section = strip(s)
    (ring,) = sheet_of(plan(region, section)).outlines
    ring = ring / s
    edge = shapely.LinearRing(ring)
    for y, ends in ((0.0, (-1.0, 1.0)), (1.0, (-1.0, 2.0))):
        hits = edge.intersection(shapely.LineString([[-9.0, y], [9.0, y]]))
        x = sorted(p.x for p in hits.geoms)
        np.testing.assert_allclose(x, ends, atol=2e-4)
    assert ring[:, 1].min() == pytest.approx(-BEYOND * 3.0, rel=0.1)
    assert ring[:, 1].max() == pytest.approx(1.0 + BEYOND * 3.0, rel=0.1)
    slanted = edge.intersection(shapely.box(0.9, -0.03, 2.3, 1.03))
    off = np.abs(shapely.get_coordinates(slanted) @ [1.0, -1.0] - 1.0) / np.sqrt(2.0)
    assert off.max() < 2e-3, "straight through the skin"
    gap = np.linalg.norm(ring - np.roll(ring, -1, axis=0), axis=1)
    inside = (0.5 * (ring + np.roll(ring, -1, axis=0)))[:, 1]
    assert gap[(inside > 0.0) & (inside < 1.0)].max() <= 1.0 / 40 + 1e-9


@pytest.mark.parametrize("crowded", [0, 3])
def test_a_corner_on_the_skin_is_carried_straight_on_and_points_next_to_it_are_left_out(crowded):
    section = strip()
    near = 1.0 - 1e-4 * np.arange(1, crowded + 1)
    below = np.column_stack([np.linspace(-1.0, 1.0, 30), np.full(30, -0.2)])
    ring = np.concatenate([
        [[-1.0, 0.5]], below, [[1.0, 0.5]], np.column_stack([np.ones(crowded), near[::-1]]),
        [[1.0, 1.0], [1.4, 1.2], [-1.4, 1.2], [-1.0, 1.0]], np.column_stack([-np.ones(crowded), near]),
    ])  # fmt: skip
    found = _past_skin(ring, section, 1e-2)
    expected = [[-1.0, 0.5], *below, [1.0, 0.5], [1.0, 1.01], [1.4, 1.2], [-1.4, 1.2], [-1.0, 1.01]]
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert _past_skin(ring, solid(), 1e-2) is ring and PAST < 1e-2


def test_a_crack_that_stays_keeps_its_sheet_and_slivers_make_no_outline():
    chart = Plane(np.zeros(3), *np.eye(3)[:2])
    sheet = Sheet(chart, (OUT,), "C")
    still = Plan(0, sheet, chart, shapely.Polygon(OUT), shapely.Polygon(OUT), (), shapely.Polygon(OUT), solid())
    assert sheet_of(still) is sheet
    two = shapely.MultiPolygon([shapely.Polygon(OUT), shapely.box(3.0, 0.0, 3.0 + 1e-10, 1.0)])
    made = sheet_of(plan(two, solid()))
    assert len(made.outlines) == 1 and made.name == "C"
    (ring,) = made.outlines
    assert shapely.Polygon(ring).symmetric_difference(shapely.Polygon(OUT)).area < 1e-3
    assert len(rings(parts(shapely.Polygon(ring))[0])) == 1
