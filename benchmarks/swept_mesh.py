"""A quarter of a body with a semi-elliptical surface crack, bricks and wedges swept along the front: for benchmarks.

In every cross-section rings of 20-node bricks stand about the front, in the innermost ring 15-node wedges with their
middle nodes at a quarter of the way.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from deadlight.mesh.mesh import CellBlock, boundary_faces


@dataclass(frozen=True)
class Counts:
    """Cells along the front, round it, in the tube (with its radius over a), from there to the outside."""

    along: int
    round: int
    tube: int
    radius: float
    outside: int


@dataclass(frozen=True, eq=False)
class Model:
    points: np.ndarray
    blocks: tuple[CellBlock, ...]
    crack: list[CellBlock]
    held: list[tuple[int, int]]
    front: np.ndarray  # nodes corner, middle, corner ... from the surface to the deepest point
    rings: np.ndarray  # (2 along + 1, rings) node numbers at theta = pi: front, quarter, end of the first cell
    grid: np.ndarray  # node of (i, j, k)
    direction: np.ndarray  # (2 along + 1, 3) normal of the front in the crack's plane
    angle: np.ndarray  # parametric angle of the stations [rad]


def stations(count: int) -> np.ndarray:
    """Parametric angles, corner and middle, finer towards the surface."""
    u = np.linspace(0.0, 1.0, 2 * count + 1)
    return 0.5 * math.pi * (0.35 * u + 0.65 * u**2 * (1.5 - 0.5 * u))


def graded(length: np.ndarray, first: float, count: int) -> np.ndarray:
    """Positions (..., 2 count + 1) from 0 to length: geometric cells that begin with `first`, middles halfway."""
    length = np.asarray(length, dtype=float)
    ratio_low, ratio_high = np.full(length.shape, 0.05), np.full(length.shape, 20.0)
    power = np.arange(count)
    for _ in range(60):
        ratio = np.sqrt(ratio_low * ratio_high)
        more = first * (ratio[..., None] ** power).sum(axis=-1) > length
        ratio_high, ratio_low = np.where(more, ratio, ratio_high), np.where(more, ratio_low, ratio)
    step = ratio[..., None] ** power
    corner = np.concatenate([np.zeros((*length.shape, 1)), np.cumsum(step, axis=-1)], axis=-1)
    corner *= (length / corner[..., -1])[..., None]
    out = np.empty((*length.shape, 2 * count + 1))
    out[..., 0::2], out[..., 1::2] = corner, 0.5 * (corner[..., 1:] + corner[..., :-1])
    return out


def carry(a: float, c: float, phi: np.ndarray, p: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """In-plane points (x, depth) at distance p from the front, behind it along confocal lines, ahead towards `end`.

    phi (s,), p (s, m), end (s, 2) -> points (s, m, 2), lengths behind the front (s,).
    """
    front = np.stack([c * np.cos(phi), a * np.sin(phi)], axis=1)
    normal = np.stack([a * np.cos(phi), c * np.sin(phi)], axis=1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    if abs(c - a) < 1e-9 * a:
        lengths = np.full(len(phi), a)
        behind = front[:, None, :] * (1.0 + p / a)[:, :, None]
    else:
        focal = math.sqrt(c * c - a * a)
        xi = np.linspace(0.0, math.atanh(a / c), 4001)
        speed = focal * np.sqrt(np.sinh(xi) ** 2 + np.sin(phi)[:, None] ** 2)
        arc = np.concatenate([np.zeros((len(phi), 1)), np.cumsum(0.5 * (speed[:, 1:] + speed[:, :-1]), 1) * xi[1]], 1)
        lengths = arc[:, -1]
        at = np.stack([np.interp(row + total, s, xi) for row, total, s in zip(p, lengths, arc)])
        behind = focal * np.stack([np.cosh(at) * np.cos(phi)[:, None], np.sinh(at) * np.sin(phi)[:, None]], axis=-1)
    reach = np.linalg.norm(end - front, axis=1)
    along = (end - front) / reach[:, None]
    u = np.clip(p / reach[:, None], 0.0, 1.0)[:, :, None]
    w = u * u * (3.0 - 2.0 * u)
    ahead = front[:, None] + p[:, :, None] * ((1 - w) * normal[:, None] + w * along[:, None])
    return np.where((p < 0.0)[:, :, None], behind, ahead), lengths


def section(
    counts: Counts, a: float, left: np.ndarray, right: np.ndarray, height: float, corners: tuple[int, int]
) -> np.ndarray:
    """Cross-sections (stations, 2 round + 1, rings, 2): along the crack's plane from the front, and above it.

    Sectors up to corners[0] end ahead of the front, from corners[1] on behind it, those between on top.
    """
    n, s = counts.round, len(left)
    j = np.arange(2 * n + 1)
    j1, j2 = 2 * corners[0], 2 * corners[1]
    q = np.empty((s, 2 * n + 1, 2))
    low = j <= j1
    q[:, low, 0] = right[:, None]
    q[:, low, 1] = right[:, None] * np.sinh(j[low] / j1 * np.arcsinh(height / right)[:, None])
    top = (j > j1) & (j < j2)
    q[:, top, 0] = right[:, None] + (left + right)[:, None] * -((j[top] - j1) / (j2 - j1))
    q[:, top, 1] = height
    high = j >= j2
    q[:, high, 0] = -left[:, None]
    q[:, high, 1] = left[:, None] * np.sinh((2 * n - j[high]) / (2 * n - j2) * np.arcsinh(height / left)[:, None])
    q[:, 1::2] = 0.5 * (q[:, :-1:2] + q[:, 2::2])
    theta = math.pi * j / (2 * n)
    circle = np.stack([np.cos(theta), np.sin(theta)], axis=1)
    radius = np.minimum(counts.radius * a, 0.55 * np.minimum(left, right))
    tube = graded(radius, float(radius.min()) / counts.tube / 1.6, counts.tube)
    tube[:, 1] = 0.25 * tube[:, 2]
    inner = tube[:, None, :, None] * circle[None, :, None, :]
    start = radius[:, None, None] * circle
    distance = np.linalg.norm(q - start, axis=2)
    last = (tube[:, -1] - tube[:, -3])[:, None]
    share = graded(distance / last, 1.3, counts.outside) * last[..., None] / distance[..., None]
    outer = start[:, :, None] + share[..., None] * (q - start)[:, :, None]
    return np.concatenate([inner, outer[:, :, 1:]], axis=2)


def model(counts: Counts, *, a: float, c: float, thickness: float | None = None, far: float = 24.0) -> Model:
    """Mesh of x >= 0, y >= 0 (crack in y = 0), 0 <= z (depth) of a half-space or of a plate."""
    phi = stations(counts.along)
    phi[-1] = 0.5 * math.pi
    if thickness is None:
        end = far * max(a, c) * np.stack([np.cos(phi), np.sin(phi)], axis=1)
    else:
        # lines ahead are normals of the front up to the back face, the first few go to the side of the plate
        x = c * np.cos(phi) + (thickness - a * np.sin(phi)) * a / c / np.tan(np.maximum(phi, 1e-9))
        corner = max(2, 2 * int(np.argmax(x[::2] < far * c)))
        x[: corner + 1] = far * c
        share = np.minimum(np.arange(len(phi)) / corner, 1.0)
        end = np.stack([x, thickness * share], axis=1)
    front = np.stack([c * np.cos(phi), a * np.sin(phi)], axis=1)
    right = np.linalg.norm(end - front, axis=1)
    _, left = carry(a, c, phi, np.zeros((len(phi), 1)), end)
    height = far * max(a, c)
    n = counts.round  # sectors at whose ends the corners of the section lie
    corners = (n // 4, n // 2) if thickness is None else (3 * n // 8, 5 * n // 8)
    plane = section(counts, a, left, right, height, corners)
    s, m, r, _ = plane.shape
    flat, _ = carry(a, c, phi, plane[..., 0].reshape(s, -1), end)
    flat = flat.reshape(s, m, r, 2)
    flat[:, :, 1] = 0.75 * flat[:, :, 0] + 0.25 * flat[:, :, 2]  # at a quarter on the straight side, as the wedge needs
    x = np.stack([flat[..., 0], plane[..., 1], flat[..., 1]], axis=-1)
    outer = x[:, :, 2 * counts.tube :]  # straight cells outside the tube
    outer[1::2, :, 1:] = 0.5 * (outer[:-1:2, :, 1:] + outer[2::2, :, 1:])
    outer[:, 1::2, 1:] = 0.5 * (outer[:, :-1:2, 1:] + outer[:, 2::2, 1:])
    outer[:, :, 1::2] = 0.5 * (outer[:, :, :-1:2] + outer[:, :, 2::2])
    x[0, ..., 2], x[-1, ..., 0], x[:, 0, :, 1], x[:, -1, :, 1] = 0.0, 0.0, 0.0, 0.0
    return _numbered(x, phi, collapsed=abs(c - a) < 1e-9 * a, a=a, c=c, j2=2 * corners[1])


def _numbered(x: np.ndarray, phi: np.ndarray, *, collapsed: bool, a: float, c: float, j2: int) -> Model:
    s, m, r, _ = x.shape
    ids = np.arange(s * m * r).reshape(s, m, r)
    ids[:, :, 0] = ids[:, :1, 0]
    if collapsed:
        ids[:, j2:, -1] = ids[:1, j2:, -1]
        x[:, j2:, -1, 0] = x[:, j2:, -1, 2] = 0.0
    i, j, k = (np.arange(0, n - 2, 2) for n in (s, m, r))
    i, j, k = (g.ravel() for g in np.meshgrid(i, j, k, indexing="ij"))
    axis = collapsed & (k == r - 3) & (j >= j2)
    tip = k == 0
    whole = ~axis & ~tip
    corner = [(0, 0, 0), (0, 0, 2), (0, 2, 2), (0, 2, 0), (2, 0, 0), (2, 0, 2), (2, 2, 2), (2, 2, 0)]
    edge = [(0, 1), (1, 2), (2, 3), (3, 0), (4, 5), (5, 6), (6, 7), (7, 4), (0, 4), (1, 5), (2, 6), (3, 7)]
    at = lambda pick, steps: np.stack([ids[i[pick] + d, j[pick] + e, k[pick] + f] for d, e, f in steps], axis=1)  # noqa: E731
    hexes = at(whole, _with_middles(corner, edge))
    tri = [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3), (0, 3), (1, 4), (2, 5)]
    wedges = at(tip, _with_middles([(0, 1, 0), (0, 0, 2), (0, 2, 2), (2, 1, 0), (2, 0, 2), (2, 2, 2)], tri, tip=True))
    cells = [("hex20", hexes), ("wedge15", wedges)]
    if axis.any():
        about = [(0, 0, 2), (0, 0, 0), (2, 0, 0), (0, 2, 2), (0, 2, 0), (2, 2, 0)]
        cells.append(("wedge15", at(axis, _with_middles(about, tri))))
    used = np.unique(np.concatenate([n.ravel() for _, n in cells]))
    new = np.full(ids.size, -1)
    new[used] = np.arange(len(used))
    points = x.reshape(-1, 3)[used]
    blocks = tuple(CellBlock(kind, _upright(points, kind, new[n])) for kind, n in cells)
    ids = new[ids]
    boundary = boundary_faces(blocks)
    behind = np.zeros(len(points), dtype=bool)
    behind[ids[:, -1][ids[:, -1] >= 0]] = True
    crack = [CellBlock(b.kind, b.nodes[behind[b.nodes].all(axis=1)]) for b in boundary]
    held = [(int(n), 1) for n in np.unique(ids[:, 0][ids[:, 0] >= 0])]
    held += [(int(n), 0) for n in np.flatnonzero(np.abs(points[:, 0]) < 1e-12)]
    held += [(int(np.argmax(points[:, 1] + 1e-3 * points[:, 2])), 2)]
    direction = np.stack([a * np.cos(phi), 0 * phi, c * np.sin(phi)], axis=1)
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    return Model(points, blocks, crack, held, ids[:, 0, 0], ids[:, -1, :3], ids, direction, phi)


def _with_middles(corner, edges, tip=False):
    middles = []
    for p, q in edges:
        first, second = corner[p], corner[q]
        middle = tuple((u + v) // 2 for u, v in zip(first, second))
        if tip and 0 in (first[2], second[2]) and first[2] != second[2]:  # at a quarter, on the outer corner's ray
            outer = first if first[2] else second
            middle = (middle[0], outer[1], 1)
        elif tip and first[2] == second[2] == 0:
            middle = (1, 0, 0)
        middles.append(middle)
    return [*corner, *middles]


def _upright(points, kind, nodes):
    """Cells with positive volume: turned over where the sweep made them left-handed."""
    flip = {
        "hex20": [0, 3, 2, 1, 4, 7, 6, 5, 11, 10, 9, 8, 15, 14, 13, 12, 16, 19, 18, 17],
        "wedge15": [0, 2, 1, 3, 5, 4, 8, 7, 6, 11, 10, 9, 12, 14, 13],
    }[kind]
    block = CellBlock(kind, nodes)
    centre = np.array([[0.0, 0.0, 0.0]]) if kind == "hex20" else np.array([[1 / 3, 1 / 3, 0.0]])
    jac = np.einsum("cni,nj->cij", points[nodes], block.element.dshape(centre)[0])
    bad = np.linalg.det(jac) < 0
    nodes = nodes.copy()
    nodes[bad] = nodes[bad][:, flip]
    return nodes
