"""Equations of heat blocked by a crack at one frequency: which nodes are free, what acts on them, the solution.

With theta the jump of the disturbed temperature T (on a face of the body, outward normal, the layer's density), gamma
the density of flux on a crack whose temperature is prescribed, T = W theta - V gamma outside the surfaces and

    crack, insulated or a gap h:   k D theta + k K' gamma + h theta = -q n    (q n: uncracked heat flux through it)
    face with film h:              k D theta + k K' gamma + h (theta/2 - K theta + V gamma) = 0
    crack of given temperature:    V gamma - K theta = -mean,  theta = given jump

(D, K, K', V: hypersingular, double-layer, its adjoint, single-layer operator; Sauter & Schwab 2011, section 3.1.)
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
import scipy.sparse
from threadpoolctl import threadpool_limits

from deadlight import kernels
from deadlight.errors import NotSolved
from deadlight.operator.blocked_heat_pairs import HeatPairs
from deadlight.surface.mesh import Q9, T6, TIP, SurfaceMesh

Array = np.ndarray[Any, np.dtype[np.float64]]
Complex = np.ndarray[Any, np.dtype[np.complex128]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

REFINED, MOST_REFINEMENTS = 1e-11, 6

SIDES = {
    T6: ((3, 0, 1), (4, 1, 2), (5, 2, 0)),
    Q9: ((4, 0, 1), (5, 1, 2), (6, 2, 3), (7, 3, 0)),
    TIP: ((4, 0, 1), (6, 3, 2)),
}


@dataclass(frozen=True, eq=False)
class Space:
    """theta at all nodes = spread @ unknowns + given.

    Attributes
    ----------
    free : (u,) int64
        Nodes that are unknowns.
    spread : (n_nodes, u) sparse
    known : (n_nodes, n_nodes) sparse
        Takes given jumps to the nodes: the given ones themselves, and lips tied to them.
    """

    free: Index
    spread: scipy.sparse.csr_matrix
    known: scipy.sparse.csr_matrix

    @classmethod
    def of(cls, mesh: SurfaceMesh, given: Mask) -> Space:
        """given (n_nodes,): nodes of cracks whose jump is prescribed."""
        n = len(mesh.points)
        used = np.zeros(n, dtype=bool)
        used[mesh.cells[mesh.cells >= 0]] = True
        fixed = np.zeros(n, dtype=bool)
        fixed[mesh.fixed] = True
        slave, master, value = mesh.ties
        tie = scipy.sparse.csr_matrix((value, (slave, master)), shape=(n, n))
        tied = np.zeros(n, dtype=bool)
        tied[slave] = True
        tied &= used & ~fixed & ~given
        # a lip under a mouth of given jump: one master follows the other, v1 T1 = jump - sum of the others
        lip, lip_tie, lip_known = _lips(tie, used & ~fixed & given, fixed)
        free = used & ~fixed & ~tied & ~given & ~lip
        eye = scipy.sparse.identity(n, format="csr")
        own = eye.multiply(free[:, None]) + lip_tie
        spread = own + eye.multiply(tied[:, None]) @ tie @ own
        known = eye.multiply((given & used & ~fixed)[:, None]) + lip_known
        known = known + eye.multiply(tied[:, None]) @ tie @ lip_known
        nodes = np.flatnonzero(free)
        return cls(nodes, spread.tocsc()[:, nodes].tocsr(), known.tocsr())

    @functools.cached_property
    def _followers(self) -> tuple[Index, Index, scipy.sparse.csr_matrix]:
        """Nodes that follow unknowns, the unknowns they follow, and how."""
        follows = np.diff(self.spread.indptr) > 0
        follows[self.free] = False
        nodes = np.flatnonzero(follows)
        some = self.spread[nodes].tocsc()
        leads = np.flatnonzero(np.diff(some.indptr))
        return nodes, leads, some[:, leads].tocsr()

    def gathered(self, values: Complex) -> Complex:
        """spread' @ values, values (n_nodes, c) dense: nearly all nodes are unknowns themselves."""
        nodes, leads, how = self._followers
        out = values[self.free]
        out[leads] += how.T @ values[nodes]
        return out


def _lips(
    tie: scipy.sparse.csr_matrix, mouth: Mask, fixed: Mask
) -> tuple[Mask, scipy.sparse.csr_matrix, scipy.sparse.csr_matrix]:
    n = tie.shape[0]
    lip, rows = np.zeros(n, dtype=bool), tie[np.flatnonzero(mouth)].tocoo()
    followers: list[tuple[int, int, float]] = []
    jumps: list[tuple[int, int, float]] = []
    for slave, (masters, values) in _grouped(rows, np.flatnonzero(mouth)).items():
        free = [i for i, m in enumerate(masters) if not fixed[m] and not lip[m]]
        if not free:
            continue
        if len(free) < len(masters) - int(fixed[masters].sum()):
            raise NotSolved("blocked heat: two cracks of prescribed temperature share a lip")
        first = free[0]
        lip[masters[first]] = True
        jumps.append((masters[first], slave, 1 / values[first]))
        followers += [(masters[first], masters[i], -values[i] / values[first]) for i in free[1:]]
    return lip, _sparse(followers, n), _sparse(jumps, n)


def _grouped(rows: Any, slaves: Index) -> dict[int, tuple[list[int], list[float]]]:
    out: dict[int, tuple[list[int], list[float]]] = {}
    for r, c, v in zip(rows.row, rows.col, rows.data):
        at = out.setdefault(int(slaves[r]), ([], []))
        at[0].append(int(c))
        at[1].append(float(v))
    return out


def _sparse(entries: list[tuple[int, int, float]], n: int) -> scipy.sparse.csr_matrix:
    row, col, value = zip(*entries) if entries else ((), (), ())
    return scipy.sparse.csr_matrix((np.array(value, float), (np.array(row, int), np.array(col, int))), shape=(n, n))


@dataclass(frozen=True, eq=False)
class HeatSystem:
    """Equations of one surface mesh.

    Attributes
    ----------
    pairs : HeatPairs
    space : Space
    flux_nodes : (g,) int64
        Nodes that carry a density of flux.
    conductivity : float [W/mK]
    surface : (n_nodes, n_nodes) sparse [W/K]
        Gap coefficient, and half the film coefficient, times the product of two shape functions.
    length : float [m]
        Unit of the densities of flux in the matrix.
    floating : bool
        Nothing fixes the level of temperature of the body's skin.
    """

    pairs: HeatPairs
    space: Space
    flux_nodes: Index
    conductivity: float
    surface: scipy.sparse.csr_matrix
    length: float
    floating: bool

    def matrices(self, size: Array) -> list[tuple[Complex, Complex]]:
        """Per frequency: the matrix of all unknowns, and what given jumps do, (u + g, u + g) and (u + g, n_nodes)."""
        h, kk, v = self.pairs.matrices(size)
        out = []
        z, g, k = self.space.spread, self.flux_nodes, self.conductivity
        on_flux = np.zeros(z.shape[0], dtype=bool)
        on_flux[g] = True
        for f in range(len(size)):
            jump = k * h[f] + self.surface.toarray()
            if len(kk):
                jump[~on_flux] -= kk[f][~on_flux]
            rows = [self.space.gathered(jump)]
            u = z.shape[1]
            full = np.zeros((u + len(g), u + len(g)), dtype=np.complex128)
            if len(g):
                rows.append(-k * kk[f][g] / self.length)
                cross = k * kk[f][g].T
                cross[~on_flux] += v[f][np.ix_(~on_flux, g)]
                full[:u, u:] = self.space.gathered(cross) / self.length
                full[u:, u:] = k * v[f][np.ix_(g, g)] / self.length**2
            act = np.concatenate(rows)
            full[:, :u] = self.space.gathered(act.T).T
            out.append((full, act))
        return out

    def solve(self, size: Array, right: Array, right_flux: Array, given: Array) -> tuple[Complex, Complex, float]:
        """theta and gamma (frequency, n_nodes, r) under unit data of r modes, and the share of the work of the data
        at the first frequency that is lost when the middle nodes follow the corners: a measure of the mesh.

        right (n_nodes, r) [W]: -int N q n dS; right_flux (n_nodes, r) [K m2]: -int P mean dS; given (n_nodes, r) [K]:
        jumps.
        """
        known = self.space.known @ given
        (n, r), u, g = known.shape, self.space.spread.shape[1], self.flux_nodes
        theta, gamma = (
            np.zeros((len(size), n, r), dtype=np.complex128),
            np.zeros((len(size), n, r), dtype=np.complex128),
        )
        data = np.concatenate([self.space.spread.T @ right, self.conductivity * right_flux[g] / self.length])
        share = 0.0
        for f, (matrix, act) in enumerate(self.matrices(size)):
            if self.floating and size[f] == 0:
                level = self._level()
                matrix[:u, :u] += np.mean(np.abs(np.diag(matrix[:u, :u]))) * np.outer(level, level)
            load = data - act @ known
            with threadpool_limits(kernels.threads(), user_api="blas"):
                x = _solved(matrix, load) if len(matrix) else np.zeros((0, r), dtype=np.complex128)
                if f == 0 and len(matrix):
                    share = _share(matrix, load, x, coarse(self.pairs.mesh, self.space, g))
            theta[f] = self.space.spread @ x[:u] + known
            gamma[f][g] = x[u:] / self.length
        return theta, gamma, share

    def _level(self) -> Array:
        """Unknowns of a constant temperature of the skin, of unit length."""
        mesh = self.pairs.mesh
        skin = np.zeros(len(mesh.points))
        nodes = mesh.cells[~mesh.on_crack]
        skin[nodes[nodes >= 0]] = 1.0
        at = skin[self.space.free]
        return np.asarray(at / np.sqrt(max(at.sum(), 1)))


def _solved(matrix: Complex, load: Complex | Array) -> Complex:
    """Solution by a factor of single precision, refined until it is one of double precision; else at once by that.

    Raises
    ------
    NotSolved
        The matrix is singular.
    """
    try:
        factor = scipy.linalg.lu_factor(matrix.astype(np.complex64), check_finite=True)
        x = np.zeros(load.shape, dtype=np.complex128)
        left, bound = load.astype(np.complex128), REFINED * np.linalg.norm(load)
        for _ in range(MOST_REFINEMENTS):
            scale = max(float(np.abs(left).max(initial=0.0)), 1e-300)  # small loads would underflow
            change = scipy.linalg.lu_solve(factor, (left / scale).astype(np.complex64))
            x = x + scale * change.astype(np.complex128)  # scaled in single precision it would underflow after all
            left = load - matrix @ x
            if np.linalg.norm(left) <= bound:
                return x
        return np.asarray(scipy.linalg.solve(matrix, load))
    except (scipy.linalg.LinAlgError, scipy.linalg.LinAlgWarning, ValueError) as trouble:
        raise NotSolved(f"blocked heat: the equations have no solution ({trouble})") from trouble


def _share(matrix: Complex, load: Array, x: Complex, small: scipy.sparse.csr_matrix) -> float:
    """|1 - kept/whole| of the work of the load when the middle nodes follow the corners, for the worst mode."""
    right = small.T @ load
    reduced = small.T @ (small.T @ matrix.T).T
    y = scipy.linalg.lstsq(reduced, right)[0]
    whole, kept = np.einsum("ur,ur->r", x, load), np.einsum("ur,ur->r", y, right)
    size = np.abs(whole)
    most = max(float(size.max(initial=0.0)), 1e-300)
    lost = np.abs(whole - kept) / np.maximum(size, 1e-12 * most)
    return float(np.max(lost * np.sqrt(size / most), initial=0.0))  # a weak mode counts with its strength


def coarse(mesh: SurfaceMesh, space: Space, flux_nodes: Index) -> scipy.sparse.csr_matrix:
    """Unknowns from those of corners alone, middle nodes in the mean of their neighbours. (u + g, c)."""
    n = len(mesh.points)
    row, column, value = [], [], []
    for kind in (T6, Q9, TIP):
        cells = mesh.cells[(mesh.kind >= TIP) if kind == TIP else mesh.kind == kind]
        for mid, a, b in SIDES[kind]:
            one, two = (np.linalg.norm(mesh.points[cells[:, c]] - mesh.points[cells[:, mid]], axis=1) for c in (a, b))
            at = np.abs(one - two) < 0.2 * (one + two)  # not the quarter points of elements at a mouth's tip
            row += [cells[at, mid]] * 2
            column += [cells[at, a], cells[at, b]]
            value += [np.full(at.sum(), 0.5)] * 2
        if kind == TIP:  # one term, sqrt(r), where the ring has two
            for quarter, inner in ((7, 3), (8, 6), (5, 2)):
                row.append(cells[:, quarter])
                column.append(cells[:, inner])
                value.append(np.full(len(cells), 0.5))
        if kind == Q9:
            row += [cells[:, 8]] * 4
            column += [cells[:, c] for c in range(4)]
            value += [np.full(len(cells), 0.25)] * 4
    rows, columns, values = (np.concatenate(a) for a in (row, column, value))
    middle = np.zeros(n, dtype=bool)
    middle[rows] = True
    pairs, at = np.unique(np.stack([rows, columns]), axis=1, return_index=True)
    mean = scipy.sparse.csr_matrix((values[at], (pairs[0], pairs[1])), shape=(n, n))
    restrict = (scipy.sparse.diags((~middle).astype(float)) + mean).tocsr()
    restrict = restrict @ restrict  # a ring's quarter point follows a middle node that follows its corners
    keep, keep_flux = ~middle[space.free], ~middle[flux_nodes]
    jump = (restrict @ space.spread[:, np.flatnonzero(keep)])[space.free]
    flux = restrict[flux_nodes][:, flux_nodes[keep_flux]]
    return scipy.sparse.block_diag([jump, flux], format="csr")
