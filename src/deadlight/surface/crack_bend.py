"""Where a crack is bent along curves: sides of elements follow them, and the ring stays clear of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from scipy.spatial import cKDTree

from deadlight.surface.chart import Snap
from deadlight.surface.constrained import Flags
from deadlight.surface.crack_crease import creases, mended
from deadlight.surface.crack_domain import CrackDomain
from deadlight.surface.crack_near import Near
from deadlight.surface.crack_size import CLOSE, Side, divided, graded
from deadlight.surface.mesh import Array, Index
from deadlight.surface.sheath import bends_of

SHARP = np.radians(7.0)  # gentler bends may lie inside elements
CLEAR = 0.05  # of the usual element: what of a bend lies nearer to a front is left out
APART = 0.25  # of the usual element: what lies nearer to a sharper bend is left out
RING = 0.3  # largest ring width as a share of the distance between front and bend: K is read up to 2.5 widths behind
SAMPLES = 240  # along a bend
TOUCH = 1e-6  # of the extent: points at one place
ROUND = -2  # where a line ends: at its own beginning
LOOSE = 0.4  # of the element there: how far a bend stays from sides that it does not end on


@dataclass(frozen=True, eq=False)
class Bends:
    """The bends of one crack, clipped to it.

    Attributes
    ----------
    lines : tuple of (k, 2) float
        Fine polylines in the chart; a closed one repeats its first point.
    followed : bool
        Whether sides of elements are to follow them; not where the chart's creases see to that.
    """

    lines: tuple[Array, ...] = ()
    followed: bool = True

    @classmethod
    def of(cls, domain: CrackDomain, usual: float) -> Bends:
        """What of the chart's bends is sharp, lies in the domain, and is clear of its fronts.

        Parameters
        ----------
        usual : float
            Size of the largest elements.
        """
        v = np.concatenate([p.points[:, 1] for loop in domain.loops for p in loop])
        found = [b for b in bends_of(domain.chart, v.min(), v.max()) if b.turn.max(initial=0.0) > SHARP]
        if not found:
            return cls()
        region = shapely.Polygon()
        for loop in domain.loops:
            region = region.symmetric_difference(shapely.Polygon(np.concatenate([p.points[:-1] for p in loop])))
        fronts = [shapely.LineString(p.points) for loop in domain.loops for p in loop if p.kind == "front"]
        kept = shapely.union_all(fronts).buffer(CLEAR * usual)
        lines: list[Array] = []
        for bend in sorted(found, key=lambda b: -float(b.turn.max())):
            mine = []
            for run in _runs(domain.chart.to_chart(bend.points), bend.turn > SHARP):
                inside = shapely.LineString(run).intersection(region).difference(kept)
                mine += [p for p in _parts(inside) if p.length > APART * usual]
            lines += [shapely.get_coordinates(p) for p in mine]
            if mine:
                kept = kept.union(shapely.union_all(mine).buffer(APART * usual))
        return cls(tuple(lines), not len(creases(domain.chart)))

    def near(self, fronts: Array) -> Near | None:
        """Samples that keep the ring clear of the bends, in the manner of skin near by. None without bends.

        Parameters
        ----------
        fronts : (m, 2) float
            Points of the fronts.
        """
        if not self.lines:
            return None
        x = np.concatenate([_spread(line, SAMPLES) for line in self.lines])
        return Near(x, (RING / CLOSE - 1.0) * cKDTree(fronts).query(x)[0])

    def crossed(self, loop: Sequence[Side]) -> list[Side]:
        """The sides of a loop, the mouths with the lengths at which bends end on them."""
        found = []
        for side in loop:
            if side.front or not self.followed:
                found.append(side)
                continue
            curve, at = side.curve, []
            for line in self.lines:
                for end, inner in ((line[0], line[1]), (line[-1], line[-2])):
                    x = np.concatenate([curve.points, curve.points[:1]]) if curve.closed else curve.points
                    off = float(shapely.distance(shapely.LineString(x), shapely.Point(end)))
                    if off > TOUCH * curve.length or np.array_equal(line[0], line[-1]):
                        continue
                    if not curve.closed:
                        curve = mended(curve, end, inner)
                    at.append(end)
            s = np.array([_along(curve.points, curve.s, curve.closed, end) for end in at])
            corners = curve.corners
            for i, value in enumerate(s):
                if len(corners) and np.abs(corners - value).min() < 1e-4 * curve.length:
                    s[i] = corners[np.abs(corners - value).argmin()]
            found.append(replace(side, curve=curve, crossings=np.unique(np.concatenate([side.crossings, s]))))
        return found

    def sides(self, uv: Array, loops: Sequence[Index], limit: Snap, growth: float) -> list[tuple[int, Array, int]]:
        """Elements' sides along the bends: node each line begins at, its points, node it ends at.

        Points are corner, middle, corner ...; -1 is a new node, ROUND the first again.

        Parameters
        ----------
        uv : (n, 2) float
            Nodes.
        loops : list of (k,) int
            Closed loops of corner nodes.
        limit : callable
            Largest size at points (m, 2) -> (m,).
        growth : float
            Of the elements.
        """
        if not self.lines or not self.followed:
            return []
        nodes = np.concatenate(list(loops))
        step = np.concatenate([np.linalg.norm(uv[np.roll(k, -1)] - uv[k], axis=1) for k in loops])
        back = np.concatenate([np.roll(np.linalg.norm(uv[np.roll(k, -1)] - uv[k], axis=1), 1) for k in loops])
        size = 0.5 * (step + back)
        net = shapely.union_all([shapely.LinearRing(uv[k]) for k in loops])
        tree = cKDTree(uv[nodes])
        extent = float(np.ptp(uv[nodes], axis=0).max())
        found = []
        for line in self.lines:
            closed = np.array_equal(line[0], line[-1])
            s = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
            at = np.linspace(0.0, s[-1], SAMPLES + 1)
            x = np.column_stack([np.interp(at, s, c) for c in line.T])
            off = np.asarray(shapely.distance(net, shapely.points(x)))
            local = size[tree.query(x)[1]]
            ends = [int(nodes[tree.query(p)[1]]) if tree.query(p)[0] < 10 * TOUCH * extent else -1 for p in x[[0, -1]]]
            clear = off > LOOSE * local
            a, b = _stretch(clear, at, ends, local, closed)
            if b - a < 8:
                continue
            wanted = np.minimum(limit(x), local + growth * off)
            wanted = graded(at, wanted, growth, s[-1] if closed else None)
            least = 8 if closed else 1
            corner = divided(at, wanted, float(at[a]), float(at[b]), least)
            both = np.empty(2 * len(corner) - 1)
            both[::2], both[1::2] = corner, 0.5 * (corner[1:] + corner[:-1])
            spots = np.column_stack([np.interp(both, s, c) for c in line.T])
            whole = closed and a == 0 and b == SAMPLES
            first, last = (ends[0] if a == 0 else -1), (ends[1] if b == SAMPLES else -1)
            found.append((-1 if closed else first, spots, ROUND if whole else -1 if closed else last))
        return found


def _stretch(clear: Flags, at: Array, ends: list[int], local: Array, closed: bool) -> tuple[int, int]:
    """First and last sample of the longest stretch of a line that is clear of other sides, ends on nodes kept."""
    if closed:
        return (0, len(at) - 1) if clear.all() else _longest(clear)
    clear = clear.copy()
    for end, node in zip((0, -1), ends):
        if node >= 0:
            gap = np.abs(at - at[end])
            clear |= gap < 1.5 * local[end]
    return _longest(clear)


def _longest(clear: Flags) -> tuple[int, int]:
    edge = np.flatnonzero(np.diff(np.concatenate([[0], clear.astype(np.int64), [0]])))
    if not len(edge):
        return 0, 0
    a, b = edge[::2], edge[1::2] - 1
    k = int((b - a).argmax())
    return int(a[k]), int(b[k])


def _runs(points: Array, sharp: Flags) -> list[Array]:
    """Stretches of a polyline where it is sharp; a closed one that is sharp all round stays closed."""
    if sharp.all():
        return [points]
    if np.array_equal(points[0], points[-1]):  # begin where it is not sharp
        k = int(np.flatnonzero(~sharp)[0])
        points = np.concatenate([points[k:-1], points[: k + 1]])
        sharp = np.concatenate([sharp[k:-1], sharp[: k + 1]])
    edge = np.flatnonzero(np.diff(np.concatenate([[0], sharp.astype(np.int64), [0]])))
    return [points[a:b] for a, b in zip(edge[::2], edge[1::2]) if b - a > 1]


def _parts(line: shapely.Geometry) -> list[shapely.LineString]:
    """Simple lines of a geometry, pieces that only a seam separates joined."""
    lines = [g for g in shapely.get_parts(line) if g.geom_type == "LineString" and g.length > 0]
    if len(lines) < 2:
        return lines
    joined = shapely.line_merge(shapely.MultiLineString(lines))
    return [g for g in shapely.get_parts(joined) if g.length > 0]


def _spread(line: Array, count: int) -> Array:
    s = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    at = np.linspace(0.0, s[-1], count)
    return np.column_stack([np.interp(at, s, c) for c in line.T])


def _along(points: Array, s: Array, closed: bool, at: Array) -> float:
    """Length along a curve's polyline of the point nearest to a given one."""
    x = np.concatenate([points, points[:1]]) if closed else points
    return float(shapely.line_locate_point(shapely.LineString(x), shapely.Point(at)))


def both_near(a: Near | None, b: Near | None) -> Near | None:
    """Samples of either."""
    if a is None or b is None or not len(a.uv):
        return b if a is None or not len(a.uv) else a
    return Near(np.concatenate([a.uv, b.uv]), np.concatenate([a.distance, b.distance]))
