"""What is meshed of a crack, and its mesh."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from deadlight.surface.chart import Chart, Snap
from deadlight.surface.mesh import T6, Array, Front, Index


@dataclass(frozen=True, eq=False)
class Piece:
    """A part of a crack's outline.

    Attributes
    ----------
    points : (k, 2) float
        Fine polyline in the chart, the crack on its left; a closed one repeats its first point.
    kind : "front" or "mouth"
    face : int
        Face of the body on which a mouth lies; -1 for a front.
    """

    points: Array
    kind: str
    face: int = -1


@dataclass(frozen=True, eq=False)
class CrackDomain:
    """The part of a crack's surface that is to be meshed.

    Attributes
    ----------
    chart : Chart
    loops : tuple of tuple of Piece
        Closed loops of pieces, each beginning where the one before ends; the crack on the left of all.
    snap : callable or None
        Nearest points (m, 2) -> (m, 2) of the exact fronts, where they are not the polylines themselves.
    skin : callable or None
        (face, points (m, 2)) -> (m, 2): points near a mouth moved along the crack onto the face of the body, where
        the mouths are not the polylines themselves.
    """

    chart: Chart
    loops: tuple[tuple[Piece, ...], ...]
    snap: Snap | None = None
    skin: Callable[[int, Array], Array] | None = None


@dataclass(frozen=True, eq=False)
class Mouth:
    """Nodes of a crack on the skin.

    Attributes
    ----------
    face : int
        Face of the body.
    nodes : (2 k + 1,) int64
        Corner, middle, corner ..., the crack on the left.
    start, end : str
        "tip" where the mouth ends at a front, its last side being that of the ring with the middle node a quarter
        of the way from the front; "edge" where it goes on, on another face or round a hole.
    """

    face: int
    nodes: Index
    start: str
    end: str


@dataclass(frozen=True, eq=False)
class CrackMesh:
    """Mesh of one crack.

    Attributes
    ----------
    points : (n, 3) float [m]
    uv : (n, 2) float
        The points in the chart.
    cells : (e, 9) int64
    kind : (e,) int64
        As in `SurfaceMesh`.
    fronts : tuple of Front
    mouths : tuple of Mouth
    """

    points: Array
    uv: Array
    cells: Index
    kind: Index
    fronts: tuple[Front, ...]
    mouths: tuple[Mouth, ...]

    def __repr__(self) -> str:
        return (
            f"CrackMesh({len(self.cells)} elements, {int((self.kind != T6).sum())} of them in rings, "
            f"{len(self.points)} nodes, {len(self.fronts)} fronts, {len(self.mouths)} mouths)"
        )
