"""Slow growth again with K at the top of its error band, along the geometries that were solved.

A small error of K is a large one of a life: with v ~ K^n on a crack of one shape, d ln life = -n d ln K.  The path of a
slowly growing crack hardly depends on the size of K, so the geometries stand, and only time is marched through them
again with every K times a factor.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace

import numpy as np

from deadlight.growth.plan import Step, plan
from deadlight.growth.reading import Reading
from deadlight.growth.record import GrowthRecord
from deadlight.growth.segment import Clock, Law, Segment


@dataclass(frozen=True)
class Retold:
    """Slow growth with every K times a factor.

    Attributes
    ----------
    factor : float
    first_critical : float or None [s]
        When K reaches K_Ic.
    highest : float
        Largest K/K_Ic up to the end of the history, or to K_Ic; inf where it goes on beyond what was solved.
    area : float [m^2]
        Of the cracks then.
    """

    factor: float
    first_critical: float | None
    highest: float
    area: float

    @property
    def followed(self) -> bool:
        """Whether its end is known."""
        return self.first_critical is not None or math.isfinite(self.highest)


def worst_error(record: GrowthRecord) -> float:
    """Largest relative error of K of the geometries before any instability."""
    return max(step.reading.relative_error for step in record.steps if not step.indicative)


def retold(record: GrowthRecord, law: Law, clock: Clock, factor: float, step: Step | None = None) -> Retold:
    """March through the geometries of a record again, up to the first instability.

    Parameters
    ----------
    factor : float
        On K.
    step : Step, optional
        As the record was made with: growth beyond its last geometry is told where it is less than one step.
    """
    steps = record.steps
    time, highest = float(steps[0].reading.time[0]), 0.0
    for first, last in itertools.pairwise(steps):
        swept = last.area - first.area - last.added
        pair = Segment(_scaled(first.reading, factor), _scaled(last.reading, factor), swept, law, clock)
        march = pair.march(time)
        told = len(march.time)
        if march.runs:
            told = march.time.index(march.runs[0][0]) + 1  # not where it ran to
        highest = max([highest, *(pair.ratio(xi, t) for t, xi in zip(march.time[:told], march.progress))])
        if march.runs:
            t, xi, _ = march.runs[0]
            return Retold(factor, t, max(highest, 1.0), first.area + xi * swept)
        time = march.end
        if not march.crossed:
            return Retold(factor, None, highest, first.area + march.progress[-1] * swept)
    return _beyond(record, _scaled(steps[-1].reading, factor), time, highest, factor, law, clock, step or Step())


def _beyond(
    record: GrowthRecord, reading: Reading, time: float, highest: float, factor: float, law: Law, clock: Clock,
    step: Step,
) -> Retold:  # fmt: skip
    """What the last geometry still does."""
    move = plan(reading, time, law, clock, step)
    if move.kind == "run":
        return Retold(factor, move.time, max(highest, 1.0), reading.area)
    if move.time < float(reading.time[-1]):
        return Retold(factor, None, math.inf, reading.area)
    gain = float(move.move @ reading.weight) / reading.area
    later = float(reading.worst[reading.time >= time].max(initial=0.0)) * (1.0 + gain) ** _rise(record)
    top = max(highest, later)
    return Retold(factor, None, top if top < 1.0 else math.inf, reading.area * (1.0 + gain))


def _rise(record: GrowthRecord) -> float:
    """d ln K / d ln area from the last two geometries, at least that of a penny (1/4)."""
    if len(record.steps) < 2:
        return 0.25
    a, b = (float(s.reading.worst.max()) for s in record.steps[-2:])
    grown = math.log(record.steps[-1].area / record.steps[-2].area)
    return max(0.25, math.log(b / a) / grown) if a > 0.0 and b > 0.0 and grown > 0.0 else 0.25


def _scaled(reading: Reading, factor: float) -> Reading:
    return replace(reading, k=factor * reading.k, effective=factor * reading.effective, error=factor * reading.error)


def exponent(record: GrowthRecord, higher: Retold) -> float | None:
    """d ln life / d ln K, life from the start of the history to K_Ic; None where either has no end."""
    if record.first_critical is None or higher.first_critical is None or higher.factor == 1.0:
        return None
    start = float(record.steps[0].reading.time[0])
    lives = record.first_critical - start, higher.first_critical - start
    if not min(lives) > 0.0:
        return None
    return float(np.log(lives[1] / lives[0]) / np.log(higher.factor))
