"""The other route to the pieces: a grid of cells filled from neighbour to neighbour, and necks between its parts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse
import shapely
from scipy.sparse.csgraph import connected_components

from deadlight.outcome.cuts import STEEP, Cuts
from deadlight.outcome.necks import necks
from deadlight.outcome.piece import Ligament
from deadlight.outcome.skin import Skin
from deadlight.outcome.stack import Stack
from deadlight.remark import Remark

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

ACROSS = 5  # cells through the thickness
MOST = 600_000  # cells; larger panes get larger cells
LEAST = 64  # cells from which on a piece is compared
_SHIFT = np.array([0.3819660, 0.4142136, 0.4384472])  # of a cell: keeps lines of the grid off corners of triangles


@dataclass(frozen=True, eq=False)
class Flood:
    """A pane's grid.

    Attributes
    ----------
    cell : float [m]
    centres : (c, 3) float [m]
        Of the cells in the pane.
    piece : (c,) int64
        Part each belongs to, any numbers.
    volume, centre : (p,), (p, 3) float
        Of the parts [m3], [m].
    surface : (p,) float [m2]
        Area of the cells' sides on skin and cracks.
    ligaments : tuple of Ligament
        `piece` of each is a number of this object until it is matched.
    """

    cell: float
    centres: Array
    piece: Index
    volume: Array
    centre: Array
    surface: Array
    ligaments: tuple[Ligament, ...]

    def match(self, stack: Stack) -> Index:
        """For every piece of a stack the part with the nearest middle and like volume, -1 if it has none. (p,)."""
        best = np.full(len(stack.integrals), -1, dtype=np.int64)
        some = stack.integrals[:, 0] > 0.0
        m = stack.integrals[some]
        far = np.linalg.norm((m[:, 1:4] / m[:, :1])[:, None] - self.centre[None], axis=2)
        unlike = np.abs(np.log(m[:, :1] / self.volume[None]))
        best[some] = (far / np.cbrt(m[:, :1]) + unlike).argmin(axis=1)
        return best

    def placed(self, stack: Stack) -> tuple[Ligament, ...]:
        """Ligaments with the numbers of the stack's pieces."""
        part = self.match(stack)
        return tuple(
            replace(each, piece=int(np.flatnonzero(part == each.piece)[0]))
            for each in self.ligaments
            if (part == each.piece).any()
        )

    def differences(self, stack: Stack, allowed: float) -> list[Remark]:
        """What the two routes do not agree on; empty when they do."""
        big = LEAST * self.cell**3
        ours, theirs = np.flatnonzero(stack.volume > big), np.flatnonzero(self.volume > big)
        rest = stack.volume[stack.volume <= big]
        found = []
        if len(rest):
            found.append(Remark(f"{len(rest)} pieces of up to {rest.max():.2g} m3 are too small for the check's grid"))
        part = self.match(stack)[ours]
        if len(ours) != len(theirs) or len(set(part.tolist())) != len(ours):
            near = np.concatenate([stack.volume[ours], self.volume[theirs]]).min()
            found.append(Remark(
                f"{len(ours)} pieces by sections, {len(theirs)} by the flood fill, cells of {1e3 * self.cell:.3g} mm "
                f"(smallest {near:.2g} m3)", alarm=True,
            ))  # fmt: skip
            return found
        # a cell is in or out by its middle: signs of what each side gets wrong are random
        loose = 3.0 * self.cell**2 * np.sqrt(self.surface[part])
        off = np.abs(stack.volume[ours] - self.volume[part])
        if (off > allowed * stack.volume[ours] + loose).any():
            worst = float((off / stack.volume[ours]).max())
            found.append(Remark(f"volumes of pieces by the two routes differ by up to {worst:.2g}", alarm=True))
        return found


def flooded(skin: Skin, cuts: Cuts, *, cell: float | None = None, widest: float = 0.0) -> Flood:
    """Cells of a pane, joined where no crack lies between the middles of neighbours.

    Parameters
    ----------
    cell : float [m], optional
        Default: a fifth of the thickness, more where that makes too many cells.
    widest : float [m]
        Necks up to this width are looked for; 0: none.
    """
    span = np.ptp(skin.points, axis=0)
    if cell is None:
        cell = max(float(span[2]) / ACROSS, float((np.prod(span) / MOST) ** (1 / 3)))
    count = np.ceil(span / cell).astype(np.int64) + 2
    origin = skin.points.min(axis=0) - _SHIFT * cell
    axes = [origin[k] + cell * np.arange(count[k]) for k in range(3)]
    inside = _inside(skin, axes)
    number = np.full(inside.shape, -1, dtype=np.int64)
    number[inside] = np.arange(int(inside.sum()))
    links = []
    for k in range(3):
        open_ = ~_blocked(cuts, axes, k)
        a, b = (np.moveaxis(number, k, 2)[..., s] for s in (slice(None, -1), slice(1, None)))
        ok = (a >= 0) & (b >= 0) & open_
        links.append(np.column_stack([a[ok], b[ok], np.full(int(ok.sum()), k)]))
    link = np.concatenate(links)
    n = int(inside.sum())
    graph = scipy.sparse.coo_matrix((np.ones(len(link)), (link[:, 0], link[:, 1])), shape=(n, n))
    parts, piece = connected_components(graph, directed=False)
    where = np.argwhere(inside)
    centres = np.column_stack([axes[k][where[:, k]] for k in range(3)])
    size = np.bincount(piece, minlength=parts)
    centre = np.column_stack([np.bincount(piece, centres[:, k], parts) for k in range(3)]) / size[:, None]
    joined = np.bincount(link[:, :2].ravel(), minlength=n)
    surface = np.asarray(cell**2 * np.bincount(piece, 6 - joined, parts), dtype=np.float64)
    found = necks(centres, link, piece, cuts, cell, widest) if widest > 0.0 and len(cuts.corners) else ()
    volume = np.asarray(size * cell**3, dtype=np.float64)
    return Flood(cell, centres, piece, volume, centre, surface, found)


def _inside(skin: Skin, axes: list[Array]) -> Any:
    """Which middles lie in the pane: an odd number of faces below them. (nx, ny, nz) bool."""
    none = np.zeros(len(skin.corners), dtype=np.int64)
    crossed = _crossings(Cuts(skin.corners, none, none == 0), axes, 2)
    return np.cumsum(crossed, axis=2) % 2 == 1


def _blocked(cuts: Cuts, axes: list[Array], k: int) -> Any:
    """Whether a crack lies between neighbours along axis k, the axis moved to the end and one shorter."""
    return _crossings(cuts, axes, k)[..., 1:] > 0


def _crossings(cuts: Cuts, axes: list[Array], k: int) -> Any:
    """How many triangles lie between each middle and the one before it along axis k, the axis moved to the end."""
    i, j = (m for m in range(3) if m != k)
    shape = len(axes[i]), len(axes[j]), len(axes[k])
    found = np.zeros(shape, dtype=np.int64)
    n = cuts.normal
    steep = np.flatnonzero(np.abs(n[:, k]) > STEEP * np.linalg.norm(n, axis=1))
    if not len(steep):
        return found
    x = cuts.corners[steep]
    spots = np.stack(np.meshgrid(axes[i], axes[j], indexing="ij"), axis=2).reshape(-1, 2)
    tree = shapely.STRtree(shapely.points(spots))
    tri, line = tree.query(shapely.polygons(x[:, :, [i, j]]), predicate="contains")
    normal = n[steep][tri]
    d = spots[line] - x[tri, 0][:, [i, j]]
    at = x[tri, 0, k] - (d * normal[:, [i, j]]).sum(axis=1) / normal[:, k]
    level = np.searchsorted(axes[k], at)
    good = level < shape[2]
    np.add.at(found.reshape(-1, shape[2]), (line[good], level[good]), 1)
    return found
