"""Viscous flow of a hot pane after a loss: the change of its stress in columns over its face."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import KDTree

from deadlight.assumption import Assumption
from deadlight.chain.next_flaw import FlawScan, PaneSurface
from deadlight.chain.run_on import RunOn
from deadlight.fem.locate import Locator
from deadlight.outcome.temper import log10_viscosity, relaxed, temper_left, viscosity_assumptions
from deadlight.remark import Remark
from deadlight.stress.history import StressHistory

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

COLUMNS = 40  # over the face; the stress of the flow changes with the temperature, which is smooth in the open middle
HEIGHTS = 25
SLOW = 1e4  # relaxation time over the history beyond which nothing flows: 0.01 % of the stress
INSIDE = 1e-6  # of the thickness: how far the outermost heights lie below the faces


@dataclass(frozen=True, eq=False)
class Relaxing:
    """What flow changes.

    Attributes
    ----------
    matters : bool
        Whether any place gets hot enough.
    place : (c, 2) float [m]
        x, y of the columns.
    z : (n,) float [m]
    change : (m, c, n) float [Pa]
        Of the stress, equal in both directions.
    temper_left : float
        Smallest over the columns, at the end.
    assumptions, remarks : tuples
    """

    matters: bool
    place: Array
    z: Array
    change: Array
    temper_left: float
    assumptions: tuple[Assumption, ...] = ()
    remarks: tuple[Remark, ...] = ()

    def k(self, scan: FlawScan) -> tuple[Array, ...]:
        """K of the change at every point of a scan, by the nearest column. One (m, p) a front point."""
        found = scan.of_profile(self.change, self.z, self.columns(scan.surface))
        return tuple(np.where(scan.surface.rim, 0.0, k) for k in found)

    def at(self, surface: PaneSurface) -> Array:
        """The change on a pane's faces; none on its rim, which stays cold. (m, p) [Pa]."""
        heights = surface.mesh.points[surface.nodes][:, 2]
        row = np.abs(self.z[None, :] - heights[:, None]).argmin(axis=1)
        return np.where(surface.rim, 0.0, self.change[:, self.columns(surface), row])

    def below(self, surface: PaneSurface, point: int, depth: Array) -> Array | None:
        """The change below a point of a face, at depths (d,) [m]; None on the rim. (m, d) [Pa]."""
        if surface.rim[point] or not self.matters:
            return None
        column = int(self.columns(surface)[point])
        heights = surface.mesh.points[surface.nodes[point], 2] - np.sign(surface.normal[point, 2]) * depth
        return np.stack([np.interp(heights, self.z, row) for row in self.change[:, column]])

    def columns(self, surface: PaneSurface) -> Index:
        """The nearest column of every point. (p,)."""
        _, column = KDTree(self.place).query(surface.mesh.points[surface.nodes][:, :2])
        return np.asarray(column)


def relaxing(run: RunOn, residual: Array, history: StressHistory) -> Relaxing | None:
    """Flow of a pane under the stress of a run-on and its own; None where its viscosity is not known.

    Parameters
    ----------
    residual : (n_nodes, 6) float [Pa]
    history : StressHistory
        Of the loads alone.
    """
    name = history.mesh.regions[0]
    material = run.viewport.materials[name]
    if not {"strain_point", "annealing_point", "softening_point"} <= set(material.properties):
        return None
    mesh, parent = run.viewport.mesh.submesh(name)
    nodes = run.temperature.temperature[:, parent]
    assumed = viscosity_assumptions(material)
    M = float(material.youngs_modulus(293.15) / (1.0 - material.poisson(293.15)))
    span = float(history.time[-1] - history.time[0])
    fastest = 6.0 * 10.0 ** float(log10_viscosity(material, np.array(nodes.max()))) / M
    low, high = mesh.points[:, 2].min(), mesh.points[:, 2].max()
    inside = INSIDE * (high - low)
    z = np.linspace(low + inside, high - inside, HEIGHTS)
    if fastest > SLOW * span:
        return Relaxing(False, np.zeros((1, 2)), z, np.zeros((1, 1, HEIGHTS)), 1.0, assumed)
    place = _places(mesh.points[mesh.face_nodes(f"{name}.outer")], nodes, mesh.face_nodes(f"{name}.outer"))
    points = np.concatenate([np.repeat(place, HEIGHTS, axis=0), np.tile(z, len(place))[:, None]], axis=1)
    at = Locator.build(mesh).interpolation(points)
    shape = (len(history.time), len(place), HEIGHTS)
    T = np.asarray((at @ nodes.T).T).reshape(shape)
    loads = np.stack([at @ (mode[:, 0] + mode[:, 1]) for mode in history.modes]) * 0.5
    own = np.asarray(at @ (residual[:, 0] + residual[:, 1])).reshape(1, len(place), HEIGHTS) * 0.5
    change = relaxed(history.time, T, (history.amplitudes @ loads).reshape(shape) + own, z, material=material)
    left = [float(temper_left(own[0, c], change[-1, c], z)) for c in range(len(place))]
    return Relaxing(True, place, z, change, min(left), assumed, _remarks(change, T, material))


def _places(points: Array, temperature: Array, face: Index) -> Array:
    """x, y of columns: spread over the ranks of the peak temperature of a face, the hottest first."""
    order = np.argsort(temperature[:, face].max(axis=0))[::-1]
    chosen = order[np.unique(np.linspace(0, len(order) - 1, min(COLUMNS, len(order))).astype(int))]
    centre = points[:, :2].mean(axis=0)
    return np.asarray(centre + (points[chosen, :2] - centre) * (1 - 1e-6))


def _remarks(change: Array, T: Array, material: Any) -> tuple[Remark, ...]:
    largest = float(np.abs(change).max())
    if largest < 1e6:
        return ()
    text = f"viscous flow changes its stress by up to {largest / 1e6:.3g} MPa (up to {T.max():.0f} K)"
    fluid = float(T.max()) > material.annealing_point
    return (Remark(f"{text}{'; it sags, which is not modelled' if fluid else ''}", alarm=fluid),)
