"""A square plate of 100 x 100 x 10 mm and 0.22 kg, its stops and loads, for retention by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from deadlight.outcome.forces import Load
from deadlight.outcome.piece import Piece
from deadlight.outcome.pieces import pieces_of
from deadlight.outcome.retention import Retention
from deadlight.outcome.skin import plate
from deadlight.outcome.supports import Support

SIDE, THICK, RHO = 0.100, 0.010, 2200.0
SQUARE = shapely.box(-SIDE / 2, -SIDE / 2, SIDE / 2, SIDE / 2)
BAND = SQUARE - SQUARE.buffer(-0.010, join_style="mitre")
SKIN = plate(SQUARE, THICK, outer={"lip": BAND}, inner={"seat": BAND})
ZERO = np.zeros(3)


def whole() -> Piece:
    return pieces_of(SKIN, [], RHO, check=False).pieces[0]


def halves(x: float = 0.0, lean: float = 0.0) -> tuple[Piece, Piece]:
    """Left and right of a cut at x, which goes to x + lean (z - mid thickness)."""
    z = np.array([-0.002, 0.012])
    points = np.array([[x + lean * (h - THICK / 2), y, h] for h in z for y in (-0.2, 0.2)])
    found = pieces_of(SKIN, [(points, np.array([[0, 1, 3], [0, 3, 2]]))], RHO, check=False).pieces
    left, right = sorted(found, key=lambda p: p.centroid[0])
    return left, right


def load(force: Sequence[float], moment: Sequence[float] = (0.0, 0.0, 0.0), name: str = "load", **more: bool) -> Load:
    return Load(name, np.array(force, dtype=float), np.array(moment, dtype=float), **more)


def stop(name: str, *, friction: float = 0.0, gap: float = 0.0, limit: float = np.inf) -> Support:
    return Support(name, ("rim" if name == "wall" else name,), friction, gap, limit=limit)


def pushed(found: Retention, name: str) -> np.ndarray:
    return sum((a.force for a in found.acting if a.name == name and a.kind == "push"), ZERO)


def left_over(found: Retention) -> tuple[np.ndarray, np.ndarray]:
    """Force and moment of all loads and pushes of the diagram."""
    real = [a for a in found.acting if a.kind != "unbalanced"]
    return sum((a.force for a in real), ZERO), sum((a.moment for a in real), ZERO)
