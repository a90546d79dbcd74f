"""Heat that a crack blocks: whether it matters, and the load of the thermal stress that it makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.assumption import Assumption
from deadlight.chain.crack_points import CrackPoints
from deadlight.chain.flaws import Flaw
from deadlight.chain.sampled import SampledStress
from deadlight.errors import NotSolved
from deadlight.material.material import Material
from deadlight.operator.blocked_heat import BlockedHeat, blocked_heat, thermal_load
from deadlight.operator.blocked_heat_faces import STEFAN_BOLTZMANN
from deadlight.operator.intensity import StressIntensity
from deadlight.remark import Remark

Array = np.ndarray[Any, np.dtype[np.float64]]

BLOCKED = 0.01  # of K_Ic: what it may make of K before it is computed
ASIDE = 0.02  # of a crack's radius: distance of the points between which the temperature's slope is taken
INSULATES = "the crack insulates"
KEPT = 1e-6  # of the largest load: what its modes may leave out


@dataclass(frozen=True, eq=False)
class Blocked:
    """What the blocked heat does to a crack.

    Attributes
    ----------
    load : (r, n_nodes, 3) [N] and (m, r), or None
        Load vectors and their course; None where it does not matter, or could not be computed.
    error : float
        Of the jump of temperature, relative to its largest.
    text : str
        For the list of assumptions.
    remarks : tuple of Remark
    """

    load: tuple[Array, Array] | None
    error: float
    text: str
    remarks: tuple[Remark, ...] = ()

    def assumption(self, name: str) -> Assumption:
        return Assumption(f"operator.{name}.heat", self.text, "crack operator", "A")


def blocked_by(
    flaw: Flaw,
    points: CrackPoints,
    found: StressIntensity,
    stress: SampledStress,
    temperature: Array,
    material: Material,
    reference: float,
) -> Blocked:
    """The load of the heat that a crack blocks, where it matters.

    Parameters
    ----------
    temperature : (m, n_nodes of the pane) float [K]
        Uncracked, at the instants of the stress.
    reference : float [K]
        Where the properties of the glass are taken.
    """
    slope = points.slope(flaw, stress, temperature)
    jump, share = measure(slope, points.radius, material, reference)
    if share <= BLOCKED:
        text = (
            "heat flows as if the crack were not there; an insulating one would make the temperature jump by up to "
            f"{jump:.2g} K, worth at most about {share:.1g} of K_Ic"
        )
        return Blocked(None, 0.0, text)
    try:
        heat = _solved(flaw, points, found, stress, temperature, material, reference)
    except NotSolved as error:
        text = f"heat blocked by the crack, worth up to about {share:.1g} of K_Ic, is not computed: {error}"
        return Blocked(None, 0.0, text, (Remark(text, alarm=True),))
    operator = found.history.operator
    load = thermal_load(heat, alpha=expansion(material, reference), nu=operator.nu, mu=operator.mu)
    mesh = found.meshed.mesh
    nodes = np.unique(mesh.cells[mesh.on_crack])
    largest = float(np.abs(heat.theta[:, nodes[nodes >= 0]]).max())
    text = (
        f"{INSULATES}, also where it is shut: the temperature jumps by up to {largest:.3g} K across it; "
        "the faces of the pane keep the heat flux they had, less what the disturbance radiates"
    )
    return Blocked(_modes(load), heat.error, text, heat.remarks)


def measure(slope: Array, radius: float, material: Material, reference: float) -> tuple[float, float]:
    """Jump of the temperature across an insulating crack [K], and what it may make of K as a share of K_Ic.

    Over an insulating penny of radius a in a uniform flux the temperature jumps by up to 4 a/pi times its slope
    (Florence & Goodier 1963), and a stress E alpha jump/(1 - nu) all over it would make 2 (a/pi)^0.5 times that of K:
    an upper measure of a crack far from the faces.
    """
    jump = 4.0 / np.pi * radius * float(np.abs(slope).max())
    strain = abs(expansion(material, reference)) * jump
    stress = float(material.youngs_modulus(reference)) * strain / (1.0 - float(material.poisson(reference)))
    return jump, float(2.0 * np.sqrt(radius / np.pi) * stress / float(material.toughness(reference)))


def expansion(material: Material, reference: float) -> float:
    """Slope of the thermal strain [1/K]."""
    return float(material.thermal_strain(reference + 1.0) - material.thermal_strain(reference - 1.0)) / 2.0


def _solved(
    flaw: Flaw,
    points: CrackPoints,
    found: StressIntensity,
    stress: SampledStress,
    temperature: Array,
    material: Material,
    reference: float,
) -> BlockedHeat:
    conductivity = float(material.conductivity(reference))
    heat_capacity = material.density * float(material.specific_heat(reference))
    step = ASIDE * points.radius

    def flux(x: Array, normal: Array) -> Array:
        """q.n of the uncracked pane (m, p) [W/m2], from points to either side that lie in the glass."""
        ends = [x + way * step * normal for way in (1.0, -1.0)]
        inside = [flaw.body.contains(end) for end in ends]
        spots = [np.where(ok[:, None], end, x) for ok, end in zip(inside, ends)]
        above, below = (stress.sample_field(temperature, spot) for spot in spots)
        apart = step * np.maximum(inside[0].astype(float) + inside[1], 1.0)
        warm = 0.5 * (above + below)
        return np.asarray(-np.asarray(material.conductivity(warm)) * (above - below) / apart)

    return blocked_heat(
        found.meshed.mesh,
        conductivity=conductivity,
        diffusivity=conductivity / heat_capacity,
        time=stress.time,
        flux=flux,
        face_film=_films(found, stress, temperature, material),
    )


def _films(found: StressIntensity, stress: SampledStress, temperature: Array, material: Material) -> dict[int, float]:
    """Coefficient with which each face of the pane radiates a disturbance away [W/m2K]: 4 eps sigma T^3 of its mean."""
    mesh, films = found.meshed.mesh, {}
    for face in np.unique(-1 - mesh.surface[~mesh.on_crack]).tolist():
        nodes = np.unique(mesh.cells[mesh.surface == -1 - face][:, :3])
        some = mesh.points[nodes[:: max(1, len(nodes) // 50)]]
        try:
            warm = stress.sample_field(temperature, some)
        except ValueError:  # a face that the mesh of the pane follows less well: no cooling there
            films[face] = 0.0
            continue
        films[face] = float(np.mean(4.0 * np.asarray(material.emissivity(warm)) * STEFAN_BOLTZMANN * warm**3))
    return films


def _modes(load: Array) -> tuple[Array, Array]:
    """Loads in time (m, n_nodes, 3) as a few vectors with their course."""
    u, size, v = np.linalg.svd(load.reshape(len(load), -1), full_matrices=False)
    keep = max(1, int((size > KEPT * size[0]).sum()))
    return v[:keep].reshape(keep, *load.shape[1:]), u[:, :keep] * size[:keep]
