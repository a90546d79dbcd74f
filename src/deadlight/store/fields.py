"""`fields/` and `run.pvd`: temperature and stress of every pane over time, cracks beside them, for ParaView."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from deadlight.errors import InputError
from deadlight.mesh.mesh import CellBlock, Mesh
from deadlight.store.vtu import Grid, write_pvd

Array = np.ndarray[Any, np.dtype[np.float64]]
COMPONENTS = ("xx", "yy", "zz", "yz", "xz", "xy")


def largest_principal(stress: Array) -> Array:
    """Largest principal stress of (n, 6) components xx, yy, zz, yz, xz, xy; the unit stays. (n,).

    The trigonometric solution of the characteristic cubic (Smith, Commun. ACM 4 (1961) 168); error below 1e-7 of the
    stress deviator, four times as fast as an eigenvalue solver.
    """
    xx, yy, zz, yz, xz, xy = np.asarray(stress, dtype=float).T
    mean = (xx + yy + zz) / 3.0
    a, b, c = xx - mean, yy - mean, zz - mean
    p = np.sqrt((a**2 + b**2 + c**2 + 2.0 * (yz**2 + xz**2 + xy**2)) / 6.0)
    determinant = a * (b * c - yz**2) - xy * (xy * c - yz * xz) + xz * (xy * yz - b * xz)
    safe = np.where(p > 0.0, p, 1.0)
    angle = np.arccos(np.clip(determinant / (2.0 * safe**3), -1.0, 1.0)) / 3.0
    return mean + 2.0 * p * np.cos(angle)


def field_data(*, temperature: Array | None = None, stress: Array | None = None) -> dict[str, Array]:
    """Point data under the names that the files use: temperature (n,) [K], stress (n, 6) [Pa] as MPa components."""
    named: dict[str, Array] = {}
    if temperature is not None:
        named["temperature [K]"] = np.asarray(temperature, dtype=float)
    if stress is not None:
        stress = np.asarray(stress, dtype=float) * 1e-6
        named |= {f"stress_{name} [MPa]": stress[:, i] for i, name in enumerate(COMPONENTS)}
        named["stress_max [MPa]"] = largest_principal(stress)
    return named


@dataclass(frozen=True, eq=False)
class Part:
    """A named block beside the panes: a crack face, a crack front, the place of an event.

    Attributes
    ----------
    name : str
    points : (n, 3) float [m]
    blocks : tuple of CellBlock
        Kinds "vertex", "line", "line3", triangles, quadrilaterals or solids.
    point_data : dict of "name [unit]" -> (n,) or (n, components)
    """

    name: str
    points: Array
    blocks: tuple[CellBlock, ...]
    point_data: Mapping[str, Array] = field(default_factory=dict)

    @classmethod
    def polyline(cls, name: str, points: Array, point_data: Mapping[str, Array] | None = None) -> Part:
        """A line through points (n, 3) [m] in order, for instance a crack front."""
        n = len(points)
        nodes = np.column_stack([np.arange(n - 1), np.arange(1, n)])
        return cls(name, np.asarray(points, dtype=float), (CellBlock("line", nodes),), point_data or {})


class FieldSeries:
    """Writes one step after another; after each the series is complete and can be opened.

    Parameters
    ----------
    folder : path
        Gets `<name>.pvd` and `fields/<name>_<step>_<part>.vtu`.
    mesh : Mesh
    regions : names, optional
        All regions by default; each is a named block.
    name : str

    Raises
    ------
    InputError
        Times do not rise, or an array does not fit the mesh.
    """

    def __init__(
        self, folder: str | Path, mesh: Mesh, *, regions: Iterable[str] | None = None, name: str = "run"
    ) -> None:
        self.path = Path(folder) / f"{name}.pvd"
        self.path.unlink(missing_ok=True)  # of a run that was cut short: its steps may be other ones
        for old in (self.path.parent / "fields").glob(f"{name}_[0-9][0-9][0-9][0-9]_*.vtu"):
            old.unlink()
        self._name = name
        self._n_nodes = mesh.n_nodes
        self._grids: dict[str, tuple[Grid, np.ndarray]] = {}
        for region in regions if regions is not None else mesh.regions:
            sub, parent = mesh.submesh(region)
            self._grids[region] = Grid(sub.points, sub.blocks), parent
        self._entries: list[tuple[float, int, str, str]] = []
        self._step = 0

    def add(self, time: float, point_data: Mapping[str, Array], *, parts: Iterable[Part] = ()) -> Path:
        """Writes a step.

        Parameters
        ----------
        time : float [s]
            Later than that of the step before.
        point_data : dict of "name [unit]" -> (n_nodes,) or (n_nodes, components) float
            On the whole mesh (`field_data` makes it).
        parts : cracks, fronts, events that exist at this time.
        """
        if not math.isfinite(time) or (self._entries and time <= self._entries[-1][0]):
            last = f", after {self._entries[-1][0]:g} s" if self._entries else ""
            raise InputError(f"step at {time:g} s{last}", place=str(self.path), remedy="steps in order of time")
        for name, values in point_data.items():
            if len(values) != self._n_nodes:
                found = f'field "{name}" has {len(values)} values'
                raise InputError(found, place=str(self.path), remedy=f"one for each of the {self._n_nodes} nodes")
        written = []
        for region, (grid, parent) in self._grids.items():
            here = {name: np.asarray(v)[parent] for name, v in point_data.items()}
            written.append((region, grid.write(self._file(region), here, time=time)))
        for part in parts:
            grid = Grid(part.points, part.blocks)
            written.append((part.name, grid.write(self._file(part.name), part.point_data, time=time)))
        if len({path for _, path in written}) < len(written):
            found = f"two parts of one name: {', '.join(name for name, _ in written)}"
            raise InputError(found, place=str(self.path), remedy="one name a part")
        folder = self.path.parent
        self._entries += [
            (time, i, name, path.relative_to(folder).as_posix()) for i, (name, path) in enumerate(written)
        ]
        self._step += 1
        return write_pvd(self.path, self._entries)

    def _file(self, part: str) -> Path:
        safe = re.sub(r"[^\w.-]", "_", part)
        return self.path.parent / "fields" / f"{self._name}_{self._step:04d}_{safe}.vtu"
