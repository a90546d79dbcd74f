"""Tractions, loads and contact points of surfaces: sums that closed forms and Gauss's theorem give."""

from __future__ import annotations

import numpy as np
import pytest

from deadlight.operator.field import ONE_INSTANT, SteadyStress, as_modes
from deadlight.operator.gap import GapPoints, hats, sliding
from deadlight.operator.history import COMPRESSION, crack_loads
from deadlight.operator.load import SurfacePoints
from deadlight.surface.mesh import Q9, T6, TIP, SurfaceMesh

NONE = np.zeros(0, dtype=np.int64)
S = np.array([0, 2, 2, 0, 1, 2, 1, 0, 1]) / 2
T = np.array([0, 0, 2, 2, 0, 1, 2, 1, 1]) / 2


def mixed():
    """A triangle, a square and a square of the ring, each in a plane of its own; the last is skin."""
    triangle = np.array([[0.0, 0, 0], [3, 0, 0], [0, 4, 0]])
    triangle = np.concatenate([triangle, 0.5 * (triangle + triangle[[1, 2, 0]])])
    square = np.array([5.0, 0, 0]) + S[:, None] * [0, 2, 0] + T[:, None] * [0, 0, 1.5]
    ring = np.array([9.0, 0, 0]) + S[:, None] * [1, 0, 0] + np.where(T == 0.5, 0.25, T)[:, None] * [0, 1, 1]
    skin = np.array([[0.0, 0, 9], [1, 0, 9], [0, 1, 9]])
    skin = np.concatenate([skin, 0.5 * (skin + skin[[1, 2, 0]])])
    cells = np.full((4, 9), -1)
    for e, (start, n) in enumerate(((0, 6), (6, 9), (15, 9), (24, 6))):
        cells[e, :n] = start + np.arange(n)
    points = np.concatenate([triangle, square, ring, skin])
    kind, surface = np.array([T6, Q9, TIP, T6]), np.array([0, 0, 0, -1])
    fixed = np.array([15, 16, 19])
    return SurfaceMesh(points, cells, kind, surface, (), (NONE, NONE, np.zeros(0)), fixed, np.arange(30))


AREA = np.array([6.0, 3.0, np.sqrt(2), 0.5])
NORMAL = np.array([[0, 0, 1.0], [1, 0, 0], [0, -np.sqrt(0.5), np.sqrt(0.5)], [0, 0, 1]])


@pytest.mark.parametrize("level", [1, 2, 3])
def test_points_of_flat_elements_have_their_area_normal_and_centre(level):
    mesh = mixed()
    at = SurfacePoints.of(mesh, mesh.on_crack, level)
    for e in range(3):
        own = at.element == e
        assert at.area[own].sum() == pytest.approx(AREA[e])
        assert at.normal[own] == pytest.approx(np.tile(NORMAL[e], (own.sum(), 1)))
    assert not (at.element == 3).any()
    middle = np.array([[1, 4 / 3, 0], [5, 1, 0.75], [9.5, 0.5, 0.5]])
    for e in range(3):
        own = at.element == e
        assert at.area[own] @ at.point[own] / AREA[e] == pytest.approx(middle[e])
    assert at.test.shape == (30, len(at.area))
    assert np.asarray(at.test.sum(axis=0)).ravel() == pytest.approx(1.0)


def test_a_plain_level_takes_the_fine_rule_of_thin_layers():
    mesh = mixed()
    at = SurfacePoints.of(mesh, mesh.on_crack)
    assert np.bincount(at.element).tolist() == [49, 64, 64]


def test_no_elements_have_no_points():
    at = SurfacePoints.of(mixed(), np.zeros(4, dtype=bool))
    assert at.area.shape == (0,) and at.test.shape == (30, 0) and at.point.shape == at.normal.shape == (0, 3)


def test_other_functions_at_the_points_stand_in_the_points_own_order():
    """Linear functions of place are held by hats on flat elements with middles in the middle."""
    mesh = mixed()
    chosen = np.array([True, True, False, True])
    at = SurfacePoints.of(mesh, chosen, 2)
    value = at.interpolated(mesh, hats)
    assert value.shape == (30, len(at.area)) and value.T @ mesh.points == pytest.approx(at.point)
    assert SurfacePoints.of(mesh, np.zeros(4, dtype=bool)).interpolated(mesh, hats).shape == (30, 0)


def test_traction_is_stress_times_normal():
    mesh = mixed()
    at = SurfacePoints.of(mesh, mesh.on_crack, 1)
    sigma = np.array([[1.0, 6, 5], [6, 2, 4], [5, 4, 3]])
    voigt = np.array([1.0, 2, 3, 4, 5, 6])
    stress = np.stack([np.tile(voigt, (len(at.area), 1)), np.tile(-2 * voigt, (len(at.area), 1))])
    found = at.traction(stress)
    assert found[0] == pytest.approx(at.normal @ sigma) and found[1] == pytest.approx(-2 * at.normal @ sigma)


def test_load_on_all_nodes_is_the_force_and_its_moment_where_functions_are_those_of_place():
    mesh = mixed()
    at = SurfacePoints.of(mesh, np.array([True, True, False, False]))
    traction = np.stack([at.point**2, np.ones_like(at.point), at.normal])
    load = at.load(traction)
    assert load.shape == (3, 30, 3)
    assert load.sum(axis=1) == pytest.approx(np.einsum("p,rpi->ri", at.area, traction))
    assert load[1].sum(axis=0) == pytest.approx(9.0)
    moment = np.cross(mesh.points[None], load).sum(axis=1)
    assert moment == pytest.approx(np.einsum("p,rpi->ri", at.area, np.cross(at.point[None], traction)))


def test_contact_points_share_out_the_area_of_their_elements():
    """Hats of a triangle: a corner's carries 1/12, a middle's 1/4; of a square 1/16, 1/8 and 1/4."""
    mesh = mixed()
    everywhere = np.ones(30, dtype=bool)
    points = GapPoints.of(mesh, np.array([True, True, False, False]), everywhere)
    assert points.node.tolist() == list(range(15)) and points.total == pytest.approx(9.0)
    assert points.area[:6] == pytest.approx(6 * np.array([1, 1, 1, 3, 3, 3]) / 12, rel=2e-2)
    assert points.area[6:] == pytest.approx(3 * np.array([1, 1, 1, 1, 2, 2, 2, 2, 4]) / 16, rel=5e-2)
    assert points.area.sum() == pytest.approx(points.total)
    free = everywhere.copy()
    free[mesh.fixed] = False
    crack = GapPoints.of(mesh, mesh.on_crack, free)
    assert crack.node.tolist() == [*range(15), 17, 18, 20, 21, 22, 23]
    assert crack.total == pytest.approx(AREA[:3].sum()) and crack.area.sum() < crack.total


def test_weighted_gap_of_a_uniform_opening_is_the_hats_area_times_its_normal_part():
    mesh = mixed()
    points = GapPoints.of(mesh, np.array([True, True, False, False]), np.ones(30, dtype=bool))
    opening = np.tile([0.3, 0.0, 2.0], (30, 1))
    gap = np.einsum("pni,ni->p", points.push, opening)
    assert gap == pytest.approx(points.area * np.where(points.node < 6, 2.0, 0.3))


def test_share_that_presses_is_all_but_what_is_open():
    """The rim's nodes that are not free count with what presses; nothing in contact is no share."""
    points = GapPoints(np.arange(3), np.array([1.0, 2.0, 3.0]), 8.0, np.zeros((3, 1, 3)))
    active = np.array([[True, True, True], [True, False, False], [False] * 3, [False, False, True]])
    assert points.share(active) == pytest.approx([1.0, 1 - 5 / 8, 0.0, 1 - 3 / 8])
    assert points.share(active[1]) == pytest.approx(1 - 5 / 8)
    assert points.share(active.reshape(2, 2, 3)) == pytest.approx(np.array([[1.0, 1 - 5 / 8], [0.0, 1 - 3 / 8]]))


def test_sliding_directions_are_two_unit_vectors_in_the_surface():
    mesh = mixed()
    chosen, free = mesh.on_crack, np.ones(30, dtype=bool)
    points, slide = GapPoints.of(mesh, chosen, free), sliding(mesh, chosen, free)
    assert slide.shape == (24, 2, 30, 3)
    whole = slide.sum(axis=2) / points.area[:, None, None]  # of a uniform opening: the directions themselves
    of_node = NORMAL[np.repeat([0, 1, 2], [6, 9, 9])]
    gram = np.einsum("nai,nbi->nab", whole, whole)
    assert gram == pytest.approx(np.tile(np.eye(2), (24, 1, 1)), abs=1e-12)
    assert np.einsum("nai,ni->na", whole, of_node) == pytest.approx(0.0, abs=1e-12)
    assert np.cross(whole[:, 0], whole[:, 1]) == pytest.approx(of_node, abs=1e-12) or np.cross(
        whole[:, 1], whole[:, 0]
    ) == pytest.approx(of_node, abs=1e-12)
    mass = np.einsum("nki,ni->nk", points.push, of_node)  # same hats, same functions
    assert np.linalg.norm(slide[:, 0], axis=2) == pytest.approx(np.abs(mass), abs=1e-12)


class Modes:
    """A stress history of given modes, constant in space."""

    def __init__(self, modes, amplitudes):
        self.modes, self.amplitudes = np.asarray(modes, dtype=float), np.asarray(amplitudes, dtype=float)
        self.time = np.arange(len(self.amplitudes), dtype=float)

    def sample_modes(self, points):
        return np.repeat(self.modes[:, None], len(points), axis=1) * (1 + points[None, :, :1])


def directly(at, stress, pressure):
    """Loads at every instant, without modes."""
    traction = at.traction(stress.sample_modes(at.point))
    every = np.tensordot(stress.amplitudes, traction, axes=1) + np.multiply.outer(pressure, at.normal)
    return at.load(every)


@pytest.mark.parametrize("pressure", [0.0, 0.7, np.array([0.0, 0, 1, -2, 0.5, 3])])
def test_modes_of_a_load_hold_the_load_of_every_instant(pressure):
    mesh, rng = mixed(), np.random.default_rng(4)
    at = SurfacePoints.of(mesh, mesh.on_crack)
    stress = Modes(rng.standard_normal((3, 6)), rng.standard_normal((6, 3)))
    found = crack_loads(at, stress, pressure)
    whole = np.tensordot(found.amplitude, found.vector, axes=1)
    expected = directly(at, stress, np.broadcast_to(pressure, 6))
    assert whole == pytest.approx(expected, abs=1e-7 * np.abs(expected).max())
    assert len(found.vector) == (3 if np.all(pressure == 0) else 4) and found.left_out < COMPRESSION


@pytest.mark.parametrize("size", [1e-30, 1.0, 1e9])
def test_modes_that_no_crack_feels_are_left_out(size):
    """Ten modes of one shape are one; one of 1e-7 of the largest traction is left out, and said to be."""
    mesh = mixed()
    at = SurfacePoints.of(mesh, np.array([True, False, False, False]))  # normal z: xx, yy, xy are not felt
    rng = np.random.default_rng(1)
    shapes = np.outer(rng.standard_normal(10), [1.0, 2, 3, 4, 5, 6])
    found = crack_loads(at, Modes(size * shapes, rng.standard_normal((12, 10))))
    assert len(found.vector) == 1
    two = np.array([[0, 0, 1.0, 0, 0, 0], [7, 7, 0, 0, 0, 7], [0, 0, 0, 1e-7, 0, 0], [0, 0, 0, 0, 1e-3, 0]])
    found = crack_loads(at, Modes(size * two, np.eye(4)))
    assert len(found.vector) == 2 and found.left_out == pytest.approx(1e-7, rel=0.05)


def test_no_stress_is_one_mode_of_nothing():
    at = SurfacePoints.of(mixed(), mixed().on_crack)
    found = crack_loads(at, Modes(np.zeros((2, 6)), np.ones((3, 2))))
    assert len(found.vector) == 1 and not found.vector.any() and found.left_out == 0.0
    assert not found.amplitude.any()


def test_pressure_in_a_crack_of_a_steady_stress_is_a_load_along_its_normal():
    mesh = mixed()
    at = SurfacePoints.of(mesh, mesh.on_crack)
    found = crack_loads(at, as_modes([0.0] * 6), 2.0)
    assert np.tensordot(found.amplitude, found.vector, axes=1)[0] == pytest.approx(2 * at.load(at.normal[None])[0])
    assert isinstance(as_modes([0.0] * 6), SteadyStress) and ONE_INSTANT.tolist() == [0.0]
