"""Energy balance of a step: G integrated over the area a crack gained, against the change of potential energy.

With load and temperature frozen, Pi of the cracked body less that of the uncracked one is

    Pi = 1/2 D'A D - b.D (+ what seats do) = -1/2 b.D,

b the load of the uncracked stress and of pressure in the crack, because contact without friction does no work (its
pressure is where the faces do not part).  So dPi = -int G dA (Irwin 1957, J. Appl. Mech. 24:361; Rice 1968, J. Appl.
Mech. 35:379).  Both sides come from the same solutions, but by different ways: Pi from the opening everywhere, G from
the fronts.

The mesh of a bent crack may cut its creases short, which hardly changes Pi or K but its area; so the gained area is
that of the surface itself.  G is averaged over the old front and over the new one, each with the speed of its points
across it: what the points swept would not do, as one that lags beside the skin leaves the body on its way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.errors import InputError
from deadlight.growth.kink import kinked
from deadlight.operator.field import StressModes
from deadlight.operator.front import FrontFrame, energy_release
from deadlight.operator.history import CrackHistory
from deadlight.operator.load import SurfacePoints
from deadlight.operator.supports import SeatSprings
from deadlight.remark import Remark
from deadlight.surface.mesh import SurfaceMesh

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

# Over an advance after a kink K has a term sqrt(x) (Leblond 1989, Int. J. Solids Struct. 25:1311) beside that of x: the
# share of G at its end is 2/3 for the one and 1/2 for the other; between them, off by a twelfth of what G changes.
KINKED = 7.0 / 12.0
BENT = np.radians(30.0)  # tilt from which a point has kinked
TOLERATED = 0.03  # relative error of the balance from which it is said
GAUSS = np.polynomial.legendre.leggauss(3)


def potential_energy(
    history: CrackHistory,
    stress: StressModes,
    *,
    pressure: Array | float = 0.0,
    seats: SeatSprings | None = None,
    more: tuple[Array, Array] | None = None,
) -> Array:
    """Pi of a cracked body less that of the same body without cracks, load and temperature frozen. (m,) [J].

    Parameters
    ----------
    history : CrackHistory
        With contact or without; faces that slide do so without friction (work of held slip is not in it).
    stress, pressure, seats, more
        As `operator.history.follow` took them.

    Raises
    ------
    InputError
        Stress and history are on different instants.
    """
    mesh = history.operator.mesh
    points = SurfacePoints.of(mesh, mesh.under_load)
    load = points.load(points.traction(stress.sample_modes(points.point)))
    course = np.asarray(stress.amplitudes, dtype=np.float64)
    if len(course) != len(history.time):
        raise InputError(
            f"a stress at {len(course)} instants and a crack solved at {len(history.time)}",
            place="energy of a crack",
            remedy="the stress that the crack was solved with",
        )
    inside = np.broadcast_to(np.asarray(pressure, dtype=np.float64), len(course))
    if np.any(inside != 0.0):
        load = np.concatenate([load, points.load(points.normal[None])])
        course = np.concatenate([course, inside[:, None]], axis=1)
    if more is not None:
        load, course = np.concatenate([load, more[0]]), np.concatenate([course, more[1]], axis=1)
    modes = history.modes.reshape(len(history.modes), -1)
    work = course @ (load.reshape(len(load), -1) @ modes.T)
    energy = -0.5 * np.einsum("mr,mr->m", work, history.amplitude)
    return np.asarray(energy if seats is None else energy + _of_seats(history, modes, seats))


def _of_seats(history: CrackHistory, modes: Array, seats: SeatSprings) -> Array:
    """What lifting adds where a seat's law changes its sign: area law |law after| / 2 k. (m,) [J].

    A spring's energy is p^2/2k with p = max(law, 0), the matrix counts k du^2/2 as if it could pull, and half the work
    of the relief is missing in -b.D/2; the three together leave nothing where a seat presses, or is off, before and
    after.
    """
    push = seats.push.reshape(len(seats.node), modes.shape[1])
    before = np.broadcast_to(seats.law, (len(history.time), len(seats.node)))
    after = before - history.amplitude @ (modes @ push.T) * (seats.stiffness / seats.area)
    turned = np.where(before * after < 0, before * np.abs(after), 0.0)
    return np.asarray(turned @ (seats.area / (2 * seats.stiffness)))


def crack_area(mesh: SurfaceMesh) -> float:
    """Area of all cracks [m^2]."""
    return float(SurfacePoints.of(mesh, mesh.on_crack, level=2).area.sum())


@dataclass(frozen=True, eq=False)
class Advance:
    """How one front moved.

    Attributes
    ----------
    frame : FrontFrame
        Before.
    closed : bool
    k : (m, n, 3) float [Pa m^0.5]
        Before.
    moved : (n, 3) float [m]
        Where its points went.
    tilt : (n,) float [rad]
        Of the new surface, as `direction.turn` gives it.
    """

    frame: FrontFrame
    closed: bool
    k: Array
    moved: Array
    tilt: Array


@dataclass(frozen=True, eq=False)
class Balance:
    """Energy balance of one step at frozen loads.

    Attributes
    ----------
    area : float [m^2]
        Gained.
    mean : (m,) float [J/m^2]
        G over it.
    swept : (m,) float [J]
        mean times area: int G dA.
    released : (m,) float [J]
        Potential energy before less that after.
    """

    area: float
    mean: Array
    swept: Array
    released: Array

    @property
    def error(self) -> Array:
        """swept - released, relative to the largest released energy of all instants. (m,)."""
        scale = np.abs(self.released).max(initial=0.0)
        return np.asarray((self.swept - self.released) / (scale if scale > 0 else 1.0))

    def remark(self, tolerance: float = TOLERATED) -> Remark:
        """The worst instant in a sentence; an alarm beyond the tolerance."""
        worst = int(np.abs(self.error).argmax())
        error = float(self.error[worst])
        text = f"int G dA = {self.swept[worst]:.4g} J, potential energy released {self.released[worst]:.4g} J"
        return Remark(f"{text}: {100 * error:+.2g} % (limit {100 * tolerance:g} %)", alarm=abs(error) > tolerance)


def balance(
    before: CrackHistory,
    after: CrackHistory,
    advances: Sequence[Advance],
    energies: tuple[Array, Array],
    *,
    gained: float | None = None,
) -> Balance:
    """Holds G over the gained area to the change of potential energy.

    Parameters
    ----------
    before, after : CrackHistory
        Two geometries on the same instants.
    advances : sequence of Advance
        Of all fronts that moved.
    energies : (m,) and (m,) float [J]
        `potential_energy` of both.
    gained : float or None [m^2]
        Area that the cracks' surfaces gained; None: that of their meshes, which is short of it where they are creased.

    Raises
    ------
    InputError
        Different instants, or a crack that did not grow.
    """
    if not (len(before.time) == len(after.time) == len(energies[0]) == len(energies[1])):
        raise InputError("two geometries on different instants", place="energy balance", remedy="one clock for both")
    area = crack_area(after.operator.mesh) - crack_area(before.operator.mesh) if gained is None else gained
    if not area > 0:
        found = f"a crack's area changed by {area:.3g} m^2"
        raise InputError(found, place="energy balance", remedy="a crack that grew")
    mean = mean_release(advances, after, area)
    return Balance(area, mean, mean * area, np.asarray(energies[0] - energies[1]))


def mean_release(advances: Sequence[Advance], after: CrackHistory, gained: float) -> Array:
    """Mean G over the gained area, from K right after the kink and K of the new geometry. (m,) [J/m^2].

    Along the advance G is a power of the cracks' area, as it is between geometries in time; after a kink it goes as
    sqrt(x) and x in equal parts.

    Parameters
    ----------
    gained : float [m^2]
        By which the area grew.

    Raises
    ------
    InputError
        No front moved.
    """
    young, nu = after.operator.young, after.operator.nu
    speed = [crossed(a.frame.point, a.moved - a.frame.point, a.closed) for a in advances]
    total = float(sum(w.sum() for w in speed))
    if not total > 0:
        raise InputError("no front moved", place="energy balance", remedy="fronts with an advance")
    start, start_bent = np.zeros((2, len(after.time)))
    for each, weight in zip(advances, speed):
        g = energy_release(kinked(each.k, each.tilt), young, nu)
        bent = np.abs(each.tilt) > BENT
        start += g @ np.where(bent, 0.0, weight) / total
        start_bent += g @ np.where(bent, weight, 0.0) / total
    end, end_bent = _release_of(after, advances)
    growth = -np.log1p(-min(gained / crack_area(after.operator.mesh), 0.99))  # ln of the areas' ratio
    return power_mean(start, end, growth) + (1.0 - KINKED) * start_bent + KINKED * end_bent


def _release_of(history: CrackHistory, advances: Sequence[Advance]) -> tuple[Array, Array]:
    """Mean G (m,) over the fronts of a geometry, by the speed of its points: of those that have not kinked, and the
    rest of it.

    Each point goes the way of the nearest point of the fronts as they were sent.
    """
    ends = _segments(advances)
    sent = np.concatenate([a.moved for a in advances])
    move = np.concatenate([a.moved - a.frame.point for a in advances])
    bend = np.concatenate([np.abs(a.tilt) for a in advances])
    found = np.zeros((2, len(history.time)))
    total = 0.0
    for front, frame, k in zip(history.operator.mesh.fronts, history.frames, history.k):
        piece, along = _nearest(sent, ends, frame.point)
        left, right = ends[piece].T
        way = move[left] + along[:, None] * (move[right] - move[left])
        bent = bend[left] + along * (bend[right] - bend[left]) > BENT
        weight = crossed(frame.point, way, front.closed)
        g = energy_release(k, history.operator.young, history.operator.nu)
        found += g @ np.where(bent, 0.0, weight), g @ np.where(bent, weight, 0.0)
        total += float(weight.sum())
    if not total > 0:
        raise InputError(
            "no front of the new geometry lies where one moved", place="energy balance",
            remedy="advances that led to this geometry",
        )  # fmt: skip
    return found[0] / total, found[1] / total


def _segments(advances: Sequence[Advance]) -> Index:
    """Both points of every piece of all fronts, numbered one front after the other. (s, 2)."""
    found, first = [], 0
    for each in advances:
        n = len(each.moved)
        left = np.arange(n if each.closed else n - 1)
        found.append(first + np.column_stack([left, (left + 1) % n]))
        first += n
    return np.concatenate(found)


def _nearest(points: Array, pieces: Index, places: Array) -> tuple[Index, Array]:
    """Piece of polylines nearest to each place (p, 3), and the share of its length at which. (p,), (p,)."""
    a, way = points[pieces[:, 0]], points[pieces[:, 1]] - points[pieces[:, 0]]
    square = np.maximum(np.einsum("si,si->s", way, way), 1e-300)
    along = np.clip(np.einsum("psi,si->ps", places[:, None] - a, way) / square, 0.0, 1.0)
    off = np.linalg.norm(places[:, None] - a - along[..., None] * way, axis=2)
    nearest = off.argmin(axis=1)
    return nearest, along[np.arange(len(places)), nearest]


def power_mean(start: Array, end: Array, growth: float) -> Array:
    """Mean over an area that grows by exp(growth) of what is start and end there and a power of the area between.

    The integral of c A^p is (G_2 A_2 - G_1 A_1)/(p + 1), p = ln(G_2/G_1)/ln(A_2/A_1).  Where one of both is not
    positive there is no such power, and the mean is that of a straight line.

    Parameters
    ----------
    start, end : (...) float
    growth : float
        ln(A_2/A_1), positive.
    """
    both = (start > 0.0) & (end > 0.0)
    ratio = np.log(np.where(both, end, 1.0) / np.where(both, start, 1.0))
    power = start * _mean_exponential(ratio + growth) / _mean_exponential(np.array(growth))
    return np.where(both, power, 0.5 * (start + end))


def _mean_exponential(z: Array) -> Array:
    """(e^z - 1)/z: the mean of e^u for u from 0 to z."""
    small = np.abs(z) < 1e-12
    return np.where(small, 1.0, np.expm1(z) / np.where(small, 1.0, z))


def crossed(points: Array, move: Array, closed: bool) -> Array:
    """What each point of a front (n, 3) sweeps per share of its move (n, 3): weights [m^2]. (n,).

    Points are corner, middle, corner ... of elements, each a parabola.
    """
    n = len(points)
    element = (np.arange(0, n if closed else n - 2, 2)[:, None] + np.arange(3)) % n
    s, ws = 0.5 * (1 + GAUSS[0]), 0.5 * GAUSS[1]
    shape = np.stack([(1 - s) * (1 - 2 * s), 4 * s * (1 - s), s * (2 * s - 1)], axis=-1)
    slope = np.stack([4 * s - 3, 4 - 8 * s, 4 * s - 1], axis=-1)
    along = np.einsum("qa,eai->eqi", slope, points[element])
    area = np.linalg.norm(np.cross(along, np.einsum("qa,eai->eqi", shape, move[element])), axis=2) * ws
    weight = np.zeros(n)
    np.add.at(weight, element, np.einsum("eq,qa->ea", area, shape))
    return weight
