"""A stress history as few modes, each node as accurate as its own peak asks."""

from __future__ import annotations

from typing import Any

import numpy as np

from deadlight.stress.reduced import ReducedModel

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

_RANKS = (1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64, 80, 100)


def allowed_error(peak: Array, *, tolerance: float, floor: float) -> Array:
    """Error [Pa] a node may have: a part of its own peak, or the floor where the peak is small."""
    return np.maximum(tolerance * peak, floor)


def peaks(model: ReducedModel, instants: Index) -> Array:
    """Largest stress component of every node over some instants. (n_nodes,) [Pa]."""
    peak = np.zeros(model.problem.mesh.n_nodes)
    for part in model.chunks(len(instants)):
        peak[part] = np.abs(model.stress(instants, part)).max(axis=(0, 2))
    return peak


def condense(model: ReducedModel, *, tolerance: float, floor: float, budget: float) -> tuple[Array, Array, float]:
    """Modes and amplitudes of the whole history.

    Proper orthogonal decomposition of the stress divided by what each node is allowed to be wrong, by the method of
    snapshots (Sirovich 1987, Quart. Appl. Math. 45:561), with the smallest rank whose largest error over all nodes
    and instants is below `budget` of the allowed.

    Returns
    -------
    modes : (r, n_nodes, 6) float [Pa]
    amplitudes : (m, r) float
        Orthonormal columns.
    error : float
        Largest error in parts of the allowed.
    """
    m, n = len(model.problem.time), model.problem.mesh.n_nodes
    everything = np.arange(m)
    gram, allowed = np.zeros((m, m)), np.zeros(n)
    for part in model.chunks(m):
        stress = model.stress(everything, part)
        allowed[part] = allowed_error(np.abs(stress).max(axis=(0, 2)), tolerance=tolerance, floor=floor)
        scaled = (stress / allowed[part, None]).reshape(m, -1)
        gram += scaled @ scaled.T
    values, vectors = np.linalg.eigh(gram)
    vectors = vectors[:, ::-1]
    useful = int(np.sum(values > 1e-15 * max(values[-1], 1e-300)))
    ranks = sorted({min(r, max(useful, 1)) for r in _RANKS})
    worst = np.zeros(len(ranks))
    modes = np.zeros((ranks[-1], n, 6))
    for part in model.chunks(m):
        left = (model.stress(everything, part) / allowed[part, None]).reshape(m, -1)
        weights = vectors[:, : ranks[-1]].T @ left
        modes[:, part] = weights.reshape(ranks[-1], -1, 6) * allowed[part, None]
        done = 0
        for i, rank in enumerate(ranks):
            left = left - vectors[:, done:rank] @ weights[done:rank]
            worst[i] = max(worst[i], np.abs(left).max())
            done = rank
    good = np.flatnonzero(worst <= budget)
    chosen = int(good[0]) if len(good) else len(ranks) - 1
    rank = ranks[chosen]
    return np.ascontiguousarray(modes[:rank]), np.ascontiguousarray(vectors[:, :rank]), float(worst[chosen])
