"""Straight through crack on a diameter of a disc: singular integral equation, weight functions of both tips.

The opening delta under crack-line traction sigma (skin or membrane value, plane stress) satisfies

    sigma(x) = -(E/4 pi) [ fp int delta(a)/(x - a)^2 da + int delta(a) H(x, a) da ]            membrane
    bending adds  +(E/4 pi) 2/(1 + nu) int lambda^2 r(lambda |x - a|) delta(a) da              (`plate_kernel`)

with H the image in the free rim (`rim_kernel`).  Interior crack: delta = sqrt(1 - s^2) sum c_j U_j(s),
collocated at the Chebyshev points of the second kind (Erdogan & Gupta 1972; hypersingular form Kaya & Erdogan 1987, Q. Appl. Math.
45:105).  Crack that has reached the rim: delta = sum c_j P_(2j+1)(v), v = sqrt(distance from the tip / length), so
that the mouth stays open and the tip keeps its square root; the finite parts are Legendre functions of the second kind.
E = 1 throughout: K does not depend on it, the opening is per unit modulus.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.crack.plate_kernel import decay, shear_kernel, shear_kernel_integral
from deadlight.crack.rim_kernel import Rim
from deadlight.errors import InputError, NotSolved

Array = np.ndarray[Any, np.dtype[np.float64]]

ORDER = 24  # unknowns of the opening; doubled to estimate the error of the discretisation


@dataclass(frozen=True, eq=False)
class LineCrack:
    """One geometry of a straight through crack, solved: tractions in, K and opening out.

    Attributes
    ----------
    outer, inner : float [m]
        Depth below the rim of the rim-side tip (0: the crack has reached the rim) and of the other tip.
    depth : (n,) float [m]
        Collocation points, where the traction is taken.
    weight : (n,) float [m]
        Quadrature weight of each point along the line.
    membrane_k, bending_k : (2, n) float [m^0.5]
        K per unit membrane / bending skin stress at the collocation points; row 0 rim-side tip, row 1 inner tip.
        Row 0 is zero for a crack that has reached the rim.
    membrane_opening, bending_opening : (n, n) float [m/Pa * Pa]
        Opening times E at the collocation points per unit stress there (bending: skin values).
    """

    outer: float
    inner: float
    depth: Array
    weight: Array
    membrane_k: Array
    bending_k: Array
    membrane_opening: Array
    bending_opening: Array

    @property
    def at_rim(self) -> bool:
        return self.outer <= 0.0

    @property
    def half_length(self) -> float:
        return 0.5 * (self.inner - self.outer)


def line_crack(outer: float, inner: float, *, rim: Rim, thickness: float, nu: float, order: int = ORDER) -> LineCrack:
    """Solve one geometry.

    Parameters
    ----------
    outer, inner : float [m]
        Depths of the tips below the rim, outer < inner; outer = 0 means an edge crack.
    rim : Rim
        Free edge.
    thickness : float [m]
        Of the pane, for the bending problem.
    nu : float
        Poisson's ratio.
    order : int
        Number of unknowns.

    Raises
    ------
    InputError
        Tips out of order or outside the body.
    NotSolved
        The equations lost their rank.
    """
    if not (0.0 <= outer < inner < rim.far_depth):
        raise InputError(
            f"crack from {outer * 1e3:.4g} mm to {inner * 1e3:.4g} mm below the rim,"
            f" pane {rim.far_depth * 1e3:.4g} mm across",
            place="crack line",
            remedy="keep both tips inside the pane",
        )
    if outer == 0.0 and not rim.free:
        raise InputError("an infinite sheet has no rim to reach", place="crack line", remedy="give the pane's rim")
    basis = _edge_basis(inner, order) if outer == 0.0 else _interior_basis(outer, inner, order)
    plane = basis.singular - _image(basis, rim)
    shear = _shear(basis, decay(thickness))
    factor = 1.0 / (4.0 * math.pi)
    systems = (factor * plane, factor * (plane + 2.0 / (1.0 + nu) * shear))
    try:
        inverse = [np.linalg.inv(matrix) for matrix in systems]
    except np.linalg.LinAlgError as error:
        raise NotSolved(f"crack from {outer:g} m to {inner:g} m: singular integral equation lost its rank") from error
    return LineCrack(
        outer,
        inner,
        basis.depth,
        basis.weight,
        basis.tip @ inverse[0],
        basis.tip @ inverse[1],
        basis.at_points @ inverse[0],
        basis.at_points @ inverse[1],
    )


@dataclass(frozen=True, eq=False)
class _Basis:
    """Opening modes of one geometry: values at collocation points and quadrature points, finite parts, tip rows."""

    depth: Array  # (n,) collocation points
    weight: Array  # (n,) quadrature weights there
    at_points: Array  # (n, n) modes at the collocation points
    singular: Array  # (n, n) -fp int mode/(x - a)^2
    tip: Array  # (2, n) K of each mode
    quad_depth: Array  # (q,) quadrature points, graded to the rim
    quad_weight: Array  # (q,)
    quad_modes: Array  # (q, n)
    outer: float
    inner: float


def _image(basis: _Basis, rim: Rim) -> Array:
    kernel = rim.image(basis.depth[:, None], basis.quad_depth[None, :])
    return np.asarray((kernel * basis.quad_weight) @ basis.quad_modes)


def _shear(basis: _Basis, rate: float) -> Array:
    """int lambda^2 r(lambda |x - a|) mode da, with the value at x taken out and integrated in closed form."""
    x = basis.depth[:, None]
    kernel = rate**2 * shear_kernel(rate * (x - basis.quad_depth[None, :])) * basis.quad_weight
    total = rate * (
        shear_kernel_integral(rate * (basis.depth - basis.outer))
        + shear_kernel_integral(rate * (basis.inner - basis.depth))
    )
    return np.asarray(kernel @ basis.quad_modes + (total - kernel.sum(axis=1))[:, None] * basis.at_points)


def _panels(edges: Array, points: int) -> tuple[Array, Array]:
    nodes, weights = np.polynomial.legendre.leggauss(points)
    half, middle = 0.5 * np.diff(edges), 0.5 * (edges[1:] + edges[:-1])
    return (middle[:, None] + half[:, None] * nodes).ravel(), (half[:, None] * weights).ravel()


def _interior_basis(outer: float, inner: float, order: int) -> _Basis:
    """Modes sin((j+1) theta); theta = 0 at the inner tip, pi at the rim-side tip."""
    half = 0.5 * (inner - outer)
    j = np.arange(1, order + 1)
    theta = math.pi * j / (order + 1.0)
    singular = math.pi * j * np.sin(np.outer(theta, j)) / np.sin(theta)[:, None] / half
    slope = math.sqrt(math.pi / half) / 4.0 * j
    # grade the panels to the rim-side tip down to the ligament's own size, where the image kernel is steep
    levels = max(4, math.ceil(math.log2(math.pi / math.sqrt(outer / half))) + 2) if outer < half else 4
    panels = max(4, order // 4)
    uniform = math.pi * np.arange(panels) / panels
    graded = math.pi - math.pi / panels * 0.5 ** np.arange(levels + 1)
    angle, weight = _panels(np.concatenate([uniform[:-1], graded, [math.pi]]), 8)
    tip_rows = np.stack([slope * (-1.0) ** (j - 1), slope])
    return _Basis(
        depth=outer + half * (1.0 + np.cos(theta)),
        weight=half * math.pi / (order + 1.0) * np.sin(theta),
        at_points=np.sin(np.outer(theta, j)),
        singular=singular,
        tip=tip_rows,
        quad_depth=outer + 2.0 * half * np.cos(0.5 * angle) ** 2,
        quad_weight=weight * half * np.sin(angle),
        quad_modes=np.sin(np.outer(angle, j)),
        outer=outer,
        inner=inner,
    )


def _edge_basis(inner: float, order: int) -> _Basis:
    """Modes P_(2j+1)(v), v = sqrt(1 - depth/length): 0 at the tip, 1 at the mouth."""
    nodes, weights = np.polynomial.legendre.leggauss(2 * order)
    v, dv = nodes[order:], weights[order:]
    odd = 2 * np.arange(order) + 1
    second = _second_kind(v, 2 * order - 1)
    derivative = odd * (second[:, odd - 1] - v[:, None] * second[:, odd]) / (1.0 - v**2)[:, None]
    panels = max(4, order // 3)
    uniform = np.arange(panels) / panels
    graded = 1.0 - 0.5 ** np.arange(2.0 * math.log2(order) + 8.0) / panels
    u, du = _panels(np.concatenate([uniform[:-1], graded, [1.0]]), 8)
    first = np.polynomial.legendre.legvander(np.zeros(1), 2 * order)[0]
    slope_at_tip = odd * first[odd - 1]  # P'_n(0) = n P_(n-1)(0)
    return _Basis(
        depth=inner * (1.0 - v) * (1.0 + v),
        weight=inner * 2.0 * v * dv,
        at_points=np.polynomial.legendre.legvander(v, 2 * order)[:, odd],
        singular=derivative / (inner * v[:, None]),
        tip=np.stack([np.zeros(order), math.sqrt(2.0 * math.pi / inner) / 8.0 * slope_at_tip]),
        quad_depth=inner * (1.0 - u) * (1.0 + u),
        quad_weight=inner * 2.0 * u * du,
        quad_modes=np.polynomial.legendre.legvander(u, 2 * order)[:, odd],
        outer=0.0,
        inner=inner,
    )


def _second_kind(v: Array, degree: int) -> Array:
    """Legendre functions of the second kind Q_0 ... Q_degree on (-1, 1), shape (len(v), degree + 1)."""
    table = np.empty((len(v), degree + 1))
    table[:, 0] = np.arctanh(v)
    table[:, 1] = v * table[:, 0] - 1.0
    for n in range(1, degree):
        table[:, n + 1] = ((2 * n + 1) * v * table[:, n] - n * table[:, n - 1]) / (n + 1)
    return table
