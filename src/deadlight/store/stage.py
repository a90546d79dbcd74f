"""What a finished stage leaves on disk so that an interrupted run goes on from it: arrays, checked by their digest."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from deadlight.store import atomic

Arrays = dict[str, np.ndarray[Any, Any]]


def save_stage(path: str | Path, arrays: Arrays, *, facts: dict[str, Any]) -> None:
    """Writes arrays and plain facts, whole or not at all, with a digest over both."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays, facts=np.frombuffer(json.dumps(facts).encode(), dtype=np.uint8))  # type: ignore[arg-type]
    data = buffer.getvalue()
    atomic.write_bytes(path, hashlib.sha256(data).digest() + data)


def load_stage(path: str | Path) -> tuple[Arrays, dict[str, Any]] | None:
    """Arrays and facts, or None where there is no such file or it is damaged: the stage is then computed again."""
    try:
        content = Path(path).read_bytes()
    except OSError:
        return None
    digest, data = content[:32], content[32:]
    if hashlib.sha256(data).digest() != digest:
        return None
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except (ValueError, zipfile.BadZipFile):
        return None
    facts = json.loads(arrays.pop("facts").tobytes().decode())
    return arrays, facts
