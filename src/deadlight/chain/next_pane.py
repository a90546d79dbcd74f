"""How a pane fares once the one before it is gone: heat, tension, temper, its own flaw, seals and frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from deadlight.assumption import Assumption
from deadlight.case.model import Case
from deadlight.case.pane import Pane
from deadlight.chain.away import away_from_supports
from deadlight.chain.flaw_history import FlawHistory, first_above, flaw_history
from deadlight.chain.loading import sides
from deadlight.chain.next_flaw import largest
from deadlight.chain.pane_strength import PaneStrength
from deadlight.chain.relaxing import Relaxing, relaxing
from deadlight.chain.run_on import RunOn
from deadlight.chain.viewport import STATUS, Viewport
from deadlight.entry.environment import Environment
from deadlight.remark import Remark
from deadlight.stress.history import StressHistory

Array = np.ndarray[Any, np.dtype[np.float64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

State = Literal["survives", "temper lost", "breaks", "not shown"]
STRAIN_MARGIN = 150.0  # [K] where [criteria] states none: temper begins to go over minutes (memory)
CARRIES = 10e3  # [Pa] of pressure across a pane from which it counts as carrying the cabin's
INSTANTS = 400  # at which pressures are looked at
AWAY = 1.0  # thicknesses from seats and rim where the tension of a pane is read, beside that of the whole


@dataclass(frozen=True, eq=False)
class NextPane:
    """One pane behind a lost one, from the loss on.

    Attributes
    ----------
    name, role : str
    time : (m,) float [s]
    hottest, coldest : (m,) float [K]
    across : (m,) float [Pa]
        Pressure on its inner less that on its outer side.
    peak_temperature, time_of_peak : float [K], [s]
    over_limit_at : float or None [s]
        When it first is above its strain point less the margin while it carries pressure.
    limit : float or None [K]
        That temperature; None: the glass has no strain point in the library.
    seal_temperature, frame_temperature : float or None [K]
        Highest at its seats, of its retainer.
    over_seal, over_frame : bool or None
        Whether they pass the stated limits; None: none stated.
    tension, tension_time, tension_place : float [Pa], [s], (3,) [m] or None
        Largest tension along its surface, with the temper as it is then; None: stress not followed.
    tension_inside : float or None [Pa]
        The same away from seats and rim.
    temper_left : float or None
        Share of the temper that is left at its hottest column; None: not tempered.
    flaw : FlawHistory or None
    state : str
        "survives", "temper lost" (or softened: over its limit under pressure), "breaks", "not shown".
    sentence : str
    fails_at : float or None [s]
        When it breaks, or passes its limit under pressure.
    remarks, assumptions : tuples
    """

    name: str
    role: str
    time: Array
    hottest: Array
    coldest: Array
    across: Array
    peak_temperature: float
    time_of_peak: float
    over_limit_at: float | None
    limit: float | None
    seal_temperature: float | None
    frame_temperature: float | None
    over_seal: bool | None
    over_frame: bool | None
    tension: float | None
    tension_time: float | None
    tension_place: Array | None
    tension_inside: float | None
    temper_left: float | None
    flaw: FlawHistory | None
    state: State
    sentence: str
    fails_at: float | None
    remarks: tuple[Remark, ...] = ()
    assumptions: tuple[Assumption, ...] = ()

    @property
    def carries(self) -> bool:
        """Whether it carries pressure at any time."""
        return bool((np.abs(self.across) > CARRIES).any())

    @property
    def fails(self) -> bool:
        """Whether it breaks or passes its limit under pressure."""
        return self.fails_at is not None


def next_pane(run: RunOn, strength: PaneStrength) -> NextPane:
    """Judges one pane of a run-on.

    Parameters
    ----------
    run : RunOn
        Its `stress` of this pane, if there, is that of the loads alone (`untempered`).
    """
    pane, case = strength.pane, run.viewport.case
    mesh = run.viewport.mesh
    T = run.temperature.temperature[:, mesh.region_nodes(pane.name)]
    time = run.temperature.time
    hottest = T.max(axis=1)
    top = int(hottest.argmax())
    outer, inner = sides(case, pane.name, run.environment)
    across = np.asarray(inner(time) - outer(time))
    limit = pane_limit(run.viewport, pane.name)
    over = first_above(time, hottest - limit, np.abs(across) > CARRIES) if limit is not None else None
    facts: dict[str, Any] = {
        "name": pane.name, "role": pane.role, "time": time, "hottest": hottest, "coldest": T.min(axis=1),
        "across": across, "peak_temperature": float(hottest[top]), "time_of_peak": float(time[top]),
        "over_limit_at": over, "limit": limit, **_seals(case, run, pane.name),
    }  # fmt: skip
    history = run.stress.get(pane.name)
    relax = None if history is None else relaxing(run, strength.residual, history)
    facts |= _tension(history, strength, relax)
    facts["temper_left"] = None if relax is None or pane.initial_stress.kind == "none" else relax.temper_left
    flaw = None
    if history is not None and strength.scan is not None:
        flaw = flaw_history(case, run, strength, history, relax)
    state, sentence, fails = _state(pane, facts, flaw)
    remarks = _remarks(facts, flaw, history, strength, relax)
    assumed = _assumed(case, pane, strength, relax, limit)
    return NextPane(
        **facts, flaw=flaw, state=state, sentence=sentence, fails_at=fails, remarks=remarks, assumptions=assumed
    )


def carrying(viewport: Viewport, environment: Environment, since: float) -> str:
    """The outermost pane that carries pressure from an instant on; the innermost if none does."""
    names = [p.name for p in viewport.case.panes]
    time = np.linspace(since, environment.end, INSTANTS)
    for name in names:  # at most six
        outer, inner = sides(viewport.case, name, environment)
        if (np.abs(np.asarray(inner(time) - outer(time))) > CARRIES).any():
            return name
    return names[-1]


def pane_limit(viewport: Viewport, name: str) -> float | None:
    """Highest temperature [K] of a pane under pressure; None where its strain point is not known."""
    material = viewport.materials[name]
    if "strain_point" not in material.properties:
        return None
    stated = viewport.case.criteria.strain_margin
    return material.strain_point - (STRAIN_MARGIN if stated is None else stated.value)


def _seals(case: Case, run: RunOn, name: str) -> dict[str, Any]:
    mesh, T = run.viewport.mesh, run.temperature.temperature
    seats = [f for f in (f"{name}.seat_outer", f"{name}.seat_inner") if f in mesh.faces]
    seal = max((float(T[:, mesh.face_nodes(f)].max()) for f in seats), default=None)
    ring = f"{name}_retainer"
    frame = float(T[:, mesh.region_nodes(ring)].max()) if ring in mesh.regions else None
    criteria = case.criteria

    def over(found: float | None, limit: Any) -> bool | None:
        return None if found is None or limit is None else found > limit.value

    return {
        "seal_temperature": seal,
        "frame_temperature": frame,
        "over_seal": over(seal, criteria.seal_limit),
        "over_frame": over(frame, criteria.frame_limit),
    }


def _tension(history: StressHistory | None, strength: PaneStrength, relax: Relaxing | None) -> dict[str, Any]:
    surface = strength.surface
    if history is None or surface is None:
        return dict.fromkeys(("tension", "tension_time", "tension_place", "tension_inside"))
    loads = np.tensordot(history.amplitudes, surface.along(history.modes[:, surface.nodes]), axes=1)
    total = loads + strength.without_rim(surface.along(strength.residual[surface.nodes]))
    if relax is not None and relax.matters:
        total[..., :2] += relax.at(surface)[..., None]
    found = largest(total)
    i, point = np.unravel_index(int(found.argmax()), found.shape)
    inside = away_from_supports(history.mesh, strength.pane.name, AWAY)[surface.nodes]
    return {
        "tension": float(found[i, point]),
        "tension_time": float(history.time[i]),
        "tension_place": history.mesh.points[surface.nodes[point]],
        "tension_inside": float(found[:, inside].max()) if inside.any() else None,
    }


def _state(pane: Pane, facts: dict[str, Any], flaw: FlawHistory | None) -> tuple[State, str, float | None]:
    name, peak, over = pane.name, facts["peak_temperature"], facts["over_limit_at"]
    breaks = None if flaw is None else flaw.breaks_at
    if breaks is not None and (over is None or breaks <= over):
        assert flaw is not None
        text = f"{name} breaks at {breaks:.0f} s: K of its {1e3 * flaw.depth:.2g} mm flaw reaches K_Ic"
        how = f"up to {flaw.ratio_max:.2f} of it" if flaw.grown is None else "by slow growth"
        return "breaks", f"{text} ({how})", breaks
    if over is not None:
        text = f"{name} passes {facts['limit']:.0f} K, too near its strain point, at {over:.0f} s under pressure"
        return "temper lost", f"{text}; it reaches {peak:.0f} K", over
    if facts["limit"] is None:
        return "not shown", f"{name} reaches {peak:.0f} K; its strain point is not known", None
    if flaw is None:
        text = f"{name} reaches {peak:.0f} K, below {facts['limit']:.0f} K"
        return "not shown", f"{text}; its initial flaw is not stated, so its strength is not judged", None
    text = f"{name} reaches {peak:.0f} K, below {facts['limit']:.0f} K, and K of its {1e3 * flaw.depth:.2g} mm flaw"
    return "survives", f"{text} {flaw.ratio_max:.2f} of K_Ic", None


def _remarks(
    facts: dict[str, Any], flaw: FlawHistory | None, history: StressHistory | None, strength: PaneStrength,
    relax: Relaxing | None,
) -> tuple[Remark, ...]:  # fmt: skip
    found = [] if history is None else [Remark(str(w), alarm=getattr(w, "alarm", False)) for w in history.warnings]
    found += strength.scan.remarks if strength.scan is not None else ()
    found += relax.remarks if relax is not None else ()
    for what, key in (("seals", "over_seal"), ("frame", "over_frame")):
        if facts[key]:
            value = facts["seal_temperature" if what == "seals" else "frame_temperature"]
            found.append(Remark(f"{what} reach {value:.0f} K, above the stated limit"))
    if flaw is not None and flaw.grown is not None:
        found += flaw.grown.warnings
    if history is not None and float(history.error.total) > 1.0:
        found.append(Remark("the stress after the loss is not converged", alarm=True))
    return tuple(each.of(strength.pane.name) for each in found)


def _assumed(
    case: Case, pane: Pane, strength: PaneStrength, relax: Relaxing | None, limit: float | None
) -> tuple[Assumption, ...]:
    found = list(strength.scan.assumptions) if strength.scan is not None else []
    found += relax.assumptions if relax is not None else ()
    found += strength.law.assumptions() if strength.law is not None else ()
    criteria = case.criteria
    if limit is not None and criteria.strain_margin is None:
        text = f"{STRAIN_MARGIN:g} K below the strain point under pressure"
        found.append(Assumption("criteria.strain_margin", text, "temper goes over minutes from there", "M"))
    for key in ("next_pane_factor", "temper_credit", "strain_margin", "seal_limit", "frame_limit"):
        stated = getattr(criteria, key)
        if stated is not None:
            source, status = stated.source or "case", STATUS[stated.status]
            found.append(Assumption(f"criteria.{key}", f"{stated.value:g}", source, status))
    if strength.surface is not None and pane.initial_stress.kind == "temper_profile":
        text = "no temper on the rim: chilled as the faces are, it is compressed in truth"
        found.append(Assumption(f"panes.{pane.name}.rim_temper", text, "set in the program, not in the case", "A"))
    if strength.scan is not None and criteria.temper_credit is None and pane.initial_stress.kind != "none":
        found.append(Assumption("criteria.temper_credit", "0 in the margin: none stated", "set in the program", "A"))
    return tuple(found)
