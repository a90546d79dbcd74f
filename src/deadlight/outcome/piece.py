"""One piece of a cut pane: its mass, its faces, what it touches, and which ways it could be drawn out."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import nnls

from deadlight.outcome.faces import Faces
from deadlight.outcome.patches import Patch, patches_of

Array = np.ndarray[Any, np.dtype[np.float64]]

_ALIKE = 1e-6  # normals that differ by less are one
EDGES = 200  # normals up to which the edges of the cone of free directions are worked out


@dataclass(frozen=True, eq=False)
class Ligament:
    """What still holds a piece that is nearly cut off: one neck of glass, or several side by side.

    Attributes
    ----------
    width : float [m]
        Of the neck where it is narrowest, between two cracks or from a crack to the skin; of several the widest one's:
        all of them must break.
    area : float [m2]
        Of glass to be broken, of all necks, from a grid.
    place : (3,) float [m]
        Where that neck is narrowest.
    volume : float [m3]
        Of the part that would come free.
    centre : (3,) float [m]
        Its middle.
    piece : int
        Piece it belongs to now.
    """

    width: float
    area: float
    place: Array
    volume: float
    centre: Array
    piece: int


@dataclass(frozen=True, eq=False)
class Freedom:
    """Directions in which a piece can be drawn out between its neighbours without pushing them.

    Attributes
    ----------
    free : bool
        Whether there is any.
    best : (3,) float
        Unit direction that gains most distance from all cut faces; zeros when there is none.
    slack : float
        Least rate at which a cut face opens along `best`: 0 = slides along one, 1 = straight away from all.
    rays : (k, 3) float
        Edges of the cone of free directions; empty when all directions are free or none is, and beyond 200 normals
        (unless both ways along a shaft are all that is free).
    """

    free: bool
    best: Array
    slack: float
    rays: Array


@dataclass(frozen=True, eq=False)
class Piece:
    """A piece of a pane.

    Attributes
    ----------
    number : int
        0 is the largest.
    volume : float [m3]
    mass : float [kg]
    centroid : (3,) float [m]
    inertia : (3, 3) float [kg m2]
        About the centroid.
    faces : Faces
        Its closed surface of plain triangles; cracks that end inside it are there with both sides.
    regions : tuple of str
        Names that `faces.region` counts.
    volume_error : float
        Volume inside its faces over `volume`, less one: the two are worked out independently.
    ligaments : tuple of Ligament
        What still holds parts of it that are nearly cut off, narrowest first.
    """

    number: int
    volume: float
    mass: float
    centroid: Array
    inertia: Array
    faces: Faces
    regions: tuple[str, ...]
    volume_error: float
    ligaments: tuple[Ligament, ...] = field(default=())

    @functools.cached_property
    def touched(self) -> dict[str, float]:
        """Area [m2] of each named region of the skin on this piece."""
        size = np.linalg.norm(self.faces.vector, axis=1)
        found = np.bincount(self.faces.region + 1, size, len(self.regions) + 1)[1:]
        return {name: float(a) for name, a in zip(self.regions, found) if a > 0.0}

    def held_by(self, supports: Sequence[str] = ("lip", "seat_outer", "seat_inner")) -> tuple[str, ...]:
        """Those of some named regions that the piece has a part of."""
        return tuple(name for name in supports if self.touched.get(name, 0.0) > 0.0)

    @functools.cached_property
    def neighbours(self) -> dict[int, float]:
        """Area [m2] of the cut faces against each neighbouring piece."""
        m = (self.faces.other >= 0) & (self.faces.other != self.number)
        size = np.linalg.norm(self.faces.vector[m], axis=1)
        return {int(k): float(size[self.faces.other[m] == k].sum()) for k in np.unique(self.faces.other[m])}

    @functools.cached_property
    def _patches(self) -> dict[Any, tuple[Patch, ...]]:
        return {}  # found when they are asked for

    def patches(self, *, regions: tuple[int, ...] | None = None, other: int = -1) -> tuple[Patch, ...]:
        """Flat patches of some regions of the skin, or of the cut faces against another piece; kept once found."""
        key = (regions, other)
        if key not in self._patches:
            which = self.faces.other == other if regions is None else np.isin(self.faces.region, regions)
            self._patches[key] = patches_of(self.faces, which)
        return self._patches[key]

    def freedom(self, against: Sequence[int] | None = None) -> Freedom:
        """Ways out between the neighbours.

        Parameters
        ----------
        against : sequence of int, optional
            Neighbours that are there; default all.
        """
        m = (self.faces.other >= 0) & (self.faces.other != self.number)
        if against is not None:
            m &= np.isin(self.faces.other, list(against))
        v = self.faces.vector[m]
        size = np.linalg.norm(v, axis=1)
        big = size > 1e-9 * max(float(size.sum()), 1e-300)
        return free_directions(v[big] / size[big, None])


def free_directions(normals: Array) -> Freedom:
    """Directions d with d.n <= 0 for all n: normals (m, 3) point out of the piece into its neighbours.

    The best direction makes max t with d.n <= -t, |d| <= 1; where t is 0, the same among the directions that slide
    along the faces that forbid more.  The edges of the cone are those cross products of two normals that no third one
    forbids.
    """
    n = _distinct(np.asarray(normals, dtype=float).reshape(-1, 3))
    if not len(n):
        return Freedom(True, np.array([0.0, 0.0, 1.0]), 1.0, np.zeros((0, 3)))
    rays = _rays(n) if len(n) <= EDGES else np.zeros((0, 3))
    space = np.eye(3)
    while space.shape[1]:
        across = n @ space
        pushed = across[np.linalg.norm(across, axis=1) > _ALIKE]
        way, stuck = _away(pushed)
        if way is not None:
            d = space @ way
            if not len(pushed) and space.shape[1] == 1 and not len(rays):
                rays = np.array([d, -d])
            return Freedom(True, d, max(float(-(n @ d).max()), 0.0) if space.shape[1] == 3 else 0.0, rays)
        kept = np.linalg.matrix_rank(stuck, tol=_ALIKE)
        space = space @ np.linalg.svd(stuck)[2][kept:].T
    return Freedom(False, np.zeros(3), 0.0, rays)


def _away(normals: Array) -> tuple[Array | None, Array]:
    """Unit direction straightest away from all normals (m, k), None where there is none; then those that are to blame.

    Least distance programming (Lawson & Hanson 1974, Solving Least Squares Problems, ch. 23): the shortest x with
    -n.x >= 1 is the residual of a problem with multipliers >= 0; with no residual they add the normals up to 0.
    """
    if not len(normals):
        return np.eye(normals.shape[1])[0], normals
    multiplier, _ = nnls(np.vstack([-normals.T, np.ones(len(normals))]), np.append(np.zeros(normals.shape[1]), 1.0))
    x = normals.T @ multiplier
    if (size := float(np.linalg.norm(x))) > _ALIKE and float((normals @ x).min()) > 0.0:
        return -x / size, normals[:0]
    return None, normals[multiplier > _ALIKE]


def _rays(n: Array) -> Array:
    pairs = np.concatenate([np.cross(n[i], n) for i in range(len(n))])
    size = np.linalg.norm(pairs, axis=1)
    rays = pairs[size > _ALIKE] / size[size > _ALIKE, None]
    rays = np.concatenate([rays, -rays])
    return _distinct(rays[(rays @ n.T <= 1e-9).all(axis=1)])


def _distinct(n: Array) -> Array:
    if not len(n):
        return n
    _, first = np.unique(np.round(n / _ALIKE).astype(np.int64), axis=0, return_index=True)
    return np.asarray(n[np.sort(first)])
