"""A through crack in stretching and bending whose faces may not cross: line contact along the skins.

Under linear through-thickness opening delta_m + zeta delta_b (zeta = 2 z/t) the faces stay apart everywhere when they
stay apart on both skins.  Contact is therefore a line force N(x) >= 0 along a skin (hinge model: Smith & Smith 1970,
Eng. Fract. Mech. 2:315; Jones & Swedlow 1975, Int. J. Fract. 11:201; Young & Sun 1992, Int. J. Fract. 55:81).  With p
= N/t it acts as membrane traction p and, at arm t/2, as bending skin stress 3 p; both skins together:

    gap(+-) = A_m (m + p+ + p-) +- A_b (b + 3 (p+ - p-)) >= 0,   p >= 0,   p gap = 0,

a linear complementarity problem, symmetric and positive definite in the nodal forces.  A skin that closes raises the
membrane K and lowers the bending K; a crack shut by compression gets K = 0.  No slice of the thickness is treated
alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import nnls

from deadlight import _skins
from deadlight.crack.disc import LineCrack
from deadlight.errors import NotSolved

Array = np.ndarray[Any, np.dtype[np.float64]]

_ITERATIONS = 30
_NEGATIVE = 1e-6  # gap left, as a share of the largest, above which contact is not solved
_SLACK = 1e-9  # of the largest gap of an instant: what faces may overlap by
_CANCELLED = 1e-9  # of K of the stress by itself: what is left of it beside that of the contact is rounding


@dataclass(frozen=True, eq=False)
class Opening:
    """K and opening of one crack geometry at several instants, contact included.

    Attributes
    ----------
    membrane, bending : (m, 2) float [Pa m^0.5]
        K_m and skin value K_b, K(zeta) = K_m + zeta K_b; column 0 rim-side tip, column 1 inner tip.
    closed_plus, closed_minus : (m,) float
        Share of the crack's length that is shut on the skin zeta = +1 / -1.
    area : (m,) float [m^2 Pa]
        Slit area at mid-thickness times Young's modulus.
    pressure_plus, pressure_minus : (m, n) float [Pa]
        Between the skins at the contact points, over the whole thickness.
    """

    membrane: Array
    bending: Array
    closed_plus: Array
    closed_minus: Array
    area: Array
    pressure_plus: Array
    pressure_minus: Array

    @property
    def front_max(self) -> Array:
        """Largest K through the thickness, (m, 2) [Pa m^0.5]; zero when the whole front is shut."""
        return np.maximum(self.membrane + np.abs(self.bending), 0.0)

    @property
    def front_energy(self) -> Array:
        """Energy mean sqrt(K_m^2 + K_b^2/3) through the thickness, (m, 2) [Pa m^0.5], zero for K_m < 0."""
        return np.where(self.membrane > 0.0, np.hypot(self.membrane, self.bending / np.sqrt(3.0)), 0.0)


def opened(crack: LineCrack, membrane: Array, bending: Array, *, contact: bool = True) -> Opening:
    """Solve the contact of both skins at every instant.

    Parameters
    ----------
    crack : LineCrack
        Solved geometry with q traction points.
    membrane, bending : (m, q) float [Pa]
        Stress normal to the crack there: thickness mean and skin value of the linear part (zeta = +1).
    contact : bool
        False lets the faces cross, for comparison.

    Raises
    ------
    NotSolved
        The complementarity problem was not solved at an instant.
    """
    mem, ben = crack.membrane, crack.bending
    flat, tilt = membrane @ mem.gap.T, bending @ ben.gap.T
    free = np.concatenate([flat + tilt, flat - tilt], axis=1)
    force = np.zeros_like(free)
    scale = np.abs(free).max(axis=1, initial=0.0)
    shut = (free < -_SLACK * scale[:, None]).any(axis=1) if contact else np.zeros(len(free), dtype=bool)
    if shut.any():
        plus, minus = mem.gap_force + 3.0 * ben.gap_force, mem.gap_force - 3.0 * ben.gap_force
        force[shut] = complementary(np.block([[plus, minus], [minus, plus]]), free[shut])
    plus, minus = np.split(force, 2, axis=1)
    share = crack.contact_weight / crack.contact_weight.sum()
    stretched, bent = membrane @ mem.k.T, bending @ ben.k.T
    # a front that is shut has no K, not one of rounding: what goes by the sign of K must not take it for open
    least = _CANCELLED * (np.abs(stretched) + np.abs(bent))
    k_membrane = stretched + (plus + minus) @ mem.k_force.T
    k_bending = bent + 3.0 * (plus - minus) @ ben.k_force.T
    return Opening(
        np.where(np.abs(k_membrane) > least, k_membrane, 0.0),
        np.where(np.abs(k_bending) > least, k_bending, 0.0),
        (plus > 0.0) @ share,
        (minus > 0.0) @ share,
        np.maximum((flat + (plus + minus) @ mem.gap_force.T) @ crack.contact_weight, 0.0),
        plus / crack.contact_weight,
        minus / crack.contact_weight,
    )


def complementary(matrix: Array, free: Array) -> Array:
    """Forces f >= 0 with gap = free + matrix f >= 0 and f gap = 0, for many `free` at once.

    Primal-dual active set, an instant after the other; one that cycles is solved as non-negative least squares.

    Parameters
    ----------
    matrix : (k, k) float
        Symmetric positive definite.
    free : (m, k) float
        Gap without contact.
    """
    matrix, free = np.ascontiguousarray(matrix), np.ascontiguousarray(free)
    force, solved = _skins.complementary(matrix, free, _ITERATIONS, _SLACK)
    todo = np.flatnonzero(~solved)
    if not len(todo):
        return force
    factor = np.linalg.cholesky(matrix)
    for row in todo:  # few: only instants whose active set cycled
        force[row] = nnls(factor.T, -np.linalg.solve(factor, free[row]))[0]
    gap = free[todo] + force[todo] @ matrix.T
    below = gap.min(axis=1) / np.maximum(np.abs(free[todo]).max(axis=1), 1e-300)
    if (below < -_NEGATIVE).any():
        worst = int(below.argmin())
        raise NotSolved(
            f"contact of the crack faces was not solved at {int((below < -_NEGATIVE).sum())} of {len(free)} instants: "
            f"a gap of {below[worst]:.2g} of the largest is left at instant {todo[worst]} (limit {-_NEGATIVE:g})"
        )
    return force
