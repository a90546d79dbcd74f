"""Files that are either whole or not there: written under another name, flushed to disk, then renamed."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from deadlight.errors import MachineError

SUFFIX = ".tmp"


@contextlib.contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Gives a temporary name beside `path`; what is there when the block ends without an error becomes `path`.

    Raises
    ------
    MachineError
        The disk is full or the folder cannot be written to; `path` is then as it was before.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=SUFFIX, dir=path.parent)
        os.close(handle)
    except OSError as error:
        raise _at_fault(path, error) from error
    temporary = Path(name)
    try:
        try:
            yield temporary
            with temporary.open("rb+") as stream:
                os.fsync(stream.fileno())
            temporary.chmod(0o666 & ~_umask())  # mkstemp's files are private
            os.replace(temporary, path)
            sync_folder(path.parent)
        except OSError as error:
            raise _at_fault(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(path: str | Path, data: bytes) -> None:
    """Writes a whole file at once, atomically."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def sync_folder(folder: Path) -> None:
    """Makes the rename itself durable, where folders can be opened (not on Windows)."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _at_fault(path: Path, error: OSError) -> MachineError:
    return MachineError(
        f"{path}: cannot be written ({error.strerror or error})\n  remedy: free disk space, or another folder"
    )
