"""What goes into a step of growth and what may come of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.growth.ligament import CLOSE, LIGAMENT
from deadlight.growth.region_front import SMOOTH

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, eq=False)
class Moved:
    """Where the nodes of one front go.

    Attributes
    ----------
    front : int
        Number in `meshed.mesh.fronts`.
    points : (n, 3) float [m]
        New places, in the order of `Front.nodes`.
    start : (n, 3) float [m]
        Old places.
    """

    front: int
    points: Array
    start: Array


@dataclass(frozen=True, eq=False)
class Transition:
    """A change of what a crack is.

    Attributes
    ----------
    kind : str
        "breaks_through": reaches a face it did not meet; "reaches_edge": its mouth goes on over an edge of the body,
        or a through crack comes out on another face; "fronts_meet": a ligament between parts of the crack is gone;
        "joins": two cracks became one; "reaches_crack": stops before another crack; "severs": cuts the body in two.
    crack : int
        Number of the sheet, before the step.
    place : (3,) float [m]
    face : str
        Name of the face that was reached, or of the other crack.
    added_area : float [m^2]
        What the transition opened besides what the fronts swept.
    """

    kind: str
    crack: int
    place: Array
    face: str = ""
    added_area: float = 0.0


@dataclass(frozen=True)
class Shaping:
    """How boldly shapes are smoothed and ligaments broken.

    Attributes
    ----------
    smooth : float
        Standard deviation of the smoothing of advances, in spacings of nodes.
    ligament : float
        Share of the crack's smaller extent below which a ligament breaks.
    close : float
        Share of it for the disc that closes gaps.
    """

    smooth: float = SMOOTH
    ligament: float = LIGAMENT
    close: float = CLOSE
