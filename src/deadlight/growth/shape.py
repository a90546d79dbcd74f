"""What can grow: one geometry of the cracks of a pane, however K is found on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from deadlight.growth.reading import Reading
from deadlight.remark import Remark

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, eq=False)
class Change:
    """Something that happened to the geometry in one step, by itself.

    Attributes
    ----------
    what : str
        "breaks through", "reaches the edge", "joins another crack" ...
    crack : str
    place : (3,) float [m]
    detail : str
    """

    what: str
    crack: str
    place: Array
    detail: str = ""


@dataclass(frozen=True, eq=False)
class Solved:
    """A geometry with its K.

    Attributes
    ----------
    reading : Reading
    fronts : tuple of (n, 3) float [m]
    names : tuple of str
        Of the cracks, by the numbers in the reading.
    remarks : tuple of Remark
    balance : (m,) float or None
        Of the step that led here, loads frozen at each instant: (integral of G over the new area + change of potential
        energy), relative to the largest such change.
    """

    reading: Reading
    fronts: tuple[Array, ...]
    names: tuple[str, ...]
    remarks: tuple[Remark, ...] = ()
    balance: Array | None = None


@dataclass(frozen=True, eq=False)
class Moved:
    """The geometry after a move.

    Attributes
    ----------
    shape : Shape
    changes : tuple of Change
    added : float [m^2]
        Area that the changes added at a stroke, which no front swept.
    remarks : tuple of Remark
    move : (n,) float [m] or None
        What the points moved, where the shape took less than it was asked for.
    """

    shape: Shape
    changes: tuple[Change, ...] = ()
    added: float = 0.0
    remarks: tuple[Remark, ...] = ()
    move: Array | None = None


class Shape(Protocol):
    """One geometry of the cracks."""

    @property
    def tier(self) -> str:
        """ "quick" or "full"."""

    def solve(self) -> Solved:
        """K at every instant; NotSolved where it cannot be found."""

    def recalled(self, reading: Reading) -> Shape:
        """The geometry with what was read off it before it was stored."""

    def forget(self) -> None:
        """Give back what only the next step needed: the cracks have grown on."""

    def moved(self, move: Array, tilt: Array) -> Moved:
        """The geometry after its points moved by `move` (n,) [m], turned by `tilt` (n,) [rad].

        Raises
        ------
        GrowthStopped
            It cannot be followed; the shape itself stays as it is.
        """
