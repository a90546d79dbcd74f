"""Where pieces can be pushed: by stops, by gaskets, by each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from deadlight.outcome.faces import Faces
from deadlight.outcome.piece import Piece
from deadlight.outcome.supports import Support

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

_TURN = 0.12  # normals of a curved face within this (about 7 degrees) are one contact's
_GRIPS = 4  # a gripped patch is divided into about so many parts each way
_BLUNT = 5e-4  # of a patch's size: corners of its hull that stand out less are left out, which gives away as much
_LEVEL = 1e-7  # of a piece's size: patches thinner than this have no hull of their own


@dataclass(frozen=True, eq=False)
class Contacts:
    """Points that may push.

    Attributes
    ----------
    point, normal : (c, 3) float
        Place [m] and unit normal out of the piece: the push on it is against the normal.
    body, other : (c,) int64
        Place of the piece in the list, and of the piece that pushes it (-1: something that stands fast).
    gap : (c,) float [m]
        To be closed before it pushes.
    friction : (c,) float
    source : (c,) int64
        Number in `names`.
    names : tuple of str
    limit : (s,) float [N]
        Largest sum of the pushes of each source on one piece.
    grip_point, grip_normal : (g, 3) float
        Places that a gasket grips.
    grip_body, grip_source : (g,) int64
    grip : (g,) float [N]
        Largest tangential force there: friction times grip.
    """

    point: Array
    normal: Array
    body: Index
    other: Index
    gap: Array
    friction: Array
    source: Index
    names: tuple[str, ...]
    limit: Array
    grip_point: Array
    grip_normal: Array
    grip_body: Index
    grip_source: Index
    grip: Array


def contacts_of(
    pieces: Sequence[Piece], supports: Sequence[Support], friction: float, fixed: Sequence[int],
    moved: Sequence[Array] | None = None,
) -> Contacts:  # fmt: skip
    """Contacts of some pieces.

    Parameters
    ----------
    friction : float
        Of glass on glass.
    fixed : sequence of int
        Numbers of neighbours that are not in the list and stand fast; others are not there.
    moved : sequence of (6,) float, optional
        Small displacement [m] and rotation about the centroid [rad] of every piece since it lay in its seat: what has
        come out from under a flat stop is no contact any more.
    """
    place = {p.number: k for k, p in enumerate(pieces)}
    at = [np.zeros(6) for _ in pieces] if moved is None else list(moved)
    names = [s.name for s in supports] + ["neighbour"]
    rows: list[tuple[Array, Array, int, int, float, float, int]] = []
    grips: list[tuple[Array, Array, int, int, Array]] = []
    for k, piece in enumerate(pieces):
        for number, support in enumerate(supports):
            wanted = [i for i, r in enumerate(piece.regions) if r in support.regions]
            mine = piece.faces.corners[np.isin(piece.faces.region, wanted)]
            for points, normal in _patches(mine, _flat_slides(piece.faces, at[k], piece.centroid)):
                rows.append((points, normal, k, -1, support.gap, support.friction, number))
            if support.grip > 0.0 and support.gasket is not None and not at[k].any():
                spots, normal, size = _gripped(mine)
                grips.append((spots, normal, k, number, support.gasket.friction * support.grip * size))
        for other in piece.neighbours:
            there = place.get(other, -1)
            if (there >= 0 and there < k) or (there < 0 and other not in fixed):
                continue  # a pair counts once
            m = piece.faces.other == other
            for points, normal in _patches(piece.faces.corners[m], None):
                rows.append((points, normal, k, there, 0.0, friction, len(supports)))
    return _joined(rows, grips, tuple(names), np.array([*(s.limit for s in supports), np.inf]))


def _joined(rows: list[Any], grips: list[Any], names: tuple[str, ...], limit: Array) -> Contacts:
    count = [len(r[0]) for r in rows]
    many = [len(g[0]) for g in grips]
    none = np.zeros((0, 3))

    def column(k: int, kind: type = float) -> Any:
        return np.repeat(np.array([r[k] for r in rows], dtype=kind), count)

    return Contacts(
        np.concatenate([none, *(r[0] for r in rows)]),
        np.concatenate([none, *(np.tile(r[1], (len(r[0]), 1)) for r in rows)]),
        column(2, np.int64), column(3, np.int64), column(4), column(5), column(6, np.int64), names, limit,
        np.concatenate([none, *(g[0] for g in grips)]), np.concatenate([none, *(g[1] for g in grips)]),
        np.repeat(np.array([g[2] for g in grips], dtype=np.int64), many),
        np.repeat(np.array([g[3] for g in grips], dtype=np.int64), many),
        np.concatenate([np.zeros(0), *(g[4] for g in grips)]),
    )  # fmt: skip


def _flat_slides(faces: Faces, moved: Array, centroid: Array) -> Any:
    """What a flat stop still covers of a piece that has moved: a function of its patch; None when it has not moved."""
    if not moved.any():
        return None

    def covered(patch: Any, origin: Array, frame: Array) -> Any:
        e1, e2, n = frame
        vector = faces.vector
        size = np.linalg.norm(vector, axis=1)
        mine = (vector @ n > (1 - 1e-6) * size) & (faces.region >= 0)
        mine &= np.abs((faces.corners[:, 0] - origin) @ n) < 1e-6 * np.sqrt(size.sum())
        x = faces.corners[mine]
        x = x + moved[:3] + np.cross(moved[3:], x - centroid)
        flat = np.stack([(x - origin) @ e1, (x - origin) @ e2], axis=2)
        return patch.intersection(shapely.union_all(shapely.polygons(flat), grid_size=1e-9))

    return covered


def _patches(corners: Array, covered: Any) -> list[tuple[Array, Array]]:
    """Corners of the convex hull of every flat (or nearly flat) patch of triangles, and its normal.

    Any pressure on a flat patch is equal to pushes at the corners of its hull, so nothing is lost by them.
    """
    if not len(corners):
        return []
    vector = 0.5 * np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    size = np.linalg.norm(vector, axis=1)
    n = vector / np.maximum(size, 1e-300)[:, None]
    level = np.einsum("fkd,fd->f", corners, n) / 3.0
    span = float(np.linalg.norm(np.ptp(corners.reshape(-1, 3), axis=0)))
    flat = np.abs(n[:, 2]) > 1 - 1e-9
    key = np.column_stack([np.round(n / _TURN), np.where(flat, np.round(level / (1e-6 * span)), 0.0)]).astype(np.int64)
    _, group = np.unique(key, axis=0, return_inverse=True)
    found = []
    for g in range(int(group.max()) + 1):  # some tens of directions
        mine = group.ravel() == g
        total = vector[mine].sum(axis=0)
        area = float(np.linalg.norm(total))
        if area < 1e-9 * span**2:
            continue
        normal = total / area
        points = corners[mine].reshape(-1, 3)
        level_face = abs(normal[2]) > 1 - 1e-9  # only flat stops are slid along
        hull = _hull(points, normal, covered if level_face else None, _LEVEL * span)
        if len(hull):
            found.append((hull, normal))
    return found


def _hull(points: Array, normal: Array, covered: Any, thin: float) -> Array:
    first = np.eye(3)[int(np.argmin(np.abs(normal)))]
    e1 = first - (first @ normal) * normal
    e1 /= np.linalg.norm(e1)
    frame = np.array([e1, np.cross(normal, e1), normal])
    origin = points.mean(axis=0)
    flat = (points - origin) @ frame[:2].T
    shape = shapely.MultiPoint(flat)
    if covered is not None:
        union = shapely.union_all(shapely.polygons(flat.reshape(-1, 3, 2)), grid_size=1e-9)
        shape = covered(union, origin, frame)
        if shape.area <= thin**2:
            return np.zeros((0, 3))
    ring = shapely.get_coordinates(
        shapely.simplify(shapely.convex_hull(shape), _BLUNT * float(np.ptp(flat, axis=0).max()))
    )
    ring = ring[:-1] if len(ring) > 2 else ring
    height = ((points - origin) @ normal).max() if covered is None else 0.0
    return np.asarray(origin + ring @ frame[:2] + height * normal)


def _gripped(corners: Array) -> tuple[Array, Array, Array]:
    """Places, normals and areas of the parts of a gripped patch."""
    if not len(corners):
        return np.zeros((0, 3)), np.zeros((0, 3)), np.zeros(0)
    vector = 0.5 * np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    size = np.linalg.norm(vector, axis=1)
    n = vector / np.maximum(size, 1e-300)[:, None]
    middle = corners.mean(axis=1)
    step = max(float(np.ptp(middle, axis=0).max()) / _GRIPS, 1e-12)
    key = np.column_stack([np.floor((middle - middle.min(axis=0)) / step), np.round(n / 0.3)]).astype(np.int64)
    _, group = np.unique(key, axis=0, return_inverse=True)
    group = group.ravel()
    area = np.asarray(np.bincount(group, size), dtype=float)
    place = np.column_stack([np.bincount(group, size * middle[:, k]) for k in range(3)]) / area[:, None]
    normal = np.column_stack([np.bincount(group, vector[:, k]) for k in range(3)])
    return place, normal / np.linalg.norm(normal, axis=1)[:, None], area
