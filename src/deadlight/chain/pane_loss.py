"""A pane is lost at an instant: the panes behind from then on, one after the other, to the cabin."""

from __future__ import annotations

from dataclasses import dataclass, replace

from deadlight.assumption import Assumption
from deadlight.chain.next_pane import NextPane, PaneStrength, exposed_strength, next_pane, untempered
from deadlight.chain.run_on import RunOn, run_on
from deadlight.chain.solved import Solved
from deadlight.chain.without_pane import without
from deadlight.progress import Progress, silent
from deadlight.remark import Remark, unique

SLIGHTLY = 1e-3  # [s] before the end at which a loss still has a history


@dataclass(frozen=True, eq=False)
class PaneLoss:
    """What becomes of the window when a pane is lost at an instant.

    Attributes
    ----------
    pane : str
        That is lost.
    time : float [s]
    exposed : NextPane
        The pane that takes its place.
    behind : tuple of NextPane
        Those behind it: temperatures, seals and frames; their stress is followed once they are exposed.
    run : RunOn
        Heat and stress from the loss on.
    then : PaneLoss or None
        What follows when the exposed pane fails and there is one behind it.
    cabin_lost_at : float or None [s]
        When the last pane fails.
    losing : tuple of Assumption
        What leaving and the heating behind rest on.
    """

    pane: str
    time: float
    exposed: NextPane
    behind: tuple[NextPane, ...]
    run: RunOn
    then: PaneLoss | None
    cabin_lost_at: float | None
    losing: tuple[Assumption, ...]

    @property
    def state(self) -> str:
        """Of the exposed pane: "survives", "temper lost", "breaks" or "not shown"."""
        return self.exposed.state

    @property
    def survives(self) -> bool:
        return self.exposed.state == "survives"

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """Of heat, environment and every pane, each once."""
        found: list[str] = [*self.run.temperature.warnings, *self.exposed.remarks]
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


def lose_pane(
    solved: Solved,
    pane: str,
    time: float,
    *,
    strengths: dict[str, PaneStrength] | None = None,
    follow: bool = True,
    tolerance: float | None = None,
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
        Whether a pane that fails is taken out in turn.
    tolerance : float, optional [K]
        Local error of a heat step; the case's if not given.

    Raises
    ------
    CaseError
        The pane is not the outermost, or the only one.
    InputError
        The instant is not inside the return, a flaw is too deep for its pane.
    NotSolved
    """
    known = {} if strengths is None else strengths
    remaining = without(solved.viewport, pane)
    exposed = remaining.exposed
    if exposed not in known:
        known[exposed] = exposed_strength(remaining.viewport, exposed)
    start = solved.temperature.at(time)
    ran = run_on(
        replace(remaining, viewport=untempered(remaining.viewport)),
        solved.environment,
        time=time,
        temperature=start,
        before=solved.viewport.case,
        panes=(exposed,),
        tolerance=tolerance,
        progress=progress,
    )
    ran = replace(ran, viewport=remaining.viewport)
    judged = next_pane(ran, known[exposed])
    behind = tuple(
        next_pane(ran, PaneStrength(p, known[exposed].residual[:0]))
        for p in remaining.viewport.case.panes
        if p.name != exposed
    )
    then, cabin = None, None
    fails = judged.fails_at
    if fails is not None and follow:
        if behind and fails < solved.environment.end - SLIGHTLY:
            after = Solved(remaining.viewport, ran.environment, ran.heat_model, ran.temperature, ran.stress)
            then = lose_pane(
                after, exposed, fails, strengths=known, follow=follow, tolerance=tolerance, progress=progress
            )
            cabin = then.cabin_lost_at
        elif not behind:
            cabin = fails
    return PaneLoss(pane, time, judged, behind, ran, then, cabin, remaining.assumptions)
