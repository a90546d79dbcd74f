"""From the response at a few frequencies to the response in time, through a sum of exponential relaxations.

The response R(s) of diffusion to a heat flux is analytic off the negative real axis, R(s) = int rho(l) / (s + l) dl.  With
l = exp(u) the trapezoidal rule of step d in u has an error exp(-2 pi (pi - |arg s|) / d) (Trefethen & Weideman 2014, SIAM
Review 56:385): two relaxation rates a decade represent R on the imaginary axis to 2e-4, four far better.  So

    R(s) ~ c_inf + sum_j c_j l_j / (s + l_j),   real c_j by least squares from samples at s = i omega,

and the solution in time is y_j' = l_j (q - y_j), theta = c_inf q + sum_j c_j y_j, exact for data that are linear between
the instants, whatever their spacing.  By Parseval the error in time, in the mean square, is at most the largest error on
the imaginary axis times that of the data; nothing is unstable.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.errors import NotSolved

Array = np.ndarray[Any, np.dtype[np.float64]]
Complex = np.ndarray[Any, np.dtype[np.complex128]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

RATES_PER_DECADE = 4
MARGIN = 5.0  # rates reach this far beyond the sampled frequencies
CUT = 1e-10  # singular values of the fit below this share are dropped
TAIL_FREQUENCIES = 5


@dataclass(frozen=True, eq=False)
class Relaxation:
    """A fitted response.

    Attributes
    ----------
    rate : (j,) float [1/s]
    part : (j + 1, n, r) float
        Share of each rate, for n values under r modes of data; the last one follows the data at once.
    """

    rate: Array
    part: Array

    def at(self, omega: Array) -> Complex:
        """Response at frequencies [rad/s]. (f, n, r)."""
        return np.asarray(np.tensordot(_basis(omega, self.rate), self.part, axes=1))

    def follow(self, time: Array, data: Array, *, steady_start: bool) -> Array:
        """Values (m, n) under data (m, r) at the instants `time` (m,), linear in between.

        `steady_start`: the first data have acted for ever; otherwise nothing is disturbed before the first instant.
        """
        state = np.broadcast_to(data[0], (len(self.rate), data.shape[1])).copy() if steady_start else np.zeros((len(self.rate), data.shape[1]))
        states = np.empty((len(time), len(self.rate) + 1, data.shape[1]))
        states[:, -1] = data
        states[0, :-1] = state
        for m, step in enumerate(np.diff(time)):
            x = (self.rate * step)[:, None]
            gone = -np.expm1(-x)  # 1 - exp(-x)
            new, old = data[m + 1], data[m]
            state = (1 - gone) * state + new - (1 - gone) * old - (new - old) * gone / x
            states[m + 1, :-1] = state
        return np.asarray(np.tensordot(states, self.part.transpose(0, 2, 1), axes=2))


def sampled_sizes(low: float, high: float) -> Array:
    """|a| = sqrt(omega / diffusivity) from `low`, doubling until `high` is reached [1/m]."""
    return np.asarray(low * 2.0 ** np.arange(max(2, int(np.ceil(np.log2(high / low))) + 1)))


def _basis(omega: Array, rate: Array) -> Complex:
    inner = rate / (1j * omega[:, None] + rate)
    return np.concatenate([inner, np.ones((len(omega), 1))], axis=1)


def tail(size: Complex, response: Complex, power: int) -> tuple[Array, Complex]:
    """Samples beyond the last ones: |a| (k,) and responses, from sum_p c_p a^-p, p = power, power + 1, power + 2.

    At high frequency heat only crosses a thin layer on either side of the crack and the response is that of two half
    spaces (power 1 for the jump of temperature, 2 for the thermal load) with corrections from the front and curvature.
    """
    phase = np.exp(0.25j * np.pi)
    used = slice(-2, None)
    scale = abs(size[-1])

    def columns(s: Array) -> Complex:
        return np.asarray((phase * s[:, None] / scale) ** -(power + np.arange(3.0)))

    a = columns(np.abs(size[used]))
    shape = response.shape[1:]
    right = response[used].reshape(2, -1)
    c = np.linalg.lstsq(np.concatenate([a.real, a.imag]), np.concatenate([right.real, right.imag]), rcond=None)[0]
    beyond = scale * 2.0 ** np.arange(1, TAIL_FREQUENCIES + 1)
    return beyond, (columns(beyond) @ c).reshape(-1, *shape)


def fit(omega: Array, response: Complex, skip: int | None = None) -> Relaxation:
    """Relaxation through samples (f, n, r) at frequencies omega (f,), each with the weight of its own magnitude.

    `skip` leaves one sample out (to see what the others say of it).

    Raises
    ------
    NotSolved
        A sample is not finite.
    """
    if not np.isfinite(response).all():
        raise NotSolved("blocked heat: the response at a frequency is not finite; is the mesh or the flux?")
    positive = omega[omega > 0]
    low, high = positive.min() / MARGIN, positive.max() * MARGIN
    rate = np.geomspace(low, high, max(4, int(np.ceil(RATES_PER_DECADE * np.log10(high / low)))))
    keep = np.arange(len(omega)) != (-1 if skip is None else skip)
    basis, flat = _basis(omega[keep], rate), response[keep].reshape(keep.sum(), -1)
    size = np.linalg.norm(flat, axis=1)
    weight = 1 / np.maximum(size, 1e-12 * max(size.max(), 1e-300))
    left, right = basis * weight[:, None], flat * weight[:, None]
    part = np.linalg.lstsq(np.concatenate([left.real, left.imag]), np.concatenate([right.real, right.imag]), rcond=CUT)[0]
    return Relaxation(rate, part.reshape(-1, *response.shape[1:]))


def left_out(omega: Array, response: Complex, sampled: int) -> float:
    """Worst error with which the fit through the other samples meets one it was not given, over that sample's magnitude.

    Only inner ones of the first `sampled` frequencies count.
    """
    worst = 0.0
    for k in range(1, sampled - 1):
        if omega[k] == 0:
            continue
        found = fit(omega, response, skip=k).at(omega[k : k + 1])[0]
        worst = max(worst, float(np.linalg.norm(found - response[k]) / max(np.linalg.norm(response[k]), 1e-300)))
    return worst
