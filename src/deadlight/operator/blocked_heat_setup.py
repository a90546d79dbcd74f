"""From mesh, faces and films to the equations, and which frequencies they need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import scipy.sparse

from deadlight.errors import InputError
from deadlight.operator.blocked_heat_data import Data
from deadlight.operator.blocked_heat_faces import Gap, Prescribed
from deadlight.operator.blocked_heat_pairs import HEAT, HeatPairs
from deadlight.operator.blocked_heat_system import HeatSystem, Space
from deadlight.operator.blocked_heat_time import sampled_sizes
from deadlight.operator.load import SurfacePoints
from deadlight.operator.pairs import Elements, Fineness
from deadlight.surface.mesh import SurfaceMesh

Array = np.ndarray[Any, np.dtype[np.float64]]

LAYER = 4.0  # largest |a| times the largest element of a crack: beyond, layers are thinner than the elements resolve
SLOW = 0.25  # smallest |a| times half the extent of the mesh: below, states are steady
FAST = 4.0  # largest frequency times the shortest time step
PATIENT = 0.3  # smallest frequency times the duration


def build(
    mesh: SurfaceMesh, data: Data, conductivity: float, film: float | Mapping[int, float], fineness: Fineness | None
) -> HeatSystem:
    """The equations.

    Raises
    ------
    InputError
        A coefficient that is no finite number from 0.
    """
    if not (np.isfinite(conductivity) and conductivity > 0):
        raise InputError(f"conductivity {conductivity} W/mK", place="blocked heat", remedy="a finite number above 0")
    coefficient = _film(mesh, film)
    given = data.on(mesh, Prescribed)
    nodes = np.zeros(len(mesh.points), dtype=bool)
    nodes[mesh.cells[given][mesh.cells[given] >= 0]] = True
    # densities of flux are singular at the front and need the finer rules
    rules = fineness or (Fineness() if given.any() else HEAT)
    pairs = HeatPairs.of(mesh, np.where(given, 1.0, coefficient), given, rules)
    across = 0.5 * coefficient
    for crack, face in data.faces.items():
        if isinstance(face, Gap):
            across[mesh.surface == crack] = face.coefficient
    space = Space.of(mesh, nodes)
    skin = np.unique(mesh.cells[~mesh.on_crack])
    floating = (
        bool(len(skin)) and not np.isin(skin[skin >= 0], mesh.fixed).any() and not coefficient.any() and not given.any()
    )
    length = float(np.ptp(mesh.points[np.unique(mesh.cells[mesh.on_crack])[1:]], axis=0).max())
    return HeatSystem(pairs, space, np.flatnonzero(nodes), conductivity, _surface(mesh, across), length, floating)


def _film(mesh: SurfaceMesh, film: float | Mapping[int, float]) -> Array:
    faces = [-1 - int(s) for s in np.unique(mesh.surface[~mesh.on_crack])]
    table = film if isinstance(film, Mapping) else dict.fromkeys(faces, float(film))
    unknown = sorted(set(table) - set(faces))
    if unknown:
        raise InputError(
            f"film on faces {unknown}; the mesh has {faces}", place="blocked heat", remedy="numbers of its faces"
        )
    out = np.zeros(len(mesh.cells))
    for face, value in table.items():
        if not (np.isfinite(value) and value >= 0):
            raise InputError(f"film coefficient {value} W/m2K", place="blocked heat", remedy="a finite number from 0")
        out[mesh.surface == -1 - face] = value
    return out


def _surface(mesh: SurfaceMesh, coefficient: Array) -> scipy.sparse.csr_matrix:
    points = SurfacePoints.of(mesh, coefficient != 0)
    weight = scipy.sparse.diags(points.area * coefficient[points.element])
    return scipy.sparse.csr_matrix(points.test @ weight @ points.test.T)


def frequencies(mesh: SurfaceMesh, time: Array, diffusivity: float, *, closed: bool) -> Array:
    """|a| = sqrt(omega / diffusivity) [1/m] at which to solve, doubling; the steady state (0) first unless `closed`:
    a body whose level of temperature nothing fixes, or the duration is too short to matter."""
    if not (np.isfinite(diffusivity) and diffusivity > 0):
        raise InputError(f"diffusivity {diffusivity} m2/s", place="blocked heat", remedy="a finite number above 0")
    crack = mesh.on_crack
    largest = float(Elements.of(mesh).size[crack].max())
    nodes = np.unique(mesh.cells[mesh.cells >= 0])
    extent = 0.5 * float(np.linalg.norm(np.ptp(mesh.points[nodes], axis=0)))
    duration, step = float(time[-1] - time[0]), float(np.diff(time).min())
    patient = np.sqrt(PATIENT / (diffusivity * duration))
    low = max(SLOW / extent, patient)
    high = max(min(LAYER / largest, np.sqrt(FAST / (diffusivity * step))), 2 * low)
    low = min(low, LAYER / largest)
    sizes = sampled_sizes(low, high)
    return sizes if closed or low > SLOW / extent else np.concatenate([[0.0], sizes])
