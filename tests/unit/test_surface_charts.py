"""Charts of surfaces: derivatives and normals that come with a point are those of the surface."""

import numpy as np
import pytest

from deadlight.growth.bend import bent_chart
from deadlight.surface.cap import Cap
from deadlight.surface.chart import Extruded, Graph, Plane, across
from deadlight.surface.curve import circle
from deadlight.surface.section import onto
from deadlight.surface.sheath import Sheath
from deadlight.surface.sheet import Sheet
from deadlight.surface.skin_chart import Band

RNG = np.random.default_rng(11)
FLAT = Plane(np.array([0.1, -0.2, 0.3]), *across(np.array([1.0, 2.0, 3.0])))
SPREAD = RNG.uniform(-1.0, 1.0, (80, 2))
DOME = Graph.through(FLAT.to_space(SPREAD) + 0.2 * (SPREAD**2).sum(axis=1)[:, None] * FLAT.n, FLAT)
VEE = Extruded.along(np.array([[-1.0, 0, 0], [0, 0, 0], [1.0, 0.8, 0]]), np.array([0.0, 0, 1.0]))


def grown() -> Sheath:
    """A penny that turned twice, the second time over another plane: a height over a height."""
    angle = np.linspace(0, 2 * np.pi, 61)[:-1]
    radial = np.column_stack([np.cos(angle), np.sin(angle), np.zeros(60)])
    lean = np.radians(30)
    first = bent_chart(Sheet.ellipse(np.zeros(3), [0, 0, 1.0], [1.0, 0, 0], 1.0, 1.0), [radial],
                       [radial + 0.2 * (np.cos(lean) * radial + np.sin(lean) * np.array([0, 0, 1.0]))])  # fmt: skip
    plane = Plane(np.array([0.0, 0, 0.1]), *across(np.array([0.3, 0.1, 1.0])))
    return Sheath(plane, first, (), (), 2.4)


CHARTS = {"plane": FLAT, "line": VEE, "dome": DOME, "height over a height": grown()}
FACES = CHARTS | {
    "pit": Cap(FLAT, 2.0, 0.7),
    "rim": Band(circle(1.2, -0.1), circle(1.0, 0.3)),
}


@pytest.mark.parametrize("name", CHARTS)
def test_derivatives_that_come_with_a_point(name):
    chart = CHARTS[name]
    uv = RNG.uniform(0.05, 0.6, (200, 2))
    x, du, dv = chart.located(uv)
    np.testing.assert_allclose(x, chart.to_space(uv), atol=1e-14)
    e = 1e-6
    for k, slope in enumerate((du, dv)):
        step = e * np.eye(2)[k]
        np.testing.assert_allclose(slope, (chart.to_space(uv + step) - chart.to_space(uv - step)) / (2 * e), atol=1e-6)
    n = np.cross(du, dv)
    np.testing.assert_allclose(chart.normal(uv), n / np.linalg.norm(n, axis=1)[:, None], atol=1e-9)


@pytest.mark.parametrize("name", FACES)
def test_normals_that_come_with_a_distance(name):
    chart = FACES[name]
    uv = RNG.uniform(0.05, 0.3, (100, 2))
    x = chart.to_space(uv) + 1e-3 * RNG.uniform(-1, 1, (100, 1)) * chart.normal(uv)
    off, normal = chart.signed_and_normal(x)
    np.testing.assert_allclose(off, chart.signed(x), atol=1e-15)
    np.testing.assert_allclose(normal, chart.normal(chart.to_chart(x)), atol=1e-9)


@pytest.mark.parametrize("name", CHARTS)
def test_points_of_a_crack_go_onto_a_face_the_shortest_way(name):
    """On the face to rounding, by no more than allowed, along the slope of the distance."""
    chart = CHARTS[name]
    uv = np.column_stack([RNG.uniform(0.2, 0.4, 50), np.full(50, 0.3)])
    x, _, dv = chart.located(np.array([[0.3, 0.3]]))
    face = Plane(x[0], *across(dv[0]))
    found = onto(face, chart, uv, np.full(50, 0.3))
    np.testing.assert_allclose(face.signed(chart.to_space(found)), 0.0, atol=1e-12)
    assert np.linalg.norm(found - uv, axis=1).max() < 0.15
    held = onto(face, chart, uv, np.full(50, 1e-4))
    assert np.linalg.norm(held - uv, axis=1).max() < 1.0001e-4
