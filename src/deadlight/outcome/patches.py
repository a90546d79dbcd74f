"""Flat (or nearly flat) patches of a piece's faces on which it can be pushed, and what stops still cover of them."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from deadlight.outcome.faces import Faces

Array = np.ndarray[Any, np.dtype[np.float64]]

_TURN = 0.12  # normals of a curved face within this (about 7 degrees) are one contact's
_BLUNT = 5e-4  # of a patch's size: corners of its hull that stand out less are left out, which gives away as much
_LEVEL = 1e-7  # of a piece's size: patches thinner than this have no hull of their own
_GRID = 1e-9  # [m]


@dataclass(frozen=True, eq=False)
class Patch:
    """Triangles of one direction (and, where they lie along the pane, of one height).

    Attributes
    ----------
    corners : (t, 3, 3) float [m]
    normal : (3,) float
        Out of the piece.
    faces : Faces
        All faces of the piece it belongs to.
    span : float [m]
        Size of the face it is a part of.
    """

    corners: Array
    normal: Array
    faces: Faces
    span: float

    @functools.cached_property
    def level(self) -> bool:
        """Whether all of it lies along the pane: only such stops are slid along."""
        x = self.corners
        return bool(_level(np.cross(x[:, 1] - x[:, 0], x[:, 2] - x[:, 0])).all())

    @functools.cached_property
    def origin(self) -> Array:
        return np.asarray(self.corners.reshape(-1, 3).mean(axis=0))

    @functools.cached_property
    def axes(self) -> Array:
        """Two unit vectors along it. (2, 3)."""
        n = self.normal
        first = np.eye(3)[int(np.argmin(np.abs(n)))]
        e1 = first - (first @ n) * n
        e1 /= np.linalg.norm(e1)
        return np.array([e1, np.cross(n, e1)])

    @functools.cached_property
    def flat(self) -> Array:
        """Corners in its own plane. (t, 3, 2)."""
        return np.asarray((self.corners - self.origin) @ self.axes.T)

    @functools.cached_property
    def shape(self) -> Any:
        """Its area in its own plane."""
        return shapely.union_all(shapely.polygons(self.flat), grid_size=_GRID)

    @functools.cached_property
    def plane(self) -> Any:
        """All of the skin of the piece that lies in its plane, and itself, in its axes."""
        vector, x = self.faces.vector, self.faces.corners
        size = np.linalg.norm(vector, axis=1)
        mine = (vector @ self.normal > (1 - 1e-6) * size) & (self.faces.region >= 0)
        mine &= (np.abs((x - self.origin) @ self.normal) < 1e-6 * np.sqrt(size.sum())).all(axis=1)
        others = shapely.polygons((x[mine] - self.origin) @ self.axes.T)
        return shapely.union_all([self.shape, *others], grid_size=_GRID)

    @functools.cached_property
    def hull(self) -> Array:
        """Corners of its convex hull. (k, 3) [m]."""
        height = float(((self.corners.reshape(-1, 3) - self.origin) @ self.normal).max())
        return self._corners(shapely.MultiPoint(self.flat.reshape(-1, 2)), height)

    def covered(self, moved: Array, centroid: Array) -> Array:
        """Corners of the hull of what its stop still covers after the piece has moved. (k, 3) [m], none if nothing.

        Parameters
        ----------
        moved : (6,) float
            Small displacement [m] and rotation about the centroid [rad].
        """
        if not self.level or not moved.any():
            return self.hull
        shift = self.axes @ (moved[:3] + np.cross(moved[3:], self.origin - centroid))
        turn = np.cross(moved[3:], self.axes) @ self.axes.T  # of each axis, along both
        there = shapely.transform(self.plane, lambda uv: uv + shift + uv @ turn)
        left = shapely.intersection(self.shape, there)
        return self._corners(left, 0.0) if left.area > (_LEVEL * self.span) ** 2 else np.zeros((0, 3))

    def _corners(self, shape: Any, height: float) -> Array:
        blunt = _BLUNT * float(np.ptp(self.flat.reshape(-1, 2), axis=0).max())
        ring = shapely.get_coordinates(shapely.simplify(shapely.convex_hull(shape), blunt))
        ring = ring[:-1] if len(ring) > 2 else ring
        return np.asarray(self.origin + ring @ self.axes + height * self.normal)


def _level(vector: Array) -> Any:
    """Which normals (t, 3), of any length, are upright, to 5e-5 rad."""
    return np.abs(vector[:, 2]) > (1 - 1e-9) * np.linalg.norm(vector, axis=1)


def patches_of(faces: Faces, which: Any) -> tuple[Patch, ...]:
    """Patches of some faces (a mask) of a piece.

    Any pressure on a flat patch is equal to pushes at the corners of its hull, so nothing is lost by them.
    """
    corners = faces.corners[which]
    if not len(corners):
        return ()
    vector = faces.vector[which]
    size = np.linalg.norm(vector, axis=1)
    n = vector / np.maximum(size, 1e-300)[:, None]
    height = np.einsum("fkd,fd->f", corners, n) / 3.0
    span = float(np.linalg.norm(np.ptp(corners.reshape(-1, 3), axis=0)))
    flat = _level(vector)  # parts of a pane's face: they are slid along, so nothing else joins them
    step = np.where(flat, np.round(height / (1e-6 * span)), 0.0)
    key = np.column_stack([np.round(n / _TURN), flat, step]).astype(np.int64)
    _, group = np.unique(key, axis=0, return_inverse=True)
    found = []
    for g in range(int(group.max()) + 1):  # some tens of directions
        mine = group.ravel() == g
        total = vector[mine].sum(axis=0)
        area = float(np.linalg.norm(total))
        if area >= 1e-9 * span**2:
            found.append(Patch(corners[mine], total / area, faces, span))
    return tuple(p for p in found if len(p.hull))
