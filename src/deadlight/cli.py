"""The command line: a thin shell over the library.

Exit status: 0 done, whatever the verdict; 2 the input is at fault; 3 not solved; 4 the machine is at fault.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from deadlight import __version__
from deadlight.errors import DeadlightError, MachineError, NotSolved
from deadlight.progress import Progress as ProgressCall
from deadlight.progress import silent

app = typer.Typer(
    name="deadlight",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Will a cracked spacecraft window survive the return?\n\nStart: deadlight run examples/shenzhou20/case.toml --out out/first",
)
out, err = Console(), Console(stderr=True)
Json = Annotated[
    bool, typer.Option("--json", help="Print one machine-readable object on standard output and nothing else there.")
]
CasePath = Annotated[Path, typer.Argument(metavar="CASE.toml", help="The case file.")]
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="A result folder.")]


def main() -> None:
    """Entry point: every deliberate error becomes one clear message and its exit status."""
    try:
        app(standalone_mode=True)
    except DeadlightError as error:
        _complain(error)
        sys.exit(error.exit_status)
    except MemoryError:
        problem = MachineError("out of memory; lower refine in [window], or use a machine with more")
        _complain(problem)
        sys.exit(problem.exit_status)
    except BrokenPipeError:  # the reader of a pipe left, as `head` does
        sys.stderr.close()
        sys.exit(0)
    except KeyboardInterrupt:
        err.print("stopped; run the same command again to go on from what is finished")
        sys.exit(130)


def _complain(error: DeadlightError) -> None:
    if "--json" in sys.argv:
        print(
            json.dumps(
                {"error": {"kind": type(error).__name__, "message": str(error), "exit_status": error.exit_status}}
            )
        )
    else:
        err.print(f"[bold red]error[/] {_plain(str(error))}", highlight=False, soft_wrap=True)


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def _emit(value: Any) -> None:
    print(json.dumps(value, indent=1, default=str, allow_nan=False))


@contextmanager
def _progress(quiet: bool) -> Iterator[ProgressCall]:
    """A bar for each stage with time left on a terminal, plain lines every few seconds elsewhere, nothing when quiet."""
    if quiet:
        yield silent
        return
    if not err.is_terminal:
        yield _Lines()
        return
    columns = (
        TextColumn("{task.description:<12}"),
        BarColumn(),
        TextColumn("{task.percentage:>4.0f} %"),
        TimeElapsedColumn(),
        TextColumn("left"),
    )
    with Progress(*columns, TimeRemainingColumn(), TextColumn("[dim]{task.fields[note]}"), console=err) as bar:
        tasks: dict[str, Any] = {}

        def report(stage: str, share: float, note: str = "") -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=1.0, note=note)
            bar.update(tasks[stage], completed=share, note=note)

        yield report


class _Lines:
    """Progress for a pipe or a log file: a line when a stage starts and ends, and every five seconds between."""

    def __init__(self) -> None:
        self.last: dict[str, float] = {}
        self.start: dict[str, float] = {}

    def __call__(self, stage: str, share: float, note: str = "") -> None:
        now = time.monotonic()
        begun = self.start.setdefault(stage, now)
        if share >= 1 or now - self.last.get(stage, -10) > 5:
            self.last[stage] = now
            left = f", {(now - begun) * (1 - share) / share:.0f} s left" if 0.02 < share < 1 else ""
            print(
                f"{stage}: {100 * share:.0f} % after {now - begun:.1f} s{left} {note}".rstrip(),
                file=sys.stderr,
                flush=True,
            )


@app.command()
def check(case: CasePath, json_: Json = False) -> None:
    """Validate a case and print what was understood; writes nothing.

    Example: deadlight check examples/shenzhou20/case.toml
    """
    from deadlight.case.load import load_case
    from deadlight.chain.viewport import build_viewport

    loaded = load_case(case)
    viewport = build_viewport(loaded, root=case.parent)
    if json_:
        _emit(viewport.describe())
    else:
        out.print(viewport.text(), highlight=False, markup=False, soft_wrap=True)


@app.command()
def run(
    case: CasePath,
    folder: Annotated[
        Path,
        typer.Option(
            "--out", metavar="DIR", help="Where the results go; an unfinished run of the same case is taken up again."
        ),
    ],
    json_: Json = False,
    pictures: Annotated[bool, typer.Option(help="Draw the 3D pictures.")] = True,
) -> None:
    """Take a window and its cracks through the return.

    Example: deadlight run examples/shenzhou20/case.toml --out out/shenzhou20
    """
    from deadlight.chain.run import run_case_file

    with _progress(json_) as progress:
        summary = run_case_file(case, folder, progress=progress, pictures=pictures)
    _show(summary, folder, json_)


@app.command()
def resume(folder: Folder, json_: Json = False) -> None:
    """Take an unfinished run up again; a finished one is only shown.

    Example: deadlight resume out/shenzhou20
    """
    from deadlight.chain.run import resume_folder

    with _progress(json_) as progress:
        summary = resume_folder(folder, progress=progress)
    _show(summary, folder, json_)


@app.command()
def status(folder: Folder, json_: Json = False) -> None:
    """Say what a result folder holds and whether it is finished.

    Example: deadlight status out/shenzhou20
    """
    from deadlight.chain.run import folder_status

    found = folder_status(folder)
    if json_:
        _emit(found)
    else:
        for key, value in found.items():
            out.print(f"{key}: {value}", highlight=False, markup=False, soft_wrap=True)


@app.command()
def report(folder: Folder, json_: Json = False) -> None:
    """Write report.html again from a finished folder.

    Example: deadlight report out/shenzhou20
    """
    from deadlight.chain.run import rewrite_report

    path = rewrite_report(folder)
    if json_:
        _emit({"report": str(path)})
    else:
        out.print(f"report written: {path}", highlight=False, markup=False, soft_wrap=True)


@app.command()
def doctor(json_: Json = False) -> None:
    """Say what this installation has, what is missing and how to get it.

    Example: deadlight doctor
    """
    from deadlight.doctor import examine

    findings = examine()
    if json_:
        _emit({f.name: {"state": f.state, "remedy": f.remedy, "good": f.good} for f in findings})
        return
    for finding in findings:
        out.print(
            f"[{'green' if finding.good else 'yellow'}]{'ok  ' if finding.good else 'miss'}[/] {finding.name:<16} {_plain(finding.state)}",
            highlight=False,
        )
        if finding.remedy:
            out.print(f"     {'':<16} -> {_plain(finding.remedy)}", highlight=False)


@app.command()
def schema(what: Annotated[str, typer.Argument(help="case or summary")] = "case") -> None:
    """Print the JSON schema of the case form or of summary.json.

    Example: deadlight schema case
    """
    from deadlight.errors import InputError

    if what == "case":
        from deadlight.case.load import case_schema

        _emit(case_schema())
    elif what == "summary":
        from deadlight.store.summary import summary_schema

        _emit(summary_schema())
    else:
        raise InputError(f'no schema named "{what}"', remedy="case or summary")


@app.callback(invoke_without_command=True)
def _version(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.", is_eager=True)] = False,
) -> None:
    if version:
        print(f"deadlight {__version__}")
        raise typer.Exit


def _show(summary: dict[str, Any], folder: Path, json_: bool) -> None:
    solved = bool(summary["runs"])
    if json_:
        _emit(summary)
    else:
        from deadlight.view.summary_text import print_summary

        print_summary(summary, console=out)
        if solved:
            out.print(f"report: {folder / 'report.html'}", highlight=False, markup=False, soft_wrap=True)
    if not solved:
        raise typer.Exit(NotSolved.exit_status)


if __name__ == "__main__":
    main()
