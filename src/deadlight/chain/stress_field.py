"""The stress a pane carries before any load, from a file: samples anywhere in the pane, interpolated to its nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.interpolate import LinearNDInterpolator
from scipy.spatial import ConvexHull, QhullError, cKDTree

from deadlight.case.model import Case
from deadlight.case.paths import stress_path
from deadlight.entry.columns import conversion, header_of, read_columns, split_header
from deadlight.errors import LoadError, MeshError
from deadlight.mesh.guard import read_guarded
from deadlight.mesh.mesh import Mesh
from deadlight.mesh.read import metres
from deadlight.mesh.structure import file_format
from deadlight.remark import Remark
from deadlight.stress.loads import InitialStress

Array = np.ndarray[Any, np.dtype[np.float64]]

PLACES = ("x", "y", "z")
COMPONENTS = ("stress_xx", "stress_yy", "stress_zz", "stress_yz", "stress_xz", "stress_xy")
NEAR = 0.25  # of the thickness: samples farther above or below the pane belong to another one
FAR = 0.1  # of the thickness: a node farther than this from the samples has an invented stress
DEEP = 0.02  # of the thickness: the same through it; a temper parabola changes by 12 % of its surface value on that way
COARSE = 0.15  # of the thickness: samples farther apart through it miss 3 % of a temper parabola (3/8 S ds^2, ds = 0.3)
STRONGEST, WEAKEST = 2e9, 1e3  # [Pa] of the largest component: beyond is a slip of the unit
SPREAD = 0.01  # of the largest component: two samples at one place that differ more are said
MOST = 300_000  # samples in one pane; more take minutes and gigabytes to triangulate
_FACETS_AT_ONCE = 4_000_000
_TIME, _MEMORY = 60.0, 4 << 30  # [s], [B] of the process that reads a VTU


@dataclass(frozen=True, eq=False)
class StressSamples:
    """Stress known at points, in the axes and the origin of the mesh.

    Attributes
    ----------
    points : (n, 3) float [m]
    stress : (n, 6) float [Pa]
        xx, yy, zz, yz, xz, xy; tension positive.
    place : str
        Where they come from.
    """

    points: Array
    stress: Array
    place: str


@dataclass(frozen=True, eq=False)
class Carried:
    """Initial stress of a pane, what was done to find it, and what is doubtful about it."""

    stress: InitialStress
    note: str
    warnings: tuple[Remark, ...]


def carried_fields(case: Case, mesh: Mesh, root: Path) -> dict[str, Carried]:
    """Initial stress of every pane whose case gives it as a field.

    Raises
    ------
    CaseError
        The file is missing or lies outside the case's folder.
    LoadError
        Its content is at fault.
    """
    found = {}
    for pane in case.panes:
        if pane.initial_stress.kind == "field":
            samples = read_stress(stress_path(pane, root), unit=pane.initial_stress.unit)
            found[pane.name] = carried_by(mesh.submesh(pane.name)[0], samples, pane=pane.name)
    return found


def read_stress(path: Path, *, unit: str | None = None) -> StressSamples:
    """Samples of a table (x, y, z and six components, each column with its unit) or of a VTU with such point data.

    Parameters
    ----------
    unit : str or None
        Of the coordinates of a VTU, which has none itself.

    Raises
    ------
    LoadError
        A column is missing, named twice or without its unit, a value is not finite or cannot be a stress.
    """
    points, stress = _vtu(path, unit or "m") if path.suffix.lower() == ".vtu" else _table(path)
    peak = float(np.abs(stress).max(initial=0.0))
    if peak > STRONGEST:
        raise LoadError(
            f"a stress of {peak / 1e6:.4g} MPa",
            place=str(path),
            remedy=f"at most {STRONGEST / 1e6:g} MPa; is the unit in the header right?",
        )
    return StressSamples(points, stress, path.name)


def _table(path: Path) -> tuple[Array, Array]:
    stated = _named(header_of(path), str(path))
    units = {**dict.fromkeys(PLACES, "m"), **dict.fromkeys(COMPONENTS, "Pa")}
    columns = read_columns(path, columns={name: (stated.get(name, name), unit) for name, unit in units.items()})
    return np.column_stack([columns[n] for n in PLACES]), np.column_stack([columns[n] for n in COMPONENTS])


def _vtu(path: Path, unit: str) -> tuple[Array, Array]:
    place = str(path)
    try:
        metre = metres(unit, path)
        file_format(path)
        raw = read_guarded(path, form="VTU values", root=path.parent, timeout_s=_TIME, memory_bytes=_MEMORY)
    except MeshError as error:
        raise LoadError(error.found, place=error.place, remedy=error.remedy) from error
    stated = _named(list(raw.point_data), place)
    missing = [name for name in COMPONENTS if name not in stated]
    if missing:
        have = ", ".join(repr(name) for name in raw.point_data) or "none"
        raise LoadError(f'no point data "{missing[0]}"', place=place, remedy=f"the file has {have}")
    columns = []
    for name in COMPONENTS:
        scale, offset = conversion(stated[name], "Pa", name, place)
        columns.append(raw.point_data[stated[name]] * scale + offset)
    points, stress = raw.points * metre, np.column_stack(columns)
    bad = np.flatnonzero(~(np.isfinite(points).all(axis=1) & np.isfinite(stress).all(axis=1)))
    if len(bad):
        raise LoadError(
            f"{len(bad)} points with values that are not finite, the first is point {bad[0]}",
            place=place,
            remedy="finite numbers at every point; leave points without a stress out",
        )
    return points, stress


def _named(header: list[str], place: str) -> Mapping[str, str]:
    """Bare name -> the column as the file states it, of the columns that count here."""
    stated: dict[str, str] = {}
    for cell in header:
        name = split_header(cell)[0]
        if name in stated and name in (*PLACES, *COMPONENTS):
            raise LoadError(f'columns "{stated[name]}" and "{cell}"', place=place, remedy="each quantity once")
        stated.setdefault(name, cell)
    return stated


def carried_by(mesh: Mesh, samples: StressSamples, *, pane: str) -> Carried:
    """Samples -> stress at the nodes of a pane: linear between samples, outside them that of their hull.

    Parameters
    ----------
    mesh : Mesh
        The pane alone.
    pane : str
        Its name, for messages.

    Raises
    ------
    LoadError
        Too few samples in the pane, or all of them in one plane.
    """
    low, high = mesh.points.min(axis=0), mesh.points.max(axis=0)
    thickness = float(high[2] - low[2])
    z = samples.points[:, 2]
    near = (z >= low[2] - NEAR * thickness) & (z <= high[2] + NEAR * thickness)
    if near.sum() < 5:
        span = f"{1e3 * z.min():.4g} to {1e3 * z.max():.4g} mm" if len(z) else "nothing"
        raise LoadError(
            f"{int(near.sum())} samples at the height of the pane {pane}, which spans z = "
            f"{1e3 * low[2]:.4g} to {1e3 * high[2]:.4g} mm; the file spans {span}",
            place=samples.place,
            remedy="samples in the axes and the origin of the mesh, through the whole thickness",
        )
    if near.sum() > MOST:
        raise LoadError(f"{int(near.sum())} samples in {pane}", place=samples.place, remedy=f"thin them to {MOST}")
    points, stress, spread = _merged((samples.points[near] - low) / (high - low), samples.stress[near])
    at_nodes, moved = _interpolated(points, stress, (mesh.points - low) / (high - low), samples.place)
    way = moved * (high - low)
    distance, depth = float(np.linalg.norm(way, axis=1).max()), float(np.abs(way[:, 2]).max())
    peak = float(np.abs(at_nodes).max())
    gap = float(np.diff(np.unique(np.clip([0.0, *points[:, 2], 1.0], 0.0, 1.0))).max())
    note = (
        f"initial stress of {pane}: {len(points)} samples of {samples.place}, up to {peak / 1e6:.4g} MPa; "
        f"no node lies farther than {1e3 * distance:.3g} mm outside them"
    )
    doubts = _doubts(pane, thickness, distance, depth, gap, peak, spread)
    return Carried(InitialStress("field", field=at_nodes), note, doubts)


def _doubts(
    pane: str, thickness: float, distance: float, depth: float, gap: float, peak: float, spread: float
) -> tuple[Remark, ...]:
    what, found = f"initial stress of {pane}", []
    if distance > FAR * thickness:
        text = (
            f"{what}: nodes lie up to {1e3 * distance:.3g} mm outside the samples (more than {FAR:g} of the thickness)"
        )
        found.append(Remark(f"{text}; they take the value at the edge of the samples", alarm=True))
    if depth > DEEP * thickness:
        text = f"{what}: nodes lie up to {1e3 * depth:.3g} mm above or below the samples"
        found.append(
            Remark(
                f"{text} (more than {DEEP:g} of the thickness); the surface stress is not that of the field", alarm=True
            )
        )
    if gap > COARSE:
        text = f"{what}: samples lie up to {1e3 * gap * thickness:.3g} mm apart through the thickness"
        found.append(Remark(f"{text} (more than {COARSE:g} of it); a profile between them is not seen", alarm=True))
    if peak < WEAKEST:
        found.append(Remark(f"{what}: at most {peak:.3g} Pa; is the unit in the header right?", alarm=True))
    if spread > SPREAD * peak:
        found.append(Remark(f"{what}: samples at one place differ by up to {spread / 1e6:.3g} MPa; averaged"))
    return tuple(found)


def _merged(points: Array, stress: Array) -> tuple[Array, Array, float]:
    """Samples at one place as one, their mean, and the largest difference between them [Pa]."""
    _, first, which = np.unique(np.round(points, 9), axis=0, return_index=True, return_inverse=True)
    which = which.ravel()
    mean = np.zeros((len(first), 6))
    np.add.at(mean, which, stress)
    mean /= np.bincount(which)[:, None]
    return points[first], mean, 2 * float(np.abs(stress - mean[which]).max())


def _interpolated(points: Array, stress: Array, nodes: Array, place: str) -> tuple[Array, Array]:
    """Stress at the nodes, and how far each was moved to lie among the samples (n, 3).

    Points and nodes are scaled to the pane's box: through the thickness stress changes as much as across the width.
    """
    try:
        linear = LinearNDInterpolator(points, stress)
        hull = np.unique(np.round(ConvexHull(points).equations, 9), axis=0)
    except (QhullError, ValueError) as error:
        raise LoadError(
            "the samples lie in one plane or on one line",
            place=place,
            remedy="samples at several places on several levels through the thickness",
        ) from error
    found = linear(nodes)
    outside = np.flatnonzero(np.isnan(found).any(axis=1))
    way = np.zeros_like(nodes)
    if not len(outside):
        return found, way
    moved = _onto(nodes[outside], hull)
    values = linear(moved)
    lost = np.isnan(values).any(axis=1)
    if lost.any():
        nearest = cKDTree(points).query(nodes[outside][lost])[1]
        values[lost], moved[lost] = stress[nearest], points[nearest]
    found[outside] = values
    way[outside] = moved - nodes[outside]
    return found, way


def _onto(points: Array, hull: Array) -> Array:
    """Points moved into a convex hull (facets: unit normal, offset) by projection on the facet most violated."""
    moved = points.copy()
    rows = max(1, _FACETS_AT_ONCE // len(hull))
    for start in range(0, len(points), rows):
        part = moved[start : start + rows]
        for _ in range(100):
            excess = part @ hull[:, :3].T + hull[:, 3]
            worst = excess.argmax(axis=1)
            over = excess[np.arange(len(part)), worst]
            out = over > -1e-9
            if not out.any():
                break
            part[out] -= (over[out] + 2e-9)[:, None] * hull[worst[out], :3]
    return moved
