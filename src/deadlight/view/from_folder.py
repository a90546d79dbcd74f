"""A finished result folder as a `WindowView`: run.pvd and growth.pvd with their files, history.parquet, the summary."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from deadlight.errors import InputError
from deadlight.mesh.mesh import CellBlock, Mesh
from deadlight.store.history import read_history
from deadlight.store.summary import Summary, read_summary
from deadlight.store.vtu_read import REMEDY, StoredGrid, read_grid, read_series
from deadlight.view.shown import (
    OPENING,
    STRESS,
    TEMPERATURE,
    CrackPart,
    FrontPart,
    PiecePart,
    Rib,
    SolidPart,
    WindowView,
)

Array = np.ndarray[Any, np.dtype[np.float64]]
RETAINER, CRACK = "_retainer", "crack_"
MOST_INSTANTS = 400  # of K at a front: more than a curve on a screen shows


def window_view(folder: str | Path, summary: Summary | None = None) -> WindowView:
    """Everything that a finished folder has to show.

    Parameters
    ----------
    summary : Summary, optional
        Of a run whose summary.json is about to be written.

    Raises
    ------
    InputError
        No finished run there, or one without fields (`[output] fields = 0`).
    """
    folder = Path(folder)
    if summary is None:
        summary = read_finished(folder)
    series = _series(folder, "run")
    if not series:
        raise InputError(
            "no fields were kept", place=str(folder), remedy="[output] fields = 12 in the case, then run it again"
        )
    times = np.array(sorted({time for time, _, _ in series}))
    names = list(dict.fromkeys(name for _, name, _ in series))
    levels = {p.name: i for i, p in enumerate(summary.panes)}
    files = {(name, time): path for time, name, path in series}
    lost = [(n, t) for n in names if not n.startswith(CRACK) for t in times if (n, t) not in files]
    if lost:
        found = f'no file of "{lost[0][0][:40]}" at {lost[0][1]:g} s'
        raise InputError(found, place=str(folder / "run.pvd"), remedy=REMEDY)
    solids = [_solid(n, levels, [files[n, t] for t in times]) for n in names if not n.startswith(CRACK)]
    of = {c.name: levels.get(c.pane, 0) for c in summary.cracks}
    cracks = [
        _crack(n[len(CRACK) :], of, [files[n, t] for t in times if (n, t) in files])
        for n in names
        if n.startswith(CRACK)
    ]
    fronts, altitude = _history(folder, of, {c.name: c.line for c in cracks})
    entry = any(e.what == "entry interface" for e in summary.events)
    return WindowView(
        summary.case, times, "entry interface" if entry else "the start of the run",
        tuple(solids), tuple(cracks), fronts, _ribs(folder, levels), _pieces(folder, levels), altitude,
        tuple((e.time_s, e.what) for e in summary.events),
    )  # fmt: skip


def read_finished(folder: str | Path) -> Summary:
    """The summary of a finished folder; InputError where there is none."""
    path = Path(folder) / "summary.json"
    if not path.exists():
        started = (Path(folder) / "source.txt").exists()
        remedy = f"deadlight resume {folder}" if started else "deadlight run CASE.toml --out DIR"
        raise InputError("no finished run", place=str(folder), remedy=remedy)
    return read_summary(path)


def _series(folder: Path, name: str) -> list[tuple[float, str, Path]]:
    """(time, part, file) of a .pvd that we wrote; empty where there is none."""
    path = folder / f"{name}.pvd"
    if not path.exists():
        return []
    return read_series(path)


def _named(grid: StoredGrid, region: str) -> tuple[CellBlock, ...]:
    return tuple(CellBlock(b.kind, b.nodes, region) for b in grid.blocks)


def _over_time(name: str, paths: list[Path]) -> list[StoredGrid]:
    """A part at every step; InputError unless it has as many points in each."""
    grids = [read_grid(path) for path in paths]
    if not grids or len({len(g.points) for g in grids}) > 1:
        place = str(paths[0]) if paths else name
        raise InputError(f'"{name}" changes its points from step to step', place=place, remedy=REMEDY)
    return grids


def _solid(name: str, levels: dict[str, int], paths: list[Path]) -> SolidPart:
    grids = _over_time(name, paths)
    first = grids[0]
    retainer = name.endswith(RETAINER)
    wanted = (TEMPERATURE,) if retainer else (TEMPERATURE, STRESS)  # retainers carry no stress
    fields = {
        field: np.array([g.values(field) for g in grids])
        for field in wanted
        if field in first.point_data
    }
    level = levels.get(name.removesuffix(RETAINER), 0)
    mesh = Mesh(first.points, _named(first, name))
    return SolidPart(name, "retainer" if retainer else "pane", level, mesh, fields)


def _crack(name: str, levels: dict[str, int], paths: list[Path]) -> CrackPart:
    grids = _over_time(name, paths)
    points, none = grids[0].points, np.zeros((0, 3))
    level = levels.get(name, 0)
    if OPENING not in grids[0].point_data:  # the quick tier: a line
        return CrackPart(name, level, none, none.astype(np.int64), points, {})
    opening = np.array([g.values(OPENING) for g in grids])
    return CrackPart(name, level, points, flat(_named(grids[0], name)), none, {OPENING: opening})


_SIX = np.array([(0, 3, 5), (3, 1, 4), (5, 4, 2), (3, 4, 5)])
_NINE = np.array([(0, 4, 8), (0, 8, 7), (4, 1, 5), (4, 5, 8), (8, 5, 2), (8, 2, 6), (7, 8, 6), (7, 6, 3)])
_FLAT = {"tri3": np.array([(0, 1, 2)]), "tri6": _SIX, "quad9": _NINE}


def flat(blocks: tuple[CellBlock, ...]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Flat triangles (t, 3) through corners and middles of surface elements."""
    found = [b.nodes[:, _FLAT[b.kind]].reshape(-1, 3) for b in blocks if b.kind in _FLAT]
    return np.concatenate(found) if found else np.zeros((0, 3), dtype=np.int64)


def _history(folder: Path, levels: dict[str, int], lines: dict[str, Array]) -> tuple[tuple[FrontPart, ...], Array]:
    """Fronts of the crack operator with K, or the quick tier's front points, and altitude over time."""
    path = folder / "history.parquet"
    if not path.exists():
        return (), np.zeros((0, 2))
    history = read_history(path)
    if missing := [name for name in ("crack", "time_s", "K_Ic") if name not in history.columns]:
        raise InputError(f"no column {', '.join(missing)}", place=str(path), remedy=REMEDY)
    columns = history.columns
    time, height = columns["time_s"], columns.get("altitude_m")
    altitude = np.zeros((0, 2))
    if height is not None and np.isfinite(height).any():
        t, first = np.unique(time, return_index=True)
        altitude = np.column_stack([t, height[first]])
    found = []
    for crack in dict.fromkeys(str(name) for name in columns["crack"]):
        of = columns["crack"] == crack
        full = of & (columns["tier"] == "full") if "tier" in columns else np.zeros(len(of), dtype=bool)
        made = _front if full.any() else _tip
        chosen = full if full.any() else of
        for name in dict.fromkeys(str(n) for n in columns["front_point"][chosen]) if "front_point" in columns else ():
            rows = chosen & (columns["front_point"] == name)
            part = made(columns, rows, crack, name, levels.get(crack, 0), lines.get(crack, np.zeros((0, 3))))
            found += [part] if part is not None else []
    return tuple(found), altitude


def _tip(columns: dict[str, Any], chosen: Any, crack: str, name: str, level: int, line: Array) -> FrontPart | None:
    """A front point of the quick tier, crack as found: it is placed on the crack's line on the face."""
    if len(line) < 2 or "K_seed" not in columns:
        return None
    order = line[np.argsort(np.hypot(line[:, 0], line[:, 1]))]
    place = {"rim_side": order[-1], "centre_side": order[0]}.get(name, line.mean(axis=0))
    k, limit = columns["K_seed"][chosen], columns["K_Ic"][chosen]
    error = columns["K_error"][chosen] * np.abs(k) if "K_error" in columns else np.zeros(len(k))
    label = f"{crack}: {name.replace('_', ' ')}, quick tier"
    table = [np.asarray(x, dtype=float)[:, None] for x in (k, limit, error)]
    return FrontPart(label, crack, level, place[None], columns["time_s"][chosen], *table)


def _front(columns: dict[str, Any], chosen: Any, crack: str, name: str, level: int, _line: Array) -> FrontPart:
    time = np.unique(columns["time_s"][chosen])
    m = len(time)
    n = int(chosen.sum()) // m
    if n * m != int(chosen.sum()):
        found = f"{int(chosen.sum())} rows of {crack} {name} at {m} instants"
        raise InputError(found, place="history.parquet", remedy=REMEDY)

    def table(column: str) -> Array:
        return np.asarray(columns[column][chosen], dtype=float).reshape(n, m).T

    k = table("K_eff")
    points = np.column_stack([table(f"{axis}_m")[0] for axis in "xyz"])
    error = table("K_error") * k.max(axis=1, keepdims=True)  # the file's is relative to the front's largest
    keep = np.unique(np.linspace(0, m - 1, min(m, MOST_INSTANTS)).astype(int))
    peak = int(np.unravel_index((k / table("K_Ic")).argmax(), k.shape)[0])
    keep = np.unique(np.append(keep, peak))
    label = f"{crack}: {name.replace('_', ' ')}"
    return FrontPart(label, crack, level, points, time[keep], k[keep], table("K_Ic")[keep], error[keep])


def _ribs(folder: Path, levels: dict[str, int]) -> tuple[Rib, ...]:
    found = []
    for _, name, path in _series(folder, "growth"):
        grid = read_grid(path)
        lines = grid.cells("line")
        pane, _, step = name.rpartition("#")
        if not (step.isascii() and step.isdigit()):
            raise InputError(f'a part "{name[:40]}"', place=str(path), remedy=REMEDY)
        time, doubt, share = (grid.values(key) for key in ("time [s]", "indicative [-]", "K/K_Ic [-]"))
        breaks = np.flatnonzero(lines[1:, 0] != lines[:-1, 1]) + 1
        for part in np.split(lines, breaks) if len(lines) else ():
            nodes = np.append(part[:, 0], part[-1, 1])
            found.append(
                Rib(
                    pane, levels.get(pane, 0), int(step), grid.points[nodes], float(time[nodes[0]]),
                    bool(doubt[nodes[0]] > 0.5), share[nodes],
                )
            )  # fmt: skip
    return tuple(found)


def _pieces(folder: Path, levels: dict[str, int]) -> tuple[PiecePart, ...]:
    found = []
    for _, name, path in _series(folder, "pieces"):
        grid = read_grid(path)
        words, way = name.split("#"), grid.point_data.get("way out [-]", np.zeros(0))
        if len(words) != 3 or len(grid.points) % 3 or way.shape != grid.points.shape:
            raise InputError(f'"{name[:40]}" is no piece', place=str(path), remedy=REMEDY)
        (pane, number, state), corners = words, grid.points.reshape(-1, 3, 3)
        way, cut = way[0], grid.values("cut face [-]")[::3] > 0.5
        mass = float(grid.values("mass [kg]")[0])
        found.append(PiecePart(f"{pane}, piece {number}", levels.get(pane, 0), corners, cut, state, way, mass))
    return tuple(found)
