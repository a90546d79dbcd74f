"""Groups of a file -> regions and named faces: every solid cell in one region, every face on its region's boundary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from deadlight.errors import MeshError
from deadlight.mesh.elements import ELEMENTS
from deadlight.mesh.mesh import CellBlock
from deadlight.mesh.raw import Array, Index, RawMesh

DEFAULT_REGION = "body"


@dataclass(frozen=True)
class Names:
    """The user's names against the file's: `groups` of the case."""

    ours_to_file: Mapping[str, str]
    place: str

    def resolve(self, raw: RawMesh) -> dict[str, str]:
        """Our name -> name of a group that the file has.

        Raises
        ------
        MeshError
            The file has no such group; the message lists what it has.
        """
        have = [*raw.cell_groups, *raw.facets, *raw.node_groups]
        lower = {name.lower(): name for name in reversed(have)} | {a.lower(): name for a, name in raw.aliases.items()}
        found = {}
        for ours, theirs in self.ours_to_file.items():
            hit = theirs if theirs in have else raw.aliases.get(theirs, lower.get(str(theirs).lower()))
            if hit is None and theirs == DEFAULT_REGION and not have:
                hit = theirs
            if hit is None:
                raise MeshError(
                    f'no group "{theirs}" (wanted for "{ours}")',
                    place=self.place,
                    remedy=f"the file has: {listed(sorted(set(have)))}",
                )
            found[ours] = hit
        return found


def listed(names: list[str], most: int = 12) -> str:
    """A few names for a message."""
    return (
        ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
    ) or "no group at all"


def solids(raw: RawMesh) -> list[int]:
    """Numbers of the blocks of solid cells."""
    return [i for i, b in enumerate(raw.blocks) if b.kind in ELEMENTS and ELEMENTS[b.kind].dim == 3]


def region_of_cells(
    raw: RawMesh, names: dict[str, str], *, place: str
) -> tuple[list[str], dict[int, Index], list[str]]:
    """Region of every solid cell.

    Groups named by the user come first; then the file's own, finest first, and a group that only unites finer
    ones is left out.

    Returns
    -------
    regions : list of str
    of_block : dict of block -> (n_cells,) int64
        Number of the region of every cell.
    notes : list of str
    """
    of_block = {b: np.full(len(raw.blocks[b].nodes), -1, dtype=np.int64) for b in solids(raw)}
    sizes = {name: sum(len(c) for b, c in parts if b in of_block) for name, parts in raw.cell_groups.items()}
    wanted = [(ours, theirs) for ours, theirs in names.items() if "." not in ours]
    regions: list[str] = []
    notes: list[str] = []
    for ours, theirs in wanted:
        if theirs != DEFAULT_REGION and not sizes.get(theirs):
            raise MeshError(
                f'group "{theirs}" has no solid cell (wanted for "{ours}")',
                place=place,
                remedy="map a volume group to the region",
            )
        _assign(raw, ours, theirs, regions, of_block, place)
    mapped = [theirs for _, theirs in wanted]
    own = sorted((name for name, size in sizes.items() if size and name not in mapped), key=lambda name: sizes[name])
    for name in own:
        taken = np.concatenate([of_block[b][cells] >= 0 for b, cells in raw.cell_groups[name] if b in of_block])
        if taken.all() or (wanted and taken.any()):
            notes.append(f'solid group "{name}" left out: other groups have its cells')
            continue
        _assign(raw, name, name, regions, of_block, place)
    if not regions:
        ours = next((o for o, t in wanted if t == DEFAULT_REGION), DEFAULT_REGION)
        regions.append(ours)
        for column in of_block.values():
            column[:] = 0
        notes.append(f'the file has no solid group: all cells are region "{ours}"')
    _in_file_order(raw, names, regions, of_block)
    left = sum(int(np.sum(c < 0)) for c in of_block.values())
    if left:
        b = next(b for b, c in of_block.items() if (c < 0).any())
        cell = raw.blocks[b].ids[int(np.argmax(of_block[b] < 0))]
        raise MeshError(
            f"{left} solid cells belong to no group, the first is cell {cell}",
            place=place,
            remedy=f"put every volume in a group (the file has: {listed(regions)})",
        )
    return regions, of_block, notes


def _in_file_order(raw: RawMesh, names: dict[str, str], regions: list[str], of_block: dict[int, Index]) -> None:
    """Renumbers the regions from the order of assignment to the order of the file's groups."""
    theirs = list(raw.cell_groups)
    place = {r: theirs.index(names.get(r, r)) if names.get(r, r) in theirs else -1 for r in regions}
    order = sorted(range(len(regions)), key=lambda i: place[regions[i]])
    new = np.argsort([*order, len(order)])  # the last one: -1 stays -1
    new[-1] = -1
    for b in of_block:
        of_block[b] = new[of_block[b]]
    regions[:] = [regions[i] for i in order]


def _assign(raw: RawMesh, ours: str, theirs: str, regions: list[str], of_block: dict[int, Index], place: str) -> None:
    if "." in ours:
        raise MeshError(
            f'solid group "{ours}" has a dot in its name',
            place=place,
            remedy='map it: [mesh.groups] "thermal" = "' + ours + '"',
        )
    number = regions.index(ours) if ours in regions else len(regions)
    for b, cells in raw.cell_groups.get(theirs, []):
        if b not in of_block:
            continue
        twice = of_block[b][cells] >= 0
        if twice.any():
            first = int(of_block[b][cells][twice][0])
            both = f'twice in the group "{ours}"'
            if first != number:
                both = f'in the groups "{regions[first]}" and "{ours}"'
            raise MeshError(
                f"cell {raw.blocks[b].ids[cells[twice][0]]} is {both} ({int(twice.sum())} such cells)",
                place=place,
                remedy="say which group is which region: [mesh.groups]; every cell belongs to one region",
            )
        of_block[b][cells] = number
    if ours not in regions and theirs in raw.cell_groups:
        regions.append(ours)


@dataclass(frozen=True)
class Boundary:
    """Boundary of one region as a table of corner keys."""

    blocks: tuple[CellBlock, ...]

    def find(self, corners: Index) -> tuple[list[CellBlock], Index]:
        """Boundary cells with these corners (n, 3 or 4), in blocks by kind, and the rows that are not there."""
        width = corners.shape[1]
        wanted = np.unique(np.sort(corners, axis=1), axis=0)
        missing = np.ones(len(wanted), dtype=bool)
        found = []
        for block in self.blocks:
            if block.element.corners != width:
                continue
            keys = np.sort(block.nodes[:, :width], axis=1)
            _, inverse = np.unique(np.vstack([wanted, keys]), axis=0, return_inverse=True)
            inverse = inverse.ravel()
            row = np.full(inverse.max() + 1, -1)
            row[inverse[: len(wanted)]] = np.arange(len(wanted))
            hit = row[inverse[len(wanted) :]]
            missing[hit[hit >= 0]] = False
            if (hit >= 0).any():
                found.append(CellBlock(block.kind, block.nodes[hit >= 0], block.region))
        return found, wanted[missing]


def named_faces(
    raw: RawMesh, names: dict[str, str], boundary: tuple[CellBlock, ...], points: Array, *, place: str
) -> tuple[dict[str, tuple[CellBlock, ...]], list[str]]:
    """Named faces as outward boundary cells of their regions.

    Surface groups (2D cells, cell faces or node sets) are matched with the region's boundary by their corner
    nodes, so that orientation and mid-side nodes are the solid's own.

    Parameters
    ----------
    raw : RawMesh
        Its node numbers are rows of `points`.
    names : dict of str -> str
        Our name -> the file's.
    boundary : tuple of CellBlock
        `boundary_faces` of the solid blocks.
    points : (n, 3) float [unit of the file]
    place : str
        The file, for messages.
    """
    regions = list(dict.fromkeys(b.region for b in boundary))
    file_to_ours = {theirs: ours for ours, theirs in names.items() if "." not in ours}
    wanted = {ours: theirs for ours, theirs in names.items() if "." in ours}
    notes: list[str] = []
    surfaces = [n for n, parts in raw.cell_groups.items() if any(_flat(raw, b) for b, _ in parts)] + list(raw.facets)
    for name in dict.fromkeys([*surfaces, *raw.node_groups]):
        region, _, face = name.partition(".")
        ours = f"{file_to_ours.get(region, region)}.{face}"
        if name in names.values() or ours in wanted:
            continue
        if face and ours.split(".")[0] in regions:
            wanted[ours] = name
        elif name in surfaces and name not in regions:
            notes.append(f'surface group "{name}" is not used: map it to "<region>.<face>" to use it')
    faces = {}
    for ours, theirs in wanted.items():
        region = ours.split(".")[0]
        if region not in regions:
            raise MeshError(
                f'face "{ours}" is of a region that does not exist',
                place=place,
                remedy=f"the regions are: {listed(regions)}",
            )
        own = Boundary(tuple(b for b in boundary if b.region == region))
        faces[ours] = _face(raw, ours, theirs, own, points, place)
    return faces, notes


def _flat(raw: RawMesh, b: int) -> bool:
    return raw.blocks[b].kind in ELEMENTS and ELEMENTS[raw.blocks[b].kind].dim == 2


def _face(raw: RawMesh, ours: str, theirs: str, own: Boundary, points: Array, place: str) -> tuple[CellBlock, ...]:
    groups: dict[int, list[Index]] = {}
    for b, cells in raw.cell_groups.get(theirs, []):
        if _flat(raw, b):
            n = ELEMENTS[raw.blocks[b].kind].corners
            groups.setdefault(n, []).append(raw.blocks[b].nodes[cells][:, :n])
    for _, nodes in raw.facets.get(theirs, []):
        groups.setdefault(nodes.shape[1], []).append(nodes)
    if not groups and theirs in raw.node_groups:
        inside = np.zeros(len(points), dtype=bool)
        inside[raw.node_groups[theirs]] = True
        for block in own.blocks:
            corners = block.nodes[:, : block.element.corners]
            groups.setdefault(block.element.corners, []).append(corners[inside[corners].all(axis=1)])
    found: list[CellBlock] = []
    for corners_ in groups.values():
        hits, missing = own.find(np.concatenate(corners_))
        found.extend(hits)
        if len(missing):
            centre = points[missing[0]].mean(axis=0)
            raise MeshError(
                f'{len(missing)} cells of face "{ours}" (group "{theirs}") are not on the boundary of region '
                f'"{ours.split(".")[0]}", the first near ({centre[0]:.6g}, {centre[1]:.6g}, {centre[2]:.6g}) '
                f"with nodes {raw.node_ids[missing[0]].tolist()}",
                place=place,
                remedy="give the surface group that bounds this region, meshed with the same nodes",
            )
    if not any(len(f.nodes) for f in found):
        raise MeshError(
            f'group "{theirs}" (wanted for face "{ours}") has no face', place=place, remedy="map a surface group to it"
        )
    return tuple(found)
