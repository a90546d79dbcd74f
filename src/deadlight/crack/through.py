"""A straight through crack on its line under a stress history: K at both tips for any tip positions and instants."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from deadlight.crack.disc import ORDER, LineCrack, line_crack
from deadlight.crack.influence import ThroughInfluence
from deadlight.crack.line import CrackLine
from deadlight.crack.section import Section, residual_bound
from deadlight.crack.skin_contact import Opening, opened
from deadlight.crack.thickness_profile import ThicknessProfile, front_open, influence_of, thickness_profile
from deadlight.finite import require_finite

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

# Length of crack [m] that one unknown may stand for at the default order: the band of tension inside a rim is some 10
# mm wide, and a jump-like stress on a long crack needs it (edge crack five bands long: 3 % at order 16, 0.1 % at 32).
RESOLVED = 3.0e-3


@dataclass(frozen=True, eq=False)
class ThroughProblem:
    """Everything but the tip positions; solved geometries are kept, so revisiting one costs a matrix product.

    Attributes
    ----------
    line : CrackLine
    section : Section
        Stress on the line, (m, n_line) each [Pa].
    temperature : (m, n_line) float [K]
        Thickness mean on the line.
    nu : float
    order : int
        Unknowns of the integral equation.
    contact : bool
        False lets the crack faces cross (comparison only).
    """

    line: CrackLine
    section: Section
    temperature: Array
    nu: float
    order: int = ORDER
    contact: bool = True
    _states: dict[tuple[float, float], tuple[LineCrack, Array]] = field(default_factory=dict, repr=False)
    _openings: dict[tuple[float, float], Opening] = field(default_factory=dict, repr=False)
    _profiles: dict[tuple[float, float], Opening | ThicknessProfile] = field(default_factory=dict, repr=False)
    _influences: dict[tuple[float, float], ThroughInfluence | None] = field(default_factory=dict, repr=False)

    def state(self, outer: float, inner: float) -> tuple[LineCrack, Array]:
        """Solved geometry and the matrix (n, n_line) that interpolates the line's samples to its points."""
        key = (round(outer, 9), round(inner, 9))
        if key not in self._states:
            length = inner - outer
            order = self.order * min(3.0, max(1.0, math.ceil(length / RESOLVED / ORDER * 4.0) / 4.0))
            crack = line_crack(
                outer, inner, rim=self.line.rim, thickness=self.line.pane.thickness, nu=self.nu, order=int(order)
            )
            self._states[key] = crack, _from_samples(crack, self.line.depth.tobytes())
        return self._states[key]

    def opening(self, outer: float, inner: float, instants: Index) -> Opening:
        """The plane problem's answer; kept where it is asked for the whole history, as it is time and again."""
        key, whole = (round(outer, 9), round(inner, 9)), len(instants) == len(self.section.membrane)
        if whole and key in self._openings:
            return self._openings[key]
        found = self._opened(outer, inner, instants)
        if whole:
            self._openings[key] = found
        return found

    def _opened(self, outer: float, inner: float, instants: Index) -> Opening:
        crack, to_points = self.state(outer, inner)
        membrane, bending = self.section.membrane[instants] @ to_points.T, self.section.bending[instants] @ to_points.T
        return opened(crack, membrane, bending, contact=self.contact)

    def influence(self, outer: float, inner: float) -> ThroughInfluence | None:
        """What the plane problem lacks there; None where the tables do not reach."""
        key = (round(outer, 9), round(inner, 9))
        if key not in self._influences:
            crack, _ = self.state(outer, inner)
            thickness, free = self.line.pane.thickness, self.line.rim.free
            self._influences[key] = influence_of(crack, thickness=thickness, nu=self.nu, free=free)
        return self._influences[key]

    def profile(
        self, outer: float, inner: float, instants: Index, plane: Opening | None = None
    ) -> Opening | ThicknessProfile:
        """K over the thickness where the influence tables reach, the plane problem's answer elsewhere.

        `plane` is `opening` of the same, if it is known.
        """
        key, whole = (round(outer, 9), round(inner, 9)), len(instants) == len(self.section.membrane)
        if whole and key in self._profiles:
            return self._profiles[key]
        found = self._profile(outer, inner, instants, plane)
        require_finite("K by the quick tier", through=found)
        if whole:
            self._profiles[key] = found
        return found

    def _profile(
        self, outer: float, inner: float, instants: Index, plane: Opening | None
    ) -> Opening | ThicknessProfile:
        plane, influence = plane or self.opening(outer, inner, instants), self.influence(outer, inner)
        if influence is None:
            return plane
        crack, to_points = self.state(outer, inner)
        part, higher = self.section, self.section.higher
        if higher is None:
            higher = np.zeros((*part.membrane.shape, 0))
        near = np.flatnonzero(to_points.any(axis=0))
        at = to_points[:, near] @ higher[instants][:, near]
        stress = part.membrane[instants] @ to_points.T, part.bending[instants] @ to_points.T, at
        return thickness_profile(influence, crack, plane, stress)

    def tip_temperature(self, outer: float, inner: float, instants: Index) -> Array:
        """Thickness-mean temperature at both tips, (k, 2) [K]."""
        matrix = interpolation(self.line.depth, np.array([outer, inner]))
        return np.asarray(self.temperature[instants] @ matrix.T)

    def residual_k(self, outer: float, inner: float, instants: Index, plane: Opening | None = None) -> Array:
        """Bound on |K| of the part of the stress that is not in K, (k,) [Pa m^0.5].

        What is neither stretching nor bending; where the influence tables hold, what is left of it beyond them.
        `plane` is `opening` of the same, if it is known.
        """
        inside = (self.line.depth >= outer) & (self.line.depth <= inner)
        inside |= np.isin(
            np.arange(len(inside)), np.searchsorted(self.line.depth, [outer, inner]).clip(max=len(inside) - 1)
        )
        along, largest = np.flatnonzero(inside), np.zeros(len(instants))
        shut = np.ones(len(instants), dtype=bool)
        if self.section.higher is not None and self.influence(outer, inner) is not None:
            shut = front_open(plane or self.opening(outer, inner, instants)) == 0.0
        for here, beyond in ((shut, False), (~shut, True)):
            if here.any():
                largest[here] = self.section.residual(instants[here], along, beyond=beyond).max(axis=1)
        return residual_bound(largest, half_length=0.5 * (inner - outer), thickness=self.line.pane.thickness)


@functools.lru_cache(maxsize=32)  # a crack's history, and every estimate of an error of it, ask for the same
def _from_samples(crack: LineCrack, depth: bytes) -> Array:
    """Matrix from samples at some depths to the points of a solved crack."""
    return interpolation(np.frombuffer(depth), crack.depth)


def interpolation(samples: Array, points: Array) -> Array:
    """Matrix (len(points), len(samples)) of four-point Lagrange interpolation, constant beyond the ends.

    Local and linear in the data; exact for cubics, fourth order in the spacing.
    """
    inside = np.clip(points, samples[0], samples[-1])
    right = np.clip(np.searchsorted(samples, inside), 1, len(samples) - 1)
    first = np.clip(right - 2, 0, len(samples) - 4)
    columns = first[:, None] + np.arange(4)
    nodes = samples[columns]
    matrix = np.zeros((len(points), len(samples)))
    for one in range(4):
        others = [other for other in range(4) if other != one]
        share = (inside[:, None] - nodes[:, others]) / (nodes[:, [one]] - nodes[:, others])
        matrix[np.arange(len(points)), columns[:, one]] = share.prod(axis=1)
    return matrix
