"""How much a crack leans over a plane, and the plane over which it leans least."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from deadlight.surface.chart import Chart
from deadlight.surface.sheet import Sheet

Array = np.ndarray[Any, np.dtype[np.float64]]

LEAN = np.radians(50.0)  # from which a better plane is looked for
TURNED = np.radians(65.0)  # largest lean that is followed
SAMPLES = 40  # across a crack
ROUNDS = 2000  # of the search for the middle of a cone


def leans(normals: Array, n: Array) -> Array:
    """Angles [rad] between unit normals (k, 3) and one more (3,), or one each (k, 3). (k,)."""
    return np.asarray(np.arccos(np.clip((normals * n).sum(axis=1), -1.0, 1.0)))


def best_lean(normals: Array) -> tuple[Array, float]:
    """Middle of the narrowest cone round directions (k, 3), and its half angle.

    Badoiu & Clarkson 2003 (smaller core-sets for balls) on the sphere: step towards the farthest, ever less.
    """
    n = normals.mean(axis=0)
    n = n / max(float(np.linalg.norm(n)), 1e-12)
    for i in range(ROUNDS):
        far = normals[int((normals @ n).argmin())]
        n = n + (far - n) / (i + 2.0)
        n = n / max(float(np.linalg.norm(n)), 1e-12)
    return n, float(leans(normals, n).max())


def new_normals(chart: Chart, old: Array, new: Array, least: float) -> Array:
    """Normals of the strip between a front's old and new points, where they move by more than `least`. (k, 3)."""
    move = new - old
    far = np.linalg.norm(move, axis=1) > least
    if len(old) < 2 or not far.any():
        return np.zeros((0, 3))
    along = np.gradient(old, axis=0)
    n = np.cross(along, move)
    n /= np.maximum(np.linalg.norm(n, axis=1), 1e-300)[:, None]
    side = (n * chart.normal(chart.to_chart(old))).sum(axis=1)
    return np.asarray(n[far] * np.where(side < 0.0, -1.0, 1.0)[far, None])


def sampled_normals(sheet: Sheet) -> Array:
    """Normals of a crack on a grid inside its outlines. (k, 3)."""
    region = shapely.Polygon()
    for ring in sheet.outlines:
        region = region.symmetric_difference(shapely.Polygon(ring))
    low, high = np.array(region.bounds[:2]), np.array(region.bounds[2:])
    u, v = (a + (b - a) * (np.arange(SAMPLES) + 0.5) / SAMPLES for a, b in zip(low, high))
    grid = np.array(np.meshgrid(u, v)).reshape(2, -1).T
    return sheet.chart.normal(grid[shapely.contains_xy(region, grid)])
