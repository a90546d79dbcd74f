"""Cracks of a heated pane from their origins on the rim to their rest, one run after the other.

Time stands still while cracks run (a run takes a millisecond, heating minutes).  In a run every tip with K >= K_Ic
moves with v/c_R = 1 - (K_Ic/K)^2 (energy balance of Freund 1990, Dynamic Fracture Mechanics, section 6.4, with K of the
crack at rest), no faster than half of c_R, along local symmetry; waves are left out.  A tip whose K reaches `fork_at`
K_Ic, the branching of glass (3 to 4 K_Ic: see `growth/branching.py`), goes on as two.  Where nothing runs, time goes on
until a tip or a flaw of the rim comes to its limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.growth.direction import turn
from deadlight.membrane.heating import PlaneHeating, RimFlaws, share
from deadlight.membrane.intensity import intensity
from deadlight.membrane.mesh import slit_mesh
from deadlight.membrane.network import Network, Tip
from deadlight.membrane.plane import Sheet, Solution, solve_plane

Array = np.ndarray[Any, np.dtype[np.float64]]

RING = 0.45  # of the room round a tip: radius of the ring that K is read from
SLOW = 0.25  # of the least step: tips that would move less wait
THIN = 0.02  # of the largest step: how far a crack that is thinned may move
CREEP = 0.02  # of the fastest: least speed of a tip that runs
LATER = 1e-6  # [s] by which a time that was found is passed


@dataclass(frozen=True, kw_only=True)
class Running:
    """How cracks run.

    Attributes
    ----------
    toughness : float [Pa m^0.5]
    fork_at : float
        K/K_Ic from which a tip goes on as two.
    fork_angle : float [rad]
        Of either branch off the heading.
    fork_apart : float [m]
        Least way between two forks: cracks nearer to each other than some thicknesses are not plane.
    depth : float [m]
        Of a crack when it starts from a flaw, by then through the pane.
    least, most : float [m]
        Steps: half of what a tip has travelled, between these.
    fastest : float
        Of c_R.
    longest : float [m]
        Of straight edges into which cracks are thinned far from tips.
    far, rim : float [m]
        Largest elements, and along rim and cracks.
    rounds : int
        Most steps of a pane.
    """

    toughness: float
    fork_at: float = 4.0
    fork_angle: float = np.radians(20.0)
    fork_apart: float = 0.012
    depth: float = 0.004
    least: float = 0.006
    most: float = 0.02
    fastest: float = 0.5
    longest: float = 0.04
    far: float = 0.05
    rim: float = 0.02
    rounds: int = 600


@dataclass(frozen=True)
class Moment:
    """Something that happened: time [s], what ("start", "fork", "rim", "crack", "rest"), where [m], largest K/K_Ic."""

    time: float
    what: str
    place: tuple[float, float]
    ratio: float


@dataclass(frozen=True, eq=False)
class CrackedPane:
    """A pane at the end of its heating.

    Attributes
    ----------
    network : Network
        Of all cracks; uncracked if no flaw came to its limit.
    moments : tuple of Moment
    rests : tuple of (float, Network)
        Cracks whenever everything came to rest, with the time [s].
    solved : int
        Geometries that were solved.
    finished : bool
        False: the limit of steps ended it.
    """

    network: Network
    moments: tuple[Moment, ...]
    rests: tuple[tuple[float, Network], ...]
    solved: int
    finished: bool

    @property
    def first(self) -> float | None:
        """Time of the first crack [s]."""
        return self.moments[0].time if self.moments else None

    @property
    def origins(self) -> Array:
        """Where cracks started. (k, 2) [m]."""
        return np.array([m.place for m in self.moments if m.what == "start"]).reshape(-1, 2)


def crack_pane(
    outline: Array, sheet: Sheet, heating: PlaneHeating, flaws: RimFlaws, rules: Running
) -> CrackedPane:
    """Runs a pane through its heating.

    Parameters
    ----------
    outline : (n, 2) float [m]
        Rim, counter-clockwise.

    Raises
    ------
    InputError, NotSolved
        A geometry that cannot be meshed or solved.
    """
    run = PaneRun(outline, sheet, heating, flaws, rules)
    run.go(rules.rounds)
    return run.result()


@dataclass(eq=False)
class _Read:
    """K and rim stress of one geometry."""

    k: dict[int, Array]  # vertex -> (q, 2)
    rim: Array  # (q, n) stress at the flaws


class PaneRun:
    """A pane on its way through its heating, some steps at a time; it may be pickled between them."""

    def __init__(
        self, outline: Array, sheet: Sheet, heating: PlaneHeating, flaws: RimFlaws, rules: Running
    ) -> None:
        self.net, self.sheet, self.heating, self.flaws, self.rules = Network(outline), sheet, heating, flaws, rules
        self.moments: list[Moment] = []
        self.rests: list[tuple[float, Network]] = []
        self.waiting = np.ones(len(flaws.strength), dtype=bool)
        self.plain = self._solved(None).rim_stress(flaws.place)  # (m, n)
        self.solved = 0
        self.ratio = 0.0
        self.time: float | None = None
        self.moving = False
        self.finished = False

    def go(self, steps: int) -> bool:
        """Some steps further, each a geometry that is solved; True when the heating has ended."""
        last = self.solved + steps
        while not self.finished and self.solved < last:
            if self.moving and self.time is not None:
                self.moving = self._step(self.time)
                if not self.moving:
                    self.rests.append((self.time, self.net.copy()))
                    self._tell(self.time, "rest", np.zeros(2))
                continue
            self.time = self._next(self.time)
            self.finished = self.time is None
            self.moving = not self.finished
        return self.finished

    def result(self) -> CrackedPane:
        """As it is now."""
        return CrackedPane(self.net, tuple(self.moments), tuple(self.rests), self.solved, self.finished)

    def _tell(self, time: float, what: str, place: Array) -> None:
        self.moments.append(Moment(time, what, (float(place[0]), float(place[1])), self.ratio))

    def _solved(self, time: float | None) -> Solution:
        """At one time, or at all instants."""
        mesh = slit_mesh(self.net, self.rules.far, self.rules.rim)
        if time is None:
            return solve_plane(mesh, self.sheet, self.heating.every)
        return solve_plane(mesh, self.sheet, lambda x: self.heating.at(x, time))

    def _read(self, time: float | None) -> _Read:
        found = self._solved(time)
        self.solved += 1
        k = {t.vertex: intensity(found, t.vertex, RING * self.net.room(t)) for t in self.net.tips
             if t.vertex in found.mesh.tips}  # fmt: skip
        weight = np.eye(len(self.heating.time)) if time is None else share(self.heating.time, time)[None]
        rim = weight @ (self.flaws.stress - self.plain) + found.rim_stress(self.flaws.place)
        return _Read(k, rim)

    def _effective(self, k: Array) -> tuple[Array, Array]:
        """K after the kink over K_Ic, and the kink (counter-clockwise) [rad]. (q, 2) -> (q,), (q,)."""
        found = turn(np.column_stack([k, np.zeros(len(k))]), self.sheet.poisson)
        return found.effective / self.rules.toughness, found.tilt

    def _next(self, after: float | None) -> float | None:
        """First time from which a flaw breaks or a tip runs; what does is moved at once.  None: it all stands."""
        t = self.heating.time
        if after is None:
            stress, ratios = self.flaws.stress, {}
        else:
            read = self._read(None)
            stress, ratios = read.rim, {v: self._effective(k)[0] for v, k in read.k.items()}
        rows = [*(stress[:, i] / s for i, s in enumerate(self.flaws.strength)), *ratios.values()]
        names: list[tuple[str, int]] = [*(("flaw", i) for i in range(len(self.waiting))), *(("tip", v) for v in ratios)]
        best: tuple[float, tuple[str, int]] | None = None
        for name, row in zip(names, rows):
            if name[0] == "flaw" and not self.waiting[name[1]]:
                continue
            when = _reaches(t, row, after)
            if when is not None and (best is None or when < best[0]):
                best = when, name
        if best is None:
            return None
        time, (kind, i) = best[0] + LATER, best[1]
        if kind == "flaw":
            self._start(i, time)
        else:
            tip = next(p for p in self.net.tips if p.vertex == i)
            _, tilt = self._effective(share(t, time)[None] @ read.k[i])
            self._move(tip, _turned(tip.heading, float(tilt[0])), self.rules.most, time)
        return time

    def _start(self, i: int, time: float) -> None:
        self.waiting[i] = False
        tip = self.net.start(self.flaws.place[i], self.rules.depth)
        self._tell(time, "start", self.net.points[self.net.origins[tip.origin]])

    def _move(self, tip: Tip, heading: Array, step: float, time: float) -> None:
        if self.net.advance(tip, heading, step):
            end = self.net.edges[-1][1]
            self._tell(time, self.net.ended.get(end, "crack"), self.net.points[end])

    def _step(self, time: float) -> bool:
        """One geometry at this time; False where nothing moves in it."""
        self.net.thin(THIN * self.rules.most, self.rules.longest, 2.0 * self.rules.most)
        read = self._read(time)
        broken = np.flatnonzero(self.waiting & (read.rim[0] >= self.flaws.strength))
        if len(broken):  # the one nearest to its limit; others may be relieved by it
            i = int(broken[(read.rim[0] / self.flaws.strength)[broken].argmax()])
            self._start(i, time)
        ratio, tilt = self._effective(np.array(list(read.k.values())).reshape(-1, 2))
        state = {v: (float(r), float(a)) for v, r, a in zip(read.k, ratio, tilt)}
        self.ratio = float(ratio.max(initial=0.0))
        running = [t for t in self.net.tips if t.vertex in state and state[t.vertex][0] >= 1.0]
        self._round(running, state, time)
        return bool(running) or len(broken) > 0

    def _round(self, running: Sequence[Tip], state: dict[int, tuple[float, float]], time: float) -> None:
        """All running tips move for the same length of time."""
        r = self.rules
        speed = {
            t.vertex: float(np.clip((1.0 - state[t.vertex][0] ** -2) / r.fastest, CREEP, 1.0)) for t in running
        }
        allowed = {t.vertex: float(np.clip(0.5 * t.travelled, r.least, r.most)) for t in running}
        clock = min((allowed[v] / speed[v] for v in speed), default=0.0)
        for tip in running:
            if tip not in self.net.tips:
                continue  # met by another one in this round
            ratio, tilt = state[tip.vertex]
            step, heading = clock * speed[tip.vertex], _turned(tip.heading, tilt)
            if step < SLOW * r.least:
                continue
            if ratio >= r.fork_at and tip.travelled >= r.fork_apart:
                self._tell(time, "fork", self.net.points[tip.vertex])
                tip.heading = heading
                for each in self.net.fork(tip, r.fork_angle):
                    self._move(each, each.heading, max(step, r.least), time)
            else:
                self._move(tip, heading, step, time)


def _turned(x: Array, angle: float) -> Array:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([c * x[0] - s * x[1], s * x[0] + c * x[1]])


def _reaches(time: Array, ratio: Array, after: float | None) -> float | None:
    """First time after `after` at which a ratio at instants is one or more, linear between them; before the first
    instant it rises from zero at time zero."""
    if after is None:
        time, ratio = np.concatenate([[0.0], time]), np.concatenate([[0.0], ratio])
        after = 0.0
    now = float(np.interp(after, time, ratio))
    later = time > after
    t, x = np.concatenate([[after], time[later]]), np.concatenate([[now], ratio[later]])
    above = np.flatnonzero(x >= 1.0)
    if not len(above):
        return None
    k = int(above[0])
    if k == 0:
        return float(t[0])
    return float(t[k - 1] + (1.0 - x[k - 1]) / (x[k] - x[k - 1]) * (t[k] - t[k - 1]))
