"""Equilibrium of rigid pieces under one-sided contacts: what is certain, what is possible, and where they go."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse
from scipy.optimize import linprog, nnls

from deadlight.errors import NotSolved
from deadlight.outcome.contacts import Contacts

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

SIDES = 12  # of the pyramid inside the cone of friction: it lacks at most 3.4 % of it
WEDGE = (
    300.0  # times the loads of all pieces: the sum of pushes that is credited; more is a wedge of nearly parallel faces
)
_STIFF = 1e4  # weight of a limit against what is left over: it gives way by 1e-8 of that
_LAZY = 1e-6  # of the load: what a motion must gain on its way
_ZERO = 1e-7  # of the load: what an equilibrium may leave over


@dataclass(frozen=True, eq=False)
class Balance:
    """Columns of forces on pieces and what limits them.

    Attributes
    ----------
    wrench : (6 b, k) float
        Force [N] and moment over `size` [N] on every piece of each unit force.
    contact : (k,) int64
        Contact the column belongs to; grips follow after the contacts.
    direction : (k, 3) float
        Unit force of the column on the contact's own piece.
    rows : (r, k) float
        Sums of columns that are limited.
    most : (r,) float [N]
        Their limits.
    size : float [m]
        By which moments are divided.
    """

    wrench: Array
    contact: Index
    direction: Array
    rows: Any
    most: Array
    size: float

    def forces(self, load: Array) -> Array | None:
        """Some set of forces (k,) in equilibrium with a load (6 b,), the one of least sum; None if there is none."""
        n = self.wrench.shape[1]
        scale = float(np.abs(load).max())
        if scale == 0.0:
            return np.zeros(n)
        if n == 0:
            return None
        found = linprog(
            np.ones(n), A_eq=self.wrench, b_eq=-load / scale, bounds=(0, None), method="highs",
            **self._limits(scale, _apiece(load) / scale),
        )  # fmt: skip
        if found.status == 2:
            return None
        if found.status != 0:
            raise NotSolved(f"balance of contact forces: {found.message}")
        left = self.wrench @ found.x + load / scale
        if np.abs(left).max() > _ZERO:
            raise NotSolved(f"balance of contact forces leaves {np.abs(left).max():.2g} of the load over")
        return np.asarray(scale * found.x)

    def split(self, load: Array) -> tuple[Array, Array]:
        """What the contacts cannot take of a load (6 b,), and forces (k,) that take the rest.

        The load is projected on what the contacts can take, a convex set: a cone of pushes, cut off by strengths.  What
        is left over is the motion that starts (Moreau 1962; of bodies of one mass): nothing hinders it, or what yields
        takes all that it can.  So a piece of which nothing is left over stays where it is.
        """
        forces = self.forces(load)
        if forces is not None:
            return np.zeros(len(load)), forces
        left, forces = self._projected(load)
        least = self.forces(load - left)
        return left, forces if least is None else least

    def left_over(self, load: Array) -> Array:
        """What the contacts cannot take of a load (6 b,): see `split`."""
        return np.zeros(len(load)) if self.forces(load) is not None else self._projected(load)[0]

    def _projected(self, load: Array) -> tuple[Array, Array]:
        """Least squares of what is left over; a limit is a row of large weight with a slack of its own."""
        n = self.wrench.shape[1]
        if n == 0:
            return load, np.zeros(0)
        scale = float(np.abs(load).max())
        wedge = WEDGE * _apiece(load) / scale
        some = self.most / scale < wedge
        rows, most = self.rows[some].toarray(), self.most[some] / scale
        push = np.zeros(n)
        for _ in range(2):  # the sum of all pushes is limited where it has to be
            slack = np.vstack([np.zeros((len(load), len(most))), np.eye(len(most))])
            every = np.hstack([np.vstack([self.wrench, _STIFF * rows]), _STIFF * slack])
            push = _least_squares(every, np.concatenate([-load / scale, _STIFF * most]))[:n]
            if push.sum() <= wedge:
                break
            rows, most = np.vstack([rows, np.ones(n)]), np.append(most, wedge)
        left = (load / scale + self.wrench @ push).reshape(-1, 6)
        size = np.abs(left).max(axis=1)
        left[size <= min(_ZERO, 0.5 * float(size.max()))] = 0.0
        return scale * left.ravel(), scale * push

    def without(self, gone: Flags, forces: Array) -> tuple[Balance, Array]:
        """The balance without the columns of some pieces ((b,) bool), and the load (6 b,) of these on the others."""
        touched = np.abs(self.wrench).reshape(len(gone), 6, -1).max(axis=1) > 0.0
        out = touched[gone].any(axis=0)
        load = np.where(np.repeat(gone, 6), 0.0, self.wrench[:, out] @ forces[out])
        rest = replace(
            self, wrench=self.wrench[:, ~out], contact=self.contact[~out], direction=self.direction[~out],
            rows=self.rows[:, ~out],
        )  # fmt: skip
        return rest, load

    def factor(self, steady: Array, varied: Array) -> float:
        """Largest factor on a varied load that leaves an equilibrium; inf if any does, -inf if none does."""
        n = self.wrench.shape[1]
        scale = float(max(np.abs(steady).max(), np.abs(varied).max()))
        if not np.abs(varied).max() > 0.0:
            return np.inf if self.forces(steady) is not None else -np.inf
        column = np.append(np.zeros(len(self.most)), -WEDGE * _apiece(varied) / scale)[:, None]
        limits = self._limits(scale, _apiece(steady) / scale, column)
        found = linprog(
            np.append(np.zeros(n), -1.0), A_eq=np.column_stack([self.wrench, varied / scale]), b_eq=-steady / scale,
            bounds=(0, None), method="highs", **limits,
        )  # fmt: skip
        if found.status == 3 or found.status == 4:  # 4: unbounded or infeasible, not told which
            return np.inf if self.forces(steady + 1e6 * varied) is not None else -np.inf
        if found.status == 2:
            return -np.inf
        if found.status != 0:
            raise NotSolved(f"largest load factor: {found.message}")
        return abs(float(found.x[-1]))

    def _limits(self, scale: float, steady: float, more: Any = None) -> dict[str, Any]:
        """Rows on the pushes, over the scale of the load: strengths, and the sum of all; `more` are further columns."""
        every = scipy.sparse.vstack([self.rows, np.ones((1, self.wrench.shape[1]))])
        if more is not None:
            every = scipy.sparse.hstack([every, more])
        return {"A_ub": every.tocsr(), "b_ub": np.append(self.most / scale, WEDGE * steady)}


def _apiece(load: Array) -> float:
    """Largest component of the load (6 b,) on each piece, summed over the pieces."""
    return float(np.abs(load.reshape(-1, 6)).max(axis=1).sum())


def _least_squares(a: Array, b: Array) -> Array:
    try:
        return np.asarray(nnls(a, b, maxiter=30 * a.shape[1])[0])
    except RuntimeError as why:
        raise NotSolved(f"what contacts cannot take: {why}") from why


def balance_of(
    c: Contacts, centroids: Array, size: float, *, rubbing: bool, closed: bool, gripped: bool = True
) -> Balance:
    """Columns for the contacts of some pieces.

    Parameters
    ----------
    centroids : (b, 3) float [m]
    size : float [m]
    rubbing : bool
        Whether pushes bring Coulomb friction with them.
    closed : bool
        Only contacts without a gap.
    gripped : bool
        Whether gaskets grip.
    """
    use = np.flatnonzero(c.gap <= 0.0) if closed else np.arange(len(c.gap))
    normal = c.normal[use]
    t1, t2 = _tangents(normal)
    angle = 2 * np.pi * np.arange(SIDES) / SIDES
    sideways = np.cos(angle)[None, :, None] * t1[:, None] + np.sin(angle)[None, :, None] * t2[:, None]
    push = -normal[:, None] + (c.friction[use, None, None] * sideways if rubbing else 0.0)
    push = push.reshape(-1, 3) if rubbing else -normal
    of = np.repeat(use, SIDES) if rubbing else use
    grips = np.arange(len(c.grip)) if gripped else np.zeros(0, dtype=np.int64)
    g1, g2 = _tangents(c.grip_normal[grips])
    drag = (np.cos(angle)[None, :, None] * g1[:, None] + np.sin(angle)[None, :, None] * g2[:, None]).reshape(-1, 3)
    held = np.repeat(grips, SIDES)
    points = np.concatenate([c.point[of], c.grip_point[held]])
    direction = np.concatenate([push, drag])
    body = np.concatenate([c.body[of], c.grip_body[held]])
    other = np.concatenate([c.other[of], np.full(len(held), -1)])
    wrench = np.zeros((6 * len(centroids), len(points)))
    for which, sign in ((body, 1.0), (other, -1.0)):
        on = np.flatnonzero(which >= 0)
        arm = points[on] - centroids[which[on]]
        both = sign * np.column_stack([direction[on], np.cross(arm, direction[on]) / size])
        for k in range(6):
            wrench[6 * which[on] + k, on] += both[:, k]
    rows, most = _limited(c, of, grips)
    contact = np.concatenate([of, len(c.gap) + held])
    return Balance(wrench, contact, direction, rows, most, size)


def _limited(c: Contacts, of: Index, grips: Index) -> tuple[Any, Array]:
    """Rows for grips (each its own limit) and for stops of limited strength (on each piece)."""
    rows: list[int] = []
    cols: list[int] = []
    most: list[float] = []
    start = len(of)
    for k, g in enumerate(grips):  # some tens
        rows += [len(most)] * SIDES
        cols += list(range(start + SIDES * k, start + SIDES * (k + 1)))
        most.append(float(c.grip[g]))
    for source in np.flatnonzero(np.isfinite(c.limit)):
        for body in np.unique(c.body):
            mine = np.flatnonzero((c.source[of] == source) & (c.body[of] == body))
            rows += [len(most)] * len(mine)
            cols += mine.tolist()
            most.append(float(c.limit[source]))
    matrix = scipy.sparse.csr_matrix((np.ones(len(rows)), (rows, cols)), shape=(len(most), start + SIDES * len(grips)))
    return matrix, np.array(most)


def _tangents(n: Array) -> tuple[Array, Array]:
    first = np.eye(3)[np.abs(n).argmin(axis=1)] if len(n) else np.zeros((0, 3))
    t = first - (first * n).sum(axis=1)[:, None] * n
    t = t / np.linalg.norm(t, axis=1)[:, None]
    return t, np.cross(n, t)


def settled(c: Contacts, centroids: Array, size: float, load: Array, step: float) -> tuple[Array, bool]:
    """Where a load takes pieces before stops with a gap, friction and grip left out: (6 b,), and whether they rest.

    Rest is the least of -load.q + limit.s under n.(d + w x r) <= gap + s (a linear programme whose multipliers are the
    pushes): s is how far a stop of limited strength gives way.  No coordinate moves by more than a step [m], rotations
    times `size`.
    """
    n = 6 * len(centroids)
    free = balance_of(c, centroids, size, rubbing=False, closed=False, gripped=False)
    scale = float(np.abs(load).max())
    if scale == 0.0:
        return np.zeros(n), True
    if not free.wrench.shape[1]:
        return step * load / scale, False
    weak = free.most < WEDGE * _apiece(load)
    # a little is charged for every motion: what no load drives stays where it is
    cost = np.concatenate([_LAZY - load / scale, _LAZY + load / scale, free.most[weak] / scale])
    found = linprog(
        cost, A_ub=np.hstack([-free.wrench.T, free.wrench.T, -free.rows[weak].toarray().T]),
        b_ub=c.gap[free.contact] / step, bounds=[(0.0, 1.0)] * (2 * n) + [(0.0, None)] * int(weak.sum()),
        method="highs",
    )  # fmt: skip
    if found.status != 0:
        raise NotSolved(f"motion before the stops: {found.message}")
    q = np.asarray(found.x[:n] - found.x[n : 2 * n])
    return step * q, bool(np.abs(q).max() < 1 - 1e-9)
