"""Small solid meshes for tests: boxes of every kind, O-grid discs, mapped blocks."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import numpy as np

from deadlight.mesh.elements import ELEMENTS
from deadlight.mesh.mesh import CellBlock, Mesh, boundary_faces

SOLIDS = ("tet4", "tet10", "hex8", "hex20", "hex27", "wedge6", "wedge15", "wedge18")


def finish(
    points: np.ndarray, corners: np.ndarray, kind: str, bend: Callable[[np.ndarray], np.ndarray] | None = None
) -> Mesh:
    """Mesh of one region "body" of cells given by corners, with the nodes of `kind`; `bend` moves all nodes at last."""
    element = ELEMENTS[kind]
    n = element.corners
    linear = ELEMENTS[{"tet": "tet4", "hex": "hex8", "wedge": "wedge6"}[element.family]]
    weights = linear.shape(element.nodes)  # where the element's nodes lie in the straight-sided cell
    weights[np.abs(weights) < 1e-12] = 0
    x = np.einsum("kn,cni->cki", weights, points[corners])
    # a node is known by the corners it lies between
    width = weights.shape[1]
    keys = np.full((*x.shape[:2], width), -1)
    for k in range(element.n_nodes):
        on = np.flatnonzero(weights[k])
        keys[:, k, : len(on)] = np.sort(corners[:, on], axis=1)
    _, first, inverse = np.unique(keys.reshape(-1, width), axis=0, return_index=True, return_inverse=True)
    xyz = x.reshape(-1, 3)[first]
    cells = inverse.reshape(-1, element.n_nodes).astype(np.int64)
    assert n <= element.n_nodes
    return Mesh(bend(xyz) if bend else xyz, (CellBlock(kind, cells, "body"),))


def box(
    kind: str,
    counts: tuple[int, int, int],
    size: tuple[float, float, float] = (1.0, 1.0, 1.0),
    *,
    distortion: float = 0.0,
    bend: Callable[[np.ndarray], np.ndarray] | None = None,
    levels: tuple[np.ndarray | None, np.ndarray | None, np.ndarray | None] = (None, None, None),
) -> Mesh:
    """Box [0, size] of bricks (six tetrahedra or two wedges each); `distortion` moves inner corners at random."""
    axes = [np.linspace(0, s, n + 1) if lv is None else np.asarray(lv) for s, n, lv in zip(size, counts, levels)]
    counts = tuple(len(a) - 1 for a in axes)
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    if distortion:
        inner = np.all([(grid[:, i] > axes[i][0]) & (grid[:, i] < axes[i][-1]) for i in range(3)], axis=0)
        shift = np.random.default_rng(5).uniform(-1, 1, grid.shape) * distortion * np.array(size) / counts
        grid = grid + shift * inner[:, None]
    ny, nz = counts[1] + 1, counts[2] + 1
    i, j, k = (g.ravel() for g in np.meshgrid(*(np.arange(n) for n in counts), indexing="ij"))

    def number(di: int, dj: int, dk: int) -> np.ndarray:
        return ((i + di) * ny + j + dj) * nz + k + dk

    family = ELEMENTS[kind].family
    if family == "hex":
        local = [[(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)]]
    elif family == "wedge":
        local = [
            [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 0, 1), (1, 0, 1), (1, 1, 1)],
            [(0, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1), (0, 1, 1)],
        ]
    else:
        local = []
        for order in permutations(range(3)):  # Kuhn's six tetrahedra
            path = [np.zeros(3, int)]
            for axis in order:
                path.append(path[-1] + np.eye(3, dtype=int)[axis])
            if np.linalg.det(np.array(path[1:]) - path[0]) < 0:
                path[1], path[2] = path[2], path[1]
            local.append([tuple(int(v) for v in p) for p in path])
    corners = np.concatenate([np.stack([number(*c) for c in cell], axis=1) for cell in local])
    return finish(grid, corners, kind, bend)


def name_faces(mesh: Mesh, tests: dict[str, Callable[[np.ndarray], np.ndarray]]) -> Mesh:
    """The mesh with named faces: boundary cells all of whose nodes satisfy the test, which gets (k, 3) points."""
    faces = {}
    for name, test in tests.items():
        on = test(mesh.points)
        kept = tuple(CellBlock(b.kind, b.nodes[on[b.nodes].all(axis=1)], "body") for b in boundary_faces(mesh.blocks))
        faces[name] = tuple(b for b in kept if len(b.nodes))
        assert faces[name], name
    return Mesh(mesh.points, mesh.blocks, {**mesh.faces, **faces}, mesh.notes)


def quarter_disc(
    kind: str, radius: float, thickness: float, n: int, layers: int, levels: np.ndarray | None = None
) -> Mesh:
    """Quarter disc x, y >= 0, z in [0, thickness]: an O-grid of three n x n patches, with a round rim."""
    s = np.linspace(0, 1, n + 1)
    core = 0.5 * radius
    a, b = np.meshgrid(s, s, indexing="ij")
    bulge = 0.85 / np.sqrt(2) * 2  # corner of the core patch on the diagonal at 0.6 radius or so
    corner = core * bulge / np.sqrt(2)

    def bilinear(p: list[tuple[float, float]], a: np.ndarray, b: np.ndarray) -> np.ndarray:
        q = np.array(p)
        w = np.stack([(1 - a) * (1 - b), a * (1 - b), a * b, (1 - a) * b], axis=-1)
        return w @ q

    inner = bilinear([(0, 0), (core, 0), (corner, corner), (0, core)], a, b)
    # ring patches: from the core's outer edges to the arc; b runs outward
    edge1 = bilinear([(core, 0), (core, 0), (corner, corner), (corner, corner)], np.zeros_like(s), s)
    arc1 = radius * np.stack([np.cos(s * np.pi / 4), np.sin(s * np.pi / 4)], axis=-1)
    ring1 = edge1[:, None] * (1 - s)[None, :, None] + arc1[:, None] * s[None, :, None]
    ring2 = ring1[::-1, :, ::-1]
    z = np.linspace(0, thickness, layers + 1) if levels is None else levels
    flat = [inner, ring1, ring2]
    points, cells = [], []
    offset = 0
    for patch in flat:
        xy = patch.reshape(-1, 2)
        m = len(xy)
        points.append(np.concatenate([np.column_stack([xy, np.full(m, h)]) for h in z]))
        i, j = (g.ravel() for g in np.meshgrid(np.arange(n), np.arange(n), indexing="ij"))
        quad = np.stack(
            [i * (n + 1) + j, (i + 1) * (n + 1) + j, (i + 1) * (n + 1) + j + 1, i * (n + 1) + j + 1], axis=1
        )
        area = np.cross(np.append(xy[quad[0, 1]] - xy[quad[0, 0]], 0), np.append(xy[quad[0, 3]] - xy[quad[0, 0]], 0))[2]
        if area < 0:
            quad = quad[:, ::-1]
        for layer in range(len(z) - 1):
            cells.append(offset + np.concatenate([quad + layer * m, quad + (layer + 1) * m], axis=1))
        offset += m * len(z)
    xyz, hexes = np.concatenate(points), np.concatenate(cells)
    _, first, inverse = np.unique(np.round(xyz / radius, 9), axis=0, return_index=True, return_inverse=True)
    hexes = inverse.reshape(-1)[hexes]
    xyz = xyz[first]
    if ELEMENTS[kind].family == "tet":
        hexes = np.concatenate(
            [hexes[:, c] for c in ([0, 1, 2, 6], [0, 2, 3, 6], [0, 3, 7, 6], [0, 7, 4, 6], [0, 4, 5, 6], [0, 5, 1, 6])]
        )
    elif ELEMENTS[kind].family == "wedge":
        hexes = np.concatenate([hexes[:, [0, 1, 2, 4, 5, 6]], hexes[:, [0, 2, 3, 4, 6, 7]]])
    mesh = finish(xyz, hexes, kind)
    return Mesh(_round_rim(mesh, radius), mesh.blocks)


def _round_rim(mesh: Mesh, radius: float) -> np.ndarray:
    """Mid-edge nodes between two corner nodes on the rim are moved onto it."""
    block = mesh.blocks[0]
    points = mesh.points.copy()
    corner = block.nodes[:, : block.element.corners]
    on = np.zeros(len(points), bool)
    on[corner] = np.abs(np.hypot(points[corner, 0], points[corner, 1]) - radius) < 1e-9 * radius
    for k, (a, b) in enumerate(block.element.edges[: max(0, block.element.n_nodes - block.element.corners)]):
        both = on[block.nodes[:, a]] & on[block.nodes[:, b]]
        mid = block.nodes[both, block.element.corners + k]
        points[mid, :2] *= (radius / np.hypot(points[mid, 0], points[mid, 1]))[:, None]
    return points
