"""Is this mesh fit to compute on?  Everything that would otherwise end in a wrong answer or a singular matrix."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from deadlight.mesh import check_cells, check_faces, check_overlap, check_topology
from deadlight.mesh.mesh import Mesh
from deadlight.mesh.report import Finding, MeshReport

SIZE = (5e-3, 5.0)
"""Least and greatest overall extent of a window [m]: outside of it the unit is wrong."""
THICKNESS = (0.1e-3, 0.2)
"""Least and greatest thickness of a pane [m]: outside of it the unit is wrong."""
USUAL_SIZE = (45e-3, 2.5)
"""Overall extent [m] that raises no question: the widest flown pane is 1.1 m across, a coupon disc 50 mm."""
SIZES = ("size", "thickness")
"""Kinds of finding that ask whether the unit is meant."""
BAD_CELLS = ("folded at a node", "aspect", "sharp corner")
"""Kinds of finding that ask whether the fields in such cells mean anything."""
USUAL_THICKNESS = (2e-3, 60e-3)
"""Thickness of a pane [m] that raises no question: the thickest flown pane has 33 mm, a coupon disc 3 mm."""
SMALL = (20e-3, 1e-3)
"""Extent and thickness [m] that no window falls below in both at once."""


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
    if no_boundary := check_topology.without_boundary(mesh):  # then nothing can be said of faces
        return MeshReport((*findings, *no_boundary))
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
    """Signs of a wrong unit: one alone is a warning, an impossible one or two that agree are an error.

    A mesh has no scale of its own: only sizes that windows do not have tell a slip of the unit.  A factor of ten
    always leaves the usual range of thickness, width or both for panes between 6 and 20 mm.
    """
    extent = float(np.max(np.ptp(mesh.points, axis=0)))
    panes = [region for region in mesh.regions if not region.endswith("_retainer")]
    thin = {region: float(np.min(np.ptp(mesh.points[mesh.region_nodes(region)], axis=0))) for region in panes}
    least, most = min(thin, key=thin.__getitem__, default=""), max(thin, key=thin.__getitem__, default="")
    if not size[0] <= extent <= size[1]:
        return [_slip("mesh", f"overall extent {_length(extent)}", f"a window is {_range(size)}", extent > size[1])]
    for region in dict.fromkeys(r for r in (least, most) if r):
        if not THICKNESS[0] <= thin[region] <= THICKNESS[1]:
            value, limit = f"least extent {_length(thin[region])}", f"a pane is {_range(THICKNESS)} thick"
            return [_slip(f"region {region}", value, limit, thin[region] > THICKNESS[1])]
    for region, big in ((most, True), (least, False)):
        if region and _agree(extent, thin[region], big):
            value = f"overall extent {_length(extent)} and a pane of {_length(thin[region])}"
            limit = f"usual are {_range(USUAL_SIZE)} and {_range(USUAL_THICKNESS)}"
            return [_slip(f"region {region}", value, limit, big)]
    findings = []
    if not USUAL_SIZE[0] <= extent <= USUAL_SIZE[1]:
        value, limit = f"overall extent {_length(extent)}", f"usual is {_range(USUAL_SIZE)}"
        findings.append(_slip("mesh", value, limit, extent > USUAL_SIZE[1], kind="size"))
    odd = {region: t for region, t in thin.items() if not USUAL_THICKNESS[0] <= t <= USUAL_THICKNESS[1]}
    if odd:
        first = next(iter(odd))
        value, limit = f"least extent {_length(odd[first])}", f"usual is {_range(USUAL_THICKNESS)}"
        big = odd[first] > USUAL_THICKNESS[1]
        findings.append(_slip(f"region {first}", value, limit, big, kind="thickness", count=len(odd)))
    return findings


def _agree(extent: float, thickness: float, big: bool) -> bool:
    """Whether window and pane are both too big, or both too small, to be meant."""
    if big:
        return extent > USUAL_SIZE[1] and thickness > USUAL_THICKNESS[1]
    return extent < SMALL[0] and thickness < SMALL[1]


def _slip(place: str, value: str, limit: str, big: bool, *, kind: str = "unit slip", count: int = 1) -> Finding:
    """A size that no window, or hardly one, has: an error unless the kind is milder."""
    wrong = "large (mm stated as cm, say)" if big else "small (cm stated as mm, say)"
    remedy = f"correct the unit of the mesh, which looks too {wrong}"
    mild = kind != "unit slip"
    return Finding(kind, not mild, count, place, value, limit, remedy + (", unless that is meant" if mild else ""))


def _length(value: float) -> str:
    return f"{value:.4g} m" if value >= 1 else f"{1e3 * value:.4g} mm"


def _range(limits: tuple[float, float]) -> str:
    return f"{_length(limits[0])} to {_length(limits[1])}"
