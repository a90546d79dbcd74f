"""After the cracks have grown: pieces of every cracked pane and whether they stay, each pane for itself."""

from __future__ import annotations

from collections.abc import Sequence

from deadlight.chain.cracks import CrackAnswer
from deadlight.chain.leaking import LeakOutcome, leak_outcome
from deadlight.chain.pieces import PaneOutcome, pane_outcome
from deadlight.chain.viewport import Viewport
from deadlight.entry.environment import Environment
from deadlight.errors import InputError, NotSolved
from deadlight.heat.history import TemperatureHistory
from deadlight.progress import Progress
from deadlight.remark import Remark


def outcomes_of(
    viewport: Viewport,
    environment: Environment,
    temperature: TemperatureHistory,
    answers: Sequence[CrackAnswer],
    progress: Progress,
) -> tuple[tuple[PaneOutcome, ...], tuple[Remark, ...]]:
    """Pieces and their stay, of every cracked pane; and an alarm for one where they could not be found."""
    found, told = [], []
    panes = list(dict.fromkeys(a.stated.pane for a in answers))
    for i, pane in enumerate(panes):
        progress("pieces", i / len(panes), pane)
        growth = next((a.growth for a in answers if a.stated.pane == pane and a.full), None)
        try:
            found.append(pane_outcome(viewport, environment, temperature, pane, growth, answers))
        except (InputError, NotSolved) as error:
            text = f"{pane}: what its cracks cut off, and whether it stays, is not known"
            told.append(Remark(f"{text}: {str(error).splitlines()[0]}", alarm=True))
    if panes:
        progress("pieces", 1.0, "; ".join(f"{f.pane} {f.state}" for f in found) or "not found")
    return tuple(found), tuple(told)


def leak_of(
    viewport: Viewport, environment: Environment, temperature: TemperatureHistory, answers: Sequence[CrackAnswer]
) -> tuple[LeakOutcome | None, tuple[Remark, ...]]:
    """Leak through the cracks of the outermost pane; None where none of them is through, or its balance fails."""
    try:
        found = leak_outcome(viewport, environment, temperature, answers, as_stated=True)
    except NotSolved as error:
        return None, (Remark(f"leak through the cracks is not known: {str(error).splitlines()[0]}"),)
    return found, ()
