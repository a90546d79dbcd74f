"""Helpers of the cases: several loads at once, places along a front, values there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from deadlight.operator.intensity import FrontIntensity
from deadlight.surface.chart import Plane

Array = np.ndarray[Any, np.dtype[np.float64]]
Load = Callable[[Array], Array] | Sequence[float]  # points (p, 3) [m] -> stress (p, 6) [Pa], or six numbers [Pa]

XX, YY, ZZ, YZ, XZ, XY = range(6)


@dataclass(eq=False)
class LoadCases:
    """Several steady stresses that act one at a time: load case k is "instant" k."""

    loads: Sequence[Load]
    time: Array = field(init=False)
    amplitudes: Array = field(init=False)

    def __post_init__(self) -> None:
        self.time = np.arange(len(self.loads), dtype=float)
        self.amplitudes = np.eye(len(self.loads))

    def sample_modes(self, points: Array) -> Array:
        """(k, p, 6) [Pa]."""
        n = len(points)
        return np.stack([f(points) if callable(f) else np.tile(np.asarray(f, dtype=float), (n, 1)) for f in self.loads])


def only(component: int, value: Array | float, count: int = 1) -> Array:
    """A stress (count, 6) with one component."""
    out = np.zeros((count, 6))
    out[:, component] = value
    return out


def varying(component: int, function: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """A stress of one component that is a function of place, points (p, 3) -> (p,)."""
    return lambda x: only(component, function(x), len(x))


def uniaxial(sigma: float, direction: Array) -> Array:
    """Uniaxial stress along a unit vector. (6,)."""
    d = np.asarray(direction, dtype=float)
    t = sigma * np.outer(d, d)
    return np.array([t[0, 0], t[1, 1], t[2, 2], t[1, 2], t[0, 2], t[0, 1]])


def parametric(front: FrontIntensity, plane: Plane, A: float, B: float) -> Array:
    """Parametric angle of the front's points on an ellipse u = A cos, v = B sin in a plane. (n,) in -pi..pi."""
    uv = plane.to_chart(front.frame.point)
    return np.arctan2(uv[:, 1] / B, uv[:, 0] / A)


def along(where: Array, value: Array, wanted: Array, *, closed: bool) -> Array:
    """Values (..., n) at the nodes of a front, taken at other places by the parabola through the element they lie in.

    Parameters
    ----------
    where : (n,) float
        Coordinate of the nodes, corner, middle, corner ...; it rises or falls along the front, for a closed one but for
        a jump of one turn (2 pi).
    wanted : (k,) float
    """
    s = np.unwrap(where) if closed else np.asarray(where, dtype=float)
    v = np.asarray(value, dtype=float)
    if closed:
        s = np.append(s, s[0] + np.sign(s[1] - s[0]) * 2 * np.pi)
        v = np.concatenate([v, v[..., :1]], axis=-1)
    if s[-1] < s[0]:
        s, v = s[::-1], v[..., ::-1]
    w = s[0] + np.mod(wanted - s[0], 2 * np.pi) if closed else np.asarray(wanted, dtype=float)
    element = np.clip((np.searchsorted(s, w, side="right") - 1) // 2, 0, (len(s) - 1) // 2 - 1)
    a, b, c = (s[2 * element + i] for i in range(3))
    la = (w - b) * (w - c) / ((a - b) * (a - c))
    lb = (w - a) * (w - c) / ((b - a) * (b - c))
    lc = (w - a) * (w - b) / ((c - a) * (c - b))
    return np.asarray(la * v[..., 2 * element] + lb * v[..., 2 * element + 1] + lc * v[..., 2 * element + 2])
