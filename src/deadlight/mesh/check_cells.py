"""Checks of single cells: collapsed, inverted or folded, badly shaped; and a region's volume against its surface."""

from __future__ import annotations

import numpy as np

from deadlight.mesh.elements import MASS_DEGREE, STIFFNESS_DEGREE, quadrature
from deadlight.mesh.mesh import CellBlock, Mesh, determinants
from deadlight.mesh.raw import Array
from deadlight.mesh.report import Finding

SHAPE = 0.01
"""Scaled Jacobian below which a corner is called sharp (1 is a right angle); flat cells of thin layers reach 0.03."""
ASPECT = 200.0
"""Longest over shortest edge of a cell above which it is reported."""
VOLUME = 1e-9
"""Relative difference of volume and surface integral that only an open surface explains."""


def spot(mesh: Mesh, block: CellBlock, cell: int) -> str:
    """A cell for a message: region, kind, number in its block, position."""
    x, y, z = 1e3 * mesh.points[block.nodes[cell]].mean(axis=0)
    return f"region {block.region}, {block.kind} cell {cell} at ({x:.4g}, {y:.4g}, {z:.4g}) mm"


def jacobians_at(points: Array, block: CellBlock, xi: Array) -> Array:
    """Jacobian determinants [m3] at reference points. (n_cells, n_points)."""
    x = points[block.nodes]
    return np.stack([determinants(np.einsum("cni,nj->cij", x, d)) for d in block.element.dshape(xi)], axis=1)


def collapsed(mesh: Mesh) -> list[Finding]:
    """Cells that name a node twice."""
    findings = []
    for block in mesh.blocks:
        twice = (np.diff(np.sort(block.nodes, axis=1), axis=1) == 0).any(axis=1)
        if twice.any():
            cell = int(np.argmax(twice))
            findings.append(
                Finding(
                    "collapsed",
                    True,
                    int(twice.sum()),
                    spot(mesh, block, cell),
                    "a node stands twice",
                    "all must differ",
                    "remesh, or use wedges for collapsed hexahedra",
                )
            )
    return findings


def jacobians(mesh: Mesh) -> list[Finding]:
    """Inverted cells: determinant not positive at a quadrature point (error) or at a node only (warning)."""
    findings = []
    remedy = "all cells must be right-handed and not folded: reverse their node order, or move the mid-side nodes"
    for block in mesh.blocks:
        inside = jacobians_at(
            mesh.points, block, quadrature(block.element.family, STIFFNESS_DEGREE[block.element.family])[0]
        ).min(axis=1)
        bad = inside <= 0
        if bad.any():
            cell = int(np.argmin(inside))
            value = f"det J {inside[cell]:.3g} m3 at a quadrature point"
            findings.append(
                Finding("inverted", True, int(bad.sum()), spot(mesh, block, cell), value, "must be > 0", remedy)
            )
            continue
        nodal = jacobians_at(mesh.points, block, block.element.nodes).min(axis=1)
        if (nodal <= 0).any():
            cell = int(np.argmin(nodal))
            value = f"det J {nodal[cell]:.3g} m3 at a node"
            findings.append(
                Finding(
                    "folded at a node",
                    False,
                    int(np.sum(nodal <= 0)),
                    spot(mesh, block, cell),
                    value,
                    "should be > 0",
                    remedy,
                )
            )
    return findings


def shapes(mesh: Mesh) -> list[Finding]:
    """Sharp corners and long thin cells (warnings)."""
    findings = []
    for block in mesh.blocks:
        e = block.element
        edges = np.array(e.edges)
        x = mesh.points[block.nodes[:, : e.corners]]
        length = np.linalg.norm(x[:, edges[:, 1]] - x[:, edges[:, 0]], axis=2)
        ratio = length.max(axis=1) / np.maximum(length.min(axis=1), np.finfo(float).tiny)
        if (ratio > ASPECT).any():
            cell = int(np.argmax(ratio))
            limit = f"better below {ASPECT:g}"
            findings.append(
                Finding(
                    "aspect",
                    False,
                    int(np.sum(ratio > ASPECT)),
                    spot(mesh, block, cell),
                    f"edge ratio {ratio[cell]:.3g}",
                    limit,
                    "grade the mesh more evenly",
                )
            )
        sharp = np.full(len(x), np.inf)
        for corner in range(e.corners):
            meet = edges[(edges == corner).any(axis=1)]
            ends = np.where(meet[:, 0] == corner, meet[:, 1], meet[:, 0])[:3]
            rays = x[:, ends] - x[:, [corner]]
            size = np.prod(np.linalg.norm(rays, axis=2), axis=1)
            sharp = np.minimum(sharp, np.abs(determinants(rays)) / np.maximum(size, np.finfo(float).tiny))
        if (sharp < SHAPE).any():
            cell = int(np.argmin(sharp))
            limit = f"better above {SHAPE:g}"
            findings.append(
                Finding(
                    "sharp corner",
                    False,
                    int(np.sum(sharp < SHAPE)),
                    spot(mesh, block, cell),
                    f"scaled Jacobian {sharp[cell]:.2g}",
                    limit,
                    "improve the mesh there",
                )
            )
    return findings


def surface_volume(points: Array, blocks: tuple[CellBlock, ...]) -> float:
    """Volume [m3] that outward surface cells enclose: a third of the integral of x.n (divergence theorem)."""
    total = 0.0
    for block in blocks:
        xi, w = quadrature(block.element.family, MASS_DEGREE[block.element.family])
        x = points[block.nodes]
        for n, d, weight in zip(block.element.shape(xi), block.element.dshape(xi), w):
            tangent = np.einsum("cni,nj->cij", x, d)
            at = np.einsum("cni,n->ci", x, n)
            total += weight * float(np.einsum("ci,ci->", at, np.cross(tangent[:, :, 0], tangent[:, :, 1]))) / 3.0
    return total


def closed_volume(mesh: Mesh) -> list[Finding]:
    """A region's volume by its cells and by its boundary: they differ when a face does not close."""
    findings = []
    centred = mesh.points - mesh.points.mean(axis=0)
    for region in mesh.regions:
        volume = mesh.volumes(region)
        enclosed = surface_volume(centred, tuple(b for b in mesh.boundary if b.region == region))
        scale = max(abs(volume), 1e-3 * float(np.prod(np.ptp(mesh.points[mesh.region_nodes(region)], axis=0))))
        if abs(volume - enclosed) > VOLUME * scale:
            value = f"cells fill {1e6 * volume:.9g} cm3, the boundary encloses {1e6 * enclosed:.9g} cm3"
            remedy = "neighbouring cells do not share their mid-side nodes: merge nodes and export again"
            findings.append(Finding("open surface", True, 1, f"region {region}", value, f"equal to {VOLUME:g}", remedy))
    return findings
