"""JSON of a result folder, read with limits: whatever is wrong with it is one kind of error."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
from pathlib import Path
from typing import Any, NoReturn

MOST_BYTES = 256 * 2**20
PIECE = 2**20


def read_json(path: Path) -> Any:
    """Content of a file.

    Raises
    ------
    OSError
        It cannot be read, or is no plain file.
    ValueError
        It is too large, no text, no JSON, nested too deeply, or has a number that is none (NaN, Infinity).
    """
    return parse_json(read_plain(path, MOST_BYTES))


def parse_json(text: bytes) -> Any:
    """What JSON text says; ValueError as by `read_json`."""
    try:
        return json.loads(text, parse_constant=_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def read_plain(path: Path, most: int) -> bytes:
    """Bytes of a plain file; OSError as by `read_json`, ValueError where there are more than `most`."""
    with open_plain(path) as file:
        size = os.fstat(file.fileno()).st_size  # what is asked for is reserved: a small file must not ask for `most`
        data = file.read(min(size, most) + 1)
        while len(data) > size and len(data) <= most and (more := file.read(min(PIECE, most + 1 - len(data)))):
            data += more  # it has grown, or a file system does not say its size
    if len(data) > most:
        raise ValueError(f"more than {most} bytes")
    return data


def hash_plain(path: Path) -> str:
    """SHA-256 of a plain file, piece by piece; OSError as by `read_json`."""
    with open_plain(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_plain(path: Path) -> io.BufferedReader:
    """A plain file opened for reading; OSError for anything else: a pipe would wait, a device never end."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(22, "not a plain file", str(path))
    return os.fdopen(handle, "rb")


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
