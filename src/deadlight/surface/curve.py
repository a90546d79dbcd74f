"""Edges of a body: piecewise quadratic curves in space, as the mesh of the body draws them."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]

_SAMPLES = 8  # points a quadratic piece in the tables of length and of nearest points


@dataclass(frozen=True, eq=False)
class Curve:
    """A chain of quadratic pieces.

    Attributes
    ----------
    nodes : (2 k + 1, 3) float [m]
        End, middle, end ... of the k pieces; a closed curve repeats its first node at the end.
    closed : bool
    """

    nodes: Array
    closed: bool = False

    @property
    def pieces(self) -> int:
        return (len(self.nodes) - 1) // 2

    @functools.cached_property
    def straight(self) -> bool:
        """Whether the whole curve is one straight line."""
        a, b = self.nodes[0], self.nodes[-1]
        length = float(np.linalg.norm(b - a))
        if self.closed or length == 0:
            return False
        off = np.cross(self.nodes - a, (b - a) / length)
        return bool(np.abs(off).max() < 1e-12 * length)

    def at(self, t: Array) -> Array:
        """Points at parameters t: piece number plus the part of the piece gone through. (m,) -> (m, 3)."""
        t = np.asarray(t, dtype=float)
        if self.closed:
            t = np.mod(t, self.pieces)
        i = np.clip(t.astype(np.int64), 0, self.pieces - 1)
        x = (t - i)[:, None]
        a, m, b = self.nodes[2 * i], self.nodes[2 * i + 1], self.nodes[2 * i + 2]
        return (1 - x) * (1 - 2 * x) * a + 4 * x * (1 - x) * m + x * (2 * x - 1) * b

    def slope(self, t: Array) -> Array:
        """Derivative of the points by the parameter. (m,) -> (m, 3)."""
        t = np.mod(t, self.pieces) if self.closed else np.asarray(t, dtype=float)
        i = np.clip(t.astype(np.int64), 0, self.pieces - 1)
        x = (t - i)[:, None]
        a, m, b = self.nodes[2 * i], self.nodes[2 * i + 1], self.nodes[2 * i + 2]
        return (4 * x - 3) * a + (4 - 8 * x) * m + (4 * x - 1) * b

    @functools.cached_property
    def _table(self) -> tuple[Array, Array, Array]:
        """Parameters, points and length from the start, close together."""
        t = np.linspace(0, self.pieces, _SAMPLES * self.pieces + 1)
        x = self.at(t[:-1]) if self.closed else self.at(t)
        x = np.concatenate([x, x[:1]]) if self.closed else x
        return t, x, np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(x, axis=0), axis=1))])

    @property
    def length(self) -> float:
        return float(self._table[2][-1])

    def lengths(self, t: Array) -> Array:
        """Length from the start to parameters t, also beyond a closed curve's first round. (m,)."""
        table, _, s = self._table
        rounds = np.floor_divide(t, self.pieces) if self.closed else np.zeros_like(t)
        return np.interp(t - rounds * self.pieces, table, s) + rounds * s[-1]

    def parameters(self, s: Array) -> Array:
        """Parameters at lengths s from the start, also beyond a closed curve's first round. (m,)."""
        table, _, length = self._table
        rounds = np.floor_divide(s, length[-1]) if self.closed else np.zeros_like(s)
        return np.interp(s - rounds * length[-1], length, table) + rounds * self.pieces

    def nearest(self, x: Array) -> Array:
        """Parameters of the points nearest to x. (m, 3) -> (m,)."""
        table, points, _ = self._table
        x = np.atleast_2d(x)
        t = np.empty(len(x))
        for first in range(0, len(x), 256):  # blocks, to bound the table of distances
            part = x[first : first + 256]
            t[first : first + 256] = table[((part[:, None] - points[None]) ** 2).sum(axis=2).argmin(axis=1)]
        for _ in range(12):  # Gauss-Newton: the points asked for lie close to the curve
            d = self.slope(t)
            step = ((x - self.at(t)) * d).sum(axis=1) / (d * d).sum(axis=1)
            t = t + np.clip(step, -1 / _SAMPLES, 1 / _SAMPLES)
            t = np.mod(t, self.pieces) if self.closed else np.clip(t, 0, self.pieces)
            if np.abs(step).max(initial=0.0) < 1e-13 * self.pieces:
                break
        return t


def line(a: Array, b: Array) -> Curve:
    """Straight edge from a to b."""
    return Curve(np.array([a, 0.5 * (np.asarray(a) + b), b], dtype=float))


def circle(radius: float, height: float, pieces: int = 96) -> Curve:
    """Circle round the z axis, counter-clockwise seen from above."""
    angle = np.pi * np.arange(2 * pieces + 1) / pieces
    nodes = np.column_stack([radius * np.cos(angle), radius * np.sin(angle), np.full_like(angle, height)])
    nodes[-1] = nodes[0]
    return Curve(nodes, closed=True)
