"""Causes of a pane's stress at a few instants: pressure, heat, rim, inertia, residual stress, preload."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from deadlight.case.pane import Pane
from deadlight.chain.loading import pane_problem
from deadlight.chain.viewport import Viewport
from deadlight.entry.environment import Environment
from deadlight.errors import InputError
from deadlight.heat.history import TemperatureHistory
from deadlight.remark import Remark
from deadlight.stress.causes import NodalStress, stress_causes
from deadlight.stress.history import StressHistory

Array = np.ndarray[Any, np.dtype[np.float64]]

CLOSED = 0.01  # of the pane's largest stress then: what the causes may differ by from the stored history


def causes_at(
    viewport: Viewport,
    pane: Pane,
    environment: Environment,
    temperature: TemperatureHistory,
    instants: Sequence[float] | Array,
) -> dict[str, NodalStress]:
    """Stress of each cause (`deadlight.stress.causes.CAUSES`) at a few instants [s], increasing.

    One factor of the pane for all; hold the sum to the stored history by `closing`.

    Parameters
    ----------
    environment : Environment
        That of the stress stage, with the gaps at their walls' temperatures.
    temperature : TemperatureHistory
        Of the whole mesh.

    Raises
    ------
    InputError
        No instants, or not increasing.
    NotSolved
        An instant has no equilibrium.
    """
    time = np.asarray(instants, dtype=np.float64)
    if time.ndim != 1 or not len(time) or (np.diff(time) <= 0).any():
        raise InputError(f"instants {instants}", place="causes of stress", remedy="increasing times [s]")
    fields = np.stack([temperature.at(float(t)) for t in time])
    return stress_causes(pane_problem(viewport, pane, environment, time=time, temperature=fields))


def closing(causes: Mapping[str, NodalStress], history: StressHistory) -> Array:
    """Largest difference of the causes' sum from a stress history, relative to its largest stress then. (m,)."""
    some = next(iter(causes.values()))
    found = []
    for i, t in enumerate(some.time):
        stored = history.at_time(float(t))
        total = np.sum([cause.stress(i) for cause in causes.values()], axis=0)
        found.append(np.abs(total - stored).max() / max(float(np.abs(stored).max()), 1e-300))
    return np.array(found)


def closing_remark(causes: Mapping[str, NodalStress], history: StressHistory) -> Remark:
    """How well the causes add up, in a sentence; an alarm where they do not."""
    worst = float(closing(causes, history).max())
    text = f"causes of the stress add up to the stored history within {100 * worst:.2g} % of its largest value"
    return Remark(f"{text} (limit {100 * CLOSED:g} %)", alarm=worst > CLOSED)
