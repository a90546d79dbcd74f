"""How large cells may be where: small at the front and at narrow places, growing linearly with the distance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, eq=False)
class SizeField:
    """Smallest of `coarse` and size + growth * distance over all sources.

    Attributes
    ----------
    trees : tuple of cKDTree
        One a class of equal size.
    sizes : tuple of float [m]
    growth : float
        Growth of the size per distance.
    coarse : float [m]
    """

    trees: tuple[cKDTree, ...]
    sizes: tuple[float, ...]
    growth: float
    coarse: float

    @classmethod
    def build(cls, sources: Sequence[tuple[Array, Array]], *, growth: float, coarse: float) -> SizeField:
        """sources: points (p, 3) [m] and sizes (p,) [m]; sizes are rounded down to steps of 15 %."""
        points = np.concatenate([p for p, _ in sources])
        size = np.concatenate([np.broadcast_to(s, len(p)) for p, s in sources])
        level = np.floor(np.log(size / coarse) / np.log(1.15)).astype(int)
        keep = level < 0
        trees, sizes = [], []
        for each in np.unique(level[keep]):
            trees.append(cKDTree(points[keep & (level == each)]))
            sizes.append(float(size[keep & (level == each)].min()))
        return cls(tuple(trees), tuple(sizes), growth, coarse)

    def __call__(self, x: Array) -> Array:
        """(p, 3) [m] -> (p,) [m]."""
        out = np.full(len(x), self.coarse)
        for tree, size in zip(self.trees, self.sizes):
            reach = max((self.coarse - size) / self.growth, 1e-300)
            distance, _ = tree.query(x, distance_upper_bound=reach)
            near = np.isfinite(distance)
            out[near] = np.minimum(out[near], size + self.growth * distance[near])
        return out


def along(line: Array, size: SizeField, *, least: int = 1, rng: np.random.Generator | None = None) -> Array:
    """Points (k, 3) on a polyline (m, 3), ends kept, as far apart as the size there.

    With `rng` the inner ones stand up to 8 % of a step off, so that those of parallel lines form no rectangles.
    """
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    fine = np.linspace(0.0, length[-1], max(200, 4 * len(line)))
    x = at(line, length, fine)
    rate = 1.0 / size(x)
    share = np.concatenate([[0.0], np.cumsum(0.5 * (rate[1:] + rate[:-1]) * np.diff(fine))])
    count = max(least, int(np.ceil(share[-1] - 0.25)))
    wanted = np.linspace(0.0, share[-1], count + 1)
    if rng is not None:
        wanted[1:-1] += 0.08 * share[-1] / count * rng.uniform(-1.0, 1.0, count - 1)
    return at(line, length, np.interp(wanted, share, fine))


def at(line: Array, length: Array, s: Array) -> Array:
    """Points of a polyline at arc lengths s, its own given arc length at its corners."""
    return np.stack([np.interp(s, length, line[:, i]) for i in range(line.shape[1])], axis=1)
