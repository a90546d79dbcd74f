"""Everything one run computed, as plain objects."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from deadlight.assumption import Assumption
from deadlight.chain.arcjet import readings
from deadlight.chain.cracks import CrackAnswer
from deadlight.chain.credit import credit_route
from deadlight.chain.heating import HeatModel
from deadlight.chain.leaking import LeakOutcome
from deadlight.chain.loss_sweep import LossSweep
from deadlight.chain.lost_pieces import LostPiece
from deadlight.chain.moved import Moved
from deadlight.chain.no_credit import no_credit_route
from deadlight.chain.pane_growth import PaneGrowth
from deadlight.chain.pieces import PaneOutcome
from deadlight.chain.route import RouteAnswer
from deadlight.chain.verdict import Judgement, judge, unjudged
from deadlight.chain.viewport import Viewport, unstated
from deadlight.entry.environment import Environment
from deadlight.finite import first_not_finite
from deadlight.heat.history import TemperatureHistory
from deadlight.remark import Remark, remark, unique
from deadlight.stress.history import StressHistory

if TYPE_CHECKING:
    from deadlight.view.plot import Plots

Array = np.ndarray[Any, np.dtype[np.float64]]
TEMPER_MARGIN = 150.0  # [K] below the strain point where temper begins to go within minutes (assumption)
RETAINER_USES = ("density", "conductivity", "specific_heat")


@dataclass(frozen=True, eq=False)
class RunResult:
    """A window's return: what went in and what came out of every stage."""

    viewport: Viewport
    environment: Environment
    heat_model: HeatModel
    temperature: TemperatureHistory
    stress: dict[str, StressHistory]
    cracks: tuple[CrackAnswer, ...]
    timings: dict[str, float | None]
    moved: tuple[Moved, ...] = ()
    outcomes: tuple[PaneOutcome, ...] = ()
    sweep: LossSweep | None = None
    told: tuple[Remark, ...] = ()
    leak: LeakOutcome | None = None
    lost: tuple[LostPiece, ...] = ()

    @functools.cached_property
    def plot(self) -> Plots:
        """3D pictures at evenly spread instants: `result.plot.window("stress").save("stress.png")`."""
        from deadlight.chain.shown import shown  # it takes results

        return shown(self).plot

    @functools.cached_property
    def thermocouples(self) -> dict[str, Array]:
        """Name -> (m,) temperature [K] at the instants of the heat history; empty but for a test article."""
        return readings(self.viewport, self.environment, self.temperature)

    @property
    def growths(self) -> tuple[PaneGrowth, ...]:
        """One for every pane whose cracks were followed, or for every crack by the quick tier."""
        found = {id(a.growth): a.growth for a in self.cracks if a.growth is not None}
        return tuple(found.values())

    @property
    def warnings(self) -> tuple[Remark, ...]:
        """From every stage, each once, in the order of the flow."""
        found: list[str] = [*self.viewport.warnings, *self.environment.warnings, *self.temperature.warnings]
        found += self._relaxation()
        for name, history in self.stress.items():
            found += [remark(text).of(name) for text in history.warnings]
        for crack in self.cracks:
            found += [remark(text).of(crack.stated.name) for text in crack.warnings]
        for growth in self.growths:
            found += growth.remarks
        for outcome in self.outcomes:
            found += outcome.remarks
        found += self.told
        if self.leak is not None:  # it enters no verdict
            found += [f"leak: {text}" for text in self.leak.remarks]
        if self.sweep is not None:  # its alarms are the other route's: they forbid no credit
            found += [f"if {self.sweep.pane} is lost: {text}" for text in self.sweep.remarks]
        for each in self.lost:  # so are theirs
            found += [f"{each.what}: {text}" for text in each.loss.remarks]
        return unique(found)

    def _relaxation(self) -> list[Remark]:
        """Panes so hot that the glass flows or its temper goes: neither is modelled."""
        found = []
        for pane in self.viewport.case.panes:
            material = self.viewport.materials[pane.name]
            if "strain_point" not in material.properties:
                continue
            nodes = self.viewport.mesh.region_nodes(pane.name)
            peak, limit = float(self.temperature.temperature[:, nodes].max()), material.strain_point
            if peak > limit:
                text = f"{pane.name} reaches {peak:.0f} K, above its strain point {limit:.0f} K: the glass flows"
                found.append(Remark(f"{text}, which is not modelled", alarm=True))
            elif pane.initial_stress.kind != "none" and peak > limit - TEMPER_MARGIN:
                text = f"{pane.name} reaches {peak:.0f} K; within {TEMPER_MARGIN:.0f} K of its strain point"
                found.append(Remark(f"{text} its initial stress relaxes, which is not modelled", alarm=True))
        return found

    @property
    def alarms(self) -> list[str]:
        """What forbids a good verdict: every remark of any stage that is an alarm."""
        return [str(each) for each in self.warnings if each.alarm]

    @property
    def routes(self) -> tuple[RouteAnswer, RouteAnswer]:
        """Credit and no credit."""
        case = self.viewport.case
        cracked = list(dict.fromkeys(a.stated.pane for a in self.cracks))
        return (
            credit_route(case, self.cracks, self._glass, self.outcomes, self.lost),
            no_credit_route(case, cracked, self.sweep, self._glass, self.lost),
        )

    @property
    def _glass(self) -> dict[str, str]:
        return {name: m.name for name, m in self.viewport.materials.items()}

    @functools.cached_property
    def judgement(self) -> Judgement:
        """Both routes and the verdict; NOT_SHOWN where anything of the run that is a number in kind is none."""
        fault = first_not_finite(self, "result")
        if fault is not None:
            return unjudged(fault)
        credit, no_credit = self.routes
        bands = [band.key for band in self.viewport.case.bands]
        return judge(self.cracks, self.assumptions, self.alarms, credit, no_credit, self.moved, bands)

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """What the answer rests on: environment, heat model, materials, defaults of the case, the crack model."""
        case = self.viewport.case
        found = [*self.viewport.assumptions, *self.environment.assumptions, *self.heat_model.assumptions]
        for region, material in self.viewport.materials.items():
            found += material.assumptions(None if region in {p.name for p in case.panes} else RETAINER_USES)
        under = "the gas under a lip, in the seat bands and round the rim has the pressure of the outer or inner side"
        found.append(Assumption("pressure.edges", under, "set in the program, not in the case", "A"))
        found += [
            Assumption("default: " + ".".join(key), value, "the case leaves it out", "A")
            for key, value in unstated(case)
        ]
        if self.cracks:
            found.append(
                Assumption(
                    "numerical_error",
                    f"without the error of the heat steps in time (local tolerance {case.solver.heat_tolerance:g} K)",
                    "not estimated: halve the tolerance to see it",
                    "A",
                )
            )
        for crack in self.cracks:
            found += crack.assumptions
        for growth in self.growths:
            found += growth.assumptions
        for outcome in self.outcomes:
            found += outcome.assumptions
        if self.sweep is not None:
            found += self.sweep.assumptions
        for each in self.lost:
            found += each.loss.assumptions
        if self.leak is not None:
            found += self.leak.assumptions
        unique = {(a.key, a.value): a for a in found}
        return tuple(unique.values())
