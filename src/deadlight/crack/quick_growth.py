"""Growth of one crack in the quick tier: the same chain of geometries, and the same record, as the full tier's."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from deadlight.crack.growth import Toughness
from deadlight.crack.line import CrackLine
from deadlight.crack.quick import STEP, WANDERS
from deadlight.crack.quick_shape import FaceShape, QuickCrack, ThroughShape, quick_shape
from deadlight.crack.seed import Seed
from deadlight.growth.follow import follow
from deadlight.growth.plan import Step
from deadlight.growth.record import GrowthRecord
from deadlight.growth.segment import Clock, Law
from deadlight.progress import Progress, silent
from deadlight.remark import Remark, unique

Array = np.ndarray[Any, np.dtype[np.float64]]

STEPS = Step(slow=0.05, run=0.1)  # the ratio of depth to length follows with the first order in the step
LIMIT = 300  # geometries: they are cheap


def quick_record(
    seed: Seed,
    line: CrackLine,
    *,
    time: Array,
    stress: Array,
    temperature: Array,
    toughness: Toughness,
    nu: float,
    law: Law,
    clock: Clock,
    step: Step = STEPS,
    close: float = STEP,
    limit: int = LIMIT,
    progress: Progress = silent,
    choices: dict[str, str] | None = None,
) -> GrowthRecord:
    """Slow growth, runs and arrests of one crack along its line.

    Parameters
    ----------
    seed, line, time, stress, temperature, toughness, nu
        As for `quick.assess`.
    law, clock : Law, Clock
        Of slow growth; humidity.
    step : Step
        Longest steps; no tip moves by more than 10 % of its size, or half of what is left to the rim, at once.
    close : float [m]
        Ligament at the rim that breaks at a stroke.

    Raises
    ------
    NotSolved
        K of the crack as found was not found; whatever fails later is the end of the record.
    """
    crack = QuickCrack(seed, line, time, stress, temperature, toughness, nu, close)
    record = follow(
        quick_shape(crack), law, clock, step=step, limit=limit, progress=progress,
        choices={
            **(choices or {}),
            "direction": "straight along its line",
            "steps": f"{step.slow:g} of the crack's size slowly, {step.run:g} running",
        },
    )  # fmt: skip
    return dataclasses.replace(record, remarks=unique([*record.remarks, *_remarks(record, line)]))


def _remarks(record: GrowthRecord, line: CrackLine) -> list[Remark]:
    """Of the last geometry of either kind; those of the crack as found are in its own answer."""
    if not record.grew:
        return []
    shapes = [step.shape for step in record.steps]
    found: list[Remark] = []
    for kind in (FaceShape, ThroughShape):
        last = next((shape for shape in reversed(shapes) if isinstance(shape, kind)), None)
        if last is not None:
            found += [each.of("grown crack") for each in last.remarks()]
    end = shapes[-1]
    if isinstance(end, ThroughShape) and end.inner - end.outer > WANDERS * line.pane.thickness:
        found.append(
            Remark(
                f"the path is kept straight; longer than about {WANDERS:g} thicknesses a crack turns or wanders: read "
                "its length as how much of the pane is cut, not as a place"
            )
        )
    return found
