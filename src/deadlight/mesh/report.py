"""What a check of a mesh found: errors and warnings with count, place, value, limit and remedy."""

from __future__ import annotations

from dataclasses import dataclass

from deadlight.errors import Lines, MeshError
from deadlight.errors import shown as one_line


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or looks wrong.

    Attributes
    ----------
    kind : str
        For instance "inverted", "hanging", "coincident nodes".
    error : bool
        True if the mesh cannot be used.
    count : int
        How many cells, nodes or faces.
    place : str
        The first or worst of them: region, cell or node number, position.
    value, limit : str
        What was found there and what is allowed.
    remedy : str
    """

    kind: str
    error: bool
    count: int
    place: str
    value: str
    limit: str
    remedy: str

    @property
    def sentence(self) -> str:
        """For instance "inverted (3): region thermal, cell 12 at (...) mm: min det J -1e-9 m3, must be > 0"."""
        return f"{self.kind} ({self.count}): {self.place}: {self.value}, {self.limit}"


@dataclass(frozen=True)
class MeshReport:
    """All findings of `check_mesh`."""

    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.error)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if not f.error)

    def raise_if_errors(self, *, place: str = "mesh") -> None:
        """MeshError with the first errors (at most 12 lines) if there are any."""
        errors = self.errors
        if not errors:
            return
        shown = errors[:4]
        lines = [shown[0].sentence, *(f"  {f.sentence}" for f in shown[1:])]
        if len(errors) > len(shown):
            lines.append(f"  and {len(errors) - len(shown)} more kinds of error")
        raise MeshError(
            Lines("\n".join(map(one_line, lines))),
            place=place,
            remedy="; ".join(dict.fromkeys(f.remedy for f in shown)),
        )

    def __str__(self) -> str:
        rows = [f"{'error' if f.error else 'warning'}: {f.sentence}; {f.remedy}" for f in self.findings]
        return "\n".join(rows) or "no errors, no warnings"
