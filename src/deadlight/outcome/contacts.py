"""Where pieces can be pushed: by stops, by gaskets, by each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.outcome.piece import Piece
from deadlight.outcome.supports import Support

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

_GRIPS = 4  # a gripped patch is divided into about so many parts each way


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
            for patch in piece.patches(regions=tuple(wanted)):
                points = patch.covered(at[k], piece.centroid)
                if len(points):
                    rows.append((points, patch.normal, k, -1, support.gap, support.friction, number))
            if support.grip > 0.0 and support.gasket is not None and not at[k].any():
                spots, normal, size = _gripped(piece.faces.corners[np.isin(piece.faces.region, wanted)])
                grips.append((spots, normal, k, number, support.gasket.friction * support.grip * size))
        for other in piece.neighbours:
            there = place.get(other, -1)
            if (there >= 0 and there < k) or (there < 0 and other not in fixed):
                continue  # a pair counts once
            for patch in piece.patches(other=other):
                rows.append((patch.hull, patch.normal, k, there, 0.0, friction, len(supports)))
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
