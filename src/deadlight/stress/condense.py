"""A stress history as few modes, each node as accurate as its own peak asks."""

from __future__ import annotations

from typing import Any

import numpy as np

from deadlight.stress.reduced import ReducedModel

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

_TRIES = 16


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
    ranks = _ranks(values[::-1], 6 * n * m, budget)
    worst = np.zeros(len(ranks))
    for part in model.chunks(m):
        left = (model.stress(everything, part) / allowed[part, None]).reshape(m, -1)
        weights = vectors[:, : ranks[-1]].T @ left
        done = 0
        for i, rank in enumerate(ranks):
            left -= vectors[:, done:rank] @ weights[done:rank]
            worst[i] = max(worst[i], np.abs(left).max())
            done = rank
    good = np.flatnonzero(worst <= budget)
    chosen = int(good[0]) if len(good) else len(ranks) - 1
    rank = ranks[chosen]
    modes = np.empty((rank, n, 6))
    for part in model.chunks(m):
        stress = model.stress(everything, part)
        modes[:, part] = np.tensordot(vectors[:, :rank].T, stress, axes=1)
    return modes, np.ascontiguousarray(vectors[:, :rank]), float(worst[chosen])


def _ranks(values: Array, entries: int, budget: float) -> list[int]:
    """Ranks worth trying: from where the root mean square error meets the budget to where the largest must."""
    left = np.append(np.cumsum(np.maximum(values, 0.0)[::-1])[::-1], 0.0)  # squared error that rank k leaves
    useful = max(1, int(np.sum(values > 1e-15 * max(values[0], 1e-300))))
    first = int(np.argmax(np.sqrt(left / entries) <= budget))
    last = int(np.argmax(np.sqrt(left) <= budget))
    low, high = min(max(first, 1), useful), min(max(last, 1), useful)
    return sorted({int(r) for r in np.unique(np.geomspace(low, max(high, low), _TRIES).round())})
