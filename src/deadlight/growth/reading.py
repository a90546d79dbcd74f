"""What is known of one geometry of growing cracks: K at its front points at every instant, beside what resists it."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, eq=False)
class Reading:
    """K of one geometry at every instant.

    The n points are those that may move: nodes of all fronts in the full tier, ends of a size in the quick one.

    Attributes
    ----------
    time : (m,) float [s]
    k : (m, n, 3) float [Pa m^0.5]
        K_I, K_II, K_III, with contact of the faces.
    error : (m, n) float [Pa m^0.5]
        Estimated numerical error of K.
    effective : (m, n) float [Pa m^0.5]
        What the criterion of direction holds against K_Ic and takes for slow growth.
    tilt, twist : (m, n) float [rad]
        From straight ahead towards the crack's normal, and about the direction of growth.
    temperature : (m, n) float [K]
    toughness : (m, n) float [Pa m^0.5]
    weight : (n,) float [m]
        Length of front that a point stands for: area swept = sum of weight times advance.
    place : (n, 3) float [m]
    front, crack : (n,) int64
        Which front, and which crack, a point belongs to.
    closed : tuple of bool
        Whether each front is closed.
    area : float [m^2]
        Of all cracks.
    """

    time: Array
    k: Array
    error: Array
    effective: Array
    tilt: Array
    twist: Array
    temperature: Array
    toughness: Array
    weight: Array
    place: Array
    front: Index
    crack: Index
    closed: tuple[bool, ...]
    area: float

    @functools.cached_property
    def ratio(self) -> Array:
        """Effective K over K_Ic at the point's temperature. (m, n)."""
        return self.effective / self.toughness

    @functools.cached_property
    def worst(self) -> Array:
        """Largest ratio at every instant. (m,)."""
        return np.asarray(self.ratio.max(axis=1))

    def by_front(self, values: Array) -> list[Array]:
        """Values at the points (n, ...), one array a front."""
        return [values[self.front == i] for i in range(len(self.closed))]

    @property
    def size(self) -> float:
        """Radius of a circle of the cracks' area, or area over length of front where that is more (long cracks) [m]."""
        return max(float(np.sqrt(self.area / np.pi)), self.area / float(self.weight.sum()))

    @property
    def relative_error(self) -> float:
        """Largest error of K over the largest K of its instant, where the crack is nearest to K_Ic."""
        i = int(self.worst.argmax())
        top = float(np.linalg.norm(self.k[i], axis=1).max())
        return float(self.error[i].max()) / top if top > 0.0 else 0.0

    def at(self, time: float) -> Instant:
        """Everything at a time, linear between the instants."""
        i = int(np.clip(np.searchsorted(self.time, time, side="right") - 1, 0, max(len(self.time) - 2, 0)))
        if len(self.time) == 1:
            return Instant(self.effective[0], self.temperature[0], self.toughness[0])
        share = (time - self.time[i]) / (self.time[i + 1] - self.time[i])
        share = min(max(share, 0.0), 1.0)
        mix = [(1.0 - share) * x[i] + share * x[i + 1] for x in (self.effective, self.temperature, self.toughness)]
        return Instant(*mix)

    def row(self, time: float) -> int:
        """The instant nearest to a time."""
        return int(np.abs(self.time - time).argmin())


@dataclass(frozen=True, eq=False)
class Instant:
    """Effective K, temperature and K_Ic of the n points at one time."""

    effective: Array
    temperature: Array
    toughness: Array

    @property
    def ratio(self) -> Array:
        return self.effective / self.toughness


def point_weights(place: Array, closed: bool) -> Array:
    """Length of front that each of its points stands for. (n, 3) -> (n,) [m]."""
    step = np.linalg.norm(np.diff(place, axis=0, append=place[:1]), axis=1)
    if closed:
        return np.asarray(0.5 * (step + np.roll(step, 1)))
    weight = np.zeros(len(place))
    weight[:-1] += 0.5 * step[:-1]
    weight[1:] += 0.5 * step[:-1]
    return weight
