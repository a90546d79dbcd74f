"""Surface or corner crack of any size at one place under a stress history: K at its tips by influence tables.

A crack partly in compression is partly shut; contact only opens the rest less than the same crack without its
compressive load would (comparison principle of the obstacle problem), so K of the tensile part of the stress alone is
an upper bound. That bound is what is judged; the superposed value, faces crossing, is the lower end of the band.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import scipy.sparse

from deadlight.crack.influence import FaceInfluence, face_influence, shape_projection
from deadlight.crack.influence_basis import Basis
from deadlight.crack.line import CrackLine
from deadlight.crack.newman_raju import PlateCrack, width_factor
from deadlight.crack.section import thickness_rule
from deadlight.crack.seed import Corner, Surface
from deadlight.crack.through import interpolation
from deadlight.crack.weight_function import SURFACE_ANGLE, DepthRule, Kind, deepest_rule, surface_rule
from deadlight.finite import require_finite
from deadlight.remark import Remark

Array = np.ndarray[Any, np.dtype[np.float64]]

# The handbook's weight functions take a stress that varies along the face as its value at this share of c (exact for a
# penny under linear stress: 2/3; corner crack, one-sided: from the half-space solution's linear stress).
OFF_CENTRE = 2.0 / 3.0
CORNER_DEEP, CORNER_FACE = 0.2, 0.7
WIDTH_SHARE = 0.7  # of what the width factor adds: it is that of a crack in the middle of a plate, high at one rim
BEYOND = 0.1  # relative error of K outside the tables
ALONG_FACE = 0.1  # share of the stress that may vary along the face for the handbook to fit


@dataclasses.dataclass(frozen=True, eq=False)
class FaceK:
    """K of one size of crack at all instants and tips.

    Attributes
    ----------
    upper, plain : (m, n_tips) float [Pa m^0.5]
        K of the tensile part of the stress, an upper bound with contact; K with faces that cross.
    error : (m, n_tips) float [Pa m^0.5]
        Of the tables, of the stress that their shapes do not hold, and of the plate's width.
    size : (float, float) [m]
        a and c.
    remarks : tuple of Remark
    """

    upper: Array
    plain: Array
    error: Array
    size: tuple[float, float]
    remarks: tuple[Remark, ...]


@dataclasses.dataclass(frozen=True, eq=False)
class FaceProblem:
    """Surface or corner crack under one history (m, n_line, n_thick)."""

    seed: Surface | Corner
    line: CrackLine
    stress: Array
    temperature: Array
    nu: float

    @property
    def kind(self) -> Kind:
        return "corner" if isinstance(self.seed, Corner) else "surface"

    @property
    def tips(self) -> tuple[str, ...]:
        return ("deepest", "centre_side") if self.kind == "corner" else ("deepest", "rim_side", "centre_side")

    @property
    def angles(self) -> Array:
        """phi of the tips [rad]: the deepest point, and 10 degrees below the face; 0 points to the pane's centre."""
        if self.kind == "corner":
            return np.array([0.5 * math.pi - SURFACE_ANGLE, SURFACE_ANGLE])
        return np.array([0.5 * math.pi, math.pi - SURFACE_ANGLE, SURFACE_ANGLE])

    @property
    def middle(self) -> float:
        """Depth of the crack's middle below the rim [m]; 0 for a corner crack."""
        return 0.0 if self.kind == "corner" else 0.5 * (self.line.outer + self.line.inner)

    def plate(self, a: float, c: float) -> PlateCrack:
        width = self.line.length if self.kind == "corner" else self.middle
        return PlateCrack(a, c, self.line.pane.thickness, width)

    def influence(self, a: float, c: float) -> FaceInfluence:
        thickness = self.line.pane.thickness
        return face_influence(self.kind, a=a, c=c, thickness=thickness, nu=self.nu, extrapolate=True)

    def k(self, a: float, c: float) -> FaceK:
        """K at every tip of a crack of depth a and (half) length c."""
        influence, fit = self.influence(a, c), shape_projection(self.kind)
        wide = width_factor(self.plate(a, c), self.kind)
        flat = self.stress.reshape(len(self.stress), -1)
        sample = np.asarray((self._samples(a, c, fit.x, fit.z) @ flat.T).T)
        plain, error = self._answered(influence, sample)
        upper, shut = plain.copy(), np.flatnonzero((sample < 0.0).any(axis=1))
        if len(shut):
            tensile, more = self._answered(influence, np.maximum(sample[shut], 0.0))
            upper[shut], error[shut] = np.maximum(tensile, plain[shut]), np.maximum(more, error[shut])
        upper = np.maximum(upper, 0.0)
        error = wide * error + (WIDTH_SHARE * abs(wide - 1.0) + (BEYOND if influence.remarks else 0.0)) * wide * upper
        found = FaceK(wide * upper, wide * plain, error, (a, c), influence.remarks)
        require_finite("K by the quick tier", **{self.kind: found})
        return found

    def _answered(self, influence: FaceInfluence, sample: Array) -> tuple[Array, Array]:
        """K and its error (m, n_tips) of the stress at the fit's points (m, p)."""
        fit = shape_projection(self.kind)
        coefficients = sample @ fit.matrix.T
        k, error = influence.total(coefficients, self.angles)
        left = fit.departure(sample, coefficients)
        return k, error + left[:, None] * influence.k(self.angles)[0]

    def _samples(self, a: float, c: float, x: Array, z: Array) -> scipy.sparse.csr_matrix:
        """Matrix (p, n_line * n_thick) to points X = x/c along the line, inwards, and Z = z/a below the face."""
        along = interpolation(self.line.depth, self.middle + c * x)
        through = self._heights(a * z)
        row, column = np.nonzero(along)
        value = along[row, column][:, None] * through[row]
        count = through.shape[1]
        at = column[:, None] * count + np.arange(count)
        place = (np.repeat(row, count), at.ravel())
        return scipy.sparse.csr_matrix((value.ravel(), place), shape=(len(x), len(self.line.depth) * count))

    def _heights(self, below: Array) -> Array:
        """Matrix (q, n_thick) to depths below the crack's face [m]: polynomial through the thickness samples."""
        zeta = 1.0 - 2.0 * below / self.line.pane.thickness
        zeta = zeta if self.seed.place.face == "outer" else -zeta
        nodes, _ = thickness_rule(len(self.line.zeta))
        degree = len(nodes) - 1
        legendre = np.polynomial.legendre.legvander
        return np.asarray(np.linalg.solve(legendre(nodes, degree).T, legendre(zeta, degree).T).T)

    def handbook(self, a: float, c: float) -> Array:
        """K at every tip by the handbook: plate equations and weight functions, nu = 0.3, tensile part. (m, n_tips)."""
        crack = self.plate(a, c)
        deep, face = deepest_rule(crack, self.kind), surface_rule(crack, self.kind)
        found = []
        for number, (depth, _) in enumerate(self.positions(c)):
            rule: DepthRule = deep if number == 0 else face
            profile = self._profile(self.stress, depth, rule.x)
            found.append(np.maximum(np.maximum(profile, 0.0) @ rule.row, profile @ rule.row))
        return np.maximum(np.stack(found, axis=1), 0.0)

    def suits_handbook(self, found: FaceK, instant: int) -> bool:
        """Whether the handbook's formulas are made for this crack and its stress at an instant.

        A surface crack in their range, in tension all over, under a stress that varies with the depth alone.
        """
        if self.kind == "corner" or self.plate(*found.size).warnings():
            return False
        fit = shape_projection(self.kind)
        sample = np.asarray(self._samples(*found.size, fit.x, fit.z) @ self.stress[instant].ravel())
        along = np.array([i > 0 for i, _ in Basis(self.kind).modes])
        varies = (fit.matrix @ sample)[along] @ fit.shapes[along]
        return bool(sample.min() >= 0.0 and fit.weight @ varies**2 <= ALONG_FACE**2 * (fit.weight @ sample**2))

    def positions(self, c: float) -> list[tuple[float, float]]:
        """For each tip: depth below the rim where the handbook takes the stress, and where the tip lies [m]."""
        if self.kind == "corner":
            return [(CORNER_DEEP * c, 0.0), (CORNER_FACE * c, c)]
        at, off = self.middle, OFF_CENTRE * c
        return [(at, at), (at - off, at - c), (at + off, at + c)]

    def tip_temperature(self, a: float, c: float) -> Array:
        columns = []
        for number, (_, tip) in enumerate(self.positions(c)):
            below = a if number == 0 else 0.0
            columns.append(self._profile(self.temperature, tip, np.array([below]))[:, 0])
        return np.stack(columns, axis=1)

    def _profile(self, field: Array, depth: float, below: Array) -> Array:
        """Values (m, q) at a line depth and `below` the crack's face [m]."""
        along = interpolation(self.line.depth, np.array([depth]))[0]
        return np.asarray(np.tensordot(field, along, axes=(1, 0)) @ self._heights(below).T)
