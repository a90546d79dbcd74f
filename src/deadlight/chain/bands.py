"""Values that are not known, moved through their bands one at a time: does the verdict change?

Asked of a coarse model of the same case (mesh, steps, quick tier where it knows the crack), and compared with what that
model says for the stated values.  Heat and stress are solved again only where the value enters them.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable, Iterable
from typing import Any

from deadlight.assumption import Assumption
from deadlight.case.change import changed_case
from deadlight.case.fields import Uncertain
from deadlight.case.model import Case
from deadlight.chain.moved import End, Moved
from deadlight.errors import DeadlightError
from deadlight.material.material import Material
from deadlight.material.spread import spread
from deadlight.store.summary import Verdict

COARSE = {"refine": 0.35, "tolerance": 8.0, "instants": 20, "crack": 0.7}  # of window's mesh; [K]; stress; cracks
POWER = 3.0  # of a value that K is taken to follow at most
HALVINGS = 2  # of the part of a band in which the verdict changes
SUPPORT = ("gasket_conductance", "structure_conductance", "seat_stiffness", "preload")
"""What makes up the assumption "supports.<pane>": it was moved if all of these were."""
IN_KELVIN = ("criteria.strain_margin", "criteria.seal_limit", "criteria.frame_limit")
CRACK_ONLY, STRESS_ONLY = ("toughness",), ("mean_expansion", "youngs_modulus", "seat_stiffness", "preload")


@dataclasses.dataclass(frozen=True)
class Span:
    """A band to be moved through: values as text of the case form."""

    key: str
    path: str
    low: str
    stated: str
    high: str
    source: str

    @property
    def enters(self) -> str:
        """The first stage before the loss of a pane that it enters: "crack", "stress" or "heat"."""
        last = self.path.rsplit(".", 1)[-1]
        if self.path.startswith(("criteria.", "cracks.", "loss.")) or last in CRACK_ONLY:
            return "crack"
        return "stress" if last in STRESS_ONLY else "heat"


def spans_of(case: Case, materials: dict[str, Material], assumptions: Iterable[Assumption]) -> tuple[Span, ...]:
    """The bands stated in the case, all of them, then those of the assumptions, then the spread of library glasses.

    Parameters
    ----------
    materials : dict of pane -> Material
    assumptions : those that enter the verdict
    """
    keys = {a.key for a in assumptions if a.status in ("A", "M")}
    found: dict[str, Span] = {}
    for band in case.bands:
        source = band.source or "band stated in the case"
        found[band.key] = Span(_assumption(band.key), band.key, band.low, "the stated value", band.high, source)
    for key in sorted(keys):
        value, path = _uncertain(case, key), f"{key}.value"
        if value is not None and value.band and path not in found:
            unit = " K" if key in IN_KELVIN else ""
            low, stated, high = (f"{x:.6g}{unit}" for x in (value.band[0], value.value, value.band[1]))
            found[path] = Span(key, path, low, stated, high, value.source or "band stated in the case")
    for pane in case.panes:
        glass = materials[pane.name]
        for name in glass.properties:
            path = f"materials.{pane.material}.scale.{name}"
            factors = spread(glass, name)
            if f"{glass.name}.{name}" in keys and factors and path not in found:
                least, most, source = factors
                found[path] = Span(f"{glass.name}.{name}", path, f"{least:.4g}", "1", f"{most:.4g}", source)
    return tuple(found.values())


def complete(spans: Iterable[Span]) -> set[str]:
    """Keys of the assumptions whose every part is among the spans."""
    by_key: dict[str, set[str]] = {}
    for span in spans:
        by_key.setdefault(span.key, set()).add(span.path.rsplit(".", 1)[-1])
    return {key for key, parts in by_key.items() if not key.startswith("supports.") or parts >= set(SUPPORT)}


def coarse(case: Case, *, quick: bool) -> Case:
    """The case as a coarse model: what is asked again and again."""
    changes: dict[str, Any] = {
        "solver.bands": False,
        "solver.heat_tolerance": f"{max(case.solver.heat_tolerance, COARSE['tolerance']):g} K",
        "solver.stress_instants": min(case.solver.stress_instants, int(COARSE["instants"])),
        "solver.crack_refine": f"{min(case.solver.crack_refine, COARSE['crack']):g}",
        "output.fields": 0,
    }
    if case.window is not None:
        changes["window.refine"] = f"{min(case.window.refine, COARSE['refine']):g}"
    if quick:
        changes["growth.tier"] = "quick"
    if case.growth.law == "none":
        changes["growth.geometries"] = 0
    return changed_case(case, changes, place="bands")


Ask = Callable[[Case, Span | None], End]
"""The verdict of a changed case, given the span that changed it; None: as stated."""


def moved(case: Case, span: Span, stated: End, ask: Ask) -> Moved:
    """One span at both ends, and halved where the verdict changes.

    Parameters
    ----------
    case : Case
        The coarse one.
    stated : End
        What the coarse model says as stated.
    ask : callable
        Verdict of a case; what cannot be solved is NOT_SHOWN with its reason.
    """
    here = dataclasses.replace(stated, value=span.stated)
    ends = [_at(case, span, text, ask) for text in (span.low, span.high)]
    more, between = _halved(case, span, here, ends, ask)
    return Moved(span.key, span.path, here, (*ends, *more), span.source, between)


def too_far(span: Span, ratio: float | None) -> bool:
    """Whether K would have to follow the value with more than its third power for the verdict to change.

    Parameters
    ----------
    ratio : float or None
        What would have to come down, or up, to one; None: not known.
    """
    if ratio is None or not ratio > 0.0 or not all(_number(v) for v in (span.low, span.stated, span.high)):
        return False
    low, stated, high = (float(v) for v in (span.low, span.stated, span.high))
    if min(low, stated) <= 0.0:
        return False
    reach = max(math.log(high / stated), math.log(stated / low))
    return abs(math.log(ratio)) > POWER * reach


def _at(case: Case, span: Span, text: str, ask: Ask) -> End:
    try:
        return dataclasses.replace(ask(changed_case(case, {span.path: text}, place="bands"), span), value=text)
    except DeadlightError as error:
        unknown = Verdict.NOT_SHOWN
        return End(text, unknown, unknown, unknown, float("nan"), str(error).splitlines()[0])


def _halved(case: Case, span: Span, stated: End, ends: list[End], ask: Ask) -> tuple[list[End], tuple[str, str] | None]:
    """More values where the verdict changes, and the last pair between which it does; only of pure numbers."""
    side = next((e for e in ends if e.verdict is not stated.verdict), None)
    if side is None or not _number(side.value) or not _number(stated.value):
        return [], None
    seen = [stated, side]
    for _ in range(HALVINGS):
        a, b = _change(seen)
        middle = f"{0.5 * (float(a.value) + float(b.value)):.4g}"
        seen.append(_at(case, span, middle, ask))
    a, b = _change(seen)
    return seen[2:], (a.value, b.value)


def _change(seen: list[End]) -> tuple[End, End]:
    ordered = sorted(seen, key=lambda e: float(e.value))
    return next((a, b) for a, b in itertools.pairwise(ordered) if a.verdict is not b.verdict)


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _uncertain(case: Case, key: str) -> Uncertain | None:
    """The value of the case under a dotted key, if it is one that carries a band."""
    here: Any = case
    for part in key.split("."):
        here = getattr(here, part, None)
    return here if isinstance(here, Uncertain) else None


def _assumption(path: str) -> str:
    """Key of the assumption that a key of the case belongs to."""
    parts = path.split(".")
    if parts[0] == "materials" and len(parts) > 3 and parts[2] == "scale":
        return f"{parts[1]}.{parts[3]}"
    if parts[0] == "supports":
        return ".".join(parts[:2])
    return path.removesuffix(".value")
