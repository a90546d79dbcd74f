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
Rule = tuple[Array, Array]  # points (s, t) and weights of one element

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
        straight, kind = self.elements.straight, self.mesh.kind
        swap = straight[pairs[:, 0]] & ~straight[pairs[:, 1]]  # the straight one second
        pairs = np.where(swap[:, None], pairs[:, ::-1], pairs)
        level = np.where(swap[:, None], level[:, ::-1], level)
        e, f = pairs[:, 0], pairs[:, 1]
        both = straight[e]
        square = kind[e] != T6
        other = np.where(straight[f], 0, 1 + kind[f])  # 0 straight, 1 curved triangle, 2.. squares by kind
        key = (((4 * level[:, 0] + level[:, 1]) * 2 + both) * 2 + square) * 16 + other
        run = np.where(both, 0, e)  # pairs of one curved element together; straight ones as they came, in tiles
        order = np.argsort(key * len(kind) + run, kind="stable")
        cut = np.flatnonzero(np.diff(key[order])) + 1
        for group in np.split(order, cut):
            if not len(group):
                continue
            one = group[0]
            at = int(level[one, 0]), int(level[one, 1])
            if both[one]:
                self._affine(e[group], f[group], None, None, _pair_rule(*at))
                continue
            rules = element(int(kind[e[one]]), at[0]), element(int(kind[f[one]]), at[1])
            for start in range(0, len(group), _sgbem.CHUNK):
                part = group[start : start + _sgbem.CHUNK]
                self._product(e[part], f[part], *rules)

    def _product(self, e: Index, f: Index, rule_e: Rule, rule_f: Rule) -> None:
        """Pairs of elements e that are not straight, equal ones together, with others all of one kind."""
        begin = pairing.runs(e)
        first, kind, n = e[begin[:-1]], self.mesh.kind, len(rule_e[1])
        self.evaluations += len(e) * n * len(rule_f[1])
        table_e = _table(rule_e, 8)
        if self.elements.straight[f[0]]:
            st = rule_f[0].T
            table_f = np.ascontiguousarray([1.0 - st[0] - st[1], *st, rule_f[1]])
            _sgbem.mixed_product(
                self.points, self.cells[first], kind[first], begin, self.six[f], n, table_e, table_f, self.g, self.dof,
                self.matrix, **self.how,
            )  # fmt: skip
        else:
            _sgbem.general_product(
                self.points, self.cells[first], kind[first], begin, self.cells[f], int(kind[f[0]]), n, table_e,
                _table(rule_f, 1), self.g, self.dof, self.matrix, **self.how,
            )  # fmt: skip

    def _near(self, pairs: Index, fineness: Fineness) -> None:
        jobs = pairing.near_jobs(self.elements, pairs, fineness.limits)
        both = self.elements.straight[jobs.e] & self.elements.straight[jobs.f]
        for one in np.unique(jobs.level, axis=0):
            at = (jobs.level == one).all(axis=1)
            rule = _pair_rule(int(one[0]), int(one[1]))
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
def _pair_rule(level_e: int, level_f: int) -> PairRule:
    """Of two triangles that do not touch."""
    return product(element(T6, level_e), element(T6, level_f))


def _table(rule: Rule, multiple: int) -> Array:
    """s, t and weight (3, n) of a rule's points, filled up with points of no weight."""
    points, weight = rule
    fill = -len(weight) % multiple
    return np.ascontiguousarray(
        np.vstack([np.pad(points, ((0, fill), (0, 0)), mode="edge").T, np.pad(weight, (0, fill))])
    )


def _transposed(rule: PairRule, multiple: int) -> tuple[Array, Array, Array, Array]:
    """Rule with the points along the last axis, filled up with points of no weight."""
    fill = -len(rule.weight) % multiple
    pad = ((0, fill), (0, 0))
    columns = [np.ascontiguousarray(np.pad(x, pad, mode="edge").T) for x in (rule.first, rule.second, rule.apart)]
    return columns[0], columns[1], columns[2], np.pad(rule.weight, (0, fill))
