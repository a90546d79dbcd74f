"""A front that comes near another crack stops at a distance: surfaces of cracks may not touch or cross.

How far it may go is found along the way of every point of the front; what is allowed grows from there along the front
by no more than a slope, so that the front keeps its smoothness.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from deadlight.growth.joining import one_surface
from deadlight.growth.ligament import smaller_extent
from deadlight.growth.region_front import Advance
from deadlight.growth.region_step import Plan
from deadlight.growth.transition import Transition

Array = np.ndarray[Any, np.dtype[np.float64]]

APART = 0.05  # of the smaller extent of the smaller crack: least distance of a front from another crack
ARRIVED = 1.01  # least distances: a front that was nearer before is told of no more
STEPS = 24  # places tried along the way of a point
SLOPE = 0.35  # growth of the advance along the front, away from where it is held
SOFT = 0.05  # of the crack's smaller extent: standard deviation of the smoothing of what is allowed


def keep_apart(plan: Plan, others: Sequence[Plan]) -> None:
    """Shorten the moves of a crack's fronts so that they stay off all other cracks that are not of its own surface."""
    near = [p for p in others if not one_surface(plan, p)]
    if not near:
        return
    limits = [APART * min(smaller_extent(plan.old), smaller_extent(p.new)) for p in near]
    advances = []
    for a in plan.advances:
        if a.far <= 0.0:
            advances.append(a)
            continue
        share, at, who = _allowed(plan, a, near, limits)
        if share.min() >= 1.0:
            advances.append(a)
            continue
        shorter = _shortened(a, share, SOFT * smaller_extent(plan.old))
        advances.append(shorter)
        name = near[who].sheet.name
        plan.held = name
        first = float(distance(near[who], plan.chart.to_space(a.old)).min()) > ARRIVED * limits[who]
        if first and not any(t.face == name for t in plan.events):
            spot = plan.chart.to_space(shorter.new[at : at + 1])[0]
            plan.events.append(Transition("reaches_crack", plan.number, spot, name))
    plan.advances = tuple(advances)


def distance(plan: Plan, x: Array) -> Array:
    """Distance of points (n, 3) from a crack's surface, exact where it is flat. (n,)."""
    uv = plan.chart.to_chart(x)
    shapely.prepare(plan.new)
    beside = shapely.distance(plan.new, shapely.points(uv))
    return np.asarray(np.hypot(plan.chart.signed(x), beside))


def _allowed(plan: Plan, a: Advance, near: Sequence[Plan], limits: Sequence[float]) -> tuple[Array, int, int]:
    """Share of its move that every point may make, the point held most, and by which crack."""
    move = a.new - a.old
    own = np.zeros(len(a.old), dtype=bool)
    own[a.inner] = True
    if plan.section.inside is not None:  # beyond the skin nothing is met
        own |= shapely.contains_xy(plan.section.inside, a.old)
    share, who, worst = np.ones(len(a.old)), -1, 1.0
    for k, (other, limit) in enumerate(zip(near, limits)):
        start = distance(other, plan.chart.to_space(a.old))
        if (start - np.linalg.norm(move, axis=1)).min() > 2.0 * limit:
            continue
        free = np.ones(len(a.old), dtype=bool)
        mine = np.zeros(len(a.old))
        side = np.sign(other.chart.signed(plan.chart.to_space(a.old)))
        for t in np.arange(1, STEPS + 1) / STEPS:
            x = plan.chart.to_space(a.old + t * move)
            far = distance(other, x)
            # a step may not jump over the surface between two places
            over = (np.sign(other.chart.signed(x)) != side) & (far < 2.0 * np.linalg.norm(move, axis=1) / STEPS)
            free &= (far >= np.minimum(limit, start) * (1.0 - 1e-9)) & ~over
            mine[free] = t
        mine[~own] = 1.0
        share = np.minimum(share, mine)
        if mine.min() < worst:
            worst, who = float(mine.min()), k
    return share, int(share.argmin()), who


def _shortened(a: Advance, share: Array, soft: float) -> Advance:
    """The advance with shares (k,) of its moves, smooth along the front.

    What is held is held for two lengths `soft` beyond, so that smoothing over one such length hardly moves it.
    """
    move = a.new - a.old
    far = np.linalg.norm(move, axis=1)
    step = np.linalg.norm(np.diff(a.old, axis=0), axis=1)
    s = np.concatenate([[0.0], np.cumsum(step)])
    gap = np.abs(s[:, None] - s)
    if a.closed:
        length = s[-1] + float(np.linalg.norm(a.old[-1] - a.old[0]))
        gap = np.minimum(gap, length - gap)
    rise = SLOPE * np.maximum(gap - 2.0 * soft, 0.0) / max(float(far.max()), 1e-300)
    part = np.minimum((share + rise).min(axis=1), 1.0)
    weight = np.exp(-0.5 * (gap / soft) ** 2) * np.gradient(s)
    part = (weight * part).sum(axis=1) / weight.sum(axis=1)
    return replace(a, new=a.old + part[:, None] * move)
