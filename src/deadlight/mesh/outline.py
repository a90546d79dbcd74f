"""The edge line of a pane in plan: a convex polygon with four rounded corners, and its exact offsets.

A circle is the square whose corner radius is half its side, so one description serves every window here.
A point of the line offset inwards by s is ``base + (r - s) * normal``: `base` runs along the polygon of the
arc centres, `normal` is the outward unit normal.  Offsets are exact, and stay regular while s < r.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.errors import MeshError

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, eq=False)
class OutlineGrid:
    """Nodes around an outline, corners and mid-sides alternating, counter-clockwise from the lower right corner.

    Attributes
    ----------
    base : (m, 2) float [m]
        Arc centres, interpolated along the straights.
    normal : (m, 2) float
        Outward unit normals.
    radius : float [m]
        Corner radius.
    sides : (n_right, n_top)
        Elements between corner middles on the right (= left) and the top (= bottom) side; m = 4 (n_right + n_top).
    """

    base: Array
    normal: Array
    radius: float
    sides: tuple[int, int]

    def offset(self, s: Array | float) -> Array:
        """Points of the line offset inwards by s (negative: outwards) [m]. s of any shape -> s.shape + (m, 2)."""
        return self.base + (self.radius - np.asarray(s, dtype=float)[..., None, None]) * self.normal


@dataclass(frozen=True)
class Outline:
    """Edge line of a pane in plan; use the class methods `round`, `rounded_rectangle`, `trapezoid`.

    Attributes
    ----------
    vertices : four (x, y) [m]
        Corners before rounding: lower right, upper right, upper left, lower left; bounding box centred on the axis.
    corner_radius : float [m]
    kind : str
        "round", "rounded_rectangle" or "trapezoid".
    """

    vertices: tuple[tuple[float, float], ...]
    corner_radius: float
    kind: str

    def __post_init__(self) -> None:
        if not all(math.isfinite(v) for p in self.vertices for v in p) or not math.isfinite(self.corner_radius):
            raise MeshError(
                "a size of the outline is not a finite number",
                place=f"{self.kind} outline",
                remedy="give every size in metres",
            )
        if self.corner_radius <= 0 or min(self._heights()) <= 0:
            raise MeshError(
                f"sizes must be positive (corner radius {1e3 * self.corner_radius:g} mm, vertices {self.vertices} m)",
                place=f"{self.kind} outline",
                remedy="give positive widths, height and corner radius; a real pane has no sharp corner",
            )
        shortest = min(self.straights)
        if shortest < -1e-9 * self.corner_radius:
            room = min(
                d / (math.tan(self.turns[i] / 2) + math.tan(self.turns[(i + 1) % 4] / 2))
                for i, d in enumerate(self._edge_lengths())
            )
            raise MeshError(
                f"corner radius {1e3 * self.corner_radius:g} mm leaves no room on the shortest side"
                f" (limit {1e3 * room:.4g} mm)",
                place=f"{self.kind} outline",
                remedy="make the corner radius smaller or the side longer",
            )

    @classmethod
    def round(cls, radius: float) -> Outline:
        """Circle of the given radius [m]."""
        return cls(((radius, -radius), (radius, radius), (-radius, radius), (-radius, -radius)), radius, "round")

    @classmethod
    def rounded_rectangle(cls, width: float, height: float, corner_radius: float) -> Outline:
        """Rectangle width (x) by height (y) [m] with rounded corners."""
        x, y = width / 2, height / 2
        return cls(((x, -y), (x, y), (-x, y), (-x, -y)), corner_radius, "rounded_rectangle")

    @classmethod
    def trapezoid(cls, width_bottom: float, width_top: float, height: float, corner_radius: float) -> Outline:
        """Symmetric trapezoid: width at y = -height/2, width at y = +height/2 [m], before rounding."""
        b, t, y = width_bottom / 2, width_top / 2, height / 2
        return cls(((b, -y), (t, y), (-t, y), (-b, -y)), corner_radius, "trapezoid")

    def _edges(self) -> Array:
        v = np.array(self.vertices, dtype=float)
        return np.roll(v, -1, axis=0) - v

    def _edge_lengths(self) -> list[float]:
        return [float(d) for d in np.hypot(*self._edges().T)]

    def _heights(self) -> list[float]:
        """Side lengths, the lower and upper width as signed numbers and the height: all must be positive."""
        v = self.vertices
        return [*self._edge_lengths(), v[0][0] - v[3][0], v[1][0] - v[2][0], v[1][1] - v[0][1]]

    @property
    def turns(self) -> tuple[float, ...]:
        """Turning angle [rad] at each of the four corners."""
        d = self._edges()
        before = np.roll(d, 1, axis=0)
        return tuple(
            float(a) for a in np.arctan2(before[:, 0] * d[:, 1] - before[:, 1] * d[:, 0], (before * d).sum(axis=1))
        )

    @property
    def straights(self) -> tuple[float, ...]:
        """Length [m] of the straight part of the right, top, left and bottom side."""
        cut = [self.corner_radius * math.tan(a / 2) for a in self.turns]
        return tuple(d - cut[i] - cut[(i + 1) % 4] for i, d in enumerate(self._edge_lengths()))

    @property
    def perimeter(self) -> float:
        """Length of the line [m]."""
        return sum(max(0.0, d) for d in self.straights) + 2 * math.pi * self.corner_radius

    @property
    def area(self) -> float:
        """Area inside the line [m2]: polygon less what each rounding cuts off, r^2 (tan(a/2) - a/2)."""
        x, y = np.array(self.vertices, dtype=float).T
        polygon = 0.5 * float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))
        return polygon - sum(self.corner_radius**2 * (math.tan(a / 2) - a / 2) for a in self.turns)

    def area_at(self, s: float) -> float:
        """Area [m2] inside the line offset inwards by s (Steiner's formula for a convex line, s <= corner radius)."""
        return self.area - self.perimeter * s + math.pi * s**2

    @property
    def half_width(self) -> float:
        """Half of the smallest width of the bounding box [m]."""
        v = np.array(self.vertices)
        return float(min(np.ptp(v[:, 0]), np.ptp(v[:, 1])) / 2)

    def grid(self, around: float) -> OutlineGrid:
        """Nodes around the line, aiming at `around` elements (16 at least); arcs end at element corners."""
        arc = max(2, round(around * self.corner_radius * math.pi / 4 / self.perimeter))  # a quarter turn needs four
        straight = self.straights
        size = max(sum(straight), 0.0) / max(around - 8 * arc, 0.6 * around)
        counts = []
        for a, b in ((straight[0], straight[2]), (straight[1], straight[3])):
            none = [d < 1e-9 * self.corner_radius for d in (a, b)]
            if any(none) and not all(none):
                raise MeshError(
                    "the corners meet on one side but not on the opposite one",
                    place=f"{self.kind} outline",
                    remedy="make the corner radius a little smaller",
                )
            counts.append(0 if all(none) else max(1, round((a + b) / 2 / size)))
        base, normal = self._nodes(arc, counts)
        return OutlineGrid(base, normal, self.corner_radius, (2 * arc + counts[0], 2 * arc + counts[1]))

    def _nodes(self, arc: int, counts: list[int]) -> tuple[Array, Array]:
        r, turns, edges = self.corner_radius, self.turns, self._edges()
        unit = edges / np.hypot(*edges.T)[:, None]
        centre = np.array(self.vertices) + unit * (r * np.tan(np.array(turns) / 2))[:, None]
        centre += r * np.column_stack([-unit[:, 1], unit[:, 0]])  # inward (left) normal of the outgoing side
        heading = np.arctan2(unit[:, 1], unit[:, 0]) - math.pi / 2  # angle of the outward normal of each side
        bases, normals = [], []
        for i in range(4):  # half arc of corner i, straight side i, half arc of corner i + 1
            nxt, m = (i + 1) % 4, counts[i % 2]
            first = heading[i] - turns[i] / 2 * (1 - np.arange(2 * arc) / (2 * arc))
            last = heading[i] + turns[nxt] / 2 * np.arange(2 * arc) / (2 * arc)
            angle = np.concatenate([first, np.full(2 * m, heading[i]), last])
            f = np.concatenate([np.zeros(2 * arc), np.arange(2 * m) / max(1, 2 * m), np.ones(2 * arc)])[:, None]
            bases.append((1 - f) * centre[i] + f * centre[nxt])
            normals.append(np.column_stack([np.cos(angle), np.sin(angle)]))
        return np.concatenate(bases), np.concatenate(normals)
