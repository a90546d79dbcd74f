"""Crack surfaces of the full tier as triangles: what a severing step cuts off, straight and bent."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deadlight.chain.crack_surfaces import sheet_surfaces
from deadlight.chain.cracks import CrackAnswer
from deadlight.chain.flaws import Flaw, pane_body
from deadlight.chain.pane_growth import PaneGrowth
from deadlight.chain.pieces import pane_outcome
from deadlight.growth.reading import Reading
from deadlight.growth.record import End, GrowthRecord, GrowthStep
from deadlight.surface.sheet import Sheet
from support_growth import K_IC
from support_outcome import no_crack, outside, warmth, window

R, T, RHO = 0.100, 0.010, 2200.0


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any, Any]:
    folder = tmp_path_factory.mktemp("pane")
    viewport = window(folder, no_crack())
    return folder, viewport, pane_body(viewport, "thermal")


def line(viewport: Any, *points: tuple[float, float]) -> Sheet:
    """A through crack along points in plan, led on beyond both faces."""
    z = viewport.mesh.points[:, 2]
    low, high = float(z.min()), float(z.max())
    x = np.array([[*p, low] for p in points])
    return Sheet.line(x, np.array([0.0, 0.0, 1.0]), (-0.2 * (high - low), 1.2 * (high - low)), "C")


def grown(sheets: list[Sheet], cut: tuple[Sheet, ...], time: float) -> GrowthRecord:
    """A record of one geometry that then severs the pane."""
    flat = np.zeros((2, 1))
    reading = Reading(
        time=np.array([0.0, 30.0]), k=np.zeros((2, 1, 3)), error=flat, effective=flat, tilt=flat, twist=flat,
        temperature=flat + 300.0, toughness=flat + K_IC, weight=np.ones(1), place=np.zeros((1, 3)),
        front=np.zeros(1, dtype=np.int64), crack=np.zeros(1, dtype=np.int64), closed=(False,), area=1e-4,
    )  # fmt: skip
    shape = dataclasses.make_dataclass("Shape", ["sheets"])(tuple(sheets))
    step = GrowthStep(0, 0.0, reading, (), shape, False)
    trace = np.array([0.0, time])
    return GrowthRecord(
        "full", (step,), trace, np.array([1e-4, 1e-4]), np.array([0.5, 1.0]), (), End.SEVERED, "cut", math.nan, 0.0,
        (), cut=cut,
    )  # fmt: skip


def test_straight_cut_severs_at_its_time(made: tuple[Path, Any, Any]) -> None:
    """A chord 60 mm from the axis from 12 s on: segment R^2 acos(0.6) - 60 x 80 mm2 = 9273 - 4800 mm2: 98.4 g."""
    folder, viewport, body = made
    start, whole = line(viewport, (-0.02, 0.06), (0.02, 0.06)), line(viewport, (-0.2, 0.06), (0.2, 0.06))
    crack = dataclasses.make_dataclass("Stated", ["pane", "name", "kind"])("thermal", "C", "through")
    record = grown([start], (whole,), 12.0)
    growth = PaneGrowth("thermal", record, (), ())
    answer = CrackAnswer(crack, flaw=Flaw(crack, start, body, None, None), growth=growth)
    around = outside(viewport, folder, outer=1e3)
    found = pane_outcome(viewport, around, warmth(viewport, 30.0), "thermal", growth, [answer])
    assert found.cut_time == 12.0 and len(found.pieces) == 3
    before, large, small = found.pieces
    assert not before.cut and before.time[-1] == 12.0
    segment = R**2 * math.acos(0.6) - 0.06 * 0.08
    assert segment == pytest.approx(4473e-6, rel=1e-3)
    assert small.piece.mass == pytest.approx(segment * T * RHO, rel=1e-3)
    assert large.piece.mass + small.piece.mass == pytest.approx(math.pi * R**2 * T * RHO, rel=1e-4)
    assert small.indicative and found.state == "held"
    assert any("without inertia" in r for r in found.remarks)


def test_bent_surface_is_drawn_where_it_lies(made: tuple[Path, Any, Any]) -> None:
    """Two legs that meet at (0, 20) mm: their length in the pane times its thickness, and a millimetre beyond."""
    _, viewport, body = made
    bent = line(viewport, (-0.2, 0.08), (0.0, 0.02), (0.2, 0.08))
    beyond = 1e-3
    (surface,) = sheet_surfaces(bent, body, beyond)
    x = surface[0][surface[1]]
    area = 0.5 * np.linalg.norm(np.cross(x[:, 1] - x[:, 0], x[:, 2] - x[:, 0]), axis=1).sum()
    slope = 0.3  # y = 0.02 + 0.3 |x|, |(x, y)| = R
    a, b, c = 1 + slope**2, 2 * 0.02 * slope, 0.02**2 - R**2
    reach = (-b + math.sqrt(b * b - 4 * a * c)) / (2 * a)
    length = 2 * reach * math.sqrt(1 + slope**2)
    assert area == pytest.approx((length + 2 * beyond) * (T + 2 * beyond), rel=0.01)
    assert np.abs(x[..., 1] - 0.02 - slope * np.abs(x[..., 0])).max() < 1e-9
