"""A `WindowView` as one JSON object for the viewer that runs in a browser: corners of the cells, values in 16 bits.

Arrays are deflated and in base64; what is sent is what the colour bar's range is taken from.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from deadlight.mesh.mesh import Mesh
from deadlight.view.grid import LINEAR
from deadlight.view.shown import RATIO, STRESS, TEMPERATURE, CrackPart, SolidPart, WindowView

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

FEATURE = np.radians(40.0)  # edges of the panes are drawn where faces meet at more
MOST_CELLS = 200_000  # of a part; larger ones go as their skin alone and cannot be cut
MAPS = {TEMPERATURE: "inferno", "opening [um]": "viridis", RATIO: "cividis", STRESS: "RdBu_r"}
NAMES = {TEMPERATURE: "temperature [K]", STRESS: "largest principal stress [MPa]", "opening [um]": "opening [µm]",
         RATIO: "K/K_Ic along the front"}  # fmt: skip
# a face of so many nodes (corners, then middles of its edges, then its centre) as plain triangles
FLAT = {
    3: ((0, 1, 2),),
    4: ((0, 1, 2), (0, 2, 3)),
    6: ((0, 3, 5), (3, 1, 4), (5, 4, 2), (3, 4, 5)),
    8: ((0, 4, 7), (4, 1, 5), (5, 2, 6), (6, 3, 7), (4, 5, 6), (4, 6, 7)),
    9: ((0, 4, 8), (0, 8, 7), (4, 1, 5), (4, 5, 8), (8, 5, 2), (8, 2, 6), (7, 8, 6), (7, 6, 3)),
}
CORNERS = {3: 3, 4: 4, 6: 3, 8: 4, 9: 4}


def packed(view: WindowView, *, most_bytes: int = 9_000_000) -> dict[str, Any]:
    """The view as plain data.

    Parameters
    ----------
    most_bytes : int
        Of text; instants of the fields are left out evenly until it fits (the governing one stays), and told.

    Returns
    -------
    dict
        For `json.dumps`; its key "left_out" says what does not fit.
    """
    steps = len(view.times)
    while True:
        keep = np.unique(np.append(np.linspace(0, len(view.times) - 1, steps).astype(int), view.nearest()))
        made = _packed(view, keep)
        size = len(json.dumps(made))
        if size <= most_bytes or steps <= 2:
            break
        steps = max(2, min(steps - 1, int(steps * most_bytes / size)))
    if len(keep) < len(view.times):
        made["left_out"].append(f"{len(view.times) - len(keep)} of {len(view.times)} stored instants")
    return made


def _packed(view: WindowView, keep: Index) -> dict[str, Any]:
    left_out: list[str] = []
    solids = [_solid(part, keep, left_out) for part in view.solids]
    cracks = [_crack(part, keep) for part in view.cracks]
    front, _, point = view.worst
    fields = list(view.field_names)
    crack_fields = list(dict.fromkeys(n for c in view.cracks for n in c.fields))
    return {
        "title": view.title,
        "since": view.since,
        "times": [float(t) for t in view.times[keep]],
        "governing": view.governing_time,
        "fields": fields,
        "crack_fields": crack_fields,
        "names": {n: NAMES.get(n, n) for n in (*fields, *crack_fields, RATIO)},
        "maps": {n: _map(n) for n in (*fields, *crack_fields, RATIO)},
        "middle": [float(x) for x in view.middle],
        "solids": solids,
        "cracks": cracks,
        "fronts": [
            {
                "name": f.name, "crack": f.crack, "level": f.level, "points": _floats(f.points), "n": len(f.points),
                "m": len(f.time), "time": _floats(f.time), "k": _floats(f.k / 1e6),
                "toughness": _floats(f.toughness / 1e6), "error": _floats(f.error / 1e6),
            }
            for f in view.fronts
        ],
        "worst": None if front is None else [view.fronts.index(front), point],
        "ribs": [
            {
                "level": r.level, "step": r.step, "points": _floats(r.points), "n": len(r.points), "time": r.time,
                "indicative": r.indicative, "ratio": float(np.nanmax(r.ratio, initial=0.0)),
            }
            for r in view.ribs
        ],
        "pieces": [
            {
                "name": p.name, "level": p.level, "corners": _floats(p.corners), "n": len(p.corners),
                "cut": _bytes(p.cut.astype(np.uint8)), "state": p.state, "way": [float(x) for x in p.way],
                "mass": p.mass,
            }
            for p in view.pieces
        ],
        "altitude": [[float(t), float(h)] for t, h in _thinned(view.altitude)],
        "events": [[t, text] for t, text in view.events],
        "left_out": left_out,
    }  # fmt: skip


def _thinned(rows: Array) -> Array:
    return rows[np.unique(np.linspace(0, len(rows) - 1, min(len(rows), 400)).astype(int))] if len(rows) else rows


def corner_cells(mesh: Mesh) -> dict[str, Index]:
    """Cells of each family by their corners alone, (c, corners)."""
    cells: dict[str, list[Index]] = {}
    for block in mesh.blocks:
        family = block.element.family
        cells.setdefault(family, []).append(block.nodes[:, : LINEAR[family][1]])
    return {family: np.concatenate(found) for family, found in cells.items()}


def skin(mesh: Mesh) -> tuple[Index, Index]:
    """Plain triangles (t, 3) of the outside, and the number of the face (t,) each belongs to."""
    found, numbers, start = [], [], 0
    keys, faces = [], []
    for block in mesh.blocks:
        for face in block.element.faces:
            nodes = block.nodes[:, face]
            key = np.full((len(nodes), 4), -1, dtype=np.int64)
            corners = CORNERS[len(face)]
            key[:, :corners] = np.sort(nodes[:, :corners], axis=1)
            keys.append(key)
            faces.append(nodes)
    _, first, count = np.unique(np.concatenate(keys), axis=0, return_index=True, return_counts=True)
    outside = np.zeros(sum(map(len, faces)), dtype=bool)
    outside[first[count == 1]] = True
    for nodes in faces:
        chosen = nodes[outside[start : start + len(nodes)]]
        pattern = np.array(FLAT[nodes.shape[1]])
        found.append(chosen[:, pattern].reshape(-1, 3))
        numbers.append(np.repeat(start + np.arange(len(chosen)), len(pattern)))
        start += len(nodes)
    return np.concatenate(found), np.concatenate(numbers)


def edges(points: Array, triangles: Index, face: Index) -> Index:
    """Lines (e, 2) where faces of the outside meet at an angle."""
    a, b, c = (points[triangles[:, i]] for i in range(3))
    normal = np.cross(b - a, c - a)
    total = np.zeros((int(face.max()) + 1, 3))
    np.add.at(total, face, normal)
    unit = total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-300)
    ends = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    owner = np.tile(face, 3)
    key, back = np.unique(np.sort(ends, axis=1), axis=0, return_inverse=True)
    order = np.argsort(back, kind="stable")
    start = np.searchsorted(back[order], np.arange(len(key)))
    two = np.bincount(back, minlength=len(key)) == 2
    first, second = owner[order[start[two]]], owner[order[start[two] + 1]]
    sharp = (first != second) & ((unit[first] * unit[second]).sum(axis=1) < np.cos(FEATURE))
    return np.asarray(key[two][sharp])


def _solid(part: SolidPart, keep: Index, left_out: list[str]) -> dict[str, Any]:
    triangles, face = skin(part.mesh)
    lines = edges(part.mesh.points, triangles, face)
    cells = corner_cells(part.mesh)
    if part.mesh.n_cells > MOST_CELLS:
        left_out.append(f"inside of {part.name}: {part.mesh.n_cells} cells")
        cells = {}
    used = np.unique(np.concatenate([triangles.ravel(), *(c.ravel() for c in cells.values())]))
    points = part.mesh.points[used]
    triangles, lines = np.searchsorted(used, triangles), np.searchsorted(used, lines)
    cells = {family: np.searchsorted(used, nodes) for family, nodes in cells.items()}
    return {
        "name": part.name,
        "kind": part.kind,
        "level": part.level,
        "n": len(points),
        "points": _floats(points),
        "triangles": _integers(triangles),
        "edges": _integers(lines),
        "cells": {family: _integers(nodes) for family, nodes in cells.items()},
        "fields": {name: _scaled(values[keep][:, used]) for name, values in part.fields.items()},
    }


def _crack(part: CrackPart, keep: Index) -> dict[str, Any]:
    return {
        "name": part.name,
        "level": part.level,
        "n": len(part.points),
        "points": _floats(part.points),
        "triangles": _integers(part.triangles),
        "line": [[float(x) for x in p] for p in part.line],
        "fields": {name: _scaled(values[keep]) for name, values in part.fields.items()},
    }


def _bytes(values: np.ndarray[Any, Any]) -> str:
    return base64.b64encode(zlib.compress(np.ascontiguousarray(values).tobytes(), 6)).decode()


def _floats(values: Array) -> str:
    return _bytes(np.asarray(values, dtype="<f4"))


def _integers(values: Index) -> str:
    return _bytes(np.asarray(values, dtype="<u4"))


def _scaled(values: Array) -> dict[str, Any]:
    """Values (steps, n) as 16 bits between their extremes."""
    low, high = float(values.min()), float(values.max())
    span = high - low if high > low else 1.0
    return {"low": low, "high": high, "data": _bytes(np.round((values - low) / span * 65535).astype("<u2"))}


def _map(name: str) -> str:
    """256 colours, three bytes each."""
    from matplotlib import colormaps

    colours = colormaps[MAPS.get(name, "viridis")](np.linspace(0.0, 1.0, 256))[:, :3]
    return base64.b64encode(np.round(255 * colours).astype(np.uint8).tobytes()).decode()


def script_safe(value: Any) -> str:
    """JSON that cannot end the element of a page it stands in."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


__all__: Sequence[str] = ("corner_cells", "edges", "packed", "script_safe", "skin")
