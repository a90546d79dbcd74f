"""Cases of the crack operator: a folder each, named by the hash of its input; written, read back, then renamed."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from deadlight.errors import MachineError
from deadlight.store import atomic
from deadlight.store.json_file import MOST_BYTES, hash_plain, parse_json, read_json, read_plain
from deadlight.study.kept import is_case

RECORD, HISTORY, SUMS = "record.json", "histories.npz", "sums.json"
Record = dict[str, Any]
Histories = dict[str, np.ndarray[Any, Any]]


def write_case(folder: Path, record: Record, histories: Histories) -> None:
    """Commits a case to `folder/<key>`; what is there already is replaced.

    Raises
    ------
    MachineError
        The disk does not take it; nothing is there then under the case's name.
    """
    place, temporary = folder / record["key"], folder / f".{record['key']}.{os.getpid()}{atomic.SUFFIX}"
    buffer = io.BytesIO()
    np.savez(buffer, **histories)  # type: ignore[arg-type]
    parts = {RECORD: json.dumps(record, allow_nan=False).encode(), HISTORY: buffer.getvalue()}
    parts[SUMS] = json.dumps({name: _sum(data) for name, data in parts.items()}).encode()
    try:
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        for name, data in parts.items():
            _written(temporary / name, data)
        atomic.sync_folder(temporary)
        if read_case(temporary) is None:
            raise OSError(5, "what was written does not read back")
        if place.exists():
            shutil.rmtree(place)
        os.replace(temporary, place)
        atomic.sync_folder(folder)
    except OSError as error:
        shutil.rmtree(temporary, ignore_errors=True)
        text = f"{place}: cannot be written ({error.strerror or error})\n  remedy: free disk space, then resume"
        raise MachineError(text) from error


def _written(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    try:
        done = 0
        while done < len(data):
            done += os.write(handle, data[done:])
        os.fsync(handle)
    finally:
        os.close(handle)


def read_case(place: Path) -> Record | None:
    """The record of a case whose files are all as they were written; None otherwise."""
    try:
        text = read_plain(place / RECORD, MOST_BYTES)
        if {RECORD: _sum(text), HISTORY: hash_plain(place / HISTORY)} != read_json(place / SUMS):
            return None
        record: Record = parse_json(text)
    except (OSError, ValueError):
        return None
    return record if is_case(record) else None


def read_all(folder: Path) -> tuple[dict[str, Record], list[Path]]:
    """Every whole case by its key, and the folders that are none."""
    found: dict[str, Record] = {}
    damaged: list[Path] = []
    for place in sorted(folder.iterdir()) if folder.is_dir() else ():
        if place.name.startswith("."):
            continue
        record = read_case(place)
        if record is None or record["key"] != place.name:
            damaged.append(place)
        else:
            found[place.name] = record
    return found, damaged


def sweep(folder: Path) -> None:
    """Takes away what a crash left half-written."""
    for rubbish in folder.glob(f".*{atomic.SUFFIX}"):
        shutil.rmtree(rubbish, ignore_errors=True)


def _sum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
