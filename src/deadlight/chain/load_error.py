"""Parts of the numerical error of the operator's K: its own, the stress history's, the pane mesh's.

The last two are found as for the quick tier (see `k_error`), with the operator in place of the crack line: K of the
stress made linear in every cell, and K of the stress short of its last modes, on the factor that is there and without
contact.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from deadlight.chain.front_answer import FrontAnswer, carried_to_surface
from deadlight.chain.k_error import rank_of_error, straight, telling
from deadlight.chain.sampled import SampledStress
from deadlight.operator.history import CrackHistory, follow

Array = np.ndarray[Any, np.dtype[np.float64]]


def operator_part(fronts: Sequence[FrontAnswer], worst: tuple[int, int, int]) -> float:
    """Of the crack operator's mesh and quadrature, at the worst place and instant."""
    front, instant, point = worst
    k = fronts[front].effective[instant, point]
    return float(fronts[front].error[instant, point] / k) if k > 0.0 else 0.0


def mesh_part(fronts: Sequence[FrontAnswer], stress: SampledStress, answer: CrackHistory) -> float:
    """Of the size of the pane's cells; NaN where a cell is not quadratic."""
    mesh = stress.history.mesh
    if not all(block.element.quadratic for block in mesh.blocks):
        return float("nan")
    share = _departure(fronts, stress, stress.coarsened(straight(mesh)), answer)
    return share * float(np.sqrt(8.0 * share))


def stress_part(fronts: Sequence[FrontAnswer], stress: SampledStress, answer: CrackHistory) -> float:
    """Of what the stress history may be wrong."""
    history = stress.history
    kept, size = rank_of_error(history, history.error.total)
    factor = np.ones(len(history.modes))
    factor[kept:] = 1.0 - min(history.error.total / size, 1.0) if size > 0.0 else 1.0
    return _departure(fronts, stress, stress.scaled(factor), answer)


def heat_part(fronts: Sequence[FrontAnswer], without: CrackHistory, error: float) -> float:
    """Of the heat that the crack blocks: its own error on what it changes of K_I, relative to the peak of K."""
    peak = max(float(front.effective.max()) for front in fronts)
    change = max(float(np.abs(f.k_open - k[..., 0])[:, ~f.carried].max()) for f, k in zip(fronts, without.k_open))
    return error * change / peak if peak > 0.0 else 0.0


def root_sum_square(errors: Mapping[str, float]) -> float:
    """Of errors that have nothing to do with each other."""
    return math.sqrt(sum(part**2 for part in errors.values()))


def _departure(
    fronts: Sequence[FrontAnswer], stress: SampledStress, other: SampledStress, answer: CrackHistory
) -> float:
    """Root mean square over telling instants and front points of the change of K_I, relative to the peak of K."""
    every = np.concatenate([front.effective for front in fronts], axis=1)
    peak = float(np.nanmax(every))
    if not peak > 0.0:
        return 0.0
    chosen = telling(every)
    found = [follow(answer.operator, each.at(chosen), contact=False).k_open for each in (other, stress)]
    closed = [front.closed for front in answer.operator.mesh.fronts]
    gaps = [
        carried_to_surface(a - b, frame, closed=shut)[0][..., 0].ravel()
        for a, b, frame, shut in zip(*found, answer.frames, closed)
    ]
    return float(np.sqrt(np.mean(np.concatenate(gaps) ** 2))) / peak
