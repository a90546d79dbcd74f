"""A cover plate as one line of the case: `cover = { material = "...", thickness = "4 mm", gap = "8 mm" }` in [window].

It becomes a pane of its own, named "cover", with a gap: the case then is as if both had been written out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from deadlight.case.fields import Form, GapWidth, Temperature, Thickness
from deadlight.case.loss import Flaw
from deadlight.case.stress_form import InitialStress

NAME = "cover"
CABIN = "101325 Pa"


class Cover(Form):
    """A plate of the size of the innermost pane, without a retainer of its own.

    `place` = "inside": behind the innermost pane, as one is fitted from the cabin; the gap is closed in with the
    cabin's gas, so it carries nothing until the panes before it are lost, then cabin pressure and heating.
    "behind_outer": between the outermost pane and the next; the gap in front keeps what was stated for it, the one
    behind the plate is vented alike: it takes the heating when the outermost is lost, and no cabin pressure.
    """

    material: str
    thickness: Thickness
    gap: GapWidth
    place: Literal["inside", "behind_outer"] = "inside"
    initial_temperature: Temperature | None = None
    initial_stress: InitialStress | None = None
    initial_flaw: Flaw | None = None


def with_cover(data: Any) -> Any:
    """Plain data of a case with the cover's pane and gap written out; anything else is left as it is."""
    window = data.get("window") if isinstance(data, Mapping) else None
    stated = window.get("cover") if isinstance(window, Mapping) else None
    panes = list(data.get("panes") or ()) if isinstance(data, Mapping) else []
    if not isinstance(stated, Mapping) or not isinstance(stated.get("material"), str):
        return data
    tables = bool(panes) and all(isinstance(p, Mapping) for p in panes)
    if not tables or any(p.get("name") == NAME for p in panes):
        return data
    inside = stated.get("place", "inside") != "behind_outer"
    beside = panes[-1] if inside else panes[0]
    pane = {"name": NAME, "role": "redundant", "material": stated.get("material")}
    for key in ("initial_temperature", "initial_stress", "initial_flaw"):
        if stated.get(key) is not None:
            pane[key] = stated[key]
    if "initial_temperature" not in pane and "initial_temperature" in panes[-1]:
        pane["initial_temperature"] = panes[-1]["initial_temperature"]
    at = len(panes) if inside else 1
    gaps = list(data.get("gaps") or ())
    if all(isinstance(g, Mapping) for g in gaps):
        gaps = _inside(gaps, data, beside) if inside else _behind_outer(gaps, beside, panes)
    return {**data, "panes": [*panes[:at], pane, *panes[at:]], "gaps": gaps}


def _inside(gaps: list[Any], data: Mapping[str, Any], last: Mapping[str, Any]) -> list[Any]:
    environment = data.get("environment")
    pressure = environment.get("pressure") if isinstance(environment, Mapping) else None
    cabin = pressure.get("cabin", CABIN) if isinstance(pressure, Mapping) else CABIN
    return [*gaps, {"between": [last.get("name"), NAME], "state": "sealed", "pressure": cabin}]


def _behind_outer(gaps: list[Any], first: Mapping[str, Any], panes: list[Any]) -> list[Any]:
    if len(panes) < 2:
        return gaps
    found = []
    for gap in gaps:
        if list(gap.get("between") or ()) == [first.get("name"), panes[1].get("name")]:
            found.append({**gap, "between": [first.get("name"), NAME]})
            found.append({**gap, "between": [NAME, panes[1].get("name")]})
        else:
            found.append(gap)
    return found
