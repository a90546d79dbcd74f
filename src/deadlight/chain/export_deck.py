"""`deadlight export`: a crack of a finished run at one instant as a deck that others can solve with their own tools."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from deadlight import __version__
from deadlight.case.crack import Crack
from deadlight.case.load import case_hash, load_case
from deadlight.case.paths import file_digests
from deadlight.chain import stages
from deadlight.chain.blocked import INSULATES
from deadlight.chain.flaws import flaw_of, pane_body
from deadlight.chain.viewport import Viewport, build_viewport
from deadlight.errors import CaseError, InputError
from deadlight.export.deck import Deck, write_deck
from deadlight.export.planar_crack import CrackPlane
from deadlight.export.seats import Bed
from deadlight.heat.history import TemperatureHistory
from deadlight.progress import Progress, silent
from deadlight.store.folder import folder_status
from deadlight.store.history import History, read_history
from deadlight.store.stage import StageStore
from deadlight.store.summary import Summary, read_summary
from deadlight.stress.history import StressHistory
from deadlight.stress.seats import SeatHistory
from deadlight.surface.chart import Plane
from deadlight.units import plain_number

Array = np.ndarray[Any, np.dtype[np.float64]]

STAGES, SOURCE = "stages", "source.txt"
FLAT = 0.1  # of a cell: how far outside it a point may lie, for the deck draws curved faces flat
REACH = 1.5  # seat points apart: how far a triangle's middle may be from the seat point it belongs to


@dataclass(frozen=True, eq=False)
class Kept:
    """What a finished folder holds of one crack."""

    folder: Path
    viewport: Viewport
    root: Path
    summary: Summary
    crack: Crack
    stress: StressHistory
    heat: TemperatureHistory
    history: History


def export_folder(
    folder: str | Path,
    out: str | Path,
    *,
    instant: str = "worst",
    crack: str | None = None,
    check: bool = True,
    progress: Progress = silent,
) -> Deck:
    """Writes a crack of a finished run as an Abaqus / CalculiX deck, with a table of the stress through the thickness.

    Parameters
    ----------
    folder : path
        Of a finished run.
    out : path
        Where the deck goes.
    instant : str
        "worst" of the crack, or seconds on the run's clock.
    crack : str, optional
        Its name; not needed where there is one.
    check : bool
        Also solve the deck with this project's own finite elements.

    Raises
    ------
    InputError
        The folder is not finished or the case has changed since, the instant lies outside, there is no such crack, or
        its surface is not flat.
    NotSolved
        No mesh follows the crack.
    """
    progress("export", 0.0, "reading")
    kept = _kept(Path(folder), crack)
    plane = _plane(kept)
    key = f"operator.{kept.crack.name}.heat"
    if any(a.key == key and a.value.startswith(INSULATES) for a in kept.summary.assumptions):
        raise InputError(
            "its K is that of the heat that it blocks too, which a deck of the uncracked pane's stress does not hold",
            place=f"crack {kept.crack.name}",
            remedy="its K along the front is in history.parquet",
        )
    row = _instant(kept, instant)
    time = float(kept.stress.time[row])
    mesh, parent = kept.viewport.mesh.submesh(kept.crack.pane)
    glass = kept.viewport.materials[kept.crack.pane]
    warm = _temperature(kept, plane, parent, time)
    young, nu = float(glass.youngs_modulus(warm)), float(glass.poisson(warm))
    expected, pressure = _expected(kept, time)
    worst = f" (the worst of {kept.crack.name})" if instant == "worst" else ""
    progress("export", 0.2, "meshing the cracked pane")
    deck = write_deck(
        out,
        body=mesh,
        region=kept.crack.pane,
        crack=plane,
        stress=_stress(kept.stress, row),
        young=young,
        nu=nu,
        seats=_beds(kept.stress.seats, row),
        instant=f"t = {time:.6g} s{worst}",
        expected={"run": f"{kept.summary.case}, hash {kept.summary.case_hash}", **expected},
        face_pressure=pressure,
        check=check,
    )
    progress("export", 1.0, f"{len(deck.files)} files")
    return deck


def _kept(folder: Path, name: str | None) -> Kept:
    status = folder_status(folder)
    if status.get("state") != "finished":
        raise InputError(
            f"the run is {status.get('state')}", place=str(folder), remedy=f"deadlight resume {folder}, then export"
        )
    summary = read_summary(folder / "summary.json")
    source = Path((folder / SOURCE).read_text(encoding="utf-8").strip()) if (folder / SOURCE).exists() else None
    if source is None or not source.exists():
        raise InputError(
            f"its case file is gone ({source})", place=str(folder), remedy="put it back where it was, or run it again"
        )
    case, root = load_case(source), source.parent
    if case_hash(case, version=__version__, files=file_digests(case, root)) != summary.case_hash:
        raise CaseError(
            "the case, a file it names or the version is another one than when the run was made",
            place=str(source),
            remedy="run it again into a new folder, or put the case back",
        )
    if not case.cracks:
        raise InputError("the case has no crack", place=str(folder), remedy="nothing to export")
    known = [c.name for c in case.cracks]
    if name is None and len(known) > 1:
        raise InputError(f"{len(known)} cracks", place=str(folder), remedy=f"--crack, one of {', '.join(known)}")
    if name is not None and name not in known:
        raise InputError(f'no crack "{name}"', place=str(folder), remedy=f"there are {', '.join(known)}")
    crack = case.cracks[known.index(name) if name else 0]
    viewport = build_viewport(case, root=root)
    mesh, _ = viewport.mesh.submesh(crack.pane)
    store = StageStore(folder / STAGES, summary.case_hash)
    heat = store.load(stages.HEAT, functools.partial(stages.unpack_heat, nodes=viewport.mesh.n_nodes))
    stress = store.load(f"stress_{crack.pane}", functools.partial(StressHistory.unpack, mesh))
    if heat is None or stress is None:
        raise InputError("its kept stages are gone or damaged", place=str(folder / STAGES), remedy="run the case again")
    return Kept(
        folder,
        viewport,
        root,
        summary,
        crack,
        stress,
        heat,
        read_history(folder / "history.parquet"),
    )


def _instant(kept: Kept, instant: str) -> int:
    """Row of the stress history."""
    time = kept.stress.time
    if instant == "worst":
        at = next(c.time_of_max_s for c in kept.summary.cracks if c.name == kept.crack.name)
        if at is None:
            raise InputError("the summary knows no worst instant of it", place=kept.crack.name, remedy="give seconds")
    else:
        try:
            at = plain_number(instant.removesuffix("s"))
        except ValueError as error:
            raise InputError(f'instant "{instant}"', place="export", remedy='"worst", or seconds, 412.5') from error
    if not time[0] <= at <= time[-1]:
        raise InputError(f"instant {at:g} s", place="export", remedy=f"the run goes from {time[0]:g} to {time[-1]:g} s")
    return int(np.argmin(np.abs(time - at)))


def _plane(kept: Kept) -> CrackPlane:
    flaw = flaw_of(kept.viewport, kept.crack, pane_body(kept.viewport, kept.crack.pane), kept.root)
    chart = flaw.sheet.chart
    if not isinstance(chart, Plane) or len(flaw.sheet.outlines) != 1:
        raise InputError(
            f"a crack whose surface is not flat cannot be exported as a deck ({kept.crack.kind})",
            place=f"crack {kept.crack.name}",
            remedy="its K is in history.parquet; state a flat crack in its place",
        )
    return CrackPlane(chart.origin, chart.e1, chart.e2, flaw.sheet.outlines[0])


def _stress(history: StressHistory, row: int) -> Callable[[Array], Array]:
    """Uncracked stress at an instant."""
    nodal = history.stress(row)
    return lambda x: np.asarray(history.locator.interpolation(x, place="export", within=FLAT) @ nodal)


def _temperature(kept: Kept, plane: CrackPlane, parent: Any, time: float) -> float:
    """Of the pane's glass nearest to the crack's middle [K]."""
    middle = plane.to_space(plane.outline.mean(axis=0)[None])[0]
    nearest = int(cKDTree(kept.stress.mesh.points).query(middle)[1])
    return float(np.interp(time, kept.heat.time, kept.heat.temperature[:, parent[nearest]]))


def _beds(seats: SeatHistory | None, row: int) -> list[Bed]:
    """Seats that press at the instant, a bed for every stiffness and direction."""
    if seats is None or not len(seats.area):
        return []
    key = np.column_stack([seats.stiffness, seats.shear, np.round(seats.normal, 2)])
    beds = []
    for number, group in enumerate(np.unique(key, axis=0)):
        mine = np.flatnonzero((key == group).all(axis=1))
        pressing = seats.law[row, mine] > 0.0
        if pressing.any():
            beds.append(Bed(f"seat_{number + 1}", _where(seats, mine, pressing), float(group[0]), float(group[1])))
    return beds


def _where(seats: SeatHistory, mine: Any, pressing: Any) -> Callable[[Array, Array], Any]:
    tree = cKDTree(seats.point[mine])
    apart = float(np.median(tree.query(seats.point[mine], k=2)[0][:, 1])) if len(mine) > 1 else np.inf
    reach = REACH * max(apart, float(np.sqrt(seats.area[mine].max())))

    def where(x: Array, normal: Array) -> Any:
        distance, near = tree.query(x)
        facing = np.einsum("ij,ij->i", normal, seats.normal[mine][near]) > 0.9
        return (distance <= reach) & facing & pressing[near]

    return where


def _expected(kept: Kept, time: float) -> tuple[dict[str, str], float]:
    """What the run says of the crack at an instant, for the deck's reader; pressure in the crack [Pa]."""
    rows = kept.history.of(kept.crack.name)
    now = rows["time_s"] == rows["time_s"][np.argmin(np.abs(rows["time_s"] - time))]
    full = now & (rows["tier"] == "full")
    said: dict[str, str] = {}
    pressure = 0.0
    for front in dict.fromkeys(rows["front_point"][full]):
        here = full & (rows["front_point"] == front)
        i = int(np.flatnonzero(here)[np.argmax(rows["K_eff"][here])])
        place = ", ".join(f"{rows[axis][i]:.6g}" for axis in ("x_m", "y_m", "z_m"))
        said[f"{front}, crack operator"] = (
            f"K_I = {rows['K_I'][i]:.6g}, K_II = {rows['K_II'][i]:.6g}, K_III = {rows['K_III'][i]:.6g} Pa sqrt(m) at "
            f"({place}) m, within {100 * rows['K_error'][i]:.2g} %; if the faces could overlap K_I = "
            f"{rows['K_open'][i]:.6g}, {min(rows['K_open'][here]):.6g} to {max(rows['K_open'][here]):.6g} along it"
        )
        pressure = float(rows["crack_pressure"][i])
    if pressure:
        said["pressure in the crack"] = f"{pressure:.6g} Pa, of gas and residual stress, is in the load"
    for i in np.flatnonzero(now & (rows["tier"] == "quick")).tolist():
        without = ", without the pressure in the crack" if pressure else ""
        said[f"{rows['front_point'][i]}, quick tier"] = f"K = {rows['K_seed'][i]:.6g} Pa sqrt(m){without}"
    return said, pressure
