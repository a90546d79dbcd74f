"""The body of one pane from its finite-element mesh: smooth patches with charts, edges, names of regions."""

from __future__ import annotations

from typing import Any

import numpy as np

from deadlight.errors import MeshError
from deadlight.mesh.mesh import CellBlock, Mesh, boundary_faces
from deadlight.surface.body import Body, Face
from deadlight.surface.chart import Graph, Plane
from deadlight.surface.curve import Curve
from deadlight.surface.patches import FEATURE, Edge, Patches, edges_of, loops_of, patches_of
from deadlight.surface.regions import Regions
from deadlight.surface.skin_chart import Band

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

_FLAT = 1e-6  # of the body's extent: how far nodes of a flat face may be off its plane
_GENTLE = 0.6  # least cosine between normals of a dome and its mean normal
_RULED = 2e-4  # of the body's extent: how far nodes of a band may be off its straight lines


def body_from_mesh(mesh: Mesh, region: str | None = None, *, angle: float = FEATURE) -> Body:
    """Body of a region of a mesh.

    Parameters
    ----------
    mesh : Mesh
    region : str, optional
        Default: the only region there is.
    angle : float [rad]
        Sides with a sharper bend are edges of the body.

    Raises
    ------
    MeshError
        Not a closed boundary, or a patch that is neither flat, nor a band of straight lines, nor a gentle dome.
    """
    region = region or _only(mesh)
    place = f'region "{region}"'
    blocks = boundary_faces(mesh.region_blocks(region))
    p = patches_of(mesh.points, blocks, angle=angle, place=place)
    if not len(p.sides):
        raise MeshError(
            f"the boundary has no edge sharper than {np.degrees(angle):g} degrees", place=place,
            remedy="a rounded body has no faces that could be unrolled; cut it along edges",
        )  # fmt: skip
    edges = edges_of(p)
    curves = tuple(_curve(mesh.points, e) for e in edges)
    extent = float(np.ptp(mesh.points[np.unique(p.sides[:, [0, 2]])], axis=0).max())
    names = _names(mesh, region, p)
    faces = []
    for j in range(p.count):
        mine = p.patch == j
        loops = loops_of(edges, j, place)
        chart = _chart(mesh.points, p, mine, loops, curves, extent, f'{place}, "{_main(names, p, mine) or j}"')
        faces.append(Face(_main(names, p, mine) or f"face {j}", chart, tuple(tuple(x) for x in loops)))
    tri = _triangles(p.corners)
    x = mesh.points[tri]
    volume = float((x[:, 0] * np.cross(x[:, 1], x[:, 2])).sum() / 6)
    thickness = 2 * volume / float(p.area.sum())
    regions = Regions.of(mesh.points, p, names, tuple(f.chart for f in faces))
    return Body(tuple(faces), curves, thickness, region, regions)


def _only(mesh: Mesh) -> str:
    if len(mesh.regions) != 1:
        raise MeshError(
            f"the mesh has {len(mesh.regions)} regions", place="body", remedy="name one of " + ", ".join(mesh.regions)
        )
    return mesh.regions[0]


def _curve(points: Array, edge: Edge) -> Curve:
    """The edge in space; middles that the mesh does not have lie halfway."""
    x = points[edge.nodes]
    none = np.flatnonzero(edge.nodes < 0)
    x[none] = 0.5 * (x[none - 1] + x[none + 1])
    return Curve(x, edge.closed)


def _triangles(corners: Index) -> Index:
    quad = corners[:, 3] >= 0
    return np.concatenate([corners[:, [0, 1, 2]], corners[quad][:, [0, 2, 3]]])


def _names(mesh: Mesh, region: str, p: Patches) -> list[str]:
    """Name of the mesh's named face that each boundary cell belongs to, without the region; "" if to none."""
    key = {tuple(sorted(c)): i for i, c in enumerate(p.corners.tolist())}
    names = [""] * len(p.corners)
    for name, blocks in mesh.faces.items():
        owner, _, short = name.partition(".")
        if owner != region and short:
            continue
        for block in blocks:
            for nodes in _corners(block).tolist():
                i = key.get(tuple(sorted(nodes)))
                if i is not None:
                    names[i] = short or name
    return names


def _corners(block: CellBlock) -> Index:
    k = block.element.corners
    c = np.full((len(block.nodes), 4), -1, dtype=np.int64)
    c[:, :k] = block.nodes[:, :k]
    return c


def _main(names: list[str], p: Patches, mine: Any) -> str:
    """The name that covers the largest part of a patch."""
    share: dict[str, float] = {}
    for i in np.flatnonzero(mine):
        share[names[i]] = share.get(names[i], 0.0) + float(p.area[i])
    share.pop("", None)
    return max(share, key=lambda n: share[n]) if share else ""


def _chart(
    points: Array, p: Patches, mine: Any, loops: list[list[tuple[int, int]]], curves: tuple[Curve, ...],
    extent: float, place: str,
) -> Any:  # fmt: skip
    """A chart for one patch."""
    nodes = np.unique(p.corners[mine])
    x = points[nodes[nodes >= 0]]
    plane = _plane(x, p.normal[mine], p.area[mine])
    if np.abs(plane.signed(x)).max() < _FLAT * extent:
        return plane
    if len(loops) == 2:
        band = _band(loops, curves)
        band = Band(band.low, band.high, _outward(band, points, p, mine))
        if np.abs(band.signed(x)).max() < _RULED * extent:
            return band
    if (p.normal[mine] @ plane.n > _GENTLE).all():
        return Graph.through(x, plane, place=place)
    raise MeshError(
        f"a smooth part of the boundary with {int(mine.sum())} cells and {len(loops)} outlines is neither flat nor a "
        "band of straight lines nor a gentle dome",
        place=place,
        remedy="split it at sharp edges, or draw the pane without rounded transitions",
    )


def _plane(x: Array, normal: Array, area: Array) -> Plane:
    """Plane through points with the mean normal of the cells."""
    n = (normal * area[:, None]).sum(axis=0)
    n /= np.linalg.norm(n)
    centre = x.mean(axis=0)
    first = np.eye(3)[int(np.argmin(np.abs(n)))]
    e1 = first - (first @ n) * n
    e1 /= np.linalg.norm(e1)
    return Plane(centre, e1, np.cross(n, e1))


def _band(loops: list[list[tuple[int, int]]], curves: tuple[Curve, ...]) -> Band:
    """Straight lines between two outlines, from the nodes of the first to the nearest points of the second."""
    first, second = (_joined(loop, curves) for loop in loops)
    second = Curve(second.nodes[::-1], True)  # outlines of a band run opposite ways
    if second.pieces == first.pieces:
        start = int(((second.nodes[:-1:2] - first.nodes[0]) ** 2).sum(axis=1).argmin())
        nodes = np.roll(second.nodes[:-1], -2 * start, axis=0)
        matched = np.concatenate([nodes, nodes[:1]])
        d = matched - first.nodes
        along = np.gradient(first.nodes, axis=0)
        skew = np.abs((d * along).sum(axis=1)) / (np.linalg.norm(d, axis=1) * np.linalg.norm(along, axis=1))
        if skew[1:-1].max() < 0.1:
            return Band(first, Curve(matched, True))
    nodes = second.at(second.nearest(first.nodes))
    nodes[-1] = nodes[0]
    return Band(first, Curve(nodes, True))


def _joined(loop: list[tuple[int, int]], curves: tuple[Curve, ...]) -> Curve:
    """The edges of a loop as one closed curve."""
    parts = [curves[e].nodes if s > 0 else curves[e].nodes[::-1] for e, s in loop]
    return Curve(np.concatenate([*(x[:-1] for x in parts), parts[0][:1]]), True)


def _outward(band: Band, points: Array, p: Patches, mine: Any) -> float:
    """+1 where the band's own normal leaves the body."""
    corners = p.corners[mine][:, :3]
    uv = band.to_chart(points[corners].mean(axis=1)[:50])
    return float(np.sign((band.normal(uv) * p.normal[mine][:50]).sum()))
