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
        points, cells, kind = np.concatenate([points, more]), np.concatenate([cells, cells2]), np.concatenate([kind, kind2])
        surface = np.concatenate([surface, np.full(len(cells2), -1)])
        fixed = np.concatenate([fixed, ids2[-1, :-1]])
    used = np.unique(cells[cells >= 0])  # the fan has no nodes in the middle of its triangles
    new = np.full(len(points) + 1, -1, np.int64)
    new[used] = np.arange(len(used))
    points, cells, fixed = points[used], new[cells], new[fixed]
    front = Front(new[front.nodes], new[front.quarter], new[front.inner], True)
    none = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    return SurfaceMesh(points, cells, kind, surface, (front,), none, fixed, np.arange(len(points)))
