"""Points as far apart as a size field asks, random at first, then pushed into place by their neighbours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]
Size = Callable[[Array], Array]


def apart(candidates: Array, size: Array, fixed: Array, *, ratio: float, rng: np.random.Generator) -> Index:
    """Candidates that stay: none nearer than ratio * size to a fixed point or to another that stays.

    Small sizes first; within a class of sizes a maximal independent set by random priorities (Luby 1986, SIAM J.
    Comput. 15:1036).
    """
    left = np.arange(len(candidates))
    if len(fixed):
        distance, _ = cKDTree(fixed).query(candidates)
        left = left[distance >= ratio * size]
    taken: list[Index] = []
    level = np.floor(np.log2(np.maximum(size, 1e-300))).astype(int)
    for each in np.unique(level[left]):
        group = left[level[left] == each]
        if taken:
            distance, _ = cKDTree(candidates[np.concatenate(taken)]).query(candidates[group])
            group = group[distance >= ratio * size[group]]
        if len(group):
            taken.append(group[_independent(candidates[group], ratio * size[group], rng)])
    return np.concatenate(taken) if taken else np.zeros(0, dtype=np.int64)


def _independent(x: Array, radius: Array, rng: np.random.Generator) -> Index:
    pairs = cKDTree(x).query_pairs(float(radius.max()), output_type="ndarray")
    distance = np.linalg.norm(x[pairs[:, 0]] - x[pairs[:, 1]], axis=1)
    pairs = pairs[distance < 0.5 * (radius[pairs[:, 0]] + radius[pairs[:, 1]])]
    priority = rng.permutation(len(x))
    open_ = np.ones(len(x), dtype=bool)
    chosen = np.zeros(len(x), dtype=bool)
    while open_.any():
        first = open_.copy()
        lower = np.where(priority[pairs[:, 0]] < priority[pairs[:, 1]], pairs[:, 0], pairs[:, 1])
        first[lower] = False
        chosen |= first
        open_ &= ~first
        touched = pairs[first[pairs].any(axis=1)]
        open_[touched.ravel()] = False
        pairs = pairs[open_[pairs].all(axis=1)]
    return np.flatnonzero(chosen)


def relaxed(
    x: Array, fixed: Array, size: Size, project: Callable[[Array], Array], *, steps: int = 30, reach: float = 1.15
) -> Array:
    """Points pushed away from all nearer than reach times the size, then put back by `project`; fixed ones stay."""
    if not len(x):
        return x
    x = x.copy()
    k = min(13, len(x) + len(fixed))
    fixed_size = size(fixed) if len(fixed) else np.zeros(0)
    for step in range(steps):
        h = size(x)
        everything, h_all = np.concatenate([x, fixed]), np.concatenate([h, fixed_size])
        distance, near = cKDTree(everything).query(x, k=k)
        distance, near = distance[:, 1:], near[:, 1:]
        wanted = 0.5 * reach * (h[:, None] + h_all[near])
        push = np.clip(wanted - distance, 0.0, 0.5 * wanted)
        away = (x[:, None] - everything[near]) / np.maximum(distance, 1e-300)[:, :, None]
        move = (0.35 if step < steps // 2 else 0.2) * (push[:, :, None] * away).sum(axis=1)
        length = np.linalg.norm(move, axis=1)
        move *= np.minimum(1.0, 0.3 * h / np.maximum(length, 1e-300))[:, None]
        x = project(x + move)
    return x


def in_triangles(corners: Array, size: Size, rng: np.random.Generator, *, density: float = 6.0) -> tuple[Array, Index]:
    """Random points in triangles (m, 3, 3), `density` in the square of the size, and the triangle of each."""
    area = 0.5 * np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    mean = density * area / size(corners.mean(axis=1)) ** 2
    owner = np.repeat(np.arange(len(corners)), rng.poisson(mean))
    u, v = rng.random(len(owner)), rng.random(len(owner))
    over = u + v > 1.0
    u[over], v[over] = 1.0 - u[over], 1.0 - v[over]
    a, b, c = corners[owner, 0], corners[owner, 1], corners[owner, 2]
    return a + u[:, None] * (b - a) + v[:, None] * (c - a), owner


def in_box(
    low: Array,
    high: Array,
    size: Size,
    rng: np.random.Generator,
    *,
    density: float = 5.0,
    near: Callable[[Array, Array], Mask] | None = None,
) -> Array:
    """Random points in a box of 2 or 3 dimensions, `density` in the square or cube of the size.

    The box is halved along its longest side until no part is larger than 1.5 times the size at its middle;
    `near(centres, half diagonals)` may drop parts that hold nothing of interest.
    """
    dim = len(low)
    lows, highs = np.asarray(low, float)[None], np.asarray(high, float)[None]
    done: list[tuple[Array, Array]] = []
    while len(lows):
        middle, side = 0.5 * (lows + highs), highs - lows
        if near is not None:
            keep = near(middle, 0.5 * np.linalg.norm(side, axis=1))
            lows, highs, middle, side = lows[keep], highs[keep], middle[keep], side[keep]
        large = side.max(axis=1) > 1.5 * size(middle)
        done.append((lows[~large], highs[~large]))
        lows, highs, middle, side = lows[large], highs[large], middle[large], side[large]
        axis = np.argmax(side, axis=1)
        row = np.arange(len(lows))
        top, bottom = highs.copy(), lows.copy()
        top[row, axis] = middle[row, axis]
        bottom[row, axis] = middle[row, axis]
        lows, highs = np.concatenate([lows, bottom]), np.concatenate([top, highs])
    lows, highs = (np.concatenate([d[i] for d in done]) for i in range(2))
    mean = density * np.prod(highs - lows, axis=1) / size(0.5 * (lows + highs)) ** dim
    owner = np.repeat(np.arange(len(lows)), rng.poisson(mean))
    return lows[owner] + rng.random((len(owner), dim)) * (highs - lows)[owner]
