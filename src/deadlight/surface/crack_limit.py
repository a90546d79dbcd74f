"""Largest element wanted at every place of a crack."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from deadlight.surface.crack_near import Near
from deadlight.surface.mesh import Array

LONG = 0.75  # of a crack's width: largest element far from its fronts
# The same where fronts end on two faces, and next to them: faces shut along one side and stand open along the other for
# the whole length, and elements of 0.75 widths there leave K up to 19 % high, the energy 69 %.
LONG_THROUGH, THROUGH = 0.35, 0.22
REACH = 1.5  # crack widths from which that begins
GROWTH = 0.4


@dataclass(frozen=True, eq=False)
class Limit:
    """Size as a function of place.

    Attributes
    ----------
    cap : float
        Largest size next to a front.
    fronts : (k, 2) float
        Points of the fronts.
    width : float
        Of the crack, the diameter of the largest circle in it: far from its fronts a long crack has larger elements.
    refine : float
        Divides the size there.
    long : float
        That size as a share of the width.
    near : Near or None
        Where the crack runs along the skin.
    share : float
        Largest size as a share of the distance from that skin.
    inner : float
        By how much more for each unit of distance from the fronts.
    floor : float
        What the skin does not push the size below.
    """

    cap: float
    fronts: Array
    width: float = np.inf
    refine: float = 1.0
    long: float = LONG
    near: Near | None = None
    share: float = 1.0
    inner: float = 0.0
    floor: float = 0.0

    def __call__(self, uv: Array) -> Array:
        """Largest size at points of the chart. (n, 2) -> (n,)."""
        size = np.full(len(uv), self.cap)
        largest = self.long * self.width / self.refine
        if self.cap < largest:
            more = GROWTH * np.maximum(self.away(uv) - REACH * self.width, 0.0)
            size = np.minimum(self.cap + more, largest)
        if self.near is not None and len(self.near.uv):
            close = self.share * self.near(uv) + self.inner * self.away(uv)
            size = np.minimum(size, np.maximum(close, self.floor))
        return size

    def away(self, uv: Array) -> Array:
        """Distance from the fronts. (n,)."""
        return np.asarray(cKDTree(self.fronts).query(uv)[0])
