"""Shapes of stress on a crack's area that the influence tables know, and how any stress is brought to them.

Surface crack: P_i(x/c) P_j(2 z/a - 1); corner crack: P_i(2 x/c - 1) P_j(2 z/a - 1); through crack: P_i(x/c) P_j(2 z/t)
with P Legendre polynomials, x along the face (through: from the crack's middle, towards the rim; a crack
that has reached it is 2 c deep), z the depth below the
face (through: the height over mid-thickness).  Monomials of up to the same degree are exact sums of these; the tables
keep Legendre products because sums of monomials lose digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.polynomial import legendre

Array = np.ndarray[Any, np.dtype[np.float64]]
Kind = Literal["surface", "corner", "through", "edge"]
WHOLE = ("through", "edge")  # through the whole thickness

DEGREE = 6  # i + j of surface and corner cracks
ALONG, ACROSS = 4, 4  # i and j of through cracks


@dataclass(frozen=True)
class Basis:
    """The shapes of one kind of crack, over the unit coordinates X = x/c and Z = z/a (through: 2 z/t)."""

    kind: Kind

    @property
    def modes(self) -> tuple[tuple[int, int], ...]:
        """(i, j) of every shape; the first is (0, 0)."""
        if self.kind in WHOLE:
            return tuple((i, j) for i in range(ALONG + 1) for j in range(ACROSS + 1))
        return tuple((i, d - i) for d in range(DEGREE + 1) for i in range(d + 1))

    def values(self, x: Array, z: Array) -> Array:
        """All shapes at points X, Z (p,) -> (n_modes, p)."""
        i, j = np.array(self.modes).T
        one = legendre.legvander(self._x(x), int(i.max())).T
        two = legendre.legvander(self._z(z), int(j.max())).T
        return np.asarray(one[i] * two[j])

    def monomial(self, i: int, j: int) -> Array:
        """Coefficients (n_modes,) of X^i Z^j.

        Raises
        ------
        KeyError
            The degree is beyond the table's.
        """
        if (i, j) not in self.modes:
            raise KeyError(f"(x/c)^{i} (z/a)^{j} is beyond the degree of the tables")
        one, two = self._power(i, self.kind == "corner"), self._power(j, self.kind not in WHOLE)
        at = {mode: n for n, mode in enumerate(self.modes)}
        out = np.zeros(len(at))
        for p, u in enumerate(one):
            for q, v in enumerate(two):
                if u * v != 0.0:
                    out[at[p, q]] += u * v
        return out

    @staticmethod
    def _power(n: int, shifted: bool) -> Array:
        """u^n in Legendre polynomials of u, or of 2 u - 1."""
        power = np.ones(1)
        for _ in range(n):
            power = np.convolve(power, [0.5, 0.5] if shifted else [0.0, 1.0])
        return np.asarray(legendre.poly2leg(power), dtype=float)

    def _x(self, x: Array) -> Array:
        return 2.0 * x - 1.0 if self.kind == "corner" else x

    def _z(self, z: Array) -> Array:
        return z if self.kind in WHOLE else 2.0 * z - 1.0


@dataclass(frozen=True, eq=False)
class Projection:
    """Least squares over the crack's area.

    Attributes
    ----------
    x, z : (p,) float
        Unit coordinates of the points where the stress is taken; the area's quadrature points.
    matrix : (n_modes, p) float
        Coefficients = matrix @ stress at the points.
    shapes : (n_modes, p) float
    weight : (p,) float
        Of the points, 1 in all.
    """

    x: Array
    z: Array
    matrix: Array
    shapes: Array
    weight: Array

    def departure(self, stress: Array, coefficients: Array) -> Array:
        """Root mean square departure of the fit from the stress (m, p), (m,) [Pa]."""
        return np.asarray(np.sqrt((stress - coefficients @ self.shapes) ** 2 @ self.weight))


def projection(kind: Kind, radial: int = 12, angular: int = 24) -> Projection:
    """Points over a half ellipse, quarter ellipse or rectangle, denser towards the front, and the fit there.

    The weight is r/sqrt(1 - r^2) over an ellipse, much as K weighs a stress: what lies near the front counts most.
    """
    basis = Basis(kind)
    if kind in WHOLE:
        node, weight = legendre.leggauss(radial)
        tip = np.cos(np.pi * (np.arange(angular) + 0.5) / angular)
        x, z = (g.ravel() for g in np.meshgrid(tip, node, indexing="ij"))
        area = np.tile(weight, angular)
    else:
        node, weight = legendre.leggauss(radial)
        root = 0.5 * (node + 1.0)  # sqrt(1 - r^2)
        turn = np.pi if kind == "surface" else 0.5 * np.pi
        angle, share = legendre.leggauss(angular)
        r, phi = (g.ravel() for g in np.meshgrid(np.sqrt(1.0 - root**2), 0.5 * turn * (angle + 1.0), indexing="ij"))
        x, z = r * np.cos(phi), r * np.sin(phi)
        area = np.outer(weight, share).ravel()
    shapes = basis.values(x, z)
    scale = np.sqrt(area)
    matrix = np.linalg.pinv((shapes * scale).T) * scale
    return Projection(x, z, np.asarray(matrix, dtype=float), shapes, np.asarray(area / area.sum(), dtype=float))
