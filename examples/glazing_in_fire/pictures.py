"""Maps of cracked panes: cracks, cells and where they started."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
from cracking import Heated, without_frame
from matplotlib.collections import LineCollection
from matplotlib.patches import Polygon

from deadlight.membrane.running import CrackedPane

matplotlib.use("Agg")
import matplotlib.pyplot as plt

FRAMED, FREE = "#dbe9f6", "#f4b6b0"


def draw_panes(file: Path, given: Heated, panes: Sequence[CrackedPane]) -> None:
    """One small map a pane; pieces that no part of the frame covers in red."""
    columns = min(5, len(panes))
    rows = -(-len(panes) // columns)
    w, h = given.pane.width, given.pane.height
    made, axes = plt.subplots(rows, columns, figsize=(2.6 * columns, 2.6 * rows * h / w + 0.4 * rows), squeeze=False)
    for ax in axes.ravel():
        ax.set_axis_off()
    for seed, (ax, found) in enumerate(zip(axes.ravel(), panes), 1):
        net = found.network
        cells = net.cells()
        free = without_frame(given, cells)
        for k, cell in enumerate(cells):
            colour = FREE if k in free else FRAMED
            ax.add_patch(Polygon(np.array(cell.exterior.coords), facecolor=colour, edgecolor="none"))
        ring = np.vstack([given.outline, given.outline[:1]])
        ax.plot(*ring.T, color="black", linewidth=0.8)
        inner = np.array([w / 2 - given.pane.shade, h / 2 - given.pane.shade])
        frame = inner * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]])
        ax.plot(*frame.T, color="grey", linewidth=0.5, linestyle=":")
        points = np.array(net.points)
        lines = [points[[a, b]] for a, b in net.edges]
        ax.add_collection(LineCollection(lines, colors="#1f3b63", linewidths=0.8))
        if len(found.origins):
            ax.plot(*found.origins.T, "o", color="#c0392b", markersize=3.5)
        told = "whole" if found.first is None else f"{found.first:.0f} s"
        ax.set_title(f"pane {seed}, {told}", fontsize=8)
        ax.set_aspect("equal")
    made.tight_layout(pad=0.8)
    file.parent.mkdir(parents=True, exist_ok=True)
    made.savefig(file, dpi=110)
    plt.close(made)
