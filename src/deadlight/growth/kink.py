"""Stress intensity factors right after a crack has kinked.

With m = tilt / pi, tilt from b (ahead) towards n (from the - to the + face), k' = F(m) k holds whatever the body and
its loads are (Leblond 1989, Int. J. Solids Struct. 25:1311).  F for modes I and II: Amestoy & Leblond 1992, Int. J.
Solids Struct. 29:465, series to m^20, good to 1e-6 at 80 degrees (held to an independent solution of the integral
equation in `tests/verification/test_growth_direction.py`).  Mode III is exact: F_33 = ((1 - m)/(1 + m))^(m/2) (Sih
1965, J. Appl. Mech. 32:51).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from deadlight.errors import InputError

Array = np.ndarray[Any, np.dtype[np.float64]]

LARGEST_TILT = np.radians(85.0)
PI = np.pi
# Coefficients of rising powers of m^2; F_12 and F_21 carry one more factor m.
F11 = np.array([
    1.0, -3 * PI**2 / 8, PI**2 - 5 * PI**4 / 128, PI**2 / 9 - 11 * PI**4 / 72 + 119 * PI**6 / 15360,
    5.07790, -2.88312, -0.0925, 2.996, -4.059, 1.63, 4.1,
])  # fmt: skip
F12 = np.array([
    -3 * PI / 2, 10 * PI / 3 + PI**3 / 16, -2 * PI - 133 * PI**3 / 180 + 59 * PI**5 / 1280,
    12.313906, -7.32433, 1.5793, 4.0216, -6.915, 4.21, 4.56,
])  # fmt: skip
F21 = np.array([
    PI / 2, -4 * PI / 3 - PI**3 / 48, -2 * PI / 3 + 13 * PI**3 / 30 - 59 * PI**5 / 3840,
    -6.176023, 4.44112, -1.5340, -2.0700, 4.684, -3.95, -1.32,
])  # fmt: skip
F22 = np.array([
    1.0, -4 - 3 * PI**2 / 8, 8 / 3 + 29 * PI**2 / 18 - 5 * PI**4 / 128,
    -32 / 15 - 4 * PI**2 / 9 - 1159 * PI**4 / 7200 + 119 * PI**6 / 15360,
    10.58254, -4.78511, -1.8804, 7.280, -7.591, 0.25, 12.5,
])  # fmt: skip


def kink_factors(tilt: Array | float) -> Array:
    """F of a kink by `tilt` (...) [rad], at most 85 degrees: (..., 3, 3), rows K_I, K_II, K_III after it.

    Raises
    ------
    InputError
        A tilt beyond 85 degrees, where the series has no digits left.
    """
    m = np.asarray(tilt, dtype=np.float64) / PI
    if np.any(~(np.abs(m) * PI <= LARGEST_TILT)):
        raise InputError(
            f"a kink by {np.degrees(np.max(np.abs(m)) * PI):.1f} degrees",
            place="growth direction",
            remedy="the series for K after a kink holds to 85 degrees; no criterion asks for more than 78",
        )
    square = m * m
    out = np.zeros((*m.shape, 3, 3))
    out[..., 0, 0] = np.polynomial.polynomial.polyval(square, F11)
    out[..., 0, 1] = m * np.polynomial.polynomial.polyval(square, F12)
    out[..., 1, 0] = m * np.polynomial.polynomial.polyval(square, F21)
    out[..., 1, 1] = np.polynomial.polynomial.polyval(square, F22)
    out[..., 2, 2] = ((1 - m) / (1 + m)) ** (m / 2)
    return out


def kinked(k: Array, tilt: Array | float) -> Array:
    """K (..., 3) right after a kink by `tilt` (...) [rad] of a front with K `k` (..., 3) [Pa m^0.5].

    A kink bends the front about its tangent only: what a twist would add is not in it.
    """
    return np.asarray(np.einsum("...ij,...j->...i", kink_factors(tilt), k))


def equivalent(k: Array, nu: float) -> Array:
    """sqrt(E' G) = sqrt(K_I^2 + K_II^2 + K_III^2/(1 - nu)) (Irwin 1957, plane strain). (..., 3) -> (...) [Pa m^0.5]."""
    return np.asarray(np.sqrt(k[..., 0] ** 2 + k[..., 1] ** 2 + k[..., 2] ** 2 / (1 - nu)))
