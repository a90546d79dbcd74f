"""Opens the crack of a tetrahedral mesh and gives its cells ten nodes, quarter points at the front."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.spatial import cKDTree

from deadlight.export.conform import Conformer
from deadlight.export.front_line import FrontLine
from deadlight.export.tetrahedra import EDGES, faces_of
from deadlight.mesh.elements import ELEMENTS, quadrature

if TYPE_CHECKING:
    from deadlight.export.cracked_mesh import CrackedMesh

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

_TRI = ((0, 1), (1, 2), (2, 0))
_LEAST = 1e-3
"""Smallest Jacobian of a cell over that of the straight one before its quarter points are taken back."""


def quadratic(work: Conformer, cells: Index, quality: dict[str, float]) -> CrackedMesh:
    """The finished mesh from conforming four-node cells."""
    from deadlight.export.cracked_mesh import CrackedMesh, CrackFront

    cloud, plane = work.cloud, work.plan.crack.plane
    n = len(cloud.x)
    above = plane.height(cloud.x[cells].mean(axis=1)) > 0.0
    faces, owner, _ = faces_of(cells)
    on_crack = work.crack_faces(faces)
    on_front = np.full(n, -1)
    for number, front in enumerate(cloud.front):
        on_front[front] = number
    # nodes of the crack but not of a front get a second one, used by the cells above
    twin = np.full(n, -1)
    inner = np.unique(faces[on_crack])
    inner = inner[on_front[inner] < 0]
    twin[inner] = n + np.arange(len(inner))
    split = np.where(above[:, None] & (twin[cells] >= 0), twin[cells], cells)
    corners = np.concatenate([cloud.x, cloud.x[inner]])

    special = _front_chords(faces[on_crack], cloud.front, work)
    middle, ends, of_cell = _edges(split, len(corners), special, above)
    line = np.concatenate([on_front, on_front[inner]])
    x_mid = 0.5 * (corners[ends[:, 0]] + corners[ends[:, 1]])
    curves = [FrontLine(plane.to_space(f.uv), f.closed, plane.normal) for f in work.plan.crack.fronts]
    patch = np.concatenate([cloud.patch, cloud.patch[inner]])
    straight = x_mid.copy()
    _quarter_points(x_mid, ends, corners, line, patch, curves, cloud.front)
    all_cells = np.concatenate([split, of_cell + len(corners)], axis=1)
    points = np.concatenate([corners, x_mid])
    quality["taken_back"] = float(_taken_back(points, all_cells, len(corners), straight))

    tri = np.stack([all_cells[:, list(f)] for f in ELEMENTS["tet10"].faces], axis=1).reshape(-1, 6)
    top = on_crack & above[owner]
    bottom = on_crack & ~above[owner]
    _, _, count = faces_of(split)
    outer = (count == 1) & ~on_crack
    skin = _by_patch(cloud.patch, faces, tri, outer)
    pairs = _pairs(inner, twin, points, tri[top], tri[bottom])
    fronts = []
    for number, front in enumerate(cloud.front):
        closed = work.plan.crack.fronts[number].closed
        nodes = _front_nodes(front, closed, middle, len(corners))
        fronts.append(CrackFront(nodes, closed, FrontLine(cloud.x[front], closed, plane.normal),
                                 float(work.plan.radii[number][0])))  # fmt: skip
    return CrackedMesh(points, all_cells, tri[top], tri[bottom], skin, pairs, tuple(fronts), work.plan.crack, quality)


def _front_chords(crack_faces: Index, fronts: list[Index], work: Conformer) -> set[tuple[int, int]]:
    """Sides of crack faces that join two nodes of the fronts without being sides of a front: their middle opens."""
    front_nodes = set(np.concatenate(fronts).tolist())
    sides: set[tuple[int, int]] = set()
    for front, line in zip(fronts, work.plan.crack.fronts):
        pairs = np.stack([front, np.roll(front, -1)], axis=1)
        sides |= {(min(p), max(p)) for p in (pairs if line.closed else pairs[:-1]).tolist()}
    edges = np.unique(np.sort(np.concatenate([crack_faces[:, list(e)] for e in _TRI]), axis=1), axis=0)
    return {(a, b) for a, b in edges.tolist() if a in front_nodes and b in front_nodes and (a, b) not in sides}


def _edges(
    split: Index, n: int, special: set[tuple[int, int]], above: Mask
) -> tuple[dict[tuple[int, int], int], Index, Index]:
    """Middle node of every edge: by its ends, ends of each, and those of every cell."""
    pair = np.sort(split[:, EDGES], axis=2)
    key = pair[:, :, 0] * n + pair[:, :, 1]
    if special:
        second = np.isin(key, np.array([a * n + b for a, b in sorted(special)])) & above[:, None]
        key = key + np.where(second, n * n, 0)
    unique, same = np.unique(key.ravel(), return_inverse=True)
    hidden = unique >= n * n
    plain = unique - np.where(hidden, n * n, 0)
    ends = np.stack([plain // n, plain % n], axis=1)
    middle = {(int(a), int(b)): i for i, (a, b) in enumerate(ends) if not hidden[i]}
    return middle, ends, same.reshape(-1, 6)


def _quarter_points(
    x_mid: Array, ends: Index, corners: Array, line: Index, patch: Index, curves: list[FrontLine], fronts: list[Index]
) -> None:
    """Middle nodes of sides that end on a front: a quarter of the way, and halfway along the front."""
    on = line[ends] >= 0
    one = np.flatnonzero(on[:, 0] ^ on[:, 1])
    first = np.where(on[one, 0], ends[one, 0], ends[one, 1])
    other = np.where(on[one, 0], ends[one, 1], ends[one, 0])
    for number, curve in enumerate(curves):
        arc = _Arc(curve)
        mine = line[first] == number
        f, p, e = first[mine], other[mine], one[mine]
        s_f, s_p = arc.position(corners[f]), arc.position(corners[p])
        foot = arc.point(s_p)
        x_mid[e] = arc.point(arc.halfway(s_f, s_p)) + 0.25 * (corners[p] - foot)
        flat = ((patch[f][:, :, None] == patch[p][:, None, :]) & (patch[f] >= 0)[:, :, None]).any(axis=(1, 2))
        x_mid[e[flat]] = 0.75 * corners[f[flat]] + 0.25 * corners[p[flat]]
        nodes = fronts[number]
        following = {(int(a), int(b)) for a, b in zip(nodes, np.roll(nodes, -1))}
        both = np.flatnonzero(on.all(axis=1) & (line[ends] == number).all(axis=1))
        side = [e for e in both.tolist() if tuple(ends[e]) in following or tuple(ends[e][::-1]) in following]
        if side:
            s_a, s_b = arc.position(corners[ends[side, 0]]), arc.position(corners[ends[side, 1]])
            x_mid[side] = arc.point(arc.halfway(s_a, s_b))


class _Arc:
    """Arc length on a fine front."""

    def __init__(self, curve: FrontLine) -> None:
        self.curve = curve
        x = np.concatenate([curve.x, curve.x[:1]]) if curve.closed else curve.x
        self.x = x
        self.length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(x, axis=0), axis=1))])

    def position(self, x: Array) -> Array:
        side, share, _ = self.curve.foot(x)
        return np.asarray(self.length[side] + share * (self.length[side + 1] - self.length[side]))

    def halfway(self, a: Array, b: Array) -> Array:
        half = 0.5 * (a + b)
        if self.curve.closed:
            total = self.length[-1]
            half = np.where(np.abs(a - b) > 0.5 * total, (half + 0.5 * total) % total, half)
        return half

    def point(self, s: Array) -> Array:
        return np.stack([np.interp(s, self.length, self.x[:, i]) for i in range(3)], axis=1)


def _taken_back(points: Array, cells: Index, corners: int, straight: Array) -> int:
    """Puts middle nodes back to the middle in cells that they would turn inside out; how many."""
    element = ELEMENTS["tet10"]
    xi, _ = quadrature("tet", 4)
    d = element.dshape(np.concatenate([xi, quadrature("tet", 2)[0]]))
    moved = np.flatnonzero(np.abs(points[corners:] - straight).max(axis=1) > 0.0)
    back = 0
    is_moved = np.zeros(len(points), dtype=bool)
    is_moved[corners + moved] = True
    for _ in range(8):
        touched = np.flatnonzero(is_moved[cells].any(axis=1))
        jac = np.linalg.det(np.einsum("cni,qnj->cqij", points[cells[touched]], d, optimize=True))
        a, b, c, e = (points[cells[touched, i]] for i in range(4))
        plain = np.abs(np.einsum("ij,ij->i", np.cross(b - a, c - a), e - a))
        bad = touched[jac.min(axis=1) < _LEAST * plain]
        nodes = np.unique(cells[bad, 4:])
        nodes = nodes[is_moved[nodes]]
        if not len(nodes):
            break
        points[nodes] = straight[nodes - corners]
        is_moved[nodes] = False
        back += len(nodes)
    return back


def _by_patch(patch: Index, faces: Index, tri: Index, outer: Mask) -> dict[int, Index]:
    corner = patch[faces[outer]]
    nodes = tri[outer]
    found: dict[int, Index] = {}
    taken = np.zeros(len(nodes), dtype=bool)
    for number in np.unique(corner[corner >= 0]):
        mine = (corner == number).any(axis=2).all(axis=1) & ~taken
        taken |= mine
        found[int(number)] = nodes[mine]
    return found


def _pairs(inner: Index, twin: Index, points: Array, top: Index, bottom: Index) -> Index:
    """Nodes of both faces at the same place: corners by their twin, middles by place."""
    pairs = [np.stack([twin[inner], inner], axis=1)]
    a, b = np.unique(top[:, 3:]), np.unique(bottom[:, 3:])
    a, b = np.setdiff1d(a, b), np.setdiff1d(b, a)
    if len(a) and len(b):
        distance, near = cKDTree(points[b]).query(points[a])
        same = distance < 1e-9 * float(np.ptp(points[b], axis=0).max())
        pairs.append(np.stack([a[same], b[near[same]]], axis=1))
    return np.concatenate(pairs)


def _front_nodes(front: Index, closed: bool, middle: dict[tuple[int, int], int], n: int) -> Index:
    following = np.roll(front, -1)
    count = len(front) if closed else len(front) - 1
    mids = [n + middle[min(int(a), int(b)), max(int(a), int(b))] for a, b in zip(front[:count], following[:count])]
    out = np.empty(len(front) + count, dtype=np.int64)
    out[0::2], out[1::2] = front, mids
    return out
