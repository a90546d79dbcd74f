"""Heat through the thickness of panes at one place, for many loss times at once.

Each member is a column through all panes that are left, from its own loss time on.  Linear elements with lumped
capacity through each pane, backward Euler, everything linearised once a step; what acts on faces and in gaps are the
same objects as in the whole window's solution.  Nothing flows sideways: right in the open middle, high near a rim.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from deadlight.errors import InputError, NotSolved
from deadlight.finite import Rule

Array = np.ndarray[Any, np.dtype[np.float64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

NODES = 21  # through each pane, closer towards its faces
COLDEST, HOTTEST = 1.0, 5000.0  # [K] beyond which the solution has run away
STEP = 1e-9  # [s] within which a loss time is a step of the solution


class OnFace(Protocol):
    """What `deadlight.heat.boundary` has."""

    def density(self, t: float, T: Array, field: Array) -> tuple[Array, Array]: ...


class Between(Protocol):
    """What `deadlight.heat.pair` has."""

    def density(self, t: float, T_a: Array, T_b: Array, distance: Array) -> tuple[Array, Array]: ...


@dataclass(frozen=True, eq=False)
class Slab:
    """One pane of a column.

    Attributes
    ----------
    name : str
    material : with `density`, `conductivity(T)`, `specific_heat(T)`
    z : (n,) float [m]
        Heights of the nodes, from the outer face inwards (falling).
    """

    name: str
    material: Any
    z: Array

    @classmethod
    def between(cls, name: str, material: Any, outer: float, inner: float, nodes: int = NODES) -> Slab:
        """Nodes closer towards both faces (Chebyshev)."""
        s = 0.5 * (1.0 - np.cos(np.pi * np.arange(nodes) / (nodes - 1)))
        return cls(name, material, outer + s * (inner - outer))

    @property
    def weight(self) -> Array:
        """Length each node stands for. (n,) [m]."""
        step = np.abs(np.diff(self.z))
        found = np.zeros(len(self.z))
        found[:-1] += 0.5 * step
        found[1:] += 0.5 * step
        return found


@dataclass(frozen=True, eq=False)
class Column:
    """Panes outermost first, what acts on the two ends, and what lies between them.

    Attributes
    ----------
    slabs : tuple of Slab
    outer, inner : tuple of (boundary, weight)
        On the outermost and the innermost face, each with its weight at the place.
    gaps : tuple of (pair, distance [m]) or None
        One fewer than the slabs; None: no heat passes.
    """

    slabs: tuple[Slab, ...]
    outer: tuple[tuple[OnFace, float], ...]
    inner: tuple[tuple[OnFace, float], ...]
    gaps: tuple[tuple[Between, float] | None, ...]

    def __post_init__(self) -> None:
        if len(self.gaps) != len(self.slabs) - 1:
            raise InputError(
                f"{len(self.gaps)} gaps for {len(self.slabs)} panes", place="column", remedy="one between neighbours"
            )

    def part(self, name: str) -> slice:
        """Where a pane's nodes are among all."""
        at = 0
        for slab in self.slabs:
            if slab.name == name:
                return slice(at, at + len(slab.z))
            at += len(slab.z)
        raise InputError(f'no pane "{name}" in the column', place="column", remedy="name one of its panes")


@dataclass(frozen=True, eq=False)
class ColumnHistory:
    """Temperatures of all members.

    Attributes
    ----------
    time : (m,) float [s]
    temperature : (m, k, n) float [K]
        Of k members; NaN before a member's start.
    start : (k,) float [s]
    column : Column
    """

    time: Array
    temperature: Array
    start: Array
    column: Column

    def no_number(self) -> dict[str, Rule]:
        before = self.time[:, None] < self.start - STEP
        return {"temperature": np.broadcast_to(before[:, :, None], self.temperature.shape)}

    def of(self, pane: str) -> Array:
        """Temperatures of one pane. (m, k, n)."""
        return self.temperature[:, :, self.column.part(pane)]


def run_column(
    column: Column, *, time: Array, start: Sequence[float] | Array, initial: Array, kept: int = 1
) -> ColumnHistory:
    """Members of one column from their own starts to the end.

    Parameters
    ----------
    time : (m,) float [s]
        Rising; steps of the solution.  Every start is one of them.
    start : (k,) float [s]
    initial : (k, n) float [K]
    kept : int
        Every how many steps are kept.

    Raises
    ------
    InputError
        A start that is no step, initial temperatures of the wrong shape.
    NotSolved
        Temperatures ran away.
    """
    start, count = np.asarray(start, dtype=float), sum(len(s.z) for s in column.slabs)
    first = np.searchsorted(time, start - STEP)  # the step next to it, before or after
    if (first >= len(time)).any() or (np.abs(time[np.minimum(first, len(time) - 1)] - start) > STEP).any():
        raise InputError("a loss time is no step of the column", place="column", remedy="put it among the steps")
    if initial.shape != (len(start), count):
        raise InputError(f"initial temperatures {initial.shape}", place="column", remedy=f"({len(start)}, {count})")
    solver = _Solver(column)
    T = initial.T.copy()  # (n, k): rows are contiguous for the elimination
    found, clock = [], []
    for i in range(int(first.min()), len(time)):  # steps depend on each other
        if i > first.min():
            going = first < i
            new = solver.step(float(time[i]), float(time[i] - time[i - 1]), T)
            T = np.where(going, new, T)
            if not (T.min() > COLDEST and T.max() < HOTTEST):
                raise NotSolved(f"column: temperatures from {T.min():.3g} K to {T.max():.3g} K at {time[i]:g} s")
        if (i - first.min()) % kept == 0 or i == len(time) - 1 or i in first:
            found.append(np.where(first <= i, T, np.nan).T)
            clock.append(time[i])
    return ColumnHistory(np.array(clock), np.array(found), start, column)


class _Solver:
    """One backward Euler step of all members."""

    def __init__(self, column: Column) -> None:
        self.column = column
        self.weight = np.concatenate([s.weight for s in column.slabs])
        self.ends = np.cumsum([0, *(len(s.z) for s in column.slabs)])
        self.distance = [np.abs(np.diff(s.z)) for s in column.slabs]

    def step(self, t: float, dt: float, T: Array) -> Array:
        """(n, k) at t - dt -> (n, k) at t."""
        n, k = T.shape
        diagonal, right = np.zeros((n, k)), np.zeros((n, k))
        link = np.zeros((n - 1, k))  # conductance between neighbours [W/m2/K]
        for i, slab in enumerate(self.column.slabs):  # a few panes
            here = slice(self.ends[i], self.ends[i + 1])
            part, material = T[here], slab.material
            capacity = material.density * np.asarray(material.specific_heat(part)) * self.weight[here, None] / dt
            diagonal[here] += capacity
            right[here] += capacity * part
            between = np.asarray(material.conductivity(0.5 * (part[1:] + part[:-1])))
            link[here.start : here.stop - 1] = between / self.distance[i][:, None]
        for i, gap in enumerate(self.column.gaps):  # a few gaps
            a = self.ends[i + 1] - 1
            if gap is not None:
                pair, distance = gap
                _, h = pair.density(t, T[a], T[a + 1], np.full(k, distance))
                link[a] = h
        for at, acting in ((0, self.column.outer), (n - 1, self.column.inner)):
            for boundary, weight in acting:
                q, h = boundary.density(t, T[at], np.full(k, weight))
                diagonal[at] += h
                right[at] += q + h * T[at]
        diagonal[:-1] += link
        diagonal[1:] += link
        return _eliminated(diagonal, link, right)


def _eliminated(diagonal: Array, link: Array, right: Array) -> Array:
    """Symmetric tridiagonal systems of all members: diagonal (n, k), -link (n-1, k) beside it. (n, k)."""
    n = len(diagonal)
    for i in range(1, n):  # elimination goes row by row; members are arrays
        factor = link[i - 1] / diagonal[i - 1]
        diagonal[i] -= factor * link[i - 1]
        right[i] += factor * right[i - 1]
    right[-1] /= diagonal[-1]
    for i in range(n - 2, -1, -1):
        right[i] = (right[i] + link[i] * right[i + 1]) / diagonal[i]
    return right
