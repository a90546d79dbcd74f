"""Sections through the thickness put together: which cells belong to one piece, and the integrals over it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import scipy.sparse
import shapely
from scipy.sparse.csgraph import connected_components

from deadlight.errors import NotSolved
from deadlight.outcome.cuts import Cuts
from deadlight.outcome.meet import meetings
from deadlight.outcome.sections import Section, moments, section
from deadlight.outcome.skin import Skin

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

SLABS = 32  # at most so many slabs with a break at every height where the surfaces bend
LEAST = 4  # and at least so many
_FEW = 16  # slabs up to which all of them have sections right beside their ends
_BESIDE = 4e-3  # of a slab's half height
_POLYGON = 3  # type number of shapely
_SAME = 1e-7  # of the thickness: heights of breaks nearer than this are one
_LINK = 2e-6  # of the extent: overlaps of cells narrower than this do not join them


@dataclass(frozen=True, eq=False)
class Stack:
    """Cells at all heights with the piece each belongs to.

    Attributes
    ----------
    sections : tuple of Section
        By height.
    piece : tuple of (c,) int64
        For every section the pieces of its cells; the largest piece is number 0.
    integrals : (p, 10) float
        For every piece the integrals of 1, x, y, z, x2, xy, y2, xz, yz, z2 [m3 ... m5].
    """

    sections: tuple[Section, ...]
    piece: tuple[Index, ...]
    integrals: Array

    @property
    def volume(self) -> Array:
        """Volumes of the pieces [m3]. (p,)."""
        return np.asarray(self.integrals[:, 0])


def stacked(skin: Skin, cuts: Cuts, more: Array | None = None) -> Stack:
    """Cells of a cut pane at Gauss heights of slabs between all heights at which a surface bends, joined to pieces.

    Two cells of neighbouring heights are of one piece where some vertical line from one to the other meets no crack.
    `more` heights get sections without weight.
    """
    z, w = heights(skin, cuts)
    if more is not None:
        z, w = np.concatenate([z, more]), np.concatenate([w, np.zeros(len(more))])
        order = np.argsort(z)
        z, w = z[order], w[order]
    sections = tuple(section(skin, cuts, float(h)) for h in z)
    start = np.cumsum([0, *(len(s.cells) for s in sections)])
    links = [start[k : k + 2] + _links(a, b, cuts, _LINK * skin.extent) for k, (a, b) in enumerate(pairwise(sections))]
    pair = np.concatenate([np.zeros((0, 2), dtype=np.int64), *links])
    n = int(start[-1])
    graph = scipy.sparse.coo_matrix((np.ones(len(pair)), (pair[:, 0], pair[:, 1])), shape=(n, n))
    count, number = connected_components(graph, directed=False)
    m = np.concatenate([moments(s.cells) for s in sections])
    h = np.repeat(z, np.diff(start))
    weight = np.repeat(w, np.diff(start))[:, None]
    every = weight * np.column_stack([m[:, :3], h * m[:, 0], m[:, 3:], h * m[:, 1], h * m[:, 2], h * h * m[:, 0]])
    total = np.zeros((count, 10))
    np.add.at(total, number, every)
    order = np.argsort(-total[:, 0], kind="stable")
    rank = np.empty(count, dtype=np.int64)
    rank[order] = np.arange(count)
    return Stack(sections, tuple(rank[number[a:b]] for a, b in pairwise(start)), total[order])


def heights(skin: Skin, cuts: Cuts) -> tuple[Array, Array]:
    """Heights of the sections and their weights [m]: Gauss points of the slabs between breaks."""
    t = skin.high - skin.low
    firm = [np.array([skin.low, skin.high])]
    for crack in np.unique(cuts.crack):
        mine = cuts.real & (cuts.crack == crack)
        if mine.any():
            firm.append(np.array([cuts.low[mine, 2].min(), cuts.high[mine, 2].max()]))
    _, crossing = meetings(cuts.corners, cuts.corners, True)
    bends = np.concatenate([
        skin.points[:, 2], cuts.corners[cuts.real][:, :, 2].ravel(), crossing[:, :, 2].ravel(), _mouths(skin, cuts)
    ])  # fmt: skip
    at = _breaks(np.concatenate(firm), bends, skin.low, skin.high)
    if len(at) - 1 < LEAST:
        at = _breaks(at, np.linspace(skin.low, skin.high, LEAST + 1), skin.low, skin.high)
    order = 3 if len(at) < 12 else 2
    x, g = np.polynomial.legendre.leggauss(order)
    beside = len(at) <= _FEW or np.isin(at[:-1], skin.low) | np.isin(at[1:], skin.high)
    half, middle = 0.5 * np.diff(at), 0.5 * (at[1:] + at[:-1])
    z = (middle[:, None] + half[:, None] * x).ravel()
    weight = (half[:, None] * g).ravel()
    # without weight, right beside the breaks: thin edges of pieces are seen from there
    thin = np.broadcast_to(beside, half.shape)
    near = (middle[thin, None] + (1.0 - _BESIDE) * half[thin, None] * np.array([-1.0, 1.0])).ravel()
    z, weight = np.concatenate([z, near]), np.concatenate([weight, np.zeros(len(near))])
    order_z = np.argsort(z)
    z, weight = z[order_z], weight[order_z]
    clash = np.isin(z, bends)
    return z + clash * 1e-9 * t, weight


def _mouths(skin: Skin, cuts: Cuts) -> Array:
    """Lowest and highest point in which every leaning triangle of a crack meets the skin."""
    lean = cuts.leaning
    of, segment = meetings(cuts.corners[lean], skin.corners, False)
    low, high = np.full(len(lean), np.inf), np.full(len(lean), -np.inf)
    np.minimum.at(low, of, segment[:, :, 2].min(axis=1))
    np.maximum.at(high, of, segment[:, :, 2].max(axis=1))
    return np.concatenate([low[np.isfinite(low)], high[np.isfinite(high)]])


def _breaks(firm: Array, bends: Array, low: float, high: float) -> Array:
    """Breaks between low and high: all of the firm ones, and as many of the others as keep the slabs few."""
    t = high - low
    firm = np.unique(np.concatenate([[low, high], firm[(firm > low) & (firm < high)]]))
    firm = firm[np.concatenate([[True], np.diff(firm) > _SAME * t])]
    firm[-1] = high
    more = np.unique(bends[(bends > low) & (bends < high)])
    apart = _SAME * t
    while True:
        kept = [*firm]
        spare = more
        for f in firm:
            spare = spare[np.abs(spare - f) > apart]
        last = -np.inf
        for h in spare:  # sorted; at most the heights of the points
            if h - last > apart:
                kept.append(h)
                last = h
            if len(kept) > SLABS + len(firm):
                break
        if len(kept) - 1 <= max(SLABS, len(firm)) or apart > t:
            return np.sort(np.array(kept))
        apart = max(4.0 * apart, 1e-3 * t)


def _links(a: Section, b: Section, cuts: Cuts, narrow: float) -> Index:
    """Pairs of cells (of a, of b) joined through the slab between them. (l, 2)."""
    one, two = shapely.STRtree(b.cells).query(a.cells, predicate="intersects")
    if not len(one):
        return np.zeros((0, 2), dtype=np.int64)
    grid = 0.01 * narrow
    both, pair = shapely.get_parts(shapely.intersection(a.cells[one], b.cells[two], grid_size=grid), return_index=True)
    flat = shapely.get_type_id(both) == _POLYGON
    both, pair = both[flat], pair[flat]
    swept = _swept(cuts, a.z, b.z, grid)
    if swept is not None:
        both = shapely.difference(both, swept, grid_size=grid)
    parts, of = shapely.get_parts(both, return_index=True)
    of = pair[of]
    length = np.maximum(shapely.length(parts), 1e-300)
    wide = 2.0 * shapely.area(parts) / length > narrow
    good = np.unique(of[wide])
    return np.column_stack([one[good], two[good]])


def _swept(cuts: Cuts, low: float, high: float, grid: float) -> Any:
    """Plan of what the cracks cover between two heights; None if nothing.

    On a grid: without one a union has been seen to lose one of its polygons (GEOS 3.14), which would join two pieces.
    """
    which = cuts.leaning[(cuts.low[cuts.leaning, 2] < high) & (cuts.high[cuts.leaning, 2] > low)]
    if not len(which):
        return None
    x = cuts.corners[which]
    found = [np.where(((x[:, i, 2] >= low) & (x[:, i, 2] <= high))[:, None], x[:, i, :2], np.nan) for i in range(3)]
    for i in range(3):
        a, b = x[:, i], x[:, (i + 1) % 3]
        for level in (low, high):
            rise = b[:, 2] - a[:, 2]
            part = (level - a[:, 2]) / np.where(rise == 0.0, np.nan, rise)
            at = a[:, :2] + part[:, None] * (b[:, :2] - a[:, :2])
            found.append(np.where(((part >= 0) & (part <= 1))[:, None], at, np.nan))
    spots = np.stack(found, axis=1)
    owner = np.repeat(np.arange(len(x)), spots.shape[1]).reshape(len(x), -1)
    good = np.isfinite(spots).all(axis=2)
    groups = shapely.multipoints(shapely.points(spots[good]), indices=owner[good])
    hulls = shapely.convex_hull(groups)
    union = shapely.union_all(hulls, grid_size=grid)
    wide = hulls[shapely.area(hulls) > 10.0 * grid * shapely.length(hulls)]
    shapely.prepare(union)
    if not shapely.covers(union, shapely.point_on_surface(wide)).all():
        raise NotSolved(f"the plan of the cracks between z = {low:.6g} and {high:.6g} m lost a part")
    return union
