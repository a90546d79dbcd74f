"""Extra compliance of a plate crack in bending: Reissner's shear-deformable plate against the plane problem.

Transforming Reissner's equations for a half-plate with no twist and no shear force on the crack line (derived from
Reissner 1945, J. Appl. Mech. 12:A69; the crack problem is Knowles & Wang 1960, Hartranft & Sih 1968) gives, between the
skin values of bending stress and opening with wave number k and lambda = sqrt(10)/t,

    sigma_b = (E/4) k [1 + 2/(1 + nu) g(k/lambda)] delta_b,   g(p) = 1 + 2 p^2 - 2 p sqrt(p^2 + 1).

k >> lambda (crack short against the thickness) is the plane problem; k << lambda is Kirchhoff's plate with its factor
(3 + nu)/(1 + nu).  By energy the skin value of K in a thin plate is sqrt((1 + nu)/(3 + nu)) sigma_b sqrt(pi c).
In real space k g(k/lambda) is lambda^2 r(lambda x)/pi with r in modified Bessel functions, below.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.special import k0, k1

Array = np.ndarray[Any, np.dtype[np.float64]]

_SMALL, _LARGE = 0.2, 30.0
_EULER = 0.57721566490153286


def decay(thickness: float) -> float:
    """Reissner's boundary-layer wave number lambda = sqrt(10)/t [1/m]."""
    return math.sqrt(10.0) / thickness


def shear_kernel(x: Array) -> Array:
    """r(x) = int_0^inf k g(k) cos(k x) dk = -1/x^2 + 12/x^4 - 2 K1/x - 6 K2/x^2, about -ln(x/2)/4 at the origin.

    Series below 0.2, spline of the Bessel form (error 1e-9) to 30, without Bessel terms (below 1e-13) beyond.
    """
    x = np.maximum(np.abs(x), 1e-300)
    log_x = np.log(x)
    log = log_x - math.log(2.0) + _EULER
    x2 = np.where(x < _SMALL, x * x, 0.0)
    series = -log / 4.0 - 1.0 / 16.0 + x2 * (13.0 / 192.0 - log / 16.0 + x2 * (191.0 / 36864.0 - 5.0 * log / 1536.0))
    inverse = 1.0 / np.maximum(x, _LARGE) ** 2
    far = inverse * (12.0 * inverse - 1.0)
    between = _spline()(np.clip(log_x, math.log(_SMALL), math.log(_LARGE)))
    return np.where(x < _SMALL, series, np.where(x > _LARGE, far, between))


def bessel_form(x: Array) -> Array:
    """r(x) by its closed form; loses digits below x = 0.1."""
    first = k1(x)
    return (-1.0 + (12.0 / x**2 - 6.0 * (k0(x) + 2.0 * first / x))) / x**2 - 2.0 * first / x


@functools.cache
def _spline() -> CubicSpline:
    log = np.linspace(math.log(_SMALL), math.log(_LARGE), 1200)
    return CubicSpline(log, bessel_form(np.exp(log)))


def shear_kernel_integral(x: Array) -> Array:
    """int_0^x r = 1/x - 4/x^3 + 2 K2/x for x >= 0."""
    small = x < _SMALL
    y = np.where(small, 1.0, np.minimum(x, 600.0))
    value = 1.0 / y - 4.0 / y**3 + 2.0 * (k0(y) + 2.0 * k1(y) / y) / y
    log = np.log(np.maximum(x, 1e-300) / 2.0) + _EULER
    x2 = np.where(small, x * x, 0.0)
    series = x * (3.0 / 16.0 - log / 4.0 + x2 * (17.0 / 576.0 - log / 48.0 + x2 * (43.0 / 36864.0 - log / 1536.0)))
    return np.where(small, series, np.where(x > 600.0, 1.0 / np.maximum(x, 1.0), value))
