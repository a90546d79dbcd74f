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

from deadlight.crack.opening_modes import ModeBasis, edge_modes, interior_modes
from deadlight.crack.plate_kernel import decay, shear_kernel, shear_kernel_integral
from deadlight.crack.rim_kernel import Rim
from deadlight.errors import InputError, NotSolved

Array = np.ndarray[Any, np.dtype[np.float64]]

LAYER = 4.0  # boundary-layer lengths 1/lambda of the bent plate that a quadrature panel of eight points may span
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
    def half_length(self) -> float:
        return 0.5 * (self.inner - self.outer)


@functools.lru_cache(maxsize=32)  # a crack is solved again for every estimate of an error of its K
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
    layers = math.ceil(decay(thickness) * (inner - outer) / LAYER)
    basis = edge_modes(inner, order, layers) if outer == 0.0 else interior_modes(outer, inner, order, layers)
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


def _operator(basis: ModeBasis, stress: Array) -> tuple[Operator, float]:
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


def _image(basis: ModeBasis, rim: Rim) -> Array:
    kernel = rim.image(basis.depth[:, None], basis.quad_depth[None, :])
    return np.asarray((kernel * basis.quad_weight) @ basis.quad_modes)


def _shear(basis: ModeBasis, rate: float) -> Array:
    """int lambda^2 r(lambda |x - a|) mode da, with the value at x taken out and integrated in closed form."""
    x = basis.depth[:, None]
    kernel = rate**2 * shear_kernel(rate * (x - basis.quad_depth[None, :])) * basis.quad_weight
    total = rate * (
        shear_kernel_integral(rate * (basis.depth - basis.outer))
        + shear_kernel_integral(rate * (basis.inner - basis.depth))
    )
    return np.asarray(kernel @ basis.quad_modes + (total - kernel.sum(axis=1))[:, None] * basis.modes)
