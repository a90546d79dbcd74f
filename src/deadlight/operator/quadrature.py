"""Rules for integrals over one element and over pairs of elements.

A pair rule is a list of pairs of points, one in each triangle, as barycentric coordinates of both, with weights that
sum to 1/4 (two reference triangles of area 1/2).  Touching pairs: Sauter & Schwab 2011, Boundary Element Methods,
section 5.2 (relative coordinates that cancel 1/R), vertices in common first in both triangles.
"""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.polynomial.legendre import leggauss

from deadlight.surface.mesh import T6

Array = np.ndarray[Any, np.dtype[np.float64]]

Orders = tuple[int, int, int, int]  # points along xi, eta1, eta2, eta3 of Sauter & Schwab


@dataclass(frozen=True, eq=False)
class PairRule:
    """Pairs of points in two triangles.

    Attributes
    ----------
    first, second : (n, 3) float
        Barycentric coordinates in either triangle.
    apart : (n, 3) float
        Their difference, without cancellation where the triangles are the same.
    weight : (n,) float
    """

    first: Array
    second: Array
    apart: Array
    weight: Array


def gauss(n: int) -> tuple[Array, Array]:
    """Gauss-Legendre points and weights on (0, 1)."""
    x, w = leggauss(n)
    return 0.5 * (x + 1.0), 0.5 * w


# Symmetric rules on the triangle (Dunavant 1985, Int. J. Num. Meth. Eng. 21:1129): degree -> (weight, a, b) with
# the points (1 - a - b, a, b) in all orders that differ; weights sum to 1.
_DUNAVANT = {
    2: [(1 / 3, 1 / 6, 1 / 6)],
    4: [
        (0.223381589678011, 0.445948490915965, 0.445948490915965),
        (0.109951743655322, 0.091576213509771, 0.091576213509771),
    ],
    6: [
        (0.116786275726379, 0.249286745170910, 0.249286745170910),
        (0.050844906370207, 0.063089014491502, 0.063089014491502),
        (0.082851075618374, 0.310352451033785, 0.053145049844816),
    ],
    8: [
        (0.144315607677787, 1 / 3, 1 / 3),
        (0.095091634267285, 0.459292588292723, 0.459292588292723),
        (0.103217370534718, 0.170569307751760, 0.170569307751760),
        (0.032458497623198, 0.050547228317031, 0.050547228317031),
        (0.027230314174435, 0.263112829634638, 0.008394777409958),
    ],
}


@functools.cache
def triangle(degree: int) -> tuple[Array, Array]:
    """Points (n, 2) as (s, t) and weights (n,) summing to 1/2, exact to `degree` (beyond 8: collapsed Gauss)."""
    if degree not in _DUNAVANT:
        x, w = gauss(degree // 2 + 1)
        u, v = np.meshgrid(x, x, indexing="ij")
        return np.column_stack([(u * (1 - v)).ravel(), (u * v).ravel()]), (np.outer(w, w) * u).ravel()
    points, weights = [], []
    for weight, a, b in _DUNAVANT[degree]:
        for each in _distinct(set(itertools.permutations((1 - a - b, a, b)))):
            points.append(each[1:])
            weights.append(0.5 * weight)
    total = np.array(weights)
    return np.array(points), 0.5 * total / total.sum()


def _distinct(orders: set[tuple[float, ...]]) -> list[tuple[float, ...]]:
    kept: list[tuple[float, ...]] = []
    for each in sorted(orders):
        if not any(max(abs(p - q) for p, q in zip(each, other)) < 1e-9 for other in kept):
            kept.append(each)
    return kept


@functools.cache
def square(n: int) -> tuple[Array, Array]:
    """n x n Gauss points (n^2, 2) of the unit square and weights summing to 1."""
    x, w = gauss(n)
    s, t = np.meshgrid(x, x, indexing="ij")
    return np.column_stack([s.ravel(), t.ravel()]), np.outer(w, w).ravel()


def element(kind: int, level: int) -> tuple[Array, Array]:
    """Rule of one element at a level of fineness 0, 1, 2 ...: triangle of degree 2, 4, 8, or square of n = 3, 4, 6."""
    if kind == T6:
        return triangle((2, 4, 8, 12, 16)[level])
    return square((3, 4, 6, 8, 10)[level])


def product(first: tuple[Array, Array], second: tuple[Array, Array]) -> PairRule:
    """All pairs of the points of two element rules; (s, t) become the barycentric (1 - s - t, s, t)."""
    i, j = (a.ravel() for a in np.indices((len(first[1]), len(second[1]))))
    a, b = _barycentric(first[0])[i], _barycentric(second[0])[j]
    return PairRule(a, b, a - b, first[1][i] * second[1][j])


def _barycentric(points: Array) -> Array:
    return np.column_stack([1 - points.sum(axis=1), points])


@functools.cache
def touching(common: int, orders: Orders) -> PairRule:
    """Sauter & Schwab's rule for triangles with 1, 2 or 3 vertices in common (5.2.1 to 5.2.3)."""
    grid = np.meshgrid(*[gauss(n)[0] for n in orders], indexing="ij")
    weight = functools.reduce(np.multiply.outer, [gauss(n)[1] for n in orders])
    z, a, b, c = (g.ravel() for g in grid)
    w, one = weight.ravel(), np.ones(weight.size)
    if common == 3:
        jac = z**3 * a**2 * b
        u, v = (one, 1 - a + a * b), (1 - a * b * c, 1 - a)
        x, y = (one, a * (1 - b + b * c)), (1 - a * b, a * (1 - b))
        p, q = (1 - a * b * c, a * (1 - b * c)), (one, a * (1 - b))
        parts = [(f, g, jac) for f, g in ((u, v), (v, u), (x, y), (y, x), (p, q), (q, p))]
        each = [(a * b * c, a * b), (a * b, a * b * c), (-a * b * c, a * b * (1 - c))]
        apart = [(sign * z * dx, sign * z * dy) for dx, dy in each for sign in (1, -1)]
    elif common == 2:
        jac, jacb = z**3 * a**2, z**3 * a**2 * b
        parts = [
            ((one, a * c), (1 - a * b, a * (1 - b)), jac),
            ((one, a), (1 - a * b * c, a * b * (1 - c)), jacb),
            ((1 - a * b, a * (1 - b)), (one, a * b * c), jacb),
            ((1 - a * b * c, a * b * (1 - c)), (one, a), jacb),
            ((1 - a * b * c, a * (1 - b * c)), (one, a * b), jacb),
        ]
    else:
        jac = z**3 * b
        parts = [((one, a), (b, b * c), jac), ((b, b * c), (one, a), jac)]
    first = np.concatenate([_from_corner(z * f[0], z * f[1]) for f, _, _ in parts])
    second = np.concatenate([_from_corner(z * g[0], z * g[1]) for _, g, _ in parts])
    between = first - second
    if common == 3:
        between = np.concatenate([np.column_stack([-dx, dx - dy, dy]) for dx, dy in apart])
    return PairRule(first, second, between, np.concatenate([w * j for _, _, j in parts]))


def _from_corner(x: Array, y: Array) -> Array:
    """Barycentric coordinates in the triangle (0,0), (1,0), (1,1) that Sauter & Schwab use."""
    return np.column_stack([1 - x, x - y, y])
