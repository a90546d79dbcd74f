"""Every error deadlight raises on purpose: one root, and the natural built-in beside it.

A message gives the value found, the limit or what was expected, the place, and the remedy.
"""

from __future__ import annotations


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
        lines = [f"{self.place}: {self.found}" if self.place else self.found]
        if self.remedy:
            lines.append(f"  remedy: {self.remedy}")
        return "\n".join(lines)


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
