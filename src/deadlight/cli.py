"""The command line: a thin shell over the library.

Exit status: 0 done, whatever the verdict; 2 the input is at fault; 3 not solved; 4 the machine is at fault;
1 a fault of deadlight itself; 130 stopped by Ctrl-C; 141 the reader of its output left.
"""

from __future__ import annotations

import dataclasses
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from deadlight import __version__, cli_study, cli_view
from deadlight.errors import DeadlightError, InputError, Lines, MachineError, NotSolved, bounded, shown
from deadlight.limits import Limits
from deadlight.terminal import (
    CasePath,
    Folder,
    Json,
    Page,
    clean,
    emit,
    err,
    finite,
    naming,
    out,
    plain,
    progressing,
    within,
)

app = typer.Typer(
    name="deadlight",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Will a cracked spacecraft window survive the return?\n\n"
    "Start: deadlight run examples/shenzhou20/case.toml --out out/first",
)
INTERRUPTED, PIPE_LEFT = 130, 141  # 128 and the signal, as shells count


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Entry point: every deliberate error becomes one clear message and its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in given
    if isinstance(sys.stdout, io.TextIOWrapper):  # a name that the terminal cannot show must not cost the result
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        status = app(args=given, standalone_mode=False)
        sys.stdout.flush()
    except DeadlightError as error:
        status = _complain(error, as_json)
    except MemoryError:
        problem = MachineError("out of memory\n  remedy: lower refine in [window], or use a machine with more")
        status = _complain(problem, as_json)
    except BrokenPipeError:  # the reader of a pipe left, as `head` does; what was asked for may not be done
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = PIPE_LEFT
    except SystemExit as end:  # typer's own way out
        status = PIPE_LEFT if isinstance(end.__context__, BrokenPipeError) else end.code
    except (OSError, ImportError) as error:
        status = _complain(_machine(error), as_json)
    except (KeyboardInterrupt, typer.Abort):
        status = INTERRUPTED
    except Exception as error:
        status = _usage(error, as_json) if hasattr(error, "format_message") else _bug(error, as_json)
    if status == INTERRUPTED:  # typer makes this status of Ctrl-C itself, and says nothing
        err.print("stopped; run the same command again to go on from what is finished", soft_wrap=True)
    sys.exit(status or 0)


def _machine(error: OSError | ImportError) -> MachineError:
    """The system's own refusal, with the file it is about."""
    if isinstance(error, ImportError):
        return MachineError(f"{error}\n  remedy: deadlight doctor says what is missing")
    where = f"{error.filename}: " if error.filename else ""
    return MachineError(f"{where}{error.strerror or error}\n  remedy: check the disk and the permissions")


def _complain(error: DeadlightError, as_json: bool) -> int:
    """Says what is wrong, on standard error or as one JSON object; returns the exit status."""
    text = str(error) if isinstance(error, InputError) else bounded(str(error).split("\n"))
    parts = {key: shown(getattr(error, key, ""), most=2000) or None for key in ("found", "place", "remedy")}
    told = {"kind": type(error).__name__, "message": text, "exit_status": error.exit_status, **parts}
    if as_json:
        emit({"error": told})
    else:
        err.print(f"[bold red]error[/] {plain(text)}", highlight=False, soft_wrap=True, emoji=False)
    return error.exit_status


def _usage(error: Any, as_json: bool) -> int:
    """A command line that was not understood: the same shape of message as for any other input at fault."""
    verb = getattr(getattr(error, "ctx", None), "command_path", "deadlight")
    text = error.format_message().strip()
    if not text and not as_json:  # no verb at all: the help was shown
        return InputError.exit_status
    return _complain(InputError(Lines(text or "no verb"), place="command line", remedy=f"{verb} --help"), as_json)


def _bug(error: Exception, as_json: bool) -> int:
    """An error nobody foresaw is deadlight's own fault: exit status 1, with what a report of it needs."""
    import traceback

    if as_json:
        told = {"kind": type(error).__name__, "message": f"fault of deadlight itself: {error}", "exit_status": 1}
        emit({"error": told})
    print(clean(traceback.format_exc()), file=sys.stderr)
    remedy = "report it with the lines above, the case file and what deadlight doctor prints"
    print(f"error this is a fault of deadlight {__version__}, not of your input\n  remedy: {remedy}", file=sys.stderr)
    return 1


@app.command()
def check(case: CasePath, json_: Json = False) -> None:
    """Validate a case and print what was understood; writes nothing.

    Example: deadlight check examples/shenzhou20/case.toml
    """
    from deadlight.chain.preview import preview

    with naming(case):
        understood = preview(case)
    if json_:
        emit(understood.describe())
    else:
        out.print(understood.text(), highlight=False, markup=False, soft_wrap=True)


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

    with progressing(json_) as progress, naming(case, folder):
        summary = run_case_file(case, folder, progress=progress, pictures=pictures, processes=True)
    _show(summary, folder, json_)


@app.command()
def resume(folder: Folder, json_: Json = False) -> None:
    """Take an unfinished run up again; a finished one is only shown.

    Example: deadlight resume out/shenzhou20
    """
    from deadlight.chain.run import resume_folder

    if cli_study.is_study(folder):
        cli_study.resume(folder, json_)
        return
    with progressing(json_) as progress:
        summary = resume_folder(folder, progress=progress, processes=True)
    _show(summary, folder, json_)


@app.command()
def status(folder: Folder, json_: Json = False) -> None:
    """Say what a result folder holds and whether it is finished.

    Example: deadlight status out/shenzhou20
    """
    from deadlight.chain.run import folder_status

    found = cli_study.status(folder) if cli_study.is_study(folder) else folder_status(folder)
    if json_:
        emit(found)
    else:
        for key, value in ((k, v) for k, v in found.items() if v is not None):
            out.print(f"{key}: {value}", highlight=False, markup=False, soft_wrap=True)


@app.command()
def report(folder: Folder, json_: Json = False) -> None:
    """Write report.html again from a finished folder.

    Example: deadlight report out/shenzhou20
    """
    from deadlight.chain.run import rewrite_report

    path = cli_study.report(folder) if cli_study.is_study(folder) else rewrite_report(folder)
    if json_:
        emit({"report": str(path)})
    else:
        out.print(f"report written: {path}", highlight=False, markup=False, soft_wrap=True)


@app.command()
def export(
    folder: Folder,
    out_folder: Annotated[Path, typer.Option("--out", metavar="DIR2", help="Where the deck goes.")],
    instant: Annotated[str, typer.Option(help="worst, or seconds on the run's clock.")] = "worst",
    crack: Annotated[str | None, typer.Option(help="Name of the crack, where there are several.")] = None,
    check: Annotated[bool, typer.Option(help="Solve the deck with deadlight's own finite elements too.")] = True,
    json_: Json = False,
) -> None:
    """Write a crack at one instant as an Abaqus/CalculiX deck, with the stress through the thickness.

    Example: deadlight export out/shenzhou20 --instant worst --out out/deck
    """
    from deadlight.chain.export_deck import export_folder

    with progressing(json_) as progress:
        deck = export_folder(folder, out_folder, instant=instant, crack=crack, check=check, progress=progress)
    if json_:
        emit({"files": [str(path) for path in deck.files], "nodes": len(deck.mesh.points)})
        return
    out.print(repr(deck.mesh), highlight=False, markup=False, soft_wrap=True)
    for path in deck.files:
        out.print(f"written: {path}", highlight=False, markup=False, soft_wrap=True)


@app.command()
def coupons(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="strength [MPa], rate [MPa/s], inert, censored")],
    confidence: Annotated[
        float, typer.Option(help="Of the two-sided bounds.", callback=within(Limits("", 0.5, below=1.0)))
    ] = 0.90,
    json_: Json = False,
) -> None:
    """Weibull statistics and slow growth (n, B) from a table of broken coupons.

    Example: deadlight coupons coupons.csv
    """
    from deadlight.material.coupon import fit_coupons

    with naming(file):
        fit = fit_coupons(file, confidence=confidence)
    if json_:
        emit(finite(dataclasses.asdict(fit)))
        return
    for part in (fit.weibull, fit.fatigue, *(f"warning: {text}" for text in fit.warnings)):
        if part is not None:
            out.print(str(part), highlight=False, markup=False, soft_wrap=True)


@app.command()
def impact(
    file: Annotated[Path, typer.Argument(metavar="IMPACT.toml", help="A particle, or a mark as it was measured.")],
    cracks: Annotated[
        Path | None, typer.Option("--out", metavar="CRACKS.toml", help="Write the sets of crack tables there.")
    ] = None,
    case: Annotated[
        Path | None, typer.Option("--case", metavar="CASE.toml", help="A case whose cracks the sets replace.")
    ] = None,
    cases: Annotated[
        Path | None, typer.Option("--cases", metavar="DIR", help="Write one case of --case for every set there.")
    ] = None,
    json_: Json = False,
) -> None:
    """Say what a particle does to a pane, and which cracks are consistent with a mark.

    Example: deadlight impact examples/shenzhou20/impact.toml --out cracks.toml
    """
    from deadlight.chain import impact_text
    from deadlight.chain.marked import read_impact

    if (case is None) != (cases is None):
        raise InputError("--case and --cases go together", place="command line", remedy="deadlight impact --help")
    with naming(file):
        found = read_impact(file)
        if cracks is not None:
            impact_text.write_cracks(found, cracks)
    written = [cracks] if cracks is not None else []
    if case is not None and cases is not None:
        written += impact_text.write_cases(found, case, cases)
    if json_:
        emit(finite({**impact_text.describe(found), "written": [str(path) for path in written]}))
        return
    out.print(impact_text.text(found), highlight=False, markup=False, soft_wrap=True)
    for path in written:
        out.print(f"written: {path}", highlight=False, markup=False, soft_wrap=True)


@app.command()
def doctor(json_: Json = False) -> None:
    """Say what this installation has, what is missing and how to get it.

    Example: deadlight doctor
    """
    from deadlight.doctor import examine

    findings = examine()
    if json_:
        emit({f.name: {"state": f.state, "remedy": f.remedy, "good": f.good} for f in findings})
        return
    for finding in findings:
        mark = "[green]ok  [/]" if finding.good else "[yellow]miss[/]"
        out.print(f"{mark} {finding.name:<16} {plain(finding.state)}", highlight=False, soft_wrap=True)
        if finding.remedy:
            out.print(f"     {'':<16} -> {plain(finding.remedy)}", highlight=False, soft_wrap=True)


@app.command()
def verify(
    case: Annotated[
        list[str] | None, typer.Option("--case", metavar="NAME", help="Only this case; may be given several times.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Leave out what takes long.")] = False,
    write: Page = None,
    json_: Json = False,
) -> None:
    """Hold the program against cases whose answer is known: cracks above all, and heat, stress, growth, air.

    Largest error of every quantity, its own estimate, what is allowed. Status 3 if a case fails; fits judge nothing.

    Example: deadlight verify --quick
    """
    from deadlight.verify.case import Effort
    from deadlight.verify.page import write_page
    from deadlight.verify.run import verify as run_cases
    from deadlight.verify.table import text

    with progressing(json_) as progress:
        found = run_cases(case or (), effort=Effort(quick=quick), progress=progress)
    if write:
        write_page(found, write)
    if json_:
        emit(found.describe())
    else:
        out.print(text(found), highlight=False, markup=False, soft_wrap=True)
    if not found.passed:
        raise typer.Exit(NotSolved.exit_status)


@app.command()
def factors(
    kind: Annotated[str, typer.Option("--kind", help="surface, corner, through or edge")] = "surface",
    a_over_c: Annotated[float, typer.Option("--a-over-c", help="Depth over (half) length on the face.")] = 1.0,
    a_over_t: Annotated[float, typer.Option("--a-over-t", help="Depth over thickness; 0: half-space.")] = 0.0,
    c_over_t: Annotated[float, typer.Option("--c-over-t", help="Through: half length (edge: half depth).")] = 1.0,
    near: Annotated[float, typer.Option("--near", help="Through: c/(c + ligament to the rim); 0: no rim.")] = 0.0,
    nu: Annotated[float, typer.Option("--nu", help="Poisson's ratio.")] = 0.3,
    json_: Json = False,
) -> None:
    """Print boundary factors of a crack from the influence tables, beside the handbook's.

    Example: deadlight factors --kind surface --a-over-c 0.4 --a-over-t 0.6
    """
    from deadlight.crack.factors import factors as made

    found = made(kind, a_over_c=a_over_c, a_over_t=a_over_t, c_over_t=c_over_t, near=near, nu=nu)
    if json_:
        emit(found.describe())
    else:
        out.print(str(found), highlight=False, markup=False, soft_wrap=True)


@app.command()
def schema(what: Annotated[str, typer.Argument(help="case, impact or summary")] = "case", json_: Json = False) -> None:
    """Print the JSON schema of the case form, of an impact file or of summary.json.

    Example: deadlight schema case
    """
    del json_  # a schema is JSON anyway
    if what == "case":
        from deadlight.case.load import case_schema

        emit(case_schema())
    elif what == "impact":
        from deadlight.case.load import impact_schema

        emit(impact_schema())
    elif what == "summary":
        from deadlight.store.summary import summary_schema

        emit(summary_schema())
    else:
        raise InputError(f'no schema named "{what}"', remedy="case, impact or summary")


app.registered_commands += [*cli_view.app.registered_commands, *cli_study.app.registered_commands]


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
        emit(summary)
    else:
        from deadlight.view.summary_text import print_summary

        print_summary(summary, console=out)
        if solved:
            out.print(f"report: {folder / 'report.html'}", highlight=False, markup=False, soft_wrap=True)
    if not solved:
        raise typer.Exit(NotSolved.exit_status)


if __name__ == "__main__":
    main()
