"""Growth of cracks through a history: geometry by geometry, with real time between them."""

from __future__ import annotations

import time as clock_of_wall
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from deadlight.errors import NotSolved
from deadlight.finite import require_finite
from deadlight.growth.branching import branching
from deadlight.growth.energy import TOLERATED
from deadlight.growth.events import JUMP, Run, events_of
from deadlight.growth.near_arrest import FIRM
from deadlight.growth.plan import BALANCED, Plan, Step, plan, reaches, rise_of, stretch
from deadlight.growth.reading import Reading
from deadlight.growth.record import End, GrowthRecord, GrowthStep
from deadlight.growth.segment import Clock, Law, March, Segment
from deadlight.growth.shape import Change, Moved, Shape, Solved
from deadlight.growth.stopped import GrowthStopped
from deadlight.progress import Progress, silent
from deadlight.remark import Remark, unique

Array = np.ndarray[Any, np.dtype[np.float64]]

LIMIT = 60  # geometries, beyond which a record ends as "steps_spent"
PARTLY = (0.02, 0.98)  # progress at the end of the history between which the final geometry is solved too
LITTLE = 0.005  # of the area: between a geometry and where growth ends with the history, none of its own is solved
SHORTER = (1.0, 0.8, 0.6)  # shares of a move tried in turn where the operator fails on what it leads to
CHANGED = 0.1  # |ln K ratio| over a running move from which its length may be why its energy is off
LEAST_SHARE = 0.2  # of a move that is made again for that
LEAST = 1e-9  # of the cracks' area: what a step must sweep


@dataclass(frozen=True)
class Mark:
    """How far everything was when a geometry was done: lengths of the lists of a state, its time, and whether what
    follows is indicative."""

    trace: int
    runs: int
    changes: int
    remarks: int
    time: float
    indicative: bool


@dataclass
class Growing:
    """State of a record in the making; what is stored for a restart."""

    shape: Shape
    solved: Solved
    time: float
    steps: list[GrowthStep] = field(default_factory=list)
    trace: list[tuple[float, float, float]] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    changes: list[tuple[float, bool, Change]] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    indicative: bool = False

    def mark(self) -> None:
        """Note where a restart from here has to take everything up."""
        trace, runs, changes, remarks = len(self.trace), len(self.runs), len(self.changes), len(self.remarks)
        self.marks.append(Mark(trace, runs, changes, remarks, self.time, self.indicative))

    @property
    def reading(self) -> Reading:
        return self.solved.reading


Keep = Callable[[Growing], None]


def start(shape: Shape) -> Growing:
    """State before anything has grown."""
    solved = shape.solve()
    first = float(solved.reading.time[0])
    state = Growing(shape, solved, first)
    _append(state, solved)
    state.trace.append((first, solved.reading.area, float(solved.reading.worst[0])))
    state.mark()
    return state


def follow(
    state: Growing | Shape,
    law: Law,
    clock: Clock,
    *,
    step: Step | None = None,
    limit: int = LIMIT,
    progress: Progress = silent,
    keep: Keep | None = None,
    choices: dict[str, str] | None = None,
) -> GrowthRecord:
    """Follow growth to the end of the history, or as far as it can be followed.

    Parameters
    ----------
    state : Shape or Growing
        The cracks as found, or a stored state from which to go on.
    law : Law
        Slow growth.
    clock : Clock
        Humidity.
    step : Step, optional
    limit : int
        Most geometries that are solved.
    keep : callable, optional
        Called with the state after every geometry, to store it.

    Returns
    -------
    GrowthRecord
        A failed step is its end, with the reason; what was reached before it stays.
    """
    begun = clock_of_wall.perf_counter()
    if not isinstance(state, Growing):
        state = start(state)
        if keep:
            keep(state)
    require_finite("growth", reading=[each.reading for each in state.steps], trace=state.trace)
    step = step or Step()
    total = float(state.reading.time[-1])
    cut: tuple[Any, ...] = ()
    next_move: Plan | None
    while True:
        told = len(state.runs)
        try:
            next_move = plan(state.reading, state.time, law, clock, step, stretch(state.steps, step))
        except NotSolved as failed:
            end, sentence, next_move = End.NOT_SOLVED, f"the next step was not found: {failed}", None
            break
        if next_move.kind == "rest":
            end, sentence = End.HISTORY_OVER, "the history is over"
            _rest(state)
            break
        if len(state.steps) >= limit:
            end, sentence = End.STEPS_SPENT, f"{limit} geometries were solved; the history is not over"
            break
        try:
            done = _one(state, next_move, law, clock)
        except GrowthStopped as stop:
            end, sentence = _end_of(stop), f"{stop.sentence} (while it {_doing(next_move)} at {next_move.time:.4g} s)"
            cut = stop.sheets
            break
        except NotSolved as failed:
            end, sentence = End.NOT_SOLVED, f"the next geometry was not solved: {failed}"
            break
        if len(state.marks) < len(state.steps):
            state.mark()
        if keep:
            keep(state)
        progress("growth", _share(state.time, state.steps[0].reading.time[0], total), _note(state))
        if done:
            end, sentence, next_move = End.HISTORY_OVER, "the history is over", None
            break
    if end is not End.HISTORY_OVER and len(state.runs) == told:  # else the move was told, its last geometry failed
        _stuck(state)
    record = _record(state, end, sentence, next_move, choices or {}, clock_of_wall.perf_counter() - begun)
    return replace(record, cut=cut)


def _one(
    state: Growing, move: Plan, law: Law, clock: Clock, *, again: bool = False, arrested: bool = False
) -> bool:
    """One geometry on. True when the history is over.

    A running move is made again shorter where K changed over it by too much for the energy to balance, and up to where
    the run comes to rest between two geometries, so that K is solved next to the place of arrest instead of being
    interpolated over the whole step.
    """
    move, moved, solved = _solved(state, move)
    swept = solved.reading.area - state.reading.area - moved.added
    if not swept > LEAST * state.reading.area:
        raise GrowthStopped("lost", f"a step swept {1e6 * swept:.3g} mm^2, which is no growth")
    fitting = 1.0 if again else _fitting(state, move, solved)
    if fitting < 1.0:
        return _one(state, replace(move, move=fitting * move.move), law, clock, again=True)
    segment = Segment(state.reading, solved.reading, swept, law, clock)
    march = segment.march(state.time)
    stop = _arrest(segment, march)
    if stop is not None and not arrested:
        return _one(state, replace(move, move=stop * move.move), law, clock, again=True, arrested=True)
    _trace(state, solved.reading, swept, march, law, clock)
    state.remarks += moved.remarks
    if not march.crossed:
        last = march.progress[-1]
        if last < PARTLY[1] and last * swept < LITTLE * state.reading.area:
            last = 0.0  # K of the geometry as it is stands for it
        if last > PARTLY[0] and (1.0 - last) * swept < LITTLE * state.reading.area:
            last = 1.0  # that of the next one does
        if PARTLY[0] < last < PARTLY[1]:
            move = replace(move, move=last * move.move)
            moved = state.shape.moved(move.move, move.tilt)
            solved = moved.shape.solve()
        state.time = march.end
        if last > PARTLY[0]:
            _go_on(state, moved.shape, solved, move, moved.added)
        return True
    state.time = march.end
    _go_on(state, moved.shape, solved, move, moved.added)
    if moved.added > 0.0:
        state.trace.append((march.end, solved.reading.area, float(solved.reading.at(march.end).ratio.max())))
    state.changes += [(march.end, state.indicative, change) for change in moved.changes]
    return False


def _fitting(state: Growing, move: Plan, solved: Solved) -> float:
    """Share of a running move over which the energy would balance, where K changed so much that its length is why.

    The rule's error goes with the square of what ln K changes.
    """
    if move.kind != "run" or solved.balance is None:
        return 1.0
    off = abs(float(solved.balance[solved.reading.row(move.time)]))
    if off <= TOLERATED or abs(rise_of(state.reading, solved.reading, move.time)) < CHANGED:
        return 1.0
    return max(float(np.sqrt(BALANCED / off)), LEAST_SHARE)


def _solved(state: Growing, move: Plan) -> tuple[Plan, Moved, Solved]:
    """The geometry after a move with its K; where the operator fails on it, that after a shorter one."""
    for share in SHORTER:
        asked = move.move if share == 1.0 else share * move.move
        moved = state.shape.moved(asked, move.tilt)
        try:
            solved = moved.shape.solve()
        except NotSolved as failed:
            last = failed
            continue
        return replace(move, move=asked if moved.move is None else moved.move), moved, solved
    raise last


def _arrest(segment: Segment, march: March) -> float | None:
    """Progress at which a run that is worth solving comes to rest between the geometries.

    Growth that K_Ic holds back while the load rises is many small runs; each is as good as its two geometries.
    """
    share = segment.swept / segment.first.area
    for time, a, b in march.runs:
        if PARTLY[0] < b < PARTLY[1] and (b - a) * share > JUMP and segment.ratio(a, time) > FIRM:
            return b
    return None


def _go_on(state: Growing, shape: Shape, solved: Solved, move: Plan, added: float) -> None:
    state.shape.forget()
    state.shape, state.solved = shape, solved
    _append(state, solved, move, added)


def _unbalanced(step: GrowthStep) -> list[Remark]:
    """An alarm where the energy of a step is not balanced: K of one of the two geometries is in doubt."""
    if step.energy is None or abs(step.energy) <= TOLERATED:
        return []
    text = f"geometry {step.number} of the growth: energy of the step off by {100 * step.energy:+.2g} %"
    return [Remark(f"{text} (limit {100 * TOLERATED:g} %)", alarm=True)]


def _append(state: Growing, solved: Solved, move: Plan | None = None, added: float = 0.0) -> None:
    require_finite("growth", reading=solved.reading, fronts=solved.fronts, balance=solved.balance)
    state.steps.append(
        GrowthStep(
            len(state.steps), state.time, solved.reading, solved.fronts, state.shape, state.indicative,
            move=None if move is None else move.move,
            tilt=None if move is None else move.tilt,
            remarks=solved.remarks,
            energy=None if solved.balance is None else float(solved.balance[solved.reading.row(state.time)]),
            added=added,
        )
    )  # fmt: skip
    state.remarks += _unbalanced(state.steps[-1])


def _trace(state: Growing, last: Reading, swept: float, march: March, law: Law, clock: Clock) -> None:
    """Area and largest K/K_Ic along a march; runs; from the first run on everything is indicative."""
    first = state.reading
    segment = Segment(first, last, swept, law, clock)
    for t, xi in zip(march.time, march.progress):
        state.trace.append((t, first.area + xi * swept, segment.ratio(xi, t)))
    for t, a, b in march.runs:
        name, place, _ = _where(state, first, t)
        found = Run(t, first.area + a * swept, first.area + b * swept, name, place, segment.ratio(a, t))
        state.runs.append(found)
        state.indicative = True


def _where(state: Growing, reading: Reading, time: float) -> tuple[str, Array, float]:
    """Crack, place and K/K_Ic where K is nearest to K_Ic."""
    ratio = reading.at(time).ratio
    i = int(ratio.argmax())
    return state.solved.names[int(reading.crack[i])], reading.place[i], float(ratio[i])


def _rest(state: Growing) -> None:
    """The history goes on and nothing moves."""
    later = state.reading.time > state.time
    area = state.reading.area
    state.trace += [
        (float(t), area, float(r)) for t, r in zip(state.reading.time[later], state.reading.worst[later])
    ]


def _stuck(state: Growing) -> None:
    """What follows is not known; that K of the last geometry reaches K_Ic, then or later, is told all the same."""
    time = reaches(state.reading, state.time)
    if time is None:
        return
    area, (name, place, ratio) = state.reading.area, _where(state, state.reading, time)
    state.runs.append(Run(time, area, area, name, place, ratio))
    if time > state.trace[-1][0]:
        state.trace.append((time, area, ratio))


def _end_of(stop: GrowthStopped) -> End:
    try:
        return End(stop.reason)
    except ValueError:
        return End.LOST


def _doing(move: Plan) -> str:
    return "runs" if move.kind == "run" else "grows slowly"


def _share(time: float, first: float, last: float) -> float:
    return (time - first) / (last - first) if last > first else 1.0


def _note(state: Growing) -> str:
    return (
        f"{len(state.steps)} geometries, {1e6 * state.reading.area:.4g} mm^2, K/K_Ic "
        f"{float(state.reading.at(state.time).ratio.max()):.2f} at {state.time:.4g} s"
    )


def _record(
    state: Growing, end: End, sentence: str, move: Plan | None, choices: dict[str, str], seconds: float
) -> GrowthRecord:
    trace = np.array(state.trace)
    ran = branching(np.array([max(run.ratio, 0.0) for run in state.runs]), 1.0) if state.runs else None
    remarks = [*state.remarks, *(r for s in state.steps for r in s.remarks), *([ran.remark()] if ran else [])]
    rests = move is not None and move.kind == "rest"
    return GrowthRecord(
        tier=state.shape.tier,
        steps=tuple(state.steps),
        trace_time=trace[:, 0],
        trace_area=trace[:, 1],
        trace_ratio=trace[:, 2],
        events=events_of(state.runs, state.changes, state.steps, over=end is End.HISTORY_OVER),
        end=end,
        sentence=sentence,
        margin_after=_margin(state, end),
        creep=float(move.move.max()) if rests and move is not None else 0.0,
        remarks=unique(remarks),
        choices=choices,
        seconds=seconds,
        branching=ran,
    )


def _margin(state: Growing, end: End) -> float:
    """Smallest K_Ic/K - 1 after the last run."""
    if end is not End.HISTORY_OVER:
        return float("nan")
    after = max((run.time for run in state.runs), default=-np.inf)
    later = [ratio for t, _, ratio in state.trace if t > after]
    if not later:
        return 0.0  # K is at K_Ic when the history ends
    top = max(later)
    return 1.0 / top - 1.0 if top > 0.0 else float("inf")
