"""Properties of the quick tier that need no reference: homogeneity, symmetry, temperature, panes, endings."""

from __future__ import annotations

import math

import numpy as np
import pytest

from deadlight.crack.line import CrackLine, crack_line
from deadlight.crack.pane_shape import PaneShape
from deadlight.crack.quick import assess
from deadlight.crack.result import QuickResult, first_crossing, margin
from deadlight.crack.seed import EdgeThrough, Place, Seed, Surface, Through
from deadlight.errors import InputError

DISC = PaneShape(thickness=0.010, lip_inset=0.015, radius=0.150)
BOX = PaneShape(thickness=0.010, lip_inset=0.015, half_sizes=(0.2, 0.15), corner_radius=0.02)
TIME = np.linspace(0.0, 100.0, 41)
SEED = Through(two_c=0.012, place=Place(inside_lip=0.0))


def _run(
    seed: Seed = SEED,
    *,
    pane: PaneShape = DISC,
    membrane: float = 4e6,
    bending: float = 0.0,
    k_ic: float = 1e12,
    band: float = 0.02,
    kelvin: float = 400.0,
) -> QuickResult:
    """Tension inside a rim band, rising and falling with time; bending steady all over."""
    line = crack_line(seed, pane)
    course = np.sin(math.pi * TIME / TIME[-1])[:, None, None]
    profile = (1.4 / (1.0 + np.exp((line.depth - band) / 0.003)) - 0.4)[None, :, None]
    stress = membrane * course * profile + bending * line.zeta
    return assess(
        seed,
        pane=pane,
        time=TIME,
        stress=stress,
        temperature=np.full((len(TIME), *line.shape), kelvin),
        toughness=lambda t: np.where(t < 500.0, k_ic, 0.5 * k_ic),
        nu=0.17,
        young=72e9,
    )


@pytest.mark.parametrize("bending", [0.0, 3e6, -3e6])
def test_k_is_homogeneous_of_degree_one_with_contact(bending: float) -> None:
    """Contact without friction or gap: twice the stress gives twice the K and the same closed share."""
    one, two = _run(bending=bending), _run(membrane=8e6, bending=2.0 * bending)
    np.testing.assert_allclose(two.seed_k, 2.0 * one.seed_k, rtol=1e-9, atol=1.0)
    np.testing.assert_allclose(two.closed_inner, one.closed_inner, atol=1e-12)
    np.testing.assert_allclose(two.slit_area, 2.0 * one.slit_area, rtol=1e-9, atol=1e-15)


def test_turning_the_bending_round_swaps_the_skins() -> None:
    up, down = _run(bending=3e6), _run(bending=-3e6)
    np.testing.assert_allclose(up.seed_k, down.seed_k, rtol=1e-9)
    np.testing.assert_allclose(up.closed_inner, down.closed_outer, atol=1e-12)


def test_toughness_is_taken_at_the_tip_s_temperature() -> None:
    cold, hot = _run(k_ic=1e9), _run(k_ic=1e9, kelvin=600.0)
    np.testing.assert_allclose(hot.seed_ratio, 2.0 * cold.seed_ratio)
    assert hot.temperature == pytest.approx(600.0)


def test_growth_resumes_only_while_k_is_critical() -> None:
    answer = _run(k_ic=0.3e6)
    assert answer.events[0].what == "K reaches K_Ic"
    grows = np.flatnonzero(np.diff(answer.size[:, 1]) > 0.0)
    assert len(grows)
    assert TIME[grows].max() <= 52.0  # load falls after 50 s
    assert np.nanmax(answer.ratio) < 1.0
    assert answer.margin_after > 0.0
    assert [event.time for event in answer.events] == sorted(event.time for event in answer.events)


def test_closed_crack_and_never_open() -> None:
    shut = _run(Surface(a=0.001, c=0.002, place=Place(inside_lip=0.08)))
    assert shut.state == "closed"
    assert math.isinf(shut.margin_after)


def test_edge_crack_has_one_tip() -> None:
    answer = _run(EdgeThrough(depth=0.01, place=Place(inside_lip=0.0)))
    assert np.isnan(answer.seed_k[:, 0]).all()
    assert answer.first_tip is None
    assert answer.seed_k[20, 1] > 0.0


@pytest.mark.parametrize("azimuth", [0.0, 0.3])
def test_rectangular_pane_is_answered_with_its_assumption(azimuth: float) -> None:
    answer = _run(Through(two_c=0.012, place=Place(inside_lip=0.0, azimuth=azimuth)), pane=BOX)
    assert any("straight free edge" in item.value for item in answer.assumptions)
    assert bool(answer.warnings) == (azimuth > math.radians(15.0))
    # the rim image of the straight edge differs from that of the disc by about length/radius
    disc = _run(SEED)
    if not azimuth:
        np.testing.assert_allclose(answer.seed_k, disc.seed_k, rtol=0.05, atol=1e3)


def test_a_hoop_crack_stops_at_the_rim_with_a_warning() -> None:
    answer = _run(Through(two_c=0.03, place=Place(inside_lip=0.0, plane="hoop")), membrane=30e6, k_ic=0.5e6, band=0.2)
    assert answer.state == "at_edge"
    assert answer.end_reason == "reached_rim_not_followed"
    assert math.isnan(answer.margin_after)
    assert any("not followed further" in text for text in answer.warnings)


def test_first_crossing_and_margin() -> None:
    ratio = np.array([[np.nan, 0.2], [np.nan, 0.8], [np.nan, 1.2]])
    assert first_crossing(np.array([0.0, 1.0, 2.0]), ratio) == (pytest.approx(1.5), 1)
    assert first_crossing(np.array([0.0, 1.0, 2.0]), 0.5 * ratio) == (None, None)
    assert margin(0.5 * ratio) == pytest.approx(1.0 / 0.6 - 1.0)


def test_poisson_s_ratio_is_checked() -> None:
    line: CrackLine = crack_line(SEED, DISC)
    field = np.zeros((len(TIME), *line.shape))
    with pytest.raises(InputError, match=r"Poisson's ratio 0\.7"):
        assess(SEED, pane=DISC, time=TIME, stress=field, temperature=field, toughness=np.ones_like, nu=0.7)
