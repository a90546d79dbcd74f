"""Is this mesh fit to compute on?  Everything that would otherwise end in a wrong answer or a singular matrix."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from deadlight.mesh import check_cells, check_faces, check_overlap, check_topology
from deadlight.mesh.mesh import Mesh
from deadlight.mesh.report import Finding, MeshReport

SIZE = (5e-3, 5.0)
"""Least and greatest overall extent of a window [m]: outside of it the unit is wrong."""
THICKNESS = (0.5e-3, 0.3)
"""Least and greatest thickness of a region [m] that raises no question."""


def check_mesh(mesh: Mesh, *, required: Iterable[str] = (), size: tuple[float, float] = SIZE) -> MeshReport:
    """Checks a mesh: numbers, sizes, cells, connectivity, regions and faces.

    Parameters
    ----------
    mesh : Mesh
    required : iterable of str
        Regions and faces that must be there.
    size : (float, float) [m]
        Least and greatest overall extent; a finding outside of it is a unit slip.

    Returns
    -------
    MeshReport
        Later checks are left out when an earlier one makes them meaningless (nodes that do not exist).
    """
    findings = _numbers(mesh)
    if findings:
        return MeshReport(tuple(findings))
    findings += _missing(mesh, required)
    findings += _size(mesh, size)
    collapsed = check_cells.collapsed(mesh)
    findings += collapsed
    if not collapsed:
        findings += check_cells.jacobians(mesh)
    findings += check_cells.shapes(mesh)
    findings += check_topology.duplicate_cells(mesh)
    findings += check_topology.nodes(mesh)
    findings += check_topology.faces(mesh)
    findings += check_topology.pieces(mesh)
    if not any(f.error for f in findings):
        findings += check_cells.closed_volume(mesh)
    findings += check_overlap.overlaps(mesh)
    findings += check_faces.named(mesh)
    return MeshReport(tuple(findings))


def _numbers(mesh: Mesh) -> list[Finding]:
    if not mesh.blocks or not mesh.n_cells or not mesh.n_nodes:
        return [Finding("empty", True, 0, "mesh", "no cell", "expected solid cells", "give a volume mesh")]
    bad = np.flatnonzero(~np.isfinite(mesh.points).all(axis=1))
    if len(bad):
        shown = mesh.points[bad[0]].tolist()
        return [
            Finding(
                "not finite",
                True,
                len(bad),
                f"node {bad[0]}",
                f"at {shown}",
                "expected finite numbers",
                "export the mesh again",
            )
        ]
    for block in (*mesh.blocks, *(b for blocks in mesh.faces.values() for b in blocks)):
        out = np.argwhere((block.nodes < 0) | (block.nodes >= mesh.n_nodes))
        if len(out):
            place = f"region {block.region}, {block.kind} cell {out[0, 0]}"
            value = f"node {block.nodes[tuple(out[0])]}"
            return [
                Finding(
                    "no such node",
                    True,
                    len(out),
                    place,
                    value,
                    f"expected 0 to {mesh.n_nodes - 1}",
                    "export the mesh again",
                )
            ]
    return []


def _missing(mesh: Mesh, required: Iterable[str]) -> list[Finding]:
    have = [*mesh.regions, *mesh.faces]
    missing = [name for name in required if name not in have]
    if not missing:
        return []
    limit = f"the mesh has {', '.join(have)}"
    return [
        Finding(
            "missing group", True, len(missing), "mesh", "no " + ", ".join(missing), limit, "name them in [mesh.groups]"
        )
    ]


def _size(mesh: Mesh, size: tuple[float, float]) -> list[Finding]:
    extent = float(np.max(np.ptp(mesh.points, axis=0)))
    if not size[0] <= extent <= size[1]:
        limit = f"a window is {1e3 * size[0]:g} mm to {size[1]:g} m"
        return [
            Finding(
                "unit slip", True, 1, "mesh", f"overall extent {extent:.4g} m", limit, "correct the unit of the mesh"
            )
        ]
    findings = []
    for region in mesh.regions:
        thin = float(np.min(np.ptp(mesh.points[mesh.region_nodes(region)], axis=0)))
        if not THICKNESS[0] <= thin <= THICKNESS[1]:
            limit = f"usual is {1e3 * THICKNESS[0]:g} mm to {1e3 * THICKNESS[1]:g} mm"
            remedy = "correct the unit if that is not meant"
            findings.append(
                Finding("thickness", False, 1, f"region {region}", f"least extent {1e3 * thin:.4g} mm", limit, remedy)
            )
    return findings
