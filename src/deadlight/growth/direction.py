"""Where a crack turns under mixed modes, and the K that is held against toughness and growth law.

Signs are those of `operator/front.py`: b ahead, n from the - to the + face, t = b x n.  K_II > 0 turns the crack
towards -n, so `tilt` (from b towards n) is negative; K_III > 0 turns its normal from n towards t, so `twist` (about b,
right hand) is positive.

Tilt and effective K:

- `max_hoop_stress`: K_I sin a + K_II (3 cos a - 1) = 0 (Erdogan & Sih 1963, J. Basic Eng. 85:519); effective: the
  factor of that hoop stress, with K_III cos(a/2) joined to it by its energy.
- `local_symmetry`: K_II = 0 after the kink (Gol'dstein & Salganik 1974, Int. J. Fract. 10:507; F of Amestoy & Leblond
  1992).  Effective: sqrt(E' G) after the kink.
- `max_energy_release`: the kink with the largest G after it (Hussain, Pu & Underwood 1974, ASTM STP 560:2), same F;
  K_III counts in G.  Effective: sqrt(E' G) after the kink.
- `richard`: fits of kink and twist and K_v (Richard, Fulland & Sander 2005, Fatigue Fract. Eng. Mater. Struct. 28:3).

Twist of the first three: a facet square to the largest tension ahead of the kinked front,
tan 2 psi = 2 K_III / (K_I (1 - 2 nu)) with K after the kink (Pollard, Segall & Delaney 1982, GSA Bull. 93:1291;
Cooke & Pollard 1996, J. Geophys. Res. 101:3387).  A smooth front cannot follow it: it would have to break into facets
across the front, each twisted.  What moves is the tilt; the twist is what the front would like, stated with the result,
and what K_III gives to it is in the effective K (on the safe side: facets shield one another).

K_I < 0 is a shut crack.  Its faces carry what presses them, so it counts as zero: with shear left, the crack turns as
under pure mode II (wing crack); friction, where there is any, is in K_II already.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.errors import InputError
from deadlight.growth.kink import LARGEST_TILT, equivalent, kink_factors, kinked

Array = np.ndarray[Any, np.dtype[np.float64]]

CRITERIA = ("max_hoop_stress", "local_symmetry", "max_energy_release", "richard")
KINK = np.radians([140.0, -70.0])  # A, B of Richard, Fulland & Sander 2005
TWIST = np.radians([78.0, -33.0])  # C, D
ALPHA = (1.155, 1.0)  # K_Ic/K_IIc, K_Ic/K_IIIc


@dataclass(frozen=True, eq=False)
class Turn:
    """What a criterion says at points of a front.

    Attributes
    ----------
    tilt : (...) float [rad]
        Of the new surface about the front's tangent, from b towards n.
    twist : (...) float [rad]
        Of the new surface about b; a smooth front does not follow it.
    effective : (...) float [Pa m^0.5]
        To be held against K_Ic and to be given to the growth law.
    after : (..., 3) float [Pa m^0.5]
        K right after the kink by `tilt`, without twist, by the same F whatever the criterion.
    """

    tilt: Array
    twist: Array
    effective: Array
    after: Array


def turn(k: Array, nu: float, criterion: str = "local_symmetry") -> Turn:
    """Kink, twist and effective K.

    Parameters
    ----------
    k : (..., 3) float [Pa m^0.5]
        K_I, K_II, K_III. K_I < 0 counts as zero; all zero: no turn, effective K zero.
    nu : float
        Poisson's ratio, -1 < nu < 0.5.
    criterion : str
        One of `CRITERIA`.

    Raises
    ------
    InputError
        Unknown criterion, K that is not finite or has not three modes, nu out of range.
    """
    k = _checked(k, nu, criterion)
    rule: Callable[[Array, float], tuple[Array, Array, Array]] = {
        "max_hoop_stress": _max_hoop_stress,
        "local_symmetry": _local_symmetry,
        "max_energy_release": _max_energy_release,
        "richard": _richard,
    }[criterion]
    # Criteria are of degree one in K: with its size taken out, neither tiny nor huge values lose digits.
    size = np.max(np.abs(k), axis=-1, initial=0.0)
    unit = k / np.where(size > 0, size, 1.0)[..., None]
    tilt, twist, effective = rule(unit, nu)
    return Turn(tilt, twist, effective * size, kinked(k, tilt))


def _checked(k: Array, nu: float, criterion: str) -> Array:
    """K as float with shut cracks at K_I = 0."""
    place = "growth direction"
    if criterion not in CRITERIA:
        raise InputError(f'criterion "{criterion}"', place=place, remedy=f"one of {', '.join(CRITERIA)}")
    if not -1 < nu < 0.5:
        raise InputError(f"Poisson's ratio {nu}", place=place, remedy="between -1 and 0.5")
    k = np.array(k, dtype=np.float64)
    if k.ndim < 1 or k.shape[-1] != 3:
        raise InputError(f"K of shape {k.shape}", place=place, remedy="(..., 3): K_I, K_II, K_III")
    if not np.all(np.isfinite(k)):
        found = f"{np.sum(~np.isfinite(k).all(axis=-1))} points with K that is not a number"
        raise InputError(found, place=place, remedy="leave them out, or solve the crack again")
    k[..., 0] = np.maximum(k[..., 0], 0.0)
    return k


def _max_hoop_stress(k: Array, nu: float) -> tuple[Array, Array, Array]:
    k1, k2, k3 = np.moveaxis(k, -1, 0)
    reach = k1 + np.sqrt(k1**2 + 8 * k2**2)
    tilt = -2 * np.arctan2(2 * k2, np.where(reach > 0, reach, 1.0))
    half = np.cos(tilt / 2)
    hoop = half * (k1 * half**2 - 1.5 * k2 * np.sin(tilt))
    after = np.stack([hoop, np.zeros_like(hoop), k3 * half], axis=-1)
    return tilt, _facet(after, nu), equivalent(after, nu)


def _local_symmetry(k: Array, nu: float) -> tuple[Array, Array, Array]:
    sheared = np.stack([k[..., 0], np.abs(k[..., 1]), k[..., 2]], axis=-1)

    def remains(angle: Array) -> Array:
        return kinked(sheared, -angle)[..., 1]

    tilt = -np.sign(k[..., 1]) * _root(remains, k.shape[:-1])
    after = kinked(k, tilt)
    return tilt, _facet(after, nu), equivalent(after, nu)


def _max_energy_release(k: Array, nu: float) -> tuple[Array, Array, Array]:
    sheared = np.stack([k[..., 0], np.abs(k[..., 1]), k[..., 2]], axis=-1)
    weight = np.array([1.0, 1.0, 1 / (1 - nu)])
    step = 1e-5

    def slope(angle: Array) -> Array:
        angle = np.maximum(angle, step)
        before, behind = (kink_factors(-angle + s) for s in (-step, step))
        rise = np.einsum("...ij,...j->...i", before - behind, sheared)
        mean = np.einsum("...ij,...j->...i", before + behind, sheared)
        return np.asarray(np.einsum("...i,...i,i->...", rise, mean, weight))

    tilt = -np.sign(k[..., 1]) * _root(slope, k.shape[:-1])
    after = kinked(k, tilt)
    return tilt, _facet(after, nu), equivalent(after, nu)


def _richard(k: Array, nu: float) -> tuple[Array, Array, Array]:
    total = np.abs(k).sum(axis=-1)
    share = np.abs(k) / np.where(total > 0, total, 1.0)[..., None]
    tilt, twist = (a * share[..., i] + b * share[..., i] ** 2 for i, (a, b) in ((1, KINK), (2, TWIST)))
    apart = k[..., 0] ** 2 + 4 * (ALPHA[0] * k[..., 1]) ** 2 + 4 * (ALPHA[1] * k[..., 2]) ** 2
    return -np.sign(k[..., 1]) * tilt, np.sign(k[..., 2]) * twist, k[..., 0] / 2 + np.sqrt(apart) / 2


def _facet(after: Array, nu: float) -> Array:
    """Twist of a facet square to the largest tension ahead; 45 degrees where only K_III is left."""
    return np.asarray(0.5 * np.arctan2(2 * after[..., 2], np.maximum(after[..., 0], 0.0) * (1 - 2 * nu)))


def _root(value: Callable[[Array], Array], form: tuple[int, ...]) -> Array:
    """Angle in (0, 85 degrees - 1e-4) at which `value` goes from + to -, by bisection to the last digit."""
    low, high = np.zeros(form), np.full(form, LARGEST_TILT - 1e-4)
    for _ in range(54):
        middle = (low + high) / 2
        up = value(middle) > 0
        low, high = np.where(up, middle, low), np.where(up, high, middle)
    return (low + high) / 2
