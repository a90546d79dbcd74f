"""A value that is not known, at both ends of its band, and what became of the verdict there."""

from __future__ import annotations

from dataclasses import dataclass

from deadlight.finite import ANY, UNLIMITED, Rule
from deadlight.store.summary import Verdict


@dataclass(frozen=True)
class End:
    """The verdict at one value, all others as stated.

    `ratio` is the largest K/K_Ic with its error band; no number where it could not be found, inf where its error
    is not known.
    """

    value: str
    verdict: Verdict
    credit: Verdict
    no_credit: Verdict
    ratio: float
    alarm: str = ""

    def no_number(self) -> dict[str, Rule]:
        return {"ratio": ANY if self.verdict is Verdict.NOT_SHOWN else UNLIMITED}


@dataclass(frozen=True)
class Moved:
    """One value moved through its band.

    Attributes
    ----------
    key : str
        Of the assumption.
    path : str
        Dotted key of the case that was changed.
    stated : End
        As the case has it, by the same coarse model as the ends.
    ends : tuple of End
        At the ends, and wherever else it was looked.
    source : str
        Where the band comes from.
    between : (str, str) or None
        Neighbouring values between which the verdict changes.
    note : str
        Why it was not asked; then there are no ends.
    """

    key: str
    path: str
    stated: End
    ends: tuple[End, ...]
    source: str
    between: tuple[str, str] | None = None
    note: str = ""

    @property
    def flips(self) -> bool:
        """Whether the verdict changes within the band."""
        return any(e.verdict is not self.stated.verdict for e in self.ends)

    @property
    def sentence(self) -> str:
        """What changes, in words."""
        if self.note:
            return f"{self.path} does not decide: {self.note}"
        told = ", ".join(f"{e.verdict} at {e.value} (K/K_Ic {e.ratio:.2f})" for e in self.ends)
        where = f"; it changes between {self.between[0]} and {self.between[1]}" if self.between else ""
        change = "decides" if self.flips else "does not decide"
        return f"{self.path} {change}: {self.stated.verdict} at {self.stated.value}, {told}{where} ({self.source})"
