"""What a result must say of itself, and whether it forbids a good verdict."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


class Remark(str):
    """A warning: its text, and whether it is an alarm.

    An alarm (out of range, cut short, not converged, physics left out where it matters) allows no verdict better than
    NOT_SHOWN, whatever its words are.

    Attributes
    ----------
    alarm : bool
    """

    alarm: bool

    def __new__(cls, text: str, *, alarm: bool = False) -> Remark:
        self = super().__new__(cls, text)
        self.alarm = alarm
        return self

    def of(self, owner: str) -> Remark:
        """The same remark with its owner's name before it."""
        return Remark(f"{owner}: {self}", alarm=self.alarm)


def remark(text: str) -> Remark:
    """A text as a remark; a plain one is no alarm."""
    return text if isinstance(text, Remark) else Remark(text)


def unique(texts: Iterable[str]) -> tuple[Remark, ...]:
    """Each text once, in order; an alarm if it is one anywhere."""
    found: dict[str, Remark] = {}
    for each in map(remark, texts):
        if str(each) not in found or each.alarm:
            found[str(each)] = each
    return tuple(found.values())


def alike(runs: Iterable[Iterable[str]], each: str) -> tuple[Remark, ...]:
    """Remarks of several like runs: those that differ in numbers only are told once, as the first run says them.

    Parameters
    ----------
    runs : remarks of each run, what weighs most first
    each : str
        What a run is called where others said the same: "loss time".
    """
    found: dict[str, Remark] = {}
    others: dict[str, int] = {}
    for run in runs:
        mine = {_NUMBER.sub("#", text): remark(text) for text in unique(run)}
        for key, text in mine.items():
            others[key] = others[key] + 1 if key in others else 0
            if key not in found or (text.alarm and not found[key].alarm):
                found[key] = text
    told = {1: f" (alike at 1 other {each})"}
    return tuple(
        Remark(f"{text}{told.get(n, f' (alike at {n} other {each}s)') if (n := others[key]) else ''}", alarm=text.alarm)
        for key, text in found.items()
    )


def pack(texts: Iterable[str]) -> list[tuple[str, bool]]:
    """Plain facts for JSON: text and flag."""
    return [(str(each), each.alarm) for each in map(remark, texts)]


def unpack(facts: Iterable[str | tuple[str, bool]]) -> tuple[Remark, ...]:
    """Remarks from what `pack` made; a text without a flag (an older build kept no flags) counts as an alarm."""
    return tuple(Remark(f, alarm=True) if isinstance(f, str) else Remark(f[0], alarm=bool(f[1])) for f in facts)
