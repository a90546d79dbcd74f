"""Seats of a pane on the skin of its surface mesh."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from deadlight.errors import NotSolved
from deadlight.operator.supports import CANDIDATES, SeatSprings, _at_points, _nearest
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


def plate(split=3, crack=False):
    """The unit square in triangles, two a square, outward +z; with a crack of one triangle far above it."""
    grid, parts = np.linspace(0, 1, split + 1), []
    for i in range(split):
        for j in range(split):
            a, b, c, d = ([grid[x], grid[y], 0.0] for x, y in ((i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)))
            parts += [[a, b, c], [a, c, d]]
    surface = [-1] * len(parts)
    if crack:
        parts.insert(0, [[0.0, 0, 0.01], [1, 0, 0.01], [0, 1, 0.01]])
        surface.insert(0, 0)
    corners = np.array(parts)
    every = np.concatenate([corners, 0.5 * (corners + corners[:, [1, 2, 0]])], axis=1).reshape(-1, 3)
    points, back = np.unique(np.round(every, 9), axis=0, return_inverse=True)
    cells = np.full((len(parts), 9), -1)
    cells[:, :6] = back.reshape(-1, 6)
    ties, n = (NONE, NONE, np.zeros(0)), len(points)
    return SurfaceMesh(points, cells, np.full(len(parts), T6), np.array(surface), (), ties, NONE, np.arange(n))


def seat(instants=2):
    """Points of a seat under the right half, of its own area, stiffness, shear and law each."""
    rng = np.random.default_rng(6)
    point = np.column_stack([0.5 + 0.5 * rng.random(40), rng.random(40), np.zeros(40)])
    normal = rng.standard_normal((40, 3))
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    return SimpleNamespace(
        point=point,
        normal=normal,
        area=rng.random(40),
        stiffness=1 + rng.random(40),
        shear=0.5 * rng.random(40),
        law=rng.standard_normal((instants, 40)),
    )


@pytest.mark.parametrize("crack", [False, True])
def test_springs_hold_the_energy_of_every_point_along_and_across_its_normal(crack):
    """D of degree two in place is held exactly: D' K D = sum area (k (D.n)^2 + shear |D - n D.n|^2)."""
    mesh, seats = plate(crack=crack), seat()

    def motion(x):
        return np.stack([1 + x[:, 0] * x[:, 1], x[:, 0] ** 2 - 2 * x[:, 1], 3 * x[:, 1] ** 2 - 0.5], axis=1)

    springs = SeatSprings.of(mesh, seats)
    d = motion(mesh.points).ravel()
    at = motion(seats.point)
    along = np.einsum("pi,pi->p", at, seats.normal)
    across = ((at - along[:, None] * seats.normal) ** 2).sum(axis=1)
    assert d @ springs.matrix @ d == pytest.approx(seats.area @ (seats.stiffness * along**2 + seats.shear * across))
    assert abs(springs.matrix - springs.matrix.T).max() < 1e-12
    assert np.einsum("kni,ni->", springs.push, motion(mesh.points)) == pytest.approx(seats.area @ along)


def test_hats_share_out_a_seat_s_area_its_stiffness_and_its_law():
    mesh, seats = plate(), seat()
    springs = SeatSprings.of(mesh, seats)
    assert springs.area.sum() == pytest.approx(seats.area.sum()) and springs.area.min() > 0
    assert springs.area @ springs.stiffness == pytest.approx(seats.area @ seats.stiffness)
    assert springs.law @ springs.area == pytest.approx(seats.law @ seats.area)
    assert springs.stiffness.min() >= 1 and springs.stiffness.max() <= 2  # means over each hat
    assert mesh.points[springs.node, 0].min() >= 1 / 3 - 1e-9  # none whose hat ends before the seat
    assert springs.push.shape == (len(springs.node), len(mesh.points), 3)


def test_a_seat_alike_everywhere_is_alike_under_every_hat():
    mesh, seats = plate(), seat()
    alike = SimpleNamespace(**(vars(seats) | {"stiffness": np.full(40, 7.0), "law": np.full((3, 40), -2.0)}))
    springs = SeatSprings.of(mesh, alike)
    assert springs.stiffness == pytest.approx(7.0) and springs.law == pytest.approx(-2.0)
    assert springs.law.shape == (3, len(springs.node))


def test_no_seats_have_no_springs():
    none = SimpleNamespace(
        point=np.zeros((0, 3)),
        normal=np.zeros((0, 3)),
        area=np.zeros(0),
        stiffness=np.zeros(0),
        shear=np.zeros(0),
        law=np.zeros((2, 0)),
    )
    springs = SeatSprings.of(plate(), none)
    assert springs.matrix.nnz == 0 and springs.push.shape == (0, len(plate().points), 3) and springs.law.shape == (2, 0)


def test_seats_without_a_skin_of_triangles_are_refused():
    mesh = plate(1)
    crack = SurfaceMesh(
        mesh.points, mesh.cells, mesh.kind, np.zeros(2, dtype=np.int64), (), mesh.ties, mesh.fixed, mesh.place
    )
    squares = SurfaceMesh(
        mesh.points, mesh.cells, mesh.kind + [0, 1], mesh.surface, (), mesh.ties, mesh.fixed, mesh.place
    )
    for wrong in (crack, squares):
        with pytest.raises(NotSolved, match="seats need a skin of triangles"):
            _at_points(wrong, np.zeros((1, 3)))


def test_a_point_just_beside_the_skin_is_taken_to_its_edge():
    value, _ = _at_points(plate(1), np.array([[1.1, 0.5, 0.0], [-0.1, -0.2, 0.05]]))
    at = value.T @ plate(1).points
    assert at[:, :2].min() >= 0 and at[:, :2].max() <= 1 and at[0, 0] == pytest.approx(1.0, abs=0.1)


def test_of_several_triangles_the_one_a_point_lies_in_is_taken_with_its_place_there():
    rng = np.random.default_rng(9)
    corner = rng.standard_normal((4, 3, 3))
    share = rng.dirichlet([1.0, 1, 1], 4)
    point = np.einsum("pk,pki->pi", share, corner)
    near = np.tile(np.arange(4), (4, 1))
    best, s, t, miss = _nearest(corner, near, point)
    assert best.tolist() == [0, 1, 2, 3] and miss == pytest.approx(0.0, abs=1e-9)
    assert s == pytest.approx(share[:, 1]) and t == pytest.approx(share[:, 2])


def test_how_far_a_point_lies_outside_is_counted_along_and_off_the_triangle():
    """A right triangle of legs 2: root of the parallelogram's area is 2."""
    corner = np.array([[[0.0, 0, 0], [2, 0, 0], [0, 2, 0]]])
    point = np.array([[-0.5, 0.5, 0], [0.5, -1.0, 0], [2.0, 1.0, 0], [0.5, 0.5, 0.6], [-0.5, 0.5, -0.6]])
    _, _, _, miss = _nearest(corner, np.zeros((5, 1), dtype=np.int64), point)
    assert miss == pytest.approx([0.25, 0.5, 0.5, 0.3, 0.55])
