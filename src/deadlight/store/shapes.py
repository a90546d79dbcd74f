"""`growth.pvd` and `pieces.pvd`: fronts of growing cracks and pieces they cut off, for ParaView and our own viewers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deadlight.mesh.mesh import CellBlock
from deadlight.store.vtu import Grid, write_pvd

Array = np.ndarray[Any, np.dtype[np.float64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, eq=False)
class FrontShape:
    """A front of one geometry.

    Attributes
    ----------
    pane : str
    step : int
        Number of the geometry.
    time : float [s]
        When the cracks had this shape first.
    indicative : bool
    points : (n, 3) float [m]
    ratio : (n,) float
        K/K_Ic along it then.
    """

    pane: str
    step: int
    time: float
    indicative: bool
    points: Array
    ratio: Array


@dataclass(frozen=True, eq=False)
class PieceShape:
    """A piece of a pane.

    Attributes
    ----------
    pane : str
    number : int
    state : str
        "held", "loose", "leaves", or "" where that was not asked.
    corners : (f, 3, 3) float [m]
    cut : (f,) bool
        Which triangles are cut faces.
    way : (3,) float
        Unit direction it leaves along; zeros where it does not.
    mass : float [kg]
    """

    pane: str
    number: int
    state: str
    corners: Array
    cut: Mask
    way: Array
    mass: float


def write_fronts(folder: Path, fronts: Sequence[FrontShape]) -> Path | None:
    """Writes `growth.pvd` and a file a geometry; nothing without fronts."""
    by_step: dict[tuple[str, int], list[FrontShape]] = {}
    for front in fronts:
        by_step.setdefault((front.pane, front.step), []).append(front)
    entries = []
    for i, ((pane, step), here) in enumerate(by_step.items()):
        count = [len(f.points) for f in here]
        start = np.cumsum([0, *count[:-1]])
        lines = [np.column_stack([s + np.arange(n - 1), s + np.arange(1, n)]) for s, n in zip(start, count)]
        data = {
            "time [s]": np.repeat([f.time for f in here], count),
            "indicative [-]": np.repeat([float(f.indicative) for f in here], count),
            "K/K_Ic [-]": np.concatenate([f.ratio for f in here]),
        }
        grid = Grid(np.concatenate([f.points for f in here]), [CellBlock("line", np.concatenate(lines))])
        path = grid.write(folder / "fields" / f"growth_{i:04d}.vtu", data, time=float(here[0].time))
        entries.append((float(here[0].time), i, f"{pane}#{step}", path.relative_to(folder).as_posix()))
    return write_pvd(folder / "growth.pvd", entries) if entries else None


def write_pieces(folder: Path, pieces: Sequence[PieceShape]) -> Path | None:
    """Writes `pieces.pvd` and a file a piece; nothing without pieces."""
    entries = []
    for i, piece in enumerate(pieces):
        n = 3 * len(piece.corners)
        grid = Grid(piece.corners.reshape(-1, 3), [CellBlock("tri3", np.arange(n).reshape(-1, 3))])
        data = {
            "cut face [-]": np.repeat(piece.cut.astype(float), 3),
            "way out [-]": np.tile(piece.way, (n, 1)),
            "mass [kg]": np.full(n, piece.mass),
        }
        path = grid.write(folder / "fields" / f"piece_{i:04d}.vtu", data)
        entries.append((0.0, i, f"{piece.pane}#{piece.number}#{piece.state}", path.relative_to(folder).as_posix()))
    return write_pvd(folder / "pieces.pvd", entries) if entries else None
