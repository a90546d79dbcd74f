"""What all verbs of the command line share: consoles, progress, JSON, how a case file is named in a message."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from deadlight.errors import InputError
from deadlight.limits import Limits
from deadlight.progress import Progress as ProgressCall
from deadlight.progress import silent


class _Console(Console):
    """A console that hands no control character of a file's making to the terminal."""

    def print(self, *objects: Any, **how: Any) -> None:
        super().print(*(clean(each) if isinstance(each, str) else each for each in objects), **how)


def clean(text: str) -> str:
    """Text of any making without the control characters that a terminal would obey."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)


out, err = _Console(), _Console(stderr=True)
Json = Annotated[
    bool, typer.Option("--json", help="Print one machine-readable object on standard output and nothing else there.")
]
Page = Annotated[
    Path | None, typer.Option("--write", metavar="PAGE", help="Put the table between the marks of a page.")
]
CasePath = Annotated[Path, typer.Argument(metavar="CASE.toml", help="The case file.")]
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="A result folder.")]


@contextmanager
def progressing(quiet: bool) -> Iterator[ProgressCall]:
    """A bar for each stage with time left on a terminal, plain lines every few seconds elsewhere, or nothing."""
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
        begins = _Begins()

        def report(stage: str, share: float, note: str = "") -> None:
            anew = begins(stage, share)
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=1.0, note=note)
            elif anew:
                bar.reset(tasks[stage])
            bar.update(tasks[stage], completed=share, note=note)

        yield report


class _Begins:
    """Whether a stage begins, also once more: a case of several returns goes through its stages for each."""

    def __init__(self) -> None:
        self.share: dict[str, float] = {}

    def __call__(self, stage: str, share: float) -> bool:
        before, self.share[stage] = self.share.get(stage, 1.0), share
        return before >= 1 > share or before > 0 >= share


class _Lines:
    """Progress for a pipe or a log file: a line when a stage starts and ends, and every five seconds between."""

    def __init__(self) -> None:
        self.last: dict[str, float] = {}
        self.start: dict[str, float] = {}
        self.begins = _Begins()

    def __call__(self, stage: str, share: float, note: str = "") -> None:
        now = time.monotonic()
        if self.begins(stage, share):
            self.start[stage], self.last[stage] = now, -10
        begun = self.start.setdefault(stage, now)
        if share >= 1 or now - self.last.get(stage, -10) > 5:
            self.last[stage] = now
            left = f", {(now - begun) * (1 - share) / share:.0f} s left" if 0.02 < share < 1 else ""
            print(
                f"{stage}: {100 * share:.0f} % after {now - begun:.1f} s{left} {note}".rstrip(),
                file=sys.stderr,
                flush=True,
            )


@contextmanager
def naming(case: Path, folder: Path | None = None) -> Iterator[None]:
    """Puts the case file in front of the place of an input error that does not say which file it is about."""
    try:
        yield
    except InputError as error:
        known = [str(case), *([str(folder)] if folder else [])]
        if not any(error.place.startswith(name) for name in known):
            error.place = f"{case}: {error.place}" if error.place else str(case)
        raise


def plain(text: str) -> str:
    """Text of a file's making: no markup, no control characters that a terminal would obey."""
    from rich.markup import escape

    return escape(clean(text))


def within(limits: Limits) -> Callable[[typer.CallbackParam, float], float]:
    """What a number on the command line is held against, NaN among them, which no minimum of typer's refuses."""

    def check(param: typer.CallbackParam, value: float) -> float:
        limits.require(value, param.opts[0], place="command line")
        return value

    return check


def emit(value: Any) -> None:
    print(json.dumps(value, indent=1, default=str, allow_nan=False))


def finite(value: Any) -> Any:
    """Plain data with null for a bound that is not finite."""
    if isinstance(value, dict):
        return {key: finite(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
