"""A piece of the outermost pane is lost: the window runs on with the opening it leaves.

Two openings are followed: the one left by pieces that retention says leave, from when they leave, and the one that the
case states (`loss.spot`), from the instant at which the loss of the whole pane is worst.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deadlight.chain.loss_sweep import LossSweep
from deadlight.chain.opening import Opening
from deadlight.chain.pane_loss import PaneLoss, lose_pane, lose_piece
from deadlight.chain.pieces import PaneOutcome
from deadlight.chain.solved import Solved
from deadlight.chain.staying import SHARP
from deadlight.errors import InputError, NotSolved
from deadlight.progress import Progress, silent
from deadlight.remark import Remark


@dataclass(frozen=True, eq=False)
class LostPiece:
    """What follows when something of the outermost pane is lost.

    Attributes
    ----------
    what : str
        In words: the piece and when, or that the case states it.
    loss : PaneLoss
    stated : bool
        By the case; else by the balance of the piece.
    """

    what: str
    loss: PaneLoss
    stated: bool

    @property
    def sentence(self) -> str:
        """What becomes of the pane that decides."""
        hole = self.loss.opening
        size = "" if hole is None else f" (opening {2e3 * hole.radius:.3g} mm across)"
        cabin = "" if self.loss.cabin_lost_at is None else f"; the cabin is lost at {self.loss.cabin_lost_at:.0f} s"
        return f"{self.what}{size}: {self.loss.judged.sentence}{cabin}"


def lost_pieces(
    solved: Solved,
    outcomes: Sequence[PaneOutcome],
    sweep: LossSweep | None = None,
    *,
    root: str | Path = ".",
    progress: Progress = silent,
) -> tuple[tuple[LostPiece, ...], tuple[Remark, ...]]:
    """What follows openings in the outermost pane, and what could not be followed.

    Parameters
    ----------
    outcomes : sequence of PaneOutcome
        Of any panes; what leaves the outermost one is followed.
    sweep : LossSweep, optional
        Of the outermost pane: its worst instant is taken for the opening that the case states.
    """
    case = solved.viewport.case
    pane = case.panes[0].name
    found: list[LostPiece] = []
    told: list[Remark] = []
    outcome = next((o for o in outcomes if o.pane == pane and o.first_lost is not None), None)
    try:
        if outcome is not None:
            made, more = _that_leave(solved, outcome, Path(root), progress)
            found.append(made)
            told += more
        if case.loss.spot is not None and sweep is not None:
            loss = lose_piece(solved, pane, sweep.worst.time, root=root, progress=progress)
            found.append(LostPiece(f"a piece of {pane} as stated, lost at {loss.time:.0f} s", loss, True))
    except (InputError, NotSolved) as error:
        text = f"{pane}: what follows the loss of a piece is not known: {str(error).splitlines()[0]}"
        told.append(Remark(text, alarm=True))
    return tuple(found), tuple(told)


def _that_leave(
    solved: Solved, outcome: PaneOutcome, root: Path, progress: Progress
) -> tuple[LostPiece, tuple[Remark, ...]]:
    """Of the pieces that leave first, or of the whole pane."""
    lost = outcome.lost
    time = float(lost[0].lost or 0.0)
    if not lost[0].cut:
        loss = lose_pane(solved, outcome.pane, time, root=root, progress=progress)
        return LostPiece(f"{outcome.pane} leaves at {time:.0f} s", loss, False), ()
    first = [s for s in lost if s.lost is not None and s.lost <= time + SHARP]
    opening = Opening.of_pieces([s.piece for s in first], _thickness(solved, outcome.pane))
    loss = lose_piece(solved, outcome.pane, time, opening, root=root, progress=progress)
    names = " and ".join(s.label for s in first)
    made = LostPiece(f"{names} of {outcome.pane} gone from {time:.0f} s on", loss, False)
    later = len(lost) - len(first)
    if not later:
        return made, ()
    text = f"{outcome.pane}: {later} more leave later; the opening stays that of the first"
    return made, (Remark(text, alarm=True),)


def _thickness(solved: Solved, pane: str) -> float:
    mesh = solved.viewport.mesh
    return float(np.ptp(mesh.points[mesh.region_nodes(pane), 2]))
