"""A square plate of quadratic tetrahedra, the same as the peer's: a box of cells, each cut into six (Kuhn)."""

from itertools import permutations

import numpy as np

from deadlight.mesh.elements import ELEMENTS
from deadlight.mesh.mesh import CellBlock, Mesh

SIDE, THICKNESS = 0.3, 0.01


def plate(nx: int, ny: int, nz: int) -> Mesh:
    """tet10 plate with faces plate.top, plate.bottom and plate.edge (x = 0)."""
    size = 2 * np.array([nx, ny, nz]) + 1
    axes = [np.linspace(0, extent, n) for extent, n in zip((SIDE, SIDE, THICKNESS), size)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    cells = 2 * np.stack(np.meshgrid(*[np.arange(n) for n in (nx, ny, nz)], indexing="ij"), axis=-1).reshape(-1, 3)
    blocks = []
    for order in permutations(range(3)):
        path = np.zeros((4, 3), dtype=np.int64)
        for k, axis in enumerate(order):
            path[k + 1 :, axis] += 2
        if np.linalg.det((path[1:] - path[0]).astype(float)) < 0:
            path[[1, 2]] = path[[2, 1]]
        mids = np.array([(path[a] + path[b]) // 2 for a, b in ELEMENTS["tet10"].edges])
        place = cells[:, None, :] + np.concatenate([path, mids])[None]
        blocks.append(np.ravel_multi_index(tuple(np.moveaxis(place, -1, 0)), tuple(size)))
    mesh = Mesh(points, (CellBlock("tet10", np.concatenate(blocks).astype(np.int64), "plate"),))
    (skin,) = mesh.boundary
    centre = points[skin.nodes[:, :3]].mean(axis=1)
    where = {
        "top": centre[:, 2] > THICKNESS * (1 - 1e-9),
        "bottom": centre[:, 2] < THICKNESS * 1e-9,
        "edge": centre[:, 0] < SIDE * 1e-9,
    }
    faces = {
        f"plate.{name}": (CellBlock(skin.kind, np.ascontiguousarray(skin.nodes[mask]), "plate"),)
        for name, mask in where.items()
    }
    return Mesh(points, mesh.blocks, faces)
