"""Charts of surfaces: derivatives and normals that come with a point are those of the surface."""

import numpy as np
import pytest

from deadlight.growth.bend import bend
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


def turned(sheet: Sheet, old: np.ndarray, new: np.ndarray) -> Sheath:
    chart = bend(sheet, [old], [new]).chart
    assert isinstance(chart, Sheath) and len(chart.layers) == 1
    return chart


def cone() -> Sheath:
    """A penny that turned all round by 30 degrees."""
    angle = np.linspace(0, 2 * np.pi, 61)[:-1]
    radial, up = np.column_stack([np.cos(angle), np.sin(angle), np.zeros(60)]), np.array([0, 0, 1.0])
    new = radial + 0.2 * (np.cos(np.radians(30)) * radial + np.sin(np.radians(30)) * up)
    return turned(Sheet.ellipse(np.zeros(3), up, [1.0, 0, 0], 1.0, 1.0), radial, new)


def twisted_arm() -> Sheath:
    """A through crack of two arms, one of which twists: a height over a bent line."""
    line = np.array([[-0.6, -0.8, 0], [0, 0, 0], [0.6, -0.8, 0]])
    chart = Extruded.along(line, np.array([0, 0, 1.0]))
    sheet = Sheet(chart, (np.array([[0.0, -0.5], [2.0, -0.5], [2.0, 0.5], [0.0, 0.5]]),))
    z = np.linspace(-0.5, 0.5, 15)
    old = line[2] + z[:, None] * np.array([0, 0, 1.0])
    tilt = np.radians(28) + np.radians(30) * z
    way = np.array([0.6, -0.8, 0])
    across_ = np.cross(np.array([0, 0, 1.0]), way)
    new = old + 0.3 * (np.cos(tilt)[:, None] * way + np.sin(tilt)[:, None] * across_)
    grown = turned(sheet, old, new)
    assert grown.ground is chart
    return grown


CONE = cone()
OVER = Plane(np.array([0.0, 0, 0.1]), *across(np.array([0.3, 0.1, 1.0])))
CHARTS = {
    "plane": FLAT,
    "line": VEE,
    "dome": DOME,
    "height": CONE,
    "height over a height": Sheath(OVER, CONE, (), (), 2.4),
    "height over a line": twisted_arm(),
}
FACES = CHARTS | {
    "pit": Cap(FLAT, 2.0, 0.7),
    "rim": Band(circle(1.2, -0.1), circle(1.0, 0.3)),
    "rim of a hole": Band(circle(1.2, -0.1), circle(1.0, 0.3), outward=-1.0),
}


def spots(name: str, count: int = 300) -> np.ndarray:
    """Coordinates also beyond ends and rims, a little off creases."""
    if name in ("pit", "rim", "rim of a hole"):
        return RNG.uniform(0.05, 0.3, (count, 2))
    uv = RNG.uniform(-1.6, 1.6, (count, 2))
    if name == "line":
        return uv[np.abs(uv[:, 0] - VEE.creases[0]) > 0.02]
    if name == "height":
        return uv[np.abs(np.linalg.norm(uv, axis=1) - 1.0) > 0.02]
    if name == "height over a height":
        radius = np.linalg.norm(CONE.to_chart(CHARTS[name].to_space(uv)), axis=1)
        return uv[np.abs(radius - 1.0) > 0.02]
    if name == "height over a line":
        uv = np.column_stack([RNG.uniform(-0.3, 2.4, count), RNG.uniform(-0.45, 0.45, count)])
        return uv[(np.abs(uv[:, 0] - 1.0) > 0.02) & (np.abs(uv[:, 0] - 2.0) > 0.02)]
    return uv


@pytest.mark.parametrize("name", CHARTS)
def test_derivatives_that_come_with_a_point(name):
    chart, uv = CHARTS[name], spots(name)
    x, du, dv = chart.located(uv)
    np.testing.assert_allclose(x, chart.to_space(uv), atol=1e-14)
    e = 1e-6
    for k, slope in enumerate((du, dv)):
        step = e * np.eye(2)[k]
        np.testing.assert_allclose(slope, (chart.to_space(uv + step) - chart.to_space(uv - step)) / (2 * e), atol=2e-5)
    n = np.cross(du, dv)
    np.testing.assert_allclose(chart.normal(uv), n / np.linalg.norm(n, axis=1)[:, None], atol=1e-9)


@pytest.mark.parametrize("name", FACES)
def test_normals_that_come_with_a_distance_are_its_gradient(name):
    """On the surface; of a height the distance is one to first order only, and not beyond a bend."""
    chart, uv = FACES[name], spots(name)
    x, e = chart.to_space(uv), 1e-6
    off, normal = chart.signed_and_normal(x)
    np.testing.assert_allclose(off, 0.0, atol=1e-9)
    steps = e * np.eye(3)
    slope = np.column_stack([(chart.signed(x + step) - chart.signed(x - step)) / (2 * e) for step in steps])
    np.testing.assert_allclose(normal, slope, atol=3e-5)


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("face", ["slope", "pit"])
def test_points_of_a_crack_go_onto_a_face_the_shortest_way(name, face):
    """On the face to rounding, straight against the slope of the distance, none farther than allowed."""
    chart = CHARTS[name]
    uv = np.array([0.35, 0.3]) + RNG.uniform(-0.05, 0.05, (60, 2))
    x, du, dv = chart.located(np.array([[0.35, 0.3]]))
    lean = across(2.0 * du[0] + dv[0] + 0.5 * chart.normal(np.array([[0.35, 0.3]]))[0])
    plane = Plane(x[0], *lean)
    to = plane if face == "slope" else Cap(plane, 3.0, 0.7)
    found = onto(to, chart, uv, np.full(60, 0.3))
    np.testing.assert_allclose(to.signed(chart.to_space(found)), 0.0, atol=1e-12)
    move = found - uv
    assert 0.01 < np.linalg.norm(move, axis=1).max() < 0.15
    if isinstance(chart, Plane) and face == "slope":
        slope = np.array([plane.n @ chart.e1, plane.n @ chart.e2])
        np.testing.assert_allclose(move[:, 0] * slope[1], move[:, 1] * slope[0], atol=1e-12)
    held = np.linalg.norm(onto(to, chart, uv, np.full(60, 1e-3)) - uv, axis=1)
    assert held.max() < 1.0001e-3 and (held > 0.999e-3).sum() > 30
