"""Small structured meshes and stand-in materials for the tests of heat."""

from dataclasses import dataclass, field

import numpy as np

from deadlight.mesh.elements import ELEMENTS
from deadlight.mesh.mesh import CellBlock, Mesh

# Corner splits of a hexahedron (nodes by index of the hex corner) into tetrahedra and wedges, right-handed.
SPLITS = {
    "hex": ((0, 1, 2, 3, 4, 5, 6, 7),),
    "wedge": ((0, 1, 2, 4, 5, 6), (0, 2, 3, 4, 6, 7)),
    "tet": ((0, 1, 2, 6), (0, 2, 3, 6), (0, 3, 7, 6), (0, 7, 4, 6), (0, 4, 5, 6), (0, 5, 1, 6)),
}


def box(x, y, z, *, kind="hex20", region="body", warp=0.0):
    """Box with grid lines at x, y, z (increasing arrays) and faces <region>.x0, .x1, .y0, .y1, .z0, .z1."""
    element = ELEMENTS[kind]
    x, y, z = (np.asarray(a, dtype=float) for a in (x, y, z))
    fine = [np.sort(np.concatenate([a, (a[1:] + a[:-1]) / 2])) for a in (x, y, z)]
    shape = tuple(len(a) for a in fine)
    grid = np.stack(np.meshgrid(*fine, indexing="ij"), axis=-1).reshape(-1, 3)
    i, j, k = (a.ravel() for a in np.meshgrid(*(np.arange(len(a) - 1) for a in (x, y, z)), indexing="ij"))
    corner = np.array([(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)])
    cells = []
    for split in SPLITS[element.family]:
        ref = ELEMENTS[{"hex": "hex8", "wedge": "wedge6", "tet": "tet4"}[element.family]].shape(element.nodes)
        place = np.rint(2 * (ref @ corner[list(split)])).astype(int)
        index = 2 * np.stack([i, j, k], axis=1)[:, None, :] + place
        cells.append(np.ravel_multi_index(tuple(index[..., a] for a in range(3)), shape))
    nodes = np.concatenate(cells)
    used, renumbered = np.unique(nodes, return_inverse=True)
    points = grid[used]
    low, high = points.min(axis=0), points.max(axis=0)
    block = CellBlock(kind, renumbered.reshape(nodes.shape).astype(np.int64), region)
    faces = {}
    for face in Mesh(points, (block,)).boundary:
        for axis, name in enumerate("xyz"):
            for end, limit in ((0, low), (1, high)):
                on = (np.abs(points[face.nodes, axis] - limit[axis]) < 1e-9 * (high - low)[axis]).all(axis=1)
                if on.any():
                    faces[f"{region}.{name}{end}"] = (CellBlock(face.kind, face.nodes[on], region),)
    if warp:
        s = np.pi * (points - low) / (high - low)
        bump = np.sin(s[:, 0]) * np.sin(s[:, 1]) * np.sin(s[:, 2])
        points = points + warp * bump[:, None] * (high - low)
    return Mesh(points, (block,), faces)


def merged(*meshes):
    """Several meshes in one, sharing no node."""
    points, blocks, faces, n = [], [], {}, 0
    for mesh in meshes:
        points.append(mesh.points)
        blocks += [CellBlock(b.kind, b.nodes + n, b.region) for b in mesh.blocks]
        faces |= {name: tuple(CellBlock(b.kind, b.nodes + n, b.region) for b in f) for name, f in mesh.faces.items()}
        n += mesh.n_nodes
    return Mesh(np.concatenate(points), tuple(blocks), faces)


def moved(mesh, shift):
    return Mesh(mesh.points + np.asarray(shift, dtype=float), mesh.blocks, mesh.faces)


@dataclass(frozen=True, eq=False)
class Table:
    """Piecewise-linear property."""

    temperature: np.ndarray
    value: np.ndarray

    def __call__(self, T):
        return np.interp(T, self.temperature, self.value)


def constant(v):
    return Table(np.array([300.0]), np.array([float(v)]))


@dataclass(frozen=True, eq=False)
class Stuff:
    """Stand-in material."""

    conductivity: Table
    density: float
    specific_heat: Table
    conductivity_includes_radiation: bool = False
    notes: tuple = field(default=())


def stuff(k, rho, c, **more):
    return Stuff(
        k if isinstance(k, Table) else constant(k), float(rho), c if isinstance(c, Table) else constant(c), **more
    )


# Fused silica, Incropera & DeWitt appendix A (from memory, status M): K, W/m/K, J/kg/K.
SILICA_K = Table(np.array([200.0, 300, 400, 600, 800, 1000, 1200]), np.array([1.14, 1.38, 1.51, 1.75, 2.17, 2.87, 4.0]))
SILICA_C = Table(np.array([300.0, 400, 600, 800, 1000, 1200]), np.array([745.0, 905, 1040, 1105, 1155, 1195]))
SILICA = Stuff(SILICA_K, 2200.0, SILICA_C, conductivity_includes_radiation=True)
