"""A pane is lost at an instant: the panes behind from then on, one after the other, to the cabin."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from deadlight.assumption import Assumption
from deadlight.chain.next_pane import NextPane, carrying, next_pane
from deadlight.chain.opening import Opening, opening_remarks, outer_pane
from deadlight.chain.pane_strength import PaneStrength, exposed_strength, untempered
from deadlight.chain.run_on import RunOn, run_on
from deadlight.chain.solved import Solved
from deadlight.chain.without_pane import Remaining, behind_opening, without
from deadlight.errors import CaseError
from deadlight.finite import require_finite
from deadlight.progress import Progress, silent
from deadlight.remark import Remark, unique

SLIGHTLY = 1e-3  # [s] before the end at which a loss still has a history


@dataclass(frozen=True, eq=False)
class PaneLoss:
    """What becomes of the window when a pane is lost at an instant.

    Attributes
    ----------
    pane : str
        That is lost, or has lost a piece.
    opening : Opening or None
        Of the piece; None: the whole pane.
    time : float [s]
    exposed : NextPane
        The pane that takes its place.
    behind : tuple of NextPane
        Those behind it: temperatures, seals and frames; stress of the one that carries pressure if the exposed one does
        not, of others once they are exposed.
    run : RunOn
        Heat and stress from the loss on.
    then : PaneLoss or None
        What follows when the exposed pane fails and there is one behind it.
    cabin_lost_at : float or None [s]
        When the last pane fails.
    losing : tuple of Assumption
        What leaving and the heating behind rest on.
    told : tuple of Remark
        Of the opening.
    """

    pane: str
    time: float
    exposed: NextPane
    behind: tuple[NextPane, ...]
    run: RunOn
    then: PaneLoss | None
    cabin_lost_at: float | None
    opening: Opening | None
    losing: tuple[Assumption, ...]
    told: tuple[Remark, ...] = ()

    @property
    def judged(self) -> NextPane:
        """The pane that decides: the exposed one if it carries pressure, else the one that does."""
        if self.exposed.carries:
            return self.exposed
        if self.then is not None:
            return self.then.judged
        return next((p for p in self.behind if p.carries and p.tension is not None), self.exposed)

    @property
    def state(self) -> str:
        """Of the pane that decides: "survives", "temper lost", "breaks" or "not shown"."""
        return self.judged.state

    @property
    def survives(self) -> bool:
        return self.state == "survives"

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """Of heat, environment and every pane, each once."""
        found: list[str] = [*self.told, *self.run.temperature.warnings, *self.exposed.remarks]
        for each in self.behind:
            found += each.remarks
        if self.then is not None:
            found += self.then.remarks
        return unique(found)

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """What it rests on beside the history before the loss, each once."""
        found = [*self.losing, *self.exposed.assumptions]
        if self.then is not None:
            found += self.then.assumptions
        return tuple({(a.key, a.value): a for a in found}.values())


def lose_piece(
    solved: Solved,
    pane: str,
    time: float,
    opening: Opening | None = None,
    *,
    strengths: dict[str, PaneStrength] | None = None,
    tolerance: float | None = None,
    root: str | Path = ".",
    progress: Progress = silent,
) -> PaneLoss:
    """Loses a piece of the outermost pane: a jet on a spot of the next one, the rest still behind the outer pane.

    Parameters
    ----------
    opening : Opening, optional
        `Opening.of_pieces` of what left; the case's `loss.spot` if not given.

    Other parameters, results and errors are those of `lose_pane`; a next pane that fails ends it.
    """
    if opening is None:
        spot = solved.viewport.case.loss.spot
        if spot is None:
            raise CaseError("no opening", place="loss.spot", remedy='spot = { size = "20 mm", radius = "110 mm" }')
        opening = Opening.of_spot(spot)
    front = outer_pane(solved.viewport, solved.temperature, solved.environment, opening)
    remaining = behind_opening(solved.viewport, pane, front)
    return _lost(solved, remaining, time, strengths, False, tolerance, Path(root), progress)


def lose_pane(
    solved: Solved,
    pane: str,
    time: float,
    *,
    strengths: dict[str, PaneStrength] | None = None,
    follow: bool = True,
    tolerance: float | None = None,
    root: str | Path = ".",
    progress: Progress = silent,
) -> PaneLoss:
    """Loses the outermost pane at an instant and follows heat and stress of the others to the end.

    Parameters
    ----------
    solved : Solved
        Heat and stress of the window before any loss.
    pane : str
        The outermost.
    time : float [s]
    strengths : dict, optional
        Filled and used: own stress and laid flaw of every pane, the same for all loss times.
    follow : bool
        Whether a pane that fails is taken out in turn; one that carries no pressure always is.
    tolerance : float, optional [K]
        Local error of a heat step; the case's if not given.
    root : path
        Folder of the case, where a table of slow growth lies.

    Raises
    ------
    CaseError
        The pane is not the outermost, or the only one.
    InputError
        The instant is not inside the return, a flaw is too deep for its pane.
    NotSolved
    """
    left = without(solved.viewport, pane)
    return _lost(solved, left, time, strengths, follow, tolerance, Path(root), progress)


def _lost(
    solved: Solved, remaining: Remaining, time: float, strengths: dict[str, PaneStrength] | None, follow: bool,
    tolerance: float | None, root: Path, progress: Progress,
) -> PaneLoss:  # fmt: skip
    known = {} if strengths is None else strengths
    exposed = remaining.exposed
    bears = carrying(remaining.viewport, solved.environment, time)
    followed = (exposed,) if bears == exposed else (exposed, bears)
    for name in followed:
        if name not in known:
            known[name] = exposed_strength(remaining.viewport, name, root=root)
    start = solved.temperature.at(time)
    ran = run_on(
        replace(remaining, viewport=untempered(remaining.viewport)),
        solved.environment,
        time=time,
        temperature=start,
        before=solved.viewport.case,
        panes=followed,
        tolerance=tolerance,
        progress=progress,
    )
    ran = replace(ran, viewport=remaining.viewport)
    require_finite("loss", run=ran)
    judged = next_pane(ran, known[exposed])
    behind = tuple(
        next_pane(ran, known[p.name] if p.name in followed else PaneStrength(p, np.zeros((0, 6))))
        for p in remaining.viewport.case.panes
        if p.name != exposed
    )
    then, cabin = None, None
    fails = judged.fails_at
    if fails is not None and (follow or not judged.carries):
        if behind and fails < solved.environment.end - SLIGHTLY:
            after = Solved(remaining.viewport, ran.environment, ran.heat_model, ran.temperature, ran.stress)
            then = lose_pane(
                after, exposed, fails, strengths=known, follow=follow, tolerance=tolerance, root=root, progress=progress
            )
            cabin = then.cabin_lost_at
        elif not behind:
            cabin = fails
    opening = None if remaining.front is None else remaining.front.opening
    told = () if remaining.front is None else opening_remarks(remaining.viewport, remaining.front)
    return PaneLoss(
        remaining.lost, time, judged, behind, ran, then, cabin, opening, remaining.assumptions, told
    )
