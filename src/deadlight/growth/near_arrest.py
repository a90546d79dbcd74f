"""How far a running front may go until K comes down to K_Ic, told from the geometries before it.

A step that goes far beyond that place is solved in vain: it is made again up to there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from deadlight.growth.events import JUMP
from deadlight.growth.reading import Reading
from deadlight.growth.record import GrowthStep

Array = np.ndarray[Any, np.dtype[np.float64]]

FIRM = 1.05  # K/K_Ic at the start of a run from which the place where it comes to rest is solved
ABOVE = 1.02  # K/K_Ic that a step towards that place is meant to end at: what is left of the run is not firm
BEYOND = 1.15  # times the growth that the rest of the history is expected to bring: a step meant to end after it


def advance_to_arrest(done: Sequence[GrowthStep]) -> float:
    """Largest advance of a front point [m] up to where a run comes to rest; infinite where none is in sight.

    Up to where K under the loads of now comes down to K_Ic; where K is nearly there, or little more growth is to come
    at all, up to where it stays below K_Ic for the rest of the history.

    Parameters
    ----------
    done : sequence of GrowthStep
        The last one is where the run starts.  Only steps with a balance of energy, which a step too long would spoil,
        are looked at.
    """
    if len(done) < 2 or done[-1].move is None or done[-1].energy is None or done[-1].added > 0.0:
        return np.inf
    smooth = [done[-1]]
    for step in reversed(done[:-1]):
        if len(smooth) == 3 or smooth[0].added > 0.0:
            break
        smooth.insert(0, step)
    time, areas = done[-1].time, np.log([s.reading.area for s in smooth])
    now = np.array([float(s.reading.at(time).ratio.max()) for s in smooth])
    later = np.maximum(now, [_highest(s.reading, time) for s in smooth])
    whole = BEYOND * _down(areas, later, 1.0)
    far = whole if now[-1] < FIRM or np.expm1(whole) < JUMP else _down(areas, now, ABOVE)
    swept = done[-1].reading.area - smooth[-2].reading.area
    return float(np.expm1(far) * done[-1].reading.area * done[-1].move.max() / swept)


def _highest(reading: Reading, time: float) -> float:
    """Largest K/K_Ic from a time on."""
    return float(reading.worst[reading.time >= time].max(initial=0.0))


def _down(x: Array, ratio: Array, target: float) -> float:
    """How far beyond the last x a ratio that falls ever faster, or as before, is down at a target; infinite if never.

    By the parabola through three points where it bends down, else by the line through the last two.
    """
    if not (np.diff(x).min() > 0.0 and ratio[-1] < ratio[-2]):
        return np.inf
    slope = np.diff(ratio) / np.diff(x)
    drop = max(float(ratio[-1]) - target, 0.0)
    steep, bend = -float(slope[-1]), 0.0
    if len(slope) == 2 and slope[1] < slope[0]:
        bend = float(slope[0] - slope[1]) / (0.5 * float(x[2] - x[0]))
        steep += 0.5 * bend * float(x[2] - x[1])
    return 2.0 * drop / (steep + float(np.sqrt(steep**2 + 2.0 * bend * drop)))
