"""Other people's direct solvers, used where they are installed and asked for: CHOLMOD, MUMPS, PARDISO."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse
import threadpoolctl

from deadlight.errors import NotSolved
from deadlight.linalg.factor import SINGULAR, Array, Factor, Seconds, Stopwatch, not_definite, same_pattern


@dataclass(repr=False)
class Peer(Factor):
    """A factor held by a foreign library; `nnz` and `memory_bytes` are 0 where the library does not say."""

    pattern: scipy.sparse.csr_array | None = None
    substitute: Callable[[Array], Array] | None = None
    again: Callable[[scipy.sparse.csr_array], Factor] | None = None
    threads: int = 1

    def _solve(self, b: Array) -> Array:
        assert self.substitute is not None
        if b.shape[1] == 0:
            return np.empty_like(b)
        with threadpoolctl.threadpool_limits(self.threads):
            return np.ascontiguousarray(self.substitute(b)).reshape(b.shape)

    def refactor(self, matrix: scipy.sparse.sparray) -> Factor:
        assert self.again is not None and self.pattern is not None
        return self.again(same_pattern(matrix, self.pattern))


def peer(csr: scipy.sparse.csr_array, *, backend: str, threads: int) -> Factor:
    """Factor a checked matrix with "cholmod", "mumps" or "pardiso"; each orders by METIS itself."""
    return _MAKERS[backend](csr, threads)


def _cholmod(csr: scipy.sparse.csr_array, threads: int, symbolic: Any = None) -> Factor:
    from sksparse.cholmod import CholmodNotPositiveDefiniteError, analyze

    watch, seconds = Stopwatch(), Seconds()
    matrix = scipy.sparse.csc_matrix((csr.data, csr.indices, csr.indptr), shape=csr.shape)
    if symbolic is None:
        symbolic = analyze(matrix, mode="supernodal", ordering_method="metis")
        seconds.order = watch.lap()
    try:
        with threadpoolctl.threadpool_limits(threads):
            made = symbolic.cholesky(matrix)
    except CholmodNotPositiveDefiniteError as error:
        dof = int(symbolic.P()[int(error.column)])
        raise _undefinite("CHOLMOD", f"unknown {dof}") from error
    seconds.factor = watch.lap()
    result = Peer(
        csr.shape[0], 0, 0, seconds, "cholmod", csr, made, lambda new: _cholmod(new, threads, symbolic), threads
    )
    return _probed(csr, result)


def _mumps(csr: scipy.sparse.csr_array, threads: int) -> Factor:
    import mumps

    watch, seconds = Stopwatch(), Seconds()
    context = mumps.Context()
    with threadpoolctl.threadpool_limits(threads):
        context.set_matrix(csr, symmetric=True)
        context.analyze(ordering="metis")
        seconds.order = watch.lap()
        context.factor(reuse_analysis=True, pivot_tol=0.0)
    seconds.factor = watch.lap()
    info = context.mumps_instance.infog
    if info[12] > 0:  # number of negative pivots
        raise _undefinite("MUMPS", f"{info[12]} negative pivots")
    nnz = int(info[29]) if info[29] >= 0 else -1_000_000 * int(info[29])

    def substitute(b: Array) -> Array:
        return context.solve(b) if len(b) > 1 else b / csr.data[0]  # python-mumps refuses a matrix of one row

    result = Peer(
        csr.shape[0], nnz, 8 * nnz, seconds, "mumps", csr, substitute, lambda new: _mumps(new, threads), threads
    )
    return _probed(csr, result)


def _pardiso(csr: scipy.sparse.csr_array, threads: int) -> Factor:
    import pypardiso

    watch = Stopwatch()
    upper = scipy.sparse.csr_matrix(scipy.sparse.triu(csr, format="csr"))
    upper.sort_indices()
    solver = pypardiso.PyPardisoSolver(mtype=2)
    # Its own solve() hashes the matrix at every call: the phases are driven directly.
    solver.set_phase(12)
    try:
        with threadpoolctl.threadpool_limits(threads):
            solver._call_pardiso(upper, np.zeros((csr.shape[0], 1)))
    except pypardiso.pardiso_wrapper.PyPardisoError as error:
        raise _undefinite("PARDISO", str(error)) from error
    solver.set_phase(33)
    nnz = int(solver.get_iparm(18))

    def substitute(b: Array) -> Array:
        return solver._call_pardiso(upper, np.asfortranarray(b))

    seconds = Seconds(factor=watch.lap())
    result = Peer(
        csr.shape[0], nnz, 8 * nnz, seconds, "pardiso", csr, substitute, lambda new: _pardiso(new, threads), threads
    )
    return _probed(csr, result)


_MAKERS: dict[str, Callable[[scipy.sparse.csr_array, int], Factor]] = {
    "cholmod": _cholmod,
    "mumps": _mumps,
    "pardiso": _pardiso,
}


def _undefinite(library: str, detail: str) -> NotSolved:
    return NotSolved(
        f"factor: {library} finds the matrix singular or not positive definite ({detail}): a body is not held, or a "
        "material value or an element is inverted; backend='cholesky' names the unknown"
    )


def _probed(csr: scipy.sparse.csr_array, made: Factor) -> Factor:
    """The factor, refused if one inverse iteration finds a vector that the matrix annihilates.

    A foreign library may step over a pivot that is nothing but rounding. The vector that comes back from a random
    right-hand side is then the kernel, and its Rayleigh quotient against the diagonal is as small as that pivot.
    """
    diagonal = csr.diagonal()
    b = np.sqrt(diagonal) * np.random.default_rng(0).normal(size=len(diagonal))
    x = made.solve(b)
    quotient = float(x @ b) / float(x @ (diagonal * x))
    if not quotient > SINGULAR:
        dof = int(np.argmax(np.abs(x) * np.sqrt(diagonal)))
        raise not_definite(dof, quotient * diagonal[dof], diagonal[dof])
    return made
