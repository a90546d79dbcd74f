"""Cracks of a thin pane in plan: straight edges between vertices, tips that move, fork, and end on rim or crack."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from deadlight.errors import InputError

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

SNAP = 0.25  # of a step: how near to a vertex a tip ends on the vertex itself
AHEAD = 0.3  # of a step: a face that is nearer ahead is reached
CONE = 0.3  # cosine of the half angle of what counts as ahead


@dataclass(eq=False)
class Tip:
    """End of a crack that can run.

    Attributes
    ----------
    vertex : int
    heading : (2,) float
        Unit direction of the last step.
    travelled : float [m]
        Since it came about, at the rim or by a fork.
    last : float [m]
        Length of its last step.
    origin : int
        Number of the rim crack that it belongs to.
    """

    vertex: int
    heading: Array
    travelled: float
    last: float
    origin: int


class Network:
    """Rim and cracks of a pane; a planar graph.

    Attributes
    ----------
    points : list of (2,) float [m]
    ring : list of int
        Vertices of the rim, counter-clockwise.
    edges : list of (int, int)
        Cracks.
    tips : list of Tip
    ended : dict of int -> str
        Vertices where tips ended: "rim" or "crack".
    origins : list of int
        Vertices on the rim where cracks started, in order.
    """

    def __init__(self, outline: Array) -> None:
        """Rim as a counter-clockwise polygon (n, 2) [m], without the first point again."""
        ring = np.asarray(outline, dtype=float)
        polygon = shapely.Polygon(ring)
        if len(ring) < 3 or not polygon.is_valid or not shapely.LinearRing(ring).is_ccw:
            raise InputError(
                f"a rim of {len(ring)} points", place="membrane", remedy="a counter-clockwise polygon that is simple"
            )
        self.points: list[Array] = list(ring)
        self.ring = list(range(len(ring)))
        self.edges: list[tuple[int, int]] = []
        self.tips: list[Tip] = []
        self.ended: dict[int, str] = {}
        self.origins: list[int] = []
        self.area = float(polygon.area)

    def copy(self) -> Network:
        """As it is now."""
        return copy.deepcopy(self)

    @property
    def length(self) -> float:
        """Of all cracks [m]."""
        return float(sum(np.linalg.norm(self.points[a] - self.points[b]) for a, b in self.edges))

    def cells(self) -> list[Any]:
        """Polygons that rim and cracks enclose, the largest first."""
        lines = [(self.points[a], self.points[b]) for a, b in (*self.edges, *self._rim())]
        found = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(shapely.linestrings(lines)))))
        return sorted((c for c in found), key=lambda c: -c.area)

    def room(self, tip: Tip) -> float:
        """How far a tip is from everything but its last step: rim, other cracks, or where that step began."""
        lines = [*self._rim(), *(e for e in self.edges if tip.vertex not in e)]
        ends = np.array([[self.points[a], self.points[b]] for a, b in lines])
        return min(float(_feet(self.points[tip.vertex], ends)[1].min()), tip.last)

    def start(self, place: Array, depth: float) -> Tip:
        """A crack from the rim point nearest to a place, straight inwards."""
        line = self._rim()
        ends = np.array([[self.points[a], self.points[b]] for a, b in line])
        foot, distance = _feet(np.asarray(place, dtype=float), ends)
        k = int(distance.argmin())
        along = ends[k, 1] - ends[k, 0]
        inward = np.array([-along[1], along[0]]) / np.linalg.norm(along)
        vertex = self._on_rim(k, foot[k], 0.1 * depth)
        self.origins.append(vertex)
        end = self._add(self.points[vertex] + depth * inward)
        self.edges.append((vertex, end))
        tip = Tip(end, inward, depth, depth, len(self.origins) - 1)
        self.tips.append(tip)
        return tip

    def fork(self, tip: Tip, angle: float) -> tuple[Tip, Tip]:
        """Two tips in place of one, heading to both sides by an angle [rad]; both still stand at its vertex."""
        self.tips.remove(tip)
        made = tuple(Tip(tip.vertex, _turned(tip.heading, s * angle), 0.0, tip.last, tip.origin) for s in (1, -1))
        self.tips += made
        return made[0], made[1]

    def advance(self, tip: Tip, heading: Array, step: float) -> bool:
        """Moves a tip by a step [m]; True if it came to the rim or to another crack and ends there."""
        here = self.points[tip.vertex]
        goal = here + step * heading
        lines = [*self._rim(), *self.edges]
        other = [k for k, (a, b) in enumerate(lines) if tip.vertex not in (a, b)]
        ends = np.array([[self.points[a], self.points[b]] for a, b in (lines[k] for k in other)])
        hit = self._hit(here, goal + AHEAD * step * heading, ends)
        if hit is None:
            foot, distance = _feet(goal, ends)
            ahead = (foot - goal) @ heading >= CONE * distance
            near = np.flatnonzero(ahead & (distance < AHEAD * step))
            if len(near):
                k = int(near[distance[near].argmin()])
                hit = k, foot[k]
        if hit is None:
            end = self._add(goal)
            self.edges.append((tip.vertex, end))
            tip.vertex, tip.heading, tip.last = end, heading, step
            tip.travelled += step
            return False
        reached, place = self._unhindered(here, hit, [lines[k] for k in other], SNAP * step)
        k, n = other[reached], len(self.ring)
        kind = "rim" if k < n else "crack"
        end = self._on_rim(k, place, SNAP * step) if k < n else self._on_crack(k - n, place, SNAP * step)
        if (tip.vertex, end) not in self.edges and (end, tip.vertex) not in self.edges:
            self.edges.append((tip.vertex, end))
        self.ended[end] = kind
        self.tips.remove(tip)
        self.tips = [t for t in self.tips if t.vertex != end]  # two tips that meet
        return True

    def thin(self, off: float, longest: float, away: float) -> None:
        """Joins two edges to one where their common vertex lies nearly on it, far from all tips.

        Parameters
        ----------
        off : float [m]
            How far the vertex may lie off the new edge.
        longest : float [m]
            Of new edges.
        away : float [m]
            Least distance from a tip.
        """
        at = np.array([self.points[t.vertex] for t in self.tips]).reshape(-1, 2)
        fixed = {*self.ring, *(t.vertex for t in self.tips)}
        changed = True
        while changed:
            changed = False
            there: dict[int, list[tuple[int, int]]] = {}
            for edge in self.edges:
                for v in edge:
                    there.setdefault(v, []).append(edge)
            touched: set[int] = set()
            for v, mine in there.items():
                ends = [w for e in mine for w in e if w != v]
                if v in fixed or len(mine) != 2 or ends[0] == ends[1] or touched & {v, *ends}:
                    continue
                a, b, x = self.points[ends[0]], self.points[ends[1]], self.points[v]
                near = len(at) and np.linalg.norm(at - x, axis=1).min() < away
                if near or np.linalg.norm(b - a) > longest or _feet(x, np.array([[a, b]]))[1][0] > off:
                    continue
                if self._crossed(ends[0], ends[1], v):
                    continue
                self.edges = [e for e in self.edges if e not in mine]
                self.edges.append((ends[0], ends[1]))
                touched |= {v, *ends}
                changed = True

    def _unhindered(
        self, here: Array, hit: tuple[int, Array], lines: list[tuple[int, int]], snap: float
    ) -> tuple[int, Array]:
        """Where a tip ends: on the line that it hit, or on one that lies between once the end is drawn to a vertex."""
        ends = np.array([[self.points[a], self.points[b]] for a, b in lines])
        k, place = hit
        for _ in lines:
            vertex = next((v for v in lines[k] if np.linalg.norm(self.points[v] - place) < snap), None)
            goal = place if vertex is None else self.points[vertex]
            other = [i for i, line in enumerate(lines) if i != k and vertex not in line]
            between = self._hit(here, goal, ends[other])
            if between is None:
                break
            k, place = other[between[0]], between[1]
        return k, place

    def _crossed(self, a: int, b: int, without: int) -> bool:
        """Whether a new edge crosses a line that ends at none of three vertices."""
        lines = [line for line in (*self._rim(), *self.edges) if not {a, b, without} & {*line}]
        ends = np.array([[self.points[i], self.points[j]] for i, j in lines]).reshape(-1, 2, 2)
        return self._hit(self.points[a], self.points[b], ends) is not None

    def _rim(self) -> list[tuple[int, int]]:
        return list(zip(self.ring, [*self.ring[1:], self.ring[0]]))

    def _add(self, point: Array) -> int:
        self.points.append(np.asarray(point, dtype=float))
        return len(self.points) - 1

    def _on_rim(self, k: int, point: Array, snap: float) -> int:
        a, b = self._rim()[k]
        for v in (a, b):
            if np.linalg.norm(self.points[v] - point) < snap:
                return v
        made = self._add(point)
        self.ring.insert(k + 1, made)
        return made

    def _on_crack(self, k: int, point: Array, snap: float) -> int:
        a, b = self.edges[k]
        for v in (a, b):
            if np.linalg.norm(self.points[v] - point) < snap:
                return v
        made = self._add(point)
        self.edges[k] = (a, made)
        self.edges.insert(k + 1, (made, b))
        return made

    @staticmethod
    def _hit(start: Array, end: Array, ends: Array) -> tuple[int, Array] | None:
        """First of some lines that the way from start to end crosses, and where."""
        d, e = end - start, ends[:, 1] - ends[:, 0]
        det = d[0] * e[:, 1] - d[1] * e[:, 0]
        w = ends[:, 0] - start
        with np.errstate(divide="ignore", invalid="ignore"):
            s = (w[:, 0] * e[:, 1] - w[:, 1] * e[:, 0]) / det
            u = (w[:, 0] * d[1] - w[:, 1] * d[0]) / det
        crossed = np.flatnonzero((np.abs(det) > 0.0) & (s > 1e-9) & (s <= 1.0) & (u >= -1e-9) & (u <= 1.0 + 1e-9))
        if not len(crossed):
            return None
        k = int(crossed[s[crossed].argmin()])
        return k, start + s[k] * d


def _turned(x: Array, angle: float) -> Array:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([c * x[0] - s * x[1], s * x[0] + c * x[1]])


def _feet(x: Array, ends: Array) -> tuple[Array, Array]:
    """Nearest points on lines (k, 2, 2), and how far they are."""
    along = ends[:, 1] - ends[:, 0]
    t = ((x - ends[:, 0]) * along).sum(axis=1) / (along**2).sum(axis=1)
    foot = ends[:, 0] + t.clip(0.0, 1.0)[:, None] * along
    return foot, np.linalg.norm(foot - x, axis=1)
