"""Quadrature rules of the volume integrals of heat: conduction and heat content."""

from __future__ import annotations

import functools
from itertools import permutations
from typing import Any

import numpy as np

from deadlight.mesh.elements import MASS_DEGREE, STIFFNESS_DEGREE, quadrature

Array = np.ndarray[Any, np.dtype[np.float64]]


@functools.cache
def tetrahedron_degree_5() -> tuple[Array, Array]:
    """14 points of degree 5 with positive weights (Walkington 2000, "Quadrature on simplices of arbitrary dimension").

    The consistent mass matrix of tet10 needs degree 4; the conical product rule of that degree has 27 points.
    The parameters are the polished solution of the moment equations (the test checks every monomial).
    """
    points: list[tuple[float, ...]] = []
    weights: list[float] = []
    for a, w in ((0.31088591926330060980, 0.018781320953002641800), (0.092735250310891226402, 0.012248840519393658257)):
        b = 1.0 - 3.0 * a
        points += [(a, a, a), (b, a, a), (a, b, a), (a, a, b)]
        weights += [w] * 4
    a = 0.045503704125649649492
    four = sorted(set(permutations((a, a, 0.5 - a, 0.5 - a))))
    points += [p[:3] for p in four]
    weights += [7.0910034628469110730e-3] * 6
    return np.array(points), np.array(weights)


def conduction_rule(family: str) -> tuple[Array, Array]:
    """Points and weights for grad phi . k grad T."""
    return quadrature(family, STIFFNESS_DEGREE[family])


def content_rule(family: str) -> tuple[Array, Array]:
    """Points and weights for phi rho H(T): exact for phi_i phi_j, so that constant c gives the consistent mass."""
    return tetrahedron_degree_5() if family == "tet" else quadrature(family, MASS_DEGREE[family])
