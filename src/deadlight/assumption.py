"""A value the answer rests on, with where it comes from and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass

from deadlight.errors import InputError

STATUSES = {"R": "read in the source", "M": "from memory of the source", "D": "derived", "A": "assumption"}


@dataclass(frozen=True)
class Assumption:
    """One entry of the list of assumptions that every result carries.

    Attributes
    ----------
    key : str
        Dotted name of what is assumed, for instance "heating.ratio".
    value : str
        The value in words, with its unit.
    source : str
        Document, author or reason.
    status : str
        R read in the source, M from memory of it, D derived, A assumption.
    note : str
        What it decides or where it stops being valid.
    """

    key: str
    value: str
    source: str
    status: str
    note: str = ""

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise InputError(
                f'status "{self.status}"',
                place=f"assumption {self.key}",
                remedy=f"one of {', '.join(STATUSES)} ({STATUSES})",
            )
