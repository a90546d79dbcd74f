"""Plots of a run.  Every function takes plain SI arrays and returns a matplotlib figure; units are on every axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from deadlight.view.style import CYCLE, GREY, RED, figure, mark_events

Array = np.ndarray[Any, np.dtype[np.float64]]
Events = Sequence[tuple[float, str]]
ENTRY = "entry interface"  # what the clock of a return starts with


def k_history(
    time: Array,
    tips: Mapping[str, Array],
    *,
    toughness: Array,
    altitude: Array | None,
    events: Events = (),
    title: str = "",
    band: Mapping[str, Array] | None = None,
    since: str = ENTRY,
) -> Figure:
    """K at each tip against K_Ic, with the altitude below on the same clock where there is one.

    Parameters
    ----------
    time : (m,) float [s]
    tips : dict of label -> (m,) float [Pa m^0.5]
        NaN where the tip no longer exists.
    toughness : (m,) float [Pa m^0.5]
        K_Ic at the front's temperature.
    altitude : (m,) float [m], or None in a test facility
    band : dict of label -> (m,) float [Pa m^0.5], optional
        Half width of the error band of each tip.
    since : str
        What the clock starts with.
    """
    made, panels = figure(height=3.6) if altitude is None else figure(2, height=4.6, ratios=(3.0, 1.0))
    top, low = panels[0], panels[-1]
    for (label, value), colour in zip(tips.items(), CYCLE):
        top.plot(time, value / 1e6, color=colour, label=label, linewidth=1.6)
        if band and label in band:
            top.fill_between(
                time, (value - band[label]) / 1e6, (value + band[label]) / 1e6, color=colour, alpha=0.15, linewidth=0
            )
    top.plot(time, toughness / 1e6, color="black", linewidth=1.2, linestyle="--", label="K_Ic")
    top.set_ylabel("K  [MPa √m]")
    top.set_ylim(bottom=min(0.0, top.get_ylim()[0]))
    top.legend(fontsize=8, frameon=True, facecolor="white", framealpha=0.9, edgecolor="none", loc="upper right")
    low.set_xlabel(f"time after {since} [s]")
    low.set_xlim(max(time[0], min(0.0, time[-1])), time[-1])
    mark_events(top, list(events))
    if altitude is not None:
        low.plot(time, altitude / 1e3, color=GREY, linewidth=1.4)
        low.set_ylabel("altitude [km]")
        mark_events(low, list(events), label=False)
    if title:
        made.suptitle(title, fontsize=10, x=0.02, ha="left")
    return made


def histories(
    time: Array,
    curves: Mapping[str, Array],
    *,
    label: str,
    scale: float = 1.0,
    events: Events = (),
    title: str = "",
    zero: bool = False,
    since: str = ENTRY,
) -> Figure:
    """Any quantities of one kind against time; `label` carries the unit after scaling."""
    made, (panel,) = figure(height=3.0)
    for (name, value), colour in zip(curves.items(), CYCLE):
        panel.plot(time, value * scale, color=colour, label=name, linewidth=1.5)
    if zero:
        panel.axhline(0, color="black", linewidth=0.7)
    panel.set_ylabel(label)
    panel.set_xlabel(f"time after {since} [s]")
    panel.set_xlim(max(time[0], min(0.0, time[-1])), time[-1])
    if len(curves) > 1:
        panel.legend(fontsize=8, frameon=False)
    mark_events(panel, list(events))
    if title:
        made.suptitle(title, fontsize=10, x=0.02, ha="left")
    return made


def environment(
    time: Array,
    *,
    flux: Array,
    load_factor: Array | None = None,
    altitude: Array | None = None,
    speed: Array | None = None,
    events: Events = (),
    since: str = ENTRY,
) -> Figure:
    """Heat flux at the window, load factor, altitude and speed: panels on one clock; what is None has none."""
    stated = (
        (flux, 1e-3, "cold-wall flux\n[kW/m²]"),
        (load_factor, 1.0, "load factor\n[g]"),
        (altitude, 1e-3, "altitude\n[km]"),
        (speed, 1e-3, "speed\n[km/s]"),
    )
    rows = [(value * scale, label) for value, scale, label in stated if value is not None]
    made, panels = figure(len(rows), height=1.2 + 1.2 * len(rows))
    for panel, (value, label), colour in zip(panels, rows, CYCLE):
        panel.plot(time, value, color=colour, linewidth=1.5)
        panel.set_ylabel(label, fontsize=9)
        panel.set_ylim(bottom=min(0.0, float(np.nanmin(value))))
    panels[-1].set_xlabel(f"time after {since} [s]")
    panels[-1].set_xlim(max(time[0], min(0.0, time[-1])), time[-1])
    for i, panel in enumerate(panels):
        mark_events(panel, list(events), label=i == 0)
    return made


def crack_line_stress(
    position: Array,
    skins: Mapping[str, Array],
    *,
    tips: tuple[float, float],
    lip: float | None,
    rim: float,
    time_s: float,
    grown: tuple[float, float] | None = None,
    since: str = ENTRY,
) -> Figure:
    """Stress that opens the crack along its line at one instant.

    Parameters
    ----------
    position : (n,) float [m]
        Distance from the window's centre.
    skins : dict of label -> (n,) float [Pa]
        For instance outer skin, mid-plane, inner skin.
    tips, grown : (float, float) [m]
        Seed and grown crack, distance from the window's centre.
    lip, rim : float [m]
    """
    made, (panel,) = figure(height=3.3)
    for (name, value), colour in zip(skins.items(), CYCLE):
        panel.plot(position * 1e3, value / 1e6, color=colour, label=name, linewidth=1.5)
    panel.axhline(0, color="black", linewidth=0.7)
    lo, hi = panel.get_ylim()
    if grown:
        panel.fill_between(
            np.array(grown) * 1e3, lo, hi, color=RED, alpha=0.08, linewidth=0, label="crack after growth"
        )
    panel.fill_between(np.array(tips) * 1e3, lo, hi, color="black", alpha=0.12, linewidth=0, label="crack seed")
    if lip is not None:
        panel.axvline(lip * 1e3, color=GREY, linestyle="--", linewidth=1)
        panel.text(lip * 1e3, lo, " lip ", ha="right", va="bottom", fontsize=8, color=GREY)
    panel.axvline(rim * 1e3, color="black", linewidth=1.2)
    panel.set_ylim(lo, hi)
    panel.set_xlabel("distance from the window's centre [mm]")
    panel.set_ylabel("stress across the crack [MPa]")
    panel.legend(fontsize=8, frameon=False)
    made.suptitle(f"at {time_s:.0f} s after {since} (tension positive)", fontsize=10, x=0.02, ha="left")
    return made
