"""How a pane fares once the one before it is gone: heat, tension, temper, its own flaw, seals and frame."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from deadlight.assumption import Assumption
from deadlight.case.model import Case
from deadlight.case.pane import InitialStress as Stated
from deadlight.case.pane import Pane
from deadlight.chain.away import away_from_supports
from deadlight.chain.loading import sides
from deadlight.chain.next_flaw import FlawScan, PaneSurface, largest
from deadlight.chain.relaxing import Relaxing, relaxing
from deadlight.chain.run_on import RunOn
from deadlight.chain.viewport import STATUS, Viewport
from deadlight.entry.environment import Environment
from deadlight.errors import InputError
from deadlight.remark import Remark
from deadlight.stress.history import StressHistory
from deadlight.stress.loads import InitialStress, Loads
from deadlight.stress.problem import PaneProblem
from deadlight.stress.supports import Seat

Array = np.ndarray[Any, np.dtype[np.float64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

State = Literal["survives", "temper lost", "breaks", "not shown"]
STRAIN_MARGIN = 150.0  # [K] where [criteria] states none: temper begins to go over minutes (memory)
CARRIES = 10e3  # [Pa] of pressure across a pane from which it counts as carrying the cabin's
INSTANTS = 400  # at which pressures are looked at
AWAY = 1.0  # thicknesses from seats and rim where the tension of a pane is read, beside that of the whole


@dataclass(frozen=True, eq=False)
class FlawHistory:
    """K of a pane's initial flaw at its worst place at every instant.

    Attributes
    ----------
    depth, aspect : float [m], -
    K : (m,) float [Pa m^0.5]
        Largest over the surface, with the temper as it is then.
    ratio : (m,) float
        Largest K/K_Ic.
    ratio_max, time_of_max : float, [s]
    place : (3,) float [m]
        Where that is.
    breaks_at : float or None [s]
        When K first reaches K_Ic.
    without_temper : float
        Largest K/K_Ic of the loads alone.
    factored : float or None
        Largest K/K_Ic with the loads times the factor and the temper times its credit; None: no factor stated.
    margin : float or None
        1/factored - 1.
    """

    depth: float
    aspect: float
    K: Array
    ratio: Array
    ratio_max: float
    time_of_max: float
    place: Array
    breaks_at: float | None
    without_temper: float
    factored: float | None
    margin: float | None


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
    """

    pane: Pane
    residual: Array
    surface: PaneSurface | None = None
    scan: FlawScan | None = None

    def without_rim(self, along: Array) -> Array:
        """Own stress, or its K, along the surface (p, 3), none on the rim of a tempered pane.

        The parabola through the thickness would pull there where the chilled rim of a real pane is compressed.
        """
        if self.surface is None or self.pane.initial_stress.kind != "temper_profile":
            return along
        return np.where(self.surface.rim[:, None], 0.0, along)


def pane_strength(viewport: Viewport, name: str) -> PaneStrength:
    """Own stress and flaw of a pane; made once, it serves every loss time.

    Raises
    ------
    InputError, NotSolved
    """
    pane = next(p for p in viewport.case.panes if p.name == name)
    mesh, _ = viewport.mesh.submesh(name)
    surface = PaneSurface.build(mesh)
    scan = None if pane.initial_flaw is None else FlawScan.build(surface, pane, viewport.materials[name])
    return PaneStrength(pane, _residual(viewport, pane), surface, scan)


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
    over = _first(time, hottest - limit, np.abs(across) > CARRIES) if limit is not None else None
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
        flaw = _flaw(case, run, strength, history, relax)
    state, sentence, fails = _state(pane, facts, flaw)
    remarks = _remarks(pane, facts, history, strength, relax)
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


def _first(time: Array, excess: Array, where: Mask) -> float | None:
    """First instant at which an excess is above zero where it counts, linear between instants."""
    over = (excess > 0.0) & where
    if not over.any():
        return None
    i = int(over.argmax())
    if i == 0 or excess[i - 1] >= 0.0:
        return float(time[i])
    share = -excess[i - 1] / (excess[i] - excess[i - 1])
    return float(time[i - 1] + share * (time[i] - time[i - 1]))


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


def _flaw(
    case: Case, run: RunOn, strength: PaneStrength, history: StressHistory, relax: Relaxing | None
) -> FlawHistory:
    scan = strength.scan
    assert scan is not None
    mesh = run.viewport.mesh
    _, parent = mesh.submesh(strength.pane.name)
    nodes = scan.surface.nodes
    warm = run.temperature.temperature[:, parent[nodes]]
    toughness = np.asarray(run.viewport.materials[strength.pane.name].toughness(warm))
    own = tuple(strength.without_rim(k) for k in scan.components(strength.residual))
    modes = scan.components(history.modes)
    gone = relax.k(scan) if relax is not None and relax.matters else tuple(np.zeros(1) for _ in own)
    factor, credit = case.criteria.next_pane_factor, case.criteria.temper_credit
    share = 0.0 if credit is None else credit.value
    seen, alone, judged = [], [], []
    for mode, o, d in zip(modes, own, gone, strict=True):  # one or two front points
        loads = np.tensordot(history.amplitudes, mode, axes=1)
        flow = np.stack([d, d, np.zeros_like(d)], axis=-1)
        seen.append(largest(loads + o + flow))
        alone.append(largest(loads))
        if factor is not None:
            judged.append(largest(factor.value * loads + share * o + np.maximum(flow, 0.0)))
    k = np.max(seen, axis=0)
    ratio = k / toughness
    i, point = np.unravel_index(int(ratio.argmax()), ratio.shape)
    highest = ratio.max(axis=1)
    factored = None if factor is None else float((np.max(judged, axis=0) / toughness).max())
    return FlawHistory(
        scan.depth, scan.aspect, k.max(axis=1), highest, float(ratio[i, point]), float(history.time[i]),
        scan.mesh.points[nodes[point]], _first(history.time, highest - 1.0, np.ones(len(highest), bool)),
        float((np.max(alone, axis=0) / toughness).max()), factored,
        None if factored is None else (1.0 / factored - 1.0 if factored > 0 else float("inf")),
    )  # fmt: skip


def _state(pane: Pane, facts: dict[str, Any], flaw: FlawHistory | None) -> tuple[State, str, float | None]:
    name, peak, over = pane.name, facts["peak_temperature"], facts["over_limit_at"]
    breaks = None if flaw is None else flaw.breaks_at
    if breaks is not None and (over is None or breaks <= over):
        assert flaw is not None
        text = f"{name} breaks at {breaks:.0f} s: K of its {1e3 * flaw.depth:.2g} mm flaw reaches K_Ic"
        return "breaks", f"{text} (up to {flaw.ratio_max:.2f} of it)", breaks
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
    pane: Pane, facts: dict[str, Any], history: StressHistory | None, strength: PaneStrength, relax: Relaxing | None
) -> tuple[Remark, ...]:
    found = [] if history is None else [Remark(str(w), alarm=getattr(w, "alarm", False)) for w in history.warnings]
    found += strength.scan.remarks if strength.scan is not None else ()
    found += relax.remarks if relax is not None else ()
    for what, key in (("seals", "over_seal"), ("frame", "over_frame")):
        if facts[key]:
            value = facts["seal_temperature" if what == "seals" else "frame_temperature"]
            found.append(Remark(f"{what} reach {value:.0f} K, above the stated limit"))
    if history is not None and float(history.error.total) > 1.0:
        found.append(Remark("the stress after the loss is not converged", alarm=True))
    return tuple(each.of(pane.name) for each in found)


def _assumed(
    case: Case, pane: Pane, strength: PaneStrength, relax: Relaxing | None, limit: float | None
) -> tuple[Assumption, ...]:
    found = list(strength.scan.assumptions) if strength.scan is not None else []
    found += relax.assumptions if relax is not None else ()
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


def exposed_strength(viewport: Viewport, name: str) -> PaneStrength:
    """`pane_strength`, with the pane's place in the message where its flaw is at fault."""
    try:
        return pane_strength(viewport, name)
    except InputError as error:
        raise InputError(error.found, place=f"panes, {name}: {error.place}", remedy=error.remedy) from error

