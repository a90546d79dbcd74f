"""From runs and changes of geometry to the events of a record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from deadlight.growth.record import CRITICAL, GrowthEvent, GrowthStep
from deadlight.growth.shape import Change

Array = np.ndarray[Any, np.dtype[np.float64]]

JUMP = 0.05  # of the area: growth at one time below which several runs are one growth that K_Ic holds back
PAUSE = 0.1  # of the history: runs further apart than this are told each by itself


@dataclass(frozen=True, eq=False)
class Run:
    """Growth at or above K_Ic at one time, from one area to another [m^2]."""

    time: float
    start: float
    stop: float
    crack: str
    place: Array
    ratio: float

    @property
    def jump(self) -> float:
        return self.stop / self.start - 1.0


def events_of(
    runs: Sequence[Run], changes: Sequence[tuple[float, bool, Change]], steps: Sequence[GrowthStep], *, over: bool
) -> tuple[GrowthEvent, ...]:
    """Everything that happened, in order of time.

    Parameters
    ----------
    over : bool
        Whether the history was followed to its end: then the last run has come to rest too.
    """
    begin, last = (float(steps[0].reading.time[i]) for i in (0, -1))
    groups = _grouped(_at_once(runs), PAUSE * (last - begin))
    found = []
    for i, group in enumerate(groups):
        found += _told(group, first=i == 0)
        if i + 1 < len(groups) or (over and group[-1].time < last):
            found.append(_arrest(group[-1]))
    found += [GrowthEvent(t, c.what, c.crack, c.place, c.detail, late) for t, late, c in changes]
    slow = next((s for s in steps[1:] if not s.indicative), None)
    if slow is not None:
        r = slow.reading
        i = int(r.at(slow.time).ratio.argmax())
        detail = f"slow growth has made {100 * (slow.area / steps[0].area - 1):.3g} % of new area"
        found.append(GrowthEvent(slow.time, "grows slowly", "", r.place[i], detail))
    return tuple(sorted(found, key=lambda e: e.time))


def _at_once(runs: Sequence[Run]) -> list[Run]:
    """Runs at one time are one run, through however many geometries it went."""
    found: list[Run] = []
    for run in runs:
        if found and run.time == found[-1].time:
            found[-1] = replace(found[-1], stop=run.stop)
        else:
            found.append(run)
    return found


def _grouped(runs: Sequence[Run], pause: float) -> list[list[Run]]:
    """Runs that follow each other within `pause` [s], without other growth in between."""
    groups: list[list[Run]] = []
    for run in runs:
        if groups and _same(groups[-1][-1], run) and run.time - groups[-1][-1].time <= pause * (1.0 + 1e-9):
            groups[-1].append(run)
        else:
            groups.append([run])
    return groups


def _same(before: Run, run: Run) -> bool:
    """Growth held at K_Ic is many small runs."""
    return before.jump < JUMP and run.jump < JUMP and abs(run.start - before.stop) <= 1e-3 * run.start


def _told(group: list[Run], *, first: bool) -> list[GrowthEvent]:
    a, b = group[0], group[-1]
    size = f"from {1e6 * a.start:.4g} to {1e6 * b.stop:.4g} mm^2 of crack"
    what = CRITICAL if first else "K reaches K_Ic again"
    found = [GrowthEvent(a.time, what, a.crack, a.place, f"K/K_Ic {a.ratio:.3g}", not first)]
    if b.time > a.time:  # several, each below JUMP
        detail = f"{size}, until {b.time:.4g} s"
        return [*found, GrowthEvent(a.time, "grows with K held at K_Ic", a.crack, a.place, detail, True)]
    found.append(GrowthEvent(a.time, "runs", a.crack, a.place, size, True))
    return found


def _arrest(last: Run) -> GrowthEvent:
    detail = f"at {1e6 * last.stop:.4g} mm^2 of crack"
    return GrowthEvent(last.time, "arrests", last.crack, last.place, detail, True)
