"""Parts of the numerical error of the operator's K: its own, the stress history's, the pane mesh's.

The last two are found as for the quick tier (see `k_error`), with the operator in place of the crack line: K of the
stress made linear in every cell, and K of the stress short of its last modes, on the factor that is there and without
contact.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import scipy.sparse

from deadlight.chain.front_answer import FrontAnswer, carried_to_surface
from deadlight.chain.k_error import rank_of_error, straight, telling
from deadlight.chain.sampled import SampledStress
from deadlight.mesh.mesh import Mesh
from deadlight.operator.history import CrackHistory, follow

Array = np.ndarray[Any, np.dtype[np.float64]]


def operator_part(fronts: Sequence[FrontAnswer], worst: tuple[int, int, int]) -> float:
    """Of the crack operator's mesh and quadrature, at the worst place and instant."""
    front, instant, point = worst
    k = fronts[front].effective[instant, point]
    return float(fronts[front].error[instant, point] / k) if k > 0.0 else 0.0


def mesh_part(fronts: Sequence[FrontAnswer], stress: SampledStress, answer: CrackHistory) -> float:
    """Of the size of the pane's cells; inf, not known, where one is not quadratic."""
    mesh = stress.history.mesh
    if not all(block.element.quadratic for block in mesh.blocks):
        return float("inf")
    share = _departure(fronts, stress.coarsened(_bent(mesh)), answer)
    return share * float(np.sqrt(8.0 * share))


def stress_part(fronts: Sequence[FrontAnswer], stress: SampledStress, answer: CrackHistory) -> float:
    """Of what the stress history may be wrong."""
    history = stress.history
    kept, size = rank_of_error(history, history.error.total)
    factor = np.zeros(len(history.modes))
    factor[kept:] = -min(history.error.total / size, 1.0) if size > 0.0 else 0.0
    return _departure(fronts, stress.scaled(factor), answer)


@functools.lru_cache(maxsize=4)  # a pane's mesh is the same for all its cracks
def _bent(mesh: Mesh) -> scipy.sparse.csr_matrix:
    """What a stress linear in every cell differs by, from nodal values."""
    return straight(mesh) - scipy.sparse.identity(mesh.n_nodes, format="csr")


def heat_part(fronts: Sequence[FrontAnswer], without: CrackHistory, error: float) -> float:
    """Of the heat that the crack blocks: its own error on what it changes of K_I, relative to the peak of K."""
    peak = max(float(front.effective.max()) for front in fronts)
    change = max(float(np.abs(f.k_open - k[..., 0])[:, ~f.carried].max()) for f, k in zip(fronts, without.k_open))
    return error * change / peak if peak > 0.0 else 0.0


def root_sum_square(errors: Mapping[str, float]) -> float:
    """Of errors that have nothing to do with each other."""
    return math.sqrt(sum(part**2 for part in errors.values()))


def _departure(fronts: Sequence[FrontAnswer], change: SampledStress, answer: CrackHistory) -> float:
    """Root mean square over telling instants and front points of what a change of the stress does to K_I.

    Relative to the peak of K; by the factor that is there, without contact.
    """
    every = np.concatenate([front.effective for front in fronts], axis=1)
    peak = float(np.nanmax(every))
    if not peak > 0.0:
        return 0.0
    found = follow(answer.operator, change.at(telling(every)), contact=False).k_open
    closed = [front.closed for front in answer.operator.mesh.fronts]
    gaps = [
        carried_to_surface(k, frame, closed=shut)[0][..., 0].ravel()
        for k, frame, shut in zip(found, answer.frames, closed)
    ]
    return float(np.sqrt(np.mean(np.concatenate(gaps) ** 2))) / peak
