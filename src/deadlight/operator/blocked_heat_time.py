"""From the response at a few frequencies to the response in time, through a sum of exponential relaxations.

The response R(s) of diffusion to a heat flux is analytic off the negative real axis, R(s) = int rho(l) / (s + l) dl.
With l = exp(u) the trapezoidal rule of step d in u has an error exp(-2 pi (pi - |arg s|) / d) (Trefethen & Weideman
2014, SIAM Review 56:385): two relaxation rates a decade represent R on the imaginary axis to 2e-4, four far better.  So

    R(s) ~ sum_j c_j l_j / (s + l_j),   real c_j by least squares from samples at s = i omega,

smooth in j where the samples leave them open,

and the solution in time is y_j' = l_j (q - y_j), theta = sum_j c_j y_j, exact for data that are linear between
the instants, whatever their spacing.  By Parseval the error in time, in the mean square, is at most the largest error
on the imaginary axis times that of the data; nothing is unstable.
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
SMOOTH = 0.02  # weight of the second differences of neighbouring rates' shares: without it they alternate
TAIL_FREQUENCIES = 5
TINY = 1e-300


@dataclass(frozen=True, eq=False)
class Relaxation:
    """A fitted response.

    Attributes
    ----------
    rate : (j,) float [1/s]
        The last one is infinite where a part of the response follows the data at once (given temperatures).
    part : (j, n, r) float
        Share of each rate, for n values under r modes of data.
    """

    rate: Array
    part: Array

    def at(self, omega: Array) -> Complex:
        """Response at frequencies [rad/s]. (f, n, r)."""
        return np.asarray(np.tensordot(_basis(omega, self.rate), self.part, axes=1))

    def follow(self, time: Array, data: Array, *, steady_start: bool) -> Array:
        """Values (m, n) under data (m, r) at the instants `time` (m,), linear in between; see `states`."""
        return combined(self.states(time, data, steady_start=steady_start), self.part)

    def states(self, time: Array, data: Array, *, steady_start: bool) -> Array:
        """What each rate makes of the data, (m, j, r).

        `steady_start`: the first data have acted for ever; otherwise nothing is disturbed before the first instant.
        """
        state = np.broadcast_to(data[0] if steady_start else 0.0 * data[0], (len(self.rate), data.shape[1])).copy()
        state[np.isinf(self.rate)] = data[0]
        states = np.empty((len(time), *state.shape))
        states[0] = state
        for m, step in enumerate(np.diff(time)):
            x = (self.rate * step)[:, None]
            gone = -np.expm1(-x)  # 1 - exp(-x)
            new, old = data[m + 1], data[m]
            state = (1 - gone) * state + new - (1 - gone) * old - (new - old) * gone / x
            states[m + 1] = state
        return states


def combined(states: Array, part: Array) -> Array:
    """States (m, j, r) times shares (j, n, r) -> (m, n)."""
    return np.asarray(np.tensordot(states, part.transpose(0, 2, 1), axes=2))


def sampled_sizes(low: float, high: float) -> Array:
    """|a| = sqrt(omega / diffusivity) from `low`, doubling until `high` is reached [1/m]."""
    return np.asarray(low * 2.0 ** np.arange(max(2, int(np.ceil(np.log2(high / low))) + 1)))


def _basis(omega: Array, rate: Array) -> Complex:
    finite = np.isfinite(rate)
    return np.where(finite, np.where(finite, rate, 1.0) / (1j * omega[:, None] + np.where(finite, rate, 1.0)), 1.0)


def _real(a: Complex) -> Array:
    """Real and imaginary parts as rows."""
    return np.concatenate([a.real, a.imag])


def tail(size: Array, response: Complex, power: int) -> tuple[Array, Complex]:
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
    c = np.linalg.lstsq(_real(a), _real(right), rcond=None)[0]
    beyond = scale * 2.0 ** np.arange(1, TAIL_FREQUENCIES + 1)
    return beyond, (columns(beyond) @ c).reshape(-1, *shape)


def fit(omega: Array, response: Complex, *, instant: bool = False, skip: int | None = None) -> Relaxation:
    """Relaxation through samples (f, n, r) at frequencies omega (f,), each with the weight of its own magnitude.

    `instant`: a part follows the data at once.  Only then, for it can all but cancel fast rates, which shows after a
    step. `skip` leaves one sample out (to see what the others say of it).

    Raises
    ------
    NotSolved
        A sample is not finite.
    """
    lost = ~np.isfinite(response.reshape(len(omega), -1)).all(axis=1)
    if lost.any():
        raise NotSolved(
            f"blocked heat: the response is not finite at {int(lost.sum())} of {len(omega)} frequencies, the first "
            f"{omega[lost.argmax()]:.3g} rad/s: look at the flux of the uncracked pane and the crack's mesh"
        )
    positive = omega[omega > 0]
    low, high = positive.min() / MARGIN, positive.max() * (1.0 if instant else MARGIN)
    rate = np.geomspace(low, high, max(4, int(np.ceil(RATES_PER_DECADE * np.log10(high / low)))))
    rate = np.append(rate, np.inf) if instant else rate
    keep = np.arange(len(omega)) != (-1 if skip is None else skip)
    basis, flat = _basis(omega[keep], rate), response[keep].reshape(keep.sum(), -1)
    size = np.linalg.norm(flat, axis=1)
    weight = 1 / np.maximum(size, 1e-12 * max(size.max(), TINY))
    left, right = _real(basis * weight[:, None]), _real(flat * weight[:, None])
    # a share counts relative to the response at the frequency of its rate; there are more rates than data
    near = np.interp(np.log(rate[np.isfinite(rate)]), np.log(np.maximum(omega[keep], TINY)), np.log(weight))
    smooth = SMOOTH * _second_differences(np.exp(near), len(rate))
    solve = np.linalg.pinv(np.concatenate([left, smooth]), rcond=np.finfo(float).eps * max(left.shape))
    part = solve[:, : len(right)] @ right  # a hundred unknowns and as many right sides as nodes: one product
    return Relaxation(rate, part.reshape(-1, *response.shape[1:]))


def _second_differences(weight: Array, columns: int) -> Array:
    """Rows w_k (c_k-1 - 2 c_k + c_k+1) for the inner ones of the weights."""
    rows = np.arange(max(len(weight) - 2, 0))
    out = np.zeros((len(rows), columns))
    for k, value in enumerate((1.0, -2.0, 1.0)):
        out[rows, rows + k] = value * weight[1:-1]
    return out


def left_out(
    omega: Array, response: Complex, inner: range, whole: Relaxation, states: Array, *, instant: bool
) -> float:
    """Largest change of the history (of `whole` with its `states`) when one of the `inner` samples is left out."""
    worst = 0.0
    for k in inner:
        other = fit(omega, response, instant=instant, skip=k)
        worst = max(worst, float(np.abs(combined(states, other.part - whole.part)).max(initial=0.0)))
    return worst
