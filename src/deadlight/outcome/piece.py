"""One piece of a cut pane: its mass, its faces, what it touches, and which ways it could be drawn out."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import linprog

from deadlight.outcome.faces import Faces
from deadlight.outcome.patches import Patch, patches_of

Array = np.ndarray[Any, np.dtype[np.float64]]

_ALIKE = 1e-6  # normals that differ by less are one


@dataclass(frozen=True, eq=False)
class Ligament:
    """What still holds a piece that is nearly cut off.

    Attributes
    ----------
    width : float [m]
        Smallest distance to be broken: between two cracks, or from a crack to the skin.
    area : float [m2]
        Of glass to be broken, from a grid.
    place : (3,) float [m]
        Where it is narrowest.
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
        Edges of the cone of free directions; empty when all directions are free or none is.
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

    The best direction makes max t with d.n <= -t, |d| <= 1 (linear programme with a box round the sphere, then scaled);
    the edges of the cone are those cross products of two normals that no third one forbids.
    """
    n = _distinct(np.asarray(normals, dtype=float).reshape(-1, 3))
    if not len(n):
        return Freedom(True, np.array([0.0, 0.0, 1.0]), 1.0, np.zeros((0, 3)))
    pairs = np.concatenate([np.cross(n[i], n) for i in range(len(n))]) if len(n) <= 200 else np.zeros((0, 3))
    size = np.linalg.norm(pairs, axis=1)
    rays = pairs[size > 1e-6] / size[size > 1e-6, None]
    rays = np.concatenate([rays, -rays])
    rays = rays[(rays @ n.T <= 1e-9).all(axis=1)]
    rays = _distinct(rays)
    best = linprog(
        [0.0, 0.0, 0.0, -1.0], A_ub=np.column_stack([n, np.ones(len(n))]), b_ub=np.zeros(len(n)),
        bounds=[(-1, 1)] * 3 + [(0, None)], method="highs",
    ).x  # fmt: skip
    d = np.asarray(best[:3])
    if best[3] > 1e-9:
        d = d / np.linalg.norm(d)
        return Freedom(True, d, float(-(n @ d).max()), rays)
    if len(rays):  # a cone without inside: the piece can only slide
        d = rays.sum(axis=0)
        d = d if np.linalg.norm(d) > 1e-6 else rays[0]
        return Freedom(True, d / np.linalg.norm(d), 0.0, rays)
    if np.linalg.matrix_rank(n, tol=1e-6) < 3:
        d = np.linalg.svd(n)[2][-1]
        return Freedom(True, d, 0.0, np.array([d, -d]))
    return Freedom(False, np.zeros(3), 0.0, rays)


def _distinct(n: Array) -> Array:
    if not len(n):
        return n
    _, first = np.unique(np.round(n / _ALIKE).astype(np.int64), axis=0, return_index=True)
    return np.asarray(n[np.sort(first)])
