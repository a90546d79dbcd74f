"""Pieces of the cracked panes for the report: free-body diagrams, their forces, states in time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import ConvexHull

from deadlight.chain.pieces import PaneOutcome
from deadlight.chain.staying import Stay, changes
from deadlight.view.free_body import Arrow, free_body
from deadlight.view.report import Picture, Table
from deadlight.view.style import svg

if TYPE_CHECKING:
    from deadlight.chain.result import RunResult

SECTION = "Pieces and what holds them"
MOST = 6  # diagrams of one pane


def piece_pictures(result: RunResult) -> list[Picture]:
    """A free-body diagram of every piece at its worst instant; the smallest margins first, at most MOST a pane."""
    found = []
    for outcome in result.outcomes:
        worst = sorted(_last(outcome), key=lambda s: (s.lost is None, s.margin))
        found += [_diagram(outcome, s) for s in worst[:MOST]]
    return found


def piece_tables(result: RunResult) -> list[Table]:
    """What becomes of each piece, and the forces on it at its worst instant."""
    found = []
    for outcome in result.outcomes:
        rows = [_row(s) for s in outcome.pieces]
        head = [
            "piece",
            "since [s]",
            "mass [g]",
            "state",
            "worst at [s]",
            "loads before it moves",
            "goes at [s]",
            "way",
        ]
        found.append(Table(f"Pieces of {outcome.pane}", head, rows))
        worst = sorted(_last(outcome), key=lambda s: (s.lost is None, s.margin))
        found += [_forces(outcome, s) for s in worst[:MOST]]
    return [*found, *_leak(result)]


def _leak(result: RunResult) -> list[Table]:
    """The gap behind the cracked outer pane by the state of its vent."""
    if result.leak is None:
        return []
    head = [
        "vent", "outside less gap, largest [Pa]", "gas in through cracks [mg]", "heat onto the next pane [W/m2]",
        "bound of it [W/m2]", "mass and energy close to",
    ]  # fmt: skip
    return [Table(f"Leak into the gap {result.leak.gap}", head, result.leak.rows())]


def _last(outcome: PaneOutcome) -> list[Stay]:
    """The pieces, or the whole pane where nothing is cut off."""
    cut = [s for s in outcome.pieces if s.cut]
    return cut or list(outcome.pieces)


def _row(s: Stay) -> list[str]:
    way = ", ".join(f"{x:+.2f}" for x in s.way) if s.worst != "held" else ""
    told = "; ".join(f"{state} from {time:.0f} s" for time, state in changes(s))
    return [
        s.label + (" (indicative)" if s.indicative else ""),
        f"{s.since:.0f}",
        f"{1e3 * s.piece.mass:.4g}",
        told or s.worst,
        f"{s.governs:.0f}",
        _factor(s.margin),
        "" if s.lost is None else f"{s.lost:.0f}",
        way,
    ]


def _factor(value: float) -> str:
    return "any" if math.isinf(value) else f"x {value:.3g}"


def _diagram(outcome: PaneOutcome, s: Stay) -> Picture:
    faces = s.piece.faces
    arrows = [Arrow(a.name, a.kind, a.force, a.place) for a in s.retention.acting]
    title = f"{outcome.pane}, {s.label} at {s.governs:.0f} s: {s.retention.state}"
    whole = next(p for p in outcome.pieces if not p.cut).piece.faces.corners.reshape(-1, 3)[:, :2]
    hull = whole[ConvexHull(whole).vertices]
    made = free_body(faces.corners, faces.other >= 0, arrows, pane=hull, title=title)
    caption = (
        f"Free body of {s.label} ({1e3 * s.piece.mass:.3g} g) when it is worst. Loads red, pushes of stops and "
        "neighbours blue, grip of gaskets green; cut faces orange. The forces are one admissible set."
    )
    return Picture(title, svg(made), caption, SECTION)


def _forces(outcome: PaneOutcome, s: Stay) -> Table:
    rows, total = [], np.zeros(6)
    for a in s.retention.acting:
        six = np.concatenate([a.force, a.moment])
        total += six
        rows.append([a.name, a.kind, *(f"{x:.4g}" for x in six), ", ".join(f"{1e3 * x:.1f}" for x in a.place)])
    scale = max((float(np.abs(a.force).max()) for a in s.retention.acting), default=1.0)
    rows.append(["sum", "", *(f"{0.0 if abs(x) < 1e-6 * scale else x:.4g}" for x in total), ""])
    head = ["force", "kind", "Fx [N]", "Fy [N]", "Fz [N]", "Mx [Nm]", "My [Nm]", "Mz [Nm]", "at [mm]"]
    return Table(f"Forces on {s.label} of {outcome.pane} at {s.governs:.0f} s", head, rows)
