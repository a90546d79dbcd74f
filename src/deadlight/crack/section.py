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
Index = np.ndarray[Any, np.dtype[np.int64]]

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
    higher : (m, n_line, ACROSS - 1) float or None [Pa]
        Coefficients of the Legendre polynomials P_2 ... of zeta in what is left.
    stress : (m, n_line, n_thick) float or None [Pa]
        What was taken apart; None: nothing is left beyond stretching and bending.
    """

    membrane: Array
    bending: Array
    higher: Array | None = None
    stress: Array | None = None

    def residual(self, instants: Index, along: Index, *, beyond: bool = False) -> Array:
        """Largest magnitude over the sampled thickness of what is neither stretching nor bending. (k, l) [Pa].

        Parameters
        ----------
        instants, along : (k,), (l,) int
            Of the history, of the line.
        beyond : bool
            Without `higher` too.
        """
        rows = np.ix_(instants, along)
        if self.stress is None:
            return np.zeros((len(instants), len(along)))
        zeta, _ = thickness_rule(self.stress.shape[-1])
        left = self.stress[rows] - self.membrane[rows][..., None] - self.bending[rows][..., None] * zeta
        if beyond and self.higher is not None:
            left = left - self.higher[rows] @ _across(len(zeta))[:, 2:].T
        return np.asarray(np.abs(left).max(axis=-1))


@functools.cache
def thickness_rule(points: int) -> tuple[Array, Array]:
    """Gauss-Legendre points zeta in (-1, 1), ascending, and weights that add up to 1."""
    zeta, weight = np.polynomial.legendre.leggauss(points)
    return zeta, 0.5 * weight


@functools.cache
def _across(points: int) -> Array:
    """Legendre polynomials of zeta, up to those that the influence tables hold. (points, degrees)."""
    zeta, _ = thickness_rule(points)
    return np.asarray(np.polynomial.legendre.legvander(zeta, min(ACROSS, points - 1)))


def decompose(stress: Array) -> Section:
    """Take stress (m, n_line, n_thick) [Pa] at the points of `thickness_rule(n_thick)` apart."""
    _, weight = thickness_rule(stress.shape[-1])
    shapes = _across(stress.shape[-1])
    parts = stress @ (weight[:, None] * shapes * (2 * np.arange(shapes.shape[1]) + 1))
    membrane, bending = np.ascontiguousarray(parts[..., 0]), np.ascontiguousarray(parts[..., 1])
    return Section(membrane, bending, np.ascontiguousarray(parts[..., 2:]), stress)


def residual_bound(residual: Array, *, half_length: float, thickness: float) -> Array:
    """Bound on |K| of the residual part [Pa m^0.5], from its largest magnitude [Pa] along the crack."""
    return SKIN_FACTOR * residual * min(math.sqrt(math.pi * half_length), math.sqrt(thickness / math.pi))
