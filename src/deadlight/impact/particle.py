"""The particle that struck: size, density, speed and angle."""

from __future__ import annotations

import math
from dataclasses import dataclass

from deadlight.errors import InputError


@dataclass(frozen=True)
class Particle:
    """A sphere that strikes a flat face.

    Attributes
    ----------
    diameter : float [m]
    density : float [kg/m3]
    speed : float [m/s]
        Relative to the window.
    angle : float [rad]
        Between the path and the face's normal; 0 is head-on, below a right angle.
    """

    diameter: float
    density: float
    speed: float
    angle: float = 0.0

    def __post_init__(self) -> None:
        for key, unit in (("diameter", "m"), ("density", "kg/m3"), ("speed", "m/s")):
            value = getattr(self, key)
            if not (math.isfinite(value) and value > 0.0):
                raise InputError(f"{key} {value:g} {unit} is not above 0", place="particle", remedy=f"a {key} above 0")
        if not 0.0 <= self.angle < 0.5 * math.pi:
            raise InputError(
                f"angle {math.degrees(self.angle):g} deg from the face's normal does not strike the face",
                place="particle",
                remedy="0 deg is head-on, 90 deg would pass along the face: give less than 90 deg",
            )

    @property
    def mass(self) -> float:
        """Of the sphere [kg]."""
        return self.density * math.pi / 6.0 * self.diameter**3

    @property
    def energy(self) -> float:
        """Kinetic [J]."""
        return 0.5 * self.mass * self.speed**2
