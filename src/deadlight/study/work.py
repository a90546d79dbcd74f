"""One case from its window to its record: what every way of running a study calls, so that all give the same."""

from __future__ import annotations

import time as clock
from collections.abc import Sequence
from typing import Any

import numpy as np

from deadlight.errors import DeadlightError
from deadlight.study.apply import Posed
from deadlight.study.full_store import Histories
from deadlight.study.record import Record, done, failed
from deadlight.study.window import Answered, StudyWindow

Array = np.ndarray[Any, np.dtype[np.float64]]


class TimeUp(Exception):
    """The time of a case is over."""


def quick_case(window: StudyWindow, posed: Posed) -> Record:
    """The record of a case by the quick tier; an error is a result too, out of memory and out of time are not."""
    begun = clock.perf_counter()
    try:
        return done(posed, window.quick(posed), tier="quick", seconds=clock.perf_counter() - begun)
    except (MemoryError, TimeUp):
        raise
    except Exception as error:
        return failed(posed.row, posed.key, reason(error), tier="quick", seconds=clock.perf_counter() - begun)


def full_case(window: StudyWindow, posed: Posed, refine: float = 1.0) -> tuple[Record, Histories]:
    """The same by the crack operator, with K over time along every front."""
    begun = clock.perf_counter()
    try:
        found = window.full(posed, refine)
        record = done(posed, found, tier="full", seconds=clock.perf_counter() - begun)
        return record, histories(found)
    except (MemoryError, TimeUp):
        raise
    except Exception as error:
        return failed(posed.row, posed.key, reason(error), tier="full", seconds=clock.perf_counter() - begun), {}


def histories(found: Answered) -> Histories:
    """K of every front and tip, by crack."""
    arrays: Histories = {}
    for answer in found.answers:
        name = answer.stated.name
        if answer.full is not None:
            arrays[f"{name}.time"] = answer.full.time
            for i, front in enumerate(answer.full.fronts):
                arrays[f"{name}.front{i}.points"] = front.frame.point
                arrays[f"{name}.front{i}.k"] = front.k
                arrays[f"{name}.front{i}.effective"] = front.effective
                arrays[f"{name}.front{i}.toughness"] = front.toughness
        if answer.result is not None:
            arrays[f"{name}.quick.k"] = answer.result.seed_k
    return arrays


def reason(error: Exception) -> str:
    """Why a case failed, in a line; a fault of deadlight itself says so."""
    text = " ".join(str(error).split())
    if isinstance(error, DeadlightError):
        return f"{type(error).__name__}: {text}"
    return f"fault of deadlight itself: {type(error).__name__}: {text}"


def ordered(posed: Sequence[Posed]) -> list[Posed]:
    """By row: neighbours in a table are no neighbours in a pane, so workers are loaded evenly."""
    return sorted(posed, key=lambda p: p.row.index)
