"""The stress problem of one pane: fields at an instant, equilibrium there, and the nodal stress that follows."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.errors import InputError
from deadlight.fem.elasticity import ElasticBody, lame
from deadlight.fem.geometry import face_points
from deadlight.fem.recovery import Recovery, hooke
from deadlight.fem.skin import Skin, meet_traction
from deadlight.mesh.mesh import Mesh
from deadlight.stress.held import Equilibrium, HeldBody, hold
from deadlight.stress.loads import InitialStress, Loads
from deadlight.stress.supports import Fixed, Seat

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

SAMPLE = 200  # instants whose mean stiffness the reference factor takes


@dataclass(frozen=True, eq=False)
class PaneProblem:
    """One pane, its temperature history, loads and supports.

    Attributes
    ----------
    mesh : Mesh of the pane alone (one region)
    material
        With `youngs_modulus(T)`, `poisson(T)`, `thermal_strain(T)`, `density`.
    time : (m,) float [s]
    temperature : (m, n_nodes) float [K]
    loads, supports, initial_stress
    stress_free_temperature : float [K]
        Temperature at which the free pane has its meshed shape and no thermal stress.
    """

    mesh: Mesh
    material: Any
    time: Array
    temperature: Array
    loads: Loads
    supports: Sequence[Seat | Fixed]
    initial_stress: InitialStress
    stress_free_temperature: float

    def __post_init__(self) -> None:
        expected = (len(self.time), self.mesh.n_nodes)
        if self.temperature.shape != expected or not np.isfinite(self.temperature).all():
            raise InputError(
                f"temperature of shape {self.temperature.shape}"
                + (" with values that are not finite" if self.temperature.shape == expected else ""),
                place="stress",
                remedy=f"one finite value an instant and node: {expected}",
            )
        if len(self.mesh.regions) != 1:
            raise InputError(
                f"regions {', '.join(self.mesh.regions)}",
                place="stress",
                remedy="one pane at a time: mesh.submesh(region)",
            )

    @functools.cached_property
    def body(self) -> ElasticBody:
        return ElasticBody.build(self.mesh)

    @functools.cached_property
    def recovery(self) -> Recovery:
        return Recovery.build(self.body)

    @functools.cached_property
    def sample(self) -> Index:
        """At most `SAMPLE` instants that share the change of temperature evenly."""
        m = len(self.time)
        if m <= SAMPLE:
            return np.arange(m)
        change = np.linalg.norm(np.diff(self.temperature, axis=0), axis=1)
        arc = np.concatenate([[0.0], np.cumsum(change + 1e-3 * change.mean() + 1e-12)])
        return np.unique(np.searchsorted(arc, np.linspace(0, arc[-1], SAMPLE)))

    def moduli(self, T: Array) -> tuple[Array, Array]:
        """Lame's constants [Pa] at temperatures T [K]."""
        return lame(np.asarray(self.material.youngs_modulus(T)), np.asarray(self.material.poisson(T)))

    def thermal_stress(self, T: Array, lam: Array, mu: Array) -> Array:
        """(3 lambda + 2 mu) times the free thermal strain from the stress-free temperature [Pa]."""
        at_rest = np.asarray(self.material.thermal_strain(np.array([self.stress_free_temperature])))
        return (3 * lam + 2 * mu) * (np.asarray(self.material.thermal_strain(T)) - at_rest)

    @functools.cached_property
    def reference(self) -> tuple[Array, Array]:
        """Mean Lame fields (n_nodes,) over the sample."""
        lam, mu = np.zeros(self.mesh.n_nodes), np.zeros(self.mesh.n_nodes)
        for i in self.sample:
            l, m = self.moduli(self.temperature[i])
            lam, mu = lam + l / len(self.sample), mu + m / len(self.sample)
        return lam, mu

    @functools.cached_property
    def held(self) -> HeldBody:
        return hold(self.body, self.supports, *self.reference)

    @functools.cached_property
    def unit_forces(self) -> Array:
        """Nodal force of each unit load in the order of `Loads.amplitudes`. (n_nodes, 3, k)."""
        n = self.mesh.n_nodes
        forces = []
        for face in self.loads.pressures:
            points = face_points(self.mesh, face)
            forces.append(points.nodal_force(np.ones(len(points.area)), n))
        if self.loads.acceleration is not None:
            mass = float(self.material.density) * self.body.node_volume
            forces += [mass[:, None] * np.eye(3)[i] for i in range(3)]
        return np.stack(forces, axis=2) if forces else np.zeros((n, 3, 0))

    @functools.cached_property
    def amplitudes(self) -> Array:
        return self.loads.amplitudes(self.time)

    @functools.cached_property
    def initial(self) -> Array:
        return self.initial_stress.nodal(self.mesh)

    @functools.cached_property
    def initial_force(self) -> Array:
        return -self.body.stress_load(self.initial)

    def force(self, instants: Index) -> tuple[Array, Array, Array]:
        """Lame fields (n, k) and the whole nodal load (n, 3, k) at some instants."""
        T = self.temperature[instants].T
        lam, mu = self.moduli(T)
        load = self.body.spherical_load(self.thermal_stress(T, lam, mu))
        return lam, mu, load + self.unit_forces @ self.amplitudes[instants].T + self.initial_force[:, :, None]

    def equilibrium(self, instants: Index, *, guess: Array | None = None, tolerance: float = 1e-10) -> Equilibrium:
        """Solve some instants together; NotSolved where one does not reach the tolerance."""
        lam, mu, force = self.force(instants)
        return self.held.solve(lam, mu, force, guess=guess, tolerance=tolerance)

    @functools.cached_property
    def skin(self) -> Skin:
        """Smooth surface nodes; faces held by fixed displacements do not count."""
        held = np.asarray(self.held.fixed.reshape(-1, 3).any(axis=1))
        return Skin.build(self.mesh, held)

    @functools.cached_property
    def shares(self) -> tuple[Array, Array]:
        """Share of each pressure's face, and of each seat's face, at the skin nodes. (k, faces), (k, seats)."""
        none = [np.zeros((len(self.skin.nodes), 0))]
        pressed = [self.skin.share(self.mesh.face(f))[:, None] for f in self.loads.pressures]
        seats = [self.skin.share(self.mesh.face(s.face))[:, None] for s in self.supports if isinstance(s, Seat)]
        return np.concatenate(none + pressed, axis=1), np.concatenate(none + seats, axis=1)

    def stress(self, instants: Index, strain: Array, displacement: Array, nodes: slice = slice(None)) -> Array:
        """Nodal stress at some instants from recovered strain and displacement, for a range of nodes.

        Parameters
        ----------
        instants : (k,) int
        strain : (k, n, 6) float
            Recovered total strain of the nodes in the range.
        displacement : (k, s, 3) float [m]
            Of those skin nodes that lie in the range.

        Returns
        -------
        (k, n, 6) float [Pa]
        """
        T = self.temperature[instants, nodes]
        lam, mu = self.moduli(T)
        stress = hooke(lam.ravel(), mu.ravel(), strain.reshape(-1, 6)).reshape(strain.shape) + self.initial[nodes]
        stress[:, :, :3] -= self.thermal_stress(T, lam, mu)[:, :, None]
        here = self.skin_range(nodes)
        if here.stop > here.start:
            at = self.skin.nodes[here] - (nodes.start or 0)
            traction = self._traction(instants, displacement, here)
            stress[:, at] = meet_traction(stress[:, at], self.skin.normal[here], traction, lam[:, at], mu[:, at])
        return stress

    def skin_range(self, nodes: slice) -> slice:
        """Which skin nodes lie in a range of nodes."""
        start, stop, _ = nodes.indices(self.mesh.n_nodes)
        return slice(*(int(v) for v in np.searchsorted(self.skin.nodes, [start, stop])))

    def _traction(self, instants: Index, displacement: Array, here: slice) -> Array:
        """Traction (k, s, 3) [Pa] on skin nodes: pressures, seats and their shear springs."""
        pressed, seated = self.shares
        normal = self.skin.normal[here]
        pressure = self.amplitudes[instants][:, : pressed.shape[1]] @ pressed[here].T
        along = np.einsum("ksi,si->ks", displacement, normal)
        slip = displacement - along[:, :, None] * normal
        traction = np.zeros(displacement.shape)
        for i, seat in enumerate(s for s in self.supports if isinstance(s, Seat)):
            share = seated[here, i]
            pressure = pressure + share * np.maximum(0.0, seat.preload + seat.stiffness * along)
            traction -= (share * seat.tangential)[None, :, None] * slip
        return traction - pressure[:, :, None] * normal

    def stress_of(self, instants: Index, displacement: Array) -> Array:
        """Nodal stress (k, n_nodes, 6) [Pa] of full displacements (n_nodes, 3, k)."""
        strain = self.recovery.strain(displacement).transpose(2, 0, 1)
        return self.stress(instants, strain, displacement[self.skin.nodes].transpose(2, 0, 1))
