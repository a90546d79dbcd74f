"""Slow growth of a pane's initial flaw at its worst place, by the law of the case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.chain.next_flaw import FlawScan
from deadlight.chain.relaxing import Relaxing
from deadlight.crack.scratch import DEEPEST, flaw_rules
from deadlight.fem.locate import Locator
from deadlight.fem.skin import tensor
from deadlight.growth.humidity import Humidity
from deadlight.growth.law import GrowthLaw
from deadlight.growth.size_history import size_history
from deadlight.growth.size_record import SizeHistory
from deadlight.material.material import Material
from deadlight.stress.history import StressHistory

Array = np.ndarray[Any, np.dtype[np.float64]]

DEPTHS = 24  # at which the stress below the place is sampled, closer towards the surface
REACH = 0.98 * DEEPEST  # of the thickness: how deep it is followed


@dataclass(frozen=True, eq=False)
class Below:
    """Stress that opens a flaw at one place, over depth and time.

    Attributes
    ----------
    time : (m,) float [s]
    depth : (d,) float [m]
    stress : (m, d) float [Pa]
    temperature : (m,) float [K]
        At the surface.
    aspect, thickness : float
    """

    time: Array
    depth: Array
    stress: Array
    temperature: Array
    aspect: float
    thickness: float

    def at(self, t: float) -> Array:
        """Stress over depth at a time, linear between instants. (d,)."""
        i = int(np.clip(np.searchsorted(self.time, t), 1, len(self.time) - 1))
        share = float(np.clip((t - self.time[i - 1]) / (self.time[i] - self.time[i - 1]), 0.0, 1.0))
        return np.asarray((1.0 - share) * self.stress[i - 1] + share * self.stress[i])

    def k(self, size: Array, t: float) -> Array:
        """Largest K [Pa m^0.5] along a flaw of sizes (1,) [m]. (1,)."""
        a = float(min(size[0], REACH * self.thickness))
        profile = self.at(t)
        rules = flaw_rules(a, self.aspect, self.thickness)
        found = []
        for r in rules:  # faces do not overlap: K of the tensile part alone bounds that with contact
            stress = np.interp(r.x, self.depth, profile)
            found.append(max(float(r.row @ stress), float(r.row @ np.maximum(stress, 0.0))))
        return np.array([max(found)])

    def warmth(self, size: Array, t: float) -> Array:
        """Temperature [K] at the surface. (1,)."""
        return np.array([float(np.interp(t, self.time, self.temperature))])


def below(
    scan: FlawScan, point: int, instant: int, history: StressHistory, own: Array, relax: Relaxing | None, warm: Array
) -> Below:
    """What a flaw at a point of the surface meets, square to its largest tension at an instant.

    Parameters
    ----------
    own : (n_nodes, 6) float [Pa]
        Stress of the pane itself; zeros where none counts.
    relax : Relaxing or None
        Viscous flow.
    warm : (m,) float [K]
        At the point.
    """
    surface = scan.surface
    thickness = float(np.ptp(surface.mesh.points[:, 2]))
    depth = REACH * thickness * np.linspace(0.0, 1.0, DEPTHS) ** 2
    inwards = -surface.normal[point]
    start = surface.mesh.points[surface.nodes[point]]
    reach = np.maximum(depth, 1e-7)
    points = start[None, :] + reach[:, None] * inwards[None, :]
    at = Locator.build(surface.mesh).interpolation(points, place="below a flaw")
    modes = np.stack([at @ mode for mode in history.modes])  # (r, d, 6)
    full = np.tensordot(history.amplitudes, modes, axes=1) + at @ own  # (m, d, 6)
    t = surface.tangent[point]
    along = np.einsum("ai,mdij,bj->mdab", t, tensor(full), t, optimize=True)
    _, vectors = np.linalg.eigh(along[instant, 0])
    e = vectors[:, 1]
    stress = np.einsum("a,mdab,b->md", e, along, e)
    flow = None if relax is None else relax.below(surface, point, depth)
    stress = stress if flow is None else stress + flow
    return Below(history.time, depth, stress, warm, scan.aspect, thickness)


def grown(scan: FlawScan, place: Below, law: GrowthLaw, humidity: Humidity, material: Material) -> SizeHistory:
    """Follows the flaw from its depth through the history, to the first instant at which K reaches K_Ic.

    Raises
    ------
    NotSolved
        The integrator gave up.
    """
    return size_history(
        place.k,
        law,
        start=scan.depth,
        time=place.time,
        toughness=material.toughness,
        temperature=place.warmth,
        humidity=humidity,
        limit=REACH * place.thickness,
        tolerance=1e-6,
    )
