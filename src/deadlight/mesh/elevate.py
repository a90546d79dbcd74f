"""Linear cells made quadratic: one new node in the middle of every edge, shared by the cells that meet there."""

from __future__ import annotations

import numpy as np

from deadlight.mesh.elements import ELEVATED
from deadlight.mesh.mesh import CellBlock
from deadlight.mesh.raw import Array, Index


def edge_keys(block: CellBlock, n_nodes: int) -> Index:
    """One number for every corner-to-corner edge of every cell, the same whichever way it runs. (n_cells, n_edges)."""
    edges = np.array(block.element.edges)
    a, b = block.nodes[:, edges[:, 0]], block.nodes[:, edges[:, 1]]
    return np.minimum(a, b) * n_nodes + np.maximum(a, b)


def elevate(points: Array, blocks: tuple[CellBlock, ...]) -> tuple[Array, tuple[CellBlock, ...], int]:
    """Points and blocks with every linear cell made quadratic, and how many cells that were.

    Mid-edge nodes of quadratic neighbours are reused, so mixed meshes stay conforming. tet4 -> tet10,
    hex8 -> hex20, wedge6 -> wedge15; straight edges stay straight.

    Parameters
    ----------
    points : (n, 3) float [m]
    blocks : tuple of CellBlock

    Returns
    -------
    points : (n + m, 3) float [m]
    blocks : tuple of CellBlock
    raised : int
    """
    linear = [b for b in blocks if b.kind in ELEVATED]
    if not linear:
        return points, blocks, 0
    n = len(points)
    quadratic = [b for b in blocks if b.element.quadratic]
    keys = np.concatenate([edge_keys(b, n).ravel() for b in quadratic] or [np.empty(0, np.int64)])
    mids = np.concatenate(
        [b.nodes[:, b.element.corners : b.element.corners + len(b.element.edges)].ravel() for b in quadratic]
        or [np.empty(0, np.int64)]
    )
    known, first = np.unique(keys, return_index=True)
    wanted = np.unique(np.concatenate([edge_keys(b, n).ravel() for b in linear]))
    fresh = np.setdiff1d(wanted, known, assume_unique=True)
    all_keys = np.concatenate([known, fresh])
    all_mids = np.concatenate([mids[first], n + np.arange(len(fresh))])
    order = np.argsort(all_keys)
    all_keys, all_mids = all_keys[order], all_mids[order]
    new = tuple(
        CellBlock(
            ELEVATED[b.kind], np.hstack([b.nodes, all_mids[np.searchsorted(all_keys, edge_keys(b, n))]]), b.region
        )
        if b.kind in ELEVATED
        else b
        for b in blocks
    )
    middle = (points[fresh // n] + points[fresh % n]) / 2
    return np.vstack([points, middle]), new, sum(len(b.nodes) for b in linear)
