"""Cracks of one pane as the full tier grows them: surfaces in the pane, K by the crack operator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from deadlight.errors import InputError, NotSolved
from deadlight.finite import require_finite
from deadlight.growth.advance import Advanced, advanced
from deadlight.growth.direction import turn
from deadlight.growth.energy import Advance, balance, potential_energy
from deadlight.growth.reading import Reading, point_weights
from deadlight.growth.regrow import MOST
from deadlight.growth.shape import Moved, Solved
from deadlight.operator.field import StressModes
from deadlight.operator.history import CrackHistory
from deadlight.operator.intensity import StressIntensity, stress_intensity
from deadlight.operator.load import SurfacePoints
from deadlight.operator.supports import SeatSprings
from deadlight.remark import Remark
from deadlight.stress.seats import SeatHistory
from deadlight.surface.body import Body
from deadlight.surface.grading import GROWTH
from deadlight.surface.join import MeshedCracks, surface_mesh
from deadlight.surface.section import Line
from deadlight.surface.sheet import Sheet
from deadlight.surface.skin_mesh import Skin

Array = np.ndarray[Any, np.dtype[np.float64]]

SURE = 0.3  # largest tilt, as a share of what the error of K alone could make of it, that is not followed
FLAT = np.radians(0.5)  # largest tilt that is not followed
ALARM = 0.05  # relative error of K that is an alarm


@dataclass(frozen=True, eq=False)
class CrackedPane:
    """What all geometries of a pane's cracks have in common.

    Attributes
    ----------
    body : Body or None
        None: a solid without end.
    stress : StressModes
        Of the uncracked pane, on the instants of the history.
    temperature : callable
        Points (p, 3) [m] -> (m, p) [K] at those instants.
    toughness : callable
        K_Ic [Pa m^0.5] of an array of temperatures [K].
    young, nu : float [Pa], 1
    pressure : (m,) float or float [Pa]
        In the cracks.
    seats : SeatHistory or None
    back : Skin or None
        Background mesh of the pane's skin.
    refine : float
        Of the surface mesh.
    skin_growth : float
        Of the skin's element size with distance from the cracks (1.0 moves K by up to 1 %, and saves a third).
    most_nodes : int
        Of the surface mesh of a grown crack: a step that would make more is made otherwise, a ligament broken earlier.
    criterion : str
        Of direction, see `direction.CRITERIA`.
    contact, stick : bool
        As for `stress_intensity`.
    estimate_every : int
        Geometries from one error estimate to the next; in between the last relative error stands.  After a change of
        the cracks (a face or rim reached, cracks joined) there is one besides.  0: on the cracks as found only.
    """

    body: Body | None
    stress: StressModes
    temperature: Callable[[Array], Array]
    toughness: Callable[[Array], Array]
    young: float
    nu: float
    pressure: Array | float = 0.0
    seats: SeatHistory | None = None
    back: Skin | None = None
    refine: float = 1.0
    skin_growth: float = GROWTH
    most_nodes: int = MOST
    criterion: str = "local_symmetry"
    contact: bool = True
    stick: bool = False
    estimate_every: int = 8


@dataclass(frozen=True, eq=False)
class _Known:
    """A solution without its factor, and its potential energy (m,) [J]."""

    history: CrackHistory
    energy: Array


@dataclass(frozen=True, eq=False)
class _Before:
    """A solution, how its fronts moved from it, and what area that gained [m^2]."""

    known: _Known
    advances: tuple[Advance, ...]
    gained: float


@dataclass(eq=False)
class CrackShape:
    """One geometry.

    Attributes
    ----------
    pane : CrackedPane
    sheets : tuple of Sheet
    number : int
        How many geometries came before.
    error : (m,) float, float or None
        Error of K over the largest K of each instant where it was last estimated, at this geometry or before.
    ready : MeshedCracks or None
        Its surface mesh, once it is made.
    known : _Known or None
        Its solution, once it is found, until the cracks have grown on.
    before : _Before or None
        What it grew from, for the balance of energy.
    changed : bool
        Whether it came about by more than fronts that moved.
    skin : tuple of (list of Line or None), or None
        For every sheet the lines in which its surface meets the skin, where they are known.
    """

    pane: CrackedPane
    sheets: tuple[Sheet, ...]
    number: int = 0
    error: Array | float | None = None
    ready: MeshedCracks | None = None
    known: _Known | None = None
    before: _Before | None = None
    changed: bool = False
    skin: tuple[list[Line] | None, ...] | None = None

    tier = "full"

    @property
    def meshed(self) -> MeshedCracks:
        """Its surface mesh."""
        if self.ready is None:
            p = self.pane
            self.ready = surface_mesh(
                p.body, self.sheets, refine=p.refine, growth=p.skin_growth, back=p.back, skin=self.skin
            )
        return self.ready

    @property
    def estimated(self) -> bool:
        """Whether the error of K is estimated on it."""
        every = self.pane.estimate_every
        return self.number == 0 or (every > 0 and (self.changed or self.number % every == 0))

    def solve(self) -> Solved:
        """K at every instant, at all nodes of all fronts."""
        p, estimate = self.pane, self.estimated
        try:
            found = self._intensity(estimate)
        except (InputError, NotSolved):
            if not estimate or self.number == 0:
                raise
            found = self._intensity(estimate=False)  # the coarser mesh of the estimate may be what failed
        require_finite("growth", meshed=found.meshed, history=found.history)  # what the next step starts from
        names, places, parts = list(dict.fromkeys(s.name for s in self.sheets)), [], []
        for i, front in enumerate(found.fronts):
            mesh_front = found.meshed.mesh.fronts[i]
            places.append(front.frame.point)
            parts.append((names.index(front.crack), point_weights(front.frame.point, mesh_front.closed)))
        k = np.concatenate([f.k for f in found.fronts], axis=1)
        place = np.concatenate(places)
        count = [len(x) for x in places]
        warm = np.asarray(p.temperature(place), dtype=float)
        error, remarks = self._errors(found, k, wanted=estimate)
        turned = turn(k, p.nu, p.criterion)
        tilt = self._sure(turned.tilt, k, error)
        reading = Reading(
            time=np.asarray(found.fronts[0].time, dtype=float),
            k=k, error=error, effective=turned.effective, tilt=tilt, twist=turned.twist,
            temperature=warm, toughness=np.asarray(p.toughness(warm), dtype=float),
            weight=np.concatenate([w for _, w in parts]), place=place,
            front=np.repeat(np.arange(len(count)), count), crack=np.repeat([c for c, _ in parts], count),
            closed=tuple(f.closed for f in found.meshed.mesh.fronts), area=_area(found.meshed),
        )  # fmt: skip
        self.known = self._known(found.history)
        return Solved(reading, tuple(places), tuple(names), remarks, self._balance())

    def _known(self, history: CrackHistory) -> _Known:
        p, mesh = self.pane, self.meshed
        seats = p.seats if p.seats is not None and len(p.seats.area) and mesh.back is not None else None
        springs = SeatSprings.of(mesh.mesh, seats) if seats is not None else None
        energy = potential_energy(history, p.stress, pressure=p.pressure, seats=springs)
        return _Known(replace(history, operator=history.operator.without_factor()), energy)

    def _balance(self) -> Array | None:
        """Relative error of int G dA = -dPi over the step that led here, loads frozen at each instant. (m,)."""
        if self.before is None or self.known is None:
            return None
        before, new = self.before, self.known
        energies = before.known.energy, new.energy
        return balance(before.known.history, new.history, before.advances, energies, gained=before.gained).error

    def _intensity(self, estimate: bool) -> StressIntensity:
        p = self.pane
        return stress_intensity(
            p.stress, self.sheets, p.body, young=p.young, nu=p.nu, pressure=p.pressure, contact=p.contact,
            stick=p.stick, seats=p.seats, estimate=estimate, refine=p.refine, growth=p.skin_growth, back=p.back,
            meshed=self.meshed, keep_factor=False,
        )  # fmt: skip

    def _errors(self, found: StressIntensity, k: Array, *, wanted: bool) -> tuple[Array, tuple[Remark, ...]]:
        """Error of K (m, n): estimated here, or the last estimate's share of the largest K of the instant."""
        size = np.linalg.norm(k, axis=2).max(axis=1)
        error = np.linalg.norm(np.concatenate([f.error for f in found.fronts], axis=1), axis=2)
        remarks = list(found.meshed.remarks)
        if np.isnan(error).all():
            last = np.full(len(size), np.nan) if self.error is None else self.error
            error = np.broadcast_to((last * size)[:, None], error.shape)
            if wanted:
                text = f"geometry {self.number} of the growth: no coarser mesh to estimate the error of K with"
                remarks.append(Remark(f"{text}; the last estimate stands", alarm=True))
        else:
            self.error = _share(k, error)
        top = float(error[int(size.argmax())].max() / max(size.max(), 1e-300))
        if top > ALARM:
            text = f"geometry {self.number} of the growth: error of K estimated at {100 * top:.2g} %"
            remarks.append(Remark(f"{text} (limit {100 * ALARM:g} %)", alarm=True))
        return error, tuple(remarks)

    def _sure(self, tilt: Array, k: Array, error: Array) -> Array:
        """Tilts above half a degree and above a share of what the error of K could make; else straight ahead."""
        size = np.maximum(np.linalg.norm(k, axis=2), 1e-300)
        doubt = 2.0 * SURE * error / size
        return np.where(np.abs(tilt) > np.maximum(FLAT, doubt), tilt, 0.0)

    def recalled(self, reading: Reading) -> CrackShape:
        """Itself, knowing what was read off it before it was stored."""
        if self.estimated:
            self.error = _share(reading.k, reading.error)
        return self

    def moved(self, move: Array, tilt: Array) -> Moved:
        """The geometry after its front nodes moved by `move`, turned by `tilt` towards the crack's normal."""
        p = self.pane
        found = advanced(
            self.meshed, self.sheets, move, tilt, body=p.body, refine=p.refine, back=p.back,
            growth=p.skin_growth, most=p.most_nodes,
        )  # fmt: skip
        if self.known is None:
            self.solve()  # taken up again from what was stored
        assert self.known is not None
        smooth = not (found.added > 0.0 or found.changes)
        before = _Before(self.known, self._advances(found, tilt), found.gained) if smooth else None
        shape = CrackShape(
            p, found.sheets, self.number + 1, self.error, found.meshed, before=before, changed=bool(found.changes),
            skin=found.skin,
        )  # fmt: skip
        return Moved(shape, found.changes, found.added, found.remarks)

    def _advances(self, found: Advanced, tilt: Array) -> tuple[Advance, ...]:
        assert self.known is not None
        history, start, made = self.known.history, 0, []
        for front, frame, k, points in zip(self.meshed.mesh.fronts, history.frames, history.k, found.points):
            rows = slice(start, start + len(points))
            made.append(Advance(frame, front.closed, k, points, tilt[rows]))
            start = rows.stop
        return tuple(made)

    def forget(self) -> None:
        """Give the memory back of what only the next step needed."""
        self.ready = self.known = self.before = None


def _area(meshed: MeshedCracks) -> float:
    return float(SurfacePoints.of(meshed.mesh, meshed.mesh.on_crack, level=1).area.sum())


def _share(k: Array, error: Array) -> Array:
    """Largest error over the largest K of each instant; 0 where that is 0. (m,)."""
    size = np.linalg.norm(k, axis=2).max(axis=1)
    return np.divide(error.max(axis=1), size, out=np.zeros(len(size)), where=size > 0.0)
