"""Points of a crack inside its pane, for looking things up before and after the operator runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from deadlight.chain.flaws import Flaw
from deadlight.chain.sampled import SampledStress
from deadlight.surface.clip import clip

Array = np.ndarray[Any, np.dtype[np.float64]]

GRID = 15  # points a side of the box over a crack
ASIDE = 0.1  # of a crack's radius: distance of the points at which the slope of the temperature across it is looked up


@dataclass(frozen=True, eq=False)
class CrackPoints:
    """Evenly spread points of a crack.

    Attributes
    ----------
    point, normal : (p, 3) float
        Place [m] and the crack's unit normal.
    radius : float [m]
        Of a circle of the crack's area.
    """

    point: Array
    normal: Array
    radius: float

    @classmethod
    def of(cls, flaw: Flaw) -> CrackPoints:
        parts, area = [], 0.0
        for domain in clip(flaw.sheet, flaw.body).domains:
            rings = [np.concatenate([piece.points for piece in loop]) for loop in domain.loops]
            inside = shapely.Polygon(rings[0], rings[1:]).buffer(0)
            low, high = np.array(inside.bounds[:2]), np.array(inside.bounds[2:])
            share = (np.arange(GRID) + 0.5) / GRID
            u, v = np.meshgrid(*(a + share * (b - a) for a, b in zip(low, high)))
            uv = np.column_stack([u.ravel(), v.ravel()])
            keep = shapely.contains_xy(inside.buffer(-1e-3 * float((high - low).min())), uv)
            parts.append(uv[keep] if keep.any() else np.array(inside.representative_point().coords))
            area += float(inside.area)
        uv = np.concatenate(parts)
        return cls(flaw.sheet.chart.to_space(uv), flaw.sheet.chart.normal(uv), float(np.sqrt(area / np.pi)))

    def pull(self, stress: SampledStress) -> Array:
        """Mean uncracked stress across the crack at every instant. (m,) [Pa]."""
        n = self.normal
        pairs = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))
        voigt = np.stack([n[:, i] * n[:, j] * (1 if i == j else 2) for i, j in pairs])
        modes = np.einsum("rpv,vp->rp", stress.sample_modes(self.point), voigt)
        return np.asarray(stress.amplitudes @ modes.mean(axis=1))

    def slope(self, flaw: Flaw, stress: SampledStress, temperature: Array) -> Array:
        """Mean uncracked slope of the temperature across the crack at every instant. (m,) [K/m]."""
        step = ASIDE * self.radius
        sides = [self.point + way * step * self.normal for way in (-1.0, 1.0)]
        inside = flaw.body.contains(sides[0]) & flaw.body.contains(sides[1])
        if not inside.any():
            return np.zeros(len(temperature))
        below, above = (stress.sample_field(temperature, side[inside]) for side in sides)
        return np.asarray((above - below).mean(axis=1) / (2.0 * step))
