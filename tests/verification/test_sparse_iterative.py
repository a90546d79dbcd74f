"""Conjugate gradients and the smaller preconditioners that take over where a Cholesky factor does not fit."""

import numpy as np
import pytest
import scipy.sparse as sp

from deadlight.errors import InputError, MachineError, NotSolved
from deadlight.linalg.cholesky import Cholesky
from deadlight.linalg.iterative import cg
from deadlight.linalg.memory import available, limit
from deadlight.linalg.sparse import factor


def laplacian(m: int) -> sp.csr_array:
    """Five-point Laplacian on m x m points, zero boundary values; condition about 4 (m + 1)**2 / pi**2."""
    one = sp.diags_array([-np.ones(m - 1), np.full(m, 2.0), -np.ones(m - 1)], offsets=[-1, 0, 1])
    return sp.csr_array(sp.kron(one, sp.eye_array(m)) + sp.kron(sp.eye_array(m), one))


def vector(m: int, *, components: int = 3) -> sp.csr_array:
    coupling = np.full((components, components), 0.3) + 2.0 * np.eye(components)
    return sp.csr_array(sp.kron(laplacian(m), coupling))


class Identity:
    def solve(self, b: np.ndarray) -> np.ndarray:
        return b.copy()


@pytest.mark.reference("Hestenes & Stiefel 1952, J. Res. NBS 49:409")
def test_as_many_iterations_as_distinct_eigenvalues() -> None:
    """In exact arithmetic CG ends after as many steps as there are eigenvalues (Hestenes & Stiefel 1952)."""
    matrix = sp.csr_array(sp.diags_array(np.repeat([1.0, 3.0, 10.0, 11.0], 25)))
    found = cg(matrix, np.random.default_rng(0).normal(size=(100, 3)), preconditioner=Identity())
    assert (found.iterations == 4).all()


@pytest.mark.reference("Saad 2003, Iterative Methods for Sparse Linear Systems, eq. 6.128")
def test_the_error_bound_of_chebyshev() -> None:
    """Iterations for a residual of 1e-10 <= sqrt(cond)/2 ln(2 sqrt(cond) / 1e-10) (Saad 2003, eq. 6.128)."""
    m = 40
    b = np.random.default_rng(1).normal(size=m * m)
    found = cg(laplacian(m), b, preconditioner=Identity())
    cond = 1.0 / np.tan(np.pi / (2 * (m + 1))) ** 2  # of the eigenvalues 4 sin(k pi / (2 (m + 1)))**2, k = 1 and m
    assert m < found.iterations[0] <= 0.5 * np.sqrt(cond) * np.log(2 * np.sqrt(cond) * 1e10)
    assert np.linalg.norm(laplacian(m) @ found.x - b) <= 1e-10 * np.linalg.norm(b)


def test_columns_in_lockstep_equal_columns_alone() -> None:
    matrix, b = laplacian(20), np.random.default_rng(2).normal(size=(400, 5))
    b[:, 2] = 0.0
    b[:, 3] *= 1e-12
    together = cg(matrix, b, preconditioner=Identity())
    assert together.iterations[2] == 0 and not together.x[:, 2].any()
    for j in range(5):
        alone = cg(matrix, b[:, j], preconditioner=Identity())
        assert alone.x.shape == (400,)
        assert abs(int(alone.iterations[0]) - int(together.iterations[j])) <= 1
        np.testing.assert_allclose(alone.x, together.x[:, j], rtol=0, atol=1e-8 * abs(alone.x).max())


def test_a_good_guess_and_a_function_for_the_matrix() -> None:
    matrix, b = laplacian(20), np.ones(400)
    made = factor(matrix)
    found = cg(lambda x: matrix @ x, b, preconditioner=Identity(), guess=made.solve(b))
    assert found.iterations[0] == 0
    assert cg(matrix, b, preconditioner=made).iterations[0] == 1


def test_what_does_not_converge_says_so() -> None:
    with pytest.raises(NotSolved, match=r"after 5 iterations, wanted 1.0e-10"):
        cg(laplacian(30), np.ones(900), preconditioner=Identity(), max_iterations=5)
    with pytest.raises(NotSolved, match="not positive definite"):
        cg(-laplacian(30), np.ones(900), preconditioner=Identity())


def test_single_precision_preconditions_in_a_few_iterations() -> None:
    matrix = vector(30)
    b = np.random.default_rng(3).normal(size=(2700, 4))
    single = factor(matrix, block=3).single()
    assert isinstance(single, Cholesky) and single.memory_bytes * 2 == factor(matrix, block=3).memory_bytes
    rough = single.solve(b)
    error = np.linalg.norm(matrix @ rough - b) / np.linalg.norm(b)
    assert 1e-9 < error < 1e-4
    assert cg(matrix, b, preconditioner=single).iterations.max() <= 4
    born_single = factor(matrix, block=3, single=True)
    assert born_single.memory_bytes == single.memory_bytes
    assert cg(matrix, b, preconditioner=born_single).iterations.max() <= 5


def test_an_allocation_that_fails_takes_the_next_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """The estimate said it fits, the machine says no: less memory is tried, then the error names the remedy."""
    from deadlight.linalg import cholesky, fallback, sparse

    def greedy(*args: object, dtype: type = np.float64, **rest: object) -> Cholesky:
        if dtype is np.float64:
            raise MemoryError
        return cholesky.numeric(*args, dtype=dtype, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(sparse, "numeric", greedy)
    assert factor(vector(12), block=3).backend == "cg+single"

    def nothing(*args: object, **rest: object) -> Cholesky:
        raise MemoryError

    monkeypatch.setattr(sparse, "numeric", nothing)
    monkeypatch.setattr(fallback, "numeric", nothing)
    assert factor(vector(12), block=3).backend == "cg+schwarz"
    monkeypatch.setattr(fallback, "two_level", nothing)
    with pytest.raises(MachineError, match="coarsen the mesh"):
        factor(vector(12), block=3)


def test_memory_decides_between_cholesky_single_precision_and_schwarz() -> None:
    matrix = vector(45)
    b = np.random.default_rng(4).normal(size=(matrix.shape[0], 3))
    exact = factor(matrix, block=3, threads=1)
    assert isinstance(exact, Cholesky) and exact.plan is not None
    need = exact.plan.bytes(8)
    want = exact.solve(b)
    for memory, name in ((need, "cholesky"), (0.6 * need, "cg+single"), (0.1 * need, "cg+schwarz")):
        made = factor(matrix, block=3, threads=1, memory=memory)
        assert made.backend == name
        assert made.memory_bytes <= exact.memory_bytes
        np.testing.assert_allclose(made.solve(b), want, rtol=0, atol=1e-8 * abs(want).max())
        assert made.solve(b[:, 0]).shape == b[:, 0].shape
        again = made.refactor(sp.csr_array(2.0 * matrix))
        assert again.backend == name
        np.testing.assert_allclose(again.solve(b), 0.5 * want, rtol=0, atol=1e-8 * abs(want).max())


@pytest.mark.reference("Nicolaides 1987, SIAM J. Numer. Anal. 24:355")
def test_schwarz_iterations_hardly_grow_with_the_number_of_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two levels: the condition depends on the size of a part, not on how many there are (Nicolaides 1987)."""
    counts = []
    for m in (80, 160):
        monkeypatch.setattr("deadlight.linalg.schwarz._PART", 200)
        matrix = laplacian(m)
        made = factor(matrix, memory=1.0, threads=1)
        assert made.backend == "cg+schwarz"
        counts.append(int(cg(matrix, np.ones(m * m), preconditioner=made.preconditioner).iterations[0]))  # type: ignore[attr-defined]
    assert counts[1] <= 1.4 * counts[0]  # one level alone: twice as many


def test_the_memory_limit_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEADLIGHT_MEMORY", "3 GB")
    assert limit() == 3 * 2**30
    monkeypatch.setenv("DEADLIGHT_MEMORY", "1 KiB")
    assert factor(vector(40), block=3).backend == "cg+schwarz"
    monkeypatch.setenv("DEADLIGHT_MEMORY", "lots")
    with pytest.raises(InputError, match="lots"):
        factor(laplacian(5))
    monkeypatch.delenv("DEADLIGHT_MEMORY")
    assert 0 < limit() < available()


def test_not_definite_is_found_on_every_path() -> None:
    matrix = sp.lil_array(vector(20))
    matrix[600, 601] = matrix[601, 600] = 50.0
    matrix = sp.csr_array(matrix)
    for memory in (1e12, 1e6, 1.0):
        with pytest.raises(NotSolved, match="positive definite"):
            factor(matrix, block=3, threads=1, memory=memory)
