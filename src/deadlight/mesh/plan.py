"""O-grid in plan: rings that follow the edge line, then a core block of quadrilaterals.

The core is a quadrilateral with bulging sides; its interior is a Coons patch.  Between the band that follows exact
offsets of the edge line and the core, ring lines are blends of the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.mesh.outline import OutlineGrid

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

CORE = 0.55  # size of the core block relative to the band's inner line
EVEN = 0.4  # 0: the core keeps the spacing of the edge line, dense at the corners; 1: even spacing
BULGE = 0.45  # 0: straight sides (90 degree corners), 1: follows the band (180 degrees); between, all angles near 120


@dataclass(frozen=True, eq=False)
class Core:
    """Core block of a pane.

    Attributes
    ----------
    points : (2 n_a + 1, 2 n_b + 1, 2) float [m]
        Doubled lattice, a along x, b along y.
    ring : (2 n_a + 1, 2 n_b + 1) int
        On the border: index around the outline of the same point; -1 inside.
    line : (m, 2) float [m]
        Border points in the order of the outline's nodes.
    """

    points: Array
    ring: Index
    line: Array


def core_block(grid: OutlineGrid, band: float) -> Core:
    """Core block inside the offset of the edge line by `band` [m]."""
    inner = grid.offset(band)
    nb, na = 2 * grid.sides[0], 2 * grid.sides[1]  # doubled counts: right side runs along b, top along a
    starts = np.cumsum([0, nb, na, nb])
    centre = inner[starts].mean(axis=0)
    step = np.hypot(*(np.roll(inner, -1, axis=0) - inner).T)
    chord, bulge, fractions = np.empty_like(inner), np.empty_like(inner), []
    for first, n in zip(starts, (nb, na, nb, na)):  # four sides
        length = np.concatenate([[0.0], np.cumsum(step[first : first + n])])
        length /= length[-1]
        f = EVEN * np.arange(n + 1) / n + (1 - EVEN) * length
        side = inner[np.arange(first, first + n + 1) % len(inner)]
        chord[first : first + n] = side[0] + f[:-1, None] * (side[-1] - side[0])
        bulge[first : first + n] = np.column_stack([np.interp(f[:-1], length, x) for x in side.T])
        fractions.append(f)
    line = centre + CORE * ((1 - BULGE) * (chord - centre) + BULGE * (bulge - centre))

    ring = np.full((na + 1, nb + 1), -1, dtype=np.int64)
    m = len(line)
    ring[na, :] = np.arange(nb + 1)
    ring[::-1, nb] = nb + np.arange(na + 1)
    ring[0, ::-1] = nb + na + np.arange(nb + 1)
    ring[:, 0] = (2 * nb + na + np.arange(na + 1)) % m
    u = 0.5 * (fractions[3] + 1 - fractions[1][::-1])[:, None, None]
    v = 0.5 * (fractions[0] + 1 - fractions[2][::-1])[None, :, None]
    bottom, top = line[ring[:, 0]][:, None], line[ring[:, nb]][:, None]
    left, right = line[ring[0]][None], line[ring[na]][None]
    corners = (
        (1 - u) * (1 - v) * line[ring[0, 0]]
        + u * (1 - v) * line[ring[na, 0]]
        + (1 - u) * v * line[ring[0, nb]]
        + u * v * line[ring[na, nb]]
    )
    return Core((1 - v) * bottom + v * top + (1 - u) * left + u * right - corners, ring, line)


def transition_lines(grid: OutlineGrid, core: Core, band: float, first: float, growth: float, refine: float) -> Array:
    """Blend weights of the ring lines from band to core (without 0, with 1): sizes grow from `first` [m] inwards."""
    inner = grid.offset(band)
    length = float(np.hypot(*(inner - core.line).T).mean())
    around = 2 * float(np.hypot(*(np.roll(core.line, -1, axis=0) - core.line).T).mean()) * refine
    samples = length * (np.arange(1000) + 0.5) / 1000
    density = refine / np.minimum(first + growth * samples, max(around, first))
    total = np.concatenate([[0.0], np.cumsum(density) * length / 1000])
    n = max(2, round(float(total[-1])))
    weights = np.interp(total[-1] * np.arange(1, n + 1) / n, total, np.linspace(0.0, 1.0, 1001))
    weights[-1] = 1.0
    return weights
