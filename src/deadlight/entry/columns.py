"""Columns of an engineer's text table, by a map that names each column with its unit: "V [km/s]"."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from deadlight.errors import InputError, LoadError
from deadlight.limits import Limits
from deadlight.units import plain_number, quantity

Array = np.ndarray[Any, np.dtype[np.float64]]

LARGEST = 256 * 2**20  # bytes; a table of loads is never this long


def read_columns(
    path: str | os.PathLike[str],
    *,
    columns: Mapping[str, tuple[str, str]],
    limits: Mapping[str, Limits] = MappingProxyType({}),
) -> dict[str, Array]:
    """Named columns of a table in SI units.

    Parameters
    ----------
    path : path
        Text with one header line; comma, semicolon or tab between columns; lines that start with # are skipped.
    columns : {name: (header, SI unit)}
        The header as "V [km/s]". A file whose own header has no unit ("V") is matched too; a file whose
        header states another unit is refused.
    limits : {name: Limits}
        What the values of a column can be.

    Returns
    -------
    dict of (m,) float arrays in the SI units asked for.

    Raises
    ------
    LoadError
        No such file, no such column (the message lists those found), no or wrong unit, a cell that is not a
        finite number or lies outside its limits, or no rows.
    """
    place = os.fspath(path)
    header, rows = _read(place)
    result = {}
    for name, (stated, unit) in columns.items():
        index = _find(header, stated, name, place)
        scale, offset = conversion(stated, unit, name, place)
        values = [_number(row, line, index, stated, place) for line, row in rows]
        lines = [line for line, _ in rows]
        result[name] = _in_si(np.asarray(values), scale, offset, lines, stated, place)
        if name in limits:
            _check_limits(
                result[name], np.asarray(values), limits[name], lines, f'{name} {{}} in column "{stated}"', place
            )
    return result


def _check_limits(found: Array, values: Array, limits: Limits, lines: list[int], told: str, place: str) -> None:
    """LoadError where a value in SI units cannot be."""
    inside = limits.hold(found)
    if not inside.all():
        i = int(np.argmin(inside))
        si = f", which is {found[i]:.6g} {limits.unit}" if found[i] != values[i] else ""
        raise LoadError(
            told.format(f"{values[i]:g}") + si, place=f"{place}: line {lines[i]}",
            remedy=f"{limits.range()}; is the unit right?",
        )  # fmt: skip


def _in_si(values: Array, scale: float, offset: float, lines: list[int], stated: str, place: str) -> Array:
    """Values in SI units; LoadError where one is too large for that."""
    with np.errstate(over="ignore"):
        found = values * scale + offset
    if not np.isfinite(found).all():
        i = int(np.argmin(np.isfinite(found)))
        raise LoadError(
            f'{values[i]:g} in column "{stated}", which is not finite in SI units', place=f"{place}: line {lines[i]}",
            remedy="correct the number",
        )  # fmt: skip
    return np.asarray(found)


def _read(place: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    try:
        if os.path.getsize(place) > LARGEST:
            raise LoadError(f"{os.path.getsize(place)} bytes", place=place, remedy=f"a table below {LARGEST} bytes")
        with open(place, encoding="utf-8-sig", newline="") as file:
            return table_rows(file, place)
    except OSError as error:
        raise LoadError(
            f"cannot be read: {error.strerror}", place=place, remedy="check the name; paths stand relative to the case"
        ) from error
    except UnicodeDecodeError as error:
        raise LoadError(
            f"is not text (byte {error.start})", place=place, remedy="a text table (CSV) in UTF-8"
        ) from error


def table_rows(text: Iterable[str], place: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Header and rows of a table, each row with its line in the file.

    Parameters
    ----------
    text : lines, with their ends

    Raises
    ------
    LoadError
        Fewer than two lines, a quote that is not closed on its line, a column twice, a row with more values than names.
    """
    lines = [
        (number, line) for number, line in enumerate(text, 1) if line.strip() and not line.lstrip().startswith("#")
    ]
    if len(lines) < 2:
        raise LoadError(f"{len(lines)} lines", place=place, remedy="one header line and at least one row of numbers")
    delimiter = max(",;\t", key=lines[0][1].count)
    rows = [(number, _cells(line, delimiter, f"{place}: line {number}")) for number, line in lines]
    header = [cell.strip() for cell in rows[0][1]]
    if twice := sorted({cell for cell in header if cell and header.count(cell) > 1}):
        raise LoadError(f'two columns "{twice[0]}"', place=place, remedy="give every column a name of its own")
    for number, row in rows[1:]:
        if any(cell.strip() for cell in row[len(header) :]):
            raise LoadError(
                f"{len(row)} values, the header names {len(header)}",
                place=f"{place}: line {number}",
                remedy="one value a column; a decimal point, not a comma",
            )
    return header, rows[1:]


def _cells(line: str, delimiter: str, place: str) -> list[str]:
    """Cells of one line; each line for itself, so that a stray quote cannot swallow the lines after it."""
    try:
        (row,) = csv.reader([line], delimiter=delimiter, strict=True)
    except (csv.Error, ValueError) as error:  # ValueError: a quoted cell that does not end on its line
        raise LoadError(f"is no row of a table ({error})", place=place, remedy="close every quote") from error
    return row


def header_of(path: str | os.PathLike[str]) -> list[str]:
    """The names of the columns as they stand in the file; LoadError as by `read_columns`."""
    return _read(os.fspath(path))[0]


def split_header(header: str) -> tuple[str, str | None]:
    """Name and unit of a column: "V [km/s]" is ("V", "km/s"), "V" is ("V", None)."""
    match = re.fullmatch(r"(.*?)\s*\[(.*)\]", header.strip())
    return (match[1].strip(), match[2].strip()) if match else (header.strip(), None)


def _find(header: list[str], stated: str, name: str, place: str) -> int:
    if stated.strip() in header:
        return header.index(stated.strip())
    bare, unit = split_header(stated)
    for index, cell in enumerate(header):
        found, own = split_header(cell)
        if found == bare:
            if own is None or unit is None or own == unit:
                return index
            raise LoadError(
                f'column "{cell}", the case says "{stated}"',
                place=f"{place}: {name}",
                remedy="state the unit the file has",
            )
    raise LoadError(
        f'no column "{stated}"',
        place=f"{place}: {name}",
        remedy=f"the file has {', '.join(repr(cell) for cell in header)}",
    )


def conversion(stated: str, unit: str, name: str, place: str) -> tuple[float, float]:
    """Scale and offset to SI of a column stated as "V [km/s]"; a pure number may be written without brackets.

    Raises
    ------
    LoadError
        No unit, or the wrong kind of unit.
    """
    own = split_header(stated)[1]
    if own is None and unit:
        raise LoadError(
            f'column "{stated}" has no unit', place=f"{place}: {name}", remedy=f'write it as "{stated} [{unit}]"'
        )
    try:
        zero, one = (quantity(f"{value} {own or ''}".strip(), unit) for value in ("0", "1"))
    except InputError as error:
        raise LoadError(f'column "{stated}": {error.found}', place=f"{place}: {name}", remedy=error.remedy) from error
    return one - zero, zero


def _number(row: list[str], line: int, index: int, stated: str, place: str) -> float:
    text = row[index].strip() if index < len(row) else ""
    try:
        return plain_number(text)
    except ValueError:
        raise LoadError(
            f'found "{text[:60]}" in column "{stated}"',
            place=f"{place}: line {line}",
            remedy="a finite number in every row",
        ) from None
