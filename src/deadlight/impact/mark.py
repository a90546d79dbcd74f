"""The mark as engineers have it: what was measured, from where, and what could not be seen."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from deadlight.assumption import Assumption
from deadlight.errors import InputError
from deadlight.impact.plan import Plan
from deadlight.impact.system import residual_intensity
from deadlight.impact.view import Measured, View

Array = np.ndarray[Any, np.dtype[np.float64]]

APART = math.radians(5)  # arms nearer to each other than this are one
HIDDEN = {
    "none": "the cracks end where the hidden band begins",
    "uniform": "evenly spread up to the size",
    "exponential": "exponential with the size as mean",
    "to_rim": "every crack that goes under the band reaches the rim",
}


@dataclass(frozen=True)
class Arm:
    """A crack that goes out from the mark's middle.

    Attributes
    ----------
    angle : float [rad]
        From the outward radius, counter-clockwise as the image shows it.
    length : Measured
        From the mark's middle to the last point that can be seen.
    through : bool or None
        Whether it goes through the whole thickness; None: not known.
    angle_error : float [rad]
        One standard deviation.
    under : bool or None
        Whether it is seen to go under the hidden band; None: told by where its end lies.
    """

    angle: float
    length: Measured
    through: bool | None = None
    angle_error: float = 0.0
    under: bool | None = None


@dataclass(frozen=True)
class Hidden:
    """How much further a crack goes that disappears under the hidden band.

    Attributes
    ----------
    kind : str
        Key of `HIDDEN`.
    size : float [m]
    source, status : str
    """

    kind: str
    size: float = 0.0
    source: str = ""
    status: str = "A"

    def __post_init__(self) -> None:
        if self.kind not in HIDDEN:
            raise InputError(f'hidden extension "{self.kind}"', place="mark", remedy=f"one of {', '.join(HIDDEN)}")
        if (self.kind in ("uniform", "exponential")) != (self.size > 0.0):
            raise InputError(
                f"hidden extension {self.kind} with size {1e3 * self.size:g} mm",
                place="mark",
                remedy="uniform and exponential need a size above 0, the others none",
            )

    def at(self, u: Array) -> Array:
        """Lengths [m] at probabilities u; infinite for `to_rim`. Same shape as u."""
        if self.kind == "exponential":
            return -self.size * np.log1p(-u)
        return np.full_like(u, math.inf) if self.kind == "to_rim" else self.size * u


@dataclass(frozen=True)
class Focus:
    """A depth read with a microscope.

    Attributes
    ----------
    travel : Measured
        Of the focus along the line of sight, from a face to the deepest point that can be seen.
    from_face : str
        "outer" or "inner".
    """

    travel: Measured
    from_face: str


@dataclass(frozen=True)
class Residual:
    """Mode I intensity that the impact's residual stress keeps up.

    Attributes
    ----------
    low, high : float [Pa m^0.5]
        Ends of the band; for an arrested crack `high` is K at arrest.
    arrested : float or None [m]
        Length of the arms when they stopped; None: the band holds for the cracks as they are.
    """

    low: float
    high: float
    arrested: float | None = None

    def band(self, length: float, *, through: bool) -> tuple[float, float]:
        """Low and high K [Pa m^0.5] of an arm of this length [m]."""
        if self.arrested is None:
            return self.low, self.high
        high = residual_intensity(self.high, min(self.arrested, length), length, through=through)
        return min(self.low, high), high


@dataclass(frozen=True, eq=False)
class Mark:
    """What is known of one mark.

    Attributes
    ----------
    name : str
    plan : Plan
    view : View
    face : str
        "outer" or "inner": the face that was struck.
    azimuth : float [rad]
        Of the mark's middle, counter-clockwise from +x as seen from space.
    from_lip : Measured
        From the lip's edge inwards to the mark's middle, along the radius.
    arms : tuple of Arm
    hidden_width : float [m]
        Band along the rim that cannot be seen from this side.
    hidden : Hidden
    detection : float [m]
        Shortest crack, and longest piece of a tip, that the image may not show.
    index, index_error : float
        Of refraction.
    pit_diameter, spall_diameter : Measured or None
    spall_attached : bool
        Whether the flake is still there, with a lateral crack under it.
    pit_depth, crack_depth : Focus or None
    through_share : float
        Probability that cracks of unknown depth go through.
    residual : Residual or None
    assumptions : tuple of Assumption
        What the stated values rest on.
    """

    name: str
    plan: Plan
    view: View
    face: str
    azimuth: float
    from_lip: Measured
    arms: tuple[Arm, ...]
    hidden_width: float
    hidden: Hidden
    detection: float
    index: float
    index_error: float = 0.0
    pit_diameter: Measured | None = None
    spall_diameter: Measured | None = None
    spall_attached: bool = False
    pit_depth: Focus | None = None
    crack_depth: Focus | None = None
    through_share: float = 1.0
    residual: Residual | None = None
    assumptions: tuple[Assumption, ...] = field(default=())

    def __post_init__(self) -> None:
        if not self.arms:
            raise InputError(
                "no crack is stated", place=f"mark {self.name}", remedy="add [[mark.arms]] with angle, length, through"
            )
        turn = np.sort(np.mod([arm.angle for arm in self.arms], 2 * math.pi))
        if len(turn) > 1 and min(np.diff(turn, append=turn[0] + 2 * math.pi)) < APART:
            raise InputError(
                f"two arms are less than {math.degrees(APART):g} deg apart",
                place=f"mark {self.name}",
                remedy="state the longer one alone",
            )
        if self.face not in ("outer", "inner"):
            raise InputError(f'face "{self.face}"', place=f"mark {self.name}", remedy="outer or inner")
        if not self.detection > 0.0:
            raise InputError(
                f"detection limit {1e3 * self.detection:g} mm",
                place=f"mark {self.name}",
                remedy="no image shows everything: state the smallest crack that it would, for example two pixels",
            )
        lengths = [a.length for a in self.arms] + [self.from_lip, self.pit_diameter, self.spall_diameter]
        lengths += [f.travel for f in (self.pit_depth, self.crack_depth) if f]
        if any(m is not None and m.pixels for m in lengths) and not self.view.pixel > 0.0:
            raise InputError(
                "lengths in pixels without a scale",
                place=f"mark {self.name}",
                remedy='state pixel = "20 um", or scale_bar = "10 mm" and scale_pixels = "512"',
            )
        if not 0.0 <= self.through_share <= 1.0:
            raise InputError(f"share {self.through_share:g}", place=f"mark {self.name}", remedy="between 0 and 1")
