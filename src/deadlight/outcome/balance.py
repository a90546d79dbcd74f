"""Equilibrium of rigid pieces under one-sided contacts: what is certain, what is possible, and where they go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse
from scipy.optimize import linprog, nnls

from deadlight.errors import NotSolved
from deadlight.outcome.contacts import Contacts

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

SIDES = 12  # of the pyramid inside the cone of friction: it lacks at most 3.4 % of it
WEDGE = 300.0  # times the load: the sum of pushes that is credited; more is a wedge of nearly parallel faces
_SOFT = 1e-3  # of a unit force: what a push is charged when the way of a motion is sought
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
            np.ones(n), A_eq=self.wrench, b_eq=-load / scale, bounds=(0, None), method="highs", **self._limits(scale)
        )
        if found.status == 2:
            return None
        if found.status != 0:
            raise NotSolved(f"balance of contact forces: {found.message}")
        left = self.wrench @ found.x + load / scale
        if np.abs(left).max() > _ZERO:
            raise NotSolved(f"balance of contact forces leaves {np.abs(left).max():.2g} of the load over")
        return np.asarray(scale * found.x)

    def left_over(self, load: Array) -> Array:
        """What the contacts cannot take of a load (6 b,), as little of it as possible in the sum of its parts."""
        n, m = self.wrench.shape[1], len(load)
        scale = float(np.abs(load).max())
        if scale == 0.0:
            return np.zeros(m)
        limits = self._limits(scale, more=scipy.sparse.csr_matrix((len(self.most) + 1, 2 * m)))
        found = linprog(
            np.concatenate([np.zeros(n), np.ones(2 * m)]), A_eq=np.column_stack([self.wrench, np.eye(m), -np.eye(m)]),
            b_eq=-load / scale, bounds=(0, None), method="highs", **limits,
        )  # fmt: skip
        if found.status != 0:
            raise NotSolved(f"what contacts cannot take: {found.message}")
        slack = -scale * (found.x[n : n + m] - found.x[n + m :])
        return np.where(np.abs(slack) > _ZERO * scale, slack, 0.0)

    def factor(self, steady: Array, varied: Array) -> float:
        """Largest factor on a varied load that leaves an equilibrium; inf if any does, -inf if none does."""
        n = self.wrench.shape[1]
        scale = float(max(np.abs(steady).max(), np.abs(varied).max()))
        if not np.abs(varied).max() > 0.0:
            return np.inf if self.forces(steady) is not None else -np.inf
        part = float(np.abs(varied).max()) / scale
        column = np.append(np.zeros(len(self.most)), -WEDGE * part)[:, None]
        limits = self._limits(scale, float(np.abs(steady).max()) / scale, column)
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

    def way(self, load: Array) -> Array:
        """Unbalanced part of a load (6 b,): it is also the motion it starts.

        The load is split into its projection onto what the contacts can take and a rest r with r.g >= 0 for every push
        g (Moreau 1962): r is a motion that no contact forbids, and the load does work on it.  A little is charged for
        every push, so that rounded normals make no wedge.
        """
        n = self.wrench.shape[1]
        if n == 0:
            return load
        charged = np.vstack([self.wrench, _SOFT * np.eye(n)])
        return np.asarray(load + self.wrench @ nnls(charged, np.append(-load, np.zeros(n)))[0])

    def _limits(self, scale: float, steady: float = 1.0, more: Any = None) -> dict[str, Any]:
        """Rows on the pushes, over the scale of the load: strengths, and the sum of all; `more` are further columns."""
        every = scipy.sparse.vstack([self.rows, np.ones((1, self.wrench.shape[1]))])
        if more is not None:
            every = scipy.sparse.hstack([every, more])
        return {"A_ub": every.tocsr(), "b_ub": np.append(self.most / scale, WEDGE * steady)}


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

    Rest is the least of -load.q under n.(d + w x r) <= gap (a linear programme whose multipliers are the pushes);
    no coordinate moves by more than a step [m], rotations times `size`.
    """
    n = 6 * len(centroids)
    free = balance_of(c, centroids, size, rubbing=False, closed=False, gripped=False)
    scale = float(np.abs(load).max())
    if scale == 0.0:
        return np.zeros(n), True
    if not free.wrench.shape[1]:
        return step * load / scale, False
    # a little is charged for every motion: what no load drives stays where it is
    cost = np.concatenate([_LAZY - load / scale, _LAZY + load / scale])
    found = linprog(
        cost, A_ub=np.hstack([-free.wrench.T, free.wrench.T]), b_ub=c.gap[free.contact], bounds=(0.0, step),
        method="highs",
    )  # fmt: skip
    if found.status != 0:
        raise NotSolved(f"motion before the stops: {found.message}")
    q = np.asarray(found.x[:n] - found.x[n:])
    return q, bool(np.abs(q).max() < step * (1 - 1e-9))
