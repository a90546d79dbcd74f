"""Meshes of multi-pane windows made from drawing parameters: quadratic hexahedra, named faces, no outside mesher."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from deadlight.errors import MeshError
from deadlight.mesh.elements import ELEMENTS
from deadlight.mesh.mesh import CellBlock, Mesh
from deadlight.mesh.outline import OutlineGrid
from deadlight.mesh.plan import Core, core_block, transition_lines
from deadlight.mesh.section import MeshControl, Section, pane_section, retainer_section
from deadlight.mesh.window_drawing import PaneDrawing, WindowDrawing

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

FINE = MeshControl()
COARSE = MeshControl(layers=6, first_layer=0.08, around=24, rings=4, growth=0.6)

_HEX_FACE = {"+z": 1, "-z": 0, "outward": 3, "inward": 5}  # local faces of a swept cell
_QUAD = (
    (2, 0),
    (0, 0),
    (0, 2),
    (2, 2),
    (1, 0),
    (0, 1),
    (1, 2),
    (2, 1),
)  # (i, j) of the plan quad8: counter-clockwise, i inwards


def make_window(
    drawing: WindowDrawing, *, refine: float = 1.0, controls: Mapping[str, MeshControl] | None = None
) -> Mesh:
    """Mesh of a window: one region a pane and one `<pane>_retainer` for each retainer, no shared nodes.

    Parameters
    ----------
    drawing : WindowDrawing
    refine : float
        Multiplies the number of elements in every direction; nodes grow with its cube.
    controls : mapping of pane name -> MeshControl, optional
        Default: `FINE` for the outermost pane and every pane with role "thermal", `COARSE` for the others.

    Returns
    -------
    Mesh
        hex20 cells; faces by the names of the conventions (docs/architecture.md), empty ones left out.

    Raises
    ------
    MeshError
        A control for a pane that is not there, or `refine` out of 0.2 .. 10.
    """
    if not 0.2 <= refine <= 10:
        raise MeshError(f"refine = {refine!r}", place=f'window "{drawing.name}"', remedy="a factor between 0.2 and 10")
    controls = dict(controls or {})
    unknown = set(controls) - {p.name for p in drawing.panes}
    if unknown:
        raise MeshError(
            f"mesh control for {sorted(unknown)}",
            place=f'window "{drawing.name}"',
            remedy="panes are: " + ", ".join(p.name for p in drawing.panes),
        )
    points: list[Array] = []
    blocks: list[CellBlock] = []
    faces: dict[str, tuple[CellBlock, ...]] = {}
    for i, pane in enumerate(drawing.panes):
        control = controls.get(pane.name) or default_control(pane, outermost=i == 0)
        for region, part in _pane_parts(pane, control, refine).items():
            start = sum(len(p) for p in points)
            points.append(part.points + [0.0, 0.0, drawing.levels[pane.name]])
            blocks.append(CellBlock("hex20", part.blocks[0].nodes + start, region))
            faces |= {
                f"{region}.{name}": tuple(CellBlock(b.kind, b.nodes + start, region) for b in bs)
                for name, bs in part.faces.items()
            }
    notes = tuple(f"{key}: {text}" for key, text in drawing.notes.items())
    return Mesh(np.concatenate(points), tuple(blocks), faces, notes)


def default_control(pane: PaneDrawing, *, outermost: bool) -> MeshControl:
    """`FINE` where the heat arrives, `COARSE` behind."""
    return FINE if outermost or pane.role == "thermal" else COARSE


def _pane_parts(pane: PaneDrawing, control: MeshControl, refine: float) -> dict[str, Mesh]:
    """Pane and retainer as separate meshes; z = 0 at the pane's inner face, face names without region."""
    grid = pane.outline.grid(control.around * refine)
    core = core_block(grid, pane.band)
    blend = transition_lines(grid, core, pane.band, pane.band / control.rings, control.growth, refine)
    parts = {pane.name: sweep(pane_section(pane, control, refine, blend), grid, core)}
    if pane.retainer is not None:
        coarse = pane.outline.grid(0.8 * control.around * refine)
        parts[f"{pane.name}_retainer"] = sweep(retainer_section(pane, pane.retainer, refine), coarse, None)
    return parts


def sweep(section: Section, grid: OutlineGrid, core: Core | None) -> Mesh:
    """Solid swept by a section around an outline, closed by a core block where there is one.

    Nodes of the full doubled lattice are numbered plan node first, height second; those that hex20 uses are kept.
    """
    (n_s, n_z), m = section.s.shape, len(grid.base)
    xyz = _ring_points(section, grid, core)
    n_i, n_k, n_j = n_s // 2, n_z // 2, m // 2
    di, dj = np.array(_QUAD).T
    i, j = 2 * np.arange(n_i)[:, None, None], 2 * np.arange(n_j)[None, :, None]
    quads = (i + di) * m + (j + dj) % m  # (n_i, n_j, 8) plan nodes
    cells = _extrude(quads, n_k, n_z)  # (n_i, n_j, n_k, 20)
    solid = [cells.transpose(0, 2, 1, 3)[section.solid].reshape(-1, 20)]
    named: dict[str, list[Index]] = {}
    hexahedron = ELEMENTS["hex20"]
    for side, names in section.names.items():
        sides = cells[..., hexahedron.faces[_HEX_FACE[side]]].transpose(0, 2, 1, 3)
        for name in np.unique(names[names != ""]):
            named.setdefault(str(name), []).append(sides[names == name].reshape(-1, 8))
    if core is not None:
        nodes, extra = _core_nodes(core, section)
        xyz = np.concatenate([xyz, extra])
        block = _extrude(nodes, n_k, n_z)  # (n_cells, n_k, 20)
        solid.append(block.reshape(-1, 20))
        named[str(section.names["+z"][-1, -1])].append(block[:, -1, hexahedron.faces[1]])
        named[str(section.names["-z"][-1, 0])].append(block[:, 0, hexahedron.faces[0]])
    connectivity = np.concatenate(solid)
    used, inverse = np.unique(connectivity, return_inverse=True)
    number = np.full(len(xyz), -1, dtype=np.int64)
    number[used] = np.arange(len(used))
    faces: dict[str, tuple[CellBlock, ...]] = {
        name: (CellBlock("quad8", number[np.concatenate(parts)]),) for name, parts in named.items()
    }
    return Mesh(
        np.ascontiguousarray(xyz[used]),
        (CellBlock("hex20", inverse.reshape(connectivity.shape).astype(np.int64)),),
        faces,
    )


def _ring_points(section: Section, grid: OutlineGrid, core: Core | None) -> Array:
    """Coordinates of the ring lattice, plan node (i, j) first, height second. (n_s * m * n_z, 3)."""
    offset = grid.offset(section.s).transpose(0, 2, 1, 3)  # (n_s, m, n_z, 2)
    if core is not None:
        w = section.blend[:, None, None, None]
        offset = (1 - w) * offset + w * core.line[None, :, None, :]
    height = np.broadcast_to(section.z[:, None, :, None], (*offset.shape[:3], 1))
    return np.concatenate([offset, height], axis=3).reshape(-1, 3)


def _core_nodes(core: Core, section: Section) -> tuple[Index, Array]:
    """Plan quads (n, 8) of the core with the border on the last ring line, and coordinates of the inner nodes."""
    n_s, n_z = section.s.shape
    inside = core.ring < 0
    m = len(core.line)
    plan = np.where(inside, 0, (n_s - 1) * m + core.ring)
    plan[inside] = n_s * m + np.arange(inside.sum())
    a, b = np.meshgrid(np.arange(0, plan.shape[0] - 1, 2), np.arange(0, plan.shape[1] - 1, 2), indexing="ij")
    corner = ((0, 0), (2, 0), (2, 2), (0, 2), (1, 0), (2, 1), (1, 2), (0, 1))
    quads = np.stack([plan[a + da, b + db] for da, db in corner], axis=-1).reshape(-1, 8)
    xy = np.repeat(core.points[inside], n_z, axis=0)
    return quads, np.column_stack([xy, np.tile(section.z[-1], int(inside.sum()))])


def _extrude(quads: Index, n_k: int, n_z: int) -> Index:
    """hex20 cells over plan quads (..., 8) -> (..., n_k, 20); node number = plan node * n_z + height index."""
    k = 2 * np.arange(n_k)[:, None]
    q = quads[..., None, :] * n_z
    corners, mids = q[..., :4], q[..., 4:]
    return np.concatenate([corners + k, corners + k + 2, mids + k, mids + k + 2, corners + k + 1], axis=-1)
