"""The pieces that crack surfaces cut off a pane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from deadlight.errors import InputError, NotSolved
from deadlight.mesh.mesh import Mesh
from deadlight.outcome.cuts import Cuts, cuts_of
from deadlight.outcome.faces import Faces, faces_of
from deadlight.outcome.flood import flooded
from deadlight.outcome.piece import Ligament, Piece
from deadlight.outcome.skin import Skin, skin_of
from deadlight.outcome.stack import Stack, stacked
from deadlight.remark import Remark
from deadlight.surface.body import Body

Array = np.ndarray[Any, np.dtype[np.float64]]

CLOSES = 1e-3  # of the thickness: gaps below it count as cut
MASS_ERROR = 1e-6  # allowed difference between the pieces' masses and the pane's
VOLUME_ERROR = 1e-3  # allowed difference between two independent volumes of a piece
OPEN = 1e-4  # of a piece's surface: allowed sum of its area vectors, which is 0 where it is closed, and lost faces
UNSEEN = 24  # sections more for faces of which it could not be told whose they are
SPECK = 1e-9  # of the pane's volume: what rounding leaves between cuts is no piece
FINER = 2  # times that the grid of the check is halved when it disagrees
CHECKED = 0.03  # allowed difference from the flood fill of a piece that is many cells large


@dataclass(frozen=True, eq=False)
class Pieces:
    """What a pane is cut into.

    Attributes
    ----------
    pieces : tuple of Piece
        The largest first; one piece: nothing is cut off.
    mass : float [kg]
        Of the pane, from its skin.
    closure : float
        Sum of the pieces' masses over the pane's, less one.
    route : str
        How the pieces were found.
    remarks : tuple of Remark
        Checks that failed are alarms.
    """

    pieces: tuple[Piece, ...]
    mass: float
    closure: float
    route: str
    remarks: tuple[Remark, ...] = ()


def pieces_of(
    pane: Skin | Mesh | Body, cracks: Any, density: float, *, region: str | None = None, closes: float | None = None,
    ligaments: float | None = None, cell: float | None = None, check: bool = True,
) -> Pieces:  # fmt: skip
    """Pieces of a pane and what holds those that are nearly cut off.

    Parameters
    ----------
    pane : Skin, Mesh or Body
        A mesh is the best: its named faces become regions of the pieces.
    cracks : SurfaceMesh, or a sequence of (points (n, 3), triangles (t, 3))
        Surfaces of any shape, one entry a crack; they may reach out of the pane.
    density : float [kg/m3]
    region : str, optional
        Of a mesh with several.
    closes : float [m], optional
        Gaps below it count as cut; default a thousandth of the thickness.
    ligaments : float [m], optional
        Ligaments up to this width are reported; default the thickness.
    cell : float [m], optional
        Of the grid of the independent check; default a fifth of the thickness, coarser for large panes.
    check : bool
        Compare with a flood fill of a grid (which finds the ligaments, too).

    Returns
    -------
    Pieces

    Raises
    ------
    InputError
        A skin that is not closed, surfaces that are not triangles, a density that is not positive.
    NotSolved
        Sections of the pane that are not covered by their cells, or polygons that cannot be laid over each other.
    """
    try:
        return _found(pane, cracks, density, region, closes, ligaments, cell, check)
    except shapely.errors.GEOSException as error:
        raise NotSolved(f"pieces of a pane: sections could not be laid over each other ({error})") from error


def _found(
    pane: Skin | Mesh | Body, cracks: Any, density: float, region: str | None, closes: float | None,
    ligaments: float | None, cell: float | None, check: bool,
) -> Pieces:  # fmt: skip
    if not (np.isfinite(density) and density > 0.0):
        raise InputError(f"density {density:g} kg/m3", place="pieces of a pane", remedy="a density above 0")
    skin = skin_of(pane, region)
    t = skin.high - skin.low
    cuts = cuts_of(cracks, skin, CLOSES * t if closes is None else closes)
    stack = stacked(skin, cuts)
    faces = faces_of(skin, cuts, stack)
    if faces.lost > 0.0:  # thin edges that no vertical line from a section reaches: sections through them
        h = np.unique(faces.unseen)
        stack = stacked(skin, cuts, spread_over(h[(h > skin.low) & (h < skin.high)], UNSEEN))
        faces = faces_of(skin, cuts, stack)
    remarks = []
    closure = float(stack.volume.sum() / skin.volume - 1.0)
    if abs(closure) > MASS_ERROR:
        remarks.append(Remark(f"masses of the pieces differ from the pane's by {closure:.2g}", alarm=True))
    found: tuple[Ligament, ...] = ()
    if check:
        found, more = _second_route(skin, cuts, stack, cell, t if ligaments is None else ligaments)
        remarks += more
    real = np.flatnonzero(stack.volume > SPECK * skin.volume)  # by size: what is left out comes last
    made = tuple(_piece(int(k), stack.integrals[k], density, faces, skin.names, found) for k in real)
    remarks += _open(made, faces)
    least = 0.1 * MASS_ERROR * skin.volume
    bad = [p.number for p in made if abs(p.volume_error) * p.volume > VOLUME_ERROR * p.volume + least]
    if bad:
        worst = max(abs(made[k].volume_error) for k in bad)
        remarks.append(
            Remark(f"faces of pieces {bad} enclose other volumes than theirs, by up to {worst:.2g}", alarm=True)
        )
    route = f"plane arrangement at {len(stack.sections)} heights, joined along vertical lines" + (
        "; checked by a flood fill" if check else "; not checked by a second route"
    )
    return Pieces(made, density * skin.volume, closure, route, tuple(remarks))


def spread_over(values: Array, most: int) -> Array:
    """At most so many of sorted values, from the first to the last."""
    return values[np.unique(np.linspace(0, len(values) - 1, min(len(values), most)).round().astype(int))]


def _open(made: Sequence[Piece], faces: Faces) -> list[Remark]:
    """Surfaces that do not close: a uniform pressure on one would push the piece."""
    found = []
    size = np.linalg.norm(faces.vector, axis=1)
    if faces.lost > OPEN * float(size.sum()):
        found.append(Remark(f"faces of {1e6 * faces.lost:.2g} mm2 could not be told whose they are", alarm=True))
    gap = {p.number: float(np.linalg.norm(p.faces.vector.sum(axis=0))) for p in made}
    bad = [k for k, g in gap.items() if g > OPEN * float(size[faces.piece == k].sum())]
    if bad:
        worst = 1e6 * max(gap[k] for k in bad)
        found.append(Remark(f"faces of pieces {bad} do not close, by up to {worst:.2g} mm2", alarm=True))
    return found


def _second_route(
    skin: Skin, cuts: Cuts, stack: Stack, cell: float | None, widest: float
) -> tuple[tuple[Ligament, ...], list[Remark]]:
    """Ligaments, and what a flood fill does not agree on; a grid that disagrees is made finer before it is believed."""
    flood = flooded(skin, cuts, cell=cell, widest=widest)
    found, differences = flood.placed(stack), flood.differences(stack, CHECKED)
    for _ in range(FINER if cell is None else 0):
        if not any(d.alarm for d in differences):
            break
        flood = flooded(skin, cuts, cell=0.5 * flood.cell, widest=widest)
        found, differences = flood.placed(stack), flood.differences(stack, CHECKED)
    return found, differences


def _piece(
    number: int, m: Array, density: float, faces: Faces, names: tuple[str, ...], ligaments: Sequence[Ligament]
) -> Piece:
    volume = float(m[0])
    centre = m[1:4] / volume
    row, col = np.array([[0, 0, 1, 0, 1, 2], [0, 1, 1, 2, 2, 2]])
    xx, xy, yy, xz, yz, zz = m[4:] - volume * centre[row] * centre[col]
    inertia = density * np.array([[yy + zz, -xy, -xz], [-xy, xx + zz, -yz], [-xz, -yz, xx + yy]])
    mine = faces.of(number)
    x = mine.corners - centre
    inside = float((x[:, 0] * np.cross(x[:, 1], x[:, 2])).sum() / 6.0)
    held = tuple(sorted((lig for lig in ligaments if lig.piece == number), key=lambda lig: lig.width))
    return Piece(number, volume, density * volume, centre, inertia, mine, names, inside / volume - 1.0, held)
