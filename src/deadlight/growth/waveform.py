"""Slow growth under a K that swings fast: the mean velocity over a waveform K(t) = K_mean + K_amp w.

Velocity follows K at once (a quasi-static reaction rate), so only the time that K spends at each level counts, not the
frequency.  K <= 0 is a closed crack.  Evans & Fuller 1974 (Metall. Trans. 5:27) average slow growth of glass over a
cycle in this way.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import i0e, ndtr

from deadlight.errors import InputError
from deadlight.growth.law import ExponentialLaw, GrowthLaw, SimpleExponential

Array = np.ndarray[Any, np.dtype[np.float64]]

NODES = 96  # of the quadrature over a quarter of a period
GAUSSIAN_NODES = 240
FAR = 40.0  # rms: beyond, the Gaussian density underflows
EULER = 0.5772156649015329


class Shape(Protocol):
    """A waveform w of amplitude 1 (a random one: of rms 1)."""

    def mean(
        self, law: GrowthLaw, k: ArrayLike, amplitude: ArrayLike, temperature: ArrayLike, humidity: ArrayLike,
        critical: ArrayLike = math.inf,
    ) -> Array:  # fmt: skip
        """Mean velocity [m/s] of the law over the waveform; arguments broadcast, K at `critical` is not passed."""
        ...

    def peak(self, duration: float) -> float:
        """Largest w within a duration [s]: K_mean + K_amp w is what is held against K_Ic."""
        ...


@dataclass(frozen=True)
class _Known:
    """A waveform that is known in time, by the levels it takes and the share of time at each."""

    def levels(self) -> tuple[Array, Array]:
        """Levels w (q,) and shares of time (q,)."""
        raise NotImplementedError

    def mean(
        self, law: GrowthLaw, k: ArrayLike, amplitude: ArrayLike, temperature: ArrayLike, humidity: ArrayLike,
        critical: ArrayLike = math.inf,
    ) -> Array:  # fmt: skip
        """Mean velocity [m/s]; see `Shape.mean`."""
        w, share = self.levels()
        k, amplitude, temperature, humidity = _columns(k, amplitude, temperature, humidity)
        here = np.minimum(k + amplitude * w, np.asarray(critical, dtype=float)[..., None])
        return np.asarray((law.velocity(here, temperature, humidity) * share).sum(axis=-1))

    def peak(self, duration: float) -> float:
        """Largest w."""
        return float(self.levels()[0].max())


@dataclass(frozen=True)
class Square(_Known):
    """Full amplitude all the time."""

    def levels(self) -> tuple[Array, Array]:
        """One level."""
        return np.ones(1), np.ones(1)


@dataclass(frozen=True)
class Triangle(_Known):
    """A pulse that rises and falls in a straight line."""

    def levels(self) -> tuple[Array, Array]:
        """Every level for the same time."""
        x, weight = _gauss()
        return x, weight


@dataclass(frozen=True)
class HalfSine(_Known):
    """A pulse like half a sine: the usual form of a shock (pyro, parachute, landing)."""

    def levels(self) -> tuple[Array, Array]:
        """sin over a quarter of a period."""
        x, weight = _gauss()
        return np.sin(0.5 * math.pi * x), weight

    def peak(self, duration: float) -> float:
        """1."""
        return 1.0


@dataclass(frozen=True)
class Sine(_Known):
    """A sine.  For an exponential law over a crack that stays open the mean is v(K_mean) I_0(beta K_amp), exactly."""

    def levels(self) -> tuple[Array, Array]:
        """sin over half a period from trough to crest."""
        x, weight = _gauss()
        up = np.sin(0.5 * math.pi * x)
        return np.concatenate([-up[::-1], up]), 0.5 * np.concatenate([weight[::-1], weight])

    def mean(
        self, law: GrowthLaw, k: ArrayLike, amplitude: ArrayLike, temperature: ArrayLike, humidity: ArrayLike,
        critical: ArrayLike = math.inf,
    ) -> Array:  # fmt: skip
        """Mean velocity [m/s]; see `Shape.mean`."""
        k, amplitude = np.asarray(k, dtype=float), np.asarray(amplitude, dtype=float)
        open_ = (k > amplitude).all() and (k + amplitude <= critical).all()
        if isinstance(law, (ExponentialLaw, SimpleExponential)) and open_:
            crest = law.velocity(k + amplitude, temperature, humidity)
            return np.asarray(crest * i0e(law.slope(temperature) * amplitude))  # i0e(x) = I_0(x) exp(-x)
        return super().mean(law, k, amplitude, temperature, humidity, critical)

    def peak(self, duration: float) -> float:
        """1."""
        return 1.0


@dataclass(frozen=True, eq=False)
class Sampled(_Known):
    """A waveform as measured, at equal steps of time.

    Attributes
    ----------
    w : (q,) float
        In units of the amplitude.
    """

    w: Array

    def __post_init__(self) -> None:
        w = np.array(self.w, dtype=float)
        if w.ndim != 1 or not len(w) or not np.isfinite(w).all():
            raise InputError(f"waveform {w.shape}", place="waveform", remedy="one finite level for each step of time")
        object.__setattr__(self, "w", w)

    def levels(self) -> tuple[Array, Array]:
        """Every sample for the same time."""
        return self.w, np.full(len(self.w), 1.0 / len(self.w))


@dataclass(frozen=True)
class Gaussian:
    """Stationary random vibration of rms 1, Gaussian at every instant, whatever its spectrum.

    In a narrow band it is a sine whose amplitude has a Rayleigh distribution; the mean velocity is the same.  For an
    exponential law over an open crack it is v(K_mean) exp((beta K_rms)**2 / 2).

    Attributes
    ----------
    upcrossings : float [1/s]
        Expected upcrossings of the mean in a second (Rice 1944), `spectrum` gives it.
    """

    upcrossings: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.upcrossings) and self.upcrossings > 0.0):
            raise InputError(f"upcrossings {self.upcrossings:g} 1/s", place="vibration", remedy="a positive rate")

    def mean(
        self, law: GrowthLaw, k: ArrayLike, amplitude: ArrayLike, temperature: ArrayLike, humidity: ArrayLike,
        critical: ArrayLike = math.inf,
    ) -> Array:  # fmt: skip
        """Mean velocity [m/s]; `amplitude` is the rms of K. While K is above critical it counts with v(critical)."""
        k, rms, temperature, humidity = _columns(k, amplitude, temperature, humidity)
        critical = np.asarray(critical, dtype=float)[..., None]
        scale = np.where(rms > 0.0, rms, 1.0)
        low = np.clip(-k / scale, -FAR, FAR)
        high = np.clip((critical - k) / scale, -FAR, FAR)
        x, weight = _legendre(GAUSSIAN_NODES)
        half = 0.5 * (high - low)
        # Where v exp(-x**2/2) has its mass is not known beforehand: nodes 0.3 rms apart resolve it anywhere.
        at = low + half * (x + 1.0)
        density = np.exp(-0.5 * at**2) / math.sqrt(2.0 * math.pi)
        swing = (law.velocity(k + rms * at, temperature, humidity) * density * weight * half).sum(axis=-1)
        above = ndtr(-high[..., 0])
        held = law.velocity(np.where(np.isfinite(critical), critical, 0.0), temperature, humidity)[..., 0]
        steady = law.velocity(k[..., 0], temperature[..., 0], humidity[..., 0])
        shaken = np.broadcast_to(rms[..., 0] > 0.0, swing.shape)
        return np.asarray(np.where(shaken, swing + above * held, steady))

    def peak(self, duration: float) -> float:
        """Expected largest value within a duration [s], in rms (Davenport 1964, eq. 14)."""
        count = self.upcrossings * duration
        if count <= math.e:
            return math.sqrt(2.0) + EULER / math.sqrt(2.0)
        root = math.sqrt(2.0 * math.log(count))
        return root + EULER / root

    def exceedances(self, level: ArrayLike, duration: float) -> Array:
        """Expected number of times that a level [rms] is passed within a duration [s] (Rice 1944)."""
        return np.asarray(self.upcrossings * duration * np.exp(-0.5 * np.asarray(level, dtype=float) ** 2))


def spectrum(frequency: ArrayLike, density: ArrayLike) -> tuple[float, Gaussian]:
    """rms and waveform of a power spectral density that is linear between its points.

    Parameters
    ----------
    frequency : (m,) float [Hz]
    density : (m,) float [unit**2/Hz]
        For instance of acceleration; the rms has its unit.

    Returns
    -------
    rms : float
        sqrt(m0), m_i the integral of f**i S.
    shape : Gaussian
        With sqrt(m2/m0) upcrossings in a second.
    """
    f, s = np.asarray(frequency, dtype=float), np.asarray(density, dtype=float)
    if f.ndim != 1 or f.shape != s.shape or len(f) < 2 or not (np.isfinite(f).all() and np.isfinite(s).all()):
        raise InputError(f"{f.shape} frequencies, {s.shape} densities", place="spectrum", remedy="two or more points")
    if (np.diff(f) <= 0.0).any() or f[0] < 0.0 or (s < 0.0).any() or not s.any():
        raise InputError("no spectrum", place="spectrum", remedy="rising frequencies, densities of 0 or more")
    x, weight = _legendre(2)  # exact for f**2 times a line
    middle, half = 0.5 * (f[1:] + f[:-1]), 0.5 * np.diff(f)
    at = middle[:, None] + half[:, None] * x
    level = np.interp(at, f, s)
    m0, m2 = ((at**power * level * weight * half[:, None]).sum() for power in (0, 2))
    return math.sqrt(m0), Gaussian(math.sqrt(m2 / m0))


@functools.cache
def _legendre(count: int) -> tuple[Array, Array]:
    return np.polynomial.legendre.leggauss(count)


@functools.cache
def _gauss() -> tuple[Array, Array]:
    x, weight = _legendre(NODES)
    return 0.5 * (x + 1.0), 0.5 * weight


def _columns(*values: ArrayLike) -> tuple[Array, ...]:
    """Broadcast, with one more axis for the levels."""
    return tuple(a[..., None] for a in np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in values)))
