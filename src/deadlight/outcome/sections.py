"""A pane with cracks cut at one height: the cells that the traces of the cracks leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from deadlight.errors import NotSolved
from deadlight.outcome.cuts import GRID, Cuts
from deadlight.outcome.skin import Skin

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

SPECK = 10.0  # of the grid: narrower cells lie between traces that fall together but for rounding


@dataclass(frozen=True, eq=False)
class Section:
    """Cells at one height.

    Attributes
    ----------
    z : float [m]
    cells : (c,) array of shapely.Polygon
    area : float [m2]
        Of the whole pane at this height, from its skin alone.
    """

    z: float
    cells: Any
    area: float


def section(skin: Skin, cuts: Cuts, z: float) -> Section:
    """Cells of the pane at a height.

    Raises
    ------
    NotSolved
        The cells do not cover the pane's section.
    """
    grid = GRID * skin.extent
    rim = _rounded(traces(skin.corners, z), grid)
    outline = _area_of(rim, z)
    cut = _rounded(traces(cuts.corners, z), grid)
    if not len(cut):
        return Section(z, np.array(shapely.get_parts(outline)), float(outline.area))
    lines = _noded(rim, cut, grid)
    cells = np.array(shapely.get_parts(shapely.polygonize([shapely.multilinestrings(shapely.linestrings(lines))])))
    shapely.prepare(outline)
    cells = _without_specks(cells[shapely.contains(outline, shapely.point_on_surface(cells))], SPECK * grid)
    covered = float(shapely.area(cells).sum())
    if abs(covered - outline.area) > 1e-6 * outline.area:
        raise NotSolved(f"cells at z = {z:.6g} m cover {covered:.9g} m2 of the section's {outline.area:.9g} m2")
    return Section(z, cells, float(outline.area))


def _without_specks(cells: Any, narrow: float) -> Any:
    """Cells without those that are narrower than so, and without the holes that these leave in others."""
    cells = cells[_width(cells) > narrow]
    for i in np.flatnonzero(shapely.get_num_interior_rings(cells)):
        holes = shapely.polygons(np.array(cells[i].interiors))
        cells[i] = shapely.Polygon(cells[i].exterior, [h.exterior for h in holes[_width(holes) > narrow]])
    return cells


def _width(cells: Any) -> Array:
    """Twice the area over the length of the border: the width of a strip. (c,) [m]."""
    return np.asarray(2.0 * shapely.area(cells) / np.maximum(shapely.length(cells), 1e-300))


def _rounded(segments: Array, grid: float) -> Array:
    """Segments with their ends on the grid, those of no length left out."""
    x = np.round(segments / grid) * grid
    return x[(x[:, 0] != x[:, 1]).any(axis=1)]


def _noded(rim: Array, cut: Array, grid: float) -> Array:
    """Segments that meet at their ends only: those of the outline away from the cracks stay as they are."""
    traced = shapely.linestrings(cut)
    reach = shapely.linestrings(rim)
    near = np.zeros(len(rim), dtype=bool)
    near[np.unique(shapely.STRtree(reach).query(traced, predicate="dwithin", distance=4.0 * grid)[1])] = True
    union = shapely.union_all(np.concatenate([reach[near], traced]), grid_size=grid)
    x, of = shapely.get_coordinates(shapely.get_parts(union), return_index=True)
    pairs = np.stack([x[:-1], x[1:]], axis=1)[of[1:] == of[:-1]]
    return np.concatenate([rim[~near], _rounded(pairs, grid)])


def traces(corners: Array, z: float) -> Array:
    """Segments in which triangles (t, 3, 3) meet a horizontal plane. (s, 2, 2) [m].

    Both triangles at a side work out its point in the same order of arithmetic, so that their segments join.
    """
    up = corners[:, :, 2] > z
    hit = np.flatnonzero(up.any(axis=1) & ~up.all(axis=1))
    if not len(hit):
        return np.zeros((0, 2, 2))
    x, above = corners[hit], up[hit]
    odd = np.where(above.sum(axis=1) == 1, above.argmax(axis=1), (~above).argmax(axis=1))
    row = np.arange(len(hit))
    one = x[row, odd]
    ends = []
    for k in (1, 2):
        two = x[row, (odd + k) % 3]
        high = (one[:, 2] > two[:, 2])[:, None]
        a, b = np.where(high, two, one), np.where(high, one, two)
        part = (z - a[:, 2]) / (b[:, 2] - a[:, 2])
        ends.append(a[:, :2] + part[:, None] * (b[:, :2] - a[:, :2]))
    found = np.stack(ends, axis=1)
    return found[np.linalg.norm(found[:, 0] - found[:, 1], axis=1) > 0.0]


def _area_of(rim: Array, z: float) -> Any:
    """What the outline encloses, by parity."""
    _, count = np.unique(rim.reshape(-1, 2), axis=0, return_counts=True)
    if (count % 2).any():
        raise NotSolved(f"the outline of the pane at z = {z:.6g} m does not close")
    cells = np.array(shapely.get_parts(shapely.polygonize([shapely.multilinestrings(shapely.linestrings(rim))])))
    if len(cells) == 1 and not shapely.get_num_interior_rings(cells)[0]:
        return cells[0]
    spots = shapely.get_coordinates(shapely.point_on_surface(cells))
    return shapely.union_all(cells[np.array([_parity(p, rim) for p in spots], dtype=bool)])


def _parity(p: Array, rim: Array) -> bool:
    a, b = rim[:, 0], rim[:, 1]
    cross = (a[:, 1] > p[1]) != (b[:, 1] > p[1])
    a, b = a[cross], b[cross]
    x = a[:, 0] + (p[1] - a[:, 1]) / (b[:, 1] - a[:, 1]) * (b[:, 0] - a[:, 0])
    return bool((x > p[0]).sum() % 2)


def moments(cells: Any) -> Array:
    """Integrals of 1, x, y, x2, xy, y2 over polygons, by Green's theorem. (c,) -> (c, 6)."""
    turned = shapely.orient_polygons(cells)
    rings, owner = shapely.get_rings(turned, return_index=True)
    x, of = shapely.get_coordinates(rings, return_index=True)
    shift = shapely.get_coordinates(shapely.centroid(turned))  # about each cell's middle: no first moments
    cell = owner[of]
    x = x - shift[cell]
    same = of[1:] == of[:-1]
    a, b, cell = x[:-1][same], x[1:][same], cell[:-1][same]
    w = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    s = a + b
    parts = np.column_stack([
        w / 2,
        w * (a[:, 0] ** 2 + a[:, 0] * b[:, 0] + b[:, 0] ** 2) / 12,
        w * (s[:, 0] * s[:, 1] + a[:, 0] * a[:, 1] + b[:, 0] * b[:, 1]) / 24,
        w * (a[:, 1] ** 2 + a[:, 1] * b[:, 1] + b[:, 1] ** 2) / 12,
    ])  # fmt: skip
    m = np.zeros((len(cells), 4))
    np.add.at(m, cell, parts)
    area, (p, q) = m[:, 0], shift.T
    return np.column_stack([
        area, p * area, q * area, m[:, 1] + p * p * area, m[:, 2] + p * q * area, m[:, 3] + q * q * area
    ])  # fmt: skip
