"""Local heating over stagnation heating (h/h_ref): one value with a band, or a field over pane and surround."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from deadlight.assumption import Assumption
from deadlight.errors import LoadError

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Step:
    """A step between surround and glass: local heating is higher behind it and dies out downstream.

    Attributes
    ----------
    factor : float
        Augmentation right behind the step, 1.2 to 3 (engineering range).
    length : float [m]
        Distance in which the excess falls to 1/e; about five to ten step heights.
    radius : float [m]
        The step is a circle of this radius about the window's axis.
    """

    factor: float
    length: float
    radius: float

    def __post_init__(self) -> None:
        if not (self.factor > 0 and self.length > 0 and self.radius > 0):
            raise LoadError(
                f"step factor {self.factor:g}, length {self.length:g} m, radius {self.radius:g} m",
                place="heating.step",
                remedy="positive values",
            )

    def __call__(self, along: Array, across: Array) -> Array:
        """Factor at distances along and across the flow from the axis [m]; 1 upstream of the step and beside it."""
        half = np.sqrt(np.maximum(self.radius**2 - across**2, 0.0))
        behind = along + half
        return np.where(
            (behind >= 0) & (np.abs(across) < self.radius),
            1.0 + (self.factor - 1.0) * np.exp(-np.maximum(behind, 0.0) / self.length),
            1.0,
        )


@dataclass(frozen=True)
class HeatingRatio:
    """Callable: positions in the window's frame to h/h_ref.

    value * (1 + gradient * s) * step(position), s the distance downstream of the window's axis.

    Attributes
    ----------
    value : float
        At the window's axis.
    band : (2,) float
        What it may be; the same as `value` twice when known.
    flow_direction : float [rad]
        Azimuth towards which the gas flows, from +x counter-clockwise seen from space.
    gradient : float [1/m]
        Relative change per metre downstream.
    step : Step, optional
    source, status : str
        As in `Assumption`.
    """

    value: float
    band: tuple[float, float] | None = None
    flow_direction: float = 0.0
    gradient: float = 0.0
    step: Step | None = None
    source: str = "not stated"
    status: str = "A"

    def __post_init__(self) -> None:
        low, high = self.band or (self.value, self.value)
        if not (0 <= low <= self.value <= high and math.isfinite(high)):
            raise LoadError(
                f"value {self.value:g}, band {low:g} to {high:g}",
                place="heating.ratio",
                remedy="zero or positive, and the value within its band",
            )
        if not (math.isfinite(self.gradient) and math.isfinite(self.flow_direction)):
            raise LoadError(
                f"gradient {self.gradient:g} 1/m, direction {self.flow_direction:g} rad",
                place="heating.ratio",
                remedy="finite",
            )
        object.__setattr__(self, "band", (float(low), float(high)))

    def __call__(self, points: Any) -> Array:
        """(n,) h/h_ref at points (n, 2) or (n, 3) [m]; refused where the linear gradient would turn it negative."""
        points = np.asarray(points, dtype=float)
        cosine, sine = math.cos(self.flow_direction), math.sin(self.flow_direction)
        along = points[..., 0] * cosine + points[..., 1] * sine
        across = -points[..., 0] * sine + points[..., 1] * cosine
        field = self.value * (1.0 + self.gradient * along)
        if field.size and field.min() < 0:
            raise LoadError(
                f"h/h_ref falls to {field.min():.3g} at {along.flat[int(np.argmin(field))]:.3g} m downstream",
                place="heating.ratio.gradient",
                remedy="a smaller gradient, in relative change per metre",
            )
        return np.asarray(field * self.step(along, across) if self.step else field)

    def at(self, value: float) -> HeatingRatio:
        """The same field with another value at the axis, for instance an end of the band."""
        low, high = self.band or (value, value)
        return replace(self, value=value, band=(min(low, value), max(high, value)))

    def assumption(self) -> Assumption:
        """The entry of the list of assumptions."""
        low, high = self.band or (self.value, self.value)
        text = f"{self.value:g} (band {low:g} to {high:g})"
        if self.gradient:
            text += f", {self.gradient:+g} per metre towards azimuth {math.degrees(self.flow_direction):g} deg"
        if self.step:
            text += f", step factor {self.step.factor:g}"
        return Assumption(
            "heating.ratio", text, self.source, self.status, "local over stagnation heating: the weakest input"
        )
