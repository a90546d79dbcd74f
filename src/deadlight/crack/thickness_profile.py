"""K of a through crack over its thickness: the plane problem and what the influence tables add to it."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.crack.disc import LineCrack
from deadlight.crack.influence import CARRIED, NEAR_SKIN, ThroughInfluence, along_fit, through_influence
from deadlight.crack.influence_basis import ACROSS, ALONG
from deadlight.crack.influence_table import AXES
from deadlight.crack.section import SKIN_FACTOR
from deadlight.crack.skin_contact import Opening

Array = np.ndarray[Any, np.dtype[np.float64]]

# Heights 2 z/t where K is taken, both skins among them: Gauss-Lobatto points would do as well, these are denser there.
HEIGHTS = np.cos(np.linspace(np.pi, 0.0, 33))


@dataclass(frozen=True, eq=False)
class ThicknessProfile:
    """K at both tips over the thickness.

    Attributes
    ----------
    k : (m, 2, p) float [Pa m^0.5]
        At `HEIGHTS`; rim-side tip, inner tip.
    plane : Opening
        The plane problem's answer.
    influence : ThroughInfluence
    crack : LineCrack
    parts : (m, ALONG + 1, ACROSS + 1) float [Pa]
        Of the stress on the crack, as the tables hold it.
    higher : (m, q, ACROSS - 1) float [Pa]
        Higher Legendre parts at the crack's traction points.
    """

    k: Array
    plane: Opening
    influence: ThroughInfluence
    crack: LineCrack
    parts: Array
    higher: Array

    def error(self, instants: Any = slice(None)) -> Array:
        """Of the tables, of the fit of the stress along the crack, and of a largest K next to a skin. (k,) [Pa m^0.5].

        At some instants only where they are given.
        """
        k, parts, higher = self.k[instants], self.parts[instants], self.higher[instants]
        found = self.influence.error(parts.reshape(len(parts), -1)) + _at_skin(k)
        return found + _unfitted(higher, parts[:, :, 2:], self.crack, self.influence.thickness)

    def beyond(self, instants: Any = slice(None)) -> Array:
        """Its part for a crack longer than the tables hold. (k,) [Pa m^0.5]."""
        parts = self.parts[instants]
        return self.influence.beyond(parts.reshape(len(parts), -1))

    @property
    def front_max(self) -> Array:
        """Largest K through the thickness, (m, 2) [Pa m^0.5]; zero when the whole front is shut."""
        return np.asarray(np.maximum(self.k.max(axis=2), 0.0))

    @property
    def front_energy(self) -> Array:
        """Plane-stress K of the same energy release, sqrt((1 - nu^2) mean K^2), (m, 2) [Pa m^0.5]."""
        square = np.trapezoid(np.maximum(self.k, 0.0) ** 2, HEIGHTS, axis=2) / 2.0
        return np.asarray(np.sqrt((1.0 - self.influence.nu**2) * square))


def influence_of(crack: LineCrack, *, thickness: float, nu: float, free: bool) -> ThroughInfluence | None:
    """What the plane problem of this crack lacks; None outside the tables."""
    size, _, poisson = AXES["through"]
    if crack.half_length < size.smallest * thickness or not poisson.holds(nu):
        return None
    ligament = crack.outer if free else math.inf
    return through_influence(c=crack.half_length, ligament=ligament, thickness=thickness, nu=nu)


def thickness_profile(
    influence: ThroughInfluence, crack: LineCrack, plane: Opening, stress: tuple[Array, Array, Array]
) -> ThicknessProfile:
    """Add to the plane problem what it lacks, contact pressure of the skins included.

    Parameters
    ----------
    stress : (m, q), (m, q), (m, q, ACROSS - 1) float [Pa]
        Stretching, bending skin value and higher Legendre parts at the crack's traction points.
    """
    loads, contact = _fits(crack)
    membrane, bending, higher = stress
    parts = np.zeros((len(membrane), ALONG + 1, ACROSS + 1))
    parts[:, :, 0] = membrane @ loads.T + (plane.pressure_plus + plane.pressure_minus) @ contact.T
    parts[:, :, 1] = bending @ loads.T + 3.0 * (plane.pressure_plus - plane.pressure_minus) @ contact.T
    parts[:, :, 2 : 2 + higher.shape[2]] = loads @ higher
    parts *= front_open(plane)[:, None, None]
    missing = _missing(influence)
    more = (parts.reshape(len(parts), -1) @ missing.reshape(len(missing), -1)).reshape(-1, 2, len(HEIGHTS))
    k = plane.membrane[:, :, None] + plane.bending[:, :, None] * HEIGHTS + more
    return ThicknessProfile(k, plane, influence, crack, parts, higher)


@functools.lru_cache(maxsize=32)
def _fits(crack: LineCrack) -> tuple[Array, Array]:
    """Matrices from values at the crack's traction points, and at its contact points, to polynomials along it."""
    middle, c = 0.5 * (crack.outer + crack.inner), crack.half_length
    loads = along_fit(crack.depth, crack.weight, middle, c)
    return loads, along_fit(crack.contact_depth, crack.contact_weight, middle, c)


@functools.lru_cache(maxsize=32)
def _missing(influence: ThroughInfluence) -> Array:
    """What the plane problem lacks at `HEIGHTS`, (n_modes, 2, p) [m^0.5]."""
    return np.ascontiguousarray(influence.missing(HEIGHTS).transpose(1, 0, 2))


def front_open(plane: Opening) -> Array:
    """Ones where some part of the front is open, (m,): nothing is added to a crack that is shut."""
    size = np.abs(plane.membrane).max(initial=0.0) + np.abs(plane.bending).max(initial=0.0)
    return np.asarray((plane.front_max.max(axis=1) > 1e-9 * size).astype(float))


def _at_skin(k: Array) -> Array:
    """What K (m, 2, p) may be wrong by where its largest value lies next to a skin. (m,)."""
    at = np.abs(HEIGHTS[k.argmax(axis=2)]) > NEAR_SKIN
    return np.asarray((CARRIED * at * np.maximum(k.max(axis=2), 0.0)).max(axis=1))


def _unfitted(higher: Array, parts: Array, crack: LineCrack, thickness: float) -> Array:
    """Bound like (C6) on K of what polynomials along the crack leave of the higher parts. (m,)."""
    x = (0.5 * (crack.outer + crack.inner) - crack.depth) / crack.half_length
    shapes = np.polynomial.legendre.legvander(x, ALONG)
    fitted = np.tensordot(parts[:, :, : higher.shape[2]], shapes, axes=(1, 1)).transpose(0, 2, 1)
    left = np.abs(higher - fitted).sum(axis=2)
    reach = min(math.sqrt(math.pi * crack.half_length), math.sqrt(thickness / math.pi))
    return np.asarray(SKIN_FACTOR * reach * np.sqrt((left**2 * crack.weight).sum(axis=1) / crack.weight.sum()))
