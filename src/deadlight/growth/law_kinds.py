"""Which laws of slow growth there are, and which constants each takes."""

from __future__ import annotations

from typing import Any, Literal

from deadlight.errors import InputError

Kind = Literal["none", "exponential", "power", "table", "user"]


def check_constants(kind: str, *, threshold: float | str | None = None, **given: Any) -> None:
    """InputError unless the constants given (not None) are just those that a law takes; names as in `law_of`."""
    takes: dict[str, tuple[set[str], ...]] = {
        "none": (set(),),
        "exponential": (set(), {"v0", "beta"}),
        "power": (set(), {"n", "v_c"}),
        "table": ({"file"},),
        "user": ({"user"}, {"user", "parameters"}),
    }
    if kind not in takes:
        raise InputError(f'law "{kind}"', place="growth", remedy=f"one of {', '.join(takes)}")
    names = {name for name, value in given.items() if value is not None}
    if names not in takes[kind]:
        choice = " or ".join(" and ".join(sorted(each)) or "no constant" for each in takes[kind])
        raise InputError(
            f'law = "{kind}" with {", ".join(sorted(names)) or "no constant"}',
            place="growth",
            remedy=f"it takes {choice}",
        )
    if kind == "none" and threshold is not None:
        raise InputError('threshold does nothing with law = "none"', place="growth", remedy="leave it out")
