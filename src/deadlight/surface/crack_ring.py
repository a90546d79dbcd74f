"""The ring of elements along one crack front: where its nodes lie in the chart."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from deadlight.errors import InputError
from deadlight.surface.chart import Snap
from deadlight.surface.crack_size import LEAST, Side, Widths, divided, graded
from deadlight.surface.mesh import Array

GROWTH = 0.3  # of the ring's width per unit of length
LEAN = 4.0  # ring widths over which the ring turns from its normal to a mouth
SHARPEST = np.radians(75.0)  # angle between a mouth and the front's normal
MITRE = 0.45  # largest share of an element that the mitre at a corner takes


@dataclass(frozen=True, eq=False)
class Ring:
    """Nodes of a ring in the chart.

    Attributes
    ----------
    front : (2 n + 1, 2) float
        Corner, middle, corner ... along the front; a closed one has 2 n.
    inner : (n + 1, 2) float
        Corners of the ring's inner edge; a closed one has n.
    depth : (2,) float
        Length of the ring's sides along the mouths at both ends; 0 where closed.
    """

    front: Array
    inner: Array
    depth: Array


def ring(
    side: Side, limits: Widths, share: float, mouths: tuple[Side | None, Side | None], snap: Snap | None, place: str
) -> Ring:
    """Ring along a front.

    Parameters
    ----------
    share : float
        Ring width as a share of the element length, where the limits allow it.
    mouths : (before, after)
        The mouths that the front's ends lie on, None for a closed front.

    Raises
    ------
    InputError
        If a mouth and the front meet at too small an angle.
    """
    curve, closed = side.curve, side.curve.closed
    s = _stations(side, limits)
    step = np.diff(s)
    corner = s[:-1] if closed else s
    nodes = _nodes(side, corner, 0.5 * (s[:-1] + s[1:]), snap)
    normal, turn = _normals(side, corner)
    wanted = _leans(side, corner, normal, mouths, place)
    width = _width(side, limits, share, s, turn)
    for i, angle in wanted.items():
        mouth = mouths[-i] if i in (0, -1) else None
        if mouth is not None:
            if (angle if i == -1 else -angle) > 0.0:  # leans over the front: the inner edge gets shorter
                width[i] = min(width[i], MITRE * step[i] / np.tan(abs(angle)))
            width[i] = min(width[i], _room(mouth, -i) * np.cos(angle))
    width = graded(corner, width, GROWTH, curve.length if closed else None)
    lean = np.zeros(len(corner))
    for i, angle in wanted.items():
        gap = np.abs(corner - corner[i])
        gap = np.minimum(gap, curve.length - gap) if closed else gap
        lean += angle * np.maximum(1.0 - gap / (LEAN * width[i]), 0.0) ** 2
    for i, angle in wanted.items():
        lean[i] = angle
    length = width / np.maximum(np.cos(lean), 0.25) / np.cos(0.5 * turn)
    inner = nodes[::2] + length[:, None] * _rotated(normal, lean)
    depth = np.zeros(2)
    for end in (0, 1):
        mouth = mouths[end]
        if mouth is not None:
            depth[end] = length[-end]
            along = mouth.curve.length - depth[0] if end == 0 else depth[1]
            inner[-end] = mouth.at(np.array([along]))[0]
    on = np.isin(corner, side.crossings)
    inner[on, 0] = nodes[::2][on, 0]  # exactly along the crease
    return Ring(nodes, inner, depth)


def _nodes(side: Side, corner: Array, middle: Array, snap: Snap | None) -> Array:
    """Nodes on the front, ends and crossings of creases where they are, the others on its exact curve."""
    nodes = np.empty((len(corner) + len(middle), 2))
    nodes[::2], nodes[1::2] = side.curve.at(corner), side.curve.at(middle)
    if snap is None:
        return nodes
    held = np.zeros(len(nodes), dtype=bool)
    held[::2] = np.isin(corner, side.stops)
    moved = snap(nodes)
    near = np.linalg.norm(moved - nodes, axis=1) < 1e-3 * np.abs(middle - corner[: len(middle)]).min()
    return np.where((near & ~held)[:, None], moved, nodes)


def _normals(side: Side, corner: Array) -> tuple[Array, Array]:
    """Inward normals, halving the angle at corners, and the angle by which the front turns left there."""
    ahead, behind = side.curve.tangent(corner), side.curve.tangent(corner, before=True)
    if not side.curve.closed:
        ahead[-1], behind[0] = behind[-1], ahead[0]
    n1, n2 = _left(behind), _left(ahead)
    turn = np.arctan2(n1[:, 0] * n2[:, 1] - n1[:, 1] * n2[:, 0], (n1 * n2).sum(axis=1))
    return _rotated(n1, 0.5 * turn), turn


def _width(side: Side, limits: Widths, share: float, s: Array, turn: Array) -> Array:
    """Width of the ring at the elements' corners, before its ends count."""
    step = np.diff(s)
    closed = side.curve.closed
    before = np.roll(step, 1) if closed else np.insert(step, 0, step[0])
    after = step if closed else np.append(step, step[-1])
    corner = s[:-1] if closed else s
    period = side.curve.length if closed else None
    width = np.minimum(0.5 * share * (before + after), np.interp(corner, limits.s, limits.ring, period=period))
    wedge = np.interp(corner, limits.s, limits.wedge, period=period)
    width = np.where(np.isin(corner, side.stops), width, np.minimum(width, wedge))
    convex = np.maximum(np.tan(0.5 * np.maximum(turn, 0.0)), 1e-9)
    return np.minimum(width, MITRE * np.minimum(before, after) / convex)


def _stations(side: Side, limits: Widths) -> Array:
    """Lengths at the corners of the elements, both ends included."""
    stops, curve = side.stops, side.curve
    if not len(stops):
        return divided(limits.s, limits.h, 0.0, curve.length, 8)
    least = max(2, int(np.ceil(LEAST / (len(stops) - 1))))
    parts = [divided(limits.s, limits.h, a, b, least)[:-1] for a, b in itertools.pairwise(stops)]
    return np.append(np.concatenate(parts), stops[-1])


def _left(tangent: Array) -> Array:
    return np.column_stack([-tangent[:, 1], tangent[:, 0]])


def _rotated(v: Array, angle: Array) -> Array:
    c, s = np.cos(angle), np.sin(angle)
    return np.column_stack([c * v[:, 0] - s * v[:, 1], s * v[:, 0] + c * v[:, 1]])


def _leans(
    side: Side, corner: Array, normal: Array, mouths: tuple[Side | None, Side | None], place: str
) -> dict[int, float]:
    """Angles from the normal that the ring must have: along the mouths at nodes 0 and -1, along creases between."""
    found: dict[int, float] = {}
    for i in np.flatnonzero(np.isin(corner, side.crossings)).tolist():
        n = normal[i]
        found[i] = float(np.arctan2(n[0], n[1])) if n[1] >= 0.0 else float(np.arctan2(-n[0], -n[1]))
    for end in (0, 1):
        mouth = mouths[end]
        if mouth is not None:
            curve, n = mouth.curve, normal[-end]
            ahead = curve.tangent(np.zeros(1))[0]
            m = ahead if end else -curve.tangent(np.array([curve.length]), before=True)[0]
            found[-end] = float(np.arctan2(n[0] * m[1] - n[1] * m[0], n @ m))
    for i, angle in found.items():
        if abs(angle) > SHARPEST:
            what = "skin" if i in (0, -1) else "a crease of the crack"
            raise InputError(
                f"front and {what} meet at {90.0 - np.degrees(abs(angle)):.1f} degrees "
                f"(limit {90.0 - np.degrees(SHARPEST):.0f})", place=place,
                remedy=f"shape the crack so that its front meets {what} more steeply",
            )  # fmt: skip
    return found


def _room(mouth: Side, end: int) -> float:
    """Largest length of a ring's side along a mouth: before its first corner, clear of a ring at its other end."""
    stops = mouth.stops[1:-1]
    away = stops if end else mouth.curve.length - stops
    return min(0.28 * mouth.curve.length, 0.5 * float(away.min(initial=np.inf)))
