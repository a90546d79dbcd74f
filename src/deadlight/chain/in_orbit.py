"""The on-orbit hold put before the return: temperatures and pressures at negative times, and what it used of a life.

Slow growth follows K, temperature and humidity at once, so only the time spent at each of them counts and not how often
(Evans & Fuller 1974 average over a cycle in this way).  N cycles are therefore followed as a few long ones of the same
shape, a polygon round a sine: exact for any law without memory as long as the crack grows little in one long cycle.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from deadlight.assumption import Assumption
from deadlight.case.hold import Hold
from deadlight.chain.viewport import STATUS, Viewport
from deadlight.entry.environment import Environment
from deadlight.growth.record import GrowthRecord
from deadlight.heat.history import TemperatureHistory
from deadlight.series import Series

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

LONG = 3  # long cycles that stand for all cycles of a phase
# A cycle as a polygon round a sine, angle [deg] and level: the mean of K^n is 0 to 19 % above that of the sine, n from
# 5 to 60, while the crack stays open, more where it shuts.  (A triangle's is down to a fourth of it, for it does not
# dwell at its ends.)
CYCLE = tuple(
    (half + angle, sign * level)
    for half, sign in ((0.0, 1.0), (180.0, -1.0))
    for angle, level in ((30.0, 0.52), (66.0, 0.93), (81.0, 1.0), (99.0, 1.0), (114.0, 0.93), (150.0, 0.52))
)
SUDDEN = 60.0  # [s] in which one phase gives way to the next, and the last one to the return
BAND = 3.0  # thicknesses from the seat inwards over which a lag of the rim fades


@dataclass(frozen=True)
class _Instant:
    """Time [s], the phase it belongs to, and where in the cycle: -1 coldest, 0 middle, 1 warmest."""

    time: float
    phase: Hold
    level: float


def with_hold(
    viewport: Viewport, environment: Environment, heat: TemperatureHistory
) -> tuple[Environment, TemperatureHistory]:
    """Both with the phases of `[[hold]]` before their first instant; as they are where none is stated.

    Fields of the hold are quasi-steady: uniform in a pane but for its rim, which lags behind (`rim_share`).
    """
    phases = viewport.case.hold
    if not phases:
        return environment, heat
    table = _instants(phases)
    share = {p.name: rim_share(viewport, p.name) for p in viewport.case.panes}
    rows = np.stack([_field(viewport, at, share, heat.temperature[0]) for at in table])
    time = np.array([at.time for at in table])
    longer = dataclasses.replace(
        heat, time=np.concatenate([time, heat.time]), temperature=np.concatenate([rows, heat.temperature]),
        breakpoints=np.concatenate([[float(heat.time[0])], heat.breakpoints]),
    )  # fmt: skip
    return _environment(viewport, environment, table, rows), longer


def _instants(phases: Sequence[Hold]) -> list[_Instant]:
    """The long cycles of every phase, and the middle where it begins and, a little before the next, ends."""
    begin = -sum(p.duration for p in phases)
    made = []
    for phase in phases:
        made.append(_Instant(begin, phase, 0))
        count = int(np.clip(round(phase.duration / phase.period), 1, LONG))
        if any(high > low for low, high in phase.swing.values()):
            for k in range(count):
                made += [
                    _Instant(begin + phase.duration * (k + angle / 360.0) / count, phase, level)
                    for angle, level in CYCLE
                ]
        begin += phase.duration
        made.append(_Instant(begin - min(SUDDEN, 1e-3 * phase.duration), phase, 0))
    return made


def rim_share(viewport: Viewport, pane: str) -> tuple[Index, Array]:
    """Nodes of a pane and the share of the rim's lag that each has: all of it under lip and seat, fading inwards."""
    mesh = viewport.mesh
    nodes = mesh.region_nodes(pane)
    rim = mesh.points[mesh.face_nodes(f"{pane}.rim" if viewport.has_face(f"{pane}.rim") else f"{pane}.outer")][:, :2]
    tree = cKDTree(rim)
    away = tree.query(mesh.points[nodes][:, :2])[0]
    bands = [f"{pane}.{f}" for f in ("lip", "seat_outer", "seat_inner") if viewport.has_face(f"{pane}.{f}")]
    covered = max((float(tree.query(mesh.points[mesh.face_nodes(f)][:, :2])[0].max()) for f in bands), default=0.0)
    thick = float(np.ptp(mesh.points[nodes, 2]))
    return nodes, np.clip(1.0 - (away - covered) / (BAND * thick), 0.0, 1.0)


def _field(viewport: Viewport, at: _Instant, share: dict[str, tuple[Index, Array]], first: Array) -> Array:
    """Temperature of all nodes [K]; retainers and panes without a swing are as the return finds them."""
    field = first.copy()
    for pane, (low, high) in at.phase.swing.items():
        nodes, rim = share[pane]
        lag = at.phase.rim.get(pane, 0.0)
        middle, half = 0.5 * (low + high), 0.5 * (high - low)
        field[nodes] = middle + at.level * (half - lag * rim)
    return field


def _environment(viewport: Viewport, found: Environment, table: Sequence[_Instant], rows: Array) -> Environment:
    """Pressures at negative times, at rest: no acceleration."""
    time = np.array([at.time for at in table])
    outer = np.array([at.phase.outer for at in table])
    start = float(found.cabin_pressure.values[0])
    cabin = np.array([start if at.phase.cabin is None else at.phase.cabin for at in table])
    gaps = dict(found.gap_pressure)
    for gap in viewport.case.gaps:
        name = "/".join(gap.between)
        faces = [viewport.mesh.face_nodes(f) for f in (f"{gap.between[0]}.inner", f"{gap.between[1]}.outer")]
        warm = np.mean([rows[:, n].mean(axis=1) for n in faces], axis=0)
        own = outer if gap.state == "vented" else gap.pressure * warm / gap.fill_temperature
        stated = [at.phase.gaps.get(name) for at in table]
        gaps[name] = _before(gaps[name], time, np.array([o if s is None else s for o, s in zip(own, stated)]))
    return dataclasses.replace(
        found, outer_pressure=_before(found.outer_pressure, time, outer),
        cabin_pressure=_before(found.cabin_pressure, time, cabin), gap_pressure=gaps,
        acceleration=_before(found.acceleration, time, np.zeros((len(time), 3))),
        assumptions=(*found.assumptions, *_assumed(viewport.case.hold)),
    )  # fmt: skip


def _before(series: Series, time: Array, values: Array) -> Series:
    """The series with earlier values; what it has before their end is cut off."""
    kept = series.time > time[-1]
    return Series(
        np.concatenate([time, series.time[kept]]), np.concatenate([values, series.values[kept]]), series.name,
        series.unit,
    )  # fmt: skip


def _assumed(phases: Sequence[Hold]) -> list[Assumption]:
    total = sum(p.duration for p in phases)
    cycles = sum(p.duration / p.period for p in phases if p.swing)
    text = f"{total / 86400.0:.4g} days, {cycles:.0f} thermal cycles followed as {LONG} long ones a phase"
    found = [
        Assumption("hold.cycles", text, "growth without memory: only time at each K counts", "D"),
        Assumption("hold.waveform", "sine between the ends of a swing", "dwelling at an end would count for more", "A"),
    ]
    for i, phase in enumerate(phases):
        swings = "; ".join(
            f"{pane} {low:g} to {high:g} K, rim lags {phase.rim.get(pane, 0.0):g} K"
            for pane, (low, high) in phase.swing.items()
        )
        value = f"{phase.duration / 86400.0:.4g} days, {swings or 'temperatures of the start of the return'}"
        found.append(Assumption(f"hold.{i}", value, phase.source or "case", STATUS[phase.status]))
    found.append(
        Assumption("hold.rim", f"fades over {BAND:g} thicknesses from the seat", "set in the program", "A")
    )
    return found


@dataclass(frozen=True)
class Orbit:
    """What the hold did to the cracks of a record.

    Attributes
    ----------
    area_start, area_end : float [m2]
        When the hold begins, and at entry interface.
    ratio : float
        Largest K/K_Ic in the hold.
    critical : float or None [s]
        When K reached K_Ic in the hold.
    used : float or None
        Life used in orbit: area gained over the area that K reaches K_Ic at later; None where it never does.
    """

    area_start: float
    area_end: float
    ratio: float
    critical: float | None
    used: float | None

    @property
    def sentence(self) -> str:
        """What happened before the return."""
        a, b = 1e6 * self.area_start, 1e6 * self.area_end
        told = f"In orbit the cracks grow from {a:.4g} to {b:.4g} mm^2" if b > a * (1 + 1e-9) else "No growth in orbit"
        told += f", K/K_Ic up to {self.ratio:.2g}"
        if self.critical is not None:
            return f"{told}; K reaches K_Ic {-self.critical / 86400.0:.3g} days before the return."
        return f"{told}; {100.0 * self.used:.2g} % of the way to K_Ic." if self.used is not None else f"{told}."


def orbit_of(record: GrowthRecord) -> Orbit | None:
    """The part of a record before entry interface; None where it has none."""
    t, a, r = record.trace_time, record.trace_area, record.trace_ratio
    before = t < 0.0
    if not before.any():
        return None
    end = float(record.area_at(0.0))
    start = float(a[0])
    first = record.first_critical
    used = None
    if first is not None and first >= 0.0:
        there = float(a[min(int(np.searchsorted(t, first)), len(a) - 1)])
        used = (end - start) / (there - start) if there > start else 0.0
    return Orbit(start, end, float(r[before].max()), first if first is not None and first < 0.0 else None, used)
