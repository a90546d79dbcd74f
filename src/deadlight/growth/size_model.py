"""What a crack of one or a few sizes meets: K, K_Ic, temperature, humidity, shaking, and the velocity that follows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from deadlight.errors import InputError
from deadlight.growth.humidity import Humidity
from deadlight.growth.law import GrowthLaw
from deadlight.growth.waveform import Shape

Array = np.ndarray[Any, np.dtype[np.float64]]
Intensity = Callable[[Array, float], ArrayLike]
"""A quantity (p,) of sizes (p,) [m] and time [s]."""


@dataclass(frozen=True, kw_only=True)
class Shaking:
    """Vibration or a shock on the clock: K swings by an amplitude about what it is otherwise.

    Attributes
    ----------
    name : str
    start, duration : float [s]
    shape : Shape
    amplitude : callable
        Amplitude of K (a random one: rms) (p,) [Pa m**0.5] at sizes (p,); quasi-static, resonance is not in it.
    """

    name: str
    start: float
    duration: float
    shape: Shape
    amplitude: Callable[[Array], ArrayLike]

    @property
    def end(self) -> float:
        """Its end [s]."""
        return self.start + self.duration


class SizeModel:
    """K, K_Ic, temperature and velocity at sizes and a time."""

    def __init__(
        self,
        k: Intensity,
        law: GrowthLaw,
        toughness: float | Callable[[Array], ArrayLike],
        temperature: float | Intensity,
        humidity: Humidity,
    ) -> None:
        self.k_of, self.law, self.toughness, self.temperature = k, law, toughness, temperature
        self.humidity = humidity

    def state(self, size: Array, time: float) -> tuple[Array, Array, Array]:
        """K, K_Ic, temperature (p,)."""
        k = np.broadcast_to(np.asarray(self.k_of(size, time), dtype=float), size.shape)
        given = self.temperature(size, time) if callable(self.temperature) else self.temperature
        T = np.broadcast_to(np.asarray(given, dtype=float), size.shape)
        k_ic = np.asarray(self.toughness(T) if callable(self.toughness) else self.toughness, dtype=float)
        if not np.isfinite(k).all():
            raise InputError(
                f"K is not a number at size {size} m, {time:g} s", place="growth", remedy="K must be known there"
            )
        return k, np.broadcast_to(k_ic, size.shape), T

    def velocity(self, size: Array, time: float, shaking: Shaking | None, held: bool) -> Array:
        """Velocity (p,) [m/s]; `held`: K counts as no more than K_Ic."""
        k, k_ic, T = self.state(size, time)
        h = self.humidity.at(time)
        if shaking is None:
            return self.law.velocity(np.minimum(k, k_ic) if held else k, T, h)
        return shaking.shape.mean(self.law, k, self._amplitude(size, shaking), T, h, k_ic)

    def ratio(self, size: Array, time: float, shaking: Shaking | None = None) -> Array:
        """K/K_Ic (p,), with the peak of a shaking."""
        k, k_ic, _ = self.state(size, time)
        if shaking is not None:
            k = k + self._amplitude(size, shaking) * shaking.shape.peak(shaking.duration)
        return k / k_ic

    def _amplitude(self, size: Array, shaking: Shaking) -> Array:
        amplitude = np.broadcast_to(np.asarray(shaking.amplitude(size), dtype=float), size.shape)
        if not (np.isfinite(amplitude).all() and (amplitude >= 0.0).all()):
            raise InputError("its amplitude of K cannot be", place=f"shaking {shaking.name}", remedy="0 or more")
        return amplitude
