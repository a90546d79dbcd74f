"""Instability, arrest and quasi-static growth along the line against exact arrest sizes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import erfc

from deadlight.crack.growth import Walk, walk
from deadlight.crack.line import CrackLine
from deadlight.crack.pane_shape import PaneShape
from deadlight.crack.rim_kernel import Rim
from deadlight.crack.section import Section
from deadlight.crack.through import ThroughProblem

K_IC = 0.75e6


def _walk(depth: np.ndarray, stress: np.ndarray, *, rim: Rim, tips: tuple[float, float], step: float) -> Walk:
    pane = PaneShape(thickness=1.0, radius=1.0)
    line = CrackLine(
        np.zeros(2), np.array([1.0, 0.0]), depth, np.zeros(1), float(depth[-1]), tips[0], tips[1], rim, pane
    )
    section = Section(stress, np.zeros_like(stress))
    problem = ThroughProblem(line, section, np.full_like(stress, 300.0), 0.2)
    return walk(problem, lambda temperature: np.full_like(temperature, K_IC), step=step)


def test_pop_in_under_a_smooth_patch_arrests_at_the_exact_length() -> None:
    """Infinite sheet, sigma = S (1 - (x/b)^2): K = S sqrt(pi c) (1 - (c/b)^2/2), first unstable, then arrested."""
    s, b, c0 = 20e6, 4e-3, 0.4e-3
    depth = np.linspace(0.0, 40e-3, 401)
    x = depth - 20e-3
    stress = np.stack([level * s * (1.0 - (x / b) ** 2) for level in np.linspace(0.5, 1.5, 101)])

    def k(c: float, level: float) -> float:
        return level * s * math.sqrt(math.pi * c) * (1.0 - 0.5 * (c / b) ** 2)

    grown = _walk(depth, stress, rim=Rim(free=False), tips=(20e-3 - c0, 20e-3 + c0), step=0.02e-3)
    first = grown.runs[0]
    level = np.linspace(0.5, 1.5, 101)[first.instant]
    assert k(c0, level) >= K_IC > k(c0, level - 0.01)
    arrest = brentq(lambda c: k(c, level) - K_IC, 2.0 * c0, 1.4 * b)
    half = 0.5 * (grown.inner[first.instant] - grown.outer[first.instant])
    assert arrest > 5.0 * c0
    assert half == pytest.approx(arrest, abs=0.06e-3)
    final = brentq(lambda c: k(c, 1.5) - K_IC, 2.0 * c0, 1.4 * b)
    assert 0.5 * (grown.inner[-1] - grown.outer[-1]) == pytest.approx(final, abs=0.06e-3)
    assert np.nanmax(grown.ratio) < 1.0


E_ALPHA, NU, KAPPA, DROP = 70e9 * 9e-6, 0.22, 5e-7, 80.0
SIGMA0 = E_ALPHA * DROP / (1.0 - NU)


def test_thermal_shock_pops_in_at_the_exact_time_and_arrests() -> None:
    """Half-space edge crack a0 = 46 um, surface cooled by 80 K: t = 0.0253613 s, static arrest at 0.284033 mm.

    Own half-plane integral equation, 7 digits; quasi-static arrest as in Bahr et al. 1988.
    """
    time = np.linspace(0.0240, 0.0254, 15)
    depth = np.concatenate([np.linspace(0.0, 0.6e-3, 201), np.linspace(0.6e-3, 5e-3, 60)[1:]])
    stress = SIGMA0 * erfc(depth / (2.0 * np.sqrt(KAPPA * time))[:, None])
    grown = _walk(depth, stress, rim=Rim(), tips=(0.0, 46e-6), step=1e-6)
    run = grown.runs[0]
    before, after = grown.before[run.instant - 1, 1], grown.before[run.instant, 1]
    crossing = time[run.instant - 1] + (1.0 - before) / (after - before) * (time[1] - time[0])
    assert crossing == pytest.approx(0.0253613, rel=2e-3)
    assert grown.inner[-1] == pytest.approx(0.284033e-3, rel=0.01)


def test_thermal_shock_crack_then_follows_the_cooling() -> None:
    """Same crack at t = 0.5 s under K = K_Ic: 5.05697 mm (own integral equation)."""
    time = np.geomspace(0.03, 0.5, 40)
    depth = np.concatenate([np.linspace(0.0, 3e-3, 151), np.linspace(3e-3, 30e-3, 200)[1:]])
    stress = SIGMA0 * erfc(depth / (2.0 * np.sqrt(KAPPA * time))[:, None])
    grown = _walk(depth, stress, rim=Rim(), tips=(0.0, 0.284e-3), step=20e-6)
    assert grown.inner[-1] == pytest.approx(5.05697e-3, rel=0.012)
