"""Growth of the cracks of a case, by the tier that judges them; by the full tier kept on disk step by step."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from deadlight.chain.cracks import CrackAnswer
from deadlight.chain.growth_causes import with_causes
from deadlight.chain.growth_law import growth_law, humidity_at
from deadlight.chain.operator_answer import FullAnswer
from deadlight.chain.pane_growth import PaneGrowth
from deadlight.chain.quick_growing import used_by, with_quick_growth
from deadlight.chain.sampled import SampledStress
from deadlight.chain.viewport import Viewport
from deadlight.entry.environment import Environment
from deadlight.growth.banded import Retold, exponent, retold, worst_error
from deadlight.growth.crack_shape import CrackedPane, CrackShape
from deadlight.growth.follow import Growing, follow
from deadlight.growth.law import GrowthLaw, NoGrowth
from deadlight.growth.plan import Step
from deadlight.growth.record import GrowthRecord
from deadlight.growth.state import pack, unpack
from deadlight.heat.history import TemperatureHistory
from deadlight.progress import Progress
from deadlight.remark import Remark
from deadlight.store.stage import StageStore
from deadlight.stress.history import StressHistory
from deadlight.surface.bevels import without_bevels
from deadlight.surface.skin_mesh import background

Array = np.ndarray[Any, np.dtype[np.float64]]

LONGEST = 0.1  # of the pane's half width: longest step
FINENESS = 0.7  # of the mesh of the cracks as found: K to about 0.3 %, and the path matters
SKIN = 0.85  # growth of the skin's elements: K moves by 0.25 % (12 mm), 0.5 % (150 mm), a third less time and memory
TOLD = 1e-3  # share of K by heat that a crack blocks, from which its being left out of the growth is told


def grow(
    viewport: Viewport,
    root: Path,
    answers: Sequence[CrackAnswer],
    histories: dict[str, StressHistory],
    heat: TemperatureHistory,
    *,
    environment: Environment | None = None,
    store: StageStore | None,
    progress: Progress,
) -> list[CrackAnswer]:
    """The answers with their growth, where anything can move.

    By the operator the cracks of one pane grow together; by the quick tier each alone, and only where a law of slow
    growth is stated (its own answer follows the rest).

    Parameters
    ----------
    root : Path
        Folder of the case.
    environment : Environment, optional
        With it the causes of K are found at the events that decide.
    store : StageStore or None
        Where every geometry is kept; a run that was stopped goes on from the last one.
    """
    grown: dict[str, PaneGrowth] = {}
    if viewport.case.growth.geometries == 0:
        return list(answers)
    for pane in dict.fromkeys(a.stated.pane for a in answers if a.full):
        mine = [a for a in answers if a.stated.pane == pane]
        law = growth_law(viewport.case, viewport.materials[pane], root=root)
        runs = any(a.full is not None and a.full.highest >= 1.0 for a in mine)
        if runs or not isinstance(law, NoGrowth):
            found = _grow_pane(viewport, pane, mine, law, histories[pane], heat, store, progress)
            if environment is not None:
                progress("growth", 1.0, f"{pane}: causes of K")
                given = (viewport, pane, environment, heat, histories[pane])
                record, told = with_causes(found.record, *given)
                found = dataclasses.replace(found, record=record, told=(*found.told, *told))
            grown[pane] = found
    done = [dataclasses.replace(a, growth=grown.get(a.stated.pane)) for a in answers]
    return [a if a.full else with_quick_growth(viewport, root, a, progress) for a in done]


def _grow_pane(
    viewport: Viewport, pane: str, answers: Sequence[CrackAnswer], law: GrowthLaw, history: StressHistory,
    heat: TemperatureHistory, store: StageStore | None, progress: Progress,
) -> PaneGrowth:  # fmt: skip
    cracked, told = cracked_pane(viewport, pane, answers, history, heat)
    # events are told by the crack's own name: its sheet's says where it is, for the messages of the mesher
    sheets = [dataclasses.replace(a.flaw.sheet, name=a.stated.name) for a in answers if a.flaw]
    seed = CrackShape(cracked, tuple(sheets))
    humidity = humidity_at(viewport.case, pane)
    name = f"growth_{pane}"
    step = Step(longest=LONGEST * _half_width(seed))
    record = follow(
        _kept(store, name, seed) or seed,
        law,
        humidity,
        step=step,
        limit=viewport.case.growth.geometries,
        progress=lambda stage, share, note="": progress(stage, share, f"{pane}: {note}"),
        keep=None if store is None else lambda growing: store.save(name, *pack(growing)),
        choices={
            "law of slow growth": law.name,
            "direction": cracked.criterion.replace("_", " "),
            "steps": f"{step.slow:g} of the cracks' size slowly, {step.run:g} running, at most "
            f"{1e3 * step.longest:.3g} mm",
            "running front": f"advance as (K/largest K)^{step.beta:g}",
        },
    )
    used = used_by(record)
    highest = None
    if used:
        higher = retold(record, law, humidity, 1.0 + error_of(record, answers), step)
        told += [*law.warnings(*used), _band(pane, record, higher)]
        highest = higher.highest if record.first_critical is None else None
    assumed = (*law.assumptions(), *humidity.assumptions()) if used else ()
    return PaneGrowth(pane, record, tuple(told), assumed, highest=highest)


def error_of(record: GrowthRecord, answers: Sequence[CrackAnswer]) -> float:
    """Relative error of K in a growth: the operator's own, and what mesh, stress and heat add to it as found."""
    others = max(a.full.other_errors for a in answers if a.full)
    return math.hypot(worst_error(record), others)


def _band(pane: str, record: GrowthRecord, higher: Retold) -> Remark:
    """What the error of K does to the slow growth."""
    given = f"{pane}: with K higher by its stated error ({100 * (higher.factor - 1):.2g} %) slow growth"
    if not higher.followed:
        return Remark(f"{given} goes beyond the geometries that were solved", alarm=True)
    if higher.first_critical is None:
        return Remark(f"{given} ends at {1e6 * higher.area:.4g} mm^2 and K/K_Ic {higher.highest:.3g}")
    slope = exponent(record, higher)
    instead = f" instead of {record.first_critical:.4g} s" if record.first_critical is not None else ""
    counted = "" if slope is None else f"; d ln life / d ln K = {slope:.3g}"
    return Remark(f"{given} brings K to K_Ic at {higher.first_critical:.4g} s{instead}{counted}")


def cracked_pane(
    viewport: Viewport, pane: str, answers: Sequence[CrackAnswer], history: StressHistory, heat: TemperatureHistory
) -> tuple[CrackedPane, list[Remark]]:
    """What all geometries of a pane's cracks have in common, and what it leaves out."""
    case, material = viewport.case, viewport.materials[pane]
    stress = SampledStress.of(history)
    temperature = heat.temperature[:, viewport.mesh.region_nodes(pane)]
    full = [a.full for a in answers if a.full]
    lead = max(full, key=lambda f: f.ratio_max)
    body = next(a.flaw.body for a in answers if a.flaw)
    cracked = CrackedPane(
        body=body,
        stress=stress,
        temperature=functools.partial(stress.sample_field, temperature),  # not a local function: bands go to processes
        toughness=material.toughness,
        young=lead.young,
        nu=lead.nu,
        pressure=np.max([f.scenarios[f.governing].pressure for f in full], axis=0),
        seats=history.seats,
        back=None if body.unlimited else background(without_bevels(body).plain),
        refine=FINENESS * case.solver.crack_refine,
        skin_growth=SKIN,
        criterion=case.growth.direction,
    )
    return cracked, _left_out(pane, full)


def _left_out(pane: str, full: Sequence[FullAnswer]) -> list[Remark]:
    pressures = [f.scenarios[f.governing].pressure for f in full]
    told = []
    if any(not np.array_equal(p, pressures[0]) for p in pressures):
        told.append(Remark(f"{pane}: while they grow all cracks carry the largest of their pressures"))
    if max(f.errors.get("heat", 0.0) for f in full) > TOLD:
        told.append(Remark(f"{pane}: heat that the cracks block is in K of the cracks as found, not in their growth"))
    return told


def _half_width(seed: CrackShape) -> float:
    """Of the pane: half its second largest extent [m]."""
    body = seed.pane.body
    assert body is not None  # a pane is one
    return 0.5 * float(np.sort(np.ptp(body.facets().points, axis=0))[-2])


def _kept(store: StageStore | None, name: str, seed: CrackShape) -> Growing | None:
    """The stored state; None where there is none, or where its moves do not lead anywhere any more."""
    return store.load(name, lambda arrays, facts: unpack(arrays, facts, seed)) if store else None
