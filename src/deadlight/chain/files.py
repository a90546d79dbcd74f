"""What a run leaves in its folder: history, fields, pictures, report and, last, the summary that says it is done."""

from __future__ import annotations

import dataclasses
import json
import os
import time as clock
from collections.abc import Callable
from pathlib import Path

import numpy as np

from deadlight import __version__
from deadlight.case.model import Case
from deadlight.chain import figures
from deadlight.chain.cracks import CrackAnswer
from deadlight.chain.histories import HISTORY_UNITS, history_columns
from deadlight.chain.result import RunResult
from deadlight.chain.shown import front_shapes, piece_shapes
from deadlight.chain.summarised import case_type, summarise
from deadlight.errors import InputError, RenderUnavailable
from deadlight.mesh.mesh import CellBlock
from deadlight.progress import Progress
from deadlight.store import atomic
from deadlight.store import summary as contract
from deadlight.store.fields import FieldSeries, Part, field_data
from deadlight.store.folder import CaseFolder
from deadlight.store.history import write_history
from deadlight.store.json_file import read_json
from deadlight.store.provenance import provenance
from deadlight.store.shapes import write_fronts, write_pieces
from deadlight.store.summary import EndReason, Summary, read_summary
from deadlight.store.thermocouples import write_thermocouples
from deadlight.surface.mesh import T6
from deadlight.view.from_folder import window_view
from deadlight.view.report import Picture, Table, write_report
from deadlight.view.shown import WindowView

PICTURES, CONTENTS = "pictures", "pictures/contents.json"


def write_all(
    result: RunResult, target: CaseFolder, *, digest: str, progress: Progress, pictures: bool,
    beside: Callable[[Summary], Summary] = lambda made: made,
) -> Summary:  # fmt: skip
    """Writes every file of a run; the summary last, with what `beside` adds to it."""
    begun = clock.perf_counter()
    progress("files", 0.0)
    if result.cracks:
        write_history(target.file("history.parquet"), history_columns(result), HISTORY_UNITS)
    if result.thermocouples:
        write_thermocouples(target.file("thermocouples.parquet"), result.temperature.time, result.thermocouples)
    progress("files", 0.2, "history")
    _fields(result, target.path)
    write_fronts(target.path, [front for growth in result.growths for front in front_shapes(growth)])
    write_pieces(target.path, [piece for outcome in result.outcomes for piece in piece_shapes(outcome)])
    progress("files", 0.5, "fields")
    drawn = figures.plots(result)
    shown, note = _scenes(result) if pictures else ((), "3D pictures were not asked for")
    drawn = (*shown, *drawn)
    tables = figures.tables(result)
    _keep(target.path, drawn, tables)
    progress("files", 0.9, "pictures")
    result.timings["files"] = round(clock.perf_counter() - begun, 3)
    made = beside(summarise(result, digest=digest, extra_warnings=(note,) if note else ()))
    target.write_provenance(made.provenance)
    view, note = _view(target.path, made)
    write_report(target.path / "report.html", made.plain(), pictures=drawn, tables=tables, view=view, view_note=note)
    target.finish(made)
    progress("files", 1.0, "report.html")
    return made


def write_not_solved(case: Case, reason: str, target: CaseFolder, *, digest: str) -> Summary:
    """The summary of a run that a solver gave up on: NOT_SHOWN with the reason, and no entry in `runs`."""
    found = provenance(solver=os.environ.get("DEADLIGHT_SOLVER", "cholesky"))
    made = Summary(
        deadlight=__version__,
        case=case.name,
        case_hash=digest,
        verdict=contract.Verdict.NOT_SHOWN,
        reasons=[f"not solved: {reason}"],
        panes=[contract.Pane(name=p.name, role=p.role) for p in case.panes],
        cracks=[
            contract.Crack(
                name=c.name,
                pane=c.pane,
                case_type=case_type(c),
                end_reason=EndReason.NOT_SOLVED.because(reason),
            )
            for c in case.cracks
        ],
        provenance=found,
    )
    target.write_provenance(found)
    target.finish(made)
    return made


def rewrite_report(folder: Path) -> Path:
    """The report again from the summary and the pictures that are there."""
    source = folder / "summary.json"
    if not source.exists():
        raise InputError(
            "no summary.json", place=str(folder), remedy="the run is not finished: deadlight resume " + str(folder)
        )
    pictures, tables = _contents(folder)
    summary = read_summary(source)
    view, note = _view(folder, summary)
    return write_report(
        folder / "report.html", summary.plain(), pictures=pictures, tables=tables, view=view, view_note=note
    )


def _contents(folder: Path) -> tuple[list[Picture], list[Table]]:
    """Pictures and tables of the report; InputError where their list or a picture is damaged."""
    place = folder / CONTENTS
    try:
        kept = read_json(place)
        pictures = [
            Picture(str(p["title"]), _picture(folder, p["file"]), str(p["caption"]), str(p["section"]))
            for p in kept["pictures"]
        ]
        return pictures, [Table(**t) for t in kept["tables"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        remedy = "run the case again into another folder"
        raise InputError(f"cannot be read ({error})", place=str(place), remedy=remedy) from error


def _picture(folder: Path, name: str) -> bytes:
    """A picture of the folder; ValueError for what only stands or is linked there: a report may be passed on."""
    home = folder.resolve() / PICTURES
    path = (home / name).resolve()
    if Path(name).name != name or path.parent != home or not path.is_file():
        raise ValueError(f'"{name}" is not a plain file in the folder of pictures')
    data = path.read_bytes()
    if not data.startswith(b"\x89PNG\r\n\x1a\n") and not (data.startswith(b"<") and b"<svg" in data[:4096]):
        raise ValueError(f'"{name}" is no PNG or SVG picture')
    return data


def _view(folder: Path, summary: Summary) -> tuple[WindowView | None, str]:
    """What the viewer in the report shows, or why there is none."""
    try:
        return window_view(folder, summary), ""
    except InputError as missing:
        return None, f"Not shown: {missing}"


def _keep(folder: Path, pictures: tuple[Picture, ...], tables: tuple[Table, ...]) -> None:
    """The pictures as files of their own, and what the report says about them."""
    listed = []
    for i, picture in enumerate(pictures):
        name = figures.file_name(i, picture)
        atomic.write_bytes(folder / PICTURES / name, picture.data)
        listed.append({"file": name, "title": picture.title, "caption": picture.caption, "section": picture.section})
    contents = {"pictures": listed, "tables": [dataclasses.asdict(t) for t in tables]}
    atomic.write_bytes(folder / CONTENTS, json.dumps(contents, indent=1).encode())


def _scenes(result: RunResult) -> tuple[tuple[Picture, ...], str]:
    try:
        return figures.scenes(result), ""
    except RenderUnavailable as missing:
        return (), f"3D pictures left out: {missing}"


def _fields(result: RunResult, folder: Path) -> None:
    """Evenly spread instants plus the governing one of each crack."""
    wanted = result.viewport.case.output.fields
    time = result.temperature.time
    if not wanted:
        return
    chosen = set(np.searchsorted(time, np.linspace(max(time[0], 0.0), time[-1], wanted)).tolist())
    chosen |= {int(np.argmin(np.abs(time - a.judged.time_of_max))) for a in result.cracks}
    mesh = result.viewport.mesh
    series = FieldSeries(folder, mesh)
    for i in sorted(min(c, len(time) - 1) for c in chosen):
        stress = np.zeros((mesh.n_nodes, 6))
        for pane, history in result.stress.items():
            stress[mesh.region_nodes(pane)] = history.at_time(float(time[i]))
        parts = [_crack_part(a, float(time[i])) for a in result.cracks]
        series.add(
            float(time[i]), field_data(temperature=result.temperature.temperature[i], stress=stress), parts=parts
        )


def _crack_part(a: CrackAnswer, time: float) -> Part:
    """The crack for ParaView: its face with how far it is open, or its line where only the quick tier was asked."""
    name = f"crack_{a.stated.name}"
    if a.full is None:
        return Part.polyline(name, figures.seed_line(a))
    mesh = a.full.history.operator.mesh
    cells = mesh.cells[mesh.on_crack]
    used, number = np.unique(cells[cells >= 0], return_inverse=True)
    rows = np.full(cells.shape, -1, dtype=np.int64)
    rows[cells >= 0] = number
    six = mesh.kind[mesh.on_crack] == T6
    blocks = [CellBlock(kind, nodes) for kind, nodes in (("tri6", rows[six, :6]), ("quad9", rows[~six])) if len(nodes)]
    gap = a.full.history.opening(int(np.argmin(np.abs(a.full.time - time))))[used]
    data = {"opening [um]": 1e6 * np.linalg.norm(gap, axis=1), "displacement jump [um]": 1e6 * gap}
    return Part(name, mesh.points[used], tuple(blocks), data)
