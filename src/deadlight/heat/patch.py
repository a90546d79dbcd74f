"""Weights of common points that pass the patch test on both faces of a pair.

Points of one face see the partner's shape functions with kinks inside its elements, so a uniform flux would arrive
unevenly.  The smallest change of the weights (least squares) that leaves the nodal areas of the integrated face as they
are and gives the partner its own nodal areas removes that; equal and opposite exchange is not touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse
from scipy.sparse.linalg import lsqr

from deadlight.heat.trace import face_trace
from deadlight.mesh.mesh import Mesh

Array = np.ndarray[Any, np.dtype[np.float64]]
BoolArray = np.ndarray[Any, np.dtype[np.bool_]]

LARGEST_CHANGE = 0.5  # of a weight; beyond that the points are too few to be fitted and stay as they are


def fitted(
    mesh: Mesh,
    face_b: str,
    a: scipy.sparse.csr_matrix,
    b: scipy.sparse.csr_matrix,
    weight: Array,
    covered: Sequence[BoolArray],
) -> Array:
    """Weights (m,) near `weight` with which both faces see a uniform flux right.

    Parameters
    ----------
    a, b : (m, n_nodes) CSR
        Shape functions of both faces at the points.
    weight : (m,) float [m2]
    covered : sequence of (n_cells,) bool
        For every block of face_b, the cells that lie opposite face_a with all their area: only their nodes are fitted.
    """
    fit = np.ones(mesh.n_nodes, dtype=bool)
    for block, whole in zip(mesh.face(face_b), covered):
        fit[block.nodes[~whole]] = False
    trace = face_trace(mesh, face_b)
    target = trace.nodal(np.ones(len(trace.weight)))
    fit &= target != 0.0
    missing = (target - b.T @ weight)[fit]
    scale = np.abs(target[fit]).mean() if fit.any() else 1.0
    if not fit.any() or np.abs(missing).max() <= 1e-12 * scale:
        return weight
    nodes_a = np.unique(a.indices)
    root = np.sqrt(weight)
    system = scipy.sparse.vstack([a[:, nodes_a].T, b[:, np.flatnonzero(fit)].T]) @ scipy.sparse.diags(root) / scale
    wanted = np.concatenate([np.zeros(len(nodes_a)), missing / scale])
    change = root * lsqr(system, wanted, atol=1e-9, btol=1e-9, iter_lim=500)[0]
    return weight + change if np.abs(change / weight).max() < LARGEST_CHANGE else weight
