"""The normal stress across a crack through the thickness, as fracture-control codes take it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from deadlight.errors import InputError
from deadlight.export.planar_crack import CutCrack
from deadlight.export.solid import Solid

Array = np.ndarray[Any, np.dtype[np.float64]]
Stress = Callable[[Array], Array]
"""stress(x (p, 3) [m]) -> (p, 6) [Pa]: xx, yy, zz, yz, xz, xy of the uncracked body."""

_FULL = np.array([[0, 5, 4], [5, 1, 3], [4, 3, 2]])


def tensor(stress: Array) -> Array:
    """(p, 6) -> (p, 3, 3)."""
    return np.asarray(stress[:, _FULL])


def lines(solid: Solid, crack: CutCrack, axis: Array) -> dict[str, tuple[Array, Array]]:
    """Where the table is taken: name -> (first point, last point) of a line through the thickness.

    "middle" goes through the centroid of the crack, "tip_1" and "tip_2" through the ends of its longest extent across
    the thickness, a thousandth of the crack inside it.
    """
    plane = crack.plane
    axis = axis / np.linalg.norm(axis)
    ring = plane.to_space(np.asarray(crack.region.exterior.coords)[:-1])
    middle = plane.to_space(np.asarray(crack.region.centroid.coords))[0]
    across = np.cross(plane.normal, axis)
    if np.linalg.norm(across) < 1e-3:
        raise InputError("the crack lies along the faces of the pane: no line through the thickness lies in it",
                         place="through-thickness table", remedy="another thickness axis")  # fmt: skip
    across /= np.linalg.norm(across)
    reach = (ring - middle) @ across
    found = {"middle": middle}
    for name, row in (("tip_1", int(np.argmin(reach))), ("tip_2", int(np.argmax(reach)))):
        found[name] = ring[row] + 1e-3 * (middle - ring[row])
    return {name: _chord(solid, x, axis) for name, x in found.items()}


def _chord(solid: Solid, x: Array, axis: Array) -> tuple[Array, Array]:
    """Ends of the line through x along the axis inside the body (Moeller & Trumbore 1997, J. Graphics Tools 2:21)."""
    a, b, c = (solid.points[solid.triangles[:, i]] for i in range(3))
    e1, e2 = b - a, c - a
    p = np.cross(axis, e2)
    det = (e1 * p).sum(axis=1)
    hit = np.abs(det) > 1e-14 * np.linalg.norm(e1, axis=1) * np.linalg.norm(e2, axis=1)
    inverse = 1.0 / np.where(hit, det, 1.0)
    t = x - a
    u = (t * p).sum(axis=1) * inverse
    q = np.cross(t, e1)
    v = (q @ axis) * inverse
    s = (e2 * q).sum(axis=1) * inverse
    s = s[hit & (u >= -1e-9) & (v >= -1e-9) & (u + v <= 1 + 1e-9)]
    before, after = s[s <= 1e-12], s[s >= -1e-12]
    if not len(before) or not len(after):
        raise InputError(
            f"the point {np.round(x, 6).tolist()} m lies outside the body", place="through-thickness table"
        )
    return x + before.max() * axis, x + after.min() * axis


def write_table(
    path: Path, *, solid: Solid, crack: CutCrack, stress: Stress, axis: Array, instant: str = "", points: int = 41
) -> Path:
    """Writes the table; Z is 0 where the line leaves the pane along `axis` (the + side) and 1 on the other face.

    Every row: normalised depth, then for middle, tip_1 and tip_2 the stress normal to the crack [MPa].  The header
    states thickness and place of every line.
    """
    normal = crack.plane.normal
    z = np.linspace(0.0, 1.0, points)
    columns, notes = [], []
    for name, (low, high) in lines(solid, crack, axis).items():
        inset = 1e-6 * (low - high)  # a hair inside, so that the stress can be looked up
        x = (high + inset)[None] + z[:, None] * (low - high - 2 * inset)[None]
        full = tensor(np.asarray(stress(x), dtype=float))
        columns.append(np.einsum("i,pij,j->p", normal, full, normal))
        notes.append(
            f"{name}: x/t = 0 at ({_point(high)}) m, x/t = 1 at ({_point(low)}) m, "
            f"t = {np.linalg.norm(high - low):.6g} m"
        )
    with path.open("w", newline="", encoding="ascii") as file:
        file.write("# deadlight: stress normal to the crack in the uncracked pane, through the thickness\n")
        file.write(f"# instant: {instant or 'not stated'}\n")
        file.write(f"# crack normal: ({_point(normal)}); tension positive\n")
        file.writelines(f"# {note}\n" for note in notes)
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["x_over_t", "S_middle_MPa", "S_tip_1_MPa", "S_tip_2_MPa"])
        for row in np.column_stack([z, *(c * 1e-6 for c in columns)]).tolist():
            writer.writerow([f"{row[0]:.6f}", *(f"{v:.8g}" for v in row[1:])])
    return path


def _point(x: Array) -> str:
    return ", ".join(f"{v:.6g}" for v in x)
