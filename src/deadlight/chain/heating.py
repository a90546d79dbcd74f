"""From case and environment to what acts on the mesh's faces: the heat model of a window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.assumption import Assumption
from deadlight.case.model import Case
from deadlight.case.pane import Gap, Pane, Support
from deadlight.chain.viewport import STATUS, Viewport
from deadlight.entry.environment import Environment
from deadlight.entry.ratio import HeatingRatio
from deadlight.errors import CaseError
from deadlight.heat.boundary import Boundary, Convection, Film, Flux, Radiation
from deadlight.heat.gas import GapGas
from deadlight.heat.pair import Contact, Pair
from deadlight.heat.pair import Gap as GapPair
from deadlight.series import Series

Array = np.ndarray[Any, np.dtype[np.float64]]

CABIN_FILM = 8.0  # [W/m2/K] calm air and radiation at the cabin-side face
CABIN_TEMPERATURE = 295.0  # [K]


@dataclass(frozen=True)
class HeatModel:
    """Boundaries and pairs for `solve_heat`, the temperatures it starts from, and what was assumed on the way."""

    boundaries: tuple[Boundary, ...]
    pairs: tuple[Pair, ...]
    initial: dict[str, float]
    assumptions: tuple[Assumption, ...]


def heat_model(viewport: Viewport, environment: Environment) -> HeatModel:
    """What heats and cools every face of the window."""
    case = viewport.case
    boundaries: list[Boundary] = _outside(viewport, environment)
    pairs: list[Pair] = []
    initial: dict[str, float] = {}
    for pane in case.panes:
        initial[pane.name] = pane.initial_temperature
        held = _held(viewport, pane, case.support(pane.name), environment)
        boundaries += held[0]
        pairs += held[1]
        if f"{pane.name}_retainer" in viewport.mesh.regions:
            initial[f"{pane.name}_retainer"] = pane.initial_temperature
    for gap in case.gaps:
        pairs += _gap(viewport, gap, environment)
    boundaries += _behind(viewport, environment)
    return HeatModel(tuple(boundaries), tuple(pairs), initial, _assumed(case))


def structure(support: Support, environment: Environment) -> Series | float:
    """Temperature [K] of what holds a pane: the holder's of a test article, else the support's own."""
    held = environment.holder_temperature
    return support.structure_temperature if held is None else held


def _behind(viewport: Viewport, environment: Environment) -> list[Boundary]:
    """The innermost face: calm cabin air, or the holder behind a test article."""
    case, inner = viewport.case, viewport.case.panes[-1].name
    run = case.environment.arcjet
    if run is None:
        return [Convection(face=f"{inner}.inner", coefficient=CABIN_FILM, temperature=CABIN_TEMPERATURE)]
    holder = structure(case.support(inner), environment)
    emissivity = viewport.materials[inner].emissivity
    found: list[Boundary] = [Radiation(face=f"{inner}.inner", emissivity=emissivity, sky_temperature=holder)]
    if run.back_film > 0:
        found.append(Convection(face=f"{inner}.inner", coefficient=run.back_film, temperature=holder))
    return found


def _outside(viewport: Viewport, environment: Environment) -> list[Boundary]:
    """The outermost pane's exposed faces: boundary layer, shock-layer radiation, slow flow and radiation to the sky."""
    case, outer = viewport.case, viewport.case.panes[0]
    heating, support = case.environment.heating, case.support(outer.name)
    faces = [f"{outer.name}.outer"]
    if support.shading == "none":
        faces += [f for f in (f"{outer.name}.lip", f"{outer.name}.seat_outer") if viewport.has_face(f)]
    found: list[Boundary] = []
    emissivity = viewport.materials[outer.name].emissivity
    for face in faces:
        found += _exposed(face, environment, case, ratio=heating.ratio.value, emissivity=emissivity)
    if support.shading == "side_heated":
        found += _exposed(
            f"{outer.name}.rim", environment, case, ratio=heating.ratio.value * support.rim_heating, emissivity=None
        )
    retainer = f"{outer.name}_retainer.outer"
    if support.lip_heating > 0 and viewport.has_face(retainer):
        found += _exposed(
            retainer,
            environment,
            case,
            ratio=heating.ratio.value * support.lip_heating,
            emissivity=support.retainer_emissivity,
        )
    return found


def _exposed(
    face: str,
    environment: Environment,
    case: Case,
    *,
    ratio: float,
    emissivity: float | Callable[[Array], Array] | None,
) -> list[Boundary]:
    heating = case.environment.heating
    field = _field(case, ratio)
    found: list[Boundary] = [
        Film(face=face, film=environment.film, recovery_enthalpy=environment.recovery_enthalpy, ratio=field),
        Convection(face=face, coefficient=environment.convection, temperature=environment.recovery_temperature),
    ]
    if heating.radiative:
        share = heating.radiative_ratio * ratio / heating.ratio.value
        found.append(Flux(face=face, flux=environment.radiative_flux.scaled(share)))
    if emissivity is not None:
        found.append(Radiation(face=face, emissivity=emissivity, sky_temperature=environment.sky_temperature))
    return found


def _field(case: Case, ratio: float) -> float | Callable[[Array], Array]:
    """h/h_ref as a value, or changing along the flow over pane and surround."""
    heating = case.environment.heating
    if heating.flow_direction is None or heating.gradient == 0:
        return ratio
    return HeatingRatio(value=ratio, flow_direction=heating.flow_direction, gradient=heating.gradient)


def _held(
    viewport: Viewport, pane: Pane, support: Support, environment: Environment
) -> tuple[list[Boundary], list[Pair]]:
    """Rim, gaskets and retainer of one pane; without a retainer solid the gaskets lead straight to the structure."""
    boundaries: list[Boundary] = []
    pairs: list[Pair] = []
    name, ring = pane.name, f"{pane.name}_retainer"
    solid = ring in viewport.mesh.regions
    touched = [f for f in ("seat_outer", "seat_inner") if viewport.has_face(f"{name}.{f}")]
    if support.shading == "none" and name == viewport.case.panes[0].name:
        touched = [f for f in touched if f != "seat_outer"]
    for face in touched:
        partner = f"{ring}.{face.replace('seat', 'contact')}"
        if solid and viewport.has_face(partner):
            pairs.append(Contact(face_a=f"{name}.{face}", face_b=partner, conductance=support.gasket_conductance))
        else:
            both = 1 / (1 / support.gasket_conductance + 1 / support.structure_conductance)
            boundaries.append(
                Convection(face=f"{name}.{face}", coefficient=both, temperature=structure(support, environment))
            )
    if solid:
        glass = viewport.materials[name].emissivity
        for face, partner in (("rim", "contact_rim"), ("lip", "lip")):
            if not (viewport.has_face(f"{name}.{face}") and viewport.has_face(f"{ring}.{partner}")):
                continue
            if face == "rim" and support.clearance_conductance > 0:
                pairs.append(
                    Contact(face_a=f"{name}.rim", face_b=f"{ring}.{partner}", conductance=support.clearance_conductance)
                )
            elif not (face == "rim" and support.shading == "side_heated"):
                gas = GapGas(pressure=environment.outer_pressure) if name == viewport.case.panes[0].name else None
                pairs.append(
                    GapPair(
                        face_a=f"{name}.{face}",
                        face_b=f"{ring}.{partner}",
                        emissivities=(glass, support.retainer_emissivity),
                        gas=gas,
                        reach=0.01,
                    )
                )
        if not viewport.has_face(f"{ring}.back"):
            raise CaseError(
                f"the retainer of {name} has no face {ring}.back",
                place="mesh",
                remedy="name the faces that lead to the structure, or leave the retainer out of the mesh",
            )
        boundaries.append(
            Convection(
                face=f"{ring}.back",
                coefficient=support.structure_conductance,
                temperature=structure(support, environment),
            )
        )
    return boundaries, pairs


def _gap(viewport: Viewport, gap: Gap, environment: Environment) -> list[Pair]:
    gas = GapGas(pressure=environment.gap_pressure[gap_name(gap)])
    behind = viewport.case.support(gap.between[1])
    pair = GapPair(
        face_a=f"{gap.between[0]}.inner",
        face_b=f"{gap.between[1]}.outer",
        emissivities=gap.emissivity,
        gas=gas,
        # a wider pane looks past the edge of the next one at the frame that holds it
        unpaired_sky=structure(behind, environment),
    )
    return [pair]


def gap_name(gap: Gap) -> str:
    """Name of a gap in the environment, for example "thermal/pressure_1"."""
    return "/".join(gap.between)


def _assumed_behind(case: Case, fixed: str) -> Assumption:
    run = case.environment.arcjet
    if run is None:
        return Assumption("cabin-side face", f"film {CABIN_FILM:g} W/m2/K to {CABIN_TEMPERATURE:g} K", fixed, "A")
    return Assumption("article's back", f"sees the holder, film {run.back_film:g} W/m2/K to it", fixed, "A")


def _assumed(case: Case) -> tuple[Assumption, ...]:
    fixed = "set in the program, not in the case"
    found = [
        _assumed_behind(case, fixed),
        Assumption("gap exchange", "local, opaque and grey on both faces; accommodation 0.9", fixed, "A"),
        Assumption(
            "retainers",
            "start at the temperature of their pane; their rim and lip gaps hold outside gas"
            " round the outermost pane, vacuum round the others",
            fixed,
            "A",
        ),
    ]
    for pane in case.panes:
        s = case.support(pane.name)
        value = (
            f"gasket {s.gasket_conductance:g} W/m2/K, structure {s.structure_conductance:g} W/m2/K at "
            f"{_held_at(case, s)}, shading {s.shading}, seats {s.seat_stiffness:g} Pa/m with {s.preload:g} Pa"
        )
        found.append(Assumption(f"supports.{pane.name}", value, s.source or "case", STATUS[s.status]))
    return tuple(found)


def _held_at(case: Case, support: Support) -> str:
    return f"{support.structure_temperature:g} K" if case.environment.arcjet is None else "the holder's temperature"
