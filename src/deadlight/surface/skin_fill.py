"""Triangles inside outlines on one face, along slits, with the outline's sides kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from deadlight.surface.facets import cut_open, outward
from deadlight.surface.triangulate import triangulate

if TYPE_CHECKING:
    from deadlight.surface.body import Face

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Size = Callable[[Array], Array]


def fill(
    face: Face,
    points: Array,
    loops: list[Index],
    slits: list[Index],
    size: Size,
    *,
    tips: Index | None = None,
    growth: float = 0.5,
    place: str = "",
) -> tuple[Index, Array]:
    """Triangulate the part of a face inside closed loops.

    Parameters
    ----------
    points : (n, 3) float [m]
        All corner nodes so far.
    loops, slits : list of (k,) int
        Node numbers; a loop's last node joins its first.
    size : callable
        Wanted length of sides at points of space (m, 3) -> (m,).
    tips : (k,) int, optional
        Nodes of which no two may share a side: the middle of a side can be near one of them only.

    Returns
    -------
    triangles : (t, 3) int64
        Node numbers, outwards; new points count on from n.
    extra : (m, 3) float
        The new points.
    """
    flat, numbers, rings, cuts = _flat(face, points, loops, slits, size)
    found = triangulate(flat, rings, cuts, lambda uv: size(face.chart.to_space(uv)), growth=growth, place=place)
    uv, triangles = found.points, found.triangles
    if tips is not None:
        uv, triangles = _parted(uv, triangles, np.flatnonzero(np.isin(numbers, tips)))
    extra = face.chart.to_space(uv[len(flat) :])
    numbers = np.concatenate([numbers, len(points) + _news(numbers) + np.arange(len(extra))])
    seam = numbers < 0  # nodes on a seam: new ones, named -1 - i, that come twice
    numbers = np.where(seam, len(points) - 1 - numbers, numbers)
    added = np.zeros((0, 3))
    if seam.any():
        first = np.unique(numbers[seam], return_index=True)[1]
        added = face.chart.to_space(uv[np.flatnonzero(seam)[first]])
    return outward(face, triangles, uv, numbers[triangles]), np.concatenate([added, extra])


def _parted(uv: Array, triangles: Index, tips: Index) -> tuple[Array, Index]:
    """Sides between two tips, inside the domain, divided in two."""
    while len(tips) > 1:
        ends = np.stack([triangles, np.roll(triangles, -1, axis=1)], axis=2)
        both = np.isin(ends, tips).all(axis=2)
        rows, k = np.nonzero(both)
        pairs, number, count = np.unique(
            np.sort(ends[rows, k], axis=1), axis=0, return_inverse=True, return_counts=True
        )
        shared = np.flatnonzero(count == 2)
        if not len(shared):
            break
        pick = number.ravel() == shared[0]
        middle = len(uv)
        uv = np.concatenate([uv, uv[pairs[shared[0]]].mean(axis=0)[None]])
        halves = []
        for row, i in zip(rows[pick], k[pick]):
            a, b, c = np.roll(triangles[row], -i)
            halves += [(a, middle, c), (middle, b, c)]
        triangles = np.concatenate([np.delete(triangles, rows[pick], axis=0), np.array(halves)])
    return uv, triangles


def _news(numbers: Index) -> int:
    """How many new nodes are named so far."""
    return int(-numbers.min()) if len(numbers) and numbers.min() < 0 else 0


def _flat(
    face: Face, points: Array, loops: list[Index], slits: list[Index], size: Size
) -> tuple[Array, Index, list[Index], list[Index]]:
    """Chart coordinates, their node numbers, and loops and slits in these rows."""
    period = getattr(face.chart, "period", None)
    used = np.unique(np.concatenate([*loops, *slits]))
    uv = face.chart.to_chart(points[used])
    row = np.zeros(int(used.max()) + 1, dtype=np.int64)
    row[used] = np.arange(len(used))
    if period is None:
        return uv, used, [row[x] for x in loops], [row[x] for x in slits]
    seam = _seam(uv, [row[x] for x in loops], [row[x] for x in slits], period)
    around = [x for x in loops if _winds(uv[row[x], 0], period)]
    if not around:
        uv[:, 0] = seam + np.mod(uv[:, 0] - seam, period)
        return uv, used, [row[x] for x in loops], [row[x] for x in slits]
    flat, numbers, low = cut_open(face, [uv[row[x]] for x in around], around, seam)
    flat, numbers = _with_seam(face, flat, numbers, low, size)
    rings = [np.arange(len(flat))]
    cuts: list[Index] = []
    rest = [x for x in loops if not any(x is y for y in around)]
    for line, into in [(x, rings) for x in rest] + [(x, cuts) for x in slits]:
        at = np.flatnonzero(np.isin(line, numbers))
        own = uv[row[line]].copy()
        own[:, 0] = seam + np.mod(own[:, 0] - seam, period)
        rows = len(flat) + np.arange(len(line))
        new = np.ones(len(line), dtype=bool)
        for i in at:  # ends of slits on the ring, and points of lines before
            same = np.flatnonzero(numbers == line[i])
            rows[i] = same[np.abs(flat[same, 0] - own[i, 0]).argmin()]
            new[i] = False
        rows[new] = len(flat) + np.arange(int(new.sum()))
        flat, numbers = np.concatenate([flat, own[new]]), np.concatenate([numbers, line[new]])
        into.append(rows)
    return flat, numbers, rings, cuts


def _winds(u: Array, period: float) -> bool:
    """Whether a closed loop runs once round the band."""
    step = np.roll(u, -1) - u
    step -= period * np.round(step / period)
    return abs(float(step.sum())) > 0.5 * period


def _seam(uv: Array, loops: list[Index], slits: list[Index], period: float) -> float:
    """Where to cut a band open: amid the widest stretch free of slits and of loops that do not run round."""
    lines = [*slits, *(x for x in loops if not _winds(uv[x, 0], period))]
    if not lines:
        return 0.0
    u = np.sort(np.mod(np.concatenate([uv[x, 0] for x in lines]), period))
    gap = np.append(u[1:], u[0] + period) - u
    widest = int(gap.argmax())
    return float(u[widest] + 0.5 * gap[widest])


def _with_seam(face: Face, flat: Array, numbers: Index, low: int, size: Size) -> tuple[Array, Index]:
    """The ring with nodes along both copies of its cut, named -1 - i; the lower line has `low` points."""
    a, b = flat[0], flat[-1]
    ends = face.chart.to_space(np.array([a, b, 0.5 * (a + b)]))
    k = max(1, round(float(np.linalg.norm(ends[1] - ends[0])) / float(size(ends[2:])[0]))) - 1
    if k == 0:
        return flat, numbers
    part = (np.arange(1, k + 1) / (k + 1))[:, None]
    names = -1 - np.arange(k)
    right = flat[low - 1] + part * (flat[low] - flat[low - 1])
    left = (a + part * (b - a))[::-1]
    flat = np.concatenate([flat[:low], right, flat[low:], left])
    return flat, np.concatenate([numbers[:low], names, numbers[low:], names[::-1]])
