"""One crack operator under a stress history: modes of its own, contact at every instant, K(t) along the fronts."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.operator.field import StressModes
from deadlight.operator.front import FrontFrame, front_frame, intensity, shut_near
from deadlight.operator.load import SurfacePoints
from deadlight.operator.supports import SeatSprings
from deadlight.operator.system import CrackOperator
from deadlight.operator.touch import touch

Array = np.ndarray[Any, np.dtype[np.float64]]

COMPRESSION = 1e-6  # of the largest traction norm of all instants: what the crack's own modes may leave out


@dataclass(frozen=True, eq=False)
class Loads:
    """Load vectors of a crack in time.

    Attributes
    ----------
    vector : (r, n_nodes, 3) float [N]
        Of the crack's own modes.
    amplitude : (m, r) float
    left_out : float
        Largest part of an instant's traction that the modes do not hold, of the largest traction of all instants.
    """

    vector: Array
    amplitude: Array
    left_out: float


def crack_loads(points: SurfacePoints, stress: StressModes, pressure: Array | float = 0.0) -> Loads:
    """Tractions on a crack, compressed to the modes it feels.

    Parameters
    ----------
    pressure : float or (m,) float [Pa]
        In the crack, opening it.
    """
    traction = points.traction(stress.sample_modes(points.point))
    amplitude = np.asarray(stress.amplitudes, dtype=float)
    inside = np.broadcast_to(np.asarray(pressure, dtype=float), len(amplitude))
    if np.any(inside != 0.0):
        traction = np.concatenate([traction, points.normal[None]])
        amplitude = np.concatenate([amplitude, inside[:, None]], axis=1)
    # Singular values of amplitude . traction in the norm of the area, by way of their squares: r^2 numbers instead of r
    # tractions everywhere.  Squares are good to 1e-16 of the largest, values to 1e-8: enough for COMPRESSION.
    flat = (traction * np.sqrt(points.area)[:, None]).reshape(len(traction), -1)
    gram = flat @ flat.T
    course, weight, mix = np.linalg.svd(amplitude, full_matrices=False)
    mix = weight[:, None] * mix
    square, turn = np.linalg.eigh(mix @ gram @ mix.T)
    square, turn = np.maximum(square[::-1], 0.0), turn[:, ::-1]
    every = np.maximum(np.einsum("mr,rs,ms->m", amplitude, gram, amplitude), 0.0)
    total = float(np.sqrt(every.max(initial=0.0)))
    keep = max(1, int((np.sqrt(square) > COMPRESSION * max(total, np.finfo(float).tiny)).sum()))
    size = np.sqrt(square[:keep])
    kept = (course @ turn[:, :keep]) * size
    mode = (turn[:, :keep].T @ mix) / np.where(size > 0.0, size, 1.0)[:, None]
    vector = np.tensordot(mode, points.load(traction), axes=1)
    missing = np.sqrt(np.maximum(every - (kept**2).sum(axis=1), 0.0).max(initial=0.0))
    return Loads(vector, kept, float(missing / total) if total > 0 else 0.0)


def without_overlap(k: Array) -> Array:
    """K (..., 3) with K_I below 0 set to 0."""
    out = k.copy()
    out[..., 0] = np.maximum(out[..., 0], 0.0)
    return out


@dataclass(frozen=True, eq=False)
class CrackHistory:
    """Opening and stress intensity of the cracks of one surface mesh in time.

    Attributes
    ----------
    operator : CrackOperator
    time : (m,) float [s]
    frames : tuple of FrontFrame
    k : tuple of (m, n, 3) float [Pa m^0.5]
        K_I, K_II, K_III along every front; with contact no K_I is below 0.
    k_ring : tuple of (m, n, 3) float
        The same read off the ring alone and carried out to the skin on straight lines: another reading of the opening.
    k_open : tuple of (m, n, 3) float
        The same if the faces could pass through each other.
    modes : (r, n_nodes, 3) float [m]
        Opening under the crack's own load modes, and under its contact pressures behind them.
    amplitude : (m, r) float
        Of both.
    closed : (m,) float
        Share of the crack's area that presses.
    lifted : (m,) float
        Share of the seats' area that has lifted off, with the crack present.
    left_out : float
        Of the traction, by the crack's own modes; relative.
    seconds : dict of str -> float
    """

    operator: CrackOperator
    time: Array
    frames: tuple[FrontFrame, ...]
    k: tuple[Array, ...]
    k_ring: tuple[Array, ...]
    k_open: tuple[Array, ...]
    modes: Array
    amplitude: Array
    closed: Array
    lifted: Array
    left_out: float
    seconds: dict[str, float]

    def opening(self, instant: int) -> Array:
        """D at all nodes at an instant: u(+) - u(-) on cracks, -u on the body's faces. (n_nodes, 3) [m]."""
        return np.tensordot(self.amplitude[instant], self.modes, axes=1)


def follow(
    operator: CrackOperator,
    stress: StressModes,
    *,
    pressure: Array | float = 0.0,
    contact: bool = True,
    stick: bool = False,
    seats: SeatSprings | None = None,
    more: tuple[Array, Array] | None = None,
) -> CrackHistory:
    """K(t) along all fronts of an operator.

    Parameters
    ----------
    pressure : float or (m,) float [Pa]
        In the cracks.
    contact : bool
        Faces cannot pass through each other; False leaves K_I negative where they would.
    stick : bool
        Faces that shut hold together until they open; otherwise they slide without friction.
    seats : SeatSprings or None
        Those whose springs are in the operator's matrix; they cannot pull.
    more : (r, n_nodes, 3) [N] and (m, r) float, optional
        Other load vectors with their course: of the heat that the crack blocks.
    """
    start = time.perf_counter()
    mesh = operator.mesh
    loads = crack_loads(SurfacePoints.of(mesh, mesh.under_load), stress, pressure)
    if more is not None:
        vector = np.concatenate([loads.vector, more[0]])
        loads = Loads(vector, np.concatenate([loads.amplitude, more[1]], axis=1), loads.left_out)
    modes = operator.solve(loads.vector)
    seconds = {"load": time.perf_counter() - start}
    start = time.perf_counter()
    found = touch(operator, modes, loads.amplitude, crack=contact, stick=stick, seats=seats)
    frames = tuple(front_frame(mesh, front) for front in mesh.fronts)
    mu, nu = operator.mu, operator.nu
    every = [intensity(found.modes, f, frame, mu, nu) for f, frame in zip(mesh.fronts, frames)]
    k = [np.tensordot(found.amplitude, each, axes=1) for each in every]
    ring = []
    for i, (front, frame) in enumerate(zip(mesh.fronts, frames)):
        alone = intensity(found.modes, front, frame, mu, nu, ring_only=True)
        ring.append(np.tensordot(found.amplitude, alone, axes=1))
        shut = shut_near(mesh.points, frame, found.pressing)  # the opening behind the front is no smooth root there
        k[i] = np.where(shut[:, :, None], ring[i], k[i])
        if contact:  # faces that cannot overlap have no K_I below 0: what is left of it is the mesh's
            k[i], ring[i] = without_overlap(k[i]), without_overlap(ring[i])
    own = len(modes)
    k_open = tuple(np.tensordot(loads.amplitude, each[:own], axes=1) for each in every)
    seconds["contact"] = time.perf_counter() - start
    at = np.asarray(stress.time, dtype=float)
    return CrackHistory(
        operator,
        at,
        frames,
        tuple(k),
        tuple(ring),
        k_open,
        found.modes,
        found.amplitude,
        found.closed,
        found.lifted,
        loads.left_out,
        seconds,
    )
