"""What a geometry does next, seen from it alone: how far its front points move, which way, slowly or at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from deadlight.growth.near_arrest import advance_to_arrest
from deadlight.growth.profile import advance_along
from deadlight.growth.reading import Reading
from deadlight.growth.record import GrowthStep
from deadlight.growth.segment import Clock, Law, breakpoints

Array = np.ndarray[Any, np.dtype[np.float64]]

NODES, WEIGHTS = np.polynomial.legendre.leggauss(12)  # within an interval between instants: v may rise as t^20 there
WORTH = 1e-3  # of a step: slow growth up to the end of the history below this is told, not followed
LESS = 1.01  # share of K between the two at which d ln v / d ln K is taken
# A running step is as much longer as those before it allow: longer after one whose energy balanced and that hardly
# turned, as asked after one whose energy did not, shorter after a sharp turn, after what opened at a stroke, whose new
# fronts are not those that K makes, and where K rose steeply, as it does before the last of a ligament gives way.
LONGER, SHORTER = 1.5, 0.6
STRETCH = (0.05, 3.0)  # least and largest
BALANCED, STRAIGHT = 0.015, np.radians(4.0)  # energy of a step and turn in it below which the next is longer
UNBALANCED, BENT = 0.03, np.radians(15.0)  # beyond which it is not longer than asked; is shorter
MOST_RUN = 0.5  # of the cracks' size: no running step is stretched beyond
BEFORE = 0.05  # of a step: slow growth before K reaches K_Ic from which it is a step of its own


@dataclass(frozen=True, eq=False)
class Step:
    """How long steps are.

    Attributes
    ----------
    slow, run : float
        Largest advance of a front point by slow growth and by running, as a share of the cracks' size
        (`Reading.size`).
    longest : float [m]
        Never more than this.
    beta : float
        Running points advance as (K / largest K)^beta: the front of a brittle crack as the limit of a Paris law with
        a large exponent (Lazarus 2003, Int. J. Fract. 122:23).
    rise : float
        ln of the largest K after a running step over that before it that the next is meant to have at most: the energy
        of a step is known to some rise^2 / 6.
    """

    slow: float = 0.15
    run: float = 0.25
    longest: float = np.inf
    beta: float = 20.0
    rise: float = 0.35

    def advance(self, size: float, *, running: bool, stretch: float = 1.0) -> float:
        """Largest advance [m]; of a running crack times `stretch`, but half its size at most."""
        if not running:
            return min(self.slow * size, self.longest)
        return min(min(self.run * size, self.longest) * stretch, max(self.run, MOST_RUN) * size)


def stretch(done: Sequence[GrowthStep], asked: Step) -> float:
    """Factor on the next running step from how the steps done so far went; one that was made shorter counts as made.

    Steps without a balance of energy, as those of the quick tier, leave it at one.  Where K comes down to K_Ic no step
    goes much beyond that place.
    """
    factor = 1.0
    for before, step in zip([None, *done], done):
        if step.energy is None or step.move is None or step.tilt is None:
            factor = SHORTER if step.added > 0.0 else 1.0
            continue
        moving = step.move > 0.2 * step.move.max()
        turned = float(np.abs(step.tilt[moving]).max(initial=0.0))
        off = abs(step.energy)
        steep = 0.0 if before is None else rise_of(before.reading, step.reading, step.time)
        made = factor if before is None else step.move.max() / asked.advance(before.reading.size, running=True)
        as_planned, factor = made > 0.999 * factor, min(factor, float(made))
        if steep > asked.rise:
            factor = min(factor, 1.0) * asked.rise / steep
        elif off < BALANCED and turned < STRAIGHT and as_planned:
            factor *= min(LONGER, asked.rise / max(abs(steep), 1e-3))
        elif turned > BENT:
            factor *= SHORTER
        elif off > UNBALANCED:
            factor = min(factor, 1.0)
        factor = float(np.clip(factor, *STRETCH))
    far = advance_to_arrest(done)
    if np.isfinite(far):
        factor = max(min(factor, far / asked.advance(done[-1].reading.size, running=True)), STRETCH[0])
    return factor


def rise_of(before: Reading, after: Reading, time: float) -> float:
    """ln of the largest K/K_Ic of one geometry over that of another, under the loads of a time [s]."""
    ratios = [float(reading.at(time).ratio.max()) for reading in (before, after)]
    return float(np.log(ratios[1] / ratios[0])) if min(ratios) > 0.0 else 0.0


@dataclass(frozen=True, eq=False)
class Plan:
    """The next move.

    Attributes
    ----------
    kind : "slow", "run" or "rest"
        "rest": nothing worth a step moves before the history ends.
    time : float [s]
        When it runs, or is about to have moved so far; of "rest" the end of the history.
    move : (n,) float [m]
    tilt : (n,) float [rad]
    """

    kind: Literal["slow", "run", "rest"]
    time: float
    move: Array
    tilt: Array


def plan(reading: Reading, time: float, law: Law, clock: Clock, step: Step, longer: float = 1.0) -> Plan:
    """The next move of a geometry that is reached at a time [s]; `longer` is the `stretch` of running steps."""
    if reading.at(time).ratio.max() >= 1.0:
        return _run(reading, time, step, longer)
    advance = step.advance(reading.size, running=False)
    slow = _slow(reading, time, law, clock, advance)
    over = reaches(reading, time)
    if over is not None and over <= slow.until:
        slow = _slow(reading, time, law, clock, np.inf, over)
        if slow.grown.max() < BEFORE * advance:
            return _run(reading, over, step, longer)
    if slow.grown.max() < WORTH * advance:
        return Plan("rest", slow.until, slow.grown, slow.tilt)
    largest = advance if slow.grown.max() >= advance else None
    return Plan("slow", slow.until, _profile(reading, slow.grown, slow.exponent, largest), slow.tilt)


def _run(reading: Reading, time: float, step: Step, longer: float) -> Plan:
    k = np.maximum(reading.at(time).ratio, 0.0)
    exponent = np.full(len(k), step.beta)
    largest = step.advance(reading.size, running=True, stretch=longer)
    move = _profile(reading, (k / k.max()) ** step.beta, exponent, largest)
    return Plan("run", time, move, reading.tilt[reading.row(time)])


def _profile(reading: Reading, grown: Array, exponent: Array, largest: float | None) -> Array:
    """What the points advance when K along the front is that after the step."""
    grown_by, exponent_by, place_by = (reading.by_front(x) for x in (grown, exponent, reading.place))
    moved = advance_along(grown_by, exponent_by, place_by, list(reading.closed), largest)
    out = np.empty(len(grown))
    for i, each in enumerate(moved):
        out[reading.front == i] = each
    return out


def reaches(reading: Reading, time: float) -> float | None:
    """First time from the given one on at which K reaches K_Ic with the geometry as it is."""
    t = np.concatenate([[time], reading.time[reading.time > time]])
    worst = np.array([reading.at(float(x)).ratio.max() for x in t])
    over = np.flatnonzero(worst >= 1.0)
    if not len(over):
        return None
    i = int(over[0])
    if i == 0:
        return float(t[0])
    share = (1.0 - worst[i - 1]) / (worst[i] - worst[i - 1])
    return float(t[i - 1] + share * (t[i] - t[i - 1]))


@dataclass(frozen=True, eq=False)
class _Slow:
    """Slow growth with K as it is: advance, mean tilt, d ln v / d ln K of the points (n,), and until when."""

    grown: Array
    tilt: Array
    exponent: Array
    until: float


def _slow(reading: Reading, time: float, law: Law, clock: Clock, enough: float, until: float = np.inf) -> _Slow:
    """Slow growth of every point with K as it is, until one has moved enough."""
    end = min(until, float(reading.time[-1]))
    instants = breakpoints(reading.time, clock)
    t = np.unique(np.concatenate([[time], instants[(instants > time) & (instants < end)], [end]]))
    here = reading.tilt[reading.row(time)]
    if len(t) < 2:
        return _Slow(np.zeros(len(here)), here, np.zeros(len(here)), end)
    width = np.diff(t)
    at = (0.5 * (t[1:] + t[:-1])[:, None] + 0.5 * width[:, None] * NODES).ravel()
    low = np.clip(np.searchsorted(reading.time, at, side="right") - 1, 0, len(reading.time) - 2)
    share = ((at - reading.time[low]) / (reading.time[low + 1] - reading.time[low]))[:, None]
    k, warm, tough, tilt = (
        (1.0 - share) * x[low] + share * x[low + 1]
        for x in (reading.effective, reading.temperature, reading.toughness, reading.tilt)
    )
    k, wet = np.clip(k, 0.0, tough), clock.at(at)[:, None]
    v = law.velocity(k, warm, wet)
    part = (v.reshape(len(width), len(NODES), -1) * (0.5 * width[:, None, None] * WEIGHTS[:, None]))
    total = np.cumsum(part.sum(axis=1), axis=0)
    far = np.flatnonzero(total.max(axis=1) >= enough)
    last = int(far[0]) if len(far) else len(width) - 1
    weight = part[: last + 1].reshape(-1, part.shape[2])
    sums = weight.sum(axis=0)
    mean = (weight * tilt[: len(weight)]).sum(axis=0) / np.where(sums > 0.0, sums, 1.0)
    top, column = weight.argmax(axis=0), np.arange(part.shape[2])
    less = law.velocity(k / LESS, warm, wet)
    with np.errstate(divide="ignore", invalid="ignore"):
        exponent = (np.log(v) - np.log(less))[top, column] / np.log(LESS)
    exponent = np.where(np.isfinite(exponent), exponent, np.nan)
    return _Slow(total[last], np.where(sums > 0.0, mean, here), exponent, float(t[last + 1]))
