"""Area that a crack's surface gained in a step, in space."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from deadlight.growth.region_step import Plan
from deadlight.growth.skin_section import flat
from deadlight.surface.chart import Chart, Extruded, Plane

Array = np.ndarray[Any, np.dtype[np.float64]]

ROWS = (np.arange(5) + 0.5) / 5  # of the way from the old front to the new one: where the surface's slope is sampled
NEAR = 1e-6  # of the region's extent: half the distance over which slopes are taken


def gained_area(plan: Plan) -> float:
    """Area of the new region less the old one [m^2].

    In its chart that is a polygon's; in space it is larger by the mean stretch of the chart between the fronts.
    """
    region = flat(shapely.difference(plan.new, plan.drawn))
    if isinstance(plan.chart, Plane | Extruded) or region.is_empty:
        return float(region.area)
    spots, weights = [], []
    for a in plan.advances:
        p, q = (np.concatenate([x, x[:1]]) if a.closed else x for x in (a.old, a.new))
        step, edge = (q - p)[:-1] + (q - p)[1:], np.diff(p + q, axis=0)
        size = 0.25 * np.abs(step[:, 0] * edge[:, 1] - step[:, 1] * edge[:, 0])
        middle, way = 0.5 * (p[:-1] + p[1:]), 0.5 * step
        spots += [middle + row * way for row in ROWS]
        weights += [size] * len(ROWS)
    place, weight = np.concatenate(spots), np.concatenate(weights)
    mine = shapely.contains_xy(region, place)
    if not (weight * mine).sum() > 0.0:
        place, weight = np.array([p.representative_point().coords[0] for p in region.geoms]), shapely.area(region.geoms)
        mine = np.ones(len(place), dtype=bool)
    extent = float(np.ptp(np.array(region.bounds).reshape(2, 2), axis=0).max())
    return float(region.area * np.average(stretch(plan.chart, place[mine], NEAR * extent), weights=weight[mine]))


def stretch(chart: Chart, uv: Array, near: float) -> Array:
    """Area in space over area in the chart, by differences of `near` to both sides. (n,)."""
    along, across = (chart.to_space(uv + near * axis) - chart.to_space(uv - near * axis) for axis in np.eye(2))
    return np.asarray(np.linalg.norm(np.cross(along, across), axis=1) / (2.0 * near) ** 2)
