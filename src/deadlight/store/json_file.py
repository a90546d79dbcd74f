"""JSON of a result folder, read with limits: whatever is wrong with it is one kind of error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

MOST_BYTES = 256 * 2**20


def read_json(path: Path) -> Any:
    """Content of a file.

    Raises
    ------
    OSError
        It cannot be read.
    ValueError
        It is too large, no text, no JSON, nested too deeply, or has a number that is none (NaN, Infinity).
    """
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{path.stat().st_size} bytes, at most {MOST_BYTES}")
    try:
        return json.loads(path.read_bytes(), parse_constant=_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
