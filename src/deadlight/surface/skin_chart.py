"""Chart of a ruled band round a body: the rim of a pane, a bevel, a cone, unrolled to (length round, height)."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from deadlight.surface.curve import Curve

Array = np.ndarray[Any, np.dtype[np.float64]]

_STEPS = 12  # Gauss-Newton steps at most; points lie on the band or close to it


@dataclass(frozen=True, eq=False)
class Band:
    """Surface of the straight lines between two curves at equal parameters.

    The second coordinate is the distance from the low curve along the line; the curves may meet at the ends.

    Attributes
    ----------
    low, high : Curve
        With the same number of pieces and the same sense; closed or open alike.
    outward : float
        +1 where (along the curve) x (from low to high) leaves the body, else -1.
    """

    low: Curve
    high: Curve
    outward: float = 1.0

    @functools.cached_property
    def middle(self) -> Curve:
        return Curve(0.5 * (self.low.nodes + self.high.nodes), self.low.closed)

    @property
    def period(self) -> float | None:
        """Length round at which the chart repeats, None for a band with two ends."""
        return self.middle.length if self.middle.closed else None

    @functools.cached_property
    def width(self) -> float:
        """Mean length of the straight lines."""
        return float(np.linalg.norm(self.high.nodes - self.low.nodes, axis=1).mean())

    @functools.cached_property
    def _tree(self) -> tuple[cKDTree, Array]:
        t = np.linspace(0, self.middle.pieces, 8 * self.middle.pieces + 1)
        return cKDTree(self.middle.at(t)), t

    def _widths(self, t: Array) -> Array:
        """Lengths of the straight lines at parameters t."""
        return np.asarray(np.linalg.norm(self.high.at(t) - self.low.at(t), axis=1))

    def _parts(self, uv: Array) -> tuple[Array, Array]:
        """Parameters and parts of the way up."""
        t = self.middle.parameters(uv[:, 0])
        width = self._widths(t)
        return t, np.divide(uv[:, 1], width, out=np.zeros(len(uv)), where=width > 1e-9 * self.width)

    def _frame(self, t: Array, w: Array) -> tuple[Array, Array, Array]:
        """Points and derivatives by the parameter t and the part w of the way up."""
        a, b = self.low.at(t), self.high.at(t)
        w = w[:, None]
        return (1 - w) * a + w * b, (1 - w) * self.low.slope(t) + w * self.high.slope(t), b - a

    def to_space(self, uv: Array) -> Array:
        """Points of space. (n, 2) -> (n, 3)."""
        return self._frame(*self._parts(uv))[0]

    def to_chart(self, x: Array) -> Array:
        """Chart coordinates of the nearest points of the band, 0 <= u < period. (n, 3) -> (n, 2)."""
        x = np.atleast_2d(x)
        tree, table = self._tree
        a, b = self.low.at(table), self.high.at(table)
        near = tree.query(x, k=min(3, len(table)))[1]
        t, w = self._start(x, near, a, b, table)
        top = self.middle.pieces
        for _ in range(_STEPS):
            p, dt, dw = self._frame(t, w)
            r = x - p
            aa, ab, bb = (dt * dt).sum(axis=1), (dt * dw).sum(axis=1), (dw * dw).sum(axis=1)
            ra, rb = (r * dt).sum(axis=1), (r * dw).sum(axis=1)
            det = aa * bb - ab * ab
            firm = det > 1e-12 * aa * self.width**2  # not where the curves meet
            det = np.where(firm, det, 1.0)
            ahead = np.minimum(np.maximum(np.where(firm, bb * ra - ab * rb, 0.0) / det, -0.25), 0.25)
            up = np.minimum(np.maximum(np.where(firm, aa * rb - ab * ra, 0.0) / det, -1.0), 1.0)
            t, w = t + ahead, w + up
            t = np.mod(t, top) if self.middle.closed else np.clip(t, 0, top)
            if np.abs(ahead).max(initial=0.0) < 1e-13 * top and np.abs(up).max(initial=0.0) < 1e-13:
                break
        return np.column_stack([self.middle.lengths(t), w * self._widths(t)])

    def _start(self, x: Array, near: Any, a: Array, b: Array, table: Array) -> tuple[Array, Array]:
        """First guess: the nearest of a few lines."""
        near = near.reshape(len(x), -1)
        d = b[near] - a[near]
        span = np.maximum((d * d).sum(axis=2), 1e-18 * self.width**2)
        w = np.clip(((x[:, None] - a[near]) * d).sum(axis=2) / span, -2.0, 3.0)
        off = ((a[near] + w[..., None] * d - x[:, None]) ** 2).sum(axis=2)
        row, best = np.arange(len(x)), off.argmin(axis=1)
        return table[near[row, best]].copy(), w[row, best]

    def normal(self, uv: Array) -> Array:
        """Unit normals, out of the body. (n, 2) -> (n, 3)."""
        return self._point_and_normal(uv)[1]

    def _point_and_normal(self, uv: Array) -> tuple[Array, Array]:
        point, dt, dw = self._frame(*self._parts(uv))
        n = self.outward * np.cross(dt, dw)
        return point, n / np.linalg.norm(n, axis=1)[:, None]

    def signed(self, x: Array) -> Array:
        """Distance from the band, positive outside. (n, 3) -> (n,)."""
        return self.signed_and_normal(x)[0]

    def signed_and_normal(self, x: Array) -> tuple[Array, Array]:
        """Both of `signed(x)` and `normal(to_chart(x))`."""
        point, normal = self._point_and_normal(self.to_chart(x))
        return ((x - point) * normal).sum(axis=1), normal
