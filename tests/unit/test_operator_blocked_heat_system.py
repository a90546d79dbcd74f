"""Data, unknowns and equations of heat blocked by a crack against dense matrices and integrals written out."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.linalg
import scipy.sparse

from deadlight.errors import InputError, NotSolved
from deadlight.operator import blocked_heat_system as module
from deadlight.operator.blocked_heat_data import density_functions, driving, interpolation
from deadlight.operator.blocked_heat_faces import Gap, Insulated, Prescribed
from deadlight.operator.blocked_heat_pairs import HEAT, HeatPairs, groups
from deadlight.operator.blocked_heat_system import HeatSystem, Space, _share, _solved, coarse
from deadlight.operator.load import SurfacePoints
from deadlight.surface.mesh import Q9, T6, TIP, SurfaceMesh

NONE = np.zeros(0, dtype=np.int64)
FREE = (NONE, NONE, np.zeros(0))
S = np.array([0, 2, 2, 0, 1, 2, 1, 0, 1]) / 2
T = np.array([0, 0, 2, 2, 0, 1, 2, 1, 1]) / 2


def flat(corners):
    c = np.asarray(corners, dtype=float)
    return np.concatenate([c, 0.5 * (c + c[[1, 2, 0]])])


def loose(*parts, surface, ties=FREE, fixed=NONE):
    cells, start = np.full((len(parts), 9), -1), 0
    for e, (_, x) in enumerate(parts):
        cells[e, : len(x)] = start + np.arange(len(x))
        start += len(x)
    points, kind = np.concatenate([x for _, x in parts]), np.array([k for k, _ in parts])
    return SurfaceMesh(points, cells, kind, np.array(surface), (), ties, fixed, np.arange(start))


TRIANGLE = flat([[0, 0, 0], [2, 0, 0], [0, 1, 0]])  # of area 1
OTHER = flat([[9, 0, 0], [11, 0, 0], [9, 2, 0]])  # of area 2
SQUARE = np.array([0, 5.0, 0]) + S[:, None] * [3, 0, 0] + T[:, None] * [0, 1, 0]  # of area 3
RING = np.array([0, 9.0, 0]) + S[:, None] * [2, 0, 0] + np.where(T == 0.5, 0.25, T)[:, None] * [0, 2, 0]


def two_cracks():
    return loose((T6, TRIANGLE), (Q9, SQUARE), (T6, OTHER), surface=[0, 0, 4])


def test_heat_through_insulated_cracks_is_minus_the_flux_s_integral():
    """Constant in space: the sum over nodes is minus flux times area, by nodes as by a function."""
    mesh, time = two_cracks(), np.array([0.0, 1, 2])
    flux = np.outer([1.0, -2.0, 0.5], np.ones(21))
    for given in (flux, lambda x, n: np.outer([1.0, -2.0, 0.5], n[:, 2] * np.ones(len(x)))):
        data = driving(mesh, {0: Insulated(), 4: Gap(3.0)}, given, time)
        right = data.course @ data.right.T
        assert right[:, :15].sum(axis=1) == pytest.approx(-4 * np.array([1, -2, 0.5]))
        assert right[:, 15:].sum(axis=1) == pytest.approx(-2 * np.array([1, -2, 0.5]))
        assert not data.right_flux.any() and not data.given.any() and data.left_out < 1e-6
        assert data.course.shape == (3, 1)


def test_flux_by_nodes_and_by_a_function_are_the_same_where_it_is_linear_and_cracks_alone_count():
    mesh = two_cracks()
    nodal = (1 + mesh.points @ [2.0, 3, 0])[None]
    nodal[0, 15:] = np.nan  # not looked at: there the temperature is given
    faces = {0: Insulated(), 4: Prescribed()}
    one = driving(mesh, faces, nodal, None)
    two = driving(mesh, faces, lambda x, n: 1 + x @ [2.0, 3, 0], None)
    assert one.course @ one.right.T == pytest.approx(two.course @ two.right.T)


@pytest.mark.parametrize("as_rows", [False, True])
def test_given_temperatures_are_the_jump_and_minus_the_mean_s_integral(as_rows):
    mesh, time = two_cracks(), np.array([0.0, 1, 2])
    mean, jump = np.array([1.0, 2, 3]), np.array([-1.0, 0, 5])
    given = (np.outer(mean, np.ones(21)), np.outer(jump, np.ones(21))) if as_rows else (mean, jump)
    data = driving(mesh, {0: Insulated(), 4: Prescribed(*given)}, np.ones((3, 21)), time)
    right_flux, jumps = data.course @ data.right_flux.T, data.course @ data.given.T
    assert right_flux[:, 15:].sum(axis=1) == pytest.approx(-2 * mean) and not right_flux[:, :15].any()
    assert jumps[:, 15:] == pytest.approx(np.outer(jump, np.ones(6)), abs=1e-12) and not jumps[:, :15].any()
    assert (data.course @ data.right.T).sum(axis=1) == pytest.approx(-4.0)


def test_one_kind_of_faces_and_one_temperature_hold_for_all_cracks():
    mesh = two_cracks()
    data = driving(mesh, Prescribed(2.0, 3.0), None, None)
    assert set(data.faces) == {0, 4} and (data.course @ data.given.T)[0] == pytest.approx(3.0)
    assert (data.course @ data.right_flux.T).sum() == pytest.approx(-2.0 * 6)
    assert data.on(mesh, Prescribed).all() and not data.on(mesh, Gap).any()


@pytest.mark.parametrize(
    "faces, flux, time, said",
    [
        (Insulated(), None, None, "no flux through the crack"),
        ({0: Insulated()}, np.ones(21), None, r"faces of the cracks \[0\], but the mesh has \[0, 4\]"),
        (Insulated(), np.ones(20), None, "flux at the mesh's nodes: shape"),
        (Insulated(), np.ones((2, 21)), np.arange(3.0), r"nodes: shape \(2, 21\)"),
        (Insulated(), np.full(21, np.nan), None, "nodes: not finite"),
        (Insulated(), np.ones((0, 21)), None, "nodes: shape"),
        (Insulated(), lambda x, n: x, None, "flux at the crack's points: shape"),
        (Insulated(), lambda x, n: np.inf * x[:, 0] ** 0, None, "points: not finite"),
        (Prescribed(np.ones(2)), None, np.arange(3.0), "mean of the prescribed temperatures: shape"),
        (Prescribed(0.0, np.nan), None, None, "jump of the prescribed temperatures: not finite"),
        (Insulated(), np.ones(21), np.zeros(1), r"instants of shape \(1,\)"),
        (Insulated(), np.ones(21), np.zeros((2, 2)), r"instants of shape \(2, 2\)"),
        (Insulated(), np.ones(21), np.array([0, 1, 1.0]), "instants"),
        (Insulated(), np.ones(21), np.array([0, np.nan]), "instants"),
        (Insulated(), np.ones(21), np.array([0, np.inf]), "instants"),
    ],
)
def test_data_that_cannot_be_are_refused(faces, flux, time, said):
    with pytest.raises(InputError, match=said):
        driving(two_cracks(), faces, flux, time)


def test_a_mesh_without_a_crack_is_refused():
    with pytest.raises(InputError, match="no crack in the mesh"):
        driving(loose((T6, TRIANGLE), surface=[-1]), Insulated(), np.ones(6), None)


def test_functions_at_points_are_those_of_place_and_a_density_s_rise_to_the_front():
    """Over t in a ring: t = sqrt of the distance over the ring's width."""
    mesh = loose((T6, TRIANGLE), (TIP, RING), (Q9, SQUARE), surface=[0, 0, 0])
    chosen = np.array([True, True, True])
    at = SurfacePoints.of(mesh, chosen)
    value, density = interpolation(mesh, chosen), density_functions(mesh, chosen)
    assert value @ mesh.points == pytest.approx(at.point)
    ratio = np.asarray(density.sum(axis=1)).ravel()
    ring = at.element == 1
    assert ratio[~ring] == pytest.approx(1.0)
    assert ratio[ring] == pytest.approx(np.sqrt(2.0 / (at.point[ring, 1] - 9.0)))


def tied():
    """Crack of two triangles, the second's jump may be given: lips 12, 13 and 18, 19 of nodes 0 and 6; 3 is fixed."""
    slave, master = np.array([0, 0, 6, 6]), np.array([12, 18, 13, 19])
    value = np.array([-1.0, 1.0, -2.0, 0.5])
    parts = [(T6, TRIANGLE), (T6, OTHER), (T6, TRIANGLE + 20.0), (T6, OTHER + 20.0)]
    return loose(*parts, surface=[0, 1, -1, -2], ties=(slave, master, value), fixed=np.array([3]))


def test_every_node_follows_the_unknowns_by_its_ties():
    mesh = tied()
    space = Space.of(mesh, np.zeros(24, dtype=bool))
    assert space.free.tolist() == [n for n in range(24) if n not in (0, 3, 6)]
    assert space.known.nnz == 0
    x = np.random.default_rng(0).standard_normal(21)
    theta = space.spread @ x
    assert theta[space.free] == pytest.approx(x) and theta[3] == 0
    assert theta[0] == pytest.approx(theta[18] - theta[12]) and theta[6] == pytest.approx(
        0.5 * theta[19] - 2 * theta[13]
    )


def test_under_a_given_jump_one_lip_follows_the_other():
    mesh = tied()
    given = np.isin(np.arange(24), range(6, 12))
    space = Space.of(mesh, given)
    assert set(space.free) == set(range(24)) - {0, 3, *range(6, 12), 13}
    jump, x = np.zeros(24), np.random.default_rng(1).standard_normal(len(space.free))
    jump[6:12] = np.arange(1.0, 7)
    theta = space.spread @ x + space.known @ jump
    assert theta[6:12] == pytest.approx(jump[6:12]) and theta[space.free] == pytest.approx(x) and theta[3] == 0
    assert 0.5 * theta[19] - 2 * theta[13] == pytest.approx(jump[6])
    assert theta[0] == pytest.approx(theta[18] - theta[12])


def test_a_lip_that_is_fixed_leaves_the_other_to_follow_and_two_fixed_ones_nothing():
    mesh = dataclasses.replace(tied(), fixed=np.array([3, 13]))
    given = np.isin(np.arange(24), range(6, 12))
    space = Space.of(mesh, given)
    assert 19 not in space.free and 13 not in space.free
    jump = np.where(given, 4.0, 0.0)
    assert (space.spread @ np.ones(len(space.free)) + space.known @ jump)[19] == pytest.approx(8.0)
    both = Space.of(dataclasses.replace(tied(), fixed=np.array([3, 13, 19])), given)
    assert (both.known @ jump)[[13, 19]].tolist() == [0, 0]


def test_a_node_tied_to_a_lip_that_follows_a_jump_follows_it_too():
    """Lip 13 follows the jump at 6 and lip 19; node 0 is tied to 13 and 18."""
    ties = (np.array([0, 0, 6, 6]), np.array([13, 18, 13, 19]), np.array([-1.0, 1.0, -2.0, 0.5]))
    given = np.isin(np.arange(24), range(6, 12))
    space = Space.of(dataclasses.replace(tied(), ties=ties), given)
    jump, x = np.where(given, 3.0, 0.0), np.random.default_rng(4).standard_normal(len(space.free))
    theta = space.spread @ x + space.known @ jump
    assert 0.5 * theta[19] - 2 * theta[13] == pytest.approx(3.0)
    assert theta[0] == pytest.approx(theta[18] - theta[13])


def test_two_cracks_of_given_jump_on_one_lip_are_refused():
    ties = (np.array([0, 0, 6, 6]), np.array([12, 18, 12, 19]), np.array([-1.0, 1, -1, 1]))
    with pytest.raises(NotSolved, match="two cracks of prescribed temperature share a lip"):
        Space.of(dataclasses.replace(tied(), ties=ties), np.arange(24) < 12)


def test_gathering_is_the_transpose_of_spreading():
    space = Space.of(tied(), np.isin(np.arange(24), range(6, 12)))
    values = np.random.default_rng(2).standard_normal((24, 5)) * (1 + 2j)
    before = values.copy()
    assert space.gathered(values) == pytest.approx(space.spread.toarray().T @ values)
    assert np.array_equal(values, before)


def system(flux_nodes=NONE, floating=False, h0=None):
    """A system whose pair matrices are made up, complex and symmetric where they are."""
    mesh, n, rng = tied(), 24, np.random.default_rng(5)

    def symmetric():
        a = rng.standard_normal((2, n, n)) + 0.3j * rng.standard_normal((2, n, n))
        return a @ a.transpose(0, 2, 1).conj() + 5 * np.eye(n)

    h, v, k = symmetric(), symmetric(), rng.standard_normal((2, n, n)) + 0j
    if h0 is not None:
        h[0] = h0
    given = np.isin(np.arange(n), flux_nodes)
    surface = scipy.sparse.diags(np.linspace(0.5, 2, n)).tocsr() if not floating else scipy.sparse.csr_matrix((n, n))
    has = len(flux_nodes) > 0
    pairs = SimpleNamespace(matrices=lambda size: (h, k if has else k[:0], v if has else v[:0]), mesh=mesh)
    return HeatSystem(pairs, Space.of(mesh, given), flux_nodes, 1.7, surface, 3.0, floating), (h, k, v)


def test_insulated_equations_are_k_d_and_what_crosses_the_surfaces():
    found, (h, _, _) = system()
    right = np.random.default_rng(6).standard_normal((24, 2))
    theta, gamma, _ = found.solve(np.array([0.5, 1.0]), right, 0 * right, 0 * right)
    spread = found.space.spread.toarray()
    for f in range(2):
        matrix = spread.T @ (1.7 * h[f] + found.surface.toarray()) @ spread
        assert theta[f] == pytest.approx(spread @ np.linalg.solve(matrix, spread.T @ right), abs=1e-9)
    assert not gamma.any()


def test_equations_with_given_temperatures_are_those_of_the_layers():
    """crack and film: (k D + h) theta - K theta + (k K' + V) gamma = data; given: V gamma - K theta = -mean."""
    nodes = np.arange(6, 12)
    found, (h, k, v) = system(nodes)
    rng = np.random.default_rng(7)
    right, right_flux, given = rng.standard_normal((3, 24, 2))
    given[~np.isin(np.arange(24), nodes)] = 0.0
    theta, gamma, _ = found.solve(np.array([0.5, 1.0]), right, right_flux, given)
    spread, other = found.space.spread.toarray(), ~np.isin(np.arange(24), nodes)
    known = found.space.known @ given
    assert not gamma[:, other].any()
    for f in range(2):
        assert theta[f, nodes] == pytest.approx(given[nodes], abs=1e-9)
        jump = 1.7 * h[f] + found.surface.toarray()
        jump[other] -= k[f][other]
        cross = 1.7 * k[f][nodes].T
        cross[other] += v[f][np.ix_(other, nodes)]
        left = spread.T @ (jump @ theta[f] + cross @ gamma[f, nodes] - right)
        assert np.abs(left).max() < 1e-8 * np.abs(jump).max()
        mean = v[f][np.ix_(nodes, nodes)] @ gamma[f, nodes] - k[f][nodes] @ theta[f]
        assert mean == pytest.approx(right_flux[nodes], abs=1e-8)
    assert np.abs(known).max() > 0


def test_a_floating_body_has_a_temperature_whose_mean_on_the_skin_is_nought():
    """Of many levels the one whose unknowns on the skin add up to nothing, under data that leave the level open."""
    space = Space.of(tied(), np.zeros(24, dtype=bool))
    level = np.isin(space.free, np.arange(12, 24)).astype(float)
    rng = np.random.default_rng(8)
    a = rng.standard_normal((21, 21))
    project = np.eye(21) - np.outer(level, level) / level.sum()
    singular = project @ (a @ a.T + np.eye(21)) @ project
    h0 = np.zeros((24, 24))
    h0[np.ix_(space.free, space.free)] = singular / 1.7
    found, _ = system(floating=True, h0=h0)
    right = np.zeros((24, 1))
    right[space.free] = project @ rng.standard_normal((21, 1))
    theta, _, _ = found.solve(np.array([0.0, 1.0]), right, 0 * right, 0 * right)
    assert abs(theta[0, 12:].sum()) < 1e-9 and singular @ theta[0, space.free] == pytest.approx(
        right[space.free], abs=1e-9
    )
    assert found._level() == pytest.approx(level / np.sqrt(12))


def test_level_of_a_skin_is_one_on_its_unknowns_and_of_unit_length():
    """Whichever nodes they are: here the first ones are the skin's and the last ones the crack's."""
    mesh = dataclasses.replace(tied(), surface=np.array([-1, -2, 0, 1]))
    space = Space.of(mesh, np.zeros(24, dtype=bool))
    level = HeatSystem(SimpleNamespace(mesh=mesh), space, NONE, 1.0, None, 1.0, True)._level()
    on_skin = space.free < 12
    assert level[on_skin] == pytest.approx(1 / np.sqrt(on_skin.sum())) and not level[~on_skin].any()


def test_a_floating_body_is_held_at_rest_only():
    """Heat that takes time to spread fixes the level itself."""
    right = np.random.default_rng(6).standard_normal((24, 1))
    sizes = np.array([0.5, 1.0])
    one, other = (system(floating=True, h0=None)[0] for _ in range(2))
    loose_, held = one.solve(sizes, right, 0 * right, 0 * right), other.solve(0 * sizes, right, 0 * right, 0 * right)
    fixed = dataclasses.replace(one, floating=False)
    assert loose_[0] == pytest.approx(fixed.solve(sizes, right, 0 * right, 0 * right)[0])
    assert np.abs(held[0] - loose_[0]).max() > 1e-6


def test_measure_of_the_mesh_is_the_work_lost_at_the_first_frequency():
    found, _ = system()
    right = np.random.default_rng(6).standard_normal((24, 2))
    sizes = np.array([0.5, 1.0])
    theta, _, share = found.solve(sizes, right, 0 * right, 0 * right)
    (matrix, _), _ = found.matrices(sizes)
    load = found.space.spread.T @ right
    small = coarse(found.pairs.mesh, found.space, NONE)
    assert share == pytest.approx(_share(matrix, load, theta[0][found.space.free], small)) and share > 0


@pytest.mark.parametrize("size", [1e-60, 1.0, 1e60])
def test_a_solution_is_one_of_double_precision_whatever_the_unit_of_its_load(size):
    rng = np.random.default_rng(3)
    matrix = rng.standard_normal((30, 30)) + 1j * rng.standard_normal((30, 30)) + 10 * np.eye(30)
    load = size * rng.standard_normal((30, 2))
    assert _solved(matrix, load) / size == pytest.approx(np.linalg.solve(matrix, load / size), rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("size", [1e-60, 1.0, 1e60])
def test_a_good_matrix_needs_no_second_factor(size, monkeypatch):
    def second(*_):
        raise AssertionError("solved again in double precision")

    monkeypatch.setattr(scipy.linalg, "solve", second)
    matrix = np.diag(np.arange(1.0, 9)) + 0.1j * np.ones((8, 8))
    load = size * np.arange(1.0, 9)[:, None]
    assert matrix @ _solved(matrix, load) / size == pytest.approx(load / size, rel=1e-10)


def test_refinement_that_does_not_converge_gives_way_to_double_precision(monkeypatch):
    hilbert = 1.0 / (1.0 + np.add.outer(np.arange(6), np.arange(6))) + 0j
    load = hilbert @ np.arange(1.0, 7)[:, None]
    expected = np.arange(1.0, 7)[:, None]
    assert _solved(hilbert, load) == pytest.approx(expected, rel=1e-3)  # its residual is small, its condition 1e7
    monkeypatch.setattr(module, "MOST_REFINEMENTS", 0)
    assert _solved(hilbert, load) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("matrix", [np.zeros((2, 2)), np.full((2, 2), np.nan), np.ones((2, 2))])
def test_equations_without_a_solution_are_refused(matrix):
    with pytest.raises(NotSolved, match="the equations have no solution"):
        _solved(matrix + 0j, np.ones((2, 1)))


def test_work_lost_on_a_smaller_space_is_what_energy_says():
    """Diagonal: of the work load^2 / k of two unknowns the first is kept; a weak mode counts with its strength."""
    matrix, small = np.diag([2.0, 4.0]) + 0j, scipy.sparse.csr_matrix([[1.0], [0.0]])
    load = np.array([[1.0], [1.0]])
    assert _share(matrix, load, np.linalg.solve(matrix, load), small) == pytest.approx((1 / 4) / (1 / 2 + 1 / 4))
    both = np.array([[10.0, 0.0], [0.0, 1.0]])
    weak = _share(matrix, both, np.linalg.solve(matrix, both), small)
    assert weak == pytest.approx(np.sqrt((1 / 4) / 50))
    assert _share(matrix, 0 * load, 0 * load + 0j, small) == 0.0


@pytest.mark.parametrize("parts", [[(T6, TRIANGLE)], [(Q9, SQUARE)], [(T6, TRIANGLE), (Q9, SQUARE), (T6, OTHER)]])
def test_coarse_unknowns_are_corners_and_hold_what_is_linear(parts):
    mesh = loose(*parts, surface=[0] * len(parts))
    space = Space.of(mesh, np.zeros(len(mesh.points), dtype=bool))
    found = coarse(mesh, space, NONE).toarray()
    corners = np.concatenate([c[: 3 if k == T6 else 4] for c, k in zip(mesh.cells, mesh.kind)])
    assert found.shape == (len(mesh.points), len(corners))
    values = 1 + mesh.points @ [2.0, -3.0, 0]
    assert found @ values[np.sort(corners)] == pytest.approx(values)


def test_coarse_unknowns_of_a_ring_have_the_root_of_the_distance_alone():
    mesh = loose((TIP, RING), surface=[0], fixed=np.array([0, 1, 4]))
    space = Space.of(mesh, np.zeros(9, dtype=bool))
    found = space.spread @ coarse(mesh, space, NONE).toarray()
    root = np.sqrt((RING[:, 1] - 9.0) / 2)
    for factor in (np.ones(9), 1 + RING[:, 0]):
        assert found @ (root * factor)[[2, 3]] == pytest.approx(root * factor)


def test_coarse_densities_of_flux_are_those_of_corners_too():
    mesh = loose((T6, TRIANGLE), (T6, OTHER), surface=[0, 1])
    nodes = np.arange(6, 12)
    space = Space.of(mesh, np.isin(np.arange(12), nodes))
    found = coarse(mesh, space, nodes).toarray()
    assert found.shape == (12, 6)
    values = 1 + mesh.points @ [2.0, -3.0, 0]
    assert found @ values[[0, 1, 2, 6, 7, 8]] == pytest.approx(values)


def cube_of(split):
    """Closed surface of a unit cube, outward."""
    grid, triangles = np.linspace(0, 1, split + 1), []
    for axis in range(3):
        u, v, w = np.eye(3)[(axis + 1) % 3], np.eye(3)[(axis + 2) % 3], np.eye(3)[axis]
        for level in (0.0, 1.0):
            for i in range(split):
                for j in range(split):
                    turn = ((i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1))
                    corner = [level * w + grid[a] * u + grid[b] * v for a, b in turn][:: 1 if level else -1]
                    triangles += [flat(corner[:3]), flat([corner[0], corner[2], corner[3]])]
    points, back = np.unique(np.round(np.concatenate(triangles), 9), axis=0, return_inverse=True)
    cells = np.full((len(triangles), 9), -1)
    cells[:, :6] = back.reshape(-1, 6)
    kind = np.zeros(len(cells), dtype=np.int64)
    return SurfaceMesh(points, cells, kind, kind - 1, (), (NONE, NONE, np.zeros(0)), NONE, np.arange(len(points)))


def test_every_pair_of_elements_is_integrated_once_over_both_areas():
    """Sum of weights: 1/4 for every pair of triangles, of a part by its share; a square is two triangles."""
    parts = [
        (T6, TRIANGLE),
        (T6, TRIANGLE + [0, 0, 0.2]),
        (Q9, SQUARE),
        (TIP, RING),
        (T6, OTHER),
        (Q9, SQUARE + [0, 0, 9]),
    ]
    mesh = loose(*parts, surface=[0] * 6)
    whole = np.zeros((6, 6))
    for group in groups(mesh, HEAT):
        np.add.at(whole, tuple(group.pair.T), group.weight.sum())
        assert group.first.sum(axis=0) == pytest.approx(1.0) and group.corner.shape == (len(group.pair), 12)
        assert len(np.unique(mesh.kind[group.pair], axis=0)) == 1
    area = np.where(mesh.kind == T6, 0.5, 1.0)
    expected = np.outer(area, area)
    both = whole + whole.T - np.diag(np.diag(whole))
    assert both == pytest.approx(expected)


def test_a_constant_double_layer_on_a_closed_surface_is_half_its_jump_there_and_no_flux():
    """Gauss: int dG/dn' dS' = -+1/2 on the surface at rest; D of a constant is nought; V is positive and symmetric."""
    mesh = cube_of(2)
    n = len(mesh.points)
    pairs = HeatPairs.of(mesh, np.ones(len(mesh.cells)), np.ones(len(mesh.cells), dtype=bool), HEAT)
    h, k, v = (a[0] for a in pairs.matrices(np.array([1e-6])))
    at = SurfacePoints.of(mesh, np.ones(len(mesh.cells), dtype=bool))
    tested = np.asarray(at.test @ at.area).ravel()
    assert np.abs(k.sum(axis=1).real) == pytest.approx(0.5 * tested, abs=2e-3) or np.abs(
        k.sum(axis=0).real
    ) == pytest.approx(0.5 * tested, abs=2e-3)
    assert np.abs(h.sum(axis=1)).max() < 1e-9 * np.abs(h).max() + 1e-9
    assert v == pytest.approx(v.T) and h == pytest.approx(h.T)
    assert np.linalg.eigvalsh(v.real).min() > -1e-3 * np.abs(v).max() and v.sum().real > 0
    assert n == 98


def test_layers_far_apart_act_like_points():
    """int int G of two triangles ten sizes apart, and its decay with frequency: area^2 exp(-a R) / (4 pi R)."""
    mesh = loose((T6, TRIANGLE), (T6, TRIANGLE + [0, 0, 40.0]), surface=[0, 1])
    pairs = HeatPairs.of(mesh, np.ones(2), np.ones(2, dtype=bool), HEAT)
    sizes = np.array([0.0, 0.02, 0.04])
    _, _, v = pairs.matrices(sizes)
    for f, size in enumerate(sizes):
        a = size * np.exp(0.25j * np.pi)
        assert v[f][:6, 6:].sum() == pytest.approx(np.exp(-a * 40) / (4 * np.pi * 40), rel=2e-3)


def test_frequencies_that_double_are_solved_as_those_that_do_not():
    mesh = loose((T6, TRIANGLE), (T6, TRIANGLE + [0, 0, 1.5]), surface=[0, 1])
    pairs = HeatPairs.of(mesh, np.ones(2), np.ones(2, dtype=bool), HEAT)
    together = pairs.matrices(np.array([0.0, 0.3, 0.6, 1.2, 0.7, 1.4]))
    for f, size in enumerate((0.0, 0.3, 0.6, 1.2, 0.7, 1.4)):
        for one, many in zip(pairs.matrices(np.array([size])), together):
            assert many[f] == pytest.approx(one[0], abs=1e-10 * np.abs(one).max())


def test_without_densities_only_the_jump_s_matrix_is_made():
    mesh = loose((T6, TRIANGLE), surface=[0])
    h, k, v = HeatPairs.of(mesh, np.zeros(1), np.zeros(1, dtype=bool), HEAT).matrices(np.array([0.0, 1.0]))
    assert h.shape == (2, 6, 6) and k.shape[0] == v.shape[0] == 0


def test_two_instants_are_enough():
    data = driving(two_cracks(), Insulated(), np.ones((2, 21)), np.array([0.0, 1.0]))
    assert (data.course @ data.right.T).sum(axis=1) == pytest.approx([-6.0, -6.0])
