"""What became of the cracks of one pane, or of one crack by the quick tier, in the words of the summary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from deadlight.assumption import Assumption
from deadlight.chain.in_orbit import orbit_of
from deadlight.finite import UNLIMITED, Rule
from deadlight.growth.record import CRITICAL, End, GrowthEvent, GrowthRecord
from deadlight.remark import Remark

State = Literal["dormant", "growing", "arrested", "through", "at_edge", "unstable", "closed"]

STOPPED = (End.LOST, End.NOT_SOLVED, End.STEPS_SPENT, End.REACHES_CRACK)


@dataclass(frozen=True, eq=False)
class PaneGrowth:
    """A record with the pane it belongs to.

    Attributes
    ----------
    pane : str
    record : GrowthRecord
    told : tuple of Remark
        What the growth leaves out.
    assumptions : tuple of Assumption
        Of law and humidity.
    crack : str
        The crack, where each is followed alone (quick tier); else empty.
    highest : float or None
        Largest K/K_Ic of a record with K at the top of its error band, inf where that leads beyond what was solved;
        None where there is no such record.
    size : (float or None, float) or None [m]
        Depth below its face and length on it at the end; None where the record's fronts say it.
    """

    pane: str
    record: GrowthRecord
    told: tuple[Remark, ...]
    assumptions: tuple[Assumption, ...]
    crack: str = ""
    highest: float | None = None
    size: tuple[float | None, float] | None = None

    def no_number(self) -> dict[str, Rule]:
        return {"highest": UNLIMITED}  # beyond what was solved

    @property
    def label(self) -> str:
        """Whose growth it is."""
        return f"{self.crack} in {self.pane}" if self.crack else self.pane

    @property
    def largest(self) -> float:
        """Largest K/K_Ic of the cracks while they grew."""
        return float(self.record.trace_ratio.max())

    def critical(self, crack: str) -> GrowthEvent | None:
        """When and where K of a crack first reached K_Ic."""
        return next((e for e in self.events(crack) if e.what == CRITICAL), None)

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What must be known of it; an alarm where the record broke off."""
        found = [*self.told, *self.record.remarks]
        if self.record.end in STOPPED:
            text = f"{self.label}: growth was not followed to the end: {self.record.sentence}"
            found.append(Remark(text, alarm=True))
        return tuple(found)

    def events(self, crack: str) -> tuple[GrowthEvent, ...]:
        """Of one crack, and of all together."""
        return tuple(e for e in self.record.events if e.crack in (crack, ""))

    def state(self, crack: str) -> State:
        """In the contract's words."""
        what = {e.what for e in self.events(crack)}
        if self.record.end is End.SEVERED or "reaches the edge" in what:
            return "at_edge"
        if self.record.end in STOPPED:
            return "unstable" if self.record.first_critical is not None else "growing"
        if "breaks through" in what:
            return "through"
        if self.record.first_critical is not None:
            return "arrested" if any(e.what == "arrests" for e in self.record.events) else "unstable"
        if self.record.grew:
            return "growing"
        return "closed" if float(self.record.steps[0].reading.worst.max()) <= 0.0 else "dormant"

    @property
    def sentence(self) -> str:
        """What happened, in one sentence or two; before the return first, where there was a hold."""
        orbit = orbit_of(self.record)
        return self._told if orbit is None else f"{orbit.sentence} {self._told}"

    @property
    def _told(self) -> str:
        r = self.record
        first, last = 1e6 * r.steps[0].area, 1e6 * float(r.trace_area[-1])
        if not r.grew and r.first_critical is None:
            largest = f"the largest K/K_Ic is {float(r.steps[0].reading.worst.max()):.2f}"
            if r.end is not End.HISTORY_OVER:
                return f"Growth could not be followed; as found {largest}: {r.sentence}."
            return f"No growth; {largest}."
        who = f"{self.crack} grows" if self.crack else "The cracks grow"
        told = f"{who} from {first:.4g} to {last:.4g} mm^2"
        turns = [e for e in r.events if e.what in ("breaks through", "reaches the edge", "joins another crack")]
        changes = [" ".join(f"{e.crack} {e.what} {e.detail.split(',')[0]} at {e.time:.0f} s".split()) for e in turns]
        if changes:
            told += "; " + ", ".join(dict.fromkeys(changes))
        if r.end is End.SEVERED:
            return f"{told}; {'it cuts' if self.crack else 'they cut'} the pane in two."
        if r.end is not End.HISTORY_OVER:
            return f"{told}; followed no further: {r.sentence}."
        if r.first_critical is None:
            return f"{told} by slow growth; K stays below K_Ic."
        rest = "it stands still" if self.crack else "they stand still"
        return f"{told}; {rest} at the end; smallest K_Ic/K - 1 since the last run {r.margin_after:.2g}."
