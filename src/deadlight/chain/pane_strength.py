"""What of a pane's strength does not depend on when the one before it goes: own stress, laid flaw, law of growth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from deadlight.case.pane import InitialStress as Stated
from deadlight.case.pane import Pane
from deadlight.chain.growth_law import growth_law
from deadlight.chain.next_flaw import FlawScan, PaneSurface
from deadlight.chain.viewport import Viewport
from deadlight.errors import InputError
from deadlight.growth.law import GrowthLaw
from deadlight.stress.loads import InitialStress, Loads
from deadlight.stress.problem import PaneProblem
from deadlight.stress.supports import Seat

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, eq=False)
class PaneStrength:
    """What of a pane does not depend on when the one before it goes: own stress and laid flaw.

    Attributes
    ----------
    pane : Pane
    residual : (n_nodes, 6) float [Pa]
        Of the free pane in its seats, without loads.
    surface : PaneSurface or None
        None: its strength is not followed.
    scan : FlawScan or None
    law : GrowthLaw or None
        Of slow growth; None: the case states none.
    """

    pane: Pane
    residual: Array
    surface: PaneSurface | None = None
    scan: FlawScan | None = None
    law: GrowthLaw | None = None

    def without_rim(self, along: Array) -> Array:
        """Own stress, or its K, along the surface (p, 3), none on the rim of a tempered pane.

        The parabola through the thickness would pull there where the chilled rim of a real pane is compressed.
        """
        if self.surface is None or self.pane.initial_stress.kind != "temper_profile":
            return along
        return np.where(self.surface.rim[:, None], 0.0, along)


def pane_strength(viewport: Viewport, name: str, *, root: Path = Path(".")) -> PaneStrength:
    """Own stress and flaw of a pane; made once, it serves every loss time.

    Parameters
    ----------
    root : Path
        Folder of the case, where a table of slow growth lies.

    Raises
    ------
    InputError, NotSolved
    """
    pane = next(p for p in viewport.case.panes if p.name == name)
    mesh, _ = viewport.mesh.submesh(name)
    surface = PaneSurface.build(mesh)
    scan = None if pane.initial_flaw is None else FlawScan.build(surface, pane, viewport.materials[name])
    law = None
    if scan is not None and viewport.case.growth.law != "none":
        law = growth_law(viewport.case, viewport.materials[name], root=root)
    return PaneStrength(pane, _residual(viewport, pane), surface, scan, law)


def untempered(viewport: Viewport) -> Viewport:
    """The same window with panes that carry no stress of their own: what loads do alone."""
    panes = tuple(p.model_copy(update={"initial_stress": Stated()}) for p in viewport.case.panes)
    return replace(viewport, case=viewport.case.model_copy(update={"panes": panes}))


def _residual(viewport: Viewport, pane: Pane) -> Array:
    mesh, _ = viewport.mesh.submesh(pane.name)
    stated = pane.initial_stress
    if stated.kind == "none":
        return np.zeros((mesh.n_nodes, 6))
    if stated.kind == "field":
        own = viewport.carried[pane.name]
    else:
        own = InitialStress(kind="temper", surface_compression=stated.surface_compression or 0.0)
    support = viewport.case.support(pane.name)
    faces = [f for f in ("seat_outer", "seat_inner") if f"{pane.name}.{f}" in mesh.faces]
    rest = pane.stress_free_temperature
    problem = PaneProblem(
        mesh, viewport.materials[pane.name], np.zeros(1), np.full((1, mesh.n_nodes), rest), Loads(),
        [Seat(face=f"{pane.name}.{f}", stiffness=support.seat_stiffness) for f in faces], own, rest,
    )  # fmt: skip
    here = np.array([0])
    return problem.stress_of(here, problem.equilibrium(here).displacement)[0]


def exposed_strength(viewport: Viewport, name: str, *, root: Path = Path(".")) -> PaneStrength:
    """`pane_strength`, with the pane's place in the message where its flaw is at fault."""
    try:
        return pane_strength(viewport, name, root=root)
    except InputError as error:
        raise InputError(error.found, place=f"panes, {name}: {error.place}", remedy=error.remedy) from error
