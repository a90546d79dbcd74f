"""Crack seeds (initial flaws): what was found, how big, and where on the pane."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from deadlight.crack.pane_shape import PaneShape
from deadlight.errors import InputError

Array = np.ndarray[Any, np.dtype[np.float64]]

Face = Literal["outer", "inner"]


@dataclass(frozen=True)
class Place:
    """Where the middle of a crack lies and how its plane stands.

    Attributes
    ----------
    face : "outer" or "inner"
        Face on which the crack is seen (a through crack is on both).
    azimuth : float [rad]
        From +x, counter-clockwise seen from space.
    inside_lip : float or None [m]
        Distance of the crack's middle from the lip edge towards the centre of the window, along the azimuth;
        negative under the lip.
    position : (float, float) or None [m]
        x, y instead of azimuth and inside_lip.
    plane : "radial", "hoop" or "angle"
        Crack line along the radius, across it, or at `angle` from the radius.
    angle : float [rad]
        Only with plane = "angle", counter-clockwise from the outward radius.
    """

    face: Face = "outer"
    azimuth: float = 0.0
    inside_lip: float | None = None
    position: tuple[float, float] | None = None
    plane: Literal["radial", "hoop", "angle"] = "radial"
    angle: float = 0.0

    def __post_init__(self) -> None:
        if (self.inside_lip is None) == (self.position is None):
            raise InputError(
                "needs a position or a distance inside the lip", place="crack place", remedy="give one of the two"
            )
        if self.face not in ("outer", "inner"):
            raise InputError(f'face "{self.face}"', place="crack place", remedy='write "outer" or "inner"')
        if self.plane not in ("radial", "hoop", "angle"):
            raise InputError(f'plane "{self.plane}"', place="crack place", remedy='write "radial", "hoop" or "angle"')

    def centre(self, pane: PaneShape) -> Array:
        """x, y [m] of the crack's middle."""
        if self.position is not None:
            return np.asarray(self.position, dtype=float)
        ray = np.array([math.cos(self.azimuth), math.sin(self.azimuth)])
        return ray * (pane.leaves(np.zeros(2), ray) - pane.lip_inset - float(self.inside_lip or 0.0))

    def direction(self, pane: PaneShape) -> Array:
        """Unit direction of the crack line in the plane of the pane, (2,); along the outward radius for "radial"."""
        centre = self.centre(pane)
        angle = self.azimuth if self.position is None or not centre.any() else math.atan2(centre[1], centre[0])
        angle += {"radial": 0.0, "hoop": 0.5 * math.pi, "angle": self.angle}[self.plane]
        return np.array([math.cos(angle), math.sin(angle)])


@dataclass(frozen=True)
class Through:
    """Straight crack through the whole thickness, 2c long. `two_c` [m]."""

    two_c: float
    place: Place
    name: str = "crack"
    kind: str = "through"

    def __post_init__(self) -> None:
        _positive(self.name, two_c=self.two_c)


@dataclass(frozen=True)
class EdgeThrough:
    """Straight crack through the thickness that starts at the rim; `depth` a [m] from the rim along its line."""

    depth: float
    place: Place
    name: str = "crack"
    kind: str = "through"

    def __post_init__(self) -> None:
        _positive(self.name, depth=self.depth)


@dataclass(frozen=True)
class Surface:
    """Semi-elliptical crack from a face: depth a, half surface length c [m]."""

    a: float
    c: float
    place: Place
    name: str = "crack"
    kind: str = "surface"

    def __post_init__(self) -> None:
        _positive(self.name, a=self.a, c=self.c)


@dataclass(frozen=True)
class Corner:
    """Quarter-elliptical crack at the corner of a face and the rim: depth a below the face, c along the face [m].

    The place gives azimuth and face; the crack stands at the rim whatever its `inside_lip`.
    """

    a: float
    c: float
    place: Place
    name: str = "crack"
    kind: str = "corner"

    def __post_init__(self) -> None:
        _positive(self.name, a=self.a, c=self.c)


Seed = Through | EdgeThrough | Surface | Corner


def _positive(name: str, **sizes: float) -> None:
    for key, value in sizes.items():
        if not (math.isfinite(value) and value > 0.0):
            raise InputError(f"{key} = {value:g} m", place=f"crack {name}", remedy="give a positive length")
