"""A crack's surface in space with its fronts one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from deadlight.view.growth_plots import FrontLine, line_colour

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

GREY, PALE = "#8a8f98", "#c9d6e6"


def in_space(
    lines: Sequence[FrontLine],
    points: Array,
    triangles: Index,
    *,
    box: Array | None = None,
    title: str = "",
    view: tuple[float, float] = (25.0, -60.0),
) -> Figure:
    """Fronts on the last surface of the crack.

    Parameters
    ----------
    points, triangles : (n, 3) float [m], (t, 3) int
        Of the crack as it is at the end.
    box : (2, 3) float [m], optional
        Lowest and highest corner of a block round it.
    view : (float, float) [degrees]
        Elevation and azimuth.
    """
    made = Figure(figsize=(6.4, 5.4))
    panel: Any = made.add_subplot(projection="3d")
    area = [1e6 * line.area for line in lines]
    colour = ScalarMappable(Normalize(min(area), max(area)), colormaps["viridis"])
    x = 1e3 * points
    panel.plot_trisurf(x[:, 0], x[:, 1], x[:, 2], triangles=triangles, color=PALE, alpha=0.35, linewidth=0.0)
    for line in lines:
        style = (0, (4, 2)) if line.indicative else "-"
        panel.plot(*(1e3 * line.points.T), color=line_colour(colour, line), linewidth=1.8, linestyle=style)
    everything = np.concatenate([x[np.unique(triangles)], *(1e3 * line.points for line in lines)])
    if box is not None:
        for a, b in _edges(1e3 * box):
            panel.plot(*np.stack([a, b]).T, color=GREY, linewidth=0.8)
        everything = np.concatenate([everything, 1e3 * box])
    low, high = everything.min(axis=0), everything.max(axis=0)
    half = 0.5 * float((high - low).max())
    middle = 0.5 * (low + high)
    for axis, name, at in zip((panel.set_xlim, panel.set_ylim, panel.set_zlim), "xyz", middle):
        axis(at - half, at + half)
        getattr(panel, f"set_{name}label")(f"{name} [mm]")
    panel.set_box_aspect((1, 1, 1), zoom=0.92)
    panel.view_init(*view)
    made.colorbar(colour, ax=panel, shrink=0.6, pad=0.12, label="area of the crack [mm²]")
    panel.set_title(title, fontsize=10, loc="left")
    return made


def _edges(box: Array) -> list[tuple[Array, Array]]:
    """The twelve edges of a block."""
    corners = np.array([[box[i, 0], box[j, 1], box[k, 2]] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
    pairs = [(a, b) for a in range(8) for b in range(a + 1, 8) if np.sum(corners[a] != corners[b]) == 1]
    return [(corners[a], corners[b]) for a, b in pairs]
