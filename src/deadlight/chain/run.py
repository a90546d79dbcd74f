"""One case from end to end: stages in order, each kept on disk, then the answer, its files and its report."""

from __future__ import annotations

import dataclasses
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from deadlight import __version__
from deadlight.case.load import case_hash, load_case
from deadlight.case.model import Case
from deadlight.case.paths import file_digests
from deadlight.chain import files
from deadlight.chain.band_runs import moved_through
from deadlight.chain.laid import lay_cracks
from deadlight.chain.loss_sweep import loss_sweep
from deadlight.chain.lost_pieces import lost_pieces
from deadlight.chain.result import RunResult
from deadlight.chain.solving import (
    Solved,
    StageClock,
    answer_cracks,
    answer_stages,
    nothing,
    solve_stages,
    solve_window,
)
from deadlight.chain.variants import run_variants, with_variants
from deadlight.chain.viewport import build_viewport
from deadlight.errors import CaseError, InputError, NotFinite, NotSolved
from deadlight.finite import require_finite
from deadlight.progress import Progress, silent
from deadlight.remark import Remark
from deadlight.store import atomic
from deadlight.store.folder import CaseFolder, folder_status
from deadlight.store.stage import StageStore
from deadlight.store.summary import Summary, read_summary

__all__ = ["Solved", "answer_cracks", "resume_folder", "rewrite_report", "run_case", "run_case_file", "solve_window"]
STAGES, SOURCE = "stages", "source.txt"


def run_case_file(
    path: str | Path,
    folder: str | Path,
    *,
    progress: Progress = silent,
    pictures: bool = True,
    processes: bool = False,
) -> dict[str, Any]:
    """Runs a case file into a folder and returns its summary (the contract of summary.json).

    A folder that holds the same case is taken up where it stopped; a finished one is only read.

    What could not be solved is a summary too: verdict NOT_SHOWN, the reason, and no entry in `runs`.

    Parameters
    ----------
    processes : bool
        Values are moved through their bands in as many processes as there are threads to use.  Only for a program
        whose main module may be imported again (`if __name__ == "__main__":`).

    Raises
    ------
    InputError
        The case, its mesh or tables are at fault, or the folder holds another case.
    MachineError
    """
    path, folder = Path(path), Path(folder)
    case = load_case(path)
    root = path.parent
    source = str(path.resolve()).encode()

    def run_into(case: Case, text: str, folder: Path, progress: Progress) -> Summary:
        digest = case_hash(case, version=__version__, files=file_digests(case, root))
        with CaseFolder(folder, case_hash=digest, case_text=text) as target:
            if target.finished:
                return read_summary(folder / "summary.json")
            atomic.write_bytes(target.file(SOURCE), source)
            try:
                store = StageStore(folder / STAGES, digest)
                result = _solve(case, root, store, progress, record=target.record, processes=processes)
            except (NotSolved, NotFinite) as error:
                return files.write_not_solved(case, str(error), target, digest=digest)
            rows = run_variants(case, text, folder, run_into, progress)
            return files.write_all(
                result, target, digest=digest, progress=progress, pictures=pictures,
                beside=lambda made: with_variants(made, rows),
            )  # fmt: skip

    return run_into(case, path.read_text(encoding="utf-8"), folder, progress).plain()


def run_case(case: Case, *, root: str | Path = ".", progress: Progress = silent) -> RunResult:
    """Runs a case in memory and returns everything that was computed; nothing is written."""
    return _solve(case, Path(root), None, progress, record=nothing)


def resume_folder(folder: str | Path, *, progress: Progress = silent, processes: bool = False) -> dict[str, Any]:
    """Takes up an unfinished folder by the case it was given."""
    folder = Path(folder)
    status = folder_status(folder)
    if status.get("state") == "finished":
        return read_summary(folder / "summary.json").plain()
    source = folder / SOURCE
    if not source.exists():
        raise CaseError(
            "the folder does not say which case file it came from",
            place=str(folder),
            remedy="deadlight run CASE.toml --out " + str(folder),
        )
    return run_case_file(_source(source), folder, progress=progress, processes=processes)


def _source(file: Path) -> str:
    """The case file that a folder names; CaseError where it names none."""
    try:
        name = file.read_text(encoding="utf-8").strip()
        if name and len(name) < 4096 and name.isprintable() and Path(name).is_file():
            return name
        why = f'it says "{name if len(name) <= 200 else "..." + name[-200:]}", which is not a plain file'
    except (OSError, UnicodeDecodeError) as error:
        why = str(error)
    remedy = f"deadlight run CASE.toml --out {file.parent}"
    raise CaseError(f"does not name the case file it came from ({why})", place=str(file), remedy=remedy)


def rewrite_report(folder: str | Path) -> Path:
    """Writes report.html again from summary.json and the pictures of a finished folder."""
    return files.rewrite_report(Path(folder))


def _solve(
    case: Case, root: Path, store: StageStore | None, progress: Progress, *, record: Any, processes: bool = False
) -> RunResult:
    seconds = StageClock()
    with seconds("window"):
        progress("window", 0.0)
        record("running", stage="window")
        viewport = build_viewport(case, root=root)
        laid = lay_cracks(viewport, root)  # a crack that does not fit is told before the minutes are spent
        progress("window", 1.0, f"{viewport.mesh.n_nodes} nodes")
    solved = solve_stages(viewport, root, store, progress, seconds, record=record)
    result = answer_stages(solved, laid, root, store, progress, seconds, record=record)
    with seconds("loss"):
        record("running", stage="loss")
        result = _with_loss(solved, result, root, progress)
        require_finite("loss", sweep=result.sweep)
        result = _with_lost_pieces(solved, result, root, progress)
        require_finite("lost pieces", lost=result.lost)
    with seconds("bands"):
        record("running", stage="bands")
        result = _with_bands(result, root, progress, processes=processes)
        require_finite("bands", moved=result.moved)
    return dataclasses.replace(result, timings=seconds.seconds)


def _with_bands(result: RunResult, root: Path, progress: Progress, *, processes: bool) -> RunResult:
    """With the verdict at the ends of bands; an alarm where they could not be asked: then nothing says it holds."""
    try:
        return dataclasses.replace(result, moved=moved_through(result, root, progress, processes=processes))
    except (InputError, NotSolved, BrokenProcessPool) as error:
        cure = "; a worker ended: more memory, or [solver] bands = false" * isinstance(error, BrokenProcessPool)
        text = f"values could not be moved through their bands: {str(error).splitlines()[0]}{cure}"
        return dataclasses.replace(result, told=(*result.told, Remark(text, alarm=True)))


def _with_loss(solved: Solved, result: RunResult, root: Path, progress: Progress) -> RunResult:
    """With the loss of the outermost pane at every instant, where it is cracked and a pane stands behind it."""
    case = result.viewport.case
    cracked = {a.stated.pane for a in result.cracks}
    if case.environment.arcjet is not None or len(case.panes) == 1 or cracked != {case.panes[0].name}:
        return result
    pane = case.panes[0].name
    try:
        return dataclasses.replace(result, sweep=loss_sweep(solved, pane, root=root, progress=progress))
    except (InputError, NotSolved) as error:  # the other route stands by itself
        told = Remark(f"loss of {pane} could not be followed: {str(error).splitlines()[0]}")
        return dataclasses.replace(result, told=(*result.told, told))


def _with_lost_pieces(solved: Solved, result: RunResult, root: Path, progress: Progress) -> RunResult:
    """With what follows the loss of pieces, where a pane stands behind the outermost one."""
    case = result.viewport.case
    if case.environment.arcjet is not None or len(case.panes) == 1:
        return result
    lost, told = lost_pieces(solved, result.outcomes, result.sweep, root=root, progress=progress)
    return dataclasses.replace(result, lost=lost, told=(*result.told, *told))
