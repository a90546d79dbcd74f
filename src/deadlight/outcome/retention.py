"""Does a piece stay in its seat: equilibrium on its real geometry, and what happens when there is none."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from deadlight.errors import InputError
from deadlight.finite import ENDLESS, Rule
from deadlight.outcome.balance import WEDGE, Balance, balance_of, settled
from deadlight.outcome.contacts import Contacts, contacts_of
from deadlight.outcome.forces import Load, shaken
from deadlight.outcome.piece import Piece
from deadlight.outcome.supports import Support
from deadlight.remark import Remark, unique

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

HELD, LOOSE, LEAVES = "held", "loose", "leaves"
ALL = "all"  # the factor on all disturbing loads
STEPS = 12  # of a motion before stops
_TRIAL = 1e-3  # of the weight on the ground: a load that a clamped piece takes from any side
_NOTHING = 1e-9  # of the weight on the ground: a load below it is the rounding of larger ones
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
        friction, or after clearances have closed, or no load and nothing clamps it.  "leaves": no equilibrium,
        be it that nothing is in the way, that a strength is exceeded or that a piece that leaves pushes it.
    clamped : bool
        A small load from any side is taken in place, without such friction.
    factor : dict of str -> (float, float)
        For every load the largest factor on it, the others kept: in place without friction, and at the most (friction
        of pushes counted, in place or where that load alone closes clearances).  inf: any; -inf: not even without it.
        "all" varies the disturbing loads together, with the vibration.  Of a piece that is held: beside what is not
        held, which pushes it with what it pushes now.
    way : (6,) float
        Unit motion that starts if it is not held: displacement of the centroid and rotation times the largest piece's
        size.
    moved : (6,) float [m], [rad]
        What it has moved by when clearances have closed (zeros when held or gone).
    acting : tuple of Acting
        Free-body diagram for the worst direction of the vibration, where the piece comes to rest or where it starts:
        one admissible set of forces, that of least sum.  Loads and pushes sum to what is "unbalanced".
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
        A load or friction that is not finite, two loads of one name, a support on regions that the pane does not have.
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
    return Standing(tuple(job.state), max(min(job.margins), 0.0))


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
        self.certain = self._balance(self.contacts, rubbing=False)
        self.rubbing = self._balance(self.contacts, rubbing=True)
        self.steady = sum((self._stacked(k) for k in range(max(map(len, loads)))), np.zeros(6 * len(pieces)))
        floor = np.repeat([_NOTHING * 9.8 * p.mass for p in pieces], 6)
        self.steady = np.where(np.abs(self.steady) > floor, self.steady, 0.0)
        self.shakes = self._shakes(vibration)
        self.remarks = [r for s in supports for r in s.remarks]
        gaps = self.contacts.gap[np.isfinite(self.contacts.gap)]
        self.step = 1.5 * float(gaps.max(initial=0.0)) + 0.02 * self.size
        self.common: dict[bool, tuple[float, float]] = {}
        self._judge()

    def _balance(self, contacts: Contacts, *, rubbing: bool) -> Balance:
        return balance_of(contacts, self.centroids, self.size, rubbing=rubbing, closed=True)

    def _scaled(self, wrench: Array) -> Array:
        return wrench / self._turns

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
        self.way = np.zeros((b, 6))
        self.touching = [self.contacts] * b  # where the piece is at rest
        self.rubbed = [False] * b  # held in place by friction of pushes
        measure = [(0, 0.0, 0.0)] * b
        for shake in self.shakes:  # 1 or 12
            load = self.steady + shake
            left = self.certain.left_over(load).reshape(b, 6)
            unheld = left.any(axis=1)
            if not unheld.any():
                continue
            moved, rests, touching = self._moves(load)
            # what leaves may push aside what would not have moved by itself: that is no rest
            shifted = moved.any(axis=1)
            if not rests.all():
                rests = np.logical_and(rests, shifted)
            stuck: Flags = np.zeros(b, dtype=bool)
            if not (rests & shifted)[unheld].all():
                stuck = np.logical_not(self.rubbing.left_over(load).reshape(b, 6).any(axis=1))
            for k in np.flatnonzero(unheld).tolist():
                found = LOOSE if rests[k] or stuck[k] else LEAVES
                way = moved[k] * self._turns if rests[k] else np.zeros(6)
                how = ((HELD, LOOSE, LEAVES).index(found), float(np.linalg.norm(way)), float(np.linalg.norm(left[k])))
                if how > measure[k]:
                    measure[k], self.state[k], self.worst[k], self.way[k] = how, found, load, left[k]
                    self.moved[k] = moved[k] if rests[k] else 0.0
                    self.touching[k] = touching if rests[k] else self.contacts
                    self.rubbed[k] = bool(stuck[k])
        self.clamped = self._clamped()
        for k in range(b):
            mine = slice(6 * k, 6 * k + 6)
            idle = not np.abs(self.steady[mine]).max() > 0.0 and not np.abs(self.shakes[:, mine]).max() > 0.0
            if self.state[k] == HELD and idle and not self.clamped[k]:
                self.state[k] = LOOSE

    @property
    def _turns(self) -> Array:
        """Rotations are measured by what the far end of the largest piece moves. (6,)."""
        return np.array([1.0, 1.0, 1.0, self.size, self.size, self.size])

    def _clamped(self) -> list[bool]:
        b = len(self.pieces)
        found = []
        for k, piece in enumerate(self.pieces):
            trial = _TRIAL * 9.8 * piece.mass
            every = np.zeros((12, 6 * b))
            every[np.arange(12), 6 * k + np.arange(12) // 2] = trial * np.tile([1.0, -1.0], 6)
            found.append(all(self.certain.forces(w) is not None for w in every))
        return found

    def _moves(self, load: Array) -> tuple[Array, Flags, Contacts]:
        """Motion under a load until every piece rests on stops or is gone: (b, 6), which rest (b,), what touches."""
        b = len(self.pieces)
        total = np.zeros(6 * b)
        unit = np.tile(1.0 / self._turns, b)
        contacts = self.contacts
        last = np.zeros(6 * b)
        for _ in range(STEPS):
            here = _opened(contacts, self.centroids, self.size, total)
            last, rests = settled(here, self.centroids, self.size, load, self.step)
            total = total + last
            at = list((total * unit).reshape(b, 6))
            contacts = contacts_of(self.pieces, self.supports, self.friction, self.standing, at)
            if (rests and np.abs(last).max() < 1e-3 * self.step) or np.abs(total).max() > self.size:
                break
        going = np.abs(last.reshape(b, 6)).max(axis=1) > 1e-3 * self.step
        return (total * unit).reshape(b, 6), ~going, self._touching(here, last)

    def _touching(self, contacts: Contacts, motion: Array) -> Contacts:
        """Contacts after a motion (6 b,), those closed that it has closed; nothing grips what has moved."""
        gap = _opened(contacts, self.centroids, self.size, motion).gap
        none = contacts.grip_body[:0]
        return replace(
            contacts, gap=np.where(gap > 1e-6 * self.step, gap, 0.0), grip_body=none, grip_source=none,
            grip=contacts.grip[:0], grip_point=contacts.grip_point[:0], grip_normal=contacts.grip_normal[:0],
        )  # fmt: skip

    def answer(self, k: int) -> Retention:
        piece = self.pieces[k]
        way = self.way[k] / max(float(np.linalg.norm(self.way[k])), 1e-300)
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
        if self.rubbed[k]:
            return "only friction holds it"
        if self.way[k].any():
            return f"pushed aside, or wedged by more than {WEDGE:g} times the loads"
        return "no load, and nothing clamps it"

    def _factors(self, k: int) -> dict[str, tuple[float, float]]:
        """Largest factors on every load of one piece, and on all disturbing ones with the vibration."""
        mine = slice(6 * k, 6 * k + 6)
        found = {}
        for load in self.loads[k]:
            one = np.zeros_like(self.steady)
            one[mine] = self._scaled(load.wrench)
            found[load.name] = self._both(self.steady - one, one, self.state[k] == HELD)
        return {**found, ALL: self._common(self.state[k] == HELD)}

    @functools.cached_property
    def margins(self) -> list[float]:
        """Largest factor in place on the disturbing loads of all pieces with the vibration, for each of its corners."""
        return [self.certain.factor(*self.parts(shake)) for shake in self.shakes]

    def _common(self, held: bool) -> tuple[float, float]:
        """Largest factors on the disturbing loads with the vibration, of what is held alone or of all."""
        if held not in self.common:
            every = [self._both(*self.parts(shake), held) for shake in self.shakes]
            self.common[held] = (min(x[0] for x in every), min(x[1] for x in every))
        return self.common[held]

    def parts(self, shake: Array) -> tuple[Array, Array]:
        """Loads that stay, and those that a common factor multiplies."""
        some = np.zeros_like(self.steady)
        for which, loads in enumerate(self.loads):
            for load in loads:
                if load.disturbing:
                    some[6 * which : 6 * which + 6] += self._scaled(load.wrench)
        return self.steady - some, some + shake

    def _both(self, steady: Array, varied: Array, held: bool) -> tuple[float, float]:
        """Largest factor in place without friction of pushes, and at the most.

        The most is taken in place and where the varied load alone takes the pieces, so that what touches there touches
        at the same time.  Of what is held without what is not: that pushes with what it pushes under these loads.
        """
        gone = np.array([s != HELD for s in self.state]) & held
        start = varied
        if gone.any():
            _, forces = self.certain.split(steady + varied)
            _, push = self.certain.without(gone, forces)
            steady, varied = (np.where(np.repeat(gone, 6), 0.0, x) for x in (steady + push, varied))

        def largest(balance: Balance) -> float:
            rest = balance.without(gone, np.zeros(balance.wrench.shape[1]))[0] if gone.any() else balance
            return rest.factor(steady, varied)

        most = largest(self.rubbing)
        if most < np.inf:
            motion, _ = settled(self.contacts, self.centroids, self.size, start, self.step)
            most = max(most, largest(self._balance(self._touching(self.contacts, motion), rubbing=True)))
        return largest(self.certain), most

    def _acting(self, k: int) -> tuple[Acting, ...]:
        piece, mine = self.pieces[k], slice(6 * k, 6 * k + 6)
        found = [Acting(x.name, "load", x.force, x.moment, piece.centroid) for x in self.loads[k]]
        load = self._shown(k)
        shake = (load - self.steady)[mine]
        if shake.any():
            found.append(Acting("vibration", "load", shake[:3], shake[3:] * self.size, piece.centroid))
        balance, contacts = self.certain, self.contacts
        if self.state[k] == LOOSE and self.moved[k].any():
            contacts = self.touching[k]
            balance = self._balance(contacts, rubbing=False)
        elif self.state[k] == LOOSE:
            balance = self.rubbing
        left, forces = balance.split(load)
        left = left[mine]
        found += _pushes(balance, contacts, forces, k, piece.centroid)
        if left.any():
            found.append(Acting("unbalanced", "unbalanced", left[:3], left[3:] * self.size, piece.centroid))
        return tuple(found)

    @functools.cached_property
    def _reserve(self) -> list[float]:
        """Largest factor in place on each corner of the vibration alone."""
        return [self.certain.factor(self.steady, shake) for shake in self.shakes]

    def _shown(self, k: int) -> Array:
        """Load whose forces are shown: the worst; of a held piece the corner that moves something first as it grows."""
        if self.state[k] != HELD or len(self.shakes) == 1:
            return self.worst[k]
        size = [float(np.linalg.norm((self.steady + s)[6 * k : 6 * k + 6])) for s in self.shakes]
        first = min(range(len(size)), key=lambda i: (self._reserve[i], -size[i]))
        return np.asarray(self.steady + self.shakes[first])


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
    for some in loads:
        names = [x.name for x in some]
        twice = sorted({n for n in names if names.count(n) > 1 or n == ALL})
        if twice:
            raise InputError(
                f"load names {twice} are given twice or mean all loads", place="retention",
                remedy=f'give every load of a piece a name of its own, not "{ALL}"',
            )  # fmt: skip
    known = set(pieces[0].regions)
    for support in supports:
        missing = sorted(set(support.regions) - known)
        if missing:
            raise InputError(
                f"regions {missing} are not on the pane", place=f'support "{support.name}"',
                remedy="regions are: " + ", ".join(sorted(known)),
            )  # fmt: skip
