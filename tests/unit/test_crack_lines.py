"""The line of a crack through its pane: samples, projections and edges by elementary geometry."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from deadlight.crack import line as module
from deadlight.crack.line import CrackLine, crack_line
from deadlight.crack.pane_shape import PaneShape
from deadlight.crack.seed import Corner, EdgeThrough, Place, Surface, Through
from deadlight.errors import InputError

DISC = PaneShape(thickness=0.010, lip_inset=0.015, radius=0.150)


def laid(seed: Any = None, pane: PaneShape = DISC, **place: Any) -> CrackLine:
    return crack_line(seed or Through(two_c=0.012, place=Place(**({"inside_lip": 0.0} | place))), pane)


def slanted(degrees: float) -> CrackLine:
    """A line that meets the disc's rim that far off its normal: through a point 135 mm out, sin(at) = 150/135 sin."""
    angle = math.asin(math.sin(math.radians(degrees)) / 0.9)
    return laid(plane="angle", angle=angle)


def test_samples_cover_the_chord_fine_at_the_near_rim_and_never_jump() -> None:
    """`spacing` apart over 40 of them or one and a half lips, at most a quarter of the chord; then growing by 15 %."""
    for pane, spacing in ((DISC, 0.75e-3), (DISC, 0.2e-3), (PaneShape(0.01, lip_inset=0.03, radius=0.15), 0.5e-3)):
        line = crack_line(Through(two_c=0.01, place=Place(position=(0.1, 0.0))), pane, spacing=spacing)
        depth, step = line.depth, np.diff(line.depth)
        assert depth[0] == 0.0 and depth[-1] == pytest.approx(line.length) == pytest.approx(0.3)
        fine = min(max(40.0 * spacing, 1.5 * pane.lip_inset), 0.075)
        inside = depth[1:] <= fine * (1.0 + 1e-9)
        assert depth[1:][inside][-1] == pytest.approx(fine)
        assert step[inside].max() <= spacing * (1.0 + 1e-9) and step[inside].min() > 0.95 * spacing
        assert (step > 0.0).all() and step.max() <= max(4.0 * spacing, 0.3 / 50.0) * 1.5
        assert (step[1:] / step[:-1]).max() < 1.3 * 3.0 and (step[1:] / step[:-1])[: len(step) // 2].max() < 1.16
        far = depth[:-1] >= 0.3 - fine * (1.0 + 1e-9)
        assert step[far].max() <= 3.0 * spacing * (1.0 + 1e-9)


def test_a_short_chord_keeps_eight_samples_at_either_end() -> None:
    depth = module._graded(0.004, 0.75e-3, 0.0)
    np.testing.assert_allclose(depth[:9], np.linspace(0.0, 1e-3, 9), atol=1e-15)
    np.testing.assert_allclose(depth[-9:], np.linspace(3e-3, 4e-3, 9), atol=1e-15)


def test_across_and_along_are_the_components_of_the_traction() -> None:
    """n S n and t S n of a full tensor."""
    line = slanted(20.0)
    n = line.normal[:2]
    t = np.array([-n[1], n[0]])
    stress = np.array([[3.0, -2.0], [-2.0, 7.0]])
    found = line.across_and_along @ np.array([3.0, 7.0, -2.0])
    assert found[0] == pytest.approx(n @ stress @ n)
    assert abs(found[1]) == pytest.approx(abs(t @ stress @ n))
    assert line.normal @ np.array([*line.inward, 0.0]) == pytest.approx(0.0) and np.linalg.norm(n) == pytest.approx(1.0)
    np.testing.assert_allclose(np.cross([0.0, 0.0, 1.0], [*line.inward, 0.0]), line.normal, atol=1e-15)


def test_depth_counts_from_the_nearer_end_inwards() -> None:
    line = laid(azimuth=0.4)
    np.testing.assert_allclose(line.origin, 0.15 * np.array([math.cos(0.4), math.sin(0.4)]))
    np.testing.assert_allclose(line.position(0.02), 0.13 * np.array([math.cos(0.4), math.sin(0.4)]))
    opposite = laid(inside_lip=0.2, azimuth=0.4)  # beyond the middle: the other rim is nearer
    np.testing.assert_allclose(opposite.origin, -0.15 * np.array([math.cos(0.4), math.sin(0.4)]), atol=1e-12)
    assert 0.5 * (opposite.outer + opposite.inner) == pytest.approx(0.085)


def test_points_keep_a_hundredth_of_the_thickness_off_the_rim() -> None:
    line = laid(pane=PaneShape(thickness=0.010, lip_inset=0.015, radius=0.150, z_middle=0.02))
    points = line.points().reshape(*line.shape, 3)
    reach = np.hypot(points[..., 0], points[..., 1])
    assert reach.max() == pytest.approx(0.150 - 1e-4) and points[-1, 0, 0] == pytest.approx(-0.150 + 1e-4)
    np.testing.assert_allclose(points[5, :, 2], 0.02 + 0.005 * line.zeta)
    np.testing.assert_allclose(points[20, :, 0], 0.15 - line.depth[20])
    values = np.arange(2.0 * points.size / 3).reshape(2, -1)
    np.testing.assert_array_equal(line.reshape(values)[1, 3], values[1].reshape(line.shape)[3])


@pytest.mark.parametrize(
    ("degrees", "free", "alarm", "askew"),
    [(0.0, True, False, 0.0), (10.0, True, False, 0.0), (14.9, True, False, 0.0), (15.1, True, True, 0.003),
     (30.0, True, True, 0.45), (49.9, True, True, 0.75), (50.1, False, True, 0.7725)],
)  # fmt: skip
def test_the_edge_that_a_slanted_line_sees(degrees: float, free: bool, alarm: bool, askew: float) -> None:
    """Off a chord the rim is straight: square up to 15 degrees, so taken with an alarm to 50, left out beyond."""
    line = slanted(degrees)
    assert line.rim.free == free and line.askew == pytest.approx(askew, abs=2e-3)
    assert bool(line.warnings) == alarm and all(each.alarm for each in line.warnings)  # type: ignore[attr-defined]
    assert (line.rim.radius == 0.150) == (degrees == 0.0)
    if alarm:
        assert f"{degrees:.0f} degrees off its normal" in line.warnings[0]
        assert f"up to {100.0 * line.askew:.0f} % higher" in line.warnings[0]
    assert len(line.assumptions) == (1 if degrees == 0.0 else 2 if free else 0)


def test_the_band_of_a_slanted_line_counts_in_full_from_a_quarter_of_the_distance() -> None:
    """Half length over the distance of the middle: 0.1 counts 0.4, 0.25 and more 1."""
    line = slanted(30.0)
    middle = 0.5 * (line.outer + line.inner)
    for share, factor in ((0.1, 0.4), (0.25, 1.0), (0.5, 1.0)):
        given = {name: getattr(line, name) for name in line.__dataclass_fields__}
        given |= {"outer": middle * (1.0 - share), "inner": middle * (1.0 + share)}
        assert CrackLine(**given).askew_here == pytest.approx(factor * line.askew)


def test_cracks_from_the_rim_start_there_and_surface_cracks_stand_about_their_middle() -> None:
    at = Place(inside_lip=0.035)
    for seed, outer, inner in (
        (Surface(a=1e-3, c=4e-3, place=at), 0.046, 0.054),
        (Through(two_c=8e-3, place=at), 0.046, 0.054),
        (EdgeThrough(depth=0.02, place=at), 0.0, 0.02),
        (Corner(a=1e-3, c=4e-3, place=at), 0.0, 4e-3),
    ):
        line = laid(seed)
        assert (line.outer, line.inner) == (pytest.approx(outer), pytest.approx(inner))
        assert (line.shear > 1.0) == isinstance(seed, Surface | Corner)


def test_a_radial_crack_from_the_rim_ignores_how_far_inside_the_lip_it_is_said_to_be() -> None:
    """Also beyond the rim; a line at an angle has to pass through a point inside."""
    assert laid(EdgeThrough(depth=0.02, place=Place(inside_lip=-0.5))).length == pytest.approx(0.3)
    with pytest.raises(InputError, match="outside the rim"):
        laid(EdgeThrough(depth=0.02, place=Place(inside_lip=-0.5, plane="hoop")))
    with pytest.raises(InputError, match="outside the rim"):
        laid(EdgeThrough(depth=0.02, place=Place(position=(0.2, 0.0))))


@pytest.mark.parametrize(
    ("seed", "words"),
    [
        (Surface(a=0.010, c=0.02, place=Place(inside_lip=0.05)), "a = 10 mm in a pane 10 mm thick"),
        (Corner(a=0.010, c=0.02, place=Place(inside_lip=0.05)), "a = 10 mm in a pane 10 mm thick"),
        (EdgeThrough(depth=0.3, place=Place(inside_lip=0.0)), "300 mm long and the pane 300 mm"),
        (Through(two_c=0.0302, place=Place(inside_lip=0.0)), r"0\.1 mm outside the rim: half length 15.1 mm"),
        (Surface(a=1e-3, c=0.0151, place=Place(inside_lip=0.0)), r"middle 15 mm from the rim(.|\n)*2c = 30 mm"),
        (Through(two_c=0.01, place=Place(position=(0.15, 0.0))), r"\(150, 0\) mm is -?0 mm outside"),
    ],
)
def test_the_ends_of_what_fits_are_refused(seed: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        laid(seed)
    assert laid(Surface(a=0.00999, c=0.0149, place=Place(inside_lip=0.0))).outer == pytest.approx(1e-4)


@pytest.mark.parametrize(("back", "said"), [(0.9e-3, False), (1.3e-3, True)])
def test_a_rim_that_stands_back_by_more_than_a_tenth_of_the_thickness_is_said(back: float, said: bool) -> None:
    pane = PaneShape(thickness=0.010, lip_inset=0.015, radius=0.150, recess=((-1.0, 0.0), (1.0, back)))
    assert bool(laid(pane=pane).warnings) == said
    if said:
        assert "stands back by up to 1.3 mm" in laid(pane=pane).warnings[0]
