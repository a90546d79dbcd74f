"""Area that a step adds to a crack's surface, in space."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import shapely

from deadlight.growth.advance import advanced
from deadlight.growth.gained import gained_area, stretch
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


class Stretched:
    """A chart of the plane that is stretched along u: x = u + u^2 / 2, by 1 + u; over a region A (1 + its mean u)."""

    def to_space(self, uv):
        return np.column_stack([uv[:, 0] + 0.5 * uv[:, 0] ** 2, uv[:, 1], 0.0 * uv[:, 0]])


def plan(old, new, drawn, closed=False):
    """Of fronts from old to new points, all beside the region drawn."""
    swept = [shapely.Polygon(q if closed else np.concatenate([p, q[::-1]])) for p, q in zip(old, new)]
    advances = [SimpleNamespace(old=p, new=q, closed=closed) for p, q in zip(old, new)]
    return SimpleNamespace(chart=Stretched(), drawn=drawn, new=shapely.union_all([drawn, *swept]), advances=advances)


def exact(made):
    region = shapely.difference(made.new, made.drawn)
    return region.area * (1.0 + region.centroid.x)


def strip(count, power):
    """A front along v with uneven points that moves on obliquely, farther at one end than at the other."""
    v = np.linspace(0.0, 1.0, count) ** power
    old = np.column_stack([0.3 * np.sin(3.0 * v), v])
    return old, old + (0.1 + 0.8 * v**2)[:, None] * [0.8, -0.15]


def test_uneven_points_count_by_the_area_they_sweep():
    old, new = strip(400, 2.0)
    made = plan([old], [new], shapely.Polygon([[-1.0, 0.0], *old, [-1.0, 1.0]]))
    assert gained_area(made) == pytest.approx(exact(made), rel=1e-3)
    assert abs(exact(made) / shapely.difference(made.new, made.drawn).area - 1.0) > 0.3, "there is a stretch to be told"


def test_two_fronts_count_each_by_its_own_area():
    """A short front that goes far where the surface is stretched most, a long one that hardly moves elsewhere."""
    v = np.linspace(0.0, 1.0, 60)
    far = np.column_stack([2.0 + 0 * v, 0.1 * v])
    near = np.column_stack([0.0 * v, 1.0 + 4.0 * v])
    drawn = shapely.box(0.0, 0.0, 2.0, 0.1).union(shapely.box(-0.5, 1.0, 0.0, 5.0))
    made = plan([far, near], [far + [1.0, 0.0], near + [0.02, 0.0]], drawn)
    expected = 0.1 * (1.0 + 2.5) + 0.08 * (1.0 + 0.01)
    assert exact(made) == pytest.approx(expected)
    assert gained_area(made) == pytest.approx(expected, rel=1e-6)


def test_a_closed_front_counts_all_round():
    """A circle that grows most on the side where the surface is stretched most."""
    angle = np.linspace(0.0, 2.0 * np.pi, 200, endpoint=False)
    old = 0.5 * np.column_stack([np.cos(angle), np.sin(angle)])
    made = plan([old], [old * (1.03 + 0.02 * np.cos(angle))[:, None]], shapely.Polygon(old), closed=True)
    assert gained_area(made) == pytest.approx(exact(made), rel=1e-4)


def test_the_side_that_closes_a_front_counts_too():
    """A square whose last side goes ten times as far as the one across."""
    old = np.array([[3.0, 1.0], [1.0, 1.0], [1.0, -1.0], [3.0, -1.0]])
    new = old + np.array([0.2, -0.02, -0.02, 0.2])[:, None] * [1.0, 0.0]
    made = plan([old], [new], shapely.Polygon(old), closed=True)
    made.new = shapely.Polygon(new)
    assert gained_area(made) == pytest.approx(0.4 * (1.0 + 3.1) + 0.04 * (1.0 + 0.99), rel=1e-9)


def test_area_beside_all_fronts_is_stretched_as_in_its_middle():
    """What only a transition added."""
    drawn = shapely.box(0.0, 0.0, 1.0, 1.0)
    still = np.array([[0.0, 0.0], [0.0, 1.0]])
    made = plan([still], [still], drawn)
    made.new = drawn.union(shapely.box(1.0, 0.4, 1.2, 0.6)).union(shapely.box(3.0, 0.0, 3.1, 0.1))
    assert gained_area(made) == pytest.approx(0.04 * 2.1 + 0.01 * 4.05, rel=1e-6)
    made.new = drawn
    assert gained_area(made) == 0.0


def test_stretch_is_that_of_the_chart():
    uv = np.random.default_rng(1).uniform(-0.5, 2.0, (20, 2))
    np.testing.assert_allclose(stretch(Stretched(), uv, 1e-4), 1.0 + uv[:, 0], rtol=1e-9)
