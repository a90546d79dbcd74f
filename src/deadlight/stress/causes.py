"""What makes the stress of an uncracked pane at an instant: one field for each cause, whose sum is the whole.

At an instant the stiffness is that of its temperatures, and with the seats held as they are then (those that press keep
on, those that are off stay off) the problem is linear: each cause alone, in the same stiffness and on the same springs.

- `pressure`: of the gases on all faces.
- `heat`: thermal strain, apart from that of `rim`: its change through the thickness, and its mean.
- `rim`: thermal strain averaged through the thickness, as far as it differs from place to place: a rim that stays cold
  in its seat holds the hot middle, in the plane of the pane.
- `inertia`: body force of the vehicle's acceleration.
- `residual`: the stress that the pane carries before any load, redistributed at its edges.
- `preload`: of the gaskets.

What a cause gives alone depends on which seats press, so shares are those of this instant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.errors import NotSolved
from deadlight.fem.locate import Locator
from deadlight.fem.recovery import hooke
from deadlight.fem.skin import meet_traction
from deadlight.mesh.mesh import Mesh
from deadlight.stress.problem import PaneProblem
from deadlight.stress.supports import Seat
from deadlight.stress.thickness import ThicknessMean

Array = np.ndarray[Any, np.dtype[np.float64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

CAUSES = ("pressure", "heat", "rim", "inertia", "residual", "preload")
CLOSES = 1e-5  # of the largest stress: what the causes' sum may miss of the equilibrium they were taken from


@dataclass(frozen=True, eq=False)
class NodalStress:
    """Stress at the nodes of a pane at some instants, in the form the crack operator takes.

    Attributes
    ----------
    time : (m,) float [s]
    modes : (m, n_nodes, 6) float [Pa]
        One an instant: xx, yy, zz, yz, xz, xy; tension positive.
    mesh : Mesh
        The pane's own.
    locator : Locator
    """

    time: Array
    modes: Array
    mesh: Mesh
    locator: Locator

    @property
    def amplitudes(self) -> Array:
        """(m, m): each instant is its own mode."""
        return np.eye(len(self.time))

    def stress(self, instant: int) -> Array:
        """(n_nodes, 6) [Pa]."""
        return np.asarray(self.modes[instant])

    def sample_modes(self, points: Array) -> Array:
        """Modes at points (p, 3) [m] of the pane. (m, p, 6) [Pa]; InputError for a point outside it."""
        at = self.locator.interpolation(points)
        return np.stack([at @ mode for mode in self.modes])


@dataclass(frozen=True, eq=False)
class _Cause:
    """What one cause puts on the pane at k instants: nodal force, stress without strain, pressure on the skin nodes."""

    force: Array  # (n_nodes, 3, k) [N]
    eigenstress: Array  # (k, n_nodes, 6) [Pa]
    pressure: Array  # (k, s) on the skin nodes [Pa]
    preload: bool = False


def stress_causes(problem: PaneProblem) -> dict[str, NodalStress]:
    """Stress of each of `CAUSES` at all instants of a problem, each solved in full.

    Parameters
    ----------
    problem : PaneProblem
        With few instants: memory and time go with six times their number.

    Raises
    ------
    NotSolved
        An instant has no equilibrium, or the causes do not add up to it.
    """
    instants = np.arange(len(problem.time))
    found = problem.equilibrium(instants)
    u = found.displacement
    n, k = problem.mesh.n_nodes, len(instants)
    closed = problem.held.springs.closed(u.reshape(3 * n, k))
    lam, mu = problem.moduli(problem.temperature.T)
    causes = _loads(problem, closed)
    force = np.concatenate([c.force for c in causes.values()], axis=2)
    many = len(causes)
    alone = problem.held.linear(np.tile(lam, many), np.tile(mu, many), force, np.tile(closed, many))
    parts = alone.reshape(n, 3, many, k)
    pressing = _pressing(problem, u)
    stresses = {
        name: _stress(problem, parts[:, :, i], cause, pressing) for i, (name, cause) in enumerate(causes.items())
    }
    _check(problem.stress_of(instants, u), np.sum(list(stresses.values()), axis=0))
    locator = Locator.build(problem.mesh)
    return {name: NodalStress(problem.time, stress, problem.mesh, locator) for name, stress in stresses.items()}


def _loads(problem: PaneProblem, closed: Mask) -> dict[str, _Cause]:
    """The causes, in the order of `CAUSES`."""
    n, k = problem.mesh.n_nodes, len(problem.time)
    lam, mu = problem.moduli(problem.temperature.T)
    whole = problem.thermal_stress(problem.temperature.T, lam, mu)  # (n, k)
    bulk = 3 * lam + 2 * mu
    rim = bulk * ThicknessMean.build(problem.mesh)(whole / bulk)
    faces = len(problem.loads.pressures)
    pressed = problem.shares[0]
    course, unit = problem.amplitudes, problem.unit_forces
    still, calm = np.zeros((k, n, 6)), np.zeros((k, len(problem.skin.nodes)))
    springs = problem.held.springs
    push = -(springs.normal.T @ ((springs.area * springs.preload)[:, None] * closed)).reshape(n, 3, k)

    def thermal(field: Array) -> _Cause:
        stress = np.zeros((k, n, 6))
        stress[:, :, :3] = -field.T[:, :, None]
        return _Cause(problem.body.spherical_load(field), stress, calm)

    return {
        "pressure": _Cause(unit[:, :, :faces] @ course[:, :faces].T, still, course[:, :faces] @ pressed.T),
        "heat": thermal(whole - rim),
        "rim": thermal(rim),
        "inertia": _Cause(unit[:, :, faces:] @ course[:, faces:].T, still, calm),
        "residual": _Cause(np.repeat(problem.initial_force[:, :, None], k, axis=2), still + problem.initial, calm),
        "preload": _Cause(push, still, calm, preload=True),
    }


def _pressing(problem: PaneProblem, u: Array) -> Mask:
    """Which seats press at the skin nodes at displacements u (n_nodes, 3, k). (k, s, seats)."""
    along = np.einsum("sik,si->ks", u[problem.skin.nodes], problem.skin.normal)
    seats = [s for s in problem.supports if isinstance(s, Seat)]
    found = [s.preload + s.stiffness * along > 0 for s in seats]
    return np.stack(found, axis=-1) if found else np.zeros((*along.shape, 0), dtype=bool)


def _stress(problem: PaneProblem, u: Array, cause: _Cause, pressing: Mask) -> Array:
    """Nodal stress (k, n_nodes, 6) [Pa] of one cause by its displacement (n_nodes, 3, k)."""
    lam, mu = problem.moduli(problem.temperature)
    strain = problem.recovery.strain(u).transpose(2, 0, 1)
    stress = hooke(lam.ravel(), mu.ravel(), strain.reshape(-1, 6)).reshape(strain.shape) + cause.eigenstress
    skin, at = problem.skin, problem.skin.nodes
    moved = u[at].transpose(2, 0, 1)
    along = np.einsum("ksi,si->ks", moved, skin.normal)
    slip = moved - along[:, :, None] * skin.normal
    pressure, traction = cause.pressure, np.zeros(moved.shape)
    for i, seat in enumerate(s for s in problem.supports if isinstance(s, Seat)):
        share = problem.shares[1][:, i]
        law = seat.stiffness * along + (seat.preload if cause.preload else 0.0)
        pressure = pressure + share * pressing[:, :, i] * law
        traction -= (share * seat.tangential)[None, :, None] * slip
    traction -= pressure[:, :, None] * skin.normal
    stress[:, at] = meet_traction(stress[:, at], skin.normal, traction, lam[:, at], mu[:, at])
    return stress


def _check(whole: Array, total: Array) -> None:
    size = np.abs(whole).max(axis=(1, 2))
    missing = np.abs(total - whole).max(axis=(1, 2))
    if (missing > CLOSES * size).any():
        share = float((missing / np.maximum(size, 1e-300)).max())
        raise NotSolved(f"the causes of a pane's stress miss their sum by {share:.2g} of it (limit {CLOSES:g})")
