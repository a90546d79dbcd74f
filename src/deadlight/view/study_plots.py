"""Plots of a study: fragility, contributors, allowable damage, go/no-go chart.  Plain arrays in, a figure out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from deadlight.view.style import BLUE, GREEN, GREY, ORANGE, RED, figure

Array = np.ndarray[Any, np.dtype[np.float64]]
CLASSES = (("below K_Ic with factor and error band", GREEN), ("below K_Ic", ORANGE), ("K reaches K_Ic", RED))
Mark = tuple[float, float]


def fragility_plot(
    middle: Array, share: Array, low: Array, high: Array, *, name: str, unit: str, confidence: float, mark: float | None
) -> Figure:
    """Share of cases in which K reaches K_Ic over one parameter, with its confidence band.

    Parameters
    ----------
    middle, share, low, high : (b,) float
    mark : float or None
        Where the case itself stands.
    """
    made, (panel,) = figure(height=2.9)
    panel.fill_between(middle, low, high, color=BLUE, alpha=0.2, linewidth=0, label=f"{100 * confidence:g} % (Wilson)")
    panel.plot(middle, share, color=BLUE, marker="o", markersize=4, linewidth=1.6, label="share of cases")
    if mark is not None:
        panel.axvline(mark, color="black", linestyle="--", linewidth=1.0, label="this damage")
    panel.set_ylim(-0.02, 1.02)
    panel.set_xlabel(f"{name} [{unit}]" if unit else name)
    panel.set_ylabel("K reaches K_Ic [share]")
    panel.legend(fontsize=8, frameon=False, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3)
    return made


def contributors_plot(
    names: Sequence[str], share: Array, low: Array, high: Array, other: Sequence[float | None]
) -> Figure:
    """Share of the variance of log K/K_Ic by parameter, with bootstrap bands; SALib's beside it where known."""
    made, (panel,) = figure(height=0.8 + 0.42 * len(names))
    at = np.arange(len(names))[::-1]
    panel.barh(at, share, color=BLUE, height=0.6, label="by bins")
    error = np.stack([np.maximum(share - low, 0.0), np.maximum(high - share, 0.0)])
    panel.errorbar(share, at, xerr=error, fmt="none", ecolor="black", elinewidth=1.0, capsize=3)
    known = [(s, y) for s, y in zip(other, at) if s is not None]
    if known:
        panel.plot(*zip(*known), "D", color=ORANGE, markersize=5, label="RBD-FAST (SALib)")
        panel.legend(fontsize=8, frameon=False, loc="lower right")
    panel.set_yticks(at, names, fontsize=8)
    panel.set_xlim(0.0, max(1.0, float(high.max(initial=0.0)) * 1.05))
    panel.set_xlabel("share of the variance of log K/K_Ic, first order")
    return made


def damage_map(
    x: Array, y: Array, size: Array, state: Sequence[str], *, outline: Array, lip: Array, angle: float, what: str,
    limits: tuple[float, float], flagged: Array | None = None, mark: Mark | None = None,
) -> Figure:  # fmt: skip
    """Largest tolerable size over the pane.

    Parameters
    ----------
    x, y, size : (n,) float [m]
    state : n of "limited", "none", "all", "fits", "failed"
    outline, lip : (k, 2) float [m]
        Rim and lip in plan.
    angle : float [rad]
        Of the crack's line from the outward radius.
    what : str
        Which size.
    limits : (low, high) [m]
        Sizes that were asked for: the same colours at every angle and return.
    flagged : (n,) bool, optional
        Where the tiers differ by more than 5 %.
    mark : (x, y), optional [m]
        This damage.
    """
    made, (panel,) = figure(height=5.4, width=6.4)
    kinds = np.array(state)
    shown = size > 0.0
    norm = LogNorm(1e3 * limits[0], 1e3 * limits[1])
    dots = panel.scatter(1e3 * x[shown], 1e3 * y[shown], c=1e3 * size[shown], norm=norm, cmap="viridis", s=26)
    for kind, marker, text in (("none", "x", "smallest size is too large"), ("fits", "_", "larger does not fit")):
        at = kinds == kind
        if at.any():
            panel.scatter(1e3 * x[at], 1e3 * y[at], marker=marker, color=RED, s=22, linewidths=1.0, label=text)
    if flagged is not None and flagged.any():
        at, text = 1e3 * np.stack([x, y])[:, flagged], "tiers differ by over 5 %"
        panel.scatter(at[0], at[1], facecolors="none", edgecolors="black", s=60, label=text)
    for line, style in ((outline, "-"), (lip, "--")):
        closed = 1e3 * np.concatenate([line, line[:1]])
        panel.plot(closed[:, 0], closed[:, 1], color=GREY, linestyle=style, linewidth=1.0)
    if mark is not None:
        panel.plot(1e3 * mark[0], 1e3 * mark[1], "*", color="black", markersize=14, label="this damage")
    panel.set_aspect("equal")
    panel.set_xlabel("x [mm]")
    panel.set_ylabel("y [mm]")
    panel.set_title(f"line at {np.degrees(angle):.0f} deg from the radius", fontsize=9)
    ticks = _round_between(1e3 * limits[0], 1e3 * limits[1])
    bar = made.colorbar(dots, ax=panel, label=f"largest tolerable {what} [mm]", shrink=0.85, ticks=ticks)
    bar.ax.set_yticklabels([f"{tick:g}" for tick in ticks])
    bar.ax.minorticks_off()
    if panel.get_legend_handles_labels()[0]:
        panel.legend(fontsize=7, loc="lower left", bbox_to_anchor=(0.0, 1.05), ncols=3, frameon=False)
    return made


def _round_between(low: float, high: float) -> list[float]:
    """1, 2, 5 times powers of ten from low to high, and both ends."""
    powers = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    inside = [t for t in np.outer(powers, [1.0, 2.0, 5.0]).ravel() if 1.2 * low < t < high / 1.2]
    return [low, *inside, high]


def go_chart(x: Array, y: Array, category: Array, *, names: tuple[str, str], mark: Mark | None = None) -> Figure:
    """Cases over two parameters by what became of them, with this damage marked.

    Parameters
    ----------
    category : (n,) int
        Into `CLASSES`.
    """
    made, (panel,) = figure(height=4.2)
    for number, (text, colour) in enumerate(CLASSES):
        at = category == number
        if at.any():
            panel.scatter(x[at], y[at], color=colour, s=14, alpha=0.8, linewidths=0, label=f"{text} ({int(at.sum())})")
    if mark is not None:
        panel.plot(*mark, "*", color="black", markersize=15, label="this damage")
    panel.set_xlabel(names[0])
    panel.set_ylabel(names[1])
    panel.legend(fontsize=8, loc="center left", bbox_to_anchor=(0.0, 1.12), ncols=2, frameon=False)
    return made
