"""Points in quadratic cells, curved and straight, and points outside."""

import numpy as np
import pytest

import support_meshes
from deadlight.errors import InputError
from deadlight.fem.locate import Locator


@pytest.mark.parametrize("kind", support_meshes.SOLIDS)
def test_linear_field_is_sampled_exactly(kind: str) -> None:
    mesh = support_meshes.box(kind, (4, 3, 3), (0.3, 0.2, 0.1), distortion=0.2)
    points = np.random.default_rng(1).uniform(0, 1, (300, 3)) * [0.3, 0.2, 0.1]
    points[:8] = np.array([[x, y, z] for x in (0, 0.3) for y in (0, 0.2) for z in (0, 0.1)])  # the corners too
    at = Locator.build(mesh).interpolation(points)
    assert np.abs(at @ mesh.points - points).max() < 1e-12
    assert np.asarray(at.sum(axis=1)).ravel() == pytest.approx(1.0)


def test_nodes_sample_their_own_values_on_a_curved_mesh() -> None:
    mesh = support_meshes.quarter_disc("hex20", 0.15, 0.01, 4, 2)
    values = np.random.default_rng(2).normal(size=mesh.n_nodes)
    at = Locator.build(mesh).interpolation(mesh.points)
    assert np.abs(at @ values - values).max() < 1e-9


def test_point_on_the_true_circle_is_taken() -> None:
    mesh = support_meshes.quarter_disc("hex20", 0.15, 0.01, 4, 2)
    angle = np.linspace(0, np.pi / 2, 50)
    points = np.column_stack([0.15 * np.cos(angle), 0.15 * np.sin(angle), np.full(50, 0.004)])
    at = Locator.build(mesh).interpolation(points)
    assert np.abs(at @ mesh.points - points).max() < 1e-6


@pytest.mark.parametrize("point", [[0.16, 0.0, 0.005], [0.05, 0.05, 0.012], [-1.0, 0, 0]])
def test_point_outside_is_refused_with_its_distance(point: list[float]) -> None:
    mesh = support_meshes.quarter_disc("tet10", 0.15, 0.01, 4, 2)
    with pytest.raises(InputError, match="mm from the nearest surface node"):
        Locator.build(mesh).interpolation(np.array([[0.01, 0.01, 0.005], point]))


@pytest.mark.parametrize("kind", support_meshes.SOLIDS)
def test_a_field_is_carried_on_as_far_as_is_allowed(kind: str) -> None:
    mesh = support_meshes.box(kind, (3, 3, 3), (0.3, 0.3, 0.3))
    points = np.array([[0.305, 0.11, 0.16], [0.15, 0.13, -0.004]])
    with pytest.raises(InputError, match="2 of 2 points lie outside"):
        Locator.build(mesh).interpolation(points)
    at = Locator.build(mesh).interpolation(points, within=0.1)
    assert np.abs(at @ mesh.points - points).max() < 1e-12
    with pytest.raises(InputError, match="1 of 1 points lie outside"):
        Locator.build(mesh).interpolation(np.array([[0.33, 0.11, 0.16]]), within=0.1)
