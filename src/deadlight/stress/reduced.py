"""Reduced model of a pane: equilibrium at every instant of a history in the span of a few displacement fields.

u(t) = Phi q(t).  The stiffness is affine in a few modes of Lame's fields, the load linear in nodal fields, and seat
springs act at their own points, so that each instant costs a dense system of the size of the basis; nothing is
interpolated in time.  Galerkin projection: Quarteroni, Manzoni & Negri 2016, Reduced Basis Methods, chapters 3 and 6.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from deadlight.errors import NotSolved
from deadlight.stress.problem import PaneProblem

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

_MODULI = 2e-5  # part of Lame's fields that the modes may leave out
_THERMAL = 3e-5  # part of the thermal stress that the first basis may leave out; full solutions add what it lacks
_MOST_MODULI = 24
_MOST_THERMAL = 56
_DEPENDENT = 1e-10  # energy of a direction, relative to the column it came from, below which it adds nothing
_CONTACT_STEPS = 60
_CHUNK_BYTES = 48e6


class ReducedModel:
    """Basis, reduced operators and reduced solutions; `extend` adds columns, `solve` gives all instants."""

    def __init__(self, problem: PaneProblem) -> None:
        self.problem = problem
        n, m = problem.mesh.n_nodes, len(problem.time)
        self.basis, self.image = np.zeros((3 * n, 0)), np.zeros((3 * n, 0))  # Phi, K_reference Phi
        self.strain = np.zeros((0, n, 6))
        self.skin = np.zeros((0, len(problem.skin.nodes), 3))
        self.lam_modes, self.mu_modes, self.coefficients, self.thermal_modes = self._fields()
        self.elastic = np.zeros((0, 0))
        self.varying = np.zeros((len(self.lam_modes), 0, 0))
        self.tangent = np.zeros((0, 0))
        self.normal = np.zeros((len(problem.held.springs.area), 0))
        self.load = np.zeros((0, m))
        self.q = np.zeros((m, 0))
        self.extend(self._first_columns())

    @property
    def size(self) -> int:
        return self.basis.shape[1]

    def chunks(self, instants: int) -> Iterator[slice]:
        """Ranges of nodes whose stresses at that many instants fit in the cache-friendly part of memory."""
        n = self.problem.mesh.n_nodes
        step = max(32, int(_CHUNK_BYTES / (48 * max(instants, 1))))
        return (slice(a, min(a + step, n)) for a in range(0, n, step))

    def _fields(self) -> tuple[Array, Array, Array, Array]:
        """Modes of Lame's fields about the reference, their coefficients (m, k), and modes of the thermal stress."""
        p = self.problem
        lam0, mu0 = p.reference
        gram, heat = np.zeros((len(p.sample),) * 2), np.zeros((len(p.sample),) * 2)
        for part in self.chunks(len(p.sample)):
            lam, mu, thermal = self._nodal(p.sample, part)
            for field in (lam - lam0[part], mu - mu0[part]):
                gram += field @ field.T
            heat += thermal @ thermal.T
        scale = len(p.sample) * (lam0 @ lam0 + mu0 @ mu0)
        weights = _leading(gram, _MODULI**2 * scale, _MOST_MODULI)
        warm = _leading(heat, _THERMAL**2 * heat.trace(), _MOST_THERMAL)
        k = weights.shape[1]
        modes, hot = np.zeros((2, k, p.mesh.n_nodes)), np.zeros((warm.shape[1], p.mesh.n_nodes))
        coefficients = np.zeros((len(p.time), k))
        for part in self.chunks(len(p.sample)):
            lam, mu, thermal = self._nodal(p.sample, part)
            modes[0, :, part] = weights.T @ (lam - lam0[part])
            modes[1, :, part] = weights.T @ (mu - mu0[part])
            hot[:, part] = warm.T @ thermal
        if k:
            size = np.sqrt((modes**2).sum(axis=(0, 2)))
            modes /= size[None, :, None]
            for part in self.chunks(len(p.time)):
                lam, mu, _ = self._nodal(np.arange(len(p.time)), part)
                coefficients += (lam - lam0[part]) @ modes[0, :, part].T + (mu - mu0[part]) @ modes[1, :, part].T
        return modes[0], modes[1], coefficients, hot

    def _nodal(self, instants: Index, part: slice) -> tuple[Array, Array, Array]:
        T = self.problem.temperature[instants, part]
        lam, mu = self.problem.moduli(T)
        return lam, mu, self.problem.thermal_stress(T, lam, mu)

    def _first_columns(self) -> Array:
        """Answers at reference stiffness to the thermal modes, every unit load, the initial stress and the preload."""
        p, held = self.problem, self.problem.held
        n = p.mesh.n_nodes
        loads = [
            p.body.spherical_load(self.thermal_modes.T).reshape(3 * n, -1),
            p.unit_forces.reshape(3 * n, -1),
            p.initial_force.reshape(3 * n, 1),
            (held.springs.normal.T @ (held.springs.area * held.springs.preload))[:, None],
        ]
        force = np.concatenate(loads, axis=1) * held.free
        return held.reference.solve(force[:, np.linalg.norm(force, axis=0) > 0])

    def extend(self, columns: Array) -> int:
        """Adds displacement fields (3 n_nodes, k) to the basis; returns how many new directions they held."""
        new, image, elastic = self._orthonormal(columns)
        if not new.shape[1]:
            return 0
        p, springs = self.problem, self.problem.held.springs
        n, k = p.mesh.n_nodes, new.shape[1]
        block = new.reshape(n, 3, k)
        self.basis, self.image = np.concatenate([self.basis, new], axis=1), np.concatenate([self.image, image], axis=1)
        self.elastic = _border(self.elastic, self.basis.T @ elastic)
        self.tangent = _border(self.tangent, self.basis.T @ (springs.tangent @ new))
        products = [p.body.apply(lam, mu, block).reshape(3 * n, k) for lam, mu in zip(self.lam_modes, self.mu_modes)]
        r = self.size
        borders = [_border(a, self.basis.T @ y) for a, y in zip(self.varying, products)]
        self.varying = np.stack(borders) if borders else np.zeros((0, r, r))
        self.normal = np.concatenate([self.normal, springs.normal @ new], axis=1)
        self.strain = np.concatenate([self.strain, p.recovery.strain(block).transpose(2, 0, 1)])
        self.skin = np.concatenate([self.skin, block[p.skin.nodes].transpose(2, 0, 1)])
        self.load = np.concatenate([self.load, self._reduced_load(new, block)])
        self.q = np.pad(self.q, ((0, 0), (0, k)))
        return k

    def _orthonormal(self, columns: Array) -> tuple[Array, Array, Array]:
        """New directions, orthonormal in reference energy; K_reference times them, and the elastic part of that."""
        p, springs = self.problem, self.problem.held.springs
        n = p.mesh.n_nodes
        lam, mu = p.reference
        closed = np.ones((len(springs.area), 1), dtype=bool)

        def elastic(x: Array) -> Array:
            return p.body.apply(lam, mu, x.reshape(n, 3, -1)).reshape(3 * n, -1)

        energy = np.einsum("ij,ij->j", columns, elastic(columns) + springs.product(columns, closed))
        v = columns[:, energy > 0] / np.sqrt(energy[energy > 0])
        for _ in range(2):  # twice is enough (Kahan-Parlett)
            v = v - self.basis @ (self.image.T @ v)
        part = elastic(v)
        gram = v.T @ (part + springs.product(v, closed))
        values, vectors = np.linalg.eigh((gram + gram.T) / 2)
        kept = values > _DEPENDENT
        turn = vectors[:, kept] / np.sqrt(values[kept])
        v, part = v @ turn, part @ turn
        return v, part + springs.product(v, closed), part

    def _reduced_load(self, new: Array, block: Array) -> Array:
        """Work of the load of every instant on new columns. (k, m)."""
        p = self.problem
        work = sum(g.T @ block[:, i] for i, g in enumerate(p.body.gradient))  # (n, k)
        fixed = new.T @ p.unit_forces.reshape(len(new), -1)
        load = fixed @ p.amplitudes.T + (new.T @ p.initial_force.ravel())[:, None]
        everything = np.arange(len(p.time))
        for part in self.chunks(len(p.time)):
            load += (self._nodal(everything, part)[2] @ work[part]).T
        return load

    def stiffness(self, instants: Index) -> Array:
        """Reduced stiffness without seat normals. (k, r, r)."""
        return self.elastic + self.tangent + np.tensordot(self.coefficients[instants], self.varying, axes=1)

    def solve(self) -> None:
        """Reduced equilibrium `q` (m, r) at every instant, contact included.

        Raises
        ------
        NotSolved
            The contact of an instant did not settle.
        """
        springs = self.problem.held.springs
        m = len(self.problem.time)
        weight = springs.area * springs.stiffness
        bed = self.normal.T @ (weight[:, None] * self.normal)
        preload = self.normal.T @ (springs.area * springs.preload)
        for start in range(0, m, 64):
            rows = np.arange(start, min(start + 64, m))
            right = self.load[:, rows].T - preload
            self.q[rows] = np.linalg.solve(self.stiffness(rows) + bed, right[:, :, None])[:, :, 0]
        if len(weight):
            self._contact(np.flatnonzero((self.pressure() < 0).any(axis=0)))

    def pressure(self) -> Array:
        """Spring law preload + stiffness * u.n before it is cut off at zero. (points, m) [Pa]."""
        springs = self.problem.held.springs
        return springs.preload[:, None] + springs.stiffness[:, None] * (self.normal @ self.q.T)

    def _contact(self, instants: Index) -> None:
        """Semi-smooth Newton with exact line search, instant by instant, from the one before."""
        springs = self.problem.held.springs
        area, k, p0 = springs.area, springs.stiffness, springs.preload
        for i in instants:
            stiffness, load = self.stiffness(np.array([i]))[0], self.load[:, i]
            q = self.q[i - 1] if i and (i - 1) in instants else self.q[i]
            before = None
            for _ in range(_CONTACT_STEPS):
                law = p0 + k * (self.normal @ q)
                closed = law >= 0
                wrong = stiffness @ q - load + self.normal.T @ (area * np.where(closed, law, 0.0))
                if (
                    before is not None
                    and np.array_equal(closed, before)
                    and np.linalg.norm(wrong) <= 1e-10 * np.linalg.norm(load)
                ):
                    break
                touching = self.normal[closed]
                step = -np.linalg.solve(stiffness + touching.T @ ((area * k)[closed, None] * touching), wrong)
                q = q + self._length(stiffness, wrong, step, law, before is None) * step
                before = closed
            else:
                raise NotSolved(
                    f"seat contact at {self.problem.time[i]:g} s did not settle in {_CONTACT_STEPS} steps ("
                    f"{100 * np.mean(~closed):.0f} % of the springs open); is the pane held on both sides of its seats?"
                )
            self.q[i] = q

    def _length(self, stiffness: Array, wrong: Array, step: Array, law: Array, first: bool) -> float:
        """Where along the step the energy is least: the root of its slope in (0, 1], or 1."""
        springs = self.problem.held.springs
        change = springs.stiffness * (self.normal @ step)
        base = springs.area * (self.normal @ step)
        start = np.maximum(0.0, law)
        slope0, curvature = float(wrong @ step), float(step @ stiffness @ step)

        def slope(s: float) -> float:
            return slope0 + s * curvature + float(base @ (np.maximum(0.0, law + s * change) - start))

        if slope(1.0) <= 0.1 * abs(slope0):
            return 1.0
        low, high = 0.0, 1.0
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (low, middle) if slope(middle) > 0 else (middle, high)
        return high

    def displacement(self, instants: Index) -> Array:
        """Full displacement (n_nodes, 3, k) [m] at some instants."""
        return (self.basis @ self.q[instants].T).reshape(self.problem.mesh.n_nodes, 3, -1)

    def stress(self, instants: Index, nodes: slice = slice(None)) -> Array:
        """Nodal stress (k, n, 6) [Pa] at some instants, for a range of nodes."""
        q = self.q[instants]
        strain = (q @ self.strain[:, nodes].reshape(self.size, -1)).reshape(len(q), -1, 6)
        here = self.problem.skin_range(nodes)
        surface = (q @ self.skin[:, here].reshape(self.size, -1)).reshape(len(q), -1, 3)
        return self.problem.stress(instants, strain, surface, nodes)

    def residual(self, instants: Index) -> Array:
        """Unbalanced force of the reduced solution in the norm of the inverse diagonal, an energy-like size. (k,)."""
        p = self.problem
        lam, mu, force = p.force(instants)
        n, k = p.mesh.n_nodes, len(instants)
        u = self.displacement(instants).reshape(3 * n, k)
        r = p.held.residual(lam, mu, force.reshape(3 * n, k), u) * p.held.free
        return np.linalg.norm(r / np.sqrt(p.held.diagonal)[:, None], axis=0)


def _border(old: Array, columns: Array) -> Array:
    """A symmetric matrix grown by new columns (r, k) that reach over old and new rows."""
    r, k = columns.shape
    grown = np.zeros((r, r))
    grown[: r - k, : r - k] = old
    grown[:, r - k :] = columns
    grown[r - k :, : r - k] = columns[: r - k].T
    return grown


def _leading(gram: Array, tail: Any, most: int) -> Array:
    """Eigenvectors (s, k) of a Gram matrix, largest first, until what is left sums to less than `tail`."""
    values, vectors = np.linalg.eigh(gram)
    values, vectors = values[::-1], vectors[:, ::-1]
    left = np.cumsum(np.maximum(values, 0.0)[::-1])[::-1]
    k = int(np.sum((left > tail) & (values > 1e-14 * max(values[0], 1e-300))))
    return vectors[:, : min(k, most)]
