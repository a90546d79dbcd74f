"""What becomes of a cracked pane: the pieces that its cracks cut off in time, and whether pane and pieces stay."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from deadlight.assumption import Assumption
from deadlight.chain.crack_surfaces import Geometry, as_found, geometries
from deadlight.chain.cracks import CrackAnswer
from deadlight.chain.holding import Holding, holding
from deadlight.chain.pane_growth import STOPPED, PaneGrowth
from deadlight.chain.staying import Stage, Stay, stay
from deadlight.chain.viewport import Viewport
from deadlight.entry.environment import Environment
from deadlight.finite import UNLIMITED, Rule, require_finite
from deadlight.heat.history import TemperatureHistory
from deadlight.outcome.pieces import Pieces, pieces_of
from deadlight.outcome.skin import Skin, skin_of
from deadlight.remark import Remark, unique

SAGITTA = 1e-5  # of the pane's extent: its skin as plain triangles


@dataclass(frozen=True, eq=False)
class PaneOutcome:
    """What becomes of one pane.

    Attributes
    ----------
    pane : str
    state : str
        "held", "loose" or "leaves": the worst of the pane and its pieces over the history.
    cut_time : float or None [s]
        When cracks first cut something off; None: never.
    pieces : tuple of Stay
        The whole pane up to the first cut, then every piece, each with its states in time.
    first_lost : float or None [s]
        When the pane or a piece first leaves.
    margin : float
        Smallest factor on the loads, over the history, at which everything still stays in place for certain; below 1
        something is not held.
    governing : Stay
        Whose margin it is (of pieces that leave, the first to leave).
    holding : Holding
        Supports and loads it was worked out with.
    closure : float
        Sum of the pieces' masses over the pane's, less one; largest of all geometries.
    remarks : tuple of Remark
    assumptions : tuple of Assumption
    """

    pane: str
    state: str
    cut_time: float | None
    pieces: tuple[Stay, ...]
    first_lost: float | None
    margin: float
    governing: Stay
    holding: Holding
    closure: float
    remarks: tuple[Remark, ...]
    assumptions: tuple[Assumption, ...]

    def no_number(self) -> dict[str, Rule]:
        return {"margin": UNLIMITED}

    @property
    def lost(self) -> tuple[Stay, ...]:
        """Pieces that leave, in order of time."""
        return tuple(sorted((p for p in self.pieces if p.lost is not None), key=lambda p: p.lost or 0.0))

    @property
    def sentence(self) -> str:
        """What happens, in one sentence or two."""
        cut = [p for p in self.pieces if p.cut]
        if not cut:
            told = f"Nothing is cut off {self.pane}"
        else:
            told = f"{self.pane} is cut into {len(cut)} pieces, first at {self.cut_time:.0f} s"
        if self.first_lost is not None:
            first = self.lost[0]
            way = ", ".join(f"{x:+.2f}" for x in first.way)
            size = f"{1e3 * first.piece.mass:.3g} g"
            return f"{told}; {first.label} ({size}) leaves at {self.first_lost:.0f} s along ({way})."
        if self.state == "loose":
            return f"{told}; {self.governing.label} is loose: {self.governing.why}."
        factor = "any" if math.isinf(self.margin) else f"{self.margin:.3g}"
        return f"{told}; held, loads x {factor} before {self.governing.label} moves."


def pane_outcome(
    viewport: Viewport,
    environment: Environment,
    temperature: TemperatureHistory,
    pane: str,
    growth: PaneGrowth | None,
    answers: Sequence[CrackAnswer],
) -> PaneOutcome:
    """Pieces of a pane in time, and whether they stay.

    Parameters
    ----------
    viewport, environment, temperature
        Of the run; the environment with the gas of its gaps.
    pane : str
    growth : PaneGrowth or None
        Of the pane's cracks by the operator; that of single cracks by the quick tier is in their answers.
    answers : sequence of CrackAnswer
        Of any panes; those of others are left out.

    Raises
    ------
    InputError, NotSolved
        Sections or balances that fail.
    """
    mine = [a for a in answers if a.stated.pane == pane]
    mesh, _ = viewport.mesh.submesh(pane)
    skin = skin_of(mesh, pane, sagitta=SAGITTA)
    held = holding(viewport, environment, temperature, pane)
    start = float(held.time[0])
    shapes = geometries(mine, start, skin.high - skin.low) or [Geometry(start, ())]
    still = as_found(viewport, [c for c in viewport.beside if c.pane == pane], skin.high - skin.low)
    shapes = [dataclasses.replace(g, surfaces=(*g.surfaces, *still)) for g in shapes]
    density = viewport.materials[pane].density
    found = cut_stages(skin, shapes, density)
    require_finite(f"pieces of {pane}", holding=held, cut=[cut for _, cut in found])
    stages = [Stage(shape.time, cut.pieces, shape.indicative) for shape, cut in found]
    stays, told = stay(held, stages)
    worst = max(stays, key=lambda s: (("held", "loose", "leaves").index(s.worst), -(s.lost or 0.0), -s.margin))
    remarks = [*told, *held.remarks, *(r.of(pane) for _, cut in found for r in cut.remarks)]
    remarks += _doubts(pane, growth, mine, found)
    cuts = [shape.time for shape, cut in found if len(cut.pieces) > 1]
    lost = [s.lost for s in stays if s.lost is not None]
    return PaneOutcome(
        pane, worst.worst, cuts[0] if cuts else None, tuple(stays), min(lost) if lost else None,
        min(s.margin for s in stays), worst, held, max((c.closure for _, c in found), key=abs), unique(remarks),
        held.assumptions,
    )  # fmt: skip


def cut_stages(skin: Skin, shapes: Sequence[Geometry], density: float) -> list[tuple[Geometry, Pieces]]:
    """The geometries at which the number of pieces changes, the first always among them.

    Cracks only grow, so the number only rises: where two geometries have the same, all between them have it.
    The last word of every change has its independent check, and so has the pane that nothing is cut off: at its last
    geometry where it stays whole, as found where it is cut later (just before the cut, what holds is thinner than the
    check's cells).
    """
    known: dict[int, Pieces] = {}

    def count(i: int) -> int:
        if i not in known:
            known[i] = pieces_of(skin, shapes[i].surfaces, density, check=False)
        return len(known[i].pieces)

    changes = [0, *_changes(count, 0, len(shapes) - 1)]
    made = []
    for i in changes:
        if count(i) > 1:
            known[i] = pieces_of(skin, shapes[i].surfaces, density)
        made.append((shapes[i], known[i]))
    whole = len(shapes) - 1 if count(len(shapes) - 1) == 1 else 0
    if count(whole) == 1 and shapes[whole].surfaces:
        checked = pieces_of(skin, shapes[whole].surfaces, density, ligaments=0.0)
        made[0] = shapes[0], dataclasses.replace(known[0], route=checked.route, remarks=checked.remarks)
    return made


def _changes(count: Callable[[int], int], low: int, high: int) -> list[int]:
    """Indices above `low` at which a count that rises is another one than before."""
    if low >= high or count(low) == count(high):
        return []
    if high == low + 1:
        return [high]
    middle = (low + high) // 2
    return [*_changes(count, low, middle), *_changes(count, middle, high)]


def _doubts(
    pane: str, growth: PaneGrowth | None, answers: Sequence[CrackAnswer], found: Sequence[tuple[Geometry, Pieces]]
) -> list[Remark]:
    remarks = []
    grown = [growth] if growth is not None else [a.growth for a in answers if a.growth is not None]
    if any(g.record.end in STOPPED for g in grown):
        text = f"{pane}: cracks were not followed to the end: what they cut off later is not known"
        remarks.append(Remark(text, alarm=True))
    if len(found[-1][1].pieces) > 1:
        remarks.append(Remark(f"{pane}: pieces are taken as whole: cracks in them are followed no further"))
    if any(np.isfinite(shape.time) and shape.indicative and len(cut.pieces) > 1 for shape, cut in found):
        remarks.append(Remark(f"{pane}: the cut is the end of an unstable run, followed without inertia: indicative"))
    return remarks
