"""Contact at every instant of a history: crack faces on each other, seats that lift, in one problem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from deadlight.errors import NotSolved
from deadlight.operator.contact import Flexibility, contact_history, stick_history
from deadlight.operator.gap import GapPoints, sliding
from deadlight.operator.supports import SeatSprings
from deadlight.operator.system import CrackOperator
from deadlight.surface.mesh import SurfaceMesh

Array = np.ndarray[Any, np.dtype[np.float64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

ROUNDS = 6  # of taking in seat points that would pull
COMPRESSION = 1e-11  # of the largest mode of the contact pressures in time: smaller ones are left out
OVERLAP = 1e-6  # of the largest gap: a smaller overlap of points left out is rounding
PULL = 1e-6  # of the largest seat pressure: a smaller pull is rounding


@dataclass(frozen=True, eq=False)
class Touching:
    """Opening of a crack with what presses.

    Attributes
    ----------
    modes : (r, n_nodes, 3) float [m]
        Load modes, then the answers to contact pressures.
    amplitude : (m, r) float
    closed : (m,) float
        Share of the crack's area that presses.
    lifted : (m,) float
        Share of the seats' area that has lifted off.
    pressing : (m, n_nodes) bool
        Nodes of the crack whose contact points press.
    """

    modes: Array
    amplitude: Array
    closed: Array
    lifted: Array
    pressing: Mask


def touch(
    operator: CrackOperator,
    modes: Array,
    amplitude: Array,
    *,
    crack: bool,
    stick: bool = False,
    seats: SeatSprings | None = None,
) -> Touching:
    """Adds contact to the opening under given loads.

    Parameters
    ----------
    modes : (r, n_nodes, 3) float [m], amplitude : (m, r) float
        Opening without contact.
    crack : bool
        Crack faces cannot overlap.
    stick : bool
        Faces that shut hold together until they open; otherwise they slide without friction.
    seats : SeatSprings or None
        Their springs are in the operator.

    Raises
    ------
    NotSolved
        The contact does not settle, or a seat still pulls at the end.
    """
    mesh = operator.mesh
    m = len(amplitude)
    faces = GapPoints.of(mesh, mesh.on_crack, operator.unknowns.row >= 0) if crack else None
    push = faces.push.reshape(len(faces.node), -1) if faces else np.zeros((0, mesh.points.size))
    gap = amplitude @ (modes.reshape(len(modes), -1) @ push.T)
    if stick and faces is not None and (gap < 0).any():
        return _with_stick(operator, modes, amplitude, faces, seats)
    if seats is None:
        if not (gap < 0).any():
            return Touching(modes, amplitude, np.zeros(m), np.zeros(m), np.zeros((m, len(mesh.points)), dtype=bool))
        assert faces is not None
        return _without_seats(operator, modes, amplitude, faces, gap)
    return _with_seats(operator, modes, amplitude, faces, seats)


def _without_seats(operator: CrackOperator, modes: Array, amplitude: Array, faces: GapPoints, gap: Array) -> Touching:
    """Pressure only at points whose gap would close at some instant; more are taken in until no other gap closes."""
    push = faces.push.reshape(len(faces.node), -1)
    chosen = (gap < 0).any(axis=0)
    for _ in range(ROUNDS):
        flexibility = operator.flexibility(push[chosen].reshape(-1, *modes.shape[1:]))
        with threadpool_limits(1, user_api="blas"):  # small systems: threads cost more than they bring
            found = contact_history(Flexibility.of(0.5 * (flexibility + flexibility.T)), gap[:, chosen])
        answer, course = _answers(operator, push[chosen], found.pressure)
        after = gap + course @ (answer.reshape(len(answer), -1) @ push.T)
        closing = (after < -OVERLAP * np.abs(gap).max()).any(axis=0) & ~chosen
        if not closing.any():
            active = np.zeros(gap.shape, dtype=bool)
            active[:, chosen] = found.active
            return Touching(
                np.concatenate([modes, answer]),
                np.concatenate([amplitude, course], axis=1),
                faces.share(active),
                np.zeros(len(amplitude)),
                _pressing(operator.mesh, faces, active),
            )
        chosen |= closing
    raise NotSolved(f"crack faces still close after {ROUNDS} rounds of contact")


def _answers(operator: CrackOperator, push: Array, pressure: Array) -> tuple[Array, Array]:
    """Openings under pressures (m, n) in time on loads (n, 3 n_nodes): modes (r, n_nodes, 3) and their course (m, r).

    A history of pressures has far fewer modes than points; only they are solved for.
    """
    u, size, v = np.linalg.svd(pressure, full_matrices=False)
    keep = int((size > COMPRESSION * size.max(initial=0.0)).sum())
    answer = operator.solve((v[:keep] @ push).reshape(keep, push.shape[1] // 3, 3))
    return answer, u[:, :keep] * size[:keep]


def _with_stick(
    operator: CrackOperator, modes: Array, amplitude: Array, faces: GapPoints, seats: SeatSprings | None
) -> Touching:
    mesh, size = operator.mesh, modes[0].size
    n = len(faces.node)
    slide = sliding(mesh, mesh.on_crack, operator.unknowns.row >= 0).transpose(1, 0, 2, 3).reshape(2 * n, size)
    push = np.concatenate([faces.push.reshape(n, size), slide])
    answer = operator.solve(push.reshape(-1, *modes.shape[1:]))
    flexibility = push @ answer.reshape(len(answer), -1).T
    with threadpool_limits(1, user_api="blas"):
        found = stick_history(0.5 * (flexibility + flexibility.T), amplitude @ (modes.reshape(len(modes), -1) @ push.T))
    everything = np.concatenate([modes, answer])
    amplitude = np.concatenate([amplitude, found.pressure], axis=1)
    if seats is not None:
        bed = seats.push.reshape(len(seats.node), size)
        carried = amplitude @ (everything.reshape(len(everything), -1) @ bed.T)
        if (seats.law < 0).any() or (seats.law - carried * (seats.stiffness / seats.area) < 0).any():
            raise NotSolved(
                "seats lift while crack faces stick: both together are not solved; take the faces without friction"
            )
    closed = faces.share(found.active)
    return Touching(everything, amplitude, closed, np.zeros(len(amplitude)), _pressing(mesh, faces, found.active))


def _with_seats(
    operator: CrackOperator, modes: Array, amplitude: Array, faces: GapPoints | None, seats: SeatSprings
) -> Touching:
    """Reliefs only at seat points that would pull at some instant, pressure only at points of the crack that would
    close; more are taken in until no other does."""
    shape_ = modes.shape[1:]
    m, size = len(amplitude), int(np.prod(shape_))
    law = np.broadcast_to(seats.law, (m, len(seats.node))) if len(seats.law) == 1 else seats.law
    if len(law) != m:
        raise NotSolved(f"{len(law)} instants of the seats beside {m} of the stress")
    bed = seats.push.reshape(len(seats.node), size)
    crack = faces.push.reshape(len(faces.node), size) if faces else np.zeros((0, size))
    flat = modes.reshape(len(modes), size)
    open_gap, base = amplitude @ (flat @ crack.T), amplitude @ (flat @ bed.T)
    shut, chosen = (open_gap < 0).any(axis=0), (law < 0).any(axis=0)
    for _ in range(ROUNDS):
        faced, pulled, nc = crack[shut], bed[chosen], int(shut.sum())
        both = operator.flexibility(faced.reshape(-1, *shape_), pulled.reshape(-1, *shape_))
        lifted = np.maximum(0.0, -law[:, chosen])
        gap_c = open_gap[:, shut] - lifted @ both[nc:, :nc]
        compliance = seats.area[chosen] / seats.stiffness[chosen]
        gap_s = compliance * law[:, chosen] - base[:, chosen] + lifted @ both[nc:, nc:]
        matrix = np.block([[both[:nc, :nc], both[:nc, nc:]], [-both[nc:, :nc], np.diag(compliance) - both[nc:, nc:]]])
        with threadpool_limits(1, user_api="blas"):
            flexibility = Flexibility.of(matrix, symmetric=not chosen.any())
            found = contact_history(flexibility, np.concatenate([gap_c, gap_s], axis=1))
        extra = found.pressure.copy()
        extra[:, nc:] -= lifted
        answer, course = _answers(operator, np.concatenate([faced, pulled]), extra)
        each = answer.reshape(len(answer), size)
        pressure = law - (base + course @ (each @ bed.T)) * (seats.stiffness / seats.area)
        pressure[:, chosen] += found.pressure[:, nc:]
        pulling = (pressure < -PULL * np.abs(pressure).max()).any(axis=0) & ~chosen
        gap = open_gap + course @ (each @ crack.T)
        closing = (gap < -OVERLAP * np.abs(open_gap).max(initial=0.0)).any(axis=0) & ~shut
        if not (pulling.any() or closing.any()):
            active = np.zeros(open_gap.shape, dtype=bool)
            active[:, shut] = found.active[:, :nc]
            closed = faces.share(active) if faces else np.zeros(m)
            off = found.active[:, nc:] @ seats.area[chosen] / seats.area.sum()
            every, courses = np.concatenate([modes, answer]), np.concatenate([amplitude, course], axis=1)
            return Touching(every, courses, closed, off, _pressing(operator.mesh, faces, active))
        chosen |= pulling
        shut |= closing
    raise NotSolved(f"seats still pull, or crack faces still close, after {ROUNDS} rounds of contact")


def _pressing(mesh: SurfaceMesh, faces: GapPoints | None, active: Mask) -> Mask:
    out = np.zeros((len(active), len(mesh.points)), dtype=bool)
    if faces is not None:
        out[:, faces.node] = active
    return out
