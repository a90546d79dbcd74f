"""Check that regions do not stand in each other: no cell's centre of one lies well inside a cell of another."""

from __future__ import annotations

from itertools import permutations

import numpy as np
from scipy.spatial import cKDTree

from deadlight.mesh.check_cells import spot
from deadlight.mesh.elements import ELEMENTS
from deadlight.mesh.mesh import CellBlock, Mesh, determinants
from deadlight.mesh.raw import Array
from deadlight.mesh.report import Finding

NEAR = 8
"""Cells of the other region that are looked at, nearest centres first."""
INSIDE = 0.02
"""Least linear shape function at a place that is called well inside a cell."""
FLAT = 1e-12
"""Volume over the cube of the size below which nothing is well inside a cell."""
LINEAR = {"tet": "tet4", "hex": "hex8", "wedge": "wedge6"}


def overlaps(mesh: Mesh) -> list[Finding]:
    """One finding for every pair of regions of which one reaches into the other.

    The place in the other cell is found by the linear map at that cell's centre, exact for straight-edged tetrahedra
    and parallelepipeds; `INSIDE` covers mild curvature.  Overlaps smaller than a cell can pass.
    """
    findings = []
    found: set[frozenset[str]] = set()
    boxes = {}
    for region in mesh.regions:
        x = mesh.points[mesh.region_nodes(region)]
        boxes[region] = (x.min(axis=0), x.max(axis=0))
    for a, b in permutations(mesh.regions, 2):
        low, high = np.maximum(boxes[a][0], boxes[b][0]), np.minimum(boxes[a][1], boxes[b][1])
        if frozenset((a, b)) in found or (low >= high).any():
            continue
        for block in mesh.region_blocks(a):
            centre = mesh.points[block.nodes[:, : block.element.corners]].mean(axis=1)
            near = np.flatnonzero(((centre > low) & (centre < high)).all(axis=1))
            hit = np.zeros(len(near), dtype=bool)
            for other in mesh.region_blocks(b):
                hit |= _inside(mesh.points, other, centre[near])
            if hit.any():
                cell = int(near[np.argmax(hit)])
                value = f"{int(hit.sum())} cells stand inside region {b}"
                remedy = "move the regions apart, or give the volume to one of them"
                place = spot(mesh, block, cell)
                findings.append(Finding("overlapping regions", True, int(hit.sum()), place, value, "none may", remedy))
                found.add(frozenset((a, b)))
                break
    return findings


def _inside(points: Array, block: CellBlock, x: Array) -> np.ndarray:
    """Whether places (m, 3) lie well inside a cell of the block. (m,) bool."""
    if not len(x):
        return np.zeros(0, dtype=bool)
    element = block.element
    linear = ELEMENTS[LINEAR[element.family]]
    middle = linear.nodes.mean(axis=0)
    corners = points[block.nodes[:, : element.corners]]
    centre = np.einsum("cni,n->ci", corners, linear.shape(middle)[0])
    k = min(NEAR, len(centre))
    _, near = cKDTree(centre).query(x, k=k)
    near = near.reshape(len(x), k)
    jacobian = np.einsum("cni,nj->cij", corners, linear.dshape(middle)[0])
    size = np.abs(jacobian).max(axis=(1, 2))
    good = np.abs(determinants(jacobian)) > FLAT * size**3
    inverse = np.zeros_like(jacobian)
    inverse[good] = np.linalg.inv(jacobian[good])
    xi = middle + np.einsum("mkij,mkj->mki", inverse[near], x[:, None] - centre[near])
    least = linear.shape(xi.reshape(-1, 3)).min(axis=1).reshape(len(x), k)
    return ((least > INSIDE) & good[near]).any(axis=1)
