"""Does a piece stay in its seat: equilibrium on its real geometry, and what happens when there is none."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from deadlight.errors import InputError
from deadlight.finite import ENDLESS, Rule
from deadlight.outcome.balance import Balance, balance_of, settled
from deadlight.outcome.contacts import Contacts, contacts_of
from deadlight.outcome.forces import Load, shaken
from deadlight.outcome.piece import Piece
from deadlight.outcome.supports import Support
from deadlight.remark import Remark, unique

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

HELD, LOOSE, LEAVES = "held", "loose", "leaves"
STEPS = 12  # of a motion before stops
_TRIAL = 1e-3  # of the weight on the ground: a load that a clamped piece takes from any side
_TURNED = 0.1  # rad; a larger rotation is not small


@dataclass(frozen=True, eq=False)
class Acting:
    """One force of a free-body diagram.

    Attributes
    ----------
    name : str
        Load, stop, gasket or neighbour.
    kind : str
        "load", "push", "grip" or "unbalanced".
    force, moment : (3,) float [N], [N m]
        On the piece, the moment about its centroid.
    place : (3,) float [m]
        Where the arrow ends.
    """

    name: str
    kind: str
    force: Array
    moment: Array
    place: Array


@dataclass(frozen=True, eq=False)
class Retention:
    """Whether a piece stays.

    Attributes
    ----------
    piece : int
    state : str
        "held": equilibrium in place without counting on friction that pushes bring with them.  "loose": only with such
        friction, or after clearances have closed, or no load and nothing clamps it.  "leaves": no equilibrium.
    clamped : bool
        A small load from any side is taken in place, without such friction.
    factor : dict of str -> (float, float)
        For every load the largest factor on it, the others kept: in place without friction, and at the most (all
        clearances closed, friction of pushes counted).  inf: any; -inf: not even without it.  "all" varies the
        disturbing loads together, with the vibration.
    way : (6,) float
        Unit motion that starts if it is not held: displacement of the centroid and rotation times its size.
    moved : (6,) float [m], [rad]
        What it has moved by when clearances have closed (zeros when held or gone).
    acting : tuple of Acting
        Free-body diagram for the worst direction of the vibration: one admissible set of forces, that of least sum.
    remarks : tuple of Remark
    """

    piece: int
    state: str
    clamped: bool
    factor: dict[str, tuple[float, float]]
    way: Array
    moved: Array
    acting: tuple[Acting, ...]
    remarks: tuple[Remark, ...] = ()

    def no_number(self) -> dict[str, Rule]:
        return {"factor": ENDLESS}


def retained(
    piece: Piece, supports: Sequence[Support], loads: Sequence[Load], *, friction: float = 0.0,
    vibration: float = 0.0, standing: Sequence[int] = (),
) -> Retention:  # fmt: skip
    """Whether one piece stays, its neighbours given as standing fast or gone.

    Parameters
    ----------
    piece : Piece
        Of a pane that is not cut: the whole pane, which can be lost by its support.
    supports : sequence of Support
    loads : sequence of Load
    friction : float
        Of glass on glass.
    vibration : float [m/s2]
        Amplitude from any side, added to the loads.
    standing : sequence of int
        Numbers of neighbours that stand fast; others are not there.

    Raises
    ------
    InputError
        A load or friction that is not finite, a support on regions that the pane does not have.
    NotSolved
        A linear programme that failed.
    """
    return retained_together([piece], supports, [loads], friction=friction, vibration=vibration, standing=standing)[0]


def retained_together(
    pieces: Sequence[Piece], supports: Sequence[Support], loads: Sequence[Sequence[Load]], *, friction: float = 0.0,
    vibration: float = 0.0, standing: Sequence[int] = (),
) -> tuple[Retention, ...]:  # fmt: skip
    """Whether pieces stay that push each other: one balance for all of them.

    Parameters are those of `retained`; `loads` has one sequence a piece.  Nobody stands fast but the supports and the
    neighbours named in `standing`, so pieces that lock each other are only held if the supports hold all of them.
    """
    job = _Job(pieces, supports, loads, friction, vibration, standing)
    return tuple(job.answer(k) for k in range(len(pieces)))


@dataclass(frozen=True)
class Standing:
    """Short answer for pieces that push each other.

    Attributes
    ----------
    state : tuple of str
        As in `Retention`, one a piece.
    factor : float
        Largest factor on all disturbing loads with the vibration, in place without friction of pushes: 0 at the least.
    """

    state: tuple[str, ...]
    factor: float


def standing_together(
    pieces: Sequence[Piece], supports: Sequence[Support], loads: Sequence[Sequence[Load]], *, friction: float = 0.0,
    vibration: float = 0.0,
) -> Standing:  # fmt: skip
    """States and common factor as `retained_together` finds them, without diagrams: for many instants."""
    job = _Job(pieces, supports, loads, friction, vibration, ())
    factor = float(np.min([job.certain.factor(*job.parts(shake)) for shake in job.shakes]))
    return Standing(tuple(job.state), max(factor, 0.0))


class _Job:
    """One set of pieces with everything that is the same for all of them."""

    def __init__(
        self, pieces: Sequence[Piece], supports: Sequence[Support], loads: Sequence[Sequence[Load]], friction: float,
        vibration: float, standing: Sequence[int],
    ) -> None:  # fmt: skip
        _checked(pieces, supports, loads, friction)
        self.pieces, self.supports, self.loads = pieces, supports, loads
        self.friction, self.standing = friction, standing
        self.centroids = np.array([p.centroid for p in pieces])
        self.size = max(float(np.linalg.norm(np.ptp(p.faces.corners.reshape(-1, 3), axis=0))) for p in pieces)
        self.contacts = contacts_of(pieces, supports, friction, standing)
        self.certain = self._balance(rubbing=False, closed=True)
        self.sure = self._balance(rubbing=False, closed=False)
        self.possible = self._balance(rubbing=True, closed=False)
        self.rubbing = self._balance(rubbing=True, closed=True)
        self.steady = sum((self._stacked(k) for k in range(max(map(len, loads)))), np.zeros(6 * len(pieces)))
        self.shakes = self._shakes(vibration)
        self.remarks = [r for s in supports for r in s.remarks]
        self._judge()

    def _balance(self, *, rubbing: bool, closed: bool) -> Balance:
        return balance_of(self.contacts, self.centroids, self.size, rubbing=rubbing, closed=closed)

    def _scaled(self, wrench: Array) -> Array:
        return wrench / np.array([1.0, 1.0, 1.0, self.size, self.size, self.size])

    def _stacked(self, k: int) -> Array:
        none = np.zeros(6)
        return np.concatenate([self._scaled(x[k].wrench) if k < len(x) else none for x in self.loads])

    def _shakes(self, vibration: float) -> Array:
        unit = shaken(1.0, vibration)
        return np.array([
            np.concatenate([np.concatenate([p.mass * d, np.zeros(3)]) for p in self.pieces]) for d in unit
        ])  # fmt: skip

    def _judge(self) -> None:
        """States of all pieces under the worst of all directions of vibration."""
        b = len(self.pieces)
        self.state = [HELD] * b
        self.worst = [self.steady + self.shakes[0]] * b
        self.moved = np.zeros((b, 6))
        self.gone = np.zeros((b, 6))
        for shake in self.shakes:  # 1 or 12
            load = self.steady + shake
            left = self.certain.left_over(load).reshape(b, 6)
            unheld = np.abs(left).max(axis=1) > 0.0
            if not unheld.any():
                continue
            moved, rests = self._moves(load)
            stuck = np.abs(self.rubbing.left_over(load).reshape(b, 6)).max(axis=1) == 0.0
            for k in np.flatnonzero(unheld).tolist():
                found = LOOSE if rests[k] or stuck[k] else LEAVES
                if (HELD, LOOSE, LEAVES).index(found) > (HELD, LOOSE, LEAVES).index(self.state[k]):
                    self.state[k], self.worst[k] = found, load
                    self.moved[k] = moved[k] if rests[k] else 0.0
        self.clamped = self._clamped()
        for k in range(b):
            mine = slice(6 * k, 6 * k + 6)
            idle = not np.abs(self.steady[mine]).max() > 0.0 and not np.abs(self.shakes[:, mine]).max() > 0.0
            if self.state[k] == HELD and idle and not self.clamped[k]:
                self.state[k] = LOOSE

    def _clamped(self) -> list[bool]:
        b = len(self.pieces)
        found = []
        for k, piece in enumerate(self.pieces):
            trial = _TRIAL * 9.8 * piece.mass
            every = np.zeros((12, 6 * b))
            every[np.arange(12), 6 * k + np.arange(12) // 2] = trial * np.tile([1.0, -1.0], 6)
            found.append(all(self.certain.forces(w) is not None for w in every))
        return found

    def _moves(self, load: Array) -> tuple[Array, list[bool]]:
        """Motion under a load until every piece rests on stops or is gone: (b, 6) and which of them rest."""
        b = len(self.pieces)
        total = np.zeros(6 * b)
        unit = np.tile([1.0, 1.0, 1.0, 1 / self.size, 1 / self.size, 1 / self.size], b)
        gaps = [g for g in self.contacts.gap if np.isfinite(g)]
        step = 1.5 * max(gaps, default=0.0) + 0.02 * self.size
        contacts = self.contacts
        last = np.zeros(6 * b)
        for _ in range(STEPS):
            last, rests = settled(
                _opened(contacts, self.centroids, self.size, total), self.centroids, self.size, load, step
            )
            total = total + last
            at = list((total * unit).reshape(b, 6))
            contacts = contacts_of(self.pieces, self.supports, self.friction, self.standing, at)
            if (rests and np.abs(last).max() < 1e-3 * step) or np.abs(total).max() > self.size:
                break
        going = np.abs(last.reshape(b, 6)).max(axis=1) > 1e-3 * step
        return (total * unit).reshape(b, 6), [not g for g in going]

    def answer(self, k: int) -> Retention:
        piece = self.pieces[k]
        way = np.zeros(6)
        if self.state[k] != HELD:
            closed = balance_of(self.contacts, self.centroids, self.size, rubbing=False, closed=True, gripped=False)
            way = closed.way(self.worst[k])[6 * k : 6 * k + 6]
            way = way / max(float(np.linalg.norm(way)), 1e-300)
        remarks = list(self.remarks)
        if np.abs(self.moved[k, 3:]).max() > _TURNED:
            remarks.append(Remark(
                f"piece {piece.number} turns by {np.abs(self.moved[k, 3:]).max():.2g} rad before it rests: not small",
                alarm=True,
            ))  # fmt: skip
        if self.state[k] == LOOSE:
            remarks.append(Remark(f"piece {piece.number} is loose: {self._why_loose(k)}"))
        return Retention(
            piece.number, self.state[k], self.clamped[k], self._factors(k), way, self.moved[k], self._acting(k),
            unique(remarks),
        )  # fmt: skip

    def _why_loose(self, k: int) -> str:
        if self.moved[k].any():
            return f"it moves by {1e3 * np.linalg.norm(self.moved[k, :3]):.2g} mm before stops hold it"
        return "only friction holds it" if np.abs(self.worst[k]).max() > 0.0 else "no load, and nothing clamps it"

    def _factors(self, k: int) -> dict[str, tuple[float, float]]:
        """Largest factors on every load of one piece, and on all disturbing ones with the vibration."""
        mine = slice(6 * k, 6 * k + 6)
        found = {}
        for load in self.loads[k]:
            one = np.zeros_like(self.steady)
            one[mine] = self._scaled(load.wrench)
            found[load.name] = self._both(self.steady - one, one)
        return {**found, "all": self._common}

    @functools.cached_property
    def _common(self) -> tuple[float, float]:
        """Largest factors on the disturbing loads of all pieces with the vibration."""
        every = [self._both(*self.parts(shake)) for shake in self.shakes]
        sure, most = np.min(every, axis=0)
        return float(sure), float(most)

    def parts(self, shake: Array) -> tuple[Array, Array]:
        """Loads that stay, and those that a common factor multiplies."""
        some = np.zeros_like(self.steady)
        for which, loads in enumerate(self.loads):
            for load in loads:
                if load.disturbing:
                    some[6 * which : 6 * which + 6] += self._scaled(load.wrench)
        return self.steady - some, some + shake

    def _both(self, steady: Array, varied: Array) -> tuple[float, float]:
        return self.certain.factor(steady, varied), self.possible.factor(steady, varied)

    def _acting(self, k: int) -> tuple[Acting, ...]:
        piece, mine = self.pieces[k], slice(6 * k, 6 * k + 6)
        found = [Acting(x.name, "load", x.force, x.moment, piece.centroid) for x in self.loads[k]]
        shake = (self.worst[k] - self.steady)[mine]
        if shake.any():
            found.append(Acting("vibration", "load", shake[:3], shake[3:] * self.size, piece.centroid))
        for balance in (self.certain, self.sure, self.rubbing, self.possible):
            forces = balance.forces(self.worst[k])
            if forces is not None:
                return (*found, *_pushes(balance, self.contacts, forces, k, piece.centroid))
        left = self.certain.left_over(self.worst[k])[mine]
        return (*found, Acting("unbalanced", "unbalanced", left[:3], left[3:] * self.size, piece.centroid))


def _opened(c: Contacts, centroids: Array, size: float, q: Array) -> Contacts:
    """Contacts with the gaps that are left after a motion q (6 b,), rotations times `size`."""
    free = balance_of(c, centroids, size, rubbing=False, closed=False, gripped=False)
    gap = np.maximum(c.gap + free.wrench.T @ q, 0.0)
    return replace(c, gap=gap)


def _pushes(balance: Balance, c: Contacts, forces: Array, k: int, centroid: Array) -> list[Acting]:
    """Forces of every stop, gasket and neighbour on one piece, summed by source."""
    count = len(c.gap)
    grip = balance.contact >= count
    at = np.where(grip[:, None], _pick(c.grip_point, balance.contact - count), _pick(c.point, balance.contact))
    body = np.where(grip, _pick(c.grip_body, balance.contact - count), _pick(c.body, balance.contact))
    other = np.where(grip, -1, _pick(c.other, balance.contact))
    source = np.where(grip, _pick(c.grip_source, balance.contact - count), _pick(c.source, balance.contact))
    sign = np.where(body == k, 1.0, np.where(other == k, -1.0, 0.0))
    vector = (sign * forces)[:, None] * balance.direction
    found = []
    for number, name in enumerate(c.names):
        for kind, which in (("push", ~grip), ("grip", grip)):
            m = (source == number) & which & (sign != 0.0) & (forces > 0.0)
            if m.any():
                weight = np.linalg.norm(vector[m], axis=1)
                place = (weight[:, None] * at[m]).sum(axis=0) / weight.sum()
                moment = np.cross(at[m] - centroid, vector[m]).sum(axis=0)
                found.append(Acting(name, kind, vector[m].sum(axis=0), moment, place))
    return found


def _pick(values: Any, number: Index) -> Any:
    """Rows by number; anything where the number is out of range."""
    if not len(values):
        return np.zeros((len(number), *np.shape(values)[1:]), dtype=np.asarray(values).dtype)
    return np.asarray(values)[np.clip(number, 0, len(values) - 1)]


def _checked(
    pieces: Sequence[Piece], supports: Sequence[Support], loads: Sequence[Sequence[Load]], friction: float
) -> None:
    if not pieces or len(loads) != len(pieces):
        raise InputError(f"{len(pieces)} pieces and loads for {len(loads)}", place="retention",
                         remedy="give every piece its loads")  # fmt: skip
    if not (np.isfinite(friction) and friction >= 0.0):
        raise InputError(f"friction {friction!r}", place="retention", remedy="a finite friction from 0")
    for each in (x for some in loads for x in some):
        if not np.isfinite(each.wrench).all():
            raise InputError(f'load "{each.name}" is not finite', place="retention", remedy="check its input")
    known = set(pieces[0].regions)
    for support in supports:
        missing = sorted(set(support.regions) - known)
        if missing:
            raise InputError(
                f"regions {missing} are not on the pane", place=f'support "{support.name}"',
                remedy="regions are: " + ", ".join(sorted(known)),
            )  # fmt: skip
