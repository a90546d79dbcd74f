"""What the mesh and the stress history contribute to the numerical error of K.

Mesh.  The stress is quadratic in every cell.  K of the same stress made linear in every cell (values at the corners,
straight in between) differs by a share d, which falls with the square of the cell size h: d ~ (h/L)^2/8 where L is the
length over which the stress varies (error of linear interpolation). The next order, the error of the quadratic field,
is smaller by about h/L = sqrt(8 d).  So d sqrt(8 d) is taken; d is the root mean square over the instants whose K is
at least half the peak and over all front points, because at one of them it may vanish by chance.

Stress history.  It is within `error.total` times the allowed error at every node and instant: the largest of very
many, most of them far from the crack.  So the history is compared with itself short of as many of its last modes as
together come to that error, scaled to it: an error field as large, and where such errors are.

Not estimated: the temperature's own error in time (the tolerance of the heat step), and the error of the temperature
on the mesh where it does not show in the stress.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import scipy.sparse

from deadlight.crack.as_found import k_as_found
from deadlight.crack.line import CrackLine
from deadlight.crack.seed import Seed
from deadlight.mesh.elements import ELEMENTS
from deadlight.mesh.mesh import Mesh
from deadlight.stress.history import StressHistory

Array = np.ndarray[Any, np.dtype[np.float64]]

HALF = 0.5  # instants whose K is at least this share of the peak tell the mesh error
MOST_INSTANTS = 48
MOST_NODES, MOST_ROWS = 4000, 100
_LINEAR = {"tet": "tet4", "hex": "hex8", "wedge": "wedge6"}


def mesh_error(seed: Seed, *, line: CrackLine, history: StressHistory, points: Array, k: Array, nu: float) -> float:
    """Error of K by the size of the pane's cells, relative to the peak.

    Parameters
    ----------
    points : (p, 3) float [m]
        `line.points()`.
    k : (m, n_tips) float [Pa m^0.5]
        K of the crack as found at the instants of the history.

    Returns
    -------
    float
        inf where a cell of the pane is not quadratic: nothing coarser is there to compare with.
    """
    peak = float(np.nanmax(k))
    if not peak > 0.0:
        return 0.0
    if not all(block.element.quadratic for block in history.mesh.blocks):
        return float("inf")
    chosen = telling(k)
    at = history.locator.interpolation(points) @ straight(history.mesh)
    flat = history.modes.transpose(1, 0, 2).reshape(history.mesh.n_nodes, -1)
    modes = np.asarray(at @ flat).reshape(len(points), -1, 6).transpose(1, 0, 2)
    coarse = line.acting_stress(np.tensordot(history.amplitudes[chosen], modes, axes=1))
    return next_order(departure(k_as_found(seed, line=line, stress=coarse, nu=nu), k[chosen], peak))


def next_order(share: float) -> float:
    """Error of K with quadratic cells from the share by which linear ones change it."""
    return share * float(np.sqrt(8.0 * share))


def straight(mesh: Mesh) -> scipy.sparse.csr_matrix:
    """Matrix (n_nodes, n_nodes) that gives every node the linear interpolation of its cell's corners."""
    rows, columns, values = [], [], []
    for block in mesh.blocks:
        element = block.element
        weight = ELEMENTS[_LINEAR[element.family]].shape(element.nodes)
        rows.append(np.repeat(block.nodes, element.corners, axis=1).ravel())
        columns.append(np.tile(block.nodes[:, : element.corners], (1, element.n_nodes)).ravel())
        values.append(np.broadcast_to(weight, (len(block.nodes), *weight.shape)).ravel())
    place = (np.concatenate(rows), np.concatenate(columns))
    total = scipy.sparse.csr_matrix((np.concatenate(values), place), shape=(mesh.n_nodes, mesh.n_nodes))
    cells = np.bincount(np.concatenate([b.nodes.ravel() for b in mesh.blocks]), minlength=mesh.n_nodes)
    return scipy.sparse.diags(1.0 / np.maximum(cells, 1)) @ total


def stress_error(seed: Seed, *, line: CrackLine, history: StressHistory, points: Array, k: Array, nu: float) -> float:
    """Error of K by what the stress history may be wrong, relative to the peak; arguments as `mesh_error`."""
    peak = float(np.nanmax(k))
    if not peak > 0.0:
        return 0.0
    kept, size = rank_of_error(history, history.error.total)
    chosen = telling(k)
    modes = history.sample_modes(points)
    modes[kept:] *= 1.0 - min(history.error.total / size, 1.0) if size > 0.0 else 1.0
    fewer = line.acting_stress(np.tensordot(history.amplitudes[chosen], modes, axes=1))
    return departure(k_as_found(seed, line=line, stress=fewer, nu=nu), k[chosen], peak)


@functools.lru_cache(maxsize=8)  # a history is the same for every crack of its pane
def rank_of_error(history: StressHistory, error: float) -> tuple[int, float]:
    """Number of modes that leave out at least `error` times what is allowed, and how much they leave out.

    The largest over nodes and instants, both thinned: a little less than over all, so a little more is left out.
    """
    nodes = np.arange(0, history.mesh.n_nodes, max(1, history.mesh.n_nodes // MOST_NODES))
    modes = history.modes[:, nodes]
    amplitudes = history.amplitudes[:: max(1, len(history.time) // MOST_ROWS)]
    peak = np.abs(np.tensordot(amplitudes, modes, axes=1)).max(axis=(0, 2))
    modes = modes / np.maximum(history.error.tolerance * peak, history.error.floor)[:, None]
    left = np.zeros((len(amplitudes), *modes.shape[1:]))
    rank = len(modes)
    for rank in range(len(modes) - 1, -1, -1):
        left += amplitudes[:, rank, None, None] * modes[rank]
        if np.abs(left).max() >= error:
            break
    return rank, float(np.abs(left).max())


def telling(k: Array) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Instants that tell the error: not too many of those with at least half the peak."""
    found = np.flatnonzero(np.nanmax(k, axis=1) >= HALF * np.nanmax(k))
    return found[np.unique(np.linspace(0, len(found) - 1, MOST_INSTANTS).astype(int))]


def departure(other: Array, k: Array, peak: float) -> float:
    """Root mean square of the change of K over instants and front points, relative to the peak."""
    return float(np.sqrt(np.nanmean((other - k) ** 2))) / peak
