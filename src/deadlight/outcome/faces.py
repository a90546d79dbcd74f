"""Skin and crack surfaces cut into the faces of the pieces."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from scipy.spatial import cKDTree

from deadlight.outcome.cuts import GRID, Cuts
from deadlight.outcome.meet import meetings
from deadlight.outcome.skin import Skin
from deadlight.outcome.stack import Stack

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

_AT_ONCE = 20_000  # ways that are looked at together
_NEAR, _ROUNDS = 256, 3  # points that are asked for what is not seen from a section, and how often
OFF = 1e-5  # of the thickness: how far beside a face it is asked which piece is there


@dataclass(frozen=True, eq=False)
class Faces:
    """Plain triangles of all faces of all pieces.

    Attributes
    ----------
    corners : (f, 3, 3) float [m]
        Counter-clockwise seen from outside the piece.
    piece : (f,) int64
    region : (f,) int64
        Region of the skin, or -1 on a crack.
    crack : (f,) int64
        Number of the crack, or -1 on the skin.
    other : (f,) int64
        Piece on the other side of a crack (it may be the same one), -1 on the skin.
    lost : float [m2]
        Area of faces of which it could not be told whose they are.
    unseen : (k,) float [m]
        Heights of these faces.
    """

    corners: Array
    piece: Index
    region: Index
    crack: Index
    other: Index
    lost: float
    unseen: Array = field(default_factory=lambda: np.zeros(0))

    @functools.cached_property
    def vector(self) -> Array:
        """Area vectors out of the piece. (f, 3) [m2]."""
        x = self.corners
        return 0.5 * np.cross(x[:, 1] - x[:, 0], x[:, 2] - x[:, 0])

    def of(self, piece: int) -> Faces:
        """Faces of one piece."""
        m = self.piece == piece
        return Faces(self.corners[m], self.piece[m], self.region[m], self.crack[m], self.other[m], 0.0)


def faces_of(skin: Skin, cuts: Cuts, stack: Stack) -> Faces:
    """Faces of the pieces: the skin, and both sides of every crack where it is in the pane."""
    grid = GRID * skin.extent
    off = OFF * (skin.high - skin.low)
    seen = _Place(skin, cuts, stack)
    outer, of = split(skin.corners, cuts.corners, grid, same=False)
    x, owner = outer.corners, of
    spots = outer.spot - off * outer.normal
    mine = seen.across(spots, seen.at(spots), np.ones(len(spots), dtype=bool))
    blind = mine < 0
    lost = float(_area(x[blind[outer.polygon]]).sum())
    keep = ~blind[outer.polygon]
    none = np.full(int(keep.sum()), -1, dtype=np.int64)
    parts = [Faces(x[keep], mine[outer.polygon][keep], skin.label[owner[outer.polygon]][keep], none, none, 0.0)]
    inner, of = split(cuts.corners, np.concatenate([cuts.corners, skin.corners]), grid, same=True)
    sides = [seen.at(inner.spot + sign * off * inner.normal) for sign in (-1.0, 1.0)]
    half = (sides[0] < 0) != (sides[1] < 0)  # a crack that is in the pane on one side is so on the other
    both = np.concatenate([inner.spot + sign * off * inner.normal for sign in (-1.0, 1.0)])
    answers = seen.across(both, np.concatenate(sides), np.tile(half, 2))
    sides = [answers[: len(half)], answers[len(half) :]]
    half = (sides[0] < 0) != (sides[1] < 0)
    lost += float(_area(inner.corners[half[inner.polygon]]).sum())
    good = ((sides[0] >= 0) & (sides[1] >= 0))[inner.polygon]
    crack = cuts.crack[of[inner.polygon]][good]
    none = np.full(len(crack), -1, dtype=np.int64)
    for k in (0, 1):  # the + side sees the triangle turned over
        turned = inner.corners[good] if k == 0 else inner.corners[good][:, ::-1]
        parts.append(Faces(turned, sides[k][inner.polygon][good], none, crack, sides[1 - k][inner.polygon][good], 0.0))
    x, mine, region, crack, other = (
        np.concatenate([getattr(p, n) for p in parts]) for n in ("corners", "piece", "region", "crack", "other")
    )
    unseen = np.concatenate([outer.spot[blind, 2], inner.spot[half, 2]])
    return Faces(x, mine, region, crack, other, lost, unseen)


def _area(x: Array) -> Array:
    return np.asarray(0.5 * np.linalg.norm(np.cross(x[:, 1] - x[:, 0], x[:, 2] - x[:, 0]), axis=1))


@dataclass(frozen=True, eq=False)
class Split:
    """Triangles cut along others: plain triangles of the polygons that are left.

    Attributes
    ----------
    corners : (f, 3, 3) float [m]
    polygon : (f,) int64
        Polygon that a triangle is part of.
    spot, normal : (g, 3) float
        A point inside every polygon [m] and its unit normal.
    """

    corners: Array
    polygon: Index
    spot: Array
    normal: Array


def split(corners: Array, others: Array, grid: float, *, same: bool) -> tuple[Split, Index]:
    """Triangles (n, 3, 3) cut along triangles (m, 3, 3), and for every polygon the triangle that it comes from.

    Parameters
    ----------
    grid : float [m]
        Points are rounded to it in each triangle's plane.
    same : bool
        The first n of `others` are the triangles themselves: no triangle cuts itself.
    """
    if not len(corners):
        none = np.zeros((0, 3))
        return Split(np.zeros((0, 3, 3)), np.zeros(0, np.int64), none, none), np.zeros(0, np.int64)
    one, segment = meetings(corners, others, same)
    origin, e1, e2, n = _frames(corners)
    cut = np.unique(one)
    whole = np.setdiff1d(np.arange(len(corners)), cut)
    number = np.full(len(corners), -1)
    number[cut] = np.arange(len(cut))
    d = segment - origin[one][:, None]
    flat = np.stack([(d * e1[one][:, None]).sum(axis=2), (d * e2[one][:, None]).sum(axis=2)], axis=2)
    own = corners[cut] - origin[cut][:, None]
    own = np.stack([(own * e1[cut][:, None]).sum(axis=2), (own * e2[cut][:, None]).sum(axis=2)], axis=2)
    found, of = _cells(own, flat, number[one], grid)
    tri, poly = shapely.get_parts(shapely.constrained_delaunay_triangles(found), return_index=True)
    uv = shapely.get_coordinates(tri).reshape(-1, 4, 2)[:, :3]
    a, b = uv[:, 1] - uv[:, 0], uv[:, 2] - uv[:, 0]
    uv = np.where((a[:, 0] * b[:, 1] > a[:, 1] * b[:, 0])[:, None, None], uv, uv[:, ::-1])
    back = cut[of[poly]]
    space = origin[back][:, None] + uv[:, :, :1] * e1[back][:, None] + uv[:, :, 1:] * e2[back][:, None]
    spot = shapely.get_coordinates(shapely.point_on_surface(found)) if len(found) else np.zeros((0, 2))
    here = cut[of] if len(of) else np.zeros(0, dtype=np.int64)
    inside = origin[here] + spot[:, :1] * e1[here] + spot[:, 1:] * e2[here]
    owner = np.concatenate([whole, here])
    every = np.concatenate([corners[whole], space])
    polygon = np.concatenate([np.arange(len(whole)), len(whole) + poly])
    return Split(every, polygon, np.concatenate([corners[whole].mean(axis=1), inside]), n[owner]), owner


def _frames(corners: Array) -> tuple[Array, Array, Array, Array]:
    a = corners[:, 0]
    e1 = corners[:, 1] - a
    e1 = e1 / np.linalg.norm(e1, axis=1)[:, None]
    n = np.cross(e1, corners[:, 2] - a)
    n = n / np.linalg.norm(n, axis=1)[:, None]
    return a, e1, np.cross(n, e1), n


def _cells(own: Array, segment: Array, of: Index, grid: float) -> tuple[Any, Index]:
    """Polygons into which segments cut triangles, all in the planes of the triangles."""
    count = len(own)
    if not count:
        return np.array([], dtype=object), np.zeros(0, dtype=np.int64)
    border = np.stack([own, np.roll(own, -1, axis=1)], axis=2).reshape(-1, 2, 2)
    every = np.concatenate([border, segment])
    owner = np.concatenate([np.repeat(np.arange(count), 3), of])
    order = np.argsort(owner, kind="stable")
    lines = shapely.multilinestrings(shapely.linestrings(every[order]), indices=owner[order])
    noded = shapely.union_all(lines[:, None], grid_size=grid, axis=1)
    cells, which = shapely.get_parts(shapely.polygonize(noded[:, None], axis=1), return_index=True)
    wide = 2.0 * shapely.area(cells) > 2.0 * grid * shapely.length(cells)
    return cells[wide], which[wide]


def _crossed(a: Array, b: Array, walls: Cuts) -> Mask:
    """Whether a triangle lies between points a and b, (s, 3) each. (s,)."""
    low, high = np.minimum(a, b), np.maximum(a, b)
    way, wall = walls.boxes.query(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]))
    meets = (walls.low[wall, 2] <= high[way, 2]) & (walls.high[wall, 2] >= low[way, 2])
    way, wall = way[meets], wall[meets]
    t, n, start, end = walls.corners[wall], walls.normal[wall], a[way], b[way]
    da, db = ((x - t[:, 0]) * n for x in (start, end))
    da, db = da.sum(axis=1), db.sum(axis=1)
    over = np.flatnonzero(da * db < 0.0)
    way, t, n, da, db, start, end = (x[over] for x in (way, t, n, da, db, start, end))
    at = start + (da / (da - db))[:, None] * (end - start)
    inside = np.ones(len(way), dtype=bool)
    for i in range(3):
        u, v = t[:, i], t[:, (i + 1) % 3]
        inside &= (np.cross(v - u, at - u) * n).sum(axis=1) >= -1e-9 * (n * n).sum(axis=1)
    found = np.zeros(len(a), dtype=bool)
    found[way[inside]] = True
    return found


class _Place:
    """Tells which piece a point is in: straight up or down from it to a section, no surface between."""

    def __init__(self, skin: Skin, cuts: Cuts, stack: Stack) -> None:
        every = np.concatenate([skin.corners, cuts.corners])
        none = np.zeros(len(every), dtype=np.int64)
        self._walls = Cuts(every, none, none == 0)
        self._stack = stack
        self._z = np.array([s.z for s in stack.sections])
        self._trees: dict[int, Any] = {}

    def at(self, x: Array) -> Index:
        """Pieces at points, -1 where there is none or none was found. (n, 3) -> (n,)."""
        found = np.full(len(x), -1, dtype=np.int64)
        above = np.searchsorted(self._z, x[:, 2])
        for step in (-1, 0, -2, 1, -3, 2):
            level = above + step
            todo = np.flatnonzero((found < 0) & (level >= 0) & (level < len(self._z)))
            if not len(todo):
                continue
            free = ~self._walls.between(x[todo, :2], x[todo, 2], self._z[level[todo]])
            todo = todo[free]
            for k in np.unique(level[todo]):  # sections, a few dozen
                mine = todo[level[todo] == k]
                point, cell = self._tree(int(k)).query(shapely.points(x[mine, :2]), predicate="within")
                found[mine[point]] = self._stack.piece[k][cell]
        return found

    def across(self, x: Array, found: Index, wanted: Mask) -> Index:
        """The same; wanted points without an answer take that of a near one which they see, as far as that goes."""
        found = found.copy()
        for _ in range(_ROUNDS):
            todo, known = np.flatnonzero(wanted & (found < 0)), np.flatnonzero(found >= 0)
            if not len(todo) or not len(known):
                break
            _, near = cKDTree(x[known], balanced_tree=False).query(x[todo], k=min(_NEAR, len(known)))
            others = known[near.reshape(len(todo), -1)]
            found[todo] = self._first_seen(x, todo, others, found)
            if (found[todo] < 0).all():
                break
        return found

    def _first_seen(self, x: Array, todo: Index, others: Index, found: Index) -> Index:
        """Piece of the first of some points (k, n), nearest first, that each of `todo` sees; -1 where it sees none."""
        answer = np.full(len(todo), -1, dtype=np.int64)
        first = 0
        while first < others.shape[1] and (answer < 0).any():  # a few at first: the nearest is mostly seen
            last = min(max(2, 4 * first), others.shape[1])
            for left in np.array_split(np.flatnonzero(answer < 0), 1 + (answer < 0).sum() * (last - first) // _AT_ONCE):
                some = others[left, first:last]
                start = np.repeat(x[todo[left]], last - first, axis=0)
                seen = ~_crossed(start, x[some.ravel()], self._walls).reshape(some.shape)
                any_ = seen.any(axis=1)
                answer[left[any_]] = found[some[any_, seen[any_].argmax(axis=1)]]
            first = last
        return answer

    def _tree(self, k: int) -> Any:
        if k not in self._trees:
            self._trees[k] = shapely.STRtree(self._stack.sections[k].cells)
        return self._trees[k]
