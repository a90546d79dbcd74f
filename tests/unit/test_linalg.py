"""Sparse factors: shapes, small and odd matrices, the errors with their place, refactoring, determinism."""

import numpy as np
import pytest
import scipy.sparse as sp

from deadlight.errors import InputError, MachineError, NotSolved
from deadlight.linalg.sparse import backends, factor

HERE = [name for name, present in backends().items() if present]
ALL = pytest.mark.parametrize("backend", HERE)


def random_spd(n: int, *, seed: int = 0, density: float = 0.05) -> sp.csr_array:
    random = sp.random_array((n, n), density=density, rng=np.random.default_rng(seed))
    return sp.csr_array(random @ random.T + sp.eye_array(n))


def residual(matrix: sp.csr_array, x: np.ndarray, b: np.ndarray) -> float:
    scale = abs(matrix).sum(axis=1).max() * abs(x).max() + abs(b).max()
    return float(abs(matrix @ x - b).max() / scale)


def arrow(n: int) -> sp.csr_array:
    """First row and column full: complete fill unless the order puts that unknown last."""
    edge = np.arange(1, n)
    border = sp.coo_array((np.ones(n - 1), (np.zeros_like(edge), edge)), shape=(n, n))
    return sp.csr_array(sp.diags_array(np.full(n, n + 1.0)) + border + border.T)


ODD = {
    "one": sp.csr_array([[4.0]]),
    "diagonal": sp.csr_array(sp.diags_array(np.arange(1.0, 200.0))),
    "dense": sp.csr_array(np.full((90, 90), 1.0) + 90 * np.eye(90)),
    "disconnected": sp.csr_array(sp.block_diag([random_spd(80), random_spd(150, seed=1), sp.eye_array(3)])),
    "arrow": arrow(300),
    "chain": sp.csr_array(sp.diags_array([-np.ones(499), np.full(500, 2.0), -np.ones(499)], offsets=[-1, 0, 1])),
    "random": random_spd(400),
}


@ALL
@pytest.mark.parametrize("name", ODD)
def test_odd_matrices_leave_no_residual(name: str, backend: str) -> None:
    matrix = ODD[name]
    b = np.random.default_rng(1).normal(size=(matrix.shape[0], 3))
    x = factor(matrix, backend=backend).solve(b)
    assert residual(matrix, x, b) <= 1e-14


@ALL
def test_shapes_and_orders_of_the_right_hand_side(backend: str) -> None:
    matrix = random_spd(250)
    made = factor(matrix, backend=backend)
    b = np.random.default_rng(2).normal(size=(250, 70))
    many = made.solve(b)
    assert many.shape == b.shape
    np.testing.assert_array_equal(made.solve(np.asfortranarray(b)), many)
    one_by_one = np.column_stack([made.solve(b[:, j]) for j in range(70)])
    np.testing.assert_allclose(many, one_by_one, rtol=1e-11, atol=1e-13)
    assert made.solve(b[:, 0]).shape == (250,)
    assert made.solve(b[:, :0]).shape == (250, 0)
    b_before = b.copy()
    made.solve(b)
    np.testing.assert_array_equal(b, b_before)


@ALL
def test_wrong_right_hand_sides_are_refused(backend: str) -> None:
    made = factor(random_spd(30), backend=backend)
    with pytest.raises(InputError, match=r"\(29,\)"):
        made.solve(np.ones(29))
    b = np.ones((30, 2))
    b[7, 1] = np.nan
    with pytest.raises(NotSolved, match="unknown 7"):
        made.solve(b)


@ALL
def test_csc_and_unsorted_input(backend: str) -> None:
    matrix = random_spd(60)
    b = np.ones(60)
    want = factor(matrix, backend=backend).solve(b)
    np.testing.assert_array_equal(factor(sp.csc_array(matrix), backend=backend).solve(b), want)
    coo = matrix.tocoo()
    shuffled = np.random.default_rng(0).permutation(coo.nnz)
    order = shuffled[np.argsort(coo.row[shuffled], kind="stable")]
    unsorted = sp.csr_array((coo.data[order], coo.col[order], matrix.indptr), shape=matrix.shape)
    before = unsorted.indices.copy()
    np.testing.assert_allclose(factor(unsorted, backend=backend).solve(b), want, rtol=1e-12)
    np.testing.assert_array_equal(unsorted.indices, before)


@ALL
def test_negative_pivot_is_named(backend: str) -> None:
    matrix = sp.lil_array(random_spd(120))
    matrix[50, 51] = matrix[51, 50] = 100.0
    named = r"unknown 5[01] .*" if backend in ("cholesky", "superlu") else ""
    with pytest.raises(NotSolved, match=named + "positive definite"):
        factor(sp.csr_array(matrix), backend=backend)


@ALL
def test_a_free_body_is_named(backend: str) -> None:
    """A chain of springs that nobody holds has the rigid translation as its kernel."""
    free = sp.lil_array(ODD["chain"])
    free[0, 0] = free[499, 499] = 1.0
    held = ODD["chain"]
    with pytest.raises(NotSolved, match="not held"):
        factor(sp.csr_array(sp.block_diag([held, free])), backend=backend)


@ALL
def test_bad_values_are_named(backend: str) -> None:
    for bad, text in ((np.nan, "nan"), (np.inf, "inf")):
        matrix = random_spd(40)
        matrix.data[matrix.indptr[11]] = bad
        with pytest.raises(NotSolved, match=rf"{text} at \(11, "):
            factor(matrix, backend=backend)
    matrix = sp.lil_array(random_spd(40))
    matrix[13, 13] = -2.0
    with pytest.raises(NotSolved, match="unknown 13"):
        factor(sp.csr_array(matrix), backend=backend)


def test_shape_symmetry_and_type_are_checked() -> None:
    with pytest.raises(InputError, match=r"\(3, 4\)"):
        factor(sp.csr_array(np.ones((3, 4))))
    with pytest.raises(InputError, match="ndarray"):
        factor(np.eye(3))
    lower = sp.csr_array(sp.tril(random_spd(50)))
    with pytest.raises(InputError, match="symmetric"):
        factor(lower)
    with pytest.raises(InputError, match="does not divide"):
        factor(random_spd(50), block=3)


@ALL
def test_refactor_reuses_the_analysis_and_checks_the_pattern(backend: str) -> None:
    matrix = random_spd(300)
    first = factor(matrix, backend=backend)
    b = np.random.default_rng(3).normal(size=300)
    x = first.solve(b)
    other = sp.csr_array((matrix.data.copy(), matrix.indices, matrix.indptr), shape=matrix.shape)
    other.setdiag(other.diagonal() + np.linspace(1.0, 2.0, 300))
    second = first.refactor(other)
    assert residual(other, second.solve(b), b) <= 1e-14
    np.testing.assert_array_equal(first.solve(b), x)
    np.testing.assert_array_equal(factor(other, like=first).solve(b), second.solve(b))
    with pytest.raises(InputError, match="pattern"):
        first.refactor(random_spd(300, seed=9))
    other.data[5] = np.nan
    with pytest.raises(NotSolved, match="nan"):
        first.refactor(other)


@ALL
def test_the_same_bits_every_time(backend: str) -> None:
    matrix, b = random_spd(500), np.random.default_rng(4).normal(size=(500, 5))
    first = factor(matrix, backend=backend, threads=1).solve(b)
    for _ in range(3):
        np.testing.assert_array_equal(factor(matrix, backend=backend, threads=1).solve(b), first)


def test_the_environment_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEADLIGHT_SOLVER", "superlu")
    assert factor(random_spd(10)).backend == "superlu"
    monkeypatch.setenv("DEADLIGHT_SOLVER", "umfpack")
    with pytest.raises(InputError, match="umfpack"):
        factor(random_spd(10))
    monkeypatch.setattr("deadlight.linalg.sparse.backends", lambda: {"superlu": False})
    with pytest.raises(MachineError, match="superlu is not installed"):
        factor(random_spd(10), backend="superlu")
