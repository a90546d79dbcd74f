"""Convection once the vehicle is slow: on the way down under the parachute, and in the water."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.assumption import Assumption
from deadlight.entry.correlations import AIR_HEAT_CAPACITY

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class SlowConvection:
    """Turbulent convection h = reference (rho V / 9.8 kg/m2/s)**0.8, between a floor in speed and a ceiling in h.

    9.8 kg/m2/s is a parachute descent at 8 m/s at sea level. The turbulent flat plate (Incropera and DeWitt eq. 7.36,
    0.0296 Re**0.8 Pr**(1/3)) gives 25 W/m2/K there at 1 m from the leading edge, so 30 is that with some
    roughness and swing. Between `fast` and `slow` the hypersonic film fades into it smoothly: no jump in the flux.

    Attributes
    ----------
    reference : float [W/m**2/K]
    ceiling : float [W/m**2/K]
    slowest : float [m/s]
        Air speed counts as at least this: wind and swing.
    slow, fast : float [m/s]
        Below `slow` only this law, above `fast` only the hypersonic one.
    recovery : float
        Recovery factor of a turbulent layer, Pr**(1/3).
    """

    reference: float = 30.0
    ceiling: float = 300.0
    slowest: float = 8.0
    slow: float = 800.0
    fast: float = 1200.0
    recovery: float = 0.88

    def share(self, speed: Any) -> Array:
        """Weight of this law: 1 below `slow`, 0 above `fast`, with continuous slope between."""
        x = np.clip((self.fast - np.asarray(speed)) / (self.fast - self.slow), 0.0, 1.0)
        return np.asarray(x * x * (3.0 - 2.0 * x))

    def coefficient(self, density: Any, speed: Any) -> Array:
        """Film coefficient [W/m**2/K], not yet weighted by `share`."""
        flow = np.asarray(density) * np.maximum(speed, self.slowest) / 9.8
        return np.minimum(self.reference * flow**0.8, self.ceiling)

    def recovery_temperature(self, temperature: Any, speed: Any) -> Array:
        """T + r V**2/(2 cp) [K]; the speed held at `fast`, above which the weight is zero."""
        slow = np.minimum(speed, self.fast)
        return np.asarray(temperature) + self.recovery * slow**2 / (2 * AIR_HEAT_CAPACITY)

    def assumption(self) -> Assumption:
        """The entry of the list of assumptions."""
        return Assumption(
            "heating.low_speed",
            f"{self.reference:g} W/m2/K x (rho V/9.8)^0.8, at most {self.ceiling:g}; "
            f"blended in from {self.fast:g} to {self.slow:g} m/s",
            "turbulent flat plate at 1 m gives 25 W/m2/K at 8 m/s",
            "A",
            "sets the cool-down tension of the outer face under the parachute",
        )


@dataclass(frozen=True)
class WaterQuench:
    """Splashdown: from touchdown on the face is cooled by water.

    Attributes
    ----------
    coefficient : float [W/m**2/K]
    temperature : float [K]
    rise : float [s]
        Time over which it sets in.
    """

    coefficient: float = 1500.0
    temperature: float = 295.0
    rise: float = 0.5

    def assumption(self) -> Assumption:
        """The entry of the list of assumptions."""
        return Assumption(
            "heating.water",
            f"{self.coefficient:g} W/m2/K, {self.temperature:g} K from splashdown",
            "engineering value",
            "A",
        )
