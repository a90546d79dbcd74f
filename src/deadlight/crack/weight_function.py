"""Weight functions of surface and corner cracks for any stress sigma(x) over the depth.

Form of Shen & Glinka 1991 (Theor. Appl. Fract. Mech. 15:247; Glinka & Shen 1991, Eng. Fract. Mech. 40:1135):

    deepest   m_A = 2/sqrt(2 pi (a - x)) [1 + M1 (1 - x/a)^(1/2) + 3 (1 - x/a) + M3 (1 - x/a)^(3/2)]
    surface   m_B = 2/sqrt(pi x) [1 + M1 (x/a)^(1/2) + M2 (x/a) + M3 (x/a)^(3/2)],   1 + M1 + M2 + M3 = 0

K = int_0^a sigma m dx.  The two free constants follow from uniform and linear stress: Newman & Raju's tension, and
their bending with the linear part brought to the half-space values of a hypersingular (Mindlin) solution at a/c 0.6
and 1 and the edge crack at a/c 0 (deepest: 0.663, 0.708, 0.609 of uniform), and to boundary-element and conforming
finite-element values at a/t 0.6.  The surface point stands for phi = 10 degrees: nearer to the face K is not a
square-root field. Accuracy against the same solutions: uniform 2 % to 4 % (nu 0.3), gradients 2 % deepest, 5 %
surface; validity a/c 0.2 to 2, a/t <= 0.8 (`PlateCrack.warnings`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from deadlight.crack.newman_raju import PlateCrack, corner_k, surface_k

Array = np.ndarray[Any, np.dtype[np.float64]]

Kind = Literal["surface", "corner"]
POINTS = 24
SURFACE_ANGLE = math.radians(10.0)
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(POINTS)
_U, _DU = 0.5 * (_NODES + 1.0), 0.5 * _WEIGHTS


@dataclass(frozen=True, eq=False)
class DepthRule:
    """K = row @ sigma(x).

    Attributes
    ----------
    x : (q,) float [m]
        Depths below the face.
    row : (q,) float [m^0.5]
    """

    x: Array
    row: Array


def deepest_rule(crack: PlateCrack, kind: Kind = "surface") -> DepthRule:
    """Weight function of the deepest point (corner crack: the front 10 degrees off the rim face)."""
    uniform, linear = _references(crack, kind, deepest=True)
    scale = 4.0 * crack.a / math.sqrt(2.0 * math.pi * crack.a)
    # x/a = 1 - u^2; int (1 + M1 u + 3 u^2 + M3 u^3) du and the same times 1 - u^2
    matrix = np.array([[1.0 / 2.0, 1.0 / 4.0], [1.0 / 4.0, 1.0 / 12.0]])
    m1, m3 = np.linalg.solve(matrix, np.array([uniform / scale - 2.0, linear / scale - 2.0 / 3.0 - 6.0 / 15.0]))
    row = scale * _DU * (1.0 + m1 * _U + 3.0 * _U**2 + m3 * _U**3)
    return DepthRule(crack.a * (1.0 - _U**2), row)


def surface_rule(crack: PlateCrack, kind: Kind = "surface") -> DepthRule:
    """Weight function of the surface point, 10 degrees below the face."""
    uniform, linear = _references(crack, kind, deepest=False)
    scale = 4.0 * crack.a / math.sqrt(math.pi * crack.a)
    matrix = np.array([[1.0 / 2.0, 1.0 / 3.0, 1.0 / 4.0], [1.0 / 4.0, 1.0 / 5.0, 1.0 / 6.0], [1.0, 1.0, 1.0]])
    known = np.array([uniform / scale - 1.0, linear / scale - 1.0 / 3.0, -1.0])
    m1, m2, m3 = np.linalg.solve(matrix, known)
    row = scale * _DU * (1.0 + m1 * _U + m2 * _U**2 + m3 * _U**3)
    return DepthRule(crack.a * _U**2, row)


def _references(crack: PlateCrack, kind: Kind, *, deepest: bool) -> tuple[float, float]:
    """K [m^0.5] for sigma = 1 and sigma = x/a at the point."""
    equation = corner_k if kind == "corner" else surface_k
    deep_angle = 0.5 * math.pi - (SURFACE_ANGLE if kind == "corner" else 0.0)
    tension, bending = equation(crack, deep_angle if deepest else SURFACE_ANGLE)
    # bending 1 - 2 x/t = uniform - (2 a/t) linear
    linear = (tension - bending) * crack.t / (2.0 * crack.a)
    if kind == "surface":
        linear *= _linear_correction(crack, deepest=deepest)
    return tension, linear


def _linear_correction(crack: PlateCrack, *, deepest: bool) -> float:
    """Measured over Newman & Raju's ratio of linear to uniform K; see the module's head."""
    x, a_t = min(crack.a / crack.c, 1.0), crack.a / crack.t
    if deepest:
        return 0.998 + 0.0295 * x + 0.0295 * x * x - 0.08 * a_t
    return 0.54 + 0.285 * x + 0.25 * a_t
