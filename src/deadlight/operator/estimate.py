"""Error of K from two surface meshes of one crack, and from two readings of its opening.

The same crack on a mesh 0.7 times as fine everywhere (crack, skin, and how the skin's elements grow with distance)
differs by about what the fine mesh is wrong (finer rules there bring the
estimate nothing: 97.9 % of the points instead of 97.8 %, at twice the cost of its matrix); K off the
ring alone instead of fitted behind it too differs by about what the reading is wrong.  Neither sees everything (a penny
under torsion moves little with the mesh, one in uniform shear little with the reading), so the larger of both counts,
as the largest over a neighbourhood of the front, because differences cross zero where errors do not, and never below
a floor that quadrature leaves.  Where faces press, the edge of what presses is known to within an element and K comes
in with the first power of the element, not better than the second: there 1 / (1/0.7 - 1) of the mesh's difference
counts.  The factors are set so that on the exact cases of `deadlight verify` at least 95 % of
the points have an estimate at or above the true error and the median of estimate over true error stays below 5.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from deadlight.operator.front import FrontFrame
from deadlight.operator.history import CrackHistory

Array = np.ndarray[Any, np.dtype[np.float64]]

FLOOR = 5e-4  # of the front's largest K of the instant: quadrature
NEIGHBOURS = 0.08  # of the front's length: how far a difference counts to either side
MESH, READING = 0.8, 0.7  # share of either difference that is taken for the error
PRESSED = 2.33  # likewise MESH at instants at which faces press: first order in the element, meshes 1 and 0.7


def compared(fine: CrackHistory, coarse: CrackHistory) -> list[Array]:
    """Estimated error of K_I, K_II, K_III at the front points of the fine solution, (m, n, 3) a front [Pa m^0.5]."""
    found = []
    mesh = np.where(fine.closed > 0, PRESSED, MESH)[:, None, None]
    for frame, k, ring, front in zip(fine.frames, fine.k, fine.k_ring, fine.operator.mesh.fronts):
        other = _nearest_front(frame, coarse, front.crack)
        moved = np.abs(k - _carried(frame, coarse.frames[other], coarse.k[other]))
        difference = np.maximum(mesh * moved, READING * np.abs(k - ring))
        apart = np.linalg.norm(frame.point[:, None] - frame.point[None], axis=2)
        near = (
            apart <= np.maximum(NEIGHBOURS * frame.length, 1.01 * np.sort(apart, axis=1)[:, 1:3].max(axis=1))[:, None]
        )
        widest = np.stack([difference[:, each].max(axis=1) for each in near], axis=1)
        floor = FLOOR * np.abs(k).max(axis=(1, 2))[:, None, None]
        found.append(np.maximum(widest, floor))
    return found


def _nearest_front(frame: FrontFrame, coarse: CrackHistory, crack: int) -> int:
    """The front of the other mesh that lies closest."""
    distance = [
        np.linalg.norm(frame.point[:, None] - other.point[None], axis=2).min(axis=1).mean() for other in coarse.frames
    ]
    return int(np.argmin(distance))


def _carried(frame: FrontFrame, other: FrontFrame, k: Array) -> Array:
    """K (m, n2, 3) of another mesh at the front's points, linear along the chords between its two nearest points."""
    apart = np.linalg.norm(frame.point[:, None] - other.point[None], axis=2)
    first = apart.argmin(axis=1)
    n = len(other.point)
    best = np.full(len(frame.point), np.inf)
    out = np.zeros((len(k), len(frame.point), 3))
    for step in (-1, 1):
        second = (first + step) % n
        chord = other.point[second] - other.point[first]
        square = np.einsum("ij,ij->i", chord, chord)
        along = np.einsum("ij,ij->i", frame.point - other.point[first], chord) / np.where(square > 0, square, 1.0)
        share = np.clip(along, 0.0, 1.0)
        off = np.linalg.norm(frame.point - other.point[first] - share[:, None] * chord, axis=1)
        use = (off < best) & (np.sqrt(square) < 0.5 * frame.length)
        value = (1 - share)[:, None] * k[:, first] + share[:, None] * k[:, second]
        out[:, use] = value[:, use]
        best = np.where(use, off, best)
    return out
