"""Element size of the skin: it grows with the distance from cracks and from the walls of pits."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from deadlight.surface.body import Body
from deadlight.surface.cap import Cap
from deadlight.surface.constrained import Flags
from deadlight.surface.mesh import Array

HALF = 0.5  # of the crack's own size: what the skin near it stays above
GROWTH = 0.65  # of the element size with distance from a crack; 0.35 moves K by 0.05 % and doubles the elements
WALL = 0.5  # largest element on the wall of a pit, of its radius


@dataclass(frozen=True, eq=False)
class Grading:
    """Element size that grows from the sizes found on the cracks.

    Attributes
    ----------
    points : (m, 3) float [m]
    size : (m,) float [m]
    far : float [m]
        Greatest size.
    near : (m,) bool, optional
        Points close to skin that they do not reach: there the size is a share of the distance to them, but no less
        than half their own size.
    share : float
        That share.
    """

    points: Array
    size: Array
    far: float = np.inf
    growth: float = GROWTH
    near: Flags | None = None
    share: float = 1.0

    def __call__(self, x: Array) -> Array:
        """Size at points (n, 3) -> (n,)."""
        result = np.empty(len(x))
        block = max(1, 400_000 // max(1, len(self.points)))
        square = (self.points**2).sum(axis=1)
        for i in range(0, len(x), block):
            p = x[i : i + block]
            d2 = (p**2).sum(axis=1)[:, None] + square - 2 * p @ self.points.T
            gap = np.sqrt(np.maximum(d2, 0))
            result[i : i + block] = (self.size + self.growth * gap).min(axis=1, initial=np.inf)
            if self.near is not None and self.near.any():
                close = np.maximum(HALF * self.size[self.near], self.share * gap[:, self.near]).min(axis=1)
                result[i : i + block] = np.minimum(result[i : i + block], close)
        return np.minimum(result, self.far)

    def with_walls(self, body: Body, refine: float = 1.0) -> Grading:
        """The same with the walls of pits, which are fine everywhere."""
        points, size = wall_sizes(body)
        if not len(points):
            return self
        near = self.near if self.near is not None else np.zeros(len(self.points), dtype=bool)
        return replace(
            self,
            points=np.concatenate([self.points, points]),
            size=np.concatenate([self.size, size / refine]),
            near=np.concatenate([near, np.zeros(len(points), dtype=bool)]),
        )


def wall_sizes(body: Body) -> tuple[Array, Array]:
    """Points on the walls of all pits and the element size there, a share of the pit's radius. (m, 3), (m,) [m]."""
    points, sizes = [np.zeros((0, 3))], [np.zeros(0)]
    for face in body.faces:
        if face.loaded and isinstance(face.chart, Cap):
            x = face.chart.to_space(face.chart.knots)
            points.append(x)
            sizes.append(np.full(len(x), WALL * face.chart.radius * np.sin(face.chart.angle)))
    return np.concatenate(points), np.concatenate(sizes)
