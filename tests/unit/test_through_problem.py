"""A through crack's problem under a history: samples to points, profiles over the thickness, bounds, the band of K."""

from __future__ import annotations

import dataclasses
import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from deadlight.crack import quick, thickness_profile
from deadlight.crack.disc import ORDER, line_crack
from deadlight.crack.growth import INNER, OUTER, Run, Walk, rest
from deadlight.crack.influence import CARRIED, NEAR_SKIN, through_influence
from deadlight.crack.influence_basis import ACROSS, ALONG
from deadlight.crack.line import CrackLine, crack_line
from deadlight.crack.pane_shape import PaneShape
from deadlight.crack.rim_kernel import Rim
from deadlight.crack.section import SKIN_FACTOR, Section, decompose, residual_bound, thickness_rule
from deadlight.crack.seed import Place, Through
from deadlight.crack.skin_contact import Opening
from deadlight.crack.thickness_profile import HEIGHTS, ThicknessProfile, front_open, influence_of
from deadlight.crack.through import ThroughProblem, interpolation

DISC = PaneShape(thickness=0.010, lip_inset=0.015, radius=0.150)
LINE = crack_line(Through(two_c=0.012, place=Place(inside_lip=0.05)), DISC)


def problem(stress: np.ndarray, nu: float = 0.2, line: CrackLine = LINE, **given: Any) -> ThroughProblem:
    """Under stress (m, 1 or n_line, 1 or n_thick)."""
    stress = stress + np.zeros((len(stress), *line.shape))
    warm = 300.0 + 1000.0 * line.depth + 0.0 * stress[..., 0]
    return ThroughProblem(line, decompose(stress), warm, nu, **given)


def legendre(degree: int) -> np.ndarray:
    return np.polynomial.legendre.legvander(LINE.zeta, degree)[:, degree]


def test_interpolation_passes_through_its_samples_and_never_leaves_them() -> None:
    samples = np.array([0.0, 1.0, 1.5, 3.0, 4.0, 6.0])
    np.testing.assert_allclose(interpolation(samples, samples), np.eye(6), atol=1e-14)
    matrix = interpolation(samples, np.linspace(-1.0, 7.0, 30))
    np.testing.assert_allclose(matrix.sum(axis=1), 1.0, atol=1e-12)
    assert ((np.abs(matrix) > 0.0).sum(axis=1) <= 4).all()
    # by the two samples on either side of a point
    assert np.flatnonzero(interpolation(samples, np.array([2.0]))[0]).tolist() == [1, 2, 3, 4]
    assert np.flatnonzero(interpolation(samples, np.array([0.5]))[0]).tolist() == [0, 1, 2, 3]
    assert np.flatnonzero(interpolation(samples, np.array([5.0]))[0]).tolist() == [2, 3, 4, 5]


def test_temperature_of_the_tips_is_that_of_the_line_there() -> None:
    found = problem(np.ones((2, 1, 1))).tip_temperature(0.02, 0.031, np.array([1]))
    np.testing.assert_allclose(found, [[320.0, 331.0]])


@pytest.mark.parametrize("millimetres", [3.0, 47.9, 60.0, 62.0, 130.0])
def test_long_cracks_get_more_unknowns_in_quarters_up_to_three_times(millimetres: float) -> None:
    """One unknown for 3 mm at the default order: 48 mm; in quarters of the order above."""
    length = millimetres * 1e-3
    quarters = math.ceil(4.0 * length / 3e-3 / ORDER) / 4.0
    crack, matrix = problem(np.ones((1, 1, 1))).state(0.05, 0.05 + length)
    assert len(crack.contact_depth) == int(ORDER * min(3.0, max(1.0, quarters)))
    assert matrix.shape == (len(crack.depth), len(LINE.depth))
    np.testing.assert_allclose(matrix @ LINE.depth, crack.depth, rtol=1e-12)


def test_order_is_capped_at_three_times() -> None:
    crack, _ = problem(np.ones((1, 1, 1))).state(0.02, 0.28)
    assert len(crack.contact_depth) == 3 * ORDER


def test_what_was_solved_for_the_whole_history_is_kept_and_a_part_of_it_is_not() -> None:
    asked, every = problem(np.array([1.0, 2.0, 3.0])[:, None, None] * 1e6), np.arange(3)
    whole = asked.opening(0.059, 0.071, every)
    assert asked.opening(0.059, 0.071, every) is whole
    part = asked.opening(0.059, 0.071, np.array([2]))
    assert part is not whole and len(part.membrane) == 1
    np.testing.assert_allclose(part.membrane[0], whole.membrane[2])
    profile = asked.profile(0.059, 0.071, every)
    assert asked.profile(0.059, 0.071, every) is profile
    np.testing.assert_allclose(asked.profile(0.059, 0.071, np.array([1])).front_max[0], profile.front_max[1])
    assert asked.influence(0.059, 0.071) is asked.influence(0.059, 0.071)
    np.testing.assert_allclose(profile.front_max[1], 2.0 * profile.front_max[0], rtol=1e-9)


def test_k_over_the_thickness_adds_up_over_parts_of_the_stress() -> None:
    """Stretching, bending and a self-equilibrated part together, open all over: the sum of each alone."""
    parts = np.stack(
        [np.ones_like(LINE.zeta), 0.2 * LINE.zeta, 0.1 * legendre(2), 0.1 * legendre(3), 0.1 * legendre(4)]
    )
    every = np.concatenate([parts, parts.sum(axis=0)[None]])[:, None, :]
    asked = problem(1e6 * every, contact=False)
    found = asked.profile(0.059, 0.071, np.arange(6)).k
    assert isinstance(asked.profile(0.059, 0.071, np.arange(6)), ThicknessProfile)
    for part in (1, 2, 3, 4):  # alone these are shut or not, so against stretching with them
        both = problem(1e6 * (parts[0] + parts[part])[None, None, :], contact=False).profile(0.059, 0.071, np.arange(1))
        found[part] = both.k[0] - found[0]
    np.testing.assert_allclose(found[5], found[:5].sum(axis=0), rtol=1e-7, atol=1.0)
    # even and odd over the thickness
    for part, parity in ((0, 1.0), (1, -1.0), (2, 1.0), (3, -1.0), (4, 1.0)):
        np.testing.assert_allclose(found[part][:, ::-1], parity * found[part], atol=5e-3 * 1e6 * math.sqrt(0.019))


@pytest.mark.parametrize("size", [1.0, 1e6, 1e8])
def test_a_crack_that_is_shut_at_every_instant_gets_nothing_from_the_tables(size: float) -> None:
    """Pressure all over the thickness, a tenth of it parabolic: what is left of K is rounding and opens no front."""
    found = problem(size * (-1.0 + 0.1 * legendre(2))[None, None, :]).profile(0.059, 0.071, np.arange(1))
    assert found.front_max.tolist() == [[0.0, 0.0]]
    bent = problem(size * (-1.0 + 0.1 * legendre(2) + 0.2 * LINE.zeta)[None, None, :])
    assert bent.profile(0.059, 0.071, np.arange(1)).front_max.tolist() == [[0.0, 0.0]]


def opening(membrane: list[list[float]], bending: list[list[float]]) -> Opening:
    row = np.zeros(len(membrane))
    return Opening(np.array(membrane), np.array(bending), row, row, row, row[:, None], row[:, None])


def test_a_front_is_open_where_k_is_more_than_rounding() -> None:
    """1e-9 of the largest K of all instants."""
    found = front_open(
        opening([[0.0, 0.0], [2.0, 0.0], [0.0, 1e-10], [-3.0, -2.0]], [[0, 0], [0, 0], [0, 0], [0, 2.5]])
    )
    assert found.tolist() == [0.0, 1.0, 0.0, 1.0]


def held(k: np.ndarray, parts: np.ndarray | None = None, higher: np.ndarray | None = None) -> ThicknessProfile:
    crack = line_crack(0.0588, 0.0712, rim=Rim(), thickness=0.01, nu=0.2)
    influence = through_influence(c=0.0062, ligament=0.0588, thickness=0.01, nu=0.2)
    m = len(k)
    return ThicknessProfile(
        k, opening([[0.0, 0.0]] * m, [[0.0, 0.0]] * m), influence, crack,
        np.zeros((m, ALONG + 1, ACROSS + 1)) if parts is None else parts,
        np.zeros((m, len(crack.depth), ACROSS - 1)) if higher is None else higher,
    )  # fmt: skip


def test_largest_and_mean_k_over_the_thickness() -> None:
    """K = 3 + 2 z: 5 at most, energy sqrt((1 - nu^2)(9 + 4/3)); pressed shut K is 0."""
    k = np.stack([3.0 + 2.0 * HEIGHTS, -1.0 - 0.0 * HEIGHTS])[None]
    found = held(k)
    assert found.front_max.tolist() == [[5.0, 0.0]]
    assert found.front_energy[0, 0] == pytest.approx(math.sqrt(0.96 * (9.0 + 4.0 / 3.0)), rel=1e-3)
    assert found.front_energy[0, 1] == 0.0


def test_a_largest_k_next_to_a_skin_may_be_three_percent_off() -> None:
    """Beyond 0.75 of the half thickness; of the other tip if that one is larger."""
    peak = np.exp(-(((HEIGHTS - np.array([0.0, 0.9, -0.9, 0.7])[:, None]) / 0.05) ** 2))
    k = np.stack([peak, 0.5 * np.exp(-((HEIGHTS - 0.0) ** 2)) + 0.0 * peak], axis=1)
    expected = CARRIED * k[:, 0].max(axis=1) * np.array([0, 1, 1, 0])
    np.testing.assert_allclose(thickness_profile._at_skin(k), expected)
    np.testing.assert_allclose(held(k).error(), expected)
    np.testing.assert_allclose(held(k).error([2]), expected[[2]])
    both = np.stack([peak[1], 2.0 * peak[2]])[None]
    assert thickness_profile._at_skin(both)[0] == pytest.approx(2.0 * CARRIED * peak[2].max())
    assert not thickness_profile._at_skin(-np.ones((1, 2, 33))).any() and NEAR_SKIN == 0.75


def test_what_polynomials_along_the_crack_leave_is_bounded_by_its_root_mean_square() -> None:
    """Nothing is fitted: 1.12 min(sqrt(pi c), sqrt(t/pi)) times the root mean square of the sum of the parts."""
    profile = held(np.zeros((1, 2, 33)))
    crack = profile.crack
    higher = np.zeros((1, len(crack.depth), ACROSS - 1))
    higher[0, :, 0], higher[0, :, 1] = 2.0, -3.0
    reach = min(math.sqrt(math.pi * 0.0062), math.sqrt(0.01 / math.pi))
    found = held(np.zeros((1, 2, 33)), higher=higher)
    assert found.error() == pytest.approx([SKIN_FACTOR * reach * 5.0])
    # fitted in full by constants and by x: nothing is left but the tables' own error
    parts = np.zeros((1, ALONG + 1, ACROSS + 1))
    parts[0, 0, 2], parts[0, 0, 3], parts[0, 1, 2] = 2.0, -3.0, 0.5
    x = (0.065 - crack.depth) / 0.0062
    higher[0, :, 0] += 0.5 * x
    fitted = held(np.zeros((1, 2, 33)), parts, higher)
    assert fitted.error() == pytest.approx(profile.influence.error(parts.reshape(1, -1)))
    assert fitted.beyond() == pytest.approx([0.0])


@pytest.mark.parametrize(
    ("half", "nu", "there"), [(0.0025, 0.2, True), (0.00249, 0.2, False), (0.01, 0.09, False), (0.01, 0.41, False)]
)
def test_the_tables_reach_from_a_quarter_of_the_thickness(half: float, nu: float, there: bool) -> None:
    crack: Any = SimpleNamespace(half_length=half, outer=0.02)
    found = influence_of(crack, thickness=0.01, nu=nu, free=True)
    assert (found is not None) == there
    if found is not None:
        assert found.ligament == 0.02 and math.isinf(influence_of(crack, thickness=0.01, nu=nu, free=False).ligament)  # type: ignore[union-attr]


def test_the_residue_is_what_the_shapes_leave_of_the_stress_on_the_crack() -> None:
    """P5 is in no table: its bound, of the samples on the crack and one beyond; P2 counts only without tables."""
    edge = float(np.abs(legendre(5)).max())
    asked = problem(1e6 + 1e5 * np.stack([legendre(5), legendre(2), 0.0 * LINE.zeta])[:, None, :])
    found = asked.residual_k(0.059, 0.071, np.arange(3))
    reach = min(math.sqrt(math.pi * 0.006), math.sqrt(0.01 / math.pi))
    assert found == pytest.approx([1.12 * 1e5 * edge * reach, 0.0, 0.0], abs=1.0)
    short = problem(asked.section.stress, line=LINE)  # type: ignore[arg-type]
    small = short.residual_k(0.064, 0.066, np.arange(3))  # c/t = 0.1: outside the tables
    reach = math.sqrt(math.pi * 0.001)
    assert small == pytest.approx(
        [1.12 * 1e5 * edge * reach, 1.12 * 1e5 * np.abs(legendre(2)).max() * reach, 0.0], abs=1.0
    )


def test_a_shut_front_s_residue_is_all_that_neither_stretches_nor_bends() -> None:
    asked = problem(np.array([1e6, -1e6])[:, None, None] + 1e5 * legendre(2)[None, None, :])
    reach = min(math.sqrt(math.pi * 0.006), math.sqrt(0.01 / math.pi))
    found = asked.residual_k(0.059, 0.071, np.arange(2))
    assert found == pytest.approx([0.0, 1.12 * 1e5 * np.abs(legendre(2)).max() * reach], abs=1.0)


def test_residue_away_from_the_crack_does_not_count() -> None:
    far = np.where(LINE.depth > 0.1, 1.0, 0.0)[None, :, None] * legendre(5)[None, None, :]
    asked = problem(1e6 + 1e5 * far)
    assert asked.residual_k(0.059, 0.071, np.arange(1)) == pytest.approx([0.0], abs=1.0)
    assert asked.residual_k(0.09, 0.11, np.arange(1))[0] > 1e3


def test_a_section_without_its_stress_leaves_nothing() -> None:
    bare = Section(np.ones((2, 5)), np.ones((2, 5)))
    assert bare.residual(np.arange(2), np.arange(3)).tolist() == [[0.0] * 3] * 2
    zeta, _ = thickness_rule(6)
    shape = 1.0 + 0.5 * zeta + np.polynomial.legendre.legvander(zeta, 4)[:, 4]
    parts = decompose(shape[None, None, :])
    at = np.zeros(1, dtype=np.int64)
    np.testing.assert_allclose(parts.higher, [[[0.0, 0.0, 1.0]]], atol=1e-12)  # type: ignore[arg-type]
    assert parts.residual(at, at, beyond=True)[0, 0] < 1e-12 < parts.residual(at, at)[0, 0]
    assert float(residual_bound(np.array(2.0), half_length=1.0, thickness=math.pi)) == pytest.approx(2.24)


# The band of the peak K and its numerical error, in `quick`


def test_outside_the_tables_the_band_is_residue_image_and_plane_strain() -> None:
    """Uniform tension: neither residue nor bending; plane strain may lift K to 1/sqrt(1 - nu^2), 0.3: 4.8 %."""
    asked = problem(np.full((1, 1, 1), 1e6), nu=0.3)
    plane = asked.opening(0.064, 0.066, np.arange(1))
    assert quick._band(asked, plane, 0.0, 1e5, 0) == pytest.approx((0.0, 1.0 / math.sqrt(0.91) - 1.0), abs=1e-9)
    low, high = quick._band(asked, plane, 1e4, 1e5, 0)
    assert (low, high) == pytest.approx((-0.1, 0.1 + 1.0 / math.sqrt(0.91) - 1.0))
    assert quick._band(asked, plane, 1e4, 0.0, 0) == (0.0, 0.0)
    bent = problem(1e6 * (1.0 + 0.5 * LINE.zeta)[None, None, :], nu=0.3, line=near_rim(0.001, 0.003))
    image = quick._image(bent, 0) / 1e5
    assert image > 0.0 and quick._band(bent, plane, 1e4, 1e5, 0)[0] == pytest.approx(-0.1 - image)
    aslant = dataclasses.replace(asked, line=dataclasses.replace(LINE, askew=0.4))
    assert quick._band(aslant, plane, 0.0, 1e5, 0)[1] == pytest.approx(high - 0.1 + aslant.line.askew_here)


def test_inside_the_tables_the_band_is_residue_and_error() -> None:
    asked = problem(np.full((1, 1, 1), 1e6))
    profile = asked.profile(LINE.outer, LINE.inner, np.arange(1))
    assert isinstance(profile, ThicknessProfile)
    share = (1e4 + float(profile.error()[0])) / 1e5
    assert quick._band(asked, profile, 1e4, 1e5, 0) == pytest.approx((-share, share))


def near_rim(outer: float, inner: float) -> CrackLine:
    return dataclasses.replace(LINE, outer=outer, inner=inner)


def test_nearer_to_the_rim_than_the_tables_hold_the_image_counts_again() -> None:
    """c/(c + ligament) above 0.9: what the rim adds to bending in the plane problem."""
    for outer, counts in ((0.0008, False), (0.0005, True)):
        asked = problem(1e6 * (1.0 + 0.5 * LINE.zeta)[None, None, :], line=near_rim(outer, outer + 0.012))
        profile: Any = asked.profile(outer, outer + 0.012, np.arange(1))
        image = quick._image(asked, 0)
        share = (float(profile.error()[0]) + (image if counts else 0.0)) / 1e5
        assert image > 0.0 and quick._band(asked, profile, 0.0, 1e5, 0) == pytest.approx((-share, share))


def test_the_image_is_the_rim_s_share_of_bending() -> None:
    """K_b with the rim less that in a sheet; a quarter of K_b for a crack from the rim; nothing without bending."""
    asked = problem(1e6 * LINE.zeta[None, None, :], line=near_rim(0.002, 0.012))
    given = {"thickness": 0.01, "nu": 0.2}
    bent, sheet = (line_crack(0.002, 0.012, rim=rim, **given) for rim in (LINE.rim, Rim(free=False)))  # type: ignore[arg-type]
    expected = 1e6 * np.abs(bent.bending.k.sum(axis=1) - sheet.bending.k.sum(axis=1)).max()
    assert quick._image(asked, 0) == pytest.approx(expected, rel=1e-6)
    edge = problem(1e6 * LINE.zeta[None, None, :], line=near_rim(0.0, 0.012))
    whole = line_crack(0.0, 0.012, rim=LINE.rim, **given)  # type: ignore[arg-type]
    assert quick._image(edge, 0) == pytest.approx(0.25 * 1e6 * whole.bending.k.sum(axis=1)[1], rel=1e-6)
    assert quick._image(problem(np.full((1, 1, 1), 1e6)), 0) == pytest.approx(0.0, abs=1e-3)


def walked(asked: ThroughProblem, **given: Any) -> Walk:
    return dataclasses.replace(rest(asked, lambda t: 1e6 + 0.0 * t), **given)


def test_a_smooth_stress_leaves_no_numerical_error_and_a_rough_one_does() -> None:
    """Uniform stress is answered exactly; noise between every other sample is seen by leaving them out."""
    smooth = problem(np.full((1, 1, 1), 1e6))
    k = smooth.profile(LINE.outer, LINE.inner, np.arange(1)).front_max
    assert quick._numerical_error(smooth, walked(smooth), k, 0) < 1e-3
    noise = (-1.0) ** np.arange(len(LINE.depth))
    rough = problem(1e6 * (1.0 + 0.5 * noise)[None, :, None])
    assert quick._numerical_error(rough, walked(rough), k, 0) > 0.01
    assert quick._numerical_error(smooth, walked(smooth), np.zeros((1, 2)), 0) == 0.0


def test_the_grown_crack_s_numerical_error_counts_if_it_is_larger() -> None:
    """A step of stress beyond the crack as found, inside the grown one."""
    step = np.where(LINE.depth > 0.09, 9.0, 1.0)
    asked = problem(1e6 * step[None, :, None])
    k = asked.profile(LINE.outer, LINE.inner, np.arange(1)).front_max
    at_rest = quick._numerical_error(asked, walked(asked), k, 0)
    run = (Run(0, INNER, LINE.inner, 0.1, 3, 1.5), Run(0, OUTER, 1.0, 1.0, 1, 1.0))
    grown = walked(asked, inner=np.array([0.1]), runs=run)
    found = quick._numerical_error(asked, grown, k, 0)
    fine = dataclasses.replace(asked, order=2 * asked.order, _states={}, _openings={}, _profiles={}, _influences={})
    one, two = (float(p.profile(LINE.outer, 0.1, np.arange(1)).front_max[0, INNER]) for p in (asked, fine))
    assert found == pytest.approx(2.0 * abs(two - one) / one) and found > at_rest
    assert quick._numerical_error(asked, dataclasses.replace(grown, split=0), k, 0) == at_rest
