"""The ring of elements along one crack front: where its nodes lie in the chart."""

from __future__ import annotations

from collections.abc import Callable
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
    middle = 0.5 * (s[:-1] + s[1:])
    points = curve.at(corner)
    nodes = np.empty((len(corner) + len(middle), 2))
    nodes[::2], nodes[1::2] = points, curve.at(middle)
    if snap is not None:
        fixed = np.isin(np.arange(len(nodes)), [] if closed else [0, len(nodes) - 1])
        moved = snap(nodes)
        near = np.linalg.norm(moved - nodes, axis=1) < 1e-3 * step.min()
        nodes = np.where((near & ~fixed)[:, None], moved, nodes)
    ahead, behind = curve.tangent(corner), curve.tangent(corner, before=True)
    if not closed:
        ahead[-1], behind[0] = behind[-1], ahead[0]
    n1, n2 = _left(behind), _left(ahead)
    turn = np.arctan2(n1[:, 0] * n2[:, 1] - n1[:, 1] * n2[:, 0], (n1 * n2).sum(axis=1))
    normal = _rotated(n1, 0.5 * turn)
    mean = 0.5 * (step + np.roll(step, 1)) if closed else 0.5 * (np.append(step, step[-1]) + np.insert(step, 0, step[0]))
    least = np.minimum(step, np.roll(step, 1)) if closed else np.minimum(np.append(step, step[-1]), np.insert(step, 0, step[0]))
    period = curve.length if closed else None
    width = np.minimum(share * mean, np.interp(corner, limits.s, limits.ring, period=period))
    wedge = np.interp(corner, limits.s, limits.wedge, period=period)
    width = np.where(np.isin(corner, side.stops), width, np.minimum(width, wedge))
    convex = np.maximum(np.tan(0.5 * np.maximum(turn, 0.0)), 1e-9)
    width = np.minimum(width, MITRE * least / convex)
    lean = np.zeros(len(corner))
    for end in (0, 1):
        mouth = mouths[end]
        if mouth is None:
            continue
        angle = _mouth_angle(mouth, end, normal[-end], place)
        i = -end
        if (angle if end == 1 else -angle) > 0.0:  # leans over the front: the inner edge gets shorter
            width[i] = min(width[i], MITRE * step[i] / np.tan(abs(angle)))
        width[i] = min(width[i], _room(mouth) * np.cos(angle))
    width = graded(corner, width, GROWTH, period)
    for end in (0, 1):
        mouth = mouths[end]
        if mouth is not None:
            angle = _mouth_angle(mouth, end, normal[-end], place)
            away = np.abs(corner - corner[-end]) / (LEAN * width[-end])
            lean += angle * np.maximum(1.0 - away, 0.0) ** 2
    length = width / np.maximum(np.cos(lean), 0.5) / np.cos(0.5 * turn)
    inner = nodes[::2] + length[:, None] * _rotated(normal, lean)
    depth = np.zeros(2)
    for end in (0, 1):
        mouth = mouths[end]
        if mouth is not None:
            depth[end] = length[-end]
            along = mouth.curve.length - depth[0] if end == 0 else depth[1]
            inner[-end] = mouth.curve.at(np.array([along]))[0]
    return Ring(nodes, inner, depth)


def _stations(side: Side, limits: Widths) -> Array:
    """Lengths at the corners of the elements, both ends included."""
    stops, curve = side.stops, side.curve
    if not len(stops):
        return divided(limits.s, limits.h, 0.0, curve.length, 8)
    least = max(2, int(np.ceil(LEAST / (len(stops) - 1))))
    parts = [divided(limits.s, limits.h, a, b, least)[:-1] for a, b in zip(stops[:-1], stops[1:])]
    return np.append(np.concatenate(parts), stops[-1])


def _left(tangent: Array) -> Array:
    return np.column_stack([-tangent[:, 1], tangent[:, 0]])


def _rotated(v: Array, angle: Array) -> Array:
    c, s = np.cos(angle), np.sin(angle)
    return np.column_stack([c * v[:, 0] - s * v[:, 1], s * v[:, 0] + c * v[:, 1]])


def _mouth_angle(mouth: Side, end: int, normal: Array, place: str) -> float:
    """Angle from the front's normal to the mouth at one end, counter-clockwise."""
    curve = mouth.curve
    m = -curve.tangent(np.array([curve.length]), before=True)[0] if end == 0 else curve.tangent(np.zeros(1))[0]
    angle = float(np.arctan2(normal[0] * m[1] - normal[1] * m[0], normal @ m))
    if abs(angle) > SHARPEST:
        raise InputError(
            f"front and skin meet at {np.degrees(0.5 * np.pi - abs(angle)):.1f} degrees "
            f"(limit {90.0 - np.degrees(SHARPEST):.0f})", place=place,
            remedy="shape the crack so that its front meets the skin more steeply",
        )  # fmt: skip
    return angle


def _room(mouth: Side) -> float:
    """Largest length of a ring's side along a mouth."""
    return 0.28 * mouth.curve.length


Sizes = Callable[[Array], Array]
