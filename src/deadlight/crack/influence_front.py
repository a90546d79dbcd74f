"""K along a front as a short sum of smooth functions: what the influence tables keep of each front.

Surface crack: K/K_embedded = S(sin phi) + cos phi C(sin phi), phi in [0, pi], the first sum for stress even in x, the
second for odd.  Corner crack: Chebyshev polynomials of phi in [0, pi/2].  Through crack: Chebyshev polynomials of the
height 2 z/t.  Points in the end elements of the operator's front are carried out from inside (the field at a free face
is not that of a smooth front), so they count little in the fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev
from scipy.special import ellipe

from deadlight.crack.influence_basis import WHOLE, Kind

Array = np.ndarray[Any, np.dtype[np.float64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

TERMS: dict[Kind, int] = {"surface": 8, "corner": 8, "through": 9, "edge": 9}
AT_THE_FACE = 0.1  # weight of a point in an end element


@dataclass(frozen=True)
class Front:
    """Functions along the front of one kind of crack."""

    kind: Kind

    @property
    def terms(self) -> int:
        """Number of coefficients; a surface crack has as many again for odd stress."""
        return TERMS[self.kind] * (2 if self.kind == "surface" else 1)

    def functions(self, place: Array) -> Array:
        """At phi [rad], or at 2 z/t of a through crack. (p,) -> (p, terms)."""
        n = TERMS[self.kind]
        if self.kind in WHOLE:
            return np.asarray(chebyshev.chebvander(place, n - 1), dtype=float)
        if self.kind == "corner":
            return np.asarray(chebyshev.chebvander(4.0 * place / np.pi - 1.0, n - 1), dtype=float)
        even = chebyshev.chebvander(2.0 * np.sin(place) - 1.0, n - 1)
        return np.concatenate([even, np.cos(place)[:, None] * even], axis=1)

    def coefficients(self, place: Array, values: Array, vertex: Mask) -> Array:
        """Weighted least squares. values (n_modes, p) -> (n_modes, terms)."""
        weight = np.where(vertex, AT_THE_FACE, 1.0)
        functions = self.functions(place) * weight[:, None]
        return np.asarray(np.linalg.lstsq(functions, (values * weight).T, rcond=None)[0].T)


def embedded(a: float, c: float, phi: Array) -> Array:
    """K [m^0.5] of an ellipse in an infinite solid per unit stress (Green & Sneddon 1950), phi 90 degrees at a."""
    s, k = np.sin(phi), np.cos(phi)
    if a <= c:
        return np.asarray(np.sqrt(np.pi * a) / ellipe(1.0 - (a / c) ** 2) * (s**2 + (a / c * k) ** 2) ** 0.25)
    return np.asarray(np.sqrt(np.pi * c) / ellipe(1.0 - (c / a) ** 2) * (k**2 + (c / a * s) ** 2) ** 0.25)
