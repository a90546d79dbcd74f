"""Free-body diagram of a piece of a pane: its outline from above and from the side, every force as an arrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from deadlight.view.style import BLUE, GREEN, GREY, ORANGE, PURPLE, RED

Array = np.ndarray[Any, np.dtype[np.float64]]

COLOURS = {"load": RED, "push": BLUE, "grip": GREEN, "unbalanced": PURPLE}
_LONGEST = 0.32  # of the drawing's width: the largest force
_MANY = 400  # faces from which on they are points of a picture, not shapes: 16 000 of them would be 5 MB in a report
_LEAST = 0.04  # smaller arrows are drawn this long, so that they can be seen at all


@dataclass(frozen=True, eq=False)
class Arrow:
    """A force on the drawing.

    Attributes
    ----------
    name, kind : str
        Kind is one of "load", "push", "grip", "unbalanced".
    force : (3,) float [N]
    place : (3,) float [m]
    """

    name: str
    kind: str
    force: Array
    place: Array


def free_body(
    corners: Array, cut: Any, arrows: Sequence[Arrow], *, pane: Array | None = None, title: str = "",
    stretch: float | None = None,
) -> Figure:  # fmt: skip
    """Diagram of one piece.

    Parameters
    ----------
    corners : (f, 3, 3) float [m]
        Plain triangles of its faces.
    cut : (f,) bool
        Which of them are cut faces.
    arrows : sequence of Arrow
    pane : (k, 2) float [m], optional
        Outline of the whole pane seen from above.
    title : str
    stretch : float, optional
        Of heights in the side view; default such that the piece is a sixth as high as wide.
    """
    made = Figure(figsize=(7.4, 6.6), layout="constrained", dpi=200)
    FigureCanvasAgg(made)
    above, side = made.subplots(2, 1, gridspec_kw={"height_ratios": (2.3, 1)})
    x = 1e3 * np.asarray(corners, dtype=float)
    low, high = x.reshape(-1, 3).min(axis=0), x.reshape(-1, 3).max(axis=0)
    span = high - low
    if stretch is None:
        stretch = max(1.0, float(max(span[0], span[1]) / (6 * max(span[2], 1e-9))))
    cut = np.asarray(cut, dtype=bool)
    for panel, axes, tall in ((above, (0, 1), 1.0), (side, (0, 2), stretch)):
        flat = x[:, :, axes] * [1.0, tall]
        plain: dict[str, Any] = {"facecolor": "#cfe3ee", "edgecolor": "none", "zorder": 1}
        torn: dict[str, Any] = {"facecolor": ORANGE, "edgecolor": ORANGE, "linewidth": 0.8, "zorder": 2}
        for mine, style in ((~cut, plain), (cut, torn)):
            panel.add_collection(PolyCollection(list(flat[mine]), rasterized=bool(mine.sum() > _MANY), **style))
        _drawn(panel, arrows, axes, tall, float(max(span[0], span[1])))
        panel.set_aspect("equal")
        panel.set_xlabel("x [mm]", fontsize=9)
        panel.tick_params(labelsize=8)
        panel.spines[["top", "right"]].set_visible(False)
        panel.autoscale_view()
        panel.margins(0.12)
    if pane is not None:
        ring = 1e3 * np.vstack([pane, pane[:1]])
        above.plot(ring[:, 0], ring[:, 1], color=GREY, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
    above.set_ylabel("y [mm]", fontsize=9)
    side.set_ylabel(f"z [mm], x {stretch:.2g}", fontsize=9)
    side.set_yticks([stretch * low[2], stretch * high[2]], [f"{round(h, 3) + 0.0:.4g}" for h in (low[2], high[2])])
    above.set_title(title, fontsize=10, loc="left")
    _legend(made, arrows)
    return made


def _drawn(panel: Axes, arrows: Sequence[Arrow], axes: tuple[int, int], tall: float, width: float) -> None:
    """Arrows whose heads touch the place where pushes act; loads start there.

    Those without a part in this view are dots.
    """
    largest = max((float(np.linalg.norm(a.force)) for a in arrows), default=0.0)
    for number, a in enumerate(arrows):
        part = np.asarray(a.force, dtype=float)[list(axes)]
        at = 1e3 * np.asarray(a.place, dtype=float)[list(axes)] * [1.0, tall]
        size = float(np.linalg.norm(part))
        colour = COLOURS.get(a.kind, GREY)
        if size < 1e-6 * max(largest, 1e-300):
            panel.plot(*at, marker="o", markersize=4, color=colour, zorder=4)
            continue
        long = max(_LONGEST * size / largest, _LEAST) * width
        step = long * part / size
        tail, head = (at, at + step) if a.kind in ("load", "unbalanced") else (at - step, at)
        style = {"arrowstyle": "-|>", "color": colour, "lw": 1.6, "shrinkA": 0, "shrinkB": 0}
        panel.annotate("", xy=_spot(head), xytext=_spot(tail), zorder=5, arrowprops=style)
        panel.update_datalim([tail, head])
        there = _spot(head if a.kind == "load" else tail)
        panel.annotate(
            str(number + 1), xy=there, fontsize=8, color=colour, zorder=6, xytext=(5, 3), textcoords="offset points"
        )


def _spot(x: Array) -> tuple[float, float]:
    return float(x[0]), float(x[1])


def _legend(made: Figure, arrows: Sequence[Arrow]) -> None:
    """A line a force with its number and size, below the drawing."""
    rows = [
        Line2D([], [], color=COLOURS.get(a.kind, GREY), lw=2.0, label=f"{k + 1}  {a.name} ({a.kind}): {_text(a.force)}")
        for k, a in enumerate(arrows)
    ]
    rows.append(Line2D([], [], color=ORANGE, linewidth=4.0, label="cut faces"))
    made.legend(handles=rows, loc="outside lower left", ncols=2, fontsize=8, frameon=False)


def _text(force: Array) -> str:
    largest = float(np.abs(force).max())
    parts = ", ".join("0" if abs(x) < 1e-6 * max(largest, 1e-300) else f"{x:.3g}" for x in force)
    return f"({parts}) N"
