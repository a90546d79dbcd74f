"""Gas that leaks through the cracks of the outer pane into the gap behind it: the gap's balance, and what it brings."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.assumption import Assumption
from deadlight.chain.cracks import CrackAnswer
from deadlight.chain.operator_answer import FullAnswer
from deadlight.chain.outside import gap_spec, wall_temperature
from deadlight.chain.viewport import Viewport
from deadlight.entry.environment import Environment
from deadlight.entry.gap import GapSpec
from deadlight.heat.history import TemperatureHistory
from deadlight.outcome.leak import LeakyGap, leaky_gap
from deadlight.outcome.slit import Slit
from deadlight.remark import Remark, unique
from deadlight.series import Series

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

PARTLY = 0.01  # share of the vent that is free in the case "partly"
PLACES = 16  # along a crack
_ALONG = np.sqrt(1.0 - ((2.0 * np.arange(PLACES) + 1.0) / PLACES - 1.0) ** 2)
ELLIPTIC = _ALONG / _ALONG.mean()  # opening along a crack over its mean
LEVELS = 3  # through the thickness


@dataclass(frozen=True, eq=False)
class LeakOutcome:
    """The gap behind a cracked pane, with its vent as stated, partly and fully blocked.

    Attributes
    ----------
    pane, gap : str
    cases : dict of str -> LeakyGap
        "open" (a gap that has a vent), "partly", "blocked".
    slits : tuple of Slit
    difference : dict of str -> float [Pa]
        Outside less gap, the value of largest size: it bends the cracked pane, and the next one the other way.
    flux : dict of str -> float [W/m2]
        Largest heat that the leak can bring onto the next pane, spread over it: flow times the recovery enthalpy, as if
        the gas gave nothing to the crack.
    face_flux : dict of str -> float [W/m2]
        The same with the gas at the temperature at which it leaves the crack.
    remarks : tuple of Remark
    assumptions : tuple of Assumption
    """

    pane: str
    gap: str
    cases: dict[str, LeakyGap]
    slits: tuple[Slit, ...]
    difference: dict[str, float]
    flux: dict[str, float]
    face_flux: dict[str, float]
    remarks: tuple[Remark, ...]
    assumptions: tuple[Assumption, ...]

    def rows(self) -> list[list[str]]:
        """For a table: vent, largest pressure difference, mass through cracks, heat onto the next pane, balances."""
        return [
            [
                name, f"{self.difference[name]:.4g}",
                f"{1e6 * sum(gas.passed(s.name) for s in self.slits):.3g}", f"{self.face_flux[name]:.3g}",
                f"{self.flux[name]:.3g}", f"{gas.mass_balance:.0e}, {gas.energy_balance:.0e}",
            ]
            for name, gas in self.cases.items()
        ]  # fmt: skip


def leak_outcome(
    viewport: Viewport, environment: Environment, heat: TemperatureHistory, answers: Sequence[CrackAnswer],
    *, as_stated: bool = False,
) -> LeakOutcome | None:  # fmt: skip
    """Leak into the gap behind the outermost pane; None if no gap is stated there or no crack is open right through.

    With its vent as stated, partly and fully blocked; with `as_stated` only the first (each costs seconds to a minute).

    Raises
    ------
    NotSolved
        A balance of mass or energy that is worse than 1e-6.
    """
    pane = viewport.case.panes[0].name
    gap = next((g for g in viewport.case.gaps if g.between[0] == pane), None)
    if gap is None:
        return None
    spec, walls = gap_spec(viewport, gap), wall_temperature(viewport, gap, heat)
    nodes = viewport.mesh.region_nodes(pane)
    faces = Series(heat.time, heat.temperature[:, nodes].mean(axis=1), pane, "K")
    outer = viewport.mesh.face_nodes(f"{pane}.outer")
    hot = Series(heat.time, heat.temperature[:, outer].mean(axis=1), f"{pane}.outer", "K")
    slits, remarks = slits_of([a for a in answers if a.stated.pane == pane], viewport, faces)
    if not slits:
        return None
    distance, area = _distance(viewport, gap.between)
    cases = {
        name: leaky_gap(
            each, outside=environment.outer_pressure.since(0.0), wall=walls.since(0.0), distance=distance,
            slits=slits, outside_temperature=walls, hot=hot,
        )
        for name, each in list(_blocked(spec).items())[: 1 if as_stated else None]  # as stated comes first
    }  # fmt: skip
    flux, face_flux, difference = {}, {}, {}
    for name, gas in cases.items():
        around = np.asarray(environment.outer_pressure(gas.time))
        off = around - gas.pressure
        difference[name] = float(off[np.argmax(np.abs(off))])
        inward = sum((np.maximum(gas.flow[s.name], 0.0) for s in slits), np.zeros(len(gas.time)))
        flux[name] = float((inward * np.asarray(environment.recovery_enthalpy(gas.time))).max()) / area
        face_flux[name] = float(sum((gas.brought[s.name] for s in slits), np.zeros(len(gas.time))).max()) / area
        remarks += gas.remarks
    return LeakOutcome(
        pane, "/".join(gap.between), cases, slits, difference, flux, face_flux, unique(remarks), _assumed(slits, cases)
    )


def _blocked(spec: GapSpec) -> dict[str, GapSpec]:
    """The gap as stated, and with its vent partly and fully blocked."""
    if spec.vent is None or spec.state != "vented":
        return {spec.state: spec}
    share = spec.vent.open_fraction
    return {
        name: dataclasses.replace(spec, vent=dataclasses.replace(spec.vent, open_fraction=part * share))
        for name, part in (("open", 1.0), ("partly", PARTLY), ("blocked", 0.0))
    }


def slits_of(answers: Sequence[CrackAnswer], viewport: Viewport, wall: Series) -> tuple[tuple[Slit, ...], list[Remark]]:
    """Through cracks as slits, by whichever tier has their opening; and what is left out."""
    made, told = [], []
    for answer in answers:
        if answer.stated.kind not in ("through", "edge"):
            told.append(Remark(f"{answer.stated.name} is not through: no leak through it"))
            continue
        depth = _thickness(viewport, answer.stated.pane)
        if answer.full is not None:
            opening, length = openings(answer.full, depth)
            told.append(Remark(f"{answer.stated.name}: leak of the crack as found, not as grown"))
        elif answer.result is not None and (area := answer.result.slit_area) is not None and np.isfinite(area).all():
            size = np.maximum(answer.result.size[:, 1] - answer.result.size[:, 0], 1e-6)
            opening = Series(answer.result.time, (area / size)[:, None] * ELLIPTIC)
            length = np.full(len(ELLIPTIC), float(size.max()) / len(ELLIPTIC))
            told.append(Remark(f"{answer.stated.name}: leak by the quick tier's opening at mid-thickness"))
        else:
            told.append(Remark(f"{answer.stated.name}: its opening is not known: no leak through it"))
            continue
        made.append(Slit(opening, length, depth, wall, answer.stated.name))
    return tuple(made), told


def openings(full: FullAnswer, depth: float) -> tuple[Series, Array]:
    """Opening along a crack in time: in PLACES bins along it the least of LEVELS through the thickness.

    By how far the faces are apart: where they are shut and have slid, nothing passes.

    Returns
    -------
    Series (m, k) [m]
    (k,) float [m]
        Length of crack that each stands for.
    """
    mesh = full.intensity.meshed.mesh
    cells = mesh.cells[mesh.on_crack]
    nodes = np.unique(cells[cells >= 0])
    x = mesh.points[nodes]
    flat = x[:, :2] - x[:, :2].mean(axis=0)
    along = flat @ np.linalg.svd(flat, full_matrices=False)[2][0]
    edges = np.linspace(along.min(), along.max(), PLACES + 1)
    place = np.clip(np.searchsorted(edges, along, side="right") - 1, 0, PLACES - 1)
    level = np.clip(((x[:, 2] - x[:, 2].min()) / np.ptp(x[:, 2]) * LEVELS).astype(int), 0, LEVELS - 1)
    group = place * LEVELS + level
    count = np.bincount(group, minlength=PLACES * LEVELS)
    normal = _normals(mesh.points, cells)[nodes]
    rows = []
    for i in range(len(full.time)):  # instants, each a field of its own
        gap = np.maximum((full.history.opening(i)[nodes] * normal).sum(axis=1), 0.0)
        mean = np.bincount(group, gap, PLACES * LEVELS) / np.maximum(count, 1)
        rows.append(np.where(count > 0, mean, np.inf).reshape(PLACES, LEVELS).min(axis=1))
    width = np.array(rows)
    seen = np.isfinite(width).all(axis=0)
    return Series(full.time, np.where(seen, width, 0.0)), np.diff(edges)


def _normals(points: Array, cells: Index) -> Array:
    """Unit normals at the nodes of elements (e, 9), from the crack's - to its + side; 0 at other nodes. (n, 3)."""
    x = points[cells[:, :4]]
    six = cells[:, 6] < 0  # a triangle: its fourth node is the middle of its first side
    other = np.where(six[:, None], x[:, 1], x[:, 3])
    triangle = np.cross(other - x[:, 0], x[:, 2] - x[:, 0])
    area = np.where(six[:, None], triangle, np.cross(x[:, 2] - x[:, 0], other - x[:, 1]))
    found = np.zeros_like(points)
    for column in cells.T:
        np.add.at(found, column[column >= 0], area[column >= 0])
    return found / np.maximum(np.linalg.norm(found, axis=1), 1e-300)[:, None]


def _thickness(viewport: Viewport, pane: str) -> float:
    return float(np.ptp(viewport.mesh.points[viewport.mesh.region_nodes(pane), 2]))


def _distance(viewport: Viewport, between: tuple[str, str]) -> tuple[float, float]:
    """Distance [m] and area [m2] of a gap."""
    mesh = viewport.mesh
    above, below = (mesh.points[mesh.face_nodes(f)] for f in (f"{between[0]}.inner", f"{between[1]}.outer"))
    radius = np.linalg.norm(below[:, :2], axis=1).max()
    return float(above[:, 2].mean() - below[:, 2].mean()), float(np.pi * radius**2)


def _assumed(slits: Sequence[Slit], cases: Collection[str]) -> tuple[Assumption, ...]:
    if not slits:
        return ()
    partly = Assumption("leak.partly", f"{100 * PARTLY:g} % of the vent free", "set in the program", "A")
    return (
        Assumption("leak.mouth", "gas at the outer face's temperature", "slow suction from the wall", "A"),
        Assumption("leak.slit", "laminar with slip, blended to free molecules", "Arkilic et al. 1997; blend", "A"),
        *((partly,) if "partly" in cases else ()),
    )
