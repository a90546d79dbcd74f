"""Lines of an input deck (Abaqus, Nastran): includes followed inside the root only, every line with its place."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np

from deadlight.errors import MeshError
from deadlight.mesh.number_text import numbers
from deadlight.mesh.raw import Array, Index
from deadlight.mesh.structure import within

DEPTH = 8
LARGEST = 2**53
"""Whole numbers up to here are exact when they are read as floating point."""
_HOLE = re.compile(r",[ \t]*,|^[ \t]*,|[^\s,][ \t]+[^\s,]", re.MULTILINE)
"""A field without a number, or one with two words."""
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
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
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
    found = _numbers(text)
    if found is not None:
        return found
    for line, path, number in rows:
        if _numbers(line) is None:
            raise MeshError(
                f'found "{line.strip()[:60]}"', place=f"{path}, line {number}", remedy=f"expected numbers: {what}"
            )
    raise MeshError("found text among numbers", place=str(rows[0][1]), remedy=f"expected numbers: {what}")


def wholes(rows: list[Line], *, what: str, width: int = 0) -> Index:
    """The same for whole numbers; with `width`, records of that many, each beginning on a line of its own.

    Raises
    ------
    MeshError
        Not whole numbers, or a record that is too short or too long, with its line.
    """
    flat = table(rows, what=what)
    if len(flat) and (not np.array_equal(flat, np.rint(flat)) or np.abs(flat).max() > LARGEST):
        for line, path, number in rows:
            own = table([(line, path, number)], what=what)
            if not np.array_equal(own, np.rint(own)) or np.abs(own).max(initial=0.0) > LARGEST:
                raise MeshError(
                    f'found "{line.strip()[:60]}"', place=f"{path}, line {number}", remedy=f"whole numbers: {what}"
                )
    if width:
        counts = np.array([line.rstrip(", \t").count(",") + 1 for line, _, _ in rows], dtype=np.int64)
        ends = np.cumsum(counts)
        starts = np.concatenate([[0], ends[:-1]])
        last = (starts // width + 1) * width  # where the record ends that a line begins in
        led_on = np.array([line.rstrip().endswith(",") for line, _, _ in rows], dtype=bool)
        over = np.flatnonzero((ends > last) | ((ends < last) & ~led_on))
        if len(over) or (len(flat) and len(flat) % width):
            _, path, number = rows[int(over[0]) if len(over) else -1]
            raise MeshError(
                f"{len(flat)} numbers in records of {width}, and this line ends outside of its record",
                place=f"{path}, line {number}",
                remedy=f"expected {what}; the file is truncated or the element type is wrong",
            )
    return flat.astype(np.int64)


def _numbers(text: str) -> Array | None:
    if _HOLE.search(text):
        return None
    found = numbers(text.replace(",", " ").replace("D", "e").replace("d", "e"), np.dtype(float))
    return None if isinstance(found, str) else found
