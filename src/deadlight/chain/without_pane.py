"""The window without its outermost pane: what is left of mesh, panes, gaps and supports, and what heats it then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from deadlight.assumption import Assumption
from deadlight.case.model import Case
from deadlight.case.pane import Support
from deadlight.chain.opening import OuterPane, opening_assumptions
from deadlight.chain.viewport import STATUS, Viewport
from deadlight.errors import CaseError

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, eq=False)
class Remaining:
    """A window whose outermost pane is gone.

    Attributes
    ----------
    viewport : Viewport
        Of the panes that are left, the next one outermost: the boundary layer heats it at once.
    parent : (n_nodes,) int
        Node numbers in the whole window's mesh.
    lost, exposed : str
        Names of the pane that is gone and of the next one.
    assumptions : tuple of Assumption
    front : OuterPane or None
        What still stands in front, where only a piece is lost.
    """

    viewport: Viewport
    parent: Index
    lost: str
    exposed: str
    assumptions: tuple[Assumption, ...]
    front: OuterPane | None = None


def without(viewport: Viewport, pane: str) -> Remaining:
    """The window without its outermost pane, that pane's retainer and the gap behind it.

    The next pane's outer face takes the film and recovery enthalpy of the lost one times `loss.cavity_factor`, radiates
    to the sky, and carries the outer pressure; its lip and seats stay as they are, its retainer takes
    `loss.frame_heating` of that heat flux.

    Raises
    ------
    CaseError
        The pane is not the outermost, or the only one.
    """
    case = viewport.case
    names = [p.name for p in case.panes]
    if pane != names[0]:
        raise CaseError(
            f"{pane!r} is lost while {names[0]!r} is in front of it",
            place="loss.pane",
            remedy=f"panes are lost from outside: {', '.join(names)}",
        )
    if len(names) < 2:
        raise CaseError(f"no pane is left behind {pane!r}", place="loss.pane", remedy="a window of two panes or more")
    gone = {pane, f"{pane}_retainer"}
    mesh, parent = viewport.mesh.submesh([r for r in viewport.mesh.regions if r not in gone])
    left = replace(
        viewport,
        case=_case_without(case, pane),
        mesh=mesh,
        materials={r: m for r, m in viewport.materials.items() if r not in gone},
        carried={p: stress for p, stress in viewport.carried.items() if p != pane},
        notes=(),
        warnings=(),
    )
    return Remaining(left, parent, pane, names[1], _assumed(case, pane, names[1]))


def behind_opening(viewport: Viewport, pane: str, front: OuterPane) -> Remaining:
    """The window behind an outermost pane that has lost a piece: heated through the opening, else by that pane.

    The gap in front is open to outside, so the outer pressure acts on the next pane.

    Raises
    ------
    CaseError
        As `without`.
    """
    loss = viewport.case.loss
    plain = loss.model_copy(update={"cavity_factor": loss.cavity_factor.model_copy(update={"value": 1.0})})
    bare = without(replace(viewport, case=viewport.case.model_copy(update={"loss": plain})), pane)
    kept = tuple(a for a in bare.assumptions if a.key == "loss.step_factor")
    return replace(bare, front=front, assumptions=(*kept, *opening_assumptions(viewport, front)))


def intact(viewport: Viewport) -> Remaining:
    """The whole window in the same form: nothing is lost."""
    first = viewport.case.panes[0].name
    return Remaining(viewport, np.arange(viewport.mesh.n_nodes), "", first, ())


def _case_without(case: Case, pane: str) -> Case:
    left = tuple(p for p in case.panes if p.name != pane)
    first = left[0].name
    support = case.support(first)
    ratio = case.environment.heating.ratio
    cavity, frame = case.loss.cavity_factor.value, case.loss.frame_heating.value
    scaled = ratio.model_copy(update={"value": ratio.value * cavity})
    shares: dict[str, Any] = {"lip_heating": support.lip_heating + frame / cavity}
    supports: dict[str, Support] = {n: s for n, s in case.supports.items() if n != pane}
    supports[first] = support.model_copy(update=shares)
    return case.model_copy(
        update={
            "panes": left,
            "gaps": tuple(g for g in case.gaps if pane not in g.between),
            "supports": supports,
            "cracks": tuple(c for c in case.cracks if c.pane != pane),
            "environment": _heated(case, scaled),
            "loss": case.loss.model_copy(update={"pane": None}),
        }
    )


def _heated(case: Case, ratio: Any) -> Any:
    heating = case.environment.heating.model_copy(update={"ratio": ratio})
    return case.environment.model_copy(update={"heating": heating})


def _assumed(case: Case, lost: str, exposed: str) -> tuple[Assumption, ...]:
    found = []
    for key, what in (
        ("cavity_factor", f"heating of {exposed} in the opening over that of {lost}"),
        ("frame_heating", f"heating of the frame round {exposed} over that of {lost}"),
        ("step_factor", "peak over static response to the pressure step"),
    ):
        stated = getattr(case.loss, key)
        band = f", band {stated.band[0]:g} to {stated.band[1]:g}" if stated.band else ""
        value = f"{stated.value:g}{band}: {what}"
        found.append(Assumption(f"loss.{key}", value, stated.source or "case", STATUS[stated.status]))
    text = f"{lost} leaves at once and whole; its retainer and what it held neither shade, heat nor strike {exposed}"
    found.append(Assumption("loss.at_once", text, "set in the program, not in the case", "A"))
    return tuple(found)
