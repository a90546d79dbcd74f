"""The pane in plan, what of it is hidden, and the pieces that cracks cut off: plane geometry."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from deadlight.errors import InputError

Array = np.ndarray[Any, np.dtype[np.float64]]
BEYOND = 2e-3  # [m] by which a crack that reaches the rim is drawn past it, to be cut there
SLIVER = 1e-12  # [m2]: smaller pieces are round-off


@dataclass(frozen=True, eq=False)
class Plan:
    """A pane in plan.

    Attributes
    ----------
    outline : (n, 2) float [m]
        Convex, counter-clockwise, centred on the window's axis.
    thickness : float [m]
    lip_width : float [m]
        Band of the outer face under the lip, from the rim.
    """

    outline: Array
    thickness: float
    lip_width: float

    def __post_init__(self) -> None:
        polygon = shapely.Polygon(self.outline)
        if not polygon.is_valid or polygon.area <= 0.0 or not polygon.contains(shapely.Point(0.0, 0.0)):
            raise InputError(
                "the outline is not a simple line round the window's axis",
                place="pane",
                remedy="give corners in order, with the origin inside",
            )
        if polygon.convex_hull.area > polygon.area * (1 + 1e-9):
            raise InputError(
                "the outline is not convex", place="pane", remedy="panes are round, rectangular or trapezoidal"
            )
        if not 0.0 <= self.lip_width < math.sqrt(polygon.area / math.pi):
            raise InputError(f"lip {1e3 * self.lip_width:g} mm", place="pane", remedy="less than the pane's radius")
        if not self.thickness > 0.0:
            raise InputError(f"thickness {1e3 * self.thickness:g} mm", place="pane", remedy="a positive length")

    @property
    def polygon(self) -> shapely.Polygon:
        """The glass."""
        return shapely.Polygon(self.outline)

    def seen(self, hidden: float) -> shapely.Polygon:
        """What is left of it when a band `hidden` [m] wide along the rim cannot be seen.

        Raises
        ------
        InputError
            Nothing is left.
        """
        left = self.polygon.buffer(-hidden, join_style="mitre")
        if left.is_empty:
            raise InputError(f"a hidden band {1e3 * hidden:g} mm wide leaves nothing", place="pane", remedy="less")
        return left

    def place(self, azimuth: float, inside_lip: Array) -> Array:
        """Points [m] on the ray at an azimuth [rad], so far inside the lip's edge. (n,) -> (n, 2)."""
        ray = np.array([math.cos(azimuth), math.sin(azimuth)])
        rim = float(reach(np.zeros((1, 2)), ray[None], self.polygon)[0])
        return (rim - self.lip_width - np.asarray(inside_lip))[:, None] * ray


def reach(origin: Array, direction: Array, area: shapely.Polygon) -> Array:
    """Way [m] from points inside a convex area to its edge; 0 for points outside. (n, 2), unit (n, 2) -> (n,)."""
    far = 4.0 * max(np.ptp(np.asarray(area.exterior.coords), axis=0))
    rays = shapely.linestrings(np.stack([origin, origin + far * direction], axis=-2))
    inside = shapely.contains_xy(area, origin[..., 0], origin[..., 1])
    way = shapely.length(shapely.intersection(rays, area))
    return np.where(inside, way, 0.0)


@dataclass(frozen=True, eq=False)
class Piece:
    """A part of a pane that through cracks cut off.

    Attributes
    ----------
    polygon : shapely.Polygon
    at_rim : bool
        Whether part of the rim belongs to it: a lip and gaskets may hold it there.
    """

    polygon: shapely.Polygon
    at_rim: bool

    @property
    def area(self) -> float:
        """In plan [m2]."""
        return float(self.polygon.area)

    @property
    def centroid(self) -> tuple[float, float]:
        """In plan [m]."""
        return float(self.polygon.centroid.x), float(self.polygon.centroid.y)


def pieces(plan: Plan, lines: Sequence[Array], *, bridge: float = 0.0) -> tuple[Piece, ...]:
    """What through cracks cut a pane into, the largest first; one piece if it is whole.

    Every trace of a crack and the outline are put together, cut where they meet, and the areas that they close are
    looked for: two arms of one pit that both reach the rim, cracks of two pits that meet, or a closed one.

    Parameters
    ----------
    lines : sequence of (k, 2) float [m]
        Traces of cracks through the whole thickness; they may reach past the rim.
    bridge : float [m]
        Ends nearer than this to the rim or to another crack count as joined to it: ligaments that nobody can see.
    """
    traces = [shapely.LineString(line) for line in lines]
    joined = list(traces)
    rim = plan.polygon.exterior
    if bridge > 0.0:
        for i, trace in enumerate(traces):
            others = shapely.union_all([rim, *(t for j, t in enumerate(traces) if j != i)])
            for end in (trace.coords[0], trace.coords[-1]):
                link = shapely.shortest_line(shapely.Point(end), others)
                if 0.0 < link.length <= bridge:
                    joined.append(_past(link))
    net = shapely.union_all([rim, *joined])
    found = [p for p in shapely.get_parts(shapely.polygonize([net])) if p.area > SLIVER]
    glass = plan.polygon.buffer(1e-9)
    inside = [p for p in found if glass.contains(p.representative_point())]
    whole = rim.buffer(1e-9)
    return tuple(Piece(p, bool(p.intersection(whole).area > 1e-15)) for p in sorted(inside, key=lambda p: -p.area))


def _past(link: shapely.LineString) -> shapely.LineString:
    """A link drawn a hair past its far end, so that it crosses what it meets."""
    (x0, y0), (x1, y1) = link.coords
    stretch = 1.0 + 1e-7 / link.length
    return shapely.LineString([(x0, y0), (x0 + stretch * (x1 - x0), y0 + stretch * (y1 - y0))])
