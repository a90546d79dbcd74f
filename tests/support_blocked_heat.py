"""Polar surface meshes for the checks of heat blocked by a crack."""

import numpy as np

from deadlight.surface.mesh import Q9, T6, TIP, Front, SurfaceMesh


def _polar(radii, quarters, around, z, first):
    """Nodes on circles (2 rings + 1 half steps of radius, 2 around of angle); ids, points."""
    r = [0.0]
    for a, b, q in zip(radii[:-1], radii[1:], quarters):
        r += [a + (b - a) * {0: 0.5, 1: 0.75, -1: 0.25}[q], b]
    angle = np.pi * np.arange(2 * around) / around
    ids = np.empty((len(r), 2 * around + 1), dtype=np.int64)
    ids[0] = first
    rest = first + 1 + np.arange((len(r) - 1) * 2 * around).reshape(len(r) - 1, 2 * around)
    ids[1:, :-1], ids[1:, -1] = rest, rest[:, 0]
    points = np.zeros((1 + rest.size, 3))
    points[1:, 0] = np.outer(r[1:], np.cos(angle)).ravel()
    points[1:, 1] = np.outer(r[1:], np.sin(angle)).ravel()
    points[:, 2] = z
    return ids, points


def disc_mesh(radius, rings=(0.0, 0.4, 0.75, 1.0), around=8, z=0.0, first=0, tip=True, up=True):
    """Points, cells, kind of a disc: a fan of triangles, rings of squares, the last one a ring at a front if `tip`."""
    radii = radius * np.asarray(rings)
    quarters = [0] * (len(radii) - 2) + [1 if tip else 0]
    ids, points = _polar(radii, quarters, around, z, first)
    cells, kind = [], []
    for j in range(0, 2 * around, 2):
        a = [ids[0, 0], ids[2, j], ids[2, j + 2], ids[1, j], ids[2, j + 1], ids[1, j + 2], -1, -1, -1]
        cells.append(a if up else [a[0], a[2], a[1], a[5], a[4], a[3], -1, -1, -1])
        kind.append(T6)
    for i in range(2, len(ids) - 1, 2):
        for j in range(0, 2 * around, 2):
            g = ids[i : i + 3, j : j + 3][::-1]  # rows from outside in, columns along +angle: normal +z
            if not up:
                g = g[:, ::-1]
            cells.append([g[0, 0], g[0, 2], g[2, 2], g[2, 0], g[0, 1], g[1, 2], g[2, 1], g[1, 0], g[1, 1]])
            kind.append(TIP if tip and i == len(ids) - 3 else Q9)
    return points, np.array(cells), np.array(kind), ids


def penny(radius, rings=(0.0, 0.4, 0.75, 1.0), around=8, face=None):
    """A penny in the plane z = 0, normal +z.  face: (distance, radii): a free face above it, outward normal +z, cut off
    with no disturbance at its outer edge."""
    points, cells, kind, ids = disc_mesh(radius, rings, around)
    front = Front(ids[-1, :-1], ids[-2, :-1], ids[-3, :-1], True)
    surface, fixed = np.zeros(len(cells), np.int64), ids[-1, :-1]
    if face is not None:
        more, cells2, kind2, ids2 = disc_mesh(1.0, face[1], around, face[0], len(points), tip=False)
        points, cells, kind = (
            np.concatenate([points, more]),
            np.concatenate([cells, cells2]),
            np.concatenate([kind, kind2]),
        )
        surface = np.concatenate([surface, np.full(len(cells2), -1)])
        fixed = np.concatenate([fixed, ids2[-1, :-1]])
    used = np.unique(cells[cells >= 0])  # the fan has no nodes in the middle of its triangles
    new = np.full(len(points) + 1, -1, np.int64)
    new[used] = np.arange(len(used))
    points, cells, fixed = points[used], new[cells], new[fixed]
    front = Front(new[front.nodes], new[front.quarter], new[front.inner], True)
    none = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    return SurfaceMesh(points, cells, kind, surface, (front,), none, fixed, np.arange(len(points)))


def long_crack(half_width, half_length, columns=(0.0, 0.35, 0.7), smallest=0.5, growth=1.4, largest=2.0):
    """A rectangle |x| < half_width, |y| < half_length in the plane z = 0, normal +z, fronts along x = +-half_width.

    columns: breaks of one half as shares of the width, the last one the inner edge of the ring; smallest: length
    along y of the middle elements over the half width, and of the `largest` ones.  Its short sides carry nothing.
    """
    half = [0.0]
    step = smallest * half_width
    while half[-1] < half_length:
        half.append(half[-1] + step)
        step = min(step * growth, largest * half_width)
    half = np.array(half) * half_length / half[-1]
    y = np.concatenate([-half[:0:-1], half])
    inner = half_width * np.asarray(columns)
    x = np.concatenate([[-half_width], -inner[:0:-1], inner, [half_width]])
    xs = np.empty(2 * len(x) - 1)
    xs[::2], xs[1::2] = x, 0.5 * (x[1:] + x[:-1])
    xs[1], xs[-2] = x[0] + 0.25 * (x[1] - x[0]), x[-1] - 0.25 * (x[-1] - x[-2])
    ys = np.empty(2 * len(y) - 1)
    ys[::2], ys[1::2] = y, 0.5 * (y[1:] + y[:-1])
    ids = np.arange(len(xs) * len(ys)).reshape(len(xs), len(ys))
    points = np.stack([*np.meshgrid(xs, ys, indexing="ij"), np.zeros(ids.shape)], axis=-1).reshape(-1, 3)
    cells, kind = [], []
    for i in range(0, len(xs) - 1, 2):
        for j in range(0, len(ys) - 1, 2):
            g = ids[i : i + 3, j : j + 3]  # rows along x, columns along y
            last = i == len(xs) - 3
            # s x t = +z: at x = +a the front is the last row, t towards -x, s along +y; at x = -a all reversed
            g = g[::-1] if last else g[:, ::-1]
            cells.append([g[0, 0], g[0, 2], g[2, 2], g[2, 0], g[0, 1], g[1, 2], g[2, 1], g[1, 0], g[1, 1]])
            kind.append(TIP if i == 0 or last else Q9)
    fronts = (Front(ids[-1], ids[-2], ids[-3], False), Front(ids[0], ids[1], ids[2], False))
    fixed = np.unique(np.concatenate([ids[0], ids[-1], ids[:, 0], ids[:, -1]]))
    none = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    count = len(cells)
    return SurfaceMesh(
        points, np.array(cells), np.array(kind), np.zeros(count, np.int64), fronts, none, fixed, np.arange(len(points))
    )
