"""Sparse symmetric positive definite systems behind one protocol: `factor(matrix)` and `.solve(b)`."""

from __future__ import annotations

import importlib.util
import os

import numpy as np
import scipy.sparse

from deadlight import kernels
from deadlight.errors import InputError, MachineError
from deadlight.linalg import memory as available
from deadlight.linalg.analysis import Analysis, analyse
from deadlight.linalg.cholesky import numeric
from deadlight.linalg.factor import Array, Factor, Index, checked_matrix
from deadlight.linalg.fallback import iterative
from deadlight.linalg.peers import peer
from deadlight.linalg.schedule import schedule
from deadlight.linalg.superlu import superlu

__all__ = ["Factor", "backends", "factor"]

_MODULES = {
    "cholesky": "deadlight._cholesky",
    "superlu": "scipy",
    "cholmod": "sksparse",
    "mumps": "mumps",
    "pardiso": "pypardiso",
}


def backends() -> dict[str, bool]:
    """Names of the direct solvers and whether each can be used here."""
    return {name: importlib.util.find_spec(module) is not None for name, module in _MODULES.items()}


def factor(
    matrix: scipy.sparse.sparray,
    *,
    block: int | Index = 1,
    backend: str = "auto",
    threads: int | None = None,
    like: Factor | None = None,
    memory: float | None = None,
    single: bool = False,
    near_kernel: Array | None = None,
) -> Factor:
    """Factor a symmetric positive definite matrix.

    Parameters
    ----------
    matrix : (n, n) scipy.sparse CSR or CSC
        Symmetric, both triangles stored.
    block : int or (n,) int
        Unknowns per node (3i, 3i+1, 3i+2 belong to node i for block=3), or the node of every unknown: only the
        quality of the elimination order depends on it.
    backend : str
        "auto" (our "cholesky"), "superlu", "cholmod", "mumps" or "pardiso" (never chosen by "auto": MKL's licence
        excludes uses where failure may cause injury). The variable DEADLIGHT_SOLVER overrides "auto".
    threads : int, optional
        Threads to use; default `deadlight.kernels.threads()`.
    like : Factor, optional
        A factor of a matrix with the same pattern, whose order and analysis are reused.
    memory : float, optional
        Memory the factorisation may take [byte], default `memory.limit()`. Where the Cholesky factor would need
        more, `solve` runs conjugate gradients on a smaller preconditioner (backend "cg+single" or "cg+schwarz").
    single : bool
        Factor in single precision, for use as a preconditioner only: half the time, memory and bandwidth ("cholesky"
        only; others factor in double precision).
    near_kernel : (n, q) float, optional
        Vectors the matrix nearly annihilates, for "cg+schwarz": the six rigid-body motions of an elastic body halve
        its iterations on a thin plate. Default: the translations (one constant per unknown of a node).

    Returns
    -------
    Factor
        With `.solve(b)`, `.refactor(matrix)`, `.single()`, `.n`, `.nnz`, `.memory_bytes`, `.seconds`, `.backend`.

    Raises
    ------
    InputError
        Not symmetric, not square, an unknown backend.
    NotSolved
        NaN or infinity in the matrix, or not positive definite (with the unknown where it shows).
    MachineError
        The backend is not installed.
    """
    if like is not None:
        return like.refactor(matrix)
    name = _choose(backend)
    csr = checked_matrix(matrix)
    if name == "superlu":
        return superlu(csr, block=block)
    if name != "cholesky":
        return peer(csr, backend=name, threads=threads or kernels.threads())
    limit = available.limit() if memory is None else memory
    threads = threads or kernels.threads()
    analysis = analyse(csr, block=block)
    made = _direct(csr, analysis, threads=threads, limit=limit, single=single)
    return made or iterative(csr, analysis, block=block, threads=threads, limit=limit, near_kernel=near_kernel)


def _direct(
    csr: scipy.sparse.csr_array, analysis: Analysis, *, threads: int, limit: float, single: bool
) -> Factor | None:
    """Our Cholesky factor if the memory is there."""
    plan = schedule(analysis, threads)
    if plan.bytes(4 if single else 8) > limit:
        return None
    try:
        return numeric(csr, analysis, plan=plan, dtype=np.float32 if single else np.float64)
    except MemoryError:  # the estimate was too hopeful
        return None


def _choose(backend: str) -> str:
    place = "factor"
    if backend == "auto" and os.environ.get("DEADLIGHT_SOLVER"):
        backend, place = os.environ["DEADLIGHT_SOLVER"], "DEADLIGHT_SOLVER"
    if backend == "auto":
        return "cholesky"
    if backend not in _MODULES:
        raise InputError(f'backend "{backend}"', place=place, remedy=f"one of auto, {', '.join(_MODULES)}")
    if not backends().get(backend, False):
        present = ", ".join(name for name, there in backends().items() if there)
        raise MachineError(f"the sparse solver {backend} is not installed; available: {present}")
    return backend
