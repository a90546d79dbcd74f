"""Checks of named faces: on their region's boundary, outward, and no cell in two faces."""

from __future__ import annotations

import numpy as np

from deadlight.mesh.mesh import Mesh
from deadlight.mesh.raw import Index
from deadlight.mesh.report import Finding


def _keys(corners: Index) -> Index:
    """Corners turned so that the smallest stands first, direction kept; -1 pads triangles. (n, 4)."""
    n = corners.shape[1]
    start = np.argmin(corners, axis=1)
    turned = np.take_along_axis(corners, (start[:, None] + np.arange(n)) % n, axis=1)
    return np.hstack([turned, np.full((len(corners), 4 - n), -1)])


def _reversed(keys: Index) -> Index:
    """The same faces run round the other way: (a, b, c) -> (a, c, b), (a, b, c, d) -> (a, d, c, b)."""
    triangle = keys[:, [0, 2, 1, 3]]
    quad = keys[:, [0, 3, 2, 1]]
    return np.where((keys[:, 3] < 0)[:, None], triangle, quad)


def _members(wanted: Index, table: Index) -> np.ndarray:
    """Whether each row of `wanted` is a row of `table`. (n,) bool."""
    _, inverse = np.unique(np.vstack([table, wanted]), axis=0, return_inverse=True)
    inverse = inverse.ravel()
    known = np.zeros(inverse.max() + 1, dtype=bool)
    known[inverse[: len(table)]] = True
    return known[inverse[len(table) :]]


def named(mesh: Mesh) -> list[Finding]:
    """Findings about every named face."""
    findings = []
    seen: dict[str, list[tuple[str, Index]]] = {}
    for name, blocks in mesh.faces.items():
        region = name.split(".")[0]
        if region not in mesh.regions:
            limit = f"regions are {', '.join(mesh.regions)}"
            findings.append(
                Finding(
                    "face without region",
                    True,
                    1,
                    f"face {name}",
                    f'no region "{region}"',
                    limit,
                    "name faces <region>.<face>",
                )
            )
            continue
        keys = np.concatenate([_keys(b.nodes[:, : b.element.corners]) for b in blocks])
        outer = np.concatenate([_keys(b.nodes[:, : b.element.corners]) for b in mesh.boundary if b.region == region])
        outward, inward = _members(keys, outer), _members(_reversed(keys), outer)
        if (~outward & inward).any():
            value = f"{int(np.sum(~outward & inward))} of {len(keys)} cells point into the region"
            findings.append(
                Finding(
                    "inward face",
                    True,
                    int(np.sum(~outward & inward)),
                    f"face {name}",
                    value,
                    "normals leave it",
                    "reverse them",
                )
            )
        if (~outward & ~inward).any():
            nodes = keys[np.argmax(~outward & ~inward)]
            value = f"cell with nodes {nodes[nodes >= 0].tolist()} is not on the boundary of {region}"
            findings.append(
                Finding(
                    "stray face",
                    True,
                    int(np.sum(~outward & ~inward)),
                    f"face {name}",
                    value,
                    "all must be",
                    "correct the group",
                )
            )
        for other, taken in seen.get(region, []):
            both = _members(keys, taken) | _members(_reversed(keys), taken)
            if both.any():
                value = f"{int(both.sum())} cells are in {other} too"
                findings.append(
                    Finding(
                        "overlapping faces",
                        True,
                        int(both.sum()),
                        f"face {name}",
                        value,
                        "a cell is in one face",
                        "separate the groups",
                    )
                )
        seen.setdefault(region, []).append((name, keys))
    return findings
