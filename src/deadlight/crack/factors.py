"""Boundary factors of surface, corner and through cracks, computed, beside the handbook's where there is a formula."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.crack.disc import ORDER, line_crack
from deadlight.crack.influence import FaceKind, face_influence, through_influence
from deadlight.crack.influence_basis import Basis, Kind
from deadlight.crack.influence_table import influence_table
from deadlight.crack.newman_raju import PlateCrack, corner_k, surface_k
from deadlight.crack.rim_kernel import Rim
from deadlight.errors import InputError
from deadlight.limits import Limits

Array = np.ndarray[Any, np.dtype[np.float64]]

DEGREES = (0.0, 5.0, 10.0, 20.0, 30.0, 45.0, 60.0, 70.0, 80.0, 85.0, 90.0)
FACES: tuple[FaceKind, ...] = ("surface", "corner")
# What can be at all; the tables end before, and say so.
RATIO, DEPTH, NEAR, POISSON = Limits("", above=0.0), Limits("", 0.0), Limits("", 0.0, below=1.0), Limits("", 0.0, 0.5)
HEIGHTS = (-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Factors:
    """A table of boundary factors.

    Attributes
    ----------
    head : tuple of str
        What the table is of, what the columns mean, and where the numbers come from; one line each.
    columns : tuple of str
    rows : tuple of tuple of float
    """

    head: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[float, ...], ...]

    def describe(self) -> dict[str, Any]:
        """For machines."""
        return {"about": list(self.head), "columns": list(self.columns), "rows": [list(row) for row in self.rows]}

    def __str__(self) -> str:
        width = [max(9, len(name)) for name in self.columns]
        lines = [*self.head, "", "  ".join(f"{name:>{w}}" for name, w in zip(self.columns, width))]
        for row in self.rows:
            lines.append("  ".join(f"{v:>{w}.4f}" if i else f"{v:>{w}g}" for i, (v, w) in enumerate(zip(row, width))))
        return "\n".join(lines)


def factors(kind: str, *, a_over_c: float, a_over_t: float, c_over_t: float, near: float, nu: float) -> Factors:
    """Factors of any kind: `face_factors` or `through_factors`.

    Raises
    ------
    InputError
        Outside the tables, a value that cannot be, or no such kind.
    """
    values = {"a_over_c": a_over_c, "a_over_t": a_over_t, "c_over_t": c_over_t, "near": near, "nu": nu}
    for (name, value), limits in zip(values.items(), (RATIO, DEPTH, RATIO, NEAR, POISSON)):
        limits.require(value, name, place="factors")
    for face in FACES:
        if kind == face:
            return face_factors(face, a_over_c, a_over_t, nu)
    if kind in ("through", "edge"):
        return through_factors(c_over_t, 1.0 if kind == "edge" else near, nu)
    raise InputError(f'kind = "{kind}"', place="factors", remedy="surface, corner, through or edge")


def face_factors(kind: FaceKind, a_over_c: float, a_over_t: float, nu: float) -> Factors:
    """F(phi) = K/(stress sqrt(pi a/Q)) of a surface or corner crack for tension and for bending 1 - 2 z/t.

    Raises
    ------
    InputError
        Outside the tables.
    """
    DEPTH.require(a_over_t, "a_over_t", place="factors")
    thickness = 1.0 / a_over_t if a_over_t > 0.0 else math.inf
    crack = face_influence(kind, a=1.0, c=1.0 / max(a_over_c, 1e-300), thickness=thickness, nu=nu)
    phi = np.radians(DEGREES)
    tension, tension_error = (crack.factor(k) for k in crack.monomial(0, 0, phi))
    bending, bending_error = (crack.factor(k) for k in crack.bending(phi))
    plate, equation = PlateCrack(1.0, 1.0 / a_over_c, min(thickness, 1e9)), corner_k if kind == "corner" else surface_k
    book = crack.factor(np.array([equation(plate, float(p)) for p in phi]))
    head = (
        f"{kind} crack, a/c {a_over_c:g}, a/t {a_over_t:g}, nu {nu:g}, wide plate",
        "F = K/(stress sqrt(pi a/Q)), sqrt(Q) the complete elliptic integral; phi 90 deepest, 0 on the face;"
        " bending: stress 1 - 2 z/t",
        "+- error of the table; within 10 degrees of a free face values are carried out from inside",
        "NR: Newman & Raju, nu 0.3; their bending is 5 to 12 % low at a/t 0.6, nu 0.2 lies 2 % below nu 0.3",
        _made(kind),
    )
    names = ("phi", "tension", "+-", "NR", "bending", "+-", "NR")
    columns = zip(DEGREES, tension, tension_error, book[:, 0], bending, bending_error, book[:, 1])
    return Factors(head, names, tuple(tuple(float(v) for v in row) for row in columns))


def through_factors(c_over_t: float, near: float, nu: float) -> Factors:
    """K(2 z/t)/(stress sqrt(pi c)) of a through crack at a straight free rim, stretching and bending 2 z/t.

    Parameters
    ----------
    near : float
        c/(c + ligament); 0 without a rim, 1 for a crack from the rim, 2 c deep.

    Raises
    ------
    InputError
        Outside the tables.
    """
    Limits("", 0.0, 1.0).require(near, "near", place="factors")
    c, height = c_over_t, np.array(HEIGHTS)
    ligament = c * (1.0 / near - 1.0) if near > 0.0 else math.inf
    crack = through_influence(c=c, ligament=ligament, thickness=1.0, nu=nu)
    tips = (0, 1) if ligament > 0.0 else (1,)
    outer = ligament if near > 0.0 else 1e3 * c
    rim = Rim() if near > 0.0 else Rim(free=False)
    plane = line_crack(outer, outer + 2.0 * c, rim=rim, thickness=1.0, nu=nu, order=ORDER)
    flat, tilt = plane.membrane.k.sum(axis=1), plane.bending.k.sum(axis=1)
    missing = crack.missing(height)
    at = {mode: n for n, mode in enumerate(Basis("through").modes)}
    scale = math.sqrt(math.pi * c)
    columns: list[Array] = [height]
    for tip in tips:
        columns += [(flat[tip] + missing[tip, at[0, 0]]) / scale, np.full(len(height), flat[tip] / scale)]
        columns += [(tilt[tip] * height + missing[tip, at[0, 1]]) / scale, tilt[tip] * height / scale]
    error = float(crack.fit_error[0])
    where = "the rim-side and the inner tip" if ligament > 0.0 else "the tip of a crack from the rim, 2 c deep"
    head = (
        f"{crack.kind} crack, c/t {c_over_t:g}, c/(c + ligament) {near:g}, nu {nu:g}, straight free rim",
        f"K/(stress sqrt(pi c)) over the height 2 z/t, at {where}; bending: stress 2 z/t",
        f"plane: plane stress and Reissner's plate, the rim's image for both; table +- {error:.4f}",
        _made(crack.kind),
    )
    one = ("stretch", "plane", "bend", "plane")
    return Factors(head, ("2z/t", *(one * len(tips))), tuple(tuple(float(v) for v in row) for row in zip(*columns)))


def _made(kind: Kind) -> str:
    facts = influence_table(kind).facts
    return f"crack operator, made {facts.get('made', '?')} by version {facts.get('version', '?')}"
