"""K of a pane's initial flaw from a loss on: with temper and flow as they are, without temper, with its factor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.case.model import Case
from deadlight.chain.flaw_growth import Below, below, grown
from deadlight.chain.growth_law import humidity_at
from deadlight.chain.next_flaw import largest
from deadlight.chain.pane_strength import PaneStrength
from deadlight.chain.relaxing import Relaxing
from deadlight.chain.run_on import RunOn
from deadlight.finite import UNLIMITED, Rule
from deadlight.growth.size_record import SizeHistory
from deadlight.stress.history import StressHistory

Array = np.ndarray[Any, np.dtype[np.float64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


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
        When K first reaches K_Ic, of the flaw as it is or as it grew.
    grown : SizeHistory or None
        Slow growth of the flaw at its worst place; None: the case states no law, or K reaches K_Ic before.
    without_temper : float
        Largest K/K_Ic of the loads alone.
    factored : float or None
        Largest K/K_Ic with the loads times the factor and the temper times its credit, of the flaw as it grew; None: no
        factor stated.
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
    grown: SizeHistory | None = None

    def no_number(self) -> dict[str, Rule]:
        return {"margin": UNLIMITED}


def flaw_history(
    case: Case, run: RunOn, strength: PaneStrength, history: StressHistory, relax: Relaxing | None
) -> FlawHistory:
    """K of the flaw of a pane through a run-on, and its slow growth where the case states a law.

    Parameters
    ----------
    strength : PaneStrength
        With a scan.
    history : StressHistory
        Of the loads alone.
    relax : Relaxing or None
    """
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
    breaks = first_above(history.time, highest - 1.0, np.ones(len(highest), bool))
    slow = None
    if breaks is None and strength.law is not None:
        slow, gained = _grown(case, run, strength, history, relax, (int(point), int(i)), warm[:, point])
        breaks = slow.runs[0].time if slow.runs else slow.end_time if slow.end in ("critical", "limit") else None
        factored = None if factored is None else gained * factored
    return FlawHistory(
        scan.depth, scan.aspect, k.max(axis=1), highest, float(ratio[i, point]), float(history.time[i]),
        scan.mesh.points[nodes[point]], breaks,
        float((np.max(alone, axis=0) / toughness).max()), factored,
        None if factored is None else (1.0 / factored - 1.0 if factored > 0 else float("inf")), slow,
    )  # fmt: skip


def ratio_before(strength: PaneStrength, history: StressHistory, warm: Array, toughness: Any) -> float:
    """Largest K/K_Ic of a pane's flaw in the window in which nothing is lost.

    Parameters
    ----------
    strength : PaneStrength
        With a scan.
    history : StressHistory
        With the pane's own stress in it.
    warm : (m, n_nodes of the pane) float [K]
    toughness : function of temperature
    """
    scan = strength.scan
    assert scan is not None
    k = []
    for mode, own in zip(scan.components(history.modes), scan.components(strength.residual), strict=True):
        whole = np.tensordot(history.amplitudes, mode, axes=1)
        k.append(largest(whole - own + strength.without_rim(own)))
    return float((np.max(k, axis=0) / np.asarray(toughness(warm[:, scan.surface.nodes]))).max())


def _grown(
    case: Case, run: RunOn, strength: PaneStrength, history: StressHistory, relax: Relaxing | None,
    worst: tuple[int, int], warm: Array,
) -> tuple[SizeHistory, float]:  # fmt: skip
    """Slow growth of the flaw at the point and instant where its K is largest, and by what factor that raised its K."""
    scan, law = strength.scan, strength.law
    assert scan is not None and law is not None
    point, instant = worst
    tempered = strength.pane.initial_stress.kind == "temper_profile"
    own = np.zeros_like(strength.residual) if tempered and scan.surface.rim[point] else strength.residual
    place = below(scan, point, instant, history, own, relax, warm)
    humidity = humidity_at(case, strength.pane.name)
    slow = grown(scan, place, law, humidity, run.viewport.materials[strength.pane.name])
    return slow, raised_by_growth(place, slow)


def raised_by_growth(place: Below, slow: SizeHistory) -> float:
    """Largest K of the flaw as it grew over that of the flaw as found, where the latter is half its largest or more."""
    if not slow.size[-1, 0] > slow.size[0, 0]:
        return 1.0
    found = np.array([place.k(slow.size[0], t)[0] for t in slow.time])
    counts = found >= 0.5 * found.max()
    return max(1.0, float((slow.k[counts, 0] / found[counts]).max())) if found.max() > 0.0 else 1.0


def first_above(time: Array, excess: Array, where: Mask) -> float | None:
    """First instant at which an excess is above zero where it counts, linear between instants."""
    over = (excess > 0.0) & where
    if not over.any():
        return None
    i = int(over.argmax())
    if i == 0 or excess[i - 1] >= 0.0:
        return float(time[i])
    share = -excess[i - 1] / (excess[i] - excess[i - 1])
    return float(time[i - 1] + share * (time[i] - time[i - 1]))
