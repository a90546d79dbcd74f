"""Pictures and tables of how the cracks of a pane grew."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.spatial import ConvexHull

from deadlight.chain.pane_growth import PaneGrowth
from deadlight.chain.result import RunResult
from deadlight.growth.record import GrowthRecord
from deadlight.view import growth_plots, style
from deadlight.view.report import Picture, Table

Array = np.ndarray[Any, np.dtype[np.float64]]

GROWTH = "Growth"


def growth_pictures(result: RunResult, since: str) -> list[Picture]:
    """Fronts, history and resistance of every pane whose cracks were followed."""
    return [picture for growth in result.growths for picture in _pictures(result, growth, since)]


def growth_tables(result: RunResult) -> list[Table]:
    """Events with the causes of K of every pane whose cracks were followed; geometries of those that grew."""
    events = [_events(growth) for growth in result.growths if growth.record.events or growth.record.worst]
    return events + [_table(growth) for growth in result.growths if growth.record.grew]


def _pictures(result: RunResult, growth: PaneGrowth, since: str) -> list[Picture]:
    record, pane = growth.record, growth.label
    chosen = ", ".join(f"{key}: {value}" for key, value in record.choices.items())
    events = [(e.time, e.what) for e in record.events]
    made = growth_plots.in_time(
        record.trace_time, record.trace_area, record.trace_ratio,
        events=events, title=f"{pane}: growth of the cracks", since=since,
    )  # fmt: skip
    told = f"{growth.sentence} {chosen}. From the first instability on indicative: quasi-static, inertia left out."
    found = [Picture(f"Growth: {pane}", style.svg(made), told, GROWTH)]
    if record.grew:
        found.insert(0, _ribs(result, growth))
        found.append(_resistance(record, pane))
    return found


def _ribs(result: RunResult, growth: PaneGrowth) -> Picture:
    record, mesh = growth.record, result.viewport.mesh
    lines = [
        growth_plots.FrontLine(points, step.area, step.indicative) for step in record.steps for points in step.fronts
    ]
    faces = [name for name in (f"{growth.pane}.rim", f"{growth.pane}.outer") if name in mesh.faces]
    outlines = [(name.split(".")[1], _outline(mesh.points[mesh.face_nodes(name)])) for name in faces]
    z = mesh.points[mesh.region_nodes(growth.pane)][:, 2]
    made = growth_plots.ribs(
        lines, outlines=outlines, faces=(float(z.min()), float(z.max())), title=f"{growth.label}: fronts"
    )
    text = f"{len(record.steps)} geometries, each with its fronts. {growth.sentence}"
    return Picture(f"Path of the cracks: {growth.label}", style.svg(made), text, GROWTH)


def _outline(points: Array) -> Array:
    """Hull seen from outside, closed. (k, 2)."""
    hull = ConvexHull(points[:, :2]).vertices
    return np.asarray(points[np.append(hull, hull[0]), :2])


def _resistance(record: GrowthRecord, pane: str) -> Picture:
    times = {e.time for e in record.events}
    chosen = sorted(times)[:4] or [float(record.trace_time[-1])]
    curves = [(f"{t:.0f} s", *record.resistance(t)) for t in chosen]
    made = growth_plots.resistance(curves, title=f"{pane}: K/K_Ic over the size")
    factor, at = record.residual_strength()
    text = (
        "Along the path that was followed, under the loads of the events. "
        f"The last geometry would run at {factor:.2f} times the loads of {at:.0f} s."
    )
    return Picture(f"K over size: {pane}", style.svg(made), text, GROWTH)


def _events(growth: PaneGrowth) -> Table:
    record = growth.record
    found = [*record.events, *([record.worst] if record.worst else [])]
    rows = []
    for event in sorted(found, key=lambda e: e.time):
        x, y, z = (f"{1e3 * c:.1f}" for c in event.place)
        late = "yes" if event.indicative else ""
        rows.append([f"{event.time:.1f}", event.crack, event.what, f"{x}, {y}, {z}", event.told, late])
    head = ["time [s]", "crack", "what", "place [mm]", "detail, causes of K", "indicative"]
    return Table(f"Events of the growth: {growth.label}", head, rows)


def _table(growth: PaneGrowth) -> Table:
    rows = []
    for step in growth.record.steps:
        here = step.reading.at(step.time)
        rows.append([
            str(step.number),
            f"{step.time:.1f}",
            f"{1e6 * step.area:.4g}",
            str(len(step.fronts)),
            f"{float(here.ratio.max()):.3f}",
            f"{100 * step.reading.relative_error:.2g}",
            "" if step.energy is None else f"{100 * step.energy:+.2f}",
            "yes" if step.indicative else "",
        ])  # fmt: skip
    head = ["geometry", "time [s]", "area [mm²]", "fronts", "K/K_Ic", "error of K [%]", "energy [%]", "indicative"]
    return Table(f"Geometries of the growth: {growth.label}", head, rows)
