"""What a result must say of itself, and whether it forbids a good verdict."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NUMBER = re.compile(r"(?<!\w)-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?!\w)")  # of its own: the 1 of pressure_1 is a name


class Remark(str):
    """A warning: its text, and whether it is an alarm.

    An alarm (out of range, cut short, not converged, physics left out where it matters) allows no verdict better than
    NOT_SHOWN, whatever its words are.  One of the loss of a pane binds the no-credit route alone
    (`chain/no_credit.py`).

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
    """Remarks of several like runs: what a later run says in other numbers only is counted, not told again.

    All that one run says is told, and an alarm wherever no run before gave the same one.

    Parameters
    ----------
    runs : remarks of each run, what weighs most first
    each : str
        What a run is called where others said the same: "loss time".
    """
    told: list[tuple[str, Remark]] = []
    known: dict[str, bool] = {}  # whether it was an alarm
    others: dict[str, int] = {}
    for run in runs:
        mine = [(_NUMBER.sub("#", text), text) for text in unique(run)]
        told += [(key, text) for key, text in mine if key not in known or (text.alarm and not known[key])]
        for key in {key for key, _ in mine}:
            others[key] = others.get(key, -1) + 1
        for key, text in mine:
            known[key] = known.get(key, False) or text.alarm
    return tuple(_counted(text, others[key], each) for key, text in told)


def _counted(text: Remark, others: int, each: str) -> Remark:
    return Remark(f"{text} (alike at {others} other {each}{'s' * (others > 1)})", alarm=text.alarm) if others else text


def pack(texts: Iterable[str]) -> list[tuple[str, bool]]:
    """Plain facts for JSON: text and flag."""
    return [(str(each), each.alarm) for each in map(remark, texts)]


def unpack(facts: Iterable[str | tuple[str, bool]]) -> tuple[Remark, ...]:
    """Remarks from what `pack` made; a text without a flag (an older build kept no flags) counts as an alarm."""
    return tuple(Remark(f, alarm=True) if isinstance(f, str) else Remark(f[0], alarm=bool(f[1])) for f in facts)
