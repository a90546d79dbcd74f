"""Plots of growing cracks: fronts one after the other, size and K/K_Ic in time, K/K_Ic over size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from deadlight.view.plots import ENTRY, Events
from deadlight.view.style import BLUE, GREY, ORANGE, RED, figure, mark_events

Array = np.ndarray[Any, np.dtype[np.float64]]

MAP = "viridis"  # even in lightness, and for every reader
ORBIT = 0.35  # of the return's width: what a hold before it is drawn on
DAY = 86400.0  # [s]
WHOLE = 2.0  # times the part that holds the fronts: up to there all of the pane is shown


@dataclass(frozen=True, eq=False)
class FrontLine:
    """A front of one geometry.

    Attributes
    ----------
    points : (n, 3) float [m]
    area : float [m^2]
        Of the cracks then.
    indicative : bool
        After an instability.
    """

    points: Array
    area: float
    indicative: bool


def ribs(
    lines: Sequence[FrontLine],
    *,
    outlines: Sequence[tuple[str, Array]] = (),
    faces: tuple[float, float],
    title: str = "",
) -> Figure:
    """Fronts as ribs: seen from outside, and from the side over the distance along the crack.

    Parameters
    ----------
    outlines : sequence of (name, (k, 2) float [m])
        Rim and lip, seen from outside.
    faces : (float, float) [m]
        Heights of the inner and of the outer face.
    """
    made, panels = figure(2, height=7.6, ratios=(2.2, 1.0), shared=False)
    colour = ScalarMappable(Normalize(1e6 * min(x.area for x in lines), 1e6 * max(x.area for x in lines)), MAP)
    every = np.concatenate([line.points for line in lines])
    _from_outside(panels[0], lines, outlines, every, colour)
    _from_the_side(panels[1], lines, faces, every, colour)
    made.colorbar(colour, ax=panels, label="area of the cracks then [mm²]", shrink=0.6, aspect=30)
    if title:
        made.suptitle(title, fontsize=10, x=0.02, ha="left")
    return made


def _drawn(panel: Axes, line: FrontLine, x: Array, y: Array, colour: ScalarMappable) -> None:
    style = (0, (4, 2)) if line.indicative else "-"
    panel.plot(x, y, color=line_colour(colour, line), linewidth=1.6, linestyle=style, zorder=3)


def line_colour(colour: ScalarMappable, line: FrontLine) -> Any:
    """Colour of a front by the area of the cracks then (RGBA)."""
    return colour.to_rgba(np.array(1e6 * line.area))


def _from_outside(
    panel: Axes, lines: Sequence[FrontLine], outlines: Sequence[tuple[str, Array]], every: Array, colour: ScalarMappable
) -> None:
    for i, (name, outline) in enumerate(outlines):
        panel.plot(*(1e3 * outline.T), color=GREY, linewidth=1.2, linestyle=("-", ":")[i % 2], label=name)
    for line in lines:
        _drawn(panel, line, 1e3 * line.points[:, 0], 1e3 * line.points[:, 1], colour)
        middle = 1e3 * line.points[len(line.points) // 2]
        panel.plot(middle[0], middle[1], "o", color=line_colour(colour, line), markersize=3.5, zorder=4)
    low, high = 1e3 * every[:, :2].min(axis=0), 1e3 * every[:, :2].max(axis=0)
    room = max(0.35 * float((high - low).max()), 5.0)
    low, high = low - room, high + room
    if outlines:  # all of the pane, where the fronts take up most of it
        corners = 1e3 * np.concatenate([outline for _, outline in outlines])
        whole = np.ptp(corners, axis=0).max()
        if whole < WHOLE * (high - low).max():
            low = np.minimum(low, corners.min(axis=0) - 0.03 * whole)
            high = np.maximum(high, corners.max(axis=0) + 0.03 * whole)
    panel.set_xlim(low[0], high[0])
    panel.set_ylim(low[1], high[1])
    panel.set_aspect("equal")
    panel.set_xlabel("x [mm]")
    panel.set_ylabel("y [mm]")
    panel.set_title("seen from outside", fontsize=9, loc="left")
    if outlines:
        panel.legend(fontsize=8, frameon=False, loc="best")


def _from_the_side(
    panel: Axes, lines: Sequence[FrontLine], faces: tuple[float, float], every: Array, colour: ScalarMappable
) -> None:
    flat = every[:, :2] - every[:, :2].mean(axis=0)
    along = np.linalg.svd(flat, full_matrices=False)[2][0]
    for height in faces:
        panel.axhline(1e3 * height, color="black", linewidth=1.0)
    for line in lines:
        _drawn(panel, line, 1e3 * line.points[:, :2] @ along, 1e3 * line.points[:, 2], colour)
    panel.set_xlabel(f"distance along ({along[0]:.2f}, {along[1]:.2f}) [mm]")
    panel.set_ylabel("z [mm]")
    panel.set_title("from the side, outer face above; dashed: after an instability, indicative", fontsize=9, loc="left")


def in_time(
    time: Array, area: Array, ratio: Array, *, events: Events = (), title: str = "", since: str = ENTRY
) -> Figure:
    """Area of the cracks and their largest K/K_Ic; a hold before time 0, longer than what follows, is drawn shorter.

    Parameters
    ----------
    time : (m,) float [s]
    area : (m,) float [m^2]
    ratio : (m,) float
    """
    made, panels = figure(2, height=5.0, ratios=(1.0, 1.0))
    start, end = float(time[0]), float(time[-1])
    pressed = 0.0 < end < -start
    if pressed:
        time, events = _pressed(time, start, end), [(float(_pressed(t, start, end)), text) for t, text in events]
        shown = [float(t) for t in MaxNLocator(6).tick_values(0.0, end) if 0.0 <= t <= end]
        days = [f"{share * start / DAY:.3g} d" for share in (1.0, 0.5)]
        panels[-1].set_xticks([-ORBIT * end, -0.5 * ORBIT * end, *shown], [*days, *(f"{t:g}" for t in shown)])
    panels[0].plot(time, 1e6 * area, color=BLUE, linewidth=1.8)
    panels[0].set_ylabel("area of the cracks [mm²]")
    if float(area.max()) > 20.0 * float(area.min()):
        panels[0].set_yscale("log")
    panels[1].plot(time, ratio, color=RED, linewidth=1.4)
    panels[1].axhline(1.0, color="black", linestyle="--", linewidth=1.0)
    panels[1].set_ylabel("largest K/K_Ic")
    panels[1].set_ylim(0.0, max(1.15, min(3.0, 1.05 * float(ratio.max(initial=0.0)))))
    panels[-1].set_xlabel(f"time after {since} [s]")
    for panel in panels:
        mark_events(panel, events)
    if title:
        panels[0].set_title(title, fontsize=10, loc="left")
    return made


def _pressed(time: Any, start: float, end: float) -> Any:
    """Times before 0, from `start`, pressed together to a share of those up to `end`."""
    return np.where(np.asarray(time) < 0.0, ORBIT * end * np.asarray(time) / -start, time)


def resistance(curves: Sequence[tuple[str, Array, Array]], *, title: str = "") -> Figure:
    """Largest K/K_Ic over the area of the cracks under the loads of several times.

    Parameters
    ----------
    curves : sequence of (label, (s,) float [m^2], (s,) float)
        Rising above one: unstable; falling: stable.
    """
    made, panels = figure(1, height=3.6)
    colours = (BLUE, ORANGE, RED, GREY)
    for (label, area, ratio), colour in zip(curves, colours * len(curves)):
        x = 1e6 * area
        panels[0].plot(x, ratio, color=colour, linewidth=0.8, alpha=0.6)
        rising = np.diff(ratio) > 0.0
        for a, b, y0, y1, up in zip(x[:-1], x[1:], ratio[:-1], ratio[1:], rising):
            panels[0].plot([a, b], [y0, y1], color=colour, linewidth=2.4 if up else 1.2, linestyle="-" if up else ":")
        panels[0].plot(x, ratio, "o", color=colour, markersize=3, label=label)
    panels[0].axhline(1.0, color="black", linestyle="--", linewidth=1.0)
    panels[0].set_xlabel("area of the cracks [mm²]")
    panels[0].set_ylabel("largest K/K_Ic")
    if len(curves[0][1]) > 1 and curves[0][1].max() > 10.0 * curves[0][1].min():
        panels[0].set_xscale("log")
    panels[0].legend(fontsize=8, frameon=False, title="loads of (thick: unstable, dotted: stable)", title_fontsize=8)
    if title:
        panels[0].set_title(title, fontsize=10, loc="left")
    return made
