"""The verb `batch`, and what `status`, `resume` and `report` do on the folder of a study."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from deadlight.terminal import Json, emit, finite, naming, out, progressing

app = typer.Typer()


@app.command()
def batch(
    study: Annotated[Path, typer.Argument(metavar="STUDY.toml", help="The study file.")],
    folder: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where the results go; an unfinished study is taken up again.")
    ],
    jobs: Annotated[
        int | None, typer.Option(min=1, max=1024, help="Worker processes; 1: in this one. Default: one a core.")
    ] = None,
    scheduler: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Of a Dask scheduler whose workers see the same folders.")
    ] = "",
    json_: Json = False,
) -> None:
    """Run many cracks through one window, and say what is tolerable, how likely, and what it turns on.

    Example: deadlight batch examples/shenzhou20/study.toml --out out/study
    """
    from deadlight.study.run import How, run_study

    with progressing(json_) as progress, naming(study, folder):
        found = run_study(study, folder, how=How(jobs or cores(), scheduler), progress=progress)
    show(found, folder, json_)


def is_study(folder: Path) -> bool:
    """Whether a folder is that of a study."""
    return (folder / "study.json").exists()


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def resume(folder: Path, json_: bool) -> None:
    """Goes on with a study and shows its answers."""
    from deadlight.study.run import How, resume_study

    with progressing(json_) as progress:
        found = resume_study(folder, how=How(cores()), progress=progress)
    show(found, folder, json_)


def report(folder: Path) -> Path:
    """Writes the report of a finished study again."""
    from deadlight.study.report import report_folder

    return report_folder(folder)


def status(folder: Path) -> dict[str, Any]:
    """What a study's folder holds."""
    from deadlight.study.folder import study_status

    return study_status(folder)


def show(found: dict[str, Any], folder: Path, json_: bool) -> None:
    """The answers of a study in a few lines, or as data."""
    if json_:
        emit(finite(found))
        return
    counted = f"{found['cases']} cases, {found['failed']} failed, {found['full']} by the crack operator"
    lines = [f"{found['study']}: {counted}"]
    lines += [f"damage found and run again: {part}" for part in found["damage"]]
    lines += [*found.get("lines", []), f"report: {folder / 'report.html'}", f"table: {folder / 'summary.parquet'}"]
    out.print("\n".join(lines), highlight=False, markup=False, soft_wrap=True)
