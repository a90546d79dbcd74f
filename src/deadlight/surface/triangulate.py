"""Triangles of good shape in a planar domain with holes and slits, on the edges that are given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from deadlight.errors import InputError, NotSolved
from deadlight.surface.constrained import Flags, constrained_delaunay, edge_keys, sides, turn
from deadlight.surface.mesh import Array, Index
from deadlight.surface.seeds import Domain, circumcentres, domain, gaps, seeds
from deadlight.surface.smooth import angles, relax, sharpen

GOOD = np.radians(32.0)  # angles below are worked on
POOR = np.radians(27.0)  # angles below are worth another point, or one less
SWEEPS = 7  # of smoothing
QUICK = 2  # of them where the mesh only has to be fair
REPAIRS = 6
ATTEMPTS = 4
WIDE = 0.76  # radius of an empty circle that takes another point, as a share of the size


@dataclass(frozen=True, eq=False)
class Triangulation:
    """Triangles of a planar domain.

    Attributes
    ----------
    points : (n, 2) float
        The given points first, in their order.
    triangles : (t, 3) int64
        Counter-clockwise.
    """

    points: Array
    triangles: Index

    @property
    def least_angle(self) -> Array:
        """Least angle of every triangle [deg]. (t,)."""
        return np.asarray(np.degrees(angles(self.points, self.triangles).min(axis=1)))


def triangulate(
    points: Array,
    loops: Sequence[Index],
    slits: Sequence[Index],
    size: Callable[[Array], Array],
    *,
    growth: float = 0.4,
    quick: bool = False,
    place: str = "",
) -> Triangulation:
    """Triangulate the inside of closed loops, keeping every given segment as an edge.

    Parameters
    ----------
    points : (n, 2) float
        Ends of the segments.
    loops : list of (k,) int
        Closed loops, the last point joins the first; parity decides what is inside, orientation does not matter.
    slits : list of (k,) int
        Open lines inside; they may begin and end on points of a loop or of each other.
    size : callable
        Wanted edge length at points (m, 2) -> (m,).  Near a segment the segment's own length rules, and the size
        grows no faster than `growth` per unit of distance.
    quick : bool
        Two sweeps of smoothing instead of seven, and no work on single bad angles: a third of the time.
    place : str
        Named in errors.

    Raises
    ------
    InputError
        If segments cross, touch or repeat.
        Or if the size is not positive.
    NotSolved
        If no valid triangulation was found, or the size asks for more than 100 000 new points.
    """
    points = np.array(points, dtype=float).reshape(-1, 2)
    empty = np.zeros((0, 2), dtype=np.int64)
    ring = np.concatenate([empty, *(np.column_stack([x, np.roll(x, -1)]) for x in loops)]).astype(np.int64)
    cuts = np.concatenate([empty, *(np.column_stack([x[:-1], x[1:]]) for x in slits)]).astype(np.int64)
    if len(ring) < 3:
        raise InputError(
            f"an outline of {len(ring)} segments to triangulate, limit 3", place=place, remedy="give a closed outline"
        )
    check_segments(points, np.concatenate([ring, cuts]), place=place)
    low, high = points[ring].min(axis=(0, 1)), points[ring].max(axis=(0, 1))
    middle, scale = 0.5 * (low + high), float(np.linalg.norm(high - low))

    def wanted(x: Array) -> Array:
        h = np.asarray(size(x * scale + middle), dtype=float)
        if not (h > 0.0).all():
            raise InputError(
                f"the wanted edge length falls to {h.min():.4g}, limit above 0", place=place,
                remedy="give a size that is positive everywhere",
            )  # fmt: skip
        return h / scale

    d = domain((points - middle) / scale, ring, cuts, wanted, growth)
    if not d.inside(d.points[cuts].mean(axis=1)).all():
        raise InputError("a slit lies outside the outline", place=place, remedy="clip it to the outline")
    try:
        free, triangles = _found(d, quick)
    except NotSolved as e:
        what = f"{len(loops)} loops and {len(slits)} slits with {len(points)} points on an extent of {scale:.4g}"
        raise NotSolved(f"{place + ': ' if place else ''}no triangulation of {what}: {e}") from e
    return Triangulation(np.concatenate([points, free * scale + middle]), triangles)


def check_segments(points: Array, segments: Index, *, place: str = "") -> None:
    """Raise InputError unless segments (s, 2) meet in shared end points only."""
    length = np.linalg.norm(points[segments[:, 1]] - points[segments[:, 0]], axis=1)
    if not np.isfinite(points).all():
        raise InputError("an outline has coordinates that are not finite", place=place, remedy="give numbers")
    if not length.min() > 1e-12 * length.max():
        raise InputError(
            f"an outline has a segment of length {length.min():.3g}, limit {1e-12 * length.max():.3g}", place=place,
            remedy="leave one of the two points out",
        )  # fmt: skip
    keys = edge_keys(segments, len(points))
    if len(np.unique(keys)) < len(keys):
        raise InputError(
            "an outline or slit runs twice along the same segment", place=place,
            remedy="give outlines and slits that share points where they meet and nothing else",
        )  # fmt: skip
    lines = shapely.linestrings(points[segments])
    i, j = shapely.STRtree(lines).query(lines, predicate="intersects")
    i, j = i[i < j], j[i < j]
    shared = segments[i][:, :, None] == segments[j][:, None, :]
    bad = ~shared.any(axis=(1, 2))
    # neighbours: they may only meet at the shared point, so the other ends must not point the same way
    k = np.flatnonzero(~bad)
    hinge, s = shared[k].any(axis=2), shared[k].any(axis=1)
    first = points[segments[i[k]][~hinge]] - points[segments[i[k]][hinge]]
    second = points[segments[j[k]][~s]] - points[segments[j[k]][s]]
    cross = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    dot = (first * second).sum(axis=1)
    bad[k] = (np.abs(cross) <= 1e-9 * np.abs(dot)) & (dot > 0.0)
    if bad.any():
        m = int(np.flatnonzero(bad)[0])
        at = points[segments[i[m]]].mean(axis=0)
        raise InputError(
            f"outlines or slits meet {int(bad.sum())} times away from shared points, "
            f"first near ({at[0]:.6g}, {at[1]:.6g})",
            place=place,
            remedy="give outlines and slits that share points where they meet and nothing else",
        )


def _found(d: Domain, quick: bool) -> tuple[Array, Index]:
    """Free points and triangles, from displaced seeds where the first ones lead to no valid triangulation."""
    start = seeds(d)
    failures: list[str] = []
    for attempt in range(ATTEMPTS):
        try:
            return _mesh(d, start, attempt, quick)
        except NotSolved as e:
            failures.append(str(e))
    raise NotSolved("; ".join(dict.fromkeys(failures)))


def _mesh(d: Domain, free: Array, attempt: int, quick: bool) -> tuple[Array, Index]:
    """Free points and triangles; each further attempt begins from slightly displaced seeds."""
    if attempt and len(free):
        swing = np.sin(np.arange(2 * len(free)) * (12.9898 + attempt)).reshape(-1, 2)
        free = free + 0.02 * attempt * d.size(free)[:, None] * swing
    n, h = len(d.points), d.size(d.points)
    size, every = h, d.points
    for sweep in range(QUICK if quick else SWEEPS):
        triangles = _triangles(d, free)
        every = np.concatenate([d.points, free])
        if sweep in (0, 2, 4):
            free = np.concatenate([_spaced(d, free, triangles), gaps(d, every, triangles, WIDE)])
            triangles = _triangles(d, free)
            every = np.concatenate([d.points, free])
            size = np.concatenate([h, d.size(free)])
        free = _held(d, free, relax(every, triangles, n, size)[n:], triangles)
    if quick:
        triangles = _triangles(d, free)
    else:
        free, triangles = _sharpened(d, free, 6)
        free, triangles = _repaired(d, free, triangles)
    _check(d, np.concatenate([d.points, free]), triangles)
    return free, triangles


def _sharpened(d: Domain, free: Array, rounds: int) -> tuple[Array, Index]:
    """Free points moved until no angle is below GOOD, for so many rounds at most."""
    n = len(d.points)
    triangles = _triangles(d, free)
    for _ in range(rounds):
        every = np.concatenate([d.points, free])
        if angles(every, triangles).min() > GOOD:
            break
        free = sharpen(every, triangles, n, GOOD)[n:]
        triangles = _triangles(d, free)
    return free, triangles


def _repaired(d: Domain, free: Array, triangles: Index) -> tuple[Array, Index]:
    """One free point more or less near the worst triangle, as long as that helps."""
    n = len(d.points)
    fixed = edge_keys(d.segments, n)
    for _ in range(REPAIRS):
        every = np.concatenate([d.points, free])
        found = angles(every, triangles)
        worst = int(np.where(_forced(triangles, fixed, n), np.inf, found.min(axis=1)).argmin())
        least = found[worst].min()
        corner = triangles[worst]
        if least > POOR or not (corner >= n).any():
            break
        tries = [np.delete(free, k - n, axis=0) for k in corner if k >= n]
        centre, _ = circumcentres(every, corner[None])
        if d.inside(centre)[0] and d.distance(centre)[0][0] > 0.3 * d.size(centre)[0]:
            tries.append(np.concatenate([free, centre]))
        best = None
        for trial in tries:
            trial, made = _sharpened(d, _held(d, trial, _smoothed(d, trial), None), 3)
            value = angles(np.concatenate([d.points, trial]), made).min(axis=1)
            value = value[~_forced(made, fixed, n)].min(initial=np.inf)
            if best is None or value > best[0]:
                best = (float(value), trial, made)
        if best is None or best[0] < least + 0.01:
            break
        free, triangles = best[1], best[2]
    return free, triangles


def _smoothed(d: Domain, free: Array) -> Array:
    every = np.concatenate([d.points, free])
    return relax(every, _triangles(d, free), len(d.points), d.size(every))[len(d.points) :]


def _forced(triangles: Index, fixed: Index, n: int) -> Flags:
    """Triangles between two given segments, whose angle is not ours to choose. (t,)."""
    edge = sides(triangles)
    given = (edge.max(axis=1) < n) & np.isin(edge_keys(edge, n), fixed)
    return np.asarray(given.reshape(3, -1).sum(axis=0) >= 2)


def _triangles(d: Domain, free: Array) -> Index:
    """Triangles inside the domain."""
    points = np.concatenate([d.points, free])
    n, triangles = len(d.points), constrained_delaunay(points, d.segments)
    given = np.flatnonzero((triangles < n).all(axis=1))  # all others have a corner inside
    keep = np.ones(len(triangles), dtype=bool)
    keep[given] = d.inside(points[triangles[given]].mean(axis=1))
    edge = sides(triangles[given])
    left, right = d.sides[: len(d.loops)], d.sides[: len(d.loops), ::-1]
    code = edge[:, 0] * n + edge[:, 1]
    for side, verdict in ((left, True), (right, False)):  # surer than the middle of a thin triangle
        on = np.isin(code, side[:, 0] * n + side[:, 1]).reshape(3, -1).any(axis=0)
        keep[given[on]] = verdict
    return triangles[keep]


def _spaced(d: Domain, free: Array, triangles: Index) -> Array:
    """The free points without those that crowd others."""
    n = len(d.points)
    points = np.concatenate([d.points, free])
    edge = sides(triangles)
    length = np.linalg.norm(points[edge[:, 1]] - points[edge[:, 0]], axis=1)
    short = (length < 0.6 * d.size(points[edge].mean(axis=1))) & (edge.max(axis=1) >= n)
    drop = np.zeros(len(points), dtype=bool)
    drop[edge[short].max(axis=1)] = True
    return free[~drop[n:]]


def _held(d: Domain, before: Array, after: Array, triangles: Index | None) -> Array:
    """Moved points, those that left the domain or ran up against a segment put back."""
    n, near = len(d.points), np.arange(len(after))
    if triangles is not None:  # others see no segment
        some = np.zeros(n + len(after), dtype=bool)
        some[triangles[(triangles < n).any(axis=1)]] = True
        near = np.flatnonzero(some[n:])
    good = d.inside(after[near])
    distance, nearest = d.distance(after[near])
    ends = d.points[d.segments[nearest]]
    good &= distance > 0.3 * np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)
    held = near[~good]
    after = after.copy()
    after[held] = before[held]
    return after


def _check(d: Domain, points: Array, triangles: Index) -> None:
    """All segments are edges, all triangles stand upright, and their areas add up to the loops'."""
    area = 0.5 * turn(*(points[triangles[:, k]] for k in range(3)))
    if not (area > 0.0).all():
        raise NotSolved(f"{int((area <= 0.0).sum())} of {len(area)} triangles are turned over")
    keys, count = np.unique(edge_keys(sides(triangles), len(points)), return_counts=True)
    if count.max() > 2:
        raise NotSolved("an edge has three triangles")
    lost = ~np.isin(edge_keys(d.segments, len(points)), keys)
    if lost.any():
        raise NotSolved(f"{int(lost.sum())} of {len(lost)} segments are no edges")
    left = d.sides[: len(d.loops)]
    whole = 0.5 * np.linalg.det(d.points[left]).sum()
    if abs(area.sum() - whole) > 1e-9 * whole:
        raise NotSolved(f"triangles cover {area.sum():.12g} of an area of {whole:.12g}")
    border = keys[count == 1]
    if len(border) != len(d.loops):
        raise NotSolved(f"{len(border)} border edges for {len(d.loops)} segments of loops")
