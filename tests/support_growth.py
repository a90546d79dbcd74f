"""Cracks whose K is a formula, for tests of growth without the operator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.growth.reading import Reading
from deadlight.growth.shape import Moved, Solved

Array = np.ndarray[Any, np.dtype[np.float64]]

K_IC = 0.75e6


@dataclass(frozen=True)
class Power:
    """v = v_c (K / K_Ic)^n."""

    v_c: float
    n: float

    def velocity(self, k: Any, temperature: Any, humidity: Any) -> Array:
        return np.asarray(self.v_c * (np.asarray(k) / K_IC) ** self.n + 0.0 * temperature * humidity)


@dataclass(frozen=True)
class Exponential:
    """v = v0 exp(beta K)."""

    v0: float
    beta: float

    def velocity(self, k: Any, temperature: Any, humidity: Any) -> Array:
        return np.asarray(self.v0 * np.exp(self.beta * np.asarray(k)) + 0.0 * temperature * humidity)


class Still:
    """No slow growth."""

    def velocity(self, k: Any, temperature: Any, humidity: Any) -> Array:
        return np.asarray(0.0 * np.asarray(k) * temperature * humidity)


@dataclass(frozen=True)
class Wet:
    """Humidity 1, or what spans say: (until, value), then 1."""

    spans: tuple[tuple[float, float], ...] = ()

    @property
    def breaks(self) -> Array:
        return np.array([until for until, _ in self.spans])

    def at(self, time: Any) -> Array:
        values = np.array([*(value for _, value in self.spans), 1.0])
        return values[np.searchsorted(self.breaks, np.asarray(time), side="right")]


@dataclass(frozen=True)
class Circle:
    """A circle of radius a whose K is k_of(a) at every instant (m,)."""

    a: float
    time: Array
    k_of: Callable[[float], Array]

    tier = "quick"

    def solve(self) -> Solved:
        k = np.zeros((len(self.time), 1, 3))
        k[:, 0, 0] = self.k_of(self.a)
        flat = np.zeros(k.shape[:2])
        one = np.zeros(1, dtype=np.int64)
        reading = Reading(
            time=self.time, k=k, error=flat, effective=np.maximum(k[..., 0], 0.0), tilt=flat, twist=flat,
            temperature=flat + 300.0, toughness=flat + K_IC, weight=np.array([2.0 * np.pi * self.a]),
            place=np.zeros((1, 3)), front=one, crack=one, closed=(True,), area=np.pi * self.a**2,
        )  # fmt: skip
        return Solved(reading, (), ("C1",))

    def recalled(self, reading: Reading) -> Circle:
        return self

    def forget(self) -> None:
        pass

    def moved(self, move: Array, tilt: Array) -> Moved:
        return Moved(Circle(self.a + float(move[0]), self.time, self.k_of))


def radius(area: float | Array) -> Array:
    """Of a circle of an area."""
    return np.sqrt(np.asarray(area) / np.pi)
