"""Energy balance of a step: G integrated over the area a crack gained, against the change of potential energy.

With load and temperature frozen, Pi of the cracked body less that of the uncracked one is

    Pi = 1/2 D'A D - b.D (+ what seats do) = -1/2 b.D,

b the load of the uncracked stress and of pressure in the crack, because contact without friction does no work (its
pressure is where the faces do not part).  So dPi = -int G dA (Irwin 1957, J. Appl. Mech. 24:361; Rice 1968, J. Appl.
Mech. 35:379).  Both sides come from the same solutions, but by different ways: Pi from the opening everywhere, G from
the fronts.

The mesh of a bent crack may cut its creases short, which hardly changes Pi or K but its area; so the gained area is
that between the front and where it went, and the mesh's own only where the cracks are flat.
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

# Over an advance x from 0 to 1: G at 0 and 1, and at 0, 1/2, 1.  After a kink K has a term sqrt(x) (Leblond 1989, Int.
# J. Solids Struct. 25:1311), so the second rule is exact for 1, sqrt(x), x; that is not much worse where none is.
# Where only the ends are known, the share of the second one after a kink is that of sqrt(x).
KINKED = 2.0 / 3.0
BENT = np.radians(30.0)  # tilt from which a point has kinked
WITH_MIDDLE = (0.0976311, 0.8047378, 0.0976311)
TOLERATED = 0.03  # relative error of the balance from which it is said
FLAT = 1e-6  # a crack whose normals differ by less is flat
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
    meshed : float [m^2]
        By which the area of the crack's mesh grew.
    mean : (m,) float [J/m^2]
        G over it.
    swept : (m,) float [J]
        mean times area: int G dA.
    released : (m,) float [J]
        Potential energy before less that after.
    """

    area: float
    meshed: float
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
    between: CrackHistory | None = None,
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
    between : CrackHistory or None
        The geometry half way, for a better rule over large steps.

    Raises
    ------
    InputError
        Different instants, or a crack that did not grow.
    """
    if not (len(before.time) == len(after.time) == len(energies[0]) == len(energies[1])):
        raise InputError("two geometries on different instants", place="energy balance", remedy="one clock for both")
    meshes = before.operator.mesh, after.operator.mesh
    meshed = crack_area(meshes[1]) - crack_area(meshes[0])
    if not meshed > 0:
        found = f"a crack's area changed by {meshed:.3g} m^2"
        raise InputError(found, place="energy balance", remedy="a crack that grew")
    mean, swept = _mean_release(advances, after, between)
    area = meshed if _flat(meshes[1]) else swept
    return Balance(area, meshed, mean, mean * area, np.asarray(energies[0] - energies[1]))


def mean_release(advances: Sequence[Advance], after: CrackHistory, *, between: CrackHistory | None = None) -> Array:
    """Mean G over the area swept by moving fronts, from K right after the kink and K of the new geometry. (m,) [J/m^2].

    Along the advance G is a power of the cracks' area, as it is between geometries in time; after a kink the rule is
    exact for sqrt(x), and with the geometry half way for 1, sqrt(x), x.  Along the front by Gauss's rule over its
    elements, parabolas through three points as those of the mesh.

    Raises
    ------
    InputError
        No front moved.
    """
    return _mean_release(advances, after, between)[0]


def _mean_release(
    advances: Sequence[Advance], after: CrackHistory, between: CrackHistory | None
) -> tuple[Array, float]:
    """Mean G (m,) and the area that the fronts swept."""
    young, nu = after.operator.young, after.operator.nu
    strip = [strips(each.frame.point, each.moved, each.closed) for each in advances]
    area = float(sum(s.sum() for s in strip))
    if not area > 0:
        raise InputError("no front moved", place="energy balance", remedy="fronts with an advance")
    whole = crack_area(after.operator.mesh)
    growth = -np.log1p(-min(area / whole, 0.99))  # ln of the areas' ratio
    energy = np.zeros(len(after.time))
    for each, weight in zip(advances, strip):
        start, end = energy_release(kinked(each.k, each.tilt), young, nu), release_at(after, each.moved)
        if between is None:
            bent = np.abs(each.tilt) > BENT
            along = np.where(bent, (1.0 - KINKED) * start + KINKED * end, power_mean(start, end, growth))
        else:
            middle = release_at(between, 0.5 * (each.frame.point + each.moved))
            along = np.tensordot(np.array(WITH_MIDDLE), np.stack([start, middle, end]), axes=1)
        energy += along @ weight
    return energy / area, area


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


def release_at(history: CrackHistory, places: Array) -> Array:
    """G (m, p) [J/m^2] of the fronts of a geometry at the points of them nearest to places (p, 3)."""
    young, nu = history.operator.young, history.operator.nu
    starts, ends, left, right = [], [], [], []
    for front, frame, k in zip(history.operator.mesh.fronts, history.frames, history.k):
        g = energy_release(k, young, nu)
        last = len(frame.point) if front.closed else len(frame.point) - 1
        following = np.roll(np.arange(len(frame.point)), -1)[:last]
        starts.append(frame.point[:last])
        ends.append(frame.point[following])
        left.append(g[:, :last])
        right.append(g[:, following])
    a, way = np.concatenate(starts), np.concatenate(ends) - np.concatenate(starts)
    along = np.einsum("psi,si->ps", places[:, None] - a, way) / np.einsum("si,si->s", way, way)
    share = np.clip(along, 0.0, 1.0)
    off = np.linalg.norm(places[:, None] - a - share[..., None] * way, axis=2)
    nearest = off.argmin(axis=1)
    share = share[np.arange(len(places)), nearest]
    return np.asarray(
        np.concatenate(left, axis=1)[:, nearest] * (1 - share) + np.concatenate(right, axis=1)[:, nearest] * share
    )


def strips(old: Array, new: Array, closed: bool) -> Array:
    """Area swept by a front from points (n, 3) to others, as weights of its points (n,) [m^2].

    Points are corner, middle, corner ... of elements; each is a parabola, and moves on straight lines.
    """
    n = len(old)
    element = (np.arange(0, n if closed else n - 2, 2)[:, None] + np.arange(3)) % n
    s, ws = 0.5 * (1 + GAUSS[0]), 0.5 * GAUSS[1]
    shape = np.stack([(1 - s) * (1 - 2 * s), 4 * s * (1 - s), s * (2 * s - 1)], axis=-1)
    slope = np.stack([4 * s - 3, 4 - 8 * s, 4 * s - 1], axis=-1)
    across = np.einsum("qa,eai->eqi", shape, (new - old)[element])
    weight = np.zeros(n)
    for x, wx in zip(s, ws):
        along = np.einsum("qa,eai->eqi", slope, ((1 - x) * old + x * new)[element])
        area = np.linalg.norm(np.cross(along, across), axis=2) * (wx * ws)
        np.add.at(weight, element, np.einsum("eq,qa->ea", area, shape))
    return weight


def _flat(mesh: SurfaceMesh) -> bool:
    """Whether every crack lies in a plane."""
    points = SurfacePoints.of(mesh, mesh.on_crack, level=2)
    number = mesh.surface[points.element]
    some, first = np.unique(number, return_index=True)
    own = points.normal[first][np.searchsorted(some, number)]
    return bool(np.abs(points.normal - own).max(initial=0.0) < FLAT)
