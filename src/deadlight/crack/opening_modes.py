"""Opening modes of a straight crack and their finite-part integrals: square-root tips, closed or open at the rim.

Interior crack: sin((j+1) theta) on s = cos(theta), that is sqrt(1 - s^2) U_j(s).  Crack from the rim: P_(2j+1)(v) with
v = sqrt(1 - depth/length).  Each set brings two quadrature rules: one for tractions, one graded to the rim for the
image kernel.  All tables depend on the number of modes only and are kept; a geometry scales them.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, eq=False)
class ModeBasis:
    """Opening modes of one geometry: values at traction and quadrature points, finite parts, tip rows."""

    depth: Array  # (q,) traction points
    weight: Array  # (q,) quadrature weights there
    modes: Array  # (q, n) modes at the traction points
    singular: Array  # (q, n) -fp int mode/(x - a)^2
    contact_depth: Array  # (n,)
    contact_weight: Array  # (n,)
    contact_modes: Array  # (n, n)
    tip: Array  # (2, n) K of each mode
    quad_depth: Array  # (p,) inner quadrature points, graded to the rim
    quad_weight: Array  # (p,)
    quad_modes: Array  # (p, n)
    outer: float
    inner: float


def interior_modes(outer: float, inner: float, order: int, layers: int) -> ModeBasis:
    """Modes of a crack with two tips; theta = 0 at the inner tip, pi at the rim-side tip.

    `layers` is the least number of quadrature panels (boundary layers of the bent plate along the crack).
    """
    half = 0.5 * (inner - outer)
    # grade the panels to the rim-side tip down to the ligament's own size, where the image kernel is steep
    levels = max(4, math.ceil(math.log2(math.pi / math.sqrt(outer / half))) + 2) if outer < half else 4
    unit = _unit_interior(order, levels, max(4, order // 4, layers))
    return replace(
        unit,
        depth=outer + half * unit.depth,
        weight=half * unit.weight,
        singular=unit.singular / half,
        contact_depth=outer + half * unit.contact_depth,
        contact_weight=half * unit.contact_weight,
        tip=unit.tip / math.sqrt(half),
        quad_depth=outer + half * unit.quad_depth,
        quad_weight=half * unit.quad_weight,
        outer=outer,
        inner=inner,
    )


def edge_modes(inner: float, order: int, layers: int) -> ModeBasis:
    """Modes of a crack that starts at the rim: v = 0 at the tip, 1 at the mouth."""
    unit = _unit_edge(order, max(4, order // 3, layers))
    return replace(
        unit,
        depth=inner * unit.depth,
        weight=inner * unit.weight,
        singular=unit.singular / inner,
        contact_depth=inner * unit.contact_depth,
        contact_weight=inner * unit.contact_weight,
        tip=unit.tip / math.sqrt(inner),
        quad_depth=inner * unit.quad_depth,
        quad_weight=inner * unit.quad_weight,
        inner=inner,
    )


@functools.cache
def _unit_interior(order: int, levels: int, panels: int) -> ModeBasis:
    """Half length 1, depth counted from the rim-side tip."""
    j = np.arange(1, order + 1)
    theta = math.pi * np.arange(1, 2 * order + 1) / (2 * order + 1.0)
    touch = math.pi * j / (order + 1.0)
    slope = math.sqrt(math.pi) / 4.0 * j
    graded = math.pi - math.pi / panels * 0.5 ** np.arange(levels + 1)
    angle, weight = _panels(np.concatenate([math.pi * np.arange(panels - 1) / panels, graded, [math.pi]]), 8)
    return ModeBasis(
        depth=2.0 * np.cos(0.5 * theta) ** 2,
        weight=math.pi / (2 * order + 1.0) * np.sin(theta),
        modes=np.sin(np.outer(theta, j)),
        singular=math.pi * j * np.sin(np.outer(theta, j)) / np.sin(theta)[:, None],
        contact_depth=2.0 * np.cos(0.5 * touch) ** 2,
        contact_weight=math.pi / (order + 1.0) * np.sin(touch),
        contact_modes=np.sin(np.outer(touch, j)),
        tip=np.stack([slope * (-1.0) ** (j - 1), slope]),
        quad_depth=2.0 * np.cos(0.5 * angle) ** 2,
        quad_weight=weight * np.sin(angle),
        quad_modes=np.sin(np.outer(angle, j)),
        outer=0.0,
        inner=2.0,
    )


@functools.cache
def _unit_edge(order: int, panels: int) -> ModeBasis:
    """Length 1."""
    v, dv = _half_gauss(2 * order)
    touch, dtouch = _half_gauss(order)
    odd = 2 * np.arange(order) + 1
    second = _second_kind(v, 2 * order - 1)
    derivative = odd * (second[:, odd - 1] - v[:, None] * second[:, odd]) / (1.0 - v**2)[:, None]
    graded = 1.0 - 0.5 ** np.arange(2.0 * math.log2(order) + 10.0) / panels
    u, du = _panels(np.concatenate([np.arange(panels - 1) / panels, graded, [1.0]]), 8)
    first = _legendre(np.zeros(1), 2 * order)[0]
    slope_at_tip = odd * first[odd - 1]  # P'_n(0) = n P_(n-1)(0)
    return ModeBasis(
        depth=(1.0 - v) * (1.0 + v),
        weight=2.0 * v * dv,
        modes=_legendre(v, 2 * order)[:, odd],
        singular=derivative / v[:, None],
        contact_depth=(1.0 - touch) * (1.0 + touch),
        contact_weight=2.0 * touch * dtouch,
        contact_modes=_legendre(touch, 2 * order)[:, odd],
        tip=np.stack([np.zeros(order), math.sqrt(2.0 * math.pi) / 8.0 * slope_at_tip]),
        quad_depth=(1.0 - u) * (1.0 + u),
        quad_weight=2.0 * u * du,
        quad_modes=_legendre(u, 2 * order)[:, odd],
        outer=0.0,
        inner=1.0,
    )


@functools.cache
def _gauss(points: int) -> tuple[Array, Array]:
    return np.polynomial.legendre.leggauss(points)


def _panels(edges: Array, points: int) -> tuple[Array, Array]:
    nodes, weights = _gauss(points)
    half, middle = 0.5 * np.diff(edges), 0.5 * (edges[1:] + edges[:-1])
    return (middle[:, None] + half[:, None] * nodes).ravel(), (half[:, None] * weights).ravel()


def _half_gauss(points: int) -> tuple[Array, Array]:
    """Positive half of the Gauss-Legendre rule with twice as many points."""
    nodes, weights = _gauss(2 * points)
    return nodes[points:], weights[points:]


def _legendre(v: Array, degree: int) -> Array:
    """Legendre polynomials P_0 ... P_degree, shape (len(v), degree + 1)."""
    return np.asarray(np.polynomial.legendre.legvander(v, degree), dtype=np.float64)


def _second_kind(v: Array, degree: int) -> Array:
    """Legendre functions of the second kind Q_0 ... Q_degree on (-1, 1), shape (len(v), degree + 1)."""
    table = np.empty((len(v), degree + 1))
    table[:, 0] = np.arctanh(v)
    table[:, 1] = v * table[:, 0] - 1.0
    for n in range(1, degree):
        table[:, n + 1] = ((2 * n + 1) * v * table[:, n] - n * table[:, n - 1]) / (n + 1)
    return table
