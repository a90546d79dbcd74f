"""Triangles of a crack surface from a file: STL (text or binary), or triangles of a VTU or Gmsh mesh."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from deadlight.errors import MeshError
from deadlight.mesh.guard import read_guarded
from deadlight.mesh.read import metres
from deadlight.mesh.structure import FARTHEST, file_format
from deadlight.units import plain_number

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

FORMS = (".stl", ".vtu", ".msh")
MOST_BYTES = 64 << 20
MOST_TRIANGLES = 200_000
SAME = 1e-6  # of the extent: corners of an STL that are one point (it is written in single precision)
_HEAD, _RECORD = 84, 50  # bytes of a binary STL before its triangles, and of a triangle
_FACET = (
    ("facet normal", 3), ("outer loop", 0), ("vertex", 3), ("vertex", 3), ("vertex", 3), ("endloop", 0),
    ("endfacet", 0),
)  # fmt: skip
_TIME, _MEMORY = 60.0, 4 << 30  # [s], [B] of the process that reads a mesh


def read_triangles(path: Path, *, unit: str) -> tuple[Array, Index]:
    """Points (n, 3) [m] and triangles (t, 3) of a surface.

    Raises
    ------
    MeshError
        Another format, damaged, without triangles, or too many of them.
    """
    if path.suffix.lower() not in FORMS:
        raise MeshError(
            f'found the extension "{path.suffix}"', place=str(path), remedy=f"expected one of {', '.join(FORMS)}"
        )
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise MeshError(f"{size} bytes", place=str(path), remedy=f"at most {MOST_BYTES}: thin the surface out")
    points, triangles = _stl(path) if path.suffix.lower() == ".stl" else _mesh(path)
    if not len(triangles):
        raise MeshError("no triangles in it", place=str(path), remedy="export the surface as triangles")
    if len(triangles) > MOST_TRIANGLES:
        raise MeshError(
            f"{len(triangles)} triangles", place=str(path), remedy=f"at most {MOST_TRIANGLES}: thin the surface out"
        )
    if not (np.abs(points) < FARTHEST).all():  # nan too
        found = f"a coordinate is not a number below {FARTHEST:g}"
        raise MeshError(found, place=str(path), remedy="export the surface again")
    return points * metres(unit, path), triangles


def _mesh(path: Path) -> tuple[Array, Index]:
    """Triangles of a mesh file, by their corners; the reader runs guarded."""
    form = file_format(path)
    raw = read_guarded(path, form=form, root=path.parent, timeout_s=_TIME, memory_bytes=_MEMORY)
    parts = [block.nodes[:, :3] for block in raw.blocks if block.kind.startswith("tri")]
    triangles = np.concatenate([np.zeros((0, 3), dtype=np.int64), *parts])
    used, renumbered = np.unique(triangles, return_inverse=True)
    return raw.points[used], renumbered.reshape(-1, 3)


def _stl(path: Path) -> tuple[Array, Index]:
    raw = path.read_bytes()
    count = int.from_bytes(raw[80:_HEAD], "little")
    if len(raw) >= _HEAD and len(raw) == _HEAD + _RECORD * count:
        record = np.dtype([("normal", "<f4", 3), ("corner", "<f4", (3, 3)), ("rest", "<u2")])
        corners = np.frombuffer(raw, record, count=count, offset=_HEAD)["corner"].astype(float)
    else:
        corners = _text(raw, path)
    if not len(corners) or not (np.abs(corners) < FARTHEST).all():
        return corners.reshape(-1, 3), np.arange(3 * len(corners)).reshape(-1, 3)
    return _welded(corners)


def _text(raw: bytes, path: Path) -> Array:
    """Corners (t, 3, 3) of a text STL."""
    if not raw.lstrip().startswith(b"solid"):
        raise MeshError("neither a text nor a whole binary STL", place=str(path), remedy="export the surface again")
    lines = raw.decode("ascii", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    rows = [(n, line.split()) for n, line in enumerate(lines, 1) if line.strip()]
    body, (number, last) = rows[1:-1], rows[-1]
    if last[0].lower() != "endsolid":
        found = f'the last line is "{" ".join(last)[:40]}"'
        raise MeshError(found, place=f"{path}, line {number}", remedy="expected endsolid: the file is truncated")
    corners = []
    for at, (number, words) in enumerate(body):
        wanted, count = _FACET[at % len(_FACET)]
        named = wanted.split()
        try:
            if [word.lower() for word in words[: len(named)]] != named or len(words) != len(named) + count:
                raise ValueError(wanted)
            if wanted == "vertex":
                corners.append([plain_number(word) for word in words[1:]])
        except ValueError:
            remedy = f'expected "{wanted}"' + " and three numbers" * bool(count)
            found = f'found "{" ".join(words)[:60]}"'
            raise MeshError(found, place=f"{path}, line {number}", remedy=remedy) from None
    if len(body) % len(_FACET):
        raise MeshError("the last facet is not whole", place=f"{path}, line {number}", remedy="export it again")
    return np.array(corners, dtype=float).reshape(-1, 3, 3)


def _welded(corners: Array) -> tuple[Array, Index]:
    """Points and triangles from corners (t, 3, 3): corners at one place are one point, slivers are left out."""
    flat = corners.reshape(-1, 3)
    extent = float(np.ptp(flat, axis=0).max()) or 1.0
    pairs = cKDTree(flat).query_pairs(SAME * extent, output_type="ndarray")
    links = scipy.sparse.coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(flat), len(flat)))
    _, label = connected_components(links, directed=False)
    _, first, number = np.unique(label, return_index=True, return_inverse=True)
    triangles = number.reshape(-1, 3).astype(np.int64)
    whole = (triangles[:, 0] != triangles[:, 1]) & (triangles[:, 1] != triangles[:, 2])
    whole &= triangles[:, 2] != triangles[:, 0]
    return flat[first], triangles[whole]
