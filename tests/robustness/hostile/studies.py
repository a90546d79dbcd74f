"""Studies as subjects of mutation: their file, their table, and the records of their folder behind sums that hold."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np

OUTSIDE = ("content", "seconds", "host", "process", "attempts")
"""Of a record: what its hash leaves out."""
GROWS = """[growth]
law = "power"
n = "18"
v_c = "1 m/s"
[[cracks]]
name = "C1"
pane = "thermal"
kind = "through"
two_c = "12 mm"
place = { azimuth = "30 deg", inside_lip = "5 mm" }
"""
STUDY = """schema = 1
name = "a study"
cases = ["case.toml"]
seed = 7
[[parameters]]
name = "cracks.C1.two_c"
levels = 3
spread = { kind = "uniform", low = "3 mm", high = "20 mm" }
[[parameters]]
name = "growth.n"
spread = { kind = "table", values = ["12", "20"] }
[[parameters]]
name = "panes.thermal.initial_temperature"
levels = 2
spread = { kind = "normal", mean = "20 degC", deviation = "5 K", low = "0 degC", high = "40 degC" }
[[parameters]]
name = "toughness.thermal"
levels = 2
spread = { kind = "lognormal", median = "1", deviation = "0.1" }
[design]
kind = "grid"
[full]
nearest = 2
[limits]
time = "60 s"
memory = "4 GB"
"""
BY_TABLE = """schema = 1
name = "a study"
cases = ["case.toml"]
seed = 7
[design]
kind = "table"
file = "rows.csv"
"""
ROWS = """cracks.C1.two_c [mm],growth.n,environment.heating.ratio,toughness.thermal
5,12,1.0,0.9
6.5,16,0.8,

# a remark
7,20,1.0,1.1
8e0,,0.9,1
"""
CRACK = {"name": "C1", "ratio_max": 0.51, "highest": 0.62, "first_time": None, "numerical_error": 0.01, "end": "stays"}
DONE = {
    "row": 0, "base": 0, "tier": "quick", "values": {"cracks.C1.two_c": "5 mm"}, "status": "done", "verdict": "GO",
    "reason": "K stays below", "credit": "GO", "no_credit": None, "ratio_max": 0.51, "highest": 0.62, "reaches": False,
    "cracks": [CRACK], "alarms": [], "remarks": ["one"],
}  # fmt: skip
FAILED = {
    "row": 1, "base": 0, "tier": "quick", "values": {"cracks.C1.two_c": "6 mm"}, "status": "failed",
    "verdict": "NOT_SHOWN", "reason": "it does not fit",
}  # fmt: skip


def resealed(record: Any) -> Any:
    """A record with the hash of its content, as whoever writes a folder can make it."""
    if not isinstance(record, dict):
        return record
    inner = {name: value for name, value in record.items() if name not in OUTSIDE}
    return {**record, "content": hashlib.sha256(json.dumps(inner, sort_keys=True).encode()).hexdigest()}


def _resealed(text: bytes) -> bytes:
    """JSON of a record, or of a list of them, with hashes that hold; what is no JSON stays as it is."""
    try:
        found = json.loads(text)
        return json.dumps([resealed(r) for r in found] if isinstance(found, list) else resealed(found)).encode()
    except (ValueError, RecursionError):
        return text


def journal_of(text: bytes) -> bytes:
    """A journal of one group whose body is this text, with sums that hold."""
    text = _resealed(text)
    try:
        count = len(json.loads(text))
    except (ValueError, RecursionError, TypeError):
        count = 1
    body = zlib.compress(text)
    summed = struct.pack("<QI", len(body), count)
    return b"DLQJ" + summed + hashlib.sha256(summed + body).digest() + body


def write_full(place: Path, text: bytes) -> None:
    """A case of the crack operator whose record is this text, with sums that hold."""
    place.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    np.savez(buffer, k=np.zeros(3))
    parts = {"record.json": _resealed(text), "histories.npz": buffer.getvalue()}
    for name, data in parts.items():
        (place / name).write_bytes(data)
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in parts.items()}
    (place / "sums.json").write_text(json.dumps(sums))


def about_of(text: bytes) -> bytes:
    """`study.json` that says this of itself, with a sum that holds."""
    try:
        about = json.loads(text)
        digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
        return json.dumps({"about": about, "sum": digest}).encode()
    except (ValueError, RecursionError):
        return text


def write_study(folder: Path, study: bytes, rows: bytes = ROWS.encode()) -> Path:
    """A study with its case and its table."""
    from hostile.window_case import drawn, write

    write(folder, drawn(GROWS), {"study.toml": study, "rows.csv": rows})
    return folder / "study.toml"


def subjects(store: Path) -> list[Any]:
    """A study's file and its table; records of the quick tier and of the operator, and `study.json`, behind sums."""
    from hostile.subjects import Subject

    def of_file(folder: Path, data: bytes) -> dict[str, Any]:
        return {"do": "study", "path": str(write_study(folder, data))}

    def of_table(folder: Path, data: bytes) -> dict[str, Any]:
        return {"do": "study", "path": str(write_study(folder, BY_TABLE.encode(), data))}

    def of_journal(folder: Path, data: bytes) -> dict[str, Any]:
        target = _copied(store, folder)
        (target / "quick.journal").write_bytes(journal_of(data))
        return {"do": "records", "path": str(target), "tier": "quick", "text": _resealed(data).decode("latin-1")}

    def of_full(folder: Path, data: bytes) -> dict[str, Any]:
        target = _copied(store, folder)
        write_full(target / "full/a", data)
        return {"do": "records", "path": str(target), "tier": "full", "text": _resealed(data).decode("latin-1")}

    def of_about(folder: Path, data: bytes) -> dict[str, Any]:
        target = _copied(store, folder)
        (target / "study.json").write_bytes(about_of(data))
        return {"do": "folder", "path": str(target), "verbs": ["status"], "sound": {}}

    journal = json.dumps([{"key": "a", **DONE}, {"key": "b", **FAILED, "seconds": 0.5}], indent=1)
    full = json.dumps({"key": "a", **DONE, "tier": "full", "seconds": 2}, indent=1)
    about = json.dumps(json.loads((store / "study/study.json").read_bytes())["about"], indent=1)
    return [
        Subject("study-file", STUDY.encode(), of_file, toml=True),
        Subject("study-table", ROWS.encode(), of_table),
        Subject("study-journal-sealed", journal.encode(), of_journal),
        Subject("study-full-sealed", full.encode(), of_full),
        Subject("study-about-sealed", about.encode(), of_about),
    ]


def _copied(store: Path, folder: Path) -> Path:
    target = folder / "stored"
    if not target.exists():
        shutil.copytree(store / "study", target)
    return target
