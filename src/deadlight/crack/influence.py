"""K of a surface, corner or through crack under any stress on its area, from the tables of the crack operator.

Every value comes with its error: the table's fit error, and what of the stress the shapes do not hold.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.special import ellipe

from deadlight.crack.influence_basis import ALONG, Basis, Projection, projection
from deadlight.crack.influence_front import Front, embedded
from deadlight.crack.influence_table import AXES, InfluenceTable, influence_table
from deadlight.errors import InputError
from deadlight.finite import UNLIMITED, Rule
from deadlight.remark import Remark

Array = np.ndarray[Any, np.dtype[np.float64]]
FaceKind = Literal["surface", "corner"]

NEAR_FACE = math.radians(10.0)  # closer to a free face K is carried out from inside
CARRIED = 0.03  # relative error there: the field at a free face is not that of a smooth front
NEAR_SKIN = 0.75  # 2 z/t of a through crack beyond which the same holds: K there still moves with the mesh by 1 to 2 %


@dataclass(frozen=True, eq=False)
class FaceInfluence:
    """Influence of stress on a surface or corner crack of one size.

    Attributes
    ----------
    kind : "surface" or "corner"
    a, c, thickness : float [m]
        Depth, half length (corner: length) on the face, of the plate (inf: a half-space).
    nu : float
    coefficients : (n_modes, terms) float
    fit_error : (n_modes,) float
        Relative to K of uniform stress.
    remarks : tuple of Remark
        An alarm if the geometry lies outside the table and the nearest one in it was taken.
    """

    kind: FaceKind
    a: float
    c: float
    thickness: float
    nu: float
    coefficients: Array
    fit_error: Array
    remarks: tuple[Remark, ...] = ()

    def k(self, phi: Array) -> Array:
        """K [m^0.5] per unit of every shape of `Basis(kind)` at parametric angles phi [rad]. (n_modes, p).

        phi is 90 degrees at the deepest point; 0 lies on the face towards +x, 180 degrees towards -x (surface crack).
        """
        phi = np.atleast_1d(np.asarray(phi, dtype=float))
        return np.asarray(self.coefficients @ Front(self.kind).functions(phi).T * embedded(self.a, self.c, phi))

    def monomial(self, i: int, j: int, phi: Array) -> tuple[Array, Array]:
        """K [m^0.5] for the stress (x/c)^i (z/a)^j at angles phi, and its error. (p,), (p,)."""
        return self.total(Basis(self.kind).monomial(i, j)[None], phi, row=0)

    def bending(self, phi: Array) -> tuple[Array, Array]:
        """K [m^0.5] for the stress 1 - 2 z/t, and its error. (p,), (p,)."""
        basis = Basis(self.kind)
        shape = basis.monomial(0, 0) - 2.0 * self.a / self.thickness * basis.monomial(0, 1)
        return self.total(shape[None], phi, row=0)

    def total(self, coefficients: Array, phi: Array, row: int | None = None) -> tuple[Array, Array]:
        """K of stresses given by their coefficients (m, n_modes), and its error. (m, p) each, or one row of it."""
        k = self.k(phi)
        near = np.sin(np.atleast_1d(phi)) < math.sin(NEAR_FACE) - 1e-9
        if self.kind == "corner":
            near |= np.cos(np.atleast_1d(phi)) < math.sin(NEAR_FACE) - 1e-9
        found = coefficients @ k
        error = (np.abs(coefficients) @ self.fit_error)[:, None] * np.abs(k[0])
        error = error + np.where(near, CARRIED, 0.0) * np.abs(found)
        return (found, error) if row is None else (found[row], error[row])

    def factor(self, k: Array) -> Array:
        """Boundary factor F = K/(stress sqrt(pi a/Q)), sqrt(Q) the complete elliptic integral (Newman & Raju 1981)."""
        ratio = min(self.a / self.c, self.c / self.a)
        return np.asarray(k * float(ellipe(1.0 - ratio**2)) / math.sqrt(math.pi * self.a))


@functools.lru_cache(maxsize=32)
def face_influence(
    kind: FaceKind, *, a: float, c: float, thickness: float, nu: float, extrapolate: bool = False
) -> FaceInfluence:
    """Influence of stress on a semi-elliptical surface or quarter-elliptical corner crack in a wide plate.

    Parameters
    ----------
    a, c, thickness : float [m]
        a/c from 0.2 to 2, a/t from 0 (thickness inf) to 0.9.
    nu : float
        0.1 to 0.4.
    extrapolate : bool
        Outside the table take the nearest geometry in it, with an alarm; K follows the size as in an infinite solid.

    Raises
    ------
    InputError
        Sizes that cannot be; outside the table and not `extrapolate`.
    """
    if not (a > 0.0 and c > 0.0 and thickness > a and math.isfinite(a * c)):
        raise InputError(
            f"a = {a:g} m, c = {c:g} m, thickness {thickness:g} m",
            place=f"influence of a {kind} crack",
            remedy="positive sizes, a less than the thickness",
        )
    table = influence_table(kind)
    asked = (a / c, a / thickness, nu)
    inside, remarks = _inside(table, asked, extrapolate)
    return FaceInfluence(kind, a, c, thickness, nu, table.coefficients(*inside), table.fit_error, remarks)


def _inside(
    table: InfluenceTable, asked: tuple[float, float, float], extrapolate: bool
) -> tuple[tuple[float, float, float], tuple[Remark, ...]]:
    """The geometry asked for, or the nearest in the table with an alarm."""
    axes = AXES[table.kind]
    if not extrapolate or all(axis.holds(v) for axis, v in zip(axes, asked)):
        return asked, ()
    beyond = [
        f"{axis.name} = {v:.3g} outside {axis.smallest:g} ... {axis.largest:g}"
        for axis, v in zip(axes, asked)
        if not axis.holds(v)
    ]
    text = f"{', '.join(beyond)} of the influence tables of {table.kind} cracks: the nearest geometry in them was taken"
    one, two, three = (axis.clamped(v) for axis, v in zip(axes, asked))
    return (one, two, three), (Remark(text, alarm=True),)


@dataclass(frozen=True, eq=False)
class ThroughInfluence:
    """What the plane problem of a through crack lacks.

    Attributes
    ----------
    kind : "through" or "edge"
        Inside the pane, or from the rim inwards.
    c, ligament, thickness : float [m]
        Half length (edge: half the depth), distance of the rim-side tip to the rim (inf: none), thickness.
    nu : float
    coefficients : (2 or 1, n_modes, terms) float
        Rim-side tip, other tip; edge: its one tip.
    fit_error, unsettled : (n_modes,) float
        Error of the tables, and what a crack longer than they hold may lack; relative to sqrt(pi c).
    remarks : tuple of Remark
    """

    kind: Literal["through", "edge"]
    c: float
    ligament: float
    thickness: float
    nu: float
    coefficients: Array
    fit_error: Array
    unsettled: Array
    remarks: tuple[Remark, ...] = ()

    def no_number(self) -> dict[str, Rule]:
        return {"ligament": UNLIMITED}

    def missing(self, height: Array) -> Array:
        """K - K_plane [m^0.5] per unit of every shape at heights 2 z/t. (2, n_modes, p), zero at a tip that is gone."""
        basis = Basis("through")
        across = np.array([j for _, j in basis.modes])
        longest = AXES["through"][0].largest * self.thickness
        # a stress in equilibrium with itself over the thickness is felt from within a thickness only
        scale = np.where(across >= 2, math.sqrt(math.pi * min(self.c, longest)), math.sqrt(math.pi * self.c))
        found = self.coefficients @ Front("through").functions(np.asarray(height)).T * scale[:, None]
        return np.asarray(found if self.kind == "through" else np.concatenate([np.zeros_like(found), found]))

    def error(self, coefficients: Array) -> Array:
        """Error of K [Pa m^0.5] of stresses given by their coefficients (m, n_modes). (m,)."""
        found = np.abs(coefficients) @ self.fit_error * math.sqrt(math.pi * self.c)
        return np.asarray(found + self.beyond(coefficients))

    def beyond(self, coefficients: Array) -> Array:
        """Its part [Pa m^0.5] for a crack longer than the tables hold. (m,)."""
        return np.asarray(np.abs(coefficients) @ self.unsettled * math.sqrt(math.pi * self.c))


@functools.lru_cache(maxsize=32)
def through_influence(*, c: float, ligament: float, thickness: float, nu: float) -> ThroughInfluence:
    """What the plane problem lacks for a through crack square to a straight or round rim.

    Parameters
    ----------
    c, ligament, thickness : float [m]
        c/t from 0.25; beyond 4 the values at 4 are taken, and what they changed since 2 is an error for every doubling:
        stretching has settled there, bending at a near rim has not.  c/(c + ligament) to 0.9; beyond, the values at
        0.9 with an alarm.  Worst, up to 2.5 % off: c/t below 0.5 with a tip within 0.1 t of the rim.  No ligament: a
        crack from the rim, 2 c deep.
    nu : float
        0.1 to 0.4.

    Raises
    ------
    InputError
        Sizes that cannot be; a crack shorter than half a thickness; nu outside the table.
    """
    if not (c > 0.0 and ligament >= 0.0 and thickness > 0.0 and math.isfinite(c)):
        raise InputError(f"c = {c:g} m, ligament {ligament:g} m", place="influence of a through crack",
                         remedy="positive sizes")  # fmt: skip
    kind: Literal["through", "edge"] = "through" if ligament > 0.0 else "edge"
    table = influence_table(kind)
    size, near = c / thickness, c / (c + ligament) if kind == "through" else 0.0
    largest = AXES["through"][0].largest
    inside, remarks = _inside(table, (min(size, largest), near, nu), near > AXES["through"][1].largest)
    if inside[0] != min(size, largest) or inside[2] != nu:
        inside = min(size, largest), near, nu  # only the ligament is extrapolated: the table refuses the rest
    coefficients = table.coefficients(*inside)
    beyond = unsettled(table, inside[1], nu, largest, size) if size > largest else np.zeros(len(table.fit_error))
    return ThroughInfluence(kind, c, ligament, thickness, nu, coefficients, table.fit_error, beyond, remarks)


def unsettled(table: InfluenceTable, near: float, nu: float, last: float, size: float) -> Array:
    """What a through crack of c/t = `size` may lack if K at c/t = `last` is taken. (n_modes,), over sqrt(pi c).

    What the last doubling of c/t changed, for every further one: within the tables this holds from 2 to 4.
    """
    change = table.coefficients(last, near, nu) - table.coefficients(0.5 * last, near, nu)
    across = np.array([j for _, j in Basis(table.kind).modes])
    found = np.abs(change @ Front(table.kind).functions(np.linspace(-1.0, 1.0, 9)).T).max(axis=(0, 2))
    return np.asarray(np.where(across <= 1, found, 0.0) * math.log2(size / last))


@functools.cache
def shape_projection(kind: Literal["surface", "corner"]) -> Projection:
    """Least-squares points and matrix of a kind, kept."""
    return projection(kind)


def along_fit(depth: Array, weight: Array, middle: float, c: float) -> Array:
    """Least-squares matrix (ALONG + 1, q) from values at points of a line to P_i(x/c), x towards the rim."""
    x = (middle - depth) / c
    shapes = np.polynomial.legendre.legvander(x, ALONG)
    # the tips weigh most in K: Chebyshev's weight
    root = np.sqrt(np.maximum(weight, 0.0) / np.sqrt(np.maximum(1.0 - x**2, 1e-4)))
    return np.asarray(np.linalg.pinv(shapes * root[:, None]) * root)
