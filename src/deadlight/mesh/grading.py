"""Graded lines in one direction: break points that must be hit, and a wanted element size between them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.optimize import brentq

Array = np.ndarray[Any, np.dtype[np.float64]]

_SAMPLES = 400  # integration points a segment; the size function is smooth, so its integral is good to 1e-5


def merged(values: list[float], tolerance: float = 1e-9) -> Array:
    """Sorted break points without repeats closer than the tolerance [m]."""
    ordered = np.sort(np.array(values, dtype=float))
    return ordered[np.concatenate([[True], np.diff(ordered) > tolerance])]


def graded_lines(breaks: Array, size: Callable[[Array], Array]) -> Array:
    """Lines through all breaks whose spacing follows `size`; each segment gets its rounded share, at least one element.

    The lines divide the integral of 1/size evenly (equidistribution), so doubling the density nests the lines.
    """
    lines = [breaks[:1]]
    for lo, hi in pairwise(breaks):
        x = lo + (hi - lo) * np.linspace(0.0, 1.0, _SAMPLES + 1)
        density = 1 / size(0.5 * (x[:-1] + x[1:]))
        total = np.concatenate([[0.0], np.cumsum(density * np.diff(x))])
        n = max(1, round(float(total[-1])))
        inner = np.interp(total[-1] * np.arange(1, n) / n, total, x)
        lines.append(np.append(inner, hi))
    return np.concatenate(lines)


def layer_size(thickness: float, first: float, layers: float) -> Callable[[Array], Array]:
    """Size function for layers thin at both faces: h = first + g * (distance to the nearer face).

    g is chosen so that `layers` layers fill the thickness: integral of dz/h = 2/g ln(1 + g t / (2 first)).
    """
    if layers * first >= thickness:  # already fine enough: uniform
        return lambda z: np.full_like(z, thickness / layers)

    def excess(g: float) -> float:
        return 2 / g * np.log1p(g * thickness / (2 * first)) - layers

    g = float(brentq(excess, 1e-9, 1e6))
    return lambda z: first + g * np.minimum(z, thickness - z)


def doubled(lines: Array) -> Array:
    """Lines with the mid-side positions between them. (n + 1,) -> (2 n + 1,)."""
    result = np.empty(2 * len(lines) - 1)
    result[::2] = lines
    result[1::2] = 0.5 * (lines[:-1] + lines[1:])
    return result
