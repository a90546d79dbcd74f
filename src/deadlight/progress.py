"""How a long computation tells where it is: stage, share done, a short note.

The library stays silent unless one is given.
"""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called by the stages; `share` runs from 0 to 1 within the named stage."""

    def __call__(self, stage: str, share: float, note: str = "") -> None: ...


def silent(stage: str, share: float, note: str = "") -> None:
    """Says nothing."""
