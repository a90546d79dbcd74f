"""Loss of the outermost pane at every instant of the return: when the next one fails, and from when on it does not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deadlight.assumption import Assumption
from deadlight.chain.flaw_history import ratio_before
from deadlight.chain.loss_column import ColumnSweep, column_sweep
from deadlight.chain.next_pane import State, carrying, pane_limit
from deadlight.chain.pane_loss import PaneLoss, lose_pane
from deadlight.chain.pane_strength import PaneStrength
from deadlight.chain.solved import Solved
from deadlight.chain.without_pane import Remaining, without
from deadlight.entry.environment import Environment
from deadlight.finite import require_finite
from deadlight.progress import Progress, silent
from deadlight.remark import Remark, alike, unique

Array = np.ndarray[Any, np.dtype[np.float64]]

FAILS = ("breaks", "temper lost")
LAST = 0.995  # of the return: the last loss time
APART = 2.0  # [s] loss times closer than this are one


@dataclass(frozen=True)
class LossPoint:
    """One loss time.

    Attributes
    ----------
    time : float [s]
    state : str
        Of the pane that bears the pressure, as in `NextPane`.
    by : str
        "window": the whole window was solved; "column": the fast model, its K by the solved windows.
    peak_temperature : float [K]
    ratio : float or None
        Largest K/K_Ic of its flaw.
    """

    time: float
    state: State
    by: str
    peak_temperature: float
    ratio: float | None


@dataclass(frozen=True, eq=False)
class LossSweep:
    """All loss times of one pane.

    Attributes
    ----------
    pane, exposed : str
    bears : str
        The outermost pane that carries pressure then: it is what is judged.
    points : tuple of LossPoint
        In order of time.
    confirmed : tuple of PaneLoss
        Those solved in the whole window, in order of time.
    worst : PaneLoss
        Lost at the instant that heats it most against its rim.
    fails_until : float or None [s]
        Last loss time at which it fails, by the whole window; None: at none.
    kept_from : float or None [s]
        Earliest loss time, by the whole window, from which on it fails at none; None: it fails at the last.
    safe_from : float or None [s]
        The same where it is shown to survive: None also where its strength is not judged.
    column : ColumnSweep
    remarks, assumptions : tuples
    """

    pane: str
    exposed: str
    bears: str
    points: tuple[LossPoint, ...]
    confirmed: tuple[PaneLoss, ...]
    worst: PaneLoss
    fails_until: float | None
    kept_from: float | None
    safe_from: float | None
    column: ColumnSweep
    remarks: tuple[Remark, ...]
    assumptions: tuple[Assumption, ...]

    @property
    def sentence(self) -> str:
        """What the sweep says, in one sentence."""
        if self.fails_until is None:
            at = f"worst, lost at {self.worst.time:.0f} s"
            return f"whenever {self.pane} is lost, {self.worst.judged.sentence} ({at})"
        if self.kept_from is None:
            return f"whenever {self.pane} is lost, {self.bears} fails: {self.worst.judged.sentence}"
        return (
            f"lost up to {self.fails_until:.0f} s, {self.bears} fails; lost from {self.kept_from:.0f} s on it does "
            f"not; worst, lost at {self.worst.time:.0f} s: {self.worst.judged.sentence}"
        )


def loss_sweep(
    solved: Solved,
    pane: str,
    *,
    strengths: dict[str, PaneStrength] | None = None,
    instants: int | None = None,
    confirmed: int | None = None,
    follow: bool = True,
    root: str | Path = ".",
    progress: Progress = silent,
) -> LossSweep:
    """Loses the outermost pane at many instants; worst instant and flip by the whole window.

    Parameters
    ----------
    solved : Solved
        Heat and stress of the window before any loss.
    pane : str
    strengths : dict, optional
        As for `lose_pane`.
    instants, confirmed : int, optional
        Loss times of the column, and whole windows solved at most; the case's [loss] if not given.
    follow : bool
        Whether the pane that fails at the worst instant is taken out in turn, to the cabin; no verdict needs it.
    root : path
        Folder of the case.

    Raises
    ------
    CaseError, InputError, NotSolved
        As `lose_pane`.
    """
    stated = solved.viewport.case.loss
    remaining = without(solved.viewport, pane)
    times = loss_times(solved.environment, instants or stated.instants)
    progress("loss", 0.0, f"{len(times)} instants")
    bears = carrying(remaining.viewport, solved.environment, float(times[0]))
    column = column_sweep(remaining, solved.environment, solved.temperature, times, bears)
    require_finite("loss", column=column)
    sweep = _Sweep(solved, pane, remaining, column, strengths if strengths is not None else {}, progress)
    sweep.root = Path(root)
    sweep.search(confirmed or stated.confirmed, follow=follow)
    return sweep.result()


def loss_times(environment: Environment, count: int) -> Array:
    """Half of them evenly in time, half evenly in heat load: where something happens they lie close. (k,) [s]."""
    last = LAST * environment.end
    clock = np.linspace(0.0, last, 2001)
    flux = np.maximum(environment.film(clock) * environment.recovery_enthalpy(clock), 0.0)
    load = np.concatenate([[0.0], np.cumsum(0.5 * (flux[1:] + flux[:-1]))])
    found = np.linspace(0.0, last, count - count // 2)
    if load[-1] > 0.0:
        shares = (np.arange(count // 2) + 0.5) / (count // 2) * load[-1]
        found = np.concatenate([found, np.interp(shares, load, clock)])
    found = np.sort(found)
    return found[np.concatenate([[True], np.diff(found) > APART])]


class _Sweep:
    """The search for the flip: column for all instants, the whole window where it counts."""

    def __init__(
        self, solved: Solved, pane: str, remaining: Remaining, column: ColumnSweep,
        strengths: dict[str, PaneStrength], progress: Progress,
    ) -> None:  # fmt: skip
        self.solved, self.pane, self.remaining, self.column = solved, pane, remaining, column
        self.strengths, self.progress = strengths, progress
        self.done: dict[int, PaneLoss] = {}
        self.bears = carrying(remaining.viewport, solved.environment, float(column.time[0]))
        self.limit = pane_limit(remaining.viewport, self.bears)
        self.worst = 0
        self.before: float | None = None
        self.root = Path()

    def search(self, most: int, *, follow: bool) -> None:
        """Solves the worst instant, then both sides of the flip, moving it as they say."""
        self.most = most
        self.worst = int(np.argmax(self.column.deficit))
        self.solve(self.worst, follow=follow)
        self.before = self._before()
        while len(self.done) < most:
            wanted = self._next()
            if wanted is None:
                return
            self.solve(wanted, follow=False)

    def _before(self) -> float | None:
        """K/K_Ic of the flaw if nothing is lost: what late losses come to."""
        strength, stress = self.strengths.get(self.bears), self.solved.stress.get(self.bears)
        if strength is None or strength.scan is None or stress is None:
            return None
        viewport, heat = self.solved.viewport, self.solved.temperature
        if len(stress.time) != len(heat.time):
            return None
        warm = heat.temperature[:, viewport.mesh.region_nodes(self.bears)]
        return ratio_before(strength, stress, warm, viewport.materials[self.bears].toughness)

    def solve(self, i: int, *, follow: bool) -> None:
        """The whole window at the i-th instant."""
        time = float(self.column.time[i])
        self.progress("loss", len(self.done) / self.most, f"{self.pane} lost at {time:.0f} s")
        self.done[i] = lose_pane(
            self.solved, self.pane, time, strengths=self.strengths, follow=follow, root=self.root,
            progress=self.progress,
        )

    def _next(self) -> int | None:
        """The instant to solve next: the last that fails, then the one after it; None when both are solved."""
        failing = [i for i, p in enumerate(self.points()) if p.state in FAILS]
        last = failing[-1] if failing else None
        after = 0 if last is None else last + 1
        for i in (last, after):
            if i is not None and i < len(self.column.time) and i not in self.done:
                return i
        return None

    def points(self) -> tuple[LossPoint, ...]:
        """Every instant as it is known now."""
        return tuple(self._point(i) for i in range(len(self.column.time)))

    def _point(self, i: int) -> LossPoint:
        time, peak = float(self.column.time[i]), float(self.column.peak[i])
        if i in self.done:
            pane = self.done[i].judged
            return LossPoint(time, pane.state, "window", pane.peak_temperature, _reached(self.done[i]))
        ratio = self._ratio(i)
        if ratio is not None and ratio >= 1.0:
            return LossPoint(time, "breaks", "column", peak, ratio)
        if self.limit is not None and peak > self.limit:
            return LossPoint(time, "temper lost", "column", peak, ratio)
        state: State = "not shown" if ratio is None or self.limit is None else "survives"
        return LossPoint(time, state, "column", peak, ratio)

    def _ratio(self, i: int) -> float | None:
        """K/K_Ic at the i-th instant: the deficit times their quotient, which is linear in time between those known."""
        reached = ((j, _reached(loss)) for j, loss in self.done.items())
        column = self.column
        known = [
            (float(column.time[j]), ratio / float(column.deficit[j]))
            for j, ratio in reached
            if ratio is not None and column.deficit[j] > 0.0
        ]
        if not known:
            return None
        if self.before is not None and column.kept > 0.0 and column.kept_time > max(t for t, _ in known):
            known.append((column.kept_time, self.before / column.kept))
        time, quotient = np.array(sorted(known)).T
        return float(np.interp(column.time[i], time, quotient) * max(column.deficit[i], 0.0))

    def result(self) -> LossSweep:
        """What was found."""
        points = self.points()
        failing = [i for i, p in enumerate(points) if p.state in FAILS]
        last = failing[-1] if failing else None
        after = 0 if last is None else last + 1
        settled = after < len(points) and after in self.done and (last is None or last in self.done)
        kept = points[after].time if after < len(points) else None
        worst_first = [self.done[self.worst], *(loss for i, loss in self.done.items() if i != self.worst)]
        remarks: list[str] = [*alike((loss.remarks for loss in worst_first), "loss time")]
        if not settled and after < len(points):
            text = f"the flip of {self.bears} between {points[max(after - 1, 0)].time:.0f} s and "
            remarks.append(Remark(f"{text}{points[after].time:.0f} s is by the fast model only", alarm=True))
        losses = tuple(self.done[i] for i in sorted(self.done))
        assumed = {(a.key, a.value): a for loss in losses for a in loss.assumptions}
        shown = kept is not None and all(p.state == "survives" for p in points[after:])
        return LossSweep(
            self.pane, self.remaining.exposed, self.bears, points, losses, self.done[self.worst],
            None if last is None else points[last].time, kept, kept if shown else None, self.column,
            unique(remarks), tuple(assumed.values()),
        )  # fmt: skip


def _reached(loss: PaneLoss) -> float | None:
    """Largest K/K_Ic of the flaw of the pane that decides; at least 1 where it breaks by slow growth."""
    flaw = loss.judged.flaw
    if flaw is None:
        return None
    return flaw.ratio_max if flaw.breaks_at is None else max(flaw.ratio_max, 1.0)
