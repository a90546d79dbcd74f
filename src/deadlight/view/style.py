"""One look for every plot: colours that colour-blind readers can tell apart, sizes, and how a figure becomes bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

# Okabe & Ito (2008), "Color universal design".
BLUE, ORANGE, GREEN, RED, PURPLE, SKY, GREY = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#CC79A7",
    "#56B4E9",
    "#666666",
)
CYCLE = (BLUE, RED, GREEN, ORANGE, PURPLE, SKY)


def figure(
    rows: int = 1,
    *,
    height: float = 3.2,
    width: float = 7.4,
    ratios: tuple[float, ...] | None = None,
    shared: bool = True,
) -> tuple[Figure, list[Axes]]:
    """A figure of stacked panels that share the x axis or not; no pyplot, so nothing global is kept alive."""
    made = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(made)
    axes = made.subplots(
        rows, 1, sharex=shared, squeeze=False, gridspec_kw={"height_ratios": ratios} if ratios else None
    )[:, 0]
    for panel in axes:
        panel.grid(True, color="#dddddd", linewidth=0.6)
        panel.set_axisbelow(True)
        panel.spines[["top", "right"]].set_visible(False)
        panel.tick_params(labelsize=9)
    return made, list(axes)


def svg(made: Figure) -> bytes:
    """The figure as SVG, without a date so that the same data give the same bytes."""
    return _bytes(made, "svg", metadata={"Date": None})


def png(made: Figure, dpi: int = 150) -> bytes:
    """The figure as PNG."""
    return _bytes(made, "png", dpi=dpi)


def _bytes(made: Figure, form: str, **options: Any) -> bytes:
    import matplotlib as mpl

    buffer = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "deadlight", "svg.fonttype": "path"}):
        made.savefig(buffer, format=form, **options)
    return buffer.getvalue()


def mark_events(panel: Axes, events: Sequence[tuple[float, str]], *, label: bool = True) -> None:
    """Thin vertical lines; labels stand in rows so that near ones do not overlap."""
    lo, hi = panel.get_xlim()
    rows = [-1e30] * 5
    for t, text in sorted(events):
        if not lo <= t <= hi:
            continue
        panel.axvline(t, color=GREY, linewidth=0.7, linestyle=":")
        if not label:
            continue
        share = (t - lo) / (hi - lo)
        row = next((i for i, end in enumerate(rows) if share > end), None)
        if row is None:
            continue  # the line stands; the table of events has its name
        rows[row] = share + 0.012 * len(text) + 0.01
        right = share > 0.9
        panel.text(
            t,
            1.02 + 0.075 * row,
            f"{text} " if right else f" {text}",
            ha="right" if right else "left",
            transform=panel.get_xaxis_transform(),
            fontsize=7,
            color="#333333",
            clip_on=False,
            va="bottom",
        )
