"""Crack seeds: where they land on the pane, what is refused, and how stress is taken apart on their line."""

from __future__ import annotations

import math

import numpy as np
import pytest

from deadlight.crack.line import CrackLine, crack_line
from deadlight.crack.pane_shape import PaneShape
from deadlight.crack.section import decompose, residual_bound, thickness_rule
from deadlight.crack.seed import Corner, EdgeThrough, Place, Surface, Through
from deadlight.crack.through import interpolation
from deadlight.errors import InputError

DISC = PaneShape(thickness=0.010, lip_inset=0.015, radius=0.150, name="thermal")
BOX = PaneShape(thickness=0.016, lip_inset=0.010, half_sizes=(0.2, 0.15), corner_radius=0.03, z_middle=0.02)


@pytest.mark.parametrize(
    ("inside", "outer", "inner"), [(0.0, 0.009, 0.021), (0.005, 0.014, 0.026), (-0.005, 0.004, 0.016)]
)
def test_tips_count_from_the_rim(inside: float, outer: float, inner: float) -> None:
    line = crack_line(Through(two_c=0.012, place=Place(inside_lip=inside, azimuth=0.7)), DISC)
    assert (line.outer, line.inner) == pytest.approx((outer, inner))
    middle = line.position(0.5 * (outer + inner))
    assert math.hypot(*middle) == pytest.approx(0.135 - inside)
    assert math.atan2(middle[1], middle[0]) == pytest.approx(0.7)
    assert line.rim.radius == 0.15
    assert line.length == pytest.approx(0.3)
    assert not line.warnings


def test_points_lie_in_the_pane_and_normal_stress_is_projected() -> None:
    line = crack_line(Through(two_c=0.012, place=Place(inside_lip=0.0, azimuth=math.pi / 6)), DISC)
    points = line.points()
    assert points.shape == (len(line.depth) * len(line.zeta), 3)
    assert np.hypot(points[:, 0], points[:, 1]).max() <= 0.150 + 1e-12
    assert np.abs(points[:, 2]).max() < 0.005
    # hoop stress 1, radial stress 3 about the window axis: normal to a radial crack only the hoop part acts
    angle = np.arctan2(points[:, 1], points[:, 0])
    c, s = np.cos(angle), np.sin(angle)
    zero = np.zeros_like(c)
    stress = np.stack([3 * c * c + s * s, 3 * s * s + c * c, zero, zero, zero, 2 * s * c], axis=1)
    np.testing.assert_allclose(line.normal_stress(stress[None]), 1.0, rtol=1e-12)


def askew(angle: float) -> CrackLine:
    return crack_line(Through(two_c=0.012, place=Place(inside_lip=0.03, plane="angle", angle=angle)), DISC)


@pytest.mark.parametrize("angle", [0.0, 0.3, math.pi / 4, 1.2])
def test_shear_counts_as_tension_of_the_same_energy(angle: float) -> None:
    """Under uniaxial tension at an angle b to a line crack K_I^2 + K_II^2 is that of tension times sin b."""
    line = askew(angle)
    stress = np.zeros((1, len(line.points()), 6))
    stress[..., 1] = 2.0  # across a crack along x, as one at azimuth 0 along the radius is
    sine = abs(line.normal[1])
    np.testing.assert_allclose(line.normal_stress(stress), 2.0 * sine**2, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(line.acting_stress(stress), 2.0 * sine, rtol=1e-12, atol=1e-15)


def test_flat_cracks_take_more_of_the_shear() -> None:
    flat = crack_line(Surface(a=1e-3, c=2e-3, place=Place(inside_lip=0.03)), DISC)
    stress = np.zeros((1, len(flat.points()), 6))
    stress[..., 5] = -3.0  # xy
    assert (flat.acting_stress(stress) >= 3.0 * 2.0 / (2.0 - 0.25)).all()


def test_what_is_pressed_shut_still_shears() -> None:
    """Without shear pressure stays what it is; with more than a tenth of it the shear alone is left."""
    line = askew(0.0)
    stress = np.zeros((4, len(line.points()), 6))
    stress[:, :, 1] = -10.0
    stress[:, :, 5] = np.array([0.0, 0.5, 1.0, 4.0])[:, None]
    acting = line.acting_stress(stress)
    for found, expected in zip(acting, (-10.0, -4.5, 1.0, 4.0)):
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_line_askew_to_the_rim_has_a_band_that_fades_with_distance() -> None:
    """None for a radius; for one 45 degrees off, more the longer the crack is for its distance from the rim."""
    assert askew(0.0).askew_here == 0.0
    found = [
        crack_line(Through(two_c=two_c, place=Place(inside_lip=-0.005, plane="angle", angle=math.pi / 4)), DISC)
        for two_c in (0.001, 0.003, 0.012)
    ]
    bands = [line.askew_here for line in found]
    assert 0.0 < bands[0] < 0.15 < bands[1] < bands[2] == pytest.approx(found[2].askew) == pytest.approx(0.75)


def test_hoop_crack_is_laid_along_a_chord_and_warned_about() -> None:
    line = crack_line(Through(two_c=0.012, place=Place(inside_lip=0.0, plane="hoop")), DISC)
    assert line.length == pytest.approx(2.0 * math.sqrt(0.15**2 - 0.135**2))
    assert 0.5 * (line.outer + line.inner) == pytest.approx(0.5 * line.length)
    assert not line.rim.free
    assert "off its normal" in line.warnings[0]


def test_rounded_rectangle_takes_a_straight_edge_and_says_so() -> None:
    line = crack_line(Through(two_c=0.012, place=Place(inside_lip=0.002)), BOX)
    assert line.origin == pytest.approx([0.2, 0.0])
    assert 0.5 * (line.outer + line.inner) == pytest.approx(0.012)
    assert line.rim.free
    assert math.isinf(line.rim.radius)
    assert "straight free edge" in line.assumptions[0]
    assert np.mean(line.points()[:, 2]) == pytest.approx(0.02)


def test_edge_and_corner_cracks_start_at_the_rim() -> None:
    for seed, inner in (
        (EdgeThrough(depth=0.02, place=Place(inside_lip=0.0)), 0.02),
        (Corner(a=0.001, c=0.003, place=Place(inside_lip=0.0)), 0.003),
    ):
        line = crack_line(seed, DISC)
        assert (line.outer, line.inner) == (0.0, inner)
        assert line.origin == pytest.approx([0.15, 0.0])


@pytest.mark.parametrize(
    ("seed", "words"),
    [
        (Through(two_c=0.05, place=Place(inside_lip=0.0)), "10 mm outside the rim.*2c = 30 mm"),
        (Through(two_c=0.01, place=Place(inside_lip=-0.02)), "5 mm outside the rim.*move the crack inwards"),
        (Through(two_c=0.01, place=Place(position=(0.2, 0.0))), "50 mm outside the rim"),
        (Surface(a=0.011, c=0.02, place=Place(inside_lip=0.05)), "11 mm in a pane 10 mm thick"),
        (EdgeThrough(depth=0.4, place=Place(inside_lip=0.0)), "400 mm long and the pane 300 mm across"),
    ],
)
def test_crack_outside_the_pane_is_refused_with_numbers(seed: Through, words: str) -> None:
    with pytest.raises(InputError, match="(?s)" + words):
        crack_line(seed, DISC)


def test_bad_seeds_and_panes_are_refused() -> None:
    with pytest.raises(InputError, match="two_c = -1"):
        Through(two_c=-1.0, place=Place(inside_lip=0.0))
    with pytest.raises(InputError, match="needs a position or"):
        Place()
    with pytest.raises(InputError, match="exactly one"):
        PaneShape(thickness=0.01)
    with pytest.raises(InputError, match="lip narrower"):
        PaneShape(thickness=0.01, radius=0.1, lip_inset=0.2)


def test_section_takes_stretching_bending_and_rest_apart() -> None:
    """sigma = 2 + 3 zeta + 0.5 (3 zeta^2 - 1)/2: mean, linear, and the Legendre polynomial in self-equilibrium."""
    zeta, weight = thickness_rule(8)
    assert weight.sum() == pytest.approx(1.0)
    legendre = 0.5 * (3.0 * zeta**2 - 1.0)
    parts = decompose((2.0 + 3.0 * zeta + 0.5 * legendre)[None, None, :])
    assert parts.membrane[0, 0] == pytest.approx(2.0)
    assert parts.bending[0, 0] == pytest.approx(3.0)
    one = np.zeros(1, dtype=np.int64)
    assert parts.residual(one, one)[0, 0] == pytest.approx(0.5 * np.abs(legendre).max())
    assert parts.residual(one, one, beyond=True)[0, 0] < 1e-12


def test_residual_bound_covers_a_slab_solution() -> None:
    """Long crack between roller faces, parabola in self-equilibrium: K = sum of a_n sqrt(2/k_n) cos(k_n z).

    Half-plane crack under s cos(k z): K = s sqrt(2/k) cos(k z), from the point-force weight function.
    """
    t = 0.01
    n = np.arange(1, 400)
    k = 2.0 * math.pi * n / t
    amplitude = 6.0 / (math.pi * n) ** 2 * (-1.0) ** n  # cosine series of (3 zeta^2 - 1)/2, zeta = 2 z/t
    z = np.linspace(-0.5 * t, 0.5 * t, 41)
    np.testing.assert_allclose(np.cos(np.outer(z, k)) @ amplitude, 0.5 * (12.0 * (z / t) ** 2 - 1.0), atol=3e-3)
    exact = np.abs(np.cos(np.outer(z, k)) @ (amplitude * np.sqrt(2.0 / k))).max()
    bound = float(residual_bound(np.array(1.0), half_length=0.05, thickness=t))
    assert exact < bound < 2.5 * exact
    short = float(residual_bound(np.array(1.0), half_length=1e-4, thickness=t))
    assert short == pytest.approx(1.12 * math.sqrt(math.pi * 1e-4))


def test_interpolation_is_exact_for_cubics_and_constant_outside() -> None:
    samples = np.array([0.0, 1.0, 1.5, 3.0, 4.0, 6.0])
    points = np.array([-1.0, 0.0, 0.3, 1.7, 5.2, 6.0, 7.0])
    value = interpolation(samples, points) @ (samples**3 - samples)
    inside = np.clip(points, 0.0, 6.0)
    np.testing.assert_allclose(value, inside**3 - inside, atol=1e-11)


def test_samples_keep_inside_a_bevelled_rim() -> None:
    """Rim nodes of 0.4 mm bevels at both corners: points near a face stop where the bevel starts at their height."""
    turn = np.linspace(0.0, 2.0 * math.pi, 7)[:-1]
    rim = [(0.150, 0.0), (0.150, 0.0046), (0.1496, 0.005), (0.150, -0.0046), (0.1496, -0.005)]
    nodes = np.array([[r * math.cos(a), r * math.sin(a), z] for r, z in rim for a in turn])
    pane = DISC.with_rim(nodes)
    assert pane.recess[0] == pytest.approx((-1.0, 0.4e-3))
    points = crack_line(Through(two_c=0.012, place=Place(inside_lip=0.0)), pane).points()
    radius, below = np.hypot(points[:, 0], points[:, 1]), 0.005 - np.abs(points[:, 2])
    allowed = 0.150 - np.clip(0.4e-3 - below, 0.0, None)
    assert (radius < allowed).all()
    assert (allowed - radius).min() < 1.1e-4


def test_polygon_outline_is_the_rectangle_it_describes() -> None:
    corners = ((0.2, -0.15), (0.2, 0.15), (-0.2, 0.15), (-0.2, -0.15))
    polygon = PaneShape(thickness=0.016, lip_inset=0.010, vertices=corners)
    box = PaneShape(thickness=0.016, lip_inset=0.010, half_sizes=(0.2, 0.15))
    for place in (
        Place(inside_lip=0.002),
        Place(inside_lip=0.0, azimuth=1.4),
        Place(position=(0.15, 0.1), plane="hoop"),
    ):
        one, other = (crack_line(Through(two_c=0.012, place=place), pane) for pane in (polygon, box))
        np.testing.assert_allclose(one.origin, other.origin, atol=1e-9)
        assert one.length == pytest.approx(other.length)
        assert one.rim == other.rim
        np.testing.assert_allclose(one.depth, other.depth)
