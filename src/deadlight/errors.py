"""Every error deadlight raises on purpose: one root, and the natural built-in beside it.

A message gives the value found, the limit or what was expected, the place, and the remedy.  Much of it is quoted from
files that anybody may have written: it is shown without control characters, in lines and in all of bounded length.
"""

from __future__ import annotations

from collections.abc import Iterable

LONGEST = 600  # characters of a part that are shown: a message of a case inside one of a study has 320
MOST = 12  # lines of a message


def shown(text: str, *, most: int = LONGEST) -> str:
    """A text on one line: what does not print as its escape, and of a long one both ends and how long it is."""
    if len(text) > most:
        text = f"{text[: most - 80]} ... ({len(text)} characters) ... {text[-50:]}"
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def bounded(lines: Iterable[str], last: str = "") -> str:
    """Lines as a message: each shown, at most `MOST` with the last one, which is kept."""
    told = [shown(line, most=2 * LONGEST) for line in lines]  # place and what was found are cut before
    last = shown(last, most=2 * LONGEST)
    room = MOST - bool(last)
    if len(told) > room:
        told = [*told[: room - 1], f"  ... and {len(told) - room + 1} more lines"]
    return "\n".join([*told, last] if last else told)


class Lines(str):
    """A text of several lines of our own making; in any other a line break is somebody's value, and is shown as one."""


class DeadlightError(Exception):
    """Root of all errors raised on purpose."""

    exit_status = 3


class InputError(DeadlightError, ValueError):
    """The user's input is at fault (exit status 2)."""

    exit_status = 2

    def __init__(self, found: str, *, place: str = "", remedy: str = "") -> None:
        self.found, self.place, self.remedy = found, place, remedy
        super().__init__(found)

    def __str__(self) -> str:
        first, *more = self.found.split("\n") if isinstance(self.found, Lines) else [self.found]
        if self.place:
            first = f"{shown(self.place)}: {shown(first)}"
        remedy = f"  remedy: {shown(self.remedy)}" if self.remedy else ""
        return bounded([first, *more], remedy)


class CaseError(InputError):
    """The case file is at fault."""


class MeshError(InputError):
    """A mesh or mesh file is at fault."""


class MaterialError(InputError):
    """A material, its table or a temperature outside its range is at fault."""


class LoadError(InputError):
    """A trajectory or a table of loads is at fault."""


class NotSolved(DeadlightError, ArithmeticError):
    """A solver did not converge or a result failed its own check (exit status 3)."""

    exit_status = 3


class NotFinite(DeadlightError, ArithmeticError):
    """A stage handed on a number that is NaN or infinite; no route and no fallback stands beside it (exit status 3)."""

    exit_status = 3


class MachineError(DeadlightError, RuntimeError):
    """The machine is at fault: no memory, no disk, a missing library (exit status 4)."""

    exit_status = 4


class RenderUnavailable(MachineError):
    """No picture can be drawn here; the message says what to install."""
