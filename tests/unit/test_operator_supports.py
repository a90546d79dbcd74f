"""Seats of a pane on the skin of its surface mesh."""

from __future__ import annotations

import numpy as np
import pytest

from deadlight.errors import NotSolved
from deadlight.operator.supports import CANDIDATES, _at_points
from deadlight.surface.mesh import T6, SurfaceMesh

NONE = np.zeros(0, dtype=np.int64)


def one_large_beside_many_small():
    """A triangle of 100 mm, and along its long side more triangles of 1 mm than are looked at first."""
    large = np.array([[0.0, 0, 0], [0.1, 0, 0], [0, 0.1, 0]])
    along, out = np.array([-1e-3, 1e-3, 0.0]), np.array([1e-3, 1e-3, 0.0])
    small = [np.array([[0.08, 0.02, 0], [0.08, 0.02, 0] + out, [0.08, 0.02, 0] + along]) + k * along for k in range(60)]
    corners = np.concatenate([large[None], small])
    points = np.concatenate([corners, 0.5 * (corners + corners[:, [1, 2, 0]])], axis=1).reshape(-1, 3)
    n = len(corners)
    cells = np.full((n, 9), -1)
    cells[:, :6] = np.arange(6 * n).reshape(n, 6)
    ties = (NONE, NONE, np.zeros(0))
    kind = np.full(n, T6)
    return SurfaceMesh(points, cells, kind, np.full(n, -1), (), ties, NONE, np.arange(6 * n))


def test_a_seat_in_a_large_element_next_to_many_small_ones_is_found():
    mesh = one_large_beside_many_small()
    point = np.array([[0.049, 0.0495, 0.0], [0.0505, 0.0505, 0.0]])
    centre = mesh.points[mesh.cells[:, :3]].mean(axis=1)
    nearer = np.linalg.norm(centre[1:] - point[0], axis=1) < np.linalg.norm(centre[0] - point[0])
    assert nearer.sum() > CANDIDATES  # the case that is meant
    value, hat = _at_points(mesh, point)
    assert value.T @ mesh.points == pytest.approx(point, abs=1e-12)
    assert hat.T @ mesh.points == pytest.approx(point, abs=1e-12)
    assert set(np.flatnonzero(value[:, [0]].toarray())) <= set(range(6))  # all in the large one
    assert not set(np.flatnonzero(value[:, [1]].toarray())) & set(range(6))


def test_a_seat_off_the_skin_is_refused_with_its_place():
    with pytest.raises(NotSolved, match=r"a seat at \(90, 90, 0\) mm does not lie on the meshed skin"):
        _at_points(one_large_beside_many_small(), np.array([[0.09, 0.09, 0.0]]))
