"""Compiled loops of heat against numpy twins; same result for every instruction set and number of threads."""

import numpy as np
import pytest
import scipy.sparse

from deadlight import _isa, kernels
from deadlight.fem.pattern import Pattern
from deadlight.heat.correction import Correction
from deadlight.heat.rules import conduction_rule, content_rule, tetrahedron_degree_5
from deadlight.heat.tables import Ramps
from deadlight.heat.volume import Volume
from deadlight.mesh.elements import quadrature
from support_heat import SILICA, Table, box

G = np.linspace(0, 1, 3)


def test_ramps_are_the_table_inside_and_outside():
    table = Table(np.array([300.0, 500.0, 600.0]), np.array([1.0, 3.0, 2.0]))
    T = np.linspace(100.0, 900.0, 333)
    assert np.allclose(Ramps.of(table)(T), np.interp(T, table.temperature, table.value), atol=1e-13)
    fine = np.linspace(300.0, 900.0, 60001)
    numeric = np.concatenate(
        [[0.0], np.cumsum((Ramps.of(table)(fine)[1:] + Ramps.of(table)(fine)[:-1]) / 2 * np.diff(fine))]
    )
    assert np.allclose(Ramps.of(table).integral(fine), numeric, atol=1e-6)
    assert Ramps.of(table).integral(200.0) == pytest.approx(-100.0)


def test_ramps_follow_the_end_slope_where_the_table_says_so():
    class Sloped(Table):
        beyond = "slope"

    ramps = Ramps.of(Sloped(np.array([300.0, 400.0, 600.0]), np.array([1.0, 2.0, 3.0])))
    assert ramps(np.array([200.0, 350.0, 800.0])) == pytest.approx([0.0, 1.5, 4.0])


def test_tetrahedron_rule_of_degree_5():
    """Exact for all monomials to degree 5 against the conical product rule; weights positive."""
    points, weights = tetrahedron_degree_5()
    fine, fine_weights = quadrature("tet", 8)
    assert (weights > 0).all()
    for e in np.ndindex(6, 6, 6):
        if sum(e) <= 5:
            exact = fine_weights @ np.prod(fine ** np.array(e), axis=1)
            assert weights @ np.prod(points ** np.array(e), axis=1) == pytest.approx(exact, abs=1e-16, rel=1e-13)


def make(kind, g=G):
    mesh = box(g, g, g, kind=kind, warp=0.05)
    pattern = Pattern.build([b.nodes for b in mesh.blocks], mesh.n_nodes)
    return mesh, pattern, Volume(mesh, {"body": SILICA}, pattern.slots, datum=300.0)


def twin(mesh, T):
    """Content, conduction and their matrices by einsum over cells and points."""
    n = mesh.n_nodes
    block = mesh.blocks[0]
    element, x = block.element, mesh.points[block.nodes]
    out = [np.zeros(n), np.zeros(n), np.zeros((n, n)), np.zeros((n, n))]
    for rule, which in ((content_rule(element.family), 0), (conduction_rule(element.family), 1)):
        shape, d = element.shape(rule[0]), element.dshape(rule[0])
        jac = np.einsum("cni,qnj->cqij", x, d)
        w = np.linalg.det(jac) * rule[1]
        Tq = np.einsum("qn,cn->cq", shape, T[block.nodes])
        if which == 0:
            heat, c = Ramps.of(SILICA.specific_heat), SILICA.specific_heat(Tq)
            vector = np.einsum("cq,qn->cn", w * 2200.0 * (heat.integral(Tq) - heat.integral(300.0)), shape)
            matrix = np.einsum("cq,qn,qm->cnm", w * 2200.0 * c, shape, shape)
        else:
            grad = np.einsum("qnj,cqji->cqni", d, np.linalg.inv(jac))
            k = w * SILICA.conductivity(Tq)
            matrix = np.einsum("cq,cqni,cqmi->cnm", k, grad, grad)
            vector = np.einsum("cnm,cm->cn", matrix, T[block.nodes])
        for cell, nodes in enumerate(block.nodes):
            out[which][nodes] += vector[cell]
            out[2 + which][np.ix_(nodes, nodes)] += matrix[cell]
    return out


@pytest.mark.parametrize("kind", ["hex20", "hex27", "tet10", "wedge15", "wedge18", "hex8", "tet4"])
@pytest.mark.parametrize("isa", range(_isa.best + 1))
def test_vectors_and_matrices_against_numpy(kind, isa, monkeypatch):
    monkeypatch.setenv("DEADLIGHT_ISA", kernels.NAMES[isa])
    mesh, pattern, volume = make(kind)
    T = 300.0 + 800.0 * np.random.default_rng(3).random(mesh.n_nodes)
    content, conduction, capacity, conductance = twin(mesh, T)
    found = volume.vectors(T)
    assert np.allclose(found[0], content, rtol=1e-12, atol=1e-12 * np.abs(content).max())
    assert np.allclose(found[1], conduction, rtol=1e-12, atol=1e-12 * np.abs(conduction).max())
    for values, expected in zip(volume.matrices(T, pattern.nnz), (capacity, conductance)):
        assert np.allclose(pattern.matrix(values).toarray(), expected, rtol=1e-12, atol=1e-12 * np.abs(expected).max())
    assert abs(found[1].sum()) <= 1e-12 * np.abs(found[1]).sum()


def test_same_numbers_for_any_number_of_threads(monkeypatch):
    monkeypatch.setattr("deadlight.heat.workers.NODES_A_THREAD", 1)
    mesh, pattern, volume = make("hex20")
    T = 300.0 + 500.0 * np.random.default_rng(4).random(mesh.n_nodes)
    found = []
    for threads in ("1", "2", "3"):
        monkeypatch.setenv("DEADLIGHT_THREADS", threads)
        correction = Correction(
            pattern.indptr, pattern.indices, fixed=np.zeros(mesh.n_nodes, bool), bodies=np.zeros(mesh.n_nodes, int)
        )
        capacity, conductance = volume.matrices(T, pattern.nnz)
        correction.update(capacity + 1e3 * conductance)
        found.append([*volume.vectors(T), capacity, conductance, correction.solve(T, absolute=0.0)])
    for other in found[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(found[0], other))


@pytest.mark.parametrize("step", [1.0, 1e8])
def test_corrections_solve_the_jacobian(step):
    """Short steps with the diagonal, long ones end up with a factor; fixed nodes stay; body sums vanish in both."""
    mesh, pattern, volume = make("tet10", np.array([0.0, 0.01, 0.05, 0.2, 1.0]))
    n = mesh.n_nodes
    fixed = mesh.points[:, 0] == 0.0
    correction = Correction(pattern.indptr, pattern.indices, fixed=fixed, bodies=np.zeros(n, int))
    capacity, conductance = volume.matrices(np.full(n, 400.0), pattern.nnz)
    data = capacity + step * conductance
    r = np.random.default_rng(5).random(n) * ~fixed
    correction.update(data)
    free = ~fixed
    dense = scipy.sparse.csr_matrix((data, pattern.indices, pattern.indptr)).toarray()[np.ix_(free, free)]
    expected = np.linalg.solve(dense, r[free])
    for _ in range(20):
        found = correction.solve(r, absolute=0.0)
    assert (found[fixed] == 0.0).all()
    assert np.allclose(found[free], expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max())
    rest = r[free] - dense @ found[free]
    assert abs(rest.sum()) <= 1e-11 * np.abs(r).sum()
    assert (correction.factors > 0) == (step > 1e6)
