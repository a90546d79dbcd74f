"""Checks of how cells hang together: repeated cells, loose, coincident and hanging nodes, faces, pieces and hinges."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from deadlight.mesh.check_cells import spot
from deadlight.mesh.mesh import CellBlock, Mesh
from deadlight.mesh.raw import Array, Index
from deadlight.mesh.report import Finding

MERGE = 1e-3
"""Distance of two nodes over the region's shortest edge below which they are one place."""
FLUSH = 1e-3
"""Distance of two boundary faces from one plane over their size below which they lie on each other."""
MERGED = "merge the nodes of the region (equivalence) and export again"


def where(mesh: Mesh, node: int) -> str:
    """A node for a message."""
    x, y, z = 1e3 * mesh.points[node]
    return f"node {node} at ({x:.4g}, {y:.4g}, {z:.4g}) mm"


def duplicate_cells(mesh: Mesh) -> list[Finding]:
    """Cells on the same corners, in one region or in two."""
    findings = []
    for corners in sorted({b.element.corners for b in mesh.blocks}):
        blocks = [b for b in mesh.blocks if b.element.corners == corners]
        keys = np.sort(np.concatenate([b.nodes[:, :corners] for b in blocks]), axis=1)
        _, first, counts = np.unique(keys, axis=0, return_index=True, return_counts=True)
        if (counts > 1).any():
            at = int(first[np.argmax(counts > 1)])
            sizes = np.cumsum([len(b.nodes) for b in blocks])
            block = int(np.searchsorted(sizes, at, side="right"))
            cell = at - int(sizes[block - 1]) if block else at
            number = int(np.sum(counts[counts > 1] - 1))
            place = spot(mesh, blocks[block], cell)
            findings.append(
                Finding(
                    "duplicate cells",
                    True,
                    number,
                    place,
                    "stands twice",
                    "once",
                    "export every volume once, in one group",
                )
            )
    return findings


def without_boundary(mesh: Mesh) -> list[Finding]:
    """Regions all of whose faces two cells have: collapsed or repeated cells, no body."""
    bounded = {block.region for block in mesh.boundary}
    value, remedy = "no face belongs to one cell alone", "its cells are collapsed or repeated: export the mesh again"
    return [
        Finding("no boundary", True, 1, f"region {region}", value, "a body has some", remedy)
        for region in mesh.regions
        if region not in bounded
    ]


def nodes(mesh: Mesh) -> list[Finding]:
    """Nodes without a cell, nodes in one place, and mid-side nodes that are corners of a neighbour."""
    findings = []
    used = np.zeros(mesh.n_nodes, dtype=bool)
    for block in mesh.blocks:
        used[block.nodes.ravel()] = True
    if not used.all():
        node = int(np.argmin(used))
        findings.append(
            Finding(
                "unused nodes",
                True,
                int(np.sum(~used)),
                where(mesh, node),
                "in no cell",
                "every node needs one",
                "leave it out",
            )
        )
    for region in mesh.regions:
        blocks = mesh.region_blocks(region)
        own = mesh.region_nodes(region)
        tolerance = MERGE * min(_shortest_edge(mesh.points, b) for b in blocks)
        distance, other = cKDTree(mesh.points[own]).query(mesh.points[own], k=min(2, len(own)))
        close = np.flatnonzero(distance[:, -1] <= tolerance)
        if len(close):
            a, b = own[close[0]], own[other[close[0], -1]]
            value = f"node {b} is {distance[close[0], -1]:.2g} m away"
            findings.append(
                Finding(
                    "coincident nodes",
                    True,
                    len(close),
                    f"region {region}, {where(mesh, int(a))}",
                    value,
                    f"at least {tolerance:.2g} m",
                    MERGED,
                )
            )
        corner = np.concatenate([b.nodes[:, : b.element.corners].ravel() for b in blocks])
        mid = np.concatenate([b.nodes[:, b.element.corners :].ravel() for b in blocks])
        hanging = np.intersect1d(corner, mid)
        if len(hanging):
            value = "mid-side node of one cell and corner of another"
            remedy = "make the mesh conforming: refine both sides alike"
            findings.append(
                Finding(
                    "hanging",
                    True,
                    len(hanging),
                    f"region {region}, {where(mesh, int(hanging[0]))}",
                    value,
                    "one of the two",
                    remedy,
                )
            )
    return findings


def _shortest_edge(points: Array, block: CellBlock) -> float:
    edges = np.array(block.element.edges)
    length = np.linalg.norm(points[block.nodes[:, edges[:, 1]]] - points[block.nodes[:, edges[:, 0]]], axis=2)
    positive = length[length > 0]
    return float(positive.min()) if len(positive) else 0.0


def _face_table(blocks: tuple[CellBlock, ...]) -> tuple[Index, Index, Index, int]:
    """Faces of all cells: corner key (n, 4; -1 pads triangles), fingerprint of other nodes (n,), cell (n,), count."""
    keys, prints, cells = [], [], []
    count = 0
    for block in blocks:
        number = count + np.arange(len(block.nodes))
        count += len(block.nodes)
        for i, local in enumerate(block.element.faces):
            corners = 3 if block.element.face_kind(i).startswith("tri") else 4
            face = block.nodes[:, local]
            key = np.full((len(face), 4), -1, dtype=np.int64)
            key[:, 4 - corners :] = np.sort(face[:, :corners], axis=1)
            keys.append(key)
            mid = np.sort(face[:, corners:], axis=1).astype(np.uint64)
            fingerprint = np.full(len(face), mid.shape[1], dtype=np.uint64)
            for column in mid.T:  # at most five columns; wrapping products mix the numbers
                fingerprint = fingerprint * np.uint64(6364136223846793005) + column + np.uint64(1442695040888963407)
            prints.append(fingerprint)
            cells.append(number)
    return np.concatenate(keys), np.concatenate(prints).view(np.int64), np.concatenate(cells), count


def faces(mesh: Mesh) -> list[Finding]:
    """Faces of three or more cells, neighbours with different mid-side nodes, boundary faces that lie on each other."""
    findings = []
    for region in mesh.regions:
        blocks = mesh.region_blocks(region)
        keys, prints, _, _ = _face_table(blocks)
        _, inverse, counts = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
        inverse = inverse.ravel()
        if (counts > 2).any():
            row = int(np.argmax(counts[inverse] > 2))
            place = f"region {region}, face {keys[row][keys[row] >= 0].tolist()}"
            findings.append(
                Finding(
                    "overlapping cells",
                    True,
                    int(np.sum(counts > 2)),
                    place,
                    f"{counts[inverse[row]]} cells share it",
                    "at most 2",
                    "remove the overlapping cells",
                )
            )
        order = np.argsort(inverse, kind="stable")
        same = inverse[order][1:] == inverse[order][:-1]
        differ = same & (prints[order][1:] != prints[order][:-1])
        if differ.any():
            row = int(order[np.argmax(differ)])
            place = f"region {region}, face {keys[row][keys[row] >= 0].tolist()}"
            value = "its two cells have different mid-side nodes"
            findings.append(
                Finding(
                    "not conforming",
                    True,
                    int(differ.sum()),
                    place,
                    value,
                    "the same nodes",
                    "use one order of elements; " + MERGED,
                )
            )
        findings += _flush(mesh, region)
    return findings


def _flush(mesh: Mesh, region: str) -> list[Finding]:
    """Boundary faces of one region that lie face to face without sharing nodes: an unmerged or non-conforming cut."""
    own = [b for b in mesh.boundary if b.region == region]
    centre = np.concatenate([mesh.points[b.nodes[:, : b.element.corners]].mean(axis=1) for b in own])
    normal, size = [], []
    for b in own:
        x = mesh.points[b.nodes]
        diagonal = (
            (x[:, 2] - x[:, 0], x[:, 3] - x[:, 1]) if b.element.corners == 4 else (x[:, 1] - x[:, 0], x[:, 2] - x[:, 0])
        )
        cross = np.cross(*diagonal)
        area = np.linalg.norm(cross, axis=1)
        normal.append(cross / np.maximum(area, np.finfo(float).tiny)[:, None])
        size.append(np.sqrt(area / 2))
    normals, sizes = np.concatenate(normal), np.concatenate(size)
    k = min(9, len(centre))
    _, near = cKDTree(centre).query(centre, k=k)
    near = near.reshape(len(centre), k)[:, 1:]
    step = centre[near] - centre[:, None]
    reach = np.maximum(sizes[:, None], sizes[near])
    off = np.abs(np.einsum("fkj,fj->fk", step, normals))
    aside = np.sqrt(np.maximum(np.einsum("fkj,fkj->fk", step, step) - off**2, 0))
    opposite = np.einsum("fj,fkj->fk", normals, normals[near]) < -0.99
    flush = opposite & (off < FLUSH * np.minimum(sizes[:, None], sizes[near])) & (aside < 0.6 * reach)
    if not flush.any():
        return []
    face = int(np.argmax(flush.any(axis=1)))
    x, y, z = 1e3 * centre[face]
    place = f"region {region}, at ({x:.4g}, {y:.4g}, {z:.4g}) mm"
    value = "boundary faces lie on each other: the region is cut there"
    return [
        Finding("inner boundary", True, int(flush.any(axis=1).sum()), place, value, "neighbours share nodes", MERGED)
    ]


def pieces(mesh: Mesh) -> list[Finding]:
    """Regions in several pieces, pieces that touch in a node or an edge only, and edges with four boundary faces."""
    findings = []
    for region in mesh.regions:
        blocks = mesh.region_blocks(region)
        keys, _, cells, count = _face_table(blocks)
        _, inverse = np.unique(keys, axis=0, return_inverse=True)
        order = np.argsort(inverse.ravel(), kind="stable")
        same = inverse.ravel()[order][1:] == inverse.ravel()[order][:-1]
        a, b = cells[order][:-1][same], cells[order][1:][same]
        n, piece = connected_components(coo_matrix((np.ones(len(a)), (a, b)), shape=(count, count)), directed=False)
        if n > 1:
            findings.append(_several(mesh, region, blocks, n, piece))
            continue
        findings += _hinged_edges(mesh, region)
    return findings


def _several(mesh: Mesh, region: str, blocks: tuple[CellBlock, ...], n: int, piece: Index) -> Finding:
    lists = [b.nodes for b in blocks]
    owner = np.concatenate(
        [
            np.repeat(p, rows.shape[1])
            for rows, p in zip(lists, np.split(piece, np.cumsum([len(r) for r in lists])[:-1]))
        ]
    )
    node = np.concatenate([rows.ravel() for rows in lists])
    pairs = np.unique(np.column_stack([node, owner]), axis=0)
    shared, counts = np.unique(pairs[:, 0], return_counts=True)
    smallest = int(np.argmin(np.bincount(piece)))
    cell = int(np.argmax(piece == smallest))
    sizes = np.cumsum([len(r) for r in lists])
    block = int(np.searchsorted(sizes, cell, side="right"))
    place = spot(mesh, blocks[block], cell - (int(sizes[block - 1]) if block else 0))
    if (counts > 1).any():
        example = where(mesh, int(shared[np.argmax(counts > 1)]))
        value = f"{n} pieces touch in {int(np.sum(counts > 1))} nodes only, for instance {example}"
        return Finding(
            "hinge",
            True,
            n,
            place,
            value,
            "pieces of a region share faces",
            "join the pieces over whole faces, or make them regions of their own",
        )
    value = f"{n} separate pieces, the smallest of {int(np.min(np.bincount(piece)))} cells"
    return Finding(
        "disconnected",
        True,
        n,
        place,
        value,
        "a region is one piece",
        "merge coincident nodes, or make them regions of their own",
    )


def _hinged_edges(mesh: Mesh, region: str) -> list[Finding]:
    edges = []
    for block in (b for b in mesh.boundary if b.region == region):
        local = np.array(block.element.edges)
        edges.append(np.sort(block.nodes[:, local].reshape(-1, 2), axis=1))
    pairs, counts = np.unique(np.concatenate(edges), axis=0, return_counts=True)
    bad = counts != 2
    if not bad.any():
        return []
    at = int(np.argmax(bad))
    place = f"region {region}, edge {pairs[at].tolist()}, {where(mesh, int(pairs[at, 0]))}"
    value = f"{counts[at]} boundary faces meet in an edge"
    return [
        Finding(
            "hinge", True, int(bad.sum()), place, value, "2 do", "cells must join over faces, not edges: remesh there"
        )
    ]
