"""Delaunay cells of a point cloud that respect the body's surface and the crack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from scipy.spatial import cKDTree

from deadlight.errors import NotSolved
from deadlight.export.cloud import LINE, VOLUME, Cloud, Plan
from deadlight.export.tetrahedra import delaunay, edges_of, faces_of, shape, smoothed, volume

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

_FLAT = 0.03
"""Shape below which a cell between points of one smooth face is left out."""


@dataclass
class Conformer:
    """Cells of a cloud, improved until crack and skin are made of whole faces."""

    plan: Plan
    cloud: Cloud

    def cells(self, points: Array | None = None, *, inside: bool = True) -> Index:
        """Delaunay cells (m, 4) of the body; with `inside` false, those outside one that is not convex as well."""
        x = self.cloud.x if points is None else points
        cells = delaunay(x)
        bad = np.zeros(len(cells), dtype=bool)
        bad |= self.cloud.crack[cells].all(axis=1)  # coplanar, between two ways to divide the crack
        q = shape(x, cells)
        patch = self.cloud.patch[cells]  # (m, 4, 6)
        for column in range(patch.shape[2]):
            common = patch[:, 0, column]
            shared = (common >= 0) & (patch == common[:, None, None]).any(axis=2).all(axis=1)
            bad |= shared & (q < _FLAT)
        if inside and not self.plan.solid.convex:
            surface = (patch[:, :, 0] >= 0).all(axis=1) & ~bad
            middle = x[cells[surface]].mean(axis=1)
            assert self.cloud.skin is not None
            bad[np.flatnonzero(surface)[self.cloud.skin.signed(middle) > 0.0]] = True
        return cells[~bad]

    def smooth(self, steps: int = 6) -> None:
        """Moves the points of the volume towards an optimal mesh."""
        for _ in range(steps):
            cells = self.cells(inside=False)
            size = self.plan.size(self.cloud.x)
            free = self.cloud.rank == VOLUME
            self.cloud.x = smoothed(self.cloud.x, cells, free, size)

    def conform(self, rounds: int = 12) -> Index:
        """Leaves out points until the crack and the skin are made of faces; the cells.

        Raises
        ------
        NotSolved
            A crack or skin that is still pierced after all rounds.
        """
        for _ in range(rounds):
            cells = self.cells()
            drop = self._piercing(cells) | self._exposed(cells) | self._encroaching(cells)
            unused = np.ones(len(drop), dtype=bool)
            unused[cells] = False
            drop |= unused
            if (unused & self._on_line(np.arange(len(drop)))).any():
                raise NotSolved("an edge of the body or the crack lost a point; try another size at the front")
            if not drop.any():
                return cells
            self.cloud.without(drop)
        raise NotSolved("the cells of the cracked mesh do not follow the crack; try another size at the front")

    def _piercing(self, cells: Index) -> Mask:
        """Points to leave out because an edge from them goes through the crack."""
        plane, region = self.plan.crack.plane, self.plan.crack.region
        x = self.cloud.x
        height = np.where(self.cloud.crack, 0.0, plane.height(x))
        edges = edges_of(cells)
        a, b = height[edges[:, 0]], height[edges[:, 1]]
        tiny = self.plan.merge
        across = edges[(a * b < 0.0) & (np.abs(a) > tiny) & (np.abs(b) > tiny)]
        drop = np.zeros(len(x), dtype=bool)
        if not len(across):
            return drop
        a, b = np.abs(height[across[:, 0]]), np.abs(height[across[:, 1]])
        where = (b[:, None] * x[across[:, 0]] + a[:, None] * x[across[:, 1]]) / (a + b)[:, None]
        hit = shapely.contains(region, shapely.points(plane.to_plane(where)))
        across, a, b = across[hit], a[hit], b[hit]
        rank = self.cloud.rank
        first = (rank[across[:, 0]] < rank[across[:, 1]]) | ((rank[across[:, 0]] == rank[across[:, 1]]) & (a <= b))
        loser = np.where(first, across[:, 0], across[:, 1])
        drop[loser[rank[loser] < LINE]] = True
        if (rank[loser] == LINE).any():
            stuck = np.unique(loser[rank[loser] == LINE])
            drop[stuck[~self._on_line(stuck)]] = True
        return drop

    def _on_line(self, nodes: Index) -> Mask:
        """Which points belong to an edge of the body, a front or a mouth (not to a ring)."""
        patches = (self.cloud.patch[nodes] >= 0).sum(axis=1)
        return np.asarray(self.cloud.crack[nodes] | (patches >= 2))

    def _exposed(self, cells: Index) -> Mask:
        """Points of the volume that ended up on the surface of the cells."""
        faces, _, count = faces_of(cells)
        outer = faces[count == 1]
        drop = np.zeros(len(self.cloud.x), dtype=bool)
        off = (self.cloud.patch[:, 0] < 0) & ~self.cloud.crack
        bad = outer[off[outer].any(axis=1)]
        nodes = np.unique(bad)
        drop[nodes[off[nodes]]] = True
        return drop

    def _encroaching(self, cells: Index) -> Mask:
        """Points inside the smallest sphere round a side of a front or of an edge that is missing."""
        drop = np.zeros(len(self.cloud.x), dtype=bool)
        have = edges_of(cells)
        key = set((have[:, 0] * len(self.cloud.x) + have[:, 1]).tolist())
        missing = []
        for front, line in zip(self.cloud.front, self.plan.crack.fronts):
            pairs = np.stack([front, np.roll(front, -1)], axis=1)
            pairs = np.sort(pairs if line.closed else pairs[:-1], axis=1)
            missing += [p for p in pairs.tolist() if p[0] * len(self.cloud.x) + p[1] not in key]
        if missing:
            ends = self.cloud.x[np.array(missing)]
            middle, radius = ends.mean(axis=1), 0.5 * np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)
            for group in cKDTree(self.cloud.x).query_ball_point(middle, radius * (1 - 1e-9)):
                nodes = np.array(group, dtype=int)
                drop[nodes[self.cloud.rank[nodes] < LINE]] = True
        return drop

    def checks(self, cells: Index) -> tuple[float, float]:
        """Relative errors of volume and of the crack's area."""
        body = float(volume(self.cloud.x, cells).sum()) / self.plan.solid.volume - 1.0
        faces, owner, _ = faces_of(cells)
        on = self.crack_faces(faces)
        above = self.plan.crack.plane.height(self.cloud.x[cells[owner[on]]].mean(axis=1)) > 0
        corner = self.cloud.x[faces[on][above]]
        cross = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
        area = 0.5 * float(np.linalg.norm(cross, axis=1).sum())
        return body, area / float(self.plan.crack.region.area) - 1.0

    def crack_faces(self, faces: Index) -> Mask:
        """Faces whose corners lie on the crack and whose middle does."""
        on: Mask = np.array(self.cloud.crack[faces].all(axis=1), dtype=bool)
        middle = self.plan.crack.plane.to_plane(self.cloud.x[faces[on]].mean(axis=1))
        inside = shapely.contains(self.plan.crack.region, shapely.points(middle))
        on[np.flatnonzero(on)[~inside]] = False
        return on
