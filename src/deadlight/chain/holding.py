"""What holds a pane and its pieces, and what pulls at them, at the instants of a history."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from deadlight.assumption import Assumption
from deadlight.case.gasket import Gasket as Stated
from deadlight.case.gasket import Shock
from deadlight.chain.loading import sides
from deadlight.chain.viewport import STATUS, Viewport
from deadlight.entry.environment import Environment
from deadlight.errors import InputError
from deadlight.finite import UNLIMITED, Rule
from deadlight.heat.history import TemperatureHistory
from deadlight.outcome.forces import Load, inertia, pressure
from deadlight.outcome.piece import Piece
from deadlight.outcome.supports import Gasket, Support
from deadlight.remark import Remark

Array = np.ndarray[Any, np.dtype[np.float64]]

OUTER = ("outer", "lip", "seat_outer", "rim", "")
INNER = ("inner", "seat_inner")
STOPS = {"lip": ("lip", "seat_outer"), "seat": ("seat_inner",), "wall": ("rim",)}
BESIDE = {"lip": "contact_outer", "seat": "contact_inner", "wall": "contact_rim"}  # of the retainer
TOUCHED = {"lip": "seat_outer", "seat": "seat_inner"}  # where the gasket lies on the glass
SOFT, GONE = 477.0, 530.0  # [K] silicone and Viton: where the grip begins to go, where it is gone
FRICTION = 0.3
FITTED, PLAY = 1e-3, 0.5e-3  # [m] gasket as fitted and clearance of the rim where neither case nor mesh says


@dataclass(frozen=True, eq=False)
class Holding:
    """Supports and loads of one pane over a history.

    Attributes
    ----------
    pane : str
    time : (m,) float [s]
    outer, inner : (m,) float [Pa]
        Pressures on its two sides.
    acceleration : (m, 3) float [m/s2]
        Sensed, in the window's frame.
    grip : dict of stop -> (m,) float [Pa]
        Mean of the gasket's grip over its own face, each part at its own temperature.
    gasket_temperature : dict of stop -> (m, 3) float [K]
        Lowest, mean and highest temperature of the glass under it.
    clearance : (m,) float [m]
        Between rim and wall, closed by the expansion of pane and retainer.
    gasket : Gasket
    limit : float [N]
    shake : (m,) float [m/s2]
        Amplitude from any side.
    friction : float
        Of glass on glass.
    stops : dict of stop -> tuple of str
        Regions of the pane that each stop covers.
    remarks : tuple of Remark
    assumptions : tuple of Assumption
    """

    pane: str
    time: Array
    outer: Array
    inner: Array
    acceleration: Array
    grip: dict[str, Array]
    gasket_temperature: dict[str, Array]
    clearance: Array
    gasket: Gasket
    limit: float
    shake: Array
    friction: float
    stops: dict[str, tuple[str, ...]]
    remarks: tuple[Remark, ...]
    assumptions: tuple[Assumption, ...]

    def no_number(self) -> dict[str, Rule]:
        return {"limit": UNLIMITED}

    @property
    def difference(self) -> Array:
        """Pressure inside less outside [Pa]: positive pulls the pane towards space. (m,)."""
        return self.inner - self.outer

    def at(self, time: Array) -> Holding:
        """The same at other instants (k,) [s], linear in between; a shock counts at its own instant only."""
        t = np.asarray(time, dtype=float)
        some = functools.partial(_rows, t, self.time)
        row = np.clip(np.searchsorted(self.time, t), 0, len(self.time) - 1)
        return dataclasses.replace(
            self, time=t, outer=some(self.outer), inner=some(self.inner), acceleration=some(self.acceleration),
            grip={k: some(v) for k, v in self.grip.items()},
            gasket_temperature={k: some(v) for k, v in self.gasket_temperature.items()},
            clearance=some(self.clearance),
            shake=np.where(self.time[row] == t, self.shake[row], float(self.shake.min())),
        )  # fmt: skip

    def supports(self, i: int) -> list[Support]:
        """Stops and gaskets at an instant."""
        made = []
        for stop, on in self.stops.items():
            if stop == "wall":
                made.append(Support(stop, on, self.gasket.friction, float(self.clearance[i]), limit=self.limit))
                continue
            warm = float(self.gasket_temperature[stop][i, 1])
            now = dataclasses.replace(
                self.gasket, temperature=np.array([warm]), grip=np.array([float(self.grip[stop][i])])
            )
            made.append(Support(stop, on, self.gasket.friction, 0.0, now, warm, self.limit))
        return made

    def loads(self, piece: Piece, i: int) -> list[Load]:
        """Pressure on its real faces and inertia at an instant; the gas in cuts has the mean of both sides."""
        known = set(piece.regions)
        on = {r: float(self.outer[i]) for r in OUTER if r in known}
        on |= {r: float(self.inner[i]) for r in INNER if r in known}
        cut = 0.5 * float(self.outer[i] + self.inner[i])
        return [
            pressure(piece, on, cut=cut, rest=float(self.outer[i])),
            inertia(piece, self.acceleration[i]),
        ]


def _rows(t: Array, time: Array, values: Array) -> Array:
    if values.ndim == 1:
        return np.asarray(np.interp(t, time, values))
    return np.stack([np.interp(t, time, v) for v in values.T], axis=1)


def holding(viewport: Viewport, environment: Environment, heat: TemperatureHistory, pane: str) -> Holding:
    """Supports and loads of a pane at the instants of the heat history, and at events and shocks.

    Raises
    ------
    InputError
        The mesh names no seat of the pane: what holds it is not known.
    """
    stated = viewport.case.support(pane).gasket
    events = {e.name: e.time for e in environment.events}
    begin, end = float(heat.time[0]), float(heat.time[-1])
    shocks = [(s, events.get(s.at) if isinstance(s.at, str) else s.at) for s in viewport.case.retention.shocks]
    known = [(s, t) for s, t in shocks if t is not None and begin <= t <= end]
    extra = [e.time for e in environment.events if begin <= e.time <= end] + [t for _, t in known]
    time = np.unique(np.concatenate([heat.time, extra]))
    outer, inner = sides(viewport.case, pane, environment)
    gasket, told = _gasket(viewport, pane, stated)
    faces = {s: f"{pane}.{TOUCHED[s]}" for s in TOUCHED if viewport.has_face(f"{pane}.{TOUCHED[s]}")}
    some = functools.partial(_rows, time, heat.time)
    field = {s: heat.temperature[:, viewport.mesh.face_nodes(f)] for s, f in faces.items()}
    shake = np.full(len(time), viewport.case.retention.vibration)
    for shock, at in known:
        shake[np.searchsorted(time, at)] += shock.peak
    lost = [f"{pane}: no {s.at} in the history: its shock is left out" for s, t in shocks if (s, t) not in known]
    there = {s: tuple(r for r in regions if viewport.has_face(f"{pane}.{r}")) for s, regions in STOPS.items()}
    stops = {s: regions for s, regions in there.items() if regions and (s == "wall" or s in faces)}
    if not faces:
        raise InputError(
            f"{pane} has no named seat", place="retention",
            remedy=f'name the faces that gaskets touch "{pane}.seat_outer" and "{pane}.seat_inner"',
        )  # fmt: skip
    return Holding(
        pane, time, np.asarray(outer(time)), np.asarray(inner(time)), np.asarray(environment.acceleration(time)),
        {s: some(np.interp(T, gasket.temperature, gasket.grip, right=0.0).mean(axis=1)) for s, T in field.items()},
        {s: some(np.stack([T.min(axis=1), T.mean(axis=1), T.max(axis=1)], axis=1)) for s, T in field.items()},
        some(_closing(viewport, heat, pane, stated)), gasket, (stated.limit if stated else None) or np.inf, shake,
        viewport.case.retention.glass_friction, stops,
        (*_doubts(pane, gasket, field), *(Remark(text, alarm=True) for text in lost)),
        (told, *_assumed(viewport, [s for s, _ in known])),
    )  # fmt: skip


def _gasket(viewport: Viewport, pane: str, stated: Stated | None) -> tuple[Gasket, Assumption]:
    """Of the case, or one that grips as when cold up to where silicone goes."""
    fitted = _distance(viewport, pane, "lip")
    if stated is not None:
        t, g = (np.array(x) for x in zip(*stated.grip))
        thick = stated.thickness if stated.thickness is not None else fitted
        made = Gasket(thick or FITTED, t, g, stated.friction, stated.source or "case", STATUS[stated.status])
        return made, made.assumption(f"supports.{pane}.gasket")
    cold = viewport.case.support(pane).preload
    source = "limits of silicone and Viton seals, 477 to 530 K, from memory; not stated in the case"
    made = Gasket(fitted or FITTED, np.array([20.0, SOFT, GONE]), np.array([cold, cold, 0.0]), FRICTION, source, "A")
    return made, made.assumption(f"supports.{pane}.gasket")


def _doubts(pane: str, gasket: Gasket, field: dict[str, Array]) -> list[Remark]:
    """Where a gasket is outside its table."""
    found = []
    for stop, T in field.items():
        top, low = float(T.max()), float(T.min())
        if top > gasket.temperature[-1] and gasket.grip[-1] > 0.0:
            text = f"{pane}: gasket of the {stop} reaches {top:.0f} K, its table ends at {gasket.temperature[-1]:.0f} K"
            found.append(Remark(f"{text}: taken as lost there", alarm=True))
        if low < gasket.temperature[0]:
            text = f"{pane}: gasket of the {stop} at {low:.0f} K, its table begins at {gasket.temperature[0]:.0f} K"
            found.append(Remark(text, alarm=True))
    return found


def _distance(viewport: Viewport, pane: str, stop: str) -> float | None:
    """Between glass and retainer as meshed [m]; None without a retainer."""
    ours = {"lip": f"{pane}.seat_outer", "wall": f"{pane}.rim"}[stop]
    theirs = f"{pane}_retainer.{BESIDE[stop]}"
    if not (viewport.has_face(ours) and viewport.has_face(theirs)):
        return None
    x = viewport.mesh.points
    a, b = x[viewport.mesh.face_nodes(ours)], x[viewport.mesh.face_nodes(theirs)]
    if stop == "lip":
        return float(np.abs(b[:, 2].min() - a[:, 2].max()))
    return float(np.median(cKDTree(b[:, :2]).query(a[:, :2])[0]))


def _closing(viewport: Viewport, heat: TemperatureHistory, pane: str, stated: Stated | None) -> Array:
    """Clearance (m,) [m] of the rim: as drawn, less what the pane grows more than its retainer, both freely.

    From the temperature at which the pane is free of stress, each with its own field; over the mean radius of the rim.
    """
    drawn = stated.clearance if stated and stated.clearance is not None else _distance(viewport, pane, "wall")
    start = PLAY if drawn is None else drawn
    mesh, ring = viewport.mesh, f"{pane}_retainer"
    fitted = next(p.stress_free_temperature for p in viewport.case.panes if p.name == pane)

    def strain(region: str) -> Array:
        of = viewport.materials[region].thermal_strain
        warm = of(heat.temperature[:, mesh.region_nodes(region)]).mean(axis=1)
        return np.asarray(warm - float(of(np.array([fitted]))[0]))

    glass = strain(pane)
    metal = strain(ring) if ring in mesh.regions else np.zeros_like(glass)
    face = f"{pane}.rim" if viewport.has_face(f"{pane}.rim") else f"{pane}.outer"
    radius = float(np.linalg.norm(mesh.points[mesh.face_nodes(face), :2], axis=1).mean())
    return np.asarray(np.maximum(start - radius * (glass - metal), 0.0))


def _assumed(viewport: Viewport, shocks: Sequence[Shock]) -> list[Assumption]:
    stated = viewport.case.retention
    given = "vibration" in stated.model_fields_set
    told = f"{stated.vibration:g} m/s2 from any side"
    found = [
        Assumption("retention.vibration", told, stated.source or ("case" if given else "not stated"),
                   STATUS[stated.status] if given else "A"),
        Assumption("retention.cut_pressure", "mean of both sides", "laminar leak through a crack", "A"),
        Assumption("retention.contact", "rigid pieces and stops, quasi-static", "set in the program", "A"),
    ]  # fmt: skip
    if not shocks:
        found.append(Assumption("retention.shocks", "none", "parachute and landing shocks are not stated", "A"))
    found += [
        Assumption(f"retention.shock.{s.at}", f"{s.peak:g} m/s2", s.source or "case", STATUS[s.status]) for s in shocks
    ]
    return found
