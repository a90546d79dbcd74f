"""Random cut panes, and a brute-force flood fill of them that shares no code with the program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
import shapely.affinity
from scipy import ndimage
from scipy.spatial import cKDTree

from deadlight.outcome.skin import Skin, plate

ACROSS = 12  # cells through the thickness
GAP = 1.0  # cells within this many of a crack are taken away to see whether a ligament or a gap is too thin
ENOUGH = 80_000  # cells of a piece whose volume is counted; smaller pieces are filled again on a finer grid

MORE = 6  # cells round a piece on its finer grid

Surface = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Pattern:
    outline: Any
    thickness: float
    skin: Skin
    cracks: list[Surface]


def wall(line: np.ndarray, low: float, high: float, lean: np.ndarray) -> Surface:
    """A wall over a line from low to high; `lean` (k, 2) or (2,) is how far it goes sideways a unit of height."""
    n = len(line)
    points = np.concatenate([np.column_stack([line + lean * z, np.full(n, z)]) for z in (low, high)])
    tri = [t for i in range(n - 1) for t in ([i, i + 1, n + i + 1], [i, n + i + 1, n + i])]
    return points, np.array(tri)


def ring(centre: np.ndarray, radius: float, n: int = 16) -> np.ndarray:
    a = 2 * np.pi * np.arange(n) / n + 0.1
    return centre + radius * np.column_stack([np.cos(a), np.sin(a)])


def pattern(seed: int) -> Pattern:
    """A pane with one to four cracks: lines, bent lines, rings, cups and cones, through or part of the way."""
    rng = np.random.default_rng(seed)
    t = 0.012
    h = t / ACROSS
    r = t * rng.uniform(3.0, 5.0)
    if rng.random() < 0.5:
        outline = shapely.Point(0, 0).buffer(r, quad_segs=24)
    else:
        outline = shapely.box(-r, -0.8 * r, r, 0.8 * r).buffer(-0.3 * r).buffer(0.3 * r, quad_segs=8)
        outline = shapely.affinity.rotate(outline, rng.uniform(5.0, 40.0))  # sides along the grid would be miscounted
    cracks = [_crack(rng, r, t, h) for _ in range(rng.integers(1, 5))]
    return Pattern(outline, t, plate(outline, t), cracks)


def _crack(rng: np.random.Generator, r: float, t: float, h: float) -> Surface:
    kind = rng.choice(["line", "line", "bent", "ring", "cup", "cone"])
    lean = rng.normal(0.0, 0.15, 2) * (rng.random() < 0.6)
    if kind in ("line", "bent"):
        a, b = rng.uniform(0, 2 * np.pi, 2)
        far = [2.0 if rng.random() < 0.7 else rng.uniform(0.1, 1.0) for _ in range(2)]
        middle = rng.normal(0.0, 0.25 * r, (1 if kind == "line" else int(rng.integers(1, 3)), 2))
        first = middle[:1] + far[0] * r * np.array([[np.cos(a), np.sin(a)]])
        last = middle[-1:] + far[1] * r * np.array([[np.cos(b), np.sin(b)]])
        if kind == "line":
            last = middle - far[1] * r * np.array([[np.cos(a), np.sin(a)]])
            middle = middle[:0]
        low, high = -0.2 * t, 1.2 * t
        if rng.random() < 0.2:
            low, high = (low, rng.uniform(0.3, 0.8) * t) if rng.random() < 0.5 else (rng.uniform(0.2, 0.7) * t, high)
        return wall(np.concatenate([first, middle, last]), low, high, lean)
    centre = rng.normal(0.0, 0.3 * r, 2)
    if kind == "ring":
        around = ring(centre, rng.uniform(0.25, 0.6) * r)
        around = np.concatenate([around, around[:1]])
        if rng.random() < 0.3:
            around = around[: int(rng.integers(8, 16))]
        slope = rng.uniform(-0.3, 0.3)
        return wall(
            around, -0.2 * t, 1.2 * t, slope * (around - centre) / np.linalg.norm(around - centre, axis=1)[:, None]
        )
    depth = h * rng.integers(4, 9)
    size = rng.uniform(0.15, 0.4) * r
    rim = ring(centre, size)
    n = len(rim)
    if kind == "cone":
        size *= (depth + 0.2 * t) / depth
        points = np.concatenate([
            np.column_stack([ring(centre, size), np.full(n, 1.2 * t)]), [[*centre, t - depth]]
        ])  # fmt: skip
        return points, np.array([[i, (i + 1) % n, n] for i in range(n)])
    sides = wall(np.concatenate([rim, rim[:1]]), t - depth, 1.2 * t, np.zeros(2))
    points = np.concatenate([sides[0], [[*centre, t - depth]]])
    floor = [[i, i + 1, len(points) - 1] for i in range(n)]
    return points, np.concatenate([sides[1], np.array(floor)])


@dataclass(frozen=True)
class Filled:
    """Grid of a pane: labels (0 outside), corner, cell."""

    label: np.ndarray
    low: np.ndarray
    h: float
    count: int

    def centres(self, where: np.ndarray) -> np.ndarray:
        return self.low + (where + 0.5) * self.h


def fill(p: Pattern, low: np.ndarray, shape: np.ndarray, h: float) -> tuple[Filled, np.ndarray]:
    """Flood fill of a box of cells; also the grid of twice the fineness with its walls."""
    x, y = (low[k] + (np.arange(shape[k]) + 0.5) * h for k in range(2))
    gx, gy = np.meshgrid(x, y, indexing="ij")
    inside = shapely.contains_xy(p.outline, gx.ravel(), gy.ravel()).reshape(gx.shape)
    double = np.zeros(2 * shape - 1, dtype=bool)
    double[::2, ::2, ::2] = inside[:, :, None]
    double[1::2, ::2, ::2] = (inside[1:] & inside[:-1])[:, :, None]
    double[::2, 1::2, ::2] = (inside[:, 1:] & inside[:, :-1])[:, :, None]
    double[::2, ::2, 1::2] = inside[:, :, None]
    for points, tri in p.cracks:
        for t in points[tri]:  # one triangle after the other, by Moeller and Trumbore
            _build(double, t, low, shape, h)
    label, count = ndimage.label(double)
    return Filled(label[::2, ::2, ::2], low, h, count), double


def _build(double: np.ndarray, t: np.ndarray, low: np.ndarray, shape: np.ndarray, h: float) -> None:
    first = np.floor((t.min(axis=0) - low) / h - 1.5).astype(int).clip(0)
    last = np.minimum(np.ceil((t.max(axis=0) - low) / h + 1.5).astype(int), shape)
    if (last <= first).any():
        return
    index = np.stack(np.meshgrid(*(np.arange(a, b) for a, b in zip(first, last)), indexing="ij"), -1).reshape(-1, 3)
    origin = low + (index + 0.5) * h
    e1, e2 = t[1] - t[0], t[2] - t[0]
    for k in range(3):
        d = np.eye(3)[k] * h
        q = np.cross(d, e2)
        det = float(e1 @ q)
        if abs(det) < 1e-30:
            continue
        s = origin - t[0]
        u = s @ q / det
        r = np.cross(s, e1)
        v = r @ d / det
        w = r @ e2 / det
        eps = 1e-12
        hit = (u >= -eps) & (v >= -eps) & (u + v <= 1 + eps) & (w >= 0) & (w < 1) & (index[:, k] + 1 < shape[k])
        at = 2 * index[hit] + np.eye(3, dtype=int)[k]
        double[tuple(at.T)] = False


def brute(p: Pattern) -> tuple[np.ndarray, np.ndarray] | None:
    """Volumes and middles of the pieces, largest first; None when a ligament or gap is within two cells."""
    h = p.thickness / ACROSS
    bounds = np.array(p.outline.bounds)
    low = np.array([bounds[0] - 0.37 * h, bounds[1] - 0.41 * h, 0.0])
    shape = np.append(np.ceil((bounds[2:] + 1e-9 - low[:2]) / h).astype(int) + 1, ACROSS)
    filled, double = fill(p, low, shape, h)
    where = np.argwhere(filled.label > 0)
    near, _ = cKDTree(_dust(p, h / 2), balanced_tree=False).query(filled.centres(where), distance_upper_bound=GAP * h)
    thick = np.zeros(filled.label.shape, dtype=bool)
    thick[tuple(where.T)] = np.isinf(near)
    less = np.zeros_like(double)
    less[::2, ::2, ::2] = thick
    for k in range(3):
        a, b = ([slice(None)] * 3 for _ in range(2))
        a[k], b[k] = slice(1, None), slice(None, -1)
        odd = [slice(None, None, 2)] * 3
        odd[k] = slice(1, None, 2)
        less[tuple(odd)] = thick[tuple(a)] & thick[tuple(b)] & double[tuple(odd)]
    eroded, count = ndimage.label(less)
    eroded = eroded[::2, ::2, ::2]
    pairs = np.unique(np.column_stack([filled.label[thick], eroded[thick]]), axis=0)
    if count != filled.count or len(pairs) != count or len(np.unique(pairs[:, 0])) != count:
        return None
    found = [_measured(p, filled, k) for k in range(1, filled.count + 1)]
    if abs(sum(v for v, _ in found) / (p.outline.area * p.thickness) - 1.0) > 0.01:
        return None  # the finer grids see a ligament that the first one closes
    order = np.argsort([-v for v, _ in found])
    return np.array([found[i][0] for i in order]), np.array([found[i][1] for i in order])


def _dust(p: Pattern, step: float) -> np.ndarray:
    """Points all over the cracks near the pane."""
    found = []
    r = float(np.abs(p.outline.bounds).max()) * 1.2
    for points, tri in p.cracks:
        for a, b, c in points[tri]:
            n = max(1, int(np.ceil(max(np.linalg.norm(b - a), np.linalg.norm(c - a)) / step)))
            m = max(1, int(np.ceil(np.linalg.norm(c - b) / step)))
            u, v = (g.ravel() for g in np.meshgrid(np.arange(n + 1) / n, np.arange(m + 1) / m))
            x = a + u[:, None] * ((b - a) + v[:, None] * (c - b))
            found.append(x[(np.abs(x[:, :2]) < r).all(axis=1)])
    return np.concatenate(found)


def _measured(p: Pattern, filled: Filled, number: int) -> tuple[float, np.ndarray]:
    """Volume and middle of a piece, on a grid so fine that it has cells enough."""
    where = np.argwhere(filled.label == number)
    if len(where) < ENOUGH:
        k = int(np.ceil((ENOUGH / len(where)) ** (1 / 3)))
        # thin edges of a piece reach farther than the cells that the coarse grid has of it
        first, last = where.min(axis=0) - MORE, where.max(axis=0) + 1 + MORE
        first, last = np.maximum(first, 0), np.minimum(last, filled.label.shape)
        fine, _ = fill(p, filled.low + first * filled.h, k * (last - first), filled.h / k)
        middle = k * (where - first) + k // 2
        labels = fine.label[tuple(middle.T)]
        best = np.bincount(labels[labels > 0]).argmax()
        cells = np.argwhere(fine.label == best)
        return len(cells) * fine.h**3, fine.centres(cells).mean(axis=0)
    return len(where) * filled.h**3, filled.centres(where).mean(axis=0)
