"""One property of one material as a piecewise-linear table over temperature, with its source and status."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import PchipInterpolator

from deadlight.errors import MaterialError
from deadlight.remark import Remark

Array = np.ndarray[Any, np.dtype[np.float64]]

REFERENCE = 273.15  # K: where enthalpy, integrals and thermal strain are zero
STATUS = {
    "R": "read in the source",
    "M": "from memory of the source, not re-read",
    "D": "derived here",
    "A": "engineering assumption",
    "U": "stated by the user",
}
BEYOND = {"hold": "held at the end value", "slope": "continued with the end slope"}


@dataclass(frozen=True, eq=False, kw_only=True)
class Property:
    """A property over temperature.

    Attributes
    ----------
    name : str
        For example "conductivity".
    unit : str
        SI unit of the value.
    temperature : (m,) float [K]
        Knots, strictly increasing; a single knot states a constant.
    value : (m,) float
        Values at the knots; linear between them.
    source, status, note : str
        Bibliographic source; one letter of `STATUS`; what else the user should know.
    valid : (float, float) [K]
        Range the table stands for; the knots' own range if not given, +-300 K about the only knot of a constant.
    band : (float, float) or None
        Range of the value that the source or the assumption allows.
    beyond : str
        What happens outside the knots: "hold" the end value, or follow the end "slope".
    between : str
        "linear", or "smooth": the monotone cubic through the knots (Fritsch & Butland 1984, SIAM J. Sci. Stat. Comput.
        5:300), continuous in its slope.  What enters stress is smooth: a kink in the thermal strain would be a kink in
        the stress at the isotherm that passes through.
    owner : str
        The material's name, for messages.
    """

    name: str
    unit: str
    temperature: Array
    value: Array
    source: str
    status: str
    note: str = ""
    valid: tuple[float, float] = (0.0, 0.0)
    band: tuple[float, float] | None = None
    beyond: str = "hold"
    between: str = "linear"
    owner: str = ""

    def __post_init__(self) -> None:
        temperature = np.atleast_1d(np.array(self.temperature, dtype=float))
        value = np.atleast_1d(np.array(self.value, dtype=float))
        place = f"{self.owner}.{self.name}" if self.owner else self.name
        if temperature.shape != value.shape or temperature.ndim != 1 or not len(value):
            raise MaterialError(
                f"{temperature.shape} temperatures and {value.shape} values",
                place=place,
                remedy="one value for each temperature",
            )
        if not (np.isfinite(temperature).all() and np.isfinite(value).all()):
            raise MaterialError(
                "the table holds a value that is not finite", place=place, remedy="give a finite number in every row"
            )
        if (np.diff(temperature) <= 0.0).any() or temperature[0] < 0.0:
            row = int(np.argmax(np.diff(temperature) <= 0.0)) + 2 if len(value) > 1 else 1
            raise MaterialError(
                f"temperatures do not increase (row {row})",
                place=place,
                remedy="rows in order of temperature, in kelvin above 0, none twice",
            )
        if self.status not in STATUS:
            raise MaterialError(
                f'status "{self.status}"',
                place=place,
                remedy="one of " + ", ".join(f"{k} ({v})" for k, v in STATUS.items()),
            )
        for array in (temperature, value):
            array.flags.writeable = False
        object.__setattr__(self, "temperature", temperature)
        object.__setattr__(self, "value", value)
        if self.valid == (0.0, 0.0):
            margin = 300.0 if len(value) == 1 else 0.0
            object.__setattr__(
                self, "valid", (max(float(temperature[0]) - margin, 0.0), float(temperature[-1]) + margin)
            )

    @property
    def constant(self) -> bool:
        """Whether one value stands for all temperatures."""
        return len(self.value) == 1

    def __call__(self, T: ArrayLike) -> Array:
        """Value at temperatures T [K], any shape."""
        T = np.asarray(T, dtype=float)
        smooth = self.between == "smooth" and len(self.value) > 2
        if smooth:
            found = self._cubic(np.clip(T, self.temperature[0], self.temperature[-1]))
        else:
            found = np.interp(T, self.temperature, self.value)
        if self.beyond == "slope" and not self.constant:
            ends = self._cubic(self.temperature[[0, -1]], 1) if smooth else self.slopes[[0, -1]]
            first, last = ends
            found = (
                found
                + first * np.minimum(T - self.temperature[0], 0.0)
                + last * np.maximum(T - self.temperature[-1], 0.0)
            )
        return found

    @functools.cached_property
    def _cubic(self) -> PchipInterpolator:
        return PchipInterpolator(self.temperature, self.value, extrapolate=False)

    @functools.cached_property
    def slopes(self) -> Array:
        """Slope of each segment (m - 1,)."""
        return np.diff(self.value) / np.diff(self.temperature)

    @functools.cached_property
    def _cumulative(self) -> Array:
        steps = 0.5 * (self.value[1:] + self.value[:-1]) * np.diff(self.temperature)
        return np.concatenate([[0.0], np.cumsum(steps)])

    def _primitive(self, T: Array) -> Array:
        knot = np.clip(np.searchsorted(self.temperature, T, side="right") - 1, 0, len(self.value) - 1)
        # The trapezoid is exact: the function is linear between T and the knot below (outside: the end knot).
        return self._cumulative[knot] + 0.5 * (self.value[knot] + self(T)) * (T - self.temperature[knot])

    def integral(self, T: ArrayLike) -> Array:
        """Exact integral of the table from 273.15 K to T [K]; unit of the value times K."""
        return self._primitive(np.asarray(T, dtype=float)) - self._primitive(np.asarray(REFERENCE))

    def out_of_range(self, T_min: float, T_max: float) -> Remark | None:
        """A warning if temperatures from T_min to T_max [K] leave the range the table stands for, else None."""
        lo, hi = self.valid
        if T_min >= lo - 1e-9 and T_max <= hi + 1e-9:
            return None
        kind = "constant" if self.constant else "table"
        text = (
            f"{self.owner} {self.name}: needed from {T_min:.0f} K to {T_max:.0f} K, its {kind} stands for "
            f"{lo:.0f} K to {hi:.0f} K; beyond that it is {BEYOND[self.beyond]}"
        )
        return Remark(text, alarm=True)

    def __repr__(self) -> str:
        lo, hi = self.temperature[[0, -1]]
        if self.constant:
            span = f"{self.value[0]:.6g}"
        else:
            span = f"{self.value[0]:.6g} at {lo:.6g} K ... {self.value[-1]:.6g} at {hi:.6g} K, {len(self.value)} knots"
        return f"Property({self.owner}.{self.name} [{self.unit or '-'}]: {span}; {self.status}, {self.source})"
