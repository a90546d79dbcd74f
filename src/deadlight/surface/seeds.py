"""Points inside a planar domain, spaced by a size function and grown from its edges inwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from scipy.spatial import cKDTree

from deadlight.errors import NotSolved
from deadlight.surface.constrained import Flags, inside_parity, turn
from deadlight.surface.mesh import Array, Index

CLASS = 1.3  # lengths within this ratio count as equal when the size is graded
NEAR = 0.45  # least distance of a point from a segment, as a share of the size there
MOST = 100_000  # new points, beyond which the size must be a mistake
STEEPER = 0.5  # growth by which the size may fall from a segment's, beyond the usual growth
APART = 0.74  # least distance of two new points, as a share of the size


@dataclass(frozen=True, eq=False)
class Domain:
    """The given points and segments, with what must be asked of them often.

    Attributes
    ----------
    points : (n, 2) float
    loops, slits : (s, 2) int64
        Segments of the closed loops and of the slits.
    sides : (m, 2) int64
        Segments with the domain on their left: a slit's appear twice.
    """

    points: Array
    loops: Index
    slits: Index
    sides: Index
    tree: shapely.STRtree
    size: Callable[[Array], Array]

    @property
    def segments(self) -> Index:
        """All segments. (s, 2)."""
        return np.concatenate([self.loops, self.slits])

    def inside(self, x: Array) -> Flags:
        """Which points lie inside the loops. (m,)."""
        return inside_parity(x, self.points[self.loops[:, 0]], self.points[self.loops[:, 1]])

    def distance(self, x: Array) -> tuple[Array, Index]:
        """Distance of each point from its nearest segment, and that segment. (m,), (m,)."""
        if len(x) == 0:
            return np.zeros(0), np.zeros(0, dtype=np.int64)
        (_, index), distance = self.tree.query_nearest(shapely.points(x), return_distance=True, all_matches=False)
        return np.asarray(distance), np.asarray(index, dtype=np.int64)


def domain(points: Array, loops: Index, slits: Index, size: Callable[[Array], Array], growth: float) -> Domain:
    """A domain with its size function graded from its segments' lengths."""
    segments = np.concatenate([loops, slits])
    tree = shapely.STRtree(shapely.linestrings(points[segments]))
    a, b = points[loops[:, 0]], points[loops[:, 1]]
    along = b - a
    off = 1e-6 * np.column_stack([-along[:, 1], along[:, 0]])
    left = inside_parity(0.5 * (a + b) + off, a, b)
    sides = np.concatenate([np.where(left[:, None], loops, loops[:, ::-1]), slits, slits[:, ::-1]])
    return Domain(points, loops, slits, sides, tree, _graded(points, segments, size, growth))


def _graded(
    points: Array, segments: Index, size: Callable[[Array], Array], growth: float
) -> Callable[[Array], Array]:
    """The size function, bounded by what the segments' lengths allow at a distance: length + growth * distance, and
    length - (growth + STEEPER) * distance."""
    a, b = points[segments[:, 0]], points[segments[:, 1]]
    length = np.linalg.norm(b - a, axis=1)
    kind = np.floor(np.log(length / length.min()) / np.log(CLASS) + 1e-9).astype(int)
    samples = np.concatenate([a, 0.5 * (a + b), b])
    classes = [
        (cKDTree(samples[np.tile(kind == k, 3)]), np.tile(length[kind == k], 3)) for k in np.unique(kind)
    ]

    def graded(x: Array) -> Array:
        upper, lower = np.full(len(x), np.inf), np.zeros(len(x))
        for tree, lengths in classes:
            d, i = tree.query(x)
            np.minimum(upper, lengths[i] + growth * d, out=upper)
            np.maximum(lower, 0.9 * lengths[i] - (growth + STEEPER) * d, out=lower)
        return np.minimum(upper, np.maximum(np.asarray(size(x), dtype=float), lower))

    return graded


def seeds(d: Domain) -> Array:
    """Free points: an off-centre for every side, then rings of six round every new point until nothing fits. (m, 2)."""
    _check_count(d)
    a, b = d.points[d.sides[:, 0]], d.points[d.sides[:, 1]]
    along = b - a
    length = np.linalg.norm(along, axis=1)
    middle, tangent = 0.5 * (a + b), along / length[:, None]
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]])
    side = 0.5 * (length + d.size(middle + 0.866 * length[:, None] * normal))
    height = np.sqrt(np.maximum(side**2 - 0.25 * length**2, (0.6 * length) ** 2))
    found, heading = np.zeros((0, 2)), np.zeros(0)
    candidate, angle = middle + height[:, None] * normal, np.arctan2(tangent[:, 1], tangent[:, 0])
    while True:
        if len(found) > MOST:
            raise NotSolved(f"the wanted edge length asks for more than {MOST} points")
        keep = _fitting(d, candidate, found)
        if not len(keep):
            return found
        new, heading = candidate[keep], angle[keep]
        found = np.concatenate([found, new])
        angle = np.repeat(heading, 6) + np.tile(np.arange(6) * np.pi / 3.0, len(new))
        direction = np.column_stack([np.cos(angle), np.sin(angle)])
        start, h = np.repeat(new, 6, axis=0), np.repeat(d.size(new), 6)
        candidate = start + (0.5 * (h + d.size(start + h[:, None] * direction)))[:, None] * direction


def _check_count(d: Domain) -> None:
    """Refuse a size that asks for far too many points, as far as a coarse grid shows."""
    ends = d.points[d.loops].reshape(-1, 2)
    low, extent = ends.min(axis=0), np.ptp(ends, axis=0)
    grid = low + extent * (np.stack(np.meshgrid(np.arange(40), np.arange(40)), axis=-1).reshape(-1, 2) + 0.5) / 40
    grid = grid[d.inside(grid)]
    count = float((extent.prod() / 1600 / (0.866 * d.size(grid) ** 2)).sum())
    if count > MOST:
        raise NotSolved(f"the wanted edge length asks for about {count:.2g} points, more than {MOST}")


def _fitting(d: Domain, candidate: Array, found: Array) -> Index:
    """Candidates inside, clear of all segments and points, and of each other. (k,) int."""
    index = np.flatnonzero(d.inside(candidate))
    h = d.size(candidate[index])
    near, _ = cKDTree(np.concatenate([d.points, found])).query(candidate[index])
    clear = near > APART * h
    index, h, near = index[clear], h[clear], near[clear]
    clear = d.distance(candidate[index])[0] > NEAR * h
    index, h, near = index[clear], h[clear], near[clear]
    # the snuggest candidate first: it leaves the fewest gaps
    return index[_independent(candidate[index], APART * h, near / h)]


def _independent(x: Array, radius: Array, priority: Array) -> Index:
    """A maximal set of points (k, 2) that keep their radius (k,) from each other, lowest priority (k,) first."""
    if len(x) < 2:
        return np.arange(len(x))
    rank = np.empty(len(x), dtype=np.int64)
    rank[np.lexsort((x[:, 1], x[:, 0], np.round(priority, 3)))] = np.arange(len(x))
    d, other = cKDTree(x).query(x, k=min(16, len(x)))
    clash = d < radius[:, None]
    clash &= other != np.arange(len(x))[:, None]
    alive, taken = np.ones(len(x), dtype=bool), np.zeros(len(x), dtype=bool)
    while alive.any():
        best = np.where(clash & alive[other], rank[other], len(x)).min(axis=1)
        # a clash may be seen from one side only: a rival that sees the winner must not win beside it
        win = alive & (rank < best)
        beaten = (clash & win[other] & (rank[other] < rank[:, None])).any(axis=1)
        win &= ~beaten
        taken |= win
        alive &= ~(win | (clash & win[other]).any(axis=1))
        alive[other[win][clash[win]]] = False
    return np.flatnonzero(taken)


def circumcentres(points: Array, triangles: Index) -> tuple[Array, Array]:
    """Centres (t, 2) and radii (t,) of the circles through the triangles' corners."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    u, v = b - a, c - a
    twice = 2.0 * turn(a, b, c)
    uu, vv = (u**2).sum(axis=1), (v**2).sum(axis=1)
    offset = np.column_stack([v[:, 1] * uu - u[:, 1] * vv, u[:, 0] * vv - v[:, 0] * uu]) / twice[:, None]
    return a + offset, np.linalg.norm(offset, axis=1)


def gaps(d: Domain, points: Array, triangles: Index, worst: float) -> Array:
    """New points (k, 2) at the centres of empty circles wider than `worst` times the size."""
    with np.errstate(divide="ignore", invalid="ignore"):
        centre, radius = circumcentres(points, triangles)
    index = np.flatnonzero(np.isfinite(radius))
    if not len(index):
        return np.zeros((0, 2))
    h = d.size(centre[index])
    wide = radius[index] > worst * h
    index, h = index[wide], h[wide]
    good = d.inside(centre[index])
    good[good] = d.distance(centre[index][good])[0] > NEAR * h[good]
    index, h = index[good], h[good]
    return np.asarray(centre[index[_independent(centre[index], APART * h, -radius[index] / h)]])
