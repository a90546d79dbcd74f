"""Straight through crack on a diameter of a disc: hypersingular integral equation, weight functions of both tips.

The opening delta under crack-line traction sigma (skin or membrane value, plane stress) satisfies

    sigma(x) = -(E/4 pi) [ fp int delta(a)/(x - a)^2 da + int delta(a) H(x, a) da ]            membrane
    bending adds  +(E/4 pi) 2/(1 + nu) int lambda^2 r(lambda |x - a|) delta(a) da              (`plate_kernel`)

with H the image in the free rim (`rim_kernel`), solved by Galerkin's method so that Betti's reciprocity holds by
construction.  Interior crack: delta = sqrt(1 - s^2) sum c_j U_j(s) with Chebyshev points of the second kind (Erdogan &
Gupta 1972; hypersingular form Kaya & Erdogan 1987, Q. Appl. Math. 45:105).  Crack that has reached the rim:
delta = sum c_j P_(2j+1)(v), v = sqrt(distance from the tip / length), so that the mouth stays open and the tip keeps
its square root; the finite parts are Legendre functions of the second kind. E = 1 throughout: K does not depend on
it, the opening is per unit modulus.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from deadlight.crack.plate_kernel import decay, shear_kernel, shear_kernel_integral
from deadlight.crack.rim_kernel import Rim
from deadlight.errors import InputError, NotSolved

Array = np.ndarray[Any, np.dtype[np.float64]]

ORDER = 16  # unknowns of the opening; doubled to estimate the error of the discretisation


@dataclass(frozen=True, eq=False)
class Operator:
    """Answer of one geometry to tractions [Pa] at q points and forces per thickness [N/m] at n contact points.

    Attributes
    ----------
    k : (2, q) float [m^0.5]
        K of the rim-side tip (zero once at the rim) and of the inner tip per unit traction.
    k_force : (2, n) float [m^-0.5]
        The same per unit contact force.
    opening : (q, q) float [m]
        Opening times E at the traction points per unit traction.
    gap : (n, q) float [m]
        Opening times E at the contact points per unit traction.
    gap_force : (n, n) float
        Opening times E at the contact points per unit contact force; symmetric, positive definite.
    """

    k: Array
    k_force: Array
    opening: Array
    gap: Array
    gap_force: Array


@dataclass(frozen=True, eq=False)
class LineCrack:
    """One geometry of a straight through crack, solved: tractions in, K and opening out.

    Attributes
    ----------
    outer, inner : float [m]
        Depth below the rim of the rim-side tip (0: the crack has reached the rim) and of the other tip.
    depth, weight : (q,) float [m]
        Points where the traction is taken, and their quadrature weights along the line.
    contact_depth, contact_weight : (n,) float [m]
        Points where the faces may touch, and the length that each one stands for.
    membrane, bending : Operator
        K and openings per unit membrane stress / bending skin stress.
    asymmetry : float
        Largest departure from reciprocity among the lower half of the modes, relative: a check of the quadrature.
    """

    outer: float
    inner: float
    depth: Array
    weight: Array
    contact_depth: Array
    contact_weight: Array
    membrane: Operator
    bending: Operator
    asymmetry: float

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
    shear = 2.0 / (1.0 + nu) * _shear(basis, decay(thickness))
    membrane, first = _operator(basis, plane)
    bending, second = _operator(basis, plane + shear)
    return LineCrack(
        outer,
        inner,
        basis.depth,
        basis.weight,
        basis.contact_depth,
        basis.contact_weight,
        membrane,
        bending,
        max(first, second),
    )


def _operator(basis: _Basis, stress: Array) -> tuple[Operator, float]:
    """Invert the energy matrix of the modes, given their stress (q, n) times 4 pi at the traction points."""
    test = basis.modes.T * basis.weight
    energy = test @ stress / (4.0 * math.pi)
    half = energy[: len(energy) // 2, : len(energy) // 2]
    size = np.sqrt(np.abs(np.diag(half)))
    asymmetry = float((np.abs(half - half.T) / np.outer(size, size)).max())
    try:
        # The stress of a low mode is smooth, that of a high mode has a boundary layer at the mouth that the rule does
        # not resolve: of each pair take the entry that tests the lower mode's stress, and its mirror image.
        factor = cho_factor(np.tril(energy) + np.tril(energy, -1).T)
    except np.linalg.LinAlgError as error:
        raise NotSolved(
            f"crack from {basis.outer:g} m to {basis.inner:g} m below the rim: energy of the opening is not positive"
        ) from error
    from_traction = cho_solve(factor, test)
    from_force = cho_solve(factor, basis.contact_modes.T)
    operator = Operator(
        k=basis.tip @ from_traction,
        k_force=basis.tip @ from_force,
        opening=basis.modes @ from_traction,
        gap=basis.contact_modes @ from_traction,
        gap_force=basis.contact_modes @ from_force,
    )
    return operator, asymmetry


@dataclass(frozen=True, eq=False)
class _Basis:
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
    return np.asarray(kernel @ basis.quad_modes + (total - kernel.sum(axis=1))[:, None] * basis.modes)


@functools.cache
def _gauss(points: int) -> tuple[Array, Array]:
    return np.polynomial.legendre.leggauss(points)


def _panels(edges: Array, points: int) -> tuple[Array, Array]:
    nodes, weights = _gauss(points)
    half, middle = 0.5 * np.diff(edges), 0.5 * (edges[1:] + edges[:-1])
    return (middle[:, None] + half[:, None] * nodes).ravel(), (half[:, None] * weights).ravel()


def _interior_basis(outer: float, inner: float, order: int) -> _Basis:
    """Modes sin((j+1) theta); theta = 0 at the inner tip, pi at the rim-side tip."""
    half = 0.5 * (inner - outer)
    j = np.arange(1, order + 1)
    rows = np.arange(1, 2 * order + 1)
    theta = math.pi * rows / (2 * order + 1.0)
    touch = math.pi * j / (order + 1.0)
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
        weight=half * math.pi / (2 * order + 1.0) * np.sin(theta),
        modes=np.sin(np.outer(theta, j)),
        singular=singular,
        contact_depth=outer + half * (1.0 + np.cos(touch)),
        contact_weight=half * math.pi / (order + 1.0) * np.sin(touch),
        contact_modes=np.sin(np.outer(touch, j)),
        tip=tip_rows,
        quad_depth=outer + 2.0 * half * np.cos(0.5 * angle) ** 2,
        quad_weight=weight * half * np.sin(angle),
        quad_modes=np.sin(np.outer(angle, j)),
        outer=outer,
        inner=inner,
    )


def _edge_basis(inner: float, order: int) -> _Basis:
    """Modes P_(2j+1)(v), v = sqrt(1 - depth/length): 0 at the tip, 1 at the mouth."""
    v, dv = _half_gauss(2 * order)
    touch, dtouch = _half_gauss(order)
    odd = 2 * np.arange(order) + 1
    second = _second_kind(v, 2 * order - 1)
    derivative = odd * (second[:, odd - 1] - v[:, None] * second[:, odd]) / (1.0 - v**2)[:, None]
    panels = max(4, order // 3)
    uniform = np.arange(panels) / panels
    graded = 1.0 - 0.5 ** np.arange(2.0 * math.log2(order) + 10.0) / panels
    u, du = _panels(np.concatenate([uniform[:-1], graded, [1.0]]), 8)
    first = _legendre(np.zeros(1), 2 * order)[0]
    slope_at_tip = odd * first[odd - 1]  # P'_n(0) = n P_(n-1)(0)
    return _Basis(
        depth=inner * (1.0 - v) * (1.0 + v),
        weight=inner * 2.0 * v * dv,
        modes=_legendre(v, 2 * order)[:, odd],
        singular=derivative / (inner * v[:, None]),
        contact_depth=inner * (1.0 - touch) * (1.0 + touch),
        contact_weight=inner * 2.0 * touch * dtouch,
        contact_modes=_legendre(touch, 2 * order)[:, odd],
        tip=np.stack([np.zeros(order), math.sqrt(2.0 * math.pi / inner) / 8.0 * slope_at_tip]),
        quad_depth=inner * (1.0 - u) * (1.0 + u),
        quad_weight=inner * 2.0 * u * du,
        quad_modes=_legendre(u, 2 * order)[:, odd],
        outer=0.0,
        inner=inner,
    )


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
