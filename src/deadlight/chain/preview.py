"""What `deadlight check` says: the whole input looked at as a run would, without solving or writing anything."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deadlight.case.load import load_case
from deadlight.chain.heating import heat_model
from deadlight.chain.laid import Laid, lay_cracks
from deadlight.chain.outside import cold_wall_flux, environment_of
from deadlight.chain.viewport import Viewport, build_viewport
from deadlight.entry.environment import Environment


@dataclass(frozen=True, eq=False)
class Preview:
    """A case that was understood: its window, what it will meet, and what was found worth saying."""

    viewport: Viewport
    environment: Environment
    laid: tuple[Laid, ...]

    @property
    def crack_warnings(self) -> tuple[str, ...]:
        return tuple(f"{each.stated.name}: {text}" for each in self.laid for text in each.warnings)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Each once, in the order of the flow."""
        found = (*self.viewport.warnings, *self.environment.warnings, *self.crack_warnings)
        return tuple(dict.fromkeys(found))

    def describe(self) -> dict[str, Any]:
        """Plain data; SI."""
        laid = {each.stated.name: list(each.lines) for each in self.laid}
        known = self.viewport.describe()
        return {**known, "laid": laid, "environment": self._return(), "warnings": list(self.warnings)}

    def text(self) -> str:
        """The same for a reader."""
        facts = self._return()
        events = ", ".join(f"{e['what']} {e['time_s']:.0f} s" for e in facts["events"])
        what = "return" if self.environment.altitude is not None else "run"
        lines = [
            self.viewport.text(),
            "",
            *(line if not i else f"  {line}" for each in self.laid for i, line in enumerate(each.lines)),
            "",
            f"{what}: {facts['end_s']:.0f} s; {events}" if events else f"{what}: {facts['end_s']:.0f} s",
            f"peak cold-wall flux at the window {facts['peak_cold_wall_flux_W_m2'] / 1e3:.4g} kW/m2 "
            f"at {facts['peak_at_s']:.0f} s, peak load {facts['peak_load_g']:.3g} g",
        ]
        lines += [
            f"thermocouple {tc['name']}: " + ", ".join(f"{1e3 * x:z.2f}" for x in tc["position_m"]) + " mm"
            for tc in facts["thermocouples"]
        ]
        lines += [f"warning: {text}" for text in (*self.environment.warnings, *self.crack_warnings)]
        return "\n".join(lines)

    def _return(self) -> dict[str, Any]:
        e = self.environment
        t = np.linspace(0.0, e.end, 2001)
        flux = cold_wall_flux(self.viewport.case, e, t)
        return {
            "end_s": e.end,
            "peak_cold_wall_flux_W_m2": float(flux.max()),
            "peak_at_s": float(t[int(np.argmax(flux))]),
            "peak_load_g": float(np.linalg.norm(e.acceleration(t), axis=-1).max() / 9.80665),
            "events": [{"time_s": x.time, "what": x.name, "altitude_m": x.altitude} for x in e.events],
            "thermocouples": [{"name": x.name, "position_m": list(x.position)} for x in e.thermocouples],
        }


def preview(path: str | Path) -> Preview:
    """Reads a case file and everything it names, lays its cracks and flies its return.

    Raises
    ------
    InputError
        Anything a run would refuse before it starts to solve.
    """
    case = load_case(path)
    root = Path(path).parent
    viewport = build_viewport(case, root=root)
    laid = lay_cracks(viewport, root)
    environment = environment_of(viewport, root=root)
    heat_model(viewport, environment)
    return Preview(viewport, environment, laid)
