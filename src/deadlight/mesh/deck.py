"""Lines of an input deck (Abaqus, Nastran): includes followed inside the root only, every line with its place."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from deadlight.errors import MeshError
from deadlight.mesh.raw import Array
from deadlight.mesh.structure import within

DEPTH = 8
Line = tuple[str, Path, int]


def lines(path: Path, root: Path, included: Callable[[str], str | None], depth: int = 0) -> list[Line]:
    """All lines with file and line number; `included(line)` gives the file that a line includes, or None."""
    if depth > DEPTH:
        raise MeshError(
            f"includes are nested more than {DEPTH} deep",
            place=str(path),
            remedy="the files include each other: remove one include",
        )
    out: list[Line] = []
    text = path.read_bytes().decode("utf-8", "replace")
    if "\0" in text:
        raise MeshError("binary data, expected text", place=str(path), remedy="the file is damaged: export it again")
    for number, line in enumerate(text.splitlines(), 1):
        name = included(line)
        if name is None:
            out.append((line, path, number))
        else:
            target = within(path.parent / name, root, place=f"{path}, line {number}")
            out.extend(lines(target, root, included, depth + 1))
    return out


def table(rows: list[Line], *, what: str) -> Array:
    """All numbers of comma-separated lines, flat; MeshError names the first line that is not numbers."""
    text = "\n".join(row[0] for row in rows)
    flat = _numbers(text)
    if flat is not None:
        return flat
    for line, path, number in rows:
        if _numbers(line) is None:
            raise MeshError(
                f'found "{line.strip()[:60]}"', place=f"{path}, line {number}", remedy=f"expected numbers: {what}"
            )
    raise MeshError("found text among numbers", place=str(rows[0][1]), remedy=f"expected numbers: {what}")


def _numbers(text: str) -> Array | None:
    compact = text.replace(" ", "").replace("\t", "")
    if ",," in compact:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return np.fromstring(text.replace(",", " ").replace("D", "e").replace("d", "e"), sep=" ")
        except (DeprecationWarning, ValueError):
            return None
