"""A crack front as a chain of straight sides: its frame, the nearest point on it, rings of points round it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, eq=False)
class FrontLine:
    """Corners of a front in order, the crack on the left seen against its normal.

    Attributes
    ----------
    x : (k, 3) float [m]
        A closed front does not repeat its first corner.
    closed : bool
    normal : (3,) float
        Unit normal of the crack, from its - to its + side.
    """

    x: Array
    closed: bool
    normal: Array

    @functools.cached_property
    def sides(self) -> tuple[Index, Index]:
        """First and last corner of every side."""
        first = np.arange(len(self.x) if self.closed else len(self.x) - 1)
        return first, (first + 1) % len(self.x)

    @functools.cached_property
    def tangent(self) -> Array:
        """Unit tangents at the corners. (k, 3)."""
        first, last = self.sides
        step = self.x[last] - self.x[first]
        step /= np.linalg.norm(step, axis=1, keepdims=True)
        total = np.zeros_like(self.x)
        np.add.at(total, first, step)
        np.add.at(total, last, step)
        return np.asarray(total / np.linalg.norm(total, axis=1, keepdims=True))

    @functools.cached_property
    def ahead(self) -> Array:
        """Unit vectors in the crack's plane out of the crack, at right angles to the front. (k, 3)."""
        b = np.cross(self.tangent, self.normal)
        return np.asarray(b / np.linalg.norm(b, axis=1, keepdims=True))

    @functools.cached_property
    def _tree(self) -> cKDTree:
        first, last = self.sides
        return cKDTree(0.5 * (self.x[first] + self.x[last]))

    def foot(self, x: Array) -> tuple[Index, Array, Array]:
        """Side (p,), share along it from 0 to 1 (p,) and nearest point (p, 3) of the front."""
        first, last = self.sides
        k = min(4, len(first))
        _, near = self._tree.query(x, k=k)
        near = near.reshape(len(x), k)
        a, step = self.x[first[near]], self.x[last[near]] - self.x[first[near]]
        share = np.clip(((x[:, None] - a) * step).sum(axis=2) / (step**2).sum(axis=2), 0.0, 1.0)
        point = a + share[:, :, None] * step
        best = np.argmin(((point - x[:, None]) ** 2).sum(axis=2), axis=1)
        row = np.arange(len(x))
        return near[row, best], share[row, best], point[row, best]


@dataclass(frozen=True, eq=False)
class Rings:
    """Points round a front.

    Attributes
    ----------
    inside, skin, crack : (p, 3) float [m]
        In the body, on its surface round the ends of the front, on the crack behind the front.
    """

    inside: Array
    skin: Array
    crack: Array


def rings(front: FrontLine, radii: Array, *, sectors: int, ends: Callable[[int, Array], Array]) -> Rings:
    """Rings of points: even sectors midway between the corners of the front, odd ones at them.

    The staggering and a slight unevenness of the radii leave no five points on a sphere, so that their Delaunay cells
    are well shaped.  Sector 0 lies straight ahead, sector sectors/2 on the crack.

    Parameters
    ----------
    radii : (r,) float [m]
    sectors : int
        Even.
    ends : callable
        (0 first or 1 last end, points (p, 3)) -> the points carried along the front onto the surface of the body.
    """
    theta = 2.0 * np.pi * np.arange(sectors) / sectors
    inside: list[Array] = []
    crack: list[Array] = []
    skin: list[Array] = []
    first, last = front.sides
    for level, radius in enumerate(radii):
        for j in range(sectors):
            r = radius * (1.0 + 0.03 * (1 if (j + level) % 2 else -1))
            offset = r * (np.cos(theta[j]) * front.ahead + np.sin(theta[j]) * front.normal)
            at_corner = front.x + offset
            if j % 2 == level % 2:
                inner = 0.5 * (at_corner[first] + at_corner[last])
                shortfall = r / np.maximum(np.linalg.norm(0.5 * (offset[first] + offset[last]), axis=1), 1e-300)
                foot = 0.5 * (front.x[first] + front.x[last])
                inner = foot + (inner - foot) * shortfall[:, None]
            else:
                inner = at_corner if front.closed else at_corner[1:-1]
            if not front.closed:
                if 2 * j != sectors:  # on the crack the mouth's own points stand there
                    skin += [ends(0, at_corner[:1]), ends(1, at_corner[-1:])]
                inner = _sheared(front, inner, at_corner[[0, -1]], ends)
            (crack if 2 * j == sectors else inside).append(inner)
    empty = np.zeros((0, 3))
    return Rings(*(np.concatenate(group) if group else empty for group in (inside, skin, crack)))


def _sheared(front: FrontLine, x: Array, at_end: Array, ends: Callable[[int, Array], Array]) -> Array:
    """Carries points near an end that is oblique to the surface along the front as the end's own ring was carried."""
    out = x.copy()
    for which, end in ((0, front.x[0]), (1, front.x[-1])):
        inward = front.tangent[0] if which == 0 else -front.tangent[-1]
        shift = float((ends(which, at_end[which : which + 1])[0] - at_end[which]) @ inward)
        depth = (x - end) @ inward
        span = 4.0 * abs(shift)
        if span > 0.0:
            out += np.clip(1.0 - depth / span, 0.0, 1.0)[:, None] * shift * inward
    return out
