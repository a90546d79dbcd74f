"""A law given as a table v(K, T, humidity): whatever was measured, the three regions included."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from deadlight.assumption import Assumption
from deadlight.entry.columns import read_columns
from deadlight.errors import InputError
from deadlight.remark import Remark

Array = np.ndarray[Any, np.dtype[np.float64]]

COLUMNS = {
    "k": ("K [MPa*m**0.5]", "Pa*m**0.5"),
    "temperature": ("T [K]", "K"),
    "humidity": ("humidity", ""),
    "velocity": ("v [m/s]", "m/s"),
}
"""Columns of a table file: head of the column, SI unit.  Humidity is a share, 0 to 1."""


@dataclass(frozen=True, eq=False, kw_only=True)
class TableLaw:
    """Velocity interpolated in a full grid of K, temperature and humidity.

    The logarithm of v is linear in K and in 1/T, so that a chemical rate is met exactly, and linear in the logarithm of
    humidity, so that a power of it is.  Between humidity 0 and the first humidity above it, v rises by the square root
    of humidity (the lower of Wiederhorn's 1967 exponents: never too slow).

    Outside: below the first K and the first humidity the velocity at the edge of the table stands; v rises with both,
    so it is an upper bound.  Above the last K or humidity, and outside the temperatures, it stands too: an alarm
    (none below the first temperature where v rises with temperature throughout).

    Attributes
    ----------
    k : (p,) float [Pa m**0.5]
    temperature : (q,) float [K]
    humidity : (r,) float
        0..1, rising like the others; one temperature or one humidity stand for that alone.
    v : (p, q, r) float [m/s]
        Positive, and not falling with K or humidity; at humidity 0 it may be 0 throughout.
    """

    k: Array
    temperature: Array
    humidity: Array
    v: Array
    owner: str = "growth.law"
    source: str = "stated by the user"
    status: str = "R"
    note: str = ""
    name: str = "table"

    def __post_init__(self) -> None:
        for name in ("k", "temperature", "humidity", "v"):
            object.__setattr__(self, name, np.array(getattr(self, name), dtype=float))
        _check(self)

    @classmethod
    def from_file(cls, path: str | os.PathLike[str], **named: Any) -> TableLaw:
        """From a CSV with the columns `COLUMNS`, rows in any order.

        Raises
        ------
        InputError
            A column is missing or the rows are no full grid.
        """
        columns = read_columns(path, columns=COLUMNS)
        axes = [np.unique(columns[name]) for name in ("k", "temperature", "humidity")]
        shape, rows = [len(a) for a in axes], len(columns["velocity"])
        wrong = InputError(
            f"{rows} rows, but {shape[0]} K, {shape[1]} temperatures and {shape[2]} humidities",
            place=str(path),
            remedy="one row for every combination of them",
        )
        if math.prod(shape) != rows:  # asked first: a grid of rows that are none takes the third power of their memory
            raise wrong
        place = tuple(np.searchsorted(a, columns[n]) for a, n in zip(axes, ("k", "temperature", "humidity")))
        v = np.full(shape, np.nan)
        v[place] = columns["velocity"]
        if np.isnan(v).any():
            raise wrong
        return cls(k=axes[0], temperature=axes[1], humidity=axes[2], v=v, **{"source": str(path), **named})

    def velocity(self, k: ArrayLike, temperature: ArrayLike, humidity: ArrayLike) -> Array:
        """Velocity [m/s]; see `GrowthLaw.velocity`."""
        k, T, h = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in (k, temperature, humidity)))
        if not (np.isfinite(k).all() and np.isfinite(T).all() and ((h >= 0.0) & (h <= 1.0)).all()):
            raise InputError("K, temperature or humidity cannot be", place="table of slow growth", remedy="check them")
        wet = self.humidity > 0.0
        first = int(np.argmax(wet))
        ln = np.log(self.v[:, :, wet])
        floor = self.humidity[first]
        moist = np.exp(
            _linear(ln, (self.k, k), (1.0 / self.temperature, 1.0 / T), (np.log(self.humidity[wet]), _ln(h, floor)))
        )
        if first == 1:  # the table begins with vacuum
            dry = self._dry(k, T)
            share = np.sqrt(np.clip(h / floor, 0.0, 1.0))
            moist = np.where(h < floor, dry + (moist - dry) * share, moist)
        return np.asarray(np.where(k > 0.0, moist, 0.0))

    def _dry(self, k: Array, T: Array) -> Array:
        table = self.v[:, :, :1]
        if not table.any():
            return np.zeros(k.shape)
        return np.exp(_linear(np.log(table), (self.k, k), (1.0 / self.temperature, 1.0 / T), (np.zeros(1), 0.0 * k)))

    def assumptions(self) -> tuple[Assumption, ...]:
        """The table."""
        return (Assumption(self.owner, str(self), self.source, self.status, self.note),)

    def warnings(self, k_max: float, T_min: float, T_max: float) -> tuple[Remark, ...]:
        """Alarms where it was used outside its table, a remark where the value held there is a bound."""
        found: list[Remark] = []
        where = f"the table of slow growth ({self.source})"
        if k_max > self.k[-1] * (1.0 + 1e-9):
            text = f"{where} ends at K = {self.k[-1] / 1e6:g} MPa m**0.5; up to {k_max / 1e6:.3g}"
            found.append(Remark(f"{text} its last value was taken", alarm=True))
        if T_max > self.temperature[-1] + 1e-6:
            text = f"{where} ends at {self.temperature[-1]:.0f} K; up to {T_max:.0f} K its last value was taken"
            found.append(Remark(text, alarm=True))
        if self.humidity[-1] < 1.0:
            text = f"{where} ends at humidity {self.humidity[-1]:g}; above it its last value was taken"
            found.append(Remark(text, alarm=True))
        if T_min < self.temperature[0] - 1e-6:
            rises = bool((np.diff(self.v, axis=1) >= 0.0).all())
            text = f"{where} begins at {self.temperature[0]:.0f} K; down to {T_min:.0f} K its first value was taken"
            found.append(Remark(text + (", an upper bound" if rises else ""), alarm=not rises))
        return tuple(found)

    def __str__(self) -> str:
        axes = ((self.k / 1e6, "MPa m**0.5"), (self.temperature, "K"), (self.humidity, "humidity"))
        return "v by table, " + ", ".join(f"{a[0]:g} ... {a[-1]:g} {unit}" for a, unit in axes)


def _ln(h: Array, floor: float) -> Array:
    return np.asarray(np.log(np.maximum(h, floor)))


def _linear(table: Array, *axes: tuple[Array, Array]) -> Array:
    """Trilinear in a table (p, q, r) at points given axis by axis as (knots, places), held at the ends.

    A falling axis (1/T) is turned round.
    """
    low, share = [], []
    for number, (knots, place) in enumerate(axes):
        if len(knots) > 1 and knots[0] > knots[-1]:
            knots, table = knots[::-1], np.flip(table, number)
        if len(knots) == 1:
            low.append(np.zeros(np.shape(place), dtype=int))
            share.append(np.zeros(np.shape(place)))
            continue
        place = np.clip(place, knots[0], knots[-1])
        i = np.clip(np.searchsorted(knots, place, side="right") - 1, 0, len(knots) - 2)
        low.append(i)
        share.append((place - knots[i]) / (knots[i + 1] - knots[i]))
    total: Array = np.zeros(np.broadcast_shapes(*(np.shape(s) for s in share)))
    for corner in np.ndindex(2, 2, 2):
        weight, index = np.ones(()), []
        for i, s, bit, size in zip(low, share, corner, table.shape):
            weight = weight * (s if bit else 1.0 - s)
            index.append(np.minimum(i + bit, size - 1))
        total = total + weight * table[tuple(index)]
    return total


def _check(law: TableLaw) -> None:
    """InputError unless the grid is one and the velocities can be."""
    place = f"table of slow growth ({law.source})"
    for name in ("k", "temperature", "humidity"):
        axis = getattr(law, name)
        if axis.ndim != 1 or not len(axis) or not np.isfinite(axis).all() or (np.diff(axis) <= 0.0).any():
            raise InputError(f"{name} does not rise", place=place, remedy="finite knots in rising order, none twice")
    if law.v.shape != (len(law.k), len(law.temperature), len(law.humidity)):
        raise InputError(f"velocities {law.v.shape}", place=place, remedy="one for each K, temperature and humidity")
    if law.k[0] < 0.0 or law.temperature[0] <= 0.0 or law.humidity[0] < 0.0 or law.humidity[-1] > 1.0:
        raise InputError("an axis leaves what can be", place=place, remedy="K >= 0, T > 0 K, humidity in 0..1")
    if law.humidity[-1] == 0.0:
        raise InputError("it knows vacuum only", place=place, remedy="add a humidity above 0")
    if not np.isfinite(law.v).all() or (law.v < 0.0).any():
        raise InputError("a velocity is not a number or negative", place=place, remedy="velocities in m/s")
    dry = law.humidity == 0.0
    if (law.v[:, :, ~dry] <= 0.0).any() or (law.v[:, :, dry].any() and (law.v[:, :, dry] <= 0.0).any()):
        raise InputError(
            "a velocity is 0", place=place, remedy="leave K below the threshold out, and state the threshold by its key"
        )
    for axis, name in ((0, "K"), (2, "humidity")):
        if (np.diff(law.v, axis=axis) < 0.0).any():
            raise InputError(f"the velocity falls with {name}", place=place, remedy="it must rise or stay, to bound")
