"""The table of a study, `summary.parquet`: a row for every case; opens in pandas, polars and xarray."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from deadlight.errors import InputError
from deadlight.store import atomic
from deadlight.study.folder import SUMMARY
from deadlight.study.form import split
from deadlight.study.plan import Plan
from deadlight.study.read import Study
from deadlight.study.record import Record

DIGEST = b"deadlight_sha256"  # in the metadata: a bit that flips in a table is found by it
NUMBERS = ("ratio_max", "highest")
TEXTS = ("key", "status", "verdict", "credit", "no_credit", "reason", "content")


def study_table(study: Study, plan: Plan, quick: dict[str, Record], full: dict[str, Record]) -> pa.Table:
    """Rows in the order of the design.

    Columns: `row`, `case`, one for every parameter with its unit in brackets, then for the quick tier and, with `full_`
    before it, for the crack operator: `status`, `verdict`, that of both routes (`credit`, `no_credit`), `reason`,
    `ratio_max` (largest K/K_Ic), `highest` (the same with every error band), `first_time_s`, `numerical_error`,
    `content` (hash of the result), `seconds`.
    """
    rows = [(p.row.index, p.row.base, dict(p.row.values), p.key) for g in plan.groups for p in g.posed]
    rows += [(r["row"], r["base"], r["values"], r["key"]) for r in plan.refused]
    made = []
    for index, base, values, key in rows:
        record = quick.get(key)
        if record is None:
            continue
        line: dict[str, Any] = {"row": index, "case": study.bases[base].name}
        for name, text in values.items():
            number, unit = split(text)
            line[f"{name} [{unit}]" if unit else name] = number
        line |= _columns(record, "")
        line |= _columns(full[key], "full_") if key in full else {}
        made.append(line)
    made.sort(key=lambda line: line["row"])
    names = list(dict.fromkeys(name for line in made for name in line))
    return pa.table({name: [line.get(name) for line in made] for name in names})


def _columns(record: Record, prefix: str) -> dict[str, Any]:
    cracks = record.get("cracks", [])
    first = [c["first_time"] for c in cracks if c["first_time"] is not None]
    found: dict[str, Any] = {f"{prefix}{name}": record.get(name) for name in TEXTS[1:]}
    found |= {f"{prefix}{name}": _float(record.get(name)) for name in NUMBERS}
    found[f"{prefix}first_time_s"] = min(first) if first else math.nan
    found[f"{prefix}numerical_error"] = max((_float(c["numerical_error"]) for c in cracks), default=math.nan)
    found[f"{prefix}seconds"] = record.get("seconds")
    found[f"{prefix}alarms"] = len(record.get("alarms", []))
    return {"key": record["key"], **found} if not prefix else found


def _float(value: float | None) -> float:
    return math.nan if value is None else float(value)


def write_table(path: Path, table: pa.Table) -> None:
    """Whole or not at all, with a checksum of what it says and one of every page."""
    marked = table.replace_schema_metadata({DIGEST: digest(table)})
    with atomic.replacing(path) as temporary:
        pq.write_table(marked, temporary, write_page_checksum=True)


def digest(table: pa.Table) -> str:
    """Hash of the names, types and values of all columns, in their order."""
    made = hashlib.sha256()
    for name in table.column_names:
        column = table[name].combine_chunks()
        made.update(repr((name, str(column.type), len(column))).encode())
        if pa.types.is_floating(column.type):
            made.update(np.packbits(np.asarray(column.is_null())).tobytes())
            made.update(column.fill_null(0.0).to_numpy(zero_copy_only=False).tobytes())
        else:
            made.update(repr(column.to_pylist()).encode())
    return made.hexdigest()


def read_table(folder: str | Path, name: str = SUMMARY) -> pa.Table:
    """A table of a study's folder, by default that of its cases; `.to_pandas()`, or `polars.from_arrow` takes it.

    Raises
    ------
    InputError
        Not there, or damaged.
    """
    path, remedy = Path(folder) / name, f"deadlight resume {folder}"
    try:
        table = pq.read_table(path, page_checksum_verification=True)
        stated, found = (table.schema.metadata or {}).get(DIGEST), digest(table).encode()
    except (OSError, ValueError, pa.ArrowException) as error:  # text that is none is a ValueError
        raise InputError(f"cannot be read ({error})", place=str(path), remedy=remedy) from error
    if stated != found:
        what = "carries no checksum" if stated is None else "is damaged: its checksum is another one"
        raise InputError(what, place=str(path), remedy=remedy)
    return table
