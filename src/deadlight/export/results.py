"""Reads what CalculiX wrote: nodal displacements from a .frd or .dat file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from deadlight.errors import InputError

Array = np.ndarray[Any, np.dtype[np.float64]]


def read_ccx(path: str | Path, *, n_nodes: int) -> Array:
    """Displacement of every node at the last step written. (n_nodes, 3) [m].

    Parameters
    ----------
    path : str or Path
        A .frd (ASCII) or .dat file, or a .csv table node, ux, uy, uz of another code; without a suffix the .dat is
        tried first (one more digit), then the .frd.
    n_nodes : int
        Number of nodes of the deck; node k of the file is row k - 1.

    Raises
    ------
    InputError
        No such file, no displacements in it, or a node has none.
    """
    path = Path(path)
    if path.suffix not in (".frd", ".dat", ".csv"):
        path = next((p for p in (path.with_suffix(".dat"), path.with_suffix(".frd")) if p.exists()), path)
    if not path.exists():
        raise InputError(f"no file {path.name}", place="results of CalculiX", remedy="run: ccx crack")
    lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    rows = {".frd": _frd, ".dat": _dat, ".csv": _csv}[path.suffix](lines)
    if not len(rows):
        raise InputError(
            "no nodal displacements", place=str(path), remedy="ask for them: *NODE PRINT, NSET=ALL, then U"
        )
    out = np.full((n_nodes, 3), np.nan)
    number = rows[:, 0].astype(np.int64) - 1
    inside = (number >= 0) & (number < n_nodes)
    out[number[inside]] = rows[inside, 1:]
    missing = np.flatnonzero(np.isnan(out).any(axis=1))
    if len(missing):
        raise InputError(
            f"{len(missing)} of {n_nodes} nodes have no displacement, the first is node {missing[0] + 1}",
            place=str(path), remedy="the result belongs to another deck, or CalculiX stopped early",
        )  # fmt: skip
    return out


def _frd(lines: list[str]) -> Array:
    """Rows (node, ux, uy, uz) of the last DISP block: ' -1', node in ten columns, values in twelve each."""
    starts = [i for i, line in enumerate(lines) if line.startswith(" -4  DISP")]
    if not starts:
        return np.zeros((0, 4))
    rows = []
    for line in lines[starts[-1] :]:
        if line.startswith(" -3"):
            break
        if line.startswith(" -1"):
            rows.append((int(line[3:13]), *(float(line[13 + 12 * i : 25 + 12 * i]) for i in range(3))))
    return np.array(rows, dtype=float).reshape(-1, 4)


def _dat(lines: list[str]) -> Array:
    starts = [i for i, line in enumerate(lines) if line.lstrip().startswith("displacements (vx,vy,vz)")]
    if not starts:
        return np.zeros((0, 4))
    rows: list[list[float]] = []
    for line in lines[starts[-1] + 1 :]:
        parts = line.split()
        if not parts:
            if rows:
                break
            continue
        if len(parts) != 4:
            break
        rows.append([float(p) for p in parts])
    return np.array(rows, dtype=float).reshape(-1, 4)


def _csv(lines: list[str]) -> Array:
    """Rows of four numbers; lines of anything else are headers."""
    rows: list[list[float]] = []
    for line in lines:
        try:
            values = [float(part) for part in line.replace(";", ",").split(",")]
        except ValueError:
            continue
        if len(values) == 4:
            rows.append(values)
    return np.array(rows, dtype=float).reshape(-1, 4)
