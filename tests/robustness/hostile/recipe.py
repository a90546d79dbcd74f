"""One hostile file: which control it spoils, how, and what must be said of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

Change = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Recipe:
    """A named way to spoil a control.

    Attributes
    ----------
    control : str
        Name of a control mesh, or of the file that is spoilt.
    says : str
        Regular expression that the message must match, beside the file's name.
    """

    name: str
    control: str
    change: Change
    says: str


def swap(old: str | bytes, new: str | bytes, count: int = 1) -> Change:
    """The first occurrence replaced; it must be there."""
    a, b = (v.encode("latin-1") if isinstance(v, str) else v for v in (old, new))

    def change(data: bytes) -> bytes:
        assert a in data, f"the recipe's own replacement must hit: {a!r}"
        return data.replace(a, b, count)

    return change


def pattern(old: str, new: str) -> Change:
    """The first match of a regular expression replaced; there must be one."""

    def change(data: bytes) -> bytes:
        made, hits = re.subn(old.encode("latin-1"), new.encode("latin-1"), data, count=1, flags=re.DOTALL)
        assert hits, f"the recipe's own pattern must hit: {old}"
        return made

    return change


def cut(share: float) -> Change:
    """Only the first part of the file."""
    return lambda data: data[: int(share * len(data))]


def line(number: int, change: Callable[[str], str]) -> Change:
    """One line, counted from 1, changed."""

    def changed(data: bytes) -> bytes:
        rows = data.split(b"\n")
        rows[number - 1] = change(rows[number - 1].decode("latin-1")).encode("latin-1")
        return b"\n".join(rows)

    return changed


def drop(start: str, count: int = 1) -> Change:
    """The first line that begins so, and those that follow it, left out."""

    def changed(data: bytes) -> bytes:
        rows = data.split(b"\n")
        at = next(i for i, row in enumerate(rows) if row.startswith(start.encode()))
        return b"\n".join(rows[:at] + rows[at + count :])

    return changed


def put(at: Callable[[bytes], int], new: bytes) -> Change:
    """Bytes written over others at a place of a binary file."""

    def changed(data: bytes) -> bytes:
        place = at(data)
        return data[:place] + new + data[place + len(new) :]

    return changed


def after(mark: bytes, skip: int = 0) -> Callable[[bytes], int]:
    """The place behind a mark."""
    return lambda data: data.index(mark) + len(mark) + skip
