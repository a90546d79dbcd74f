"""What drives the disturbance of the temperature: flux through the cracks, given temperatures, and their modes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse

from deadlight.errors import InputError
from deadlight.operator import shape
from deadlight.operator.blocked_heat_faces import Faces, Gap, Insulated, Prescribed
from deadlight.operator.load import LEVEL, SurfacePoints
from deadlight.operator.quadrature import element
from deadlight.surface.mesh import TIP, SurfaceMesh

Array = np.ndarray[Any, np.dtype[np.float64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]
Flux = Array | Callable[[Array, Array], Array] | None

LEFT_OUT = 1e-3  # of the largest data of all instants: what the modes may leave out at any instant


@dataclass(frozen=True, eq=False)
class Data:
    """Data as course in time times shape in space.

    Attributes
    ----------
    faces : dict of int -> Faces
        Of every crack.
    time : (m,) float [s] or None
    course : (m, r) float
    right : (n_nodes, r) float [W]
        -int N q n dS over cracks that are insulated or gaps.
    right_flux : (n_nodes, r) float [K m2]
        -int P mean dS over cracks of prescribed temperature.
    given : (n_nodes, r) float [K]
        Jumps there.
    left_out : float
        Largest part of an instant's data that the modes do not hold, of the largest data of all instants.
    """

    faces: dict[int, Faces]
    time: Array | None
    course: Array
    right: Array
    right_flux: Array
    given: Array
    left_out: float = 0.0

    def on(self, mesh: SurfaceMesh, kind: type) -> Mask:
        """Elements of cracks whose faces are of a kind. (e,)."""
        return np.isin(mesh.surface, [c for c, f in self.faces.items() if isinstance(f, kind)]) & mesh.on_crack


def driving(mesh: SurfaceMesh, faces: Faces | Mapping[int, Faces], flux: Flux, time: Array | None) -> Data:
    """Checks and compresses the data.

    Raises
    ------
    InputError
        Incomplete, not finite, of the wrong shape; instants that do not rise.
    """
    of_crack = _faces(mesh, faces)
    instants = None if time is None else _instants(time)
    empty = Data(of_crack, instants, np.empty((0, 0)), *np.empty((3, 0, 0)))
    open_, given = empty.on(mesh, Insulated) | empty.on(mesh, Gap), empty.on(mesh, Prescribed)
    parts = []
    if open_.any():
        parts.append((0, _flux_load(mesh, open_, flux, instants)))
    if given.any():
        for crack in np.unique(mesh.surface[given]):
            face = of_crack[int(crack)]
            assert isinstance(face, Prescribed)
            parts += _prescribed(mesh, mesh.surface == crack, face, instants)
    m = max(len(p) for _, p in parts)
    whole = np.zeros((3, m, len(mesh.points)))
    for which, part in parts:
        whole[which] += part
    course, modes, left_out = _modes(whole)
    right, right_flux, jump = (np.ascontiguousarray(a.T) for a in modes)
    return Data(of_crack, instants, course, right, right_flux, jump, left_out)


def _faces(mesh: SurfaceMesh, faces: Faces | Mapping[int, Faces]) -> dict[int, Faces]:
    cracks = [int(c) for c in np.unique(mesh.surface[mesh.on_crack])]
    if not cracks:
        raise InputError("no crack in the mesh", place="blocked heat", remedy="mesh a crack")
    if not isinstance(faces, Mapping):
        return dict.fromkeys(cracks, faces)
    if set(faces) != set(cracks):
        raise InputError(
            f"faces of the cracks {sorted(faces)}, but the mesh has {cracks}",
            place="blocked heat",
            remedy="one entry each",
        )
    return dict(faces)


def _instants(time: Array) -> Array:
    instants = np.asarray(time, dtype=np.float64)
    if instants.ndim != 1 or len(instants) < 2 or not np.isfinite(instants).all() or (np.diff(instants) <= 0).any():
        raise InputError(
            f"instants of shape {instants.shape}", place="blocked heat", remedy="at least two, finite, rising"
        )
    return instants


def _flux_load(mesh: SurfaceMesh, chosen: Mask, flux: Flux, time: Array | None) -> Array:
    if flux is None:
        raise InputError("no flux through the crack", place="blocked heat", remedy="q.n at its nodes, or a function")
    points = SurfacePoints.of(mesh, chosen)
    if callable(flux):
        value = np.atleast_2d(np.asarray(flux(points.point, points.normal), dtype=np.float64))
        _fits(value, len(points.area), time, "flux at the crack's points")
    else:
        nodal = np.atleast_2d(np.asarray(flux, dtype=np.float64))
        nodes = np.unique(mesh.cells[chosen][mesh.cells[chosen] >= 0])
        _fits(
            nodal[:, nodes] if nodal.shape[1:] == (len(mesh.points),) else nodal,
            len(nodes),
            time,
            "flux at the mesh's nodes",
        )
        used = np.zeros_like(nodal)
        used[:, nodes] = nodal[:, nodes]
        value = (interpolation(mesh, chosen) @ used.T).T
    return np.asarray(-(points.test @ (value * points.area).T).T)


def _fits(value: Array, width: int, time: Array | None, what: str) -> None:
    rows = len(value) if time is None else len(time)
    if value.shape != (rows, width) or not len(value):
        raise InputError(f"{what}: shape {value.shape}", place="blocked heat", remedy=f"({rows}, {width}) is needed")
    if not np.isfinite(value).all():
        raise InputError(f"{what}: not finite", place="blocked heat", remedy="finite numbers")


def interpolation(mesh: SurfaceMesh, chosen: Mask) -> scipy.sparse.csr_matrix:
    """Geometry functions at the points of `SurfacePoints.of(mesh, chosen)`. (p, n_nodes)."""
    return _functions(mesh, chosen, over_root=False)


def density_functions(mesh: SurfaceMesh, chosen: Mask) -> scipy.sparse.csr_matrix:
    """Functions of a density of flux at those points, 1/t times the geometry's in a ring. (p, n_nodes)."""
    return _functions(mesh, chosen, over_root=True)


def _functions(mesh: SurfaceMesh, chosen: Mask, *, over_root: bool) -> scipy.sparse.csr_matrix:
    rows, columns, values, count = [], [], [], 0
    for kind in np.unique(mesh.kind[chosen]):
        cells = mesh.cells[chosen & (mesh.kind == kind)]
        nn = 6 if kind == 0 else 9
        st, weight = element(int(kind), LEVEL)
        value = shape.geometry(int(kind), st[:, 0], st[:, 1])[0][:, :nn]
        if over_root and kind >= TIP:
            value = value / st[:, 1:2]
        p = len(cells) * len(weight)
        rows.append(np.repeat(count + np.arange(p), nn))
        columns.append(np.repeat(cells[:, :nn], len(weight), axis=0).ravel())
        values.append(np.tile(value, (len(cells), 1)).ravel())
        count += p
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return scipy.sparse.csr_matrix(entries, shape=(count, len(mesh.points)))


def _prescribed(mesh: SurfaceMesh, chosen: Mask, face: Prescribed, time: Array | None) -> list[tuple[int, Array]]:
    n = len(mesh.points)
    nodes = np.zeros(n, dtype=bool)
    nodes[mesh.cells[chosen][mesh.cells[chosen] >= 0]] = True
    mean, jump = (
        np.where(nodes, _nodal(a, n, time, name), 0.0) for a, name in ((face.mean, "mean"), (face.jump, "jump"))
    )
    area = SurfacePoints.of(mesh, chosen).area
    at = interpolation(mesh, chosen) @ mean.T
    test = density_functions(mesh, chosen)
    return [(1, np.asarray(-(test.T @ (at * area[:, None])).T)), (2, jump)]


def _nodal(value: float | Array, n: int, time: Array | None, name: str) -> Array:
    given = np.asarray(value, dtype=np.float64)
    rows = 1 if time is None else len(time)
    if given.ndim == 0:
        nodal = np.full((rows, n), float(given))
    elif given.ndim == 1:
        nodal = np.repeat(given[:, None], n, axis=1)
    else:
        nodal = given
    _fits(nodal, n, time, f"{name} of the prescribed temperatures")
    return nodal


def _modes(whole: Array) -> tuple[Array, Array, float]:
    """(3, m, n) -> courses (m, r) and shapes (3, r, n), by singular values of the parts at equal weight; what is left
    out of them. As few modes as hold every instant."""
    three, m, n = whole.shape
    scale = np.abs(whole).max(axis=(1, 2), keepdims=True)
    scale[scale == 0] = 1.0
    flat = (whole / scale).transpose(1, 0, 2).reshape(m, three * n)
    values, vectors = np.linalg.eigh(flat @ flat.T)
    values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
    square = vectors**2 * values  # of every instant in every mode
    whole_square = float(square.sum(axis=1).max())
    after = np.append(np.cumsum(square[:, ::-1], axis=1)[:, ::-1].max(axis=0), 0.0)  # left out with 0, 1, .. modes
    count = max(1, int(np.argmax(after <= LEFT_OUT**2 * whole_square)))
    course = vectors[:, :count]
    shapes = (course.T @ flat).reshape(-1, three, n).transpose(1, 0, 2) * scale
    left_out = float(np.sqrt(after[count] / whole_square)) if whole_square > 0 else 0.0
    return course, shapes, left_out
