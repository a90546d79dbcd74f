"""Plots of the crack operator's answer: K along a front, and K of its worst point with the share that is shut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from deadlight.view.plots import ENTRY, Events
from deadlight.view.style import BLUE, CYCLE, GREEN, GREY, ORANGE, PURPLE, RED, figure, mark_events

Array = np.ndarray[Any, np.dtype[np.float64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]
MODES = ("K_I", "K_II", "K_III")


@dataclass(frozen=True, eq=False)
class AlongFront:
    """K along one front at one instant.

    Attributes
    ----------
    name : str
    distance : (n,) float [m]
        Along the front.
    k : (n, 3) float [Pa m^0.5]
    effective, error, toughness : (n,) float [Pa m^0.5]
    carried : (n,) bool
        Points next to a free surface, carried on from inside.
    """

    name: str
    distance: Array
    k: Array
    effective: Array
    error: Array
    toughness: Array
    carried: Mask


def along_fronts(fronts: Sequence[AlongFront], *, title: str = "", worst: tuple[int, int] | None = None) -> Figure:
    """A panel for every front: K_I, K_II, K_III, what is judged with its error band, and K_Ic.

    Parameters
    ----------
    worst : (front, point), optional
        Where K is nearest to K_Ic.
    """
    made, panels = figure(len(fronts), height=0.9 + 2.5 * len(fronts), shared=False)
    for number, (panel, front) in enumerate(zip(panels, fronts)):
        order = np.argsort(front.distance)
        x = 1e3 * front.distance[order]
        for i, (mode, colour) in enumerate(zip(MODES, (BLUE, ORANGE, GREEN))):
            panel.plot(x, front.k[order, i] / 1e6, color=colour, linewidth=1.3, label=mode, zorder=3)
        low, high = ((front.effective + sign * front.error)[order] / 1e6 for sign in (-1.0, 1.0))
        panel.fill_between(x, low, high, color=RED, alpha=0.25, linewidth=0)
        k = front.effective[order] / 1e6
        panel.plot(x, k, color=RED, linewidth=3.5, alpha=0.6, label="K judged, with its error")
        panel.plot(x, front.toughness[order] / 1e6, color="black", linestyle="--", linewidth=1.2, label="K_Ic")
        kept = front.carried[order]
        if kept.any():
            ends = front.effective[order][kept] / 1e6
            panel.plot(x[kept], ends, "o", color="white", markeredgecolor=RED, markersize=4)
        if worst is not None and worst[0] == number:
            panel.plot(
                1e3 * front.distance[worst[1]], front.effective[worst[1]] / 1e6, "v", color=RED, markersize=8, zorder=5
            )
        panel.axhline(0.0, color="black", linewidth=0.7)
        panel.set_ylabel("K  [MPa √m]")
        panel.set_title(front.name, fontsize=9, loc="left")
        panel.margins(x=0.02)
        panel.legend(fontsize=8, frameon=False, ncols=1, loc="center left", bbox_to_anchor=(1.0, 0.5))
    panels[-1].set_xlabel("distance along the front [mm]")
    if title:
        made.suptitle(title, fontsize=10, x=0.02, ha="left")
    return made


def worst_point(
    time: Array,
    curves: Mapping[str, Array],
    *,
    pairs: Sequence[tuple[str, Array, Array]] = (),
    toughness: Array,
    band: tuple[str, Array],
    closed: Array,
    events: Events = (),
    title: str = "",
    since: str = ENTRY,
) -> Figure:
    """K over time at the worst point of a front, and the share of the crack's area that is shut.

    Parameters
    ----------
    curves : dict of label -> (m,) float [Pa m^0.5]
        The first is the judged one.
    pairs : sequence of (label, (m,), (m,)) [Pa m^0.5]
        K_I of the operator and of the quick tier, in one colour.
    toughness : (m,) float [Pa m^0.5]
    band : label and (m,) float [Pa m^0.5]
        Half width of the error band of that curve.
    closed : (m,) float
    """
    made, (top, low) = figure(2, height=4.6, ratios=(3.0, 1.0))
    for (label, full, quick), colour in zip(pairs, (BLUE, GREEN, ORANGE, PURPLE)):
        top.plot(time, full / 1e6, color=colour, linewidth=1.4, label=label)
        top.plot(time, quick / 1e6, color=colour, linewidth=1.4, linestyle=":", label=f"{label}, quick tier")
    for (label, value), colour in zip(curves.items(), (RED, *CYCLE)):
        top.plot(time, value / 1e6, color=colour, linewidth=1.6, label=label)
        if label == band[0]:
            top.fill_between(
                time, (value - band[1]) / 1e6, (value + band[1]) / 1e6, color=colour, alpha=0.25, linewidth=0
            )
    top.plot(time, toughness / 1e6, color="black", linewidth=1.2, linestyle="--", label="K_Ic")
    top.set_ylabel("K  [MPa √m]")
    top.set_ylim(bottom=min(0.0, top.get_ylim()[0]))
    top.legend(fontsize=8, frameon=True, facecolor="white", framealpha=0.9, edgecolor="none", loc="upper right")
    low.plot(time, 100 * closed, color=GREY, linewidth=1.4)
    low.set_ylim(-4, 104)
    low.set_ylabel("shut [% of\nthe crack]", fontsize=9)
    low.set_xlabel(f"time after {since} [s]")
    low.set_xlim(max(time[0], min(0.0, time[-1])), time[-1])
    mark_events(top, list(events))
    mark_events(low, list(events), label=False)
    if title:
        made.suptitle(title, fontsize=10, x=0.02, ha="left")
    return made
