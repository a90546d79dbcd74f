"""Values along a front without what alternates between the corners and the middles of its elements.

Where elements grow along a front the values at corners and middles err to opposite sides, by up to 0.4 % of K; the mean
of both is several times as good.  Middle nodes do not lie halfway there, so the filter works in arc length: the
weights (-1, 4, 10, 4, -1)/16 would turn the slope of K into an alternating error as large as the one they remove.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]

ALTERNATING = np.array([1.0, -1.0, 1.0, -1.0, 1.0])


def weights(x: Array) -> Array:
    """Weights (k, p) of values at places x (k, p) whose sum is the value at x = 0 of their smooth part.

    Values are a polynomial of degree p - 2 plus a part that alternates from place to place; p is 3 or 5.
    """
    x = x / np.abs(x).max(axis=1, keepdims=True)
    count = x.shape[1]
    rows = [x**power for power in range(count - 1)] + [np.broadcast_to(ALTERNATING[:count], x.shape)]
    right = np.zeros((len(x), count, 1))
    right[:, 0] = 1.0
    return np.asarray(np.linalg.solve(np.stack(rows, axis=1), right)[:, :, 0])


def smoothed(k: Array, arc: Array, length: float, closed: bool) -> Array:
    """Smooth part of values (r, n, c) at the nodes of a front: cubic pieces stay, alternating parts go.

    The outermost elements of an open front keep their values, the next node has a filter of three
    places that leaves them out; fronts of fewer than nine nodes stay as they are.

    Parameters
    ----------
    arc : (n,) float [m]
        Place of the nodes along the front.
    length : float [m]
        Of the whole front.
    """
    n = k.shape[1]
    if n < 9:
        return k
    if closed:
        near = (np.arange(n)[:, None] + np.arange(-2, 3)) % n
        x = arc[near] - arc[:, None]
        x = x - length * np.round(x / length)
        return np.asarray(np.einsum("kp,rkpc->rkc", weights(x), k[:, near]))
    out = k.copy()
    for at, reach in ((np.arange(4, n - 4), 2), (np.array([3, n - 4]), 1)):
        near = at[:, None] + np.arange(-reach, reach + 1)
        out[:, at] = np.einsum("kp,rkpc->rkc", weights(arc[near] - arc[at][:, None]), k[:, near])
    return out
