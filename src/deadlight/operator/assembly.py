"""The dense matrix of the interaction of all surface elements.

    E(v, D) = sum over pairs  int int  mu / (4 pi R) { 2 ca_l cb_k - ca_k cb_l
              + 1 / (1 - nu) [ d_kl ca.cb - ca_l cb_k - (ca x r)_k (cb x r)_l ] } v_k D_l dS dS,

the elastic energy of dislocation loops (Blin's formula; Hirth & Lothe 1982, Theory of Dislocations, ch. 4) written
for continuous densities of loops, c the surface curl of a shape function.  The same weakly singular form: Nedelec 1982;
Li, Mear & Xiao 1998, Comp. Meth. Appl. Mech. Eng. 151:435.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from deadlight import _sgbem, kernels
from deadlight.operator import pairs as pairing
from deadlight.operator.pairs import Elements, Fineness
from deadlight.operator.quadrature import PairRule, element, product, touching, triangle
from deadlight.surface.mesh import T6, SurfaceMesh

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


SELF, OTHER_HALF = 1, 2  # a triangle with itself; with the other half of its square


class Assembler:
    """Sums the blocks of pairs into the upper triangle of a dense matrix.

    Parameters
    ----------
    dof : (n_nodes,) int64
        Row of every node in units of three, -1 where D = 0.
    nu : float
        Poisson's ratio. The matrix is that of mu / (4 pi) = 1.
    matrix : (3 n, 3 n) float
        Added to.
    """

    def __init__(self, mesh: SurfaceMesh, dof: Index, nu: float, matrix: Array) -> None:
        mesh = pairing.sorted_elements(mesh)
        self.elements = Elements.of(mesh)
        self.mesh, self.matrix, self.g = mesh, matrix, 1.0 / (1.0 - nu)
        self.dof = np.ascontiguousarray(dof)
        self.points, self.cells = np.ascontiguousarray(mesh.points), np.ascontiguousarray(mesh.cells)
        self.six = np.ascontiguousarray(mesh.cells[:, :6])
        self.how = {"isa": kernels.isa(), "threads": kernels.threads()}
        self.evaluations = 0

    def add(self, fineness: Fineness) -> None:
        """All pairs."""
        touch = pairing.touching_pairs(self.mesh)
        self._touching(fineness, touch)
        pairs, level = pairing.distant_pairs(self.elements, fineness, touch)
        near = (level == len(fineness.limits)).any(axis=1)
        self._distant(pairs[~near], level[~near])
        if near.any():
            self._near(pairs[near], fineness)

    def _touching(self, fineness: Fineness, touch: tuple[Index, Index]) -> None:
        jobs = pairing.touching_jobs(self.mesh, *touch)
        ring, plain = pairing.in_ring(self.mesh), self.elements.straight & ~self.elements.slender
        rank = np.where(ring[jobs.e] | ring[jobs.f], 2, np.where(plain[jobs.e] & plain[jobs.f], 0, 1))
        long = np.searchsorted(pairing.LONG, np.maximum(self.elements.aspect[jobs.e], self.elements.aspect[jobs.f]))
        rank = np.where((rank == 1) & (long > 0), 2 + long, rank)
        more = [fineness.long(step) for step in range(1, len(pairing.LONG) + 1)]
        for which, orders in enumerate((fineness.plain, fineness.curved, fineness.ring, *more)):
            for common in (1, 2, 3):
                at = (rank == which) & (jobs.common == common)
                self._turned(jobs, at, touching(common, orders))
        apart = jobs.common == 0
        if apart.any():
            rule = product(triangle(2 * fineness.ring[0] - 2), triangle(2 * fineness.ring[0] - 2))
            self._turned(jobs, apart, rule)

    def _turned(self, jobs: pairing.TouchingJobs, at: Mask, rule: PairRule) -> None:
        straight = self.elements.straight
        se, sf = straight[jobs.e], straight[jobs.f]
        for swap, use in ((False, at & sf), (True, at & se & ~sf)):
            e, f, te, tf, he = jobs.e[use], jobs.f[use], jobs.turn_e[use], jobs.turn_f[use], jobs.half_e[use]
            turned = rule
            if swap:
                e, f, te, tf, he = f, e, tf, te, jobs.half_f[use]
                turned = PairRule(rule.second, rule.first, -rule.apart, rule.weight)
            both = straight[e]
            self._affine(e[both], f[both], te[both], tf[both], turned)
            self._mixed(e[~both], f[~both], he[~both], te[~both], tf[~both], turned)
        use = at & ~se & ~sf
        kind = self.mesh.kind
        e, f = jobs.e[use], jobs.f[use]
        corner_e = pairing.reference_corners(kind[e], jobs.half_e[use], jobs.turn_e[use])
        corner_f = pairing.reference_corners(kind[f], jobs.half_f[use], jobs.turn_f[use])
        same = np.where(e != f, 0, np.where(jobs.half_e[use] == jobs.half_f[use], SELF, OTHER_HALF))
        self._general(e, f, corner_e, corner_f, np.ones(len(e)), rule, same)

    def _affine(self, e: Index, f: Index, turn_e: Index | None, turn_f: Index | None, rule: PairRule) -> None:
        if not len(e):
            return
        (nodes_e, sign_e), (nodes_f, sign_f) = self._triangles(e, turn_e), self._triangles(f, turn_f)
        sign = sign_e * sign_f
        lf, ls, _, w = _transposed(rule, 1)
        same = (e == f).astype(np.int8)
        self.evaluations += len(e) * len(w)
        _sgbem.affine(
            self.points, nodes_e, nodes_f, sign, same, lf, ls, w, self.g, self.dof, self.matrix, **self.how,
            part_e=None, part_f=None,
        )  # fmt: skip

    def _triangles(self, e: Index, turn: Index | None) -> tuple[Index, Array]:
        """Nodes (n, 6) of straight triangles in the rule's order, and the sign of their orientation."""
        if turn is None:
            return self.six[e], np.ones(len(e))
        return pairing.turned_nodes(self.cells[e], turn), np.where(pairing.odd(turn), -1.0, 1.0)

    def _mixed(self, e: Index, f: Index, half_e: Index, turn_e: Index, turn_f: Index, rule: PairRule) -> None:
        if not len(e):
            return
        corner = pairing.reference_corners(self.mesh.kind[e], half_e, turn_e)
        self._mixed_at(e, f, corner, turn_f, rule)

    def _mixed_at(self, e: Index, f: Index, corner: Array, turn_f: Index | None, rule: PairRule) -> None:
        nodes_f, sign = self._triangles(f, turn_f)
        lf, ls, _, w = _transposed(rule, 8)
        self.evaluations += len(e) * len(w)
        _sgbem.mixed(
            self.points,
            self.cells[e],
            self.mesh.kind[e],
            corner,
            nodes_f,
            sign,
            lf,
            ls,
            w,
            self.g,
            self.dof,
            self.matrix,
            **self.how,
        )

    def _general(
        self,
        e: Index,
        f: Index,
        corner_e: Array,
        corner_f: Array,
        scale: Array,
        rule: PairRule,
        same: Index | None = None,
    ) -> None:
        if not len(e):
            return
        lf, ls, ld, w = _transposed(rule, 8)
        kind = self.mesh.kind
        alike = np.zeros(len(e), dtype=np.int8) if same is None else same.astype(np.int8)
        self.evaluations += len(e) * len(w)
        _sgbem.general(
            self.points, self.cells[e], kind[e], np.ascontiguousarray(corner_e), self.cells[f], kind[f],
            np.ascontiguousarray(corner_f), scale, alike, lf, ls, ld, w, self.g, self.dof, self.matrix, **self.how,
        )  # fmt: skip

    def _distant(self, pairs: Index, level: Index) -> None:
        straight, square = self.elements.straight, self.mesh.kind != T6
        swap = straight[pairs[:, 0]] & ~straight[pairs[:, 1]]  # the straight one second
        pairs = np.where(swap[:, None], pairs[:, ::-1], pairs)
        level = np.where(swap[:, None], level[:, ::-1], level)
        e, f = pairs[:, 0], pairs[:, 1]
        key = (
            ((np.int64(4) * level[:, 0] + level[:, 1]) * 4 + 2 * straight[e] + straight[f]) * 4
            + 2 * square[e]
            + square[f]
        )
        order = np.argsort(key, kind="stable")
        cut = np.flatnonzero(np.diff(key[order])) + 1
        for group in np.split(order, cut):
            if not len(group):
                continue
            one = group[0]
            rule = _distant_rule(bool(square[e[one]]), int(level[one, 0]), bool(square[f[one]]), int(level[one, 1]))
            ge, gf = e[group], f[group]
            whole = np.broadcast_to(pairing.WHOLE, (len(group), 6))
            if straight[e[one]]:
                self._affine(ge, gf, None, None, rule)
            elif straight[f[one]]:
                self._mixed_at(ge, gf, np.ascontiguousarray(whole), None, rule)
            else:
                self._general(ge, gf, whole, whole, np.ones(len(group)), rule)

    def _near(self, pairs: Index, fineness: Fineness) -> None:
        jobs = pairing.near_jobs(self.elements, pairs, fineness.limits)
        both = self.elements.straight[jobs.e] & self.elements.straight[jobs.f]
        for one in np.unique(jobs.level, axis=0):
            at = (jobs.level == one).all(axis=1)
            rule = _distant_rule(False, int(one[0]), False, int(one[1]))
            plain, rest = jobs.at(at & both), jobs.at(at & ~both)
            self._affine_parts(plain, rule)
            self._general(rest.e, rest.f, rest.corner_e, rest.corner_f, rest.scale, rule)

    def _affine_parts(self, jobs: pairing.NearJobs, rule: PairRule) -> None:
        lf, ls, _, w = _transposed(rule, 1)
        self.evaluations += len(jobs.e) * len(w)
        _sgbem.affine(
            self.points, self.six[jobs.e], self.six[jobs.f], jobs.scale, np.zeros(len(jobs.e), dtype=np.int8),
            lf, ls, w, self.g, self.dof, self.matrix, **self.how, part_e=jobs.corner_e, part_f=jobs.corner_f,
        )  # fmt: skip


@functools.cache
def _distant_rule(square_e: bool, level_e: int, square_f: bool, level_f: int) -> PairRule:
    return product(element(int(square_e), level_e), element(int(square_f), level_f))


def _transposed(rule: PairRule, multiple: int) -> tuple[Array, Array, Array, Array]:
    """Rule with the points along the last axis, filled up with points of no weight."""
    fill = -len(rule.weight) % multiple
    pad = ((0, fill), (0, 0))
    columns = [np.ascontiguousarray(np.pad(x, pad, mode="edge").T) for x in (rule.first, rule.second, rule.apart)]
    return columns[0], columns[1], columns[2], np.pad(rule.weight, (0, fill))
