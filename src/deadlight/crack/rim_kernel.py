"""Stress that a crack opening sends back from the free rim: closed-form image of a dislocation in a disc.

An edge dislocation (Burgers vector normal to a diameter, density B) at radius a of a disc with a free rim makes on that
diameter sigma(x) = (E / 4 pi) B [1/(x - a) + K1(x, a)].  K1 follows from the complex potentials of Muskhelishvili
(*Some Basic Problems of the Mathematical Theory of Elasticity*, 1963, sections 36 and 80; the solution by images is
Dundurs & Sendeckyj 1965, J. Mech. Phys. Solids 13:141): with R = 1 and D = 1 - a x,

    phi1' = a + x P / D^2,  P = 3 a^2 - 2 + x (a - 2 a^3),     phi1'' = (3 a^2 - 2 - a^3 x) / D^3,
    psi1' = a / D + (3 a - 4 a^3 - x a^2 (1 - 2 a^2)) / D^3,   K1 = phi1' + (x phi1'' + psi1') / 2.

Opening delta and density are B = -d(delta)/da, so the kernel that acts on the opening is H = dK1/da.  H is symmetric
(reciprocity), 1/(x - a) + K1 vanishes for a on the rim, and near the rim H becomes the half-plane's
-(p^2 - 10 p q + q^2) / (p + q)^4 with the depths p, q.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.errors import InputError
from deadlight.finite import UNLIMITED, Rule

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Rim:
    """Free edge that a crack line meets at a right angle; depth is counted from it along the line.

    Attributes
    ----------
    radius : float [m]
        Radius of the disc whose diameter carries the crack; `inf` for a straight edge (half-plane).
    free : bool
        False: no edge at all (infinite sheet), for comparison with handbook and screening formulas.
    """

    radius: float = math.inf
    free: bool = True

    def no_number(self) -> dict[str, Rule]:
        return {"radius": UNLIMITED}

    def __post_init__(self) -> None:
        if not self.radius > 0.0:
            raise InputError(f"rim radius {self.radius:g} m", place="crack line", remedy="give a positive radius")

    @property
    def far_depth(self) -> float:
        """Depth [m] at which the line leaves the body again (`inf` for half-plane and sheet)."""
        return 2.0 * self.radius if self.free else math.inf

    def image(self, p: Array, q: Array) -> Array:
        """Image kernel H [1/m^2] between depths p and q [m], broadcast against each other."""
        if not self.free:
            return np.zeros(np.broadcast_shapes(np.shape(p), np.shape(q)))
        if math.isinf(self.radius):
            return -(p * p - 10.0 * p * q + q * q) / (p + q) ** 4
        return _disc_image(p / self.radius, q / self.radius) / self.radius**2


def _disc_image(p: Array, q: Array) -> Array:
    """H of the unit disc with depths p = 1 - x, q = 1 - a: written in depths so that nothing cancels at the rim."""
    p2, q2, pq = p * p, q * q, p * q
    s = p + q
    numerator = (
        -(p2 - 10.0 * pq + q2)
        + 4.0 * pq * s
        + 6.0 * pq * (p * p2 + q * q2)
        - 8.0 * pq * (p2 + q2)
        - 18.0 * pq * pq
        + 16.0 * pq * pq * s
        - 7.0 * pq * pq * (p2 + q2)
        - 12.0 * pq**3
        + 4.0 * pq**3 * s
        - pq**4
        - 2.0 * (p2 * p2 + q2 * q2)
    )
    return numerator / (s - pq) ** 4
