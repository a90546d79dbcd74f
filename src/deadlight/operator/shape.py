"""Shape functions of the surface elements: six-node triangle, nine-node quadrilateral, and the ring at a crack front.

Geometry is the usual quadratic one everywhere.  In the ring the nodes of the middle row stand a quarter of the way in,
so that r = h t^2 (Barsoum 1976, Int. J. Num. Meth. Eng. 10:25), and the opening is interpolated by t and t^3, that is
by sqrt(r) and r^(3/2): the first two terms of the field at a front; the term in r that a plain quarter-point element
carries does not exist there.  On a side that lies on a mouth the ring keeps the plain quadratic functions, because
the face's elements have them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from deadlight.surface.mesh import MOUTH_FIRST, MOUTH_LAST, Q9, T6, TIP

Array = np.ndarray[Any, np.dtype[np.float64]]

# Row of the node in the product of functions of s and of t, VTK order.
NODE_S = np.array([0, 2, 2, 0, 1, 2, 1, 0, 1])
NODE_T = np.array([0, 0, 2, 2, 0, 1, 2, 1, 1])


def _quadratic(x: Array) -> tuple[Array, Array]:
    value = np.stack([(1 - x) * (1 - 2 * x), 4 * x * (1 - x), x * (2 * x - 1)], axis=-1)
    return value, np.stack([4 * x - 3, 4 - 8 * x, 4 * x - 1], axis=-1)


def _root(t: Array) -> tuple[Array, Array]:
    """Functions of t for the opening in the ring: 1 at t = 1/2, at t = 1, and what is left (the front, where D = 0)."""
    quarter, dquarter = 8 / 3 * (t - t**3), 8 / 3 * (1 - 3 * t**2)
    inner, dinner = (4 * t**3 - t) / 3, (12 * t**2 - 1) / 3
    return (
        np.stack([1 - quarter - inner, quarter, inner], axis=-1),
        np.stack([-dquarter - dinner, dquarter, dinner], axis=-1),
    )


def _triangle(s: Array, t: Array) -> tuple[Array, Array, Array]:
    r, o = 1 - s - t, np.zeros_like(s)
    value = [r * (2 * r - 1), s * (2 * s - 1), t * (2 * t - 1), 4 * r * s, 4 * s * t, 4 * t * r, o, o, o]
    ds = [1 - 4 * r, 4 * s - 1, o, 4 * (r - s), 4 * t, -4 * t, o, o, o]
    dt = [1 - 4 * r, o, 4 * t - 1, -4 * s, 4 * s, 4 * (r - t), o, o, o]
    return np.stack(value, axis=-1), np.stack(ds, axis=-1), np.stack(dt, axis=-1)


def _product(fs: tuple[Array, Array], ft: tuple[Array, Array]) -> tuple[Array, Array, Array]:
    return (
        fs[0][..., NODE_S] * ft[0][..., NODE_T],
        fs[1][..., NODE_S] * ft[0][..., NODE_T],
        fs[0][..., NODE_S] * ft[1][..., NODE_T],
    )


def geometry(kind: int, s: Array, t: Array) -> tuple[Array, Array, Array]:
    """Functions of the position and their derivatives along s and t, (..., 9) each."""
    if kind == T6:
        return _triangle(s, t)
    return _product(_quadratic(s), _quadratic(t))


def opening(kind: int, s: Array, t: Array) -> tuple[Array, Array, Array]:
    """Functions of the opening D and their derivatives along s and t, (..., 9) each."""
    if kind in (T6, Q9):
        return geometry(kind, s, t)
    plain, root = _quadratic(t), _root(t)
    columns = [bool((kind - TIP) & MOUTH_FIRST), False, bool((kind - TIP) & MOUTH_LAST)]
    fs = _quadratic(s)
    mouth = np.array(columns)[NODE_S]
    value = np.where(mouth, plain[0][..., NODE_T], root[0][..., NODE_T])
    slope = np.where(mouth, plain[1][..., NODE_T], root[1][..., NODE_T])
    return fs[0][..., NODE_S] * value, fs[1][..., NODE_S] * value, fs[0][..., NODE_S] * slope
