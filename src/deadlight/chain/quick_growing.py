"""Slow growth of one crack in the quick tier: the same record as the full tier's, where a law is stated."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np

from deadlight.chain.cracks import CrackAnswer
from deadlight.chain.growth_law import growth_law, humidity_at
from deadlight.chain.pane_growth import PaneGrowth
from deadlight.chain.quick_answer import QuickAnswer
from deadlight.chain.viewport import Viewport
from deadlight.crack.quick_growth import quick_record
from deadlight.crack.quick_shape import FaceShape
from deadlight.growth.law import NoGrowth
from deadlight.growth.record import End, GrowthRecord
from deadlight.progress import Progress

Array = np.ndarray[Any, np.dtype[np.float64]]


def with_quick_growth(viewport: Viewport, root: Path, answer: CrackAnswer, progress: Progress) -> CrackAnswer:
    """The answer with the record of its growth, where the case states a law.

    A second record, with the stress higher by the error band of K, says how near to K_Ic the crack may come: a small
    error of K is a large one of the life.
    """
    quick, pane, name = answer.quick, answer.stated.pane, answer.stated.name
    material = viewport.materials[pane]
    law = growth_law(viewport.case, material, root=root)
    if quick is None or quick.given is None or isinstance(law, NoGrowth):
        return answer
    humidity = humidity_at(viewport.case, pane)
    told: dict[str, Any] = {
        "law": law,
        "clock": humidity,
        "toughness": material.toughness,
        "choices": {"law of slow growth": law.name},
        "progress": lambda stage, share, note="": progress(stage, share, f"{name}: {note}"),
    }
    record = _record(quick, 1.0, told)
    judged = answer.judged
    highest, widest = None, record
    if record.first_critical is None and 0.0 < judged.ratio_max <= judged.highest < 1.0:
        widest = _record(quick, judged.highest / judged.ratio_max, told)
        known = widest.end is End.HISTORY_OVER or widest.first_critical is not None
        highest = float(widest.trace_ratio.max()) if known else np.inf
    used = used_by(widest)
    growth = PaneGrowth(
        pane,
        record,
        law.warnings(*used) if used else (),
        (*law.assumptions(), *humidity.assumptions()) if used else (),
        crack=name,
        highest=highest,
        size=_size(record),
    )
    return dataclasses.replace(answer, growth=growth)


def _record(quick: QuickAnswer, factor: float, told: dict[str, Any]) -> GrowthRecord:
    """With the stress times a factor: K is that much larger, with contact too."""
    given = quick.given
    assert given is not None
    return quick_record(
        given.seed, quick.line, time=quick.result.time, stress=factor * quick.stress, temperature=given.temperature,
        nu=given.nu, **told,
    )  # fmt: skip


def _size(record: GrowthRecord) -> tuple[float | None, float]:
    """Depth and length on the face of the last geometry [m]."""
    shape = record.steps[-1].shape
    if isinstance(shape, FaceShape):
        return shape.a, 2.0 * shape.c
    return None, float(shape.inner - shape.outer)


def used_by(record: GrowthRecord) -> tuple[float, float, float] | None:
    """Largest K, lowest and highest temperature at which the law of slow growth moved a front; None if it never did."""
    if record.creep <= 0.0 and all(step.indicative or step.move is None for step in record.steps):
        return None
    readings = [step.reading for step in record.steps]
    return (
        float(max(np.minimum(r.effective, r.toughness).max() for r in readings)),
        float(min(r.temperature.min() for r in readings)),
        float(max(r.temperature.max() for r in readings)),
    )
