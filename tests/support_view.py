"""A small window with a crack, its growth and a piece, to look at: in memory and as a finished folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from deadlight.mesh.elements import ELEMENTS
from deadlight.mesh.mesh import CellBlock, Mesh
from deadlight.store.fields import FieldSeries, Part
from deadlight.store.history import REQUIRED, write_history
from deadlight.store.summary import Crack, Event, Pane, Run, Summary, Verdict
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

TIMES = np.array([0.0, 100.0, 300.0, 400.0])


def ring(region: str, height: float, n: int = 24) -> Mesh:
    """A flat annulus of hex20 cells, outer radius 0.15 m, 10 mm thick."""
    reference = ELEMENTS["hex20"].nodes
    points, cells = [], []
    for i in range(n):
        angle = 2 * np.pi * (i + (reference[:, 1] + 1) / 2) / n
        radius = 0.02 + 0.13 * (reference[:, 0] + 1) / 2
        z = height + 0.005 * reference[:, 2]
        points.append(np.column_stack([radius * np.cos(angle), radius * np.sin(angle), z]))
        cells.append(np.arange(20) + 20 * i)
    every = np.concatenate(points)
    unique, number = np.unique(np.round(every, 9), axis=0, return_inverse=True)
    return Mesh(unique, (CellBlock("hex20", number.ravel()[np.array(cells)], region),))


def small_view(title: str = "a small window", crack: str = "C1", pane: str = "thermal") -> WindowView:
    """Two panes and a retainer; an upright crack at x 0.09..0.12 m with two fronts, ribs, one piece that leaves."""
    solids = []
    for level, (name, kind, z) in enumerate(((pane, "pane", 0.04), ("pressure", "pane", 0.0))):
        solids.append(_solid(name, kind, level, ring(name, z)))
    solids.append(_solid(f"{pane}_retainer", "retainer", 0, ring(f"{pane}_retainer", 0.055)))
    x = np.linspace(0.09, 0.12, 7)
    z = np.linspace(0.035, 0.045, 5)
    grid = np.array([[a, 0.0, b] for a in x for b in z])
    first = np.array([5 * i + j for i in range(6) for j in range(4)])
    quads = first[:, None] + [0, 5, 6, 1]
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    shape = np.sqrt(np.maximum(0.0, (grid[:, 0] - 0.09) * (0.12 - grid[:, 0]))) / 0.015
    opening = np.outer([0.0, 0.5, 2.0, 1.0], shape)
    fronts, ribs = [], []
    for side, place in (("centre side", 0.09), ("rim side", 0.12)):
        points = np.column_stack([np.full(5, place), np.zeros(5), z])
        time = np.linspace(0.0, 400.0, 41)
        rise = np.interp(time, TIMES, [0.0, 0.4, 0.9, 0.5])[:, None]
        k = 1e6 * rise * (1.0 + (0.1 if side == "rim side" else 0.0) + 0.05 * np.linspace(-1, 1, 5))
        fronts.append(FrontPart(f"{crack}: {side}", crack, 0, points, time, k, np.full(k.shape, 7.5e5), 0.01 * k))
    for step, far in enumerate((0.12, 0.13, 0.14)):
        points = np.column_stack([np.full(5, far), np.zeros(5), z])
        ribs.append(Rib(pane, 0, step, points, 100.0 * step, step > 0, np.full(5, 1.0 + 0.1 * step)))
    return WindowView(
        title, TIMES, "entry interface", tuple(solids),
        (CrackPart(crack, 0, grid, triangles, np.zeros((0, 3)), {OPENING: opening}),), tuple(fronts), tuple(ribs),
        (_piece(pane),), np.column_stack([TIMES, [120e3, 90e3, 40e3, 10e3]]),
        ((0.0, "entry interface"), (250.0, f"{crack}: K reaches K_Ic")),
    )  # fmt: skip


def _solid(name: str, kind: str, level: int, mesh: Mesh) -> SolidPart:
    base = 300.0 + 1e3 * mesh.points[:, 0] * (1.0 if level == 0 else 0.2)
    temperature = base + np.array([0.0, 200.0, 700.0, 300.0])[:, None] * (1.0 - 0.5 * level)
    fields = {TEMPERATURE: temperature}
    if kind == "pane":
        fields[STRESS] = np.array([0.0, 0.5, 1.0, -0.4])[:, None] * (10.0 + 100.0 * mesh.points[:, 1])
    return SolidPart(name, kind, level, mesh, fields)


def _piece(pane: str) -> PiecePart:
    a = np.linspace(-0.3, 0.3, 5)
    low = np.array([[0.0, 0.0, 0.035], *([0.15 * np.cos(t), 0.15 * np.sin(t), 0.035] for t in a)])
    high = low + [0.0, 0.0, 0.01]
    floor = [(0, i + 1, i) for i in range(1, 5)]
    corners = [low[list(t)] for t in floor] + [high[list(t)][::-1] for t in floor]
    ring = [0, 1, 2, 3, 4, 5]
    cut = [False] * len(corners)
    for i, j in zip(ring, [*ring[1:], 0]):
        corners += [np.array([low[i], low[j], high[j]]), np.array([low[i], high[j], high[i]])]
        cut += [0 in (i, j)] * 2
    return PiecePart(f"{pane}, piece 1", 0, np.array(corners), np.array(cut), "leaves", np.array([0.6, 0.0, 0.8]), 0.05)


def small_folder(folder: Path, title: str = "a small window", crack: str = "C1", pane: str = "thermal") -> WindowView:
    """Writes the small window as a finished run leaves it, and returns what was written."""
    view = small_view(title, crack, pane)
    offset, blocks, start = [], [], 0
    for part in view.solids:
        offset.append(part.mesh.points)
        blocks += [CellBlock(b.kind, b.nodes + start, b.region) for b in part.mesh.blocks]
        start += len(part.mesh.points)
    mesh = Mesh(np.concatenate(offset), tuple(blocks))
    series = FieldSeries(folder, mesh)
    c = view.cracks[0]
    for i, time in enumerate(view.times):
        data = {name: np.concatenate([_at(p, name, i) for p in view.solids]) for name in (TEMPERATURE, STRESS)}
        part = Part(f"crack_{c.name}", c.points, (CellBlock("tri3", c.triangles),), {OPENING: c.fields[OPENING][i]})
        series.add(float(time), data, parts=[part])
    rows: dict[str, list[np.ndarray]] = {}
    for front in view.fronts:
        m, n = front.k.shape
        given = {
            "crack": np.full(m * n, front.crack), "tier": np.full(m * n, "full"),
            "front_point": np.full(m * n, front.name.split(": ")[1].replace(" ", "_")),
            "front_position": np.repeat(np.linspace(0, 1, n), m), "time_s": np.tile(front.time, n),
            "altitude_m": np.tile(np.interp(front.time, *view.altitude.T), n), "K_I": front.k.T.ravel(),
            "K_eff": front.k.T.ravel(), "K_Ic": front.toughness.T.ravel(),
            "K_error": (front.error / np.maximum(front.k.max(axis=1, keepdims=True), 1e-300)).T.ravel(),
            **{f"{axis}_m": np.repeat(front.points[:, a], m) for a, axis in enumerate("xyz")},
        }  # fmt: skip
        for name in dict.fromkeys((*REQUIRED, *given)):
            rows.setdefault(name, []).append(given.get(name, np.full(m * n, np.nan)))
    units = {"tier": "", "front_point": "", "K_error": "", "K_eff": "Pa*m**0.5", "x_m": "m", "y_m": "m", "z_m": "m"}
    columns = {name: np.concatenate(parts) for name, parts in rows.items()}
    write_history(folder / "history.parquet", columns, units)
    _summary(title, crack, pane).write(folder / "summary.json")
    return view


def _at(part: SolidPart, name: str, step: int) -> np.ndarray:
    return part.fields[name][step] if name in part.fields else np.zeros(part.mesh.n_nodes)


def _summary(title: str, crack: str, pane: str) -> Summary:
    found = Crack(
        name=crack, pane=pane, case_type="through", state="dormant", K_over_KIc_max=1.38, time_of_max_s=300.0,
        numerical_error=0.01,
    )  # fmt: skip
    return Summary(
        deadlight="0",
        case=title,
        case_hash="0" * 16,
        verdict=Verdict.NO_GO,
        reasons=[f"{crack} runs"],
        runs=[Run(name=title, verdict=Verdict.NO_GO)],
        panes=[Pane(name=pane, role="thermal"), Pane(name="pressure", role="pressure")],
        cracks=[found],
        events=[
            Event(time_s=0.0, altitude_m=120e3, what="entry interface"),
            Event(time_s=250.0, altitude_m=52e3, what=f"{crack}: K reaches K_Ic"),
        ],
    )
