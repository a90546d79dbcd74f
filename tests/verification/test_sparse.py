"""Sparse factors against matrices whose solution is known in closed form."""

import numpy as np
import pytest
import scipy.sparse as sp

from deadlight.errors import NotSolved
from deadlight.linalg.cholesky import Cholesky
from deadlight.linalg.sparse import backends, factor

ALL = pytest.mark.parametrize("backend", [name for name, present in backends().items() if present])


def grid_laplacian(m: int) -> sp.csr_array:
    """Seven-point Laplacian on m**3 points with zero boundary values."""
    one = sp.diags_array([-np.ones(m - 1), np.full(m, 2.0), -np.ones(m - 1)], offsets=[-1, 0, 1])
    eye = sp.eye_array(m)
    return sp.csr_array(
        sp.kron(sp.kron(one, eye), eye) + sp.kron(sp.kron(eye, one), eye) + sp.kron(sp.kron(eye, eye), one)
    )


def plate(nx: int, ny: int, nz: int) -> sp.csr_array:
    """27-point, three unknowns a node: the graph of quadratic-like solids on a thin plate."""

    def mass(m: int) -> sp.dia_array:
        return sp.diags_array([np.ones(m - 1), np.full(m, 4.0), np.ones(m - 1)], offsets=[-1, 0, 1])

    def stiffness(m: int) -> sp.dia_array:
        return sp.diags_array([-np.ones(m - 1), np.full(m, 2.0), -np.ones(m - 1)], offsets=[-1, 0, 1])

    scalar = (
        sp.kron(sp.kron(stiffness(nx), mass(ny)), mass(nz))
        + sp.kron(sp.kron(mass(nx), stiffness(ny)), mass(nz))
        + sp.kron(sp.kron(mass(nx), mass(ny)), stiffness(nz))
    )
    coupling = np.array([[2.0, 0.3, 0.2], [0.3, 2.0, 0.1], [0.2, 0.1, 2.0]])
    return sp.csr_array(sp.kron(scalar, coupling))


@pytest.mark.reference("Strang 2007, Computational Science and Engineering, section 1.5")
@ALL
def test_eigenvectors_of_the_grid_laplacian(backend: str) -> None:
    """Eigenvalue 2 (1 - cos(pi k / (m + 1))) per direction (Strang, Computational Science and Engineering, 1.5)."""
    m = 14
    made = factor(grid_laplacian(m), backend=backend)
    s = np.arange(1, m + 1) * np.pi / (m + 1)
    for i, j, k in ((1, 1, 1), (3, 1, 5), (14, 14, 14)):
        value = 6.0 - 2.0 * (np.cos(s[i - 1]) + np.cos(s[j - 1]) + np.cos(s[k - 1]))
        vector = np.einsum("i,j,k", np.sin(i * s), np.sin(j * s), np.sin(k * s)).ravel()
        np.testing.assert_allclose(made.solve(vector), vector / value, rtol=0, atol=1e-13 / value)


@ALL
@pytest.mark.parametrize("block", [1, 3])
def test_plate_residual_and_block_order(backend: str, block: int) -> None:
    matrix = plate(16, 14, 4)
    b = np.random.default_rng(0).normal(size=(matrix.shape[0], 4))
    x = factor(matrix, block=block, backend=backend).solve(b)
    assert np.linalg.norm(matrix @ x - b) <= 1e-12 * np.linalg.norm(b)


def test_backends_agree() -> None:
    matrix = plate(12, 12, 3)
    b = np.random.default_rng(1).normal(size=(matrix.shape[0], 2))
    want = factor(matrix, block=3, backend="superlu").solve(b)
    for name in (name for name, present in backends().items() if present):
        got = factor(matrix, block=3, backend=name).solve(b)
        assert np.abs(got - want).max() <= 1e-9 * np.abs(want).max(), name


def test_nodes_given_one_by_one_order_as_well_as_blocks() -> None:
    matrix = plate(10, 10, 3)
    node = np.repeat(np.arange(300), 3)
    by_block, by_node = factor(matrix, block=3), factor(matrix, block=node)
    assert by_block.nnz == by_node.nnz
    kept = np.flatnonzero(np.arange(900) % 7)  # some unknowns are taken out, as supports do
    part = factor(matrix[kept][:, kept], block=node[kept])
    b = np.ones(len(kept))
    np.testing.assert_allclose(matrix[kept][:, kept] @ part.solve(b), b, atol=1e-12)


@pytest.mark.parametrize("threads", [2])
def test_threads_share_the_tree(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Subtrees in parallel give the factor of one thread to the bit, and the same solution every time."""
    monkeypatch.setattr("deadlight.linalg.schedule._SERIAL", 0.0)
    matrix = plate(18, 16, 3)
    alone, shared = (factor(matrix, block=3, threads=t, backend="cholesky") for t in (1, threads))
    assert isinstance(alone, Cholesky) and isinstance(shared, Cholesky)
    assert alone.plan is not None and shared.plan is not None
    assert not alone.plan.subtrees and len(shared.plan.subtrees) >= threads and len(shared.plan.rest)
    members = np.concatenate([*shared.plan.subtrees, shared.plan.rest])
    np.testing.assert_array_equal(np.sort(members), np.arange(len(members)))
    np.testing.assert_array_equal(np.sort(np.concatenate([*shared.plan.groups, shared.plan.rest])), np.sort(members))
    np.testing.assert_array_equal(shared.entries, alone.entries)
    rhs = np.random.default_rng(2).normal(size=(matrix.shape[0], 70))
    for k in (1, 5, 70):
        x = shared.solve(rhs[:, :k])
        assert np.linalg.norm(matrix @ x - rhs[:, :k]) <= 1e-13 * np.linalg.norm(rhs[:, :k])
        np.testing.assert_allclose(x, alone.solve(rhs[:, :k]), rtol=1e-10, atol=1e-13)
        again = factor(matrix, block=3, threads=threads, backend="cholesky")
        np.testing.assert_array_equal(again.solve(rhs[:, :k]), x)
    broken = matrix.copy()
    broken[700, 701] = broken[701, 700] = 1e4
    with pytest.raises(NotSolved, match=r"unknown 70[01] .*positive definite"):
        factor(broken, block=3, threads=threads, backend="cholesky")


@pytest.mark.parametrize("threads", [1, 2])
def test_fronts_wider_than_a_block(threads: int) -> None:
    """A full matrix is one front: against LAPACK, and a bad pivot in a later block is named."""
    full = np.random.default_rng(5).normal(size=(450, 700))
    full = full @ full.T
    made = factor(sp.csr_array(full), backend="cholesky", threads=threads)
    assert isinstance(made, Cholesky) and made.analysis is not None
    order = made.analysis.order
    want = np.linalg.cholesky(full[np.ix_(order, order)])
    got = np.tril(made.entries.reshape(450, 450).T)
    np.testing.assert_allclose(got, want, rtol=0, atol=1e-13 * abs(want).max())
    np.testing.assert_array_equal(made.entries, factor(sp.csr_array(full), backend="cholesky").entries)  # type: ignore[attr-defined]
    full[order[333], order[333]] *= 0.1
    with pytest.raises(NotSolved, match=rf"unknown {order[333]} .*positive definite"):
        factor(sp.csr_array(full), backend="cholesky", threads=threads)


def test_analysis_against_the_dense_factor() -> None:
    """Entries of L by brute-force elimination of the pattern in the same order; the analysis may only add zeros."""
    matrix = plate(7, 6, 2)
    made = factor(matrix, block=3, backend="cholesky")
    assert isinstance(made, Cholesky) and made.analysis is not None
    order = made.analysis.order
    np.testing.assert_array_equal(np.sort(order), np.arange(matrix.shape[0]))
    lower = np.linalg.cholesky(matrix.toarray()[np.ix_(order, order)])
    filled = (matrix.toarray() != 0)[np.ix_(order, order)]
    for k in range(len(order)):
        below = np.flatnonzero(filled[k + 1 :, k]) + k + 1
        filled[np.ix_(below, below)] = True
    exact = int(np.tril(filled).sum())
    assert exact <= made.nnz <= 1.4 * exact
    first, panels = made.analysis.plan.starts, made.analysis.plan.panels
    for s in range(len(first) - 1):  # the columns of each panel are the columns of the dense factor
        wide = first[s + 1] - first[s]
        panel = made.entries[panels[s] : panels[s + 1]].reshape(wide, -1).T
        np.testing.assert_allclose(
            np.tril(panel[:wide]), lower[first[s] : first[s + 1], first[s] : first[s + 1]], atol=1e-13
        )
        below = np.sort(np.abs(lower[first[s + 1] :, first[s] : first[s + 1]]).ravel())[::-1]
        kept = np.sort(np.abs(panel[wide:]).ravel())[::-1]
        np.testing.assert_allclose(kept, below[: len(kept)], atol=1e-13)
        assert (below[len(kept) :] == 0.0).all()
