"""Numbering, ties, rigid motions and solutions of the crack operator against dense matrices written out."""

from __future__ import annotations

import dataclasses
import time

import numpy as np
import pytest
import scipy.linalg
import scipy.sparse

from deadlight.errors import NotSolved
from deadlight.operator import system
from deadlight.operator.pairs import Fineness
from deadlight.operator.system import (
    CrackOperator,
    Unknowns,
    add_springs,
    assemble,
    cholesky,
    free_rigid,
    hold,
    rigid_motions,
    symmetric_product,
    tied_matrix,
)
from deadlight.surface.mesh import SurfaceMesh

NONE = np.zeros(0, dtype=np.int64)


def flat(corners):
    c = np.asarray(corners, dtype=float)
    return np.concatenate([c, 0.5 * (c + c[[1, 2, 0]])])


def tied_strip():
    """A crack triangle that hangs on a skin triangle, a loose one beside them: 18 nodes and one that none uses.

    Nodes 0 to 5 are the crack's: 0 and 3 are tied to lips 6, 9 and 7, 10, node 2 is fixed, one tie goes to it.
    """
    triangles = [
        [[0, 0, 0], [1, 0, 0], [0, 1, 0]],
        [[0, 0, 0], [1, 0, 0], [0, 0, 1]],
        [[3, 0, 0], [4, 0, 0], [3, 1, 0]],
    ]
    points = np.concatenate([*(flat(t) for t in triangles), [[9.0, 9, 9]]])
    cells = np.full((3, 9), -1)
    cells[:, :6] = np.arange(18).reshape(3, 6)
    slave, master = np.array([0, 0, 3, 3, 0]), np.array([6, 9, 7, 10, 2])
    value = np.array([-1.0, 1.0, -2.0, 0.5, 3.0])
    place = np.arange(19)
    place[6], place[7] = 0, 1
    kind = np.zeros(3, dtype=np.int64)
    return SurfaceMesh(points, cells, kind, np.array([0, -1, -2]), (), (slave, master, value), np.array([2, 17]), place)


def tie_of(mesh, unknowns):
    """D at all nodes from the free unknowns, written out. (3 n_nodes, 3 n_free)."""
    n = len(mesh.points)
    out = np.zeros((n, unknowns.n_free))
    for node in range(n):
        if 0 <= unknowns.row[node] < unknowns.n_free:
            out[node, unknowns.row[node]] = 1.0
    for slave, master, value in zip(*mesh.ties):
        if unknowns.row[master] >= 0:
            out[slave, unknowns.row[master]] += value
    return np.kron(out, np.eye(3))


def test_every_used_node_that_is_not_fixed_has_a_number_of_its_own_free_ones_first():
    mesh = tied_strip()
    unknowns = Unknowns.of(mesh)
    assert (unknowns.row[[2, 17, 18]] == -1).all()
    others = np.setdiff1d(np.arange(19), [2, 17, 18])
    assert sorted(unknowns.row[others]) == list(range(16))
    assert unknowns.n_free == 14 and unknowns.n_tied == 2
    assert sorted(unknowns.row[[0, 3]]) == [14, 15]


def test_nodes_that_loads_on_cracks_reach_are_numbered_last_of_the_free():
    """The crack's own, and the lips that its mouth is tied to."""
    row = Unknowns.of(tied_strip()).row
    late = [1, 4, 5, 6, 7, 9, 10]
    assert sorted(row[late]) == list(range(7, 14))


def test_solutions_are_spread_and_loads_gathered_by_the_same_ties():
    mesh = tied_strip()
    unknowns = Unknowns.of(mesh)
    tie, rng = tie_of(mesh, unknowns), np.random.default_rng(2)
    x, load = rng.standard_normal((42, 3)), rng.standard_normal((4, 19, 3))
    assert unknowns.spread(x) == pytest.approx((tie @ x).T.reshape(3, 19, 3))
    assert unknowns.gather(load) == pytest.approx(tie.T @ load.reshape(4, -1).T)
    assert unknowns.gather(load[:0]).shape == (42, 0)


def test_matrix_of_the_free_nodes_is_the_whole_one_between_its_ties():
    mesh = tied_strip()
    unknowns = Unknowns.of(mesh)
    root = np.random.default_rng(1).standard_normal((48, 48))
    whole = root @ root.T
    tie = np.concatenate([np.eye(42), unknowns.tie.toarray()])
    expected = tie.T @ whole @ tie
    assert np.triu(tied_matrix(np.triu(whole), unknowns)) == pytest.approx(np.triu(expected))


def test_matrix_without_ties_stays_as_it_is():
    mesh = dataclasses.replace(tied_strip(), ties=(NONE, NONE, np.zeros(0)))
    unknowns = Unknowns.of(mesh)
    whole = np.ones((3 * unknowns.n_free, 3 * unknowns.n_free))
    assert unknowns.n_tied == 0 and tied_matrix(whole, unknowns) is whole


def test_mouths_tied_to_nodes_that_are_tied_themselves_are_refused_with_their_place():
    mesh = tied_strip()
    chained = dataclasses.replace(mesh, ties=(np.array([0, 1]), np.array([6, 0]), np.ones(2)))
    with pytest.raises(NotSolved, match=r"1 nodes of mouths are tied to nodes .* first at \(1000, 0, 0\) mm"):
        Unknowns.of(chained)


def tetrahedron(scale=1.0, fixed=NONE):
    """Closed surface of four triangles, outward."""
    corner = scale * np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    faces = [[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]]
    points = np.concatenate([flat(corner[f]) for f in faces])
    place, back = np.unique(np.round(points, 9), axis=0, return_inverse=True)
    cells = np.full((4, 9), -1)
    cells[:, :6] = back.reshape(4, 6)
    kind = np.zeros(4, dtype=np.int64)
    return SurfaceMesh(place, cells, kind, kind - 1, (), (NONE, NONE, np.zeros(0)), fixed, np.arange(len(place)))


def test_rigid_motions_are_orthonormal_and_keep_every_distance():
    mesh = tetrahedron(3e-3)
    unknowns = Unknowns.of(mesh)
    rigid = rigid_motions(mesh, unknowns)
    assert rigid.shape == (30, 6) and rigid.T @ rigid == pytest.approx(np.eye(6), abs=1e-12)
    moved = unknowns.spread(rigid)
    x = mesh.points
    apart = x[:, None] - x[None]
    stretch = np.einsum("abi,rabi->rab", apart, moved[:, :, None] - moved[:, None])
    assert np.abs(stretch).max() < 1e-12 * np.abs(apart).max()
    turned = np.cross([0.3, -0.2, 0.9], x - 5.0) + [1.0, 2, 3]  # any rigid motion is one of theirs
    flat_ = unknowns.gather(turned[None])
    assert rigid @ (rigid.T @ flat_) == pytest.approx(flat_)


def test_a_body_that_is_held_somewhere_and_a_crack_alone_have_no_rigid_motions():
    held = tetrahedron(fixed=np.array([3]))
    assert rigid_motions(held, Unknowns.of(held)).shape == (27, 0)
    crack = dataclasses.replace(tetrahedron(), surface=np.zeros(4, dtype=np.int64))
    assert rigid_motions(crack, Unknowns.of(crack)).shape == (30, 0)


def symmetric(n, seed):
    root = np.random.default_rng(seed).standard_normal((n, n))
    return root @ root.T + np.eye(n)


def upper_only(matrix):
    """Nothing sensible below the diagonal: only the upper triangle counts."""
    return np.triu(matrix) + np.tril(np.full_like(matrix, 1e3), -1)


def test_freeing_projects_rigid_motions_out_of_the_matrix_and_says_how_much_there_was():
    whole, rigid = symmetric(9, 3), np.linalg.qr(np.random.default_rng(4).standard_normal((9, 2)))[0]
    matrix = upper_only(whole)
    left = free_rigid(matrix, rigid)
    project = np.eye(9) - rigid @ rigid.T
    assert np.triu(matrix) == pytest.approx(np.triu(project @ whole @ project))
    assert left == pytest.approx(np.linalg.norm(whole @ rigid, axis=0).max() / np.diag(whole).mean())
    assert free_rigid(matrix, rigid) == pytest.approx(0.0, abs=1e-12)


def test_holding_adds_a_stiffness_of_the_matrix_own_size_to_rigid_motions():
    whole, rigid = symmetric(9, 3), np.linalg.qr(np.random.default_rng(4).standard_normal((9, 2)))[0]
    matrix = upper_only(whole)
    hold(matrix, rigid)
    assert np.triu(matrix) == pytest.approx(np.triu(whole + np.diag(whole).mean() * rigid @ rigid.T))


def test_without_rigid_motions_nothing_is_freed_or_held():
    matrix = symmetric(4, 1)
    before = matrix.copy()
    assert free_rigid(matrix, np.zeros((4, 0))) == 0.0
    hold(matrix, np.zeros((4, 0)))
    assert np.array_equal(matrix, before)


def test_product_and_factor_look_at_the_upper_triangle_only():
    whole = symmetric(8, 5)
    x = np.random.default_rng(6).standard_normal((8, 3))
    assert symmetric_product(upper_only(whole), x) == pytest.approx(whole @ x)
    assert np.triu(cholesky(np.triu(whole))) == pytest.approx(scipy.linalg.cholesky(whole))


def test_a_matrix_that_is_not_positive_definite_is_refused_with_its_row():
    with pytest.raises(NotSolved, match=r"not positive definite \(row 3 of 4\)"):
        cholesky(np.diag([1.0, 2.0, -1.0, 1.0]))


def test_springs_are_added_at_the_free_nodes_unknowns():
    mesh = tetrahedron()
    unknowns = Unknowns.of(mesh)
    rng = np.random.default_rng(8)
    chosen = [0, 3, 7]
    springs = np.zeros((10, 3, 10, 3))
    for a in chosen:
        for b in chosen:
            springs[a, :, b] = rng.standard_normal((3, 3))
    springs = springs.reshape(30, 30)
    matrix = np.ones((30, 30))
    add_springs(matrix, scipy.sparse.csr_matrix(springs), unknowns, 2.5)
    tie = tie_of(mesh, unknowns)
    assert matrix == pytest.approx(1.0 + 2.5 * tie.T @ springs @ tie)


@pytest.mark.parametrize("row, column", [(6, 3), (3, 53), (0, 3), (9, 3), (3, 0), (3, 10)])
def test_springs_on_nodes_that_do_not_move_freely_are_refused(row, column):
    """Fixed or tied, as row or as column."""
    unknowns = Unknowns.of(tied_strip())
    springs = scipy.sparse.csr_matrix(([1.0], ([row], [column])), shape=(57, 57))
    with pytest.raises(NotSolved, match="a seat lies on 1 nodes of the skin that do not move freely"):
        add_springs(np.zeros((42, 42)), springs, unknowns, 1.0)


def test_nodes_that_a_seat_may_not_lie_on_are_counted_once_however_many_springs_they_have():
    unknowns = Unknowns.of(tied_strip())
    rows = np.array([0, 1, 2, 6, 7, 8, 6, 3])  # nodes 0 and 2 in all directions, and one that is free
    springs = scipy.sparse.csr_matrix((np.ones(8), (rows, np.full(8, 3))), shape=(57, 57))
    with pytest.raises(NotSolved, match="a seat lies on 2 nodes"):
        add_springs(np.zeros((42, 42)), springs, unknowns, 1.0)


def test_a_matrix_larger_than_the_memory_is_refused_before_it_is_made(monkeypatch):
    mesh = tetrahedron()
    monkeypatch.setattr(system.memory, "limit", lambda: 8 * 30**2 - 1)
    with pytest.raises(NotSolved, match=r"matrix of 30 unknowns takes 7\.2e-06 GB"):
        assemble(mesh, Unknowns.of(mesh), 0.3, Fineness())
    tied = tied_strip()
    with pytest.raises(NotSolved, match="matrix of 48 unknowns"):  # tied ones are in it until they are gathered
        assemble(tied, Unknowns.of(tied), 0.3, Fineness())
    monkeypatch.setattr(system.memory, "limit", lambda: 8 * 30**2)
    assert assemble(mesh, Unknowns.of(mesh), 0.3, Fineness())[0].shape == (30, 30)


@pytest.fixture(scope="module")
def solved():
    """An operator of the strip's numbering over a matrix that is known: (operator, its inverse in true units)."""
    mesh = tied_strip()
    unknowns = Unknowns.of(mesh)
    whole = symmetric(42, 9)
    operator = CrackOperator(mesh, 70e9, 0.2, unknowns, cholesky(np.triu(whole)), np.zeros((42, 0)), 0.0, 0, {})
    mu = 70e9 / 2.4
    tie = tie_of(mesh, unknowns)
    return operator, tie @ np.linalg.inv(whole * mu / (4 * np.pi)) @ tie.T


def test_opening_answers_a_load_by_the_inverse_of_the_matrix(solved):
    operator, inverse = solved
    load = np.random.default_rng(0).standard_normal((2, 19, 3))
    assert operator.mu == pytest.approx(70e9 / 2.4) and operator.n_unknowns == 42
    expected = (inverse @ load.reshape(2, -1).T).T.reshape(2, 19, 3)
    assert operator.solve(load) == pytest.approx(expected, rel=1e-9, abs=1e-9 * np.abs(expected).max())


@pytest.mark.parametrize("nodes", [[1, 4, 5], [0, 3], [12], [8, 11, 1], []])
def test_flexibility_is_load_times_inverse_times_load_wherever_the_loads_act(solved, nodes):
    """Loads on the crack alone use the last rows of the factor only; loads elsewhere all of it."""
    operator, inverse = solved
    rng = np.random.default_rng(1)
    late, early = np.zeros((3, 19, 3)), rng.standard_normal((2, 19, 3))
    late[:, nodes] = rng.standard_normal((3, len(nodes), 3))
    one, both = late.reshape(3, -1), np.concatenate([late, early]).reshape(5, -1)
    size = np.abs(both @ inverse @ both.T).max()
    assert operator.flexibility(late) == pytest.approx(one @ inverse @ one.T, abs=1e-10 * size)
    assert operator.flexibility(late, early) == pytest.approx(both @ inverse @ both.T, abs=1e-10 * size)
    assert operator.flexibility(late, early[:0]) == pytest.approx(one @ inverse @ one.T, abs=1e-10 * size)
    assert operator.flexibility(late[:0], early) == pytest.approx((both @ inverse @ both.T)[3:, 3:], abs=1e-10 * size)


def test_a_load_that_is_not_finite_is_said_to_be_the_stress(solved):
    load = np.zeros((1, 19, 3))
    load[0, 12, 1] = np.nan
    for asked in (solved[0].solve, solved[0].flexibility):
        with pytest.raises(NotSolved, match="1 of its load: look at the stress at the crack"):
            asked(load)


def test_an_operator_for_reading_only_says_that_its_matrix_is_at_fault(solved):
    reading = solved[0].without_factor()
    with pytest.raises(NotSolved, match=r"42 of 42 numbers .* 0 of its load: the matrix is at fault"):
        reading.solve(np.ones((1, 19, 3)))
    assert reading.n_unknowns == 42 and reading.no_number().keys() == {"factor"}


def test_a_free_body_is_left_alone_by_rigid_motions_and_springs_hold_it():
    """Loads of a rigid motion's shape meet the springs alone: D = b / k where k springs every node alike."""
    mesh = tetrahedron()
    free = CrackOperator.build(mesh, young=70e9, nu=0.2)
    assert 0 < free.rigid_residual < 0.1 and free.evaluations > 0 and free.rigid.shape == (30, 6)
    k = 1e6
    springy = CrackOperator.build(mesh, young=70e9, nu=0.2, springs=scipy.sparse.identity(30, format="csr") * k)
    moved = springy.unknowns.spread(springy.rigid)
    assert springy.solve(moved) * k == pytest.approx(moved, abs=1e-6)


def test_wall_times_of_the_parts_are_within_that_of_the_whole():
    start = time.perf_counter()
    seconds = CrackOperator.build(tetrahedron(), young=70e9, nu=0.2).seconds
    whole = time.perf_counter() - start
    assert seconds.keys() == {"assembly", "ties", "factor"} and min(seconds.values()) >= 0
    assert sum(seconds.values()) <= whole


def test_how_a_free_body_is_held_does_not_change_what_balanced_loads_do():
    mesh = tetrahedron()
    free = CrackOperator.build(mesh, young=70e9, nu=0.2)
    soft = CrackOperator.build(mesh, young=70e9, nu=0.2, springs=scipy.sparse.identity(30, format="csr") * 1e2)
    load = np.random.default_rng(3).standard_normal((30, 1))
    load -= free.rigid @ (free.rigid.T @ load)
    one, other = free.solve_flat(load), soft.solve_flat(load)
    assert other == pytest.approx(one, abs=1e-5 * np.abs(one).max())


def test_twice_the_modulus_makes_half_the_opening():
    mesh = tetrahedron()
    load = np.random.default_rng(5).standard_normal((1, 10, 3))
    one = CrackOperator.build(mesh, young=70e9, nu=0.2).solve(load)
    two = CrackOperator.build(mesh, young=140e9, nu=0.2).solve(load)
    assert 2 * two == pytest.approx(one, rel=1e-9)


def test_ties_to_the_very_first_unknown_count_too():
    """Every node of one crack triangle tied to those of another: whichever is numbered first is a master."""
    triangles = [[[0, 0, 0], [1, 0, 0], [0, 1, 0]], [[0, 0, 5], [1, 0, 5], [0, 1, 5]]]
    cells = np.full((2, 9), -1)
    cells[:, :6] = np.arange(12).reshape(2, 6)
    ties = (np.arange(6), np.arange(6, 12), np.arange(1.0, 7))
    kind = np.zeros(2, dtype=np.int64)
    points = np.concatenate([flat(t) for t in triangles])
    mesh = SurfaceMesh(points, cells, kind, np.array([0, 1]), (), ties, NONE, np.arange(12))
    unknowns = Unknowns.of(mesh)
    assert unknowns.n_free == unknowns.n_tied == 6
    opening = unknowns.spread(np.random.default_rng(0).standard_normal((18, 1)))[0]
    assert opening[:6] == pytest.approx(np.arange(1.0, 7)[:, None] * opening[6:])
