"""Tables, crack surfaces and case files read slowly: csv, struct, tomllib and pint alone."""

from __future__ import annotations

import csv
import re
import struct
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pint

UNITS: Any = pint.UnitRegistry(autoconvert_offset_to_baseunit=True)
UNITS.define("percent = 0.01 = %")
NUMBER = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(.*)", re.DOTALL)


def si(text: str) -> tuple[float, Any]:
    """Value in SI base units and dimension of "12 mm"; ValueError where it is no quantity."""
    found = NUMBER.fullmatch(text)
    if found is None:
        raise ValueError(text)
    unit = found[2].strip().replace("°C", "degC").replace("µ", "u")
    value = UNITS.Quantity(float(found[1]), unit) if unit else UNITS.Quantity(float(found[1]))
    if unit and (unit[0] in "*/·" or unit.startswith("1")):  # "3 /m", "2 1/m"; "05" is 0 to pint
        value = float(found[1]) * UNITS.Quantity("1 " + unit)
    base = value.to_base_units()
    return float(base.magnitude), base.dimensionality


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every value that is no table and no list, with the way to it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, (list, tuple)):
        for i, inner in enumerate(value):
            yield from leaves(inner, (*path, i))
    else:
        yield path, value


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    """What the case has there; a value alone may stand for a list of one or for a number with its band."""
    for step in path:
        bare = step.strip() if isinstance(step, str) and step not in value else step  # white space about a name is none
        value = value[bare]
    if isinstance(value, dict) and "value" in value:
        value = value["value"]
    if isinstance(value, (list, tuple)) and len(value) == 1:
        value = value[0]
    if isinstance(value, (list, tuple)) and len(value) == 2 and value[0] == 0.0:
        value = value[1]  # one value for all times: from 0 s on
    return value


def case_differences(text: bytes, control: bytes, understood: dict[str, Any]) -> list[str]:
    """Where the case understood is not what its text says; its dimensions must be those of the control."""
    stated = tomllib.loads(text.decode("utf-8-sig"))
    known = dict(leaves(tomllib.loads(control.decode("utf-8-sig"))))
    told = []
    for path, value in leaves(stated):
        name = ".".join(map(str, path))
        try:
            ours = _at(understood, path)
        except (KeyError, IndexError, TypeError):
            told.append(f"{name} = {value!r} is not in the case")
            continue
        if isinstance(value, str) and isinstance(ours, (int, float)) and not isinstance(ours, bool):
            number, dimension = si(value)
            if abs(number - ours) > 1e-12 * abs(number):
                told.append(f"{name}: {value!r} is {number!r}, understood {ours!r}")
            if isinstance(known.get(path), str) and dimension != si(known[path])[1]:
                told.append(f"{name}: {value!r} has another dimension than {known[path]!r}")
        elif (ours.strip() if isinstance(ours, str) else ours) != (
            value.strip() if isinstance(value, str) else value
        ) or (type(ours) is not type(value) and not isinstance(value, str)):
            told.append(f"{name}: {value!r}, understood {ours!r}")
    return told


def property_differences(stated: dict[str, Any], properties: dict[str, tuple[list[float], list[float]]]) -> list[str]:
    """Where the tables of a material, (temperatures, values) by name, are not what its text says."""
    told = []
    for key, (temperature, value) in properties.items():
        row = stated.get(key)
        if row is None or stated.get("scale", {}).get(key) is not None:
            continue
        row = row if isinstance(row, dict) else {"table" if isinstance(row, list) else "value": row}
        pairs = row.get("table") or [["293.15 K", row["value"]]]
        wanted = [(si(a)[0], si(b)[0]) for a, b in pairs]
        found = list(zip(temperature, value))
        close = [abs(a - b) <= 1e-12 * abs(b) for p, q in zip(found, wanted) for a, b in zip(p, q)]
        if len(wanted) != len(found) or not all(close):
            told.append(f"{key}: {wanted}, understood {found}")
    return told


def columns(path: Path, wanted: dict[str, str]) -> dict[str, list[float]]:
    """Columns of a table in SI; a column is asked for as "V [m/s]"."""
    text = path.read_bytes().decode("utf-8-sig")
    lines = re.split("\r\n|\r|\n", text)  # splitlines() would also split at control characters
    lines = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    delimiter = max(",;\t", key=lines[0].count)
    rows = [next(csv.reader([line], delimiter=delimiter)) for line in lines]
    header = [cell.strip() for cell in rows[0]]
    found = {}
    for name, stated in wanted.items():
        bare = stated.partition("[")[0].strip()
        index = header.index(stated) if stated in header else [h.partition("[")[0].strip() for h in header].index(bare)
        unit = stated.partition("[")[2].rstrip("]")
        found[name] = [si(f"{row[index].strip()} {unit}")[0] for row in rows[1:]]
    return found


def triangles(path: Path) -> list[tuple[tuple[float, ...], ...]]:
    """Corners of every triangle of an STL, in the file's unit."""
    data = path.read_bytes()
    count = struct.unpack_from("<I", data, 80)[0] if len(data) >= 84 else -1
    if len(data) == 84 + 50 * count:
        rows = [struct.unpack_from("<9f", data, 84 + 50 * i + 12) for i in range(count)]
        return [(row[0:3], row[3:6], row[6:9]) for row in rows]
    words = data.decode("ascii", "replace").split()
    flat = [tuple(float(w) for w in words[i + 1 : i + 4]) for i, w in enumerate(words) if w.lower() == "vertex"]
    return [tuple(flat[i : i + 3]) for i in range(0, len(flat), 3)]
