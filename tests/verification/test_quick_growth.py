"""The growth record of the quick tier: against closed forms, against its own walk, and through every transition."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq

from deadlight.crack.face_problem import FaceProblem
from deadlight.crack.growth import FINE_STEP, walk
from deadlight.crack.line import CrackLine, crack_line
from deadlight.crack.pane_shape import PaneShape
from deadlight.crack.quick_growth import quick_record
from deadlight.crack.rim_kernel import Rim
from deadlight.crack.section import decompose, thickness_rule
from deadlight.crack.seed import Corner, EdgeThrough, Place, Seed, Surface, Through
from deadlight.crack.through import ThroughProblem
from deadlight.growth.humidity import Humidity
from deadlight.growth.law import PowerLaw
from deadlight.growth.record import End, GrowthRecord
from deadlight.growth.size_history import size_history
from support_growth import K_IC, Power, Still, Wet

Array = np.ndarray[Any, np.dtype[np.float64]]

NU = 0.2
ZETA, _ = thickness_rule(4)
RIM = Place(inside_lip=0.0)


def _sheet(depth: Array, tips: tuple[float, float], rim: Rim) -> CrackLine:
    """A line in a pane so thick that the plane problem alone answers."""
    pane = PaneShape(thickness=1.0, radius=1.0)
    return CrackLine(np.zeros(2), np.array([1.0, 0.0]), depth, ZETA, float(depth[-1]), *tips, rim, pane)


def _record(line: CrackLine, stress: Array, time: Array, seed: Seed | None = None, **more: Any) -> GrowthRecord:
    """Stress (m, n_line), the same through the thickness."""
    full = np.repeat(stress[:, :, None], len(line.zeta), axis=2)
    made = Through(line.inner - line.outer, RIM) if line.outer else EdgeThrough(line.inner, RIM)
    given = {"law": Still(), "clock": Wet(), "toughness": lambda warm: np.full_like(warm, K_IC), **more}
    return quick_record(
        seed or made, line, time=time, stress=full, temperature=np.full(full.shape, 300.0), nu=NU, **given
    )


def _what(record: GrowthRecord) -> list[str]:
    return [event.what for event in record.events]


@pytest.mark.reference("Evans & Wiederhorn 1974, Int. J. Fracture 10:379")
def test_life_of_a_through_crack_in_a_wide_sheet_under_slow_growth() -> None:
    """K = sigma sqrt(pi c), v = v_c (K/K_Ic)^18: t = 2 c_c / (v_c (n-2)) ((c_c/c_0)^((n-2)/2) - 1)."""
    sigma, c, law = 5e6, 1e-3, Power(1e-3, 18)
    critical = (K_IC / sigma) ** 2 / math.pi
    life = 2.0 * critical / (law.v_c * (law.n - 2)) * ((critical / c) ** (0.5 * law.n - 1) - 1.0)
    depth = np.linspace(0.0, 0.4, 101)
    line = _sheet(depth, (0.2 - c, 0.2 + c), Rim(free=False))
    record = _record(line, np.full((11, 101), sigma), np.linspace(0.0, 1.2 * life, 11), law=law)
    assert record.tier == "quick"
    assert record.first_critical == pytest.approx(life, rel=1e-4)
    slow = [step for step in record.steps if not step.indicative]
    assert len(slow) > 5
    assert 0.5 * slow[-1].area == pytest.approx(critical, rel=0.15)  # the last step before, thickness 1 m
    assert _what(record)[:3] == ["grows slowly", "K reaches K_Ic", "runs"]


def test_pop_in_under_a_smooth_patch_as_in_closed_form_and_as_the_walk() -> None:
    """K = S sqrt(pi c) (1 - (c/b)^2/2): time of instability, half length at arrest, then K held at K_Ic."""
    s, b, c = 20e6, 4e-3, 0.4e-3
    depth, time = np.linspace(0.0, 40e-3, 401), np.linspace(0.5, 1.5, 101)
    stress = time[:, None] * s * (1.0 - ((depth - 20e-3) / b) ** 2)
    line = _sheet(depth, (20e-3 - c, 20e-3 + c), Rim(free=False))
    record = _record(line, stress, time)

    def k(half: float, level: float) -> float:
        return level * s * math.sqrt(math.pi * half) * (1.0 - 0.5 * (half / b) ** 2) / K_IC - 1.0

    begins = brentq(lambda level: k(c, level), 0.5, 1.5)
    assert record.first_critical == pytest.approx(begins, rel=1e-4)
    assert _what(record) == ["K reaches K_Ic", "runs", "arrests", "K reaches K_Ic again", "grows with K held at K_Ic"]
    arrest = brentq(lambda half: k(half, begins), 2.0 * c, 1.4 * b)
    after = 0.5 * float(record.trace_area[record.trace_time <= begins * (1.0 + 1e-9)][-1])
    assert after == pytest.approx(arrest, rel=5e-3)
    assert 0.5 * record.trace_area[-1] == pytest.approx(brentq(lambda half: k(half, 1.5), 2.0 * c, 1.4 * b), rel=5e-3)

    problem = ThroughProblem(line, decompose(np.repeat(stress[:, :, None], 4, axis=2)), np.full_like(stress, 300.0), NU)
    grown = walk(problem, lambda warm: np.full_like(warm, K_IC), step=0.05e-3)
    instants = time[grown.runs[0].instant - 1], time[grown.runs[0].instant]
    assert instants[0] < record.first_critical <= instants[1]
    later = grown.runs[0].instant
    half = 0.5 * (grown.inner - grown.outer)[later:]
    np.testing.assert_allclose(0.5 * record.area_at(time[later:]), half, atol=FINE_STEP * 2.0 * half[-1], rtol=5e-3)


def test_a_band_of_tension_at_the_rim_as_the_walk_has_it() -> None:
    """The rim-side tip runs to the rim, the other one arrests in the compression behind the band."""
    pane = PaneShape(thickness=0.010, lip_inset=0.015, radius=0.150)
    seed = Through(two_c=0.012, place=RIM)
    line, time = crack_line(seed, pane, points=4), np.linspace(0.0, 100.0, 41)
    profile = 1.4 / (1.0 + np.exp((line.depth - 0.02) / 0.003)) - 0.4
    stress = 8e6 * np.sin(math.pi * time / 100.0)[:, None] * profile
    record = _record(line, stress, time, seed)
    problem = ThroughProblem(line, decompose(np.repeat(stress[:, :, None], 4, axis=2)), np.full_like(stress, 300.0), NU)
    grown = walk(problem, lambda warm: np.full_like(warm, K_IC), step=0.25e-3)
    assert grown.reached_rim is not None
    edge = next(event for event in record.events if event.what == "reaches the edge")
    assert time[grown.reached_rim - 1] <= edge.time <= time[grown.reached_rim]
    assert np.linalg.norm(edge.place[:2]) == pytest.approx(pane.radius)
    assert record.end is End.HISTORY_OVER
    assert record.margin_after > 0.0
    last = record.steps[-1].reading
    assert len(last.weight) == 1
    assert record.trace_area[-1] / pane.thickness == pytest.approx(grown.inner[-1], abs=1e-3)
    assert (np.diff(record.trace_area) >= 0.0).all()


@pytest.mark.parametrize(("rim", "end"), [(Rim(0.02), End.SEVERED), (Rim(free=False), End.LOST)])
def test_under_even_tension_it_ends_with_a_reason(rim: Rim, end: End) -> None:
    depth = np.linspace(0.0, 0.04, 81)
    tips = (0.0, 2e-3) if rim.free else (1e-3, 5e-3)
    time = np.array([0.0, 1.0, 2.0])
    record = _record(_sheet(depth, tips, rim), time[:, None] * np.full(81, 40e6), time)
    assert record.end is end
    assert ("crosses the pane" if rim.free else "not square") in record.sentence
    assert "runs" in _what(record)
    assert record.first_critical is not None
    assert math.isnan(record.margin_after)


def _plate(seed: Seed) -> tuple[CrackLine, Array]:
    line = crack_line(seed, PaneShape(thickness=0.010, radius=0.150), points=4)
    return line, np.ones(len(line.depth))


def test_slow_growth_of_a_surface_crack_as_by_its_differential_equation() -> None:
    """Depth and length by an integrator of high order with the same K, until K reaches K_Ic."""
    seed = Surface(a=1e-3, c=2e-3, place=Place(position=(0.0, 0.0)))
    line, one = _plate(seed)
    law = PowerLaw(n=12.0, v_c=1e-3, k_ref=K_IC, owner="glass")
    time, sigma = np.linspace(0.0, 2000.0, 5), 8e6
    record = _record(line, sigma * np.repeat(one[None], 5, axis=0), time, seed, law=law)
    stress = np.full((1, *line.shape), sigma)
    problem = FaceProblem(seed, line, stress, stress, NU)

    def k(size: Array, at: float) -> Array:
        found = problem.k(float(size[0]), float(size[1])).upper[0]
        return np.array([found[0], found[1:].max()])

    exact = size_history(
        k, law, start=[seed.a, seed.c], time=time, toughness=K_IC, temperature=300.0, humidity=Humidity(),
        tolerance=1e-5,
    )  # fmt: skip
    assert exact.end == "critical"
    assert record.first_critical == pytest.approx(float(exact.time[-1]), rel=5e-3)


@pytest.mark.parametrize("seed", [Surface(3e-3, 6e-3, Place(position=(0.0, 0.0))), Corner(3e-3, 4e-3, RIM)])
def test_a_face_crack_breaks_through_and_goes_on_as_a_through_crack(seed: Surface | Corner) -> None:
    line, one = _plate(seed)
    time = np.linspace(0.0, 10.0, 6)
    band = one if isinstance(seed, Corner) else np.clip(3.0 - np.abs(line.depth - 0.15) / 8e-3, -1.0, 1.0)
    record = _record(line, 15e6 * (time / 10.0)[:, None] * band, time, seed)
    assert "breaks through" in _what(record)
    reached = next(event for event in record.events if event.what == "breaks through")
    assert reached.indicative
    sizes = [step.area for step in record.steps]
    assert (np.diff(sizes) > 0.0).all()
    last = record.steps[-1]
    assert last.area > 10e-3 * seed.c  # through the thickness
    heights = np.concatenate(last.fronts)[:, 2]
    assert np.ptp(heights) == pytest.approx(10e-3)
    first = record.steps[0]
    quarters = 1 if isinstance(seed, Corner) else 2
    assert first.area == pytest.approx(quarters * math.pi / 4.0 * seed.a * seed.c)
    expected = End.SEVERED if isinstance(seed, Corner) else End.HISTORY_OVER
    assert record.end is expected, record.sentence
    assert any("kept straight" in remark for remark in record.remarks)
