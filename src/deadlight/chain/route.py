"""One way to the verdict: what it says, why, with which margins, and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass

from deadlight.store.summary import Margin, Verdict


@dataclass(frozen=True)
class RouteAnswer:
    """The answer of one route.

    Attributes
    ----------
    verdict : Verdict
    reasons : tuple of str
        The decisive one first.
    margins : tuple of Margin
    rests_on : frozenset of str
        Keys of the assumptions that enter it.
    """

    verdict: Verdict
    reasons: tuple[str, ...]
    margins: tuple[Margin, ...] = ()
    rests_on: frozenset[str] = frozenset()
