"""Stress intensity factors known in closed form, for cracks in a solid without end.

Signs as everywhere (b ahead, n from - to +, t = b x n): for a crack in the plane z = 0 with n = +z and a traction along
+x on its + face, K_II > 0 where b = +x and K_III > 0 where b = +y.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import ellipe, ellipk

Array = np.ndarray[Any, np.dtype[np.float64]]


def penny_tension(sigma: float, a: float) -> float:
    """K_I of a penny of radius a under tension [Pa m^0.5] (Sneddon 1946, Proc. R. Soc. A 187:229)."""
    return float(2.0 * sigma * np.sqrt(a / np.pi))


def penny_opening(r: Array, sigma: float, a: float, young: float, nu: float) -> Array:
    """Opening of a penny under tension at radii r [m]: 8 (1 - nu^2) sigma sqrt(a^2 - r^2) / (pi E) (Sneddon 1946)."""
    return np.asarray(8.0 * (1.0 - nu**2) * sigma / (np.pi * young) * np.sqrt(np.maximum(a**2 - r**2, 0.0)))


def penny_linear(theta: Array, p0: float, p1: float, a: float) -> Array:
    """K_I(theta) of a penny opened by p0 + p1 x / a: 2 p0 sqrt(a/pi) + (4/3) p1 sqrt(a/pi) cos(theta).

    Sneddon & Lowengrub 1969, Crack Problems in the Classical Theory of Elasticity, section 3.3 (harmonics of the load,
    each by Abel's integral).
    """
    return np.asarray((2.0 * p0 + 4.0 / 3.0 * p1 * np.cos(theta)) * np.sqrt(a / np.pi))


def penny_torsion(tau: float, a: float) -> float:
    """|K_III| of a penny under circumferential shear tau r / a: (4/3) tau sqrt(a / pi) (Tada, Paris & Irwin 1985)."""
    return float(4.0 / 3.0 * tau * np.sqrt(a / np.pi))


def ellipse_tension(phi: Array, sigma: float, a: float, b: float) -> Array:
    """K_I of an ellipse x = a cos(phi), y = b sin(phi), a >= b, under tension (Green & Sneddon 1950; Irwin 1962).

    sigma sqrt(pi b / a) (a^2 sin^2 phi + b^2 cos^2 phi)^(1/4) / E(k),  k^2 = 1 - b^2/a^2.
    """
    _, _, e = _ellipse(a, b)
    return np.asarray(sigma * np.sqrt(np.pi * b / a) * _metric(phi, a, b) ** 0.25 / e)


def ellipse_shear(phi: Array, along_a: float, along_b: float, a: float, b: float, nu: float) -> tuple[Array, Array]:
    """K_II and K_III of an ellipse under uniform shear (Kassir & Sih 1966, J. Appl. Mech. 33:601, eq. 32).

    Parameters
    ----------
    phi : (n,) float
        Parametric angle: x = a cos(phi), y = b sin(phi), a >= b.
    along_a, along_b : float [Pa]
        Traction on the + face along x and y.
    """
    k2, k, e = _ellipse(a, b)
    ratio = b / a
    if k2 < 1e-6:  # the circle's limit of what follows divided by k^2
        first = second = 0.5 * np.pi * (1.0 - 0.5 * nu)
    else:
        first = ((k2 - nu) * e + nu * ratio**2 * k) / k2
        second = ((k2 + nu * ratio**2) * e - nu * ratio**2 * k) / k2
    size = np.sqrt(np.pi * a * b) / _metric(phi, a, b) ** 0.25
    c, s = np.cos(phi), np.sin(phi)
    sliding = size * (ratio * along_a * c / first + along_b * s / second)
    tearing = size * (1.0 - nu) * (along_a * s / first - ratio * along_b * c / second)
    return np.asarray(sliding), np.asarray(tearing)


def penny_partly_closed(a: float, k: float) -> float:
    """Radius to which a penny under sigma (1 - k r^2 / a^2) opens when its faces cannot overlap: a sqrt(3 / (2 k)).

    The opening of radius c has K_I = 2 sqrt(c / pi) sigma (1 - 2 k c^2 / (3 a^2)) (Sneddon 1946: K = 2 / sqrt(pi c)
    int p r dr / sqrt(c^2 - r^2)), and K_I = 0 where the faces close smoothly.
    """
    return float(min(a, a * np.sqrt(1.5 / k)))


def penny_partly_closed_opening(r: Array, sigma: float, a: float, k: float, young: float, nu: float) -> Array:
    """Opening [m] of the same, (16 (1 - nu^2) sigma / (3 pi E)) (c^2 - r^2)^(3/2) / c^2.

    From Sneddon's w(r) = (8 (1 - nu^2) / (pi E)) int_r^c g(t) dt / sqrt(t^2 - r^2), where
    g(t) = int_0^t p s ds / sqrt(t^2 - s^2) = sigma t (1 - t^2 / c^2) with k = 3 a^2 / (2 c^2).
    """
    c = penny_partly_closed(a, k)
    lift = 16.0 * (1.0 - nu**2) * sigma / (3.0 * np.pi * young)
    return np.asarray(lift * np.maximum(c**2 - r**2, 0.0) ** 1.5 / c**2)


def penny_heat_flow(young: float, alpha: float, nu: float, gradient: float, a: float) -> float:
    """|K_II| of an insulated penny across a temperature gradient (Florence & Goodier 1963, Int. J. Eng. Sci. 1:533).

    E alpha grad(T) a^(3/2) / (3 sqrt(pi) (1 - nu)); the jump of the temperature is (4 / pi) grad(T) sqrt(a^2 - r^2).
    """
    return float(young * alpha * gradient * a**1.5 / (3.0 * np.sqrt(np.pi) * (1.0 - nu)))


def line_heat_flow(young: float, alpha: float, nu: float, gradient: float, a: float) -> float:
    """|K_II| of an insulated through crack of half length a across a temperature gradient, plane strain.

    E alpha grad(T) a sqrt(pi a) / (4 (1 - nu)) (Florence & Goodier 1960, J. Appl. Mech. 27:635; Sih 1962,
    J. Appl. Mech. 29:587).
    """
    return float(young * alpha * gradient * a * np.sqrt(np.pi * a) / (4.0 * (1.0 - nu)))


def penny_cooled(young: float, alpha: float, nu: float, drop: float, a: float) -> float:
    """K_I of a penny whose faces are colder than the solid, steady: E alpha dT sqrt(a / pi) / (1 - nu).

    Olesiak & Sneddon 1960, Arch. Rat. Mech. Anal. 4:238.
    """
    return float(young * alpha * drop * np.sqrt(a / np.pi) / (1.0 - nu))


def _ellipse(a: float, b: float) -> tuple[float, float, float]:
    """k^2, K(k), E(k)."""
    k2 = 1.0 - (b / a) ** 2
    return k2, float(ellipk(k2)), float(ellipe(k2))


def _metric(phi: Array, a: float, b: float) -> Array:
    return np.asarray((a * np.sin(phi)) ** 2 + (b * np.cos(phi)) ** 2)
