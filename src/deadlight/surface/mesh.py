"""The mesh of surfaces that the crack operator works on: cracks and the skin of the body, quadratic, one node a lip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

T6, Q9, TIP = 0, 1, 2
MOUTH_FIRST, MOUTH_LAST = 1, 2  # added to TIP: its side s = 0, its side s = 1 lies on a mouth


@dataclass(frozen=True, eq=False)
class Front:
    """One crack front with its ring of elements.

    Attributes
    ----------
    nodes, quarter, inner : (k,) int64
        Corner, middle, corner ... along the front; the nodes a quarter of the way in; those at the ring's inner edge.
        A closed front has an even k and its last node joins the first; an open one begins and ends with a corner.
    closed : bool
    crack : int
        Number of the crack.
    """

    nodes: Index
    quarter: Index
    inner: Index
    closed: bool
    crack: int = 0


@dataclass(frozen=True, eq=False)
class SurfaceMesh:
    """Cracks and faces of one body.

    Attributes
    ----------
    points : (n, 3) float [m]
    cells : (e, 9) int64
        Node numbers in VTK order; triangles use six, the rest is -1.  The right-hand normal is the crack's (from its
        - to its + side), and leaves the body on a face.
    kind : (e,) int64
        T6, Q9, or TIP plus MOUTH_FIRST and MOUTH_LAST: a nine-node element whose side t = 0 is the front, with the
        nodes of its middle row a quarter of the way in.
    surface : (e,) int64
        Number of the crack from 0; face j of the body is -1 - j.
    fronts : tuple of Front
    ties : (slave, master, value), each (m,)
        D[slave] = sum of value D[master] over its rows: the opening at a mouth is the difference of the lips.
    fixed : (f,) int64
        Nodes with D = 0: the fronts, and the outer edge of a patch that was cut out of the skin.
    place : (n,) int64
        The same number for nodes at the same point of space.
    loaded : (e,) bool or None
        Elements on which the uncracked stress acts: cracks, and faces it does not know (pits); None: cracks only.
    """

    points: Array
    cells: Index
    kind: Index
    surface: Index
    fronts: tuple[Front, ...]
    ties: tuple[Index, Index, Array]
    fixed: Index
    place: Index
    loaded: Flags | None = None

    @property
    def under_load(self) -> Flags:
        """Which elements the uncracked stress acts on. (e,)."""
        return self.on_crack if self.loaded is None else self.loaded

    @property
    def on_crack(self) -> Flags:
        """Which elements are crack. (e,)."""
        return self.surface >= 0

    def __repr__(self) -> str:
        cracks = len(np.unique(self.surface[self.on_crack]))
        return (
            f"SurfaceMesh({len(self.cells)} elements, {int(self.on_crack.sum())} of them on {cracks} crack"
            f"{'s' * (cracks != 1)}, {len(self.points)} nodes, {len(self.fronts)} front{'s' * (len(self.fronts) != 1)})"
        )
