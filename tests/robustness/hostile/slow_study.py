"""Studies read slowly: tomllib, csv, json, pint and statistics alone."""

from __future__ import annotations

import csv
import itertools
import json
import math
import re
import statistics
import tomllib
from typing import Any

from hostile.slow_tables import si

Row = dict[str, float]
Texts = dict[str, str]


def table_rows(data: bytes) -> list[Texts]:
    """Rows of a study's table: numbers with their units by parameter; what is empty is left out."""
    lines = re.split("\r\n|\r|\n", data.decode("utf-8-sig"))
    lines = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    delimiter = max(",;\t", key=lines[0].count)
    header, *rows = (next(csv.reader([line], delimiter=delimiter)) for line in lines)
    heads = [(h.partition("[")[0].strip(), h.partition("[")[2].partition("]")[0].strip()) for h in header]
    return [
        {name: f"{cell.strip()} {unit}".strip() for (name, unit), cell in zip(heads, row) if cell.strip()}
        for row in rows
        if any(cell.strip() for cell in row)
    ]


def grid_rows(data: bytes) -> list[Row] | None:
    """Rows of a study whose design is a grid; None for another design."""
    stated = tomllib.loads(data.decode("utf-8-sig"))
    if stated.get("design", {}).get("kind") != "grid":
        return None
    axes = [[(p["name"], v) for v in _levels(p["spread"], p.get("levels", 3))] for p in stated["parameters"]]
    return [dict(each) for each in itertools.product(*axes)]


def _levels(spread: dict[str, Any], count: int) -> list[float]:
    value = {key: si(text)[0] for key, text in spread.items() if key in ("low", "high", "mean", "deviation", "median")}
    if spread["kind"] == "table":
        return [si(text)[0] for text in spread["values"]]
    shares = [i / (count - 1) for i in range(count)]
    if spread["kind"] == "uniform":
        return [value["low"] + s * (value["high"] - value["low"]) for s in shares]
    if spread["kind"] == "log_uniform":
        return [value["low"] * (value["high"] / value["low"]) ** s for s in shares]
    if spread["kind"] == "lognormal":
        value |= {key: math.log(v) for key, v in value.items() if key in ("median", "low", "high")}
        value["mean"] = value["median"]
    law = statistics.NormalDist(value["mean"], value["deviation"])
    low = law.cdf(value["low"]) if "low" in value else 0.0
    high = law.cdf(value["high"]) if "high" in value else 1.0
    middles = [low + (i + 0.5) / count * (high - low) for i in range(count)]
    found = [law.inv_cdf(m) for m in middles]
    return [math.exp(v) for v in found] if spread["kind"] == "lognormal" else found


def understood(case: dict[str, Any], toughness: dict[str, float], name: str) -> float:
    """What a posed case has where a name leads."""
    if name.startswith("toughness."):
        return toughness[name.partition(".")[2]]
    at: Any = case
    for part in name.split("."):
        if isinstance(at, (list, tuple)):
            named = [each for each in at if each.get("name") == part]
            at = named[0] if named else at[int(part)]
        else:
            at = at[part]
    return float(at["value"] if isinstance(at, dict) else at)


def _number(value: Any) -> bool:
    return value is None or (type(value) in (int, float) and math.isfinite(value))


def _finite(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_finite, value.values()))
    return all(map(_finite, value)) if isinstance(value, list) else not isinstance(value, float) or math.isfinite(value)


def is_record(record: Any) -> bool:
    """Whether a record is one that a study keeps, all its numbers finite."""
    if not isinstance(record, dict) or not _finite(record):
        return False
    get = record.get
    sound = all(isinstance(get(k), str) and get(k) for k in ("key", "verdict", "content"))
    sound &= all(type(get(k)) is int and get(k) >= 0 for k in ("row", "base"))
    sound &= get("tier") in ("quick", "full") and isinstance(get("reason"), str) and isinstance(get("values"), dict)
    sound = sound and all(isinstance(v, str) for v in record["values"].values())
    sound = sound and _number(get("seconds", 0)) and get("seconds", 0) is not None
    if not sound or get("status") not in ("done", "failed"):
        return False
    if record["status"] == "failed":
        return True
    cracks = get("cracks")
    if not isinstance(cracks, list) or not all(isinstance(c, dict) for c in cracks):
        return False
    texts = all(isinstance(get(k), list) and all(isinstance(t, str) for t in record[k]) for k in ("alarms", "remarks"))
    routes = all(k in record and (get(k) is None or isinstance(get(k), str)) for k in ("credit", "no_credit"))
    numbers = all(k in record and _number(get(k)) for k in ("ratio_max", "highest"))
    keys = ("ratio_max", "highest", "first_time", "numerical_error")
    each = all(
        isinstance(c.get("name"), str) and c["name"] and all(k in c and _number(c[k]) for k in keys) for c in cracks
    )
    return texts and routes and numbers and each


def plain_json(data: bytes) -> Any:
    """Content of JSON text without NaN and the like; ValueError otherwise."""

    def refuse(name: str) -> Any:
        raise ValueError(name)

    return json.loads(data, parse_constant=refuse)
