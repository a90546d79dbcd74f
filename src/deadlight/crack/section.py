"""Stress across the pane's thickness on the crack line: stretching, bending and the part that is neither.

The residual is in self-equilibrium over the thickness, so it acts on the front only from within about a thickness:
a traction s cos(k z) on a half-plane crack gives K = s sqrt(2/k) cos(k z) (integrate the point-force weight function
sqrt(2 x)/(pi^1.5 (x^2 + z^2)), Tada, Paris & Irwin).  The longest wave that is in self-equilibrium is k = 2 pi/t,
K = s sqrt(t/pi); a crack shorter than that has at most s sqrt(pi c); 1.12 allows for the free skins.  The bound goes
into the error band of K, not into K.  Where the influence tables hold, the residual's Legendre parts up to the fourth
are answered by them, and only what is left of it is bounded.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.crack.influence_basis import ACROSS

Array = np.ndarray[Any, np.dtype[np.float64]]

SKIN_FACTOR = 1.12


@dataclass(frozen=True, eq=False)
class Section:
    """Crack-line stress taken apart; zeta = 2 z/t runs from -1 (inner face) to +1 (outer face).

    Attributes
    ----------
    membrane : (m, n_line) float [Pa]
        Mean over the thickness.
    bending : (m, n_line) float [Pa]
        Linear part, value at zeta = +1.
    residual : (m, n_line) float [Pa]
        Largest magnitude of what is left over the sampled thickness.
    higher : (m, n_line, ACROSS - 1) float or None [Pa]
        Coefficients of the Legendre polynomials P_2 ... of zeta in what is left.
    rest : (m, n_line) float or None [Pa]
        Largest magnitude of what is left without them.
    """

    membrane: Array
    bending: Array
    residual: Array
    higher: Array | None = None
    rest: Array | None = None


@functools.cache
def thickness_rule(points: int) -> tuple[Array, Array]:
    """Gauss-Legendre points zeta in (-1, 1), ascending, and weights that add up to 1."""
    zeta, weight = np.polynomial.legendre.leggauss(points)
    return zeta, 0.5 * weight


def decompose(stress: Array) -> Section:
    """Take stress (m, n_line, n_thick) [Pa] at the points of `thickness_rule(n_thick)` apart."""
    zeta, weight = thickness_rule(stress.shape[-1])
    membrane = stress @ weight
    bending = 3.0 * (stress @ (weight * zeta))
    left = stress - membrane[..., None] - bending[..., None] * zeta
    degree = np.arange(2, min(ACROSS + 1, len(zeta)))
    legendre = np.polynomial.legendre.legvander(zeta, ACROSS)[:, degree]
    higher = (left * weight) @ legendre * (2 * degree + 1)
    rest = np.abs(left - higher @ legendre.T).max(axis=-1)
    return Section(membrane, bending, np.abs(left).max(axis=-1), higher, rest)


def residual_bound(residual: Array, *, half_length: float, thickness: float) -> Array:
    """Bound on |K| of the residual part [Pa m^0.5], from its largest magnitude [Pa] along the crack."""
    return SKIN_FACTOR * residual * min(math.sqrt(math.pi * half_length), math.sqrt(thickness / math.pi))
