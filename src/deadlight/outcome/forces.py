"""Loads on a piece: pressure on its real faces, inertia, weight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.errors import InputError
from deadlight.outcome.piece import Piece

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, eq=False)
class Load:
    """A force and a moment on a piece.

    Attributes
    ----------
    name : str
    force : (3,) float [N]
    moment : (3,) float [N m]
        About the piece's centroid.
    disturbing : bool
        Whether it belongs to the loads that the common factor multiplies.
    """

    name: str
    force: Array
    moment: Array
    disturbing: bool = True

    @property
    def wrench(self) -> Array:
        """Force and moment in one array. (6,)."""
        return np.concatenate([self.force, self.moment])


def pressure(piece: Piece, on: Mapping[str, float], *, cut: float, rest: float, name: str = "pressure") -> Load:
    """Pressure on the real faces: the integral of -p n and of its moment, exact for uniform p on plain triangles.

    The least pressure on the piece acts all round it, and so is left out.

    Parameters
    ----------
    on : mapping of region -> pressure [Pa]
    cut : float [Pa]
        In the gaps between the pieces.
    rest : float [Pa]
        On regions that are not named.
    """
    unknown = sorted(set(on) - set(piece.regions))
    if unknown:
        raise InputError(f"pressure on {unknown}", place=f"piece {piece.number}",
                         remedy="regions are: " + ", ".join(piece.regions))  # fmt: skip
    table = np.array([cut, *(on.get(r, rest) for r in piece.regions)])
    p = table[piece.faces.region + 1][:, None]
    p = p - p.min()  # what is the same all round does nothing, and the rounding of the faces' corners would
    arm = piece.faces.corners.mean(axis=1) - piece.centroid
    push = -p * piece.faces.vector
    return Load(name, push.sum(axis=0), np.cross(arm, push).sum(axis=0))


def inertia(piece: Piece, acceleration: Array, name: str = "inertia") -> Load:
    """d'Alembert's force -m a of a piece in a window with an acceleration (3,) [m/s2] in its own axes."""
    return Load(name, -piece.mass * np.asarray(acceleration, dtype=float), np.zeros(3))


def weight(piece: Piece, gravity: Array, name: str = "weight") -> Load:
    """Weight m g on the ground, g (3,) [m/s2] in the window's axes."""
    return Load(name, piece.mass * np.asarray(gravity, dtype=float), np.zeros(3))


def shaken(mass: float, amplitude: float) -> Array:
    """Forces (k, 3) [N] whose hull holds every inertia force of a vibration: corners of an icosahedron round the ball.

    The inscribed ball of an icosahedron has 0.79465 of the radius of its corners.  Without vibration: one zero row.
    """
    if not (np.isfinite(amplitude) and amplitude >= 0):
        raise InputError(f"vibration {amplitude!r} m/s2", place="retention", remedy="a finite amplitude from 0")
    if amplitude == 0.0:
        return np.zeros((1, 3))
    g = (1 + np.sqrt(5)) / 2
    corner = np.array([[0, a, b * g] for a in (-1, 1) for b in (-1, 1)], dtype=float)
    every = np.concatenate([np.roll(corner, k, axis=1) for k in range(3)]) / np.sqrt(1 + g * g)
    inscribed = np.sqrt((5 + 2 * np.sqrt(5)) / 15)
    return np.asarray(mass * amplitude / inscribed * every)
