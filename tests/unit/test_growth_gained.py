"""Area that a step adds to a crack's surface, in space."""

from __future__ import annotations

import numpy as np
import pytest

from deadlight.growth.advance import advanced
from deadlight.growth.gained import stretch
from deadlight.surface.chart import Graph, Plane
from deadlight.surface.join import surface_mesh
from deadlight.surface.sheet import Sheet

X, Y, Z = np.eye(3)
A = 1e-3


def test_stretch_of_a_slope() -> None:
    spots = np.random.default_rng(1).uniform(-1.0, 1.0, (60, 2))
    slope = np.column_stack([spots, spots[:, 0] + 2.0 * spots[:, 1]])
    chart = Graph.through(slope, Plane(np.zeros(3), X, Y))
    assert stretch(chart, spots[:5], 1e-6) == pytest.approx(np.sqrt(6.0), rel=1e-6)
    assert stretch(Plane(np.zeros(3), X, Y), spots, 1e-6) == pytest.approx(1.0, rel=1e-9)


@pytest.mark.parametrize(("tilt", "least"), [(0.0, 1e-3), (np.radians(40.0), 5e-3)])
def test_ring_and_frustum_round_a_penny(tilt: float, least: float) -> None:
    """Every front point goes as far and turns alike: pi (r + R) s, s the way, R = r + s cos(tilt)."""
    sheet, way = Sheet.ellipse(np.zeros(3), Z, X, A, A), 0.15 * A
    meshed = surface_mesh(None, [sheet], refine=0.7)
    count = sum(len(front.nodes) for front in meshed.mesh.fronts)
    found = advanced(
        meshed, [sheet], np.full(count, way), np.full(count, tilt), body=None, refine=0.7, back=None
    )  # fmt: skip
    assert found.gained == pytest.approx(np.pi * (2 * A + way * np.cos(tilt)) * way, rel=least)
