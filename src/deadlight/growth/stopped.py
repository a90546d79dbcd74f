"""Growth that cannot be followed any further: a stated end, not a failure of the program."""

from __future__ import annotations

from typing import Any

from deadlight.errors import DeadlightError


class GrowthStopped(DeadlightError):  # an end that is stated in the result, not an error of anybody's
    """The next step of a crack cannot be followed; the caller keeps the last good state.

    Attributes
    ----------
    reason : str
        One word for tables: "turned_over", "no_chart", ...
    sentence : str
        What was found, where, and the limit.
    sheets : tuple of Sheet
        Where the pane is severed: the surfaces that cut it, which cannot be meshed as cracks any more.
    """

    def __init__(self, reason: str, sentence: str, sheets: tuple[Any, ...] = ()) -> None:
        self.reason, self.sentence, self.sheets = reason, sentence, sheets
        super().__init__(f"{reason}: {sentence}")
