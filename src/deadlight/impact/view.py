"""How a mark was looked at: lengths in pixels or in metres, from which side, how obliquely."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.errors import InputError

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Measured:
    """A length as it was measured.

    Attributes
    ----------
    value, error : float
        In metres, or in pixels of the image; the error is one standard deviation.
    pixels : bool
    """

    value: float
    error: float = 0.0
    pixels: bool = False

    def at(self, z: Array, pixel: Array) -> Array:
        """Lengths [m] for standard normal z and sizes of a pixel [m]. Shapes (n,) -> (n,)."""
        length: Array = self.value + self.error * z
        return length * pixel if self.pixels else length


@dataclass(frozen=True)
class View:
    """The image in relation to the pane.

    Attributes
    ----------
    side : str
        "outside" (from space) or "inside": the image is then mirrored.
    pixel, pixel_error : float [m]
        Size of a pixel in the mark's plane, and its standard deviation; 0 where nothing is in pixels.
    tilt : float [rad]
        Between the line of sight and the face's normal.
    leaning : str
        "radial" or "tangential": the plane through the normal in which the line of sight leans.
    """

    side: str
    pixel: float = 0.0
    pixel_error: float = 0.0
    tilt: float = 0.0
    leaning: str = "radial"

    def __post_init__(self) -> None:
        for key, known in (("side", ("outside", "inside")), ("leaning", ("radial", "tangential"))):
            if getattr(self, key) not in known:
                raise InputError(f'{key} "{getattr(self, key)}"', place="view", remedy=f"one of {', '.join(known)}")
        if not 0.0 <= self.tilt <= math.radians(60):
            raise InputError(
                f"tilt {math.degrees(self.tilt):.3g} deg is outside 0 .. 60 deg",
                place="view",
                remedy="use an image taken more squarely",
            )

    def to_pane(self, seen: Array) -> Array:
        """Vectors in the pane's plane, (outward, counter-clockwise seen from space), from those in the image.

        The plane of a face is seen shortened by cos(tilt) in the direction in which the line of sight leans; a flat
        face in between shifts the whole image and no more.  From inside, counter-clockwise is clockwise.

        Parameters
        ----------
        seen : (..., 2) float [m]
            Outward, and counter-clockwise as the image shows it.
        """
        stretch = np.ones(2)
        stretch[0 if self.leaning == "radial" else 1] = 1.0 / math.cos(self.tilt)
        if self.side == "inside":
            stretch[1] *= -1.0
        return np.asarray(seen, dtype=float) * stretch
