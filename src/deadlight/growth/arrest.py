"""Running at frozen time with K given as a function of size: where it stops, and the branches of K against size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from deadlight.errors import InputError

Array = np.ndarray[Any, np.dtype[np.float64]]
Ratio = Callable[[Array], Array]
"""K/K_Ic (p,) of sizes (p,)."""

SHARPNESS = 30.0
"""Exponent of the profile of a running front (Lazarus 2003: brittle growth is Paris growth with a large exponent)."""
STEP = 0.01  # of a running crack, in its size
CLOSE = 1e-9  # of an arrest, in the step


@dataclass(frozen=True)
class Crossing:
    """A size at which K equals K_Ic; `rising` is the start of an unstable branch, falling that of a stable one."""

    size: float
    rising: bool


def run(ratio: Ratio, start: ArrayLike, limit: ArrayLike = np.inf) -> tuple[Array, bool]:
    """Advance a crack quasi-statically until K < K_Ic everywhere.

    Every size moves in proportion to (K/K_Ic)**30 over the largest, in steps of 1 % of it; the last step is bisected.
    Inertia is left out, so the true run may go further: what follows it is indicative.  A dip below K_Ic narrower than
    a step is passed over.

    Parameters
    ----------
    ratio : callable
        K/K_Ic (p,) at sizes (p,).
    start, limit : (p,) float [m]
        Sizes before; sizes at which it is followed no more.

    Returns
    -------
    size : (p,) float [m]
    arrested : bool
        False: it ran to a limit.
    """
    size = np.atleast_1d(np.array(start, dtype=float))
    limit = np.broadcast_to(np.asarray(limit, dtype=float), size.shape)
    if not (size > 0.0).all():
        raise InputError("a size is not positive", place="running crack", remedy="sizes above 0")
    now = ratio(size)
    for _ in range(200_000):
        if not (now >= 1.0).any():
            return size, True
        if (size >= limit).any():
            return size, False
        if (size > 1e6).any():
            raise InputError("the crack runs without end", place="running crack", remedy="state a limit of its size")
        profile = np.clip(now / now.max(), 0.0, 1.0) ** SHARPNESS
        step = STEP * size.min() * profile
        share = min(1.0, float(np.min(np.where(step > 0.0, (limit - size) / np.where(step > 0.0, step, 1.0), np.inf))))
        ahead = ratio(size + share * step)
        if (ahead >= 1.0).any():
            size, now = np.minimum(size + share * step, limit), ahead
            if share < 1.0:
                return size, False
            continue
        low, high = 0.0, share  # stops within this step
        while high - low > CLOSE:
            middle = 0.5 * (low + high)
            low, high = (middle, high) if (ratio(size + middle * step) >= 1.0).any() else (low, middle)
        return size + high * step, True
    raise InputError("the crack creeps without end", place="running crack", remedy="state a limit of its size")


def crossings(ratio: Callable[[Array], Array], sizes: ArrayLike) -> tuple[Crossing, ...]:
    """Sizes at which K = K_Ic, with the sign of the slope: the stable and unstable branches at one instant.

    Parameters
    ----------
    ratio : callable
        K/K_Ic, vectorised over size.
    sizes : (m,) float [m]
        Rising; crossings between neighbours are found, two within one interval are not.
    """
    sizes = np.asarray(sizes, dtype=float)
    above = np.asarray(ratio(sizes), dtype=float) - 1.0
    if not np.isfinite(above).all():
        raise InputError("K is not a number", place="branches of K", remedy="sizes at which K is known")
    found = []
    for i in np.flatnonzero((above[:-1] < 0.0) != (above[1:] < 0.0)):
        root = brentq(lambda a: float(ratio(np.asarray(a))) - 1.0, sizes[i], sizes[i + 1], xtol=1e-14, rtol=1e-13)
        found.append(Crossing(float(root), bool(above[i] < 0.0)))
    return tuple(found)
