"""Plane reference for kinked cracks: K at both tips of a crack along a polyline in a plate without end.

Dislocations along the crack (Muskhelishvili's potentials of one, e.g. Savruk 1981, Lo 1978 J. Appl. Mech. 45:797),
quadrature and collocation of Chebyshev kind (Erdogan & Gupta 1972, Q. Appl. Math. 29:525) in a coordinate that is even
at the tips and crowds points at the corners.  K agrees with itself within 2e-6 from 200 points on.
"""

from __future__ import annotations

import numpy as np
from scipy.fft import dct

CROWDING = 4.0  # power with which points crowd at a corner


def plane_k(points, stress, n=200):
    """K_I, K_II at the first and the last of complex points, for stresses (xx, yy, xy) far away. (2, 2).

    K_II is positive where the side left of the way from the crack's inside to the tip slides back.
    """
    points = np.asarray(points, dtype=complex)
    pieces = len(points) - 1
    length = np.abs(np.diff(points))
    way = np.diff(points) / length
    share = length**0.15
    ends = np.round(np.concatenate([[0.0], np.cumsum(share) / share.sum()]) * n) * np.pi / n
    ends[1:-1] += 0.5 * np.pi / n  # corners on sources, so that collocation points lie alike on both sides

    def place(angle):
        """Points of the crack and the piece each lies on."""
        k = np.clip(np.searchsorted(ends, angle, side="right") - 1, 0, pieces - 1)
        t = (angle - ends[k]) / np.diff(ends)[k]
        middle = t**CROWDING / (t**CROWDING + (1 - t) ** CROWDING)
        first, last = 1 - (1 - t**2) ** CROWDING, (1 - (1 - t) ** 2) ** CROWDING
        f = np.where(k == 0, first, np.where(k == pieces - 1, last, middle))
        if pieces == 1:
            f = 0.5 * (1 - np.cos(np.pi * t))
        return points[k] + f * np.diff(points)[k], k

    source, _ = place((np.arange(n) + 0.5) * np.pi / n)
    x, k = place(np.arange(1, n) * np.pi / n)
    turn = (way[k] ** 2)[:, None]
    d = x[:, None] - source
    own, other = 1 / d - turn * d.conj() / d**2, 1 / d.conj() + turn / d
    a, b = (own + other) * np.pi / n, 1j * (own - other) * np.pi / n
    closing = np.kron(np.eye(2), np.ones(n))
    matrix = np.concatenate([np.hstack([a.real, b.real]), np.hstack([a.imag, b.imag]), closing])
    xx, yy, xy = stress
    far = 0.5 * (xx + yy) + way[k] ** 2 * 0.5 * (yy - xx + 2j * xy)
    density = np.linalg.solve(matrix, -np.concatenate([far.real, far.imag, [0, 0]])).reshape(2, n)
    series = dct(density, 2, axis=1) / n
    series[:, 0] *= 0.5
    found = []
    for end, sense in ((0, -1.0), (-1, 1.0)):
        value = series @ ((-1.0) ** np.arange(n) if end else np.ones(n))
        bend = (CROWDING if pieces > 1 else np.pi**2 / 4) * length[end] / np.diff(ends)[end] ** 2
        k_ = sense * 2 * np.pi * np.sqrt(2 * np.pi) * (value[0] - 1j * value[1]) / (2 * np.sqrt(bend)) * way[end]
        found.append([k_.real, k_.imag])
    return np.array(found)
