"""Pair integrals of heat blocked by a crack: matrices and thermal loads of a surface mesh at several frequencies."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight import _blocked_heat, kernels
from deadlight.operator import pairs as pairing
from deadlight.operator.pairs import Elements, Fineness
from deadlight.operator.quadrature import PairRule, element, product, touching, triangle
from deadlight.surface.mesh import T6, SurfaceMesh

Array = np.ndarray[Any, np.dtype[np.float64]]
Complex = np.ndarray[Any, np.dtype[np.complex128]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

# The kernel of heat is scalar and K only needs its load to 0.1 %: coarser rules than the crack operator's suffice
# (penny in a heat flow: K_II changes by 3e-4 against the operator's rules and those two points finer).
# Odd limits, so that no pair of a regular mesh stands on one and changes its rule when the mesh is turned.
HEAT = Fineness(limits=(2.0137, 0.8071, 0.4029), plain=(4, 3, 3, 4), curved=(4, 3, 3, 4), ring=(5, 4, 4, 5))


@dataclass(frozen=True, eq=False)
class Group:
    """Pairs of triangles under one rule.

    Attributes
    ----------
    pair : (jobs, 2) int64
        Elements.
    corner : (jobs, 12) float
        (s, t) of the corners of both triangles in the rule's order.
    first, second : (3, n) float
        The rule's barycentric coordinates.
    weight : (n,) float
    """

    pair: Index
    corner: Array
    first: Array
    second: Array
    weight: Array


def groups(mesh: SurfaceMesh, fineness: Fineness) -> list[Group]:
    """Every pair of elements once, each under the rule its distance asks for."""
    elements = Elements.of(mesh)
    touch = pairing.touching_pairs(mesh)
    found = list(_touching(elements, fineness, touch))
    pairs, level = pairing.distant_pairs(elements, fineness, touch)
    near = (level == len(fineness.limits)).any(axis=1)
    found += _distant(mesh, pairs[~near], level[~near])
    if near.any():
        found += _near(elements, pairs[near], fineness)
    return found


def _touching(elements: Elements, fineness: Fineness, touch: tuple[Index, Index]) -> Iterator[Group]:
    mesh = elements.mesh
    jobs = pairing.touching_jobs(mesh, *touch, both_ways=True)
    ring, plain = pairing.in_ring(mesh), elements.straight & ~elements.slender
    rank = np.where(ring[jobs.e] | ring[jobs.f], 2, np.where(plain[jobs.e] & plain[jobs.f], 0, 1))
    for which, orders in enumerate((fineness.plain, fineness.curved, fineness.ring)):
        for common in (0, 1, 2, 3):
            at = (rank == which) & (jobs.common == common)
            if not at.any():
                continue
            apart = triangle(2 * orders[0] - 2)
            rule = touching(common, orders) if common else product(apart, apart)
            e, f = jobs.e[at], jobs.f[at]
            corner_e = pairing.reference_corners(mesh.kind[e], jobs.half_e[at], jobs.turn_e[at])
            corner_f = pairing.reference_corners(mesh.kind[f], jobs.half_f[at], jobs.turn_f[at])
            yield from _groups(mesh.kind, e, f, corner_e, corner_f, rule)


def _distant(mesh: SurfaceMesh, pairs: Index, level: Index) -> list[Group]:
    square = mesh.kind[pairs] != T6
    key = ((4 * level[:, 0].astype(np.int64) + level[:, 1]) * 2 + square[:, 0]) * 2 + square[:, 1]
    order = np.argsort(key, kind="stable")
    found: list[Group] = []
    for at in np.split(order, np.flatnonzero(np.diff(key[order])) + 1):
        if len(at):
            one = at[0]
            rule = _distant_rule(bool(square[one, 0]), int(level[one, 0]), bool(square[one, 1]), int(level[one, 1]))
            whole = np.broadcast_to(pairing.WHOLE, (len(at), 6))
            found += _groups(mesh.kind, pairs[at, 0], pairs[at, 1], whole, whole, rule)
    return found


def _near(elements: Elements, pairs: Index, fineness: Fineness) -> Iterator[Group]:
    jobs = pairing.near_jobs(elements, pairs, fineness.limits)
    key = np.column_stack([jobs.level, np.round(np.log2(jobs.scale)).astype(np.int64)])
    for one in np.unique(key, axis=0):
        at = (key == one).all(axis=1)
        rule = _distant_rule(False, int(one[0]), False, int(one[1]))
        scaled = PairRule(rule.first, rule.second, rule.apart, rule.weight * 2.0 ** int(one[2]))
        yield from _groups(elements.mesh.kind, jobs.e[at], jobs.f[at], jobs.corner_e[at], jobs.corner_f[at], scaled)


@functools.cache
def _distant_rule(square_e: bool, level_e: int, square_f: bool, level_f: int) -> PairRule:
    return product(element(int(square_e), level_e), element(int(square_f), level_f))


def _groups(kind: Index, e: Index, f: Index, corner_e: Array, corner_f: Array, rule: PairRule) -> Iterator[Group]:
    """One group for every two kinds: the kernel takes jobs side by side."""
    pair = np.stack([e, f], axis=1).astype(np.int64)
    corner = np.concatenate([corner_e, corner_f], axis=1)
    first, second = np.ascontiguousarray(rule.first.T), np.ascontiguousarray(rule.second.T)
    both = kind[pair] @ np.array([16, 1])
    for one in np.unique(both):
        at = both == one
        yield Group(np.ascontiguousarray(pair[at]), np.ascontiguousarray(corner[at]), first, second, rule.weight)


@dataclass(frozen=True, eq=False)
class HeatPairs:
    """Matrices and loads of a surface mesh.

    Attributes
    ----------
    mesh : SurfaceMesh
    density : (e,) float
        Weight with which an element tests the mean temperature: film coefficient of a face, 1 on a crack of prescribed
        temperature, else 0.
    carries : (e,) bool
        Which elements carry a flux density.
    groups : list of Group
    """

    mesh: SurfaceMesh
    density: Array
    carries: Mask
    groups: list[Group]

    @classmethod
    def of(cls, mesh: SurfaceMesh, density: Array, carries: Mask, fineness: Fineness) -> HeatPairs:
        return cls(mesh, np.ascontiguousarray(density, dtype=np.float64), carries, groups(mesh, fineness))

    def matrices(self, size: Array) -> tuple[Complex, Complex, Complex]:
        """H, K, V (frequency, n, n) at |a| = `size` [1/m]; K and V of length 0 where nothing asks for them.

        H = int int G (C.C + a^2 n.n' N N) [m], K = int int w P dG/dn' N [m^2 w], V = int int w w P P G [m^3 w^2], see
        the kernel; each value of `size` is twice the one before, or starts a new series.
        """
        n, needed = len(self.mesh.points), bool(self.density.any())
        shape = (len(size), n, n, 2)
        h = np.zeros(shape)
        k, v = (np.zeros(shape if needed else (0, n, n, 2)) for _ in range(2))
        how = kernels.isa(), kernels.threads()
        for group, flags in self._flagged():
            given = [*self._arguments(group, flags, size), h, k, v, *how]
            _blocked_heat.blocks(*given)
        whole_h, whole_k, whole_v = (a.view(np.complex128)[..., 0] for a in (h, k, v))
        for each in (*whole_h, *whole_v):
            each += each.T.copy()
        return whole_h, whole_k, whole_v

    def loads(self, size: Array, theta: Complex, gamma: Complex) -> Complex:
        """int int (U x C) of jumps theta and flux densities gamma, (frequency, n, mode) each -> (frequency, n, 3,
        mode).

        Times 2 mu m this is the load of the thermal stress, m = alpha (1 + nu) / (1 - nu).
        """
        out = np.zeros((len(size), len(self.mesh.points), 3, theta.shape[2], 2))
        acting = [np.ascontiguousarray(a, dtype=np.complex128)[..., None].view(np.float64) for a in (theta, gamma)]
        how = kernels.isa(), kernels.threads()
        for group, flags in self._flagged():
            given = [*self._arguments(group, flags, size), *acting, out, *how]
            _blocked_heat.loads(*given)
        return np.asarray(out.view(np.complex128)[..., 0])

    def _flagged(self) -> Iterator[tuple[Group, Index]]:
        for group in self.groups:
            e, f = group.pair.T
            k = (self.density[e] != 0) | (self.density[f] != 0)
            v = self.carries[e] | self.carries[f]
            yield group, np.ascontiguousarray(k + 2 * v + 4 * (e == f), dtype=np.int64)

    def _arguments(self, group: Group, flags: Index, size: Array) -> tuple[Any, ...]:
        mesh = self.mesh
        size = np.ascontiguousarray(size, dtype=np.float64)
        doubles = np.isclose(size[1:], 2 * size[:-1], rtol=1e-14, atol=0) & (size[:-1] > 0)
        previous = np.concatenate([[-1], np.where(doubles, np.arange(len(size) - 1), -1)]).astype(np.int64)
        return (
            np.ascontiguousarray(mesh.points), np.ascontiguousarray(mesh.cells), np.ascontiguousarray(mesh.kind),
            group.pair, group.corner, flags, self.density, group.first, group.second, group.weight, size, previous,
        )  # fmt: skip
