"""Share of K from each cause of the stress: pressure, heat, rim, inertia, residual stress.

K is linear in the stress as long as the faces of the crack touch where they do.  So contact is solved once, under all
causes together; then each cause acts alone with that contact held: faces that press stay together (in push and in
pull), the others stay free.  Seats follow as springs and do not lift.  The parts add up to K with contact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.linalg
from threadpoolctl import threadpool_limits

from deadlight.errors import InputError, NotSolved
from deadlight.operator.contact import Flexibility, contact_history
from deadlight.operator.field import StressModes
from deadlight.operator.front import FrontFrame, front_frame, intensity, shut_near
from deadlight.operator.gap import GapPoints
from deadlight.operator.load import SurfacePoints
from deadlight.operator.system import CrackOperator

Array = np.ndarray[Any, np.dtype[np.float64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, eq=False)
class CausesOfK:
    """K of each cause along the fronts of one surface mesh.

    Attributes
    ----------
    time : (m,) float [s]
    frames : tuple of FrontFrame
    k : dict of cause -> tuple of (m, n, 3) float [Pa m^0.5]
        K_I, K_II, K_III along every front, from that cause with the contact of all.
    closed : (m,) float
        Share of the crack's area that presses.
    nu : float
    """

    time: Array
    frames: tuple[FrontFrame, ...]
    k: dict[str, tuple[Array, ...]]
    closed: Array
    nu: float = field(repr=False)

    def total(self, front: int) -> Array:
        """K of all causes together. (m, n, 3)."""
        return np.asarray(np.sum([parts[front] for parts in self.k.values()], axis=0))

    def shares(self, front: int, instant: int, point: int) -> dict[str, float]:
        """Share of each cause in sqrt(E' G) at a point; they sum to 1, one that holds the crack shut is negative.

        sqrt(E' G) is of degree one in K, so by Euler it is the sum of K_cause times its slope: share = k M k_cause /
        (k M k), M = diag(1, 1, 1/(1 - nu)).  All zero where K is zero.
        """
        weight = self.total(front)[instant, point] / [1.0, 1.0, 1.0 - self.nu]
        size = float(weight @ self.total(front)[instant, point])
        parts = {name: float(weight @ k[front][instant, point]) for name, k in self.k.items()}
        return {name: part / size if size > 0 else 0.0 for name, part in parts.items()}


def causes_of_k(
    operator: CrackOperator,
    causes: Mapping[str, StressModes],
    *,
    inside: Mapping[str, Array | float] | None = None,
    contact: bool = True,
) -> CausesOfK:
    """K of each cause alone, in the contact of all together.

    Parameters
    ----------
    causes : mapping of name -> StressModes
        `deadlight.stress.causes.stress_causes` or others, all on the same instants.
    inside : mapping of name -> float or (m,) float [Pa]
        Pressure in the cracks by cause, opening them: of a gas, of a residual stress stated as pressure.
    contact : bool
        Faces cannot pass through each other.

    Raises
    ------
    InputError
        Causes on different instants, or none.
    NotSolved
        The contact does not settle.
    """
    time = _one_clock(causes)
    vectors, courses = _loads(operator, causes, inside or {}, time)
    modes = operator.solve(np.concatenate(list(vectors.values())))
    course, start = {}, 0
    for name, amplitude in courses.items():  # each cause on the modes of all
        course[name] = np.zeros((len(time), len(modes)))
        course[name][:, start : start + amplitude.shape[1]] = amplitude
        start += amplitude.shape[1]
    closed, pressing = np.zeros(len(time)), np.zeros((len(time), len(operator.mesh.points)), dtype=bool)
    if contact:
        modes, course, closed, pressing = _held_shut(operator, modes, course)
    frames = tuple(front_frame(operator.mesh, front) for front in operator.mesh.fronts)
    k = _read(operator, frames, modes, course, pressing)
    return CausesOfK(time, frames, k, closed, operator.nu)


def _one_clock(causes: Mapping[str, StressModes]) -> Array:
    times = [np.asarray(c.time, dtype=np.float64) for c in causes.values()]
    if not times or any(not np.array_equal(t, times[0]) for t in times):
        found = "no causes" if not times else f"causes at {', '.join(str(len(t)) for t in times)} instants"
        raise InputError(found, place="causes of K", remedy="one stress a cause, all on the same instants")
    return times[0]


def _loads(
    operator: CrackOperator, causes: Mapping[str, StressModes], inside: Mapping[str, Array | float], time: Array
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Load vectors and their course, a cause each."""
    points = SurfacePoints.of(operator.mesh, operator.mesh.under_load)
    vectors = {name: points.load(points.traction(c.sample_modes(points.point))) for name, c in causes.items()}
    courses = {name: np.asarray(c.amplitudes, dtype=np.float64) for name, c in causes.items()}
    opening = points.load(points.normal[None])
    none = np.zeros((0, *opening.shape[1:])), np.zeros((len(time), 0))
    for name, pressure in inside.items():
        amplitude = np.broadcast_to(np.asarray(pressure, dtype=np.float64), len(time))[:, None]
        vectors[name] = np.concatenate([vectors.get(name, none[0]), opening])
        courses[name] = np.concatenate([courses.get(name, none[1]), amplitude], axis=1)
    return vectors, courses


def _held_shut(
    operator: CrackOperator, modes: Array, course: dict[str, Array]
) -> tuple[Array, dict[str, Array], Array, Mask]:
    """Contact under all causes, then the pressures that hold it under each alone."""
    mesh, m = operator.mesh, len(next(iter(course.values())))
    faces = GapPoints.of(mesh, mesh.on_crack, operator.unknowns.row >= 0)
    push = faces.push.reshape(len(faces.node), -1)
    per_mode = modes.reshape(len(modes), -1) @ push.T
    gap = {name: amplitude @ per_mode for name, amplitude in course.items()}
    total = np.asarray(np.sum(list(gap.values()), axis=0))
    pressing = np.zeros((m, len(mesh.points)), dtype=bool)
    if not (total < 0).any():
        return modes, course, np.zeros(m), pressing
    answer = operator.solve(push.reshape(-1, *modes.shape[1:]))
    matrix = push @ answer.reshape(len(answer), -1).T
    with threadpool_limits(1, user_api="blas"):
        flexibility = Flexibility.of(0.5 * (matrix + matrix.T))
        active = contact_history(flexibility, total).active
        held = {}
        for name, each in gap.items():  # few causes and instants
            try:
                holding = [flexibility.pressure(each[i], active[i]) for i in range(m)]
            except scipy.linalg.LinAlgError as error:
                raise NotSolved(f"contact under {name} alone is not solved: {error}") from error
            held[name] = np.concatenate([course[name], np.stack(holding)], axis=1)
    pressing[:, faces.node] = active
    return np.concatenate([modes, answer]), held, faces.share(active), pressing


def _read(
    operator: CrackOperator,
    frames: tuple[FrontFrame, ...],
    modes: Array,
    course: dict[str, Array],
    pressing: Mask,
) -> dict[str, tuple[Array, ...]]:
    """K of every cause, read off the ring alone where faces press next to the front."""
    mesh = operator.mesh
    found: dict[str, list[Array]] = {name: [] for name in course}
    for front, frame in zip(mesh.fronts, frames):
        given = (modes, front, frame, operator.mu, operator.nu)
        whole, ring = intensity(*given), intensity(*given, ring_only=True)
        shut = shut_near(mesh.points, frame, pressing)[:, :, None]
        for name, amplitude in course.items():
            parts = [np.tensordot(amplitude, each, axes=1) for each in (ring, whole)]
            found[name].append(np.where(shut, *parts))
    return {name: tuple(each) for name, each in found.items()}
