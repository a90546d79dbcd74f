"""Influence tables: K along the front per unit of every stress shape, interpolated between geometries computed before.

The values were computed with the crack operator (`make_tables`); nodes are Chebyshev-Lobatto points in a variable in
which K is smooth, between them the interpolation polynomial in its barycentric form (Berrut & Trefethen 2004, SIAM
Review 46:501).
"""

from __future__ import annotations

import functools
import hashlib
import json
import math
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev

from deadlight.crack.influence_basis import WHOLE, Kind
from deadlight.crack.influence_front import Front
from deadlight.errors import InputError, MachineError

Array = np.ndarray[Any, np.dtype[np.float64]]

FOLDER = Path(__file__).parent / "data"
SLACK = 1e-9  # of an axis: rounding beyond its end


@dataclass(frozen=True)
class Axis:
    """One parameter of a table.

    Attributes
    ----------
    name : str
    smallest, largest : float
        Range of the parameter.
    count : int
        Nodes.
    smooth, plain : callable
        Parameter to the variable of interpolation, and back.
    """

    name: str
    smallest: float
    largest: float
    count: int
    smooth: Callable[[float], float]
    plain: Callable[[float], float]

    @property
    def low(self) -> float:
        return self.smooth(self.smallest)

    @property
    def high(self) -> float:
        return self.smooth(self.largest)

    @property
    def nodes(self) -> Array:
        """Values of the parameter at the nodes, ascending."""
        if self.count == 1:
            return np.array([self.smallest])
        unit = chebyshev.chebpts2(self.count)
        variable = 0.5 * (self.low + self.high) + 0.5 * (self.high - self.low) * unit
        found = np.array([self.plain(v) for v in variable])
        found[[0, -1]] = self.smallest, self.largest
        return found

    @property
    def thinned(self) -> Axis:
        """The same with every other node: Lobatto points are nested."""
        return Axis(self.name, self.smallest, self.largest, (self.count + 1) // 2, self.smooth, self.plain)

    def weights(self, values: Array | float) -> Array:
        """Weights of the nodes at values of the parameter. (p,) -> (p, count)."""
        at = np.array([self.smooth(float(v)) for v in np.atleast_1d(values)])
        if self.count == 1:
            return np.ones((len(at), 1))
        unit = np.clip((2.0 * at - self.low - self.high) / (self.high - self.low), -1.0, 1.0)
        nodes = chebyshev.chebpts2(self.count)
        sign = np.where(np.arange(self.count) % 2, -1.0, 1.0)
        sign[[0, -1]] *= 0.5
        gap = unit[:, None] - nodes
        hit = np.abs(gap) < 1e-14
        share = sign / np.where(hit, 1.0, gap)
        share = np.where(hit.any(axis=1, keepdims=True), hit.astype(float), share)
        return np.asarray(share / share.sum(axis=1, keepdims=True))

    def clamped(self, value: float) -> float:
        return min(max(value, self.smallest), self.largest)

    def holds(self, value: float) -> bool:
        slack = SLACK * (self.largest - self.smallest)
        return self.smallest - slack <= value <= self.largest + slack


def _square(name: str, largest: float, count: int) -> Axis:
    return Axis(name, 0.0, largest, count, lambda v: v * v, lambda v: math.sqrt(max(v, 0.0)))


def _log(name: str, smallest: float, largest: float, count: int) -> Axis:
    return Axis(name, smallest, largest, count, math.log, math.exp)


def _linear(name: str, smallest: float, largest: float, count: int) -> Axis:
    return Axis(name, smallest, largest, count, float, float)


_NU = _linear("nu", 0.1, 0.4, 3)
AXES: dict[Kind, tuple[Axis, Axis, Axis]] = {
    "surface": (_log("a/c", 0.2, 2.0, 7), _square("a/t", 0.9, 5), _NU),
    "corner": (_log("a/c", 0.2, 2.0, 5), _square("a/t", 0.9, 5), _NU),
    "through": (_log("c/t", 0.25, 4.0, 5), _square("c/(c + ligament)", 0.9, 5), _NU),
    "edge": (_log("c/t", 0.25, 4.0, 5), _linear("ligament", 0.0, 0.0, 1), _NU),  # c is half the depth
}


@dataclass(frozen=True, eq=False)
class InfluenceTable:
    """One kind of crack.

    Attributes
    ----------
    kind : "surface", "corner", "through" or "edge"
    values : (n1, n2, n_nu, ..., n_modes, terms) float
        Coefficients along the front (`influence_front`) at the nodes of `AXES[kind]`: K over that of an ellipse in an
        infinite solid, or (through: first the rim-side tip, then the other; edge: its one tip) what the plane problem
        lacks, over sqrt(pi c).
    fit_error : (n_modes,) float
        Error against geometries computed directly on finer meshes, root mean square along the front, worst geometry,
        and what another size of plate changes; relative to K of uniform stress.
    facts : dict
        How it was made: date, version, settings, checks, checksum.
    """

    kind: Kind
    values: Array
    fit_error: Array
    facts: dict[str, Any]

    @property
    def places(self) -> Array:
        """Where along the front the fit is checked: phi [rad] from 10 degrees off a face, or 2 z/t within 0.9."""
        if self.kind in WHOLE:
            return np.linspace(-0.9, 0.9, 19)
        return np.radians(np.linspace(10.0, 80.0 if self.kind == "corner" else 90.0, 17))

    def coefficients(self, first: float, second: float, nu: float) -> Array:
        """Interpolated (..., n_modes, terms).

        Raises
        ------
        InputError
            Outside the table.
        """
        axes = AXES[self.kind]
        for axis, value in zip(axes, (first, second, nu)):
            if not axis.holds(value):
                raise InputError(
                    f"{axis.name} = {value:.4g}",
                    place=f"influence table of {self.kind} cracks",
                    remedy=f"{axis.smallest:g} to {axis.largest:g}; or the crack operator",
                )
        one, two, three = (axis.weights(value)[0] for axis, value in zip(axes, (first, second, nu)))
        found = self.values
        for weights in (one, two, three):  # one axis after the other: a product, not a sum over all of them
            found = np.tensordot(weights, found, axes=1)
        return np.asarray(found)

    def uniform(self, first: float, second: float, nu: float, place: Array) -> Array:
        """Scale of errors at places along the front: uniform stress, in the table's own units; through cracks 1."""
        if self.kind in WHOLE:
            return np.ones((self.values.shape[3], len(place)))
        return np.asarray((self.coefficients(first, second, nu) @ Front(self.kind).functions(place).T)[0])

    def save(self, path: Path) -> None:
        values = self.values.astype(np.float32)
        np.savez_compressed(path, values=values, fit_error=self.fit_error, facts=np.array(json.dumps(self.facts)))


def checksum(values: Array, fit_error: Array) -> str:
    """Of the numbers of a table."""
    digest = hashlib.sha256(np.ascontiguousarray(values, dtype="<f4").tobytes())
    digest.update(np.ascontiguousarray(fit_error, dtype="<f8").tobytes())
    return digest.hexdigest()[:16]


@functools.cache
def influence_table(kind: Kind) -> InfluenceTable:
    """The shipped table of one kind of crack.

    Raises
    ------
    MachineError
        The file is missing or damaged.
    """
    place = resources.files("deadlight.crack") / "data" / f"influence_{kind}.npz"
    try:
        with place.open("rb") as file, np.load(file, allow_pickle=False) as data:
            values, error = data["values"], data["fit_error"]
            facts = json.loads(str(data["facts"]))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as problem:
        raise MachineError(f"{place.name}: {problem}\n  remedy: install deadlight again") from problem
    if facts.get("checksum") != checksum(values, error):
        raise MachineError(f"{place.name}: damaged (checksum)\n  remedy: install deadlight again")
    return InfluenceTable(kind, values.astype(float), error, facts)
