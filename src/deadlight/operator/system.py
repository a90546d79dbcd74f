"""The crack operator of one surface mesh: matrix, ties of the lips, what holds the body, Cholesky factor, solutions."""

from __future__ import annotations

import functools
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse
from scipy.linalg import blas, lapack
from threadpoolctl import threadpool_limits

from deadlight import kernels
from deadlight.errors import NotSolved
from deadlight.finite import ANY, Rule
from deadlight.linalg import memory
from deadlight.operator.assembly import Assembler
from deadlight.operator.pairs import Fineness, neighbours_first
from deadlight.surface.mesh import SurfaceMesh

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, eq=False)
class Unknowns:
    """Numbering of a surface mesh: free nodes first, then those tied to others; D = 0 at the rest.

    Attributes
    ----------
    row : (n_nodes,) int64
        In units of three unknowns; -1 where D = 0.
    n_free, n_tied : int
        Nodes.
    tie : (3 n_tied, 3 n_free) sparse
        D of the tied nodes from those of the free ones.
    """

    row: Index
    n_free: int
    n_tied: int
    tie: scipy.sparse.csr_matrix

    @classmethod
    def of(cls, mesh: SurfaceMesh) -> Unknowns:
        n = len(mesh.points)
        slave, master, value = mesh.ties
        used = np.zeros(n, dtype=bool)
        used[mesh.cells[mesh.cells >= 0]] = True
        used[mesh.fixed] = False
        tied = np.zeros(n, dtype=bool)
        tied[slave] = True
        tied &= used
        free = used & ~tied
        row = np.full(n, -1, dtype=np.int64)
        seen = mesh.cells[neighbours_first(mesh)].ravel()
        order, first = np.unique(seen[seen >= 0], return_index=True)
        order = order[np.argsort(first, kind="stable")]  # nodes as the elements come upon them
        order = order[np.argsort(_late(mesh)[order], kind="stable")]
        row[order[free[order]]] = np.arange(free.sum())
        row[tied] = free.sum() + np.arange(tied.sum())
        keep = (row[slave] >= 0) & (row[master] >= 0)
        chained = slave[keep][tied[master[keep]]]
        if len(chained):
            x, y, z = 1e3 * mesh.points[chained[0]]
            raise NotSolved(
                f"{len(chained)} nodes of mouths are tied to nodes that are tied themselves, the first at ({x:.4g}, "
                f"{y:.4g}, {z:.4g}) mm: two cracks meet the skin in one place; draw them apart, or as one"
            )
        small = scipy.sparse.csr_matrix(
            (value[keep], (row[slave[keep]] - free.sum(), row[master[keep]])), shape=(int(tied.sum()), int(free.sum()))
        )
        return cls(row, int(free.sum()), int(tied.sum()), scipy.sparse.kron(small, np.eye(3)).tocsr())

    @functools.cached_property
    def _tied(self) -> tuple[Index, scipy.sparse.csr_matrix]:
        """Rows that tied ones go into, and how. (m,), (m, 3 n_tied)."""
        tie = self.tie.tocsc()
        masters = np.flatnonzero(np.diff(tie.indptr))
        return masters, tie[:, masters].T.tocsr()

    def gather(self, load: Array) -> Array:
        """Load vectors (r, n_nodes, 3) -> right sides (3 n_free, r)."""
        parts = []
        for low, count in ((0, self.n_free), (self.n_free, self.n_tied)):
            at = np.flatnonzero((self.row >= low) & (self.row < low + count))
            part = np.zeros((len(load), count, 3))
            part[:, self.row[at] - low] = load[:, at]
            parts.append(part.reshape(len(load), 3 * count).T)
        found, tied = parts
        if self.n_tied and len(load):
            masters, how = self._tied
            found[masters] += how @ tied
        return found

    def spread(self, x: Array) -> Array:
        """Solutions (3 n_free, r) -> D at all nodes (r, n_nodes, 3)."""
        full = np.concatenate([x, self.tie @ x]).reshape(self.n_free + self.n_tied, 3, x.shape[1])
        out = np.zeros((x.shape[1], len(self.row), 3))
        at = self.row >= 0
        out[:, at] = full[self.row[at]].transpose(2, 0, 1)
        return out


def _late(mesh: SurfaceMesh) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Nodes that loads on cracks reach, themselves or over a tie: numbered last, they are all that such loads meet in
    the first half of a solution. (n_nodes,)."""
    late = np.zeros(len(mesh.points), dtype=bool)
    cells = mesh.cells[mesh.on_crack]
    late[cells[cells >= 0]] = True
    slave, master, _ = mesh.ties
    late[master[late[slave]]] = True
    return late


@dataclass(frozen=True, eq=False)
class CrackOperator:
    """Factored matrix of a surface mesh; solves for the opening under any traction.

    Attributes
    ----------
    mesh : SurfaceMesh
    young, nu : float [Pa], 1
    unknowns : Unknowns
    factor : (3 n_free, 3 n_free) float
        Cholesky factor, of the matrix for mu / (4 pi) = 1, as LAPACK left it.
    rigid : (3 n_free, k) float
        Orthonormal rigid motions of a body that nothing holds; empty otherwise.
    rigid_residual : float
        Largest product of the matrix with a rigid motion over the matrix's norm: 0 but for quadrature.
    evaluations : int
        Kernel points.
    seconds : dict of str -> float
        Wall time of the parts.
    """

    mesh: SurfaceMesh
    young: float
    nu: float
    unknowns: Unknowns
    factor: Array
    rigid: Array
    rigid_residual: float
    evaluations: int
    seconds: dict[str, float]

    def no_number(self) -> dict[str, Rule]:
        return {"factor": ANY}  # gigabytes, NaN once it is given free; a solution with it is looked at

    @property
    def mu(self) -> float:
        """Shear modulus [Pa]."""
        return self.young / (2 * (1 + self.nu))

    @property
    def n_unknowns(self) -> int:
        return len(self.factor)

    @classmethod
    def build(
        cls,
        mesh: SurfaceMesh,
        *,
        young: float,
        nu: float,
        springs: scipy.sparse.csr_matrix | None = None,
        fineness: Fineness | None = None,
    ) -> CrackOperator:
        """Assembles and factors.

        Parameters
        ----------
        springs : (3 n_nodes, 3 n_nodes) sparse [N/m] or None
            On D of the skin; None leaves the body free, and its rigid motions out.

        Raises
        ------
        NotSolved
            The matrix is not positive definite: an element too distorted for its rule, or a body cut in two.
        """
        unknowns = Unknowns.of(mesh)
        matrix, evaluations, seconds = assemble(mesh, unknowns, nu, fineness or Fineness())
        start = time.perf_counter()
        rigid = rigid_motions(mesh, unknowns)
        residual = free_rigid(matrix, rigid)
        if springs is None:
            hold(matrix, rigid)
        else:
            add_springs(matrix, springs, unknowns, 4 * np.pi * 2 * (1 + nu) / young)
        factor = cholesky(matrix)
        seconds["factor"] = time.perf_counter() - start
        return cls(mesh, young, nu, unknowns, factor, rigid, residual, evaluations, seconds)

    def without_factor(self) -> CrackOperator:
        """The same for reading only: its solutions would be no numbers."""
        return replace(self, factor=np.broadcast_to(np.nan, self.factor.shape))

    def solve_flat(self, right: Array) -> Array:
        """Solutions (3 n_free, r) for right sides (3 n_free, r) of the matrix in its true unit."""
        with threadpool_limits(kernels.threads(), user_api="blas"):
            x, info = lapack.dpotrs(self.factor.T, right, lower=1)
        if info != 0:
            raise NotSolved(f"the crack operator was not solved (LAPACK dpotrs gives {info})")
        _require_finite(x, right)
        return np.asarray(x) * (4 * np.pi / self.mu)

    def flexibility(self, late: Array, early: Array | None = None) -> Array:
        """Products b_i A^-1 b_j of load vectors. (r, r).

        From L^-1 b alone, half of a solution; of loads on cracks (`late`) only the last rows of it are not zero.

        Parameters
        ----------
        late, early : (r1, n_nodes, 3) and (r2, n_nodes, 3) float [N]
            Loads on cracks, and others.
        """
        right = self.unknowns.gather(late)
        loaded = right.any(axis=1)
        start = int(loaded.argmax()) if loaded.any() else len(right)
        first = self._half(right[start:], start)
        with threadpool_limits(kernels.threads(), user_api="blas"):
            own = blas.dsyrk(1.0, first, trans=1) if first.size else np.zeros((len(late), len(late)))
        own = np.triu(own) + np.triu(own, 1).T
        if early is not None and len(early):
            second = self._half(self.unknowns.gather(early), 0)
            both = first.T @ second[start:]
            own = np.block([[own, both], [both.T, second.T @ second]])
        return np.asarray(own) * (4 * np.pi / self.mu)

    def _half(self, right: Array, start: int) -> Array:
        """L^-1 b from a row on above which b is zero."""
        if not right.size:
            return right
        with threadpool_limits(kernels.threads(), user_api="blas"):
            lower = self.factor.T[start:, start:]
            found = np.asarray(blas.dtrsm(1.0, lower, np.asfortranarray(right), side=0, lower=1))
        _require_finite(found, right)
        return found

    def solve(self, load: Array) -> Array:
        """D at all nodes (r, n_nodes, 3) [m] for load vectors (r, n_nodes, 3) [N].

        D = u(+) - u(-) on a crack, D = -u on the body's faces.
        """
        return self.unknowns.spread(self.solve_flat(self.unknowns.gather(load)))


def assemble(
    mesh: SurfaceMesh, unknowns: Unknowns, nu: float, fineness: Fineness
) -> tuple[Array, int, dict[str, float]]:
    """Upper triangle of the tied matrix for mu / (4 pi) = 1, kernel points, and wall times."""
    start = time.perf_counter()
    size = 3 * (unknowns.n_free + unknowns.n_tied)
    if 8.0 * size**2 > memory.limit():
        raise NotSolved(
            f"the crack operator's matrix of {size} unknowns takes {8e-9 * size**2:.3g} GB, more than is free:"
            " a lower refine, or fewer cracks at once"
        )
    whole = np.empty((size, size))  # numpy asks for huge pages here, not in zeros: ten times quicker to touch
    with ThreadPoolExecutor(kernels.threads()) as pool:  # most of the time is the system's, which hands out pages
        list(pool.map(lambda rows: rows.fill(0.0), np.array_split(whole, kernels.threads())))
    assembler = Assembler(mesh, unknowns.row, nu, whole)
    assembler.add(fineness)
    seconds = {"assembly": time.perf_counter() - start}
    start = time.perf_counter()
    matrix = tied_matrix(whole, unknowns)
    seconds["ties"] = time.perf_counter() - start
    return matrix, assembler.evaluations, seconds


def tied_matrix(whole: Array, unknowns: Unknowns) -> Array:
    """T' W T on the upper triangle, in the memory of W: rows of tied nodes, the last ones, go into their masters'."""
    n = 3 * unknowns.n_free
    if not unknowns.n_tied:
        return whole
    masters, how = unknowns._tied
    own = np.triu(whole[n:, n:])
    own = own + np.triu(own, 1).T
    change = how @ (whole[:n, n:].T + 0.5 * (own @ unknowns.tie))
    whole[masters, :n] += change
    down = np.ascontiguousarray(change.T)
    flat, first = whole.reshape(-1), np.searchsorted(masters, np.arange(n))
    for i in range(n):  # rows move up to close the gaps, first to last; what is added to a column comes along
        row = flat[i * n + i : i * n + n]
        row[:] = whole[i, i:n]
        row[masters[first[i] :] - i] += down[i, first[i] :]
    return flat[: n * n].reshape(n, n)


def rigid_motions(mesh: SurfaceMesh, unknowns: Unknowns) -> Array:
    """Orthonormal rigid motions (3 n_free, 6) of the skin, or (3 n_free, 0) where nothing is free to move."""
    skin = ~mesh.on_crack
    nodes = np.unique(mesh.cells[skin][mesh.cells[skin] >= 0])
    if not len(nodes) or (unknowns.row[nodes] < 0).any():
        return np.zeros((3 * unknowns.n_free, 0))
    x = mesh.points[nodes] - mesh.points[nodes].mean(axis=0)
    x = x / np.abs(x).max()
    motion = np.zeros((len(nodes), 3, 6))
    motion[:, [0, 1, 2], [0, 1, 2]] = 1.0
    for k in range(3):
        motion[:, :, 3 + k] = np.cross(np.eye(3)[k], x)
    full = np.zeros((unknowns.n_free, 3, 6))
    full[unknowns.row[nodes]] = motion
    return np.asarray(np.linalg.qr(full.reshape(-1, 6))[0])


def free_rigid(matrix: Array, rigid: Array) -> float:
    """Takes out of the upper triangle what quadrature leaves of a stiffness against rigid motions; returns how much.

    The matrix becomes (I - Q Q') A (I - Q Q'): seats are so soft beside glass that an error of 1e-4 would be felt.
    """
    if not rigid.shape[1]:
        return 0.0
    product = symmetric_product(matrix, rigid)
    residual = float(np.linalg.norm(product, axis=0).max() / np.mean(np.diag(matrix)))
    half = product - 0.5 * rigid @ (rigid.T @ product)
    with threadpool_limits(kernels.threads(), user_api="blas"):  # in place: a second matrix would not fit beside it
        blas.dsyr2k(-1.0, half, rigid, beta=1.0, c=matrix.T, lower=1, overwrite_c=1)
    return residual


def hold(matrix: Array, rigid: Array) -> None:
    """Adds a stiffness against rigid motions to the upper triangle; no load of a crack's two faces works on them."""
    if rigid.shape[1]:
        with threadpool_limits(kernels.threads(), user_api="blas"):
            blas.dsyrk(float(np.mean(np.diag(matrix))), rigid, beta=1.0, c=matrix.T, lower=1, overwrite_c=1)


def _require_finite(found: Array, right: Array) -> None:
    wrong = int((~np.isfinite(found)).sum())
    if wrong:
        load = int((~np.isfinite(right)).sum())
        raise NotSolved(
            f"{wrong} of {found.size} numbers of the crack operator's solution are not finite, {load} of its load: "
            + ("look at the stress at the crack" if load else "the matrix is at fault; refine the crack's mesh")
        )


def add_springs(matrix: Array, springs: scipy.sparse.csr_matrix, unknowns: Unknowns, scale: float) -> None:
    """Adds springs on free nodes to the matrix; a spring on a node that is not free would be lost, so it must be."""
    entry = springs.tocoo()
    row, column = unknowns.row[entry.row // 3], unknowns.row[entry.col // 3]
    lost = (row < 0) | (row >= unknowns.n_free) | (column < 0) | (column >= unknowns.n_free)
    if lost.any():
        nodes = len(np.unique(entry.row[lost] // 3))
        raise NotSolved(f"a seat lies on {nodes} nodes of the skin that do not move freely: mouths must not lie on it")
    np.add.at(matrix, (3 * row + entry.row % 3, 3 * column + entry.col % 3), scale * entry.data)


def symmetric_product(matrix: Array, x: Array) -> Array:
    """Product of a symmetric matrix, of which only the upper triangle counts, with vectors (n, k)."""
    with threadpool_limits(kernels.threads(), user_api="blas"):
        return np.asarray(blas.dsymm(1.0, matrix.T, x, lower=1))


def cholesky(matrix: Array) -> Array:
    """Factor in place, from the upper triangle of a C-ordered matrix.

    Raises
    ------
    NotSolved
        Not positive definite.
    """
    with threadpool_limits(kernels.threads(), user_api="blas"):
        factor, info = lapack.dpotrf(matrix.T, lower=1, overwrite_a=1, clean=0)
    if info != 0:
        raise NotSolved(
            f"the crack operator is not positive definite (row {info} of {len(matrix)}): surface elements"
            " too distorted, or a crack that cuts the body in two"
        )
    return np.asarray(factor.T)
