"""Which named region of the mesh a point of the skin belongs to: a seat is part of a face that is one smooth whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from deadlight.surface.patches import Patches

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, eq=False)
class Regions:
    """Named cells of the boundary in the charts of the body's faces.

    Attributes
    ----------
    names : tuple of str
        Regions that there are; "" for cells without a name.
    trees : tuple of (shapely.STRtree, (k,) int)
        For every face its cells and the number of their name.
    charts : tuple of Chart
    """

    names: tuple[str, ...]
    trees: tuple[tuple[Any, Index], ...]
    charts: tuple[Any, ...]

    @classmethod
    def of(cls, points: Array, p: Patches, names: list[str], charts: tuple[Any, ...]) -> Regions:
        """From boundary cells, their names, and the charts of the patches."""
        every = tuple(dict.fromkeys(names))
        number = np.array([every.index(n) for n in names])
        trees = []
        for j, chart in enumerate(charts):
            mine = np.flatnonzero(p.patch == j)
            rings = p.corners[mine]
            rings = np.where(rings < 0, rings[:, [0]], rings)
            uv = chart.to_chart(points[rings.ravel()]).reshape(-1, 4, 2)
            which = number[mine]
            period = getattr(chart, "period", None)
            if period is not None:  # a cell over the place where the band closes comes twice
                uv[..., 0] = uv[:, :1, 0] + np.mod(uv[..., 0] - uv[:, :1, 0] + 0.5 * period, period) - 0.5 * period
                uv = np.concatenate([uv, uv - [period, 0.0], uv + [period, 0.0]])
                which = np.tile(which, 3)
            trees.append((shapely.STRtree(shapely.polygons(uv)), which))
        return cls(every, tuple(trees), charts)

    def at(self, face: int, x: Array) -> Index:
        """Number in `names` of the region at points of a face. (n, 3) -> (n,)."""
        tree, which = self.trees[face]
        spots = shapely.points(self.charts[face].to_chart(np.atleast_2d(x)))
        point, cell = tree.query_nearest(spots, all_matches=False)
        found = np.zeros(len(spots), dtype=np.int64)
        found[point] = which[cell]
        return found

    def copied(self, face: int, chart: Any, x: Array) -> Regions:
        """The same with one more face, all of it in the region that a point x (3,) of another face belongs to."""
        whole = shapely.STRtree([shapely.Point(0.0, 0.0)]), np.array([self.at(face, x)[0]])
        return Regions(self.names, (*self.trees, whole), (*self.charts, chart))

    def without(self, face: int) -> Regions:
        """The same for a body that has lost a face."""
        return Regions(
            self.names, self.trees[:face] + self.trees[face + 1 :], self.charts[:face] + self.charts[face + 1 :]
        )

    def joined(self, other: Regions, faces: list[int]) -> Regions:
        """The same with some faces of another body added."""
        return Regions(
            self.names,
            self.trees + tuple(other.trees[j] for j in faces),
            self.charts + tuple(other.charts[j] for j in faces),
        )
