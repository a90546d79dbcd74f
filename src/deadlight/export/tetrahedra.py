"""Delaunay tetrahedra of a point set: shape, smoothing, faces."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.spatial import Delaunay

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

FACES = np.array([(0, 2, 1), (0, 1, 3), (1, 2, 3), (2, 0, 3)])
EDGES = np.array([(0, 1), (1, 2), (2, 0), (0, 3), (1, 3), (2, 3)])


def delaunay(points: Array) -> Index:
    """Cells (m, 4), positively oriented; flat ones of coplanar points included.

    The points are disturbed by 1e-8 of the body while they are joined: on flat faces and round edges many lie on one
    sphere, where the library takes ten times as long.
    """
    centre = points.mean(axis=0)
    scale = float(np.ptp(points, axis=0).max())
    noise = np.random.default_rng(0).uniform(-1e-8, 1e-8, points.shape)
    cells = Delaunay((points - centre) / scale + noise, qhull_options="Qbb Qc Qz Q12").simplices.astype(np.int64)
    swap = volume(points, cells) < 0.0
    cells[swap] = cells[swap][:, [0, 2, 1, 3]]
    return cells


def volume(points: Array, cells: Index) -> Array:
    """(m,) [m3]."""
    a, b, c, d = (points[cells[:, i]] for i in range(4))
    return np.asarray(np.einsum("ij,ij->i", np.cross(b - a, c - a), d - a) / 6.0)


def shape(points: Array, cells: Index) -> Array:
    """12 (3 V)^(2/3) over the sum of squared sides: 1 for a regular cell, 0 for a flat one (Liu & Joe 1994)."""
    sides = points[cells[:, EDGES[:, 0]]] - points[cells[:, EDGES[:, 1]]]
    v = np.maximum(volume(points, cells), 0.0)
    return np.asarray(12.0 * (3.0 * v) ** (2.0 / 3.0) / np.maximum((sides**2).sum(axis=(1, 2)), 1e-300))


def dihedral(points: Array, cells: Index) -> Array:
    """Smallest angle between two faces of every cell [degree]. (m,)."""
    corner = points[cells]
    normal = np.stack(
        [_unit(np.cross(corner[:, f[1]] - corner[:, f[0]], corner[:, f[2]] - corner[:, f[0]])) for f in FACES], 1
    )
    cosine = -np.einsum("mik,mjk->mij", normal, normal)
    pair = np.array([(i, j) for i in range(4) for j in range(i)])
    return np.asarray(np.degrees(np.arccos(np.clip(cosine[:, pair[:, 0], pair[:, 1]].max(axis=1), -1.0, 1.0))))


def circumcentre(points: Array, cells: Index) -> Array:
    """(m, 3) [m]."""
    a = points[cells[:, 0]]
    edge = points[cells[:, 1:]] - a[:, None]
    det = np.einsum("ij,ij->i", edge[:, 0], np.cross(edge[:, 1], edge[:, 2]))
    square = (edge**2).sum(axis=2)
    top = square[:, 0, None] * np.cross(edge[:, 1], edge[:, 2])
    top += square[:, 1, None] * np.cross(edge[:, 2], edge[:, 0]) + square[:, 2, None] * np.cross(edge[:, 0], edge[:, 1])
    return np.asarray(a + top / (2.0 * np.where(np.abs(det) > 0.0, det, 1e-300))[:, None])


def smoothed(points: Array, cells: Index, free: Mask, size: Array) -> Array:
    """One step towards an optimal Delaunay mesh: every free point to the mean circumcentre of its cells.

    Weighted by volume (Chen & Xu 2004, J. Comput. Math. 22:299), and by the wanted density so that a graded mesh stays
    graded; a step is at most a quarter of the size there.
    """
    v = np.maximum(volume(points, cells), 0.0) / np.maximum(size[cells].mean(axis=1), 1e-300) ** 3
    centre = circumcentre(points, cells)
    middle = points[cells].mean(axis=1)
    reach = size[cells].mean(axis=1)
    off = centre - middle
    length = np.linalg.norm(off, axis=1)
    centre = middle + off * np.minimum(1.0, reach / np.maximum(length, 1e-300))[:, None]
    total, weight = np.zeros_like(points), np.zeros(len(points))
    np.add.at(total, cells.ravel(), np.repeat(v[:, None] * centre, 4, axis=0))
    np.add.at(weight, cells.ravel(), np.repeat(v, 4))
    move = np.where((free & (weight > 0))[:, None], total / np.maximum(weight, 1e-300)[:, None] - points, 0.0)
    length = np.linalg.norm(move, axis=1)
    return points + move * np.minimum(1.0, 0.25 * size / np.maximum(length, 1e-300))[:, None]


def faces_of(cells: Index) -> tuple[Index, Index, Index]:
    """All faces (4 m, 3) outward, their cells (4 m,), and the number of cells that share each (4 m,)."""
    faces = cells[:, FACES].reshape(-1, 3)
    owner = np.repeat(np.arange(len(cells)), 4)
    _, same, count = np.unique(np.sort(faces, axis=1), axis=0, return_inverse=True, return_counts=True)
    return faces, owner, count[same.reshape(-1)]


def edges_of(cells: Index) -> Index:
    """Unique edges (k, 2), smaller node first."""
    return np.unique(np.sort(cells[:, EDGES].reshape(-1, 2), axis=1), axis=0)


def without_slivers(
    points: Array, keep: Callable[[Array], Index], project: Callable[[Array], Array], reach: Array,
    rng: np.random.Generator, *, worst: float = 0.1, rounds: int = 10,
) -> Array:  # fmt: skip
    """Points moved a little at random wherever a cell is flat, each move kept if the cells round it got better.

    Random perturbation of Delaunay meshes (Li & Teng 2001, SODA); `keep(points)` gives the cells that count,
    `project(points)` puts points back onto what they lie on, `reach` (n,) [m] is how far a point may go in a round.
    """
    cells = keep(points)
    for _ in range(rounds):
        quality = shape(points, cells)
        bad = quality < worst
        moving = np.zeros(len(points), dtype=bool)
        moving[cells[bad].ravel()] = True
        moving &= reach > 0.0
        if not moving.any():
            break
        before = _worst_round(cells, quality, len(points))
        trial = points.copy()
        trial[moving] += reach[moving, None] * rng.uniform(-1.0, 1.0, (int(moving.sum()), 3))
        trial = project(trial)
        new_cells = keep(trial)
        after = _worst_round(new_cells, shape(trial, new_cells), len(points))
        back = moving & (after < before)
        trial[back] = points[back]
        new_cells = keep(trial)
        if np.sort(shape(trial, new_cells))[:40].sum() >= np.sort(quality)[:40].sum():
            points, cells = trial, new_cells
    return points


def _worst_round(cells: Index, quality: Array, count: int) -> Array:
    worst = np.ones(count)
    np.minimum.at(worst, cells.ravel(), np.repeat(quality, 4))
    return worst


def _unit(v: Array) -> Array:
    return np.asarray(v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-300))
